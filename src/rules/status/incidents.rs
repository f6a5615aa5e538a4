//! Incidents and maintenances as they are at the instant that is judged as of.

use chrono::TimeDelta;

use super::relevance::{Judging, Relevance};
use super::shown;
use crate::probe::status::model::{Incident, Phase};
use crate::report::{Severity, rfc3339};
use crate::rules::Finding;
use crate::rules::registry::{STATUS_INCIDENT, STATUS_MAINTENANCE};

/// A maintenance that begins within this time is said.
const SOON: TimeDelta = TimeDelta::hours(24);
/// An incident of unknown state is worth a word for this long after its last sign of life.
const RECENT: TimeDelta = TimeDelta::hours(24);
/// At most this many characters of an update are quoted.
const QUOTE: usize = 400;

/// Open incidents that matter, else one finding that there is none.
pub(super) fn incidents(judging: &Judging<'_>) -> Vec<Finding> {
    let source = judging.observation.source.as_str();
    let Some(list) = &judging.page.incidents else {
        return vec![Finding::unknown(&STATUS_INCIDENT, source)];
    };
    let mut findings = Vec::new();
    let mut others = 0_usize;
    for incident in list {
        let is_open = match judging.phase(incident, false) {
            Phase::Closed | Phase::Scheduled => continue,
            Phase::Open | Phase::InProgress => true,
            Phase::Unknown => false,
        };
        if !is_open && !is_recent(judging, incident) {
            continue;
        }
        let relevance = judging.relevance(incident);
        if relevance == Relevance::Other {
            others += 1;
            continue;
        }
        let finding = Finding::new(&STATUS_INCIDENT, subject(incident)).severity(Judging::severity(incident));
        let finding = match (is_open, relevance) {
            (false, _) => finding.severity(Severity::Unknown).variant("unknown-state"),
            (true, Relevance::Unclear) => finding
                .severity(Judging::severity(incident).min(Severity::Warning))
                .variant("unclear"),
            (true, Relevance::OtherRegion) => finding.severity(Severity::Info).variant("other-region"),
            (true, _) => finding,
        };
        findings.push(describe(finding, incident, judging));
    }
    if findings.is_empty() {
        findings.push(
            Finding::ok(&STATUS_INCIDENT, source)
                .arg("others", others)
                .data("other_open_incidents", others),
        );
    }
    findings
}

fn is_recent(judging: &Judging<'_>, incident: &Incident) -> bool {
    let seen = incident.updated_at.or(incident.started_at);
    seen.is_none_or(|seen| seen > judging.question.as_of - RECENT)
}

/// Maintenances that matter, now or soon, else one finding that there is none.
pub(super) fn maintenances(judging: &Judging<'_>) -> Vec<Finding> {
    let source = judging.observation.source.as_str();
    let Some(list) = &judging.page.maintenances else {
        return vec![Finding::unknown(&STATUS_MAINTENANCE, source)];
    };
    let mut findings = Vec::new();
    for maintenance in list {
        let relevance = judging.relevance(maintenance);
        if matches!(relevance, Relevance::Other | Relevance::OtherRegion) {
            continue;
        }
        let finding = Finding::new(&STATUS_MAINTENANCE, subject(maintenance));
        let finding = match judging.phase(maintenance, true) {
            Phase::InProgress if relevance == Relevance::Named => finding.severity(Severity::Warning),
            Phase::InProgress => finding.variant("unclear"),
            Phase::Scheduled if is_soon(judging, maintenance) => finding.variant("soon"),
            _ => continue,
        };
        findings.push(describe(finding, maintenance, judging));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(&STATUS_MAINTENANCE, source));
    }
    findings
}

fn is_soon(judging: &Judging<'_>, maintenance: &Incident) -> bool {
    maintenance
        .started_at
        .is_some_and(|start| start <= judging.question.as_of + SOON)
}

/// What it is known by: the publication number, else the incident number, else its title.
pub(super) fn subject(incident: &Incident) -> String {
    [&incident.publication_id, &incident.incident_number]
        .into_iter()
        .flatten()
        .next()
        .unwrap_or(&incident.name)
        .clone()
}

/// Adds what every finding about an incident says: since when, the numbers, whom it concerns, the last update and
/// the link. What the page does not say is the word `none`, by which the sentences choose.
pub(super) fn describe(finding: Finding, incident: &Incident, judging: &Judging<'_>) -> Finding {
    let or_none = |text: Option<String>| {
        text.filter(|text| !text.is_empty())
            .unwrap_or_else(|| "none".to_owned())
    };
    let numbers: Vec<&str> = [&incident.publication_id, &incident.incident_number]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let update = incident.updates.first();
    let link = incident.link.clone().unwrap_or_else(|| judging.home());
    finding
        .reference(link.clone())
        .owner(judging.owner())
        .arg("who", judging.who())
        .arg(
            "name",
            if incident.name.is_empty() {
                "-"
            } else {
                incident.name.as_str()
            },
        )
        .arg("since", or_none(incident.started_at.map(shown)))
        .arg("until", or_none(incident.ended_at.map(shown)))
        .arg("numbers", or_none(Some(numbers.join(", "))))
        .arg("components", or_none(Some(incident.components.join(", "))))
        .arg("regions", or_none(Some(incident.regions.join(", "))))
        .arg("update", or_none(update.map(|update| quote(&update.body))))
        .arg(
            "updated",
            or_none(
                update
                    .and_then(|update| update.at)
                    .or(incident.updated_at)
                    .map(shown),
            ),
        )
        .arg("link", link.as_str())
        .data("id", incident.id.as_str())
        .data("name", incident.name.as_str())
        .data("status", incident.status.as_deref())
        .data("impact", incident.impact.as_deref())
        .data("publication_id", incident.publication_id.as_deref())
        .data("incident_number", incident.incident_number.as_deref())
        .data("components", incident.components.clone())
        .data("regions", incident.regions.clone())
        .data("started_at", incident.started_at.map(rfc3339))
        .data("ended_at", incident.ended_at.map(rfc3339))
        .data("updated_at", incident.updated_at.map(rfc3339))
        .data("link", link)
}

/// One line of an update, shortened at a word.
fn quote(body: &str) -> String {
    let line = body.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= QUOTE {
        return line;
    }
    let cut: String = line.chars().take(QUOTE).collect();
    let end = cut.rfind(' ').unwrap_or(cut.len());
    format!("{} …", &cut[..end])
}
