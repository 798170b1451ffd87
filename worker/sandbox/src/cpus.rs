//! CPUs for slots: which ones there are for this process, and how a process is bound to one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;

use nix::sched::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};
use nix::unistd::Pid;

use crate::error::{At as _, Error, Step};

/// The numbers of the CPUs that the calling thread may use (`sched_getaffinity(2)`), in the order in which slots should take
/// them: one of each core first, then the cores' second hyper-threads.
///
/// # Errors
/// The kernel does not tell: it has more than 1024 CPUs.
pub fn cpus() -> io::Result<Vec<u32>> {
    let allowed = sched_getaffinity(Pid::from_raw(0))?;
    let is_allowed = |cpu: &u32| usize::try_from(*cpu).is_ok_and(|cpu| allowed.is_set(cpu).unwrap_or(false));
    let last = u32::try_from(CpuSet::count()).unwrap_or(u32::MAX);
    Ok(apart((0..last).filter(is_allowed).map(|cpu| (cpu, core_of(cpu)))))
}

/// The lowest CPU of the core; without an answer of the kernel each is a core of its own.
fn core_of(cpu: u32) -> u32 {
    let path = format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list");
    // Such as "0,4" or "0-1".
    let first = |text: String| text.split([',', '-', '\n']).next()?.parse().ok();
    fs::read_to_string(path).ok().and_then(first).unwrap_or(cpu)
}

/// The CPUs of these pairs of CPU and core, ordered by how many of their core come before them.
fn apart(cpus: impl Iterator<Item = (u32, u32)>) -> Vec<u32> {
    let mut of_core: BTreeMap<u32, u32> = BTreeMap::new();
    let mut ordered = BTreeSet::new();
    for (cpu, core) in cpus {
        let before = of_core.entry(core).or_default();
        ordered.insert((*before, cpu));
        *before += 1;
    }
    ordered.into_iter().map(|(_, cpu)| cpu).collect()
}

/// The CPUs on which a launcher and all that it starts may run. What it says of a process is of one with a single thread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cpus(CpuSet);

impl Cpus {
    /// Those that the calling process may use (`sched_getaffinity(2)`).
    ///
    /// # Errors
    /// The kernel does not tell: it has more than 1024 CPUs.
    pub(crate) fn own() -> Result<Self, Error> {
        sched_getaffinity(Pid::from_raw(0)).map(Self).at(Step::PrepareLauncher)
    }

    /// This one alone, to which the calling process is bound.
    ///
    /// # Errors
    /// It may not use it.
    pub(crate) fn only(cpu: u32) -> Result<Self, Error> {
        let bound = || {
            let mut set = CpuSet::new();
            set.set(usize::try_from(cpu).map_err(|_| nix::errno::Errno::EINVAL)?)?;
            sched_setaffinity(Pid::from_raw(0), &set).map(|()| Self(set))
        };
        bound().at_path(Step::PrepareLauncher, format!("CPU {cpu}"))
    }

    /// Binds the calling process, and what it starts from now on, to the CPU that it is on. Processes of a sandbox wake each other in turn;
    /// where another CPU is idle schedulers move each of them there, which takes longer than most of what they do. Where it may not
    /// be bound it is slower.
    pub(crate) fn stay() {
        let bound = || {
            let mut here = CpuSet::new();
            here.set(sched_getcpu()?)?;
            sched_setaffinity(Pid::from_raw(0), &here)
        };
        bound().unwrap_or_default();
    }

    /// Moves the calling process off the CPU that it is on, if there is another: a copy of a process begins on that process's CPU, and
    /// schedulers leave it waiting there though another is idle.
    pub(crate) fn step_aside(&self) {
        let moved = || {
            let mut others = self.0;
            others.unset(sched_getcpu()?)?;
            sched_setaffinity(Pid::from_raw(0), &others)
        };
        moved().unwrap_or_default();
    }

    /// Lets the calling process run on all of them again.
    ///
    /// # Errors
    /// It may use none of them any more.
    pub(crate) fn everywhere(&self) -> Result<(), Error> {
        sched_setaffinity(Pid::from_raw(0), &self.0).at(Step::PrepareLauncher)
    }
}

#[cfg(test)]
mod tests {
    use super::apart;

    #[test]
    fn each_core_gives_one_cpu_before_any_gives_two() {
        let order = |cpus: &[(u32, u32)]| apart(cpus.iter().copied());
        assert_eq!(order(&[(0, 0), (1, 0), (2, 2), (3, 2)]), [0, 2, 1, 3]);
        assert_eq!(order(&[(0, 0), (1, 1), (2, 0), (3, 1)]), [0, 1, 2, 3]);
        // One hyper-thread alone of the first core.
        assert_eq!(order(&[(5, 4), (6, 6), (7, 6)]), [5, 6, 7]);
        assert_eq!(order(&[]), Vec::<u32>::new());
    }
}
