//! `submissions/`: the package's own submissions and what is expected of each.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::meta::{Format, words};
use super::{ExampleSubmission, Expectation, Findings, children, collect_files, file_name, yaml};

pub(super) fn read(root: &Path, format: Format, findings: &mut Findings) -> Vec<ExampleSubmission> {
    let base = root.join("submissions");
    let file = base.join("submissions.yaml");
    let config = if file.is_file() { yaml(root, &file, findings).unwrap_or(Value::Null) } else { Value::Null };
    let mut found = Vec::new();
    for dir in children(&base).into_iter().filter(|dir| dir.is_dir()) {
        let kind = file_name(&dir);
        for child in children(&dir) {
            let path = format!("{kind}/{}", file_name(&child));
            if let Some(why) = not_a_submission(&child) {
                findings.warning(format!("submissions/{path}: left out, it is {why}"));
                continue;
            }
            let mut files = Vec::new();
            if child.is_dir() {
                collect_files(&child, "", 0, &mut files);
                // A program may bring files of any kind for itself, only not what was compiled from it.
                files.retain(|(_, path)| matches!(not_a_submission(path), None | Some("no source")));
            } else {
                files.push((file_name(&child), child));
            }
            if files.is_empty() {
                findings.warning(format!("submissions/{path}: left out, there are no files in it"));
                continue;
            }
            found.push(one(path, &kind, files, format, &config, findings));
        }
    }
    if found.is_empty() {
        findings.warning("submissions/: there are none");
    }
    found
}

fn one(
    path: String,
    kind: &str,
    files: Vec<(String, std::path::PathBuf)>,
    format: Format,
    config: &Value,
    findings: &mut Findings,
) -> ExampleSubmission {
    let mut submission = ExampleSubmission {
        expectation: Expectation::of_directory(kind, format),
        bounds_time_limit: false,
        language: None,
        entry_point: None,
        files,
        path,
    };
    let mut opted_out = false;
    for (pattern, value) in config.as_object().into_iter().flatten() {
        if !expand_braces(pattern).iter().any(|pattern| matches_path(pattern, &submission.path)) {
            continue;
        }
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        submission.language = text("language").or(submission.language);
        submission.entry_point = text("entrypoint").or(submission.entry_point);
        opted_out |= value.get("use_for_time_limit") == Some(&Value::Bool(false));
        let overrides = pattern == kind;
        if let Err(problem) = submission.expectation.add(value, overrides) {
            findings.problem(format!("submissions/submissions.yaml: {pattern}: {problem}"));
        }
        for key in value.as_object().into_iter().flat_map(|map| map.keys()) {
            if key.starts_with("sample") || key.starts_with("secret") {
                let rule = &value[key.as_str()];
                if let Err(problem) = submission.expectation.add_for(expand_braces(key), rule) {
                    findings.problem(format!("submissions/submissions.yaml: {pattern}: {key}: {problem}"));
                }
            }
        }
    }
    if let Some(tags) = submission.files.iter().find_map(|(_, path)| expected_results(path)) {
        match Expectation::of_tags(&tags) {
            Some(expectation) => submission.expectation = expectation,
            None => findings
                .warning(format!("submissions/{}: no known result in @EXPECTED_RESULTS@: {tags}", submission.path)),
        }
    }
    submission.bounds_time_limit = !opted_out && submission.expectation.forbids_time_limit(format);
    submission
}

fn not_a_submission(path: &Path) -> Option<&'static str> {
    let name = file_name(path);
    let lower = name.to_ascii_lowercase();
    let ends = |ends: &[&str]| ends.iter().any(|end| lower.ends_with(end));
    if path.is_dir() {
        return match lower.as_str() {
            "__pycache__" => Some("a cache"),
            "disabled" => Some("disabled"),
            _ => ends(&[".disabled", "~", ".bak", ".orig"]).then_some("disabled"),
        };
    }
    if ends(&[".bin", ".exe", ".class", ".o", ".jar", ".pyc"]) || lower == "a.out" {
        return Some("a compiled file");
    }
    if ends(&[".disabled", "~", ".bak", ".orig", ".template"]) || (lower.starts_with('#') && lower.ends_with('#')) {
        return Some("disabled or a backup");
    }
    if ends(&[".md", ".txt", ".yaml", ".yml", ".pdf", ".tex", ".in", ".ans", ".out"])
        || lower.starts_with("readme")
        || lower == "makefile"
    {
        return Some("no source");
    }
    let mut head = [0; 4];
    let read = fs::File::open(path).and_then(|mut file| std::io::Read::read(&mut file, &mut head));
    (read.is_ok() && &head == b"\x7fELF").then_some("a compiled file")
}

/// What follows `@EXPECTED_RESULTS@:` in a source.
fn expected_results(path: &Path) -> Option<String> {
    const TAG: &str = "@EXPECTED_RESULTS@";
    let bytes = fs::read(path).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let line = text.lines().find_map(|line| line.split_once(TAG))?.1;
    Some(line.trim_start_matches(':').trim().to_owned())
}

/// A pattern without braces for each of the choices.
pub(super) fn expand_braces(pattern: &str) -> Vec<String> {
    let Some((before, rest)) = pattern.split_once('{') else { return vec![pattern.to_owned()] };
    let Some((choices, after)) = rest.split_once('}') else { return vec![pattern.to_owned()] };
    choices.split(',').flat_map(|choice| expand_braces(&format!("{before}{choice}{after}"))).collect()
}

/// Whether a pattern matches a path or a directory that the path is in. `*` stands for any part of one name.
pub(super) fn matches_path(pattern: &str, path: &str) -> bool {
    let (mut patterns, mut names) = (pattern.trim_end_matches('/').split('/'), path.split('/'));
    loop {
        match (patterns.next(), names.next()) {
            (None, _) => return true,
            (Some(pattern), Some(name)) if matches_name(pattern.as_bytes(), name.as_bytes()) => {}
            _ => return false,
        }
    }
}

fn matches_name(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, n));
            p += 1;
        } else if p < pattern.len() && pattern[p] == name[n] {
            p += 1;
            n += 1;
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            p = at + 1;
            n = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// For the expectation's words.
pub(super) fn class_list(value: &Value) -> Vec<String> {
    words(value)
}

#[cfg(test)]
mod tests {
    use super::{expand_braces, matches_path};

    #[test]
    fn globs_match_names_and_parents() {
        assert!(matches_path("accepted", "accepted/a.py"));
        assert!(matches_path("accepted/*", "accepted/a.py"));
        assert!(matches_path("*/a*.p*y", "wrong_answer/abc.py"));
        assert!(!matches_path("accepted/b*", "accepted/a.py"));
        assert!(!matches_path("accepted/a.py/x", "accepted/a.py"));
        assert_eq!(expand_braces("a.{py,cpp}"), ["a.py", "a.cpp"]);
        assert_eq!(expand_braces("{a,b}/{c,d}").len(), 4);
    }
}
