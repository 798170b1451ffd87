//! What runs leave: processes and mounts, as /proc shows them.

use std::collections::{BTreeMap, BTreeSet};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A process, told from a later one with the same number by the time it started.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Process {
    pub(super) pid: i32,
    start: u64,
    parent: i32,
    /// Its arguments, each ended by NUL.
    pub(super) arguments: String,
}

/// All processes that are not dead.
pub(super) fn processes() -> Vec<Process> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse() else { continue };
        // proc(5): the state is the first field after the name in parentheses, the parent the second, the start the twentieth.
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
        let number = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok());
        let (Some(parent), Some(start)) = (number(1).and_then(|parent| parent.try_into().ok()), number(19)) else {
            continue;
        };
        if fields[0] != "Z" && fields[0] != "X" {
            let arguments = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let arguments = String::from_utf8_lossy(&arguments).into_owned();
            found.push(Process { pid, start, parent, arguments });
        }
    }
    found
}

/// Those that are descended from this one.
pub(super) fn descendants(of: u32) -> BTreeSet<Process> {
    let all = processes();
    let parents: BTreeMap<i32, i32> = all.iter().map(|process| (process.pid, process.parent)).collect();
    let is_descendant = |process: &Process| {
        let ancestors = std::iter::successors(Some(process.parent), |parent| parents.get(parent).copied());
        ancestors.take(parents.len()).any(|ancestor| u32::try_from(ancestor) == Ok(of))
    };
    all.iter().filter(|process| is_descendant(process)).cloned().collect()
}

/// Of these, those that are still there. An orphan has another parent.
pub(super) fn still_there(before: &BTreeSet<Process>) -> Vec<Process> {
    let is_known = |process: &Process| before.iter().any(|old| (old.pid, old.start) == (process.pid, process.start));
    processes().into_iter().filter(is_known).collect()
}

/// Kills these, and says which they were.
pub(super) fn kill_all(processes: &[Process]) -> String {
    let tell = |process: &Process| match kill(Pid::from_raw(process.pid), Signal::SIGKILL) {
        Ok(()) => process.pid.to_string(),
        Err(error) => format!("{} ({error})", process.pid),
    };
    processes.iter().map(tell).collect::<Vec<_>>().join(" ")
}

/// This process's mounts, and the processes that are descended from it.
pub(super) fn traces() -> BTreeSet<String> {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let mut found: BTreeSet<String> = mounts.lines().map(|line| format!("mount {line}")).collect();
    found.extend(descendants(std::process::id()).iter().map(|process| format!("process {}", process.pid)));
    found
}
