//! The verdicts of a test and of a submission.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is known about a program after one test, or about a whole submission.
///
/// `JE` is the only one that says nothing about the program: the judge failed, not the submission.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Verdict {
    #[serde(rename = "AC")]
    Accepted,
    #[serde(rename = "WA")]
    WrongAnswer,
    /// More CPU time than the limit.
    #[serde(rename = "TLE")]
    TimeLimit,
    /// More wall time than the limit while using less CPU time than its own limit.
    #[serde(rename = "ILE")]
    IdleLimit,
    #[serde(rename = "MLE")]
    MemoryLimit,
    #[serde(rename = "OLE")]
    OutputLimit,
    /// A non-zero exit code or a signal.
    #[serde(rename = "RTE")]
    RuntimeError,
    #[serde(rename = "CE")]
    CompileError,
    #[serde(rename = "JE")]
    JudgeError,
    /// A test that was not needed: the verdict was decided by an earlier one.
    #[default]
    #[serde(rename = "SKIPPED")]
    Skipped,
}

impl Verdict {
    /// Every verdict, in the order of the documentation.
    pub const ALL: [Self; 10] = [
        Self::Accepted,
        Self::WrongAnswer,
        Self::TimeLimit,
        Self::IdleLimit,
        Self::MemoryLimit,
        Self::OutputLimit,
        Self::RuntimeError,
        Self::CompileError,
        Self::JudgeError,
        Self::Skipped,
    ];

    /// The short code that users of judges know, such as `AC`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Accepted => "AC",
            Self::WrongAnswer => "WA",
            Self::TimeLimit => "TLE",
            Self::IdleLimit => "ILE",
            Self::MemoryLimit => "MLE",
            Self::OutputLimit => "OLE",
            Self::RuntimeError => "RTE",
            Self::CompileError => "CE",
            Self::JudgeError => "JE",
            Self::Skipped => "SKIPPED",
        }
    }

    /// The verdict of a submission under the `icpc` policy: that of its first test, in order, which is neither accepted
    /// nor skipped; `AC` if there is none. A judge error anywhere wins, because then the order proves nothing.
    pub fn of_tests(tests: impl IntoIterator<Item = Self>) -> Self {
        let mut first = Self::Accepted;
        for verdict in tests {
            match verdict {
                Self::JudgeError => return Self::JudgeError,
                Self::Accepted | Self::Skipped => {}
                other if first == Self::Accepted => first = other,
                _ => {}
            }
        }
        first
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// The text is none of the codes of [`Verdict`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownVerdict(pub String);

impl fmt::Display for UnknownVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown verdict \"{}\"", self.0.escape_default())
    }
}

impl std::error::Error for UnknownVerdict {}

impl FromStr for Verdict {
    type Err = UnknownVerdict;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|verdict| verdict.code() == text).ok_or_else(|| UnknownVerdict(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict::{self, Accepted, JudgeError, Skipped, TimeLimit, WrongAnswer};

    #[test]
    fn the_first_failing_test_decides_and_a_judge_error_wins() {
        assert_eq!(Verdict::of_tests([Accepted, Accepted]), Accepted);
        assert_eq!(Verdict::of_tests([Accepted, WrongAnswer, TimeLimit, Skipped]), WrongAnswer);
        assert_eq!(Verdict::of_tests([WrongAnswer, JudgeError]), JudgeError);
        assert_eq!(Verdict::of_tests([]), Accepted);
    }

    #[test]
    fn every_code_parses_back() {
        for verdict in Verdict::ALL {
            assert_eq!(verdict.code().parse(), Ok(verdict));
            assert_eq!(serde_json::to_string(&verdict).expect("a code"), format!("\"{verdict}\""));
        }
    }
}
