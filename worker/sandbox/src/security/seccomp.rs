//! Compiles the table into the kernel's filter program. Does not install it.

use std::io;

use libseccomp::{ScmpArch, ScmpSyscall};

use super::bpf::{Filter, Rule};
use super::table::{Action, Arch, Policy};
use crate::error::{Error, Step};

/// The filter of this machine as the kernel's 8-byte instructions.
///
/// # Errors
/// A name of the table that libseccomp does not know: the filter would silently lack a rule.
pub(crate) fn compile(policy: Policy) -> Result<Vec<u8>, Error> {
    compile_for(policy, Arch::NATIVE).map_err(|error| Error::new(Step::CompileFilter, error))
}

/// The filter of a policy for this architecture, whatever this machine is.
pub(super) fn compile_for(policy: Policy, arch: Arch) -> io::Result<Vec<u8>> {
    let answer = |action| match action {
        Action::Allow => libc::SECCOMP_RET_ALLOW,
        Action::Refuse(errno) => libc::SECCOMP_RET_ERRNO | errno.cast_unsigned(),
        Action::Kill if policy == Policy::Init => libc::SECCOMP_RET_KILL_PROCESS,
        Action::Kill => libc::SECCOMP_RET_USER_NOTIF,
    };
    let mut rules = Vec::new();
    for rule in policy.rules() {
        let number = number(rule.call, arch).map_err(|error| io::Error::other(format!("{} ({error})", rule.reason)))?;
        if let Some(number) = number {
            rules.push(Rule { number, when: rule.when, action: answer(rule.action) });
        }
    }
    let (foreign, default, newer) = (answer(Action::Kill), answer(policy.default()), answer(policy.newer()));
    Filter { arch, foreign, default, newer, rules }.assemble()
}

/// The bit that the numbers of x32 have, which otherwise looks like x86-64.
pub(super) const X32: u32 = 0x4000_0000;

/// The kernel's own number of this architecture.
pub(crate) const NATIVE: u32 = Arch::NATIVE.token();

/// Whether a call is not of this architecture, so that its number means something else.
pub(crate) fn is_foreign(arch: u32, number: i32) -> bool {
    arch != Arch::NATIVE.token() || (Arch::NATIVE == Arch::X86_64 && number > 0 && number.cast_unsigned() & X32 != 0)
}

/// The number of a call; `None` if the table says that the architecture lacks it.
///
/// # Errors
/// It has none, and the table does not say so, or the other way round.
pub(super) fn number(call: &str, arch: Arch) -> io::Result<Option<u32>> {
    let found = ScmpSyscall::from_name_by_arch(call, scmp(arch)).ok().map(ScmpSyscall::as_raw_syscall);
    // Those that only others have are negative.
    match (found.and_then(|number| u32::try_from(number).ok()), arch.lacks(call)) {
        (Some(number), false) => Ok(Some(number)),
        (None, true) => Ok(None),
        (Some(_), true) => Err(io::Error::other(format!("{arch:?} has the system call \"{call}\""))),
        (None, false) => Err(io::Error::other(format!(
            "libseccomp does not know the system call \"{call}\" of {arch:?}; it is too old"
        ))),
    }
}

fn scmp(arch: Arch) -> ScmpArch {
    match arch {
        Arch::X86_64 => ScmpArch::X8664,
        Arch::Aarch64 => ScmpArch::Aarch64,
    }
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

#[cfg(test)]
mod tests {
    use super::super::{Policy, Profile};
    use super::{compile, is_foreign, name, without_listener};

    #[test]
    fn without_a_listener_what_would_be_told_kills() {
        let returns = |filter: &[u8], value: u32| {
            filter.chunks_exact(8).filter(|instruction| instruction[4..] == value.to_ne_bytes()).count()
        };
        let told = compile(Policy::Program(Profile::Run)).expect("the table compiles");
        let kills = without_listener(&told);
        assert!(returns(&told, libc::SECCOMP_RET_USER_NOTIF) > 0);
        assert_eq!(returns(&kills, libc::SECCOMP_RET_USER_NOTIF), 0);
        assert!(returns(&kills, libc::SECCOMP_RET_KILL_PROCESS) > returns(&told, libc::SECCOMP_RET_KILL_PROCESS));
        let trace = i32::try_from(libc::SYS_ptrace).expect("a small number");
        assert_eq!(name(trace).as_deref(), Some("ptrace"));
        assert_eq!(name(99_999), None);
    }

    #[test]
    fn calls_of_other_architectures_are_told_apart() {
        let ours = super::Arch::NATIVE.token();
        assert!(is_foreign(0x4000_0003, 1) && !is_foreign(ours, 1) && !is_foreign(ours, -1));
        assert_eq!(is_foreign(ours, 0x4000_0001), cfg!(target_arch = "x86_64"));
    }
}
