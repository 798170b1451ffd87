//! A sandbox that waits for its one request, from the worker's side.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::time::Instant;

use super::{Limits, PATIENCE, is_readable, unexpected};
use crate::cgroup::{GroupLimits, RunGroup};
use crate::error::{At as _, Error, Step};
use crate::process::protocol::{Reply, receive, send_encoded};

/// A sandbox that waits for its request.
#[derive(Debug)]
pub(super) struct Sandbox {
    /// The init.
    pub(super) pidfd: OwnedFd,
    /// Takes the request.
    pub(super) channel: OwnedFd,
    /// What it tells, standard output, standard error.
    pub(super) outputs: [File; 3],
    /// An empty work directory, for which the slot has said what is likely.
    pub(super) work: Option<OwnedFd>,
    pub(super) group: RunGroup,
    /// Whether it has said that it is ready.
    pub(super) is_ready: bool,
    /// The limits that its group has.
    pub(super) limits: Option<GroupLimits>,
}

/// The next answer of a launcher, or of a sandbox.
pub(super) fn reply(socket: &OwnedFd) -> Result<(Reply, Vec<OwnedFd>), Error> {
    let gone = |kind: io::ErrorKind| Error::new(Step::TalkToLauncher, io::Error::from(kind));
    if !is_readable(socket.as_fd(), Instant::now() + PATIENCE).at(Step::TalkToLauncher)? {
        return Err(gone(io::ErrorKind::TimedOut));
    }
    receive(socket.as_fd())?.ok_or_else(|| gone(io::ErrorKind::UnexpectedEof))
}

impl Sandbox {
    /// Limits the group and sends the request, which waits until it is ready; false if nobody takes it any more.
    pub(super) fn begin(
        &mut self,
        launcher: &OwnedFd,
        limits: &Limits,
        request: &[u8],
        fds: &[BorrowedFd<'_>],
    ) -> Result<bool, Error> {
        if self.limits != Some(limits.of_group()) {
            self.group.limit(limits.of_group(), self.limits)?;
        }
        let sent = match send_encoded(self.channel.as_fd(), request, fds) {
            Err(error) if error.source.raw_os_error() == Some(libc::EPIPE) => false,
            other => other.map(|()| true)?,
        };
        // If it died it may have said why.
        self.await_ready(launcher)?;
        Ok(sent)
    }

    pub(super) fn ready(mut self, launcher: &OwnedFd) -> Result<Self, Error> {
        self.await_ready(launcher).map(|()| self)
    }

    fn await_ready(&mut self, launcher: &OwnedFd) -> Result<(), Error> {
        if self.is_ready {
            return Ok(());
        }
        let is_gone = |told: &Result<_, Error>| {
            told.as_ref().is_err_and(|error| error.source.kind() == io::ErrorKind::UnexpectedEof)
        };
        let mut told = reply(&self.channel);
        if is_gone(&told) {
            // Of who ends without reading, the kernel tells the end first (ECONNRESET), and then what was sent.
            told = reply(&self.channel);
        }
        if is_gone(&told)
            && let Ok((Reply::Failed(error), _)) = reply(launcher)
        {
            return Err(error.into());
        }
        match told? {
            (Reply::Ready, _) => self.is_ready = true,
            (Reply::Failed(error), _) => return Err(error.into()),
            _ => return Err(unexpected()),
        }
        Ok(())
    }
}
