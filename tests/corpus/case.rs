//! A case: what it is, read from its file or directory, and the messages that it becomes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use assay_shared::SourceFile;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// The keys that `README.md` explains.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    id: String,
    tries: String,
    #[serde(default)]
    stops: Vec<String>,
    #[serde(default)]
    expect: Vec<String>,
    reason: Option<String>,
    language: Option<String>,
    #[serde(default)]
    limits: BTreeMap<String, u64>,
    stdin: Option<String>,
    stdout: Option<String>,
    #[serde(default)]
    secret: bool,
    #[serde(default = "one")]
    repeat: usize,
    #[serde(default)]
    needs: Vec<String>,
    message: Option<serde_json::Map<String, Value>>,
    source: Option<String>,
    #[serde(default)]
    parts: Vec<PartHeader>,
    #[serde(default)]
    together: bool,
}

const fn one() -> usize {
    1
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartHeader {
    files: Vec<String>,
    expect: Vec<String>,
    reason: Option<String>,
}

/// One submission of a case.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    files: Vec<(String, Vec<u8>)>,
    pub(crate) expect: Vec<String>,
    pub(crate) reason: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Case {
    header: Header,
    pub(crate) parts: Vec<Part>,
}

/// What the words in programs stand for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words(pub(crate) Vec<(&'static str, String)>);

impl Words {
    pub(crate) fn put_into(&self, text: &[u8]) -> Vec<u8> {
        let Ok(text) = std::str::from_utf8(text) else { return text.to_vec() };
        self.0.iter().fold(text.to_owned(), |text, (word, value)| text.replace(word, value)).into_bytes()
    }
}

impl Case {
    pub(crate) fn id(&self) -> &str {
        &self.header.id
    }

    pub(crate) fn tries(&self) -> &str {
        &self.header.tries
    }

    pub(crate) fn stops(&self) -> &[String] {
        &self.header.stops
    }

    pub(crate) fn repeat(&self) -> usize {
        self.header.repeat
    }

    pub(crate) fn needs(&self) -> &[String] {
        &self.header.needs
    }

    pub(crate) fn is_secret(&self) -> bool {
        self.header.secret
    }

    pub(crate) fn together(&self) -> bool {
        self.header.together
    }

    /// The longest that a test may take on the wall, in milliseconds.
    pub(crate) fn wall_ms(&self) -> u64 {
        let message = self.header.message.as_ref();
        let given = message.and_then(|message| message.get("limits")?.get("wall_ms")?.as_u64());
        given.unwrap_or_else(|| self.limit("wall_ms", 6000))
    }

    fn limit(&self, name: &str, default: u64) -> u64 {
        self.header.limits.get(name).copied().unwrap_or(default)
    }

    /// A new message for this part. `canary` is what is right where nobody can know it; `scale` stretches the limits of time.
    pub(crate) fn message(&self, part: &Part, words: &Words, canary: &str, scale: f64) -> Value {
        let header = &self.header;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "small"
        )]
        let stretched = |name: &str, default: u64| (self.limit(name, default) as f64 * scale) as u64;
        let files: Vec<Value> = part
            .files
            .iter()
            .map(|(name, content)| json!(SourceFile::new(name.clone(), words.put_into(content))))
            .collect();
        let first = part.files.first().map_or("", |(name, _)| name);
        let language = header.language.clone().unwrap_or_else(|| language_of(first).to_owned());
        let expected = match &header.stdout {
            _ if header.secret => format!("{canary}\n"),
            Some(text) => text.clone(),
            None => "42\n".to_owned(),
        };
        let mut message = json!({
            "version": 1,
            "submission_id": Uuid::new_v4(),
            "language": language,
            "files": files,
            "tests": [{"id": "1", "stdin": header.stdin.as_deref().unwrap_or("7\n"), "expected": expected}],
            "limits": {
                "cpu_ms": stretched("cpu_ms", 2000), "wall_ms": stretched("wall_ms", 6000),
                "memory_bytes": self.limit("memory_mib", 64) << 20, "pids": self.limit("pids", 16),
                "stdout_bytes": self.limit("stdout_kib", 64) << 10, "stderr_bytes": self.limit("stderr_kib", 64) << 10,
                "file_bytes": self.limit("file_mib", 16) << 20,
            },
        });
        for (key, value) in header.message.iter().flatten() {
            if value.is_null() {
                message.as_object_mut().map(|object| object.remove(key));
            } else {
                message[key] = value.clone();
            }
        }
        message
    }
}

fn language_of(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "c" => "c",
        "cpp" => "cpp17",
        "py" => "python3",
        "java" => "java",
        "rs" => "rust",
        "sh" => "bash",
        "pl" => "perl",
        "js" => "javascript",
        "hs" => "haskell",
        "nim" => "nim",
        "d" => "d",
        "go" => "go",
        "lisp" => "lisp",
        other => panic!("{name}: name the language, \"{other}\" says nothing"),
    }
}

/// Every case below the directory, in the order of their ids, and the files that are none with what is wrong with them.
pub(crate) fn load_all(directory: &Path) -> (Vec<Case>, Vec<(String, String)>) {
    let mut cases: Vec<Case> = Vec::new();
    let mut bad = Vec::new();
    for group in entries(directory) {
        for path in entries(&group) {
            // Packages are for actions, and what begins with a dot is an editor's.
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if name != "packages" && !name.starts_with('.') {
                match load(&path) {
                    Ok(case) => cases.push(case),
                    Err(error) => bad.push((name, error)),
                }
            }
        }
    }
    cases.sort_by(|a, b| a.id().cmp(b.id()));
    for pair in cases.windows(2) {
        if pair[0].id() == pair[1].id() {
            bad.push((pair[0].id().to_owned(), "two cases have this id".to_owned()));
        }
    }
    (cases, bad)
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

fn load(path: &Path) -> Result<Case, String> {
    let read = |path: &Path| std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
    let (header, files) = if path.is_dir() {
        let header = String::from_utf8(read(&path.join("case.yaml"))?).map_err(|error| error.to_string())?;
        let mut files = Vec::new();
        for file in entries(path).into_iter().filter(|file| !file.ends_with("case.yaml")) {
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            files.push((name, read(&file)?));
        }
        (header, files)
    } else if path.extension().is_some_and(|extension| extension == "yaml") {
        (String::from_utf8(read(path)?).map_err(|error| error.to_string())?, Vec::new())
    } else {
        let content = read(path)?;
        let extension = path.extension().map(|extension| extension.to_string_lossy().into_owned()).unwrap_or_default();
        let name = if extension == "java" { "Main.java".to_owned() } else { format!("main.{extension}") };
        (comment(&content), vec![(name, content)])
    };
    let header: Header = serde_saphyr::from_str(&header).map_err(|error| error.to_string())?;
    let mut files = files;
    if let Some(source) = &header.source {
        let name = source.rsplit_once('.').map_or_else(|| source.clone(), |(_, extension)| format!("main.{extension}"));
        files.push((name, read(&path.with_file_name(source))?));
    }
    let parts = if header.parts.is_empty() {
        vec![Part { files, expect: header.expect.clone(), reason: header.reason.clone() }]
    } else {
        let pick = |names: &[String]| {
            let find = |name: &String| {
                files.iter().find(|(other, _)| other == name).cloned().ok_or_else(|| format!("there is no {name}"))
            };
            names.iter().map(find).collect::<Result<Vec<_>, _>>()
        };
        let part = |part: &PartHeader| {
            Ok::<_, String>(Part {
                files: pick(&part.files)?,
                expect: part.expect.clone(),
                reason: part.reason.clone(),
            })
        };
        header.parts.iter().map(part).collect::<Result<Vec<_>, _>>()?
    };
    if parts.iter().any(|part| part.expect.is_empty()) {
        return Err("expect: no verdict is named".to_owned());
    }
    for name in header.limits.keys() {
        if !["cpu_ms", "wall_ms", "memory_mib", "pids", "stdout_kib", "stderr_kib", "file_mib"].contains(&name.as_str())
        {
            return Err(format!("limits: there is no {name}"));
        }
    }
    Ok(Case { header, parts })
}

/// The comment at the beginning of a file, without the marks.
fn comment(content: &[u8]) -> String {
    let text = String::from_utf8_lossy(content);
    let mark = |line: &'_ str| {
        ["//", "#", ";;", "--", "%"].into_iter().find(|mark| line.starts_with(*mark) && !line.starts_with("#!"))
    };
    let mut lines = text.lines().skip_while(|line| mark(line).is_none()).peekable();
    let Some(mark) = lines.peek().and_then(|line| mark(line)) else { return String::new() };
    let stripped = lines.map_while(|line| line.strip_prefix(mark)).map(|line| line.strip_prefix(' ').unwrap_or(line));
    stripped.collect::<Vec<_>>().join("\n")
}
