//! Clocks, counters and statistics.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

/// The time and the CPU time of the whole machine that something took, in seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Took {
    pub(crate) wall: f64,
    pub(crate) cpu: f64,
}

/// CPUs that others may use before they spoil what is measured.
const BUSY: f64 = 0.2;

pub(crate) struct Machine {
    pub(crate) cpus: usize,
    warned: std::cell::Cell<bool>,
}

impl Machine {
    pub(crate) fn new() -> Self {
        let stat = fs::read_to_string("/proc/stat").unwrap();
        let cpus = stat.lines().filter(|line| line.starts_with("cpu") && !line.starts_with("cpu ")).count();
        Self { cpus, warned: false.into() }
    }

    pub(crate) fn describe(&self) -> String {
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let places = assay_sandbox::Places::detect().map_or("none", |places| places.memory.version.name());
        let load = load.split(' ').next().unwrap_or("");
        format!("{} CPUs, Linux {}, control groups {places}, load {load}", self.cpus, kernel.trim())
    }

    /// Seconds that no CPU worked for us: idle, waiting for a disk, or taken by the hypervisor.
    fn idle() -> f64 {
        let stat = fs::read_to_string("/proc/stat").unwrap();
        let fields: Vec<f64> =
            stat.lines().next().unwrap().split_whitespace().skip(1).map(|field| field.parse().unwrap()).collect();
        // In hundredths of a second, whatever the kernel's own clock (proc(5)).
        (fields[3] + fields[4] + fields[7]) / 100.0
    }

    /// What the machine uses when we do nothing, in CPUs.
    pub(crate) fn baseline(&self, seconds: f64) -> f64 {
        let used = self.took(0.0, || std::thread::sleep(Duration::from_secs_f64(seconds))).1.cpu / seconds;
        if used > BUSY && !self.warned.replace(true) {
            println!("the machine is busy with something else ({used:.2} CPUs): CPU times mean little");
        }
        used
    }

    /// Does this, and says what it took beside the `baseline`.
    pub(crate) fn took<T>(&self, baseline: f64, work: impl FnOnce() -> T) -> (T, Took) {
        let (begun, idle) = (Instant::now(), Self::idle());
        let result = work();
        let (wall, idle) = (begun.elapsed().as_secs_f64(), Self::idle() - idle);
        (result, Took { wall, cpu: (wall * self.cpus as f64 - idle - wall * baseline).max(0.0) })
    }
}

/// CPU time of the children that have been waited for, in seconds.
pub(crate) fn children_cpu() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    seconds(usage.user_time()) + seconds(usage.system_time())
}

/// A command as anybody would start it: posix_spawn(3), pipes for its outputs, which are read, and wait(2).
#[derive(Clone, Debug)]
pub(crate) struct Bare {
    pub(crate) argv: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) dir: PathBuf,
    pub(crate) stdin: Option<PathBuf>,
}

impl Bare {
    pub(crate) fn new(argv: &[&str]) -> Self {
        let argv = argv.iter().map(|&argument| argument.to_owned()).collect();
        Self { argv, env: Vec::new(), dir: "/".into(), stdin: None }
    }

    /// Runs it to its end, and returns what it printed.
    pub(crate) fn run(&self) -> Result<Vec<u8>, String> {
        let stdin = self.stdin.as_ref().map_or_else(Stdio::null, |path| fs::File::open(path).unwrap().into());
        let mut command = Command::new(&self.argv[0]);
        command.args(&self.argv[1..]).env_clear().envs(self.env.iter().cloned()).stdin(stdin);
        // Without a change of directory the standard library uses posix_spawn.
        if self.dir.as_os_str() != "/" {
            command.current_dir(&self.dir);
        }
        let output = command.output().map_err(|error| format!("{}: {error}", self.argv[0]))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("{}: {}: {}", self.argv[0], output.status, said.lines().next().unwrap_or("")))
    }
}

/// Values of one kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values(Vec<f64>);

impl Values {
    pub(crate) fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value that this fraction of all does not exceed.
    pub(crate) fn quantile(&self, fraction: f64) -> f64 {
        if self.0.is_empty() {
            return 0.0;
        }
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
        let index = (fraction * (sorted.len() - 1) as f64).round() as usize;
        sorted[index]
    }

    pub(crate) fn median(&self) -> f64 {
        self.quantile(0.5)
    }
}

/// Random enough for an order.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            items.swap(last, usize::try_from(self.0 % (last as u64 + 1)).unwrap());
        }
    }
}

/// Three digits that count.
pub(crate) fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    let unit = 10_f64.powf(2.0 - value.abs().log10().floor());
    (value * unit).round() / unit
}
