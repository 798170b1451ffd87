//! What a run turned out to be: facts, no verdict.

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It exited with this code.
    Code(i32),
    /// A signal ended it; if the sandbox stopped it, [`Outcome::stopped`] says why.
    Signal(i32),
}

impl End {
    /// From the status of wait(2).
    pub(crate) const fn of_status(status: i32) -> Self {
        if libc::WIFSIGNALED(status) {
            Self::Signal(libc::WTERMSIG(status))
        } else {
            Self::Code(libc::WEXITSTATUS(status))
        }
    }
}

/// Why the sandbox stopped a run before it ended by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// More CPU time than the limit.
    Cpu,
    /// More wall time than the limit.
    Wall,
    /// The kernel killed a process for memory; the rest was killed with it.
    Memory,
    /// More on standard output than the limit.
    Output,
    /// The interactor had ended in a way that settles it.
    Interactor,
}

/// A system call that no program may make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForbiddenCall {
    pub number: i32,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Whether it is one of another architecture than the machine's, such as x86-32 or x32.
    pub foreign: bool,
}

/// What a run used, by the kernel's own counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// CPU time in user mode of all processes, in microseconds.
    pub cpu_user_us: u64,
    /// CPU time in the kernel, in microseconds.
    pub cpu_sys_us: u64,
    /// From the execution of the command to the end of its process, in microseconds.
    pub wall_us: u64,
    /// Of that, what the limit does not count: it was ready and had no CPU, or the interactor computed; in microseconds, as
    /// far as it was looked at.
    pub waited_us: u64,
    /// The most memory of the control group, in bytes.
    pub memory_peak_bytes: u64,
    /// Whether the group met its own limit of memory; what it could give back then is no harm.
    pub memory_limit_reached: bool,
    /// Processes that the kernel killed because the group was out of memory.
    pub oom_kills: u64,
    /// The most processes and threads at one time, if the kernel counts that.
    pub pids_peak: Option<u64>,
    /// How often a new process was refused by the limit.
    pub pids_limit_hits: u64,
    /// Context switches of the program and the children it waited for.
    pub context_switches: u64,
}

impl Usage {
    /// User and system time, in microseconds.
    pub const fn cpu_us(&self) -> u64 {
        self.cpu_user_us + self.cpu_sys_us
    }
}

/// Bytes that a program wrote, as far as they were kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captured {
    pub bytes: Vec<u8>,
    /// All that was read from the program, kept or not.
    pub total_bytes: u64,
    /// Whether it wrote more than is kept.
    pub truncated: bool,
}

/// What happened in one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub end: End,
    pub stopped: Option<Stopped>,
    /// The call for which a process of the run was killed by `SIGSYS`, if the kernel told.
    pub forbidden_call: Option<ForbiddenCall>,
    pub usage: Usage,
    pub stdout: Captured,
    pub stderr: Captured,
    /// From the request to the execution of the command, in microseconds; with what was left to do of making the sandbox.
    pub setup_us: u64,
    /// From the end of the run until every process of the program was known to be dead and its counters were read, in microseconds.
    pub teardown_us: u64,
}
