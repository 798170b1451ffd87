//! `assay quarantine`: what was put aside, and what is to become of it. The dead-letter queue has the messages; the store has the
//! state of the submissions.

use std::collections::BTreeSet;

use clap::{Args, Subcommand};
use serde_json::json;
use uuid::Uuid;

use super::servers::{Broker, Database, await_broker};
use super::{Failure, render};
use crate::exit::Exit;
use crate::queue::{AmqpQueue, DeadLetter, Message, Queue};
use crate::store::Store;

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List what was put aside, and why
    List(Servers),
    /// Send it round again; earlier attempts are forgiven
    Retry(Chosen),
    /// Take it out of the dead-letter queue for good; the store keeps its row
    Drop(Chosen),
}

#[derive(Debug, Args)]
struct Servers {
    #[command(flatten)]
    broker: Broker,
    #[command(flatten)]
    database: Database,
    /// Print JSON, one object a line
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Chosen {
    /// Submissions
    #[arg(required_unless_present = "all")]
    ids: Vec<Uuid>,
    /// All of them, also messages that are no submission
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    #[command(flatten)]
    servers: Servers,
}

pub(super) async fn run(options: Options) -> Result<Exit, Failure> {
    match options.action {
        Action::List(servers) => list(&servers).await,
        Action::Retry(chosen) => act(&chosen, true).await,
        Action::Drop(chosen) => act(&chosen, false).await,
    }
}

async fn list(servers: &Servers) -> Result<Exit, Failure> {
    let queue = servers.broker.queue("assay quarantine")?;
    await_broker(&queue).await?;
    let mut table = render::table(&["submission", "lane", "bytes", "reason"]);
    let mut count = 0_usize;
    let look = |letter: DeadLetter| {
        count += 1;
        let lane = letter.lane.as_ref().map(crate::queue::Lane::key);
        if servers.json {
            render::line(
                &json!({"submission_id": letter.id, "lane": lane, "bytes": letter.body.len(), "reason": letter.reason})
                    .to_string(),
            );
        } else {
            table.add_row(vec![
                comfy_table::Cell::new(letter.id.map_or_else(|| "no submission".to_owned(), |id| id.to_string())),
                lane.unwrap_or_default().into(),
                render::number(letter.body.len()),
                render::harmless(&letter.reason).into(),
            ]);
        }
        async { false }
    };
    queue.dead_letters(look).await.map_err(anyhow::Error::from)?;
    if !servers.json {
        if count > 0 {
            render::line(&table.to_string());
        }
        render::line(&format!("{count} messages are put aside"));
    }
    queue.close().await;
    Ok(Exit::Fine)
}

async fn act(chosen: &Chosen, retry: bool) -> Result<Exit, Failure> {
    let queue = chosen.servers.broker.queue("assay quarantine")?;
    let store = chosen.servers.database.store().await?;
    await_broker(&queue).await?;
    let wanted: BTreeSet<Uuid> = chosen.ids.iter().copied().collect();
    let mut found = BTreeSet::new();
    let (mut taken, mut failures) = (0_usize, Vec::new());
    let results = std::sync::Mutex::new((&mut taken, &mut failures, &mut found));
    queue
        .dead_letters(|letter| {
            let (queue, store, results) = (&queue, &store, &results);
            let mine = chosen.all || letter.id.is_some_and(|id| wanted.contains(&id));
            async move {
                if !mine {
                    return false;
                }
                let id = letter.id;
                let done = if retry { send_again(queue, store, letter).await } else { let_go(store, letter).await };
                let mut results = results.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                results.2.extend(id);
                match done {
                    Ok(()) => {
                        *results.0 += 1;
                        true
                    }
                    Err(reason) => {
                        let id = id.map_or_else(|| "a message".to_owned(), |id| id.to_string());
                        results.1.push(format!("{id}: {reason}"));
                        false
                    }
                }
            }
        })
        .await
        .map_err(anyhow::Error::from)?;
    for failure in &failures {
        render::note(&format!("assay: {failure}"));
    }
    let missing: Vec<&Uuid> = wanted.difference(&found).collect();
    for id in &missing {
        render::note(&format!("assay: {id}: is not in the dead-letter queue"));
    }
    let verb = if retry { "sent again" } else { "dropped" };
    if chosen.servers.json {
        render::line(
            &json!({verb.replace(' ', "_"): taken, "failed": failures.len(), "missing": missing.len()}).to_string(),
        );
    } else {
        render::line(&format!("{taken} {verb}"));
    }
    queue.close().await;
    store.close().await;
    let complete = failures.is_empty() && missing.is_empty();
    Ok(if complete { Exit::Fine } else { Exit::Difference })
}

/// The store learns of what the broker had put aside by itself.
async fn let_go(store: &Store, letter: DeadLetter) -> Result<(), String> {
    let Ok(submission) = assay_shared::Submission::from_json(&letter.body) else { return Ok(()) };
    let (batch, id) = (submission.batch_id.as_deref(), submission.submission_id);
    store.quarantine(batch, id, &letter.reason).await.map_err(|error| error.to_string())
}

async fn send_again(queue: &AmqpQueue, store: &Store, letter: DeadLetter) -> Result<(), String> {
    let lane = letter.lane.ok_or("it is not known which lane it was in")?;
    let submission = assay_shared::Submission::from_json(&letter.body)
        .map_err(|malformed| format!("it would only come back: {malformed}"))?;
    let id = submission.submission_id;
    // First the state, so that a worker that gets it at once does not find it put aside.
    store.readmit(submission.batch_id.as_deref(), id).await.map_err(|error| error.to_string())?;
    queue.open_lane(&lane).await.map_err(|error| error.to_string())?;
    let message = Message { id, lane, body: letter.body };
    Queue::Amqp(queue.clone()).publish(&message).await.map_err(|error| error.to_string())
}
