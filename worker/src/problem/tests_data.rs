//! `data/`: the tests, in the order in which they count, with what their directories configure.

use std::path::Path;

use assay_shared::Checker;
use serde_json::Value;

use super::meta::{Format, Meta, apply_flags, words};
use super::{Findings, TestCase, children, collect_files, file_name, shown, yaml};

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
    for child in children(root, dir, findings) {
        let name = file_name(&child);
        if child.is_dir() {
            if name.strip_suffix(".files").is_some_and(|stem| dir.join(format!("{stem}.in")).is_file()) {
                continue;
            }
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
        let list = dir.join(format!("{stem}.args"));
        if list.is_file() {
            match (meta.format, std::fs::read_to_string(&list)) {
                (Format::Draft202307, Ok(text)) => own.args = text.split_whitespace().map(str::to_owned).collect(),
                (_, Err(error)) => findings.problem(format!("{}: {error}", shown(root, &list))),
                _ => findings.warning(format!(
                    "{}: left out, the format has no such file; 2025-09 has the key args in {stem}.yaml",
                    shown(root, &list)
                )),
            }
        }
        let files = collect_files(root, &dir.join(format!("{stem}.files")), findings);
        let group = group.to_owned();
        tests.push(TestCase { id, input: path, answer, checker: own.checker, args: own.args, files, group });
    }
}

/// What `testdata.yaml` or `test_group.yaml` of a directory changes. The draft had either name.
fn configure(root: &Path, dir: &Path, inherited: &Inherited, meta: &Meta, findings: &mut Findings) -> Inherited {
    let (group, data) = (dir.join("test_group.yaml"), dir.join("testdata.yaml"));
    let (path, other) = match meta.format {
        Format::Legacy | Format::LegacyIcpc => (data, Some(group)),
        Format::Draft202307 if data.is_file() => (data, None),
        Format::Draft202307 => (group, None),
        Format::V202509 => (group, Some(data)),
    };
    if let Some(other) = other.filter(|other| other.is_file()) {
        findings.warning(format!(
            "{}: left out, this version of the format reads {}",
            shown(root, &other),
            file_name(&path)
        ));
    }
    if path.is_file() { apply(root, &path, inherited, meta, findings) } else { inherited.clone() }
}

/// Keys that are not there keep the value of the nearest directory above.
fn apply(root: &Path, path: &Path, inherited: &Inherited, meta: &Meta, findings: &mut Findings) -> Inherited {
    let mut result = inherited.clone();
    let Some(config) = yaml(root, path, &meta.constants, findings) else { return result };
    let shown = shown(root, path);
    let keys: &[&str] = match meta.format {
        Format::Legacy | Format::LegacyIcpc => &["output_validator_flags"],
        Format::Draft202307 => &["output_validator_flags", "output_validator_args"],
        Format::V202509 => &["output_validator_args"],
    };
    for other in ["output_validator_flags", "output_validator_args"].iter().filter(|key| !keys.contains(key)) {
        if config.get(other).is_some() {
            findings.problem(format!("{shown}: {other}: this version of the format has {} instead", keys[0]));
        }
    }
    for key in keys {
        let Some(value) = config.get(key) else { continue };
        // A map names one validator and its flags; the default one is called "default".
        let own = match value {
            Value::Object(map) => map.get("flags").or_else(|| map.get("default")).map(words).unwrap_or_default(),
            other => words(other),
        };
        // A validator gets the problem's flags first, then those of the nearest directory that has any.
        let flags: Vec<String> = meta.flags.iter().chain(&own).cloned().collect();
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
