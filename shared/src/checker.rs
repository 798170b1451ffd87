//! How an output is compared with the expected one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The comparison of a test's output with its expected output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Checker {
    /// The rule; the other fields refine it.
    #[serde(default)]
    pub kind: CheckerKind,
    /// A number is right if it differs by at most this much. With either tolerance set, numbers are compared as numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub float_absolute: Option<f64>,
    /// A number is right if it differs by at most this fraction of the expected one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub float_relative: Option<f64>,
    /// Letters must agree in case. The package formats' default is that they need not.
    #[serde(default)]
    pub case_sensitive: bool,
    /// White space must agree exactly. The default is that any amount equals any other.
    #[serde(default)]
    pub space_sensitive: bool,
}

/// The rule of a [`Checker`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckerKind {
    /// Token by token: the default output validator of the Kattis problem package format.
    #[default]
    Tokens,
    /// Byte by byte.
    Exact,
}

impl Default for Checker {
    fn default() -> Self {
        Self {
            kind: CheckerKind::Tokens,
            float_absolute: None,
            float_relative: None,
            case_sensitive: false,
            space_sensitive: false,
        }
    }
}

impl Checker {
    /// Every value that makes no sense, as `(field, what is allowed)`.
    pub fn violations(&self) -> Vec<(&'static str, &'static str)> {
        let mut found = Vec::new();
        for (field, value) in
            [("checker.float_absolute", self.float_absolute), ("checker.float_relative", self.float_relative)]
        {
            if value.is_some_and(|value| !value.is_finite() || value < 0.0) {
                found.push((field, "must be a finite number of at least 0"));
            }
        }
        if self.kind == CheckerKind::Exact
            && (self.float_absolute.is_some()
                || self.float_relative.is_some()
                || self.case_sensitive
                || self.space_sensitive)
        {
            found.push(("checker", "an exact comparison takes no other option"));
        }
        found
    }
}
