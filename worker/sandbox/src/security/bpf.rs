//! Puts rules together as a filter program for the kernel, with a binary search for the call. Knows no names.
//!
//! libseccomp could do it; but every run loads the filter, for which the kernel translates each instruction and tries each
//! system call's number, and so pays for what is longer than it has to be. See docs/performance.md.

use std::collections::BTreeMap;
use std::io;

use super::seccomp::X32;
use super::table::{Arch, When};

/// What the filter looks at, `struct seccomp_data`: number, architecture, instruction pointer, six arguments.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const ARGUMENTS: u32 = 16;

const LOAD: u32 = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
const AND: u32 = libc::BPF_ALU | libc::BPF_AND | libc::BPF_K;
const RETURN: u32 = libc::BPF_RET | libc::BPF_K;
const JUMP: u32 = libc::BPF_JMP | libc::BPF_JA;
const IF_EQUAL: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
const IF_AT_LEAST: u32 = libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K;

/// What is done with a call. Of several rules for one call the first that holds decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) number: u32,
    pub(super) when: When,
    /// A return value of seccomp(2).
    pub(super) action: u32,
}

/// A filter of one architecture.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) arch: Arch,
    /// For calls of another one, and for those of x32 beside x86-64.
    pub(super) foreign: u32,
    /// For calls that no rule is about, or none that holds.
    pub(super) default: u32,
    /// For calls with numbers above that of every rule.
    pub(super) newer: u32,
    pub(super) rules: Vec<Rule>,
}

/// One instruction: its code, two distances, a value.
#[derive(Clone, Copy)]
struct Instruction(u32, u8, u8, u32);

/// What becomes of the calls from a number on.
#[derive(Clone, PartialEq, Eq)]
enum Fate {
    Same(u32),
    /// The action of the first condition that holds, whatever the number.
    Tested(Vec<(When, u32)>),
}

impl Filter {
    /// The program, as the kernel's 8-byte instructions.
    ///
    /// # Errors
    /// A single call has more rules than a jump reaches over.
    pub(super) fn assemble(&self) -> io::Result<Vec<u8>> {
        let mut program = vec![
            Instruction(LOAD, 0, 0, ARCHITECTURE),
            Instruction(IF_EQUAL, 1, 0, self.arch.token()),
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
    fn fates(&self) -> Vec<(u32, Fate)> {
        let mut calls: BTreeMap<u32, Vec<(When, u32)>> = BTreeMap::new();
        for rule in &self.rules {
            calls.entry(rule.number).or_default().push((rule.when, rule.action));
        }
        let mut fates = vec![(0, Fate::Same(self.default))];
        for (number, mut rules) in calls {
            // What is done anyway needs no test.
            while rules.last().is_some_and(|(_, action)| *action == self.default) {
                rules.pop();
            }
            let fate = match rules.first() {
                None => Fate::Same(self.default),
                Some((When::Always, action)) => Fate::Same(*action),
                Some(_) => Fate::Tested(rules),
            };
            begin(&mut fates, number, fate);
            begin(&mut fates, number + 1, Fate::Same(self.default));
        }
        let newest = self.rules.iter().map(|rule| rule.number).max().unwrap_or(0);
        begin(&mut fates, newest + 1, Fate::Same(self.newer));
        if self.arch == Arch::X86_64 {
            begin(&mut fates, X32, Fate::Same(self.foreign));
            // What a tracer writes to skip a call, which is none.
            begin(&mut fates, u32::MAX, Fate::Same(self.newer));
        }
        fates
    }

    fn search(&self, fates: &[(u32, Fate)]) -> io::Result<Vec<Instruction>> {
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

    fn tests(&self, rules: &[(When, u32)]) -> io::Result<Vec<Instruction>> {
        let mut program = Vec::new();
        let mut loaded = None;
        for &(when, action) in rules {
            let (argument, mask) = match when {
                When::Always => {
                    program.push(Instruction(RETURN, 0, 0, action));
                    return Ok(program);
                }
                When::Is(argument, _) => (argument, u32::MAX),
                When::Any(argument, bits) | When::None(argument, bits) => (argument, bits),
            };
            if loaded != Some(argument) {
                // The low half, which comes first where the lowest byte does.
                let half = u32::from(cfg!(target_endian = "big"));
                program.push(Instruction(LOAD, 0, 0, ARGUMENTS + 8 * argument + 4 * half));
                loaded = Some(argument);
            }
            if mask != u32::MAX {
                program.push(Instruction(AND, 0, 0, mask));
                loaded = None;
            }
            match when {
                When::Is(_, values) => program.extend(one_of(values)?),
                When::None(..) => program.push(Instruction(IF_EQUAL, 0, 1, 0)),
                _ => program.push(Instruction(IF_EQUAL, 1, 0, 0)),
            }
            program.push(Instruction(RETURN, 0, 0, action));
        }
        program.push(Instruction(RETURN, 0, 0, self.default));
        Ok(program)
    }
}

/// From this number on another fate, if it is another one.
fn begin(fates: &mut Vec<(u32, Fate)>, number: u32, fate: Fate) {
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
    let last = values.len().saturating_sub(1);
    (0..)
        .zip(values)
        .map(|(index, value)| {
            let yes = u8::try_from(last - index).map_err(io::Error::other)?;
            Ok(Instruction(IF_EQUAL, yes, u8::from(index == last), *value))
        })
        .collect()
}
