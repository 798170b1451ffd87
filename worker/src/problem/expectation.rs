//! What a package expects of one of its submissions, and whether a result agrees.

use assay_shared::Verdict;
use serde_json::Value;

use super::meta::Format;
use super::submissions::{class_list, matches_path};

/// The classes of results that packages speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
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
    fn parse(text: &str) -> Option<Self> {
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

    const fn code(self) -> &'static str {
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
    fn has(self, verdict: Verdict) -> bool {
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

/// Every test's verdict is permitted, and at least one is required.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    /// Globs of tests; all tests if empty.
    tests: Vec<String>,
    permitted: Vec<Class>,
    required: Vec<Class>,
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
            let rule = Rule { tests: Vec::new(), permitted: permitted.to_vec(), required: required.to_vec() };
            Self::Tests(TestRules { rules: vec![rule], first: format.is_legacy().then_some(first) })
        };
        let timed = if format.is_legacy() { vec![Accepted, WrongAnswer, TimeLimit] } else { vec![Accepted, TimeLimit] };
        let crashed = if format.is_legacy() { JUDGED.to_vec() } else { vec![Accepted, RuntimeError] };
        match name {
            "accepted" | "slow_accepted" => rules(&[Accepted], &[Accepted], Accepted),
            "wrong_answer" | "no_output" => rules(&[Accepted, WrongAnswer], &[WrongAnswer], WrongAnswer),
            "time_limit_exceeded" => rules(&timed, &[TimeLimit], TimeLimit),
            "run_time_error" | "runtime_error" => rules(&crashed, &[RuntimeError], RuntimeError),
            "rejected" => Self::Tests(TestRules {
                rules: vec![Rule { tests: Vec::new(), permitted: JUDGED.to_vec(), required: JUDGED[1..].to_vec() }],
                first: None,
            }),
            "brute_force" => Self::Tests(TestRules {
                rules: vec![Rule {
                    tests: Vec::new(),
                    permitted: vec![Accepted, RuntimeError, TimeLimit],
                    required: vec![RuntimeError, TimeLimit],
                }],
                first: None,
            }),
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

    /// Adds what an entry of `submissions.yaml` says, or replaces the directory's rule by it.
    pub(super) fn add(&mut self, value: &Value, replace: bool) -> Result<(), String> {
        let permitted = value.get("permitted").map(classes).transpose()?;
        let required = value.get("required").map(classes).transpose()?;
        if permitted.is_none() && required.is_none() {
            return Ok(());
        }
        if !matches!(self, Self::Tests(_)) {
            *self = Self::Tests(TestRules { rules: Vec::new(), first: None });
        }
        let Self::Tests(own) = self else { return Ok(()) };
        own.first = None;
        if replace && let Some(rule) = own.rules.first_mut() {
            rule.permitted = permitted.unwrap_or_else(|| rule.permitted.clone());
            rule.required = required.unwrap_or_else(|| rule.required.clone());
        } else {
            own.rules.push(Rule {
                tests: Vec::new(),
                permitted: permitted.unwrap_or_else(|| JUDGED.to_vec()),
                required: required.unwrap_or_else(|| JUDGED.to_vec()),
            });
        }
        Ok(())
    }

    /// Adds a rule for some tests only.
    pub(super) fn add_for(&mut self, tests: Vec<String>, value: &Value) -> Result<(), String> {
        let permitted = value.get("permitted").map(classes).transpose()?.unwrap_or_else(|| JUDGED.to_vec());
        let required = value.get("required").map(classes).transpose()?.unwrap_or_else(|| JUDGED.to_vec());
        if let Self::Tests(own) = self {
            own.first = None;
            own.rules.push(Rule { tests, permitted, required });
        }
        Ok(())
    }

    pub(super) fn forbids_time_limit(&self, format: Format) -> bool {
        match self {
            Self::Unknown => false,
            Self::Final(Tags(classes)) => classes == &[Accepted],
            Self::Tests(own) if format.is_legacy() => own.first == Some(Accepted),
            Self::Tests(own) => {
                own.rules.iter().any(|rule| rule.tests.is_empty() && !rule.permitted.contains(&TimeLimit))
            }
        }
    }

    /// Whether anything is expected.
    pub const fn is_known(&self) -> bool {
        !matches!(self, Self::Unknown)
    }

    /// The codes that a person reads: what the submission should get.
    pub fn codes(&self) -> Vec<String> {
        let classes: &[Class] = match self {
            Self::Unknown => &[],
            Self::Final(Tags(classes)) => classes,
            Self::Tests(own) => own
                .rules
                .first()
                .map_or(&[], |rule| if rule.required == JUDGED { &rule.permitted } else { &rule.required }),
        };
        classes.iter().map(|class| class.code().to_owned()).collect()
    }

    /// Whether the answer needs every test to be run.
    pub fn needs_all_tests(&self) -> bool {
        match self {
            Self::Unknown | Self::Final(_) => false,
            Self::Tests(own) => own.first.is_none() && own.rules.iter().any(|rule| rule.permitted != [Accepted]),
        }
    }

    /// Whether a submission whose first failing test got this verdict is settled without the other tests.
    pub fn satisfied_by_first_failure(&self, verdict: Verdict) -> bool {
        match self {
            Self::Unknown | Self::Final(_) => true,
            Self::Tests(own) => {
                own.first.is_some_and(|class| class.has(verdict))
                    || own.rules.iter().all(|rule| rule.permitted == [Accepted])
            }
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
                    let concerned = || {
                        tests.iter().filter(|(id, verdict)| {
                            *verdict != Verdict::Skipped
                                && (rule.tests.is_empty() || rule.tests.iter().any(|pattern| matches_path(pattern, id)))
                        })
                    };
                    if let Some((id, got)) =
                        concerned().find(|(_, got)| !rule.permitted.iter().any(|class| class.has(*got)))
                    {
                        let codes: Vec<_> = rule.permitted.iter().map(|class| class.code()).collect();
                        return Err(format!("test {id} got {got}, permitted are {}", codes.join(", ")));
                    }
                    if !concerned().any(|(_, got)| rule.required.iter().any(|class| class.has(*got))) {
                        let codes: Vec<_> = rule.required.iter().map(|class| class.code()).collect();
                        return Err(format!("no test got {}", codes.join(" or ")));
                    }
                }
                Ok(())
            }
        }
    }
}

fn classes(value: &Value) -> Result<Vec<Class>, String> {
    class_list(value)
        .iter()
        .map(|word| Class::parse(word).ok_or_else(|| format!("\"{word}\" is no verdict; known are AC, WA, TLE, RTE")))
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
