//! What the command line asks for.

use std::path::{Path, PathBuf};

pub(crate) struct Options {
    pub(crate) only: Vec<String>,
    pub(crate) slots: usize,
    pub(crate) assay: PathBuf,
    pub(crate) cases: PathBuf,
    /// Stretches the limits of time.
    pub(crate) scale: f64,
    /// A guest without hardware help, where everything takes long.
    pub(crate) slow: bool,
    /// Others use this machine meanwhile.
    pub(crate) shared: bool,
    pub(crate) list: bool,
    /// Ends at the first failure.
    pub(crate) first: bool,
    /// What to do with the cases.
    pub(crate) mode: Mode,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Each by itself, then the actions, all at once, and the postures.
    Corpus,
    /// Those that should miss a mechanism, with that off, one mechanism after the other.
    Mutations,
    /// So many runs of short ones, all slots busy.
    Soak(usize),
    /// How long a kill takes, so many times.
    Latency(usize),
}

impl Options {
    pub(crate) fn read() -> Result<Self, String> {
        let mut options = Self {
            only: Vec::new(),
            slots: 2,
            assay: PathBuf::from(env!("CARGO_BIN_EXE_assay")),
            cases: Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus/cases"),
            scale: 1.0,
            slow: false,
            shared: false,
            list: false,
            first: false,
            mode: Mode::Corpus,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument}: a value is missing"));
            let number = |text: String| text.parse().map_err(|_| format!("{argument}: {text} is no number"));
            let count = |text: String| text.parse().map_err(|_| format!("{argument}: {text} is no number"));
            match argument.as_str() {
                "--only" => options.only.push(value()?),
                "--slots" => options.slots = count(value()?)?,
                "--assay" => options.assay = PathBuf::from(value()?),
                "--cases" => options.cases = PathBuf::from(value()?),
                "--scale" => options.scale = number(value()?)?,
                "--slow" => options.slow = true,
                "--shared" => options.shared = true,
                "--first" => options.first = true,
                "--list" => options.list = true,
                "--mutations" => options.mode = Mode::Mutations,
                "--soak" => options.mode = Mode::Soak(count(value()?)?),
                "--latency" => options.mode = Mode::Latency(count(value()?)?),
                // What cargo test hands on.
                "--quiet" | "-q" | "--nocapture" => {}
                other => return Err(format!("{other}: there is no such option; see tests/corpus/README.md")),
            }
        }
        if options.slow {
            options.scale *= 4.0;
        }
        Ok(options)
    }

    pub(crate) fn selects(&self, id: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| id.starts_with(only.as_str()))
    }
}
