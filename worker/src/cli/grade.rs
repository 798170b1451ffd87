//! `assay grade`: submissions of any kind, graded and told.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use assay_shared::{Limits, StopRule, Submission, SubmissionReport, Verdict};
use clap::Args;
use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::session::{Graded, Job, Session, compile_limits, grade_job};
use super::verify::{include_of, limits_of, test_json, tests_of};
use super::{Common, Failure, render};
use crate::executor::pipeline::{Content, Test};
use crate::exit::Exit;
use crate::problem::{Package, TimeLimit};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// JSON Lines files (.jsonl), packages, or source files and directories for --problem
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The problem package that source files are graded against
    #[arg(long, value_name = "DIR")]
    problem: Option<PathBuf>,
    /// Milliseconds of CPU time, where a package stores no limit
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    cpu_ms: u64,
    /// The language of source files, instead of what their extension says
    #[arg(long)]
    language: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// What is printed of one submission, in the order of the input.
struct Line {
    label: String,
    id: Option<Uuid>,
    metadata: serde_json::Map<String, serde_json::Value>,
    result: Result<SubmissionReport, String>,
    language: Option<String>,
}

struct Item {
    label: String,
    metadata: serde_json::Map<String, serde_json::Value>,
    job: Result<Job, String>,
}

pub(super) async fn run(options: Options) -> Result<Exit, Failure> {
    let items = collect(&options)?;
    if items.is_empty() {
        return Err(Failure::usage(anyhow::anyhow!("there is nothing to grade")));
    }
    let session = Session::open(&options.common).await?;
    let mut hasher = blake3::Hasher::new();
    for item in &items {
        hasher.update(item.label.as_bytes());
        if let Ok(job) = &item.job {
            hasher.update(job.id.as_bytes());
            for (name, content) in &job.files {
                hasher.update(name.as_bytes()).update(content);
            }
        }
    }
    let batch = session.begin("grade", hasher.finalize().to_string(), items.len(), options.common.fresh).await?;
    let progress = render::progress(items.len() as u64);
    let mut table = render::table(&["submission", "language", "verdict", "CPU ms", "MiB", "reason"]);
    let (mut accepted, mut failed, total) = (0, 0, items.len());
    let mut running = JoinSet::new();
    let mut waiting: HashMap<usize, Line> = HashMap::new();
    let mut printed = 0;
    let mut items = items.into_iter().enumerate();
    let in_flight = session.pool.slots() * 2;
    loop {
        while running.len() < in_flight {
            let Some((index, item)) = items.next() else { break };
            let job = match item.job {
                Ok(job) => job,
                Err(reason) => {
                    let line = Line {
                        label: item.label,
                        id: None,
                        metadata: item.metadata,
                        result: Err(reason),
                        language: None,
                    };
                    waiting.insert(index, line);
                    progress.inc(1);
                    continue;
                }
            };
            if let Some(report) = session.recorded(batch, job.id).await? {
                let line = Line {
                    label: item.label,
                    id: Some(job.id),
                    metadata: item.metadata,
                    result: Ok(report),
                    language: None,
                };
                waiting.insert(index, line);
                progress.inc(1);
                continue;
            }
            let (pool, languages, keep) =
                (Arc::clone(&session.pool), Arc::clone(&session.languages), session.keep_bytes);
            running.spawn(async move {
                let graded = grade_job(&languages, &pool, keep, index as u64, &job).await;
                (index, item.label, item.metadata, job.id, graded)
            });
        }
        while let Some(line) = waiting.remove(&printed) {
            printed += 1;
            match &line.result {
                Ok(report) if report.verdict == Verdict::Accepted => accepted += 1,
                Ok(report) if report.verdict != Verdict::JudgeError => {}
                _ => failed += 1,
            }
            if options.common.json {
                progress.suspend(|| render::line(&line.json().to_string()));
            } else {
                line.add_to(&mut table);
            }
        }
        let Some(done) = running.join_next().await else { break };
        let (index, label, metadata, id, graded) =
            done.map_err(|error| anyhow::anyhow!("a grading task failed: {error}"))?;
        progress.inc(1);
        let (result, language) = match graded {
            Graded::Report(report) => {
                session.record(batch, &label, &report).await?;
                (Ok(*report), None)
            }
            Graded::Refused { language, reason } => (Err(reason), language),
        };
        waiting.insert(index, Line { label, id: Some(id), metadata, result, language });
    }
    progress.finish_and_clear();
    let counts = session.store.verdict_counts(batch).await.map_err(anyhow::Error::from)?;
    session.finish(batch).await?;
    if options.common.json {
        let verdicts: serde_json::Map<_, _> =
            counts.into_iter().map(|(verdict, count)| (verdict, count.into())).collect();
        render::line(&json!({"summary": {"submissions": total, "accepted": accepted, "not_graded": failed, "verdicts": verdicts, "batch_id": batch}}).to_string());
    } else {
        render::line(&table.to_string());
        let verdicts: Vec<_> = counts.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
        render::line(&format!("\n{total} submissions: {}; {failed} not graded", verdicts.join(", ")));
    }
    Ok(if failed == 0 { Exit::Fine } else { Exit::Difference })
}

fn collect(options: &Options) -> Result<Vec<Item>, Failure> {
    let problem = match &options.problem {
        Some(path) => Some(Arc::new(load(path)?)),
        None => None,
    };
    let mut items = Vec::new();
    for path in &options.paths {
        let is_lines = path.extension().is_some_and(|extension| extension == "jsonl" || extension == "ndjson");
        if path == Path::new("-") || is_lines {
            lines(path, &mut items)?;
        } else if let Some(problem) = &problem {
            items.push(source(path, problem, options));
        } else {
            for package in Package::find(path).map_err(Failure::usage)? {
                own_submissions(&Arc::new(load(&package)?), options, &mut items);
            }
        }
    }
    Ok(items)
}

fn load(path: &Path) -> Result<Package, Failure> {
    let package = Package::load(path).map_err(Failure::usage)?;
    match &package.unsupported {
        Some(reason) => Err(Failure::usage(anyhow::anyhow!("package {}: unsupported: {reason}", path.display()))),
        None => Ok(package),
    }
}

fn limit_ms(package: &Package, options: &Options) -> u64 {
    match &package.time_limit {
        TimeLimit::Explicit { ms, .. } => *ms,
        TimeLimit::Calibrated { .. } => options.cpu_ms,
    }
}

fn package_job(package: &Arc<Package>, options: &Options, label: &str, files: Vec<(String, Vec<u8>)>) -> Job {
    let mut hasher = blake3::Hasher::new();
    hasher.update(package.sha256.as_bytes()).update(label.as_bytes());
    for (name, content) in &files {
        hasher.update(name.as_bytes()).update(content);
    }
    Job {
        id: Uuid::new_v5(&Uuid::NAMESPACE_OID, hasher.finalize().as_bytes()),
        label: label.to_owned(),
        files,
        language: options.language.clone(),
        allowed_codes: package.languages.clone(),
        entry_point: None,
        include: include_of(package),
        tests: tests_of(package),
        limits: limits_of(package, limit_ms(package, options)),
        compile_limits: compile_limits(package.compile_ms, package.compile_memory_bytes),
        code_bytes: package.code_bytes,
        stop: StopRule::FirstFail,
    }
}

fn own_submissions(package: &Arc<Package>, options: &Options, items: &mut Vec<Item>) {
    for submission in &package.submissions {
        let label = format!("{}/{}", package.id, submission.path);
        let files = submission
            .files
            .iter()
            .map(|(name, path)| {
                let content = std::fs::read(path).map_err(|error| format!("{name}: {error}"))?;
                Ok((name.clone(), package.substitute(content)))
            })
            .collect::<Result<Vec<_>, String>>();
        let job = files.map(|files| {
            let mut job = package_job(package, options, &label, files);
            job.language = submission.language.clone().or(job.language);
            job.entry_point.clone_from(&submission.entry_point);
            job
        });
        items.push(Item { label, metadata: serde_json::Map::new(), job });
    }
}

/// A source file, or a directory that is one submission.
fn source(path: &Path, package: &Arc<Package>, options: &Options) -> Item {
    let label = path.display().to_string();
    let mut paths = Vec::new();
    let job = if path.is_dir() {
        let entries = std::fs::read_dir(path)
            .map(|entries| entries.filter_map(Result::ok).map(|entry| entry.path()).collect::<Vec<_>>());
        match entries {
            Ok(mut found) => {
                found.sort();
                paths.extend(found.into_iter().filter(|path| path.is_file()));
                if paths.is_empty() { Err("there are no files in it".to_owned()) } else { Ok(()) }
            }
            Err(error) => Err(error.to_string()),
        }
    } else {
        paths.push(path.to_owned());
        Ok(())
    };
    let job = job.and_then(|()| {
        let files = paths
            .iter()
            .map(|path| {
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                std::fs::read(path)
                    .map(|content| (name, content))
                    .map_err(|error| format!("{}: {error}", path.display()))
            })
            .collect::<Result<Vec<_>, String>>()?;
        Ok(package_job(package, options, &label, files))
    });
    Item { label, metadata: serde_json::Map::new(), job }
}

/// One message a line. A line that is none is told and left out; the others go on.
fn lines(path: &Path, items: &mut Vec<Item>) -> Result<(), Failure> {
    let reader: Box<dyn std::io::BufRead> = if path == Path::new("-") {
        Box::new(BufReader::new(std::io::stdin()))
    } else {
        let file = std::fs::File::open(path)
            .with_context(|| format!("cannot read {}", path.display()))
            .map_err(Failure::usage)?;
        Box::new(BufReader::new(file))
    };
    for (number, line) in (1..).zip(reader.split(b'\n')) {
        let line = line.with_context(|| format!("cannot read {}", path.display())).map_err(Failure::usage)?;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let label = format!("{}:{number}", path.display());
        items.push(match Submission::from_json(&line) {
            Ok(submission) => message(label, submission),
            Err(malformed) => Item { label, metadata: serde_json::Map::new(), job: Err(malformed.to_string()) },
        });
    }
    Ok(())
}

fn message(label: String, submission: Submission) -> Item {
    let checker = submission.checker.clone().unwrap_or_default();
    let job = match submission.tests {
        None => Err("problem: packages by reference are for `assay worker`; give inline tests here".to_owned()),
        Some(tests) => {
            let tests: Arc<[Test]> = tests
                .into_iter()
                .map(|test| Test {
                    id: test.id,
                    group: String::new(),
                    input: Content::Bytes(test.stdin.into_bytes().into()),
                    expected: test.expected.map(|expected| Content::Bytes(expected.into_bytes().into())),
                    checker: checker.clone(),
                    args: Vec::new(),
                    files: Vec::new(),
                })
                .collect();
            submission
                .files
                .iter()
                .map(|file| file.content().map(|content| (file.name.clone(), content)))
                .collect::<Result<Vec<_>, _>>()
                .map_err(str::to_owned)
                .map(|files| Job {
                    id: submission.submission_id,
                    label: label.clone(),
                    files,
                    language: Some(submission.language.clone()),
                    allowed_codes: None,
                    entry_point: None,
                    include: Arc::new(|_| Vec::new()),
                    tests,
                    limits: submission.limits.resolve(&Limits::default()),
                    compile_limits: compile_limits(None, None),
                    code_bytes: None,
                    stop: submission.stop,
                })
        }
    };
    Item { label, metadata: submission.metadata, job }
}

impl Line {
    fn json(&self) -> serde_json::Value {
        match &self.result {
            Ok(report) => json!({"submission": self.label, "submission_id": self.id, "language": report.language,
                "verdict": report.verdict, "score": report.score, "reason": report.reason,
                "tests": report.tests.iter().map(test_json).collect::<Vec<_>>(),
                "compile_log": report.compile.as_ref().filter(|_| report.verdict == Verdict::CompileError).map(|compile| compile.log.text()),
                "time_limit_ms": report.cpu_limit_ms, "metadata": self.metadata}),
            Err(reason) => {
                json!({"submission": self.label, "submission_id": self.id, "language": self.language, "verdict": null,
                "score": null, "reason": reason, "tests": [], "compile_log": null, "time_limit_ms": null, "metadata": self.metadata})
            }
        }
    }

    fn add_to(&self, table: &mut comfy_table::Table) {
        match &self.result {
            Ok(report) => table.add_row(vec![
                comfy_table::Cell::new(render::harmless(&self.label)),
                (&report.language).into(),
                render::verdict(report.verdict).into(),
                render::number(report.max_cpu_ms()),
                render::number(render::mib(report.max_memory_bytes())),
                render::harmless(&report.reason).into(),
            ]),
            Err(reason) => table.add_row(vec![
                render::harmless(&self.label),
                self.language.clone().unwrap_or_default(),
                "not graded".to_owned(),
                String::new(),
                String::new(),
                render::harmless(reason),
            ]),
        };
    }
}
