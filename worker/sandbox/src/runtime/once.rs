//! A sandbox for a single run, as a command line wants it: whatever can be done at the same time is.

use super::launch::Launcher;
use super::slot::{Running, launched};
use super::{Command, Input, Limits, Runtime, Slot};
use crate::cgroup::Places;
use crate::container::View;
#[cfg(debug_assertions)]
use crate::defence::Switches;
use crate::error::Error;
use crate::outcome::Outcome;
use crate::security::Profile;
use crate::workspace::Workspace;

/// Why nothing is known about a program.
#[derive(Debug)]
pub enum Lost {
    /// No sandbox could be made for it.
    Sandbox(Error),
    /// The sandbox failed during the run.
    Run(Error),
    /// It could not be cleared away.
    Clear(Error),
}

impl Lost {
    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Sandbox(error) | Self::Run(error) | Self::Clear(error) => error,
        }
    }
}

/// A runtime with its only slot, in which there is one run at most. It must be run or closed.
#[derive(Debug)]
pub struct OneRun {
    runtime: Runtime,
    slot: Slot,
}

impl OneRun {
    /// Finds the control groups, as [`Runtime::new`] does, and starts a slot for a run with the filter of this profile. In a process with
    /// one thread the launcher is a copy of it, which costs less than the binary loaded anew. Nothing waits for it before the run, which
    /// has its errors.
    ///
    /// # Errors
    /// The host cannot enforce limits, or does not let us; no process can be made.
    pub fn new(view: View, profile: Profile) -> Result<Self, Error> {
        #[cfg(debug_assertions)]
        Switches::read()?;
        let launched = launched(&view, None, Launcher::copy)?;
        let runtime = Runtime::new(view)?;
        let shared = &runtime.shared;
        let slot = shared
            .session
            .only_slot()
            .and_then(|groups| Slot::of(shared, (0, groups), None, &[profile], || Ok(launched)));
        match slot {
            Ok(slot) => Ok(Self { runtime, slot }),
            Err(error) => Err(error.and_then(runtime.close())),
        }
    }

    /// Where limits are enforced.
    pub fn places(&self) -> &Places {
        self.runtime.places()
    }

    /// An empty work directory for the run.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn workspace(&mut self, limits: &Limits) -> Result<Workspace, Error> {
        self.slot.workspace(limits, &[])
    }

    /// Runs the command, as [`Slot::run`] does, and clears everything away.
    ///
    /// # Errors
    /// As there, told apart; and what cannot be cleared away.
    pub fn run(mut self, command: &Command, limits: &Limits, work: &Workspace, input: &Input) -> Result<Outcome, Lost> {
        let begun = self.slot.begin(false, command, limits, work, input).map_err(Lost::Sandbox);
        let result = begun.and_then(Running::complete);
        let closed = self.close();
        match result {
            Ok(outcome) => closed.map(|()| outcome).map_err(Lost::Clear),
            Err(Lost::Sandbox(error)) => Err(Lost::Sandbox(error.and_then(closed))),
            Err(Lost::Run(error) | Lost::Clear(error)) => Err(Lost::Run(error.and_then(closed))),
        }
    }

    /// Clears everything away.
    ///
    /// # Errors
    /// The launcher did not end as it should, or a group stays.
    pub fn close(self) -> Result<(), Error> {
        let Self { runtime, slot } = self;
        slot.close_and(|| runtime.close())
    }
}
