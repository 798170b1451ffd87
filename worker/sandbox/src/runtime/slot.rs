//! A slot: one run at a time, and the launcher that makes a sandbox ready for the next.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::sys::wait::WaitStatus;

use super::habit::Habit;
use super::launch::Launcher;
use super::sandbox::{Sandbox, reply};
use super::watch::Watch;
use super::{Command, Input, Limits, Lost, PATIENCE, Shared, is_readable, micros, unexpected};
use crate::cgroup::{RunGroup, SlotGroups};
use crate::container::View;
#[cfg(debug_assertions)]
use crate::defence::Switches;
use crate::error::{At as _, Error, Step};
use crate::outcome::Outcome;
use crate::process::launcher;
use crate::process::protocol::{Ground, Ids, Next, Reply, Request, Room, Setup, encoded, exactly, send};
use crate::process::sys::{self, Filter};
use crate::security::{Policy, Profile, seccomp};
use crate::workspace::{Mounted, Size, WorkFile, Workspace};

/// A place where one run at a time happens; it owns a launcher.
#[derive(Debug)]
pub struct Slot {
    shared: Arc<Shared>,
    index: usize,
    cpu: Option<u32>,
    launcher: Launcher,
    socket: OwnedFd,
    groups: SlotGroups,
    pub(super) ids: Ids,
    state: State,
    habit: Habit,
    /// What the sandbox that waits, or is being made, is likely to be wanted for.
    likely: Next,
    /// The size of the last work directory.
    last_work: Option<Size>,
}

#[derive(Debug)]
enum State {
    /// The launcher makes the next sandbox, or has made it.
    Pending,
    /// It is there.
    Made(Sandbox),
    /// The last run is over, and there is to be no other: nothing is in the groups but this init, which may still be ending.
    Over(OwnedFd),
    /// It cannot be made, which the next run is told.
    Failed(Error),
    /// A run is under way, or one ended so that nobody knows what the launcher does.
    Unusable,
}

impl Slot {
    /// Starts a launcher and sends it what it needs to make the first sandbox ready.
    pub(super) fn start(shared: &Arc<Shared>, index: usize, cpu: Option<u32>) -> Result<Self, Error> {
        let groups = shared.session.create_slot(index)?;
        Self::of(shared, (index, groups), cpu, &Profile::ALL, || launched(&shared.view, cpu, Launcher::start))
    }

    /// The same in these groups with this launcher, for runs with these filters.
    pub(super) fn of(
        shared: &Arc<Shared>,
        (index, groups): (usize, SlotGroups),
        cpu: Option<u32>,
        profiles: &[Profile],
        launched: impl FnOnce() -> Result<(Launcher, OwnedFd), Error>,
    ) -> Result<Self, Error> {
        let started = groups.number().map(Ids::of_group).and_then(|ids| {
            groups.admit(ids.init)?;
            // The launcher makes those of the others.
            groups.run(launcher::FIRST_RUN).create(ids.init)?;
            Ok((ids, launched()?))
        });
        let (ids, (launcher, socket)) = match started {
            Ok(started) => started,
            Err(error) => return Err(error.and_then(groups.remove())),
        };
        let shared = Arc::clone(shared);
        let state = State::Pending;
        let slot = Self {
            shared,
            index,
            cpu,
            launcher,
            socket,
            groups,
            ids,
            state,
            habit: Habit::default(),
            likely: Next::default(),
            last_work: None,
        };
        match slot.send_setup(profiles) {
            Ok(()) => Ok(slot),
            Err(error) => Err(slot.discard(error)),
        }
    }

    /// Waits until the first sandbox is ready. Otherwise the first run does, and has its errors.
    pub(super) fn await_ready(mut self) -> Result<Self, Error> {
        match self.next_sandbox().and_then(|sandbox| sandbox.ready(&self.socket)) {
            Ok(sandbox) => {
                self.state = State::Made(sandbox);
                Ok(self)
            }
            Err(error) => Err(self.discard(error)),
        }
    }

    /// Waits until the last run is cleared away and the next sandbox is ready. What goes wrong shows at the next run.
    pub fn settle(&mut self) {
        let sandbox = match std::mem::replace(&mut self.state, State::Unusable) {
            State::Pending => self.next_sandbox(),
            State::Made(sandbox) => Ok(sandbox),
            other => {
                self.state = other;
                return;
            }
        };
        self.state = sandbox.and_then(|sandbox| sandbox.ready(&self.socket)).map_or_else(State::Failed, State::Made);
    }

    /// Closes a slot in which nothing works. What could not be done counts, not how the launcher ended then.
    fn discard(mut self, error: Error) -> Error {
        self.state = State::Unusable;
        error.and_then(self.close())
    }

    fn send_setup(&self, profiles: &[Profile]) -> Result<(), Error> {
        let (places, dirs) = self.groups.share()?;
        let filter = |policy: Policy| Ok::<_, Error>(Filter::of_bytes(&seccomp::compile(policy)?));
        let of_profile = |&profile: &Profile| Ok((profile, filter(Policy::Program(profile))?));
        let setup = Setup {
            filters: profiles.iter().map(of_profile).collect::<Result<_, Error>>()?,
            init_filter: filter(Policy::Init)?,
            ids: self.ids,
            groups: places.clone(),
        };
        let dirs: Vec<_> = dirs.iter().map(OwnedFd::as_fd).collect();
        send(self.socket.as_fd(), &setup, &dirs)
    }

    /// A work directory for a run in this slot, with these files in it. They take nothing of the limits.
    ///
    /// # Errors
    /// Among others, a path that is not plain and relative.
    pub fn workspace(&mut self, limits: &Limits, files: &[&[WorkFile]]) -> Result<Workspace, Error> {
        let mount = |size: Size| {
            let made = if self.likely.work == Some(size) { self.take_work() } else { None };
            self.last_work = Some(size);
            let owner = self.ids.program;
            made.map_or_else(|| Mounted::new(size, owner), |made| Ok(Mounted::received(made, owner)))
        };
        Workspace::create(mount, limits.file_bytes, limits.inodes, files)
    }

    /// The work directory that comes with the next sandbox, for which the run would have to wait anyway.
    fn take_work(&mut self) -> Option<OwnedFd> {
        if matches!(self.state, State::Pending) {
            self.state = self.next_sandbox().map_or_else(State::Failed, State::Made);
        }
        if let State::Made(sandbox) = &mut self.state { sandbox.work.take() } else { None }
    }

    /// Whether the launcher failed or a run left something, so that the slot must be replaced. So it is after a panic, too.
    pub const fn is_broken(&self) -> bool {
        matches!(self.state, State::Unusable | State::Failed(_))
    }

    /// Why the next sandbox could not be made, if it is known.
    pub const fn failure(&self) -> Option<&Error> {
        if let State::Failed(error) = &self.state { Some(error) } else { None }
    }

    /// Replaces this slot by a fresh one and returns the old one, to be closed.
    ///
    /// # Errors
    /// The fresh one cannot be started; the old one stays.
    pub fn renew(&mut self) -> Result<Self, Error> {
        let fresh = Self::start(&self.shared, self.index, self.cpu)?.await_ready()?;
        Ok(std::mem::replace(self, fresh))
    }

    /// Runs a command to its end, or to a limit. When it returns, every process of the program is dead, whatever happened; if
    /// that cannot be, the slot is broken. The run's init may still be ending; it, the mounts and the control group are gone
    /// before the slot's next sandbox is made.
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
        self.begin(true, command, limits, work, input)?.complete().map_err(Lost::into_error)
    }

    /// Begins it; if the slot does not go on, there is no further run, and nothing is made ready for one.
    pub(super) fn begin<'a>(
        &'a mut self,
        goes_on: bool,
        command: &'a Command,
        limits: &'a Limits,
        work: &Workspace,
        input: &Input,
    ) -> Result<Running<'a>, Error> {
        let stdin = input.open().at(Step::ConnectStdio)?;
        let mut running = self.spawn(command, limits, work, stdin)?;
        running.goes_on = goes_on;
        Ok(running)
    }

    /// Begins a run that reads this descriptor. If it cannot begin, nothing of it is left.
    pub(super) fn spawn<'a>(
        &'a mut self,
        command: &'a Command,
        limits: &'a Limits,
        work: &Workspace,
        stdin: OwnedFd,
    ) -> Result<Running<'a>, Error> {
        let started = Instant::now();
        // A command that is too large is sent to nobody.
        let (paths, shown): (Vec<_>, Vec<_>) = work.shown()?.into_iter().unzip();
        let request = encoded(&request(command, limits, &paths))?;
        let mut sandbox = match std::mem::replace(&mut self.state, State::Unusable) {
            State::Made(sandbox) => sandbox,
            State::Pending => self.next_sandbox()?,
            State::Failed(error) => return Err(error),
            State::Over(_) | State::Unusable => {
                return Err(Error::new(Step::TalkToLauncher, io::Error::other("the slot is broken")));
            }
        };
        let fds: Vec<_> = [stdin.as_fd(), work.fd()].into_iter().chain(shown.iter().map(OwnedFd::as_fd)).collect();
        let begun = sandbox.begin(&self.socket, limits, &request, &fds).and_then(|taken| {
            if !taken {
                // It died while it waited, whatever killed it.
                self.likely = Next::default();
                send(self.socket.as_fd(), &self.likely, &[])?;
                sandbox = self.next_sandbox()?;
                if !sandbox.begin(&self.socket, limits, &request, &fds)? {
                    return Err(Error::new(Step::LoseInit, io::Error::from_raw_os_error(libc::EPIPE)));
                }
            }
            Ok(())
        });
        if let Err(error) = begun {
            return Err(error.and_then(self.abandon(&sandbox.group)));
        }
        drop(fds);
        drop(stdin);
        let watch = Watch::new(sandbox.outputs, sandbox.pidfd, sandbox.group, limits);
        Ok(Running { slot: self, watch, command, started, goes_on: true, ended: None, is_settled: false })
    }

    /// Waits for the next sandbox, which may not be ready yet, and before, unless it is known, for the end of the last.
    fn next_sandbox(&self) -> Result<Sandbox, Error> {
        loop {
            match reply(&self.socket)? {
                (Reply::Finished, _) => {}
                (Reply::Cloned { number, work, counters }, mut fds) => {
                    let rest = fds.split_off(fds.len().min(5));
                    if rest.len() != usize::from(work) + counters.len() {
                        return Err(unexpected());
                    }
                    let [pidfd, channel, status, stdout, stderr] = exactly(fds)?;
                    let mut rest = rest.into_iter();
                    let work = if work { rest.next() } else { None };
                    let group = self.groups.run(number).with_counters(counters.into_iter().zip(rest.map(File::from)));
                    let outputs = [status, stdout, stderr].map(File::from);
                    let limits = self.likely.room.map(|room| room.group);
                    return Ok(Sandbox { pidfd, channel, outputs, work, group, is_ready: false, limits });
                }
                (Reply::Failed(error), _) => return Err(error.into()),
                (Reply::Ready, _) => return Err(unexpected()),
            }
        }
    }

    /// Lets the launcher clear away a run with this room, and make the next sandbox, for what is likely.
    fn clear_away(&mut self, room: Room) -> Result<(), Error> {
        self.likely = self.last_work.map_or_else(Next::default, |work| self.habit.after(room, work));
        send(self.socket.as_fd(), &self.likely, &[])
    }

    /// Waits until the launcher says that the run is dead.
    fn await_finished(&self) -> Result<(), Error> {
        match reply(&self.socket)? {
            (Reply::Finished, _) => Ok(()),
            (Reply::Failed(error), _) => Err(error.into()),
            _ => Err(unexpected()),
        }
    }

    /// Kills a launcher of which nobody knows what it does, which is the end of its run: the kernel kills the init with it. The
    /// slot stays broken, and closing it tells what is left.
    fn abandon(&mut self, group: &RunGroup) -> Result<(), Error> {
        self.state = State::Unusable;
        let group_killed = group.kill();
        let killed = self.launcher.kill().and_then(|()| self.launcher.await_end(Duration::from_secs(2)));
        killed.at(Step::StartLauncher).map(drop).and(group_killed)
    }

    /// Ends the launcher and removes the slot's control groups.
    ///
    /// # Errors
    /// It did not end as it should, or a group stays.
    pub fn close(self) -> Result<(), Error> {
        self.close_and(|| Ok(()))
    }

    /// The same, and what is to be done when the groups are removed.
    pub(super) fn close_and(self, then: impl FnOnce() -> Result<(), Error>) -> Result<(), Error> {
        let broken = self.is_broken();
        let Self { launcher, socket, groups, state, .. } = self;
        drop(socket);
        let (mut then, mut removed) = (Some(then), Ok(()));
        if let State::Over(init) = state {
            // What holds no process can go while the init ends, and the rest while the launcher does. What fails is tried again below.
            let gone = groups.remove_legacy().and_then(|()| {
                is_readable(init.as_fd(), Instant::now() + PATIENCE).at(Step::WaitProgram)?;
                groups.remove()
            });
            if gone.is_ok() {
                removed = then.take().map_or(Ok(()), |then| then());
            }
        } else {
            drop(state);
        }
        let mut ended = launcher.await_end(if broken { Duration::ZERO } else { PATIENCE });
        if matches!(ended, Ok(None)) {
            // It is stuck, and everything in it may die.
            ended = launcher.kill().and_then(|()| launcher.await_end(PATIENCE));
        }
        if let Some(then) = then {
            removed = groups.remove().and_then(|()| then());
        }
        removed?;
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

/// A launcher that builds a root file system from this view, and our end of its socket.
pub(super) fn launched(
    view: &View,
    cpu: Option<u32>,
    launch: fn() -> io::Result<(Launcher, OwnedFd)>,
) -> Result<(Launcher, OwnedFd), Error> {
    let (launcher, socket) = launch().at(Step::StartLauncher)?;
    let ground = Ground {
        view: view.clone(),
        cpu,
        #[cfg(debug_assertions)]
        switches: Switches::get(),
    };
    if let Err(error) = send(socket.as_fd(), &ground, &[]) {
        drop(socket);
        return Err(error.and_then(launcher.await_end(PATIENCE).map(drop).at(Step::StartLauncher)));
    }
    Ok((launcher, socket))
}

/// A run that has begun. Dropped before it is finished, it leaves a broken slot, whose launcher is killed.
pub(super) struct Running<'a> {
    slot: &'a mut Slot,
    pub(super) watch: Watch<'a>,
    command: &'a Command,
    started: Instant,
    /// Whether the slot has further runs.
    goes_on: bool,
    ended: Option<Ended>,
    /// Whether it is finished.
    is_settled: bool,
}

/// How a run was stopped.
#[derive(Clone, Copy)]
struct Ended {
    since: Instant,
    /// Whether every process of the program is known to be dead, and the launcher does what it should.
    is_clean: bool,
}

impl Running<'_> {
    /// Watches it to its end.
    pub(super) fn complete(mut self) -> Result<Outcome, Lost> {
        let watched = self.watch.until_over();
        let lost = if self.watch.has_begun() { Lost::Run } else { Lost::Sandbox };
        self.finish(watched).map_err(lost)
    }

    /// Whether it was stopped, or has ended by itself and was looked at.
    pub(super) const fn is_over(&self) -> bool {
        self.ended.is_some()
    }

    /// Kills what is left of the run and reads what it has written. `watched` is how the watch over it went.
    pub(super) fn stop(&mut self, watched: Result<(), Error>) -> Result<(), Error> {
        if self.is_over() {
            return watched;
        }
        let since = Instant::now();
        self.ended = Some(Ended { since, is_clean: false });
        // An init that has told of the program's end does nothing but end, too. To wait for it is to wait for its mounts and
        // namespaces.
        let is_alone = watched.is_ok() && self.watch.end().is_some() && matches!(self.watch.group.is_empty(), Ok(true));
        let dead = if is_alone { Ok(()) } else { self.kill() };
        self.ended = Some(Ended { since, is_clean: dead.is_ok() });
        watched.and(dead)?;
        self.watch.drain()
    }

    /// Kills all of it, one way whether or not another works, and waits until it is dead. What has still to begin begins before, which
    /// is a matter of a moment: nothing would be known of a run that did not, and who is killed then takes the launcher along.
    fn kill(&mut self) -> Result<(), Error> {
        let begun = self.watch.await_start(Duration::from_secs(2));
        let group_killed = self.watch.group.kill();
        let init_killed = sys::kill_pidfd(self.watch.pidfd.as_fd()).at(Step::KillCgroup);
        self.slot.await_finished().and(group_killed).and(init_killed).and(begun)
    }

    /// Ends the run, if it has not ended, and lets the launcher clear it away and, if it goes on, make the next sandbox.
    pub(super) fn finish(mut self, watched: Result<(), Error>) -> Result<Outcome, Error> {
        let result = self.stop(watched).and_then(|()| {
            let counters = self.watch.counters()?;
            self.watch.outcome(counters, self.command, self.started)
        });
        self.is_settled = true;
        let is_clean = self.ended.is_some_and(|ended| ended.is_clean);
        let init = if is_clean && !self.goes_on { self.watch.pidfd.try_clone().ok() } else { None };
        if let Some(init) = init {
            self.slot.state = State::Over(init);
        } else if is_clean && self.slot.clear_away(room(self.watch.limits)).is_ok() {
            self.slot.state = State::Pending;
        } else {
            let abandoned = self.slot.abandon(&self.watch.group);
            if let Err(error) = result {
                return Err(error.and_then(abandoned));
            }
        }
        let mut outcome = result?;
        outcome.teardown_us = self.ended.map_or(0, |ended| micros(ended.since.elapsed()));
        Ok(outcome)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !self.is_settled {
            // Closing the slot, which is broken, tells what is left.
            drop(self.slot.abandon(&self.watch.group));
        }
    }
}

fn room(limits: &Limits) -> Room {
    // None at all would be no limit at all.
    let (tmp_bytes, tmp_inodes) = (limits.file_bytes.max(1), limits.inodes.saturating_add(1));
    Room { group: limits.of_group(), tmp_bytes, tmp_inodes }
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
        room: room(limits),
        shown: shown.iter().map(|&path| path.to_owned()).collect(),
    }
}
