//! The worker's side of the sandbox: a [`Runtime`] for the process, a [`Slot`] for each run at a time.

mod interaction;
mod watch;

use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command as StdCommand, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::fcntl::SealFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};

use crate::cgroup::{GroupLimits, Places, RunGroup, Session, SlotGroups};
use crate::container::View;
#[cfg(debug_assertions)]
use crate::defence::Switches;
use crate::defence::{Defence, on};
use crate::error::{At as _, Error, Step};
use crate::outcome::Outcome;
use crate::process::launcher::ARGV0;
use crate::process::protocol::{Ids, Reply, Request, Setup, receive, send};
use crate::process::sys;
use crate::security::{Policy, Profile, seccomp};
use crate::workspace::{WorkFile, Workspace};
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
        Slot::start(&self.shared, index, cpu)
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
    child: Child,
    socket: OwnedFd,
    groups: SlotGroups,
    ids: Ids,
    runs: u64,
    /// Whether the launcher still has to answer. If it did not when it had to, or not in turn, nobody knows what it is doing.
    owes: bool,
    /// Whether something of a run is left.
    littered: bool,
}

impl Slot {
    fn start(shared: &Arc<Shared>, index: usize, cpu: Option<u32>) -> Result<Self, Error> {
        let groups = shared.session.create_slot(index)?;
        let started = groups.number().map(Ids::of_group).and_then(|ids| {
            groups.admit(ids.init)?;
            Ok((ids, Self::launch().at(Step::StartLauncher)?))
        });
        let (ids, (child, socket)) = match started {
            Ok(started) => started,
            Err(error) => return groups.remove().and(Err(error)),
        };
        let mut slot = Self {
            shared: Arc::clone(shared),
            index,
            cpu,
            child,
            socket,
            groups,
            ids,
            runs: 0,
            owes: true,
            littered: false,
        };
        match slot.prepare() {
            Ok(()) => Ok(slot),
            // What the launcher could not do counts, not how it ended then.
            Err(error) => {
                drop(slot.close());
                Err(error)
            }
        }
    }

    fn launch() -> io::Result<(Child, OwnedFd)> {
        let (ours, theirs) = socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)?;
        let child = StdCommand::new("/proc/self/exe")
            .arg0(ARGV0)
            .env_clear()
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok((child, ours))
    }

    fn prepare(&mut self) -> Result<(), Error> {
        let Shared { view, filters, init_filter, .. } = &*self.shared;
        let setup = Setup {
            view: view.clone(),
            filters: filters.clone(),
            init_filter: init_filter.clone(),
            ids: self.ids,
            cpu: self.cpu,
            #[cfg(debug_assertions)]
            switches: Switches::get(),
        };
        let init_group = self.groups.init_group()?;
        let fds: Vec<_> = init_group.iter().map(OwnedFd::as_fd).collect();
        send(self.socket.as_fd(), &setup, &fds)?;
        match self.reply()? {
            (Reply::Ready, _) => {
                self.owes = false;
                Ok(())
            }
            (Reply::Failed(error), _) => Err(error.into()),
            _ => Err(unexpected()),
        }
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
        self.owes || self.littered
    }

    /// Replaces this slot by a fresh one and returns the old one, to be closed.
    pub fn renew(&mut self) -> Result<Self, Error> {
        let fresh = Self::start(&self.shared, self.index, self.cpu)?;
        Ok(std::mem::replace(self, fresh))
    }

    /// Runs a command to its end, or to a limit. When it returns, every process of the run is dead and its control group is
    /// removed, whatever happened; if that cannot be, the slot is broken.
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

    /// Begins a run that reads this descriptor. If it cannot begin, nothing of it is left.
    fn spawn<'a>(
        &'a mut self,
        command: &'a Command,
        limits: &'a Limits,
        work: &Workspace,
        stdin: OwnedFd,
    ) -> Result<Running<'a>, Error> {
        let started = Instant::now();
        if self.is_broken() {
            return Err(Error::new(Step::TalkToLauncher, io::Error::other("the slot is broken")));
        }
        self.runs += 1;
        let group_limits = GroupLimits { memory_bytes: limits.memory_bytes, pids: limits.pids };
        let group = self.groups.run(self.runs);
        self.littered = true;
        let begun =
            group.set_up(group_limits, self.ids.init).and_then(|()| self.begin(&group, command, limits, work, stdin));
        match begun {
            Ok((files, pidfd)) => {
                let watch = Watch::new(files, pidfd, group, limits);
                Ok(Running { slot: self, watch, command, started, dead_since: None, cleared: false })
            }
            Err(error) => Err(self.clear(&group, Err::<(), _>(error)).err().unwrap_or_else(unexpected)),
        }
    }

    /// Has the launcher start the run: what we read from, and its init.
    fn begin(
        &mut self,
        group: &RunGroup,
        command: &Command,
        limits: &Limits,
        work: &Workspace,
        stdin: OwnedFd,
    ) -> Result<([File; 3], OwnedFd), Error> {
        let pipes = Pipes::new(stdin, self.ids.program)?;
        let unified = group.unified_fd()?;
        let tasks = group.tasks_fds()?;
        let mut fds: Vec<BorrowedFd<'_>> = vec![
            pipes.status_write.as_fd(),
            pipes.stdin.as_fd(),
            pipes.stdout_write.as_fd(),
            pipes.stderr_write.as_fd(),
            work.fd(),
        ];
        fds.extend(unified.iter().map(OwnedFd::as_fd));
        fds.extend(tasks.iter().map(OwnedFd::as_fd));
        let request = request(command, limits, unified.is_some(), tasks.len());
        // A command that is too large is not sent at all.
        let sent = send(self.socket.as_fd(), &request, &fds);
        self.owes = !sent.as_ref().is_err_and(|error| error.source.raw_os_error() == Some(libc::E2BIG));
        sent?;
        drop(fds);
        let ours = pipes.close_ours();
        match self.reply()? {
            (Reply::Started, mut fds) => Ok((ours, fds.pop().ok_or_else(unexpected)?)),
            (Reply::Failed(error), _) => {
                self.owes = false;
                Err(error.into())
            }
            _ => Err(unexpected()),
        }
    }

    /// Removes what is left of a run, and returns its result or what went wrong with that.
    fn clear<T>(&mut self, group: &RunGroup, result: Result<T, Error>) -> Result<T, Error> {
        // Who misunderstands once cannot be trusted with another run. A command that is too large is no misunderstanding.
        self.owes |= result
            .as_ref()
            .is_err_and(|error| error.step == Step::TalkToLauncher && error.source.raw_os_error() != Some(libc::E2BIG));
        if self.owes {
            self.abandon(group);
        }
        let removed = group.remove();
        self.littered = removed.is_err();
        let result = result?;
        removed?;
        Ok(result)
    }

    /// Waits until the launcher says that the run is dead.
    fn finish(&mut self) -> Result<(), Error> {
        let result = match self.reply()? {
            (Reply::Finished, _) => Ok(()),
            (Reply::Failed(error), _) => Err(error.into()),
            _ => return Err(unexpected()),
        };
        self.owes = false;
        result
    }

    /// Kills a launcher that does not answer, which is the end of its run: the kernel kills the init with it. The slot stays
    /// broken, and closing it tells what is left.
    fn abandon(&mut self, group: &RunGroup) {
        drop(group.kill());
        drop(self.child.kill());
        drop(await_child(&mut self.child, Duration::from_secs(2)));
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
        let Self { mut child, socket, groups, .. } = self;
        drop(socket);
        let mut ended = await_child(&mut child, if broken { Duration::ZERO } else { PATIENCE });
        if matches!(ended, Ok(None)) {
            // It is stuck, and everything in it may die.
            ended = child.kill().and_then(|()| await_child(&mut child, PATIENCE));
        }
        groups.remove()?;
        match ended.at(Step::StartLauncher)? {
            Some(status) if status.success() || broken => Ok(()),
            Some(status) => {
                Err(Error::new(Step::StartLauncher, io::Error::other(format!("the launcher ended with {status}"))))
            }
            None => Err(Error::new(Step::StartLauncher, io::Error::other("the launcher cannot be killed"))),
        }
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
        // Whatever the outcome, and whether the other works: nothing of the run may live on.
        let group_killed = self.watch.group.kill();
        let init_killed = sys::kill_pidfd(self.watch.pidfd.as_fd()).at(Step::KillCgroup);
        let finished = self.slot.finish();
        watched.and(finished).and(group_killed).and(init_killed)?;
        self.watch.drain()
    }

    /// Ends the run, if it has not ended, and removes what is left of it.
    fn finish(mut self, watched: Result<(), Error>) -> Result<Outcome, Error> {
        let result = self.stop(watched).and_then(|()| {
            let counters = self.watch.group.counters()?;
            self.watch.outcome(counters, self.command, self.started)
        });
        self.cleared = true;
        let mut outcome = self.slot.clear(&self.watch.group, result)?;
        outcome.teardown_us = self.dead_since.map_or(0, |since| micros(since.elapsed()));
        Ok(outcome)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !self.cleared {
            self.slot.owes = true;
            self.slot.abandon(&self.watch.group);
        }
    }
}

/// Waits for the end of a launcher, which is a matter of a millisecond; `None` if the time passes without.
fn await_child(child: &mut Child, patience: Duration) -> io::Result<Option<ExitStatus>> {
    let deadline = Instant::now() + patience;
    loop {
        let status = child.try_wait()?;
        if status.is_some() || Instant::now() >= deadline {
            return Ok(status);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn request(command: &Command, limits: &Limits, unified: bool, tasks: usize) -> Request {
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
        unified,
        tasks,
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
