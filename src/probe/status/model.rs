//! The status page, normalised: one model for the Webex API, Statuspage v2 and RSS. Facts as stated; no judgement.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a status page said.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StatusPage {
    /// Which format it came in.
    pub format: PageFormat,
    /// Whose page it is, if the document says so; the Webex page does not.
    pub name: Option<String>,
    /// The page that people look at, if the document names it.
    pub home: Option<String>,
    /// The overall indicator.
    pub indicator: Indicator,
    /// The page's own word for it.
    pub indicator_as_given: Option<String>,
    /// The components; `None`: the page did not say.
    pub components: Option<Vec<Component>>,
    /// The incidents, open and past; `None`: the page did not say.
    pub incidents: Option<Vec<Incident>>,
    /// The maintenances; `None`: the page did not say.
    pub maintenances: Option<Vec<Incident>>,
    /// From when on the list of past incidents is complete. `None`: past incidents are not known.
    pub incidents_since: Option<DateTime<Utc>>,
    /// The same for maintenances.
    pub maintenances_since: Option<DateTime<Utc>>,
}

/// The formats that are understood.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PageFormat {
    /// The Webex status API.
    #[default]
    Webex,
    /// Atlassian Statuspage v2.
    Statuspage,
    /// RSS: incidents only, and little of them.
    Rss,
}

/// The overall indicator, in the Webex colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Indicator {
    /// All systems operational.
    Green,
    /// Maintenance, degraded performance or partial outage.
    Yellow,
    /// Major outage.
    Red,
    /// Not said, or a word that is not known.
    #[default]
    Unknown,
}

impl Indicator {
    /// The word of the wire format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Red => "red",
            Self::Unknown => "unknown",
        }
    }

    /// Webex's `green|yellow|red`, Statuspage's `none|minor|major|critical|maintenance`.
    pub fn from_word(word: &str) -> Self {
        match word.trim().to_ascii_lowercase().as_str() {
            "green" | "none" => Self::Green,
            "yellow" | "minor" | "maintenance" => Self::Yellow,
            "red" | "major" | "critical" => Self::Red,
            _ => Self::Unknown,
        }
    }
}

/// How a component is, best first; what is not known sorts last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComponentState {
    /// Works.
    Operational,
    /// Under maintenance.
    UnderMaintenance,
    /// Slow or unreliable.
    DegradedPerformance,
    /// Broken for some.
    PartialOutage,
    /// Broken.
    MajorOutage,
    /// Not said, or a word that is not known.
    #[default]
    Unknown,
}

impl ComponentState {
    /// The word of the wire format; the same as the page's.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operational => "operational",
            Self::UnderMaintenance => "under_maintenance",
            Self::DegradedPerformance => "degraded_performance",
            Self::PartialOutage => "partial_outage",
            Self::MajorOutage => "major_outage",
            Self::Unknown => "unknown",
        }
    }

    /// From the page's word; blanks and dashes in place of underscores are tolerated.
    pub fn from_word(word: &str) -> Self {
        match word.trim().to_ascii_lowercase().replace([' ', '-'], "_").as_str() {
            "operational" => Self::Operational,
            "under_maintenance" => Self::UnderMaintenance,
            "degraded_performance" => Self::DegradedPerformance,
            "partial_outage" => Self::PartialOutage,
            "major_outage" => Self::MajorOutage,
            _ => Self::Unknown,
        }
    }
}

/// One component.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Component {
    /// The page's id.
    pub id: String,
    /// The name, trimmed.
    pub name: String,
    /// How it is.
    pub state: ComponentState,
    /// The page's own word.
    pub state_as_given: Option<String>,
    /// The id of the group it belongs to.
    pub group: Option<String>,
    /// Whether it is a group.
    pub is_group: bool,
    /// Regions where it is not available, as the page lists them.
    pub unavailable_regions: Vec<String>,
    /// When it last changed.
    pub updated_at: Option<DateTime<Utc>>,
}

/// One incident or maintenance.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Incident {
    /// The page's id.
    pub id: String,
    /// The title, trimmed.
    pub name: String,
    /// Where it stands.
    pub phase: Phase,
    /// The page's own word.
    pub status: Option<String>,
    /// How bad, the page's own word: `none`, `minor`, `major`, `critical`, `maintenance`.
    pub impact: Option<String>,
    /// `PUB…`
    pub publication_id: Option<String>,
    /// `INC…`
    pub incident_number: Option<String>,
    /// Names of the components it names, trimmed, each once; empty: it names none.
    pub components: Vec<String>,
    /// The worst state that it gives a component.
    pub worst_component: Option<ComponentState>,
    /// Regions it names; empty: it names none.
    pub regions: Vec<String>,
    /// When it was published.
    pub created_at: Option<DateTime<Utc>>,
    /// When it began, or is planned to begin.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended, or is planned to end (maintenance).
    pub ended_at: Option<DateTime<Utc>>,
    /// When it last changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// The updates, newest first.
    pub updates: Vec<Update>,
    /// Its own page.
    pub link: Option<String>,
}

/// Where an incident or a maintenance stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// investigating, identified, monitoring.
    Open,
    /// resolved, postmortem, completed.
    Closed,
    /// A maintenance that lies ahead.
    Scheduled,
    /// A maintenance that runs.
    InProgress,
    /// Not said, or a word that is not known.
    #[default]
    Unknown,
}

impl Phase {
    /// From the page's word ("in progress" has a blank on the Webex page).
    pub fn from_word(word: &str) -> Self {
        match word.trim().to_ascii_lowercase().replace(['_', '-'], " ").as_str() {
            "investigating" | "identified" | "monitoring" | "update" => Self::Open,
            "resolved" | "postmortem" | "completed" | "closed" | "cancelled" | "canceled" => Self::Closed,
            "scheduled" => Self::Scheduled,
            "in progress" | "verifying" => Self::InProgress,
            _ => Self::Unknown,
        }
    }

    /// The word of the wire format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Scheduled => "scheduled",
            Self::InProgress => "in-progress",
            Self::Unknown => "unknown",
        }
    }
}

/// One update of an incident.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Update {
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// Where the incident stood then, the page's own word.
    pub status: Option<String>,
    /// What was said, trimmed.
    pub body: String,
}

impl StatusPage {
    /// Adds what another document of the same page said. Lists that are already known are joined by id; the later
    /// document wins, because it was asked later and for exactly this.
    pub fn merge(&mut self, other: Self) {
        if self.indicator == Indicator::Unknown {
            self.indicator = other.indicator;
            self.indicator_as_given = other.indicator_as_given;
        }
        if self.components.is_none() {
            self.components = other.components;
        }
        join(&mut self.incidents, other.incidents);
        join(&mut self.maintenances, other.maintenances);
        self.incidents_since = earlier(self.incidents_since, other.incidents_since);
        self.maintenances_since = earlier(self.maintenances_since, other.maintenances_since);
    }

    /// Whether anything at all was understood.
    pub fn says_something(&self) -> bool {
        self.indicator_as_given.is_some()
            || self.components.is_some()
            || self.incidents.is_some()
            || self.maintenances.is_some()
    }
}

fn earlier(one: Option<DateTime<Utc>>, other: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

fn join(into: &mut Option<Vec<Incident>>, from: Option<Vec<Incident>>) {
    let Some(from) = from else { return };
    let list = into.get_or_insert_default();
    for incident in from {
        match list
            .iter_mut()
            .find(|known| !known.id.is_empty() && known.id == incident.id)
        {
            Some(known) => *known = incident,
            None => list.push(incident),
        }
    }
}

/// A name as it is compared: blanks collapsed, case folded.
pub fn folded(name: &str) -> String {
    tidy(name).to_lowercase()
}

/// A name as it is shown: stray and repeated blanks (also no-break ones) removed.
pub fn tidy(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}
