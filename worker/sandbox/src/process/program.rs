//! The program's process, from its creation to the execution of the command: it enters the control group, takes the request, attaches
//! the work directory, gives everything up in the order that capabilities(7), credentials(7) and seccomp(2) demand, and executes.

use std::cell::Cell;
use std::convert::Infallible;
use std::ffi::CString;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::Path;

use nix::sched::{CloneFlags, unshare};

use super::pipes::Outputs;
use super::protocol::{
    Ids, Record, Reply, Request, Room, Setup, decoded, exactly, failure, hand_over, monotonic_ns, next_length,
    receive_of, send,
};
use super::sys::{self, Command, Filter};
use super::{heap, mounts};
use crate::cgroup::MOST_TASKS;
use crate::cpus::Cpus;
use crate::defence::{Defence, on};
use crate::error::{At as _, Error, Step, WireError};
use crate::security::{self, Profile, seccomp};

/// What a sandbox has that leads out of it: into the run's groups, and to the worker.
pub(crate) struct Ways {
    /// The version 2 group, in which the process is born.
    pub(crate) unified: Option<OwnedFd>,
    /// The `tasks` files of version 1.
    pub(crate) tasks: [Option<OwnedFd>; MOST_TASKS],
    /// Brings the request.
    pub(crate) channel: OwnedFd,
    pub(crate) outputs: Outputs,
}

impl Ways {
    pub(super) fn all(&self) -> impl Iterator<Item = &OwnedFd> {
        let Outputs { status, stdout, stderr } = &self.outputs;
        self.unified.iter().chain(self.tasks.iter().flatten()).chain([&self.channel, status, stdout, stderr])
    }
}

/// What the program's process is given.
pub(super) struct Given<'a> {
    pub(super) setup: &'a Setup,
    /// What there is already.
    pub(super) room: Option<Room>,
    pub(super) ways: &'a Ways,
    /// Takes what the init needs afterwards.
    pub(super) init: &'a OwnedFd,
    /// What an execution leaves in the memory.
    pub(super) command: &'a Cell<Option<Command>>,
    /// On which it may run.
    pub(super) cpus: &'a Cpus,
}

/// Runs in the child of the init, which waits meanwhile, and whose memory it has. Does not return.
pub(super) fn run(given: &Given<'_>) -> Infallible {
    let status = &given.ways.outputs.status;
    let executed = given.take_request().map(|(message, fds)| {
        let command = given.get_done(&message, fds);
        // Nothing is to be left but the command.
        drop(message);
        command.and_then(|command| execute(command, given.command, status))
    });
    // All is marked close-on-exec only, so that a failure can still be told.
    let failed = executed.map(|Err(error)| failure(&error));
    // The worker may kill who has told.
    heap::leave();
    sys::exit_now(failed.map_or(1, |failed| i32::from(failed.send(status).is_err()) + 1))
}

impl Given<'_> {
    /// Gets ready, says so, and waits for the request. `None` if there is nothing left to do.
    fn take_request(&self) -> Option<(Vec<u8>, Vec<OwnedFd>)> {
        let channel = self.ways.channel.as_fd();
        let ready = get_ready(self.cpus, &self.ways.tasks);
        let reply = ready.as_ref().map_or_else(|error| Reply::Failed(WireError::from(error)), |()| Reply::Ready);
        send(channel, &reply, &[]).ok()?;
        ready.ok()?;
        let length = heap::without(|| next_length(channel)).ok()??;
        receive_of(length, channel).ok()?
    }

    /// Does what the request wants, up to the execution.
    fn get_done(&self, message: &[u8], mut fds: Vec<OwnedFd>) -> Result<Command, Error> {
        let shown = fds.split_off(fds.len().min(2));
        let [stdin, work] = exactly(fds)?;
        let request: Request = decoded(message)?;
        if self.room != Some(request.room) {
            mounts::size_temporary(request.room)?;
        }
        let command = command(&request)?;
        mounts::attach_work(&request, &work, &shown)?;
        connect_stdio(&stdin, &self.ways.outputs)?;
        if on(Defence::CloseDescriptors) {
            sys::close_from(3, true).at(Step::CloseDescriptors)?;
        }
        security::set_named_rlimits(request.file_bytes, request.cpu_seconds)?;
        give_up()?;
        // The filter allows what is still to be done.
        let listener = install_filter(self.setup, request.profile)?;
        hand_over(self.init, listener.as_ref()).at(Step::CloneProgram)?;
        change_directory()?;
        Ok(command)
    }
}

/// What is the same for every run.
fn get_ready(cpus: &Cpus, tasks: &[Option<OwnedFd>]) -> Result<(), Error> {
    enter_groups(tasks)?;
    // The launcher was bound to one CPU when it made this process. Before Linux 6.2 who enters a group with a set of CPUs gets all of
    // that, which may be more.
    cpus.everywhere().at_path(Step::PrepareLauncher, "CPUs")?;
    if on(Defence::CgroupNamespace) {
        unshare(CloneFlags::CLONE_NEWCGROUP).at(Step::LeaveCgroupNamespace)?;
    }
    if on(Defence::OwnSession) {
        nix::unistd::setsid().at(Step::NewSession)?;
    }
    security::set_fixed_rlimits()?;
    if on(Defence::Personality) {
        sys::personality(0).at(Step::SetPersonality)?;
    }
    if on(Defence::BoundingSet) {
        security::forbid_capabilities()?;
    }
    if on(Defence::SignalActions) {
        heed_signals()?;
    }
    Ok(())
}

/// Takes every right that this process has from it.
fn give_up() -> Result<(), Error> {
    let user = if on(Defence::ProgramUser) { Ids::PROGRAM_INSIDE } else { Ids::INIT_INSIDE };
    sys::become_user(user).at(Step::BecomeProgram)?;
    if on(Defence::Capabilities) {
        security::drop_capabilities()?;
    }
    if on(Defence::DieWithInit) {
        sys::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as u64).at(Step::DieWithParent)?;
    }
    if on(Defence::NoNewPrivileges) {
        sys::prctl(libc::PR_SET_NO_NEW_PRIVS, 1).at(Step::NoNewPrivileges)?;
    }
    Ok(())
}

fn command(request: &Request) -> Result<Command, Error> {
    if request.argv.is_empty() {
        return Err(Error::new(Step::Exec, std::io::Error::from_raw_os_error(libc::EINVAL)));
    }
    let argv = request.argv.iter().map(|item| CString::new(item.as_str()));
    let env = request.env.iter().map(|(name, value)| CString::new(format!("{name}={value}")));
    let (argv, env) = (argv.collect::<Result<_, _>>().at(Step::Exec)?, env.collect::<Result<_, _>>().at(Step::Exec)?);
    Ok(Command::new(argv, env))
}

fn execute(command: Command, cell: &Cell<Option<Command>>, status: &OwnedFd) -> Result<Infallible, Error> {
    cell.set(Some(command));
    // From its start on the worker may kill it.
    heap::without(|| announce(status).and_then(|()| Err(Command::execute(cell)).at(Step::Exec)))
}

/// Version 1 groups; in those of version 2 this process was born.
fn enter_groups(tasks: &[Option<OwnedFd>]) -> Result<(), Error> {
    tasks.iter().flatten().try_for_each(|file| nix::unistd::write(file, b"0").map(drop).at(Step::EnterCgroup))
}

/// A directory that was left outside the root would be shown as "(unreachable)", or not at all.
fn change_directory() -> Result<(), Error> {
    nix::unistd::chdir("/work").at_path(Step::ChangeDirectory, "/work")?;
    let cwd = nix::unistd::getcwd().at_path(Step::ChangeDirectory, "/work")?;
    if cwd == Path::new("/work") {
        return Ok(());
    }
    Err(Error::on(Step::ChangeDirectory, cwd, std::io::Error::other("this is not the work directory")))
}

fn connect_stdio(stdin: &OwnedFd, outputs: &Outputs) -> Result<(), Error> {
    nix::unistd::dup2_stdin(stdin).at(Step::ConnectStdio)?;
    nix::unistd::dup2_stdout(&outputs.stdout).at(Step::ConnectStdio)?;
    nix::unistd::dup2_stderr(&outputs.stderr).at(Step::ConnectStdio)
}

/// What is ignored or blocked stays so across an execution. Of those that are ignored the launcher has left two.
fn heed_signals() -> Result<(), Error> {
    sys::heed_errors();
    nix::sys::signal::SigSet::empty().thread_set_mask().at(Step::ResetSignals)
}

/// The init listens to the filter, by what is returned, and so can name a forbidden call. A kernel gives one listener to a process
/// and all it descends from, which may be taken; then the filter kills.
fn install_filter(setup: &Setup, profile: Profile) -> Result<Option<OwnedFd>, Error> {
    if !on(Defence::Filter) {
        return Ok(None);
    }
    let filter = setup.filters.iter().find(|(other, _)| *other == profile);
    let missing = || Error::new(Step::InstallFilter, std::io::Error::other("no filter of this profile"));
    let (_, filter) = filter.ok_or_else(missing)?;
    if let Ok(listener) = filter.install_with_listener() {
        return Ok(Some(listener));
    }
    Filter::of_bytes(&seccomp::without_listener(&filter.to_bytes())).install().map(|()| None).at(Step::InstallFilter)
}

/// Tells what this process has used so far, which is not the command's.
fn announce(status: &OwnedFd) -> Result<(), Error> {
    let (user_us, system_us) = sys::own_cpu_us();
    Record::Starting { user_us, system_us, monotonic_ns: monotonic_ns() }.send(status).at(Step::TellStart)
}
