//! The status page, judged: is it Webex, now or when it happened?
//!
//! An incident counts when it names a component that matters, also while that component still says `operational`.
//! A page that cannot be reached from here is not evidence that Webex is down.

mod at_time;
mod data;
mod incidents;
mod relevance;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

pub use at_time::{Overlap, overlaps};
pub use data::{ComponentData, IncidentData, StatusData, data};

use relevance::Judging;

use super::registry::{STATUS_COMPONENT, STATUS_REACHABLE};
use super::{Finding, registry};
use crate::probe::status::model::{Component, ComponentState, folded, tidy};
use crate::probe::status::{Outcome, StatusObservation};
use crate::report::{Owner, Severity, rfc3339};
use crate::scan::TimeFrame;

/// The components that matter to a provider of Webex for BroadWorks, unless the configuration says otherwise.
pub const DEFAULT_COMPONENTS: [&str; 4] = [
    "Webex App",
    "Webex Control Hub",
    "Webex Meetings",
    "Webex Calling",
];

/// A clock that is off by more than this is said: times of logs and of the page cannot be compared by the minute.
const SKEW: TimeDelta = TimeDelta::minutes(2);

/// What is asked of an observation.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Components that matter; empty: [`DEFAULT_COMPONENTS`].
    pub components: Vec<String>,
    /// Regions that matter; empty: all.
    pub regions: Vec<String>,
    /// When the fault happened.
    pub window: Option<TimeFrame>,
    /// The zone that this time was given in; shown beside UTC.
    pub zone: Option<FixedOffset>,
    /// The instant to judge as of.
    pub as_of: DateTime<Utc>,
}

impl Question {
    /// The names that matter, tidied, each once.
    fn wanted(&self) -> Vec<String> {
        let mut wanted: Vec<String> = Vec::new();
        let given = self.components.iter().map(String::as_str);
        let defaults = DEFAULT_COMPONENTS
            .into_iter()
            .filter(|_| self.components.is_empty());
        for name in given.chain(defaults) {
            let name = tidy(name);
            if !name.is_empty() && !wanted.iter().any(|known| folded(known) == folded(&name)) {
                wanted.push(name);
            }
        }
        wanted
    }
}

/// Judges an observation.
pub fn judge(observation: &StatusObservation, question: &Question) -> Vec<Finding> {
    let mut findings = vec![reachable(observation)];
    let Some(page) = observation.reached() else {
        return findings;
    };
    let judging = Judging::new(observation, page, question);
    findings.extend(components(&judging));
    findings.extend(incidents::incidents(&judging));
    findings.extend(incidents::maintenances(&judging));
    if let Some(window) = question.window {
        findings.extend(at_time::judge(&judging, window));
    }
    // Where to look is this page, unless a finding has a page of its own.
    for finding in &mut findings {
        if finding.reference.as_deref() == finding.check.reference {
            finding.reference = Some(judging.home().into());
        }
    }
    findings
}

fn reachable(observation: &StatusObservation) -> Finding {
    let source = observation.source.as_str();
    let problem = match &observation.outcome {
        Outcome::Unreachable(problem) => problem,
        Outcome::Answered => return answered(observation),
    };
    Finding::new(&STATUS_REACHABLE, source)
        .arg("cause", problem.cause.as_str())
        .arg("reason", &problem.detail)
        .arg("status", problem.status.unwrap_or(0))
        .data("cause", problem.cause.as_str())
        .data("reason", problem.detail.as_str())
        .data("http_status", problem.status)
        .data("fetched_at", rfc3339(observation.fetched_at))
}

fn answered(observation: &StatusObservation) -> Finding {
    let offset = observation.clock_offset_seconds;
    let is_skewed = offset.is_some_and(|offset| offset.unsigned_abs() > SKEW.num_seconds().unsigned_abs());
    let finding = Finding::ok(&STATUS_REACHABLE, observation.source.as_str());
    let finding = if is_skewed {
        let offset = offset.unwrap_or_default();
        finding
            .severity(Severity::Info)
            .owner(Owner::ServiceProvider)
            .variant("skew")
            .arg("direction", if offset > 0 { "behind" } else { "ahead" })
            .arg("seconds", offset.unsigned_abs())
    } else {
        finding
    };
    finding
        .arg("at", shown(observation.fetched_at))
        .data("fetched_at", rfc3339(observation.fetched_at))
        .data("clock_offset_seconds", offset)
}

/// One finding for every component that matters.
fn components(judging: &Judging<'_>) -> Vec<Finding> {
    let Some(listed) = &judging.page.components else {
        let source = judging.observation.source.as_str();
        return vec![Finding::unknown(&STATUS_COMPONENT, source).variant("not-said")];
    };
    let wanted = judging.question.wanted();
    let findings = wanted.iter().map(|wanted| component(wanted, listed, judging));
    findings
        .map(|finding| finding.reference(judging.home()))
        .collect()
}

fn component(wanted: &str, listed: &[Component], judging: &Judging<'_>) -> Finding {
    let question = judging.question;
    let matching: Vec<&Component> = listed
        .iter()
        .filter(|component| folded(&component.name) == folded(wanted))
        .collect();
    // The worst of the component itself and of its children; an unknown word outweighs none that is known to be bad.
    let family = matching.iter().flat_map(|component| {
        let children = listed
            .iter()
            .filter(|child| !component.id.is_empty() && child.group.as_deref() == Some(&component.id));
        std::iter::once(*component).chain(children)
    });
    // The first of the worst: the component itself before its children.
    let worst = family.reduce(|worst, next| {
        if badness(next.state) > badness(worst.state) {
            next
        } else {
            worst
        }
    });
    let Some(worst) = worst else {
        return Finding::unknown(&STATUS_COMPONENT, wanted)
            .owner(Owner::ServiceProvider)
            .arg("nearest", nearest(wanted, listed).unwrap_or("none"))
            .arg("names", names(listed))
            .data("nearest", nearest(wanted, listed));
    };
    let owner = judging.owner();
    let is_child = !matching.iter().any(|component| std::ptr::eq(*component, worst));
    let finding = match worst.state {
        ComponentState::Operational => Finding::ok(&STATUS_COMPONENT, wanted),
        ComponentState::Unknown => Finding::unknown(&STATUS_COMPONENT, wanted)
            .variant("unknown-state")
            .arg("word", worst.state_as_given.as_deref().unwrap_or("none")),
        state if is_elsewhere(worst, question) => Finding::new(&STATUS_COMPONENT, wanted)
            .severity(Severity::Info)
            .variant("other-region")
            .arg("state", state.as_str())
            .arg("regions", worst.unavailable_regions.join(", ")),
        ComponentState::MajorOutage => Finding::new(&STATUS_COMPONENT, wanted)
            .severity(Severity::Critical)
            .arg("state", worst.state.as_str()),
        state => Finding::new(&STATUS_COMPONENT, wanted).arg("state", state.as_str()),
    };
    finding
        .owner(owner)
        .arg("who", judging.who())
        .arg("part", if is_child { worst.name.as_str() } else { "none" })
        .arg("since", worst.updated_at.map_or_else(|| "none".to_owned(), shown))
        .data("status", worst.state_as_given.as_deref().unwrap_or("unknown"))
        .data("component", worst.name.as_str())
        .data("component_id", worst.id.as_str())
        .data("updated_at", worst.updated_at.map(rfc3339))
}

/// Known trouble weighs most, then what is not known, then what works.
fn badness(state: ComponentState) -> u8 {
    match state {
        ComponentState::Operational => 0,
        ComponentState::Unknown => 1,
        ComponentState::UnderMaintenance => 2,
        ComponentState::DegradedPerformance => 3,
        ComponentState::PartialOutage => 4,
        ComponentState::MajorOutage => 5,
    }
}

/// Whether the page says that the trouble is only in regions that do not matter.
fn is_elsewhere(component: &Component, question: &Question) -> bool {
    !component.unavailable_regions.is_empty()
        && !relevance::regions_meet(&component.unavailable_regions, &question.regions)
}

/// The name on the page most like `wanted`, if any is like it at all.
fn nearest<'a>(wanted: &str, listed: &'a [Component]) -> Option<&'a str> {
    /// Below this two names have little more in common than "Webex".
    const ALIKE: f64 = 0.7;
    let own = |name: &str| folded(name).trim_start_matches("webex").trim().to_owned();
    listed
        .iter()
        .map(|component| {
            let likeness = strsim::jaro_winkler(&own(wanted), &own(&component.name));
            (likeness, component.name.as_str())
        })
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, name)| name)
}

/// The names on the page, for whoever mistyped one; as many as can be read at a glance.
fn names(listed: &[Component]) -> String {
    const SHOWN: usize = 20;
    let mut names: Vec<&str> = listed
        .iter()
        .filter(|component| component.group.is_none())
        .map(|component| component.name.as_str())
        .collect();
    let more = names.len() > SHOWN;
    names.truncate(SHOWN);
    let mut text = names.join(", ");
    if more {
        text.push_str(", …");
    }
    if text.is_empty() { "-".to_owned() } else { text }
}

/// An instant as it is shown to a person: to the minute, with its zone.
pub fn shown(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// The same with the clock of a zone beside it: `2026-03-09 08:00 UTC (09:00 +01:00)`.
pub fn shown_in(at: DateTime<Utc>, zone: Option<FixedOffset>) -> String {
    let Some(zone) = zone.filter(|zone| zone.local_minus_utc() != 0) else {
        return shown(at);
    };
    let local = at.with_timezone(&zone);
    let same_day = local.date_naive() == at.date_naive();
    let form = if same_day {
        "%H:%M %:z"
    } else {
        "%Y-%m-%d %H:%M %:z"
    };
    format!("{} ({})", shown(at), local.format(form))
}

/// The check of incidents, for callers that look for what explains a fault.
pub fn explains(finding: &Finding) -> bool {
    let checks = [
        registry::STATUS_INCIDENT.id,
        registry::STATUS_MAINTENANCE.id,
        registry::STATUS_INCIDENT_AT_TIME.id,
        registry::STATUS_COMPONENT.id,
    ];
    checks.contains(&finding.check.id) && matches!(finding.severity, Severity::Warning | Severity::Critical)
}

#[cfg(test)]
mod tests;
