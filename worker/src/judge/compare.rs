//! The comparison of an output with the expected one: the default output validator of the problem package format.
//!
//! The expected output is read as a stream and never held, whatever its size; only a number that is not written as expected is, for
//! a tolerance needs all of its digits. The time is linear in the bytes of both, whatever they are. Nothing but "same" or
//! "different" is decided here: a program that also ran out of time is somebody else's concern.

mod float;

use std::io::{self, BufRead, Read as _};

use assay_shared::{Checker, CheckerKind};

use self::float::{Tolerance, is_decimal};

/// The longest piece of a token that a reason shows, in characters.
const SHOWN: usize = 60;

/// Enough bytes for them, so that no character is cut in two.
const SHOWN_BYTES: usize = 4 * SHOWN + 4;

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

/// Compares an output with the expected one, which is read no further than to what decides.
///
/// # Errors
/// The expected output cannot be read.
pub fn compare(checker: &Checker, mut expected: impl BufRead, actual: &[u8]) -> io::Result<Comparison> {
    let common = read_common(&mut expected, actual)?;
    if common == actual.len() && expected.fill_buf()?.is_empty() {
        return Ok(Comparison::Same);
    }
    match checker.kind {
        CheckerKind::Exact => exact(expected, common, actual),
        CheckerKind::Tokens => tokens(checker, expected, common, actual),
    }
}

/// Reads as far as the expected output agrees with this one, and returns how many bytes that are.
fn read_common(expected: &mut impl BufRead, actual: &[u8]) -> io::Result<usize> {
    let mut common = 0;
    loop {
        let buffer = expected.fill_buf()?;
        let length = buffer.len();
        let same = common_prefix(buffer, &actual[common..]);
        expected.consume(same);
        common += same;
        if length == 0 || same < length {
            return Ok(common);
        }
    }
}

fn exact(mut expected: impl BufRead, common: usize, actual: &[u8]) -> io::Result<Comparison> {
    let show = |byte: Option<&u8>| byte.map_or_else(|| "the end".to_owned(), |byte| quote(&[*byte]));
    let (wanted, got) = (show(expected.fill_buf()?.first()), show(actual.get(common)));
    let line = line_of(actual, common);
    Ok(Comparison::Different { reason: format!("line {line}, byte {}: expected {wanted}, got {got}", common + 1) })
}

fn tokens(checker: &Checker, expected: impl BufRead, common: usize, actual: &[u8]) -> io::Result<Comparison> {
    let tolerance = Tolerance::of(checker);
    // Everything before the first difference is the same under every option, so start at the token around it.
    let mut start = actual[..common].iter().rposition(|byte| is_space(*byte)).map_or(0, |space| space + 1);
    if checker.space_sensitive {
        start = actual[..start].iter().rposition(|byte| !is_space(*byte)).map_or(0, |last| last + 1);
    }
    // What was read of the expected output since then is what stands in the other one.
    let mut left = Expected { rest: actual[start..common].chain(expected), piece: Vec::new() };
    let mut right = Scanner { bytes: actual, at: start };
    loop {
        let space = right.space();
        let wanted = left.space(space)?;
        if checker.space_sensitive && !wanted.is_same {
            let (line, token) = position(actual, right.at);
            let (wanted, got) = (quote(&left.piece), quote(space));
            let reason = format!("line {line}, before token {token}: expected white space {wanted}, got {got}");
            return Ok(Comparison::Different { reason });
        }
        let at = right.at;
        let got = right.token();
        let wanted = left.token(got, tolerance.is_some())?;
        if wanted.length == 0 && got.is_empty() {
            return Ok(Comparison::Same);
        }
        if !same_token(checker, tolerance.as_ref(), &wanted, &left.piece, got) {
            return Ok(Comparison::Different { reason: explain(actual, at, &wanted, &left.piece, got) });
        }
    }
}

fn same_token(checker: &Checker, tolerance: Option<&Tolerance>, wanted: &Run, piece: &[u8], got: &[u8]) -> bool {
    if wanted.is_same {
        return true;
    }
    if wanted.length == 0 || got.is_empty() {
        return false;
    }
    match tolerance {
        Some(tolerance) if wanted.is_whole && is_decimal(piece) => is_decimal(got) && tolerance.accepts(piece, got),
        _ => !checker.case_sensitive && wanted.is_same_ignoring_case,
    }
}

/// The expected output from a token or white space on.
struct Expected<R> {
    rest: R,
    /// Of the last run, as many bytes as are held.
    piece: Vec<u8>,
}

/// What is known of a run of bytes beside those that are held: how it compares with another one.
struct Run {
    length: usize,
    /// Whether all of it is held.
    is_whole: bool,
    is_same: bool,
    is_same_ignoring_case: bool,
    /// The number of leading bytes that agree.
    common: usize,
}

impl<R: BufRead> Expected<R> {
    fn space(&mut self, other: &[u8]) -> io::Result<Run> {
        self.run(is_space, other, |_| false)
    }

    /// The next token; empty at the end. One that may be a number is held if these are compared as such.
    fn token(&mut self, other: &[u8], numbers: bool) -> io::Result<Run> {
        self.run(|byte| !is_space(byte), other, |piece| numbers && piece.iter().all(|byte| may_be_in_decimal(*byte)))
    }

    /// Reads a run, of which more than the beginning is held as long as `hold` says so of what comes.
    fn run(&mut self, belongs: impl Fn(u8) -> bool, other: &[u8], hold: impl Fn(&[u8]) -> bool) -> io::Result<Run> {
        self.piece.clear();
        let mut run = Run { length: 0, is_whole: true, is_same: true, is_same_ignoring_case: true, common: 0 };
        // Most are the same, and nobody asks for more of them.
        let buffer = self.rest.fill_buf()?;
        if buffer.get(other.len()).is_some_and(|next| !belongs(*next)) && buffer.starts_with(other) {
            self.rest.consume(other.len());
            return Ok(Run { length: other.len(), is_whole: other.is_empty(), common: other.len(), ..run });
        }
        loop {
            let buffer = self.rest.fill_buf()?;
            let length = buffer.iter().position(|byte| !belongs(*byte)).unwrap_or(buffer.len());
            let is_over = length < buffer.len() || buffer.is_empty();
            let part = &buffer[..length];
            let beside = &other[run.length.min(other.len())..];
            let beside = &beside[..length.min(beside.len())];
            if run.is_same {
                let common = common_prefix(part, beside);
                run.common += common;
                run.is_same = common == length;
            }
            run.is_same_ignoring_case &= part.eq_ignore_ascii_case(beside);
            let room = if run.is_whole && hold(part) { length } else { SHOWN_BYTES.saturating_sub(run.length) };
            self.piece.extend_from_slice(&part[..room.min(length)]);
            run.length += length;
            run.is_whole = self.piece.len() == run.length;
            self.rest.consume(length);
            if is_over {
                run.is_same &= run.length == other.len();
                run.is_same_ignoring_case &= run.length == other.len();
                return Ok(run);
            }
        }
    }
}

/// Whether a decimal number may have this byte, in whatever place.
const fn may_be_in_decimal(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')
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

fn explain(actual: &[u8], at: usize, wanted: &Run, piece: &[u8], got: &[u8]) -> String {
    let (line, token) = position(actual, at);
    if got.is_empty() {
        return format!("line {line}: expected {}, got the end of the output", quote(piece));
    }
    if wanted.length == 0 {
        return format!("line {line}, token {token}: expected the end of the output, got {}", quote(got));
    }
    let (wanted_text, got_text) = (quote(piece), quote(got));
    let mut reason = format!("line {line}, token {token}: expected {wanted_text}, got {got_text}");
    if wanted_text == got_text {
        reason = format!("{reason} (long tokens that differ at byte {})", wanted.common + 1);
    }
    reason
}

/// The beginning of a token in quotes, safe to print.
fn quote(bytes: &[u8]) -> String {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN_BYTES)]);
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
