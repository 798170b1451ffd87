//! The contract of the queue (see the module), held in this process and over RabbitMQ alike.

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use assay::queue::amqp::Address;
use assay::queue::{AmqpQueue, Class, Delivery, Lane, MemoryQueue, Message, Queue, Settlement};
use uuid::Uuid;

/// A name for lanes that no other test has.
fn code() -> String {
    format!("t{}", &Uuid::new_v4().simple().to_string()[..12])
}

/// Both queues, listening to these lanes.
async fn queues(lanes: &[Lane]) -> Vec<Queue> {
    let mut queues = vec![Queue::Memory(MemoryQueue::new(1000))];
    if let Some(queue) = broker(lanes).await {
        queues.push(Queue::Amqp(queue));
    }
    queues
}

async fn broker(lanes: &[Lane]) -> Option<AmqpQueue> {
    let url = common::service("ASSAY_TEST_AMQP_URL")?;
    let queue = AmqpQueue::new(Address::parse(&url, None).expect("an address"), "a test");
    queue.listen(lanes.to_vec()).await;
    for lane in lanes {
        queue.open_lane(lane).await.expect("a lane");
    }
    Some(queue)
}

fn message(lane: &Lane, text: &str) -> Message {
    Message { id: Uuid::new_v4(), lane: lane.clone(), body: text.as_bytes().to_vec() }
}

async fn receive(queue: &Queue) -> Delivery {
    tokio::time::timeout(Duration::from_secs(20), queue.receive()).await.expect("in time").expect("a delivery")
}

async fn nothing_more(queue: &Queue) {
    let more = tokio::time::timeout(Duration::from_millis(600), queue.receive()).await;
    assert!(more.is_err(), "{more:?}");
}

fn text(delivery: &Delivery) -> String {
    String::from_utf8_lossy(&delivery.body).into_owned()
}

#[tokio::test]
async fn messages_of_a_lane_come_in_order_and_once() {
    let lane = Lane::new(&code(), Class::Bulk, None);
    for queue in queues(std::slice::from_ref(&lane)).await {
        for number in 0..20 {
            queue.publish(&message(&lane, &number.to_string())).await.expect("published");
        }
        for number in 0..20 {
            let delivery = receive(&queue).await;
            assert_eq!((text(&delivery), delivery.returns), (number.to_string(), 0));
            assert!(queue.settle(delivery, Settlement::Done).await);
        }
        nothing_more(&queue).await;
    }
}

#[tokio::test]
async fn what_is_handed_back_comes_again_and_is_counted() {
    let lane = Lane::new(&code(), Class::Bulk, None);
    for queue in queues(std::slice::from_ref(&lane)).await {
        queue.publish(&message(&lane, "one")).await.expect("published");
        let first = receive(&queue).await;
        nothing_more(&queue).await;
        assert!(queue.settle(first, Settlement::Requeue).await);
        let again = receive(&queue).await;
        assert_eq!((text(&again), again.returns), ("one".to_owned(), 1));
        assert!(queue.settle(again, Settlement::Done).await);
    }
}

#[tokio::test]
async fn interactive_overtakes_and_tenants_take_turns() {
    let code = code();
    let lane = |class, tenant| Lane::new(&code, class, tenant);
    let (many, few) = (lane(Class::Bulk, Some("many")), lane(Class::Bulk, Some("few")));
    let urgent = lane(Class::Interactive, None);
    for queue in queues(&[many.clone(), few.clone(), urgent.clone()]).await {
        for _ in 0..30 {
            queue.publish(&message(&many, "many")).await.expect("published");
        }
        for _ in 0..3 {
            queue.publish(&message(&few, "few")).await.expect("published");
            queue.publish(&message(&urgent, "urgent")).await.expect("published");
        }
        let mut order = Vec::new();
        for _ in 0..12 {
            let delivery = receive(&queue).await;
            order.push(text(&delivery));
            queue.settle(delivery, Settlement::Done).await;
        }
        assert_eq!(order[..3], ["urgent", "urgent", "urgent"], "{order:?}");
        assert_eq!(order[3..].iter().filter(|tenant| *tenant == "few").count(), 3, "{order:?}");
        // One that arrives now goes before the many that wait, as soon as it is seen: between two looks pass 150 ms.
        queue.publish(&message(&urgent, "late")).await.expect("published");
        let mut overtaken = 0;
        loop {
            let delivery = receive(&queue).await;
            let late = text(&delivery) == "late";
            tokio::time::sleep(Duration::from_millis(60)).await;
            queue.settle(delivery, Settlement::Done).await;
            if late {
                break;
            }
            overtaken += 1;
        }
        assert!(overtaken <= 4, "{overtaken} went before it");
    }
}

#[tokio::test]
async fn a_receiver_gets_nothing_of_other_lanes() {
    let (own, other) = (Lane::new(&code(), Class::Bulk, None), Lane::new(&code(), Class::Bulk, None));
    let Some(queue) = broker(std::slice::from_ref(&own)).await else { return };
    queue.open_lane(&other).await.expect("a lane");
    let queue = Queue::Amqp(queue);
    queue.publish(&message(&other, "not mine")).await.expect("published");
    queue.publish(&message(&own, "mine")).await.expect("published");
    let delivery = receive(&queue).await;
    assert_eq!(text(&delivery), "mine");
    queue.settle(delivery, Settlement::Done).await;
    nothing_more(&queue).await;
}

#[tokio::test]
async fn dead_messages_are_kept_with_their_reason_until_they_are_taken() {
    let lane = Lane::new(&code(), Class::Bulk, Some("somebody"));
    for queue in queues(std::slice::from_ref(&lane)).await {
        let wanted = message(&lane, "bad");
        queue.publish(&wanted).await.expect("published");
        let delivery = receive(&queue).await;
        assert!(queue.settle(delivery, Settlement::Dead("it is bad".to_owned())).await);
        nothing_more(&queue).await;
        let found = match &queue {
            Queue::Memory(queue) => queue.dead(),
            Queue::Amqp(queue) => {
                let mut found = Vec::new();
                let look = |letter: assay::queue::DeadLetter| {
                    if letter.id == Some(wanted.id) {
                        found.push(letter);
                    }
                    async { false }
                };
                queue.dead_letters(look).await.expect("the dead letters");
                let take = |letter: assay::queue::DeadLetter| {
                    let mine = letter.id == Some(wanted.id);
                    async move { mine }
                };
                queue.dead_letters(take).await.expect("the dead letters");
                let mut left = 0;
                let count = |letter: assay::queue::DeadLetter| {
                    left += usize::from(letter.id == Some(wanted.id));
                    async { false }
                };
                queue.dead_letters(count).await.expect("the dead letters");
                assert_eq!(left, 0);
                found
            }
        };
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].reason.as_str(), found[0].body.as_slice()), ("it is bad", &b"bad"[..]));
        assert_eq!(found[0].lane.as_ref(), Some(&lane));
    }
}

#[tokio::test]
async fn a_lane_that_nobody_keeps_is_told_to_the_sender() {
    let Some(queue) = broker(&[]).await else { return };
    let lane = Lane::new(&code(), Class::Bulk, None);
    let error = queue_error(&Queue::Amqp(queue), &lane).await;
    assert!(error.contains(&lane.key()), "{error}");
}

async fn queue_error(queue: &Queue, lane: &Lane) -> String {
    queue.publish(&message(lane, "nowhere")).await.expect_err("no such lane").to_string()
}

#[tokio::test]
async fn what_a_receiver_leaves_comes_to_the_next_one() {
    let lane = Lane::new(&code(), Class::Bulk, None);
    let Some(first) = broker(std::slice::from_ref(&lane)).await else { return };
    let Some(second) = broker(std::slice::from_ref(&lane)).await else { return };
    let queue = Queue::Amqp(first.clone());
    let mut sent = BTreeSet::new();
    for number in 0..4 {
        queue.publish(&message(&lane, &number.to_string())).await.expect("published");
        sent.insert(number.to_string());
    }
    let kept = receive(&queue).await;
    let _held = receive(&queue).await;
    first.close().await;
    assert!(!queue.settle(kept, Settlement::Done).await, "its connection is gone");
    let queue = Queue::Amqp(second);
    let mut got = BTreeSet::new();
    for _ in 0..4 {
        let delivery = receive(&queue).await;
        got.insert(text(&delivery));
        assert!(queue.settle(delivery, Settlement::Done).await);
    }
    assert_eq!(got, sent);
    nothing_more(&queue).await;
}

#[tokio::test]
async fn the_queue_in_this_process_ends_when_it_is_closed_and_settled() {
    let memory = MemoryQueue::new(2);
    let queue = Queue::Memory(memory.clone());
    let lane = Lane::new("c", Class::Bulk, None);
    queue.publish(&message(&lane, "one")).await.expect("published");
    let delivery = receive(&queue).await;
    memory.close();
    let end = queue.receive();
    tokio::pin!(end);
    assert!(futures_util::poll!(&mut end).is_pending(), "the delivery may come back");
    assert!(queue.settle(delivery, Settlement::Requeue).await);
    let delivery = end.await.expect("it came back");
    queue.settle(delivery, Settlement::Done).await;
    assert!(queue.receive().await.is_none());
}
