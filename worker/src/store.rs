//! The record of results: batches, submissions, attempts, test results. Knows reports, not how they came about; SQL is the
//! business of the modules below.
//!
//! # Contract
//!
//! `tests/store.rs` holds both databases to it.
//!
//! * A recorded verdict is final. A later attempt at the same submission is kept as an attempt and changes nothing.
//! * A judge error is never a verdict: it ends an attempt. So does a worker that hands its work back, or dies.
//! * A submission is claimed before it is graded. While a living worker has it, nobody else gets it; how often the judge
//!   failed or workers died with it is bounded, and what comes beyond is told to the claimer, who puts it aside.
//! * What one call records is one transaction.
//!
//! In PostgreSQL the id alone is a submission's identity. In SQLite it is the id in its batch, because grading a file again
//! on one's own machine is meant to grade it again.

mod postgres;
mod rows;
mod sqlite;

use std::path::{Path, PathBuf};

use assay_shared::{SubmissionReport, Verdict};
use serde::Serialize;
use uuid::Uuid;

pub use postgres::PostgresStore;
pub use rows::{ResultRow, TestRow};
pub use sqlite::SqliteStore;

/// A worker whose last sign of life is older than this many seconds is taken for dead by those who cannot look.
const LEASE_SECONDS: i32 = 8;

/// What was submitted together.
#[derive(Clone, Debug, Default)]
pub struct NewBatch {
    pub batch_id: String,
    pub tenant: Option<String>,
    pub class: Class,
    /// For people: where it came from.
    pub label: String,
}

/// Who goes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Somebody is waiting for it.
    Interactive,
    #[default]
    Bulk,
}

impl Class {
    /// `interactive` or `bulk`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interactive => "interactive",
            Self::Bulk => "bulk",
        }
    }

    /// The class of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Interactive, Self::Bulk].into_iter().find(|class| class.name() == name)
    }
}

/// What is known of a submission before it is graded.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub batch_id: Option<String>,
    pub submission_id: Uuid,
    /// Its place in the batch.
    pub ordinal: i64,
    /// For people: file and line, or package and path.
    pub label: String,
    /// What it tries to solve.
    pub task: Option<String>,
    pub language: String,
    /// A JSON object, as it came.
    pub metadata: String,
    /// A hash of what is to be graded and how, if the one who submits it knows: the same id with another content is a mistake.
    pub content: Option<String>,
}

/// What became of submissions that were made known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enqueued {
    /// Those that nobody has confirmed to be queued yet.
    pub open: Vec<Uuid>,
    /// Those that are known with another content.
    pub clashes: Vec<Uuid>,
}

/// A process that grades, as the store knows it.
#[derive(Clone, Debug)]
pub struct Worker {
    pub id: Uuid,
    pub host: String,
    pub slots: usize,
    /// The CPUs that its slots are bound to, one for each; empty if they are not.
    pub cpus: Vec<u32>,
    /// Codes of its languages.
    pub languages: Vec<String>,
    /// What others can tell by whether it lives: boot, PID namespace, process id, start time.
    pub owner: String,
}

impl Worker {
    /// This process under a new id, with slots on any CPU.
    pub fn new(slots: usize, languages: Vec<String>) -> Self {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned();
        Self { id: Uuid::now_v7(), host, slots, cpus: Vec::new(), languages, owner: owner().to_owned() }
    }

    /// Its CPUs with blanks between them.
    pub fn shown_cpus(&self) -> String {
        self.cpus.iter().map(u32::to_string).collect::<Vec<_>>().join(" ")
    }
}

/// How often an attempt at a submission may fail for no fault of its own before it is put aside.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Judge errors.
    pub judge_errors: i64,
    /// Workers that ended while they had it.
    pub lost: i64,
}

impl Default for Bounds {
    fn default() -> Self {
        // Workers may die of other things than this submission, in a bad hour repeatedly; the judge's errors are about it.
        Self { judge_errors: 3, lost: 5 }
    }
}

/// The answer to a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is yours to grade.
    Granted(Attempt),
    /// It has its verdict already.
    Recorded,
    /// A living worker has it.
    Busy,
    /// It was put aside, for this reason.
    Quarantined(String),
    /// It has used up its attempts, and should be put aside for this reason.
    Exhausted(String),
}

/// One beginning with one submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub id: Uuid,
    pub batch_id: Option<String>,
    pub submission_id: Uuid,
}

impl Attempt {
    /// A new one.
    fn at(arrival: &Arrival) -> Self {
        Self { id: Uuid::now_v7(), batch_id: arrival.batch_id.clone(), submission_id: arrival.submission_id }
    }
}

/// How an attempt ended that recorded nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    JudgeError,
    Refused,
    Abandoned,
}

impl Release {
    const fn name(self) -> &'static str {
        match self {
            Self::JudgeError => "judge_error",
            Self::Refused => "refused",
            Self::Abandoned => "abandoned",
        }
    }
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    New,
    /// There was a verdict; this one is kept as an attempt.
    Superseded,
}

/// How far a batch is.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Progress {
    pub batch_id: String,
    pub label: String,
    pub tenant: Option<String>,
    pub submissions: u64,
    pub graded: u64,
    pub quarantined: u64,
    pub waiting: u64,
    /// Verdicts with their numbers.
    pub verdicts: Vec<(String, u64)>,
    /// Whether all of it has been submitted.
    pub submitted: bool,
    /// Seconds from its creation to the last result, or to now if it is not finished.
    pub seconds: f64,
    /// Results in the last minute.
    pub last_minute: u64,
}

impl Progress {
    /// Whether nothing more will come.
    pub fn is_finished(&self) -> bool {
        self.submitted && self.waiting == 0
    }
}

/// Samples of one task, and how many of them were accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskCount {
    pub task: String,
    pub samples: u64,
    pub accepted: u64,
}

/// The store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the store {place}: {problem}")]
    Open { place: String, problem: String },
    #[error("the store {place}: {source}")]
    Database { place: String, source: sqlx::Error },
    #[error("the store does not answer within {seconds} s")]
    Timeout { seconds: u64 },
    #[error("the store {place}: a stored row cannot be read: {problem}")]
    Row { place: String, problem: String },
}

impl StoreError {
    /// Whether the same call may succeed later: the server was away, or busy with somebody else's transaction.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Database { source: sqlx::Error::Database(error), .. } => error.code().is_some_and(|code| {
                // Connection exceptions, insufficient resources, operator intervention, serialization, SQLITE_BUSY, SQLITE_LOCKED.
                ["08", "53", "57", "40"].iter().any(|class| code.starts_with(class)) || code == "5" || code == "6"
            }),
            Self::Database { source, .. } => matches!(
                source,
                sqlx::Error::Io(_)
                    | sqlx::Error::Tls(_)
                    | sqlx::Error::Protocol(_)
                    | sqlx::Error::PoolTimedOut
                    | sqlx::Error::PoolClosed
                    | sqlx::Error::WorkerCrashed
            ),
            Self::Timeout { .. } => true,
            Self::Open { .. } | Self::Row { .. } => false,
        }
    }

    /// Whether what was to be stored is at fault: a value that the database does not take (SQLSTATE classes 22, 23 and 54).
    pub fn is_of_the_content(&self) -> bool {
        matches!(self, Self::Database { source: sqlx::Error::Database(error), .. }
            if error.code().is_some_and(|code| ["22", "23", "54"].iter().any(|class| code.len() == 5 && code.starts_with(class))))
    }
}

/// Results in a file or on a server.
#[derive(Clone, Debug)]
pub enum Store {
    Sqlite(SqliteStore),
    Postgres(PostgresStore),
}

/// Calls the method of whichever it is.
macro_rules! either {
    ($self:ident, $store:ident => $call:expr) => {
        match $self {
            Store::Sqlite($store) => $call.await,
            Store::Postgres($store) => $call.await,
        }
    };
}

impl Store {
    /// Opens a SQLite file, makes it if it is not there, and brings its schema up to date.
    ///
    /// # Errors
    /// It is no SQLite database, of a newer version of this program, or cannot be written.
    pub async fn open_file(path: &Path) -> Result<Self, StoreError> {
        Ok(Self::Sqlite(SqliteStore::open(path).await?))
    }

    /// Connects to a PostgreSQL server.
    ///
    /// # Errors
    /// It does not answer, or its schema is not the one of this program (`assay migrate`).
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Ok(Self::Postgres(PostgresStore::connect(url).await?))
    }

    /// Makes a batch known. One that is known already stays as it is.
    pub async fn create_batch(&self, batch: &NewBatch) -> Result<(), StoreError> {
        either!(self, store => store.create_batch(batch))
    }

    /// Makes submissions known. What is known already stays as it is.
    pub async fn enqueue(&self, arrivals: &[Arrival]) -> Result<Enqueued, StoreError> {
        either!(self, store => store.enqueue(arrivals))
    }

    /// Notes that the queue has these.
    pub async fn mark_queued(&self, batch: Option<&str>, ids: &[Uuid]) -> Result<(), StoreError> {
        either!(self, store => store.mark_queued(batch, ids))
    }

    /// Notes that all of a batch has been submitted.
    pub async fn seal_batch(&self, batch: &str) -> Result<(), StoreError> {
        either!(self, store => store.seal_batch(batch))
    }

    /// Makes this process known.
    pub async fn register(&self, worker: &Worker) -> Result<(), StoreError> {
        either!(self, store => store.register(worker))
    }

    /// A sign of life.
    pub async fn heartbeat(&self, worker: &Worker) -> Result<(), StoreError> {
        either!(self, store => store.heartbeat(worker))
    }

    /// Notes that this process ends in order.
    pub async fn retire(&self, worker: &Worker) -> Result<(), StoreError> {
        either!(self, store => store.retire(worker))
    }

    /// Asks for a submission, which becomes known if it is not.
    pub async fn claim(&self, arrival: &Arrival, worker: &Worker, bounds: Bounds) -> Result<Claim, StoreError> {
        either!(self, store => store.claim(arrival, worker, bounds))
    }

    /// Records the report of an attempt: verdict, tests, usage and outputs.
    ///
    /// # Panics
    /// Never with a judge error, which is no verdict: that ends in [`Store::release`].
    pub async fn record(&self, attempt: &Attempt, report: &SubmissionReport) -> Result<Recorded, StoreError> {
        debug_assert_ne!(report.verdict, Verdict::JudgeError);
        either!(self, store => store.record(attempt, report))
    }

    /// Ends an attempt without a verdict.
    pub async fn release(&self, attempt: &Attempt, how: Release, reason: &str) -> Result<(), StoreError> {
        either!(self, store => store.release(attempt, how, reason))
    }

    /// Ends what this worker began with a submission and lost track of.
    pub async fn release_own(
        &self,
        arrival: &Arrival,
        worker: &Worker,
        how: Release,
        reason: &str,
    ) -> Result<(), StoreError> {
        either!(self, store => store.release_own(arrival, worker, how, reason))
    }

    /// Puts a submission aside, unless it has a verdict.
    pub async fn quarantine(&self, batch: Option<&str>, submission: Uuid, reason: &str) -> Result<(), StoreError> {
        either!(self, store => store.quarantine(batch, submission, reason))
    }

    /// Takes a submission back out of quarantine and forgives its earlier attempts. False if it is not there.
    pub async fn readmit(&self, batch: Option<&str>, submission: Uuid) -> Result<bool, StoreError> {
        either!(self, store => store.readmit(batch, submission))
    }

    /// The recorded report of a submission, with the outputs that were kept.
    pub async fn report(&self, batch: Option<&str>, submission: Uuid) -> Result<Option<SubmissionReport>, StoreError> {
        either!(self, store => store.report(batch, submission))
    }

    /// How far a batch is; `None` if there is none of this id.
    pub async fn progress(&self, batch: &str) -> Result<Option<Progress>, StoreError> {
        either!(self, store => store.progress(batch))
    }

    /// Batches, the newest first.
    pub async fn batches(&self, limit: i64) -> Result<Vec<String>, StoreError> {
        either!(self, store => store.batches(limit))
    }

    /// Submissions of a batch in order, after the row `after`.
    pub async fn results(
        &self,
        batch: &str,
        after: Option<&ResultRow>,
        limit: i64,
    ) -> Result<Vec<ResultRow>, StoreError> {
        either!(self, store => store.results(batch, after, limit))
    }

    /// Samples and accepted ones of each task of a batch.
    pub async fn task_counts(&self, batch: &str) -> Result<Vec<TaskCount>, StoreError> {
        either!(self, store => store.task_counts(batch))
    }

    /// Closes the connections.
    pub async fn close(&self) {
        either!(self, store => store.close());
    }
}

/// This process so that another one can tell whether it still lives: boot, PID namespace, process id, start time.
fn owner() -> &'static str {
    static OWN: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    OWN.get_or_init(|| owner_of(std::process::id()).unwrap_or_default())
}

fn owner_of(pid: u32) -> Option<String> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let namespace = std::fs::read_link("/proc/self/ns/pid").ok()?;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything, so count from the last one: field 22 is the start time.
    let start = stat.rsplit_once(')')?.1.split_whitespace().nth(19)?;
    Some(format!("{} {} {pid} {start}", boot.trim(), namespace.display()))
}

/// Whether the process of this description lives; `None` if that cannot be seen from here.
fn owner_lives(owner: &str) -> Option<bool> {
    let own = self::owner();
    let place = |text: &str| text.splitn(3, ' ').take(2).map(str::to_owned).collect::<Vec<_>>();
    if place(owner) != place(own) {
        return None;
    }
    let pid = owner.split(' ').nth(2)?.parse().ok()?;
    Some(owner_of(pid).is_some_and(|current| current == owner))
}

/// An attempt without an end, and what is known of its worker.
struct OpenAttempt {
    id: String,
    worker: Uuid,
    owner: String,
    /// Whether its worker showed a sign of life lately and has not stopped.
    fresh: bool,
}

/// What a claim finds of earlier attempts.
#[derive(Default)]
struct History {
    open: Vec<OpenAttempt>,
    judge_errors: i64,
    lost: i64,
    last_reason: String,
}

/// What to do with a claim.
enum Decision {
    Busy,
    Decided {
        /// Attempts whose workers ended without a word.
        lost: Vec<String>,
        /// Attempts of the claiming worker itself, which has lost track of them.
        given_up: Vec<String>,
        /// Why it is not granted.
        exhausted: Option<String>,
    },
}

impl History {
    /// Adds an attempt: its outcome and reason, or what is known of it while it has none.
    fn add(&mut self, outcome: Option<&str>, reason: String, open: OpenAttempt) {
        match outcome {
            None => self.open.push(open),
            Some("judge_error") => {
                self.judge_errors += 1;
                self.last_reason = reason;
            }
            Some("lost") => self.lost += 1,
            Some(_) => {}
        }
    }

    fn decide(&self, worker: &Worker, bounds: Bounds) -> Decision {
        let (mut lost, mut given_up) = (Vec::new(), Vec::new());
        for attempt in &self.open {
            if attempt.worker == worker.id {
                // This process knows what it is grading, and asks only for what it is not.
                given_up.push(attempt.id.clone());
            } else if attempt.fresh && owner_lives(&attempt.owner).unwrap_or(true) {
                return Decision::Busy;
            } else {
                lost.push(attempt.id.clone());
            }
        }
        let deaths = self.lost + i64::try_from(lost.len()).unwrap_or(i64::MAX);
        let exhausted = if deaths >= bounds.lost {
            Some(format!("{deaths} workers ended while they were grading it"))
        } else if self.judge_errors >= bounds.judge_errors {
            Some(format!("the judge failed {} times; last: {}", self.judge_errors, self.last_reason))
        } else {
            None
        };
        Decision::Decided { lost, given_up, exhausted }
    }
}

/// A problem with a path, for a place in messages.
fn place_of(path: &Path) -> String {
    PathBuf::from(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::{owner, owner_lives};

    #[test]
    fn a_process_is_seen_to_live_and_strangers_are_not_judged() {
        let own = owner();
        assert_eq!(owner_lives(own), Some(true));
        assert_eq!(owner_lives(&format!("{own}1")), Some(false));
        assert_eq!(owner_lives("another-boot pid:[1] 1 1"), None);
    }
}
