//! Proves that an emitted filter does what the table says, for every architecture, number and argument.
//!
//! A filter is a classic BPF program: it has no loops, and looks at nothing but `seccomp_data`. So it can be walked along every
//! path, with the set of calls that take the path, and at its end that set is split by the table until each part has one
//! answer, which must be the program's. Nothing here asks libseccomp, except for the numbers of calls.

mod tests;

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use super::seccomp::{X32, number};
use super::table::{Action, Arch, Policy, Rule, When};

/// One instruction, as in `linux/filter.h`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instruction {
    pub(super) code: u16,
    pub(super) yes: u8,
    pub(super) no: u8,
    pub(super) operand: u32,
}

pub(super) fn instructions(program: &[u8]) -> Vec<Instruction> {
    let of = |bytes: &[u8]| Instruction {
        code: u16::from_ne_bytes([bytes[0], bytes[1]]),
        yes: bytes[2],
        no: bytes[3],
        operand: u32::from_ne_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]),
    };
    program.chunks_exact(8).map(of).collect()
}

// The only instructions that libseccomp emits; any other is an error of the walk.
const LOAD: u16 = 0x20;
const AND: u16 = 0x54;
const JUMP: u16 = 0x05;
const EQUAL: u16 = 0x15;
const ABOVE: u16 = 0x25;
const AT_LEAST: u16 = 0x35;
const RETURN: u16 = 0x06;

/// Values of one 32-bit word of an argument: with these bits known, and with none of the excluded patterns.
#[derive(Clone, Debug)]
pub(super) struct Word {
    known: u32,
    value: u32,
    /// Mask and what the bits under it are not.
    not: Vec<(u32, u32)>,
}

impl Word {
    const ANY: Self = Self { known: 0, value: 0, not: Vec::new() };

    /// Those whose bits under the mask are `value`, and the others.
    fn equal(&self, mask: u32, value: u32) -> (Option<Self>, Option<Self>) {
        let mut yes = self.clone();
        yes.known |= mask;
        yes.value |= value & mask;
        let possible = value & !mask == 0 && (self.value ^ value) & self.known & mask == 0;
        let mut no = self.clone();
        no.not.push((mask, value));
        (
            if possible { yes.settled() } else { None },
            if value & !mask == 0 { no.settled() } else { Some(self.clone()) },
        )
    }

    /// Draws the conclusions from what is excluded; `None` if nothing is left.
    fn settled(mut self) -> Option<Self> {
        loop {
            let (known, value) = (self.known, self.value);
            // What the known bits exclude already needs no mention.
            self.not.retain(|(mask, not)| (value ^ not) & known & mask == 0);
            let mut bits = self.not.iter().map(|(mask, not)| (mask & !known, *not));
            match bits.find(|(open, _)| open.count_ones() <= 1) {
                None => break,
                Some((0, _)) => return None,
                Some((bit, not)) => {
                    self.known |= bit;
                    self.value |= !not & bit;
                }
            }
        }
        // What is excluded twice counts once.
        let mut open: Vec<_> =
            self.not.iter().map(|(mask, not)| (mask & !self.known, mask & !self.known & not)).collect();
        open.sort_unstable();
        open.dedup();
        // Each takes at most its share of what is left: if that is not all, something is left. Otherwise each value is tried.
        let taken: f64 = open.iter().map(|(mask, _)| 0.5_f64.powi(mask.count_ones().cast_signed())).sum();
        let bits = open.iter().fold(0, |bits, (mask, _)| bits | mask);
        if taken >= 1.0 && subsets(bits).all(|value| open.iter().any(|(mask, not)| value & mask == *not)) {
            return None;
        }
        Some(self)
    }
}

/// Every value that has only these bits.
fn subsets(bits: u32) -> impl Iterator<Item = u32> {
    std::iter::successors(Some(0_u32), move |value| match (value | !bits).wrapping_add(1) & bits {
        0 => None,
        next => Some(next),
    })
}

/// A set of numbers or architectures: sorted ranges that do not touch.
#[derive(Clone, Debug)]
pub(super) struct Ranges(Vec<(u32, u32)>);

impl Ranges {
    /// Those from `low` to `high`.
    fn within(&self, low: u32, high: u32) -> Option<Self> {
        let parts = self.0.iter().map(|(from, to)| ((*from).max(low), (*to).min(high)));
        let parts: Vec<_> = parts.filter(|(from, to)| from <= to).collect();
        (!parts.is_empty()).then_some(Self(parts))
    }

    /// Those from `low` to `high`, and the others.
    fn split(&self, low: u32, high: u32) -> (Option<Self>, Option<Self>) {
        let below = low.checked_sub(1).and_then(|last| self.within(0, last));
        let above = high.checked_add(1).and_then(|first| self.within(first, u32::MAX));
        let others: Vec<_> = below.into_iter().chain(above).flat_map(|part| part.0).collect();
        (self.within(low, high), (!others.is_empty()).then_some(Self(others)))
    }
}

/// A set of calls: every combination of what its parts allow.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    pub(super) arch: Ranges,
    pub(super) number: Ranges,
    /// The words of `seccomp_data` from the first: the arguments, each low half then high half, are from word 4 on.
    words: BTreeMap<u32, Word>,
}

impl Calls {
    fn all() -> Self {
        let any = || Ranges(vec![(0, u32::MAX)]);
        Self { arch: any(), number: any(), words: BTreeMap::new() }
    }

    pub(super) fn word(&self, word: u32) -> Word {
        self.words.get(&word).cloned().unwrap_or(Word::ANY)
    }

    fn split_word(&self, word: u32, mask: u32, value: u32) -> (Option<Self>, Option<Self>) {
        let with = |part| Self {
            words: self.words.iter().map(|(k, v)| (*k, v.clone())).chain([(word, part)]).collect(),
            ..self.clone()
        };
        let (yes, no) = self.word(word).equal(mask, value);
        (yes.map(with), no.map(with))
    }

    /// Those for which the condition of a rule holds, and the others.
    pub(super) fn split(&self, when: When) -> (Vec<Self>, Vec<Self>) {
        let low_half = |argument: u32| 4 + 2 * argument + u32::from(cfg!(target_endian = "big"));
        // Each pattern takes its calls from what the ones before it left.
        let each = |argument, patterns: &mut dyn Iterator<Item = (u32, u32)>| {
            let (mut taken, mut rest) = (Vec::new(), Some(self.clone()));
            for (mask, value) in patterns {
                let Some(calls) = rest else { break };
                let (yes, no) = calls.split_word(low_half(argument), mask, value);
                taken.extend(yes);
                rest = no;
            }
            (taken, rest.into_iter().collect())
        };
        match when {
            When::Always => (vec![self.clone()], Vec::new()),
            When::Is(argument, values) => each(argument, &mut values.iter().map(|value| (u32::MAX, *value))),
            When::Any(argument, bits) => {
                each(argument, &mut (0..32).map(|bit| 1 << bit).filter(|bit| bits & bit != 0).map(|bit| (bit, bit)))
            }
            When::None(argument, bits) => each(argument, &mut [(bits, 0)].into_iter()),
        }
    }
}

impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ranges = |ranges: &Ranges| {
            let shown: Vec<_> = ranges
                .0
                .iter()
                .take(4)
                .map(|(from, to)| if from == to { format!("{from:#x}") } else { format!("{from:#x}-{to:#x}") })
                .collect();
            shown.join(",") + if ranges.0.len() > 4 { ",…" } else { "" }
        };
        write!(f, "architecture {}, number {}", ranges(&self.arch), ranges(&self.number))?;
        for (word, bits) in &self.words {
            let half = if word % 2 == 0 { "" } else { " (high half)" };
            write!(f, ", argument {}{half} & {:#x} is {:#x}", (word - 4) / 2, bits.known, bits.value)?;
            for (mask, value) in bits.not.iter().take(4) {
                write!(f, " and & {mask:#x} is not {value:#x}")?;
            }
        }
        Ok(())
    }
}

/// What a program answers to a set of calls.
#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) calls: Calls,
    pub(super) answer: u32,
}

/// Every path of a program that some call takes.
///
/// # Errors
/// An instruction that no filter of ours has, or one that leads out of the program.
pub(super) fn walk(program: &[Instruction]) -> Result<Vec<Leaf>, String> {
    let mut leaves = Vec::new();
    // Where it goes on, with which word under which mask, for which calls.
    let mut open = vec![(0, None, Calls::all())];
    while let Some((at, mut accumulator, calls)) = open.pop() {
        let Some(instruction) = program.get(at) else { return Err(format!("instruction {at} is outside the program")) };
        let Instruction { code, yes, no, operand } = *instruction;
        let next = |skip: u32| at + 1 + skip as usize;
        let (taken, others) = match (code, accumulator) {
            (LOAD, _) if operand % 4 == 0 && operand < 64 => {
                accumulator = Some((operand / 4, u32::MAX));
                (None, Some(calls))
            }
            (AND, Some((word, mask))) => {
                accumulator = Some((word, mask & operand));
                (None, Some(calls))
            }
            (JUMP, _) => {
                open.push((next(operand), accumulator, calls));
                continue;
            }
            (RETURN, _) => {
                leaves.push(Leaf { calls, answer: operand });
                continue;
            }
            (EQUAL | ABOVE | AT_LEAST, Some((word @ (0 | 1), u32::MAX))) => {
                let (low, high) = match code {
                    EQUAL => (operand, operand),
                    AT_LEAST => (operand, u32::MAX),
                    _ => (operand.checked_add(1).ok_or("nothing is above the largest number")?, u32::MAX),
                };
                let ranges = if word == 0 { &calls.number } else { &calls.arch };
                let (taken, others) = ranges.split(low, high);
                let with = |part| match word {
                    0 => Calls { number: part, ..calls.clone() },
                    _ => Calls { arch: part, ..calls.clone() },
                };
                (taken.map(with), others.map(with))
            }
            // Words 2 and 3 are the instruction pointer, on which nothing may depend.
            (EQUAL, Some((word @ 4.., mask))) => calls.split_word(word, mask, operand),
            _ => return Err(format!("instruction {at} is none that is known here: {instruction:x?}")),
        };
        let is_jump = matches!(code, EQUAL | ABOVE | AT_LEAST);
        open.extend(taken.map(|calls| (next(yes.into()), accumulator, calls)));
        open.extend(others.map(|calls| (next(if is_jump { no.into() } else { 0 }), accumulator, calls)));
    }
    Ok(leaves)
}

/// The table of one policy on one architecture, by numbers.
pub(super) struct Expected {
    policy: Policy,
    arch: Arch,
    pub(super) rules: BTreeMap<u32, Vec<Rule>>,
    /// Numbers of no rule, as ranges, with what is done with them.
    unnamed: Vec<(u32, u32, Action)>,
    /// What the program answers to a forbidden call.
    kill: u32,
}

impl Expected {
    pub(super) fn new(policy: Policy, arch: Arch, kill: u32) -> Self {
        let mut rules: BTreeMap<u32, Vec<Rule>> = BTreeMap::new();
        for rule in policy.rules() {
            if let Some(number) = number(rule.call, arch).expect("the table's names are known") {
                rules.entry(number).or_default().push(rule);
            }
        }
        let mut unnamed = Vec::new();
        let mut from = 0;
        for named in rules.keys() {
            unnamed.extend((from < *named).then(|| (from, named - 1, policy.default())));
            from = named + 1;
        }
        match arch {
            Arch::X86_64 => unnamed.extend([
                (from, X32 - 1, policy.newer()),
                (X32, u32::MAX - 1, Action::Kill),
                (u32::MAX, u32::MAX, policy.newer()),
            ]),
            Arch::Aarch64 => unnamed.push((from, u32::MAX, policy.newer())),
        }
        Self { policy, arch, rules, unnamed, kill }
    }

    pub(super) fn answer(&self, action: Action) -> u32 {
        match action {
            Action::Allow => libc::SECCOMP_RET_ALLOW,
            Action::Refuse(errno) => libc::SECCOMP_RET_ERRNO | errno.cast_unsigned(),
            Action::Kill => self.kill,
        }
    }

    pub(super) fn newest(&self) -> u32 {
        *self.rules.last_key_value().expect("there are rules").0
    }

    /// The parts of a set of calls and what the table does with each.
    fn parts(&self, calls: &Calls) -> Vec<(Calls, Action, &'static str)> {
        let mut parts = Vec::new();
        let (ours, foreign) = calls.arch.split(self.arch.token(), self.arch.token());
        parts.extend(foreign.map(|arch| (Calls { arch, ..calls.clone() }, Action::Kill, "another architecture")));
        let Some(arch) = ours else { return parts };
        let calls = Calls { arch, ..calls.clone() };
        for (low, high, action) in &self.unnamed {
            let numbers = calls.number.within(*low, *high);
            parts.extend(numbers.map(|number| (Calls { number, ..calls.clone() }, *action, "no name of the table")));
        }
        let named = calls.number.0.iter().flat_map(|(low, high)| self.rules.range(low..=high));
        for (number, rules) in named {
            let mut rest = vec![Calls { number: Ranges(vec![(*number, *number)]), ..calls.clone() }];
            for rule in rules {
                let mut others = Vec::new();
                for calls in &rest {
                    let (taken, left) = calls.split(rule.when);
                    parts.extend(taken.into_iter().map(|calls| (calls, rule.action, rule.call)));
                    others.extend(left);
                }
                rest = others;
            }
            parts.extend(rest.into_iter().map(|calls| (calls, self.policy.default(), rules[0].call)));
        }
        parts
    }

    /// What the table does with one call.
    pub(super) fn action(&self, arch: u32, number: u32, args: [u64; 6]) -> Action {
        let unnamed = || self.unnamed.iter().find(|(low, high, _)| (*low..=*high).contains(&number));
        let holds = |when| {
            #[expect(clippy::cast_possible_truncation, reason = "the low half is meant")]
            let low = |index: u32| args[index as usize] as u32;
            match when {
                When::Always => true,
                When::Is(index, values) => values.contains(&low(index)),
                When::Any(index, bits) => low(index) & bits != 0,
                When::None(index, bits) => low(index) & bits == 0,
            }
        };
        if arch != self.arch.token() {
            return Action::Kill;
        }
        match self.rules.get(&number) {
            Some(rules) => rules.iter().find(|rule| holds(rule.when)).map_or(self.policy.default(), |rule| rule.action),
            None => unnamed().map(|(.., action)| *action).expect("every number is named or not"),
        }
    }

    /// Where a program differs from the table, in words; empty if nowhere.
    pub(super) fn differences(&self, program: &[Instruction]) -> String {
        let mut differences = String::new();
        let leaves = match walk(program) {
            Ok(leaves) => leaves,
            Err(error) => return error,
        };
        for leaf in leaves {
            for (calls, action, what) in self.parts(&leaf.calls) {
                let wanted = self.answer(action);
                if wanted != leaf.answer {
                    writeln!(
                        differences,
                        "{what}: the table says {action:?} ({wanted:#x}), the program answers {:#x} to {calls}",
                        leaf.answer
                    )
                    .expect("a string takes everything");
                }
            }
        }
        differences
    }
}
