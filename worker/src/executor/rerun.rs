//! Results within the noise of a time limit: such a run is made once more, with nothing beside it, and that one counts.
//!
//! A first run goes on beyond its limits by the margin of noise. So one that ends there is told from one that would go on for
//! ever, which is no matter of noise. The second is held to the limits as they are.

use std::time::Duration;

use assay_sandbox::{Outcome, Stopped};
use assay_shared::{Limits, Verdict};

use super::Company;
use super::run::sandbox_limits;
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

    /// Whether this run should be made again. One that ended beyond its limit of wall time is held to it then.
    pub(super) fn is_near(self, outcome: &mut Outcome, limits: &Limits) -> bool {
        // What had to be stopped went on beyond the margin.
        if self != Self::First || matches!(outcome.stopped, Some(Stopped::Cpu | Stopped::Wall)) {
            return false;
        }
        let usage = &outcome.usage;
        let wall_us = usage.wall_us.saturating_sub(usage.waited_us);
        let is_near = is_near(usage.cpu_us(), limits.cpu_ms) || is_near(wall_us, limits.wall_ms);
        if outcome.stopped.is_none() && wall_us > limits.wall_ms.saturating_mul(1000) {
            outcome.stopped = Some(Stopped::Wall);
        }
        is_near
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
    pub(super) is_near: bool,
}

/// Makes a run, and if its result is near a time limit a second one; without `reruns` only one. Returns what counts, and the
/// first one's verdict if there was a second.
///
/// # Errors
/// The judge failed at either of them.
pub(super) fn decided<T>(
    reruns: Option<&Reruns>,
    mut run: impl FnMut(Turn) -> Result<Ran<T>, String>,
) -> Result<(T, Option<Verdict>), String> {
    let Some(reruns) = reruns else { return Ok((run(Turn::Only)?.what, None)) };
    let first = run(Turn::First)?;
    if !first.is_near {
        return Ok((first.what, None));
    }
    let second = run(Turn::Second).map_err(|reason| format!("near the time limit, in the second run: {reason}"))?;
    reruns.count(first.verdict != second.verdict);
    Ok((second.what, Some(first.verdict)))
}

#[cfg(test)]
mod tests {
    use assay_sandbox::{Captured, End, Outcome, Stopped, Usage};
    use assay_shared::{Limits, Verdict};

    use super::super::run::sandbox_limits;
    use super::{Ran, Turn, decided};
    use crate::metrics::Reruns;

    fn outcome(cpu_us: u64, wall_us: u64, stopped: Option<Stopped>) -> Outcome {
        let usage = Usage { cpu_user_us: cpu_us, wall_us, waited_us: 1_000_000, ..Usage::default() };
        let (stdout, stderr) = (Captured::default(), Captured::default());
        Outcome { end: End::Code(0), stopped, forbidden_call: None, usage, stdout, stderr, setup_us: 0, teardown_us: 0 }
    }

    #[test]
    fn near_is_within_the_margin_on_either_side_of_either_limit() {
        let limits = Limits { cpu_ms: 1000, wall_ms: 3000, ..Limits::default() };
        let is_near = |cpu_us, wall_us| Turn::First.is_near(&mut outcome(cpu_us, wall_us, None), &limits);
        for (cpu_us, near) in [(949_999, false), (950_000, true), (1_050_000, true), (1_050_001, false), (0, false)] {
            assert_eq!(is_near(cpu_us, 1_500_000), near, "{cpu_us}");
        }
        for (wall_us, near) in [(3_849_999, false), (3_850_000, true), (4_150_000, true), (0, false)] {
            assert_eq!(is_near(0, wall_us), near, "{wall_us}");
        }
        let mut late = outcome(0, 4_000_001, None);
        assert!(Turn::First.is_near(&mut late, &limits));
        assert_eq!(late.stopped, Some(Stopped::Wall));
        assert!(!Turn::First.is_near(&mut outcome(1_000_000, 0, Some(Stopped::Cpu)), &limits));
        for turn in [Turn::Only, Turn::Second] {
            assert!(!turn.is_near(&mut outcome(1_000_000, 0, None), &limits));
            assert_eq!(turn.sandbox_limits(&limits, 7), sandbox_limits(&limits, 7));
        }
    }

    #[test]
    fn the_second_run_counts_and_its_failure_is_the_judges() {
        let ran = |verdict, is_near| Ok(Ran { what: verdict, verdict, is_near });
        let reruns = Reruns::default();
        let run = |turn| match turn {
            Turn::First => ran(Verdict::TimeLimit, true),
            _ => ran(Verdict::Accepted, false),
        };
        assert_eq!(decided(Some(&reruns), run), Ok((Verdict::Accepted, Some(Verdict::TimeLimit))));
        assert_eq!(decided(None, run), Ok((Verdict::Accepted, None)));
        assert_eq!(decided(Some(&reruns), |_| ran(Verdict::WrongAnswer, false)), Ok((Verdict::WrongAnswer, None)));
        let failed = decided(Some(&reruns), |turn| match turn {
            Turn::First => ran(Verdict::Accepted, true),
            _ => Err("no sandbox".to_owned()),
        });
        assert!(failed.is_err_and(|reason| reason.contains("second run") && reason.contains("no sandbox")));
    }
}
