//! Defence mutation: with each mechanism of the sandbox turned off, something must turn red, or the mechanism is declared as depth with
//! what stands before it. A mechanism that nothing misses and nobody declared is a failure, and so is one that is declared but missed.

use std::process::{Command, Stdio};

/// The variable that turns a mechanism off.
pub(crate) const DEFENCE_OFF: &str = "ASSAY_TEST_DEFENCE_OFF";
/// The variable that opens a group of the filter's table.
pub(crate) const GROUP_OPEN: &str = "ASSAY_TEST_FILTER_GROUP_OPEN";

/// What is expected when a mechanism is off.
pub(crate) enum Missed {
    /// At least one of these cases turns red.
    By(&'static [&'static str]),
    /// The sandbox itself does not work, and says so: no program runs without it.
    ByTheSandbox,
    /// Nothing shows: another mechanism stands before it.
    Depth(&'static str),
}

use Missed::{By, ByTheSandbox, Depth};

/// Every mechanism, by its name in the sandbox, with who misses it.
pub(crate) const TABLE: &[(&str, Missed)] = &[
    ("user-namespace", ByTheSandbox),
    ("mount-namespace", ByTheSandbox),
    ("pid-namespace", ByTheSandbox),
    ("net-namespace", By(&["I01", "G02"])),
    ("ipc-namespace", By(&["I01"])),
    ("uts-namespace", By(&["I01", "B19"])),
    ("cgroup-namespace", By(&["I01", "B19"])),
    (
        "no-further-namespaces",
        Depth("the filter ends a run that calls unshare, and refuses clone with flags of namespaces"),
    ),
    ("read-only-trees", By(&["P-c", "B24"])),
    ("nosuid-trees", By(&["P-c", "B24"])),
    ("nodev-trees", By(&["P-c", "B24"])),
    ("read-only-root", By(&["P-c", "B24"])),
    ("detach-old-root", ByTheSandbox),
    ("proc-subset", By(&["P-c", "B24"])),
    ("proc-hidepid", By(&["P-c", "B24"])),
    ("proc-read-only", By(&["P-c", "B24"])),
    ("tmp-size", By(&["B10", "D04"])),
    ("tmp-inodes", By(&["B11"])),
    ("tmp-flags", By(&["P-c", "B24"])),
    ("work-size", By(&["B10", "D04"])),
    ("work-inodes", By(&["B11"])),
    ("work-flags", By(&["P-c", "B24"])),
    ("session-keyring", Depth("the filter ends a run that calls keyctl, add_key or request_key")),
    ("supplementary-groups", By(&["I01", "I10"])),
    ("undumpable-init", Depth("init has another user than the program, and hidepid hides it")),
    ("init-capabilities", By(&["I07-init"])),
    ("init-filter", By(&["I07-init"])),
    ("oom-score", By(&["I01", "D17"])),
    (
        "die-with-worker",
        Depth(
            "a launcher that finds its socket closed ends after the run, and init dies with it or with the run's wall limit; K01 sees the rest",
        ),
    ),
    ("die-with-launcher", By(&["K01-launcher"])),
    ("die-with-init", By(&["I01"])),
    ("own-session", By(&["C10-session", "I01"])),
    ("close-descriptors", By(&["C19", "B23"])),
    ("rlimit-fsize", By(&["B09", "I01"])),
    ("rlimit-cpu", By(&["I01"])),
    ("rlimit-nofile", By(&["I01", "D11"])),
    ("rlimit-memlock", By(&["I01", "D13"])),
    ("rlimit-msgqueue", By(&["I01"])),
    ("rlimit-nice", Depth("the same limit is inherited here, and a program without capabilities cannot raise it")),
    ("rlimit-rtprio", Depth("the same limit is inherited here, and the filter refuses every other policy")),
    ("rlimit-sigpending", By(&["I01", "D11"])),
    ("rlimit-core", By(&["I01", "H23"])),
    ("personality", By(&["I01"])),
    ("bounding-set", By(&["I01"])),
    ("program-user", By(&["I01"])),
    ("capabilities", Depth("execution by a user that is not 0 empties the sets, and the bounding set is empty")),
    ("signal-actions", By(&["C26", "F13"])),
    ("no-new-privileges", ByTheSandbox),
    ("filter", By(&["H08", "H09", "G05"])),
    ("memory-limit", By(&["D01", "D03"])),
    (
        "swap-limit",
        Depth(
            "the worker refuses to start where there is swap that it cannot limit, and without swap there is none to use",
        ),
    ),
    (
        "oom-group",
        Depth("the worker sees the first out-of-memory kill and ends the run; on version 2 the kernel does it at once"),
    ),
    ("process-limit", By(&["C01", "C03"])),
    ("no-subgroups", Depth("no control group file system is mounted inside")),
    ("kill-group", Depth("the death of init ends its PID namespace, and with it every process")),
    ("cpu-limit", By(&["E01", "C04"])),
    ("wall-limit", By(&["E02", "C09"])),
    ("output-limit", By(&["F01", "F03"])),
    ("memory-watch", By(&["D16"])),
    ("write-only-output", By(&["F07", "I01"])),
    ("sealed-input", By(&["F09", "I01"])),
    ("collect-by-type", By(&["B03-compile"])),
    ("collect-one-name", By(&["B08"])),
    ("collect-beneath", By(&["B04-feedback"])),
];

/// What is expected when all calls of a group of the filter's table are allowed, by its reason and its calls.
pub(crate) fn missed_group(reason: &str, calls: &str) -> Missed {
    if reason == "no family" {
        return Depth("the kernel has no family 0");
    }
    By(match calls.split_whitespace().next().unwrap_or_default() {
        "clone" => &["H06"],
        "fcntl" | "prctl" => &["H12"],
        "ioctl" => &["H13"],
        "personality" => &["H14"],
        "socket" => &["G05"],
        "sched_setscheduler" => &["E09"],
        // Every number, and each call that ends a run.
        _ => &["H01"],
    })
}

/// Runs this program anew with a switch, a variable and its value, and the cases that should miss what it turns off: whether it failed,
/// and the end of what it said.
pub(crate) fn turns_red((variable, value): (&str, &str), cases: &[&str], arguments: &[String]) -> (bool, String) {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(arguments).arg("--first").env(variable, value).stdin(Stdio::null()).stderr(Stdio::null());
    for case in cases {
        command.args(["--only", case]);
    }
    let output = command.output().expect("this program starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let told: Vec<&str> = text.lines().rev().take(2).collect();
    (!output.status.success(), told.into_iter().rev().collect::<Vec<_>>().join("; "))
}

/// What is wrong with the table: a mechanism that it lacks or that there is not.
#[cfg(debug_assertions)]
pub(crate) fn incomplete() -> Vec<String> {
    let all: Vec<&str> = assay_sandbox::Defence::ALL.iter().map(|(_, name)| *name).collect();
    let missing = all.iter().filter(|name| !TABLE.iter().any(|(other, _)| other == *name));
    let unknown = TABLE.iter().filter(|(name, _)| !all.contains(name));
    missing
        .map(|name| format!("{name} is in no line of the table"))
        .chain(unknown.map(|(name, _)| format!("{name} is no mechanism")))
        .collect()
}
