//! The parts of the `assay` program.

pub mod api;
pub mod cli;
pub mod executor;
pub mod exit;
pub mod judge;
pub mod language;
pub mod metrics;
pub mod problem;
pub mod queue;
pub mod store;
pub mod telemetry;

#[cfg(test)]
#[path = "../../tests/common/damage.rs"]
mod damage;
