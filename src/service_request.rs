//! The text of the service request, ready to paste; always English. The same text in the agent's language is the
//! hand-over note.
//!
//! The text is built once as a [`Document`] and written as plain text or as Markdown.

mod document;

use std::collections::BTreeSet;

pub use document::Document;
use document::{Block, Field, Item, Section};

use crate::case::{Fact, Facts};
use crate::i18n::{Catalog, Message};
use crate::render::{is_told_twice, subject_for_readers};
use crate::report::{Finding, Owner, Report, Severity};
use crate::sanitize::terminal;

/// Values of one kind that are listed; the rest is counted. A log can hold thousands.
const MAX_VALUES: usize = 20;
/// Subjects that are named of a check that passed for several.
const MAX_SUBJECTS: usize = 4;
/// Findings of one kind that are listed.
const MAX_FINDINGS: usize = 30;
/// Versions that are looked at: a log can name thousands.
const MAX_VERSIONS: usize = 200;
/// Longest error text quoted, in characters.
const MAX_QUOTE: usize = 600;
/// Longest title, in characters: Support Case Manager cuts longer ones.
const MAX_TITLE: usize = 150;

/// The check whose findings say what is not among the files.
const LEFT_OUT: &str = "bundle.incomplete";

/// One line about an attached file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its path in the bundle.
    pub path: String,
    /// What it is, in the language of the text.
    pub what: String,
}

/// What the text is made of. Everything in it must be redacted already.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The report, in the language of the text.
    pub report: &'a Report,
    /// The facts of the case.
    pub facts: &'a Facts,
    /// The files of the bundle.
    pub files: &'a [Attachment],
}

/// Plain text, wrapped to 78 columns. `catalog` is English for the request itself.
pub fn text(request: Request<'_>, catalog: &Catalog) -> String {
    document(request, catalog).to_text()
}

/// The same as Markdown.
pub fn markdown(request: Request<'_>, catalog: &Catalog) -> String {
    document(request, catalog).to_markdown()
}

/// The text before it has a format.
pub fn document(request: Request<'_>, catalog: &Catalog) -> Document {
    let Request { report, facts, files } = request;
    let say = |key: &'static str| catalog.plain(key);
    let heading = |word: &str| catalog.text(&Message::new("sr-heading").arg("section", word));
    let mut sections = vec![
        Section::new(heading("impact"), vec![Block::Blank(say("sr-impact-blank"))]),
        Section::new(heading("case"), vec![Block::Fields(case_fields(facts, catalog))]),
        Section::new(heading("ids"), vec![Block::Items(tracking_ids(facts, catalog))]),
        Section::new(heading("versions"), vec![Block::Fields(versions(facts, catalog))]),
        Section::new(heading("errors"), vec![Block::Items(errors(facts, catalog))]),
    ];
    let about = Subjects::of(report);
    sections.extend([
        Section::new(heading("ours"), vec![Block::Items(found(&about.ours, catalog))]),
        Section::new(heading("webex"), vec![Block::Items(found(&about.webex, catalog))]),
        Section::new(
            heading("ruled-out"),
            vec![Block::Items(ruled_out(&about.passed, catalog))],
        ),
        Section::new(
            heading("unchecked"),
            vec![Block::Items(found(&about.unchecked, catalog))],
        ),
        Section::new(heading("changes"), vec![Block::Blank(say("sr-changes-blank"))]),
        Section::new(
            heading("missing"),
            vec![Block::Items(missing(&about.missing, catalog))],
        ),
        Section::new(heading("files"), vec![Block::Items(attachments(files))]),
    ]);
    sections.retain(|section| !section.is_empty());
    let made = Message::new("render-made-by")
        .arg("tool", report.tool.name.as_str())
        .arg("version", report.tool.version.as_str())
        .arg("made", report.generated_at.as_str())
        .arg("as_of", report.as_of.as_str());
    let level = if is_wide(report, facts) { "s2" } else { "s3" };
    Document {
        title_label: say("sr-title-label"),
        title: title(report, facts, catalog),
        lead: catalog.text(&Message::new("sr-severity").arg("level", level)),
        sections,
        foot: catalog.text(&made),
    }
}

/// One line such as a TAC engineer would write: the error as shown, else the worst finding.
fn title(report: &Report, facts: &Facts, catalog: &Catalog) -> String {
    let error = facts.error_codes.iter().find(|fact| fact.text.is_some());
    let message = if let Some(fact) = error.or(facts.error_codes.first()) {
        match &fact.text {
            Some(text) => Message::new("sr-title--error")
                .arg("code", one_line(&fact.value, 40))
                .arg("text", one_line(text, 80).trim_end_matches('.')),
            None => Message::new("sr-title--code").arg("code", one_line(&fact.value, 40)),
        }
    } else {
        let worst = report
            .findings
            .iter()
            .find(|finding| finding.severity >= Severity::Warning && !is_about_facts(finding));
        match worst {
            Some(finding) => Message::new("sr-title--finding").arg("title", one_line(&finding.title, 110)),
            None => Message::new("sr-title--plain"),
        }
    };
    one_line(&catalog.text(&message), MAX_TITLE)
}

/// Whether more than one user must be affected: a whole interface is down, or several users are named.
fn is_wide(report: &Report, facts: &Facts) -> bool {
    let interface = report.findings.iter().any(|finding| {
        finding.severity == Severity::Critical
            && ["tls.", "cert.", "chain.", "trust.", "mtls."]
                .iter()
                .any(|area| finding.check.starts_with(area))
    });
    interface || facts.user_emails.len() > 1
}

fn case_fields(facts: &Facts, catalog: &Catalog) -> Vec<Field> {
    let field = |word: &str, values: Vec<String>| Field {
        label: catalog.text(&Message::new("sr-field").arg("field", word)),
        values,
    };
    let list = |word: &str, facts_of: &[Fact], name: &str| {
        field(word, values(facts_of, facts.left_out(name), catalog))
    };
    let frame = facts.time_frame.map(|frame| {
        let message = Message::new("sr-time-frame")
            .arg("first", crate::report::rfc3339(frame.first))
            .arg("last", crate::report::rfc3339(frame.last));
        catalog.text(&message)
    });
    vec![
        field(
            "provider",
            facts.provider.iter().map(|name| one_line(name, 100)).collect(),
        ),
        list("customer-org", &facts.customer_orgs, "customer_orgs"),
        list("partner-org", &facts.partner_orgs, "partner_orgs"),
        list("other-org", &facts.other_orgs, "other_orgs"),
        list("user", &facts.user_emails, "user_emails"),
        list("broadworks-id", &facts.broadworks_user_ids, "broadworks_user_ids"),
        list("webex-id", &facts.user_ids, "user_ids"),
        field("time-frame", frame.into_iter().collect()),
    ]
}

fn versions(facts: &Facts, catalog: &Catalog) -> Vec<Field> {
    let field = |word: &str, values: Vec<String>| Field {
        label: catalog.text(&Message::new("sr-field").arg("field", word)),
        values,
    };
    // A client's label is its platform, a server's its role: two servers of one release stand in one line.
    let labelled = |facts: &[Fact]| -> Vec<String> {
        let mut lines: Vec<(String, Vec<String>)> = Vec::new();
        for fact in facts.iter().take(MAX_VERSIONS) {
            let value = one_line(&fact.value, 100);
            let place = lines.iter().position(|(known, _)| *known == value);
            let place = place.unwrap_or_else(|| {
                lines.push((value, Vec::new()));
                lines.len() - 1
            });
            let label = fact.label.as_deref().map(|label| one_line(label, 40));
            if let (Some((_, labels)), Some(label)) = (lines.get_mut(place), label)
                && !labels.contains(&label)
            {
                labels.push(label);
            }
        }
        let lines = lines.into_iter().map(|(value, labels)| {
            if labels.is_empty() {
                value
            } else {
                format!("{value} ({})", labels.join(", "))
            }
        });
        let rest = facts.len().saturating_sub(MAX_VERSIONS);
        capped(lines.collect(), rest, catalog)
    };
    vec![
        field("client-version", labelled(&facts.client_versions)),
        field("control-hub-build", values(&facts.control_hub_builds, 0, catalog)),
        field("broadworks-release", labelled(&facts.broadworks_releases)),
    ]
}

fn tracking_ids(facts: &Facts, catalog: &Catalog) -> Vec<Item> {
    let lines = facts
        .tracking_ids
        .iter()
        .map(|fact| match &fact.at {
            Some(at) => format!("{}  {}", one_line(&fact.value, 120), one_line(at, 40)),
            None => one_line(&fact.value, 120),
        })
        .collect();
    let lines = capped(lines, facts.left_out("tracking_ids"), catalog);
    lines.into_iter().map(Item::line).collect()
}

fn errors(facts: &Facts, catalog: &Catalog) -> Vec<Item> {
    let mut items: Vec<Item> = facts
        .error_codes
        .iter()
        .filter(|fact| !went_well(fact))
        .take(MAX_VALUES)
        .map(|fact| {
            let when = fact.at.as_deref().map(|at| format!(" ({})", one_line(at, 40)));
            Item {
                head: format!("{}{}", one_line(&fact.value, 60), when.unwrap_or_default()),
                body: fact.text.as_deref().map(|text| cut(text.trim(), MAX_QUOTE)),
            }
        })
        .collect();
    items.extend(
        rest(
            facts.error_codes.len() + facts.left_out("error_codes"),
            MAX_VALUES,
            catalog,
        )
        .map(Item::line),
    );
    items
}

/// Servers number what went well like what went wrong (`[Informational 100] precheck succeeded`).
pub(crate) fn went_well(fact: &Fact) -> bool {
    let text = fact.text.as_deref().unwrap_or_default().to_ascii_lowercase();
    text.ends_with("succeeded") || text.ends_with("successful") || text.ends_with("successfully")
}

/// The findings by what they mean for the case.
#[derive(Default)]
struct Subjects<'a> {
    ours: Vec<&'a Finding>,
    webex: Vec<&'a Finding>,
    passed: Vec<&'a Finding>,
    unchecked: Vec<&'a Finding>,
    missing: Vec<&'a Finding>,
}

impl<'a> Subjects<'a> {
    fn of(report: &'a Report) -> Self {
        let mut all = Self::default();
        for finding in &report.findings {
            let list = match finding.severity {
                _ if finding.check == LEFT_OUT => &mut all.unchecked,
                _ if is_told_twice(finding, report) => continue,
                _ if is_about_facts(finding) => {
                    if finding.severity == Severity::Ok {
                        continue;
                    }
                    &mut all.missing
                }
                Severity::Ok => &mut all.passed,
                Severity::Unknown => &mut all.unchecked,
                Severity::Info if finding.owner != Owner::Webex => continue,
                _ if finding.owner == Owner::Webex => &mut all.webex,
                _ => &mut all.ours,
            };
            list.push(finding);
        }
        all
    }
}

/// Findings about what the text itself says: the facts of the case and the bundle.
fn is_about_facts(finding: &Finding) -> bool {
    finding.check.starts_with("case.")
}

fn found(findings: &[&Finding], catalog: &Catalog) -> Vec<Item> {
    let mut items: Vec<Item> = findings
        .iter()
        .take(MAX_FINDINGS)
        .map(|finding| {
            if finding.check == LEFT_OUT {
                // Which file, and why, in one sentence.
                return Item::line(cut(&finding.detail, MAX_QUOTE));
            }
            let title = one_line(&finding.title, 200);
            let beside = subject_for_readers(finding).filter(|subject| !title.contains(subject));
            let head = match beside {
                Some(subject) => format!("{}: {title}", one_line(subject, 100)),
                None => title,
            };
            Item {
                head,
                body: (!finding.detail.is_empty()).then(|| cut(&finding.detail, MAX_QUOTE)),
            }
        })
        .collect();
    items.extend(rest(findings.len(), MAX_FINDINGS, catalog).map(Item::line));
    items
}

/// One line for each check that passed: a single finding in its own words, several as the check's name with what was
/// checked.
fn ruled_out(findings: &[&Finding], catalog: &Catalog) -> Vec<Item> {
    let mut checks: Vec<(&str, Vec<&Finding>)> = Vec::new();
    for finding in findings {
        match checks.iter_mut().find(|(check, _)| *check == finding.check) {
            Some((_, same)) => same.push(finding),
            None => checks.push((&finding.check, vec![finding])),
        }
    }
    let mut items: Vec<Item> = checks
        .iter()
        .take(MAX_FINDINGS)
        .filter_map(|(check, same)| match same.as_slice() {
            [] => None,
            [only] => found(&[only], catalog)
                .pop()
                .map(|item| item.head.replace(&only.subject, short(&only.subject))),
            several => Some(passed(check, several, catalog)),
        })
        .map(Item::line)
        .collect();
    items.extend(rest(checks.len(), MAX_FINDINGS, catalog).map(Item::line));
    items
}

/// A file by its name alone: whoever reads the request has not its directories.
fn short(subject: &str) -> &str {
    if subject.contains("://") {
        return subject;
    }
    subject
        .rsplit(['/', '\\'])
        .next()
        .filter(|name| !name.is_empty())
        .unwrap_or(subject)
}

/// Several findings of one check in one line.
fn passed(check: &str, findings: &[&Finding], catalog: &Catalog) -> String {
    let key = format!("check-{}", check.replace('.', "-"));
    let name = if catalog.has(&key) {
        catalog.text(&Message::new(key))
    } else {
        check.to_owned()
    };
    let mut seen = BTreeSet::new();
    let all = findings
        .iter()
        .map(|finding| one_line(short(&finding.subject), 60));
    let mut subjects: Vec<String> = all
        .filter(|subject| !subject.is_empty() && seen.insert(subject.clone()))
        .collect();
    let more = subjects.len().saturating_sub(MAX_SUBJECTS);
    subjects.truncate(MAX_SUBJECTS);
    let line = Message::new("sr-passed")
        .arg("check", name)
        .arg("count", findings.len())
        .arg("subjects", subjects.join(", "))
        .arg("more", more);
    catalog.text(&line)
}

fn missing(findings: &[&Finding], catalog: &Catalog) -> Vec<Item> {
    findings
        .iter()
        .map(|finding| {
            let fact = finding.data.get("missing").and_then(|fact| fact.as_str());
            let key = fact.map(|fact| format!("case-fact--{}", fact.replace('_', "-")));
            let label = key
                .filter(|key| catalog.has(key))
                .map(|key| catalog.text(&Message::new(key)));
            Item {
                head: label.unwrap_or_else(|| one_line(&finding.title, 200)),
                body: (!finding.remedy.is_empty()).then(|| cut(&finding.remedy, MAX_QUOTE)),
            }
        })
        .collect()
}

fn attachments(files: &[Attachment]) -> Vec<Item> {
    files
        .iter()
        .map(|file| {
            Item::line(format!(
                "{}  {}",
                one_line(&file.path, 200),
                one_line(&file.what, 200)
            ))
        })
        .collect()
}

/// The distinct values, the first [`MAX_VALUES`] of them.
fn values(facts: &[Fact], left_out: usize, catalog: &Catalog) -> Vec<String> {
    // A log can hold thousands: looking through a list for each would take longer than reading it.
    let mut seen = BTreeSet::new();
    let lines = facts.iter().map(|fact| one_line(&fact.value, 200));
    let distinct = lines.filter(|line| seen.insert(line.clone())).collect();
    capped(distinct, left_out, catalog)
}

/// The first of the lines, and how many more there are with those that are not among them.
fn capped(mut lines: Vec<String>, left_out: usize, catalog: &Catalog) -> Vec<String> {
    let rest = rest(lines.len() + left_out, MAX_VALUES, catalog);
    lines.truncate(MAX_VALUES);
    lines.extend(rest);
    lines
}

fn rest(count: usize, shown: usize, catalog: &Catalog) -> Option<String> {
    let more = count.checked_sub(shown).filter(|more| *more > 0)?;
    Some(catalog.text(&Message::new("sr-more").arg("count", more)))
}

/// Foreign text as one line without control characters.
fn one_line(text: &str, longest: usize) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    cut(&joined, longest)
}

/// Foreign text without control characters, cut with an ellipsis.
fn cut(text: &str, longest: usize) -> String {
    let text = terminal(text, true);
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default().trim_end()),
        None => text.into_owned(),
    }
}

#[cfg(test)]
mod tests;
