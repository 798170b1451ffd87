//! `assay grade`: submissions of any kind, graded on this machine and told. The same loop as a worker's, over a queue in this
//! process and a store in a file.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use assay_shared::{Submission, SubmissionReport, Verdict};
use clap::Args;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use uuid::Uuid;

use super::input::{Inputs, Item, Unusable};
use super::results::add_outputs;
use super::session::{Session, finish, rules};
use super::verify::test_json;
use super::{Common, Failure, render};
use crate::executor::service::{NoVerdict, Outcome, Service, arrival_of};
use crate::executor::twins::Twins;
use crate::exit::Exit;
use crate::queue::{Class, Lane, MemoryQueue, Message, Queue};
use crate::store::{SqliteStore, Store};

/// Submissions that are read before the first of them is printed: results come in the order of the input.
const WINDOW: usize = 1024;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// JSON Lines files (.jsonl), packages, or source files and directories for --problem
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The problem package that source files are graded against
    #[arg(long, value_name = "DIR")]
    problem: Option<PathBuf>,
    /// Milliseconds of CPU time, where a package stores no limit
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    cpu_ms: u64,
    /// The language of source files, instead of what their extension says
    #[arg(long)]
    language: Option<String>,
    /// Grade the lines of standard input as they come, for the path -; what is interrupted is not continued
    #[arg(long, requires = "json")]
    stream: bool,
    /// Show in the JSON what programs printed, as far as it is kept
    #[arg(long, requires = "json")]
    outputs: bool,
    /// Grade submissions that are the same but for id and metadata once, and give all of them the result
    #[arg(long)]
    dedupe: bool,
    #[command(flatten)]
    common: Common,
}

/// What is printed of one submission.
struct Line {
    ordinal: u64,
    label: String,
    id: Option<Uuid>,
    metadata: serde_json::Map<String, serde_json::Value>,
    result: Told,
    /// Lets another submission be read once this line is printed.
    _place: OwnedSemaphorePermit,
}

enum Told {
    Report(Box<SubmissionReport>),
    /// The judge failed: nothing is known about the program.
    JudgeError(String),
    NotGraded(String),
    /// Another line is the same submission.
    Repeated(String),
}

/// A submission that is being graded.
struct Pending {
    ordinal: u64,
    label: String,
    metadata: serde_json::Map<String, serde_json::Value>,
    place: OwnedSemaphorePermit,
}

enum Event {
    Line(Box<Line>),
    Sent(Uuid, Box<Pending>),
    Failed(anyhow::Error),
}

#[derive(Default)]
struct Tally {
    accepted: usize,
    failed: usize,
    verdicts: std::collections::BTreeMap<&'static str, usize>,
}

pub(super) async fn run(options: Options) -> Result<Exit, Failure> {
    let inputs = if options.stream {
        if options.paths != [PathBuf::from("-")] {
            return Err(Failure::usage(anyhow::anyhow!("--stream reads standard input: name - and nothing else")));
        }
        Inputs::stream(options.problem.as_deref())?
    } else {
        Inputs::open(&options.paths, options.problem.as_deref(), options.language.clone())?
    };
    let session = Session::open(&options.common, options.cpu_ms).await?;
    let key = format!("{} {} {}", inputs.key, rules(&options.common.grading)?, options.cpu_ms);
    let batch = session.begin("grade", &key, &inputs.label, options.common.fresh).await?;
    let Session { grader, store, worker } = session;
    for package in &inputs.packages {
        grader.packages.add(Arc::clone(package));
    }
    let total = inputs.total;
    let places = grader.pool.slots() * 2;
    let queue = MemoryQueue::new(places * 2);
    let (outcomes_sender, mut outcomes) = mpsc::channel(places);
    let mut service = Service::new(Queue::Memory(queue.clone()), Store::Sqlite(store.clone()), grader, worker.clone());
    // Whoever interrupts a command again and again does not mean the submission.
    service.bounds.lost = i64::MAX;
    service.outcomes = Some(outcomes_sender);
    service.twins = options.dedupe.then(Twins::default);
    let service = Arc::new(service);

    let (events_sender, mut events) = mpsc::channel(64);
    let feeder = Feeder { store: store.clone(), batch: batch.clone(), queue, events: events_sender };
    let languages = Arc::clone(&service.grader.languages);
    tokio::spawn(feeder.feed(inputs, languages));
    let mut running = tokio::spawn({
        let service = Arc::clone(&service);
        async move { service.run(places).await }
    });

    let mut printer = Printer::new(&options, total);
    let mut pending: HashMap<Uuid, Pending> = HashMap::new();
    let mut early: HashMap<Uuid, Outcome> = HashMap::new();
    let (mut fed, mut ended) = (false, false);
    while printer.printed < total && !(fed && ended && outcomes.is_empty()) {
        tokio::select! {
            event = events.recv(), if !fed => match event {
                Some(Event::Line(line)) => printer.take(*line),
                Some(Event::Sent(id, waiting)) => match early.remove(&id) {
                    Some(outcome) => printer.take(line_of(id, *waiting, outcome)),
                    None => {
                        pending.insert(id, *waiting);
                    }
                },
                Some(Event::Failed(error)) => return Err(error.into()),
                None => fed = true,
            },
            Some(outcome) = outcomes.recv() => {
                let id = outcome.arrival.submission_id;
                match pending.remove(&id) {
                    Some(waiting) => printer.take(line_of(id, waiting, outcome)),
                    // Graded before the note that it was sent was read.
                    None => {
                        early.insert(id, outcome);
                    }
                }
            }
            result = &mut running, if !ended => {
                ended = true;
                result.map_err(anyhow::Error::from)?.map_err(Failure::ended)?;
            }
        }
    }
    if !ended {
        running.await.map_err(anyhow::Error::from)?.map_err(Failure::ended)?;
    }
    let complete = !printer.tally.verdicts.contains_key("JE");
    let exit = printer.close(&batch);
    finish(Arc::clone(&service.grader), &store, &worker, &batch, complete).await?;
    Ok(exit)
}

fn line_of(id: Uuid, waiting: Pending, outcome: Outcome) -> Line {
    let result = match outcome.result {
        Ok(report) => Told::Report(Box::new(report)),
        Err(NoVerdict::Refused(reason)) => Told::NotGraded(reason),
        Err(NoVerdict::JudgeFailed(reason)) => Told::JudgeError(reason),
    };
    let Pending { ordinal, label, metadata, place } = waiting;
    Line { ordinal, label, id: Some(id), metadata, result, _place: place }
}

/// What was read so far, by half of the hash of its content: of each submission of a batch it is all that is kept in memory.
type Seen = HashMap<Uuid, [u8; 16]>;

fn half(hash: blake3::Hash) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&hash.as_bytes()[..16]);
    half
}

/// Reads submissions and puts them into the queue, but for those that are graded already.
struct Feeder {
    store: SqliteStore,
    batch: String,
    queue: MemoryQueue,
    events: mpsc::Sender<Event>,
}

impl Feeder {
    async fn feed(self, inputs: Inputs, languages: Arc<crate::language::Languages>) {
        let (sender, mut items) = mpsc::channel(16);
        let reading =
            tokio::task::spawn_blocking(move || inputs.each(&languages, |item| sender.blocking_send(item).is_ok()));
        let window = Arc::new(Semaphore::new(WINDOW));
        let mut seen = Seen::new();
        while let Some(item) = items.recv().await {
            let Ok(place) = Arc::clone(&window).acquire_owned().await else { return };
            let event = match self.one(item, place, &mut seen).await {
                Ok(Some(event)) => event,
                Ok(None) => continue,
                Err(error) => Event::Failed(error),
            };
            if self.events.send(event).await.is_err() {
                return;
            }
        }
        self.queue.close();
        match reading.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => drop(self.events.send(Event::Failed(error)).await),
            Err(error) => drop(self.events.send(Event::Failed(error.into())).await),
        }
    }

    async fn one(
        &self,
        item: Item,
        place: OwnedSemaphorePermit,
        seen: &mut Seen,
    ) -> Result<Option<Event>, anyhow::Error> {
        let Item { ordinal, label, submission } = item;
        let line = |label, id, metadata, result, place| {
            Ok(Some(Event::Line(Box::new(Line { ordinal, label, id, metadata, result, _place: place }))))
        };
        let mut submission = match submission {
            Ok(submission) => submission,
            Err(Unusable { reason, id, metadata }) => {
                return line(label, id, metadata, Told::NotGraded(reason), place);
            }
        };
        let (id, metadata) = (submission.submission_id, submission.metadata.clone());
        // Whatever batch it was made for: here it is part of what this command grades.
        submission.batch_id = Some(self.batch.clone());
        let body = serde_json::to_vec(&submission)?;
        let content = half(blake3::hash(&body));
        if let Some(known) = seen.get(&id) {
            let first = self.store.label(&self.batch, id).await?;
            let result = if *known == content {
                Told::Repeated(format!("the same submission as {first}, which is graded once"))
            } else {
                Told::NotGraded(format!("submission_id: {first} has this id and another content"))
            };
            return line(label, Some(id), metadata, result, place);
        }
        seen.insert(id, content);
        let store = Store::Sqlite(self.store.clone());
        let mut arrival = arrival_of(&submission);
        arrival.ordinal = i64::try_from(ordinal)?;
        arrival.label.clone_from(&label);
        if store.enqueue(std::slice::from_ref(&arrival)).await?.open.is_empty() {
            if let Some(report) = store.report(Some(&self.batch), id).await? {
                return line(label, Some(id), metadata, Told::Report(Box::new(report)), place);
            }
            // Put aside in the run that is continued: it gets another chance.
            store.readmit(Some(&self.batch), id).await?;
        }
        let sent = Event::Sent(id, Box::new(Pending { ordinal, label, metadata, place }));
        if self.events.send(sent).await.is_err() {
            return Ok(None);
        }
        self.publish(&submission, body).await;
        Ok(None)
    }

    async fn publish(&self, submission: &Submission, body: Vec<u8>) {
        // One lane: in one process the order of the input is the order of the work.
        let lane = Lane { class: Class::Bulk, tenant: String::new(), code: String::new() };
        let message = Message { id: submission.submission_id, lane, body };
        // A queue in this process takes everything.
        drop(Queue::Memory(self.queue.clone()).publish(&message).await);
    }
}

/// Prints lines in the order of the input.
struct Printer {
    json: bool,
    outputs: bool,
    printed: u64,
    waiting: HashMap<u64, Line>,
    table: comfy_table::Table,
    progress: indicatif::ProgressBar,
    tally: Tally,
}

impl Printer {
    fn new(options: &Options, total: u64) -> Self {
        Self {
            json: options.common.json,
            outputs: options.outputs,
            printed: 0,
            waiting: HashMap::new(),
            table: render::table(&["submission", "language", "verdict", "CPU ms", "MiB", "reason"]),
            progress: render::progress(total),
            tally: Tally::default(),
        }
    }

    fn take(&mut self, line: Line) {
        self.progress.inc(1);
        self.waiting.insert(line.ordinal, line);
        while let Some(line) = self.waiting.remove(&self.printed) {
            self.printed += 1;
            self.count(&line.result);
            if self.json {
                self.progress.suspend(|| render::json(&line.json(self.outputs)));
            } else {
                line.add_to(&mut self.table);
            }
        }
    }

    fn count(&mut self, result: &Told) {
        match result {
            Told::Report(report) => {
                *self.tally.verdicts.entry(report.verdict.code()).or_default() += 1;
                self.tally.accepted += usize::from(report.verdict == Verdict::Accepted);
            }
            Told::JudgeError(_) => {
                *self.tally.verdicts.entry(Verdict::JudgeError.code()).or_default() += 1;
                self.tally.failed += 1;
            }
            Told::NotGraded(_) => self.tally.failed += 1,
            Told::Repeated(_) => {}
        }
    }

    fn close(self, batch: &str) -> Exit {
        self.progress.finish_and_clear();
        let Tally { accepted, failed, verdicts } = &self.tally;
        let total = self.printed;
        if self.json {
            render::json(
                &json!({"summary": {"submissions": total, "accepted": accepted, "not_graded": failed, "verdicts": verdicts, "batch_id": batch}}),
            );
        } else {
            render::line(&self.table.to_string());
            let mut parts: Vec<_> = verdicts.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
            if *failed > 0 || parts.is_empty() {
                parts.push(format!("{failed} not graded"));
            }
            let plural = if total == 1 { "" } else { "s" };
            render::line(&format!("\n{total} submission{plural}: {}", parts.join(", ")));
            render::line(&format!("compiler messages and outputs: assay results {batch} --submission ID"));
        }
        if *failed == 0 { Exit::Fine } else { Exit::Difference }
    }
}

impl Line {
    fn json(&self, outputs: bool) -> serde_json::Value {
        let mut value = json!({"submission": self.label, "submission_id": self.id, "language": null, "verdict": null, "score": null,
            "reason": "", "tests": [], "compile_log": null, "compile_cached": null, "same_as": null, "time_limit_ms": null, "metadata": self.metadata});
        match &self.result {
            Told::Report(report) => {
                value["language"] = report.language.clone().into();
                value["verdict"] = report.verdict.code().into();
                value["score"] = report.score.into();
                value["reason"] = report.reason.clone().into();
                let test = |test| {
                    let mut value = test_json(test);
                    if outputs {
                        add_outputs(&mut value, test);
                    }
                    value
                };
                value["compile_cached"] = report.compile.as_ref().map(|compile| compile.cached).into();
                value["same_as"] = report.same_as.map(|id| id.to_string()).into();
                value["tests"] = report.tests.iter().map(test).collect();
                if let Some(compile) =
                    report.compile.as_ref().filter(|_| outputs || report.verdict == Verdict::CompileError)
                {
                    value["compile_log"] = compile.log.text().into();
                }
                value["time_limit_ms"] = report.cpu_limit_ms.into();
            }
            Told::JudgeError(reason) => {
                value["verdict"] = Verdict::JudgeError.code().into();
                value["reason"] = reason.clone().into();
            }
            Told::NotGraded(reason) | Told::Repeated(reason) => value["reason"] = reason.clone().into(),
        }
        value
    }

    fn add_to(&self, table: &mut comfy_table::Table) {
        let blank = |verdict: comfy_table::Cell, reason: &str| {
            vec![
                render::harmless(&self.label).into(),
                "".into(),
                verdict,
                "".into(),
                "".into(),
                render::harmless(reason).into(),
            ]
        };
        match &self.result {
            Told::Report(report) => table.add_row(vec![
                comfy_table::Cell::new(render::harmless(&self.label)),
                (&report.language).into(),
                render::scored_cell(report.verdict, report.score),
                render::number(report.max_cpu_ms()),
                render::number(render::mib(report.max_memory_bytes())),
                render::harmless(&report.reason).into(),
            ]),
            Told::JudgeError(reason) => table.add_row(blank(render::verdict_cell(Verdict::JudgeError), reason)),
            Told::NotGraded(reason) => table.add_row(blank("not graded".into(), reason)),
            Told::Repeated(reason) => table.add_row(blank("repeated".into(), reason)),
        };
    }
}
