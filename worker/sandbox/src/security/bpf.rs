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
    /// It is longer than a program can be.
    pub(super) fn assemble(&self) -> io::Result<Vec<u8>> {
        let mut program = Backwards::default();
        let search = self.search(&mut program, &self.fates())?;
        let known = program.before(search, Instruction(LOAD, 0, 0, NUMBER))?;
        let foreign = program.end(self.foreign);
        let arch = program.branch(IF_EQUAL, self.arch.token(), known, foreign)?;
        program.before(arch, Instruction(LOAD, 0, 0, ARCHITECTURE))?;
        Ok(program.bytes())
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

    /// Where the search for the fate of a number begins.
    fn search(&self, program: &mut Backwards, fates: &[(u32, Fate)]) -> io::Result<Place> {
        if let [(_, fate)] = fates {
            return match fate {
                Fate::Same(action) => Ok(program.end(*action)),
                Fate::Tested(rules) => self.tests(program, rules),
            };
        }
        let (low, high) = fates.split_at(fates.len() / 2);
        let from = high[0].0;
        let (high, low) = (self.search(program, high)?, self.search(program, low)?);
        program.branch(IF_AT_LEAST, from, high, low)
    }

    /// Where the tests of these rules begin, in their order.
    fn tests(&self, program: &mut Backwards, rules: &[(When, u32)]) -> io::Result<Place> {
        let mut next = program.end(self.default);
        for (index, &(when, action)) in rules.iter().enumerate().rev() {
            let (argument, mask) = match when {
                When::Always => {
                    next = program.end(action);
                    continue;
                }
                When::Is(argument, _) => (argument, u32::MAX),
                When::Any(argument, bits) | When::None(argument, bits) => (argument, bits),
            };
            let holds = program.end(action);
            next = match when {
                When::Is(_, values) => {
                    values.iter().rev().try_fold(next, |other, value| program.branch(IF_EQUAL, *value, holds, other))?
                }
                When::None(..) => program.branch(IF_EQUAL, 0, holds, next)?,
                _ => program.branch(IF_EQUAL, 0, next, holds)?,
            };
            if mask != u32::MAX {
                next = program.before(next, Instruction(AND, 0, 0, mask))?;
            }
            // The rule before may have left it where it is needed.
            let is_loaded = index > 0 && matches!(rules[index - 1].0, When::Is(before, _) if before == argument);
            if !is_loaded {
                // The low half, which comes first where the lowest byte does.
                let half = u32::from(cfg!(target_endian = "big"));
                next = program.before(next, Instruction(LOAD, 0, 0, ARGUMENTS + 8 * argument + 4 * half))?;
            }
        }
        Ok(next)
    }
}

/// A program that is put together from its end, as jumps go forward only: what they go to is there already, and is shared.
#[derive(Default)]
struct Backwards {
    /// The last one first.
    instructions: Vec<Instruction>,
    /// The return of each action that is nearest.
    returns: BTreeMap<u32, Place>,
}

/// An instruction, by how many come after it.
type Place = usize;

impl Backwards {
    /// So far a conditional jump goes, less what may have to come between.
    const REACH: usize = 250;

    fn push(&mut self, instruction: Instruction) -> Place {
        self.instructions.push(instruction);
        self.instructions.len() - 1
    }

    /// How many instructions the next one would jump over to come there.
    fn distance(&self, to: Place) -> usize {
        self.instructions.len() - 1 - to
    }

    /// Where the program ends with this action, within reach.
    fn end(&mut self, action: u32) -> Place {
        if let Some(place) = self.returns.get(&action).copied()
            && self.distance(place) <= Self::REACH
        {
            return place;
        }
        let place = self.push(Instruction(RETURN, 0, 0, action));
        self.returns.insert(action, place);
        place
    }

    /// The same place, or one within reach that comes to the same.
    fn near(&mut self, place: Place) -> io::Result<Place> {
        if self.distance(place) <= Self::REACH {
            return Ok(place);
        }
        if let Instruction(RETURN, _, _, action) = self.instructions[place] {
            return Ok(self.end(action));
        }
        let distance = u32::try_from(self.distance(place)).map_err(io::Error::other)?;
        Ok(self.push(Instruction(JUMP, 0, 0, distance)))
    }

    /// This instruction, and then those from a place on.
    fn before(&mut self, next: Place, instruction: Instruction) -> io::Result<Place> {
        let distance = u32::try_from(self.distance(next)).map_err(io::Error::other)?;
        if distance > 0 {
            self.push(Instruction(JUMP, 0, 0, distance));
        }
        Ok(self.push(instruction))
    }

    /// A test, and where it goes on.
    fn branch(&mut self, test: u32, value: u32, yes: Place, no: Place) -> io::Result<Place> {
        let (yes, no) = (self.near(yes)?, self.near(no)?);
        let over = |place| u8::try_from(self.distance(place)).map_err(io::Error::other);
        let (yes, no) = (over(yes)?, over(no)?);
        Ok(self.push(Instruction(test, yes, no, value)))
    }

    fn bytes(&self) -> Vec<u8> {
        let bytes = self.instructions.iter().rev().flat_map(|&Instruction(code, yes, no, value)| {
            let [low, high, ..] = code.to_ne_bytes();
            let [a, b, c, d] = value.to_ne_bytes();
            [low, high, yes, no, a, b, c, d]
        });
        bytes.collect()
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
