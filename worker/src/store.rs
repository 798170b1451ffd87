//! The record of results. Knows reports and batches, not how they came about; the database is the business of the module
//! below.
//!
//! A recorded verdict is final: a later attempt at the same submission of a batch is kept as an attempt and changes
//! nothing. A judge error is never a verdict, so it is an attempt only, and a continued batch grades the submission again.

mod sqlite;

use std::path::PathBuf;

use uuid::Uuid;

pub use sqlite::Store;

/// A batch to begin or to continue.
#[derive(Clone, Debug)]
pub struct NewBatch {
    pub kind: String,
    /// Identifies the work: the same key means the same submissions under the same rules.
    pub key: String,
    pub total: u64,
    /// Begin anew even if an interrupted batch of this key is there.
    pub fresh: bool,
}

/// A batch that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedBatch {
    pub id: Uuid,
    /// Whether an interrupted one is continued.
    pub continued: bool,
    /// Submissions of it that have a verdict already.
    pub graded: u64,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    New,
    /// There was a verdict; this one is kept as an attempt.
    AlreadyRecorded,
    /// A judge error: an attempt, no verdict.
    AttemptOnly,
}

/// The store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the store {}: {problem}", path.display())]
    Open { path: PathBuf, problem: String },
    #[error("the store {}: {source}", path.display())]
    Database { path: PathBuf, source: sqlx::Error },
    #[error("the store {}: a stored report cannot be read: {source}", path.display())]
    Report { path: PathBuf, source: serde_json::Error },
}

/// This process so that another one can tell whether it still lives: boot, process id, start time.
fn owner() -> String {
    owner_of(std::process::id()).unwrap_or_default()
}

fn owner_of(pid: u32) -> Option<String> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let start = stat.rsplit_once(')')?.1.split_whitespace().nth(19)?;
    Some(format!("{} {pid} {start}", boot.trim()))
}

fn owner_lives(owner: &str) -> bool {
    let pid = owner.split(' ').nth(1).and_then(|pid| pid.parse().ok());
    pid.and_then(owner_of).is_some_and(|current| current == owner)
}
