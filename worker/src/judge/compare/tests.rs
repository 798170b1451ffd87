//! What the comparison accepts and how it explains what it does not.

mod whole;

use std::cell::Cell;
use std::io::{self, BufReader, Read};

use assay_shared::{Checker, CheckerKind};
use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof};
use proptest::test_runner::{Config, TestRunner};

use super::Comparison;

fn compare(checker: &Checker, expected: &[u8], actual: &[u8]) -> Comparison {
    super::compare(checker, expected, actual).expect("bytes can be read")
}

fn same(checker: &Checker, expected: &str, actual: &str) -> bool {
    compare(checker, expected.as_bytes(), actual.as_bytes()).is_same()
}

fn reason(checker: &Checker, expected: &[u8], actual: &[u8]) -> String {
    match compare(checker, expected, actual) {
        Comparison::Same => panic!("expected a difference"),
        Comparison::Different { reason } => reason,
    }
}

fn within(absolute: Option<f64>, relative: Option<f64>) -> Checker {
    Checker { float_absolute: absolute, float_relative: relative, ..Checker::default() }
}

#[test]
fn white_space_and_case_are_ignored_unless_asked_for() {
    let plain = Checker::default();
    assert!(same(&plain, "Hello World\n", "  hello\r\n\tWORLD"));
    assert!(same(&plain, "", " \n\x0b\x0c"));
    assert!(!same(&plain, "ab", "a b"));
    assert!(!same(&plain, "a b", "a"));
    assert!(!same(&plain, "a", "a b"));
    assert!(!same(&Checker { case_sensitive: true, ..plain }, "Yes", "yes"));
}

#[test]
fn only_ascii_letters_have_case() {
    assert!(!same(&Checker::default(), "é", "É"));
    assert!(!same(&Checker::default(), "[", "{"));
}

#[test]
fn sensitive_white_space_counts_everywhere_and_letters_keep_their_rule() {
    let checker = Checker { space_sensitive: true, ..Checker::default() };
    assert!(same(&checker, "A  b\n", "a  B\n"));
    for (expected, actual) in [("a b", "a  b"), ("a b", "a\tb"), ("a\n", "a"), ("a", "a\n"), (" a", "a"), ("a", " a")] {
        assert!(!same(&checker, expected, actual), "{expected:?} {actual:?}");
    }
}

#[test]
fn numbers_are_compared_as_numbers_only_with_a_tolerance() {
    assert!(!same(&Checker::default(), "0.5", "0.50"));
    let checker = within(Some(0.0), None);
    for number in ["0.50", "+.5", "5e-1", "5E-01", "00.5", "50.e-2"] {
        assert!(same(&checker, "0.5", number), "{number}");
    }
    for text in ["0x1p-1", "0.5f", "1/2", ".", "e5", "5e", "0.5.0", "nan", "--0.5", "0,5"] {
        assert!(!same(&checker, "0.5", text), "{text}");
    }
}

#[test]
fn either_tolerance_is_enough_and_relative_means_of_the_expected_value() {
    assert!(same(&within(Some(1e-6), None), "1000", "1000.000001"));
    assert!(!same(&within(Some(1e-6), None), "1000", "1000.0000011"));
    assert!(same(&within(None, Some(1e-6)), "1000", "1000.001"));
    assert!(!same(&within(None, Some(1e-6)), "1000", "999.9989"));
    assert!(!same(&within(None, Some(1e-6)), "0", "0.0000001"));
    assert!(same(&within(Some(1e-6), Some(1e-6)), "0", "-0.0000001"));
    assert!(same(&within(None, Some(0.1)), "10", "9"));
    assert!(!same(&within(None, Some(0.1)), "9", "10"));
}

#[test]
fn a_difference_of_exactly_the_tolerance_is_accepted() {
    assert!(same(&within(Some(0.1), None), "0.3", "0.4"));
    assert!(same(&within(Some(1e-6), None), "1.0", "1.000001"));
    assert!(same(&within(None, Some(1e-9)), "3", "3.000000003"));
    assert!(!same(&within(Some(1e-6), None), "1.0", "1.0000010000000000000001"));
    assert!(!same(&within(Some(1e-6), None), "10000000000000000", "10000000000000002"));
}

#[test]
fn infinities_and_nan_are_text() {
    let checker = within(Some(1e-6), Some(1e-6));
    assert!(same(&checker, "inf\n0\nNaN\n", "INF\n0\nnan\n"));
    assert!(!same(&checker, "inf", "1e999"));
    assert!(!same(&checker, "1e999", "5"));
    assert!(!same(&checker, "5", "1e999"));
    assert!(!same(&checker, "1e999", "2e999"));
    assert!(same(&checker, "1e999", "1e999"));
}

#[test]
fn a_floating_point_problem_in_the_wild() {
    // The expected answers of a package that judges used to test their judges with, and its right and wrong outputs.
    let checker = within(Some(1e-6), Some(1e-6));
    assert!(same(&checker, "1.0\n0.50000000001\n3.333333333E-1\n", "1\n0.5\n0.33333333334\n"));
    assert!(same(&checker, "0.25\n2E-1\n", "0.250000\n0.2000001\n"));
    assert!(!same(&checker, "0.25\n2E-1\n", "0.25\n0.20001\n"));
    assert!(!same(&checker, "inf\n0\nNaN\n", "inf\n0\n0\n"));
}

#[test]
fn exact_means_every_byte() {
    let checker = Checker { kind: CheckerKind::Exact, ..Checker::default() };
    assert!(same(&checker, "a\n", "a\n"));
    assert_eq!(reason(&checker, b"a\nb\n", b"a\nb"), "line 2, byte 4: expected \"\\n\", got the end");
}

#[test]
fn a_reason_names_the_place_in_the_output() {
    let plain = Checker::default();
    assert_eq!(
        reason(&plain, b"1 2\n3 4\n5 12\n", b"1 2\n3 4\n5 13\n"),
        "line 3, token 2: expected \"12\", got \"13\""
    );
    assert_eq!(reason(&plain, b"1 2", b"1\n"), "line 2: expected \"2\", got the end of the output");
    assert_eq!(reason(&plain, b"1", b"1 2"), "line 1, token 2: expected the end of the output, got \"2\"");
    let spaces = Checker { space_sensitive: true, ..plain };
    assert_eq!(reason(&spaces, b"1 2", b"1  2"), "line 1, before token 2: expected white space \" \", got \"  \"");
}

#[test]
fn a_reason_is_short_and_printable_whatever_the_tokens_are() {
    let plain = Checker::default();
    let text = reason(&plain, b"\x1b[31m\xff\0\"", "\u{202e}ü".repeat(1000).as_bytes());
    assert!(text.len() < 300 && !text.contains(char::is_control) && !text.contains('\u{202e}'), "{text}");
    let (mut left, mut right) = (vec![b'a'; 1000], vec![b'a'; 1000]);
    (left[700], right[700]) = (b'x', b'y');
    assert!(reason(&plain, &left, &right).ends_with("(long tokens that differ at byte 701)"));
}

#[test]
fn hostile_outputs_take_linear_time() {
    let checker = within(Some(1e-6), Some(1e-6));
    let start = std::time::Instant::now();
    let digits = vec![b'9'; 10 << 20];
    let mut other = digits.clone();
    other[(10 << 20) - 1] = b'8';
    assert!(!compare(&checker, &digits, &other).is_same(), "both are too large to be numbers");
    assert!(!compare(&checker, &vec![0; 10 << 20], &vec![0xff; 10 << 20]).is_same());
    assert!(compare(&checker, b"", &vec![b' '; 10 << 20]).is_same());
    let small = [b"0.".as_slice(), &digits].concat();
    assert!(compare(&checker, b"1", &small).is_same());
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

/// Pieces of outputs that meet every rule: white space of each kind, letters, numbers in many forms, long tokens.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let white = proptest::sample::select(vec![" ", "\n", "\r\n", "\t", "  ", " \n\n", "\x0b"]);
    let word = proptest::sample::select(vec![
        "a",
        "A",
        "yes",
        "YES",
        "\u{fc}",
        "\u{dc}",
        "\0",
        "nan",
        "inf",
        "e5",
        "-",
        ".",
        "0",
        "0.0",
        "-0",
        "1",
        "1.0",
        "+1",
        "1e0",
        "10e-1",
        "0.3",
        "0.4",
        "0.35",
        ".5",
        "5e-1",
        "1e999",
        "1000",
        "1000.001",
        "0x1",
        "1.000001",
        "3.0000000000000000000000001",
    ]);
    let long = (proptest::sample::select(vec!["7", "x", "X", "0", "1e", " "]), 1_usize..400);
    prop_oneof![
        8 => word.prop_map(|word| word.as_bytes().to_vec()),
        8 => white.prop_map(|white| white.as_bytes().to_vec()),
        1 => long.prop_map(|(part, times)| part.repeat(times).into_bytes()),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ]
}

/// An output, and the same with a few pieces taken out, put in or replaced.
fn outputs() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let pieces = proptest::collection::vec(piece(), 0..24);
    let edits = proptest::collection::vec((any::<proptest::sample::Index>(), 0..3_u8, piece()), 0..4);
    (pieces, edits).prop_map(|(pieces, edits)| {
        let mut other = pieces.clone();
        for (at, edit, piece) in edits {
            let at = at.index(other.len() + 1);
            match edit {
                0 => other.insert(at, piece),
                _ if at == other.len() => {}
                1 => other[at] = piece,
                _ => drop(other.remove(at)),
            }
        }
        (pieces.concat(), other.concat())
    })
}

fn checkers() -> impl Strategy<Value = Checker> {
    let kind = prop_oneof![1 => Just(CheckerKind::Exact), 7 => Just(CheckerKind::Tokens)];
    let bound = || proptest::option::of(proptest::sample::select(vec![0.0, 1e-6, 0.1, 1e300]));
    (kind, any::<[bool; 2]>(), bound(), bound()).prop_map(|(kind, [case, space], absolute, relative)| Checker {
        kind,
        case_sensitive: case,
        space_sensitive: space,
        float_absolute: absolute,
        float_relative: relative,
    })
}

#[test]
fn what_is_read_in_pieces_is_compared_as_the_whole() {
    let mut runner = TestRunner::new(Config { cases: 20_000, ..Config::default() });
    let all = (checkers(), outputs(), proptest::sample::select(vec![1, 2, 3, 7, 64, 1 << 16]));
    let (same, different) = (Cell::new(0), Cell::new(0));
    let compared = runner.run(&all, |(checker, (expected, actual), buffer)| {
        let whole = whole::compare(&checker, &expected, &actual);
        let read = super::compare(&checker, BufReader::with_capacity(buffer, &*expected), &actual)?;
        prop_assert_eq!(&read, &whole);
        match whole {
            Comparison::Same if expected == actual => {}
            Comparison::Same => same.set(same.get() + 1),
            Comparison::Different { .. } => different.set(different.get() + 1),
        }
        Ok(())
    });
    compared.unwrap_or_else(|error| panic!("{error}"));
    assert!(same.get() > 500 && different.get() > 5000, "{same:?} {different:?}");
}

#[test]
fn no_more_is_read_than_decides_and_no_more_is_held_than_is_shown() {
    let endless = || BufReader::new(io::repeat(b' ').take(1 << 40)).chain(&b"x"[..]);
    assert!(!super::compare(&Checker::default(), b"1 ".chain(endless()), b"2").expect("readable").is_same());
    let exact = Checker { kind: CheckerKind::Exact, ..Checker::default() };
    assert!(!super::compare(&exact, endless(), b" x").expect("readable").is_same());
    let token = BufReader::new(io::repeat(b'1').take(16 << 20));
    let mut expected = super::Expected { rest: token, piece: Vec::new() };
    let run = expected.token(&vec![b'1'; 16 << 20], false).expect("readable");
    assert!(run.is_same && !run.is_whole && expected.piece.capacity() < 4096, "{}", expected.piece.capacity());
}

#[test]
fn what_cannot_be_read_is_an_error() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("broken"))
        }
    }
    let broken = || b"1 2".chain(BufReader::new(Broken));
    assert!(super::compare(&Checker::default(), broken(), b"1 2").is_err());
    assert!(super::compare(&Checker::default(), broken(), b"3").is_ok_and(|found| !found.is_same()));
}
