//! The init of a run: process 1 of its namespaces. It mounts what is fresh, clones the program, and tells how it ended.

use std::ffi::CStr;
use std::os::fd::{AsFd as _, OwnedFd};

use nix::mount::{MsFlags, mount};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::launcher::RunFds;
use super::protocol::{Ids, Record, Request, Setup, failure, monotonic_ns};
use super::{program, sys};
use crate::error::{At as _, Error, Step};

/// Runs in the child that the launcher cloned. Does not return.
pub(crate) fn run(setup: &Setup, request: &Request, fds: &RunFds, release: &OwnedFd) -> ! {
    let code = match supervise(setup, request, fds, release) {
        Ok(()) => 0,
        Err(error) => i32::from(failure(&error).send(&fds.status).is_err()) + 1,
    };
    sys::exit_now(code)
}

fn supervise(setup: &Setup, request: &Request, fds: &RunFds, release: &OwnedFd) -> Result<(), Error> {
    await_release(release)?;
    sys::become_user(Ids::INIT_INSIDE).at(Step::BecomeInit)?;
    die_with_launcher(release)?;
    nix::unistd::setsid().at(Step::NewSession)?;
    sys::new_session_keyring().at(Step::NewKeyring)?;
    forbid_user_namespaces()?;
    mount_proc()?;
    mount_tmpfs(c"/tmp", request.tmp_bytes, request.inodes)?;
    mount_tmpfs(c"/dev/shm", request.tmp_bytes, request.inodes)?;
    sys::attach_mount(fds.work.as_fd(), c"/work").at_path(Step::MountWork, "/work")?;
    nix::unistd::sethostname("box").at(Step::SetHostname)?;
    let program = match sys::clone3(0, fds.program_group.as_ref().map(OwnedFd::as_fd)).at(Step::CloneProgram)? {
        sys::Cloned::Child => program::run(setup, request, fds),
        sys::Cloned::Parent { pid, .. } => pid,
    };
    report_end(program, &fds.status)
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
    sys::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as u64).at(Step::DieWithParent)?;
    sys::prctl(libc::PR_SET_DUMPABLE, 0).at(Step::DieWithParent)?;
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
    let flags = MsFlags::MS_RDONLY | MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    mount(Some("proc"), "/proc", Some("proc"), flags, Some("subset=pid,hidepid=2")).at_path(Step::MountProc, "/proc")
}

fn mount_tmpfs(target: &CStr, bytes: u64, inodes: u64) -> Result<(), Error> {
    let options = format!("size={bytes},nr_inodes={inodes},mode=1777");
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(Some("tmpfs"), target, Some("tmpfs"), flags, Some(options.as_str()))
        .at_path(Step::MountTmp, target.to_string_lossy().into_owned())
}

/// Reaps orphans until the program itself ends; only its end counts. Leaving then kills everything that is left.
fn report_end(program: i32, status: &OwnedFd) -> Result<(), Error> {
    loop {
        match sys::wait_any() {
            Ok((pid, end, context_switches)) if pid == program => {
                let record = Record::Ended { status: end, context_switches, monotonic_ns: monotonic_ns() };
                return record.send(status).at(Step::WaitProgram);
            }
            Ok(_) => {}
            Err(error) if error.raw_os_error() == Some(libc::EINTR) => {}
            Err(error) => return Err(Error::new(Step::WaitProgram, error)),
        }
    }
}
