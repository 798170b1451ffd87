//! The host as it must be after each round: the invariants I1 to I12, and the canaries that are laid out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::case::Words;
use crate::worker::{Worker, descendants};

/// How long the host may take to be as it was: kernels clear some things away when they find time.
const PATIENCE: Duration = Duration::from_secs(5);

/// The ids of the sandbox's users begin here.
const FIRST_ID: u32 = 1 << 31;

/// More of the worker's own memory than a job may leave behind, in KiB: an allocator keeps some of what was freed. The soak sees what grows.
const RSS_KIB: u64 = 12 << 10;

/// More memory than a round may leave behind in the worker's control groups, in temporary file systems, in bytes.
const GROUP_BYTES: u64 = 1 << 20;

/// More of shared memory than a round may leave behind, in KiB: databases beside this use some, too.
const SHMEM_KIB: u64 = 8 << 10;

/// Secrets and listeners that programs must not find, and what they are called in programs.
pub(crate) struct Canaries {
    pub(crate) directory: tempfile::TempDir,
    /// `CANARY_` and sixteen digits, different in each run of the corpus.
    pub(crate) token: String,
    tcp: Vec<TcpListener>,
    udp: Vec<UdpSocket>,
    unix: Vec<UnixListener>,
    pub(crate) words: Words,
}

impl Canaries {
    pub(crate) fn lay_out() -> Self {
        let token = format!("CANARY_{:016x}", uuid::Uuid::new_v4().as_u64_pair().0);
        // Not in /tmp, which every run has of its own: who sees the host's files sees these.
        let directory = tempfile::tempdir_in("/var/tmp").expect("a directory");
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).expect("a mode");
        for mode in [0o644, 0o640, 0o600] {
            let path = directory.path().join(format!("secret{mode:o}"));
            fs::write(&path, format!("{token}\n")).expect("a canary");
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
        }
        let v4 = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let port = v4.local_addr().expect("an address").port();
        let u4 = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let udp_port = u4.local_addr().expect("an address").port();
        // A machine without version 6 has fewer ways to get out.
        let v6 = TcpListener::bind(("::1", port)).ok();
        let u6 = UdpSocket::bind(("::1", udp_port)).ok();
        let path = directory.path().join("socket");
        let name = format!("assay-canary-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).expect("a name");
        let unix = vec![
            UnixListener::bind(&path).expect("a socket"),
            UnixListener::bind_addr(&address).expect("an abstract socket"),
        ];
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).expect("a mode");
        let canaries = Self {
            words: Words(vec![
                ("@CANARY_DIR@", directory.path().display().to_string()),
                ("@TCP_PORT@", port.to_string()),
                ("@UDP_PORT@", udp_port.to_string()),
                ("@ABSTRACT@", name),
                ("@SOCKET@", path.display().to_string()),
            ]),
            directory,
            token,
            tcp: std::iter::once(v4).chain(v6).collect(),
            udp: std::iter::once(u4).chain(u6).collect(),
            unix,
        };
        for listener in &canaries.tcp {
            listener.set_nonblocking(true).expect("a mode");
        }
        for socket in &canaries.udp {
            socket.set_nonblocking(true).expect("a mode");
        }
        for listener in &canaries.unix {
            listener.set_nonblocking(true).expect("a mode");
        }
        canaries
    }

    /// Whoever came to a listener (I7).
    fn visitors(&self) -> Vec<String> {
        let tcp = self.tcp.iter().filter_map(|listener| listener.accept().ok()).map(|_| "TCP".to_owned());
        let udp = self.udp.iter().filter(|socket| socket.recv(&mut [0; 16]).is_ok()).map(|_| "UDP".to_owned());
        let unix = self.unix.iter().filter_map(|listener| listener.accept().ok()).map(|_| "local".to_owned());
        tcp.chain(udp).chain(unix).map(|kind| format!("I7: somebody came to the {kind} listener")).collect()
    }
}

/// What must not pile up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State {
    rss_kib: u64,
    descriptors: usize,
    threads: u64,
    dying_groups: u64,
    page_tables_kib: u64,
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "the worker has {} KiB, {} descriptors, {} threads; {} control groups are dying; page tables take {} KiB",
            self.rss_kib, self.descriptors, self.threads, self.dying_groups, self.page_tables_kib
        )
    }
}

impl State {
    /// What has grown by more than a soak may leave behind.
    pub(crate) fn grown_since(&self, first: &Self) -> Vec<String> {
        let mut found = Vec::new();
        if self.rss_kib > first.rss_kib + (16 << 10) {
            found.push(format!("I5: the worker's memory grew from {} to {} KiB", first.rss_kib, self.rss_kib));
        }
        if self.descriptors > first.descriptors {
            found.push(format!("I5: the worker's descriptors grew from {} to {}", first.descriptors, self.descriptors));
        }
        // The runtime's pool for what blocks has some more or less.
        if self.threads > first.threads + 8 {
            found.push(format!("I5: the worker's threads grew from {} to {}", first.threads, self.threads));
        }
        if self.dying_groups > first.dying_groups + 50 {
            found.push(format!("I2: dying control groups grew from {} to {}", first.dying_groups, self.dying_groups));
        }
        found
    }
}

/// What is compared: each thing with how it was.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Snapshot(BTreeMap<String, String>);

/// Two processes of each launcher: no more, and none that is missing.
const WAITING: &str = "I1: processes of sandboxes that wait";

impl Snapshot {
    /// Whether each slot's next sandbox is ready, and nothing else is there.
    fn all_wait(&self) -> bool {
        self.0.get(WAITING).and_then(|text| text.split_once(" of ")).is_some_and(|(are, should)| are == should)
    }
}

pub(crate) struct Host {
    pub(crate) canaries: Canaries,
    assay: PathBuf,
    kernel_log: Option<fs::File>,
    baseline: Snapshot,
    descriptors: usize,
    rss_kib: u64,
    shmem_kib: u64,
    group_bytes: u64,
    /// Whether others use this machine, so that its shared memory says nothing.
    shared: bool,
}

impl Host {
    /// Looks at the host while the worker has nothing to do.
    pub(crate) fn new(assay: &Path, shared: bool) -> Self {
        Self {
            canaries: Canaries::lay_out(),
            assay: assay.to_owned(),
            kernel_log: kernel_log(),
            baseline: Snapshot(BTreeMap::new()),
            descriptors: 0,
            rss_kib: 0,
            shmem_kib: 0,
            group_bytes: 0,
            shared,
        }
    }

    /// Takes things as they are now for how they must be.
    pub(crate) fn settle(&mut self, worker: &Worker) {
        self.baseline = self.snapshot(worker);
        // The next run's sandbox may just be being made.
        let deadline = Instant::now() + PATIENCE;
        while !self.baseline.all_wait() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
            self.baseline = self.snapshot(worker);
        }
        self.descriptors = count(&format!("/proc/{}/fd", worker.pid()));
        self.rss_kib = status_kib(worker.pid());
        self.shmem_kib = shmem_kib();
        self.group_bytes = group_bytes(worker.pid());
    }

    /// What is not as it was, with the number of the invariant.
    pub(crate) fn changes(&mut self, worker: &Worker) -> Vec<String> {
        let mut found = self.canaries.visitors();
        found.extend(self.kernel_messages());
        let deadline = Instant::now() + PATIENCE;
        loop {
            let differences = self.differences(worker);
            if differences.is_empty() || Instant::now() > deadline {
                found.extend(differences);
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        // What was lasts, and what is new is told once.
        self.settle(worker);
        found
    }

    pub(crate) fn state(worker: &Worker) -> State {
        let status = fs::read_to_string(format!("/proc/{}/status", worker.pid())).unwrap_or_default();
        let groups = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].iter().map(|root| {
            let text = fs::read_to_string(Path::new(root).join("cgroup.stat")).unwrap_or_default();
            field(&text, "nr_dying_descendants")
        });
        State {
            rss_kib: field(&status, "VmRSS:"),
            descriptors: count(&format!("/proc/{}/fd", worker.pid())),
            threads: field(&status, "Threads:"),
            dying_groups: groups.sum(),
            page_tables_kib: field(&fs::read_to_string("/proc/meminfo").unwrap_or_default(), "PageTables:"),
        }
    }

    fn differences(&self, worker: &Worker) -> Vec<String> {
        let now = self.snapshot(worker);
        let mut found = Vec::new();
        if !now.all_wait() {
            found.push(format!("{WAITING}: {}", shown(now.0.get(WAITING))));
        }
        for key in self.baseline.0.keys().chain(now.0.keys()).collect::<BTreeSet<_>>() {
            let (was, is) = (self.baseline.0.get(key), now.0.get(key));
            if was != is {
                found.push(format!("{key}: {} became {}", shown(was), shown(is)));
            }
        }
        // A slot that has had no job yet has two more.
        let descriptors = count(&format!("/proc/{}/fd", worker.pid()));
        if descriptors > self.descriptors {
            found.push(format!("I5: the worker's descriptors grew from {} to {descriptors}", self.descriptors));
        }
        let rss = status_kib(worker.pid());
        // Each slot has had a job since.
        if rss > self.rss_kib + RSS_KIB * worker.slots as u64 {
            found.push(format!("I5: the worker's memory grew from {} to {rss} KiB", self.rss_kib));
        }
        let groups = group_bytes(worker.pid());
        if groups > self.group_bytes + GROUP_BYTES {
            found
                .push(format!("I10: what is left of the runs' files grew from {} to {groups} bytes", self.group_bytes));
        }
        let shmem = shmem_kib();
        if !self.shared && shmem > self.shmem_kib + SHMEM_KIB {
            found.push(format!("I10: shared memory grew from {} to {shmem} KiB", self.shmem_kib));
        }
        found
    }

    fn snapshot(&self, worker: &Worker) -> Snapshot {
        let mut all = BTreeMap::new();
        let below = descendants(worker.pid());
        all.insert(
            "I1: other processes of the worker".to_owned(),
            below.iter().filter(|pid| !is_of_sandbox(**pid)).count().to_string(),
        );
        // For each slot the init of the next run waits, and the program's process.
        let of_sandboxes = below.iter().filter(|pid| is_of_sandbox(**pid)).count();
        let launchers = below.len() - of_sandboxes;
        all.insert(WAITING.to_owned(), format!("{of_sandboxes} of {}", 2 * launchers));
        all.insert("I2: control groups".to_owned(), control_groups(worker.pid()).join(" "));
        for process in ["self".to_owned(), worker.pid().to_string()] {
            all.insert(
                format!("I3: mounts of {}", if process == "self" { "the host" } else { "the worker" }),
                mounts(&process),
            );
        }
        // Not those of a sandbox that waits for the next run; that no other is there says I1.
        let processes = || below.iter().copied().filter(|pid| !is_of_sandbox(*pid)).chain([worker.pid()]);
        for kind in ["mnt", "net", "ipc", "uts", "user"] {
            let spaces: BTreeSet<PathBuf> =
                processes().filter_map(|pid| fs::read_link(format!("/proc/{pid}/ns/{kind}")).ok()).collect();
            all.insert(format!("I3: {kind} namespaces"), spaces.len().to_string());
        }
        manifest(self.canaries.directory.path(), &mut all);
        all.insert("I4: the binary".to_owned(), described(&self.assay));
        all.insert("I8: modules".to_owned(), names("/proc/modules"));
        all.insert("I11: keys of sandboxes".to_owned(), keys());
        for name in ["shm", "sem", "msg"].into_iter().filter(|_| !self.shared) {
            let text = fs::read_to_string(format!("/proc/sysvipc/{name}")).unwrap_or_default();
            all.insert(format!("I11: sysvipc/{name}"), text.lines().count().to_string());
        }
        settings(Path::new("/proc/sys"), &mut all);
        Snapshot(all)
    }

    /// What the kernel complains of (I8).
    fn kernel_messages(&mut self) -> Vec<String> {
        const COMPLAINTS: &[&str] =
            &["BUG", "WARNING:", "Oops", "blocked for more than", "Mount too revealing", "list_del corruption"];
        let Some(log) = &mut self.kernel_log else { return Vec::new() };
        let mut found = Vec::new();
        let mut buffer = vec![0; 8 << 10];
        // Each read is one record; with none left it says EAGAIN, and EPIPE for records that were overwritten.
        loop {
            match log.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => {
                    let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
                    if COMPLAINTS.iter().any(|complaint| text.contains(complaint)) {
                        found.push(format!("I8: the kernel says {}", text.trim()));
                    }
                }
                Err(error) if error.raw_os_error() == Some(32) => {}
                Err(_) => break,
            }
        }
        found
    }
}

fn shown(value: Option<&String>) -> String {
    let text = value.map_or("nothing", String::as_str);
    text.chars().take(300).collect()
}

/// By its user; the owner of its directory says nothing, for an init is not dumpable (proc(5)).
fn is_of_sandbox(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    field(&status, "Uid:") >= FIRST_ID.into()
}

/// The groups below this worker's, in every hierarchy. A slot that was replaced has a number after its name, and so has each run.
fn control_groups(worker: u32) -> Vec<String> {
    let mut found = Vec::new();
    for root in ["", "memory", "pids", "cpuacct", "cpu", "unified", "cpuset", "freezer"] {
        let base = Path::new("/sys/fs/cgroup").join(root).join("assay");
        for session in fs::read_dir(&base).into_iter().flatten().flatten() {
            if session.file_name().to_string_lossy().starts_with(&format!("{worker}-")) {
                walk(&session.path(), &mut |path| {
                    let below = path.strip_prefix(session.path()).unwrap_or(path).display().to_string();
                    let slot = below.split('/').next().and_then(|slot| slot.split('.').next()).unwrap_or_default();
                    let rest = below.split_once('/').map_or(String::new(), |(_, rest)| format!("/{rest}"));
                    let rest = rest.trim_end_matches(|letter: char| letter.is_ascii_digit());
                    found.push(format!("{root}:{slot}{rest}"));
                });
            }
        }
    }
    found.sort();
    found
}

fn walk(directory: &Path, see: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            see(&entry.path());
            walk(&entry.path(), see);
        }
    }
}

fn mounts(process: &str) -> String {
    fs::read_to_string(format!("/proc/{process}/mountinfo")).unwrap_or_default()
}

/// Name, mode, owner, size, inode, times and content of each file below the directory (I4).
fn manifest(directory: &Path, all: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let content = fs::read_to_string(entry.path()).unwrap_or_default();
        all.insert(format!("I4: {}", entry.path().display()), format!("{} {content}", described(&entry.path())));
    }
    all.insert(format!("I4: {}", directory.display()), described(directory));
}

fn described(path: &Path) -> String {
    fs::symlink_metadata(path).map_or_else(
        |error| error.to_string(),
        |meta| {
            format!(
                "{:o} {}:{} {} {} {}.{} {}.{}",
                meta.mode(),
                meta.uid(),
                meta.gid(),
                meta.size(),
                meta.ino(),
                meta.mtime(),
                meta.mtime_nsec(),
                meta.ctime(),
                meta.ctime_nsec()
            )
        },
    )
}

fn count(directory: &str) -> usize {
    fs::read_dir(directory).map_or(0, Iterator::count)
}

/// The first word of each line.
fn names(path: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let names: BTreeSet<&str> = text.lines().filter_map(|line| line.split_whitespace().next()).collect();
    names.into_iter().collect::<Vec<_>>().join(" ")
}

/// Keys of the sandbox's users, which go with their session.
fn keys() -> String {
    let text = fs::read_to_string("/proc/keys").unwrap_or_default();
    let of_sandbox = |line: &&str| {
        line.split_whitespace().nth(5).and_then(|user| user.parse::<u32>().ok()).is_some_and(|user| user >= FIRST_ID)
    };
    text.lines().filter(of_sandbox).collect::<Vec<_>>().join("; ")
}

/// Settings of the kernel, but for those that change by themselves (I11).
fn settings(directory: &Path, all: &mut BTreeMap<String, String>) {
    const MOVING: &[&str] = &[
        "fs/dentry-state",
        "fs/file-nr",
        "fs/inode-nr",
        "fs/inode-state",
        "fs/quota",
        "fs/aio-nr",
        "kernel/random",
        "kernel/pty/nr",
        "kernel/ns_last_pid",
        "net",
        "kernel/sched_domain",
        "vm/stat_refresh",
        "kernel/tainted",
        "kernel/cad_pid",
        "vm/compact_memory",
        "fs/binfmt_misc",
        "kernel/perf_event_max_sample_rate",
        "user",
        "sunrpc",
        "fs/nr_open",
        "vm/drop_caches",
    ];
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = path.strip_prefix("/proc/sys").unwrap_or(&path).display().to_string();
        if MOVING.iter().any(|moving| name == *moving || name.starts_with(&format!("{moving}/"))) {
            continue;
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            settings(&path, all);
        } else if let Ok(text) = fs::read_to_string(&path) {
            all.insert(format!("I11: {name}"), text.trim().to_owned());
        }
    }
}

fn kernel_log() -> Option<fs::File> {
    use std::io::{Seek as _, SeekFrom};
    const O_NONBLOCK: i32 = 0o4000;
    let mut log = fs::OpenOptions::new().read(true).custom_flags(O_NONBLOCK).open("/dev/kmsg").ok()?;
    log.seek(SeekFrom::End(0)).ok()?;
    Some(log)
}

/// Resident memory of a process in KiB.
fn status_kib(pid: u32) -> u64 {
    field(&fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default(), "VmRSS:")
}

/// What of the memory that is charged to the worker's groups is in temporary file systems: a group that is gone leaves what is still there
/// to the one above.
fn group_bytes(worker: u32) -> u64 {
    let mut bytes = 0;
    for (root, name) in [("memory", "total_shmem "), ("", "shmem ")] {
        let base = Path::new("/sys/fs/cgroup").join(root).join("assay");
        for session in fs::read_dir(&base).into_iter().flatten().flatten() {
            if session.file_name().to_string_lossy().starts_with(&format!("{worker}-")) {
                let text = fs::read_to_string(session.path().join("memory.stat")).unwrap_or_default();
                bytes += text.lines().find_map(|line| line.strip_prefix(name)?.parse::<u64>().ok()).unwrap_or(0);
            }
        }
    }
    bytes
}

fn shmem_kib() -> u64 {
    field(&fs::read_to_string("/proc/meminfo").unwrap_or_default(), "Shmem:")
}

fn field(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
