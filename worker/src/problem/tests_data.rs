//! `data/`: the tests, in the order in which they count, with what their directories configure.

use std::path::{Path, PathBuf};

use assay_shared::Checker;
use serde_json::Value;

use super::group::{AggregationRules, Child, GraderRules, Group, Groups, Rules};
use super::meta::{Format, Meta, apply_flags, words};
use super::{Findings, Input, TestCase, children, collect_files, file_name, shown, yaml};

/// What a directory passes on to those in it.
#[derive(Clone)]
struct Inherited {
    checker: Checker,
    judge_args: Vec<String>,
    args: Vec<String>,
    grader: GraderRules,
}

struct Reader<'a> {
    root: &'a Path,
    meta: &'a Meta,
    /// Whether points come about by aggregation, and not by a grader.
    aggregates: bool,
    tests: Vec<TestCase>,
    groups: Vec<Group>,
    findings: &'a mut Findings,
}

pub(super) fn read(root: &Path, meta: &Meta, findings: &mut Findings) -> (Vec<TestCase>, Groups) {
    let inherited = Inherited {
        checker: meta.checker.clone(),
        judge_args: meta.flags.clone(),
        args: Vec::new(),
        grader: GraderRules::default(),
    };
    let data = root.join("data");
    // Late drafts had the new names already.
    let aggregates = meta.format == Format::V202509
        || (meta.format == Format::Draft202307
            && collect_files(root, &data, findings).iter().any(|(name, _)| name.ends_with("/test_group.yaml")));
    let mut reader = Reader { root, meta, aggregates, tests: Vec::new(), groups: Vec::new(), findings };
    let (inherited, config) = reader.configure(&data, &inherited);
    let inherited = if config.is_none() { reader.of_generators(&inherited) } else { inherited };
    let top = reader.group("", &inherited, config.as_ref());
    for name in ["sample", "secret"] {
        reader.walk(&data.join(name), name, &inherited, top, 0);
    }
    let Reader { tests, groups, findings, .. } = reader;
    let groups = Groups { all: groups };
    check_groups(&groups, meta, findings);
    (tests, groups)
}

impl Reader<'_> {
    fn group(&mut self, name: &str, inherited: &Inherited, config: Option<&Value>) -> usize {
        let rules = if self.aggregates {
            let mut rules = AggregationRules::new(name == "secret" || name.is_empty());
            let findings = &mut *self.findings;
            rules.apply(config.unwrap_or(&Value::Null), &mut |problem| {
                findings.problem(format!("data/{name}/test_group.yaml: {problem}"));
            });
            Rules::Aggregation(rules)
        } else {
            let mut rules = inherited.grader.clone();
            if !name.is_empty() {
                // A flag of the topmost group alone, whatever is inherited.
                rules.flags.retain(|flag| flag != "ignore_sample");
            }
            Rules::Grader(rules)
        };
        let configured = config.is_some();
        self.groups.push(Group { name: name.to_owned(), children: Vec::new(), rules, configured });
        self.groups.len() - 1
    }

    fn walk(&mut self, dir: &Path, name: &str, above: &Inherited, parent: usize, depth: usize) {
        if !dir.is_dir() {
            return;
        }
        if depth > 16 {
            self.findings.problem(format!("data/{name}: more than 16 directories deep"));
            return;
        }
        let (inherited, config) = self.configure(dir, above);
        // In 2025-09 a directory without a configuration of its own is only a directory.
        let is_group = depth == 0 || !self.aggregates || config.is_some();
        let group = if is_group {
            let group = self.group(name, &inherited, config.as_ref());
            self.groups[parent].children.push(Child::Group(group));
            group
        } else {
            parent
        };
        let is_static = |config: &Value| self.aggregates && config.get("static_validation_score").is_some();
        if let Some(config) = config.filter(is_static) {
            let judge_args = config.get("static_validator_args").map(words).unwrap_or_default();
            let id = format!("{name}/static_validation");
            if self.meta.judges.static_validator.is_none() {
                self.findings.problem(format!(
                    "data/{name}: static_validation_score: there is no static validator; put it into static_validator/"
                ));
            }
            if dir.join("static_validation.in").exists() {
                self.findings.problem(format!("data/{name}/static_validation.in: the static validation has this name"));
            }
            self.add(group, TestCase { judge_args, input: Input::Static, ..case(id, name, &inherited) });
        }
        for (stem, path) in self.entries(dir, name) {
            let id = format!("{name}/{stem}");
            if path.is_dir() {
                self.walk(&path, &id, &inherited, group, depth + 1);
            } else if let Some(test) = self.test(dir, &stem, &id, path, name, &inherited) {
                self.add(group, test);
            }
        }
    }

    fn add(&mut self, group: usize, test: TestCase) {
        self.groups[group].children.push(Child::Test(self.tests.len()));
        self.tests.push(test);
    }

    /// `BAPCtools` writes the configuration of all tests from `generators/generators.yaml`. A package whose tests it has not written
    /// lately has it only there.
    fn of_generators(&mut self, inherited: &Inherited) -> Inherited {
        let path = self.root.join("generators/generators.yaml");
        // A link may leave the package.
        if self.meta.format.is_legacy() || path.is_symlink() || self.root.join("generators").is_symlink() {
            return inherited.clone();
        }
        // What is no plain YAML there is nothing that this reads.
        let mut aside = Findings::default();
        let config = if path.is_file() { yaml(self.root, &path, &self.meta.constants, &mut aside) } else { None };
        let Some(config) = config.and_then(|mut config| Some(config.get_mut("test_group.yaml")?.take())) else {
            return inherited.clone();
        };
        self.findings.warning("generators/generators.yaml: its test_group.yaml counts, as data/ has none");
        self.apply_config("generators/generators.yaml", &config, inherited)
    }

    /// The tests and directories in a directory, by name.
    fn entries(&mut self, dir: &Path, name: &str) -> Vec<(String, PathBuf)> {
        let mut entries: Vec<(String, PathBuf)> = Vec::new();
        for child in children(self.root, dir, self.findings) {
            let file = file_name(&child);
            if child.is_dir() {
                if file.strip_suffix(".files").is_some_and(|stem| dir.join(format!("{stem}.in")).is_file()) {
                    continue;
                }
                entries.push((file, child));
            } else if !child.exists() {
                // A link to nothing, which has been told when the package was hashed.
            } else if let Some(stem) = file.strip_suffix(".in") {
                entries.push((stem.to_owned(), child));
            } else if let Some(stem) = file.strip_suffix(".ans")
                && !dir.join(format!("{stem}.in")).exists()
            {
                self.findings.warning(format!("data/{name}/{file}: an answer without {stem}.in"));
            }
        }
        entries.sort();
        entries
    }

    fn test(
        &mut self,
        dir: &Path,
        stem: &str,
        id: &str,
        input: PathBuf,
        group: &str,
        inherited: &Inherited,
    ) -> Option<TestCase> {
        let mut answer = Some(dir.join(format!("{stem}.ans")));
        if answer.as_ref().is_some_and(|answer| !answer.is_file()) {
            if self.meta.custom_judge {
                self.findings.warning(format!("data/{id}.in: there is no data/{id}.ans; the judge gets an empty one"));
                answer = None;
            } else {
                self.findings.problem(format!("data/{id}.in: there is no data/{id}.ans"));
                return None;
            }
        }
        let mut own = inherited.clone();
        let mut hint = None;
        let config = dir.join(format!("{stem}.yaml"));
        if config.is_file() {
            let (changed, config) = self.apply(&config, &own);
            own = changed;
            hint = config.and_then(|config| Some(config.get("hint")?.as_str()?.to_owned()));
        }
        let file = dir.join(format!("{stem}.hint"));
        if file.is_file() {
            match std::fs::read(&file) {
                Ok(bytes) => hint = Some(String::from_utf8_lossy(&bytes).trim().to_owned()),
                Err(error) => self.findings.problem(format!("{}: {error}", shown(self.root, &file))),
            }
        }
        let list = dir.join(format!("{stem}.args"));
        if list.is_file() {
            match (self.meta.format, std::fs::read_to_string(&list)) {
                (Format::Draft202307, Ok(text)) => own.args = text.split_whitespace().map(str::to_owned).collect(),
                (_, Err(error)) => self.findings.problem(format!("{}: {error}", shown(self.root, &list))),
                _ => self.findings.warning(format!(
                    "{}: left out, the format has no such file; 2025-09 has the key args in {stem}.yaml",
                    shown(self.root, &list)
                )),
            }
        }
        let files = collect_files(self.root, &dir.join(format!("{stem}.files")), self.findings);
        Some(TestCase { input: Input::File(input), answer, files, hint, ..case(id.to_owned(), group, &own) })
    }

    /// What `testdata.yaml` or `test_group.yaml` of a directory changes, and what it says, if it is there. The draft had
    /// either name.
    fn configure(&mut self, dir: &Path, inherited: &Inherited) -> (Inherited, Option<Value>) {
        let (group, data) = (dir.join("test_group.yaml"), dir.join("testdata.yaml"));
        let (path, other) = match self.meta.format {
            Format::Legacy | Format::LegacyIcpc => (data, Some(group)),
            Format::Draft202307 if data.is_file() => (data, None),
            Format::Draft202307 => (group, None),
            Format::V202509 | Format::Polygon => (group, Some(data)),
        };
        if let Some(other) = other.filter(|other| other.is_file()) {
            self.findings.warning(format!(
                "{}: left out, this version of the format reads {}",
                shown(self.root, &other),
                file_name(&path)
            ));
        }
        if path.is_file() { self.apply(&path, inherited) } else { (inherited.clone(), None) }
    }

    /// Keys that are not there keep the value of the nearest directory above.
    fn apply(&mut self, path: &Path, inherited: &Inherited) -> (Inherited, Option<Value>) {
        let Some(config) = yaml(self.root, path, &self.meta.constants, self.findings) else {
            return (inherited.clone(), None);
        };
        let shown = shown(self.root, path);
        (self.apply_config(&shown, &config, inherited), Some(config))
    }

    fn apply_config(&mut self, shown: &str, config: &Value, inherited: &Inherited) -> Inherited {
        let mut result = inherited.clone();
        if !config.is_object() && !config.is_null() {
            self.findings.problem(format!("{shown}: is no map of keys"));
        }
        let keys: &[&str] = match self.meta.format {
            Format::Legacy | Format::LegacyIcpc => &["output_validator_flags"],
            Format::Draft202307 => &["output_validator_flags", "output_validator_args"],
            Format::V202509 | Format::Polygon => &["output_validator_args"],
        };
        for other in ["output_validator_flags", "output_validator_args"].iter().filter(|key| !keys.contains(key)) {
            if config.get(other).is_some() {
                self.findings.problem(format!("{shown}: {other}: this version of the format has {} instead", keys[0]));
            }
        }
        for key in keys {
            let Some(value) = config.get(key) else { continue };
            // A map names one validator and its flags; the default one is called "default".
            let own = match value {
                Value::Object(map) => map
                    .get("flags")
                    .or_else(|| map.get("default"))
                    .or_else(|| map.values().next().filter(|_| map.len() == 1))
                    .map(words)
                    .unwrap_or_default(),
                other => words(other),
            };
            // A validator gets the problem's flags first, then those of the nearest directory that has any.
            result.judge_args = self.meta.flags.iter().chain(&own).cloned().collect();
            if self.meta.custom_judge {
                continue;
            }
            let mut checker = Checker::default();
            match apply_flags(&mut checker, &result.judge_args) {
                Ok(()) => result.checker = checker,
                Err(problem) => self.findings.problem(format!("{shown}: {key}: {problem}")),
            }
        }
        if let Some(args) = config.get("args") {
            result.args = words(args);
        }
        if !self.aggregates {
            let findings = &mut *self.findings;
            result.grader.apply(config, &mut |problem| findings.problem(format!("{shown}: {problem}")));
        }
        result
    }
}

fn case(id: String, group: &str, inherited: &Inherited) -> TestCase {
    TestCase {
        id,
        input: Input::Static,
        answer: None,
        checker: inherited.checker.clone(),
        judge_args: inherited.judge_args.clone(),
        args: inherited.args.clone(),
        files: Vec::new(),
        hint: None,
        twin_of: None,
        group: group.to_owned(),
    }
}

/// What the groups of a scoring problem say of each other.
fn check_groups(groups: &Groups, meta: &Meta, findings: &mut Findings) {
    if !meta.kind.scoring {
        return;
    }
    for (index, group) in groups.all.iter().enumerate() {
        match &group.rules {
            Rules::Grader(rules) if rules.custom && meta.grader.is_none() => {
                findings.problem(format!("data/{}: grading: custom, and graders/ has no program", group.name));
            }
            Rules::Grader(_) | Rules::Points(_) => {}
            Rules::Aggregation(rules) => {
                for name in &rules.require_pass {
                    match groups.find(name) {
                        Some(other) if other < index => {}
                        Some(_) => findings.problem(format!(
                            "data/{}/test_group.yaml: require_pass: {name} must come before the group itself",
                            group.name
                        )),
                        None => findings.problem(format!(
                            "data/{}/test_group.yaml: require_pass: {name} is no group of tests",
                            group.name
                        )),
                    }
                }
            }
        }
    }
}
