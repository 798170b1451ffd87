//! The worker's side of the sandbox: a [`Runtime`] for the process, a [`Slot`] for each run at a time.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command as StdCommand, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::fcntl::{OFlag, SealFlag};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};

use crate::cgroup::{Counters, GroupLimits, Places, RunGroup, Session, SlotGroups};
use crate::container::View;
use crate::error::{At as _, Error, Step};
use crate::outcome::{Captured, End, Outcome, Stopped, Usage};
use crate::process::launcher::ARGV0;
use crate::process::protocol::{Ids, Record, Reply, Request, Setup, monotonic_ns, receive, send};
use crate::process::sys;
use crate::security::{Profile, seccomp};
use crate::workspace::Workspace;

/// How long a launcher may take for what it does alone.
const PATIENCE: Duration = Duration::from_secs(30);

/// The limits of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// CPU time of all processes.
    pub cpu: Duration,
    /// Time on the monotonic clock from the execution of the command.
    pub wall: Duration,
    /// Memory of the control group, in bytes.
    pub memory_bytes: u64,
    /// Processes and threads.
    pub pids: u32,
    /// Bytes on standard output, beyond which the run is stopped.
    pub stdout_bytes: u64,
    /// Bytes on standard error that are kept; the rest is dropped.
    pub stderr_bytes: u64,
    /// Size of a file and of each writable file system, in bytes.
    pub file_bytes: u64,
    /// Files and directories in each writable file system.
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

    fn seal(bytes: &[u8]) -> io::Result<Self> {
        use nix::sys::memfd::MFdFlags;
        let flags = MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING;
        let mut file = File::from(nix::sys::memfd::memfd_create(c"input", flags)?);
        io::Write::write_all(&mut file, bytes)?;
        // Without seals a program could open the memory anew for writing, through /proc/self/fd/0.
        let seals = SealFlag::F_SEAL_WRITE | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_SEAL;
        nix::fcntl::fcntl(&file, nix::fcntl::FcntlArg::F_ADD_SEALS(seals))?;
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
    session: Session,
    filters: Vec<(Profile, Vec<u8>)>,
    view: View,
}

impl Runtime {
    /// Finds the control groups, sweeps what dead workers have left, and compiles the filters.
    ///
    /// # Errors
    /// The host cannot enforce limits, or does not let us.
    pub fn new(view: View) -> Result<Self, Error> {
        let places = Places::detect()?;
        places.sweep()?;
        let mut filters = Vec::new();
        for profile in [Profile::Run, Profile::Compile] {
            filters.push((profile, seccomp::compile(profile)?));
        }
        Ok(Self { session: Session::create(places)?, filters, view })
    }

    /// Where limits are enforced.
    pub const fn places(&self) -> &Places {
        &self.session.roots
    }

    /// Starts the slot of this number, which no other living slot of this runtime may have.
    pub fn slot(&self, index: usize) -> Result<Slot, Error> {
        let groups = self.session.create_slot(index)?;
        let ids = Ids::of_group(groups.number()?);
        groups.admit(ids.init)?;
        let (ours, theirs) = socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)
            .at(Step::StartLauncher)?;
        let child = StdCommand::new("/proc/self/exe")
            .arg0(ARGV0)
            .env_clear()
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .at(Step::StartLauncher)?;
        let setup = Setup { view: self.view.clone(), filters: self.filters.clone(), ids };
        let mut slot = Slot { child, socket: ours, groups, ids, runs: 0, broken: false };
        send(slot.socket.as_fd(), &setup, &[])?;
        match slot.reply()? {
            (Reply::Ready, _) => Ok(slot),
            (Reply::Failed(error), _) => Err(error.into()),
            _ => Err(unexpected()),
        }
    }

    /// Removes the control groups of this process; the slots must be closed.
    pub fn close(self) -> Result<(), Error> {
        self.session.remove()
    }
}

fn unexpected() -> Error {
    Error::new(Step::TalkToLauncher, io::Error::other("an answer out of turn"))
}

/// A place where one run at a time happens; it owns a launcher.
#[derive(Debug)]
pub struct Slot {
    child: Child,
    socket: OwnedFd,
    groups: SlotGroups,
    ids: Ids,
    runs: u64,
    broken: bool,
}

impl Slot {
    /// A work directory for a run in this slot.
    pub fn workspace(&self, limits: &Limits) -> Result<Workspace, Error> {
        Workspace::create(limits.file_bytes, limits.inodes, self.ids.program)
    }

    /// Whether the launcher failed, so that the slot must be replaced.
    pub const fn is_broken(&self) -> bool {
        self.broken
    }

    /// Runs a command to its end, or to a limit. When it returns, every process of the run is dead and its control group is
    /// removed, whatever happened.
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
        let started = Instant::now();
        self.runs += 1;
        let group_limits = GroupLimits { memory_bytes: limits.memory_bytes, pids: limits.pids };
        let group = self.groups.run(self.runs);
        let result = group
            .set_up(group_limits, self.ids.init)
            .and_then(|()| self.run_in(&group, command, limits, work, input, started));
        let cleared = Instant::now();
        let removed = group.remove();
        match result {
            Ok(mut outcome) => {
                removed?;
                outcome.teardown_us += micros(cleared.elapsed());
                Ok(outcome)
            }
            Err(error) => {
                removed?;
                Err(error)
            }
        }
    }

    fn run_in(
        &mut self,
        group: &RunGroup,
        command: &Command,
        limits: &Limits,
        work: &Workspace,
        input: &Input,
        started: Instant,
    ) -> Result<Outcome, Error> {
        let pipes = Pipes::new(input)?;
        let unified = group.unified_fd()?;
        let init_group = self.groups.init_group()?;
        let tasks = group.tasks_fds()?;
        let mut fds: Vec<BorrowedFd<'_>> = vec![
            pipes.status_write.as_fd(),
            pipes.stdin.as_fd(),
            pipes.stdout_write.as_fd(),
            pipes.stderr_write.as_fd(),
            work.fd(),
        ];
        fds.extend(init_group.iter().chain(&unified).map(OwnedFd::as_fd));
        fds.extend(tasks.iter().map(OwnedFd::as_fd));
        let request = request(command, limits, unified.is_some());
        send(self.socket.as_fd(), &request, &fds)?;
        drop(fds);
        let mut watch = Watch::new(pipes.close_ours(), group, limits);
        let pidfd = match self.reply()? {
            (Reply::Started, mut fds) => fds.pop().ok_or_else(unexpected)?,
            (Reply::Failed(error), _) => return Err(error.into()),
            _ => return Err(unexpected()),
        };
        let watched = watch.until_over(&pidfd);
        let killed_at = Instant::now();
        // Whatever the outcome: nothing of the run may live on.
        let killed = group.kill().and_then(|()| sys::kill_pidfd(pidfd.as_fd()).at(Step::KillCgroup));
        let finished = match self.reply()? {
            (Reply::Finished, _) => Ok(()),
            (Reply::Failed(error), _) => Err(Error::from(error)),
            _ => Err(unexpected()),
        };
        watched?;
        killed?;
        finished?;
        watch.drain()?;
        let counters = group.counters()?;
        let mut outcome = watch.outcome(counters, command, started)?;
        outcome.teardown_us = micros(killed_at.elapsed());
        Ok(outcome)
    }

    /// The launcher's next answer. Afterwards the slot is broken if there was none.
    fn reply(&mut self) -> Result<(Reply, Vec<OwnedFd>), Error> {
        let deadline = Instant::now() + PATIENCE;
        let answer = loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let mut polled = [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)];
            match poll(&mut polled, PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)) {
                Ok(0) => break Err(Error::new(Step::TalkToLauncher, io::Error::from(io::ErrorKind::TimedOut))),
                Ok(_) => break receive(self.socket.as_fd()),
                Err(nix::errno::Errno::EINTR) => {}
                Err(error) => break Err(Error::new(Step::TalkToLauncher, error)),
            }
        };
        match answer {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => {
                self.broken = true;
                Err(Error::new(Step::TalkToLauncher, io::Error::from(io::ErrorKind::UnexpectedEof)))
            }
            Err(error) => {
                self.broken = true;
                Err(error)
            }
        }
    }

    /// Ends the launcher and removes the slot's control groups.
    pub fn close(self) -> Result<(), Error> {
        let Self { mut child, socket, groups, .. } = self;
        drop(socket);
        let status = child.wait().at(Step::StartLauncher)?;
        groups.remove()?;
        if status.success() {
            Ok(())
        } else {
            Err(Error::new(Step::StartLauncher, io::Error::other(format!("the launcher ended with {status}"))))
        }
    }
}

fn request(command: &Command, limits: &Limits, unified: bool) -> Request {
    Request {
        argv: command.argv.iter().map(|item| item.clone().into_bytes()).collect(),
        env: command.env.iter().map(|(name, value)| (name.clone().into_bytes(), value.clone().into_bytes())).collect(),
        profile: command.profile,
        file_bytes: limits.file_bytes,
        stack_bytes: limits.memory_bytes,
        cpu_seconds: limits.cpu.as_secs() + 2,
        tmp_bytes: limits.file_bytes,
        inodes: limits.inodes,
        unified,
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Both ends of a run's pipes.
struct Pipes {
    status_read: OwnedFd,
    status_write: OwnedFd,
    stdin: OwnedFd,
    stdout_read: OwnedFd,
    stdout_write: OwnedFd,
    stderr_read: OwnedFd,
    stderr_write: OwnedFd,
}

impl Pipes {
    fn new(input: &Input) -> Result<Self, Error> {
        let pipe = || nix::unistd::pipe2(OFlag::O_CLOEXEC).at(Step::ConnectStdio);
        let ((status_read, status_write), (stdout_read, stdout_write), (stderr_read, stderr_write)) =
            (pipe()?, pipe()?, pipe()?);
        for fd in [&status_read, &stdout_read, &stderr_read] {
            nix::fcntl::fcntl(fd, nix::fcntl::FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).at(Step::ConnectStdio)?;
        }
        let stdin = input.open().at(Step::ConnectStdio)?;
        Ok(Self { status_read, status_write, stdin, stdout_read, stdout_write, stderr_read, stderr_write })
    }

    /// Keeps what we read from and closes the program's ends.
    fn close_ours(self) -> [File; 3] {
        [self.status_read.into(), self.stdout_read.into(), self.stderr_read.into()]
    }
}

/// Watches one run: reads its outputs, samples its counters, and decides when it is over.
struct Watch<'a> {
    status: File,
    stdout: Stream,
    stderr: Stream,
    group: &'a RunGroup,
    limits: &'a Limits,
    records: Vec<Record>,
    status_open: bool,
    stopped: Option<Stopped>,
    cpus: u32,
}

impl<'a> Watch<'a> {
    fn new([status, stdout, stderr]: [File; 3], group: &'a RunGroup, limits: &'a Limits) -> Self {
        let cpus = std::thread::available_parallelism().map_or(1, |count| u32::try_from(count.get()).unwrap_or(1));
        Self {
            status,
            stdout: Stream::new(stdout, limits.stdout_bytes),
            stderr: Stream::new(stderr, limits.stderr_bytes),
            group,
            limits,
            records: Vec::new(),
            status_open: true,
            stopped: None,
            cpus,
        }
    }

    fn starting(&self) -> Option<(u64, u64, u64)> {
        self.records.iter().find_map(|record| match record {
            Record::Starting { user_us, system_us, monotonic_ns } => Some((*user_us, *system_us, *monotonic_ns)),
            _ => None,
        })
    }

    /// Returns when the program has ended, or failed to start, or a limit is crossed.
    fn until_over(&mut self, pidfd: &OwnedFd) -> Result<(), Error> {
        let begun = Instant::now();
        let mut sample_in = self.limits.cpu / self.cpus;
        loop {
            if self.records.iter().any(|record| !matches!(record, Record::Starting { .. })) || !self.status_open {
                return Ok(());
            }
            let elapsed = match self.starting() {
                Some((_, _, at)) => Duration::from_nanos(monotonic_ns().saturating_sub(at)),
                // Before the execution only our own code runs, which is not on the program's clock.
                None if begun.elapsed() > PATIENCE => {
                    return Err(Error::new(Step::CloneProgram, io::Error::from(io::ErrorKind::TimedOut)));
                }
                None => Duration::ZERO,
            };
            if elapsed >= self.wall_limit(elapsed)? {
                self.stopped = Some(Stopped::Wall);
                return Ok(());
            }
            let timeout = self
                .wall_limit(elapsed)?
                .saturating_sub(elapsed)
                .min(sample_in.clamp(Duration::from_millis(1), Duration::from_millis(50)));
            if !self.wait(pidfd, timeout)? {
                // Nothing to read: time for the counters.
                if self.group.oom_kills()? > 0 {
                    self.stopped = Some(Stopped::Memory);
                    return Ok(());
                }
            }
            let own = self.starting().map_or(0, |(user, system, _)| user + system);
            let used = Duration::from_micros(self.group.cpu_us()?.saturating_sub(own));
            if used > self.limits.cpu {
                self.stopped = Some(Stopped::Cpu);
                return Ok(());
            }
            sample_in = self.limits.cpu.saturating_sub(used) / self.cpus;
            if self.stdout.over() {
                self.stopped = Some(Stopped::Output);
                return Ok(());
            }
        }
    }

    /// The wall limit is there for programs that idle. One that computed for a quarter of the time was kept waiting by the
    /// machine, and gets up to four times the limit, so that a crowded machine does not turn `AC` or `TLE` into `ILE`.
    fn wall_limit(&self, elapsed: Duration) -> Result<Duration, Error> {
        if elapsed < self.limits.wall {
            return Ok(self.limits.wall);
        }
        let busy = Duration::from_micros(self.group.cpu_us()?) * 4 >= elapsed;
        Ok(if busy { self.limits.wall * 4 } else { self.limits.wall })
    }

    /// Waits for something to read and reads it; false if the time passed without.
    fn wait(&mut self, pidfd: &OwnedFd, timeout: Duration) -> Result<bool, Error> {
        let timeout = PollTimeout::try_from(timeout).unwrap_or(PollTimeout::MAX);
        let mut ready = [false; 4];
        {
            let watched: Vec<(usize, BorrowedFd<'_>)> = [
                self.status_open.then(|| (0, self.status.as_fd())),
                self.stdout.open.then(|| (1, self.stdout.file.as_fd())),
                self.stderr.open.then(|| (2, self.stderr.file.as_fd())),
                Some((3, pidfd.as_fd())),
            ]
            .into_iter()
            .flatten()
            .collect();
            let mut polled: Vec<PollFd<'_>> =
                watched.iter().map(|(_, fd)| PollFd::new(*fd, PollFlags::POLLIN)).collect();
            match poll(&mut polled, timeout) {
                Ok(_) | Err(nix::errno::Errno::EINTR) => {}
                Err(error) => return Err(Error::new(Step::ReadOutput, error)),
            }
            for ((index, _), polled) in watched.iter().zip(&polled) {
                ready[*index] = polled.any().unwrap_or(false);
            }
        }
        if ready[1] {
            self.stdout.read()?;
        }
        if ready[2] {
            self.stderr.read()?;
        }
        if ready[0] {
            self.read_status()?;
        } else if ready[3] {
            // The init is dead and its last record is read: nothing more will come.
            self.status_open = false;
        }
        Ok(ready.iter().any(|ready| *ready))
    }

    fn read_status(&mut self) -> Result<(), Error> {
        let mut bytes = [0; Record::SIZE];
        match self.status.read(&mut bytes) {
            Ok(0) => self.status_open = false,
            Ok(Record::SIZE) => match Record::from_bytes(&bytes) {
                Some(record) => self.records.push(record),
                None => return Err(unexpected()),
            },
            Ok(_) => return Err(unexpected()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(Error::new(Step::TalkToLauncher, error)),
        }
        Ok(())
    }

    /// Reads what is left in the pipes when every writer is dead.
    fn drain(&mut self) -> Result<(), Error> {
        while self.status_open {
            let before = self.records.len();
            self.read_status()?;
            if self.records.len() == before {
                break;
            }
        }
        for stream in [&mut self.stdout, &mut self.stderr] {
            while stream.open && !stream.would_block {
                stream.read()?;
            }
        }
        Ok(())
    }

    fn outcome(self, counters: Counters, command: &Command, started: Instant) -> Result<Outcome, Error> {
        if let Some(Record::Failed { step, errno, .. }) =
            self.records.iter().find(|record| matches!(record, Record::Failed { .. }))
        {
            let step = Step::from_number(*step).unwrap_or(Step::CloneProgram);
            let target = (step == Step::Exec).then(|| command.argv.first().cloned().unwrap_or_default());
            let source = io::Error::from_raw_os_error(*errno);
            return Err(Error { step, target: target.map(Into::into), source });
        }
        if counters.oom_kills > 0 && !counters.memory_limit_reached {
            let error = "the machine, or a group above, ran out of it before the program reached its limit";
            return Err(Error::new(Step::GiveMemory, io::Error::other(error)));
        }
        let Some((own_user, own_system, exec_ns)) = self.starting() else {
            return Err(Error::new(Step::LoseInit, io::Error::other("it ended before the program started")));
        };
        let ended = self.records.iter().find_map(|record| match record {
            Record::Ended { status, context_switches, monotonic_ns } => {
                Some((*status, *context_switches, *monotonic_ns))
            }
            _ => None,
        });
        let mut stopped = self.stopped;
        if self.stdout.over() && stopped.is_none() {
            stopped = Some(Stopped::Output);
        }
        let (end, context_switches, end_ns) = match ended {
            Some((status, switches, at)) if libc::WIFSIGNALED(status) => {
                (End::Signal(libc::WTERMSIG(status)), switches, at)
            }
            Some((status, switches, at)) => (End::Code(libc::WEXITSTATUS(status)), switches, at),
            None if stopped.is_some() || counters.oom_kills > 0 => (End::Signal(libc::SIGKILL), 0, monotonic_ns()),
            None => return Err(Error::new(Step::LoseInit, io::Error::other("it died before the program"))),
        };
        let cpu_us = counters.cpu_us.saturating_sub(own_user + own_system);
        let cpu_user_us = counters.cpu_user_us.saturating_sub(own_user).min(cpu_us);
        let wall_us = end_ns.saturating_sub(exec_ns) / 1000;
        let usage = Usage {
            cpu_user_us,
            cpu_sys_us: cpu_us - cpu_user_us,
            wall_us,
            memory_peak_bytes: counters.memory_peak_bytes,
            memory_limit_reached: counters.memory_limit_reached,
            oom_kills: counters.oom_kills,
            pids_peak: counters.pids_peak,
            pids_limit_hits: counters.pids_limit_hits,
            context_switches,
        };
        let setup_us = micros(started.elapsed()).saturating_sub(monotonic_ns().saturating_sub(exec_ns) / 1000);
        Ok(Outcome {
            end,
            stopped,
            usage,
            stdout: self.stdout.captured(),
            stderr: self.stderr.captured(),
            setup_us,
            teardown_us: 0,
        })
    }
}

/// One output of a program: read always, kept up to a limit.
struct Stream {
    file: File,
    kept: Vec<u8>,
    total: u64,
    limit: u64,
    open: bool,
    would_block: bool,
}

impl Stream {
    fn new(file: File, limit: u64) -> Self {
        Self { file, kept: Vec::new(), total: 0, limit, open: true, would_block: false }
    }

    fn over(&self) -> bool {
        self.total > self.limit
    }

    fn read(&mut self) -> Result<(), Error> {
        let mut buffer = [0; 16 << 10];
        match self.file.read(&mut buffer) {
            Ok(0) => self.open = false,
            Ok(length) => {
                self.total += length as u64;
                let room = usize::try_from(self.limit).unwrap_or(usize::MAX).saturating_sub(self.kept.len());
                self.kept.extend_from_slice(&buffer[..length.min(room)]);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.would_block = true,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::new(Step::ReadOutput, error)),
        }
        Ok(())
    }

    fn captured(self) -> Captured {
        Captured { truncated: self.over(), bytes: self.kept, total_bytes: self.total }
    }
}
