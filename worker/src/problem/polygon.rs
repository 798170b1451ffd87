//! Packages of Codeforces Polygon: `problem.xml`, and the files that it names.
//!
//! Every path is one of `problem.xml`, and none may lead out of the package or to a hidden file.

mod points;
mod types;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use assay_shared::Checker;
use roxmltree::{Document, Node, ParsingOptions};

use super::meta::{MIN_MEMORY_BYTES, Meta};
use super::points::ExpectedPoints;
use super::program::includes;
use super::{
    Contents, ExampleSubmission, Expectation, Findings, Format, Include, Input, Judges, Kind, Program, ProgramFile,
    Protocol, TestCase, TimeLimit, file_name,
};

/// Larger than any that Polygon writes.
const MAX_XML_BYTES: u64 = 16 << 20;
const MAX_XML_NODES: u32 = 2_000_000;
/// The parser compares the attributes of an element with each other.
const MAX_ATTRIBUTES: usize = 100;
const MAX_TESTS: usize = 100_000;

/// Whether the directory has Polygon's description of a problem and no other.
pub(super) fn is_package(root: &Path) -> bool {
    root.join("problem.xml").is_file()
        && !root.join("problem.yaml").is_file()
        && !root.join("domjudge-problem.ini").is_file()
}

/// Reads a package; nothing if there is a problem that leaves nothing to read.
pub(super) fn read(root: &Path, findings: &mut Findings) -> Option<Contents> {
    let text = match xml(root) {
        Ok(text) => text,
        Err(error) => {
            findings.problem(format!("problem.xml: {error}"));
            return None;
        }
    };
    // Without a DTD there are no entities but those of XML itself.
    let options = ParsingOptions { nodes_limit: MAX_XML_NODES, ..ParsingOptions::default() };
    let document = match Document::parse_with_options(&text, options) {
        Ok(document) => document,
        Err(error) => {
            findings.problem(format!("problem.xml: not XML that can be read: {error}"));
            return None;
        }
    };
    let problem = document.root_element();
    if !problem.has_tag_name("problem") {
        let name = problem.tag_name().name();
        findings
            .problem(format!("problem.xml: begins with <{name}> and not with <problem>: this is no Polygon package"));
        return None;
    }
    let mut reader = Reader { root, findings, unsupported: Vec::new(), resources: Vec::new() };
    let contents = reader.problem(problem);
    (reader.findings.problems.is_empty()).then_some(contents?)
}

fn xml(root: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    fs::File::open(root.join("problem.xml"))
        .and_then(|file| file.take(MAX_XML_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_XML_BYTES {
        return Err(format!("has more than {} MiB", MAX_XML_BYTES >> 20));
    }
    if most_attributes(&bytes) > MAX_ATTRIBUTES {
        return Err(format!("has an element with more than {MAX_ATTRIBUTES} attributes"));
    }
    Ok(String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').to_owned())
}

/// The most attributes of an element. What is no XML may give any number.
fn most_attributes(xml: &[u8]) -> usize {
    let after = |rest: &[u8], end: &[u8]| rest.windows(end.len()).position(|part| part == end).map(|at| at + end.len());
    let (mut most, mut at) = (0, 0);
    while let Some(start) = xml[at..].iter().position(|byte| *byte == b'<') {
        let tag = &xml[at + start..];
        let skipped = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")];
        let skipped = skipped.iter().find(|(begin, _)| tag.starts_with(begin.as_bytes()));
        let length = if let Some((begin, end)) = skipped {
            after(&tag[begin.len()..], end.as_bytes()).map(|length| begin.len() + length)
        } else {
            let (mut quote, mut count) = (None, 0);
            let end = tag.iter().position(|byte| {
                match quote {
                    Some(open) if *byte == open => quote = None,
                    None if matches!(byte, b'"' | b'\'') => quote = Some(*byte),
                    None if *byte == b'=' => count += 1,
                    _ => {}
                }
                *byte == b'>' && quote.is_none()
            });
            most = most.max(count);
            end.map(|end| end + 1)
        };
        let Some(length) = length else { break };
        at += start + length;
    }
    most
}

fn child<'a, 'x>(node: Node<'a, 'x>, name: &str) -> Option<Node<'a, 'x>> {
    node.children().find(|child| child.has_tag_name(name))
}

/// The elements of this name in the first list of that name.
fn listed<'a, 'x>(node: Node<'a, 'x>, list: &str, name: &'static str) -> impl Iterator<Item = Node<'a, 'x>> {
    child(node, list).into_iter().flat_map(move |list| list.children().filter(move |item| item.has_tag_name(name)))
}

fn text_of<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    child(node, name)?.text().map(str::trim).filter(|text| !text.is_empty())
}

/// An attribute that says something.
fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attribute(name).map(str::trim).filter(|text| !text.is_empty())
}

/// A file that other programs are compiled or run with.
struct Resource {
    name: String,
    path: String,
    file: PathBuf,
    /// What it is for, in small letters; the judges if nothing is said.
    assets: Vec<String>,
    stages: Vec<String>,
    /// Types of the programs that it is for.
    masks: Vec<String>,
}

impl Resource {
    fn is_for(&self, asset: &str) -> bool {
        if self.assets.is_empty() { asset != "solution" } else { self.assets.iter().any(|other| other == asset) }
    }

    fn is_for_stage(&self, stage: &str) -> bool {
        if self.stages.is_empty() { stage == "compile" } else { self.stages.iter().any(|other| other == stage) }
    }
}

struct Reader<'a> {
    root: &'a Path,
    findings: &'a mut Findings,
    /// Why the problem cannot be graded.
    unsupported: Vec<String>,
    resources: Vec<Resource>,
}

impl Reader<'_> {
    fn problem(&mut self, problem: Node<'_, '_>) -> Option<Contents> {
        self.resources = self.resources(problem);
        let judging = child(problem, "judging");
        let Some(testset) = judging.and_then(|judging| self.testset(judging)) else {
            self.findings.problem("problem.xml: judging: there is no testset; download a package with tests");
            return None;
        };
        let time_limit = self.number(testset, "time-limit", 1, 3_600_000, "milliseconds")?;
        let memory_bytes = self.number(testset, "memory-limit", MIN_MEMORY_BYTES, u64::MAX, "bytes")?;
        let tests = self.tests(judging?, testset)?;
        let (groups, scoring) = points::read(testset, &tests, self.findings)?;
        let assets = child(problem, "assets");
        let judges = self.judges(assets);
        let submissions = assets.map(|assets| self.solutions(assets, scoring)).unwrap_or_default();
        if submissions.is_empty() {
            self.findings.warning("problem.xml: assets: there are no solutions");
        }
        let include = self.include();
        let kind = Kind { scoring, interactive: judges.interactor.is_some(), submit_answer: false, passes: 1 };
        let meta = Meta {
            format: Format::Polygon,
            name: name(problem),
            unsupported: (!self.unsupported.is_empty()).then(|| self.unsupported.join("; ")),
            kind,
            custom_judge: !judges.validators.is_empty() || judges.interactor.is_some(),
            judges,
            grader: None,
            time_limit: TimeLimit::Explicit { ms: time_limit },
            memory_bytes: Some(memory_bytes),
            output_bytes: None,
            code_bytes: None,
            compile_ms: None,
            compile_memory_bytes: None,
            languages: None,
            checker: Checker::default(),
            flags: Vec::new(),
            constants: BTreeMap::new(),
        };
        Some(Contents { meta, tests, groups, submissions, include })
    }

    /// The file that a path of `problem.xml` means, if it is one of the package.
    fn file(&mut self, place: &str, path: &str) -> Option<PathBuf> {
        match self.find(path) {
            Ok(Some(file)) => Some(file),
            Ok(None) => {
                self.findings.problem(format!("problem.xml: {place}: there is no file {}", path.escape_debug()));
                None
            }
            Err(why) => {
                self.findings.problem(format!("problem.xml: {place}: {why}"));
                None
            }
        }
    }

    /// The file of this path; nothing if it is not there. An error is why a package may not have such a path.
    fn find(&self, path: &str) -> Result<Option<PathBuf>, String> {
        let mut target = self.root.to_owned();
        for part in Path::new(path).components() {
            match part {
                Component::CurDir => {}
                // What is hidden is not hashed.
                Component::Normal(name) if !name.to_string_lossy().starts_with(['.', '-']) => target.push(name),
                _ => return Err(format!("\"{}\" is hidden or leaves the package", path.escape_debug())),
            }
        }
        Ok(target.is_file().then_some(target))
    }

    /// The tests that count.
    fn testset<'a, 'x>(&mut self, judging: Node<'a, 'x>) -> Option<Node<'a, 'x>> {
        let all: Vec<_> = judging.children().filter(|node| node.has_tag_name("testset")).collect();
        let of_name = all.iter().find(|node| node.attribute("name") == Some("tests"));
        let chosen = *of_name.or_else(|| all.first())?;
        for other in all.iter().filter(|other| **other != chosen) {
            let name = |node: Node<'_, '_>| node.attribute("name").unwrap_or_default().to_owned();
            self.findings.warning(format!(
                "problem.xml: testset \"{}\": left out, the tests are those of \"{}\"",
                name(*other),
                name(chosen)
            ));
        }
        Some(chosen)
    }

    fn number(&mut self, node: Node<'_, '_>, name: &str, low: u64, high: u64, unit: &str) -> Option<u64> {
        let text = text_of(node, name).unwrap_or_default();
        let number = text.parse().ok().filter(|number| (low..=high).contains(number));
        if number.is_none() {
            let most = if high == u64::MAX { String::new() } else { format!(" and at most {high}") };
            self.findings.problem(format!(
                "problem.xml: {name}: must be {unit}, at least {low}{most}, not \"{}\"",
                text.escape_debug()
            ));
        }
        number
    }

    fn tests(&mut self, judging: Node<'_, '_>, testset: Node<'_, '_>) -> Option<Vec<TestCase>> {
        let entries: Vec<_> = listed(testset, "tests", "test").collect();
        let count = match text_of(testset, "test-count") {
            None => entries.len(),
            Some(text) => match text.parse() {
                Ok(count) if entries.is_empty() || count == entries.len() => count,
                _ => {
                    let (text, listed) = (text.escape_debug(), entries.len());
                    self.findings.problem(format!("problem.xml: test-count is {text}, and {listed} tests are listed"));
                    return None;
                }
            },
        };
        if count == 0 || count > MAX_TESTS {
            self.findings.problem(format!("problem.xml: there must be 1 to {MAX_TESTS} tests, not {count}"));
            return None;
        }
        let files = self.files_of_runs(judging);
        let input_file = attribute(judging, "input-file").filter(|name| *name != "stdin");
        let (input, answer) =
            (self.pattern(testset, "input-path-pattern")?, self.pattern(testset, "answer-path-pattern")?);
        let mut tests = Vec::new();
        let mut missing = Vec::new();
        for number in 1..=count {
            let mut found = Vec::new();
            for path in [input.fill(number), answer.fill(number)] {
                match self.find(&path) {
                    Ok(Some(file)) => found.push(file),
                    Ok(None) => missing.push(path),
                    Err(why) => {
                        self.findings.problem(format!("problem.xml: {why}"));
                        return None;
                    }
                }
            }
            let [input_path, answer_path] = found.as_slice() else { continue };
            let mut files = files.clone();
            files.extend(input_file.map(|name| (name.to_owned(), input_path.clone())));
            let id = input.fill(number);
            tests.push(TestCase {
                id: id.strip_suffix(".in").unwrap_or(&id).to_owned(),
                input: Input::File(input_path.clone()),
                answer: Some(answer_path.clone()),
                checker: Checker::default(),
                judge_args: Vec::new(),
                args: Vec::new(),
                files,
                hint: None,
                twin_of: None,
                group: entries
                    .get(number - 1)
                    .and_then(|test| attribute(*test, "group"))
                    .unwrap_or_default()
                    .to_owned(),
            });
        }
        if let [first, ..] = missing.as_slice() {
            let more =
                if missing.len() > 1 { format!(" and {} more are", missing.len() - 1) } else { " is".to_owned() };
            self.findings.problem(format!(
                "{first}{more} not there: this is a standard package, without the tests that are generated; \
                 download the full package, or run its doall script"
            ));
            return None;
        }
        Some(tests)
    }

    /// Files that programs find in their directory, beside the input. Says what of it is not done.
    fn files_of_runs(&mut self, judging: Node<'_, '_>) -> Vec<(String, PathBuf)> {
        if let Some(name) = attribute(judging, "input-file")
            && (name.contains('/') || assay_shared::submission::check_file_name(name).is_err())
        {
            self.findings.problem(format!("problem.xml: input-file: \"{}\" is no name of a file", name.escape_debug()));
        }
        if let Some(name) = attribute(judging, "output-file").filter(|name| *name != "stdout") {
            self.unsupported.push(format!(
                "problem.xml: output-file: programs write {}, and only standard output is judged",
                name.escape_debug()
            ));
        }
        if let Some(runs) = attribute(judging, "run-count").filter(|runs| *runs != "1") {
            self.unsupported
                .push(format!("problem.xml: run-count: programs are run {} times on a test", runs.escape_debug()));
        }
        let runs = self.resources.iter().filter(|resource| resource.is_for("solution") && resource.is_for_stage("run"));
        runs.map(|resource| (resource.name.clone(), resource.file.clone())).collect()
    }

    fn pattern(&mut self, testset: Node<'_, '_>, name: &str) -> Option<Pattern> {
        let text = text_of(testset, name).unwrap_or_default();
        let pattern = Pattern::parse(text);
        if pattern.is_none() {
            self.findings.problem(format!(
                "problem.xml: {name}: must be a path with one number in it, such as tests/%02d, not \"{}\"",
                text.escape_debug()
            ));
        }
        pattern
    }

    /// The files that programs are compiled or run with; of two with one name the first.
    fn resources(&mut self, problem: Node<'_, '_>) -> Vec<Resource> {
        let mut resources: Vec<Resource> = Vec::new();
        let files = child(problem, "files");
        for node in files.into_iter().flat_map(|files| listed(files, "resources", "file")) {
            let Some(path) = attribute(node, "path") else { continue };
            let words = |list: &str, name: &'static str| -> Vec<String> {
                let names = listed(node, list, name).filter_map(|item| item.attribute("name"));
                names.map(str::to_ascii_lowercase).collect()
            };
            let (assets, stages) = (words("assets", "asset"), words("stages", "stage"));
            let judging = assets.is_empty() || assets.iter().any(|asset| asset != "validator");
            // Statements are written with these.
            if !judging || types::is_of_statements(path) {
                continue;
            }
            let file = match self.find(path) {
                Ok(Some(file)) => file,
                Ok(None) => {
                    self.findings.warning(format!("problem.xml: resources: {path} is not there"));
                    continue;
                }
                Err(why) => {
                    self.findings.problem(format!("problem.xml: resources: {why}"));
                    continue;
                }
            };
            let masks = attribute(node, "for-types").or_else(|| attribute(node, "for-type"));
            let masks = masks.map(|masks| masks.split([';', ',', ' ']).map(|mask| mask.trim().to_owned()).collect());
            let own = || vec![attribute(node, "type").unwrap_or("*").to_owned()];
            resources.push(Resource {
                name: file_name(&file),
                path: path.to_owned(),
                file,
                assets,
                stages,
                masks: masks.unwrap_or_else(own),
            });
        }
        resources
    }

    /// What is compiled with submissions, by language code.
    fn include(&mut self) -> Include {
        let mut include: Include = BTreeMap::new();
        let mut for_all = Vec::new();
        for resource in &self.resources {
            if !(resource.is_for("solution") && resource.is_for_stage("compile")) {
                continue;
            }
            let content = match fs::read(&resource.file) {
                Ok(content) => content,
                Err(error) => {
                    self.findings.problem(format!("{}: {error}", resource.path));
                    continue;
                }
            };
            for mask in &resource.masks {
                match types::codes_of_mask(mask) {
                    types::Codes::All => for_all.push((resource.name.clone(), content.clone())),
                    types::Codes::These(codes) => {
                        for code in codes {
                            let files = include.entry((*code).to_owned()).or_default();
                            if !files.iter().any(|(name, _)| *name == resource.name) {
                                files.push((resource.name.clone(), content.clone()));
                            }
                        }
                    }
                    types::Codes::Unknown => self.findings.warning(format!(
                        "problem.xml: resources: {}: for {}, which no language here is",
                        resource.path,
                        mask.escape_debug()
                    )),
                }
            }
        }
        for files in include.values_mut() {
            files.extend(for_all.iter().cloned());
        }
        include.insert("default".to_owned(), for_all);
        include
    }

    fn judges(&mut self, assets: Option<Node<'_, '_>>) -> Judges {
        let mut judges = Judges::default();
        let Some(assets) = assets else {
            self.findings.problem("problem.xml: there are no assets, and with them no checker");
            return judges;
        };
        if let Some(interactor) = child(assets, "interactor") {
            let twice = listed(interactor, "runs", "run").any(|run| run.text().map(str::trim) != Some("1"));
            if twice {
                self.unsupported.push("problem.xml: interactor: runs: programs are run twice on a test".to_owned());
            }
            judges.interactor = self.judge("interactor", interactor);
        }
        match child(assets, "checker") {
            Some(checker) => {
                if let Some(other) = attribute(checker, "type").filter(|other| *other != "testlib") {
                    self.unsupported.push(format!(
                        "problem.xml: checker: type {} is not known; known is testlib",
                        other.escape_debug()
                    ));
                }
                judges.validators.extend(self.judge("checker", checker));
            }
            None if judges.interactor.is_none() => {
                self.findings.warning("problem.xml: there is no checker; outputs are compared word by word");
            }
            None => {}
        }
        if child(assets, "scorer").is_some() {
            self.findings.warning("problem.xml: scorer: left out, points are those of tests and groups");
        }
        judges
    }

    /// A program that judges, with the resources that it is compiled with.
    fn judge(&mut self, asset: &'static str, node: Node<'_, '_>) -> Option<Arc<Program>> {
        let source = child(node, "source")?;
        let Some(path) = attribute(source, "path") else {
            self.findings.problem(format!("problem.xml: {asset}: source: there is no path"));
            return None;
        };
        let file = self.file(asset, path)?;
        let kind = attribute(source, "type").unwrap_or_default();
        if !types::can_judge(kind, path) {
            self.unsupported.push(format!(
                "problem.xml: {asset}: {} is {}, and judges can be in C, C++ and Python",
                path.escape_debug(),
                if kind.is_empty() {
                    "in another language".to_owned()
                } else {
                    format!("of type {}", kind.escape_debug())
                }
            ));
            return None;
        }
        let mut paths = vec![(file_name(&file), file.clone())];
        // All sources are compiled together, so that only what says that it belongs to the program may be one.
        let resources = self.resources.iter().filter(|resource| {
            resource.is_for(asset) && (!resource.assets.is_empty() || !types::is_source(&resource.name))
        });
        for resource in resources {
            if !paths.iter().any(|(name, _)| *name == resource.name) {
                paths.push((resource.name.clone(), resource.file.clone()));
            }
        }
        let mut files: Vec<ProgramFile> = Vec::new();
        let mut at = 0;
        while let Some((name, from)) = paths.get(at).cloned() {
            at += 1;
            let content = match fs::read(&from) {
                Ok(content) => content,
                Err(error) => {
                    self.findings.problem(format!("{}: {error}", super::shown(self.root, &from)));
                    continue;
                }
            };
            // Packages that list no resources have their headers beside the source or in files/.
            for header in includes(&content) {
                let header = header.split('/').filter(|part| *part != ".").collect::<Vec<_>>().join("/");
                let known = paths.iter().any(|(name, _)| *name == header);
                let near = || {
                    let dirs = [file.parent().unwrap_or(self.root).to_owned(), self.root.join("files")];
                    dirs.iter()
                        .map(|dir| super::shown(self.root, &dir.join(&header)))
                        .find_map(|path| self.find(&path).ok()?)
                };
                if !known && let Some(found) = near() {
                    paths.push((header, found));
                } else if !known && header == "testlib.h" {
                    self.findings.problem(format!(
                        "problem.xml: {asset}: {name} includes testlib.h, which the package does not have; put it into files/"
                    ));
                }
            }
            files.push(ProgramFile { name, content, executable: false });
        }
        Some(Arc::new(Program { name: path.to_owned(), files, protocol: Protocol::Testlib }))
    }

    fn solutions(&mut self, assets: Node<'_, '_>, scoring: bool) -> Vec<ExampleSubmission> {
        let mut submissions = Vec::new();
        for solution in listed(assets, "solutions", "solution") {
            let Some(source) = child(solution, "source") else { continue };
            let Some(path) = attribute(source, "path") else { continue };
            let Some(file) = self.file("solutions", path) else { continue };
            let tag = attribute(solution, "tag").unwrap_or_default();
            if tag == "do-not-run" {
                self.findings.warning(format!("{path}: left out, its tag is do-not-run"));
                continue;
            }
            let expectation = types::expectation(tag).unwrap_or_else(|| {
                self.findings
                    .warning(format!("{path}: nothing is expected of it, its tag is \"{}\"", tag.escape_debug()));
                Expectation::Unknown
            });
            if child(solution, "extra-tags").is_some_and(|tags| tags.children().any(|tag| tag.is_element())) {
                self.findings.warning(format!("{path}: extra-tags: left out, only the tag of all tests is checked"));
            }
            let full = scoring && matches!(tag, "main" | "accepted");
            submissions.push(ExampleSubmission {
                path: path.to_owned(),
                files: vec![(file_name(&file), file)],
                language: attribute(source, "type").and_then(types::language).map(str::to_owned),
                entry_point: None,
                expectation,
                points: if full { ExpectedPoints::of_directory("accepted") } else { ExpectedPoints::default() },
            });
        }
        submissions
    }
}

fn name(problem: Node<'_, '_>) -> Option<String> {
    let names: Vec<_> = listed(problem, "names", "name").collect();
    let english = names.iter().find(|name| name.attribute("language") == Some("english"));
    let chosen = english.or_else(|| names.first()).and_then(|name| attribute(*name, "value"));
    chosen.or_else(|| attribute(problem, "short-name")).map(str::to_owned)
}

/// A path with the number of a test in it, as `printf` writes it.
struct Pattern {
    before: String,
    zeros: bool,
    width: usize,
    after: String,
}

impl Pattern {
    fn parse(text: &str) -> Option<Self> {
        let (before, rest) = text.split_once('%')?;
        let (width, after) = rest.split_once('d')?;
        let zeros = width.starts_with('0');
        let width = if width.is_empty() { 0 } else { width.parse().ok().filter(|width| *width < 20)? };
        (!after.contains('%')).then(|| Self { before: before.to_owned(), zeros, width, after: after.to_owned() })
    }

    fn fill(&self, number: usize) -> String {
        let Self { before, zeros, width, after } = self;
        let width = *width;
        if *zeros { format!("{before}{number:0width$}{after}") } else { format!("{before}{number:width$}{after}") }
    }
}

#[cfg(test)]
mod tests {
    use super::{Pattern, most_attributes};

    #[test]
    fn paths_are_numbered_as_printf_does() {
        let fill = |text: &str| Pattern::parse(text).map(|pattern| pattern.fill(7));
        assert_eq!(fill("tests/%02d").as_deref(), Some("tests/07"));
        assert_eq!(fill("tests/%d.in").as_deref(), Some("tests/7.in"));
        assert_eq!(fill("tests/%03d.a").as_deref(), Some("tests/007.a"));
        for bad in ["tests/1", "%s", "%02d/%02d", "%-2d", "%99d", ""] {
            assert_eq!(fill(bad), None, "{bad}");
        }
    }

    #[test]
    fn attributes_are_counted_where_they_are_some() {
        for (xml, count) in [
            ("<a b='1' c=\"2\"><d e='='/></a>", 2),
            ("<!-- don't <a b='' c='' d=''> --><a b='>' c='x'/>", 2),
            ("<?xml version='1.0' encoding='x'?><a><![CDATA[<x b='' c=''>]]></a>", 0),
            ("a = b <a>c = d</a>", 0),
            ("<a b='1' c='2' d=", 3),
            ("<!--", 0),
        ] {
            assert_eq!(most_attributes(xml.as_bytes()), count, "{xml}");
        }
    }
}
