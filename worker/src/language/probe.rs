//! Looks for toolchains on this machine and asks them for their version.
//!
//! It runs them outside the sandbox, with nothing of a submission; it does not decide what a missing toolchain means.

use std::cmp::Ordering;
use std::fs;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::definition::ToolchainDefinition;

const TIMEOUT: Duration = Duration::from_secs(10);

/// A toolchain that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Toolchain {
    /// The compiler or interpreter.
    pub(super) program: PathBuf,
    /// What the sandbox must show besides the system's program directories.
    pub(super) read_only: Vec<PathBuf>,
}

/// The first candidate of which everything exists.
pub(super) fn find(candidates: &[ToolchainDefinition]) -> Option<Toolchain> {
    let home = std::env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
    candidates.iter().find_map(|candidate| {
        let program = expand(&candidate.program, home.as_deref()).into_iter().find(|path| path.is_file())?;
        if candidate.requires.iter().any(|path| expand(path, home.as_deref()).is_empty()) {
            return None;
        }
        let read_only = candidate.read_only.iter().flat_map(|path| expand(path, home.as_deref())).collect();
        Some(Toolchain { program, read_only })
    })
}

/// The existing paths of a pattern, where `*` stands for any part of one name; newest version first.
pub(super) fn expand(pattern: &str, home: Option<&Path>) -> Vec<PathBuf> {
    let (root, rest) = match (pattern.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => (home.to_owned(), rest),
        (Some(_), None) => return Vec::new(),
        (None, _) => (PathBuf::from("/"), pattern.trim_start_matches('/')),
    };
    let mut paths = vec![root];
    for part in rest.split('/').filter(|part| !part.is_empty()) {
        paths = paths.into_iter().flat_map(|path| step(&path, part)).collect();
    }
    paths.retain(|path| path.exists());
    paths
}

fn step(dir: &Path, part: &str) -> Vec<PathBuf> {
    if !part.contains('*') {
        return vec![dir.join(part)];
    }
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.') && matches(part, name))
        .collect();
    names.sort_by(|a, b| by_version(b, a));
    names.into_iter().map(|name| dir.join(name)).collect()
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((prefix, rest)) => name.strip_prefix(prefix).is_some_and(|tail| {
            tail.char_indices().map(|(at, _)| at).chain([tail.len()]).any(|at| matches(rest, &tail[at..]))
        }),
    }
}

/// Compares names so that 1.10 comes after 1.9.
fn by_version(a: &str, b: &str) -> Ordering {
    let numbers = |name: &str| -> Vec<u64> {
        name.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
    };
    numbers(a).cmp(&numbers(b)).then_with(|| a.cmp(b))
}

/// The first line that a command prints, warnings of its own runtime aside.
pub(super) fn version(argv: &[String], env: &[(&str, &str)]) -> Result<String, String> {
    let [program, arguments @ ..] = argv else { return Err("no command".to_owned()) };
    run(program, arguments, env).map_err(|error| error.to_string()).and_then(|(status, output)| match status {
        None => Err(format!("no answer within {} s", TIMEOUT.as_secs())),
        Some(status) if !status.success() => Err(format!("{status}: {output}")),
        Some(_) if output.is_empty() => Err("it prints no version".to_owned()),
        Some(_) => Ok(output),
    })
}

/// Runs a command; no status means that it took too long. Output goes through files, so that nobody can block on a pipe.
fn run(program: &str, arguments: &[String], env: &[(&str, &str)]) -> std::io::Result<(Option<ExitStatus>, String)> {
    let (mut out, mut err) = (tempfile::tempfile()?, tempfile::tempfile()?);
    let mut child = Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(env.iter().copied())
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(out.try_clone()?)
        .stderr(err.try_clone()?)
        .spawn()?;
    let deadline = Instant::now() + TIMEOUT;
    let mut pause = Duration::from_millis(1);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            break None;
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    };
    let mut line = String::new();
    for file in [&mut out, &mut err] {
        let mut bytes = Vec::new();
        file.rewind()?;
        file.take(4096).read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        text.lines()
            .map(str::trim)
            .find(|text| !text.is_empty() && !text.contains("warning:"))
            .unwrap_or_default()
            .clone_into(&mut line);
        if !line.is_empty() {
            break;
        }
    }
    Ok((status, line))
}
