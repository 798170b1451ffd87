//! `assay status`: how far batches are.

use std::io::IsTerminal as _;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::servers::AnyStore;
use super::{Failure, render};
use crate::exit::Exit;
use crate::store::{Progress, Store};

/// How often a batch is looked at while it is followed.
const LOOK: Duration = Duration::from_millis(500);
/// Batches that are listed without a name.
const LISTED: i64 = 20;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The batch; without it the newest ones are listed
    batch: Option<String>,
    /// Follow it until it is finished, with a progress bar on a terminal
    #[arg(long)]
    wait: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: AnyStore,
}

pub(super) async fn run(options: Options) -> Result<Exit, Failure> {
    let store = options.store.open().await?;
    let Some(batch) = &options.batch else {
        let mut table = render::table(&["batch", "from", "submissions", "graded", "quarantined", "waiting", ""]);
        for batch in store.batches(LISTED).await.map_err(anyhow::Error::from)? {
            let Some(progress) = store.progress(&batch).await.map_err(anyhow::Error::from)? else { continue };
            if options.json {
                render::json(&json_of(&progress));
                continue;
            }
            table.add_row(vec![
                comfy_table::Cell::new(render::harmless(&progress.batch_id)),
                render::harmless(&progress.label).into(),
                render::number(progress.submissions),
                render::number(progress.graded),
                render::number(progress.quarantined),
                render::number(progress.waiting),
                if progress.is_finished() { "finished" } else { "" }.into(),
            ]);
        }
        if !options.json {
            render::line(&table.to_string());
        }
        return Ok(Exit::Fine);
    };
    let mut progress = look(&store, batch).await?;
    if options.wait && !progress.is_finished() {
        let bar = render::progress(progress.submissions);
        while !progress.is_finished() {
            bar.set_length(progress.submissions);
            bar.set_position(progress.graded + progress.quarantined);
            bar.set_message(verdicts(&progress));
            tokio::time::sleep(LOOK).await;
            progress = look(&store, batch).await?;
        }
        bar.finish_and_clear();
    }
    if options.json {
        render::json(&json_of(&progress));
    } else {
        print(&progress);
    }
    Ok(if progress.quarantined == 0 { Exit::Fine } else { Exit::Difference })
}

/// A database that is away for a moment is waited for.
async fn look(store: &Store, batch: &str) -> Result<Progress, Failure> {
    loop {
        match store.progress(batch).await {
            Ok(Some(progress)) => return Ok(progress),
            Ok(None) => {
                return Err(Failure::usage(anyhow::anyhow!("there is no batch {batch}; `assay status` lists them")));
            }
            Err(error) if error.is_transient() => {
                tracing::warn!(%error, "waiting for the database");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Err(error) => return Err(anyhow::Error::from(error).into()),
        }
    }
}

/// Results a second: over the last minute while the batch goes on, over all of its time when it is finished.
fn rate(progress: &Progress) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of submissions")]
    let (done, last) = ((progress.graded + progress.quarantined) as f64, progress.last_minute as f64);
    if progress.is_finished() || progress.seconds < 60.0 { done / progress.seconds.max(0.001) } else { last / 60.0 }
}

fn seconds_left(progress: &Progress) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "counts of submissions")]
    let waiting = progress.waiting as f64;
    let rate = rate(progress);
    (waiting > 0.0 && rate > 0.0).then(|| waiting / rate)
}

fn verdicts(progress: &Progress) -> String {
    progress.verdicts.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect::<Vec<_>>().join(", ")
}

fn json_of(progress: &Progress) -> serde_json::Value {
    let verdicts: serde_json::Map<_, _> =
        progress.verdicts.iter().map(|(verdict, count)| (verdict.clone(), (*count).into())).collect();
    json!({"batch_id": progress.batch_id, "label": progress.label, "tenant": progress.tenant, "submissions": progress.submissions,
        "graded": progress.graded, "quarantined": progress.quarantined, "waiting": progress.waiting, "verdicts": verdicts,
        "submitted": progress.submitted, "finished": progress.is_finished(), "seconds": progress.seconds,
        "per_second": rate(progress), "seconds_left": seconds_left(progress)})
}

fn print(progress: &Progress) {
    let done = progress.graded + progress.quarantined;
    let percent = (done * 100).checked_div(progress.submissions).unwrap_or(0);
    render::line(&format!("batch {} ({})", render::harmless(&progress.batch_id), render::harmless(&progress.label)));
    render::line(&format!("{done} of {} done ({percent} %), {:.1} a second", progress.submissions, rate(progress)));
    if !progress.verdicts.is_empty() {
        render::line(&verdicts(progress));
    }
    if progress.quarantined > 0 {
        render::line(&format!("{} quarantined; `assay quarantine list` says why", progress.quarantined));
    }
    let state = if progress.is_finished() {
        format!("finished in {:.1} s", progress.seconds)
    } else if !progress.submitted {
        "still being submitted".to_owned()
    } else {
        match seconds_left(progress) {
            Some(left) => format!("{} waiting, about {:.0} s left", progress.waiting, left),
            None => format!("{} waiting", progress.waiting),
        }
    };
    let colour = if progress.is_finished() && progress.quarantined == 0 { "32" } else { "33" };
    render::line(&if std::io::stdout().is_terminal() { render::coloured(&state, colour) } else { state });
}
