//! (b) A typical submission: compiled, and run on twenty tests of about five milliseconds each.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use serde_json::{Value, json};

use crate::Options;
use crate::assay_command::{grade, has_option, submission, write_lines};
use crate::measure::{Bare, Machine, Values, rounded};

const TESTS: usize = 20;

/// What a test takes, in milliseconds.
const TEST_MS: f64 = 5.0;

/// A language, as the worker compiles and runs it.
pub(crate) struct Language {
    pub(crate) name: &'static str,
    id: &'static str,
    file: &'static str,
    source: &'static str,
    compile: &'static [&'static str],
    run: &'static [&'static str],
    env: &'static [(&'static str, &'static str)],
}

const CPP: Language = Language {
    name: "cpp",
    id: "cpp17",
    file: "main.cpp",
    source: "#include <algorithm>\n#include <iostream>\n#include <map>\n#include <string>\n#include <vector>\n\
        int main() {\n  unsigned long n, x = 1;\n  std::cin >> n;\n  std::vector<unsigned> v;\n  std::map<unsigned, int> count;\n\
        for (unsigned long i = 0; i < n; i++) {\n    x = x * 6364136223846793005ul + 1442695040888963407ul;\n\
        if (i % 64 == 0) v.push_back(x >> 40);\n  }\n  std::sort(v.begin(), v.end());\n\
        for (unsigned u : v) count[u % 100]++;\n  std::cout << n << \"\\n\";\n}\n",
    compile: &["/usr/bin/g++", "-std=gnu++17", "-O2", "-pipe", "-static", "-o", "program", "main.cpp"],
    run: &["./program"],
    env: &[("PATH", "/usr/local/bin:/usr/bin:/bin")],
};

pub(crate) const PYTHON: Language = Language {
    name: "python",
    id: "python3",
    file: "main.py",
    source: "n = int(input())\nx = 1\nfor i in range(n):\n    x = (x * 6364136223846793005 + i) % 18446744073709551616\nprint(n)\n",
    compile: &["/usr/bin/python3", "-I", "-S", "-m", "py_compile", "main.py"],
    run: &["/usr/bin/python3", "main.py"],
    env: &[("PYTHONUTF8", "1"), ("PYTHONDONTWRITEBYTECODE", "1"), ("PYTHONNOUSERSITE", "1"), ("PYTHONHASHSEED", "0")],
};

impl Language {
    fn bare(&self, argv: &[&str], dir: &Path) -> Bare {
        let env = self.env.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        let mut bare = Bare { env, dir: dir.to_owned(), ..Bare::new(argv) };
        if let Some(program) = bare.argv[0].strip_prefix("./") {
            dir.join(program).to_str().unwrap().clone_into(&mut bare.argv[0]);
        }
        bare
    }

    /// Compiles and runs it bare, one command after another, as the worker would.
    pub(crate) fn run_bare(&self, dir: &Path, source: &str, inputs: &[PathBuf]) {
        fs::create_dir_all(dir).unwrap();
        fs::write(dir.join(self.file), source).unwrap();
        self.bare(self.compile, dir).run().unwrap();
        for input in inputs {
            Bare { stdin: Some(input.clone()), ..self.bare(self.run, dir) }.run().unwrap();
        }
        fs::remove_dir_all(dir).unwrap();
    }

    pub(crate) fn submission(&self, source: &str, tests: &[(String, String)]) -> Value {
        submission(self.id, self.file, source, tests)
    }

    /// Seconds that the tests alone take bare, two submissions at a time: what is left if compiling costs nothing.
    fn tests_alone(&self, dir: &Path, copies: usize, inputs: &[PathBuf]) -> f64 {
        fs::create_dir_all(dir).unwrap();
        fs::write(dir.join(self.file), self.source).unwrap();
        self.bare(self.compile, dir).run().unwrap();
        let (begun, next) = (Instant::now(), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while next.fetch_add(1, Ordering::Relaxed) < copies {
                        for input in inputs {
                            Bare { stdin: Some(input.clone()), ..self.bare(self.run, dir) }.run().unwrap();
                        }
                    }
                });
            }
        });
        begun.elapsed().as_secs_f64() / copies as f64
    }

    /// A source like no other, so that nothing is known of it.
    fn variant(&self, number: usize) -> String {
        let comment = if self.name == "cpp" { "//" } else { "#" };
        format!("{}{comment} {number} {}\n", self.source, uuid::Uuid::new_v4())
    }

    /// The input with which the program takes so long beside its start.
    fn calibrate(&self, dir: &Path) -> usize {
        fs::create_dir_all(dir).unwrap();
        fs::write(dir.join(self.file), self.source).unwrap();
        self.bare(self.compile, dir).run().unwrap();
        let input = dir.join("input");
        let time = |n: usize| {
            fs::write(&input, format!("{n}\n")).unwrap();
            let run = Bare { stdin: Some(input.clone()), ..self.bare(self.run, dir) };
            let mut times = Values::default();
            for _ in 0..9 {
                let begun = Instant::now();
                run.run().unwrap();
                times.push(begun.elapsed().as_secs_f64() * 1000.0);
            }
            times.median()
        };
        let (none, mut n) = (time(0), 1000);
        while time(n) - none < TEST_MS {
            n += n / 4;
        }
        fs::remove_dir_all(dir).unwrap();
        n
    }
}

pub(crate) fn measure(options: &Options, machine: &Machine, dir: &Path, report: &mut Value) {
    let dir = dir.join("submission");
    fs::create_dir(&dir).unwrap();
    for language in [CPP, PYTHON] {
        let copies = match (language.name, options.quick) {
            ("cpp", true) => 4,
            ("cpp", false) => 30,
            (_, true) => 6,
            (_, false) => 60,
        };
        let n = language.calibrate(&dir.join("calibrate"));
        println!(
            "\n== a {} submission: compiled, {TESTS} tests of about {TEST_MS} ms; {copies} of them",
            language.name
        );
        let tests = vec![(format!("{n}\n"), format!("{n}\n")); TESTS];
        let input = dir.join("input");
        fs::write(&input, &tests[0].0).unwrap();
        let inputs = vec![input; TESTS];
        let variants: Vec<String> = (0..copies).map(|number| language.variant(number)).collect();
        let baseline = machine.baseline(1.0);
        let lines = dir.join("batch.jsonl");
        // Half of the bare ones before and half of them after.
        let (first, second) = variants.split_at(copies / 2);
        let mut bare = crate::batch::bare(&language, &dir, first, &inputs);
        write_lines(&lines, variants.iter().map(|source| language.submission(source, &tests)));
        let graded = grade(machine, baseline, &lines, copies, &[]);
        bare.add(&crate::batch::bare(&language, &dir, second, &inputs));
        let of = |seconds: f64| seconds * 1000.0 / copies as f64;
        let efficiency = bare.cpu / graded.took.cpu;
        println!("bare  {:8.1} ms a submission, {:8.1} ms of CPU", of(bare.wall), of(bare.cpu));
        println!("assay {:8.1} ms a submission, {:8.1} ms of CPU", of(graded.took.wall), of(graded.took.cpu));
        println!("grading efficiency {efficiency:.3}");
        report["efficiency"][language.name] = json!(rounded(efficiency));
        report["submission"][language.name] = json!({
            "bare_ms": rounded(of(bare.wall)), "bare_cpu_ms": rounded(of(bare.cpu)),
            "assay_ms": rounded(of(graded.took.wall)), "assay_cpu_ms": rounded(of(graded.took.cpu)),
        });
        if language.name == "cpp" {
            report["cache_speedup"] = cache(machine, &language, &dir, copies, &tests);
            let alone = language.tests_alone(&dir.join("alone"), copies, &inputs) * 1000.0;
            println!(
                "bare, the tests alone: {alone:.1} ms; so a cache that costs nothing gains {:.2}",
                of(bare.wall) / alone
            );
        }
    }
}

/// How much faster submissions are whose programs are known: each alone, so that starting and ending counts for neither.
fn cache(machine: &Machine, language: &Language, dir: &Path, copies: usize, tests: &[(String, String)]) -> Value {
    if !has_option("--compile-cache") {
        println!("skipped: there is no compile cache");
        return Value::Null;
    }
    let kept = dir.join("cache");
    fs::create_dir(&kept).unwrap();
    // A cache that others can read or write is refused.
    fs::set_permissions(&kept, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let options = ["--compile-cache", kept.to_str().unwrap()];
    let lines = dir.join("cached.jsonl");
    let variants: Vec<String> = (0..copies).map(|number| language.variant(number)).collect();
    let grade = |variants: &[String]| {
        write_lines(&lines, variants.iter().map(|source| language.submission(source, tests)));
        grade(machine, 0.0, &lines, variants.len(), &options).took.wall
    };
    let (one, first) = (grade(&variants[..1]), grade(&variants[1..]));
    let (known, again) = (grade(&variants[..1]), grade(&variants[1..]));
    let others = (copies - 1) as f64;
    println!(
        "compile cache: {:.1} ms a submission at first, {:.1} ms again; alone with start and end {:.0} and {:.0} ms",
        first * 1000.0 / others,
        again * 1000.0 / others,
        one * 1000.0,
        known * 1000.0
    );
    json!(rounded(first / again))
}
