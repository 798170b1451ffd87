//! `assay results`: what became of a batch, as a table, JSON, JSON Lines or CSV; tests on demand; pass@k.

use assay_shared::{Exit as Ended, SubmissionReport, Verdict};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use uuid::Uuid;

use super::servers::AnyStore;
use super::verify::{group_json, test_json};
use super::{Failure, render};
use crate::exit::Exit;
use crate::store::{ResultRow, Store, TaskCount};

/// Rows that are read at a time.
const PAGE: i64 = 500;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The batch
    batch: String,
    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Print JSON, one object a line; the same as --format jsonl
    #[arg(long)]
    json: bool,
    /// Only those with this verdict
    #[arg(long, value_name = "VERDICT", value_parser = clap::value_parser!(Verdict))]
    verdict: Option<Verdict>,
    /// With each test
    #[arg(long)]
    tests: bool,
    /// Only this submission, with its tests and the outputs that were kept
    #[arg(long, value_name = "ID")]
    submission: Option<Uuid>,
    /// Instead: pass@k for these k, over the samples of each task (metadata.task_id, or the problem)
    #[arg(long, value_name = "K,…", value_delimiter = ',', value_parser = clap::value_parser!(u64).range(1..))]
    pass_at: Vec<u64>,
    #[command(flatten)]
    store: AnyStore,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    /// One array
    Json,
    /// One object a line
    Jsonl,
    Csv,
}

pub(super) async fn run(options: Options) -> Result<Exit, Failure> {
    let store = options.store.open().await?;
    let format = if options.json { Format::Jsonl } else { options.format };
    let known = store.progress(&options.batch).await.map_err(anyhow::Error::from)?;
    if known.is_none() {
        return Err(Failure::usage(anyhow::anyhow!("there is no batch {}; `assay status` lists them", options.batch)));
    }
    if !options.pass_at.is_empty() {
        let counts = store.task_counts(&options.batch).await.map_err(anyhow::Error::from)?;
        return pass_at(&counts, &options.pass_at, format);
    }
    if let Some(id) = options.submission {
        return one(&store, &options.batch, id, format).await;
    }
    let mut printer = Printer::new(format, options.tests)?;
    let mut last: Option<ResultRow> = None;
    loop {
        let page = store.results(&options.batch, last.as_ref(), PAGE).await.map_err(anyhow::Error::from)?;
        for row in &page {
            if options.verdict.is_some_and(|wanted| row.verdict.as_deref() != Some(wanted.code())) {
                continue;
            }
            let report = if options.tests && row.state == "graded" {
                store.report(Some(&options.batch), row.submission_id).await.map_err(anyhow::Error::from)?
            } else {
                None
            };
            printer.print(row, report.as_ref())?;
        }
        match page.last() {
            Some(row) => last = Some(row.clone()),
            None => break,
        }
    }
    printer.close()?;
    Ok(Exit::Fine)
}

fn json_of(row: &ResultRow, tests: Option<&SubmissionReport>) -> Value {
    let mut value = serde_json::to_value(row).unwrap_or_default();
    if let Some(report) = tests {
        value["tests"] = report.tests.iter().map(test_json_full).collect();
        value["compile"] = report.compile.as_ref().map_or(Value::Null, |compile| {
            json!({"cpu_ms": compile.usage.cpu_us().div_ceil(1000), "log": compile.log.text(), "log_truncated": compile.log.truncated,
                "cached": compile.cached})
        });
    }
    value
}

fn test_json_full(test: &assay_shared::TestReport) -> Value {
    let mut value = test_json(test);
    value["reason"] = test.reason.clone().into();
    value["exit_code"] = match &test.exit {
        Some(Ended::Code(code)) => (*code).into(),
        _ => Value::Null,
    };
    value["signal"] = match &test.exit {
        Some(Ended::Signal(signal)) => (*signal).into(),
        _ => Value::Null,
    };
    value
}

struct Printer {
    format: Format,
    tests: bool,
    table: comfy_table::Table,
    csv: Option<csv::Writer<std::io::Stdout>>,
    begun: bool,
}

const COLUMNS: [&str; 11] = [
    "submission_id",
    "label",
    "task",
    "language",
    "state",
    "verdict",
    "score",
    "cpu_ms",
    "wall_ms",
    "memory_bytes",
    "reason",
];

impl Printer {
    fn new(format: Format, tests: bool) -> Result<Self, Failure> {
        let headings: &[&str] = &["submission", "language", "verdict", "CPU ms", "MiB", "reason"];
        let mut printer = Self { format, tests, table: render::table(headings), csv: None, begun: false };
        if format == Format::Csv {
            let mut writer = csv::Writer::from_writer(std::io::stdout());
            let tests: &[&str] = if tests { &["test", "test_verdict", "test_first_verdict"] } else { &[] };
            writer.write_record(COLUMNS.iter().chain(tests)).map_err(anyhow::Error::from)?;
            printer.csv = Some(writer);
        }
        Ok(printer)
    }

    fn print(&mut self, row: &ResultRow, report: Option<&SubmissionReport>) -> Result<(), Failure> {
        match self.format {
            Format::Jsonl => render::json(&json_of(row, report)),
            Format::Json => {
                let before = if self.begun { ",\n" } else { "[\n" };
                render::bytes(format!("{before}{}", json_of(row, report)).as_bytes())?;
            }
            Format::Csv => self.csv_row(row, report)?,
            Format::Table => self.table_row(row, report),
        }
        self.begun = true;
        Ok(())
    }

    fn csv_row(&mut self, row: &ResultRow, report: Option<&SubmissionReport>) -> Result<(), Failure> {
        let Some(writer) = &mut self.csv else { return Ok(()) };
        let number = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
        let own = [
            row.submission_id.to_string(),
            row.label.clone(),
            row.task.clone().unwrap_or_default(),
            row.language.clone(),
            row.state.clone(),
            row.verdict.clone().unwrap_or_default(),
            row.score.map(|score| score.to_string()).unwrap_or_default(),
            number(row.cpu_ms),
            number(row.wall_ms),
            number(row.memory_bytes),
            row.reason.clone(),
        ];
        match report {
            Some(report) if self.tests => {
                for test in &report.tests {
                    let usage = test.usage.as_ref();
                    let mut fields = own.clone();
                    fields[7] = usage.map(|usage| usage.cpu_us().div_ceil(1000).to_string()).unwrap_or_default();
                    fields[8] = usage.map(|usage| usage.wall_us.div_ceil(1000).to_string()).unwrap_or_default();
                    fields[9] = usage.map(|usage| usage.memory_peak_bytes.to_string()).unwrap_or_default();
                    fields[10].clone_from(&test.reason);
                    let first = test.first_verdict.map(|verdict| verdict.to_string()).unwrap_or_default();
                    let test = [test.id.clone(), test.verdict.to_string(), first];
                    writer.write_record(fields.iter().chain(&test)).map_err(anyhow::Error::from)?;
                }
            }
            _ => {
                let nothing = [String::new(), String::new(), String::new()];
                let tests: &[String] = if self.tests { &nothing } else { &[] };
                writer.write_record(own.iter().chain(tests)).map_err(anyhow::Error::from)?;
            }
        }
        Ok(())
    }

    fn table_row(&mut self, row: &ResultRow, report: Option<&SubmissionReport>) {
        let shown = if row.label.is_empty() { row.submission_id.to_string() } else { row.label.clone() };
        let number = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
        let verdict = match row.verdict.as_deref().map(str::parse) {
            Some(Ok(verdict)) => render::scored_cell(verdict, row.score),
            _ => (&row.state).into(),
        };
        self.table.add_row(vec![
            comfy_table::Cell::new(render::harmless(&shown)),
            (&row.language).into(),
            verdict,
            render::number(number(row.cpu_ms)),
            render::number(row.memory_bytes.map(|bytes| render::mib(bytes.unsigned_abs())).unwrap_or_default()),
            render::harmless(&row.reason).into(),
        ]);
        for test in report.iter().flat_map(|report| &report.tests) {
            let usage = test.usage.as_ref();
            self.table.add_row(vec![
                comfy_table::Cell::new(format!("  {}", render::harmless(&test.id))),
                "".into(),
                render::scored_cell(test.verdict, test.score),
                render::number(usage.map(|usage| usage.cpu_us().div_ceil(1000).to_string()).unwrap_or_default()),
                render::number(usage.map(|usage| render::mib(usage.memory_peak_bytes)).unwrap_or_default()),
                render::harmless(&explained(test)).into(),
            ]);
        }
    }

    fn close(self) -> Result<(), Failure> {
        match self.format {
            Format::Json => render::line(if self.begun { "\n]" } else { "[]" }),
            Format::Table => render::line(&self.table.to_string()),
            Format::Csv => {
                if let Some(mut writer) = self.csv {
                    writer.flush().map_err(anyhow::Error::from)?;
                }
            }
            Format::Jsonl => {}
        }
        Ok(())
    }
}

/// One submission with everything that was kept of it.
async fn one(store: &Store, batch: &str, id: Uuid, format: Format) -> Result<Exit, Failure> {
    let Some(report) = store.report(Some(batch), id).await.map_err(anyhow::Error::from)? else {
        return Err(Failure::usage(anyhow::anyhow!("no verdict of submission {id} is recorded")));
    };
    if format != Format::Table {
        let mut tests: Vec<Value> = Vec::new();
        for test in &report.tests {
            let mut value = test_json_full(test);
            add_outputs(&mut value, test);
            tests.push(value);
        }
        let log = report.compile.as_ref().map(|compile| compile.log.text());
        render::json(
            &json!({"submission_id": id, "language": report.language, "verdict": report.verdict, "reason": report.reason,
            "score": report.score, "time_limit_ms": report.cpu_limit_ms, "memory_limit_bytes": report.memory_limit_bytes,
            "cgroup": report.cgroup, "same_as": report.same_as, "compile_log": log, "compile_cached": report.compile.as_ref().map(|compile| compile.cached), "groups": report.groups.iter().map(group_json).collect::<Vec<_>>(),
            "tests": tests}),
        );
        return Ok(Exit::Fine);
    }
    let points = |score: Option<f64>, most: Option<f64>| match (score, most) {
        (Some(score), Some(most)) => format!(" {score} of {most} points"),
        (Some(score), None) => format!(" {score} points"),
        (None, _) => String::new(),
    };
    let (verdict, score) = (render::verdict(report.verdict), points(report.score, None));
    render::line(&format!("{id}: {verdict}{score} {}", render::harmless(&report.reason)));
    if let Some(first) = report.same_as {
        render::line(&format!("the same as {first}, which was graded for both"));
    }
    for group in &report.groups {
        let (verdict, score) = (render::verdict(group.verdict), points(group.score, group.max_score));
        render::line(&format!("group {}: {verdict}{score}", render::harmless(&group.name)));
    }
    let show = |name: &str, excerpt: &assay_shared::Excerpt| {
        if !excerpt.bytes.is_empty() {
            let cut = if excerpt.truncated { ", the beginning" } else { "" };
            render::line(&format!("  {name}{cut}:"));
            for line in excerpt.text().lines() {
                render::line(&format!("    {}", render::harmless(line)));
            }
        }
    };
    if let Some(compile) = &report.compile {
        show(if compile.cached { "compiler, earlier" } else { "compiler" }, &compile.log);
    }
    for test in &report.tests {
        let ms = test.usage.as_ref().map_or_else(String::new, |usage| format!(" {} ms", usage.cpu_us().div_ceil(1000)));
        let (verdict, reason) = (render::verdict(test.verdict), render::harmless(&explained(test)));
        let score = points(test.score, None);
        render::line(&format!("{}: {verdict}{score}{ms} {reason}", render::harmless(&test.id)));
        for (name, excerpt) in streams(test) {
            show(&name.replace('_', " "), excerpt);
        }
    }
    Ok(Exit::Fine)
}

/// The reason of a test's verdict, and whether it was run again.
fn explained(test: &assay_shared::TestReport) -> String {
    let again = test.first_verdict.map(|first| format!("near the time limit: run again, {first} before"));
    let parts = [Some(test.reason.clone()).filter(|reason| !reason.is_empty()), again];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Adds what is kept of a test to its object, with whether it was cut off.
pub(super) fn add_outputs(value: &mut Value, test: &assay_shared::TestReport) {
    for (name, excerpt) in streams(test) {
        value[name] = excerpt.text().into();
        value[format!("{name}_truncated")] = excerpt.truncated.into();
    }
}

/// What is kept of a test.
fn streams(test: &assay_shared::TestReport) -> [(&'static str, &assay_shared::Excerpt); 5] {
    [
        ("stdout", &test.stdout),
        ("stderr", &test.stderr),
        ("judge_message", &test.judge_message),
        ("team_message", &test.team_message),
        ("interaction", &test.interaction),
    ]
}

/// pass@k of n samples of which c are right: 1 - C(n-c, k) / C(n, k), the unbiased estimator of Chen et al. 2021. `None` if there
/// are fewer than k samples.
fn estimate(count: &TaskCount, k: u64) -> Option<f64> {
    let (n, c) = (count.samples, count.accepted);
    if n < k {
        return None;
    }
    if n - c < k {
        return Some(1.0);
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of samples")]
    let all_wrong: f64 = (0..k).map(|i| (n - c - i) as f64 / (n - i) as f64).product();
    Some(1.0 - all_wrong)
}

fn pass_at(counts: &[TaskCount], ks: &[u64], format: Format) -> Result<Exit, Failure> {
    if matches!(format, Format::Csv | Format::Json) {
        return Err(Failure::usage(anyhow::anyhow!("--pass-at is printed as a table or as JSON Lines (--json)")));
    }
    if counts.is_empty() {
        let error = "no submission of this batch has a task: give them metadata.task_id, or a problem";
        return Err(Failure::usage(anyhow::anyhow!(error)));
    }
    let mean = |k: u64| {
        let values: Vec<f64> = counts.iter().filter_map(|count| estimate(count, k)).collect();
        #[expect(clippy::cast_precision_loss, reason = "counts of tasks")]
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        (!values.is_empty()).then_some(mean)
    };
    if format == Format::Table {
        let names: Vec<String> = ks.iter().map(|k| format!("pass@{k}")).collect();
        let mut headings = vec!["task", "samples", "accepted"];
        headings.extend(names.iter().map(String::as_str));
        let mut table = render::table(&headings);
        let shown =
            |value: Option<f64>| render::number(value.map_or_else(|| "-".to_owned(), |value| format!("{value:.4}")));
        for count in counts {
            let mut row = vec![
                comfy_table::Cell::new(render::harmless(&count.task)),
                render::number(count.samples),
                render::number(count.accepted),
            ];
            row.extend(ks.iter().map(|k| shown(estimate(count, *k))));
            table.add_row(row);
        }
        let mut row = vec![comfy_table::Cell::new("mean"), "".into(), "".into()];
        row.extend(ks.iter().map(|k| shown(mean(*k))));
        table.add_row(row);
        render::line(&table.to_string());
        return Ok(Exit::Fine);
    }
    for count in counts {
        let values: serde_json::Map<_, _> =
            ks.iter().map(|k| (format!("pass@{k}"), estimate(count, *k).into())).collect();
        render::line(
            &json!({"task": count.task, "samples": count.samples, "accepted": count.accepted, "pass_at": values})
                .to_string(),
        );
    }
    let means: serde_json::Map<_, _> = ks.iter().map(|k| (format!("pass@{k}"), mean(*k).into())).collect();
    render::json(&json!({"summary": {"tasks": counts.len(), "pass_at": means}}));
    Ok(Exit::Fine)
}

#[cfg(test)]
mod tests {
    use super::{TaskCount, estimate};

    #[test]
    fn pass_at_k_is_the_unbiased_estimator() {
        let count = |samples, accepted| TaskCount { task: String::new(), samples, accepted };
        assert_eq!(estimate(&count(4, 0), 1), Some(0.0));
        assert_eq!(estimate(&count(4, 1), 1), Some(0.25));
        assert_eq!(estimate(&count(4, 4), 2), Some(1.0));
        assert_eq!(estimate(&count(1, 1), 2), None);
        let five = estimate(&count(10, 3), 5).expect("enough samples");
        assert!((five - (1.0 - 21.0 / 252.0)).abs() < 1e-12, "{five}");
    }
}
