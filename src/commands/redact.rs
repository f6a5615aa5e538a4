//! `redact`: text with secrets and other people's data replaced.

mod source;
mod tree;
mod view;

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use indicatif::ProgressBar;
use schemars::JsonSchema;
use serde::Serialize;

use self::source::Inputs;
use super::{Context, Failure, Outcome};
use crate::cli::args::Format;
use crate::cli::args::redact::Args;
use crate::cli::exit::Exit;
use crate::cli::formats;
use crate::i18n::{Localize, Message};
use crate::input::{Fault, InputError, Item};
use crate::redact::map::Recipients;
use crate::redact::{Counts, Policy, Protected, RedactError, RedactedStream, Redactor, SiteKey, Trace};
use crate::report::Report;
use crate::rules::{Finding, registry};
use crate::scan::Kind;

/// Bytes handed on at once.
const BLOCK: usize = 64 * 1024;

/// `data` of `redact`.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Data {
    /// The public name of the key: equal names, comparable pseudonyms.
    pub key_id: String,
    /// What was read.
    pub files: Vec<FileRow>,
    /// Values replaced, by kind, in all files.
    pub redacted: BTreeMap<Kind, u64>,
    /// Evidence kept, by kind, in all files.
    pub kept: BTreeMap<Kind, u64>,
}

/// One file.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct FileRow {
    /// As named; `-` is standard input.
    pub file: String,
    /// Where its redacted text was written, below the output directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// Bytes of redacted text.
    pub bytes: u64,
    /// Values replaced and kept.
    #[serde(flatten)]
    pub counts: Counts,
    /// Why it was withheld, in the language of the report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withheld: Option<String>,
}

/// Where the redacted text goes.
enum Sink {
    Printed,
    Counted,
    Tree(tree::Tree),
}

/// Runs the command.
///
/// # Errors
/// When nothing can be redacted: no key, a configuration that cannot be followed, an output that cannot be made.
pub fn run(args: &Args, context: &mut Context) -> Outcome {
    let format = formats::require(context, &[Format::Text, Format::Json])?;
    let recipients = Recipients::parse(&args.encrypt_to)?;
    let redactor = redactor(args, context)?;
    let mut sink = match (&args.output, format) {
        (Some(directory), _) => Sink::Tree(tree::Tree::create(directory)?),
        (None, Format::Json) => Sink::Counted,
        (None, _) => Sink::Printed,
    };
    let mut inputs = Inputs::new(&args.paths, args.output.as_deref(), context)?;
    learn(&redactor, &mut inputs, context)?;
    if args.preview && format == Format::Text {
        return view::run(&redactor, &mut inputs, context);
    }
    let rows = all(&redactor, &mut inputs, &mut sink, context)?;
    if let Some(path) = &args.map
        && let Some(map) = redactor.private_map(context.clock.now())
    {
        map.write(path, &recipients)?;
        context.printer.note(
            &context.catalog,
            &Message::new("redact-map-written").arg("path", path.to_string_lossy()),
        );
    }
    finish(rows, &redactor, format, context)
}

/// The second pass over everything.
fn all(
    redactor: &Redactor,
    inputs: &mut Inputs,
    sink: &mut Sink,
    context: &mut Context,
) -> Result<Vec<FileRow>, Failure> {
    let mut rows = Vec::new();
    let mut told = Vec::new();
    let visible = !(matches!(sink, Sink::Printed) && context.printer.out_is_terminal());
    let bar = context
        .printer
        .progress_bytes(visible, &context.catalog, &Message::new("redact-writing"));
    let mut walk = inputs.walk(context);
    while let Some(item) = walk.next() {
        context.interrupt.check()?;
        let item = match item {
            Ok(item) => item,
            Err(error) => {
                inputs.met(&error.name);
                told.push(error.name.clone());
                rows.push(bar.suspend(|| left_out(&error, context)));
                continue;
            }
        };
        let trace = same_as_learned(inputs, &item, context);
        let relative = inputs.relative(&item);
        rows.push(one(redactor, item, trace, &relative, sink, &bar, context)?);
        for note in walk.notes() {
            context.printer.warn(&context.catalog, &note.message());
        }
    }
    bar.finish_and_clear();
    for error in inputs.vanished(&told) {
        rows.push(left_out(&error, context));
    }
    Ok(rows)
}

/// What the first pass found in a file. Says when the file is another by now: values that were added to it are redacted
/// only where their shape or their label tells.
fn same_as_learned(inputs: &mut Inputs, item: &Item, context: &mut Context) -> Option<Arc<Trace>> {
    let (is_same, trace) = inputs.recall(item);
    if !is_same {
        let message = Message::new("redact-changed").arg("file", &item.name);
        context.printer.warn(&context.catalog, &message);
    }
    trace
}

/// Policy, key and evidence from flags and configuration.
fn redactor(args: &Args, context: &Context) -> Result<Redactor, Failure> {
    let config = &context.config;
    let mut section = config.redact.clone();
    section.keep.extend(args.keep.iter().cloned());
    let policy = Policy::from_config(&section)?;
    let key = SiteKey::choose(args.key.as_deref(), args.fresh_key)?;
    let mut protected = Protected::none();
    if let Some(email) = &config.case.user_email {
        protected.add(Kind::Email, email);
    }
    let redactor = if args.map.is_some() {
        Redactor::with_map(policy, key, protected)
    } else {
        Redactor::new(policy, key, protected)
    };
    Ok(redactor.threads(context.global.threads))
}

/// The first pass: values that are found late are redacted early. What cannot be read is said by the second.
fn learn(redactor: &Redactor, inputs: &mut Inputs, context: &Context) -> Result<(), Failure> {
    let bar = context
        .printer
        .progress_bytes(true, &context.catalog, &Message::new("redact-learning"));
    let (mut lesson, threads) = (redactor.lesson(), context.global.threads);
    for item in inputs.walk(context).flatten() {
        context.interrupt.check()?;
        inputs.note(&item);
        if !item.binary
            && let Ok(trace) = lesson.read(bar.wrap_read(item.reader), threads, &context.interrupt)
        {
            inputs.found(&item.name, trace);
        }
    }
    redactor.learn_lesson(&lesson);
    bar.finish_and_clear();
    context.interrupt.check()?;
    Ok(())
}

fn one(
    redactor: &Redactor,
    item: Item,
    trace: Option<Arc<Trace>>,
    relative: &Path,
    sink: &mut Sink,
    bar: &ProgressBar,
    context: &mut Context,
) -> Result<FileRow, Failure> {
    let name = item.name;
    let mut row = FileRow {
        file: name.clone(),
        ..FileRow::default()
    };
    if item.binary {
        warn(&name, &RedactError::Binary, context);
        let message = withheld(&name, &RedactError::Binary);
        row.withheld = Some(context.catalog.text(&RedactError::Binary.message()));
        if let Sink::Tree(tree) = sink {
            let file = tree.begin(&tree::redacted_path(redactor, relative))?;
            row.output = Some(file.withhold(&context.catalog.text(&message))?);
        }
        return Ok(row);
    }
    let reader = bar.wrap_read(item.reader);
    let mut stream = match trace {
        Some(trace) => redactor.redact_traced(reader, &trace),
        None => redactor.redact_stream(reader),
    };
    let copied = match sink {
        Sink::Printed => copy(&mut stream, context.printer.out(), &context.interrupt)?,
        Sink::Counted => copy(&mut stream, &mut io::sink(), &context.interrupt)?,
        Sink::Tree(tree) => {
            let relative = tree::redacted_path(redactor, relative);
            let mut file = tree.begin(&relative)?;
            let copied = copy(&mut stream, &mut file, &context.interrupt)
                .map_err(|failure| tree.failed(&relative, failure))?;
            let written = if let Err(error) = &copied {
                let text = context.catalog.text(&withheld(&name, error));
                file.withhold(&text)?
            } else {
                file.keep()?
            };
            row.output = Some(written);
            copied
        }
    };
    match copied {
        Ok(bytes) => row.bytes = bytes,
        Err(_) if context.interrupt.is_set() => return Err(Failure::Interrupted),
        Err(error) => {
            bar.suspend(|| warn(&name, &error, context));
            row.withheld = Some(context.catalog.text(&error.message()));
        }
    }
    row.counts = stream.counts().clone();
    Ok(row)
}

/// Hands the redacted bytes on. The outer error is about writing, the inner about redacting.
fn copy(
    stream: &mut RedactedStream,
    out: &mut dyn Write,
    interrupt: &crate::interrupt::Interrupt,
) -> Result<Result<u64, RedactError>, Failure> {
    let mut block = vec![0; BLOCK];
    let mut total = 0_u64;
    loop {
        interrupt.check()?;
        let count = match stream.read(&mut block) {
            Ok(0) => return Ok(Ok(total)),
            Ok(count) => count,
            Err(error) => {
                let failure = stream.failure().cloned();
                return Ok(Err(failure.unwrap_or_else(|| RedactError::from(error))));
            }
        };
        out.write_all(&block[..count])?;
        total = total.saturating_add(count.try_into().unwrap_or(0));
    }
}

/// Why a file is withheld: an archive that cannot be read says so itself.
fn withheld(name: &str, error: &RedactError) -> Message {
    if let RedactError::Read(error) = error {
        let error = InputError {
            name: name.to_owned(),
            fault: Fault::of(error),
        };
        return error.message();
    }
    Message::new("redact-withheld")
        .arg("file", name)
        .arg("reason", error.message())
}

fn warn(name: &str, error: &RedactError, context: &mut Context) {
    context.printer.warn(&context.catalog, &withheld(name, error));
}

fn left_out(error: &InputError, context: &mut Context) -> FileRow {
    let message = error.message();
    context.printer.warn(&context.catalog, &message);
    FileRow {
        file: error.name.clone(),
        withheld: Some(context.catalog.text(&message)),
        ..FileRow::default()
    }
}

/// Says what was done.
fn finish(files: Vec<FileRow>, redactor: &Redactor, format: Format, context: &mut Context) -> Outcome {
    let mut total = Counts::default();
    for row in &files {
        total.add(&row.counts);
    }
    let incomplete = files.iter().any(|row| row.withheld.is_some());
    let nothing = incomplete && files.iter().all(|row| row.withheld.is_some());
    if format == Format::Json {
        let findings = findings(&files, &total);
        let data = Data {
            key_id: redactor.key_id(),
            files,
            redacted: total.redacted,
            kept: total.kept,
        };
        let report = Report::new(
            "redact",
            context.clock.now(),
            context.as_of(),
            &findings,
            view::object(&data)?,
            &context.catalog,
        );
        view::print_json(&report, context)?;
    } else {
        let message = Message::new("redact-summary")
            .arg("files", files.iter().filter(|row| row.withheld.is_none()).count())
            .arg("redacted", total.total())
            .arg("kept", total.kept.values().sum::<u64>());
        context.printer.note(&context.catalog, &message);
    }
    Ok(match (nothing, incomplete) {
        (true, _) => Exit::NOT_DONE,
        (_, true) => Exit::LEFT_OUT,
        _ => Exit::DONE,
    })
}

fn findings(files: &[FileRow], total: &Counts) -> Vec<Finding> {
    let mut findings = vec![
        Finding::ok(&registry::BUNDLE_REDACTED, "redact")
            .variant("files")
            .arg("redacted", total.total())
            .arg("files", files.iter().filter(|row| row.withheld.is_none()).count()),
    ];
    for row in files {
        if let Some(reason) = &row.withheld {
            findings.push(
                Finding::new(&registry::BUNDLE_INCOMPLETE, row.file.as_str())
                    .variant("withheld")
                    .arg("reason", reason),
            );
        }
    }
    findings
}
