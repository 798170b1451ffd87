//! What worker, launcher, init and program say to each other.
//!
//! Worker and launcher exchange JSON messages with descriptors over one sequenced-packet socket. Init and program write
//! records of a fixed size into the run's status pipe, which the worker reads; the program's end of it closes when it
//! executes the command, so nothing untrusted can write there.

use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd as _, BorrowedFd, OwnedFd};
use std::path::PathBuf;

use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::sys;
use crate::container::View;
use crate::error::{Error, Step, WireError};
use crate::security::Profile;

/// Larger than any request: the arguments and environment of a command are checked against it before they are sent.
pub(crate) const MAX_MESSAGE: usize = 160 << 10;

/// The first message to a launcher: what stays the same for all its runs. The version 2 group of their inits travels with it,
/// if there is one.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Setup {
    pub(crate) view: View,
    pub(crate) filters: Vec<(Profile, Vec<u8>)>,
    pub(crate) init_filter: Vec<u8>,
    pub(crate) ids: Ids,
    /// The only CPU of the slot, if it has one.
    pub(crate) cpu: Option<u32>,
    #[cfg(debug_assertions)]
    pub(crate) switches: crate::defence::Switches,
}

/// The host's user ids of a slot, and what they are called inside.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Ids {
    pub(crate) init: u32,
    pub(crate) program: u32,
}

impl Ids {
    /// The init's id inside the run.
    pub(crate) const INIT_INSIDE: u32 = 999;
    /// The program's id inside the run.
    pub(crate) const PROGRAM_INSIDE: u32 = 1000;

    /// The ids of the slot whose control group has this number. The next number is that of a file in the group, so that no
    /// other slot has it, and all of them fit above the ids that people are given.
    pub(crate) fn of_group(number: u64) -> Self {
        const BASE: u32 = 1 << 31;
        let [.., a, b, c, d] = number.to_be_bytes();
        let low = u32::from_be_bytes([a, b, c, d]) % (BASE - 2);
        Self { init: BASE + low, program: BASE + low + 1 }
    }
}

/// One run. The descriptors that travel with it, in order: status pipe, standard input, output and error, work mount, then
/// the version 2 group of the program if `unified`, then the version 1 `tasks` files.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) argv: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) profile: Profile,
    pub(crate) file_bytes: u64,
    pub(crate) cpu_seconds: u64,
    pub(crate) tmp_bytes: u64,
    pub(crate) inodes: u64,
    pub(crate) unified: bool,
    /// How many `tasks` files come.
    pub(crate) tasks: usize,
}

/// What a launcher answers.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Reply {
    /// The root is built; requests may come.
    Ready,
    /// The run's init lives; its pidfd comes along.
    Started,
    /// The init is dead and reaped, and with it every process of the run.
    Finished,
    Failed(WireError),
}

/// A record of the status pipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    /// A step failed: its number and the errno.
    Failed { step: u32, errno: i32 },
    /// The program is about to execute the command: its own CPU time so far, which is not the command's, and the time.
    Starting { user_us: u64, system_us: u64, monotonic_ns: u64 },
    /// A process of the run made a forbidden system call, for which all were killed. It may be one of another architecture.
    Forbidden { call: i32, foreign: bool, context_switches: u64, monotonic_ns: u64 },
    /// The program's process ended.
    Ended { status: i32, context_switches: u64, monotonic_ns: u64 },
}

impl Record {
    pub(crate) const SIZE: usize = 32;

    pub(crate) fn to_bytes(self) -> [u8; Self::SIZE] {
        let words: [u64; 4] = match self {
            Self::Failed { step, errno } => [1, step.into(), u64::from(errno.cast_unsigned()), 0],
            Self::Starting { user_us, system_us, monotonic_ns } => [2, user_us, system_us, monotonic_ns],
            Self::Ended { status, context_switches, monotonic_ns } => {
                [3, u64::from(status.cast_unsigned()), context_switches, monotonic_ns]
            }
            Self::Forbidden { call, foreign, context_switches, monotonic_ns } => {
                [if foreign { 5 } else { 4 }, u64::from(call.cast_unsigned()), context_switches, monotonic_ns]
            }
        };
        let mut bytes = [0; Self::SIZE];
        for (chunk, word) in bytes.chunks_exact_mut(8).zip(words) {
            chunk.copy_from_slice(&word.to_ne_bytes());
        }
        bytes
    }

    /// The record in these bytes; `None` if they are none.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut words = bytes.chunks_exact(8).map(|chunk| u64::from_ne_bytes(chunk.try_into().unwrap_or_default()));
        let (kind, a, b, c) = (words.next()?, words.next()?, words.next()?, words.next()?);
        let low = |word: u64| u32::try_from(word).ok();
        Some(match kind {
            1 => Self::Failed { step: low(a)?, errno: low(b)?.cast_signed() },
            2 => Self::Starting { user_us: a, system_us: b, monotonic_ns: c },
            3 => Self::Ended { status: low(a)?.cast_signed(), context_switches: b, monotonic_ns: c },
            4 | 5 => Self::Forbidden {
                call: low(a)?.cast_signed(),
                foreign: kind == 5,
                context_switches: b,
                monotonic_ns: c,
            },
            _ => return None,
        })
    }

    /// Writes the record in one piece, which a pipe keeps whole.
    pub(crate) fn send(self, pipe: &OwnedFd) -> io::Result<()> {
        let written = nix::unistd::write(pipe, &self.to_bytes())?;
        if written == Self::SIZE { Ok(()) } else { Err(io::Error::from(io::ErrorKind::WriteZero)) }
    }
}

/// An error of init or program as a record.
pub(crate) fn failure(error: &Error) -> Record {
    let errno = error.source.raw_os_error().unwrap_or(0);
    Record::Failed { step: error.step as u32, errno }
}

/// CLOCK_MONOTONIC in nanoseconds.
pub(crate) fn monotonic_ns() -> u64 {
    let now = nix::time::clock_gettime(nix::time::ClockId::CLOCK_MONOTONIC);
    now.map_or(0, |now| now.tv_sec().cast_unsigned() * 1_000_000_000 + now.tv_nsec().cast_unsigned())
}

/// Sends one message with descriptors.
pub(crate) fn send(socket: BorrowedFd<'_>, message: &impl Serialize, fds: &[BorrowedFd<'_>]) -> Result<(), Error> {
    let bytes =
        serde_json::to_vec(message).map_err(|error| Error::new(Step::TalkToLauncher, io::Error::other(error)))?;
    if bytes.len() > MAX_MESSAGE {
        let error = io::Error::from_raw_os_error(libc::E2BIG);
        return Err(Error::new(Step::TalkToLauncher, error));
    }
    let raw: Vec<_> = fds.iter().map(std::os::fd::AsRawFd::as_raw_fd).collect();
    let control = [ControlMessage::ScmRights(&raw)];
    let control = if raw.is_empty() { &control[..0] } else { &control[..] };
    let flags = MsgFlags::MSG_NOSIGNAL;
    sendmsg::<()>(socket.as_raw_fd(), &[IoSlice::new(&bytes)], control, flags, None)
        .map_err(|error| Error::new(Step::TalkToLauncher, error))?;
    Ok(())
}

/// Hands a descriptor from the program to its init, or tells that there is none.
pub(crate) fn hand_over(socket: &OwnedFd, fd: Option<&OwnedFd>) -> io::Result<()> {
    let raw: Vec<_> = fd.iter().map(|fd| fd.as_raw_fd()).collect();
    let control = [ControlMessage::ScmRights(&raw)];
    let control = if raw.is_empty() { &control[..0] } else { &control[..] };
    sendmsg::<()>(socket.as_raw_fd(), &[IoSlice::new(b"l")], control, MsgFlags::MSG_NOSIGNAL, None)?;
    Ok(())
}

/// Takes what [`hand_over`] sent; nothing either if the program is gone.
pub(crate) fn take_over(socket: &OwnedFd) -> io::Result<Option<OwnedFd>> {
    let mut byte = [0];
    let mut parts = [IoSliceMut::new(&mut byte)];
    let mut space = nix::cmsg_space!(std::os::fd::RawFd);
    let message = recvmsg::<()>(socket.as_raw_fd(), &mut parts, Some(&mut space), MsgFlags::MSG_CMSG_CLOEXEC)?;
    if message.flags.contains(MsgFlags::MSG_CTRUNC) {
        return Err(io::Error::from_raw_os_error(libc::EMFILE));
    }
    for control in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(received) = control {
            return Ok(sys::take_received(&received).pop());
        }
    }
    Ok(None)
}

/// Receives one message with its descriptors; `None` if the other side is gone.
pub(crate) fn receive<T: DeserializeOwned>(socket: BorrowedFd<'_>) -> Result<Option<(T, Vec<OwnedFd>)>, Error> {
    let fail = |error: io::Error| Error::new(Step::TalkToLauncher, error);
    let mut bytes = vec![0; MAX_MESSAGE];
    let mut space = nix::cmsg_space!([std::os::fd::RawFd; 16]);
    let (length, fds) = loop {
        let mut parts = [IoSliceMut::new(&mut bytes)];
        match recvmsg::<()>(socket.as_raw_fd(), &mut parts, Some(&mut space), MsgFlags::MSG_CMSG_CLOEXEC) {
            Ok(message) => {
                let mut fds = Vec::new();
                for control in message.cmsgs().map_err(|error| fail(error.into()))? {
                    if let ControlMessageOwned::ScmRights(received) = control {
                        fds.extend(sys::take_received(&received));
                    }
                }
                if message.flags.contains(MsgFlags::MSG_CTRUNC) {
                    // The kernel dropped some, for want of room here or of descriptors in this process.
                    return Err(fail(io::Error::from_raw_os_error(libc::EMFILE)));
                }
                break (message.bytes, fds);
            }
            Err(nix::errno::Errno::EINTR) => {}
            Err(nix::errno::Errno::ECONNRESET) => return Ok(None),
            Err(error) => return Err(fail(error.into())),
        }
    };
    if length == 0 {
        return Ok(None);
    }
    let message = serde_json::from_slice(&bytes[..length]).map_err(|error| fail(io::Error::other(error)))?;
    Ok(Some((message, fds)))
}

/// A path that a message names, for errors.
pub(crate) fn shown(argument: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(argument).into_owned())
}

#[cfg(test)]
mod tests {
    use super::{Ids, Record};

    #[test]
    fn the_ids_of_a_slot_are_two_and_those_of_nobody_else() {
        for number in [0, 1, 230_276, u64::from(u32::MAX >> 1) - 2, u64::from(u32::MAX), u64::MAX] {
            let ids = Ids::of_group(number);
            assert!(ids.init >= 1 << 31 && ids.program == ids.init + 1 && ids.program < u32::MAX, "{number}: {ids:?}");
        }
    }

    #[test]
    fn records_come_back_as_they_were_and_noise_does_not() {
        for record in [
            Record::Failed { step: 27, errno: 1 },
            Record::Starting { user_us: 5, system_us: 6, monotonic_ns: u64::MAX },
            Record::Forbidden { call: 101, foreign: false, context_switches: 9, monotonic_ns: 1 },
            Record::Forbidden { call: -1, foreign: true, context_switches: 9, monotonic_ns: 1 },
            Record::Ended { status: 0x8b, context_switches: 9, monotonic_ns: 1 },
        ] {
            assert_eq!(Record::from_bytes(&record.to_bytes()), Some(record));
        }
        assert_eq!(Record::from_bytes(&[0; 32]), None);
        assert_eq!(Record::from_bytes(&[1; 7]), None);
    }
}
