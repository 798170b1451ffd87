//! Problem packages: the ICPC/Kattis format in its legacy, 2023-07-draft and 2025-09 versions, and DOMjudge's additions.
//!
//! Reads and checks; grades nothing and decides no language. Everything that is wrong with a package is told at once.

mod archive;
mod expectation;
mod meta;
mod submissions;
mod tests_data;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use assay_shared::Checker;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

pub use expectation::Expectation;
pub use meta::{Format, TimeLimit};

/// A package as it is on disk.
#[derive(Debug)]
pub struct Package {
    pub root: PathBuf,
    pub id: String,
    pub name: String,
    pub format: Format,
    /// Why it cannot be graded yet, if it cannot.
    pub unsupported: Option<String>,
    pub time_limit: TimeLimit,
    pub memory_bytes: Option<u64>,
    pub output_bytes: Option<u64>,
    pub code_bytes: Option<u64>,
    pub compile_ms: Option<u64>,
    pub compile_memory_bytes: Option<u64>,
    /// Codes of the languages that are allowed; all if absent.
    pub languages: Option<Vec<String>>,
    pub tests: Vec<TestCase>,
    pub submissions: Vec<ExampleSubmission>,
    pub constants: Vec<(String, String)>,
    pub warnings: Vec<String>,
    /// Hash of the names and contents of all its files.
    pub sha256: String,
    /// Keeps an unpacked archive as long as the package.
    _unpacked: Option<tempfile::TempDir>,
}

/// One test of a package.
#[derive(Clone, Debug)]
pub struct TestCase {
    /// Such as `secret/group1/02`.
    pub id: String,
    pub input: PathBuf,
    pub answer: PathBuf,
    pub checker: Checker,
    pub args: Vec<String>,
    /// Files for the work directory.
    pub files: Vec<(String, PathBuf)>,
    /// The directory it is in.
    pub group: String,
}

/// One of a package's own submissions.
#[derive(Clone, Debug)]
pub struct ExampleSubmission {
    /// Such as `accepted/a.cpp`.
    pub path: String,
    pub files: Vec<(String, PathBuf)>,
    pub language: Option<String>,
    pub entry_point: Option<String>,
    pub expectation: Expectation,
    /// Whether it must not exceed the time limit, so that it can calibrate one.
    pub bounds_time_limit: bool,
}

/// Everything that is wrong with a package.
#[derive(Debug)]
pub struct PackageError {
    pub package: PathBuf,
    pub problems: Vec<String>,
}

impl fmt::Display for PackageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "package {}: {}", self.package.display(), self.problems.join("; "))
    }
}

impl std::error::Error for PackageError {}

/// What is found while a package is read.
#[derive(Default)]
struct Findings {
    problems: Vec<String>,
    warnings: Vec<String>,
}

impl Findings {
    fn problem(&mut self, text: impl Into<String>) {
        self.problems.push(text.into());
    }

    fn warning(&mut self, text: impl Into<String>) {
        self.warnings.push(text.into());
    }
}

impl Package {
    /// Reads the package in this directory or archive.
    pub fn load(path: &Path) -> Result<Self, PackageError> {
        let fail = |problem: String| PackageError { package: path.to_owned(), problems: vec![problem] };
        let (root, unpacked) = if path.is_file() {
            let dir = archive::unpack(path).map_err(fail)?;
            (archive::package_root(dir.path()), Some(dir))
        } else {
            (path.to_owned(), None)
        };
        let id = path
            .canonicalize()
            .unwrap_or_else(|_| path.to_owned())
            .file_stem()
            .map_or_else(|| "package".to_owned(), |stem| stem.to_string_lossy().into_owned());
        if !is_package(&root) {
            return Err(fail("no problem.yaml and no domjudge-problem.ini: this is no problem package".to_owned()));
        }
        let mut findings = Findings::default();
        let meta = meta::Meta::read(&root, &mut findings);
        let tests = tests_data::read(&root, &meta, &mut findings);
        if tests.is_empty() && findings.problems.is_empty() && meta.unsupported.is_none() {
            findings.problem("data/: there are no tests (files X.in with X.ans in data/sample and data/secret)");
        }
        let submissions = submissions::read(&root, meta.format, &mut findings);
        let sha256 = hash(&root, &mut findings);
        if !findings.problems.is_empty() {
            return Err(PackageError { package: path.to_owned(), problems: findings.problems });
        }
        Ok(Self {
            root,
            name: meta.name.clone().unwrap_or_else(|| id.clone()),
            id,
            format: meta.format,
            unsupported: meta.unsupported,
            time_limit: meta.time_limit,
            memory_bytes: meta.memory_bytes,
            output_bytes: meta.output_bytes,
            code_bytes: meta.code_bytes,
            compile_ms: meta.compile_ms,
            compile_memory_bytes: meta.compile_memory_bytes,
            languages: meta.languages,
            tests,
            submissions,
            constants: meta.constants,
            warnings: findings.warnings,
            sha256,
            _unpacked: unpacked,
        })
    }

    /// The packages that a path means: itself, or those in it, at most two levels down.
    pub fn find(path: &Path) -> Result<Vec<PathBuf>, PackageError> {
        let fail = |problem: String| PackageError { package: path.to_owned(), problems: vec![problem] };
        if path.is_file() || is_package(path) {
            return Ok(vec![path.to_owned()]);
        }
        if !path.is_dir() {
            return Err(fail("there is no such file or directory".to_owned()));
        }
        let mut level = vec![path.to_owned()];
        for _ in 0..2 {
            let below: Vec<PathBuf> =
                level.iter().flat_map(|dir| children(dir)).filter(|child| child.is_dir()).collect();
            let found: Vec<PathBuf> = below.iter().filter(|dir| is_package(dir)).cloned().collect();
            if !found.is_empty() {
                return Ok(found);
            }
            level = below;
        }
        Err(fail("there is no problem package here (a directory with problem.yaml or domjudge-problem.ini)".to_owned()))
    }

    /// Files that the package adds to submissions in a language.
    pub fn include_files(&self, code: &str) -> Vec<(String, PathBuf)> {
        let own = self.root.join("include").join(code);
        let dir = if own.is_dir() { own } else { self.root.join("include/default") };
        let mut files = Vec::new();
        collect_files(&dir, "", 0, &mut files);
        files
    }

    /// The bytes with the package's constants in place of `{{name}}`.
    pub fn substitute(&self, bytes: Vec<u8>) -> Vec<u8> {
        if self.constants.is_empty() {
            return bytes;
        }
        match String::from_utf8(bytes) {
            Ok(text) => self
                .constants
                .iter()
                .fold(text, |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
                .into_bytes(),
            Err(error) => error.into_bytes(),
        }
    }
}

fn is_package(path: &Path) -> bool {
    path.join("problem.yaml").is_file() || path.join("domjudge-problem.ini").is_file()
}

/// The entries of a directory by name; hidden ones are not there.
fn children(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter(|entry| !entry.file_name().to_string_lossy().starts_with(['.', '-']))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// All files below a directory with their relative names, at most sixteen levels down.
fn collect_files(dir: &Path, prefix: &str, depth: usize, files: &mut Vec<(String, PathBuf)>) {
    if depth > 16 {
        return;
    }
    for child in children(dir) {
        let name = format!("{prefix}{}", file_name(&child));
        if child.is_dir() {
            collect_files(&child, &format!("{name}/"), depth + 1, files);
        } else if child.is_file() {
            files.push((name, child));
        }
    }
}

/// A YAML file as a JSON value; `Null` if it is empty.
fn yaml(root: &Path, path: &Path, findings: &mut Findings) -> Option<Value> {
    let shown = path.strip_prefix(root).unwrap_or(path).display().to_string();
    let text = match fs::read(path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').to_owned(),
        Err(error) => {
            findings.problem(format!("{shown}: {error}"));
            return None;
        }
    };
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#') || line.trim() == "---") {
        return Some(Value::Null);
    }
    match serde_saphyr::from_str::<Value>(&text) {
        Ok(value) => Some(value),
        Err(error) => {
            let error = error.to_string();
            findings.problem(format!("{shown}: not valid YAML: {}", error.lines().next().unwrap_or_default()));
            None
        }
    }
}

fn hash(root: &Path, findings: &mut Findings) -> String {
    let mut files = Vec::new();
    collect_files(root, "", 0, &mut files);
    files.sort();
    let canonical = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let mut hasher = Sha256::new();
    for (name, path) in files {
        if path.canonicalize().is_ok_and(|target| !target.starts_with(&canonical)) {
            if ["data/", "submissions/", "include/", "problem.yaml"].iter().any(|part| name.starts_with(part)) {
                findings.problem(format!("{name}: a link that leaves the package; put the file itself there"));
            } else {
                findings.warning(format!("{name}: a link that leaves the package; left out"));
            }
            continue;
        }
        hasher.update((name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
        match fs::File::open(&path).and_then(|mut file| {
            let length = file.metadata()?.len();
            hasher.update(length.to_le_bytes());
            std::io::copy(&mut file, &mut hasher)
        }) {
            Ok(_) => {}
            Err(error) => findings.problem(format!("{name}: {error}")),
        }
    }
    hasher.finalize().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
