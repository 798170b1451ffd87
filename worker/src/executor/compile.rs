//! Sources to a program: the compile steps of a submission, and of the programs with which packages judge.

use std::path::Path;

use assay_sandbox::{CollectLimits, End, Input, WorkFile};
use assay_shared::{CompileReport, Excerpt, Limits, Verdict};

use super::cache::Recipe;
use super::header::{Header, header};
use super::run::{attempt, command, facts, sandbox_limits};
use super::{Company, Place};
use crate::judge::{self, Judgement};
use crate::language::Plan;

/// What compiling came to.
pub(super) struct Compiled {
    pub(super) report: Option<CompileReport>,
    /// What is run, or why there is nothing to run.
    pub(super) program: Result<Vec<WorkFile>, Judgement>,
    /// Whether the compiler itself has refused it, and not a limit.
    pub(super) is_refused: bool,
}

/// What the compile steps make of the files: as it is kept from before, or made now.
pub(super) fn compile(
    place: &mut Place,
    recipe: Option<&Recipe>,
    plan: &Plan,
    files: Vec<WorkFile>,
    limits: &Limits,
    keep_bytes: usize,
) -> Result<Compiled, String> {
    let Some(recipe) = recipe.filter(|_| !plan.compile.is_empty() && plan.is_kept) else {
        return run_steps(place, plan, files, limits, keep_bytes);
    };
    let key = recipe.key(plan, &files, limits, keep_bytes);
    if let Some(compiled) = recipe.cache.get(key) {
        return Ok(compiled);
    }
    let compiled = match shortened(place, recipe, plan, &files, limits, keep_bytes) {
        Some(compiled) => compiled,
        None => run_steps(place, plan, files, limits, keep_bytes)?,
    };
    recipe.cache.put(key, &compiled);
    Ok(compiled)
}

/// What the step makes of the files where it finds the header compiled that they begin with. Nothing if there is none, or if the
/// compiler says anything or refuses them: a message may name the header's lines otherwise.
fn shortened(
    place: &mut Place,
    recipe: &Recipe,
    plan: &Plan,
    files: &[WorkFile],
    limits: &Limits,
    keep_bytes: usize,
) -> Option<Compiled> {
    let precompiled = plan.precompiled.as_ref()?;
    let header = header(place, recipe, precompiled)?;
    let compiled = run_each(place, plan, Some(&header), files.to_vec(), limits, keep_bytes);
    let is_silent = |log: &Excerpt| log.bytes.is_empty() && !log.truncated;
    // One that a limit has stopped would have met it before its end without the header, too.
    compiled.ok().filter(|compiled| {
        !compiled.is_refused && compiled.report.as_ref().is_some_and(|report| is_silent(&report.log))
    })
}

/// Runs the compile steps, each in a fresh sandbox with what the one before left. An error is the judge's.
fn run_steps(
    place: &mut Place,
    plan: &Plan,
    files: Vec<WorkFile>,
    limits: &Limits,
    keep_bytes: usize,
) -> Result<Compiled, String> {
    run_each(place, plan, None, files, limits, keep_bytes)
}

fn run_each(
    place: &mut Place,
    plan: &Plan,
    header: Option<&Header>,
    mut files: Vec<WorkFile>,
    limits: &Limits,
    keep_bytes: usize,
) -> Result<Compiled, String> {
    let mut report: Option<CompileReport> = None;
    // All that a source can see is the same with the header and without.
    let steps = plan.precompiled.as_ref().map_or(&*plan.compile, |precompiled| std::slice::from_ref(&precompiled.with));
    for step in steps {
        let limits = Limits { pids: limits.pids.max(step.pids), ..limits.clone() };
        let (outcome, collected) = attempt(place, |place| {
            let run = sandbox_limits(&limits, step.extra_memory_bytes);
            let mut slot = place.slot(Company::Others)?;
            let work = match header {
                None => {
                    let work = slot.workspace(&run, &[&files])?;
                    plan.precompiled.as_ref().map_or(Ok(()), |precompiled| work.directory(precompiled.directory()))?;
                    work
                }
                Some(header) => header.workspace(&mut slot, &run, &files)?,
            };
            let outcome = slot.run(&command(step, &[]), &run, &work, &Input::empty())?;
            if let Some(header) = header {
                header.take_out(&work)?;
            }
            let collected = if outcome.end == End::Code(0) && outcome.stopped.is_none() {
                let placed: u64 = files.iter().map(|file| file.content.len() as u64).sum();
                let bytes = limits.file_bytes.saturating_add(placed);
                match work.collect("", CollectLimits { bytes, ..CollectLimits::default() }) {
                    Ok(files) => Some(files),
                    // Too much, too deep, or under names too long: what it left is no program that can be run.
                    Err(error) if error.is_of_what_was_left() => None,
                    Err(error) => return Err(error),
                }
            } else {
                None
            };
            Ok((outcome, collected))
        })
        .map_err(|error| format!("compiling: {error}"))?;
        let mut log = report.take().map(|report| report.log.bytes).unwrap_or_default();
        log.extend_from_slice(&outcome.stderr.bytes);
        log.extend_from_slice(&outcome.stdout.bytes);
        let truncated = outcome.stderr.truncated || outcome.stdout.truncated;
        let (usage, exit) = facts(&outcome);
        let log = Excerpt::of(&log, truncated, keep_bytes.max(4096));
        report = Some(CompileReport { usage, exit: Some(exit), log, cached: false });
        let failed = judge::of_run(&outcome, &limits);
        match (failed, collected) {
            (None, Some(collected)) => files = collected,
            (failed, _) => {
                let is_refused = failed.as_ref().is_some_and(|judgement| judgement.verdict == Verdict::RuntimeError);
                let reason = match failed {
                    Some(judgement) if judgement.verdict == Verdict::RuntimeError => match outcome.end {
                        End::Code(_) => "the compiler refused it".to_owned(),
                        End::Signal(_) => format!("the compiler was {}", judgement.reason),
                    },
                    Some(judgement) if judgement.verdict == Verdict::IdleLimit => {
                        format!("compiling was {}", judgement.reason)
                    }
                    Some(judgement) => format!("compiling took {}", judgement.reason),
                    None => "compiling left more files than are allowed, or deeper ones".to_owned(),
                };
                let program = Err(Judgement { verdict: Verdict::CompileError, reason });
                return Ok(Compiled { report, program, is_refused });
            }
        }
    }
    let made = plan.run.argv.first().and_then(|program| program.strip_prefix("/work/"));
    if let Some(name) = made
        && !files.iter().any(|file| file.path == Path::new(name))
    {
        // Such as a library without a program.
        let reason = "the compiler made no program of it".to_owned();
        let program = Err(Judgement { verdict: Verdict::CompileError, reason });
        return Ok(Compiled { report, program, is_refused: true });
    }
    Ok(Compiled { report, program: Ok(files), is_refused: false })
}
