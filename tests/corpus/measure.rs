//! How long it takes from a limit that is crossed until everything is dead.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// A run of `processes` that all compute, or all sleep, stopped by a limit; the latencies of `runs` of them in milliseconds, sorted.
///
/// With a wall limit it is the time by which the program outlived it, and that until its group is gone; with one of CPU time what was
/// used beyond it, shared by the processors.
pub(crate) fn kill_latency(
    assay: &Path,
    program: &Path,
    processes: usize,
    spin: bool,
    runs: usize,
) -> Result<Vec<f64>, String> {
    const LIMIT_MS: u64 = 1000;
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    let mut latencies = Vec::new();
    for _ in 0..runs {
        let mut command = Command::new(assay);
        command.args(["run", "--json", "--memory-mib", "1024", "--pids", &(processes + 4).to_string()]);
        if spin {
            command.args(["--cpu-ms", &LIMIT_MS.to_string(), "--wall-ms", "600000"]);
        } else {
            command.args(["--cpu-ms", "600000", "--wall-ms", &LIMIT_MS.to_string()]);
        }
        command.arg("--").arg(program).arg(processes.to_string()).arg(if spin { "spin" } else { "sleep" });
        let output = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
        let report: Value = serde_json::from_slice(&output.stdout)
            .map_err(|error| format!("{error}: {}", String::from_utf8_lossy(&output.stderr)))?;
        if report["verdict"] != if spin { "TLE" } else { "ILE" } {
            return Err(format!("the verdict is {report}"));
        }
        let us = |name: &str| report[name].as_f64().unwrap_or(f64::MAX);
        let limit = 1000.0 * f64::from(u32::try_from(LIMIT_MS).unwrap_or_default());
        let beyond = if spin {
            (us("cpu_user_us") + us("cpu_sys_us") - limit) / f64::from(u32::try_from(cpus).unwrap_or(1))
        } else {
            us("wall_us") - limit
        };
        latencies.push((beyond.max(0.0) + us("teardown_us")) / 1000.0);
    }
    latencies.sort_by(f64::total_cmp);
    Ok(latencies)
}

/// The program for it, compiled into the directory.
pub(crate) fn crowd_program(directory: &Path) -> Result<std::path::PathBuf, String> {
    let source = directory.join("crowd.c");
    let program = directory.join("crowd");
    let text = "#include <stdlib.h>\n#include <unistd.h>\nint main(int argc, char **argv) {\n  for (int i = 1; i < atoi(argv[1]); i++)\n    \
                if (fork() == 0) break;\n  if (argv[2][1] == 'p') for (;;) { }\n  for (;;) pause();\n}\n";
    std::fs::write(&source, text).map_err(|error| error.to_string())?;
    let status = Command::new("gcc").args(["-O1", "-static", "-o"]).arg(&program).arg(&source).status();
    if status.is_ok_and(|status| status.success()) { Ok(program) } else { Err("gcc does not compile it".to_owned()) }
}

/// The value below which this share of the sorted values is.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a small index"
    )]
    let index = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len()) - 1;
    sorted[index]
}
