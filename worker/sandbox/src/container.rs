//! Root file systems: what a run sees as `/`.
//!
//! A [`View`] is data; the launcher builds it once in its own mount namespace, pivots into it and detaches the old root. Each
//! run gets a copy of these mounts with its mount namespace and adds what is fresh.

use std::ffi::CString;
use std::fs;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use serde::{Deserialize, Serialize};

use crate::defence::{Defence, on};
use crate::error::{At as _, Error, Step};
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

impl View {
    /// The host paths that are shown, with where; paths that are not there are left out.
    fn binds(&self) -> io::Result<Vec<(PathBuf, PathBuf)>> {
        let mut binds = Vec::new();
        match &self.image {
            Image::Host => {
                for name in ["usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32"] {
                    binds.push((Path::new("/").join(name), PathBuf::from(name)));
                }
                for pattern in HOST_SETTINGS {
                    for path in expand(Path::new(pattern))? {
                        binds.push((path.clone(), relative(&path)));
                    }
                }
            }
            Image::Directory(tree) => {
                for entry in fs::read_dir(tree)? {
                    let name = entry?.file_name();
                    if !["proc", "sys", "dev", "tmp", "work"].iter().any(|reserved| name == *reserved) {
                        binds.push((tree.join(&name), PathBuf::from(name)));
                    }
                }
            }
        }
        binds.extend(self.read_only.iter().map(|path| (path.clone(), relative(path))));
        binds.retain(|(source, _)| source.symlink_metadata().is_ok());
        // What lies in a directory that is shown is shown with it.
        let mut shown: Vec<PathBuf> = Vec::new();
        binds.retain(|(_, target)| {
            let new = !shown.iter().any(|dir| target.starts_with(dir));
            if new {
                shown.push(target.clone());
            }
            new
        });
        Ok(binds)
    }
}

fn relative(path: &Path) -> PathBuf {
    path.strip_prefix("/").unwrap_or(path).to_owned()
}

fn expand(pattern: &Path) -> io::Result<Vec<PathBuf>> {
    let name = pattern.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (Some(prefix), Some(dir)) = (name.strip_suffix('*'), pattern.parent()) else {
        return Ok(vec![pattern.to_owned()]);
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// Builds the view as this process's root file system and detaches the old one. The process must have a mount namespace of
/// its own, whose mounts do not propagate.
pub(crate) fn enter(view: &View) -> Result<(), Error> {
    // Copies of what is to be shown are taken before anything is mounted over its path.
    let sources = view.binds().at(Step::BuildRoot)?;
    let mut trees = Vec::new();
    for (source, target) in sources {
        let meta = source.symlink_metadata().at_path(Step::BuildRoot, &source)?;
        if meta.is_symlink() {
            trees.push((Tree::Link(fs::read_link(&source).at_path(Step::BuildRoot, &source)?), target));
        } else {
            trees.push((Tree::Mount { tree: read_only(&source, MOUNT_ATTR_NODEV)?, directory: meta.is_dir() }, target));
        }
    }
    let mut devices = Vec::new();
    for (name, minor) in DEVICES {
        let path = Path::new("/dev").join(name);
        let device = read_only(&path, 0)?;
        check_device(&device, *minor).at_path(Step::BuildRoot, &path)?;
        devices.push((device, Path::new("dev").join(name)));
    }

    let root = Path::new("/tmp");
    let new = sys::detached_mount(
        c"tmpfs",
        &[(c"size", c"256k"), (c"nr_inodes", c"512"), (c"mode", c"755")],
        MOUNT_ATTR_NOSUID,
    )
    .at_path(Step::BuildRoot, "/")?;
    sys::attach_mount(new.as_fd(), c"/tmp").at_path(Step::BuildRoot, "/")?;
    for name in MOUNT_POINTS {
        fs::create_dir_all(root.join(name)).at_path(Step::BuildRoot, Path::new("/").join(name))?;
    }
    for (tree, target) in trees {
        tree.place(&root.join(&target)).at_path(Step::BuildRoot, Path::new("/").join(target))?;
    }
    for (device, target) in devices {
        Tree::Mount { tree: device, directory: false }
            .place(&root.join(&target))
            .at_path(Step::BuildRoot, Path::new("/").join(target))?;
    }
    for (name, target) in [
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
    ] {
        std::os::unix::fs::symlink(target, root.join("dev").join(name)).at_path(Step::BuildRoot, name)?;
    }
    if view.image == Image::Host {
        write_etc(root)?;
    }
    // A new /proc may be mounted in a user namespace only where one is visible already.
    mount(
        Some("proc"),
        &root.join("proc"),
        Some("proc"),
        MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC,
        None::<&str>,
    )
    .at_path(Step::MountProc, "/proc")?;

    nix::unistd::chdir(root).at(Step::PivotRoot)?;
    nix::unistd::pivot_root(".", ".").at(Step::PivotRoot)?;
    if on(Defence::DetachOldRoot) {
        umount2(".", MntFlags::MNT_DETACH).at(Step::PivotRoot)?;
    }
    nix::unistd::chdir("/").at(Step::PivotRoot)?;
    let mut flags = MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    flags.set(MsFlags::MS_RDONLY, on(Defence::ReadOnlyRoot));
    mount(None::<&str>, "/", None::<&str>, flags, None::<&str>).at_path(Step::SealRoot, "/")
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

fn write_etc(root: &Path) -> Result<(), Error> {
    for (name, text) in [
        ("passwd", "root:x:0:0:root:/:/bin/false\nrunner:x:1000:1000:runner:/tmp:/bin/sh\n"),
        ("group", "root:x:0:\nrunner:x:1000:\n"),
        ("hosts", "127.0.0.1 localhost\n"),
    ] {
        let path = root.join("etc").join(name);
        fs::write(&path, text).at_path(Step::BuildRoot, &path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).at_path(Step::BuildRoot, &path)?;
    }
    Ok(())
}

enum Tree {
    Link(PathBuf),
    Mount { tree: OwnedFd, directory: bool },
}

impl Tree {
    fn place(&self, target: &Path) -> io::Result<()> {
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        match self {
            Self::Link(to) => std::os::unix::fs::symlink(to, target),
            Self::Mount { tree, directory } => {
                if *directory {
                    fs::create_dir_all(target)?;
                } else {
                    fs::File::create(target)?;
                }
                sys::attach_mount(tree.as_fd(), &CString::new(target.as_os_str().as_bytes())?)
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
