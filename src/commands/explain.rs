//! `explain`: from a code, a text or the name of a procedure to what it means and what to do.

use std::fmt::Write as _;
use std::io::Read as _;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::case::answers::Answers;
use super::case::dialogue;
use super::case::input::InputError;
use super::{Context, Failure, Outcome};
use crate::catalogue::{Catalogue, Entry, Kind, Match, Part, Reason};
use crate::cli::args::Format;
use crate::cli::args::explain::Args;
use crate::cli::exit::Exit;
use crate::cli::formats;
use crate::cli::printer::Palette;
use crate::cli::prompt::Terminal;
use crate::i18n::{Catalog, Localize as _, Message};
use crate::render::{self, wrap};
use crate::report::{Owner, Report};
use crate::rules::{Finding, order, template};
use crate::sanitize::terminal;
use crate::users::decode;

/// Standard input is read up to here, in bytes; the catalogue looks at less.
const MAX_INPUT: u64 = 4 << 20;

/// Columns that the parts of an entry are indented by.
const INDENT: &str = "  ";

/// `data` of `explain`.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct ExplainData {
    /// What fits, best first; without a question, everything there is.
    pub matches: Vec<Explained>,
    /// Codes in the text that the catalogue does not know.
    pub unknown_codes: Vec<String>,
    /// What to collect about codes that are not known; null when all are.
    pub collect_unknown: Option<String>,
}

/// One entry in the report's language.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Explained {
    /// Stable id.
    pub id: String,
    /// `error`, `symptom`, `procedure`.
    pub kind: String,
    /// `certain`, `likely`, `possible`; null in a list.
    pub confidence: Option<String>,
    /// Why it was found.
    pub reasons: Vec<Because>,
    /// The codes it stands for.
    pub codes: Vec<String>,
    /// Who must act.
    pub owner: Owner,
    /// What it means.
    pub meaning: String,
    /// Where it comes from.
    pub cause: String,
    /// What to do, in order.
    pub steps: Vec<String>,
    /// What to collect for a service request.
    pub collect: String,
    /// Where it is documented.
    pub reference: Option<String>,
}

/// Why an entry was found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Because {
    /// `id`, `code`, `phrase`, `keywords`.
    pub kind: String,
    /// The id, code, phrase or words.
    pub value: String,
}

/// Runs the command.
///
/// # Errors
/// When standard input or the provider's catalogue cannot be read.
pub fn run(args: &Args, context: &mut Context) -> Outcome {
    let format = formats::require(context, &[Format::Text, Format::Json])?;
    let catalogue = load(context)?;
    if args.lint {
        return lint(&catalogue, context);
    }
    let query = query(args)?;
    let answers = answers(args, query.as_deref(), format, context)?;
    let findings = answers.judge(context.as_of());
    context.interrupt.check()?;
    let is_list = query.is_none() && findings.is_empty();
    let data = match &query {
        Some(text) => data(
            &catalogue.explain(text),
            catalogue.unknown_codes(text),
            &context.catalog,
        ),
        None if is_list => everything(&catalogue, &context.catalog),
        None => ExplainData::default(),
    };
    let report = report(context, &findings, &data);
    let text = if format == Format::Json {
        let mut text = serde_json::to_string_pretty(&report).map_err(std::io::Error::from)?;
        text.push('\n');
        text
    } else {
        let page = Page {
            catalog: &context.catalog,
            palette: context.printer.palette(),
            width: context.printer.width(),
        };
        let mut out = String::new();
        if !findings.is_empty() {
            out.push_str(&render::text::findings(
                &report,
                page.catalog,
                page.palette,
                page.width,
            ));
        }
        if is_list {
            page.list(&mut out, &data);
        } else if query.is_some() {
            page.answer(&mut out, &data, !findings.is_empty());
        }
        out
    };
    context.printer.out().write_all(text.as_bytes())?;
    Ok(Exit::DONE)
}

/// Whether every entry keeps to the rules, and its examples lead to it: for those who write entries of their own.
fn lint(catalogue: &Catalogue, context: &mut Context) -> Outcome {
    let faults = catalogue.lint();
    for fault in &faults {
        let line = context.catalog.text(&fault.message());
        writeln!(context.printer.out(), "{}", terminal(&line, false))?;
    }
    let sum = Message::new("catalogue-lint-sum")
        .arg("entries", catalogue.entries().len())
        .arg("faults", faults.len());
    let sum = context.catalog.text(&sum);
    writeln!(context.printer.out(), "{sum}")?;
    Ok(if faults.is_empty() {
        Exit::DONE
    } else {
        Exit::LEFT_OUT
    })
}

/// The built-in catalogue and, if configured, the provider's own.
///
/// # Errors
/// When the configured directory cannot be used.
pub fn load(context: &Context) -> Result<Catalogue, Failure> {
    Ok(match &context.config.catalogue.dir {
        Some(dir) => Catalogue::with_dir(dir)?,
        None => Catalogue::embedded(),
    })
}

/// The answers of the dialogues: from files, from flags, and on a terminal from the person.
fn answers(
    args: &Args,
    query: Option<&str>,
    format: Format,
    context: &mut Context,
) -> Result<Answers, Failure> {
    let mut answers = Answers::default();
    for path in &args.answers {
        answers.merge(Answers::read(path).map_err(|reason| InputError::Answers {
            path: path.display().to_string(),
            reason,
        })?);
    }
    answers.merge(flags(args));
    let can_ask = format == Format::Text && context.printer.can_ask() && context.printer.out_is_terminal();
    let asked = query.map(str::trim).filter(|_| can_ask && !answers.is_answered());
    if let Some(name @ ("activation" | "order")) = asked {
        let mut person = Terminal::new(context.interrupt.clone(), context.printer.err_palette());
        if name == "activation" {
            dialogue::activation(&mut answers.activation, &mut person, &context.catalog)?;
        } else {
            dialogue::order(&mut answers.order, &mut person, &context.catalog)?;
        }
        if args.save.is_some() {
            dialogue::evidence(&mut answers, &mut person, &context.catalog)?;
        }
    }
    if let Some(path) = &args.save {
        answers.write(path)?;
        let saved = Message::new("explain-saved").arg("path", path.display().to_string());
        context.printer.note(&context.catalog, &saved);
    }
    Ok(answers)
}

/// What the flags answer.
fn flags(args: &Args) -> Answers {
    let activation = template::Activation {
        untrusted_emails: args.untrusted_emails,
        share_link: args.share_link,
        retried: args.retried,
        user_status: args.user_status,
    };
    let order = order::Order {
        line: args.line,
        offer: args.offer,
        requested_start: args.requested_start,
        ccw_access: args.ccw_access,
        onboarded: args.onboarded,
        resend_failed: args.resend_failed,
    };
    Answers {
        activation,
        order,
        ..Answers::default()
    }
}

/// What is asked: the words of the command line, or standard input.
fn query(args: &Args) -> Result<Option<String>, Failure> {
    match args.query.as_slice() {
        [] => Ok(None),
        [dash] if dash == "-" => {
            let mut bytes = Vec::new();
            std::io::stdin()
                .lock()
                .take(MAX_INPUT)
                .read_to_end(&mut bytes)
                .map_err(|error| {
                    Failure::Said(Message::new("explain-error-stdin").arg("reason", error.to_string()))
                })?;
            Ok(Some(decode::text(&bytes).text))
        }
        words => Ok(Some(words.join(" "))),
    }
}

/// What was found, in the catalogue's language; also a part of `data` of `check`.
pub fn data(matches: &[Match<'_>], unknown_codes: Vec<String>, catalog: &Catalog) -> ExplainData {
    let nothing_sure = matches.is_empty() || !unknown_codes.is_empty();
    ExplainData {
        matches: matches
            .iter()
            .map(|found| explained(found.entry, Some(found), catalog))
            .collect(),
        unknown_codes,
        collect_unknown: nothing_sure.then(|| catalog.plain("catalogue-collect--unknown")),
    }
}

fn everything(catalogue: &Catalogue, catalog: &Catalog) -> ExplainData {
    ExplainData {
        matches: catalogue
            .entries()
            .iter()
            .map(|entry| explained(entry, None, catalog))
            .collect(),
        ..ExplainData::default()
    }
}

fn explained(entry: &Entry, found: Option<&Match<'_>>, catalog: &Catalog) -> Explained {
    Explained {
        id: entry.id.clone(),
        kind: entry.kind.as_str().to_owned(),
        confidence: found.map(|found| found.confidence.as_str().to_owned()),
        reasons: found
            .map(|found| found.reasons.iter().map(because).collect())
            .unwrap_or_default(),
        codes: entry.codes.clone(),
        owner: entry.owner,
        meaning: entry.text(Part::Meaning, catalog),
        cause: entry.text(Part::Cause, catalog),
        steps: entry.steps(catalog),
        collect: entry.text(Part::Collect, catalog),
        reference: entry.reference.clone(),
    }
}

fn because(reason: &Reason) -> Because {
    Because {
        kind: reason.kind().to_owned(),
        value: reason.value(),
    }
}

fn report(context: &Context, findings: &[Finding], data: &ExplainData) -> Report {
    let data = match serde_json::to_value(data) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let now = context.clock.now();
    Report::new("explain", now, context.as_of(), findings, data, &context.catalog)
}

/// Text for a person.
struct Page<'a> {
    catalog: &'a Catalog,
    palette: Palette,
    width: usize,
}

impl Page<'_> {
    /// Every entry in one line, by kind.
    fn list(&self, out: &mut String, data: &ExplainData) {
        for (kind, heading) in [
            (Kind::Error, "explain-heading-errors"),
            (Kind::Symptom, "explain-heading-symptoms"),
            (Kind::Procedure, "explain-heading-procedures"),
        ] {
            let strong = self.palette.strong();
            let _ = writeln!(out, "{strong}{}{strong:#}", self.catalog.plain(heading));
            for entry in data.matches.iter().filter(|entry| entry.kind == kind.as_str()) {
                let mut line = entry.meaning.clone();
                if !entry.codes.is_empty() {
                    let _ = write!(line, " ({})", entry.codes.join(", "));
                }
                let id = terminal(&entry.id, false);
                wrap::hanging(
                    out,
                    &format!("{INDENT}{id:<26} "),
                    &terminal(&line, false),
                    self.width,
                );
            }
            out.push('\n');
        }
        out.push_str(&self.catalog.plain("explain-list-hint"));
        out.push('\n');
    }

    /// What fits, and what is not known.
    fn answer(&self, out: &mut String, data: &ExplainData, after_findings: bool) {
        for (number, entry) in data.matches.iter().enumerate() {
            if number > 0 || after_findings {
                out.push('\n');
            }
            self.entry(out, entry);
        }
        if data.matches.is_empty() && data.unknown_codes.is_empty() {
            wrap::hanging(out, "", &self.catalog.plain("explain-nothing"), self.width);
        }
        if !data.unknown_codes.is_empty() {
            if !data.matches.is_empty() {
                out.push('\n');
            }
            let message = Message::new("explain-unknown-codes")
                .arg("count", data.unknown_codes.len())
                .arg("codes", data.unknown_codes.join(", "));
            wrap::hanging(out, "", &terminal(&self.catalog.text(&message), true), self.width);
        }
        if let Some(collect) = &data.collect_unknown {
            self.part(out, "explain-heading-collect", collect);
        }
    }

    fn entry(&self, out: &mut String, entry: &Explained) {
        let strong = self.palette.strong();
        let mut title = String::new();
        wrap::hanging(&mut title, "", &terminal(&entry.meaning, true), self.width);
        let _ = writeln!(out, "{strong}{}{strong:#}", title.trim_end());
        let reasons: Vec<String> = entry
            .reasons
            .iter()
            .map(|reason| {
                let message = Message::new("explain-reason")
                    .arg("kind", reason.kind.as_str())
                    .arg("value", reason.value.as_str());
                self.catalog.text(&message)
            })
            .collect();
        let message = Message::new("explain-why")
            .arg("confidence", entry.confidence.as_deref().unwrap_or_default())
            .arg("reasons", reasons.join("; "))
            .arg("id", entry.id.as_str());
        wrap::hanging(
            out,
            INDENT,
            &terminal(&self.catalog.text(&message), false),
            self.width,
        );
        let owner = Message::new("explain-owner").arg("owner", render::owner_word(entry.owner, self.catalog));
        wrap::hanging(out, INDENT, &self.catalog.text(&owner), self.width);
        if !entry.cause.is_empty() {
            self.part(out, "explain-heading-cause", &entry.cause);
        }
        if !entry.steps.is_empty() {
            let _ = writeln!(
                out,
                "{INDENT}{strong}{}{strong:#}",
                self.catalog.plain("explain-heading-steps")
            );
            for (number, step) in entry.steps.iter().enumerate() {
                let first = format!("{INDENT}{:>3}. ", number + 1);
                wrap::hanging(out, &first, &terminal(step, false), self.width);
            }
        }
        if !entry.collect.is_empty() {
            self.part(out, "explain-heading-collect", &entry.collect);
        }
        if let Some(reference) = &entry.reference {
            self.part(out, "explain-heading-reference", reference);
        }
    }

    fn part(&self, out: &mut String, heading: &'static str, text: &str) {
        let strong = self.palette.strong();
        let _ = writeln!(out, "{INDENT}{strong}{}{strong:#}", self.catalog.plain(heading));
        wrap::hanging(out, "    ", &terminal(text, true), self.width);
    }
}
