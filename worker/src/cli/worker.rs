//! `assay worker`: takes submissions from RabbitMQ, records verdicts in PostgreSQL, until it is told to stop.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::servers::{Broker, Database, await_broker};
use super::session::{default_cache, grader, runtime, worker as self_as_worker};
use super::{Failure, Grading};
use crate::api;
use crate::executor::grader::Grader;
use crate::executor::service::{Service, Stopper};
use crate::executor::twins::Twins;
use crate::exit::Exit;
use crate::language::Availability;
use crate::queue::{AmqpQueue, Class, Lane, Queue};
use crate::store::{Bounds, Store, Worker};

/// How often the lanes of other tenants are looked for.
const LANES_PAUSE: Duration = Duration::from_secs(1);
const DEPTH_PAUSE: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    broker: Broker,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    grading: Grading,
    /// Problem packages, as ID/, ID.zip or ID.tar.gz, for submissions that name one
    #[arg(long, env = "ASSAY_PACKAGES", value_name = "DIR")]
    packages: Option<PathBuf>,
    /// Milliseconds of CPU time, where neither the submission nor its package names a limit
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    cpu_ms: u64,
    /// Grade submissions of a batch that are the same but for id and metadata once, and give all of them the result
    #[arg(long, env = "ASSAY_DEDUPE", value_parser = clap::builder::BoolishValueParser::new(), num_args = 0, default_missing_value = "true", default_value = "false")]
    dedupe: bool,
    /// Where /metrics, /healthz and /readyz are served
    #[arg(long, env = "ASSAY_HTTP", value_name = "ADDRESS", default_value = "127.0.0.1:9187")]
    http: SocketAddr,
    /// Seconds that a worker which is told to stop takes to finish what it has; then it hands it back
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    drain_seconds: u64,
    /// Judge errors after which a submission is put aside
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(i64).range(1..=100))]
    max_judge_errors: i64,
    /// Workers that may end while they have a submission, before it is put aside
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(i64).range(1..=100))]
    max_lost: i64,
}

pub(super) fn run(options: Options) -> Result<Exit, Failure> {
    let runtime = runtime()?;
    let exit = runtime.block_on(serve(options));
    runtime.shutdown_background();
    exit
}

async fn serve(options: Options) -> Result<Exit, Failure> {
    let mut signals = Signals::new()?;
    let drain = Duration::from_secs(options.drain_seconds);
    let started = tokio::select! {
        started = start(options) => started?,
        () = signals.next() => {
            tracing::info!("told to stop before it was ready");
            return Ok(Exit::Fine);
        }
    };
    work(started, signals, drain).await
}

/// A worker that is known to the store and listens.
struct Started {
    queue: AmqpQueue,
    listener: tokio::net::TcpListener,
    grader: Arc<Grader>,
    codes: Vec<String>,
    store: Store,
    worker: Worker,
    bounds: Bounds,
    dedupe: bool,
}

async fn start(options: Options) -> Result<Started, Failure> {
    let dedupe = options.dedupe;
    let queue = options.broker.queue("assay worker")?;
    let listener = api::bind(options.http)
        .await
        .map_err(|error| Failure::usage(anyhow::anyhow!("--http {}: {error}; name another address", options.http)))?;
    let grader = Arc::new(grader(&options.grading, options.packages, options.cpu_ms, default_cache)?);
    grader.pool.canary().await.map_err(Failure::unfit)?;
    let codes = available(&grader).await?;
    let store = options.database.store().await?;
    await_broker(&queue).await?;
    let worker = self_as_worker(&grader, codes.clone());
    store.register(&worker).await.map_err(anyhow::Error::from)?;
    queue.listen(own_lanes(&codes)).await;
    let bounds = Bounds { judge_errors: options.max_judge_errors, lost: options.max_lost };
    Ok(Started { queue, listener, grader, codes, store, worker, bounds, dedupe })
}

async fn work(started: Started, signals: Signals, drain: Duration) -> Result<Exit, Failure> {
    let Started { queue, listener, grader, codes, store, worker, bounds, dedupe } = started;
    let http = listener.local_addr().context("--http")?;
    let slots = grader.pool.slots();
    // Nothing where slots have none of their own.
    let cpus = (!worker.cpus.is_empty()).then(|| worker.shown_cpus());
    let mut service = Service::new(Queue::Amqp(queue.clone()), store.clone(), Arc::clone(&grader), worker.clone());
    service.bounds = bounds;
    service.twins = dedupe.then(Twins::default);
    let service = Arc::new(service);
    let stopper = service.stopper.clone();
    let tasks = [
        tokio::spawn(api::serve(listener, Arc::clone(&service), queue.clone())),
        tokio::spawn(follow_lanes(store.clone(), queue.clone(), codes.clone(), Arc::clone(&service))),
        tokio::spawn(stop_on_signals(stopper.clone(), signals, drain)),
    ];
    tracing::info!(worker_id = %worker.id, slots, cpus, languages = codes.join(" "), %http, "this worker is ready");
    let result = service.run(slots).await;
    for task in tasks {
        task.abort();
    }
    queue.close().await;
    if let Err(error) = store.retire(&worker).await {
        tracing::warn!(%error, "the end of this worker could not be recorded");
    }
    store.close().await;
    let closing = tokio::task::spawn_blocking(move || grader.pool.close());
    // Runs that were given up end when this process does, and the next start sweeps their groups.
    let patience = Duration::from_secs(if stopper.abandon.is_cancelled() { 1 } else { 10 });
    if let Ok(closed) = tokio::time::timeout(patience, closing).await {
        closed.context("closing the slots")?.map_err(|error| anyhow::Error::new(error).context("clearing away"))?;
    }
    result.map_err(Failure::ended)?;
    tracing::info!("this worker has stopped");
    Ok(Exit::Fine)
}

/// The codes of the languages whose toolchains work here.
async fn available(grader: &Grader) -> Result<Vec<String>, Failure> {
    let languages = Arc::clone(&grader.languages);
    let asked = tokio::task::spawn_blocking(move || {
        languages
            .iter()
            .filter(|language| matches!(language.availability(), Availability::Available { .. }))
            .map(|language| language.code().to_owned())
            .collect::<BTreeSet<String>>()
    });
    let codes: Vec<String> = asked.await.context("asking the toolchains")?.into_iter().collect();
    if codes.is_empty() {
        let error = anyhow::anyhow!("no toolchain of any language is here; `assay languages` tells more");
        return Err(Failure { error, exit: Exit::Unfit });
    }
    Ok(codes)
}

/// The lanes of nobody in particular, which are there for those who publish without `assay submit`.
fn own_lanes(codes: &[String]) -> Vec<Lane> {
    codes.iter().flat_map(|code| [Class::Interactive, Class::Bulk].map(|class| Lane::new(code, class, None))).collect()
}

/// Listens to tenants' lanes as they come up, and measures how much waits in all of them.
async fn follow_lanes(store: Store, queue: AmqpQueue, codes: Vec<String>, service: Arc<Service>) {
    let Store::Postgres(store) = store else { return };
    let mut lanes = own_lanes(&codes);
    let mut measured = tokio::time::Instant::now();
    loop {
        match store.lanes(&codes).await {
            Ok(found) => {
                for (code, class, tenant) in found {
                    let lane = Lane { class, tenant, code };
                    if !lanes.contains(&lane) {
                        tracing::info!(lane = lane.key(), "a new lane");
                        lanes.push(lane);
                    }
                }
                queue.listen(lanes.clone()).await;
            }
            Err(error) => tracing::warn!(%error, "the lanes could not be read"),
        }
        if measured.elapsed() >= DEPTH_PAUSE {
            measured = tokio::time::Instant::now();
            if let Ok(depth) = queue.depth(&lanes).await {
                service.metrics.depth.set(i64::try_from(depth).unwrap_or(i64::MAX));
            }
        }
        tokio::time::sleep(LANES_PAUSE).await;
    }
}

/// The first signal drains; the second, or the end of the time for it, hands back what is not finished.
async fn stop_on_signals(stopper: Stopper, mut signals: Signals, patience: Duration) {
    signals.next().await;
    tracing::info!("stopping: nothing new is taken");
    stopper.drain.cancel();
    tokio::select! {
        () = signals.next() => {}
        () = tokio::time::sleep(patience) => {}
    }
    tracing::warn!("stopping now: what is not finished is handed back");
    stopper.abandon.cancel();
}

/// SIGINT and SIGTERM, none of which is missed from the beginning on.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> Result<Self, Failure> {
        let listen = |kind| signal(kind).context("listening to signals");
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
