//! The groups of a slot and of its runs.

use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use serde::{Deserialize, Serialize};

use super::files::{Dirs, enable, field, make, parsed, read_list, remove_tree, value_of};
use super::{Place, Places, Version};
use crate::defence::{Defence, on};
use crate::error::{At as _, Error, Step};
use crate::kernel_file::{self, read_small};

/// Of any kernel that this runs on; memory is counted in whole pages.
const LARGEST_PAGE: u64 = 64 << 10;

/// What version 1's highest count may lack when memory ran out: the kernel charges 64 pages at once on each processor.
const LARGEST_CHARGE: u64 = 1 << 20;

/// So many files hold the counters of a run at most.
pub(crate) const MOST_COUNTERS: usize = 6;

/// So many hierarchies of version 1 there are at most for a run.
pub(crate) const MOST_TASKS: usize = 3;

/// A slot's directories.
#[derive(Debug)]
pub(crate) struct SlotGroups {
    places: Places,
    dirs: Dirs,
}

/// The limits of one run's group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GroupLimits {
    pub(crate) memory_bytes: u64,
    pub(crate) pids: u32,
}

/// What a run's group counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counters {
    pub(crate) cpu_us: u64,
    pub(crate) cpu_user_us: u64,
    pub(crate) memory_peak_bytes: u64,
    pub(crate) memory_limit_reached: bool,
    pub(crate) oom_kills: u64,
    pub(crate) pids_peak: Option<u64>,
    pub(crate) pids_limit_hits: u64,
}

impl SlotGroups {
    /// Those that are in these directories.
    pub(super) fn at(places: Places) -> Self {
        Self { places, dirs: Dirs::default() }
    }

    pub(super) fn set_up(&self) -> Result<(), Error> {
        if let Some(unified) = &self.places.unified {
            enable(unified, &self.places.enabled())?;
            if on(Defence::NoSubgroups) {
                // The init's, and one run's.
                self.dirs.write(Step::SetLimit, unified, "cgroup.max.descendants", "2")?;
            }
            make(&unified.join("init"))?;
        }
        limits_swap(&self.places.memory)
    }

    /// A number that no other group of this machine has, whichever container its worker is in: the kernel numbers the nodes
    /// of a hierarchy, of which a directory has several.
    pub(crate) fn number(&self) -> Result<u64, Error> {
        let path = self.places.unified.as_ref().unwrap_or(&self.places.memory.path);
        fs::metadata(path).map(|meta| meta.ino()).at_path(Step::CreateCgroup, path)
    }

    /// Lets the user `init` create processes from version 2's `init` group in a run's. A process may only be created in
    /// another group by one who may write to the common ancestor's `cgroup.procs`.
    pub(crate) fn admit(&self, init: u32) -> Result<(), Error> {
        self.places.unified.as_ref().map_or(Ok(()), |unified| self.dirs.give_procs(unified, init))
    }

    /// The version 2 group of the init process, which is not the program's.
    pub(crate) fn init_group(&self) -> Result<Option<OwnedFd>, Error> {
        self.places.unified.as_ref().map(|path| self.dirs.open_dir(&path.join("init"))).transpose()
    }

    /// What a launcher, which sees no control groups, needs to make those of its runs: where they are, and for each directory a
    /// descriptor.
    pub(crate) fn share(&self) -> Result<(&Places, Vec<OwnedFd>), Error> {
        let dirs = self.places.iter().map(|path| self.dirs.open_dir(path)).collect::<Result<_, _>>()?;
        Ok((&self.places, dirs))
    }

    /// The same directories in a process that got the descriptors, and keeps them as long as it lives.
    pub(crate) fn by_descriptors(places: Places, dirs: Vec<OwnedFd>) -> Self {
        let dirs = Dirs::kept(places.iter().map(Path::to_owned).zip(dirs));
        Self { places, dirs }
    }

    /// The group of the run of this number, whether it is there or still to be made.
    pub(crate) fn run(&self, number: u64) -> RunGroup {
        let places = self.places.map(|slot| slot.join(format!("run{number}")));
        RunGroup { places, dirs: self.dirs, opened: Vec::new() }
    }

    /// Removes the slot's directories, of which those of version 1 hold no inits.
    pub(crate) fn remove(&self) -> Result<(), Error> {
        self.remove_legacy()?;
        let Some(unified) = &self.places.unified else { return Ok(()) };
        self.dirs.remove(&unified.join("init"))?;
        remove_tree(unified)
    }

    /// Removes those of version 1.
    pub(crate) fn remove_legacy(&self) -> Result<(), Error> {
        self.places.legacy().try_for_each(remove_tree)
    }
}

/// Whether a limit of memory here is one of swap too; without swap it need not be.
fn limits_swap(memory: &Place) -> Result<(), Error> {
    let files: &[&str] = match memory.version {
        Version::V1 => &["memory.memsw.limit_in_bytes", "memory.swappiness"],
        Version::V2 => &["memory.swap.max"],
    };
    let swaps = kernel_file::read(Path::new("/proc/swaps")).unwrap_or_default();
    if swaps.lines().count() <= 1 || files.iter().any(|file| memory.path.join(file).exists()) {
        return Ok(());
    }
    let error = "there is swap, and this kernel cannot keep programs out of it; turn it off (swapoff -a), or boot with \
                 swapaccount=1";
    Err(Error::on(Step::SetLimit, memory.path.join(files[0]), io::Error::other(error)))
}

/// One run's control group, in as many hierarchies as are used.
#[derive(Debug)]
pub(crate) struct RunGroup {
    pub(super) places: Places,
    pub(super) dirs: Dirs,
    /// Files that are read at the end of every run, by directory and name, if they were opened ahead.
    pub(super) opened: Vec<(PathBuf, &'static str, File)>,
}

impl RunGroup {
    /// Makes the group, for programs that the user `init` creates. It has no limits yet.
    pub(crate) fn create(&self, init: u32) -> Result<(), Error> {
        self.places.iter().try_for_each(|path| self.dirs.create(path))?;
        let Place { version, path } = &self.places.memory;
        if *version == Version::V2 && on(Defence::OomGroup) {
            self.dirs.write(Step::SetLimit, path, "memory.oom.group", "1")?;
        }
        if let Some(path) = &self.places.unified {
            self.dirs.give_procs(path, init)?;
        }
        Ok(())
    }

    /// Sets its limits, and reads them back. `before` are those it has.
    pub(crate) fn limit(&self, limits: GroupLimits, before: Option<GroupLimits>) -> Result<(), Error> {
        // With memory and swap it is one limit, and it can never be less than that of memory alone.
        if before.is_some_and(|before| before.memory_bytes < limits.memory_bytes) {
            self.limit_swap(limits.memory_bytes)?;
            self.limit_memory(limits.memory_bytes)?;
        } else {
            self.limit_memory(limits.memory_bytes)?;
            self.limit_swap(limits.memory_bytes)?;
        }
        if on(Defence::ProcessLimit) {
            self.dirs.limit(&self.places.pids.path, "pids.max", limits.pids.into(), 1)?;
        }
        Ok(())
    }

    fn limit_memory(&self, bytes: u64) -> Result<(), Error> {
        let Place { version, path } = &self.places.memory;
        let name = if *version == Version::V1 { "memory.limit_in_bytes" } else { "memory.max" };
        if on(Defence::MemoryLimit) { self.dirs.limit(path, name, bytes, LARGEST_PAGE) } else { Ok(()) }
    }

    fn limit_swap(&self, memory_bytes: u64) -> Result<(), Error> {
        let Place { version, path } = &self.places.memory;
        match version {
            _ if !on(Defence::SwapLimit) => Ok(()),
            Version::V1 if !on(Defence::MemoryLimit) => Ok(()),
            Version::V1 => match self.dirs.limit(path, "memory.memsw.limit_in_bytes", memory_bytes, LARGEST_PAGE) {
                Err(error) if error.source.kind() == io::ErrorKind::NotFound => {
                    self.dirs.write_if_there(path, "memory.swappiness", "0")
                }
                other => other,
            },
            Version::V2 => {
                self.dirs.write_if_there(path, "memory.swap.max", "0")?;
                self.dirs.write_if_there(path, "memory.zswap.max", "0")
            }
        }
    }

    /// The version 2 directory, for `CLONE_INTO_CGROUP`.
    pub(crate) fn unified_fd(&self) -> Result<Option<OwnedFd>, Error> {
        self.places.unified.as_ref().map(|path| self.dirs.open_dir(path)).transpose()
    }

    /// The `tasks` files of version 1, for the program itself to write `0` to: unlike `cgroup.procs` that does not wait for
    /// an RCU grace period.
    pub(crate) fn tasks_fds(&self) -> Result<[Option<OwnedFd>; MOST_TASKS], Error> {
        let mut files = [const { None }; MOST_TASKS];
        // There are as many as jobs at most ([`Places::legacy`]).
        for (file, path) in files.iter_mut().zip(self.places.legacy()) {
            let tasks = path.join("tasks");
            let opened = self.dirs.open(&tasks, OFlag::O_WRONLY).at_path(Step::EnterCgroup, tasks)?;
            *file = Some(opened.into());
        }
        Ok(files)
    }

    /// The threads in the group, by the numbers that this process sees.
    pub(crate) fn threads(&self) -> Result<Vec<u32>, Error> {
        let Place { version, path } = &self.places.pids;
        let text = read_list(path, if *version == Version::V1 { "tasks" } else { "cgroup.threads" })?;
        Ok(text.lines().filter_map(|line| line.parse().ok()).collect())
    }

    /// The text of a file of one of its directories.
    fn read(&self, dir: &Path, name: &str) -> Result<String, Error> {
        match self.opened.iter().find(|(other, file, _)| *file == name && other == dir) {
            Some((_, _, file)) => read_small(file).at_path(Step::ReadCgroup, dir.join(name)),
            None => self.dirs.read(dir, name),
        }
    }

    fn number(&self, dir: &Path, name: &str) -> Result<u64, Error> {
        parsed(&dir.join(name), &self.read(dir, name)?)
    }

    /// Whether no process is in it, not even one that has ended and was not waited for.
    pub(crate) fn is_empty(&self) -> Result<bool, Error> {
        Ok(self.number(&self.places.pids.path, "pids.current")? == 0)
    }

    /// CPU time so far, in microseconds.
    pub(crate) fn cpu_us(&self) -> Result<u64, Error> {
        Ok(self.cpu()?.0)
    }

    fn cpu(&self) -> Result<(u64, u64), Error> {
        let Place { version, path } = &self.places.cpu;
        match version {
            Version::V1 => {
                Ok((self.number(path, "cpuacct.usage")? / 1000, self.number(path, "cpuacct.usage_user")? / 1000))
            }
            Version::V2 => {
                let text = self.read(path, "cpu.stat")?;
                Ok((field(path, "cpu.stat", &text, "usage_usec")?, field(path, "cpu.stat", &text, "user_usec")?))
            }
        }
    }

    /// How many processes the kernel has killed because memory was short: the group's, a parent's, or the machine's.
    pub(crate) fn oom_kills(&self) -> Result<u64, Error> {
        let Place { version, path } = &self.places.memory;
        let name = if *version == Version::V1 { "memory.oom_control" } else { "memory.events" };
        field(path, name, &self.read(path, name)?, "oom_kill")
    }

    /// The most of memory so far, with what was swapped out, and whether it was short because of the group's own limit, which is
    /// `limit`.
    fn memory(&self, limit: u64) -> Result<(u64, bool), Error> {
        let Place { version, path } = &self.places.memory;
        match version {
            Version::V1 => {
                // A kernel that does not account swap does not have it.
                let peak = match self.number(path, "memory.memsw.max_usage_in_bytes") {
                    Err(error) if error.source.kind() == io::ErrorKind::NotFound => {
                        self.number(path, "memory.max_usage_in_bytes")?
                    }
                    other => other?,
                };
                // Version 1 does not count its own out-of-memory events. Newer kernels do not count the charges that met the
                // limit either; then the most of memory shows it, but for what is charged at once on several processors. Far
                // from the limit a charge that met it was one of a huge page, for which small ones were taken.
                let reached = peak.saturating_add(LARGEST_CHARGE) > limit
                    || peak > limit / 2 && (self.number(path, "memory.failcnt")? > 0 || self.met_with_swap()?);
                Ok((peak, reached))
            }
            Version::V2 => {
                let reached = field(path, "memory.events", &self.read(path, "memory.events")?, "oom")? > 0;
                Ok((self.number(path, "memory.peak")?, reached))
            }
        }
    }

    /// Whether a charge met the limit of memory and swap together.
    fn met_with_swap(&self) -> Result<bool, Error> {
        match self.number(&self.places.memory.path, "memory.memsw.failcnt") {
            Err(error) if error.source.kind() == io::ErrorKind::NotFound => Ok(false),
            other => Ok(other? > 0),
        }
    }

    /// The files from which the counters of a run that went well are read. The first time one is opened the kernel makes an inode for it,
    /// which takes longer than reading.
    pub(crate) fn counter_files(&self) -> impl Iterator<Item = (&Path, &'static str)> {
        let Places { memory, pids, cpu, .. } = &self.places;
        let memory_files = match memory.version {
            Version::V1 => ["memory.memsw.max_usage_in_bytes", "memory.oom_control"],
            Version::V2 => ["memory.peak", "memory.events"],
        };
        let cpu_files = match cpu.version {
            Version::V1 => &["cpuacct.usage", "cpuacct.usage_user"][..],
            Version::V2 => &["cpu.stat"],
        };
        let files = memory_files.into_iter().map(|name| (&*memory.path, name));
        let files = files.chain(cpu_files.iter().map(|name| (&*cpu.path, *name)));
        files.chain(["pids.current", "pids.peak"].map(|name| (&*pids.path, name)))
    }

    /// Opens those that are there: places in their list, and files.
    pub(crate) fn open_counters(&self) -> impl Iterator<Item = (usize, File)> {
        let opened = |(number, (dir, name)): (usize, (&Path, &str))| {
            Some((number, self.dirs.open(&dir.join(name), OFlag::O_RDONLY).ok()?))
        };
        self.counter_files().enumerate().filter_map(opened)
    }

    /// The same group with these files open.
    pub(crate) fn with_counters(self, opened: impl Iterator<Item = (usize, File)>) -> Self {
        let files: Vec<_> = self.counter_files().map(|(dir, name)| (dir.to_owned(), name)).collect();
        let named = |(number, file): (usize, File)| files.get(number).map(|(dir, name)| (dir.clone(), *name, file));
        Self { opened: opened.filter_map(named).collect(), ..self }
    }

    /// All counters of a group with these limits; to be read when it is empty.
    pub(crate) fn counters(&self, limits: GroupLimits) -> Result<Counters, Error> {
        let (cpu_us, cpu_user_us) = self.cpu()?;
        let (memory_peak_bytes, memory_limit_reached) = self.memory(limits.memory_bytes)?;
        // pids.peak is of Linux 6.11, pids.events of version 1 not everywhere: what is missing is not known, not zero.
        let pids = &self.places.pids.path;
        let optional = |name: &str| self.read(pids, name).ok();
        let pids_peak = optional("pids.peak").and_then(|text| text.trim().parse().ok());
        // Where there were never so many, none met the limit.
        let pids_limit_hits = match pids_peak {
            Some(peak) if peak < u64::from(limits.pids) => None,
            _ => optional("pids.events").and_then(|text| value_of(&text, "max")),
        };
        Ok(Counters {
            cpu_us,
            cpu_user_us,
            memory_peak_bytes,
            memory_limit_reached,
            oom_kills: self.oom_kills()?,
            pids_peak,
            pids_limit_hits: pids_limit_hits.unwrap_or(0),
        })
    }

    /// Kills everything in the group. Where there is no `cgroup.kill`, the death of the PID namespace's init does it.
    pub(crate) fn kill(&self) -> Result<(), Error> {
        let unified = self.places.unified.as_ref().filter(|_| on(Defence::KillGroup));
        unified.map_or(Ok(()), |path| self.dirs.write(Step::KillCgroup, path, "cgroup.kill", "1"))
    }

    /// Removes the group, waiting until the last process has left it, at most two seconds.
    pub(crate) fn remove(&self) -> Result<(), Error> {
        self.places.iter().try_for_each(|path| self.dirs.remove(path))
    }
}
