//! The real binary, which grades one message after another as they are sent.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::Value;

pub(crate) struct Worker {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    pub(crate) slots: usize,
    log: PathBuf,
}

/// What the worker says of itself.
const LOG: &str = "worker.log";

/// How a worker is started.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) assay: PathBuf,
    pub(crate) slots: usize,
    /// CPU time of a compile step, in milliseconds.
    pub(crate) compile_ms: u64,
    /// For its store; its name is a canary, for it stands in the command line.
    pub(crate) directory: PathBuf,
    /// Variables, some of them canaries.
    pub(crate) environment: Vec<(String, String)>,
}

/// What a careless parent hands on, and no program may inherit: a directory and a file that are open, groups, a personality.
const CARELESS: &str = "exec 9<\"$0\" 33</etc/passwd 40<\"$0\"; exec setpriv --groups 0,4,27 setarch -R \"$@\"";

impl Worker {
    pub(crate) fn start(setting: &Setting) -> Self {
        let log =
            std::fs::OpenOptions::new().create(true).append(true).open(setting.directory.join(LOG)).expect("a log");
        let mut child = Command::new("bash")
            .args(["-c", CARELESS])
            .arg(&setting.directory)
            .arg(&setting.assay)
            .args([
                "grade",
                "--stream",
                "--json",
                "--outputs",
                "--no-compile-cache",
                "--slots",
                &setting.slots.to_string(),
                "-",
            ])
            .args(["--compile-cpu-ms", &setting.compile_ms.to_string()])
            .arg("--store")
            .arg(setting.directory.join("store.sqlite"))
            .envs(setting.environment.iter().cloned())
            .current_dir(&setting.directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the binary starts");
        let stdout = child.stdout.take().expect("a pipe");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).split(b'\n') {
                let Ok(line) = line else { return };
                // What is no UTF-8 is a defect, which then shows by these marks.
                if sender.send(String::from_utf8(line).unwrap_or_else(|_| "not UTF-8".to_owned())).is_err() {
                    return;
                }
            }
        });
        Self { stdin: child.stdin.take(), child, lines, slots: setting.slots, log: setting.directory.join(LOG) }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn send(&mut self, message: &Value) -> Result<(), String> {
        let stdin = self.stdin.as_mut().ok_or("the worker is stopped")?;
        writeln!(stdin, "{message}")
            .and_then(|()| stdin.flush())
            .map_err(|error| format!("the worker does not read: {error}"))
    }

    /// The next line; they come in the order of the messages.
    pub(crate) fn receive(&mut self, patience: Duration) -> Result<String, String> {
        self.lines.recv_timeout(patience).map_err(|error| match error {
            RecvTimeoutError::Timeout => format!("no verdict within {} s; {}", patience.as_secs(), self.said()),
            RecvTimeoutError::Disconnected => format!("the worker ended: {:?}; {}", self.child.wait(), self.said()),
        })
    }

    /// The end of its log.
    fn said(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let last: Vec<&str> = text.lines().rev().take(5).collect();
        format!("it said {}", last.into_iter().rev().collect::<Vec<_>>().join(" / "))
    }

    /// Lets it finish. Returns what it said last, and whether it ended well.
    pub(crate) fn stop(mut self) -> Result<String, String> {
        drop(self.stdin.take());
        let mut last = String::new();
        while let Ok(line) = self.receive(Duration::from_mins(1)) {
            last = line;
        }
        let status = self.child.wait().map_err(|error| error.to_string())?;
        // A submission that was not graded makes the exit code 1.
        if status.code().is_some_and(|code| code <= 1) {
            Ok(last)
        } else {
            Err(format!("the worker ended with {status}: {last}"))
        }
    }

    pub(crate) fn kill(mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The processes that descend from this one, itself not among them.
pub(crate) fn descendants(ancestor: u32) -> Vec<u32> {
    let mut parents = std::collections::BTreeMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        if let Some(parent) = stat_field(&entry.path(), 1) {
            parents.insert(pid, parent);
        }
    }
    let is_below = |pid: &u32| {
        std::iter::successors(parents.get(pid), |parent| parents.get(parent)).take(64).any(|parent| *parent == ancestor)
    };
    parents.keys().copied().filter(is_below).collect()
}

/// A field of /proc/PID/stat after the name, from 0 (proc(5)).
fn stat_field(process: &Path, field: usize) -> Option<u32> {
    let stat = std::fs::read_to_string(process.join("stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(field)?.parse().ok()
}
