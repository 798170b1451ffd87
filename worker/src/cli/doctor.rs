//! `assay doctor`: whether this host can grade, shown by doing it, and how to mend what it lacks.

mod canary;
mod case;
mod host;
mod probe;
mod self_test;
mod traces;

use clap::Args;
use serde_json::json;

use super::{Failure, render};
use crate::exit::Exit;
use crate::language::{Availability, Languages};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Attack the sandbox from the inside, in a short form of the hostile tests, and tell what held
    #[arg(long)]
    self_test: bool,
    /// Print JSON, one object a line
    #[arg(long)]
    json: bool,
    /// What the self-test runs inside the sandbox
    #[arg(long, hide = true, num_args = 1.., value_name = "NAME")]
    probe: Vec<String>,
}

struct Check {
    name: &'static str,
    /// Whether it holds; `None` is advice.
    holds: Option<bool>,
    found: String,
    mend: String,
}

impl Check {
    fn new(name: &'static str, holds: Option<bool>, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { name, holds, found: found.into(), mend: mend.into() }
    }
}

pub(super) fn run(options: &Options) -> Result<Exit, Failure> {
    if !options.probe.is_empty() {
        return Ok(probe::run(&options.probe));
    }
    if options.self_test {
        return self_test::run(options.json);
    }
    let mut checks = host::checks();
    checks.extend(canary::checks());
    checks.push(languages()?);
    let fit = checks.iter().all(|check| check.holds != Some(false));
    for check in &checks {
        if options.json {
            render::json(
                &json!({"check": check.name, "ok": check.holds, "found": check.found, "mend": (check.holds != Some(true)).then_some(&check.mend)}),
            );
            continue;
        }
        let mark = match check.holds {
            Some(true) => render::coloured("ok     ", "32"),
            Some(false) => render::coloured("MISSING", "31"),
            None => render::coloured("advice ", "33"),
        };
        render::line(&format!("{mark} {}: {}", check.name, check.found));
        if check.holds != Some(true) && !check.mend.is_empty() {
            render::line(&format!("        {}", check.mend));
        }
    }
    if options.json {
        render::json(&json!({"summary": {"fit": fit}}));
    } else {
        render::line(if fit { "\nThis host can grade." } else { "\nThis host cannot grade yet." });
    }
    Ok(if fit { Exit::Fine } else { Exit::Unfit })
}

fn languages() -> Result<Check, Failure> {
    let languages = Languages::load(None).map_err(Failure::usage)?;
    let available: Vec<&str> = languages
        .iter()
        .filter(|language| matches!(language.availability(), Availability::Available { .. }))
        .map(crate::language::Language::id)
        .collect();
    let mend = "install one: scripts/install-toolchains python3";
    Ok(Check::new("languages", Some(!available.is_empty()), available.join(" "), mend))
}
