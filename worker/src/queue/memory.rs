//! The queue in this process: bounded, with the same contract as the broker's.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use tokio::sync::Notify;

use super::turns::Turns;
use super::{DeadLetter, Delivery, Lane, Message, Receipt, Settlement};

/// Dead messages that are kept; the store has the reasons of all.
const MOST_DEAD: usize = 100;

/// A queue for one process. Clones share it.
#[derive(Clone, Debug)]
pub struct MemoryQueue(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
    capacity: usize,
}

#[derive(Debug, Default)]
struct State {
    lanes: BTreeMap<Lane, VecDeque<Waiting>>,
    waiting: usize,
    unsettled: HashMap<u64, Waiting>,
    turns: Turns,
    receipts: u64,
    dead: Vec<DeadLetter>,
    closed: bool,
}

#[derive(Debug)]
struct Waiting {
    message: Message,
    returns: u64,
    since: Instant,
}

impl State {
    fn push(&mut self, waiting: Waiting, first: bool) {
        self.waiting += 1;
        let lane = self.lanes.entry(waiting.message.lane.clone()).or_default();
        if first { lane.push_front(waiting) } else { lane.push_back(waiting) }
    }

    fn take(&mut self) -> Option<Delivery> {
        let lane = (*self.turns.order(self.lanes.keys()).first()?).clone();
        let waiting = self.lanes.get_mut(&lane)?.pop_front()?;
        // Only lanes with messages are kept, so that the first in turn has one.
        if self.lanes.get(&lane).is_some_and(VecDeque::is_empty) {
            self.lanes.remove(&lane);
        }
        self.waiting -= 1;
        self.turns.served(&lane);
        self.receipts += 1;
        let delivery = Delivery {
            lane,
            body: waiting.message.body.clone(),
            returns: waiting.returns,
            age: Some(waiting.since.elapsed()),
            receipt: Receipt::Memory(self.receipts),
        };
        self.unsettled.insert(self.receipts, waiting);
        Some(delivery)
    }
}

impl MemoryQueue {
    /// A queue in which at most `capacity` messages wait.
    pub fn new(capacity: usize) -> Self {
        Self(Arc::new(Shared { state: Mutex::default(), changed: Notify::new(), capacity }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that runs under the lock can leave it half changed.
        self.0.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(super) async fn publish(&self, message: Message) {
        let mut message = Some(message);
        self.until(|state| {
            if state.waiting >= self.0.capacity {
                return None;
            }
            let message = message.take()?;
            state.push(Waiting { message, returns: 0, since: Instant::now() }, false);
            Some(())
        })
        .await;
        self.0.changed.notify_waiters();
    }

    pub(super) async fn receive(&self) -> Option<Delivery> {
        let delivery = self
            .until(|state| match state.take() {
                Some(delivery) => Some(Some(delivery)),
                None if state.closed && state.unsettled.is_empty() => Some(None),
                None => None,
            })
            .await;
        self.0.changed.notify_waiters();
        delivery
    }

    /// Waits until `ready` has something.
    async fn until<T>(&self, mut ready: impl FnMut(&mut State) -> Option<T>) -> T {
        loop {
            let changed = self.0.changed.notified();
            tokio::pin!(changed);
            // Registered before the look, so that no change between look and wait is missed.
            changed.as_mut().enable();
            if let Some(found) = ready(&mut self.lock()) {
                return found;
            }
            changed.await;
        }
    }

    pub(super) fn settle(&self, number: u64, how: Settlement) -> bool {
        let settled = {
            let mut state = self.lock();
            state.unsettled.remove(&number).is_some_and(|mut waiting| {
                match how {
                    Settlement::Done => {}
                    Settlement::Requeue => {
                        waiting.returns += 1;
                        state.push(waiting, true);
                    }
                    Settlement::Dead(reason) => {
                        let message = waiting.message;
                        let id = Some(message.id);
                        if state.dead.len() < MOST_DEAD {
                            state.dead.push(DeadLetter { id, reason, body: message.body, lane: Some(message.lane) });
                        }
                    }
                }
                true
            })
        };
        self.0.changed.notify_waiters();
        settled
    }

    /// Nothing more will be published.
    pub fn close(&self) {
        self.lock().closed = true;
        self.0.changed.notify_waiters();
    }

    /// The first dead messages.
    pub fn dead(&self) -> Vec<DeadLetter> {
        self.lock().dead.clone()
    }
}
