//! Every type of problem through the real binary: each test makes a small package and looks at what comes of it.

mod common;

use common::bench::{Bench, assert_all_ok};
use serde_json::Value;

const ECHO: &str = "print(input())\n";
const WRONG: &str = "print('no')\n";

/// A validator in Python: the answer is right if it is the input plus something divisible by seven.
const VALIDATOR: &str = "import os, sys\n\
    given, answer, feedback, *flags = open(sys.argv[1]).read(), open(sys.argv[2]).read(), sys.argv[3], *sys.argv[4:]\n\
    assert feedback.endswith('/') and os.listdir(feedback) == [] and os.path.basename(sys.argv[1]) == '1.in'\n\
    said = sys.stdin.read().split()\n\
    def end(code, text):\n\
    \x20   open(feedback + 'judgemessage.txt', 'w').write(text + '\\n' + ' '.join(flags) + '\\n')\n\
    \x20   open(feedback + 'teammessage.txt', 'w').write('look again\\n' if code == 43 else '')\n\
    \x20   sys.exit(code)\n\
    if said == ['crash']: sys.exit(1)\n\
    if said == ['loop']:\n\
    \x20   while True: pass\n\
    if said == ['fill']: open(feedback + 'x', 'w').write('y' * (20 << 20))\n\
    if len(said) != 1 or (int(said[0]) - int(given)) % 7: end(43, 'not a multiple of seven away')\n\
    end(42, 'fine')\n";

fn custom(flags: &str) -> Bench {
    let bench = Bench::package(&format!(
        "validation: custom\nvalidator_flags: {flags}\nlimits: {{validation_time: 1, validation_output: 1}}\n"
    ));
    bench.write("p/output_validators/check/check.py", VALIDATOR);
    bench
}

#[test]
fn a_validator_of_the_package_decides() {
    let bench = custom("a b");
    bench
        .write("p/submissions/accepted/same.py", ECHO)
        .write("p/submissions/accepted/other.py", "print(int(input()) + 14)\n")
        .write("p/submissions/wrong_answer/off.py", "print(int(input()) + 1)\n")
        .write("p/submissions/run_time_error/crash.py", "raise SystemExit(3)\n");
    let verified = bench.verify();
    assert_all_ok(&verified, 4);
    let reason = verified.of("wrong_answer/off.py")["reason"].to_string();
    assert!(reason.contains("look again"), "{reason}");
}

#[test]
fn a_validator_that_fails_is_a_judge_error_that_names_it() {
    let bench = custom("");
    for (name, said) in [
        ("crash", "exit code 1, neither 42 nor 43"),
        ("loop", "more CPU time than 1000 ms"),
        ("fill", "output_validators/check"),
    ] {
        bench.write(&format!("p/submissions/accepted/{name}.py"), format!("print('{name}')\n"));
        let verified = bench.verify();
        let line = verified.of(&format!("accepted/{name}.py"));
        assert_eq!((&line["verdict"], &line["ok"]), (&Value::from("JE"), &Value::Null), "{line}");
        let reason = line["reason"].as_str().unwrap_or_default();
        assert!(reason.contains("output_validators/check") && reason.contains(said), "{reason}");
        assert_eq!(verified.code(), Some(1));
        std::fs::remove_file(bench.path(&format!("p/submissions/accepted/{name}.py"))).expect("removed");
    }
    bench.write("p/output_validators/check/check.py", "this is no python\n").write("p/submissions/accepted/a.py", ECHO);
    let reason = bench.verify().of("accepted/a.py")["reason"].to_string();
    assert!(reason.contains("does not compile"), "{reason}");
}

#[test]
fn validators_are_written_in_many_ways() {
    let accept = "int main(int argc, char** argv) { return argc > 3 ? 42 : 1; }\n";
    let programs: [&[(&str, &str)]; 5] = [
        &[("output_validators/v.cc", "#include \"v.h\"\n"), ("output_validators/v.h", accept)],
        &[
            ("output_validators/v/build", "cc -o there v.c\n"),
            ("output_validators/v/v.c", accept),
            ("output_validators/v/run", "exec ./there \"$@\"\n"),
        ],
        &[("output_validators/v/run", "#!/bin/sh\nexit 42\n")],
        &[("output_validators/V.java", "class V { public static void main(String[] a) { System.exit(42); } }\n")],
        &[
            ("output_validators/v/__init__.py", ""),
            ("output_validators/v/__main__.py", "import other\nother.end()\n"),
            ("output_validators/v/other.py", "import sys\ndef end(): sys.exit(42)\n"),
        ],
    ];
    for files in programs {
        let bench = Bench::package("validation: custom\n");
        bench.write("p/submissions/accepted/a.py", WRONG);
        for (name, text) in files {
            bench.write(&format!("p/{name}"), text);
        }
        assert_all_ok(&bench.verify(), 1);
    }
}

#[test]
fn flags_of_groups_and_tests_come_after_those_of_the_problem() {
    let flags = |bench: &Bench| {
        bench.write("p/submissions/accepted/a.py", WRONG);
        let verified = bench.verify();
        let reason = verified.of("accepted/a.py")["reason"].as_str().unwrap_or_default().to_owned();
        reason.rsplit("flags ").next().unwrap_or_default().to_owned()
    };
    let tell = "import sys\nopen(sys.argv[3] + 'judgemessage.txt', 'w').write('flags ' + ' '.join(sys.argv[4:]))\nsys.exit(43)\n";
    let bench = Bench::package("validation: custom\nvalidator_flags: a\n");
    bench.write("p/output_validators/v.py", tell).write("p/data/secret/testdata.yaml", "output_validator_flags: b c\n");
    assert_eq!(flags(&bench), "a b c");
    let bench = Bench::package("problem_format_version: 2025-09\nname: x\nconstants: {k: seven}\n");
    bench
        .write("p/output_validator/v.py", tell.replace("flags ", "flags {{k}} "))
        .write("p/data/secret/test_group.yaml", "output_validator_args: [b]\n");
    assert_eq!(flags(&bench), "seven b");
    bench.write("p/data/secret/1.yaml", "output_validator_args: [c, d]\n");
    assert_eq!(flags(&bench), "seven c d");
}

/// Guess a number: the input names it, the interactor says `lower`, `higher` or `right`, at most twelve times.
const INTERACTOR: &str = "import sys\n\
    wanted = int(open(sys.argv[1]).read())\n\
    def end(code, text):\n\
    \x20   open(sys.argv[3] + 'judgemessage.txt', 'w').write(text)\n\
    \x20   sys.exit(code)\n\
    for _ in range(12):\n\
    \x20   line = sys.stdin.readline()\n\
    \x20   if not line: end(43, 'the conversation broke off')\n\
    \x20   try: guess = int(line)\n\
    \x20   except ValueError: end(43, 'no number')\n\
    \x20   print('right' if guess == wanted else 'lower' if guess > wanted else 'higher', flush=True)\n\
    \x20   if guess == wanted:\n\
    \x20       if sys.stdin.read().strip(): end(43, 'more after the end')\n\
    \x20       end(42, 'found')\n\
    end(43, 'too many guesses')\n";

const GUESS: &str = "low, high = 1, 1000\n\
    while True:\n\
    \x20   guess = (low + high) // 2\n\
    \x20   print(guess, flush=True)\n\
    \x20   said = input()\n\
    \x20   if said == 'right': break\n\
    \x20   low, high = (guess + 1, high) if said == 'higher' else (low, guess - 1)\n";

fn guessing() -> Bench {
    let bench = Bench::package(
        "problem_format_version: 2025-09\nname: guess\ntype: interactive\nlimits: {time_limit: 1, validation_time: 12}\n",
    );
    std::fs::remove_file(bench.path("p/.timelimit")).expect("removed");
    bench.write("p/output_validator/interact.py", INTERACTOR).test("secret/1", "371\n", "");
    bench
}

#[test]
fn interactive_programs_get_the_verdict_of_who_was_to_blame() {
    let bench = guessing();
    let cases: &[(&str, &str, String)] = &[
        ("good", "AC", GUESS.to_owned()),
        ("good_then_crash", "RTE", format!("{GUESS}raise SystemExit(1)\n")),
        ("good_then_loop", "TLE", format!("{GUESS}while True: pass\n")),
        ("good_then_more", "WA", format!("{GUESS}print(5)\n")),
        ("no_number", "WA", "print('what?', flush=True)\ninput()\n".to_owned()),
        // What it said was wrong before it crashed, looped or slept, however fast it was.
        ("wrong_then_crash", "WA", "print('what?', flush=True)\nraise SystemExit(1)\n".to_owned()),
        ("wrong_then_loop", "WA", "print('what?', flush=True)\nwhile True: pass\n".to_owned()),
        ("wrong_then_sleep", "WA", "print('what?', flush=True)\nimport time\ntime.sleep(100)\n".to_owned()),
        ("crash", "RTE", "raise SystemExit(1)\n".to_owned()),
        ("silent", "WA", "pass\n".to_owned()),
        ("deadlock", "ILE", "input()\n".to_owned()),
        ("half_a_line", "ILE", "import sys\nsys.stdout.write('3')\nsys.stdout.flush()\ninput()\n".to_owned()),
        ("closes_its_output", "ILE", "import os, time\nos.close(1)\ntime.sleep(100)\n".to_owned()),
        ("closes_its_output_and_ends", "WA", "import os, time\nos.close(1)\ntime.sleep(0.1)\n".to_owned()),
        (
            "closes_its_output_and_crashes",
            "RTE",
            "import os, time\nos.close(1)\ntime.sleep(0.1)\nos.abort()\n".to_owned(),
        ),
        ("closes_its_input", "RTE", "import os\nos.close(0)\nprint(1, flush=True)\ninput()\n".to_owned()),
        ("floods", "WA", "import os\nwhile True: os.write(1, b'x' * 65536 + b'\\n')\n".to_owned()),
        ("floods_one_line", "OLE", "import os\nwhile True: os.write(1, b'1' * 65536)\n".to_owned()),
        ("guesses_without_reading", "WA", "for i in range(100000): print(1)\n".to_owned()),
    ];
    for (name, _, source) in cases {
        bench.write(&format!("p/submissions/mixed/{name}.py"), source);
    }
    for round in 0..2 {
        let verified = bench.verify_all(&["p"], &["--fresh"]);
        for (name, expected, _) in cases {
            let line = verified.of(&format!("mixed/{name}.py"));
            assert_eq!(line["verdict"], *expected, "{round}: {line}");
        }
    }
}

#[test]
fn the_conversation_is_kept() {
    let bench = guessing();
    bench.write("p/submissions/accepted/good.py", GUESS);
    let verified = bench.verify();
    assert_all_ok(&verified, 1);
    let store = bench.path("store.sqlite");
    let read = "import sqlite3, sys\n\
        for stream, text in sqlite3.connect(sys.argv[1]).execute('SELECT stream, content FROM outputs ORDER BY stream'):\n\
        \x20   print(stream, text.decode().split())\n";
    let output =
        std::process::Command::new("/usr/bin/python3").args(["-c", read]).arg(store).output().expect("python3");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("interaction ['>500', '<lower', '>250', '<higher'"), "{text}");
    assert!(text.contains("judge ['found']"), "{text}");
}

#[test]
fn an_interactor_that_fails_is_a_judge_error_and_one_that_thinks_is_waited_for() {
    let bench = guessing();
    bench.write("p/submissions/accepted/good.py", GUESS);
    // Longer than the program may take, by much.
    bench.write("p/output_validator/interact.py", format!("t = 10**8\nwhile t: t -= 1\n{INTERACTOR}"));
    assert_all_ok(&bench.verify(), 1);
    let yaml = std::fs::read_to_string(bench.path("p/problem.yaml")).expect("a file");
    bench.write("p/problem.yaml", yaml.replace("validation_time: 12", "validation_time: 2"));
    for interactor in [
        "raise SystemExit(1)\n",
        "import os\nos.kill(os.getpid(), 11)\n",
        "print(1)\nraise SystemExit(0)\n",
        // One that never ends, and one that never stops to speak.
        "while True: pass\n",
        "import os\nwhile True: os.write(1, b'x' * 65536)\n",
    ] {
        bench.write("p/output_validator/interact.py", interactor);
        let verified = bench.verify();
        let line = verified.of("accepted/good.py");
        assert_eq!(line["verdict"], "JE", "{line}");
        assert!(line["reason"].as_str().unwrap_or_default().contains("output_validator: "), "{line}");
    }
}

/// Two passes: the program prints a secret of the input, and gets it back in the second pass.
const TWO_PASSES: &str = "import os, sys\n\
    feedback = sys.argv[3]\n\
    said = sys.stdin.read().split()\n\
    log = feedback + 'log.txt'\n\
    if not os.path.exists(log):\n\
    \x20   open(log, 'w').write('first')\n\
    \x20   open(feedback + 'nextpass.in', 'w').write('decode ' + ' '.join(said) + '\\n')\n\
    \x20   sys.exit(42)\n\
    assert not os.path.exists(feedback + 'nextpass.in')\n\
    sys.exit(42 if said == open(sys.argv[2]).read().split() else 43)\n";

#[test]
fn problems_of_several_passes() {
    let bench = Bench::package("problem_format_version: 2025-09\nname: x\ntype: multi-pass\nlimits: {time_limit: 5}\n");
    std::fs::remove_file(bench.path("p/.timelimit")).expect("removed");
    bench.write("p/output_validator/v.py", TWO_PASSES).test("secret/1", "encode 7\n", "7\n");
    bench
        .write(
            "p/submissions/accepted/a.py",
            "kind, n = input().split()\nprint(int(n) + (1 if kind == 'encode' else -1))\n",
        )
        .write("p/submissions/wrong_answer/b.py", "kind, n = input().split()\nprint(int(n) + 1)\n")
        .write("p/submissions/run_time_error/c.py", "kind, n = input().split()\nprint(n)\nassert kind == 'encode'\n");
    assert_all_ok(&bench.verify(), 3);
    bench.write("p/output_validator/v.py", TWO_PASSES.replace("if not os.path.exists(log)", "if True"));
    let line = bench.verify().of("accepted/a.py").clone();
    assert_eq!(line["verdict"], "JE");
    assert!(line["reason"].as_str().unwrap_or_default().contains("pass 3"), "{line}");
}

#[test]
fn scored_groups_of_older_packages() {
    let bench = Bench::package("type: scoring\n");
    std::fs::remove_file(bench.path("p/data/secret/1.in")).expect("removed");
    std::fs::remove_file(bench.path("p/data/secret/1.ans")).expect("removed");
    bench
        .write("p/data/testdata.yaml", "on_reject: continue\nrange: 0 100\ngrader_flags: ignore_sample\n")
        .write("p/data/sample/testdata.yaml", "accept_score: 0\ngrader_flags: first_error\n")
        .write("p/data/secret/testdata.yaml", "grader_flags: first_error accept_if_any_accepted\n")
        .write("p/data/secret/a/testdata.yaml", "on_reject: break\naccept_score: 30\nrange: 0 30\ngrader_flags: min\n")
        .write("p/data/secret/b/testdata.yaml", "on_reject: break\naccept_score: 70\nrange: 0 70\ngrader_flags: min\n")
        .test("sample/1", "1\n", "1\n");
    for (id, number) in [("a/1", "1\n"), ("a/2", "2\n"), ("b/1", "11\n"), ("b/2", "12\n"), ("b/3", "13\n")] {
        bench.test(&format!("secret/{id}"), number, number);
    }
    bench
        .write("p/submissions/accepted/all.py", ECHO)
        .write(
            "p/submissions/partially_accepted/small.py",
            "# @EXPECTED_GRADES@ AC WA\nn = input()\nprint(n if len(n) == 1 else 0)\n",
        )
        .write(
            "p/submissions/partially_accepted/large.py",
            "# @EXPECTED_SCORE@: 70\nn = input()\nassert len(n) == 2\nprint(n)\n",
        )
        .write("p/submissions/wrong_answer/none.py", "# @EXPECTED_SCORE@: 0\nprint(99)\n");
    let verified = bench.verify();
    assert_all_ok(&verified, 4);
    let of = |name: &str| verified.of(name).clone();
    assert_eq!(
        (of("accepted/all.py")["score"].as_f64(), of("wrong_answer/none.py")["score"].as_f64()),
        (Some(100.0), Some(0.0))
    );
    let small = of("partially_accepted/small.py");
    let groups: Vec<_> = small["groups"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|group| (group["name"].clone(), group["verdict"].clone(), group["score"].as_f64()))
        .collect();
    assert_eq!(
        groups[1..3],
        [("secret/a".into(), "AC".into(), Some(30.0)), ("secret/b".into(), "WA".into(), Some(0.0))],
        "{small}"
    );
    // The rest of a group that failed is not run.
    let skipped = small["tests"].as_array().into_iter().flatten().filter(|test| test["verdict"] == "SKIPPED").count();
    assert_eq!(skipped, 2, "{small}");
    // Wrong expectations are differences.
    bench
        .write(
            "p/submissions/partially_accepted/small.py",
            "# @EXPECTED_GRADES@ WA AC\nn = input()\nprint(n if len(n) == 1 else 0)\n",
        )
        .write("p/submissions/wrong_answer/none.py", "# @EXPECTED_SCORE@: 10\nprint(99)\n")
        .write("p/submissions/accepted/all.py", "n = input()\nprint(n if len(n) == 1 else 0)\n");
    let verified = bench.verify();
    assert_eq!(verified.summary()["differ"], 3, "{:#?}", verified.lines);
}

#[test]
fn a_grader_of_the_package_aggregates() {
    let bench = Bench::package("type: scoring\n");
    bench
        .write("p/data/testdata.yaml", "on_reject: continue\ngrading: custom\ngrader_flags: x y\n")
        .write("p/data/sample/testdata.yaml", "grading: default\n")
        .write("p/data/secret/testdata.yaml", "on_reject: continue\ngrading: default\naccept_score: 10\n")
        .test("secret/2", "2\n", "2\n")
        .test("sample/1", "1\n", "1\n")
        .write("p/graders/grade.py", "import sys\nlines = sys.stdin.read().split('\\n')\nassert sys.argv[1:] == ['x', 'y'] and lines[0] == 'AC 1', lines\nprint('AC', float(lines[1].split()[1]) * 2 + 1)\n")
        .write("p/submissions/accepted/a.py", ECHO)
        .write("p/submissions/mixed/b.py", "print(1)\n");
    let verified = bench.verify();
    assert_eq!(verified.of("accepted/a.py")["score"], 41.0, "{:#?}", verified.lines);
    assert_eq!(
        (&verified.of("mixed/b.py")["score"], &verified.of("mixed/b.py")["verdict"]),
        (&Value::from(21.0), &Value::from("AC"))
    );
    bench.write("p/graders/grade.py", "print('fine')\n");
    let line = bench.verify().of("accepted/a.py").clone();
    assert!(line["verdict"] == "JE" && line["reason"].as_str().unwrap_or_default().contains("graders/"), "{line}");
}

const SCORER: &str = "import sys\n\
    said = float(sys.stdin.read())\n\
    if said < 0: sys.exit(43)\n\
    open(sys.argv[3] + FILE, 'w').write(str(said))\n\
    sys.exit(42)\n";

#[test]
fn scored_groups_of_2025_09() {
    let bench = Bench::package("problem_format_version: 2025-09\nname: x\ntype: scoring\nlimits: {time_limit: 5}\n");
    std::fs::remove_file(bench.path("p/.timelimit")).expect("removed");
    for file in ["1.in", "1.ans"] {
        std::fs::remove_file(bench.path(&format!("p/data/secret/{file}"))).expect("removed");
    }
    bench
        .write("p/data/secret/a/test_group.yaml", "max_score: 20\nrequire_pass: sample\n")
        .write("p/data/secret/b/test_group.yaml", "max_score: 80\nscore_aggregation: sum\nrequire_pass: [secret/a]\n")
        .test("sample/1", "1\n", "1\n");
    for (id, number) in
        [("a/1", "1\n"), ("a/2", "2\n"), ("b/1", "11\n"), ("b/2", "12\n"), ("b/3", "13\n"), ("b/4", "14\n")]
    {
        bench.test(&format!("secret/{id}"), number, number);
    }
    bench
        .write(
            "p/submissions/submissions.yaml",
            "mixed/half.py: {score: 60, secret/b: {score: [40, 40], required: [WA]}}\nmixed/none.py: {score: 0}\n",
        )
        .write("p/submissions/accepted/all.py", ECHO)
        .write("p/submissions/mixed/half.py", "n = int(input())\nprint(n if n < 13 else 0)\n")
        .write("p/submissions/mixed/none.py", "n = int(input())\nprint(n if n > 2 or n == 1 else 0)\n");
    let verified = bench.verify();
    assert_all_ok(&verified, 3);
    let none = verified.of("mixed/none.py");
    assert!(none["tests"].as_array().into_iter().flatten().skip(3).all(|test| test["verdict"] == "SKIPPED"), "{none}");

    // A draft's way to say it.
    bench.write(
        "p/problem.yaml",
        "problem_format_version: 2023-07-draft\nname: x\ntype: scoring\nlimits: {time_limit: 5}\n",
    );
    bench
        .write("p/data/secret/b/test_group.yaml", "scoring: {score: 80, aggregation: sum}\nrequire_pass: [secret/a]\n");
    assert_all_ok(&bench.verify(), 3);
    bench.write("p/problem.yaml", "problem_format_version: 2025-09\nname: x\ntype: scoring\nlimits: {time_limit: 5}\n");

    // A validator's points and shares.
    bench.write("p/data/secret/b/test_group.yaml", "max_score: 80\nscore_aggregation: min\n");
    bench.write("p/data/secret/a/test_group.yaml", "max_score: 20\nscore_aggregation: sum\n");
    bench
        .write("p/submissions/submissions.yaml", "mixed/half.py: {score: 50}\n")
        .write("p/submissions/mixed/half.py", "print(0.5)\n");
    std::fs::remove_file(bench.path("p/submissions/mixed/none.py")).expect("removed");
    std::fs::remove_dir_all(bench.path("p/submissions/accepted")).expect("removed");
    bench.write("p/output_validator/v.py", SCORER.replace("FILE", "'score_multiplier.txt'"));
    assert_all_ok(&bench.verify(), 1);
    bench.write("p/output_validator/v.py", SCORER.replace("FILE", "'score.txt'"));
    bench.write("p/submissions/submissions.yaml", "mixed/half.py: {score: 1.5}\n");
    assert_all_ok(&bench.verify(), 1);
    bench.write("p/submissions/mixed/half.py", "print(10.5)\n");
    let line = bench.verify().of("mixed/half.py").clone();
    assert!(
        line["verdict"] == "JE" && line["reason"].as_str().unwrap_or_default().contains("more than the 10"),
        "{line}"
    );
}

#[test]
fn a_static_validator_looks_at_the_source() {
    let bench = Bench::package("problem_format_version: 2025-09\nname: x\nlimits: {time_limit: 5}\n");
    std::fs::remove_file(bench.path("p/.timelimit")).expect("removed");
    bench
        .write("p/data/secret/test_group.yaml", "static_validation_score: pass-fail\nstatic_validator_args: [eval]\n")
        .write(
            "p/static_validator/look.py",
            "import sys\nlanguage, entry, feedback, *words = sys.argv[1:]\nassert language == 'python3'\ntext = open(entry).read()\nsys.exit(43 if any(word in text for word in words) else 42)\n",
        )
        .write("p/submissions/accepted/a.py", ECHO)
        .write("p/submissions/wrong_answer/b.py", "print(eval(input()))\n");
    let verified = bench.verify();
    assert_all_ok(&verified, 2);
    assert_eq!(verified.of("wrong_answer/b.py")["tests"][0]["id"], "secret/static_validation");
}

#[test]
fn a_validator_is_held_like_any_program() {
    let bench = custom("");
    bench
        .write("p/output_validators/check/check.py", "import os, sys\nok = (os.getuid(), os.path.exists('/sys'), os.getpid())\nopen(sys.argv[3] + 'judgemessage.txt', 'w').write(str(ok))\nsys.exit(42 if ok == (1000, False, 2) else 43)\n")
        .write("p/submissions/accepted/a.py", "import os, sys\nprint(os.path.exists('/work/judge'), len(os.listdir('/work')))\n");
    assert_all_ok(&bench.verify(), 1);
}

#[test]
fn answers_are_taken_instead_of_programs() {
    let bench =
        Bench::package("problem_format_version: 2025-09\nname: x\ntype: submit-answer\nlimits: {time_limit: 5}\n");
    std::fs::remove_file(bench.path("p/.timelimit")).expect("removed");
    bench
        .test("secret/2", "2\n", "4\n")
        .write("p/submissions/accepted/all/1.out", "1\n")
        .write("p/submissions/accepted/all/2.txt", "4\n")
        .write("p/submissions/accepted/program.py", "print(int(input()) ** 2)\n")
        .write("p/submissions/wrong_answer/one_is_missing/1.ans", "1\n")
        .write("p/submissions/wrong_answer/wrong/1.out", "1\n")
        .write("p/submissions/wrong_answer/wrong/2.out", "5\n");
    let verified = bench.verify();
    assert_all_ok(&verified, 4);
    assert_eq!(verified.of("accepted/all")["language"], "answers");
    assert!(verified.of("wrong_answer/one_is_missing")["reason"].to_string().contains("no answer"));
    // A problem that wants programs does not take them.
    bench.write("p/problem.yaml", "problem_format_version: 2025-09\nname: x\nlimits: {time_limit: 5}\n");
    assert_eq!(bench.verify().of("accepted/all")["verdict"], Value::Null);
}

#[test]
fn a_test_that_is_there_twice_is_run_once() {
    let bench = Bench::package("type: scoring\n");
    bench
        .write("p/data/secret/testdata.yaml", "on_reject: continue\n")
        .test("secret/a/1", "5\n", "5\n")
        .test("secret/b/1", "5\n", "5\n")
        .test("secret/b/2", "5\n", "6\n")
        .write("p/submissions/mixed/a.py", ECHO);
    let verified = bench.verify_all(&["p"], &["--slots", "1"]);
    let tests = verified.of("mixed/a.py")["tests"].as_array().cloned().unwrap_or_default();
    let of = |id: &str| tests.iter().find(|test| test["id"] == id).cloned().unwrap_or_default();
    assert_eq!(of("secret/b/1")["wall_ms"], of("secret/a/1")["wall_ms"]);
    assert_eq!((of("secret/b/1")["verdict"].clone(), of("secret/b/2")["verdict"].clone()), ("AC".into(), "WA".into()));
}

#[test]
fn a_test_that_is_a_link_to_nothing_is_left_out_and_told() {
    let bench = Bench::package("name: x\n");
    bench.write("p/submissions/accepted/a.py", ECHO);
    std::os::unix::fs::symlink("nowhere.in", bench.path("p/data/secret/2.in")).expect("a link");
    bench.write("p/data/secret/2.ans", "2\n");
    let verified = bench.verify();
    assert_all_ok(&verified, 1);
    assert!(verified.told().contains("data/secret/2.in: a link to nothing"), "{}", verified.told());
}

#[test]
fn a_program_that_fails_keeps_none_of_an_interactors_points() {
    let bench = guessing();
    bench
        .write(
            "p/problem.yaml",
            "problem_format_version: 2025-09\nname: x\ntype: [scoring, interactive]\nlimits: {time_limit: 1}\n",
        )
        .write("p/data/secret/test_group.yaml", "score_aggregation: sum\n")
        .write(
            "p/output_validator/interact.py",
            INTERACTOR
                .replace("end(42, 'found')", "open(sys.argv[3] + 'score.txt', 'w').write('90'); end(42, 'found')"),
        )
        .write("p/submissions/mixed/good.py", GUESS)
        .write("p/submissions/mixed/then_crash.py", format!("{GUESS}raise SystemExit(1)\n"));
    let verified = bench.verify();
    let of = |name: &str| (verified.of(name)["verdict"].clone(), verified.of(name)["score"].as_f64());
    assert_eq!(of("mixed/good.py"), ("AC".into(), Some(90.0)));
    assert_eq!(of("mixed/then_crash.py"), ("RTE".into(), Some(0.0)), "{}", verified.of("mixed/then_crash.py"));
}

#[test]
fn testlib_checkers_speak_with_exit_codes_and_messages() {
    // What stands for testlib here only has to be included.
    let checker = "#include \"testlib.h\"\n#include <cstdio>\n#include <cstdlib>\n\
        int main(int argc, char** argv) {\n\
        \x20   int code = 99; FILE* output = fopen(argv[2], \"r\"); char word[64] = \"\";\n\
        \x20   if (argc != 4 || fscanf(output, \"%d %63s\", &code, word) < 1) return 3;\n\
        \x20   fprintf(stderr, code == 7 ? \"points 4.5 fine\\n\" : word[0] ? \"partially correct (%s) well\\n\" : \"wrong answer %s\\n\", word);\n\
        \x20   return code; }\n";
    let bench = Bench::package("type: scoring\nvalidation: custom score\n");
    bench.write("p/output_validators/check/check.cpp", checker).write("p/output_validators/check/testlib.h", "\n");
    let cases: &[(&str, &str, Option<f64>)] = &[
        ("0", "AC", Some(1.0)),
        ("1", "WA", Some(0.0)),
        ("2", "WA", Some(0.0)),
        ("3", "JE", None),
        ("4", "WA", Some(0.0)),
        ("7", "AC", Some(4.5)),
        ("8", "WA", Some(0.0)),
        ("66 16", "AC", Some(16.0)),
        ("3 3", "AC", Some(3.0)),
        ("99", "JE", None),
    ];
    for (index, (output, ..)) in cases.iter().enumerate() {
        bench.write(&format!("p/submissions/mixed/{index}.py"), format!("print('{output}')\n"));
    }
    let verified = bench.verify();
    for (index, (output, verdict, score)) in cases.iter().enumerate() {
        let line = verified.of(&format!("mixed/{index}.py"));
        assert_eq!((&line["verdict"], line["score"].as_f64()), (&Value::from(*verdict), *score), "{output}: {line}");
    }
}

#[test]
fn what_a_package_lacks_is_told_before_anything_is_graded() {
    let bench = Bench::package("problem_format_version: 2025-09\nname: x\n");
    bench
        .write("p/submissions/accepted/a.py", ECHO)
        .write("p/data/secret/test_group.yaml", "static_validation_score: pass-fail\n");
    bench.verify().is_refused_with(&["there is no static validator"]);
    let bench = Bench::package("type: interactive\n");
    bench.write("p/submissions/accepted/a.py", ECHO);
    bench.verify().is_refused_with(&["there is no output validator"]);
    let bench = Bench::package("type: scoring\nlimits: {validation_memory: 1}\n");
    bench.write("p/submissions/accepted/a.py", ECHO).write("p/data/testdata.yaml", "grading: custom\nrange: 5 1\n");
    std::os::unix::fs::symlink("nowhere.yaml", bench.path("p/data/secret/testdata.yaml")).expect("a link");
    bench.verify().is_refused_with(&["secret/testdata.yaml: a link to nothing"]);
    std::fs::remove_file(bench.path("p/data/secret/testdata.yaml")).expect("removed");
    bench.verify().is_refused_with(&["graders/ has no program", "range: must be two numbers", "validation_memory"]);
}

#[test]
fn nothing_of_a_submission_is_taken_for_the_static_validators() {
    let bench = Bench::package("problem_format_version: 2025-09\nname: x\ntype: scoring\nlimits: {time_limit: 5}\n");
    std::fs::remove_file(bench.path("p/.timelimit")).expect("removed");
    bench
        .write("p/data/secret/test_group.yaml", "score_aggregation: sum\nstatic_validation_score: 50\n")
        .write(
            "p/static_validator/v.py",
            "import sys, ast, os\nlanguage, entry, feedback = sys.argv[1:]\nassert os.listdir(feedback) == []\n\
             tree = ast.parse(open(entry).read())\nsys.exit(43 if any(isinstance(n, ast.For) for n in ast.walk(tree)) else 42)\n",
        )
        .write("p/submissions/accepted/v.py", ECHO)
        .write("p/submissions/wrong_answer/evil/main.py", "for i in [1]: print(input())\n")
        .write("p/submissions/wrong_answer/evil/ast.py", "import os\nos._exit(42)\n")
        .write("p/submissions/wrong_answer/evil/judge/feedback/score.txt", "50")
        .write("p/submissions/wrong_answer/same_name/v.py", "for i in [1]: print(input())\n")
        .write("p/submissions/accepted/in_the_way/main.py", ECHO)
        .write("p/submissions/accepted/in_the_way/judge/x.py", "");
    assert_all_ok(&bench.verify(), 4);
    // Validators in other languages find their own files, too.
    std::fs::remove_file(bench.path("p/static_validator/v.py")).expect("removed");
    bench.write(
        "p/static_validator/V.java",
        "import java.nio.file.*;\nclass V { public static void main(String[] a) throws Exception {\n\
         System.exit(Files.readString(Path.of(a[1])).contains(\"for \") ? 43 : 42); } }\n",
    );
    assert_all_ok(&bench.verify(), 4);
}

#[test]
fn what_a_validator_leaves_must_be_files() {
    let bench = Bench::package("problem_format_version: 2025-09\nname: x\ntype: multi-pass\nlimits: {time_limit: 5}\n");
    std::fs::remove_file(bench.path("p/.timelimit")).expect("removed");
    bench.write("p/submissions/accepted/a.py", ECHO);
    for leave in [
        "os.symlink('x', d + 'nextpass.in')",
        "os.mkdir(d + 'nextpass.in')",
        "os.symlink('/etc/passwd', d + 'score.txt')",
    ] {
        bench.write("p/output_validator/v.py", format!("import os, sys\nd = sys.argv[3]\n{leave}\nsys.exit(42)\n"));
        let line = bench.verify().of("accepted/a.py").clone();
        assert!(line["verdict"] == "JE" && line["reason"].to_string().contains("no regular file"), "{leave}: {line}");
    }
}

#[test]
fn a_flag_of_the_topmost_group_is_not_inherited_and_rounding_is_no_error() {
    let bench = Bench::package("type: scoring\n");
    bench
        .write("p/data/testdata.yaml", "on_reject: continue\ngrader_flags: ignore_sample\n")
        .test("sample/1", "1\n", "1\n")
        .test("secret/a/1", "2\n", "2\n")
        .test("secret/a/2", "3\n", "3\n")
        .test("secret/b/1", "4\n", "4\n")
        .write("p/submissions/mixed/all.py", ECHO)
        .write("p/submissions/mixed/first.py", "n = int(input())\nprint(n if n != 2 else 0)\n");
    let verified = bench.verify();
    assert_eq!(verified.of("mixed/all.py")["score"], 4.0);
    assert_eq!(
        (&verified.of("mixed/first.py")["verdict"], &verified.of("mixed/first.py")["score"]),
        (&"WA".into(), &Value::from(3.0))
    );

    let bench = Bench::package("problem_format_version: 2025-09\nname: x\ntype: scoring\nlimits: {time_limit: 5}\n");
    std::fs::remove_file(bench.path("p/.timelimit")).expect("removed");
    bench.write("p/data/secret/test_group.yaml", "max_score: 10000000\n").write("p/submissions/accepted/a.py", ECHO);
    for test in 2..19 {
        bench.test(&format!("secret/{test}"), &format!("{test}\n"), &format!("{test}\n"));
    }
    assert_eq!(bench.verify().of("accepted/a.py")["score"], 10_000_000.0);
}

#[test]
fn a_submission_cannot_stand_in_the_way_of_the_packages_files() {
    let bench = Bench::package("problem_format_version: 2025-09\nname: x\nlimits: {time_limit: 5}\n");
    std::fs::remove_file(bench.path("p/.timelimit")).expect("removed");
    bench
        .write("p/data/secret/1.files/helper.txt", "7")
        .write("p/data/secret/1.files/d/x.txt", "8")
        .write("p/include/python3/lib.py", "n = 1\n")
        .write(
            "p/submissions/accepted/a/main.py",
            "import lib\nassert open('helper.txt').read() + open('d/x.txt').read() == '78'\nprint(lib.n)\n",
        )
        .write("p/submissions/accepted/a/helper.txt/x.py", "")
        .write("p/submissions/accepted/a/lib.py/x.py", "")
        .write("p/submissions/accepted/a/d", "");
    assert_all_ok(&bench.verify(), 1);
}

#[test]
fn the_same_validator_is_another_judge_where_it_is_called_otherwise() {
    let bench = Bench::package("validation: custom\n");
    let failing = "import sys\nsys.exit(5)\n";
    bench.write("p/submissions/accepted/a.py", ECHO).write("p/output_validators/one.py", failing);
    bench.write("q/problem.yaml", "validation: custom\n").write("q/.timelimit", "10\n");
    bench.write("q/data/secret/1.in", "1\n").write("q/data/secret/1.ans", "1\n");
    bench.write("q/submissions/accepted/a.py", ECHO).write("q/output_validators/two.py", failing);
    let verified = bench.verify_all(&["p", "q"], &["--slots", "1"]);
    for (package, name) in [("p", "one.py"), ("q", "two.py")] {
        let line = verified.lines.iter().find(|line| line["package"] == package).cloned().unwrap_or_default();
        assert!(line["reason"].as_str().unwrap_or_default().contains(name), "{line}");
    }
}

#[test]
fn what_a_validator_must_say_and_what_a_rejected_test_scores() {
    let bench = Bench::package("problem_format_version: 2025-09\nname: x\nlimits: {time_limit: 5}\n");
    std::fs::remove_file(bench.path("p/.timelimit")).expect("removed");
    bench
        .write(
            "p/output_validator/v.py",
            "import sys\nopen(sys.argv[3] + 'judgemessage.txt', 'w').write('line 3 is odd')\nsys.exit(43)\n",
        )
        .write("p/submissions/wrong_answer/a.py", ECHO)
        .write("p/submissions/submissions.yaml", "wrong_answer/a.py: {message: is odd}\n");
    assert_all_ok(&bench.verify(), 1);
    bench.write("p/submissions/submissions.yaml", "wrong_answer/a.py: {message: is even}\n");
    assert!(bench.verify().of("wrong_answer/a.py")["reason"].to_string().contains("is even"));

    let bench = Bench::package("type: scoring\n");
    bench
        .write("p/data/testdata.yaml", "on_reject: continue\naccept_score: 5\nreject_score: 2\nrange: 0 6\n")
        .test("secret/2", "2\n", "2\n")
        .write("p/submissions/mixed/one.py", "print(1)\n");
    let line = bench.verify().of("mixed/one.py").clone();
    assert_eq!((&line["verdict"], &line["score"]), (&"WA".into(), &Value::from(7.0)));
    assert!(line["reason"].to_string().contains("outside its range 0 to 6"), "{line}");
}
