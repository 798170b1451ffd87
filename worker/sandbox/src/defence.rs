//! A switch for tests: it turns one mechanism of the sandbox off, so that a test can show that something misses it. It exists
//! only in builds with debug assertions; in any other, [`on`] is a constant and nothing reads the variable.

/// The variable that names the mechanism that is off.
#[cfg(debug_assertions)]
const VARIABLE: &str = "ASSAY_TEST_DEFENCE_OFF";

macro_rules! defences {
    ($($name:ident => $text:literal,)*) => {
        /// A mechanism of the sandbox.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Defence { $(#[doc = $text] $name,)* }

        impl Defence {
            /// Every mechanism with the name by which a test turns it off.
            #[cfg(debug_assertions)]
            pub const ALL: &[(Self, &'static str)] = &[$((Self::$name, $text),)*];
        }
    };
}

defences! {
    UserNamespace => "user-namespace",
    MountNamespace => "mount-namespace",
    PidNamespace => "pid-namespace",
    NetNamespace => "net-namespace",
    IpcNamespace => "ipc-namespace",
    UtsNamespace => "uts-namespace",
    CgroupNamespace => "cgroup-namespace",
    NoFurtherNamespaces => "no-further-namespaces",
    ReadOnlyTrees => "read-only-trees",
    NoSuidTrees => "nosuid-trees",
    NoDevTrees => "nodev-trees",
    ReadOnlyRoot => "read-only-root",
    DetachOldRoot => "detach-old-root",
    ProcSubset => "proc-subset",
    ProcHidden => "proc-hidepid",
    ProcReadOnly => "proc-read-only",
    TmpSize => "tmp-size",
    TmpInodes => "tmp-inodes",
    TmpFlags => "tmp-flags",
    WorkSize => "work-size",
    WorkInodes => "work-inodes",
    WorkFlags => "work-flags",
    SessionKeyring => "session-keyring",
    SupplementaryGroups => "supplementary-groups",
    UndumpableInit => "undumpable-init",
    OomScore => "oom-score",
    DieWithWorker => "die-with-worker",
    DieWithLauncher => "die-with-launcher",
    DieWithInit => "die-with-init",
    OwnSession => "own-session",
    CloseDescriptors => "close-descriptors",
    FileSizeLimit => "rlimit-fsize",
    CpuTimeLimit => "rlimit-cpu",
    OpenFilesLimit => "rlimit-nofile",
    LockedMemoryLimit => "rlimit-memlock",
    MessageQueueLimit => "rlimit-msgqueue",
    NiceLimit => "rlimit-nice",
    RealTimeLimit => "rlimit-rtprio",
    PendingSignalsLimit => "rlimit-sigpending",
    CoreLimit => "rlimit-core",
    Personality => "personality",
    BoundingSet => "bounding-set",
    ProgramUser => "program-user",
    Capabilities => "capabilities",
    SignalActions => "signal-actions",
    NoNewPrivileges => "no-new-privileges",
    Filter => "filter",
    MemoryLimit => "memory-limit",
    SwapLimit => "swap-limit",
    OomGroup => "oom-group",
    ProcessLimit => "process-limit",
    NoSubgroups => "no-subgroups",
    KillGroup => "kill-group",
    CpuLimit => "cpu-limit",
    WallLimit => "wall-limit",
    OutputLimit => "output-limit",
    MemoryWatch => "memory-watch",
    WriteOnlyOutput => "write-only-output",
    SealedInput => "sealed-input",
    CollectByType => "collect-by-type",
    CollectOneName => "collect-one-name",
    CollectBeneath => "collect-beneath",
}

#[cfg(debug_assertions)]
mod switch {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::{Defence, VARIABLE};
    use crate::error::{Error, Step};

    /// One more than the number of what is off; 0 if everything is on.
    static OFF: AtomicU8 = AtomicU8::new(0);

    pub(crate) fn on(defence: Defence) -> bool {
        OFF.load(Ordering::Relaxed) != defence as u8 + 1
    }

    /// Reads the variable, in the worker.
    ///
    /// # Errors
    /// It names no mechanism.
    pub(crate) fn read() -> Result<(), Error> {
        let Ok(name) = std::env::var(VARIABLE) else { return Ok(()) };
        let found = Defence::ALL.iter().find(|(_, other)| *other == name).ok_or_else(|| {
            let error = format!("{VARIABLE}: there is no mechanism \"{name}\"");
            Error::new(Step::StartLauncher, std::io::Error::other(error))
        })?;
        set(found.0 as u8 + 1);
        Ok(())
    }

    /// What a worker tells its launchers.
    pub(crate) fn get() -> u8 {
        OFF.load(Ordering::Relaxed)
    }

    pub(crate) fn set(off: u8) {
        OFF.store(off, Ordering::Relaxed);
    }
}

#[cfg(debug_assertions)]
pub(crate) use switch::{get, on, read, set};

/// Whether the mechanism is on: always.
#[cfg(not(debug_assertions))]
pub(crate) const fn on(_: Defence) -> bool {
    true
}
