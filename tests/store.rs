//! The contract of the store (see the module), held by SQLite and by PostgreSQL alike.

mod common;

use assay::store::{Arrival, Bounds, Claim, Class, NewBatch, Recorded, Release, Store, Worker};
use assay_shared::{CompileReport, Excerpt, Exit, GroupReport, SubmissionReport, TestReport, Usage, Verdict};
use uuid::Uuid;

/// Both stores, with a worker that they know.
async fn stores() -> Vec<(Store, tempfile::TempDir)> {
    let dir = tempfile::tempdir().expect("a directory");
    let mut stores = vec![(Store::open_file(&dir.path().join("store.sqlite")).await.expect("a file"), dir)];
    if let Some(server) = common::service("ASSAY_TEST_DATABASE_URL") {
        let url = common::database(&server).await;
        stores.push((Store::connect(&url).await.expect("a store"), tempfile::tempdir().expect("a directory")));
    }
    stores
}

async fn worker(store: &Store) -> Worker {
    let worker = Worker::new(2, vec!["c".to_owned()]);
    store.register(&worker).await.expect("a worker");
    worker
}

const BATCH: &str = "a batch";

fn arrival(id: Uuid, ordinal: i64) -> Arrival {
    Arrival {
        batch_id: Some(BATCH.to_owned()),
        submission_id: id,
        ordinal,
        label: format!("file:{ordinal}"),
        task: Some("sum".to_owned()),
        language: "c".to_owned(),
        metadata: "{\"z\":1,\"a\":12345678901234567890}".to_owned(),
        content: Some("a hash".to_owned()),
    }
}

fn report(id: Uuid, verdict: Verdict) -> SubmissionReport {
    let usage = Usage {
        cpu_user_us: 1500,
        cpu_sys_us: 500,
        wall_us: 2500,
        memory_peak_bytes: 1 << 20,
        oom_kills: 0,
        pids_peak: Some(3),
        pids_limit_hits: 0,
        stdout_bytes: 4,
        stderr_bytes: 0,
        context_switches: 7,
    };
    let test = |id: &str, verdict, exit| TestReport {
        id: id.to_owned(),
        verdict,
        usage: Some(usage.clone()),
        exit,
        reason: if verdict == Verdict::Accepted { String::new() } else { "line 1 \u{0} differs".to_owned() },
        stdout: Excerpt { bytes: vec![0, 255, b'\n', 0], truncated: true },
        judge_message: Excerpt { bytes: b"guess 3 is too high\n".to_vec(), truncated: false },
        interaction: Excerpt { bytes: b">5\n<lower\n".to_vec(), truncated: true },
        score: Some(0.25),
        first_verdict: Some(Verdict::TimeLimit),
        ..TestReport::default()
    };
    let skipped = TestReport { id: "3".to_owned(), ..TestReport::default() };
    SubmissionReport {
        submission_id: id,
        verdict,
        reason: "test 2: differs".to_owned(),
        language: "c".to_owned(),
        compile: Some(CompileReport {
            cached: true,
            usage: usage.clone(),
            exit: Some(Exit::Code(0)),
            log: Excerpt { bytes: b"warning".to_vec(), truncated: false },
        }),
        tests: vec![
            test("1", Verdict::Accepted, Some(Exit::Code(0))),
            test("2", verdict, Some(Exit::Signal(11))),
            skipped,
        ],
        groups: vec![
            GroupReport { name: "secret/a".to_owned(), verdict, score: Some(0.5), max_score: Some(40.0) },
            GroupReport { name: "secret".to_owned(), verdict, score: Some(0.5), max_score: None },
        ],
        score: Some(0.5),
        cpu_limit_ms: 1000,
        memory_limit_bytes: 1 << 28,
        cgroup: "v1".to_owned(),
        same_as: Some(Uuid::from_u128(7)),
    }
}

async fn granted(store: &Store, arrival: &Arrival, worker: &Worker) -> assay::store::Attempt {
    match store.claim(arrival, worker, Bounds::default()).await.expect("an answer") {
        Claim::Granted(attempt) => attempt,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_report_comes_back_as_it_was_recorded() {
    for (store, _dir) in stores().await {
        let (worker, id) = (worker(&store).await, Uuid::new_v4());
        let attempt = granted(&store, &arrival(id, 1), &worker).await;
        let mut wanted = report(id, Verdict::WrongAnswer);
        assert_eq!(store.record(&attempt, &wanted).await.expect("recorded"), Recorded::New);
        let mut found = store.report(Some(BATCH), id).await.expect("an answer").expect("a report");
        // PostgreSQL's texts hold no NUL.
        for report in [&mut wanted, &mut found] {
            report.tests[1].reason = report.tests[1].reason.replace('\0', "\u{fffd}");
        }
        assert_eq!(found, wanted);
        assert_eq!(store.report(Some(BATCH), Uuid::new_v4()).await.expect("an answer"), None);
    }
}

#[tokio::test]
async fn thousands_of_tests_come_back_too() {
    for (store, _dir) in stores().await {
        let (worker, id) = (worker(&store).await, Uuid::new_v4());
        let attempt = granted(&store, &arrival(id, 1), &worker).await;
        let mut wanted = report(id, Verdict::Accepted);
        let test = |number: usize| TestReport { id: number.to_string(), ..wanted.tests[0].clone() };
        wanted.tests = (1..=2500).map(test).collect();
        assert_eq!(store.record(&attempt, &wanted).await.expect("recorded"), Recorded::New);
        assert!(store.report(Some(BATCH), id).await.expect("an answer").expect("a report") == wanted);
    }
}

#[tokio::test]
async fn what_was_submitted_is_claimed_by_one_worker() {
    for (store, _dir) in stores().await {
        let (one, two) = (worker(&store).await, worker(&store).await);
        let batch = NewBatch { batch_id: BATCH.to_owned(), tenant: None, class: Class::Bulk, label: String::new() };
        store.create_batch(&batch).await.expect("a batch");
        let (first, second) = (arrival(Uuid::new_v4(), 1), arrival(Uuid::new_v4(), 2));
        store.enqueue(&[first.clone(), second.clone()]).await.expect("known");
        let attempt = granted(&store, &first, &one).await;
        let claim = async |arrival: &Arrival| store.claim(arrival, &two, Bounds::default()).await.expect("an answer");
        assert_eq!(claim(&first).await, Claim::Busy);
        store.record(&attempt, &report(first.submission_id, Verdict::Accepted)).await.expect("recorded");
        assert_eq!(claim(&first).await, Claim::Recorded);
        store.quarantine(Some(BATCH), second.submission_id, "why").await.expect("put aside");
        assert_eq!(claim(&second).await, Claim::Quarantined("why".to_owned()));
        assert!(store.readmit(Some(BATCH), second.submission_id).await.expect("an answer"));
        assert!(matches!(claim(&second).await, Claim::Granted(_)));
    }
}

#[tokio::test]
async fn who_was_taken_for_dead_and_is_not_records_first_all_the_same() {
    for (store, dir) in stores().await {
        let (one, two, id) = (worker(&store).await, worker(&store).await, Uuid::new_v4());
        let first = granted(&store, &arrival(id, 1), &one).await;
        silence(&store, dir.path(), &one).await;
        let second = granted(&store, &arrival(id, 1), &two).await;
        let recorded = store.record(&first, &report(id, Verdict::Accepted)).await.expect("recorded");
        assert_eq!(recorded, Recorded::New);
        let recorded = store.record(&second, &report(id, Verdict::WrongAnswer)).await.expect("recorded");
        assert_eq!(recorded, Recorded::Superseded);
        let found = store.report(Some(BATCH), id).await.expect("an answer").expect("a report");
        assert_eq!(found.verdict, Verdict::Accepted);
    }
}

#[tokio::test]
async fn the_first_verdict_stays_and_later_attempts_are_only_kept() {
    for (store, _dir) in stores().await {
        let (worker, id) = (worker(&store).await, Uuid::new_v4());
        let first = granted(&store, &arrival(id, 1), &worker).await;
        // The same worker may begin again: it knows what it has given up.
        let second = granted(&store, &arrival(id, 1), &worker).await;
        assert_eq!(store.record(&second, &report(id, Verdict::TimeLimit)).await.expect("recorded"), Recorded::New);
        let late = store.record(&first, &report(id, Verdict::Accepted)).await.expect("recorded");
        assert_eq!(late, Recorded::Superseded);
        assert_eq!(store.claim(&arrival(id, 1), &worker, Bounds::default()).await.expect("an answer"), Claim::Recorded);
        let found = store.report(Some(BATCH), id).await.expect("an answer").expect("a report");
        assert_eq!(found.verdict, Verdict::TimeLimit);
        store.quarantine(Some(BATCH), id, "too late").await.expect("an answer");
        assert!(store.report(Some(BATCH), id).await.expect("an answer").is_some(), "a verdict is not put aside");
    }
}

#[tokio::test]
async fn two_at_once_record_one_verdict() {
    for (store, _dir) in stores().await {
        let (worker, id) = (worker(&store).await, Uuid::new_v4());
        let mut attempts = Vec::new();
        for _ in 0..4 {
            attempts.push(granted(&store, &arrival(id, 1), &worker).await);
        }
        let verdicts = [Verdict::Accepted, Verdict::WrongAnswer, Verdict::TimeLimit, Verdict::RuntimeError];
        let records = attempts.iter().zip(verdicts).map(|(attempt, verdict)| {
            let (store, report) = (store.clone(), report(id, verdict));
            async move { store.record(attempt, &report).await.expect("recorded") }
        });
        let recorded = futures_util::future::join_all(records).await;
        assert_eq!(recorded.iter().filter(|recorded| **recorded == Recorded::New).count(), 1, "{recorded:?}");
    }
}

#[tokio::test]
async fn a_living_workers_submission_is_busy_and_a_dead_ones_is_granted() {
    for (store, _dir) in stores().await {
        let (one, two, id) = (worker(&store).await, worker(&store).await, Uuid::new_v4());
        let attempt = granted(&store, &arrival(id, 1), &one).await;
        // Both workers are this process, which lives.
        let claim = store.claim(&arrival(id, 1), &two, Bounds::default()).await.expect("an answer");
        assert_eq!(claim, Claim::Busy);
        store.release(&attempt, Release::Abandoned, "drained").await.expect("released");
        granted(&store, &arrival(id, 1), &two).await;
    }
}

#[tokio::test]
async fn dead_workers_are_counted_up_to_a_bound_and_a_silent_one_is_dead() {
    for (store, dir) in stores().await {
        let (own, id) = (worker(&store).await, Uuid::new_v4());
        // Of a process that has ended, and of one on another host.
        let ended = format!("{} ", own.owner.rsplit_once(' ').expect("a start time").0) + "1";
        for (number, owner) in [ended.as_str(), "another boot pid:[1] 1 1"].iter().cycle().take(5).enumerate() {
            let dead = Worker { owner: (*owner).to_owned(), ..Worker::new(1, Vec::new()) };
            store.register(&dead).await.expect("a worker");
            granted(&store, &arrival(id, 1), &dead).await;
            if owner.starts_with("another") {
                // It cannot be seen from here, so its heartbeat decides.
                let claim = store.claim(&arrival(id, 1), &own, Bounds::default()).await.expect("an answer");
                assert_eq!(claim, Claim::Busy, "{number}");
                silence(&store, dir.path(), &dead).await;
            }
        }
        let claim = store.claim(&arrival(id, 1), &own, Bounds::default()).await.expect("an answer");
        let Claim::Exhausted(reason) = claim else { panic!("{claim:?}") };
        assert!(reason.contains("5 workers ended"), "{reason}");
    }
}

/// Sets a worker's heartbeat back by a minute.
async fn silence(store: &Store, dir: &std::path::Path, worker: &Worker) {
    match store {
        Store::Sqlite(_) => {
            let url = format!("sqlite://{}", dir.join("store.sqlite").display());
            let pool = sqlx::SqlitePool::connect(&url).await.expect("the file");
            sqlx::query("UPDATE workers SET heartbeat_ms = heartbeat_ms - 60000 WHERE worker_id = ?")
                .bind(worker.id.to_string())
                .execute(&pool)
                .await
                .expect("a change");
            pool.close().await;
        }
        Store::Postgres(store) => {
            sqlx::query("UPDATE workers SET heartbeat_at = heartbeat_at - interval '1 minute' WHERE worker_id = $1")
                .bind(worker.id)
                .execute(store.pool())
                .await
                .expect("a change");
        }
    }
}

#[tokio::test]
async fn recording_again_after_a_lost_answer_is_no_other_attempt() {
    for (store, _dir) in stores().await {
        let (worker, id) = (worker(&store).await, Uuid::new_v4());
        let attempt = granted(&store, &arrival(id, 1), &worker).await;
        for _ in 0..2 {
            let recorded = store.record(&attempt, &report(id, Verdict::Accepted)).await.expect("recorded");
            assert_eq!(recorded, Recorded::New);
        }
    }
}

#[tokio::test]
async fn judge_errors_are_bounded_and_handing_back_is_not_counted() {
    for (store, _dir) in stores().await {
        let (worker, id) = (worker(&store).await, Uuid::new_v4());
        for _ in 0..10 {
            let attempt = granted(&store, &arrival(id, 1), &worker).await;
            store.release(&attempt, Release::Abandoned, "drained").await.expect("released");
        }
        for _ in 0..3 {
            let attempt = granted(&store, &arrival(id, 1), &worker).await;
            store.release(&attempt, Release::JudgeError, "could not mount /proc").await.expect("released");
        }
        let claim = store.claim(&arrival(id, 1), &worker, Bounds::default()).await.expect("an answer");
        let Claim::Exhausted(reason) = claim else { panic!("{claim:?}") };
        assert!(reason.contains("3 times") && reason.contains("/proc"), "{reason}");
        store.quarantine(Some(BATCH), id, &reason).await.expect("put aside");
        let claim = store.claim(&arrival(id, 1), &worker, Bounds::default()).await.expect("an answer");
        assert_eq!(claim, Claim::Quarantined(reason));
        assert!(store.readmit(Some(BATCH), id).await.expect("an answer"));
        assert!(!store.readmit(Some(BATCH), id).await.expect("an answer"), "it is not there any more");
        granted(&store, &arrival(id, 1), &worker).await;
    }
}

#[tokio::test]
async fn submitting_again_adds_nothing_and_what_was_not_confirmed_is_open() {
    for (store, _dir) in stores().await {
        let batch = NewBatch { batch_id: BATCH.to_owned(), label: "x.jsonl".to_owned(), ..NewBatch::default() };
        store.create_batch(&batch).await.expect("a batch");
        store.create_batch(&batch).await.expect("the same batch");
        let arrivals: Vec<Arrival> = (0..5).map(|ordinal| arrival(Uuid::new_v4(), ordinal)).collect();
        let ids: Vec<Uuid> = arrivals.iter().map(|arrival| arrival.submission_id).collect();
        let sorted = |mut ids: Vec<Uuid>| {
            ids.sort();
            ids
        };
        assert_eq!(sorted(store.enqueue(&arrivals).await.expect("known").open), sorted(ids.clone()));
        store.mark_queued(Some(BATCH), &ids[..3]).await.expect("queued");
        assert_eq!(sorted(store.enqueue(&arrivals).await.expect("known").open), sorted(ids[3..].to_vec()));
        let other = Arrival { content: Some("another".to_owned()), ..arrivals[4].clone() };
        let enqueued = store.enqueue(&[arrivals[3].clone(), other]).await.expect("known");
        assert_eq!((enqueued.open, enqueued.clashes), (vec![ids[3]], vec![ids[4]]));
        let progress = store.progress(BATCH).await.expect("an answer").expect("a batch");
        assert_eq!((progress.submissions, progress.waiting, progress.submitted), (5, 5, false));
        store.seal_batch(BATCH).await.expect("sealed");
        assert!(store.progress(BATCH).await.expect("an answer").expect("a batch").submitted);
        assert_eq!(store.progress("another").await.expect("an answer"), None);
        assert_eq!(store.batches(10).await.expect("an answer"), [BATCH]);
    }
}

#[tokio::test]
async fn a_batch_is_listed_in_order_and_counted() {
    for (store, _dir) in stores().await {
        let worker = worker(&store).await;
        let batch = NewBatch { batch_id: BATCH.to_owned(), class: Class::Interactive, ..NewBatch::default() };
        store.create_batch(&batch).await.expect("a batch");
        let verdicts = [Verdict::Accepted, Verdict::WrongAnswer, Verdict::Accepted];
        let arrivals: Vec<Arrival> = (0..5).map(|ordinal| arrival(Uuid::new_v4(), ordinal)).collect();
        store.enqueue(&arrivals).await.expect("known");
        for (arrival, verdict) in arrivals.iter().zip(verdicts) {
            let attempt = granted(&store, arrival, &worker).await;
            store.record(&attempt, &report(arrival.submission_id, verdict)).await.expect("recorded");
        }
        store.quarantine(Some(BATCH), arrivals[3].submission_id, "refused").await.expect("put aside");
        store.seal_batch(BATCH).await.expect("sealed");
        let progress = store.progress(BATCH).await.expect("an answer").expect("a batch");
        assert_eq!((progress.graded, progress.quarantined, progress.waiting, progress.last_minute), (3, 1, 1, 4));
        assert_eq!(progress.verdicts, [("AC".to_owned(), 2), ("WA".to_owned(), 1)]);
        assert!(!progress.is_finished() && progress.seconds >= 0.0);

        let first = store.results(BATCH, None, 2).await.expect("rows");
        let rest = store.results(BATCH, first.last(), 10).await.expect("rows");
        let listed: Vec<_> = first.iter().chain(&rest).collect();
        let ids: Vec<Uuid> = arrivals.iter().map(|arrival| arrival.submission_id).collect();
        assert_eq!(listed.iter().map(|row| row.submission_id).collect::<Vec<_>>(), ids);
        assert_eq!((listed[0].verdict.as_deref(), listed[0].cpu_ms), (Some("AC"), Some(2)));
        assert_eq!((listed[0].wall_ms, listed[0].memory_bytes), (Some(3), Some(1 << 20)));
        assert_eq!((listed[3].state.as_str(), listed[3].reason.as_str()), ("quarantined", "refused"));
        assert_eq!((listed[4].state.as_str(), &listed[4].verdict), ("new", &None));
        assert_eq!(listed[4].metadata.to_string(), "{\"z\":1,\"a\":12345678901234567890}", "as it came");

        let counts = store.task_counts(BATCH).await.expect("an answer");
        assert_eq!((counts[0].task.as_str(), counts[0].samples, counts[0].accepted), ("sum", 3, 2));
    }
}

#[tokio::test]
async fn an_unknown_schema_is_refused() {
    let Some(server) = common::service("ASSAY_TEST_DATABASE_URL") else { return };
    let url = common::database(&server).await;
    let pool = sqlx::PgPool::connect(&url).await.expect("the server answers");
    sqlx::query("UPDATE _sqlx_migrations SET version = version + 990000").execute(&pool).await.expect("a change");
    let error = Store::connect(&url).await.expect_err("a newer schema").to_string();
    assert!(error.contains("99000") && error.contains("newer"), "{error}");
    sqlx::query("DROP TABLE _sqlx_migrations").execute(&pool).await.expect("a change");
    let error = Store::connect(&url).await.expect_err("no schema").to_string();
    assert!(error.contains("assay migrate"), "{error}");
    // The server's function is the estimator that the commands use.
    let value: f64 = sqlx::query_scalar("SELECT pass_at_k(10, 3, 5)").fetch_one(&pool).await.expect("a number");
    assert!((value - 0.916_666).abs() < 1e-3, "{value}");
}
