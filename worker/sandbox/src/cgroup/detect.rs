//! Where control groups are on this host.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use super::files::{make, read_list};
use super::{Place, Places, Version};
use crate::error::{At as _, Error, Step};
use crate::kernel_file;

/// Where the processes of a service or a container go when its group is divided.
const WORKER_GROUP: &str = "assay-worker";

/// The job that every version 2 directory does, without a controller.
const CPU: &str = "cpu";

impl Places {
    /// Looks at what is mounted and picks for each controller version 2 before version 1: the directories in which we may make
    /// groups.
    ///
    /// # Errors
    /// No kernel enforcement of memory or processes is possible; the text says what to do.
    pub fn detect() -> Result<Self, Error> {
        let unfit = |text: String| Error::new(Step::FindCgroups, io::Error::other(text));
        let mounts = Path::new("/proc/self/mountinfo");
        let mounts = kernel_file::read(mounts).at_path(Step::FindCgroups, mounts)?;
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
}

/// Where version 2 is mounted, and where version 1, with its options: as `/proc/self/mountinfo` tells it (proc(5)).
pub(super) fn mounted(mounts: &str) -> (Option<PathBuf>, Vec<(PathBuf, &str)>) {
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

/// The directory under a version 2 mount in which this process may make groups, and the controllers there.
fn delegated(mount: &Path) -> Result<(Option<PathBuf>, BTreeSet<String>), Error> {
    let membership = Path::new("/proc/self/cgroup");
    let membership = kernel_file::read(membership).at_path(Step::FindCgroups, membership)?;
    let own = membership.lines().find_map(|line| line.strip_prefix("0::")).unwrap_or("/");
    let mut own = mount.join(own.trim_start_matches('/'));
    if own.file_name().is_some_and(|name| name == WORKER_GROUP) {
        // An earlier start in this place has moved us here.
        own.pop();
    }
    let wanted_in = |base: &Path| {
        let controllers = kernel_file::read(&base.join("cgroup.controllers")).unwrap_or_default();
        let has = |name: &&str| controllers.split_whitespace().any(|other| other == *name);
        ["memory", "pids"].into_iter().filter(has).collect::<Vec<_>>()
    };
    // Where version 1 has the controllers, any place does. All workers then take the same one, and sweep for each other.
    let at_mount = wanted_in(mount);
    let places = if at_mount.is_empty() { [mount, own.as_path()] } else { [own.as_path(), mount] };
    for base in places {
        let wanted = if base == mount { at_mount.clone() } else { wanted_in(base) };
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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    #[test]
    fn mount_points_may_have_blanks() {
        let text = "24 1 0:21 / /a\\040b\\134 rw - cgroup2 cgroup2 rw\n25 1 0:22 / /c rw shared:1 - cgroup none rw,pids\nnoise\n";
        let v1 = vec![(PathBuf::from("/c"), "rw,pids")];
        assert_eq!(super::mounted(text), (Some(PathBuf::from("/a b\\")), v1));
    }
}
