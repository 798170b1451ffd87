//! The worker or its host in trouble: killed, stopped, out of something, badly set up, a step that fails.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Context, assay, output, within};
use crate::worker::descendants;

/// A process with when it started, so that another one of its number is none.
fn identity(pid: u32) -> Option<(u32, String)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    // A zombie is dead, whoever has still to take note of it (proc(5)).
    (fields.first() != Some(&"Z")).then(|| fields.get(19).map(|start| (pid, (*start).to_owned())))?
}

fn alive(processes: &BTreeSet<(u32, String)>) -> Vec<u32> {
    processes
        .iter()
        .filter(|(pid, _)| identity(*pid).is_some_and(|now| processes.contains(&now)))
        .map(|(pid, _)| *pid)
        .collect()
}

/// A run of many processes that have sessions of their own and ignore what can be ignored; returns when they are there.
fn crowd(context: &Context<'_>) -> (Child, BTreeSet<(u32, String)>) {
    let script = "trap '' HUP INT TERM; for i in $(seq 20); do setsid sleep 600 & done; echo there; wait";
    let mut command =
        assay(context, &["run", "--cpu-ms", "60000", "--wall-ms", "600000", "--", "/bin/bash", "-c", script]);
    let child = command.spawn().expect("the binary starts");
    let there = within(Duration::from_mins(1), || descendants(child.id()).len() >= 23);
    assert!(there, "the crowd is not there: {:?}", descendants(child.id()));
    let processes = descendants(child.id()).into_iter().filter_map(identity).collect();
    (child, processes)
}

/// Waits for a child to end by itself.
fn ended(child: &mut Child, patience: Duration) -> bool {
    within(patience, || child.try_wait().is_ok_and(|status| status.is_some()))
}

fn second(context: &Context<'_>) -> Duration {
    Duration::from_secs(if context.slow { 20 } else { 1 })
}

/// Control groups of this process that are left in any hierarchy.
fn groups_of(pid: u32) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for root in ["", "memory", "pids", "cpuacct", "unified"] {
        let base = Path::new("/sys/fs/cgroup").join(root).join("assay");
        for entry in std::fs::read_dir(base).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(&format!("{pid}-")) {
                found.push(entry.path());
            }
        }
    }
    found
}

/// After a worker that died: everything is dead soon, and the next start removes its groups.
fn swept(context: &Context<'_>, worker: u32, processes: &BTreeSet<(u32, String)>) -> Vec<String> {
    let mut problems = Vec::new();
    let started = Instant::now();
    if !within(second(context), || alive(processes).is_empty()) {
        problems.push(format!("BREACH: after a second {:?} still run", alive(processes)));
        within(Duration::from_secs(30), || alive(processes).is_empty());
    }
    problems
        .extend((started.elapsed() > second(context)).then(|| format!("it took {} ms", started.elapsed().as_millis())));
    // A launcher that was just being started holds the lock of the worker's groups until its execution.
    for _ in 0..3 {
        let (_, errors, code) = output(assay(context, &["run", "--", "/bin/true"]));
        if code != Some(0) {
            problems.push(format!("the next start fails: {errors}"));
        }
        if groups_of(worker).is_empty() {
            break;
        }
    }
    problems.extend(groups_of(worker).iter().map(|path| format!("BREACH: {} is left", path.display())));
    problems
}

pub(super) fn worker_killed(context: &Context<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    for _ in 0..if context.slow { 1 } else { 5 } {
        let (mut child, processes) = crowd(context);
        child.kill().expect("the worker is killed");
        child.wait().expect("the worker is dead");
        problems.extend(swept(context, child.id(), &processes));
    }
    // Also in the middle of making and clearing away runs.
    for moment in 0..if context.slow { 3 } else { 25 } {
        let script = "while :; do :; done";
        let mut command = assay(context, &["run", "--cpu-ms", "60000", "--", "/bin/sh", "-c", script]);
        let mut child = command.spawn().expect("the binary starts");
        let mut processes = BTreeSet::new();
        let until = Instant::now() + Duration::from_millis(moment);
        while Instant::now() < until {
            processes.extend(descendants(child.id()).into_iter().filter_map(identity));
        }
        child.kill().expect("the worker is killed");
        child.wait().expect("the worker is dead");
        problems.extend(swept(context, child.id(), &processes));
    }
    problems
}

pub(super) fn launcher_killed(context: &Context<'_>) -> Vec<String> {
    let (mut child, processes) = crowd(context);
    // The worker's only child is the launcher.
    let launcher = descendants(child.id()).into_iter().min().expect("a launcher");
    kill(launcher, "KILL");
    let mut problems = Vec::new();
    if !within(second(context), || alive(&processes).is_empty()) {
        problems.push(format!("BREACH: after a second {:?} still run", alive(&processes)));
    }
    if !ended(&mut child, Duration::from_mins(1)) {
        problems.push("the worker does not end".to_owned());
        drop(child.kill());
    }
    let status = child.wait().expect("the worker ends");
    if status.code() != Some(1) {
        problems.push(format!("the worker ends with {status}, and not as if the judge had failed"));
    }
    problems.extend(groups_of(child.id()).iter().map(|path| format!("BREACH: {} is left", path.display())));
    problems
}

fn kill(pid: u32, signal: &str) {
    let status = Command::new("kill").args([format!("-{signal}"), pid.to_string()]).status().expect("kill starts");
    assert!(status.success(), "{pid} gets no SIG{signal}");
}

/// The steps of the sandbox, by their numbers; one that is not met by this command changes nothing.
pub(super) fn steps_fail(context: &Context<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let mut met = 0;
    for number in 1..=60 {
        let Some(step) = assay_sandbox::Step::from_number(number) else { continue };
        let mut command = assay(context, &["run", "--json", "--", "/bin/true"]);
        command.env("ASSAY_TEST_STEP_FAILS", number.to_string());
        let mut child = command.spawn().expect("the binary starts");
        if !ended(&mut child, Duration::from_secs(if context.slow { 300 } else { 60 })) {
            problems.push(format!("{step:?}: it hangs"));
            drop(child.kill());
        }
        let pid = child.id();
        let output = child.wait_with_output().expect("it ends");
        let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if output.status.code() == Some(0) {
            let report: Value = serde_json::from_str(&text).unwrap_or_default();
            if report["verdict"] != "AC" {
                problems.push(format!("{step:?}: ended well with {text}"));
            }
            continue;
        }
        met += 1;
        if !text.is_empty() || !errors.contains(step.phrase()) {
            problems.push(format!("{step:?}: said {text}{errors}"));
        }
        if errors.contains("panicked") {
            problems.push(format!("{step:?}: panicked: {errors}"));
        }
        let left = descendants(pid);
        if !left.is_empty() {
            problems.push(format!("BREACH: {step:?}: {left:?} still run"));
        }
    }
    if met < 30 {
        problems.push(format!("only {met} steps were met"));
    }
    // What a step of removal has left goes with the next start.
    let (_, errors, code) = output(assay(context, &["run", "--", "/bin/true"]));
    if code != Some(0) {
        problems.push(format!("the next start fails: {errors}"));
    }
    problems
}

/// The version 2 group of the run of this `assay run`.
fn unified_run(worker: u32) -> Option<PathBuf> {
    groups_of(worker).into_iter().map(|group| group.join("run1")).find(|run| run.join("cgroup.freeze").exists())
}

pub(super) fn frozen(context: &Context<'_>) -> Vec<String> {
    let mut command =
        assay(context, &["run", "--json", "--wall-ms", "2000", "--", "/bin/sh", "-c", "sleep 600 & sleep 600"]);
    let mut child = command.spawn().expect("the binary starts");
    let group = {
        let mut group = None;
        within(Duration::from_mins(1), || {
            group = unified_run(child.id());
            group.is_some() && descendants(child.id()).len() >= 4
        });
        group
    };
    let Some(group) = group else {
        drop(child.kill());
        drop(child.wait());
        return vec!["there is no group of version 2".to_owned()];
    };
    let mut problems = Vec::new();
    if let Err(error) = std::fs::write(group.join("cgroup.freeze"), "1") {
        problems.push(format!("{}: {error}", group.display()));
    }
    if !ended(&mut child, Duration::from_mins(1)) {
        problems.push("the worker hangs".to_owned());
        drop(child.kill());
    }
    let output = child.wait_with_output().expect("it ends");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    if report["verdict"] != "ILE" {
        problems.push(format!("the verdict is {report}"));
    }
    problems
}

pub(super) fn told_to_stop(context: &Context<'_>) -> Vec<String> {
    let file = context.directory.join("sleep.jsonl");
    let message = serde_json::json!({"version": 1, "submission_id": uuid::Uuid::new_v4(), "language": "bash",
        "files": [{"name": "main.sh", "text": "for i in 1 2 3 4 5; do setsid sleep 600 & done; wait"}],
        "tests": [{"id": "1", "stdin": "", "expected": ""}], "limits": {"cpu_ms": 60_000, "wall_ms": 600_000}});
    std::fs::write(&file, message.to_string()).expect("a file");
    let mut child = assay(context, &["grade", "--fresh", "--slots", "1", &file.display().to_string()])
        .spawn()
        .expect("the binary starts");
    within(Duration::from_mins(1), || descendants(child.id()).len() >= 8);
    let processes: BTreeSet<_> = descendants(child.id()).into_iter().filter_map(identity).collect();
    kill(child.id(), "TERM");
    let mut problems = Vec::new();
    if !ended(&mut child, Duration::from_secs(10)) {
        problems.push("the worker does not stop".to_owned());
        drop(child.kill());
    }
    drop(child.wait());
    problems.extend(swept(context, child.id(), &processes));
    problems
}

/// Whatever the worker lacks, it is no verdict on the program.
fn no_verdict(what: &str, text: &str, errors: &str) -> Vec<String> {
    let wrong =
        ["WA", "RTE", "MLE", "TLE", "CE"].iter().any(|verdict| text.contains(&format!("\"verdict\":\"{verdict}\"")));
    let mut problems = Vec::new();
    if wrong {
        problems.push(format!("BREACH: {what}: {text}"));
    }
    if errors.contains("panicked") {
        problems.push(format!("{what}: {errors}"));
    }
    problems
}

pub(super) fn few_descriptors(context: &Context<'_>) -> Vec<String> {
    let file = right_answers(context, 3);
    let mut problems = Vec::new();
    let mut failed = 0;
    for descriptors in [8, 12, 16, 20, 24, 28, 32, 40] {
        let mut command = Command::new("prlimit");
        command
            .arg(format!("--nofile={descriptors}:{descriptors}"))
            .arg(context.assay)
            .args(["grade", "--json", "--fresh", "--slots", "1"])
            .arg(&file)
            .env("ASSAY_STORE", context.directory.join(format!("few{descriptors}.sqlite")))
            .stdin(Stdio::null());
        let (text, errors, code) = output(command);
        failed += usize::from(code != Some(0));
        problems.extend(no_verdict(&format!("with {descriptors} descriptors"), &text, &errors));
    }
    if failed == 0 {
        problems.push("it is never too few".to_owned());
    }
    problems
}

/// A file of so many submissions that are right.
fn right_answers(context: &Context<'_>, count: usize) -> PathBuf {
    let file = context.directory.join("right.jsonl");
    let mut out = std::fs::File::create(&file).expect("a file");
    for number in 0..count {
        let text = format!("#include <stdio.h>\nint main(void) {{ puts(\"42\"); return 0; }} /* {number} */\n");
        let message = serde_json::json!({"version": 1, "submission_id": uuid::Uuid::new_v4(), "language": "c",
            "files": [{"name": "main.c", "text": text}], "tests": [{"id": "1", "stdin": "7\n", "expected": "42\n"}]});
        writeln!(out, "{message}").expect("a line");
    }
    file
}

pub(super) fn full_disk(context: &Context<'_>) -> Vec<String> {
    let file = right_answers(context, 3);
    let mut problems = Vec::new();
    for kib in [16, 64, 128, 256] {
        let script = format!(
            "mount -t tmpfs -o size={kib}k none /mnt && ASSAY_STORE=/mnt/store.sqlite exec \"$0\" grade --json --fresh --slots 1 \"$1\""
        );
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "--propagation", "private", "sh", "-c", &script])
            .arg(context.assay)
            .arg(&file)
            .stdin(Stdio::null());
        let (text, errors, code) = output(command);
        problems.extend(no_verdict(&format!("with {kib} KiB"), &text, &errors));
        if kib == 16 && code == Some(0) {
            problems.push("a full disk is no trouble".to_owned());
        }
    }
    problems
}

pub(super) fn init_killed(context: &Context<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let (mut child, processes) = crowd(context);
    let launcher = descendants(child.id()).into_iter().min().expect("a launcher");
    let init = descendants(launcher).into_iter().min().expect("an init");
    kill(init, "KILL");
    if !ended(&mut child, Duration::from_mins(1)) {
        problems.push("the worker hangs".to_owned());
        drop(child.kill());
    }
    let output = child.wait_with_output().expect("it ends");
    if output.status.code() != Some(1) || !String::from_utf8_lossy(&output.stderr).contains("could not") {
        problems.push(format!("{} {}", output.status, String::from_utf8_lossy(&output.stderr)));
    }
    if !alive(&processes).is_empty() {
        problems.push(format!("BREACH: {:?} still run", alive(&processes)));
    }
    problems
}

/// What a run's init may do while the program runs: to kill, and the calls of its own filter.
pub(super) fn init_rights(context: &Context<'_>) -> Vec<String> {
    let (mut child, _) = crowd(context);
    let status = |pid: u32| std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    // Its first process in a PID namespace below: the last number of NSpid is 1 (proc(5)).
    let is_init = |pid: &u32| status(*pid).lines().any(|line| line.starts_with("NSpid:") && line.ends_with("\t1"));
    let busy = |pid: &u32| !descendants(*pid).is_empty();
    let init = descendants(child.id()).into_iter().find(|pid| is_init(pid) && busy(pid)).expect("an init");
    let text = status(init);
    let field =
        |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned();
    let mut problems = Vec::new();
    for (name, wanted) in
        [("CapEff:", "0000000000000020"), ("CapPrm:", "0000000000000020"), ("Seccomp:", "2"), ("NoNewPrivs:", "1")]
    {
        if field(name) != wanted {
            problems.push(format!("BREACH: the init has {name} {} and not {wanted}", field(name)));
        }
    }
    drop(child.kill());
    drop(child.wait());
    problems
}

pub(super) fn text_busy(context: &Context<'_>) -> Vec<String> {
    let file = right_answers(context, if context.slow { 4 } else { 24 });
    let (text, errors, code) =
        output(assay(context, &["grade", "--json", "--fresh", "--slots", "8", &file.display().to_string()]));
    let wrong: Vec<&str> =
        text.lines().filter(|line| !line.contains("\"verdict\":\"AC\"") && !line.contains("summary")).collect();
    if code == Some(0) && wrong.is_empty() { Vec::new() } else { vec![format!("{wrong:?} {errors}")] }
}

pub(super) fn clock_jumps(context: &Context<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    for jump in ["+1 hour", "-1 hour"] {
        let mut command =
            assay(context, &["run", "--json", "--wall-ms", "30000", "--", "/bin/sh", "-c", "sleep 2; echo done"]);
        let mut child = command.spawn().expect("the binary starts");
        within(Duration::from_mins(1), || descendants(child.id()).len() >= 4);
        let status = Command::new("date").args(["--set", jump]).stdout(Stdio::null()).status().expect("date starts");
        assert!(status.success(), "the clock cannot be set");
        ended(&mut child, Duration::from_mins(1));
        let output = child.wait_with_output().expect("it ends");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        if report["verdict"] != "AC" || report["wall_us"].as_u64().is_none_or(|wall| wall > 30_000_000) {
            problems.push(format!("{jump}: {report}"));
        }
    }
    problems
}

pub(super) fn no_cgroups(context: &Context<'_>) -> Vec<String> {
    let script = "mount -t tmpfs none /sys/fs/cgroup && exec \"$0\" run --json -- /bin/true";
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "sh", "-c", script]).arg(context.assay).stdin(Stdio::null());
    let (text, errors, code) = output(command);
    if code == Some(3) && text.is_empty() && errors.contains("cgroup")
        || errors.contains("control group") && code == Some(3)
    {
        Vec::new()
    } else {
        vec![format!("it does not refuse: {code:?} {text} {errors}")]
    }
}

pub(super) fn no_user_namespaces(context: &Context<'_>) -> Vec<String> {
    std::fs::write("/proc/sys/user/max_user_namespaces", "0").expect("a setting");
    let (text, errors, code) = output(assay(context, &["doctor"]));
    let (run, run_errors, run_code) = output(assay(context, &["run", "--json", "--", "/bin/true"]));
    std::fs::write("/proc/sys/user/max_user_namespaces", "1000").expect("a setting");
    let mut problems = Vec::new();
    if code != Some(3) {
        problems.push(format!("doctor: {code:?} {text} {errors}"));
    }
    if run_code == Some(0) || !run.is_empty() {
        problems.push(format!("run: {run_code:?} {run} {run_errors}"));
    }
    problems
}
