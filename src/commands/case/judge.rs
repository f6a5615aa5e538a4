//! Observations to findings to the verdict before escalating. No I/O: a saved case can be judged again.

use std::io::Read as _;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value as Json};

use super::collect::{Collected, Problem};
use super::input::CaseInput;
use super::source::{Kind, Source};
use super::{Window, facts};
use crate::case::{Escalation, Facts};
use crate::cli::args::certs::Args;
use crate::commands::{self, Context, Failure};
use crate::i18n::{Catalog, Value};
use crate::redact::Redactor;
use crate::report::Report;
use crate::rules::fault::Seen;
use crate::rules::{self, Finding, registry as checks};

/// Values of one kind in a report. A log may hold tens of thousands of tracking IDs: nobody reads them there, they stand
/// in the packed log, and `extract` lists them all.
const MAX_FACTS: usize = 200;
/// The catalogue looks at so much of a text, in bytes.
const MAX_TEXT: u64 = 256 * 1024;

/// A case after judgement, in no language yet.
#[derive(Debug)]
pub struct Judged {
    /// Everything that was checked.
    pub findings: Vec<Finding>,
    /// What is known of the case.
    pub facts: Facts,
    /// Stable names of the facts that are missing.
    pub missing: Vec<&'static str>,
    /// The verdict before escalating.
    pub escalation: Escalation,
    /// The parts of `data`, by command.
    parts: Map<String, Json>,
}

/// Judges what was collected.
///
/// # Errors
/// When the configuration's thresholds or roots cannot be used.
pub fn judge(collected: &Collected, input: &CaseInput, context: &mut Context) -> Result<Judged, Failure> {
    let as_of = context.as_of();
    let window = Window {
        since: input.since,
        until: input.until,
    };
    let facts = facts::merge(&input.said, &context.config, &collected.inventory, window);
    let mut findings = Vec::new();
    let mut parts = Map::new();
    status(collected, &facts, input, context, &mut findings, &mut parts);
    certificates(collected, context, &mut findings, &mut parts)?;
    users(collected, context, &mut findings, &mut parts)?;
    faults(collected, context, &mut findings, &mut parts)?;
    findings.extend(input.answers.judge(as_of));
    if input.answers.is_answered() {
        put(&mut parts, "answers", &input.answers);
    }
    findings.extend(rules::release::judge(&facts.broadworks_releases, as_of));
    findings.extend(rules::case::judge(&facts, rules::case::Context { as_of }));
    findings.extend(collected.problems.iter().map(incomplete));
    put(&mut parts, "extract", &collected.inventory.shortened(MAX_FACTS));
    let missing = rules::case::missing(&findings);
    let escalation = rules::case::escalation(&findings, &missing);
    Ok(Judged {
        findings,
        facts,
        missing,
        escalation,
        parts,
    })
}

fn status(
    collected: &Collected,
    facts: &Facts,
    input: &CaseInput,
    context: &Context,
    findings: &mut Vec<Finding>,
    parts: &mut Map<String, Json>,
) {
    let Some(observation) = &collected.status else {
        // Why it was not asked is among the problems; it must not look as if all were well.
        findings.push(Finding::unknown(&checks::STATUS_REACHABLE, "status").variant("not-asked"));
        return;
    };
    let mut question = commands::status::question(context, &[], facts.time_frame);
    question.zone = input.zone;
    findings.extend(rules::status::judge(observation, &question));
    put(parts, "status", &rules::status::data(observation, &question));
}

fn certificates(
    collected: &Collected,
    context: &mut Context,
    findings: &mut Vec<Finding>,
    parts: &mut Map<String, Json>,
) -> Result<(), Failure> {
    let settings = commands::certs::settings(&Args::default(), context)?;
    if collected.endpoints.is_empty() && collected.certificates.is_empty() && collected.trust.is_empty() {
        return Ok(());
    }
    let (found, data) = rules::certs::judge(
        &collected.endpoints,
        &collected.certificates,
        &collected.trust,
        &settings,
    );
    findings.extend(found);
    put(parts, "certs", &data);
    Ok(())
}

fn users(
    collected: &Collected,
    context: &Context,
    findings: &mut Vec<Finding>,
    parts: &mut Map<String, Json>,
) -> Result<(), Failure> {
    if collected.users.is_empty() {
        return Ok(());
    }
    let catalogue = commands::explain::load(context)?;
    let mut files = Vec::new();
    for users in &collected.users {
        let Some(table) = &users.table else { continue };
        let file = users.path.display().to_string();
        let settings = rules::users::Settings {
            as_of: context.as_of(),
            file: &file,
        };
        let (found, data) = rules::users_data::analyse(table, settings, true, &catalogue, &context.catalog);
        findings.extend(found);
        files.push(data);
    }
    put(parts, "users", &files);
    Ok(())
}

/// What the catalogue knows of the errors: the texts as a whole, the logs by their error codes.
fn faults(
    collected: &Collected,
    context: &Context,
    findings: &mut Vec<Finding>,
    parts: &mut Map<String, Json>,
) -> Result<(), Failure> {
    let texts = collected
        .sources
        .iter()
        .filter(|source| source.kind == Kind::Text);
    let mut seen: Vec<Seen> = texts.map(seen_text).collect();
    let names: Vec<String> = seen.iter().map(|seen| seen.source.clone()).collect();
    for entry in &collected.inventory.error_codes {
        if !names.contains(&entry.first.file) {
            // The text mostly has the code in it; if not, the code is what is known.
            let said = entry.text.as_deref().unwrap_or_default();
            seen.push(Seen {
                text: if said.contains(&entry.value) {
                    said.to_owned()
                } else {
                    format!("error {}: {said}", entry.value)
                },
                source: format!("{}:{}", entry.first.file, entry.first.line),
                is_text: false,
            });
        }
    }
    if seen.is_empty() {
        return Ok(());
    }
    let catalogue = commands::explain::load(context)?;
    let (found, matches, unknown) = rules::fault::judge(&seen, &catalogue, &context.catalog);
    findings.extend(found);
    put(
        parts,
        "explain",
        &commands::explain::data(&matches, unknown, &context.catalog),
    );
    Ok(())
}

/// The beginning of a text, which the catalogue looks at.
fn seen_text(source: &Source) -> Seen {
    let mut bytes = Vec::new();
    // What cannot be read is said where it is collected.
    let _ = source.reader().take(MAX_TEXT).read_to_end(&mut bytes);
    Seen {
        text: crate::users::decode::text(&bytes).text,
        source: source.name.clone(),
        is_text: true,
    }
}

/// Something that could not be brought in is a finding like any other.
fn incomplete(problem: &Problem) -> Finding {
    Finding::new(&checks::BUNDLE_INCOMPLETE, problem.subject.as_str())
        .variant("input")
        .arg("cause", problem.cause.clone())
        .arg("hint", Value::Hint(Box::new(problem.cause.clone())))
}

fn put(parts: &mut Map<String, Json>, name: &str, part: &impl serde::Serialize) {
    // Plain data without maps of foreign keys; serialising it cannot fail.
    if let Ok(part) = serde_json::to_value(part) {
        parts.insert(name.to_owned(), part);
    }
}

impl Judged {
    /// The instant of the report and of the bundle: `--as-of` makes both reproducible.
    pub fn made_at(&self, context: &Context) -> DateTime<Utc> {
        context.global.as_of.unwrap_or_else(|| context.clock.now())
    }

    /// The report with everything that it quotes redacted.
    pub fn redacted_report(
        &self,
        command: &str,
        redactor: &Redactor,
        context: &Context,
        catalog: &Catalog,
    ) -> Report {
        let mut report = self.report(command, context, catalog);
        for finding in &mut report.findings {
            for text in [
                &mut finding.subject,
                &mut finding.title,
                &mut finding.detail,
                &mut finding.remedy,
            ] {
                *text = redactor.redact_str(text);
            }
            finding
                .data
                .values_mut()
                .for_each(|value| redactor.redact_json(value));
        }
        report
            .data
            .values_mut()
            .for_each(|value| redactor.redact_json(value));
        report
    }

    /// The report in one language. With `--as-of` it is also dated so, which makes a bundle reproducible.
    pub fn report(&self, command: &str, context: &Context, catalog: &Catalog) -> Report {
        let mut data = Map::new();
        put(&mut data, "escalation", &self.escalation);
        let sentence = rules::case::sentence(self.escalation, &self.findings);
        put(&mut data, "escalation_title", &catalog.text(&sentence));
        put(&mut data, "next_step", &catalog.attribute(&sentence, "next"));
        put(&mut data, "missing", &self.missing);
        put(&mut data, "facts", &self.facts.shortened(MAX_FACTS));
        data.extend(self.parts.clone());
        Report::new(
            command,
            self.made_at(context),
            context.as_of(),
            &self.findings,
            data,
            catalog,
        )
    }
}
