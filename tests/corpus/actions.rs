//! Cases that no program can do alone: the worker is killed, a step fails, its disk is full, the host is set up badly.

mod packages;
mod worker;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::case::{Case, Words};
use packages::{
    archive_bomb, archive_slip, archives, attacked_validator, deadlock, feedback_links, left_for_the_next, other_side,
    own_validator, which_test,
};
use worker::{
    clock_jumps, few_descriptors, frozen, full_disk, init_killed, init_rights, launcher_killed, no_cgroups,
    no_user_namespaces, steps_fail, text_busy, told_to_stop, worker_killed,
};

/// What an action needs.
pub(crate) struct Context<'a> {
    pub(crate) assay: &'a Path,
    pub(crate) cases: &'a Path,
    /// A guest: everything takes long, and the host's settings are nobody else's.
    pub(crate) slow: bool,
    pub(crate) directory: &'a Path,
    pub(crate) token: &'a str,
    pub(crate) words: &'a Words,
}

pub(crate) struct Action {
    pub(crate) id: &'static str,
    pub(crate) tries: &'static str,
    /// Whether it changes settings of the whole machine, and so runs only in a guest.
    pub(crate) guest_only: bool,
    pub(crate) run: fn(&Context<'_>) -> Vec<String>,
}

const fn here(id: &'static str, tries: &'static str, run: fn(&Context<'_>) -> Vec<String>) -> Action {
    Action { id, tries, guest_only: false, run }
}

const fn in_guest(id: &'static str, tries: &'static str, run: fn(&Context<'_>) -> Vec<String>) -> Action {
    Action { id, tries, guest_only: true, run }
}

pub(crate) const ALL: &[Action] = &[
    here("K01-worker", "the worker is killed at any moment of a run", worker_killed),
    here("K01-launcher", "the launcher is killed at any moment of a run", launcher_killed),
    here("K02", "every step of making and clearing away a sandbox fails once", steps_fail),
    here("K05", "a run is frozen by somebody else while it must end", frozen),
    here("K06", "the worker is told to stop in the middle of runs", told_to_stop),
    here("K07-descriptors", "the worker has too few descriptors", few_descriptors),
    here("K07-disk", "the disk of the worker's results is full", full_disk),
    here("I07-init", "an init with more rights than it needs, seen from the host", init_rights),
    here("K11", "the init is killed between the program's end and its report", init_killed),
    here("K12", "many programs are compiled and executed at once", text_busy),
    in_guest("K13", "the clock of the machine jumps during a run", clock_jumps),
    here("K15", "the host has no control groups", no_cgroups),
    here("B04-feedback", "a validator that leaves links where its feedback is collected", feedback_links),
    here("I05-package", "files that one step leaves for the next", left_for_the_next),
    here("I06-package", "outputs that attack a validator", attacked_validator),
    here("E18", "program and interactor wait for each other", deadlock),
    here("A20-many", "archives of every evil that is known of them", archives),
    here("J08-tests", "to know by what a program sees which test it is", which_test),
    here("J13-package", "to reach what its validator reads", own_validator),
    here("J14", "to reach the judge's side of an interaction", other_side),
    here("A20-slip", "an archive with entries outside its directory", archive_slip),
    here("A20-bomb", "an archive that unpacks to much more than it may", archive_bomb),
    in_guest("L02", "the host forbids user namespaces", no_user_namespaces),
];

/// `assay` with arguments, started in a session of its own and with nothing to read.
fn assay(context: &Context<'_>, arguments: &[&str]) -> Command {
    let mut command = Command::new(context.assay);
    command
        .args(arguments)
        .env("ASSAY_STORE", context.directory.join("actions.sqlite"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Standard output, standard error, exit code.
fn output(mut command: Command) -> (String, String, Option<i32>) {
    let output = command.output().expect("the binary starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), output.status.code())
}

fn within(patience: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + patience;
    while !holds() {
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    true
}

/// Every case at once in more slots than there are processors, in an order of chance, with harmless jobs between (K03).
pub(crate) fn everything_at_once(cases: &[Case]) -> Vec<&Case> {
    let mut order: Vec<&Case> = cases.iter().filter(|case| case.parts.len() == 1 && case.needs().is_empty()).collect();
    // A linear congruential shuffle with a fixed seed, so that a failure comes again.
    let mut state = 20_240_229_u64;
    for index in (1..order.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.swap(index, usize::try_from((state >> 33) % (index as u64 + 1)).unwrap_or_default());
    }
    order
}
