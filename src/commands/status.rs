//! `status`: is it Webex, now or when it happened?

use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value};

use super::{Context, Failure, Outcome};
use crate::cli::args::Format;
use crate::cli::args::status::Args;
use crate::cli::formats;
use crate::deadline::Deadline;
use crate::i18n::Message;
use crate::monitor::textfile;
use crate::probe::http::{Client, ClientOptions, Offline, Transport};
use crate::probe::status::{
    self, Cache, DEFAULT_TIMEOUT, DEFAULT_URL, Options, Source, SourceError, StatusObservation,
};
use crate::render;
use crate::report::Report;
use crate::rules::registry::STATUS_REACHABLE;
use crate::rules::status::{Question, StatusData, data, judge, shown};
use crate::scan::TimeFrame;

/// The page is nobody's to hammer; what lies on this machine is.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(10);
/// How often waiting looks for Ctrl-C.
const POLL: Duration = Duration::from_millis(100);

/// Runs the command.
///
/// # Errors
/// When the work could not be done.
pub fn run(args: &Args, context: &mut Context) -> Outcome {
    let formats = [Format::Text, Format::Json, Format::Nagios, Format::Prometheus];
    // Changes are lines for a person; the other formats are whole documents.
    let available = if args.watch { &formats[..1] } else { &formats[..] };
    let format = formats::require(context, available)?;
    if let Some(exit) = super::notify::test(&args.notify, context)? {
        return Ok(exit);
    }
    let window = window(args, context)?;
    let mut asked = Asked {
        url: args.url.as_deref(),
        history: window.is_some(),
        cache: !args.no_cache && !args.watch,
    };
    let observation = observe(context, &asked)?;
    context.interrupt.check()?;
    let question = question_of(args, context, window);
    let output = args.output.as_deref();
    let (report, data) = judged(context, &observation, &question)?;
    let told = super::notify::tell(&args.notify, &report, context)?;
    print(context, format, (&report, &data), &told, output)?;
    super::notify::say(&told, context);
    if !args.watch {
        return Ok(super::notify::exit(report.verdict, &told));
    }
    asked.cache = false;
    watch(args, context, &asked, window, report)
}

/// Asks again and again and prints what changed, until Ctrl-C.
fn watch(
    args: &Args,
    context: &mut Context,
    asked: &Asked<'_>,
    window: Option<TimeFrame>,
    mut before: Report,
) -> Outcome {
    let interval = if is_here(&source(context, asked)?) {
        args.interval.max(POLL)
    } else {
        args.interval.max(SHORTEST_INTERVAL)
    };
    let started = Message::new("status-watch-started")
        .arg(
            "source",
            before
                .data
                .get("fetched_from")
                .and_then(Value::as_str)
                .unwrap_or("-"),
        )
        .arg("seconds", interval.as_secs().max(1));
    context.printer.note(&context.catalog, &started);
    loop {
        context.printer.flush().map_err(Failure::output)?;
        let until = Deadline::after(interval);
        while !until.is_over() {
            context.interrupt.check()?;
            std::thread::sleep(until.remaining().min(POLL));
        }
        let observation = observe(context, asked)?;
        context.interrupt.check()?;
        let (mut after, _) = judged(context, &observation, &question_of(args, context, window))?;
        if observation.reached().is_none() {
            // Nothing is known anew: what was said last still stands, and none of it is over.
            let known = before.findings.iter();
            let known = known.filter(|finding| finding.check != STATUS_REACHABLE.id);
            after.findings.extend(known.cloned());
        }
        let text = render::status::changes(&before, &after, &context.catalog, context.printer.width());
        context.printer.out().write_all(text.as_bytes())?;
        before = after;
    }
}

/// Whether asking costs nobody else anything: a file, or a page on this machine.
fn is_here(source: &Source) -> bool {
    match source {
        Source::File(_) => true,
        Source::Url(url) => match url.host() {
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        },
    }
}

fn question_of(args: &Args, context: &Context, window: Option<TimeFrame>) -> Question {
    let mut question = question(context, &args.component, window);
    if !args.region.is_empty() {
        question.regions.clone_from(&args.region);
    }
    question.zone = args.at.or(args.since).map(|at| *at.offset());
    question
}

/// What is asked of the status page.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The flag that names the page, if given.
    pub url: Option<&'a str>,
    /// Also past incidents and maintenances.
    pub history: bool,
    /// Use the cache in the user's cache directory.
    pub cache: bool,
}

/// Asks the page that a flag, else the configuration, else the built-in default names.
///
/// # Errors
/// When the source, the proxy or the CA file cannot be used; an unreachable page is an observation.
pub fn observe(context: &Context, asked: &Asked<'_>) -> Result<StatusObservation, Failure> {
    let settings = &context.config.status;
    let source = source(context, asked)?;
    let transport: Box<dyn Transport> = match &source {
        Source::File(_) => Box::new(Offline),
        Source::Url(_) => Box::new(Client::new(&ClientOptions {
            proxy: settings.proxy.clone(),
            ca_file: settings.ca_file.clone(),
            ..ClientOptions::default()
        })?),
    };
    let options = Options {
        history: asked.history,
        cache: if asked.cache { Cache::of_user() } else { None },
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

/// Where the page is.
///
/// # Errors
/// When what was named is neither a URL nor a path.
pub fn source(context: &Context, asked: &Asked<'_>) -> Result<Source, SourceError> {
    let configured = context.config.status.url.as_deref();
    Source::parse(asked.url.or(configured).unwrap_or(DEFAULT_URL))
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
        zone: None,
        as_of: context.as_of(),
    }
}

fn window(args: &Args, context: &Context) -> Result<Option<TimeFrame>, Failure> {
    let window = match (args.at, args.since) {
        (Some(at), _) => TimeFrame {
            first: at.to_utc(),
            last: at.to_utc(),
        },
        (None, Some(since)) => TimeFrame {
            first: since.to_utc(),
            last: args
                .until
                .map_or_else(|| context.as_of().max(since.to_utc()), |until| until.to_utc()),
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

/// Judges an observation.
fn judged(
    context: &Context,
    observation: &StatusObservation,
    question: &Question,
) -> Result<(Report, StatusData), Failure> {
    let findings = judge(observation, question);
    let data = data(observation, question);
    let fields = match serde_json::to_value(&data).map_err(std::io::Error::from)? {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    let now = context.clock.now();
    let report = Report::new("status", now, question.as_of, &findings, fields, &context.catalog);
    Ok((report, data))
}

/// Prints a report.
fn print(
    context: &mut Context,
    format: Format,
    (report, data): (&Report, &StatusData),
    told: &crate::notify::Outcome,
    output: Option<&Path>,
) -> Result<(), Failure> {
    let catalog = &context.catalog;
    let text = match format {
        Format::Json => {
            let mut text = serde_json::to_string_pretty(report).map_err(std::io::Error::from)?;
            text.push('\n');
            text
        }
        Format::Nagios => context.plugin_text(render::status::plugin(report, data, catalog), told),
        Format::Prometheus => {
            let mut metrics = render::prometheus::status(data, report);
            let before = output.map(textfile::read);
            let now = context.clock.now();
            textfile::stamp(&mut metrics, "status", report.verdict, now, before.as_ref());
            metrics.text()
        }
        _ => render::status::page(
            report,
            catalog,
            super::palette(context, output),
            context.printer.width(),
        ),
    };
    super::deliver(context, output, &text)?;
    Ok(())
}
