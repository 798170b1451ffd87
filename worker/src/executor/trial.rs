//! One test of a submission: the program runs, alone or with an interactor, and its output is judged. In a problem of several
//! passes that happens again on what the judge makes of the pass before.

use std::borrow::Cow;
use std::sync::Arc;

use assay_sandbox::{Outcome, Party, Stopped, WorkFile, interact};
use assay_shared::{Excerpt, Exit, Limits, TestReport, Usage, Verdict};
use bytes::Bytes;

use super::Place;
use super::call::try_call;
use super::jury::{Case, Judge, Opinion, Points, first_line};
use super::pipeline::{Content, Task, Test};
use super::rerun::{Ran, Turn, decided, margin_ms};
use super::run::{attempt, command, facts};
use crate::judge::Judgement;
use crate::judge::compare::Comparison;
use crate::problem::Protocol;

/// A judged test, with the points that a judge gave.
#[derive(Clone, Debug)]
pub(super) struct Tried {
    pub(super) report: TestReport,
    pub(super) points: Option<Points>,
}

/// Does a test. What the judge cannot do is its `JE`.
/// `is_needed` says whether its result still counts.
pub(super) fn try_test(
    place: &mut Place,
    task: &Task,
    program: &[WorkFile],
    test: &Test,
    is_needed: &dyn Fn() -> bool,
) -> Tried {
    let tried = match (&task.callee, &test.call) {
        (Some(callee), Some(call)) => try_call(place, task, program, test, (callee, call), is_needed),
        _ if test.is_static => look_at(place, task, test),
        _ if task.is_answers => answered(place, task, test),
        _ => passes(place, task, program, test, is_needed),
    };
    let mut tried = tried.unwrap_or_else(|reason| Tried { report: judge_error(&test.id, reason), points: None });
    if let Some(hint) = &test.hint
        && !matches!(tried.report.verdict, Verdict::Accepted | Verdict::JudgeError)
    {
        let message = &mut tried.report.team_message;
        if !message.bytes.is_empty() && !message.bytes.ends_with(b"\n") {
            message.bytes.push(b'\n');
        }
        message.bytes.extend_from_slice(format!("hint: {hint}\n").as_bytes());
        *message = Excerpt::of(&message.bytes, message.truncated, task.keep_bytes);
    }
    tried
}

/// A test that was not needed.
pub(super) fn skipped(id: &str) -> TestReport {
    TestReport { id: id.to_owned(), ..TestReport::default() }
}

/// A test that could not be judged.
pub(super) fn judge_error(id: &str, reason: String) -> TestReport {
    TestReport { verdict: Verdict::JudgeError, reason, ..skipped(id) }
}

/// One pass.
struct Pass {
    /// Without a run the program could not even be executed.
    run: Option<Run>,
    judgement: Judgement,
    opinion: Opinion,
    /// Whether its time was within the noise of a limit.
    is_near: bool,
}

impl Pass {
    fn without_run(judgement: Judgement) -> Self {
        Self { run: None, judgement, opinion: Opinion::default(), is_near: false }
    }
}

struct Run {
    usage: Usage,
    exit: Exit,
    stdout: Excerpt,
    stderr: Excerpt,
    interaction: Excerpt,
}

impl Run {
    fn of(task: &Task, outcome: &Outcome) -> Self {
        let (usage, exit) = facts(outcome);
        Self {
            usage,
            exit,
            stdout: Excerpt::of(&outcome.stdout.bytes, outcome.stdout.truncated, task.keep_bytes),
            stderr: Excerpt::of(&outcome.stderr.bytes, outcome.stderr.truncated, task.keep_bytes),
            interaction: Excerpt::default(),
        }
    }
}

fn passes(
    place: &mut Place,
    task: &Task,
    program: &[WorkFile],
    test: &Test,
    is_needed: &dyn Fn() -> bool,
) -> Result<Tried, String> {
    let mut input = test.input.clone();
    let mut feedback: Vec<WorkFile> = Vec::new();
    let mut report = skipped(&test.id);
    for number in 1.. {
        // A test has at most one second run.
        let second_runs = task.second_runs.as_ref().filter(|_| report.first_verdict.is_none());
        let (pass, first_verdict) = decided(second_runs, is_needed, |turn| {
            let pass = one_pass(place, task, program, test, &input, &feedback, turn)?;
            Ok(Ran { verdict: pass.judgement.verdict, is_near: pass.is_near, what: pass })
        })?;
        let Pass { run, judgement, opinion, .. } = pass;
        report.first_verdict = report.first_verdict.or(first_verdict);
        if let Some(run) = run {
            report.usage = Some(match report.usage.take() {
                None => run.usage,
                Some(before) => larger(&before, &run.usage),
            });
            (report.exit, report.stdout, report.stderr) = (Some(run.exit), run.stdout, run.stderr);
            if !report.interaction.bytes.is_empty() && !run.interaction.bytes.is_empty() {
                report.interaction.bytes.extend_from_slice(b"---\n");
            }
            report.interaction.bytes.extend_from_slice(&run.interaction.bytes);
            let truncated = report.interaction.truncated || run.interaction.truncated;
            report.interaction = Excerpt::of(&report.interaction.bytes, truncated, task.keep_bytes);
        }
        report.verdict = judgement.verdict;
        report.reason = judgement.reason;
        report.judge_message = Excerpt::of(&opinion.judge_message, false, task.keep_bytes);
        report.team_message = Excerpt::of(&opinion.team_message, false, task.keep_bytes);
        let Some(next) = opinion.next_pass else { return Ok(Tried { report, points: opinion.points }) };
        if !opinion.accepts {
            return Err("the validator rejects and asks for another pass (nextpass.in)".to_owned());
        }
        if report.verdict != Verdict::Accepted {
            return Ok(Tried { report, points: None });
        }
        if number >= task.jury.passes {
            let allowed = task.jury.passes;
            return Err(format!(
                "the validator asks for pass {} (nextpass.in), and the problem has {allowed}",
                number + 1
            ));
        }
        input = Content::Bytes(next);
        feedback = opinion.feedback;
    }
    unreachable!("every pass but the last goes on to another")
}

/// Limits hold for each pass, so the largest of each counts.
fn larger(one: &Usage, other: &Usage) -> Usage {
    let slower = if one.cpu_us() > other.cpu_us() { one } else { other };
    Usage {
        cpu_user_us: slower.cpu_user_us,
        cpu_sys_us: slower.cpu_sys_us,
        wall_us: one.wall_us.max(other.wall_us),
        memory_peak_bytes: one.memory_peak_bytes.max(other.memory_peak_bytes),
        oom_kills: one.oom_kills.max(other.oom_kills),
        pids_peak: one.pids_peak.max(other.pids_peak),
        pids_limit_hits: one.pids_limit_hits.max(other.pids_limit_hits),
        stdout_bytes: one.stdout_bytes.max(other.stdout_bytes),
        stderr_bytes: one.stderr_bytes.max(other.stderr_bytes),
        context_switches: one.context_switches.max(other.context_switches),
    }
}

fn one_pass(
    place: &mut Place,
    task: &Task,
    program: &[WorkFile],
    test: &Test,
    input: &Content,
    feedback: &[WorkFile],
    turn: Turn,
) -> Result<Pass, String> {
    let extra = test
        .files
        .iter()
        .map(|(name, path)| Ok(WorkFile::new(name, Content::File(path.clone()).read()?)))
        .collect::<Result<Vec<_>, String>>()?;
    let program = beside(program, &extra);
    let files: [&[WorkFile]; 2] = [&program, &extra];
    match &task.jury.interactor {
        None => alone(place, task, &files, test, input, feedback, turn),
        Some(interactor) => together(place, task, &files, test, input, feedback, interactor, turn),
    }
}

/// The program's files but for those in whose way the test's are: as a directory where the other has a file.
fn beside<'a>(program: &'a [WorkFile], extra: &[WorkFile]) -> Cow<'a, [WorkFile]> {
    let in_the_way = |file: &WorkFile| {
        extra.iter().any(|other| {
            file.path != other.path && (file.path.starts_with(&other.path) || other.path.starts_with(&file.path))
        })
    };
    if program.iter().any(in_the_way) {
        program.iter().filter(|file| !in_the_way(file)).cloned().collect()
    } else {
        Cow::Borrowed(program)
    }
}

/// The limits of the program's run.
fn limits_of(task: &Task) -> Limits {
    Limits { pids: task.limits.pids.max(task.plan.run.pids), ..task.limits.clone() }
}

/// The program itself, not a toolchain of ours, cannot be executed: that is the submission's doing.
fn cannot_be_executed(task: &Task, error: &assay_sandbox::Error) -> Option<Judgement> {
    let own = task.plan.run.argv.first().is_some_and(|program| program.starts_with("/work/"));
    (own && error.is_of_the_command()).then(|| Judgement {
        verdict: Verdict::RuntimeError,
        reason: format!("the program cannot be executed: {}", error.source),
    })
}

fn alone(
    place: &mut Place,
    task: &Task,
    files: &[&[WorkFile]],
    test: &Test,
    input: &Content,
    feedback: &[WorkFile],
    turn: Turn,
) -> Result<Pass, String> {
    let step = &task.plan.run;
    let limits = limits_of(task);
    let stdin = input.open()?;
    let result = attempt(place, |place| {
        let run = turn.sandbox_limits(&limits, step.extra_memory_bytes);
        let mut slot = place.slot(turn.company())?;
        let work = slot.workspace(&run, files)?;
        slot.run(&command(step, &test.args), &run, &work, &stdin)
    });
    let mut outcome = match result {
        Ok(outcome) => outcome,
        Err(error) => match cannot_be_executed(task, &error) {
            Some(judgement) => return Ok(Pass::without_run(judgement)),
            None => return Err(error.to_string()),
        },
    };
    let (own, undecided) = turn.judge(&mut outcome, &limits);
    let run = Some(Run::of(task, &outcome));
    let own = match own {
        Some(judgement) if !undecided => {
            return Ok(Pass { run, judgement, opinion: Opinion::default(), is_near: false });
        }
        own => own,
    };
    let (judgement, opinion) = judge_output(place, task, test, input, feedback, &outcome.stdout.bytes)?;
    let is_near = undecided && judgement.verdict == Verdict::Accepted;
    Ok(match own {
        Some(judgement) => Pass { run, judgement, opinion: Opinion::default(), is_near },
        None => Pass { run, judgement, opinion, is_near },
    })
}

/// Judges what a program printed: by comparison, or by the opinion of the validators, who must agree.
pub(super) fn judge_output(
    place: &mut Place,
    task: &Task,
    test: &Test,
    input: &Content,
    feedback: &[WorkFile],
    output: &[u8],
) -> Result<(Judgement, Opinion), String> {
    if task.jury.validators.is_empty() {
        let same = match &test.expected {
            None => Comparison::Same,
            Some(expected) => expected.compare(&test.checker, output)?,
        };
        return Ok((
            match same {
                Comparison::Same => Judgement::accepted(),
                Comparison::Different { reason } => Judgement { verdict: Verdict::WrongAnswer, reason },
            },
            Opinion::default(),
        ));
    }
    let case = case(test, input, feedback)?;
    let mut judged: Option<Opinion> = None;
    for validator in &task.jury.validators {
        let mut opinion = validator.validate(place, &task.jury.limits, &case, output)?;
        if let Some(before) = judged.take().filter(|_| opinion.accepts) {
            // Each may have given something.
            opinion.points = opinion.points.or(before.points);
            opinion.judge_message.splice(0..0, before.judge_message);
            opinion.team_message.splice(0..0, before.team_message);
        }
        let rejects = !opinion.accepts;
        judged = Some(opinion);
        if rejects {
            break;
        }
    }
    let opinion = judged.ok_or("there is no validator")?;
    Ok((of_opinion(&opinion), opinion))
}

fn of_opinion(opinion: &Opinion) -> Judgement {
    if opinion.accepts {
        return Judgement::accepted();
    }
    let said = [&opinion.team_message, &opinion.judge_message].into_iter().map(|text| first_line(text));
    let reason =
        said.into_iter().find(|line| !line.is_empty()).unwrap_or_else(|| "the validator rejected it".to_owned());
    Judgement { verdict: Verdict::WrongAnswer, reason }
}

fn case<'a>(test: &'a Test, input: &'a Content, feedback: &'a [WorkFile]) -> Result<Case<'a>, String> {
    let answer = test.expected.as_ref();
    let bytes = input.size()?.saturating_add(answer.map_or(Ok(0), Content::size)?);
    Ok(Case { id: &test.id, input, answer, bytes, args: &test.judge_args, feedback })
}

/// The program and the interactor. One that rejected by what the program said wins over what became of the program; otherwise
/// the program's own failure counts before what the interactor makes of it.
#[expect(clippy::too_many_arguments, reason = "called from one place")]
fn together(
    place: &mut Place,
    task: &Task,
    files: &[&[WorkFile]],
    test: &Test,
    input: &Content,
    feedback: &[WorkFile],
    interactor: &Arc<Judge>,
    turn: Turn,
) -> Result<Pass, String> {
    const LEAST_OUTPUT: u64 = 64 << 20;
    let step = &task.plan.run;
    let limits = limits_of(task);
    let case = case(test, input, feedback)?;
    // It waits for the program, whose own clock ends that. What it says goes to the program, and is much if that asks much.
    let judge_limits = Limits {
        wall_ms: task.jury.limits.wall_ms.saturating_add(limits.wall_ms).saturating_add(margin_ms(limits.wall_ms)),
        stdout_bytes: task.jury.limits.stdout_bytes.max(limits.stdout_bytes.saturating_mul(2)).max(LEAST_OUTPUT),
        ..task.jury.limits.clone()
    };
    let result = attempt(place, |place| {
        let (program_run, judge_run) =
            (turn.sandbox_limits(&limits, step.extra_memory_bytes), interactor.sandbox_limits(&judge_limits));
        let mut pair = place.pair(turn.company())?;
        let (first, second) = &mut *pair;
        let work = first.workspace(&program_run, files)?;
        let judge_work = interactor.workspace(second, &judge_run, &case, None)?;
        let (command, judge_command) = (command(step, &test.args), interactor.interactor_command(&case));
        let interaction = interact(
            &mut Party { slot: first, command: &command, limits: &program_run, work: &work },
            &mut Party { slot: second, command: &judge_command, limits: &judge_run, work: &judge_work },
            &|code| interactor.lets_go_on(code),
            task.keep_bytes,
        )?;
        Ok((interaction, judge_work))
    });
    let (mut interaction, judge_work) = match result {
        Ok(done) => done,
        Err(error) => match cannot_be_executed(task, &error) {
            Some(judgement) => return Ok(Pass::without_run(judgement)),
            None => return Err(error.to_string()),
        },
    };
    // One that the interactor ended has no failure of its own.
    let stopped = interaction.program.stopped == Some(Stopped::Interactor);
    let (own, undecided) = if stopped { (None, false) } else { turn.judge(&mut interaction.program, &limits) };
    let mut run = Run::of(task, &interaction.program);
    run.interaction = Excerpt { bytes: interaction.transcript.bytes, truncated: interaction.transcript.truncated };
    let opinion = interactor.opinion(&interaction.interactor, &judge_work, &judge_limits);
    let mut conclude = |own: Option<Judgement>| {
        let opinion = match (opinion.clone(), &own) {
            (Ok(opinion), _) => opinion,
            // It may well fail at a conversation that broke off.
            (Err(_), Some(judgement)) if !interaction.decided_first => {
                return Ok((judgement.clone(), Opinion::default()));
            }
            (Err(reason), _) => return Err(reason),
        };
        let judgement = match own {
            _ if interaction.decided_first && !opinion.accepts => of_opinion(&opinion),
            // What the interactor gave or asked for was for a program that went on well.
            Some(own) => return Ok((own, opinion.without_consequences())),
            None => of_opinion(&opinion),
        };
        if judgement.verdict == Verdict::Accepted
            && interactor.protocol == Protocol::Testlib
            && !task.jury.validators.is_empty()
        {
            // testlib's interactors leave the last word to a checker.
            let output = interactor.interactor_output(&judge_work, &judge_limits, &case)?;
            return judge_output(place, task, test, input, feedback, &output);
        }
        Ok((judgement, opinion))
    };
    let (judgement, opinion) = conclude(own.clone())?;
    let is_accepted = |judged: &Judgement| judged.verdict == Verdict::Accepted;
    let is_near = undecided
        && match own {
            None => is_accepted(&judgement),
            Some(_) => conclude(None).is_ok_and(|(judgement, _)| is_accepted(&judgement)),
        };
    Ok(Pass { run: Some(run), judgement, opinion, is_near })
}

/// A test of which the submission brings the answer: nothing runs but the validators.
fn answered(place: &mut Place, task: &Task, test: &Test) -> Result<Tried, String> {
    let Some(answer) = answer_to(task, &test.id) else {
        let reason = "the submission has no answer to it".to_owned();
        let report = TestReport { verdict: Verdict::WrongAnswer, reason, ..skipped(&test.id) };
        return Ok(Tried { report, points: None });
    };
    let (judgement, opinion) = judge_output(place, task, test, &test.input, &[], answer)?;
    let report = TestReport {
        verdict: judgement.verdict,
        reason: judgement.reason,
        stdout: Excerpt::of(answer, false, task.keep_bytes),
        judge_message: Excerpt::of(&opinion.judge_message, false, task.keep_bytes),
        team_message: Excerpt::of(&opinion.team_message, false, task.keep_bytes),
        ..skipped(&test.id)
    };
    Ok(Tried { report, points: opinion.points })
}

/// The file that is named like the test, with its directories or without, whatever its ending; the only file if there is only
/// one test.
fn answer_to<'a>(task: &'a Task, id: &str) -> Option<&'a [u8]> {
    let last = id.rsplit('/').next().unwrap_or(id);
    let below = id.split_once('/').map_or(id, |(_, rest)| rest);
    let named = |wanted: &str| {
        task.files.iter().find(|file| {
            let path = file.path.to_string_lossy();
            path == wanted || path.rsplit_once('.').is_some_and(|(stem, _)| stem == wanted)
        })
    };
    let only = match (task.files.as_slice(), task.tests.len()) {
        ([only], 1) => Some(only),
        _ => None,
    };
    named(id).or_else(|| named(below)).or_else(|| named(last)).or(only).map(|file| &*file.content)
}

/// The static validator's test: nothing runs but the validator.
fn look_at(place: &mut Place, task: &Task, test: &Test) -> Result<Tried, String> {
    let validator = task.jury.static_validator.as_ref().ok_or("there is no static validator")?;
    let nothing = Content::Bytes(Bytes::new());
    let case = case(test, &nothing, &[])?;
    let opinion =
        validator.look_at(place, &task.jury.limits, &task.files, &task.code, &task.plan.entry_point, &case)?;
    let judgement = of_opinion(&opinion);
    let report = TestReport {
        verdict: judgement.verdict,
        reason: judgement.reason,
        judge_message: Excerpt::of(&opinion.judge_message, false, task.keep_bytes),
        team_message: Excerpt::of(&opinion.team_message, false, task.keep_bytes),
        ..skipped(&test.id)
    };
    Ok(Tried { report, points: opinion.points })
}
