//! A worker's groups as long as it lives, and what those have left that are gone.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::Places;
use super::files::{children, enable, gone, kill_tree, make, remove_tree};
use super::groups::SlotGroups;
use crate::error::{At as _, Error, Step};
use crate::kernel_file::read_small;

const GROUP: &str = "assay";

/// How many names are tried for a new directory.
const TRIES: usize = 100;

impl Places {
    /// Removes what workers that are gone have left: kills what still runs in their groups, and removes these. Others may
    /// sweep at the same time.
    ///
    /// # Errors
    /// A group that stays although everything in it was killed.
    pub(crate) fn sweep(&self) -> Result<(), Error> {
        for root in self.iter() {
            for session in children(&root.join(GROUP))? {
                let name = session.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                if owner_lives(&name) {
                    continue;
                }
                // Its owner may be in another PID namespace, and holds the lock as long as it lives.
                if let Some(_lock) = lock(&session)? {
                    kill_tree(&session)?;
                    remove_tree(&session)?;
                }
            }
        }
        Ok(())
    }
}

fn session_name() -> io::Result<String> {
    let pid = std::process::id();
    let start = start_time(pid).ok_or_else(|| io::Error::other("/proc/self/stat cannot be read"))?;
    Ok(format!("{pid}-{start}"))
}

/// Field 22 of /proc/PID/stat: when the process started, in clock ticks since boot. Together with the pid it is unique.
fn start_time(pid: u32) -> Option<u64> {
    let stat = File::open(format!("/proc/{pid}/stat")).and_then(|file| read_small(&file)).ok()?;
    // The name in parentheses may hold anything, so count from the last one.
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

pub(super) fn owner_lives(session: &str) -> bool {
    let mut parts = session.split('-');
    let (Some(pid), Some(start)) = (parts.next(), parts.next()) else { return false };
    let (Ok(pid), Ok(start)) = (pid.parse(), start.parse::<u64>()) else { return false };
    start_time(pid) == Some(start)
}

/// One worker's subtree in every hierarchy that is used. Its directories are locked (flock(2)) as long as it lives.
#[derive(Debug)]
pub(crate) struct Session {
    /// The directories in which the sessions of all workers are.
    pub(crate) roots: Places,
    own: Places,
    _locks: Vec<File>,
}

impl Session {
    pub(crate) fn create(roots: Places) -> Result<Self, Error> {
        let name = session_name().at(Step::CreateCgroup)?;
        for number in 0..TRIES {
            // The plain name is taken if this process has a session already, or one in another PID namespace has the same
            // number and start.
            let name = if number == 0 { name.clone() } else { format!("{name}-{number}") };
            let own = roots.map(|root| root.join(GROUP).join(&name));
            if let Some(locks) = claim(&roots, &own)? {
                return Ok(Self { roots, own, _locks: locks });
            }
        }
        Err(Error::new(Step::CreateCgroup, io::Error::other(format!("no name after {TRIES} tries"))))
    }

    /// Makes a slot's directories, which are new ones, whatever an earlier slot of this number has left.
    pub(crate) fn create_slot(&self, index: usize) -> Result<SlotGroups, Error> {
        for number in 0..TRIES {
            let name = if number == 0 { format!("slot{index}") } else { format!("slot{index}.{number}") };
            let places = self.own.map(|session| session.join(&name));
            let made = places.iter().try_for_each(fs::create_dir);
            match made {
                Ok(()) => {
                    let groups = SlotGroups::at(places);
                    return match groups.set_up() {
                        Ok(()) => Ok(groups),
                        Err(error) => Err(error.and_then(groups.remove())),
                    };
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::on(Step::CreateCgroup, name, error)),
            }
        }
        Err(Error::new(Step::CreateCgroup, io::Error::other(format!("{TRIES} slots were lost"))))
    }

    /// The session's own directories as those of a slot that is the only one.
    pub(crate) fn only_slot(&self) -> Result<SlotGroups, Error> {
        let groups = SlotGroups::at(self.own.clone());
        groups.set_up().map(|()| groups)
    }

    /// Removes the session; the slots must be gone.
    pub(crate) fn remove(&self) -> Result<(), Error> {
        self.own.iter().try_for_each(remove_tree)?;
        for root in self.roots.iter() {
            let base = root.join(GROUP);
            // The common parent goes with the last worker; that another one has it in use is no error.
            if let Err(error) = fs::remove_dir(&base)
                && !matches!(error.raw_os_error(), Some(libc::EBUSY | libc::ENOTEMPTY | libc::ENOENT))
            {
                return Err(Error::on(Step::RemoveCgroup, base, error));
            }
        }
        Ok(())
    }
}

/// Makes and locks a session's directories. `None` if the name is taken, or another worker got in between: one that ends
/// removes the common parent, and one that starts may sweep what is not locked yet.
fn claim(roots: &Places, own: &Places) -> Result<Option<Vec<File>>, Error> {
    let mut made = Vec::new();
    let mut locks = Vec::new();
    let mut claim = || -> Result<bool, Error> {
        for (root, own) in roots.iter().zip(own.iter()) {
            let base = root.join(GROUP);
            make(&base)?;
            match fs::create_dir(own) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
                other => other.at_path(Step::CreateCgroup, own)?,
            }
            made.push(own.to_owned());
            let Some(lock) = lock(own)? else { return Ok(false) };
            locks.push(lock);
            if Some(root) == roots.unified.as_deref() {
                for path in [&base, own] {
                    enable(path, &roots.enabled())?;
                }
            }
        }
        Ok(true)
    };
    match claim() {
        Ok(true) => return Ok(Some(locks)),
        Ok(false) => {}
        Err(error) if gone(&error.source) => {}
        Err(error) => {
            made.iter().try_for_each(|path| remove_tree(path))?;
            return Err(error);
        }
    }
    made.iter().try_for_each(|path| remove_tree(path))?;
    Ok(None)
}

/// Locks a session's directory. `None` if another process has the lock, or the directory is gone.
fn lock(path: &Path) -> Result<Option<File>, Error> {
    let file = match File::open(path) {
        Err(error) if gone(&error) => return Ok(None),
        other => other.at_path(Step::LockSession, path)?,
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => return Ok(None),
        Err(fs::TryLockError::Error(error)) => return Err(Error::on(Step::LockSession, path, error)),
    }
    // What was locked may have been removed before.
    let inode = |meta: io::Result<fs::Metadata>| meta.map(|meta| meta.ino()).ok();
    let still = inode(file.metadata()).is_some_and(|own| inode(fs::metadata(path)) == Some(own));
    Ok(still.then_some(file))
}

#[cfg(test)]
mod tests {
    use super::{owner_lives, session_name};

    #[test]
    fn a_session_lives_as_long_as_its_process() {
        let own = session_name().expect("own stat");
        assert!(owner_lives(&own));
        assert!(!owner_lives(&format!("{own}1")));
        assert!(!owner_lives("nonsense"));
    }
}
