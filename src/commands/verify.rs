//! `verify`: every file of a bundle against its manifest, and a new scan for secrets.

use std::path::Path;

use serde_json::{Map, json};

use super::{Context, Failure, Outcome};
use crate::bundle::{self, OpenError, PackError, signature};
use crate::cli::args::Format;
use crate::cli::args::verify::Args;
use crate::cli::exit::Exit;
use crate::cli::formats;
use crate::interrupt::Interrupted;
use crate::redact::map::Identities;
use crate::render;
use crate::report::Report;
use crate::rules;

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        error.message().map_or(Self::Interrupted, Self::Said)
    }
}

impl From<PackError> for Failure {
    fn from(error: PackError) -> Self {
        error
            .message()
            .map_or_else(|| Self::from(Interrupted), Self::Said)
    }
}

/// Runs the command.
///
/// # Errors
/// When the file cannot be read or is not a zip.
pub fn run(args: &Args, context: &mut Context) -> Outcome {
    let format = formats::require(context, &[Format::Text, Format::Json])?;
    let identities = Identities::read(&args.identity)?;
    let examination = bundle::verify(&args.zip, &identities, context.global.threads, &context.interrupt)?;
    let name = file_name(&args.zip);
    let mut findings = rules::bundle::judge(&examination, &name);
    if let Some(signers) = &args.signer {
        let beside = || signature::beside(&args.zip);
        let signature = args.signature.clone().unwrap_or_else(beside);
        let as_of = context.as_of();
        let checked = signature::check(&args.zip, &signature, signers, as_of, &context.interrupt)?;
        findings.push(rules::bundle::signature(&checked, &name));
    }
    let mut data = Map::new();
    data.insert("bundle".to_owned(), json!(name));
    if let Some(manifest) = &examination.manifest {
        data.insert("files".to_owned(), json!(manifest.files.len()));
        data.insert("redactions".to_owned(), json!(manifest.redactions));
        data.insert("protected".to_owned(), json!(manifest.protected));
    }
    let (now, as_of) = (context.clock.now(), context.as_of());
    let report = Report::new("verify", now, as_of, &findings, data, &context.catalog);
    print(&report, format, context)?;
    Ok(Exit::from(report.verdict))
}

/// The report as JSON, or its verdict and findings as text.
pub(super) fn print(report: &Report, format: Format, context: &mut Context) -> Result<(), Failure> {
    if format == Format::Json {
        return json(report, context);
    }
    let (palette, width) = (context.printer.palette(), context.printer.width());
    let verdict = render::text::verdict(report, &context.catalog, palette, width);
    let findings = render::text::findings(report, &context.catalog, palette, width);
    write!(context.printer.out(), "{verdict}\n{findings}")?;
    Ok(())
}

/// The report as one JSON document.
pub(super) fn json(report: &Report, context: &mut Context) -> Result<(), Failure> {
    let out = context.printer.out();
    serde_json::to_writer_pretty(&mut *out, report).map_err(|error| Failure::output(error.into()))?;
    writeln!(out)?;
    Ok(())
}

/// The name to speak of a bundle by.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}
