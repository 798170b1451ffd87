//! The loop of a worker: takes a delivery when there is a place free, claims the submission, has it graded, records the verdict,
//! announces it, and only then settles the delivery. Knows neither a broker nor a database: see [`crate::queue`] and
//! [`crate::store`] for what they promise.
//!
//! What can happen to a submission here, and what becomes of its delivery:
//!
//! | | delivery |
//! |---|---|
//! | it is graded and its verdict recorded, or it has one already | done |
//! | the message is no submission, or asks for what is not there | dead, with the reason |
//! | the judge failed, within bounds | comes again |
//! | the judge failed too often, or too many workers ended with it | dead, with the reason |
//! | this worker is unfit, or stops before it is finished | comes again; the attempt does not count |
//! | the store is away | kept, until the store is back or this worker stops |

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use assay_shared::{Submission, SubmissionReport, Verdict};
use futures_util::FutureExt as _;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;
use uuid::Uuid;

use super::grader::{Graded, Grader};
use super::twins::{Turn, Twins};
use crate::metrics::Metrics;
use crate::queue::amqp::MOST_RETURNS;
use crate::queue::{Delivery, Queue, Settlement};
use crate::store::{Arrival, Attempt, Bounds, Claim, Recorded, Release, Store, StoreError, Worker};

/// How long to wait before a store that is away is asked again, and before another worker's attempt is looked at again.
const STORE_PAUSE: Duration = Duration::from_millis(500);
const HEARTBEAT: Duration = Duration::from_secs(2);
/// How often the loop shows that it goes round while it waits for work.
const TURN: Duration = Duration::from_secs(5);
/// Longer than the database itself lets a statement take.
const STORE_PATIENCE: Duration = Duration::from_secs(70);
/// Judge errors in a row, over whatever submissions, from which on this worker takes its time, so that others get them.
const JUDGE_ERRORS_IN_A_ROW: u32 = 3;
const MOST_BACK_OFF: Duration = Duration::from_secs(30);
/// How often an unfit worker tries whether it is fit again.
const FITNESS_PAUSE: Duration = Duration::from_secs(10);

/// What became of a submission, for those who wait for it in this process.
#[derive(Debug)]
pub struct Outcome {
    pub arrival: Arrival,
    pub result: Result<SubmissionReport, NoVerdict>,
}

/// Why there is no report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoVerdict {
    /// It asks for what is not there.
    Refused(String),
    /// The judge failed, as often as it may.
    JudgeFailed(String),
}

/// When to stop. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Stopper {
    /// Take nothing new.
    pub drain: CancellationToken,
    /// Hand back what is not finished.
    pub abandon: CancellationToken,
}

/// Everything that a worker's loop needs.
#[derive(Debug)]
pub struct Service {
    pub queue: Queue,
    pub store: Store,
    pub grader: Arc<Grader>,
    pub worker: Worker,
    pub bounds: Bounds,
    pub metrics: Metrics,
    pub stopper: Stopper,
    /// Who waits for outcomes.
    pub outcomes: Option<mpsc::Sender<Outcome>>,
    /// Whether those of a batch that are the same are graded once.
    pub twins: Option<Twins>,
    state: State,
}

#[derive(Debug, Default)]
struct State {
    /// What is being graded here; the channel closes when it is done.
    running: Mutex<HashMap<Uuid, watch::Receiver<()>>>,
    /// Judge errors since the last verdict.
    judge_errors: AtomicU32,
    sequence: AtomicU64,
    unfit: AtomicBool,
    store_away: AtomicBool,
    last_turn: Mutex<Option<Instant>>,
}

/// Why the loop ended early.
#[derive(Debug, thiserror::Error)]
pub enum Ended {
    #[error(transparent)]
    Store(StoreError),
    #[error("no run is possible any more: {0}")]
    Unfit(assay_sandbox::Error),
}

/// A failure of the store that waiting does not mend.
struct Hopeless(StoreError);

impl Service {
    /// A service with the usual bounds.
    pub fn new(queue: Queue, store: Store, grader: Arc<Grader>, worker: Worker) -> Self {
        let metrics = Metrics::new(grader.reruns.clone().unwrap_or_default());
        metrics.slots.set(i64::try_from(grader.pool.slots()).unwrap_or(i64::MAX));
        metrics.fit.set(1);
        Self {
            queue,
            store,
            grader,
            worker,
            bounds: Bounds::default(),
            metrics,
            stopper: Stopper::default(),
            outcomes: None,
            twins: None,
            state: State::default(),
        }
    }

    /// Whether this worker takes submissions: fit, and its store answers.
    pub fn is_ready(&self) -> bool {
        !self.state.unfit.load(Ordering::Acquire)
            && !self.state.store_away.load(Ordering::Acquire)
            && !self.stopper.drain.is_cancelled()
    }

    /// How long ago the loop last went round; `None` before its first turn.
    pub fn since_last_turn(&self) -> Option<Duration> {
        self.state.last_turn.lock().unwrap_or_else(std::sync::PoisonError::into_inner).map(|at| at.elapsed())
    }

    /// Grades until the queue is closed and empty, or until it is stopped; `places` submissions at a time.
    ///
    /// # Errors
    /// The store failed in a way that waiting does not mend, or, where somebody waits for outcomes, no run is possible any more.
    /// What was not recorded comes again.
    pub async fn run(self: &Arc<Self>, places: usize) -> Result<(), Ended> {
        let places = Arc::new(Semaphore::new(places));
        let mut tasks = JoinSet::new();
        let failure = Arc::new(Mutex::new(None));
        let heart = tokio::spawn(Arc::clone(self).beat());
        loop {
            while let Some(done) = tasks.try_join_next() {
                report_panic(done);
            }
            if let Err(error) = self.await_fitness().await {
                *failure.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(Ended::Unfit(error));
                break;
            }
            self.back_off().await;
            let place = tokio::select! {
                place = Arc::clone(&places).acquire_owned() => place,
                () = self.stopper.drain.cancelled() => break,
            };
            let Ok(place) = place else { break };
            let Some(delivery) = self.next_delivery().await else { break };
            self.turn();
            let (service, failure) = (Arc::clone(self), Arc::clone(&failure));
            tasks.spawn(async move {
                service.metrics.busy.inc();
                if let Err(Hopeless(error)) = service.process(delivery).await {
                    tracing::error!(%error, "the store cannot be used; stopping");
                    failure
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner)
                        .get_or_insert(Ended::Store(error));
                    service.stopper.drain.cancel();
                    service.stopper.abandon.cancel();
                }
                service.metrics.busy.dec();
                drop(place);
            });
        }
        while let Some(done) = tasks.join_next().await {
            report_panic(done);
        }
        heart.abort();
        let failed = failure.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        failed.map_or(Ok(()), Err)
    }

    /// The next delivery; `None` at the end of the queue, or when this worker is to stop.
    async fn next_delivery(&self) -> Option<Delivery> {
        let receiving = self.queue.receive();
        tokio::pin!(receiving);
        loop {
            self.turn();
            tokio::select! {
                delivery = &mut receiving => return delivery,
                () = tokio::time::sleep(TURN) => {}
                () = self.stopper.drain.cancelled() => return None,
            }
        }
    }

    fn turn(&self) {
        *self.state.last_turn.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(Instant::now());
    }

    /// Shows that this worker lives.
    async fn beat(self: Arc<Self>) {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let beat = tokio::time::timeout(STORE_PATIENCE / 10, self.store.heartbeat(&self.worker)).await;
            let away = match beat {
                Ok(Ok(())) => false,
                Ok(Err(error)) => {
                    tracing::warn!(%error, "no heartbeat could be recorded");
                    true
                }
                Err(_) => {
                    tracing::warn!("no heartbeat could be recorded: the store does not answer");
                    true
                }
            };
            self.state.store_away.store(away, Ordering::Release);
        }
    }

    /// Waits longer after each of several judge errors in a row: they may be this worker's doing.
    async fn back_off(&self) {
        let beyond = self.state.judge_errors.load(Ordering::Relaxed).saturating_sub(JUDGE_ERRORS_IN_A_ROW);
        if beyond > 0 && self.outcomes.is_none() {
            let pause = STORE_PAUSE.saturating_mul(1 << beyond.min(10)).min(MOST_BACK_OFF);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.stopper.drain.cancelled() => {}
            }
        }
    }

    /// Returns when this worker is fit, or stops. Nobody waits for minutes at a terminal: there it is an error.
    async fn await_fitness(&self) -> Result<(), assay_sandbox::Error> {
        while self.state.unfit.load(Ordering::Acquire) && !self.stopper.drain.is_cancelled() {
            match self.grader.pool.canary().await {
                Ok(()) => {
                    tracing::info!("this worker is fit again");
                    self.state.unfit.store(false, Ordering::Release);
                    self.metrics.fit.set(1);
                }
                Err(error) if self.outcomes.is_some() => return Err(error),
                Err(error) => {
                    tracing::error!(%error, "this worker is unfit and takes nothing; `assay doctor` tells more");
                    tokio::select! {
                        () = tokio::time::sleep(FITNESS_PAUSE) => {}
                        () = self.stopper.drain.cancelled() => {}
                    }
                }
            }
        }
        Ok(())
    }

    fn running(&self) -> MutexGuard<'_, HashMap<Uuid, watch::Receiver<()>>> {
        self.state.running.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    async fn process(&self, delivery: Delivery) -> Result<(), Hopeless> {
        self.metrics.delivered(delivery.age, delivery.returns);
        let submission = match Submission::from_json(&delivery.body) {
            Ok(submission) => submission,
            Err(malformed) => {
                self.metrics.malformed.inc();
                tracing::warn!(reason = %malformed, "a message is no submission and is put aside");
                self.queue.settle(delivery, Settlement::Dead(format!("malformed: {malformed}"))).await;
                return Ok(());
            }
        };
        let id = submission.submission_id;
        let done = loop {
            let mut other = {
                let mut running = self.running();
                match running.get(&id) {
                    None => {
                        let (done, waiting) = watch::channel(());
                        running.insert(id, waiting);
                        break done;
                    }
                    Some(other) => other.clone(),
                }
            };
            // It is being graded here already: the broker took its first delivery for lost, or it was published twice. When it is
            // done, it has its verdict. The channel only ever closes.
            drop(other.changed().await);
        };
        let span = tracing::info_span!("submission", submission_id = %id, batch_id = submission.batch_id.as_deref());
        let handled =
            AssertUnwindSafe(self.handle(&submission, delivery.returns).instrument(span)).catch_unwind().await;
        let settled = if let Ok(settled) = handled {
            settled
        } else {
            tracing::error!(submission_id = %id, "grading it panicked");
            let arrival = arrival_of(&submission);
            let how = Release::JudgeError;
            let released =
                self.patiently(|| self.store.release_own(&arrival, &self.worker, how, "the worker panicked")).await;
            released.map(|_| Settlement::Requeue)
        };
        self.running().remove(&id);
        let how = settled.as_ref().map_or(Settlement::Requeue, Clone::clone);
        self.queue.settle(delivery, how).await;
        drop(done);
        settled.map(drop)
    }

    async fn handle(&self, submission: &Submission, returns: u64) -> Result<Settlement, Hopeless> {
        let started = Instant::now();
        let arrival = arrival_of(submission);
        if returns >= MOST_RETURNS && self.outcomes.is_none() {
            let reason = format!("it was delivered {returns} times without being settled");
            return self.put_aside(&arrival, NoVerdict::JudgeFailed(reason)).await;
        }
        let attempt = match self.claim(&arrival).await? {
            Ok(attempt) => attempt,
            Err(settlement) => return Ok(settlement),
        };
        let Some((graded, turn)) = self.grade(submission).await else {
            self.release(&attempt, Release::Abandoned, "handed back").await;
            return Ok(Settlement::Requeue);
        };
        match graded {
            Graded::Refused { reason, .. } => {
                self.release(&attempt, Release::Refused, &reason).await;
                self.put_aside(&arrival, NoVerdict::Refused(reason)).await
            }
            Graded::Report(report) if report.verdict == Verdict::JudgeError => {
                Ok(self.after_judge_error(&attempt, &report).await)
            }
            Graded::Report(report) => {
                let Some(recorded) = self.patiently(|| self.store.record(&attempt, &report)).await? else {
                    return Ok(Settlement::Requeue);
                };
                if let Some(mut turn) = turn {
                    turn.get_or_insert(submission.submission_id);
                }
                match recorded {
                    Recorded::New => {
                        self.state.judge_errors.store(0, Ordering::Relaxed);
                        self.metrics.recorded(&report, started.elapsed());
                        tracing::info!(verdict = %report.verdict, reason = report.reason, "graded");
                        self.send_event(&arrival, &report).await;
                    }
                    Recorded::Superseded => {
                        self.metrics.superseded.inc();
                        tracing::info!(verdict = %report.verdict, "graded, but another attempt had recorded a verdict");
                    }
                }
                self.tell(arrival, Ok(*report)).await;
                Ok(Settlement::Done)
            }
        }
    }

    /// The attempt, or what becomes of the delivery without one.
    async fn claim(&self, arrival: &Arrival) -> Result<Result<Attempt, Settlement>, Hopeless> {
        loop {
            let claim = match self.patiently(|| self.store.claim(arrival, &self.worker, self.bounds)).await {
                // Something in it that the database does not take; it would be the same with every worker.
                Err(Hopeless(error)) if error.is_of_the_content() => {
                    return Ok(Err(Settlement::Dead(format!("cannot be stored: {error}"))));
                }
                other => other?,
            };
            match claim {
                None => {
                    // The store may have begun an attempt and had no time to say so; a worker that stops in order is not a lost one.
                    let released = self.store.release_own(arrival, &self.worker, Release::Abandoned, "handed back");
                    if let Ok(Err(error)) = tokio::time::timeout(HEARTBEAT, released).await {
                        tracing::warn!(%error, "the end of an attempt could not be recorded");
                    }
                    return Ok(Err(Settlement::Requeue));
                }
                Some(Claim::Granted(attempt)) => return Ok(Ok(attempt)),
                Some(Claim::Recorded) => return Ok(Err(self.already_recorded(arrival).await?)),
                Some(Claim::Busy) => {
                    // Should that worker die, the claim is granted; should it finish, there is nothing left to do.
                    tokio::select! {
                        () = tokio::time::sleep(STORE_PAUSE) => {}
                        () = self.stopper.drain.cancelled() => return Ok(Err(Settlement::Requeue)),
                    }
                }
                Some(Claim::Quarantined(reason)) => {
                    self.tell(arrival.clone(), Err(NoVerdict::Refused(reason.clone()))).await;
                    return Ok(Err(Settlement::Dead(reason)));
                }
                Some(Claim::Exhausted(reason)) => {
                    return self.put_aside(arrival, NoVerdict::JudgeFailed(reason)).await.map(Err);
                }
            }
        }
    }

    /// The event may not have been sent when the first delivery was lost, so it is sent again.
    async fn already_recorded(&self, arrival: &Arrival) -> Result<Settlement, Hopeless> {
        let found = self.patiently(|| self.store.report(arrival.batch_id.as_deref(), arrival.submission_id)).await?;
        if let Some(Some(report)) = found {
            self.send_event(arrival, &report).await;
            self.tell(arrival.clone(), Ok(report)).await;
        }
        Ok(Settlement::Done)
    }

    /// Grades, or takes the report of one that is the same, unless this worker is to hand back what it has.
    async fn grade(&self, submission: &Submission) -> Option<(Graded, Option<Turn>)> {
        // May read a package.
        let job = tokio::task::block_in_place(|| self.grader.job(submission));
        let job = match job {
            Ok(job) => job,
            Err(reason) => return Some((Graded::Refused { language: None, reason }, None)),
        };
        let mut turn = None;
        if let (Some(twins), Some(batch)) = (&self.twins, &submission.batch_id) {
            let own = tokio::select! {
                own = twins.turn(submission, &job) => own,
                () = self.stopper.abandon.cancelled() => return None,
            };
            // A report that cannot be had is made.
            if let Some(first) = own.filter(|first| *first != submission.submission_id)
                && let Ok(Some(report)) = self.store.report(Some(batch), first).await
            {
                let id = submission.submission_id;
                let report = SubmissionReport { submission_id: id, same_as: Some(first), ..report };
                return Some((Graded::Report(Box::new(report)), None));
            }
            turn = Some(own);
        }
        let sequence = self.state.sequence.fetch_add(1, Ordering::Relaxed);
        tokio::select! {
            graded = self.grader.grade(sequence, &job) => Some((graded, turn)),
            () = self.stopper.abandon.cancelled() => None,
        }
    }

    async fn after_judge_error(&self, attempt: &Attempt, report: &SubmissionReport) -> Settlement {
        if let Err(error) = self.grader.pool.canary().await {
            // The trouble is this machine's and not the submission's.
            tracing::error!(reason = report.reason, %error, "this worker is unfit and takes nothing more");
            self.state.unfit.store(true, Ordering::Release);
            self.metrics.fit.set(0);
            self.release(attempt, Release::Abandoned, &format!("the worker is unfit: {error}")).await;
            return Settlement::Requeue;
        }
        // It comes again, to this worker or to another; whoever claims it then sees whether it has come too often.
        tracing::warn!(reason = report.reason, "the judge failed");
        self.metrics.retries.inc();
        self.state.judge_errors.fetch_add(1, Ordering::Relaxed);
        self.release(attempt, Release::JudgeError, &report.reason).await;
        Settlement::Requeue
    }

    async fn put_aside(&self, arrival: &Arrival, why: NoVerdict) -> Result<Settlement, Hopeless> {
        let (NoVerdict::Refused(reason) | NoVerdict::JudgeFailed(reason)) = &why;
        tracing::warn!(reason, "put aside");
        let batch = arrival.batch_id.as_deref();
        if self.patiently(|| self.store.quarantine(batch, arrival.submission_id, reason)).await?.is_none() {
            return Ok(Settlement::Requeue);
        }
        self.metrics.quarantined.inc();
        let settlement = Settlement::Dead(reason.clone());
        self.tell(arrival.clone(), Err(why)).await;
        Ok(settlement)
    }

    /// Calls the store until it answers. `None` if this worker is to hand back what it has.
    async fn patiently<T, F: Future<Output = Result<T, StoreError>>>(
        &self,
        mut call: impl FnMut() -> F,
    ) -> Result<Option<T>, Hopeless> {
        loop {
            let answer = tokio::select! {
                answer = tokio::time::timeout(STORE_PATIENCE, call()) => answer,
                () = self.stopper.abandon.cancelled() => return Ok(None),
            };
            match answer.unwrap_or(Err(StoreError::Timeout { seconds: STORE_PATIENCE.as_secs() })) {
                Ok(value) => return Ok(Some(value)),
                Err(error) if error.is_transient() => {
                    tracing::warn!(%error, "the store is away; trying again");
                    tokio::time::sleep(STORE_PAUSE).await;
                }
                Err(error) => return Err(Hopeless(error)),
            }
        }
    }

    /// Ends an attempt. A worker that stops has no time to insist; others see then that it is gone.
    async fn release(&self, attempt: &Attempt, how: Release, reason: &str) {
        let released = if self.stopper.abandon.is_cancelled() {
            tokio::time::timeout(HEARTBEAT, self.store.release(attempt, how, reason)).await.unwrap_or(Ok(()))
        } else {
            self.patiently(|| self.store.release(attempt, how, reason)).await.map(drop).map_err(|Hopeless(error)| error)
        };
        if let Err(error) = released {
            tracing::warn!(%error, "the end of an attempt could not be recorded");
        }
    }

    async fn send_event(&self, arrival: &Arrival, report: &SubmissionReport) {
        let event = event(arrival, report);
        if let Err(error) = self.queue.announce(event.to_string().as_bytes(), arrival.batch_id.as_deref()).await {
            // The verdict is recorded, and that is what counts.
            tracing::warn!(%error, "a result could not be announced");
        }
    }

    async fn tell(&self, arrival: Arrival, result: Result<SubmissionReport, NoVerdict>) {
        if let Some(outcomes) = &self.outcomes {
            // Nobody waits any more when a command is interrupted.
            drop(outcomes.send(Outcome { arrival, result }).await);
        }
    }
}

fn report_panic(done: Result<(), tokio::task::JoinError>) {
    if let Err(error) = done {
        tracing::error!(%error, "grading a submission panicked; its message comes again when this worker is gone");
    }
}

/// Characters of a task's name: an index holds it.
const MOST_TASK: usize = 255;

/// What the store is told of a message.
pub fn arrival_of(submission: &Submission) -> Arrival {
    let task = submission.metadata.get("task_id").and_then(|task| match task {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    Arrival {
        batch_id: submission.batch_id.clone(),
        submission_id: submission.submission_id,
        ordinal: 0,
        label: String::new(),
        task: task
            .or_else(|| submission.problem.as_ref().map(|problem| problem.id.clone()))
            .map(|task| task.chars().take(MOST_TASK).collect()),
        language: submission.language.clone(),
        metadata: serde_json::Value::from(submission.metadata.clone()).to_string(),
        content: None,
    }
}

/// What listeners of the results exchange get.
fn event(arrival: &Arrival, report: &SubmissionReport) -> serde_json::Value {
    serde_json::json!({"version": 1, "submission_id": report.submission_id, "batch_id": arrival.batch_id, "language": report.language,
        "verdict": report.verdict, "reason": report.reason, "score": report.score, "cpu_ms": report.max_cpu_ms(),
        "memory_bytes": report.max_memory_bytes(),
        "metadata": serde_json::from_str::<serde_json::Value>(&arrival.metadata).unwrap_or_default()})
}
