//! The init of a run: process 1 of its namespaces. It mounts what is fresh, makes the program's process, and tells how it ended.

use std::cell::Cell;
use std::convert::Infallible;
use std::os::fd::{AsFd as _, OwnedFd, RawFd};

use caps::Capability;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};
use nix::unistd::Pid;

use super::pipes::Outputs;
use super::program::{self, Ways};
use super::protocol::{Ids, Record, Reply, Room, Setup, failure, monotonic_ns, send};
use super::sys::{self, Command, Filter, Stack, Waited};
use super::{heap, mounts};
use crate::cpus::Cpus;
use crate::defence::{Defence, on};
use crate::error::{At as _, Error, Step, WireError};
use crate::security::{self, seccomp};

/// What an init is given.
pub(super) struct Given {
    pub(super) setup: &'static Setup,
    /// What there is to be from the start of what the run may use.
    pub(super) room: Option<Room>,
    /// It begins when a byte comes, and lives as long as there is a launcher at the other end.
    pub(super) release: OwnedFd,
    pub(super) ways: Ways,
    /// The stack of the program's process until that executes the command.
    pub(super) stack: &'static Stack,
    /// The command that it has executed, of which the launcher disposes.
    pub(super) command: &'static Cell<Option<Command>>,
    /// Where it may run: the launcher has bound itself to one CPU to clone this process.
    pub(super) cpus: Cpus,
    /// Ends of the same pipes that the launcher keeps.
    pub(super) others: [RawFd; 5],
}

/// Runs in the launcher's memory, and returns nothing to it. Does not return.
pub(super) fn run(given: Given) -> Infallible {
    sys::close_others(&given.others);
    let released = await_release(&given.release);
    if released.is_err() || !heap::take() {
        sys::exit_now(1);
    }
    let started = start(&given);
    let Given { setup, ways, cpus, .. } = given;
    let Started { children, program } = match started {
        Ok(Some(started)) => started,
        // Nobody knows what the heap is like now. The launcher finds it held, and ends.
        Ok(None) => sys::exit_now(1),
        Err(error) => {
            let told = send(ways.channel.as_fd(), &Reply::Failed(WireError::from(&error)), &[]);
            drop(error);
            heap::leave();
            sys::exit_now(i32::from(told.is_err()) + 1)
        }
    };
    // From here on nothing of the heap is used: the worker may kill this process whenever the program has been executed.
    let Ways { unified, tasks, channel, outputs: Outputs { status, stdout, stderr } } = ways;
    // The program's outputs end when the program closes them.
    drop((unified, tasks, channel, stdout, stderr));
    // Otherwise it has ended, and has said why.
    let Ok(listener) = sys::receive_descriptor(program.as_fd()) else { sys::exit_now(1) };
    drop(program);
    let ended =
        watch(&setup.init_filter, cpus, listener, &children).and_then(|end| end.send(&status).at(Step::WaitProgram));
    sys::exit_now(match ended {
        Ok(()) => 0,
        Err(error) => i32::from(failure(&error).send(&status).is_err()) + 1,
    })
}

/// The program's process was made, and has executed the command, or ended.
struct Started {
    /// Tells of ended children.
    children: SignalFd,
    /// Where it has left what it hands over.
    program: OwnedFd,
}

/// `None` if the program's process was killed while it used the heap, which is left otherwise.
fn start(given: &Given) -> Result<Option<Started>, Error> {
    let Given { setup, room, release, ways, stack, command, cpus, .. } = given;
    let children = get_ready(*room, release, ways)?;
    let (program, theirs) =
        socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC).at(Step::CloneProgram)?;
    let group = ways.unified.as_ref().map(OwnedFd::as_fd);
    let given = program::Given { setup, room: *room, ways, init: &theirs, command, cpus };
    sys::vfork(group, PROGRAM, stack, || program::run(&given)).at(Step::CloneProgram)?;
    Ok((!heap::is_held()).then_some(Started { children, program }))
}

/// The program's process id inside.
const PROGRAM: i32 = 2;

/// Gives up what is not needed to wait, waits, and returns how it ended. For a program that has ended by now nothing need be given up.
fn watch(filter: &Filter, cpus: Cpus, listener: Option<OwnedFd>, children: &SignalFd) -> Result<Record, Error> {
    if let Some(end) = ended(listener.as_ref())? {
        return Ok(end);
    }
    // Somebody else may compute on the CPU that it was born on when the program ends, which it would hear of a little later.
    cpus.everywhere().unwrap_or_default();
    give_up(filter)?;
    report_end(listener, children)
}

/// What is the same for every run. Returns what tells of ended children.
fn get_ready(room: Option<Room>, release: &OwnedFd, ways: &Ways) -> Result<SignalFd, Error> {
    if on(Defence::CloseDescriptors) {
        sys::close_all_but(ways.all().chain([release])).at(Step::CloseDescriptors)?;
    }
    sys::become_user(Ids::INIT_INSIDE).at(Step::BecomeInit)?;
    die_with_launcher(release)?;
    nix::unistd::setsid().at(Step::NewSession)?;
    if on(Defence::SessionKeyring) {
        sys::new_session_keyring().at(Step::NewKeyring)?;
    }
    if on(Defence::NoFurtherNamespaces) {
        forbid_user_namespaces()?;
    }
    mounts::mount_proc()?;
    mounts::mount_temporary(room)?;
    if on(Defence::UtsNamespace) {
        nix::unistd::sethostname("box").at(Step::SetHostname)?;
        // The new namespace begins with the host's.
        sys::set_domain_name(c"(none)").at(Step::SetHostname)?;
    }
    watch_children()
}

/// Waits until the launcher waits; a closed pipe means that it is gone.
fn await_release(release: &OwnedFd) -> nix::Result<()> {
    match nix::unistd::read(release, &mut [0])? {
        1 => Ok(()),
        _ => Err(nix::errno::Errno::ESRCH),
    }
}

/// The launcher is single-threaded, so the signal comes when it dies and not when some thread of it does.
fn die_with_launcher(release: &OwnedFd) -> Result<(), Error> {
    if on(Defence::DieWithLauncher) {
        sys::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as u64).at(Step::DieWithParent)?;
    }
    if on(Defence::UndumpableInit) {
        sys::prctl(libc::PR_SET_DUMPABLE, 0).at(Step::DieWithParent)?;
    }
    // A launcher that died before the call sends no signal. It holds its end of the pipe as long as it lives.
    let mut polled = [PollFd::new(release.as_fd(), PollFlags::empty())];
    poll(&mut polled, PollTimeout::ZERO).at(Step::DieWithParent)?;
    if polled[0].any().unwrap_or(true) {
        return Err(Error::new(Step::DieWithParent, std::io::Error::from_raw_os_error(libc::ESRCH)));
    }
    Ok(())
}

/// No user namespace may be made below this one, which is the first step to every other. The run's own `/proc`, which comes
/// over the launcher's, does not have the setting.
fn forbid_user_namespaces() -> Result<(), Error> {
    let path = "/proc/sys/user/max_user_namespaces";
    std::fs::write(path, "0").at_path(Step::ForbidNamespaces, path)
}

/// A descriptor that tells of ended children. The program takes the signal's block off again.
fn watch_children() -> Result<SignalFd, Error> {
    let mut mask = SigSet::empty();
    mask.add(Signal::SIGCHLD);
    mask.thread_block().at(Step::WaitProgram)?;
    SignalFd::with_flags(&mask, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK).at(Step::WaitProgram)
}

/// All that is left to do is to wait, to kill the processes of another user, and to tell.
fn give_up(filter: &Filter) -> Result<(), Error> {
    if on(Defence::UndumpableInit) {
        // Where ids change the kernel sets it anew (fs.suid_dumpable), and the program's process has changed its own in this memory.
        sys::prctl(libc::PR_SET_DUMPABLE, 0).at(Step::DieWithParent)?;
    }
    if on(Defence::InitCapabilities) {
        security::keep_capability(Capability::CAP_KILL)?;
    }
    sys::prctl(libc::PR_SET_NO_NEW_PRIVS, 1).at(Step::NoNewPrivileges)?;
    if on(Defence::InitFilter) {
        filter.install().at(Step::InstallFilter)?;
    }
    Ok(())
}

/// Reaps, without the heap, orphans until the program itself ends, for only its end counts, or until any process makes a forbidden call. Leaving
/// then kills everything that is left.
fn report_end(mut listener: Option<OwnedFd>, children: &SignalFd) -> Result<Record, Error> {
    loop {
        if let Some(end) = ended(listener.as_ref())? {
            return Ok(end);
        }
        let input = |fd| PollFd::new(fd, PollFlags::POLLIN);
        let second = listener.as_ref().map_or_else(|| children.as_fd(), OwnedFd::as_fd);
        let mut polled = [input(children.as_fd()), input(second)];
        match poll(&mut polled, PollTimeout::NONE) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(Error::new(Step::WaitProgram, error)),
        }
        let events = |index: usize| polled[index].revents().unwrap_or(PollFlags::empty());
        let (child, news) = (events(0), events(1));
        if child.contains(PollFlags::POLLIN) {
            children.read_signal().at(Step::WaitProgram)?;
        }
        match listener.take_if(|_| !news.is_empty()) {
            Some(told) if news.contains(PollFlags::POLLIN) => match heard(&told)? {
                Some(call) => return forbidden(call),
                None => listener = Some(told),
            },
            // No process with the filter is left, or there is no news.
            _ => {}
        }
    }
}

/// How the program has ended, if it has.
fn ended(listener: Option<&OwnedFd>) -> Result<Option<Record>, Error> {
    let Some(Waited { status, context_switches, .. }) = reap(libc::WNOHANG)? else { return Ok(None) };
    let monotonic_ns = monotonic_ns();
    // What another process has called before counts, too.
    let call = listener.map(pending_call).transpose()?.flatten();
    Ok(Some(match call {
        Some((call, arch)) => {
            let foreign = seccomp::is_foreign(arch, call);
            Record::Forbidden { call, foreign, context_switches, monotonic_ns }
        }
        None => Record::Ended { status, context_switches, monotonic_ns },
    }))
}

/// A forbidden call that waits for an answer, if one does.
fn pending_call(listener: &OwnedFd) -> Result<Option<(i32, u32)>, Error> {
    let mut polled = [PollFd::new(listener.as_fd(), PollFlags::POLLIN)];
    poll(&mut polled, PollTimeout::ZERO).at(Step::WaitProgram)?;
    if !polled[0].revents().is_some_and(|events| events.contains(PollFlags::POLLIN)) {
        return Ok(None);
    }
    heard(listener)
}

/// The forbidden call that the listener has news of; `None` if asking was interrupted.
fn heard(listener: &OwnedFd) -> Result<Option<(i32, u32)>, Error> {
    match sys::notified_call(listener.as_fd()) {
        Ok(call) => Ok(Some(call)),
        // Whoever made it was killed, or interrupted by a signal, before the number was read.
        Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Ok(Some((-1, seccomp::NATIVE))),
        Err(error) if error.raw_os_error() == Some(libc::EINTR) => Ok(None),
        Err(error) => Err(Error::new(Step::WaitProgram, error)),
    }
}

/// Kills every process but this one: the call that waits for an answer never gets one.
fn forbidden((call, arch): (i32, u32)) -> Result<Record, Error> {
    let monotonic_ns = monotonic_ns();
    kill(Pid::from_raw(-1), Signal::SIGKILL).at(Step::WaitProgram)?;
    let context_switches = reap(0)?.map_or(0, |waited| waited.context_switches);
    Ok(Record::Forbidden { call, foreign: seccomp::is_foreign(arch, call), context_switches, monotonic_ns })
}

/// Reaps children up to the program, which it returns; `None` if it is not among them yet.
fn reap(options: i32) -> Result<Option<Waited>, Error> {
    loop {
        match sys::wait_any(options) {
            Ok(None) => return Ok(None),
            Ok(Some(waited)) if waited.pid == PROGRAM => return Ok(Some(waited)),
            Ok(Some(_)) => {}
            Err(error) if error.raw_os_error() == Some(libc::EINTR) => {}
            Err(error) => return Err(Error::new(Step::WaitProgram, error)),
        }
    }
}
