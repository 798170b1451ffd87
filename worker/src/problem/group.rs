//! Groups of tests, and how a scoring problem makes points of them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::meta::{number, words};

/// The groups of a package's tests; the first is the root.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Groups {
    pub all: Vec<Group>,
}

/// A directory of tests.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Such as `secret/group1`; empty for all of `data`.
    pub name: String,
    /// In the order in which they count.
    pub children: Vec<Child>,
    pub rules: Rules,
    /// Whether its directory has a configuration of its own.
    pub configured: bool,
}

/// What a group consists of, by place in the package's tests or groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Child {
    Test(usize),
    Group(usize),
}

/// How the points of a group come about.
#[derive(Clone, Debug, PartialEq)]
pub enum Rules {
    /// Before 2025-09: by a grader.
    Grader(GraderRules),
    /// 2025-09: by aggregation.
    Aggregation(AggregationRules),
    /// Polygon: by the points of its tests.
    Points(PointRules),
}

/// `testdata.yaml`.
#[derive(Clone, Debug, PartialEq)]
pub struct GraderRules {
    /// Whether the first child that is not accepted ends the group.
    pub breaks: bool,
    /// Whether the package's own grader aggregates.
    pub custom: bool,
    pub flags: Vec<String>,
    pub accept_score: f64,
    pub reject_score: f64,
    pub range: (f64, f64),
    /// Whether its points count at all.
    pub counts: bool,
    /// `DOMjudge` counts the score once for a group whose tests are all accepted, and not for each test.
    pub once: bool,
}

/// `test_group.yaml`.
#[derive(Clone, Debug, PartialEq)]
pub struct AggregationRules {
    /// None is unbounded.
    pub max_score: Option<f64>,
    pub aggregation: Aggregation,
    /// Names of groups without which this one is not run.
    pub require_pass: Vec<String>,
    /// Points of the static validation, if there is one; none if it passes or fails.
    pub static_score: Option<f64>,
    /// Whether one accepted child is enough for the group's verdict.
    pub any_accepted: bool,
}

/// A group of `problem.xml`, or all of its tests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PointRules {
    /// Whether it gives its points only if all of its tests are accepted.
    pub complete: bool,
    /// All the points that there are.
    pub max_score: f64,
    /// Points of its own tests, by place in the package's tests; those that are not here give none.
    pub tests: BTreeMap<usize, f64>,
    /// Names of groups without which this one is not run.
    pub require_pass: Vec<String>,
}

/// How the scores of a group become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregation {
    PassFail,
    Sum,
    Min,
}

impl Rules {
    /// Names of groups without which a group is not run.
    pub fn require_pass(&self) -> &[String] {
        match self {
            Self::Grader(_) => &[],
            Self::Aggregation(rules) => &rules.require_pass,
            Self::Points(rules) => &rules.require_pass,
        }
    }
}

impl Default for GraderRules {
    fn default() -> Self {
        Self {
            breaks: true,
            custom: false,
            flags: Vec::new(),
            accept_score: 1.0,
            reject_score: 0.0,
            range: (f64::NEG_INFINITY, f64::INFINITY),
            counts: true,
            once: false,
        }
    }
}

impl GraderRules {
    /// Takes what `testdata.yaml` says; the rest stays as it is above.
    pub(super) fn apply(&mut self, config: &Value, problem: &mut impl FnMut(String)) {
        if let Some(value) = config.get("on_reject") {
            match value.as_str() {
                Some("break" | "first_error") => self.breaks = true,
                Some("continue" | "worst_error" | "grade") => self.breaks = false,
                _ => problem(format!("on_reject: must be break or continue, not {value}")),
            }
        }
        if let Some(value) = config.get("grading") {
            match value.as_str() {
                Some("default") => self.custom = false,
                Some("custom") => self.custom = true,
                _ => problem(format!("grading: must be default or custom, not {value}")),
            }
        }
        if let Some(value) = config.get("grader_flags") {
            self.flags = words(value);
        }
        for (key, target) in [("accept_score", &mut self.accept_score), ("reject_score", &mut self.reject_score)] {
            if let Some(value) = config.get(key) {
                match number(value) {
                    Some(score) => *target = score,
                    None => problem(format!("{key}: must be a number, not {value}")),
                }
            }
        }
        if let Some(value) = config.get("range") {
            let bounds: Vec<f64> = words(value).iter().filter_map(|word| word.parse().ok()).collect();
            match bounds.as_slice() {
                [low, high] if low <= high => self.range = (*low, *high),
                _ => problem(format!("range: must be two numbers, the smaller first, not {value}")),
            }
        }
    }
}

impl AggregationRules {
    /// The defaults of `secret`, or of a group in it or `sample`.
    pub(super) fn new(secret: bool) -> Self {
        Self {
            max_score: secret.then_some(100.0),
            aggregation: if secret { Aggregation::Sum } else { Aggregation::PassFail },
            require_pass: Vec::new(),
            static_score: None,
            any_accepted: false,
        }
    }

    /// Takes what `test_group.yaml` says.
    pub(super) fn apply(&mut self, config: &Value, problem: &mut impl FnMut(String)) {
        // Drafts had both in a map.
        let of_draft = |key: &str| config.get("scoring").and_then(|scoring| scoring.get(key));
        if let Some(value) = config.get("max_score").or_else(|| of_draft("score")) {
            match (value.as_str(), number(value)) {
                (Some("unbounded"), _) => self.max_score = None,
                (_, Some(score)) if score >= 0.0 => self.max_score = Some(score),
                _ => problem(format!("max_score: must be a number of at least 0 or unbounded, not {value}")),
            }
        }
        if let Some(value) = config.get("score_aggregation").or_else(|| of_draft("aggregation")) {
            match value.as_str() {
                Some("pass-fail") => self.aggregation = Aggregation::PassFail,
                Some("sum") => self.aggregation = Aggregation::Sum,
                Some("min") => self.aggregation = Aggregation::Min,
                _ => problem(format!("score_aggregation: must be pass-fail, sum or min, not {value}")),
            }
        }
        if let Some(value) = config.get("verdict_aggregation") {
            match value.as_str() {
                Some("first_error" | "worst_error") => self.any_accepted = false,
                Some("accept_if_any_accepted") => self.any_accepted = true,
                _ => {
                    problem(format!("verdict_aggregation: must be first_error or accept_if_any_accepted, not {value}"));
                }
            }
        }
        if let Some(value) = config.get("require_pass") {
            self.require_pass = words(value);
        }
        if let Some(value) = config.get("static_validation_score") {
            match (value.as_str(), number(value)) {
                (Some("pass-fail"), _) => self.static_score = None,
                (_, Some(score)) if score >= 0.0 => self.static_score = Some(score),
                _ => problem(format!(
                    "static_validation_score: must be a number of at least 0 or pass-fail, not {value}"
                )),
            }
        }
    }
}

impl Groups {
    /// The group of this name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.all.iter().position(|group| group.name == name)
    }

    /// Older packages for `DOMjudge`: a group of tests has its score once, samples without a
    /// configuration have none, and the first failing test gives the verdict.
    pub(super) fn as_domjudge_has_them(&mut self) {
        for group in &mut self.all {
            if let Rules::Grader(rules) = &mut group.rules {
                rules.once = true;
                rules.flags.insert(0, "first_error".to_owned());
                rules.counts = group.name != "sample" || group.configured;
            }
        }
    }

    /// The tests of a group and of those in it, in order.
    pub fn tests_of(&self, group: usize) -> Vec<usize> {
        let mut tests = Vec::new();
        for child in &self.all[group].children {
            match child {
                Child::Test(test) => tests.push(*test),
                Child::Group(inner) => tests.extend(self.tests_of(*inner)),
            }
        }
        tests
    }
}
