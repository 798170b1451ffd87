//! Watches one run: what it writes, what it uses, and when it is over. Decides nothing about a verdict.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::{Command, Limits, PATIENCE, micros, unexpected};
use crate::cgroup::{Counters, RunGroup};
use crate::defence::{Defence, on};
use crate::error::{Error, Step};
use crate::outcome::{Captured, End, ForbiddenCall, Outcome, Stopped, Usage};
use crate::process::protocol::{Record, monotonic_ns};
use crate::security::seccomp;

/// How often the counters are read at least.
const SAMPLE: Duration = Duration::from_millis(50);

/// How often the threads' waits are read at least. What a thread waited since then is lost when it ends.
const QUEUE_SAMPLE: Duration = Duration::from_millis(200);

/// Watches one run: reads its outputs, samples its counters, and decides when it is over.
pub(super) struct Watch<'a> {
    status: File,
    pub(super) stdout: Stream,
    stderr: Stream,
    pub(super) pidfd: OwnedFd,
    pub(super) group: RunGroup,
    pub(super) limits: &'a Limits,
    records: Vec<Record>,
    status_open: bool,
    pub(super) stopped: Option<Stopped>,
    queue: Queue,
    cpus: u32,
    begun: Instant,
    sample_at: Instant,
    started: bool,
    /// Whether there may be records that have not been read.
    news: bool,
    /// CPU time at the last sample.
    used: Duration,
    /// Wall time that is not the program's: what it waits for is computing.
    pub(super) allowance: Duration,
}

/// What of a watched run can be read, in the order of [`Watch::fds`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Status,
    Stdout,
    Stderr,
    Init,
}

impl<'a> Watch<'a> {
    pub(super) fn new(
        [status, stdout, stderr]: [File; 3],
        pidfd: OwnedFd,
        group: RunGroup,
        limits: &'a Limits,
    ) -> Self {
        static CPUS: OnceLock<u32> = OnceLock::new();
        // Looking reads half a dozen files.
        let cpus = *CPUS.get_or_init(|| {
            std::thread::available_parallelism().map_or(1, |count| u32::try_from(count.get()).unwrap_or(1))
        });
        let begun = Instant::now();
        Self {
            status,
            stdout: Stream::new(stdout, limits.stdout_bytes),
            stderr: Stream::new(stderr, limits.stderr_bytes),
            pidfd,
            group,
            limits,
            records: Vec::new(),
            status_open: true,
            stopped: None,
            queue: Queue::default(),
            cpus,
            begun,
            // There is nothing to see before there is a program.
            sample_at: begun + Duration::from_millis(1),
            started: false,
            news: true,
            used: Duration::ZERO,
            allowance: Duration::ZERO,
        }
    }

    /// When the command was executed, and the CPU time until then, which is not its own: user, system, both in microseconds, and
    /// the time.
    fn starting(&self) -> Option<(u64, u64, u64)> {
        self.records.iter().find_map(|record| match record {
            Record::Starting { user_us, system_us, monotonic_ns } => Some((*user_us, *system_us, *monotonic_ns)),
            _ => None,
        })
    }

    /// Whether all is set up, and the command was about to be executed.
    pub(super) fn has_begun(&self) -> bool {
        self.starting().is_some()
    }

    /// Returns when the program has ended, or failed to start, or a limit is crossed.
    pub(super) fn until_over(&mut self) -> Result<(), Error> {
        while let Some(until) = self.look()? {
            let ready = {
                let fds = self.fds();
                let polled: Vec<_> = fds.iter().map(|(_, fd)| (*fd, PollFlags::POLLIN)).collect();
                let ready = wait(&polled, until)?;
                fds.iter().zip(ready).filter(|(_, ready)| *ready).map(|((source, _), _)| *source).collect::<Vec<_>>()
            };
            self.read(&ready)?;
        }
        Ok(())
    }

    /// Returns when the command is executed, or will not be, or this time has passed.
    pub(super) fn await_start(&mut self, patience: Duration) -> Result<(), Error> {
        let until = Instant::now() + patience;
        loop {
            self.read_records()?;
            if !self.records.is_empty() || !self.status_open || Instant::now() >= until {
                return Ok(());
            }
            let fds = [(self.status.as_fd(), PollFlags::POLLIN), (self.pidfd.as_fd(), PollFlags::POLLIN)];
            if let [_, true] = wait(&fds, until)?[..] {
                return self.read_records();
            }
        }
    }

    /// Looks at what has happened and at the clocks: when to look again at the latest, or `None` if the run is over.
    pub(super) fn look(&mut self) -> Result<Option<Instant>, Error> {
        let now = Instant::now();
        // What has happened counts before what the clock says: this process may have been held up itself.
        if self.news || now >= self.sample_at {
            self.news = false;
            self.read_records()?;
        }
        let is_end = |record: &Record| !matches!(record, Record::Starting { .. });
        if self.records.iter().any(is_end) || !self.status_open {
            return Ok(None);
        }
        if self.stdout.over() && on(Defence::OutputLimit) {
            self.stopped = Some(Stopped::Output);
            return Ok(None);
        }
        if !self.started && self.starting().is_some() {
            self.started = true;
            self.sample_at = now + (self.limits.cpu / self.cpus).min(self.limits.wall).min(SAMPLE);
        }
        if now >= self.sample_at {
            let Some(next) = self.sample()? else { return Ok(None) };
            self.sample_at = now + next.clamp(Duration::from_millis(1), SAMPLE);
        }
        Ok(Some(self.sample_at))
    }

    /// Reads the counters and compares them with the limits: the time until that is due again, or `None` if one is crossed.
    fn sample(&mut self) -> Result<Option<Duration>, Error> {
        // Before the execution only our own code runs, which is not on the program's clocks.
        let Some((own_user, own_system, at)) = self.starting() else {
            if self.begun.elapsed() > PATIENCE {
                return Err(Error::new(Step::CloneProgram, io::Error::from(io::ErrorKind::TimedOut)));
            }
            return Ok(Some(self.limits.cpu / self.cpus));
        };
        if self.group.oom_kills()? > 0 && on(Defence::MemoryWatch) {
            self.stopped = Some(Stopped::Memory);
            return Ok(None);
        }
        self.used = Duration::from_micros(self.group.cpu_us()?.saturating_sub(own_user + own_system));
        let cpu = self.limits.cpu.saturating_add(self.limits.cpu_margin);
        if self.used > cpu && on(Defence::CpuLimit) {
            self.stopped = Some(Stopped::Cpu);
            return Ok(None);
        }
        let elapsed = Duration::from_nanos(monotonic_ns().saturating_sub(at));
        if elapsed > self.wall_limit() || elapsed >= self.queue.sampled + QUEUE_SAMPLE {
            self.queue.sample(&self.group.threads()?, elapsed);
        }
        if elapsed > self.wall_limit() && on(Defence::WallLimit) {
            self.stopped = Some(Stopped::Wall);
            return Ok(None);
        }
        let wall_left = self.wall_limit().saturating_sub(elapsed);
        Ok(Some((cpu.saturating_sub(self.used) / self.cpus).min(wall_left)))
    }

    /// The wall limit with its margin, and the time that the program was ready to run and the machine had no CPU for it: a crowded machine
    /// must not turn `AC` or `TLE` into `ILE`.
    fn wall_limit(&self) -> Duration {
        let limit = self.limits.wall.saturating_add(self.limits.wall_margin);
        limit.saturating_add(self.queue.waited).saturating_add(self.allowance)
    }

    /// The time that it computed, or was ready to, until the last sample.
    pub(super) fn busy(&self) -> Duration {
        self.used + self.queue.waited
    }

    /// The time that it was ready and had no CPU, until the last sample.
    pub(super) fn waited(&self) -> Duration {
        self.queue.waited
    }

    /// How the program ended, if it has ended by itself.
    pub(super) fn end(&self) -> Option<End> {
        self.records.iter().find_map(|record| match record {
            Record::Ended { status, .. } => Some(End::of_status(*status)),
            _ => None,
        })
    }

    /// Whether all of its threads sleep, and so wait for something. One that has ended, of which the init has still to tell, does
    /// not.
    pub(super) fn is_asleep(&self) -> Result<bool, Error> {
        // The state comes after the name in brackets (proc(5)).
        let sleeps = |thread: &u32| {
            let text = std::fs::read_to_string(format!("/proc/{thread}/stat")).unwrap_or_default();
            text.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('S'))
        };
        let threads = self.group.threads()?;
        Ok(self.started && !threads.is_empty() && threads.iter().all(sleeps))
    }

    /// What tells of news of this run.
    pub(super) fn fds(&self) -> Vec<(Source, BorrowedFd<'_>)> {
        [
            self.status_open.then(|| (Source::Status, self.status.as_fd())),
            self.stdout.open.then(|| (Source::Stdout, self.stdout.file.as_fd())),
            self.stderr.open.then(|| (Source::Stderr, self.stderr.file.as_fd())),
            Some((Source::Init, self.pidfd.as_fd())),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Reads what these have.
    pub(super) fn read(&mut self, ready: &[Source]) -> Result<(), Error> {
        self.news |= ready.contains(&Source::Status);
        if ready.contains(&Source::Stdout) {
            self.stdout.read()?;
        }
        if ready.contains(&Source::Stderr) {
            self.stderr.read()?;
        }
        if ready.contains(&Source::Init) {
            // The init is dead: when its last record is read nothing more will come.
            self.read_records()?;
            self.status_open = false;
        }
        Ok(())
    }

    /// Reads every record that is there.
    fn read_records(&mut self) -> Result<(), Error> {
        while self.status_open {
            let mut bytes = [0; Record::SIZE];
            match self.status.read(&mut bytes) {
                Ok(0) => self.status_open = false,
                Ok(Record::SIZE) => self.records.push(Record::from_bytes(&bytes).ok_or_else(unexpected)?),
                Ok(_) => return Err(unexpected()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::new(Step::TalkToLauncher, error)),
            }
        }
        Ok(())
    }

    /// What the group has counted; to be read when it is empty.
    pub(super) fn counters(&self) -> Result<Counters, Error> {
        self.group.counters(self.limits.of_group())
    }

    /// Reads what is left in the pipes when every writer is dead.
    pub(super) fn drain(&mut self) -> Result<(), Error> {
        self.read_records()?;
        for stream in [&mut self.stdout, &mut self.stderr] {
            // A program that had closed it may have opened it again, by a link of /proc.
            (stream.open, stream.would_block) = (true, false);
            while stream.open && !stream.would_block {
                stream.read()?;
            }
        }
        Ok(())
    }

    pub(super) fn outcome(
        &mut self,
        counters: Counters,
        command: &Command,
        started: Instant,
    ) -> Result<Outcome, Error> {
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
        let forbidden = self.records.iter().find_map(|record| match record {
            Record::Forbidden { call, foreign, .. } => {
                let name = if *foreign { None } else { seccomp::name(*call) };
                Some(ForbiddenCall { number: *call, name, foreign: *foreign })
            }
            _ => None,
        });
        let ended = self.records.iter().find_map(|record| match record {
            // As a signal it is what the kernel would have sent.
            Record::Forbidden { context_switches, monotonic_ns, .. } => {
                Some((libc::SIGSYS, *context_switches, *monotonic_ns))
            }
            Record::Ended { status, context_switches, monotonic_ns } => {
                Some((*status, *context_switches, *monotonic_ns))
            }
            _ => None,
        });
        let mut stopped = self.stopped;
        if let (Some(Stopped::Wall), Some((_, _, at))) = (stopped, ended)
            && Duration::from_nanos(at.saturating_sub(exec_ns)) <= self.wall_limit()
        {
            // It ended by itself, in time; it was this process that looked too late.
            stopped = None;
        }
        if self.stdout.over() && stopped.is_none() {
            stopped = Some(Stopped::Output);
        }
        let (end, context_switches, end_ns) = match ended {
            Some((status, switches, at)) => (End::of_status(status), switches, at),
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
            waited_us: micros(self.queue.waited.saturating_add(self.allowance)).min(wall_us),
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
            forbidden_call: forbidden,
            usage,
            stdout: self.stdout.captured(),
            stderr: self.stderr.captured(),
            setup_us,
            teardown_us: 0,
        })
    }
}

/// Waits until one of these descriptors has what is asked of it, or until this moment, and says which have.
pub(super) fn wait(fds: &[(BorrowedFd<'_>, PollFlags)], until: Instant) -> Result<Vec<bool>, Error> {
    // Rounded up, so that a rest of less than a millisecond is not spent in turning round.
    let left = until.saturating_duration_since(Instant::now()) + Duration::from_micros(999);
    let mut polled: Vec<PollFd<'_>> = fds.iter().map(|(fd, flags)| PollFd::new(*fd, *flags)).collect();
    match poll(&mut polled, PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)) {
        Ok(_) | Err(nix::errno::Errno::EINTR) => {}
        Err(error) => return Err(Error::new(Step::ReadOutput, error)),
    }
    Ok(polled.iter().map(|polled| polled.any().unwrap_or(false)).collect())
}

/// The time that a program had to wait for a CPU.
#[derive(Default)]
struct Queue {
    /// Each thread's wait so far, in nanoseconds.
    threads: HashMap<u32, u64>,
    /// The sum of the longest wait of any thread between two samples: at least so long the program was ready and could not
    /// run.
    waited: Duration,
    /// The program's time at the last sample.
    sampled: Duration,
}

impl Queue {
    /// Takes the second field of schedstat (proc(5)) of these threads. Where the kernel does not have it, nobody waits.
    fn sample(&mut self, threads: &[u32], elapsed: Duration) {
        let wait = |thread: &u32| {
            let text = std::fs::read_to_string(format!("/proc/{thread}/schedstat")).ok()?;
            Some((*thread, text.split(' ').nth(1)?.parse().ok()?))
        };
        let now: HashMap<u32, u64> = threads.iter().filter_map(wait).collect();
        let since = |(thread, wait): (&u32, &u64)| wait.saturating_sub(self.threads.get(thread).copied().unwrap_or(0));
        let longest = Duration::from_nanos(now.iter().map(since).max().unwrap_or(0));
        // A thread that is new may have waited before the program began.
        self.waited += longest.min(elapsed.saturating_sub(self.sampled));
        self.sampled = elapsed;
        self.threads = now;
    }
}

/// One output of a program: read always, kept up to a limit.
pub(super) struct Stream {
    file: File,
    pub(super) kept: Vec<u8>,
    total: u64,
    limit: u64,
    pub(super) open: bool,
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

    fn captured(&mut self) -> Captured {
        Captured { truncated: self.over(), bytes: std::mem::take(&mut self.kept), total_bytes: self.total }
    }
}
