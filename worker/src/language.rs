//! The programming languages of submissions: which there are, which of them this machine has, and which commands compile and run
//! a submission.
//!
//! A language is data, one TOML file (`worker/languages`, described in `docs/languages.md`). This module reads those files, chooses
//! the language of a submission, finds its entry point and fills in the commands. It does not write sources to disk, start the
//! submission, choose its limits or judge what it does; the only programs it starts are compilers asked for their version.

mod definition;
mod entry;
#[cfg(test)]
mod fuzz;
mod header;
mod probe;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use assay_sandbox::Profile;
use definition::{Definition, Entry, StepDefinition};
use probe::Toolchain;

pub use definition::LanguageError;
pub use header::Precompiled;

/// Where the sources are, and the working directory of every step.
pub const WORK_DIR: &str = "/work";

/// Where the program of ours that calls functions is, in [`WORK_DIR`]: a directory that no file of a submission can be in, for
/// their names begin otherwise.
pub const HARNESS: &str = ".assay/harness";

/// The environment of every step, unless its definition says otherwise.
const BASE_ENV: [(&str, &str); 4] =
    [("PATH", "/usr/local/bin:/usr/bin:/bin"), ("HOME", "/tmp"), ("TMPDIR", "/tmp"), ("LANG", "C.UTF-8")];

/// The environment of every step that says nothing else.
pub fn base_env() -> Vec<(String, String)> {
    BASE_ENV.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// The most stack, in MiB, that a runtime with stacks of its own is asked to give each thread.
const MOST_STACK_MIB: u64 = 256;

/// Files that belong to a program without being compiled on their own.
const HEADERS: [&str; 7] = ["h", "H", "hh", "hpp", "hxx", "h++", "inc"];

/// All languages: the shipped ones and the user's.
#[derive(Debug)]
pub struct Languages {
    languages: Vec<Language>,
}

/// One language, and what is known of its toolchain on this machine.
#[derive(Debug)]
pub struct Language {
    definition: Definition,
    toolchain: OnceLock<Option<Toolchain>>,
    availability: OnceLock<Availability>,
}

/// Whether submissions in a language can be graded on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Availability {
    /// The toolchain is there and answers.
    Available {
        /// The compiler or interpreter.
        program: PathBuf,
        /// What it says about itself, one line.
        version: String,
    },
    /// The toolchain is absent or does not work.
    Missing {
        /// Why, and what to do about it.
        reason: String,
    },
}

/// A submission as it arrived.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// Name and content of each file.
    pub files: &'a [(String, Vec<u8>)],
    /// The file or class to start, where the submission names one.
    pub entry_point: Option<&'a str>,
}

/// One command to run in the sandbox, in [`WORK_DIR`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The program, by absolute path, and its arguments.
    pub argv: Vec<String>,
    /// The whole environment.
    pub env: Vec<(String, String)>,
    /// The fewest processes and threads that the step works with; the limit may be higher.
    pub pids: u32,
    /// Memory for the language's runtime, on top of the program's limit.
    pub extra_memory_bytes: u64,
    /// The system call filter.
    pub profile: Profile,
}

/// How one submission is compiled and run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// For each file of the submission, in order: its name in [`WORK_DIR`].
    pub place: Vec<String>,
    /// The steps before the first run; each must succeed.
    pub compile: Vec<Step>,
    /// The step that runs the program.
    pub run: Step,
    /// How a function of the program is called instead, where the language has that.
    pub call: Option<Call>,
    /// The file or class that is the program's beginning, or its first source.
    pub entry_point: String,
    /// How the one compile step can be shortened.
    pub precompiled: Option<Precompiled>,
    /// Whether it is worth keeping what the compile steps make.
    pub is_kept: bool,
}

impl Plan {
    /// The plan of files that nothing is to be done with.
    pub fn of_nothing(files: &[(String, Vec<u8>)]) -> Self {
        let run = Step { argv: Vec::new(), env: Vec::new(), pids: 1, extra_memory_bytes: 0, profile: Profile::Run };
        let place = files.iter().map(|(name, _)| name.clone()).collect();
        Self {
            place,
            compile: Vec::new(),
            run,
            entry_point: String::new(),
            call: None,
            precompiled: None,
            is_kept: true,
        }
    }
}

/// How a function of a program is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The step that starts the program of ours.
    pub step: Step,
    /// Its text, which is to be at [`HARNESS`].
    pub source: &'static str,
    /// Whether the language has neither arguments by name nor complex numbers.
    pub is_plain: bool,
}

/// Why no language was found for a set of files.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DetectError {
    #[error("no language is known for {}", list(.0))]
    Unknown(Vec<String>),
    #[error("the files are in more than one language: {}", list(.0))]
    Mixed(Vec<String>),
    #[error("the language of {} is not allowed; allowed: {}", list(.files), .allowed.join(", "))]
    NotAllowed { files: Vec<String>, allowed: Vec<String> },
    #[error("Python 2 is not supported: {0}")]
    Python2(String),
}

/// Why a submission cannot be planned. None of these is the program's failure at run time.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    #[error("{0}")]
    Unavailable(String),
    #[error("no {language} source among {}", list(.files))]
    NoSources { language: String, files: Vec<String> },
    #[error("'{0}' cannot be a file name of a submission")]
    FileName(String),
    #[error("'{first}' and '{second}' would both be '{place}', or one a directory that the other is")]
    Collision { first: String, second: String, place: String },
    #[error("'{0}' cannot be the name of a class")]
    ClassName(String),
    #[error("the source must be at '{}…', and that path is too long", .0.chars().take(64).collect::<String>())]
    TooLong(String),
    #[error("the entry point '{entry}' is none of {}", list(.files))]
    EntryPoint { entry: String, files: Vec<String> },
}

/// The longest name of a file (NAME_MAX), and a path that leaves room for what comes before and after it.
const LONGEST_NAME: usize = 255;
const LONGEST_PATH: usize = 1024;
/// Changes with a file: its number, size and time, or that it is not there.
pub fn stamp(path: &Path) -> String {
    std::fs::metadata(path).map_or_else(
        |_| "-".to_owned(),
        |found| format!("{} {} {} {}", found.ino(), found.len(), found.mtime(), found.mtime_nsec()),
    )
}

fn list(files: &[String]) -> String {
    if files.is_empty() { "no files".to_owned() } else { files.join(", ") }
}

impl Languages {
    /// Reads the shipped definitions and then those of `user_dir`, which replace shipped ones with the same id.
    pub fn load(user_dir: Option<&Path>) -> Result<Self, LanguageError> {
        let mut by_id = BTreeMap::new();
        for (file, definition) in definition::shipped()? {
            by_id.insert(definition.id.clone(), (file, definition));
        }
        if let Some(dir) = user_dir {
            for (file, definition) in definition::read_dir(dir)? {
                by_id.insert(definition.id.clone(), (file, definition));
            }
        }
        definition::check_all(by_id.values())?;
        let languages = by_id.into_values().map(|(_, definition)| Language::new(definition)).collect();
        Ok(Self { languages })
    }

    /// The language with this id or alias; capitals do not matter.
    pub fn get(&self, id_or_alias: &str) -> Option<&Language> {
        let is_it = |name: &str| name.eq_ignore_ascii_case(id_or_alias);
        self.languages.iter().find(|language| language.definition.names().any(is_it))
    }

    /// All languages, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Language> {
        self.languages.iter()
    }

    /// The default language of a code of the problem package format.
    pub fn for_code(&self, code: &str) -> Option<&Language> {
        self.languages.iter().find(|language| language.definition.default && language.definition.code == code)
    }

    /// The language of a submission that does not name one, by the extensions of its files.
    ///
    /// Headers and files of no language (data, notes) do not count, as long as there is a file that does. An extension of several
    /// languages is of the one whose mark the sources have, or else of the first that is allowed.
    pub fn detect(
        &self,
        files: &[(String, Vec<u8>)],
        allowed_codes: Option<&[String]>,
    ) -> Result<&Language, DetectError> {
        let allowed =
            |language: &Language| allowed_codes.is_none_or(|codes| codes.iter().any(|code| code == language.code()));
        let mut found: Vec<&Language> = Vec::new();
        let mut named = Vec::new();
        let mut refused = Vec::new();
        for (name, content) in files {
            let Some(extension) = extension(name) else { continue };
            if HEADERS.contains(&extension) {
                continue;
            }
            let mut known = self.languages.iter().filter(|language| {
                language.definition.default && language.extensions().iter().any(|known| known == extension)
            });
            if extension == "py2" || (extension == "py" && has_python2_shebang(content)) {
                return Err(DetectError::Python2(name.clone()));
            }
            let Some(first) = known.next() else { continue };
            let mut candidates = std::iter::once(first).chain(known).filter(|language| allowed(language));
            let Some(language) = candidates.next() else {
                refused.push(name.clone());
                continue;
            };
            let language = candidates.find(|other| other.marks(extension, files)).unwrap_or(language);
            named.push(name.clone());
            if !found.iter().any(|other| other.id() == language.id()) {
                found.push(language);
            }
        }
        match (found.as_slice(), refused.is_empty()) {
            ([language], true) => Ok(language),
            (_, false) => {
                Err(DetectError::NotAllowed { files: refused, allowed: allowed_codes.unwrap_or_default().to_vec() })
            }
            ([], true) => Err(DetectError::Unknown(files.iter().map(|(name, _)| name.clone()).collect())),
            _ => Err(DetectError::Mixed(named)),
        }
    }

    /// The paths outside the system's program directories that the toolchains found on this machine need.
    pub fn read_only_paths(&self) -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> = self
            .languages
            .iter()
            .filter_map(Language::toolchain)
            .flat_map(|toolchain| toolchain.read_only.iter().cloned())
            .collect();
        paths.sort();
        paths.dedup();
        paths
    }
}

impl Language {
    fn new(definition: Definition) -> Self {
        Self { definition, toolchain: OnceLock::new(), availability: OnceLock::new() }
    }

    /// The name by which submissions and reports know it.
    pub fn id(&self) -> &str {
        &self.definition.id
    }

    /// The name for people.
    pub fn name(&self) -> &str {
        &self.definition.name
    }

    /// Other names that submissions may use.
    pub fn aliases(&self) -> &[String] {
        &self.definition.aliases
    }

    /// Its code in the problem package format.
    pub fn code(&self) -> &str {
        &self.definition.code
    }

    /// Extensions of its sources, without the dot; the first is the usual one.
    pub fn extensions(&self) -> &[String] {
        &self.definition.extensions
    }

    /// Whether the toolchain is there and works. It is asked once, at the first call, which may take up to ten seconds.
    pub fn availability(&self) -> &Availability {
        self.availability.get_or_init(|| {
            let Some(toolchain) = self.toolchain() else {
                return Availability::Missing { reason: self.missing() };
            };
            let fill = Fill::of_toolchain(toolchain);
            let argv: Vec<String> = self.definition.version.iter().map(|item| fill.item(item)).collect();
            match probe::version(&argv, &BASE_ENV) {
                Ok(version) => Availability::Available { program: toolchain.program.clone(), version },
                Err(why) => Availability::Missing {
                    reason: format!("{} at {} does not work: {why}", self.name(), toolchain.program.display()),
                },
            }
        })
    }

    /// The same if it is known already.
    pub fn known_availability(&self) -> Option<&Availability> {
        self.availability.get()
    }

    /// What tells this toolchain from another one that would have the same name: the version that it says it has, and what the
    /// files are that it consists of below `root`. Nothing if it is not there.
    pub fn toolchain_key(&self, root: &Path) -> Option<String> {
        let Availability::Available { program, version } = self.availability() else { return None };
        let below = |path: &Path| root.join(path.strip_prefix("/").unwrap_or(path));
        let parts = std::iter::once(program).chain(&self.toolchain()?.read_only);
        let parts: Vec<String> = parts.map(|path| format!("{} {}", path.display(), stamp(&below(path)))).collect();
        Some(format!("{} {version} {}", self.id(), parts.join(" ")))
    }

    /// Whether functions of its programs can be called.
    pub fn calls_functions(&self) -> bool {
        self.definition.function.is_some()
    }

    /// Whether a file with this extension has a line with the mark of the language.
    fn marks(&self, wanted: &str, files: &[(String, Vec<u8>)]) -> bool {
        let Some(mark) = self.definition.line_mark.as_ref().map(String::as_bytes) else { return false };
        let of_extension = files.iter().filter(|(name, _)| extension(name) == Some(wanted));
        of_extension.flat_map(|(_, content)| content.split(|byte| *byte == b'\n')).any(|line| {
            let line = line.trim_ascii();
            line.starts_with(mark) || line.ends_with(mark)
        })
    }

    /// How a submission in this language is compiled and run with a memory limit.
    pub fn plan(&self, sources: &Sources, memory_bytes: u64) -> Result<Plan, PlanError> {
        match self.toolchain() {
            Some(toolchain) => self.plan_with(toolchain, sources, memory_bytes),
            None => Err(PlanError::Unavailable(self.missing())),
        }
    }

    fn toolchain(&self) -> Option<&Toolchain> {
        self.toolchain.get_or_init(|| probe::find(&self.definition.toolchain)).as_ref()
    }

    fn missing(&self) -> String {
        let programs: Vec<&str> =
            self.definition.toolchain.iter().map(|candidate| candidate.program.as_str()).collect();
        let (id, programs) = (self.id(), programs.join(" or "));
        let advice = if definition::is_shipped(id) {
            format!("; install it with: scripts/install-toolchains {id}")
        } else {
            String::new()
        };
        format!("no {id} toolchain at {programs}{advice}")
    }

    fn plan_with(&self, toolchain: &Toolchain, sources: &Sources, memory_bytes: u64) -> Result<Plan, PlanError> {
        let names: Vec<String> = sources.files.iter().map(|(name, _)| name.clone()).collect();
        if let Some(name) = names.iter().find(|name| !is_safe(name)) {
            return Err(PlanError::FileName(name.clone()));
        }
        let is_source =
            |name: &str| extension(name).is_some_and(|found| self.extensions().iter().any(|known| known == found));
        if !names.iter().any(|name| is_source(name)) {
            return Err(PlanError::NoSources { language: self.id().to_owned(), files: names });
        }

        let mut place = names.clone();
        let mut main = None;
        let mut main_class = None;
        match self.definition.entry {
            Entry::File => main = Some(self.main_file(&names, is_source, sources)?),
            Entry::Java | Entry::Kotlin | Entry::Scala => {
                let mut units: Vec<(&str, entry::Unit)> = Vec::new();
                for ((name, content), place) in sources.files.iter().zip(&mut place) {
                    if is_source(name) {
                        let unit = entry::read(name, content, self.definition.entry);
                        if let Some(path) = unit.place(name) {
                            *place = path;
                        }
                        units.push((name, unit));
                    }
                }
                units.sort_by_key(|(name, _)| *name);
                let class = entry::main_class(&units, sources.entry_point);
                if !entry::is_class_name(&class) {
                    let class = class.escape_default().to_string();
                    return Err(match sources.entry_point {
                        Some(_) => PlanError::EntryPoint { entry: class, files: names },
                        None => PlanError::ClassName(class),
                    });
                }
                main_class = Some(class);
            }
        }
        // Java's sources lie where their packages say.
        if let Some(path) =
            place.iter().find(|path| path.len() > LONGEST_PATH || path.split('/').any(|part| part.len() > LONGEST_NAME))
        {
            return Err(PlanError::TooLong(path.clone()));
        }
        for (second, path) in place.iter().enumerate() {
            let is_below = |path: &str, other: &str| path.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'));
            let meets = |other: &String| other == path || is_below(path, other) || is_below(other, path);
            if let Some(first) = place[..second].iter().position(meets) {
                return Err(PlanError::Collision {
                    first: names[first].clone(),
                    second: names[second].clone(),
                    place: path.clone(),
                });
            }
        }

        let mut exe = format!("{WORK_DIR}/program");
        while place.iter().any(|path| format!("{WORK_DIR}/{path}").starts_with(&exe)) {
            exe.push('_');
        }
        let memory_mib = (memory_bytes >> 20).max(1);
        let first_source = || place.iter().find(|path| is_source(path)).cloned();
        let entry_point = main_class.clone().or_else(|| main.clone()).or_else(first_source).unwrap_or_default();
        let fill = Fill {
            main: main.as_deref().map(argument),
            main_class,
            exe: Some(exe),
            sources: place.iter().filter(|path| is_source(path)).map(|path| argument(path)).collect(),
            memory_mib,
            heap_mib: share(memory_mib, self.definition.heap_fraction),
            ..Fill::of_toolchain(toolchain)
        };
        Ok(Plan {
            compile: self.definition.compile.iter().map(|step| fill.step(step, Profile::Compile)).collect(),
            run: fill.step(&self.definition.run, Profile::Run),
            call: self.definition.function.as_ref().and_then(|function| {
                let harness = function.harness()?;
                Some(Call {
                    step: fill.step(&function.run, Profile::Run),
                    source: harness.source,
                    is_plain: harness.is_plain,
                })
            }),
            precompiled: self.precompiled(&fill, sources, is_source),
            is_kept: self.definition.compile.iter().any(|step| step.keep),
            entry_point,
            place,
        })
    }

    /// What of the compile step can be done before, if all sources begin with it.
    fn precompiled(
        &self,
        fill: &Fill<'_>,
        sources: &Sources<'_>,
        is_source: impl Fn(&str) -> bool,
    ) -> Option<Precompiled> {
        let definition = self.definition.compile.first()?;
        let header = definition.precompiled_header.as_ref()?;
        let mut compiled = sources.files.iter().filter(|(name, _)| is_source(name));
        compiled
            .all(|(_, content)| header::begins_with(content, header))
            .then(|| Precompiled::new(fill, definition, header))
    }

    /// The file that is given to the compiler or interpreter as the program.
    fn main_file(
        &self,
        names: &[String],
        is_source: impl Fn(&str) -> bool,
        sources: &Sources<'_>,
    ) -> Result<String, PlanError> {
        if let Some(entry) = sources.entry_point
            && self.definition.uses_main_file()
        {
            let stem_matches = |name: &&String| name.rsplit_once('.').is_some_and(|(stem, _)| stem == entry);
            let exact = names.iter().find(|name| *name == entry);
            return exact
                .or_else(|| names.iter().filter(|name| is_source(name)).find(stem_matches))
                .cloned()
                .ok_or_else(|| PlanError::EntryPoint {
                    entry: entry.escape_default().to_string(),
                    files: names.to_vec(),
                });
        }
        let main = self.definition.main_files.iter().find(|main| names.contains(main));
        let is_part = |content: &[u8]| {
            let word = self.definition.part_word.as_deref();
            word.is_some_and(|word| entry::first_word(content).eq_ignore_ascii_case(word.as_bytes()))
        };
        let known = sources.files.iter().filter(|(name, _)| is_source(name));
        let first = known.map(|(name, content)| (is_part(content), name)).min().map(|(_, name)| name);
        Ok(main.or(first).cloned().unwrap_or_default())
    }
}

/// The values of the placeholders.
#[derive(Debug)]
struct Fill<'a> {
    toolchain: &'a Toolchain,
    main: Option<String>,
    main_class: Option<String>,
    exe: Option<String>,
    sources: Vec<String>,
    memory_mib: u64,
    heap_mib: u64,
}

impl<'a> Fill<'a> {
    fn of_toolchain(toolchain: &'a Toolchain) -> Self {
        Self { toolchain, main: None, main_class: None, exe: None, sources: Vec::new(), memory_mib: 1, heap_mib: 1 }
    }

    /// `profile` is the filter of a step of which the definition does not say it.
    fn step(&self, definition: &StepDefinition, profile: Profile) -> Step {
        let mut argv = Vec::new();
        for item in &definition.argv {
            if item == "{sources}" {
                argv.extend(self.sources.iter().cloned());
            } else {
                argv.push(self.item(item));
            }
        }
        let mut env: BTreeMap<String, String> = base_env().into_iter().collect();
        env.extend(definition.env.iter().map(|(key, value)| (key.clone(), self.item(value))));
        Step {
            argv,
            env: env.into_iter().collect(),
            pids: definition.pids,
            extra_memory_bytes: u64::from(definition.extra_memory_mib) << 20,
            profile: definition.profile.unwrap_or(profile),
        }
    }

    /// An item with its placeholders replaced, in one pass: what is filled in is not looked at again.
    fn item(&self, item: &str) -> String {
        let mut filled = String::new();
        let mut rest = item;
        while let Some((start, end)) = definition::placeholder(rest) {
            filled.push_str(&rest[..start]);
            filled.push_str(&self.value(&rest[start..end]));
            rest = &rest[end..];
        }
        filled.push_str(rest);
        filled
    }

    fn value(&self, placeholder: &str) -> String {
        let stack_mib = (self.memory_mib / 4).clamp(1, MOST_STACK_MIB);
        match placeholder {
            "{program}" => self.toolchain.program.display().to_string(),
            "{program_dir}" => self.toolchain.program.parent().map(|dir| dir.display().to_string()).unwrap_or_default(),
            "{main}" => self.main.clone().unwrap_or_default(),
            "{main_stem}" => self.main.as_deref().map(stem).unwrap_or_default().to_owned(),
            "{main_class}" => self.main_class.clone().unwrap_or_default(),
            "{exe}" => self.exe.clone().unwrap_or_default(),
            "{memory_mib}" => self.memory_mib.to_string(),
            "{harness}" => format!("{WORK_DIR}/{HARNESS}"),
            "{heap_mib}" => self.heap_mib.to_string(),
            "{stack_mib}" => stack_mib.to_string(),
            "{stack_kib}" => (stack_mib * 1024).to_string(),
            other => other.to_owned(),
        }
    }
}

/// A fraction, between 0 and 1, of an amount; at least 1.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the result lies between 0 and the amount, and whole MiB need no more digits"
)]
fn share(amount: u64, fraction: f64) -> u64 {
    ((amount as f64 * fraction) as u64).max(1)
}

fn extension(name: &str) -> Option<&str> {
    let base = name.rsplit('/').next()?;
    base.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, extension)| extension)
}

/// A file's name without its extension.
fn stem(name: &str) -> &str {
    extension(name).map_or(name, |extension| &name[..name.len() - extension.len() - 1])
}

/// Whether a name stays inside the work directory and can be shown in a message.
fn is_safe(name: &str) -> bool {
    !name.is_empty()
        && name.len() < 1024
        && !name.chars().any(char::is_control)
        && name.split('/').all(|part| !matches!(part, "" | "." | "..") && part.len() < 256)
}

/// A file name that no compiler takes for an option.
fn argument(path: &str) -> String {
    if path.starts_with(|first: char| first.is_alphanumeric() || first == '_') {
        path.to_owned()
    } else {
        format!("./{path}")
    }
}

fn has_python2_shebang(content: &[u8]) -> bool {
    let line = content.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    line.starts_with("#!") && line.contains("python2")
}
