//! `assay doctor --self-test`: the hostile tests in short, for a host that has no compilers. The attacks are made by this program
//! itself, from the inside (`probe`); what came of them is judged from the outside (`case`).

use std::time::{Duration, Instant};

use anyhow::Context as _;
use assay_sandbox::{Command, Image, Input, Outcome, Profile, Runtime, Slot, View, WorkFile, Workspace};
use assay_shared::{Limits, MIB};
use serde_json::json;

use super::canary::leftovers;
use super::case::{CASES, Found, Try};
use super::probe::PLACE;
use super::traces::{Process, kill_all, processes, traces};
use crate::cli::{Failure, render};
use crate::executor::run::sandbox_limits;
use crate::exit::Exit;
use crate::judge::{self, Judgement};

/// How long whoever was killed may take to be gone.
pub(super) const GONE: Duration = Duration::from_secs(1);

/// What the attacks need.
pub(super) struct Bench {
    pub(super) runtime: Runtime,
    slot: Slot,
    program: WorkFile,
    /// An argument of every process of this self-test, by which they can be found.
    pub(super) token: String,
    /// How long this program takes here to do nothing.
    pub(super) pace: Pace,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Pace {
    pub(super) wall_ms: u64,
    pub(super) cpu_ms: u64,
}

/// A run of a probe.
pub(super) struct Run {
    pub(super) outcome: Outcome,
    pub(super) judgement: Judgement,
    pub(super) work: Workspace,
}

impl Run {
    pub(super) fn verdict(&self) -> &'static str {
        self.judgement.verdict.code()
    }

    /// What it wrote.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.outcome.stdout.bytes).trim().to_owned()
    }

    /// What it wrote, if that is JSON.
    pub(super) fn value(&self) -> serde_json::Value {
        serde_json::from_slice(&self.outcome.stdout.bytes).unwrap_or_default()
    }

    pub(super) fn says(&self) -> String {
        let reason = &self.judgement.reason;
        if reason.is_empty() { self.verdict().to_owned() } else { format!("{}: {reason}", self.verdict()) }
    }
}

/// Limits that are small, with much time: a page of memory can cost a guest without hardware help a fifth of a millisecond.
pub(super) fn small() -> Limits {
    Limits {
        cpu_ms: 30_000,
        wall_ms: 60_000,
        memory_bytes: 24 * MIB,
        pids: 8,
        stdout_bytes: 64 << 10,
        stderr_bytes: 4096,
        file_bytes: MIB,
    }
}

impl Bench {
    fn new() -> Result<Self, Failure> {
        let content = std::fs::read("/proc/self/exe").context("cannot read this program")?;
        let name = PLACE.rsplit('/').next().unwrap_or_default();
        let program = WorkFile::new(name, content).with_mode(true).shown();
        let runtime = Runtime::new(View { image: Image::Host, read_only: Vec::new() }).map_err(Failure::unfit)?;
        let slot = runtime.slot(0).map_err(Failure::unfit)?;
        let token = format!("self-test-{}", uuid::Uuid::new_v4().simple());
        Ok(Self { runtime, slot, program, token, pace: Pace::default() })
    }

    /// Runs a probe in the sandbox.
    pub(super) fn run(&mut self, words: &[&str], limits: &Limits) -> Result<Run, assay_sandbox::Error> {
        let mut argv: Vec<String> = [PLACE, "doctor", "--probe"].map(str::to_owned).into();
        argv.extend(words.iter().map(|word| (*word).to_owned()));
        argv.push(self.token.clone());
        let command = Command { argv, env: Vec::new(), profile: Profile::Run };
        let run = sandbox_limits(limits, 0);
        if self.slot.is_broken() {
            // What is left of it is looked for at the end.
            drop(self.slot.renew()?.close());
        }
        let work = self.slot.workspace(&run, &[std::slice::from_ref(&self.program)])?;
        let outcome = self.slot.run(&command, &run, &work, &Input::empty())?;
        let judgement = judge::of_run(&outcome, limits).unwrap_or_else(Judgement::accepted);
        Ok(Run { outcome, judgement, work })
    }

    /// Shows that this program runs inside at all: otherwise nothing would get out, and prove nothing.
    fn warm_up(&mut self) -> anyhow::Result<()> {
        let run = self.run(&["hello"], &small())?;
        anyhow::ensure!(run.text() == "hello", "this program does not run in the sandbox: {}", run.says());
        let usage = &run.outcome.usage;
        self.pace = Pace { wall_ms: usage.wall_us.div_ceil(1000), cpu_ms: usage.cpu_us().div_ceil(1000) };
        Ok(())
    }

    /// Makes an attack, and sees that no process of it lives on.
    fn attempt(&mut self, attack: Try) -> anyhow::Result<Found> {
        let found = attack(self);
        let left = marked(&self.token);
        if left.is_empty() {
            return found;
        }
        let pids = kill_all(&left);
        let found = found.map_or_else(|error| error.to_string(), |found| found.happened);
        Ok(Found::new(false, format!("{found}; still alive, now killed: {pids}")))
    }
}

/// The processes that have this argument.
pub(super) fn marked(token: &str) -> Vec<Process> {
    processes().into_iter().filter(|process| process.arguments.split('\0').any(|word| word == token)).collect()
}

/// Waits until this gives nothing any more: what it gives at the end of the time.
pub(super) fn until_none<T>(patience: Duration, mut left: impl FnMut() -> Vec<T>) -> Vec<T> {
    let deadline = Instant::now() + patience;
    loop {
        let found = left();
        if found.is_empty() || Instant::now() >= deadline {
            return found;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

pub(super) fn run(as_json: bool) -> Result<Exit, Failure> {
    let mut results = Results { as_json, held: 0, of: 0 };
    let mut bench = Bench::new()?;
    let before = traces();
    if let Err(error) = bench.warm_up() {
        results.print("", "this program runs in the sandbox", Err(error));
    } else {
        for (id, tried, attack) in CASES {
            let found = bench.attempt(*attack);
            results.print(id, tried, found);
        }
    }
    let Bench { slot, runtime, .. } = bench;
    let left = leftovers(slot.close().and_then(|()| runtime.close()), &before);
    results.print("", "nothing is left", Ok(Found::new(left.holds == Some(true), left.found)));
    let Results { held, of, .. } = results;
    if as_json {
        render::json(&json!({"summary": {"held": held, "of": of}}));
    } else {
        render::line(&format!("\n{held} of {of} held"));
    }
    Ok(if held == of { Exit::Fine } else { Exit::Unfit })
}

struct Results {
    as_json: bool,
    held: usize,
    of: usize,
}

impl Results {
    /// What has no number is none of the attacks. An attack that could not be made shows nothing, and so does not count as held.
    fn print(&mut self, id: &str, tried: &str, found: anyhow::Result<Found>) {
        let (held, happened) = match found {
            Ok(found) => (Some(found.held), found.happened),
            Err(error) => (None, format!("{error:#}")),
        };
        self.of += 1;
        self.held += usize::from(held == Some(true));
        if self.as_json {
            render::json(
                &json!({"case": (!id.is_empty()).then_some(id), "tried": tried, "held": held, "happened": happened}),
            );
            return;
        }
        let mark = match held {
            Some(true) => render::coloured("ok    ", "32"),
            Some(false) => render::coloured("BREACH", "31"),
            None => render::coloured("FAILED", "31"),
        };
        render::line(&format!("{mark}  {id:3}  {tried}: {}", render::harmless(&happened)));
    }
}
