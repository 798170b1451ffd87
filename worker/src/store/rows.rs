//! Rows of the tables, the same for both databases, and what they become. No SQL.

use std::collections::HashMap;

use assay_shared::{CompileReport, Excerpt, Exit, GroupReport, SubmissionReport, TestReport, Usage, Verdict};
use serde::Serialize;
use uuid::Uuid;

/// A submission of a batch, as a list shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ResultRow {
    pub submission_id: Uuid,
    #[serde(skip)]
    pub ordinal: i64,
    pub label: String,
    pub task: Option<String>,
    pub language: String,
    /// `new`, `queued`, `graded` or `quarantined`.
    pub state: String,
    pub verdict: Option<String>,
    pub reason: String,
    pub score: Option<f64>,
    /// The largest CPU time of a test.
    pub cpu_ms: Option<i64>,
    /// The largest wall time of a test.
    pub wall_ms: Option<i64>,
    /// The largest memory of a test.
    pub memory_bytes: Option<i64>,
    pub metadata: serde_json::Value,
}

/// A row of `test_results`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TestRow {
    pub position: i32,
    pub test_id: String,
    pub verdict: String,
    pub reason: String,
    pub score: Option<f64>,
    pub exit_code: Option<i32>,
    pub signal: Option<i32>,
    pub cpu_user_us: Option<i64>,
    pub cpu_sys_us: Option<i64>,
    pub wall_us: Option<i64>,
    pub memory_peak_bytes: Option<i64>,
    pub oom_kills: Option<i64>,
    pub pids_peak: Option<i64>,
    pub pids_limit_hits: Option<i64>,
    pub stdout_bytes: Option<i64>,
    pub stderr_bytes: Option<i64>,
    pub context_switches: Option<i64>,
    pub first_verdict: Option<String>,
}

/// A row of `outputs`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct OutputRow<'a> {
    pub(super) position: i32,
    pub(super) stream: &'static str,
    pub(super) content: &'a [u8],
    pub(super) truncated: bool,
}

/// A row of `group_results`.
#[derive(Clone, Debug)]
pub(super) struct GroupRow {
    pub(super) name: String,
    pub(super) verdict: String,
    pub(super) score: Option<f64>,
    pub(super) max_score: Option<f64>,
}

/// The columns of a submission's outcome.
#[derive(Clone, Debug)]
pub(super) struct OutcomeRow {
    pub(super) language: String,
    pub(super) verdict: String,
    pub(super) reason: String,
    pub(super) score: Option<f64>,
    pub(super) cpu_limit_ms: i64,
    pub(super) memory_limit_bytes: i64,
    pub(super) cgroup: String,
    pub(super) same_as: Option<Uuid>,
}

/// The reason of a compilation's row that is of an earlier one.
const CACHED: &str = "from the compile cache";

/// Metadata from its text, which was JSON when it was stored.
pub(super) fn metadata(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// The databases' integers are signed; nothing that is counted here comes near their end.
pub(super) fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The rows of a report's compilation and tests, and of the outputs that are not empty.
pub(super) fn of_report(report: &SubmissionReport) -> (Vec<TestRow>, Vec<OutputRow<'_>>) {
    let mut tests = Vec::new();
    let mut outputs = Vec::new();
    let output = |position, stream, excerpt: &'_ Excerpt| {
        (!excerpt.bytes.is_empty() || excerpt.truncated).then_some((position, stream, excerpt.truncated))
    };
    let mut keep = Vec::new();
    if let Some(compile) = &report.compile {
        let verdict = if report.verdict == Verdict::CompileError { Verdict::CompileError } else { Verdict::Accepted };
        let mut row = TestRow { test_id: "compile".into(), verdict: verdict.code().into(), ..TestRow::default() };
        row.set_exit(compile.exit.as_ref());
        row.set_usage(&compile.usage);
        if compile.cached {
            CACHED.clone_into(&mut row.reason);
        }
        tests.push(row);
        keep.push((output(0, "stderr", &compile.log), &compile.log));
    }
    for (position, test) in (1..).zip(&report.tests) {
        let mut row = TestRow {
            position,
            test_id: test.id.clone(),
            verdict: test.verdict.code().into(),
            reason: test.reason.clone(),
            score: test.score,
            first_verdict: test.first_verdict.map(|verdict| verdict.code().to_owned()),
            ..TestRow::default()
        };
        row.set_exit(test.exit.as_ref());
        if let Some(usage) = &test.usage {
            row.set_usage(usage);
        }
        tests.push(row);
        keep.push((output(position, "stdout", &test.stdout), &test.stdout));
        for (stream, excerpt) in [
            ("stderr", &test.stderr),
            ("judge", &test.judge_message),
            ("team", &test.team_message),
            ("interaction", &test.interaction),
        ] {
            keep.push((output(position, stream, excerpt), excerpt));
        }
    }
    for (wanted, excerpt) in keep {
        if let Some((position, stream, truncated)) = wanted {
            outputs.push(OutputRow { position, stream, content: &excerpt.bytes, truncated });
        }
    }
    (tests, outputs)
}

/// All rows of one report.
#[derive(Clone, Debug)]
pub(super) struct ReportRows {
    pub(super) outcome: OutcomeRow,
    pub(super) tests: Vec<TestRow>,
    pub(super) groups: Vec<GroupRow>,
    /// By position and stream.
    pub(super) outputs: HashMap<(i32, String), Excerpt>,
}

/// The report that these rows were.
pub(super) fn to_report(submission_id: Uuid, rows: ReportRows) -> Result<SubmissionReport, String> {
    let ReportRows { outcome, tests, groups, mut outputs } = rows;
    let mut output = |position, stream: &str| outputs.remove(&(position, stream.to_owned())).unwrap_or_default();
    let mut report = SubmissionReport {
        submission_id,
        verdict: verdict(&outcome.verdict)?,
        reason: outcome.reason,
        language: outcome.language,
        compile: None,
        tests: Vec::new(),
        groups: Vec::new(),
        score: outcome.score,
        cpu_limit_ms: outcome.cpu_limit_ms.unsigned_abs(),
        memory_limit_bytes: outcome.memory_limit_bytes.unsigned_abs(),
        cgroup: outcome.cgroup,
        same_as: outcome.same_as,
    };
    for row in tests {
        if row.position == 0 {
            let (usage, exit) = (row.usage().unwrap_or_default(), row.exit());
            report.compile =
                Some(CompileReport { usage, exit, log: output(0, "stderr"), cached: row.reason == CACHED });
            continue;
        }
        report.tests.push(TestReport {
            verdict: verdict(&row.verdict)?,
            usage: row.usage(),
            exit: row.exit(),
            stdout: output(row.position, "stdout"),
            stderr: output(row.position, "stderr"),
            judge_message: output(row.position, "judge"),
            team_message: output(row.position, "team"),
            interaction: output(row.position, "interaction"),
            score: row.score,
            first_verdict: row.first_verdict.as_deref().map(verdict).transpose()?,
            id: row.test_id,
            reason: row.reason,
        });
    }
    for GroupRow { name, verdict: code, score, max_score } in groups {
        report.groups.push(GroupReport { name, verdict: verdict(&code)?, score, max_score });
    }
    Ok(report)
}

fn verdict(code: &str) -> Result<Verdict, String> {
    code.parse().map_err(|error: assay_shared::verdict::UnknownVerdict| error.to_string())
}

impl TestRow {
    fn set_exit(&mut self, exit: Option<&Exit>) {
        match exit {
            Some(Exit::Code(code)) => self.exit_code = Some(*code),
            Some(Exit::Signal(signal)) => self.signal = Some(*signal),
            None => {}
        }
    }

    fn exit(&self) -> Option<Exit> {
        self.exit_code.map(Exit::Code).or_else(|| self.signal.map(Exit::Signal))
    }

    fn set_usage(&mut self, usage: &Usage) {
        self.cpu_user_us = Some(integer(usage.cpu_user_us));
        self.cpu_sys_us = Some(integer(usage.cpu_sys_us));
        self.wall_us = Some(integer(usage.wall_us));
        self.memory_peak_bytes = Some(integer(usage.memory_peak_bytes));
        self.oom_kills = Some(integer(usage.oom_kills));
        self.pids_peak = usage.pids_peak.map(integer);
        self.pids_limit_hits = Some(integer(usage.pids_limit_hits));
        self.stdout_bytes = Some(integer(usage.stdout_bytes));
        self.stderr_bytes = Some(integer(usage.stderr_bytes));
        self.context_switches = Some(integer(usage.context_switches));
    }

    fn usage(&self) -> Option<Usage> {
        let count = |value: Option<i64>| value.unwrap_or(0).unsigned_abs();
        // A run that took place has a wall time.
        self.wall_us.map(|wall_us| Usage {
            cpu_user_us: count(self.cpu_user_us),
            cpu_sys_us: count(self.cpu_sys_us),
            wall_us: wall_us.unsigned_abs(),
            memory_peak_bytes: count(self.memory_peak_bytes),
            oom_kills: count(self.oom_kills),
            pids_peak: self.pids_peak.map(i64::unsigned_abs),
            pids_limit_hits: count(self.pids_limit_hits),
            stdout_bytes: count(self.stdout_bytes),
            stderr_bytes: count(self.stderr_bytes),
            context_switches: count(self.context_switches),
        })
    }
}

/// The columns of `test_results` in the order in which [`read_test`] wants them.
macro_rules! test_columns {
    () => {
        "position, test_id, verdict, reason, score, exit_code, signal, cpu_user_us, cpu_sys_us, wall_us, \
         memory_peak_bytes, oom_kills, pids_peak, pids_limit_hits, stdout_bytes, stderr_bytes, context_switches, first_verdict"
    };
}
pub(super) use test_columns;

/// A [`TestRow`] from a row of either database that has the columns [`test_columns`].
macro_rules! read_test {
    ($row:expr) => {
        TestRow {
            position: $row.try_get(0)?,
            test_id: $row.try_get(1)?,
            verdict: $row.try_get(2)?,
            reason: $row.try_get(3)?,
            score: $row.try_get(4)?,
            exit_code: $row.try_get(5)?,
            signal: $row.try_get(6)?,
            cpu_user_us: $row.try_get(7)?,
            cpu_sys_us: $row.try_get(8)?,
            wall_us: $row.try_get(9)?,
            memory_peak_bytes: $row.try_get(10)?,
            oom_kills: $row.try_get(11)?,
            pids_peak: $row.try_get(12)?,
            pids_limit_hits: $row.try_get(13)?,
            stdout_bytes: $row.try_get(14)?,
            stderr_bytes: $row.try_get(15)?,
            context_switches: $row.try_get(16)?,
            first_verdict: $row.try_get(17)?,
        }
    };
}
pub(super) use read_test;
