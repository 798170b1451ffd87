//! The result of a function compared with the expected one, as Python's `==` would compare them, outside the sandbox.
//!
//! `1 == 1.0 == True`, a list is no tuple, sets and dicts have no order. Two things differ: not-a-number is itself here, and
//! with a tolerance floating-point numbers need only be near.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use assay_shared::{Checker, Value};

use super::compare::Comparison;

/// The longest piece of a value that a reason shows, in characters.
const SHOWN: usize = 60;
/// The longest path to a difference, in characters.
const LONGEST_PATH: usize = 120;
/// Elements of a set that are tried with each other when they are near but not equal.
const MOST_NEAR: usize = 128;
/// How many pairs of such elements are tried in one comparison, also in sets of sets.
const MOST_TRIES: usize = 100_000;

/// Compares a result with the expected one.
pub fn compare(checker: &Checker, expected: &Value, actual: &Value) -> Comparison {
    let budget = Cell::new(MOST_TRIES);
    let near = Near { absolute: checker.float_absolute, relative: checker.float_relative, budget };
    match near.difference(expected, actual, &mut String::from("result")) {
        None => Comparison::Same,
        Some(reason) => Comparison::Different { reason },
    }
}

/// How far a floating-point number may be from the expected one.
struct Near {
    absolute: Option<f64>,
    relative: Option<f64>,
    /// How many more elements of sets may be tried with each other.
    budget: Cell<usize>,
}

impl Near {
    /// The first difference, or nothing. `path` leads to the values.
    fn difference(&self, expected: &Value, actual: &Value, path: &mut String) -> Option<String> {
        match (expected, actual) {
            (Value::List(wanted), Value::List(got)) | (Value::Tuple(wanted), Value::Tuple(got)) => {
                let found = wanted.iter().zip(got).enumerate().find_map(|(index, (wanted, got))| {
                    below(path, &format!("[{index}]"), |path| self.difference(wanted, got, path))
                });
                found.or_else(|| {
                    (wanted.len() != got.len())
                        .then(|| format!("{path}: expected {} items, got {}", wanted.len(), got.len()))
                })
            }
            (Value::Set(wanted), Value::Set(got)) => self.sets(wanted, got, path),
            (Value::Dict(wanted), Value::Dict(got)) => self.dicts(wanted, got, path),
            _ if self.scalars(expected, actual) => None,
            _ => Some(unequal(expected, actual, path)),
        }
    }

    fn scalars(&self, expected: &Value, actual: &Value) -> bool {
        match (expected, actual) {
            (Value::None, Value::None) => true,
            (Value::Text(wanted), Value::Text(got)) => wanted == got,
            (Value::Bytes(wanted), Value::Bytes(got)) => wanted == got,
            _ => match (Number::of(expected), Number::of(actual)) {
                (Some(wanted), Some(got)) => {
                    wanted == got || (is_inexact(expected, actual) && self.are_near(expected, actual))
                }
                _ => false,
            },
        }
    }

    fn are_near(&self, expected: &Value, actual: &Value) -> bool {
        let (Some((real, imaginary)), Some((other_real, other_imaginary))) = (parts(expected), parts(actual)) else {
            return false;
        };
        self.is_near(real, other_real) && self.is_near(imaginary, other_imaginary)
    }

    fn is_near(&self, expected: f64, actual: f64) -> bool {
        let difference = (expected - actual).abs();
        // Neither infinite nor not a number.
        difference.is_finite()
            && (self.absolute.is_some_and(|bound| difference <= bound)
                || self.relative.is_some_and(|bound| difference <= bound * expected.abs()))
    }

    fn sets(&self, expected: &[Value], actual: &[Value], path: &str) -> Option<String> {
        let (wanted, got) = (by_key(expected.iter()), by_key(actual.iter()));
        let missing = only_in(expected, &wanted, &got);
        let extra = only_in(actual, &got, &wanted);
        if (self.absolute.is_some() || self.relative.is_some())
            && missing.len() == extra.len()
            && missing.len() <= MOST_NEAR
            && self.can_be_paired(&missing, &extra)
        {
            return None;
        }
        match (missing.first(), extra.first()) {
            (None, None) => None,
            (Some(missing), None) => Some(format!("{path}: {} is missing", shown(missing))),
            (None, Some(extra)) => Some(format!("{path}: {} is too much", shown(extra))),
            (Some(missing), Some(extra)) => {
                Some(format!("{path}: {} is missing, {} is too much", shown(missing), shown(extra)))
            }
        }
    }

    /// Whether each element can have one of the others to itself that is near.
    fn can_be_paired(&self, wanted: &[&Value], got: &[&Value]) -> bool {
        fn place(at: usize, near: &[Vec<bool>], tried: &mut [bool], owner: &mut [Option<usize>]) -> bool {
            for other in 0..owner.len() {
                if near[at][other] && !std::mem::replace(&mut tried[other], true) {
                    let taken = owner[other];
                    if taken.is_none_or(|taken| place(taken, near, tried, owner)) {
                        owner[other] = Some(at);
                        return true;
                    }
                }
            }
            false
        }
        let same = |wanted, got| {
            let left = self.budget.get();
            self.budget.set(left.saturating_sub(1));
            left > 0 && self.difference(wanted, got, &mut String::new()).is_none()
        };
        let near: Vec<Vec<bool>> =
            wanted.iter().map(|wanted| got.iter().map(|got| same(wanted, got)).collect()).collect();
        let mut owner = vec![None; got.len()];
        (0..wanted.len()).all(|at| place(at, &near, &mut vec![false; got.len()], &mut owner))
    }

    /// Keys must be equal, values may be near.
    fn dicts(&self, expected: &[(Value, Value)], actual: &[(Value, Value)], path: &mut String) -> Option<String> {
        // The last of several equal keys counts, as in Python.
        let got: HashMap<String, &Value> = actual.iter().map(|(name, value)| (key(name), value)).collect();
        let wanted: HashMap<String, &Value> = expected.iter().map(|(name, value)| (key(name), value)).collect();
        for (name, _) in expected {
            let key = key(name);
            let Some(wanted) = wanted.get(&key) else { continue };
            let Some(got) = got.get(&key) else {
                return Some(format!("{path}: the key {} is missing", shown(name)));
            };
            let found = below(path, &format!("[{}]", shown(name)), |path| self.difference(wanted, got, path));
            if found.is_some() {
                return found;
            }
        }
        let extra = actual.iter().find(|(name, _)| !wanted.contains_key(&key(name)));
        extra.map(|(name, _)| format!("{path}: the key {} is too much", shown(name)))
    }
}

/// Looks below a path, which is bounded.
fn below<T>(path: &mut String, step: &str, look: impl FnOnce(&mut String) -> T) -> T {
    let length = path.len();
    if path.chars().count() + step.chars().count() <= LONGEST_PATH {
        path.push_str(step);
    } else if !path.ends_with('…') {
        path.push('…');
    }
    let found = look(path);
    path.truncate(length);
    found
}

fn unequal(expected: &Value, actual: &Value, path: &str) -> String {
    let (wanted, got) = (shown(expected), shown(actual));
    if expected.kind() != actual.kind() && (Number::of(expected).is_none() || Number::of(actual).is_none()) {
        return format!("{path}: expected {wanted} ({}), got {got} ({})", expected.kind(), actual.kind());
    }
    if wanted == got {
        return format!("{path}: expected {wanted}, got another {} that begins alike", actual.kind());
    }
    format!("{path}: expected {wanted}, got {got}")
}

/// Whether a tolerance applies: to numbers of which one is a floating-point number. Truth values are right or wrong.
fn is_inexact(expected: &Value, actual: &Value) -> bool {
    let is = |what: fn(&Value) -> bool| what(expected) || what(actual);
    is(|value| matches!(value, Value::Float(_) | Value::Complex(..))) && !is(|value| matches!(value, Value::Bool(_)))
}

/// Real and imaginary part of a number, as near as a floating-point number is.
fn parts(value: &Value) -> Option<(f64, f64)> {
    match value {
        Value::Int(digits) => Some((digits.parse().ok()?, 0.0)),
        Value::Float(float) => Some((*float, 0.0)),
        Value::Complex(real, imaginary) => Some((*real, *imaginary)),
        _ => None,
    }
}

/// A number such that equal ones are the same, whatever their types.
#[derive(PartialEq, Eq)]
struct Number<'a> {
    real: Cow<'a, str>,
    imaginary: Cow<'a, str>,
}

impl<'a> Number<'a> {
    fn of(value: &'a Value) -> Option<Self> {
        let real = |real| Some(Self { real, imaginary: Cow::Borrowed("0") });
        match value {
            Value::Bool(bool) => real(Cow::Borrowed(if *bool { "1" } else { "0" })),
            Value::Int(digits) => real(Cow::Borrowed(digits)),
            Value::Float(float) => real(exact(*float)),
            Value::Complex(real, imaginary) => Some(Self { real: exact(*real), imaginary: exact(*imaginary) }),
            _ => None,
        }
    }
}

/// All digits of a whole number, as an integer has them; what tells others apart.
fn exact(float: f64) -> Cow<'static, str> {
    if float == 0.0 {
        Cow::Borrowed("0")
    } else if float.is_finite() && float.fract() == 0.0 {
        Cow::Owned(format!("{float:.0}"))
    } else {
        Cow::Owned(format!("{float:e}"))
    }
}

/// A text that is the same for equal values and differs for others.
fn key(value: &Value) -> String {
    fn write(value: &Value, text: &mut String) {
        match value {
            Value::None => text.push('n'),
            Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Complex(..) => {
                if let Some(Number { real, imaginary }) = Number::of(value) {
                    text.extend(["#", &*real, ",", &*imaginary, ";"]);
                }
            }
            Value::Text(content) => text.extend(["t", &content.len().to_string(), ":", content]),
            Value::Bytes(content) => {
                text.push('b');
                text.extend(content.iter().map(|byte| format!("{byte:02x}")));
                text.push(';');
            }
            Value::List(items) | Value::Tuple(items) => {
                text.push(if matches!(value, Value::List(_)) { '[' } else { '(' });
                for item in items {
                    write(item, text);
                }
                text.push(')');
            }
            Value::Set(items) => {
                let mut keys: Vec<String> = items.iter().map(key).collect();
                keys.sort();
                keys.dedup();
                text.push('{');
                text.extend(keys);
                text.push('}');
            }
            // No key of anything; its place among the keys does not matter.
            Value::Dict(_) => text.push('d'),
        }
    }
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn by_key<'a>(values: impl Iterator<Item = &'a Value>) -> HashSet<String> {
    values.map(key).collect()
}

/// The elements, once each, whose keys are not among the others.
fn only_in<'a>(values: &'a [Value], keys: &HashSet<String>, others: &HashSet<String>) -> Vec<&'a Value> {
    let mut left: HashSet<&String> = keys.difference(others).collect();
    values.iter().filter(|value| left.remove(&key(value))).collect()
}

/// The beginning of a value as Python shows it, safe to print.
pub fn shown(value: &Value) -> String {
    let mut text = String::new();
    show(value, &mut text);
    if text.chars().count() > SHOWN {
        text = text.chars().take(SHOWN).collect();
        text.push('…');
    }
    text
}

/// Writes a value, and no more of it than is shown.
fn show(value: &Value, text: &mut String) {
    fn list<T>(text: &mut String, [open, close]: [&str; 2], items: &[T], mut each: impl FnMut(&T, &mut String)) {
        text.push_str(open);
        for (index, item) in items.iter().enumerate() {
            if text.len() > 4 * SHOWN {
                return;
            }
            if index > 0 {
                text.push_str(", ");
            }
            each(item, text);
        }
        text.push_str(close);
    }
    match value {
        Value::None => text.push_str("None"),
        Value::Bool(bool) => text.push_str(if *bool { "True" } else { "False" }),
        Value::Int(digits) => text.extend(digits.chars().take(SHOWN + 1)),
        Value::Float(float) => text.push_str(&of_float(*float)),
        Value::Complex(real, imaginary) => {
            text.extend(["complex(", &of_float(*real), ", ", &of_float(*imaginary), ")"]);
        }
        Value::Text(content) => {
            text.push('\'');
            content.chars().take(SHOWN + 1).for_each(|char| match char {
                '"' => text.push(char),
                char => text.extend(char.escape_debug()),
            });
            text.push('\'');
        }
        Value::Bytes(content) => {
            text.push_str("b'");
            content.iter().take(SHOWN + 1).for_each(|byte| text.extend(byte.escape_ascii().map(char::from)));
            text.push('\'');
        }
        Value::List(items) => list(text, ["[", "]"], items, show),
        Value::Tuple(items) => list(text, ["(", if items.len() == 1 { ",)" } else { ")" }], items, show),
        Value::Set(items) if items.is_empty() => text.push_str("set()"),
        Value::Set(items) => list(text, ["{", "}"], items, show),
        Value::Dict(entries) => list(text, ["{", "}"], entries, |(name, value), text| {
            show(name, text);
            text.push_str(": ");
            show(value, text);
        }),
    }
}

fn of_float(float: f64) -> String {
    if float.is_nan() { "nan".to_owned() } else { format!("{float:?}") }
}

#[cfg(test)]
mod tests {
    use assay_shared::{Checker, Value};

    use super::super::compare::Comparison;
    use super::{compare, shown};

    fn value(text: &str) -> Value {
        Value::read(&serde_json::from_str(text).expect("JSON")).expect("a value")
    }

    fn reason(checker: &Checker, expected: &str, actual: &str) -> Option<String> {
        match compare(checker, &value(expected), &value(actual)) {
            Comparison::Same => None,
            Comparison::Different { reason } => Some(reason),
        }
    }

    fn equal(expected: &str, actual: &str) -> bool {
        reason(&Checker::default(), expected, actual).is_none()
    }

    const NAN: &str = r#"{"$float": "nan"}"#;

    #[test]
    fn values_are_equal_as_in_python() {
        for (one, other) in [
            ("1", "1.0"),
            ("1", "true"),
            ("0", "-0.0"),
            ("0.0", "false"),
            ("100000000000000000000", "1e20"),
            ("3", r#"{"$complex": [3, 0]}"#),
            (NAN, NAN),
            (r#"[1, [2, "x"]]"#, r#"[true, [2.0, "x"]]"#),
            (r#"{"$set": [1, 2, 2]}"#, r#"{"$frozenset": [2.0, 1]}"#),
            (r#"{"a": 1, "b": 2}"#, r#"{"$dict": [["b", 2], ["a", 1.0]]}"#),
            (r#"{"$dict": [[1, "x"]]}"#, r#"{"$dict": [[1.0, "x"]]}"#),
            (r#"{"$dict": [[1, "y"], [true, "x"]]}"#, r#"{"$dict": [[1.0, "x"]]}"#),
            (
                r#"{"$set": [{"$tuple": [1, {"$frozenset": [1, 2]}]}]}"#,
                r#"{"$set": [{"$tuple": [1, {"$set": [2, 1]}]}]}"#,
            ),
        ] {
            assert!(equal(one, other) && equal(other, one), "{one} {other}");
        }
        for (one, other) in [
            ("[1]", r#"{"$tuple": [1]}"#),
            ("1", "\"1\""),
            ("null", "false"),
            ("\"\"", "[]"),
            ("{}", r#"{"$set": []}"#),
            (r#"{"$bytes": "YQ=="}"#, "\"a\""),
            ("100000000000000000001", "1e20"),
            ("9007199254740993", "9007199254740992.0"),
            ("0.1", "0.10000000000000002"),
            (NAN, "0"),
            (r#"{"$float": "inf"}"#, r#"{"$float": "-inf"}"#),
            ("[1, 2]", "[1, 2, 3]"),
            (r#"{"$set": [1]}"#, r#"{"$set": [1, "1"]}"#),
            (r#"{"$set": ["a", "bt1:c"]}"#, r#"{"$set": ["at1:b", "c"]}"#),
            (r#"{"a": null}"#, "{}"),
        ] {
            assert!(!equal(one, other) && !equal(other, one), "{one} {other}");
        }
    }

    #[test]
    fn a_tolerance_is_for_floating_point_numbers_wherever_they_are() {
        let checker = Checker { float_absolute: Some(1e-6), ..Checker::default() };
        let near = |one, other| reason(&checker, one, other).is_none();
        assert!(near("1.0", "1.0000001") && near("1", "0.9999999") && near("[[1.0]]", "[[1.0000001]]"));
        assert!(near(r#"{"a": 1.0}"#, r#"{"a": 1.0000001}"#));
        assert!(near(r#"{"$complex": [1, 1]}"#, r#"{"$complex": [1, 1.0000001]}"#));
        // Sorted pairs would not fit.
        let (one, other) = (
            r#"{"$set": [{"$tuple": [0.1, 5]}, {"$tuple": [0.1000001, 3]}]}"#,
            r#"{"$set": [{"$tuple": [0.1, 3]}, {"$tuple": [0.1000001, 5]}]}"#,
        );
        assert!(near(one, other));
        for (one, other) in [("1.0", "1.1"), ("0", "true"), ("false", "1e-9"), ("1", "2"), (NAN, "1.0"), ("1.0", NAN)] {
            assert!(!near(one, other), "{one} {other}");
        }
        let relative = Checker { float_relative: Some(0.01), ..Checker::default() };
        assert!(reason(&relative, "1000.0", "1009").is_none() && reason(&relative, "0.0", "0.001").is_some());
    }

    #[test]
    fn a_reason_says_where_and_is_bounded() {
        let told = |expected, actual| reason(&Checker::default(), expected, actual).unwrap_or_default();
        assert_eq!(told(r#"[1, {"a": [2]}]"#, r#"[1, {"a": [3]}]"#), "result[1]['a'][0]: expected 2, got 3");
        assert_eq!(told("[1]", "[1, 2]"), "result: expected 1 items, got 2");
        assert_eq!(told("[1]", r#"{"$tuple": [1]}"#), "result: expected [1] (list), got (1,) (tuple)");
        assert_eq!(told(r#"{"$set": [1]}"#, r#"{"$set": [2]}"#), "result: 1 is missing, 2 is too much");
        assert_eq!(told(r#"{"a": 1}"#, "{}"), "result: the key 'a' is missing");
        let long = format!("\"{}\"", "x".repeat(100_000));
        assert!(told(&long, "\"\\u001b[31m\\n\"").len() < 200);
        assert!(told("\"\"", "\"\\u001b[31m\\n\"").contains("\\u{1b}[31m\\n"));
        let deep = |number: u32| format!("{}{number}{}", "{\"long key of a dict\": ".repeat(39), "}".repeat(39));
        let reason = told(&deep(1), &deep(2));
        assert!(reason.len() < 300 && reason.contains('…'), "{reason}");
        assert!(shown(&value(&format!("[{}1]", "1, ".repeat(10_000)))).chars().count() <= 61);
    }
}
