//! The launcher: the bootstrap that lives as long as its slot. It has one thread, makes a sandbox ready for each run ahead of time,
//! clears away the last, and never returns to the worker's `main`.

use std::cell::Cell;
use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd as _, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use nix::fcntl::{OFlag, openat};
use nix::mount::{MsFlags, mount};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, unshare};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};
use nix::sys::stat::Mode;
use nix::sys::wait::{Id, WaitPidFlag, waitid};

use super::program::Ways;
use super::protocol::{FINISHED, Ground, Ids, LOST, Next, Reply, Room, Setup, receive, send, send_encoded};
use super::sys::{self, Command, Stack};
use super::{heap, init, pipes};
use crate::cgroup::{RunGroup, SlotGroups};
use crate::container;
use crate::cpus::Cpus;
use crate::defence::{Defence, on};
use crate::error::{At as _, Error, Step, WireError};
use crate::security;
use crate::workspace::{Mounted, Size};

/// The name under which the worker starts its own binary as a launcher.
pub(crate) const ARGV0: &str = "assay-bootstrap";

/// The number of a slot's first run. Its group is made by the worker, while the launcher builds the root file system.
pub(crate) const FIRST_RUN: u64 = 1;

/// Serves runs until the worker closes the socket. Returns the exit code.
pub(crate) fn serve() -> i32 {
    take_socket().map_or(1, |socket| serve_on(&socket, Cpus::own()))
}

/// The same in a copy of the worker, which has other things open, too.
pub(crate) fn serve_copy(socket: &OwnedFd) -> i32 {
    let cpus = Cpus::own();
    cpus.step_aside();
    let alone = sys::close_all_but(std::iter::once(socket)).and_then(|()| connect_null());
    alone.map_or(1, |()| serve_on(socket, cpus))
}

fn serve_on(socket: &OwnedFd, cpus: Cpus) -> i32 {
    let Ok(Some((ground, _))) = receive::<Ground>(socket.as_fd()) else { return 1 };
    #[cfg(debug_assertions)]
    ground.switches.set();
    match serve_with(socket, &ground, cpus) {
        Ok(()) => 0,
        Err(error) => i32::from(send(socket.as_fd(), &Reply::Failed(WireError::from(&error)), &[]).is_err()),
    }
}

fn serve_with(socket: &OwnedFd, ground: &Ground, cpus: Cpus) -> Result<(), Error> {
    let cpus = ground.cpu.map_or(Ok(cpus), Cpus::only);
    let prepared = prepare(ground);
    // A worker that can make no control groups is content with that. What went wrong is told when everything was read: of who ends
    // without reading, the kernel tells the end first (ECONNRESET), and not what was sent.
    let Some((setup, dirs)) = receive::<Setup>(socket.as_fd())? else { return Ok(()) };
    let (cpus, proc_dir) = (cpus?, prepared?);
    let groups = SlotGroups::by_descriptors(setup.groups.clone(), dirs);
    let init_group = groups.init_group()?;
    // Inits refer to these as long as they live.
    let stacks = Stacks { init: Stack::new().at(Step::CloneInit)?, program: Stack::new().at(Step::CloneProgram)? };
    let (setup, command, stacks) =
        (&*Box::leak(Box::new(setup)), &*Box::leak(Box::default()), &*Box::leak(Box::new(stacks)));
    Nursery { proc_dir, setup, groups, init_group, stacks, command, cpus }.serve(socket)
}

/// Moves the socket away from standard input and puts `/dev/null` on 0, 1 and 2.
fn take_socket() -> io::Result<OwnedFd> {
    let stdin = sys::take_stdin();
    let socket = nix::fcntl::fcntl(&stdin, nix::fcntl::FcntlArg::F_DUPFD_CLOEXEC(10))?;
    let socket = sys::take_received(&[socket]).pop().ok_or_else(|| io::Error::other("no socket"))?;
    connect_null()?;
    // What is there now is the other one.
    std::mem::forget(stdin);
    Ok(socket)
}

fn connect_null() -> io::Result<()> {
    let null = fs::OpenOptions::new().read(true).write(true).open("/dev/null")?;
    nix::unistd::dup2_stdin(&null)?;
    nix::unistd::dup2_stdout(&null)?;
    nix::unistd::dup2_stderr(&null)?;
    Ok(())
}

/// What happens once in a launcher's life, whatever it is for. Returns the host's `/proc`, which the root that is built does not show.
fn prepare(ground: &Ground) -> Result<OwnedFd, Error> {
    sys::ignore_errors_only();
    nix::unistd::setsid().at(Step::NewSession)?;
    if on(Defence::SupplementaryGroups) {
        nix::unistd::setgroups(&[]).at(Step::PrepareLauncher)?;
    }
    if on(Defence::OomScore) {
        // Programs inherit it. Of processes with one memory the kernel keeps it equal and kills all or none, so that a launcher may die
        // when the machine has no memory; its run is tried again.
        let path = "/proc/self/oom_score_adj";
        fs::write(path, "1000").at_path(Step::AdjustOomScore, path)?;
    }
    security::raise_rlimits()?;
    nix::sys::stat::umask(Mode::from_bits_truncate(0o022));
    let flags = OFlag::O_DIRECTORY | OFlag::O_PATH | OFlag::O_CLOEXEC;
    let proc_dir = nix::fcntl::open("/proc", flags, Mode::empty()).at_path(Step::PrepareLauncher, "/proc")?;
    unshare(CloneFlags::CLONE_NEWNS).at(Step::UnshareMounts)?;
    mount(None::<&str>, "/", None::<&str>, MsFlags::MS_REC | MsFlags::MS_PRIVATE, None::<&str>)
        .at(Step::UnshareMounts)?;
    container::enter(&ground.view)?;
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

/// What sandboxes are made of.
struct Nursery {
    /// The host's `/proc`, which the root that was built does not show.
    proc_dir: OwnedFd,
    setup: &'static Setup,
    groups: SlotGroups,
    /// The version 2 group that inits are born in.
    init_group: Option<OwnedFd>,
    stacks: &'static Stacks,
    /// What the last run's program has executed.
    command: &'static Cell<Option<Command>>,
    cpus: Cpus,
}

/// Those of the two that have the launcher's memory, of one run after another.
struct Stacks {
    init: Stack,
    program: Stack,
}

/// An init that waits for its release.
struct Init {
    pid: i32,
    pidfd: OwnedFd,
    /// It lives as long as this is open.
    release: OwnedFd,
}

/// What the worker gets of a sandbox.
struct Ends {
    /// Takes the request.
    channel: OwnedFd,
    /// What the run tells, and its outputs.
    outputs: [OwnedFd; 3],
}

impl Nursery {
    /// Makes one sandbox after another ready, each when the worker is done with the one before, until there is no worker.
    fn serve(&self, socket: &OwnedFd) -> Result<(), Error> {
        let mut next = Next::default();
        for number in FIRST_RUN.. {
            self.cpus.stay();
            let group = self.groups.run(number);
            if number != FIRST_RUN {
                group.create(self.setup.ids.init)?;
            }
            if let Some(Room { group: limits, .. }) = next.room {
                group.limit(limits, None)?;
            }
            let (init, ends) = self.init(&group, next.room)?;
            let made = map_ids(&self.proc_dir, init.pid, self.setup.ids)
                .and_then(|()| self.present(socket, number, (&init, &ends), &group, next.work))
                // It wakes where there is room then.
                .and_then(|()| self.cpus.everywhere().at_path(Step::PrepareLauncher, "CPUs"));
            // So that there is somebody at the other end as long as the init lives, and no longer.
            drop(ends);
            if let Err(error) = made {
                let reaped = kill_and_reap(&init.pidfd);
                // A worker that hears nothing is gone.
                let gone = matches!(error.source.raw_os_error(), Some(libc::EPIPE | libc::ECONNRESET));
                return if gone { reaped } else { Err(error.and_then(reaped)) };
            }
            heap::leave();
            let over = release(&init).and_then(|()| wait(socket.as_fd(), &init.pidfd));
            if !heap::take() {
                // Who was killed had it. If there is a worker, it goes on with another launcher.
                let told = matches!(over, Ok(true)) && send_encoded(socket.as_fd(), LOST, &[]).is_ok();
                sys::exit_now(i32::from(told || over.is_err()));
            }
            drop(self.command.take());
            if !over? || send_encoded(socket.as_fd(), FINISHED, &[]).is_err() {
                return Ok(());
            }
            let Some((following, _)) = receive::<Next>(socket.as_fd())? else { return Ok(()) };
            next = following;
            group.remove()?;
        }
        Ok(())
    }

    /// Clones an init, which waits for its release.
    fn init(&self, group: &RunGroup, room: Option<Room>) -> Result<(Init, Ends), Error> {
        let (release_read, release) = nix::unistd::pipe2(OFlag::O_CLOEXEC).at(Step::CloneInit)?;
        let (channel, theirs) =
            socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC).at(Step::CloneInit)?;
        let (outputs, their_outputs) = pipes::new()?;
        let ways =
            Ways { unified: group.unified_fd()?, tasks: group.tasks_fds()?, channel: theirs, outputs: their_outputs };
        let theirs: Vec<RawFd> = ways.all().chain([&release_read]).map(AsRawFd::as_raw_fd).collect();
        let [status, stdout, stderr] = &outputs;
        let others = [&release, &channel, status, stdout, stderr].map(AsRawFd::as_raw_fd);
        let namespaces = NAMESPACES.iter().filter(|(_, defence)| on(*defence)).fold(0, |flags, (flag, _)| flags | flag);
        let given = init::Given {
            setup: self.setup,
            room,
            release: release_read,
            ways,
            stack: &self.stacks.program,
            command: self.command,
            cpus: self.cpus,
            others,
        };
        let born = self.init_group.as_ref().map(OwnedFd::as_fd);
        let (pid, pidfd) =
            sys::clone_beside(namespaces, born, &self.stacks.init, move || init::run(given)).at(Step::CloneInit)?;
        sys::close_others(&theirs);
        Ok((Init { pid, pidfd, release }, Ends { channel, outputs }))
    }

    /// Tells the worker of a sandbox, and gives it what it will want. What cannot be made here the worker makes, and has the error.
    fn present(
        &self,
        socket: &OwnedFd,
        number: u64,
        (init, ends): (&Init, &Ends),
        group: &RunGroup,
        work: Option<Size>,
    ) -> Result<(), Error> {
        let work = work.and_then(|size| Mounted::new(size, self.setup.ids.program).ok());
        let (counters, files): (Vec<_>, Vec<_>) = group.open_counters().unzip();
        let cloned = Reply::Cloned { number, work: work.is_some(), counters };
        let mut fds = vec![init.pidfd.as_fd(), ends.channel.as_fd()];
        fds.extend(ends.outputs.iter().map(OwnedFd::as_fd));
        fds.extend(work.iter().map(Mounted::fd));
        fds.extend(files.iter().map(File::as_fd));
        send(socket.as_fd(), &cloned, &fds)
    }
}

/// Lets an init begin, which from now on has the memory.
fn release(init: &Init) -> Result<(), Error> {
    // A test that wants this step to fail wants an init that has not begun.
    let released = Ok::<_, io::Error>(()).at(Step::ReleaseInit).and_then(|()| {
        nix::unistd::write(&init.release, b"g").map(drop).map_err(|error| Error::new(Step::ReleaseInit, error))
    });
    if released.is_err() {
        kill_and_reap(&init.pidfd)?;
    }
    released
}

/// Waits for the end of the init, or of the worker, which is the end of everything. Returns whether the worker is still there.
fn wait(socket: BorrowedFd<'_>, pidfd: &OwnedFd) -> Result<bool, Error> {
    loop {
        let mut polled = [PollFd::new(pidfd.as_fd(), PollFlags::POLLIN), PollFd::new(socket, PollFlags::POLLHUP)];
        match poll(&mut polled, PollTimeout::NONE) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(Error::new(Step::WaitProgram, error)),
        }
        let [is_over, is_alone] = [0, 1].map(|index: usize| polled[index].any().unwrap_or(false));
        if is_alone && on(Defence::DieWithWorker) {
            sys::kill_pidfd(pidfd.as_fd()).at(Step::WaitProgram)?;
        }
        if is_over || is_alone {
            return reap(pidfd).map(|()| !is_alone);
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
    for name in ["uid_map", "gid_map"] {
        let path = format!("{pid}/{name}");
        let flags = OFlag::O_WRONLY | OFlag::O_CLOEXEC;
        let file = openat(proc_dir, path.as_str(), flags, Mode::empty()).at_path(Step::MapIds, name)?;
        nix::unistd::write(&file, map.as_bytes()).map(drop).at_path(Step::MapIds, name)?;
    }
    Ok(())
}
