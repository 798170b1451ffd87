//! The `assay` program: a launcher if it was started as one, else the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before any thread exists: a launcher must be single-threaded.
    match assay_sandbox::run_if_bootstrap() {
        Some(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        None => assay::cli::main(),
    }
}
