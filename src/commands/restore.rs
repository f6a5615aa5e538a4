//! `restore`: pseudonyms in the vendor's answer back to the real values.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Map;

use super::{Context, Failure, Outcome};
use crate::cli::args::Format;
use crate::cli::args::restore::Args;
use crate::cli::exit::Exit;
use crate::cli::formats;
use crate::i18n::{Localize, Message};
use crate::redact::PrivateMap;
use crate::redact::map::{Identities, Recipients, Restored};
use crate::report::{self, Report, Tool, Verdict};

/// The longest answer that is read: a mail or a document, not a log.
const LIMIT: u64 = 256 * 1024 * 1024;

/// `data` of `restore`.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Data {
    /// What was read.
    pub files: Vec<FileRow>,
    /// Pseudonyms that became values.
    pub replaced: u64,
    /// Pseudonyms that the map does not have.
    pub unknown: u64,
    /// Pseudonyms that were erased from the map.
    pub forgotten: u64,
}

/// One text.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct FileRow {
    /// As named; `-` is standard input.
    pub file: String,
    /// The text with the values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Pseudonyms that became values.
    pub replaced: u64,
    /// Pseudonyms that the map does not have.
    pub unknown: u64,
}

/// A text cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {name}: {reason}")]
struct SourceError {
    name: String,
    reason: io::Error,
}

impl Localize for SourceError {
    fn message(&self) -> Message {
        Message::new("redact-source-read")
            .arg("file", &self.name)
            .arg("reason", self.reason.to_string())
    }
}

/// Runs the command.
///
/// # Errors
/// When the map or every text cannot be read.
pub fn run(args: &Args, context: &mut Context) -> Outcome {
    let format = formats::require(context, &[Format::Text, Format::Json])?;
    let identities = Identities::read(&args.identity)?;
    let (mut map, encrypted) = PrivateMap::read(&args.map, &identities)?;
    let mut data = Data::default();
    let mut left_out = false;
    if !args.forget.is_empty() {
        let recipients = if encrypted {
            identities.recipients()
        } else {
            Recipients::default()
        };
        left_out = !forget(args, &mut map, &recipients, &mut data, context)?;
    } else if map.is_expired(context.as_of()) {
        let message = Message::new("redact-map-expired")
            .arg("path", args.map.to_string_lossy())
            .arg("date", map.expires_at.get(..10).unwrap_or(&map.expires_at));
        context.printer.warn(&context.catalog, &message);
    }
    let mut paths = args.paths.clone();
    // Who only wants to forget does not want to type a text.
    if paths.is_empty() && args.forget.is_empty() {
        paths.push(PathBuf::from("-"));
    }
    let only = paths.len() == 1;
    for path in &paths {
        context.interrupt.check()?;
        let bytes = match read(path) {
            Ok(bytes) => bytes,
            Err(error) if only => return Err(error.into()),
            Err(error) => {
                context.printer.warn(&context.catalog, &error.message());
                left_out = true;
                continue;
            }
        };
        let mut text = Vec::with_capacity(bytes.len());
        let restored = map.restore_any(&bytes, &mut text);
        data.replaced += restored.replaced;
        data.unknown += restored.unknown;
        if format == Format::Text {
            context.printer.out().write_all(&text)?;
        }
        data.files.push(row(path, &restored, format, &text));
    }
    left_out |= data.unknown > 0;
    if data.unknown > 0 {
        let message = Message::new("redact-restore-unknown").arg("count", data.unknown);
        context.printer.warn(&context.catalog, &message);
    }
    if format == Format::Json {
        print(&data, context)?;
    } else if !paths.is_empty() {
        let message = Message::new("redact-restored").arg("count", data.replaced);
        context.printer.note(&context.catalog, &message);
    }
    Ok(if left_out { Exit::LEFT_OUT } else { Exit::DONE })
}

/// Erases persons from the map and writes it anew; whether each was in it.
fn forget(
    args: &Args,
    map: &mut PrivateMap,
    recipients: &Recipients,
    data: &mut Data,
    context: &mut Context,
) -> Result<bool, Failure> {
    let mut all = true;
    for value in &args.forget {
        let erased = map.forget(value);
        data.forgotten += erased as u64;
        if erased == 0 {
            all = false;
            let message = Message::new("redact-forgot-nothing").arg("value", value);
            context.printer.warn(&context.catalog, &message);
        }
    }
    if data.forgotten > 0 {
        map.write(&args.map, recipients)?;
        let message = Message::new("redact-forgotten")
            .arg("count", data.forgotten)
            .arg("path", args.map.to_string_lossy());
        context.printer.note(&context.catalog, &message);
    }
    Ok(all)
}

fn row(path: &Path, restored: &Restored, format: Format, text: &[u8]) -> FileRow {
    FileRow {
        file: path.to_string_lossy().into_owned(),
        text: (format == Format::Json).then(|| String::from_utf8_lossy(text).into_owned()),
        replaced: restored.replaced,
        unknown: restored.unknown,
    }
}

fn read(path: &Path) -> Result<Vec<u8>, SourceError> {
    let mut bytes = Vec::new();
    let result = if path.as_os_str() == "-" {
        io::stdin().lock().take(LIMIT + 1).read_to_end(&mut bytes)
    } else {
        fs::File::open(path).and_then(|file| file.take(LIMIT + 1).read_to_end(&mut bytes))
    };
    match result {
        Ok(count) if count as u64 > LIMIT => Err(SourceError {
            name: path.to_string_lossy().into_owned(),
            reason: io::ErrorKind::FileTooLarge.into(),
        }),
        Ok(_) => Ok(bytes),
        Err(reason) => Err(SourceError {
            name: path.to_string_lossy().into_owned(),
            reason,
        }),
    }
}

fn print(data: &Data, context: &mut Context) -> Result<(), Failure> {
    let data = match serde_json::to_value(data) {
        Ok(serde_json::Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    // Nothing is judged here, so nothing is wrong.
    let report = Report {
        schema: report::SCHEMA.to_owned(),
        tool: Tool::default(),
        command: "restore".to_owned(),
        generated_at: report::rfc3339(context.clock.now()),
        as_of: report::rfc3339(context.as_of()),
        verdict: Verdict::Ok,
        findings: Vec::new(),
        data,
    };
    let out = context.printer.out();
    serde_json::to_writer_pretty(&mut *out, &report).map_err(|error| Failure::output(error.into()))?;
    writeln!(out)?;
    Ok(())
}
