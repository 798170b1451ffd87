//! (a) One run of a trivial program: bare, in Assay, and in other sandboxes.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use assay_sandbox::{Command, Image, Input, Limits, Profile, Runtime, Slot, View, WorkFile};
use serde_json::{Value, json};

use crate::Options;
use crate::assay_command::assay;
use crate::floor::Floor;
use crate::measure::{Bare, Machine, Random, Values, rounded};
use crate::peers;

/// What the executor gives a run.
pub(crate) fn limits() -> Limits {
    Limits {
        cpu: Duration::from_secs(10),
        cpu_margin: Duration::ZERO,
        wall: Duration::from_secs(21),
        wall_margin: Duration::ZERO,
        memory_bytes: 256 << 20,
        pids: 64,
        stdout_bytes: 8 << 20,
        stderr_bytes: 64 << 10,
        file_bytes: 64 << 20,
        inodes: 16_384,
    }
}

pub(crate) fn runtime() -> Runtime {
    Runtime::new(View { image: Image::Host, read_only: Vec::new() }).unwrap()
}

/// A way to run a program.
pub(crate) enum Way {
    Bare(Bare),
    /// A slot of the worker, with the program's files placed for each run as the executor does it.
    Slot {
        slot: Box<Slot>,
        command: Command,
        limits: Limits,
        files: Vec<WorkFile>,
    },
    Floor(Floor),
}

impl Way {
    pub(crate) fn run(&mut self) {
        match self {
            Self::Bare(bare) => drop(bare.run().unwrap()),
            Self::Slot { slot, command, limits, files } => {
                let work = slot.workspace(limits, &[files]).unwrap();
                let outcome = slot.run(command, limits, &work, &Input::empty()).unwrap();
                assert!(outcome.end == assay_sandbox::End::Code(0) && outcome.stopped.is_none(), "{outcome:?}");
            }
            Self::Floor(floor) => floor.run(),
        }
    }

    pub(crate) fn close(self) {
        match self {
            Self::Bare(_) => {}
            Self::Slot { slot, .. } => slot.close().unwrap(),
            Self::Floor(floor) => floor.close(),
        }
    }
}

/// The same program in one sandbox, twice, for two at a time.
struct Contender {
    name: String,
    ways: [Way; 2],
    wall_us: Values,
    /// Of blocks with two at a time.
    rates: Values,
    cpu_us: Values,
}

impl Contender {
    fn new(name: &str, ways: [Way; 2]) -> Self {
        let (wall_us, rates, cpu_us) = Default::default();
        Self { name: name.to_owned(), ways, wall_us, rates, cpu_us }
    }
}

/// A slot that runs this command; a program that is not the system's is placed in its work directory.
pub(crate) fn in_slot(slot: Slot, argv: &[&str]) -> Way {
    let mut argv: Vec<String> = argv.iter().map(|&argument| argument.to_owned()).collect();
    let mut files = Vec::new();
    if !argv[0].starts_with("/usr/") {
        let content = fs::read(&argv[0]).unwrap();
        files.push(WorkFile::new("program", content).with_mode(true).shown());
        "/work/program".clone_into(&mut argv[0]);
    }
    let command = Command { argv, env: Vec::new(), profile: Profile::Run };
    Way::Slot { slot: Box::new(slot), command, limits: limits(), files }
}

/// Compiles a program as the worker does.
pub(crate) fn compile(compiler: &str, source: &str, dir: &Path, name: &str) -> String {
    let extension = if compiler == "/usr/bin/g++" { "cpp" } else { "c" };
    let (input, output) = (dir.join(format!("{name}.{extension}")), dir.join(name));
    fs::write(&input, source).unwrap();
    let (input, output) = (input.to_str().unwrap(), output.to_str().unwrap().to_owned());
    let path = ("PATH".to_owned(), "/usr/bin:/bin".to_owned());
    let compile = Bare { env: vec![path], ..Bare::new(&[compiler, "-O2", "-pipe", "-static", "-o", &output, input]) };
    compile.run().unwrap();
    output
}

const HELLO: &str = "#include <iostream>\nint main() { std::cout << \"hello\\n\"; }\n";

pub(crate) fn measure(options: &Options, machine: &Machine, dir: &Path, report: &mut Value) {
    let dir = dir.join("programs");
    fs::create_dir(&dir).unwrap();
    let trivial = compile("/usr/bin/gcc", "int main(void) { return 0; }\n", &dir, "trivial");
    let hello = compile("/usr/bin/g++", HELLO, &dir, "hello");
    let rounds = if options.quick { 40 } else { 300 };

    println!("\n== one run of a trivial static program, {rounds} rounds");
    let runtime = runtime();
    let mut numbers = 0..;
    let mut contenders = contenders(&runtime, &mut numbers, &[&trivial], &dir, true);
    take_turns(&mut contenders, rounds);
    let (blocks, seconds) = if options.quick { (2, 0.5) } else { (7, 1.0) };
    two_at_a_time(&mut contenders, machine, blocks, seconds);
    print(&contenders);
    let of = |name: &str| contenders.iter().find(|contender| contender.name == name);
    let [bare, assay, command, floor] = ["bare", "assay", "assay run", "floor"].map(|name| of(name).unwrap());
    report["trivial"] = json!({
        "wall_ratio": rounded(assay.wall_us.median() / bare.wall_us.median()),
        "cpu_ratio": rounded(assay.cpu_us.median() / bare.cpu_us.median()),
        "rate_ratio": rounded(assay.rates.median() / bare.rates.median()),
        "floor": {
            "cpu_ratio": rounded(floor.cpu_us.median() / bare.cpu_us.median()),
            "rate_ratio": rounded(floor.rates.median() / bare.rates.median()),
        },
        "sandboxes": table(&contenders),
    });
    if let Some(bwrap) = of("bwrap") {
        report["cli_vs_bwrap"] = json!(rounded(command.wall_us.median() / bwrap.wall_us.median()));
    }
    close(contenders);

    let mut added = serde_json::Map::new();
    for (name, argv) in [("python", &["/usr/bin/python3", "-c", "pass"][..]), ("cpp", &[hello.as_str()][..])] {
        println!("\n== one run of a trivial {name} program, {rounds} rounds");
        let mut contenders = self::contenders(&runtime, &mut numbers, argv, &dir, false);
        take_turns(&mut contenders, rounds);
        print(&contenders);
        let over = |fraction: f64| {
            let of = |index: usize| contenders[index].wall_us.quantile(fraction);
            json!(rounded((of(1) - of(0)) / 1000.0))
        };
        added.insert(name.to_owned(), over(0.5));
        added.insert(format!("{name}_p99"), over(0.99));
        close(contenders);
    }
    report["added_ms"] = Value::Object(added);
    runtime.close().unwrap();
}

/// Bare first, then Assay from the inside, from the outside, and the others.
fn contenders(
    runtime: &Runtime,
    numbers: &mut impl Iterator<Item = usize>,
    argv: &[&str],
    dir: &Path,
    all: bool,
) -> Vec<Contender> {
    let mut slot = || in_slot(runtime.slot(numbers.next().unwrap(), None).unwrap(), argv);
    let bare = || Way::Bare(Bare::new(argv));
    let mut contenders = vec![Contender::new("bare", [bare(), bare()]), Contender::new("assay", [slot(), slot()])];
    let assay = assay();
    let mut command = vec![&*assay, "run", "--"];
    command.extend(argv);
    let run = || Way::Bare(Bare::new(&command));
    contenders.push(Contender::new("assay run", [run(), run()]));
    if all {
        contenders.push(Contender::new("floor", Floor::two(argv[0], dir).map(Way::Floor)));
    }
    let peers = if all { peers::all(argv, dir) } else { Vec::new() };
    for (name, peer) in peers {
        contenders.push(Contender::new(&name, [Way::Bare(peer.clone()), Way::Bare(peer)]));
    }
    contenders
}

fn take_turns(contenders: &mut [Contender], rounds: usize) {
    let mut random = Random::new();
    let mut order: Vec<usize> = (0..contenders.len()).collect();
    // The first ones warm up.
    for round in 0..rounds + 5 {
        random.shuffle(&mut order);
        for &index in &order {
            let contender = &mut contenders[index];
            let begun = Instant::now();
            contender.ways[0].run();
            let took = begun.elapsed();
            if round >= 5 {
                contender.wall_us.push(took.as_secs_f64() * 1e6);
            }
        }
    }
}

/// Runs per second and CPU time of the machine per run, with two slots busy.
fn two_at_a_time(contenders: &mut [Contender], machine: &Machine, blocks: usize, seconds: f64) {
    let mut random = Random::new();
    let mut order: Vec<usize> = (0..contenders.len()).collect();
    let mut baselines = Values::default();
    for _ in 0..blocks {
        random.shuffle(&mut order);
        baselines.push(machine.baseline(seconds / 2.0));
        for &index in &order {
            let contender = &mut contenders[index];
            let (runs, took) = machine.took(baselines.median(), || busy(&mut contender.ways, seconds));
            contender.rates.push(runs as f64 / took.wall);
            contender.cpu_us.push(took.cpu * 1e6 / runs as f64);
        }
    }
}

/// Keeps all of these busy for so long, each in a thread. How many runs there were.
pub(crate) fn busy(ways: &mut [Way], seconds: f64) -> u64 {
    let (runs, over) = (AtomicU64::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for way in ways {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    way.run();
                    runs.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        std::thread::sleep(Duration::from_secs_f64(seconds));
        over.store(true, Ordering::Relaxed);
    });
    runs.into_inner()
}

fn table(contenders: &[Contender]) -> Value {
    contenders
        .iter()
        .map(|contender| {
            json!({
                "sandbox": contender.name, "wall_us": rounded(contender.wall_us.median()),
                "wall_p99_us": rounded(contender.wall_us.quantile(0.99)), "cpu_us": rounded(contender.cpu_us.median()),
                "runs_per_second": rounded(contender.rates.median()),
            })
        })
        .collect()
}

fn print(contenders: &[Contender]) {
    let bare = &contenders[0];
    println!(
        "{:12} {:>9} {:>9} {:>9} {:>7}   {:>11} {:>7} {:>9} {:>7}",
        "", "p50 us", "p90 us", "p99 us", "ratio", "CPU us/run", "ratio", "runs/s", "ratio"
    );
    for contender in contenders {
        let wall = &contender.wall_us;
        print!(
            "{:12} {:9.0} {:9.0} {:9.0} {:7.2}",
            contender.name,
            wall.median(),
            wall.quantile(0.9),
            wall.quantile(0.99),
            wall.median() / bare.wall_us.median()
        );
        if contender.rates.is_empty() {
            println!();
            continue;
        }
        let (cpu, rate) = (contender.cpu_us.median(), contender.rates.median());
        println!("   {cpu:11.0} {:7.2} {rate:9.0} {:7.2}", cpu / bare.cpu_us.median(), rate / bare.rates.median());
    }
}

fn close(contenders: Vec<Contender>) {
    contenders.into_iter().flat_map(|contender| contender.ways).for_each(Way::close);
}
