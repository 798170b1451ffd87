//! The command line: what can be asked for. Each command is a module below; none of them grades anything itself.

mod convert;
mod deferred;
mod doctor;
mod grade;
mod input;
mod languages;
mod migrate;
mod quarantine;
mod render;
mod results;
mod run;
mod servers;
mod session;
mod status;
mod submit;
mod verify;
mod worker;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use deferred::Deferred;

use crate::executor::grader::COMPILE_MS;
use crate::executor::service::Ended;
use crate::exit::Exit;
use crate::telemetry::LogFormat;

/// A batch grading worker: every run in a fresh sandbox, measured by the kernel
#[derive(Debug, Parser)]
#[command(name = "assay", version, max_term_width = 100)]
struct Cli {
    /// How the log on standard error looks
    #[arg(long, global = true, env = "ASSAY_LOG_FORMAT", value_enum, default_value_t = LogFormat::Human)]
    log_format: LogFormat,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Grade submissions: a package's own, files against a package, or JSON Lines
    Grade(Deferred<grade::Options>),
    /// Grade every submission of packages and compare with the expected verdicts
    Verify(Deferred<verify::Options>),
    /// Take submissions from RabbitMQ, record verdicts in PostgreSQL
    Worker(Deferred<worker::Options>),
    /// Publish a batch for workers
    Submit(Deferred<submit::Options>),
    /// How far a batch is
    Status(Deferred<status::Options>),
    /// What became of a batch: table, JSON, CSV, pass@k
    Results(Deferred<results::Options>),
    /// What was put aside: list it, send it round again, drop it
    Quarantine(Deferred<quarantine::Options>),
    /// Bring the schema of a PostgreSQL database up to date
    Migrate(Deferred<migrate::Options>),
    /// Turn a data set of functions with tests into submissions for `assay grade`
    Convert(Deferred<convert::Options>),
    /// Run one command in the sandbox and print what happened
    Run(Deferred<run::Options>),
    /// Check this host and say how to mend what is missing
    Doctor(Deferred<doctor::Options>),
    /// List the languages and what is available of them
    Languages(Deferred<languages::Options>),
}

/// How runs are made: for all commands that grade.
#[derive(Clone, Debug, Args)]
pub(crate) struct Grading {
    /// Runs at a time; by default one for each CPU
    #[arg(long, env = "ASSAY_SLOTS", value_parser = clap::value_parser!(u16).range(1..=1024))]
    slots: Option<u16>,
    /// Give each slot a CPU of its own, which its runs cannot leave
    #[arg(long, env = "ASSAY_PIN", value_parser = clap::builder::BoolishValueParser::new(), num_args = 0, default_missing_value = "true", default_value = "false")]
    pin: bool,
    /// Let a result near its time limit stand, and do not run it once more with nothing beside it
    #[arg(long, env = "ASSAY_NO_RERUN", value_parser = clap::builder::BoolishValueParser::new(), num_args = 0, default_missing_value = "true", default_value = "false")]
    no_rerun: bool,
    /// A directory of language files that add to the shipped ones or replace them
    #[arg(long, env = "ASSAY_LANGUAGES", value_name = "DIR")]
    languages: Option<PathBuf>,
    /// A directory tree to use as the root file system instead of a view of this host
    #[arg(long, env = "ASSAY_IMAGE", value_name = "DIR")]
    image: Option<PathBuf>,
    /// Milliseconds of CPU time of a compile step, where the package names no limit
    #[arg(long, default_value_t = COMPILE_MS, value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    compile_cpu_ms: u64,
    /// Where what was compiled is kept, for the same sources need not be compiled again; by default beside the store
    #[arg(long, env = "ASSAY_COMPILE_CACHE", value_name = "DIR")]
    compile_cache: Option<PathBuf>,
    /// Compile everything, keep nothing
    #[arg(long, conflicts_with = "compile_cache")]
    no_compile_cache: bool,
    /// MiB that the compile cache may have; what was not used for longest goes
    #[arg(long, default_value_t = 2048, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=1 << 30))]
    compile_cache_mib: u64,
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
    // A worker tells of each submission, other commands only of trouble.
    let level = if matches!(cli.command, Command::Worker(_)) { "info" } else { "warn" };
    // A single run has no log.
    let _telemetry = (!matches!(cli.command, Command::Run(_))).then(|| crate::telemetry::init(cli.log_format, level));
    let result = match cli.command {
        Command::Grade(Deferred(options)) => session::block_on(grade::run(options)),
        Command::Verify(Deferred(options)) => session::block_on(verify::run(options)),
        Command::Worker(Deferred(options)) => worker::run(options),
        Command::Submit(Deferred(options)) => session::block_on(submit::run(options)),
        Command::Status(Deferred(options)) => session::block_on(status::run(options)),
        Command::Results(Deferred(options)) => session::block_on(results::run(options)),
        Command::Quarantine(Deferred(options)) => session::block_on(quarantine::run(options)),
        Command::Migrate(Deferred(options)) => session::block_on(migrate::run(options)),
        Command::Convert(Deferred(options)) => session::block_on(convert::run(options)),
        Command::Run(Deferred(options)) => run::run(&options),
        Command::Doctor(Deferred(options)) => doctor::run(&options),
        Command::Languages(Deferred(options)) => languages::run(&options),
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

    fn ended(ended: Ended) -> Self {
        match ended {
            Ended::Store(error) => anyhow::Error::from(error).into(),
            Ended::Unfit(error) => Self::unfit(error),
        }
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
