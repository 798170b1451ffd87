//! What problem packages say, through the real binary: each test makes a small package and looks at what comes of it.

mod common;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use common::bench::Bench;
use serde_json::Value;

const ECHO: &str = "print(input())\n";
const WRONG: &str = "print('no')\n";

// Time limits.

#[test]
fn a_limit_that_is_stored_comes_from_the_first_place_that_has_one() {
    let bench = Bench::package("limits: {time_limit: 3}\n");
    bench.write("p/domjudge-problem.ini", "timelimit = '2'\n").write("p/submissions/accepted/a.py", ECHO);
    let verified = bench.verify();
    assert_eq!(verified.of("accepted/a.py")["time_limit_ms"], 3000);
    assert!(verified.told().contains("differs from problem.yaml: limits.time_limit"), "{}", verified.told());
    bench.write("p/problem.yaml", "name: x\n");
    assert_eq!(bench.verify().of("accepted/a.py")["time_limit_ms"], 2000);
    std::fs::remove_file(bench.path("p/domjudge-problem.ini")).expect("removed");
    assert_eq!(bench.verify().of("accepted/a.py")["time_limit_ms"], 10_000);
    // Another limit is other work, although nothing but a hidden file changed.
    bench.write("p/.timelimit", "0.5\n");
    assert_eq!(bench.verify().of("accepted/a.py")["time_limit_ms"], 500);
}

const BUSY: &str = "import time\nwhile time.process_time() < SECONDS: pass\nprint(input())\n";

#[test]
fn a_limit_is_calibrated_by_what_must_not_exceed_it() {
    let bench = Bench::package("limits: {time_multiplier: 4}\n");
    std::fs::remove_file(bench.path("p/.timelimit")).expect("removed");
    bench
        .write("p/submissions/accepted/a.py", BUSY.replace("SECONDS", "0.6"))
        .write("p/submissions/wrong_answer/b.py", WRONG)
        // Right, and as slow as it likes.
        .write("p/submissions/slow_accepted/d.py", BUSY.replace("SECONDS", "3.5"))
        .write("p/submissions/slow_accepted/e.py", BUSY.replace("SECONDS", "1.5"))
        .write("p/submissions/time_limit_exceeded/c.py", "while True: pass\n");
    let verified = bench.verify();
    assert_eq!(verified.code(), Some(0), "{:#?} {}", verified.lines, verified.told());
    assert_eq!(verified.of("accepted/a.py")["time_limit_ms"], 3000);
    // On a crowded machine it may be ILE, which is as good.
    assert_eq!(verified.of("time_limit_exceeded/c.py")["ok"], true);
}

#[test]
fn without_a_measurement_there_is_no_limit_and_nothing_else_is_graded() {
    let bench = Bench::package("name: x\n");
    std::fs::remove_file(bench.path("p/.timelimit")).expect("removed");
    bench.write("p/submissions/wrong_answer/b.py", WRONG);
    let verified = bench.verify();
    let line = verified.of("wrong_answer/b.py");
    assert_eq!((&line["verdict"], &line["ok"], &line["time_limit_ms"]), (&Value::Null, &Value::Null, &Value::Null));
    assert!(line["reason"].as_str().unwrap_or_default().contains("limits.time_limit"), "{line}");
    assert_eq!(verified.code(), Some(1));
    assert!(verified.told().contains("nothing was graded"), "{}", verified.told());
    // One that does not compile measures nothing either.
    bench.write("p/submissions/accepted/a.c", "int main(\n");
    let verified = bench.verify();
    assert_eq!(verified.of("accepted/a.c")["ok"], false);
    let reason = verified.of("wrong_answer/b.py")["reason"].as_str().unwrap_or_default().to_owned();
    assert!(reason.contains("accepted/a.c got CE"), "{reason}");
}

#[test]
fn a_missing_toolchain_among_those_that_calibrate_is_a_warning() {
    let bench = Bench::package("name: x\n");
    std::fs::remove_file(bench.path("p/.timelimit")).expect("removed");
    bench.write("p/submissions/accepted/a.py", ECHO).write("p/submissions/accepted/b.klingon", "Qapla'\n");
    let verified = bench.verify();
    assert_eq!(verified.of("accepted/a.py")["ok"], true, "{}", verified.told());
    assert_eq!(verified.of("accepted/a.py")["time_limit_ms"], 1000);
    assert!(verified.told().contains("calibrated without accepted/b.klingon"), "{}", verified.told());
}

#[test]
fn an_interrupted_run_continues_with_the_limit_it_had() {
    let bench = Bench::package("name: x\n");
    std::fs::remove_file(bench.path("p/.timelimit")).expect("removed");
    bench.write("p/submissions/accepted/a.py", ECHO).write("p/submissions/slow_enough/b.py", "while True: pass\n");
    let mut child = bench.command(&["p"], &[]).stdout(Stdio::null()).spawn().expect("the binary starts");
    // Another limit than it would measure is put into the record once there is one.
    let edit = "import sqlite3, sys, time\n\
        end = time.monotonic() + 60\n\
        while time.monotonic() < end:\n\
        \x20try:\n\
        \x20 with sqlite3.connect(sys.argv[1]) as store:\n\
        \x20  if store.execute(\"update submissions set cpu_limit_ms = 4000 where state = 'graded'\").rowcount: break\n\
        \x20except sqlite3.OperationalError: pass\n\
        \x20time.sleep(0.01)\n\
        else: sys.exit('nothing was recorded')\n";
    let edited =
        Command::new("/usr/bin/python3").args(["-c", edit]).arg(bench.path("store.sqlite")).status().expect("python3");
    child.kill().expect("the command is killed");
    child.wait().expect("the command is reaped");
    assert!(edited.success());
    let verified = bench.verify();
    assert!(verified.told().contains("continuing"), "{}", verified.told());
    assert_eq!(verified.of("slow_enough/b.py")["time_limit_ms"], 4000);
}

#[test]
fn submissions_yaml_chooses_what_bounds_the_time_limit() {
    let yaml = "problem_format_version: 2025-09\nname: x\nlimits: {time_multipliers: {ac_to_time_limit: 2}}\n";
    let bench = Bench::package(yaml);
    std::fs::remove_file(bench.path("p/.timelimit")).expect("removed");
    bench
        .write("p/submissions/accepted/a.py", ECHO)
        .write("p/submissions/slow/b.py", BUSY.replace("SECONDS", "0.7"))
        .write("p/submissions/submissions.yaml", "slow:\n  permitted: [AC]\n  use_for_time_limit: false\n");
    assert_eq!(bench.verify().of("slow/b.py")["time_limit_ms"], 1000);
    bench.write("p/submissions/submissions.yaml", "slow:\n  secret: {use_for_time_limit: lower}\n");
    assert_eq!(bench.verify().of("slow/b.py")["time_limit_ms"], 2000);
    bench.write("p/submissions/submissions.yaml", "accepted/a.py:\n  use_for_time_limit: false\n");
    let told = bench.verify().told();
    assert!(told.contains("accepted/a.py: use_for_time_limit: false changes nothing"), "{told}");
    bench.write("p/submissions/submissions.yaml", "slow:\n  use_for_time_limit: sometimes\n");
    bench.verify().is_refused_with(&["submissions.yaml: slow", "use_for_time_limit", "sometimes"]);
}

// What is expected.

#[test]
fn submissions_yaml_turns_a_directory_of_any_name_into_rules() {
    let bench = Bench::package("problem_format_version: 2025-09\nname: x\n");
    bench.test("secret/2", "2\n", "2\n");
    bench
        .write("p/submissions/other/first.py", "n = int(input())\nprint(n if n == 1 else 0)\n")
        .write("p/submissions/other/broken.c", "int main(\n")
        .write("p/submissions/mute/a.py", WRONG)
        .write("p/submissions/accepted/w.py", WRONG)
        .write(
            "p/submissions/submissions.yaml",
            "other:\n  authors: somebody\nother/first.py:\n  secret/{1,7}: {permitted: [AC]}\n  secret/2: {required: [WA]}\n  \
             secret/99: {required: [TLE]}\naccepted: {permitted: [WA], required: [WA]}\n",
        );
    let verified = bench.verify();
    assert_eq!(verified.of("other/first.py")["ok"], true, "{:#?}", verified.lines);
    assert_eq!(verified.of("other/broken.c")["ok"], false, "rules do not permit CE");
    assert_eq!(verified.of("accepted/w.py")["ok"], true, "the directory's rule is replaced");
    assert_eq!(verified.of("mute/a.py")["ok"], Value::Null, "nothing is said of it");
    assert_eq!(verified.summary()["no_expectation"], 1);
    assert!(verified.told().contains("secret/99: matches no test"), "{}", verified.told());
    bench.write("p/submissions/submissions.yaml", "other/first.py:\n  secret/1: {permitted: [WA]}\n");
    assert_eq!(bench.verify().of("other/first.py")["ok"], false);
}

#[test]
fn a_tag_counts_where_the_directory_does_not_agree_with_it() {
    let bench = Bench::package("name: x\n");
    let tagged = |tags: &str| format!("# @EXPECTED_RESULTS@: {tags}\n{WRONG}");
    bench
        .write("p/submissions/mixed/a.py", tagged("WRONG-ANSWER, TIMELIMIT"))
        .write("p/submissions/wrong_answer/b.py", tagged("CORRECT, WRONG-ANSWER"))
        .write("p/submissions/accepted/c.py", tagged("WRONG-ANSWER"));
    bench.write("p/submissions/rejected/d.py", tagged("WRONG-ANSWER"));
    let verified = bench.verify();
    assert_eq!(verified.of("mixed/a.py")["expected"], serde_json::json!(["WA", "TLE"]));
    assert_eq!(verified.of("wrong_answer/b.py")["expected"], serde_json::json!(["WA"]));
    assert_eq!(verified.of("accepted/c.py")["expected"], serde_json::json!(["WA"]));
    assert!(verified.told().contains("accepted/c.py: @EXPECTED_RESULTS@"), "{}", verified.told());
    assert!(!verified.told().contains("rejected/d.py"), "{}", verified.told());
}

// Test data.

#[test]
fn flags_of_the_problem_and_of_the_nearest_group_come_together() {
    let bench = Bench::package("validator_flags: float_tolerance 1e-3\n");
    bench.test("secret/1", "1\n", "A 1.0\n").test("secret/g/2", "2\n", "A 1.0\n").test(
        "secret/g/h/3",
        "3\n",
        "A 1.0\n",
    );
    bench
        .write("p/data/secret/g/testdata.yaml", "output_validator_flags: case_sensitive\n")
        .write("p/submissions/accepted/upper.py", "print('A 1.0001')\n")
        .write("p/submissions/wrong_answer/lower.py", "print('a 1.0001')\n");
    let verified = bench.verify();
    assert_eq!(verified.code(), Some(0), "{:#?} {}", verified.lines, verified.told());
    let tests = &verified.of("wrong_answer/lower.py")["tests"];
    assert_eq!((&tests[0]["verdict"], &tests[1]["verdict"]), (&"AC".into(), &"WA".into()), "{tests}");
}

#[test]
fn new_packages_have_flags_in_their_groups_alone() {
    let yaml = "problem_format_version: 2025-09\nname: x\nconstants: {eps: 1e-3}\n";
    let bench = Bench::package(yaml);
    bench
        .test("secret/1", "1\n", "1.0\n")
        .test("secret/strict", "1\n", "1.0\n")
        .write("p/data/secret/test_group.yaml", "output_validator_args: [float_tolerance, '{{eps}}']\n")
        .write("p/data/secret/strict.yaml", "output_validator_args: [float_tolerance, '1e-9']\n")
        .write("p/submissions/wrong_answer/a.py", "print('1.0001')\n");
    let verified = bench.verify();
    let tests = &verified.of("wrong_answer/a.py")["tests"];
    assert_eq!((&tests[0]["verdict"], &tests[1]["verdict"]), (&"AC".into(), &"WA".into()), "{}", verified.told());
    bench.write("p/problem.yaml", format!("{yaml}validator_flags: case_sensitive\n"));
    bench.verify().is_refused_with(&["validator_flags", "test_group.yaml"]);
}

#[test]
fn files_arguments_includes_and_constants_reach_the_program() {
    let bench = Bench::package("problem_format_version: 2025-09\nname: x\nconstants: {n: {value: 5, word: five}}\n");
    bench
        .test("secret/1", "\n", "x=1 y 5 five {{m}} included\n")
        .write("p/data/secret/1.yaml", "args: [x=1, y]\n")
        .write("p/data/secret/1.files/given.txt", "{{m}}\n")
        .write("p/include/python3/extra.py", "word = '{{n.word}}'\n")
        .write("p/include/default/extra.py", "word = 'default'\n")
        .write(
            "p/submissions/accepted/a.py",
            "import sys, extra\nprint(*sys.argv[1:], {{n}}, extra.word, open('given.txt').read().strip(), 'included')\n",
        );
    let verified = bench.verify();
    assert_eq!(verified.code(), Some(0), "{:#?} {}", verified.lines, verified.told());
}

#[test]
fn a_tests_file_comes_before_the_submissions_whatever_their_sizes() {
    let bench = Bench::package("problem_format_version: 2025-09\nname: x\n");
    bench
        .test("secret/1", "\n", "given\n")
        .write("p/data/secret/1.files/who.txt", "given\n")
        .write("p/submissions/accepted/small/main.py", "print(open('who.txt').read().split()[0])\n")
        .write("p/submissions/accepted/small/who.txt", "brought\n")
        .write("p/submissions/accepted/large/main.py", "print(open('who.txt').read().split()[0])\n")
        .write("p/submissions/accepted/large/who.txt", "brought\n".repeat(10_000));
    let verified = bench.verify();
    assert_eq!(verified.code(), Some(0), "{:#?} {}", verified.lines, verified.told());
}

#[test]
fn args_files_are_of_the_draft_alone() {
    let bench = Bench::package("problem_format_version: 2023-07-draft\nname: x\n");
    bench
        .test("secret/1", "\n", "a b\n")
        .write("p/data/secret/1.args", "a\n  b\n")
        .write("p/submissions/accepted/a.py", "import sys\nprint(*sys.argv[1:])\n");
    assert_eq!(bench.verify().of("accepted/a.py")["verdict"], "AC");
    bench.write("p/problem.yaml", "problem_format_version: 2025-09\nname: x\n");
    let verified = bench.verify();
    assert_eq!(verified.of("accepted/a.py")["verdict"], "WA");
    assert!(verified.told().contains("1.args"), "{}", verified.told());
}

#[test]
fn tests_of_nested_groups_come_by_name() {
    let bench = Bench::package("name: x\n");
    for id in ["sample/2", "sample/1", "secret/b/1", "secret/a/z/1", "secret/a/b"] {
        bench.test(id, "1\n", "1\n");
    }
    bench.write("p/submissions/accepted/a.py", ECHO);
    let verified = bench.verify();
    let tests = verified.of("accepted/a.py")["tests"].as_array().expect("a list").clone();
    let ids: Vec<_> = tests.iter().map(|test| test["id"].as_str().unwrap_or_default()).collect();
    assert_eq!(ids, ["sample/1", "sample/2", "secret/1", "secret/a/b", "secret/a/z/1", "secret/b/1"]);
}

#[test]
fn limits_that_cannot_be_kept_are_told() {
    let bench = Bench::package("limits: {memory: 3}\n");
    bench.write("p/submissions/accepted/a.py", ECHO);
    bench.verify().is_refused_with(&["limits.memory", "at least 4 MiB"]);
    bench.write("p/problem.yaml", "problem_format_version: 2025-09\nallow_file_writing: false\nlimits: {output: 8}\n");
    let verified = bench.verify();
    for part in ["allow_file_writing", "limits.output"] {
        assert!(verified.told().contains(part), "{part}: {}", verified.told());
    }
    // Eight are eight, not sixteen.
    bench
        .write("p/problem.yaml", "limits: {memory: 8}\n")
        .write("p/submissions/accepted/a.py", ECHO)
        .write("p/submissions/run_time_error/b.c", "#include <string.h>\n#include <stdlib.h>\nint main() { volatile char *p = malloc(12 << 20); for (int i = 0; i < 12 << 20; i += 4096) p[i] = 1; }\n");
    assert_eq!(bench.verify().of("run_time_error/b.c")["verdict"], "MLE");
}

// What is on the disk.

/// A size that does not fit into what [`with_little_memory`] leaves.
const LARGE: u64 = 96 << 20;

/// Grades the only submission where the worker may have 64 MiB of memory of its own, the stacks of its threads among it.
fn with_little_memory(bench: &Bench) -> Value {
    let limited = Command::new("sh")
        .args(["-c", "ulimit -S -d 65536; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_assay"), "verify", "--json"])
        .arg(bench.path("p"))
        .env("ASSAY_STORE", bench.path("store.sqlite"))
        .stdin(Stdio::null())
        .output()
        .expect("the binary starts");
    let line = String::from_utf8_lossy(&limited.stdout).lines().next().unwrap_or_default().to_owned();
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {limited:?}"))
}

fn large_file(bench: &Bench, name: &str) {
    let file = std::fs::File::create(bench.path(name)).expect("a file");
    file.set_len(LARGE).expect("a size");
}

#[test]
fn an_answer_of_any_size_is_compared_in_little_memory() {
    let bench = Bench::package("name: x\n");
    bench.write("p/submissions/wrong_answer/a.py", ECHO);
    large_file(&bench, "p/data/secret/1.ans");
    let found = with_little_memory(&bench);
    let reason = found["reason"].as_str().unwrap_or_default();
    assert_eq!(found["verdict"], "WA", "{found}");
    assert!(reason.starts_with("test secret/1: line 1, token 1: expected \"\\0\\0"), "{reason}");
    assert!(reason.ends_with("…\", got \"1\""), "{reason}");
}

#[test]
fn judges_get_data_of_any_size_in_little_memory() {
    let bench = Bench::package("validation: custom\n");
    let validator =
        format!("import os, sys\nsys.exit(43 - all(os.path.getsize(path) == {LARGE} for path in sys.argv[1:3]))\n");
    bench.write("p/output_validators/v.py", validator).write("p/submissions/accepted/a.py", "print('no')\n");
    large_file(&bench, "p/data/secret/1.in");
    large_file(&bench, "p/data/secret/1.ans");
    let found = with_little_memory(&bench);
    assert_eq!(found["verdict"], "AC", "{found}");
}

#[test]
fn links_may_not_leave_the_package() {
    let bench = Bench::package("name: x\n");
    bench.write("p/submissions/accepted/a.py", ECHO).write("outside/2.in", "1\n");
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, bench.path(name)).expect("a link");
    };
    // One that stays is an ordinary file.
    link("1.in", "p/data/secret/2.in");
    link("1.ans", "p/data/secret/2.ans");
    link("/etc", "p/statement");
    let verified = bench.verify();
    assert_eq!(verified.of("accepted/a.py")["tests"].as_array().map(Vec::len), Some(2));
    assert!(verified.told().contains("statement: a link that leaves"), "{}", verified.told());
    link("/", "p/data/secret/root");
    link("../../../outside/2.in", "p/data/secret/3.in");
    link("nowhere", "p/submissions/accepted/4.py");
    link("..", "p/data/secret/loop");
    let verified = bench.verify();
    verified.is_refused_with(&[
        "secret/root: a link",
        "secret/3.in: a link",
        "accepted/4.py: a link",
        "secret/loop: a link",
    ]);
}

#[test]
fn a_pipe_among_the_files_does_not_stop_the_work() {
    let bench = Bench::package("name: x\n");
    std::fs::remove_file(bench.path("p/.timelimit")).expect("removed");
    let made = Command::new("mkfifo").args([bench.path("p/.timelimit"), bench.path("p/data/secret/2.in")]).status();
    assert!(made.expect("mkfifo").success());
    bench.verify().is_refused_with(&[".timelimit: is neither", "data/secret/2.in: is neither"]);
}

#[test]
fn a_directory_keeps_its_whole_name() {
    let bench = Bench::package("name: x\n");
    bench.write("p/submissions/accepted/a.py", ECHO);
    std::fs::rename(bench.path("p"), bench.path("sum.v2")).expect("renamed");
    assert_eq!(bench.verify_all(&["sum.v2"], &[]).of("accepted/a.py")["package"], "sum.v2");
}

#[test]
fn warnings_are_told_once_and_not_without_end() {
    let bench = Bench::package("name: x\n");
    bench.write("p/submissions/accepted/a.py", ECHO);
    for index in 10..40 {
        bench.write(&format!("p/submissions/accepted/old{index}.bak"), "");
    }
    let told = bench.verify().told();
    assert_eq!(told.matches("left out, it is disabled").count(), 10, "{told}");
    assert!(told.contains("and 20 more warnings"), "{told}");
}

// Archives.

/// Entries of a zip archive as they are told, stored without compression: name, mode, content, size that is claimed.
fn zip(entries: &[(&str, u32, &[u8], Option<u32>)]) -> Vec<u8> {
    let crc = |bytes: &[u8]| {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & 0u32.wrapping_sub(crc & 1)))
        })
    };
    let (mut body, mut directory) = (Vec::new(), Vec::new());
    for (name, mode, content, claimed) in entries {
        let length = u32::try_from(content.len()).expect("small");
        let name_length = u16::try_from(name.len()).expect("short");
        let offset = u32::try_from(body.len()).expect("small");
        let mut common = Vec::new();
        for half in [20u16, 0, 0, 0, 0x21] {
            common.extend(half.to_le_bytes());
        }
        for word in [crc(content), length, claimed.unwrap_or(length)] {
            common.extend(word.to_le_bytes());
        }
        common.extend(name_length.to_le_bytes());
        common.extend(0u16.to_le_bytes());
        body.extend(b"PK\x03\x04");
        body.extend(&common);
        body.extend(name.as_bytes());
        body.extend(*content);
        // Made on Unix, so that the mode counts.
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(&common);
        directory.extend([0; 6]);
        directory.extend((mode << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let count = u16::try_from(entries.len()).expect("few");
    let (start, size) = (u32::try_from(body.len()).expect("small"), u32::try_from(directory.len()).expect("small"));
    body.extend(directory);
    body.extend(b"PK\x05\x06\0\0\0\0");
    body.extend(count.to_le_bytes());
    body.extend(count.to_le_bytes());
    body.extend(size.to_le_bytes());
    body.extend(start.to_le_bytes());
    body.extend([0; 2]);
    body
}

const FILE: u32 = 0o100_644;
const LINK: u32 = 0o120_777;

fn files_of(package: &str) -> Vec<(String, &'static [u8])> {
    [
        ("problem.yaml", b"name: x\n".as_slice()),
        (".timelimit", b"10\n"),
        ("data/secret/1.in", b"1\n"),
        ("data/secret/1.ans", b"1\n"),
        ("submissions/accepted/a.py", ECHO.as_bytes()),
    ]
    .into_iter()
    .map(|(name, content)| (format!("{package}{name}"), content))
    .collect()
}

fn archive(bench: &Bench, name: &str, packages: &[&str], further: &[(&str, u32, &[u8], Option<u32>)]) {
    let files: Vec<_> = packages.iter().flat_map(|package| files_of(package)).collect();
    let mut entries: Vec<_> = files.iter().map(|(name, content)| (name.as_str(), FILE, *content, None)).collect();
    entries.extend(further);
    let mut file = std::fs::File::create(bench.path(name)).expect("a file");
    file.write_all(&zip(&entries)).expect("written");
}

#[test]
fn an_archive_is_a_package_or_a_contest_of_them() {
    let bench = Bench::new();
    archive(
        &bench,
        "sum.zip",
        &[""],
        &[("data/secret/2.in", LINK, b"1.in", None), ("data/secret/2.ans", LINK, b"1.ans", None)],
    );
    let verified = bench.verify_all(&["sum.zip"], &[]);
    assert_eq!(verified.code(), Some(0), "{}", verified.told());
    assert_eq!(verified.of("accepted/a.py")["package"], "sum");
    assert_eq!(verified.of("accepted/a.py")["tests"].as_array().map(Vec::len), Some(2), "links within are followed");
    archive(&bench, "contest.zip", &["finals/alpha/", "finals/beta/"], &[]);
    let verified = bench.verify_all(&["contest.zip"], &[]);
    let names: Vec<_> = verified.lines.iter().filter_map(|line| line["package"].as_str()).collect();
    assert_eq!(names, ["alpha", "beta"], "{}", verified.told());
}

#[test]
fn an_archive_that_means_harm_is_refused_with_the_entry() {
    let bench = Bench::new();
    let refused = |further: &[(&str, u32, &[u8], Option<u32>)], parts: &[&str]| {
        archive(&bench, "bad.zip", &[""], further);
        bench.verify_all(&["bad.zip"], &[]).is_refused_with(parts);
    };
    refused(&[("../escaped", FILE, b"x", None)], &["../escaped", "leave"]);
    refused(&[("data/secret/3.in", LINK, b"/etc/passwd", None)], &["data/secret/3.in", "leaves the package"]);
    refused(&[("way", LINK, b"/tmp", None), ("way/escaped", FILE, b"x", None)], &["way"]);
    refused(&[("data/secret/1.in", FILE, b"2\n", None)], &["6 entries", "5 different names"]);
    refused(&[("data/./secret/1.in", FILE, b"2\n", None)], &["another entry has the same name"]);
    refused(&[("big1", FILE, b"", Some(u32::MAX - 1)), ("big2", FILE, b"", Some(u32::MAX - 1))], &["more than 4 GiB"]);
    std::fs::write(bench.path("bad.zip"), "no archive").expect("a file");
    bench.verify_all(&["bad.zip"], &[]).is_refused_with(&["not a zip archive or a tar"]);
    assert!(!bench.path("escaped").exists() && !Path::new("/tmp/escaped").exists());
}

/// A header of a tar with this name as it is told, and the content after it.
fn tar_entry(kind: tar::EntryType, name: &str, link: &str, content: &[u8], claimed: Option<u64>) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.as_old_mut().linkname[..link.len()].copy_from_slice(link.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(claimed.unwrap_or(content.len() as u64));
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend(content);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

fn tar_of(further: &[Vec<u8>]) -> Vec<u8> {
    let own =
        files_of("").into_iter().map(|(name, content)| tar_entry(tar::EntryType::Regular, &name, "", content, None));
    let mut bytes: Vec<u8> = own.chain(further.iter().cloned()).flatten().collect();
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("written");
    encoder.finish().expect("finished")
}

#[test]
fn a_tar_is_an_archive_like_a_zip() {
    use tar::EntryType::{Directory, Link, Regular, Symlink};
    let bench = Bench::new();
    let long = format!("data/secret/{}", "x".repeat(150));
    let gnu = |kind: u8, text: &str| {
        tar_entry(tar::EntryType::new(kind), "././@LongLink", "", format!("{text}\0").as_bytes(), None)
    };
    let pax = |key: &str, value: &str| {
        let record = format!(" {key}={value}\n");
        let length = (record.len()..record.len() + 9)
            .find(|length| length.to_string().len() + record.len() == *length)
            .expect("one");
        tar_entry(tar::EntryType::XHeader, "pax", "", format!("{length}{record}").as_bytes(), None)
    };
    let entries = [
        tar_entry(tar::EntryType::XGlobalHeader, "global", "", b"16 comment=abcd\n", None),
        tar_entry(Directory, "data/secret/", "", b"", None),
        tar_entry(Symlink, "data/secret/2.in", "1.in", b"", None),
        tar_entry(Link, "data/secret/2.ans", "data/secret/1.ans", b"", None),
        gnu(b'L', &format!("{long}.in")),
        tar_entry(Regular, "short", "", b"3\n", None),
        pax("path", &format!("{long}.ans")),
        tar_entry(Regular, "short", "", b"3\n", None),
    ];
    for (name, bytes) in [("sum.tar", tar_of(&entries)), ("sum.tgz", gzip(&tar_of(&entries)))] {
        bench.write(name, bytes);
        let verified = bench.verify_all(&[name], &[]);
        assert_eq!(verified.code(), Some(0), "{}", verified.told());
        assert_eq!(verified.of("accepted/a.py")["package"], "sum");
        assert_eq!(verified.of("accepted/a.py")["tests"].as_array().map(Vec::len), Some(3), "{:#?}", verified.lines);
    }
}

#[test]
fn a_tar_that_means_harm_is_refused_with_the_entry() {
    use tar::EntryType::{Block, Char, Fifo, Link, Regular, Symlink};
    let bench = Bench::new();
    let refused = |further: &[Vec<u8>], parts: &[&str]| {
        for (name, bytes) in [("bad.tar", tar_of(further)), ("bad.tar.gz", gzip(&tar_of(further)))] {
            bench.write(name, bytes);
            bench.verify_all(&[name], &[]).is_refused_with(parts);
        }
    };
    let file = |name: &str| tar_entry(Regular, name, "", b"x", None);
    let link = |name: &str, to: &str| tar_entry(Symlink, name, to, b"", None);
    refused(&[file("../escaped")], &["../escaped", "leave"]);
    refused(&[file("data/../../escaped")], &["escaped", "leave"]);
    refused(&[file("/tmp/escaped")], &["/tmp/escaped", "leave"]);
    refused(
        &[tar_entry(tar::EntryType::new(b'L'), "l", "", b"../escaped\0", None), file("short")],
        &["../escaped", "leave"],
    );
    refused(&[link("data/secret/3.in", "/etc/passwd")], &["data/secret/3.in", "leaves the package"]);
    refused(&[tar_entry(Link, "data/secret/3.in", "/etc/passwd", b"", None)], &["data/secret/3.in", "leave"]);
    refused(&[tar_entry(Link, "data/secret/3.in", "data/none", b"", None)], &["data/secret/3.in"]);
    refused(&[link("way", "/tmp"), file("way/escaped")], &["way"]);
    refused(&[file("way/escaped"), link("way", "/tmp")], &["way", "another entry has the same name"]);
    refused(&[file("data/./secret/1.in")], &["another entry has the same name"]);
    for kind in [Block, Char, Fifo] {
        refused(&[tar_entry(kind, "device", "", b"", None)], &["device", "no file, directory or link"]);
    }
    refused(&[tar_entry(Regular, "big", "", b"", Some((8 << 30) - 1))], &["more than 4 GiB"]);
    refused(&[tar_entry(Regular, "cut", "", b"", Some(100_000))], &["cut"]);
    // What only describes the next entry is held in memory, and bounded.
    let described = vec![b'x'; 2 << 20];
    for kind in [b'L', b'x', b'g'] {
        refused(&[tar_entry(tar::EntryType::new(kind), "l", "", &described, None)], &["header of more than"]);
    }
    // Cut off between two entries it would be another package.
    let whole = tar_of(&[]);
    bench.write(
        "bad.tar",
        &whole[..whole.len() - whole.iter().rev().take_while(|byte| **byte == 0).count() / 512 * 512],
    );
    bench.verify_all(&["bad.tar"], &[]).is_refused_with(&["a tar without its end"]);
    bench.write("bad.tar.xz", b"\xfd7zXZ\0\0\0");
    bench.verify_all(&["bad.tar.xz"], &[]).is_refused_with(&["compressed by xz", ".tar.gz"]);
    bench.write("bad.tar.gz", gzip(b"no archive"));
    bench.verify_all(&["bad.tar.gz"], &[]).is_refused_with(&["not a tar"]);
    assert!(!bench.path("escaped").exists() && !Path::new("/tmp/escaped").exists());
}

// The three formats.

#[test]
fn each_format_has_its_own_expectations() {
    let first_wrong = "n = int(input())\nprint(0)\nif n == 2:\n  raise SystemExit(1)\n";
    for (yaml, verdict_is_enough) in [
        ("name: x\n", true),
        ("problem_format_version: 2023-07-draft\nname: x\n", false),
        ("problem_format_version: 2025-09\nname: x\n", false),
    ] {
        let bench = Bench::package(yaml);
        bench.test("secret/2", "2\n", "2\n").write("p/submissions/wrong_answer/a.py", first_wrong);
        assert_eq!(bench.verify().of("wrong_answer/a.py")["ok"], verdict_is_enough, "{yaml}");
    }
    let bench = Bench::package("problem_format_version: 1999-01\n");
    bench.verify().is_refused_with(&["problem_format_version", "1999-01", "2025-09"]);
}
