//! What can be seen of a host without running anything.

use assay_sandbox::Places;

use super::Check;

pub(super) fn checks() -> Vec<Check> {
    let mut checks = Vec::new();
    let release = read("/proc/sys/kernel/osrelease");
    let numbers: Vec<u32> = release.split(['.', '-']).map_while(|part| part.parse().ok()).collect();
    let new_enough = numbers.as_slice() >= &[5, 19][..];
    checks.push(Check::new("kernel", Some(new_enough), format!("Linux {release}"), "Linux 5.19 or newer is needed"));
    let root = nix::unistd::geteuid().is_root();
    checks.push(Check::new(
        "user",
        Some(root),
        if root { "root" } else { "not root" },
        "run as root; programs run as unprivileged users of their own all the same",
    ));
    checks.push(user_namespaces(root));
    let swaps = read("/proc/swaps").lines().count().saturating_sub(1);
    checks.push(Check::new(
        "swap",
        (swaps == 0).then_some(true),
        if swaps == 0 { "none".to_owned() } else { format!("{swaps} in use; programs are kept out of it") },
        "times are steadier without: swapoff -a",
    ));
    match Places::detect() {
        Ok(found) => {
            for (name, place) in
                [("memory limit", found.memory), ("process limit", found.pids), ("CPU accounting", found.cpu)]
            {
                let found = format!("control groups {} at {}", place.version.name(), place.path.display());
                checks.push(Check::new(name, Some(true), found, ""));
            }
        }
        Err(error) => checks.push(Check::new("control groups", Some(false), error.to_string(), "")),
    }
    checks.push(kernel_settings(&read));
    checks.push(steady_times(&read));
    checks
}

/// The text of a small file of the kernel, empty if there is none.
pub(super) fn read(path: &str) -> String {
    std::fs::read_to_string(path).map(|text| text.trim().to_owned()).unwrap_or_default()
}

fn user_namespaces(root: bool) -> Check {
    let name = "user namespaces";
    let most = read("/proc/sys/user/max_user_namespaces");
    match most.parse::<u64>() {
        Err(_) => return Check::new(name, Some(false), "none", "a kernel with CONFIG_USER_NS is needed"),
        Ok(0) => {
            let mend = "sysctl -w user.max_user_namespaces=10000";
            return Check::new(name, Some(false), "turned off by user.max_user_namespaces", mend);
        }
        Ok(_) => {}
    }
    let restricts = |(name, when): &(&'static str, &str)| {
        (read(&format!("/proc/sys/{}", name.replace('.', "/"))) == *when).then_some(*name)
    };
    let settings = [("kernel.apparmor_restrict_unprivileged_userns", "1"), ("kernel.unprivileged_userns_clone", "0")];
    let restricting: Vec<&str> = settings.iter().filter_map(restricts).collect();
    let found = match restricting.join(" and ").as_str() {
        "" => format!("up to {most}"),
        settings => format!("up to {most}; {settings} concerns only processes that are not root"),
    };
    Check::new(name, Some(restricting.is_empty() || root), found, "run as root")
}

/// Settings that make a kernel harder to attack for whatever runs on the host, with the least that is asked of them. The
/// sandbox depends on none of them.
const SETTINGS: &[(&str, i64)] = &[
    ("fs.protected_hardlinks", 1),
    ("fs.protected_symlinks", 1),
    ("fs.protected_fifos", 1),
    ("fs.protected_regular", 1),
    ("kernel.unprivileged_bpf_disabled", 1),
    ("kernel.perf_event_paranoid", 2),
    ("kernel.io_uring_disabled", 1),
    ("kernel.kptr_restrict", 1),
    ("kernel.dmesg_restrict", 1),
    ("kernel.yama.ptrace_scope", 1),
    ("kernel.randomize_va_space", 2),
];

fn kernel_settings(read: &dyn Fn(&str) -> String) -> Check {
    let mut found = Vec::new();
    let mut commands = Vec::new();
    for (name, least) in SETTINGS {
        // A kernel without the setting has nothing to set.
        let Ok(value) = read(&format!("/proc/sys/{}", name.replace('.', "/"))).parse::<i64>() else { continue };
        if value < *least {
            found.push(format!("{name} is {value}"));
            commands.push(format!("{name}={least}"));
        }
    }
    if found.is_empty() {
        return Check::new("kernel settings", Some(true), "strict", "");
    }
    let mend = format!("the sandbox does not need it, but stricter is: sysctl -w {}", commands.join(" "));
    Check::new("kernel settings", None, found.join(", "), mend)
}

fn steady_times(read: &dyn Fn(&str) -> String) -> Check {
    let mut found = Vec::new();
    let mut mend = Vec::new();
    if read("/sys/devices/system/cpu/smt/active") == "1" {
        found.push("hyper-threads are on".to_owned());
        mend.push("half as many slots as CPUs (--slots)");
    }
    let governor = read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
    if !["", "performance"].contains(&governor.as_str()) {
        found.push(format!("the frequency governor is {governor}"));
        mend.push("cpupower frequency-set -g performance");
    }
    if read("/sys/kernel/mm/transparent_hugepage/enabled").contains("[always]") {
        found.push("transparent huge pages are always on".to_owned());
        mend.push("echo madvise >/sys/kernel/mm/transparent_hugepage/enabled");
    }
    if found.is_empty() {
        return Check::new("steady times", Some(true), "nothing is set against them", "");
    }
    Check::new("steady times", None, found.join(", "), format!("steadier with: {}", mend.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_could_be_stricter_is_named() {
        let strict = |_: &str| "2".to_owned();
        assert_eq!(kernel_settings(&strict).holds, Some(true));
        // A kernel that has none of the settings.
        assert_eq!(kernel_settings(&|_| String::new()).holds, Some(true));
        let one = |path: &str| if path.ends_with("perf_event_paranoid") { "-1" } else { "2" }.to_owned();
        let check = kernel_settings(&one);
        assert_eq!((check.holds, check.found.as_str()), (None, "kernel.perf_event_paranoid is -1"));
        assert!(check.mend.ends_with("sysctl -w kernel.perf_event_paranoid=2"), "{}", check.mend);
    }

    #[test]
    fn what_makes_times_unsteady_is_named() {
        assert_eq!(steady_times(&|_| String::new()).holds, Some(true));
        let check = steady_times(&|path| if path.ends_with("active") { "1" } else { "" }.to_owned());
        assert_eq!((check.holds, check.found.as_str()), (None, "hyper-threads are on"));
        let check = steady_times(&|path| if path.ends_with("enabled") { "[always] never" } else { "0" }.to_owned());
        assert_eq!(check.found, "the frequency governor is 0, transparent huge pages are always on");
    }
}
