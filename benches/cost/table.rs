//! What was measured against what is wanted.

use serde_json::Value;

/// Where a value stands in the report, its bound, and whether it must not be above or not be below it.
const TARGETS: &[(&str, &str, char, f64)] = &[
    ("trivial run, wall, times bare", "/trivial/wall_ratio", '<', 2.0),
    ("trivial run, CPU of the machine, times bare", "/trivial/cpu_ratio", '<', 4.5),
    ("trivial runs per second, times bare", "/trivial/rate_ratio", '>', 0.19),
    ("assay run, times bubblewrap", "/cli_vs_bwrap", '<', 1.0),
    ("added to python3 -c pass, ms, median", "/added_ms/python", '<', 1.5),
    ("added to python3 -c pass, ms, p99", "/added_ms/python_p99", '<', 4.0),
    ("added to a C++ program, ms, median", "/added_ms/cpp", '<', 1.5),
    ("added to a C++ program, ms, p99", "/added_ms/cpp_p99", '<', 4.0),
    ("grading efficiency, C++ submission", "/efficiency/cpp", '>', 0.90),
    ("grading efficiency, batch, embedded", "/efficiency/batch_embedded", '>', 0.80),
    ("grading efficiency, batch, queue", "/efficiency/batch_queue", '>', 0.75),
    ("compile cache, times faster", "/cache_speedup", '>', 5.0),
    ("worker memory, batch, embedded, MiB", "/batch/embedded/worker_memory_mib", '<', 64.0),
    ("worker memory, batch, queue, MiB", "/batch/queue/worker_memory_mib", '<', 64.0),
];

/// Prints what there is of them.
pub(crate) fn targets(report: &Value) {
    println!("\n{:48} {:>9}   target", "", "measured");
    for (name, place, sense, bound) in TARGETS {
        let Some(value) = report.pointer(place).and_then(Value::as_f64) else { continue };
        let holds = if *sense == '<' { value <= *bound } else { value >= *bound };
        let word = if *sense == '<' { "at most" } else { "at least" };
        println!("{name:48} {value:9.3}   {word} {bound} {}", if holds { "" } else { "  MISSED" });
    }
}
