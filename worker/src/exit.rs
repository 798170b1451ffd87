//! The exit codes of the program. They are part of its interface; docs/commands.md lists them.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything as it should be.
    Fine = 0,
    /// A verdict differs from the expected one, a program failed, or some of the work could not be done.
    Difference = 1,
    /// The command line or a file that it names is wrong. clap uses the same number.
    Usage = 2,
    /// This host cannot grade: `assay doctor` says why.
    Unfit = 3,
    /// Stopped by a signal; what was graded is kept.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
