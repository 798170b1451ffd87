//! The store on a PostgreSQL server.

use std::borrow::Cow;
use std::collections::HashMap;
use std::str::FromStr as _;
use std::time::Duration;

use assay_shared::{Excerpt, SubmissionReport};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgRow};
use sqlx::{ConnectOptions as _, Connection as _, Postgres, Row as _, SqlSafeStr as _, Transaction};
use uuid::Uuid;

use super::rows::{
    GroupRow, OutcomeRow, ReportRows, ResultRow, TestRow, of_report, read_test, test_columns, to_report,
};
use super::{
    Arrival, Attempt, Bounds, Claim, Class, Decision, Enqueued, History, LEASE_SECONDS, NewBatch, OpenAttempt,
    Progress, Recorded, Release, StoreError, TaskCount, Worker,
};

const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "initial", include_str!("../../../migrations/postgres/0001_initial.sql")),
    (2, "every problem type", include_str!("../../../migrations/postgres/0002_every_problem_type.sql")),
    (3, "graded once", include_str!("../../../migrations/postgres/0003_graded_once.sql")),
    (4, "fair measurement", include_str!("../../../migrations/postgres/0004_fair_measurement.sql")),
];

/// Results on a PostgreSQL server, for any number of workers.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    pool: PgPool,
    /// Host, port and database, without the password.
    place: String,
}

fn migrator() -> Migrator {
    Migrator::with_migrations(
        MIGRATIONS
            .iter()
            .map(|(version, name, sql)| {
                Migration::new(*version, Cow::Borrowed(*name), MigrationType::Simple, (*sql).into_sql_str(), false)
            })
            .collect(),
    )
}

impl PostgresStore {
    /// Connects, and checks that the schema is the one of this program.
    pub(super) async fn connect(url: &str) -> Result<Self, StoreError> {
        let store = Self::open(url)?;
        store.check_schema().await?;
        Ok(store)
    }

    /// Brings the schema up to date and returns its version before and after.
    ///
    /// # Errors
    /// The server does not answer, or its schema is of a newer program.
    pub async fn migrate(url: &str) -> Result<(Option<i64>, i64), StoreError> {
        let store = Self::open(url)?;
        let before = store.version().await?;
        let newest = MIGRATIONS.last().map_or(0, |(version, ..)| *version);
        if before.is_some_and(|version| version > newest) {
            return Err(store.wrong_schema(before, newest));
        }
        migrator().run(&store.pool).await.map_err(|error| StoreError::Open {
            place: store.place.clone(),
            problem: format!("cannot be brought up to date: {error}"),
        })?;
        Ok((before, newest))
    }

    fn open(url: &str) -> Result<Self, StoreError> {
        let wrong = |problem: &str| StoreError::Open {
            // Without the address, which may hold a password.
            place: "of --database-url".to_owned(),
            problem: format!("is no address such as postgres://user:password@host/database: {problem}"),
        };
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(wrong("it does not begin with postgres://"));
        }
        let options = PgConnectOptions::from_str(url).map_err(|error| wrong(&error.to_string()))?;
        let place = format!(
            "{}:{}/{}",
            options.get_host(),
            options.get_port(),
            options.get_database().unwrap_or(options.get_username())
        );
        let options =
            options.application_name("assay").options([("statement_timeout", "60s")]).disable_statement_logging();
        let pool =
            PgPoolOptions::new().max_connections(8).acquire_timeout(Duration::from_secs(10)).connect_lazy_with(options);
        Ok(Self { pool, place })
    }

    async fn version(&self) -> Result<Option<i64>, StoreError> {
        // A pool only says that it has waited; a connection of one's own says why.
        let options = self.pool.connect_options();
        let connecting = tokio::time::timeout(Duration::from_secs(10), options.connect());
        let connected = connecting.await.map_err(|_| self.fail()(sqlx::Error::PoolTimedOut))?;
        connected.map_err(self.fail())?.close().await.map_err(self.fail())?;
        let known: Option<String> = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations')::text")
            .fetch_one(&self.pool)
            .await
            .map_err(self.fail())?;
        if known.is_none() {
            return Ok(None);
        }
        sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success")
            .fetch_one(&self.pool)
            .await
            .map_err(self.fail())
    }

    async fn check_schema(&self) -> Result<(), StoreError> {
        let (found, newest) = (self.version().await?, MIGRATIONS.last().map_or(0, |(version, ..)| *version));
        if found == Some(newest) { Ok(()) } else { Err(self.wrong_schema(found, newest)) }
    }

    fn wrong_schema(&self, found: Option<i64>, newest: i64) -> StoreError {
        let problem = match found {
            None => "has no schema yet; run `assay migrate`".to_owned(),
            Some(found) if found < newest => {
                format!("has schema version {found}, this program needs {newest}; run `assay migrate`")
            }
            Some(found) => format!("has schema version {found}, of a newer assay than this one, which knows {newest}"),
        };
        StoreError::Open { place: self.place.clone(), problem }
    }

    fn fail(&self) -> impl Fn(sqlx::Error) -> StoreError + use<> {
        let place = self.place.clone();
        move |source| StoreError::Database { place: place.clone(), source }
    }

    /// The connections, for questions that no command asks.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Where the store is, without a password.
    pub fn place(&self) -> &str {
        &self.place
    }

    pub(super) async fn create_batch(&self, batch: &NewBatch) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO batches (batch_id, tenant, class, label) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (batch_id) DO UPDATE SET submitted_at = NULL",
        )
        .bind(&batch.batch_id)
        .bind(&batch.tenant)
        .bind(batch.class.name())
        .bind(&batch.label)
        .execute(&self.pool)
        .await
        .map_err(self.fail())?;
        Ok(())
    }

    pub(super) async fn enqueue(&self, arrivals: &[Arrival]) -> Result<Enqueued, StoreError> {
        let ids: Vec<Uuid> = arrivals.iter().map(|arrival| arrival.submission_id).collect();
        let column = |get: fn(&Arrival) -> Option<&str>| {
            arrivals.iter().map(|arrival| get(arrival).map(text)).collect::<Vec<Option<String>>>()
        };
        sqlx::query(
            "INSERT INTO submissions (submission_id, batch_id, ordinal, label, task, language, metadata, content, state) \
             SELECT i, b, o, l, t, a, m::json, c, 'new' FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], \
                 $5::text[], $6::text[], $7::text[], $8::text[]) AS new (i, b, o, l, t, a, m, c) ON CONFLICT DO NOTHING",
        )
        .bind(&ids)
        .bind(column(|arrival| arrival.batch_id.as_deref()))
        .bind(arrivals.iter().map(|arrival| arrival.ordinal).collect::<Vec<_>>())
        .bind(column(|arrival| Some(&arrival.label)))
        .bind(column(|arrival| arrival.task.as_deref()))
        .bind(column(|arrival| Some(&arrival.language)))
        .bind(column(|arrival| Some(&arrival.metadata)))
        .bind(column(|arrival| arrival.content.as_deref()))
        .execute(&self.pool)
        .await
        .map_err(self.fail())?;
        let rows = sqlx::query("SELECT submission_id, state, content FROM submissions WHERE submission_id = ANY($1)")
            .bind(&ids)
            .fetch_all(&self.pool)
            .await
            .map_err(self.fail())?;
        let mut enqueued = Enqueued::default();
        for row in &rows {
            let known = |row: &PgRow| -> sqlx::Result<(Uuid, String, Option<String>)> {
                Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))
            };
            let (id, state, content) = known(row).map_err(self.fail())?;
            let differs = |arrival: &&Arrival| arrival.content.is_some() && arrival.content != content;
            let own = arrivals.iter().filter(|arrival| arrival.submission_id == id);
            if content.is_some() && own.clone().any(|arrival| differs(&arrival)) {
                enqueued.clashes.push(id);
            }
            if state == "new" && own.clone().any(|arrival| !differs(&arrival)) {
                enqueued.open.push(id);
            }
        }
        Ok(enqueued)
    }

    pub(super) async fn mark_queued(&self, _batch: Option<&str>, ids: &[Uuid]) -> Result<(), StoreError> {
        sqlx::query("UPDATE submissions SET state = 'queued' WHERE submission_id = ANY($1) AND state = 'new'")
            .bind(ids)
            .execute(&self.pool)
            .await
            .map_err(self.fail())?;
        Ok(())
    }

    pub(super) async fn seal_batch(&self, batch: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE batches SET submitted_at = now() WHERE batch_id = $1 AND submitted_at IS NULL")
            .bind(batch)
            .execute(&self.pool)
            .await
            .map_err(self.fail())?;
        Ok(())
    }

    pub(super) async fn register(&self, worker: &Worker) -> Result<(), StoreError> {
        let cpus = worker.cpus.iter().map(|cpu| i32::try_from(*cpu).unwrap_or(i32::MAX));
        sqlx::query(
            "INSERT INTO workers (worker_id, owner, host, slots, languages, version, cpus) VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (worker_id) DO UPDATE SET heartbeat_at = now(), stopped_at = NULL",
        )
        .bind(worker.id)
        .bind(&worker.owner)
        .bind(&worker.host)
        .bind(i32::try_from(worker.slots).unwrap_or(i32::MAX))
        .bind(&worker.languages)
        .bind(env!("CARGO_PKG_VERSION"))
        .bind((!worker.cpus.is_empty()).then(|| cpus.collect::<Vec<i32>>()))
        .execute(&self.pool)
        .await
        .map_err(self.fail())?;
        Ok(())
    }

    pub(super) async fn heartbeat(&self, worker: &Worker) -> Result<(), StoreError> {
        sqlx::query("UPDATE workers SET heartbeat_at = now() WHERE worker_id = $1")
            .bind(worker.id)
            .execute(&self.pool)
            .await
            .map_err(self.fail())?;
        Ok(())
    }

    pub(super) async fn retire(&self, worker: &Worker) -> Result<(), StoreError> {
        sqlx::query("UPDATE workers SET stopped_at = now() WHERE worker_id = $1")
            .bind(worker.id)
            .execute(&self.pool)
            .await
            .map_err(self.fail())?;
        Ok(())
    }

    pub(super) async fn claim(&self, arrival: &Arrival, worker: &Worker, bounds: Bounds) -> Result<Claim, StoreError> {
        if let Some(attempt) = self.claim_first(arrival, worker).await.map_err(self.fail())? {
            return Ok(Claim::Granted(attempt));
        }
        let mut transaction = self.pool.begin().await.map_err(self.fail())?;
        let claim = claim(&mut transaction, arrival, worker, bounds).await.map_err(self.fail())?;
        transaction.commit().await.map_err(self.fail())?;
        Ok(claim)
    }

    pub(super) async fn record(&self, attempt: &Attempt, report: &SubmissionReport) -> Result<Recorded, StoreError> {
        if self.record_first(attempt, report).await.map_err(self.fail())? {
            return Ok(Recorded::New);
        }
        self.supersede(attempt, report).await.map_err(self.fail())
    }

    /// Begins an attempt at a submission that is known, waits for a verdict, and had no attempt that counts, which is the usual case, in one
    /// statement; `None` if it is not so. Two at the same instant may both be granted, as in [`history_of`].
    async fn claim_first(&self, arrival: &Arrival, worker: &Worker) -> sqlx::Result<Option<Attempt>> {
        let attempt = Attempt::at(arrival);
        let begun = sqlx::query(
            "INSERT INTO attempts (attempt_id, submission_id, worker_id) SELECT $1, s.submission_id, $3 FROM submissions s \
             WHERE s.submission_id = $2 AND s.state NOT IN ('graded', 'quarantined') AND NOT EXISTS \
                 (SELECT FROM attempts a WHERE a.submission_id = s.submission_id AND NOT a.forgiven) FOR UPDATE OF s",
        )
        .bind(attempt.id)
        .bind(attempt.submission_id)
        .bind(worker.id)
        .execute(&self.pool)
        .await?;
        Ok((begun.rows_affected() == 1).then_some(attempt))
    }

    /// Records all of a report, in one statement, unless the submission is graded already; false if it is.
    ///
    /// The row's lock lets one attempt at a time come to this; the state lets the first one in only.
    async fn record_first(&self, attempt: &Attempt, report: &SubmissionReport) -> sqlx::Result<bool> {
        let (tests, outputs) = of_report(report);
        let numbers = |get: fn(&TestRow) -> Option<i64>| tests.iter().map(get).collect::<Vec<_>>();
        let groups = &report.groups;
        let recorded = sqlx::query(concat!(
            "WITH own AS (UPDATE submissions SET state = 'graded', finished_at = now(), attempt_id = $2, verdict = $3, \
                 reason = $4, score = $5, cpu_limit_ms = $6, memory_limit_bytes = $7, cgroup = $8, language = $9, same_as = $10 \
                 WHERE submission_id = $1 AND state <> 'graded' RETURNING submission_id), \
             new_tests AS (INSERT INTO test_results (submission_id, ",
            test_columns!(),
            ") SELECT own.submission_id, new.* FROM own, unnest($11::integer[], $12::text[], $13::text[], $14::text[], \
                 $15::float8[], $16::integer[], $17::integer[], $18::bigint[], $19::bigint[], $20::bigint[], $21::bigint[], \
                 $22::bigint[], $23::bigint[], $24::bigint[], $25::bigint[], $26::bigint[], $27::bigint[], $28::text[]) AS new), \
             new_outputs AS (INSERT INTO outputs (submission_id, position, stream, content, truncated) \
                 SELECT own.submission_id, new.* FROM own, \
                     unnest($29::integer[], $30::text[], $31::bytea[], $32::boolean[]) AS new), \
             new_groups AS (INSERT INTO group_results (submission_id, position, name, verdict, score, max_score) \
                 SELECT own.submission_id, new.* FROM own, \
                     unnest($33::integer[], $34::text[], $35::text[], $36::float8[], $37::float8[]) AS new) \
             UPDATE attempts SET ended_at = now(), outcome = 'recorded', verdict = $3, reason = $4 FROM own WHERE attempt_id = $2"
        ))
        .bind(attempt.submission_id)
        .bind(attempt.id)
        .bind(report.verdict.code())
        .bind(text(&report.reason))
        .bind(report.score)
        .bind(super::rows::integer(report.cpu_limit_ms))
        .bind(super::rows::integer(report.memory_limit_bytes))
        .bind(&report.cgroup)
        .bind(&report.language)
        .bind(report.same_as)
        .bind(tests.iter().map(|test| test.position).collect::<Vec<_>>())
        .bind(tests.iter().map(|test| test.test_id.clone()).collect::<Vec<_>>())
        .bind(tests.iter().map(|test| test.verdict.clone()).collect::<Vec<_>>())
        .bind(tests.iter().map(|test| text(&test.reason)).collect::<Vec<_>>())
        .bind(tests.iter().map(|test| test.score).collect::<Vec<_>>())
        .bind(tests.iter().map(|test| test.exit_code).collect::<Vec<_>>())
        .bind(tests.iter().map(|test| test.signal).collect::<Vec<_>>())
        .bind(numbers(|test| test.cpu_user_us))
        .bind(numbers(|test| test.cpu_sys_us))
        .bind(numbers(|test| test.wall_us))
        .bind(numbers(|test| test.memory_peak_bytes))
        .bind(numbers(|test| test.oom_kills))
        .bind(numbers(|test| test.pids_peak))
        .bind(numbers(|test| test.pids_limit_hits))
        .bind(numbers(|test| test.stdout_bytes))
        .bind(numbers(|test| test.stderr_bytes))
        .bind(numbers(|test| test.context_switches))
        .bind(tests.iter().map(|test| test.first_verdict.clone()).collect::<Vec<_>>())
        .bind(outputs.iter().map(|output| output.position).collect::<Vec<_>>())
        .bind(outputs.iter().map(|output| output.stream.to_owned()).collect::<Vec<_>>())
        .bind(outputs.iter().map(|output| output.content.to_vec()).collect::<Vec<_>>())
        .bind(outputs.iter().map(|output| output.truncated).collect::<Vec<_>>())
        .bind((1..).zip(groups).map(|(position, _)| position).collect::<Vec<i32>>())
        .bind(groups.iter().map(|group| text(&group.name)).collect::<Vec<_>>())
        .bind(groups.iter().map(|group| group.verdict.code().to_owned()).collect::<Vec<_>>())
        .bind(groups.iter().map(|group| group.score).collect::<Vec<_>>())
        .bind(groups.iter().map(|group| group.max_score).collect::<Vec<_>>())
        .execute(&self.pool)
        .await?;
        Ok(recorded.rows_affected() == 1)
    }

    /// Ends an attempt whose submission is graded already.
    async fn supersede(&self, attempt: &Attempt, report: &SubmissionReport) -> sqlx::Result<Recorded> {
        let by: Option<Uuid> = sqlx::query_scalar("SELECT attempt_id FROM submissions WHERE submission_id = $1")
            .bind(attempt.submission_id)
            .fetch_optional(&self.pool)
            .await?
            .flatten();
        if by == Some(attempt.id) {
            // It was this call, and only its answer was lost.
            return Ok(Recorded::New);
        }
        sqlx::query(
            "UPDATE attempts SET ended_at = now(), outcome = 'superseded', verdict = $2, reason = $3 WHERE attempt_id = $1",
        )
        .bind(attempt.id)
        .bind(report.verdict.code())
        .bind(text(&report.reason))
        .execute(&self.pool)
        .await?;
        Ok(Recorded::Superseded)
    }

    pub(super) async fn release(&self, attempt: &Attempt, how: Release, reason: &str) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE attempts SET ended_at = now(), outcome = $2, reason = $3 \
             WHERE attempt_id = $1 AND (outcome IS NULL OR outcome = 'lost')",
        )
        .bind(attempt.id)
        .bind(how.name())
        .bind(text(reason))
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
            "UPDATE attempts SET ended_at = now(), outcome = $3, reason = $4 \
             WHERE submission_id = $1 AND worker_id = $2 AND outcome IS NULL",
        )
        .bind(arrival.submission_id)
        .bind(worker.id)
        .bind(how.name())
        .bind(text(reason))
        .execute(&self.pool)
        .await
        .map_err(self.fail())?;
        Ok(())
    }

    pub(super) async fn quarantine(
        &self,
        _batch: Option<&str>,
        submission: Uuid,
        reason: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE submissions SET state = 'quarantined', reason = $2, finished_at = now() \
             WHERE submission_id = $1 AND state IN ('new', 'queued')",
        )
        .bind(submission)
        .bind(text(reason))
        .execute(&self.pool)
        .await
        .map_err(self.fail())?;
        Ok(())
    }

    pub(super) async fn readmit(&self, _batch: Option<&str>, submission: Uuid) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await.map_err(self.fail())?;
        let changed = sqlx::query(
            "UPDATE submissions SET state = 'queued', reason = '', finished_at = NULL \
             WHERE submission_id = $1 AND state = 'quarantined'",
        )
        .bind(submission)
        .execute(&mut *transaction)
        .await
        .map_err(self.fail())?;
        sqlx::query("UPDATE attempts SET forgiven = true WHERE submission_id = $1 AND outcome IS NOT NULL")
            .bind(submission)
            .execute(&mut *transaction)
            .await
            .map_err(self.fail())?;
        transaction.commit().await.map_err(self.fail())?;
        Ok(changed.rows_affected() > 0)
    }

    pub(super) async fn report(
        &self,
        _batch: Option<&str>,
        submission: Uuid,
    ) -> Result<Option<SubmissionReport>, StoreError> {
        let found = self.read_report(submission).await.map_err(self.fail())?;
        let Some(rows) = found else { return Ok(None) };
        to_report(submission, rows).map(Some).map_err(|problem| StoreError::Row { place: self.place.clone(), problem })
    }

    async fn read_report(&self, submission: Uuid) -> sqlx::Result<Option<ReportRows>> {
        let Some(row) = sqlx::query(
            "SELECT language, verdict, reason, score, cpu_limit_ms, memory_limit_bytes, cgroup, same_as FROM submissions \
             WHERE submission_id = $1 AND state = 'graded'",
        )
        .bind(submission)
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
            same_as: row.try_get(7)?,
        };
        let rows = sqlx::query(concat!(
            "SELECT ",
            test_columns!(),
            " FROM test_results WHERE submission_id = $1 ORDER BY position"
        ))
        .bind(submission)
        .fetch_all(&self.pool)
        .await?;
        let tests = rows.iter().map(|row| Ok(read_test!(row))).collect::<sqlx::Result<Vec<_>>>()?;
        let rows = sqlx::query("SELECT position, stream, content, truncated FROM outputs WHERE submission_id = $1")
            .bind(submission)
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
            "SELECT name, verdict, score, max_score FROM group_results WHERE submission_id = $1 ORDER BY position",
        )
        .bind(submission)
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
            "SELECT b.label, b.tenant, b.submitted_at IS NOT NULL, count(s.submission_id), \
                 count(*) FILTER (WHERE s.state = 'graded'), count(*) FILTER (WHERE s.state = 'quarantined'), \
                 count(*) FILTER (WHERE s.state IN ('new', 'queued')), \
                 extract(epoch FROM CASE WHEN b.submitted_at IS NOT NULL \
                     AND count(*) FILTER (WHERE s.state IN ('new', 'queued')) = 0 \
                     THEN coalesce(max(s.finished_at), b.submitted_at) ELSE now() END - b.created_at)::float8, \
                 count(*) FILTER (WHERE s.finished_at > now() - interval '1 minute') \
             FROM batches b LEFT JOIN submissions s USING (batch_id) WHERE b.batch_id = $1 GROUP BY b.batch_id",
        )
        .bind(batch)
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let count = |index: usize| -> sqlx::Result<u64> { Ok(row.try_get::<i64, _>(index)?.unsigned_abs()) };
        let verdicts = sqlx::query(
            "SELECT verdict, count(*) FROM submissions WHERE batch_id = $1 AND verdict IS NOT NULL GROUP BY verdict \
             ORDER BY verdict",
        )
        .bind(batch)
        .fetch_all(&self.pool)
        .await?
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get::<i64, _>(1)?.unsigned_abs())))
        .collect::<sqlx::Result<Vec<_>>>()?;
        Ok(Some(Progress {
            batch_id: batch.to_owned(),
            label: row.try_get(0)?,
            tenant: row.try_get(1)?,
            submitted: row.try_get(2)?,
            submissions: count(3)?,
            graded: count(4)?,
            quarantined: count(5)?,
            waiting: count(6)?,
            seconds: row.try_get(7)?,
            last_minute: count(8)?,
            verdicts,
        }))
    }

    pub(super) async fn batches(&self, limit: i64) -> Result<Vec<String>, StoreError> {
        sqlx::query_scalar("SELECT batch_id FROM batches ORDER BY created_at DESC, batch_id LIMIT $1")
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
            "SELECT s.submission_id, s.ordinal, s.label, s.task, s.language, s.state, s.verdict, s.reason, s.score, t.cpu_ms, \
                 t.wall_ms, t.memory_bytes, s.metadata::text \
             FROM submissions s LEFT JOIN LATERAL ( \
                 SELECT (max(cpu_user_us + cpu_sys_us) + 999) / 1000 AS cpu_ms, (max(wall_us) + 999) / 1000 AS wall_ms, \
                     max(memory_peak_bytes) AS memory_bytes \
                 FROM test_results WHERE submission_id = s.submission_id AND position > 0) t ON true \
             WHERE s.batch_id = $1 AND ($2::bigint IS NULL OR (s.ordinal, s.submission_id) > ($2, $3)) \
             ORDER BY s.ordinal, s.submission_id LIMIT $4",
        )
        .bind(batch)
        .bind(after.map(|row| row.ordinal))
        .bind(after.map(|row| row.submission_id))
        .bind(limit)
        .fetch_all(&self.pool)
        .await
        .map_err(self.fail())?;
        rows.iter().map(result_row).collect::<sqlx::Result<Vec<_>>>().map_err(self.fail())
    }

    pub(super) async fn task_counts(&self, batch: &str) -> Result<Vec<TaskCount>, StoreError> {
        let rows = sqlx::query("SELECT task, samples, accepted FROM task_counts WHERE batch_id = $1 ORDER BY task")
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

    /// The lanes that were ever used for languages of these codes: code, class, tenant.
    pub async fn lanes(&self, codes: &[String]) -> Result<Vec<(String, Class, String)>, StoreError> {
        let rows = sqlx::query("SELECT code, class, tenant FROM lanes WHERE code = ANY($1)")
            .bind(codes)
            .fetch_all(&self.pool)
            .await
            .map_err(self.fail())?;
        let lanes = rows.iter().map(|row| {
            let class: String = row.try_get(1)?;
            Ok((row.try_get(0)?, Class::parse(&class).unwrap_or_default(), row.try_get(2)?))
        });
        let lanes: sqlx::Result<Vec<(String, Class, String)>> = lanes.collect();
        let mut lanes = lanes.map_err(self.fail())?;
        // A row by hand may hold what is no name of a queue.
        lanes.retain(|(_, _, tenant)| crate::queue::Lane::is_tenant(tenant));
        Ok(lanes)
    }

    /// Makes a lane known to the workers.
    pub async fn add_lane(&self, code: &str, class: Class, tenant: &str) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO lanes (code, class, tenant) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(code)
            .bind(class.name())
            .bind(tenant)
            .execute(&self.pool)
            .await
            .map_err(self.fail())?;
        Ok(())
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

/// A submission's state with each attempt at it that counts; its row is locked. No rows if it is not known.
///
/// One statement, so one snapshot: who waits for the lock sees the state that the other left, but perhaps not its attempt. Two
/// that claim the same submission at the same instant may both be granted; only one of them will record.
async fn history_of(transaction: &mut Transaction<'_, Postgres>, submission: Uuid) -> sqlx::Result<Vec<PgRow>> {
    sqlx::query(
        "SELECT s.state, s.reason, a.attempt_id, a.outcome, a.reason, a.worker_id, w.owner, \
             w.stopped_at IS NULL AND w.heartbeat_at > now() - make_interval(secs => $2) \
         FROM submissions s LEFT JOIN attempts a ON a.submission_id = s.submission_id AND NOT a.forgiven \
             LEFT JOIN workers w USING (worker_id) \
         WHERE s.submission_id = $1 ORDER BY a.started_at FOR UPDATE OF s",
    )
    .bind(submission)
    .bind(f64::from(LEASE_SECONDS))
    .fetch_all(&mut **transaction)
    .await
}

async fn make_known(transaction: &mut Transaction<'_, Postgres>, arrival: &Arrival) -> sqlx::Result<()> {
    if let Some(batch) = &arrival.batch_id {
        sqlx::query("INSERT INTO batches (batch_id, submitted_at) VALUES ($1, now()) ON CONFLICT DO NOTHING")
            .bind(batch)
            .execute(&mut **transaction)
            .await?;
    }
    sqlx::query(
        "INSERT INTO submissions (submission_id, batch_id, ordinal, label, task, language, metadata, content, state) \
         VALUES ($1, $2, $3, $4, $5, $6, $7::json, $8, 'queued') ON CONFLICT DO NOTHING",
    )
    .bind(arrival.submission_id)
    .bind(&arrival.batch_id)
    .bind(arrival.ordinal)
    .bind(text(&arrival.label))
    .bind(arrival.task.as_deref().map(text))
    .bind(text(&arrival.language))
    .bind(text(&arrival.metadata))
    .bind(&arrival.content)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn claim(
    transaction: &mut Transaction<'_, Postgres>,
    arrival: &Arrival,
    worker: &Worker,
    bounds: Bounds,
) -> sqlx::Result<Claim> {
    let mut rows = history_of(transaction, arrival.submission_id).await?;
    if rows.is_empty() {
        // Whoever publishes without `assay submit` leaves it to us to make batch and submission known.
        make_known(transaction, arrival).await?;
        rows = history_of(transaction, arrival.submission_id).await?;
    }
    let mut history = History::default();
    for row in &rows {
        match row.try_get::<String, _>(0)?.as_str() {
            "graded" => return Ok(Claim::Recorded),
            "quarantined" => return Ok(Claim::Quarantined(row.try_get(1)?)),
            _ => {}
        }
        let Some(attempt) = row.try_get::<Option<Uuid>, _>(2)? else { continue };
        let outcome: Option<String> = row.try_get(3)?;
        let open = OpenAttempt {
            id: attempt.to_string(),
            worker: row.try_get(5)?,
            owner: row.try_get(6)?,
            fresh: row.try_get(7)?,
        };
        history.add(outcome.as_deref(), row.try_get(4)?, open);
    }
    let (lost, given_up, exhausted) = match history.decide(worker, bounds) {
        Decision::Busy => return Ok(Claim::Busy),
        Decision::Decided { lost, given_up, exhausted } => (lost, given_up, exhausted),
    };
    for (attempts, outcome) in [(lost, "lost"), (given_up, "abandoned")] {
        let attempts: Vec<Uuid> = attempts.iter().filter_map(|id| id.parse().ok()).collect();
        if !attempts.is_empty() {
            sqlx::query("UPDATE attempts SET ended_at = now(), outcome = $2 WHERE attempt_id = ANY($1)")
                .bind(attempts)
                .bind(outcome)
                .execute(&mut **transaction)
                .await?;
        }
    }
    if let Some(reason) = exhausted {
        return Ok(Claim::Exhausted(reason));
    }
    let attempt = Attempt::at(arrival);
    sqlx::query("INSERT INTO attempts (attempt_id, submission_id, worker_id) VALUES ($1, $2, $3)")
        .bind(attempt.id)
        .bind(attempt.submission_id)
        .bind(worker.id)
        .execute(&mut **transaction)
        .await?;
    Ok(Claim::Granted(attempt))
}

fn result_row(row: &PgRow) -> sqlx::Result<ResultRow> {
    Ok(ResultRow {
        submission_id: row.try_get(0)?,
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
        metadata: super::rows::metadata(row.try_get(12)?),
    })
}

/// PostgreSQL's texts hold every character but NUL.
fn text(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
