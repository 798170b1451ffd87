//! What people see: tables, the progress bar, colours, errors. The only user of these libraries, and of standard output.

use std::io::{IsTerminal as _, Write as _};

use anyhow::Context as _;
use assay_shared::Verdict;
use comfy_table::{Cell, CellAlignment, Color, ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What went wrong.
const NOT_WRITTEN: &str = "cannot write to standard output";

/// Writes a line to standard output. A reader that has gone away ends the program quietly, as it does other filters; what else goes wrong
/// is told.
pub(super) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    if let Err(failed) = writeln!(out, "{text}").and_then(|()| out.flush()) {
        if failed.kind() != std::io::ErrorKind::BrokenPipe {
            error(&anyhow::Error::new(failed).context(NOT_WRITTEN));
        }
        #[expect(clippy::exit, reason = "nobody reads any more, and nothing is lost: results are in the store")]
        std::process::exit(i32::from(crate::exit::Exit::Difference as u8));
    }
}

/// Writes a value as a line of JSON. What a terminal would take for a command is escaped also where JSON need not.
pub(super) fn json(value: &serde_json::Value) {
    let mut text = String::new();
    for c in value.to_string().chars() {
        if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
            // Such characters are only in strings, and below U+10000.
            text.extend(format!("\\u{:04x}", u32::from(c)).chars());
        } else {
            text.push(c);
        }
    }
    line(&text);
}

/// Writes bytes to standard output as they are.
///
/// # Errors
/// They cannot be written, but not because nobody reads them any more.
pub(super) fn bytes(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error).context(NOT_WRITTEN),
        _ => Ok(()),
    }
}

/// Writes bytes to standard error as they are.
pub(super) fn error_bytes(bytes: &[u8]) {
    // There is nowhere to say that standard error is closed.
    drop(std::io::stderr().write_all(bytes));
}

/// Writes a line to standard error; what it repeats of others is made harmless.
pub(super) fn note(text: &str) {
    let text: Vec<String> = text.split('\n').map(|line| harmless(&line.replace('\t', "    "))).collect();
    // There is nowhere to say that standard error is closed.
    drop(writeln!(std::io::stderr(), "{}", text.join("\n")));
}

/// Prints an error with its causes, once each.
pub(super) fn error(error: &anyhow::Error) {
    let mut text = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    note(&format!("assay: {text}"));
}

/// Columns of a terminal below which tables are not made to fit.
const NARROWEST: u16 = 60;

/// A table with these headings that fits the terminal, with colours; plain columns when it is none.
pub(super) fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    // A terminal that does not know its width, or says next to nothing, would get a letter a line.
    if table.width().is_some_and(|width| width >= NARROWEST) && std::io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    if !wants_colour() {
        let width = table.width();
        table.force_no_tty();
        if let Some(width) = width {
            table.set_width(width);
        }
    }
    table.set_header(headings.iter().map(Cell::new));
    table
}

fn wants_colour() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// A verdict's cell.
pub(super) fn verdict_cell(verdict: Verdict) -> Cell {
    scored_cell(verdict, None)
}

/// The cell of a verdict with its points, if there are any.
pub(super) fn scored_cell(verdict: Verdict, score: Option<f64>) -> Cell {
    let colour = match verdict {
        Verdict::Accepted => Color::Green,
        Verdict::JudgeError => Color::Magenta,
        Verdict::Skipped => Color::DarkGrey,
        _ => Color::Yellow,
    };
    let text = match score {
        Some(score) => format!("{verdict} {}", (score * 100.0).round() / 100.0),
        None => verdict.code().to_owned(),
    };
    Cell::new(text).fg(colour)
}

/// A number's cell.
pub(super) fn number(text: impl std::fmt::Display) -> Cell {
    Cell::new(text.to_string()).set_alignment(CellAlignment::Right)
}

/// A verdict, coloured on a terminal.
pub(super) fn verdict(verdict: Verdict) -> String {
    let colour = match verdict {
        Verdict::Accepted => "32",
        Verdict::JudgeError => "35",
        Verdict::Skipped => "90",
        _ => "33",
    };
    coloured(verdict.code(), colour)
}

/// Text in a colour (an SGR parameter) if standard output is a terminal that wants it.
pub(super) fn coloured(text: &str, colour: &str) -> String {
    if wants_colour() { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_owned() }
}

/// Text of others made harmless for a terminal: control characters are shown, not sent.
pub(super) fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .filter(|c| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect()
}

/// Bytes as MiB with one digit.
pub(super) fn mib(bytes: u64) -> String {
    format!("{}.{}", bytes >> 20, ((bytes >> 10) % 1024) * 10 / 1024)
}

/// A progress bar on a terminal; nothing elsewhere. A total of `u64::MAX` stands for one that nobody knows.
pub(super) fn progress(total: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    if !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let template = if total == u64::MAX {
        "{pos} graded, {per_sec}  {msg}"
    } else {
        "{bar:30} {pos}/{len} graded, {per_sec}, {eta} left  {msg}"
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}
