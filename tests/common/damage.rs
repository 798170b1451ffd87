//! Inputs that are nearly right: seeds with a few random edits, for tests of what reads them.
//!
//! What reads them must come to an end, within bounds of time and memory, and without a panic. A test gives seeds and words
//! of their format, and looks itself at what it is told. `ASSAY_FUZZ_SECONDS` and `ASSAY_FUZZ_SEED` make a run longer and
//! another one; `scripts/fuzz` sets both.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::test_runner::{Config, RngSeed, TestRunner};

/// What one input may take.
const MOST_TIME: Duration = Duration::from_secs(10);
/// What the process may have at any time.
const MOST_MEMORY: u64 = 1 << 30;
/// No edit makes an input longer.
const MOST_BYTES: usize = 1 << 18;

/// What often goes wrong, in every format.
const WORDS: [&str; 28] = [
    "",
    "\0",
    "\n",
    " ",
    "\"",
    "'",
    "{",
    "}",
    "[",
    "]",
    ":",
    "=",
    "#",
    "0",
    "-1",
    "1e308",
    "-0.0",
    "nan",
    "inf",
    "0.0001",
    "18446744073709551616",
    "4294967296",
    "99999999999",
    "\u{feff}",
    "\u{e9}",
    "../",
    "/",
    "~",
];

/// Seeds, and how they are damaged.
pub(crate) struct Damage {
    pub(crate) seeds: Vec<Vec<u8>>,
    /// Of the format.
    pub(crate) words: &'static [&'static str],
    /// Makes sums right again, which would else keep every other damage from being seen.
    pub(crate) mend: fn(&mut [u8]),
}

/// One edit. Places are parts of the input's length, so that they mean something in every seed.
#[derive(Clone, Debug)]
enum Edit {
    Set {
        at: u16,
        byte: u8,
    },
    Remove {
        at: u16,
        length: u8,
    },
    Insert {
        at: u16,
        word: u16,
    },
    /// A word over what is there, from the beginning of one on, for formats in which places count.
    Overwrite {
        at: u16,
        word: u16,
    },
    /// Another word in the place of one.
    Replace {
        at: u16,
        word: u16,
    },
    Repeat {
        at: u16,
        length: u8,
        times: u8,
    },
    Move {
        from: u16,
        length: u8,
        to: u16,
    },
    /// A part of another seed.
    Splice {
        seed: u8,
        from: u16,
        length: u8,
        to: u16,
    },
    Cut {
        at: u16,
    },
    Mend,
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        3 => any::<(u16, u8)>().prop_map(|(at, byte)| Edit::Set { at, byte }),
        2 => any::<(u16, u8)>().prop_map(|(at, length)| Edit::Remove { at, length: length % 48 }),
        3 => any::<(u16, u16)>().prop_map(|(at, word)| Edit::Insert { at, word }),
        5 => any::<(u16, u16)>().prop_map(|(at, word)| Edit::Replace { at, word }),
        3 => any::<(u16, u16)>().prop_map(|(at, word)| Edit::Overwrite { at, word }),
        1 => any::<(u16, u8, u8)>().prop_map(|(at, length, times)| Edit::Repeat { at, length, times }),
        2 => any::<(u16, u8, u16)>().prop_map(|(from, length, to)| Edit::Move { from, length, to }),
        2 => any::<(u8, u16, u8, u16)>().prop_map(|(seed, from, length, to)| Edit::Splice { seed, from, length, to }),
        1 => any::<u16>().prop_map(|at| Edit::Cut { at }),
        3 => proptest::strategy::Just(Edit::Mend),
    ]
}

impl Damage {
    /// Looks at damaged seeds for a second, or as long as is asked for. The number is that of the seed.
    pub(crate) fn check(&self, look: impl Fn(usize, &[u8])) {
        let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
        let inputs = (0..self.seeds.len(), proptest::collection::vec(edit(), 0..8));
        let watch = Watch::start();
        for (index, seed) in self.seeds.iter().enumerate() {
            watch.during(seed, || look(index, seed));
        }
        let deadline = Instant::now() + Duration::from_secs(number("ASSAY_FUZZ_SECONDS").unwrap_or(1));
        let mut seed = number("ASSAY_FUZZ_SEED").unwrap_or(1);
        while Instant::now() < deadline {
            let config = Config {
                cases: 32,
                failure_persistence: None,
                max_shrink_time: 20_000,
                rng_seed: RngSeed::Fixed(seed),
                ..Config::default()
            };
            // Each round has a runner of its own: one that has had its cases runs no more.
            let result = TestRunner::new(config).run(&inputs, |(index, edits)| {
                let bytes = self.damaged(index, &edits);
                watch.during(&bytes, || look(index, &bytes));
                Ok(())
            });
            if let Err(error) = result {
                let input = match &error {
                    proptest::test_runner::TestError::Fail(_, (index, edits)) => self.damaged(*index, edits),
                    proptest::test_runner::TestError::Abort(_) => Vec::new(),
                };
                panic!("{error}\nASSAY_FUZZ_SEED={seed} does it again; the input:\n{}", input.escape_ascii());
            }
            seed = seed.wrapping_add(1);
        }
    }

    fn damaged(&self, index: usize, edits: &[Edit]) -> Vec<u8> {
        let mut bytes = self.seeds[index].clone();
        for edit in edits {
            self.apply(edit, &mut bytes);
            bytes.truncate(MOST_BYTES);
        }
        bytes
    }

    fn apply(&self, edit: &Edit, bytes: &mut Vec<u8>) {
        let place = |at: u16, bytes: &[u8]| (usize::from(at) * (bytes.len() + 1)) >> 16;
        let part =
            |from: usize, length: u8, bytes: &[u8]| bytes[from..bytes.len().min(from + usize::from(length))].to_vec();
        let word = |word: u16| {
            let word = usize::from(word) % (WORDS.len() + 2 * self.words.len());
            let own = || self.words[(word - WORDS.len()) / 2];
            WORDS.get(word).copied().unwrap_or_else(own).as_bytes().to_vec()
        };
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/');
        let word_at = |at: usize, bytes: &[u8]| {
            let inside = bytes[..at].iter().rev().take_while(|byte| is_word(byte)).count();
            let ahead = || bytes[at..].iter().position(is_word).unwrap_or(0);
            if inside > 0 { at - inside } else { at + ahead() }
        };
        match edit {
            Edit::Set { at, byte } => {
                let at = place(*at, bytes);
                if let Some(old) = bytes.get_mut(at) {
                    *old = *byte;
                }
            }
            Edit::Remove { at, length } => {
                let at = place(*at, bytes);
                bytes.drain(at..bytes.len().min(at + usize::from(*length)));
            }
            Edit::Insert { at, word: chosen } => {
                let at = place(*at, bytes);
                bytes.splice(at..at, word(*chosen));
            }
            Edit::Overwrite { at, word: chosen } => {
                let start = word_at(place(*at, bytes), bytes);
                for (old, new) in bytes[start..].iter_mut().zip(word(*chosen)) {
                    *old = new;
                }
            }
            Edit::Replace { at, word: chosen } => {
                let start = word_at(place(*at, bytes), bytes);
                let length = bytes[start..].iter().take_while(|byte| is_word(byte)).count();
                bytes.splice(start..start + length, word(*chosen));
            }
            Edit::Repeat { at, length, times } => {
                let at = place(*at, bytes);
                let repeated = part(at, *length, bytes).repeat(usize::from(*times));
                bytes.splice(at..at, repeated);
            }
            Edit::Move { from, length, to } => {
                let moved = part(place(*from, bytes), *length, bytes);
                let to = place(*to, bytes);
                bytes.splice(to..to, moved);
            }
            Edit::Splice { seed, from, length, to } => {
                let other = &self.seeds[usize::from(*seed) % self.seeds.len()];
                let taken = part(place(*from, other), *length, other);
                let to = place(*to, bytes);
                bytes.splice(to..to, taken);
            }
            Edit::Cut { at } => bytes.truncate(place(*at, bytes)),
            Edit::Mend => (self.mend)(bytes),
        }
    }
}

/// The input that is looked at, and since when.
type Current = Option<(Instant, Vec<u8>)>;

/// Ends the process over an input that takes too much time or memory: neither can be caught.
struct Watch {
    current: Arc<Mutex<Current>>,
    over: Arc<AtomicBool>,
}

impl Watch {
    fn start() -> Self {
        let watch = Self { current: Arc::default(), over: Arc::default() };
        let (current, over) = (Arc::clone(&watch.current), Arc::clone(&watch.over));
        std::thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(50));
                let current = current.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                let Some((since, input)) = current.as_ref() else { continue };
                let resident = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
                let pages: u64 = resident.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
                if since.elapsed() > MOST_TIME || pages * 4096 > MOST_MEMORY {
                    #[expect(clippy::print_stderr, reason = "the last thing that this process says")]
                    {
                        let (time, input) = (since.elapsed(), input.escape_ascii());
                        eprintln!("{} MiB after {time:?}, which is too much, for the input:\n{input}", pages >> 8);
                    }
                    std::process::abort();
                }
            }
        });
        watch
    }

    fn during(&self, input: &[u8], work: impl FnOnce()) {
        let set = |value| *self.current.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = value;
        set(Some((Instant::now(), input.to_vec())));
        work();
        set(None);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}
