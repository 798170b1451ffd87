//! The work directory of a run: a temporary file system of its own, mounted nowhere until the run attaches it.
//!
//! The worker fills it before the run and reads it after everything in the run is dead, both through descriptors and with
//! `openat2`, so that no link that a program planted is ever followed.

use std::collections::HashMap;
use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use nix::dir::Dir;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use nix::sys::stat::{Mode, fchmod, mkdirat};
use nix::unistd::{Gid, Uid, UnlinkatFlags, fchown, fchownat, unlinkat};
use serde::{Deserialize, Serialize};

use crate::defence::{Defence, on};
use crate::error::{At as _, Error, Step};
use crate::process::sys;

const MOUNT_ATTR_RDONLY: u64 = 1;
const MOUNT_ATTR_NOSUID: u64 = 2;
const MOUNT_ATTR_NODEV: u64 = 4;

/// Of files from this size on, in bytes, a run may be shown the same one as others instead of a copy of its own.
const SHOWN_FROM: usize = 64 << 10;

/// So many files are shown at most; further ones are copied.
pub(crate) const MOST_SHOWN: usize = 8;

/// A regular file that goes into or came out of a work directory.
#[derive(Clone, Debug)]
pub struct WorkFile {
    /// Relative to the work directory.
    pub path: PathBuf,
    pub executable: bool,
    pub content: Bytes,
    /// What is shown of it, once something is; nothing if each run gets a copy.
    shown: Option<Arc<OnceLock<Shown>>>,
}

impl WorkFile {
    /// A file that is not executable.
    pub fn new(path: impl Into<PathBuf>, content: impl Into<Bytes>) -> Self {
        Self { path: path.into(), executable: false, content: content.into(), shown: None }
    }

    /// The same file, executable or not.
    #[must_use]
    pub fn with_mode(self, executable: bool) -> Self {
        Self { executable, shown: None, ..self }
    }

    /// The same file in another place.
    #[must_use]
    pub fn moved(&self, path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), ..self.clone() }
    }

    /// The same file, for many runs. If it is large, all of them are shown one that is nobody's: it can be read and executed, but not
    /// be written, renamed or removed. A kernel that cannot show it (before Linux 6.15) copies it, as all others.
    #[must_use]
    pub fn shown(self) -> Self {
        let large = self.content.len() >= SHOWN_FROM && self.path.to_str().is_some();
        Self { shown: large.then(Arc::default), ..self }
    }

    /// The mount that this file is shown from.
    fn mount(&self) -> Option<io::Result<&OwnedFd>> {
        let shown = self.shown.as_ref()?;
        if shown.get().is_none() {
            match Shown::lay_out(&self.content, self.executable) {
                // Another run may have been faster.
                Ok(laid_out) => drop(shown.set(laid_out)),
                // May succeed the next time.
                Err(error) => return Some(Err(error)),
            }
        }
        match shown.get()? {
            Shown::Mount(mount) => Some(Ok(mount)),
            Shown::Copy => None,
        }
    }
}

impl PartialEq for WorkFile {
    fn eq(&self, other: &Self) -> bool {
        (&self.path, self.executable, &self.content) == (&other.path, other.executable, &other.content)
    }
}

impl Eq for WorkFile {}

/// How a large file comes into the work directories of its runs.
#[derive(Debug)]
enum Shown {
    /// By this read-only mount of a file system that has nothing else in it.
    Mount(OwnedFd),
    /// The kernel cannot copy a mount that is mounted nowhere.
    Copy,
}

impl Shown {
    const NAME: &CStr = c"file";

    fn lay_out(content: &[u8], executable: bool) -> io::Result<Self> {
        let size = CString::new(whole_pages(content.len() as u64).to_string())?;
        let options = [(c"size", &*size), (c"nr_inodes", c"2"), (c"mode", c"755")];
        let mount = sys::detached_mount(c"tmpfs", &options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)?;
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_CLOEXEC;
        let mut file = File::from(nix::fcntl::openat(&mount, Self::NAME, flags, Mode::S_IRUSR)?);
        file.write_all(content)?;
        fchmod(&file, Mode::from_bits_truncate(if executable { 0o555 } else { 0o444 }))?;
        drop(file);
        if on(Defence::ReadOnlyTrees) {
            seal(&mount)?;
        }
        match sys::clone_tree_of(mount.as_fd(), Self::NAME) {
            Ok(_) => Ok(Self::Mount(mount)),
            Err(error) if error.raw_os_error() == Some(libc::EINVAL) => Ok(Self::Copy),
            Err(error) => Err(error),
        }
    }
}

/// Makes a file system read-only that nobody writes to any more, but for a process that another thread has just started: until that executes
/// it has every descriptor of this one, and so the file open for writing (EBUSY, mount_setattr(2)).
fn seal(mount: &OwnedFd) -> io::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(2);
    loop {
        match sys::set_mount_attributes(mount.as_fd(), MOUNT_ATTR_RDONLY) {
            Err(error) if error.raw_os_error() == Some(libc::EBUSY) && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(1));
            }
            other => return other,
        }
    }
}

/// Bounds of a collection.
#[derive(Clone, Copy, Debug)]
pub struct CollectLimits {
    /// All files together, in bytes.
    pub bytes: u64,
    /// Files and directories.
    pub entries: usize,
    /// Directories below one another.
    pub depth: usize,
}

impl Default for CollectLimits {
    fn default() -> Self {
        Self { bytes: 256 << 20, entries: 4096, depth: 128 }
    }
}

/// What there is room for in a work directory, with what is placed there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Size {
    bytes: u64,
    inodes: u64,
}

#[cfg(test)]
impl Size {
    pub(crate) const fn for_tests(bytes: u64) -> Self {
        Self { bytes, inodes: 1 }
    }
}

/// A file system for a work directory, with nothing in it.
#[derive(Debug)]
pub(crate) struct Mounted {
    mount: OwnedFd,
    owner: u32,
}

impl Mounted {
    /// One that belongs to the host's user `owner`.
    pub(crate) fn new(Size { bytes, inodes }: Size, owner: u32) -> Result<Self, Error> {
        // No size at all would be no limit at all.
        let bytes = if on(Defence::WorkSize) { bytes.max(1) } else { 0 };
        let inodes = if on(Defence::WorkInodes) { inodes } else { 0 };
        let (size, inodes, id) = (number(bytes)?, number(inodes)?, number(owner.into())?);
        let options = [(c"size", &*size), (c"nr_inodes", &*inodes), (c"mode", c"700"), (c"uid", &*id), (c"gid", &*id)];
        let flags = if on(Defence::WorkFlags) { MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV } else { 0 };
        let mount = sys::detached_mount(c"tmpfs", &options, flags).at(Step::MountWork)?;
        Ok(Self { mount, owner })
    }

    /// One that another process has made so.
    pub(crate) const fn received(mount: OwnedFd, owner: u32) -> Self {
        Self { mount, owner }
    }

    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.mount.as_fd()
    }
}

/// A work directory. It goes when this and the run that uses it are gone.
#[derive(Debug)]
pub struct Workspace {
    mount: OwnedFd,
    owner: u32,
    /// The files that runs are shown.
    shown: Vec<WorkFile>,
}

impl Workspace {
    /// A new one in a file system that `mount` gives for its size, with `files` in it. What the program adds may have `bytes` and `inodes`,
    /// whatever the files take.
    pub(crate) fn create(
        mount: impl FnOnce(Size) -> Result<Mounted, Error>,
        bytes: u64,
        inodes: u64,
        files: &[&[WorkFile]],
    ) -> Result<Self, Error> {
        let (mut shown, mut copied) = (Vec::new(), Vec::new());
        // Of two in one place the later one counts.
        let files: Vec<&WorkFile> = files.iter().copied().flatten().collect();
        let last: HashMap<&Path, usize> = files.iter().enumerate().map(|(index, file)| (&*file.path, index)).collect();
        for (_, file) in files.iter().copied().enumerate().filter(|(index, file)| last.get(&*file.path) == Some(index))
        {
            let is_shown =
                shown.len() < MOST_SHOWN && file.mount().transpose().at_path(Step::Populate, &file.path)?.is_some();
            if is_shown { shown.push(file.clone()) } else { copied.push(file) }
        }
        let placed_bytes: u64 = copied.iter().map(|file| whole_pages(file.content.len() as u64)).sum();
        let placed_inodes: u64 =
            shown.iter().chain(copied.iter().copied()).map(|file| file.path.components().count() as u64).sum();
        // The root takes an inode, too.
        let inodes = inodes.saturating_add(placed_inodes).saturating_add(1);
        let Mounted { mount, owner } = mount(Size { bytes: bytes.saturating_add(placed_bytes), inodes })?;
        let work = Self { mount, owner, shown };
        let put = |file: &WorkFile, content| work.put(file, content).at_path(Step::Populate, &file.path);
        // Only a place for it.
        work.shown.iter().try_for_each(|file| put(file, &[]))?;
        copied.into_iter().try_for_each(|file| put(file, &file.content))?;
        Ok(work)
    }

    /// The files that a run is shown, each with a mount to be attached in its place.
    pub(crate) fn shown(&self) -> Result<Vec<(&str, OwnedFd)>, Error> {
        let mount = |file: &WorkFile| file.mount().map(|mount| sys::clone_tree_of(mount?.as_fd(), Shown::NAME));
        let shown = self.shown.iter().filter_map(|file| Some((file.path.to_str()?, mount(file)?)));
        shown.map(|(path, mount)| Ok((path, mount.at_path(Step::MountWork, path)?))).collect()
    }

    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.mount.as_fd()
    }

    /// Writes a file with this content, and the directories it is in.
    fn put(&self, file: &WorkFile, content: &[u8]) -> io::Result<()> {
        self.fill(&file.path, file.executable, |target| target.write_all(content))
    }

    fn fill(&self, path: &Path, executable: bool, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
        let plain = path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
        if !plain || path.as_os_str().is_empty() {
            return Err(io::Error::from(io::ErrorKind::InvalidInput));
        }
        self.make_directories(path.parent().unwrap_or(Path::new("")))?;
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_TRUNC | OFlag::O_CLOEXEC;
        let mut target = File::from(open_beneath(self.mount.as_fd(), path, flags, 0o644)?);
        write(&mut target)?;
        let (uid, gid) = self.owner();
        fchown(&target, uid, gid)?;
        fchmod(&target, Mode::from_bits_truncate(if executable { 0o755 } else { 0o644 }))?;
        Ok(())
    }

    /// Copies a file, which takes of the limits, without holding it in memory.
    ///
    /// # Errors
    /// The directory has no room for it, among others.
    pub fn copy_in(&self, path: impl AsRef<Path>, content: &mut impl io::Read) -> Result<(), Error> {
        self.copy_in_as(path, false, content)
    }

    /// The same with a file that may be executable.
    ///
    /// # Errors
    /// As above.
    pub fn copy_in_as(
        &self,
        path: impl AsRef<Path>,
        executable: bool,
        content: &mut impl io::Read,
    ) -> Result<(), Error> {
        let path = path.as_ref();
        self.fill(path, executable, |target| io::copy(content, target).map(drop)).at_path(Step::Populate, path)
    }

    /// Opens a regular file with one name for reading. To be used when the run is over.
    ///
    /// # Errors
    /// There is none at this path.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<File, Error> {
        let path = path.as_ref();
        let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC | OFlag::O_NOFOLLOW;
        let file = File::from(open_beneath(self.mount.as_fd(), path, flags, 0).at_path(Step::Collect, path)?);
        let meta = file.metadata().at_path(Step::Collect, path)?;
        if !meta.is_file() || meta.nlink() != 1 {
            return Err(Error::on(Step::Collect, path, io::Error::from(io::ErrorKind::InvalidInput)));
        }
        Ok(file)
    }

    /// Removes a file, if it is there. To be used when the run is over.
    ///
    /// # Errors
    /// It is a directory, among others.
    pub fn remove(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return Ok(()) };
        let removed = open_beneath(self.mount.as_fd(), parent, OFlag::O_PATH | OFlag::O_CLOEXEC, 0)
            .and_then(|parent| Ok(unlinkat(&parent, name, UnlinkatFlags::NoRemoveDir)?));
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::on(Step::Collect, path, error)),
            _ => Ok(()),
        }
    }

    /// Makes a directory and those that it is in; what is there already stays.
    ///
    /// # Errors
    /// Among others, a path that is not plain and relative.
    pub fn directory(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        if !path.components().all(|part| matches!(part, std::path::Component::Normal(_))) {
            return Err(Error::on(Step::Populate, path, io::Error::from(io::ErrorKind::InvalidInput)));
        }
        self.make_directories(path).at_path(Step::Populate, path)
    }

    fn make_directories(&self, path: &Path) -> io::Result<()> {
        let mut dir = PathBuf::new();
        for part in path.components() {
            dir.push(part);
            match mkdirat(&self.mount, &dir, Mode::from_bits_truncate(0o755)) {
                Ok(()) => {
                    let (uid, gid) = self.owner();
                    fchownat(&self.mount, &dir, uid, gid, nix::fcntl::AtFlags::AT_SYMLINK_NOFOLLOW)?;
                }
                Err(nix::errno::Errno::EEXIST) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn owner(&self) -> (Option<Uid>, Option<Gid>) {
        (Some(Uid::from_raw(self.owner)), Some(Gid::from_raw(self.owner)))
    }

    /// Whether anything has this name, a link too. To be used when the run is over.
    ///
    /// # Errors
    /// A directory on the way that is none, or is a link, among others.
    pub fn has(&self, path: impl AsRef<Path>) -> Result<bool, Error> {
        let path = path.as_ref();
        match open_beneath(self.mount.as_fd(), path, OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC, 0) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            // A link, which RESOLVE_NO_SYMLINKS does not open.
            Err(error) if error.raw_os_error() == Some(libc::ELOOP) => Ok(true),
            Err(error) => Err(Error::on(Step::Collect, path, error)),
        }
    }

    /// Reads all regular files below a directory, all files if the path is empty. What is not a regular file with one name is
    /// left out. To be used when the run is over.
    ///
    /// # Errors
    /// More than `limits` allow (`EFBIG`), or a directory that cannot be read.
    pub fn collect(&self, below: impl AsRef<Path>, limits: CollectLimits) -> Result<Vec<WorkFile>, Error> {
        let mut collection = Collection { files: Vec::new(), bytes: 0, entries: 0, limits };
        collection.walk(self.mount.as_fd(), below.as_ref(), 0)?;
        collection.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(collection.files)
    }
}

struct Collection {
    files: Vec<WorkFile>,
    bytes: u64,
    entries: usize,
    limits: CollectLimits,
}

impl Collection {
    fn walk(&mut self, root: BorrowedFd<'_>, path: &Path, depth: usize) -> Result<(), Error> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC | OFlag::O_NOFOLLOW;
        let name = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        let dir = open_beneath(root, name, flags, 0).at_path(Step::Collect, path)?;
        let mut dir = Dir::from_fd(dir).at_path(Step::Collect, path)?;
        for entry in dir.iter() {
            let entry = entry.at_path(Step::Collect, path)?;
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            self.entries += 1;
            if self.entries > self.limits.entries || depth > self.limits.depth {
                return Err(Error::on(Step::Collect, path, io::Error::from_raw_os_error(libc::EFBIG)));
            }
            let child = path.join(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(name));
            match entry.file_type() {
                Some(nix::dir::Type::Directory) => self.walk(root, &child, depth + 1)?,
                Some(nix::dir::Type::File) => self.read(root, child)?,
                _ if !on(Defence::CollectByType) => self.read(root, child)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn read(&mut self, root: BorrowedFd<'_>, path: PathBuf) -> Result<(), Error> {
        let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC | OFlag::O_NOFOLLOW;
        let file = File::from(open_beneath(root, &path, flags, 0).at_path(Step::Collect, &path)?);
        let meta = file.metadata().at_path(Step::Collect, &path)?;
        if !meta.is_file() || meta.nlink() != 1 && on(Defence::CollectOneName) {
            return Ok(());
        }
        let room = self.limits.bytes - self.bytes;
        if meta.len() > room {
            return Err(Error::on(Step::Collect, path, io::Error::from_raw_os_error(libc::EFBIG)));
        }
        let mut content = Vec::new();
        let length = usize::try_from(meta.len()).unwrap_or(usize::MAX);
        content.try_reserve_exact(length).map_err(io::Error::other).at_path(Step::Collect, &path)?;
        file.take(room + 1).read_to_end(&mut content).at_path(Step::Collect, &path)?;
        self.bytes += content.len() as u64;
        if self.bytes > self.limits.bytes {
            return Err(Error::on(Step::Collect, path, io::Error::from_raw_os_error(libc::EFBIG)));
        }
        self.files.push(WorkFile::new(path, content).with_mode(meta.mode() & 0o100 != 0));
        Ok(())
    }
}

/// openat2(2) that stays beneath `dir`, on its file system, and follows no link of any kind (Linux 5.6).
fn open_beneath(dir: BorrowedFd<'_>, path: &Path, flags: OFlag, mode: u32) -> io::Result<OwnedFd> {
    let mut resolve = ResolveFlag::RESOLVE_BENEATH
        | ResolveFlag::RESOLVE_NO_SYMLINKS
        | ResolveFlag::RESOLVE_NO_MAGICLINKS
        | ResolveFlag::RESOLVE_NO_XDEV;
    if !on(Defence::CollectBeneath) {
        resolve = ResolveFlag::empty();
    }
    let how = OpenHow::new().flags(flags).mode(Mode::from_bits_truncate(mode)).resolve(resolve);
    Ok(openat2(dir, path, how)?)
}

fn whole_pages(bytes: u64) -> u64 {
    let page = nix::unistd::sysconf(nix::unistd::SysconfVar::PAGE_SIZE).ok().flatten();
    bytes.next_multiple_of(page.and_then(|page| page.try_into().ok()).unwrap_or(4096))
}

fn number(value: u64) -> Result<CString, Error> {
    CString::new(value.to_string()).at(Step::MountWork)
}
