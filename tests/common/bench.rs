//! A directory with packages, and `assay verify` over them.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

pub(crate) struct Bench {
    dir: tempfile::TempDir,
}

pub(crate) struct Verified {
    pub(crate) lines: Vec<Value>,
    pub(crate) output: Output,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a temporary directory") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(&path, content).expect("a file");
        self
    }

    /// A package `p` with this problem.yaml, one secret test whose answer is its input, and a limit of ten seconds.
    pub(crate) fn package(yaml: &str) -> Self {
        let bench = Self::new();
        bench.write("p/problem.yaml", yaml).write("p/.timelimit", "10\n");
        bench.test("secret/1", "1\n", "1\n");
        bench
    }

    pub(crate) fn test(&self, id: &str, input: &str, answer: &str) -> &Self {
        self.write(&format!("p/data/{id}.in"), input).write(&format!("p/data/{id}.ans"), answer)
    }

    pub(crate) fn command(&self, packages: &[&str], options: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        command
            .args(["verify", "--json"])
            .args(options)
            .args(packages.iter().map(|name| self.path(name)))
            .env("ASSAY_STORE", self.path("store.sqlite"))
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn verify(&self) -> Verified {
        self.verify_all(&["p"], &[])
    }

    pub(crate) fn verify_all(&self, packages: &[&str], options: &[&str]) -> Verified {
        let output = self.command(packages, options).output().expect("the binary starts");
        let lines = String::from_utf8_lossy(&output.stdout)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
            .collect();
        Verified { lines, output }
    }
}

impl Verified {
    pub(crate) fn told(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    pub(crate) fn of(&self, submission: &str) -> &Value {
        self.lines
            .iter()
            .find(|line| line["submission"] == submission)
            .unwrap_or_else(|| panic!("no {submission} in {:#?}; {}", self.lines, self.told()))
    }

    pub(crate) fn summary(&self) -> &Value {
        &self.lines.last().unwrap_or_else(|| panic!("no summary; {}", self.told()))["summary"]
    }

    pub(crate) fn code(&self) -> Option<i32> {
        self.output.status.code()
    }

    /// The package is refused, and each of these is in the message.
    pub(crate) fn is_refused_with(&self, parts: &[&str]) {
        for part in parts {
            assert!(self.told().contains(part), "{part}: {}", self.told());
        }
        assert_eq!(self.code(), Some(2), "{}", self.told());
    }
}

/// Every submission got what its package expects.
pub(crate) fn assert_all_ok(verified: &Verified, submissions: usize) {
    let wrong: Vec<&Value> = verified.lines.iter().filter(|line| line["ok"] == false || line["ok"].is_null()).collect();
    let wrong: Vec<_> = wrong.into_iter().filter(|line| line.get("summary").is_none()).collect();
    assert!(wrong.is_empty(), "{wrong:#?} {}", verified.told());
    assert_eq!(verified.summary()["ok"], submissions, "{}", verified.told());
}
