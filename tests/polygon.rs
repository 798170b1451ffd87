//! Packages of Codeforces Polygon through the real binary: each test writes a small one and looks at what comes of it.

mod common;

use std::fmt::Write as _;

use common::bench::{Bench, Verified, assert_all_ok};
use serde_json::Value;

const ECHO: &str = "print(input())\n";

/// What these tests need of a library for checkers: three files, and an end with a code and a text.
const LIBRARY: &str = "#include <cstdio>\n#include <cstdlib>\n#include <fstream>\n#include <string>\n\
    static std::ifstream inf, ouf, ans;\n\
    static std::ofstream tout;\n\
    inline void registerTestlibCmd(int argc, char** argv) {\n\
    \x20   if (argc < 4) exit(3);\n\
    \x20   inf.open(argv[1]); ouf.open(argv[2]); ans.open(argv[3]);\n\
    }\n\
    inline void registerInteraction(int argc, char** argv) {\n\
    \x20   if (argc < 3) exit(3);\n\
    \x20   inf.open(argv[1]); tout.open(argv[2]);\n\
    }\n\
    [[noreturn]] inline void quit(int code, const std::string& text) {\n\
    \x20   fprintf(stderr, \"%s\\n\", text.c_str());\n\
    \x20   tout.flush();\n\
    \x20   exit(code);\n\
    }\n";

/// Accepts the answer, and one more than it with half a point.
const CHECKER: &str = "#include \"testlib.h\"\n\
    int main(int argc, char** argv) {\n\
    \x20   registerTestlibCmd(argc, argv);\n\
    \x20   long long said, wanted;\n\
    \x20   ans >> wanted;\n\
    \x20   if (!(ouf >> said)) quit(2, \"wrong output format: no number\");\n\
    \x20   if (said == wanted + 1) quit(7, \"points 0.5\");\n\
    \x20   quit(said == wanted ? 0 : 1, said == wanted ? \"ok\" : \"wrong answer: another number\");\n\
    }\n";

struct Problem {
    /// Attributes of the tests, in order.
    tests: Vec<&'static str>,
    groups: String,
    judging: &'static str,
    assets: String,
    resources: &'static str,
}

impl Default for Problem {
    fn default() -> Self {
        Self {
            tests: vec!["sample=\"true\"", ""],
            groups: String::new(),
            judging: "input-file=\"\" output-file=\"\"",
            assets: "<checker name=\"std::ncmp.cpp\" type=\"testlib\"><source path=\"files/check.cpp\" type=\"cpp.g++17\"/></checker>"
                .to_owned(),
            resources: "<file path=\"files/olymp.sty\"/><file path=\"files/testlib.h\" type=\"h.g++\"/>",
        }
    }
}

impl Problem {
    fn xml(&self, solutions: &[(&str, &str, &str)]) -> String {
        let mut tests = String::new();
        for attributes in &self.tests {
            writeln!(tests, "<test method=\"manual\" {attributes}/>").expect("written");
        }
        let mut listed = String::new();
        for (path, kind, tag) in solutions {
            writeln!(listed, "<solution tag=\"{tag}\"><source path=\"{path}\" type=\"{kind}\"/></solution>")
                .expect("written");
        }
        let Self { groups, judging, assets, resources, .. } = self;
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"no\"?>\n\
             <problem revision=\"3\" short-name=\"echo\"><names><name language=\"english\" value=\"Echo\"/></names>\n\
             <judging cpu-name=\"x\" {judging}><testset name=\"tests\"><time-limit>5000</time-limit>\
             <memory-limit>268435456</memory-limit><test-count>{}</test-count>\
             <input-path-pattern>tests/%02d</input-path-pattern><answer-path-pattern>tests/%02d.a</answer-path-pattern>\n\
             <tests>{tests}</tests>{groups}</testset></judging>\n\
             <files><resources>{resources}</resources></files>\n\
             <assets>{assets}<solutions>{listed}</solutions></assets></problem>\n",
            self.tests.len()
        )
    }

    /// Writes it as `p`: the answer of each test is its input, which is its number.
    fn write(&self, solutions: &[(&str, &str, &str)]) -> Bench {
        let bench = Bench::new();
        bench
            .write("p/problem.xml", self.xml(solutions))
            .write("p/files/check.cpp", CHECKER)
            .write("p/files/testlib.h", LIBRARY)
            .write("p/files/olymp.sty", "");
        for number in 1..=self.tests.len() {
            bench
                .write(&format!("p/tests/{number:02}"), format!("{number}\n"))
                .write(&format!("p/tests/{number:02}.a"), format!("{number}\n"));
        }
        bench
    }
}

fn score_of(verified: &Verified, path: &str) -> Option<f64> {
    verified.of(path)["score"].as_f64()
}

#[test]
fn a_checker_judges_and_tags_are_what_is_expected() {
    let solutions = [
        ("solutions/main.cpp", "cpp.g++17", "main"),
        ("solutions/again.py", "python.3", "accepted"),
        ("solutions/wrong.py", "python.3", "wrong-answer"),
        ("solutions/nothing.py", "python.3", "presentation-error"),
        ("solutions/slow.py", "python.3", "time-limit-exceeded"),
        ("solutions/lucky.py", "python.3", "time-limit-exceeded-or-accepted"),
        ("solutions/large.py", "python.3", "memory-limit-exceeded"),
        ("solutions/crash.py", "python.3", "rejected"),
        ("solutions/broken.py", "python.3", "failed"),
        ("solutions/old.py", "python.2", "accepted"),
        ("solutions/left.py", "python.3", "do-not-run"),
    ];
    let bench = Problem::default().write(&solutions);
    bench
        .write("p/solutions/main.cpp", "#include <iostream>\nint main() { int n; std::cin >> n; std::cout << n; }\n")
        .write("p/solutions/again.py", ECHO)
        .write("p/solutions/wrong.py", "print(1)\n")
        .write("p/solutions/nothing.py", "\n")
        .write("p/solutions/slow.py", "while True: pass\n")
        .write("p/solutions/lucky.py", ECHO)
        .write("p/solutions/large.py", "x = bytearray(1 << 30)\nx[::4096] = b'1' * (1 << 18)\nprint(input())\n")
        .write("p/solutions/crash.py", "raise SystemExit(1)\n")
        .write("p/solutions/broken.py", "raise SystemExit(1)\n")
        .write("p/solutions/old.py", "print 1\n")
        .write("p/solutions/left.py", ECHO);
    let verified = bench.verify();
    let of = |path: &str| verified.of(path).clone();
    assert_eq!(
        (&of("solutions/main.cpp")["language"], &of("solutions/main.cpp")["time_limit_ms"]),
        (&Value::from("cpp17"), &Value::from(5000))
    );
    assert_eq!(of("solutions/wrong.py")["tests"][1]["id"], "tests/02");
    assert!(of("solutions/wrong.py")["reason"].to_string().contains("another number"), "{}", of("solutions/wrong.py"));
    assert!(of("solutions/old.py")["reason"].to_string().contains("python2"), "{}", of("solutions/old.py"));
    let summary = verified.summary();
    assert_eq!((&summary["ok"], &summary["unsupported"]), (&Value::from(9), &Value::from(1)), "{:#?}", verified.lines);
    assert!(verified.told().contains("solutions/left.py: left out"), "{}", verified.told());
}

#[test]
fn a_wrong_tag_is_a_difference() {
    let bench = Problem::default().write(&[
        ("solutions/a.py", "python.3", "wrong-answer"),
        ("solutions/b.py", "python.3", "rejected"),
        ("solutions/c.py", "python.3", "main"),
    ]);
    for (name, source) in [("a", "raise SystemExit(1)\n"), ("b", ECHO), ("c", "print(1)\n")] {
        bench.write(&format!("p/solutions/{name}.py"), source);
    }
    assert_eq!(bench.verify().summary()["differ"], 3);
}

#[test]
fn an_interactor_speaks_and_the_checker_has_the_last_word() {
    let problem = Problem {
        assets: "<checker type=\"testlib\"><source path=\"files/check.cpp\" type=\"cpp.g++17\"/></checker>\
                 <interactor><source path=\"files/talk.cpp\" type=\"cpp.g++17\"/></interactor>"
            .to_owned(),
        ..Problem::default()
    };
    let bench = problem.write(&[
        ("solutions/good.py", "python.3", "main"),
        ("solutions/rude.py", "python.3", "wrong-answer"),
        ("solutions/off.py", "python.3", "wrong-answer"),
    ]);
    // It asks twice, and writes the sum of the answers for the checker.
    let talk = "#include <iostream>\n#include \"testlib.h\"\n\
        int main(int argc, char** argv) {\n\
        \x20   registerInteraction(argc, argv);\n\
        \x20   int n, sum = 0, said;\n\
        \x20   inf >> n;\n\
        \x20   for (int part : {n - 1, 1}) {\n\
        \x20       std::cout << part << std::endl;\n\
        \x20       if (!(std::cin >> said)) quit(2, \"no number\");\n\
        \x20       if (said < 0) quit(1, \"rude\");\n\
        \x20       sum += said;\n\
        \x20   }\n\
        \x20   tout << sum << std::endl;\n\
        \x20   quit(0, \"ok\");\n\
        }\n";
    bench
        .write("p/files/talk.cpp", talk)
        .write("p/solutions/good.py", "for _ in range(2): print(int(input()), flush=True)\n")
        .write("p/solutions/rude.py", "input()\nprint(-1, flush=True)\n")
        .write("p/solutions/off.py", "for _ in range(2): print(int(input()) + 5, flush=True)\n");
    let verified = bench.verify();
    assert_all_ok(&verified, 3);
    assert!(verified.of("solutions/rude.py")["reason"].to_string().contains("rude"));
    assert!(verified.of("solutions/off.py")["reason"].to_string().contains("another number"));
}

#[test]
fn groups_give_points_and_depend_on_each_other() {
    let problem = Problem {
        tests: vec![
            "group=\"0\" points=\"0.0\"",
            "group=\"each\" points=\"10.0\"",
            "group=\"each\" points=\"15.0\"",
            "group=\"all\" points=\"75.0\"",
            "group=\"all\" points=\"0.0\"",
        ],
        groups: "<groups><group name=\"all\" points=\"75.0\" points-policy=\"complete-group\"><dependencies>\
                 <dependency group=\"each\"/></dependencies></group>\
                 <group name=\"each\" points-policy=\"each-test\"><dependencies><dependency group=\"0\"/></dependencies></group>\
                 <group name=\"0\" points=\"0.0\" points-policy=\"complete-group\"/></groups>"
            .to_owned(),
        ..Problem::default()
    };
    let bench = problem.write(&[
        ("solutions/full.py", "python.3", "main"),
        ("solutions/second.py", "python.3", "rejected"),
        ("solutions/last.py", "python.3", "wrong-answer"),
        ("solutions/sample.py", "python.3", "wrong-answer"),
    ]);
    bench
        .write("p/solutions/full.py", ECHO)
        .write("p/solutions/second.py", "n = int(input())\nassert n != 2\nprint(n)\n")
        .write("p/solutions/last.py", "n = int(input())\nprint(n if n < 5 else 0)\n")
        .write("p/solutions/sample.py", "n = int(input())\nprint(n if n > 1 else 0)\n");
    let verified = bench.verify();
    assert_all_ok(&verified, 4);
    let scores = ["full", "second", "last", "sample"].map(|name| score_of(&verified, &format!("solutions/{name}.py")));
    assert_eq!(scores, [Some(100.0), Some(15.0), Some(25.0), Some(0.0)]);
    let skipped = |name: &str| -> Vec<bool> {
        let tests = verified.of(name)["tests"].as_array().cloned().unwrap_or_default();
        tests.iter().map(|test| test["verdict"] == "SKIPPED").collect()
    };
    assert_eq!(skipped("solutions/second.py"), [false, false, false, true, true]);
    assert_eq!(skipped("solutions/sample.py"), [false, true, true, true, true]);
    let groups: Vec<_> = verified.of("solutions/last.py")["groups"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|group| (group["name"].clone(), group["verdict"].clone(), group["score"].as_f64()))
        .collect();
    assert_eq!(
        groups,
        [
            ("0".into(), "AC".into(), Some(0.0)),
            ("each".into(), "AC".into(), Some(25.0)),
            ("all".into(), "WA".into(), Some(0.0)),
        ]
    );
}

#[test]
fn points_without_groups_and_points_of_a_checker() {
    let problem = Problem { tests: vec!["points=\"1.5\"", "points=\"2\"", ""], ..Problem::default() };
    let bench = problem.write(&[
        ("solutions/full.py", "python.3", "main"),
        ("solutions/first.py", "python.3", "wrong-answer"),
        ("solutions/near.py", "python.3", "accepted"),
    ]);
    bench
        .write("p/solutions/full.py", ECHO)
        .write("p/solutions/first.py", "print(1)\n")
        .write("p/solutions/near.py", "n = int(input())\nprint(n + (n == 2))\n");
    let verified = bench.verify();
    let scores = ["full", "first", "near"].map(|name| score_of(&verified, &format!("solutions/{name}.py")));
    assert_eq!(scores, [Some(3.5), Some(1.5), Some(2.0)], "{:#?}", verified.lines);
    // Accepted means all points.
    let near = verified.of("solutions/near.py");
    assert!(near["ok"] == false && near["reason"].to_string().contains("2 of 3.5"), "{near}");
}

#[test]
fn groups_that_make_no_sense_are_refused() {
    let refused = |groups: &str, part: &str| {
        let tests = vec!["group=\"1\" points=\"1\"", "group=\"2\""];
        let problem = Problem { tests, groups: format!("<groups>{groups}</groups>"), ..Problem::default() };
        problem.write(&[]).verify().is_refused_with(&[part]);
    };
    let depends = |one: &str, on: &str| {
        format!("<group name=\"{one}\"><dependencies><dependency group=\"{on}\"/></dependencies></group>")
    };
    refused(&(depends("1", "2") + &depends("2", "1")), "in a circle");
    refused(&depends("1", "7"), "depends on 7, which is no group");
    refused("<group name=\"1\" points-policy=\"best\"/>", "complete-group or each-test");
    refused("<group name=\"1\" points=\"many\"/>", "must be a number");
    refused("<group name=\"1\"/><group name=\"1\"/>", "two groups 1");
}

#[test]
fn a_standard_package_says_what_it_lacks() {
    let bench = Problem { tests: vec![""; 3], ..Problem::default() }.write(&[]);
    std::fs::remove_file(bench.path("p/tests/02")).expect("removed");
    std::fs::remove_file(bench.path("p/tests/03.a")).expect("removed");
    bench.verify().is_refused_with(&["tests/02 and 1 more are not there", "standard package", "full package"]);
}

#[test]
fn what_is_wrong_with_the_description_is_told() {
    let refused = |from: &str, to: &str, parts: &[&str]| {
        let bench = Problem::default().write(&[]);
        let xml = Problem::default().xml(&[]);
        assert!(xml.contains(from), "{from}");
        bench.write("p/problem.xml", xml.replace(from, to));
        bench.verify().is_refused_with(parts);
    };
    refused("</problem>", "", &["problem.xml", "not XML"]);
    refused("<problem ", "<!DOCTYPE x [<!ENTITY a \"b\">]><problem ", &["problem.xml", "not XML"]);
    let many = (0..200).fold(String::new(), |text, number| text + &format!("a{number}=\"\" "));
    refused("<problem ", &format!("<problem {many}"), &["problem.xml", "more than 100 attributes"]);
    refused("<time-limit>5000", "<time-limit>5 s", &["time-limit", "milliseconds", "5 s"]);
    refused("<memory-limit>268435456", "<memory-limit>1024", &["memory-limit", "bytes"]);
    refused("tests/%02d</input", "tests/input</input", &["input-path-pattern", "tests/%02d"]);
    refused("tests/%02d</input", "../p/tests/%02d</input", &["../p/tests/01", "leaves the package"]);
    refused("<test-count>2", "<test-count>3", &["test-count is 3", "2 tests are listed"]);
    refused("files/check.cpp", "files/other.cpp", &["checker", "there is no file files/other.cpp"]);
    refused("files/check.cpp", "files/.check.cpp", &["checker", "files/.check.cpp", "hidden"]);
    let bench = Problem::default().write(&[]);
    std::fs::remove_file(bench.path("p/files/testlib.h")).expect("removed");
    bench.verify().is_refused_with(&["check.cpp includes testlib.h", "put it into files/"]);
    let bench = Problem::default().write(&[]);
    std::fs::remove_file(bench.path("p/tests/02")).expect("removed");
    std::os::unix::fs::symlink("/etc/passwd", bench.path("p/tests/02")).expect("a link");
    bench.verify().is_refused_with(&["tests/02", "leaves the package"]);
    std::fs::remove_file(bench.path("p/tests/02")).expect("removed");
    bench.write("p/problem.xml", "<contest/>");
    bench.verify().is_refused_with(&["begins with <contest>"]);
}

#[test]
fn what_cannot_be_graded_is_unsupported_and_says_why() {
    let java = "<checker type=\"testlib\"><source path=\"files/Check.java\" type=\"java11\"/></checker>".to_owned();
    let cases = [
        (Problem { assets: java, ..Problem::default() }, "Check.java is of type java11"),
        (Problem { judging: "output-file=\"out.txt\"", ..Problem::default() }, "programs write out.txt"),
        (Problem { judging: "run-count=\"2\"", ..Problem::default() }, "run 2 times"),
    ];
    for (problem, part) in cases {
        let bench = problem.write(&[("solutions/a.py", "python.3", "main")]);
        bench.write("p/solutions/a.py", ECHO).write("p/files/Check.java", "class Check {}\n");
        let verified = bench.verify();
        let reason = verified.of("solutions/a.py")["reason"].to_string();
        assert!(reason.contains(part), "{reason}");
        assert_eq!(verified.summary()["unsupported"], 1);
    }
}

#[test]
fn input_is_also_a_file_if_the_problem_names_one() {
    let bench = Problem { judging: "input-file=\"echo.in\" output-file=\"\"", ..Problem::default() }
        .write(&[("solutions/a.py", "python.3", "main"), ("solutions/b.py", "python.3", "accepted")]);
    bench.write("p/solutions/a.py", "print(open('echo.in').read())\n").write("p/solutions/b.py", ECHO);
    assert_all_ok(&bench.verify(), 2);
}

#[test]
fn resources_are_compiled_with_those_that_they_are_for() {
    let problem = Problem {
        resources: "<file path=\"files/testlib.h\" type=\"h.g++\"/><file path=\"files/wanted.h\" type=\"h.g++\"/>\
            <file path=\"files/generator_parts.cpp\" type=\"cpp.g++17\"/>\
            <file path=\"files/grader.cpp\" type=\"cpp.g++17\" for-types=\"cpp.*;c.*\"><stages><stage name=\"COMPILE\"/></stages>\
            <assets><asset name=\"SOLUTION\"/></assets></file>\
            <file path=\"files/table.txt\" for-types=\"*\"><stages><stage name=\"RUN\"/></stages>\
            <assets><asset name=\"SOLUTION\"/></assets></file>",
        ..Problem::default()
    };
    let bench = problem.write(&[
        ("solutions/a.cpp", "cpp.gcc13-64-winlibs-g++20", "main"),
        ("solutions/b.py", "python.3", "accepted"),
    ]);
    bench
        .write("p/files/check.cpp", format!("#include \"wanted.h\"\n#include \"near.h\"\n{CHECKER}"))
        .write("p/files/wanted.h", "#define WANTED 1\n")
        .write("p/files/near.h", "static_assert(WANTED);\n")
        .write("p/files/generator_parts.cpp", "int main() {}\n")
        .write(
            "p/files/grader.cpp",
            "#include <cstdio>\nint same(int);\nint main() { int n; scanf(\"%d\", &n); printf(\"%d\", same(n)); }\n",
        )
        .write("p/files/table.txt", "table\n")
        .write("p/solutions/a.cpp", "int same(int n) { return n; }\n")
        .write("p/solutions/b.py", "assert open('table.txt').read() == 'table\\n'\nprint(input())\n");
    assert_all_ok(&bench.verify(), 2);
}

#[test]
fn of_several_testsets_one_counts() {
    let bench = Problem::default().write(&[("solutions/a.py", "python.3", "main")]);
    let more = "<testset name=\"pretests\"><time-limit>1</time-limit></testset><testset name=\"tests\">";
    let xml = Problem::default().xml(&[("solutions/a.py", "python.3", "main")]);
    bench.write("p/problem.xml", xml.replace("<testset name=\"tests\">", more)).write("p/solutions/a.py", ECHO);
    let verified = bench.verify();
    assert_all_ok(&verified, 1);
    assert!(verified.told().contains("testset \"pretests\": left out"), "{}", verified.told());
}

#[test]
fn a_package_may_be_a_tar() {
    let bench = Problem::default().write(&[("solutions/a.py", "python.3", "main")]);
    bench.write("p/solutions/a.py", ECHO);
    let mut tar = tar::Builder::new(Vec::new());
    tar.append_dir_all(".", bench.path("p")).expect("packed");
    let tar = tar.into_inner().expect("packed");
    bench.write("echo-3.tar", &tar).write("echo.tar.gz", gzip(&tar)).write("contest/named-zip.zip", &tar);
    for (name, id) in [("echo-3.tar", "echo-3"), ("echo.tar.gz", "echo"), ("contest/named-zip.zip", "named-zip")] {
        let verified = bench.verify_all(&[name], &[]);
        assert_all_ok(&verified, 1);
        assert_eq!(verified.of("solutions/a.py")["package"], id);
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("written");
    encoder.finish().expect("finished")
}
