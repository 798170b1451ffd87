//! The worker's side of the sandbox: a [`Runtime`] for the process, a [`Slot`] for each run at a time.

mod habit;
mod interaction;
mod launch;
mod once;
mod sandbox;
mod slot;
mod watch;

use std::fs::File;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::fcntl::SealFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::cgroup::{GroupLimits, Places, Session};
use crate::container::View;
#[cfg(debug_assertions)]
use crate::defence::Switches;
use crate::defence::{Defence, on};
use crate::error::{At as _, Error, Step};
use crate::security::Profile;

pub use interaction::{Interaction, Party, interact};
pub use once::{Lost, OneRun};
pub use slot::Slot;

/// How long a launcher may take for what it does alone.
const PATIENCE: Duration = Duration::from_secs(30);

/// The limits of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// CPU time of all processes.
    pub cpu: Duration,
    /// How far beyond that the run goes on before it is stopped.
    pub cpu_margin: Duration,
    /// Time on the monotonic clock from the execution of the command.
    pub wall: Duration,
    /// How far beyond that the run goes on before it is stopped.
    pub wall_margin: Duration,
    /// Memory of the control group, in bytes.
    pub memory_bytes: u64,
    /// Processes and threads.
    pub pids: u32,
    /// Bytes on standard output, beyond which the run is stopped.
    pub stdout_bytes: u64,
    /// Bytes on standard error that are kept; the rest is dropped.
    pub stderr_bytes: u64,
    /// Size of a file, and of what the program writes into each writable file system, in bytes.
    pub file_bytes: u64,
    /// Files and directories that the program makes in each writable file system.
    pub inodes: u64,
}

impl Limits {
    /// What its control group enforces.
    const fn of_group(&self) -> GroupLimits {
        GroupLimits { memory_bytes: self.memory_bytes, pids: self.pids }
    }
}

/// One command to run.
#[derive(Clone, Debug)]
pub struct Command {
    /// An absolute path inside the sandbox, then its arguments.
    pub argv: Vec<String>,
    /// The whole environment.
    pub env: Vec<(String, String)>,
    pub profile: Profile,
}

/// What the program reads on standard input: bytes that nobody can change any more, shared by as many runs as like.
#[derive(Clone, Debug)]
pub struct Input(Option<Arc<File>>);

impl Input {
    /// Nothing: the end of the file at once.
    pub const fn empty() -> Self {
        Self(None)
    }

    /// These bytes, kept in sealed memory (memfd_create(2)).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::seal(bytes).at(Step::ConnectStdio)
    }

    /// What is left to read of this file, copied into such memory.
    ///
    /// # Errors
    /// The file cannot be read, or there is no memory for it.
    pub fn from_file(file: &mut File) -> Result<Self, Error> {
        Self::seal(file).at(Step::ConnectStdio)
    }

    fn seal(mut from: impl io::Read) -> io::Result<Self> {
        use nix::sys::memfd::MFdFlags;
        let flags = MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING;
        let mut file = File::from(nix::sys::memfd::memfd_create(c"input", flags)?);
        io::copy(&mut from, &mut file)?;
        // Without seals a program could open the memory anew for writing, through /proc/self/fd/0.
        let seals = SealFlag::F_SEAL_WRITE | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_SEAL;
        if on(Defence::SealedInput) {
            nix::fcntl::fcntl(&file, nix::fcntl::FcntlArg::F_ADD_SEALS(seals))?;
        }
        Ok(Self(Some(Arc::new(file))))
    }

    /// A descriptor with a position of its own that can only be read. Nothing is a file of the run's own, too: of the host's null device
    /// runs could change the times, and each would see what others did.
    fn open(&self) -> io::Result<OwnedFd> {
        let Some(file) = &self.0 else { return Self::seal(io::empty())?.open() };
        let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&**file));
        Ok(File::open(path)?.into())
    }
}

/// The sandbox of one process: its control groups, and what its slots are to show.
#[derive(Debug)]
pub struct Runtime {
    shared: Arc<Shared>,
}

/// What the slots need too.
#[derive(Debug)]
struct Shared {
    session: Session,
    view: View,
}

impl Runtime {
    /// Finds the control groups, and sweeps what dead workers have left.
    ///
    /// # Errors
    /// The host cannot enforce limits, or does not let us.
    pub fn new(view: View) -> Result<Self, Error> {
        #[cfg(debug_assertions)]
        Switches::read()?;
        let places = Places::detect()?;
        places.sweep()?;
        Ok(Self { shared: Arc::new(Shared { session: Session::create(places)?, view }) })
    }

    /// Where limits are enforced.
    pub fn places(&self) -> &Places {
        &self.shared.session.roots
    }

    /// Starts the slot of this number, which no other living slot of this runtime may have. With a CPU, its launcher and
    /// everything that runs in it stay on that one.
    ///
    /// # Errors
    /// Among others, a CPU that this process may not use.
    pub fn slot(&self, index: usize, cpu: Option<u32>) -> Result<Slot, Error> {
        Slot::start(&self.shared, index, cpu)?.await_ready()
    }

    /// Removes the control groups of this process; the slots must be closed.
    pub fn close(self) -> Result<(), Error> {
        self.shared.session.remove()
    }
}

fn unexpected() -> Error {
    Error::new(Step::TalkToLauncher, io::Error::other("an answer out of turn"))
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Waits until there is something to read, at most until this moment; false if the time passes without.
fn is_readable(fd: BorrowedFd<'_>, deadline: Instant) -> io::Result<bool> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let mut polled = [PollFd::new(fd, PollFlags::POLLIN)];
        match poll(&mut polled, PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)) {
            Err(nix::errno::Errno::EINTR) => {}
            other => return Ok(other? > 0),
        }
    }
}
