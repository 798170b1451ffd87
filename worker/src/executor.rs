//! Slots and the work that waits for them. One thread owns each slot; what is to be done in it comes as a closure, earlier
//! submissions first, so that one is finished before the next is begun.

pub mod pipeline;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;

use assay_sandbox::{Error, Runtime, Slot};
use tokio::sync::oneshot;

/// Where a piece of work stands in the line: submission, then test.
pub type Rank = (u64, u64);

type Job = Box<dyn FnOnce(&mut Result<Slot, Error>) + Send>;

struct Waiting {
    rank: Reverse<Rank>,
    job: Job,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank.cmp(&other.rank)
    }
}

#[derive(Default)]
struct Line {
    jobs: BinaryHeap<Waiting>,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    line: Mutex<Line>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Line> {
        // A job that panicked has not left the line half changed: it is taken out before it runs.
        self.line.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A fixed number of slots.
pub struct SlotPool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<Result<(), Error>>>,
    runtime: Arc<Runtime>,
}

impl std::fmt::Debug for SlotPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SlotPool").field("slots", &self.threads.len()).finish_non_exhaustive()
    }
}

impl SlotPool {
    /// Starts `count` slots.
    ///
    /// # Errors
    /// The first launcher that could not be started.
    pub fn start(runtime: Runtime, count: usize) -> Result<Self, Error> {
        let (runtime, shared) = (Arc::new(runtime), Arc::new(Shared::default()));
        let slots = (0..count).map(|index| runtime.slot(index)).collect::<Result<Vec<_>, _>>()?;
        let threads = slots
            .into_iter()
            .enumerate()
            .map(|(index, slot)| {
                let (shared, runtime) = (Arc::clone(&shared), Arc::clone(&runtime));
                std::thread::spawn(move || serve(&shared, &runtime, index, slot))
            })
            .collect();
        Ok(Self { shared, threads, runtime })
    }

    /// How many slots there are.
    pub fn slots(&self) -> usize {
        self.threads.len()
    }

    /// The version of control groups that limits memory.
    pub fn cgroup(&self) -> &'static str {
        self.runtime.hierarchies().memory().name()
    }

    /// Does `work` in a slot when its turn comes. `None` if the pool was closed before, or the work panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        rank: Rank,
        work: impl FnOnce(&mut Result<Slot, Error>) -> T + Send + 'static,
    ) -> Option<T> {
        let (sender, receiver) = oneshot::channel();
        let job = Box::new(move |slot: &mut Result<Slot, Error>| {
            // A receiver that is gone has no use for the result.
            drop(sender.send(work(slot)));
        });
        self.shared.lock().jobs.push(Waiting { rank: Reverse(rank), job });
        self.shared.changed.notify_one();
        receiver.await.ok()
    }

    /// Drops the work that waits, lets each slot finish its run, and removes everything.
    pub fn close(self) -> Result<(), Error> {
        {
            let mut line = self.shared.lock();
            line.closed = true;
            line.jobs.clear();
        }
        self.shared.changed.notify_all();
        let mut result = Ok(());
        for thread in self.threads {
            if let Ok(Err(error)) = thread.join() {
                result = Err(error);
            }
        }
        match Arc::try_unwrap(self.runtime) {
            Ok(runtime) => result.and(runtime.close()),
            Err(_) => result,
        }
    }
}

fn serve(shared: &Shared, runtime: &Runtime, index: usize, slot: Slot) -> Result<(), Error> {
    let mut slot = Ok(slot);
    while let Some(job) = next(shared) {
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(&mut slot))).is_err() {
            tracing::error!(slot = index, "a run panicked; its slot goes on");
        }
        if slot.as_ref().map_or(true, Slot::is_broken) {
            if let Ok(broken) = slot
                && let Err(error) = broken.close()
            {
                tracing::warn!(slot = index, %error, "a broken slot left something behind");
            }
            slot = runtime.slot(index);
        }
    }
    slot?.close()
}

fn next(shared: &Shared) -> Option<Job> {
    let mut line = shared.lock();
    loop {
        if line.closed {
            return None;
        }
        if let Some(waiting) = line.jobs.pop() {
            return Some(waiting.job);
        }
        line = shared.changed.wait(line).unwrap_or_else(std::sync::PoisonError::into_inner);
    }
}
