//! Compiles the table into the kernel's filter program. Does not install it.

use std::io::{self, Read as _, Seek as _};

use libseccomp::{ScmpAction, ScmpArgCompare, ScmpCompareOp, ScmpFilterContext, ScmpSyscall};

use super::{Profile, table};
use crate::error::{Error, Step};

/// The filter of `profile` as the kernel's 8-byte instructions.
///
/// # Errors
/// A name of the table that libseccomp does not know: the filter would silently lack a rule.
pub(crate) fn compile(profile: Profile) -> Result<Vec<u8>, Error> {
    build(profile).map_err(|error| Error::new(Step::CompileFilter, error))
}

fn build(profile: Profile) -> io::Result<Vec<u8>> {
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
    use super::{Profile, compile, name, without_listener};

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
