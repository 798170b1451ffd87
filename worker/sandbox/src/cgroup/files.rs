//! The files of a control group, and trees of groups.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::error::{At as _, Error, Step};
use crate::kernel_file::{self, read_small};

pub(super) fn make(path: &Path) -> Result<(), Error> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other.at_path(Step::CreateCgroup, path),
    }
}

pub(super) fn open_dir(path: &Path) -> Result<OwnedFd, Error> {
    let file = fs::File::open(path).at_path(Step::EnterCgroup, path)?;
    Ok(file.into())
}

pub(super) fn write(dir: &Path, name: &str, value: &str) -> Result<(), Error> {
    if value.is_empty() { Ok(()) } else { write_as(Step::SetLimit, dir, name, value) }
}

pub(super) fn write_as(step: Step, dir: &Path, name: &str, value: &str) -> Result<(), Error> {
    let path = dir.join(name);
    fs::write(&path, value).at_path(step, path)
}

/// Writes a limit and reads it back. The kernel may round it down to a whole `unit`.
pub(super) fn limit(dir: &Path, name: &str, value: u64, unit: u64) -> Result<(), Error> {
    let path = dir.join(name);
    let file = fs::OpenOptions::new().read(true).write(true).open(&path).at_path(Step::SetLimit, &path)?;
    (&file).write_all(value.to_string().as_bytes()).at_path(Step::SetLimit, &path)?;
    let set = parsed(&path, &read_small(&file).at_path(Step::SetLimit, &path)?)?;
    if set <= value && value - set < unit {
        return Ok(());
    }
    Err(Error::on(Step::SetLimit, dir.join(name), io::Error::other(format!("{value} was written, {set} is set"))))
}

/// For files that a kernel without swap accounting lacks.
pub(super) fn write_if_there(dir: &Path, name: &str, value: &str) -> Result<(), Error> {
    if dir.join(name).exists() { write(dir, name, value) } else { Ok(()) }
}

/// The text of a file with a number or some lines, which the kernel gives in one piece.
pub(super) fn read(dir: &Path, name: &str) -> Result<String, Error> {
    let path = dir.join(name);
    File::open(&path).and_then(|file| read_small(&file)).at_path(Step::ReadCgroup, path)
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

pub(super) fn remove_dir(path: &Path) -> Result<(), Error> {
    let deadline = Instant::now() + Duration::from_secs(2);
    loop {
        match fs::remove_dir(path) {
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
    remove_dir(path)
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
        return write_as(Step::KillCgroup, path, "cgroup.kill", "1");
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
    use super::value_of;

    #[test]
    fn fields_are_found_by_whole_names() {
        let text = "usage_usec 12\nuser_usec 7\nsystem_usec 5\n";
        assert_eq!(value_of(text, "user_usec"), Some(7));
        assert_eq!(value_of(text, "usec"), None);
        assert_eq!(value_of("max 3\n", "max"), Some(3));
    }
}
