//! One worker that gets case after case, and what must hold after each.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::actions;
use crate::case::{Case, Part};
use crate::host::Host;
use crate::options::Options;
use crate::posture;
use crate::worker::{Setting, Worker};

/// A report is never longer (I12).
const LONGEST_REPORT: usize = 256 << 10;

/// A worker, and the host around it.
pub(crate) struct Run<'a> {
    options: &'a Options,
    setting: Setting,
    pub(crate) worker: Worker,
    pub(crate) host: Host,
    reference: Option<Reference>,
    version: String,
    pub(crate) store: tempfile::TempDir,
}

/// What the harmless job used when nothing had happened yet.
#[derive(Clone, Copy, Debug)]
struct Reference {
    cpu_ms: f64,
    memory_bytes: f64,
}

impl<'a> Run<'a> {
    pub(crate) fn start(options: &'a Options) -> Self {
        let mut host = Host::new(&options.assay, options.shared);
        let store = tempfile::Builder::new().prefix(&host.canaries.token).tempdir().expect("a directory");
        let setting = Setting {
            assay: options.assay.clone(),
            slots: options.slots,
            compile_ms: if options.slow { 60_000 } else { 10_000 },
            directory: store.path().to_owned(),
            environment: vec![("ASSAY_TEST_SECRET".to_owned(), host.canaries.token.clone())],
        };
        let worker = Worker::start(&setting);
        host.canaries.words.0.push(("@WORKER_PID@", worker.pid().to_string()));
        let mut run = Self { options, setting, worker, host, reference: None, version: String::new(), store };
        run.settle();
        run
    }

    /// Lets a new worker do harmless work, and takes what is there then for how it must be.
    fn settle(&mut self) {
        let mut samples = Vec::new();
        for _ in 0..3 {
            for line in self.references() {
                let report: Value = serde_json::from_str(&line.expect("the harmless job is graded")).expect("JSON");
                assert_eq!(report["verdict"], "AC", "the harmless job: {report}");
                samples.push(report);
            }
        }
        let median = |name: &str| {
            let mut values: Vec<f64> = samples.iter().filter_map(|report| report["tests"][0][name].as_f64()).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        self.reference = Some(Reference { cpu_ms: median("cpu_ms"), memory_bytes: median("memory_bytes") });
        if self.version.is_empty() {
            self.version = version_of_groups();
        }
        self.host.settle(&self.worker);
    }

    /// Why this host cannot run the case.
    pub(crate) fn lacks(&self, case: &Case) -> Option<String> {
        case.needs().iter().find_map(|need| match need.as_str() {
            "v1" | "v2" => (*need != self.version).then(|| format!("control groups here are {}", self.version)),
            "x86_64" => (std::env::consts::ARCH != "x86_64").then(|| "this is another architecture".to_owned()),
            "fast" => self.options.slow.then(|| "this machine is too slow for it".to_owned()),
            other => match other.strip_prefix("toolchain:") {
                Some(path) => (!Path::new(path).exists()).then(|| format!("there is no {path}")),
                None => Some(format!("nobody knows what {other} is")),
            },
        })
    }

    /// Runs a case as often as it says, and everything that must hold afterwards.
    pub(crate) fn case(&mut self, case: &Case) -> Vec<String> {
        let mut problems = Vec::new();
        let mut left = case.repeat();
        while left > 0 && problems.is_empty() {
            // As many at a time as there are slots, so that they are hostile to each other, too.
            let at_once = left.min(if case.parts.len() > 1 { 1 } else { self.worker.slots });
            left -= at_once;
            if case.parts.len() > 1 && !case.together() {
                for part in &case.parts {
                    problems.extend(self.parts(case, &[part]));
                }
            } else {
                let parts: Vec<&Part> = case.parts.iter().cycle().take(at_once * case.parts.len()).collect();
                problems.extend(self.parts(case, &parts));
            }
            problems.extend(self.reference());
            problems.extend(self.host.changes(&self.worker));
        }
        problems
    }

    /// Runs these cases at once, and everything that must hold afterwards.
    pub(crate) fn neighbours(&mut self, cases: &[&Case]) -> Vec<String> {
        let mut problems = self.batch(cases);
        if self.options.first && !problems.is_empty() {
            // That is the end, and how the host is matters to nobody.
            return problems;
        }
        problems.extend(self.reference());
        problems.extend(self.host.changes(&self.worker));
        problems
    }

    /// Sends these parts at once and judges what comes back.
    fn parts(&mut self, case: &Case, parts: &[&Part]) -> Vec<String> {
        let canaries = &self.host.canaries;
        let message = |part: &&Part| case.message(part, &canaries.words, &canaries.token, self.options.scale);
        let messages: Vec<Value> = parts.iter().map(message).collect();
        let lines = self.round(&messages);
        let mut problems = Vec::new();
        for (part, line) in parts.iter().zip(lines) {
            match line {
                Ok(line) => problems.extend(self.judge(case, part, &line)),
                Err(error) => {
                    problems.push(error);
                    self.replace_worker();
                    break;
                }
            }
        }
        problems
    }

    /// The harmless job, as often as there are slots.
    fn references(&mut self) -> Vec<Result<String, String>> {
        let messages: Vec<Value> = (0..self.worker.slots).map(|_| reference_message()).collect();
        self.round(&messages)
    }

    /// Sends messages at once; returns what comes back for each.
    fn round(&mut self, messages: &[Value]) -> Vec<Result<String, String>> {
        let patience = Duration::from_secs(if self.options.slow { 600 } else { 120 });
        let sent: Vec<_> = messages.iter().map(|message| self.worker.send(message)).collect();
        sent.into_iter().map(|sent| sent.and_then(|()| self.worker.receive(patience))).collect()
    }

    /// Sends one message of each case at once, and judges what comes back.
    pub(crate) fn batch(&mut self, cases: &[&Case]) -> Vec<String> {
        let canaries = &self.host.canaries;
        let scale = self.options.scale;
        let message = |case: &&Case| case.message(&case.parts[0], &canaries.words, &canaries.token, scale);
        let messages: Vec<Value> = cases.iter().map(message).collect();
        let lines = self.round(&messages);
        let mut problems = Vec::new();
        for (case, line) in cases.iter().zip(lines) {
            let found = line.map_or_else(|error| vec![error], |line| self.judge(case, &case.parts[0], &line));
            problems.extend(found.into_iter().map(|problem| format!("{}: {problem}", case.id())));
        }
        problems
    }

    /// Every case at once in more slots than there are processors, with harmless jobs between (K03). Limits of wall time are
    /// stretched: who waits for a processor is not idle.
    pub(crate) fn all_at_once(&mut self, cases: &[Case]) -> Vec<String> {
        let mut setting = self.setting.clone();
        setting.slots = self.setting.slots * 2;
        let order = actions::everything_at_once(cases);
        let fresh = Worker::start(&setting);
        let usual = std::mem::replace(&mut self.worker, fresh);
        let mut problems = Vec::new();
        for chunk in order.chunks(32) {
            problems.extend(self.batch(chunk));
            for line in self.references() {
                let accepted = line.as_ref().is_ok_and(|line| line.contains("\"verdict\":\"AC\""));
                problems.extend((!accepted).then(|| format!("I6: the harmless job: {line:?}")));
            }
        }
        if let Err(error) = std::mem::replace(&mut self.worker, usual).stop() {
            problems.push(error);
        }
        problems.extend(self.host.changes(&self.worker));
        problems
    }

    /// Whether the case is over soon, tried once.
    pub(crate) fn is_short(&mut self, case: &Case) -> bool {
        let begun = Instant::now();
        self.batch(&[case]).is_empty() && begun.elapsed() < Duration::from_millis(400)
    }

    /// What a program in this language sees, against the golden file.
    pub(crate) fn posture(&mut self, language: &str, name: &str, program: &str) -> Vec<String> {
        let line = self.round(&[posture::message(language, name, program)]).remove(0);
        let report: Value = match line.map(|line| serde_json::from_str(&line)) {
            Ok(Ok(report)) => report,
            other => return vec![format!("{other:?}")],
        };
        let Some(text) = report["tests"][0]["stdout"].as_str() else {
            return vec![format!("{}{}", report["reason"], printed(&report))];
        };
        let found = posture::normalised(text);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus/posture.txt");
        if std::env::var_os("ASSAY_WRITE_SCHEMAS").is_some() && language == "c" {
            std::fs::write(&path, &found).expect("the golden file");
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        posture::difference(&expected, &found).into_iter().collect()
    }

    fn replace_worker(&mut self) {
        let fresh = Worker::start(&self.setting);
        std::mem::replace(&mut self.worker, fresh).kill();
        self.settle();
    }

    /// What is wrong with a report of a part.
    fn judge(&self, case: &Case, part: &Part, line: &str) -> Vec<String> {
        let mut problems = Vec::new();
        if line.len() > LONGEST_REPORT {
            problems.push(format!("I12: the report has {} bytes", line.len()));
        }
        if line.chars().any(char::is_control) {
            problems.push("I12: the report has control characters in it".to_owned());
        }
        let Ok(report) = serde_json::from_str::<Value>(line) else {
            problems.push(format!("I12: this is no report: {line}"));
            return problems;
        };
        let verdict = report["verdict"].as_str().unwrap_or("REFUSED");
        let reason = report["reason"].as_str().unwrap_or_default();
        if !part.expect.iter().any(|expected| expected == verdict) {
            problems.push(format!(
                "the verdict is {verdict} ({reason}), and not {}{}",
                part.expect.join(" or "),
                printed(&report)
            ));
        }
        if let Some(wanted) = &part.reason
            && !reason.contains(wanted.as_str())
        {
            problems.push(format!("the reason is \"{reason}\" and does not say \"{wanted}\""));
        }
        // What was expected is in the reason, for those who judge.
        let mut shown = report.clone();
        if case.is_secret() {
            shown["reason"] = Value::Null;
        }
        for text in strings(&shown) {
            for needle in ["BREACH", self.host.canaries.token.as_str()] {
                if let Some(at) = text.find(needle) {
                    let shown: String = text[at..].chars().take(200).collect();
                    problems.push(format!("BREACH {shown}"));
                }
            }
        }
        // On a machine with others the limit is stretched by the time that a program was ready and got no CPU.
        let slack = if self.options.slow || self.options.shared { 5000 } else { 250 };
        #[expect(clippy::cast_precision_loss, reason = "milliseconds")]
        let longest = case.wall_ms() as f64 * self.options.scale + f64::from(slack);
        for test in report["tests"].as_array().into_iter().flatten() {
            if test["wall_ms"].as_f64().is_some_and(|wall| wall > longest) {
                problems.push(format!("I9: it took {} ms of at most {longest}", test["wall_ms"]));
            }
        }
        problems
    }

    /// The harmless job in every slot comes out as it did before anything had happened (I6). A machine that others use, too, is
    /// slower now and then; what a hostile program does to a slot would last.
    pub(crate) fn reference(&mut self) -> Vec<String> {
        let Some(before) = self.reference else { return Vec::new() };
        let mut problems = Vec::new();
        for _ in 0..5 {
            problems.clear();
            for line in self.references() {
                let report: Value = match line.map(|line| serde_json::from_str(&line)) {
                    Ok(Ok(report)) => report,
                    Ok(Err(error)) => return vec![format!("I6: {error}")],
                    Err(error) => {
                        self.replace_worker();
                        return vec![format!("I6: {error}")];
                    }
                };
                problems.extend(compare(before, &report, self.options.slow));
            }
            if problems.is_empty() {
                break;
            }
        }
        problems
    }
}

fn compare(before: Reference, report: &Value, slow: bool) -> Vec<String> {
    if report["verdict"] != "AC" {
        return vec![format!("I6: the harmless job afterwards: {report}")];
    }
    let (cpu, memory) = (report["tests"][0]["cpu_ms"].as_f64(), report["tests"][0]["memory_bytes"].as_f64());
    let (cpu, memory) = (cpu.unwrap_or(f64::MAX), memory.unwrap_or(f64::MAX));
    let mut problems = Vec::new();
    // A guest's clock counts the time that its host takes from it.
    if !slow && cpu - before.cpu_ms > (before.cpu_ms * 0.05).max(3.0) {
        problems.push(format!("I6: the harmless job took {cpu} ms of CPU time, before it took {}", before.cpu_ms));
    }
    if (memory - before.memory_bytes).abs() > f64::from(1 << 20) {
        problems.push(format!(
            "I6: the harmless job took {memory} bytes of memory, before it took {}",
            before.memory_bytes
        ));
    }
    problems
}

/// The harmless job: some arithmetic, and a file that must not be there yet.
fn reference_message() -> Value {
    let program = "import os\nassert not os.path.exists('/tmp/here') and os.listdir('/dev/shm') == []\nopen('/tmp/here', 'w').close()\n\
                   print(sum(i * i for i in range(40000)) % 1000003 + int(input()))";
    json!({
        "version": 1, "submission_id": Uuid::new_v4(), "language": "python3",
        "files": [{"name": "main.py", "text": program}],
        "tests": [{"id": "1", "stdin": "7\n", "expected": "342600\n"}],
        "limits": {"cpu_ms": 20000, "wall_ms": 60000, "memory_bytes": 64 << 20, "pids": 4},
    })
}

/// Every string in a value.
fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().flat_map(strings).collect(),
        Value::Object(fields) => fields.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

/// The beginning of what a program and its compiler said, for whoever looks into a failure.
fn printed(report: &Value) -> String {
    let mut text = String::new();
    for (name, value) in [
        ("stdout", &report["tests"][0]["stdout"]),
        ("stderr", &report["tests"][0]["stderr"]),
        ("compiler", &report["compile_log"]),
    ] {
        if let Some(said) = value.as_str().filter(|said| !said.is_empty()) {
            let said: String = said.chars().take(400).collect();
            text.extend(format!("\n        {name}: {said:?}").chars());
        }
    }
    text
}

/// Whether control groups are `v1` or `v2` here, as far as memory goes.
fn version_of_groups() -> String {
    let v2 = std::fs::read_to_string("/sys/fs/cgroup/cgroup.controllers");
    if v2.is_ok_and(|text| text.contains("memory")) { "v2" } else { "v1" }.to_owned()
}
