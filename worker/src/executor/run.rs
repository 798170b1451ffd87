//! What every run has: limits, command, a second try where the sandbox failed, and facts in the shape that is stored.

use std::time::Duration;

use assay_sandbox::{Command, End, Error, Outcome};
use assay_shared::{Exit, Limits, Usage};

use super::Place;
use crate::language::Step;

/// How often a run that the sandbox failed is tried before it becomes a judge error.
const TRIES: u32 = 3;

/// Tries what the sandbox failed at again, a bounded number of times. A command that cannot be executed is no accident.
pub(super) fn attempt<T>(place: &mut Place, mut work: impl FnMut(&mut Place) -> Result<T, Error>) -> Result<T, Error> {
    for tries in 1..TRIES {
        match work(place) {
            Err(error) if !error.is_of_the_command() => {
                tracing::warn!(%error, tries, "a run failed in the sandbox; trying again");
            }
            other => return other,
        }
    }
    work(place)
}

pub(super) fn command(step: &Step, args: &[String]) -> Command {
    let argv = step.argv.iter().chain(args).cloned().collect();
    Command { argv, env: step.env.clone(), profile: step.profile }
}

/// The limits of a run for the sandbox; `extra` is what the language's runtime needs beside the program.
pub fn sandbox_limits(limits: &Limits, extra: u64) -> assay_sandbox::Limits {
    assay_sandbox::Limits {
        cpu: Duration::from_millis(limits.cpu_ms),
        cpu_margin: Duration::ZERO,
        wall: Duration::from_millis(limits.wall_ms),
        wall_margin: Duration::ZERO,
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
