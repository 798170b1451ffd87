//! One submission from source to report: compile once, then every test in a run of its own, over as many slots as are free.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use assay_sandbox::{CollectLimits, Command, End, Error, Input, Outcome, Profile, Slot, WorkFile};
use assay_shared::{
    Checker, CompileReport, Excerpt, Exit, Limits, StopRule, SubmissionReport, TestReport, Usage, Verdict,
};
use tracing::Instrument as _;
use uuid::Uuid;

use super::{SlotPool, copy};
use crate::judge::compare::{Comparison, compare};
use crate::judge::{self, Judgement};
use crate::language::{Plan, Step};

/// How often a run that the sandbox failed is tried before it becomes a judge error.
const TRIES: u32 = 3;

/// Everything that grading one submission needs.
#[derive(Clone, Debug)]
pub struct Task {
    pub submission_id: Uuid,
    /// Earlier ones are finished first.
    pub sequence: u64,
    pub language: String,
    pub plan: Plan,
    /// The sources, as they are placed.
    pub files: Vec<WorkFile>,
    pub tests: Arc<[Test]>,
    pub limits: Limits,
    pub compile_limits: Limits,
    pub stop: StopRule,
    /// Bytes of each output that the report keeps.
    pub keep_bytes: usize,
}

/// One test.
#[derive(Clone, Debug)]
pub struct Test {
    pub id: String,
    pub group: String,
    pub input: Content,
    /// Without it any output is right.
    pub expected: Option<Content>,
    pub checker: Checker,
    pub args: Vec<String>,
    /// Further files for the work directory.
    pub files: Vec<(String, PathBuf)>,
}

/// Test data where it is.
#[derive(Clone, Debug)]
pub enum Content {
    File(PathBuf),
    Bytes(Arc<[u8]>),
}

impl Content {
    /// As standard input. A file is copied as it is read, whatever its size.
    fn open(&self) -> Result<Input, String> {
        match self {
            Self::Bytes(bytes) => Input::from_bytes(bytes).map_err(|error| error.to_string()),
            Self::File(path) => std::fs::File::open(path)
                .map_err(|error| error.to_string())
                .and_then(|mut file| Input::from_file(&mut file).map_err(|error| error.to_string()))
                .map_err(|error| format!("cannot read {}: {error}", path.display())),
        }
    }

    fn read(&self) -> Result<Arc<[u8]>, String> {
        match self {
            Self::Bytes(bytes) => Ok(Arc::clone(bytes)),
            Self::File(path) => {
                std::fs::read(path).map(Into::into).map_err(|error| format!("cannot read {}: {error}", path.display()))
            }
        }
    }
}

/// Grades one submission. Always gives a report; what the judge could not do is its `JE`.
pub async fn grade(pool: &SlotPool, task: Arc<Task>) -> SubmissionReport {
    let mut report = SubmissionReport {
        submission_id: task.submission_id,
        verdict: Verdict::JudgeError,
        reason: String::new(),
        language: task.language.clone(),
        compile: None,
        tests: Vec::new(),
        score: None,
        cpu_limit_ms: task.limits.cpu_ms,
        memory_limit_bytes: task.limits.memory_bytes,
        cgroup: pool.cgroup().to_owned(),
    };
    let compiling = Arc::clone(&task);
    let compiled = pool.run((task.sequence, 0), move |slot| compile(slot, &compiling));
    let program = match compiled.instrument(tracing::info_span!("compile", language = task.language)).await {
        Some(Ok(compiled)) => {
            report.compile = compiled.report;
            match compiled.program {
                Ok(program) => program,
                Err(judgement) => {
                    report.verdict = judgement.verdict;
                    report.reason = judgement.reason;
                    return report;
                }
            }
        }
        Some(Err(reason)) => {
            report.reason = reason;
            return report;
        }
        None => {
            "the run was abandoned".clone_into(&mut report.reason);
            return report;
        }
    };
    report.tests = run_tests(pool, &task, program).await;
    report.verdict = Verdict::of_tests(report.tests.iter().map(|test| test.verdict));
    if let Some(test) = report.tests.iter().find(|test| test.verdict == report.verdict && !test.reason.is_empty()) {
        report.reason = format!("test {}: {}", test.id, test.reason);
    }
    report
}

async fn run_tests(pool: &SlotPool, task: &Arc<Task>, program: Arc<[WorkFile]>) -> Vec<TestReport> {
    // The first failing test, by which later ones become unnecessary; one cell per group if groups stop by themselves.
    let cells: Vec<Arc<AtomicUsize>> = match task.stop {
        StopRule::GroupFail => {
            let mut groups = std::collections::HashMap::new();
            let cell = || Arc::new(AtomicUsize::new(usize::MAX));
            task.tests.iter().map(|test| Arc::clone(groups.entry(test.group.clone()).or_insert_with(cell))).collect()
        }
        StopRule::FirstFail | StopRule::Never => {
            let cell = Arc::new(AtomicUsize::new(usize::MAX));
            vec![cell; task.tests.len()]
        }
    };
    let runs = (0..task.tests.len()).map(|index| {
        let (task, program, cell) = (Arc::clone(task), Arc::clone(&program), Arc::clone(&cells[index]));
        let rank = (task.sequence, 1 + index as u64);
        let id = task.tests[index].id.clone();
        let span = tracing::info_span!("test", id);
        async move {
            let result = pool
                .run(rank, move |slot| {
                    if task.stop != StopRule::Never && cell.load(Ordering::Acquire) < index {
                        return skipped(&task.tests[index].id);
                    }
                    let report = run_test(slot, &task, &program, &task.tests[index]);
                    if report.verdict != Verdict::Accepted {
                        cell.fetch_min(index, Ordering::AcqRel);
                    }
                    report
                })
                .await;
            result.unwrap_or_else(|| judge_error(&id, "the run was abandoned".to_owned()))
        }
        .instrument(span)
    });
    // All of them are in the pool's line from the start.
    let mut reports = futures_util::future::join_all(runs).await;
    if task.stop != StopRule::Never {
        // A later test may have run beside the first failing one. Whether it did is chance, so it does not count.
        for (index, report) in reports.iter_mut().enumerate() {
            if cells[index].load(Ordering::Acquire) < index {
                *report = skipped(&report.id);
            }
        }
    }
    reports
}

fn skipped(id: &str) -> TestReport {
    TestReport {
        id: id.to_owned(),
        verdict: Verdict::Skipped,
        usage: None,
        exit: None,
        reason: String::new(),
        stdout: Excerpt::default(),
        stderr: Excerpt::default(),
        score: None,
    }
}

fn judge_error(id: &str, reason: String) -> TestReport {
    TestReport { verdict: Verdict::JudgeError, reason, ..skipped(id) }
}

struct Compiled {
    report: Option<CompileReport>,
    /// What the tests run, or why there is nothing to run.
    program: Result<Arc<[WorkFile]>, Judgement>,
}

/// Runs the compile steps, each in a fresh sandbox with what the one before left. An error is the judge's.
fn compile(slot: &mut Result<Slot, Error>, task: &Task) -> Result<Compiled, String> {
    let mut files = task.files.clone();
    let mut report: Option<CompileReport> = None;
    for step in &task.plan.compile {
        let limits = Limits { pids: task.compile_limits.pids.max(step.pids), ..task.compile_limits.clone() };
        let (outcome, collected) = attempt(slot, |slot| {
            let run = sandbox_limits(&limits, step.extra_memory_bytes);
            let work = slot.workspace(&run, &[&files])?;
            let outcome = slot.run(&command(step, &[], Profile::Compile), &run, &work, &Input::empty())?;
            let collected = if outcome.end == End::Code(0) && outcome.stopped.is_none() {
                let placed: u64 = files.iter().map(|file| file.content.len() as u64).sum();
                let bytes = limits.file_bytes.saturating_add(placed);
                match work.collect(CollectLimits { bytes, ..CollectLimits::default() }) {
                    Ok(files) => Some(files),
                    // Too much, too deep, or under names too long: what it left is no program that can be run.
                    Err(error) if error.is_of_what_was_left() => None,
                    Err(error) => return Err(error),
                }
            } else {
                None
            };
            Ok((outcome, collected))
        })
        .map_err(|error| format!("compiling: {error}"))?;
        let mut log = report.take().map(|report| report.log.bytes).unwrap_or_default();
        log.extend_from_slice(&outcome.stderr.bytes);
        log.extend_from_slice(&outcome.stdout.bytes);
        let truncated = outcome.stderr.truncated || outcome.stdout.truncated;
        let (usage, exit) = facts(&outcome);
        report = Some(CompileReport {
            usage,
            exit: Some(exit),
            log: Excerpt::of(&log, truncated, task.keep_bytes.max(4096)),
        });
        let failed = judge::of_run(&outcome, &limits);
        match (failed, collected) {
            (None, Some(collected)) => files = collected,
            (failed, _) => {
                let reason = match failed {
                    Some(judgement) if judgement.verdict == Verdict::RuntimeError => {
                        "the compiler refused it".to_owned()
                    }
                    Some(judgement) => format!("compiling took {}", judgement.reason),
                    None => "compiling left more files than are allowed, or deeper ones".to_owned(),
                };
                return Ok(Compiled { report, program: Err(Judgement { verdict: Verdict::CompileError, reason }) });
            }
        }
    }
    let made = task.plan.run.argv.first().and_then(|program| program.strip_prefix("/work/"));
    if let Some(name) = made
        && !files.iter().any(|file| file.path == Path::new(name))
    {
        // Such as a library without a program.
        let reason = "the compiler made no program of it".to_owned();
        return Ok(Compiled { report, program: Err(Judgement { verdict: Verdict::CompileError, reason }) });
    }
    Ok(Compiled { report, program: Ok(files.into()) })
}

fn run_test(slot: &mut Result<Slot, Error>, task: &Task, program: &[WorkFile], test: &Test) -> TestReport {
    match try_test(slot, task, program, test) {
        Ok(report) => report,
        Err(reason) => judge_error(&test.id, reason),
    }
}

fn try_test(
    slot: &mut Result<Slot, Error>,
    task: &Task,
    program: &[WorkFile],
    test: &Test,
) -> Result<TestReport, String> {
    let step = &task.plan.run;
    let limits = Limits { pids: task.limits.pids.max(step.pids), ..task.limits.clone() };
    let input = test.input.open()?;
    let extra = test
        .files
        .iter()
        .map(|(name, path)| Ok(WorkFile::new(name, Content::File(path.clone()).read()?)))
        .collect::<Result<Vec<_>, String>>()?;
    let result = attempt(slot, |slot| {
        let run = sandbox_limits(&limits, step.extra_memory_bytes);
        let work = slot.workspace(&run, &[program, &extra])?;
        slot.run(&command(step, &test.args, Profile::Run), &run, &work, &input)
    });
    let outcome = match result {
        Ok(outcome) => outcome,
        // The program itself, not a toolchain of ours, cannot be executed: that is the submission's doing.
        Err(error)
            if error.is_of_the_command() && step.argv.first().is_some_and(|program| program.starts_with("/work/")) =>
        {
            let reason = format!("the program cannot be executed: {}", error.source);
            return Ok(TestReport { verdict: Verdict::RuntimeError, reason, ..skipped(&test.id) });
        }
        Err(error) => return Err(error.to_string()),
    };
    let judgement = match judge::of_run(&outcome, &limits) {
        Some(judgement) => judgement,
        None => match &test.expected {
            None => Judgement::accepted(),
            Some(expected) => match compare(&test.checker, &expected.read()?, &outcome.stdout.bytes) {
                Comparison::Same => Judgement::accepted(),
                Comparison::Different { reason } => Judgement { verdict: Verdict::WrongAnswer, reason },
            },
        },
    };
    let (usage, exit) = facts(&outcome);
    Ok(TestReport {
        id: test.id.clone(),
        verdict: judgement.verdict,
        usage: Some(usage),
        exit: Some(exit),
        reason: judgement.reason,
        stdout: Excerpt::of(&outcome.stdout.bytes, outcome.stdout.truncated, task.keep_bytes),
        stderr: Excerpt::of(&outcome.stderr.bytes, outcome.stderr.truncated, task.keep_bytes),
        score: None,
    })
}

/// Tries what the sandbox failed at again, a bounded number of times. A command that cannot be executed is no accident.
fn attempt<T>(slot: &mut Result<Slot, Error>, mut work: impl FnMut(&mut Slot) -> Result<T, Error>) -> Result<T, Error> {
    let mut tries = 0;
    loop {
        tries += 1;
        let slot = match slot {
            Ok(slot) => slot,
            Err(error) => {
                return Err(Error { step: error.step, target: error.target.clone(), source: copy(&error.source) });
            }
        };
        match work(slot) {
            Err(error) if !error.is_of_the_command() && tries < TRIES => {
                tracing::warn!(%error, tries, "a run failed in the sandbox; trying again");
                if slot.is_broken() {
                    super::close_broken(slot.renew()?);
                }
            }
            other => return other,
        }
    }
}

fn command(step: &Step, args: &[String], profile: Profile) -> Command {
    let argv = step.argv.iter().chain(args).cloned().collect();
    Command { argv, env: step.env.clone(), profile }
}

/// The limits of a run for the sandbox; `extra` is what the language's runtime needs beside the program.
pub fn sandbox_limits(limits: &Limits, extra: u64) -> assay_sandbox::Limits {
    assay_sandbox::Limits {
        cpu: Duration::from_millis(limits.cpu_ms),
        wall: Duration::from_millis(limits.wall_ms),
        memory_bytes: limits.memory_bytes.saturating_add(extra),
        pids: limits.pids,
        stdout_bytes: limits.stdout_bytes,
        stderr_bytes: limits.stderr_bytes,
        file_bytes: limits.file_bytes,
        inodes: 16_384,
    }
}

/// The facts of a run in the shape that is stored.
pub fn facts(outcome: &Outcome) -> (Usage, Exit) {
    let usage = &outcome.usage;
    let exit = match outcome.end {
        End::Code(code) => Exit::Code(code),
        End::Signal(signal) => Exit::Signal(signal),
    };
    let usage = Usage {
        cpu_user_us: usage.cpu_user_us,
        cpu_sys_us: usage.cpu_sys_us,
        wall_us: usage.wall_us,
        memory_peak_bytes: usage.memory_peak_bytes,
        oom_kills: usage.oom_kills,
        pids_peak: usage.pids_peak,
        pids_limit_hits: usage.pids_limit_hits,
        stdout_bytes: outcome.stdout.total_bytes,
        stderr_bytes: outcome.stderr.total_bytes,
        context_switches: usage.context_switches,
    };
    (usage, exit)
}
