//! The worker as its operator sees it: the binary against a real broker and a real database.

mod common;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use assay::queue::amqp::Address;
use assay::queue::{AmqpQueue, Class, Lane, Message, Queue};
use serde_json::{Value, json};
use sqlx::{PgPool, Row as _};
use uuid::Uuid;

/// A broker, a database, and a directory for files.
struct Bench {
    amqp: String,
    postgres: String,
    dir: tempfile::TempDir,
}

/// A worker that is killed if a test fails.
struct Running {
    child: Child,
    log: PathBuf,
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Running {
    fn signal(&self, name: &str) {
        let told = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(told.expect("kill").success());
    }

    async fn ended(&mut self) -> Option<i32> {
        common::until("the worker ends", async || self.child.try_wait().expect("a status").is_some()).await;
        self.child.wait().expect("a status").code()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Where it serves HTTP, from its log.
    fn http(&self) -> String {
        let log = self.log();
        let address = log.split("http=").nth(1).and_then(|rest| rest.split_whitespace().next());
        address.unwrap_or_else(|| panic!("no address: {log}")).to_owned()
    }

    fn get(&self, path: &str) -> (bool, String) {
        let url = format!("http://{}{path}", self.http());
        let get = "import sys, urllib.request, urllib.error\n\
            try: print(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode())\n\
            except urllib.error.HTTPError as e: print(e.read().decode()); sys.exit(1)";
        let output = Command::new("/usr/bin/python3").args(["-c", get, &url]).output().expect("python3");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

impl Bench {
    async fn new() -> Option<Self> {
        let (amqp, postgres) = (common::service("ASSAY_TEST_AMQP_URL")?, common::service("ASSAY_TEST_DATABASE_URL")?);
        let dir = tempfile::tempdir().expect("a directory");
        Some(Self { amqp: common::virtual_host(&amqp), postgres: common::database(&postgres).await, dir })
    }

    fn assay(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        command
            .args(arguments)
            .env("ASSAY_AMQP_URL", &self.amqp)
            .env("ASSAY_DATABASE_URL", &self.postgres)
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.assay(arguments).output().expect("the binary starts")
    }

    /// The JSON lines that a command prints.
    fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let output = self.run(arguments);
        let lines = String::from_utf8_lossy(&output.stdout);
        lines
            .lines()
            .map(|line| {
                let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {line} {stderr}"))
            })
            .collect()
    }

    async fn worker(&self, arguments: &[&str]) -> Running {
        let log = self.dir.path().join(format!("{}.log", Uuid::new_v4()));
        let mut all = vec!["worker", "--slots", "2", "--http", "127.0.0.1:0"];
        all.extend(arguments);
        let child = self
            .assay(&all)
            .env("NO_COLOR", "1")
            .stderr(std::fs::File::create(&log).expect("a log"))
            .stdout(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let mut running = Running { child, log };
        common::until("the worker is ready", async || {
            assert!(running.child.try_wait().expect("a status").is_none(), "{}", running.log());
            running.log().contains("this worker is ready")
        })
        .await;
        running
    }

    fn write(&self, name: &str, lines: &[Value]) -> String {
        let path = self.dir.path().join(name);
        let text: Vec<String> = lines.iter().map(Value::to_string).collect();
        std::fs::write(&path, text.join("\n")).expect("a file");
        path.display().to_string()
    }

    fn submit(&self, arguments: &[&str]) -> Value {
        let mut all = vec!["submit", "--json"];
        all.extend(arguments);
        self.json(&all).pop().expect("a line")
    }

    fn queue(&self) -> AmqpQueue {
        AmqpQueue::new(Address::parse(&self.amqp, None).expect("an address"), "a test")
    }

    async fn pool(&self) -> PgPool {
        PgPool::connect(&self.postgres).await.expect("the server answers")
    }
}

const METADATA: &str = "{\"task_id\":\"double\",\"z\":1,\"a\":1.50}";

fn message(number: u32, text: &str) -> Value {
    json!({"version": 1, "submission_id": format!("00000000-0000-4000-8000-{number:012}"), "language": "python3",
        "files": [{"name": "a.py", "text": text}], "tests": [{"id": "1", "stdin": "4\n", "expected": "8\n"}],
        "limits": {"cpu_ms": 5000, "wall_ms": 60000}, "metadata": serde_json::from_str::<Value>(METADATA).expect("JSON")})
}

const RIGHT: &str = "print(2 * int(input()))";
/// Long enough that no worker has done all before another looks.
const SLOW_AND_RIGHT: &str = "import time; time.sleep(0.2); print(2 * int(input()))";

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_goes_through_two_workers_and_comes_out_in_every_format() {
    let Some(bench) = Bench::new().await else { return };
    let lines: Vec<Value> = (0..40)
        .map(|number| message(number, if number % 4 == 3 { "print(7)" } else { SLOW_AND_RIGHT }))
        .chain([json!({"version": 1})])
        .collect();
    let path = bench.write("batch.jsonl", &lines);
    let _workers = (bench.worker(&[]).await, bench.worker(&[]).await);
    let first = bench.submit(&["--tenant", "team a", &path]);
    assert_eq!((&first["submitted"], &first["known"], &first["refused"]), (&40.into(), &0.into(), &1.into()));
    let batch = first["batch_id"].as_str().expect("an id").to_owned();
    let again = bench.submit(&["--tenant", "team a", &path]);
    assert_eq!((&again["batch_id"], &again["submitted"], &again["known"]), (&first["batch_id"], &0.into(), &40.into()));

    let status = bench.json(&["status", &batch, "--wait", "--json"]).pop().expect("a line");
    assert_eq!(status["verdicts"], json!({"AC": 30, "WA": 10}), "{status}");
    assert_eq!(
        (&status["finished"], &status["waiting"], &status["label"]),
        (&true.into(), &0.into(), &path.as_str().into())
    );

    let rows = bench.json(&["results", &batch, "--json", "--tests"]);
    assert_eq!(rows.len(), 40);
    assert_eq!(rows[3]["verdict"], "WA");
    assert_eq!(rows[3]["tests"][0]["verdict"], "WA");
    assert_eq!(rows[0]["metadata"].to_string(), METADATA, "as it came");
    let csv = String::from_utf8(bench.run(&["results", &batch, "--format", "csv"]).stdout).expect("text");
    assert_eq!(csv.lines().count(), 41);
    assert!(csv.lines().nth(1).is_some_and(|line| line.contains(",python3,graded,AC,")), "{csv}");
    let whole = String::from_utf8(bench.run(&["results", &batch, "--format", "json"]).stdout).expect("text");
    assert_eq!(serde_json::from_str::<Vec<Value>>(&whole).expect("an array").len(), 40);
    let pass = bench.json(&["results", &batch, "--json", "--pass-at", "1"]);
    assert_eq!(pass[0]["pass_at"]["pass@1"], 0.75);
    let output = bench.run(&["results", &batch, "--format", "csv", "--pass-at", "1"]);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    let id = rows[3]["submission_id"].as_str().expect("an id");
    let one = bench.json(&["results", &batch, "--json", "--submission", id]);
    assert_eq!(one[0]["tests"][0]["stdout"], "7\n");

    // Two workers have shared it, and each recorded what it began.
    let counts = sqlx::query("SELECT worker_id, count(*) FROM attempts WHERE outcome = 'recorded' GROUP BY worker_id")
        .fetch_all(&bench.pool().await)
        .await
        .expect("counts");
    let counts: Vec<i64> = counts.iter().map(|row| row.get(1)).collect();
    assert_eq!((counts.len(), counts.iter().sum::<i64>()), (2, 40), "{counts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_graded_is_put_aside_with_its_reason_and_can_be_sent_again() {
    let Some(bench) = Bench::new().await else { return };
    let mut unknown = message(1, RIGHT);
    unknown["problem"] = json!({"id": "sum", "sha256": "0".repeat(64)});
    unknown.as_object_mut().expect("an object").remove("tests");
    let path = bench.write("batch.jsonl", &[unknown]);
    let batch = bench.submit(&[&path])["batch_id"].as_str().expect("an id").to_owned();
    // Nonsense from somebody who publishes by himself.
    let queue = bench.queue();
    let lane = Lane::new("python3", Class::Bulk, None);
    queue.open_lane(&lane).await.expect("a lane");
    let nonsense = Message { id: Uuid::new_v4(), lane: lane.clone(), body: b"{\"version\": 1, \"x\": 2}".to_vec() };
    Queue::Amqp(queue.clone()).publish(&nonsense).await.expect("published");

    let packages = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/packages");
    let _worker = bench.worker(&["--packages", packages]).await;
    let status = bench.json(&["status", &batch, "--wait", "--json"]).pop().expect("a line");
    assert_eq!((&status["quarantined"], &status["graded"]), (&1.into(), &0.into()));
    let mut listed = Vec::new();
    common::until("both are put aside", async || {
        listed = bench.json(&["quarantine", "list", "--json"]);
        listed.len() == 2
    })
    .await;
    let reason = |id: &str| {
        let found = listed.iter().find(|letter| letter["submission_id"] == id);
        found.map(|letter| letter["reason"].to_string()).unwrap_or_default()
    };
    let unknown = "00000000-0000-4000-8000-000000000001";
    assert!(reason(unknown).contains("this worker's package has sha256"), "{listed:?}");
    assert!(
        reason(&nonsense.id.to_string()).contains("malformed")
            && reason(&nonsense.id.to_string()).contains("is no field")
    );

    // Sent again it comes back, for nothing has changed; nonsense is not even sent.
    let output = bench.run(&["quarantine", "retry", "--all"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    common::until("it is put aside again", async || bench.json(&["quarantine", "list", "--json"]).len() == 2).await;
    let attempts: i64 = sqlx::query_scalar("SELECT count(*) FROM attempts WHERE outcome = 'refused'")
        .fetch_one(&bench.pool().await)
        .await
        .expect("a count");
    assert_eq!(attempts, 2);
    let output = bench.run(&["quarantine", "drop", unknown, &Uuid::new_v4().to_string()]);
    assert_eq!(output.status.code(), Some(1), "one of them is not there");
    assert_eq!(bench.json(&["quarantine", "list", "--json"]).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_of_the_packages_directory_is_graded_by_its_hash() {
    let Some(bench) = Bench::new().await else { return };
    let packages = tempfile::tempdir().expect("a directory");
    let sum = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/packages/sum");
    let copied = Command::new("cp").arg("-r").arg(sum).arg(packages.path()).status().expect("cp");
    assert!(copied.success());
    let source = packages.path().join("sum/submissions/accepted/sum.py").display().to_string();
    let problem = packages.path().join("sum");
    let _worker = bench.worker(&["--packages", &packages.path().display().to_string()]).await;
    let graded = async || {
        let sent = bench.submit(&["--problem", &problem.display().to_string(), &source]);
        let batch = sent["batch_id"].as_str().expect("an id").to_owned();
        bench.json(&["status", &batch, "--wait", "--json"]);
        bench.json(&["results", &batch, "--json"]).pop().expect("a row")
    };
    let row = graded().await;
    assert_eq!((&row["verdict"], &row["task"]), (&"AC".into(), &"sum".into()), "{row}");

    // It is changed under the worker, which must not go on with what it had read.
    std::fs::write(problem.join("data/sample/1.ans"), "no sum\n").expect("written");
    let row = graded().await;
    assert_eq!(row["verdict"], "WA", "{row}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_with_other_contents_is_refused() {
    let Some(bench) = Bench::new().await else { return };
    let path = bench.write("first.jsonl", &[message(1, RIGHT)]);
    let batch = bench.submit(&["--batch", "b", &path])["batch_id"].as_str().expect("an id").to_owned();
    let path = bench.write("other.jsonl", &[message(1, "print(7)")]);
    let output = bench.run(&["submit", "--batch", "b", &path]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));

    let _worker = bench.worker(&[]).await;
    let status = bench.json(&["status", &batch, "--wait", "--json"]).pop().expect("a line");
    assert_eq!(status["verdicts"], json!({"AC": 1}), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_told_to_stop_finishes_what_it_has() {
    let Some(bench) = Bench::new().await else { return };
    let slow = "import time; time.sleep(3); print(2 * int(input()))";
    let path = bench.write("batch.jsonl", &(0..6).map(|number| message(number, slow)).collect::<Vec<_>>());
    let batch = bench.submit(&[&path])["batch_id"].as_str().expect("an id").to_owned();
    let mut worker = bench.worker(&[]).await;
    let pool = bench.pool().await;
    common::until("two are begun", async || {
        let begun: i64 = sqlx::query_scalar("SELECT count(*) FROM attempts").fetch_one(&pool).await.expect("a count");
        begun == 2
    })
    .await;
    worker.signal("TERM");
    assert_eq!(worker.ended().await, Some(0), "{}", worker.log());
    let status = bench.json(&["status", &batch, "--json"]).pop().expect("a line");
    assert_eq!((&status["graded"], &status["waiting"]), (&2.into(), &4.into()), "{status}");
    let outcomes: Vec<Option<String>> =
        sqlx::query_scalar("SELECT outcome FROM attempts").fetch_all(&pool).await.expect("outcomes");
    assert_eq!(outcomes, [Some("recorded".to_owned()), Some("recorded".to_owned())]);

    // With no time for it, it hands them back; that is no failed attempt, and the next worker gets them.
    let mut worker = bench.worker(&["--drain-seconds", "0"]).await;
    common::until("two more are begun", async || {
        let begun: i64 = sqlx::query_scalar("SELECT count(*) FROM attempts").fetch_one(&pool).await.expect("a count");
        begun == 4
    })
    .await;
    worker.signal("TERM");
    assert_eq!(worker.ended().await, Some(0), "{}", worker.log());
    let abandoned: i64 = sqlx::query_scalar("SELECT count(*) FROM attempts WHERE outcome = 'abandoned'")
        .fetch_one(&pool)
        .await
        .expect("a count");
    assert_eq!(abandoned, 2);
    let _worker = bench.worker(&[]).await;
    let status = bench.json(&["status", &batch, "--wait", "--json"]).pop().expect("a line");
    assert_eq!(status["verdicts"], json!({"AC": 6}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_longer_than_the_brokers_patience_is_neither_lost_nor_doubled() {
    if common::service("ASSAY_TEST_AMQP_URL").is_none() {
        return;
    }
    // A broker of its own, that gives up on deliveries after two seconds.
    let services = Services::start(2000);
    long_job(services.dir.path().join("services").display().to_string()).await;
}

/// Servers of a test's own, stopped with it.
struct Services {
    dir: tempfile::TempDir,
}

const SERVICES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/services");

impl Services {
    fn start(consumer_timeout_ms: u32) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        // PostgreSQL runs as another user.
        std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711)).expect("a mode");
        let started = Command::new(SERVICES)
            .arg("start")
            .arg(dir.path().join("services"))
            .env("ASSAY_TEST_CONSUMER_TIMEOUT_MS", consumer_timeout_ms.to_string())
            .status();
        assert!(started.expect("the script starts").success());
        Self { dir }
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        drop(Command::new(SERVICES).arg("stop").arg(self.dir.path().join("services")).status());
    }
}

async fn long_job(services: String) {
    let env = std::fs::read_to_string(format!("{services}/env")).expect("the addresses");
    let variable = |name: &str| {
        env.lines().find_map(|line| line.strip_prefix(&format!("export {name}="))).expect("an address").to_owned()
    };
    let bench = Bench {
        amqp: variable("ASSAY_TEST_AMQP_URL"),
        postgres: common::database(&variable("ASSAY_TEST_DATABASE_URL")).await,
        dir: tempfile::tempdir().expect("a directory"),
    };
    let slow = "import time; time.sleep(9); print(2 * int(input()))";
    let path = bench.write("batch.jsonl", &[message(1, slow)]);
    let batch = bench.submit(&[&path])["batch_id"].as_str().expect("an id").to_owned();
    let worker = bench.worker(&[]).await;
    let status = bench.json(&["status", &batch, "--wait", "--json"]).pop().expect("a line");
    assert_eq!(status["verdicts"], json!({"AC": 1}), "{}", worker.log());
    assert!(
        worker.log().contains("connection for receiving is gone"),
        "the broker has not lost patience: {}",
        worker.log()
    );
    let pool = bench.pool().await;
    let attempts: i64 = sqlx::query_scalar("SELECT count(*) FROM attempts").fetch_one(&pool).await.expect("a count");
    assert_eq!(attempts, 1, "it was graded once; {}", worker.log());
    let (queue, lane) = (bench.queue(), Lane::new("python3", Class::Bulk, None));
    common::until("the queue is empty", async || {
        queue.depth(std::slice::from_ref(&lane)).await.is_ok_and(|depth| depth == 0)
    })
    .await;
    assert!(bench.json(&["quarantine", "list", "--json"]).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_says_how_it_is() {
    let Some(bench) = Bench::new().await else { return };
    let worker = bench.worker(&["--log-format", "human"]).await;
    common::until("it is ready", async || worker.get("/readyz").0).await;
    assert!(worker.get("/healthz").0);
    let path = bench.write("batch.jsonl", &[message(1, RIGHT)]);
    let batch = bench.submit(&["--class", "interactive", &path])["batch_id"].as_str().expect("an id").to_owned();
    bench.json(&["status", &batch, "--wait", "--json"]);
    let (_, text) = worker.get("/metrics");
    for line in [
        "assay_submissions_total{verdict=\"AC\"} 1",
        "assay_run_seconds_count 1",
        "assay_overhead_seconds_count 1",
        "assay_queue_age_seconds_count 1",
        "assay_slots 2",
        "assay_fit 1",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let log = worker.log();
    assert!(log.contains("submission_id=00000000-0000-4000-8000-000000000001") && log.contains("verdict=AC"), "{log}");
    assert!(!log.contains("guest:guest"), "{log}");
}

#[test]
fn addresses_that_are_none_are_told_without_their_passwords() {
    let assay = |variables: &[(&str, &str)]| {
        Command::new(env!("CARGO_BIN_EXE_assay"))
            .args(["worker", "--http", "127.0.0.1:0"])
            .env_remove("ASSAY_AMQP_URL")
            .env_remove("ASSAY_DATABASE_URL")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .output()
            .expect("the binary starts")
    };
    let output = assay(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("ASSAY_AMQP_URL"));
    for (amqp, postgres) in [
        ("htp://me:hidden-word@host", "postgres://x@127.0.0.1/x"),
        ("amqp://127.0.0.1:1/%2f", "postgrs://me:hidden-word@127.0.0.1:1/x"),
    ] {
        let output = assay(&[("ASSAY_AMQP_URL", amqp), ("ASSAY_DATABASE_URL", postgres)]);
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(!text.contains("hidden-word"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_told_to_stop_while_it_starts_ends_in_order() {
    let Some(bench) = Bench::new().await else { return };
    let mut command = bench.assay(&["worker", "--http", "127.0.0.1:0"]);
    // Nothing listens there, so that it is still starting when it is told.
    let address = "postgres://assay@127.0.0.1:1/assay";
    let mut child =
        command.env("ASSAY_DATABASE_URL", address).stderr(Stdio::piped()).spawn().expect("the binary starts");
    let mut log = std::io::BufReader::new(child.stderr.take().expect("a pipe"));
    let mut line = String::new();
    while !line.contains("waiting for the database") {
        line.clear();
        assert!(std::io::BufRead::read_line(&mut log, &mut line).expect("readable") > 0, "it ended by itself");
    }
    let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill");
    assert!(told.success());
    assert_eq!(child.wait().expect("waited for").code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn those_that_are_the_same_are_graded_once_where_that_is_asked_for() {
    let Some(bench) = Bench::new().await else { return };
    let mut lines: Vec<Value> = (0..6).map(|number| message(number, RIGHT)).collect();
    lines.push(message(6, "print(1)"));
    let file = bench.write("all.jsonl", &lines);
    bench.run(&["migrate"]);
    let mut worker = bench.worker(&["--dedupe"]).await;
    let batch = bench.submit(&[&file])["batch_id"].as_str().expect("a batch").to_owned();
    let last = bench.json(&["status", &batch, "--wait", "--json"]).pop().expect("a line");
    let pool = bench.pool().await;
    let taken: Vec<(String, Option<Uuid>)> =
        sqlx::query_as("SELECT verdict, same_as FROM submissions ORDER BY submission_id")
            .fetch_all(&pool)
            .await
            .expect("rows");
    assert_eq!(taken.iter().filter(|(_, first)| first.is_some()).count(), 5, "{taken:?} {last}");
    let verdicts: Vec<_> = taken.iter().map(|(verdict, _)| verdict.as_str()).collect();
    assert_eq!(verdicts, ["AC", "AC", "AC", "AC", "AC", "AC", "WA"]);
    assert_eq!(taken[6].1, None);
    assert!(worker.get("/metrics").1.contains("assay_graded_once_total 5"), "{}", worker.get("/metrics").1);
    worker.signal("TERM");
    assert_eq!(worker.ended().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_counts_second_runs_near_a_time_limit_and_tells_its_cpus() {
    let Some(bench) = Bench::new().await else { return };
    let is_pinned = std::thread::available_parallelism().is_ok_and(|cpus| cpus.get() >= 2);
    let burn = "import time\nwanted = float(input())\nwhile time.process_time() < wanted: pass\nprint(8)";
    let mut near = message(1, burn);
    near["tests"] = json!([{"id": "near", "stdin": "0.96"}, {"id": "far", "stdin": "0.3"}]);
    near["limits"] = json!({"cpu_ms": 1000});
    let file = bench.write("near.jsonl", &[near]);
    let mut worker = bench.worker(if is_pinned { &["--pin"] } else { &[] }).await;
    for outcome in ["same", "changed"] {
        let line = format!("assay_reruns_total{{outcome=\"{outcome}\"}} 0");
        assert!(worker.get("/metrics").1.contains(&line), "{line}: {}", worker.get("/metrics").1);
    }
    let batch = bench.submit(&[&file])["batch_id"].as_str().expect("a batch").to_owned();
    bench.json(&["status", &batch, "--wait", "--json"]);
    let (_, metrics) = worker.get("/metrics");
    assert!(metrics.contains("assay_reruns_total{outcome=\"same\"} 1"), "{metrics}");
    let pool = bench.pool().await;
    let tests: Vec<(String, String, Option<String>)> =
        sqlx::query_as("SELECT test_id, verdict, first_verdict FROM test_results WHERE position > 0 ORDER BY position")
            .fetch_all(&pool)
            .await
            .expect("rows");
    let accepted = || "AC".to_owned();
    assert_eq!(tests, [("near".to_owned(), accepted(), Some(accepted())), ("far".to_owned(), accepted(), None)]);
    let cpus: Option<Vec<i32>> =
        sqlx::query_scalar("SELECT cpus FROM workers").fetch_one(&pool).await.expect("the worker");
    assert_eq!(cpus.as_ref().map(Vec::len), is_pinned.then_some(2));
    assert_eq!(worker.log().contains("cpus="), is_pinned, "{}", worker.log());
    worker.signal("TERM");
    assert_eq!(worker.ended().await, Some(0));
}
