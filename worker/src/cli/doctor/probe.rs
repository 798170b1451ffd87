//! The attacker of the self-test: this program, inside the sandbox, where it tries to get out and says how far it came. What it
//! says proves nothing by itself; the worker looks at it from outside. Everything it does has an end, also where nothing stops it.

use std::io::{BufRead as _, BufReader};
use std::net::{TcpStream, UdpSocket};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sched::CloneFlags;
use nix::sys::signal::{Signal, kill};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::cli::render;
use crate::exit::Exit;

/// Where the self-test puts this program. It attacks from nowhere else: on a host, some of it would do harm.
pub(super) const PLACE: &str = "/work/canary";

/// The file that a probe tries to make where it should not.
const FILE: &str = "assay-probe";

/// `words` are the name of the probe, what it is told, and last what marks the processes of this self-test.
pub(super) fn run(words: &[String]) -> Exit {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let number = |word: &str| word.parse::<u64>().unwrap_or_default();
    if let ["idle", ms, _] = words[..] {
        return idle(number(ms));
    }
    if std::env::current_exe().ok().as_deref() != Some(Path::new(PLACE)) {
        render::note("assay: this is for the inside of the sandbox; see assay doctor --self-test");
        return Exit::Usage;
    }
    match words[..] {
        ["hello", _] => said("hello"),
        ["posture", _] => said(&posture().to_string()),
        ["write", _] => said(&write().to_string()),
        ["links", secret, _] => links(Path::new(secret)),
        ["crowd", most, token] => said(&crowd(number(most), token).to_string()),
        ["daemon", token] => daemon(token),
        ["daemon-child", token] => daemon_child(token),
        ["signals", _] => said(&signals().to_string()),
        ["hog", mib, _] => hog(number(mib)),
        ["hog-child", mib, token] => hog_child(mib, token),
        ["burn", threads, ms, _] => burn(number(threads), number(ms)),
        ["flood", mib, _] => flood(number(mib)),
        ["connect", port, name, _] => said(&connect(number(port), name).to_string()),
        ["unshare", _] => said(&format!("BREACH: {:?}", nix::sched::unshare(CloneFlags::CLONE_NEWUSER))),
        _ => Exit::Usage,
    }
}

fn said(text: &str) -> Exit {
    render::line(text);
    Exit::Fine
}

fn idle(ms: u64) -> Exit {
    std::thread::sleep(Duration::from_millis(ms));
    said("BREACH: nobody stopped me")
}

/// This program again, as another probe.
fn another(words: &[&str]) -> Command {
    let mut command = Command::new(PLACE);
    command.args(["doctor", "--probe"]).args(words).stdin(Stdio::null()).stdout(Stdio::null());
    command
}

fn names(directory: &str) -> Vec<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// What the kernel says of this process, and what there is to see.
fn posture() -> Value {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let hidden = ["1/environ", "1/cmdline", "kallsyms", "kcore", "keys", "cmdline", "version", "sys", "sysrq-trigger"];
    let namespaces: serde_json::Map<String, Value> = names("/proc/self/ns")
        .into_iter()
        .filter_map(|name| {
            let link = std::fs::read_link(format!("/proc/self/ns/{name}")).ok()?;
            Some((name, link.to_string_lossy().into()))
        })
        .collect();
    json!({
        "status": read("/proc/self/status"), "mounts": read("/proc/self/mountinfo"), "limits": read("/proc/self/limits"),
        "cgroup": read("/proc/self/cgroup"), "proc": names("/proc"), "descriptors": names("/proc/self/fd"), "namespaces": namespaces,
        "environment": std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()).collect::<Vec<_>>(),
        "seen": hidden.into_iter().filter(|name| Path::new("/proc").join(name).symlink_metadata().is_ok()).collect::<Vec<_>>(),
    })
}

/// Tries to make a file in every directory that something is mounted on, and near the root, and to open files of the host.
fn write() -> Value {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let mut places: Vec<PathBuf> =
        mounts.lines().filter_map(|line| line.split(' ').nth(4)).map(PathBuf::from).collect();
    for above in ["/", "/usr", "/etc", "/usr/local", "/var"] {
        places.push(above.into());
        places.extend(names(above).into_iter().map(|name| Path::new(above).join(name)));
    }
    places.sort();
    places.dedup();
    let (mut written, mut opened) = (Vec::new(), Vec::new());
    let mut tried = 0;
    for place in places.iter().filter(|place| place.is_dir()) {
        let file = place.join(FILE);
        tried += 1;
        if std::fs::write(&file, "x").is_ok() {
            written.push(place.clone());
            drop(std::fs::remove_file(file));
        }
    }
    for file in ["/etc/passwd", "/etc/ld.so.cache", "/bin/sh", "/proc/self/oom_score_adj", "/proc/sys/kernel/hostname"]
    {
        tried += 1;
        if std::fs::OpenOptions::new().write(true).open(file).is_ok() {
            opened.push(file);
        }
    }
    json!({"tried": tried, "written": written, "opened": opened})
}

/// Leaves links where outputs should be: to a secret of the host, to its directory, and a second name of a file.
fn links(secret: &Path) -> Exit {
    use std::os::unix::fs::symlink;
    let made = std::fs::create_dir("out")
        .and_then(|()| std::fs::write("out/real", "real"))
        .and_then(|()| symlink(secret, "out/link"))
        .and_then(|()| symlink("/proc/self/environ", "out/environ"))
        .and_then(|()| symlink(secret.parent().unwrap_or(secret), "away"))
        .and_then(|()| std::fs::write("first", "two names"))
        .and_then(|()| std::fs::hard_link("first", "out/second"));
    match made {
        Ok(()) => said("made"),
        Err(error) => said(&format!("not made: {error}")),
    }
}

/// As many processes and threads as there may be.
fn crowd(most: u64, token: &str) -> Value {
    let processes: Vec<Child> = (0..3).map_while(|_| another(&["idle", "20000", token]).spawn().ok()).collect();
    let thread = |_| std::thread::Builder::new().spawn(|| std::thread::sleep(Duration::from_secs(20))).ok();
    let threads = (0..most).map_while(thread).count();
    json!({"processes": processes.len(), "threads": threads})
}

/// Leaves a process behind that is in a session of its own and holds an output.
fn daemon(token: &str) -> Exit {
    let mut word = String::new();
    let child = another(&["daemon-child", token]).stdout(Stdio::piped()).spawn();
    if let Ok(mut child) = child {
        if let Some(from) = child.stdout.take() {
            drop(BufReader::new(from).read_line(&mut word));
        }
        drop(child.wait());
    }
    said(if word == "up\n" { "left behind" } else { "there is no daemon" })
}

fn daemon_child(token: &str) -> Exit {
    let own_session = nix::unistd::setsid().is_ok();
    let spawned = another(&["idle", "20000", token]).stderr(Stdio::inherit()).spawn().is_ok();
    said(if own_session && spawned { "up" } else { "failed" })
}

/// Sends every signal to process 1.
fn signals() -> Value {
    let (refused, allowed): (Vec<_>, Vec<_>) =
        Signal::iterator().partition(|signal| kill(Pid::from_raw(1), *signal).is_err());
    json!({"pid": std::process::id(), "parent": std::os::unix::process::parent_id(), "refused": refused.len(), "allowed": allowed.len()})
}

fn hog(mib: u64) -> Exit {
    let blocks: Vec<Vec<u8>> = (0..mib).map(|_| std::hint::black_box(vec![1; 1 << 20])).collect();
    said(&format!("BREACH: {} MiB", std::hint::black_box(blocks).len()))
}

/// The child is killed; this one takes no notice and goes on.
fn hog_child(mib: &str, token: &str) -> Exit {
    drop(another(&["hog", mib, token]).status());
    std::thread::sleep(Duration::from_secs(1));
    said("BREACH: only my child was ended")
}

/// Threads that compute for so long each, and then what this process's own clock says.
fn burn(threads: u64, ms: u64) -> Exit {
    let used = |clock| clock_gettime(clock).map_or(Duration::MAX, Duration::from);
    let threads: Vec<_> = (0..threads)
        .map(|_| {
            std::thread::spawn(move || {
                while used(ClockId::CLOCK_THREAD_CPUTIME_ID) < Duration::from_millis(ms) {
                    std::hint::black_box((0..10_000).map(std::hint::black_box).sum::<u32>());
                }
            })
        })
        .collect();
    for thread in threads {
        drop(thread.join());
    }
    said(&used(ClockId::CLOCK_PROCESS_CPUTIME_ID).as_micros().to_string())
}

fn flood(mib: u64) -> Exit {
    let block = vec![b'x'; 1 << 16];
    let written = (0..mib * 16).try_for_each(|_| render::bytes(&block));
    if written.is_ok() { Exit::Fine } else { Exit::Difference }
}

/// Tries to reach what listens on the host.
fn connect(port: u64, name: &str) -> Value {
    let port = u16::try_from(port).unwrap_or_default();
    let unix = SocketAddr::from_abstract_name(name).and_then(|address| UnixStream::connect_addr(&address));
    let udp = UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.send_to(b"x", ("127.0.0.1", port)));
    let tries = [
        ("tcp", TcpStream::connect(("127.0.0.1", port)).map(drop)),
        ("tcp6", TcpStream::connect(("::1", port)).map(drop)),
        ("udp", udp.map(drop)),
        ("unix", unix.map(drop)),
    ];
    let (reached, refused): (Vec<_>, Vec<_>) = tries.into_iter().partition(|(_, tried)| tried.is_ok());
    json!({
        "reached": reached.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        "refused": refused.iter().filter_map(|(_, tried)| Some(tried.as_ref().err()?.to_string())).collect::<Vec<_>>(),
    })
}
