//! `assay submit`: publishes a batch. Running it again with the same submissions adds nothing and completes what was cut off.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use futures_util::StreamExt as _;
use serde_json::json;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::input::{Inputs, Item};
use super::servers::{Broker, Database, await_broker};
use super::{Failure, render};
use crate::executor::service::arrival_of;
use crate::exit::Exit;
use crate::language::Languages;
use crate::queue::{AmqpQueue, Class, Lane, Message, Queue, QueueError};
use crate::store::{Arrival, Enqueued, NewBatch, Store, StoreError};

/// Submissions that are made known in one statement.
const CHUNK: usize = 200;
/// And bytes, about.
const CHUNK_BYTES: usize = 8 << 20;
/// The largest message that every supported version of RabbitMQ takes as it is installed.
const MAX_BODY: usize = 16 << 20;
/// Messages that wait for their confirmation at one time.
const IN_FLIGHT: usize = 100;
/// How long servers that are away are waited for.
const PATIENCE: Duration = Duration::from_mins(5);

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// JSON Lines files (.jsonl), packages, or source files and directories for --problem
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The problem package that source files are for; workers need the same one
    #[arg(long, value_name = "DIR")]
    problem: Option<PathBuf>,
    /// The language of source files, instead of what their extension says
    #[arg(long)]
    language: Option<String>,
    /// The batch's id; by default one that follows from what is submitted
    #[arg(long, value_name = "ID")]
    batch: Option<String>,
    /// Whose they are, for submissions that do not say
    #[arg(long)]
    tenant: Option<String>,
    /// Who goes first
    #[arg(long, value_enum, default_value_t = Class::Bulk)]
    class: Class,
    /// A directory of language files, as the workers have them
    #[arg(long, env = "ASSAY_LANGUAGES", value_name = "DIR")]
    languages: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    broker: Broker,
    #[command(flatten)]
    database: Database,
}

#[derive(Default)]
struct Tally {
    sent: u64,
    known: u64,
    refused: u64,
}

struct Sender {
    store: Store,
    queue: AmqpQueue,
    batch: String,
    lanes: BTreeSet<Lane>,
    tally: Tally,
}

pub(super) async fn run(options: Options) -> Result<Exit, Failure> {
    let languages = Arc::new(Languages::load(options.languages.as_deref()).map_err(Failure::usage)?);
    let inputs = Inputs::open(&options.paths, options.problem.as_deref(), options.language.clone())?;
    let queue = options.broker.queue("assay submit")?;
    let store = options.database.store().await?;
    await_broker(&queue).await?;
    let batch =
        options.batch.clone().unwrap_or_else(|| Uuid::new_v5(&Uuid::NAMESPACE_OID, inputs.key.as_bytes()).to_string());
    if batch.is_empty() || batch.len() > 255 || batch.contains(char::is_control) {
        return Err(Failure::usage(anyhow::anyhow!("--batch: must be 1 to 255 characters without control characters")));
    }
    let new = NewBatch {
        batch_id: batch.clone(),
        tenant: options.tenant.clone(),
        class: options.class,
        label: inputs.label.clone(),
    };
    let progress = render::progress(inputs.total);
    let mut sender = Sender { store, queue, batch, lanes: BTreeSet::new(), tally: Tally::default() };
    patiently(|| sender.store.create_batch(&new)).await?;
    let (items_sender, mut items) = mpsc::channel::<Item>(16);
    let reading = tokio::task::spawn_blocking({
        let languages = Arc::clone(&languages);
        move || inputs.each(&languages, |item| items_sender.blocking_send(item).is_ok())
    });
    let mut chunk = Vec::with_capacity(CHUNK);
    loop {
        let item = items.recv().await;
        let last = item.is_none();
        if let Some(item) = item {
            match prepare(item, &sender.batch, &options, &languages) {
                Ok(prepared) => chunk.push(prepared),
                Err(reason) => {
                    sender.tally.refused += 1;
                    progress.suspend(|| render::note(&format!("assay: {}", render::harmless(&reason))));
                    progress.inc(1);
                }
            }
        }
        let bytes: usize = chunk.iter().map(|(.., body)| body.len()).sum();
        if chunk.len() == CHUNK || bytes > CHUNK_BYTES || (last && !chunk.is_empty()) {
            let length = chunk.len() as u64;
            sender.send(std::mem::take(&mut chunk)).await?;
            progress.inc(length);
        }
        if last {
            break;
        }
    }
    reading.await.map_err(anyhow::Error::from)??;
    patiently(|| sender.store.seal_batch(&sender.batch)).await?;
    progress.finish_and_clear();
    sender.queue.close().await;
    sender.store.close().await;
    let Tally { sent, known, refused } = sender.tally;
    if options.json {
        render::line(
            &json!({"batch_id": sender.batch, "submitted": sent, "known": known, "refused": refused}).to_string(),
        );
    } else {
        render::line(&sender.batch);
        render::note(&format!(
            "{sent} submitted, {known} were known already, {refused} refused; follow with: assay status {}",
            sender.batch
        ));
    }
    Ok(if refused == 0 { Exit::Fine } else { Exit::Difference })
}

/// A submission with its lane, ready to be sent.
fn prepare(
    item: Item,
    batch: &str,
    options: &Options,
    languages: &Languages,
) -> Result<(Arrival, Lane, Vec<u8>), String> {
    let label = item.label;
    let mut submission = item.submission.map_err(|unusable| format!("{label}: {}", unusable.reason))?;
    if submission.batch_id.as_ref().is_some_and(|own| own != batch) {
        return Err(format!("{label}: batch_id: it is not of the batch {batch}; submit it with --batch of its own"));
    }
    let content = blake3::hash(&serde_json::to_vec(&submission).map_err(|error| error.to_string())?).to_string();
    submission.batch_id = Some(batch.to_owned());
    if submission.tenant.is_none() {
        submission.tenant.clone_from(&options.tenant);
    }
    let language =
        languages.get(&submission.language).or_else(|| languages.for_code(&submission.language)).ok_or_else(|| {
            format!(
                "{label}: language: unknown language \"{}\"; `assay languages` lists them",
                submission.language.escape_default()
            )
        })?;
    let lane = Lane::new(language.code(), options.class, submission.tenant.as_deref());
    let mut arrival = arrival_of(&submission);
    arrival.ordinal = i64::try_from(item.ordinal).unwrap_or(i64::MAX);
    arrival.content = Some(content);
    let body = serde_json::to_vec(&submission).map_err(|error| error.to_string())?;
    if body.len() > MAX_BODY {
        let mib = MAX_BODY >> 20;
        return Err(format!("{label}: is larger than the {mib} MiB that a broker takes; put its tests into a package"));
    }
    arrival.label = label;
    Ok((arrival, lane, body))
}

impl Sender {
    /// Makes a chunk known, publishes what nobody has confirmed yet, and notes what is confirmed.
    async fn send(&mut self, chunk: Vec<(Arrival, Lane, Vec<u8>)>) -> Result<(), Failure> {
        let arrivals: Vec<Arrival> = chunk.iter().map(|(arrival, ..)| arrival.clone()).collect();
        let Enqueued { open, clashes } = patiently(|| self.store.enqueue(&arrivals)).await?;
        let mut messages: Vec<Message> = Vec::new();
        for (arrival, lane, body) in chunk {
            let id = arrival.submission_id;
            if clashes.contains(&id) {
                self.tally.refused += 1;
                render::note(&format!("assay: {}: submission_id: {id} is known with another content", arrival.label));
            } else if open.contains(&id) && !messages.iter().any(|sent| sent.id == id) {
                self.open_lane(&lane).await?;
                messages.push(Message { id, lane, body });
            } else {
                self.tally.known += 1;
            }
        }
        let begun = Instant::now();
        while !messages.is_empty() {
            let queue = Queue::Amqp(self.queue.clone());
            let publishing = messages.iter().cloned().map(|message| {
                let queue = queue.clone();
                async move { (message.id, queue.publish(&message).await) }
            });
            let results: Vec<_> = futures_util::stream::iter(publishing).buffer_unordered(IN_FLIGHT).collect().await;
            let mut confirmed = Vec::new();
            let mut failure = None;
            for (id, result) in results {
                match result {
                    Ok(()) => confirmed.push(id),
                    Err(error) => failure = Some(error),
                }
            }
            messages.retain(|message| !confirmed.contains(&message.id));
            self.tally.sent += confirmed.len() as u64;
            patiently(|| self.store.mark_queued(Some(&self.batch), &confirmed)).await?;
            if let Some(error) = failure {
                if begun.elapsed() > PATIENCE {
                    return Err(cut_off(error));
                }
                if matches!(error, QueueError::Unroutable(_)) {
                    // Somebody has removed the queue since.
                    self.lanes.clear();
                    let lanes: BTreeSet<Lane> = messages.iter().map(|message| message.lane.clone()).collect();
                    for lane in &lanes {
                        self.open_lane(lane).await?;
                    }
                }
                tracing::warn!(%error, "not all messages are confirmed; publishing those again");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
        Ok(())
    }

    async fn open_lane(&mut self, lane: &Lane) -> Result<(), Failure> {
        if self.lanes.contains(lane) {
            return Ok(());
        }
        let begun = Instant::now();
        while let Err(error) = self.queue.open_lane(lane).await {
            if begun.elapsed() > PATIENCE {
                return Err(cut_off(error));
            }
            tracing::warn!(%error, "waiting for the broker");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        if let Store::Postgres(store) = &self.store {
            patiently(|| store.add_lane(&lane.code, lane.class, &lane.tenant)).await?;
        }
        self.lanes.insert(lane.clone());
        Ok(())
    }
}

fn cut_off(error: QueueError) -> Failure {
    anyhow::Error::from(error).context("not everything was submitted; the same command again completes it").into()
}

/// Calls the store until it answers, within bounds.
async fn patiently<T, F: Future<Output = Result<T, StoreError>>>(mut call: impl FnMut() -> F) -> Result<T, Failure> {
    let begun = Instant::now();
    loop {
        match call().await {
            Ok(value) => return Ok(value),
            Err(error) if error.is_transient() && begun.elapsed() < PATIENCE => {
                tracing::warn!(%error, "waiting for the database");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            Err(error) => {
                let error = anyhow::Error::from(error);
                return Err(error.context("not everything was submitted; the same command again completes it").into());
            }
        }
    }
}
