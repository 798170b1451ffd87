//! From the facts of a run to a verdict: pure functions, no input or output.

pub mod compare;
pub mod value;

use assay_sandbox::{End, ForbiddenCall, Outcome, Stopped};
use assay_shared::{Limits, Verdict};

/// A verdict with its reason in a phrase, which is empty for `AC`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    pub verdict: Verdict,
    pub reason: String,
}

impl Judgement {
    /// Accepted.
    pub const fn accepted() -> Self {
        Self { verdict: Verdict::Accepted, reason: String::new() }
    }

    fn new(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self { verdict, reason: reason.into() }
    }
}

/// What the run itself says, before the output is looked at; `None` if nothing speaks against it. The order is the rule of
/// precedence: forbidden call, memory, output, CPU time, wall time, crash.
pub fn of_run(outcome: &Outcome, limits: &Limits) -> Option<Judgement> {
    let usage = &outcome.usage;
    if let Some(ForbiddenCall { number, name, foreign }) = &outcome.forbidden_call {
        let reason = match name {
            _ if *foreign => format!("killed for the forbidden system call {number} of another architecture"),
            // A signal came in between.
            None if *number < 0 => "killed for a forbidden system call".to_owned(),
            None => format!("killed for the forbidden system call {number}"),
            Some(name) => format!("killed for the forbidden system call {name} ({number})"),
        };
        return Some(Judgement::new(Verdict::RuntimeError, reason));
    }
    if usage.oom_kills > 0 {
        return Some(Judgement::new(
            Verdict::MemoryLimit,
            format!("more memory than {} MiB", limits.memory_bytes >> 20),
        ));
    }
    if outcome.stopped == Some(Stopped::Output) || outcome.stdout.truncated {
        return Some(Judgement::new(Verdict::OutputLimit, format!("more output than {} bytes", limits.stdout_bytes)));
    }
    if outcome.stopped == Some(Stopped::Cpu) || usage.cpu_us() > limits.cpu_ms * 1000 {
        return Some(Judgement::new(Verdict::TimeLimit, format!("more CPU time than {} ms", limits.cpu_ms)));
    }
    if outcome.stopped == Some(Stopped::Wall) {
        return Some(Judgement::new(Verdict::IdleLimit, format!("still running after {} ms", limits.wall_ms)));
    }
    match outcome.end {
        End::Code(0) => None,
        End::Code(code) => Some(Judgement::new(Verdict::RuntimeError, format!("exit code {code}"))),
        // A program may send itself this signal, and so does the kernel where no listener names the call, or for another
        // architecture's: nothing tells them apart.
        End::Signal(libc_signal::SIGSYS) => Some(Judgement::new(
            Verdict::RuntimeError,
            "killed by signal 31 (SIGSYS), its own or that of a forbidden system call".to_owned(),
        )),
        End::Signal(signal) => Some(Judgement::new(
            Verdict::RuntimeError,
            format!("killed by signal {signal} ({})", libc_signal::name(signal)),
        )),
    }
}

/// The signals a program dies of, by the numbers of x86-64 and aarch64 (signal(7)).
pub mod libc_signal {
    /// Bad system call: the filter's.
    pub const SIGSYS: i32 = 31;

    /// The name of a signal.
    pub const fn name(signal: i32) -> &'static str {
        match signal {
            1 => "SIGHUP",
            2 => "SIGINT",
            3 => "SIGQUIT",
            4 => "SIGILL",
            5 => "SIGTRAP",
            6 => "SIGABRT",
            7 => "SIGBUS",
            8 => "SIGFPE",
            9 => "SIGKILL",
            10 => "SIGUSR1",
            11 => "SIGSEGV",
            12 => "SIGUSR2",
            13 => "SIGPIPE",
            14 => "SIGALRM",
            15 => "SIGTERM",
            24 => "SIGXCPU",
            25 => "SIGXFSZ",
            SIGSYS => "SIGSYS",
            _ => "another signal",
        }
    }
}

#[cfg(test)]
mod tests {
    use assay_sandbox::{Captured, End, ForbiddenCall, Outcome, Stopped, Usage};
    use assay_shared::{Limits, Verdict};

    use super::of_run;

    fn outcome(end: End, stopped: Option<Stopped>, change: impl FnOnce(&mut Usage)) -> Outcome {
        let mut usage = Usage::default();
        change(&mut usage);
        let (stdout, stderr) = (Captured::default(), Captured::default());
        Outcome { end, stopped, forbidden_call: None, usage, stdout, stderr, setup_us: 0, teardown_us: 0 }
    }

    fn forbidden(outcome: Outcome) -> Outcome {
        let call = ForbiddenCall { number: 101, name: None, foreign: false };
        Outcome { forbidden_call: Some(call), ..outcome }
    }

    #[test]
    fn the_rule_of_precedence_holds() {
        let limits = Limits { cpu_ms: 1000, wall_ms: 3000, ..Limits::default() };
        let cases = [
            (outcome(End::Code(0), None, |_| {}), None),
            (outcome(End::Code(1), None, |_| {}), Some(Verdict::RuntimeError)),
            (forbidden(outcome(End::Signal(31), None, |usage| usage.oom_kills = 1)), Some(Verdict::RuntimeError)),
            // It may have sent itself that signal.
            (outcome(End::Signal(31), None, |usage| usage.oom_kills = 1), Some(Verdict::MemoryLimit)),
            (outcome(End::Signal(31), None, |_| {}), Some(Verdict::RuntimeError)),
            (outcome(End::Code(0), None, |usage| usage.oom_kills = 1), Some(Verdict::MemoryLimit)),
            (
                outcome(End::Signal(9), Some(Stopped::Output), |usage| usage.cpu_user_us = 2_000_000),
                Some(Verdict::OutputLimit),
            ),
            (outcome(End::Code(0), None, |usage| usage.cpu_user_us = 1_000_001), Some(Verdict::TimeLimit)),
            (outcome(End::Code(0), None, |usage| usage.cpu_user_us = 1_000_000), None),
            (outcome(End::Signal(9), Some(Stopped::Wall), |_| {}), Some(Verdict::IdleLimit)),
            (outcome(End::Code(137), None, |_| {}), Some(Verdict::RuntimeError)),
            (outcome(End::Signal(9), None, |_| {}), Some(Verdict::RuntimeError)),
        ];
        for (outcome, expected) in cases {
            assert_eq!(of_run(&outcome, &limits).map(|judgement| judgement.verdict), expected, "{outcome:?}");
        }
    }
}
