//! What the promises of a run cost by themselves: its namespaces, its control groups, and a process 1. A sandbox that keeps them hardly costs
//! less, whatever else it does or leaves out.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use assay_sandbox::{Places, Version};

use crate::runs::compile;

/// The program that makes runs of nothing but that, one whenever it is asked.
pub(crate) struct Floor {
    child: Child,
    ask: ChildStdin,
    answer: ChildStdout,
}

impl Floor {
    /// For this program, which is linked statically; two, with directories of their own in each hierarchy that is used.
    pub(crate) fn two(program: &str, dir: &Path) -> [Self; 2] {
        let path = compile("/usr/bin/gcc", include_str!("floor.c"), dir, "floor");
        let Places { unified, memory, pids, cpu } = Places::detect().unwrap();
        let mut directories = vec![unified.unwrap_or_else(|| "-".into())];
        for place in [memory, pids, cpu] {
            if place.version == Version::V1 && !directories.contains(&place.path) {
                directories.push(place.path);
            }
        }
        [(), ()].map(|()| {
            let mut command = Command::new(&path);
            command.arg(program).args(&directories).stdin(Stdio::piped()).stdout(Stdio::piped());
            let mut child = command.spawn().unwrap();
            let (ask, answer) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
            Self { child, ask, answer }
        })
    }

    pub(crate) fn run(&mut self) {
        self.ask.write_all(b"r").unwrap();
        self.answer.read_exact(&mut [0]).unwrap();
    }

    pub(crate) fn close(self) {
        let Self { mut child, ask, .. } = self;
        drop(ask);
        assert!(child.wait().unwrap().success(), "the floor");
    }
}
