//! `data/`: the tests, in the order in which they count, with what their directories configure.

use std::path::Path;

use assay_shared::Checker;
use serde_json::Value;

use super::meta::{Meta, apply_flags, words};
use super::{Findings, TestCase, children, collect_files, file_name, yaml};

#[derive(Clone)]
struct Inherited {
    checker: Checker,
    args: Vec<String>,
}

pub(super) fn read(root: &Path, meta: &Meta, findings: &mut Findings) -> Vec<TestCase> {
    let mut tests = Vec::new();
    let inherited = Inherited { checker: meta.checker.clone(), args: Vec::new() };
    let data = root.join("data");
    let inherited = configure(root, &data, &inherited, meta, findings);
    for name in ["sample", "secret"] {
        walk(root, &data.join(name), name, &inherited, meta, 0, &mut tests, findings);
    }
    tests
}

#[expect(clippy::too_many_arguments, reason = "one recursion over a tree, with its collectors")]
fn walk(
    root: &Path,
    dir: &Path,
    group: &str,
    inherited: &Inherited,
    meta: &Meta,
    depth: usize,
    tests: &mut Vec<TestCase>,
    findings: &mut Findings,
) {
    if !dir.is_dir() {
        return;
    }
    if depth > 16 {
        findings.problem(format!("data/{group}: more than 16 directories deep"));
        return;
    }
    let inherited = configure(root, dir, inherited, meta, findings);
    let mut entries: Vec<(String, std::path::PathBuf)> = Vec::new();
    for child in children(dir) {
        let name = file_name(&child);
        if child.is_dir() && !has_extension(&name, ".files") {
            entries.push((name, child));
        } else if let Some(stem) = name.strip_suffix(".in") {
            entries.push((stem.to_owned(), child));
        } else if let Some(stem) = name.strip_suffix(".ans")
            && !dir.join(format!("{stem}.in")).exists()
        {
            findings.warning(format!("data/{group}/{name}: an answer without {stem}.in"));
        }
    }
    entries.sort();
    for (stem, path) in entries {
        let id = format!("{group}/{stem}");
        if path.is_dir() {
            walk(root, &path, &id, &inherited, meta, depth + 1, tests, findings);
            continue;
        }
        let answer = dir.join(format!("{stem}.ans"));
        if !answer.is_file() {
            findings.problem(format!("data/{id}.in: there is no data/{id}.ans"));
            continue;
        }
        let mut own = inherited.clone();
        let config = dir.join(format!("{stem}.yaml"));
        if config.is_file() {
            own = apply(root, &config, &own, meta, findings);
        }
        let mut files = Vec::new();
        collect_files(&dir.join(format!("{stem}.files")), "", 0, &mut files);
        let group = group.to_owned();
        tests.push(TestCase { id, input: path, answer, checker: own.checker, args: own.args, files, group });
    }
}

fn has_extension(name: &str, extension: &str) -> bool {
    name.ends_with(extension)
}

/// What `testdata.yaml` or `test_group.yaml` of a directory changes.
fn configure(root: &Path, dir: &Path, inherited: &Inherited, meta: &Meta, findings: &mut Findings) -> Inherited {
    let name = if meta.format.is_legacy() || dir.join("testdata.yaml").is_file() {
        "testdata.yaml"
    } else {
        "test_group.yaml"
    };
    let path = dir.join(name);
    if path.is_file() { apply(root, &path, inherited, meta, findings) } else { inherited.clone() }
}

fn apply(root: &Path, path: &Path, inherited: &Inherited, meta: &Meta, findings: &mut Findings) -> Inherited {
    let mut result = inherited.clone();
    let Some(config) = yaml(root, path, findings) else { return result };
    let shown = path.strip_prefix(root).unwrap_or(path).display().to_string();
    for key in ["output_validator_flags", "output_validator_args"] {
        let Some(value) = config.get(key) else { continue };
        // A map names one validator and its flags; the default one is called "default".
        let flags = match value {
            Value::Object(map) => map.get("flags").or_else(|| map.get("default")).map(words).unwrap_or_default(),
            other => words(other),
        };
        let mut checker = Checker::default();
        match apply_flags(&mut checker, &flags) {
            Ok(()) => result.checker = checker,
            Err(_) if meta.unsupported.is_some() => {}
            Err(problem) => findings.problem(format!("{shown}: {key}: {problem}")),
        }
    }
    if let Some(args) = config.get("args") {
        result.args = words(args);
    }
    result
}
