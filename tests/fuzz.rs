//! What strangers write is read: damaged messages and packages end in a value that keeps its promises, or in an error that
//! says what is wrong. What is private has its tests of this kind beside it, in modules that are called `fuzz` too.

#[path = "common/damage.rs"]
mod damage;

use std::fs;
use std::path::Path;

use assay::problem::{Child, Input, Package, TimeLimit};
use assay_shared::{MIB, Submission};
use damage::Damage;

fn nothing(_: &mut [u8]) {}

/// A message with every field that goes together with a package.
const WITH_PACKAGE: &str = r#"{"version":1,"submission_id":"0197a9c5-7e1b-7cc3-9d3f-1b8f2f6e7a10","batch_id":"b","tenant":"t",
"language":"cpp17","files":[{"name":"a/main.cpp","base64":"aW50IG1haW4oKSB7fQ=="},{"name":"b.h","text":"// \u00e9\ud83d\ude00"}],
"entry_point":"a/main.cpp","problem":{"id":"hello","sha256":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
"limits":{"cpu_ms":1000,"wall_ms":3000,"memory_bytes":268435456,"pids":64,"stdout_bytes":8388608,"stderr_bytes":65536,"file_bytes":67108864},
"stop":"group_fail","metadata":{"a":[1,2.5e-7,{"$serde_json::private::Number":"1"}],"b":null}}"#;

#[test]
fn messages() {
    let examples = [include_str!("../examples/batch.jsonl"), include_str!("../examples/functions.jsonl")];
    let mut seeds: Vec<Vec<u8>> =
        examples.iter().flat_map(|text| text.lines()).map(|line| line.as_bytes().to_vec()).collect();
    seeds.push(WITH_PACKAGE.into());
    assert!(seeds.iter().all(|seed| Submission::from_json(seed).is_ok()));
    let words = &[
        "null",
        "true",
        "\"version\":1",
        "\"tests\":[]",
        "\"stdin\":\"\"",
        "\"expected\":",
        "\"returns\":",
        "\"args\":[",
        "\"kwargs\":{",
        "\"$tuple\":",
        "\"$bytes\":",
        "\"$complex\":",
        "\"$float\":",
        "\"$serde_json::private::Number\":",
        "\"checker\":{\"kind\":\"exact\"}",
        "\"problem\":{",
        "\\u0000",
        "\\ud800",
        "[[[[[[[[",
        "{\"a\":",
        "group_fail",
    ];
    Damage { seeds, words, mend: nothing }.check(|_, bytes| match Submission::from_json(bytes) {
        Ok(submission) => {
            assert_eq!(submission.violations(), []);
            let written = serde_json::to_vec(&submission).expect("a message can be written");
            assert_eq!(Submission::from_json(&written).as_ref(), Ok(&submission));
            let again = serde_json::to_vec(&Submission::from_json(&written).expect("read above")).expect("written");
            assert_eq!(written, again);
        }
        Err(malformed) => {
            assert!(!malformed.0.is_empty());
            assert!(malformed.0.iter().all(|violation| !violation.problem.trim().is_empty()), "{malformed:?}");
            assert!(malformed.to_string().len() < 4096 + 8 * bytes.len(), "{malformed}");
        }
    });
}

/// Names and contents.
type Files = &'static [(&'static str, &'static str)];

/// A package of each format: the files that are damaged, and those that are there for them.
const PACKAGES: &[(Files, Files)] = &[
    (
        &[
            (
                "problem.yaml",
                "name: {en: Sum, sv: Summa}\ntype: scoring\nvalidation: default\nvalidator_flags: float_tolerance 1e-6 case_sensitive\n\
                 limits: {time_limit: 2, time_multiplier: 4, memory: 64, output: 8, code: 128, compilation_time: 20, compilation_memory: 512, validation_time: 5}\n\
                 grading: {objective: max, show_test_data_groups: yes}\nlanguages: c cpp python3\nkeywords: [a, b]\n",
            ),
            (
                "domjudge-problem.ini",
                "; a comment\nname='Sum'\ntimelimit = 2.5\nshort-name=\"A\"\ncolor=#ff0000\nspecial_run=x\n",
            ),
            (".timelimit", "2.5\n"),
            (
                "data/secret/testdata.yaml",
                "on_reject: continue\ngrading: default\ngrader_flags: sum ignore_sample\naccept_score: 30\nreject_score: 0\nrange: 0 30\noutput_validator_flags: float_tolerance 0.1\n",
            ),
            (
                "data/secret/1.yaml",
                "args: [a, b]\nhint: x\ndescription: y\noutput_validator_flags: float_tolerance 1e-9\n",
            ),
            (
                "submissions/submissions.yaml",
                "accepted/*:\n  language: python3\n  permitted: [AC, TLE]\n  required: [AC]\n  score: 30\n  use_for_time_limit: lower\n\
                 'wrong_answer/{a,b}.{py,c}':\n  entrypoint: a.py\n  message: no\n  secret/1: {permitted: WA, score: [0, 10]}\n  'secret/*': {required: [WA]}\n",
            ),
            (
                "submissions/wrong_answer/a.py",
                "# @EXPECTED_RESULTS@: WRONG-ANSWER, TIMELIMIT\n# @EXPECTED_SCORE@: 5\n# @EXPECTED_GRADES@ AC:30 WA\n",
            ),
        ],
        &[
            ("data/secret/1.in", "1\n"),
            ("data/secret/1.ans", "1\n"),
            ("data/secret/g/2.in", "1\n"),
            ("data/secret/g/2.ans", "1\n"),
            ("submissions/accepted/a.py", "print(1)\n"),
        ],
    ),
    (
        &[
            (
                "problem.yaml",
                "problem_format_version: 2025-09\nname: Sum\nuuid: 1\ntype: [scoring, multi-pass]\nconstants: {k: 7, long: {value: 3, latex: x}}\n\
                 limits: {time_multipliers: {ac_to_time_limit: 3, time_limit_to_tle: 1.5}, time_resolution: 0.5, validation_passes: 3, memory: 64}\n\
                 allow_file_writing: false\nlanguages: all\n",
            ),
            (
                "data/secret/test_group.yaml",
                "max_score: 100\nscore_aggregation: sum\nverdict_aggregation: first_error\nrequire_pass: sample\nstatic_validation_score: pass-fail\noutput_validator_args: ['{{k}}']\nargs: [x]\n",
            ),
            (
                "data/secret/g/test_group.yaml",
                "scoring: {score: 30, aggregation: min}\nrequire_pass: [sample]\nmax_score: unbounded\n",
            ),
            ("output_validator/v.py", "import sys\nsys.exit(42 + {{k}} - {{long.value}})\n"),
        ],
        &[
            ("data/sample/1.in", "1\n"),
            ("data/sample/1.ans", "1\n"),
            ("data/secret/g/1.in", "1\n"),
            ("data/secret/g/1.ans", "1\n"),
            ("data/secret/h/1.in", "1\n"),
            ("static_validator/v.py", "import sys\nsys.exit(42)\n"),
            ("data/secret/h/1.ans", "1\n"),
            ("submissions/accepted/a.py", "print(1)\n"),
        ],
    ),
    (
        &[(
            "problem.xml",
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<problem revision=\"3\" short-name=\"echo\"><names><name language=\"english\" value=\"Echo\"/></names>\n\
             <judging cpu-name=\"x\" input-file=\"\" output-file=\"\"><testset name=\"tests\"><time-limit>5000</time-limit><memory-limit>268435456</memory-limit>\
             <test-count>2</test-count><input-path-pattern>tests/%02d</input-path-pattern><answer-path-pattern>tests/%02d.a</answer-path-pattern>\n\
             <tests><test method=\"manual\" sample=\"true\" points=\"0.0\" group=\"s\"/><test method=\"generated\" cmd=\"gen 1\" points=\"30.0\" group=\"1\"/></tests>\
             <groups><group name=\"s\" points-policy=\"each-test\"/><group name=\"1\" points=\"30\" points-policy=\"complete-group\" feedback-policy=\"icpc\"><dependencies><dependency group=\"s\"/></dependencies></group></groups></testset></judging>\n\
             <files><resources><file path=\"files/testlib.h\" type=\"h.g++\"/><file path=\"files/x.py\"><stages><stage name=\"COMPILE\"/></stages><assets><asset name=\"SOLUTION\"/></assets></file></resources></files>\n\
             <assets><checker name=\"std::ncmp.cpp\" type=\"testlib\"><source path=\"files/check.cpp\" type=\"cpp.g++17\"/></checker>\
             <interactor><source path=\"files/check.cpp\" type=\"cpp.g++17\"/></interactor>\
             <solutions><solution tag=\"main\"><source path=\"solutions/a.py\" type=\"python.3\"/><extra-tags><extra-tag group=\"1\" tag=\"wrong-answer\"/></extra-tags></solution></solutions></assets></problem>\n",
        )],
        &[
            ("files/check.cpp", "#include \"testlib.h\"\n"),
            ("files/testlib.h", ""),
            ("files/x.py", ""),
            ("solutions/a.py", "print(1)\n"),
            ("tests/01", "1\n"),
            ("tests/01.a", "1\n"),
            ("tests/02", "2\n"),
            ("tests/02.a", "2\n"),
        ],
    ),
];

const PACKAGE_WORDS: &[&str] = &[
    "pass-fail",
    "scoring",
    "interactive",
    "multi-pass",
    "submit-answer",
    "custom",
    "default",
    "legacy",
    "2023-07-draft",
    "2025-09",
    "null",
    "true",
    "&a [1, 2]",
    "*a",
    "<<: *a",
    "!!binary x",
    "? ",
    "- ",
    "\n  ",
    "| \n",
    "---\n",
    "time_limit",
    "memory",
    "validation_passes",
    "float_tolerance",
    "secret/g",
    "sample",
    "unbounded",
    "min",
    "{a,b}{a,b}",
    "**",
    "WA",
    "lower",
    "upper",
    "{{k}}",
    "<test/>",
    "points",
    "group=\"1\"",
    "%d",
    "%s",
    "%099999d",
    "&lt;",
    "<![CDATA[",
    "<!DOCTYPE a [<!ENTITY b \"c\">]>",
    "complete-group",
    "tests/01",
    ".yenv",
    "testset",
];

#[test]
fn packages() {
    let dirs: Vec<_> = PACKAGES.iter().map(|_| tempfile::tempdir().expect("a directory")).collect();
    let write = |dir: usize, name: &str, content: &[u8]| {
        let path = dirs[dir].path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, content).expect("a file");
    };
    let mut files = Vec::new();
    for (dir, (damaged, others)) in PACKAGES.iter().enumerate() {
        others.iter().chain(*damaged).for_each(|(name, content)| write(dir, name, content.as_bytes()));
        files.extend(damaged.iter().map(|(name, content)| (dir, *name, content.as_bytes().to_vec())));
    }
    for dir in &dirs {
        keeps_its_promises(&Package::load(dir.path()).expect("a good package"), dir.path());
    }
    let seeds = files.iter().map(|(_, _, content)| content.clone()).collect();
    Damage { seeds, words: PACKAGE_WORDS, mend: nothing }.check(|index, bytes| {
        let (dir, name, content) = &files[index];
        write(*dir, name, bytes);
        let loaded = Package::load(dirs[*dir].path());
        write(*dir, name, content);
        match loaded {
            Ok(package) => keeps_its_promises(&package, dirs[*dir].path()),
            Err(error) => {
                assert!(!error.problems.is_empty());
                assert!(error.problems.iter().all(|problem| problem.trim().len() > 3), "{error}");
                assert!(error.to_string().len() < 100_000 + 20 * bytes.len(), "{error}");
            }
        }
    });
}

fn keeps_its_promises(package: &Package, root: &Path) {
    match package.time_limit {
        TimeLimit::Explicit { ms } => assert!((1..=3_600_000).contains(&ms), "{ms}"),
        TimeLimit::Calibrated { multiplier, resolution_ms } => {
            assert!(multiplier.is_finite() && multiplier >= 1.0 && resolution_ms >= 1, "{multiplier} {resolution_ms}");
        }
    }
    for bytes in [package.memory_bytes, package.compile_memory_bytes].into_iter().flatten() {
        assert!(bytes >= 4 * MIB, "{bytes}");
    }
    assert!(package.judges.memory_bytes >= 4 * MIB && package.judges.cpu_ms > 0, "{:?}", package.judges);
    assert!((1..=1000).contains(&package.kind.passes));
    assert!(package.unsupported.is_some() || !package.tests.is_empty());
    for test in &package.tests {
        let Input::File(input) = &test.input else { continue };
        for path in test.files.iter().map(|(_, path)| path).chain([input]).chain(&test.answer) {
            assert!(
                path.canonicalize().expect("a file").starts_with(root.canonicalize().expect("a directory")),
                "{}",
                path.display()
            );
        }
        assert_eq!(test.checker.violations(), []);
        let twin = test.twin_of.as_ref();
        assert!(twin.is_none_or(|twin| package.tests.iter().any(|other| other.id == *twin && other.id != test.id)));
    }
    let mut seen = vec![0; package.groups.all.len()];
    for child in package.groups.all.iter().flat_map(|group| &group.children) {
        match child {
            Child::Test(test) => assert!(*test < package.tests.len()),
            Child::Group(group) => seen[*group] += 1,
        }
    }
    // A tree: every group but the root is in one other.
    assert!(seen.iter().skip(1).all(|count| *count == 1) && seen.first().is_none_or(|count| *count == 0), "{seen:?}");
    for submission in &package.submissions {
        submission.expectation.codes();
        assert!(!submission.files.is_empty());
    }
}
