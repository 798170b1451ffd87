//! (c) A batch of small Python submissions of three tests each, embedded and through servers.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use serde_json::{Value, json};

use crate::Options;
use crate::assay_command::{Graded, Servers, grade, write_lines};
use crate::measure::{Machine, Took, children_cpu, rounded};
use crate::submission::{Language, PYTHON};

/// Bare ones that are run for comparison.
const SAMPLE: usize = 200;

impl Took {
    pub(crate) fn add(&mut self, other: &Self) {
        self.wall += other.wall;
        self.cpu += other.cpu;
    }
}

/// Compiles and runs these bare, two at a time. CPU time is that of the commands alone.
pub(crate) fn bare(language: &Language, dir: &Path, sources: &[String], inputs: &[PathBuf]) -> Took {
    let (begun, cpu, next) = (Instant::now(), children_cpu(), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(source) = sources.get(number) else { return };
                    language.run_bare(&dir.join(format!("bare{number}")), source, inputs);
                }
            });
        }
    });
    Took { wall: begun.elapsed().as_secs_f64(), cpu: children_cpu() - cpu }
}

fn source(number: usize) -> String {
    format!("# submission {number}\na, b = map(int, input().split())\ntotal = sum([a, b])\nprint(total)\n")
}

pub(crate) fn measure(options: &Options, machine: &Machine, dir: &Path, report: &mut Value) {
    let dir = dir.join("batch");
    fs::create_dir(&dir).unwrap();
    fs::set_permissions(&dir, std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
    let count = if options.quick { 200 } else { 2000 };
    println!("\n== a batch of {count} Python submissions with 3 tests");
    let tests: Vec<(String, String)> =
        (1..=3).map(|n| (format!("{n} {}\n", n * n), format!("{}\n", n + n * n))).collect();
    let inputs: Vec<PathBuf> = (0..3).map(|index| dir.join(format!("input{index}"))).collect();
    for (path, (stdin, _)) in inputs.iter().zip(&tests) {
        fs::write(path, stdin).unwrap();
    }
    let sample: Vec<String> = (0..SAMPLE.min(count)).map(source).collect();
    let quarter = |part: usize| {
        let length = sample.len() / 4;
        bare(&PYTHON, &dir, &sample[part * length..(part + 1) * length], &inputs)
    };
    let lines = dir.join("batch.jsonl");
    write_lines(&lines, (0..count).map(|number| PYTHON.submission(&source(number), &tests)));
    let baseline = machine.baseline(2.0);

    let mut took = quarter(0);
    let embedded = grade(machine, baseline, &lines, count, &[]);
    took.add(&quarter(1));
    took.add(&quarter(2));
    let queue = match Servers::start(&dir) {
        Ok(servers) => Some(servers.grade(machine, baseline, &lines, count)),
        Err(error) => {
            println!("skipped: {error}");
            None
        }
    };
    took.add(&quarter(3));

    let each = sample.len() as f64;
    println!("bare     {:8.1} submissions/s, {:6.2} ms of CPU each", each / took.wall, took.cpu * 1000.0 / each);
    report["batch"]["bare"] =
        json!({"per_second": rounded(each / took.wall), "cpu_ms": rounded(took.cpu * 1000.0 / each)});
    for (name, graded) in [("embedded", Some(embedded)), ("queue", queue)] {
        let Some(Graded { took: whole, memory_mib }) = graded else { continue };
        let (rate, cpu_ms) = (count as f64 / whole.wall, whole.cpu * 1000.0 / count as f64);
        let efficiency = took.cpu * 1000.0 / each / cpu_ms;
        println!(
            "{name:8} {rate:8.1} submissions/s, {cpu_ms:6.2} ms of CPU each, grading efficiency {efficiency:.3}, \
             {memory_mib:.1} MiB"
        );
        report["efficiency"][format!("batch_{name}")] = json!(rounded(efficiency));
        report["batch"][name] = json!({
            "per_second": rounded(rate), "cpu_ms": rounded(cpu_ms), "worker_memory_mib": rounded(memory_mib),
        });
    }
}
