//! `certs`: targets and files to observations to findings.

mod aia;
mod discover;
mod gather;
mod saved;
mod write_chain;

use std::io::{BufWriter, Write as _};

use chrono::{DateTime, Utc};

use super::{Context, Outcome};
use crate::cli::args::Format;
use crate::cli::args::certs::Args;
use crate::cli::formats;
use crate::i18n::{Localize, Message};
use crate::monitor::textfile;
use crate::render;
use crate::report::Report;
use crate::rules::certs as rules;

pub use gather::{Gathered, gather, read_files, settings, trust_paths};

/// Bytes of a report that are written at once: as much as a pipe takes.
const CHUNK: usize = 64 * 1024;

/// Why `certs` cannot do its work.
#[derive(Debug, thiserror::Error)]
pub enum CertsError {
    /// Neither targets nor configured servers.
    #[error("no target to check")]
    NoTarget,
    /// `--anchors` without an anchor.
    #[error("no trust anchor in {0}")]
    NoAnchors(String),
    /// `--match` without a certificate.
    #[error("no certificate in {0}")]
    NoMatch(String),
    /// `--write-chain` without exactly one chain.
    #[error("no chain to write to {0}")]
    NoChain(String),
}

impl Localize for CertsError {
    fn message(&self) -> Message {
        match self {
            Self::NoTarget => Message::new("certs-error-no-target"),
            Self::NoAnchors(path) => Message::new("certs-error-no-anchors").arg("path", path),
            Self::NoMatch(path) => Message::new("certs-error-match").arg("path", path),
            Self::NoChain(path) => Message::new("certs-error-write-chain").arg("path", path),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When nothing could be checked: no target, an unreadable file that was named.
pub fn run(args: &Args, context: &mut Context) -> Outcome {
    let format = formats::require(
        context,
        &[
            Format::Text,
            Format::Json,
            Format::Csv,
            Format::Nagios,
            Format::Prometheus,
        ],
    )?;
    if let Some(exit) = super::notify::test(&args.notify, context)? {
        return Ok(exit);
    }
    let mut settings = settings(args, context)?;
    let gathered = gather(args, context)?;
    if args.aia {
        aia::run(&gathered, &mut settings, context)?;
    }
    let (findings, data) = rules::judge(
        &gathered.observations,
        &gathered.files,
        &gathered.trust,
        &settings,
    );
    // Only the text reads the data in this form; JSON is written without a copy of it all.
    let map = match format {
        Format::Text => tree(&data),
        _ => serde_json::Map::new(),
    };
    let now = context.clock.now();
    let report = Report::of("certs", now, settings.as_of, findings, map, &context.catalog);
    let told = super::notify::tell(&args.notify, &report, context)?;
    let palette = super::palette(context, args.output.as_deref());
    let text = match format {
        // Written as it is made: of many servers it is long.
        Format::Json if args.output.is_none() => {
            let mut out = BufWriter::with_capacity(CHUNK, context.printer.out());
            report.write_json_with(&data, &mut out)?;
            out.flush()?;
            "\n".to_owned()
        }
        Format::Json => report.to_json_with(&data) + "\n",
        Format::Csv => render::certs::csv(&data, &report),
        Format::Nagios => {
            let plugin = render::certs::plugin(&data, &report, &settings.thresholds, &context.catalog);
            context.plugin_text(plugin, &told)
        }
        Format::Prometheus => prometheus(&data, &report, args, now),
        _ => {
            let view = render::certs::View {
                catalog: &context.catalog,
                palette,
                width: context.printer.width(),
                verbose: context.printer.is_verbose(),
            };
            render::certs::text(&data, &report, &view)
        }
    };
    super::deliver(context, args.output.as_deref(), &text)?;
    super::notify::say(&told, context);
    if let Some(path) = &args.calendar {
        let text = render::certs::calendar(&data, &report, &settings.thresholds, &context.catalog);
        crate::cli::write_file::publish(path, text.as_bytes())?;
    }
    if let Some(path) = &args.write_chain {
        write_chain::write(path, &gathered, &settings, context)?;
    }
    let exit = super::notify::exit(report.verdict, &told);
    // The process ends here. To free the facts of a thousand servers piece by piece would cost as much as judging them.
    std::mem::forget((report, data, gathered));
    Ok(exit)
}

fn tree(data: &rules::CertsData) -> serde_json::Map<String, serde_json::Value> {
    match serde_json::to_value(data) {
        Ok(serde_json::Value::Object(map)) => map,
        _ => serde_json::Map::new(),
    }
}

/// As metrics. A file keeps what the run before knew of servers that have fallen silent since.
fn prometheus(data: &rules::CertsData, report: &Report, args: &Args, now: DateTime<Utc>) -> String {
    let mut out = render::prometheus::certs(data, report);
    let before = args.output.as_deref().map(textfile::read);
    if let Some(before) = &before {
        textfile::keep(&mut out, &data.targets, before);
    }
    textfile::stamp(&mut out, "certs", report.verdict, now, before.as_ref());
    out.text()
}
