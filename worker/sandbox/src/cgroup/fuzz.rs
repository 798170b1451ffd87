//! Damaged files of control groups: what is read of them is a number that is there, or an error that names the file.

use std::fs;
use std::path::Path;

use super::detect::mounted;
use super::files::Dirs;
use super::session::owner_lives;
use super::{GroupLimits, Place, Places, RunGroup, Version};
use crate::damage::Damage;

const LIMITS: GroupLimits = GroupLimits { memory_bytes: 1 << 20, pids: 1 };

fn nothing(_: &mut [u8]) {}

const WORDS: &[&str] = &[
    "max",
    "oom_kill",
    "oom_kill 1",
    "usage_usec",
    "user_usec",
    "usage_usec 18446744073709551615",
    "\r\n",
    "\t",
    "0x10",
    "+5",
    "12-34",
];

const FILES: &[(Version, &str, &str)] = &[
    (Version::V2, "memory.events", "low 0\nhigh 0\nmax 12\noom 1\noom_kill 1\noom_group_kill 1\n"),
    (Version::V2, "cpu.stat", "usage_usec 5321\nuser_usec 5000\nsystem_usec 321\nnr_periods 0\n"),
    (Version::V2, "memory.peak", "1048576\n"),
    (Version::V2, "pids.peak", "3\n"),
    (Version::V2, "pids.events", "max 2\n"),
    (Version::V2, "cgroup.threads", "17\n18\n0\n"),
    (Version::V1, "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n"),
    (Version::V1, "cpuacct.usage", "532100\n"),
    (Version::V1, "cpuacct.usage_user", "500000\n"),
    (Version::V1, "memory.limit_in_bytes", "1048576\n"),
    (Version::V1, "memory.max_usage_in_bytes", "1048576\n"),
    (Version::V1, "memory.failcnt", "0\n"),
    (Version::V1, "pids.events", "max 2\n"),
    (Version::V1, "tasks", "17\n18\n"),
];

fn group(version: Version, dir: &Path) -> RunGroup {
    let place = || Place { version, path: dir.to_owned() };
    let places = Places { unified: None, memory: place(), pids: place(), cpu: place() };
    RunGroup { places, dirs: Dirs::default(), opened: Vec::new() }
}

#[test]
fn counters() {
    let dirs = [Version::V1, Version::V2].map(|version| (version, tempfile::tempdir().expect("a directory")));
    let dir = |wanted| dirs.iter().find(|(version, _)| *version == wanted).expect("both are there").1.path();
    for (version, name, content) in FILES {
        fs::write(dir(*version).join(name), content).expect("a file");
    }
    for (version, dir) in &dirs {
        let group = group(*version, dir.path());
        let counters = group.counters(LIMITS).expect("good files");
        assert_eq!((counters.oom_kills, counters.memory_limit_reached, counters.pids_limit_hits), (1, true, 2));
        assert!(group.threads().expect("good files").len() >= 2);
    }
    let seeds = FILES.iter().map(|(_, _, content)| content.as_bytes().to_vec()).collect();
    Damage { seeds, words: WORDS, mend: nothing }.check(|index, bytes| {
        let (version, name, content) = FILES[index];
        fs::write(dir(version).join(name), bytes).expect("a file");
        let group = group(version, dir(version));
        let results = [group.counters(LIMITS).map(drop), group.threads().map(drop), group.cpu_us().map(drop)];
        fs::write(dir(version).join(name), content).expect("a file");
        for error in results.into_iter().filter_map(Result::err) {
            assert!(error.target.as_ref().is_some_and(|path| path.ends_with(name)), "{name}: {error}");
        }
    });
}

#[test]
fn mounts_and_names_of_sessions() {
    let seeds: Vec<Vec<u8>> = vec![
        b"24 1 0:21 / /sys/fs/cgroup/unified rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n\
          25 1 0:22 / /sys/fs/cgroup/cpu\\040x rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
            .to_vec(),
        b"4711-123456-2".to_vec(),
    ];
    Damage { seeds, words: &["cgroup", "cgroup2", " - ", "\\040", "\\777", "\\1", "-"], mend: nothing }.check(
        |_, bytes| {
            let text = String::from_utf8_lossy(bytes);
            let (v2, v1) = mounted(&text);
            assert!(v2.iter().chain(v1.iter().map(|(path, _)| path)).all(|path| path.as_os_str().len() <= text.len()));
            assert!(!owner_lives(&text) || text.contains('-'));
        },
    );
}
