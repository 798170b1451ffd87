//! The attacks of the self-test, by their numbers in the hostile tests (tests/corpus), and what must come of each.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use assay_sandbox::{CollectLimits, End, Image, Runtime, Stopped, View};
use assay_shared::{Limits, MIB};
use serde_json::Value;

use super::self_test::{Bench, GONE, Run, marked, small, until_none};
use super::traces::{descendants, kill_all, still_there};

/// What came of an attack.
pub(super) struct Found {
    pub(super) held: bool,
    pub(super) happened: String,
}

impl Found {
    pub(super) fn new(held: bool, happened: impl Into<String>) -> Self {
        Self { held, happened: happened.into() }
    }

    /// It held if there is nothing to say against it, of which the first few things are said.
    fn nothing_wrong(wrong: &[String], otherwise: &str) -> Self {
        const SAID: usize = 6;
        let more = wrong.len().saturating_sub(SAID);
        let mut said = wrong.iter().take(SAID).cloned().chain((more > 0).then(|| format!("and {more} more")));
        Self::new(
            wrong.is_empty(),
            said.next().map_or(otherwise.to_owned(), |first| said.fold(first, |all, one| all + "; " + &one)),
        )
    }
}

pub(super) type Try = fn(&mut Bench) -> anyhow::Result<Found>;

/// Number, what is tried, and how.
pub(super) const CASES: &[(&str, &str, Try)] = &[
    ("B02", "write outside /work, /tmp and /dev/shm", write_anywhere),
    ("B03", "have a file of the host collected through a link", plant_links),
    ("B18", "see other processes, the host and the worker's environment", look_around),
    ("C01", "make processes and threads without end", crowd),
    ("C05", "leave a daemon behind", leave_a_daemon),
    ("C10", "kill process 1", kill_init),
    ("D01", "take memory without end", take_memory),
    ("D16", "survive a child that is killed for memory", survive_a_child),
    ("E02", "sleep", sleep),
    ("E03", "compute in several threads at once", compute),
    ("F01", "write output without end", flood),
    ("G02", "reach what listens on the host", connect),
    ("H08", "make a namespace", unshare),
    ("I01", "have a right, a descriptor or a namespace too many", posture),
    ("K01", "outlive a worker that is killed", outlive),
];

fn write_anywhere(bench: &mut Bench) -> anyhow::Result<Found> {
    let run = bench.run(&["write"], &small())?;
    let told = run.value();
    let written: BTreeSet<String> = words(&told["written"]).collect();
    let opened: Vec<String> = words(&told["opened"]).collect();
    let held = written == ["/work", "/tmp", "/dev/shm"].map(str::to_owned).into() && opened.is_empty();
    let all: Vec<String> = written.into_iter().chain(opened).collect();
    Ok(Found::new(held, format!("of {} places only {}", told["tried"], all.join(" "))))
}

fn plant_links(bench: &mut Bench) -> anyhow::Result<Found> {
    let host = tempfile::Builder::new().prefix("assay-self-test").tempdir().context("cannot make a directory")?;
    let secret = host.path().join("below/secret");
    std::fs::create_dir(host.path().join("below"))?;
    std::fs::write(&secret, &bench.token)?;
    let path = host.path().join("secret");
    std::fs::write(&path, &bench.token)?;
    let run = bench.run(&["links", path.to_str().context("the path is not UTF-8")?], &small())?;
    anyhow::ensure!(run.text() == "made", "no links: {} {}", run.says(), run.text());
    let mut wrong = Vec::new();
    match run.work.collect("out", CollectLimits::default()) {
        Ok(files) => {
            let names: Vec<String> = files.iter().map(|file| file.path.display().to_string()).collect();
            if names != ["out/real"] || files[0].content.as_ref() != b"real" {
                wrong.push(format!("collected: {}", names.join(" ")));
            }
        }
        Err(error) => wrong.push(error.to_string()),
    }
    // Through a link to a directory.
    match run.work.collect("away/below", CollectLimits::default()) {
        Err(error) if [nix::libc::ELOOP, nix::libc::EXDEV].map(Some).contains(&error.source.raw_os_error()) => {}
        Err(error) => wrong.push(error.to_string()),
        Ok(_) => wrong.push("a link to a directory of the host was followed".to_owned()),
    }
    Ok(Found::nothing_wrong(&wrong, "only the real file was collected"))
}

fn look_around(bench: &mut Bench) -> anyhow::Result<Found> {
    let run = bench.run(&["posture"], &small())?;
    let told = run.value();
    let mut wrong: Vec<String> = Vec::new();
    let is_own = |name: &String| ["self", "thread-self", "2"].contains(&name.as_str());
    wrong.extend(words(&told["proc"]).filter(|name| !is_own(name)).map(|name| format!("/proc/{name} is there")));
    wrong.extend(words(&told["seen"]).map(|name| format!("/proc/{name} is there")));
    wrong.extend(words(&told["environment"]).map(|name| format!("the variable {name} is there")));
    if told["cgroup"].as_str().is_none_or(|text| text.contains("assay")) {
        wrong.push("/proc/self/cgroup tells where it is".to_owned());
    }
    Ok(Found::nothing_wrong(&wrong, "only itself is in /proc, and no variable is set"))
}

/// Threads that are tried: far more than there may be.
const THREADS: u64 = 64;

fn crowd(bench: &mut Bench) -> anyhow::Result<Found> {
    let limits = small();
    let run = bench.run(&["crowd", &THREADS.to_string()], &limits)?;
    let told = run.value();
    let (Some(processes), Some(threads)) = (told["processes"].as_u64(), told["threads"].as_u64()) else {
        anyhow::bail!("{} {}", run.says(), run.text());
    };
    let usage = &run.outcome.usage;
    let all = 1 + processes + threads;
    let bounded = all <= limits.pids.into() && usage.pids_peak.is_none_or(|peak| peak <= limits.pids.into());
    let held = bounded && threads > 0 && usage.pids_limit_hits > 0;
    Ok(Found::new(held, format!("{processes} processes and {threads} threads beside it, of {} in all", limits.pids)))
}

fn leave_a_daemon(bench: &mut Bench) -> anyhow::Result<Found> {
    let run = bench.run(&["daemon"], &small())?;
    anyhow::ensure!(run.text() == "left behind" || run.verdict() != "AC", "{}", run.text());
    // Who waited for it would have waited for its output to end.
    let wall = Duration::from_micros(run.outcome.usage.wall_us + run.outcome.teardown_us);
    let held = run.verdict() == "AC" && wall < Duration::from_secs(15);
    Ok(Found::new(held, format!("{}, and it was dead {} ms later", run.says(), run.outcome.teardown_us / 1000)))
}

fn kill_init(bench: &mut Bench) -> anyhow::Result<Found> {
    let run = bench.run(&["signals"], &small())?;
    let told = run.value();
    let (Some(refused), Some(allowed)) = (told["refused"].as_u64(), told["allowed"].as_u64()) else {
        return Ok(Found::new(false, format!("{}: it ended before it could tell", run.says())));
    };
    let held = run.verdict() == "AC" && allowed == 0 && refused > 30 && told["pid"] == 2 && told["parent"] == 1;
    Ok(Found::new(held, format!("{refused} signals refused, {allowed} sent")))
}

fn memory_found(run: &Run, limits: &Limits) -> Found {
    let usage = &run.outcome.usage;
    let bounded = usage.memory_peak_bytes <= limits.memory_bytes + MIB;
    // By the kernel as one group, or by the worker at the first kill.
    let ended = run.outcome.stopped == Some(Stopped::Memory) || run.outcome.end == End::Signal(9);
    let held = run.verdict() == "MLE" && bounded && usage.oom_kills > 0 && ended && !run.text().contains("BREACH");
    let peak = crate::cli::render::mib(usage.memory_peak_bytes);
    Found::new(held, format!("{}; at most {peak} MiB {}", run.says(), run.text()).trim_end())
}

/// MiB that are tried: more than there may be, and not so much that it would harm a host that does not stop it.
const HOG: &str = "96";

fn take_memory(bench: &mut Bench) -> anyhow::Result<Found> {
    let run = bench.run(&["hog", HOG], &small())?;
    Ok(memory_found(&run, &small()))
}

fn survive_a_child(bench: &mut Bench) -> anyhow::Result<Found> {
    let run = bench.run(&["hog-child", HOG], &small())?;
    Ok(memory_found(&run, &small()))
}

fn sleep(bench: &mut Bench) -> anyhow::Result<Found> {
    let limits = Limits { wall_ms: 200 + 4 * bench.pace.wall_ms, ..small() };
    let run = bench.run(&["idle", &(limits.wall_ms * 5).to_string()], &limits)?;
    Ok(Found::new(run.verdict() == "ILE" && run.text().is_empty(), format!("{} {}", run.says(), run.text()).trim_end()))
}

/// Once to see whether all threads are counted, once to see whether all together are stopped where none alone would be.
fn compute(bench: &mut Bench) -> anyhow::Result<Found> {
    let run = bench.run(&["burn", "4", "50"], &small())?;
    let (counted, told) = (run.outcome.usage.cpu_us(), run.text().parse::<u64>().unwrap_or_default());
    let exact = told >= 200_000 && counted.abs_diff(told) <= told / 5;
    let limits = Limits { cpu_ms: 200 + 4 * bench.pace.cpu_ms, ..small() };
    let run = bench.run(&["burn", "4", &(limits.cpu_ms * 3 / 5).to_string()], &limits)?;
    let stopped = run.verdict() == "TLE" && run.text().is_empty();
    let says = if run.text().is_empty() { run.says() } else { "it was not stopped".to_owned() };
    let found = format!("{says}; {} ms counted where it used {} ms", counted / 1000, told / 1000);
    Ok(Found::new(exact && stopped, found))
}

fn flood(bench: &mut Bench) -> anyhow::Result<Found> {
    let limits = small();
    let run = bench.run(&["flood", "16"], &limits)?;
    let output = &run.outcome.stdout;
    let bounded = output.bytes.len() as u64 <= limits.stdout_bytes && output.total_bytes <= limits.stdout_bytes + MIB;
    let found = format!("{}; {} read, {} kept", run.says(), output.total_bytes, output.bytes.len());
    Ok(Found::new(run.verdict() == "OLE" && bounded, found))
}

fn connect(bench: &mut Bench) -> anyhow::Result<Found> {
    let tcp = TcpListener::bind("127.0.0.1:0").context("cannot listen")?;
    let port = tcp.local_addr()?.port();
    let udp = std::net::UdpSocket::bind(("127.0.0.1", port)).context("cannot listen")?;
    let unix = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&bench.token)?).context("cannot listen")?;
    tcp.set_nonblocking(true)?;
    udp.set_nonblocking(true)?;
    unix.set_nonblocking(true)?;
    let name = bench.token.clone();
    let run = bench.run(&["connect", &port.to_string(), &name], &small())?;
    let told = run.value();
    let reached: Vec<String> = words(&told["reached"]).collect();
    let heard = tcp.accept().is_ok() || unix.accept().is_ok() || udp.recv(&mut [0]).is_ok();
    let refused: BTreeSet<String> = words(&told["refused"]).collect();
    let held = !heard && reached.is_empty() && !refused.is_empty();
    let refused: Vec<String> = refused.into_iter().collect();
    let how = if heard { "somebody came".to_owned() } else { format!("nobody came: {}", refused.join(", ")) };
    Ok(Found::new(held, if reached.is_empty() { how } else { format!("reached by {}; {how}", reached.join(", ")) }))
}

fn unshare(bench: &mut Bench) -> anyhow::Result<Found> {
    let run = bench.run(&["unshare"], &small())?;
    // Where another filter has the kernel's only listener nothing can be named.
    let named = run.outcome.forbidden_call.as_ref().is_none_or(|call| call.name.as_deref() == Some("unshare"));
    let held = run.verdict() == "RTE" && run.outcome.end == End::Signal(31) && named;
    Ok(Found::new(held, format!("{} {}", run.says(), run.text()).trim_end()))
}

fn posture(bench: &mut Bench) -> anyhow::Result<Found> {
    let told = bench.run(&["posture"], &small())?.value();
    let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    let mut wrong = wrong_status(&text("status"));
    wrong.extend(wrong_mounts(&text("mounts")));
    // One more is that of the directory itself.
    if words(&told["descriptors"]).count() != 4 {
        wrong.push(format!("descriptors: {}", words(&told["descriptors"]).collect::<Vec<_>>().join(" ")));
    }
    for name in ["user", "mnt", "pid", "net", "ipc", "uts", "cgroup"] {
        let own = std::fs::read_link(format!("/proc/self/ns/{name}")).context("cannot read /proc/self/ns")?;
        match told["namespaces"][name].as_str() {
            Some(inside) if own.to_str() != Some(inside) => {}
            _ => wrong.push(format!("the namespace {name} is the host's")),
        }
    }
    let limits = text("limits");
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size"));
    if !core.is_some_and(|core| ["0", "1"].contains(&core.split_whitespace().nth(1).unwrap_or_default())) {
        wrong.push("core dumps are not limited".to_owned());
    }
    Ok(Found::nothing_wrong(
        &wrong,
        "no capability, three descriptors, seven namespaces of its own, a filter, mounts as they should be",
    ))
}

/// What is wrong with /proc/self/status.
fn wrong_status(text: &str) -> Vec<String> {
    let expected: &[(&str, &[&str])] = &[
        ("CapInh", &["0000000000000000"]),
        ("CapPrm", &["0000000000000000"]),
        ("CapEff", &["0000000000000000"]),
        ("CapBnd", &["0000000000000000"]),
        ("CapAmb", &["0000000000000000"]),
        ("NoNewPrivs", &["1"]),
        ("Seccomp", &["2"]),
        ("Uid", &["1000 1000 1000 1000"]),
        ("Gid", &["1000 1000 1000 1000"]),
        ("Groups", &["", "1000"]),
        ("Pid", &["2"]),
        ("PPid", &["1"]),
    ];
    let mut wrong = Vec::new();
    for (name, values) in expected {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let found = line.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        if !found.as_deref().is_some_and(|found| values.contains(&found)) {
            wrong.push(format!("{name} is {}", found.unwrap_or_else(|| "not there".to_owned())));
        }
    }
    wrong
}

/// What is wrong with /proc/self/mountinfo: the place is its fifth word, the flags are its sixth, and a later mount covers an earlier one.
fn wrong_mounts(text: &str) -> Vec<String> {
    let mut mounts = std::collections::BTreeMap::new();
    for line in text.lines() {
        let mut words = line.split(' ').skip(4);
        if let (Some(place), Some(flags)) = (words.next(), words.next()) {
            mounts.insert(place, flags.split(',').collect::<Vec<_>>());
        }
    }
    let mut wrong = Vec::new();
    if !["/", "/proc", "/work", "/tmp", "/dev/shm"].iter().all(|place| mounts.contains_key(place)) {
        wrong.push("mounts are missing".to_owned());
    }
    for (place, flags) in mounts {
        let writable = ["/work", "/tmp", "/dev/shm"].contains(&place);
        let is_device = place.starts_with("/dev/") && !writable;
        let wanted = [("nosuid", true), ("nodev", !is_device), ("ro", !writable), ("noexec", place == "/proc")];
        for (flag, _) in wanted.iter().filter(|(flag, wanted)| *wanted && !flags.contains(flag)) {
            wrong.push(format!("{place} is not {flag}"));
        }
    }
    wrong
}

/// Kills a whole worker in the middle of a run.
fn outlive(bench: &mut Bench) -> anyhow::Result<Found> {
    let own = format!("/proc/{}/exe", std::process::id());
    let mut worker = Command::new(&own)
        .args(["run", "--memory-mib", "24", "--pids", "8", "--", &own])
        .args(["doctor", "--probe", "idle", "20000", &bench.token])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start a worker")?;
    let runs = |token: &str| marked(token).iter().any(|process| process.arguments.starts_with("/work/"));
    let deadline = Instant::now() + Duration::from_secs(30);
    while !runs(&bench.token) && Instant::now() < deadline && matches!(worker.try_wait(), Ok(None)) {
        std::thread::sleep(Duration::from_millis(5));
    }
    let running = runs(&bench.token);
    let (all, groups) = (descendants(worker.id()), groups(&bench.runtime, worker.id()));
    let killed = Instant::now();
    worker.kill().and_then(|()| worker.wait()).context("cannot kill a worker")?;
    anyhow::ensure!(running && !groups.is_empty(), "the worker did not begin a run");
    let left = until_none(GONE, || still_there(&all));
    let took = killed.elapsed().as_millis();
    if !left.is_empty() {
        return Ok(Found::new(false, format!("still alive after {took} ms, now killed: {}", kill_all(&left))));
    }
    // The next start clears away.
    Runtime::new(View { image: Image::Host, read_only: Vec::new() })?.close()?;
    let stay = groups.iter().filter(|group| group.exists()).count();
    let found = format!(
        "its {} processes were dead after {took} ms; {} control groups swept, {stay} left",
        all.len(),
        groups.len()
    );
    Ok(Found::new(stay == 0, found))
}

/// The control groups of the worker with this number.
fn groups(runtime: &Runtime, worker: u32) -> BTreeSet<std::path::PathBuf> {
    let places = runtime.places();
    let mut found = BTreeSet::new();
    for place in [&places.memory, &places.pids, &places.cpu] {
        for entry in std::fs::read_dir(place.path.join("assay")).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(&format!("{worker}-")) {
                found.insert(entry.path());
            }
        }
    }
    found
}

fn words(list: &Value) -> impl Iterator<Item = String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned)
}
