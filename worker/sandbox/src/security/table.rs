//! The system call table of the strict allow-list, as data. What is not named gets `ENOSYS`, so that a C library falls back
//! and a kernel newer than this list opens nothing.
//!
//! Argument rules compare integers only, each through a mask of at most 32 bits: the kernel looks at the low half of an
//! `int` argument, and so must the filter (CVE-2019-7303, CVE-2019-10063).

/// Allowed with any arguments.
pub(crate) const ALLOW: &str = "
    read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek close close_range dup dup2 dup3 pipe pipe2
    poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2
    timerfd_create timerfd_settime timerfd_gettime sendfile
    open openat creat stat lstat fstat newfstatat statx statfs fstatfs access faccessat faccessat2 readlink readlinkat getdents
    getdents64 getcwd chdir fchdir mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat
    truncate ftruncate fallocate fsync fdatasync chmod fchmod fchmodat fchmodat2 umask utime utimes utimensat futimesat fadvise64
    readahead
    brk mmap munmap mprotect mremap msync madvise mincore mlock munlock mlock2 mlockall munlockall memfd_create membarrier
    exit exit_group wait4 waitid getpid getppid gettid getpgid getpgrp getsid setpgid setsid set_tid_address set_robust_list
    get_robust_list rseq futex sched_yield sched_getaffinity sched_setaffinity sched_getparam sched_getscheduler
    sched_get_priority_max sched_get_priority_min sched_rr_get_interval sched_getattr getpriority execve fork vfork
    rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait sigaltstack kill tkill tgkill pause
    restart_syscall alarm setitimer getitimer timer_create timer_settime timer_gettime timer_getoverrun timer_delete
    clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time times getrusage
    uname sysinfo getrlimit prlimit64 setrlimit getrandom getcpu capget getuid geteuid getgid getegid getresuid getresgid getgroups
    sendto recvfrom sendmsg recvmsg getsockname getpeername getsockopt shutdown";

/// Allowed in addition when compiling.
pub(crate) const ALLOW_COMPILE: &str = "flock copy_file_range";

/// An innocent program may try it: `EPERM`.
pub(crate) const REFUSE: &str = "
    chown fchown lchown fchownat mknod mknodat setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups
    capset sched_setparam sched_setattr setpriority ioprio_set ioprio_get sync syncfs sync_file_range
    rt_sigqueueinfo rt_tgsigqueueinfo bind listen accept accept4 connect setsockopt sendmmsg recvmmsg flock adjtimex clock_adjtime
    clock_settime settimeofday sethostname setdomainname seccomp";

/// No file system here has extended attributes: `ENOTSUP`.
pub(crate) const UNSUPPORTED: &str = "
    setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr
    fremovexattr";

/// No solution has a reason to: the init is told, and ends the run.
pub(crate) const KILL: &str = "
    ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd bpf perf_event_open userfaultfd keyctl add_key request_key mount
    umount2 pivot_root chroot fsopen fsconfig fsmount fspick open_tree move_mount mount_setattr unshare setns kexec_load
    kexec_file_load init_module finit_module delete_module iopl ioperm swapon swapoff reboot acct quotactl quotactl_fd
    lookup_dcookie open_by_handle_at name_to_handle_at fanotify_init fanotify_mark syslog vhangup";

/// A rule on one integer argument.
pub(crate) struct ArgumentRule {
    pub(crate) call: &'static str,
    /// Which argument, from 0.
    pub(crate) argument: u32,
    /// The bits that are compared.
    pub(crate) mask: u64,
    /// The values these bits may have for the rule to hold.
    pub(crate) values: &'static [u64],
    /// 0 allows; another number is the errno of the refusal.
    pub(crate) errno: i32,
}

const INT: u64 = 0xffff_ffff;

/// Flags of clone(2) that make namespaces or change who the parent is. `clone3` has its flags behind a pointer, so it is not
/// there at all, and the C library falls back to `clone`.
const CLONE_DENIED: u64 = 0x7e02_0000 | 0x8000 | 0x2000 | 0x80_0000;

/// Calls that are allowed or refused by an argument; for other values they get `ENOSYS`.
pub(crate) const BY_ARGUMENT: &[ArgumentRule] = &[
    ArgumentRule { call: "clone", argument: 0, mask: CLONE_DENIED, values: &[0], errno: 0 },
    ArgumentRule { call: "clone", argument: 0, mask: 0x2000, values: &[0x2000], errno: libc::EPERM },
    ArgumentRule { call: "clone", argument: 0, mask: 0x8000, values: &[0x8000], errno: libc::EPERM },
    ArgumentRule { call: "clone", argument: 0, mask: 0x2_0000, values: &[0x2_0000], errno: libc::EPERM },
    ArgumentRule { call: "clone", argument: 0, mask: 0x80_0000, values: &[0x80_0000], errno: libc::EPERM },
    ArgumentRule { call: "clone", argument: 0, mask: 0x200_0000, values: &[0x200_0000], errno: libc::EPERM },
    ArgumentRule { call: "clone", argument: 0, mask: 0x400_0000, values: &[0x400_0000], errno: libc::EPERM },
    ArgumentRule { call: "clone", argument: 0, mask: 0x800_0000, values: &[0x800_0000], errno: libc::EPERM },
    ArgumentRule { call: "clone", argument: 0, mask: 0x1000_0000, values: &[0x1000_0000], errno: libc::EPERM },
    ArgumentRule { call: "clone", argument: 0, mask: 0x2000_0000, values: &[0x2000_0000], errno: libc::EPERM },
    ArgumentRule { call: "clone", argument: 0, mask: 0x4000_0000, values: &[0x4000_0000], errno: libc::EPERM },
    // Duplicate, get and set descriptor flags and owner, pipe size (get), seals, write hints.
    ArgumentRule {
        call: "fcntl",
        argument: 1,
        mask: INT,
        values: &[0, 1, 2, 3, 4, 8, 9, 1030, 1032, 1033, 1034, 1035, 1036],
        errno: 0,
    },
    // Locks and leases are visible across sandboxes on shared read-only files.
    ArgumentRule {
        call: "fcntl",
        argument: 1,
        mask: INT,
        values: &[5, 6, 7, 36, 37, 38, 1024, 1025, 1026],
        errno: libc::ENOLCK,
    },
    // TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX, TIOCGPGRP, TIOCSPGRP.
    ArgumentRule {
        call: "ioctl",
        argument: 1,
        mask: INT,
        values: &[0x5401, 0x5413, 0x541b, 0x5421, 0x5450, 0x5451, 0x540f, 0x5410],
        errno: 0,
    },
    // TIOCSTI, TIOCLINUX, TIOCSWINSZ, FS_IOC_SETFLAGS, FIFREEZE.
    ArgumentRule {
        call: "ioctl",
        argument: 1,
        mask: INT,
        values: &[0x5412, 0x541c, 0x5414, 0x4008_6602, 0xc004_5877],
        errno: libc::EPERM,
    },
    // Names, parent-death signal, timer slack, huge pages, and reading what cannot be changed.
    ArgumentRule {
        call: "prctl",
        argument: 0,
        mask: INT,
        values: &[1, 2, 3, 15, 16, 21, 23, 29, 30, 39, 41, 42, 0x5356_4d41],
        errno: 0,
    },
    ArgumentRule {
        call: "prctl",
        argument: 0,
        mask: INT,
        values: &[4, 8, 22, 24, 26, 28, 35, 36, 38, 47, 52, 53, 59, 62, 65, 67],
        errno: libc::EPERM,
    },
    ArgumentRule { call: "arch_prctl", argument: 0, mask: INT, values: &[0x1002, 0x1003], errno: 0 },
    ArgumentRule { call: "personality", argument: 0, mask: INT, values: &[0, 0xffff_ffff], errno: 0 },
    ArgumentRule {
        call: "personality",
        argument: 0,
        mask: INT,
        values: &[0x004_0000, 0x040_0000, 0x020_0000, 0x010_0000, 0x8],
        errno: libc::EPERM,
    },
    // The ordinary policy may be set again, as Mono does for its threads; real-time, batch and idle ones may not.
    ArgumentRule { call: "sched_setscheduler", argument: 1, mask: INT, values: &[0], errno: 0 },
    ArgumentRule {
        call: "sched_setscheduler",
        argument: 1,
        mask: INT,
        values: &[1, 2, 3, 5, 6, 7],
        errno: libc::EPERM,
    },
    ArgumentRule { call: "socketpair", argument: 0, mask: INT, values: &[1], errno: 0 },
];

/// Families of socket(2) up to this one get `EAFNOSUPPORT`: there is no network, and no local socket either.
pub(crate) const LAST_SOCKET_FAMILY: u64 = 45;
