//! Slots and the work that waits for them. One thread owns each slot; what is to be done in it comes as a closure, earlier
//! submissions first, so that one is finished before the next is begun.

pub mod cache;
pub mod call;
mod compile;
mod gate;
pub mod grader;
mod header;
pub mod jury;
pub mod pipeline;
pub mod record;
pub mod rerun;
pub mod run;
mod scoring;
pub mod service;
mod trial;
pub mod twins;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use assay_sandbox::{Command, Error, Input, Profile, Runtime, Slot, Step};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::sync::oneshot;

pub use gate::Company;
use gate::{Gate, Permit};

/// Where a piece of work stands in the line: submission, then test.
pub type Rank = (u64, u64);

type Job = Box<dyn FnOnce(&mut Place) + Send>;

/// Where work is done: a slot, and for interactive problems a second one beside it. Each is started when it is needed, and
/// anew when it is broken.
#[derive(Debug)]
pub struct Place {
    runtime: Arc<Runtime>,
    gate: Arc<Gate>,
    numbers: [usize; 2],
    /// The CPU of both, if they have one: who talks in turns computes in turns.
    cpu: Option<u32>,
    slots: [Option<Slot>; 2],
}

/// Slots in which a run may begin, as long as this is kept.
#[derive(Debug)]
pub struct Ready<T: Settle> {
    slots: T,
    permit: Permit,
}

/// Slots that clear away behind a run.
pub trait Settle {
    /// Waits until they have.
    fn settle(&mut self);
}

impl Settle for &mut Slot {
    fn settle(&mut self) {
        Slot::settle(self);
    }
}

impl Settle for (&mut Slot, &mut Slot) {
    fn settle(&mut self) {
        self.0.settle();
        self.1.settle();
    }
}

impl<T: Settle> Drop for Ready<T> {
    fn drop(&mut self) {
        // Who is to be alone should not have this beside it.
        if self.permit.is_awaited() {
            self.slots.settle();
        }
    }
}

impl<T: Settle> Deref for Ready<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.slots
    }
}

impl<T: Settle> DerefMut for Ready<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.slots
    }
}

impl Place {
    /// The slot, when a run in this company may begin.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn slot(&mut self, company: Company) -> Result<Ready<&mut Slot>, Error> {
        // Nobody waits for a slot that is being replaced.
        let slots = Self::ready(&self.runtime, self.numbers[0], self.cpu, &mut self.slots[0])?;
        Ok(Ready { slots, permit: self.gate.enter(company) })
    }

    /// The slot and the one beside it, when two runs in this company may begin.
    ///
    /// # Errors
    /// One of them cannot be started.
    pub fn pair(&mut self, company: Company) -> Result<Ready<(&mut Slot, &mut Slot)>, Error> {
        let [first, second] = &mut self.slots;
        let slots = (
            Self::ready(&self.runtime, self.numbers[0], self.cpu, first)?,
            Self::ready(&self.runtime, self.numbers[1], self.cpu, second)?,
        );
        Ok(Ready { slots, permit: self.gate.enter(company) })
    }

    fn ready<'a>(
        runtime: &Runtime,
        number: usize,
        cpu: Option<u32>,
        slot: &'a mut Option<Slot>,
    ) -> Result<&'a mut Slot, Error> {
        if slot.as_ref().is_some_and(Slot::is_broken) {
            slot.take().into_iter().for_each(close_broken);
        }
        match slot {
            Some(slot) => Ok(slot),
            None => Ok(slot.insert(runtime.slot(number, cpu)?)),
        }
    }

    /// Takes down what is broken, so that nothing of its runs is left until the next one.
    fn clear_broken(&mut self) {
        for slot in &mut self.slots {
            if slot.as_ref().is_some_and(Slot::is_broken) {
                slot.take().into_iter().for_each(close_broken);
            }
        }
    }

    fn close(self) -> Result<(), Error> {
        let mut result = Ok(());
        for slot in self.slots.into_iter().flatten() {
            result = result.and(slot.close());
        }
        result
    }
}

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
    /// The CPU of each slot, if it has one.
    cpus: Vec<Option<u32>>,
    cgroup: &'static str,
    /// Until the pool is closed.
    open: Mutex<Option<Open>>,
}

struct Open {
    threads: Vec<JoinHandle<Result<(), Error>>>,
    runtime: Arc<Runtime>,
}

impl std::fmt::Debug for SlotPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SlotPool").field("cpus", &self.cpus).finish_non_exhaustive()
    }
}

impl SlotPool {
    /// Starts a slot for each of these: on this CPU and no other, or on any.
    ///
    /// # Errors
    /// The first launcher that could not be started.
    pub fn start(runtime: Runtime, cpus: Vec<Option<u32>>) -> Result<Self, Error> {
        open_more_files();
        let (runtime, shared, gate) = (Arc::new(runtime), Arc::new(Shared::default()), Arc::new(Gate::default()));
        let count = cpus.len();
        let mut slots = Vec::with_capacity(count);
        for (index, &cpu) in cpus.iter().enumerate() {
            match runtime.slot(index, cpu) {
                Ok(slot) => slots.push((slot, cpu)),
                Err(error) => {
                    // The first error is the one to tell; what cannot be cleared away is logged, and the next start sweeps it.
                    slots.into_iter().map(|(slot, _)| slot).for_each(close_broken);
                    return Err(error);
                }
            }
        }
        let threads = slots
            .into_iter()
            .enumerate()
            .map(|(index, (slot, cpu))| {
                let (shared, gate) = (Arc::clone(&shared), Arc::clone(&gate));
                let numbers = [index, count + index];
                let place = Place { runtime: Arc::clone(&runtime), gate, numbers, cpu, slots: [Some(slot), None] };
                std::thread::spawn(move || serve(&shared, place))
            })
            .collect();
        let cgroup = runtime.places().memory.version.name();
        Ok(Self { shared, cpus, cgroup, open: Mutex::new(Some(Open { threads, runtime })) })
    }

    /// How many slots there are.
    pub fn slots(&self) -> usize {
        self.cpus.len()
    }

    /// The CPUs of the slots that have one of their own.
    pub fn cpus(&self) -> Vec<u32> {
        self.cpus.iter().copied().flatten().collect()
    }

    /// The version of control groups that limits memory.
    pub fn cgroup(&self) -> &'static str {
        self.cgroup
    }

    /// Does `work` in a slot when its turn comes. `None` if the pool was closed before, or the work panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        rank: Rank,
        work: impl FnOnce(&mut Place) -> T + Send + 'static,
    ) -> Option<T> {
        let (sender, receiver) = oneshot::channel();
        self.put(rank, move |place| {
            // A receiver that is gone has no use for the result.
            drop(sender.send(work(place)));
        });
        receiver.await.ok()
    }

    /// Has `work` done in a slot when its turn comes. It is dropped if the pool is closed before.
    fn put(&self, rank: Rank, work: impl FnOnce(&mut Place) + Send + 'static) {
        let mut line = self.shared.lock();
        if !line.closed {
            line.jobs.push(Waiting { rank: Reverse(rank), job: Box::new(work) });
            drop(line);
            self.shared.changed.notify_one();
        }
    }

    /// Runs a trifle in a slot, to see whether runs are possible at all.
    ///
    /// # Errors
    /// They are not, and why.
    pub async fn canary(&self) -> Result<(), Error> {
        let ran = self.run((0, 0), |place| {
            let mut slot = place.slot(Company::Others)?;
            canary(&mut slot)
        });
        let abandoned = || Error { step: Step::StartLauncher, target: None, source: std::io::Error::other("no slot") };
        ran.await.unwrap_or_else(|| Err(abandoned()))
    }

    /// Drops the work that waits, lets each slot finish its run, and removes everything.
    ///
    /// # Errors
    /// Something is left that could not be removed.
    pub fn close(&self) -> Result<(), Error> {
        let Some(open) = self.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take() else {
            return Ok(());
        };
        {
            let mut line = self.shared.lock();
            line.closed = true;
            line.jobs.clear();
        }
        self.shared.changed.notify_all();
        let mut result = Ok(());
        for thread in open.threads {
            if let Ok(Err(error)) = thread.join() {
                result = Err(error);
            }
        }
        match Arc::try_unwrap(open.runtime) {
            Ok(runtime) => result.and(runtime.close()),
            Err(_) => result,
        }
    }
}

fn canary(slot: &mut Slot) -> Result<(), Error> {
    let limits = assay_sandbox::Limits {
        cpu: Duration::from_secs(10),
        cpu_margin: Duration::ZERO,
        wall: Duration::from_secs(30),
        wall_margin: Duration::ZERO,
        memory_bytes: 16 << 20,
        pids: 4,
        stdout_bytes: 1 << 10,
        stderr_bytes: 1 << 10,
        file_bytes: 1 << 20,
        inodes: 64,
    };
    let command = Command { argv: vec!["/bin/true".to_owned()], env: Vec::new(), profile: Profile::Run };
    let work = slot.workspace(&limits, &[])?;
    match slot.run(&command, &limits, &work, &Input::empty()) {
        // An image without this program has brought us up to its execution all the same.
        Err(error) if error.is_of_the_command() => Ok(()),
        other => other.map(drop),
    }
}

fn serve(shared: &Shared, mut place: Place) -> Result<(), Error> {
    while let Some(job) = next(shared) {
        // A slot whose run was cut off knows that it is broken.
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(&mut place))).is_err() {
            tracing::error!(slot = place.numbers[0], "a run panicked; its slot is replaced");
        }
        place.clear_broken();
    }
    place.close()
}

/// A slot has some twenty files open, which 50 slots make too many for the usual limit. It is the soft one, which anybody may raise to the
/// hard one (getrlimit(2)); if not, who opens one too many says so.
fn open_more_files() {
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard
        && let Err(error) = setrlimit(Resource::RLIMIT_NOFILE, hard, hard)
    {
        tracing::warn!(%error, soft, "the limit of open files stays");
    }
}

fn close_broken(slot: Slot) {
    if let Some(error) = slot.failure() {
        tracing::warn!(%error, "no sandbox could be made; the slot is replaced");
    }
    if let Err(error) = slot.close() {
        tracing::warn!(%error, "a broken slot left something behind");
    }
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
