//! Canaries: small programs of the host whose end shows that a mechanism works.

use std::collections::BTreeSet;
use std::time::Duration;

use assay_sandbox::{Command, End, Error, Image, Input, Limits, Outcome, Profile, Runtime, Slot, Stopped, View};

use super::traces::traces;
use super::{Check, host};

pub(super) fn checks() -> Vec<Check> {
    let mut checks = Vec::new();
    let view = View { image: Image::Host, read_only: Vec::new() };
    let started = Runtime::new(view).and_then(|runtime| Ok((runtime.slot(0, None)?, runtime)));
    let (mut slot, runtime) = match started {
        Ok(started) => started,
        Err(error) => {
            checks.push(Check::new("sandbox", Some(false), error.to_string(), ""));
            return checks;
        }
    };
    let before = traces();
    let mut canary = |name, wall_ms, argv: &[&str], expected: fn(&Outcome) -> bool| {
        let (holds, found) = match try_run(&mut slot, wall_ms, argv) {
            Ok(outcome) => (expected(&outcome), describe(&outcome)),
            Err(error) => (false, error.to_string()),
        };
        checks.push(Check::new(name, Some(holds), found, ""));
    };
    canary("a program runs", 5000, &["/bin/true"], |outcome| outcome.end == End::Code(0));
    canary("memory is limited", 10_000, &["/usr/bin/tail", "/dev/zero"], |outcome| {
        outcome.usage.oom_kills > 0 && outcome.usage.memory_limit_reached
    });
    canary("processes are limited", 500, &["/bin/sh", "-c", "f(){ f|f& wait; }; f; sleep 5"], |outcome| {
        outcome.usage.pids_limit_hits > 0 || outcome.usage.pids_peak == Some(PIDS.into())
    });
    canary("idle programs are stopped", 200, &["/bin/sleep", "60"], |outcome| outcome.stopped == Some(Stopped::Wall));
    canary("forbidden calls kill", 5000, &["/usr/bin/unshare", "--user", "/bin/true"], |outcome| {
        outcome.end == End::Signal(31)
    });
    // A file that may not be read would be another matter than one that is not there, and /etc/passwd shows that cat works.
    let script = "cat /etc/passwd >/dev/null && for f in /etc/shadow /etc/hostname /root /home /var/log; do \
                  if [ -e $f ] || [ -L $f ]; then exit 1; fi; done && case $(cat /etc/shadow 2>&1) in \
                  *'No such file'*) ;; *) exit 2;; esac";
    canary("files of the host are not there", 5000, &["/bin/sh", "-c", script], |outcome| outcome.end == End::Code(0));
    checks.push(core_dumps(&mut slot));
    checks.push(leftovers(slot.close().and_then(|()| runtime.close()), &before));
    checks
}

/// How much longer a crash may take than another end before a crash handler is suspected: those that are known take a tenth of a
/// second and more.
const HANDLER: Duration = Duration::from_millis(50);

/// A kernel gives core dumps to a program of the host if it is told so, for every crash. Not for those of programs here, whose
/// RLIMIT_CORE is 1 (core(5)), and that is tried.
fn core_dumps(slot: &mut Slot) -> Check {
    let name = "core dumps";
    let pattern = host::read("/proc/sys/kernel/core_pattern");
    if !pattern.starts_with(['|', '@']) {
        return Check::new(name, Some(true), "none is made", "");
    }
    let mut quickest = |script: &str, end: End| -> Result<Duration, String> {
        let mut times = Vec::new();
        for _ in 0..3 {
            let outcome = try_run(slot, 5000, &["/bin/sh", "-c", script]).map_err(|error| error.to_string())?;
            if outcome.end != end {
                return Err(describe(&outcome));
            }
            times.push(Duration::from_micros(outcome.usage.wall_us + outcome.teardown_us));
        }
        Ok(times.into_iter().min().unwrap_or_default())
    };
    let times = quickest("exit 0", End::Code(0))
        .and_then(|usual| Ok((usual, quickest("kill -ABRT $$; sleep 1", End::Signal(6))?)));
    let mend = "programs that crash should not start it: sysctl -w kernel.core_pattern=core";
    match times {
        Err(found) => Check::new(name, None, format!("a handler is set, and a crash cannot be tried: {found}"), mend),
        Ok((usual, crash)) => {
            let quick = crash < usual * 2 + HANDLER;
            let found = format!(
                "the host's handler is {}: a crash takes {:.1} ms, another end {:.1} ms",
                if quick { "not started" } else { "started, it seems" },
                crash.as_secs_f64() * 1000.0,
                usual.as_secs_f64() * 1000.0,
            );
            Check::new(name, quick.then_some(true), found, mend)
        }
    }
}

/// Control groups are gone if closing worked; mounts and processes are looked for.
pub(super) fn leftovers(closed: Result<(), Error>, before: &BTreeSet<String>) -> Check {
    let left: Vec<String> = traces().difference(before).cloned().collect();
    let (holds, found) = match closed {
        Err(error) => (false, error.to_string()),
        Ok(()) if left.is_empty() => (true, "no process, mount or control group".to_owned()),
        Ok(()) => (false, left.join(", ")),
    };
    Check::new("nothing is left", Some(holds), found, "")
}

/// Processes and threads of a canary.
const PIDS: u32 = 16;

fn try_run(slot: &mut Slot, wall_ms: u64, argv: &[&str]) -> Result<Outcome, Error> {
    let limits = Limits {
        cpu: Duration::from_secs(5),
        cpu_margin: Duration::ZERO,
        wall: Duration::from_millis(wall_ms),
        wall_margin: Duration::ZERO,
        memory_bytes: 16 << 20,
        pids: PIDS,
        stdout_bytes: 1 << 20,
        stderr_bytes: 4096,
        file_bytes: 1 << 20,
        inodes: 64,
    };
    let command = Command {
        argv: argv.iter().map(|item| (*item).to_owned()).collect(),
        env: vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())],
        profile: Profile::Run,
    };
    let work = slot.workspace(&limits, &[])?;
    slot.run(&command, &limits, &work, &Input::empty())
}

fn describe(outcome: &Outcome) -> String {
    let end = match outcome.end {
        End::Code(code) => format!("exit code {code}"),
        End::Signal(signal) => format!("signal {signal}"),
    };
    let stopped = outcome.stopped.map(|stopped| format!(", stopped: {stopped:?}").to_lowercase()).unwrap_or_default();
    format!("{end}{stopped}; set up {} us, cleared {} us", outcome.setup_us, outcome.teardown_us)
}
