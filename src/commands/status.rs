//! `status`: is it Webex, now or when it happened?

use serde_json::{Map, Value};

use super::{Context, Failure, Outcome};
use crate::cli::args::Format;
use crate::cli::args::status::Args;
use crate::cli::exit::Exit;
use crate::cli::formats;
use crate::deadline::Deadline;
use crate::i18n::Message;
use crate::interrupt::Interrupt;
use crate::probe::http::{Cause, Client, ClientOptions, Problem, Request, Response, Transport};
use crate::probe::status::{self, DEFAULT_TIMEOUT, DEFAULT_URL, Options, Source, StatusObservation};
use crate::render;
use crate::report::Report;
use crate::rules::status::{Question, data, judge, shown};
use crate::scan::TimeFrame;

/// Runs the command.
///
/// # Errors
/// When the work could not be done.
pub fn run(args: &Args, context: &mut Context) -> Outcome {
    let format = formats::require(
        context,
        &[Format::Text, Format::Json, Format::Nagios, Format::Prometheus],
    )?;
    let window = window(args, context)?;
    let observation = observe(context, args.url.as_deref(), window.is_some())?;
    context.interrupt.check()?;
    let question = question(context, &args.component, window);
    let report = print(context, format, &observation, &question)?;
    Ok(Exit::from(report.verdict))
}

/// Asks the page that a flag, else the configuration, else the built-in default names.
///
/// # Errors
/// When the source, the proxy or the CA file cannot be used; an unreachable page is an observation.
pub fn observe(context: &Context, url: Option<&str>, history: bool) -> Result<StatusObservation, Failure> {
    let settings = &context.config.status;
    let source = Source::parse(url.or(settings.url.as_deref()).unwrap_or(DEFAULT_URL))?;
    let transport: Box<dyn Transport> = match &source {
        Source::File(_) => Box::new(Offline),
        Source::Url(_) => Box::new(Client::new(&ClientOptions {
            proxy: settings.proxy.clone(),
            ca_file: settings.ca_file.clone(),
        })?),
    };
    let options = Options {
        history,
        ..Options::default()
    };
    let deadline = Deadline::after(context.global.timeout.unwrap_or(DEFAULT_TIMEOUT));
    let clock = context.clock.as_ref();
    Ok(status::observe(
        &source,
        &options,
        transport.as_ref(),
        clock,
        deadline,
        &context.interrupt,
    ))
}

/// What is asked of the observation: flags over configuration over built-in components.
pub fn question(context: &Context, components: &[String], window: Option<TimeFrame>) -> Question {
    let settings = &context.config.status;
    let components = if components.is_empty() {
        settings.components.clone().unwrap_or_default()
    } else {
        components.to_vec()
    };
    Question {
        components,
        regions: settings.regions.clone(),
        window,
        as_of: context.as_of(),
    }
}

fn window(args: &Args, context: &Context) -> Result<Option<TimeFrame>, Failure> {
    let window = match (args.at, args.since) {
        (Some(at), _) => TimeFrame { first: at, last: at },
        (None, Some(since)) => TimeFrame {
            first: since,
            last: args.until.unwrap_or_else(|| context.as_of().max(since)),
        },
        (None, None) => return Ok(None),
    };
    if window.last < window.first {
        return Err(Failure::Said(
            Message::new("status-error-reversed")
                .arg("first", shown(window.first))
                .arg("last", shown(window.last)),
        ));
    }
    Ok(Some(window))
}

/// Judges and prints.
fn print(
    context: &mut Context,
    format: Format,
    observation: &StatusObservation,
    question: &Question,
) -> Result<Report, Failure> {
    let findings = judge(observation, question);
    let data = data(observation, question);
    let fields = match serde_json::to_value(&data).map_err(std::io::Error::from)? {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    let now = context.clock.now();
    let catalog = &context.catalog;
    let report = Report::new("status", now, question.as_of, &findings, fields, catalog);
    let text = match format {
        Format::Json => {
            let mut text = serde_json::to_string_pretty(&report).map_err(std::io::Error::from)?;
            text.push('\n');
            text
        }
        Format::Nagios => render::status::plugin(&report, &data, catalog),
        Format::Prometheus => render::status::exposition(&report, &data, catalog),
        _ => render::status::page(
            &report,
            catalog,
            context.printer.palette(),
            context.printer.width(),
        ),
    };
    context.printer.out().write_all(text.as_bytes())?;
    Ok(report)
}

/// For a saved file nothing is asked.
struct Offline;

impl Transport for Offline {
    fn get(&self, _: &Request, _: Deadline, _: &Interrupt) -> Result<Response, Problem> {
        Err(Problem::new(Cause::Internal, "a saved file needs no network"))
    }
}
