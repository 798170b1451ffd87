//! `assay verify`: every submission of packages, graded and compared with what the package expects.

mod calibration;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use assay_shared::{StopRule, SubmissionReport, Usage, Verdict};
use clap::Args;
use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

use calibration::{calibrate, recorded_limit};

use super::session::{Session, finish, rules};
use super::{Common, Failure, render};
use crate::executor::grader::{Graded, Job, compile_limits, limits_of, tests_of};
use crate::executor::pipeline::Test;
use crate::executor::rerun::is_near;
use crate::exit::Exit;
use crate::problem::{ExampleSubmission, Expectation, Package, TimeLimit};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Packages (directories, zip files or tars), or directories of packages
    #[arg(required = true)]
    packages: Vec<PathBuf>,
    /// Seconds of CPU time that a submission may take while a time limit is calibrated
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    calibration_limit: u64,
    #[command(flatten)]
    common: Common,
}

#[derive(Default)]
struct Tally {
    submissions: usize,
    ok: usize,
    differ: usize,
    unsupported: usize,
    judge_errors: usize,
    /// Graded, and nothing was expected.
    no_expectation: usize,
    bad_packages: usize,
}

/// One submission's line.
struct Row {
    package: String,
    submission: String,
    expected: Vec<String>,
    expected_points: Option<String>,
    expected_score: Option<(f64, f64)>,
    outcome: Outcome,
    time_limit_ms: Option<u64>,
}

enum Outcome {
    /// `ok` is unknown if the judge failed or nothing is expected.
    Report {
        report: Box<SubmissionReport>,
        ok: Option<bool>,
        difference: Option<String>,
    },
    /// Our own trouble before there was anything to report.
    Failed {
        reason: String,
    },
    Unsupported {
        language: Option<String>,
        reason: String,
    },
}

pub(super) async fn run(options: Options) -> Result<Exit, Failure> {
    let started = Instant::now();
    let mut tally = Tally::default();
    let mut packages = Vec::new();
    for path in &options.packages {
        for package in Package::load_all(path) {
            match package {
                Ok(package) => {
                    tell_warnings(&package);
                    packages.push(package);
                }
                Err(error) => {
                    tally.bad_packages += 1;
                    render::note(&format!("assay: {error}"));
                }
            }
        }
    }
    if packages.is_empty() {
        if options.common.json {
            render::json(&summary(&tally, started));
        }
        return Ok(Exit::Usage);
    }
    let session = Session::open(&options.common, 10_000).await?;
    let total = packages.iter().map(|package| package.submissions.len()).sum();
    let total: usize = total;
    let mut key = packages.iter().map(|package| package.sha256.as_str()).collect::<Vec<_>>();
    let rules = format!("{} {}", rules(&options.common.grading)?, options.calibration_limit);
    key.push(&rules);
    let key = blake3::hash(key.join(" ").as_bytes()).to_string();
    let label = options.packages.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" ");
    let batch = session.begin("verify", &key, &label, options.common.fresh).await?;
    let progress = render::progress(total as u64);
    let mut table = render::table(&[
        "package",
        "submission",
        "language",
        "expected",
        "verdict",
        "",
        "CPU ms",
        "limit",
        "MiB",
        "reason",
    ]);
    for package in packages {
        for row in
            verify_package(&session, &batch, Arc::new(package), options.calibration_limit * 1000, &progress).await?
        {
            count(&row, &mut tally);
            if options.common.json {
                progress.suspend(|| render::json(&row.json()));
            } else {
                row.add_to(&mut table);
            }
        }
    }
    progress.finish_and_clear();
    let Session { grader, store, worker } = session;
    finish(grader, &store, &worker, &batch, tally.judge_errors == 0).await?;
    if options.common.json {
        render::json(&summary(&tally, started));
    } else {
        render::line(&table.to_string());
        let mut parts = vec![format!("{} as expected, {} differ", tally.ok, tally.differ)];
        for (count, what) in [
            (tally.unsupported, "unsupported"),
            (tally.judge_errors, "judge errors"),
            (tally.no_expectation, "of which nothing is expected"),
            (tally.bad_packages, "packages that could not be read"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        }
        let seconds = started.elapsed().as_secs_f64();
        render::line(&format!("\n{} submissions: {}; {seconds:.1} s", tally.submissions, parts.join(", ")));
    }
    if tally.submissions == tally.unsupported {
        render::note(
            "assay: nothing was graded: no submission of these packages can be graded here; the reasons are above",
        );
        return Ok(Exit::Difference);
    }
    let fine = tally.differ == 0 && tally.judge_errors == 0 && tally.bad_packages == 0;
    Ok(if fine { Exit::Fine } else { Exit::Difference })
}

/// The closing line of the JSON output.
fn summary(tally: &Tally, started: Instant) -> serde_json::Value {
    let wall_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    json!({"summary": {"submissions": tally.submissions, "ok": tally.ok, "differ": tally.differ,
        "unsupported": tally.unsupported, "judge_errors": tally.judge_errors,
        "no_expectation": tally.no_expectation, "bad_packages": tally.bad_packages, "wall_ms": wall_ms}})
}

/// Tells a package's first warnings; more than these are the same thing again.
fn tell_warnings(package: &Package) {
    const SHOWN: usize = 10;
    for warning in package.warnings.iter().take(SHOWN) {
        warn(package, warning);
    }
    if let Some(more) = package.warnings.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        warn(package, &format!("and {more} more warnings"));
    }
}

fn warn(package: &Package, warning: &str) {
    render::note(&format!("assay: warning: package {}: {}", package.id, render::harmless(warning)));
}

fn count(row: &Row, tally: &mut Tally) {
    tally.submissions += 1;
    match &row.outcome {
        Outcome::Unsupported { .. } => tally.unsupported += 1,
        Outcome::Failed { .. } => tally.judge_errors += 1,
        Outcome::Report { report, .. } if report.verdict == Verdict::JudgeError => tally.judge_errors += 1,
        Outcome::Report { ok: None, .. } => tally.no_expectation += 1,
        Outcome::Report { ok: Some(true), .. } => tally.ok += 1,
        Outcome::Report { ok: Some(false), .. } => tally.differ += 1,
    }
}

async fn verify_package(
    session: &Session,
    batch: &str,
    package: Arc<Package>,
    calibration_ms: u64,
    progress: &indicatif::ProgressBar,
) -> Result<Vec<Row>, Failure> {
    let row = |submission: &ExampleSubmission, outcome, time_limit_ms| Row {
        package: package.id.clone(),
        submission: submission.path.clone(),
        expected: submission.expectation.codes(),
        expected_points: submission.points.shown(),
        expected_score: submission.points.range(),
        outcome,
        time_limit_ms,
    };
    progress.set_message(package.id.clone());
    if let Some(reason) = &package.unsupported {
        progress.inc(package.submissions.len() as u64);
        let outcome = || Outcome::Unsupported { language: None, reason: format!("unsupported: {reason}") };
        return Ok(package.submissions.iter().map(|submission| row(submission, outcome(), None)).collect());
    }
    let tests = tests_of(&package);
    let mut graded: Vec<Option<Graded>> = package.submissions.iter().map(|_| None).collect();
    let limit_ms = match &package.time_limit {
        TimeLimit::Explicit { ms } => Ok(*ms),
        TimeLimit::Calibrated { multiplier, resolution_ms } => {
            let scale = |slowest_us| TimeLimit::from_slowest(*multiplier, *resolution_ms, slowest_us).max(1000);
            match recorded_limit(session, batch, &package).await? {
                Some(limit_ms) => Ok(limit_ms),
                None => calibrate(session, batch, &package, &tests, calibration_ms, &mut graded, scale).await?,
            }
        }
    };
    if let Ok(limit_ms) = limit_ms {
        // What was measured under the generous limit of the calibration holds if it was within this one.
        let wall_ms = assay_shared::limits::default_wall_ms(limit_ms);
        for (submission, slot) in package.submissions.iter().zip(&mut graded) {
            let Some(Graded::Report(report)) = slot else { continue };
            let within = report.tests.iter().all(|test| {
                let is_near = |usage: &Usage| session.grader.reruns.is_some() && is_near(usage.cpu_us(), limit_ms);
                let fits = |usage: &Usage| {
                    usage.cpu_us() <= limit_ms * 1000 && usage.wall_us <= wall_ms * 1000 && !is_near(usage)
                };
                !is_slow(test.verdict) && test.usage.as_ref().is_none_or(fits)
            });
            let complete = report.tests.is_empty() || report.tests.len() == tests.len();
            if !(within && complete) {
                *slot = None;
                continue;
            }
            report.cpu_limit_ms = limit_ms;
            session.record(batch, &format!("{}/{}", package.id, submission.path), report).await?;
            progress.inc(1);
        }
        let open: Vec<usize> = (0..graded.len()).filter(|index| graded[*index].is_none()).collect();
        grade_some(session, batch, &package, &tests, &open, limit_ms, &mut graded, Some(progress)).await?;
    }
    Ok(package
        .submissions
        .iter()
        .zip(graded)
        .map(|(submission, graded)| {
            let outcome = match (graded, &limit_ms) {
                (Some(Graded::Report(report)), _) => {
                    let tests: Vec<_> = report.tests.iter().map(|test| (test.id.clone(), test.verdict)).collect();
                    let difference = submission.expectation.check(report.verdict, &tests);
                    let points = || submission.points.check(&report, &package.groups);
                    let difference = difference.and_then(|()| points()).err();
                    let expects = submission.expectation != Expectation::Unknown || submission.points.is_some();
                    let known = report.verdict != Verdict::JudgeError && expects;
                    let difference = difference.filter(|_| known);
                    Outcome::Report { ok: known.then_some(difference.is_none()), report, difference }
                }
                (Some(Graded::Refused { language: None, reason }), _) if reason.starts_with(UNREADABLE) => {
                    Outcome::Failed { reason }
                }
                (Some(Graded::Refused { language, reason }), _) => Outcome::Unsupported { language, reason },
                (None, Err(reason)) => Outcome::Unsupported { language: None, reason: reason.clone() },
                (None, Ok(_)) => Outcome::Failed { reason: "was not graded".to_owned() },
            };
            row(submission, outcome, limit_ms.as_ref().ok().copied())
        })
        .collect())
}

fn is_slow(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::TimeLimit | Verdict::IdleLimit)
}

/// How the reason of a submission begins whose files could not be read.
const UNREADABLE: &str = "cannot read ";

/// Grades these submissions under this limit; records them if `progress` is given.
#[expect(clippy::too_many_arguments, reason = "called from one place in two ways")]
async fn grade_some(
    session: &Session,
    batch: &str,
    package: &Arc<Package>,
    tests: &Arc<[Test]>,
    indexes: &[usize],
    limit_ms: u64,
    graded: &mut [Option<Graded>],
    progress: Option<&indicatif::ProgressBar>,
) -> Result<(), Failure> {
    let mut running = JoinSet::new();
    for &index in indexes {
        let submission = &package.submissions[index];
        let mut job = match job_of(package, submission, tests, limit_ms, session.grader.compile_ms) {
            Ok(job) => job,
            Err(reason) => {
                graded[index] = Some(Graded::Refused { language: None, reason });
                continue;
            }
        };
        if let Some(report) = session.recorded(batch, job.submission_id).await? {
            if let Some(progress) = progress {
                progress.inc(1);
            }
            graded[index] = Some(Graded::Report(Box::new(report)));
            continue;
        }
        let expectation = submission.expectation.clone();
        job.stop = if expectation.needs_all_tests() { StopRule::Never } else { StopRule::FirstFail };
        let grader = Arc::clone(&session.grader);
        let label = format!("{}/{}", package.id, submission.path);
        running.spawn(async move {
            let mut result = grader.grade(index as u64, &job).await;
            let undecided = matches!(&result, Graded::Report(report) if job.stop == StopRule::FirstFail
                && !matches!(report.verdict, Verdict::JudgeError | Verdict::CompileError | Verdict::Accepted)
                && !expectation.satisfied_by_first_failure(report.verdict));
            if undecided {
                // Another test may show what the package expects, which permits this failure before it.
                job.stop = StopRule::Never;
                result = grader.grade(index as u64, &job).await;
            }
            (index, label, result)
        });
    }
    while let Some(done) = running.join_next().await {
        let (index, label, result) = done.map_err(|error| anyhow::anyhow!("a grading task failed: {error}"))?;
        if matches!(&result, Graded::Report(report) if report.verdict == Verdict::JudgeError) {
            // Of this submission, or is no run possible any more?
            session.grader.pool.canary().await.map_err(Failure::unfit)?;
        }
        if let Some(progress) = progress {
            progress.inc(1);
            if let Graded::Report(report) = &result {
                session.record(batch, &label, report).await?;
            }
        }
        graded[index] = Some(result);
    }
    Ok(())
}

fn job_of(
    package: &Arc<Package>,
    submission: &ExampleSubmission,
    tests: &Arc<[Test]>,
    limit_ms: u64,
    compile_ms: u64,
) -> Result<Job, String> {
    let mut files = Vec::new();
    for (name, path) in &submission.files {
        let content = std::fs::read(path).map_err(|error| format!("{UNREADABLE}{name}: {error}"))?;
        files.push((name.clone(), package.substitute(content)));
    }
    Ok(Job {
        submission_id: submission_id(package, &submission.path),
        files,
        language: submission.language.clone(),
        entry_point: submission.entry_point.clone(),
        function: None,
        package: Some(Arc::clone(package)),
        tests: Arc::clone(tests),
        limits: limits_of(package, limit_ms),
        compile_limits: compile_limits(package.compile_ms.unwrap_or(compile_ms), package.compile_memory_bytes),
        stop: StopRule::FirstFail,
    })
}

fn submission_id(package: &Package, path: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{} {path}", package.sha256).as_bytes())
}

impl Row {
    fn shown_expectation(&self) -> String {
        let parts: Vec<_> = self.expected.iter().chain(&self.expected_points).cloned().collect();
        parts.join(" ")
    }

    fn json(&self) -> serde_json::Value {
        let (language, verdict, ok, score, tests, reason) = match &self.outcome {
            Outcome::Report { report, ok, difference } => {
                let tests: Vec<_> = report.tests.iter().map(test_json).collect();
                let mut reason = report.reason.clone();
                if let Some(difference) = difference {
                    reason = if reason.is_empty() { difference.clone() } else { format!("{difference}; {reason}") };
                }
                (Some(&report.language), Some(report.verdict), *ok, report.score, tests, reason)
            }
            Outcome::Failed { reason } => (None, Some(Verdict::JudgeError), None, None, Vec::new(), reason.clone()),
            Outcome::Unsupported { language, reason } => {
                (language.as_ref(), None, None, None, Vec::new(), reason.clone())
            }
        };
        let groups: Vec<_> = match &self.outcome {
            Outcome::Report { report, .. } => report.groups.iter().map(group_json).collect(),
            _ => Vec::new(),
        };
        let cached = match &self.outcome {
            Outcome::Report { report, .. } => report.compile.as_ref().map(|compile| compile.cached),
            _ => None,
        };
        json!({"package": self.package, "submission": self.submission, "language": language, "expected": self.expected,
            "expected_score": self.expected_score, "verdict": verdict, "ok": ok, "score": score, "groups": groups, "tests": tests, "time_limit_ms": self.time_limit_ms, "reason": reason,
            "compile_cached": cached})
    }

    fn add_to(&self, table: &mut comfy_table::Table) {
        let limit = self.time_limit_ms.map(|ms| ms.to_string()).unwrap_or_default();
        match &self.outcome {
            Outcome::Report { report, ok, difference } => {
                let mark = match ok {
                    Some(true) => comfy_table::Cell::new("ok").fg(comfy_table::Color::Green),
                    Some(false) => comfy_table::Cell::new("DIFFERS").fg(comfy_table::Color::Red),
                    None => "".into(),
                };
                let reason = difference
                    .as_ref()
                    .map_or_else(|| report.reason.clone(), |difference| format!("{difference}; {}", report.reason));
                table.add_row(vec![
                    render::harmless(&self.package).into(),
                    render::harmless(&self.submission).into(),
                    (&report.language).into(),
                    self.shown_expectation().into(),
                    render::scored_cell(report.verdict, report.score),
                    mark,
                    render::number(report.max_cpu_ms()),
                    render::number(limit),
                    render::number(render::mib(report.max_memory_bytes())),
                    render::harmless(&reason).into(),
                ]);
            }
            Outcome::Failed { reason } => {
                self.add_plain(table, render::verdict_cell(Verdict::JudgeError), "", "", reason);
            }
            Outcome::Unsupported { language, reason } => {
                let language = language.as_deref().unwrap_or_default();
                self.add_plain(table, "-".into(), language, "unsupported", reason);
            }
        }
    }

    fn add_plain(
        &self,
        table: &mut comfy_table::Table,
        verdict: comfy_table::Cell,
        language: &str,
        mark: &str,
        reason: &str,
    ) {
        table.add_row(vec![
            render::harmless(&self.package).into(),
            render::harmless(&self.submission).into(),
            language.into(),
            self.shown_expectation().into(),
            verdict,
            mark.into(),
            "".into(),
            render::number(self.time_limit_ms.map(|ms| ms.to_string()).unwrap_or_default()),
            "".into(),
            render::harmless(reason).into(),
        ]);
    }
}

/// A group of tests in the documented shape.
pub(super) fn group_json(group: &assay_shared::GroupReport) -> serde_json::Value {
    json!({"name": group.name, "verdict": group.verdict, "score": group.score, "max_score": group.max_score})
}

/// A test in the documented shape.
pub(super) fn test_json(test: &assay_shared::TestReport) -> serde_json::Value {
    let usage = test.usage.as_ref();
    json!({"id": test.id, "verdict": test.verdict, "cpu_ms": usage.map(|usage| usage.cpu_us().div_ceil(1000)),
        "wall_ms": usage.map(|usage| usage.wall_us.div_ceil(1000)),
        "memory_bytes": usage.map(|usage| usage.memory_peak_bytes), "score": test.score,
        "reruns": test.reruns(), "first_verdict": test.first_verdict})
}
