//! Compiles the table into the kernel's filter program. Does not install it.

use std::io::{self, Read as _, Seek as _};

use libseccomp::{ScmpAction, ScmpArch, ScmpArgCompare, ScmpCompareOp, ScmpFilterContext, ScmpSyscall};

use super::table::{Action, Arch, Policy, When};
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
    let action = |action| match action {
        Action::Allow => ScmpAction::Allow,
        Action::Refuse(errno) => ScmpAction::Errno(errno),
        Action::Kill if policy == Policy::Init => ScmpAction::KillProcess,
        Action::Kill => ScmpAction::Notify,
    };
    let mut filter = ScmpFilterContext::new(action(policy.default())).map_err(io::Error::other)?;
    if arch != Arch::NATIVE {
        filter.remove_arch(ScmpArch::native()).map_err(io::Error::other)?;
        filter.add_arch(scmp(arch)).map_err(io::Error::other)?;
    }
    filter.set_act_badarch(action(Action::Kill)).map_err(io::Error::other)?;
    // A binary tree: a handful of steps for every call, and a fast load.
    filter.set_ctl_optimize(2).map_err(io::Error::other)?;
    let mut newest = 0;
    for rule in policy.rules() {
        let Some(number) = number(rule.call, arch)? else { continue };
        newest = newest.max(number);
        if rule.action == policy.default() {
            continue;
        }
        // The library wants the number that the call has on this machine, and translates it.
        let call = ScmpSyscall::from_name(rule.call).map_err(io::Error::other)?;
        let action = action(rule.action);
        for compare in comparisons(rule.when) {
            match compare {
                None => filter.add_rule(action, call),
                Some(compare) => filter.add_rule_conditional(action, call, &[compare]),
            }
            .map_err(|error| io::Error::other(format!("{} ({}): {error}", rule.call, rule.reason)))?;
        }
    }
    let mut program = if policy.newer() == policy.default() { Vec::new() } else { refuse_newer(newest, arch) };
    let fd = nix::sys::memfd::memfd_create(c"filter", nix::sys::memfd::MFdFlags::MFD_CLOEXEC)?;
    filter.export_bpf(&fd).map_err(io::Error::other)?;
    let mut file = std::fs::File::from(fd);
    file.rewind()?;
    file.read_to_end(&mut program)?;
    Ok(program)
}

/// The comparisons of which one must hold; `None` is none at all. Only equality under a mask: what libseccomp makes of several
/// others on one argument was wrong until 2.6.1 (GHSA-4q85-33p6-j5g6).
fn comparisons(when: When) -> Vec<Option<ScmpArgCompare>> {
    let equal = |index, mask: u32, value: u32| {
        Some(ScmpArgCompare::new(index, ScmpCompareOp::MaskedEqual(mask.into()), value.into()))
    };
    match when {
        When::Always => vec![None],
        When::Is(index, values) => values.iter().map(|value| equal(index, u32::MAX, *value)).collect(),
        When::Any(index, bits) => {
            (0..32).map(|bit| 1 << bit).filter(|bit| bits & bit != 0).map(|bit| equal(index, bit, bit)).collect()
        }
        When::None(index, bits) => vec![equal(index, bits, 0)],
    }
}

/// The beginning of a filter that allows what it does not name: calls above `newest` get `ENOSYS`, so that no kernel that is newer
/// than the table opens anything. Other architectures go on to the rest, which begins after the last instruction here.
fn refuse_newer(newest: u32, arch: Arch) -> Vec<u8> {
    const LOAD: u32 = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
    const EQUAL: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
    const ABOVE: u32 = libc::BPF_JMP | libc::BPF_JGT | libc::BPF_K;
    const RETURN: u32 = libc::BPF_RET | libc::BPF_K;
    // Code, steps to skip if it holds and if it does not, operand; seccomp_data has the number first, then the architecture.
    let no_such_call = libc::SECCOMP_RET_ERRNO | libc::ENOSYS.cast_unsigned();
    let instructions: &[(u32, u8, u8, u32)] = match arch {
        // The kernel takes -1 for no call, and not for one of x32.
        Arch::X86_64 => &[
            (LOAD, 0, 0, 4),
            (EQUAL, 0, 5, arch.token()),
            (LOAD, 0, 0, 0),
            (EQUAL, 2, 0, u32::MAX),
            (ABOVE, 2, 0, X32 - 1),
            (ABOVE, 0, 1, newest),
            (RETURN, 0, 0, no_such_call),
        ],
        Arch::Aarch64 => &[
            (LOAD, 0, 0, 4),
            (EQUAL, 0, 3, arch.token()),
            (LOAD, 0, 0, 0),
            (ABOVE, 0, 1, newest),
            (RETURN, 0, 0, no_such_call),
        ],
    };
    let bytes = |&(code, yes, no, operand): &(u32, u8, u8, u32)| {
        let [low, high, ..] = code.to_le_bytes();
        let code = u16::from_le_bytes([low, high]).to_ne_bytes();
        let operand = operand.to_ne_bytes();
        [code[0], code[1], yes, no, operand[0], operand[1], operand[2], operand[3]]
    };
    instructions.iter().flat_map(bytes).collect()
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
