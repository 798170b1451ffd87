//! What the grading commands share: languages, slots, store, and one submission's way through them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use assay_sandbox::{Image, Runtime, View, WorkFile};
use assay_shared::{Limits, MIB, StopRule, SubmissionReport, Verdict};
use uuid::Uuid;

use super::{Common, Failure, render};
use crate::executor::SlotPool;
use crate::executor::pipeline::{Task, Test, grade};
use crate::exit::Exit;
use crate::language::{Availability, Language, Languages, Sources};
use crate::store::{NewBatch, Store};

/// Runs a command's future. A first interrupt stops it; what was graded is in the store.
pub(super) fn block_on(work: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    runtime.block_on(async {
        let terminated = async {
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(mut signal) => {
                    signal.recv().await;
                }
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            result = work => result,
            _ = tokio::signal::ctrl_c() => Ok(interrupted()),
            () = terminated => Ok(interrupted()),
        }
    })
}

fn interrupted() -> Exit {
    render::note("assay: interrupted; the same command continues from here");
    Exit::Interrupted
}

/// Languages, slots and store of one command.
pub(super) struct Session {
    pub(super) languages: Arc<Languages>,
    pub(super) pool: Arc<SlotPool>,
    pub(super) store: Store,
    pub(super) keep_bytes: usize,
}

impl Session {
    pub(super) async fn open(common: &Common) -> Result<Self, Failure> {
        let languages = Languages::load(common.languages.as_deref()).map_err(Failure::usage)?;
        let store_path = common.store.clone().map_or_else(default_store, Ok)?;
        let store = Store::open(&store_path).await.map_err(Failure::usage)?;
        let runtime = Runtime::new(view(common.image.as_deref(), &languages)).map_err(Failure::unfit)?;
        let slots = common.slots.map_or_else(default_slots, usize::from);
        let pool = Arc::new(SlotPool::start(runtime, slots).map_err(Failure::unfit)?);
        Ok(Self { languages: Arc::new(languages), pool, store, keep_bytes: common.keep_output })
    }

    /// Opens the batch of this work, or continues one that was interrupted.
    pub(super) async fn begin(&self, kind: &str, key: String, total: usize, fresh: bool) -> Result<Uuid, Failure> {
        let batch = NewBatch { kind: kind.to_owned(), key, total: total as u64, fresh };
        let opened = self.store.begin(&batch).await.map_err(anyhow::Error::from)?;
        if opened.continued && opened.graded > 0 {
            render::note(&format!("continuing an interrupted run: {} of {total} are graded already", opened.graded));
        }
        Ok(opened.id)
    }

    /// The recorded report of this submission, if an interrupted run left one.
    pub(super) async fn recorded(&self, batch: Uuid, submission: Uuid) -> Result<Option<SubmissionReport>, Failure> {
        Ok(self.store.recorded(batch, submission).await.map_err(anyhow::Error::from)?)
    }

    /// Records a report.
    pub(super) async fn record(&self, batch: Uuid, label: &str, report: &SubmissionReport) -> Result<(), Failure> {
        self.store.record(batch, label, report).await.map_err(anyhow::Error::from)?;
        Ok(())
    }

    /// Ends the batch and takes everything down.
    pub(super) async fn finish(self, batch: Uuid) -> Result<(), Failure> {
        self.store.finish(batch).await.map_err(anyhow::Error::from)?;
        self.store.close().await;
        if let Ok(pool) = Arc::try_unwrap(self.pool) {
            tokio::task::spawn_blocking(move || pool.close())
                .await
                .context("closing the slots")?
                .map_err(|error| anyhow::Error::new(error).context("clearing away"))?;
        }
        Ok(())
    }
}

/// Files with their names, by language code.
pub(super) type Include = Arc<dyn Fn(&str) -> Vec<(String, Vec<u8>)> + Send + Sync>;

/// One submission before it is graded.
pub(super) struct Job {
    pub(super) id: Uuid,
    pub(super) label: String,
    pub(super) files: Vec<(String, Vec<u8>)>,
    pub(super) language: Option<String>,
    pub(super) allowed_codes: Option<Vec<String>>,
    pub(super) entry_point: Option<String>,
    /// Files of the problem for the submission's language, by code; they overwrite the submission's.
    pub(super) include: Include,
    pub(super) tests: Arc<[Test]>,
    pub(super) limits: Limits,
    pub(super) compile_limits: Limits,
    pub(super) code_bytes: Option<u64>,
    pub(super) stop: StopRule,
}

/// What became of a job.
pub(super) enum Graded {
    Report(Box<SubmissionReport>),
    /// It cannot be graded here, and that says nothing about it.
    Refused {
        language: Option<String>,
        reason: String,
    },
}

/// Finds the language, makes the plan, and grades.
pub(super) async fn grade_job(
    languages: &Languages,
    pool: &SlotPool,
    keep_bytes: usize,
    sequence: u64,
    job: &Job,
) -> Graded {
    let language = match pick_language(languages, job) {
        Ok(language) => language,
        Err(reason) => return Graded::Refused { language: job.language.clone(), reason },
    };
    let refuse = |reason: String| Graded::Refused { language: Some(language.id().to_owned()), reason };
    if let Availability::Missing { reason } = language.availability() {
        return refuse(format!("language {} is not available: {reason}", language.id()));
    }
    let size: u64 = job.files.iter().map(|(_, content)| content.len() as u64).sum();
    let mut files = job.files.clone();
    for (name, content) in (job.include)(language.code()) {
        files.retain(|(other, _)| *other != name);
        files.push((name, content));
    }
    let sources = Sources { files: &files, entry_point: job.entry_point.as_deref() };
    let plan = match language.plan(&sources, job.limits.memory_bytes) {
        Ok(plan) => plan,
        Err(error) => return Graded::Report(Box::new(refused_source(job, language.id(), pool, error.to_string()))),
    };
    if job.code_bytes.is_some_and(|limit| size > limit) {
        let reason =
            format!("the source has {size} bytes, more than the problem's limit of {}", job.code_bytes.unwrap_or(0));
        return Graded::Report(Box::new(refused_source(job, language.id(), pool, reason)));
    }
    let placed =
        plan.place.iter().zip(&files).map(|(name, (_, content))| WorkFile::new(name, content.clone())).collect();
    let task = Task {
        submission_id: job.id,
        sequence,
        language: language.id().to_owned(),
        plan,
        files: placed,
        tests: Arc::clone(&job.tests),
        limits: job.limits.clone(),
        compile_limits: job.compile_limits.clone(),
        stop: job.stop,
        keep_bytes,
    };
    Graded::Report(Box::new(grade(pool, Arc::new(task)).await))
}

fn refused_source(job: &Job, language: &str, pool: &SlotPool, reason: String) -> SubmissionReport {
    SubmissionReport {
        submission_id: job.id,
        verdict: Verdict::CompileError,
        reason,
        language: language.to_owned(),
        compile: None,
        tests: Vec::new(),
        score: None,
        cpu_limit_ms: job.limits.cpu_ms,
        memory_limit_bytes: job.limits.memory_bytes,
        cgroup: pool.cgroup().to_owned(),
    }
}

fn pick_language<'a>(languages: &'a Languages, job: &Job) -> Result<&'a Language, String> {
    for (name, content) in &job.files {
        assay_shared::submission::check_file_name(name)
            .map_err(|problem| format!("file name \"{}\" {problem}", name.escape_default()))?;
        if content.len() > assay_shared::submission::MAX_SOURCE_BYTES {
            return Err(format!("file {name} is larger than 16 MiB"));
        }
    }
    match &job.language {
        Some(name) => languages
            .get(name)
            .or_else(|| languages.for_code(name))
            .ok_or_else(|| format!("unknown language \"{}\"; `assay languages` lists them", name.escape_default())),
        None => languages.detect(&job.files, job.allowed_codes.as_deref()).map_err(|error| error.to_string()),
    }
}

/// The limits of compiling when a problem names none.
pub(super) fn compile_limits(ms: Option<u64>, memory_bytes: Option<u64>) -> Limits {
    let cpu_ms = ms.unwrap_or(60_000);
    Limits {
        cpu_ms,
        wall_ms: assay_shared::limits::default_wall_ms(cpu_ms),
        memory_bytes: memory_bytes.unwrap_or(2048 * MIB),
        pids: 128,
        stdout_bytes: MIB,
        stderr_bytes: 64 << 10,
        file_bytes: 256 * MIB,
    }
}

pub(super) fn view(image: Option<&Path>, languages: &Languages) -> View {
    match image {
        Some(tree) => View { image: Image::Directory(tree.to_owned()), read_only: Vec::new() },
        None => View { image: Image::Host, read_only: languages.read_only_paths() },
    }
}

fn default_slots() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// `$XDG_STATE_HOME/assay/assay.sqlite`, by default below `~/.local/state`.
fn default_store() -> Result<PathBuf, Failure> {
    let state = std::env::var_os("XDG_STATE_HOME").filter(|value| !value.is_empty()).map(PathBuf::from).or_else(|| {
        std::env::var_os("HOME").filter(|value| !value.is_empty()).map(|home| PathBuf::from(home).join(".local/state"))
    });
    let directory = state.map_or_else(|| PathBuf::from("/var/lib/assay"), |state| state.join("assay"));
    std::fs::create_dir_all(&directory)
        .with_context(|| format!("cannot make {}; name another place with --store", directory.display()))?;
    Ok(directory.join("assay.sqlite"))
}
