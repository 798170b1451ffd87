//! Whole gradings through the real binary: packages, JSON Lines, bad input, interruption.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a temporary directory") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(&path, text).expect("a file");
        path
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        command.args(arguments).env("ASSAY_STORE", self.path("store.sqlite")).stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> (Vec<Value>, Output) {
        let output = self.command(arguments).output().expect("the binary starts");
        let lines = String::from_utf8_lossy(&output.stdout)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
            .collect();
        (lines, output)
    }
}

fn package() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/packages/sum").display().to_string()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_package_verifies_with_every_expected_verdict() {
    let bench = Bench::new();
    let (lines, output) = bench.run(&["verify", "--json", &package()]);
    assert_eq!(output.status.code(), Some(0), "{lines:#?} {}", stderr(&output));
    let summary = &lines.last().expect("a summary")["summary"];
    assert_eq!((&summary["submissions"], &summary["ok"], &summary["differ"]), (&8.into(), &8.into(), &0.into()));
    let verdict = |path: &str| {
        lines.iter().find(|line| line["submission"] == path).map(|line| line["verdict"].clone()).unwrap_or_default()
    };
    assert_eq!(verdict("accepted/Adder.java"), "AC");
    assert_eq!(verdict("wrong_answer/overflow.cpp"), "WA");
    assert_eq!(verdict("time_limit_exceeded/loop.py"), "TLE");
    assert_eq!(verdict("run_time_error/memory.py"), "MLE");
}

#[test]
fn a_difference_is_told_and_is_the_exit_code() {
    let bench = Bench::new();
    for (name, text) in [
        ("p/problem.yaml", "name: echo\n"),
        ("p/.timelimit", "1\n"),
        ("p/data/secret/1.in", "1\n"),
        ("p/data/secret/1.ans", "1\n"),
        ("p/submissions/accepted/a.py", "print(2)\n"),
        ("p/submissions/wrong_answer/b.py", "print(2)\n"),
    ] {
        bench.write(name, text);
    }
    let path = bench.path("p").display().to_string();
    let (lines, output) = bench.run(&["verify", "--json", &path]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(lines[0]["ok"], false);
    assert!(lines[0]["reason"].as_str().unwrap_or_default().contains("secret/1"), "{}", lines[0]);
    assert_eq!(lines[1]["ok"], true);
}

#[test]
fn packages_that_cannot_be_graded_say_why() {
    let bench = Bench::new();
    bench.write("p/problem.yaml", "name: x\n");
    bench.write("p/domjudge-problem.ini", "special_compare = 'elsewhere'\n");
    bench.write("p/data/secret/1.in", "");
    bench.write("p/data/secret/1.ans", "");
    bench.write("p/submissions/accepted/a.py", "");
    let (lines, output) = bench.run(&["verify", "--json", &bench.path("p").display().to_string()]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(lines[0]["verdict"], Value::Null);
    assert!(lines[0]["reason"].as_str().unwrap_or_default().contains("elsewhere"));
    assert_eq!(lines[1]["summary"]["unsupported"], 1);
}

#[test]
fn a_broken_package_names_every_problem_and_the_others_go_on() {
    let bench = Bench::new();
    bench.write("bad/problem.yaml", "limits:\n  memory: lots\nvalidator_flags: float_tolerance\n");
    bench.write("bad/data/secret/1.in", "1\n");
    let bad = bench.path("bad").display().to_string();
    let (lines, output) = bench.run(&["verify", "--json", &bad, &package()]);
    let text = stderr(&output);
    for part in ["limits.memory", "validator_flags", "data/secret/1.in"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(lines.last().expect("a summary")["summary"]["ok"], 8);
    for nonsense in ["/no/such/path", "/etc/passwd", "/usr"] {
        let (_, output) = bench.run(&["verify", "--json", nonsense]);
        assert_eq!(output.status.code(), Some(2), "{nonsense}: {}", stderr(&output));
    }
}

fn message(id: u32, language: &str, name: &str, text: &str) -> Value {
    serde_json::json!({"version": 1, "submission_id": format!("00000000-0000-4000-8000-{id:012}"), "language": language,
        "files": [{"name": name, "text": text}], "tests": [{"id": "1", "stdin": "4\n", "expected": "8\n"}],
        "limits": {"cpu_ms": 2000, "memory_bytes": 128 << 20}, "metadata": {"n": id}})
}

#[test]
fn json_lines_are_graded_and_bad_ones_are_told_one_by_one() {
    let bench = Bench::new();
    let mut lines = vec![
        message(1, "python3", "a.py", "print(2 * int(input()))").to_string(),
        message(2, "python3", "a.py", "print(7)").to_string(),
        message(3, "python3", "a.py", "def f(:").to_string(),
        message(4, "cpp17", "a.cpp", "").to_string(),
        message(5, "klingon", "a.py", "print(8)").to_string(),
        message(6, "python3", "../../etc/passwd", "print(8)").to_string(),
        "{\"version\": 1}".to_owned(),
        "\u{0}nonsense".to_owned(),
    ];
    let mut binary = message(7, "c", "a.c", "");
    binary["files"][0] = serde_json::json!({"name": "a.c", "base64": "f0VMRgIBAQAAAP/+AAA="});
    lines.push(binary.to_string());
    let big = format!("print(8)\n#{}", "x".repeat(10 << 20));
    lines.push(message(8, "python3", "a.py", &big).to_string());
    let path = bench.write("batch.jsonl", &lines.join("\n"));
    let (results, output) = bench.run(&["grade", "--json", &path.display().to_string()]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let verdicts: Vec<_> = results.iter().map(|line| line["verdict"].clone()).collect();
    let expected: Vec<Value> =
        [Some("AC"), Some("WA"), Some("CE"), Some("CE"), None, None, None, None, Some("CE"), Some("AC"), None]
            .into_iter()
            .map(|verdict| verdict.map_or(Value::Null, Value::from))
            .collect();
    assert_eq!(verdicts, expected, "{results:#?}");
    assert_eq!(results[0]["metadata"]["n"], 1);
    assert!(results[4]["reason"].as_str().unwrap_or_default().contains("klingon"));
    assert!(results[5]["reason"].as_str().unwrap_or_default().contains("files[0].name"));
    assert!(results[6]["reason"].as_str().unwrap_or_default().contains("submission_id"));
}

/// The second message is sent when the first is graded.
#[test]
fn a_stream_is_graded_as_it_comes() {
    use std::io::BufRead as _;
    let bench = Bench::new();
    let mut command = bench.command(&["grade", "--stream", "--json", "--outputs", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the binary starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut lines = std::io::BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut next = || serde_json::from_str::<Value>(&lines.next().expect("a line").expect("text")).expect("JSON");
    for (number, text, verdict) in [(1, "print(2 * int(input()))", "AC"), (2, "print('no')", "WA")] {
        writeln!(stdin, "{}", message(number, "python3", "main.py", text)).expect("it reads");
        let line = next();
        assert_eq!(
            (&line["verdict"], line["submission"].as_str()),
            (&verdict.into(), Some(&*format!("stdin:{number}")))
        );
        let printed = line["tests"][0]["stdout"].as_str().expect("what it printed");
        assert_eq!(printed.trim(), if number == 1 { "8" } else { "no" });
    }
    writeln!(stdin, "nonsense").expect("it reads");
    assert!(next()["verdict"].is_null());
    drop(stdin);
    assert_eq!(next()["summary"]["submissions"], 3);
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
    let (_, output) = bench.run(&["grade", "--stream", "--json", &package()]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("--stream reads standard input"), "{}", stderr(&output));
}

#[test]
fn many_files_with_long_names_are_one_program_and_one_that_is_a_directory_is_told() {
    let bench = Bench::new();
    let mut many = message(1, "c", "main.c", "#include <stdio.h>\nint main(void) { puts(\"8\"); return 0; }");
    let files = many["files"].as_array_mut().expect("files");
    files.extend((0..255).map(|number| {
        let name = format!("{}_{number}.c", "x".repeat(190));
        serde_json::json!({"name": name, "text": format!("int f{number}(void) {{ return {number}; }}")})
    }));
    let mut clash = message(2, "c", "a", "");
    clash["files"] =
        serde_json::json!([{"name": "a", "text": ""}, {"name": "a/b.c", "text": "int main(void) { return 0; }"}]);
    let path = bench.write("batch.jsonl", &[many.to_string(), clash.to_string()].join("\n"));
    let (results, _) = bench.run(&["grade", "--json", &path.display().to_string()]);
    assert_eq!(results[0]["verdict"], "AC", "{}", results[0]["reason"]);
    assert!(results[1]["reason"].as_str().unwrap_or_default().contains("files[0].name"), "{}", results[1]);
}

#[test]
fn a_java_heap_is_as_large_as_the_limit_and_no_larger() {
    let bench = Bench::new();
    let program = |mib: u32| {
        let text = format!(
            "public class Main {{ public static void main(String[] a) {{ byte[] b = new byte[{mib} << 20]; \
            System.out.println(8 + b[0]); }} }}"
        );
        let mut message = message(mib, "java", "Main.java", &text);
        message["limits"] = serde_json::json!({"cpu_ms": 20_000, "memory_bytes": 256 << 20});
        message.to_string()
    };
    let path = bench.write("batch.jsonl", &[program(230), program(282)].join("\n"));
    let (results, _) = bench.run(&["grade", "--json", &path.display().to_string()]);
    assert_eq!((&results[0]["verdict"], &results[1]["verdict"]), (&"AC".into(), &"RTE".into()), "{results:?}");
}

#[test]
fn the_rules_of_a_batch_are_part_of_it() {
    let bench = Bench::new();
    let lines = |expected: &str| {
        let all = (0..12).map(|id| {
            let mut message = message(id, "python3", "a.py", "import time; time.sleep(0.2); print(8)");
            message["tests"][0]["expected"] = expected.into();
            message.to_string()
        });
        all.collect::<Vec<_>>().join("\n")
    };
    let path = bench.write("batch.jsonl", &lines("8")).display().to_string();
    let mut child =
        bench.command(&["grade", "--json", &path]).stdout(Stdio::piped()).spawn().expect("the binary starts");
    let mut output = std::io::BufReader::new(child.stdout.take().expect("a pipe"));
    std::io::BufRead::read_line(&mut output, &mut String::new()).expect("a line");
    child.kill().expect("the command is killed");
    child.wait().expect("the command is reaped");
    // Another answer is expected now: what was graded before does not count.
    bench.write("batch.jsonl", &lines("9"));
    let (results, _) = bench.run(&["grade", "--json", &path]);
    assert_eq!(results.last().expect("a summary")["summary"]["verdicts"], serde_json::json!({"WA": 12}));
}

#[test]
fn an_id_that_comes_twice_is_one_submission() {
    let bench = Bench::new();
    let (first, mut other) = (message(1, "python3", "a.py", "print(8)"), message(1, "python3", "a.py", "print(9)"));
    other["metadata"] = serde_json::json!({"z": 1, "a": 12_345_678_901_234_567_890_u64});
    let path = bench.write("batch.jsonl", &[&first, &first, &other].map(Value::to_string).join("\n"));
    let (results, output) = bench.run(&["grade", "--json", &path.display().to_string()]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(results[0]["verdict"], "AC");
    for (line, part) in [(1, "the same submission"), (2, "another content")] {
        assert_eq!(results[line]["verdict"], Value::Null);
        assert!(results[line]["reason"].as_str().unwrap_or_default().contains(part), "{}", results[line]);
    }
    assert_eq!(results[2]["metadata"].to_string(), "{\"z\":1,\"a\":12345678901234567890}");
    assert_eq!(results[3]["summary"]["verdicts"], serde_json::json!({"AC": 1}));
}

#[test]
fn the_same_program_gets_the_same_verdict_each_time() {
    let bench = Bench::new();
    let lines: Vec<_> =
        (0..100).map(|id| message(id, "python3", "a.py", "print(2 * int(input()))").to_string()).collect();
    let path = bench.write("batch.jsonl", &lines.join("\n"));
    let (results, output) = bench.run(&["grade", "--json", &path.display().to_string()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(results.last().expect("a summary")["summary"]["verdicts"], serde_json::json!({"AC": 100}));
}

#[test]
fn an_interrupted_batch_continues_and_loses_nothing() {
    let bench = Bench::new();
    let lines: Vec<_> = (0..40)
        .map(|id| message(id, "python3", "a.py", "import time; time.sleep(0.1); print(2 * int(input()))").to_string())
        .collect();
    let path = bench.write("batch.jsonl", &lines.join("\n")).display().to_string();
    // Killed as hard as can be after its first results have come.
    let mut child = bench
        .command(&["grade", "--json", "--fresh", &path])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut output = std::io::BufReader::new(child.stdout.take().expect("a pipe"));
    for _ in 0..3 {
        let mut line = String::new();
        // The table comes last, but JSON lines come as the results do.
        std::io::BufRead::read_line(&mut output, &mut line).expect("a line");
    }
    child.kill().expect("the command is killed");
    child.wait().expect("the command is reaped");
    let (results, output) = bench.run(&["grade", "--json", &path]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("continuing"), "{}", stderr(&output));
    assert_eq!(results.len(), 41);
    assert_eq!(results.last().expect("a summary")["summary"]["verdicts"], serde_json::json!({"AC": 40}));
    // A finished batch is not continued.
    let (_, output) = bench.run(&["grade", "--json", &path]);
    assert!(!stderr(&output).contains("continuing"), "{}", stderr(&output));
}

#[test]
fn a_store_that_is_none_is_refused() {
    let bench = Bench::new();
    let mut file = std::fs::File::create(bench.path("store.sqlite")).expect("a file");
    file.write_all(&[b'x'; 5000]).expect("written");
    let (_, output) = bench.run(&["verify", "--json", &package()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("store.sqlite"), "{}", stderr(&output));
}

#[test]
fn results_are_in_the_store_with_their_facts() {
    let bench = Bench::new();
    let path = bench.write("batch.jsonl", &message(1, "python3", "a.py", "print('no' * 20000)").to_string());
    let (_, output) = bench.run(&["grade", "--json", "--keep-output", "100", &path.display().to_string()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let query = "import sqlite3, sys\n\
        rows = sqlite3.connect(sys.argv[1]).execute('select verdict, length(content), truncated, stdout_bytes, \
        cpu_user_us + cpu_sys_us > 1000, memory_peak_bytes > 1000000, exit_code from test_results \
        join outputs using (batch_id, submission_id, position) where position = 1').fetchall()\n\
        print(rows)";
    let output =
        Command::new("/usr/bin/python3").args(["-c", query]).arg(bench.path("store.sqlite")).output().expect("python3");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        "[('WA', 100, 1, 40001, 1, 1, 0)]",
        "{}",
        stderr(&output)
    );
}

#[test]
fn the_file_of_results_is_found_where_they_were_put() {
    let bench = Bench::new();
    let path = bench.write("batch.jsonl", &message(1, "python3", "a.py", "print(input())").to_string());
    let (lines, output) = bench.run(&["grade", "--json", &path.display().to_string()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let batch = lines.last().expect("a summary")["summary"]["batch_id"].as_str().expect("an id").to_owned();
    // It is finished, so that waiting for it returns.
    let (status, output) = bench.run(&["status", "--json", "--wait", &batch]);
    assert_eq!((output.status.code(), &status[0]["finished"]), (Some(0), &true.into()), "{status:?}");
    // A file that is named counts more than a server of the environment.
    let store = bench.path("store.sqlite").display().to_string();
    let mut command = bench.command(&["results", "--json", "--store", &store, &batch]);
    let output = command.env("ASSAY_DATABASE_URL", "postgres://nobody@127.0.0.1:1/none").output().expect("it starts");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 1);
    let (_, output) = bench.run(&["results", "--json", &batch, "--verdict", "XX"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
}

#[test]
fn a_file_of_another_kind_says_what_is_needed() {
    let bench = Bench::new();
    let source = bench.write("a.py", "print(1)").display().to_string();
    let (_, output) = bench.run(&["grade", "--json", &source]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--problem"), "{}", stderr(&output));
    let (lines, output) = bench.run(&["verify", "--json", &source]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(lines.last().expect("a summary")["summary"]["bad_packages"], 1);
    let lines = bench.write("batch.jsonl", "hello").display().to_string();
    let (lines, output) = bench.run(&["grade", "--json", &lines]);
    assert_eq!(output.status.code(), Some(1));
    assert!(lines[0]["reason"].to_string().contains("not JSON"), "{lines:?}");
}
