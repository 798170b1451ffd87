//! Puts rules together as a filter program for the kernel, with a binary search for the call. Knows no names.
//!
//! libseccomp could do it; but every run loads the filter, for which the kernel translates each instruction and tries each
//! system call's number, and so pays for what is longer than it has to be. See docs/performance.md.

use std::collections::BTreeMap;
use std::io;

/// What the filter looks at, `struct seccomp_data`: number, architecture, instruction pointer, six arguments.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const ARGUMENTS: u32 = 16;

/// Numbers of the x32 calls on x86-64 begin here.
const X32: u32 = 0x4000_0000;

const LOAD: u32 = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
const AND: u32 = libc::BPF_ALU | libc::BPF_AND | libc::BPF_K;
const RETURN: u32 = libc::BPF_RET | libc::BPF_K;
const JUMP: u32 = libc::BPF_JMP | libc::BPF_JA;
const IF_EQUAL: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
const IF_AT_LEAST: u32 = libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K;
const IF_ABOVE: u32 = libc::BPF_JMP | libc::BPF_JGT | libc::BPF_K;
const IF_ANY_BIT: u32 = libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K;

/// Whether the low half of an argument, through a mask, is one of these values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Test {
    pub(crate) argument: u32,
    pub(crate) mask: u32,
    pub(crate) values: Vec<u32>,
}

/// What is done with a call. Of several rules for one call the first whose test holds decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) number: u32,
    pub(crate) test: Option<Test>,
    /// A return value of seccomp(2).
    pub(crate) action: u32,
}

/// A filter of one architecture.
pub(crate) struct Filter<'a> {
    /// `AUDIT_ARCH_*`.
    pub(crate) architecture: u32,
    /// For calls of another one, and for those of x32 beside x86-64.
    pub(crate) foreign: u32,
    /// For calls that no rule is about.
    pub(crate) default: u32,
    pub(crate) rules: &'a [Rule],
}

/// One instruction: its code, two distances, a value.
#[derive(Clone, Copy)]
struct Instruction(u32, u8, u8, u32);

/// What becomes of the calls from a number on.
#[derive(Clone, PartialEq, Eq)]
enum Fate<'a> {
    Same(u32),
    Tested(Vec<&'a Rule>),
}

impl Filter<'_> {
    /// The program, as the kernel's 8-byte instructions.
    ///
    /// # Errors
    /// A single call has more rules than a jump reaches over.
    pub(crate) fn assemble(&self) -> io::Result<Vec<u8>> {
        let mut program = vec![
            Instruction(LOAD, 0, 0, ARCHITECTURE),
            Instruction(IF_EQUAL, 1, 0, self.architecture),
            Instruction(RETURN, 0, 0, self.foreign),
            Instruction(LOAD, 0, 0, NUMBER),
        ];
        program.extend(self.search(&self.fates())?);
        let bytes = program.iter().flat_map(|&Instruction(code, yes, no, value)| {
            let [low, high, ..] = code.to_ne_bytes();
            let [a, b, c, d] = value.to_ne_bytes();
            [low, high, yes, no, a, b, c, d]
        });
        Ok(bytes.collect())
    }

    /// The fates of all numbers, each from its number up to the next one.
    fn fates(&self) -> Vec<(u32, Fate<'_>)> {
        let mut calls: BTreeMap<u32, Vec<&Rule>> = BTreeMap::new();
        for rule in self.rules {
            calls.entry(rule.number).or_default().push(rule);
        }
        let mut fates = vec![(0, Fate::Same(self.default))];
        for (number, rules) in calls {
            let fate = if rules[0].test.is_none() { Fate::Same(rules[0].action) } else { Fate::Tested(rules) };
            begin(&mut fates, number, fate);
            begin(&mut fates, number + 1, Fate::Same(self.default));
        }
        begin(&mut fates, X32, Fate::Same(self.foreign));
        // What a tracer writes to skip a call, which is none.
        begin(&mut fates, u32::MAX, Fate::Same(self.default));
        fates
    }

    fn search(&self, fates: &[(u32, Fate<'_>)]) -> io::Result<Vec<Instruction>> {
        if let [(_, fate)] = fates {
            return match fate {
                Fate::Same(action) => Ok(vec![Instruction(RETURN, 0, 0, *action)]),
                Fate::Tested(rules) => self.tests(rules),
            };
        }
        let (low, high) = fates.split_at(fates.len() / 2);
        let from = high[0].0;
        let (low, high) = (self.search(low)?, self.search(high)?);
        let mut program = match u8::try_from(low.len()) {
            Ok(over) => vec![Instruction(IF_AT_LEAST, over, 0, from)],
            Err(_) => vec![
                Instruction(IF_AT_LEAST, 0, 1, from),
                Instruction(JUMP, 0, 0, u32::try_from(low.len()).map_err(io::Error::other)?),
            ],
        };
        program.extend(low);
        program.extend(high);
        Ok(program)
    }

    fn tests(&self, rules: &[&Rule]) -> io::Result<Vec<Instruction>> {
        let mut program = Vec::new();
        let mut loaded = None;
        for rule in rules {
            let Some(test) = &rule.test else {
                program.push(Instruction(RETURN, 0, 0, rule.action));
                return Ok(program);
            };
            if loaded != Some(test.argument) {
                // The low half is the first one on these machines.
                program.push(Instruction(LOAD, 0, 0, ARGUMENTS + 8 * test.argument));
                loaded = Some(test.argument);
            }
            match test.values[..] {
                [0] if test.mask != u32::MAX => program.push(Instruction(IF_ANY_BIT, 1, 0, test.mask)),
                [value] if value == test.mask && value.is_power_of_two() => {
                    program.push(Instruction(IF_ANY_BIT, 0, 1, value));
                }
                _ => {
                    if test.mask != u32::MAX {
                        program.push(Instruction(AND, 0, 0, test.mask));
                        loaded = None;
                    }
                    program.extend(one_of(&test.values)?);
                }
            }
            program.push(Instruction(RETURN, 0, 0, rule.action));
        }
        program.push(Instruction(RETURN, 0, 0, self.default));
        Ok(program)
    }
}

/// From this number on another fate, if it is another one.
fn begin<'a>(fates: &mut Vec<(u32, Fate<'a>)>, number: u32, fate: Fate<'a>) {
    if let Some((from, _)) = fates.last()
        && *from == number
    {
        fates.pop();
    }
    if fates.last().is_none_or(|(_, last)| *last != fate) {
        fates.push((number, fate));
    }
}

/// Goes on with the next instruction if one of these values is loaded, and else with the one after that.
fn one_of(values: &[u32]) -> io::Result<Vec<Instruction>> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for value in sorted {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(value) => *last = value,
            _ => runs.push((value, value)),
        }
    }
    // From the end, where the distance to the two ways on is known.
    let mut program: Vec<Instruction> = Vec::new();
    for (first, last) in runs.into_iter().rev() {
        let yes = u8::try_from(program.len()).map_err(io::Error::other)?;
        let no = u8::from(program.is_empty());
        if first == last {
            program.insert(0, Instruction(IF_EQUAL, yes, no, first));
        } else {
            program.insert(0, Instruction(IF_ABOVE, no, yes, last));
            program.insert(0, Instruction(IF_AT_LEAST, 0, no + 1, first));
        }
    }
    Ok(program)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{
        AND, ARCHITECTURE, ARGUMENTS, Filter, IF_ABOVE, IF_ANY_BIT, IF_AT_LEAST, IF_EQUAL, JUMP, LOAD, NUMBER, RETURN,
        Rule, Test,
    };

    /// A filter as the kernel runs it.
    pub(crate) struct Kernel(Vec<(u32, usize, usize, u32)>);

    impl Kernel {
        pub(crate) fn load(program: &[u8]) -> Self {
            let instruction = |bytes: &[u8]| {
                let code = u16::from_ne_bytes([bytes[0], bytes[1]]).into();
                (code, bytes[2].into(), bytes[3].into(), u32::from_ne_bytes(bytes[4..].try_into().expect("four bytes")))
            };
            Self(program.chunks_exact(8).map(instruction).collect())
        }

        /// What the filter says to a call.
        pub(crate) fn ask(&self, architecture: u32, number: u32, arguments: [u64; 6]) -> u32 {
            let (mut at, mut loaded) = (0, 0_u32);
            loop {
                let (code, yes, no, value) = self.0[at];
                at += 1;
                let mut jump = |holds: bool| at += if holds { yes } else { no };
                match code {
                    LOAD => {
                        loaded = match value {
                            NUMBER => number,
                            ARCHITECTURE => architecture,
                            _ => {
                                let argument = arguments[(value - ARGUMENTS) as usize / 8];
                                let half =
                                    if (value - ARGUMENTS).is_multiple_of(8) { argument } else { argument >> 32 };
                                u32::try_from(half & u64::from(u32::MAX)).expect("half")
                            }
                        }
                    }
                    AND => loaded &= value,
                    RETURN => return value,
                    JUMP => at += value as usize,
                    IF_EQUAL => jump(loaded == value),
                    IF_AT_LEAST => jump(loaded >= value),
                    IF_ABOVE => jump(loaded > value),
                    IF_ANY_BIT => jump(loaded & value != 0),
                    _ => panic!("instruction {code:#x}"),
                }
            }
        }
    }

    #[test]
    fn rules_hold_in_their_order_also_where_jumps_are_long() {
        let test = |mask: u32, values: &[u32]| Some(Test { argument: 1, mask, values: values.to_vec() });
        let rule = |number: u32, test: Option<Test>, action: u32| Rule { number, test, action };
        let mut rules = vec![
            rule(7, test(0xf0, &[0]), 1),
            rule(7, test(0x10, &[0x10]), 2),
            rule(7, test(u32::MAX, &[0x20, 0x21, 0x22, 0x40]), 3),
            rule(7, test(0x3, &[1, 2]), 4),
            rule(8, None, 5),
        ];
        rules.extend((0..300).map(|number| rule(10 + 2 * number, None, 100 + number)));
        let filter = Filter { architecture: 77, foreign: 9, default: 0, rules: &rules }.assemble().expect("a program");
        let kernel = Kernel::load(&filter);
        let says = |number: u32, argument: u64| kernel.ask(77, number, [0, argument, 0, 0, 0, 0]);
        assert_eq!(kernel.ask(78, 8, [0; 6]), 9);
        for (argument, action) in
            [(0x0f, 1), (0x1_0000_0001, 1), (0x30, 2), (0x20, 3), (0x22, 3), (0x23, 0), (0x40, 3), (0x41, 4), (0x43, 0)]
        {
            assert_eq!(says(7, argument), action, "{argument:#x}");
        }
        assert_eq!([says(6, 0), says(8, 0), says(9, 0), says(11, 0)], [0, 5, 0, 0]);
        for number in 0..300 {
            assert_eq!([says(10 + 2 * number, 0), says(11 + 2 * number, 0)], [100 + number, 0]);
        }
        assert_eq!(
            [says(0x3fff_ffff, 0), says(0x4000_0000, 0), says(u32::MAX - 1, 0), says(u32::MAX, 0)],
            [0, 9, 9, 0]
        );
    }
}
