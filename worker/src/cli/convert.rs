//! `assay convert`: records of public data sets, a function with its tests each, as submissions for `assay grade`.
//!
//! Arguments and expected values are what the record's own tests call its own solution with, and what that returns. A record that
//! cannot be expressed so that verdicts mean the same is left out with the reason.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use assay_shared::{Submission, Value};
use clap::{Args, ValueEnum};
use futures_util::StreamExt as _;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::session::{default_cache, grader};
use super::{Failure, Grading, render};
use crate::executor::grader::Grader;
use crate::executor::record::{Kind, Recorded, RecordedCall, Request, record};
use crate::exit::Exit;
use crate::language::{Availability, Sources, Step};

/// Whose functions they are.
const LANGUAGE: &str = "python3";
/// The tolerance of floating-point results where the tests name none.
const TOLERANCE: f64 = 1e-6;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The shape of the records
    #[arg(value_enum)]
    format: Format,
    /// The data set, JSON Lines
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Generated programs, JSON Lines of task_id and completion, solution or code; without it the records' own solutions
    #[arg(long, value_name = "FILE")]
    samples: Option<PathBuf>,
    #[command(flatten)]
    grading: Grading,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// task_id, prompt, canonical_solution, test, entry_point
    Humaneval,
    /// task_id, code, test_list, perhaps test_setup_code or test_imports
    Mbpp,
}

#[derive(Deserialize)]
struct HumanEval {
    task_id: Json,
    prompt: String,
    canonical_solution: String,
    test: String,
    entry_point: String,
}

#[derive(Deserialize)]
struct Mbpp {
    task_id: Json,
    code: String,
    test_list: Vec<String>,
    #[serde(default)]
    test_setup_code: String,
    #[serde(default)]
    test_imports: Vec<String>,
}

#[derive(Deserialize)]
struct Sample {
    task_id: Json,
    completion: Option<String>,
    solution: Option<String>,
    code: Option<String>,
}

/// A record of either shape.
struct Task {
    id: String,
    /// What a completion goes on from.
    prompt: String,
    request: Request,
}

/// A record with its tests, or why it has none.
struct Converted {
    task: Task,
    label: String,
    tests: Result<Tests, String>,
}

struct Tests {
    function: String,
    list: Vec<Json>,
    checker: Option<Json>,
}

impl Task {
    fn read(format: Format, line: &[u8]) -> Result<Self, String> {
        let problem = |error: serde_json::Error| format!("is no record of this shape: {error}");
        match format {
            Format::Humaneval => {
                let record: HumanEval = serde_json::from_slice(line).map_err(problem)?;
                Ok(Self {
                    id: name(&record.task_id)?,
                    request: Request {
                        kind: Kind::HumanEval,
                        solution: format!("{}{}", record.prompt, record.canonical_solution),
                        setup: String::new(),
                        tests: record.test,
                        function: Some(record.entry_point),
                    },
                    prompt: record.prompt,
                })
            }
            Format::Mbpp => {
                let record: Mbpp = serde_json::from_slice(line).map_err(problem)?;
                let mut setup = record.test_imports;
                setup.push(record.test_setup_code);
                setup.retain(|line| !line.trim().is_empty());
                Ok(Self {
                    id: name(&record.task_id)?,
                    prompt: String::new(),
                    request: Request {
                        kind: Kind::Mbpp,
                        solution: record.code,
                        setup: setup.join("\n"),
                        tests: record.test_list.join("\n"),
                        function: None,
                    },
                })
            }
        }
    }

    /// The program that a sample is; without one, the record's own.
    fn program(&self, sample: Option<Sample>) -> Result<String, String> {
        let own = match sample {
            None => self.request.solution.clone(),
            Some(Sample { solution: Some(text), .. } | Sample { code: Some(text), .. }) => text,
            Some(Sample { completion: Some(text), .. }) => format!("{}{text}", self.prompt),
            Some(_) => return Err("needs \"completion\", \"solution\" or \"code\"".to_owned()),
        };
        // The tests of a record are run with its setup in the program's own names.
        let setup = &self.request.setup;
        Ok(if setup.is_empty() { own } else { format!("{own}\n\n{setup}\n") })
    }
}

/// A task's id as text.
fn name(id: &Json) -> Result<String, String> {
    match id {
        Json::String(text) if !text.is_empty() => Ok(text.clone()),
        Json::Number(number) => Ok(number.to_string()),
        _ => Err("task_id must be text or a number".to_owned()),
    }
}

pub(super) async fn run(options: Options) -> Result<Exit, Failure> {
    let mut left_out = 0_usize;
    let mut tasks = Vec::new();
    for (label, line) in lines(&options.file)? {
        match Task::read(options.format, &line) {
            Ok(task) => tasks.push((label, task)),
            Err(reason) => {
                render::note(&format!("assay: {label}: {reason}"));
                left_out += 1;
            }
        }
    }
    if tasks.is_empty() {
        let path = options.file.display();
        return Err(Failure::usage(anyhow::anyhow!("there are no records of this shape in {path}")));
    }
    // Read before the work is begun, so that a wrong name is told at once.
    let samples = options.samples.as_deref().map(lines).transpose()?;
    let grader = Arc::new(grader(&options.grading, None, 10_000, default_cache)?);
    let step = step(&grader)?;
    let recording = tasks.into_iter().enumerate().map(|(index, (label, task))| {
        let (grader, step) = (Arc::clone(&grader), step.clone());
        async move {
            let request = task.request.clone();
            let recorded = grader
                .pool
                .run((index as u64, 0), move |place| record(place, &step, &request).and_then(tests_of))
                .await;
            let tests = recorded.unwrap_or_else(|| Err("the run was abandoned".to_owned()));
            Converted { task, label, tests }
        }
    });
    let mut converted = futures_util::stream::iter(recording).buffered(2 * grader.pool.slots());
    let mut known: HashMap<String, Converted> = HashMap::new();
    let mut written = 0_usize;
    while let Some(record) = converted.next().await {
        let Converted { task, label, tests } = &record;
        if known.contains_key(&task.id) {
            render::note(&format!("assay: {label}: {}: another record has this task_id; left out", task.id));
            left_out += 1;
            continue;
        }
        match tests {
            Err(reason) => {
                render::note(&format!("assay: {label}: {}: {reason}", task.id));
                left_out += 1;
            }
            Ok(tests) if samples.is_none() => match submission(task, tests, None, written) {
                Ok(line) => {
                    render::line(&line);
                    written += 1;
                }
                Err(reason) => {
                    render::note(&format!("assay: {label}: {}: {reason}", task.id));
                    left_out += 1;
                }
            },
            Ok(_) => {}
        }
        known.insert(task.id.clone(), record);
    }
    drop(converted);
    let records = known.len();
    for (label, line) in samples.into_iter().flatten() {
        match of_sample(&known, &line, written) {
            Ok(line) => {
                render::line(&line);
                written += 1;
            }
            Err(reason) => {
                render::note(&format!("assay: {label}: {reason}"));
                left_out += 1;
            }
        }
    }
    tokio::task::spawn_blocking(move || grader.pool.close())
        .await
        .context("closing the slots")?
        .map_err(|error| anyhow::Error::new(error).context("clearing away"))?;
    render::note(&format!("{written} submissions of {records} records; {left_out} lines left out"));
    Ok(if left_out == 0 { Exit::Fine } else { Exit::Difference })
}

/// The lines of a file that are not blank, each with its place.
fn lines(path: &Path) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let shown = path.display();
    let read = || {
        let mut found = Vec::new();
        for (number, line) in BufReader::new(File::open(path)?).split(b'\n').enumerate() {
            let line = line?;
            if !line.iter().all(u8::is_ascii_whitespace) {
                found.push((format!("{shown}:{}", number + 1), line));
            }
        }
        Ok::<_, std::io::Error>(found)
    };
    read().with_context(|| format!("cannot read {shown}")).map_err(Failure::usage)
}

/// How a program of ours is started in the language.
fn step(grader: &Grader) -> Result<Step, Failure> {
    let language = grader
        .languages
        .get(LANGUAGE)
        .ok_or_else(|| Failure::usage(anyhow::anyhow!("there is no language {LANGUAGE}")))?;
    if let Availability::Missing { reason } = language.availability() {
        return Err(Failure::usage(anyhow::anyhow!("language {LANGUAGE} is not available: {reason}")));
    }
    let extension = language.extensions().first().cloned().unwrap_or_default();
    let files = [(format!("main.{extension}"), Vec::new())];
    let plan = language.plan(&Sources { files: &files, entry_point: None }, 2048 << 20).map_err(Failure::usage)?;
    let call = plan.call.ok_or_else(|| anyhow::anyhow!("functions cannot be called in {LANGUAGE} as it is defined"));
    Ok(call.map_err(Failure::usage)?.step)
}

/// The tests of a message that calls make.
fn tests_of(recorded: Recorded) -> Result<Tests, String> {
    let mut inexact = false;
    let mut list = Vec::new();
    for (number, RecordedCall { call: (args, kwargs), returns }) in (1..).zip(recorded.calls) {
        inexact |= is_inexact(&Value::read(&returns)?);
        let mut test = json!({"id": number.to_string(), "args": args});
        if !kwargs.is_empty() {
            test["kwargs"] = kwargs.into();
        }
        test["returns"] = returns;
        list.push(test);
    }
    let checker = inexact.then(|| {
        let (absolute, relative) = match (recorded.absolute, recorded.relative) {
            (None, None) => (Some(TOLERANCE), Some(TOLERANCE)),
            named => named,
        };
        let named = [("float_absolute", absolute), ("float_relative", relative)];
        named.into_iter().filter_map(|(field, bound)| Some((field.to_owned(), json!(bound?)))).collect()
    });
    Ok(Tests { function: recorded.function, list, checker })
}

/// Whether there is a floating-point number in it.
fn is_inexact(value: &Value) -> bool {
    match value {
        Value::Float(_) | Value::Complex(..) => true,
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => items.iter().any(is_inexact),
        Value::Dict(entries) => entries.iter().any(|(_, value)| is_inexact(value)),
        _ => false,
    }
}

fn of_sample(known: &HashMap<String, Converted>, line: &[u8], index: usize) -> Result<String, String> {
    let sample: Sample = serde_json::from_slice(line).map_err(|error| format!("is no sample: {error}"))?;
    let id = name(&sample.task_id)?;
    let Converted { task, tests, .. } =
        known.get(&id).ok_or_else(|| format!("task_id: the data set has no \"{}\"", id.escape_debug()))?;
    let tests = tests.as_ref().map_err(|_| format!("{id} is left out of the data set"))?;
    submission(task, tests, Some(sample), index)
}

/// One message.
fn submission(task: &Task, tests: &Tests, sample: Option<Sample>, index: usize) -> Result<String, String> {
    let mut message = json!({
        "version": assay_shared::submission::MESSAGE_VERSION,
        "submission_id": Uuid::nil(),
        "language": LANGUAGE,
        "files": [{"name": "solution.py", "text": task.program(sample)?}],
        "function": {"name": tests.function},
        "tests": tests.list,
        "metadata": {"task_id": task.id},
    });
    if let Some(checker) = &tests.checker {
        message["checker"] = checker.clone();
    }
    // Equal samples are different submissions, as pass@k counts them.
    let content = blake3::hash(format!("{index} {message}").as_bytes());
    message["submission_id"] = json!(Uuid::new_v5(&Uuid::NAMESPACE_OID, content.as_bytes()));
    let line = message.to_string();
    Submission::from_json(line.as_bytes()).map_err(|malformed| malformed.to_string())?;
    Ok(line)
}
