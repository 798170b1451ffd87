//! The program's process, from its creation to the execution of the command: it enters the control group, takes the request, attaches
//! the work directory, gives everything up in the order that capabilities(7), credentials(7) and seccomp(2) demand, and executes.

use std::convert::Infallible;
use std::ffi::CString;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::Path;

use nix::sched::{CloneFlags, unshare};

use super::mounts;
use super::pipes::Outputs;
use super::protocol::{
    Ids, Record, Reply, Request, Room, Setup, decoded, exactly, failure, hand_over, monotonic_ns, receive_encoded,
    send, shown,
};
use super::sys;
use crate::cpus;
use crate::defence::{Defence, on};
use crate::error::{At as _, Error, Step, WireError};
use crate::security::{self, Profile, seccomp};

/// What a sandbox has that leads out of it: into the run's groups, and to the worker.
pub(crate) struct Ways {
    /// The version 2 group, in which the process is born.
    pub(crate) unified: Option<OwnedFd>,
    /// The `tasks` files of version 1.
    pub(crate) tasks: Vec<OwnedFd>,
    /// Brings the request.
    pub(crate) channel: OwnedFd,
    pub(crate) outputs: Outputs,
}

impl Ways {
    pub(super) fn all(&self) -> impl Iterator<Item = &OwnedFd> {
        let Outputs { status, stdout, stderr } = &self.outputs;
        self.unified.iter().chain(&self.tasks).chain([&self.channel, status, stdout, stderr])
    }
}

/// Runs in the child of the init, which waits meanwhile, and whose memory it has. `room` is what there is already. `init` gets what it
/// needs afterwards. Does not return.
pub(crate) fn run(setup: &Setup, room: Option<Room>, ways: &Ways, init: &OwnedFd) -> Infallible {
    let ready = get_ready(setup, &ways.tasks);
    let reply = ready.as_ref().map_or_else(|error| Reply::Failed(WireError::from(error)), |()| Reply::Ready);
    let told = send(ways.channel.as_fd(), &reply, &[]);
    let (Ok(()), Ok(())) = (ready, told) else { sys::exit_now(1) };
    let Ok(Some((message, mut fds))) = receive_encoded(ways.channel.as_fd()) else { sys::exit_now(1) };
    let shown = fds.split_off(fds.len().min(2));
    let Ok([stdin, work]) = exactly(fds) else { sys::exit_now(1) };
    let fds = RunFds { stdin: &stdin, outputs: &ways.outputs, work: &work, shown: &shown };
    let Err(error) = decoded(&message).and_then(|request: Request| {
        if room != Some(request.room) {
            mounts::size_temporary(request.room)?;
        }
        execute(setup, &request, &fds, init)
    });
    // All is marked close-on-exec only, so that a failure can still be told.
    sys::exit_now(i32::from(failure(&error).send(&ways.outputs.status).is_err()) + 1)
}

/// What it reads, writes, and works in.
struct RunFds<'a> {
    stdin: &'a OwnedFd,
    outputs: &'a Outputs,
    work: &'a OwnedFd,
    shown: &'a [OwnedFd],
}

/// What is the same for every run.
fn get_ready(setup: &Setup, tasks: &[OwnedFd]) -> Result<(), Error> {
    enter_groups(tasks)?;
    if let Some(cpu) = setup.cpu {
        // Inherited already. But before Linux 6.2 who enters a group with a set of CPUs gets all of them.
        cpus::bind(cpu)?;
    }
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
        reset_signals()?;
    }
    Ok(())
}

fn execute(setup: &Setup, request: &Request, fds: &RunFds<'_>, init: &OwnedFd) -> Result<Infallible, Error> {
    let command = Command::new(request)?;
    mounts::attach_work(request, fds.work, fds.shown)?;
    connect_stdio(fds)?;
    if on(Defence::CloseDescriptors) {
        sys::close_from(3, true).at(Step::CloseDescriptors)?;
    }
    security::set_named_rlimits(request.file_bytes, request.cpu_seconds)?;
    give_up()?;
    // The filter allows what is still to be done.
    let listener = install_filter(setup, request.profile)?;
    hand_over(init, listener.as_ref()).at(Step::CloneProgram)?;
    change_directory()?;
    announce(&fds.outputs.status)?;
    nix::unistd::execve(&command.path, &command.argv, &command.env).at_path(Step::Exec, shown(command.path.as_bytes()))
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

/// The command as the system call wants it.
struct Command {
    path: CString,
    argv: Vec<CString>,
    env: Vec<CString>,
}

impl Command {
    fn new(request: &Request) -> Result<Self, Error> {
        let argv = request
            .argv
            .iter()
            .map(|item| CString::new(item.as_str()))
            .collect::<Result<Vec<_>, _>>()
            .at(Step::Exec)?;
        let env = request
            .env
            .iter()
            .map(|(name, value)| CString::new(format!("{name}={value}")))
            .collect::<Result<Vec<_>, _>>()
            .at(Step::Exec)?;
        let path = argv
            .first()
            .cloned()
            .ok_or_else(|| Error::new(Step::Exec, std::io::Error::from_raw_os_error(libc::EINVAL)))?;
        Ok(Self { path, argv, env })
    }
}

/// Version 1 groups; in those of version 2 this process was born.
fn enter_groups(tasks: &[OwnedFd]) -> Result<(), Error> {
    tasks.iter().try_for_each(|file| nix::unistd::write(file, b"0").map(drop).at(Step::EnterCgroup))
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

fn connect_stdio(fds: &RunFds<'_>) -> Result<(), Error> {
    nix::unistd::dup2_stdin(fds.stdin).at(Step::ConnectStdio)?;
    nix::unistd::dup2_stdout(&fds.outputs.stdout).at(Step::ConnectStdio)?;
    nix::unistd::dup2_stderr(&fds.outputs.stderr).at(Step::ConnectStdio)
}

/// Signals that are ignored or blocked stay so across an execution, and the worker's runtime ignores SIGPIPE.
fn reset_signals() -> Result<(), Error> {
    sys::reset_signal_actions();
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
    match sys::install_filter_with_listener(filter) {
        Ok(listener) => Ok(Some(listener)),
        Err(_) => sys::install_filter(&seccomp::without_listener(filter)).map(|()| None).at(Step::InstallFilter),
    }
}

/// Tells what this process has used so far, which is not the command's.
fn announce(status: &OwnedFd) -> Result<(), Error> {
    let (user_us, system_us) = sys::own_cpu_us();
    Record::Starting { user_us, system_us, monotonic_ns: monotonic_ns() }.send(status).at(Step::TellStart)
}
