//! From a submission to its report: finds package and language, makes the plan, and has the pipeline run it. Knows no queue and
//! no store.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use assay_sandbox::WorkFile;
use assay_shared::{Limits, MIB, ProblemRef, StopRule, Submission, SubmissionReport, Verdict};
use bytes::Bytes;
use uuid::Uuid;

use super::SlotPool;
use super::cache::{CompileCache, Recipe};
use super::call::{Callee, calls};
use super::jury::{Judges, Jury};
use super::pipeline::{Content, Task, Test, grade};
use super::rerun::SecondRuns;
use crate::language::{Availability, DetectError, Languages, Plan, Sources};
use crate::metrics::Reruns;
use crate::problem::{self, Groups, Input, Package, TimeLimit};

/// The language of submissions that are answers and no programs.
pub const ANSWERS: &str = "answers";

/// One submission before it is graded.
#[derive(Clone, Debug)]
pub struct Job {
    pub submission_id: Uuid,
    pub files: Vec<(String, Vec<u8>)>,
    /// An id, alias or code; without it the files decide.
    pub language: Option<String>,
    pub entry_point: Option<String>,
    /// The function that tests call, where they do not run the whole program.
    pub function: Option<String>,
    /// Adds files for the submission's language, which overwrite the submission's, and says which languages are allowed.
    pub package: Option<Arc<Package>>,
    pub tests: Arc<[Test]>,
    pub limits: Limits,
    pub compile_limits: Limits,
    pub stop: StopRule,
}

/// What became of a job.
#[derive(Clone, Debug)]
pub enum Graded {
    Report(Box<SubmissionReport>),
    /// It cannot be graded here, and that says nothing about it.
    Refused {
        language: Option<String>,
        reason: String,
    },
}

/// Problem packages by their ids.
#[derive(Debug, Default)]
pub struct Packages {
    directory: Option<PathBuf>,
    loaded: Mutex<HashMap<String, Loaded>>,
}

/// A package, and the fingerprint that its files had before it was read; none if it was added by hand.
#[derive(Clone, Debug)]
struct Loaded {
    package: Arc<Package>,
    fingerprint: Option<u64>,
}

impl Packages {
    /// Those of a directory: `ID/`, or an archive `ID.zip`, `ID.tar`, `ID.tar.gz` or `ID.tgz`. Without one only those that are added.
    pub fn new(directory: Option<PathBuf>) -> Self {
        Self { directory, loaded: Mutex::default() }
    }

    /// Adds a package under its id.
    pub fn add(&self, package: Arc<Package>) {
        self.lock().insert(package.id.clone(), Loaded { package, fingerprint: None });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Loaded>> {
        self.loaded.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The package that a message means, as it is on disk now. Reads files.
    ///
    /// # Errors
    /// It is not there, cannot be graded, or its content is not the one that the message pins.
    pub fn find(&self, wanted: &ProblemRef) -> Result<Arc<Package>, String> {
        let known = self.lock().get(&wanted.id).cloned();
        if let Some(Loaded { package, fingerprint: None }) = known {
            return pinned(wanted, package);
        }
        let path = self.path_of(&wanted.id)?;
        let fingerprint = Some(problem::fingerprint(&path).map_err(|error| format!("problem {}: {error}", wanted.id))?);
        if let Some(known) = known
            && known.fingerprint == fingerprint
        {
            return pinned(wanted, known.package);
        }
        let package = Arc::new(Package::load(&path).map_err(|error| error.to_string())?);
        self.lock().insert(wanted.id.clone(), Loaded { package: Arc::clone(&package), fingerprint });
        pinned(wanted, package)
    }

    fn path_of(&self, id: &str) -> Result<PathBuf, String> {
        let directory =
            self.directory.as_ref().ok_or("this worker has no problem packages; start it with --packages")?;
        let plain = Path::new(id).components().all(|part| matches!(part, std::path::Component::Normal(_)));
        if !plain || id.contains('/') {
            return Err(format!("problem.id \"{}\" is no name of a package", id.escape_default()));
        }
        ["", ".zip", ".tar", ".tar.gz", ".tgz"]
            .into_iter()
            .map(|ending| directory.join(format!("{id}{ending}")))
            .find(|path| path.exists())
            .ok_or_else(|| format!("there is no problem package \"{id}\" in {}", directory.display()))
    }
}

fn pinned(wanted: &ProblemRef, package: Arc<Package>) -> Result<Arc<Package>, String> {
    if let Some(hash) = &wanted.sha256
        && *hash != package.sha256
    {
        return Err(format!(
            "problem {}: this worker's package has sha256 {}, the submission is for {hash}",
            wanted.id, package.sha256
        ));
    }
    if let Some(reason) = &package.unsupported {
        return Err(format!("problem {}: unsupported: {reason}", wanted.id));
    }
    Ok(package)
}

/// Languages, slots and packages.
#[derive(Debug)]
pub struct Grader {
    pub languages: Arc<Languages>,
    pub pool: SlotPool,
    pub packages: Packages,
    pub judges: Judges,
    /// Where compilations are kept, if they are.
    pub cache: Option<Arc<CompileCache>>,
    /// Bytes of each output that reports keep.
    pub keep_bytes: usize,
    /// Milliseconds of CPU time where neither the submission nor its package names a limit.
    pub cpu_ms: u64,
    /// Milliseconds of CPU time of a compile step, where the package names none.
    pub compile_ms: u64,
    /// Counts second runs of results near a time limit; without it there are none.
    pub reruns: Option<Reruns>,
}

impl Grader {
    /// What a message asks for.
    ///
    /// # Errors
    /// It cannot be graded here; the text says why.
    pub fn job(&self, submission: &Submission) -> Result<Job, String> {
        let files = submission
            .files
            .iter()
            .map(|file| file.content().map(|content| (file.name.clone(), content)))
            .collect::<Result<Vec<_>, _>>()?;
        let mut job = Job {
            submission_id: submission.submission_id,
            files,
            language: Some(submission.language.clone()),
            entry_point: submission.entry_point.clone(),
            function: submission.function.as_ref().map(|function| function.name.clone()),
            package: None,
            tests: Vec::new().into(),
            limits: Limits::default(),
            compile_limits: compile_limits(self.compile_ms, None),
            stop: submission.stop,
        };
        if let Some(problem) = &submission.problem {
            let package = self.packages.find(problem)?;
            let limit_ms = match &package.time_limit {
                TimeLimit::Explicit { ms, .. } => *ms,
                TimeLimit::Calibrated { .. } => self.cpu_ms,
            };
            job.tests = tests_of(&package);
            job.limits = limits_of(&package, limit_ms);
            job.compile_limits =
                compile_limits(package.compile_ms.unwrap_or(self.compile_ms), package.compile_memory_bytes);
            job.package = Some(package);
        } else {
            let checker = submission.checker.clone().unwrap_or_default();
            let tests = submission.tests.as_deref().unwrap_or_default();
            let calls = if job.function.is_some() { calls(tests)? } else { Vec::new() };
            job.tests = tests
                .iter()
                .enumerate()
                .map(|(index, test)| Test {
                    id: test.id.clone(),
                    group: String::new(),
                    input: Content::Bytes(Bytes::copy_from_slice(test.stdin.as_bytes())),
                    expected: test
                        .expected
                        .as_ref()
                        .map(|expected| Content::Bytes(Bytes::copy_from_slice(expected.as_bytes()))),
                    checker: checker.clone(),
                    judge_args: Vec::new(),
                    is_static: false,
                    args: Vec::new(),
                    files: Vec::new(),
                    hint: None,
                    twin_of: None,
                    call: calls.get(index).cloned(),
                })
                .collect();
        }
        job.limits = submission.limits.resolve(&job.limits);
        Ok(job)
    }

    /// Grades a job. `sequence` is its place in the line: earlier ones are finished first.
    pub async fn grade(&self, sequence: u64, job: &Job) -> Graded {
        let named = job.language.clone();
        let language = match self.pick_language(job) {
            Ok(language) => language,
            Err(reason) => return Graded::Refused { language: named, reason },
        };
        let refuse = |reason: String| Graded::Refused { language: Some(language.clone()), reason };
        if self.languages.get(&language).is_some_and(|language| language.known_availability().is_none()) {
            // The toolchain is asked when it is first needed, which may take seconds.
            let (languages, id) = (Arc::clone(&self.languages), language.clone());
            let ask = move || languages.get(&id).map(|language| language.availability().clone());
            if tokio::task::spawn_blocking(ask).await.is_err() {
                return refuse(format!("language {language} cannot be asked for its version"));
            }
        }
        let Some(language) = self.languages.get(&language) else { return refuse("unknown language".to_owned()) };
        if let Availability::Missing { reason } = language.availability() {
            return refuse(format!("language {} is not available: {reason}", language.id()));
        }
        if job.function.is_some() && !language.calls_functions() {
            let able = self.languages.iter().filter(|language| language.calls_functions());
            let able: Vec<&str> = able.map(crate::language::Language::id).collect();
            return refuse(format!(
                "functions cannot be called in {}, only whole programs run; they can in {}",
                language.id(),
                able.join(", ")
            ));
        }
        let size: u64 = job.files.iter().map(|(_, content)| content.len() as u64).sum();
        let mut files = job.files.clone();
        let mut code_bytes = None;
        if let Some(package) = &job.package {
            code_bytes = package.code_bytes;
            for (name, content) in package.include_files(language.code()) {
                let (own, place) = (Path::new(name), |other: &String| Path::new(other).to_owned());
                files.retain(|(other, _)| !place(other).starts_with(own) && !own.starts_with(place(other)));
                files.push((name.clone(), content.clone()));
            }
        }
        let sources = Sources { files: &files, entry_point: job.entry_point.as_deref() };
        let planned = if language.id() == ANSWERS {
            Ok(Plan::of_nothing(&files))
        } else {
            language.plan(&sources, job.limits.memory_bytes)
        };
        let mut plan = match planned {
            Ok(plan) => plan,
            Err(error) => return self.does_not_compile(job, language.id(), error.to_string()),
        };
        if let Some(limit) = code_bytes
            && size > limit
        {
            let reason = format!("the source has {size} bytes, more than the problem's limit of {limit}");
            return self.does_not_compile(job, language.id(), reason);
        }
        if plan.call.as_ref().is_some_and(|call| call.is_plain)
            && let Some(test) = job.tests.iter().find(|test| test.call.as_ref().is_some_and(|call| !call.is_plain()))
        {
            let lacks = "has neither arguments by name (kwargs) nor complex numbers";
            return refuse(format!("test {}: {} {lacks}", test.id, language.name()));
        }
        let placed = plan.place.iter().zip(files).map(|(name, (_, content))| WorkFile::new(name, content)).collect();
        let callee = job.function.as_ref().zip(plan.call.take()).map(|(function, call)| {
            let callee = Callee::new(function, &plan.entry_point, &call);
            plan.run = call.step;
            callee
        });
        let jury = match self.jury(sequence, job).await {
            Ok(jury) => jury,
            Err(reason) => return self.without_tests(job, language.id(), Verdict::JudgeError, reason),
        };
        let task = Task {
            submission_id: job.submission_id,
            sequence,
            language: language.id().to_owned(),
            code: language.code().to_owned(),
            is_answers: language.id() == ANSWERS,
            plan,
            files: placed,
            tests: Arc::clone(&job.tests),
            limits: job.limits.clone(),
            compile_limits: job.compile_limits.clone(),
            stop: job.stop,
            keep_bytes: self.keep_bytes,
            jury,
            recipe: self.cache.as_ref().and_then(|cache| Recipe::new(cache, language)),
            callee,
            second_runs: self.reruns.clone().map(SecondRuns::new),
            scoring: job.package.as_ref().and_then(|package| scoring_of(package, &job.tests)),
        };
        Graded::Report(Box::new(grade(&self.pool, Arc::new(task)).await))
    }

    /// The package's judges, compiled.
    async fn jury(&self, sequence: u64, job: &Job) -> Result<Jury, String> {
        let Some(package) = &job.package else { return Ok(Jury::default()) };
        let wanted = &package.judges;
        let get = |program| self.judges.get(program, &self.languages, self.cache.as_ref(), &self.pool, sequence);
        let mut jury = Jury {
            limits: super::jury::limits(wanted.cpu_ms, wanted.memory_bytes, wanted.output_bytes),
            passes: package.kind.passes,
            ..Jury::default()
        };
        for program in &wanted.validators {
            jury.validators.push(get(program).await?);
        }
        if let Some(program) = &wanted.interactor {
            jury.interactor = Some(get(program).await?);
        }
        if let Some(program) = wanted.static_validator.as_ref().filter(|_| job.tests.iter().any(|test| test.is_static))
        {
            jury.static_validator = Some(get(program).await?);
        }
        if let Some(program) = package.grader.as_ref().filter(|_| package.kind.scoring) {
            jury.grader = Some(get(program).await?);
        }
        Ok(jury)
    }

    fn does_not_compile(&self, job: &Job, language: &str, reason: String) -> Graded {
        self.without_tests(job, language, Verdict::CompileError, reason)
    }

    fn without_tests(&self, job: &Job, language: &str, verdict: Verdict, reason: String) -> Graded {
        Graded::Report(Box::new(SubmissionReport {
            submission_id: job.submission_id,
            verdict,
            reason,
            language: language.to_owned(),
            compile: None,
            tests: Vec::new(),
            groups: Vec::new(),
            score: None,
            cpu_limit_ms: job.limits.cpu_ms,
            memory_limit_bytes: job.limits.memory_bytes,
            same_as: None,
            cgroup: self.pool.cgroup().to_owned(),
        }))
    }

    fn pick_language(&self, job: &Job) -> Result<String, String> {
        for (name, content) in &job.files {
            assay_shared::submission::check_file_name(name)
                .map_err(|problem| format!("file name \"{}\" {problem}", name.escape_default()))?;
            if content.len() > assay_shared::submission::MAX_SOURCE_BYTES {
                return Err(format!("file {name} is larger than 16 MiB"));
            }
        }
        let takes_answers = job.package.as_ref().is_some_and(|package| package.kind.submit_answer);
        let allowed = job.package.as_ref().and_then(|package| package.languages.as_deref());
        let language = match &job.language {
            Some(name) => self.languages.get(name).or_else(|| self.languages.for_code(name)).ok_or_else(|| {
                format!("unknown language \"{}\"; `assay languages` lists them", name.escape_default())
            })?,
            None => match self.languages.detect(&job.files, allowed) {
                Err(DetectError::Unknown(_)) if takes_answers => {
                    self.languages.get(ANSWERS).ok_or("there is no language for answers")?
                }
                found => found.map_err(|error| error.to_string())?,
            },
        };
        if language.id() == ANSWERS {
            return if takes_answers {
                Ok(language.id().to_owned())
            } else {
                Err("answers are no program, and this problem wants one".to_owned())
            };
        }
        if let Some(allowed) = allowed
            && !allowed.iter().any(|code| code == language.code())
        {
            return Err(format!("language {} is not allowed; allowed: {}", language.id(), allowed.join(", ")));
        }
        Ok(language.id().to_owned())
    }
}

/// Milliseconds of CPU time of a compile step, where nobody names a limit.
pub const COMPILE_MS: u64 = 60_000;

/// The limits of compiling, with a memory that is usual if the problem names none.
pub fn compile_limits(cpu_ms: u64, memory_bytes: Option<u64>) -> Limits {
    Limits {
        cpu_ms,
        wall_ms: assay_shared::limits::default_wall_ms(cpu_ms),
        memory_bytes: memory_bytes.unwrap_or(2048 * MIB),
        pids: 128,
        stdout_bytes: MIB,
        stderr_bytes: 64 << 10,
        file_bytes: 256 * MIB,
    }
}

/// The tests of a package for the pipeline.
pub fn tests_of(package: &Package) -> Arc<[Test]> {
    package
        .tests
        .iter()
        .map(|test| Test {
            id: test.id.clone(),
            group: test.group.clone(),
            input: match &test.input {
                Input::File(path) => Content::File(path.clone()),
                Input::Static => Content::Bytes(Bytes::new()),
            },
            is_static: test.input == Input::Static,
            expected: test.answer.clone().map(Content::File),
            checker: test.checker.clone(),
            judge_args: test.judge_args.clone(),
            args: test.args.clone(),
            files: test.files.clone(),
            hint: test.hint.clone(),
            twin_of: test.twin_of.clone(),
            call: None,
        })
        .collect()
}

/// The groups of a scoring problem, if all of its tests are run.
fn scoring_of(package: &Package, tests: &[Test]) -> Option<Arc<Groups>> {
    (package.kind.scoring && tests.len() == package.tests.len()).then(|| Arc::clone(&package.groups))
}

/// The limits of a package's tests.
pub fn limits_of(package: &Package, limit_ms: u64) -> Limits {
    Limits {
        cpu_ms: limit_ms,
        wall_ms: assay_shared::limits::default_wall_ms(limit_ms),
        memory_bytes: package.memory_bytes.unwrap_or(2048 * MIB),
        // Questions and answers add up.
        stdout_bytes: package.output_bytes.unwrap_or(if package.kind.interactive { 64 * MIB } else { 8 * MIB }),
        ..Limits::default()
    }
}
