//! `assay migrate`: brings the schema of a PostgreSQL database up to date.

use clap::Args;
use serde_json::json;

use super::servers::Database;
use super::{Failure, render};
use crate::exit::Exit;
use crate::store::{PostgresStore, StoreError};

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    database: Database,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(options: Options) -> Result<Exit, Failure> {
    let (before, after) = PostgresStore::migrate(&options.database.url()?).await.map_err(|error| match error {
        StoreError::Open { .. } => Failure::usage(error),
        other => anyhow::Error::from(other).into(),
    })?;
    if options.json {
        render::json(&json!({"before": before, "after": after}));
    } else if before == Some(after) {
        render::line(&format!("the schema has version {after} already"));
    } else {
        render::line(&format!("the schema has version {after} now"));
    }
    Ok(Exit::Fine)
}
