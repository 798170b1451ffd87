//! The sandbox's own failures. A program's failure is a value, [`crate::Outcome`]; these are about us.

use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::defence::fails;

macro_rules! steps {
    ($($name:ident = $number:literal => $phrase:literal,)*) => {
        /// A step of making, running or clearing away a sandbox. The numbers travel from the bootstrap; they are never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[repr(u16)]
        pub enum Step { $(#[doc = $phrase] $name = $number,)* }

        impl Step {
            /// What the step does, as a phrase that follows "could not".
            pub const fn phrase(self) -> &'static str {
                match self { $(Self::$name => $phrase,)* }
            }

            /// The step of this number, if there is one.
            pub const fn from_number(number: u32) -> Option<Self> {
                match number { $($number => Some(Self::$name),)* _ => None }
            }
        }
    };
}

steps! {
    FindCgroups = 1 => "find usable control groups",
    CreateCgroup = 2 => "create a control group",
    SetLimit = 3 => "set a limit of a control group",
    ReadCgroup = 4 => "read a control group",
    KillCgroup = 5 => "kill a control group",
    RemoveCgroup = 6 => "remove a control group",
    LockSession = 8 => "lock the session's control group",
    CompileFilter = 7 => "compile the system call filter",
    StartLauncher = 10 => "start the launcher",
    TalkToLauncher = 11 => "talk to the launcher",
    PrepareLauncher = 12 => "prepare the launcher",
    UnshareMounts = 13 => "leave the host's mount namespace",
    BuildRoot = 14 => "build the root file system",
    PivotRoot = 15 => "change to the new root",
    SealRoot = 16 => "make the root read-only",
    CloneInit = 20 => "create the namespaces",
    MapIds = 21 => "map the user ids",
    ReleaseInit = 22 => "release the init process",
    BecomeInit = 23 => "take the init's user id",
    DieWithParent = 24 => "bind a process to its parent",
    NewSession = 25 => "start a new session",
    NewKeyring = 26 => "start a new session keyring",
    MountProc = 27 => "mount /proc",
    MountTmp = 28 => "mount a temporary file system",
    MountWork = 29 => "mount the work directory",
    SetHostname = 30 => "set the host name",
    CloneProgram = 31 => "create the program's process",
    WaitProgram = 32 => "wait for the program",
    EnterCgroup = 33 => "enter the control group",
    LeaveCgroupNamespace = 34 => "create the cgroup namespace",
    ConnectStdio = 35 => "connect standard input and output",
    ChangeDirectory = 36 => "change to the work directory",
    SetRlimit = 37 => "set a resource limit",
    DropCapabilities = 38 => "drop capabilities",
    BecomeProgram = 39 => "take the program's user id",
    NoNewPrivileges = 40 => "forbid new privileges",
    InstallFilter = 41 => "install the system call filter",
    CloseDescriptors = 42 => "close descriptors",
    ResetSignals = 43 => "reset signals",
    Exec = 44 => "execute the program",
    ExecInteractor = 54 => "execute the interactor",
    SetPersonality = 45 => "set the personality",
    AdjustOomScore = 46 => "adjust the out-of-memory score",
    LoseInit = 47 => "keep the init process alive",
    GiveMemory = 49 => "give the program memory",
    TellStart = 48 => "tell that the program starts",
    ForbidNamespaces = 53 => "forbid further user namespaces",
    Populate = 50 => "fill the work directory",
    Collect = 51 => "collect files from the work directory",
    ReadOutput = 52 => "read the program's output",
}

/// The judge failed, not the program: nothing may be concluded about the submission.
#[derive(Debug, thiserror::Error)]
#[error("could not {}{}: {source}", step.phrase(), target.as_ref().map(|path| format!(" ({})", path.display())).unwrap_or_default())]
pub struct Error {
    /// What was being done.
    pub step: Step,
    /// On what, if on a file.
    pub target: Option<PathBuf>,
    /// What the system answered.
    #[source]
    pub source: io::Error,
}

impl Error {
    /// Whether a command cannot be executed because of what it is: not there, no program, or for another machine. Other
    /// failures to execute, such as a want of memory, are the sandbox's.
    pub fn is_of_the_command(&self) -> bool {
        let errno = self.source.raw_os_error().unwrap_or(0);
        // From memory nothing fails to be read but what the program's own headers point at, such as an interpreter that is none.
        let is_its_own = self.target.as_ref().is_some_and(|path| path.starts_with("/work"));
        self.step == Step::Exec
            && (is_its_own && errno == libc::EIO
                || [
                    libc::ENOENT,
                    libc::ENOEXEC,
                    libc::EACCES,
                    libc::EPERM,
                    libc::ENOTDIR,
                    libc::EISDIR,
                    libc::ELOOP,
                    libc::ENAMETOOLONG,
                    libc::EINVAL,
                    libc::ELIBBAD,
                ]
                .contains(&errno))
    }

    /// Whether files could not be collected because of what the run left: too much, too deep, or under names too long.
    pub fn is_of_what_was_left(&self) -> bool {
        let errno = self.source.raw_os_error().unwrap_or(0);
        self.step == Step::Collect && [libc::EFBIG, libc::ENAMETOOLONG, libc::ELOOP].contains(&errno)
    }

    /// This error, and what happened when cleaning up after it.
    pub(crate) fn and_then(self, cleaned: Result<(), Self>) -> Self {
        match cleaned {
            Ok(()) => self,
            Err(left) => Self { source: io::Error::other(format!("{}; and then: {left}", self.source)), ..self },
        }
    }

    pub(crate) fn new(step: Step, source: impl Into<io::Error>) -> Self {
        Self { step, target: None, source: source.into() }
    }

    pub(crate) fn on(step: Step, target: impl Into<PathBuf>, source: impl Into<io::Error>) -> Self {
        Self { step, target: Some(target.into()), source: source.into() }
    }
}

/// Says which step an operation belongs to.
pub(crate) trait At<T> {
    fn at(self, step: Step) -> Result<T, Error>;
    fn at_path(self, step: Step, target: impl Into<PathBuf>) -> Result<T, Error>;
}

impl<T, E: Into<io::Error>> At<T> for Result<T, E> {
    fn at(self, step: Step) -> Result<T, Error> {
        let value = self.map_err(|source| Error::new(step, source))?;
        if fails(step) { Err(Error::new(step, io::Error::from_raw_os_error(libc::EIO))) } else { Ok(value) }
    }

    fn at_path(self, step: Step, target: impl Into<PathBuf>) -> Result<T, Error> {
        let value = self.map_err(|source| Error::on(step, target, source))?;
        if fails(step) { Err(Error::new(step, io::Error::from_raw_os_error(libc::EIO))) } else { Ok(value) }
    }
}

/// An [`Error`] as it crosses the socket between launcher and worker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct WireError {
    pub(crate) step: Step,
    pub(crate) target: Option<PathBuf>,
    pub(crate) errno: Option<i32>,
    pub(crate) message: String,
}

impl From<&Error> for WireError {
    fn from(error: &Error) -> Self {
        Self {
            step: error.step,
            target: error.target.clone(),
            errno: error.source.raw_os_error(),
            message: error.source.to_string(),
        }
    }
}

impl From<WireError> for Error {
    fn from(wire: WireError) -> Self {
        let source = wire.errno.map_or_else(|| io::Error::other(wire.message), io::Error::from_raw_os_error);
        Self { step: wire.step, target: wire.target, source }
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, Step};

    #[test]
    fn a_command_is_at_fault_for_what_it_is_and_not_for_what_is_short() {
        let of_the_command =
            |step, errno| Error::new(step, std::io::Error::from_raw_os_error(errno)).is_of_the_command();
        for errno in [libc::ENOENT, libc::ENOEXEC, libc::EACCES, libc::ENOTDIR, libc::ELOOP, libc::EISDIR] {
            assert!(of_the_command(Step::Exec, errno), "{errno}");
            assert!(!of_the_command(Step::TellStart, errno), "{errno}");
        }
        for errno in [libc::ENOMEM, libc::EMFILE, libc::ENFILE, libc::ETXTBSY, libc::EAGAIN, libc::EIO] {
            assert!(!of_the_command(Step::Exec, errno), "{errno}");
        }
    }
}
