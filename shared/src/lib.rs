//! Types that cross a process or the network. They do no input or output of their own.
//!
//! The message has a version, and a worker refuses fields it does not know, so that a newer sender is told instead of
//! being half understood. A field is added with a default; a field that changes its meaning needs a new version.

pub mod checker;
pub mod limits;
pub mod report;
pub mod submission;
pub mod value;
pub mod verdict;

pub use checker::{Checker, CheckerKind};
pub use limits::{Limits, LimitsRequest, MIB};
pub use report::{CompileReport, Excerpt, Exit, GroupReport, SubmissionReport, TestReport, Usage};
pub use submission::{Function, InlineTest, Malformed, ProblemRef, SourceFile, StopRule, Submission, Violation};
pub use value::Value;
pub use verdict::Verdict;
