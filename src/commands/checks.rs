//! `checks`: the registry as a table.

use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

use super::{Context, Outcome};
use crate::cli::args::Format;
use crate::cli::args::checks::Args;
use crate::cli::exit::Exit;
use crate::cli::formats;
use crate::i18n::{Catalog, Message};
use crate::report::{self, Owner, Report, Severity, Tool};
use crate::rules::{Check, registry};

/// `data` of `checks`.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Data {
    /// All checks, in the order of the contract.
    pub checks: Vec<Row>,
}

/// One check, as `checks --format json` lists it.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Row {
    /// The stable id.
    pub id: String,
    /// What it is about; the id before the dot.
    pub area: String,
    /// How bad it is when it fails, unless the rule says otherwise.
    pub severity: Severity,
    /// Who must act, unless the rule says otherwise.
    pub owner: Owner,
    /// What must be at hand for it to be made.
    pub applies_to: String,
    /// Where it is documented.
    pub reference: Option<String>,
    /// What it is, in the language.
    pub title: String,
}

impl Row {
    fn of(check: &Check, catalog: &Catalog) -> Self {
        Self {
            id: check.id.to_owned(),
            area: check.id.split('.').next().unwrap_or_default().to_owned(),
            severity: check.severity,
            owner: check.owner,
            applies_to: check.applies_to.as_str().to_owned(),
            reference: check.reference.map(str::to_owned),
            title: catalog.text(&Message::new(format!("check-{}", check.message_key()))),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(_args: &Args, context: &mut Context) -> Outcome {
    let format = formats::require(context, &[Format::Text, Format::Json])?;
    let rows: Vec<Row> = registry::ALL
        .iter()
        .map(|check| Row::of(check, &context.catalog))
        .collect();
    match format {
        Format::Json => json(&rows, context)?,
        _ => table(&rows, context)?,
    }
    Ok(Exit::DONE)
}

fn json(rows: &[Row], context: &mut Context) -> std::io::Result<()> {
    let now = report::rfc3339(context.clock.now());
    let mut data = serde_json::Map::new();
    data.insert("checks".to_owned(), serde_json::to_value(rows)?);
    // Nothing is judged here, so nothing is wrong.
    let report = Report {
        schema: report::SCHEMA.to_owned(),
        tool: Tool::default(),
        command: "checks".to_owned(),
        generated_at: now,
        as_of: report::rfc3339(context.as_of()),
        verdict: report::Verdict::Ok,
        findings: Vec::new(),
        data,
    };
    let out = context.printer.out();
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

fn table(rows: &[Row], context: &mut Context) -> std::io::Result<()> {
    let headings = ["checks-id", "checks-severity", "checks-owner", "checks-title"]
        .map(|key| context.catalog.plain(key));
    let mut lines = vec![headings];
    lines.extend(rows.iter().map(|row| {
        [
            row.id.clone(),
            row.severity.as_str().to_owned(),
            row.owner.as_str().to_owned(),
            row.title.clone(),
        ]
    }));
    let width = |column: usize| {
        lines
            .iter()
            .map(|line| line[column].width())
            .max()
            .unwrap_or_default()
    };
    let widths = [width(0), width(1), width(2)];
    let strong = context.printer.palette().strong();
    for (number, line) in lines.iter().enumerate() {
        let mut text = String::new();
        for (cell, width) in line.iter().zip(widths) {
            text.push_str(cell);
            text.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.width()) + 2));
        }
        text.push_str(&line[3]);
        let out = context.printer.out();
        if number == 0 {
            writeln!(out, "{strong}{text}{strong:#}")?;
        } else {
            writeln!(out, "{text}")?;
        }
    }
    Ok(())
}
