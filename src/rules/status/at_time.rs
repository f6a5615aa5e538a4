//! What was open when the fault happened.

use chrono::{DateTime, TimeDelta, Utc};

use super::incidents::{describe, subject};
use super::relevance::{Judging, Relevance};
use super::{SKEW, shown, shown_in};
use crate::probe::status::StatusPage;
use crate::probe::status::model::{Incident, Phase};
use crate::report::{Severity, rfc3339};
use crate::rules::Finding;
use crate::rules::registry::STATUS_INCIDENT_AT_TIME;
use crate::scan::TimeFrame;

/// How an incident and the fault's time frame meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overlap {
    /// The first instant of both.
    pub first: DateTime<Utc>,
    /// The last instant of both.
    pub last: DateTime<Utc>,
}

impl Overlap {
    /// How many minutes of the time frame are covered, begun minutes counted: an incident that is published to the
    /// second and a fault that is noted to the minute meet in the same minute.
    pub fn minutes(&self) -> i64 {
        let seconds = (self.last - self.first).num_seconds();
        (seconds + 59) / 60
    }
}

/// The overlap of an incident with a time frame. An incident without an end is still open at `as_of`.
pub fn overlaps(incident: &Incident, window: TimeFrame, as_of: DateTime<Utc>) -> Option<Overlap> {
    let start = incident.started_at.or(incident.created_at)?;
    let end = match (incident.phase, incident.ended_at) {
        // A maintenance that is still running past its planned end has not ended.
        (Phase::Open | Phase::InProgress, Some(end)) => end.max(as_of),
        (_, Some(end)) => end,
        (Phase::Closed, None) => incident.updated_at.unwrap_or(start),
        (_, None) => as_of.max(window.last),
    };
    let (first, last) = (window.first.min(window.last), window.first.max(window.last));
    let overlap = Overlap {
        first: start.max(first),
        last: end.min(last),
    };
    (overlap.first <= overlap.last).then_some(overlap)
}

/// Findings for everything that overlaps the time frame, else one that says how sure that is.
pub(super) fn judge(judging: &Judging<'_>, window: TimeFrame) -> Vec<Finding> {
    let mut findings = Vec::new();
    let lists = [
        (&judging.page.incidents, false),
        (&judging.page.maintenances, true),
    ];
    for (list, maintenance) in lists {
        for incident in list.iter().flatten() {
            if let Some(overlap) = overlaps(incident, window, judging.question.as_of) {
                findings.extend(finding(judging, incident, maintenance, window, overlap));
            }
        }
    }
    if findings
        .iter()
        .any(|finding| finding.severity >= Severity::Warning)
    {
        return findings;
    }
    if let Some(skewed) = skewed(judging, window) {
        findings.push(skewed);
        return findings;
    }
    let unknown = uncovered(judging.page, window);
    let finding = match unknown {
        None => Finding::ok(&STATUS_INCIDENT_AT_TIME, judging.observation.source.as_str()),
        Some(uncovered) => Finding::unknown(&STATUS_INCIDENT_AT_TIME, judging.observation.source.as_str())
            .arg("what", uncovered.what)
            .arg(
                "known",
                uncovered.known_since.map_or_else(|| "none".to_owned(), shown),
            ),
    };
    findings.push(with_window(finding, judging, window));
    findings
}

/// The clocks differ so much that it decides whether anything overlaps: a time read from this machine's clock stands
/// for another instant on the page's.
fn skewed(judging: &Judging<'_>, window: TimeFrame) -> Option<Finding> {
    let offset = judging.observation.clock_offset_seconds?;
    if offset.unsigned_abs() <= SKEW.num_seconds().unsigned_abs() {
        return None;
    }
    let shift = TimeDelta::try_seconds(offset)?;
    let shifted = TimeFrame {
        first: window.first.checked_add_signed(shift)?,
        last: window.last.checked_add_signed(shift)?,
    };
    let lists = [&judging.page.incidents, &judging.page.maintenances];
    let incident = lists.into_iter().flatten().flatten().find(|incident| {
        judging.relevance(incident) == Relevance::Named
            && overlaps(incident, shifted, judging.question.as_of).is_some()
    })?;
    let finding = Finding::unknown(&STATUS_INCIDENT_AT_TIME, subject(incident)).variant("skew");
    let finding = describe(finding, incident, judging)
        .arg("direction", if offset > 0 { "behind" } else { "ahead" })
        .arg("seconds", offset.unsigned_abs())
        .data("clock_offset_seconds", offset);
    Some(with_window(finding, judging, window))
}

fn finding(
    judging: &Judging<'_>,
    incident: &Incident,
    maintenance: bool,
    window: TimeFrame,
    overlap: Overlap,
) -> Option<Finding> {
    let relevance = judging.relevance(incident);
    if matches!(relevance, Relevance::Other | Relevance::OtherRegion) {
        return None;
    }
    let severity = match (relevance, maintenance) {
        (Relevance::Named, false) => Judging::severity(incident).max(Severity::Warning),
        (Relevance::Named, true) => Severity::Warning,
        _ => Severity::Info,
    };
    let variant = match (relevance, maintenance) {
        (Relevance::Unclear, _) => Some("unclear"),
        (_, true) => Some("maintenance"),
        (_, false) => None,
    };
    let finding = Finding::new(&STATUS_INCIDENT_AT_TIME, subject(incident)).severity(severity);
    let finding = match variant {
        Some(variant) => finding.variant(variant),
        None => finding,
    };
    let finding = describe(finding, incident, judging)
        .arg("minutes", overlap.minutes())
        .arg("from", shown_in(overlap.first, judging.question.zone))
        .arg("to", shown_in(up_to_minute(overlap.last), judging.question.zone))
        .data("overlap_first", rfc3339(overlap.first))
        .data("overlap_last", rfc3339(overlap.last))
        .data("overlap_seconds", (overlap.last - overlap.first).num_seconds());
    Some(with_window(finding, judging, window))
}

/// The next whole minute, so that what lasted less than one does not read as nothing.
fn up_to_minute(at: DateTime<Utc>) -> DateTime<Utc> {
    let over = at.timestamp().rem_euclid(60);
    at + TimeDelta::seconds((60 - over) % 60)
}

fn with_window(finding: Finding, judging: &Judging<'_>, window: TimeFrame) -> Finding {
    let zone = judging.question.zone;
    let is_instant = (window.last - window.first).abs() < TimeDelta::minutes(1);
    finding
        .arg("kind", if is_instant { "instant" } else { "frame" })
        .arg("first", shown_in(window.first, zone))
        .arg("last", shown_in(window.last, zone))
        .data("window_first", rfc3339(window.first))
        .data("window_last", rfc3339(window.last))
        .data("window_zone", zone.map(|zone| zone.to_string()))
}

/// What the page's lists leave open about a time frame.
struct Uncovered {
    what: &'static str,
    known_since: Option<DateTime<Utc>>,
}

fn uncovered(page: &StatusPage, window: TimeFrame) -> Option<Uncovered> {
    let reaches = |since: Option<DateTime<Utc>>| since.is_some_and(|since| since <= window.first);
    let incidents = page.incidents.is_some() && reaches(page.incidents_since);
    let maintenances = page.maintenances.is_some() && reaches(page.maintenances_since);
    match (incidents, maintenances) {
        (true, true) => None,
        (false, false) => Some(Uncovered {
            what: "both",
            known_since: None,
        }),
        (false, true) => Some(Uncovered {
            what: "incidents",
            known_since: page.incidents_since,
        }),
        (true, false) => Some(Uncovered {
            what: "maintenances",
            known_since: page.maintenances_since,
        }),
    }
}
