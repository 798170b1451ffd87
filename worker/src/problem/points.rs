//! What a package expects of the points of one of its submissions, of its groups, and of what the validator says.

use assay_shared::{SubmissionReport, Verdict};
use serde_json::Value;

use super::expectation::Class;
use super::group::{Child, Groups, Rules};
use super::meta::{number, words};
use super::submissions::matches_path;

/// Packages write points with two decimals.
const TOLERANCE: f64 = 0.0051;

/// The points that are expected.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExpectedPoints {
    /// Of the submission, or of a group: globs, smallest and largest.
    scores: Vec<(Vec<String>, f64, f64)>,
    /// Of the groups in `secret`, in order.
    grades: Option<Vec<Class>>,
    /// Whether a tag says the score.
    tagged: bool,
    /// Neither none nor all.
    partial: bool,
    /// All there are.
    full: bool,
    /// Globs of tests, and what a validator must say about one of them.
    messages: Vec<(Vec<String>, String)>,
}

impl ExpectedPoints {
    /// What a directory's name says of a scoring problem's submissions.
    pub(super) fn of_directory(name: &str) -> Self {
        Self { partial: name == "partially_accepted", full: name == "accepted", ..Self::default() }
    }

    /// Whether something is expected that a verdict does not say.
    pub fn is_some(&self) -> bool {
        self.partial || self.grades.is_some() || !self.scores.is_empty() || !self.messages.is_empty()
    }

    /// Whether it was said in the way of `DOMjudge`, which has rules of its own for points.
    pub(super) const fn is_of_domjudge(&self) -> bool {
        self.tagged
    }

    /// The smallest and the largest score that the submission may get, if that is said.
    pub fn range(&self) -> Option<(f64, f64)> {
        let (_, low, high) = self.scores.iter().find(|(globs, ..)| globs.is_empty())?;
        Some((*low, *high))
    }

    /// What is expected of the submission's points, as a person reads it.
    pub fn shown(&self) -> Option<String> {
        let of_range = self.range().map(|(low, high)| format!("{} points", range(low, high)));
        of_range.or_else(|| self.partial.then(|| "a part of the points".to_owned()))
    }

    /// `@EXPECTED_SCORE@`.
    pub(super) fn expect_score(&mut self, score: f64) {
        self.scores.push((Vec::new(), score, score));
        self.tagged = true;
    }

    /// `@EXPECTED_GRADES@`: one verdict for each group of the secret tests.
    pub(super) fn expect_grades(&mut self, text: &str) -> Result<(), String> {
        let grades: Option<Vec<Class>> = text.split_whitespace().map(Class::parse).collect();
        self.grades = Some(grades.ok_or_else(|| format!("\"{text}\" is no list of verdicts"))?);
        // Somebody who expects grades says with them what is accepted.
        (self.full, self.partial) = (false, false);
        Ok(())
    }

    /// `score` and `message` of an entry of `submissions.yaml`, for these groups and tests or for all.
    pub(super) fn add(&mut self, entry: &Value, globs: &[String]) -> Result<(), String> {
        if let Some(value) = entry.get("score") {
            let bounds: Vec<f64> = match value {
                Value::Array(items) => items.iter().filter_map(number).collect(),
                other => number(other).or_else(|| words(other).first()?.parse().ok()).into_iter().collect(),
            };
            match bounds.as_slice() {
                [score] => self.scores.push((globs.to_vec(), *score, *score)),
                [low, high] if low <= high => self.scores.push((globs.to_vec(), *low, *high)),
                _ => return Err(format!("score: must be a number or two, the smaller first, not {value}")),
            }
        }
        match entry.get("message") {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => self.messages.push((globs.to_vec(), text.clone())),
            Some(other) => return Err(format!("message: must be a text, not {other}")),
        }
        Ok(())
    }

    /// Whether a report is as expected; if not, what differs.
    pub fn check(&self, report: &SubmissionReport, groups: &Groups) -> Result<(), String> {
        for (globs, low, high) in &self.scores {
            let of = |score: Option<f64>, what: &str| match score {
                Some(score) if score >= low - TOLERANCE && score <= high + TOLERANCE => Ok(()),
                Some(score) => Err(format!("expected {} points{what}, got {score}", range(*low, *high))),
                None => Err(format!("expected {} points{what}, got none", range(*low, *high))),
            };
            if globs.is_empty() {
                of(report.score, "")?;
                continue;
            }
            for group in report.groups.iter().filter(|group| globs.iter().any(|glob| matches_whole(glob, &group.name)))
            {
                of(group.score, &format!(" of {}", group.name))?;
            }
        }
        if let Some(grades) = &self.grades {
            let got = grades_of(report, groups);
            let same = got.len() == grades.len() && got.iter().zip(grades).all(|(got, class)| class.has(*got));
            if !same {
                let got: Vec<_> = got.iter().map(|verdict| verdict.code()).collect();
                let expected: Vec<_> = grades.iter().map(|class| class.code()).collect();
                return Err(format!("expected grades {}, got {}", expected.join(" "), got.join(" ")));
            }
        }
        let most = most_of(groups);
        if self.full
            && report.verdict == Verdict::Accepted
            && let (Some(most), Some(score)) = (most, report.score)
            && score < most - TOLERANCE
        {
            return Err(format!("accepted, with {score} of {most} points"));
        }
        if self.partial {
            let score = report.score.unwrap_or(0.0);
            let modern = matches!(groups.all.first().map(|group| &group.rules), Some(Rules::Aggregation(_)));
            if !(report.verdict == Verdict::Accepted || (modern && score > 0.0)) {
                return Err(format!("expected a part of the points, got {}", report.verdict));
            }
            if most.is_some_and(|most| score > most - TOLERANCE) {
                return Err(format!("expected a part of the points, got all {score}"));
            }
        }
        for (globs, text) in &self.messages {
            let said = report
                .tests
                .iter()
                .filter(|test| globs.is_empty() || globs.iter().any(|glob| matches_path(glob, &test.id)))
                .any(|test| test.judge_message.text().contains(text.as_str()));
            if !said {
                return Err(format!("no judgemessage.txt says \"{}\"", text.escape_debug()));
            }
        }
        Ok(())
    }
}

fn range(low: f64, high: f64) -> String {
    if (high - low).abs() < f64::EPSILON { low.to_string() } else { format!("{low} to {high}") }
}

/// A score is that of a group itself and not of what is in it.
fn matches_whole(glob: &str, name: &str) -> bool {
    matches_path(glob, name) && glob.trim_end_matches('/').split('/').count() == name.split('/').count()
}

/// The verdicts of the groups in `secret`.
fn grades_of(report: &SubmissionReport, groups: &Groups) -> Vec<Verdict> {
    let Some(secret) = groups.find("secret") else { return Vec::new() };
    groups.all[secret]
        .children
        .iter()
        .filter_map(|child| match child {
            Child::Group(group) => Some(&groups.all[*group].name),
            Child::Test(_) => None,
        })
        .map(|name| {
            let found = report.groups.iter().find(|group| group.name == *name);
            found.map_or(Verdict::Skipped, |group| group.verdict)
        })
        .collect()
}

/// The most points that there are, if there is a most.
fn most_of(groups: &Groups) -> Option<f64> {
    let root = groups.all.first()?;
    match &root.rules {
        Rules::Grader(rules) => Some(rules.range.1).filter(|most| most.is_finite()),
        Rules::Aggregation(_) => match &groups.all[groups.find("secret")?].rules {
            Rules::Aggregation(rules) => rules.max_score,
            Rules::Grader(_) | Rules::Points(_) => None,
        },
        Rules::Points(rules) => Some(rules.max_score),
    }
}
