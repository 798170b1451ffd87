//! The init of a run: process 1 of its namespaces. It mounts what is fresh, clones the program's process, hands it the request, and
//! tells how it ended.

use std::ffi::CString;
use std::os::fd::{AsFd as _, OwnedFd};

use caps::Capability;
use nix::mount::{MsFlags, mount};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};
use nix::unistd::Pid;

use super::program::{self, Entry};
use super::protocol::{
    Ids, Record, Reply, Request, Setup, await_program, decoded, exactly, failure, let_go, monotonic_ns,
    receive_encoded, send, send_encoded,
};
use super::sys::{self, Waited};
use crate::defence::{Defence, on};
use crate::error::{At as _, Error, Step, WireError};
use crate::security::{self, Profile, seccomp};

/// Runs in the child that the launcher cloned. Does not return.
pub(crate) fn run(setup: &Setup, channel: &OwnedFd, release: &OwnedFd, entry: Entry) -> ! {
    let ready = get_ready(setup, channel, release, entry);
    let reply = ready.as_ref().map_or_else(|error| Reply::Failed(WireError::from(error)), |_| Reply::Ready);
    let (Ok(program), Ok(())) = (ready, send(channel.as_fd(), &reply, &[])) else { sys::exit_now(1) };
    let Ok(Some((message, mut fds))) = receive_encoded(channel.as_fd()) else { sys::exit_now(1) };
    let shown = fds.split_off(fds.len().min(5));
    let Ok([status, stdin, stdout, stderr, work]) = exactly(fds) else { sys::exit_now(1) };
    let fds = RunFds { status: &status, stdio: [stdin, stdout, stderr], work, shown };
    let ended = supervise(setup, &message, program, fds);
    let code = match ended {
        Ok(()) => 0,
        Err(error) => i32::from(failure(&error).send(&status).is_err()) + 1,
    };
    sys::exit_now(code)
}

/// What came with a request.
struct RunFds<'a> {
    status: &'a OwnedFd,
    stdio: [OwnedFd; 3],
    work: OwnedFd,
    shown: Vec<OwnedFd>,
}

fn supervise(setup: &Setup, message: &[u8], program: Waiting, fds: RunFds<'_>) -> Result<(), Error> {
    let request: Request = decoded(message)?;
    let RunFds { status, stdio, work, shown } = fds;
    let program = program.for_profile(setup, request.profile, status)?;
    let [stdin, stdout, stderr] = &stdio;
    send_encoded(program.channel.as_fd(), message, &[status, stdin, stdout, stderr].map(OwnedFd::as_fd))
        .map_err(|error| Error { step: Step::CloneProgram, ..error })?;
    // Only the program holds its outputs, so that they end when it closes them.
    drop(stdio);
    size_temporary(&request)?;
    attach_work(&request, work, shown)?;
    let_go(&program.channel).at(Step::CloneProgram)?;
    give_up(&setup.init_filter)?;
    report_end(program)?.send(status).at(Step::WaitProgram)
}

/// The program's process, which waits for its request.
struct Waiting {
    profile: Profile,
    /// The ways into its groups, for another one in its place.
    entry: Entry,
    pid: i32,
    /// Takes the request.
    channel: OwnedFd,
    /// Tells of forbidden calls, if the kernel gave it to us.
    listener: Option<OwnedFd>,
    /// Tells of ended children.
    children: SignalFd,
}

/// What is the same for every run.
fn get_ready(setup: &Setup, channel: &OwnedFd, release: &OwnedFd, entry: Entry) -> Result<Waiting, Error> {
    if on(Defence::CloseDescriptors) {
        let groups = entry.unified.iter().chain(&entry.tasks);
        sys::close_all_but([channel, release].into_iter().chain(groups)).at(Step::CloseDescriptors)?;
    }
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
    for place in TEMPORARY {
        let flags = temporary_flags();
        mount(Some("tmpfs"), place, Some("tmpfs"), flags, Some("size=4k,nr_inodes=1,mode=1777"))
            .at_path(Step::MountTmp, place)?;
    }
    if on(Defence::UtsNamespace) {
        nix::unistd::sethostname("box").at(Step::SetHostname)?;
        // The new namespace begins with the host's.
        sys::set_domain_name(c"(none)").at(Step::SetHostname)?;
    }
    Waiting::begin(setup, AHEAD, entry, watch_children()?)
}

/// The program's process id inside, whichever process it is.
const PROGRAM: i32 = 2;

/// What most requests are for.
const AHEAD: Profile = Profile::Run;

impl Waiting {
    fn begin(setup: &Setup, profile: Profile, entry: Entry, children: SignalFd) -> Result<Self, Error> {
        let (channel, theirs) = socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)
            .at(Step::CloneProgram)?;
        let group = entry.unified.as_ref().map(OwnedFd::as_fd);
        match sys::clone3(0, group, Some(PROGRAM)).at(Step::CloneProgram)? {
            sys::Cloned::Child => program::run(setup, profile, &entry, &theirs),
            sys::Cloned::Parent { pid, .. } => {
                drop(theirs);
                let listener = await_program(&channel)?;
                Ok(Self { profile, entry, pid, channel, listener, children })
            }
        }
    }

    /// This one, or if it has the filter of another profile, one in its place: filters only add up. What it used is told.
    fn for_profile(self, setup: &Setup, profile: Profile, status: &OwnedFd) -> Result<Self, Error> {
        if self.profile == profile {
            return Ok(self);
        }
        kill(Pid::from_raw(self.pid), Signal::SIGKILL).at(Step::CloneProgram)?;
        let replaced = reap(self.pid, 0)?;
        let (user_us, system_us) = replaced.map_or((0, 0), |waited| (waited.user_us, waited.system_us));
        Record::Replaced { user_us, system_us }.send(status).at(Step::CloneProgram)?;
        Self::begin(setup, profile, self.entry, self.children)
    }
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

/// Where every run has an empty file system of its own.
const TEMPORARY: [&str; 2] = ["/tmp", "/dev/shm"];

fn temporary_flags() -> MsFlags {
    if on(Defence::TmpFlags) { MsFlags::MS_NOSUID | MsFlags::MS_NODEV } else { MsFlags::empty() }
}

/// Gives them the size that the run may use.
fn size_temporary(request: &Request) -> Result<(), Error> {
    // Zero is no bound at all (tmpfs(5)).
    let bytes = if on(Defence::TmpSize) { request.tmp_bytes } else { 0 };
    let inodes = if on(Defence::TmpInodes) { request.inodes } else { 0 };
    let options = format!("size={bytes},nr_inodes={inodes}");
    let flags = temporary_flags() | MsFlags::MS_REMOUNT;
    TEMPORARY.into_iter().try_for_each(|place| {
        mount(None::<&str>, place, None::<&str>, flags, Some(options.as_str())).at_path(Step::MountTmp, place)
    })
}

/// Attaches the work directory, and over their places in it the files that are shown.
fn attach_work(request: &Request, work: OwnedFd, shown: Vec<OwnedFd>) -> Result<(), Error> {
    let attach = |mount: OwnedFd, path: String| {
        let target = CString::new(path.as_str()).at(Step::MountWork)?;
        sys::attach_mount(mount.as_fd(), &target).at_path(Step::MountWork, path)
    };
    attach(work, "/work".to_owned())?;
    if shown.len() != request.shown.len() {
        return Err(Error::new(Step::MountWork, std::io::Error::other("other files are shown than announced")));
    }
    shown.into_iter().zip(&request.shown).try_for_each(|(mount, path)| attach(mount, format!("/work/{path}")))
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
fn report_end(program: Waiting) -> Result<Record, Error> {
    let Waiting { pid: program, mut listener, children, .. } = program;
    loop {
        if let Some(Waited { status, context_switches, .. }) = reap(program, libc::WNOHANG)? {
            return Ok(Record::Ended { status, context_switches, monotonic_ns: monotonic_ns() });
        }
        let mut polled = vec![PollFd::new(children.as_fd(), PollFlags::POLLIN)];
        polled.extend(listener.as_ref().map(|fd| PollFd::new(fd.as_fd(), PollFlags::POLLIN)));
        match poll(&mut polled, PollTimeout::NONE) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(Error::new(Step::WaitProgram, error)),
        }
        let events = |index: usize| polled.get(index).and_then(PollFd::revents).unwrap_or(PollFlags::empty());
        let (child, news) = (events(0), events(1));
        if child.contains(PollFlags::POLLIN) {
            children.read_signal().at(Step::WaitProgram)?;
        }
        match listener.take_if(|_| !news.is_empty()) {
            Some(told) if news.contains(PollFlags::POLLIN) => match sys::notified_call(told.as_fd()) {
                Ok(call) => return forbidden(program, call),
                // Whoever made it was killed, or interrupted by a signal, before the number was read.
                Err(error) if error.raw_os_error() == Some(libc::ENOENT) => {
                    return forbidden(program, (-1, seccomp::NATIVE));
                }
                Err(error) if error.raw_os_error() == Some(libc::EINTR) => listener = Some(told),
                Err(error) => return Err(Error::new(Step::WaitProgram, error)),
            },
            // No process with the filter is left, or there is no news.
            _ => {}
        }
    }
}

/// Kills every process but this one: the call that waits for an answer never gets one.
fn forbidden(program: i32, (call, arch): (i32, u32)) -> Result<Record, Error> {
    let monotonic_ns = monotonic_ns();
    kill(Pid::from_raw(-1), Signal::SIGKILL).at(Step::WaitProgram)?;
    let context_switches = reap(program, 0)?.map_or(0, |waited| waited.context_switches);
    Ok(Record::Forbidden { call, foreign: seccomp::is_foreign(arch, call), context_switches, monotonic_ns })
}

/// Reaps children up to the program, which it returns; `None` if it is not among them yet.
fn reap(program: i32, options: i32) -> Result<Option<Waited>, Error> {
    loop {
        match sys::wait_any(options) {
            Ok(None) => return Ok(None),
            Ok(Some(waited)) if waited.pid == program => return Ok(Some(waited)),
            Ok(Some(_)) => {}
            Err(error) if error.raw_os_error() == Some(libc::EINTR) => {}
            Err(error) => return Err(Error::new(Step::WaitProgram, error)),
        }
    }
}
