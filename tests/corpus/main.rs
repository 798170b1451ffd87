//! The hostile corpus: programs that try to get out, to get at what is not theirs, or to be accepted without being right, through
//! the real binary; `README.md` beside this says what a case is. `scripts/corpus` runs it, and so does `cargo test`.

#![expect(clippy::print_stdout, reason = "a test program: it reports")]

mod actions;
mod case;
mod host;
mod measure;
#[cfg(debug_assertions)]
mod mutation;
mod options;
mod posture;
mod run;
mod worker;

use std::process::ExitCode;
use std::time::Instant;

use actions::{Action, Context};
use case::Case;
use host::Host;
use options::{Mode, Options};
use run::Run;

fn main() -> ExitCode {
    let options = match Options::read() {
        Ok(options) => options,
        Err(error) => {
            println!("corpus: {error}");
            return ExitCode::from(2);
        }
    };
    let (mut cases, mut bad) = case::load_all(&options.cases);
    cases.retain(|case| options.selects(case.id()));
    bad.retain(|(name, _)| options.selects(name));
    let actions: Vec<&Action> = actions::ALL.iter().filter(|action| options.selects(action.id)).collect();
    if cases.is_empty()
        && bad.is_empty()
        && actions.is_empty()
        && !options.only.iter().any(|only| only == "K03" || only.starts_with('P'))
        && options.mode == Mode::Corpus
    {
        println!("corpus: no case has such an id");
        return ExitCode::from(2);
    }
    if options.list {
        for case in &cases {
            println!("{}\t{}\t{}", case.id(), case.tries(), case.stops().join(" "));
        }
        for action in actions {
            println!("{}\t{}\t", action.id, action.tries);
        }
        return ExitCode::SUCCESS;
    }
    let started = Instant::now();
    let mut tally = Tally::default();
    for (name, error) in bad {
        tally.take(&name, "to be a case", &[error]);
    }
    match options.mode {
        Mode::Corpus => corpus(&options, &cases, &actions, &mut tally),
        Mode::Mutations => mutations(&options, &mut tally),
        Mode::Soak(runs) => soak(&options, &cases, runs, &mut tally),
        Mode::Latency(runs) => latency(&options, runs, &mut tally),
    }
    let Tally { passed, failed, skipped } = tally;
    println!("in {} s, {skipped} skipped", started.elapsed().as_secs());
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Each case by itself, then the actions, then all cases at once (K03), then the postures.
fn corpus(options: &Options, cases: &[Case], actions: &[&Action], tally: &mut Tally) {
    let mut run = Run::start(options);
    let mut able: Vec<&Case> = Vec::new();
    for case in cases {
        match run.lacks(case) {
            Some(reason) => tally.skip(case.id(), &reason),
            None => able.push(case),
        }
    }
    // Cases of one submission run beside others; if anything is wrong then, each is tried by itself, which tells whose it is.
    let (alone, together): (Vec<&Case>, Vec<&Case>) =
        able.into_iter().partition(|case| case.parts.len() > 1 || case.repeat() > 1);
    for neighbours in together.chunks(options.slots) {
        let problems = run.neighbours(neighbours);
        if options.first && !problems.is_empty() {
            let ids: Vec<&str> = neighbours.iter().map(|case| case.id()).collect();
            return tally.take(&ids.join(" "), "one or the other", &problems);
        }
        let breach = problems.iter().any(|problem| problem.contains("BREACH"));
        for case in neighbours {
            let mut own = if problems.is_empty() { Vec::new() } else { run.case(case) };
            if breach && own.is_empty() {
                own = problems
                    .iter()
                    .filter(|problem| problem.starts_with(&format!("{}:", case.id())))
                    .cloned()
                    .collect();
            }
            tally.take(case.id(), case.tries(), &own);
        }
    }
    for case in alone {
        tally.take(case.id(), case.tries(), &run.case(case));
        if options.first && tally.failed > 0 {
            return;
        }
    }
    if options.selects("K03") {
        let (all, _) = case::load_all(&options.cases);
        tally.take("K03", "everything at once", &run.all_at_once(&all));
    }
    for (language, name, program) in posture::PROGRAMS {
        if options.selects(&format!("P-{language}")) {
            let problems = run.posture(language, name, program);
            tally.take(&format!("P-{language}"), "to see what another language does not", &problems);
        }
    }
    let store = run.store.path().to_owned();
    let (token, words) = (run.host.canaries.token.clone(), run.host.canaries.words.clone());
    let context = Context {
        assay: &options.assay,
        cases: &options.cases,
        slow: options.slow,
        directory: &store,
        token: &token,
        words: &words,
    };
    for action in actions {
        if action.guest_only && !options.slow {
            tally.skip(action.id, "it changes the machine, so it is for the guest");
            continue;
        }
        let mut problems = (action.run)(&context);
        problems.extend(run.reference());
        tally.take(action.id, action.tries, &problems);
    }
    if let Err(error) = run.worker.stop() {
        tally.take("end", "the worker ends as it should", &[error]);
    }
}

/// With each mechanism off, something must turn red.
#[cfg(debug_assertions)]
fn mutations(options: &Options, tally: &mut Tally) {
    use mutation::Missed;
    let arguments: Vec<String> =
        ["--assay", &options.assay.display().to_string(), "--cases", &options.cases.display().to_string()]
            .into_iter()
            .map(str::to_owned)
            .chain(options.slow.then(|| "--slow".to_owned()))
            .chain(options.shared.then(|| "--shared".to_owned()))
            .collect();
    tally.take("table", "every mechanism is in it", &mutation::incomplete());
    let mut judge = |name: &str, switch: (&str, &str), missed: &Missed| {
        let (cases, problem) = match missed {
            Missed::By(cases) => (*cases, "nothing misses it"),
            Missed::ByTheSandbox => (&["E01"][..], "a program runs all the same"),
            Missed::Depth(reason) => return println!("depth {name}: {reason}"),
        };
        let (red, told) = mutation::turns_red(switch, cases, &arguments);
        let problems = if red { Vec::new() } else { vec![format!("{problem}: {} {told}", cases.join(" "))] };
        tally.take(name, "to be missed by something", &problems);
    };
    for (name, missed) in mutation::TABLE.iter().filter(|(name, _)| options.selects(name)) {
        judge(name, (mutation::DEFENCE_OFF, name), missed);
    }
    for (number, reason, calls) in assay_sandbox::refused_groups() {
        let name = format!("filter-{number}");
        if options.selects(&name) {
            let missed = mutation::missed_group(reason, calls);
            judge(&format!("{name} ({reason})"), (mutation::GROUP_OPEN, &number.to_string()), &missed);
        }
    }
}

#[cfg(not(debug_assertions))]
fn mutations(_: &Options, tally: &mut Tally) {
    tally.skip("mutations", "the switch is not in this build");
}

/// Short hostile programs in all slots, again and again: nothing may pile up.
fn soak(options: &Options, cases: &[Case], runs: usize, tally: &mut Tally) {
    let mut run = Run::start(options);
    let short: Vec<&Case> = cases
        .iter()
        .filter(|case| case.parts.len() == 1 && case.repeat() == 1)
        .filter(|case| run.lacks(case).is_none() && run.is_short(case))
        .collect();
    let posture = |run: &mut Run<'_>| run.posture("c", posture::PROGRAMS[0].1, posture::PROGRAMS[0].2);
    let mut problems = posture(&mut run);
    println!("soak: {} short cases, {runs} runs", short.len());
    let (mut done, mut first) = (0, None);
    let mut next = short.iter().cycle();
    while done < runs && problems.len() < 10 {
        let batch: Vec<&Case> = next.by_ref().take(64.min(runs - done)).copied().collect();
        problems.extend(run.batch(&batch));
        problems.extend(run.host.changes(&run.worker).into_iter().filter(|change| !change.starts_with("I5")));
        done += batch.len();
        let state = Host::state(&run.worker);
        // The first hundreds fill caches and pools.
        if first.is_none() && done >= (runs / 4).min(512) {
            println!("after {done}: {state}");
            first = Some(state);
        }
    }
    problems.extend(run.reference());
    problems.extend(posture(&mut run));
    let last = Host::state(&run.worker);
    println!("after {done}: {last}");
    if let Some(first) = first {
        problems.extend(last.grown_since(&first));
    }
    tally.take("K04", &format!("{done} hostile runs"), &problems);
    if let Err(error) = run.worker.stop() {
        tally.take("end", "the worker ends as it should", &[error]);
    }
}

/// From the crossing of a limit until everything is dead.
fn latency(options: &Options, runs: usize, tally: &mut Tally) {
    let directory = tempfile::tempdir().expect("a directory");
    let program = match measure::crowd_program(directory.path()) {
        Ok(program) => program,
        Err(error) => return tally.take("I9", "a kill is quick", &[error]),
    };
    for (processes, most, part) in [(64, 100.0, 1), (1024, 500.0, 5)] {
        for (spin, kind) in [(false, "wall"), (true, "CPU")] {
            let result = measure::kill_latency(&options.assay, &program, processes, spin, (runs / part).max(5));
            let problems = match result {
                Err(error) => vec![error],
                Ok(sorted) => {
                    let (median, last) = (measure::quantile(&sorted, 0.5), measure::quantile(&sorted, 0.99));
                    println!(
                        "{processes} processes, {kind} limit: median {median:.1} ms, 99th percentile {last:.1} ms"
                    );
                    // What others do on this machine is no promise of ours.
                    let most = if options.shared || options.slow { most * 20.0 } else { most };
                    (last > most)
                        .then(|| format!("{last:.1} ms, and at most {most} are promised"))
                        .into_iter()
                        .collect()
                }
            };
            tally.take(&format!("I9-{processes}-{kind}"), "to outlive its limit", &problems);
        }
    }
}

#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Tally {
    fn skip(&mut self, id: &str, reason: &str) {
        println!("skipped {id}: {reason}");
        self.skipped += 1;
    }

    fn take(&mut self, id: &str, tries: &str, problems: &[String]) {
        if problems.is_empty() {
            self.passed += 1;
            return;
        }
        self.failed += 1;
        println!("FAILED {id}, {tries}");
        for problem in problems {
            println!("    {problem}");
        }
    }
}
