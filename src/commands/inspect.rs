//! `inspect`: a bundle without unpacking it; with `--judge` its evidence is judged again.

use serde_json::{Map, json};

use super::case::{judge, saved};
use super::verify::{file_name, json as print_json};
use super::{Context, Failure, Outcome};
use crate::bundle::diff::{FindingChange, findings as changes};
use crate::bundle::{self, Bundle};
use crate::cli::args::Format;
use crate::cli::args::inspect::Args;
use crate::cli::exit::Exit;
use crate::cli::formats;
use crate::i18n::Message;
use crate::redact::map::Identities;
use crate::render;
use crate::report::{Report, SCHEMA, Tool, Verdict, rfc3339};

/// Runs the command.
///
/// # Errors
/// When the file cannot be read or is not a bundle.
pub fn run(args: &Args, context: &mut Context) -> Outcome {
    let format = formats::require(context, &[Format::Text, Format::Json])?;
    let mut bundle = bundle::open(&args.zip, &Identities::read(&args.identity)?)?;
    let name = file_name(&args.zip);
    let inner = bundle.report();
    if args.judge {
        let inner = inner
            .ok_or_else(|| Failure::Said(Message::new("inspect-no-report").arg("name", name.as_str())))?;
        return judge_again(&mut bundle, &name, &inner, format, context);
    }
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

/// Judges the saved observations by today's rules, as of now or `--as-of`, and says what that changes.
fn judge_again(
    bundle: &mut Bundle,
    name: &str,
    inner: &Report,
    format: Format,
    context: &mut Context,
) -> Outcome {
    let (collected, input) = saved::collect(bundle, inner, context)?;
    let judged = judge::judge(&collected, &input, context)?;
    let mut report = judged.report("inspect", context, &context.catalog);
    let changes: Vec<FindingChange> = changes(&inner.findings, &report.findings);
    if format == Format::Json {
        report.data.insert("bundle".to_owned(), json!(name));
        report.data.insert("manifest".to_owned(), json!(bundle.manifest));
        report.data.insert("changes".to_owned(), json!(changes));
        print_json(&report, context)?;
        return Ok(Exit::DONE);
    }
    let (palette, width) = (context.printer.palette(), context.printer.width());
    let verbose = context.printer.is_verbose();
    let mut text = render::bundle::head(&bundle.manifest, &context.catalog, palette);
    let judged_at = Message::new("inspect-judged").arg("at", report.as_of.as_str());
    text.push_str(&context.catalog.text(&judged_at));
    text.push_str("\n\n");
    text.push_str(&render::check::page(
        &report,
        &context.catalog,
        palette,
        width,
        verbose,
    ));
    text.push_str(&render::diff::findings(
        &changes,
        &context.catalog,
        palette,
        width,
    ));
    context.printer.out().write_all(text.as_bytes())?;
    Ok(Exit::DONE)
}
