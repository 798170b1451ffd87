//! `problem.yaml`, `domjudge-problem.ini` and `.timelimit`: what kind of problem, and its limits.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use assay_shared::{Checker, MIB};
use serde_json::Value;

use super::program::{self, Program};
use super::{Findings, Judges, Kind};

/// With less no program starts; messages may not ask for less either.
pub(super) const MIN_MEMORY_BYTES: u64 = 4 * MIB;

/// The version of the package format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Legacy,
    LegacyIcpc,
    Draft202307,
    V202509,
    /// Codeforces Polygon's.
    Polygon,
}

impl Format {
    /// Whether it is one of the versions before 2023-07.
    pub const fn is_legacy(self) -> bool {
        matches!(self, Self::Legacy | Self::LegacyIcpc)
    }
}

/// Where the time limit of a test comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum TimeLimit {
    /// The package stores it.
    Explicit { ms: u64 },
    /// The slowest submission that must not exceed it, times `multiplier`, rounded up to `resolution_ms`.
    Calibrated { multiplier: f64, resolution_ms: u64 },
}

impl TimeLimit {
    /// The limit in milliseconds when the slowest such submission took this much.
    pub fn from_slowest(multiplier: f64, resolution_ms: u64, slowest_us: u64) -> u64 {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "times of at most hours"
        )]
        let ms = (slowest_us as f64 * multiplier / 1000.0).ceil() as u64;
        ms.div_ceil(resolution_ms.max(1)).max(1) * resolution_ms.max(1)
    }
}

pub(super) struct Meta {
    pub(super) format: Format,
    pub(super) name: Option<String>,
    pub(super) unsupported: Option<String>,
    pub(super) kind: Kind,
    pub(super) judges: Judges,
    /// Whether a program of the package judges, and not the comparison with the answer.
    pub(super) custom_judge: bool,
    pub(super) grader: Option<Arc<Program>>,
    pub(super) time_limit: TimeLimit,
    pub(super) memory_bytes: Option<u64>,
    pub(super) output_bytes: Option<u64>,
    pub(super) code_bytes: Option<u64>,
    pub(super) compile_ms: Option<u64>,
    pub(super) compile_memory_bytes: Option<u64>,
    pub(super) languages: Option<Vec<String>>,
    pub(super) checker: Checker,
    /// Flags of the output validator for all tests.
    pub(super) flags: Vec<String>,
    pub(super) constants: BTreeMap<String, String>,
}

impl Meta {
    pub(super) fn read(root: &Path, findings: &mut Findings) -> Self {
        let file = root.join("problem.yaml");
        let yaml = if file.is_file() {
            super::yaml(root, &file, &BTreeMap::new(), findings).unwrap_or(Value::Null)
        } else {
            Value::Null
        };
        if !yaml.is_object() && !yaml.is_null() {
            findings.problem("problem.yaml: is no map of keys");
        }
        let ini = read_ini(root, findings);
        let format = format(&yaml, findings);
        let limits = yaml.get("limits").cloned().unwrap_or(Value::Null);
        let amount = |key: &str, unit: u64, findings: &mut Findings| -> Option<u64> {
            let value = limits.get(key)?;
            let amount = number(value).filter(|value| *value > 0.0 && *value < 1e9);
            if amount.is_none() {
                findings.problem(format!("problem.yaml: limits.{key}: must be a positive number, not {value}"));
            }
            amount.map(|amount| scaled(amount, unit))
        };
        let (memory_bytes, output_bytes) = (amount("memory", MIB, findings), amount("output", MIB, findings));
        let (code_bytes, compile_ms) = (amount("code", 1024, findings), amount("compilation_time", 1000, findings));
        let compile_memory_bytes = amount("compilation_memory", MIB, findings);
        let validation_memory_bytes = amount("validation_memory", MIB, findings);
        for (key, bytes) in [
            ("memory", memory_bytes),
            ("compilation_memory", compile_memory_bytes),
            ("validation_memory", validation_memory_bytes),
        ] {
            if bytes.is_some_and(|bytes| bytes < MIN_MEMORY_BYTES) {
                findings
                    .problem(format!("problem.yaml: limits.{key}: must be at least {} MiB", MIN_MEMORY_BYTES / MIB));
            }
        }
        if format == Format::V202509 {
            not_honoured(&yaml, output_bytes, findings);
        }
        let (validation_ms, validation_output_bytes) =
            (amount("validation_time", 1000, findings), amount("validation_output", MIB, findings));
        let kind = kind(&yaml, &limits, findings);
        let constants = if format.is_legacy() { BTreeMap::new() } else { constants(&yaml, findings) };
        let mut judges = judges(root, &yaml, format, kind, &constants, findings);
        judges.cpu_ms = validation_ms.unwrap_or(judges.cpu_ms);
        judges.memory_bytes = validation_memory_bytes.unwrap_or(judges.memory_bytes);
        judges.output_bytes = validation_output_bytes.unwrap_or(judges.output_bytes);
        let custom_judge = !judges.validators.is_empty() || judges.interactor.is_some();
        let substitute = |bytes| super::substitute(&constants, bytes);
        let grader = program::read(root, "graders", false, &substitute, findings).into_iter().next();
        let unsupported = unsupported(&ini, custom_judge);
        let time_limit = time_limit(root, &yaml, &limits, &ini, format, findings);
        let mut checker = Checker::default();
        let flags = yaml.get("validator_flags").map(words).unwrap_or_default();
        if format == Format::V202509 && !flags.is_empty() {
            findings.problem(
                "problem.yaml: validator_flags: 2025-09 has no such key; put output_validator_args into test_group.yaml",
            );
        }
        if let Err(problem) = apply_flags(&mut checker, &flags) {
            // Flags of a custom validator are its own business.
            if unsupported.is_none() && !custom_judge {
                findings.problem(format!("problem.yaml: validator_flags: {problem}"));
            }
        }
        Self {
            format,
            name: name(&yaml, &ini),
            unsupported,
            kind,
            judges,
            custom_judge,
            grader,
            time_limit,
            memory_bytes,
            output_bytes,
            code_bytes,
            compile_ms,
            compile_memory_bytes,
            languages: yaml
                .get("languages")
                .map(words)
                .filter(|codes| !codes.is_empty() && !codes.iter().any(|code| code == "all")),
            checker,
            flags,
            constants,
        }
    }
}

/// What 2025-09 asks for and is not done, where a package says that it counts on it.
fn not_honoured(yaml: &Value, output_bytes: Option<u64>, findings: &mut Findings) {
    if yaml.get("allow_file_writing") == Some(&Value::Bool(false)) {
        findings
            .warning("problem.yaml: allow_file_writing: false is not enforced; programs can write to their directory");
    }
    if output_bytes.is_some() {
        findings.warning(
            "problem.yaml: limits.output: counts standard output alone; standard error and files have limits of their own",
        );
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the caller has checked the range"
)]
fn scaled(amount: f64, unit: u64) -> u64 {
    (amount * unit as f64) as u64
}

fn format(yaml: &Value, findings: &mut Findings) -> Format {
    let version = match yaml.get("problem_format_version") {
        None | Some(Value::Null) => "legacy".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    match version.as_str() {
        "legacy" => Format::Legacy,
        "legacy-icpc" | "icpc" => Format::LegacyIcpc,
        "2023-07-draft" | "2023-07" => Format::Draft202307,
        "2025-09" | "2025-09-draft" | "draft" => Format::V202509,
        other => {
            findings.problem(format!(
                "problem.yaml: problem_format_version: \"{other}\" is not known; known are legacy, legacy-icpc, 2023-07-draft, 2025-09"
            ));
            Format::V202509
        }
    }
}

/// What kind of problem it is.
fn kind(yaml: &Value, limits: &Value, findings: &mut Findings) -> Kind {
    const KNOWN: [&str; 5] = ["pass-fail", "scoring", "interactive", "multi-pass", "submit-answer"];
    let types = yaml.get("type").map(words).unwrap_or_default();
    let validation = yaml.get("validation").map(words).unwrap_or_default();
    for other in types.iter().filter(|kind| !KNOWN.contains(&kind.as_str())) {
        findings.problem(format!("problem.yaml: type: \"{other}\" is not known; known are {}", KNOWN.join(", ")));
    }
    let has = |kind: &str| types.iter().any(|other| other == kind);
    let validated = |kind: &str| validation.iter().any(|other| other == kind);
    let passes = limits.get("validation_passes").map(|value| {
        number(value).filter(|passes| (2.0..=1000.0).contains(passes)).unwrap_or_else(|| {
            findings.problem(format!("problem.yaml: limits.validation_passes: must be 2 to 1000, not {value}"));
            2.0
        })
    });
    let multi_pass = has("multi-pass") || validated("multi-pass");
    for (one, other) in [("submit-answer", "interactive"), ("submit-answer", "multi-pass"), ("pass-fail", "scoring")] {
        if has(one) && has(other) {
            findings.problem(format!("problem.yaml: type: {one} and {other} exclude each other"));
        }
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    Kind {
        scoring: has("scoring"),
        interactive: has("interactive") || validated("interactive"),
        submit_answer: has("submit-answer"),
        passes: if multi_pass { passes.unwrap_or(2.0) as u32 } else { 1 },
    }
}

/// The programs that judge.
fn judges(
    root: &Path,
    yaml: &Value,
    format: Format,
    kind: Kind,
    constants: &BTreeMap<String, String>,
    findings: &mut Findings,
) -> Judges {
    let substitute = |bytes| super::substitute(constants, bytes);
    let validation = yaml.get("validation").map(words).unwrap_or_default();
    let wanted = validation.iter().any(|word| word == "custom") || kind.interactive || kind.passes > 1;
    let mut validators = program::read(root, "output_validator", true, &substitute, findings);
    validators.extend(program::read(root, "output_validators", false, &substitute, findings));
    if format.is_legacy() && !wanted && !validators.is_empty() {
        findings.warning("output_validators/: left out, problem.yaml does not say validation: custom");
        validators.clear();
    }
    if wanted && validators.is_empty() {
        findings.problem("there is no output validator, and the problem needs one; put it into output_validators/");
    }
    let interactor = (kind.interactive && !validators.is_empty()).then(|| validators.remove(0));
    if kind.passes > 1 && validators.len() > 1 {
        findings.problem("output_validators/: a multi-pass problem has exactly one validator");
    }
    if interactor.is_some() && !validators.is_empty() {
        findings.problem("output_validators/: an interactive problem has exactly one validator");
    }
    let static_validator = if format.is_legacy() {
        None
    } else {
        program::read(root, "static_validator", true, &substitute, findings).into_iter().next()
    };
    Judges { validators, interactor, static_validator, ..Judges::default() }
}

/// Why the package cannot be graded.
fn unsupported(ini: &BTreeMap<String, String>, custom_judge: bool) -> Option<String> {
    for key in ["special_compare", "special_run"] {
        if let Some(name) = ini.get(key).filter(|name| !name.is_empty() && !custom_judge) {
            return Some(format!(
                "domjudge-problem.ini: {key}: {name} is a program of one judge and not in the package"
            ));
        }
    }
    None
}

fn time_limit(
    root: &Path,
    yaml: &Value,
    limits: &Value,
    ini: &BTreeMap<String, String>,
    format: Format,
    findings: &mut Findings,
) -> TimeLimit {
    let mut stored: Vec<(&str, f64)> = Vec::new();
    let mut take = |source: &'static str, seconds: Option<f64>, text: &str, findings: &mut Findings| match seconds {
        // Below a millisecond there would be nothing left of it.
        Some(seconds) if (0.001..=3600.0).contains(&seconds) => stored.push((source, seconds)),
        _ => findings.problem(format!("{source}: must be seconds above 0 and up to 3600, not {text}")),
    };
    for (source, value) in [
        ("problem.yaml: limits.time_limit", limits.get("time_limit")),
        ("problem.yaml: limits.timelimit", limits.get("timelimit")),
        ("problem.yaml: time_limit", yaml.get("time_limit")),
        ("problem.yaml: timelimit", yaml.get("timelimit")),
    ] {
        if let Some(value) = value.filter(|value| !value.is_null()) {
            take(source, number(value), &value.to_string(), findings);
        }
    }
    if let Some(text) = ini.get("timelimit") {
        take("domjudge-problem.ini: timelimit", text.parse().ok(), &format!("\"{text}\""), findings);
    }
    match fs::read_to_string(root.join(".timelimit")) {
        Ok(text) => {
            let text = text.trim();
            take(".timelimit", text.parse().ok(), &format!("\"{}\"", text.escape_default()), findings);
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => findings.problem(format!(".timelimit: {error}")),
    }
    let mut factor = |key: &str, value: Option<&Value>, low: f64, high: f64, default: f64| {
        let Some(value) = value.filter(|value| !value.is_null()) else { return default };
        number(value).filter(|value| (low..=high).contains(value)).unwrap_or_else(|| {
            findings.problem(format!("problem.yaml: limits.{key}: must be {low} to {high}, not {value}"));
            default
        })
    };
    let default = if format.is_legacy() { 5.0 } else { 2.0 };
    let multipliers = limits.get("time_multipliers").and_then(|map| map.get("ac_to_time_limit"));
    let old = factor("time_multiplier", limits.get("time_multiplier"), 1.0, 1000.0, default);
    let multiplier = factor("time_multipliers.ac_to_time_limit", multipliers, 1.0, 1000.0, old);
    let resolution = factor("time_resolution", limits.get("time_resolution"), 0.001, 3600.0, 1.0);
    if let Some((source, seconds)) = stored.first() {
        for (other, _) in stored.iter().filter(|(_, other)| (other - seconds).abs() > 1e-9) {
            findings.warning(format!("{other}: differs from {source}, which counts"));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
        return TimeLimit::Explicit { ms: (seconds * 1000.0).round() as u64 };
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    TimeLimit::Calibrated { multiplier, resolution_ms: (resolution * 1000.0).round() as u64 }
}

fn name(yaml: &Value, ini: &BTreeMap<String, String>) -> Option<String> {
    match yaml.get("name") {
        Some(Value::String(name)) => Some(name.clone()),
        Some(Value::Object(names)) => {
            names.get("en").or_else(|| names.values().next()).and_then(Value::as_str).map(str::to_owned)
        }
        _ => ini.get("name").cloned(),
    }
}

/// Every name of a constant with its text.
fn constants(yaml: &Value, findings: &mut Findings) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut add = |name: &str, variant: &str, value: &Value| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => {
                findings.problem(format!("problem.yaml: constants.{name}: must be a number or a text, not {value}"));
                return;
            }
        };
        if variant == "value" {
            all.insert(name.to_owned(), text.clone());
        }
        all.insert(format!("{name}.{variant}"), text);
    };
    for (name, value) in yaml.get("constants").and_then(Value::as_object).into_iter().flatten() {
        match value {
            Value::Object(variants) => variants.iter().for_each(|(variant, value)| add(name, variant, value)),
            scalar => add(name, "value", scalar),
        }
    }
    all
}

/// `key = value` lines; quotes around the value are dropped.
fn read_ini(root: &Path, findings: &mut Findings) -> BTreeMap<String, String> {
    let path = root.join("domjudge-problem.ini");
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return BTreeMap::new(),
        Err(error) => {
            findings.problem(format!("domjudge-problem.ini: {error}"));
            return BTreeMap::new();
        }
    };
    String::from_utf8_lossy(&bytes)
        .lines()
        .filter(|line| !line.trim_start().starts_with([';', '#', '[']))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim().to_owned(), value.trim().trim_matches(['"', '\'']).to_owned()))
        .collect()
}

/// A number, also one that is written as text.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|value: &f64| value.is_finite())
}

/// Words of a text, or the items of a list.
pub(super) fn words(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => text.split_whitespace().map(str::to_owned).collect(),
        Value::Array(items) => items
            .iter()
            .map(|item| match item {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            })
            .collect(),
        Value::Null => Vec::new(),
        other => vec![other.to_string()],
    }
}

/// The default validator's flags.
pub(super) fn apply_flags(checker: &mut Checker, flags: &[String]) -> Result<(), String> {
    let mut flags = flags.iter();
    while let Some(flag) = flags.next() {
        let mut tolerance = || {
            let value = flags.next().ok_or_else(|| format!("{flag} needs a number"))?;
            value
                .parse()
                .ok()
                .filter(|value: &f64| value.is_finite() && *value >= 0.0)
                .ok_or_else(|| format!("{flag}: \"{value}\" is no tolerance"))
        };
        match flag.as_str() {
            "case_sensitive" => checker.case_sensitive = true,
            "space_change_sensitive" => checker.space_sensitive = true,
            "float_absolute_tolerance" => checker.float_absolute = Some(tolerance()?),
            "float_relative_tolerance" => checker.float_relative = Some(tolerance()?),
            "float_tolerance" => {
                let value = tolerance()?;
                (checker.float_absolute, checker.float_relative) = (Some(value), Some(value));
            }
            other => return Err(format!("\"{other}\" is no flag of the default validator")),
        }
    }
    Ok(())
}
