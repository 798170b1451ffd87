//! The programs with which packages judge: compiled once for each content, and run in a sandbox of their own.
//!
//! What they answer is an opinion of the program's output. What they fail at is the judge's failure, and names them.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use assay_sandbox::{CollectLimits, Command, End, Input, Outcome, Profile, Slot, WorkFile, Workspace};
use assay_shared::{Limits, MIB};
use bytes::Bytes;
use tokio::sync::OnceCell;

use super::cache::{CompileCache, Recipe};
use super::compile::compile;
use super::pipeline::Content;
use super::run::{attempt, command, sandbox_limits};
use super::{Company, Place, SlotPool};
use crate::judge;
use crate::language::{Languages, Plan, Sources, Step};
use crate::problem::{Program, Protocol};

/// Programs that are kept compiled.
const KEPT: usize = 256;

/// The judges of a problem, ready to run.
#[derive(Clone, Debug)]
pub struct Jury {
    pub validators: Vec<Arc<Judge>>,
    pub interactor: Option<Arc<Judge>>,
    pub static_validator: Option<Arc<Judge>>,
    pub grader: Option<Arc<Judge>>,
    /// Of each of their runs.
    pub limits: Limits,
    /// How often a submission may be run on one test.
    pub passes: u32,
}

impl Default for Jury {
    fn default() -> Self {
        let limits = limits(60_000, 2048 * MIB, 8 * MIB);
        Self { validators: Vec::new(), interactor: None, static_validator: None, grader: None, limits, passes: 1 }
    }
}

/// The limits of a judge's run.
pub(super) fn limits(cpu_ms: u64, memory_bytes: u64, output_bytes: u64) -> Limits {
    Limits {
        cpu_ms,
        wall_ms: assay_shared::limits::default_wall_ms(cpu_ms),
        memory_bytes,
        pids: 64,
        stdout_bytes: output_bytes,
        stderr_bytes: 64 << 10,
        file_bytes: output_bytes,
    }
}

/// One program that judges, compiled.
#[derive(Debug)]
pub struct Judge {
    /// Where it is in the package.
    name: String,
    pub(super) protocol: Protocol,
    run: Step,
    files: Vec<WorkFile>,
    /// A directory that none of its files is in.
    data: String,
}

/// What a judge makes of an output.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Opinion {
    pub(super) accepts: bool,
    pub(super) points: Option<Points>,
    /// For those who look after the judging.
    pub(super) judge_message: Vec<u8>,
    /// For who wrote the submission.
    pub(super) team_message: Vec<u8>,
    /// The input of another pass.
    pub(super) next_pass: Option<Bytes>,
    /// What it left in its feedback directory but the next pass.
    pub(super) feedback: Vec<WorkFile>,
}

impl Opinion {
    /// Only what it says.
    pub(super) fn without_consequences(self) -> Self {
        Self { points: None, next_pass: None, feedback: Vec::new(), ..self }
    }
}

/// What a judge gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Points {
    Score(f64),
    /// A part of the most that the test can give, 0 to 1.
    Share(f64),
}

/// What a judge looks at.
pub(super) struct Case<'a> {
    /// The name of the test.
    pub(super) id: &'a str,
    pub(super) input: &'a Content,
    /// Nothing is an empty one.
    pub(super) answer: Option<&'a Content>,
    /// Of both together.
    pub(super) bytes: u64,
    pub(super) args: &'a [String],
    /// What the judge left in the pass before.
    pub(super) feedback: &'a [WorkFile],
}

impl Case<'_> {
    fn name(&self) -> &str {
        self.id.rsplit('/').next().unwrap_or(self.id)
    }
}

/// Compiled judges by what they are made of.
#[derive(Debug, Default)]
pub struct Judges {
    known: Mutex<HashMap<blake3::Hash, Arc<Made>>>,
}

/// A judge that is compiled once, or why it cannot be.
type Made = OnceCell<Result<Arc<Judge>, String>>;

impl Judges {
    /// The program, compiled now or before.
    ///
    /// # Errors
    /// It cannot be; the text names it and says why.
    pub async fn get(
        &self,
        program: &Arc<Program>,
        languages: &Arc<Languages>,
        cache: Option<&Arc<CompileCache>>,
        pool: &SlotPool,
        sequence: u64,
    ) -> Result<Arc<Judge>, String> {
        let key = program.key();
        let cell = {
            let mut known = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if known.len() >= KEPT && !known.contains_key(&key) {
                known.clear();
            }
            Arc::clone(known.entry(key).or_default())
        };
        let made = cell.get_or_try_init(|| async {
            let (wanted, languages, cache) = (Arc::clone(program), Arc::clone(languages), cache.cloned());
            let planned = tokio::task::spawn_blocking(move || plan(&wanted, &languages, cache.as_ref())).await;
            let planned = match planned {
                Ok(Ok(planned)) => planned,
                Ok(Err(reason)) => return Ok(Err(format!("{}: {reason}", program.name))),
                Err(error) => return Err(format!("{}: {error}", program.name)),
            };
            let wanted = Arc::clone(program);
            let made = pool.run((sequence, 0), move |place| make(place, &wanted, planned)).await;
            // What the sandbox failed at may succeed the next time.
            made.unwrap_or_else(|| Err("the run was abandoned".to_owned()))
        });
        made.await?.clone()
    }
}

/// How a judge is compiled and run.
struct Planned {
    plan: Plan,
    /// As they are placed.
    files: Vec<WorkFile>,
    /// Where the compilation is kept. A script may use any program of the machine, and is run each time.
    recipe: Option<Recipe>,
}

fn plan(program: &Program, languages: &Languages, cache: Option<&Arc<CompileCache>>) -> Result<Planned, String> {
    let work_file = |name: &str, content: &[u8], executable| {
        WorkFile::new(name, Bytes::copy_from_slice(content)).with_mode(executable)
    };
    if program.has("build") || program.has("run") {
        let script = |name: &str| {
            let file = program.files.iter().find(|file| file.name == name);
            let is_marked =
                file.is_none_or(|file| file.content.starts_with(b"#!") || file.content.starts_with(b"\x7fELF"));
            let path = format!("/work/{name}");
            let argv = if is_marked { vec![path] } else { vec!["/bin/sh".to_owned(), path] };
            let profile = if name == "build" { Profile::Compile } else { Profile::Run };
            Step { argv, env: crate::language::base_env(), pids: 64, extra_memory_bytes: 0, profile }
        };
        let compile = if program.has("build") { vec![script("build")] } else { Vec::new() };
        let files = program.files.iter().map(|file| work_file(&file.name, &file.content, file.executable)).collect();
        let plan = Plan {
            place: Vec::new(),
            compile,
            run: script("run"),
            call: None,
            entry_point: "run".to_owned(),
            precompiled: None,
            is_kept: false,
        };
        return Ok(Planned { plan, files, recipe: None });
    }
    let files: Vec<(String, Vec<u8>)> =
        program.files.iter().map(|file| (file.name.clone(), file.content.clone())).collect();
    let language = languages.detect(&files, None).map_err(|error| error.to_string())?;
    if let crate::language::Availability::Missing { reason } = language.availability() {
        return Err(reason.clone());
    }
    let sources = Sources { files: &files, entry_point: None };
    let plan = language.plan(&sources, 2048 * MIB).map_err(|error| error.to_string())?;
    let placed = plan.place.iter().zip(&files).zip(&program.files);
    let files = placed.map(|((name, (_, content)), file)| work_file(name, content, file.executable)).collect();
    let recipe = cache.and_then(|cache| Recipe::new(cache, language));
    Ok(Planned { plan, files, recipe })
}

fn make(place: &mut Place, program: &Program, planned: Planned) -> Result<Result<Arc<Judge>, String>, String> {
    let limits = super::grader::compile_limits(super::grader::COMPILE_MS, None);
    let Planned { plan, files, recipe } = planned;
    let compiled = compile(place, recipe.as_ref(), &plan, files, &limits, 4096)
        .map_err(|error| format!("{}: {error}", program.name))?;
    let files = match compiled.program {
        Ok(files) => files.into_iter().map(WorkFile::shown).collect::<Vec<_>>(),
        Err(judgement) => {
            let log = compiled.report.map(|report| report.log.text()).unwrap_or_default();
            let line = first_line(log.as_bytes());
            let reason = format!("{} does not compile: {}: {line}", program.name, judgement.reason);
            // A limit may be met by chance, such as that of wall time on a crowded machine.
            return if compiled.is_refused { Ok(Err(reason)) } else { Err(reason) };
        }
    };
    let mut data = "judge".to_owned();
    while files.iter().any(|file| file.path.starts_with(&data)) {
        data.push('_');
    }
    Ok(Ok(Arc::new(Judge { name: program.name.clone(), protocol: program.protocol, run: plan.run, files, data })))
}

impl Judge {
    /// Whether an interaction goes on to the program's end after the interactor's exit with this code.
    pub(super) const fn lets_go_on(&self, code: i32) -> bool {
        match self.protocol {
            Protocol::Kattis => code == 42,
            // With the other codes it gives points.
            Protocol::Testlib => !matches!(code, 1 | 2 | 3 | 4 | 8),
        }
    }

    /// Judges an output.
    ///
    /// # Errors
    /// It gives no opinion; the text names it and says why.
    pub(super) fn validate(
        &self,
        place: &mut Place,
        limits: &Limits,
        case: &Case<'_>,
        output: &[u8],
    ) -> Result<Opinion, String> {
        let stdin = Input::from_bytes(output).map_err(|error| error.to_string())?;
        let own = (self.protocol == Protocol::Testlib).then_some(output);
        self.run_once(place, limits, (&self.run, &self.arguments(case, false)), &stdin, |slot, limits| {
            self.workspace(slot, limits, case, own)
        })
    }

    /// Judges a source: its files are in the working directory.
    ///
    /// # Errors
    /// It gives no opinion; the text names it and says why.
    pub(super) fn look_at(
        &self,
        place: &mut Place,
        limits: &Limits,
        sources: &[WorkFile],
        language: &str,
        entry_point: &str,
        case: &Case<'_>,
    ) -> Result<Opinion, String> {
        // In a directory of their own: nothing of a submission may be taken for the validator's, or for its feedback.
        let own = Path::new(&self.data).join("submission");
        let sources: Vec<WorkFile> = sources.iter().map(|file| file.moved(own.join(&file.path))).collect();
        let feedback = format!("/work/{}/feedback/", self.data);
        let enter = ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\""].map(str::to_owned);
        // What the language runs in its working directory is elsewhere then.
        let program = self.run.argv.iter().map(|item| if item == "." { "/work".to_owned() } else { item.clone() });
        let argv = enter.into_iter().chain([format!("/work/{}", own.display())]).chain(program).collect();
        let step = Step { argv, pids: self.run.pids.max(4), ..self.run.clone() };
        let args: Vec<String> = [language, entry_point, &feedback]
            .into_iter()
            .map(str::to_owned)
            .chain(case.args.iter().cloned())
            .collect();
        self.run_once(place, limits, (&step, &args), &Input::empty(), |slot, limits| {
            let work = slot.workspace(limits, &[&self.files, &sources])?;
            work.directory(&own)?;
            work.directory(Path::new(&self.data).join("feedback"))?;
            Ok(work)
        })
    }

    /// Aggregates results: what it prints.
    ///
    /// # Errors
    /// It gives none; the text names it and says why.
    pub(super) fn aggregate(
        &self,
        place: &mut Place,
        limits: &Limits,
        args: &[String],
        results: &str,
    ) -> Result<String, String> {
        let stdin = Input::from_bytes(results.as_bytes()).map_err(|error| error.to_string())?;
        let run = self.sandbox_limits(limits);
        let outcome = attempt(place, |place| {
            let mut slot = place.slot(Company::Others)?;
            let work = slot.workspace(&run, &[&self.files])?;
            slot.run(&command(&self.run, args), &run, &work, &stdin)
        })
        .map_err(|error| format!("{}: {error}", self.name))?;
        match self.exit_code(&outcome, limits)? {
            0 => Ok(String::from_utf8_lossy(&outcome.stdout.bytes).into_owned()),
            code => Err(self.complaint(&format!("exit code {code}, not 0"), &outcome)),
        }
    }

    fn run_once(
        &self,
        place: &mut Place,
        limits: &Limits,
        (step, args): (&Step, &[String]),
        stdin: &Input,
        workspace: impl Fn(&mut Slot, &assay_sandbox::Limits) -> Result<Workspace, assay_sandbox::Error>,
    ) -> Result<Opinion, String> {
        let run = self.sandbox_limits(limits);
        let (outcome, work) = attempt(place, |place| {
            let mut slot = place.slot(Company::Others)?;
            let work = workspace(&mut slot, &run)?;
            let outcome = slot.run(&command(step, args), &run, &work, stdin)?;
            Ok((outcome, work))
        })
        .map_err(|error| format!("{}: {error}", self.name))?;
        self.opinion(&outcome, &work, limits)
    }

    pub(super) fn sandbox_limits(&self, limits: &Limits) -> assay_sandbox::Limits {
        let limits = Limits { pids: limits.pids.max(self.run.pids), ..limits.clone() };
        sandbox_limits(&limits, self.run.extra_memory_bytes)
    }

    /// How it is called as an interactor.
    pub(super) fn interactor_command(&self, case: &Case<'_>) -> Command {
        command(&self.run, &self.arguments(case, true))
    }

    fn arguments(&self, case: &Case<'_>, interactive: bool) -> Vec<String> {
        let (data, name) = (&self.data, case.name());
        let input = format!("/work/{data}/{name}.in");
        let answer = format!("/work/{data}/{name}.ans");
        let mut args = match (self.protocol, interactive) {
            (Protocol::Kattis, _) => vec![input, answer, format!("/work/{data}/feedback/")],
            (Protocol::Testlib, _) => vec![input, format!("/work/{data}/{name}.out"), answer],
        };
        args.extend(case.args.iter().cloned());
        args
    }

    /// Its program with the files that it looks at.
    pub(super) fn workspace(
        &self,
        slot: &mut Slot,
        limits: &assay_sandbox::Limits,
        case: &Case<'_>,
        output: Option<&[u8]>,
    ) -> Result<Workspace, assay_sandbox::Error> {
        let (data, name) = (Path::new(&self.data), case.name());
        let mut files: Vec<WorkFile> = output
            .map(|output| WorkFile::new(data.join(format!("{name}.out")), Bytes::copy_from_slice(output)))
            .into_iter()
            .collect();
        let feedback = data.join("feedback");
        files.extend(case.feedback.iter().map(|file| file.moved(feedback.join(&file.path))));
        // Input and answer take nothing of the limits either: of whole pages, with a directory.
        let room = assay_sandbox::Limits {
            file_bytes: limits.file_bytes.saturating_add(case.bytes).saturating_add(128 << 10),
            inodes: limits.inodes.saturating_add(3),
            ..limits.clone()
        };
        let work = slot.workspace(&room, &[&self.files, &files])?;
        case.input.put(&work, &data.join(format!("{name}.in")))?;
        let answer = data.join(format!("{name}.ans"));
        match case.answer {
            Some(content) => content.put(&work, &answer)?,
            None => work.copy_in(&answer, &mut std::io::empty())?,
        }
        work.directory(&feedback)?;
        Ok(work)
    }

    /// What its run says.
    ///
    /// # Errors
    /// Nothing: it crashed, took too much, or answered what means nothing.
    pub(super) fn opinion(&self, outcome: &Outcome, work: &Workspace, limits: &Limits) -> Result<Opinion, String> {
        let code = self.exit_code(outcome, limits)?;
        let bounds = CollectLimits { bytes: limits.file_bytes.saturating_mul(2), ..CollectLimits::default() };
        let data = Path::new(&self.data);
        let mut feedback =
            work.collect(data.join("feedback"), bounds).map_err(|error| format!("{}: {error}", self.name))?;
        for file in &mut feedback {
            if let Ok(path) = file.path.strip_prefix(data.join("feedback")) {
                file.path = path.to_owned();
            }
        }
        match self.protocol {
            Protocol::Kattis => {
                let accepts = match code {
                    42 => true,
                    43 => false,
                    code => return Err(self.complaint(&format!("exit code {code}, neither 42 nor 43"), outcome)),
                };
                // What is there and was not collected is a link, a directory or the like.
                for name in ["nextpass.in", "score.txt", "score_multiplier.txt"] {
                    let collected = feedback.iter().any(|file| file.path == Path::new(name));
                    let there = work.has(data.join("feedback").join(name));
                    if !collected && there.map_err(|error| format!("{}: {error}", self.name))? {
                        return Err(format!("{}: {name} is no regular file with one name", self.name));
                    }
                }
                let next = feedback.iter().position(|file| file.path == Path::new("nextpass.in"));
                let next_pass = next.map(|at| feedback.remove(at).content);
                let text = |name: &str| {
                    let file = feedback.iter().find(|file| file.path == Path::new(name));
                    file.map(|file| file.content.to_vec()).unwrap_or_default()
                };
                let (judge_message, team_message) = (text("judgemessage.txt"), text("teammessage.txt"));
                let points = self.points(&feedback)?;
                Ok(Opinion { accepts, points, judge_message, team_message, next_pass, feedback })
            }
            Protocol::Testlib => {
                let said = String::from_utf8_lossy(&outcome.stderr.bytes).into_owned();
                let number = |text: &str| {
                    let word = text.trim_start().split(|c: char| c.is_whitespace() || c == ')').next()?;
                    word.parse::<f64>().ok().filter(|number| number.is_finite())
                };
                let (accepts, points) = match code {
                    // Its exit code is the number of points from a base that differs, so that it may be any.
                    _ if said.starts_with("partially correct (") => {
                        match said.strip_prefix("partially correct (").and_then(number) {
                            Some(points) => (true, Some(Points::Score(points))),
                            None => return Err(self.complaint("partially correct without a number", outcome)),
                        }
                    }
                    0 => (true, None),
                    1 | 2 | 4 | 8 => (false, None),
                    7 => match said.strip_prefix("points").and_then(number) {
                        Some(points) => (true, Some(Points::Score(points))),
                        None => return Err(self.complaint("exit code 7 without points", outcome)),
                    },
                    3 => return Err(self.complaint("exit code 3: it says that it failed", outcome)),
                    code => {
                        return Err(self.complaint(&format!("exit code {code}, which testlib does not have"), outcome));
                    }
                };
                Ok(Opinion { accepts, points, judge_message: said.into_bytes(), ..Opinion::default() })
            }
        }
    }

    /// What a testlib interactor has written for its checker.
    ///
    /// # Errors
    /// It wrote more than its limits allow.
    pub(super) fn interactor_output(
        &self,
        work: &Workspace,
        limits: &Limits,
        case: &Case<'_>,
    ) -> Result<Vec<u8>, String> {
        let path = Path::new(&self.data).join(format!("{}.out", case.name()));
        let bytes = limits.file_bytes.saturating_add(case.bytes);
        let files = work.collect(&self.data, CollectLimits { bytes, ..CollectLimits::default() });
        let files = files.map_err(|error| format!("{}: {error}", self.name))?;
        Ok(files.into_iter().find(|file| file.path == path).map(|file| file.content.to_vec()).unwrap_or_default())
    }

    fn points(&self, feedback: &[WorkFile]) -> Result<Option<Points>, String> {
        let read = |name: &str| {
            let Some(file) = feedback.iter().find(|file| file.path == Path::new(name)) else { return Ok(None) };
            let text = String::from_utf8_lossy(&file.content);
            match text.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(Some(number)),
                _ => Err(format!("{}: {name} holds no number: \"{}\"", self.name, first_line(&file.content))),
            }
        };
        match (read("score.txt")?, read("score_multiplier.txt")?) {
            (Some(_), Some(_)) => Err(format!("{}: it left both score.txt and score_multiplier.txt", self.name)),
            (Some(score), None) => Ok(Some(Points::Score(score))),
            (None, Some(share)) if (0.0..=1.0).contains(&share) => Ok(Some(Points::Share(share))),
            (None, Some(share)) => Err(format!("{}: score_multiplier.txt: {share} is not in 0 to 1", self.name)),
            (None, None) => Ok(None),
        }
    }

    /// How it exited, if nothing else was wrong with its run.
    fn exit_code(&self, outcome: &Outcome, limits: &Limits) -> Result<i32, String> {
        let plain = outcome.stopped.is_none() && outcome.usage.oom_kills == 0;
        match (outcome.end, judge::of_run(outcome, limits)) {
            (End::Code(code), _) if plain => Ok(code),
            (_, Some(judgement)) => Err(self.complaint(&judgement.reason, outcome)),
            (_, None) => Err(self.complaint("it was stopped", outcome)),
        }
    }

    fn complaint(&self, what: &str, outcome: &Outcome) -> String {
        let line = first_line(&outcome.stderr.bytes);
        if line.is_empty() { format!("{}: {what}", self.name) } else { format!("{}: {what}: {line}", self.name) }
    }
}

/// The first line of a text that says something, bounded.
pub(super) fn first_line(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(&text[..text.len().min(4096)]);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    line.chars().filter(|c| !c.is_control()).take(200).collect()
}
