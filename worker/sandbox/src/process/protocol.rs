//! What worker, launcher, init and program say to each other.
//!
//! Worker, launcher, and the program's process until it executes the command exchange JSON messages with descriptors over
//! sequenced-packet sockets. A launcher makes a sandbox ready, and gives it to the worker, which sends the request to the program's process.
//! Init and program write records of a fixed size into the run's status pipe, which the worker
//! reads; the program's end of it closes when it executes the command, so nothing untrusted can write there.

use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, OwnedFd};

use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recv, recvmsg, sendmsg};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::sys::{self, Filter};
use crate::cgroup::{GroupLimits, Places};
use crate::container::View;
use crate::error::{Error, Step, WireError};
use crate::security::Profile;
use crate::workspace::Size;

/// Larger than any request: the arguments and environment of a command are checked against it before they are sent.
pub(crate) const MAX_MESSAGE: usize = 160 << 10;

/// No message brings more descriptors.
const MOST_FDS: usize = 16;

/// A request brings two and the files that are shown, a sandbox six and those of its counters.
const _: () = assert!(2 + crate::workspace::MOST_SHOWN <= MOST_FDS && 6 + crate::cgroup::MOST_COUNTERS <= MOST_FDS);

/// The first message to a launcher, which builds the root file system while the worker makes control groups.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Ground {
    pub(crate) view: View,
    /// The only CPU of the slot, if it has one.
    pub(crate) cpu: Option<u32>,
    #[cfg(debug_assertions)]
    pub(crate) switches: crate::defence::Switches,
}

/// The second message to it: what stays the same for all its runs. A descriptor of each directory of `groups` travels with it, in
/// their order.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Setup {
    pub(crate) filters: Vec<(Profile, Filter)>,
    pub(crate) init_filter: Filter,
    pub(crate) ids: Ids,
    pub(crate) groups: Places,
}

/// Any further message to it: the counters of the last run have been read, so that its groups can go and the next sandbox be made
/// ready.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Next {
    /// What the next run is likely to get, so that it need not be given when there is somebody who waits.
    pub(crate) room: Option<Room>,
    /// The work directory that it is likely to want.
    pub(crate) work: Option<Size>,
}

/// How much room a run has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Room {
    pub(crate) group: GroupLimits,
    /// Bytes and files of `/tmp` and `/dev/shm`, each.
    pub(crate) tmp_bytes: u64,
    pub(crate) tmp_inodes: u64,
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

/// One run. The descriptors that travel with it to the program's process, in order: standard input, work mount, and the files that are
/// shown.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) argv: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) profile: Profile,
    pub(crate) file_bytes: u64,
    pub(crate) cpu_seconds: u64,
    pub(crate) room: Room,
    /// Where in the work directory files are shown.
    pub(crate) shown: Vec<String>,
}

/// As many descriptors as a message should have brought.
///
/// # Errors
/// Another number of them.
pub(crate) fn exactly<const N: usize>(fds: Vec<OwnedFd>) -> Result<[OwnedFd; N], Error> {
    fds.try_into().map_err(|fds: Vec<OwnedFd>| {
        let error = io::Error::other(format!("{} descriptors arrived instead of {N}", fds.len()));
        Error::new(Step::TalkToLauncher, error)
    })
}

/// What a launcher says, and on another socket a sandbox.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Reply {
    /// The launcher: there is an init for a run. Along come its pidfd, the socket that takes the request, what the run tells, its standard
    /// output and error, the work directory, and the counters.
    Cloned {
        number: u64,
        /// Whether there is a work directory.
        work: bool,
        /// Which counters: places in the list of [`RunGroup::counter_files`](crate::cgroup::RunGroup::counter_files).
        counters: Vec<usize>,
    },
    /// The program's process: it waits for the request.
    Ready,
    /// The init is dead and reaped, and with it every process of the run.
    Finished,
    /// No sandbox can be made, or one not be cleared away. Who says so ends.
    Failed(WireError),
}

/// [`Reply::Finished`] as it is sent, which takes nothing from the heap.
pub(super) const FINISHED: &[u8] = br#""Finished""#;

/// A failure, sent by who must not use the heap: somebody was killed who did.
pub(super) const LOST: &[u8] =
    br#"{"Failed":{"step":"LoseInit","target":null,"errno":null,"message":"it was killed while it used the memory that it has with its launcher"}}"#;

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

/// A message as it is sent.
///
/// # Errors
/// It is larger than [`MAX_MESSAGE`] (`E2BIG`).
pub(crate) fn encoded(message: &impl Serialize) -> Result<Vec<u8>, Error> {
    let bytes =
        serde_json::to_vec(message).map_err(|error| Error::new(Step::TalkToLauncher, io::Error::other(error)))?;
    if bytes.len() > MAX_MESSAGE {
        return Err(Error::new(Step::TalkToLauncher, io::Error::from_raw_os_error(libc::E2BIG)));
    }
    Ok(bytes)
}

/// Sends one message with descriptors.
pub(crate) fn send(socket: BorrowedFd<'_>, message: &impl Serialize, fds: &[BorrowedFd<'_>]) -> Result<(), Error> {
    send_encoded(socket, &encoded(message)?, fds)
}

/// The same with a message that is encoded already.
pub(crate) fn send_encoded(socket: BorrowedFd<'_>, message: &[u8], fds: &[BorrowedFd<'_>]) -> Result<(), Error> {
    let raw: Vec<_> = fds.iter().map(std::os::fd::AsRawFd::as_raw_fd).collect();
    let control = [ControlMessage::ScmRights(&raw)];
    let control = if raw.is_empty() { &control[..0] } else { &control[..] };
    sendmsg::<()>(socket.as_raw_fd(), &[IoSlice::new(message)], control, MsgFlags::MSG_NOSIGNAL, None)
        .map_err(|error| Error::new(Step::TalkToLauncher, error))?;
    Ok(())
}

/// Gives the init what listens to the filter, if there is that ([`sys::receive_descriptor`]).
pub(crate) fn hand_over(init: &OwnedFd, listener: Option<&OwnedFd>) -> io::Result<()> {
    let fds: Vec<_> = listener.map(OwnedFd::as_fd).into_iter().collect();
    send_encoded(init.as_fd(), b"h", &fds).map_err(|error| error.source)
}

/// Receives one message with its descriptors; `None` if the other side is gone.
pub(crate) fn receive<T: DeserializeOwned>(socket: BorrowedFd<'_>) -> Result<Option<(T, Vec<OwnedFd>)>, Error> {
    let Some((bytes, fds)) = receive_encoded(socket)? else { return Ok(None) };
    Ok(Some((decoded(&bytes)?, fds)))
}

/// What a message says.
pub(crate) fn decoded<T: DeserializeOwned>(message: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(message).map_err(|error| Error::new(Step::TalkToLauncher, io::Error::other(error)))
}

/// Waits for a message, without the heap, and returns its length; `None` if the other side is gone.
pub(super) fn next_length(socket: BorrowedFd<'_>) -> io::Result<Option<usize>> {
    loop {
        match recv(socket.as_raw_fd(), &mut [0], MsgFlags::MSG_PEEK | MsgFlags::MSG_TRUNC) {
            Ok(0) | Err(nix::errno::Errno::ECONNRESET) => return Ok(None),
            Ok(length) => return Ok(Some(length)),
            Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// A message that is not decoded, with its descriptors.
type Encoded = (Vec<u8>, Vec<OwnedFd>);

/// The same as [`receive`] with a message that is not decoded.
pub(crate) fn receive_encoded(socket: BorrowedFd<'_>) -> Result<Option<Encoded>, Error> {
    match next_length(socket).map_err(|error| Error::new(Step::TalkToLauncher, error))? {
        Some(length) => receive_of(length, socket),
        None => Ok(None),
    }
}

/// The same with a message of this length.
pub(super) fn receive_of(length: usize, socket: BorrowedFd<'_>) -> Result<Option<Encoded>, Error> {
    let fail = |error: io::Error| Error::new(Step::TalkToLauncher, error);
    let mut bytes = vec![0; length];
    let mut space = nix::cmsg_space!([std::os::fd::RawFd; MOST_FDS]);
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
    bytes.truncate(length);
    Ok((length > 0).then_some((bytes, fds)))
}

#[cfg(test)]
mod tests {
    use super::{FINISHED, Ids, LOST, Record, Reply, Step, WireError, decoded, encoded, exactly};

    #[test]
    fn what_is_sent_without_the_heap_is_what_every_message_is() {
        assert_eq!(encoded(&Reply::Finished).expect("short"), FINISHED);
        let lost: Reply = decoded(LOST).expect("a message");
        assert!(matches!(&lost, Reply::Failed(WireError { step: Step::LoseInit, .. })), "{lost:?}");
        assert_eq!(encoded(&lost).expect("short"), LOST);
    }

    #[test]
    fn another_number_of_descriptors_than_announced_is_an_error() {
        let null = || std::fs::File::open("/dev/null").expect("/dev/null").into();
        let some = |count: usize| (0..count).map(|_| null()).collect::<Vec<std::os::fd::OwnedFd>>();
        assert!(exactly::<5>(some(5)).is_ok());
        for count in [0, 4, 6] {
            assert!(exactly::<5>(some(count)).is_err());
        }
    }

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
