//! The comparison of an output with the expected one: the default output validator of the problem package format.
//!
//! Works on bytes in memory, in time linear in their number whatever they are. It does not read files, and it decides
//! nothing but "same" or "different": a program that also ran out of time is somebody else's concern.

mod float;

use assay_shared::{Checker, CheckerKind};

use self::float::{Tolerance, is_decimal};

/// The longest piece of a token that a reason shows, in characters.
const SHOWN: usize = 60;

/// What a comparison found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    Same,
    Different {
        /// Where the first difference is and what stands there: one line, bounded and escaped.
        reason: String,
    },
}

impl Comparison {
    /// Whether the output is right.
    pub fn is_same(&self) -> bool {
        *self == Self::Same
    }
}

/// Compares an output with the expected one.
pub fn compare(checker: &Checker, expected: &[u8], actual: &[u8]) -> Comparison {
    if expected == actual {
        return Comparison::Same;
    }
    match checker.kind {
        CheckerKind::Exact => exact(expected, actual),
        CheckerKind::Tokens => tokens(checker, expected, actual),
    }
}

fn exact(expected: &[u8], actual: &[u8]) -> Comparison {
    let offset = common_prefix(expected, actual);
    let show = |bytes: &[u8]| bytes.get(offset).map_or_else(|| "the end".to_owned(), |byte| quote(&[*byte]));
    let line = line_of(actual, offset);
    let reason = format!("line {line}, byte {}: expected {}, got {}", offset + 1, show(expected), show(actual));
    Comparison::Different { reason }
}

fn tokens(checker: &Checker, expected: &[u8], actual: &[u8]) -> Comparison {
    let tolerance = Tolerance::of(checker);
    // Everything before the first difference is the same under every option, so start at the token around it.
    let common = common_prefix(expected, actual);
    let mut start = actual[..common].iter().rposition(|byte| is_space(*byte)).map_or(0, |space| space + 1);
    if checker.space_sensitive {
        start = actual[..start].iter().rposition(|byte| !is_space(*byte)).map_or(0, |last| last + 1);
    }
    let mut left = Scanner { bytes: expected, at: start };
    let mut right = Scanner { bytes: actual, at: start };
    loop {
        let (left_space, right_space) = (left.space(), right.space());
        if checker.space_sensitive && left_space != right_space {
            let (line, token) = position(actual, right.at);
            let reason = format!(
                "line {line}, before token {token}: expected white space {}, got {}",
                quote(left_space),
                quote(right_space)
            );
            return Comparison::Different { reason };
        }
        let at = right.at;
        let (wanted, got) = match (left.token(), right.token()) {
            ([], []) => return Comparison::Same,
            tokens => tokens,
        };
        if !same_token(checker, tolerance.as_ref(), wanted, got) {
            return Comparison::Different { reason: explain(actual, at, wanted, got) };
        }
    }
}

fn same_token(checker: &Checker, tolerance: Option<&Tolerance>, wanted: &[u8], got: &[u8]) -> bool {
    if wanted == got {
        return true;
    }
    if wanted.is_empty() || got.is_empty() {
        return false;
    }
    match tolerance {
        Some(tolerance) if is_decimal(wanted) => is_decimal(got) && tolerance.accepts(wanted, got),
        _ => !checker.case_sensitive && wanted.eq_ignore_ascii_case(got),
    }
}

/// A position in an output that is taken apart into tokens and the white space before each.
struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    fn space(&mut self) -> &'a [u8] {
        self.run(is_space)
    }

    /// The next token; empty at the end.
    fn token(&mut self) -> &'a [u8] {
        self.run(|byte| !is_space(byte))
    }

    fn run(&mut self, belongs: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|byte| !belongs(*byte)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }
}

/// White space as C's `isspace` has it.
const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// The number of leading bytes that agree.
fn common_prefix(left: &[u8], right: &[u8]) -> usize {
    const BLOCK: usize = 4096;
    let blocks = left.chunks_exact(BLOCK).zip(right.chunks_exact(BLOCK)).take_while(|(left, right)| left == right);
    let start = blocks.count() * BLOCK;
    start + left[start..].iter().zip(&right[start..]).take_while(|(left, right)| left == right).count()
}

fn line_of(bytes: &[u8], offset: usize) -> usize {
    bytes[..offset.min(bytes.len())].split(|byte| *byte == b'\n').count()
}

/// The line of `offset` and the number, in that line, of the token that begins there.
fn position(bytes: &[u8], offset: usize) -> (usize, usize) {
    let line_start = bytes[..offset].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let before = bytes[line_start..offset].split(|byte| is_space(*byte)).filter(|token| !token.is_empty()).count();
    (line_of(bytes, offset), before + 1)
}

fn explain(actual: &[u8], at: usize, wanted: &[u8], got: &[u8]) -> String {
    let (line, token) = position(actual, at);
    match (wanted, got) {
        (wanted, []) => format!("line {line}: expected {}, got the end of the output", quote(wanted)),
        ([], got) => format!("line {line}, token {token}: expected the end of the output, got {}", quote(got)),
        (wanted, got) => {
            let (wanted_text, got_text) = (quote(wanted), quote(got));
            let mut reason = format!("line {line}, token {token}: expected {wanted_text}, got {got_text}");
            if wanted_text == got_text {
                let differ = common_prefix(wanted, got) + 1;
                reason = format!("{reason} (long tokens that differ at byte {differ})");
            }
            reason
        }
    }
}

/// The beginning of a token in quotes, safe to print.
fn quote(bytes: &[u8]) -> String {
    // Enough bytes for the characters that are shown, so that no character is cut in two.
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4 * SHOWN + 4)]);
    let mut text = String::from("\"");
    let mut shown = 0;
    for char in head.chars() {
        let escaped = if char == '\'' { char.to_string() } else { char.escape_debug().to_string() };
        shown += escaped.chars().count();
        if shown > SHOWN {
            text.push('…');
            break;
        }
        text.push_str(&escaped);
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests;
