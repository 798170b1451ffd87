//! CPUs for slots: which ones there are for this process, and where the processes of a sandbox run.

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
pub(crate) enum Cpus {
    /// Nobody can tell, or choose: then nothing is bound.
    Any,
    /// Those of the process, or what its control group has left of them.
    Own(CpuSet),
    /// This one and no other.
    Only(CpuSet),
}

/// The kernel refuses a choice also when the control group's CPUs change in that moment, and then it is tried again.
const TRIES: usize = 10;

impl Cpus {
    /// Those of the calling process. As far as nobody has chosen for it (`taskset`, `CPUAffinity=` of a unit) these are all that its control
    /// group gives it at any time.
    pub(crate) fn own() -> Self {
        chosen().map_or(Self::Any, Self::Own)
    }

    /// This one alone, to which the calling process is bound.
    ///
    /// # Errors
    /// It may not use it.
    pub(crate) fn only(cpu: u32) -> Result<Self, Error> {
        let bound = || {
            let mut set = CpuSet::new();
            set.set(usize::try_from(cpu).map_err(|_| nix::errno::Errno::EINVAL)?)?;
            choose(&set).map(|()| Self::Only(set))
        };
        bound().at_path(Step::PrepareLauncher, format!("CPU {cpu}"))
    }

    /// Binds the calling process, and what it starts from now on, to the CPU that it is on. Processes of a sandbox wake each other in turn;
    /// where another CPU is idle schedulers move each of them there, which takes longer than most of what they do.
    pub(crate) fn stay(&self) {
        self.try_on(|_, cpu| {
            let mut here = CpuSet::new();
            here.set(cpu).map(|()| here)
        });
    }

    /// Moves the calling process off the CPU that it is on, if there is another: a copy of a process begins on that process's CPU, and
    /// schedulers leave it waiting there though another is idle.
    pub(crate) fn step_aside(&self) {
        self.try_on(|mut own, cpu| own.unset(cpu).map(|()| own));
    }

    /// Where it cannot be it is slower, and no more.
    fn try_on(&self, which: impl FnOnce(CpuSet, usize) -> nix::Result<CpuSet>) {
        if let Self::Own(own) = self {
            let tried = sched_getcpu().and_then(|cpu| which(*own, cpu)).and_then(|set| choose(&set));
            tried.unwrap_or_default();
        }
    }

    /// Lets the calling process run on all of them again. If its control group has none of its own ones any more, it is all of that.
    ///
    /// # Errors
    /// It may not use the only one.
    pub(crate) fn everywhere(&self) -> nix::Result<()> {
        match self {
            Self::Any => Ok(()),
            Self::Own(set) => choose(set).or_else(|_| choose(&every()?)),
            Self::Only(set) => choose(set),
        }
    }
}

/// Binds the calling process to these.
fn choose(set: &CpuSet) -> nix::Result<()> {
    let mut result = Ok(());
    for _ in 0..TRIES {
        result = sched_setaffinity(Pid::from_raw(0), set);
        if result != Err(nix::errno::Errno::EINVAL) {
            break;
        }
    }
    result
}

/// What was chosen for the calling process; all there could be if it can use what its control group has.
fn chosen() -> nix::Result<CpuSet> {
    let (own, all) = (sched_getaffinity(Pid::from_raw(0))?, every()?);
    choose(&all)?;
    if sched_getaffinity(Pid::from_raw(0))? == own { Ok(all) } else { choose(&own).map(|()| own) }
}

fn every() -> nix::Result<CpuSet> {
    let mut all = CpuSet::new();
    (0..CpuSet::count()).try_for_each(|cpu| all.set(cpu)).map(|()| all)
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
