//! Submissions from the command line: JSON Lines, packages' own submissions, source files for a package. Read one after the
//! other, whatever their number. Grades nothing and sends nothing.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use assay_shared::{ProblemRef, SourceFile, StopRule, Submission};
use uuid::Uuid;

use super::Failure;
use crate::executor::grader::ANSWERS;
use crate::language::{DetectError, Languages};
use crate::problem::Package;

/// The longest line: sources and tests of one submission.
const MAX_LINE: u64 = 256 << 20;

/// One submission, or what should have been one.
#[derive(Debug)]
pub(super) struct Item {
    /// Its place among all, from 0.
    pub(super) ordinal: u64,
    /// For people: file and line, or package and path.
    pub(super) label: String,
    pub(super) submission: Result<Submission, Unusable>,
}

/// Something that cannot be graded, with what could be read of it all the same.
#[derive(Debug)]
pub(super) struct Unusable {
    pub(super) reason: String,
    pub(super) id: Option<Uuid>,
    pub(super) metadata: serde_json::Map<String, serde_json::Value>,
}

impl Unusable {
    fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), id: None, metadata: serde_json::Map::new() }
    }
}

/// Where submissions come from.
#[derive(Debug)]
enum Source {
    /// JSON Lines; standard input was copied first.
    Lines { shown: String, file: File },
    /// JSON Lines from standard input as they come.
    Stream,
    /// A package's own submissions.
    Own(Arc<Package>),
    /// A file or directory for a package.
    File { path: PathBuf, package: Arc<Package> },
}

/// All submissions that a command line names.
#[derive(Debug)]
pub(super) struct Inputs {
    sources: Vec<Source>,
    /// Packages that submissions refer to.
    pub(super) packages: Vec<Arc<Package>>,
    /// How many there are.
    pub(super) total: u64,
    /// Hash of all of them.
    pub(super) key: blake3::Hash,
    /// The first path, and how many more.
    pub(super) label: String,
    language: Option<String>,
}

impl Inputs {
    /// Looks at the paths: what they are, how much of it, and that packages can be read.
    ///
    /// # Errors
    /// A path that is not there, a package that cannot be graded.
    pub(super) fn open(paths: &[PathBuf], problem: Option<&Path>, language: Option<String>) -> Result<Self, Failure> {
        let problem = problem.map(load).transpose()?;
        let mut inputs = Self {
            sources: Vec::new(),
            packages: problem.iter().cloned().collect(),
            total: 0,
            key: blake3::hash(b""),
            label: paths.first().map(|path| path.display().to_string()).unwrap_or_default(),
            language,
        };
        if paths.len() > 1 {
            inputs.label = format!("{} and {} more", inputs.label, paths.len() - 1);
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(format!("{:?}", inputs.language).as_bytes());
        for path in paths {
            inputs.add(path, problem.as_ref(), &mut hasher)?;
        }
        inputs.key = hasher.finalize();
        if inputs.total == 0 {
            return Err(Failure::usage(anyhow::anyhow!("there are no submissions in {}", inputs.label)));
        }
        Ok(inputs)
    }

    fn add(&mut self, path: &Path, problem: Option<&Arc<Package>>, hasher: &mut blake3::Hasher) -> Result<(), Failure> {
        let is_lines = path.extension().is_some_and(|extension| extension == "jsonl" || extension == "ndjson");
        hasher.update(path.as_os_str().as_encoded_bytes());
        if path == Path::new("-") || is_lines {
            let (lines, file) = look(path, hasher)
                .with_context(|| format!("cannot read {}", path.display()))
                .map_err(Failure::usage)?;
            self.total += lines;
            let shown = if path == Path::new("-") { "stdin".to_owned() } else { path.display().to_string() };
            self.sources.push(Source::Lines { shown, file });
        } else if let Some(package) = problem {
            hasher.update(package.sha256.as_bytes());
            for file in files_of(path)
                .map_err(|reason| Failure::usage(anyhow::anyhow!("cannot read {}: {reason}", path.display())))?
            {
                hasher.update(file.1.as_os_str().as_encoded_bytes());
                let content = std::fs::read(&file.1)
                    .with_context(|| format!("cannot read {}", file.1.display()))
                    .map_err(Failure::usage)?;
                hasher.update(&content);
            }
            self.total += 1;
            self.sources.push(Source::File { path: path.to_owned(), package: Arc::clone(package) });
        } else {
            for found in Package::find(path).map_err(Failure::usage)? {
                let package = load(&found)?;
                hasher.update(package.sha256.as_bytes());
                self.total += package.submissions.len() as u64;
                self.packages.push(Arc::clone(&package));
                self.sources.push(Source::Own(package));
            }
        }
        Ok(())
    }

    /// The lines of standard input as they come; nobody knows how many.
    pub(super) fn stream(problem: Option<&Path>) -> Result<Self, Failure> {
        Ok(Self {
            sources: vec![Source::Stream],
            packages: problem.map(load).transpose()?.into_iter().collect(),
            total: u64::MAX,
            // Never that of another stream, which cannot be continued.
            key: blake3::hash(Uuid::new_v4().as_bytes()),
            label: "stdin".to_owned(),
            language: None,
        })
    }

    /// Gives every submission to `take`, in order, until it says no.
    ///
    /// # Errors
    /// A file that cannot be read any further.
    pub(super) fn each(self, languages: &Languages, mut take: impl FnMut(Item) -> bool) -> Result<(), anyhow::Error> {
        let mut ordinals = 0..;
        let mut give =
            |label: String, submission| take(Item { ordinal: ordinals.next().unwrap_or(u64::MAX), label, submission });
        for source in self.sources {
            let goes_on = match source {
                Source::Lines { shown, file } => lines(&shown, file, &mut give)?,
                Source::Stream => lines("stdin", std::io::stdin().lock(), &mut give)?,
                Source::Own(package) => package.submissions.iter().all(|own| {
                    let label = format!("{}/{}", package.id, own.path);
                    let submission = of_files(
                        &own.files,
                        &package,
                        own.language.clone(),
                        own.entry_point.clone(),
                        &label,
                        languages,
                    );
                    give(label, submission)
                }),
                Source::File { path, package } => {
                    let label = path.display().to_string();
                    let submission = files_of(&path)
                        .map_err(Unusable::new)
                        .and_then(|files| of_files(&files, &package, self.language.clone(), None, &label, languages));
                    give(label, submission)
                }
            };
            if !goes_on {
                break;
            }
        }
        Ok(())
    }
}

fn load(path: &Path) -> Result<Arc<Package>, Failure> {
    let package = Package::load(path).map_err(Failure::usage)?;
    match &package.unsupported {
        Some(reason) => Err(Failure::usage(anyhow::anyhow!("package {}: unsupported: {reason}", path.display()))),
        None => Ok(Arc::new(package)),
    }
}

/// Counts and hashes the lines; returns the file at its beginning. Standard input is copied to one.
fn look(path: &Path, hasher: &mut blake3::Hasher) -> std::io::Result<(u64, File)> {
    let mut file = if path == Path::new("-") {
        let mut copy = tempfile::tempfile()?;
        std::io::copy(&mut std::io::stdin().lock(), &mut copy)?;
        copy.rewind()?;
        copy
    } else {
        let file = File::open(path)?;
        if !file.metadata()?.is_file() {
            return Err(std::io::Error::other("is no file; use - for standard input"));
        }
        file
    };
    let mut reader = BufReader::with_capacity(1 << 20, &file);
    let (mut lines, mut blank) = (0, true);
    loop {
        let chunk = reader.fill_buf()?;
        if chunk.is_empty() {
            break;
        }
        hasher.update(chunk);
        for byte in chunk {
            if *byte == b'\n' {
                lines += u64::from(!blank);
                blank = true;
            } else if !byte.is_ascii_whitespace() {
                blank = false;
            }
        }
        let length = chunk.len();
        reader.consume(length);
    }
    drop(reader);
    file.rewind()?;
    file.flush()?;
    Ok((lines + u64::from(!blank), file))
}

fn lines(
    shown: &str,
    file: impl std::io::Read,
    give: &mut impl FnMut(String, Result<Submission, Unusable>) -> bool,
) -> Result<bool, anyhow::Error> {
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let read = reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line);
        if read.with_context(|| format!("cannot read {shown}"))? == 0 {
            break;
        }
        let label = format!("{shown}:{number}");
        if line.len() as u64 == MAX_LINE && !line.ends_with(b"\n") {
            skip_line(&mut reader).with_context(|| format!("cannot read {shown}"))?;
            let reason = format!("is longer than {} MiB", MAX_LINE >> 20);
            if !give(label, Err(Unusable::new(reason))) {
                return Ok(false);
            }
            continue;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if !give(label, Submission::from_json(&line).map_err(|malformed| unusable(&line, malformed.to_string()))) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn skip_line(reader: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let chunk = reader.fill_buf()?;
        if chunk.is_empty() {
            return Ok(());
        }
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(chunk.len(), |at| at + 1);
        reader.consume(length);
        if end.is_some() {
            return Ok(());
        }
    }
}

/// What can be read of a malformed message, so that its sender recognises it.
fn unusable(line: &[u8], reason: String) -> Unusable {
    let value: serde_json::Value = serde_json::from_slice(line).unwrap_or_default();
    let id = value.get("submission_id").and_then(serde_json::Value::as_str).and_then(|id| id.parse().ok());
    let metadata = value.get("metadata").and_then(serde_json::Value::as_object).cloned().unwrap_or_default();
    Unusable { reason, id, metadata }
}

/// The files of a submission on disk: one, or those of a directory.
fn files_of(path: &Path) -> Result<Vec<(String, PathBuf)>, String> {
    let meta = std::fs::metadata(path).map_err(|error| error.to_string())?;
    let paths = if meta.is_dir() {
        let entries = std::fs::read_dir(path).map_err(|error| error.to_string())?;
        let mut paths = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| error.to_string())?;
        paths.retain(|path| path.is_file());
        paths.sort();
        paths
    } else if meta.is_file() {
        vec![path.to_owned()]
    } else {
        return Err("is neither a file nor a directory".to_owned());
    };
    if paths.is_empty() {
        return Err("there are no files in it".to_owned());
    }
    Ok(paths
        .into_iter()
        .map(|path| (path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(), path))
        .collect())
}

fn of_files(
    files: &[(String, PathBuf)],
    package: &Package,
    language: Option<String>,
    entry_point: Option<String>,
    label: &str,
    languages: &Languages,
) -> Result<Submission, Unusable> {
    let contents = files
        .iter()
        .map(|(name, path)| {
            let content = std::fs::read(path).map_err(|error| Unusable::new(format!("{}: {error}", path.display())))?;
            Ok((name.clone(), package.substitute(content)))
        })
        .collect::<Result<Vec<_>, Unusable>>()?;
    let language = match language {
        Some(language) => language,
        None => match languages.detect(&contents, package.languages.as_deref()) {
            Ok(language) => language.id().to_owned(),
            Err(DetectError::Unknown(_)) if package.kind.submit_answer => ANSWERS.to_owned(),
            Err(error) => return Err(Unusable::new(error.to_string())),
        },
    };
    let mut hasher = blake3::Hasher::new();
    hasher.update(package.sha256.as_bytes()).update(label.as_bytes()).update(language.as_bytes());
    for (name, content) in &contents {
        hasher.update(name.as_bytes()).update(content);
    }
    let submission = Submission {
        version: assay_shared::submission::MESSAGE_VERSION,
        submission_id: Uuid::new_v5(&Uuid::NAMESPACE_OID, hasher.finalize().as_bytes()),
        batch_id: None,
        tenant: None,
        language,
        files: contents.into_iter().map(|(name, content)| SourceFile::new(name, content)).collect(),
        entry_point,
        problem: Some(ProblemRef { id: package.id.clone(), sha256: Some(package.sha256.clone()) }),
        tests: None,
        function: None,
        checker: None,
        limits: assay_shared::LimitsRequest::default(),
        stop: StopRule::FirstFail,
        metadata: serde_json::Map::new(),
    };
    let violations = submission.violations();
    if violations.is_empty() {
        Ok(submission)
    } else {
        let id = Some(submission.submission_id);
        let reason = assay_shared::Malformed(violations).to_string();
        Err(Unusable { reason, id, metadata: serde_json::Map::new() })
    }
}
