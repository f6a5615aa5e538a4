//! `inspect`: a bundle without unpacking it.

use serde_json::{Map, json};

use super::verify::{file_name, json as print_json};
use super::{Context, Outcome};
use crate::bundle;
use crate::cli::args::Format;
use crate::cli::args::inspect::Args;
use crate::cli::exit::Exit;
use crate::cli::formats;
use crate::i18n::Message;
use crate::render;
use crate::report::{Report, SCHEMA, Tool, Verdict, rfc3339};

/// Runs the command.
///
/// # Errors
/// When the file cannot be read or is not a bundle.
pub fn run(args: &Args, context: &mut Context) -> Outcome {
    let format = formats::require(context, &[Format::Text, Format::Json])?;
    let mut bundle = bundle::open(&args.zip)?;
    let inner = bundle.report();
    let name = file_name(&args.zip);
    if inner.is_none() {
        let message = Message::new("inspect-no-report").arg("name", name.as_str());
        context.printer.warn(&context.catalog, &message);
    }
    let exit = if inner.is_some() {
        Exit::DONE
    } else {
        Exit::LEFT_OUT
    };
    if format == Format::Json {
        let mut data = Map::new();
        data.insert("bundle".to_owned(), json!(name));
        data.insert("manifest".to_owned(), json!(bundle.manifest));
        data.insert("report".to_owned(), json!(inner));
        let report = Report {
            schema: SCHEMA.to_owned(),
            tool: Tool::default(),
            command: "inspect".to_owned(),
            generated_at: rfc3339(context.clock.now()),
            as_of: rfc3339(context.as_of()),
            verdict: inner.as_ref().map_or(Verdict::Unknown, |inner| inner.verdict),
            findings: inner.map(|inner| inner.findings).unwrap_or_default(),
            data,
        };
        print_json(&report, context)?;
        return Ok(exit);
    }
    let (palette, width) = (context.printer.palette(), context.printer.width());
    let mut text = render::bundle::head(&bundle.manifest, &context.catalog, palette);
    if let Some(inner) = &inner {
        text.push('\n');
        text.push_str(&render::text::verdict(inner, &context.catalog, palette, width));
        text.push('\n');
        text.push_str(&render::text::findings(inner, &context.catalog, palette, width));
    }
    text.push('\n');
    text.push_str(&render::bundle::contents(
        &bundle.manifest,
        &context.catalog,
        palette,
        width,
    ));
    context.printer.out().write_all(text.as_bytes())?;
    Ok(exit)
}
