//! `check`: every check, and the verdict before escalating.

use super::case;
use super::{Context, Outcome};
use crate::cli::args::Format;
use crate::cli::args::check::Args;
use crate::cli::formats;
use crate::render;
use crate::rules::certs::Thresholds;

/// Runs the command.
///
/// # Errors
/// When the input is wrong, or the user interrupts.
pub fn run(args: &Args, context: &mut Context) -> Outcome {
    let format = formats::require(
        context,
        &[
            Format::Text,
            Format::Json,
            Format::Markdown,
            Format::Html,
            Format::Nagios,
        ],
    )?;
    if let Some(exit) = super::notify::test(&args.notify, context)? {
        return Ok(exit);
    }
    let (_, judged) = case::open(&args.case, None, context)?;
    let mut report = judged.report("check", context, &context.catalog);
    if format == Format::Nagios {
        report = render::check::without_case(report);
    }
    let told = super::notify::tell(&args.notify, &report, context)?;
    let text = match format {
        Format::Json => render::json(&report),
        Format::Html => render::html::page(&report, &context.catalog, &[]),
        Format::Nagios => {
            let thresholds = Thresholds::from_config(&context.config.thresholds)?;
            let plugin = render::check::plugin(&report, &thresholds, &context.catalog);
            context.plugin_text(plugin, &told)
        }
        Format::Markdown => render::markdown::page(&report, &context.catalog),
        _ => {
            let width = context.printer.width();
            render::check::page(
                &report,
                &context.catalog,
                context.printer.palette(),
                width,
                context.printer.is_verbose(),
            )
        }
    };
    context.printer.out().write_all(text.as_bytes())?;
    super::notify::say(&told, context);
    Ok(super::notify::exit(report.verdict, &told))
}
