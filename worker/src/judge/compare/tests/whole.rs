//! The comparison as it is with both outputs in memory, which is simpler: what the one that reads must agree with.

use assay_shared::{Checker, CheckerKind};

use super::super::float::{Tolerance, is_decimal};
use super::super::{Comparison, Scanner, common_prefix, is_space, line_of, position, quote};

/// Compares an output with the expected one.
pub(super) fn compare(checker: &Checker, expected: &[u8], actual: &[u8]) -> Comparison {
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
