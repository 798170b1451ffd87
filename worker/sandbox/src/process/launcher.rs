//! The launcher: the bootstrap that lives as long as its slot. It has one thread, and never returns to the worker's `main`.

use std::fs;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use nix::fcntl::{OFlag, openat};
use nix::mount::{MsFlags, mount};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, unshare};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};
use nix::sys::stat::Mode;
use nix::sys::wait::{Id, WaitPidFlag, waitid};

use super::protocol::{Ids, Reply, Request, Setup, receive, send};
use super::{init, sys};
use crate::container;
use crate::cpus;
use crate::defence::{Defence, on};
use crate::error::{At as _, Error, Step, WireError};
use crate::security;

/// The name under which the worker starts its own binary as a launcher.
pub(crate) const ARGV0: &str = "assay-bootstrap";

/// Serves runs until the worker closes the socket. Returns the exit code.
pub(crate) fn serve() -> i32 {
    let Ok(socket) = take_socket() else { return 1 };
    let Ok(Some((setup, mut init_group))) = receive::<Setup>(socket.as_fd()) else { return 1 };
    #[cfg(debug_assertions)]
    setup.switches.set();
    let proc_dir = match prepare(&setup) {
        Ok(proc_dir) => proc_dir,
        Err(error) => return i32::from(send(socket.as_fd(), &Reply::Failed(WireError::from(&error)), &[]).is_err()),
    };
    if send(socket.as_fd(), &Reply::Ready, &[]).is_err() {
        return 1;
    }
    let nursery = Nursery { proc_dir, setup, init_group: init_group.pop() };
    // The next run's init is made while the worker has other things to do.
    let mut next = nursery.init();
    while let Ok(Some((request, fds))) = receive::<Request>(socket.as_fd()) {
        let reply = match next.or_else(|_| nursery.init()).and_then(|init| run(&socket, &nursery, init, &request, fds))
        {
            Ok(()) => Reply::Finished,
            Err(error) => Reply::Failed(WireError::from(&error)),
        };
        if send(socket.as_fd(), &reply, &[]).is_err() {
            return 1;
        }
        // The worker goes first: it was woken on this CPU.
        nix::sched::sched_yield().unwrap_or_default();
        next = nursery.init();
    }
    next.map_or(0, |init| i32::from(kill_and_reap(&init.pidfd).is_err()))
}

/// Moves the socket away from standard input and puts `/dev/null` on 0, 1 and 2.
fn take_socket() -> io::Result<OwnedFd> {
    let stdin = sys::take_stdin();
    let socket = nix::fcntl::fcntl(&stdin, nix::fcntl::FcntlArg::F_DUPFD_CLOEXEC(10))?;
    let socket = sys::take_received(&[socket]).pop().ok_or_else(|| io::Error::other("no socket"))?;
    let null = fs::OpenOptions::new().read(true).write(true).open("/dev/null")?;
    drop(stdin);
    nix::unistd::dup2_stdin(&null)?;
    nix::unistd::dup2_stdout(&null)?;
    nix::unistd::dup2_stderr(&null)?;
    Ok(socket)
}

/// What happens once in a launcher's life. Returns the host's `/proc`, which the root that is built does not show.
fn prepare(setup: &Setup) -> Result<OwnedFd, Error> {
    if let Some(cpu) = setup.cpu {
        cpus::bind(cpu)?;
    }
    nix::unistd::setsid().at(Step::NewSession)?;
    if on(Defence::SupplementaryGroups) {
        nix::unistd::setgroups(&[]).at(Step::PrepareLauncher)?;
    }
    security::raise_rlimits()?;
    nix::sys::stat::umask(Mode::from_bits_truncate(0o022));
    let flags = OFlag::O_DIRECTORY | OFlag::O_PATH | OFlag::O_CLOEXEC;
    let proc_dir = nix::fcntl::open("/proc", flags, Mode::empty()).at_path(Step::PrepareLauncher, "/proc")?;
    unshare(CloneFlags::CLONE_NEWNS).at(Step::UnshareMounts)?;
    mount(None::<&str>, "/", None::<&str>, MsFlags::MS_REC | MsFlags::MS_PRIVATE, None::<&str>)
        .at(Step::UnshareMounts)?;
    container::enter(&setup.view)?;
    Ok(proc_dir)
}

/// What a run has of its own from its first instruction on.
const NAMESPACES: [(i32, Defence); 6] = [
    (libc::CLONE_NEWUSER, Defence::UserNamespace),
    (libc::CLONE_NEWNS, Defence::MountNamespace),
    (libc::CLONE_NEWPID, Defence::PidNamespace),
    (libc::CLONE_NEWNET, Defence::NetNamespace),
    (libc::CLONE_NEWIPC, Defence::IpcNamespace),
    (libc::CLONE_NEWUTS, Defence::UtsNamespace),
];

/// What inits are made of.
struct Nursery {
    /// The host's `/proc`.
    proc_dir: OwnedFd,
    setup: Setup,
    /// The version 2 group that they are born in.
    init_group: Option<OwnedFd>,
}

/// An init that waits for its run.
struct Init {
    pidfd: OwnedFd,
    /// Takes the request.
    channel: OwnedFd,
    /// It lives as long as this is open.
    _release: OwnedFd,
}

impl Nursery {
    /// Clones an init, maps its ids and lets it go.
    fn init(&self) -> Result<Init, Error> {
        let (release_read, release) = nix::unistd::pipe2(OFlag::O_CLOEXEC).at(Step::CloneInit)?;
        let (channel, theirs) =
            socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC).at(Step::CloneInit)?;
        let namespaces = NAMESPACES.iter().filter(|(_, defence)| on(*defence)).fold(0, |flags, (flag, _)| flags | flag);
        let (pid, pidfd) =
            match sys::clone3(namespaces, self.init_group.as_ref().map(OwnedFd::as_fd)).at(Step::CloneInit)? {
                sys::Cloned::Child => {
                    drop((release, channel));
                    init::run(&self.setup, &theirs, &release_read)
                }
                sys::Cloned::Parent { pid, pidfd } => (pid, pidfd),
            };
        let released = map_ids(&self.proc_dir, pid, self.setup.ids)
            .and_then(|()| nix::unistd::write(&release, b"g").map(drop).at(Step::ReleaseInit));
        match released {
            Ok(()) => Ok(Init { pidfd, channel, _release: release }),
            Err(error) => kill_and_reap(&pidfd).and(Err(error)),
        }
    }
}

/// One run: hand the request to the init, and wait until that is dead.
fn run(socket: &OwnedFd, nursery: &Nursery, init: Init, request: &Request, fds: Vec<OwnedFd>) -> Result<(), Error> {
    let borrowed: Vec<_> = fds.iter().map(OwnedFd::as_fd).collect();
    let init = if send(init.channel.as_fd(), request, &borrowed).is_ok() {
        init
    } else {
        // It died while it waited, whatever killed it.
        kill_and_reap(&init.pidfd)?;
        let init = nursery.init()?;
        if let Err(error) = send(init.channel.as_fd(), request, &borrowed) {
            return kill_and_reap(&init.pidfd).and(Err(error));
        }
        init
    };
    drop(borrowed);
    // From here on the only writers of the run's pipes are in the sandbox.
    drop(fds);
    if let Err(error) = send(socket.as_fd(), &Reply::Started, &[init.pidfd.as_fd()]) {
        return kill_and_reap(&init.pidfd).and(Err(error));
    }
    wait(socket.as_fd(), &init.pidfd)
}

/// Waits for the end of the init, or of the worker, which is the end of everything.
fn wait(socket: BorrowedFd<'_>, pidfd: &OwnedFd) -> Result<(), Error> {
    loop {
        let mut polled = [PollFd::new(pidfd.as_fd(), PollFlags::POLLIN), PollFd::new(socket, PollFlags::POLLHUP)];
        match poll(&mut polled, PollTimeout::NONE) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(Error::new(Step::WaitProgram, error)),
        }
        if polled[1].any().unwrap_or(false) && on(Defence::DieWithWorker) {
            sys::kill_pidfd(pidfd.as_fd()).at(Step::WaitProgram)?;
        }
        if polled[0].any().unwrap_or(false) || polled[1].any().unwrap_or(false) {
            return reap(pidfd);
        }
    }
}

fn kill_and_reap(pidfd: &OwnedFd) -> Result<(), Error> {
    sys::kill_pidfd(pidfd.as_fd()).at(Step::WaitProgram)?;
    reap(pidfd)
}

fn reap(pidfd: &OwnedFd) -> Result<(), Error> {
    loop {
        match waitid(Id::PIDFd(pidfd.as_fd()), WaitPidFlag::WEXITED) {
            Ok(_) => return Ok(()),
            Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(Error::new(Step::WaitProgram, error)),
        }
    }
}

/// Maps two unprivileged ids and no other; there is no user 0 inside.
fn map_ids(proc_dir: &OwnedFd, pid: i32, ids: Ids) -> Result<(), Error> {
    let map = format!("{} {} 1\n{} {} 1\n", Ids::INIT_INSIDE, ids.init, Ids::PROGRAM_INSIDE, ids.program);
    for (name, text) in [("uid_map", map.as_str()), ("gid_map", map.as_str())] {
        write_proc(proc_dir, pid, name, text, Step::MapIds)?;
    }
    if on(Defence::OomScore) {
        write_proc(proc_dir, pid, "oom_score_adj", "1000", Step::AdjustOomScore)?;
    }
    Ok(())
}

fn write_proc(proc_dir: &OwnedFd, pid: i32, name: &str, text: &str, step: Step) -> Result<(), Error> {
    let path = format!("{pid}/{name}");
    let file =
        openat(proc_dir, path.as_str(), OFlag::O_WRONLY | OFlag::O_CLOEXEC, Mode::empty()).at_path(step, name)?;
    nix::unistd::write(&file, text.as_bytes()).map(drop).at_path(step, name)
}

/// The descriptors of a request by their roles.
pub(crate) struct RunFds {
    pub(crate) status: OwnedFd,
    /// Standard input, output and error.
    pub(crate) stdio: Vec<OwnedFd>,
    pub(crate) work: OwnedFd,
    pub(crate) program_group: Option<OwnedFd>,
    pub(crate) tasks: Vec<OwnedFd>,
}

impl RunFds {
    pub(crate) fn sort(fds: Vec<OwnedFd>, unified: bool, tasks: usize) -> Result<Self, Error> {
        let (count, announced) = (fds.len(), 5 + usize::from(unified) + tasks);
        if count != announced {
            let error = io::Error::other(format!("{count} descriptors arrived instead of {announced}"));
            return Err(Error::new(Step::TalkToLauncher, error));
        }
        let mut fds = fds.into_iter();
        let mut next = || {
            fds.next().ok_or_else(|| Error::new(Step::TalkToLauncher, io::Error::from(io::ErrorKind::UnexpectedEof)))
        };
        let status = next()?;
        let stdio = vec![next()?, next()?, next()?];
        let work = next()?;
        let program_group = if unified { Some(next()?) } else { None };
        Ok(Self { status, stdio, work, program_group, tasks: fds.collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::RunFds;

    #[test]
    fn another_number_of_descriptors_than_announced_is_an_error() {
        let null = || std::fs::File::open("/dev/null").expect("/dev/null").into();
        let some = |count: usize| (0..count).map(|_| null()).collect::<Vec<std::os::fd::OwnedFd>>();
        assert!(RunFds::sort(some(6), false, 1).is_ok());
        assert!(RunFds::sort(some(6), true, 0).is_ok());
        for count in [1, 5, 7] {
            assert!(RunFds::sort(some(count), false, 1).is_err());
        }
    }
}
