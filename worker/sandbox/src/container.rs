//! Root file systems: what a run sees as `/`.
//!
//! A [`View`] is data; the launcher builds it once in its own mount namespace, pivots into it and detaches the old root. Each
//! run gets a copy of these mounts with its mount namespace and adds what is fresh.

use std::collections::HashSet;
use std::collections::hash_map::{Entry, HashMap};
use std::ffi::{CString, OsString};
use std::fs::{self, Metadata};
use std::io::{self, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::stat::{Mode, SFlag, mknod};
use serde::{Deserialize, Serialize};

use crate::defence::{Defence, on};
use crate::error::{At as _, Error, Step};
use crate::kernel_file;
use crate::process::sys;

const MOUNT_ATTR_RDONLY: u64 = 1;
const MOUNT_ATTR_NOSUID: u64 = 2;
const MOUNT_ATTR_NODEV: u64 = 4;

/// What the root file system is made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Image {
    /// A minimal read-only view of this host: `/usr` and the settings that toolchains need.
    Host,
    /// A directory tree, such as an unpacked container image; shown read-only.
    Directory(PathBuf),
}

/// A root file system as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    pub image: Image,
    /// Further directories or files of the host, shown read-only at the same place.
    pub read_only: Vec<PathBuf>,
}

/// Settings of toolchains outside `/usr`; a last component that ends in `*` stands for all that begin so.
const HOST_SETTINGS: &[&str] = &[
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/java*",
    "/etc/mono",
    "/etc/php",
    "/etc/fpc*",
    "/etc/python*",
    "/etc/perl",
    "/var/lib/ghc",
];

/// The devices that are shown, with the minor numbers that the kernel has for them; their major number is 1.
const DEVICES: &[(&str, u64)] = &[("null", 3), ("zero", 5), ("full", 7), ("random", 8), ("urandom", 9)];

/// Where runs add fresh mounts.
const MOUNT_POINTS: &[&str] = &["proc", "tmp", "work", "dev", "dev/shm", "etc"];

/// Something of the host that is shown.
struct Shown {
    source: PathBuf,
    /// Where, below the new root.
    target: PathBuf,
    meta: Metadata,
}

impl View {
    /// What is shown; paths that are not there are left out.
    fn shown(&self) -> io::Result<Vec<Shown>> {
        let mut places = Vec::new();
        match &self.image {
            Image::Host => {
                for name in ["usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32"] {
                    places.push((Path::new("/").join(name), PathBuf::from(name)));
                }
                let settings = expand(HOST_SETTINGS)?;
                places.extend(settings.into_iter().map(|path| (path.clone(), relative(&path))));
            }
            Image::Directory(tree) => {
                for name in names(tree)? {
                    if !["proc", "sys", "dev", "tmp", "work"].iter().any(|reserved| name == *reserved) {
                        places.push((tree.join(&name), PathBuf::from(name)));
                    }
                }
            }
        }
        places.extend(self.read_only.iter().map(|path| (path.clone(), relative(path))));
        let mut shown: Vec<Shown> = Vec::new();
        for (source, target) in places {
            // What lies in a directory that is shown is shown with it.
            if shown.iter().any(|other| target.starts_with(&other.target)) {
                continue;
            }
            if let Ok(meta) = source.symlink_metadata() {
                shown.push(Shown { source, target, meta });
            }
        }
        Ok(shown)
    }
}

fn relative(path: &Path) -> PathBuf {
    path.strip_prefix("/").unwrap_or(path).to_owned()
}

/// The paths that these patterns stand for, in their order.
fn expand(patterns: &[&str]) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut listed = HashMap::new();
    for pattern in patterns {
        let (Some(beginning), Some(dir)) = (pattern.strip_suffix('*'), Path::new(pattern).parent()) else {
            found.push(PathBuf::from(pattern));
            continue;
        };
        let names = match listed.entry(dir) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(names(dir)?),
        };
        let paths = names.iter().map(|name| dir.join(name));
        found.extend(paths.filter(|path| path.as_os_str().as_bytes().starts_with(beginning.as_bytes())));
    }
    Ok(found)
}

/// What is in a directory, sorted.
fn names(dir: &Path) -> io::Result<Vec<OsString>> {
    let mut names = fs::read_dir(dir)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

/// Builds the view as this process's root file system and detaches the old one. The process must have a mount namespace of
/// its own, whose mounts do not propagate.
pub(crate) fn enter(view: &View) -> Result<(), Error> {
    // Copies of what is to be shown are taken before anything is mounted over its path.
    let mut trees = Vec::new();
    for Shown { source, target, meta } in view.shown().at(Step::BuildRoot)? {
        let tree = if meta.is_symlink() {
            Tree::Link(fs::read_link(&source).at_path(Step::BuildRoot, &source)?)
        } else {
            Tree::Mount { tree: read_only(&source, MOUNT_ATTR_NODEV)?, directory: meta.is_dir() }
        };
        trees.push((tree, target));
    }
    for (name, minor) in DEVICES {
        let path = Path::new("/dev").join(name);
        let device = read_only(&path, 0)?;
        check_device(&device, *minor).at_path(Step::BuildRoot, &path)?;
        trees.push((Tree::Mount { tree: device, directory: false }, relative(&path)));
    }

    let new = sys::detached_mount(
        c"tmpfs",
        &[(c"size", c"256k"), (c"nr_inodes", c"512"), (c"mode", c"755")],
        MOUNT_ATTR_NOSUID,
    )
    .at_path(Step::BuildRoot, "/")?;
    sys::attach_mount(new.as_fd(), c"/tmp").at_path(Step::BuildRoot, "/")?;
    let mut root = Root { path: Path::new("/tmp"), dirs: HashSet::new() };
    for name in MOUNT_POINTS {
        root.dir(Path::new(name)).at_path(Step::BuildRoot, Path::new("/").join(name))?;
    }
    let mut places = vec![PathBuf::from("/")];
    for (tree, target) in trees {
        let place = Path::new("/").join(&target);
        root.place(&tree, &target).at_path(Step::BuildRoot, &place)?;
        if matches!(tree, Tree::Mount { .. }) {
            places.push(place);
        }
    }
    for (name, target) in [
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
    ] {
        std::os::unix::fs::symlink(target, root.path.join("dev").join(name)).at_path(Step::BuildRoot, name)?;
    }
    if view.image == Image::Host {
        write_etc(root.path, &places)?;
    }
    // A new /proc may be mounted in a user namespace only where one is visible already.
    mount(
        Some("proc"),
        &root.path.join("proc"),
        Some("proc"),
        MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC,
        None::<&str>,
    )
    .at_path(Step::MountProc, "/proc")?;

    nix::unistd::chdir(root.path).at(Step::PivotRoot)?;
    nix::unistd::pivot_root(".", ".").at(Step::PivotRoot)?;
    if on(Defence::DetachOldRoot) {
        umount2(".", MntFlags::MNT_DETACH).at(Step::PivotRoot)?;
    }
    nix::unistd::chdir("/").at(Step::PivotRoot)?;
    let mut flags = MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    flags.set(MsFlags::MS_RDONLY, on(Defence::ReadOnlyRoot));
    mount(None::<&str>, "/", None::<&str>, flags, None::<&str>).at_path(Step::SealRoot, "/")?;
    let mounts = Path::new("/proc/self/mountinfo");
    let mounts = kernel_file::read(mounts).at_path(Step::SealRoot, mounts)?;
    check_mounts(&mounts, &places).at(Step::SealRoot)
}

/// Compares what is mounted, as the kernel tells it (proc(5), mountinfo), with what should be: the root, what is shown, with its own
/// mounts below it, and devices, all of it read-only and without set-user-id programs; and the launcher's `/proc`.
fn check_mounts(mounts: &str, places: &[PathBuf]) -> io::Result<()> {
    for line in mounts.lines() {
        let mut fields = line.split(' ').skip(4);
        let (Some(point), Some(flags)) = (fields.next(), fields.next()) else {
            return Err(io::Error::other(format!("mountinfo says {line}")));
        };
        let point = PathBuf::from(unescaped(point));
        let is_device = DEVICES.iter().any(|(name, _)| point == Path::new("/dev").join(name));
        let is_shown = point == Path::new("/") || places.iter().skip(1).any(|place| point.starts_with(place));
        let needed: &[&str] = match &*point.to_string_lossy() {
            "/proc" => &["nosuid", "nodev", "noexec"],
            _ if is_device => &["ro", "nosuid"],
            _ if is_shown => &["ro", "nosuid", "nodev"],
            _ => return Err(io::Error::other(format!("{} is mounted and should not be", point.display()))),
        };
        if let Some(lacking) = needed.iter().find(|needed| !flags.split(',').any(|flag| flag == **needed)) {
            return Err(io::Error::other(format!("{} is mounted without {lacking}", point.display())));
        }
    }
    let is_there = |place: &&PathBuf| {
        mounts.lines().filter_map(|line| line.split(' ').nth(4)).any(|point| Path::new(&unescaped(point)) == **place)
    };
    match places.iter().find(|place| !is_there(place)) {
        None => Ok(()),
        Some(place) => Err(io::Error::other(format!("{} is not mounted", place.display()))),
    }
}

/// A path of mountinfo, in which blanks and backslashes are three octal digits.
fn unescaped(path: &str) -> String {
    let escapes = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")];
    escapes.iter().fold(path.to_owned(), |path, (escape, character)| path.replace(escape, character))
}

/// What is shown as a device must be that device, and not what somebody put in its place.
fn check_device(device: &OwnedFd, minor: u64) -> io::Result<()> {
    let meta = nix::sys::stat::fstat(device)?;
    let (kind, number) = (meta.st_mode & libc::S_IFMT, nix::sys::stat::makedev(1, minor));
    if kind == libc::S_IFCHR && meta.st_rdev == number {
        return Ok(());
    }
    Err(io::Error::other("this is another file"))
}

/// Writes what programs look up in `/etc`, but for what is shown there.
fn write_etc(root: &Path, places: &[PathBuf]) -> Result<(), Error> {
    for (name, text) in [
        ("passwd", "root:x:0:0:root:/:/bin/false\nrunner:x:1000:1000:runner:/tmp:/bin/sh\n"),
        ("group", "root:x:0:\nrunner:x:1000:\n"),
        ("hosts", "127.0.0.1 localhost\n"),
    ] {
        let place = Path::new("/etc").join(name);
        if places.iter().skip(1).any(|shown| place.starts_with(shown)) {
            continue;
        }
        let path = root.join("etc").join(name);
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o644).open(&path);
        file.and_then(|mut file| file.write_all(text.as_bytes())).at_path(Step::BuildRoot, &path)?;
    }
    Ok(())
}

enum Tree {
    Link(PathBuf),
    Mount { tree: OwnedFd, directory: bool },
}

/// The new root file system while it is built.
struct Root<'a> {
    path: &'a Path,
    /// Its directories, by where they are below it.
    dirs: HashSet<PathBuf>,
}

impl Root<'_> {
    /// Makes a directory and those above it, but for what is there.
    fn dir(&mut self, target: &Path) -> io::Result<()> {
        if target.as_os_str().is_empty() || self.dirs.contains(target) {
            return Ok(());
        }
        if let Some(parent) = target.parent() {
            self.dir(parent)?;
        }
        fs::create_dir(self.path.join(target))?;
        self.dirs.insert(target.to_owned());
        Ok(())
    }

    fn place(&mut self, tree: &Tree, target: &Path) -> io::Result<()> {
        if let Some(parent) = target.parent() {
            self.dir(parent)?;
        }
        let place = self.path.join(target);
        match tree {
            Tree::Link(to) => std::os::unix::fs::symlink(to, place),
            Tree::Mount { tree, directory } => {
                if *directory {
                    self.dir(target)?;
                } else {
                    mknod(&place, SFlag::S_IFREG, Mode::from_bits_truncate(0o644), 0)?;
                }
                sys::attach_mount(tree.as_fd(), &CString::new(place.as_os_str().as_bytes())?)
            }
        }
    }
}

/// A detached copy of the mounts at `path`, read-only all the way down.
fn read_only(path: &Path, more: u64) -> Result<OwnedFd, Error> {
    let name = CString::new(path.as_os_str().as_bytes()).at_path(Step::BuildRoot, path)?;
    let tree = sys::clone_tree(&name).at_path(Step::BuildRoot, path)?;
    let read_only = if on(Defence::ReadOnlyTrees) { MOUNT_ATTR_RDONLY } else { 0 };
    let no_suid = if on(Defence::NoSuidTrees) { MOUNT_ATTR_NOSUID } else { 0 };
    let more = if on(Defence::NoDevTrees) { more } else { 0 };
    sys::set_mount_attributes(tree.as_fd(), read_only | no_suid | more).at_path(Step::SealRoot, path)?;
    Ok(tree)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{check_mounts, unescaped};

    #[test]
    fn mounts_are_what_they_should_be_and_no_more() {
        let root = "30 1 0:5 / / ro,nosuid,nodev,relatime - tmpfs tmpfs rw\n";
        let shown = "31 30 8:1 /usr /usr ro,nosuid,nodev - ext4 /dev/a rw\n32 31 8:2 / /usr/local ro,nosuid,nodev - ext4 /dev/b rw\n";
        let more = "33 30 0:6 /null /dev/null ro,nosuid - devtmpfs dev rw\n34 30 0:7 / /proc rw,nosuid,nodev,noexec - proc proc rw\n";
        let places: Vec<PathBuf> = ["/", "/usr", "/dev/null"].map(PathBuf::from).into();
        let good = format!("{root}{shown}{more}");
        assert!(check_mounts(&good, &places).is_ok());
        let says = |mounts: &str| check_mounts(mounts, &places).expect_err("a difference").to_string();
        assert_eq!(says(&good.replace("/usr/local ro", "/usr/local rw")), "/usr/local is mounted without ro");
        assert_eq!(says(&good.replace("/usr ro,nosuid", "/usr ro")), "/usr is mounted without nosuid");
        assert_eq!(says(&good.replace("/ / ro,nosuid,nodev", "/ / ro,nosuid")), "/ is mounted without nodev");
        assert_eq!(
            says(&format!("{good}35 30 8:1 / /old ro,nosuid,nodev - ext4 /dev/a rw\n")),
            "/old is mounted and should not be"
        );
        assert_eq!(says(&format!("{root}{more}")), "/usr is not mounted");
        assert_eq!(unescaped("/a\\040b\\134"), "/a b\\");
    }
}
