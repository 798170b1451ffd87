//! The calls that a data set's own tests make: its solution runs under them in a sandbox, and a program of ours notes what goes
//! in and what comes out.

use assay_sandbox::{Input, WorkFile};
use assay_shared::{Limits, MIB};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::jury::first_line;
use super::run::{attempt, command, sandbox_limits};
use super::{Company, Place};
use crate::judge;
use crate::language::{HARNESS, Step};

/// The program that notes calls.
const SOURCE: &str =
    concat!(include_str!("../../harness/python3/values.py"), include_str!("../../harness/python3/record.py"));

/// What is run.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    /// Whether `tests` define `check(candidate)` or are asserts.
    pub kind: Kind,
    pub solution: String,
    /// What the tests need, run after the solution.
    pub setup: String,
    pub tests: String,
    /// The function that is tested; where it is not named, the one of the solution that the tests call.
    pub function: Option<String>,
}

/// The shape of a record's tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    HumanEval,
    Mbpp,
}

/// What was noted.
#[derive(Clone, Debug, Deserialize)]
pub struct Recorded {
    pub function: String,
    /// The largest absolute tolerance that the tests name.
    pub absolute: Option<f64>,
    /// The largest relative tolerance that the tests name.
    pub relative: Option<f64>,
    pub calls: Vec<RecordedCall>,
}

/// One call.
#[derive(Clone, Debug, Deserialize)]
pub struct RecordedCall {
    /// The arguments by place and by name.
    pub call: (Vec<Json>, serde_json::Map<String, Json>),
    pub returns: Json,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Recorded(Recorded),
    Unfit(String),
}

/// Runs a record's solution under its tests. `step` starts a program of ours in the record's language.
///
/// # Errors
/// Why there are no tests to be had.
pub fn record(place: &mut Place, step: &Step, request: &Request) -> Result<Recorded, String> {
    let cpu_ms = 60_000;
    let limits = Limits {
        cpu_ms,
        wall_ms: assay_shared::limits::default_wall_ms(cpu_ms),
        memory_bytes: 2048 * MIB,
        stdout_bytes: 64 * MIB,
        ..Limits::default()
    };
    let request = serde_json::to_string(request).map_err(|error| error.to_string())?;
    let outcome = attempt(place, |place| {
        let stdin = Input::from_bytes(request.as_bytes())?;
        let run = sandbox_limits(&limits, step.extra_memory_bytes);
        let mut slot = place.slot(Company::Others)?;
        let work = slot.workspace(&run, &[&[WorkFile::new(HARNESS, SOURCE.as_bytes())]])?;
        slot.run(&command(step, &[]), &run, &work, &stdin)
    })
    .map_err(|error| error.to_string())?;
    if let Some(judgement) = judge::of_run(&outcome, &limits) {
        let line = outcome.stderr.bytes.rsplit(|byte| *byte == b'\n').find(|line| !line.is_empty());
        let line = line.map(first_line).unwrap_or_default();
        return Err(format!("its own solution or tests fail: {} {line}", judgement.reason).trim_end().to_owned());
    }
    match serde_json::from_slice(&outcome.stdout.bytes) {
        Ok(Answer::Recorded(recorded)) => Ok(recorded),
        Ok(Answer::Unfit(reason)) => Err(first_line(reason.as_bytes())),
        Err(_) => Err("its own solution or tests end the process early".to_owned()),
    }
}
