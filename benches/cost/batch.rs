//! (c) A batch of small Python submissions of three tests each, embedded and through servers.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Options;
use crate::assay_command::{Graded, Servers, Stream, write_lines};
use crate::measure::{Machine, Took, children_cpu, rounded};
use crate::submission::{Language, PYTHON};

/// Bare ones that are run for comparison with each.
const SAMPLE: usize = 200;

/// In so many pieces.
const PIECES: usize = 10;

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
    let submissions: Vec<_> = (0..count).map(|number| PYTHON.submission(&source(number), &tests)).collect();
    let baseline = machine.baseline(2.0);
    // Piece by piece in turns with bare ones, for the machine is another one from minute to minute.
    let in_turns = |grade: &mut dyn FnMut(&[Value]) -> Took| {
        let (mut graded, mut took) = (Took::default(), Took::default());
        let pieces = submissions.chunks(count / PIECES).zip(sample.chunks(sample.len() / PIECES));
        for (piece, bare_piece) in pieces {
            graded.add(&grade(piece));
            // What it has left to the kernel counts for it.
            graded.cpu += machine.took(baseline, || std::thread::sleep(Duration::from_millis(100))).1.cpu;
            took.add(&bare(&PYTHON, &dir, bare_piece, &inputs));
        }
        (graded, took)
    };

    let (mut stream, start) = machine.took(baseline, Stream::start);
    let (mut graded, took) = in_turns(&mut |piece| machine.took(baseline, || stream.grade(piece)).1);
    let (memory_mib, end) = machine.took(baseline, || stream.finish());
    graded.add(&start);
    graded.add(&end);
    let embedded = (Graded { took: graded, memory_mib }, took);
    let queue = match Servers::start(&dir) {
        Ok(servers) => {
            let lines = dir.join("piece.jsonl");
            let mut memory_mib: f64 = 0.0;
            let (graded, took) = in_turns(&mut |piece| {
                write_lines(&lines, piece.iter().cloned());
                let graded = servers.grade(machine, baseline, &lines, piece.len());
                memory_mib = memory_mib.max(graded.memory_mib);
                graded.took
            });
            Some((Graded { took: graded, memory_mib }, took))
        }
        Err(error) => {
            println!("skipped: {error}");
            None
        }
    };

    let each = sample.len() as f64;
    for (name, graded) in [("embedded", Some(embedded)), ("queue", queue)] {
        let Some((Graded { took: whole, memory_mib }, took)) = graded else { continue };
        let (bare_rate, bare_cpu_ms) = (each / took.wall, took.cpu * 1000.0 / each);
        let (rate, cpu_ms) = (count as f64 / whole.wall, whole.cpu * 1000.0 / count as f64);
        let efficiency = bare_cpu_ms / cpu_ms;
        println!("bare     {bare_rate:8.1} submissions/s, {bare_cpu_ms:6.2} ms of CPU each");
        println!(
            "{name:8} {rate:8.1} submissions/s, {cpu_ms:6.2} ms of CPU each, grading efficiency {efficiency:.3}, \
             {memory_mib:.1} MiB"
        );
        report["efficiency"][format!("batch_{name}")] = json!(rounded(efficiency));
        report["batch"][name] = json!({
            "per_second": rounded(rate), "cpu_ms": rounded(cpu_ms), "worker_memory_mib": rounded(memory_mib),
            "bare_per_second": rounded(bare_rate), "bare_cpu_ms": rounded(bare_cpu_ms),
        });
    }
}
