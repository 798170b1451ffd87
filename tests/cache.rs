//! What was compiled is kept and used again, through the real binary: never for another source, another command or a damaged
//! entry, and never with another verdict.

mod common;

use std::fs;
use std::path::PathBuf;

use common::bench::{Bench, assert_all_ok};
use serde_json::Value;

const ECHO: &str = "#include <stdio.h>\nint main(void) { int n; scanf(\"%d\", &n); printf(\"%d\\n\", n); return 0; }\n";

fn entries(bench: &Bench) -> Vec<PathBuf> {
    let Ok(found) = fs::read_dir(bench.path("store.compile-cache")) else { return Vec::new() };
    found.map(|entry| entry.expect("an entry").path()).collect()
}

/// Of each submission: verdict, and whether its compilation was kept from before.
fn graded(bench: &Bench, options: &[&str]) -> Vec<(String, String, Option<bool>)> {
    let verified = bench.verify_all(&["p"], &[&["--fresh"], options].concat());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let lines = verified.lines.iter().filter(|line| line.get("submission").is_some());
    let mut all: Vec<_> = lines
        .map(|line| (text(&line["submission"]), text(&line["verdict"]), line["compile_cached"].as_bool()))
        .collect();
    all.sort();
    assert!(!all.is_empty(), "{}", verified.told());
    all
}

fn package() -> Bench {
    let bench = Bench::package("name: x\n");
    bench
        .write("p/submissions/accepted/a.c", ECHO)
        .write("p/submissions/wrong_answer/b.c", ECHO.replace("\", n)", "\", n + 1)"))
        .write("p/submissions/compile_error/c.c", "int main(\n")
        .write("p/submissions/accepted/d.py", "print(input())\n");
    bench
}

#[test]
fn the_second_time_nothing_is_compiled_and_verdicts_are_the_same() {
    let bench = package();
    let first = graded(&bench, &[]);
    let expected =
        [("accepted/a.c", "AC"), ("accepted/d.py", "AC"), ("compile_error/c.c", "CE"), ("wrong_answer/b.c", "WA")];
    let plain = |all: &[(String, String, Option<bool>)]| {
        all.iter().map(|(name, verdict, _)| (name.clone(), verdict.clone())).collect::<Vec<_>>()
    };
    assert_eq!(plain(&first), expected.map(|(name, verdict)| (name.to_owned(), verdict.to_owned())));
    let cached = |all: &[(String, String, Option<bool>)]| all.iter().map(|(_, _, cached)| *cached).collect::<Vec<_>>();
    assert_eq!(cached(&first), [Some(false); 4]);
    let second = graded(&bench, &[]);
    assert_eq!(plain(&second), plain(&first));
    // Python's is only a check, which costs little more than the keeping.
    assert_eq!(cached(&second), [Some(true), Some(false), Some(true), Some(true)]);
    let without = graded(&bench, &["--no-compile-cache"]);
    assert_eq!(plain(&without), plain(&first));
    assert_eq!(cached(&without), [Some(false); 4]);
    // Another content under the same name, and the same content under another name, are other sources.
    bench.write("p/submissions/accepted/a.c", ECHO.replace("return 0", "return 1"));
    assert_eq!(graded(&bench, &[])[0], ("accepted/a.c".to_owned(), "RTE".to_owned(), Some(false)));
}

#[test]
fn the_log_of_a_refused_source_is_kept_with_it_and_stored() {
    let bench = package();
    graded(&bench, &[]);
    let grade = |options: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_assay"))
            .args(["grade", "--json", "--problem"])
            .arg(bench.path("p"))
            .arg(bench.path("p/submissions/compile_error/c.c"))
            .args(options)
            .env("ASSAY_STORE", bench.path("store.sqlite"))
            .output()
            .expect("the binary starts");
        let line = String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned();
        serde_json::from_str::<Value>(&line).unwrap_or_else(|error| panic!("{error}: {output:?}"))
    };
    let (kept, anew) = (grade(&["--fresh"]), grade(&["--fresh", "--no-compile-cache"]));
    assert_eq!((&kept["compile_cached"], &anew["compile_cached"]), (&Value::from(true), &Value::from(false)));
    for field in ["verdict", "reason", "compile_log"] {
        assert_eq!(kept[field], anew[field]);
    }
    assert!(kept["compile_log"].as_str().is_some_and(|log| log.contains("error")), "{kept}");
}

#[test]
fn a_damaged_entry_is_compiled_anew() {
    let bench = package();
    let first = graded(&bench, &[]);
    let files = entries(&bench);
    assert_eq!(files.len(), 3, "two programs and a refusal");
    for file in &files {
        let mut content = fs::read(file).expect("an entry");
        let last = content.len() - 10;
        content[last] ^= 0x40;
        fs::write(file, content).expect("written");
    }
    assert_eq!(graded(&bench, &[]), first);
    for file in &files {
        fs::write(file, "").expect("written");
    }
    assert_eq!(graded(&bench, &[]), first);
    assert_eq!(graded(&bench, &[])[0].2, Some(true), "the damaged ones are replaced");
}

/// Whoever reads a pipe in its place waits for ever.
#[test]
fn what_is_no_file_is_no_entry() {
    let bench = package();
    graded(&bench, &[]);
    for entry in entries(&bench).into_iter().filter(|entry| entry.is_file()) {
        fs::remove_file(&entry).expect("an entry");
        let status = std::process::Command::new("mkfifo").arg(&entry).status();
        assert!(status.expect("mkfifo starts").success());
    }
    let again = graded(&bench, &[]);
    assert!(again.iter().all(|(_, _, cached)| *cached == Some(false)), "{again:?}");
}

#[test]
fn judges_are_kept_too() {
    let bench = Bench::package("validation: custom\n");
    bench
        .write("p/output_validators/v.c", "int main(void) { return 42; }\n")
        .write("p/submissions/accepted/a.c", "int main(void) { return 0; }\n");
    assert_all_ok(&bench.verify(), 1);
    let files = entries(&bench);
    assert_eq!(files.len(), 2, "the validator and the submission");
    let used = || {
        files
            .iter()
            .map(|file| fs::metadata(file).and_then(|found| found.modified()).expect("a time"))
            .collect::<Vec<_>>()
    };
    let before = used();
    assert_all_ok(&bench.verify_all(&["p"], &["--fresh"]), 1);
    assert_eq!(entries(&bench), files);
    assert!(used().iter().zip(&before).all(|(after, before)| after > before), "one was not used");
}

#[test]
fn another_command_or_another_limit_is_another_entry() {
    let bench = package();
    graded(&bench, &[]);
    bench.write("p/problem.yaml", "name: x\nlimits: {compilation_time: 50}\n");
    assert_eq!(graded(&bench, &[])[0].2, Some(false));
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/languages/c.toml");
    let changed = fs::read_to_string(shipped).expect("a language").replace("-O2", "-O1");
    assert!(changed.contains("-O1"));
    bench.write("languages/c.toml", changed);
    let languages = bench.path("languages");
    let with = graded(&bench, &["--languages", languages.to_str().expect("a plain path")]);
    assert_eq!(with[0].2, Some(false));
    assert_eq!(graded(&bench, &[])[0].2, Some(true));
}

#[test]
fn what_a_compiler_leaves_outside_its_work_directory_reaches_nobody() {
    // A source that makes the compiler read what another source's compilation might have left: in /tmp, in the home
    // directory, beside the sources. Whatever order they are compiled in, each gets its own verdict.
    let bench = Bench::package("name: x\n");
    let poison = "#if __has_include(\"/tmp/poison.h\") || __has_include(\"/work/poison.h\")\n#error poisoned\n#endif\n";
    bench
        .write("p/submissions/accepted/a.c", format!("{poison}{ECHO}"))
        .write("p/submissions/accepted/b/b.c", format!("{poison}{ECHO}"))
        .write("p/submissions/accepted/b/other.h", "#define POISON\n")
        .write("p/submissions/compile_error/c/poison.h", "\n")
        .write("p/submissions/compile_error/c/c.c", format!("{poison}{ECHO}"));
    for cached in [false, true] {
        let all = graded(&bench, &["--slots", "2"]);
        let verdicts: Vec<_> = all.iter().map(|(_, verdict, _)| verdict.as_str()).collect();
        assert_eq!(verdicts, ["AC", "AC", "CE"]);
        assert!(all.iter().all(|(_, _, kept)| *kept == Some(cached)), "{all:?}");
    }
}

#[test]
fn two_at_a_time_use_one_cache() {
    let bench = package();
    let cache = bench.path("shared");
    let start = |store: &str| {
        bench
            .command(&["p"], &["--fresh", "--compile-cache", cache.to_str().expect("a plain path")])
            .env("ASSAY_STORE", bench.path(store))
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the binary starts")
    };
    for round in 0..2 {
        let running: Vec<_> = (0..3).map(|number| start(&format!("{round}-{number}.sqlite"))).collect();
        for mut process in running {
            assert!(process.wait().expect("it ends").success());
        }
    }
    let names: Vec<_> =
        fs::read_dir(&cache).expect("a cache").map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
}

#[test]
fn a_directory_that_is_named_and_cannot_be_used_is_told() {
    let bench = package();
    bench.write("file", "");
    let place = bench.path("file");
    let verified = bench.verify_all(&["p"], &["--compile-cache", place.to_str().expect("a plain path")]);
    verified.is_refused_with(&["--compile-cache", "file"]);
    // Nobody asked for the one beside the store.
    bench.write("store.compile-cache", "");
    let verified = bench.verify();
    assert_eq!(verified.of("accepted/a.c")["verdict"], "AC");
    assert!(verified.told().contains("nothing that is compiled is kept"), "{}", verified.told());
}

#[test]
fn those_that_are_the_same_are_graded_once_where_that_is_asked_for() {
    let bench = Bench::new();
    let line = |number: u32, text: &str, more: &str| {
        format!(
            "{{\"version\":1,\"submission_id\":\"00000000-0000-4000-8000-{number:012}\",\"language\":\"python3\",\"metadata\":{{\"n\":{number}}},\
             \"files\":[{{\"name\":\"a.py\",\"text\":\"{text}\"}}],\"tests\":[{{\"id\":\"1\",\"stdin\":\"1\\n\",\"expected\":\"1\\n\"}}]{more}}}\n"
        )
    };
    let echo = "print(input())";
    let wrong = "print(2)";
    let text = [
        line(1, echo, ""),
        line(2, wrong, ""),
        line(3, echo, ""),
        line(4, echo, ",\"limits\":{\"cpu_ms\":9000}"),
        line(5, wrong, ""),
        line(6, echo, ",\"tenant\":\"t\""),
        line(7, "print(input()) ", ""),
    ]
    .concat();
    bench.write("all.jsonl", text);
    let grade = |options: &[&str]| lines_of_grade(&bench, "all.jsonl", "2", options).0;
    let (each, once) = (grade(&[]), grade(&["--dedupe"]));
    let verdicts = |lines: &[Value]| lines.iter().map(|line| line["verdict"].clone()).collect::<Vec<_>>();
    assert_eq!(verdicts(&each), verdicts(&once));
    assert!(each.iter().all(|line| line["same_as"].is_null()));
    // Which of the same comes first is chance where two slots grade; that all the others are taken from it is not.
    for group in [[0, 2], [1, 4]] {
        let firsts: Vec<_> = group.iter().filter(|at| once[**at]["same_as"].is_null()).collect();
        assert_eq!(firsts.len(), 1, "{once:#?}");
        let first = &once[*firsts[0]];
        for at in group.iter().filter(|at| *at != firsts[0]) {
            assert_eq!(once[*at]["same_as"], first["submission_id"]);
            assert_eq!((&once[*at]["tests"], &once[*at]["reason"]), (&first["tests"], &first["reason"]));
            assert_ne!(once[*at]["metadata"], first["metadata"]);
        }
    }
    assert!([3, 5, 6].iter().all(|at| once[*at]["same_as"].is_null()), "{once:#?}");
    // The store knows it, too.
    let batch = once.last().expect("a summary")["summary"]["batch_id"].as_str().expect("a batch").to_owned();
    let taken = once.iter().find(|line| line["same_as"].is_string()).expect("one");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_assay"))
        .args(["results", &batch, "--json", "--submission", taken["submission_id"].as_str().expect("an id")])
        .env("ASSAY_STORE", bench.path("store.sqlite"))
        .output()
        .expect("the binary starts");
    let stored: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    assert_eq!((&stored["same_as"], &stored["verdict"]), (&taken["same_as"], &taken["verdict"]));
}

/// Sources in C++ that begin with the header that can be compiled before, each an own entry: some right, some with a message, some
/// that find out, some that include it twice.
fn sources() -> Vec<String> {
    let head = "// A source.\n#include <bits/stdc++.h>\nusing namespace std;\n";
    let echo = "int main() { int n; cin >> n; cout << n << endl; }\n";
    [
        echo.to_owned(),
        format!("#pragma GCC optimize(\"O3\")\n#pragma GCC target(\"avx2\")\n{echo}"),
        "int main() { int n; cin >> n; map<string, vector<set<int>>> m; m[\"a\"].resize(9); m[\"a\"][3].insert(n);\n\
         auto f = [&](auto g, int x) -> int { return x < 2 ? x : g(g, x - 1) + g(g, x - 2); }; mt19937 r(f(f, 9));\n\
         ostringstream o; o << *m[\"a\"][3].begin(); printf(\"%s\\n\", o.str().c_str()); return typeid(f).name()[0] == 0; }\n"
            .to_owned(),
        format!("namespace {{ struct S {{ S() {{ cerr << __FILE__ << __LINE__ << __COUNTER__; }} }} s; }}\n{echo}"),
        format!("#include <ext/pb_ds/assoc_container.hpp>\n__gnu_pbds::gp_hash_table<int, int> t;\n{echo}"),
        format!("struct A {{}};\nset<A> s;\nvoid f() {{ s.insert(A()); }}\n{echo}"),
        "int main() { vecotr<int> v; }\n".to_owned(),
        format!("#warning careful\n{echo}"),
        format!("#include <bits/stdc++.h>\n{echo}"),
        format!("#if __has_include(<bits/stdc++.h.gch>)\n#error found\n#endif\n{echo}"),
    ]
    .map(|text| format!("{head}{text}"))
    .to_vec()
}

/// What `grade` says of this file of the bench: the lines of its JSON, and what it tells the terminal.
fn lines_of_grade(bench: &Bench, file: &str, slots: &str, options: &[&str]) -> (Vec<Value>, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_assay"))
        .args(["grade", "--json", "--fresh", "--slots", slots])
        .args(options)
        .arg(bench.path(file))
        .env("ASSAY_STORE", bench.path("store.sqlite"))
        .output()
        .expect("the binary starts");
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    (lines.lines().map(read).collect(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// What grading them comes to: of each verdict, reason and log; and what is told to the terminal.
fn graded_sources(bench: &Bench, cache: &str, options: &[&str]) -> (Vec<[Value; 3]>, String) {
    let line = |(number, text): (usize, &String)| {
        serde_json::json!({
            "version": 1, "submission_id": format!("00000000-0000-4000-8000-{number:012}"), "language": "cpp20",
            "files": [{"name": "main.cpp", "text": text}], "tests": [{"id": "1", "stdin": "1\n", "expected": "1\n"}],
        })
        .to_string()
    };
    let lines: Vec<_> = sources().iter().enumerate().map(line).collect();
    bench.write("sources.jsonl", lines.join("\n"));
    let cache = bench.path(cache);
    let options: Vec<&str> =
        ["--compile-cache", cache.to_str().expect("a plain path")].into_iter().chain(options.iter().copied()).collect();
    let (lines, told) = lines_of_grade(bench, "sources.jsonl", "2", &options);
    let found = lines.iter().filter(|line| line.get("submission_id").is_some());
    let found: Vec<_> = found.map(|line| ["verdict", "reason", "compile_log"].map(|key| line[key].clone())).collect();
    assert_eq!(found.len(), sources().len(), "{told}");
    (found, told)
}

/// The entries of a cache by name: the programs in them, and the header.
fn programs_and_header(directory: &std::path::Path) -> (std::collections::BTreeMap<String, Vec<u8>>, Option<PathBuf>) {
    let (mut programs, mut header) = (std::collections::BTreeMap::new(), None);
    for entry in fs::read_dir(directory).expect("a cache") {
        let path = entry.expect("an entry").path();
        let bytes = fs::read(&path).expect("an entry");
        if bytes.starts_with(b"assay header 1\n") {
            assert!(header.replace(path).is_none(), "one header");
        } else {
            // What it took to compile is before the program.
            let program = bytes.windows(4).position(|start| start == b"\x7fELF").map(|at| bytes[at..].to_vec());
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            programs.insert(name, program.unwrap_or_default());
        }
    }
    (programs, header)
}

#[test]
fn whether_a_header_was_compiled_before_cannot_be_seen() {
    let bench = Bench::new();
    let line = |number: u32| {
        let through = "/work/.assay/include/bits/stdc++.h.gch/../../../../main.cpp";
        let source = format!(
            "#include <bits/stdc++.h>\n#if __has_include(\"{through}\")\nint sees = 1;\n#else\nint sees = 2;\n#endif\n\
             int main() {{ std::cout << sees; }} // {number}\n"
        );
        serde_json::json!({
            "version": 1, "submission_id": format!("00000000-0000-4000-8000-{number:012}"), "language": "cpp20",
            "files": [{"name": "main.cpp", "text": source}], "tests": [{"id": "1", "stdin": "", "expected": "1"}],
        })
        .to_string()
    };
    bench.write("sources.jsonl", (0..6).map(line).collect::<Vec<_>>().join("\n"));
    let all = |options: &[&str]| -> Vec<String> {
        let (lines, _) = lines_of_grade(&bench, "sources.jsonl", "1", options);
        lines
            .iter()
            .filter_map(|line| Some(line.get("submission_id").and(line["verdict"].as_str())?.to_owned()))
            .collect()
    };
    assert_eq!(all(&["--no-compile-cache"]), ["AC"; 6]);
    assert_eq!(all(&[]), ["AC"; 6]);
}

#[test]
fn a_header_that_was_compiled_before_changes_nothing() {
    let bench = Bench::new();
    let plain = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/languages/cpp20.toml")).expect("a language");
    bench.write("languages/cpp20.toml", plain.replace("precompiled_header", "#"));
    let languages = bench.path("languages");
    let without = graded_sources(&bench, "without", &["--languages", languages.to_str().expect("a plain path")]).0;
    let verdicts: Vec<_> = without.iter().map(|[verdict, ..]| verdict.as_str().unwrap_or_default()).collect();
    assert_eq!(verdicts, ["AC", "AC", "AC", "AC", "AC", "CE", "CE", "AC", "AC", "AC"]);
    assert!(without[5][2].as_str().is_some_and(|log| log.contains("main.cpp:2:")), "{}", without[5][2]);
    let (wanted, none) = programs_and_header(&bench.path("without"));
    assert!(none.is_none());
    // It is made meanwhile; then it is there from the start; then it is damaged, and made anew.
    assert_eq!(graded_sources(&bench, "with", &[]).0, without);
    let (found, header) = programs_and_header(&bench.path("with"));
    assert!(found == wanted, "a program differs");
    let header = header.expect("a header");
    let forget = |names: &std::collections::BTreeMap<String, Vec<u8>>| {
        for name in names.keys() {
            fs::remove_file(bench.path("with").join(name)).expect("an entry");
        }
    };
    forget(&found);
    let before = fs::metadata(&header).and_then(|found| found.modified()).expect("a time");
    assert_eq!(graded_sources(&bench, "with", &[]).0, without);
    assert!(programs_and_header(&bench.path("with")).0 == wanted, "a program differs");
    assert!(fs::metadata(&header).and_then(|found| found.modified()).expect("a time") > before, "it was not used");
    forget(&wanted);
    let file = fs::File::options().write(true).open(&header).expect("the header");
    std::os::unix::fs::FileExt::write_all_at(&file, b"damaged", 50_000_000).expect("written");
    let (damaged, told) = graded_sources(&bench, "with", &[]);
    assert!(damaged == without && told.contains("is damaged"), "{told}");
    assert!(programs_and_header(&bench.path("with")).0 == wanted, "a program differs");
}
