//! Control groups: one interface over version 2 and over the legacy version 1 files of hybrid hosts, chosen per controller.
//!
//! A session is one worker process's subtree; a slot has a directory in it, and each run a group of its own below that.
//! Everything here is plain file access; processes enter a group elsewhere, by `CLONE_INTO_CGROUP` or by writing to `tasks`.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::error::{At as _, Error, Step};

const GROUP: &str = "assay";

/// Where the processes of a service or a container go when its group is divided.
const WORKER_GROUP: &str = "assay-worker";

/// Which version of control groups does a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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

/// Where each job of the control groups is done on this host.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Hierarchies {
    /// The version 2 directory below which we may make groups, if there is one.
    pub unified: Option<PathBuf>,
    /// The version 1 directory of the memory controller, if version 2 does not have it.
    pub memory_v1: Option<PathBuf>,
    /// The version 1 directory of the pids controller, if version 2 does not have it.
    pub pids_v1: Option<PathBuf>,
    /// The version 1 directory for CPU accounting, if there is no version 2 at all.
    pub cpuacct_v1: Option<PathBuf>,
}

impl Hierarchies {
    /// Looks at what is mounted and picks for each controller version 2 before version 1.
    ///
    /// # Errors
    /// No kernel enforcement of memory or processes is possible; the text says what to do.
    pub fn detect() -> Result<Self, Error> {
        let unfit = |text: &str| Error::new(Step::FindCgroups, io::Error::other(text.to_owned()));
        let mounts = fs::read_to_string("/proc/self/mountinfo").at_path(Step::FindCgroups, "/proc/self/mountinfo")?;
        let mut unified = None;
        let mut v1 = Vec::new();
        for line in mounts.lines() {
            let Some((left, right)) = line.split_once(" - ") else { continue };
            let (Some(point), Some(kind)) = (left.split(' ').nth(4), right.split(' ').next()) else { continue };
            match kind {
                "cgroup2" if unified.is_none() => unified = Some(PathBuf::from(point)),
                "cgroup" => v1.push((PathBuf::from(point), right.rsplit(' ').next().unwrap_or("").to_owned())),
                _ => {}
            }
        }
        let find_v1 = |controller: &str| {
            v1.iter()
                .find(|(_, options)| options.split(',').any(|option| option == controller))
                .map(|(point, _)| point.clone())
        };
        let mut unified_has = BTreeSet::new();
        if let Some(mount) = unified.take() {
            let (base, controllers) = delegated(&mount)?;
            unified_has = controllers;
            unified = base;
        }
        let memory_v1 = if unified_has.contains("memory") { None } else { find_v1("memory") };
        let pids_v1 = if unified_has.contains("pids") { None } else { find_v1("pids") };
        if !unified_has.contains("memory") && memory_v1.is_none() {
            return Err(unfit(
                "no control group with the memory controller can be made here; run as root, or as a systemd service with \
                 Delegate=yes (systemd-run --scope -p Delegate=yes ...)",
            ));
        }
        if !unified_has.contains("pids") && pids_v1.is_none() {
            return Err(unfit(
                "no control group with the pids controller can be made here; run as root, or as a systemd service with \
                 Delegate=yes (systemd-run --scope -p Delegate=yes ...)",
            ));
        }
        let cpuacct_v1 = if unified.is_some() { None } else { find_v1("cpuacct") };
        if unified.is_none() && cpuacct_v1.is_none() {
            return Err(unfit("CPU time cannot be accounted: mount cgroup2 on /sys/fs/cgroup"));
        }
        Ok(Self { unified, memory_v1, pids_v1, cpuacct_v1 })
    }

    /// Which version limits memory.
    pub const fn memory(&self) -> Version {
        if self.memory_v1.is_some() { Version::V1 } else { Version::V2 }
    }

    /// Which version limits processes.
    pub const fn pids(&self) -> Version {
        if self.pids_v1.is_some() { Version::V1 } else { Version::V2 }
    }

    /// Which version accounts CPU time.
    pub const fn cpu(&self) -> Version {
        if self.cpuacct_v1.is_some() { Version::V1 } else { Version::V2 }
    }

    /// The directories in which we make our group, each once.
    fn roots(&self) -> impl Iterator<Item = &PathBuf> {
        [&self.unified, &self.memory_v1, &self.pids_v1, &self.cpuacct_v1].into_iter().flatten()
    }

    /// Controllers to enable below the version 2 directory.
    fn enabled(&self) -> String {
        let mut text = String::new();
        if self.memory_v1.is_none() {
            text.push_str("+memory ");
        }
        if self.pids_v1.is_none() {
            text.push_str("+pids");
        }
        text.trim_end().to_owned()
    }

    /// Removes what workers that are gone have left: kills what still runs in their groups, and removes these.
    /// Returns how many sessions were swept.
    ///
    /// # Errors
    /// A group that stays although everything in it was killed.
    pub fn sweep(&self) -> Result<usize, Error> {
        let mut swept = BTreeSet::new();
        for root in self.roots() {
            let base = root.join(GROUP);
            let entries = match fs::read_dir(&base) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(Error::on(Step::FindCgroups, base, error)),
            };
            for entry in entries {
                let entry = entry.at_path(Step::FindCgroups, &base)?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if entry.path().is_dir() && !owner_lives(&name) {
                    kill_tree(&entry.path())?;
                    remove_tree(&entry.path())?;
                    swept.insert(name);
                }
            }
        }
        Ok(swept.len())
    }
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
    for base in [own.as_path(), mount] {
        let controllers = fs::read_to_string(base.join("cgroup.controllers")).unwrap_or_default();
        let controllers: BTreeSet<String> = controllers.split_whitespace().map(str::to_owned).collect();
        let wanted: Vec<&str> = ["memory", "pids"].into_iter().filter(|name| controllers.contains(*name)).collect();
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
    let inside: Vec<String> = read(base, "cgroup.procs")?.split_whitespace().map(str::to_owned).collect();
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
    let Some((pid, start)) = session.split_once('-') else { return false };
    let (Ok(pid), Ok(start)) = (pid.parse(), start.parse::<u64>()) else { return false };
    start_time(pid) == Some(start)
}

/// One worker's subtree in every hierarchy that is used.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) hierarchies: Hierarchies,
    name: String,
}

impl Session {
    pub(crate) fn create(hierarchies: Hierarchies) -> Result<Self, Error> {
        let name = session_name().at(Step::CreateCgroup)?;
        let session = Self { hierarchies, name };
        for root in session.hierarchies.roots() {
            let base = root.join(GROUP);
            let own = base.join(&session.name);
            for path in [&base, &own] {
                make(path)?;
            }
            if Some(root) == session.hierarchies.unified.as_ref() {
                let enabled = session.hierarchies.enabled();
                for path in [&base, &own] {
                    write(path, "cgroup.subtree_control", &enabled)?;
                }
            }
        }
        Ok(session)
    }

    /// Makes a slot's directories. `init` is the user that creates the program's processes from version 2's `init` group.
    pub(crate) fn create_slot(&self, index: usize, init: u32) -> Result<SlotGroups, Error> {
        let place = |root: &PathBuf| root.join(GROUP).join(&self.name).join(format!("slot{index}"));
        let groups = SlotGroups {
            unified: self.hierarchies.unified.as_ref().map(place),
            memory_v1: self.hierarchies.memory_v1.as_ref().map(place),
            pids_v1: self.hierarchies.pids_v1.as_ref().map(place),
            cpuacct_v1: self.hierarchies.cpuacct_v1.as_ref().map(place),
        };
        for path in groups.paths() {
            make(path)?;
        }
        if let Some(unified) = &groups.unified {
            write(unified, "cgroup.subtree_control", &self.hierarchies.enabled())?;
            make(&unified.join("init"))?;
            // A process may only be created in another group by one who may write to the common ancestor's cgroup.procs.
            let procs = unified.join("cgroup.procs");
            std::os::unix::fs::chown(&procs, Some(init), None).at_path(Step::CreateCgroup, procs)?;
        }
        Ok(groups)
    }

    /// Removes the session; the slots must be gone.
    pub(crate) fn remove(&self) -> Result<(), Error> {
        for root in self.hierarchies.roots() {
            let base = root.join(GROUP);
            remove_tree(&base.join(&self.name))?;
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

/// A slot's directories.
#[derive(Clone, Debug)]
pub(crate) struct SlotGroups {
    unified: Option<PathBuf>,
    memory_v1: Option<PathBuf>,
    pids_v1: Option<PathBuf>,
    cpuacct_v1: Option<PathBuf>,
}

/// The limits of one run's group.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct GroupLimits {
    pub(crate) memory_bytes: u64,
    pub(crate) pids: u32,
}

/// What a run's group counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counters {
    pub(crate) cpu_us: u64,
    pub(crate) cpu_user_us: u64,
    pub(crate) memory_peak_bytes: u64,
    pub(crate) oom_kills: u64,
    pub(crate) pids_peak: Option<u64>,
    pub(crate) pids_limit_hits: u64,
}

impl SlotGroups {
    fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        [&self.unified, &self.memory_v1, &self.pids_v1, &self.cpuacct_v1].into_iter().flatten()
    }

    /// The version 2 group of the init process, which is not the program's.
    pub(crate) fn init_group(&self) -> Result<Option<OwnedFd>, Error> {
        self.unified.as_ref().map(|path| open_dir(&path.join("init"))).transpose()
    }

    /// Makes a run's group with its limits.
    pub(crate) fn create_run(&self, number: u64, limits: GroupLimits, init: u32) -> Result<RunGroup, Error> {
        let place = |path: &PathBuf| path.join(format!("run{number}"));
        let group = RunGroup {
            unified: self.unified.as_ref().map(place),
            memory_v1: self.memory_v1.as_ref().map(place),
            pids_v1: self.pids_v1.as_ref().map(place),
            cpuacct_v1: self.cpuacct_v1.as_ref().map(place),
        };
        match group.set_up(limits, init) {
            Ok(()) => Ok(group),
            Err(error) => {
                group.remove()?;
                Err(error)
            }
        }
    }

    /// Removes the slot's directories.
    pub(crate) fn remove(&self) -> Result<(), Error> {
        self.paths().try_for_each(|path| remove_tree(path))
    }
}

/// One run's control group, in as many hierarchies as are used.
#[derive(Debug)]
pub(crate) struct RunGroup {
    unified: Option<PathBuf>,
    memory_v1: Option<PathBuf>,
    pids_v1: Option<PathBuf>,
    cpuacct_v1: Option<PathBuf>,
}

impl RunGroup {
    fn set_up(&self, limits: GroupLimits, init: u32) -> Result<(), Error> {
        for path in self.paths() {
            fs::create_dir(path).at_path(Step::CreateCgroup, path)?;
        }
        if let Some(path) = &self.unified {
            let procs = path.join("cgroup.procs");
            std::os::unix::fs::chown(&procs, Some(init), None).at_path(Step::CreateCgroup, procs)?;
        }
        let memory = limits.memory_bytes.to_string();
        match (&self.memory_v1, &self.unified) {
            (Some(path), _) => {
                write(path, "memory.limit_in_bytes", &memory)?;
                write_if_there(path, "memory.memsw.limit_in_bytes", &memory)?;
            }
            (None, Some(path)) => {
                write(path, "memory.max", &memory)?;
                write_if_there(path, "memory.swap.max", "0")?;
                write_if_there(path, "memory.zswap.max", "0")?;
                write(path, "memory.oom.group", "1")?;
            }
            (None, None) => {}
        }
        let pids = self.pids_v1.as_ref().or(self.unified.as_ref());
        if let Some(path) = pids {
            write(path, "pids.max", &limits.pids.to_string())?;
        }
        if let Some(path) = &self.unified {
            write(path, "cgroup.max.descendants", "0")?;
        }
        Ok(())
    }

    fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        [&self.unified, &self.memory_v1, &self.pids_v1, &self.cpuacct_v1].into_iter().flatten()
    }

    /// The version 2 directory, for `CLONE_INTO_CGROUP`.
    pub(crate) fn unified_fd(&self) -> Result<Option<OwnedFd>, Error> {
        self.unified.as_ref().map(|path| open_dir(path)).transpose()
    }

    /// The `tasks` files of version 1, for the program itself to write `0` to: unlike `cgroup.procs` that does not wait for
    /// an RCU grace period.
    pub(crate) fn tasks_fds(&self) -> Result<Vec<OwnedFd>, Error> {
        [&self.memory_v1, &self.pids_v1, &self.cpuacct_v1]
            .into_iter()
            .flatten()
            .map(|path| {
                let tasks = path.join("tasks");
                let file = fs::OpenOptions::new().write(true).open(&tasks).at_path(Step::EnterCgroup, tasks)?;
                Ok(file.into())
            })
            .collect()
    }

    /// CPU time so far, in microseconds.
    pub(crate) fn cpu_us(&self) -> Result<u64, Error> {
        Ok(self.cpu()?.0)
    }

    fn cpu(&self) -> Result<(u64, u64), Error> {
        if let Some(path) = &self.unified {
            let text = read(path, "cpu.stat")?;
            return Ok((field(&text, "usage_usec").unwrap_or(0), field(&text, "user_usec").unwrap_or(0)));
        }
        let Some(path) = &self.cpuacct_v1 else { return Ok((0, 0)) };
        let usage = number(path, "cpuacct.usage")? / 1000;
        Ok((usage, number(path, "cpuacct.usage_user")? / 1000))
    }

    /// How many processes the kernel has killed because the group was out of memory.
    pub(crate) fn oom_kills(&self) -> Result<u64, Error> {
        match (&self.memory_v1, &self.unified) {
            (Some(path), _) => Ok(field(&read(path, "memory.oom_control")?, "oom_kill").unwrap_or(0)),
            (None, Some(path)) => Ok(field(&read(path, "memory.events")?, "oom_kill").unwrap_or(0)),
            (None, None) => Ok(0),
        }
    }

    /// All counters; to be read when the group is empty.
    pub(crate) fn counters(&self) -> Result<Counters, Error> {
        let (cpu_us, cpu_user_us) = self.cpu()?;
        let memory_peak_bytes = match (&self.memory_v1, &self.unified) {
            (Some(path), _) => number(path, "memory.max_usage_in_bytes")?,
            (None, Some(path)) => number(path, "memory.peak")?,
            (None, None) => 0,
        };
        let mut pids_peak = None;
        let mut pids_limit_hits = 0;
        if let Some(path) = self.pids_v1.as_ref().or(self.unified.as_ref()) {
            // pids.peak is of Linux 6.11, pids.events of version 1 not everywhere: what is missing is not known, not zero.
            pids_peak = fs::read_to_string(path.join("pids.peak")).ok().and_then(|text| text.trim().parse().ok());
            let events = fs::read_to_string(path.join("pids.events")).unwrap_or_default();
            pids_limit_hits = field(&events, "max").unwrap_or(0);
        }
        let oom_kills = self.oom_kills()?;
        Ok(Counters { cpu_us, cpu_user_us, memory_peak_bytes, oom_kills, pids_peak, pids_limit_hits })
    }

    /// Kills everything in the group. Where there is no `cgroup.kill`, the death of the PID namespace's init does it.
    pub(crate) fn kill(&self) -> Result<(), Error> {
        match &self.unified {
            Some(path) => write(path, "cgroup.kill", "1"),
            None => Ok(()),
        }
    }

    /// Removes the group, waiting until the last process has left it, at most two seconds.
    pub(crate) fn remove(&self) -> Result<(), Error> {
        self.paths().try_for_each(|path| remove_dir(path))
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
    if value.is_empty() {
        return Ok(());
    }
    let path = dir.join(name);
    fs::write(&path, value).at_path(Step::SetLimit, path)
}

/// For files that a kernel without swap accounting lacks.
fn write_if_there(dir: &Path, name: &str, value: &str) -> Result<(), Error> {
    if dir.join(name).exists() { write(dir, name, value) } else { Ok(()) }
}

fn read(dir: &Path, name: &str) -> Result<String, Error> {
    let path = dir.join(name);
    fs::read_to_string(&path).at_path(Step::ReadCgroup, path)
}

fn number(dir: &Path, name: &str) -> Result<u64, Error> {
    read(dir, name)?
        .trim()
        .parse()
        .map_err(|_| Error::on(Step::ReadCgroup, dir.join(name), io::Error::other("does not hold a number")))
}

/// The value of `key` in a file of `key value` lines.
fn field(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' ')?.trim().parse().ok())
}

fn remove_dir(path: &Path) -> Result<(), Error> {
    let deadline = Instant::now() + Duration::from_secs(2);
    loop {
        match fs::remove_dir(path) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
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
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        other => Ok(other
            .at_path(Step::RemoveCgroup, path)?
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .filter(|path| path.is_dir())
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
    if path.join("cgroup.kill").exists() {
        return write(path, "cgroup.kill", "1");
    }
    for child in children(path)? {
        kill_tree(&child)?;
    }
    for pid in read(path, "cgroup.procs")?.split_whitespace().filter_map(|pid| pid.parse().ok()) {
        match nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL) {
            Ok(()) | Err(nix::errno::Errno::ESRCH) => {}
            Err(error) => return Err(Error::on(Step::KillCgroup, path, error)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{field, owner_lives, session_name};

    #[test]
    fn fields_are_found_by_whole_names() {
        let text = "usage_usec 12\nuser_usec 7\nsystem_usec 5\n";
        assert_eq!(field(text, "user_usec"), Some(7));
        assert_eq!(field(text, "usec"), None);
        assert_eq!(field("max 3\n", "max"), Some(3));
    }

    #[test]
    fn a_session_lives_as_long_as_its_process() {
        let own = session_name().expect("own stat");
        assert!(owner_lives(&own));
        assert!(!owner_lives(&format!("{own}1")));
        assert!(!owner_lives("nonsense"));
    }
}
