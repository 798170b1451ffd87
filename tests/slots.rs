//! Slots that have several runs: what is made ahead is what each run is promised, and what waits can be lost. A program of its own,
//! for it is its own launcher.

#![expect(clippy::print_stdout, reason = "a test program: it reports")]

use std::path::PathBuf;
use std::process::{Command as Process, ExitCode};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use assay_sandbox::{
    Command, End, Image, Input, Limits, Outcome, Party, Profile, Runtime, Slot, Stopped, View, WorkFile, interact,
    run_if_bootstrap,
};

const MIB: u64 = 1 << 20;

fn main() -> ExitCode {
    if let Some(code) = run_if_bootstrap() {
        return ExitCode::from(u8::try_from(code).unwrap_or(1));
    }
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("--close-idle") {
        with_slot(|_| ());
        return ExitCode::SUCCESS;
    }
    let tests: [(&str, fn()); 10] = [
        ("a_large_file_is_laid_out_while_processes_start", a_large_file_is_laid_out_while_processes_start),
        ("each_run_has_its_own_limits_whatever_was_likely", each_run_has_its_own_limits_whatever_was_likely),
        ("what_came_before_is_made_ahead", what_came_before_is_made_ahead),
        ("a_sandbox_that_dies_while_it_waits_is_replaced", a_sandbox_that_dies_while_it_waits_is_replaced),
        ("a_sandbox_may_die_at_any_moment", a_sandbox_may_die_at_any_moment),
        ("nobody_stays_on_the_cpu_of_the_beginning", nobody_stays_on_the_cpu_of_the_beginning),
        ("a_run_that_is_stopped_as_it_begins_is_not_lost", a_run_that_is_stopped_as_it_begins_is_not_lost),
        (
            "an_interactor_may_decide_before_the_program_has_begun",
            an_interactor_may_decide_before_the_program_has_begun,
        ),
        ("a_launcher_keeps_nothing_of_its_runs", a_launcher_keeps_nothing_of_its_runs),
        ("an_idle_slot_closes_at_once_whoever_tells_its_init", an_idle_slot_closes_at_once_whoever_tells_its_init),
    ];
    for (name, test) in tests {
        test();
        println!("test {name} ... ok");
    }
    println!("slots: {} passed", tests.len());
    ExitCode::SUCCESS
}

fn with_slot<T>(work: impl FnOnce(&mut Slot) -> T) -> T {
    let runtime = Runtime::new(View { image: Image::Host, read_only: Vec::new() }).expect("control groups");
    let mut slot = runtime.slot(0, None).expect("a slot");
    let result = work(&mut slot);
    slot.close().expect("the slot is closed");
    runtime.close().expect("its groups are removed");
    result
}

fn limits() -> Limits {
    Limits {
        cpu: Duration::from_secs(50),
        cpu_margin: Duration::ZERO,
        wall: Duration::from_secs(101),
        wall_margin: Duration::ZERO,
        memory_bytes: 128 * MIB,
        pids: 8,
        stdout_bytes: MIB,
        stderr_bytes: MIB,
        file_bytes: 8 * MIB,
        inodes: 100,
    }
}

/// Tells on which CPUs it may run and how large the file systems are, and takes as much memory and as many processes as it is told.
const PROGRAM: &str = "import os, sys, time\n\
    memory, processes = int(sys.argv[1]), int(sys.argv[2])\n\
    print(*sorted(os.sched_getaffinity(0)))\n\
    for place in ['/tmp', '/dev/shm', '/work']:\n\
    \x20   s = os.statvfs(place); print(s.f_blocks * s.f_frsize >> 20, s.f_files)\n\
    x = bytearray(memory << 20)\n\
    made = 0\n\
    for _ in range(processes):\n\
    \x20   try: pid = os.fork()\n\
    \x20   except OSError: break\n\
    \x20   if pid == 0: time.sleep(60)\n\
    \x20   made += 1\n\
    print(made, flush=True)\n\
    os._exit(0)";

fn run(slot: &mut Slot, limits: &Limits, memory_mib: u64, processes: u32) -> Outcome {
    let argv = ["/usr/bin/python3", "-c", PROGRAM, &memory_mib.to_string(), &processes.to_string()];
    let command = Command { argv: argv.map(str::to_owned).to_vec(), env: Vec::new(), profile: Profile::Run };
    let work = slot.workspace(limits, &[]).expect("a work directory");
    slot.run(&command, limits, &work, &Input::empty()).expect("a run")
}

/// What a run with these limits must tell that has enough of everything.
fn expected(limits: &Limits, processes: u32) -> String {
    let (mib, files) = (limits.file_bytes / MIB, limits.inodes + 1);
    let mut cpus = assay_sandbox::cpus().expect("this process's CPUs");
    cpus.sort_unstable();
    let cpus: Vec<String> = cpus.iter().map(u32::to_string).collect();
    format!("{}\n{mib} {files}\n{mib} {files}\n{mib} {files}\n{processes}\n", cpus.join(" "))
}

fn told(outcome: &Outcome) -> String {
    String::from_utf8_lossy(&outcome.stdout.bytes).into_owned()
}

fn each_run_has_its_own_limits_whatever_was_likely() {
    let usual = limits();
    let others = [
        Limits { memory_bytes: 32 * MIB, ..usual.clone() },
        Limits { memory_bytes: 512 * MIB, ..usual.clone() },
        Limits { pids: 3, ..usual.clone() },
        Limits { pids: 20, ..usual.clone() },
        Limits { file_bytes: 2 * MIB, ..usual.clone() },
        Limits { file_bytes: 64 * MIB, inodes: 1000, ..usual.clone() },
    ];
    with_slot(|slot| {
        for other in &others {
            for _ in 0..3 {
                let outcome = run(slot, &usual, 64, 30);
                assert_eq!(told(&outcome), expected(&usual, usual.pids - 1), "{outcome:?}");
            }
            // Twice what it may have, and then half of it.
            let outcome = run(slot, other, other.memory_bytes / MIB * 2, 0);
            assert!(outcome.usage.memory_limit_reached && outcome.usage.oom_kills > 0, "{other:?}: {outcome:?}");
            let outcome = run(slot, other, other.memory_bytes / MIB / 4, 30);
            assert_eq!(told(&outcome), expected(other, other.pids - 1), "{other:?}: {outcome:?}");
        }
    });
}

/// Files of this process's groups whose path ends so.
fn group_files(end: &str) -> Vec<PathBuf> {
    let session = format!("{}-", std::process::id());
    let roots = ["/sys/fs/cgroup/assay", "/sys/fs/cgroup/memory/assay"];
    let sessions = roots.iter().filter_map(|root| std::fs::read_dir(root).ok()).flatten().flatten();
    let own = sessions.filter(|entry| entry.file_name().to_string_lossy().starts_with(&session));
    own.map(|entry| entry.path().join(end)).filter(|path| path.exists()).collect()
}

fn what_came_before_is_made_ahead() {
    let limits = limits();
    with_slot(|slot| {
        let limit_of = |number: u32| -> Vec<String> {
            let names = ["memory.limit_in_bytes", "memory.max"];
            let files = names.iter().flat_map(|name| group_files(&format!("slot0/run{number}/{name}")));
            files.map(|file| std::fs::read_to_string(file).expect("a limit").trim().to_owned()).collect()
        };
        let wanted = vec![limits.memory_bytes.to_string()];
        for number in 1..=3 {
            assert!(run(slot, &limits, 1, 0).usage.oom_kills == 0);
            slot.settle();
            assert_eq!(limit_of(number + 1) == wanted, number > 1, "after run {number}: {:?}", limit_of(number + 1));
        }
        let larger = Limits { memory_bytes: limits.memory_bytes * 2, ..limits.clone() };
        run(slot, &larger, 1, 0);
        slot.settle();
        assert_ne!(limit_of(5), wanted, "what comes after another one is not known yet");
    });
}

/// The processes that have this one as their parent.
fn children(of: u32) -> Vec<u32> {
    let parent = format!("PPid:\t{of}\n");
    let processes = std::fs::read_dir("/proc").expect("/proc").flatten();
    let own = processes
        .filter(|entry| std::fs::read_to_string(entry.path().join("status")).is_ok_and(|text| text.contains(&parent)));
    own.filter_map(|entry| entry.file_name().to_string_lossy().parse().ok()).collect()
}

fn a_sandbox_that_dies_while_it_waits_is_replaced() {
    let limits = limits();
    with_slot(|slot| {
        for times in 0..3 {
            for _ in 0..times {
                run(slot, &limits, 1, 0);
            }
            slot.settle();
            let launcher = launcher();
            let [init] = children(launcher)[..] else { panic!("an init") };
            assert!(Process::new("kill").args(["-9", &init.to_string()]).status().expect("kill").success());
            // Until it is dead its channel takes a request, which is then lost: the run fails, and is one to be tried again.
            let begun = Instant::now();
            while !children(launcher).is_empty() {
                assert!(begun.elapsed() < Duration::from_secs(10), "the launcher reaps its init");
                std::thread::yield_now();
            }
            let outcome = run(slot, &limits, 64, 30);
            assert_eq!(told(&outcome), expected(&limits, limits.pids - 1), "{outcome:?}");
        }
    });
}

/// The launcher of a process's only slot.
fn launcher() -> u32 {
    let [launcher] = children(std::process::id())[..] else { panic!("one launcher") };
    launcher
}

/// Launcher, init and, before it executes the command, the program's process use one heap in turns. Who is killed while it has that
/// takes the launcher with it, and nothing else.
fn a_sandbox_may_die_at_any_moment() {
    let limits = limits();
    let (mut lost, mut done, mut replaced) = (0, 0, 0);
    with_slot(|slot| {
        for turn in 0..600 {
            slot.settle();
            let launcher = launcher();
            let result = std::thread::scope(|scope| {
                // The sandbox that waits, or its program alone; the one that takes the request; the one that is made afterwards.
                let victim = turn % 3;
                let init = children(launcher);
                let program: Vec<u32> = init.iter().flat_map(|init| children(*init)).collect();
                scope.spawn(move || {
                    let begun = Instant::now();
                    while begun.elapsed() < Duration::from_micros(turn * 3) {
                        std::hint::spin_loop();
                    }
                    let victims = match victim {
                        0 => init,
                        1 => program,
                        _ => children(launcher),
                    };
                    for pid in victims {
                        let pid = nix::unistd::Pid::from_raw(i32::try_from(pid).expect("a process id"));
                        let _ended_by_itself = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).is_err();
                    }
                });
                let work = slot.workspace(&limits, &[]).expect("a work directory");
                let argv = ["/bin/echo", "right"].map(str::to_owned).to_vec();
                let command = Command { argv, env: Vec::new(), profile: Profile::Run };
                slot.run(&command, &limits, &work, &Input::empty())
            });
            match result {
                Ok(outcome) if outcome.end == End::Code(0) => {
                    assert_eq!(told(&outcome), "right\n", "{outcome:?}");
                    done += 1;
                }
                // Killed by whom the program cannot have asked for it.
                Ok(outcome) => assert_eq!(outcome.end, End::Signal(9), "{outcome:?}"),
                Err(_) => lost += 1,
            }
            slot.settle();
            if slot.is_broken() {
                drop(slot.renew().expect("another slot").close());
                replaced += 1;
            }
        }
    });
    println!("{lost} of 600 runs were lost, {done} were not; the launcher was replaced {replaced} times");
    assert!(lost > 0 && done > 0 && replaced > 0 && replaced < 600);
}

/// A launcher makes a sandbox on one CPU, and neither it nor the init stays bound to that.
fn nobody_stays_on_the_cpu_of_the_beginning() {
    let limits = limits();
    let argv = ["/bin/sleep", "100"].map(str::to_owned).to_vec();
    let command = Command { argv, env: Vec::new(), profile: Profile::Run };
    let allowed = |pid: u32| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        status.lines().find(|line| line.starts_with("Cpus_allowed_list")).map(str::to_owned)
    };
    let own = allowed(std::process::id());
    assert!(own.is_some());
    with_slot(|slot| {
        slot.settle();
        let launcher = launcher();
        std::thread::scope(|scope| {
            let running = scope.spawn(|| {
                let work = slot.workspace(&limits, &[]).expect("a work directory");
                slot.run(&command, &limits, &work, &Input::empty()).expect("a run")
            });
            let begun = Instant::now();
            let program = loop {
                let inits = children(launcher);
                let programs = inits.iter().flat_map(|init| children(*init));
                let all: Vec<u32> = [launcher].into_iter().chain(inits.iter().copied()).chain(programs).collect();
                if let [_, _, program] = all[..]
                    && all.iter().all(|pid| allowed(*pid) == own)
                {
                    break program;
                }
                assert!(begun.elapsed() < Duration::from_secs(10), "{all:?} stay on one CPU");
                std::thread::yield_now();
            };
            assert!(Process::new("kill").arg(program.to_string()).status().expect("kill").success());
            assert_eq!(running.join().expect("it ends").end, End::Signal(15));
        });
    });
}

fn a_run_that_is_stopped_as_it_begins_is_not_lost() {
    let limits = Limits { wall: Duration::from_micros(1), ..limits() };
    let argv = ["/bin/sleep", "100"].map(str::to_owned).to_vec();
    let command = Command { argv, env: Vec::new(), profile: Profile::Run };
    with_slot(|slot| {
        let launcher = launcher();
        for _ in 0..300 {
            let work = slot.workspace(&limits, &[]).expect("a work directory");
            let outcome = slot.run(&command, &limits, &work, &Input::empty()).expect("a run");
            assert_eq!(outcome.stopped, Some(Stopped::Wall), "{outcome:?}");
        }
        assert_eq!(launcher, self::launcher(), "it goes on");
    });
}

fn an_interactor_may_decide_before_the_program_has_begun() {
    let limits = limits();
    let command = |argv: &[&str]| {
        let argv = argv.iter().map(|&argument| argument.to_owned()).collect();
        Command { argv, env: Vec::new(), profile: Profile::Run }
    };
    let (program, interactor) = (command(&["/bin/sleep", "100"]), command(&["/bin/sh", "-c", "exit 43"]));
    let runtime = Runtime::new(View { image: Image::Host, read_only: Vec::new() }).expect("control groups");
    let mut slots = [0, 1].map(|index| runtime.slot(index, None).expect("a slot"));
    for _ in 0..200 {
        let [first, second] = &mut slots;
        let (work, its_work) = (first.workspace(&limits, &[]), second.workspace(&limits, &[]));
        let (work, its_work) = (work.expect("a work directory"), its_work.expect("a work directory"));
        let mut program = Party { slot: first, command: &program, limits: &limits, work: &work };
        let mut interactor = Party { slot: second, command: &interactor, limits: &limits, work: &its_work };
        let talked = interact(&mut program, &mut interactor, &|code| code == 42, 0).expect("an interaction");
        assert_eq!(talked.interactor.end, End::Code(43), "{talked:?}");
        assert_eq!(talked.program.stopped, Some(Stopped::Interactor), "{talked:?}");
    }
    for slot in slots {
        slot.close().expect("the slot is closed");
    }
    runtime.close().expect("its groups are removed");
}

fn a_launcher_keeps_nothing_of_its_runs() {
    let limits = Limits { wall: Duration::from_millis(30), stdout_bytes: 100, ..limits() };
    let commands = [
        "true",
        "exec /nowhere/nothing",
        "kill -9 $$",
        "sleep 100",
        "head -c 1000000 /dev/zero",
        "sleep 100 & exit 3",
        "exec python3 -c 'import ctypes; ctypes.CDLL(None).mount(0, 0, 0, 0, 0)'",
    ];
    let kept = |launcher: u32| {
        let status = std::fs::read_to_string(format!("/proc/{launcher}/status")).expect("its status");
        let field = |name: &str| -> u64 {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a field");
            line.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
        };
        let descriptors = std::fs::read_dir(format!("/proc/{launcher}/fd")).expect("its descriptors").count();
        (field("RssAnon:"), field("VmData:"), descriptors)
    };
    with_slot(|slot| {
        let mut some = |count: usize| {
            for number in 0..count {
                let work = slot.workspace(&limits, &[]).expect("a work directory");
                let line = commands[number % commands.len()];
                // A command that is not there fails in the program's process; a large environment is what is kept if anything is.
                let argv = if number % 8 == 0 { vec!["/nowhere/nothing"] } else { vec!["/bin/sh", "-c", line] };
                let argv = argv.into_iter().map(str::to_owned).collect();
                let env = vec![("LARGE".to_owned(), "x".repeat(20_000))];
                let run = slot.run(&Command { argv, env, profile: Profile::Run }, &limits, &work, &Input::empty());
                assert_eq!(run.is_err(), number % 8 == 0, "{run:?}");
            }
            slot.settle();
            kept(launcher())
        };
        let (first, second) = (some(100), some(400));
        println!("a launcher after 100 and 500 runs: {first:?}, {second:?} (KiB, KiB, descriptors)");
        assert!(second.0 <= first.0 + 16 && second.1 <= first.1 + 256 && second.2 == first.2, "{first:?}, {second:?}");
    });
}

fn a_large_file_is_laid_out_while_processes_start() {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                assert!(Process::new("/bin/true").status().expect("a process").success());
            }
        });
        with_slot(|slot| {
            for _ in 0..500 {
                let file = WorkFile::new("program", vec![0; 128 << 10]).shown();
                let work = slot.workspace(&limits(), &[&[file]]);
                over.store(work.is_err(), Ordering::Relaxed);
                work.expect("a work directory");
            }
        });
        over.store(true, Ordering::Relaxed);
    });
}

fn an_idle_slot_closes_at_once_whoever_tells_its_init() {
    for off in ["die-with-worker", "die-with-launcher"] {
        let begun = Instant::now();
        let closed = Process::new(std::env::current_exe().expect("this program"))
            .arg("--close-idle")
            .env("ASSAY_TEST_DEFENCE_OFF", off)
            .status()
            .expect("this program starts");
        assert!(closed.success(), "{off}");
        assert!(begun.elapsed() < Duration::from_secs(15), "{off}: it was waited for");
    }
}
