//! `problem.yaml`, `domjudge-problem.ini` and `.timelimit`: what kind of problem, and its limits.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use assay_shared::{Checker, MIB};
use serde_json::Value;

use super::Findings;

/// The version of the package format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Legacy,
    LegacyIcpc,
    Draft202307,
    V202509,
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
    Explicit { ms: u64, source: String },
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
    pub(super) time_limit: TimeLimit,
    pub(super) memory_bytes: Option<u64>,
    pub(super) output_bytes: Option<u64>,
    pub(super) code_bytes: Option<u64>,
    pub(super) compile_ms: Option<u64>,
    pub(super) compile_memory_bytes: Option<u64>,
    pub(super) languages: Option<Vec<String>>,
    pub(super) checker: Checker,
    pub(super) constants: Vec<(String, String)>,
}

impl Meta {
    pub(super) fn read(root: &Path, findings: &mut Findings) -> Self {
        let file = root.join("problem.yaml");
        let yaml = if file.is_file() { super::yaml(root, &file, findings).unwrap_or(Value::Null) } else { Value::Null };
        if !yaml.is_object() && !yaml.is_null() {
            findings.problem("problem.yaml: is no map of keys");
        }
        let ini = read_ini(root, findings);
        let format = format(&yaml, findings);
        let limits = yaml.get("limits").cloned().unwrap_or(Value::Null);
        let mut amount = |key: &str, unit: u64| -> Option<u64> {
            let value = limits.get(key)?;
            let amount = number(value).filter(|value| *value > 0.0 && *value < 1e9);
            if amount.is_none() {
                findings.problem(format!("problem.yaml: limits.{key}: must be a positive number, not {value}"));
            }
            amount.map(|amount| scaled(amount, unit))
        };
        let (memory_bytes, output_bytes) = (amount("memory", MIB), amount("output", MIB));
        let (code_bytes, compile_ms) = (amount("code", 1024), amount("compilation_time", 1000));
        let compile_memory_bytes = amount("compilation_memory", MIB);
        let time_limit = time_limit(root, &yaml, &limits, &ini, format, findings);
        let mut checker = Checker::default();
        let flags = yaml.get("validator_flags").map(words).unwrap_or_default();
        if let Err(problem) = apply_flags(&mut checker, &flags) {
            // Flags of a custom validator are its own business.
            if unsupported(root, &yaml, &ini, format).is_none() {
                findings.problem(format!("problem.yaml: validator_flags: {problem}"));
            }
        }
        Self {
            format,
            name: name(&yaml, &ini),
            unsupported: unsupported(root, &yaml, &ini, format),
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
            constants: constants(&yaml),
        }
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
    match yaml.get("problem_format_version").and_then(Value::as_str) {
        None | Some("legacy") => Format::Legacy,
        Some("legacy-icpc" | "icpc") => Format::LegacyIcpc,
        Some("2023-07-draft" | "2023-07") => Format::Draft202307,
        Some("2025-09" | "2025-09-draft" | "draft") => Format::V202509,
        Some(other) => {
            findings.problem(format!(
                "problem.yaml: problem_format_version: \"{other}\" is not known; known are legacy, legacy-icpc, 2023-07-draft, 2025-09"
            ));
            Format::V202509
        }
    }
}

/// Why the package cannot be graded yet.
fn unsupported(root: &Path, yaml: &Value, ini: &BTreeMap<String, String>, format: Format) -> Option<String> {
    let types = yaml.get("type").map(words).unwrap_or_default();
    for kind in ["interactive", "multi-pass", "submit-answer", "scoring"] {
        if types.iter().any(|other| other == kind) {
            return Some(format!("{kind} problem"));
        }
    }
    let validation = yaml.get("validation").map(words).unwrap_or_default();
    if validation.iter().any(|word| word == "interactive") {
        return Some("interactive problem".to_owned());
    }
    if validation.iter().any(|word| word == "custom") {
        return Some("custom output validator".to_owned());
    }
    if !format.is_legacy() {
        for dir in ["output_validator", "output_validators"] {
            if root.join(dir).is_dir() && !super::children(&root.join(dir)).is_empty() {
                return Some("custom output validator".to_owned());
            }
        }
        if root.join("static_validator").exists() {
            return Some("static validator".to_owned());
        }
    }
    for key in ["special_compare", "special_run"] {
        if let Some(name) = ini.get(key).filter(|name| !name.is_empty()) {
            return Some(format!("custom output validator ({key} {name})"));
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
    let explicit = |seconds: f64, source: &str| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked below")]
        let ms = (seconds * 1000.0).round() as u64;
        TimeLimit::Explicit { ms, source: source.to_owned() }
    };
    let valid = |seconds: f64| seconds > 0.0 && seconds <= 3600.0;
    for (source, value) in [
        ("problem.yaml: limits.time_limit", limits.get("time_limit")),
        ("problem.yaml: limits.timelimit", limits.get("timelimit")),
        ("problem.yaml: time_limit", yaml.get("time_limit")),
        ("problem.yaml: timelimit", yaml.get("timelimit")),
    ] {
        match value.map(|value| (number(value), value)) {
            Some((Some(seconds), _)) if valid(seconds) => return explicit(seconds, source),
            Some((_, Value::Null)) | None => {}
            Some((_, value)) => {
                findings.problem(format!("{source}: must be seconds above 0 and up to 3600, not {value}"));
            }
        }
    }
    if let Some(text) = ini.get("timelimit") {
        match text.parse() {
            Ok(seconds) if valid(seconds) => return explicit(seconds, "domjudge-problem.ini: timelimit"),
            _ => findings.problem(format!(
                "domjudge-problem.ini: timelimit: must be seconds above 0 and up to 3600, not \"{text}\""
            )),
        }
    }
    if let Ok(text) = fs::read_to_string(root.join(".timelimit")) {
        match text.trim().parse() {
            Ok(seconds) if valid(seconds) => return explicit(seconds, ".timelimit"),
            _ => findings.problem(format!(
                ".timelimit: must be seconds above 0 and up to 3600, not \"{}\"",
                text.trim().escape_default()
            )),
        }
    }
    let multipliers = limits.get("time_multipliers").and_then(|map| map.get("ac_to_time_limit")).and_then(number);
    let multiplier = multipliers.or_else(|| limits.get("time_multiplier").and_then(number));
    let multiplier = multiplier.unwrap_or(if format.is_legacy() { 5.0 } else { 2.0 });
    if !(1.0..=1000.0).contains(&multiplier) {
        findings.problem(format!("problem.yaml: limits: the time multiplier must be 1 to 1000, not {multiplier}"));
    }
    let resolution = limits.get("time_resolution").and_then(number).unwrap_or(1.0);
    if !(0.001..=3600.0).contains(&resolution) {
        findings.problem(format!("problem.yaml: limits.time_resolution: must be seconds above 0, not {resolution}"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked, and a problem otherwise")]
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

fn constants(yaml: &Value) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    for (name, value) in yaml.get("constants").and_then(Value::as_object).into_iter().flatten() {
        match value {
            Value::Object(variants) => {
                for (variant, value) in variants {
                    all.push((format!("{name}.{variant}"), text(value)));
                    if variant == "value" {
                        all.push((name.clone(), text(value)));
                    }
                }
            }
            scalar => {
                all.push((format!("{name}.value"), text(scalar)));
                all.push((name.clone(), text(scalar)));
            }
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
