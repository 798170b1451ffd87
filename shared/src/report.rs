//! What is known after grading: the record that the store keeps and the commands print.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::verdict::Verdict;

/// What one run used. All of it comes from the kernel: CPU time and memory from the control group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Usage {
    /// CPU time in user mode, in microseconds.
    pub cpu_user_us: u64,
    /// CPU time in the kernel, in microseconds.
    pub cpu_sys_us: u64,
    /// Time from the start of the program to its end on the monotonic clock, in microseconds.
    pub wall_us: u64,
    /// The most memory the control group held, in bytes.
    pub memory_peak_bytes: u64,
    /// Processes that the kernel killed because the group was out of memory.
    pub oom_kills: u64,
    /// The most processes and threads at one time, where the kernel counts it.
    pub pids_peak: Option<u64>,
    /// How often a new process or thread was refused by the limit.
    pub pids_limit_hits: u64,
    /// Bytes written to standard output, as far as they were read.
    pub stdout_bytes: u64,
    /// Bytes written to standard error, as far as they were read.
    pub stderr_bytes: u64,
    /// Voluntary and involuntary context switches of the program and of its children that it waited for.
    pub context_switches: u64,
}

impl Usage {
    /// CPU time, user and system, in microseconds.
    pub const fn cpu_us(&self) -> u64 {
        self.cpu_user_us.saturating_add(self.cpu_sys_us)
    }
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Exit {
    /// It exited with this code, 0 to 255.
    Code(i32),
    /// A signal ended it, its own or another's.
    Signal(i32),
}

/// The beginning of an output, bounded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// The bytes as they were written.
    pub bytes: Vec<u8>,
    /// Whether the program wrote more than is kept here.
    pub truncated: bool,
}

impl Excerpt {
    /// The first `limit` bytes of `bytes`; `truncated` if there were more, here or before.
    pub fn of(bytes: &[u8], truncated: bool, limit: usize) -> Self {
        Self { bytes: bytes[..bytes.len().min(limit)].to_vec(), truncated: truncated || bytes.len() > limit }
    }

    /// The bytes as text, with a replacement character where they are not UTF-8.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// One test of a submission. By default it was skipped.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TestReport {
    /// The test's name, such as `secret/01`.
    pub id: String,
    pub verdict: Verdict,
    /// Absent when the test was skipped or the judge failed.
    pub usage: Option<Usage>,
    /// How the program ended, if it ran.
    pub exit: Option<Exit>,
    /// Why the verdict is what it is, in a phrase; empty for `AC`.
    pub reason: String,
    pub stdout: Excerpt,
    pub stderr: Excerpt,
    /// What a validator has to say to those who judge.
    #[serde(default)]
    pub judge_message: Excerpt,
    /// What a validator has to say to who wrote the submission.
    #[serde(default)]
    pub team_message: Excerpt,
    /// What program and interactor said to each other: lines that begin with `>` and `<`, passes apart by `---`.
    #[serde(default)]
    pub interaction: Excerpt,
    /// Points, in scored problems.
    pub score: Option<f64>,
    /// The verdict of the first run, where that was within the noise of a time limit; in a problem of several passes, of the pass
    /// that was. What counts instead is the second, which had nothing beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_verdict: Option<Verdict>,
}

impl TestReport {
    /// How often it was run again: 0 or 1.
    pub const fn reruns(&self) -> u32 {
        if self.first_verdict.is_some() { 1 } else { 0 }
    }
}

/// A group of tests of a scored problem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupReport {
    /// Such as `secret/group1`.
    pub name: String,
    pub verdict: Verdict,
    /// Absent where the group gives none, or was not run.
    pub score: Option<f64>,
    /// The most that it can give, if there is a most.
    pub max_score: Option<f64>,
}

/// The compilation of a submission.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CompileReport {
    pub usage: Usage,
    pub exit: Option<Exit>,
    /// What the compiler printed on both outputs.
    pub log: Excerpt,
    /// Whether all this is of an earlier compilation of the same sources, whose result was kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cached: bool,
}

/// What grading a submission found out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubmissionReport {
    pub submission_id: Uuid,
    pub verdict: Verdict,
    /// Why, in a phrase; for `JE` the step of the sandbox that failed.
    pub reason: String,
    /// The language that was used.
    pub language: String,
    /// Absent for languages without a compile step.
    pub compile: Option<CompileReport>,
    /// In the order of the problem.
    pub tests: Vec<TestReport>,
    /// In scored problems, those within others first.
    #[serde(default)]
    pub groups: Vec<GroupReport>,
    pub score: Option<f64>,
    /// The CPU time limit of a test, in milliseconds.
    pub cpu_limit_ms: u64,
    /// The memory limit of a test, in bytes.
    pub memory_limit_bytes: u64,
    /// The submission of the same content whose report this is, where identical ones are graded once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_as: Option<Uuid>,
    /// Whether the kernel's limits came from control groups `v2` or `v1`.
    pub cgroup: String,
}

impl SubmissionReport {
    /// The largest CPU time of a test, in milliseconds, rounded up.
    pub fn max_cpu_ms(&self) -> u64 {
        self.tests
            .iter()
            .filter_map(|test| test.usage.as_ref())
            .map(|usage| usage.cpu_us().div_ceil(1000))
            .max()
            .unwrap_or(0)
    }

    /// The largest memory of a test, in bytes.
    pub fn max_memory_bytes(&self) -> u64 {
        self.tests.iter().filter_map(|test| test.usage.as_ref()).map(|usage| usage.memory_peak_bytes).max().unwrap_or(0)
    }
}
