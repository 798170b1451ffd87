//! The worker's handle of a launcher: how it is started and how it ends.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};

use super::is_readable;
use crate::kernel_file::read_small;
use crate::process::{launcher, sys};

/// A launcher's process. It ends when the worker closes its socket; one that was not waited for is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Launcher {
    pidfd: OwnedFd,
}

impl Launcher {
    /// Starts this process's own binary anew, as a launcher. Returns it with our end of its socket.
    pub(super) fn start() -> io::Result<(Self, OwnedFd)> {
        let (ours, theirs) = sockets()?;
        let child = Command::new("/proc/self/exe")
            .arg0(launcher::ARGV0)
            .env_clear()
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok((Self { pidfd: sys::open_pidfd(child.id())? }, ours))
    }

    /// The same without loading the binary again, if this process has one thread: a copy of a process with more of them may hold
    /// locks that nobody opens any more.
    pub(super) fn copy() -> io::Result<(Self, OwnedFd)> {
        if threads()? != 1 {
            return Self::start();
        }
        let (ours, theirs) = sockets()?;
        match sys::clone3()? {
            sys::Cloned::Child => sys::exit_now(launcher::serve_copy(&theirs)),
            sys::Cloned::Parent(pidfd) => Ok((Self { pidfd }, ours)),
        }
    }

    pub(super) fn kill(&self) -> io::Result<()> {
        sys::kill_pidfd(self.pidfd.as_fd())
    }

    /// Waits for its end, which is a matter of a millisecond; `None` if the time passes without.
    pub(super) fn await_end(&self, patience: Duration) -> io::Result<Option<WaitStatus>> {
        if !is_readable(self.pidfd.as_fd(), Instant::now() + patience)? {
            return Ok(None);
        }
        match waitid(Id::PIDFd(self.pidfd.as_fd()), WaitPidFlag::WEXITED) {
            // It was waited for before.
            Err(nix::errno::Errno::ECHILD) => Ok(Some(WaitStatus::StillAlive)),
            other => Ok(Some(other?)),
        }
    }
}

impl Drop for Launcher {
    fn drop(&mut self) {
        // There is none to kill if it was waited for. Of one that cannot be killed nobody is left to tell.
        if self.kill().is_ok() {
            drop(self.await_end(Duration::from_secs(2)));
        }
    }
}

/// How many threads this process has: field 20 of /proc/PID/stat (proc(5)).
fn threads() -> io::Result<u32> {
    let stat = File::open("/proc/self/stat").and_then(|file| read_small(&file))?;
    // The name in parentheses may hold anything, so count from the last one.
    let threads = stat.rsplit_once(')').and_then(|(_, fields)| fields.split_whitespace().nth(17)?.parse().ok());
    threads.ok_or_else(|| io::Error::other("/proc/self/stat does not say how many threads there are"))
}

fn sockets() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)?)
}
