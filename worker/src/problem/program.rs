//! Programs that a package brings to judge with: output validators and interactors, static validators, graders, checkers.
//!
//! Reads their files and how they are spoken to. Which language they are in is not decided here.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Findings, children, collect_files, file_name, shown};

/// How a judging program is called and what it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// `program input answer feedback_dir/ [args] < output`; 42 accepts and 43 rejects.
    Kattis,
    /// testlib's: `program input output answer`; 0 accepts, 1, 2, 4 and 8 reject, 3 is its own failure; 7 and
    /// "partially correct" give points.
    Testlib,
}

/// A program of the package that judges.
#[derive(Debug)]
pub struct Program {
    /// Where it is in the package, such as `output_validators/check`.
    pub name: String,
    pub files: Vec<ProgramFile>,
    pub protocol: Protocol,
}

/// One file of a program, with the package's constants in place.
#[derive(Clone, Debug)]
pub struct ProgramFile {
    /// Relative to the program's directory.
    pub name: String,
    pub content: Vec<u8>,
    pub executable: bool,
}

impl Program {
    /// A hash of everything that it is.
    pub fn key(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        hasher.update(format!("{:?} {}\0", self.protocol, self.name).as_bytes());
        for file in &self.files {
            for part in [file.name.as_bytes(), &file.content, &[u8::from(file.executable)]] {
                hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
            }
        }
        hasher.finalize()
    }

    /// Whether it has a script of this name, `build` or `run`.
    pub fn has(&self, script: &str) -> bool {
        self.files.iter().any(|file| file.name == script)
    }
}

/// Endings of files that are part of a program and none by themselves.
const PARTS: [&str; 14] =
    ["h", "hh", "hpp", "hxx", "inc", "md", "txt", "yaml", "yml", "json", "pdf", "pyc", "class", "o"];

fn is_part(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.starts_with("readme")
        || lower == "makefile"
        || lower.rsplit_once('.').is_some_and(|(_, ending)| PARTS.contains(&ending))
}

/// The programs in a directory of the package. Its files are one program if it is `one` program's own directory or has a
/// script for them; otherwise each source is one.
pub(super) fn read(
    root: &Path,
    dir: &str,
    one: bool,
    substitute: &impl Fn(Vec<u8>) -> Vec<u8>,
    findings: &mut Findings,
) -> Vec<Arc<Program>> {
    let base = root.join(dir);
    if !base.is_dir() {
        return Vec::new();
    }
    let (dirs, files): (Vec<PathBuf>, Vec<PathBuf>) =
        children(root, &base, findings).into_iter().partition(|child| child.is_dir());
    let named: Vec<(String, PathBuf)> = files.iter().map(|path| (file_name(path), path.clone())).collect();
    let (parts, sources): (Vec<_>, Vec<_>) = named.into_iter().partition(|(name, _)| is_part(name));
    let mut programs = Vec::new();
    let whole = sources.iter().any(|(name, _)| matches!(name.as_str(), "build" | "run"));
    if whole || (one && !sources.is_empty()) {
        programs.push((dir.to_owned(), collect_files(root, &base, findings)));
    } else {
        for source in &sources {
            let files = parts.iter().chain([source]).cloned().collect();
            programs.push((format!("{dir}/{}", source.0), files));
        }
        for dir in dirs.iter().filter(|dir| file_name(dir) != "__pycache__") {
            let files = collect_files(root, dir, findings);
            if files.iter().any(|(name, _)| !is_part(name)) {
                programs.push((shown(root, dir), files));
            }
        }
    }
    programs.into_iter().map(|(name, files)| Arc::new(program(root, name, &files, substitute, findings))).collect()
}

fn program(
    root: &Path,
    name: String,
    paths: &[(String, PathBuf)],
    substitute: &impl Fn(Vec<u8>) -> Vec<u8>,
    findings: &mut Findings,
) -> Program {
    let mut files = Vec::new();
    for (name, path) in paths {
        let script = matches!(name.as_str(), "build" | "run");
        let read = fs::read(path).and_then(|content| Ok((content, fs::metadata(path)?.permissions().mode())));
        match read {
            Ok((content, mode)) => files.push(ProgramFile {
                name: name.clone(),
                content: substitute(content),
                // An archive may have lost it.
                executable: script || mode & 0o100 != 0,
            }),
            Err(error) => findings.problem(format!("{}: {error}", shown(root, path))),
        }
    }
    let protocol = protocol(&files);
    Program { name, files, protocol }
}

/// What the lines `#include "…"` and `#include <…>` of a source name.
pub(super) fn includes(source: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(source);
    let named = |line: &str| {
        let rest = line.trim_start().strip_prefix('#')?.trim_start().strip_prefix("include")?.trim_start();
        let end = match rest.chars().next()? {
            '"' => '"',
            '<' => '>',
            _ => return None,
        };
        let (name, _) = rest[1..].split_once(end)?;
        Some(name.trim().to_owned())
    };
    text.lines().filter_map(named).collect()
}

/// A program that includes testlib speaks as testlib does, unless its copy of testlib has been taught the format's exit codes.
fn protocol(files: &[ProgramFile]) -> Protocol {
    let text = |file: &ProgramFile| String::from_utf8_lossy(&file.content).into_owned();
    let is_library = |file: &ProgramFile| file.name.rsplit('/').next() == Some("testlib.h");
    let uses = files
        .iter()
        .filter(|file| !is_library(file))
        .any(|file| includes(&file.content).iter().any(|name| name.rsplit('/').next() == Some("testlib.h")));
    let taught = files
        .iter()
        .filter(|file| is_library(file))
        .any(|file| text(file).lines().any(|line| line.split_whitespace().eq(["#define", "OK_EXIT_CODE", "42"])));
    if uses && !taught { Protocol::Testlib } else { Protocol::Kattis }
}
