//! What grading costs beside the programs themselves, against running them bare and in other sandboxes. `scripts/bench` runs it.
//!
//! Everything that is compared runs in the same session, in turns and in a random order, so that whatever else happens on the
//! machine hits all of it alike. CPU time is that of the whole machine, so that nothing hides in a kernel thread or a server.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a measuring program: it reports, and ends where it fails"
)]

mod assay_command;
mod batch;
mod floor;
mod growth;
mod measure;
mod peers;
mod runs;
mod submission;
mod table;

use std::path::PathBuf;

use serde_json::json;

struct Options {
    json: Option<PathBuf>,
    quick: bool,
    /// Parts to measure, by their letters; all without.
    parts: String,
}

impl Options {
    fn wants(&self, part: char) -> bool {
        self.parts.contains(part)
    }
}

const USAGE: &str = "bench [--json FILE] [--quick] [--parts abcd]";

fn options() -> Option<Options> {
    let mut options = Options { json: None, quick: false, parts: "abcd".to_owned() };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--json" => options.json = Some(arguments.next()?.into()),
            "--quick" => options.quick = true,
            "--parts" => options.parts = arguments.next()?,
            // What cargo adds.
            "--bench" => {}
            _ => return None,
        }
    }
    Some(options)
}

fn main() {
    // The launchers are this very program, started anew.
    if let Some(code) = assay_sandbox::run_if_bootstrap() {
        std::process::exit(code);
    }
    let Some(options) = options() else {
        eprintln!("usage: {USAGE}");
        std::process::exit(2);
    };
    if let Some(ended) = assay_command::installed() {
        std::process::exit(ended.code().unwrap_or(1));
    }
    let dir = tempfile::tempdir().unwrap();
    // PostgreSQL runs as another user.
    std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
    let machine = measure::Machine::new();
    println!("{}", machine.describe());
    let mut report = json!({
        "host": machine.describe(), "quick": options.quick,
        "trivial": null, "cli_vs_bwrap": null, "added_ms": null,
        "efficiency": {"cpp": null, "python": null, "batch_embedded": null, "batch_queue": null},
        "cache_speedup": null,
    });
    if options.wants('a') {
        runs::measure(&options, &machine, dir.path(), &mut report);
    }
    if options.wants('b') {
        submission::measure(&options, &machine, dir.path(), &mut report);
    }
    if options.wants('c') {
        batch::measure(&options, &machine, dir.path(), &mut report);
    }
    if options.wants('d') {
        growth::measure(&options, &machine, dir.path(), &mut report);
    }
    table::targets(&report);
    if let Some(path) = &options.json {
        std::fs::write(path, format!("{report:#}\n")).unwrap();
    }
}
