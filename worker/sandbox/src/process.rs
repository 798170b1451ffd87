//! The processes of a sandbox, from the outside in: worker, launcher, init, program.
//!
//! * The *launcher* is the worker's own binary, started anew, one for each slot. It has one thread, builds the root file
//!   system once, and clones an init for every run.
//! * The *init* is process 1 of a run's namespaces. It mounts what is fresh for the run, makes the program's process, and reports
//!   how the program ended.
//! * The *program* is process 2: it enters the control group, takes the request, gives everything up, and executes the command.
//!
//! Launcher, init and, until it executes the command, the program's process have one memory, so that none of them has to be copied. They use it
//! in turns ([`heap`]): the launcher waits for the init's end, the init for the execution.

mod heap;
pub(crate) mod init;
pub(crate) mod launcher;
mod mounts;
mod pipes;
pub(crate) mod program;
pub(crate) mod protocol;
pub(crate) mod sys;
