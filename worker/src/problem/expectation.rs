//! What a package expects of one of its submissions, and whether a result agrees.

use assay_shared::Verdict;
use serde_json::Value;

use super::meta::Format;
use super::meta::words;
use super::submissions::matches_path;

/// The classes of results that packages speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Accepted,
    WrongAnswer,
    TimeLimit,
    RuntimeError,
    MemoryLimit,
    OutputLimit,
    CompileError,
}

use Class::{Accepted, CompileError, MemoryLimit, OutputLimit, RuntimeError, TimeLimit, WrongAnswer};

impl Class {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_uppercase().replace(['-', ' '], "_");
        Some(match text.as_str() {
            "AC" | "CORRECT" | "ACCEPTED" => Accepted,
            "WA" | "WRONG_ANSWER" | "NO_OUTPUT" | "PRESENTATION_ERROR" => WrongAnswer,
            "TLE" | "TIMELIMIT" | "TIME_LIMIT" | "TIME_LIMIT_EXCEEDED" => TimeLimit,
            "RTE" | "RUN_ERROR" | "RUN_TIME_ERROR" | "RUNTIME_ERROR" => RuntimeError,
            "MLE" | "MEMORY_LIMIT" | "MEMORY_LIMIT_EXCEEDED" => MemoryLimit,
            "OLE" | "OUTPUT_LIMIT" | "OUTPUT_LIMIT_EXCEEDED" => OutputLimit,
            "CE" | "COMPILER_ERROR" | "COMPILE_ERROR" | "COMPILATION_ERROR" => CompileError,
            _ => return None,
        })
    }

    pub(super) const fn code(self) -> &'static str {
        match self {
            Accepted => "AC",
            WrongAnswer => "WA",
            TimeLimit => "TLE",
            RuntimeError => "RTE",
            MemoryLimit => "MLE",
            OutputLimit => "OLE",
            CompileError => "CE",
        }
    }

    /// Whether a verdict is of this class. Packages file too much memory under run-time errors, and a flood of output under
    /// what their judge stops it by, which is time if it has no limit of its own for it.
    pub(super) fn has(self, verdict: Verdict) -> bool {
        match self {
            Accepted => verdict == Verdict::Accepted,
            WrongAnswer => verdict == Verdict::WrongAnswer,
            TimeLimit => matches!(verdict, Verdict::TimeLimit | Verdict::IdleLimit | Verdict::OutputLimit),
            RuntimeError => matches!(verdict, Verdict::RuntimeError | Verdict::MemoryLimit | Verdict::OutputLimit),
            MemoryLimit => matches!(verdict, Verdict::MemoryLimit | Verdict::RuntimeError),
            OutputLimit => verdict == Verdict::OutputLimit,
            CompileError => verdict == Verdict::CompileError,
        }
    }
}

const JUDGED: [Class; 4] = [Accepted, WrongAnswer, TimeLimit, RuntimeError];

/// Every test's verdict is permitted, and at least one is required if any are named.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    /// Globs of tests; all tests if empty.
    tests: Vec<String>,
    permitted: Vec<Class>,
    required: Option<Vec<Class>>,
    /// Whether tests that it forbids to be too slow are a lower bound of a time limit.
    bounds: bool,
}

impl Rule {
    fn new(permitted: &[Class], required: Option<&[Class]>) -> Self {
        Self {
            tests: Vec::new(),
            permitted: permitted.to_vec(),
            required: required.map(<[Class]>::to_vec),
            bounds: !permitted.contains(&TimeLimit),
        }
    }

    fn concerns(&self, test: &str) -> bool {
        self.tests.is_empty() || self.tests.iter().any(|pattern| matches_path(pattern, test))
    }
}

/// What is expected of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// Nothing is said about it.
    Unknown,
    /// The submission's verdict is one of a list (`@EXPECTED_RESULTS@`).
    Final(Tags),
    /// Rules over the tests; in legacy packages the submission's verdict may also be the class itself.
    Tests(TestRules),
}

/// The list of an expectation of the final verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tags(Vec<Class>);

/// The rules of an expectation over the tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestRules {
    rules: Vec<Rule>,
    /// The class that the first failing test may have to settle it (legacy).
    first: Option<Class>,
}

impl Expectation {
    pub(super) fn of_directory(name: &str, format: Format) -> Self {
        let rules = |permitted: &[Class], required: &[Class], first: Class| {
            let first = format.is_legacy().then_some(first);
            Self::Tests(TestRules { rules: vec![Rule::new(permitted, Some(required))], first })
        };
        let only = |rule| Self::Tests(TestRules { rules: vec![rule], first: None });
        let timed = if format.is_legacy() { vec![Accepted, WrongAnswer, TimeLimit] } else { vec![Accepted, TimeLimit] };
        let crashed = if format.is_legacy() { JUDGED.to_vec() } else { vec![Accepted, RuntimeError] };
        match name {
            "accepted" => rules(&[Accepted], &[Accepted], Accepted),
            // Right, and nobody says how fast; problemtools has one in an example, and does not measure it.
            "slow_accepted" => only(Rule::new(&[Accepted, TimeLimit], None)),
            "wrong_answer" | "no_output" => rules(&[Accepted, WrongAnswer], &[WrongAnswer], WrongAnswer),
            "time_limit_exceeded" => rules(&timed, &[TimeLimit], TimeLimit),
            "run_time_error" | "runtime_error" => rules(&crashed, &[RuntimeError], RuntimeError),
            "rejected" => only(Rule::new(&JUDGED, Some(&JUDGED[1..]))),
            "brute_force" => only(Rule::new(&[Accepted, RuntimeError, TimeLimit], Some(&[RuntimeError, TimeLimit]))),
            other => Class::parse(other).map_or(Self::Unknown, |class| Self::Final(Tags(vec![class]))),
        }
    }

    /// From a list such as `WRONG-ANSWER, TIMELIMIT`.
    pub(super) fn of_tags(tags: &str) -> Option<Self> {
        let classes: Vec<Class> = tags
            .split([',', '|'])
            .map(|tag| tag.trim_matches(|c: char| !c.is_alphanumeric()))
            .filter_map(Class::parse)
            .collect();
        (!classes.is_empty()).then_some(Self::Final(Tags(classes)))
    }

    /// Whether this is the result of a directory that a list of final verdicts allows.
    pub(super) fn is_among(&self, tags: &Self) -> bool {
        let Self::Final(Tags(allowed)) = tags else { return false };
        match self {
            Self::Unknown => false,
            Self::Final(Tags(own)) => own.iter().all(|class| allowed.contains(class)),
            Self::Tests(own) => own.rules.iter().all(|rule| {
                rule.required.as_ref().is_some_and(|required| required.iter().all(|class| allowed.contains(class)))
            }),
        }
    }

    /// Adds what an entry of `submissions.yaml` says, or replaces the directory's rule by it. Says whether it had a rule.
    pub(super) fn add(&mut self, value: &Value, replace: bool) -> Result<bool, String> {
        let entry = RuleEntry::read(value)?;
        let some = entry != RuleEntry::default();
        if !some && !matches!(self, Self::Unknown) {
            return Ok(false);
        }
        let own = self.rules();
        if replace && let Some(rule) = own.rules.first_mut() {
            let permitted = entry.permitted.unwrap_or_else(|| rule.permitted.clone());
            let required = entry.required.or_else(|| rule.required.clone());
            *rule = Rule::new(&permitted, required.as_deref());
            rule.bounds &= !entry.opted_out;
            own.rules.extend(entry.bound.map(|bound| bound.rule(Vec::new())));
        } else {
            entry.add_to(own, &[]);
        }
        Ok(some)
    }

    /// Adds a rule for some tests only.
    pub(super) fn add_for(&mut self, tests: &[String], value: &Value) -> Result<(), String> {
        RuleEntry::read(value)?.add_to(self.rules(), tests);
        Ok(())
    }

    /// The rules to change: once submissions.yaml has spoken, the first failing test alone settles nothing.
    fn rules(&mut self) -> &mut TestRules {
        if !matches!(self, Self::Tests(_)) {
            *self = Self::Tests(TestRules { rules: Vec::new(), first: None });
        }
        match self {
            Self::Tests(own) => {
                own.first = None;
                own
            }
            Self::Unknown | Self::Final(_) => unreachable!("made rules above"),
        }
    }

    /// Whether this test must not exceed the time limit, so that it is a lower bound of one that is calibrated.
    pub fn bounds_time_limit_of(&self, test: &str, format: Format) -> bool {
        match self {
            Self::Unknown => false,
            Self::Final(Tags(classes)) => classes == &[Accepted],
            // Of the submissions that fail, older packages do not say how fast they are.
            Self::Tests(own) if format.is_legacy() && own.first.is_some() => own.first == Some(Accepted),
            Self::Tests(own) => own.rules.iter().any(|rule| rule.bounds && rule.concerns(test)),
        }
    }

    /// The codes that a person reads: what the submission should get.
    pub fn codes(&self) -> Vec<String> {
        let classes: Vec<Class> = match self {
            Self::Unknown => Vec::new(),
            Self::Final(Tags(classes)) => classes.clone(),
            Self::Tests(own) => {
                let mut left = JUDGED.to_vec();
                for rule in own.rules.iter().filter(|rule| rule.tests.is_empty()) {
                    left.retain(|class| rule.permitted.contains(class));
                }
                for rule in own.rules.iter().filter(|rule| rule.tests.is_empty()) {
                    if let Some(required) = &rule.required
                        && left.iter().any(|class| required.contains(class))
                    {
                        left.retain(|class| required.contains(class));
                    }
                }
                left
            }
        };
        classes.iter().map(|class| class.code().to_owned()).collect()
    }

    /// Whether the answer needs every test to be run.
    pub fn needs_all_tests(&self) -> bool {
        match self {
            Self::Unknown | Self::Final(_) => false,
            Self::Tests(own) => own.first.is_none() && !own.only_accepts(),
        }
    }

    /// Whether a submission whose first failing test got this verdict is settled without the other tests.
    pub fn satisfied_by_first_failure(&self, verdict: Verdict) -> bool {
        match self {
            Self::Unknown | Self::Final(_) => true,
            Self::Tests(own) => own.first.is_some_and(|class| class.has(verdict)) || own.only_accepts(),
        }
    }

    /// Whether this result is what was expected; if not, what differs.
    pub fn check(&self, verdict: Verdict, tests: &[(String, Verdict)]) -> Result<(), String> {
        let expected = || format!("expected {}, got {verdict}", self.codes().join(" or "));
        match self {
            Self::Unknown => Ok(()),
            Self::Final(Tags(classes)) => {
                if classes.iter().any(|class| class.has(verdict)) {
                    Ok(())
                } else {
                    Err(expected())
                }
            }
            Self::Tests(_) if matches!(verdict, Verdict::JudgeError | Verdict::CompileError) => Err(expected()),
            Self::Tests(own) => {
                if own.first.is_some_and(|class| class.has(verdict)) {
                    return Ok(());
                }
                for rule in &own.rules {
                    let concerned =
                        || tests.iter().filter(|(id, verdict)| *verdict != Verdict::Skipped && rule.concerns(id));
                    if let Some((id, got)) =
                        concerned().find(|(_, got)| !rule.permitted.iter().any(|class| class.has(*got)))
                    {
                        let codes: Vec<_> = rule.permitted.iter().map(|class| class.code()).collect();
                        return Err(format!("test {id} got {got}, permitted are {}", codes.join(", ")));
                    }
                    let Some(required) = &rule.required else { continue };
                    if !concerned().any(|(_, got)| required.iter().any(|class| class.has(*got))) {
                        let codes: Vec<_> = required.iter().map(|class| class.code()).collect();
                        let place = if rule.tests.is_empty() {
                            String::new()
                        } else {
                            format!(" of {}", rule.tests.join(", "))
                        };
                        return Err(format!("no test{place} got {}", codes.join(" or ")));
                    }
                }
                Ok(())
            }
        }
    }
}

impl TestRules {
    /// Whether any test that is not accepted is a difference, so that no other test can make it good.
    fn only_accepts(&self) -> bool {
        self.rules.iter().any(|rule| rule.tests.is_empty() && rule.permitted == [Accepted])
    }
}

/// Which bound of the time limit an entry asks for in so many words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    Lower,
    Upper,
}

impl Bound {
    fn rule(self, tests: Vec<String>) -> Rule {
        let rule = match self {
            Self::Lower => Rule::new(&[Accepted, WrongAnswer, RuntimeError], None),
            Self::Upper => Rule::new(&JUDGED, Some(&[TimeLimit])),
        };
        Rule { tests, ..rule }
    }
}

/// The rules in an entry of `submissions.yaml`.
#[derive(Debug, Default, PartialEq, Eq)]
struct RuleEntry {
    permitted: Option<Vec<Class>>,
    required: Option<Vec<Class>>,
    bound: Option<Bound>,
    opted_out: bool,
}

impl RuleEntry {
    fn read(value: &Value) -> Result<Self, String> {
        let of = |key: &str| value.get(key).map(classes).transpose().map_err(|problem| format!("{key}: {problem}"));
        let (bound, opted_out) = match value.get("use_for_time_limit") {
            None | Some(Value::Bool(true) | Value::Null) => (None, false),
            Some(Value::Bool(false)) => (None, true),
            Some(Value::String(text)) if text == "lower" => (Some(Bound::Lower), false),
            Some(Value::String(text)) if text == "upper" => (Some(Bound::Upper), false),
            Some(other) => {
                return Err(format!("use_for_time_limit: must be true, false, lower or upper, not {other}"));
            }
        };
        Ok(Self { permitted: of("permitted")?, required: of("required")?, bound, opted_out })
    }

    fn add_to(self, own: &mut TestRules, tests: &[String]) {
        let permitted = self.permitted.unwrap_or_else(|| JUDGED.to_vec());
        let rule = Rule::new(&permitted, self.required.as_deref());
        own.rules.push(Rule { tests: tests.to_vec(), bounds: rule.bounds && !self.opted_out, ..rule });
        own.rules.extend(self.bound.map(|bound| bound.rule(tests.to_vec())));
    }
}

fn classes(value: &Value) -> Result<Vec<Class>, String> {
    let words = words(value);
    if words.is_empty() {
        return Err("must name at least one verdict".to_owned());
    }
    words
        .iter()
        .map(|word| {
            Class::parse(word)
                .filter(|class| *class != CompileError)
                .ok_or_else(|| format!("\"{word}\" is no verdict of a test; known are AC, WA, TLE, RTE"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use assay_shared::Verdict::{self, Accepted, IdleLimit, MemoryLimit, OutputLimit, TimeLimit, WrongAnswer};

    use super::Expectation;
    use crate::problem::Format;

    fn check(expectation: &Expectation, tests: &[Verdict]) -> bool {
        let verdict = Verdict::of_tests(tests.iter().copied());
        let tests: Vec<_> = tests.iter().enumerate().map(|(at, verdict)| (format!("secret/{at}"), *verdict)).collect();
        expectation.check(verdict, &tests).is_ok()
    }

    #[test]
    fn legacy_directories_allow_what_the_format_says() {
        let slow = Expectation::of_directory("time_limit_exceeded", Format::Legacy);
        assert!(check(&slow, &[Accepted, TimeLimit]));
        assert!(check(&slow, &[WrongAnswer, IdleLimit]));
        assert!(check(&slow, &[OutputLimit]));
        assert!(!check(&slow, &[WrongAnswer, Accepted]));
        let crash = Expectation::of_directory("run_time_error", Format::Legacy);
        assert!(check(&crash, &[MemoryLimit]));
        assert!(!check(&crash, &[Accepted]));
    }

    #[test]
    fn the_new_format_judges_every_test() {
        let wrong = Expectation::of_directory("wrong_answer", Format::V202509);
        assert!(wrong.needs_all_tests());
        assert!(check(&wrong, &[Accepted, WrongAnswer]));
        assert!(!check(&wrong, &[WrongAnswer, TimeLimit]));
        assert!(!check(&wrong, &[Accepted]));
    }

    #[test]
    fn tags_name_final_verdicts() {
        let tags = Expectation::of_tags("WRONG-ANSWER, TIMELIMIT").expect("known");
        assert_eq!(tags.codes(), ["WA", "TLE"]);
        assert!(check(&tags, &[Accepted, TimeLimit]) && !check(&tags, &[Accepted]));
        assert_eq!(Expectation::of_tags("CHECK-MANUALLY"), None);
    }
}
