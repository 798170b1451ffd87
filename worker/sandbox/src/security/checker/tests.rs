//! The emitted filters against the table, on both architectures, and their fingerprints.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::super::Profile;
use super::super::seccomp::{X32, compile_for, number, without_listener};
use super::super::table::{Action, Arch, CLONE_DENIED, Policy, When};
use super::{Calls, Expected, Instruction, instructions, walk};

const POLICIES: [Policy; 4] = [
    Policy::Program(Profile::Run),
    Policy::Program(Profile::Compile),
    Policy::Program(Profile::Permissive),
    Policy::Init,
];
const ARCHES: [Arch; 2] = [Arch::X86_64, Arch::Aarch64];

/// `AUDIT_ARCH_I386`, `AUDIT_ARCH_ARM`.
const FOREIGN: [u32; 2] = [0x4000_0003, 0x4000_0028];

const KILLS: u32 = libc::SECCOMP_RET_KILL_PROCESS;
const TELLS: u32 = libc::SECCOMP_RET_USER_NOTIF;

/// Every filter with its table.
fn filters() -> impl Iterator<Item = (Policy, Arch, Expected, Vec<u8>)> {
    POLICIES.into_iter().flat_map(|policy| ARCHES.map(|arch| (policy, arch))).map(|(policy, arch)| {
        let kill = if policy == Policy::Init { KILLS } else { TELLS };
        let program = compile_for(policy, arch).expect("the table compiles");
        (policy, arch, Expected::new(policy, arch, kill), program)
    })
}

/// For all 2^32 architectures, 2^32 numbers and 2^384 arguments. That the verdict does not depend on the high half of an argument
/// is part of it, for the table does not look there.
#[test]
fn each_filter_does_what_the_table_says() {
    for (policy, arch, expected, program) in filters() {
        let differences = expected.differences(&instructions(&program));
        assert!(differences.is_empty(), "{policy:?} on {arch:?}:\n{differences}");
        let alone = Expected::new(policy, arch, KILLS).differences(&instructions(&without_listener(&program)));
        assert!(alone.is_empty(), "{policy:?} on {arch:?} without a listener:\n{alone}");
    }
}

/// Read from the programs alone, without the table.
#[test]
fn what_no_program_may_do_is_allowed_on_no_path() {
    for (policy, arch, expected, program) in filters() {
        let leaves = walk(&instructions(&program)).expect("known instructions");
        let newest = expected.newest();
        for leaf in leaves.iter().filter(|leaf| leaf.answer == libc::SECCOMP_RET_ALLOW) {
            let calls = &leaf.calls;
            let may = |call: &str| {
                let number = number(call, arch).expect("a call of both");
                number.is_some_and(|number| calls.number.within(number, number).is_some())
            };
            let at = format!("{policy:?} on {arch:?}: {calls}");
            assert!(calls.arch.split(arch.token(), arch.token()).1.is_none(), "another architecture: {at}");
            assert!(calls.number.within(newest + 1, u32::MAX).is_none(), "a call that nobody knows: {at}");
            assert!(!may("clone") || calls.split(When::Any(0, CLONE_DENIED)).0.is_empty(), "a denied flag: {at}");
            let local = policy == Policy::Program(Profile::Permissive);
            let (unix, others) = calls.split(When::Is(0, &[1]));
            assert!(!may("socket") || (local && others.is_empty()), "a socket: {at}");
            assert!(!may("socketpair") || others.is_empty() && !unix.is_empty(), "a pair that is not local: {at}");
            for call in
                "clone3 io_uring_setup ptrace keyctl unshare setns mount bpf shmget msgget semget splice".split(' ')
            {
                assert!(!may(call), "{call}: {at}");
            }
        }
        let above = if arch == Arch::X86_64 { X32 - 1 } else { u32::MAX };
        let is_newer = |calls: &Calls| {
            calls.arch.within(arch.token(), arch.token()).is_some() && calls.number.within(newest + 1, above).is_some()
        };
        let newer: BTreeSet<u32> = leaves.iter().filter(|leaf| is_newer(&leaf.calls)).map(|leaf| leaf.answer).collect();
        let refused = if policy == Policy::Init { KILLS } else { expected.answer(Action::Refuse(libc::ENOSYS)) };
        assert_eq!(newer, [refused].into(), "{policy:?} on {arch:?}: newer than {newest}");
    }
}

/// The same once more by running the programs, in case the walk is wrong where the table is.
#[test]
fn probes_answer_what_the_table_says() {
    for (policy, arch, expected, program) in filters() {
        let program = instructions(&program);
        let numbers = (0..1024).chain([X32 - 1, X32, X32 + 1, X32 + 59, i32::MAX.cast_unsigned(), 1 << 31, u32::MAX]);
        for number in numbers {
            let rules = expected.rules.get(&number).map_or(&[][..], Vec::as_slice);
            for args in probes(rules.iter().map(|rule| rule.when)) {
                let wanted = expected.answer(expected.action(arch.token(), number, args));
                let got = run(&program, arch.token(), number, args);
                assert_eq!(got, wanted, "{policy:?} on {arch:?}: {number} {args:x?}");
            }
            for foreign in FOREIGN.into_iter().chain(ARCHES.map(Arch::token)).filter(|other| *other != arch.token()) {
                let got = run(&program, foreign, number, [0; 6]);
                assert_eq!(got, expected.answer(Action::Kill), "{policy:?} on {arch:?}: {number} of {foreign:#x}");
            }
        }
    }
}

/// Arguments at and beside the values of these conditions, with the high half empty, with one bit of it, and full.
fn probes(conditions: impl Iterator<Item = When>) -> Vec<[u64; 6]> {
    let mut values = BTreeSet::from([(0, 0), (0, 1), (0, u32::MAX), (1, u32::MAX), (2, u32::MAX)]);
    for when in conditions {
        match when {
            When::Always => {}
            When::Is(index, list) => values.extend(list.iter().map(|value| (index, *value))),
            When::Any(index, bits) | When::None(index, bits) => {
                let single = (0..32).map(|bit| 1 << bit).filter(|bit| bits & bit != 0);
                values.extend(single.chain([bits, !bits]).map(|value| (index, value)));
            }
        }
    }
    let beside =
        |(index, value): (u32, u32)| [value.wrapping_sub(1), value, value.wrapping_add(1)].map(|value| (index, value));
    let high = [0, 1 << 32, 1 << 63, 0xffff_ffff_0000_0000];
    let args = |(index, value): (u32, u32)| {
        high.map(|high| {
            let mut args = [0; 6];
            args[index as usize] = u64::from(value) | high;
            args
        })
    };
    values.into_iter().flat_map(beside).flat_map(args).collect()
}

/// What the kernel's interpreter would answer.
fn run(program: &[Instruction], arch: u32, number: u32, args: [u64; 6]) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "halves are meant")]
    let halves = |arg: u64| {
        if cfg!(target_endian = "big") { [(arg >> 32) as u32, arg as u32] } else { [arg as u32, (arg >> 32) as u32] }
    };
    let data: Vec<u32> = [number, arch, 0, 0].into_iter().chain(args.into_iter().flat_map(halves)).collect();
    let (mut at, mut accumulator) = (0, 0);
    loop {
        let Instruction { code, yes, no, operand } = program[at];
        let jump = |holds: bool| usize::from(if holds { yes } else { no });
        at += 1;
        match code {
            super::LOAD => accumulator = data[operand as usize / 4],
            super::AND => accumulator &= operand,
            super::JUMP => at += operand as usize,
            super::EQUAL => at += jump(accumulator == operand),
            super::ABOVE => at += jump(accumulator > operand),
            super::AT_LEAST => at += jump(accumulator >= operand),
            super::RETURN => return operand,
            other => panic!("instruction {other:#x}"),
        }
    }
}

/// A checker that finds nothing proves nothing: every change of an instruction that matters must be seen.
#[test]
fn every_change_of_an_instruction_is_found() {
    let is_chosen = |policy, arch| arch == Arch::X86_64 && policy != Policy::Program(Profile::Compile);
    for (policy, _, expected, program) in filters().filter(|(policy, arch, ..)| is_chosen(*policy, *arch)) {
        let program = instructions(&program);
        let with = |at: usize, change: &dyn Fn(&mut Instruction)| {
            let mut changed = program.clone();
            change(&mut changed[at]);
            changed
        };
        let change = |instruction: &mut Instruction| match instruction.code {
            super::RETURN => instruction.operand ^= 0x7fff_0000,
            super::LOAD => instruction.operand ^= 4,
            // One bit less; one more can come to the same.
            super::AND => instruction.operand &= instruction.operand.wrapping_sub(1),
            super::JUMP => instruction.operand += 1,
            _ => std::mem::swap(&mut instruction.yes, &mut instruction.no),
        };
        // Each costs a whole check.
        let stride = if program.len() < 100 { 1 } else { 4 };
        let unseen: Vec<usize> = (0..program.len())
            .step_by(stride)
            .filter(|at| expected.differences(&with(*at, &change)).is_empty())
            .collect();
        for at in unseen {
            // libseccomp loads the high half of an argument and compares none of its bits, and has a last instruction that is
            // not always reached: with one that nobody knows the walk would fail.
            let masked = program.get(at + 1).is_some_and(|next| next.code == super::AND && next.operand == 0);
            // And the init may make neither a call of x32 nor the call -1.
            let same = policy == Policy::Init && program[at].operand == u32::MAX;
            let is_reached = walk(&with(at, &|instruction| instruction.code = u16::MAX)).is_err();
            assert!(masked || same || !is_reached, "{policy:?}: instruction {at} {:x?}", program[at]);
        }
    }
}

/// The kernel's headers know the numbers too, those of calls that are as old as they.
#[test]
fn numbers_are_those_of_the_kernels_headers() {
    let headers = [
        (Arch::X86_64, "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
        (Arch::Aarch64, "/usr/include/asm-generic/unistd.h"),
    ];
    for (arch, path) in headers {
        let Ok(text) = std::fs::read_to_string(path) else {
            assert!(arch != Arch::NATIVE || arch == Arch::Aarch64, "{path} is not there; install linux-libc-dev");
            continue;
        };
        // Those that have another name where a file's position has 64 bits are defined twice.
        let define = |name: &str| {
            let mut lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
            lines
                .find(|line| matches!(line[..], ["#define", found, ..] if found == name))
                .map(|line| line[2].to_owned())
        };
        let mut compared = 0;
        for rule in Policy::Program(Profile::Run).rules().chain(Policy::Init.rules()) {
            let Some(number) = number(rule.call, arch).expect("a name of the table") else { continue };
            let found = define(&format!("__NR_{}", rule.call)).map(|value| define(&value).unwrap_or(value));
            let Some(found) = found.or_else(|| define(&format!("__NR3264_{}", rule.call))) else { continue };
            assert_eq!(found, number.to_string(), "{} on {arch:?}", rule.call);
            compared += 1;
        }
        assert!(compared > 250, "{path}: only {compared} calls");
    }
}

/// `security/filters.txt` says what the filters are, so that a change of them is seen where it is made. `ASSAY_WRITE_FILTERS=1 cargo
/// test` writes it anew. Another libseccomp may emit another program for the same table; the tests above judge that.
#[test]
fn the_checked_in_fingerprints_are_those_of_the_filters() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/security/filters.txt");
    let version = libseccomp::ScmpVersion::current().expect("a version");
    let mut text = format!("libseccomp {}.{}.{}\n", version.major, version.minor, version.micro);
    for (policy, arch, _, program) in filters() {
        let name = match policy {
            Policy::Program(profile) => format!("{profile:?}").to_lowercase(),
            Policy::Init => "init".to_owned(),
        };
        let (length, hash) = (program.len() / 8, Sha256::digest(&program));
        writeln!(text, "{arch:?} {name}: {length} instructions, sha256 {hash:x}").expect("a string takes everything");
    }
    if std::env::var_os("ASSAY_WRITE_FILTERS").is_some() {
        std::fs::write(path, &text).expect("the fingerprints are written");
    }
    let checked_in = std::fs::read_to_string(path).unwrap_or_default();
    let of_this_library = checked_in.lines().next() == text.lines().next();
    assert!(
        checked_in == text || (!of_this_library && !checked_in.is_empty()),
        "{path} is out of date; write it with ASSAY_WRITE_FILTERS=1 cargo test\n{text}"
    );
}
