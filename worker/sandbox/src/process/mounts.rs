//! What is mounted for each run alone: `/proc` and empty file systems ahead of time, the work directory when the request is known, and
//! then their sizes, too, if they are others than were likely.

use std::ffi::CString;
use std::os::fd::{AsFd as _, OwnedFd};

use nix::mount::{MsFlags, mount};

use super::protocol::{Request, Room};
use super::sys;
use crate::defence::{Defence, on};
use crate::error::{At as _, Error, Step};

pub(super) fn mount_proc() -> Result<(), Error> {
    let mut flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    flags.set(MsFlags::MS_RDONLY, on(Defence::ProcReadOnly));
    let options = [("subset=pid", Defence::ProcSubset), ("hidepid=2", Defence::ProcHidden)];
    let options = options.into_iter().filter(|(_, defence)| on(*defence)).map(|(option, _)| option);
    let options = options.collect::<Vec<_>>().join(",");
    mount(Some("proc"), "/proc", Some("proc"), flags, Some(options.as_str())).at_path(Step::MountProc, "/proc")
}

/// Where every run has an empty file system of its own.
const TEMPORARY: [&str; 2] = ["/tmp", "/dev/shm"];

/// Mounts them, with this room, or with none yet.
pub(super) fn mount_temporary(room: Option<Room>) -> Result<(), Error> {
    let options = format!("{},mode=1777", room.map_or_else(|| "size=4k,nr_inodes=1".to_owned(), size_options));
    TEMPORARY.into_iter().try_for_each(|place| {
        mount(Some("tmpfs"), place, Some("tmpfs"), temporary_flags(), Some(options.as_str()))
            .at_path(Step::MountTmp, place)
    })
}

/// Gives them the size that the run may use.
pub(super) fn size_temporary(room: Room) -> Result<(), Error> {
    let options = size_options(room);
    let flags = temporary_flags() | MsFlags::MS_REMOUNT;
    TEMPORARY.into_iter().try_for_each(|place| {
        mount(None::<&str>, place, None::<&str>, flags, Some(options.as_str())).at_path(Step::MountTmp, place)
    })
}

fn size_options(room: Room) -> String {
    // Zero is no bound at all (tmpfs(5)).
    let bytes = if on(Defence::TmpSize) { room.tmp_bytes } else { 0 };
    let inodes = if on(Defence::TmpInodes) { room.tmp_inodes } else { 0 };
    format!("size={bytes},nr_inodes={inodes}")
}

fn temporary_flags() -> MsFlags {
    if on(Defence::TmpFlags) { MsFlags::MS_NOSUID | MsFlags::MS_NODEV } else { MsFlags::empty() }
}

/// Attaches the work directory, and over their places in it the files that are shown.
pub(super) fn attach_work(request: &Request, work: &OwnedFd, shown: &[OwnedFd]) -> Result<(), Error> {
    let attach = |mount: &OwnedFd, path: String| {
        let target = CString::new(path.as_str()).at(Step::MountWork)?;
        sys::attach_mount(mount.as_fd(), &target).at_path(Step::MountWork, path)
    };
    attach(work, "/work".to_owned())?;
    if shown.len() != request.shown.len() {
        return Err(Error::new(Step::MountWork, std::io::Error::other("other files are shown than announced")));
    }
    shown.iter().zip(&request.shown).try_for_each(|(mount, path)| attach(mount, format!("/work/{path}")))
}
