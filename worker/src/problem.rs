//! Problem packages: the ICPC/Kattis format in its legacy, 2023-07-draft and 2025-09 versions, DOMjudge's additions, and
//! packages of Codeforces Polygon.
//!
//! Reads and checks; grades nothing and decides no language. Everything that is wrong with a package is told at once.

mod archive;
mod expectation;
mod group;
mod meta;
mod points;
mod polygon;
mod program;
mod submissions;
mod tests_data;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use assay_shared::{Checker, MIB};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

pub use expectation::Expectation;
pub use group::{Aggregation, AggregationRules, Child, GraderRules, Group, Groups, PointRules, Rules};
pub use meta::{Format, TimeLimit};
pub use points::ExpectedPoints;
pub use program::{Program, ProgramFile, Protocol};

/// A package as it is on disk.
#[derive(Debug)]
pub struct Package {
    pub root: PathBuf,
    pub id: String,
    pub name: String,
    pub format: Format,
    /// Why it cannot be graded, if it cannot.
    pub unsupported: Option<String>,
    pub kind: Kind,
    pub judges: Judges,
    /// Aggregates points, in older scoring problems that ask for it.
    pub grader: Option<Arc<Program>>,
    pub time_limit: TimeLimit,
    pub memory_bytes: Option<u64>,
    pub output_bytes: Option<u64>,
    pub code_bytes: Option<u64>,
    pub compile_ms: Option<u64>,
    pub compile_memory_bytes: Option<u64>,
    /// Codes of the languages that are allowed; all if absent.
    pub languages: Option<Vec<String>>,
    pub tests: Vec<TestCase>,
    pub groups: Arc<Groups>,
    pub submissions: Vec<ExampleSubmission>,
    pub constants: BTreeMap<String, String>,
    /// Files that are added to submissions, by language code, with constants in place.
    include: Include,
    pub warnings: Vec<String>,
    /// Hash of the names and contents of all its files.
    pub sha256: String,
    /// Keeps an unpacked archive as long as the package.
    _unpacked: Option<Arc<tempfile::TempDir>>,
}

/// Files by language code, or `default`.
type Include = BTreeMap<String, Vec<(String, Vec<u8>)>>;

/// What a format's reader finds in a package.
struct Contents {
    meta: meta::Meta,
    tests: Vec<TestCase>,
    groups: Groups,
    submissions: Vec<ExampleSubmission>,
    include: Include,
}

/// What kind of problem a package is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Submissions get points.
    pub scoring: bool,
    /// The judge talks with the program while it runs.
    pub interactive: bool,
    /// Submissions are answers and no programs.
    pub submit_answer: bool,
    /// How often a submission may be run on one test, each time on what the judge makes of the time before.
    pub passes: u32,
}

/// The programs that judge, and what each of their runs may use.
#[derive(Clone, Debug)]
pub struct Judges {
    /// All of them must accept. Without one the answer is compared.
    pub validators: Vec<Arc<Program>>,
    /// Talks with the submission.
    pub interactor: Option<Arc<Program>>,
    /// Looks at the source.
    pub static_validator: Option<Arc<Program>>,
    pub cpu_ms: u64,
    pub memory_bytes: u64,
    /// Of their outputs and the files that they leave.
    pub output_bytes: u64,
}

impl Default for Judges {
    fn default() -> Self {
        Self {
            validators: Vec::new(),
            interactor: None,
            static_validator: None,
            cpu_ms: 60_000,
            memory_bytes: 2048 * MIB,
            output_bytes: 8 * MIB,
        }
    }
}

/// One test of a package.
#[derive(Clone, Debug)]
pub struct TestCase {
    /// Such as `secret/group1/02`.
    pub id: String,
    pub input: Input,
    /// Empty without one.
    pub answer: Option<PathBuf>,
    pub checker: Checker,
    /// Arguments of the validator.
    pub judge_args: Vec<String>,
    /// Arguments of the submission.
    pub args: Vec<String>,
    /// Files for the work directory.
    pub files: Vec<(String, PathBuf)>,
    /// For those whose submission fails it.
    pub hint: Option<String>,
    /// The id of the first test with the same input, answer and arguments. The format lets what happens there count here.
    pub twin_of: Option<String>,
    /// The directory it is in.
    pub group: String,
}

/// What a test gives to the submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// This file on standard input.
    File(PathBuf),
    /// Nothing: the static validator looks at its source.
    Static,
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
    pub points: ExpectedPoints,
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
    /// Reads the package in this directory or archive. An archive must hold one.
    pub fn load(path: &Path) -> Result<Self, PackageError> {
        let fail = |problem: String| PackageError { package: path.to_owned(), problems: vec![problem] };
        if !path.is_file() {
            return Self::read(path, path, id_of(path), None);
        }
        let (unpacked, found) = unpacked(path).map_err(fail)?;
        match found.as_slice() {
            [only] => Self::read(path, only, id_of_archive(path), Some(Arc::new(unpacked))),
            several => Err(fail(format!(
                "the archive holds {} packages, and one is wanted here; unpack it and name one",
                several.len()
            ))),
        }
    }

    /// Reads the packages that a path means: itself, or those in the directory or archive, at most two levels down.
    pub fn load_all(path: &Path) -> Vec<Result<Self, PackageError>> {
        if !path.is_file() {
            return match Self::find(path) {
                Ok(found) => found.iter().map(|path| Self::load(path)).collect(),
                Err(error) => vec![Err(error)],
            };
        }
        match unpacked(path) {
            Err(problem) => vec![Err(PackageError { package: path.to_owned(), problems: vec![problem] })],
            Ok((unpacked, found)) => {
                let unpacked = Arc::new(unpacked);
                let read = |root: &PathBuf| {
                    let (shown, id) = match found.len() {
                        1 => (path.to_owned(), id_of_archive(path)),
                        _ => (path.join(root.strip_prefix(unpacked.path()).unwrap_or(root)), id_of(root)),
                    };
                    Self::read(&shown, root, id, Some(Arc::clone(&unpacked)))
                };
                found.iter().map(read).collect()
            }
        }
    }

    /// Reads the package at `root`, which messages call `shown`.
    fn read(
        shown: &Path,
        root: &Path,
        id: String,
        unpacked: Option<Arc<tempfile::TempDir>>,
    ) -> Result<Self, PackageError> {
        let fail = |problems: Vec<String>| PackageError { package: shown.to_owned(), problems };
        if !is_package(root) {
            return Err(fail(vec![
                "no problem.yaml, no domjudge-problem.ini and no problem.xml: this is no problem package".to_owned(),
            ]));
        }
        let mut findings = Findings::default();
        // First of all, so that nothing below follows a link out of the package.
        let sha256 = hash(root, &mut findings);
        if !findings.problems.is_empty() {
            return Err(fail(findings.problems));
        }
        let contents = if polygon::is_package(root) {
            polygon::read(root, &mut findings)
        } else {
            Some(read(root, &mut findings))
        };
        let Some(Contents { meta, tests, groups, submissions, include }) =
            contents.filter(|_| findings.problems.is_empty())
        else {
            return Err(fail(findings.problems));
        };
        Ok(Self {
            root: root.to_owned(),
            name: meta.name.clone().unwrap_or_else(|| id.clone()),
            id,
            format: meta.format,
            unsupported: meta.unsupported,
            kind: meta.kind,
            judges: meta.judges,
            grader: meta.grader,
            time_limit: meta.time_limit,
            memory_bytes: meta.memory_bytes,
            output_bytes: meta.output_bytes,
            code_bytes: meta.code_bytes,
            compile_ms: meta.compile_ms,
            compile_memory_bytes: meta.compile_memory_bytes,
            languages: meta.languages,
            tests,
            groups: Arc::new(groups),
            submissions,
            constants: meta.constants,
            include,
            warnings: findings.warnings,
            sha256,
            _unpacked: unpacked,
        })
    }

    /// The packages that a path means: itself, or those in it, at most two levels down.
    pub fn find(path: &Path) -> Result<Vec<PathBuf>, PackageError> {
        let fail = |problem: String| PackageError { package: path.to_owned(), problems: vec![problem] };
        if path.is_file() {
            return Ok(vec![path.to_owned()]);
        }
        if !path.is_dir() {
            return Err(fail("there is no such file or directory".to_owned()));
        }
        packages_below(path).map_err(fail)
    }

    /// Files that the package adds to submissions in a language.
    pub fn include_files(&self, code: &str) -> &[(String, Vec<u8>)] {
        self.include.get(code).or_else(|| self.include.get("default")).map_or(&[], Vec::as_slice)
    }

    /// The bytes with the package's constants in place of `{{name}}`.
    pub fn substitute(&self, bytes: Vec<u8>) -> Vec<u8> {
        substitute(&self.constants, bytes)
    }
}

/// Reads a package of the ICPC/Kattis format.
fn read(root: &Path, findings: &mut Findings) -> Contents {
    let meta = meta::Meta::read(root, findings);
    let (mut tests, mut groups) = tests_data::read(root, &meta, findings);
    find_twins(&mut tests);
    if tests.is_empty() && findings.problems.is_empty() && meta.unsupported.is_none() {
        findings.problem("data/: there are no tests (files X.in with X.ans in data/sample and data/secret)");
    }
    let submissions = submissions::read(root, meta.format, meta.kind, &tests, findings);
    if meta.format.is_legacy() && submissions.iter().any(|submission| submission.points.is_of_domjudge()) {
        groups.as_domjudge_has_them();
    }
    let include = include(root, &meta, findings);
    Contents { meta, tests, groups, submissions, include }
}

/// Tests of one group are often tests of another, too.
fn find_twins(tests: &mut [TestCase]) {
    let size = |path: &Path| fs::metadata(path).map_or(0, |meta| meta.len());
    let mut sizes: HashMap<(u64, u64), Vec<usize>> = HashMap::new();
    for (index, test) in tests.iter().enumerate() {
        if let (Input::File(input), Some(answer), true) = (&test.input, &test.answer, test.files.is_empty()) {
            sizes.entry((size(input), size(answer))).or_default().push(index);
        }
    }
    for candidates in sizes.into_values().filter(|candidates| candidates.len() > 1) {
        let mut first = HashMap::new();
        for index in candidates {
            let test = &tests[index];
            let (Input::File(input), Some(answer)) = (&test.input, &test.answer) else { continue };
            // What cannot be read has been told when the package was hashed.
            let (Some(input), Some(answer)) = (content_of(input), content_of(answer)) else { continue };
            let rules = format!("{:?} {:?} {:?} {:?}", test.args, test.judge_args, test.checker, test.hint);
            let original = *first.entry((input, answer, rules)).or_insert(index);
            tests[index].twin_of = (original != index).then(|| tests[original].id.clone());
        }
    }
}

fn content_of(path: &Path) -> Option<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    io::copy(&mut fs::File::open(path).ok()?, &mut hasher).ok()?;
    Some(hasher.finalize())
}

/// One pass, so that what a constant's value looks like does not matter. Names that are no constants stay.
fn substitute(constants: &BTreeMap<String, String>, bytes: Vec<u8>) -> Vec<u8> {
    if constants.is_empty() {
        return bytes;
    }
    let mut result = Vec::with_capacity(bytes.len());
    let mut rest = bytes.as_slice();
    while let Some(byte) = rest.first() {
        let value = rest.strip_prefix(b"{{").and_then(|after| {
            let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
            let length = after.iter().take_while(|byte| is_name(byte)).count();
            let name = std::str::from_utf8(&after[..length]).ok()?;
            let behind = after[length..].strip_prefix(b"}}")?;
            Some((constants.get(name)?, behind))
        });
        if let Some((value, behind)) = value {
            result.extend_from_slice(value.as_bytes());
            rest = behind;
        } else {
            result.push(*byte);
            rest = &rest[1..];
        }
    }
    result
}

fn include(root: &Path, meta: &meta::Meta, findings: &mut Findings) -> Include {
    let mut all = BTreeMap::new();
    for dir in children(root, &root.join("include"), findings) {
        let code = file_name(&dir);
        if !dir.is_dir() {
            findings.warning(format!("include/{code}: left out, it is in no language's directory"));
            continue;
        }
        let mut files = Vec::new();
        for (name, path) in collect_files(root, &dir, findings) {
            match fs::read(&path) {
                Ok(content) => files.push((name, substitute(&meta.constants, content))),
                Err(error) => findings.problem(format!("include/{code}/{name}: {error}")),
            }
        }
        all.insert(code, files);
    }
    all
}

fn is_package(path: &Path) -> bool {
    ["problem.yaml", "domjudge-problem.ini", "problem.xml"].iter().any(|name| path.join(name).is_file())
}

fn id_of(path: &Path) -> String {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = file_name(&path);
    if name.is_empty() { "package".to_owned() } else { name }
}

/// Only an archive's name has an extension; a directory may be called `sum.v2`.
fn id_of_archive(path: &Path) -> String {
    let stem = path.file_stem().map_or_else(|| "package".to_owned(), |stem| stem.to_string_lossy().into_owned());
    stem.strip_suffix(".tar").map(str::to_owned).unwrap_or(stem)
}

fn unpacked(path: &Path) -> Result<(tempfile::TempDir, Vec<PathBuf>), String> {
    let dir = archive::unpack(path)?;
    let found = packages_below(dir.path())?;
    Ok((dir, found))
}

/// The directory itself if it is a package, or the packages on the first level below that has any.
fn packages_below(path: &Path) -> Result<Vec<PathBuf>, String> {
    if is_package(path) {
        return Ok(vec![path.to_owned()]);
    }
    let mut level = vec![path.to_owned()];
    for _ in 0..2 {
        let mut below = Vec::new();
        for dir in &level {
            let found = list(dir).map_err(|error| format!("{} cannot be listed: {error}", dir.display()))?;
            below.extend(found.into_iter().filter(|child| child.is_dir()));
        }
        let found: Vec<PathBuf> = below.iter().filter(|dir| is_package(dir)).cloned().collect();
        if !found.is_empty() {
            return Ok(found);
        }
        level = below;
    }
    Err("there is no problem package here (a directory with problem.yaml, domjudge-problem.ini or problem.xml); submissions need --problem of `assay grade`".to_owned())
}

/// The entries of a directory by name; hidden ones are not there, as the format wants it.
fn list(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with(['.', '-']) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// The entries of a directory of a package; none if there is no such directory.
fn children(root: &Path, dir: &Path, findings: &mut Findings) -> Vec<PathBuf> {
    match list(dir) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            findings.problem(format!("{}: cannot be listed: {error}", shown(root, dir)));
            Vec::new()
        }
    }
}

fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// All files below a directory with their relative names, by name.
fn collect_files(root: &Path, dir: &Path, findings: &mut Findings) -> Vec<(String, PathBuf)> {
    const MAX_DEPTH: usize = 16;
    let mut files = Vec::new();
    let mut open = vec![(dir.to_owned(), String::new(), 0)];
    while let Some((dir, prefix, depth)) = open.pop() {
        if depth > MAX_DEPTH {
            findings.problem(format!("{}: more than {MAX_DEPTH} directories deep", shown(root, &dir)));
            continue;
        }
        for child in children(root, &dir, findings) {
            let name = format!("{prefix}{}", file_name(&child));
            if child.is_dir() {
                open.push((child, format!("{name}/"), depth + 1));
            } else if child.is_file() {
                files.push((name, child));
            }
        }
    }
    files.sort();
    files
}

/// A YAML file as a JSON value, with these constants in place; `Null` if it is empty.
fn yaml(root: &Path, path: &Path, constants: &BTreeMap<String, String>, findings: &mut Findings) -> Option<Value> {
    let shown = shown(root, path);
    let text = match fs::read(path) {
        Ok(bytes) => String::from_utf8_lossy(&substitute(constants, bytes)).trim_start_matches('\u{feff}').to_owned(),
        Err(error) => {
            findings.problem(format!("{shown}: {error}"));
            return None;
        }
    };
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#') || line.trim() == "---") {
        return Some(Value::Null);
    }
    // As in YAML 1.2: `y` and `no` are texts, which a package may well give to a program.
    let options = serde_saphyr::options! { strict_booleans: true };
    match serde_saphyr::from_str_with_options::<Value>(&text, options) {
        Ok(value) => Some(value),
        Err(error) => {
            let error = error.to_string();
            findings.problem(format!("{shown}: not valid YAML: {}", error.lines().next().unwrap_or_default()));
            None
        }
    }
}

/// Checks the links of a package and hashes the names and contents of its files.
fn hash(root: &Path, findings: &mut Findings) -> String {
    let files = match root.canonicalize() {
        Ok(canonical) => files_within(root, &canonical, findings),
        Err(error) => {
            findings.problem(error.to_string());
            Vec::new()
        }
    };
    let mut hasher = Sha256::new();
    for (name, path) in files {
        hasher.update((name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
        match fs::File::open(&path).and_then(|mut file| {
            let length = file.metadata()?.len();
            hasher.update(length.to_le_bytes());
            io::copy(&mut file, &mut hasher)
        }) {
            Ok(_) => {}
            Err(error) => findings.problem(format!("{name}: {error}")),
        }
    }
    hasher.finalize().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// A number that changes when a package, a directory or an archive, is changed: made of the names, sizes and times of
/// its files, so that it costs one `lstat` each and not their contents.
///
/// # Errors
/// A directory or a file of it cannot be read.
pub fn fingerprint(path: &Path) -> io::Result<u64> {
    let mut hasher = DefaultHasher::new();
    let mut open = vec![path.canonicalize()?];
    while let Some(path) = open.pop() {
        let found = fs::symlink_metadata(&path)?;
        // The time of the inode changes also where a copy keeps the time of the content.
        (&path, found.len(), found.ino(), found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec())
            .hash(&mut hasher);
        if found.is_dir() {
            let mut inside = fs::read_dir(&path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
            inside.sort();
            open.append(&mut inside);
        }
    }
    Ok(hasher.finish())
}

/// All files of a package. What leads out of it is a problem where the package is read, and left out elsewhere.
fn files_within(root: &Path, canonical: &Path, findings: &mut Findings) -> Vec<(String, PathBuf)> {
    const READ: [&str; 8] = [
        "data",
        "submissions",
        "include",
        "problem.yaml",
        "output_validator",
        "output_validators",
        "static_validator",
        "graders",
    ];
    // A Polygon package says itself where its files are.
    let anywhere = polygon::is_package(root);
    let mut files = Vec::new();
    let mut open: Vec<(PathBuf, usize)> = vec![(root.to_owned(), 0)];
    while let Some((dir, depth)) = open.pop() {
        if depth > 20 || files.len() > 1_000_000 {
            findings.problem(format!("{}: too deep or too many files for a package", shown(root, &dir)));
            break;
        }
        let mut entries = children(root, &dir, findings);
        if depth == 0 {
            // The only hidden file that is read.
            entries.extend(Some(root.join(".timelimit")).filter(|path| path.symlink_metadata().is_ok()));
        }
        for path in entries {
            let name = shown(root, &path);
            if path.is_symlink() {
                let matters =
                    anywhere || name == ".timelimit" || READ.iter().any(|part| Path::new(&name).starts_with(part));
                let trouble = match path.canonicalize() {
                    Err(_) => Some("a link to nothing"),
                    Ok(target) if !target.starts_with(canonical) => Some("a link that leaves the package"),
                    Ok(target) if dir.canonicalize().is_ok_and(|dir| dir.starts_with(&target)) => {
                        Some("a link to a directory that it is in")
                    }
                    Ok(_) => None,
                };
                let is_input = path.extension().is_some_and(|ending| ending == "in");
                let is_test = trouble == Some("a link to nothing") && name.starts_with("data/") && is_input;
                match trouble {
                    // As a test whose input is not there at all.
                    Some(trouble) if is_test => {
                        findings.warning(format!("{name}: {trouble}; left out, and with it its test"));
                        continue;
                    }
                    Some(trouble) if matters => {
                        findings.problem(format!("{name}: {trouble}; put the file itself there"));
                        continue;
                    }
                    Some(trouble) => {
                        findings.warning(format!("{name}: {trouble}; left out"));
                        continue;
                    }
                    None => {}
                }
            }
            if path.is_dir() {
                open.push((path, depth + 1));
            } else if path.is_file() {
                files.push((name, path));
            } else {
                // Reading a pipe would wait for its writer.
                findings.problem(format!("{name}: is neither a file nor a directory; remove it"));
            }
        }
    }
    files.sort();
    files
}
