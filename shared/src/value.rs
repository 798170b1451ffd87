//! Values of a function's arguments and results: JSON, and tags for what JSON lacks. `docs/functions.md` has the table.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

/// How deeply values may lie in one another.
pub const MAX_DEPTH: usize = 40;

/// The tags, each the only key of its object.
const TAGS: &str = "$tuple, $set, $frozenset, $dict, $int, $float, $complex, $bytes";

/// A value as Python has it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    None,
    Bool(bool),
    /// Of any size: decimal digits without leading zeros, perhaps after a minus sign.
    Int(String),
    Float(f64),
    /// Real and imaginary part.
    Complex(f64, f64),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Self>),
    Tuple(Vec<Self>),
    /// A set or a frozen set, which are equal if their elements are.
    Set(Vec<Self>),
    Dict(Vec<(Self, Self)>),
}

impl Value {
    /// Reads a value.
    ///
    /// # Errors
    /// Where it is none and why, as a phrase that follows the name of the field.
    pub fn read(json: &Json) -> Result<Self, String> {
        read(json, 1)
    }

    /// What Python calls its type.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::None => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Complex(..) => "complex",
            Self::Text(_) => "str",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Tuple(_) => "tuple",
            Self::Set(_) => "set",
            Self::Dict(_) => "dict",
        }
    }

    /// Whether it can be an element of a set or a key.
    fn is_hashable(&self) -> bool {
        match self {
            Self::List(_) | Self::Dict(_) => false,
            // A set in a set is a frozen one.
            Self::Tuple(items) | Self::Set(items) => items.iter().all(Self::is_hashable),
            _ => true,
        }
    }
}

fn read(json: &Json, depth: usize) -> Result<Value, String> {
    if depth > MAX_DEPTH {
        return Err(format!("is nested more than {MAX_DEPTH} deep"));
    }
    match json {
        Json::Null => Ok(Value::None),
        Json::Bool(bool) => Ok(Value::Bool(*bool)),
        Json::Number(number) => {
            let text = number.to_string();
            if text.contains(['.', 'e', 'E']) { float(&text) } else { integer(&text) }
        }
        Json::String(text) => Ok(Value::Text(text.clone())),
        Json::Array(items) => Ok(Value::List(all(items, depth)?)),
        Json::Object(object) => match object.iter().next() {
            Some((tag, content)) if object.len() == 1 && tag.starts_with('$') => tagged(tag, content, depth),
            _ => {
                if let Some(key) = object.keys().find(|key| key.starts_with('$')) {
                    return Err(format!(
                        "has the key \"{}\" beside others; keys that begin with $ need {{\"$dict\": [[key, value], …]}}",
                        key.escape_debug()
                    ));
                }
                let entry = |(key, value): (&String, &Json)| Ok((Value::Text(key.clone()), read(value, depth + 1)?));
                Ok(Value::Dict(object.iter().map(entry).collect::<Result<_, String>>()?))
            }
        },
    }
}

fn all(items: &[Json], depth: usize) -> Result<Vec<Value>, String> {
    items.iter().map(|item| read(item, depth + 1)).collect()
}

fn tagged(tag: &str, content: &Json, depth: usize) -> Result<Value, String> {
    let items = || content.as_array().ok_or_else(|| format!("{tag} needs a list"));
    let text = |what: &str| content.as_str().ok_or_else(|| format!("{tag} needs {what}"));
    match tag {
        "$tuple" => Ok(Value::Tuple(all(items()?, depth)?)),
        "$set" | "$frozenset" => {
            let items = all(items()?, depth)?;
            match items.iter().find(|item| !item.is_hashable()) {
                Some(item) => Err(format!("{tag} cannot hold a {}", item.kind())),
                None => Ok(Value::Set(items)),
            }
        }
        "$dict" => {
            let mut entries = Vec::new();
            for entry in items()? {
                let Some([key, value]) = entry.as_array().map(Vec::as_slice) else {
                    return Err("$dict needs pairs [key, value]".to_owned());
                };
                let key = read(key, depth + 1)?;
                if !key.is_hashable() {
                    return Err(format!("$dict cannot have a {} as a key", key.kind()));
                }
                entries.push((key, read(value, depth + 1)?));
            }
            Ok(Value::Dict(entries))
        }
        "$int" => integer(text("a string of decimal digits")?),
        "$float" => match text("\"nan\", \"inf\" or \"-inf\"")? {
            "nan" => Ok(Value::Float(f64::NAN)),
            "inf" => Ok(Value::Float(f64::INFINITY)),
            "-inf" => Ok(Value::Float(f64::NEG_INFINITY)),
            _ => Err("$float needs \"nan\", \"inf\" or \"-inf\"".to_owned()),
        },
        "$complex" => match items()?.as_slice() {
            [real, imaginary] => Ok(Value::Complex(part(real, depth)?, part(imaginary, depth)?)),
            _ => Err("$complex needs two numbers".to_owned()),
        },
        "$bytes" => {
            STANDARD.decode(text("base64")?).map(Value::Bytes).map_err(|_| "$bytes is not valid base64".to_owned())
        }
        _ => Err(format!(
            "has the tag \"{}\", which is none of {TAGS}; keys that begin with $ need {{\"$dict\": [[key, value], …]}}",
            tag.escape_debug()
        )),
    }
}

/// A part of a complex number.
fn part(json: &Json, depth: usize) -> Result<f64, String> {
    match read(json, depth + 1)? {
        Value::Float(float) => Ok(float),
        Value::Int(digits) => digits.parse().map_err(|_| "$complex needs two numbers".to_owned()),
        _ => Err("$complex needs two numbers".to_owned()),
    }
}

fn float(text: &str) -> Result<Value, String> {
    match text.parse::<f64>() {
        Ok(float) if float.is_finite() => Ok(Value::Float(float)),
        _ => Err("has a number that is too large; infinity is {\"$float\": \"inf\"}".to_owned()),
    }
}

fn integer(text: &str) -> Result<Value, String> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("$int needs a string of decimal digits".to_owned());
    }
    let digits = digits.trim_start_matches('0');
    Ok(Value::Int(if digits.is_empty() { "0".to_owned() } else { format!("{sign}{digits}") }))
}

#[cfg(test)]
mod tests {
    use super::{MAX_DEPTH, Value};

    fn read(text: &str) -> Result<Value, String> {
        Value::read(&serde_json::from_str(text).expect("JSON"))
    }

    #[test]
    fn json_and_tags_are_values() {
        let text = |text: &str| Value::Text(text.to_owned());
        let int = |digits: &str| Value::Int(digits.to_owned());
        for (json, expected) in [
            ("null", Value::None),
            ("true", Value::Bool(true)),
            ("-0", int("0")),
            ("123456789012345678901234567890", int("123456789012345678901234567890")),
            ("{\"$int\": \"-007\"}", int("-7")),
            ("1.0", Value::Float(1.0)),
            ("1e3", Value::Float(1000.0)),
            ("{\"$float\": \"-inf\"}", Value::Float(f64::NEG_INFINITY)),
            ("{\"$complex\": [1, -2.5]}", Value::Complex(1.0, -2.5)),
            ("{\"$bytes\": \"AP8=\"}", Value::Bytes(vec![0, 255])),
            ("[1, {\"$tuple\": []}]", Value::List(vec![int("1"), Value::Tuple(Vec::new())])),
            ("{\"$set\": [1]}", Value::Set(vec![int("1")])),
            ("{\"a\": 1}", Value::Dict(vec![(text("a"), int("1"))])),
            ("{\"$dict\": [[\"$a\", 1]]}", Value::Dict(vec![(text("$a"), int("1"))])),
            ("{}", Value::Dict(Vec::new())),
        ] {
            assert_eq!(read(json), Ok(expected), "{json}");
        }
    }

    #[test]
    fn what_is_no_value_is_told() {
        for (json, part) in [
            ("{\"$lambda\": 1}", "$lambda"),
            ("{\"$tuple\": [], \"a\": 1}", "$dict"),
            ("{\"$tuple\": 1}", "needs a list"),
            ("{\"$set\": [[1]]}", "cannot hold a list"),
            ("{\"$dict\": [[1]]}", "pairs"),
            ("{\"$dict\": [[{}, 1]]}", "a dict as a key"),
            ("{\"$int\": \"1e5\"}", "digits"),
            ("{\"$int\": 5}", "digits"),
            ("{\"$float\": \"NaN\"}", "nan"),
            ("{\"$complex\": [1, \"x\"]}", "two numbers"),
            ("{\"$bytes\": \"?\"}", "base64"),
            ("1e999", "too large"),
        ] {
            let problem = read(json).expect_err(json);
            assert!(problem.contains(part), "{json}: {problem}");
        }
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(read(&nested(MAX_DEPTH)).is_ok());
        assert!(read(&nested(MAX_DEPTH + 1)).expect_err("too deep").contains("nested"));
    }
}
