//! What a program may do: capabilities (none), resource limits, and the system call filter.
//!
//! The filter is compiled once, in the worker; the bootstrap only installs it. Nothing here knows processes.

mod bpf;
#[cfg(test)]
mod checker;
pub(crate) mod seccomp;
mod table;

#[cfg(debug_assertions)]
pub use table::refused_groups;

pub(crate) use table::Policy;

use caps::{CapSet, Capability};
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};

use crate::defence::{Defence, on};
use crate::error::{At as _, Error, Step};
use crate::process::sys;

/// Which system call filter a run gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// The strict allow-list.
    #[default]
    Run,
    /// The same with what linkers and build tools need: `flock` and `copy_file_range`.
    Compile,
    /// A deny-list: everything but what reaches beyond the run. It protects less, for it allows what nobody thought of; for
    /// programs of a language that cannot do with less.
    Permissive,
}

impl Profile {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Run, Self::Compile, Self::Permissive];
}

/// Empties the bounding and ambient sets and locks the rules by which a user id could give capabilities back. To be called
/// while `CAP_SETPCAP` is still there; see capabilities(7).
pub(crate) fn forbid_capabilities() -> Result<(), Error> {
    for number in 0..64 {
        match sys::prctl(libc::PR_CAPBSET_DROP, number) {
            // Beyond the kernel's last capability.
            Err(error) if number > 0 && error.raw_os_error() == Some(libc::EINVAL) => break,
            other => other.at(Step::DropCapabilities)?,
        };
    }
    caps::clear(None, CapSet::Ambient).map_err(capability_error)?;
    // securebits: NOROOT, NO_SETUID_FIXUP, NO_CAP_AMBIENT_RAISE, each with its lock, and KEEP_CAPS locked off.
    let bits = 0b1100_1111 | (1 << 5);
    sys::prctl(libc::PR_SET_SECUREBITS, bits).at(Step::DropCapabilities)?;
    Ok(())
}

/// Empties the remaining sets and reads all five back.
pub(crate) fn drop_capabilities() -> Result<(), Error> {
    sys::set_capabilities(0).at(Step::DropCapabilities)?;
    // What is in the ambient set is in the permitted and inheritable ones, too.
    if !sys::has_no_capabilities().at(Step::DropCapabilities)? {
        return Err(Error::new(Step::DropCapabilities, std::io::Error::other("a capability set is not empty")));
    }
    if sys::prctl(libc::PR_CAPBSET_READ, u64::from(Capability::CAP_SYS_ADMIN.index())).at(Step::DropCapabilities)? != 0
    {
        return Err(Error::new(Step::DropCapabilities, std::io::Error::other("the bounding set is not empty")));
    }
    Ok(())
}

/// Takes every capability but this, one of the first 32, from a process that executes nothing any more.
pub(crate) fn keep_capability(capability: Capability) -> Result<(), Error> {
    let kept = 1_u32.checked_shl(capability.index().into()).unwrap_or(0);
    sys::set_capabilities(kept).at(Step::DropCapabilities)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn capability_error(error: caps::errors::CapsError) -> Error {
    Error::new(Step::DropCapabilities, std::io::Error::other(error.to_string()))
}

/// Resources whose limit a run names.
const NAMED: [Resource; 2] = [Resource::RLIMIT_FSIZE, Resource::RLIMIT_CPU];

/// Resources with the same limit in every run.
const FIXED: [(Resource, u64); 6] = [
    (Resource::RLIMIT_NOFILE, 256),
    (Resource::RLIMIT_MEMLOCK, 64 << 10),
    (Resource::RLIMIT_MSGQUEUE, 0),
    (Resource::RLIMIT_NICE, 0),
    (Resource::RLIMIT_RTPRIO, 0),
    (Resource::RLIMIT_SIGPENDING, 256),
];

/// Resources that the control group limits, or nothing. Of the stack, too: a limit of it would be the size of every thread's
/// (pthread_create(3)), of which a few would not fit into memory.
const UNLIMITED: [Resource; 6] = [
    Resource::RLIMIT_AS,
    Resource::RLIMIT_DATA,
    Resource::RLIMIT_LOCKS,
    Resource::RLIMIT_RSS,
    Resource::RLIMIT_RTTIME,
    Resource::RLIMIT_STACK,
];

/// More processes than a run may have.
const MANY_PROCESSES: u64 = 1 << 15;

/// Makes room for the limits that programs get, whatever limits the worker was started with. To be called in the launcher,
/// which may raise them if the worker has `CAP_SYS_RESOURCE`; the programs inherit what they do not set.
pub(crate) fn raise_rlimits() -> Result<(), Error> {
    UNLIMITED.into_iter().try_for_each(|resource| raise(resource, RLIM_INFINITY, RLIM_INFINITY))?;
    FIXED.into_iter().try_for_each(|(resource, value)| raise(resource, value, value))?;
    // Whether there is room for what a run names shows when it is set.
    NAMED.into_iter().try_for_each(|resource| raise(resource, RLIM_INFINITY, 0))?;
    // The user of a slot is nobody else's, so that a limit of its processes only has to be above the control group's.
    raise(Resource::RLIMIT_NPROC, RLIM_INFINITY, MANY_PROCESSES)?;
    // What is pending in a run counts for the launcher's user, too (user namespaces are nested), who is that of all slots.
    raise(Resource::RLIMIT_SIGPENDING, RLIM_INFINITY, 256)?;
    raise(Resource::RLIMIT_CORE, 1, 0)
}

/// Raises a limit to what is wanted, or as far as possible if that is enough.
fn raise(resource: Resource, wanted: u64, enough: u64) -> Result<(), Error> {
    let (soft, hard) = getrlimit(resource).at(Step::SetRlimit)?;
    let raised = match setrlimit(resource, soft.max(wanted), hard.max(wanted)) {
        Err(nix::errno::Errno::EPERM) if hard >= enough => setrlimit(resource, hard, hard),
        other => other,
    };
    raised.at_path(Step::SetRlimit, format!("{resource:?}"))
}

/// Sets the resource limits that all programs have, hard as soft. Memory and processes are the control group's business.
pub(crate) fn set_fixed_rlimits() -> Result<(), Error> {
    // One byte, not none: a core handler that is a pipe is not started for 1, and no file of one byte is made.
    let core = getrlimit(Resource::RLIMIT_CORE).map_or(0, |(_, hard)| hard.min(1));
    set_rlimits(FIXED.into_iter().chain([(Resource::RLIMIT_CORE, core)]))
}

/// Sets the resource limits of one run. That of CPU time is a net under the control group's account: whole seconds, and only of one
/// process.
pub(crate) fn set_named_rlimits(file_bytes: u64, cpu_seconds: u64) -> Result<(), Error> {
    set_rlimits(NAMED.into_iter().zip([file_bytes, cpu_seconds]))
}

fn set_rlimits(limits: impl Iterator<Item = (Resource, u64)>) -> Result<(), Error> {
    for (resource, value) in limits.filter(|(resource, _)| on(defence_of(*resource))) {
        setrlimit(resource, value, value).at_path(Step::SetRlimit, format!("{resource:?}"))?;
    }
    Ok(())
}

/// What a test turns off to do without this limit.
const fn defence_of(resource: Resource) -> Defence {
    match resource {
        Resource::RLIMIT_FSIZE => Defence::FileSizeLimit,
        Resource::RLIMIT_CPU => Defence::CpuTimeLimit,
        Resource::RLIMIT_NOFILE => Defence::OpenFilesLimit,
        Resource::RLIMIT_MEMLOCK => Defence::LockedMemoryLimit,
        Resource::RLIMIT_MSGQUEUE => Defence::MessageQueueLimit,
        Resource::RLIMIT_NICE => Defence::NiceLimit,
        Resource::RLIMIT_RTPRIO => Defence::RealTimeLimit,
        Resource::RLIMIT_SIGPENDING => Defence::PendingSignalsLimit,
        _ => Defence::CoreLimit,
    }
}
