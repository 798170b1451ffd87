//! Hostile packages, archives, and submissions against judges.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Context, assay, output};

/// A copy of a package with the words in its files replaced.
fn package(context: &Context<'_>, group: &str, name: &str) -> PathBuf {
    let from = context.cases.join(group).join("packages").join(name);
    let to = context.directory.join(name);
    copy(context, &from, &to);
    to
}

fn copy(context: &Context<'_>, from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in std::fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display())) {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(context, &entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).expect("a copy");
            let content = std::fs::read(&target).expect("a file");
            std::fs::write(&target, context.words.put_into(&content)).expect("a file");
        }
    }
}

/// Grades a package's own submissions and looks for what must not be seen.
fn graded(context: &Context<'_>, package: &Path) -> (Vec<Value>, Vec<String>) {
    let (text, errors, _) =
        output(assay(context, &["grade", "--json", "--fresh", "--outputs", &package.display().to_string()]));
    let mut problems = Vec::new();
    for needle in ["BREACH", context.token] {
        if let Some(at) = text.find(needle) {
            problems.push(format!("BREACH: {}", text[at..].chars().take(200).collect::<String>()));
        }
    }
    let lines: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    if lines.len() < 2 || errors.contains("panicked") {
        problems.push(format!("nothing was graded: {text} {errors}"));
    }
    (lines, problems)
}

pub(super) fn feedback_links(context: &Context<'_>) -> Vec<String> {
    let canaries = context.words.0.iter().find(|(word, _)| *word == "@CANARY_DIR@").map(|(_, path)| path.as_str());
    let feedback = Path::new(canaries.expect("a directory")).join("feedback");
    std::fs::create_dir_all(&feedback).expect("a directory");
    std::fs::write(feedback.join("judgemessage.txt"), context.token).expect("a file");
    let package = package(context, "B", "B04_feedback_link");
    let (lines, mut problems) = graded(context, &package);
    if lines.iter().any(|line| line["verdict"] == "AC") {
        problems.push(format!("BREACH: accepted: {lines:?}"));
    }
    problems
}

pub(super) fn left_for_the_next(context: &Context<'_>) -> Vec<String> {
    as_expected(context, "I", "I05_what_is_left")
}

pub(super) fn attacked_validator(context: &Context<'_>) -> Vec<String> {
    let package = package(context, "I", "I06_simple_validator");
    let (lines, mut problems) = graded(context, &package);
    for line in &lines {
        let hostile = line["submission"].as_str().is_some_and(|path| path.contains("wrong_answer"));
        if hostile && line["verdict"] == "AC" {
            problems.push(format!("BREACH: accepted: {line}"));
        }
    }
    problems
}

pub(super) fn deadlock(context: &Context<'_>) -> Vec<String> {
    as_expected(context, "E", "E18")
}

/// Writes an archive with these entries by Python, which makes any that is asked for.
fn archive(context: &Context<'_>, script: &str) -> PathBuf {
    let path = context.directory.join("hostile.zip");
    let status = Command::new("python3").args(["-c", script]).arg(&path).status().expect("python starts");
    assert!(status.success(), "no archive");
    path
}

fn refused(context: &Context<'_>, path: &Path) -> Vec<String> {
    let started = Instant::now();
    let (text, errors, code) = output(assay(context, &["verify", "--json", &path.display().to_string()]));
    let mut problems = Vec::new();
    if code != Some(2) || errors.trim().is_empty() || errors.contains("panicked") {
        problems.push(format!("it is not refused: {code:?} {text} {errors}"));
    }
    if started.elapsed() > Duration::from_secs(if context.slow { 300 } else { 30 }) {
        problems.push(format!("it took {} s", started.elapsed().as_secs()));
    }
    problems
}

/// The archives that a script makes, each with whether it must be refused.
pub(super) fn archives(context: &Context<'_>) -> Vec<String> {
    let (made, outside) = (context.directory.join("archives"), tempfile::tempdir_in("/var/tmp").expect("a directory"));
    std::fs::create_dir_all(&made).expect("a directory");
    std::fs::write(outside.path().join("secret"), context.token).expect("a file");
    let mut command = Command::new("python3");
    command.arg(context.cases.join("A/packages/A20/make.py")).arg(&made).arg(outside.path()).stdin(Stdio::null());
    let (list, errors, code) = output(command);
    if code != Some(0) {
        return vec![format!("no archives: {errors}")];
    }
    let mut problems = Vec::new();
    for (name, must) in list.lines().filter_map(|line| line.split_once(' ')) {
        let (text, errors, code) =
            output(assay(context, &["verify", "--json", &made.join(name).display().to_string()]));
        let is_refused = code == Some(2) && !text.contains("\"verdict\":\"");
        if must == "refused" && !is_refused || !matches!(code, Some(0..=2)) || errors.contains("panicked") {
            problems.push(format!("{name}: {code:?} {text} {errors}"));
        }
        let left: Vec<_> =
            std::fs::read_dir(outside.path()).expect("a directory").flatten().map(|entry| entry.file_name()).collect();
        let same = std::fs::read_to_string(outside.path().join("secret")).is_ok_and(|text| text == context.token);
        if left != ["secret"] || !same {
            problems.push(format!("BREACH: {name} left {left:?}"));
        }
    }
    problems
}

/// Everything that a program can ask about itself is the same in every test of a submission.
pub(super) fn which_test(context: &Context<'_>) -> Vec<String> {
    let program = std::fs::read_to_string(context.cases.join("J/packages/J08/fingerprint.py")).expect("a program");
    let tests: Vec<Value> = (1..=20).map(|number| serde_json::json!({"id": number.to_string(), "stdin": ""})).collect();
    let message = serde_json::json!({"version": 1, "submission_id": uuid::Uuid::new_v4(), "language": "python3", "stop": "never",
        "files": [{"name": "main.py", "text": program}], "tests": tests});
    let file = context.directory.join("which.jsonl");
    std::fs::write(&file, message.to_string()).expect("a file");
    let (text, errors, _) =
        output(assay(context, &["grade", "--json", "--fresh", "--outputs", &file.display().to_string()]));
    let report: Value = text.lines().next().and_then(|line| serde_json::from_str(line).ok()).unwrap_or_default();
    let said: Vec<&str> =
        report["tests"].as_array().into_iter().flatten().filter_map(|test| test["stdout"].as_str()).collect();
    let others: Vec<&&str> = said.iter().filter(|text| **text != said[0]).collect();
    if said.len() == 20 && !said[0].is_empty() && others.is_empty() {
        return Vec::new();
    }
    vec![format!("{} outputs, {} of them different: {said:.300?} {errors}", said.len(), others.len())]
}

/// `assay verify` says that everything is as expected, and no program that it reached anything.
fn as_expected(context: &Context<'_>, group: &str, name: &str) -> Vec<String> {
    let package = package(context, group, name);
    let (text, errors, code) = output(assay(context, &["verify", "--json", "--fresh", &package.display().to_string()]));
    let mut problems = Vec::new();
    if code != Some(0) || text.contains("BREACH") {
        problems.push(format!("{code:?} {text} {errors}"));
    }
    problems
}

pub(super) fn own_validator(context: &Context<'_>) -> Vec<String> {
    let mut problems = as_expected(context, "J", "J13");
    problems.extend(as_expected(context, "J", "J13-polygon"));
    let package = context.directory.join("J13-polygon");
    for hostile in ["rewrite.c", "link.pl", "directory.pl", "named", "nested"] {
        let path = package.join("hostile").join(hostile);
        let (text, errors, _) = output(assay(
            context,
            &["grade", "--json", "--fresh", "--problem", &package.display().to_string(), &path.display().to_string()],
        ));
        if !text.contains("\"verdict\":\"WA\"") {
            problems.push(format!("{hostile}: {text} {errors}"));
        }
    }
    problems
}

pub(super) fn other_side(context: &Context<'_>) -> Vec<String> {
    as_expected(context, "J", "J14")
}

pub(super) fn archive_slip(context: &Context<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let target = context.directory.join("slipped");
    for name in ["../slipped".to_owned(), target.display().to_string(), "p/../../slipped".to_owned()] {
        let script = format!(
            "import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], 'w') as z:\n z.writestr('p/problem.yaml', 'name: p')\n \
             z.writestr({name:?}, 'BREACH')"
        );
        let path = archive(context, &script);
        problems.extend(refused(context, &path));
        if target.exists() {
            problems.push(format!("BREACH: {name} was written"));
        }
    }
    let script = "import stat, sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], 'w') as z:\n z.writestr('p/problem.yaml', 'name: p')\n \
                  i = zipfile.ZipInfo('p/data'); i.external_attr = (stat.S_IFLNK | 0o777) << 16\n z.writestr(i, '/etc')\n \
                  z.writestr('p/data/x', 'BREACH')";
    let path = archive(context, script);
    problems.extend(refused(context, &path));
    problems
}

pub(super) fn archive_bomb(context: &Context<'_>) -> Vec<String> {
    let script = "import sys, zipfile\nblock = bytes(1 << 26)\nwith zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as z:\n \
                  z.writestr('p/problem.yaml', 'name: p')\n for i in range(80):\n  z.writestr(f'p/data/secret/{i}.in', block)";
    let path = archive(context, if context.slow { return Vec::new() } else { script });
    refused(context, &path)
}
