//! Runs one untrusted program at a time in a sandbox made straight from the kernel's primitives.
//!
//! # Theory of operation
//!
//! A worker has one [`Runtime`] and as many [`Slot`]s as runs at a time. A slot owns a *launcher*: the worker's own binary,
//! started anew through `/proc/self/exe`, with a socket as its standard input (or, for a single run, a copy of the process, if that
//! has one thread). It has one thread, so it may clone without
//! the hazards of a threaded process. The launcher enters a mount namespace of its own, builds the root file system there,
//! pivots into it and detaches the old root, reads back what is mounted, once, while the worker makes the slot's control groups. For each run it
//! makes a control group (the worker that of the first) and the pipes of its outputs, clones an *init* into new user, mount, PID, network, IPC
//! and UTS namespaces, and maps two unprivileged ids that no other slot has. It does so ahead of time, and gives the worker what that will read.
//! If the slot had such runs in turns before, it limits the group and makes the work directory, too. The init has the launcher's memory, which it uses while the
//! launcher waits for its end. It mounts a fresh `/proc`, `/tmp` and `/dev/shm` and makes the *program*'s process, as vfork(2) does: that has
//! the memory, too, and the init waits until the command is executed. The process enters the run's control group (by
//! `CLONE_INTO_CGROUP` on version 2, by writing `0` to `tasks` on version 1) and a cgroup namespace, and waits for its one request.
//!
//! The worker limits the control group, unless it has these limits, and sends the request, past the launcher. The program's process gives
//! `/tmp` and `/dev/shm` their sizes, attaches the work directory, gives up every capability, its user id and the right to new privileges, installs the
//! filter, leaves the init what listens to it, and executes the command. The init goes on: it keeps the right to kill and
//! gives up the rest, gets a filter of its own, and ends the run at the first forbidden call.
//!
//! The worker reads the outputs and a status pipe, samples the control group's counters, and kills by `cgroup.kill` and by
//! the death of the init, which takes the PID namespace with it. It reads the counters when everything in the control group is
//! dead, tells the launcher, which removes the group and makes the next sandbox ready, and collects files through descriptors.
//! That the init is dead, too, it hears before the next run begins.
//!
//! If the worker dies, its end of the socket closes, and the launcher kills the init; if the launcher dies, the kernel
//! kills the init. What is left then is empty control groups, which the next start sweeps.
//!
//! A program's failure is a value ([`Outcome`]); the sandbox's failure is an [`Error`] that names the step.

mod cgroup;
mod container;
mod cpus;
mod defence;
mod error;
mod kernel_file;
mod outcome;
mod process;
mod runtime;
mod security;
mod workspace;

#[cfg(test)]
#[path = "../../../tests/common/damage.rs"]
mod damage;
#[cfg(test)]
mod fuzz;

pub use cgroup::{Place, Places, Version};
pub use container::{Image, View};
pub use cpus::cpus;
#[cfg(debug_assertions)]
pub use defence::Defence;
pub use error::{Error, Step};
pub use outcome::{Captured, End, ForbiddenCall, Outcome, Stopped, Usage};
pub use runtime::{Command, Input, Interaction, Limits, Lost, OneRun, Party, Runtime, Slot, interact};
pub use security::Profile;
#[cfg(debug_assertions)]
pub use security::refused_groups;
pub use workspace::{CollectLimits, WorkFile, Workspace};

/// Becomes a launcher if this process was started as one. To be called first thing in `main`, before any thread exists.
/// Returns the exit code of the launcher, or `None` in any other process.
pub fn run_if_bootstrap() -> Option<i32> {
    // Who ignores it, as this process's parent may, has no children to wait for.
    process::sys::reset_signal_action(libc::SIGCHLD);
    // A file that may not be so large (setrlimit(2), RLIMIT_FSIZE) is an error that can be told.
    process::sys::ignore_signal(libc::SIGXFSZ);
    let name = std::env::args_os().next()?;
    (name == process::launcher::ARGV0).then(process::launcher::serve)
}
