//! `users`: Partner Hub's user-status export and bulk-user CSV files.

use std::fmt::Write as _;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::explain::load;
use super::{Context, Failure, Outcome};
use crate::cli::args::Format;
use crate::cli::args::users::Args;
use crate::cli::exit::Exit;
use crate::cli::formats;
use crate::cli::printer::Palette;
use crate::cli::write_file;
use crate::i18n::{Catalog, Localize, Message};
use crate::render::{self, wrap};
use crate::report::{Report, Severity};
use crate::rules::users::Settings;
use crate::rules::users_data::analyse;
use crate::sanitize::terminal;
use crate::users::data::{Corrected, Group, User, UsersData};
use crate::users::{self, MAX_FILE, TableKind, UserTable, corrected};

/// So many changes of a corrected copy are listed in the text; JSON has all.
const MAX_CHANGES: usize = 200;

/// A cell is quoted up to here, in characters.
const MAX_QUOTE: usize = 60;

/// So many users of a group are named in the text.
const MAX_NAMED: usize = 20;

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum UsersFileError {
    /// The operating system says no.
    #[error("cannot read {path}: {source}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is a directory.
    #[error("{0} is a directory")]
    Directory(PathBuf),
    /// It is longer than any export.
    #[error("{path}: {bytes} bytes")]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// Its length.
        bytes: u64,
    },
}

impl Localize for UsersFileError {
    fn message(&self) -> Message {
        let path = |path: &Path| path.display().to_string();
        match self {
            Self::Read { path: file, source } => Message::new("users-error-read")
                .arg("path", path(file))
                .arg("reason", source.to_string()),
            Self::Directory(file) => Message::new("users-error-directory").arg("path", path(file)),
            Self::TooLarge { path: file, bytes } => Message::new("users-error-too-large")
                .arg("path", path(file))
                .arg("bytes", *bytes),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When the file cannot be read or is no table.
pub fn run(args: &Args, context: &mut Context) -> Outcome {
    let format = formats::require(context, &[Format::Text, Format::Json, Format::Csv])?;
    let catalogue = load(context)?;
    let bytes = bytes(&args.file)?;
    context.interrupt.check()?;
    let table = users::read(&bytes)?;
    drop(bytes);
    let file = args.file.display().to_string();
    let settings = Settings {
        as_of: context.as_of(),
        file: &file,
    };
    let (findings, mut data) = analyse(
        &table,
        settings,
        // The text names only users with whom something is wrong.
        args.exclude_provisioned || format == Format::Text,
        &catalogue,
        &context.catalog,
    );
    context.interrupt.check()?;
    if let Some(target) = &args.write_corrected {
        data.corrected = Some(write_corrected(&table, &args.file, target, settings, context)?);
    }
    // Only JSON prints them; of a large file they are most of the work.
    let fields = match (format == Format::Json).then(|| serde_json::to_value(&data)) {
        Some(Ok(Value::Object(fields))) => fields,
        _ => Map::new(),
    };
    let now = context.clock.now();
    let report = Report::new("users", now, settings.as_of, &findings, fields, &context.catalog);
    match format {
        Format::Json => {
            let out = context.printer.out();
            serde_json::to_writer_pretty(&mut *out, &report).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
        }
        Format::Csv => {
            let text = csv(&report, &data, table.kind)?;
            context.printer.out().write_all(&text)?;
        }
        _ => {
            let page = Page {
                catalog: &context.catalog,
                palette: context.printer.palette(),
                width: context.printer.width(),
            };
            let text = page.text(report.clone(), &data);
            context.printer.out().write_all(text.as_bytes())?;
        }
    }
    Ok(Exit::from(report.verdict))
}

/// Writes the corrected copy beside the original, never over it, and counts what is left to do by hand.
fn write_corrected(
    table: &UserTable,
    original: &Path,
    target: &Path,
    settings: Settings<'_>,
    context: &Context,
) -> Result<Corrected, Failure> {
    let same = match (original.canonicalize(), target.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => original == target,
    };
    let path = || target.display().to_string();
    if same {
        return Err(Failure::Said(
            Message::new("users-error-overwrite").arg("path", path()),
        ));
    }
    let Some((text, changes)) = corrected::correct(table) else {
        let message = Message::new("users-error-no-import").arg("path", settings.file);
        return Err(Failure::Said(message));
    };
    write_file::write(target, text.as_bytes())?;
    let left = users::read(text.as_bytes()).map_or(0, |copy| {
        let findings = crate::rules::csv::judge_file(&copy, settings)
            .into_iter()
            .chain(crate::rules::csv::judge_import(&copy, settings))
            .chain(crate::rules::users::duplicates(&copy, settings));
        findings
            .filter(|finding| finding.severity >= Severity::Warning)
            .map(|finding| finding.data.get("more").and_then(Value::as_u64).unwrap_or(1))
            .sum()
    });
    context.interrupt.check()?;
    Ok(Corrected {
        path: path(),
        changes,
        left: usize::try_from(left).unwrap_or(usize::MAX),
    })
}

/// The whole file; `-` is standard input.
///
/// # Errors
/// When it cannot be read or is too large.
pub fn bytes(path: &Path) -> Result<Vec<u8>, UsersFileError> {
    let read = |source| UsersFileError::Read {
        path: path.to_owned(),
        source,
    };
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        let stdin = io::stdin().lock();
        stdin.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(read)?;
    } else {
        let metadata = std::fs::metadata(path).map_err(read)?;
        if metadata.is_dir() {
            return Err(UsersFileError::Directory(path.to_owned()));
        }
        let file = std::fs::File::open(path).map_err(read)?;
        file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(read)?;
    }
    let length = bytes.len() as u64;
    if length > MAX_FILE {
        return Err(UsersFileError::TooLarge {
            path: path.to_owned(),
            bytes: length,
        });
    }
    Ok(bytes)
}

/// The users of a status export, or the findings of a file to be imported.
fn csv(report: &Report, data: &UsersData, kind: TableKind) -> Result<Vec<u8>, Failure> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let failed = |error: ::csv::Error| Failure::Output(io::Error::other(error));
    if kind == TableKind::Status {
        let unknown: Vec<&str> = data
            .columns
            .iter()
            .filter(|column| column.meaning.is_none())
            .map(|column| column.name.as_str())
            .collect();
        let mut header = vec![
            "line",
            "broadworks_id",
            "email",
            "package",
            "state",
            "status",
            "cause",
            "action",
            "error",
        ];
        header.extend(&unknown);
        writer.write_record(&header).map_err(failed)?;
        for user in &data.users {
            let line = user.line.to_string();
            let cause = user.cause.as_deref().unwrap_or_default();
            let mut record = vec![
                line.as_str(),
                &user.broadworks_id,
                &user.email,
                &user.package,
                &user.state,
                &user.status,
                cause,
                &user.action,
                &user.error,
            ];
            record.extend(
                unknown
                    .iter()
                    .map(|name| user.other.get(*name).and_then(Value::as_str).unwrap_or_default()),
            );
            writer.write_record(&record).map_err(failed)?;
        }
    } else {
        writer
            .write_record(["line", "check", "severity", "column", "value", "title", "remedy"])
            .map_err(failed)?;
        for finding in &report.findings {
            let text = |name: &str| finding.data.get(name).map(plain).unwrap_or_default();
            let line = if finding.data.contains_key("line") {
                text("line")
            } else {
                text("row")
            };
            writer
                .write_record([
                    line.as_str(),
                    &finding.check,
                    finding.severity.as_str(),
                    &text("column"),
                    &text("value"),
                    &finding.title,
                    &finding.remedy,
                ])
                .map_err(failed)?;
        }
    }
    writer
        .into_inner()
        .map_err(|error| Failure::Output(io::Error::other(error.to_string())))
}

/// A JSON value as a cell.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Text for a person.
struct Page<'a> {
    catalog: &'a Catalog,
    palette: Palette,
    width: usize,
}

impl Page<'_> {
    /// The sum, the groups by cause, then what is wrong with the file and with single rows.
    fn text(&self, mut report: Report, data: &UsersData) -> String {
        let mut out = String::new();
        let summary = Message::new("users-summary")
            .arg("file", data.file.as_str())
            .arg("kind", data.kind.as_str())
            .arg("count", data.rows);
        wrap::hanging(
            &mut out,
            "",
            &terminal(&self.catalog.text(&summary), false),
            self.width,
        );
        if let Some(counts) = data.counts {
            let counts = Message::new("users-counts")
                .arg("provisioned", counts.provisioned)
                .arg("pending", counts.pending)
                .arg("stuck", counts.stuck)
                .arg("failed", counts.failed)
                .arg("unknown", counts.unknown);
            wrap::hanging(&mut out, "", &self.catalog.text(&counts), self.width);
        }
        out.push('\n');
        out.push_str(&render::text::verdict(
            &report,
            self.catalog,
            self.palette,
            self.width,
        ));
        // What the groups say is not said again user by user.
        let grouped = |check: &str| matches!(check, "user.error" | "user.stuck" | "user.pending");
        if !data.groups.is_empty() {
            report.findings.retain(|finding| !grouped(&finding.check));
        }
        let by_line: std::collections::HashMap<u64, &User> =
            data.users.iter().map(|user| (user.line, user)).collect();
        for group in &data.groups {
            out.push('\n');
            self.group(&mut out, group, &by_line);
        }
        if !report.findings.is_empty() {
            out.push('\n');
            out.push_str(&render::text::findings(
                &report,
                self.catalog,
                self.palette,
                self.width,
            ));
        }
        if let Some(corrected) = &data.corrected {
            out.push('\n');
            self.corrected(&mut out, corrected);
        }
        out
    }

    /// Row and column of every change, and how much is left.
    fn corrected(&self, out: &mut String, corrected: &Corrected) {
        let strong = self.palette.strong();
        let title = Message::new("users-corrected")
            .arg("path", corrected.path.as_str())
            .arg("count", corrected.changes.len());
        let _ = writeln!(
            out,
            "{strong}{}{strong:#}",
            terminal(&self.catalog.text(&title), false)
        );
        for change in corrected.changes.iter().take(MAX_CHANGES) {
            let message = Message::new("users-change")
                .arg("kind", change.kind.as_str())
                .arg("line", change.line)
                .arg("column", change.column.as_str())
                .arg(
                    "before",
                    change.before.chars().take(MAX_QUOTE).collect::<String>(),
                )
                .arg("after", change.after.chars().take(MAX_QUOTE).collect::<String>());
            wrap::hanging(
                out,
                "  ",
                &terminal(&self.catalog.text(&message), false),
                self.width,
            );
        }
        if corrected.changes.len() > MAX_CHANGES {
            let more = Message::new("users-change-more").arg("count", corrected.changes.len() - MAX_CHANGES);
            wrap::hanging(out, "  ", &self.catalog.text(&more), self.width);
        }
        let left = Message::new("users-corrected-left").arg("count", corrected.left);
        wrap::hanging(out, "", &self.catalog.text(&left), self.width);
    }

    fn group(&self, out: &mut String, group: &Group, users: &std::collections::HashMap<u64, &User>) {
        let strong = self.palette.strong();
        let message = Message::new("users-group")
            .arg("count", group.count)
            .arg("cause", group.text.as_str());
        let mut title = String::new();
        wrap::hanging(
            &mut title,
            "",
            &terminal(&self.catalog.text(&message), false),
            self.width,
        );
        let _ = writeln!(out, "{strong}{}{strong:#}", title.trim_end());
        let action = Message::new("users-action").arg("action", group.action.as_str());
        wrap::hanging(out, "  → ", &self.catalog.text(&action), self.width);
        if let Some(cause) = &group.cause {
            let see = Message::new("users-see").arg("id", cause.as_str());
            wrap::hanging(
                out,
                "    ",
                &terminal(&self.catalog.text(&see), false),
                self.width,
            );
        }
        for line in group.lines.iter().take(MAX_NAMED) {
            let Some(user) = users.get(line) else { continue };
            let named = [
                user.broadworks_id.as_str(),
                user.email.as_str(),
                user.status.as_str(),
            ];
            let named: Vec<&str> = named.into_iter().filter(|text| !text.is_empty()).collect();
            let _ = writeln!(out, "    {line:>6}  {}", terminal(&named.join("  "), false));
        }
        if group.lines.len() > MAX_NAMED {
            let more = Message::new("users-group-more").arg("count", group.lines.len() - MAX_NAMED);
            let _ = writeln!(out, "            {}", self.catalog.text(&more));
        }
    }
}
