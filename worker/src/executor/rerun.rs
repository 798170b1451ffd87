//! Results within the noise of a time limit: a run that would be accepted but for that is made once more, with nothing beside it, and
//! that one counts.
//!
//! A first run goes on beyond its limits by the margin of noise. So one that ends there is told from one that would go on for
//! ever, which is no matter of noise. The second is held to the limits as they are.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use assay_sandbox::{Outcome, Stopped};
use assay_shared::{Limits, Verdict};

use super::Company;
use super::run::sandbox_limits;
use crate::judge::{self, Judgement};
use crate::metrics::Reruns;

/// How far from a time limit a result is beyond noise: so much of the limit, and never less than so many milliseconds.
/// `docs/performance.md` has what was measured.
const MARGIN_PERCENT: u64 = 5;
const LEAST_MARGIN_MS: u64 = 10;

/// The margin of a time limit, on either side of it; both in milliseconds. At most half of it: what takes next to no time is not near.
pub const fn margin_ms(limit_ms: u64) -> u64 {
    let share = limit_ms.saturating_mul(MARGIN_PERCENT) / 100;
    let margin = if share > LEAST_MARGIN_MS { share } else { LEAST_MARGIN_MS };
    if margin > limit_ms / 2 { limit_ms / 2 } else { margin }
}

/// Which run of a test it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// There is no second one, whatever comes of it.
    Only,
    /// There is a second one if this comes near a time limit.
    First,
    Second,
}

impl Turn {
    pub(super) const fn company(self) -> Company {
        match self {
            Self::Only | Self::First => Company::Others,
            Self::Second => Company::Nobody,
        }
    }

    /// The limits of the run for the sandbox; `extra` is what the language's runtime needs beside the program.
    pub(super) fn sandbox_limits(self, limits: &Limits, extra: u64) -> assay_sandbox::Limits {
        let margin = |limit_ms| Duration::from_millis(if self == Self::First { margin_ms(limit_ms) } else { 0 });
        let (cpu_margin, wall_margin) = (margin(limits.cpu_ms), margin(limits.wall_ms));
        assay_sandbox::Limits { cpu_margin, wall_margin, ..sandbox_limits(limits, extra) }
    }

    /// What a run itself says, by the limits as they are, and whether that is a matter of noise: it came near a time limit, and by
    /// limits that are the margin wider nothing speaks against it.
    pub(super) fn judge(self, outcome: &mut Outcome, limits: &Limits) -> (Option<Judgement>, bool) {
        // What had to be stopped went on beyond the margin.
        if self != Self::First || matches!(outcome.stopped, Some(Stopped::Cpu | Stopped::Wall)) {
            return (judge::of_run(outcome, limits), false);
        }
        let usage = &outcome.usage;
        let wall_us = usage.wall_us.saturating_sub(usage.waited_us);
        let is_near = is_near(usage.cpu_us(), limits.cpu_ms) || is_near(wall_us, limits.wall_ms);
        let wider = Limits { cpu_ms: limits.cpu_ms.saturating_add(margin_ms(limits.cpu_ms)), ..limits.clone() };
        let undecided = is_near && judge::of_run(outcome, &wider).is_none();
        // It ended beyond its limit of wall time.
        if outcome.stopped.is_none() && wall_us > limits.wall_ms.saturating_mul(1000) {
            outcome.stopped = Some(Stopped::Wall);
        }
        (judge::of_run(outcome, limits), undecided)
    }
}

/// So many second runs a submission may have. Without a bound one that stays near its limit would keep all slots waiting.
const MOST: u32 = 16;

/// The second runs of a submission. Clones are the same.
#[derive(Clone, Debug)]
pub struct SecondRuns {
    counted: Reruns,
    left: Arc<AtomicU32>,
}

impl SecondRuns {
    pub(super) fn new(counted: Reruns) -> Self {
        Self { counted, left: Arc::new(AtomicU32::new(MOST)) }
    }

    fn take(&self) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

/// Whether a time in microseconds is within the margin of this limit.
pub const fn is_near(us: u64, limit_ms: u64) -> bool {
    us.abs_diff(limit_ms.saturating_mul(1000)) <= margin_ms(limit_ms).saturating_mul(1000)
}

/// What a run came to.
pub(super) struct Ran<T> {
    pub(super) what: T,
    pub(super) verdict: Verdict,
    /// Whether it would be accepted but for its time, which is within the noise of a limit.
    pub(super) is_near: bool,
}

/// Makes a run, and if its result is near a time limit, and still needed, a second one; without `second_runs` only one. Returns what
/// counts, and the first one's verdict if there was a second.
///
/// # Errors
/// The judge failed at either of them.
pub(super) fn decided<T>(
    second_runs: Option<&SecondRuns>,
    is_needed: &dyn Fn() -> bool,
    mut run: impl FnMut(Turn) -> Result<Ran<T>, String>,
) -> Result<(T, Option<Verdict>), String> {
    let Some(second_runs) = second_runs.filter(|second_runs| second_runs.left.load(Ordering::Relaxed) > 0) else {
        return Ok((run(Turn::Only)?.what, None));
    };
    let first = run(Turn::First)?;
    if !first.is_near || !is_needed() || !second_runs.take() {
        return Ok((first.what, None));
    }
    let second = run(Turn::Second).map_err(|reason| format!("near the time limit, in the second run: {reason}"))?;
    second_runs.counted.count(first.verdict != second.verdict);
    Ok((second.what, Some(first.verdict)))
}

#[cfg(test)]
mod tests {
    use assay_sandbox::{Captured, End, Outcome, Stopped, Usage};
    use assay_shared::{Limits, Verdict};

    use super::super::run::sandbox_limits;
    use super::{Ordering, Ran, SecondRuns, Turn, decided};
    use crate::metrics::Reruns;

    fn outcome(cpu_us: u64, wall_us: u64, stopped: Option<Stopped>) -> Outcome {
        let usage = Usage { cpu_user_us: cpu_us, wall_us, waited_us: 1_000_000, ..Usage::default() };
        let (stdout, stderr) = (Captured::default(), Captured::default());
        Outcome { end: End::Code(0), stopped, forbidden_call: None, usage, stdout, stderr, setup_us: 0, teardown_us: 0 }
    }

    #[test]
    fn near_is_within_the_margin_on_either_side_of_either_limit() {
        let limits = Limits { cpu_ms: 1000, wall_ms: 3000, ..Limits::default() };
        let is_near = |cpu_us, wall_us| Turn::First.judge(&mut outcome(cpu_us, wall_us, None), &limits).1;
        for (cpu_us, near) in [(949_999, false), (950_000, true), (1_050_000, true), (1_050_001, false), (0, false)] {
            assert_eq!(is_near(cpu_us, 1_500_000), near, "{cpu_us}");
        }
        for (wall_us, near) in [(3_849_999, false), (3_850_000, true), (4_150_000, true), (0, false)] {
            assert_eq!(is_near(0, wall_us), near, "{wall_us}");
        }
        let said = |mut outcome: Outcome| {
            let (judgement, undecided) = Turn::First.judge(&mut outcome, &limits);
            (judgement.map(|judgement| judgement.verdict), undecided)
        };
        assert_eq!(said(outcome(0, 4_000_001, None)), (Some(Verdict::IdleLimit), true));
        assert_eq!(said(outcome(1_000_001, 0, None)), (Some(Verdict::TimeLimit), true));
        assert_eq!(said(outcome(1_000_000, 0, Some(Stopped::Cpu))), (Some(Verdict::TimeLimit), false));
        // One that failed gets no second chance.
        assert_eq!(
            said(Outcome { end: End::Code(1), ..outcome(990_000, 0, None) }),
            (Some(Verdict::RuntimeError), false)
        );
        assert_eq!(
            said(Outcome { end: End::Code(1), ..outcome(1_010_000, 0, None) }),
            (Some(Verdict::TimeLimit), false)
        );
        for turn in [Turn::Only, Turn::Second] {
            assert!(!turn.judge(&mut outcome(1_000_000, 0, None), &limits).1);
            assert_eq!(turn.sandbox_limits(&limits, 7), sandbox_limits(&limits, 7));
        }
        assert_eq!((super::margin_ms(1000), super::margin_ms(100), super::margin_ms(10)), (50, 10, 5));
    }

    #[test]
    fn the_second_run_counts_and_its_failure_is_the_judges() {
        let ran = |verdict, is_near| Ok(Ran { what: verdict, verdict, is_near });
        let reruns = SecondRuns::new(Reruns::default());
        let needed = &|| true;
        let run = |turn| match turn {
            Turn::First => ran(Verdict::TimeLimit, true),
            _ => ran(Verdict::Accepted, false),
        };
        assert_eq!(decided(Some(&reruns), needed, run), Ok((Verdict::Accepted, Some(Verdict::TimeLimit))));
        assert_eq!(decided(None, needed, run), Ok((Verdict::Accepted, None)));
        assert_eq!(
            decided(Some(&reruns), needed, |_| ran(Verdict::WrongAnswer, false)),
            Ok((Verdict::WrongAnswer, None))
        );
        let failed = decided(Some(&reruns), needed, |turn| match turn {
            Turn::First => ran(Verdict::Accepted, true),
            _ => Err("no sandbox".to_owned()),
        });
        assert!(failed.is_err_and(|reason| reason.contains("second run") && reason.contains("no sandbox")));
        // Nobody asks for it any more.
        assert_eq!(decided(Some(&reruns), &|| false, run), Ok((Verdict::TimeLimit, None)));
        while decided(Some(&reruns), needed, run) == Ok((Verdict::Accepted, Some(Verdict::TimeLimit))) {}
        assert_eq!(reruns.left.load(Ordering::Relaxed), 0);
    }
}
