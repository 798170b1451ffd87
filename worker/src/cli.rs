//! The command line: what can be asked for. Each command is a module below; none of them grades anything itself.

mod doctor;
mod grade;
mod input;
mod languages;
mod render;
mod run;
mod session;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::exit::Exit;

/// A batch grading worker: every run in a fresh sandbox, measured by the kernel
#[derive(Debug, Parser)]
#[command(name = "assay", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Grade submissions: a package's own, files against a package, or JSON Lines
    Grade(grade::Options),
    /// Grade every submission of packages and compare with the expected verdicts
    Verify(verify::Options),
    /// Run one command in the sandbox and print what happened
    Run(run::Options),
    /// Check this host and say how to mend what is missing
    Doctor(doctor::Options),
    /// List the languages and what is available of them
    Languages(languages::Options),
}

/// How runs are made: for all commands that grade.
#[derive(Clone, Debug, Args)]
pub(crate) struct Grading {
    /// Runs at a time; by default one for each CPU
    #[arg(long, env = "ASSAY_SLOTS", value_parser = clap::value_parser!(u16).range(1..=1024))]
    slots: Option<u16>,
    /// A directory of language files that add to the shipped ones or replace them
    #[arg(long, env = "ASSAY_LANGUAGES", value_name = "DIR")]
    languages: Option<PathBuf>,
    /// A directory tree to use as the root file system instead of a view of this host
    #[arg(long, env = "ASSAY_IMAGE", value_name = "DIR")]
    image: Option<PathBuf>,
    /// Bytes of each output that are kept in the store
    #[arg(long, default_value_t = 16 << 10, value_name = "BYTES")]
    keep_output: usize,
}

/// For the commands that grade on this machine.
#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    #[command(flatten)]
    grading: Grading,
    /// Print JSON, one object a line
    #[arg(long)]
    json: bool,
    /// The file that keeps the results
    #[arg(long, env = "ASSAY_STORE", value_name = "FILE")]
    store: Option<PathBuf>,
    /// Begin anew, even if an earlier run of the same work was interrupted
    #[arg(long)]
    fresh: bool,
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    init_logging();
    let result = match cli.command {
        Command::Grade(options) => session::block_on(grade::run(options)),
        Command::Verify(options) => session::block_on(verify::run(options)),
        Command::Run(options) => run::run(&options),
        Command::Doctor(options) => doctor::run(&options),
        Command::Languages(options) => languages::run(&options),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            render::error(&failure.error);
            failure.exit.into()
        }
    }
}

/// Why a command could not do its work at all.
#[derive(Debug)]
pub(crate) struct Failure {
    error: anyhow::Error,
    exit: Exit,
}

impl Failure {
    fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { error: error.into(), exit: Exit::Usage }
    }

    fn unfit(error: assay_sandbox::Error) -> Self {
        let error = anyhow::Error::new(error).context("this host cannot grade; `assay doctor` tells more");
        Self { error, exit: Exit::Unfit }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self { error, exit: Exit::Difference }
    }
}

fn init_logging() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("ASSAY_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,sqlx=error"));
    let colour = std::io::IsTerminal::is_terminal(&std::io::stderr()) && std::env::var_os("NO_COLOR").is_none();
    let human = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    human.with_ansi(colour).init();
}
