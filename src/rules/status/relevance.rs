//! Which incidents matter, and whether they were open at an instant.

use chrono::{DateTime, TimeDelta, Utc};

use super::Question;
use crate::probe::status::model::{Component, Incident, Phase, StatusPage, folded};
use crate::probe::status::{DEFAULT_URL, StatusObservation};
use crate::report::{Owner, Severity};

/// Judging as of an instant this close to the observation, or later, is judging what is now: the page's own word
/// decides, and a clock that is a little off does not.
const LIVE: TimeDelta = TimeDelta::minutes(5);

/// What the rules of incidents share.
pub(super) struct Judging<'a> {
    pub(super) observation: &'a StatusObservation,
    pub(super) page: &'a StatusPage,
    pub(super) question: &'a Question,
    /// Folded names whose incidents count: the components that matter, their children and their groups.
    names: Vec<String>,
    /// As of now, not in retrospect.
    is_live: bool,
}

/// What an incident has to do with what matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relevance {
    /// It names a component that matters.
    Named,
    /// It does not say which components it is about.
    Unclear,
    /// It names a component that matters, in regions that do not.
    OtherRegion,
    /// It is about something else.
    Other,
}

impl<'a> Judging<'a> {
    pub(super) fn new(
        observation: &'a StatusObservation,
        page: &'a StatusPage,
        question: &'a Question,
    ) -> Self {
        Self {
            observation,
            page,
            question,
            names: names(question, page.components.as_deref().unwrap_or_default()),
            is_live: question.as_of >= observation.fetched_at - LIVE,
        }
    }

    /// The page that people look at: as the document names it, else what was asked, else the Webex page.
    pub(super) fn home(&self) -> String {
        let source = &self.observation.source;
        let is_url = source.starts_with("http://") || source.starts_with("https://");
        match &self.page.home {
            Some(home) => home.clone(),
            None if is_url => source.clone(),
            None => DEFAULT_URL.to_owned(),
        }
    }

    /// Whose services these are.
    pub(super) fn who(&self) -> &str {
        self.page.name.as_deref().unwrap_or("Webex")
    }

    /// Who must act. A page of somebody else is read too, but it is not for this program to say whose it is.
    pub(super) fn owner(&self) -> Owner {
        let is_webex = self.page.name.is_none() || folded(self.who()).contains("webex");
        if is_webex { Owner::Webex } else { Owner::Unknown }
    }

    pub(super) fn relevance(&self, incident: &Incident) -> Relevance {
        let is_ours = if incident.components.is_empty() {
            let title = folded(&incident.name);
            if self.names.iter().any(|name| title.contains(name.as_str())) {
                true
            } else {
                return Relevance::Unclear;
            }
        } else {
            incident
                .components
                .iter()
                .any(|component| self.names.contains(&folded(component)))
        };
        if !is_ours {
            Relevance::Other
        } else if incident.regions.is_empty() || regions_meet(&incident.regions, &self.question.regions) {
            Relevance::Named
        } else {
            Relevance::OtherRegion
        }
    }

    /// Where an incident or a maintenance stood at the instant that is judged as of.
    pub(super) fn phase(&self, incident: &Incident, maintenance: bool) -> Phase {
        let as_of = self.question.as_of;
        let phase = incident.phase;
        if !self.is_live {
            let began = incident.created_at.or(incident.started_at);
            if began.is_some_and(|began| began > as_of) {
                // Nobody knew of it yet.
                return Phase::Closed;
            }
        }
        if maintenance {
            return maintenance_phase(incident, as_of);
        }
        match phase {
            Phase::Closed if incident.ended_at.is_some_and(|end| end > as_of) && !self.is_live => Phase::Open,
            phase => phase,
        }
    }

    /// How bad an incident is.
    pub(super) fn severity(incident: &Incident) -> Severity {
        use crate::probe::status::model::ComponentState;
        if incident.worst_component == Some(ComponentState::MajorOutage) {
            return Severity::Critical;
        }
        match incident.impact.as_deref() {
            Some("critical" | "major") => Severity::Critical,
            Some("none") => Severity::Info,
            _ => Severity::Warning,
        }
    }
}

/// A maintenance follows its plan unless the page says otherwise: some pages leave "scheduled" standing.
fn maintenance_phase(incident: &Incident, as_of: DateTime<Utc>) -> Phase {
    let has_begun = incident.started_at.is_some_and(|start| start <= as_of);
    let has_ended = incident.ended_at.is_some_and(|end| end <= as_of);
    match incident.phase {
        Phase::Closed if incident.ended_at.is_some() && !has_ended && has_begun => Phase::Closed,
        Phase::Scheduled if has_begun && has_ended => Phase::Closed,
        Phase::Scheduled if has_begun => Phase::InProgress,
        // An open word in the list of maintenances ("monitoring") is a maintenance that runs.
        Phase::Open => Phase::InProgress,
        phase => phase,
    }
}

fn names(question: &Question, listed: &[Component]) -> Vec<String> {
    let mut names: Vec<String> = question.wanted().iter().map(|name| folded(name)).collect();
    let wanted = names.clone();
    for component in listed
        .iter()
        .filter(|component| wanted.contains(&folded(&component.name)))
    {
        let relatives = listed.iter().filter(|other| {
            let is_child = !component.id.is_empty() && other.group.as_deref() == Some(&component.id);
            let is_group = !other.id.is_empty() && component.group.as_deref() == Some(&other.id);
            is_child || is_group
        });
        names.extend(relatives.map(|relative| folded(&relative.name)));
    }
    names
}

/// Whether two lists of regions have one in common. The page writes `N. America (West)`; whoever configures
/// `N. America` means both halves. No region configured: all matter.
pub(super) fn regions_meet(named: &[String], wanted: &[String]) -> bool {
    wanted.is_empty()
        || named.iter().any(|named| {
            let named = folded(named);
            wanted.iter().any(|wanted| {
                let wanted = folded(wanted);
                !wanted.is_empty() && (named.starts_with(&wanted) || wanted.starts_with(&named))
            })
        })
}
