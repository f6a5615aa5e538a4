//! The `data` of `status`: what the page said, by language-independent names.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::relevance::{Judging, Relevance};
use super::{Question, folded};
use crate::probe::status::model::{Component, Incident, Phase};
use crate::probe::status::{Gap, Outcome, StatusObservation};
use crate::report::rfc3339;

/// The `data` of `status`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StatusData {
    /// `green`, `yellow`, `red`; `unknown` when the page was not reached or does not say.
    pub indicator: String,
    /// The page's own word.
    pub indicator_as_given: Option<String>,
    /// `webex`, `statuspage` or `rss`; null when no page was recognised.
    pub format: Option<String>,
    /// The components.
    pub components: Vec<ComponentData>,
    /// The incidents, open and past.
    pub incidents: Vec<IncidentData>,
    /// The maintenances, planned, running and past.
    pub maintenances: Vec<IncidentData>,
    /// The URL or file.
    pub fetched_from: String,
    /// When (RFC 3339).
    pub fetched_at: String,
    /// Seconds that the page's clock is ahead of ours.
    pub clock_offset_seconds: Option<i64>,
    /// Why the page was not reached, from a closed list.
    pub cause: Option<String>,
    /// Lists that were wanted and did not come.
    pub gaps: Vec<Gap>,
}

/// One component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComponentData {
    /// The page's id.
    pub id: String,
    /// The name, trimmed.
    pub name: String,
    /// The page's own word, `unknown` when it does not say.
    pub status: String,
    /// The name of its group.
    pub group: Option<String>,
    /// Whether it is a group.
    pub is_group: bool,
    /// Whether it is one of the components that matter.
    pub relevant: bool,
    /// When it last changed (RFC 3339).
    pub updated_at: Option<String>,
}

/// One incident or maintenance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IncidentData {
    /// The page's id.
    pub id: String,
    /// The title.
    pub name: String,
    /// The page's own word.
    pub status: Option<String>,
    /// `open`, `closed`, `scheduled`, `in-progress` or `unknown`, as of the instant of the report.
    pub phase: String,
    /// The page's own word.
    pub impact: Option<String>,
    /// `PUB…`
    pub publication_id: Option<String>,
    /// `INC…`
    pub incident_number: Option<String>,
    /// The components that it names.
    pub components: Vec<String>,
    /// The regions that it names.
    pub regions: Vec<String>,
    /// Whether it names a component that matters, in a region that matters.
    pub relevant: bool,
    /// When it began or begins (RFC 3339).
    pub started_at: Option<String>,
    /// When it ended, or is planned to end (RFC 3339).
    pub ended_at: Option<String>,
    /// When it last changed (RFC 3339).
    pub updated_at: Option<String>,
    /// The last update's text.
    pub last_update: Option<String>,
    /// Its own page.
    pub link: Option<String>,
}

/// What an observation says, as data.
pub fn data(observation: &StatusObservation, question: &Question) -> StatusData {
    let mut data = StatusData {
        indicator: "unknown".to_owned(),
        indicator_as_given: None,
        format: None,
        components: Vec::new(),
        incidents: Vec::new(),
        maintenances: Vec::new(),
        fetched_from: observation.source.clone(),
        fetched_at: rfc3339(observation.fetched_at),
        clock_offset_seconds: observation.clock_offset_seconds,
        cause: match &observation.outcome {
            Outcome::Unreachable(problem) => Some(problem.cause.as_str().to_owned()),
            Outcome::Answered => None,
        },
        gaps: observation.gaps.clone(),
    };
    let Some(page) = observation.reached() else {
        return data;
    };
    let judging = Judging::new(observation, page, question);
    let wanted: Vec<String> = question.wanted().iter().map(|name| folded(name)).collect();
    let listed = page.components.as_deref().unwrap_or_default();
    page.indicator.as_str().clone_into(&mut data.indicator);
    data.indicator_as_given.clone_from(&page.indicator_as_given);
    data.format = serde_json::to_value(page.format)
        .ok()
        .and_then(|format| format.as_str().map(str::to_owned));
    data.components = listed
        .iter()
        .map(|component| ComponentData::new(component, listed, &wanted))
        .collect();
    let incidents = |list: &Option<Vec<Incident>>, maintenance| {
        let list = list.iter().flatten();
        list.map(|incident| IncidentData::new(incident, &judging, maintenance))
            .collect()
    };
    data.incidents = incidents(&page.incidents, false);
    data.maintenances = incidents(&page.maintenances, true);
    data
}

impl ComponentData {
    fn new(component: &Component, listed: &[Component], wanted: &[String]) -> Self {
        let group = component.group.as_deref();
        let group = group.and_then(|group| listed.iter().find(|other| other.id == group));
        let matters = |component: &Component| wanted.contains(&folded(&component.name));
        Self {
            id: component.id.clone(),
            name: component.name.clone(),
            status: component
                .state_as_given
                .clone()
                .unwrap_or_else(|| component.state.as_str().to_owned()),
            relevant: matters(component) || group.is_some_and(matters),
            group: group.map(|group| group.name.clone()),
            is_group: component.is_group,
            updated_at: component.updated_at.map(rfc3339),
        }
    }
}

impl IncidentData {
    fn new(incident: &Incident, judging: &Judging<'_>, maintenance: bool) -> Self {
        let phase: Phase = judging.phase(incident, maintenance);
        Self {
            id: incident.id.clone(),
            name: incident.name.clone(),
            status: incident.status.clone(),
            phase: phase.as_str().to_owned(),
            impact: incident.impact.clone(),
            publication_id: incident.publication_id.clone(),
            incident_number: incident.incident_number.clone(),
            components: incident.components.clone(),
            regions: incident.regions.clone(),
            relevant: judging.relevance(incident) == Relevance::Named,
            started_at: incident.started_at.map(rfc3339),
            ended_at: incident.ended_at.map(rfc3339),
            updated_at: incident.updated_at.map(rfc3339),
            last_update: incident
                .updates
                .first()
                .map(|update| update.body.clone())
                .filter(|body| !body.is_empty()),
            link: incident.link.clone(),
        }
    }
}
