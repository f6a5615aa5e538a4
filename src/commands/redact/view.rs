//! The preview: every line that would change, and the counts.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::{Map, Value};

use super::source::Inputs;
use super::{left_out, same_as_learned, warn};
use crate::cli::exit::Exit;
use crate::commands::{Context, Failure, Outcome};
use crate::i18n::Message;
use crate::input::Item;
use crate::redact::preview::{Line, Part};
use crate::redact::{Counts, RedactError, Redactor};
use crate::report::Report;
use crate::sanitize;
use crate::scan::Kind;

/// Shows what would change.
pub(super) fn run(redactor: &Redactor, inputs: &mut Inputs, context: &mut Context) -> Outcome {
    let mut total = Counts::default();
    let mut told = Vec::new();
    let (mut shown, mut incomplete) = (false, false);
    for item in inputs.walk(context) {
        context.interrupt.check()?;
        let item = match item {
            Ok(item) => item,
            Err(error) => {
                inputs.met(&error.name);
                told.push(error.name.clone());
                left_out(&error, context);
                incomplete = true;
                continue;
            }
        };
        same_as_learned(inputs, &item, context);
        let name = item.name.clone();
        let counts = if item.binary {
            Err(RedactError::Binary)
        } else {
            one(redactor, item, context)?
        };
        match counts {
            Ok(counts) => {
                total.add(&counts);
                shown = true;
            }
            Err(error) => {
                warn(&name, &error, context);
                incomplete = true;
            }
        }
    }
    for error in inputs.vanished(&told) {
        left_out(&error, context);
        incomplete = true;
    }
    table(&total, context)?;
    Ok(match (incomplete, shown) {
        (false, _) => Exit::DONE,
        (true, true) => Exit::LEFT_OUT,
        (true, false) => Exit::NOT_DONE,
    })
}

/// The lines of one text. The outer error is about writing, the inner about redacting.
fn one(
    redactor: &Redactor,
    item: Item,
    context: &mut Context,
) -> Result<Result<Counts, RedactError>, Failure> {
    let interrupt = context.interrupt.clone();
    let palette_on = context.printer.palette().strong() != Style::new();
    let out = context.printer.out();
    let mut failed = None;
    let counts = redactor.preview(item.reader, &mut |line| {
        let shown = show(&item.name, line, palette_on);
        let written = interrupt
            .check()
            .map_err(Failure::from)
            .and_then(|()| out.write_all(shown.as_bytes()).map_err(Failure::output));
        failed = written.err();
        failed.is_none()
    });
    match failed {
        Some(failure) => Err(failure),
        None => Ok(counts),
    }
}

fn show(name: &str, line: &Line, colours: bool) -> String {
    let paint = |color: AnsiColor| if colours { color.on_default() } else { Style::new() };
    let (old, new, faint) = (
        paint(AnsiColor::Red).strikethrough(),
        paint(AnsiColor::Green),
        paint(AnsiColor::BrightBlack),
    );
    let old = if colours { old } else { Style::new() };
    let name = sanitize::terminal(name, false);
    let mut text = format!("{faint}{name}:{}:{faint:#} ", line.number);
    for part in &line.parts {
        match part {
            Part::Text(plain) => text.push_str(&sanitize::terminal(plain, false)),
            Part::Value {
                original: Some(original),
                replacement,
                ..
            } => {
                let original = sanitize::terminal(original, false);
                let _ = write!(text, "⟦{old}{original}{old:#} → {new}{replacement}{new:#}⟧");
            }
            // A secret is not shown even here: terminals are recorded and looked over shoulders.
            Part::Value { replacement, .. } => {
                let _ = write!(text, "⟦{new}{replacement}{new:#}⟧");
            }
        }
    }
    text.push('\n');
    text
}

fn table(total: &Counts, context: &mut Context) -> Result<(), Failure> {
    let strong = context.printer.palette().strong();
    for (heading, counts) in [
        ("redact-heading-redacted", &total.redacted),
        ("redact-heading-kept", &total.kept),
    ] {
        let heading = context.catalog.plain(heading);
        let rows: Vec<String> = counts
            .iter()
            .map(|(kind, count)| format!("  {count:>8}  {}", kind_word(*kind, context)))
            .collect();
        let out = context.printer.out();
        writeln!(out, "\n{strong}{heading}{strong:#}")?;
        if rows.is_empty() {
            writeln!(out, "  {:>8}", 0)?;
        }
        for row in rows {
            writeln!(out, "{row}")?;
        }
    }
    Ok(())
}

/// The kind in the reader's language.
pub(super) fn kind_word(kind: Kind, context: &Context) -> String {
    context
        .catalog
        .text(&Message::new("redact-kind").arg("kind", crate::redact::policy::kind_name(kind)))
}

/// A value as a JSON object.
pub(super) fn object(value: &impl Serialize) -> Result<Map<String, Value>, Failure> {
    match serde_json::to_value(value) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Ok(Map::new()),
        Err(error) => Err(Failure::Output(error.into())),
    }
}

/// Prints a report as JSON.
pub(super) fn print_json(report: &Report, context: &mut Context) -> Result<(), Failure> {
    let out = context.printer.out();
    serde_json::to_writer_pretty(&mut *out, report).map_err(|error| Failure::output(error.into()))?;
    writeln!(out)?;
    Ok(())
}
