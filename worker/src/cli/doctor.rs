//! `assay doctor`: whether this host can grade, shown by doing it, and how to mend what it lacks.

use std::time::Duration;

use assay_sandbox::{Command, End, Error, Image, Input, Limits, Outcome, Places, Profile, Runtime, Slot, View};
use clap::Args;
use serde_json::json;

use super::{Failure, render};
use crate::exit::Exit;
use crate::language::{Availability, Languages};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Print JSON, one object a line
    #[arg(long)]
    json: bool,
}

struct Check {
    name: &'static str,
    /// Whether it holds; `None` is advice.
    holds: Option<bool>,
    found: String,
    mend: &'static str,
}

pub(super) fn run(options: &Options) -> Result<Exit, Failure> {
    let mut checks = host();
    checks.extend(sandbox());
    checks.push(languages()?);
    let fit = checks.iter().all(|check| check.holds != Some(false));
    for check in &checks {
        if options.json {
            render::line(&json!({"check": check.name, "ok": check.holds, "found": check.found, "mend": (check.holds != Some(true)).then_some(check.mend)}).to_string());
            continue;
        }
        let mark = match check.holds {
            Some(true) => render::coloured("ok     ", "32"),
            Some(false) => render::coloured("MISSING", "31"),
            None => render::coloured("advice ", "33"),
        };
        render::line(&format!("{mark} {}: {}", check.name, check.found));
        if check.holds != Some(true) && !check.mend.is_empty() {
            render::line(&format!("        {}", check.mend));
        }
    }
    if options.json {
        render::line(&json!({"summary": {"fit": fit}}).to_string());
    } else {
        render::line(if fit { "\nThis host can grade." } else { "\nThis host cannot grade yet." });
    }
    Ok(if fit { Exit::Fine } else { Exit::Unfit })
}

fn host() -> Vec<Check> {
    let mut checks = Vec::new();
    let read = |path: &str| std::fs::read_to_string(path).map(|text| text.trim().to_owned()).unwrap_or_default();
    let release = read("/proc/sys/kernel/osrelease");
    let numbers: Vec<u32> = release.split(['.', '-']).map_while(|part| part.parse().ok()).collect();
    let new_enough = numbers.as_slice() >= &[5, 19][..];
    checks.push(Check {
        name: "kernel",
        holds: Some(new_enough),
        found: format!("Linux {release}"),
        mend: "Linux 5.19 or newer is needed",
    });
    let root = nix_is_root();
    checks.push(Check {
        name: "user",
        holds: Some(root),
        found: if root { "root".to_owned() } else { "not root".to_owned() },
        mend: "run as root; programs run as unprivileged users of their own all the same",
    });
    let swaps = read("/proc/swaps").lines().count().saturating_sub(1);
    checks.push(Check {
        name: "swap",
        holds: if swaps == 0 { Some(true) } else { None },
        found: if swaps == 0 { "none".to_owned() } else { format!("{swaps} in use") },
        mend: "times are steadier without: swapoff -a",
    });
    match Places::detect() {
        Ok(found) => {
            for (name, place) in
                [("memory limit", found.memory), ("process limit", found.pids), ("CPU accounting", found.cpu)]
            {
                let found = format!("control groups {} at {}", place.version.name(), place.path.display());
                checks.push(Check { name, holds: Some(true), found, mend: "" });
            }
        }
        Err(error) => {
            checks.push(Check { name: "control groups", holds: Some(false), found: error.to_string(), mend: "" });
        }
    }
    checks
}

fn nix_is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0)
}

/// Runs canaries: small programs whose end shows that a mechanism works.
fn sandbox() -> Vec<Check> {
    let mut checks = Vec::new();
    let view = View { image: Image::Host, read_only: Vec::new() };
    let started = Runtime::new(view).and_then(|runtime| Ok((runtime.slot(0)?, runtime)));
    let (mut slot, runtime) = match started {
        Ok(started) => started,
        Err(error) => {
            checks.push(Check { name: "sandbox", holds: Some(false), found: error.to_string(), mend: "" });
            return checks;
        }
    };
    let mut canary = |name, wall_ms, argv: &[&str], expected: fn(&Outcome) -> bool| {
        let (holds, found) = match try_run(&mut slot, wall_ms, argv) {
            Ok(outcome) => (expected(&outcome), describe(&outcome)),
            Err(error) => (false, error.to_string()),
        };
        checks.push(Check { name, holds: Some(holds), found, mend: "" });
    };
    canary("a program runs", 5000, &["/bin/true"], |outcome| outcome.end == End::Code(0));
    canary("memory is limited", 10_000, &["/usr/bin/tail", "/dev/zero"], |outcome| outcome.usage.oom_kills > 0);
    canary("processes are limited", 500, &["/bin/sh", "-c", "f(){ f|f& wait; }; f; sleep 5"], |outcome| {
        outcome.usage.pids_limit_hits > 0 || outcome.end != End::Code(0)
    });
    canary("idle programs are stopped", 200, &["/bin/sleep", "60"], |outcome| {
        outcome.stopped == Some(assay_sandbox::Stopped::Wall)
    });
    canary("forbidden calls kill", 5000, &["/usr/bin/unshare", "--user", "/bin/true"], |outcome| {
        outcome.end == End::Signal(31)
    });
    canary("files of the host are not there", 5000, &["/bin/cat", "/etc/shadow"], |outcome| {
        outcome.end == End::Code(1)
    });
    let closed = slot.close().and_then(|()| runtime.close());
    let found = closed.as_ref().map_or_else(ToString::to_string, |()| "no process, mount or control group".to_owned());
    checks.push(Check { name: "nothing is left", holds: Some(closed.is_ok()), found, mend: "" });
    checks
}

fn try_run(slot: &mut Slot, wall_ms: u64, argv: &[&str]) -> Result<Outcome, Error> {
    let limits = Limits {
        cpu: Duration::from_secs(5),
        wall: Duration::from_millis(wall_ms),
        memory_bytes: 16 << 20,
        pids: 16,
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

fn languages() -> Result<Check, Failure> {
    let languages = Languages::load(None).map_err(Failure::usage)?;
    let available: Vec<&str> = languages
        .iter()
        .filter(|language| matches!(language.availability(), Availability::Available { .. }))
        .map(crate::language::Language::id)
        .collect();
    Ok(Check {
        name: "languages",
        holds: if available.is_empty() { Some(false) } else { Some(true) },
        found: available.join(" "),
        mend: "install one: scripts/install-toolchains python3",
    })
}
