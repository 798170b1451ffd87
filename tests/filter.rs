//! The system call filters through the real binary: what each profile does, what is told, and what the init is left with.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

const CAP_KILL: &str = "0000000000000020";

const PROFILES: [&str; 3] = ["run", "compile", "permissive"];

fn assay() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    command.stdin(Stdio::null());
    command
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn python(profile: &str, program: &str) -> Value {
    let run = ["run", "--json", "--cpu-ms", "60000", "--profile", profile, "--", "/usr/bin/python3", "-c", program];
    report(&assay().args(run).output().expect("the binary starts"))
}

/// Makes these calls, each with its arguments, and prints for each the result, or else the errno as a negative number.
fn calls(profile: &str, calls: &[&str]) -> Vec<i64> {
    let program = format!(
        "import ctypes, os\n\
         libc = ctypes.CDLL(None, use_errno=True)\n\
         def call(*args):\n\
         \x20   result = libc.syscall(*[ctypes.c_uint64(a) if isinstance(a, int) else a for a in args])\n\
         \x20   print(result if result >= 0 else -ctypes.get_errno())\n\
         for args in [{}]: call(*args)",
        calls.iter().map(|call| format!("({call},)")).collect::<Vec<_>>().join(", ")
    );
    let report = python(profile, &program);
    assert_eq!(report["verdict"], "AC", "{report}");
    let stdout = report["stdout"].as_str().unwrap_or_default();
    stdout.lines().map(|line| line.parse().expect("a number")).collect()
}

#[test]
fn every_profile_names_the_call_that_ends_a_run() {
    let call = "import ctypes; ctypes.CDLL(None).syscall(NUMBER, 0, 0, 0, 0, 0)";
    let child = "import ctypes, os, time\n\
        if os.fork() == 0: ctypes.CDLL(None).syscall(NUMBER, 0, 0, 0, 0, 0)\n\
        time.sleep(60)";
    let thread = "import ctypes, threading, time\n\
        threading.Thread(target=lambda: ctypes.CDLL(None).syscall(NUMBER, 0, 0, 0, 0, 0)).start()\n\
        time.sleep(60)";
    for profile in PROFILES {
        for (program, name, number) in
            [(call, "keyctl", libc::SYS_keyctl), (child, "bpf", libc::SYS_bpf), (thread, "setns", libc::SYS_setns)]
        {
            let report = python(profile, &program.replace("NUMBER", &number.to_string()));
            assert_eq!(
                report["reason"],
                format!("killed for the forbidden system call {name} ({number})"),
                "{profile}"
            );
            assert_eq!((&report["verdict"], &report["signal"]), (&"RTE".into(), &31.into()), "{profile}: {report}");
            assert_eq!(report["forbidden_call"], name, "{profile}");
        }
    }
}

/// `int 0x80` enters the kernel as a 32-bit program does, and numbers of x32 have bit 30: both would have other numbers than the
/// filter knows.
#[test]
#[cfg(target_arch = "x86_64")]
fn calls_of_other_architectures_end_a_run_in_every_profile() {
    let program = |code: &str| {
        format!(
            "import ctypes, mmap\n\
             room = mmap.mmap(-1, 4096, prot=7)\n\
             room.write(bytes.fromhex('{code}'))\n\
             print('begins', flush=True)\n\
             print('BREACH', ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(room)))())"
        )
    };
    for profile in PROFILES {
        // mov eax, 20 (getpid of i386); int 0x80; ret. mov eax, 0x40000027 (getpid of x32); syscall; ret.
        for (code, number) in [("b814000000cd80c3", "20"), ("b8270000400f05c3", "1073741863")] {
            let report = python(profile, &program(code));
            assert_eq!((&report["verdict"], &report["stdout"]), (&"RTE".into(), &"begins\n".into()), "{report}");
            let reason = format!("killed for the forbidden system call {number} of another architecture");
            assert_eq!((&report["reason"], &report["signal"]), (&reason.into(), &31.into()), "{profile}");
        }
    }
}

#[test]
#[cfg(target_arch = "x86_64")]
fn the_permissive_profile_opens_more_and_still_not_what_reaches_beyond_the_run() {
    // inotify_init1, pidfd_open, futex_waitv (of nothing: EINVAL), setxattr (of nothing: EFAULT), flock, chown to itself.
    let more = [
        "294, 0",
        "434, os.getpid(), 0",
        "449, 0, 0, 0, 0, 0",
        "188, 0, 0, 0, 0, 0",
        "73, 1, 2 | 4",
        "92, b'/work', 1000, 1000",
    ];
    let opened = calls("permissive", &more);
    assert!(opened[0] >= 0 && opened[1] >= 0 && opened[2..4] == [-22, -14], "{opened:?}");
    assert_eq!(opened[4..], [0, 0], "{opened:?}");
    assert_eq!(calls("run", &more), [-38, -38, -38, -95, -1, -1]);

    let refused: &[(&str, i64)] = &[
        // socket: AF_INET, AF_INET6, AF_NETLINK, AF_ALG, AF_VSOCK, none, AF_INET and AF_UNIX with a high half, one of the future.
        ("41, 2, 1, 0", -97),
        ("41, 10, 1, 0", -97),
        ("41, 16, 3, 0", -97),
        ("41, 38, 5, 0", -97),
        ("41, 40, 1, 0", -97),
        ("41, 0, 1, 0", -97),
        ("41, 1 << 32 | 2, 1, 0", -97),
        ("41, 99, 1, 0", -97),
        ("53, 2, 1, 0, 0", -97),
        // clone3, io_uring_setup, splice, shmget, mq_open, io_setup: no such call.
        ("435, 0, 0", -38),
        ("425, 1, 0", -38),
        ("275, 0, 0, 1, 0, 1, 0", -38),
        ("29, 0, 4096, 0o1600", -38),
        ("240, b'/q', 0o102, 0o600, 0", -38),
        ("206, 1, 0", -38),
        // clone with a user namespace, also with a high half; TIOCSTI; F_SETLEASE; sync; seccomp; PR_SET_SECCOMP.
        ("56, 0x10000011, 0, 0, 0, 0", -1),
        ("56, 1 << 33 | 0x10000011, 0, 0, 0, 0", -1),
        ("16, 0, 0x5412, 0", -1),
        ("16, 0, 1 << 32 | 0x5412, 0", -1),
        ("72, 1, 1024, 0", -37),
        ("162", -1),
        ("317, 1, 0, 0", -1),
        ("157, 22, 1, 0, 0, 0", -1),
        // Newer than the table: no kernel knows it yet, and none will be asked.
        ("500", -38),
    ];
    let (made, expected): (Vec<_>, Vec<_>) = refused.iter().copied().unzip();
    assert_eq!(calls("permissive", &made), expected);
    for name in ["ptrace", "mount", "unshare", "add_key", "userfaultfd", "perf_event_open", "open_by_handle_at"] {
        let number = match name {
            "ptrace" => libc::SYS_ptrace,
            "mount" => libc::SYS_mount,
            "unshare" => libc::SYS_unshare,
            "add_key" => libc::SYS_add_key,
            "userfaultfd" => libc::SYS_userfaultfd,
            "perf_event_open" => libc::SYS_perf_event_open,
            _ => libc::SYS_open_by_handle_at,
        };
        let report =
            python("permissive", &format!("import ctypes; ctypes.CDLL(None).syscall({number}, 0, 0, 0, 0, 0)"));
        assert_eq!(report["forbidden_call"], name, "{report}");
    }
}

/// Where a slot has a CPU of its own, the others are other slots'.
#[test]
fn no_profile_lets_a_program_choose_its_cpus() {
    let program = "import os\n\
        cpus = os.sched_getaffinity(0)\n\
        try: os.sched_setaffinity(0, cpus); print('chosen')\n\
        except PermissionError: print('refused')\n\
        assert os.sched_getaffinity(0) == cpus";
    for profile in PROFILES {
        assert_eq!(python(profile, program)["stdout"], "refused\n", "{profile}");
    }
}

#[test]
fn the_permissive_profile_has_local_sockets_and_locks_of_files() {
    let program = "import fcntl, socket\n\
        server = socket.socket(socket.AF_UNIX); server.bind('/work/s'); server.listen()\n\
        client = socket.socket(socket.AF_UNIX); client.connect('/work/s'); client.sendall(b'hello')\n\
        print(server.accept()[0].recv(5))\n\
        fcntl.lockf(open('/work/lock', 'w'), fcntl.LOCK_EX | fcntl.LOCK_NB); print('locked')";
    assert_eq!(python("permissive", program)["stdout"], "b'hello'\nlocked\n");
    let report = python("run", program);
    let error = report["stderr"].as_str().unwrap_or_default();
    assert!(error.contains("Address family not supported"), "{report}");
}

const LANGUAGE: &str = r#"
id = "wide"
name = "Python with a wide filter"
code = "wide"
extensions = ["wide"]
version = ["{program}", "--version"]

[[toolchain]]
program = "/usr/bin/python3"

[run]
argv = ["{program}", "{main}"]
profile = "permissive"
"#;

#[test]
fn a_language_chooses_the_profile_and_a_submission_cannot() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let languages = dir.path().join("languages");
    std::fs::create_dir(&languages).expect("a directory");
    std::fs::write(languages.join("wide.toml"), LANGUAGE).expect("a language");
    let program = "import ctypes; print(ctypes.CDLL(None).syscall(NUMBER, 0) >= 0)"
        .replace("NUMBER", &libc::SYS_inotify_init1.to_string());
    let submission = |number: u32, language: &str, expected: &str| {
        json!({"version": 1, "submission_id": format!("00000000-0000-4000-8000-{number:012}"), "language": language,
            "files": [{"name": if language == "wide" { "main.wide" } else { "main.py" }, "text": program}],
            "tests": [{"id": "1", "stdin": "", "expected": expected}]})
    };
    let grade = |lines: &[Value]| {
        let batch = dir.path().join("batch.jsonl");
        let text: Vec<String> = lines.iter().map(Value::to_string).collect();
        std::fs::write(&batch, text.join("\n")).expect("a batch");
        let mut command = assay();
        command.args(["grade", "--json", "--fresh", "--languages"]).arg(&languages).arg(&batch);
        command.env("ASSAY_STORE", dir.path().join("store.sqlite")).output().expect("the binary starts")
    };
    let output = grade(&[submission(1, "wide", "True\n"), submission(2, "python3", "False\n")]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("\"verdicts\":{\"AC\":2}"), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let mut asking = submission(3, "python3", "True\n");
    asking["profile"] = "permissive".into();
    assert!(!String::from_utf8_lossy(&grade(&[asking]).stdout).contains("\"verdict\":\"AC\""));

    std::fs::write(languages.join("wide.toml"), LANGUAGE.replace("permissive", "none")).expect("a language");
    let output = grade(&[submission(1, "wide", "True\n")]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.code() == Some(2) && errors.contains("wide.toml") && errors.contains("permissive"),
        "{errors}"
    );
}

#[test]
fn the_init_keeps_one_capability_and_has_a_filter_of_its_own() {
    let marker = format!("603.{}", std::process::id());
    let mut child = assay()
        .args(["run", "--wall-ms", "600000", "--", "/bin/sleep", &marker])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let field = |status: &str, name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.map(|value| value.trim_start_matches(':').trim().to_owned()).unwrap_or_default()
    };
    let status = |process: &Path| std::fs::read_to_string(process.join("status")).unwrap_or_default();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    let init = loop {
        let program = std::fs::read_dir("/proc").expect("/proc").flatten().map(|entry| entry.path()).find(|process| {
            let line = std::fs::read(process.join("cmdline")).unwrap_or_default();
            line == [b"/bin/sleep\0", marker.as_bytes(), b"\0"].concat()
        });
        let init = program.map(|program| status(&Path::new("/proc").join(field(&status(&program), "PPid"))));
        match init {
            Some(init) if field(&init, "Seccomp") == "2" => break init,
            init => assert!(std::time::Instant::now() < deadline, "{init:?}"),
        }
    };
    child.kill().expect("the worker is killed");
    child.wait().expect("the worker is reaped");
    assert_eq!([field(&init, "NoNewPrivs"), field(&init, "Seccomp_filters")], ["1", "1"], "{init}");
    assert_eq!([field(&init, "CapEff"), field(&init, "CapPrm")], [CAP_KILL, CAP_KILL], "{init}");
    assert_eq!([field(&init, "CapInh"), field(&init, "CapAmb")], ["0000000000000000"; 2], "{init}");
}
