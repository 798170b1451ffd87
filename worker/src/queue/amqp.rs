//! The queue over RabbitMQ (3.10 and newer). The only user of lapin.
//!
//! # Topology
//!
//! | name | kind | for |
//! |---|---|---|
//! | `assay.submissions` | direct exchange | submissions; the routing key is the lane's: `CLASS.CODE` or `CLASS.CODE.TENANT` |
//! | `assay.CLASS.CODE[.TENANT]` | quorum queue | one lane |
//! | `assay.dead` | fanout exchange | dead letters |
//! | `assay.dead-letters` | quorum queue | dead letters, until an operator takes them out |
//! | `assay.results` | topic exchange | an event for each result; the routing key is the batch |
//!
//! # Sessions
//!
//! A session is a connection and its channel. Whatever goes wrong with it, it is dropped with all its deliveries, which come
//! again, and a new one is made after a pause (crash-only). Nothing is awaited without a bound. Sending has a session of its own,
//! because RabbitMQ stops connections that publish when it is short of memory or disk.
//!
//! # Fetching
//!
//! A worker fetches (`basic.get`) when it has a place free, and not before: then it holds no more than it is grading, an
//! interactive submission never waits behind a bulk one in a buffer, and turns are exact. Which lanes have messages it sees by
//! declaring them again, which costs the broker no write.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use lapin::message::BasicGetMessage;
use lapin::options::{
    BasicAckOptions, BasicGetOptions, BasicNackOptions, BasicPublishOptions, ConfirmSelectOptions,
    ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::tcp::OwnedTLSConfig;
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::uri::AMQPUri;
use lapin::{Acker, BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, ExchangeKind};
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

use super::turns::Turns;
use super::{Class, DeadLetter, Delivery, Lane, Message, QueueError, Settlement};

const SUBMISSIONS: &str = "assay.submissions";
const RESULTS: &str = "assay.results";
const DEAD: &str = "assay.dead";
const DEAD_LETTERS: &str = "assay.dead-letters";

const REASON: &str = "x-assay-reason";
const LANE: &str = "x-assay-lane";
/// Milliseconds since 1970: the protocol's own time stamp has whole seconds.
const PUBLISHED: &str = "x-assay-published-ms";

/// Deliveries after which the broker itself puts a message aside: the last net, for messages that end every worker before it
/// can say so in the store, which counts more finely. Handing back in order and lost connections count too.
const DELIVERY_LIMIT: i64 = 50;
/// Deliveries after which a worker puts a message aside by itself, so that the store knows of it.
pub const MOST_RETURNS: u64 = 40;

/// Bytes of a reason that travel with a dead letter: all headers together must fit into one frame.
const REASON_BYTES: usize = 8 << 10;

/// How long somebody waits for a result to be announced, which is recorded all the same.
const ANNOUNCE_PATIENCE: Duration = Duration::from_secs(5);

/// For what the broker answers at once when it is well.
const PATIENCE: Duration = Duration::from_secs(10);
/// For the confirmation of a message, which a quorum queue gives when most of its members have it on disk.
const CONFIRM_PATIENCE: Duration = Duration::from_secs(30);

/// How long a lane that was empty is taken for empty, while there is nothing else to do.
const GLANCE: Duration = Duration::from_millis(50);
/// The same while there is, for interactive and for bulk lanes: looks cost the broker a little, and a run takes its time.
const BUSY_GLANCE: (Duration, Duration) = (Duration::from_millis(150), Duration::from_secs(1));
const IDLE_PAUSE: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(200));
const RECONNECT_PAUSE: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(15));

impl Lane {
    /// The lane of a language's code, a class and a tenant, whose name may be anything.
    pub fn new(code: &str, class: Class, tenant: Option<&str>) -> Self {
        let tenant = tenant.unwrap_or_default();
        let plain = Self::is_tenant(tenant) && !tenant.starts_with('~');
        let tenant =
            if plain { tenant.to_owned() } else { format!("~{}", &blake3::hash(tenant.as_bytes()).to_hex()[..32]) };
        Self { class, tenant, code: code.to_owned() }
    }

    /// Whether this can be the tenant's part of a lane's name.
    pub fn is_tenant(tenant: &str) -> bool {
        tenant.len() <= 64 && tenant.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-~".contains(&byte))
    }

    /// The routing key, and after `assay.` the queue's name.
    pub fn key(&self) -> String {
        let dot = if self.tenant.is_empty() { "" } else { "." };
        format!("{}.{}{dot}{}", self.class.name(), self.code, self.tenant)
    }

    /// The lane of a routing key.
    pub fn of_key(key: &str) -> Option<Self> {
        let mut parts = key.splitn(3, '.');
        let class = Class::parse(parts.next()?)?;
        let code = parts.next()?.to_owned();
        Some(Self { class, code, tenant: parts.next().unwrap_or_default().to_owned() })
    }

    fn queue(&self) -> ShortString {
        format!("assay.{}", self.key()).into()
    }
}

/// Where the broker is and how to get in.
#[derive(Clone)]
pub struct Address {
    uri: AMQPUri,
    ca: Option<String>,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the password.
        f.write_str(&self.place())
    }
}

impl Address {
    /// From `amqp://` or `amqps://`, and for the latter the PEM certificates of an authority of one's own.
    ///
    /// # Errors
    /// It is no such address. The text does not repeat it, for it may hold a password.
    pub fn parse(url: &str, ca: Option<String>) -> Result<Self, String> {
        let mut uri: AMQPUri = url
            .parse()
            .map_err(|error| format!("is no address such as amqp://user:password@host:5672/%2f: {error}"))?;
        // A dead peer is noticed after two of these.
        uri.query.heartbeat.get_or_insert(10);
        Ok(Self { uri, ca })
    }

    fn place(&self) -> String {
        format!("{}:{}/{}", self.uri.authority.host, self.uri.authority.port, self.uri.vhost)
    }
}

/// A queue on a broker. Clones share the connections.
#[derive(Clone, Debug)]
pub struct AmqpQueue(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    address: Address,
    name: String,
    receiving: Mutex<Receiving>,
    sending: Mutex<Option<Arc<Session>>>,
}

#[derive(Debug, Default)]
struct Receiving {
    session: Option<Arc<Session>>,
    lanes: BTreeSet<Lane>,
    /// What was last seen of each lane: messages, and when.
    seen: HashMap<Lane, (u32, Instant)>,
    turns: Turns,
    failures: u32,
}

struct Session {
    connection: Connection,
    channel: Channel,
    declared: Mutex<BTreeSet<Lane>>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("connection", &self.connection.status()).finish_non_exhaustive()
    }
}

/// What a delivery is settled by.
#[derive(Debug)]
pub struct Receipt {
    acker: Acker,
    properties: BasicProperties,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn within<T, E: Into<Failure>>(
    patience: Duration,
    what: &str,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(patience, work).await {
        Ok(result) => result.map_err(|error| format!("{what}: {}", error.into()).into()),
        Err(_) => Err(format!("{what}: no answer within {} s", patience.as_secs()).into()),
    }
}

/// Between the bounds, doubled with each failure, and spread so that many workers do not come at once.
fn pause((least, most): (Duration, Duration), failures: u32) -> Duration {
    let grown = least.saturating_mul(1 << failures.min(10)).min(most);
    let spread = f64::from(Uuid::new_v4().as_fields().1) / f64::from(u16::MAX);
    grown.mul_f64(0.5 + spread / 2.0)
}

impl Session {
    async fn open(shared: &Shared, confirms: bool) -> Result<Self, Failure> {
        let properties = ConnectionProperties::default().with_connection_name(shared.name.clone().into());
        let tls = OwnedTLSConfig { identity: None, cert_chain: shared.address.ca.clone() };
        let runtime = lapin::runtime::default_runtime()?;
        let connecting = Connection::connect_uri_with_config(shared.address.uri.clone(), properties, tls, runtime);
        let connection = within(PATIENCE, "connecting", connecting).await?;
        let channel = within(PATIENCE, "opening a channel", connection.create_channel()).await?;
        if confirms {
            let select = channel.confirm_select(ConfirmSelectOptions::default());
            within(PATIENCE, "asking for confirmations", select).await?;
        }
        let session = Self { connection, channel, declared: Mutex::default() };
        session.declare().await?;
        Ok(session)
    }

    /// Everything but the lanes.
    async fn declare(&self) -> Result<(), Failure> {
        let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        for (name, kind) in
            [(SUBMISSIONS, ExchangeKind::Direct), (RESULTS, ExchangeKind::Topic), (DEAD, ExchangeKind::Fanout)]
        {
            let declared = self.channel.exchange_declare(name.into(), kind, durable, FieldTable::default());
            within(PATIENCE, name, declared).await?;
        }
        let mut arguments = FieldTable::default();
        arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
        // Looking through the dead letters returns them, which RabbitMQ 4 would count up to a limit of its own.
        arguments.insert("x-delivery-limit".into(), AMQPValue::LongLongInt(i64::from(i32::MAX)));
        let declared = self.channel.queue_declare(DEAD_LETTERS.into(), QueueDeclareOptions::durable(), arguments);
        within(PATIENCE, DEAD_LETTERS, declared).await?;
        let bound = self.channel.queue_bind(
            DEAD_LETTERS.into(),
            DEAD.into(),
            "".into(),
            QueueBindOptions::default(),
            FieldTable::default(),
        );
        within(PATIENCE, DEAD_LETTERS, bound).await
    }

    /// Makes sure that a lane is there, and returns how many messages wait in it.
    async fn look(&self, lane: &Lane) -> Result<u32, Failure> {
        let mut arguments = FieldTable::default();
        arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
        arguments.insert("x-delivery-limit".into(), AMQPValue::LongLongInt(DELIVERY_LIMIT));
        arguments.insert("x-dead-letter-exchange".into(), AMQPValue::LongString(DEAD.into()));
        let key = lane.key();
        let declared = self.channel.queue_declare(lane.queue(), QueueDeclareOptions::durable(), arguments);
        let found = within(PATIENCE, &key, declared).await?;
        if !self.declared.lock().await.contains(lane) {
            let bound = self.channel.queue_bind(
                lane.queue(),
                SUBMISSIONS.into(),
                key.as_str().into(),
                QueueBindOptions::default(),
                FieldTable::default(),
            );
            within(PATIENCE, &key, bound).await?;
            self.declared.lock().await.insert(lane.clone());
        }
        Ok(found.message_count())
    }

    async fn get(&self, queue: ShortString) -> Result<Option<BasicGetMessage>, Failure> {
        within(PATIENCE, "fetching", self.channel.basic_get(queue, BasicGetOptions::default())).await
    }

    async fn publish(
        &self,
        exchange: &str,
        key: &str,
        mandatory: bool,
        body: &[u8],
        properties: BasicProperties,
    ) -> Result<bool, Failure> {
        let options = BasicPublishOptions { mandatory, ..BasicPublishOptions::default() };
        let sent = self.channel.basic_publish(exchange.into(), key.into(), options, body, properties);
        let confirm = within(CONFIRM_PATIENCE, "publishing", sent).await?;
        match within(CONFIRM_PATIENCE, "confirming", confirm).await? {
            // A message that no queue takes is confirmed too, and comes back with it.
            Confirmation::Ack(returned) => Ok(returned.is_none()),
            Confirmation::Nack(_) => Err("the broker refused the message".into()),
            Confirmation::NotRequested => Err("the broker confirms nothing".into()),
        }
    }

    async fn close(&self) {
        // The broker sees a connection that just ends, too; closing in order only spares it a warning.
        drop(tokio::time::timeout(PATIENCE, self.connection.close(200, "done".into())).await);
    }
}

impl Receiving {
    /// The next message of the lane whose turn it is, if there is one.
    async fn fetch(&mut self, session: &Session) -> Result<Option<Delivery>, Failure> {
        self.glance(session).await?;
        loop {
            let waiting = self.lanes.iter().filter(|lane| self.seen.get(*lane).is_some_and(|(count, _)| *count > 0));
            let Some(lane) = self.turns.order(waiting).first().map(|lane| (*lane).clone()) else { return Ok(None) };
            let Some(message) = session.get(lane.queue()).await? else {
                self.seen.insert(lane, (0, Instant::now()));
                continue;
            };
            self.turns.served(&lane);
            self.seen.insert(lane.clone(), (message.message_count, Instant::now()));
            return Ok(Some(delivery(lane, message)));
        }
    }

    /// Looks again at the lanes of which too little is known: empty ones, and interactive ones that may have filled meanwhile.
    async fn glance(&mut self, session: &Session) -> Result<(), Failure> {
        let anything = self.seen.values().any(|(count, _)| *count > 0);
        let stale: Vec<Lane> = self
            .lanes
            .iter()
            .filter(|lane| match self.seen.get(*lane) {
                None => true,
                Some((0, at)) => {
                    let believed = match lane.class {
                        _ if !anything => GLANCE,
                        Class::Interactive => BUSY_GLANCE.0,
                        Class::Bulk => BUSY_GLANCE.1,
                    };
                    at.elapsed() > believed
                }
                Some(_) => false,
            })
            .cloned()
            .collect();
        for (lane, count) in look_at(session, &stale).await? {
            self.seen.insert(lane, (count, Instant::now()));
        }
        Ok(())
    }
}

async fn look_at(session: &Session, lanes: &[Lane]) -> Result<Vec<(Lane, u32)>, Failure> {
    let looks = lanes.iter().map(|lane| async move { Ok::<_, Failure>((lane.clone(), session.look(lane).await?)) });
    futures_util::future::try_join_all(looks).await
}

fn delivery(lane: Lane, message: BasicGetMessage) -> Delivery {
    let message = message.delivery;
    let headers = message.properties.headers().as_ref();
    // RabbitMQ 4.3 counts what is handed back apart from what failed.
    let count = |name: &str| headers.and_then(|headers| headers.inner().get(name)).and_then(integer).unwrap_or(0);
    let returns = count("x-delivery-count").max(count("x-acquired-count"));
    let published = headers.and_then(|headers| headers.inner().get(PUBLISHED)).and_then(integer);
    let age = published.and_then(|ms| SystemTime::now().duration_since(UNIX_EPOCH + Duration::from_millis(ms)).ok());
    let receipt = Receipt { acker: message.acker, properties: message.properties };
    Delivery { lane, body: message.data, returns, age, receipt: super::Receipt::Amqp(Box::new(receipt)) }
}

fn integer(value: &AMQPValue) -> Option<u64> {
    match value {
        AMQPValue::LongLongInt(value) => u64::try_from(*value).ok(),
        AMQPValue::LongInt(value) => u64::try_from(*value).ok(),
        AMQPValue::LongUInt(value) => Some(u64::from(*value)),
        AMQPValue::ShortInt(value) => u64::try_from(*value).ok(),
        AMQPValue::ShortShortUInt(value) => Some(u64::from(*value)),
        _ => None,
    }
}

fn properties(id: Option<Uuid>, mut headers: FieldTable) -> BasicProperties {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let ms = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
    headers.insert(PUBLISHED.into(), AMQPValue::LongLongInt(ms));
    let properties = BasicProperties::default()
        .with_delivery_mode(2)
        .with_content_type("application/json".into())
        .with_timestamp(now.as_secs())
        .with_headers(headers);
    match id {
        Some(id) => properties.with_message_id(id.to_string().into()),
        None => properties,
    }
}

impl AmqpQueue {
    /// A queue at this address. Connects when it is first used; `name` is what the broker's operator sees.
    pub fn new(address: Address, name: &str) -> Self {
        Self(Arc::new(Shared {
            address,
            name: name.to_owned(),
            receiving: Mutex::default(),
            sending: Mutex::default(),
        }))
    }

    fn broker(&self, failure: &Failure) -> QueueError {
        QueueError::Broker { place: self.0.address.place(), problem: failure.to_string() }
    }

    /// Adds lanes to receive from.
    pub async fn listen(&self, lanes: impl IntoIterator<Item = Lane>) {
        self.0.receiving.lock().await.lanes.extend(lanes);
    }

    /// Connects and declares everything, to find out early whether that works.
    ///
    /// # Errors
    /// The broker does not answer, does not let us in, or has something else under our names.
    pub async fn check(&self) -> Result<(), QueueError> {
        self.sender().await.map(drop).map_err(|failure| self.broker(&failure))
    }

    /// Makes sure that a lane's queue is there and gets its messages.
    ///
    /// # Errors
    /// The broker does not answer.
    pub async fn open_lane(&self, lane: &Lane) -> Result<(), QueueError> {
        let session = self.sender().await.map_err(|failure| self.broker(&failure))?;
        // A queue that was deleted since and declared again by others is not bound.
        session.declared.lock().await.remove(lane);
        match session.look(lane).await {
            Ok(_) => Ok(()),
            Err(failure) => {
                self.drop_sender(&session).await;
                Err(self.broker(&failure))
            }
        }
    }

    /// Messages that wait in these lanes, for metrics.
    ///
    /// # Errors
    /// The broker does not answer.
    pub async fn depth(&self, lanes: &[Lane]) -> Result<u64, QueueError> {
        let session = self.sender().await.map_err(|failure| self.broker(&failure))?;
        match look_at(&session, lanes).await {
            Ok(found) => Ok(found.iter().map(|(_, count)| u64::from(*count)).sum()),
            Err(failure) => {
                self.drop_sender(&session).await;
                Err(self.broker(&failure))
            }
        }
    }

    pub(super) async fn receive(&self) -> Delivery {
        let mut idle = 0;
        loop {
            let mut receiving = self.0.receiving.lock().await;
            // The session stays in its place meanwhile: whoever gives up waiting must not take deliveries that are being graded
            // down with it.
            if receiving.session.is_none() {
                match Session::open(&self.0, false).await {
                    Ok(session) => receiving.session = Some(Arc::new(session)),
                    Err(failure) => {
                        self.lost(receiving, &failure).await;
                        continue;
                    }
                }
            }
            let Some(session) = receiving.session.clone() else { continue };
            let fetched = receiving.fetch(&session).await;
            let pause = match fetched {
                Ok(Some(delivery)) => {
                    receiving.failures = 0;
                    return delivery;
                }
                Ok(None) => {
                    receiving.failures = 0;
                    idle += 1;
                    pause(IDLE_PAUSE, idle)
                }
                Err(failure) => {
                    self.lost(receiving, &failure).await;
                    continue;
                }
            };
            drop(receiving);
            tokio::time::sleep(pause).await;
        }
    }

    /// Gives up the session for receiving, and waits before the next one is tried.
    async fn lost(&self, mut receiving: MutexGuard<'_, Receiving>, failure: &Failure) {
        receiving.session = None;
        receiving.seen.clear();
        let pause = pause(RECONNECT_PAUSE, receiving.failures);
        receiving.failures += 1;
        drop(receiving);
        let error = self.broker(failure);
        let pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        tracing::warn!(%error, pause_ms, "the connection for receiving is gone; connecting again");
        tokio::time::sleep(pause).await;
    }

    /// Whether there is a connection for receiving that has not failed.
    pub async fn is_connected(&self) -> bool {
        let receiving = self.0.receiving.lock().await;
        receiving.session.as_ref().is_some_and(|session| session.channel.status().connected())
    }

    pub(super) async fn settle(&self, receipt: Receipt, body: Vec<u8>, lane: Lane, how: Settlement) -> bool {
        let settled = match how {
            Settlement::Done => within(PATIENCE, "acknowledging", receipt.acker.ack(BasicAckOptions::default())).await,
            Settlement::Requeue => {
                let options = BasicNackOptions { requeue: true, multiple: false };
                within(PATIENCE, "handing back", receipt.acker.nack(options)).await
            }
            // Sent on by ourselves, with the reason, which the broker's own way has no place for.
            Settlement::Dead(reason) => match self.bury(&receipt, body, &lane, &reason).await {
                Ok(()) => within(PATIENCE, "acknowledging", receipt.acker.ack(BasicAckOptions::default())).await,
                Err(failure) => {
                    tracing::warn!(error = %self.broker(&failure), "a dead letter could not be sent; it comes again");
                    tokio::time::sleep(RECONNECT_PAUSE.0).await;
                    let options = BasicNackOptions { requeue: true, multiple: false };
                    drop(within(PATIENCE, "handing back", receipt.acker.nack(options)).await);
                    Ok(false)
                }
            },
        };
        settled.unwrap_or_else(|failure| {
            tracing::warn!(error = %self.broker(&failure), "a delivery could not be settled and will come again");
            false
        })
    }

    async fn bury(&self, receipt: &Receipt, body: Vec<u8>, lane: &Lane, reason: &str) -> Result<(), Failure> {
        let mut end = reason.len().min(REASON_BYTES);
        while !reason.is_char_boundary(end) {
            end -= 1;
        }
        let mut headers = FieldTable::default();
        headers.insert(REASON.into(), AMQPValue::LongString(reason[..end].into()));
        headers.insert(LANE.into(), AMQPValue::LongString(lane.key().into()));
        let id = receipt.properties.message_id().as_ref().and_then(|id| id.as_str().parse().ok());
        if self.send(DEAD, "", true, &body, properties(id, headers)).await? {
            return Ok(());
        }
        // Somebody has removed the queue: the next session declares it again.
        *self.0.sending.lock().await = None;
        Err(format!("the broker has no queue {DEAD_LETTERS}").into())
    }

    pub(super) async fn publish(&self, message: &Message) -> Result<(), QueueError> {
        let key = message.lane.key();
        let sent =
            self.send(SUBMISSIONS, &key, true, &message.body, properties(Some(message.id), FieldTable::default()));
        match sent.await {
            Ok(true) => Ok(()),
            Ok(false) => Err(QueueError::Unroutable(key)),
            Err(failure) => Err(self.broker(&failure)),
        }
    }

    pub(super) async fn announce(&self, event: &[u8], batch: Option<&str>) -> Result<(), QueueError> {
        // A routing key has at most 255 bytes.
        let key: String = batch.unwrap_or("none").chars().filter(char::is_ascii).take(255).collect();
        // Nobody need listen.
        let sent = self.send(RESULTS, &key, false, event, properties(None, FieldTable::default()));
        match within(ANNOUNCE_PATIENCE, "announcing", sent).await {
            Ok(_) => Ok(()),
            Err(failure) => Err(self.broker(&failure)),
        }
    }

    async fn send(
        &self,
        exchange: &str,
        key: &str,
        mandatory: bool,
        body: &[u8],
        properties: BasicProperties,
    ) -> Result<bool, Failure> {
        let session = self.sender().await?;
        let sent = session.publish(exchange, key, mandatory, body, properties).await;
        if sent.is_err() {
            self.drop_sender(&session).await;
        }
        sent
    }

    async fn sender(&self) -> Result<Arc<Session>, Failure> {
        let mut sending = self.0.sending.lock().await;
        if let Some(session) = &*sending
            && session.channel.status().connected()
        {
            return Ok(Arc::clone(session));
        }
        let session = Arc::new(Session::open(&self.0, true).await?);
        *sending = Some(Arc::clone(&session));
        Ok(session)
    }

    async fn drop_sender(&self, broken: &Arc<Session>) {
        let mut sending = self.0.sending.lock().await;
        if sending.as_ref().is_some_and(|session| Arc::ptr_eq(session, broken)) {
            *sending = None;
        }
    }

    /// Goes through the dead letters, oldest first, and removes those for which `take` says so. The others stay.
    ///
    /// # Errors
    /// The broker does not answer; what was taken until then is gone.
    pub async fn dead_letters<F: Future<Output = bool>>(
        &self,
        mut take: impl FnMut(DeadLetter) -> F,
    ) -> Result<(), QueueError> {
        let fail = |failure: Failure| self.broker(&failure);
        // What is not acknowledged returns when this session ends.
        let session = Session::open(&self.0, false).await.map_err(fail)?;
        let declared = session.channel.queue_declare(
            DEAD_LETTERS.into(),
            QueueDeclareOptions { passive: true, ..QueueDeclareOptions::durable() },
            FieldTable::default(),
        );
        let mut left = within(PATIENCE, DEAD_LETTERS, declared).await.map_err(fail)?.message_count();
        while left > 0 {
            let Some(message) = session.get(DEAD_LETTERS.into()).await.map_err(fail)? else { break };
            left -= 1;
            let acker = message.delivery.acker.clone();
            if take(dead_letter(message)).await
                && !within(PATIENCE, "acknowledging", acker.ack(BasicAckOptions::default())).await.map_err(fail)?
            {
                return Err(fail("the connection was lost before the last letter was taken out".into()));
            }
        }
        session.close().await;
        Ok(())
    }

    /// Ends the connections in order.
    pub async fn close(&self) {
        if let Some(session) = self.0.receiving.lock().await.session.take() {
            session.close().await;
        }
        if let Some(session) = self.0.sending.lock().await.take() {
            session.close().await;
        }
    }
}

fn dead_letter(message: BasicGetMessage) -> DeadLetter {
    let message = message.delivery;
    let header = |name: &str| {
        let value = message.properties.headers().as_ref()?.inner().get(name)?;
        match value {
            AMQPValue::LongString(text) => Some(text.to_string()),
            AMQPValue::ShortString(text) => Some(text.to_string()),
            _ => None,
        }
    };
    // What the broker put aside itself has no reason of ours, and keeps its routing key.
    let reason = header(REASON).unwrap_or_else(|| match header("x-first-death-reason").as_deref() {
        Some("delivery_limit") => format!("delivered more than {DELIVERY_LIMIT} times without being settled"),
        Some(other) => format!("put aside by the broker: {other}"),
        None => "put aside by the broker".to_owned(),
    });
    let lane = header(LANE).or_else(|| Some(message.routing_key.to_string())).and_then(|key| Lane::of_key(&key));
    let id = message.properties.message_id().as_ref().and_then(|id| id.as_str().parse().ok());
    DeadLetter { id, reason, body: message.data, lane }
}

#[cfg(test)]
mod tests {
    use super::{Address, Class, IDLE_PAUSE, Lane, pause};

    #[test]
    fn lanes_have_names_that_lead_back() {
        for (tenant, expected) in [(None, "bulk.cpp"), (Some("team-1"), "bulk.cpp.team-1")] {
            let lane = Lane::new("cpp", Class::Bulk, tenant);
            assert_eq!(lane.key(), expected);
            assert_eq!(Lane::of_key(&lane.key()), Some(lane));
        }
        let strange = Lane::new("cpp", Class::Interactive, Some("a.b\u{e9}#*"));
        assert!(strange.key().len() < 64 && strange.key().is_ascii(), "{}", strange.key());
        assert_ne!(strange, Lane::new("cpp", Class::Interactive, Some("a.b\u{e9}#+")));
        assert_eq!(Lane::of_key("nonsense"), None);
    }

    #[test]
    fn addresses_do_not_show_their_password() {
        let address = Address::parse("amqp://me:secret@host/%2f", None).expect("an address");
        assert_eq!(format!("{address:?}"), "host:5672//");
        let error = Address::parse("http://me:secret@host", None).expect_err("no address");
        assert!(!error.contains("secret"), "{error}");
    }

    #[test]
    fn pauses_grow_up_to_their_bound() {
        assert!(pause(IDLE_PAUSE, 0) <= IDLE_PAUSE.0);
        assert!(pause(IDLE_PAUSE, 40) <= IDLE_PAUSE.1 && pause(IDLE_PAUSE, 40) >= IDLE_PAUSE.1 / 2);
    }
}
