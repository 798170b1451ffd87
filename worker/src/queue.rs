//! Where submissions come from and where they go: one contract, in this process or over RabbitMQ.
//!
//! # Contract
//!
//! `tests/queue.rs` holds both queues to it.
//!
//! * What was published and confirmed is delivered until it is settled: a delivery whose receiver goes away comes again.
//! * A message is in a *lane*: the code of its language, its class, its tenant. Within a lane the order is kept, but for what
//!   comes again. Interactive lanes go before bulk lanes, though bulk is never shut out; within a class the tenants take turns.
//! * A receiver names its lanes. What it cannot do is in other lanes, so nothing is ever taken only to be handed back.
//! * A dead message is kept, with the reason, until somebody takes it out.
//! * Settling says whether it counted. If it did not, the message comes again, and the store knows what was done with it.

pub mod amqp;
mod memory;
mod turns;

use std::time::Duration;

use uuid::Uuid;

pub use amqp::AmqpQueue;
pub use memory::MemoryQueue;

pub use crate::store::Class;

/// What a message is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lane {
    pub class: Class,
    /// Whose it is; empty for nobody in particular.
    pub tenant: String,
    /// The code of the language.
    pub code: String,
}

/// A message to publish.
#[derive(Clone, Debug)]
pub struct Message {
    pub id: Uuid,
    pub lane: Lane,
    /// The submission as JSON.
    pub body: Vec<u8>,
}

/// A message that was received and must be settled.
#[derive(Debug)]
pub struct Delivery {
    pub lane: Lane,
    pub body: Vec<u8>,
    /// How often it was delivered before.
    pub returns: u64,
    /// How long it was in the queue, if that is known.
    pub age: Option<Duration>,
    receipt: Receipt,
}

#[derive(Debug)]
enum Receipt {
    Memory(u64),
    Amqp(Box<amqp::Receipt>),
}

/// What becomes of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// It is done with.
    Done,
    /// It is to be delivered again.
    Requeue,
    /// It is to be kept aside, for this reason.
    Dead(String),
}

/// A dead message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The submission's id, if the message has one.
    pub id: Option<Uuid>,
    pub reason: String,
    pub body: Vec<u8>,
    /// The lane it was in, if that is known.
    pub lane: Option<Lane>,
}

/// The queue cannot be used now.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    #[error("RabbitMQ at {place}: {problem}")]
    Broker { place: String, problem: String },
    #[error("nobody keeps messages of lane {0}")]
    Unroutable(String),
}

/// One of the two queues.
#[derive(Clone, Debug)]
pub enum Queue {
    Memory(MemoryQueue),
    Amqp(AmqpQueue),
}

impl Queue {
    /// Publishes a message; returns when the queue has it for good. A full in-process queue makes the sender wait.
    ///
    /// # Errors
    /// The queue does not have it, or has not said so.
    pub async fn publish(&self, message: &Message) -> Result<(), QueueError> {
        match self {
            Self::Memory(queue) => {
                queue.publish(message.clone()).await;
                Ok(())
            }
            Self::Amqp(queue) => queue.publish(message).await,
        }
    }

    /// The next delivery, when there is one. `None` if the in-process queue is closed and everything in it is settled.
    pub async fn receive(&self) -> Option<Delivery> {
        match self {
            Self::Memory(queue) => queue.receive().await,
            Self::Amqp(queue) => Some(queue.receive().await),
        }
    }

    /// Settles a delivery. False if that did not count, because the connection that it came over is gone: it comes again.
    pub async fn settle(&self, delivery: Delivery, how: Settlement) -> bool {
        match (self, delivery.receipt) {
            (Self::Memory(queue), Receipt::Memory(number)) => queue.settle(number, how),
            (Self::Amqp(queue), Receipt::Amqp(receipt)) => {
                queue.settle(*receipt, delivery.body, delivery.lane, how).await
            }
            _ => false,
        }
    }

    /// Tells those who listen of a result. In one process there is nobody to tell.
    ///
    /// # Errors
    /// The broker has not confirmed it.
    pub async fn announce(&self, event: &[u8], batch: Option<&str>) -> Result<(), QueueError> {
        match self {
            Self::Memory(_) => Ok(()),
            Self::Amqp(queue) => queue.announce(event, batch).await,
        }
    }
}
