//! The store in one SQLite file. The only user of sqlx.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use assay_shared::{Excerpt, Exit, SubmissionReport, TestReport, Usage, Verdict};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Row as _, SqlSafeStr as _, Sqlite, Transaction};
use uuid::Uuid;

use super::{NewBatch, OpenedBatch, Recorded, StoreError, owner, owner_lives};

const MIGRATIONS: &[(i64, &str, &str)] = &[(1, "initial", include_str!("../../../migrations/sqlite/0001_initial.sql"))];

const INSERT_SUBMISSION: &str = "INSERT INTO submissions (batch_id, submission_id, label, language, verdict, reason, score, \
    cpu_limit_ms, memory_limit_bytes, cgroup, recorded_ms, report) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
    ON CONFLICT DO NOTHING";

const INSERT_TEST: &str = "INSERT INTO test_results (batch_id, submission_id, position, test_id, verdict, reason, score, \
    exit_code, signal, cpu_user_us, cpu_sys_us, wall_us, memory_peak_bytes, oom_kills, pids_peak, pids_limit_hits, \
    stdout_bytes, stderr_bytes, context_switches, stdout, stdout_truncated, stderr, stderr_truncated) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// Results in a file. Several processes may use one at once.
#[derive(Clone, Debug)]
pub struct Store {
    pool: SqlitePool,
    path: PathBuf,
}

impl Store {
    /// Opens the file, makes it if it is not there, and brings its schema up to date.
    ///
    /// # Errors
    /// It is no SQLite database, of a newer version of this program, or cannot be written.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let fail = |problem: String| StoreError::Open { path: path.to_owned(), problem };
        if path.is_dir() {
            return Err(fail("is a directory; name a file".to_owned()));
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(30));
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
            other => fail(format!("cannot be brought up to date: {other}")),
        })?;
        Ok(Self { pool, path: path.to_owned() })
    }

    fn database(&self) -> impl Fn(sqlx::Error) -> StoreError + use<> {
        let path = self.path.clone();
        move |source| StoreError::Database { path: path.clone(), source }
    }

    /// Begins a batch, or continues the newest unfinished one of this key whose process is gone.
    pub async fn begin(&self, batch: &NewBatch) -> Result<OpenedBatch, StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(self.database())?;
        if !batch.fresh {
            let rows = sqlx::query(
                "SELECT batch_id, owner FROM batches WHERE work_key = ? AND kind = ? AND state = 'running' \
                 ORDER BY created_ms DESC",
            )
            .bind(&batch.key)
            .bind(&batch.kind)
            .fetch_all(&mut *transaction)
            .await
            .map_err(self.database())?;
            for row in rows {
                let (id, holder): (String, String) = (row.get(0), row.get(1));
                let Ok(uuid) = id.parse() else { continue };
                if owner_lives(&holder) {
                    continue;
                }
                sqlx::query("UPDATE batches SET owner = ? WHERE batch_id = ?")
                    .bind(owner())
                    .bind(&id)
                    .execute(&mut *transaction)
                    .await
                    .map_err(self.database())?;
                let graded: i64 = sqlx::query("SELECT count(*) FROM submissions WHERE batch_id = ?")
                    .bind(&id)
                    .fetch_one(&mut *transaction)
                    .await
                    .map_err(self.database())?
                    .get(0);
                transaction.commit().await.map_err(self.database())?;
                return Ok(OpenedBatch { id: uuid, continued: true, graded: graded.unsigned_abs() });
            }
        }
        let id = Uuid::now_v7();
        sqlx::query(
            "INSERT INTO batches (batch_id, kind, work_key, total, state, created_ms, owner) \
             VALUES (?, ?, ?, ?, 'running', ?, ?)",
        )
        .bind(id.to_string())
        .bind(&batch.kind)
        .bind(&batch.key)
        .bind(integer(batch.total))
        .bind(now_ms())
        .bind(owner())
        .execute(&mut *transaction)
        .await
        .map_err(self.database())?;
        transaction.commit().await.map_err(self.database())?;
        Ok(OpenedBatch { id, continued: false, graded: 0 })
    }

    /// The recorded report of a submission, without its outputs.
    pub async fn recorded(&self, batch: Uuid, submission: Uuid) -> Result<Option<SubmissionReport>, StoreError> {
        let row = sqlx::query("SELECT report FROM submissions WHERE batch_id = ? AND submission_id = ?")
            .bind(batch.to_string())
            .bind(submission.to_string())
            .fetch_optional(&self.pool)
            .await
            .map_err(self.database())?;
        row.map(|row| serde_json::from_str(row.get(0)))
            .transpose()
            .map_err(|source| StoreError::Report { path: self.path.clone(), source })
    }

    /// Records a report in one transaction.
    pub async fn record(&self, batch: Uuid, label: &str, report: &SubmissionReport) -> Result<Recorded, StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(self.database())?;
        let (batch, submission) = (batch.to_string(), report.submission_id.to_string());
        sqlx::query("INSERT INTO attempts (batch_id, submission_id, verdict, reason, ended_ms) VALUES (?, ?, ?, ?, ?)")
            .bind(&batch)
            .bind(&submission)
            .bind(report.verdict.code())
            .bind(&report.reason)
            .bind(now_ms())
            .execute(&mut *transaction)
            .await
            .map_err(self.database())?;
        let mut recorded = Recorded::AttemptOnly;
        if report.verdict != Verdict::JudgeError {
            recorded = self.insert(&mut transaction, &batch, &submission, label, report).await?;
        }
        transaction.commit().await.map_err(self.database())?;
        Ok(recorded)
    }

    async fn insert(
        &self,
        transaction: &mut Transaction<'_, Sqlite>,
        batch: &str,
        submission: &str,
        label: &str,
        report: &SubmissionReport,
    ) -> Result<Recorded, StoreError> {
        let text = serde_json::to_string(&without_outputs(report))
            .map_err(|source| StoreError::Report { path: self.path.clone(), source })?;
        let inserted = sqlx::query(INSERT_SUBMISSION)
            .bind(batch)
            .bind(submission)
            .bind(label)
            .bind(&report.language)
            .bind(report.verdict.code())
            .bind(&report.reason)
            .bind(report.score)
            .bind(integer(report.cpu_limit_ms))
            .bind(integer(report.memory_limit_bytes))
            .bind(&report.cgroup)
            .bind(now_ms())
            .bind(text)
            .execute(&mut **transaction)
            .await
            .map_err(self.database())?;
        if inserted.rows_affected() == 0 {
            return Ok(Recorded::AlreadyRecorded);
        }
        let compile = report.compile.as_ref().map(|compile| TestReport {
            id: "compile".to_owned(),
            verdict: if report.verdict == Verdict::CompileError { Verdict::CompileError } else { Verdict::Accepted },
            usage: Some(compile.usage.clone()),
            exit: compile.exit.clone(),
            reason: String::new(),
            stdout: Excerpt::default(),
            stderr: compile.log.clone(),
            score: None,
        });
        let rows = compile.iter().map(|test| (0, test)).chain((1..).zip(&report.tests));
        for (position, test) in rows {
            self.insert_test(transaction, batch, submission, position, test).await?;
        }
        Ok(Recorded::New)
    }

    async fn insert_test(
        &self,
        transaction: &mut Transaction<'_, Sqlite>,
        batch: &str,
        submission: &str,
        position: i64,
        test: &TestReport,
    ) -> Result<(), StoreError> {
        let of = |get: fn(&Usage) -> u64| test.usage.as_ref().map(|usage| integer(get(usage)));
        let (code, signal) = match test.exit {
            Some(Exit::Code(code)) => (Some(code), None),
            Some(Exit::Signal(signal)) => (None, Some(signal)),
            None => (None, None),
        };
        sqlx::query(INSERT_TEST)
            .bind(batch)
            .bind(submission)
            .bind(position)
            .bind(&test.id)
            .bind(test.verdict.code())
            .bind(&test.reason)
            .bind(test.score)
            .bind(code)
            .bind(signal)
            .bind(of(|usage| usage.cpu_user_us))
            .bind(of(|usage| usage.cpu_sys_us))
            .bind(of(|usage| usage.wall_us))
            .bind(of(|usage| usage.memory_peak_bytes))
            .bind(of(|usage| usage.oom_kills))
            .bind(test.usage.as_ref().and_then(|usage| usage.pids_peak).map(integer))
            .bind(of(|usage| usage.pids_limit_hits))
            .bind(of(|usage| usage.stdout_bytes))
            .bind(of(|usage| usage.stderr_bytes))
            .bind(of(|usage| usage.context_switches))
            .bind(&test.stdout.bytes)
            .bind(i64::from(test.stdout.truncated))
            .bind(&test.stderr.bytes)
            .bind(i64::from(test.stderr.truncated))
            .execute(&mut **transaction)
            .await
            .map_err(self.database())?;
        Ok(())
    }

    /// Marks a batch as finished.
    pub async fn finish(&self, batch: Uuid) -> Result<(), StoreError> {
        sqlx::query("UPDATE batches SET state = 'finished', finished_ms = ? WHERE batch_id = ?")
            .bind(now_ms())
            .bind(batch.to_string())
            .execute(&self.pool)
            .await
            .map_err(self.database())?;
        Ok(())
    }

    /// How many submissions of a batch got each verdict.
    pub async fn verdict_counts(&self, batch: Uuid) -> Result<Vec<(String, u64)>, StoreError> {
        let rows = sqlx::query(
            "SELECT verdict, count(*) FROM submissions WHERE batch_id = ? GROUP BY verdict ORDER BY verdict",
        )
        .bind(batch.to_string())
        .fetch_all(&self.pool)
        .await
        .map_err(self.database())?;
        Ok(rows.iter().map(|row| (row.get(0), row.get::<i64, _>(1).unsigned_abs())).collect())
    }

    /// Closes the file.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

fn without_outputs(report: &SubmissionReport) -> SubmissionReport {
    let mut report = report.clone();
    for test in &mut report.tests {
        (test.stdout, test.stderr) = (Excerpt::default(), Excerpt::default());
    }
    report
}

/// SQLite's integers are signed; nothing that is counted here comes near their end.
fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}
