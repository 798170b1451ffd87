//! What a worker counts of itself, in the Prometheus text format. Times are in seconds, as that format's conventions have it.

use std::time::Duration;

use assay_shared::SubmissionReport;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct VerdictLabels {
    verdict: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RerunLabels {
    outcome: &'static str,
}

/// Counts the second runs of results near a time limit, by whether they changed the verdict. Clones are the same.
#[derive(Clone, Debug)]
pub struct Reruns(Family<RerunLabels, Counter>);

impl Reruns {
    const OUTCOMES: [&'static str; 2] = ["same", "changed"];

    pub(crate) fn count(&self, changed: bool) {
        self.0.get_or_create(&RerunLabels { outcome: Self::OUTCOMES[usize::from(changed)] }).inc();
    }
}

impl Default for Reruns {
    fn default() -> Self {
        let family = Family::default();
        // Both are told from the start, so that a first one shows as an increase.
        for outcome in Self::OUTCOMES {
            drop(family.get_or_create(&RerunLabels { outcome }));
        }
        Self(family)
    }
}

/// A worker's counters.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    submissions: Family<VerdictLabels, Counter>,
    pub(crate) superseded: Counter,
    twins: Counter,
    pub(crate) retries: Counter,
    pub(crate) quarantined: Counter,
    pub(crate) malformed: Counter,
    pub(crate) returns: Counter,
    pub(crate) busy: Gauge,
    pub(crate) slots: Gauge,
    pub(crate) fit: Gauge,
    pub(crate) depth: Gauge,
    age: Histogram,
    run: Histogram,
    overhead: Histogram,
}

impl Metrics {
    /// Counters at zero, but for those of second runs, which are others' too.
    pub(crate) fn new(reruns: Reruns) -> Self {
        let seconds = || Histogram::new([0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 1000.0]);
        let mut metrics = Self {
            registry: Registry::with_prefix("assay"),
            submissions: Family::default(),
            superseded: Counter::default(),
            twins: Counter::default(),
            retries: Counter::default(),
            quarantined: Counter::default(),
            malformed: Counter::default(),
            returns: Counter::default(),
            busy: Gauge::default(),
            slots: Gauge::default(),
            fit: Gauge::default(),
            depth: Gauge::default(),
            age: seconds(),
            run: seconds(),
            overhead: seconds(),
        };
        let registry = &mut metrics.registry;
        registry.register("submissions", "Recorded verdicts", metrics.submissions.clone());
        registry.register("superseded", "Verdicts that came after another one", metrics.superseded.clone());
        registry.register(
            "graded_once",
            "Verdicts that were taken from an identical submission",
            metrics.twins.clone(),
        );
        registry.register("retries", "Judge errors that are tried again", metrics.retries.clone());
        registry.register("quarantined", "Submissions put aside", metrics.quarantined.clone());
        registry.register("malformed", "Messages that are no submission", metrics.malformed.clone());
        registry.register(
            "redeliveries",
            "Deliveries that were not the first of their message",
            metrics.returns.clone(),
        );
        registry.register("submissions_in_progress", "Submissions that this worker holds", metrics.busy.clone());
        registry.register("slots", "Runs at a time", metrics.slots.clone());
        registry.register("fit", "1 while this worker can grade", metrics.fit.clone());
        registry.register("queue_messages", "Messages that wait in this worker's lanes", metrics.depth.clone());
        let unit = || Unit::Seconds;
        registry.register_with_unit("queue_age", "Time from publishing to delivery", unit(), metrics.age.clone());
        registry.register_with_unit("run", "Wall time of each test's run", unit(), metrics.run.clone());
        registry.register_with_unit(
            "overhead",
            "Time from delivery to record, without the runs of compiler and tests",
            unit(),
            metrics.overhead.clone(),
        );
        registry.register("reruns", "Second runs of results near a time limit, alone", reruns.0);
        metrics
    }

    /// Counts a recorded report that took `elapsed` from its delivery.
    pub(crate) fn recorded(&self, report: &SubmissionReport, elapsed: Duration) {
        self.submissions.get_or_create(&VerdictLabels { verdict: report.verdict.to_string() }).inc();
        if report.same_as.is_some() {
            // Nothing was run for it.
            self.twins.inc();
            return;
        }
        let mut runs = Duration::ZERO;
        for usage in report.tests.iter().filter_map(|test| test.usage.as_ref()) {
            let wall = Duration::from_micros(usage.wall_us);
            self.run.observe(wall.as_secs_f64());
            runs += wall;
        }
        if let Some(compile) = report.compile.as_ref().filter(|compile| !compile.cached) {
            runs += Duration::from_micros(compile.usage.wall_us);
        }
        self.overhead.observe(elapsed.saturating_sub(runs).as_secs_f64());
    }

    /// Counts a delivery.
    pub(crate) fn delivered(&self, age: Option<Duration>, returns: u64) {
        if let Some(age) = age {
            self.age.observe(age.as_secs_f64());
        }
        if returns > 0 {
            self.returns.inc();
        }
    }

    /// All of it as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            Err(error) => format!("# {error}\n# EOF\n"),
        }
    }
}
