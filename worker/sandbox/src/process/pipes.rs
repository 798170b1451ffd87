//! The pipes of a run: on one it tells how it goes, the others take what its program prints. The launcher makes them; the worker reads,
//! init and program have the other ends from the start.

use std::os::fd::OwnedFd;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::stat::{Mode, fchmod};
use nix::unistd::pipe2;

use crate::defence::{Defence, on};
use crate::error::{At as _, Error, Step};

/// The ends that the sandbox has.
pub(crate) struct Outputs {
    pub(super) status: OwnedFd,
    pub(super) stdout: OwnedFd,
    pub(super) stderr: OwnedFd,
}

/// New ones: what the worker reads, in the order of [`Outputs`], and the other ends.
pub(super) fn new() -> Result<([OwnedFd; 3], Outputs), Error> {
    let pipe = || pipe2(OFlag::O_CLOEXEC).at(Step::ConnectStdio);
    let ((status_read, status), (stdout_read, stdout), (stderr_read, stderr)) = (pipe()?, pipe()?, pipe()?);
    for fd in [&status_read, &stdout_read, &stderr_read] {
        fcntl(fd, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).at(Step::ConnectStdio)?;
    }
    for fd in [&stdout, &stderr] {
        // So that the program may open /dev/stdout, to write: reading back is not among its rights, and it is not the owner, who could
        // give it to itself.
        let mode = Mode::from_bits_truncate(if on(Defence::WriteOnlyOutput) { 0o222 } else { 0o666 });
        fchmod(fd, mode).at(Step::ConnectStdio)?;
    }
    Ok(([status_read, stdout_read, stderr_read], Outputs { status, stdout, stderr }))
}
