//! `assay verify`: every submission of packages, graded and compared with what the package expects.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use assay_shared::{StopRule, SubmissionReport, Verdict};
use clap::Args;
use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::session::{Session, finish, rules};
use super::{Common, Failure, render};
use crate::executor::grader::{Graded, Job, compile_limits, limits_of, tests_of};
use crate::executor::pipeline::Test;
use crate::exit::Exit;
use crate::problem::{ExampleSubmission, Package, TimeLimit};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Packages (directories or zip files), or directories of packages
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
    bad_packages: usize,
}

/// One submission's line.
struct Row {
    package: String,
    submission: String,
    expected: Vec<String>,
    outcome: Outcome,
    time_limit_ms: Option<u64>,
}

enum Outcome {
    Report { report: Box<SubmissionReport>, difference: Option<String> },
    Unsupported { language: Option<String>, reason: String },
}

pub(super) async fn run(options: Options) -> Result<Exit, Failure> {
    let started = Instant::now();
    let mut tally = Tally::default();
    let mut packages = Vec::new();
    for path in &options.packages {
        match Package::find(path) {
            Ok(found) => {
                for path in found {
                    load(&path, &mut packages, &mut tally);
                }
            }
            Err(error) => bad_package(&error, &mut tally),
        }
    }
    if packages.is_empty() {
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
                progress.suspend(|| render::line(&row.json().to_string()));
            } else {
                row.add_to(&mut table);
            }
        }
    }
    progress.finish_and_clear();
    let Session { grader, store, worker } = session;
    finish(grader, &store, &worker, &batch, tally.judge_errors == 0).await?;
    let wall_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    if options.common.json {
        let summary = json!({"summary": {"submissions": tally.submissions, "ok": tally.ok, "differ": tally.differ,
            "unsupported": tally.unsupported, "judge_errors": tally.judge_errors, "bad_packages": tally.bad_packages, "wall_ms": wall_ms}});
        render::line(&summary.to_string());
    } else {
        render::line(&table.to_string());
        render::line(&format!(
            "\n{} submissions: {} as expected, {} differ, {} unsupported, {} judge errors; {} packages could not be read; {}.{} s",
            tally.submissions,
            tally.ok,
            tally.differ,
            tally.unsupported,
            tally.judge_errors,
            tally.bad_packages,
            wall_ms / 1000,
            wall_ms % 1000 / 100
        ));
    }
    let fine = tally.differ == 0 && tally.judge_errors == 0 && tally.bad_packages == 0;
    Ok(if fine { Exit::Fine } else { Exit::Difference })
}

fn load(path: &std::path::Path, packages: &mut Vec<Package>, tally: &mut Tally) {
    match Package::load(path) {
        Ok(package) => {
            for warning in &package.warnings {
                tracing::info!(package = package.id, "{warning}");
            }
            packages.push(package);
        }
        Err(error) => bad_package(&error, tally),
    }
}

fn bad_package(error: &crate::problem::PackageError, tally: &mut Tally) {
    tally.bad_packages += 1;
    render::note(&format!("assay: {error}"));
}

fn count(row: &Row, tally: &mut Tally) {
    tally.submissions += 1;
    match &row.outcome {
        Outcome::Unsupported { .. } => tally.unsupported += 1,
        Outcome::Report { report, .. } if report.verdict == Verdict::JudgeError => tally.judge_errors += 1,
        Outcome::Report { difference: None, .. } => tally.ok += 1,
        Outcome::Report { .. } => tally.differ += 1,
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
        TimeLimit::Explicit { ms, .. } => *ms,
        TimeLimit::Calibrated { multiplier, resolution_ms } => {
            let bounding: Vec<usize> =
                (0..package.submissions.len()).filter(|index| package.submissions[*index].bounds_time_limit).collect();
            grade_some(session, batch, &package, &tests, &bounding, calibration_ms, &mut graded, None).await?;
            let reports = bounding.iter().filter_map(|index| match &graded[*index] {
                Some(Graded::Report(report)) => Some(report),
                _ => None,
            });
            let slowest = reports
                .flat_map(|report| report.tests.iter())
                .filter(|test| !matches!(test.verdict, Verdict::TimeLimit | Verdict::IdleLimit))
                .filter_map(|test| test.usage.as_ref().map(assay_shared::Usage::cpu_us))
                .max()
                .unwrap_or(0);
            let limit_ms = TimeLimit::from_slowest(*multiplier, *resolution_ms, slowest).max(1000);
            for index in bounding {
                if let Some(Graded::Report(report)) = &mut graded[index] {
                    report.cpu_limit_ms = limit_ms;
                    if report.tests.iter().any(|test| matches!(test.verdict, Verdict::TimeLimit | Verdict::IdleLimit)) {
                        continue;
                    }
                    session
                        .record(batch, &format!("{}/{}", package.id, package.submissions[index].path), report)
                        .await?;
                    progress.inc(1);
                }
            }
            limit_ms
        }
    };
    let open: Vec<usize> = (0..graded.len())
        .filter(|index| match &graded[*index] {
            None => true,
            // Too slow even for the calibration: what counts is what it does under the limit.
            Some(Graded::Report(report)) => {
                report.tests.iter().any(|test| matches!(test.verdict, Verdict::TimeLimit | Verdict::IdleLimit))
            }
            Some(Graded::Refused { .. }) => false,
        })
        .collect();
    grade_some(session, batch, &package, &tests, &open, limit_ms, &mut graded, Some(progress)).await?;
    Ok(package
        .submissions
        .iter()
        .zip(graded)
        .map(|(submission, graded)| {
            let outcome = match graded {
                Some(Graded::Report(report)) => {
                    let tests: Vec<_> = report.tests.iter().map(|test| (test.id.clone(), test.verdict)).collect();
                    let difference = submission.expectation.check(report.verdict, &tests).err();
                    Outcome::Report { report, difference }
                }
                Some(Graded::Refused { language, reason }) => Outcome::Unsupported { language, reason },
                None => Outcome::Unsupported { language: None, reason: "was not graded".to_owned() },
            };
            row(submission, outcome, Some(limit_ms))
        })
        .collect())
}

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
        let mut job = match job_of(package, submission, tests, limit_ms) {
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
) -> Result<Job, String> {
    let mut files = Vec::new();
    for (name, path) in &submission.files {
        let content = std::fs::read(path).map_err(|error| format!("{name}: {error}"))?;
        files.push((name.clone(), package.substitute(content)));
    }
    Ok(Job {
        submission_id: submission_id(package, &submission.path),
        files,
        language: submission.language.clone(),
        entry_point: submission.entry_point.clone(),
        package: Some(Arc::clone(package)),
        tests: Arc::clone(tests),
        limits: limits_of(package, limit_ms),
        compile_limits: compile_limits(package.compile_ms, package.compile_memory_bytes),
        stop: StopRule::FirstFail,
    })
}

fn submission_id(package: &Package, path: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{} {path}", package.sha256).as_bytes())
}

impl Row {
    fn json(&self) -> serde_json::Value {
        let (language, verdict, ok, score, tests, reason) = match &self.outcome {
            Outcome::Report { report, difference } => {
                let tests: Vec<_> = report.tests.iter().map(test_json).collect();
                let mut reason = report.reason.clone();
                if let Some(difference) = difference {
                    reason = if reason.is_empty() { difference.clone() } else { format!("{difference}; {reason}") };
                }
                (Some(&report.language), Some(report.verdict), Some(difference.is_none()), report.score, tests, reason)
            }
            Outcome::Unsupported { language, reason } => {
                (language.as_ref(), None, None, None, Vec::new(), reason.clone())
            }
        };
        json!({"package": self.package, "submission": self.submission, "language": language, "expected": self.expected,
            "verdict": verdict, "ok": ok, "score": score, "tests": tests, "time_limit_ms": self.time_limit_ms, "reason": reason})
    }

    fn add_to(&self, table: &mut comfy_table::Table) {
        let limit = self.time_limit_ms.map(|ms| ms.to_string()).unwrap_or_default();
        match &self.outcome {
            Outcome::Report { report, difference } => {
                let mark =
                    if difference.is_none() { render::coloured("ok", "32") } else { render::coloured("DIFFERS", "31") };
                let reason = difference
                    .as_ref()
                    .map_or_else(|| report.reason.clone(), |difference| format!("{difference}; {}", report.reason));
                table.add_row(vec![
                    (&self.package).into(),
                    (&self.submission).into(),
                    (&report.language).into(),
                    self.expected.join(" ").into(),
                    comfy_table::Cell::new(render::verdict(report.verdict)),
                    mark.into(),
                    render::number(report.max_cpu_ms()),
                    render::number(limit),
                    render::number(render::mib(report.max_memory_bytes())),
                    render::harmless(&reason).into(),
                ]);
            }
            Outcome::Unsupported { language, reason } => {
                let language = language.clone().unwrap_or_default();
                table.add_row(vec![
                    self.package.clone(),
                    self.submission.clone(),
                    language,
                    self.expected.join(" "),
                    "-".to_owned(),
                    "unsupported".to_owned(),
                    String::new(),
                    limit,
                    String::new(),
                    render::harmless(reason),
                ]);
            }
        }
    }
}

/// A test in the documented shape.
pub(super) fn test_json(test: &assay_shared::TestReport) -> serde_json::Value {
    let usage = test.usage.as_ref();
    json!({"id": test.id, "verdict": test.verdict, "cpu_ms": usage.map(|usage| usage.cpu_us().div_ceil(1000)),
        "wall_ms": usage.map(|usage| usage.wall_us.div_ceil(1000)),
        "memory_bytes": usage.map(|usage| usage.memory_peak_bytes), "score": test.score})
}
