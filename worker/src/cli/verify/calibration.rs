//! The time limit of a package that stores none: by the submissions that must not exceed it.

use std::sync::Arc;

use assay_shared::{Usage, Verdict};

use super::{Failure, Graded, Package, Session, Test, grade_some, is_slow, submission_id, warn};

/// The limit that an interrupted run had calibrated: all that it recorded was graded under it.
pub(super) async fn recorded_limit(session: &Session, batch: &str, package: &Package) -> Result<Option<u64>, Failure> {
    for submission in &package.submissions {
        if let Some(report) = session.recorded(batch, submission_id(package, &submission.path)).await? {
            return Ok(Some(report.cpu_limit_ms));
        }
    }
    Ok(None)
}

/// Measures the submissions that must not exceed the time limit. `Err` is why there can be none; the reports that say so
/// stay in `graded`.
pub(super) async fn calibrate(
    session: &Session,
    batch: &str,
    package: &Arc<Package>,
    tests: &Arc<[Test]>,
    calibration_ms: u64,
    graded: &mut [Option<Graded>],
    scale: impl Fn(u64) -> u64,
) -> Result<Result<u64, String>, Failure> {
    let measures =
        |index: usize, test: &str| package.submissions[index].expectation.bounds_time_limit_of(test, package.format);
    let bounding: Vec<usize> =
        (0..graded.len()).filter(|index| package.tests.iter().any(|test| measures(*index, &test.id))).collect();
    if bounding.is_empty() {
        return Ok(Err("no time limit is stored, and there is no submission to calibrate one by; \
            put limits.time_limit into problem.yaml"
            .to_owned()));
    }
    for &index in &bounding {
        let some: Arc<[Test]> = tests.iter().filter(|test| measures(index, &test.id)).cloned().collect();
        grade_some(session, batch, package, &some, &[index], calibration_ms, graded, None).await?;
    }
    let (mut times, mut missing, mut trouble) = (Vec::new(), Vec::new(), Vec::new());
    for &index in &bounding {
        let path = &package.submissions[index].path;
        match &graded[index] {
            Some(Graded::Report(report)) if report.verdict == Verdict::JudgeError => {
                return Ok(Err(format!(
                    "the time limit cannot be calibrated: the judge failed at {path}: {}",
                    report.reason
                )));
            }
            Some(Graded::Report(report)) => {
                let ran = report.tests.iter().filter(|test| !is_slow(test.verdict));
                let before = times.len();
                times.extend(ran.filter_map(|test| Some((test.usage.as_ref()?.cpu_us(), index, test.id.clone()))));
                if times.len() == before {
                    trouble.push(format!("{path} got {}", report.verdict));
                }
            }
            Some(Graded::Refused { reason, .. }) => {
                missing.push(path.as_str());
                trouble.push(format!("{path}: {reason}"));
            }
            None => {}
        }
    }
    times.sort_by_key(|(us, ..)| std::cmp::Reverse(*us));
    if times.is_empty() {
        return Ok(Err(format!(
            "the time limit cannot be calibrated: {}; put limits.time_limit into problem.yaml",
            trouble.join("; ")
        )));
    }
    if !missing.is_empty() {
        let text = format!("the time limit is calibrated without {}, which cannot be graded here", missing.join(", "));
        warn(package, &text);
    }
    // Runs beside each other take more time than alone. The slowest runs again by themselves until what is left could not
    // be slower, or nothing would change.
    let mut alone = 0;
    let mut again = times.into_iter();
    for _ in 0..5 {
        let Some((us, index, test)) = again.next() else { return Ok(Ok(scale(alone))) };
        if scale(us.max(alone)) == scale(alone) {
            return Ok(Ok(scale(alone)));
        }
        let one: Arc<[Test]> = tests.iter().filter(|other| other.id == test).cloned().collect();
        let mut result: Vec<Option<Graded>> = graded.iter().map(|_| None).collect();
        grade_some(session, batch, package, &one, &[index], calibration_ms, &mut result, None).await?;
        alone = alone.max(match &result[index] {
            Some(Graded::Report(report)) => report
                .tests
                .iter()
                .filter(|test| !is_slow(test.verdict))
                .find_map(|test| test.usage.as_ref())
                .map_or(us, Usage::cpu_us),
            _ => us,
        });
    }
    let next = again.next().map_or(0, |(us, ..)| us);
    Ok(Ok(scale(alone.max(next))))
}
