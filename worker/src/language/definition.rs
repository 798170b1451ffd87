//! The TOML form of a language: its fields, and whether they make sense.
//!
//! It does not look at the machine: whether a toolchain exists is not its concern.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use assay_sandbox::Profile;
use serde::Deserialize;

/// The definitions in the binary: id and text.
macro_rules! shipped {
    ($($id:literal),* $(,)?) => {
        &[$(($id, include_str!(concat!("../../languages/", $id, ".toml")))),*]
    };
}

const SHIPPED: &[(&str, &str)] = shipped![
    "ada",
    "algol68",
    "answers",
    "awk",
    "bash",
    "c",
    "cgmp",
    "clojure",
    "cobol",
    "cpp11",
    "cpp14",
    "cpp17",
    "cpp20",
    "cpp23",
    "cppgmp",
    "crystal",
    "csharp",
    "d",
    "elixir",
    "erlang",
    "forth",
    "fortran",
    "go",
    "haskell",
    "java",
    "javascript",
    "kotlin",
    "lisp",
    "lua",
    "nim",
    "objectivec",
    "ocaml",
    "octave",
    "pascal",
    "perl",
    "php",
    "prolog",
    "pypy3",
    "python3",
    "python3numpy",
    "r",
    "racket",
    "ruby",
    "rust",
    "scala",
    "tcl",
    "typescript",
];

/// A program that calls a function of a submission.
#[derive(Debug)]
pub(super) struct Harness {
    name: &'static str,
    pub(super) source: &'static str,
    /// Whether its language has neither arguments by name nor complex numbers.
    pub(super) is_plain: bool,
}

const HARNESSES: &[Harness] = &[
    Harness {
        name: "python3",
        source: concat!(include_str!("../../harness/python3/values.py"), include_str!("../../harness/python3/call.py")),
        is_plain: false,
    },
    Harness { name: "javascript", source: include_str!("../../harness/javascript/call.js"), is_plain: true },
];

const PLACEHOLDERS: [&str; 11] = [
    "{sources}",
    "{main}",
    "{main_stem}",
    "{main_class}",
    "{exe}",
    "{program}",
    "{program_dir}",
    "{memory_mib}",
    "{heap_mib}",
    "{stack_mib}",
    "{stack_kib}",
];

/// What only the command that calls a function has.
const HARNESS: &str = "{harness}";

/// Those that have a value when the compiler is asked for its version.
const VERSION_PLACEHOLDERS: [&str; 2] = ["{program}", "{program_dir}"];

/// Why the languages could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LanguageError {
    #[error("{}: {source}", file.display())]
    Read { file: PathBuf, source: std::io::Error },
    #[error("{}: {message}", file.display())]
    Parse { file: PathBuf, message: String },
    #[error("{}: {field}: {message}", file.display())]
    Field { file: PathBuf, field: String, message: String },
}

/// One language file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Definition {
    /// The name by which submissions and reports know it.
    pub(super) id: String,
    /// The name for people.
    pub(super) name: String,
    /// Other names that submissions may use.
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    /// The code in the problem package format; several languages may share one.
    pub(super) code: String,
    /// Extensions of sources, without the dot.
    pub(super) extensions: Vec<String>,
    /// Whether it is the one of its code that is chosen by extension.
    #[serde(default)]
    pub(super) default: bool,
    /// How the start of the program is found.
    #[serde(default)]
    pub(super) entry: Entry,
    /// Files that are the main one if they exist, in order.
    #[serde(default)]
    pub(super) main_files: Vec<String>,
    /// The first word of a source that is no program but a part of one, in any case of letters.
    #[serde(default)]
    pub(super) part_word: Option<String>,
    /// What lines of its sources begin or end with, and those of other languages with an extension of it do not.
    #[serde(default)]
    pub(super) line_mark: Option<String>,
    /// The part of the memory limit that `{heap_mib}` is.
    #[serde(default = "whole")]
    pub(super) heap_fraction: f64,
    /// The command that prints the version.
    pub(super) version: Vec<String>,
    /// Places to look for the toolchain; the first that exists is used.
    pub(super) toolchain: Vec<ToolchainDefinition>,
    /// The commands before the first run.
    #[serde(default)]
    pub(super) compile: Vec<StepDefinition>,
    /// The command that runs the program.
    pub(super) run: StepDefinition,
    /// How a function of the program is called instead.
    #[serde(default)]
    pub(super) function: Option<FunctionDefinition>,
}

/// How a function of a program is called.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FunctionDefinition {
    /// The name of the program of ours that calls it.
    harness: String,
    /// The command that starts that.
    pub(super) run: StepDefinition,
}

impl FunctionDefinition {
    /// The program that calls the function.
    pub(super) fn harness(&self) -> Option<&'static Harness> {
        HARNESSES.iter().find(|harness| harness.name == self.harness)
    }
}

/// How the start of the program is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Entry {
    /// It is a file.
    #[default]
    File,
    /// It is a class with a `main` method; files are named after their public class and lie in the directory of their package.
    Java,
    /// It is a class, most often the one that stands for a file with a function `main`.
    Kotlin,
    /// It is an object with a method `main`, or one that extends `App`.
    Scala,
}

/// One place where a toolchain may be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ToolchainDefinition {
    /// The compiler or interpreter; may begin with `~/` and contain `*`.
    pub(super) program: String,
    /// Further files that must exist.
    #[serde(default)]
    pub(super) requires: Vec<String>,
    /// Paths, of the same form as `program`, that the sandbox must show.
    #[serde(default)]
    pub(super) read_only: Vec<String>,
}

/// One command.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepDefinition {
    /// The program and its arguments, with placeholders.
    pub(super) argv: Vec<String>,
    /// Additions to the environment, with placeholders.
    #[serde(default)]
    pub(super) env: BTreeMap<String, String>,
    /// The fewest processes and threads that it works with.
    #[serde(default = "one")]
    pub(super) pids: u32,
    /// Memory of the runtime, on top of the program's limit.
    #[serde(default)]
    pub(super) extra_memory_mib: u32,
    /// The system call filter, where it is not the step's ordinary one.
    #[serde(default)]
    pub(super) profile: Option<Profile>,
    /// Whether the compile cache keeps what comes of it. What only checks a source costs little more than the keeping.
    #[serde(default = "yes")]
    pub(super) keep: bool,
    /// A header of the compiler's that it may find compiled already, as sources include it. Only a single step of GCC's can have it.
    #[serde(default)]
    pub(super) precompiled_header: Option<String>,
}

fn yes() -> bool {
    true
}

fn whole() -> f64 {
    1.0
}

fn one() -> u32 {
    1
}

impl Definition {
    /// The id and the aliases.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.id).chain(&self.aliases).map(String::as_str)
    }

    /// Whether a command of the language contains a placeholder.
    pub(super) fn uses(&self, placeholder: &str) -> bool {
        self.compile.iter().chain([&self.run]).flat_map(|step| &step.argv).any(|item| item.contains(placeholder))
    }

    /// Whether a command of the language contains the main file or its name.
    pub(super) fn uses_main_file(&self) -> bool {
        self.uses("{main}") || self.uses("{main_stem}")
    }

    fn check(&self) -> Result<(), (String, String)> {
        let fail = |field: &str, message: &str| Err((field.to_owned(), message.to_owned()));
        let is_word = |text: &str| !text.is_empty() && !text.chars().any(|c| c.is_whitespace() || c == '/');
        if !is_word(&self.id) {
            return fail("id", "must be one word");
        }
        if self.name.trim().is_empty() {
            return fail("name", "must not be empty");
        }
        if !is_word(&self.code) {
            return fail("code", "must be one word");
        }
        if !self.aliases.iter().all(|alias| is_word(alias)) {
            return fail("aliases", "each must be one word");
        }
        if self.extensions.is_empty() || !self.extensions.iter().all(|e| is_word(e) && !e.contains('.')) {
            return fail("extensions", "needs at least one, each without a dot");
        }
        if self.line_mark.as_ref().is_some_and(|mark| mark.trim().is_empty()) {
            return fail("line_mark", "must not be empty");
        }
        if !(self.heap_fraction > 0.0 && self.heap_fraction <= 1.0) {
            return fail("heap_fraction", "must be above 0 and at most 1");
        }
        if self.toolchain.is_empty() {
            return fail("toolchain", "needs at least one");
        }
        for (index, candidate) in self.toolchain.iter().enumerate() {
            let paths = candidate.requires.iter().chain(&candidate.read_only).chain([&candidate.program]);
            for path in paths {
                if !(path.starts_with('/') || path.starts_with("~/")) {
                    return fail(&format!("toolchain[{index}]"), &format!("'{path}' must begin with / or ~/"));
                }
            }
        }
        check_items("version", &self.version, &VERSION_PLACEHOLDERS)?;
        let steps = self.compile.iter().enumerate().map(|(index, step)| (format!("compile[{index}]"), step));
        let call = self.function.as_ref().map(|function| ("function.run".to_owned(), &function.run));
        for (field, step) in steps.chain([("run".to_owned(), &self.run)]).chain(call) {
            let mut known = PLACEHOLDERS.to_vec();
            if field == "function.run" {
                known.push(HARNESS);
            }
            check_items(&format!("{field}.argv"), &step.argv, &known)?;
            for (key, value) in &step.env {
                let field = format!("{field}.env.{key}");
                if key.is_empty() || key.contains(['=', '\0']) {
                    return fail(&field, "not a name of a variable");
                }
                check_item(&field, value, &PLACEHOLDERS)?;
                if value.contains("{sources}") {
                    return fail(&field, "{sources} can only be an item of argv");
                }
            }
            if let Some(header) = &step.precompiled_header {
                let is_plain = header.split('/').all(|part| !matches!(part, "" | "." | ".."))
                    && header.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._+-".contains(&byte));
                let field = format!("{field}.precompiled_header");
                if !is_plain {
                    return fail(&field, "must be the name of a header, such as bits/stdc++.h");
                }
                let has = |wanted: &str| step.argv.iter().any(|item| item == wanted);
                if self.compile.len() != 1 || !field.starts_with("compile") || !has("{sources}") || !has("{exe}") {
                    return fail(&field, "needs a single compile step with the items {sources} and {exe}");
                }
            }
            if step.pids == 0 {
                return fail(&format!("{field}.pids"), "must be at least 1");
            }
        }
        if let Some(function) = &self.function {
            if function.harness().is_none() {
                let names: Vec<&str> = HARNESSES.iter().map(|harness| harness.name).collect();
                let message = format!("there is no '{}'; there are {}", function.harness, names.join(", "));
                return fail("function.harness", &message);
            }
            if !function.run.argv.iter().any(|item| item == HARNESS) {
                return fail("function.run.argv", "needs the item {harness}");
            }
        }
        let class = self.entry != Entry::File;
        if class && self.uses_main_file() {
            return fail("entry", "{main} is a file; a language with classes has {main_class}");
        }
        if !class && self.uses("{main_class}") {
            return fail("entry", "{main_class} needs entry = \"java\", \"kotlin\" or \"scala\"");
        }
        Ok(())
    }
}

fn check_items(field: &str, items: &[String], known: &[&str]) -> Result<(), (String, String)> {
    let Some(program) = items.first() else { return Err((field.to_owned(), "must not be empty".to_owned())) };
    if !program.starts_with('/') && !["{program}", "{program_dir}/", "{exe}"].iter().any(|p| program.starts_with(p)) {
        return Err((field.to_owned(), format!("'{program}' must be an absolute path")));
    }
    for item in items {
        check_item(field, item, known)?;
        if item.contains("{sources}") && item != "{sources}" {
            return Err((field.to_owned(), format!("'{item}': {{sources}} must be an item of its own")));
        }
    }
    Ok(())
}

fn check_item(field: &str, item: &str, known: &[&str]) -> Result<(), (String, String)> {
    if item.contains('\0') {
        return Err((field.to_owned(), "contains a zero byte".to_owned()));
    }
    let mut rest = item;
    while let Some((start, end)) = placeholder(rest) {
        let found = &rest[start..end];
        if !known.contains(&found) {
            return Err((field.to_owned(), format!("no placeholder {found} here; there are {}", known.join(", "))));
        }
        rest = &rest[end..];
    }
    Ok(())
}

/// The bounds of the first `{word}` in a text.
pub(super) fn placeholder(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(open) = text[from..].find('{') {
        let start = from + open;
        let word = text[start + 1..].find(|c: char| !(c.is_ascii_lowercase() || c == '_'))?;
        let end = start + 1 + word;
        if word > 0 && text[end..].starts_with('}') {
            return Some((start, end + 1));
        }
        from = start + 1;
    }
    None
}

/// Whether a definition with this id comes with the program.
pub(super) fn is_shipped(id: &str) -> bool {
    SHIPPED.iter().any(|(shipped, _)| *shipped == id)
}

/// The definitions that come with the program.
pub(super) fn shipped() -> Result<Vec<(PathBuf, Definition)>, LanguageError> {
    SHIPPED.iter().map(|(id, text)| parse(PathBuf::from(format!("languages/{id}.toml")), text)).collect()
}

/// The definitions in a directory, by file name. Files that do not end in `.toml` are left alone.
pub(super) fn read_dir(dir: &Path) -> Result<Vec<(PathBuf, Definition)>, LanguageError> {
    let read = |file: &Path| {
        let file = file.to_owned();
        move |source| LanguageError::Read { file, source }
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(read(dir))? {
        let path = entry.map_err(read(dir))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    let mut definitions: Vec<(PathBuf, Definition)> = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).map_err(read(&file))?;
        let (file, definition) = parse(file, &text)?;
        if let Some((other, _)) = definitions.iter().find(|(_, other)| other.id == definition.id) {
            let message = format!("'{}' is the id of {} too", definition.id, other.display());
            return Err(LanguageError::Field { file, field: "id".to_owned(), message });
        }
        definitions.push((file, definition));
    }
    Ok(definitions)
}

/// Reads one definition and checks what can be checked without the others.
pub(super) fn parse(file: PathBuf, text: &str) -> Result<(PathBuf, Definition), LanguageError> {
    if let Err(line) = check_depth(text) {
        let message = format!("line {line}: more than {MAX_DEPTH} brackets in one another, or not closed");
        return Err(LanguageError::Parse { file, message });
    }
    match toml::from_str::<Definition>(text) {
        Err(error) => Err(LanguageError::Parse { file, message: error.to_string() }),
        Ok(definition) => match definition.check() {
            Err((field, message)) => Err(LanguageError::Field { file, field, message }),
            Ok(()) => Ok((file, definition)),
        },
    }
}

/// The parser calls itself for each bracket in another, and where tables and arrays take turns it does so to the end of the
/// stack. No definition needs more than three.
const MAX_DEPTH: usize = 32;

/// Whether the brackets outside of strings and comments are few; if not, the line of the first that is too deep.
fn check_depth(text: &str) -> Result<(), usize> {
    let (mut rest, mut depth) = (text, 0_usize);
    while let Some(first) = rest.chars().next() {
        let mut length = first.len_utf8();
        match first {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            '#' => length = rest.find('\n').unwrap_or(rest.len()),
            '"' | '\'' => length = string_length(rest, first),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(1 + text[..text.len() - rest.len()].matches('\n').count());
        }
        rest = &rest[length..];
    }
    Ok(())
}

/// The length of the string at the beginning of a text, its quotes included: up to the end of the line, or of three quotes.
fn string_length(text: &str, quote: char) -> usize {
    let three = [quote; 3].iter().collect::<String>();
    let (open, is_long) = if text.starts_with(&three) { (3, true) } else { (1, false) };
    let mut is_escaped = false;
    for (at, char) in text[open..].char_indices() {
        let at = open + at;
        if is_escaped {
            is_escaped = false;
        } else if char == '\\' && quote == '"' {
            is_escaped = true;
        } else if is_long && text[at..].starts_with(&three) {
            return at + 3;
        } else if !is_long && (char == quote || char == '\n') {
            return at + 1;
        }
    }
    text.len()
}

/// Checks what must be unique: names, and the default of a code.
pub(super) fn check_all<'a>(definitions: impl Iterator<Item = &'a (PathBuf, Definition)>) -> Result<(), LanguageError> {
    let mut names: BTreeMap<String, &Path> = BTreeMap::new();
    let mut defaults: BTreeMap<&str, &Path> = BTreeMap::new();
    for (file, definition) in definitions {
        let fail = |field: &str, message: String| {
            Err(LanguageError::Field { file: file.clone(), field: field.to_owned(), message })
        };
        for name in definition.names() {
            if let Some(other) = names.insert(name.to_lowercase(), file) {
                let field = if name == definition.id { "id" } else { "aliases" };
                return fail(field, format!("'{name}' is a name in {} too", other.display()));
            }
        }
        if definition.default
            && let Some(other) = defaults.insert(&definition.code, file)
        {
            let message = format!("{} is the default of the code '{}' too", other.display(), definition.code);
            return fail("default", message);
        }
    }
    Ok(())
}
