//! The worker's side of the sandbox: a [`Runtime`] for the process, a [`Slot`] for each run at a time.

mod interaction;
mod launch;
mod watch;

use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::fcntl::SealFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::wait::WaitStatus;

use crate::cgroup::{GroupLimits, Places, RunGroup, Session, SlotGroups};
use crate::container::View;
#[cfg(debug_assertions)]
use crate::defence::Switches;
use crate::defence::{Defence, on};
use crate::error::{At as _, Error, Step};
use crate::outcome::Outcome;
use crate::process::protocol::{Ids, Next, Reply, Request, Setup, encoded, exactly, receive, send, send_encoded};
use crate::process::sys;
use crate::security::{Policy, Profile, seccomp};
use crate::workspace::{WorkFile, Workspace};
use launch::Launcher;
use watch::{Pipes, Watch};

pub use interaction::{Interaction, Party, interact};

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

    /// A descriptor with a position of its own that can only be read.
    fn open(&self) -> io::Result<OwnedFd> {
        let path = match &self.0 {
            None => "/dev/null".to_owned(),
            Some(file) => format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&**file)),
        };
        Ok(File::open(path)?.into())
    }
}

/// The sandbox of one process: its control groups and compiled filters.
#[derive(Debug)]
pub struct Runtime {
    shared: Arc<Shared>,
}

/// What the slots need too.
#[derive(Debug)]
struct Shared {
    session: Session,
    filters: Vec<(Profile, Vec<u8>)>,
    init_filter: Vec<u8>,
    view: View,
}

impl Runtime {
    /// Finds the control groups, sweeps what dead workers have left, and compiles the filters.
    ///
    /// # Errors
    /// The host cannot enforce limits, or does not let us.
    pub fn new(view: View) -> Result<Self, Error> {
        #[cfg(debug_assertions)]
        Switches::read()?;
        let places = Places::detect()?;
        places.sweep()?;
        let mut filters = Vec::new();
        for profile in Profile::ALL {
            filters.push((profile, seccomp::compile(Policy::Program(profile))?));
        }
        let init_filter = seccomp::compile(Policy::Init)?;
        Ok(Self { shared: Arc::new(Shared { session: Session::create(places)?, filters, init_filter, view }) })
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
        Slot::start(&self.shared, index, cpu, Launcher::start)?.settled()
    }

    /// A slot for one run, in a process with one thread: the launcher is a copy of it, which costs less than the binary loaded
    /// anew. It is not waited for, so that there may be something to do meanwhile; see [`Slot::settled`].
    pub fn slot_for_one(&self) -> Result<Slot, Error> {
        Slot::start(&self.shared, 0, None, Launcher::copy)
    }

    /// Removes the control groups of this process; the slots must be closed.
    pub fn close(self) -> Result<(), Error> {
        self.shared.session.remove()
    }
}

fn unexpected() -> Error {
    Error::new(Step::TalkToLauncher, io::Error::other("an answer out of turn"))
}

/// A place where one run at a time happens; it owns a launcher.
#[derive(Debug)]
pub struct Slot {
    shared: Arc<Shared>,
    index: usize,
    cpu: Option<u32>,
    launcher: Launcher,
    socket: OwnedFd,
    groups: SlotGroups,
    ids: Ids,
    /// The sandbox of the next run, once the launcher has told of it.
    ready: Option<Ready>,
    /// Whether no further run comes.
    last: bool,
    /// Whether a run is under way, or one ended so that nobody knows what the launcher does.
    broken: bool,
}

/// A sandbox that waits for its request.
#[derive(Debug)]
struct Ready {
    /// The init.
    pidfd: OwnedFd,
    /// Takes the request.
    channel: OwnedFd,
    group: RunGroup,
}

impl Slot {
    /// Starts a launcher and sends it what it needs to make the first sandbox ready.
    fn start(
        shared: &Arc<Shared>,
        index: usize,
        cpu: Option<u32>,
        launch: fn() -> io::Result<(Launcher, OwnedFd)>,
    ) -> Result<Self, Error> {
        let groups = shared.session.create_slot(index)?;
        let started = groups.number().map(Ids::of_group).and_then(|ids| {
            groups.admit(ids.init)?;
            Ok((ids, launch().at(Step::StartLauncher)?))
        });
        let (ids, (launcher, socket)) = match started {
            Ok(started) => started,
            Err(error) => return groups.remove().and(Err(error)),
        };
        let slot = Self {
            shared: Arc::clone(shared),
            index,
            cpu,
            launcher,
            socket,
            groups,
            ids,
            ready: None,
            last: false,
            broken: false,
        };
        match slot.send_setup() {
            Ok(()) => Ok(slot),
            // What could not be done counts, not how the launcher ended then.
            Err(error) => {
                drop(slot.close());
                Err(error)
            }
        }
    }

    /// Waits until the first sandbox is ready. Otherwise the first run does, and has its errors.
    ///
    /// # Errors
    /// The launcher cannot make one.
    pub fn settled(mut self) -> Result<Self, Error> {
        match self.await_ready() {
            Ok(ready) => {
                self.ready = Some(ready);
                Ok(self)
            }
            Err(error) => {
                self.broken = true;
                drop(self.close());
                Err(error)
            }
        }
    }

    fn send_setup(&self) -> Result<(), Error> {
        let Shared { view, filters, init_filter, .. } = &*self.shared;
        let (places, dirs) = self.groups.share()?;
        let setup = Setup {
            view: view.clone(),
            filters: filters.clone(),
            init_filter: init_filter.clone(),
            ids: self.ids,
            groups: places.clone(),
            cpu: self.cpu,
            #[cfg(debug_assertions)]
            switches: Switches::get(),
        };
        let dirs: Vec<_> = dirs.iter().map(OwnedFd::as_fd).collect();
        send(self.socket.as_fd(), &setup, &dirs)
    }

    /// A work directory for a run in this slot, with these files in it. They take nothing of the limits.
    ///
    /// # Errors
    /// Among others, a path that is not plain and relative.
    pub fn workspace(&self, limits: &Limits, files: &[&[WorkFile]]) -> Result<Workspace, Error> {
        Workspace::create(limits.file_bytes, limits.inodes, self.ids.program, files)
    }

    /// Whether the launcher failed or a run left something, so that the slot must be replaced. So it is after a panic, too.
    pub const fn is_broken(&self) -> bool {
        self.broken
    }

    /// Replaces this slot by a fresh one and returns the old one, to be closed.
    pub fn renew(&mut self) -> Result<Self, Error> {
        let fresh = Self::start(&self.shared, self.index, self.cpu, Launcher::start)?.settled()?;
        Ok(std::mem::replace(self, fresh))
    }

    /// Runs a command to its end, or to a limit. When it returns, every process of the run is dead, whatever happened; if that
    /// cannot be, the slot is broken. Its control group goes before the next run begins.
    ///
    /// # Errors
    /// The sandbox failed; nothing is known about the program. That includes a command that cannot be executed
    /// ([`Step::Exec`]).
    pub fn run(
        &mut self,
        command: &Command,
        limits: &Limits,
        work: &Workspace,
        input: &Input,
    ) -> Result<Outcome, Error> {
        let stdin = input.open().at(Step::ConnectStdio)?;
        let mut running = self.spawn(command, limits, work, stdin)?;
        let watched = running.watch.until_over();
        running.finish(watched)
    }

    /// The same in a slot that has no further run, and closes it: nothing is made ready for the next. Returns how the run went, and
    /// how closing did.
    pub fn run_last(
        mut self,
        command: &Command,
        limits: &Limits,
        work: &Workspace,
        input: &Input,
    ) -> (Result<Outcome, Error>, Result<(), Error>) {
        self.last = true;
        let result = self.run(command, limits, work, input);
        (result, self.close())
    }

    /// Begins a run that reads this descriptor. If it cannot begin, nothing of it is left.
    fn spawn<'a>(
        &'a mut self,
        command: &'a Command,
        limits: &'a Limits,
        work: &Workspace,
        stdin: OwnedFd,
    ) -> Result<Running<'a>, Error> {
        let started = Instant::now();
        if self.broken {
            return Err(Error::new(Step::TalkToLauncher, io::Error::other("the slot is broken")));
        }
        // A command that is too large is sent to nobody.
        let (paths, shown): (Vec<_>, Vec<_>) = work.shown()?.into_iter().unzip();
        let request = encoded(&request(command, limits, &paths))?;
        let pipes = Pipes::new(stdin, self.ids.program)?;
        self.broken = true;
        let mut sandbox = self.ready.take().map_or_else(|| self.await_ready(), Ok)?;
        let [status, stdin, stdout, stderr] = pipes.theirs();
        let fds: Vec<_> =
            [status, stdin, stdout, stderr, work.fd()].into_iter().chain(shown.iter().map(OwnedFd::as_fd)).collect();
        let mut begun = sandbox.begin(limits, &request, &fds);
        if begun.as_ref().is_err_and(|error| error.source.raw_os_error() == Some(libc::EPIPE)) {
            // It died while it waited, whatever killed it.
            send(self.socket.as_fd(), &Next, &[])?;
            sandbox = self.await_ready()?;
            begun = sandbox.begin(limits, &request, &fds);
        }
        if let Err(error) = begun {
            self.abandon(&sandbox.group);
            return Err(error);
        }
        drop(fds);
        let watch = Watch::new(pipes.close_ours(), sandbox.pidfd, sandbox.group, limits);
        Ok(Running { slot: self, watch, command, started, dead_since: None, cleared: false })
    }

    /// Waits until the launcher says that the next sandbox is ready, and before, unless it has said so, that the last is dead.
    fn await_ready(&self) -> Result<Ready, Error> {
        loop {
            match self.reply()? {
                (Reply::Finished, _) => {}
                (Reply::Ready(number), fds) => {
                    let [pidfd, channel] = exactly(fds)?;
                    return Ok(Ready { pidfd, channel, group: self.groups.run(number) });
                }
                (Reply::Failed(error), _) => return Err(error.into()),
            }
        }
    }

    /// Waits until the launcher says that the run is dead.
    fn await_finished(&self) -> Result<(), Error> {
        match self.reply()? {
            (Reply::Finished, _) => Ok(()),
            (Reply::Failed(error), _) => Err(error.into()),
            (Reply::Ready(_), _) => Err(unexpected()),
        }
    }

    /// Kills a launcher that does not answer, which is the end of its run: the kernel kills the init with it. The slot stays
    /// broken, and closing it tells what is left.
    fn abandon(&mut self, group: &RunGroup) {
        self.broken = true;
        drop(group.kill());
        drop(self.launcher.kill());
        drop(self.launcher.await_end(Duration::from_secs(2)));
    }

    /// The launcher's next answer.
    fn reply(&self) -> Result<(Reply, Vec<OwnedFd>), Error> {
        let deadline = Instant::now() + PATIENCE;
        let gone = |kind: io::ErrorKind| Error::new(Step::TalkToLauncher, io::Error::from(kind));
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let mut polled = [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)];
            match poll(&mut polled, PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)) {
                Ok(0) => return Err(gone(io::ErrorKind::TimedOut)),
                Ok(_) => return receive(self.socket.as_fd())?.ok_or_else(|| gone(io::ErrorKind::UnexpectedEof)),
                Err(nix::errno::Errno::EINTR) => {}
                Err(error) => return Err(Error::new(Step::TalkToLauncher, error)),
            }
        }
    }

    /// Ends the launcher and removes the slot's control groups.
    pub fn close(self) -> Result<(), Error> {
        let broken = self.is_broken();
        let Self { launcher, socket, groups, .. } = self;
        drop(socket);
        let mut ended = launcher.await_end(if broken { Duration::ZERO } else { PATIENCE });
        if matches!(ended, Ok(None)) {
            // It is stuck, and everything in it may die.
            ended = launcher.kill().and_then(|()| launcher.await_end(PATIENCE));
        }
        groups.remove()?;
        match ended.at(Step::StartLauncher)? {
            Some(WaitStatus::Exited(_, 0)) => Ok(()),
            Some(_) if broken => Ok(()),
            Some(status) => {
                Err(Error::new(Step::StartLauncher, io::Error::other(format!("the launcher ended: {status:?}"))))
            }
            None => Err(Error::new(Step::StartLauncher, io::Error::other("the launcher cannot be killed"))),
        }
    }
}

impl Ready {
    /// Limits the group and sends the request.
    fn begin(&self, limits: &Limits, request: &[u8], fds: &[BorrowedFd<'_>]) -> Result<(), Error> {
        self.group.limit(limits.of_group())?;
        send_encoded(self.channel.as_fd(), request, fds)
    }
}

/// A run that has begun. Dropped before it is finished, it leaves a broken slot, whose launcher is killed.
struct Running<'a> {
    slot: &'a mut Slot,
    watch: Watch<'a>,
    command: &'a Command,
    started: Instant,
    /// When every process of it was dead, once they are.
    dead_since: Option<Instant>,
    cleared: bool,
}

impl Running<'_> {
    /// Kills what is left of the run and reads what it has written. `watched` is how the watch over it went.
    fn stop(&mut self, watched: Result<(), Error>) -> Result<(), Error> {
        if self.dead_since.is_some() {
            return watched;
        }
        self.dead_since = Some(Instant::now());
        // An init that has told of the program's end does nothing but end, too. To wait for it is to wait for its mounts and
        // namespaces.
        if watched.is_err() || self.watch.end().is_none() || !matches!(self.watch.group.is_empty(), Ok(true)) {
            // Whatever the outcome, and whether the other works: nothing of the run may live on.
            let group_killed = self.watch.group.kill();
            let init_killed = sys::kill_pidfd(self.watch.pidfd.as_fd()).at(Step::KillCgroup);
            let finished = self.slot.await_finished();
            watched.and(finished).and(group_killed).and(init_killed)?;
        }
        self.watch.drain()
    }

    /// Ends the run, if it has not ended, and lets the launcher clear it away and go on.
    fn finish(mut self, watched: Result<(), Error>) -> Result<Outcome, Error> {
        let result = self.stop(watched).and_then(|()| {
            let counters = self.watch.counters()?;
            self.watch.outcome(counters, self.command, self.started)
        });
        self.cleared = true;
        // Who misunderstands once cannot be trusted with another run.
        let told = match &result {
            Err(error) if error.step == Step::TalkToLauncher => Err(unexpected()),
            _ if self.slot.last => Ok(()),
            _ => send(self.slot.socket.as_fd(), &Next, &[]),
        };
        if told.is_err() {
            self.slot.abandon(&self.watch.group);
        } else {
            self.slot.broken = false;
        }
        let mut outcome = result?;
        outcome.teardown_us = self.dead_since.map_or(0, |since| micros(since.elapsed()));
        Ok(outcome)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !self.cleared {
            self.slot.abandon(&self.watch.group);
        }
    }
}

fn request(command: &Command, limits: &Limits, shown: &[&str]) -> Request {
    Request {
        argv: command.argv.clone(),
        env: command.env.clone(),
        profile: command.profile,
        file_bytes: limits.file_bytes,
        // The kernel kills at this without a word, by a clock of its own that counts ticks: where it was 4 % fast, a program near
        // a long limit was killed before the counters had reached that. It is there for the case that this process is stopped.
        cpu_seconds: limits.cpu.as_secs().saturating_mul(2).saturating_add(10),
        // None at all would be no limit at all.
        tmp_bytes: limits.file_bytes.max(1),
        inodes: limits.inodes.saturating_add(1),
        shown: shown.iter().map(|&path| path.to_owned()).collect(),
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
