//! The one table of system calls, as data: what each profile does with each call, and why. Numbers and instructions are the
//! business of [`super::seccomp`].
//!
//! What no group names gets `ENOSYS` in the strict profiles, so that a C library falls back and a kernel newer than this list
//! opens nothing; in the permissive one it is allowed, up to the newest call that is named here. The init may do only what its
//! own groups name.
//!
//! A test of an argument looks at its low 32 bits only: the kernel does so for an `int`, and the filter must not see more
//! than the kernel (CVE-2019-7303, CVE-2019-10063).

use super::Profile;
use crate::defence::is_open;

/// What a filter does with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Allow,
    /// The call fails with this errno.
    Refuse(i32),
    /// The init is told, and ends the run. For the init itself it is the end at once.
    Kill,
}

use Action::{Allow, Kill};

/// "This kernel has no such call": libraries then do without.
const ENOSYS: Action = Action::Refuse(libc::ENOSYS);
/// An innocent program may try it.
const EPERM: Action = Action::Refuse(libc::EPERM);
const ENOTSUP: Action = Action::Refuse(libc::ENOTSUP);
/// It says that it worked, and does nothing.
const DONE: Action = Action::Refuse(0);
const ENOLCK: Action = Action::Refuse(libc::ENOLCK);
const EAFNOSUPPORT: Action = Action::Refuse(libc::EAFNOSUPPORT);

/// When the action of a group holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Always,
    /// The argument of this index is one of these.
    Is(u32, &'static [u32]),
    /// Of these bits of the argument at least one is set.
    Any(u32, u32),
    /// Of these bits of the argument none is set.
    None(u32, u32),
}

/// Calls with which the same is done for the same reason. Of several groups with a call the first that holds decides; where
/// none holds it is a call that nobody names.
#[derive(Debug)]
pub(crate) struct Group {
    /// For those who read the table, and for the tests' complaints.
    pub(crate) reason: &'static str,
    run: Action,
    compile: Action,
    permissive: Action,
    when: When,
    calls: &'static str,
}

impl Group {
    /// A group with which every profile does the same.
    const fn new(action: Action, reason: &'static str, calls: &'static str) -> Self {
        Self { reason, run: action, compile: action, permissive: action, when: When::Always, calls }
    }

    const fn compile(self, action: Action) -> Self {
        Self { compile: action, ..self }
    }

    const fn permissive(self, action: Action) -> Self {
        Self { permissive: action, ..self }
    }

    const fn when(self, when: When) -> Self {
        Self { when, ..self }
    }
}

/// Whose filter it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    Program(Profile),
    Init,
}

/// What a policy does with one call, under one condition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) call: &'static str,
    pub(crate) when: When,
    pub(crate) action: Action,
    pub(crate) reason: &'static str,
}

impl Policy {
    /// What happens to calls that no rule names.
    pub(crate) const fn default(self) -> Action {
        match self {
            Self::Program(Profile::Run | Profile::Compile) => ENOSYS,
            Self::Program(Profile::Permissive) => Allow,
            Self::Init => Kill,
        }
    }

    /// What happens to calls with a number above every one that is named.
    pub(crate) const fn newer(self) -> Action {
        match self {
            Self::Program(_) => ENOSYS,
            Self::Init => Kill,
        }
    }

    /// Every call of the table, in its order.
    pub(crate) fn rules(self) -> impl Iterator<Item = Rule> {
        let groups = if self == Self::Init { INIT } else { PROGRAM };
        groups.iter().enumerate().flat_map(move |(number, group)| {
            let action = match self {
                Self::Program(_) if is_open(number) => Allow,
                Self::Program(Profile::Run) | Self::Init => group.run,
                Self::Program(Profile::Compile) => group.compile,
                Self::Program(Profile::Permissive) => group.permissive,
            };
            let rule = move |call| Rule { call, when: group.when, action, reason: group.reason };
            group.calls.split_whitespace().map(rule)
        })
    }
}

/// The groups that a solution's filter refuses or kills for, for tests: number, reason, and calls.
#[cfg(debug_assertions)]
pub fn refused_groups() -> impl Iterator<Item = (usize, &'static str, &'static str)> {
    let refused = PROGRAM.iter().enumerate().filter(|(_, group)| group.run != Allow);
    refused.map(|(number, group)| (number, group.reason, group.calls))
}

/// An architecture that there are filters for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arch {
    X86_64,
    Aarch64,
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
compile_error!("the table of system calls is not written for this architecture");

impl Arch {
    pub(crate) const NATIVE: Self = if cfg!(target_arch = "aarch64") { Self::Aarch64 } else { Self::X86_64 };

    /// The kernel's own number of it, `AUDIT_ARCH_*` of `linux/audit.h`.
    pub(crate) const fn token(self) -> u32 {
        match self {
            Self::X86_64 => 0xc000_003e,
            Self::Aarch64 => 0xc000_00b7,
        }
    }

    /// Calls of the table that it does not have. Any other name that it does not have is a mistake in the table.
    pub(crate) fn lacks(self, call: &str) -> bool {
        self == Self::Aarch64 && ONLY_X86_64.split_whitespace().any(|other| other == call)
    }
}

/// Calls that were replaced before there was a 64-bit Arm kernel (`asm-generic/unistd.h`), and those about the processor.
const ONLY_X86_64: &str = "
    access alarm chmod chown creat dup2 epoll_create epoll_wait eventfd fork futimesat getdents getpgrp inotify_init lchown link
    lstat mkdir mknod open pause pipe poll readlink rename rmdir select signalfd stat symlink time unlink uselib ustat utime utimes
    vfork _sysctl arch_prctl ioperm iopl modify_ldt sysfs";

/// Flags of clone(2) that make namespaces or change who the parent is. CLONE_NEWTIME lies in the byte of the exit signal, where
/// `clone` does not know it.
pub(crate) const CLONE_DENIED: u32 = 0x7e02_0000 | 0x8000 | 0x2000 | 0x80_0000;

const AF_UNIX: u32 = libc::AF_UNIX.cast_unsigned();

/// The reason that the kernel has, too.
const NO_FAMILY: &str = "no family";

/// What a program may do.
const PROGRAM: &[Group] = &[
    Group::new(
        Allow,
        "reads, writes and waits for what it has open",
        "read write readv writev pread64 pwrite64 preadv pwritev lseek close close_range dup dup2 dup3 pipe
        pipe2 poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2
        timerfd_create timerfd_settime timerfd_gettime sendfile",
    ),
    // RWF_NOWAIT tells which pages of a file that several sandboxes read are in memory.
    Group::new(Allow, "as preadv and pwritev, without flags", "preadv2 pwritev2").when(When::Is(5, &[0])),
    Group::new(
        Allow,
        "files by name: the mounts decide which there are",
        "open openat creat stat lstat fstat newfstatat statx statfs fstatfs access faccessat faccessat2 readlink readlinkat
        getdents getdents64 getcwd chdir fchdir mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link linkat symlink
        symlinkat truncate ftruncate fallocate fsync fdatasync chmod fchmod fchmodat fchmodat2 umask utime utimes utimensat futimesat
        fadvise64 readahead",
    ),
    Group::new(
        Allow,
        "memory: the control group counts it",
        "brk mmap munmap mprotect mremap msync madvise mincore mlock munlock mlock2 mlockall munlockall memfd_create membarrier",
    ),
    Group::new(
        Allow,
        "processes and threads: the control group counts them, and they see only each other",
        "exit exit_group wait4 waitid getpid getppid gettid getpgid getpgrp getsid setpgid setsid set_tid_address set_robust_list
        get_robust_list rseq futex sched_yield sched_getaffinity sched_getparam sched_getscheduler
        sched_get_priority_max sched_get_priority_min sched_rr_get_interval sched_getattr getpriority execve fork vfork",
    ),
    Group::new(
        Allow,
        "signals and clocks of its own",
        "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait sigaltstack kill tkill tgkill pause
        restart_syscall alarm setitimer getitimer timer_create timer_settime timer_gettime timer_getoverrun timer_delete
        clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time times getrusage",
    ),
    Group::new(
        Allow,
        "asks what it is and where",
        "uname sysinfo getrlimit prlimit64 setrlimit getrandom getcpu capget getuid geteuid getgid getegid getresuid getresgid
        getgroups",
    ),
    Group::new(
        Allow,
        "the use of socket pairs",
        "sendto recvfrom sendmsg recvmsg getsockname getpeername getsockopt shutdown",
    ),
    Group::new(Allow, "processes and threads in the namespaces it is in", "clone").when(When::None(0, CLONE_DENIED)),
    Group::new(EPERM, "namespaces, and other parents than its own", "clone").when(When::Any(0, CLONE_DENIED)),
    // F_DUPFD to F_SETFL, F_SETOWN, F_GETOWN, F_DUPFD_CLOEXEC, F_GETPIPE_SZ, seals.
    Group::new(Allow, "flags, owners and seals of what it has open", "fcntl")
        .when(When::Is(1, &[0, 1, 2, 3, 4, 8, 9, 1030, 1032, 1033, 1034])),
    // F_GETLK, F_SETLK, F_SETLKW, and the same of F_OFD_*.
    Group::new(ENOLCK, "locks of files that several sandboxes read are seen in each", "fcntl")
        .when(When::Is(1, &[5, 6, 7, 36, 37, 38]))
        .permissive(Allow),
    // A compile step is alone in its sandbox, so there is nobody to lock out.
    Group::new(EPERM, "as record locks; build tools only want to hear that it worked", "flock").compile(DONE).permissive(Allow),
    // F_SETLEASE, F_GETLEASE, F_NOTIFY.
    Group::new(ENOLCK, "leases stop others who open a file", "fcntl").when(When::Is(1, &[1024, 1025, 1026])),
    // TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX, TIOCGPGRP, TIOCSPGRP.
    Group::new(Allow, "asks whether it is a terminal, how much there is to read", "ioctl")
        .when(When::Is(1, &[0x5401, 0x5413, 0x541b, 0x5421, 0x5450, 0x5451, 0x540f, 0x5410])),
    // TIOCSTI, TIOCLINUX, TIOCSWINSZ, TIOCCONS, TIOCSETD, FS_IOC_SETFLAGS, FIFREEZE.
    Group::new(EPERM, "types into a terminal or changes it, changes or stops a file system", "ioctl")
        .when(When::Is(1, &[0x5412, 0x541c, 0x5414, 0x541d, 0x5423, 0x4008_6602, 0xc004_5877])),
    // Names, parent-death signal, timer slack, huge pages, and reading what cannot be changed.
    Group::new(Allow, "what concerns itself alone", "prctl")
        .when(When::Is(0, &[1, 2, 3, 15, 16, 21, 23, 29, 30, 39, 41, 42, 0x5356_4d41])),
    // PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_GET_SPECULATION_CTRL.
    Group::new(EPERM, "what few programs need", "prctl").when(When::Is(0, &[4, 36, 38, 52])).permissive(Allow),
    // Capabilities, a filter of its own, TSC, securebits, PR_SET_MM, speculation, dispatch of calls, core scheduling, merged memory.
    Group::new(EPERM, "undoes protection, or what the machine's other programs have of it", "prctl")
        .when(When::Is(0, &[8, 22, 24, 26, 28, 35, 47, 53, 59, 62, 65, 67])),
    Group::new(Allow, "where a thread's own variables are", "arch_prctl").when(When::Is(0, &[0x1002, 0x1003])),
    Group::new(Allow, "asks for it, or for the ordinary one", "personality").when(When::Is(0, &[0, 0xffff_ffff])),
    // ADDR_NO_RANDOMIZE, READ_IMPLIES_EXEC, ADDR_COMPAT_LAYOUT, MMAP_PAGE_ZERO.
    Group::new(EPERM, "makes its own faults easier to exploit", "personality")
        .when(When::Is(0, &[0x004_0000, 0x040_0000, 0x020_0000, 0x010_0000]))
        .permissive(Allow),
    // PER_LINUX32.
    Group::new(EPERM, "another architecture", "personality").when(When::Is(0, &[8])),
    Group::new(Allow, "the ordinary policy again, as Mono sets it for its threads", "sched_setscheduler")
        .when(When::Is(1, &[0])),
    Group::new(EPERM, "real-time, batch and idle policies", "sched_setscheduler").when(When::Is(1, &[1, 2, 3, 5, 6, 7])),
    Group::new(Allow, "processes of a run talk to each other", "socketpair").when(When::Is(0, &[AF_UNIX])),
    Group::new(EAFNOSUPPORT, "a name for it, in a network namespace of its own", "socket")
        .when(When::Is(0, &[AF_UNIX]))
        .permissive(Allow),
    Group::new(EAFNOSUPPORT, NO_FAMILY, "socket socketpair").when(When::Is(0, &[0])),
    Group::new(EAFNOSUPPORT, "families that are not for processes of one run", "socket socketpair")
        .when(When::Any(0, !AF_UNIX)),
    Group::new(
        EPERM,
        "sockets with names, of which there are none",
        "bind listen accept accept4 connect setsockopt sendmmsg recvmmsg",
    )
    .permissive(Allow),
    Group::new(
        EPERM,
        "needs capabilities, which no program has, to do anything of note",
        "chown fchown lchown fchownat mknod mknodat setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups
        capset",
    )
    .permissive(Allow),
    Group::new(
        EPERM,
        "priorities, and signals with a sender that is made up",
        "sched_setparam sched_setattr setpriority ioprio_set ioprio_get rt_sigqueueinfo rt_tgsigqueueinfo sync_file_range",
    )
    .permissive(Allow),
    // Libraries that bind their threads take a refusal for a machine without that.
    Group::new(EPERM, "CPUs: each slot may have one of its own, and the others are other slots'", "sched_setaffinity"),
    Group::new(
        EPERM,
        "the machine's disks, clocks and names, and filters over ours",
        "sync syncfs adjtimex clock_adjtime clock_settime settimeofday sethostname setdomainname seccomp",
    ),
    Group::new(
        ENOTSUP,
        "no file system here has extended attributes",
        "setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr
        fremovexattr",
    )
    .permissive(Allow),
    Group::new(ENOSYS, "a copy inside the kernel; linkers and build tools need it", "copy_file_range")
        .compile(Allow)
        .permissive(Allow),
    Group::new(
        ENOSYS,
        "every library does without",
        "openat2 futex_waitv pidfd_open pidfd_send_signal pkey_mprotect pkey_alloc pkey_free process_madvise process_mrelease
        landlock_create_ruleset landlock_add_rule landlock_restrict_self get_mempolicy set_mempolicy mbind migrate_pages move_pages
        inotify_init inotify_init1 inotify_add_watch inotify_rm_watch signalfd signalfd4 remap_file_pages execveat",
    )
    .permissive(Allow),
    Group::new(ENOSYS, "has its flags behind a pointer; libraries fall back to clone", "clone3"),
    Group::new(ENOSYS, "works where no filter sees it", "io_uring_setup io_uring_enter io_uring_register"),
    Group::new(ENOSYS, "writes of others' pages went this way (CVE-2022-0847)", "splice tee vmsplice"),
    Group::new(
        ENOSYS,
        "lives longer than its maker, or takes of what the whole machine has one of",
        "shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl mq_open mq_unlink mq_timedsend
        mq_timedreceive mq_notify mq_getsetattr io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents memfd_secret",
    ),
    Group::new(ENOSYS, "old, and with faults of old", "modify_ldt uselib ustat sysfs _sysctl nfsservctl"),
    Group::new(
        Kill,
        "looks into other processes",
        "ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd perf_event_open",
    ),
    Group::new(
        Kill,
        "another file system tree, or files without names",
        "mount umount2 pivot_root chroot fsopen fsconfig fsmount fspick open_tree move_mount mount_setattr quotactl quotactl_fd
        lookup_dcookie open_by_handle_at name_to_handle_at fanotify_init fanotify_mark",
    ),
    Group::new(Kill, "other namespaces", "unshare setns"),
    Group::new(Kill, "code in the kernel, or waits in its midst", "bpf userfaultfd"),
    Group::new(Kill, "keys, which no namespace keeps apart", "keyctl add_key request_key"),
    Group::new(
        Kill,
        "the machine itself",
        "kexec_load kexec_file_load init_module finit_module delete_module iopl ioperm swapon swapoff reboot acct syslog vhangup",
    ),
];

const SECCOMP_IOCTL_NOTIF_RECV: u32 = 0xc050_2100;

/// What the init may do once the program is there: see who ended, kill all, and tell. It starts nothing, opens nothing, and uses no heap.
const INIT: &[Group] = &[
    Group::new(Allow, "waits for the program and its orphans", "wait4 waitid poll ppoll restart_syscall"),
    Group::new(Allow, "hears that a child has ended", "read close"),
    Group::new(Allow, "hears of a forbidden call", "ioctl").when(When::Is(1, &[SECCOMP_IOCTL_NOTIF_RECV])),
    // F_GETFD, by which the standard library looks at what it closes if it was built to look.
    Group::new(Allow, "looks whether a descriptor is open", "fcntl").when(When::Is(1, &[1])),
    Group::new(Allow, "ends the run, tells how it ended, and goes", "kill write clock_gettime exit_group"),
];
