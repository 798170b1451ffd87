//! The `assay` program on batches, embedded and with servers, and how much memory it takes meanwhile.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::measure::{Machine, Took};

/// The variable with the directory that has the program, and this one.
const INSTALLED: &str = "ASSAY_BENCH_INSTALLED";

/// Starts this program anew from a directory into which it and `assay` are copied, as programs are installed, and returns how that ended;
/// `None` in the one that was started so. Of a file that a linker has written the kernel keeps small pieces, and to map them costs a tenth
/// of `assay run`.
pub(crate) fn installed() -> Option<std::process::ExitStatus> {
    if std::env::var_os(INSTALLED).is_some() {
        return None;
    }
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
    let own = dir.path().join("cost");
    fs::copy(std::env::current_exe().unwrap(), &own).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_assay"), dir.path().join("assay")).unwrap();
    Some(Command::new(own).args(std::env::args_os().skip(1)).env(INSTALLED, dir.path()).status().unwrap())
}

/// The program that is measured.
pub(crate) fn assay() -> String {
    format!("{}/assay", std::env::var(INSTALLED).unwrap())
}

/// A submission of one source file; each test is its input and what is expected.
pub(crate) fn submission(language: &str, name: &str, text: &str, tests: &[(String, String)]) -> Value {
    let tests: Vec<Value> = tests
        .iter()
        .enumerate()
        .map(|(index, (stdin, expected))| json!({"id": index.to_string(), "stdin": stdin, "expected": expected}))
        .collect();
    json!({"version": 1, "submission_id": Uuid::new_v4(), "language": language,
        "files": [{"name": name, "text": text}], "tests": tests})
}

/// Writes submissions as JSON Lines.
pub(crate) fn write_lines(path: &Path, submissions: impl Iterator<Item = Value>) {
    let mut file = std::io::BufWriter::new(File::create(path).unwrap());
    for submission in submissions {
        writeln!(file, "{submission}").unwrap();
    }
    file.flush().unwrap();
}

/// What grading a batch took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Graded {
    pub(crate) took: Took,
    /// The most memory that the grading process had resident, in MiB; without that of its launchers.
    pub(crate) memory_mib: f64,
}

/// Grades a batch of so many submissions on this machine. All must be accepted.
pub(crate) fn grade(machine: &Machine, baseline: f64, lines: &Path, submissions: usize, options: &[&str]) -> Graded {
    let dir = tempfile::tempdir().unwrap();
    let output = dir.path().join("output");
    let mut command = Command::new(assay());
    command
        .arg("grade")
        .arg(lines)
        .args(["--json", "--slots", "2", "--store"])
        .arg(dir.path().join("store.sqlite"))
        .args(options)
        .stdin(Stdio::null())
        .stdout(File::create(&output).unwrap());
    let ((status, memory_mib), took) = machine.took(baseline, || {
        let mut child = command.spawn().unwrap();
        let watch = MemoryWatch::start(child.id());
        (child.wait().unwrap(), watch.stop())
    });
    let output = fs::read_to_string(output).unwrap();
    let summary: Value = serde_json::from_str(output.lines().last().unwrap_or("null")).unwrap();
    assert!(status.success() && summary["summary"]["accepted"] == submissions, "{status}: {summary}");
    Graded { took, memory_mib }
}

/// A command that grades what it is given piece by piece.
pub(crate) struct Stream {
    child: Child,
    stdin: ChildStdin,
    results: Lines<BufReader<ChildStdout>>,
    watch: MemoryWatch,
    _dir: tempfile::TempDir,
}

impl Stream {
    pub(crate) fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut command = Command::new(assay());
        command
            .args(["grade", "--stream", "-", "--json", "--slots", "2", "--store"])
            .arg(dir.path().join("store.sqlite"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (stdin, results) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()).lines());
        let watch = MemoryWatch::start(child.id());
        Self { child, stdin, results, watch, _dir: dir }
    }

    /// Grades these to the last. All must be accepted.
    pub(crate) fn grade(&mut self, submissions: &[Value]) {
        let Self { stdin, results, .. } = self;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for submission in submissions {
                    stdin.write_all(format!("{submission}\n").as_bytes()).unwrap();
                }
            });
            for _ in submissions {
                let result: Value = serde_json::from_str(&results.next().unwrap().unwrap()).unwrap();
                assert_eq!(result["verdict"], "AC", "{result}");
            }
        });
    }

    /// Ends it. Returns the most memory that the process had resident, in MiB.
    pub(crate) fn finish(mut self) -> f64 {
        drop(self.stdin);
        assert!(self.results.next().is_some_and(|summary| summary.unwrap().contains("summary")));
        assert!(self.child.wait().unwrap().success());
        self.watch.stop()
    }
}

/// Whether `assay grade` has this option.
pub(crate) fn has_option(name: &str) -> bool {
    let help = Command::new(assay()).args(["grade", "--help"]).output().unwrap();
    String::from_utf8_lossy(&help.stdout).contains(name)
}

/// Looks again and again at the most memory that a process has had resident.
struct MemoryWatch {
    over: std::sync::Arc<AtomicBool>,
    thread: std::thread::JoinHandle<f64>,
}

impl MemoryWatch {
    fn start(pid: u32) -> Self {
        let over = std::sync::Arc::new(AtomicBool::new(false));
        let watched = std::sync::Arc::clone(&over);
        let thread = std::thread::spawn(move || {
            let mut most: f64 = 0.0;
            while !watched.load(Ordering::Relaxed) {
                most = most.max(most_memory_mib(pid));
                std::thread::sleep(Duration::from_millis(20));
            }
            most
        });
        Self { over, thread }
    }

    fn stop(self) -> f64 {
        self.over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

fn most_memory_mib(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let kib =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

/// A broker, a database and a worker of our own.
pub(crate) struct Servers {
    dir: PathBuf,
    env: Vec<(String, String)>,
    worker: Option<Child>,
}

impl Servers {
    /// Starts them; a reason if they cannot be started.
    pub(crate) fn start(dir: &Path) -> Result<Self, String> {
        let dir = dir.join("services");
        script(&["start", dir.to_str().unwrap()])?;
        let text = fs::read_to_string(dir.join("env")).unwrap();
        let variable = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(&format!("export {name}=")));
            line.unwrap().to_owned()
        };
        let env = vec![
            ("ASSAY_AMQP_URL".to_owned(), variable("ASSAY_TEST_AMQP_URL")),
            ("ASSAY_DATABASE_URL".to_owned(), variable("ASSAY_TEST_DATABASE_URL")),
        ];
        let mut servers = Self { dir, env, worker: None };
        assert!(servers.assay(&["migrate"]).stdout(Stdio::null()).status().unwrap().success());
        servers.start_worker();
        Ok(servers)
    }

    fn assay(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(assay());
        command.args(arguments).envs(self.env.iter().cloned()).env("NO_COLOR", "1").stdin(Stdio::null());
        command
    }

    fn start_worker(&mut self) {
        let log = self.dir.join("worker.log");
        let mut command = self.assay(&["worker", "--slots", "2", "--http", "127.0.0.1:0"]);
        let child = command.stdout(Stdio::null()).stderr(File::create(&log).unwrap()).spawn().unwrap();
        self.worker = Some(child);
        while !fs::read_to_string(&log).unwrap().contains("this worker is ready") {
            let ended = self.worker.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "{}", fs::read_to_string(&log).unwrap());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Submits a batch and waits until all of it is graded.
    pub(crate) fn grade(&self, machine: &Machine, baseline: f64, lines: &Path, submissions: usize) -> Graded {
        let (status, took) = machine.took(baseline, || {
            let submit = self.assay(&["submit", "--json", lines.to_str().unwrap()]).output().unwrap();
            let submitted: Value = serde_json::from_slice(&submit.stdout).unwrap();
            assert_eq!(submitted["submitted"], submissions, "{submitted}");
            let batch = submitted["batch_id"].as_str().unwrap();
            self.assay(&["status", "--wait", "--json", batch]).output().unwrap()
        });
        let last: Value =
            serde_json::from_str(String::from_utf8_lossy(&status.stdout).lines().last().unwrap_or("null")).unwrap();
        assert_eq!(last["verdicts"]["AC"], submissions, "{last}");
        Graded { took, memory_mib: most_memory_mib(self.worker.as_ref().unwrap().id()) }
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        if let Some(worker) = &mut self.worker {
            drop(Command::new("kill").args(["-TERM", &worker.id().to_string()]).status());
            drop(worker.wait());
        }
        drop(script(&["stop", self.dir.to_str().unwrap()]));
    }
}

fn script(arguments: &[&str]) -> Result<(), String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/services");
    // Its servers outlive it, and would hold a pipe.
    let status = Command::new(script).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).status().unwrap();
    if status.success() { Ok(()) } else { Err(format!("scripts/services {}: {status}", arguments[0])) }
}
