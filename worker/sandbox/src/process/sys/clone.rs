//! clone3(2) in its two forms: a copy of the caller, and a process that has the caller's memory.

use std::convert::Infallible;
use std::ffi::c_void;
use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd, RawFd};

use super::check;

/// What [`clone3`] returned.
pub(crate) enum Cloned {
    /// In the new process.
    Child,
    /// In the caller: the child's pidfd.
    Parent(OwnedFd),
}

/// clone3(2) like fork: a copy of the caller, which must have one thread only.
pub(crate) fn clone3() -> io::Result<Cloned> {
    let mut pidfd: RawFd = -1;
    let args = clone_args(0, None, Some(&mut pidfd));
    // SAFETY: no CLONE_VM, so the child has its own copy of the memory, and the caller is single-threaded, so that no lock
    // is held by a thread that the child lacks. The pointers are valid for the call.
    match check(unsafe { libc::syscall(libc::SYS_clone3, &raw const args, size_of::<libc::clone_args>()) })? {
        0 => Ok(Cloned::Child),
        // SAFETY: the kernel stored a new descriptor here for us alone.
        _ => Ok(Cloned::Parent(unsafe { OwnedFd::from_raw_fd(pidfd) })),
    }
}

/// Arguments for a child that is waited for, in this version 2 control group (`CLONE_INTO_CGROUP`, Linux 5.7) if one is given.
fn clone_args(flags: i32, cgroup: Option<BorrowedFd<'_>>, pidfd: Option<&mut RawFd>) -> libc::clone_args {
    // The C library's binding of this constant overflows its type.
    const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;
    // SAFETY: clone_args is plain integers, for which zero is a valid value.
    let mut args: libc::clone_args = unsafe { std::mem::zeroed() };
    args.flags = u64::from(flags.cast_unsigned());
    args.exit_signal = libc::SIGCHLD as u64;
    if let Some(cgroup) = cgroup {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = u64::from(cgroup.as_raw_fd().cast_unsigned());
    }
    if let Some(pidfd) = pidfd {
        args.flags |= libc::CLONE_PIDFD as u64;
        args.pidfd = std::ptr::from_mut(pidfd) as u64;
    }
    args
}

/// A stack for one child after another that has its parent's memory. It stays as long as that; of what is not used nothing is taken.
#[derive(Debug)]
pub(crate) struct Stack(usize);

impl Stack {
    const SIZE: usize = 1 << 20;

    pub(crate) fn new() -> io::Result<Self> {
        let (protection, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: a new mapping, of which nothing else knows.
        let stack = unsafe { libc::mmap(std::ptr::null_mut(), Self::SIZE, protection, kind | libc::MAP_STACK, -1, 0) };
        if stack == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the lowest page of the mapping.
        check(i64::from(unsafe { libc::mprotect(stack, 4096, libc::PROT_NONE) }))?;
        Ok(Self(stack as usize))
    }

    /// Makes it that of a child which begins with `child`, and returns where that is now.
    fn hold<F>(&self, args: &mut libc::clone_args, child: F) -> *mut F {
        const { assert!(size_of::<F>() < 4096 && align_of::<F>() <= 16, "it fits, and the stack is aligned for it") };
        let size = Self::SIZE - size_of::<F>().next_multiple_of(16);
        args.stack = self.0 as u64;
        args.stack_size = size as u64;
        let place = (self.0 + size) as *mut F;
        // SAFETY: above what is the child's stack now, within the mapping, and aligned.
        unsafe { place.write(child) };
        place
    }
}

/// What a child calls first: a function with its data.
extern "C" fn enter<F: FnOnce() -> Infallible>(child: *mut c_void) -> ! {
    // SAFETY: it was put there for this process, and nobody else takes it.
    let child = unsafe { child.cast::<F>().read() };
    match child() {}
}

/// clone3(2) with CLONE_VM: `child` runs in a new process, in the namespaces of `flags` and in the control group `cgroup` if one is given,
/// with the caller's memory. It must not return. Returns its process id, as the caller sees it, and a pidfd.
///
/// Both have one thread, and what a thread has in memory is common to both, too: the heap and errno. So the caller owes three things. They
/// use these in turns only, and agree on that. What the child owns of descriptors has a copy in the caller, which closes it
/// ([`close_others`](super::close_others)). The stack is the child's until it has ended, and no other's.
pub(crate) fn clone_beside<F>(
    flags: i32,
    cgroup: Option<BorrowedFd<'_>>,
    stack: &'static Stack,
    child: F,
) -> io::Result<(i32, OwnedFd)>
where
    F: FnOnce() -> Infallible + 'static,
{
    let mut pidfd: RawFd = -1;
    let mut args = clone_args(flags | libc::CLONE_VM, cgroup, Some(&mut pidfd));
    // SAFETY: beside the child the caller goes on, and neither touches what the other uses, which is what the caller owes.
    let pid = unsafe { begin(&mut args, stack, child) }?;
    // SAFETY: the kernel stored a new descriptor here for us alone.
    Ok((i32::try_from(pid).map_err(io::Error::other)?, unsafe { OwnedFd::from_raw_fd(pidfd) }))
}

/// clone3(2) like vfork(2): `child` runs in a new process, which has the process id `pid` (Linux 5.5), but in the caller's
/// memory, until it executes a program or ends; only then the caller goes on. What it changes in memory the caller finds changed;
/// descriptors, ids and the rest are its own. It must not return.
///
/// Unlike in vfork(2) the caller sleeps while it waits, in read(2): one that waits for a vfork counts as load (proc_loadavg(5)).
pub(crate) fn vfork<F>(cgroup: Option<BorrowedFd<'_>>, pid: i32, stack: &Stack, child: F) -> io::Result<()>
where
    F: FnOnce() -> Infallible,
{
    // The kernel closes the child's end when it executes a program or ends, and in both after it has left the memory.
    let (left, held) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC)?;
    let mut args = clone_args(libc::CLONE_VM, cgroup, None);
    args.set_tid = std::ptr::from_ref(&pid) as u64;
    args.set_tid_size = 1;
    let (left_fd, held_fd) = (left.as_raw_fd(), held.as_raw_fd());
    // SAFETY: both processes have one thread, and as long as the child uses the memory this one does nothing but these system calls, which
    // use neither heap nor errno.
    unsafe {
        begin(&mut args, stack, child)?;
        let mut byte = [0_u8];
        raw_call(libc::SYS_close, i64::from(held_fd), 0, 0);
        while raw_call(libc::SYS_read, i64::from(left_fd), byte.as_mut_ptr() as i64, 1) == i64::from(-libc::EINTR) {}
    }
    // It is closed already.
    std::mem::forget(held);
    Ok(())
}

/// Makes the child that runs `child` on this stack, and returns its process id. Beside it the caller uses neither heap nor errno.
unsafe fn begin<F>(args: &mut libc::clone_args, stack: &Stack, child: F) -> io::Result<i64>
where
    F: FnOnce() -> Infallible,
{
    let child = stack.hold(args, child);
    // SAFETY: the arguments outlive the call. The child gets what `enter` expects, never returns, and has a stack of its own.
    let result = unsafe { clone3_on_stack(args, enter::<F>, child.cast()) };
    if result > 0 {
        return Ok(result);
    }
    // SAFETY: there is no child that takes it.
    unsafe { child.drop_in_place() };
    Err(i32::try_from(-result).map_or_else(io::Error::other, io::Error::from_raw_os_error))
}

/// The system call clone3(2), after which the child calls `enter` on the stack that the arguments name. Returns what the kernel returns
/// to the caller.
#[cfg(target_arch = "x86_64")]
unsafe fn clone3_on_stack(
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
unsafe fn clone3_on_stack(
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
