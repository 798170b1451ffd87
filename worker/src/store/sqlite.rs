//! The store in one SQLite file.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, SystemTime};

use assay_shared::{Excerpt, SubmissionReport};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, QueryBuilder, Row as _, SqlSafeStr as _, Sqlite, Transaction};
use uuid::Uuid;

use super::rows::{
    GroupRow, OutcomeRow, ReportRows, ResultRow, TestRow, integer, metadata, of_report, read_test, test_columns,
    to_report,
};
use super::{
    Arrival, Attempt, Bounds, Claim, Decision, Enqueued, History, LEASE_SECONDS, NewBatch, OpenAttempt, Progress,
    Recorded, Release, StoreError, TaskCount, Worker, owner, owner_lives, place_of,
};

const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "initial", include_str!("../../../migrations/sqlite/0001_initial.sql")),
    (2, "every problem type", include_str!("../../../migrations/sqlite/0002_every_problem_type.sql")),
    (3, "graded once", include_str!("../../../migrations/sqlite/0003_graded_once.sql")),
    (4, "fair measurement", include_str!("../../../migrations/sqlite/0004_fair_measurement.sql")),
];

/// Results in a file. Several processes may use one at once.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    pool: SqlitePool,
    place: String,
}

/// A batch of one command that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedBatch {
    pub id: String,
    /// Whether an interrupted one is continued.
    pub continued: bool,
    /// Submissions of it that have a verdict already.
    pub graded: u64,
}

impl SqliteStore {
    pub(super) async fn open(path: &Path) -> Result<Self, StoreError> {
        let fail = |problem: String| StoreError::Open { place: place_of(path), problem };
        if path.is_dir() {
            return Err(fail("is a directory; name a file".to_owned()));
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(30))
            .disable_statement_logging();
        // SQLite has one writer; a second connection would only wait for the first.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_mins(1))
            .connect_with(options)
            .await
            .map_err(|error| fail(format!("cannot be opened: {error}")))?;
        let migrations = MIGRATIONS
            .iter()
            .map(|(version, name, sql)| {
                Migration::new(*version, Cow::Borrowed(*name), MigrationType::Simple, (*sql).into_sql_str(), false)
            })
            .collect();
        Migrator::with_migrations(migrations).run(&pool).await.map_err(|error| match error {
            sqlx::migrate::MigrateError::VersionMissing(version) => {
                fail(format!("has schema version {version}, of a newer assay; use that one, or another --store"))
            }
            sqlx::migrate::MigrateError::VersionMismatch(_) => {
                fail("was made by a development version of assay; name another --store, or remove it".to_owned())
            }
            other => fail(format!("cannot be brought up to date: {other}")),
        })?;
        Ok(Self { pool, place: place_of(path) })
    }

    fn fail(&self) -> impl Fn(sqlx::Error) -> StoreError + use<> {
        let place = self.place.clone();
        move |source| StoreError::Database { place: place.clone(), source }
    }

    /// Begins the batch of a command, or continues the newest unfinished one of the same work whose process is gone.
    ///
    /// `key` identifies the work: the same key means the same submissions under the same rules.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn begin(&self, kind: &str, key: &str, label: &str, fresh: bool) -> Result<OpenedBatch, StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(self.fail())?;
        let opened = begin(&mut transaction, kind, key, label, fresh).await.map_err(self.fail())?;
        transaction.commit().await.map_err(self.fail())?;
        Ok(opened)
    }

    /// Marks a batch as finished, so that it is not continued.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn finish(&self, batch: &str) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE batches SET state = 'finished', finished_ms = ?1, submitted_ms = coalesce(submitted_ms, ?1) \
             WHERE batch_id = ?2",
        )
        .bind(now_ms())
        .bind(batch)
        .execute(&self.pool)
        .await
        .map_err(self.fail())?;
        Ok(())
    }

    pub(super) async fn create_batch(&self, batch: &NewBatch) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO batches (batch_id, kind, work_key, tenant, class, label, state, created_ms, owner) \
             VALUES (?, 'submit', '', ?, ?, ?, 'running', ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(&batch.batch_id)
        .bind(&batch.tenant)
        .bind(batch.class.name())
        .bind(&batch.label)
        .bind(now_ms())
        .bind(owner())
        .execute(&self.pool)
        .await
        .map_err(self.fail())?;
        Ok(())
    }

    pub(super) async fn enqueue(&self, arrivals: &[Arrival]) -> Result<Enqueued, StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(self.fail())?;
        let mut enqueued = Enqueued::default();
        for arrival in arrivals {
            let known = known(&mut transaction, arrival, "new").await.map_err(self.fail())?;
            if known.content.is_some() && arrival.content.is_some() && known.content != arrival.content {
                enqueued.clashes.push(arrival.submission_id);
            } else if known.state == "new" && !enqueued.open.contains(&arrival.submission_id) {
                enqueued.open.push(arrival.submission_id);
            }
        }
        transaction.commit().await.map_err(self.fail())?;
        Ok(enqueued)
    }

    pub(super) async fn mark_queued(&self, batch: Option<&str>, ids: &[Uuid]) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(self.fail())?;
        for id in ids {
            sqlx::query(
                "UPDATE submissions SET state = 'queued' WHERE batch_id = ? AND submission_id = ? AND state = 'new'",
            )
            .bind(batch.unwrap_or_default())
            .bind(id.to_string())
            .execute(&mut *transaction)
            .await
            .map_err(self.fail())?;
        }
        transaction.commit().await.map_err(self.fail())
    }

    pub(super) async fn seal_batch(&self, batch: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE batches SET submitted_ms = ? WHERE batch_id = ? AND submitted_ms IS NULL")
            .bind(now_ms())
            .bind(batch)
            .execute(&self.pool)
            .await
            .map_err(self.fail())?;
        Ok(())
    }

    pub(super) async fn register(&self, worker: &Worker) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO workers (worker_id, owner, host, slots, languages, version, started_ms, heartbeat_ms, cpus) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (worker_id) DO UPDATE SET stopped_ms = NULL",
        )
        .bind(worker.id.to_string())
        .bind(&worker.owner)
        .bind(&worker.host)
        .bind(i64::try_from(worker.slots).unwrap_or(i64::MAX))
        .bind(worker.languages.join(" "))
        .bind(env!("CARGO_PKG_VERSION"))
        .bind(now_ms())
        .bind(now_ms())
        .bind((!worker.cpus.is_empty()).then(|| worker.shown_cpus()))
        .execute(&self.pool)
        .await
        .map_err(self.fail())?;
        Ok(())
    }

    pub(super) async fn heartbeat(&self, worker: &Worker) -> Result<(), StoreError> {
        sqlx::query("UPDATE workers SET heartbeat_ms = ? WHERE worker_id = ?")
            .bind(now_ms())
            .bind(worker.id.to_string())
            .execute(&self.pool)
            .await
            .map_err(self.fail())?;
        Ok(())
    }

    pub(super) async fn retire(&self, worker: &Worker) -> Result<(), StoreError> {
        sqlx::query("UPDATE workers SET stopped_ms = ? WHERE worker_id = ?")
            .bind(now_ms())
            .bind(worker.id.to_string())
            .execute(&self.pool)
            .await
            .map_err(self.fail())?;
        Ok(())
    }

    pub(super) async fn claim(&self, arrival: &Arrival, worker: &Worker, bounds: Bounds) -> Result<Claim, StoreError> {
        if let Some(attempt) = self.claim_first(arrival, worker).await.map_err(self.fail())? {
            return Ok(Claim::Granted(attempt));
        }
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(self.fail())?;
        let claim = claim(&mut transaction, arrival, worker, bounds).await.map_err(self.fail())?;
        transaction.commit().await.map_err(self.fail())?;
        Ok(claim)
    }

    /// Begins an attempt at a submission that is known, waits for a verdict, and had no attempt that counts, which is the usual case, in one
    /// statement; `None` if it is not so.
    async fn claim_first(&self, arrival: &Arrival, worker: &Worker) -> sqlx::Result<Option<Attempt>> {
        let attempt = Attempt::at(arrival);
        let begun = sqlx::query(
            "INSERT INTO attempts (attempt_id, batch_id, submission_id, worker_id, started_ms) \
             SELECT ?, s.batch_id, s.submission_id, ?, ? FROM submissions s \
             WHERE s.batch_id = ? AND s.submission_id = ? AND s.state NOT IN ('graded', 'quarantined') AND NOT EXISTS (SELECT 1 \
                 FROM attempts a WHERE a.batch_id = s.batch_id AND a.submission_id = s.submission_id AND a.forgiven = 0)",
        )
        .bind(attempt.id.to_string())
        .bind(worker.id.to_string())
        .bind(now_ms())
        .bind(arrival.batch_id.as_deref().unwrap_or_default())
        .bind(arrival.submission_id.to_string())
        .execute(&self.pool)
        .await?;
        Ok((begun.rows_affected() == 1).then_some(attempt))
    }

    pub(super) async fn record(&self, attempt: &Attempt, report: &SubmissionReport) -> Result<Recorded, StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(self.fail())?;
        let recorded = record(&mut transaction, attempt, report).await.map_err(self.fail())?;
        transaction.commit().await.map_err(self.fail())?;
        Ok(recorded)
    }

    pub(super) async fn release(&self, attempt: &Attempt, how: Release, reason: &str) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE attempts SET ended_ms = ?, outcome = ?, reason = ? \
             WHERE attempt_id = ? AND (outcome IS NULL OR outcome = 'lost')",
        )
        .bind(now_ms())
        .bind(how.name())
        .bind(reason)
        .bind(attempt.id.to_string())
        .execute(&self.pool)
        .await
        .map_err(self.fail())?;
        Ok(())
    }

    pub(super) async fn release_own(
        &self,
        arrival: &Arrival,
        worker: &Worker,
        how: Release,
        reason: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE attempts SET ended_ms = ?, outcome = ?, reason = ? \
             WHERE batch_id = ? AND submission_id = ? AND worker_id = ? AND outcome IS NULL",
        )
        .bind(now_ms())
        .bind(how.name())
        .bind(reason)
        .bind(arrival.batch_id.as_deref().unwrap_or_default())
        .bind(arrival.submission_id.to_string())
        .bind(worker.id.to_string())
        .execute(&self.pool)
        .await
        .map_err(self.fail())?;
        Ok(())
    }

    pub(super) async fn quarantine(
        &self,
        batch: Option<&str>,
        submission: Uuid,
        reason: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE submissions SET state = 'quarantined', reason = ?, finished_ms = ? \
             WHERE batch_id = ? AND submission_id = ? AND state IN ('new', 'queued')",
        )
        .bind(reason)
        .bind(now_ms())
        .bind(batch.unwrap_or_default())
        .bind(submission.to_string())
        .execute(&self.pool)
        .await
        .map_err(self.fail())?;
        Ok(())
    }

    pub(super) async fn readmit(&self, batch: Option<&str>, submission: Uuid) -> Result<bool, StoreError> {
        let (batch, submission) = (batch.unwrap_or_default(), submission.to_string());
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(self.fail())?;
        // To `new` and not to `queued`: the queue of one process does not outlive it.
        let changed = sqlx::query(
            "UPDATE submissions SET state = 'new', reason = '', finished_ms = NULL \
             WHERE batch_id = ? AND submission_id = ? AND state = 'quarantined'",
        )
        .bind(batch)
        .bind(&submission)
        .execute(&mut *transaction)
        .await
        .map_err(self.fail())?;
        sqlx::query(
            "UPDATE attempts SET forgiven = 1 WHERE batch_id = ? AND submission_id = ? AND outcome IS NOT NULL",
        )
        .bind(batch)
        .bind(&submission)
        .execute(&mut *transaction)
        .await
        .map_err(self.fail())?;
        transaction.commit().await.map_err(self.fail())?;
        Ok(changed.rows_affected() > 0)
    }

    pub(super) async fn report(
        &self,
        batch: Option<&str>,
        submission: Uuid,
    ) -> Result<Option<SubmissionReport>, StoreError> {
        let found = self.read_report(batch.unwrap_or_default(), submission).await.map_err(self.fail())?;
        let Some(rows) = found else { return Ok(None) };
        to_report(submission, rows).map(Some).map_err(|problem| StoreError::Row { place: self.place.clone(), problem })
    }

    async fn read_report(&self, batch: &str, submission: Uuid) -> sqlx::Result<Option<ReportRows>> {
        let submission = submission.to_string();
        let Some(row) = sqlx::query(
            "SELECT language, verdict, reason, score, cpu_limit_ms, memory_limit_bytes, cgroup, same_as FROM submissions \
             WHERE batch_id = ? AND submission_id = ? AND state = 'graded'",
        )
        .bind(batch)
        .bind(&submission)
        .fetch_optional(&self.pool)
        .await?
        else {
            return Ok(None);
        };
        let outcome = OutcomeRow {
            language: row.try_get(0)?,
            verdict: row.try_get(1)?,
            reason: row.try_get(2)?,
            score: row.try_get(3)?,
            cpu_limit_ms: row.try_get(4)?,
            memory_limit_bytes: row.try_get(5)?,
            cgroup: row.try_get(6)?,
            same_as: row.try_get::<Option<String>, _>(7)?.and_then(|text| text.parse().ok()),
        };
        let rows = sqlx::query(concat!(
            "SELECT ",
            test_columns!(),
            " FROM test_results WHERE batch_id = ? AND submission_id = ? ORDER BY position"
        ))
        .bind(batch)
        .bind(&submission)
        .fetch_all(&self.pool)
        .await?;
        let tests = rows.iter().map(|row| Ok(read_test!(row))).collect::<sqlx::Result<Vec<_>>>()?;
        let rows = sqlx::query(
            "SELECT position, stream, content, truncated FROM outputs WHERE batch_id = ? AND submission_id = ?",
        )
        .bind(batch)
        .bind(&submission)
        .fetch_all(&self.pool)
        .await?;
        let outputs = rows
            .iter()
            .map(|row| {
                let excerpt = Excerpt { bytes: row.try_get(2)?, truncated: row.try_get(3)? };
                Ok(((row.try_get(0)?, row.try_get(1)?), excerpt))
            })
            .collect::<sqlx::Result<HashMap<_, _>>>()?;
        let rows = sqlx::query(
            "SELECT name, verdict, score, max_score FROM group_results WHERE batch_id = ? AND submission_id = ? ORDER BY position",
        )
        .bind(batch)
        .bind(&submission)
        .fetch_all(&self.pool)
        .await?;
        let groups = rows
            .iter()
            .map(|row| {
                Ok(GroupRow {
                    name: row.try_get(0)?,
                    verdict: row.try_get(1)?,
                    score: row.try_get(2)?,
                    max_score: row.try_get(3)?,
                })
            })
            .collect::<sqlx::Result<_>>()?;
        Ok(Some(ReportRows { outcome, tests, groups, outputs }))
    }

    pub(super) async fn progress(&self, batch: &str) -> Result<Option<Progress>, StoreError> {
        self.read_progress(batch).await.map_err(self.fail())
    }

    async fn read_progress(&self, batch: &str) -> sqlx::Result<Option<Progress>> {
        let row = sqlx::query(
            "SELECT b.label, b.tenant, b.submitted_ms IS NOT NULL, b.created_ms, count(s.submission_id), \
                 count(*) FILTER (WHERE s.state = 'graded'), count(*) FILTER (WHERE s.state = 'quarantined'), \
                 count(*) FILTER (WHERE s.state IN ('new', 'queued')), max(s.finished_ms), \
                 count(*) FILTER (WHERE s.finished_ms > ? - 60000) \
             FROM batches b LEFT JOIN submissions s USING (batch_id) WHERE b.batch_id = ? GROUP BY b.batch_id",
        )
        .bind(now_ms())
        .bind(batch)
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let count = |index: usize| -> sqlx::Result<u64> { Ok(row.try_get::<i64, _>(index)?.unsigned_abs()) };
        let verdicts = sqlx::query(
            "SELECT verdict, count(*) FROM submissions WHERE batch_id = ? AND verdict IS NOT NULL GROUP BY verdict \
             ORDER BY verdict",
        )
        .bind(batch)
        .fetch_all(&self.pool)
        .await?
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get::<i64, _>(1)?.unsigned_abs())))
        .collect::<sqlx::Result<Vec<_>>>()?;
        let mut progress = Progress {
            batch_id: batch.to_owned(),
            label: row.try_get(0)?,
            tenant: row.try_get(1)?,
            submitted: row.try_get(2)?,
            submissions: count(4)?,
            graded: count(5)?,
            quarantined: count(6)?,
            waiting: count(7)?,
            seconds: 0.0,
            last_minute: count(9)?,
            verdicts,
        };
        let last: Option<i64> = row.try_get(8)?;
        let end = if progress.is_finished() { last.unwrap_or_else(now_ms) } else { now_ms() };
        let since = end.saturating_sub(row.try_get::<i64, _>(3)?);
        progress.seconds = Duration::from_millis(since.unsigned_abs()).as_secs_f64();
        Ok(Some(progress))
    }

    /// The label of a submission that is known.
    pub async fn label(&self, batch: &str, submission: Uuid) -> Result<String, StoreError> {
        sqlx::query_scalar("SELECT label FROM submissions WHERE batch_id = ? AND submission_id = ?")
            .bind(batch)
            .bind(submission.to_string())
            .fetch_one(&self.pool)
            .await
            .map_err(self.fail())
    }

    pub(super) async fn batches(&self, limit: i64) -> Result<Vec<String>, StoreError> {
        sqlx::query_scalar("SELECT batch_id FROM batches ORDER BY created_ms DESC, batch_id LIMIT ?")
            .bind(limit)
            .fetch_all(&self.pool)
            .await
            .map_err(self.fail())
    }

    pub(super) async fn results(
        &self,
        batch: &str,
        after: Option<&ResultRow>,
        limit: i64,
    ) -> Result<Vec<ResultRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT s.submission_id, s.ordinal, s.label, s.task, s.language, s.state, s.verdict, s.reason, s.score, \
                 (SELECT (max(cpu_user_us + cpu_sys_us) + 999) / 1000 FROM test_results t \
                  WHERE t.batch_id = s.batch_id AND t.submission_id = s.submission_id AND position > 0), \
                 (SELECT (max(wall_us) + 999) / 1000 FROM test_results t \
                  WHERE t.batch_id = s.batch_id AND t.submission_id = s.submission_id AND position > 0), \
                 (SELECT max(memory_peak_bytes) FROM test_results t \
                  WHERE t.batch_id = s.batch_id AND t.submission_id = s.submission_id AND position > 0), s.metadata \
             FROM submissions s \
             WHERE s.batch_id = ?1 AND (?2 IS NULL OR s.ordinal > ?2 OR (s.ordinal = ?2 AND s.submission_id > ?3)) \
             ORDER BY s.ordinal, s.submission_id LIMIT ?4",
        )
        .bind(batch)
        .bind(after.map(|row| row.ordinal))
        .bind(after.map(|row| row.submission_id.to_string()))
        .bind(limit)
        .fetch_all(&self.pool)
        .await
        .map_err(self.fail())?;
        rows.iter().map(result_row).collect::<sqlx::Result<Vec<_>>>().map_err(self.fail())
    }

    pub(super) async fn task_counts(&self, batch: &str) -> Result<Vec<TaskCount>, StoreError> {
        let rows = sqlx::query(
            "SELECT task, count(*), count(*) FILTER (WHERE verdict = 'AC') FROM submissions \
             WHERE batch_id = ? AND task IS NOT NULL AND state = 'graded' GROUP BY task ORDER BY task",
        )
        .bind(batch)
        .fetch_all(&self.pool)
        .await
        .map_err(self.fail())?;
        rows.iter()
            .map(|row| {
                let count = |index: usize| -> sqlx::Result<u64> { Ok(row.try_get::<i64, _>(index)?.unsigned_abs()) };
                Ok(TaskCount { task: row.try_get(0)?, samples: count(1)?, accepted: count(2)? })
            })
            .collect::<sqlx::Result<Vec<_>>>()
            .map_err(self.fail())
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

async fn begin(
    transaction: &mut Transaction<'_, Sqlite>,
    kind: &str,
    key: &str,
    label: &str,
    fresh: bool,
) -> sqlx::Result<OpenedBatch> {
    if !fresh {
        let rows = sqlx::query(
            "SELECT batch_id, owner FROM batches WHERE work_key = ? AND kind = ? AND state = 'running' \
             ORDER BY created_ms DESC",
        )
        .bind(key)
        .bind(kind)
        .fetch_all(&mut **transaction)
        .await?;
        for row in rows {
            let (id, holder): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            // A process that cannot be seen is of another boot or container, and is gone or has its own file.
            if owner_lives(&holder).unwrap_or(false) {
                continue;
            }
            sqlx::query("UPDATE batches SET owner = ? WHERE batch_id = ?")
                .bind(owner())
                .bind(&id)
                .execute(&mut **transaction)
                .await?;
            let graded: i64 =
                sqlx::query_scalar("SELECT count(*) FROM submissions WHERE batch_id = ? AND state = 'graded'")
                    .bind(&id)
                    .fetch_one(&mut **transaction)
                    .await?;
            return Ok(OpenedBatch { id, continued: true, graded: graded.unsigned_abs() });
        }
    }
    let id = Uuid::now_v7().to_string();
    sqlx::query(
        "INSERT INTO batches (batch_id, kind, work_key, label, state, created_ms, owner) \
         VALUES (?, ?, ?, ?, 'running', ?, ?)",
    )
    .bind(&id)
    .bind(kind)
    .bind(key)
    .bind(label)
    .bind(now_ms())
    .bind(owner())
    .execute(&mut **transaction)
    .await?;
    Ok(OpenedBatch { id, continued: false, graded: 0 })
}

/// What is known of a submission.
struct Known {
    state: String,
    reason: String,
    content: Option<String>,
}

/// Makes a submission known if it is not, and returns what is known of it.
async fn known(transaction: &mut Transaction<'_, Sqlite>, arrival: &Arrival, state: &str) -> sqlx::Result<Known> {
    let batch = arrival.batch_id.as_deref().unwrap_or_default();
    let find = "SELECT state, reason, content FROM submissions WHERE batch_id = ? AND submission_id = ?";
    let id = arrival.submission_id.to_string();
    if let Some(row) = sqlx::query(find).bind(batch).bind(&id).fetch_optional(&mut **transaction).await? {
        return Ok(Known { state: row.try_get(0)?, reason: row.try_get(1)?, content: row.try_get(2)? });
    }
    sqlx::query(
        "INSERT INTO batches (batch_id, kind, work_key, state, created_ms, submitted_ms, owner) \
         VALUES (?, 'queue', '', 'running', ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(batch)
    .bind(now_ms())
    .bind(now_ms())
    .bind(owner())
    .execute(&mut **transaction)
    .await?;
    sqlx::query(
        "INSERT INTO submissions (batch_id, submission_id, ordinal, label, task, language, metadata, content, state, queued_ms) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(batch)
    .bind(&id)
    .bind(arrival.ordinal)
    .bind(&arrival.label)
    .bind(&arrival.task)
    .bind(&arrival.language)
    .bind(&arrival.metadata)
    .bind(&arrival.content)
    .bind(state)
    .bind(now_ms())
    .execute(&mut **transaction)
    .await?;
    Ok(Known { state: state.to_owned(), reason: String::new(), content: arrival.content.clone() })
}

async fn claim(
    transaction: &mut Transaction<'_, Sqlite>,
    arrival: &Arrival,
    worker: &Worker,
    bounds: Bounds,
) -> sqlx::Result<Claim> {
    let Known { state, reason, .. } = known(transaction, arrival, "queued").await?;
    match state.as_str() {
        "graded" => return Ok(Claim::Recorded),
        "quarantined" => return Ok(Claim::Quarantined(reason)),
        _ => {}
    }
    let (batch, id) = (arrival.batch_id.as_deref().unwrap_or_default(), arrival.submission_id.to_string());
    let rows = sqlx::query(
        "SELECT a.attempt_id, a.outcome, a.reason, a.worker_id, w.owner, w.stopped_ms IS NULL AND w.heartbeat_ms > ? \
         FROM attempts a JOIN workers w USING (worker_id) \
         WHERE a.batch_id = ? AND a.submission_id = ? AND a.forgiven = 0 ORDER BY a.started_ms",
    )
    .bind(now_ms() - i64::from(LEASE_SECONDS) * 1000)
    .bind(batch)
    .bind(&id)
    .fetch_all(&mut **transaction)
    .await?;
    let mut history = History::default();
    for row in &rows {
        let outcome: Option<String> = row.try_get(1)?;
        let open = OpenAttempt {
            id: row.try_get(0)?,
            worker: row.try_get::<String, _>(3)?.parse().unwrap_or_default(),
            owner: row.try_get(4)?,
            fresh: row.try_get(5)?,
        };
        history.add(outcome.as_deref(), row.try_get(2)?, open);
    }
    let (lost, given_up, exhausted) = match history.decide(worker, bounds) {
        Decision::Busy => return Ok(Claim::Busy),
        Decision::Decided { lost, given_up, exhausted } => (lost, given_up, exhausted),
    };
    for (attempts, outcome) in [(lost, "lost"), (given_up, "abandoned")] {
        for attempt in attempts {
            sqlx::query("UPDATE attempts SET ended_ms = ?, outcome = ? WHERE attempt_id = ?")
                .bind(now_ms())
                .bind(outcome)
                .bind(attempt)
                .execute(&mut **transaction)
                .await?;
        }
    }
    if let Some(reason) = exhausted {
        return Ok(Claim::Exhausted(reason));
    }
    let attempt = Attempt::at(arrival);
    sqlx::query(
        "INSERT INTO attempts (attempt_id, batch_id, submission_id, worker_id, started_ms) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(attempt.id.to_string())
    .bind(batch)
    .bind(&id)
    .bind(worker.id.to_string())
    .bind(now_ms())
    .execute(&mut **transaction)
    .await?;
    Ok(Claim::Granted(attempt))
}

async fn record(
    transaction: &mut Transaction<'_, Sqlite>,
    attempt: &Attempt,
    report: &SubmissionReport,
) -> sqlx::Result<Recorded> {
    let (batch, id) = (attempt.batch_id.as_deref().unwrap_or_default(), attempt.submission_id.to_string());
    let updated = sqlx::query(
        "UPDATE submissions SET state = 'graded', finished_ms = ?, attempt_id = ?, verdict = ?, reason = ?, score = ?, \
             cpu_limit_ms = ?, memory_limit_bytes = ?, cgroup = ?, language = ?, same_as = ? \
         WHERE batch_id = ? AND submission_id = ? AND state <> 'graded'",
    )
    .bind(now_ms())
    .bind(attempt.id.to_string())
    .bind(report.verdict.code())
    .bind(&report.reason)
    .bind(report.score)
    .bind(integer(report.cpu_limit_ms))
    .bind(integer(report.memory_limit_bytes))
    .bind(&report.cgroup)
    .bind(&report.language)
    .bind(report.same_as.map(|id| id.to_string()))
    .bind(batch)
    .bind(&id)
    .execute(&mut **transaction)
    .await?;
    let recorded = if updated.rows_affected() == 1 { Recorded::New } else { Recorded::Superseded };
    if recorded == Recorded::Superseded {
        let by: Option<String> =
            sqlx::query_scalar("SELECT attempt_id FROM submissions WHERE batch_id = ? AND submission_id = ?")
                .bind(batch)
                .bind(&id)
                .fetch_optional(&mut **transaction)
                .await?
                .flatten();
        if by.as_deref() == Some(&attempt.id.to_string()) {
            // It was this call, and only its answer was lost.
            return Ok(Recorded::New);
        }
    }
    sqlx::query("UPDATE attempts SET ended_ms = ?, outcome = ?, verdict = ?, reason = ? WHERE attempt_id = ?")
        .bind(now_ms())
        .bind(if recorded == Recorded::New { "recorded" } else { "superseded" })
        .bind(report.verdict.code())
        .bind(&report.reason)
        .bind(attempt.id.to_string())
        .execute(&mut **transaction)
        .await?;
    if recorded == Recorded::Superseded {
        return Ok(recorded);
    }
    let (tests, outputs) = of_report(report);
    for tests in tests.chunks(ROWS_AT_ONCE) {
        insert_tests(transaction, batch, &id, tests).await?;
    }
    for outputs in outputs.chunks(ROWS_AT_ONCE) {
        QueryBuilder::new("INSERT INTO outputs (batch_id, submission_id, position, stream, content, truncated) ")
            .push_values(outputs, |mut row, output| {
                row.push_bind(batch).push_bind(&id);
                row.push_bind(output.position).push_bind(output.stream).push_bind(output.content);
                row.push_bind(output.truncated);
            })
            .build()
            .execute(&mut **transaction)
            .await?;
    }
    for (position, group) in (1_i64..).zip(&report.groups) {
        sqlx::query(
            "INSERT INTO group_results (batch_id, submission_id, position, name, verdict, score, max_score) \
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(batch)
        .bind(&id)
        .bind(position)
        .bind(&group.name)
        .bind(group.verdict.code())
        .bind(group.score)
        .bind(group.max_score)
        .execute(&mut **transaction)
        .await?;
    }
    Ok(recorded)
}

/// Rows that one statement inserts: with each statement the thread that has the database is woken, and what waits for it. SQLite takes
/// 32,766 values in one (limits of SQLite, `SQLITE_MAX_VARIABLE_NUMBER`).
const ROWS_AT_ONCE: usize = 1000;

async fn insert_tests(
    transaction: &mut Transaction<'_, Sqlite>,
    batch: &str,
    submission: &str,
    tests: &[TestRow],
) -> sqlx::Result<()> {
    QueryBuilder::new(concat!("INSERT INTO test_results (batch_id, submission_id, ", test_columns!(), ") "))
        .push_values(tests, |mut row, test| {
            row.push_bind(batch).push_bind(submission);
            row.push_bind(test.position).push_bind(&test.test_id).push_bind(&test.verdict).push_bind(&test.reason);
            row.push_bind(test.score).push_bind(test.exit_code).push_bind(test.signal);
            row.push_bind(test.cpu_user_us).push_bind(test.cpu_sys_us).push_bind(test.wall_us);
            row.push_bind(test.memory_peak_bytes).push_bind(test.oom_kills);
            row.push_bind(test.pids_peak).push_bind(test.pids_limit_hits);
            row.push_bind(test.stdout_bytes).push_bind(test.stderr_bytes);
            row.push_bind(test.context_switches).push_bind(&test.first_verdict);
        })
        .build()
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

fn result_row(row: &SqliteRow) -> sqlx::Result<ResultRow> {
    Ok(ResultRow {
        submission_id: row.try_get::<String, _>(0)?.parse().unwrap_or_default(),
        ordinal: row.try_get(1)?,
        label: row.try_get(2)?,
        task: row.try_get(3)?,
        language: row.try_get(4)?,
        state: row.try_get(5)?,
        verdict: row.try_get(6)?,
        reason: row.try_get(7)?,
        score: row.try_get(8)?,
        cpu_ms: row.try_get(9)?,
        wall_ms: row.try_get(10)?,
        memory_bytes: row.try_get(11)?,
        metadata: metadata(row.try_get(12)?),
    })
}

fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
