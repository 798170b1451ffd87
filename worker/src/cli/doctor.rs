//! `assay doctor`: whether this host can grade, shown by doing it, and how to mend what it lacks.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use assay_sandbox::{Command, End, Error, Image, Input, Limits, Outcome, Places, Profile, Runtime, Slot, View};
use clap::Args;
use serde_json::json;

use super::{Failure, render};
use crate::exit::Exit;
use crate::language::{Availability, Languages};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Print JSON, one object a line
    #[arg(long)]
    json: bool,
}

struct Check {
    name: &'static str,
    /// Whether it holds; `None` is advice.
    holds: Option<bool>,
    found: String,
    mend: &'static str,
}

pub(super) fn run(options: &Options) -> Result<Exit, Failure> {
    let mut checks = host();
    checks.extend(sandbox());
    checks.push(languages()?);
    let fit = checks.iter().all(|check| check.holds != Some(false));
    for check in &checks {
        if options.json {
            render::json(
                &json!({"check": check.name, "ok": check.holds, "found": check.found, "mend": (check.holds != Some(true)).then_some(check.mend)}),
            );
            continue;
        }
        let mark = match check.holds {
            Some(true) => render::coloured("ok     ", "32"),
            Some(false) => render::coloured("MISSING", "31"),
            None => render::coloured("advice ", "33"),
        };
        render::line(&format!("{mark} {}: {}", check.name, check.found));
        if check.holds != Some(true) && !check.mend.is_empty() {
            render::line(&format!("        {}", check.mend));
        }
    }
    if options.json {
        render::json(&json!({"summary": {"fit": fit}}));
    } else {
        render::line(if fit { "\nThis host can grade." } else { "\nThis host cannot grade yet." });
    }
    Ok(if fit { Exit::Fine } else { Exit::Unfit })
}

fn host() -> Vec<Check> {
    let mut checks = Vec::new();
    let read = |path: &str| std::fs::read_to_string(path).map(|text| text.trim().to_owned()).unwrap_or_default();
    let release = read("/proc/sys/kernel/osrelease");
    let numbers: Vec<u32> = release.split(['.', '-']).map_while(|part| part.parse().ok()).collect();
    let new_enough = numbers.as_slice() >= &[5, 19][..];
    checks.push(Check {
        name: "kernel",
        holds: Some(new_enough),
        found: format!("Linux {release}"),
        mend: "Linux 5.19 or newer is needed",
    });
    let root = nix_is_root();
    checks.push(Check {
        name: "user",
        holds: Some(root),
        found: if root { "root".to_owned() } else { "not root".to_owned() },
        mend: "run as root; programs run as unprivileged users of their own all the same",
    });
    let swaps = read("/proc/swaps").lines().count().saturating_sub(1);
    checks.push(Check {
        name: "swap",
        holds: if swaps == 0 { Some(true) } else { None },
        found: if swaps == 0 { "none".to_owned() } else { format!("{swaps} in use") },
        mend: "times are steadier without: swapoff -a",
    });
    match Places::detect() {
        Ok(found) => {
            for (name, place) in
                [("memory limit", found.memory), ("process limit", found.pids), ("CPU accounting", found.cpu)]
            {
                let found = format!("control groups {} at {}", place.version.name(), place.path.display());
                checks.push(Check { name, holds: Some(true), found, mend: "" });
            }
        }
        Err(error) => {
            checks.push(Check { name: "control groups", holds: Some(false), found: error.to_string(), mend: "" });
        }
    }
    checks
}

fn nix_is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0)
}

/// Runs canaries: small programs whose end shows that a mechanism works.
fn sandbox() -> Vec<Check> {
    let mut checks = Vec::new();
    let view = View { image: Image::Host, read_only: Vec::new() };
    let started = Runtime::new(view).and_then(|runtime| Ok((runtime.slot(0)?, runtime)));
    let (mut slot, runtime) = match started {
        Ok(started) => started,
        Err(error) => {
            checks.push(Check { name: "sandbox", holds: Some(false), found: error.to_string(), mend: "" });
            return checks;
        }
    };
    let before = traces();
    let mut canary = |name, wall_ms, argv: &[&str], expected: fn(&Outcome) -> bool| {
        let (holds, found) = match try_run(&mut slot, wall_ms, argv) {
            Ok(outcome) => (expected(&outcome), describe(&outcome)),
            Err(error) => (false, error.to_string()),
        };
        checks.push(Check { name, holds: Some(holds), found, mend: "" });
    };
    canary("a program runs", 5000, &["/bin/true"], |outcome| outcome.end == End::Code(0));
    canary("memory is limited", 10_000, &["/usr/bin/tail", "/dev/zero"], |outcome| {
        outcome.usage.oom_kills > 0 && outcome.usage.memory_limit_reached
    });
    canary("processes are limited", 500, &["/bin/sh", "-c", "f(){ f|f& wait; }; f; sleep 5"], |outcome| {
        outcome.usage.pids_limit_hits > 0 || outcome.usage.pids_peak == Some(PIDS.into())
    });
    canary("idle programs are stopped", 200, &["/bin/sleep", "60"], |outcome| {
        outcome.stopped == Some(assay_sandbox::Stopped::Wall)
    });
    canary("forbidden calls kill", 5000, &["/usr/bin/unshare", "--user", "/bin/true"], |outcome| {
        outcome.end == End::Signal(31)
    });
    // A file that may not be read would be another matter than one that is not there, and /etc/passwd shows that cat works.
    let script = "cat /etc/passwd >/dev/null && for f in /etc/shadow /etc/hostname /root /home /var/log; do \
                  if [ -e $f ] || [ -L $f ]; then exit 1; fi; done && case $(cat /etc/shadow 2>&1) in \
                  *'No such file'*) ;; *) exit 2;; esac";
    canary("files of the host are not there", 5000, &["/bin/sh", "-c", script], |outcome| outcome.end == End::Code(0));
    checks.push(leftovers(slot.close().and_then(|()| runtime.close()), &before));
    checks
}

/// Control groups are gone if closing worked; mounts and processes are looked for.
fn leftovers(closed: Result<(), Error>, before: &BTreeSet<String>) -> Check {
    let name = "nothing is left";
    let left: Vec<String> = traces().difference(before).cloned().collect();
    let (holds, found) = match closed {
        Err(error) => (false, error.to_string()),
        Ok(()) if left.is_empty() => (true, "no process, mount or control group".to_owned()),
        Ok(()) => (false, left.join(", ")),
    };
    Check { name, holds: Some(holds), found, mend: "" }
}

/// This process's mounts, and the processes that are descended from it.
fn traces() -> BTreeSet<String> {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let mut found: BTreeSet<String> = mounts.lines().map(|line| format!("mount {line}")).collect();
    let mut parents = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        // proc(5): the parent is the second field after the name in parentheses.
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        if let Some(Ok(parent)) = rest.split_whitespace().nth(1).map(str::parse::<u32>) {
            parents.insert(pid, parent);
        }
    }
    for pid in parents.keys() {
        let ancestors = std::iter::successors(parents.get(pid), |parent| parents.get(parent));
        if ancestors.take(parents.len()).any(|ancestor| *ancestor == std::process::id()) {
            found.insert(format!("process {pid}"));
        }
    }
    found
}

/// Processes and threads of a canary.
const PIDS: u32 = 16;

fn try_run(slot: &mut Slot, wall_ms: u64, argv: &[&str]) -> Result<Outcome, Error> {
    let limits = Limits {
        cpu: Duration::from_secs(5),
        wall: Duration::from_millis(wall_ms),
        memory_bytes: 16 << 20,
        pids: PIDS,
        stdout_bytes: 1 << 20,
        stderr_bytes: 4096,
        file_bytes: 1 << 20,
        inodes: 64,
    };
    let command = Command {
        argv: argv.iter().map(|item| (*item).to_owned()).collect(),
        env: vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())],
        profile: Profile::Run,
    };
    let work = slot.workspace(&limits, &[])?;
    slot.run(&command, &limits, &work, &Input::empty())
}

fn describe(outcome: &Outcome) -> String {
    let end = match outcome.end {
        End::Code(code) => format!("exit code {code}"),
        End::Signal(signal) => format!("signal {signal}"),
    };
    let stopped = outcome.stopped.map(|stopped| format!(", stopped: {stopped:?}").to_lowercase()).unwrap_or_default();
    format!("{end}{stopped}; set up {} us, cleared {} us", outcome.setup_us, outcome.teardown_us)
}

fn languages() -> Result<Check, Failure> {
    let languages = Languages::load(None).map_err(Failure::usage)?;
    let available: Vec<&str> = languages
        .iter()
        .filter(|language| matches!(language.availability(), Availability::Available { .. }))
        .map(crate::language::Language::id)
        .collect();
    Ok(Check {
        name: "languages",
        holds: if available.is_empty() { Some(false) } else { Some(true) },
        found: available.join(" "),
        mend: "install one: scripts/install-toolchains python3",
    })
}
