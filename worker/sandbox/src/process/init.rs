//! The init of a run: process 1 of its namespaces. It mounts what is fresh, clones the program, and tells how it ended.

use std::ffi::CStr;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use caps::Capability;
use nix::mount::{MsFlags, mount};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};
use nix::unistd::Pid;

use super::protocol::{Ids, ProgramFds, Record, Request, RunFds, Setup, failure, monotonic_ns, receive, take_over};
use super::{program, sys};
use crate::defence::{Defence, on};
use crate::error::{At as _, Error, Step};
use crate::security::{self, seccomp};

/// Runs in the child that the launcher cloned. Does not return.
pub(crate) fn run(setup: &Setup, channel: &OwnedFd, release: &OwnedFd) -> ! {
    let ready = get_ready(release);
    // Only now there is somebody to tell if something went wrong.
    let code = match await_request(channel) {
        Ok((request, RunFds { status, work, program })) => {
            match ready.and_then(|()| supervise(setup, &request, &status, work, program)) {
                Ok(()) => 0,
                Err(error) => i32::from(failure(&error).send(&status).is_err()) + 1,
            }
        }
        Err(_) => 1,
    };
    sys::exit_now(code)
}

/// What is the same for every run.
fn get_ready(release: &OwnedFd) -> Result<(), Error> {
    await_release(release)?;
    sys::become_user(Ids::INIT_INSIDE).at(Step::BecomeInit)?;
    die_with_launcher(release)?;
    nix::unistd::setsid().at(Step::NewSession)?;
    if on(Defence::SessionKeyring) {
        sys::new_session_keyring().at(Step::NewKeyring)?;
    }
    if on(Defence::NoFurtherNamespaces) {
        forbid_user_namespaces()?;
    }
    mount_proc()?;
    if on(Defence::UtsNamespace) {
        nix::unistd::sethostname("box").at(Step::SetHostname)?;
        // The new namespace begins with the host's.
        sys::set_domain_name(c"(none)").at(Step::SetHostname)?;
    }
    Ok(())
}

fn await_request(channel: &OwnedFd) -> Result<(Request, RunFds), Error> {
    let gone = || Error::new(Step::TalkToLauncher, std::io::Error::from_raw_os_error(libc::ESRCH));
    let (request, fds) = receive::<Request>(channel.as_fd())?.ok_or_else(gone)?;
    let fds = RunFds::sort(fds, request.unified, request.tasks)?;
    Ok((request, fds))
}

fn supervise(setup: &Setup, request: &Request, status: &OwnedFd, work: OwnedFd, fds: ProgramFds) -> Result<(), Error> {
    mount_tmpfs(c"/tmp", request.tmp_bytes, request.inodes)?;
    mount_tmpfs(c"/dev/shm", request.tmp_bytes, request.inodes)?;
    sys::attach_mount(work.as_fd(), c"/work").at_path(Step::MountWork, "/work")?;
    drop(work);
    let children = watch_children()?;
    let (ours, theirs) =
        socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC).at(Step::CloneProgram)?;
    let program = match sys::clone3(0, fds.group.as_ref().map(OwnedFd::as_fd)).at(Step::CloneProgram)? {
        sys::Cloned::Child => program::run(setup, request, status, &fds, &theirs),
        sys::Cloned::Parent { pid, .. } => pid,
    };
    // Only the program holds its outputs, so that they end when it closes them. The init has no use for the rest.
    drop((theirs, fds));
    give_up(&setup.init_filter)?;
    report_end(program, &children, ours)?.send(status).at(Step::WaitProgram)
}

/// Waits until the ids are mapped; a closed pipe means that the launcher is gone.
fn await_release(release: &OwnedFd) -> Result<(), Error> {
    let mut byte = [0];
    match nix::unistd::read(release, &mut byte).at(Step::ReleaseInit)? {
        1 => Ok(()),
        _ => Err(Error::new(Step::ReleaseInit, std::io::Error::from_raw_os_error(libc::ESRCH))),
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

fn mount_proc() -> Result<(), Error> {
    let mut flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    flags.set(MsFlags::MS_RDONLY, on(Defence::ProcReadOnly));
    let options = [("subset=pid", Defence::ProcSubset), ("hidepid=2", Defence::ProcHidden)];
    let options = options.into_iter().filter(|(_, defence)| on(*defence)).map(|(option, _)| option);
    let options = options.collect::<Vec<_>>().join(",");
    mount(Some("proc"), "/proc", Some("proc"), flags, Some(options.as_str())).at_path(Step::MountProc, "/proc")
}

fn mount_tmpfs(target: &CStr, bytes: u64, inodes: u64) -> Result<(), Error> {
    // Zero is no bound at all (tmpfs(5)).
    let bytes = if on(Defence::TmpSize) { bytes } else { 0 };
    let inodes = if on(Defence::TmpInodes) { inodes } else { 0 };
    let options = format!("size={bytes},nr_inodes={inodes},mode=1777");
    let flags = if on(Defence::TmpFlags) { MsFlags::MS_NOSUID | MsFlags::MS_NODEV } else { MsFlags::empty() };
    mount(Some("tmpfs"), target, Some("tmpfs"), flags, Some(options.as_str()))
        .at_path(Step::MountTmp, target.to_string_lossy().into_owned())
}

/// A descriptor that tells of ended children. The program takes the signal's block off again.
fn watch_children() -> Result<SignalFd, Error> {
    let mut mask = SigSet::empty();
    mask.add(Signal::SIGCHLD);
    mask.thread_block().at(Step::WaitProgram)?;
    SignalFd::with_flags(&mask, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK).at(Step::WaitProgram)
}

/// All that is left to do is to wait, to kill the processes of another user, and to tell.
fn give_up(filter: &[u8]) -> Result<(), Error> {
    if on(Defence::InitCapabilities) {
        security::keep_capability(Capability::CAP_KILL)?;
    }
    sys::prctl(libc::PR_SET_NO_NEW_PRIVS, 1).at(Step::NoNewPrivileges)?;
    if on(Defence::InitFilter) {
        sys::install_filter(filter).at(Step::InstallFilter)?;
    }
    Ok(())
}

/// Reaps orphans until the program itself ends, for only its end counts, or until any process makes a forbidden call. Leaving
/// then kills everything that is left.
fn report_end(program: i32, children: &SignalFd, handoff: OwnedFd) -> Result<Record, Error> {
    let mut told = Told::Handoff(handoff);
    loop {
        if let Some((status, context_switches)) = reap(program, libc::WNOHANG)? {
            return Ok(Record::Ended { status, context_switches, monotonic_ns: monotonic_ns() });
        }
        let mut polled = vec![PollFd::new(children.as_fd(), PollFlags::POLLIN)];
        polled.extend(told.fd().map(|fd| PollFd::new(fd, PollFlags::POLLIN)));
        match poll(&mut polled, PollTimeout::NONE) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(Error::new(Step::WaitProgram, error)),
        }
        let events = |index: usize| polled.get(index).and_then(PollFd::revents).unwrap_or(PollFlags::empty());
        let (child, news) = (events(0), events(1));
        if child.contains(PollFlags::POLLIN) {
            children.read_signal().at(Step::WaitProgram)?;
        }
        if news.is_empty() {
            continue;
        }
        told = match told {
            Told::Handoff(socket) => take_over(&socket).at(Step::WaitProgram)?.map_or(Told::Nothing, Told::Listener),
            Told::Listener(listener) if news.contains(PollFlags::POLLIN) => {
                match sys::notified_call(listener.as_fd()) {
                    Ok(call) => return forbidden(program, call),
                    // Whoever made it was killed, or interrupted by a signal, before the number was read.
                    Err(error) if error.raw_os_error() == Some(libc::ENOENT) => {
                        return forbidden(program, (-1, seccomp::NATIVE));
                    }
                    Err(error) if error.raw_os_error() == Some(libc::EINTR) => Told::Listener(listener),
                    Err(error) => return Err(Error::new(Step::WaitProgram, error)),
                }
            }
            // No process with the filter is left.
            Told::Listener(_) | Told::Nothing => Told::Nothing,
        };
    }
}

/// What tells of forbidden calls: first the program, which hands over the listener, then that one.
enum Told {
    Handoff(OwnedFd),
    Listener(OwnedFd),
    Nothing,
}

impl Told {
    fn fd(&self) -> Option<BorrowedFd<'_>> {
        match self {
            Self::Handoff(fd) | Self::Listener(fd) => Some(fd.as_fd()),
            Self::Nothing => None,
        }
    }
}

/// Kills every process but this one: the call that waits for an answer never gets one.
fn forbidden(program: i32, (call, arch): (i32, u32)) -> Result<Record, Error> {
    let monotonic_ns = monotonic_ns();
    kill(Pid::from_raw(-1), Signal::SIGKILL).at(Step::WaitProgram)?;
    let (_, context_switches) = reap(program, 0)?.unwrap_or_default();
    Ok(Record::Forbidden { call, foreign: seccomp::is_foreign(arch, call), context_switches, monotonic_ns })
}

/// Reaps children up to the program, and returns its status and context switches; `None` if it is not among them yet.
fn reap(program: i32, options: i32) -> Result<Option<(i32, u64)>, Error> {
    loop {
        match sys::wait_any(options) {
            Ok((0, ..)) => return Ok(None),
            Ok((pid, status, context_switches)) if pid == program => return Ok(Some((status, context_switches))),
            Ok(_) => {}
            Err(error) if error.raw_os_error() == Some(libc::EINTR) => {}
            Err(error) => return Err(Error::new(Step::WaitProgram, error)),
        }
    }
}
