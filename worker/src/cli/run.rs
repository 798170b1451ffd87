//! `assay run`: one command in the sandbox.

use std::fs::{File, Metadata};
use std::io::{IsTerminal as _, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use assay_sandbox::{Command, End, Image, Input, Lost, OneRun, Outcome, Profile, View, Workspace};
use assay_shared::{Limits, MIB};
use clap::{Args, ValueEnum};

use super::{Failure, render};
use crate::executor::run::sandbox_limits;
use crate::exit::Exit;
use crate::judge::{self, Judgement};

#[derive(Debug, Args)]
#[command(args_override_self = true)]
pub(crate) struct Options {
    /// CPU time, user and system, in milliseconds
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    cpu_ms: u64,
    /// Wall time in milliseconds; by default twice the CPU limit and one second
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=7_200_000))]
    wall_ms: Option<u64>,
    /// Memory in MiB
    #[arg(long, default_value_t = 2048, value_parser = clap::value_parser!(u64).range(4..=1 << 20))]
    memory_mib: u64,
    /// Processes and threads
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=32768))]
    pids: u32,
    /// Bytes on standard output
    #[arg(long, default_value_t = 8 << 20)]
    stdout_bytes: u64,
    /// Bytes on standard error that are kept
    #[arg(long, default_value_t = 1 << 20)]
    stderr_bytes: u64,
    /// MiB of files
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u64).range(0..=1 << 16))]
    file_mib: u64,
    /// The system call filter
    #[arg(long, value_enum, default_value_t = ProfileName::Run)]
    profile: ProfileName,
    /// What the command reads; by default standard input, if that is no terminal
    #[arg(long, value_name = "FILE")]
    stdin: Option<PathBuf>,
    /// Copy this file into the work directory; can be given again
    #[arg(long = "file", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Show this directory or file of the host, read-only; can be given again
    #[arg(long = "read-only", value_name = "PATH")]
    read_only: Vec<PathBuf>,
    /// Set a variable; can be given again
    #[arg(long = "env", value_name = "NAME=VALUE")]
    env: Vec<String>,
    /// A directory tree to use as the root file system instead of a view of this host
    #[arg(long, value_name = "DIR")]
    image: Option<PathBuf>,
    /// Print JSON instead of the command's output
    #[arg(long)]
    json: bool,
    /// The command; a program outside the system directories is copied into the work directory
    #[arg(required = true, trailing_var_arg = true)]
    command: Vec<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ProfileName {
    /// The allow-list that submissions run with
    Run,
    /// The same with what linkers and build tools need
    Compile,
    /// A deny-list that protects less, for programs that need more; not for what nobody has looked at
    Permissive,
}

impl ProfileName {
    const fn profile(self) -> Profile {
        match self {
            Self::Run => Profile::Run,
            Self::Compile => Profile::Compile,
            Self::Permissive => Profile::Permissive,
        }
    }
}

pub(super) fn run(options: &Options) -> Result<Exit, Failure> {
    let limits = Limits {
        cpu_ms: options.cpu_ms,
        wall_ms: options.wall_ms.unwrap_or_else(|| assay_shared::limits::default_wall_ms(options.cpu_ms)),
        memory_bytes: options.memory_mib * MIB,
        pids: options.pids,
        stdout_bytes: options.stdout_bytes,
        stderr_bytes: options.stderr_bytes,
        file_bytes: options.file_mib * MIB,
    };
    if let Some(image) = &options.image
        && !image.is_dir()
    {
        return Err(Failure::usage(anyhow::anyhow!("--image {}: is no directory", image.display())));
    }
    for path in &options.read_only {
        let reserved = ["/proc", "/sys", "/dev", "/tmp", "/work"].iter().find(|dir| path.starts_with(dir));
        let problem = match reserved {
            _ if !path.is_absolute() => "must be an absolute path".to_owned(),
            _ if !path.exists() => "there is no such file or directory".to_owned(),
            Some(dir) => format!("{dir} is the sandbox's own; put it elsewhere"),
            None => continue,
        };
        return Err(Failure::usage(anyhow::anyhow!("--read-only {}: {problem}", path.display())));
    }
    let image = options.image.clone().map_or(Image::Host, Image::Directory);
    let view = View { image, read_only: options.read_only.clone() };
    let sandbox = OneRun::new(view, options.profile.profile()).map_err(Failure::unfit)?;
    let cgroup = sandbox.places().memory.version.name();
    let outcome = in_sandbox(options, &limits, sandbox)?;
    let judgement = judge::of_run(&outcome, &limits).unwrap_or_else(Judgement::accepted);
    if options.json {
        print_json(&outcome, &judgement, cgroup);
    } else {
        print_text(&outcome, &judgement)?;
    }
    Ok(if judgement == Judgement::accepted() { Exit::Fine } else { Exit::Difference })
}

fn in_sandbox(options: &Options, limits: &Limits, mut sandbox: OneRun) -> Result<Outcome, Failure> {
    let run = sandbox_limits(limits, 0);
    // The sandbox is made meanwhile.
    let (command, work, input) = match placed(options, &run, &mut sandbox) {
        Ok(placed) => placed,
        Err(failure) => {
            // What was asked for counts.
            if let Err(error) = sandbox.close() {
                render::note(&format!("assay: clearing away: {error}"));
            }
            return Err(failure);
        }
    };
    let usage = |error: &assay_sandbox::Error| {
        // Or it is longer than the kernel, or a message of ours, takes.
        error.is_of_the_command() || error.source.kind() == std::io::ErrorKind::ArgumentListTooLong
    };
    match sandbox.run(&command, &run, &work, &input) {
        Ok(outcome) => Ok(outcome),
        Err(Lost::Sandbox(error) | Lost::Run(error)) if usage(&error) => {
            Err(Failure::usage(anyhow::anyhow!("{}: {} (inside the sandbox)", command.argv[0], error.source)))
        }
        Err(Lost::Sandbox(error)) => Err(Failure::unfit(error)),
        Err(Lost::Run(error)) => Err(anyhow::Error::new(error).into()),
        Err(Lost::Clear(error)) => Err(anyhow::Error::new(error).context("clearing away").into()),
    }
}

/// What is to be run, in which work directory, and what it reads.
fn placed(
    options: &Options,
    run: &assay_sandbox::Limits,
    sandbox: &mut OneRun,
) -> Result<(Command, Workspace, Input), Failure> {
    let mut files = options.files.iter().map(|path| Given::open(path)).collect::<Result<Vec<_>, _>>()?;
    let command = command(options, &mut files)?;
    let input = input(options.stdin.as_deref())?;
    // They take nothing of what the program may write.
    let page = |bytes: u64| bytes.next_multiple_of(64 << 10);
    let room = assay_sandbox::Limits {
        file_bytes: files.iter().fold(run.file_bytes, |sum, file| sum.saturating_add(page(file.length))),
        inodes: run.inodes.saturating_add(files.len() as u64),
        ..run.clone()
    };
    let work = sandbox.workspace(&room).map_err(anyhow::Error::new)?;
    for mut file in files {
        work.copy_in_as(&file.name, file.executable, &mut file.file)
            .with_context(|| format!("cannot copy {}", file.name.display()))?;
    }
    Ok((command, work, input))
}

/// A file of the host that is copied into the work directory.
struct Given {
    name: PathBuf,
    file: File,
    length: u64,
    executable: bool,
}

impl Given {
    fn open(path: &Path) -> Result<Self, Failure> {
        let open = || -> std::io::Result<(File, Metadata)> {
            let file = File::open(path)?;
            let meta = file.metadata()?;
            if meta.is_dir() { Err(std::io::Error::from(std::io::ErrorKind::IsADirectory)) } else { Ok((file, meta)) }
        };
        let (file, meta) = open().with_context(|| format!("cannot read {}", path.display())).map_err(Failure::usage)?;
        let name = path.file_name().ok_or_else(|| Failure::usage(anyhow::anyhow!("{} is no file", path.display())))?;
        Ok(Self { name: name.into(), file, length: meta.len(), executable: meta.mode() & 0o111 != 0 })
    }
}

fn command(options: &Options, files: &mut Vec<Given>) -> Result<Command, Failure> {
    let mut argv = options.command.clone();
    let program = argv[0].clone();
    if program.contains('/') {
        let system = ["/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/"];
        let placed = files.iter().any(|file| Path::new("/work").join(&file.name) == Path::new(&program));
        let shown = placed
            || system.iter().any(|dir| program.starts_with(dir))
            || options.read_only.iter().any(|dir| Path::new(&program).starts_with(dir));
        if options.image.is_none() && !shown {
            let file = Given { executable: true, ..Given::open(Path::new(&program))? };
            argv[0] = format!("/work/{}", file.name.display());
            files.push(file);
        }
    } else {
        let root = options.image.clone().unwrap_or_else(|| PathBuf::from("/"));
        argv[0] = ["usr/local/bin", "usr/bin", "bin", "usr/sbin", "sbin"]
            .iter()
            .find(|dir| root.join(dir).join(&program).symlink_metadata().is_ok())
            .map(|dir| format!("/{dir}/{program}"))
            .ok_or_else(|| {
                Failure::usage(anyhow::anyhow!("{program}: no such program in /usr/local/bin, /usr/bin or /bin"))
            })?;
    }
    let mut env = vec![
        ("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned()),
        ("HOME".to_owned(), "/tmp".to_owned()),
        ("LANG".to_owned(), "C.UTF-8".to_owned()),
    ];
    for setting in &options.env {
        let (name, value) = setting
            .split_once('=')
            .ok_or_else(|| Failure::usage(anyhow::anyhow!("--env {setting}: write NAME=VALUE")))?;
        env.retain(|(other, _)| other != name);
        env.push((name.to_owned(), value.to_owned()));
    }
    Ok(Command { argv, env, profile: options.profile.profile() })
}

fn input(path: Option<&Path>) -> Result<Input, Failure> {
    let mut bytes = Vec::new();
    match path {
        Some(path) => {
            bytes = std::fs::read(path)
                .with_context(|| format!("cannot read {}", path.display()))
                .map_err(Failure::usage)?;
        }
        None if std::io::stdin().is_terminal() => {}
        None => {
            std::io::stdin().read_to_end(&mut bytes).context("cannot read standard input").map_err(Failure::usage)?;
        }
    }
    if bytes.is_empty() { Ok(Input::empty()) } else { Ok(Input::from_bytes(&bytes).map_err(anyhow::Error::new)?) }
}

fn print_text(outcome: &Outcome, judgement: &Judgement) -> anyhow::Result<()> {
    let written = render::bytes(&outcome.stdout.bytes);
    let errors = String::from_utf8_lossy(&outcome.stderr.bytes);
    if !errors.is_empty() && std::io::stderr().is_terminal() {
        render::note(errors.trim_end_matches('\n'));
    } else {
        render::error_bytes(&outcome.stderr.bytes);
    }
    let usage = &outcome.usage;
    let ms = |us: u64| format!("{:.1} ms", Duration::from_micros(us).as_secs_f64() * 1000.0);
    let ended = match outcome.end {
        End::Code(code) => format!("exit code {code}"),
        End::Signal(signal) => format!("signal {signal} ({})", judge::libc_signal::name(signal)),
    };
    let reason = if judgement.reason.is_empty() { ended } else { judgement.reason.clone() };
    render::note(&format!(
        "{}: {reason}; CPU {} ({} user, {} system), wall {}, memory {} MiB; set up {}, cleared {}",
        judgement.verdict,
        ms(usage.cpu_us()),
        ms(usage.cpu_user_us),
        ms(usage.cpu_sys_us),
        ms(usage.wall_us),
        render::mib(usage.memory_peak_bytes),
        ms(outcome.setup_us),
        ms(outcome.teardown_us),
    ));
    written
}

fn print_json(outcome: &Outcome, judgement: &Judgement, cgroup: &str) {
    let (exit_code, signal) = match outcome.end {
        End::Code(code) => (Some(code), None),
        End::Signal(signal) => (None, Some(signal)),
    };
    let usage = &outcome.usage;
    let object = serde_json::json!({
        "verdict": judgement.verdict, "reason": judgement.reason, "exit_code": exit_code, "signal": signal,
        "forbidden_call": outcome.forbidden_call.as_ref().map(|call| call.name.clone().unwrap_or_else(|| call.number.to_string())),
        "cpu_user_us": usage.cpu_user_us, "cpu_sys_us": usage.cpu_sys_us, "wall_us": usage.wall_us,
        "memory_peak_bytes": usage.memory_peak_bytes, "memory_limit_reached": usage.memory_limit_reached, "oom_kills": usage.oom_kills, "pids_peak": usage.pids_peak,
        "pids_limit_hits": usage.pids_limit_hits, "context_switches": usage.context_switches,
        "stdout": String::from_utf8_lossy(&outcome.stdout.bytes), "stderr": String::from_utf8_lossy(&outcome.stderr.bytes),
        "stdout_truncated": outcome.stdout.truncated, "stderr_truncated": outcome.stderr.truncated,
        "cgroup": cgroup, "setup_us": outcome.setup_us, "teardown_us": outcome.teardown_us,
    });
    render::json(&object);
}
