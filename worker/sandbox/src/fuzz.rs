//! What crosses a process: damaged messages between worker and launcher, and damaged records of the status pipe.

use std::os::fd::AsFd as _;
use std::path::PathBuf;

use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};
use serde::de::DeserializeOwned;

use crate::cgroup::{GroupLimits, Place, Places, Version};
use crate::container::{Image, View};
use crate::damage::Damage;
use crate::error::{Step, WireError};
use crate::process::protocol::{Ground, Ids, MAX_MESSAGE, Next, Record, Reply, Request, Room, Setup, receive};
use crate::process::sys::Filter;
use crate::security::Profile;

fn places() -> Places {
    let place = |version| Place { version, path: PathBuf::from("/sys/fs/cgroup/assay/1-2/slot0") };
    let (memory, pids, cpu) = (place(Version::V1), place(Version::V1), place(Version::V2));
    Places { unified: Some(cpu.path.clone()), memory, pids, cpu }
}

fn nothing(_: &mut [u8]) {}

fn seeds() -> Vec<Vec<u8>> {
    let view = View { image: Image::Directory(PathBuf::from("/image")), read_only: vec![PathBuf::from("/opt/x")] };
    let ground = Ground {
        view,
        cpu: Some(3),
        #[cfg(debug_assertions)]
        switches: crate::defence::Switches::get(),
    };
    let setup = Setup {
        filters: vec![(Profile::Run, Filter::of_bytes(&[1, 2, 255, 0, 0, 0, 0, 9]))],
        init_filter: Filter::of_bytes(&[3; 8]),
        ids: Ids::of_group(7),
        groups: places(),
    };
    let request = Request {
        argv: vec!["/work/program".to_owned(), "\u{e9}\"".to_owned()],
        env: vec![("PATH".to_owned(), "/bin".to_owned())],
        profile: Profile::Compile,
        file_bytes: u64::MAX,
        cpu_seconds: 12,
        room: Room { group: GroupLimits { memory_bytes: 1 << 26, pids: 64 }, tmp_bytes: 1 << 20, tmp_inodes: 100 },
        shown: vec!["program".to_owned()],
    };
    let failed = WireError::from(&crate::Error::new(Step::MapIds, std::io::Error::from_raw_os_error(libc::EPERM)));
    let mut seeds = vec![
        serde_json::to_vec(&ground).expect("JSON"),
        serde_json::to_vec(&setup).expect("JSON"),
        serde_json::to_vec(&request).expect("JSON"),
    ];
    let next = Next { room: Some(request.room), work: None };
    seeds.push(serde_json::to_vec(&next).expect("JSON"));
    for reply in [
        Reply::Cloned { number: 7, work: true, counters: vec![0, 1, 4] },
        Reply::Ready,
        Reply::Finished,
        Reply::Failed(failed),
    ] {
        seeds.push(serde_json::to_vec(&reply).expect("JSON"));
    }
    seeds
}

/// What comes out of the socket when these bytes were put in: the message, nothing, or an error that says something.
fn received<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (ours, theirs) =
        socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC).expect("a pair of sockets");
    nix::unistd::write(&theirs, bytes).expect("sent");
    match receive::<T>(ours.as_fd()) {
        Ok(received) => received.map(|(message, fds)| {
            assert!(fds.is_empty());
            message
        }),
        Err(error) => {
            assert!(error.to_string().len() > 8, "{error}");
            None
        }
    }
}

#[test]
fn messages_of_launchers() {
    let words = &[
        "\"Ready\"",
        "{\"Failed\":",
        "null",
        "true",
        "[[[[[[",
        "\"argv\":[",
        "\"V2\"",
        "\"unified\":",
        "\"Host\"",
        "run",
        "compile",
    ];
    let seeds = seeds();
    assert!(received::<Ground>(&seeds[0]).is_some() && received::<Setup>(&seeds[1]).is_some());
    assert!(received::<Request>(&seeds[2]).is_some());
    assert!(received::<Next>(&seeds[3]).is_some_and(|next| next.room.is_some()));
    assert!(seeds[4..].iter().all(|seed| received::<Reply>(seed).is_some()));
    Damage { seeds, words, mend: nothing }.check(|index, bytes| {
        let bytes = &bytes[..bytes.len().min(MAX_MESSAGE)];
        match index {
            0 => drop(received::<Ground>(bytes)),
            1 => drop(received::<Setup>(bytes)),
            2 => drop(received::<Request>(bytes)),
            3 => drop(received::<Next>(bytes)),
            _ => {
                if let Some(Reply::Failed(error)) = received(bytes) {
                    assert!(crate::Error::from(error).to_string().len() > 8);
                }
            }
        }
    });
}

#[test]
fn records_of_the_status_pipe() {
    let seeds = [
        Record::Failed { step: 27, errno: -1 },
        Record::Starting { user_us: 5, system_us: u64::MAX, monotonic_ns: 1 },
        Record::Forbidden { call: 101, foreign: false, context_switches: 9, monotonic_ns: 1 },
        Record::Ended { status: 0x8b, context_switches: 9, monotonic_ns: u64::MAX },
    ];
    let seeds = seeds.map(|record| record.to_bytes().to_vec()).to_vec();
    Damage { seeds, words: &["\x01", "\x02", "\x03", "\x04", "\x7f"], mend: nothing }.check(|_, bytes| {
        if let Some(record) = Record::from_bytes(bytes) {
            assert!(bytes.len() >= Record::SIZE);
            assert_eq!(Record::from_bytes(&record.to_bytes()), Some(record));
        }
    });
}
