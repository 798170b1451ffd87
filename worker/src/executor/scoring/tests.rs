use assay_shared::Verdict::{self, Accepted, RuntimeError, Skipped, TimeLimit, WrongAnswer};
use assay_shared::{TestReport, Verdict as V};

use super::{Points, Scored, score, unneeded};
use crate::problem::{Aggregation, AggregationRules, Child, GraderRules, Group, Groups, PointRules, Rules};

fn grader(flags: &str, accept: f64) -> GraderRules {
    let flags = flags.split_whitespace().map(str::to_owned).collect();
    GraderRules { flags, accept_score: accept, ..GraderRules::default() }
}

fn group(name: &str, children: Vec<Child>, rules: Rules) -> Group {
    Group { name: name.to_owned(), children, rules, configured: true }
}

/// A package of the Swedish olympiad: a sample, and two groups of two tests with 40 and 60 points.
fn swedish() -> Groups {
    let open = |flags| Rules::Grader(GraderRules { breaks: false, ..grader(flags, 0.0) });
    let closed = |points| Rules::Grader(grader("min", points));
    Groups {
        all: vec![
            group("", vec![Child::Group(1), Child::Group(2)], open("ignore_sample")),
            group("sample", vec![Child::Test(0)], open("first_error")),
            group("secret", vec![Child::Group(3), Child::Group(4)], open("first_error accept_if_any_accepted")),
            group("secret/a", vec![Child::Test(1), Child::Test(2)], closed(40.0)),
            group("secret/b", vec![Child::Test(3), Child::Test(4)], closed(60.0)),
        ],
    }
}

/// 2025-09: a sample, and groups of two tests; the second needs the first.
fn modern(first: Aggregation, second: Aggregation) -> Groups {
    let rules = |max_score, aggregation, require: &[&str]| {
        Rules::Aggregation(AggregationRules {
            max_score,
            aggregation,
            require_pass: require.iter().map(|name| (*name).to_owned()).collect(),
            static_score: None,
            any_accepted: false,
        })
    };
    let needs: &[&str] = if first == Aggregation::PassFail { &["secret/a"] } else { &[] };
    Groups {
        all: vec![
            group("", vec![Child::Group(1), Child::Group(2)], rules(Some(100.0), Aggregation::Sum, &[])),
            group("sample", vec![Child::Test(0)], rules(None, Aggregation::PassFail, &[])),
            group("secret", vec![Child::Group(3), Child::Group(4)], rules(Some(100.0), Aggregation::Sum, &[])),
            group("secret/a", vec![Child::Test(1), Child::Test(2)], rules(Some(40.0), first, &[])),
            group("secret/b", vec![Child::Test(3), Child::Test(4)], rules(Some(60.0), second, needs)),
        ],
    }
}

/// Polygon: a test without points, two that count by themselves, two that count together and need those, and one more.
fn polygon() -> Groups {
    let rules = |complete, max_score, tests: &[(usize, f64)], require: &[&str]| {
        Rules::Points(PointRules {
            complete,
            max_score,
            tests: tests.iter().copied().collect(),
            require_pass: require.iter().map(|name| (*name).to_owned()).collect(),
        })
    };
    let root = vec![Child::Group(1), Child::Group(2), Child::Group(3), Child::Test(5)];
    Groups {
        all: vec![
            group("", root, rules(false, 100.0, &[(5, 10.0)], &[])),
            group("0", vec![Child::Test(0)], rules(true, 0.0, &[], &[])),
            group("1", vec![Child::Test(1), Child::Test(2)], rules(false, 30.0, &[(1, 10.0), (2, 20.0)], &["0"])),
            group("2", vec![Child::Test(3), Child::Test(4)], rules(true, 60.0, &[], &["1"])),
        ],
    }
}

/// Runs the tests in order, as far as they are needed.
fn run(groups: &Groups, verdicts: &[Verdict], points: &[Option<Points>]) -> (Vec<Verdict>, Result<Scored, String>) {
    let mut known = vec![None; verdicts.len()];
    for (index, verdict) in verdicts.iter().enumerate() {
        if !unneeded(groups, &known, false)[index] {
            known[index] = Some(*verdict);
        }
    }
    let tests = known.iter().enumerate();
    let mut tests: Vec<_> = tests
        .map(|(index, verdict)| TestReport {
            id: format!("t{index}"),
            verdict: verdict.unwrap_or(Skipped),
            ..TestReport::default()
        })
        .collect();
    let mut points = points.to_vec();
    points.resize(verdicts.len(), None);
    let mut none = |_: &[String], _: &str| Err("no grader".to_owned());
    let scored = score(groups, &mut tests, &points, &mut none);
    (tests.into_iter().map(|test| test.verdict).collect(), scored)
}

fn result(groups: &Groups, verdicts: &[Verdict], points: &[Option<Points>]) -> (V, f64) {
    let scored = run(groups, verdicts, points).1.expect("a score");
    (scored.verdict, scored.score)
}

#[test]
fn groups_of_a_grader_give_their_points_or_none() {
    let groups = swedish();
    assert_eq!(result(&groups, &[Accepted; 5], &[]), (Accepted, 100.0));
    assert_eq!(result(&groups, &[Accepted, Accepted, Accepted, WrongAnswer, Accepted], &[]), (Accepted, 40.0));
    assert_eq!(result(&groups, &[WrongAnswer, TimeLimit, Accepted, Accepted, Accepted], &[]), (Accepted, 60.0));
    assert_eq!(result(&groups, &[Accepted, TimeLimit, Accepted, WrongAnswer, Accepted], &[]), (TimeLimit, 0.0));
    // The rest of a group that has failed is not run.
    let (ran, _) = run(&groups, &[Accepted, TimeLimit, Accepted, WrongAnswer, Accepted], &[]);
    assert_eq!(ran, [Accepted, TimeLimit, Skipped, WrongAnswer, Skipped]);
}

#[test]
fn the_default_grader_has_its_modes() {
    let results = [(WrongAnswer, 1.0), (Accepted, 4.0), (RuntimeError, 1.0)];
    assert_eq!(grader("", 1.0).grade(&results), (RuntimeError, 6.0));
    assert_eq!(grader("first_error avg", 1.0).grade(&results), (WrongAnswer, 2.0));
    assert_eq!(grader("always_accept max", 1.0).grade(&results), (Accepted, 4.0));
    assert_eq!(grader("accept_if_any_accepted min", 1.0).grade(&results), (Accepted, 1.0));
    // Of modes that exclude each other the last counts.
    assert_eq!(grader("min max sum", 1.0).grade(&results), (RuntimeError, 6.0));
    assert_eq!(grader("ignore_sample", 1.0).grade(&results[1..2]), (Accepted, 4.0));
}

#[test]
fn knowing_more_never_makes_a_test_needed_again() {
    for (groups, count) in [(swedish(), 5), (modern(Aggregation::PassFail, Aggregation::Min), 5), (polygon(), 6)] {
        for outcome in 0..1_u32 << count {
            let all: Vec<_> =
                (0..count).map(|test| Some(if outcome >> test & 1 == 1 { WrongAnswer } else { Accepted })).collect();
            let full = unneeded(&groups, &all, false);
            for known in 0..1_u32 << count {
                let some: Vec<_> = (0..count).map(|test| all[test].filter(|_| known >> test & 1 == 1)).collect();
                let part = unneeded(&groups, &some, false);
                for test in 0..count {
                    assert!(full[test] || !part[test], "{outcome:05b} {known:05b} {test}");
                }
            }
        }
    }
}

#[test]
fn aggregation_gives_points_by_its_rules() {
    let pass_fail = modern(Aggregation::PassFail, Aggregation::PassFail);
    assert_eq!(result(&pass_fail, &[Accepted; 5], &[]), (Accepted, 100.0));
    assert_eq!(result(&pass_fail, &[WrongAnswer, Accepted, Accepted, Accepted, TimeLimit], &[]), (WrongAnswer, 40.0));
    // The second group requires the first.
    let (ran, scored) = run(&pass_fail, &[Accepted, Accepted, WrongAnswer, Accepted, Accepted], &[]);
    assert_eq!(ran, [Accepted, Accepted, WrongAnswer, Skipped, Skipped]);
    let scored = scored.expect("a score");
    assert_eq!((scored.verdict, scored.score), (WrongAnswer, 0.0));

    let sums = modern(Aggregation::Sum, Aggregation::Min);
    let share = |share| Some(Points::Share(share));
    assert_eq!(result(&sums, &[Accepted, Accepted, WrongAnswer, Accepted, Accepted], &[]), (WrongAnswer, 80.0));
    assert_eq!(result(&sums, &[Accepted; 5], &[None, share(0.5), None, share(0.5), None]), (Accepted, 60.0));
}

#[test]
fn points_against_the_rules_are_judge_errors() {
    let points = |groups: &Groups, points| run(groups, &[Accepted; 5], &[None, Some(points)]).1.err();
    let pass_fail = modern(Aggregation::PassFail, Aggregation::PassFail);
    assert!(points(&pass_fail, Points::Score(1.0)).is_some_and(|error| error.contains("passes or fails")));
    let sums = modern(Aggregation::Sum, Aggregation::Sum);
    assert!(points(&sums, Points::Score(21.0)).is_some_and(|error| error.contains("more than the 20")));
    assert_eq!(points(&sums, Points::Score(20.0)), None);
}

#[test]
fn tests_of_polygon_have_points_of_their_own() {
    let groups = polygon();
    assert_eq!(result(&groups, &[Accepted; 6], &[]), (Accepted, 100.0));
    // Of tests that count by themselves each gives its own; a group that needs them is not run.
    let (ran, scored) = run(&groups, &[Accepted, WrongAnswer, Accepted, Accepted, Accepted, Accepted], &[]);
    assert_eq!(ran, [Accepted, WrongAnswer, Accepted, Skipped, Skipped, Accepted]);
    let scored = scored.expect("a score");
    assert_eq!((scored.verdict, scored.score), (WrongAnswer, 30.0));
    let given: Vec<_> = scored.groups.iter().map(|group| (group.name.as_str(), group.verdict, group.score)).collect();
    assert_eq!(given, [("0", Accepted, Some(0.0)), ("1", WrongAnswer, Some(20.0)), ("2", Skipped, Some(0.0))]);
    // A complete group gives all or nothing, and stops.
    let (ran, scored) = run(&groups, &[Accepted, Accepted, Accepted, TimeLimit, Accepted, Accepted], &[]);
    assert_eq!(ran[3..], [TimeLimit, Skipped, Accepted]);
    assert_eq!(scored.ok().map(|scored| scored.score), Some(40.0));
    // What is required may itself not have been run.
    let (ran, scored) = run(&groups, &[RuntimeError, Accepted, Accepted, Accepted, Accepted, Accepted], &[]);
    assert_eq!(ran, [RuntimeError, Skipped, Skipped, Skipped, Skipped, Accepted]);
    assert_eq!(scored.ok().map(|scored| scored.score), Some(10.0));
}

#[test]
fn points_of_a_checker_count_instead_of_those_of_the_test() {
    let groups = polygon();
    let score = |score| Some(Points::Score(score));
    assert_eq!(result(&groups, &[Accepted; 6], &[None, score(4.0), None]), (Accepted, 94.0));
    // Also in a complete group, whose tests then are its points.
    assert_eq!(result(&groups, &[Accepted; 6], &[None, None, None, score(15.0), score(20.0)]), (Accepted, 75.0));
    let (_, scored) = run(&groups, &[Accepted; 6], &[None, score(25.0)]);
    let scored = scored.expect("a score");
    assert_eq!((scored.score, scored.notes.len()), (115.0, 1));
    let (_, scored) = run(&groups, &[Accepted; 6], &[None, score(-1.0)]);
    assert!(scored.err().is_some_and(|error| error.contains("less than none")));
}
