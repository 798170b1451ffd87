//! The system calls that neither the standard library nor `nix` wraps. `unsafe` is here and in [`clone`] only. A function is one call if it
//! says nothing else, takes borrowed descriptors and returns owned ones.
#![expect(unsafe_code, reason = "raw system calls; each block states why it is sound")]

use std::cell::Cell;
use std::ffi::{CStr, CString, c_char};
use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd, RawFd};

use serde::{Deserialize, Serialize};

mod clone;

pub(crate) use clone::{Cloned, Stack, clone_beside, clone3, vfork};

/// Turns a system call's result into a number or the error in `errno`.
fn check(result: i64) -> io::Result<i64> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

fn owned(result: i64) -> io::Result<OwnedFd> {
    let fd = RawFd::try_from(check(result)?).map_err(io::Error::other)?;
    // SAFETY: the kernel has just returned this descriptor to us and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// pidfd_send_signal(2) with SIGKILL. A process that is gone already is fine.
pub(crate) fn kill_pidfd(pidfd: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: the descriptor is open for the call; a null siginfo is allowed.
    let result = unsafe {
        libc::syscall(
            libc::SYS_pidfd_send_signal,
            pidfd.as_raw_fd(),
            libc::SIGKILL,
            std::ptr::null::<libc::siginfo_t>(),
            0,
        )
    };
    match check(result) {
        Err(error) if error.raw_os_error() == Some(libc::ESRCH) => Ok(()),
        other => other.map(drop),
    }
}

/// pidfd_open(2) of a child that was not waited for.
pub(crate) fn open_pidfd(child: u32) -> io::Result<OwnedFd> {
    // SAFETY: integer arguments only.
    owned(unsafe { libc::syscall(libc::SYS_pidfd_open, child, 0) })
}

/// close_range(2) from `first` to the last possible descriptor; with `cloexec` they are only marked (Linux 5.11).
pub(crate) fn close_from(first: u32, cloexec: bool) -> io::Result<()> {
    let flags = if cloexec { libc::CLOSE_RANGE_CLOEXEC } else { 0 };
    // SAFETY: the callers own no `OwnedFd` of this range that they use or drop afterwards, or only mark them.
    check(unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, flags) }).map(drop)
}

/// close_range(2) of everything but these and standard input, output and error.
pub(crate) fn close_all_but<'a>(kept: impl Iterator<Item = &'a OwnedFd>) -> io::Result<()> {
    let mut kept: Vec<u32> = kept.map(|fd| fd.as_raw_fd().cast_unsigned()).collect();
    kept.sort_unstable();
    let mut first = 3;
    for last in kept.into_iter().chain([u32::MAX]) {
        if first < last {
            // SAFETY: the caller, a process that never returns to who owns the others, neither uses nor drops them.
            check(unsafe { libc::syscall(libc::SYS_close_range, first, last - 1, 0) })?;
        }
        first = last.saturating_add(1);
    }
    Ok(())
}

/// fsopen(2) and fsmount(2): a new file system that is mounted nowhere. `options` are set as strings.
pub(crate) fn detached_mount(kind: &CStr, options: &[(&CStr, &CStr)], attributes: u64) -> io::Result<OwnedFd> {
    const FSOPEN_CLOEXEC: u32 = 1;
    const FSMOUNT_CLOEXEC: u32 = 1;
    const FSCONFIG_SET_STRING: u32 = 1;
    const FSCONFIG_CMD_CREATE: u32 = 6;
    // SAFETY: a valid C string for the call.
    let context = owned(unsafe { libc::syscall(libc::SYS_fsopen, kind.as_ptr(), FSOPEN_CLOEXEC) })?;
    for (key, value) in options {
        // SAFETY: valid C strings and an open descriptor for the call.
        check(unsafe {
            libc::syscall(libc::SYS_fsconfig, context.as_raw_fd(), FSCONFIG_SET_STRING, key.as_ptr(), value.as_ptr(), 0)
        })?;
    }
    let null = std::ptr::null::<libc::c_char>();
    // SAFETY: the create command takes no key and no value.
    check(unsafe { libc::syscall(libc::SYS_fsconfig, context.as_raw_fd(), FSCONFIG_CMD_CREATE, null, null, 0) })?;
    // SAFETY: an open descriptor for the call.
    owned(unsafe { libc::syscall(libc::SYS_fsmount, context.as_raw_fd(), FSMOUNT_CLOEXEC, attributes) })
}

/// open_tree(2): a detached recursive copy of the mounts at `path`.
pub(crate) fn clone_tree(path: &CStr) -> io::Result<OwnedFd> {
    let flags = libc::OPEN_TREE_CLONE | libc::OPEN_TREE_CLOEXEC | libc::AT_RECURSIVE.cast_unsigned();
    // SAFETY: a valid C string for the call.
    owned(unsafe { libc::syscall(libc::SYS_open_tree, libc::AT_FDCWD, path.as_ptr(), flags) })
}

/// The same of one file or directory of a mount, also of one that is mounted nowhere (Linux 6.15).
pub(crate) fn clone_tree_of(mount: BorrowedFd<'_>, name: &CStr) -> io::Result<OwnedFd> {
    let flags = libc::OPEN_TREE_CLONE | libc::OPEN_TREE_CLOEXEC;
    // SAFETY: a valid C string and an open descriptor for the call.
    owned(unsafe { libc::syscall(libc::SYS_open_tree, mount.as_raw_fd(), name.as_ptr(), flags) })
}

/// move_mount(2): attaches a detached mount at `path`.
pub(crate) fn attach_mount(mount: BorrowedFd<'_>, path: &CStr) -> io::Result<()> {
    const MOVE_MOUNT_F_EMPTY_PATH: u32 = 4;
    // SAFETY: valid C strings and an open descriptor for the call.
    check(unsafe {
        libc::syscall(
            libc::SYS_move_mount,
            mount.as_raw_fd(),
            c"".as_ptr(),
            libc::AT_FDCWD,
            path.as_ptr(),
            MOVE_MOUNT_F_EMPTY_PATH,
        )
    })
    .map(drop)
}

/// mount_setattr(2) on a detached mount and all below it (Linux 5.12), which is recursive where a remount is not.
pub(crate) fn set_mount_attributes(mount: BorrowedFd<'_>, set: u64) -> io::Result<()> {
    let attributes = libc::mount_attr { attr_set: set, attr_clr: 0, propagation: libc::MS_PRIVATE, userns_fd: 0 };
    // SAFETY: the structure outlives the call and its size is passed with it.
    check(unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            libc::AT_EMPTY_PATH | libc::AT_RECURSIVE,
            &raw const attributes,
            size_of::<libc::mount_attr>(),
        )
    })
    .map(drop)
}

/// keyctl(2) KEYCTL_JOIN_SESSION_KEYRING: a new anonymous session keyring.
pub(crate) fn new_session_keyring() -> io::Result<()> {
    const KEYCTL_JOIN_SESSION_KEYRING: i32 = 1;
    // SAFETY: a null name asks for an anonymous keyring.
    check(unsafe { libc::syscall(libc::SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, std::ptr::null::<libc::c_char>()) })
        .map(drop)
}

/// setdomainname(2): the NIS domain name of this UTS namespace.
pub(crate) fn set_domain_name(name: &CStr) -> io::Result<()> {
    // SAFETY: a valid string of this length for the call.
    check(i64::from(unsafe { libc::setdomainname(name.as_ptr(), name.count_bytes()) })).map(drop)
}

/// prctl(2) with integer arguments.
pub(crate) fn prctl(option: i32, argument: u64) -> io::Result<i64> {
    // SAFETY: callers pass only options whose arguments are integers.
    check(i64::from(unsafe { libc::prctl(option, argument, 0, 0, 0) }))
}

/// Header and data of capset(2) and capget(2), version 3: the calling process; twice effective, permitted, inheritable.
type Capabilities = ([u32; 2], [u32; 6]);

const CAPABILITY_VERSION: u32 = 0x2008_0522;

/// capset(2): empties the inheritable set, and leaves in the effective and permitted ones of these capabilities, bits of the first 32.
pub(crate) fn set_capabilities(kept: u32) -> io::Result<()> {
    let (header, data): Capabilities = ([CAPABILITY_VERSION, 0], [kept, kept, 0, 0, 0, 0]);
    // SAFETY: both have the sizes of version 3 and outlive the call.
    check(unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), data.as_ptr()) }).map(drop)
}

/// capget(2): whether these three sets are empty.
pub(crate) fn has_no_capabilities() -> io::Result<bool> {
    let (mut header, mut data): Capabilities = ([CAPABILITY_VERSION, 0], [u32::MAX; 6]);
    // SAFETY: both have the sizes of version 3 and outlive the call.
    check(unsafe { libc::syscall(libc::SYS_capget, header.as_mut_ptr(), data.as_mut_ptr()) })?;
    Ok(data == [0; 6])
}

/// personality(2).
pub(crate) fn personality(persona: u64) -> io::Result<()> {
    // SAFETY: an integer argument.
    check(i64::from(unsafe { libc::personality(persona) })).map(drop)
}

/// A filter as the kernel's 8-byte instructions.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
#[expect(clippy::unsafe_derive_deserialize, reason = "whatever it is, the kernel checks it")]
pub(crate) struct Filter(Vec<u64>);

impl Filter {
    pub(crate) fn of_bytes(program: &[u8]) -> Self {
        Self(program.chunks_exact(8).map(|bytes| u64::from_ne_bytes(bytes.try_into().unwrap_or_default())).collect())
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|instruction| instruction.to_ne_bytes()).collect()
    }

    /// seccomp(2) SECCOMP_SET_MODE_FILTER for the calling thread.
    pub(crate) fn install(&self) -> io::Result<()> {
        self.set(0).map(drop)
    }

    /// The same, with a descriptor on which the filter's notifications come (SECCOMP_FILTER_FLAG_NEW_LISTENER).
    pub(crate) fn install_with_listener(&self) -> io::Result<OwnedFd> {
        owned(self.set(libc::SECCOMP_FILTER_FLAG_NEW_LISTENER)?)
    }

    fn set(&self, flags: libc::c_ulong) -> io::Result<i64> {
        const SECCOMP_SET_MODE_FILTER: u32 = 1;
        const _: () = assert!(size_of::<libc::sock_filter>() == 8 && align_of::<libc::sock_filter>() <= 8);
        let length = u16::try_from(self.0.len()).map_err(|_| io::Error::from_raw_os_error(libc::E2BIG))?;
        let filter = libc::sock_fprog { len: length, filter: self.0.as_ptr().cast_mut().cast() };
        // SAFETY: the structure points to `length` instructions that outlive the call, which only reads them.
        check(unsafe { libc::syscall(libc::SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &raw const filter) })
    }
}

/// ioctl(2) SECCOMP_IOCTL_NOTIF_RECV: the number and the architecture of the system call that waits for an answer; see
/// seccomp_unotify(2).
pub(crate) fn notified_call(listener: BorrowedFd<'_>) -> io::Result<(i32, u32)> {
    // A newer kernel's structure may be larger.
    let mut room = [0_u64; 64];
    // SAFETY: the structure is plain integers and fits into the room, which is zeroed as the kernel demands and aligned.
    check(i64::from(unsafe { libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_RECV, room.as_mut_ptr()) }))?;
    // SAFETY: the kernel has filled it.
    let notification = unsafe { room.as_ptr().cast::<libc::seccomp_notif>().read() };
    Ok((notification.data.nr, notification.data.arch))
}

/// recvmsg(2), without the heap: the descriptor that comes with the next message, if one does.
///
/// # Errors
/// Among others, `UnexpectedEof` if the other side is gone.
pub(crate) fn receive_descriptor(socket: BorrowedFd<'_>) -> io::Result<Option<OwnedFd>> {
    let (mut byte, mut control) = ([0_u8], [0_u64; 3]);
    let mut part = libc::iovec { iov_base: byte.as_mut_ptr().cast(), iov_len: byte.len() };
    // SAFETY: plain integers and pointers, for which zero is a valid value.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_iov = &raw mut part;
    header.msg_iovlen = 1;
    header.msg_control = control.as_mut_ptr().cast();
    header.msg_controllen = size_of_val(&control);
    let length = loop {
        // SAFETY: the header names room of these sizes, which outlives the call.
        let result =
            unsafe { libc::syscall(libc::SYS_recvmsg, socket.as_raw_fd(), &raw mut header, libc::MSG_CMSG_CLOEXEC) };
        match check(result) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => break other?,
        }
    };
    if length == 0 {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
    }
    if header.msg_flags & libc::MSG_CTRUNC != 0 {
        // The kernel dropped it, for want of room in this process.
        return Err(io::Error::from_raw_os_error(libc::EMFILE));
    }
    // SAFETY: the kernel has filled the header and the room for control messages, which is aligned for them.
    let first = unsafe { libc::CMSG_FIRSTHDR(&raw const header) };
    if first.is_null() {
        return Ok(None);
    }
    // SAFETY: as above; only one descriptor is sent over these sockets, which the kernel made for us.
    Ok(Some(unsafe { OwnedFd::from_raw_fd(libc::CMSG_DATA(first).cast::<RawFd>().read_unaligned()) }))
}

/// Signals that stand for an error of the call that they are about.
const ERRORS: [i32; 2] = [libc::SIGPIPE, libc::SIGXFSZ];

/// Has the kernel drop those, and sets every other signal to its default action, also what the C library keeps for itself. SIGKILL and
/// SIGSTOP always are.
pub(crate) fn ignore_errors_only() {
    (1..=64).for_each(reset_signal_action);
    ERRORS.into_iter().for_each(ignore_signal);
}

/// Sets those to their default action, too.
pub(crate) fn heed_errors() {
    ERRORS.into_iter().for_each(reset_signal_action);
}

/// Sets one signal to its default action.
pub(crate) fn reset_signal_action(signal: i32) {
    set_signal_action(signal, libc::SIG_DFL);
}

/// Has the kernel drop this signal, until it is reset; so that what it stands for is an error of the call that it is about.
pub(crate) fn ignore_signal(signal: i32) {
    set_signal_action(signal, libc::SIG_IGN);
}

fn set_signal_action(signal: i32, handler: libc::sighandler_t) {
    // The kernel's sigaction: handler, flags, restorer, mask. All zero is the default action.
    let action = [handler as u64, 0, 0, 0];
    // SAFETY: the structure is valid for the call, and 8 is the size of its mask. The call fails for SIGKILL and SIGSTOP.
    unsafe { libc::syscall(libc::SYS_rt_sigaction, signal, &raw const action, std::ptr::null::<u64>(), 8) };
}

/// Own CPU time so far: user and system, in microseconds.
pub(crate) fn own_cpu_us() -> (u64, u64) {
    // SAFETY: rusage is plain integers, and the call fills it.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut usage);
        usage
    };
    (micros(usage.ru_utime), micros(usage.ru_stime))
}

/// A child that has ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waited {
    pub(crate) pid: i32,
    /// As wait4(2) gives it.
    pub(crate) status: i32,
    pub(crate) context_switches: u64,
}

/// wait4(2) for any child. With `WNOHANG` as option `None` if none has ended.
pub(crate) fn wait_any(options: i32) -> io::Result<Option<Waited>> {
    let mut status = 0;
    // SAFETY: rusage is plain integers; both pointers are valid for the call.
    let (result, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        (libc::wait4(-1, &raw mut status, options, &raw mut usage), usage)
    };
    check(i64::from(result))?;
    let context_switches = (usage.ru_nvcsw + usage.ru_nivcsw).cast_unsigned();
    Ok((result > 0).then_some(Waited { pid: result, status, context_switches }))
}

fn micros(time: libc::timeval) -> u64 {
    time.tv_sec.cast_unsigned() * 1_000_000 + time.tv_usec.cast_unsigned()
}

/// Takes the descriptor that the worker gave a launcher as standard input. To be called once, first thing.
pub(crate) fn take_stdin() -> OwnedFd {
    // SAFETY: descriptor 0 is open in every launcher, and nothing else in this process owns it.
    unsafe { OwnedFd::from_raw_fd(0) }
}

/// Closes these, which a process that has the same memory and a table of descriptors of its own owns in that.
pub(crate) fn close_others(fds: &[RawFd]) {
    for &fd in fds {
        // SAFETY: an integer argument. In this process nobody owns it. A descriptor is free whatever close(2) returns.
        unsafe { libc::close(fd) };
    }
}

/// Takes descriptors that arrived in a message.
pub(crate) fn take_received(fds: &[RawFd]) -> Vec<OwnedFd> {
    // SAFETY: the kernel made these descriptors for the receiver of the message alone.
    fds.iter().map(|fd| unsafe { OwnedFd::from_raw_fd(*fd) }).collect()
}

/// setresgid and setresuid as raw calls: one thread, and no capability fixups by the C library. Reads all six ids back.
pub(crate) fn become_user(id: u32) -> io::Result<()> {
    // SAFETY: integer arguments only.
    unsafe {
        check(libc::syscall(libc::SYS_setresgid, id, id, id))?;
        check(libc::syscall(libc::SYS_setresuid, id, id, id))?;
    }
    let (users, groups) = (nix::unistd::getresuid()?, nix::unistd::getresgid()?);
    let users = [users.real, users.effective, users.saved].map(nix::unistd::Uid::as_raw);
    let groups = [groups.real, groups.effective, groups.saved].map(nix::unistd::Gid::as_raw);
    if users == [id; 3] && groups == [id; 3] { Ok(()) } else { Err(io::Error::from_raw_os_error(libc::EPERM)) }
}

/// A command as execve(2) wants it: its first argument is the program's path.
#[derive(Debug)]
pub(crate) struct Command {
    argv: Strings,
    env: Strings,
}

/// Strings, and pointers to them with a null at the end.
#[derive(Debug)]
struct Strings {
    _strings: Vec<CString>,
    pointers: Vec<*const c_char>,
}

impl Strings {
    fn new(strings: Vec<CString>) -> Self {
        let pointers = strings.iter().map(|string| string.as_ptr()).chain([std::ptr::null()]).collect();
        Self { _strings: strings, pointers }
    }
}

impl Command {
    pub(crate) fn new(argv: Vec<CString>, env: Vec<CString>) -> Self {
        Self { argv: Strings::new(argv), env: Strings::new(env) }
    }

    /// execve(2), which neither takes nor leaves anything on the heap, of the command in this cell. Returns only if it fails.
    pub(crate) fn execute(cell: &Cell<Option<Self>>) -> io::Error {
        // SAFETY: nobody else sees the cell during the call: it is not shared between threads, and what is called does not know it.
        let Some(command) = (unsafe { &*cell.as_ptr() }) else { return io::Error::from_raw_os_error(libc::EFAULT) };
        // SAFETY: these end with a null and so do what they point to, and they outlive the call. Without arguments the path is null, which is
        // an error (EFAULT).
        unsafe {
            libc::execve(command.argv.pointers[0], command.argv.pointers.as_ptr(), command.env.pointers.as_ptr())
        };
        io::Error::last_os_error()
    }
}

/// _exit(2): no destructors, no buffers.
pub(crate) fn exit_now(code: i32) -> ! {
    // SAFETY: ends the process.
    unsafe { libc::_exit(code) }
}
