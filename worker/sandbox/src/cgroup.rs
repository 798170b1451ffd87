//! Control groups: one interface over version 2 and over the legacy version 1 files of hybrid hosts, chosen per controller.
//!
//! A session is one worker process's subtree; a slot has a directory in it, and each run a group of its own below that.
//! Everything here is plain file access; processes enter a group elsewhere, by `CLONE_INTO_CGROUP` or by writing to `tasks`.

#[cfg(test)]
mod fuzz;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::defence::{Defence, on};
use crate::error::{At as _, Error, Step};

const GROUP: &str = "assay";

/// Where the processes of a service or a container go when its group is divided.
const WORKER_GROUP: &str = "assay-worker";

/// Of any kernel that this runs on; memory is counted in whole pages.
const LARGEST_PAGE: u64 = 64 << 10;

/// What version 1's highest count may lack when memory ran out: the kernel charges 64 pages at once on each processor.
const LARGEST_CHARGE: u64 = 1 << 20;

/// How many names are tried for a new directory.
const TRIES: usize = 100;

/// Which version of control groups does a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Version {
    V1,
    V2,
}

impl Version {
    /// `v1` or `v2`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }
}

/// The directory in which one job of the control groups is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub version: Version,
    pub path: PathBuf,
}

/// Where each job of the control groups is done: on this host, for a session, for a slot, or for a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// The version 2 directory, if there is one, also if version 1 does every job.
    pub unified: Option<PathBuf>,
    /// What limits memory.
    pub memory: Place,
    /// What limits processes.
    pub pids: Place,
    /// What accounts CPU time.
    pub cpu: Place,
}

impl Places {
    /// Looks at what is mounted and picks for each controller version 2 before version 1: the directories in which we may make
    /// groups.
    ///
    /// # Errors
    /// No kernel enforcement of memory or processes is possible; the text says what to do.
    pub fn detect() -> Result<Self, Error> {
        let unfit = |text: String| Error::new(Step::FindCgroups, io::Error::other(text));
        let mounts = fs::read_to_string("/proc/self/mountinfo").at_path(Step::FindCgroups, "/proc/self/mountinfo")?;
        let (v2, v1) = mounted(&mounts);
        let (unified, controllers) = v2.map_or_else(|| Ok((None, BTreeSet::new())), |mount| delegated(&mount))?;
        let find = |job: &str, controller: &str| {
            let own = unified.as_ref().filter(|_| job == CPU || controllers.contains(controller));
            let legacy = || v1.iter().find(|(_, options)| options.split(',').any(|option| option == controller));
            own.map(|path| Place { version: Version::V2, path: path.clone() })
                .or_else(|| legacy().map(|(path, _)| Place { version: Version::V1, path: path.clone() }))
        };
        let limiting = |controller: &str| {
            find(controller, controller).ok_or_else(|| {
                unfit(format!(
                    "no control group with the {controller} controller can be made here; run as root, or as a systemd \
                     service with Delegate=yes (systemd-run --scope -p Delegate=yes ...)"
                ))
            })
        };
        let (memory, pids) = (limiting("memory")?, limiting("pids")?);
        let cpu = find(CPU, "cpuacct")
            .ok_or_else(|| unfit("CPU time cannot be accounted: mount cgroup2 on /sys/fs/cgroup".to_owned()))?;
        Ok(Self { unified, memory, pids, cpu })
    }

    /// The same jobs in other directories.
    fn map(&self, to: impl Fn(&Path) -> PathBuf) -> Self {
        let place = |place: &Place| Place { version: place.version, path: to(&place.path) };
        Self {
            unified: self.unified.as_deref().map(&to),
            memory: place(&self.memory),
            pids: place(&self.pids),
            cpu: place(&self.cpu),
        }
    }

    /// Each directory once: version 2 does several jobs in one, and so do version 1 controllers that are mounted together.
    fn iter(&self) -> impl Iterator<Item = &Path> {
        let jobs = [&self.memory, &self.pids, &self.cpu].into_iter().map(|place| &place.path);
        once_each(self.unified.iter().chain(jobs))
    }

    /// The directories of version 1, each once.
    fn legacy(&self) -> impl Iterator<Item = &Path> {
        let jobs = [&self.memory, &self.pids, &self.cpu].into_iter();
        once_each(jobs.filter(|place| place.version == Version::V1).map(|place| &place.path))
    }

    /// Controllers to enable below the version 2 directory.
    fn enabled(&self) -> String {
        let jobs = [("+memory", &self.memory), ("+pids", &self.pids)];
        let wanted = jobs.iter().filter(|(_, place)| place.version == Version::V2).map(|(name, _)| *name);
        wanted.collect::<Vec<_>>().join(" ")
    }

    /// Removes what workers that are gone have left: kills what still runs in their groups, and removes these. Others may
    /// sweep at the same time.
    ///
    /// # Errors
    /// A group that stays although everything in it was killed.
    pub(crate) fn sweep(&self) -> Result<(), Error> {
        for root in self.iter() {
            for session in children(&root.join(GROUP))? {
                let name = session.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                if owner_lives(&name) {
                    continue;
                }
                // Its owner may be in another PID namespace, and holds the lock as long as it lives.
                if let Some(_lock) = lock(&session)? {
                    kill_tree(&session)?;
                    remove_tree(&session)?;
                }
            }
        }
        Ok(())
    }
}

/// Where version 2 is mounted, and where version 1, with its options: as `/proc/self/mountinfo` tells it (proc(5)).
fn mounted(mounts: &str) -> (Option<PathBuf>, Vec<(PathBuf, &str)>) {
    let (mut v2, mut v1) = (None, Vec::new());
    for line in mounts.lines() {
        let Some((left, right)) = line.split_once(" - ") else { continue };
        let (Some(point), Some(kind)) = (left.split(' ').nth(4), right.split(' ').next()) else { continue };
        match kind {
            "cgroup2" if v2.is_none() => v2 = Some(unescaped(point)),
            "cgroup" => v1.push((unescaped(point), right.rsplit(' ').next().unwrap_or(""))),
            _ => {}
        }
    }
    (v2, v1)
}

/// A path with its blanks and backslashes, for which the kernel writes three octal digits.
fn unescaped(path: &str) -> PathBuf {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let octal = after.get(..3).and_then(|digits| u8::from_str_radix(str::from_utf8(digits).ok()?, 8).ok());
        let (byte, behind) = match octal {
            Some(byte) if *first == b'\\' => (byte, &after[3..]),
            _ => (*first, after),
        };
        bytes.push(byte);
        rest = behind;
    }
    PathBuf::from(OsString::from_vec(bytes))
}

/// The job that every version 2 directory does, without a controller.
const CPU: &str = "cpu";

fn once_each<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> impl Iterator<Item = &'a Path> {
    let mut seen: Vec<&Path> = Vec::new();
    for path in paths {
        if !seen.contains(&path.as_path()) {
            seen.push(path);
        }
    }
    seen.into_iter()
}

/// The directory under a version 2 mount in which this process may make groups, and the controllers there.
fn delegated(mount: &Path) -> Result<(Option<PathBuf>, BTreeSet<String>), Error> {
    let membership = fs::read_to_string("/proc/self/cgroup").at_path(Step::FindCgroups, "/proc/self/cgroup")?;
    let own = membership.lines().find_map(|line| line.strip_prefix("0::")).unwrap_or("/");
    let mut own = mount.join(own.trim_start_matches('/'));
    if own.file_name().is_some_and(|name| name == WORKER_GROUP) {
        // An earlier start in this place has moved us here.
        own.pop();
    }
    let wanted_in = |base: &Path| {
        let controllers = fs::read_to_string(base.join("cgroup.controllers")).unwrap_or_default();
        let has = |name: &&str| controllers.split_whitespace().any(|other| other == *name);
        ["memory", "pids"].into_iter().filter(has).collect::<Vec<_>>()
    };
    // Where version 1 has the controllers, any place does. All workers then take the same one, and sweep for each other.
    let places = if wanted_in(mount).is_empty() { [mount, own.as_path()] } else { [own.as_path(), mount] };
    for base in places {
        let wanted = wanted_in(base);
        if !fs::metadata(base).is_ok_and(|meta| meta.is_dir())
            || nix::unistd::access(base, nix::unistd::AccessFlags::W_OK).is_err()
        {
            continue;
        }
        if wanted.is_empty() || divide(base, &wanted)? {
            return Ok((Some(base.to_owned()), wanted.into_iter().map(str::to_owned).collect()));
        }
    }
    Ok((None, BTreeSet::new()))
}

/// Enables controllers for the groups below `base`; false if that cannot be.
///
/// But for the real root, a group that is divided may hold no process itself (cgroups(7), "no internal processes"). Where the
/// group is ours alone, as that of a service or a container is, its processes move into a group of their own below it.
fn divide(base: &Path, controllers: &[&str]) -> Result<bool, Error> {
    let control = base.join("cgroup.subtree_control");
    let text = controllers.iter().map(|name| format!("+{name}")).collect::<Vec<_>>().join(" ");
    match fs::write(&control, &text) {
        Ok(()) => return Ok(true),
        Err(error) if error.raw_os_error() == Some(libc::EBUSY) => {}
        Err(_) => return Ok(false),
    }
    let inside: Vec<String> = read_list(base, "cgroup.procs")?.split_whitespace().map(str::to_owned).collect();
    let whole_namespace =
        fs::read_to_string("/proc/self/cgroup").is_ok_and(|text| text.lines().any(|line| line == "0::/"));
    if !whole_namespace && inside != [std::process::id().to_string()] {
        return Ok(false);
    }
    let leaf = base.join(WORKER_GROUP);
    make(&leaf)?;
    for pid in inside {
        match fs::write(leaf.join("cgroup.procs"), &pid) {
            Err(error) if error.raw_os_error() != Some(libc::ESRCH) => {
                return Err(Error::on(Step::FindCgroups, leaf, error));
            }
            _ => {}
        }
    }
    Ok(fs::write(&control, &text).is_ok())
}

fn session_name() -> io::Result<String> {
    let pid = std::process::id();
    let start = start_time(pid).ok_or_else(|| io::Error::other("/proc/self/stat cannot be read"))?;
    Ok(format!("{pid}-{start}"))
}

/// Field 22 of /proc/PID/stat: when the process started, in clock ticks since boot. Together with the pid it is unique.
fn start_time(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything, so count from the last one.
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

fn owner_lives(session: &str) -> bool {
    let mut parts = session.split('-');
    let (Some(pid), Some(start)) = (parts.next(), parts.next()) else { return false };
    let (Ok(pid), Ok(start)) = (pid.parse(), start.parse::<u64>()) else { return false };
    start_time(pid) == Some(start)
}

/// One worker's subtree in every hierarchy that is used. Its directories are locked (flock(2)) as long as it lives.
#[derive(Debug)]
pub(crate) struct Session {
    /// The directories in which the sessions of all workers are.
    pub(crate) roots: Places,
    own: Places,
    _locks: Vec<File>,
}

impl Session {
    pub(crate) fn create(roots: Places) -> Result<Self, Error> {
        let name = session_name().at(Step::CreateCgroup)?;
        for number in 0..TRIES {
            // The plain name is taken if this process has a session already, or one in another PID namespace has the same
            // number and start.
            let name = if number == 0 { name.clone() } else { format!("{name}-{number}") };
            let own = roots.map(|root| root.join(GROUP).join(&name));
            if let Some(locks) = claim(&roots, &own)? {
                return Ok(Self { roots, own, _locks: locks });
            }
        }
        Err(Error::new(Step::CreateCgroup, io::Error::other(format!("no name after {TRIES} tries"))))
    }

    /// Makes a slot's directories, which are new ones, whatever an earlier slot of this number has left.
    pub(crate) fn create_slot(&self, index: usize) -> Result<SlotGroups, Error> {
        for number in 0..TRIES {
            let name = if number == 0 { format!("slot{index}") } else { format!("slot{index}.{number}") };
            let places = self.own.map(|session| session.join(&name));
            let made = places.iter().try_for_each(fs::create_dir);
            match made {
                Ok(()) => {
                    let groups = SlotGroups { places };
                    return match groups.set_up() {
                        Ok(()) => Ok(groups),
                        Err(error) => Err(error.and_then(groups.remove())),
                    };
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::on(Step::CreateCgroup, name, error)),
            }
        }
        Err(Error::new(Step::CreateCgroup, io::Error::other(format!("{TRIES} slots were lost"))))
    }

    /// Removes the session; the slots must be gone.
    pub(crate) fn remove(&self) -> Result<(), Error> {
        self.own.iter().try_for_each(remove_tree)?;
        for root in self.roots.iter() {
            let base = root.join(GROUP);
            // The common parent goes with the last worker; that another one has it in use is no error.
            if let Err(error) = fs::remove_dir(&base)
                && !matches!(error.raw_os_error(), Some(libc::EBUSY | libc::ENOTEMPTY | libc::ENOENT))
            {
                return Err(Error::on(Step::RemoveCgroup, base, error));
            }
        }
        Ok(())
    }
}

/// Makes and locks a session's directories. `None` if the name is taken, or another worker got in between: one that ends
/// removes the common parent, and one that starts may sweep what is not locked yet.
fn claim(roots: &Places, own: &Places) -> Result<Option<Vec<File>>, Error> {
    let mut made = Vec::new();
    let mut locks = Vec::new();
    let mut claim = || -> Result<bool, Error> {
        for (root, own) in roots.iter().zip(own.iter()) {
            let base = root.join(GROUP);
            make(&base)?;
            match fs::create_dir(own) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
                other => other.at_path(Step::CreateCgroup, own)?,
            }
            made.push(own.to_owned());
            let Some(lock) = lock(own)? else { return Ok(false) };
            locks.push(lock);
            if Some(root) == roots.unified.as_deref() {
                for path in [&base, own] {
                    write(path, "cgroup.subtree_control", &roots.enabled())?;
                }
            }
        }
        Ok(true)
    };
    match claim() {
        Ok(true) => return Ok(Some(locks)),
        Ok(false) => {}
        Err(error) if gone(&error.source) => {}
        Err(error) => {
            made.iter().try_for_each(|path| remove_tree(path))?;
            return Err(error);
        }
    }
    made.iter().try_for_each(|path| remove_tree(path))?;
    Ok(None)
}

/// Locks a session's directory. `None` if another process has the lock, or the directory is gone.
fn lock(path: &Path) -> Result<Option<File>, Error> {
    let file = match File::open(path) {
        Err(error) if gone(&error) => return Ok(None),
        other => other.at_path(Step::LockSession, path)?,
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => return Ok(None),
        Err(fs::TryLockError::Error(error)) => return Err(Error::on(Step::LockSession, path, error)),
    }
    // What was locked may have been removed before.
    let inode = |meta: io::Result<fs::Metadata>| meta.map(|meta| meta.ino()).ok();
    let still = inode(file.metadata()).is_some_and(|own| inode(fs::metadata(path)) == Some(own));
    Ok(still.then_some(file))
}

/// A slot's directories.
#[derive(Debug)]
pub(crate) struct SlotGroups {
    places: Places,
}

/// The limits of one run's group.
#[derive(Clone, Copy, Debug)]
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
    fn set_up(&self) -> Result<(), Error> {
        if let Some(unified) = &self.places.unified {
            write(unified, "cgroup.subtree_control", &self.places.enabled())?;
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
        self.places.unified.as_ref().map_or(Ok(()), |unified| give_procs(unified, init))
    }

    /// The version 2 group of the init process, which is not the program's.
    pub(crate) fn init_group(&self) -> Result<Option<OwnedFd>, Error> {
        self.places.unified.as_ref().map(|path| open_dir(&path.join("init"))).transpose()
    }

    /// What a launcher, which sees no control groups, needs to make those of its runs: where they are, and for each directory a
    /// descriptor.
    pub(crate) fn share(&self) -> Result<(&Places, Vec<OwnedFd>), Error> {
        let dirs = self.places.iter().map(open_dir).collect::<Result<_, _>>()?;
        Ok((&self.places, dirs))
    }

    /// The same directories in a process that got the descriptors; they must stay open.
    pub(crate) fn by_descriptors(places: &Places, dirs: &[OwnedFd]) -> Self {
        let paths: Vec<&Path> = places.iter().collect();
        let by_descriptor = |path: &Path| {
            let dir = paths.iter().position(|other| *other == path).and_then(|index| dirs.get(index));
            dir.map_or_else(|| path.to_owned(), |dir| PathBuf::from(format!("/proc/self/fd/{}", dir.as_raw_fd())))
        };
        Self { places: places.map(by_descriptor) }
    }

    /// The group of the run of this number, whether it is there or still to be made.
    pub(crate) fn run(&self, number: u64) -> RunGroup {
        RunGroup { places: self.places.map(|slot| slot.join(format!("run{number}"))) }
    }

    /// Removes the slot's directories.
    pub(crate) fn remove(&self) -> Result<(), Error> {
        self.places.iter().try_for_each(remove_tree)
    }
}

fn give_procs(dir: &Path, user: u32) -> Result<(), Error> {
    let procs = dir.join("cgroup.procs");
    std::os::unix::fs::chown(&procs, Some(user), None).at_path(Step::CreateCgroup, procs)
}

/// Whether a limit of memory here is one of swap too; without swap it need not be.
fn limits_swap(memory: &Place) -> Result<(), Error> {
    let files: &[&str] = match memory.version {
        Version::V1 => &["memory.memsw.limit_in_bytes", "memory.swappiness"],
        Version::V2 => &["memory.swap.max"],
    };
    let swaps = fs::read_to_string("/proc/swaps").unwrap_or_default();
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
    places: Places,
}

impl RunGroup {
    /// Makes the group, for programs that the user `init` creates. It has no limits yet.
    pub(crate) fn create(&self, init: u32) -> Result<(), Error> {
        for path in self.places.iter() {
            fs::create_dir(path).at_path(Step::CreateCgroup, path)?;
        }
        let Place { version, path } = &self.places.memory;
        if *version == Version::V2 && on(Defence::OomGroup) {
            write(path, "memory.oom.group", "1")?;
        }
        if let Some(path) = &self.places.unified {
            if on(Defence::NoSubgroups) {
                write(path, "cgroup.max.descendants", "0")?;
            }
            give_procs(path, init)?;
        }
        Ok(())
    }

    /// Sets its limits, and reads them back.
    pub(crate) fn limit(&self, limits: GroupLimits) -> Result<(), Error> {
        let Place { version, path } = &self.places.memory;
        match version {
            Version::V1 => {
                if on(Defence::MemoryLimit) {
                    limit(path, "memory.limit_in_bytes", limits.memory_bytes, LARGEST_PAGE)?;
                }
                // With memory it is one limit, and none of it can be less than that of memory alone.
                if on(Defence::SwapLimit) && on(Defence::MemoryLimit) {
                    match limit(path, "memory.memsw.limit_in_bytes", limits.memory_bytes, LARGEST_PAGE) {
                        Err(error) if error.source.kind() == io::ErrorKind::NotFound => {
                            write_if_there(path, "memory.swappiness", "0")?;
                        }
                        other => other?,
                    }
                }
            }
            Version::V2 => {
                if on(Defence::MemoryLimit) {
                    limit(path, "memory.max", limits.memory_bytes, LARGEST_PAGE)?;
                }
                if on(Defence::SwapLimit) {
                    write_if_there(path, "memory.swap.max", "0")?;
                    write_if_there(path, "memory.zswap.max", "0")?;
                }
            }
        }
        if on(Defence::ProcessLimit) {
            limit(&self.places.pids.path, "pids.max", limits.pids.into(), 1)?;
        }
        Ok(())
    }

    /// The version 2 directory, for `CLONE_INTO_CGROUP`.
    pub(crate) fn unified_fd(&self) -> Result<Option<OwnedFd>, Error> {
        self.places.unified.as_ref().map(|path| open_dir(path)).transpose()
    }

    /// The `tasks` files of version 1, for the program itself to write `0` to: unlike `cgroup.procs` that does not wait for
    /// an RCU grace period.
    pub(crate) fn tasks_fds(&self) -> Result<Vec<OwnedFd>, Error> {
        self.places
            .legacy()
            .map(|path| {
                let tasks = path.join("tasks");
                let file = fs::OpenOptions::new().write(true).open(&tasks).at_path(Step::EnterCgroup, tasks)?;
                Ok(file.into())
            })
            .collect()
    }

    /// The threads in the group, by the numbers that this process sees.
    pub(crate) fn threads(&self) -> Result<Vec<u32>, Error> {
        let Place { version, path } = &self.places.pids;
        let text = read_list(path, if *version == Version::V1 { "tasks" } else { "cgroup.threads" })?;
        Ok(text.lines().filter_map(|line| line.parse().ok()).collect())
    }

    /// Whether no process is in it, not even one that has ended and was not waited for.
    pub(crate) fn is_empty(&self) -> Result<bool, Error> {
        Ok(number(&self.places.pids.path, "pids.current")? == 0)
    }

    /// CPU time so far, in microseconds.
    pub(crate) fn cpu_us(&self) -> Result<u64, Error> {
        Ok(self.cpu()?.0)
    }

    fn cpu(&self) -> Result<(u64, u64), Error> {
        let Place { version, path } = &self.places.cpu;
        match version {
            Version::V1 => Ok((number(path, "cpuacct.usage")? / 1000, number(path, "cpuacct.usage_user")? / 1000)),
            Version::V2 => {
                let text = read(path, "cpu.stat")?;
                Ok((field(path, "cpu.stat", &text, "usage_usec")?, field(path, "cpu.stat", &text, "user_usec")?))
            }
        }
    }

    /// How many processes the kernel has killed because memory was short: the group's, a parent's, or the machine's.
    pub(crate) fn oom_kills(&self) -> Result<u64, Error> {
        let Place { version, path } = &self.places.memory;
        let name = if *version == Version::V1 { "memory.oom_control" } else { "memory.events" };
        field(path, name, &read(path, name)?, "oom_kill")
    }

    /// The most of memory so far, and whether it was short because of the group's own limit, which is `limit`.
    fn memory(&self, limit: u64) -> Result<(u64, bool), Error> {
        let Place { version, path } = &self.places.memory;
        match version {
            Version::V1 => {
                let peak = number(path, "memory.max_usage_in_bytes")?;
                // With what was swapped out; a kernel that does not account swap does not have it.
                let most = match number(path, "memory.memsw.max_usage_in_bytes") {
                    Err(error) if error.source.kind() == io::ErrorKind::NotFound => peak,
                    other => other?.max(peak),
                };
                // Version 1 does not count its own out-of-memory events. Newer kernels do not count the charges that met the
                // limit either; then the most of memory shows it, but for what is charged at once on several processors. Far
                // from the limit a charge that met it was one of a huge page, for which small ones were taken.
                let reached = most.saturating_add(LARGEST_CHARGE) > limit
                    || most > limit / 2 && (number(path, "memory.failcnt")? > 0 || self.met_with_swap()?);
                Ok((peak, reached))
            }
            Version::V2 => {
                let reached = field(path, "memory.events", &read(path, "memory.events")?, "oom")? > 0;
                Ok((number(path, "memory.peak")?, reached))
            }
        }
    }

    /// Whether a charge met the limit of memory and swap together.
    fn met_with_swap(&self) -> Result<bool, Error> {
        match number(&self.places.memory.path, "memory.memsw.failcnt") {
            Err(error) if error.source.kind() == io::ErrorKind::NotFound => Ok(false),
            other => Ok(other? > 0),
        }
    }

    /// All counters of a group with these limits; to be read when it is empty.
    pub(crate) fn counters(&self, limits: GroupLimits) -> Result<Counters, Error> {
        let (cpu_us, cpu_user_us) = self.cpu()?;
        let (memory_peak_bytes, memory_limit_reached) = self.memory(limits.memory_bytes)?;
        // pids.peak is of Linux 6.11, pids.events of version 1 not everywhere: what is missing is not known, not zero.
        let pids = &self.places.pids.path;
        let optional = |name: &str| read(pids, name).ok();
        Ok(Counters {
            cpu_us,
            cpu_user_us,
            memory_peak_bytes,
            memory_limit_reached,
            oom_kills: self.oom_kills()?,
            pids_peak: optional("pids.peak").and_then(|text| text.trim().parse().ok()),
            pids_limit_hits: optional("pids.events").and_then(|text| value_of(&text, "max")).unwrap_or(0),
        })
    }

    /// Kills everything in the group. Where there is no `cgroup.kill`, the death of the PID namespace's init does it.
    pub(crate) fn kill(&self) -> Result<(), Error> {
        let unified = self.places.unified.as_ref().filter(|_| on(Defence::KillGroup));
        unified.map_or(Ok(()), |path| write_as(Step::KillCgroup, path, "cgroup.kill", "1"))
    }

    /// Removes the group, waiting until the last process has left it, at most two seconds.
    pub(crate) fn remove(&self) -> Result<(), Error> {
        self.places.iter().try_for_each(remove_dir)
    }
}

fn make(path: &Path) -> Result<(), Error> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other.at_path(Step::CreateCgroup, path),
    }
}

fn open_dir(path: &Path) -> Result<OwnedFd, Error> {
    let file = fs::File::open(path).at_path(Step::EnterCgroup, path)?;
    Ok(file.into())
}

fn write(dir: &Path, name: &str, value: &str) -> Result<(), Error> {
    if value.is_empty() { Ok(()) } else { write_as(Step::SetLimit, dir, name, value) }
}

fn write_as(step: Step, dir: &Path, name: &str, value: &str) -> Result<(), Error> {
    let path = dir.join(name);
    fs::write(&path, value).at_path(step, path)
}

/// Writes a limit and reads it back. The kernel may round it down to a whole `unit`.
fn limit(dir: &Path, name: &str, value: u64, unit: u64) -> Result<(), Error> {
    let path = dir.join(name);
    let file = fs::OpenOptions::new().read(true).write(true).open(&path).at_path(Step::SetLimit, &path)?;
    (&file).write_all(value.to_string().as_bytes()).at_path(Step::SetLimit, &path)?;
    let set = parsed(&path, &read_small(&file).at_path(Step::SetLimit, &path)?)?;
    if set <= value && value - set < unit {
        return Ok(());
    }
    Err(Error::on(Step::SetLimit, dir.join(name), io::Error::other(format!("{value} was written, {set} is set"))))
}

/// For files that a kernel without swap accounting lacks.
fn write_if_there(dir: &Path, name: &str, value: &str) -> Result<(), Error> {
    if dir.join(name).exists() { write(dir, name, value) } else { Ok(()) }
}

/// The text of a file with a number or some lines, which the kernel gives in one piece.
fn read(dir: &Path, name: &str) -> Result<String, Error> {
    let path = dir.join(name);
    File::open(&path).and_then(|file| read_small(&file)).at_path(Step::ReadCgroup, path)
}

fn read_small(file: &File) -> io::Result<String> {
    let mut bytes = [0; 4096];
    let length = file.read_at(&mut bytes, 0)?;
    String::from_utf8(bytes[..length].to_vec()).map_err(io::Error::other)
}

/// The text of a file of any length.
fn read_list(dir: &Path, name: &str) -> Result<String, Error> {
    let path = dir.join(name);
    fs::read_to_string(&path).at_path(Step::ReadCgroup, path)
}

fn number(dir: &Path, name: &str) -> Result<u64, Error> {
    parsed(&dir.join(name), &read(dir, name)?)
}

fn parsed(path: &Path, text: &str) -> Result<u64, Error> {
    text.trim().parse().map_err(|_| Error::on(Step::ReadCgroup, path, io::Error::other("does not hold a number")))
}

/// The value of `key` in text of `key value` lines.
fn value_of(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' ')?.trim().parse().ok())
}

/// The value of `key` in a file that must have it.
fn field(dir: &Path, name: &str, text: &str, key: &str) -> Result<u64, Error> {
    value_of(text, key)
        .ok_or_else(|| Error::on(Step::ReadCgroup, dir.join(name), io::Error::other(format!("has no {key}"))))
}

/// Whether a group does not exist, or not any more. Another worker may always remove what it sweeps.
fn gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(libc::ENODEV)
}

fn remove_dir(path: &Path) -> Result<(), Error> {
    let deadline = Instant::now() + Duration::from_secs(2);
    loop {
        match fs::remove_dir(path) {
            Ok(()) => return Ok(()),
            Err(error) if gone(&error) => return Ok(()),
            // A group stays busy for some milliseconds after its last process was reaped.
            Err(error) if error.raw_os_error() == Some(libc::EBUSY) && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(1));
            }
            Err(error) => return Err(Error::on(Step::RemoveCgroup, path, error)),
        }
    }
}

fn children(path: &Path) -> Result<Vec<PathBuf>, Error> {
    match fs::read_dir(path) {
        Err(error) if gone(&error) => Ok(Vec::new()),
        other => Ok(other
            .at_path(Step::RemoveCgroup, path)?
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .map(|entry| entry.path())
            .collect()),
    }
}

fn remove_tree(path: &Path) -> Result<(), Error> {
    for child in children(path)? {
        remove_tree(&child)?;
    }
    remove_dir(path)
}

/// Kills every process in a group and below it.
fn kill_tree(path: &Path) -> Result<(), Error> {
    match kill_in(path) {
        Err(error) if gone(&error.source) => Ok(()),
        other => other,
    }
}

fn kill_in(path: &Path) -> Result<(), Error> {
    if path.join("cgroup.kill").exists() {
        return write_as(Step::KillCgroup, path, "cgroup.kill", "1");
    }
    for child in children(path)? {
        kill_tree(&child)?;
    }
    // A process of another PID namespace is shown as 0, which for kill(2) would be our own process group.
    for pid in read_list(path, "cgroup.procs")?.lines().filter_map(|pid| pid.parse().ok()).filter(|pid| *pid > 0) {
        match nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL) {
            Ok(()) | Err(nix::errno::Errno::ESRCH) => {}
            Err(error) => return Err(Error::on(Step::KillCgroup, path, error)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{Place, Places, Version, owner_lives, session_name, value_of};

    #[test]
    fn fields_are_found_by_whole_names() {
        let text = "usage_usec 12\nuser_usec 7\nsystem_usec 5\n";
        assert_eq!(value_of(text, "user_usec"), Some(7));
        assert_eq!(value_of(text, "usec"), None);
        assert_eq!(value_of("max 3\n", "max"), Some(3));
    }

    #[test]
    fn mount_points_may_have_blanks() {
        let text = "24 1 0:21 / /a\\040b\\134 rw - cgroup2 cgroup2 rw\n25 1 0:22 / /c rw shared:1 - cgroup none rw,pids\nnoise\n";
        let v1 = vec![(PathBuf::from("/c"), "rw,pids")];
        assert_eq!(super::mounted(text), (Some(PathBuf::from("/a b\\")), v1));
    }

    #[test]
    fn controllers_that_are_mounted_together_are_one_directory() {
        let v1 = |path: &str| Place { version: Version::V1, path: PathBuf::from(path) };
        let unified = Some(PathBuf::from("/u"));
        let cpu = Place { version: Version::V2, path: PathBuf::from("/u") };
        let places = Places { unified, memory: v1("/mp"), pids: v1("/mp"), cpu };
        let runs = places.map(|path| path.join("run1"));
        assert_eq!(runs.iter().collect::<Vec<_>>(), [Path::new("/u/run1"), Path::new("/mp/run1")]);
        assert_eq!(runs.legacy().collect::<Vec<_>>(), [Path::new("/mp/run1")]);
        assert_eq!(places.enabled(), "");
    }

    #[test]
    fn a_session_lives_as_long_as_its_process() {
        let own = session_name().expect("own stat");
        assert!(owner_lives(&own));
        assert!(!owner_lives(&format!("{own}1")));
        assert!(!owner_lives("nonsense"));
    }
}
