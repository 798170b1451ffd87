//! Standard headers that are compiled once and used for many sources.
//!
//! Such a header is made from a source of ours, in a sandbox, by the command that compiles submissions, and is kept in the compile
//! cache under a key of its own. A compile step gets a copy in its work directory. What it makes in silence is what it would make
//! of the header itself; where it says anything, or fails, its sources are compiled anew in the ordinary way.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, TryLockError};

use assay_sandbox::{End, Error, Input, Limits, Slot, WorkFile, Workspace};

use super::Place;
use super::cache::{Recipe, used};
use super::grader::{COMPILE_MS, compile_limits};
use super::run::{attempt, command, sandbox_limits};
use crate::language::{Plan, Precompiled};

/// What files begin with; the key, the header and its hash follow.
const MAGIC: &[u8] = b"assay header 1\n";
const HASH_BYTES: usize = 32;
/// Before the header.
const HEAD_BYTES: usize = MAGIC.len() + HASH_BYTES;
/// Beside the header.
const FRAME_BYTES: u64 = (HEAD_BYTES + HASH_BYTES) as u64;

/// How many sources are compiled without a header that is not there yet: making it takes about as long as it saves them.
const WORTH: u32 = 3;

/// The headers that this process knows.
#[derive(Debug, Default)]
pub(super) struct Headers {
    known: Mutex<HashMap<blake3::Hash, Arc<Known>>>,
}

#[derive(Debug, Default)]
struct Known {
    asked: AtomicU32,
    /// Whoever makes it has this.
    making: Mutex<()>,
    /// Nothing if it cannot be had.
    found: OnceLock<Option<Header>>,
}

/// A compiled header.
#[derive(Clone, Debug)]
pub(super) struct Header {
    /// The entry of the cache, whose hash was right when it was opened.
    entry: Arc<File>,
    /// Of the header itself.
    bytes: u64,
    /// Where it has to be in the work directory.
    place: String,
}

impl Headers {
    fn known(&self, key: blake3::Hash) -> Arc<Known> {
        Arc::clone(self.known.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default())
    }
}

/// The header for a compile step, as it is kept. If it is worth it, it is made first; while another slot does that there is none.
pub(super) fn header(place: &mut Place, recipe: &Recipe, precompiled: &Precompiled) -> Option<Header> {
    let source = WorkFile::new(Precompiled::SOURCE, precompiled.source().into_bytes());
    let plan = Plan { compile: vec![precompiled.make.clone()], ..Plan::of_nothing(&[]) };
    let limits = compile_limits(COMPILE_MS, None);
    let key = recipe.key(&plan, std::slice::from_ref(&source), &limits, 0);
    let known = recipe.cache.headers.known(key);
    let kept = || find(recipe, key, precompiled.place(key.to_hex().as_str()));
    if known.found.get().is_none() {
        let _making = match known.making.try_lock() {
            Ok(making) => making,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        if let Some(header) = kept() {
            known.found.get_or_init(|| Some(header));
        } else if known.asked.fetch_add(1, Ordering::Relaxed) >= WORTH {
            let limits = sandbox_limits(&limits, precompiled.make.extra_memory_bytes);
            match make(place, recipe, key, precompiled, &source, &limits) {
                // One that is too large for the cache is not there, and will not be.
                Ok(true) => drop(known.found.get_or_init(kept)),
                Ok(false) => {
                    tracing::warn!(
                        "the compiler refuses a header that it should compile before the sources that include it"
                    );
                    known.found.get_or_init(|| None);
                }
                // May succeed the next time.
                Err(reason) => {
                    tracing::warn!(reason, "a header could not be compiled before the sources that include it");
                }
            }
        }
    }
    let header = known.found.get().cloned().flatten()?;
    used(&header.entry);
    Some(header)
}

/// An entry that is whole.
fn find(recipe: &Recipe, key: blake3::Hash, place: String) -> Option<Header> {
    let file = recipe.cache.open_entry(key)?;
    let bytes = file.metadata().ok()?.len().checked_sub(FRAME_BYTES)?;
    let header = Header { entry: Arc::new(file), bytes, place };
    let is_whole = header.is_whole(key).unwrap_or(false);
    if !is_whole {
        tracing::warn!(entry = %key, "an entry of the compile cache is damaged; compiling anew");
    }
    is_whole.then_some(header)
}

/// Compiles the header and keeps it; false if the compiler refuses it.
fn make(
    place: &mut Place,
    recipe: &Recipe,
    key: blake3::Hash,
    precompiled: &Precompiled,
    source: &WorkFile,
    limits: &Limits,
) -> Result<bool, String> {
    let step = &precompiled.make;
    let limits = Limits { pids: limits.pids.max(step.pids), ..limits.clone() };
    let made = attempt(place, |place| {
        let mut slot = place.slot(super::Company::Others)?;
        let work = slot.workspace(&limits, &[std::slice::from_ref(source)])?;
        let outcome = slot.run(&command(step, &[]), &limits, &work, &Input::empty())?;
        let is_good = outcome.end == End::Code(0) && outcome.stopped.is_none();
        is_good.then(|| work.open(Precompiled::MADE)).transpose()
    });
    let Some(made) = made.map_err(|error| error.to_string())? else { return Ok(false) };
    let length = made.metadata().map_err(|error| error.to_string())?.len();
    recipe.cache.write(key, FRAME_BYTES + length, |entry| {
        entry.write_all(MAGIC)?;
        entry.write_all(key.as_bytes())?;
        io::copy(&mut &made, entry)?;
        (&made).seek(SeekFrom::Start(0))?;
        entry.write_all(hash(&made)?.as_bytes())
    });
    Ok(true)
}

fn hash(content: impl io::Read) -> io::Result<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(content)?;
    Ok(hasher.finalize())
}

impl Header {
    fn is_whole(&self, key: blake3::Hash) -> io::Result<bool> {
        let mut head = [0; HEAD_BYTES];
        self.entry.read_exact_at(&mut head, 0)?;
        let mut tail = [0; HASH_BYTES];
        self.entry.read_exact_at(&mut tail, HEAD_BYTES as u64 + self.bytes)?;
        Ok(head.strip_prefix(MAGIC) == Some(key.as_bytes()) && *hash(self.content()?)?.as_bytes() == tail)
    }

    /// With a position of its own.
    fn content(&self) -> io::Result<io::Take<File>> {
        let number = std::os::fd::AsRawFd::as_raw_fd(&*self.entry);
        let mut file = File::open(format!("/proc/self/fd/{number}"))?;
        file.seek(SeekFrom::Start(HEAD_BYTES as u64))?;
        Ok(file.take(self.bytes))
    }

    /// A work directory with these files and the header. It takes nothing of the limits either.
    pub(super) fn workspace(&self, slot: &mut Slot, limits: &Limits, files: &[WorkFile]) -> Result<Workspace, Error> {
        let content = self.content().map_err(|error| Error {
            step: assay_sandbox::Step::Populate,
            target: Some(self.place.clone().into()),
            source: error,
        })?;
        let directories = self.place.split('/').count() as u64;
        let room = Limits {
            // Of whole pages.
            file_bytes: limits.file_bytes.saturating_add(self.bytes).saturating_add(64 << 10),
            inodes: limits.inodes.saturating_add(directories),
            ..limits.clone()
        };
        let work = slot.workspace(&room, &[files])?;
        work.copy_in(&self.place, &mut { content })?;
        Ok(work)
    }

    /// Takes the header out again.
    pub(super) fn take_out(&self, work: &Workspace) -> Result<(), Error> {
        work.remove(&self.place)
    }
}
