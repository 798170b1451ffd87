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

/// Binds the calling process, which must have one thread, and all that it starts from now on to this CPU.
pub(crate) fn bind(cpu: u32) -> Result<(), Error> {
    let bound = || {
        let mut set = CpuSet::new();
        set.set(usize::try_from(cpu).map_err(|_| nix::errno::Errno::EINVAL)?)?;
        sched_setaffinity(Pid::from_raw(0), &set)
    };
    bound().at_path(Step::PrepareLauncher, format!("CPU {cpu}"))
}

/// The calling process, which must have one thread, stays off the CPU that it is on until it goes [back](Self::back): a copy of a process begins on
/// that process's CPU, and schedulers leave it waiting there though another is idle.
#[derive(Debug)]
pub(crate) struct Aside(CpuSet);

impl Aside {
    /// `None` if there is no other CPU, or the kernel does not let us; then it is slower.
    pub(crate) fn step() -> Option<Self> {
        let all = sched_getaffinity(Pid::from_raw(0)).ok()?;
        let mut others = all;
        others.unset(sched_getcpu().ok()?).ok()?;
        sched_setaffinity(Pid::from_raw(0), &others).ok().map(|()| Self(all))
    }

    /// Lets it run everywhere again.
    ///
    /// # Errors
    /// It may not.
    pub(crate) fn back(self) -> Result<(), Error> {
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
