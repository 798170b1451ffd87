//! One submission from source to report: compile once, then every test in a run of its own, over as many slots as are free.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use assay_sandbox::{Error, Input, Step, WorkFile, Workspace};
use assay_shared::{Checker, Limits, StopRule, SubmissionReport, TestReport, Verdict};
use bytes::Bytes;
use tokio::sync::oneshot;
use tracing::Instrument as _;
use uuid::Uuid;

use super::SlotPool;
use super::cache::Recipe;
use super::call::{CallTest, Callee};
use super::compile::compile;
use super::jury::{Jury, Points};
use super::rerun::SecondRuns;
use super::scoring;
use super::trial::{Tried, judge_error, skipped, try_test};
use crate::judge::compare::{Comparison, compare};
use crate::language::Plan;
use crate::problem::Groups;

/// Everything that grading one submission needs.
#[derive(Clone, Debug)]
pub struct Task {
    pub submission_id: Uuid,
    /// Earlier ones are finished first.
    pub sequence: u64,
    pub language: String,
    /// Its code in the package format.
    pub code: String,
    /// Whether its files are answers to the tests and no program.
    pub is_answers: bool,
    pub plan: Plan,
    /// The sources, as they are placed.
    pub files: Vec<WorkFile>,
    pub tests: Arc<[Test]>,
    pub limits: Limits,
    pub compile_limits: Limits,
    pub stop: StopRule,
    /// Bytes of each output that the report keeps.
    pub keep_bytes: usize,
    pub jury: Jury,
    /// Where compilations are kept, if they are.
    pub recipe: Option<Recipe>,
    /// The function that is called, where tests do not run the whole program.
    pub callee: Option<Callee>,
    /// The groups of a scoring problem.
    pub scoring: Option<Arc<Groups>>,
    /// The second runs of results near a time limit; without it there are none.
    pub second_runs: Option<SecondRuns>,
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
    /// Arguments of the validators.
    pub judge_args: Vec<String>,
    /// Whether nothing is run but the static validator.
    pub is_static: bool,
    pub args: Vec<String>,
    /// Further files for the work directory.
    pub files: Vec<(String, PathBuf)>,
    /// What is told to those who fail it.
    pub hint: Option<String>,
    /// The id of an earlier test that is the same, whose result counts for this one, too.
    pub twin_of: Option<String>,
    /// The call of a function that takes the place of input and output.
    pub call: Option<Arc<CallTest>>,
}

/// Test data where it is.
#[derive(Clone, Debug)]
pub enum Content {
    File(PathBuf),
    Bytes(Bytes),
}

/// What is read at once of a file that is compared.
const BUFFER: usize = 64 << 10;

impl Content {
    /// As standard input. A file is copied as it is read, whatever its size.
    pub(super) fn open(&self) -> Result<Input, String> {
        match self {
            Self::Bytes(bytes) => Input::from_bytes(bytes).map_err(|error| error.to_string()),
            Self::File(path) => File::open(path)
                .map_err(|error| error.to_string())
                .and_then(|mut file| Input::from_file(&mut file).map_err(|error| error.to_string()))
                .map_err(|error| format!("cannot read {}: {error}", path.display())),
        }
    }

    pub(super) fn read(&self) -> Result<Bytes, String> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.clone()),
            Self::File(path) => {
                std::fs::read(path).map(Into::into).map_err(|error| format!("cannot read {}: {error}", path.display()))
            }
        }
    }

    /// How many bytes it is.
    pub(super) fn size(&self) -> Result<u64, String> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.len() as u64),
            Self::File(path) => std::fs::metadata(path)
                .map(|found| found.len())
                .map_err(|error| format!("cannot read {}: {error}", path.display())),
        }
    }

    /// Puts it into a work directory. A file is copied as it is read.
    pub(super) fn put(&self, work: &Workspace, name: &Path) -> Result<(), Error> {
        match self {
            Self::Bytes(bytes) => work.copy_in(name, &mut &**bytes),
            Self::File(path) => {
                let error = |source| Error { step: Step::Populate, target: Some(path.clone()), source };
                work.copy_in(name, &mut File::open(path).map_err(error)?)
            }
        }
    }

    /// Compares an output with this as the expected one. A file is read as it is compared.
    pub(super) fn compare(&self, checker: &Checker, output: &[u8]) -> Result<Comparison, String> {
        match self {
            Self::Bytes(bytes) => compare(checker, &**bytes, output).map_err(|error| error.to_string()),
            Self::File(path) => File::open(path)
                .and_then(|file| compare(checker, BufReader::with_capacity(BUFFER, file), output))
                .map_err(|error| format!("cannot read {}: {error}", path.display())),
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
        groups: Vec::new(),
        score: None,
        cpu_limit_ms: task.limits.cpu_ms,
        memory_limit_bytes: task.limits.memory_bytes,
        same_as: None,
        cgroup: pool.cgroup().to_owned(),
    };
    let compiling = Arc::clone(&task);
    let compiled = pool.run((task.sequence, 0), move |place| {
        let Task { recipe, plan, files, compile_limits, keep_bytes, .. } = compiling.as_ref();
        compile(place, recipe.as_ref(), plan, files.clone(), compile_limits, *keep_bytes)
    });
    let program: Arc<[WorkFile]> =
        match compiled.instrument(tracing::info_span!("compile", language = task.language)).await {
            Some(Ok(compiled)) => {
                report.compile = compiled.report;
                match compiled.program {
                    Ok(program) => program.into_iter().map(WorkFile::shown).collect(),
                    Err(judgement) => {
                        report.verdict = judgement.verdict;
                        report.reason = judgement.reason;
                        report.score = task.scoring.is_some().then_some(0.0);
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
    let (tests, points) = run_tests(pool, &task, program).await;
    report.tests = tests;
    report.verdict = Verdict::of_tests(report.tests.iter().map(|test| test.verdict));
    match task.scoring.clone() {
        Some(groups) => give_points(pool, &task, groups, &mut report, points).await,
        None => report.reason = reason_of(&report),
    }
    report
}

/// What the first test says that has the submission's verdict.
fn reason_of(report: &SubmissionReport) -> String {
    let test = report.tests.iter().find(|test| test.verdict == report.verdict && !test.reason.is_empty());
    test.map(|test| format!("test {}: {}", test.id, test.reason)).unwrap_or_default()
}

/// Scores a scoring problem's submission.
async fn give_points(
    pool: &SlotPool,
    task: &Arc<Task>,
    groups: Arc<Groups>,
    report: &mut SubmissionReport,
    points: Vec<Option<Points>>,
) {
    let mut tests = std::mem::take(&mut report.tests);
    let (tests, scored) = if let Some(grader) = task.jury.grader.clone() {
        let (kept, limits) = (tests.clone(), task.jury.limits.clone());
        let scored = pool.run((task.sequence, u64::MAX), move |place| {
            let mut custom = |args: &[String], input: &str| grader.aggregate(place, &limits, args, input);
            let scored = scoring::score(&groups, &mut tests, &points, &mut custom);
            (tests, scored)
        });
        scored.await.unwrap_or_else(|| (kept, Err("the run was abandoned".to_owned())))
    } else {
        let mut none = |_: &[String], _: &str| Err("the package has no grader".to_owned());
        let scored = scoring::score(&groups, &mut tests, &points, &mut none);
        (tests, scored)
    };
    report.tests = tests;
    match scored {
        Ok(scored) => {
            report.verdict = scored.verdict;
            report.score = Some(scored.score);
            report.groups = scored.groups;
            let parts: Vec<_> = std::iter::once(reason_of(report)).chain(scored.notes).collect();
            report.reason = parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("; ");
        }
        Err(reason) => {
            report.verdict = Verdict::JudgeError;
            report.reason = reason;
        }
    }
}

/// Which tests have become unnecessary. Only what came before a test, in the order of the problem, can make it so.
enum Stops {
    /// The first failing test; one cell for each group if groups stop by themselves, none if nothing stops.
    Cells(Vec<Arc<AtomicUsize>>),
    Groups {
        groups: Arc<Groups>,
        verdicts: Mutex<Vec<Option<Verdict>>>,
        run_all: bool,
    },
}

impl Stops {
    fn of(task: &Task) -> Self {
        if let Some(groups) = &task.scoring {
            let (verdicts, run_all) = (Mutex::new(vec![None; task.tests.len()]), task.stop == StopRule::Never);
            return Self::Groups { groups: Arc::clone(groups), verdicts, run_all };
        }
        let cell = || Arc::new(AtomicUsize::new(usize::MAX));
        Self::Cells(match task.stop {
            StopRule::GroupFail => {
                let mut groups = HashMap::new();
                task.tests
                    .iter()
                    .map(|test| Arc::clone(groups.entry(test.group.clone()).or_insert_with(cell)))
                    .collect()
            }
            StopRule::FirstFail => vec![cell(); task.tests.len()],
            StopRule::Never => Vec::new(),
        })
    }

    fn tell(&self, index: usize, verdict: Verdict) {
        match self {
            Self::Cells(cells) => {
                if let Some(cell) = cells.get(index).filter(|_| verdict != Verdict::Accepted) {
                    cell.fetch_min(index, Ordering::AcqRel);
                }
            }
            Self::Groups { verdicts, .. } => lock(verdicts)[index] = Some(verdict),
        }
    }

    fn unneeded(&self, index: usize) -> bool {
        match self {
            Self::Cells(cells) => cells.get(index).is_some_and(|cell| cell.load(Ordering::Acquire) < index),
            Self::Groups { groups, verdicts, run_all } => {
                scoring::unneeded(groups, &lock(verdicts), *run_all).get(index).copied().unwrap_or(false)
            }
        }
    }

    /// All tests that were not necessary, now that everything is known.
    fn all_unneeded(&self, count: usize) -> Vec<bool> {
        match self {
            Self::Cells(_) => (0..count).map(|index| self.unneeded(index)).collect(),
            Self::Groups { groups, verdicts, run_all } => scoring::unneeded(groups, &lock(verdicts), *run_all),
        }
    }
}

fn lock<T>(of_tests: &Mutex<Vec<Option<T>>>) -> MutexGuard<'_, Vec<Option<T>>> {
    of_tests.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The result of an earlier test that is the same as this one, as this one's; `None` if there is none that is known.
fn twin(tests: &[Test], index: usize, tried: &Mutex<Vec<Option<Tried>>>) -> Option<Tried> {
    let Test { id, twin_of, .. } = &tests[index];
    let twin_of = twin_of.as_ref()?;
    let place = tests[..index].iter().position(|other| other.id == *twin_of)?;
    let Tried { report, points } = lock(tried)[place].clone()?;
    let counts = !matches!(report.verdict, Verdict::JudgeError | Verdict::Skipped);
    counts.then(|| Tried { report: TestReport { id: id.clone(), ..report }, points })
}

async fn run_tests(
    pool: &SlotPool,
    task: &Arc<Task>,
    program: Arc<[WorkFile]>,
) -> (Vec<TestReport>, Vec<Option<Points>>) {
    let stops = Arc::new(Stops::of(task));
    let tried = Arc::new(Mutex::new(vec![None; task.tests.len()]));
    // Each test has a share of it, so that nobody is woken before the last has ended.
    let (share, ended) = oneshot::channel::<()>();
    let share = Arc::new(share);
    // All of them are in the pool's line from the start.
    for (index, test) in task.tests.iter().enumerate() {
        let (task, program, stops) = (Arc::clone(task), Arc::clone(&program), Arc::clone(&stops));
        let (tried, share) = (Arc::clone(&tried), Arc::clone(&share));
        let span = tracing::info_span!("test", id = test.id);
        pool.put((task.sequence, 1 + index as u64), move |place| {
            let _ends_here = share;
            let result = span.in_scope(|| {
                if stops.unneeded(index) {
                    return Tried { report: skipped(&task.tests[index].id), points: None };
                }
                let result = match twin(&task.tests, index, &tried) {
                    Some(twin) => twin,
                    None => try_test(place, &task, &program, &task.tests[index], &|| !stops.unneeded(index)),
                };
                stops.tell(index, result.report.verdict);
                result
            });
            lock(&tried)[index] = Some(result);
        });
    }
    drop(share);
    drop(ended.await);
    let tried = std::mem::take(&mut *lock(&tried)).into_iter().zip(task.tests.iter());
    let abandoned = |id: &str| Tried { report: judge_error(id, "the run was abandoned".to_owned()), points: None };
    let tried = tried.map(|(tried, test)| tried.unwrap_or_else(|| abandoned(&test.id)));
    let (mut reports, points): (Vec<_>, Vec<_>) = tried.map(|tried| (tried.report, tried.points)).unzip();
    // A later test may have run beside the first failing one. Whether it did is chance, so it does not count.
    for (report, unneeded) in reports.iter_mut().zip(stops.all_unneeded(task.tests.len())) {
        if unneeded {
            *report = skipped(&report.id);
        }
    }
    (reports, points)
}
