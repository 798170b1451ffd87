//! Compiles the table into the kernel's filter program. Does not install it.

use std::io;

use libseccomp::ScmpSyscall;

use super::bpf::{Filter, Rule, Test};
use super::{Profile, table};
use crate::error::{Error, Step};

/// The filter of `profile` as the kernel's 8-byte instructions.
///
/// # Errors
/// A name of the table that libseccomp does not know: the filter would silently lack a rule.
pub(crate) fn compile(profile: Profile) -> Result<Vec<u8>, Error> {
    build(profile).map_err(|error| Error::new(Step::CompileFilter, error))
}

/// This machine's `AUDIT_ARCH_*` of `linux/audit.h`.
#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xc000_003e;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xc000_00b7;

const fn errno(number: i32) -> u32 {
    libc::SECCOMP_RET_ERRNO | number.cast_unsigned()
}

fn build(profile: Profile) -> io::Result<Vec<u8>> {
    let extra = if profile == Profile::Compile { table::ALLOW_COMPILE } else { "" };
    let is_extra = |name: &str| extra.split_whitespace().any(|other| other == name);
    let mut rules = Vec::new();
    let mut rule = |name: &str, test: Option<Test>, action: u32| -> io::Result<()> {
        // A call that this architecture does not have has a number below zero.
        if let Ok(number) = u32::try_from(i32::from(resolve(name)?)) {
            rules.push(Rule { number, test, action });
        }
        Ok(())
    };
    for (names, action) in [
        (table::ALLOW, libc::SECCOMP_RET_ALLOW),
        (extra, libc::SECCOMP_RET_ALLOW),
        (table::REFUSE, errno(libc::EPERM)),
        (table::UNSUPPORTED, errno(libc::ENOTSUP)),
        (table::KILL, libc::SECCOMP_RET_USER_NOTIF),
    ] {
        for name in names.split_whitespace() {
            if action == errno(libc::EPERM) && is_extra(name) {
                continue;
            }
            rule(name, None, action)?;
        }
    }
    let low = |value: u64| u32::try_from(value).map_err(io::Error::other);
    for entry in table::BY_ARGUMENT {
        let action = if entry.errno == 0 { libc::SECCOMP_RET_ALLOW } else { errno(entry.errno) };
        let values = entry.values.iter().map(|&value| low(value)).collect::<io::Result<_>>()?;
        rule(entry.call, Some(Test { argument: entry.argument, mask: low(entry.mask)?, values }), action)?;
    }
    let families = (0..=low(table::LAST_SOCKET_FAMILY)?).collect();
    let test = Test { argument: 0, mask: u32::MAX, values: families };
    rule("socket", Some(test), errno(libc::EAFNOSUPPORT))?;
    let (foreign, default) = (libc::SECCOMP_RET_KILL_PROCESS, errno(libc::ENOSYS));
    Filter { architecture: ARCHITECTURE, foreign, default, rules: &rules }.assemble()
}

/// The same filter for a process that nobody listens to: what would be told kills at once.
pub(crate) fn without_listener(filter: &[u8]) -> Vec<u8> {
    const RETURN: u32 = libc::BPF_RET | libc::BPF_K;
    let mut filter = filter.to_vec();
    for instruction in filter.chunks_exact_mut(8) {
        let code = u16::from_ne_bytes([instruction[0], instruction[1]]);
        let value = &mut instruction[4..];
        if u32::from(code) == RETURN && value == libc::SECCOMP_RET_USER_NOTIF.to_ne_bytes() {
            value.copy_from_slice(&libc::SECCOMP_RET_KILL_PROCESS.to_ne_bytes());
        }
    }
    filter
}

/// The name of the system call of this number.
pub(crate) fn name(number: i32) -> Option<String> {
    ScmpSyscall::from(number).get_name().ok()
}

fn resolve(name: &str) -> io::Result<ScmpSyscall> {
    ScmpSyscall::from_name(name)
        .map_err(|_| io::Error::other(format!("libseccomp does not know the system call \"{name}\"; it is too old")))
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read as _, Seek as _};

    use libseccomp::{ScmpAction, ScmpArgCompare, ScmpCompareOp, ScmpFilterContext};

    use super::{ARCHITECTURE, Profile, compile, name, resolve, table, without_listener};
    use crate::security::bpf::tests::Kernel;

    /// What libseccomp makes of the table.
    fn reference(profile: Profile) -> io::Result<Vec<u8>> {
        let mut filter = ScmpFilterContext::new(ScmpAction::Errno(libc::ENOSYS)).map_err(io::Error::other)?;
        filter.set_act_badarch(ScmpAction::KillProcess).map_err(io::Error::other)?;
        // A binary tree: a handful of steps for every call, and a fast load.
        filter.set_ctl_optimize(2).map_err(io::Error::other)?;
        let extra = if profile == Profile::Compile { table::ALLOW_COMPILE } else { "" };
        let is_extra = |name: &str| extra.split_whitespace().any(|other| other == name);
        for (names, action) in [
            (table::ALLOW, ScmpAction::Allow),
            (extra, ScmpAction::Allow),
            (table::REFUSE, ScmpAction::Errno(libc::EPERM)),
            (table::UNSUPPORTED, ScmpAction::Errno(libc::ENOTSUP)),
            (table::KILL, ScmpAction::Notify),
        ] {
            for name in names.split_whitespace() {
                if action == ScmpAction::Errno(libc::EPERM) && is_extra(name) {
                    continue;
                }
                filter.add_rule(action, resolve(name)?).map_err(io::Error::other)?;
            }
        }
        for rule in table::BY_ARGUMENT {
            let action = if rule.errno == 0 { ScmpAction::Allow } else { ScmpAction::Errno(rule.errno) };
            for value in rule.values {
                let compare = ScmpArgCompare::new(rule.argument, ScmpCompareOp::MaskedEqual(rule.mask), *value);
                filter.add_rule_conditional(action, resolve(rule.call)?, &[compare]).map_err(io::Error::other)?;
            }
        }
        for family in 0..=table::LAST_SOCKET_FAMILY {
            let compare = ScmpArgCompare::new(0, ScmpCompareOp::MaskedEqual(0xffff_ffff), family);
            let action = ScmpAction::Errno(libc::EAFNOSUPPORT);
            filter.add_rule_conditional(action, resolve("socket")?, &[compare]).map_err(io::Error::other)?;
        }
        let fd = nix::sys::memfd::memfd_create(c"filter", nix::sys::memfd::MFdFlags::MFD_CLOEXEC)?;
        filter.export_bpf(&fd).map_err(io::Error::other)?;
        let mut file = std::fs::File::from(fd);
        file.rewind()?;
        let mut program = Vec::new();
        file.read_to_end(&mut program)?;
        Ok(program)
    }

    #[test]
    fn the_filter_says_what_that_of_libseccomp_says() {
        let tested: Vec<u64> = table::BY_ARGUMENT.iter().flat_map(|rule| rule.values).copied().collect();
        let mut values: Vec<u64> = tested.iter().flat_map(|value| [value.wrapping_sub(1), *value, value + 1]).collect();
        values.extend((0..64).map(|bit| 1 << bit));
        values.extend([
            44,
            45,
            46,
            0x1_0000_0001,
            0x1_0000_0000,
            0x7e02_0011,
            0x003d_0f00,
            0xffff_ffff_0000_0002,
            u64::MAX,
        ]);
        for profile in [Profile::Run, Profile::Compile] {
            let (ours, theirs) = (compile(profile).expect("ours"), reference(profile).expect("theirs"));
            assert!(ours.len() < theirs.len(), "{} and {} bytes", ours.len(), theirs.len());
            let (ours, theirs) = (Kernel::load(&ours), Kernel::load(&theirs));
            let same = |architecture: u32, number: u32, arguments: [u64; 6]| {
                let says = [&ours, &theirs].map(|filter| filter.ask(architecture, number, arguments));
                assert_eq!(says[0], says[1], "{architecture:#x} {number:#x} {arguments:x?}");
            };
            for number in (0..1024).chain(0x3fff_fff0..0x4000_0400).chain([0x8000_0000, u32::MAX - 1, u32::MAX]) {
                same(ARCHITECTURE, number, [0; 6]);
                same(0x4000_0003, number, [0; 6]);
            }
            for number in 0..512 {
                for &value in &values {
                    same(ARCHITECTURE, number, [value, 0, 0, 0, 0, 0]);
                    same(ARCHITECTURE, number, [0, value, 0, 0, 0, 0]);
                }
            }
        }
    }

    #[test]
    fn without_a_listener_what_would_be_told_kills() {
        let returns = |filter: &[u8], value: u32| {
            filter.chunks_exact(8).filter(|instruction| instruction[4..] == value.to_ne_bytes()).count()
        };
        let told = compile(Profile::Run).expect("the table compiles");
        let kills = without_listener(&told);
        assert!(returns(&told, libc::SECCOMP_RET_USER_NOTIF) > 0);
        assert_eq!(returns(&kills, libc::SECCOMP_RET_USER_NOTIF), 0);
        assert!(returns(&kills, libc::SECCOMP_RET_KILL_PROCESS) > returns(&told, libc::SECCOMP_RET_KILL_PROCESS));
        let trace = i32::try_from(libc::SYS_ptrace).expect("a small number");
        assert_eq!(name(trace).as_deref(), Some("ptrace"));
        assert_eq!(name(99_999), None);
    }

    #[test]
    fn both_profiles_compile_to_whole_instructions_the_same_each_time() {
        for profile in [Profile::Run, Profile::Compile] {
            let program = compile(profile).expect("the table compiles");
            assert!(program.len() > 8 * 100 && program.len() < 8 * 4096 && program.len().is_multiple_of(8));
            assert_eq!(program, compile(profile).expect("again"));
        }
        assert_ne!(compile(Profile::Run).expect("run"), compile(Profile::Compile).expect("compile"));
    }
}
