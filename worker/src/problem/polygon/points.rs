//! Points of tests and groups, as `problem.xml` gives them.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::Node;

use super::{attribute, listed};
use crate::problem::{Child, Findings, Group, Groups, PointRules, Rules, TestCase};

/// More than any problem has.
const MAX_GROUPS: usize = 500;

/// A group as it is described.
#[derive(Default)]
struct Described {
    name: String,
    points: Option<f64>,
    complete: bool,
    dependencies: BTreeSet<String>,
    tests: Vec<usize>,
}

/// The groups of the tests, and whether anything gives points. Without points there is one group of all tests.
pub(super) fn read(testset: Node<'_, '_>, tests: &[TestCase], findings: &mut Findings) -> Option<(Groups, bool)> {
    let mut own = BTreeMap::new();
    for (index, test) in listed(testset, "tests", "test").enumerate() {
        if attribute(test, "points").is_some() {
            own.insert(index, points(test, &format!("test {}", index + 1), findings)?);
        }
    }
    let mut described = describe(testset, tests, findings)?;
    for group in &mut described {
        let of_tests = group.tests.iter().filter_map(|test| own.get(test)).copied().reduce(|sum, more| sum + more);
        match (group.points, of_tests) {
            (Some(points), Some(sum)) if (points - sum).abs() > 1e-6 => findings.warning(format!(
                "problem.xml: group {}: its points are {points}, and those of its tests {sum}, which count",
                group.name
            )),
            #[expect(clippy::cast_precision_loss, reason = "no group has that many tests")]
            (Some(points), None) if !group.complete => {
                let share = points / group.tests.len().max(1) as f64;
                own.extend(group.tests.iter().map(|test| (*test, share)));
            }
            _ => {}
        }
        group.points = of_tests.or(group.points);
    }
    let loose: Vec<usize> = (0..tests.len()).filter(|index| tests[*index].group.is_empty()).collect();
    let loose_points: f64 = loose.iter().filter_map(|test| own.get(test)).sum();
    let most = loose_points + described.iter().filter_map(|group| group.points).sum::<f64>();
    if most <= 0.0 {
        let children = (0..tests.len()).map(Child::Test).collect();
        let all = vec![Group {
            name: String::new(),
            children,
            rules: Rules::Points(PointRules::default()),
            configured: true,
        }];
        return Some((Groups { all }, false));
    }
    let of = |tests: &[usize]| tests.iter().filter_map(|test| Some((*test, *own.get(test)?))).collect();
    let root = PointRules { max_score: most, tests: of(&loose), ..PointRules::default() };
    let mut all =
        vec![Group { name: String::new(), children: Vec::new(), rules: Rules::Points(root), configured: true }];
    for group in in_order(described, findings)? {
        let place = all.len();
        all[0].children.push(Child::Group(place));
        let rules = PointRules {
            complete: group.complete,
            max_score: group.points.unwrap_or(0.0),
            tests: of(&group.tests),
            require_pass: group.dependencies.into_iter().collect(),
        };
        let children = group.tests.into_iter().map(Child::Test).collect();
        all.push(Group { name: group.name, children, rules: Rules::Points(rules), configured: true });
    }
    all[0].children.extend(loose.into_iter().map(Child::Test));
    Some((Groups { all }, true))
}

fn points(node: Node<'_, '_>, place: &str, findings: &mut Findings) -> Option<f64> {
    let text = attribute(node, "points")?;
    let points = text.parse().ok().filter(|points: &f64| points.is_finite() && *points >= 0.0);
    if points.is_none() {
        let text = text.escape_debug();
        findings.problem(format!("problem.xml: {place}: points must be a number of at least 0, not \"{text}\""));
    }
    points
}

/// The groups that are described and those that tests name, by the first test of each.
fn describe(testset: Node<'_, '_>, tests: &[TestCase], findings: &mut Findings) -> Option<Vec<Described>> {
    let mut groups: Vec<Described> = Vec::new();
    let mut places = BTreeMap::new();
    for node in listed(testset, "groups", "group") {
        let Some(name) = attribute(node, "name") else { continue };
        let complete = match attribute(node, "points-policy") {
            Some("complete-group") => true,
            None | Some("each-test") => false,
            Some(other) => {
                let other = other.escape_debug();
                findings.problem(format!(
                    "problem.xml: group {name}: points-policy must be complete-group or each-test, not \"{other}\""
                ));
                return None;
            }
        };
        let points = match attribute(node, "points") {
            None => None,
            Some(_) => Some(points(node, &format!("group {name}"), findings)?),
        };
        let named = listed(node, "dependencies", "dependency").filter_map(|other| attribute(other, "group"));
        let dependencies = named.map(str::to_owned).collect();
        if places.insert(name.to_owned(), groups.len()).is_some() {
            findings.problem(format!("problem.xml: there are two groups {name}"));
            return None;
        }
        groups.push(Described { name: name.to_owned(), points, complete, dependencies, tests: Vec::new() });
    }
    for (index, test) in tests.iter().enumerate().filter(|(_, test)| !test.group.is_empty()) {
        let place = *places.entry(test.group.clone()).or_insert_with(|| {
            groups.push(Described { name: test.group.clone(), ..Described::default() });
            groups.len() - 1
        });
        groups[place].tests.push(index);
    }
    if groups.len() > MAX_GROUPS {
        findings.problem(format!("problem.xml: there are {} groups, more than {MAX_GROUPS}", groups.len()));
        return None;
    }
    for group in &groups {
        if let Some(other) = group.dependencies.iter().find(|other| !places.contains_key(*other)) {
            findings.problem(format!("problem.xml: group {}: depends on {other}, which is no group", group.name));
            return None;
        }
    }
    groups.sort_by_key(|group| group.tests.first().copied().unwrap_or(usize::MAX));
    Some(groups)
}

/// Every group after those that it depends on.
fn in_order(mut open: Vec<Described>, findings: &mut Findings) -> Option<Vec<Described>> {
    let (mut done, mut names) = (Vec::new(), BTreeSet::new());
    while !open.is_empty() {
        let Some(next) = open.iter().position(|group| group.dependencies.is_subset(&names)) else {
            let names: Vec<_> = open.iter().map(|group| group.name.as_str()).collect();
            findings.problem(format!("problem.xml: groups {}: depend on each other in a circle", names.join(", ")));
            return None;
        };
        let next = open.remove(next);
        names.insert(next.name.clone());
        done.push(next);
    }
    Some(done)
}
