//! What the commands that grade on this machine share: languages, slots, packages and the store in a file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use assay_sandbox::{Image, Runtime, View};
use assay_shared::{SubmissionReport, Verdict};
use uuid::Uuid;

use super::{Common, Failure, Grading, render};
use crate::executor::SlotPool;
use crate::executor::cache::CompileCache;
use crate::executor::grader::{Grader, Packages};
use crate::executor::jury::Judges;
use crate::exit::Exit;
use crate::language::Languages;
use crate::metrics::Reruns;
use crate::store::{Arrival, Bounds, Claim, Release, SqliteStore, Store, Worker};

/// Runs a command's future. A first interrupt stops it; what was graded is in the store.
pub(super) fn block_on(work: impl Future<Output = Result<Exit, Failure>> + Send + 'static) -> Result<Exit, Failure> {
    let runtime = runtime()?;
    let exit = runtime.block_on(async {
        // A task of its own: what it does between two awaits, such as reading packages, does not keep signals from being seen.
        let mut work = tokio::spawn(work);
        tokio::select! {
            result = &mut work => result.context("the command panicked")?,
            _ = tokio::signal::ctrl_c() => Ok(interrupted()),
            () = terminated() => Ok(interrupted()),
        }
    });
    // What reads or waits in the background has nothing to lose.
    runtime.shutdown_background();
    exit
}

/// The runtime of a command.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    Ok(runtime.context("cannot start the runtime")?)
}

/// Returns when the process is asked to end.
pub(super) async fn terminated() {
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

fn interrupted() -> Exit {
    render::note("assay: interrupted; what is done is kept, and the same command goes on from there");
    Exit::Interrupted
}

/// Grader and store of one command.
pub(super) struct Session {
    pub(super) grader: Arc<Grader>,
    pub(super) store: SqliteStore,
    /// This process, as the store knows it.
    pub(super) worker: Worker,
}

impl Session {
    pub(super) async fn open(common: &Common, cpu_ms: u64) -> Result<Self, Failure> {
        let path = common.store.clone().map_or_else(default_store, Ok)?;
        let Store::Sqlite(store) = Store::open_file(&path).await.map_err(Failure::usage)? else {
            return Err(anyhow::anyhow!("{} is no file", path.display()).into());
        };
        let grader = grader(&common.grading, None, cpu_ms, || Ok(path.with_extension("compile-cache")))?;
        let worker = worker(&grader, Vec::new());
        tell_cpus(&worker);
        Store::Sqlite(store.clone()).register(&worker).await.map_err(anyhow::Error::from)?;
        Ok(Self { grader: Arc::new(grader), store, worker })
    }

    /// Opens the batch of this work, or continues one that was interrupted.
    pub(super) async fn begin(&self, kind: &str, key: &str, label: &str, fresh: bool) -> Result<String, Failure> {
        let opened = self.store.begin(kind, key, label, fresh).await.map_err(anyhow::Error::from)?;
        if opened.continued && opened.graded > 0 {
            render::note(&format!("continuing an interrupted run: {} submissions are graded already", opened.graded));
        }
        Ok(opened.id)
    }

    /// The recorded report of this submission, if an interrupted run left one.
    pub(super) async fn recorded(&self, batch: &str, submission: Uuid) -> Result<Option<SubmissionReport>, Failure> {
        let store = Store::Sqlite(self.store.clone());
        Ok(store.report(Some(batch), submission).await.map_err(anyhow::Error::from)?)
    }

    /// Records a report that did not come out of a queue; of a judge error only that there was one.
    pub(super) async fn record(&self, batch: &str, label: &str, report: &SubmissionReport) -> Result<(), Failure> {
        let store = Store::Sqlite(self.store.clone());
        let arrival = Arrival {
            batch_id: Some(batch.to_owned()),
            submission_id: report.submission_id,
            ordinal: 0,
            label: label.to_owned(),
            task: None,
            language: report.language.clone(),
            metadata: "{}".to_owned(),
            content: None,
        };
        let bounds = Bounds { judge_errors: i64::MAX, lost: i64::MAX };
        let claim = store.claim(&arrival, &self.worker, bounds).await.map_err(anyhow::Error::from)?;
        if let Claim::Granted(attempt) = claim {
            if report.verdict == Verdict::JudgeError {
                store.release(&attempt, Release::JudgeError, &report.reason).await
            } else {
                store.record(&attempt, report).await.map(drop)
            }
            .map_err(anyhow::Error::from)?;
        }
        Ok(())
    }
}

/// Ends a command's batch, which is continued later if it is not `complete`, and takes everything down.
pub(super) async fn finish(
    grader: Arc<Grader>,
    store: &SqliteStore,
    worker: &Worker,
    batch: &str,
    complete: bool,
) -> Result<(), Failure> {
    if complete {
        store.finish(batch).await.map_err(anyhow::Error::from)?;
    }
    let store = Store::Sqlite(store.clone());
    store.retire(worker).await.map_err(anyhow::Error::from)?;
    store.close().await;
    tokio::task::spawn_blocking(move || grader.pool.close())
        .await
        .context("closing the slots")?
        .map_err(|error| anyhow::Error::new(error).context("clearing away"))?;
    Ok(())
}

/// Languages, slots and packages as the options say. `cache` is where compilations are kept if they do not say.
pub(super) fn grader(
    options: &Grading,
    packages: Option<PathBuf>,
    cpu_ms: u64,
    cache: impl FnOnce() -> Result<PathBuf, Failure>,
) -> Result<Grader, Failure> {
    let languages = Languages::load(options.languages.as_deref()).map_err(Failure::usage)?;
    if let Some(image) = &options.image
        && !image.is_dir()
    {
        return Err(Failure::usage(anyhow::anyhow!("--image {}: is no directory", image.display())));
    }
    let cpus = slot_cpus(options)?;
    let cache = open_cache(options, cache)?;
    let runtime = Runtime::new(view(options.image.as_deref(), &languages)).map_err(Failure::unfit)?;
    let pool = SlotPool::start(runtime, cpus).map_err(Failure::unfit)?;
    Ok(Grader {
        languages: Arc::new(languages),
        pool,
        packages: Packages::new(packages),
        judges: Judges::default(),
        cache,
        keep_bytes: options.keep_output,
        cpu_ms,
        compile_ms: options.compile_cpu_ms,
        reruns: (!options.no_rerun).then(Reruns::default),
    })
}

/// For each slot the CPU that is its own; none of them has one without `--pin`.
fn slot_cpus(options: &Grading) -> Result<Vec<Option<u32>>, Failure> {
    let slots = options.slots.map_or_else(default_slots, usize::from);
    if !options.pin {
        return Ok(vec![None; slots]);
    }
    let cpus = assay_sandbox::cpus().context("--pin: the kernel does not tell which CPUs there are")?;
    let count = cpus.len();
    if slots > count {
        let plural = if count == 1 { "" } else { "s" };
        let error = format!("--pin: {slots} slots, but {count} CPU{plural}: use --slots {count} or leave out --pin");
        return Err(Failure::usage(anyhow::anyhow!(error)));
    }
    Ok(cpus.into_iter().take(slots).map(Some).collect())
}

/// This process as a worker that grades.
pub(super) fn worker(grader: &Grader, languages: Vec<String>) -> Worker {
    Worker { cpus: grader.pool.cpus(), ..Worker::new(grader.pool.slots(), languages) }
}

/// Tells where runs are bound to, if they are.
fn tell_cpus(worker: &Worker) {
    if !worker.cpus.is_empty() {
        let plural = if worker.slots == 1 { "" } else { "s" };
        render::note(&format!("assay: {} slot{plural}, each on its own CPU: {}", worker.slots, worker.shown_cpus()));
    }
}

fn open_cache(
    options: &Grading,
    default: impl FnOnce() -> Result<PathBuf, Failure>,
) -> Result<Option<Arc<CompileCache>>, Failure> {
    if options.no_compile_cache {
        return Ok(None);
    }
    let root = options.image.as_deref().unwrap_or(Path::new("/"));
    let open = |directory: &Path| CompileCache::open(directory, options.compile_cache_mib << 20, root);
    if let Some(directory) = &options.compile_cache {
        let fail = |error| anyhow::anyhow!("--compile-cache {}: {error}", directory.display());
        return Ok(Some(Arc::new(open(directory).map_err(|error| Failure::usage(fail(error)))?)));
    }
    // Nobody has asked for this one, and everything can be done without.
    match default() {
        Ok(directory) => match open(&directory) {
            Ok(cache) => return Ok(Some(Arc::new(cache))),
            Err(error) => {
                let directory = directory.display();
                tracing::warn!(%directory, %error, "nothing that is compiled is kept; --compile-cache names another place");
            }
        },
        Err(failure) => tracing::warn!(error = %failure.error, "nothing that is compiled is kept"),
    }
    Ok(None)
}

/// What of the options changes verdicts, for the key of a batch.
pub(super) fn rules(options: &Grading) -> Result<String, Failure> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
    hasher.update(
        format!("{:?} {} {} {}", options.image, options.compile_cpu_ms, options.pin, options.no_rerun).as_bytes(),
    );
    if let Some(directory) = &options.languages {
        let entries = std::fs::read_dir(directory)
            .with_context(|| format!("cannot read {}", directory.display()))
            .map_err(Failure::usage)?;
        let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.sort();
        for file in files.iter().filter(|file| file.is_file()) {
            let content = std::fs::read(file)
                .with_context(|| format!("cannot read {}", file.display()))
                .map_err(Failure::usage)?;
            hasher.update(&content);
        }
    }
    Ok(hasher.finalize().to_string())
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
pub(super) fn default_store() -> Result<PathBuf, Failure> {
    Ok(state_directory("--store")?.join("assay.sqlite"))
}

/// Where workers keep what they have compiled.
pub(super) fn default_cache() -> Result<PathBuf, Failure> {
    Ok(state_directory("--compile-cache")?.join("assay.compile-cache"))
}

/// `option` names another place.
fn state_directory(option: &str) -> Result<PathBuf, Failure> {
    let state = std::env::var_os("XDG_STATE_HOME").filter(|value| !value.is_empty()).map(PathBuf::from).or_else(|| {
        std::env::var_os("HOME").filter(|value| !value.is_empty()).map(|home| PathBuf::from(home).join(".local/state"))
    });
    let directory = state.map_or_else(|| PathBuf::from("/var/lib/assay"), |state| state.join("assay"));
    std::fs::create_dir_all(&directory)
        .with_context(|| format!("cannot make {}; name another place with {option}", directory.display()))?;
    Ok(directory)
}
