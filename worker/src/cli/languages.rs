//! `assay languages`: what is defined and what can be used here.

use std::path::PathBuf;

use clap::Args;

use super::{Failure, render};
use crate::exit::Exit;
use crate::language::{Availability, Languages};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Print JSON, one object a line
    #[arg(long)]
    json: bool,
    /// A directory of language files that add to the shipped ones or replace them
    #[arg(long, env = "ASSAY_LANGUAGES", value_name = "DIR")]
    languages: Option<PathBuf>,
}

pub(super) fn run(options: &Options) -> Result<Exit, Failure> {
    let languages = Languages::load(options.languages.as_deref()).map_err(Failure::usage)?;
    let mut table = render::table(&["language", "name", "also", "files", "available"]);
    for language in languages.iter() {
        let (available, detail) = match language.availability() {
            Availability::Available { version, .. } => (true, version.clone()),
            Availability::Missing { reason } => (false, reason.clone()),
        };
        if options.json {
            let object = serde_json::json!({
                "id": language.id(), "name": language.name(), "aliases": language.aliases(), "code": language.code(),
                "extensions": language.extensions(), "available": available,
                "version": available.then_some(&detail), "reason": (!available).then_some(&detail),
            });
            render::json(&object);
        } else {
            let shown = if available { detail } else { render::coloured(&format!("no: {detail}"), "33") };
            let extensions: Vec<_> = language.extensions().iter().map(|extension| format!(".{extension}")).collect();
            table.add_row([
                language.id(),
                language.name(),
                &language.aliases().join(" "),
                &extensions.join(" "),
                &shown,
            ]);
        }
    }
    if !options.json {
        render::line(&table.to_string());
    }
    Ok(Exit::Fine)
}
