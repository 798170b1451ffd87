//! The system calls that neither the standard library nor `nix` wraps. This is the only file with `unsafe` in it; each
//! function is one call, takes borrowed descriptors and returns owned ones.
#![expect(unsafe_code, reason = "raw system calls; each block states why it is sound")]

use std::convert::Infallible;
use std::ffi::{CStr, c_void};
use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd, RawFd};

/// Turns a system call's result into a number or the error in `errno`.
fn check(result: i64) -> io::Result<i64> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

fn owned(result: i64) -> io::Result<OwnedFd> {
    let fd = RawFd::try_from(check(result)?).map_err(io::Error::other)?;
    // SAFETY: the kernel has just returned this descriptor to us and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// What [`clone3`] returned.
pub(crate) enum Cloned {
    /// In the new process.
    Child,
    /// In the caller: the child's process id, as the caller sees it, and a pidfd.
    Parent { pid: i32, pidfd: OwnedFd },
}

/// clone3(2) like fork: a copy of the caller in the namespaces of `flags`, in the control group `cgroup` if one is given. The
/// caller must have one thread only.
pub(crate) fn clone3(flags: i32, cgroup: Option<BorrowedFd<'_>>) -> io::Result<Cloned> {
    let mut pidfd: RawFd = -1;
    let mut args = clone_args(u64::from(flags.cast_unsigned()) | libc::CLONE_PIDFD as u64, cgroup);
    args.pidfd = std::ptr::from_mut(&mut pidfd) as u64;
    // SAFETY: no CLONE_VM, so the child has its own copy of the memory, and the caller is single-threaded, so that no lock
    // is held by a thread that the child lacks. The pointers are valid for the call.
    let result = unsafe { libc::syscall(libc::SYS_clone3, &raw const args, size_of::<libc::clone_args>()) };
    match check(result)? {
        0 => Ok(Cloned::Child),
        pid => {
            let pid = i32::try_from(pid).map_err(io::Error::other)?;
            // SAFETY: the kernel stored a new descriptor here for us alone.
            let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
            Ok(Cloned::Parent { pid, pidfd })
        }
    }
}

/// Arguments for a child that is waited for, in this version 2 control group (`CLONE_INTO_CGROUP`, Linux 5.7) if one is given.
fn clone_args(flags: u64, cgroup: Option<BorrowedFd<'_>>) -> libc::clone_args {
    // The C library's binding of this constant overflows its type.
    const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;
    // SAFETY: clone_args is plain integers, for which zero is a valid value.
    let mut args: libc::clone_args = unsafe { std::mem::zeroed() };
    args.flags = flags;
    args.exit_signal = libc::SIGCHLD as u64;
    if let Some(cgroup) = cgroup {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = u64::from(cgroup.as_raw_fd().cast_unsigned());
    }
    args
}

/// The stack of a child of [`vfork`], in bytes; of what it does not use nothing is taken.
const STACK: usize = 1 << 20;

/// clone3(2) like vfork(2): `child` runs in a new process, which has the process id `pid` (Linux 5.5), but in the caller's
/// memory, until it executes a program or ends; only then the caller goes on. What it changes in
/// memory the caller finds changed; descriptors, ids and the rest are its own. It must not return, nor be killed by a signal that
/// leaves the caller alive while it is in the allocator and the caller still needs that.
///
/// Unlike in vfork(2) the caller sleeps while it waits, in read(2): one that waits for a vfork counts as load (proc_loadavg(5)).
pub(crate) fn vfork<F>(cgroup: Option<BorrowedFd<'_>>, pid: i32, child: F) -> io::Result<()>
where
    F: FnOnce() -> Infallible,
{
    extern "C" fn enter<F: FnOnce() -> Infallible>(child: *mut c_void) -> ! {
        // SAFETY: it points to the caller's variable, which lives as long as the caller waits.
        let child = unsafe { &mut *child.cast::<Option<F>>() };
        match child.take().map(|child| child()) {
            None => exit_now(1),
        }
    }
    // The kernel closes the child's end when it executes a program or ends, and in both after it has left the memory.
    let (left, held) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC)?;
    let mut child = Some(child);
    let mut args = clone_args(libc::CLONE_VM as u64, cgroup);
    args.set_tid = std::ptr::from_ref(&pid) as u64;
    args.set_tid_size = 1;
    let (protection, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a new mapping, of which nothing else knows. It stays as long as this process, which makes one child.
    let stack = unsafe { libc::mmap(std::ptr::null_mut(), STACK, protection, kind | libc::MAP_STACK, -1, 0) };
    if stack == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the lowest page of the mapping.
    check(i64::from(unsafe { libc::mprotect(stack, 4096, libc::PROT_NONE) }))?;
    args.stack = stack as u64;
    args.stack_size = STACK as u64;
    let (left_fd, held_fd) = (left.as_raw_fd(), held.as_raw_fd());
    // SAFETY: the arguments outlive the call. The child gets what `enter` expects, and never returns. Both processes have one thread,
    // and as long as the child uses the memory this one does nothing but these system calls, which use neither heap nor errno.
    let result = unsafe {
        let result = clone3_beside(&raw const args, enter::<F>, std::ptr::from_mut(&mut child).cast());
        if result > 0 {
            let mut byte = [0_u8];
            raw_call(libc::SYS_close, i64::from(held_fd), 0, 0);
            while raw_call(libc::SYS_read, i64::from(left_fd), byte.as_mut_ptr() as i64, 1) == i64::from(-libc::EINTR) {
            }
        }
        result
    };
    if result > 0 {
        // It is closed already.
        std::mem::forget(held);
        return Ok(());
    }
    Err(io::Error::from_raw_os_error(i32::try_from(-result).map_err(io::Error::other)?))
}

/// The system call clone3(2), after which the child calls `enter` on the stack that the arguments name. Returns what the kernel returns
/// to the caller.
#[cfg(target_arch = "x86_64")]
unsafe fn clone3_beside(
    args: *const libc::clone_args,
    enter: extern "C" fn(*mut c_void) -> !,
    data: *mut c_void,
) -> i64 {
    let result;
    // SAFETY: in the caller it changes the registers that the system call does (syscall(2)) and no memory.
    unsafe {
        std::arch::asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "and rsp, -16",
            "mov rdi, {data}",
            "call {enter}",
            "ud2",
            "2:",
            enter = in(reg) enter,
            data = in(reg) data,
            inout("rax") libc::SYS_clone3 => result,
            in("rdi") args,
            in("rsi") size_of::<libc::clone_args>(),
            out("rcx") _,
            out("r11") _,
        );
    }
    result
}

/// A system call that leaves errno alone. Returns what the kernel returns.
#[cfg(target_arch = "x86_64")]
unsafe fn raw_call(number: i64, a: i64, b: i64, c: i64) -> i64 {
    let result;
    // SAFETY: as above; what the call itself does is the caller's business.
    unsafe {
        std::arch::asm!(
            "syscall",
            inout("rax") number => result,
            in("rdi") a,
            in("rsi") b,
            in("rdx") c,
            out("rcx") _,
            out("r11") _,
        );
    }
    result
}

/// The same.
#[cfg(target_arch = "aarch64")]
unsafe fn clone3_beside(
    args: *const libc::clone_args,
    enter: extern "C" fn(*mut c_void) -> !,
    data: *mut c_void,
) -> i64 {
    let result;
    // SAFETY: as above; the stack pointer is always aligned.
    unsafe {
        std::arch::asm!(
            "svc #0",
            "cbnz x0, 2f",
            "mov x0, {data}",
            "blr {enter}",
            "brk #1",
            "2:",
            enter = in(reg) enter,
            data = in(reg) data,
            in("x8") libc::SYS_clone3,
            inout("x0") args => result,
            in("x1") size_of::<libc::clone_args>(),
        );
    }
    result
}

/// The same.
#[cfg(target_arch = "aarch64")]
unsafe fn raw_call(number: i64, a: i64, b: i64, c: i64) -> i64 {
    let result;
    // SAFETY: as above.
    unsafe {
        std::arch::asm!("svc #0", in("x8") number, inout("x0") a => result, in("x1") b, in("x2") c);
    }
    result
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

/// capset(2): empties the effective, permitted and inheritable sets.
pub(crate) fn set_no_capabilities() -> io::Result<()> {
    let (header, data): Capabilities = ([CAPABILITY_VERSION, 0], [0; 6]);
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

/// seccomp(2) SECCOMP_SET_MODE_FILTER for the calling thread. `program` is the filter as the kernel's 8-byte instructions.
pub(crate) fn install_filter(program: &[u8]) -> io::Result<()> {
    set_filter(program, 0).map(drop)
}

/// The same, with a descriptor on which the filter's notifications come (SECCOMP_FILTER_FLAG_NEW_LISTENER).
pub(crate) fn install_filter_with_listener(program: &[u8]) -> io::Result<OwnedFd> {
    owned(set_filter(program, libc::SECCOMP_FILTER_FLAG_NEW_LISTENER)?)
}

fn set_filter(program: &[u8], flags: libc::c_ulong) -> io::Result<i64> {
    const SECCOMP_SET_MODE_FILTER: u32 = 1;
    let mut instructions: Vec<libc::sock_filter> = program
        .chunks_exact(8)
        .map(|bytes| libc::sock_filter {
            code: u16::from_ne_bytes([bytes[0], bytes[1]]),
            jt: bytes[2],
            jf: bytes[3],
            k: u32::from_ne_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]),
        })
        .collect();
    let length = u16::try_from(instructions.len()).map_err(io::Error::other)?;
    let filter = libc::sock_fprog { len: length, filter: instructions.as_mut_ptr() };
    // SAFETY: the structure points to `length` instructions that outlive the call.
    check(unsafe { libc::syscall(libc::SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &raw const filter) })
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

/// Sets every signal to its default action, those too that the C library keeps for itself. SIGKILL and SIGSTOP always are.
pub(crate) fn reset_signal_actions() {
    (1..=64).for_each(reset_signal_action);
}

/// The same with one signal.
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
    let pid = i32::try_from(check(i64::from(result))?).map_err(io::Error::other)?;
    let context_switches = (usage.ru_nvcsw + usage.ru_nivcsw).cast_unsigned();
    Ok((pid > 0).then_some(Waited { pid, status, context_switches }))
}

fn micros(time: libc::timeval) -> u64 {
    time.tv_sec.cast_unsigned() * 1_000_000 + time.tv_usec.cast_unsigned()
}

/// Takes the descriptor that the worker gave a launcher as standard input. To be called once, first thing.
pub(crate) fn take_stdin() -> OwnedFd {
    // SAFETY: descriptor 0 is open in every launcher, and nothing else in this process owns it.
    unsafe { OwnedFd::from_raw_fd(0) }
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

/// _exit(2): no destructors, no buffers.
pub(crate) fn exit_now(code: i32) -> ! {
    // SAFETY: ends the process.
    unsafe { libc::_exit(code) }
}
