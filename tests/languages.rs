//! Every language whose toolchain is here compiles and runs its two programs in the sandbox.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

#[test]
fn every_available_language_says_hello_and_adds() {
    let assay = env!("CARGO_BIN_EXE_assay");
    let output = Command::new(assay).args(["languages", "--json"]).output().expect("the binary starts");
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/languages");
    let (mut lines, mut names, mut skipped) = (Vec::new(), BTreeMap::new(), Vec::new());
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let language: Value = serde_json::from_str(line).expect("JSON");
        let id = language["id"].as_str().expect("an id").to_owned();
        if id == "answers" {
            // No programming language.
            continue;
        }
        if language["available"] != true {
            skipped.push(format!("{id}: {}", language["reason"]));
            continue;
        }
        for (name, stdin, expected) in [("hello", "", "hello\n"), ("sum", "3\n1 -2\n40\n", "39\n")] {
            let file = std::fs::read_dir(programs.join(&id))
                .unwrap_or_else(|error| panic!("{id}: {error}"))
                .flatten()
                .map(|entry| entry.path())
                .find(|path| path.file_stem().is_some_and(|stem| stem.eq_ignore_ascii_case(name)))
                .unwrap_or_else(|| panic!("{id} has no program {name}"));
            let number = lines.len();
            let submission = format!("00000000-0000-4000-8000-{number:012}");
            names.insert(submission.clone(), format!("{id} {name}"));
            let file_name = file.file_name().expect("a name").to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&file).expect("a source");
            lines.push(
                json!({"version": 1, "submission_id": submission, "language": id, "files": [{"name": file_name, "text": text}],
                    "tests": [{"id": "1", "stdin": stdin, "expected": expected}],
                    "limits": {"cpu_ms": 5000, "wall_ms": 30000, "memory_bytes": 256 << 20}})
                .to_string(),
            );
        }
    }
    #[expect(clippy::print_stderr, reason = "a skipped language is told")]
    {
        eprintln!("skipped, no toolchain: {}", skipped.join("; "));
    }
    assert!(!lines.is_empty(), "no language is available");
    let dir = tempfile::tempdir().expect("a temporary directory");
    let batch = dir.path().join("batch.jsonl");
    std::fs::write(&batch, lines.join("\n")).expect("a batch");
    let output = Command::new(assay)
        .args(["grade", "--json"])
        .arg(&batch)
        .env("ASSAY_STORE", dir.path().join("store.sqlite"))
        .stdin(Stdio::null())
        .output()
        .expect("the binary starts");
    let mut wrong = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let result: Value = serde_json::from_str(line).expect("JSON");
        if let Some(id) = result["submission_id"].as_str()
            && result["verdict"] != "AC"
        {
            let name = names.get(id).cloned().unwrap_or_default();
            wrong.push(format!("{name}: {} {} {}", result["verdict"], result["reason"], result["compile_log"]));
        }
    }
    assert!(
        wrong.is_empty() && output.status.success(),
        "{}\n{}",
        wrong.join("\n"),
        String::from_utf8_lossy(&output.stderr)
    );
}
