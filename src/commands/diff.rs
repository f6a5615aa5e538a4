//! `diff`: what changed between two bundles. What is new or worse in the second one makes the verdict.

use std::path::Path;

use serde_json::Map;

use super::verify::{file_name, json};
use super::{Context, Failure, Outcome};
use crate::bundle::diff::{Change, Compared, Difference, compare};
use crate::bundle::{self, Manifest};
use crate::cli::args::Format;
use crate::cli::args::diff::Args;
use crate::cli::exit::Exit;
use crate::cli::formats;
use crate::i18n::Message;
use crate::redact::map::Identities;
use crate::render;
use crate::report::{Finding, Report, SCHEMA, Tool, Verdict, rfc3339};

/// Runs the command.
///
/// # Errors
/// When one of the files is not a bundle with a report.
pub fn run(args: &Args, context: &mut Context) -> Outcome {
    let format = formats::require(context, &[Format::Text, Format::Json])?;
    let identities = Identities::read(&args.identity)?;
    let (old_manifest, old) = open(&args.old, &identities)?;
    let (new_manifest, new) = open(&args.new, &identities)?;
    let (old_name, new_name) = (file_name(&args.old), file_name(&args.new));
    let difference = compare(
        Compared {
            name: &old_name,
            manifest: &old_manifest,
            report: &old,
        },
        Compared {
            name: &new_name,
            manifest: &new_manifest,
            report: &new,
        },
    );
    let report = report(&difference, new, context);
    if format == Format::Json {
        json(&report, context)?;
    } else {
        let (palette, width) = (context.printer.palette(), context.printer.width());
        let text = render::diff::page(&difference, &context.catalog, palette, width);
        context.printer.out().write_all(text.as_bytes())?;
    }
    Ok(Exit::from(report.verdict))
}

fn open(path: &Path, identities: &Identities) -> Result<(Manifest, Report), Failure> {
    let mut bundle = bundle::open(path, identities)?;
    let report = bundle
        .report()
        .ok_or_else(|| Failure::Said(Message::new("inspect-no-report").arg("name", file_name(path))))?;
    Ok((bundle.manifest, report))
}

/// The findings of the second bundle that are new or worse, as they stand there.
fn report(difference: &Difference, new: Report, context: &Context) -> Report {
    let arisen = |finding: &Finding| {
        difference.findings.iter().any(|change| {
            matches!(change.change, Change::New | Change::Worse)
                && change.check == finding.check
                && change.subject == finding.subject
                && change.new == Some(finding.severity)
        })
    };
    let findings: Vec<Finding> = new.findings.into_iter().filter(arisen).collect();
    let verdict = if findings.is_empty() {
        Verdict::Ok
    } else {
        Verdict::of_severities(findings.iter().map(|finding| finding.severity))
    };
    let data = match serde_json::to_value(difference) {
        Ok(serde_json::Value::Object(data)) => data,
        _ => Map::new(),
    };
    Report {
        schema: SCHEMA.to_owned(),
        tool: Tool::default(),
        command: "diff".to_owned(),
        generated_at: rfc3339(context.clock.now()),
        as_of: rfc3339(context.as_of()),
        verdict,
        findings,
        data,
    }
}
