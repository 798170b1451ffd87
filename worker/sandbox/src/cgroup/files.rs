//! The files of a control group, and trees of groups.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::fcntl::{AT_FDCWD, AtFlags, OFlag, openat};
use nix::sys::stat::{Mode, mkdirat};
use nix::unistd::{Uid, UnlinkatFlags, fchownat, unlinkat};

use crate::error::{At as _, Error, Step};
use crate::kernel_file::{self, read_small};

/// Directories that are open, by their paths. What lies in them is found from there, also by a process to which the paths mean nothing,
/// and without the way to them; everything else by its path.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Dirs(&'static [(PathBuf, OwnedFd)]);

impl Dirs {
    /// These, which stay open as long as the process lives.
    pub(super) fn kept(dirs: impl Iterator<Item = (PathBuf, OwnedFd)>) -> Self {
        Self(Box::leak(dirs.collect()))
    }

    /// The directory from which a path is found, and the rest of the path.
    fn start(self, path: &Path) -> (BorrowedFd<'static>, &Path) {
        let below = |(dir, fd): &'static (PathBuf, OwnedFd)| {
            // Byte by byte: Path would take both apart first.
            let rest = path.as_os_str().as_bytes().strip_prefix(dir.as_os_str().as_bytes())?.strip_prefix(b"/")?;
            Some((fd.as_fd(), Path::new(OsStr::from_bytes(rest))))
        };
        self.0.iter().find_map(below).unwrap_or((AT_FDCWD, path))
    }

    pub(super) fn open(self, path: &Path, flags: OFlag) -> io::Result<File> {
        let (dir, rest) = self.start(path);
        Ok(openat(dir, rest, flags | OFlag::O_CLOEXEC, Mode::empty())?.into())
    }

    pub(super) fn create(self, path: &Path) -> Result<(), Error> {
        let (dir, rest) = self.start(path);
        mkdirat(dir, rest, Mode::from_bits_truncate(0o755)).at_path(Step::CreateCgroup, path)
    }

    /// Removes a group, waiting until the last process has left it, at most two seconds.
    pub(super) fn remove(self, path: &Path) -> Result<(), Error> {
        let (dir, rest) = self.start(path);
        let deadline = Instant::now() + Duration::from_secs(2);
        loop {
            match unlinkat(dir, rest, UnlinkatFlags::RemoveDir).map_err(io::Error::from) {
                Ok(()) => return Ok(()),
                Err(error) if gone(&error) => return Ok(()),
                // A group stays busy for some milliseconds after its last process was reaped.
                Err(error) if error.raw_os_error() == Some(libc::EBUSY) && Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err(error) => return Err(Error::on(Step::RemoveCgroup, path, error)),
            }
        }
    }

    /// Lets this user move processes between the groups below this one.
    pub(super) fn give_procs(self, group: &Path, user: u32) -> Result<(), Error> {
        let procs = group.join("cgroup.procs");
        let (dir, rest) = self.start(&procs);
        fchownat(dir, rest, Some(Uid::from_raw(user)), None, AtFlags::empty()).at_path(Step::CreateCgroup, &procs)
    }

    pub(super) fn open_dir(self, path: &Path) -> Result<OwnedFd, Error> {
        self.open(path, OFlag::O_RDONLY | OFlag::O_DIRECTORY).map(OwnedFd::from).at_path(Step::EnterCgroup, path)
    }

    pub(super) fn write(self, step: Step, dir: &Path, name: &str, value: &str) -> Result<(), Error> {
        let path = dir.join(name);
        let written = self.open(&path, OFlag::O_WRONLY).and_then(|mut file| file.write_all(value.as_bytes()));
        written.at_path(step, path)
    }

    /// Writes a limit and reads it back. The kernel may round it down to a whole `unit`.
    pub(super) fn limit(self, dir: &Path, name: &str, value: u64, unit: u64) -> Result<(), Error> {
        let path = dir.join(name);
        let file = self.open(&path, OFlag::O_RDWR).at_path(Step::SetLimit, &path)?;
        (&file).write_all(value.to_string().as_bytes()).at_path(Step::SetLimit, &path)?;
        let set = parsed(&path, &read_small(&file).at_path(Step::SetLimit, &path)?)?;
        if set <= value && value - set < unit {
            return Ok(());
        }
        Err(Error::on(Step::SetLimit, path, io::Error::other(format!("{value} was written, {set} is set"))))
    }

    /// For files that a kernel without swap accounting lacks.
    pub(super) fn write_if_there(self, dir: &Path, name: &str, value: &str) -> Result<(), Error> {
        match self.write(Step::SetLimit, dir, name, value) {
            Err(error) if error.source.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    /// The text of a file with a number or some lines, which the kernel gives in one piece.
    pub(super) fn read(self, dir: &Path, name: &str) -> Result<String, Error> {
        let path = dir.join(name);
        self.open(&path, OFlag::O_RDONLY).and_then(|file| read_small(&file)).at_path(Step::ReadCgroup, path)
    }
}

pub(super) fn make(path: &Path) -> Result<(), Error> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other.at_path(Step::CreateCgroup, path),
    }
}

/// Enables these controllers for the groups below this one.
pub(super) fn enable(group: &Path, controllers: &str) -> Result<(), Error> {
    if controllers.is_empty() {
        return Ok(());
    }
    Dirs::default().write(Step::SetLimit, group, "cgroup.subtree_control", controllers)
}

/// The text of a file of any length.
pub(super) fn read_list(dir: &Path, name: &str) -> Result<String, Error> {
    let path = dir.join(name);
    kernel_file::read(&path).at_path(Step::ReadCgroup, path)
}

pub(super) fn parsed(path: &Path, text: &str) -> Result<u64, Error> {
    text.trim().parse().map_err(|_| Error::on(Step::ReadCgroup, path, io::Error::other("does not hold a number")))
}

/// The value of `key` in text of `key value` lines.
pub(super) fn value_of(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' ')?.trim().parse().ok())
}

/// The value of `key` in a file that must have it.
pub(super) fn field(dir: &Path, name: &str, text: &str, key: &str) -> Result<u64, Error> {
    value_of(text, key)
        .ok_or_else(|| Error::on(Step::ReadCgroup, dir.join(name), io::Error::other(format!("has no {key}"))))
}

/// Whether a group does not exist, or not any more. Another worker may always remove what it sweeps.
pub(super) fn gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(libc::ENODEV)
}

pub(super) fn children(path: &Path) -> Result<Vec<PathBuf>, Error> {
    match fs::read_dir(path) {
        Err(error) if gone(&error) => Ok(Vec::new()),
        other => Ok(other
            .at_path(Step::RemoveCgroup, path)?
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .map(|entry| entry.path())
            .collect()),
    }
}

pub(super) fn remove_tree(path: &Path) -> Result<(), Error> {
    // What has nothing below it need not be listed.
    match fs::remove_dir(path) {
        Ok(()) => return Ok(()),
        Err(error) if gone(&error) => return Ok(()),
        Err(_) => {}
    }
    for child in children(path)? {
        remove_tree(&child)?;
    }
    Dirs::default().remove(path)
}

/// Kills every process in a group and below it.
pub(super) fn kill_tree(path: &Path) -> Result<(), Error> {
    match kill_in(path) {
        Err(error) if gone(&error.source) => Ok(()),
        other => other,
    }
}

pub(super) fn kill_in(path: &Path) -> Result<(), Error> {
    if path.join("cgroup.kill").exists() {
        return Dirs::default().write(Step::KillCgroup, path, "cgroup.kill", "1");
    }
    for child in children(path)? {
        kill_tree(&child)?;
    }
    // A process of another PID namespace is shown as 0, which for kill(2) would be our own process group.
    for pid in read_list(path, "cgroup.procs")?.lines().filter_map(|pid| pid.parse().ok()).filter(|pid| *pid > 0) {
        match nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL) {
            Ok(()) | Err(nix::errno::Errno::ESRCH) => {}
            Err(error) => return Err(Error::on(Step::KillCgroup, path, error)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::fd::OwnedFd;

    use super::{Dirs, value_of};
    use crate::error::Step;

    #[test]
    fn what_lies_in_an_open_directory_is_found_from_there() {
        let base = tempfile::tempdir().expect("a directory");
        let [slot, sibling, elsewhere] = ["slot1", "slot10", "elsewhere"].map(|name| base.path().join(name));
        for dir in [&slot, &sibling] {
            fs::create_dir(dir).expect("a directory");
            fs::write(dir.join("file"), "").expect("a file");
        }
        let open = OwnedFd::from(fs::File::open(&slot).expect("is open"));
        let dirs = Dirs::kept(std::iter::once((slot.clone(), open)));
        fs::rename(&slot, &elsewhere).expect("is moved");
        for dir in [&slot, &sibling] {
            dirs.write(Step::SetLimit, dir, "file", &dir.display().to_string()).expect("is written");
            assert_eq!(dirs.read(dir, "file").expect("is read"), dir.display().to_string());
            dirs.create(&dir.join("run1")).expect("is made");
        }
        assert!(elsewhere.join("run1").is_dir() && sibling.join("run1").is_dir());
        dirs.remove(&slot.join("run1")).expect("is removed");
        assert!(!elsewhere.join("run1").exists());
        let error = dirs.read(&slot, "missing").expect_err("is not there").to_string();
        assert!(error.contains(&slot.join("missing").display().to_string()), "{error}");
    }

    #[test]
    fn fields_are_found_by_whole_names() {
        let text = "usage_usec 12\nuser_usec 7\nsystem_usec 5\n";
        assert_eq!(value_of(text, "user_usec"), Some(7));
        assert_eq!(value_of(text, "usec"), None);
        assert_eq!(value_of("max 3\n", "max"), Some(3));
    }
}
