//! Fair measurement through the real binary: slots with CPUs of their own, second runs near a time limit, and CPU times that are
//! those of the program.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

/// Burns as much CPU time, by its own clock, as its input says in microseconds, or between two amounts by chance. Prints when it
/// began and ended on the machine's clock, and what its own clock said at last, all in microseconds.
const BURN: &str = r#"
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static long long us(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

int main(void) {
    long long began = us(CLOCK_MONOTONIC), either, or;
    if (scanf("%lld %lld", &either, &or) != 2) return 1;
    unsigned char chance;
    if (getrandom(&chance, 1, 0) != 1) return 2;
    long long wanted = chance & 1 ? either : or, used;
    while ((used = us(CLOCK_PROCESS_CPUTIME_ID)) < wanted) {}
    printf("%lld %lld %lld\n", began, us(CLOCK_MONOTONIC), used);
    fflush(stdout);
    _exit(0);
}
"#;

/// Waits without a CPU for as many milliseconds as its input says.
const SLEEP: &str = r#"
#include <stdio.h>
#include <unistd.h>
int main(void) {
    int ms;
    if (scanf("%d", &ms) == 1) usleep(ms * 1000);
}
"#;

struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a temporary directory") }
    }

    /// Grades these submissions, whatever they print: the results by their numbers, and what was told.
    fn grade(&self, submissions: &[Value], options: &[&str]) -> (Vec<Value>, Output) {
        let path = self.dir.path().join("batch.jsonl");
        let lines: Vec<String> = submissions.iter().map(Value::to_string).collect();
        std::fs::write(&path, lines.join("\n")).expect("a file");
        let path = path.display().to_string();
        let output = self.assay(&[&["grade", "--json", "--outputs", &path], options].concat());
        let lines = String::from_utf8_lossy(&output.stdout).lines().map(json_of).collect();
        (lines, output)
    }

    fn assay(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        command.args(arguments).env("ASSAY_STORE", self.dir.path().join("store.sqlite")).stdin(Stdio::null());
        command.output().expect("the binary starts")
    }

    /// The rows of a query of the store.
    fn query(&self, sql: &str) -> Vec<Value> {
        let query = "import json, sqlite3, sys\n\
            for row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]): print(json.dumps(row))";
        let store = self.dir.path().join("store.sqlite");
        let output = Command::new("/usr/bin/python3").args(["-c", query]).arg(store).arg(sql).output();
        let output = output.expect("python3");
        assert!(output.status.success(), "{}", told(&output));
        String::from_utf8_lossy(&output.stdout).lines().map(json_of).collect()
    }
}

fn json_of(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A submission in C with a test for each input.
fn submission(number: usize, program: &str, inputs: &[String], cpu_ms: u64) -> Value {
    let tests: Vec<Value> =
        inputs.iter().enumerate().map(|(index, input)| json!({"id": index.to_string(), "stdin": input})).collect();
    json!({"version": 1, "submission_id": format!("00000000-0000-4000-8000-{number:012}"), "language": "c",
        "files": [{"name": "main.c", "text": program}], "tests": tests, "stop": "never",
        "limits": {"cpu_ms": cpu_ms, "memory_bytes": 128 << 20}})
}

fn burn(us: u64) -> String {
    format!("{us} {us}")
}

/// The numbers that a test printed.
fn numbers(test: &Value) -> Vec<i64> {
    let text = test["stdout"].as_str().unwrap_or_default();
    text.split_whitespace().map(|word| word.parse().unwrap_or_else(|error| panic!("{error}: {text}"))).collect()
}

/// CPUs that this test, and what it starts, may use.
fn cpus() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

#[test]
fn each_slot_has_a_cpu_of_its_own_that_no_program_leaves() {
    const WHERE: &str = r#"
        #define _GNU_SOURCE
        #include <errno.h>
        #include <sched.h>
        #include <stdio.h>
        #include <string.h>
        #include <time.h>
        int main(void) {
            cpu_set_t set, all, own;
            if (sched_getaffinity(0, sizeof own, &own)) return 1;
            memset(&all, 0xff, sizeof all);
            int refused = sched_setaffinity(0, sizeof all, &all) && errno == EPERM;
            // What it has anyway is refused, too, and so is the way by the process that is its parent.
            refused = refused && sched_setaffinity(0, sizeof own, &own) && errno == EPERM;
            refused = refused && sched_setaffinity(1, sizeof all, &all) && errno == EPERM;
            // So long that every slot comes to it.
            while (clock() < CLOCKS_PER_SEC / 20) {}
            if (sched_getaffinity(0, sizeof set, &set)) return 2;
            int cpu = 0;
            while (cpu < CPU_SETSIZE - 1 && !CPU_ISSET(cpu, &set)) cpu++;
            printf("%d %d %d\n", refused, CPU_COUNT(&set), cpu);
        }
    "#;
    let (bench, slots) = (Bench::new(), cpus().min(4));
    let inputs = vec![String::new(); 12 * slots];
    let (lines, output) =
        bench.grade(&[submission(1, WHERE, &inputs, 10_000)], &["--pin", "--slots", &slots.to_string()]);
    assert_eq!(output.status.code(), Some(0), "{lines:?} {}", told(&output));
    let mut seen = BTreeSet::new();
    for test in lines[0]["tests"].as_array().expect("tests") {
        let [refused, count, cpu] = numbers(test)[..] else { panic!("{test}") };
        assert_eq!((refused, count), (1, 1), "{test}");
        seen.insert(cpu);
    }
    assert_eq!(seen.len(), slots, "{seen:?}");
    let plural = if slots == 1 { "" } else { "s" };
    let said = format!("assay: {slots} slot{plural}, each on its own CPU: ");
    assert!(told(&output).contains(&said), "{}", told(&output));
    let recorded = bench.query("SELECT cpus FROM workers");
    let mut recorded: Vec<i64> =
        recorded[0][0].as_str().expect("the CPUs").split(' ').map(|cpu| cpu.parse().expect("a number")).collect();
    recorded.sort_unstable();
    assert_eq!(recorded, seen.into_iter().collect::<Vec<_>>());
}

#[test]
fn more_slots_than_cpus_cannot_have_their_own() {
    let bench = Bench::new();
    let both = |assay: &str, arguments: &[&str]| {
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", &first_cpu(), assay]).args(arguments).stdin(Stdio::null());
        command.env("ASSAY_STORE", bench.dir.path().join("store.sqlite")).output().expect("taskset")
    };
    let assay = env!("CARGO_BIN_EXE_assay");
    let package = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/packages/sum");
    for command in ["grade", "verify"] {
        let output = both(assay, &[command, "--pin", "--slots", "2", package]);
        assert_eq!(output.status.code(), Some(2), "{}", told(&output));
        let text = told(&output);
        assert!(text.contains("2 slots, but 1 CPU: use --slots 1 or leave out --pin"), "{text}");
    }
    let output = both(assay, &["grade", "--json", "--pin", package]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert!(told(&output).contains(&format!("1 slot, each on its own CPU: {}\n", first_cpu())), "{}", told(&output));
}

/// A control group of these tests, in the hierarchy of version 1 that gives CPUs.
struct CpuSet(std::path::PathBuf);

impl CpuSet {
    /// With all CPUs; `None` where version 1 has no such hierarchy.
    fn new() -> Option<Self> {
        let root = std::path::Path::new("/sys/fs/cgroup/cpuset");
        let of_root = |name: &str| std::fs::read_to_string(root.join(name)).ok();
        let (mems, cpus) = (of_root("cpuset.mems")?, of_root("cpuset.cpus")?);
        let set = Self(root.join(format!("assay-test-{}", std::process::id())));
        std::fs::create_dir(&set.0).expect("a group");
        set.write("cpuset.mems", mems.trim());
        set.write("cpuset.cpus", cpus.trim());
        Some(set)
    }

    fn write(&self, name: &str, value: &str) {
        std::fs::write(self.0.join(name), value).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

impl Drop for CpuSet {
    fn drop(&mut self) {
        std::fs::remove_dir(&self.0).expect("nobody is left in it");
    }
}

/// A container gets other CPUs while it runs. The kernel then refuses what is chosen in that moment, and who may use none of what was
/// chosen for it uses what there is.
#[test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn the_cpus_of_the_control_group_may_change_at_any_time() {
    let Some(set) = CpuSet::new() else {
        eprintln!("skipped: control groups of version 1 give no CPUs here");
        return;
    };
    let (first, all) = (first_cpu(), std::fs::read_to_string(set.0.join("cpuset.cpus")).expect("readable"));
    let bench = Bench::new();
    let tests: Vec<Value> = (0..200).map(|number| json!({"id": number.to_string(), "expected": "right\n"})).collect();
    let graded = |number: usize, chosen: &str| {
        let submission = json!({"version": 1, "submission_id": format!("00000000-0000-4000-8000-{number:012}"),
            "language": "bash", "files": [{"name": "main.sh", "text": "echo right\n"}], "tests": tests});
        let path = bench.dir.path().join("one.jsonl");
        std::fs::write(&path, submission.to_string()).expect("a file");
        let script = "echo $$ > \"$0/tasks\"; exec \"$1\" grade --json --slots 3 \"$2\"";
        let mut command = Command::new("taskset");
        command.args(["-c", chosen, "/bin/sh", "-c", script]).arg(&set.0).arg(env!("CARGO_BIN_EXE_assay")).arg(&path);
        command.stdin(Stdio::null());
        command.env("ASSAY_STORE", bench.dir.path().join("store.sqlite")).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut grading = command.spawn().expect("sh starts");
        while grading.try_wait().expect("a child").is_none() {
            set.write("cpuset.cpus", &first);
            set.write("cpuset.cpus", all.trim());
        }
        let output = grading.wait_with_output().expect("a child");
        let lines = String::from_utf8_lossy(&output.stdout);
        assert!(lines.contains("\"verdict\":\"AC\""), "{lines}{}", told(&output));
        assert!(!told(&output).contains("trying again"), "{}", told(&output));
    };
    graded(1, all.trim());
    graded(2, &assay_sandbox::cpus().expect("CPUs").into_iter().max().expect("a CPU").to_string());
}

/// The lowest CPU that this test may use.
fn first_cpu() -> String {
    let status = std::fs::read_to_string("/proc/self/status").expect("readable");
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).expect("a list").trim();
    list.split([',', '-']).next().expect("a CPU").to_owned()
}

#[test]
fn a_result_near_its_time_limit_is_run_again_and_says_so() {
    let bench = Bench::new();
    let tests = [980_000, 1_020_000, 700_000, 60_000_000].map(burn);
    let mut idle = submission(2, SLEEP, &["965", "100", "60000"].map(str::to_owned), 60_000);
    idle["limits"]["wall_ms"] = 1000.into();
    let work = [submission(1, BURN, &tests, 1000), idle];
    let (lines, output) = bench.grade(&work, &["--slots", "2"]);
    let seen = |line: &Value| -> Vec<(String, i64, Value)> {
        let tests = line["tests"].as_array().expect("tests");
        let text = |test: &Value| test["verdict"].as_str().unwrap_or_default().to_owned();
        let of = |test: &Value| (text(test), test["reruns"].as_i64().unwrap_or(-1), test["first_verdict"].clone());
        tests.iter().map(of).collect()
    };
    let wanted = |tests: &[(&str, i64, Value)]| -> Vec<(String, i64, Value)> {
        tests.iter().map(|(verdict, reruns, first)| ((*verdict).to_owned(), *reruns, first.clone())).collect()
    };
    // One that would go on for ever is far from any limit.
    let expected = [("AC", 1, json!("AC")), ("TLE", 1, json!("TLE")), ("AC", 0, json!(null)), ("TLE", 0, json!(null))];
    assert_eq!(seen(&lines[0]), wanted(&expected), "{lines:?} {}", told(&output));
    let idle = seen(&lines[1]);
    assert_eq!((&*idle[0].0, idle[0].1), ("AC", 1), "{idle:?}");
    assert_eq!(idle[1..], wanted(&[("AC", 0, json!(null)), ("ILE", 0, json!(null))]));

    let rows = bench.query(
        "SELECT test_id, first_verdict FROM test_results WHERE submission_id LIKE '%1' AND position > 0 ORDER BY position",
    );
    assert_eq!(rows, [json!(["0", "AC"]), json!(["1", "TLE"]), json!(["2", null]), json!(["3", null])]);
    let batch = lines[2]["summary"]["batch_id"].as_str().expect("an id");
    let results = bench.assay(&["results", "--json", "--tests", batch]);
    let first = json_of(String::from_utf8_lossy(&results.stdout).lines().next().expect("a line"));
    assert_eq!((&first["tests"][1]["reruns"], &first["tests"][1]["first_verdict"]), (&json!(1), &json!("TLE")));
    let shown = bench.assay(&["results", "--submission", "00000000-0000-4000-8000-000000000001", batch]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert_eq!(shown.matches("near the time limit: run again, ").count(), 2, "{shown}");

    let (lines, _) = bench.grade(&work[..1], &["--slots", "2", "--no-rerun"]);
    let expected = ["AC", "TLE", "AC", "TLE"].map(|verdict| (verdict, 0, json!(null)));
    assert_eq!(seen(&lines[0]), wanted(&expected), "{lines:?}");
}

/// When the programs of these lines began and ended that were run again, and the others.
fn spans(lines: &[Value]) -> (Vec<[i64; 2]>, Vec<[i64; 2]>) {
    let (mut again, mut once) = (Vec::new(), Vec::new());
    for test in lines.iter().filter_map(|line| line["tests"].as_array()).flatten() {
        assert_eq!(test["verdict"], "AC", "{test}");
        let [began, ended, _] = numbers(test)[..] else { panic!("{test}") };
        if test["reruns"] == 1 { &mut again } else { &mut once }.push([began, ended]);
    }
    (again, once)
}

/// All slots want to be alone at once, and others want to go on.
#[test]
fn a_second_run_has_nothing_beside_it() {
    let bench = Bench::new();
    let work: Vec<Value> = (0..24)
        .map(|number| submission(number, BURN, &[burn(if number % 2 == 0 { 290_000 } else { 50_000 })], 300))
        .collect();
    let overlaps = |some: &[[i64; 2]], others: &[[i64; 2]]| -> usize {
        let overlap = |one: &[i64; 2], other: &[i64; 2]| one != other && one[0] < other[1] && other[0] < one[1];
        some.iter().map(|one| others.iter().filter(|other| overlap(one, other)).count()).sum()
    };
    let (lines, output) = bench.grade(&work, &["--slots", "4"]);
    assert_eq!(output.status.code(), Some(0), "{lines:?} {}", told(&output));
    let (again, once) = spans(&lines);
    assert_eq!((again.len(), once.len()), (12, 12));
    assert_eq!(overlaps(&again, &again) + overlaps(&again, &once), 0, "{again:?} {once:?}");
    // They do run beside each other where nobody wants to be alone.
    let (lines, _) = bench.grade(&work, &["--slots", "4", "--no-rerun"]);
    let (again, once) = spans(&lines);
    assert_eq!((again.len(), once.len()), (0, 24));
    assert!(overlaps(&once, &once) > 0, "{once:?}");
}

#[test]
fn only_what_would_be_accepted_is_run_again_and_only_so_often() {
    let bench = Bench::new();
    // All near; the first ones are wrong, or fail. Of the rest no more than sixteen are run again.
    let mut work = submission(1, &BURN.replace("_exit(0)", "_exit(either == 290001)"), &[], 300);
    let test = |id: usize, us: u64, expected: Option<&str>| {
        let mut test = json!({"id": id.to_string(), "stdin": burn(us)});
        if let Some(expected) = expected {
            test["expected"] = json!(expected);
        }
        test
    };
    let wrong = [test(0, 290_000, Some("0")), test(1, 290_001, None)];
    work["tests"] = wrong.into_iter().chain((2..20).map(|id| test(id, 290_000, None))).collect();
    let (lines, _) = bench.grade(&[work], &[]);
    let seen = lines[0]["tests"].as_array().expect("tests");
    let of = |test: &Value| (test["verdict"].as_str().unwrap_or_default().to_owned(), test["reruns"] == 1);
    assert_eq!([of(&seen[0]), of(&seen[1])], [("WA".to_owned(), false), ("RTE".to_owned(), false)], "{lines:?}");
    assert_eq!(seen.iter().filter(|test| of(test).1).count(), 16, "{lines:?}");
}

#[test]
fn the_second_run_counts() {
    let bench = Bench::new();
    let inputs = vec!["93000 107000".to_owned(); 16];
    let (lines, _) = bench.grade(&[submission(1, BURN, &inputs, 100)], &[]);
    let mut outcomes: BTreeMap<(String, String), usize> = BTreeMap::new();
    for test in lines[0]["tests"].as_array().expect("tests") {
        let text = |name: &str| test[name].as_str().unwrap_or_default().to_owned();
        let is_over = test["cpu_ms"].as_i64() > Some(100);
        assert_eq!(text("verdict") == "TLE", is_over, "{test}");
        // On a crowded machine one may take so much more that it is not near.
        if test["reruns"] == 1 {
            // One that is over its limit is killed at it and prints nothing.
            assert_eq!(numbers(test).is_empty(), is_over, "{test}");
            *outcomes.entry((text("first_verdict"), text("verdict"))).or_default() += 1;
        }
    }
    // All four are as likely: that one is missing by chance happens once in two hundred times, that no verdict has changed never.
    let changed = outcomes.iter().filter(|((first, second), _)| first != second).map(|(_, count)| count).sum::<usize>();
    assert!((1..16).contains(&changed), "{outcomes:?}");
    assert!(
        outcomes
            .keys()
            .all(|(first, second)| [first, second].iter().all(|verdict| ["AC", "TLE"].contains(&&***verdict))),
        "{outcomes:?}"
    );
}

/// A function that is called, a program with an interactor, and the second of two passes.
#[test]
fn runs_of_every_kind_are_made_again() {
    const SPIN: &str = "import time\ndef spin(s):\n    while time.process_time() < s: pass\n";
    let bench = Bench::new();
    let call = json!({"version": 1, "submission_id": "00000000-0000-4000-8000-000000000001", "language": "python3",
        "files": [{"name": "main.py", "text": format!("{SPIN}    return 1\n")}], "function": {"name": "spin"},
        "tests": [{"id": "near", "args": [0.96], "returns": 1}, {"id": "far", "args": [0.5], "returns": 1}],
        "limits": {"cpu_ms": 1000}});
    let (lines, output) = bench.grade(&[call], &[]);
    assert_eq!(lines[0]["verdict"], "AC", "{lines:?} {}", told(&output));
    let reruns = |line: &Value, test: usize| line["tests"][test]["reruns"].clone();
    assert_eq!((reruns(&lines[0], 0), reruns(&lines[0], 1)), (json!(1), json!(0)), "{lines:?}");

    let bench = common::bench::Bench::package(
        "problem_format_version: 2025-09\nname: x\ntype: interactive\nlimits: {time_limit: 1}\n",
    );
    std::fs::remove_file(bench.path("p/.timelimit")).expect("removed");
    bench
        .write("p/output_validator/v.py", "import sys\nprint(7, flush=True)\nsys.exit(42 if input() == '7' else 43)\n")
        .write("p/submissions/accepted/near.py", format!("{SPIN}n = input()\nspin(0.96)\nprint(n)\n"))
        .write("p/submissions/accepted/far.py", "print(input())\n")
        .write("p/submissions/wrong_answer/near.py", format!("{SPIN}spin(0.96)\nprint(8)\n"));
    let verified = bench.verify_all(&["p"], &["--slots", "4"]);
    common::bench::assert_all_ok(&verified, 3);
    for (path, wanted) in [("accepted/near.py", 1), ("wrong_answer/near.py", 0), ("accepted/far.py", 0)] {
        assert_eq!(reruns(verified.of(path), 0), wanted, "{}", verified.of(path));
    }

    let bench = common::bench::Bench::package(
        "problem_format_version: 2025-09\nname: x\ntype: multi-pass\nlimits: {time_limit: 1}\n",
    );
    std::fs::remove_file(bench.path("p/.timelimit")).expect("removed");
    let validator = "import os, sys\nlog = sys.argv[3] + 'log'\nif os.path.exists(log): sys.exit(42)\n\
        open(log, 'w').write('x')\nopen(sys.argv[3] + 'nextpass.in', 'w').write('2\\n')\nsys.exit(42)\n";
    bench
        .write("p/output_validator/v.py", validator)
        .write("p/submissions/accepted/second.py", format!("{SPIN}if input() == '2': spin(0.96)\n"))
        .write("p/submissions/accepted/both.py", format!("{SPIN}spin(0.96)\n"));
    let verified = bench.verify();
    common::bench::assert_all_ok(&verified, 2);
    assert_eq!(reruns(verified.of("accepted/second.py"), 0), 1);
    assert_eq!(reruns(verified.of("accepted/both.py"), 0), 1);
}

/// Programs that tell what they used by their own clock, while the other slots compute, start processes and move memory.
#[test]
fn cpu_time_is_the_programs_whatever_the_other_slots_do() {
    const SPIN: &str = r"
        #include <time.h>
        int main(void) { while (clock() < CLOCKS_PER_SEC / 5) {} }
    ";
    const FORK: &str = r"
        #include <sys/wait.h>
        #include <time.h>
        #include <unistd.h>
        int main(void) {
            time_t begin = time(0);
            while (time(0) < begin + 2 && clock() < CLOCKS_PER_SEC / 5) {
                if (!fork()) _exit(0);
                wait(0);
            }
        }
    ";
    const MOVE: &str = r"
        #include <stdlib.h>
        #include <string.h>
        #include <time.h>
        int main(void) {
            char *memory = malloc(64 << 20);
            for (int i = 0; clock() < CLOCKS_PER_SEC / 5; i++) {
                memset(memory, i, 32 << 20);
                memcpy(memory + (32 << 20), memory, 32 << 20);
            }
            return memory[123] == 1 && memory[45 << 20] == 2;
        }
    ";
    const MEASURED: usize = 16;
    let bench = Bench::new();
    let work: Vec<Value> = (0..4 * MEASURED)
        .map(|number| match number % 4 {
            0 => submission(number, BURN, &[burn(if number % 8 == 0 { 30_000 } else { 250_000 })], 10_000),
            1 => submission(number, SPIN, &[String::new()], 10_000),
            2 => submission(number, FORK, &[String::new()], 10_000),
            _ => submission(number, MOVE, &[String::new()], 10_000),
        })
        .collect();
    let (lines, output) = bench.grade(&work, &["--slots", "4"]);
    assert_eq!(output.status.code(), Some(0), "{lines:?} {}", told(&output));
    let reported = bench.query(
        "SELECT submission_id, cpu_user_us + cpu_sys_us FROM test_results WHERE position > 0 ORDER BY submission_id",
    );
    let reported: BTreeMap<String, i64> = reported
        .iter()
        .map(|row| (row[0].as_str().expect("an id").to_owned(), row[1].as_i64().expect("a time")))
        .collect();
    let mut beyond: Vec<i64> = Vec::new();
    for line in lines.iter().step_by(4).take(MEASURED) {
        let own = numbers(&line["tests"][0])[2];
        let reported = reported[line["submission_id"].as_str().expect("an id")];
        // How far it is off, in parts of what is allowed.
        beyond.push((reported - own).abs() * 1000 / (own / 100).max(1000));
    }
    beyond.sort_unstable();
    let (median, worst) = (beyond[beyond.len() / 2], beyond[beyond.len() - 1]);
    #[expect(clippy::print_stderr, reason = "how good it is, not only whether it is good enough")]
    {
        eprintln!("CPU time off, in 1/1000 of max(1 %, 1 ms): median {median}, worst {worst}, all {beyond:?}");
    }
    assert!(median <= 1000, "{beyond:?}");
}
