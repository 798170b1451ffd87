//! One test of a function: a program of ours calls it in a run of its own and sends its result out, and the comparison with the
//! expected one is made here. What is expected never enters the sandbox.
//!
//! The result is one line with a word that is fresh for each run. Whatever else the program leaves on its way out, by ending
//! early or by writing itself, is no result.

use std::path::Path;
use std::sync::Arc;

use assay_sandbox::{Input, WorkFile};
use assay_shared::{Excerpt, Limits, TestReport, Value, Verdict};
use serde::Deserialize;
use serde_json::Value as Json;
use uuid::Uuid;

use super::Place;
use super::jury::first_line;
use super::pipeline::{Task, Test};
use super::rerun::{Ran, Turn, decided};
use super::run::{attempt, command, facts};
use super::trial::{Tried, skipped};
use crate::judge::Judgement;
use crate::judge::compare::Comparison;
use crate::judge::value::compare;
use crate::language::{Call, HARNESS, WORK_DIR};

/// The function that a submission's tests call.
#[derive(Clone, Debug)]
pub struct Callee {
    name: String,
    /// The file that it is in.
    main: String,
    /// The program that calls it, and what that needs.
    harness: [WorkFile; 2],
}

impl Callee {
    /// A function in the main file of a submission whose language calls functions so.
    pub fn new(name: &str, main: &str, call: &Call) -> Self {
        let source = WorkFile::new(HARNESS, call.source.as_bytes());
        // Node would take a file without an extension for what the submission's own package.json says.
        let kind = WorkFile::new(Path::new(HARNESS).with_file_name("package.json"), "{\"type\":\"commonjs\"}");
        Self { name: name.to_owned(), main: format!("{WORK_DIR}/{main}"), harness: [source, kind] }
    }
}

/// One call and what it should return.
#[derive(Clone, Debug)]
pub struct CallTest {
    pub args: Vec<Json>,
    pub kwargs: serde_json::Map<String, Json>,
    pub expected: Value,
}

impl CallTest {
    /// Whether it has neither arguments by name nor complex numbers.
    pub fn is_plain(&self) -> bool {
        fn has_complex(json: &Json) -> bool {
            match json {
                Json::Array(items) => items.iter().any(has_complex),
                Json::Object(object) => object.contains_key("$complex") || object.values().any(has_complex),
                _ => false,
            }
        }
        self.kwargs.is_empty() && !self.args.iter().any(has_complex)
    }
}

/// Does a test. An error is the judge's.
pub(super) fn try_call(
    place: &mut Place,
    task: &Task,
    program: &[WorkFile],
    test: &Test,
    called: (&Callee, &CallTest),
    is_needed: &dyn Fn() -> bool,
) -> Result<Tried, String> {
    let (mut report, first_verdict) = decided(task.second_runs.as_ref(), is_needed, |turn| {
        let (report, is_near) = call_once(place, task, program, test, called, turn)?;
        Ok(Ran { verdict: report.verdict, is_near, what: report })
    })?;
    report.first_verdict = first_verdict;
    Ok(Tried { report, points: None })
}

/// What became of one call, and whether its time was within the noise of a limit.
fn call_once(
    place: &mut Place,
    task: &Task,
    program: &[WorkFile],
    test: &Test,
    (callee, call): (&Callee, &CallTest),
    turn: Turn,
) -> Result<(TestReport, bool), String> {
    let step = &task.plan.run;
    let limits = Limits { pids: task.limits.pids.max(step.pids), ..task.limits.clone() };
    // What compiling may have left in the place of ours does not count.
    let own = Path::new(HARNESS).parent().unwrap_or(Path::new(HARNESS));
    let program: Vec<WorkFile> = program.iter().filter(|file| !file.path.starts_with(own)).cloned().collect();
    let (mut outcome, nonce) = attempt(place, |place| {
        let nonce = Uuid::new_v4().simple().to_string();
        let request = serde_json::json!({
            "main": callee.main, "function": callee.name, "args": call.args, "kwargs": call.kwargs, "nonce": nonce,
        });
        let stdin = Input::from_bytes(request.to_string().as_bytes())?;
        let run = turn.sandbox_limits(&limits, step.extra_memory_bytes);
        let mut slot = place.slot(turn.company())?;
        let work = slot.workspace(&run, &[&program, &callee.harness])?;
        let outcome = slot.run(&command(step, &[]), &run, &work, &stdin)?;
        Ok((outcome, nonce))
    })
    .map_err(|error| error.to_string())?;
    let (own, undecided) = turn.judge(&mut outcome, &limits);
    let said = said(&outcome.stdout.bytes, &nonce);
    let (usage, exit) = facts(&outcome);
    // The word of the run is nobody's business, and makes equal outputs differ.
    let stdout = match &said {
        Ok(Said::Value(value)) => format!("{value}\n").into_bytes(),
        _ => outcome.stdout.bytes.clone(),
    };
    let judgement = judge(test, call, own, &said);
    let is_near = undecided && judge(test, call, None, &said).verdict == Verdict::Accepted;
    let report = TestReport {
        verdict: judgement.verdict,
        reason: judgement.reason,
        usage: Some(usage),
        exit: Some(exit),
        stdout: Excerpt::of(&stdout, outcome.stdout.truncated, task.keep_bytes),
        stderr: Excerpt::of(&outcome.stderr.bytes, outcome.stderr.truncated, task.keep_bytes),
        ..skipped(&test.id)
    };
    Ok((report, is_near))
}

/// `own` is what the run itself says.
fn judge(test: &Test, call: &CallTest, own: Option<Judgement>, said: &Result<Said, String>) -> Judgement {
    let wrong = |reason| Judgement { verdict: Verdict::WrongAnswer, reason };
    if let Some(mut judgement) = own {
        if let Ok(Said::Raised(error)) = said
            && judgement.verdict == Verdict::RuntimeError
        {
            judgement.reason = format!("{}: {}", judgement.reason, first_line(error.as_bytes()));
        }
        return judgement;
    }
    match said {
        Ok(Said::Value(value)) => match Value::read(value) {
            Ok(value) => match compare(&test.checker, &call.expected, &value) {
                Comparison::Same => Judgement::accepted(),
                Comparison::Different { reason } => wrong(reason),
            },
            Err(problem) => wrong(format!("the result {}", first_line(problem.as_bytes()))),
        },
        Ok(Said::Unsupported(what)) => {
            wrong(format!("the function returned what is no plain value: {}", first_line(what.as_bytes())))
        }
        Ok(Said::Raised(_)) => wrong(NO_RESULT.to_owned()),
        Err(reason) => wrong(reason.clone()),
    }
}

const NO_RESULT: &str = "there is no result: the program ended before the function returned";

/// What the program of ours says of a call.
#[derive(Debug, PartialEq)]
enum Said {
    Value(Json),
    Unsupported(String),
    Raised(String),
}

/// Its one line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    nonce: String,
    #[serde(default, deserialize_with = "given")]
    value: Option<Json>,
    unsupported: Option<String>,
    raised: Option<String>,
}

/// A field that is there, even if it is null.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}

/// Reads an output that must be exactly one line with the word of the run.
fn said(output: &[u8], nonce: &str) -> Result<Said, String> {
    if output.is_empty() {
        return Err(NO_RESULT.to_owned());
    }
    let foreign = || "the program wrote to where the function's result goes, which is no result".to_owned();
    let line = output.strip_suffix(b"\n").filter(|line| !line.contains(&b'\n')).ok_or_else(foreign)?;
    let line: Line = serde_json::from_slice(line).map_err(|_| foreign())?;
    if line.nonce != nonce {
        return Err(foreign());
    }
    match (line.value, line.unsupported, line.raised) {
        (Some(value), None, None) => Ok(Said::Value(value)),
        (None, Some(what), None) => Ok(Said::Unsupported(what)),
        (None, None, Some(error)) => Ok(Said::Raised(error)),
        _ => Err(foreign()),
    }
}

/// The arguments and results of a message's tests.
///
/// # Errors
/// The first that is no value, and why.
pub fn calls(tests: &[assay_shared::InlineTest]) -> Result<Vec<Arc<CallTest>>, String> {
    let call = |test: &assay_shared::InlineTest| {
        let expected = Value::read(test.returns.as_ref().ok_or("returns must be given")?);
        Ok(Arc::new(CallTest {
            args: test.args.clone().unwrap_or_default(),
            kwargs: test.kwargs.clone().unwrap_or_default(),
            expected: expected.map_err(|problem| format!("returns {problem}"))?,
        }))
    };
    tests.iter().map(|test| call(test).map_err(|problem: String| format!("test {}: {problem}", test.id))).collect()
}

#[cfg(test)]
mod tests {
    use super::{NO_RESULT, Said, said};

    #[test]
    fn only_one_line_with_the_word_of_the_run_is_a_result() {
        let said = |text: &str| said(text.as_bytes(), "n");
        assert_eq!(said("{\"nonce\":\"n\",\"value\":null}\n"), Ok(Said::Value(serde_json::Value::Null)));
        assert_eq!(said("{\"nonce\":\"n\",\"raised\":\"x\"}\n"), Ok(Said::Raised("x".to_owned())));
        assert_eq!(said(""), Err(NO_RESULT.to_owned()));
        for forged in [
            "PASSED\n",
            "5\n",
            "\n",
            "{\"nonce\":\"m\",\"value\":1}\n",
            "{\"value\":1}\n",
            "{\"nonce\":\"n\"}\n",
            "{\"nonce\":\"n\",\"value\":1}",
            "{\"nonce\":\"n\",\"value\":1}\n\n",
            "{\"nonce\":\"n\",\"value\":1}\n{\"nonce\":\"n\",\"value\":1}\n",
            "{\"nonce\":\"n\",\"value\":1,\"value\":2}\n",
            "{\"nonce\":\"n\",\"value\":1,\"raised\":\"x\"}\n",
            "{\"nonce\":\"n\",\"value\":1,\"passed\":true}\n",
        ] {
            assert!(said(forged).is_err_and(|reason| reason.contains("is no result")), "{forged}");
        }
    }
}
