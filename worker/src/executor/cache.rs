//! What compiling came to, on disk, by everything that it can depend on: sources, commands, limits, toolchain.
//!
//! An entry is what a compiler made of untrusted source in a sandbox from which nothing but its work directory comes back, and it
//! is found by exactly that source. So nobody's sources decide what another's become. An entry that is not whole is none.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use assay_sandbox::WorkFile;
use assay_shared::{CompileReport, Exit, Limits, Verdict};
use bytes::Bytes;
use nix::fcntl::OFlag;
use serde::{Deserialize, Serialize};

use super::compile::Compiled;
use super::header::Headers;
use crate::judge::Judgement;
use crate::language::{Language, Plan, Step, stamp};

/// What files begin with. Another shape of entries gets another number.
const MAGIC: &[u8] = b"assay compiled 1\n";
/// Of key and content.
const HASH_BYTES: usize = 32;

const TEMPORARY: &str = ".new-";
/// After this a file that is being written belongs to a process that is gone.
const ABANDONED: Duration = Duration::from_hours(1);

/// What package managers change with everything that they install, such as a header that no compiler's version tells of.
const PACKAGE_LISTS: [&str; 4] =
    ["/var/lib/dpkg/status", "/var/lib/rpm/rpmdb.sqlite", "/lib/apk/db/installed", "/var/lib/pacman/local"];

/// A directory of entries. Several processes may use one at the same time.
#[derive(Debug)]
pub struct CompileCache {
    directory: PathBuf,
    /// All entries together.
    most_bytes: u64,
    /// What is there, as far as this process knows.
    bytes: AtomicU64,
    /// The root file system of runs.
    root: PathBuf,
    /// What is kept of compiled headers.
    pub(super) headers: Headers,
}

/// The cache, and the toolchain that compiles.
#[derive(Clone, Debug)]
pub struct Recipe {
    pub(super) cache: Arc<CompileCache>,
    /// As [`crate::language::Language::toolchain_key`] tells it.
    pub(super) toolchain: String,
}

/// The beginning of an entry; the contents of its files follow.
#[derive(Serialize, Deserialize)]
struct Head {
    report: CompileReport,
    /// Why there is no program, if the compiler made none.
    refused: Option<String>,
    files: Vec<FileHead>,
}

#[derive(Serialize, Deserialize)]
struct FileHead {
    path: String,
    executable: bool,
    bytes: usize,
}

impl CompileCache {
    /// Opens the cache in a directory, which is made if it is not there. `root` is the root file system of runs.
    ///
    /// # Errors
    /// It cannot be made or read, or others may write to it.
    pub fn open(directory: &Path, most_bytes: u64, root: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        let found = fs::metadata(directory)?;
        if found.uid() != fs::metadata("/proc/self")?.uid() || found.mode() & 0o077 != 0 {
            let text = "others may write to it, or read it; it must be this user's alone (chown, chmod 700)";
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
        }
        let (bytes, headers) = (AtomicU64::new(0), Headers::default());
        let cache = Self { directory: directory.to_owned(), most_bytes, bytes, root: root.to_owned(), headers };
        cache.shrink()?;
        Ok(cache)
    }

    /// The root file system of runs.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn path_of(&self, key: blake3::Hash) -> PathBuf {
        self.directory.join(key.to_hex().as_str())
    }

    /// What is kept under this key. What cannot be read, or is not what was written, is not there.
    pub(super) fn get(&self, key: blake3::Hash) -> Option<Compiled> {
        let file = self.open_entry(key)?;
        let length = file.metadata().ok()?.len().min(self.most_bytes);
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(usize::try_from(length).ok()?).ok()?;
        (&file).take(self.most_bytes).read_to_end(&mut bytes).ok()?;
        let Some(compiled) = decode(key, &bytes.into()) else {
            tracing::warn!(entry = %key, "an entry of the compile cache is damaged; compiling anew");
            return None;
        };
        used(&file);
        Some(compiled)
    }

    /// The file of an entry.
    pub(super) fn open_entry(&self, key: blake3::Hash) -> Option<File> {
        // Whatever was put in its place, nothing is waited for and no link is followed.
        let flags = (OFlag::O_NONBLOCK | OFlag::O_NOFOLLOW).bits();
        let file = File::options().read(true).custom_flags(flags).open(self.path_of(key)).ok()?;
        file.metadata().is_ok_and(|meta| meta.is_file()).then_some(file)
    }

    /// Keeps what can be kept. That it cannot be is no more than logged.
    pub(super) fn put(&self, key: blake3::Hash, compiled: &Compiled) {
        let Some(parts) = encode(key, compiled) else { return };
        let length: u64 = parts.iter().map(|part| part.len() as u64).sum();
        self.write(key, length, |file| parts.iter().try_for_each(|part| file.write_all(part)));
    }

    /// Writes an entry of this many bytes, if that is not too much. That it cannot be written is no more than logged.
    pub(super) fn write(&self, key: blake3::Hash, length: u64, fill: impl FnOnce(&mut File) -> io::Result<()>) {
        if length > self.most_bytes / 4 {
            return;
        }
        let written = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(&self.directory).and_then(|mut file| {
            fill(file.as_file_mut())?;
            file.persist(self.path_of(key)).map_err(|error| error.error)?;
            if self.bytes.fetch_add(length, Ordering::Relaxed) + length > self.most_bytes {
                self.shrink()
            } else {
                Ok(())
            }
        });
        if let Err(error) = written {
            tracing::warn!(directory = %self.directory.display(), %error, "the compile cache cannot be written");
        }
    }

    /// Counts what is there; if that is too much, removes what was not used for longest. Others may do the same now.
    fn shrink(&self) -> io::Result<()> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            // What another process has removed in between is gone.
            let Ok(found) = entry.metadata() else { continue };
            let used = found.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            let is_new = entry.file_name().to_string_lossy().starts_with(TEMPORARY);
            if is_new && used.elapsed().is_ok_and(|age| age > ABANDONED) {
                remove(&entry.path())?;
            } else if !is_new && found.is_file() {
                entries.push((used, found.len(), entry.path()));
            }
        }
        let mut total: u64 = entries.iter().map(|(_, length, _)| length).sum();
        if total > self.most_bytes {
            entries.sort();
            // Some more than needed, or the next entry would be one too many again.
            let wanted = self.most_bytes / 10 * 9;
            for (_, length, path) in entries {
                if total <= wanted {
                    break;
                }
                remove(&path)?;
                total -= length;
            }
        }
        self.bytes.store(total, Ordering::Relaxed);
        Ok(())
    }
}

/// The oldest go first. Where the time cannot be set an entry goes a little early.
pub(super) fn used(file: &File) {
    drop(file.set_modified(SystemTime::now()));
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

impl Recipe {
    /// For what a language compiles; nothing if its toolchain is not there.
    pub(super) fn new(cache: &Arc<CompileCache>, language: &Language) -> Option<Self> {
        Some(Self { toolchain: language.toolchain_key(cache.root())?, cache: Arc::clone(cache) })
    }

    /// The key of what these steps make of these files.
    pub(super) fn key(&self, plan: &Plan, files: &[WorkFile], limits: &Limits, keep_bytes: usize) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        let mut add = |part: &[u8]| {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
        };
        // The sandbox is this program's: another one may forbid other things.
        add(format!("{} {}", env!("CARGO_PKG_VERSION"), stamp(Path::new("/proc/self/exe"))).as_bytes());
        add(format!("{}\0{}", self.cache.root.display(), self.toolchain).as_bytes());
        for list in PACKAGE_LISTS {
            add(stamp(&self.cache.root.join(list.trim_start_matches('/'))).as_bytes());
        }
        add(format!("{limits:?} {keep_bytes} {:?}", plan.run.argv.first()).as_bytes());
        for Step { argv, env, pids, extra_memory_bytes, profile } in &plan.compile {
            add(format!("{argv:?} {env:?} {pids} {extra_memory_bytes} {profile:?}").as_bytes());
        }
        for file in files {
            add(std::os::unix::ffi::OsStrExt::as_bytes(file.path.as_os_str()));
            add(&[u8::from(file.executable)]);
            add(&file.content);
        }
        hasher.finalize()
    }
}

/// An entry, in parts, or nothing if the next compilation may come to something else.
fn encode(key: blake3::Hash, compiled: &Compiled) -> Option<Vec<Bytes>> {
    let report = compiled.report.clone()?;
    let files = match &compiled.program {
        Ok(files) => files.as_slice(),
        // A compiler that a signal ended, or that was refused a process or memory, may do better the next time.
        Err(_) if !compiled.is_refused || report.usage.oom_kills > 0 || report.usage.pids_limit_hits > 0 => {
            return None;
        }
        Err(_) if !matches!(report.exit, Some(Exit::Code(_))) => return None,
        Err(_) => &[],
    };
    let heads = files.iter().map(|file| {
        let path = file.path.to_str()?.to_owned();
        Some(FileHead { path, executable: file.executable, bytes: file.content.len() })
    });
    let refused = compiled.program.as_ref().err().map(|judgement| judgement.reason.clone());
    let head = Head { report, refused, files: heads.collect::<Option<_>>()? };
    let head = serde_json::to_vec(&head).ok()?;
    let head = [&(head.len() as u64).to_le_bytes(), &*head].concat();
    let mut hasher = blake3::Hasher::new();
    hasher.update(&head);
    for file in files {
        hasher.update(&file.content);
    }
    let begin = [MAGIC, key.as_bytes(), hasher.finalize().as_bytes(), &head].concat();
    Some(std::iter::once(begin.into()).chain(files.iter().map(|file| file.content.clone())).collect())
}

/// What an entry holds, if it is whole and of this key.
fn decode(key: blake3::Hash, bytes: &Bytes) -> Option<Compiled> {
    let (own, rest) = bytes.strip_prefix(MAGIC)?.split_at_checked(HASH_BYTES)?;
    let (hash, body) = rest.split_at_checked(HASH_BYTES)?;
    if own != key.as_bytes() || hash != blake3::hash(body).as_bytes() {
        return None;
    }
    let (length, rest) = body.split_first_chunk::<8>()?;
    let (head, mut rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    let mut head: Head = serde_json::from_slice(head).ok()?;
    head.report.cached = true;
    let mut files = Vec::new();
    for FileHead { path, executable, bytes: length } in head.files {
        let (content, behind) = rest.split_at_checked(length)?;
        files.push(WorkFile::new(path, bytes.slice_ref(content)).with_mode(executable));
        rest = behind;
    }
    let is_refused = head.refused.is_some();
    let program = match head.refused {
        Some(reason) => Err(Judgement { verdict: Verdict::CompileError, reason }),
        None => Ok(files),
    };
    Some(Compiled { report: Some(head.report), program, is_refused })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compiled(content: Vec<u8>, exit: Exit, refused: bool) -> Compiled {
        let report = CompileReport { exit: Some(exit), ..CompileReport::default() };
        let file = WorkFile::new("a/program", content).with_mode(true);
        let refusal = Judgement { verdict: Verdict::CompileError, reason: "no".to_owned() };
        Compiled {
            report: Some(report),
            program: if refused { Err(refusal) } else { Ok(vec![file]) },
            is_refused: refused,
        }
    }

    fn open(most_bytes: u64) -> (tempfile::TempDir, CompileCache) {
        let dir = tempfile::tempdir().expect("a directory");
        let cache = CompileCache::open(&dir.path().join("cache"), most_bytes, Path::new("/")).expect("a cache");
        (dir, cache)
    }

    #[test]
    fn what_was_put_comes_back_and_a_damaged_entry_does_not() {
        let (_dir, cache) = open(1 << 20);
        let key = blake3::hash(b"1");
        assert!(cache.get(key).is_none());
        cache.put(key, &compiled(vec![1; 1000], Exit::Code(0), false));
        let found = cache.get(key).expect("an entry");
        assert!(found.report.expect("a report").cached);
        let files = found.program.expect("a program");
        assert_eq!((files[0].content.as_ref(), files[0].executable), ([1; 1000].as_slice(), true));
        let whole = fs::read(cache.path_of(key)).expect("a file");
        for at in (0..whole.len()).step_by(7) {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            let cut = Bytes::copy_from_slice(&whole[..at]);
            assert!(decode(key, &damaged.into()).is_none() && decode(key, &cut).is_none(), "{at}");
        }
        assert!(decode(blake3::hash(b"2"), &whole.into()).is_none());
    }

    #[test]
    fn only_what_a_compiler_says_itself_is_kept_of_refusals() {
        let (_dir, cache) = open(1 << 20);
        let key = blake3::hash(b"1");
        let mut by_limit = compiled(Vec::new(), Exit::Code(1), true);
        by_limit.is_refused = false;
        cache.put(key, &by_limit);
        cache.put(key, &compiled(Vec::new(), Exit::Signal(9), true));
        assert!(cache.get(key).is_none());
        cache.put(key, &compiled(Vec::new(), Exit::Code(1), true));
        assert_eq!(cache.get(key).expect("an entry").program.expect_err("refused").reason, "no");
    }

    #[test]
    fn the_oldest_go_and_the_rest_stays_within_the_bound() {
        let (dir, cache) = open(100_000);
        let key = |number: u32| blake3::hash(&number.to_le_bytes());
        for number in 0..8 {
            cache.put(key(number), &compiled(vec![0; 20_000], Exit::Code(0), false));
            // Times of files may be no finer than a tick.
            std::thread::sleep(Duration::from_millis(15));
            assert!(cache.get(key(0)).is_some(), "what is used stays");
        }
        assert!(cache.get(key(1)).is_none() && cache.get(key(7)).is_some());
        let total: u64 = fs::read_dir(dir.path().join("cache"))
            .expect("a directory")
            .map(|entry| entry.and_then(|entry| entry.metadata()).expect("an entry").len())
            .sum();
        assert!(total <= 100_000, "{total}");
        cache.put(key(9), &compiled(vec![0; 50_000], Exit::Code(0), false));
        assert!(cache.get(key(9)).is_none(), "one entry does not drive all others out");
    }

    #[test]
    fn a_directory_that_others_may_write_to_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("a directory");
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o777)).expect("a mode");
        let error = CompileCache::open(dir.path(), 1 << 20, Path::new("/")).expect_err("refused");
        assert!(error.to_string().contains("chmod 700"), "{error}");
    }
}
