//! The submission message, version 1: what a queue carries and what a JSON Lines file holds, one a line.

use std::collections::HashSet;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::checker::{Checker, CheckerKind};
use crate::limits::LimitsRequest;
use crate::value::Value;

/// The only version of the message there is.
pub const MESSAGE_VERSION: u32 = 1;
/// All source files of a submission together, in bytes.
pub const MAX_SOURCE_BYTES: usize = 16 << 20;
/// Files of a submission.
pub const MAX_FILES: usize = 256;
/// Inline tests of a submission.
pub const MAX_TESTS: usize = 10_000;
/// Characters of a file name, its directories included.
pub const MAX_NAME: usize = 255;

/// A submission as it travels: what to grade, with which tests, under which limits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// The version of this message: 1.
    pub version: u32,
    /// The identity: the same id twice is one submission.
    pub submission_id: Uuid,
    /// The batch it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_id: Option<String>,
    /// Whose it is, for fairness between users of one queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// A language id or alias, such as `cpp17`; `assay languages` lists them.
    pub language: String,
    /// The source files.
    pub files: Vec<SourceFile>,
    /// The file or class to start, where the language's own rule is not the right one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_point: Option<String>,
    /// A problem package that the worker has. Exactly one of `problem` and `tests` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<ProblemRef>,
    /// Inline tests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<Vec<InlineTest>>,
    /// The function that inline tests call, where they do not run the whole program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<Function>,
    /// How outputs are compared; for inline tests only, a package brings its own. Of a function's results only the tolerances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checker: Option<Checker>,
    /// Limits of each test's run.
    #[serde(default)]
    pub limits: LimitsRequest,
    /// When to stop running tests.
    #[serde(default)]
    pub stop: StopRule,
    /// Returned as it came.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub metadata: serde_json::Map<String, serde_json::Value>,
}

/// One source file; its content is given as `text` or as `base64`, not both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceFile {
    /// A relative path of letters, digits, `_`, `.`, `+` and `-`, at most 255 characters.
    pub name: String,
    /// The content as UTF-8 text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The content as base64 with padding (RFC 4648, section 4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
}

impl SourceFile {
    /// A file of these bytes, as text where they are UTF-8.
    pub fn new(name: impl Into<String>, content: Vec<u8>) -> Self {
        match String::from_utf8(content) {
            Ok(text) => Self { name: name.into(), text: Some(text), base64: None },
            Err(error) => Self { name: name.into(), text: None, base64: Some(STANDARD.encode(error.as_bytes())) },
        }
    }

    /// The content in bytes, or why there is none.
    pub fn content(&self) -> Result<Vec<u8>, &'static str> {
        match (&self.text, &self.base64) {
            (Some(text), None) => Ok(text.clone().into_bytes()),
            (None, Some(encoded)) => STANDARD.decode(encoded).map_err(|_| "is not valid base64"),
            (None, None) => Err("needs \"text\" or \"base64\""),
            (Some(_), Some(_)) => Err("has both \"text\" and \"base64\"; give one"),
        }
    }
}

/// A problem package by name, pinned by the hash of its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProblemRef {
    /// The package's directory name.
    pub id: String,
    /// The hash of the package's content, 64 hexadecimal digits. A worker whose package has another one refuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// A test that travels with the submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InlineTest {
    /// A name that is unique in the submission.
    pub id: String,
    /// What the program reads on standard input.
    #[serde(default)]
    pub stdin: String,
    /// What it should print. Without it any output is right, and only the run itself is judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What the function is called with, instead of `stdin`: values as `docs/functions.md` describes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub args: Option<Vec<serde_json::Value>>,
    /// Arguments by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kwargs: Option<serde_json::Map<String, serde_json::Value>>,
    /// What the function should return, instead of `expected`. It stays outside the sandbox.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub returns: Option<serde_json::Value>,
}

/// A field that is there, even if it is null.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<serde_json::Value>, D::Error> {
    serde_json::Value::deserialize(deserializer).map(Some)
}

/// A function of the submission that tests call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Its name in the submission's main file.
    pub name: String,
}

/// When to stop running the tests of a submission.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopRule {
    /// After the first test that is not accepted.
    #[default]
    FirstFail,
    /// In each group of tests, after the first test that is not accepted.
    GroupFail,
    /// Never: run them all.
    Never,
}

/// The fields of the message and of the objects in it.
const FIELDS: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "version",
            "submission_id",
            "batch_id",
            "tenant",
            "language",
            "files",
            "entry_point",
            "problem",
            "tests",
            "function",
            "checker",
            "limits",
            "stop",
            "metadata",
        ],
    ),
    ("files", &["name", "text", "base64"]),
    ("problem", &["id", "sha256"]),
    ("tests", &["id", "stdin", "expected", "args", "kwargs", "returns"]),
    ("function", &["name"]),
    ("checker", &["kind", "float_absolute", "float_relative", "case_sensitive", "space_sensitive"]),
    ("limits", &["cpu_ms", "wall_ms", "memory_bytes", "pids", "stdout_bytes", "stderr_bytes", "file_bytes"]),
];

/// Takes the fields out that no message has, and names them.
fn remove_unknown(value: &mut serde_json::Value) -> Vec<Violation> {
    fn clean(value: &mut serde_json::Value, place: &str, known: &[&str], found: &mut Vec<Violation>) {
        let Some(object) = value.as_object_mut() else { return };
        object.retain(|name, _| {
            let keep = known.contains(&name.as_str());
            if !keep {
                let dot = if place.is_empty() { "" } else { "." };
                let field = format!("{place}{dot}{}", name.escape_default());
                found.push(Violation { field, problem: "is no field of the message".to_owned() });
            }
            keep
        });
    }
    let mut found = Vec::new();
    for (part, known) in FIELDS {
        if part.is_empty() {
            clean(value, "", known, &mut found);
            continue;
        }
        match value.get_mut(part) {
            Some(serde_json::Value::Array(items)) => {
                for (index, item) in items.iter_mut().enumerate() {
                    clean(item, &format!("{part}[{index}]"), known, &mut found);
                }
            }
            Some(item) => clean(item, part, known, &mut found),
            None => {}
        }
    }
    found
}

/// One thing wrong with a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The field, such as `files[0].name`; empty for the message as a whole.
    pub field: String,
    /// What is wrong with it and what is allowed.
    pub problem: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() { f.write_str(&self.problem) } else { write!(f, "{} {}", self.field, self.problem) }
    }
}

/// The message cannot be graded; every reason at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed(pub Vec<Violation>);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, violation) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{violation}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Malformed {}

impl Submission {
    /// Reads a message and checks it whole.
    ///
    /// # Errors
    /// [`Malformed`] with every violation: unknown fields, what a field's type or its absence forbids, values out of range.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut violations = match serde_json::from_slice::<Self>(bytes) {
            Ok(submission) => {
                let violations = submission.violations();
                return if violations.is_empty() { Ok(submission) } else { Err(Malformed(violations)) };
            }
            Err(error) if error.is_syntax() || error.is_eof() => {
                vec![Violation { field: String::new(), problem: format!("is not JSON: {error}") }]
            }
            Err(error) => vec![Violation { field: String::new(), problem: error.to_string() }],
        };
        // The parser stops at its first complaint. Without the fields that it would stumble over the rest can be looked at.
        let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(bytes) else {
            return Err(Malformed(violations));
        };
        if !value.is_object() {
            return Err(Malformed(violations));
        }
        let unknown = remove_unknown(&mut value);
        if !unknown.is_empty() {
            violations = unknown;
            match serde_json::from_value::<Self>(value) {
                Ok(submission) => violations.extend(submission.violations()),
                Err(error) => violations.push(Violation { field: String::new(), problem: error.to_string() }),
            }
        }
        Err(Malformed(violations))
    }

    /// Everything that is wrong with the values of this message; empty if it can be graded.
    pub fn violations(&self) -> Vec<Violation> {
        let mut found = Vec::new();
        let mut add = |field: String, problem: &str| found.push(Violation { field, problem: problem.to_owned() });
        if self.version != MESSAGE_VERSION {
            add("version".into(), "must be 1");
        }
        if self.language.is_empty() || self.language.len() > 64 || self.language.contains(char::is_control) {
            add("language".into(), "must be 1 to 64 characters without control characters");
        }
        for (field, value) in
            [("batch_id", &self.batch_id), ("tenant", &self.tenant), ("entry_point", &self.entry_point)]
        {
            if value
                .as_ref()
                .is_some_and(|value| value.is_empty() || value.len() > 255 || value.contains(char::is_control))
            {
                add(field.into(), "must be 1 to 255 characters without control characters");
            }
        }
        self.check_files(&mut add);
        match (&self.problem, &self.tests) {
            (None, None) => add("tests".into(), "or \"problem\" must be given"),
            (Some(_), Some(_)) => add("tests".into(), "and \"problem\" are both given; give one"),
            (Some(problem), None) => {
                if problem.id.is_empty()
                    || problem.id.len() > 255
                    || problem.id.contains(['/', '\0'])
                    || problem.id.starts_with('.')
                {
                    add("problem.id".into(), "must be the name of a package directory");
                }
                if problem
                    .sha256
                    .as_ref()
                    .is_some_and(|hash| hash.len() != 64 || !hash.bytes().all(|b| b.is_ascii_hexdigit()))
                {
                    add("problem.sha256".into(), "must be 64 hexadecimal digits");
                }
                if self.checker.is_some() {
                    add("checker".into(), "goes with inline tests only; the package brings its own");
                }
            }
            (None, Some(tests)) => {
                check_tests(tests, &mut add);
                for (index, test) in tests.iter().enumerate() {
                    if self.function.is_some() {
                        check_call(index, test, &mut add);
                    } else {
                        check_no_call(index, test, &mut add);
                    }
                }
            }
        }
        self.check_function(&mut add);
        for (field, problem) in self.checker.iter().flat_map(Checker::violations).chain(self.limits.violations()) {
            add(field.into(), problem);
        }
        found
    }

    fn check_function(&self, add: &mut impl FnMut(String, &str)) {
        let Some(function) = &self.function else { return };
        let begins = |first: char| first.is_alphabetic() || first == '_' || first == '$';
        let goes_on = |char: char| char.is_alphanumeric() || char == '_' || char == '$';
        if !function.name.starts_with(begins) || !function.name.chars().all(goes_on) || function.name.len() > 255 {
            add(
                "function.name".into(),
                "must be a name: 1 to 255 letters, digits, '_' and '$', not beginning with a digit",
            );
        }
        if self.problem.is_some() {
            add("function".into(), "goes with inline tests only");
        }
        if self.checker.as_ref().is_some_and(|checker| {
            checker.kind != CheckerKind::Tokens || checker.case_sensitive || checker.space_sensitive
        }) {
            add("checker".into(), "of a function's results has only float_absolute and float_relative");
        }
    }

    fn check_files(&self, add: &mut impl FnMut(String, &str)) {
        if self.files.is_empty() || self.files.len() > MAX_FILES {
            add("files".into(), "must hold 1 to 256 files");
        }
        let mut names = HashSet::new();
        let directories: HashSet<&str> =
            self.files.iter().flat_map(|file| file.name.match_indices('/').map(|(at, _)| &file.name[..at])).collect();
        let mut bytes = 0;
        for (index, file) in self.files.iter().enumerate() {
            if let Err(problem) = check_file_name(&file.name) {
                add(format!("files[{index}].name"), problem);
            } else if !names.insert(&file.name) {
                add(format!("files[{index}].name"), "is given twice");
            } else if directories.contains(file.name.as_str()) {
                add(format!("files[{index}].name"), "is also the directory of another file");
            }
            match file.content() {
                Ok(content) => bytes += content.len(),
                Err(problem) => add(format!("files[{index}]"), problem),
            }
        }
        if bytes > MAX_SOURCE_BYTES {
            add("files".into(), "hold more than 16 MiB together");
        }
    }
}

fn check_tests(tests: &[InlineTest], add: &mut impl FnMut(String, &str)) {
    if tests.is_empty() || tests.len() > MAX_TESTS {
        add("tests".into(), "must hold 1 to 10000 tests");
    }
    let mut ids = HashSet::new();
    for (index, test) in tests.iter().enumerate() {
        if test.id.is_empty() || test.id.len() > 255 || test.id.contains(char::is_control) {
            add(format!("tests[{index}].id"), "must be 1 to 255 characters without control characters");
        } else if !ids.insert(&test.id) {
            add(format!("tests[{index}].id"), "is given twice");
        }
    }
}

/// A test of a function has arguments and a result, and each is a value.
fn check_call(index: usize, test: &InlineTest, add: &mut impl FnMut(String, &str)) {
    for (field, given) in [("stdin", !test.stdin.is_empty()), ("expected", test.expected.is_some())] {
        if given {
            add(
                format!("tests[{index}].{field}"),
                "goes with whole programs; with \"function\" give \"args\" and \"returns\"",
            );
        }
    }
    match &test.args {
        None => add(format!("tests[{index}].args"), "must be given with \"function\""),
        Some(args) => {
            for (place, arg) in args.iter().enumerate() {
                check_value(format!("tests[{index}].args[{place}]"), arg, add);
            }
        }
    }
    for (name, arg) in test.kwargs.iter().flatten() {
        check_value(format!("tests[{index}].kwargs.{}", name.escape_default()), arg, add);
    }
    match &test.returns {
        None => add(format!("tests[{index}].returns"), "must be given with \"function\""),
        Some(value) => check_value(format!("tests[{index}].returns"), value, add),
    }
}

fn check_no_call(index: usize, test: &InlineTest, add: &mut impl FnMut(String, &str)) {
    for (field, given) in
        [("args", test.args.is_some()), ("kwargs", test.kwargs.is_some()), ("returns", test.returns.is_some())]
    {
        if given {
            add(format!("tests[{index}].{field}"), "goes with \"function\" only");
        }
    }
}

fn check_value(field: String, value: &serde_json::Value, add: &mut impl FnMut(String, &str)) {
    if let Err(problem) = Value::read(value) {
        add(field, &problem);
    }
}

/// Whether a source file may have this name. A name is a relative path whose parts begin with a letter, a digit or `_`,
/// so that no part is `..`, hidden, or an option to a compiler.
///
/// # Errors
/// What is wrong with it, as a phrase that follows the name of the field.
pub fn check_file_name(name: &str) -> Result<(), &'static str> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.+-".contains(&byte);
    if name.is_empty() {
        return Err("is empty");
    }
    if name.len() > MAX_NAME {
        return Err("is longer than 255 characters");
    }
    for part in name.split('/') {
        if part.is_empty() || !part.bytes().all(allowed) {
            return Err("may hold only letters, digits, '_', '.', '+', '-' and single '/'");
        }
        if !part.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_') {
            return Err("has a part that does not begin with a letter, a digit or '_'");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Submission, check_file_name};

    /// `shared/schemas` is what other programs check messages against. `ASSAY_WRITE_SCHEMAS=1 cargo test` writes it anew.
    #[test]
    fn the_checked_in_schema_is_that_of_the_message() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/submission-v1.json");
        let schema = serde_json::to_string_pretty(&schemars::schema_for!(Submission)).expect("a schema") + "\n";
        if std::env::var_os("ASSAY_WRITE_SCHEMAS").is_some() {
            std::fs::write(path, &schema).expect("the schema is written");
        }
        let checked_in = std::fs::read_to_string(path).unwrap_or_default();
        assert!(checked_in == schema, "{path} is out of date; write it with ASSAY_WRITE_SCHEMAS=1 cargo test");
    }

    const GOOD: &str = r#"{"version":1,"submission_id":"018f3b1e-0000-7000-8000-000000000001","language":"cpp17",
        "files":[{"name":"main.cpp","text":"int main(){}"}],"tests":[{"id":"1","stdin":"","expected":""}]}"#;

    #[test]
    fn a_small_message_is_read_and_written_back_alike() {
        let read = Submission::from_json(GOOD.as_bytes()).expect("a good message");
        let written = serde_json::to_vec(&read).expect("serializes");
        assert_eq!(Submission::from_json(&written), Ok(read));
    }

    #[test]
    fn every_violation_is_named_at_once() {
        let bad = GOOD
            .replace("\"version\":1", "\"version\":2")
            .replace("main.cpp", "../etc/passwd")
            .replace("\"id\":\"1\"", "\"id\":\"\"")
            .replace("\"language\":\"cpp17\"", "\"language\":\"\",\"limits\":{\"pids\":0}");
        let error = Submission::from_json(bad.as_bytes()).expect_err("four mistakes");
        let fields: Vec<_> = error.0.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(fields, ["version", "language", "files[0].name", "tests[0].id", "limits.pids"]);
    }

    #[test]
    fn an_unknown_field_is_refused_by_name() {
        let bad = GOOD.replace("\"version\":1", "\"version\":1,\"tests_dir\":\"x\"");
        let error = Submission::from_json(bad.as_bytes()).expect_err("an unknown field");
        assert!(error.to_string().contains("tests_dir"), "{error}");
    }

    #[test]
    fn an_entry_point_is_a_name() {
        for bad in ["", "A\\u0000B", &"a".repeat(256)] {
            let bad = GOOD.replace("\"version\":1", &format!("\"version\":1,\"entry_point\":\"{bad}\""));
            let error = Submission::from_json(bad.as_bytes()).expect_err("no name");
            assert_eq!(error.0.iter().map(|violation| violation.field.as_str()).collect::<Vec<_>>(), ["entry_point"]);
        }
    }

    #[test]
    fn unknown_fields_do_not_hide_the_rest_and_the_table_of_fields_is_complete() {
        let bad = GOOD
            .replace("\"version\":1", "\"version\":2,\"x\":1")
            .replace("\"text\"", "\"mode\":7,\"text\"")
            .replace("main.cpp", "../x");
        let error = Submission::from_json(bad.as_bytes()).expect_err("four mistakes");
        let fields: Vec<_> = error.0.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(fields, ["x", "files[0].mode", "version", "files[0].name"]);

        let schema = serde_json::to_value(schemars::schema_for!(Submission)).expect("a schema");
        let of = |value: &serde_json::Value| {
            let names =
                value["properties"].as_object().map(|properties| properties.keys().cloned().collect::<Vec<_>>());
            let mut names = names.unwrap_or_default();
            names.sort();
            names
        };
        let parts = [
            ("files", "SourceFile"),
            ("problem", "ProblemRef"),
            ("tests", "InlineTest"),
            ("function", "Function"),
            ("checker", "Checker"),
            ("limits", "LimitsRequest"),
        ];
        for (part, known) in super::FIELDS {
            let definition = parts.iter().find(|(name, _)| name == part);
            let of_schema = definition.map_or_else(|| of(&schema), |(_, name)| of(&schema["$defs"][*name]));
            let mut known: Vec<_> = known.iter().map(|name| (*name).to_owned()).collect();
            known.sort();
            assert_eq!(known, of_schema, "{part}");
        }
    }

    const CALL: &str = r#"{"version":1,"submission_id":"018f3b1e-0000-7000-8000-000000000001","language":"python3",
        "files":[{"name":"main.py","text":"def f(x): pass"}],"function":{"name":"f"},
        "tests":[{"id":"1","args":[12345678901234567890123,1.0],"kwargs":{"k":{"$tuple":[]}},"returns":null}]}"#;

    #[test]
    fn a_test_of_a_function_may_return_nothing_and_keeps_its_digits() {
        let read = Submission::from_json(CALL.as_bytes()).expect("a good message");
        let written = serde_json::to_string(&read).expect("serializes");
        assert!(written.contains("12345678901234567890123,1.0]") && written.contains("\"returns\":null"), "{written}");
        assert_eq!(Submission::from_json(written.as_bytes()), Ok(read));
    }

    #[test]
    fn functions_and_whole_programs_do_not_mix_and_every_violation_is_named() {
        let fields = |text: &str| {
            let error = Submission::from_json(text.as_bytes()).expect_err("mistakes");
            error.0.into_iter().map(|violation| violation.field).collect::<Vec<_>>()
        };
        assert_eq!(
            fields(&CALL.replace("\"function\":{\"name\":\"f\"},", "")),
            ["tests[0].args", "tests[0].kwargs", "tests[0].returns"]
        );
        let bad = CALL
            .replace("\"name\":\"f\"", "\"name\":\"f()\"")
            .replace("\"args\":[", "\"stdin\":\"x\",\"args\":[{\"$lambda\":1},")
            .replace("\"$tuple\":[]", "\"$tuple\":1")
            .replace(",\"returns\":null", "")
            .replace("\"tests\"", "\"checker\":{\"case_sensitive\":true},\"tests\"");
        let places =
            ["tests[0].stdin", "tests[0].args[0]", "tests[0].kwargs.k", "tests[0].returns", "function.name", "checker"];
        assert_eq!(fields(&bad), places);
        assert_eq!(
            fields(&CALL.replace("\"tests\":[", "\"problem\":{\"id\":\"p\"},\"tests\":[")),
            ["tests", "function"]
        );
        assert_eq!(
            fields(&GOOD.replace("\"tests\"", "\"function\":{\"name\":\"f\"},\"tests\"")),
            ["tests[0].expected", "tests[0].args", "tests[0].returns"]
        );
    }

    #[test]
    fn hostile_file_names_are_refused() {
        for name in ["", "..", "a/../b", "/a", "a//b", "-fplugin=x", "@rsp", "a\nb", "a;b", "a b", ".hidden", "a/", "é"]
        {
            assert!(check_file_name(name).is_err(), "{name:?}");
        }
        for name in ["main.cpp", "pkg/Main.java", "a-b+c_d.py", "_x", "1.c"] {
            assert_eq!(check_file_name(name), Ok(()), "{name:?}");
        }
        assert!(check_file_name(&"a".repeat(256)).is_err());
    }
}
