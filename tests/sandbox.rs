//! Hostile and ordinary programs through the real binary: what they are told, and that nothing is left of them.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use serde_json::Value;

/// Hostile programs are run one at a time, so that what is left can be told apart.
static ONE: Mutex<()> = Mutex::new(());

fn run(options: &[&str], command: &[&str]) -> Value {
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let output = Command::new(env!("CARGO_BIN_EXE_assay"))
        .arg("run")
        .arg("--json")
        .args(options)
        .arg("--")
        .args(command)
        .stdin(Stdio::null())
        .output()
        .expect("the binary starts");
    assert_eq!(left_over(), Vec::<String>::new(), "control groups are left");
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {text} {}", String::from_utf8_lossy(&output.stderr)))
}

/// Control groups that a run left, below any hierarchy.
fn left_over() -> Vec<String> {
    let mut found = Vec::new();
    for root in ["/sys/fs/cgroup", "/sys/fs/cgroup/memory", "/sys/fs/cgroup/pids", "/sys/fs/cgroup/unified"] {
        let base = Path::new(root).join("assay");
        for entry in std::fs::read_dir(&base).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let owner = name.split('-').next().unwrap_or_default().to_owned();
            if entry.path().is_dir() && !Path::new("/proc").join(owner).exists() {
                found.push(entry.path().display().to_string());
            }
        }
    }
    found
}

fn python(options: &[&str], program: &str) -> Value {
    let mut command = vec!["/usr/bin/python3", "-c"];
    command.push(program);
    run(options, &command)
}

/// Small limits, but much time: a page of memory can cost a guest without hardware help a fifth of a millisecond, and only the
/// tests of the time limits may depend on how fast the machine is.
const SMALL: &[&str] =
    &["--cpu-ms", "60000", "--wall-ms", "120000", "--memory-mib", "64", "--pids", "16", "--file-mib", "8"];

#[test]
fn a_program_sees_what_it_should_and_no_more() {
    let program = "import os\n\
        status = dict(line.split(':', 1) for line in open('/proc/self/status'))\n\
        for name in ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']: assert int(status[name], 16) == 0, name\n\
        assert status['NoNewPrivs'].strip() == '1' and status['Seccomp'].strip() == '2'\n\
        assert os.getuid() == os.geteuid() == 1000 and os.getgroups() in ([], [1000]) and os.getpid() == 2 and os.getppid() == 1\n\
        assert os.getcwd() == '/work' and sorted(os.listdir('/dev')) == sorted('fd full null random shm stderr stdin stdout urandom zero'.split())\n\
        assert not os.path.exists('/sys') and not os.path.exists('/root') and not os.path.exists('/proc/kallsyms')\n\
        assert [n for n in os.listdir('/proc') if not n.isdigit()] in ([], ['self', 'thread-self'], ['thread-self', 'self'])\n\
        assert sorted(os.environ) == ['HOME', 'LANG', 'PATH'], os.environ\n\
        assert sorted(map(int, os.listdir('/proc/self/fd')))[:3] == [0, 1, 2] and len(os.listdir('/proc/self/fd')) == 4\n\
        assert open('/proc/self/cgroup').read().count('assay') == 0, open('/proc/self/cgroup').read()\n\
        ok = []\n\
        for base in ['/', '/usr', '/etc', '/dev', '/work', '/tmp', '/dev/shm', '/proc']:\n\
        \x20   try: open(base + '/x', 'w').close(); ok.append(base)\n\
        \x20   except OSError: pass\n\
        assert ok == ['/work', '/tmp', '/dev/shm'], ok\n\
        print('fine')";
    let report = python(SMALL, program);
    assert_eq!(report["stdout"], "fine\n", "{report}");
    assert_eq!(report["verdict"], "AC");
}

#[test]
fn limits_stop_what_crosses_them() {
    let cases: &[(&str, &str, &[&str])] = &[
        ("while True: pass", "TLE", &["--cpu-ms", "1000"]),
        ("import time; time.sleep(60)", "ILE", &["--wall-ms", "1000"]),
        (
            "import signal, time\nfor s in (15, 24, 14): signal.signal(s, signal.SIG_IGN)\nwhile True: pass",
            "TLE",
            &["--cpu-ms", "1000"],
        ),
        ("x = bytearray(200 << 20)", "MLE", &[]),
        ("while True: print('y' * 65536)", "OLE", &["--stdout-bytes", "1000000"]),
        ("import sys\nsys.stderr.write('y' * (8 << 20)); print(1)", "AC", &[]),
        ("import os; os.kill(os.getpid(), 11)", "RTE", &[]),
        ("raise SystemExit(137)", "RTE", &[]),
    ];
    for (program, verdict, limits) in cases {
        let report = python(&[SMALL, limits].concat(), program);
        assert_eq!(report["verdict"], *verdict, "{program}: {report}");
    }
}

#[test]
fn memory_of_many_processes_counts_together() {
    let program = "import os, time\n\
        for i in range(8):\n\
        \x20   if os.fork() == 0:\n\
        \x20       x = bytearray(20 << 20); time.sleep(60); os._exit(0)\n\
        time.sleep(60)";
    assert_eq!(python(SMALL, program)["verdict"], "MLE");
}

#[test]
fn a_fork_bomb_is_stopped_by_the_process_limit() {
    let bomb = "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass";
    let report = python(&[SMALL, &["--cpu-ms", "2000"]].concat(), bomb);
    assert!(["TLE", "ILE", "MLE"].contains(&report["verdict"].as_str().unwrap_or_default()), "{report}");
    assert!(report["pids_peak"].is_null() || report["pids_peak"].as_u64() <= Some(16), "{report}");
}

#[test]
fn a_daemon_dies_with_its_program_and_holds_up_nothing() {
    let program = "import os, time, sys\n\
        if os.fork() == 0:\n\
        \x20   os.setsid()\n\
        \x20   if os.fork() == 0:\n\
        \x20       time.sleep(600)\n\
        \x20   os._exit(0)\n\
        print('done')";
    let report = python(&["--wall-ms", "20000"], program);
    assert_eq!(report["verdict"], "AC", "{report}");
    assert!(report["wall_us"].as_u64() < Some(10_000_000), "{report}");
}

/// The kernel's own limit of CPU time counts ticks, by several per cent too many on a crowded machine, and kills without a word. It
/// must not come before the control group's account.
#[test]
fn the_kernels_own_limit_of_cpu_time_is_far_above() {
    let report = python(SMALL, "import resource; print(resource.getrlimit(resource.RLIMIT_CPU)[1])");
    let seconds: u64 = report["stdout"].as_str().unwrap_or_default().trim().parse().expect("a number");
    assert!((120..3600).contains(&seconds), "{seconds}");
}

#[test]
fn full_disks_and_inodes_are_the_programs_own() {
    let fill = "f = open('/work/x', 'wb')\nwhile True: f.write(b'x' * 65536)";
    let report = python(SMALL, fill);
    assert!(["RTE", "MLE"].contains(&report["verdict"].as_str().unwrap_or_default()), "{report}");
    let inodes = "i = 0\nwhile True:\n  open(f'/tmp/{i}', 'w').close(); i += 1";
    let report = python(&["--cpu-ms", "5000"], inodes);
    assert!(["RTE", "TLE"].contains(&report["verdict"].as_str().unwrap_or_default()), "{report}");
}

#[test]
fn what_is_placed_takes_nothing_of_the_file_limit() {
    let large = std::env::temp_dir().join(format!("assay-large-{}", std::process::id()));
    std::fs::write(&large, vec![b'x'; 3 << 20]).expect("a temporary file");
    let large = large.to_str().expect("UTF-8");
    let name = large.rsplit('/').next().unwrap_or_default();
    let program = format!(
        "import os\nprint(os.path.getsize('{name}'))\n\
         with open('x', 'wb') as f: f.write(b'x' * (1 << 20))\n\
         try:\n  with open('y', 'wb') as f: f.write(b'x' * 8192)\n\
         except OSError as e: print('full')"
    );
    let report = python(&["--file-mib", "1", "--file", large], &program);
    let none = python(&["--file-mib", "0", "--file", large], "open('/tmp/x', 'w').write('x' * 8192)");
    std::fs::remove_file(large).expect("the temporary file");
    assert_eq!(report["stdout"], "3145728\nfull\n", "{report}");
    assert_eq!(none["verdict"], "RTE", "{none}");
}

#[test]
fn the_limits_of_the_worker_are_not_those_of_the_program() {
    let program = "import resource as r\n\
        names = ['AS', 'DATA', 'RSS', 'STACK', 'FSIZE', 'CPU', 'NOFILE', 'CORE', 'MEMLOCK', 'MSGQUEUE', 'SIGPENDING']\n\
        print([r.getrlimit(getattr(r, 'RLIMIT_' + name)) for name in names], r.getrlimit(r.RLIMIT_NPROC)[0] not in range(32768))";
    let worker =
        [env!("CARGO_BIN_EXE_assay"), "run", "--json", "--memory-mib", "64", "--file-mib", "8", "--cpu-ms", "9000"];
    let limits = |outer: &[&str]| {
        let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut command = Command::new("prlimit");
        command.args(outer).args(worker).args(["--", "/usr/bin/python3", "-c", program]).stdin(Stdio::null());
        let output = command.output().expect("prlimit starts");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        report["stdout"].as_str().map(str::to_owned).ok_or(errors)
    };
    let expected = "[(-1, -1), (-1, -1), (-1, -1), (-1, -1), (8388608, 8388608), (28, 28), \
        (256, 256), (1, 1), (65536, 65536), (0, 0), (256, 256)] True\n";
    for outer in [
        &["--stack=8388608:unlimited", "--as=4294967296:unlimited", "--core=0"][..],
        &["--stack=8388608"],
        &["--as=4294967296", "--data=2147483648", "--nproc=4096", "--fsize=65536", "--cpu=1000"],
        &["--nofile=128", "--sigpending=10", "--memlock=4096"],
    ] {
        match limits(outer) {
            Ok(limits) => assert_eq!(limits.replace("(0, 0), (65536", "(1, 1), (65536"), expected, "{outer:?}"),
            // Without the right to raise them that is told; never does a program get less than it was promised.
            Err(error) => {
                assert!(error.contains("could not set a resource limit"), "{outer:?}: {error}");
                assert!(!outer[0].contains("unlimited") && !may_raise_limits(), "{outer:?}: {error}");
            }
        }
    }
}

/// What is on standard input where there is nothing to read is the run's own, not the host's null device, whose times a program could
/// change and the next one read.
#[test]
fn nothing_to_read_is_no_file_of_the_host() {
    let of_host = || std::fs::metadata("/dev/null").and_then(|meta| meta.modified()).expect("/dev/null");
    let before = of_host();
    let program = "import os, stat\n\
        os.utime(0); now = os.fstat(0)\n\
        print(stat.S_ISREG(now.st_mode), now.st_size, os.read(0, 1))";
    assert_eq!(python(SMALL, program)["stdout"], "True 0 b''\n");
    assert_eq!(of_host(), before);
}

/// It is inherited, and then the kernel forgets children before they are waited for.
#[test]
fn a_caller_may_ignore_the_end_of_children() {
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let script = format!("trap '' CHLD; exec {} run --json -- /bin/sh -c 'exit 3'", env!("CARGO_BIN_EXE_assay"));
    let output = Command::new("/bin/sh").args(["-c", &script]).stdin(Stdio::null()).output().expect("sh starts");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    assert_eq!(report["exit_code"], 3, "{}", String::from_utf8_lossy(&output.stderr));
}

/// A batch of one shell script with one test.
fn one_line(dir: &std::path::Path, script: &str, expected: &str) -> std::path::PathBuf {
    let submission = serde_json::json!({
        "version": 1, "submission_id": "00000000-0000-4000-8000-000000000001", "language": "bash",
        "files": [{"name": "main.sh", "text": script}], "tests": [{"id": "1", "stdin": "", "expected": expected}],
    });
    let lines = dir.join("one.jsonl");
    std::fs::write(&lines, format!("{submission}\n")).expect("written");
    lines
}

/// What is ignored is inherited, too, across any execution: `nohup` ignores SIGHUP, and a shell SIGINT and SIGQUIT for what it starts in
/// the background.
#[test]
fn a_program_ignores_nothing_that_the_caller_ignores() {
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let dir = tempfile::tempdir().expect("a directory");
    let lines = one_line(dir.path(), "grep SigIgn /proc/self/status\n", "SigIgn: 0000000000000000\n");
    let ignoring = |arguments: &[&str]| {
        let script = "trap '' HUP INT QUIT TERM USR1 PIPE XFSZ RTMAX; exec \"$0\" \"$@\"";
        let mut command = Command::new("/bin/bash");
        command.args(["-c", script, env!("CARGO_BIN_EXE_assay")]).args(arguments).stdin(Stdio::null());
        let output = command.output().expect("bash starts");
        (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (one, _) = ignoring(&["run", "--", "/bin/grep", "SigIgn", "/proc/self/status"]);
    assert_eq!(one, "SigIgn:\t0000000000000000\n");
    let store = dir.path().join("store.sqlite");
    let (graded, errors) =
        ignoring(&["grade", "--json", "--store", store.to_str().expect("a path"), lines.to_str().expect("a path")]);
    assert!(graded.contains("\"verdict\":\"AC\""), "{graded}{errors}");
}

/// The machine's load would count every waiting slot (proc_loadavg(5)).
#[test]
fn a_sandbox_that_waits_sleeps() {
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let dir = tempfile::tempdir().expect("a directory");
    let lines = one_line(dir.path(), "sleep 3\n", "");
    // The second slot has nothing to do.
    let mut grading = Command::new(env!("CARGO_BIN_EXE_assay"))
        .args(["grade", "--json", "--slots", "2", "--store"])
        .args([dir.path().join("store.sqlite"), lines])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let worker = grading.id();
    let inits = || {
        let processes = std::fs::read_dir("/proc").expect("/proc").flatten();
        let stats = processes.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
        let fields = stats.filter_map(|stat| {
            let (name, rest) = stat.rsplit_once(')')?;
            let mut rest = rest.split_whitespace();
            Some((
                name.split(' ').next()?.parse::<u32>().ok()?,
                rest.next()?.to_owned(),
                rest.next()?.parse::<u32>().ok()?,
            ))
        });
        let all: Vec<(u32, String, u32)> = fields.collect();
        let children =
            |parents: Vec<u32>| all.iter().filter(|(.., parent)| parents.contains(parent)).cloned().collect::<Vec<_>>();
        let launchers = children(vec![worker]);
        children(launchers.into_iter().map(|(pid, ..)| pid).collect())
    };
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let is_asleep = loop {
        let inits = inits();
        if inits.len() == 2 && inits.iter().all(|(_, state, _)| state == "S") {
            break true;
        }
        if std::time::Instant::now() > until || grading.try_wait().expect("its state").is_some() {
            break false;
        }
        std::thread::yield_now();
    };
    grading.wait().expect("it ends");
    assert!(is_asleep);
}

fn may_raise_limits() -> bool {
    const CAP_SYS_RESOURCE: u32 = 24;
    let status = std::fs::read_to_string("/proc/self/status").expect("/proc/self/status");
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:")).unwrap_or_default();
    u64::from_str_radix(effective.trim(), 16).is_ok_and(|set| set & (1 << CAP_SYS_RESOURCE) != 0)
}

#[test]
fn forbidden_calls_kill_and_doubtful_ones_fail() {
    let call = |number: &str| {
        format!("import ctypes; print(ctypes.CDLL(None, use_errno=True).syscall({number}), ctypes.get_errno())")
    };
    for (name, number) in [
        ("ptrace", "101,0,0,0,0"),
        ("mount", "165,0,0,0,0,0"),
        ("unshare", "272,0x10000000"),
        ("setns", "308,0,0"),
        ("bpf", "321,0,0,0"),
        ("keyctl", "250,0"),
        ("chroot", "161,b'/'"),
        ("pivot_root", "155,0,0"),
        ("init_module", "175,0,0,0"),
        ("process_vm_readv", "310,1,0,0,0,0,0"),
        ("userfaultfd", "323,0"),
    ] {
        let report = python(SMALL, &call(number));
        assert_eq!(report["signal"], 31, "{number}: {report}");
        assert_eq!((&report["verdict"], &report["forbidden_call"]), (&"RTE".into(), &name.into()), "{report}");
        let number = number.split(',').next().unwrap_or_default();
        assert_eq!(report["reason"], format!("killed for the forbidden system call {name} ({number})"));
    }
    // It need not be the program itself.
    let child = format!(
        "import os, time\nif os.fork() == 0:\n  {}\nos.wait(); print('BREACH')",
        call("101,0,0,0,0").replace("; ", "\n  ")
    );
    let report = python(SMALL, &child);
    assert_eq!((&report["signal"], &report["stdout"]), (&31.into(), &"".into()), "{report}");
    // io_uring_setup, clone3: no such call. socket: no such family. setuid, clone with a new user namespace: refused.
    for (number, errno) in [
        ("425,1,0", 38),
        ("435,0,0", 38),
        ("41,2,1,0", 97),
        ("41,0x100000002,1,0", 97),
        ("105,0", 1),
        ("56,0x10000011,0,0,0,0", 1),
    ] {
        let report = python(SMALL, &call(number));
        assert_eq!(report["stdout"], format!("-1 {errno}\n"), "{number}: {report}");
    }
}

#[test]
fn a_forbidden_call_kills_where_another_filter_has_the_listener() {
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    // seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER) with a filter that allows everything. The listener
    // counts as long as somebody has it open.
    let outer = "import ctypes, os, struct, sys\n\
        allow = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 0x7fff0000), 8)\n\
        filter = ctypes.create_string_buffer(struct.pack('HxxxxxxQ', 1, ctypes.addressof(allow)), 16)\n\
        listener = ctypes.CDLL(None).syscall(317, 1, 8, filter)\n\
        os.set_inheritable(listener, True)\n\
        os.execv(sys.argv[1], sys.argv[1:])";
    let output = Command::new("/usr/bin/python3")
        .args(["-c", outer, env!("CARGO_BIN_EXE_assay"), "run", "--json", "--"])
        .args(["/usr/bin/unshare", "--user", "/bin/true"])
        .stdin(Stdio::null())
        .output()
        .expect("python starts");
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!((&report["verdict"], &report["signal"]), (&"RTE".into(), &31.into()), "{report}");
    assert_eq!(report["reason"], "killed by signal 31 (SIGSYS), its own or that of a forbidden system call");
}

#[test]
fn outputs_can_be_opened_by_their_names_to_write_only() {
    let program = "open('/dev/stdout', 'w').write('ok\\n')\nopen('/proc/self/fd/2', 'w').write('told\\n')\n\
        try: open('/dev/stdout', 'rb'); print('BREACH')\nexcept PermissionError: pass";
    let report = python(SMALL, program);
    assert_eq!((report["stdout"].as_str(), report["stderr"].as_str()), (Some("ok\n"), Some("told\n")), "{report}");
}

#[test]
fn threads_have_ordinary_stacks_whatever_the_memory_limit() {
    let program = "import threading\n\
        threads = [threading.Thread(target=lambda: None) for _ in range(8)]\n\
        for thread in threads: thread.start()\n\
        for thread in threads: thread.join()\nprint('fine')";
    let report = python(&["--memory-mib", "1048576"], program);
    assert_eq!(report["stdout"], "fine\n", "{report}");
}

#[test]
fn the_input_cannot_be_rewritten() {
    let program = "import os\n\
        try:\n\
        \x20   f = os.open('/proc/self/fd/0', os.O_RDWR); os.write(f, b'changed'); print('BREACH')\n\
        except OSError as e: print('refused')";
    let input = std::env::temp_dir().join(format!("assay-input-{}", std::process::id()));
    std::fs::write(&input, "data").expect("a temporary file");
    let report = python(&["--stdin", input.to_str().expect("UTF-8")], program);
    std::fs::remove_file(&input).expect("the temporary file");
    assert_eq!(report["stdout"], "refused\n", "{report}");
}

#[test]
fn a_program_outside_the_image_is_copied_and_bad_commands_are_told() {
    let report = run(&[], &["/bin/echo", "a", "b"]);
    assert_eq!(report["stdout"], "a b\n");
    for command in ["no-such-program", "/usr/no/such", "/etc/passwd"] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_assay")).args(["run", "--", command]).stdin(Stdio::null()).output();
        let output = output.expect("the binary starts");
        assert_eq!(output.status.code(), Some(2), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_program_may_use_every_cpu_of_the_caller() {
    let cpus =
        |command: &mut Command| String::from_utf8_lossy(&command.output().expect("an answer").stdout).into_owned();
    let host = cpus(Command::new("nproc").arg("--all").env_remove("OMP_NUM_THREADS"));
    for _ in 0..5 {
        assert_eq!(run(&[], &["/usr/bin/nproc"])["stdout"], host);
    }
    let one =
        cpus(Command::new("taskset").args(["-c", "0", env!("CARGO_BIN_EXE_assay"), "run", "--", "/usr/bin/nproc"]));
    assert_eq!(one, "1\n");
    let last = assay_sandbox::cpus().expect("this process's CPUs").into_iter().max().expect("a CPU").to_string();
    let show = ["run", "--", "/bin/grep", "Cpus_allowed_list", "/proc/self/status"];
    let shown = cpus(Command::new("taskset").args(["-c", &last, env!("CARGO_BIN_EXE_assay")]).args(show));
    assert_eq!(shown, format!("Cpus_allowed_list:\t{last}\n"));
}

#[test]
fn nobody_else_holds_the_outputs_of_a_program_open() {
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let marker = format!("{}.{}", 603, std::process::id());
    let mut child = asleep(&marker);
    let links = |pid: &str| -> Vec<std::path::PathBuf> {
        let fds = std::fs::read_dir(format!("/proc/{pid}/fd")).expect("its descriptors").flatten();
        fds.filter_map(|fd| std::fs::read_link(fd.path()).ok()).collect()
    };
    wait_for("the program runs", || programs(&marker) == 1);
    let pgrep = Command::new("pgrep").args(["-f", &format!("^/bin/sleep {marker}")]).output().expect("pgrep");
    let pid = String::from_utf8_lossy(&pgrep.stdout).trim().to_owned();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("its status");
    let init = status.lines().find_map(|line| line.strip_prefix("PPid:")).expect("its parent").trim();
    let outputs = &links(&pid)[1..3];
    assert!(outputs.iter().all(|link| link.to_string_lossy().starts_with("pipe:")), "{outputs:?}");
    // When it hears that the program runs, it closes what is not its own.
    wait_for("the init has let go", || links(init).iter().all(|link| !outputs.contains(link)));
    child.kill().expect("the worker is killed");
    child.wait().expect("the worker is reaped");
    wait_for("the program is dead", || programs(&marker) == 0);
}

#[test]
fn an_output_that_cannot_be_written_is_told() {
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    for arguments in [&["run", "--", "/bin/echo", "a"][..], &["run", "--json", "--", "/bin/echo", "a"], &["languages"]]
    {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("the device");
        let output = Command::new(env!("CARGO_BIN_EXE_assay"))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(full)
            .output()
            .expect("the binary starts");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {errors}");
        assert!(errors.contains("cannot write to standard output: No space left on device"), "{arguments:?}: {errors}");
    }
}

#[test]
fn what_is_shown_in_etc_stands_instead_of_the_own() {
    for shown in ["/etc/passwd", "/etc"] {
        let report = run(&["--read-only", shown], &["/bin/cat", "/etc/passwd"]);
        let host = std::fs::read_to_string("/etc/passwd").expect("the host's");
        assert_eq!(report["stdout"], host, "{shown}: {report}");
    }
}

#[test]
fn what_is_written_after_standard_output_was_closed_and_opened_again_is_kept() {
    let program = "import os, time\n\
        again = os.open('/proc/self/fd/1', os.O_PATH)\n\
        os.close(1)\n\
        time.sleep(0.2)\n\
        out = os.open(f'/proc/self/fd/{again}', os.O_WRONLY)\n\
        os.write(out, b'late')";
    assert_eq!(python(&[], program)["stdout"], "late");
}

#[test]
fn a_caller_with_small_limits_is_told_and_nothing_is_left() {
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    // What it had not waited for would be a child of the first process then; that may have some of those that a test has killed.
    let orphans = || -> std::collections::BTreeSet<u32> {
        let is_orphan = |entry: &std::fs::DirEntry| {
            let status = std::fs::read_to_string(entry.path().join("status")).unwrap_or_default();
            status.starts_with("Name:\tassay\n") && status.contains("PPid:\t1\n")
        };
        let processes = std::fs::read_dir("/proc").expect("/proc").flatten().filter(is_orphan);
        processes.filter_map(|entry| entry.file_name().to_string_lossy().parse().ok()).collect()
    };
    for limit in ["--nofile=8", "--fsize=0"] {
        let before = orphans();
        let mut child = Command::new("prlimit")
            .args([limit, env!("CARGO_BIN_EXE_assay"), "run", "--", env!("CARGO_BIN_EXE_assay"), "--version"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("prlimit starts");
        let mut errors = String::new();
        std::io::Read::read_to_string(child.stderr.as_mut().expect("a pipe"), &mut errors).expect("errors");
        let status = child.wait().expect("it ends");
        assert!(matches!(status.code(), Some(1..=3)), "{limit}: {status}: {errors}");
        assert!(errors.starts_with("assay: "), "{limit}: {errors}");
        let left: Vec<_> = orphans().difference(&before).copied().collect();
        assert_eq!((left, left_over()), (Vec::new(), Vec::new()), "{limit}");
    }
}

#[test]
fn a_sandbox_that_cannot_be_set_up_makes_the_host_unfit() {
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let output = Command::new("setpriv")
        .args([
            "--bounding-set=-sys_resource",
            "prlimit",
            "--cpu=1",
            env!("CARGO_BIN_EXE_assay"),
            "run",
            "--",
            "/bin/true",
        ])
        .stdin(Stdio::null())
        .output()
        .expect("setpriv starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{errors}");
    assert!(errors.contains("could not set a resource limit"), "{errors}");
}

#[test]
fn a_killed_worker_leaves_no_process_and_the_next_start_sweeps() {
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let marker = format!("{}.{}", 600, std::process::id());
    let mut child = asleep(&marker);
    wait_for("the program runs", || programs(&marker) == 1);
    child.kill().expect("the worker is killed");
    child.wait().expect("the worker is reaped");
    wait_for("the program is dead", || programs(&marker) == 0);
    let status =
        Command::new(env!("CARGO_BIN_EXE_assay")).args(["run", "--", "/bin/true"]).stdin(Stdio::null()).status();
    assert!(status.expect("the binary starts").success());
    assert_eq!(left_over(), Vec::<String>::new());
}

#[test]
fn memory_that_runs_out_above_the_run_is_no_verdict() {
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let child = Command::new(env!("CARGO_BIN_EXE_assay"))
        .args(["run", "--json", "--memory-mib", "512", "--wall-ms", "60000", "--", "/usr/bin/python3", "-c"])
        .arg("import time; time.sleep(2); x = bytearray(200 << 20); print('BREACH')")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let limit = || {
        let files = ["/sys/fs/cgroup/memory/assay/*/memory.limit_in_bytes", "/sys/fs/cgroup/assay/*/memory.max"];
        files.into_iter().find_map(|pattern| {
            let (base, file) = pattern.split_once("/*/")?;
            let mut sessions = std::fs::read_dir(base).ok()?.flatten().map(|entry| entry.path());
            let own = format!("{}-", child.id());
            let session =
                sessions.find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&own)))?;
            (session.join("run1").is_dir() && session.join(file).exists()).then(|| session.join(file))
        })
    };
    wait_for("the run's group is there", || limit().is_some());
    std::fs::write(limit().expect("the session's limit"), (48 << 20).to_string()).expect("the limit is set");
    let output = child.wait_with_output().expect("the worker ends");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(
        errors.contains("could not give the program memory"),
        "{errors}{}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert_eq!(left_over(), Vec::<String>::new());
}

#[test]
fn a_start_spares_the_runs_of_a_worker_in_another_pid_namespace() {
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let marker = format!("{}.{}", 601, std::process::id());
    let mut child = Command::new("unshare")
        .args(["--pid", "--fork", "--kill-child", "--mount-proc", env!("CARGO_BIN_EXE_assay")])
        .args(["run", "--wall-ms", "600000", "--", "/bin/sleep", &marker])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("unshare starts");
    wait_for("the program runs", || programs(&marker) == 1);
    let other = || {
        Command::new(env!("CARGO_BIN_EXE_assay"))
            .args(["run", "--", "/bin/true"])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("the binary starts")
    };
    assert!(other().success());
    assert_eq!(programs(&marker), 1);
    child.kill().expect("the worker is killed");
    child.wait().expect("the worker is reaped");
    wait_for("the program is dead", || programs(&marker) == 0);
    assert!(other().success());
    assert_eq!(left_over(), Vec::<String>::new());
}

#[test]
fn workers_that_start_and_end_at_once_do_not_disturb_each_other() {
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    for _ in 0..4 {
        let start = || {
            Command::new(env!("CARGO_BIN_EXE_assay"))
                .args(["run", "--", "/bin/true"])
                .stdin(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
        };
        let children: Vec<_> = (0..8).map(|_| start().expect("the binary starts")).collect();
        for child in children {
            let output = child.wait_with_output().expect("the worker ends");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }
    assert_eq!(left_over(), Vec::<String>::new());
}

#[test]
fn a_wall_limit_holds_for_a_program_that_computes() {
    let report = python(&["--cpu-ms", "60000", "--wall-ms", "1000"], "while True: pass");
    assert_eq!(report["verdict"], "ILE", "{report}");
    let cpu = report["cpu_user_us"].as_u64().zip(report["cpu_sys_us"].as_u64()).map(|(user, system)| user + system);
    assert!(cpu < Some(1_500_000), "{report}");
}

#[test]
fn waiting_for_a_crowded_machine_is_not_idling() {
    let crowd = 4 * std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let spin = || Command::new("timeout").args(["30", "/bin/sh", "-c", "while :; do :; done"]).spawn();
    let mut crowd: Vec<_> = (0..crowd).map(|_| spin().expect("timeout starts")).collect();
    let program = "import time\nwhile time.process_time() < 0.6: pass";
    let report = python(&["--cpu-ms", "10000", "--wall-ms", "1200"], program);
    for child in &mut crowd {
        // timeout(1) hands the signal on.
        signal("TERM", child.id());
        child.wait().expect("the crowd is reaped");
    }
    assert_eq!(report["verdict"], "AC", "{report}");
}

#[test]
fn a_worker_that_was_stopped_blames_no_program() {
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let marker = format!("2.{}", std::process::id());
    let child = Command::new(env!("CARGO_BIN_EXE_assay"))
        .args(["run", "--json", "--wall-ms", "5000", "--", "/bin/sleep", &marker])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    wait_for("the program runs", || programs(&marker) == 1);
    signal("STOP", child.id());
    // The limit itself has to pass, so there is nothing else to wait for.
    std::thread::sleep(std::time::Duration::from_millis(5500));
    signal("CONT", child.id());
    let output = child.wait_with_output().expect("the worker ends");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!(report["verdict"], "AC", "{report}");
}

fn signal(name: &str, pid: u32) {
    let status = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status();
    assert!(status.expect("kill starts").success(), "{pid} gets no SIG{name}");
}

/// Kills the launcher of this worker, its only child.
fn kill_launcher(worker: u32) -> bool {
    let parent = format!("PPid:\t{worker}\n");
    let launchers = std::fs::read_dir("/proc").expect("/proc").flatten().filter(|entry| {
        std::fs::read_to_string(entry.path().join("status")).is_ok_and(|status| status.contains(&parent))
    });
    let pids: Vec<u32> = launchers.filter_map(|entry| entry.file_name().to_string_lossy().parse().ok()).collect();
    for pid in &pids {
        signal("KILL", *pid);
    }
    !pids.is_empty()
}

#[test]
fn a_launcher_that_dies_takes_its_run_along_and_the_slot_is_replaced() {
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let marker = format!("602.{}", std::process::id());
    let child = Command::new(env!("CARGO_BIN_EXE_assay"))
        .args(["run", "--wall-ms", "600000", "--", "/bin/sleep", &marker])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    wait_for("the program runs", || programs(&marker) == 1);
    assert!(kill_launcher(child.id()));
    let output = child.wait_with_output().expect("the worker ends");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("could not talk to the launcher"), "{errors}");
    assert_eq!((programs(&marker), left_over()), (0, Vec::new()));

    // When grading, the run is tried again in a slot of its own.
    let dir = std::env::temp_dir().join(format!("assay-launcher-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a directory");
    let marker = format!("3.{}", std::process::id());
    let source = format!("import os\nos.spawnv(os.P_WAIT, '/bin/sleep', ['/bin/sleep', '{marker}'])\nprint('done')");
    let message = serde_json::json!({
        "version": 1, "submission_id": "0192f0c0-0000-7000-8000-000000000001", "language": "python3",
        "files": [{"name": "main.py", "text": source}], "tests": [{"id": "1", "stdin": "", "expected": "done"}],
    });
    std::fs::write(dir.join("batch.jsonl"), message.to_string()).expect("a batch");
    let child = Command::new(env!("CARGO_BIN_EXE_assay"))
        .args(["grade", "--json", "--slots", "1", "--store"])
        .args([dir.join("store.sqlite"), dir.join("batch.jsonl")])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    wait_for("the submission runs", || programs(&marker) == 1);
    assert!(kill_launcher(child.id()));
    let output = child.wait_with_output().expect("the worker ends");
    std::fs::remove_dir_all(&dir).expect("the directory");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("\"verdict\":\"AC\""), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(left_over(), Vec::<String>::new());
}

/// A run that sleeps, with this argument, until it is killed.
fn asleep(marker: &str) -> std::process::Child {
    Command::new(env!("CARGO_BIN_EXE_assay"))
        .args(["run", "--wall-ms", "600000", "--", "/bin/sleep", marker])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts")
}

/// Sandboxed programs with this argument; the worker that was told to start one is not counted.
fn programs(marker: &str) -> usize {
    std::fs::read_dir("/proc")
        .expect("/proc")
        .flatten()
        .filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok())
        .filter(|line| {
            let mut arguments = line.split(|byte| *byte == 0);
            arguments.next() == Some(b"/bin/sleep") && arguments.next() == Some(marker.as_bytes())
        })
        .count()
}

fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while !holds() {
        assert!(std::time::Instant::now() < deadline, "not within 10 s: {what}");
        std::thread::yield_now();
    }
}
