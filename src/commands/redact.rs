//! `redact`: text with secrets and other people's data replaced.

mod source;
mod tree;
mod view;

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use schemars::JsonSchema;
use serde::Serialize;

use self::source::{Source, SourceError};
use super::{Context, Failure, Outcome};
use crate::cli::args::Format;
use crate::cli::args::redact::Args;
use crate::cli::exit::Exit;
use crate::cli::formats;
use crate::i18n::{Localize, Message};
use crate::redact::{Counts, Policy, Protected, RedactError, RedactedStream, Redactor, SiteKey};
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
    let redactor = redactor(args, context)?;
    let mut sink = match (&args.output, format) {
        (Some(directory), _) => Sink::Tree(tree::Tree::create(directory)?),
        (None, Format::Json) => Sink::Counted,
        (None, _) => Sink::Printed,
    };
    let (sources, skipped) = source::list(&args.paths)?;
    let sources = learn(&redactor, sources, context)?;
    if args.preview {
        return view::run(&redactor, sources, &skipped, context);
    }
    let mut rows = Vec::new();
    for source in sources {
        context.interrupt.check()?;
        rows.push(one(&redactor, source, &mut sink, context)?);
    }
    rows.extend(skipped.iter().map(|error| left_out(error, context)));
    if let Some(path) = &args.map
        && let Some(map) = redactor.private_map(context.clock.now())
    {
        map.write(path)?;
        context.printer.note(
            &context.catalog,
            &Message::new("redact-map-written").arg("path", path.to_string_lossy()),
        );
    }
    finish(rows, &redactor, format, context)
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
    Ok(if args.map.is_some() {
        Redactor::with_map(policy, key, protected)
    } else {
        Redactor::new(policy, key, protected)
    })
}

/// The first pass: values that are found late are redacted early.
fn learn(redactor: &Redactor, sources: Vec<Source>, context: &Context) -> Result<Vec<Source>, Failure> {
    let length = sources.len().try_into().unwrap_or(0);
    let bar = context
        .printer
        .progress(length, &context.catalog, &Message::new("redact-learning"));
    let mut learned = Vec::with_capacity(sources.len());
    for source in sources {
        context.interrupt.check()?;
        learned.push(source.learn(redactor, &context.interrupt));
        bar.inc(1);
    }
    bar.finish_and_clear();
    context.interrupt.check()?;
    Ok(learned)
}

fn one(
    redactor: &Redactor,
    source: Source,
    sink: &mut Sink,
    context: &mut Context,
) -> Result<FileRow, Failure> {
    let name = source.name().to_owned();
    let relative = source.relative().to_owned();
    let mut row = FileRow {
        file: name.clone(),
        ..FileRow::default()
    };
    let reader = match source.open() {
        Ok(reader) => reader,
        Err(error) => return Ok(left_out(&error, context)),
    };
    let mut stream = redactor.redact_stream(reader);
    let copied = match sink {
        Sink::Printed => copy(&mut stream, context.printer.out(), &context.interrupt)?,
        Sink::Counted => copy(&mut stream, &mut io::sink(), &context.interrupt)?,
        Sink::Tree(tree) => {
            let relative = tree::redacted_path(redactor, &relative);
            let mut file = tree.begin(&relative)?;
            let copied = copy(&mut stream, &mut file, &context.interrupt)
                .map_err(|failure| tree.failed(&relative, failure))?;
            let written = if let Err(error) = &copied {
                let text = reason(&name, error, context);
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
        Err(error) => {
            warn(&name, &error, context);
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

fn reason(name: &str, error: &RedactError, context: &Context) -> String {
    context.catalog.text(&withheld(name, error))
}

fn withheld(name: &str, error: &RedactError) -> Message {
    Message::new("redact-withheld")
        .arg("file", name)
        .arg("reason", error.message())
}

fn warn(name: &str, error: &RedactError, context: &mut Context) {
    context.printer.warn(&context.catalog, &withheld(name, error));
}

fn left_out(error: &SourceError, context: &mut Context) -> FileRow {
    let message = error.message();
    context.printer.warn(&context.catalog, &message);
    FileRow {
        file: error.name().to_owned(),
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
    Ok(if incomplete { Exit::LEFT_OUT } else { Exit::DONE })
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
