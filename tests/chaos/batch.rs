//! Submissions whose verdicts are known, from a seed.

use std::path::Path;

use serde_json::{Value, json};
use uuid::Uuid;

/// SplitMix64: the same numbers for the same seed.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub(crate) fn uuid(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.next(), self.next())
    }

    /// A name, by weight.
    pub(crate) fn weighted(&mut self, names: &'static [(&'static str, u64)]) -> &'static str {
        let mut at = self.below(names.iter().map(|(_, weight)| weight).sum());
        for (name, weight) in names {
            if at < *weight {
                return name;
            }
            at -= weight;
        }
        names[0].0
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Expected {
    Verdict(&'static str),
    /// Put aside, for a reason with this in it.
    Quarantined(&'static str),
}

/// A submission and what must become of it.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) id: Uuid,
    pub(crate) kind: &'static str,
    pub(crate) code: &'static str,
    pub(crate) expected: Expected,
    pub(crate) message: Value,
}

/// Codes of the languages in the batch.
pub(crate) const CODES: [&str; 5] = ["python3", "bash", "c", "cpp", "chaos"];

/// A language whose programs cannot be started: the judge's own failure, whatever the submission.
pub(crate) fn broken_language(dir: &Path) {
    std::fs::create_dir_all(dir).unwrap();
    let text = "id = \"chaos\"\nname = \"Chaos\"\ncode = \"chaos\"\nextensions = [\"chaos\"]\ndefault = true\n\
        version = [\"{program}\", \"--version\"]\n\n[[toolchain]]\nprogram = \"/bin/bash\"\n\n\
        [run]\nargv = [\"/usr/bin/there-is-no-such-program\", \"{main}\"]\n";
    std::fs::write(dir.join("chaos.toml"), text).unwrap();
}

struct Kind {
    name: &'static str,
    weight: u64,
    language: &'static str,
    code: &'static str,
    file: &'static str,
    text: &'static str,
    expected: Expected,
}

const fn kind(
    name: &'static str,
    weight: u64,
    [language, code, file, text]: [&'static str; 4],
    expected: Expected,
) -> Kind {
    Kind { name, weight, language, code, file, text, expected }
}

use Expected::{Quarantined, Verdict};

const PYTHON: [&str; 3] = ["python3", "python3", "a.py"];

const fn python(text: &'static str) -> [&'static str; 4] {
    [PYTHON[0], PYTHON[1], PYTHON[2], text]
}

const KINDS: &[Kind] = &[
    kind("right", 20, python("print(2 * int(input()))"), Verdict("AC")),
    kind("wrong", 10, python("print(2 * int(input()) + 1)"), Verdict("WA")),
    kind("silent", 3, python("pass"), Verdict("WA")),
    kind("crash", 5, python("raise SystemExit(3)"), Verdict("RTE")),
    kind("signal", 3, python("import os; os.kill(os.getpid(), 11)"), Verdict("RTE")),
    kind("forbidden", 3, ["bash", "bash", "a.sh", "exec unshare --user true"], Verdict("RTE")),
    kind("no program", 4, python("def f(:"), Verdict("CE")),
    kind("loop", 4, python("while True: pass"), Verdict("TLE")),
    kind("sleep", 3, python("import time; time.sleep(60)"), Verdict("ILE")),
    kind("memory", 3, python("x = bytearray(400 << 20); print(8)"), Verdict("MLE")),
    kind("flood", 3, python("print('y' * 200000)"), Verdict("OLE")),
    kind("shell", 10, ["bash", "bash", "a.sh", "read n; echo $((2 * n))"], Verdict("AC")),
    kind(
        "c",
        4,
        [
            "c",
            "c",
            "a.c",
            "#include <stdio.h>\nint main(void) { int n; scanf(\"%d\", &n); printf(\"%d\\n\", 2 * n); return 0; }",
        ],
        Verdict("AC"),
    ),
    kind("bad c", 2, ["c", "c", "a.c", "int main(void) { return x; }"], Verdict("CE")),
    kind(
        "c++",
        2,
        [
            "cpp17",
            "cpp",
            "a.cpp",
            "#include <cstdio>\nint main() { int n; std::scanf(\"%d\", &n); std::printf(\"%d\\n\", 3 * n); }",
        ],
        Verdict("WA"),
    ),
    kind("judge error", 2, ["chaos", "chaos", "a.chaos", "whatever"], Quarantined("the judge failed 3 times")),
];

/// So many submissions.
pub(crate) fn plan(count: usize, random: &mut Random) -> Vec<Planned> {
    let total: u64 = KINDS.iter().map(|kind| kind.weight).sum();
    (0..count)
        .map(|index| {
            // Every kind at least once.
            let kind = KINDS.get(index).unwrap_or_else(|| {
                let mut at = random.below(total);
                KINDS
                    .iter()
                    .find(|kind| {
                        let hit = at < kind.weight;
                        at = at.saturating_sub(kind.weight);
                        hit
                    })
                    .unwrap_or(&KINDS[0])
            });
            let id = random.uuid();
            let message = json!({"version": 1, "submission_id": id, "language": kind.language,
                "files": [{"name": kind.file, "text": kind.text}],
                "tests": [{"id": "1", "stdin": "4\n", "expected": "8\n"}, {"id": "2", "stdin": "5\n", "expected": "10\n"}],
                "limits": {"cpu_ms": 1000, "wall_ms": 4000, "memory_bytes": 256 << 20, "stdout_bytes": 100_000}});
            Planned { id, kind: kind.name, code: kind.code, expected: kind.expected.clone(), message }
        })
        .collect()
}
