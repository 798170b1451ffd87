//! Three workers, a broker and a database, and everything that can happen to them while a batch of known verdicts goes through.
//! `scripts/chaos` runs it; it takes no part in `cargo test`.
//!
//! Workers are killed and told to stop, the servers are restarted in order and by SIGKILL, and every connection goes through a
//! proxy that cuts it: at any moment, before a commit, between a commit and its answer, before an acknowledgement, in the middle of
//! a publication, before its confirmation. Messages are published twice, and some are no submissions. Afterwards every submission must
//! have its one expected verdict, and nothing may be left.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test program: it reports, and ends where it fails"
)]

mod batch;
mod proxy;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use assay::queue::amqp::Address;
use assay::queue::{AmqpQueue, Class, DeadLetter, Lane, Message, Queue};
use sqlx::{PgPool, Row as _};
use uuid::Uuid;

use batch::{Expected, Planned, Random};
use proxy::{Cut, Proxy};

const WORKERS: usize = 3;
/// The batch is submitted in so many parts, so that there is work until the last fault.
const PARTS: usize = 10;
/// How long the batch may take after the last fault.
const PATIENCE: Duration = Duration::from_mins(5);

/// How long a worker that is told to stop may take: its drain of 5 s, and servers that are away.
const STOPPING: Duration = Duration::from_mins(2);

struct Options {
    submissions: usize,
    faults: usize,
    seed: u64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--submissions") {
        println!("chaos: run by scripts/chaos");
        return;
    }
    let value = |name: &str, default: u64| {
        // The last one counts, so that the script can set what is usual.
        let at = arguments.iter().rposition(|argument| argument == name);
        at.map_or(default, |at| arguments[at + 1].parse().unwrap_or_else(|_| panic!("{name}: a number")))
    };
    let options = Options {
        submissions: usize::try_from(value("--submissions", 500)).unwrap(),
        faults: usize::try_from(value("--faults", 20)).unwrap(),
        seed: value("--seed", 1),
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let clean = runtime.block_on(run(&options));
    std::process::exit(i32::from(!clean));
}

/// Everything that is started, and stopped whatever happens.
struct Stage {
    dir: tempfile::TempDir,
    /// A copy of the program, which stays the same whatever is built meanwhile.
    program: PathBuf,
    amqp: Proxy,
    postgres: Proxy,
    workers: Vec<Option<Child>>,
    started: usize,
    /// Addresses of the servers themselves, past the proxies.
    direct_amqp: String,
    direct_postgres: String,
}

impl Stage {
    async fn set_up() -> Self {
        let dir = tempfile::tempdir().unwrap();
        // PostgreSQL runs as another user.
        std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
        let services = dir.path().join("services");
        script(&["start", services.to_str().unwrap()]);
        let env = std::fs::read_to_string(services.join("env")).unwrap();
        let variable = |name: &str| {
            let line = env.lines().find_map(|line| line.strip_prefix(&format!("export {name}=")));
            line.unwrap().to_owned()
        };
        let (direct_amqp, direct_postgres) = (variable("ASSAY_TEST_AMQP_URL"), variable("ASSAY_TEST_DATABASE_URL"));
        let amqp = Proxy::start(port(&direct_amqp)).await;
        let postgres = Proxy::start(port(&direct_postgres)).await;
        batch::broken_language(&dir.path().join("languages"));
        let program = dir.path().join("assay");
        std::fs::copy(env!("CARGO_BIN_EXE_assay"), &program).unwrap();
        let stage = Self {
            dir,
            program,
            amqp,
            postgres,
            workers: (0..WORKERS).map(|_| None).collect(),
            started: 0,
            direct_amqp,
            direct_postgres,
        };
        assert!(stage.assay(&["migrate"]).status().unwrap().success());
        stage
    }

    /// The program, with the servers behind the proxies.
    fn assay(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .env(
                "ASSAY_AMQP_URL",
                self.direct_amqp.replace(&port(&self.direct_amqp).to_string(), &self.amqp.port().to_string()),
            )
            .env(
                "ASSAY_DATABASE_URL",
                self.direct_postgres
                    .replace(&port(&self.direct_postgres).to_string(), &self.postgres.port().to_string()),
            )
            .env("ASSAY_LANGUAGES", self.dir.path().join("languages"))
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    fn start_worker(&mut self, index: usize) {
        self.started += 1;
        let log = std::fs::File::create(self.dir.path().join(format!("worker-{index}-{}.log", self.started))).unwrap();
        let child = self
            .assay(&["worker", "--slots", "1", "--http", "127.0.0.1:0", "--drain-seconds", "5"])
            .stderr(log)
            .spawn()
            .unwrap();
        self.workers[index] = Some(child);
    }

    fn kill_worker(&mut self, index: usize) {
        let mut child = self.workers[index].take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn stop_worker(&mut self, index: usize) -> bool {
        let mut child = self.workers[index].take().unwrap();
        if let Some(status) = child.try_wait().unwrap() {
            eprintln!("chaos: a worker ended by itself with {status}");
            return false;
        }
        let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(told.success());
        let deadline = Instant::now() + STOPPING;
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > deadline {
                eprintln!("chaos: a worker that was told to stop is still there after {STOPPING:?}");
                child.kill().unwrap();
                child.wait().unwrap();
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        if !status.success() {
            eprintln!("chaos: a worker that was told to stop ended with {status}");
        }
        status.success()
    }

    fn restart(&self, server: &str, crash: bool) {
        let services = self.dir.path().join("services");
        let mut arguments = vec!["restart", services.to_str().unwrap(), server];
        if crash {
            arguments.push("crash");
        }
        script(&arguments);
    }

    /// Waits until so many submissions are finished, for a while: faults may be what holds them up.
    async fn await_finished(&self, wanted: usize) {
        let deadline = Instant::now() + Duration::from_secs(15);
        while Instant::now() < deadline {
            let count = "SELECT count(*) FROM submissions WHERE finished_at IS NOT NULL";
            let finished: i64 = match PgPool::connect(&self.direct_postgres).await {
                Ok(pool) => sqlx::query_scalar(count).fetch_one(&pool).await.unwrap_or(0),
                Err(_) => 0,
            };
            if usize::try_from(finished).unwrap() >= wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    fn direct_queue(&self) -> AmqpQueue {
        AmqpQueue::new(Address::parse(&self.direct_amqp, None).unwrap(), "chaos")
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for child in self.workers.iter_mut().flatten() {
            drop(child.kill());
            drop(child.wait());
        }
        script(&["stop", self.dir.path().join("services").to_str().unwrap()]);
        if let Some(keep) = std::env::var_os("ASSAY_CHAOS_KEEP") {
            drop(Command::new("cp").args(["-r", self.dir.path().to_str().unwrap()]).arg(keep).status());
        }
    }
}

fn script(arguments: &[&str]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/services");
    let status = Command::new(path).args(arguments).stdin(Stdio::null()).status().unwrap();
    assert!(status.success(), "scripts/services {arguments:?}");
}

fn port(url: &str) -> u16 {
    url.rsplit_once(':').unwrap().1.split('/').next().unwrap().parse().unwrap()
}

/// What is done to the system, one at a time.
const FAULTS: &[(&str, u64)] = &[
    ("kill a worker", 10),
    ("stop a worker", 3),
    ("cut the broker's connections", 5),
    ("cut the database's connections", 5),
    ("cut before a commit", 5),
    ("cut after a commit", 5),
    ("cut before an acknowledgement", 5),
    ("cut in a publication", 4),
    ("cut before a confirmation", 4),
    ("publish again", 6),
    ("publish nonsense", 6),
    ("restart the broker", 1),
    ("crash the broker", 1),
    ("restart the database", 1),
    ("crash the database", 1),
];

async fn run(options: &Options) -> bool {
    let begun = Instant::now();
    let mounts = mount_points();
    let mut random = Random::new(options.seed);
    let planned = batch::plan(options.submissions, &mut random);
    let mut stage = Stage::set_up().await;
    for index in 0..WORKERS {
        stage.start_worker(index);
    }
    let mut nonsense = BTreeSet::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut orderly = true;
    let parts: Vec<&[Planned]> = planned.chunks(planned.len().div_ceil(PARTS)).collect();
    let mut submitting: Option<(usize, Child)> = None;
    let mut submitted = 0;
    for fault in 0..options.faults {
        // Submitting goes on beside the faults, and meets them.
        submitting = advance(&stage, &parts, submitting, &mut submitted, fault * PARTS / options.faults);
        // Spread over the batch, each at a random moment.
        stage.await_finished(fault * options.submissions / options.faults * 9 / 10).await;
        tokio::time::sleep(Duration::from_millis(50 + random.below(400))).await;
        let name = random.weighted(FAULTS);
        *counts.entry(name).or_default() += 1;
        let index = usize::try_from(random.below(WORKERS as u64)).unwrap();
        match name {
            "kill a worker" => {
                stage.kill_worker(index);
                stage.start_worker(index);
            }
            "stop a worker" => {
                orderly &= stage.stop_worker(index);
                stage.start_worker(index);
            }
            "cut the broker's connections" => stage.amqp.cut_all(),
            "cut the database's connections" => stage.postgres.cut_all(),
            "cut before a commit" => stage.postgres.arm(Cut::before(b"COMMIT")),
            "cut after a commit" => stage.postgres.arm(Cut::after(b"COMMIT")),
            "cut before an acknowledgement" => stage.amqp.arm(Cut::before(&[0, 60, 0, 80])),
            "cut in a publication" => stage.amqp.arm(Cut::within(&[0, 60, 0, 40])),
            "cut before a confirmation" => stage.amqp.arm(Cut::after(&[0, 60, 0, 40])),
            "publish again" => publish_again(&stage, &planned, submitted * parts[0].len(), &mut random).await,
            "publish nonsense" => publish_nonsense(&stage, &mut nonsense, &mut random).await,
            "restart the broker" => stage.restart("rabbitmq", false),
            "crash the broker" => stage.restart("rabbitmq", true),
            "restart the database" => stage.restart("postgres", false),
            "crash the database" => stage.restart("postgres", true),
            other => unreachable!("{other}"),
        }
        // A worker must outlive everything but a kill.
        for index in 0..WORKERS {
            if let Some(child) = &mut stage.workers[index]
                && let Some(status) = child.try_wait().unwrap()
            {
                eprintln!("chaos: after \"{name}\" a worker ended by itself with {status}");
                orderly = false;
                stage.workers[index] = None;
                stage.start_worker(index);
            }
        }
    }
    stage.amqp.disarm();
    stage.postgres.disarm();
    let deadline = Instant::now() + PATIENCE;
    while submitted < parts.len() && Instant::now() < deadline {
        submitting = advance(&stage, &parts, submitting, &mut submitted, PARTS);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let pool = PgPool::connect(&stage.direct_postgres).await.unwrap();
    let queue = stage.direct_queue();
    loop {
        let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM submissions WHERE state IN ('new', 'queued')")
            .fetch_one(&pool)
            .await
            .unwrap();
        if (waiting == 0 && queue.depth(&lanes()).await.unwrap_or(1) == 0) || Instant::now() > deadline {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for index in 0..WORKERS {
        orderly &= stage.stop_worker(index);
    }
    let seconds = begun.elapsed().as_secs_f64();
    let shown: Vec<String> = counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
    println!("{seconds:.0} s; faults: {}", shown.join(", "));
    // One that is still armed when the next is, or when it ends, has not struck.
    println!("{} of the cuts at certain bytes have struck", stage.amqp.struck() + stage.postgres.struck());
    let clean = judge(options, &planned, &nonsense, &mounts, &pool, &queue).await && orderly;
    queue.close().await;
    clean
}

/// Starts the next parts of the batch up to `wanted`, one command after the other; one that fails is run again.
fn advance(
    stage: &Stage,
    parts: &[&[Planned]],
    submitting: Option<(usize, Child)>,
    submitted: &mut usize,
    wanted: usize,
) -> Option<(usize, Child)> {
    let start = |part: usize| {
        let path = stage.dir.path().join(format!("part-{part}.jsonl"));
        if !path.exists() {
            let lines: Vec<String> = parts[part].iter().map(|planned| planned.message.to_string()).collect();
            std::fs::write(&path, lines.join("\n")).unwrap();
        }
        let log = std::fs::File::options().create(true).append(true).open(stage.dir.path().join("submit.log")).unwrap();
        let child = stage.assay(&["submit", "--batch", "chaos", path.to_str().unwrap()]).stderr(log).spawn().unwrap();
        Some((part, child))
    };
    match submitting {
        Some((part, mut child)) => match child.try_wait().unwrap() {
            None => Some((part, child)),
            Some(status) if status.success() => {
                *submitted = part + 1;
                None
            }
            Some(_) => start(part),
        },
        None if *submitted < parts.len() && *submitted <= wanted => start(*submitted),
        None => None,
    }
}

fn lane_of(planned: &Planned) -> Lane {
    Lane::new(planned.code, Class::Bulk, None)
}

fn lanes() -> Vec<Lane> {
    batch::CODES.iter().map(|code| Lane::new(code, Class::Bulk, None)).collect()
}

async fn publish_again(stage: &Stage, planned: &[Planned], known: usize, random: &mut Random) {
    let queue = stage.direct_queue();
    for _ in 0..3 {
        if known == 0 {
            break;
        }
        let again = &planned[usize::try_from(random.below(known.min(planned.len()) as u64)).unwrap()];
        let mut message = again.message.clone();
        message["batch_id"] = "chaos".into();
        let message = Message { id: again.id, lane: lane_of(again), body: message.to_string().into_bytes() };
        queue.open_lane(&message.lane).await.unwrap();
        Queue::Amqp(queue.clone()).publish(&message).await.unwrap();
    }
    queue.close().await;
}

async fn publish_nonsense(stage: &Stage, nonsense: &mut BTreeSet<Uuid>, random: &mut Random) {
    let queue = stage.direct_queue();
    let bodies: [&[u8]; 4] = [
        b"\x00\xff\xfe",
        b"{\"version\": 2}",
        b"",
        b"{\"version\":1,\"submission_id\":\"x\",\"language\":\"c\",\"files\":[]}",
    ];
    let id = random.uuid();
    let lane = Lane::new(batch::CODES[usize::try_from(random.below(2)).unwrap()], Class::Bulk, None);
    let body = bodies[usize::try_from(random.below(4)).unwrap()].to_vec();
    queue.open_lane(&lane).await.unwrap();
    Queue::Amqp(queue.clone()).publish(&Message { id, lane, body }).await.unwrap();
    queue.close().await;
    nonsense.insert(id);
}

/// Counts what went wrong and prints the closing line.
async fn judge(
    options: &Options,
    planned: &[Planned],
    nonsense: &BTreeSet<Uuid>,
    mounts: &BTreeSet<String>,
    pool: &PgPool,
    queue: &AmqpQueue,
) -> bool {
    let rows =
        sqlx::query("SELECT submission_id, state, verdict, reason FROM submissions").fetch_all(pool).await.unwrap();
    let found: BTreeMap<Uuid, (String, Option<String>, String)> =
        rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2), row.get(3)))).collect();
    let mut letters: BTreeMap<Uuid, String> = BTreeMap::new();
    let mut unknown_letters = 0;
    let look = |letter: DeadLetter| {
        match letter.id {
            Some(id) => drop(letters.insert(id, letter.reason)),
            None => unknown_letters += 1,
        }
        async { false }
    };
    queue.dead_letters(look).await.unwrap();
    let (mut lost, mut wrong) = (0, 0);
    let tell = |what: &str, planned: &Planned, seen: String| {
        eprintln!("chaos: {what}: {} {} expected {:?}: {seen}", planned.id, planned.kind, planned.expected);
    };
    for planned in planned {
        let state = found.get(&planned.id);
        match (&planned.expected, state) {
            (_, None) => {
                lost += 1;
                tell("lost", planned, "not known".to_owned());
            }
            (Expected::Verdict(wanted), Some((_, Some(verdict), _))) if verdict == wanted => {}
            (Expected::Quarantined(part), Some((state, None, reason)))
                if state == "quarantined" && reason.contains(part) =>
            {
                if letters.get(&planned.id).is_none_or(|reason| !reason.contains(part)) {
                    lost += 1;
                    tell("lost", planned, format!("not in the dead-letter queue: {:?}", letters.get(&planned.id)));
                }
            }
            (_, Some((state, None, reason))) if state == "new" || state == "queued" => {
                lost += 1;
                tell("lost", planned, format!("{state} {reason}"));
            }
            (_, Some(seen)) => {
                wrong += 1;
                tell("wrong", planned, format!("{seen:?}"));
            }
        }
    }
    for id in nonsense {
        if letters.get(id).is_none_or(|reason| !reason.starts_with("malformed: ")) {
            lost += 1;
            eprintln!("chaos: lost: malformed {id} is not in the dead-letter queue: {:?}", letters.get(id));
        }
    }
    let expected: BTreeSet<Uuid> = planned
        .iter()
        .filter(|planned| matches!(planned.expected, Expected::Quarantined(_)))
        .map(|planned| planned.id)
        .chain(nonsense.iter().copied())
        .collect();
    for (id, reason) in &letters {
        if !expected.contains(id) {
            wrong += 1;
            eprintln!("chaos: wrong: {id} is in the dead-letter queue: {reason}");
        }
    }
    wrong += unknown_letters;
    let doubled: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM (SELECT submission_id FROM attempts WHERE outcome = 'recorded' GROUP BY submission_id HAVING count(*) > 1) d",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    // What a verdict must have with it.
    let torn: Vec<Uuid> = sqlx::query_scalar(
        "SELECT submission_id FROM submissions s WHERE state = 'graded' AND (finished_at IS NULL OR NOT EXISTS (
           SELECT FROM attempts a WHERE a.attempt_id = s.attempt_id AND a.submission_id = s.submission_id AND a.outcome = 'recorded')
         OR (verdict <> 'CE' AND NOT EXISTS (SELECT FROM test_results t WHERE t.submission_id = s.submission_id)))",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    for id in &torn {
        eprintln!("chaos: wrong: {id} has a verdict without its attempt or its tests");
    }
    wrong += torn.len();
    let mut leaked = usize::try_from(queue.depth(&lanes()).await.unwrap_or(1)).unwrap();
    if leaked > 0 {
        eprintln!("chaos: leaked: {leaked} messages are left in the queues");
    }
    leaked += left_over(mounts);
    let attempts: i64 = sqlx::query_scalar("SELECT count(*) FROM attempts").fetch_one(pool).await.unwrap();
    println!("{attempts} attempts at {} submissions, {} dead letters", found.len(), letters.len());
    println!(
        "submissions {} faults {} lost {lost} doubled {doubled} wrong {wrong} leaked {leaked}",
        options.submissions, options.faults
    );
    lost == 0 && doubled == 0 && wrong == 0 && leaked == 0
}

/// Processes, control groups and mounts of sandboxes, after the sweep of another start. `mounts` are those of before.
fn left_over(mounts: &BTreeSet<String>) -> usize {
    let swept = Command::new(env!("CARGO_BIN_EXE_assay"))
        .args(["run", "--", "/bin/true"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(swept.success());
    let mut left = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let command = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let owner = std::fs::read_to_string(entry.path().join("status")).unwrap_or_default();
        let orphan = owner.lines().any(|line| line == "PPid:\t1");
        if command.starts_with(b"assay-bootstrap") && orphan {
            left.push(entry.path());
        }
    }
    for root in ["/sys/fs/cgroup", "/sys/fs/cgroup/memory", "/sys/fs/cgroup/pids", "/sys/fs/cgroup/unified"] {
        let runs = std::fs::read_dir(PathBuf::from(root).join("assay")).into_iter().flatten().flatten();
        left.extend(runs.map(|entry| entry.path()).filter(|path| path.is_dir() && !has_processes(path)));
    }
    left.extend(mount_points().difference(mounts).map(PathBuf::from));
    for path in &left {
        eprintln!("chaos: leaked: {}", path.display());
    }
    left.len()
}

fn mount_points() -> BTreeSet<String> {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    mounts.lines().filter_map(|line| line.split(' ').nth(4)).map(str::to_owned).collect()
}

/// Whether a session's groups hold launchers or runs: then it is somebody else's, and alive.
fn has_processes(path: &Path) -> bool {
    let own = std::fs::read_to_string(path.join("cgroup.procs")).unwrap_or_default();
    let live = |name: &str| name.split('-').next().is_some_and(|pid| Path::new("/proc").join(pid).exists());
    !own.trim().is_empty() || path.file_name().is_some_and(|name| live(&name.to_string_lossy()))
}
