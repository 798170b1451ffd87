//! (d) How the cost grows: with tests, with what a program prints, with slots, with submissions.

use std::fs;
use std::path::Path;
use std::time::Instant;

use assay_sandbox::{Command, Input, Limits, Profile};
use serde_json::{Value, json};

use crate::Options;
use crate::assay_command::{Servers, grade, submission, write_lines};
use crate::measure::{Bare, Machine, Values, rounded};
use crate::runs::{busy, compile, in_slot, limits, runtime};

/// The smallest program there is for which nothing is linked.
const SHELL: &str = "read line\necho \"$line\"\n";

pub(crate) fn measure(options: &Options, machine: &Machine, dir: &Path, report: &mut Value) {
    let dir = dir.join("growth");
    fs::create_dir(&dir).unwrap();
    fs::set_permissions(&dir, std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
    println!("\n== growth");
    report["growth"] = json!({
        "tests": tests(options, machine, &dir),
        "output": output(options),
        "slots": slots(options, machine, &dir),
        "submissions": submissions(options, machine, &dir),
    });
}

fn tests(options: &Options, machine: &Machine, dir: &Path) -> Value {
    let copies = if options.quick { 4 } else { 20 };
    let lines = dir.join("tests.jsonl");
    let mut rows = Vec::new();
    for count in [1, 10, 100] {
        let tests: Vec<_> = (0..count).map(|n| (format!("{n}\n"), format!("{n}\n"))).collect();
        write_lines(&lines, (0..copies).map(|_| submission("bash", "main.sh", SHELL, &tests)));
        let graded = grade(machine, machine.baseline(0.5), &lines, copies, &[]);
        let each = |seconds: f64| seconds * 1000.0 / copies as f64;
        let (wall, cpu) = (each(graded.took.wall), each(graded.took.cpu));
        println!("{count:7} tests        {wall:9.2} ms a submission, {cpu:9.2} ms of CPU");
        rows.push(json!({"tests": count, "ms": rounded(wall), "cpu_ms": rounded(cpu)}));
    }
    rows.into()
}

fn output(options: &Options) -> Value {
    let runtime = runtime();
    let mut slot = runtime.slot(0, None).unwrap();
    let limits = Limits { stdout_bytes: 128 << 20, ..limits() };
    let mut rows = Vec::new();
    for bytes in [1 << 10, 1 << 20, 100 << 20] {
        let argv = ["/usr/bin/head", "-c", &bytes.to_string(), "/dev/zero"];
        let bare = Bare::new(&argv);
        let argv = argv.iter().map(|&argument| argument.to_owned()).collect();
        let command = Command { argv, env: Vec::new(), profile: Profile::Run };
        let (mut own, mut other) = (Values::default(), Values::default());
        for _ in 0..if options.quick || bytes > 1 << 20 { 10 } else { 100 } {
            let begun = Instant::now();
            assert_eq!(bare.run().unwrap().len(), bytes);
            other.push(begun.elapsed().as_secs_f64() * 1000.0);
            let begun = Instant::now();
            let work = slot.workspace(&limits, &[]).unwrap();
            let outcome = slot.run(&command, &limits, &work, &Input::empty()).unwrap();
            own.push(begun.elapsed().as_secs_f64() * 1000.0);
            assert_eq!(outcome.stdout.bytes.len(), bytes);
        }
        let (own, other) = (own.median(), other.median());
        println!("{bytes:11} bytes    {own:9.2} ms, bare {other:9.2} ms");
        rows.push(json!({"bytes": bytes, "ms": rounded(own), "bare_ms": rounded(other)}));
    }
    slot.close().unwrap();
    runtime.close().unwrap();
    rows.into()
}

fn slots(options: &Options, machine: &Machine, dir: &Path) -> Value {
    let trivial = compile("/usr/bin/gcc", "int main(void) { return 0; }\n", dir, "trivial");
    let runtime = runtime();
    let seconds = if options.quick { 0.5 } else { 3.0 };
    let mut rows = Vec::new();
    for count in [1, 2, 4, 8] {
        let mut ways: Vec<_> =
            (0..count).map(|index| in_slot(runtime.slot(index, None).unwrap(), &[&trivial])).collect();
        let baseline = machine.baseline(0.5);
        let (runs, took) = machine.took(baseline, || busy(&mut ways, seconds));
        let (rate, cpu) = (runs as f64 / took.wall, took.cpu * 1e6 / runs as f64);
        println!("{count:7} slots        {rate:9.0} runs/s, {cpu:9.0} us of CPU a run");
        rows.push(json!({"slots": count, "runs_per_second": rounded(rate), "cpu_us": rounded(cpu)}));
        ways.into_iter().for_each(crate::runs::Way::close);
    }
    runtime.close().unwrap();
    rows.into()
}

fn submissions(options: &Options, machine: &Machine, dir: &Path) -> Value {
    let lines = dir.join("submissions.jsonl");
    let (embedded, queue): (&[usize], &[usize]) = if options.quick {
        (&[10, 100, 1000], &[10, 200])
    } else {
        (&[10, 1000, 10_000, 100_000], &[10, 1000, 10_000])
    };
    let mut rows = Vec::new();
    let mut told = |kind: &str, count: usize, graded: crate::assay_command::Graded| {
        let (rate, cpu_ms) = (count as f64 / graded.took.wall, graded.took.cpu * 1000.0 / count as f64);
        let memory = graded.memory_mib;
        println!("{count:7} {kind:12} {rate:9.1} submissions/s, {cpu_ms:6.2} ms of CPU each, worker {memory:5.1} MiB");
        rows.push(json!({
            "submissions": count, "kind": kind, "per_second": rounded(rate), "cpu_ms": rounded(cpu_ms),
            "worker_memory_mib": rounded(memory),
        }));
    };
    let write = |count: usize| {
        let tests = [("1\n".to_owned(), "1\n".to_owned())];
        write_lines(&lines, (0..count).map(|_| submission("bash", "main.sh", SHELL, &tests)));
        machine.baseline(0.5)
    };
    for &count in embedded {
        let baseline = write(count);
        told("embedded", count, grade(machine, baseline, &lines, count, &[]));
    }
    match Servers::start(dir) {
        Ok(servers) => {
            for &count in queue {
                let baseline = write(count);
                told("queue", count, servers.grade(machine, baseline, &lines, count));
            }
        }
        Err(error) => println!("skipped: {error}"),
    }
    rows.into()
}
