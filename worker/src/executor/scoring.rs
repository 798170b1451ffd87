//! Points: which tests of a scoring problem have to be run, and what groups and submission get for them.
//!
//! Pure but for the package's own grader, which is a parameter.

use assay_shared::{GroupReport, TestReport, Verdict};

use super::jury::Points;
use crate::problem::{Aggregation, AggregationRules, Child, GraderRules, Groups, PointRules, Rules};

/// Sums of decimal fractions may miss by this much, and by this part.
const TOLERANCE: f64 = 1e-9;

/// Whether points are more than the most, by more than a sum may miss.
fn is_more(score: f64, most: f64) -> bool {
    score > most + TOLERANCE + most.abs() * TOLERANCE
}

/// Which tests need not be run, by what is known of those before them: `None` of one that has not been run counts as accepted.
/// More knowledge only ever adds to them.
pub(super) fn unneeded(groups: &Groups, verdicts: &[Option<Verdict>], run_all: bool) -> Vec<bool> {
    let mut course = Course { groups, verdicts, run_all, skip: vec![false; verdicts.len()], failed: Vec::new() };
    course.failed.resize(groups.all.len(), false);
    if !groups.all.is_empty() {
        course.walk(0);
    }
    course.skip
}

struct Course<'a> {
    groups: &'a Groups,
    verdicts: &'a [Option<Verdict>],
    run_all: bool,
    skip: Vec<bool>,
    /// Groups that are known not to be accepted.
    failed: Vec<bool>,
}

impl Course<'_> {
    fn walk(&mut self, group: usize) {
        let rules = &self.groups.all[group].rules;
        let is_failed = |name: &String| self.groups.find(name).is_some_and(|other| self.failed[other]);
        if rules.require_pass().iter().any(is_failed) {
            for test in self.groups.tests_of(group) {
                self.skip[test] = true;
            }
            self.failed[group] = true;
            return;
        }
        let mut children = Vec::new();
        let mut closed = false;
        for child in &self.groups.all[group].children {
            if closed {
                let tests = match child {
                    Child::Test(test) => vec![*test],
                    Child::Group(inner) => self.groups.tests_of(*inner),
                };
                for test in tests {
                    self.skip[test] = true;
                }
                continue;
            }
            let failed = match child {
                Child::Test(test) => self.verdicts[*test].is_some_and(|verdict| verdict != Verdict::Accepted),
                Child::Group(inner) => {
                    self.walk(*inner);
                    self.failed[*inner]
                }
            };
            children.push(failed);
            closed = failed && !self.run_all && self.closes(rules, child);
        }
        self.failed[group] = match rules {
            Rules::Grader(rules) => rules.is_known_to_fail(&children),
            Rules::Aggregation(rules) if rules.any_accepted => {
                !children.is_empty() && children.iter().all(|failed| *failed)
            }
            Rules::Aggregation(_) | Rules::Points(_) => children.contains(&true),
        };
    }

    /// Whether a child that is not accepted settles what the group gets.
    fn closes(&self, rules: &Rules, child: &Child) -> bool {
        match rules {
            Rules::Grader(rules) => rules.breaks,
            Rules::Points(rules) => rules.complete,
            Rules::Aggregation(rules) => match (rules.aggregation, child) {
                (Aggregation::Sum, _) => false,
                (Aggregation::PassFail, _) | (Aggregation::Min, Child::Test(_)) => !rules.any_accepted,
                // A sum of which something is missing is not zero.
                (Aggregation::Min, Child::Group(inner)) => matches!(&self.groups.all[*inner].rules,
                    Rules::Aggregation(inner) if inner.aggregation != Aggregation::Sum),
            },
        }
    }
}

impl GraderRules {
    fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|other| other == flag)
    }

    fn is_known_to_fail(&self, children: &[bool]) -> bool {
        let counted = if self.has("ignore_sample") { &children[children.len().saturating_sub(1)..] } else { children };
        if self.custom || self.has("always_accept") {
            return false;
        }
        let any = counted.contains(&true);
        if self.has("accept_if_any_accepted") { any && !counted.contains(&false) } else { any }
    }

    /// The default grader of the format: verdict and score of what a group consists of.
    fn grade(&self, results: &[(Verdict, f64)]) -> (Verdict, f64) {
        let counted = if self.has("ignore_sample") { &results[results.len().saturating_sub(1)..] } else { results };
        let last = |modes: &[&str]| self.flags.iter().rev().map(String::as_str).find(|flag| modes.contains(flag));
        let failed = counted.iter().map(|(verdict, _)| *verdict).filter(|verdict| *verdict != Verdict::Accepted);
        let verdict = match last(&["worst_error", "no_errors", "first_error", "always_accept"]) {
            _ if self.has("accept_if_any_accepted")
                && counted.iter().any(|(verdict, _)| *verdict == Verdict::Accepted) =>
            {
                None
            }
            Some("always_accept") => None,
            Some("first_error") => failed.into_iter().next(),
            _ => failed.min_by_key(|verdict| badness(*verdict)),
        };
        let scores = counted.iter().map(|(_, score)| *score);
        let score = match last(&["sum", "avg", "min", "max"]) {
            Some("min") => scores.fold(f64::INFINITY, f64::min),
            Some("max") => scores.fold(f64::NEG_INFINITY, f64::max),
            #[expect(clippy::cast_precision_loss, reason = "no group has that many")]
            Some("avg") => scores.sum::<f64>() / counted.len().max(1) as f64,
            _ => scores.sum(),
        };
        (verdict.unwrap_or(Verdict::Accepted), score)
    }
}

/// The order of the format, the worst first.
const fn badness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::JudgeError => 0,
        Verdict::RuntimeError => 1,
        Verdict::MemoryLimit => 2,
        Verdict::TimeLimit | Verdict::IdleLimit => 3,
        Verdict::OutputLimit => 4,
        _ => 5,
    }
}

/// The package's own grader: of its arguments and its input it makes what it prints.
pub(super) type CustomGrader<'a> = dyn FnMut(&[String], &str) -> Result<String, String> + 'a;

/// What a scoring problem gives for a submission.
pub(super) struct Scored {
    pub(super) verdict: Verdict,
    pub(super) score: f64,
    pub(super) groups: Vec<GroupReport>,
    /// What a package's rules and its points contradict each other in.
    pub(super) notes: Vec<String>,
}

/// Gives points to tests and groups. `custom` is for groups that the package grades itself.
///
/// # Errors
/// The judge failed; the text says where.
pub(super) fn score(
    groups: &Groups,
    tests: &mut [TestReport],
    points: &[Option<Points>],
    custom: &mut CustomGrader<'_>,
) -> Result<Scored, String> {
    let mut scoring = Scoring { groups, tests, points, custom, reports: Vec::new(), notes: Vec::new() };
    if let Some(test) = scoring.tests.iter().find(|test| test.verdict == Verdict::JudgeError) {
        return Err(format!("test {}: {}", test.id, test.reason));
    }
    let root = scoring.group(0)?.unwrap_or((Verdict::Accepted, 0.0));
    let Scoring { reports, notes, tests, .. } = scoring;
    let (verdict, score) = match groups.all[0].rules {
        Rules::Grader(_) => root,
        Rules::Aggregation(_) => {
            let secret = reports.iter().find(|group| group.name == "secret");
            let verdict = match secret {
                Some(secret) if any_accepted(groups, "secret") => secret.verdict,
                _ => Verdict::of_tests(tests.iter().map(|test| test.verdict)),
            };
            (verdict, secret.and_then(|secret| secret.score).unwrap_or(0.0))
        }
        Rules::Points(_) => (Verdict::of_tests(tests.iter().map(|test| test.verdict)), root.1),
    };
    if !score.is_finite() {
        return Err(format!("the points add up to {score}"));
    }
    Ok(Scored { verdict, score, groups: reports, notes })
}

fn any_accepted(groups: &Groups, name: &str) -> bool {
    groups
        .find(name)
        .is_some_and(|group| matches!(&groups.all[group].rules, Rules::Aggregation(rules) if rules.any_accepted))
}

struct Scoring<'a> {
    groups: &'a Groups,
    tests: &'a mut [TestReport],
    points: &'a [Option<Points>],
    custom: &'a mut CustomGrader<'a>,
    reports: Vec<GroupReport>,
    notes: Vec<String>,
}

impl Scoring<'_> {
    /// Verdict and score of a group; `None` if there is nothing in it.
    fn group(&mut self, group: usize) -> Result<Option<(Verdict, f64)>, String> {
        let name = self.groups.all[group].name.clone();
        let (result, max_score, shown) = match self.groups.all[group].rules.clone() {
            Rules::Grader(rules) => {
                let result = self.by_grader(group, &rules)?;
                (result, Some(rules.range.1).filter(|most| most.is_finite()), result.map(|(_, score)| score))
            }
            Rules::Aggregation(rules) => {
                let result = self.by_aggregation(group, &rules)?;
                let shown = result.map(|(_, score)| score).filter(|_| name != "sample");
                (result, rules.max_score.filter(|_| name != "sample"), shown)
            }
            Rules::Points(rules) => {
                let result = self.by_points(group, &rules)?;
                (result, Some(rules.max_score), result.map(|(_, score)| score))
            }
        };
        let Some((verdict, _)) = result else { return Ok(None) };
        if !name.is_empty() {
            self.reports.push(GroupReport { name, verdict, score: shown, max_score });
        }
        Ok(result)
    }

    fn by_grader(&mut self, group: usize, rules: &GraderRules) -> Result<Option<(Verdict, f64)>, String> {
        let children = self.groups.all[group].children.clone();
        let mut results = Vec::new();
        let mut given = false;
        for child in &children {
            let result = match child {
                Child::Group(inner) => self.group(*inner)?,
                Child::Test(test) if self.tests[*test].verdict == Verdict::Skipped => None,
                Child::Test(test) => {
                    let verdict = self.tests[*test].verdict;
                    let own = match verdict {
                        Verdict::Accepted => rules.accept_score,
                        _ => rules.reject_score,
                    };
                    given |= self.points[*test].is_some();
                    let score = match self.points[*test] {
                        Some(Points::Score(score)) => score,
                        Some(Points::Share(share)) => share * own,
                        None => own,
                    };
                    self.tests[*test].score = Some(score);
                    Some((verdict, score))
                }
            };
            let Some((verdict, score)) = result else { continue };
            results.push((verdict, score));
            if verdict != Verdict::Accepted && rules.breaks {
                break;
            }
        }
        if results.is_empty() {
            return Ok(None);
        }
        if rules.once && !given && children.iter().all(|child| matches!(child, Child::Test(_))) {
            let worst = results.iter().map(|(verdict, _)| *verdict).find(|verdict| *verdict != Verdict::Accepted);
            let score = if worst.is_none() { rules.accept_score } else { rules.reject_score };
            results = vec![(worst.unwrap_or(Verdict::Accepted), score)];
        }
        let (verdict, score) =
            if rules.custom { self.by_custom_grader(group, rules, &results)? } else { rules.grade(&results) };
        let score = if rules.counts { score } else { 0.0 };
        let (low, high) = rules.range;
        if is_more(low, score) || is_more(score, high) {
            let name = &self.groups.all[group].name;
            let name = if name.is_empty() { "the submission" } else { name };
            self.notes.push(format!("{score} points of {name} are outside its range {low} to {high}"));
        }
        Ok(Some((verdict, score)))
    }

    fn by_custom_grader(
        &mut self,
        group: usize,
        rules: &GraderRules,
        results: &[(Verdict, f64)],
    ) -> Result<(Verdict, f64), String> {
        // The format knows four verdicts.
        let code = |verdict: Verdict| match verdict {
            Verdict::Accepted | Verdict::WrongAnswer => verdict.code(),
            Verdict::TimeLimit | Verdict::IdleLimit => "TLE",
            Verdict::JudgeError => "JE",
            _ => "RTE",
        };
        let lines: Vec<_> = results.iter().map(|(verdict, score)| format!("{} {score}", code(*verdict))).collect();
        let input = lines.join("\n") + "\n";
        let output = (self.custom)(&rules.flags, &input)?;
        let words: Vec<&str> = output.split_whitespace().collect();
        if let [verdict, score] = words.as_slice()
            && let (Ok(verdict), Ok(score)) = (verdict.parse::<Verdict>(), score.parse::<f64>())
            && !matches!(verdict, Verdict::JudgeError | Verdict::CompileError | Verdict::Skipped)
            && score.is_finite()
        {
            // What it stands for, where one of the children has it.
            let of_child = results.iter().map(|(other, _)| *other).find(|other| code(*other) == code(verdict));
            return Ok((of_child.unwrap_or(verdict), score));
        }
        let name = &self.groups.all[group].name;
        let shown: String = output.chars().take(60).collect();
        Err(format!(
            "graders/: for group \"{name}\" it printed \"{}\", which is no verdict and score",
            shown.escape_debug()
        ))
    }

    fn by_aggregation(&mut self, group: usize, rules: &AggregationRules) -> Result<Option<(Verdict, f64)>, String> {
        let name = self.groups.all[group].name.clone();
        let children = self.groups.all[group].children.clone();
        let is_sample = name == "sample";
        let statics: f64 =
            if children.iter().any(|child| self.is_static(child)) { rules.static_score.unwrap_or(0.0) } else { 0.0 };
        #[expect(clippy::cast_precision_loss, reason = "no group has that many")]
        let tests =
            children.iter().filter(|child| matches!(child, Child::Test(_)) && !self.is_static(child)).count() as f64;
        let mut results: Vec<(Verdict, f64)> = Vec::new();
        let mut skipped = false;
        for child in &children {
            match child {
                Child::Group(inner) => results.extend(self.group(*inner)?),
                Child::Test(test) if self.tests[*test].verdict == Verdict::Skipped => {
                    skipped = true;
                    self.tests[*test].score = (!is_sample && rules.aggregation != Aggregation::PassFail).then_some(0.0);
                }
                Child::Test(test) => {
                    let most = rules.max_score.map(|most| match rules.aggregation {
                        _ if self.is_static(child) => statics,
                        Aggregation::Sum => (most - statics) / tests,
                        Aggregation::Min | Aggregation::PassFail => most,
                    });
                    let score = if is_sample { None } else { self.test(*test, rules, most)? };
                    self.tests[*test].score = score;
                    results.push((self.tests[*test].verdict, score.unwrap_or(0.0)));
                }
            }
        }
        if results.is_empty() {
            // Not run: groups that it requires were not passed.
            return Ok(skipped.then_some((Verdict::Skipped, 0.0)));
        }
        let first = results.iter().map(|(verdict, _)| *verdict).find(|verdict| *verdict != Verdict::Accepted);
        let accepted = first.is_none() && !skipped;
        let verdict = match first {
            Some(_) if rules.any_accepted && results.iter().any(|(verdict, _)| *verdict == Verdict::Accepted) => {
                Verdict::Accepted
            }
            Some(verdict) => verdict,
            None => Verdict::Accepted,
        };
        let scores = results.iter().map(|(_, score)| *score);
        let score = match rules.aggregation {
            _ if is_sample || name.is_empty() => 0.0,
            Aggregation::PassFail if accepted => rules.max_score.unwrap_or(0.0),
            Aggregation::PassFail => 0.0,
            Aggregation::Sum => scores.sum(),
            Aggregation::Min if skipped => 0.0,
            Aggregation::Min => scores.fold(f64::INFINITY, f64::min),
        };
        if let Some(most) = rules.max_score.filter(|_| !is_sample && !name.is_empty())
            && is_more(score, most)
        {
            return Err(format!("{score} points of {name} are more than its max_score {most}"));
        }
        let score = rules.max_score.filter(|_| !is_sample && !name.is_empty()).map_or(score, |most| score.min(most));
        Ok(Some((verdict, score)))
    }

    fn by_points(&mut self, group: usize, rules: &PointRules) -> Result<Option<(Verdict, f64)>, String> {
        let children = self.groups.all[group].children.clone();
        let mut results: Vec<(Verdict, f64)> = Vec::new();
        let (mut skipped, mut given) = (false, false);
        for child in &children {
            match child {
                Child::Group(inner) => results.extend(self.group(*inner)?),
                Child::Test(test) if self.tests[*test].verdict == Verdict::Skipped => {
                    skipped = true;
                    self.tests[*test].score = (!rules.complete).then_some(0.0);
                }
                Child::Test(test) => {
                    let (report, most) = (&self.tests[*test], rules.tests.get(test).copied());
                    let own = most.unwrap_or(0.0);
                    let score = match self.points[*test] {
                        _ if report.verdict != Verdict::Accepted => 0.0,
                        None => own,
                        Some(Points::Share(share)) => share * own,
                        Some(Points::Score(score)) if score < 0.0 => {
                            return Err(format!("test {}: {score} points are less than none", report.id));
                        }
                        Some(Points::Score(score)) => score,
                    };
                    if most.is_some_and(|most| score > most + TOLERANCE) {
                        self.notes.push(format!("{score} points of test {} are more than its {own}", report.id));
                    }
                    given |= self.points[*test].is_some();
                    results.push((report.verdict, score));
                    self.tests[*test].score = (!rules.complete).then_some(score);
                }
            }
        }
        if results.is_empty() {
            return Ok(skipped.then_some((Verdict::Skipped, 0.0)));
        }
        let failed = results.iter().map(|(verdict, _)| *verdict).find(|verdict| *verdict != Verdict::Accepted);
        let score = match rules.complete {
            true if failed.is_some() || skipped => 0.0,
            // The group may have points of which its tests have no part.
            true if !given => rules.max_score,
            _ => results.iter().map(|(_, score)| *score).sum(),
        };
        Ok(Some((failed.unwrap_or(Verdict::Accepted), score)))
    }

    fn is_static(&self, child: &Child) -> bool {
        matches!(child, Child::Test(test) if self.tests[*test].id.ends_with("/static_validation"))
    }

    /// The points of a test, by the rules of "Scoring test cases"; none where tests get none.
    fn test(&self, test: usize, rules: &AggregationRules, most: Option<f64>) -> Result<Option<f64>, String> {
        let report = &self.tests[test];
        let fail = |what: &str| Err(format!("test {}: {what}", report.id));
        match (report.verdict == Verdict::Accepted, self.points[test], most) {
            (_, Some(_), _) if rules.aggregation == Aggregation::PassFail => {
                fail("the validator gives points, and its group passes or fails")
            }
            _ if rules.aggregation == Aggregation::PassFail => Ok(None),
            (false, Some(_), _) => fail("the validator rejects and gives points"),
            (false, None, _) => Ok(Some(0.0)),
            (true, None, Some(most)) => Ok(Some(most)),
            (true, None, None) => fail("the validator gives no points (score.txt), and its group has no max_score"),
            (true, Some(Points::Share(share)), Some(most)) => Ok(Some(share * most)),
            (true, Some(Points::Share(_)), None) => {
                fail("the validator gives a share (score_multiplier.txt), and its group has no max_score")
            }
            (true, Some(Points::Score(score)), _) if score < 0.0 => fail(&format!("{score} points are less than none")),
            (true, Some(Points::Score(score)), Some(most)) if is_more(score, most) => {
                fail(&format!("{score} points are more than the {most} that it has"))
            }
            (true, Some(Points::Score(score)), _) => Ok(Some(score)),
        }
    }
}

#[cfg(test)]
mod tests;
