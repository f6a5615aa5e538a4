//! `extract`: the facts that a service request asks for, out of texts of any size.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use indicatif::ProgressBar;

use super::{Context, Failure, Outcome};
use crate::cli::args::Format;
use crate::cli::args::extract::Args;
use crate::cli::exit::Exit;
use crate::cli::formats;
use crate::i18n::{Catalog, Localize as _, Message};
use crate::input::decode::Decoder;
use crate::input::{self, Fault, InputError, Item, Limits};
use crate::interrupt::Interrupted;
use crate::render;
use crate::report::{self, Report, Tool};
use crate::scan::hit;
use crate::scan::inventory::{Collector, Inventory};
use crate::scan::{Options, Scanner};

/// Runs the command.
///
/// # Errors
/// When nothing could be read, or standard output cannot be written.
pub fn run(args: &Args, context: &mut Context) -> Outcome {
    let format = formats::require(
        context,
        &[Format::Text, Format::Json, Format::Ndjson, Format::Csv],
    )?;
    let is_stdin = args.paths.is_empty() || args.paths.iter().any(|path| path == Path::new("-"));
    if is_stdin && io::stdin().is_terminal() {
        context
            .printer
            .note(&context.catalog, &Message::new("extract-terminal"));
    }
    // Hits that scroll by need no bar between them.
    let visible = !(format == Format::Ndjson && context.printer.out_is_terminal());
    let bar = context
        .printer
        .progress_bytes(visible, &context.catalog, &Message::new("extract-progress"));
    let scanner = Scanner::new(Options {
        today: Some(context.as_of().date_naive()),
        ..Options::default()
    });
    let mut collector = Collector::new(scanner).threads(context.global.threads);
    let (mut read, mut left_out) = (0_u64, false);
    let mut walk = input::open(&args.paths, Limits::default()).interrupt(&context.interrupt);
    while let Some(item) = walk.next() {
        context.interrupt.check()?;
        let outcome = match item {
            Ok(item) if item.binary => Err(InputError {
                name: item.name,
                fault: Fault::Binary,
            }),
            Ok(item) => {
                read += 1;
                one(item, &mut collector, format, context, &bar)?
            }
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            left_out = true;
            bar.suspend(|| say(&error, &mut collector, context));
        }
        for note in walk.notes() {
            context.printer.warn(&context.catalog, &note.message());
        }
    }
    bar.finish_and_clear();
    if read == 0 && left_out {
        return Err(Failure::Said(Message::new("extract-nothing-read")));
    }
    let inventory = collector.finish();
    match format {
        Format::Json => json(&inventory, context)?,
        Format::Ndjson => {}
        Format::Csv => render::facts::csv(&inventory, context.printer.out())?,
        _ => {
            let palette = context.printer.palette();
            render::facts::text(&inventory, &context.catalog, palette, context.printer.out())?;
        }
    }
    if inventory.omitted > 0 && format != Format::Ndjson {
        left_out = true;
        let message = Message::new("extract-omitted").arg("count", inventory.omitted);
        context.printer.warn(&context.catalog, &message);
    }
    Ok(if left_out { Exit::LEFT_OUT } else { Exit::DONE })
}

fn say(error: &InputError, collector: &mut Collector, context: &mut Context) {
    let message = error.message();
    collector.problem(&error.name, problem(&message, &context.catalog));
    context.printer.warn(&context.catalog, &message);
}

/// What is wrong, without the name, which stands beside it.
fn problem(message: &Message, catalog: &Catalog) -> String {
    let text = catalog.text(message);
    let name = message.args.iter().find_map(|(key, value)| match value {
        crate::i18n::Value::Text(text) if key == "name" => Some(text.as_str()),
        _ => None,
    });
    name.and_then(|name| text.strip_prefix(name))
        .map_or(text.as_str(), |rest| rest.trim_start_matches(": "))
        .to_owned()
}

/// Why reading one item stopped.
enum Stop {
    Read(io::Error),
    Output(io::Error),
    Interrupted,
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

impl From<Interrupted> for Stop {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

/// Reads one item to its end. The inner result is about the item, the outer about the whole command.
fn one(
    item: Item,
    collector: &mut Collector,
    format: Format,
    context: &mut Context,
    bar: &ProgressBar,
) -> Result<Result<(), InputError>, Failure> {
    let Item { name, reader, .. } = item;
    let interrupt = context.interrupt.clone();
    let printer = &mut context.printer;
    let outcome = Decoder::new(reader).map_err(Stop::Read).and_then(|decoder| {
        let encoding = decoder.encoding().name();
        collector.add_with(&name, encoding, decoder, |window, line| {
            interrupt.check()?;
            bar.inc((window.until - window.from) as u64);
            if format == Format::Ndjson {
                for hit in hit::of_window(window, &name, line) {
                    serde_json::to_writer(&mut *printer.out(), &hit)
                        .map_err(io::Error::from)
                        .and_then(|()| printer.out().write_all(b"\n"))
                        .map_err(Stop::Output)?;
                }
            }
            Ok(())
        })
    });
    match outcome {
        Ok(()) => Ok(Ok(())),
        Err(Stop::Read(_)) if context.interrupt.is_set() => Err(Failure::Interrupted),
        Err(Stop::Read(error)) => Ok(Err(InputError::reading(&name, error))),
        Err(Stop::Output(error)) => Err(Failure::output(error)),
        Err(Stop::Interrupted) => Err(Failure::Interrupted),
    }
}

fn json(inventory: &Inventory, context: &mut Context) -> io::Result<()> {
    // Nothing is judged here, so nothing is wrong.
    let report = Report {
        schema: report::SCHEMA.to_owned(),
        tool: Tool::default(),
        command: "extract".to_owned(),
        generated_at: report::rfc3339(context.clock.now()),
        as_of: report::rfc3339(context.as_of()),
        verdict: report::Verdict::Ok,
        findings: Vec::new(),
        data: serde_json::Map::new(),
    };
    let out = context.printer.out();
    report.write_json_with(inventory, &mut *out)?;
    writeln!(out)
}
