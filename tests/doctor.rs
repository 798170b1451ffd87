//! `assay doctor` and its self-test through the real binary: that they pass here, and that the self-test turns red when a mechanism of
//! the sandbox is off.

use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

/// One at a time: the self-test looks at times, too.
static ONE: Mutex<()> = Mutex::new(());

fn one() -> MutexGuard<'static, ()> {
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn doctor(options: &[&str], without: Option<&str>) -> Output {
    // A careless parent, which hands a descriptor on.
    let mut command = Command::new("bash");
    command.args(["-c", "exec 9</dev/null; exec \"$@\"", "bash", env!("CARGO_BIN_EXE_assay"), "doctor"]);
    command.args(options).stdin(Stdio::null());
    if let Some(mechanism) = without {
        command.env("ASSAY_TEST_DEFENCE_OFF", mechanism);
    }
    command.output().expect("the binary starts")
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

#[test]
fn the_self_test_passes_here() {
    let _one = one();
    let output = doctor(&["--self-test", "--json"], None);
    let lines = lines(&output);
    let (summary, cases) = lines.split_last().expect("a summary");
    assert!(cases.iter().all(|case| case["held"] == true), "{cases:#?}");
    assert_eq!(summary["summary"]["held"], cases.len(), "{summary}");
    assert_eq!(output.status.code(), Some(0));
    let ids: Vec<&str> = cases.iter().filter_map(|case| case["case"].as_str()).collect();
    for id in ["B02", "B03", "B18", "C01", "C05", "C10", "D01", "D16", "E02", "E03", "F01", "G02", "H08", "I01", "K01"]
    {
        assert!(ids.contains(&id), "{ids:?}");
    }
}

#[test]
fn it_tells_people_in_lines() {
    let _one = one();
    let output = doctor(&["--self-test"], None);
    let text = String::from_utf8_lossy(&output.stdout);
    let held = text.lines().filter(|line| line.starts_with("ok ")).count();
    assert_eq!(text.lines().last(), Some(&*format!("{held} of {held} held")), "{text}");
}

#[test]
#[cfg(debug_assertions)]
fn the_self_test_misses_what_is_off() {
    let _one = one();
    // Without some of them nothing runs at all, which is told too; without that of memory, where control groups are version 1.
    for (mechanism, misses) in [
        ("memory-limit", &["D01", ""][..]),
        ("process-limit", &["C01"]),
        ("cpu-limit", &["E03"]),
        ("wall-limit", &["E02"]),
        ("output-limit", &["F01"]),
        ("memory-watch", &["D16"]),
        ("filter", &["H08"]),
        ("read-only-root", &[]),
        ("net-namespace", &["I01"]),
        ("pid-namespace", &[]),
        ("close-descriptors", &["I01"]),
        ("rlimit-core", &["I01"]),
        ("proc-subset", &["B18"]),
        ("collect-beneath", &["B03"]),
    ] {
        let output = doctor(&["--self-test", "--json"], Some(mechanism));
        let lines = lines(&output);
        let missed = |line: &Value| {
            line["tried"].is_string()
                && line["held"] != true
                && misses.contains(&line["case"].as_str().unwrap_or_default())
        };
        let errors = String::from_utf8_lossy(&output.stderr);
        // The launcher reads its mounts back, an init cannot mount /proc: then there is no sandbox to test.
        let no_sandbox = misses.is_empty() && errors.contains("this host cannot grade");
        assert!(no_sandbox || lines.iter().any(missed), "{mechanism}: {lines:#?} {errors}");
        assert_eq!(output.status.code(), Some(3), "{mechanism}");
    }
}

#[test]
fn a_probe_does_nothing_outside_the_sandbox() {
    for probe in ["signals", "hog", "unshare"] {
        let output = doctor(&["--probe", probe, "1", "x"], None);
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), &b""[..]), "{probe}");
    }
    let help = doctor(&["--help"], None);
    assert!(!String::from_utf8_lossy(&help.stdout).contains("--probe"));
}

#[test]
fn advice_fails_nothing() {
    let _one = one();
    let output = doctor(&["--json"], None);
    let lines = lines(&output);
    let (summary, checks) = lines.split_last().expect("a summary");
    assert_eq!(summary["summary"]["fit"], true, "{checks:#?}");
    assert_eq!(output.status.code(), Some(0));
    for check in checks {
        let needs_text = check["ok"] != true;
        assert!(!needs_text || check["mend"].as_str().is_some_and(|mend| !mend.is_empty()), "{check}");
    }
    for name in ["user namespaces", "kernel settings", "steady times", "core dumps"] {
        assert!(checks.iter().any(|check| check["check"] == name), "{name}: {checks:#?}");
    }
}
