//! The report of `check` for a person: the verdict before escalating, what to do, and whether everything that TAC
//! will ask for is there.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::nagios::{Performance, Plugin};
use super::{certs, status, text, wrap};
use crate::case::{Fact, Facts};
use crate::cli::printer::Palette;
use crate::i18n::{Catalog, Message};
use crate::report::{Report, Severity, Verdict};
use crate::rules::case::{CONDITIONAL, FACTS, label};
use crate::rules::certs::{CertsData, Thresholds};
use crate::rules::status::StatusData;
use crate::sanitize::terminal;

/// Values of one fact that are shown; the rest is counted.
const SHOWN: usize = 3;

/// Everything that `check` prints.
///
/// What passed is only counted, in the first lines, unless `verbose`.
pub fn page(report: &Report, catalog: &Catalog, palette: Palette, width: usize, verbose: bool) -> String {
    let mut out = head(report, catalog, palette, width);
    out.push('\n');
    if verbose {
        out.push_str(&text::findings(report, catalog, palette, width));
    } else {
        let mut wrong = report.clone();
        wrong.findings.retain(|finding| finding.severity != Severity::Ok);
        out.push_str(&text::findings(&wrong, catalog, palette, width));
    }
    out.push('\n');
    out.push_str(&readiness(report, catalog, palette, width));
    out
}

/// The verdict and the next step alone: what `bundle` prints beside the zip.
pub fn head(report: &Report, catalog: &Catalog, palette: Palette, width: usize) -> String {
    let mut out = text::verdict(report, catalog, palette, width);
    let strong = palette.strong();
    for (key, style) in [("escalation_title", strong), ("next_step", palette.faint())] {
        if let Some(sentence) = report.data.get(key).and_then(|value| value.as_str()) {
            let mut block = String::new();
            wrap::hanging(&mut block, "  ", &terminal(sentence, false), width);
            let _ = write!(out, "{style}{block}{style:#}");
        }
    }
    out
}

/// The report without what only a service request needs: on a schedule there is no case whose facts could be missing.
pub fn without_case(mut report: Report) -> Report {
    report
        .findings
        .retain(|finding| !finding.check.starts_with("case."));
    report.verdict = Verdict::of_severities(report.findings.iter().map(|finding| finding.severity));
    report
}

/// For Nagios and Icinga: what [`without_case`] left.
pub fn plugin(report: &Report, thresholds: &Thresholds, catalog: &Catalog) -> Plugin {
    let part = |name: &str| report.data.get(name).cloned().unwrap_or_default();
    let certs = serde_json::from_value::<CertsData>(part("certs")).ok();
    let status = serde_json::from_value::<StatusData>(part("status")).ok();
    let count = |severity| {
        let findings = report.findings.iter();
        findings.filter(|finding| finding.severity == severity).count()
    };
    let mut values = vec![
        Performance::count("findings_critical", count(Severity::Critical), None),
        Performance::count("findings_warning", count(Severity::Warning), None),
        Performance::count("findings_unknown", count(Severity::Unknown), None),
    ];
    values.extend(status.iter().flat_map(status::performance));
    if let Some(data) = &certs {
        values.extend(certs::performance(data, report, thresholds));
    }
    let healthy = Message::new("check-plugin-ok").arg("count", count(Severity::Ok));
    Plugin::new("CHECK", report, catalog.text(&healthy), values, catalog)
}

/// A table: each fact, what is known of it and where from, or that it is missing.
fn readiness(report: &Report, catalog: &Catalog, palette: Palette, width: usize) -> String {
    let Some(facts) = report
        .data
        .get("facts")
        .and_then(|facts| serde_json::from_value::<Facts>(facts.clone()).ok())
    else {
        return String::new();
    };
    let missing: Vec<&str> = report
        .data
        .get("missing")
        .and_then(|missing| missing.as_array())
        .map(|missing| missing.iter().filter_map(|fact| fact.as_str()).collect())
        .unwrap_or_default();
    let labels: Vec<String> = FACTS.iter().map(|fact| catalog.text(&label(fact))).collect();
    let column = labels.iter().map(|label| label.width()).max().unwrap_or_default();
    let strong = palette.strong();
    let mut out = format!("{strong}{}{strong:#}\n", catalog.plain("check-readiness"));
    for (fact, label) in FACTS.iter().zip(&labels) {
        let state = State::of(fact, &missing, report);
        let (sign, severity) = state.sign();
        let style = palette.severity(severity);
        let text = match state {
            State::Known => value(&facts, fact, catalog),
            State::Unclear => {
                catalog.text(&Message::new("check-unclear").arg("value", value(&facts, fact, catalog)))
            }
            State::Missing | State::NotNeeded => {
                let place = Message::new(format!("case-where--{}", fact.replace('_', "-")));
                let needed = if state == State::Missing { "yes" } else { "no" };
                catalog.text(
                    &Message::new("check-where")
                        .arg("needed", needed)
                        .arg("place", place),
                )
            }
        };
        let padding = " ".repeat(column - label.width());
        let first = format!("  {sign} {label}{padding}  ");
        let mut block = String::new();
        wrap::hanging(&mut block, &first, &text, width);
        let rest = block
            .strip_prefix("  ")
            .and_then(|rest| rest.strip_prefix(sign))
            .unwrap_or(&block);
        let _ = write!(out, "  {style}{sign}{style:#}{rest}");
    }
    out
}

/// How one fact stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Known,
    /// There, but it contradicts another fact.
    Unclear,
    Missing,
    /// Missing, but Cisco asks for it only under a condition.
    NotNeeded,
}

impl State {
    fn of(fact: &str, missing: &[&str], report: &Report) -> Self {
        let check = format!("case.{}", fact.replace('_', "-"));
        let is_unclear = report
            .findings
            .iter()
            .any(|finding| finding.check == check && finding.data.contains_key("unclear"));
        match missing.contains(&fact) {
            true if CONDITIONAL.contains(&fact) => Self::NotNeeded,
            true => Self::Missing,
            false if is_unclear => Self::Unclear,
            false => Self::Known,
        }
    }

    fn sign(self) -> (&'static str, Severity) {
        match self {
            Self::Known => ("✓", Severity::Ok),
            Self::Unclear => ("!", Severity::Warning),
            Self::Missing => ("✗", Severity::Warning),
            Self::NotNeeded => ("–", Severity::Info),
        }
    }
}

fn value(facts: &Facts, fact: &str, catalog: &Catalog) -> String {
    let list = match fact {
        "customer_org" => &facts.customer_orgs,
        "partner_org" => &facts.partner_orgs,
        "tracking_id" => &facts.tracking_ids,
        "client_version" => &facts.client_versions,
        "user_email" if facts.user_emails.is_empty() => &facts.user_ids,
        "user_email" => &facts.user_emails,
        _ => {
            return facts.time_frame.map_or_else(String::new, |frame| {
                catalog.text(
                    &Message::new("check-time-frame")
                        .arg("first", crate::report::rfc3339(frame.first))
                        .arg("last", crate::report::rfc3339(frame.last)),
                )
            });
        }
    };
    values(list, facts.left_out(&format!("{fact}s")), catalog)
}

fn values(list: &[Fact], left_out: usize, catalog: &Catalog) -> String {
    let mut shown: Vec<String> = list
        .iter()
        .take(SHOWN)
        .map(|fact| {
            catalog.text(
                &Message::new("check-value")
                    .arg("value", terminal(&fact.value, false))
                    .arg("source", terminal(&fact.source, false)),
            )
        })
        .collect();
    let count = list.len() + left_out;
    if count > SHOWN {
        shown.push(catalog.text(&Message::new("check-more").arg("count", count - SHOWN)));
    }
    shown.join(", ")
}
