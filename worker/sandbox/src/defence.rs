//! Switches for tests. One turns a mechanism of the sandbox off, one opens a group of the filter's table, so that a test can show that
//! something misses it; another makes a step fail, so that a test can show what follows. They exist only in builds with debug assertions; in any other, [`on`] is a
//! constant and nothing reads the variables.

macro_rules! defences {
    ($($name:ident => $text:literal,)*) => {
        /// A mechanism of the sandbox.
        #[cfg_attr(not(debug_assertions), expect(unreachable_pub, reason = "only tests see it, and there are none of it here"))]
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
    InitCapabilities => "init-capabilities",
    InitFilter => "init-filter",
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
    use std::io;
    use std::sync::atomic::{AtomicU8, AtomicU16, Ordering};

    use serde::{Deserialize, Serialize};

    use super::Defence;
    use crate::error::{Error, Step};

    /// The variable that names the mechanism that is off.
    const OFF_VARIABLE: &str = "ASSAY_TEST_DEFENCE_OFF";
    /// The variable with the number of the step that fails.
    const FAILS_VARIABLE: &str = "ASSAY_TEST_STEP_FAILS";
    /// The variable with the number of the group of programs' filters whose calls are all allowed.
    const OPEN_VARIABLE: &str = "ASSAY_TEST_FILTER_GROUP_OPEN";

    /// One more than the number of what is off; 0 if everything is on.
    static OFF: AtomicU8 = AtomicU8::new(0);
    /// The number of the step that fails; 0 if none does.
    static FAILS: AtomicU16 = AtomicU16::new(0);
    /// One more than the number of the group that is open, in the worker, which compiles the filters; 0 if none is.
    static OPEN: AtomicU16 = AtomicU16::new(0);

    /// What a worker tells its launchers.
    #[derive(Clone, Copy, Debug, Serialize, Deserialize)]
    pub(crate) struct Switches {
        off: u8,
        fails: u16,
    }

    impl Switches {
        pub(crate) fn get() -> Self {
            Self { off: OFF.load(Ordering::Relaxed), fails: FAILS.load(Ordering::Relaxed) }
        }

        pub(crate) fn set(self) {
            OFF.store(self.off, Ordering::Relaxed);
            FAILS.store(self.fails, Ordering::Relaxed);
        }

        /// Reads the variables, in the worker.
        ///
        /// # Errors
        /// They name no mechanism, or no step.
        pub(crate) fn read() -> Result<(), Error> {
            let unknown = |variable: &str, value: &str| {
                let error = io::Error::other(format!("{variable}: there is no \"{value}\""));
                Error::new(Step::StartLauncher, error)
            };
            let mut switches = Self { off: 0, fails: 0 };
            if let Ok(name) = std::env::var(OFF_VARIABLE) {
                let found = Defence::ALL.iter().find(|(_, other)| *other == name);
                switches.off = found.ok_or_else(|| unknown(OFF_VARIABLE, &name))?.0 as u8 + 1;
            }
            if let Ok(number) = std::env::var(FAILS_VARIABLE) {
                switches.fails = number.parse().map_err(|_| unknown(FAILS_VARIABLE, &number))?;
            }
            if let Ok(number) = std::env::var(OPEN_VARIABLE) {
                let group: u16 = number.parse().map_err(|_| unknown(OPEN_VARIABLE, &number))?;
                OPEN.store(group.saturating_add(1), Ordering::Relaxed);
            }
            switches.set();
            Ok(())
        }
    }

    pub(crate) fn on(defence: Defence) -> bool {
        OFF.load(Ordering::Relaxed) != defence as u8 + 1
    }

    /// Whether all calls of the group of this number are allowed.
    pub(crate) fn is_open(group: usize) -> bool {
        usize::from(OPEN.load(Ordering::Relaxed)) == group + 1
    }

    /// Whether what was done in this step is to count as failed.
    pub(crate) fn fails(step: Step) -> bool {
        FAILS.load(Ordering::Relaxed) == step as u16
    }
}

#[cfg(debug_assertions)]
pub(crate) use switch::{Switches, fails, is_open, on};

/// Whether the mechanism is on: always.
#[cfg(not(debug_assertions))]
pub(crate) const fn on(_: Defence) -> bool {
    true
}

/// Whether all calls of the group of this number are allowed: of none.
#[cfg(not(debug_assertions))]
pub(crate) const fn is_open(_: usize) -> bool {
    false
}

/// Whether what was done in this step is to count as failed: never.
#[cfg(not(debug_assertions))]
pub(crate) const fn fails(_: crate::error::Step) -> bool {
    false
}
