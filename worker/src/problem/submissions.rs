//! `submissions/`: the package's own submissions and what is expected of each.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::meta::Format;
use super::points::ExpectedPoints;
use super::{ExampleSubmission, Expectation, Findings, Kind, TestCase, children, collect_files, file_name, yaml};

/// Keys of an entry of `submissions.yaml`; any other names tests.
const KEYS: [&str; 9] = [
    "language",
    "entrypoint",
    "authors",
    "model_solution",
    "permitted",
    "required",
    "score",
    "message",
    "use_for_time_limit",
];

/// One entry of `submissions.yaml`.
struct Entry<'a> {
    pattern: &'a str,
    globs: Vec<String>,
    value: &'a Value,
    /// Entries for some of the tests.
    parts: Vec<(&'a str, Vec<String>, &'a Value)>,
}

pub(super) fn read(
    root: &Path,
    format: Format,
    kind: Kind,
    tests: &[TestCase],
    findings: &mut Findings,
) -> Vec<ExampleSubmission> {
    let base = root.join("submissions");
    let file = base.join("submissions.yaml");
    let none = std::collections::BTreeMap::new();
    let config = if file.is_file() { yaml(root, &file, &none, findings).unwrap_or(Value::Null) } else { Value::Null };
    let entries = entries(&config, tests, findings);
    let mut found = Vec::new();
    for dir in children(root, &base, findings).into_iter().filter(|dir| dir.is_dir()) {
        let directory = file_name(&dir);
        for child in children(root, &dir, findings) {
            let path = format!("{directory}/{}", file_name(&child));
            match not_a_submission(&child) {
                Ok(None) => {}
                // What is no source may be an answer.
                Ok(Some("no source")) if kind.submit_answer => {}
                Ok(Some(why)) => {
                    findings.warning(format!("submissions/{path}: left out, it is {why}"));
                    continue;
                }
                Err(error) => {
                    findings.problem(format!("submissions/{path}: {error}"));
                    continue;
                }
            }
            let files = if child.is_dir() {
                let mut files = collect_files(root, &child, findings);
                // A program may bring files of any kind for itself, only not what was compiled from it. What cannot be
                // read has been told when the package was hashed.
                files.retain(|(_, path)| matches!(not_a_submission(path), Ok(None | Some("no source"))));
                files
            } else {
                vec![(file_name(&child), child)]
            };
            if files.is_empty() {
                findings.warning(format!("submissions/{path}: left out, there are no files in it"));
                continue;
            }
            found.push(one(path, &directory, files, format, &entries, findings));
        }
    }
    if found.is_empty() {
        findings.warning("submissions/: there are none");
    }
    for entry in &entries {
        let matches = |path: &str| entry.globs.iter().any(|glob| matches_path(glob, path));
        if !found.iter().any(|submission| matches(&submission.path)) {
            findings.warning(format!("submissions/submissions.yaml: {}: matches no submission", entry.pattern));
        }
    }
    found
}

fn entries<'a>(config: &'a Value, tests: &[TestCase], findings: &mut Findings) -> Vec<Entry<'a>> {
    let mut entries = Vec::new();
    if !config.is_object() && !config.is_null() {
        findings.problem("submissions/submissions.yaml: is no map of patterns");
    }
    for (pattern, value) in config.as_object().into_iter().flatten() {
        let place = format!("submissions/submissions.yaml: {pattern}");
        if !value.is_object() {
            if !value.is_null() {
                findings.problem(format!("{place}: is no map of keys"));
            }
            continue;
        }
        let mut globs_of = |pattern: &str| {
            expand_braces(pattern).unwrap_or_else(|| {
                findings.problem(format!("{place}: {pattern}: its braces stand for more than {MAX_CHOICES} names"));
                Vec::new()
            })
        };
        let globs = globs_of(pattern);
        let mut parts = Vec::new();
        for (key, part) in value.as_object().into_iter().flatten() {
            if KEYS.contains(&key.as_str()) {
                continue;
            }
            if part.is_object() {
                parts.push((key.as_str(), globs_of(key), part));
            } else {
                parts.push((key.as_str(), Vec::new(), part));
            }
        }
        parts.retain(|(key, globs, part)| {
            if !part.is_object() {
                findings.warning(format!("{place}: {key}: is not known; left out"));
                return false;
            }
            let matches = |test: &TestCase| globs.iter().any(|glob| matches_path(glob, &test.id));
            // Nothing can be asked of tests that are not there.
            let some = tests.iter().any(matches);
            if !some {
                findings.warning(format!("{place}: {key}: matches no test; left out"));
            }
            some
        });
        // The format counts it per glob: the directory's own rule goes on to bound the limit.
        let opts_out = value.get("use_for_time_limit") == Some(&Value::Bool(false));
        if opts_out && pattern.contains('/') && value.get("permitted").or_else(|| value.get("required")).is_none() {
            findings.warning(format!(
                "{place}: use_for_time_limit: false changes nothing here; it belongs under the pattern with the rule, such as accepted"
            ));
        }
        entries.push(Entry { pattern, globs, value, parts });
    }
    entries
}

fn one(
    path: String,
    kind: &str,
    files: Vec<(String, PathBuf)>,
    format: Format,
    entries: &[Entry<'_>],
    findings: &mut Findings,
) -> ExampleSubmission {
    let mut submission = ExampleSubmission {
        expectation: Expectation::of_directory(kind, format),
        points: ExpectedPoints::of_directory(kind),
        language: None,
        entry_point: None,
        files,
        path,
    };
    let mut ruled = false;
    for entry in entries {
        if !entry.globs.iter().any(|glob| matches_path(glob, &submission.path)) {
            continue;
        }
        let text = |key: &str| entry.value.get(key).and_then(Value::as_str).map(str::to_owned);
        submission.language = text("language").or(submission.language);
        submission.entry_point = text("entrypoint").or(submission.entry_point);
        let mut problem = |key: &str, problem: String| {
            findings.problem(format!("submissions/submissions.yaml: {}: {key}{problem}", entry.pattern));
        };
        match submission.expectation.add(entry.value, entry.pattern == kind) {
            Ok(some) => ruled |= some,
            Err(error) => problem("", error),
        }
        if let Err(error) = submission.points.add(entry.value, &[]) {
            problem("", error);
        }
        for (key, globs, part) in &entry.parts {
            if let Err(error) = submission.points.add(part, globs) {
                problem(&format!("{key}: "), error);
            }
            match submission.expectation.add_for(globs, part) {
                Ok(()) => ruled = true,
                Err(error) => problem(&format!("{key}: "), error),
            }
        }
    }
    tagged_points(&mut submission, findings);
    // What submissions.yaml says of it is the format's own way to say it.
    if !ruled {
        tagged(&mut submission, &Expectation::of_directory(kind, format), findings);
    }
    submission
}

/// DOMjudge's tag in a source. It counts where the directory says nothing, or something else; where it allows what the
/// directory says among others, the directory counts.
fn tagged(submission: &mut ExampleSubmission, directory: &Expectation, findings: &mut Findings) {
    let mut tags = Vec::new();
    for (name, path) in &submission.files {
        match tag_values(path, "@EXPECTED_RESULTS@:") {
            Ok(found) => tags.extend(found),
            Err(error) => findings.problem(format!("submissions/{}: {name}: {error}", submission.path)),
        }
    }
    let path = &submission.path;
    let [tag] = tags.as_slice() else {
        if !tags.is_empty() {
            findings.warning(format!("submissions/{path}: more than one @EXPECTED_RESULTS@; the directory counts"));
        }
        return;
    };
    match Expectation::of_tags(tag) {
        None => findings.warning(format!("submissions/{path}: no known result in @EXPECTED_RESULTS@: {tag}")),
        Some(expectation) if directory.is_among(&expectation) => {}
        Some(expectation) => {
            // A directory such as rejected/ leaves open how, and the tag says it.
            if directory.codes().len() == 1 {
                findings.warning(format!(
                    "submissions/{path}: @EXPECTED_RESULTS@: {tag} contradicts the directory; it counts"
                ));
            }
            submission.expectation = expectation;
        }
    }
}

/// Why this is no submission, if it is none.
fn not_a_submission(path: &Path) -> io::Result<Option<&'static str>> {
    let name = file_name(path);
    let lower = name.to_ascii_lowercase();
    let ends = |ends: &[&str]| ends.iter().any(|end| lower.ends_with(end));
    if path.is_dir() {
        return Ok(match lower.as_str() {
            "__pycache__" => Some("a cache"),
            "disabled" => Some("disabled"),
            _ => ends(&[".disabled", "~", ".bak", ".orig"]).then_some("disabled"),
        });
    }
    if ends(&[".bin", ".exe", ".class", ".o", ".jar", ".pyc"]) || lower == "a.out" {
        return Ok(Some("a compiled file"));
    }
    if ends(&[".disabled", "~", ".bak", ".orig", ".template"]) || (lower.starts_with('#') && lower.ends_with('#')) {
        return Ok(Some("disabled or a backup"));
    }
    if ends(&[".md", ".txt", ".yaml", ".yml", ".pdf", ".tex", ".in", ".ans", ".out"])
        || lower.starts_with("readme")
        || lower == "makefile"
    {
        return Ok(Some("no source"));
    }
    let mut head = Vec::new();
    fs::File::open(path)?.take(4).read_to_end(&mut head)?;
    Ok((head == b"\x7fELF").then_some("a compiled file"))
}

/// The tags that speak of points: `DOMjudge`'s of the submission's and the one of Swedish packages of its groups'.
fn tagged_points(submission: &mut ExampleSubmission, findings: &mut Findings) {
    for (name, path) in submission.files.clone() {
        let place = format!("submissions/{}: {name}", submission.path);
        for (tag, grades) in [("@EXPECTED_SCORE@:", false), ("@EXPECTED_GRADES@", true)] {
            // What cannot be read is told where its other tags are looked for.
            let found = tag_values(&path, tag).unwrap_or_default();
            for text in found {
                // What follows in a comment of one line is its end.
                let text = text.trim_start_matches(':').trim_end_matches("*/").trim_end_matches("-->").trim();
                if grades {
                    if let Err(error) = submission.points.expect_grades(text) {
                        findings.warning(format!("{place}: @EXPECTED_GRADES@: {error}"));
                    }
                } else if let Ok(score) = text.parse() {
                    submission.points.expect_score(score);
                } else if matches!(submission.expectation, Expectation::Unknown)
                    && let Some(expectation) = Expectation::of_tags(text)
                {
                    // It may also stand for @EXPECTED_RESULTS@.
                    submission.expectation = expectation;
                } else if Expectation::of_tags(text).is_none() {
                    findings.warning(format!("{place}: @EXPECTED_SCORE@: \"{text}\" is no number"));
                }
            }
        }
    }
}

/// What follows a tag in a source, each time.
fn tag_values(path: &Path, tag: &str) -> io::Result<Vec<String>> {
    let bytes = fs::read(path)?;
    // ASCII letters alone change, so that places in one text are places in the other.
    let text = String::from_utf8_lossy(&bytes);
    let upper = text.to_ascii_uppercase();
    let line = |at: usize| text[at + tag.len()..].lines().next().unwrap_or_default().trim().to_owned();
    Ok(upper.match_indices(tag).map(|(at, _)| line(at)).collect())
}

/// More choices than any package has tests.
const MAX_CHOICES: usize = 10_000;

/// A pattern without braces for each of the choices; `None` if there are too many.
fn expand_braces(pattern: &str) -> Option<Vec<String>> {
    let (mut done, mut rest) = (vec![String::new()], pattern);
    while let Some((before, choices, after)) = next_braces(rest) {
        let mut longer = Vec::new();
        for start in &done {
            longer.extend(choices.split(',').map(|choice| format!("{start}{before}{}", choice.trim())));
            if longer.len() > MAX_CHOICES {
                return None;
            }
        }
        (done, rest) = (longer, after);
    }
    for pattern in &mut done {
        pattern.push_str(rest);
    }
    Some(done)
}

fn next_braces(pattern: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = pattern.split_once('{')?;
    let (choices, after) = rest.split_once('}')?;
    Some((before, choices, after))
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
        assert_eq!(expand_braces("a.{py,cpp}").expect("few"), ["a.py", "a.cpp"]);
        assert_eq!(expand_braces("{a,b}/{c,d}").expect("few").len(), 4);
        assert_eq!(expand_braces(&"{a,b}".repeat(40)), None);
        assert_eq!(expand_braces("*{ 4 }{ 2 }").expect("few"), ["*42"]);
    }
}
