//! JSON documents of the Webex status API and of Statuspage v2 to the model. Everything may be null, absent, of
//! another type or new: what cannot be used is left out, never an error, as long as the document is recognisable.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::model::{
    Component, ComponentState, Incident, Indicator, PageFormat, Phase, StatusPage, Update, tidy,
};

/// `all-incidents.json` holds the last 50; fewer means that there are no more. [status API guide]
const LIST_LIMIT: usize = 50;

/// What the caller knows of a document besides its text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hint {
    /// It was asked for, or is named, as the list of all incidents: short means complete.
    pub all_incidents: bool,
    /// The same for maintenances.
    pub all_maintenances: bool,
    /// A bare list in it, even an empty one, is a list of maintenances.
    pub maintenances: bool,
}

impl Hint {
    /// Reads the hint off a file name or the path of a URL.
    pub fn of_name(name: &str) -> Self {
        let name = name
            .rsplit(['/', '\\'])
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let all = name.starts_with("all-");
        let maintenances = name.contains("maintenance");
        Self {
            all_incidents: all && name.contains("incident"),
            all_maintenances: all && maintenances,
            maintenances,
        }
    }
}

/// Recognises a document by its shape. `None`: JSON, but not of a status page.
pub(super) fn page(document: &Value, hint: Hint) -> Option<StatusPage> {
    let mut page = match document {
        Value::Object(fields) if fields.contains_key("page") => parse(fields, PageFormat::Statuspage),
        Value::Object(fields) => parse(fields, PageFormat::Webex),
        Value::Array(items) => list(items, hint),
        _ => return None,
    };
    if !page.says_something() {
        return None;
    }
    page.incidents_since = known_since(page.incidents.as_deref(), hint.all_incidents);
    page.maintenances_since = known_since(page.maintenances.as_deref(), hint.all_maintenances);
    Some(page)
}

/// How far back a list reaches. A list that holds only what is open says nothing about the past.
fn known_since(list: Option<&[Incident]>, is_whole_list: bool) -> Option<DateTime<Utc>> {
    let list = list?;
    if is_whole_list && list.len() < LIST_LIMIT {
        return Some(DateTime::UNIX_EPOCH);
    }
    let closed = || list.iter().filter(|incident| incident.phase == Phase::Closed);
    closed().filter_map(|incident| incident.started_at).min()
}

fn parse(fields: &Map<String, Value>, format: PageFormat) -> StatusPage {
    let components = fields
        .get("components")
        .and_then(Value::as_array)
        .map(|items| components(items));
    let names = names_by_id(components.as_deref().unwrap_or_default());
    let incidents = |key: &str, maintenance| {
        fields
            .get(key)
            .and_then(Value::as_array)
            .map(|items| incidents(items, &names, maintenance))
    };
    let indicator = indicator(fields);
    let about = fields.get("page").and_then(Value::as_object);
    StatusPage {
        format,
        name: about.and_then(|about| text(about, &["name"])),
        home: about
            .and_then(|about| text(about, &["url"]))
            .filter(|url| url.starts_with("http")),
        indicator: indicator
            .as_deref()
            .map_or(Indicator::Unknown, Indicator::from_word),
        indicator_as_given: indicator,
        incidents: incidents("incidents", false),
        maintenances: incidents("scheduled_maintenances", true),
        components,
        ..StatusPage::default()
    }
}

/// `{"status": {"indicator": …}}`, or the object itself as `status.json` might answer.
fn indicator(fields: &Map<String, Value>) -> Option<String> {
    let status = fields.get("status").and_then(Value::as_object).unwrap_or(fields);
    text(status, &["indicator"])
}

/// A bare list: of incidents or of components, told apart by the keys of its items.
fn list(items: &[Value], hint: Hint) -> StatusPage {
    let has = |keys: &[&str]| {
        items.iter().any(|item| {
            item.as_object()
                .is_some_and(|fields| keys.iter().any(|key| fields.contains_key(*key)))
        })
    };
    let mut page = StatusPage::default();
    if has(&[
        "incident_updates",
        "impact",
        "publicationId",
        "incidentNumber",
        "resolved_at",
    ]) || items.is_empty()
    {
        let maintenance = hint.maintenances;
        let found = incidents(items, &HashMap::new(), maintenance);
        if maintenance {
            page.maintenances = Some(found);
        } else {
            page.incidents = Some(found);
        }
    } else if has(&["isGroup", "group_id", "position", "group"]) {
        page.components = Some(components(items));
    }
    page
}

fn components(items: &[Value]) -> Vec<Component> {
    let mut found: Vec<Component> = items
        .iter()
        .filter_map(Value::as_object)
        .filter_map(component)
        .collect();
    // A group lists its children; a child may also name its group. Either is enough.
    let groups: HashMap<String, String> = items
        .iter()
        .filter_map(Value::as_object)
        .filter_map(|fields| Some((text(fields, &["id"])?, fields.get("components")?.as_array()?)))
        .flat_map(|(group, children)| {
            children.iter().filter_map(move |child| {
                let child = child.as_str().or_else(|| child.get("id")?.as_str())?;
                Some((child.to_owned(), group.clone()))
            })
        })
        .collect();
    for component in &mut found {
        if component.group.is_none() {
            component.group = groups.get(&component.id).cloned();
        }
    }
    found
}

fn component(fields: &Map<String, Value>) -> Option<Component> {
    let name = text(fields, &["name"])?;
    let state = text(fields, &["status"]);
    Some(Component {
        id: text(fields, &["id"]).unwrap_or_default(),
        name,
        state: state
            .as_deref()
            .map_or(ComponentState::Unknown, ComponentState::from_word),
        state_as_given: state,
        group: text(fields, &["group_id"]),
        is_group: truth(fields, &["isGroup", "group"]),
        unavailable_regions: texts(fields.get("unavailableRegions")),
        updated_at: instant(fields, &["updated_at"]),
    })
}

fn names_by_id(components: &[Component]) -> HashMap<&str, &str> {
    components
        .iter()
        .filter(|component| !component.id.is_empty())
        .map(|component| (component.id.as_str(), component.name.as_str()))
        .collect()
}

fn incidents(items: &[Value], names: &HashMap<&str, &str>, maintenance: bool) -> Vec<Incident> {
    let mut found = Vec::new();
    let mut unreadable = false;
    for item in items {
        let incident = item
            .as_object()
            .map(|fields| incident(fields, names, maintenance));
        match incident {
            Some(incident) if !(incident.id.is_empty() && incident.name.is_empty()) => found.push(incident),
            _ => unreadable = true,
        }
    }
    if unreadable {
        // Something stands there that says neither what nor whether it is open: that is not the same as nothing.
        found.push(Incident::default());
    }
    found
}

fn incident(fields: &Map<String, Value>, names: &HashMap<&str, &str>, maintenance: bool) -> Incident {
    let raw_updates: Vec<&Map<String, Value>> = fields
        .get("incident_updates")
        .and_then(Value::as_array)
        .map(|updates| updates.iter().filter_map(Value::as_object).collect())
        .unwrap_or_default();
    let affected = Affected::collect(fields, &raw_updates, names);
    let mut updates: Vec<Update> = raw_updates.iter().map(|update| self::update(update)).collect();
    // Newest first, as most pages have it; the sort is stable, so updates without a time stay where they are.
    updates.sort_by_key(|update| std::cmp::Reverse(update.at));
    let status = text(fields, &["status"]);
    let phase = phase(status.as_deref(), instant(fields, &["resolved_at"]));
    let updated_at = instant(fields, &["updated_at"]);
    Incident {
        id: text(fields, &["id"]).unwrap_or_default(),
        name: text(fields, &["name", "title"]).unwrap_or_default(),
        impact: text(fields, &["impact"]).map(|impact| impact.to_ascii_lowercase()),
        publication_id: text(fields, &["publicationId"]),
        incident_number: text(fields, &["incidentNumber", "changeId"]),
        components: affected.names,
        worst_component: affected.worst,
        regions: affected.regions,
        created_at: instant(fields, &["created_at"]),
        started_at: instant(fields, &["start_at", "started_at", "scheduled_for", "created_at"]),
        ended_at: end(fields, phase, maintenance, &updates, updated_at),
        link: text(fields, &["link", "shortlink"]).filter(|link| link.starts_with("http")),
        phase,
        status,
        updated_at,
        updates,
    }
}

fn phase(status: Option<&str>, resolved_at: Option<DateTime<Utc>>) -> Phase {
    let phase = status.map_or(Phase::Unknown, Phase::from_word);
    if phase == Phase::Unknown && resolved_at.is_some() {
        return Phase::Closed;
    }
    phase
}

/// When it ended. The Webex page fills `end_at` of an open incident with its start, so for incidents only
/// `resolved_at` counts, or the update that closed it; for maintenances `end_at` is the plan.
fn end(
    fields: &Map<String, Value>,
    phase: Phase,
    maintenance: bool,
    updates: &[Update],
    updated_at: Option<DateTime<Utc>>,
) -> Option<DateTime<Utc>> {
    let closing = || {
        updates
            .iter()
            .filter(|update| update.status.as_deref().map(Phase::from_word) == Some(Phase::Closed))
            .filter_map(|update| update.at)
            .min()
    };
    let resolved = || instant(fields, &["resolved_at"]).or_else(closing);
    let planned = || instant(fields, &["end_at", "scheduled_until"]);
    match (phase, maintenance) {
        (Phase::Closed, true) => resolved().or_else(planned).or(updated_at),
        (_, true) => planned(),
        (Phase::Closed, false) => resolved().or(updated_at),
        (_, false) => None,
    }
}

fn update(fields: &Map<String, Value>) -> Update {
    Update {
        at: instant(fields, &["display_at", "created_at", "updated_at"]),
        status: text(fields, &["status"]),
        body: fields
            .get("body")
            .and_then(Value::as_str)
            .map(|body| body.trim().to_owned())
            .unwrap_or_default(),
    }
}

/// The components and regions that an incident names, in any of the places where it does.
#[derive(Default)]
struct Affected {
    names: Vec<String>,
    regions: Vec<String>,
    worst: Option<ComponentState>,
}

impl Affected {
    fn collect(
        fields: &Map<String, Value>,
        updates: &[&Map<String, Value>],
        names: &HashMap<&str, &str>,
    ) -> Self {
        let mut affected = Self::default();
        let lists = [
            ("components", None),
            ("maintenanceComponents", Some(ComponentState::UnderMaintenance)),
            ("degradedComponents", Some(ComponentState::DegradedPerformance)),
            ("partialComponents", Some(ComponentState::PartialOutage)),
            ("majorComponents", Some(ComponentState::MajorOutage)),
        ];
        for (key, state) in lists {
            affected.add_list(fields.get(key), state, names);
        }
        for update in updates {
            for key in ["affect_components", "affected_components"] {
                affected.add_list(update.get(key), None, names);
            }
        }
        for key in ["regions", "locations"] {
            for region in texts(fields.get(key)) {
                push_once(&mut affected.regions, region);
            }
        }
        affected
    }

    fn add_list(&mut self, list: Option<&Value>, state: Option<ComponentState>, names: &HashMap<&str, &str>) {
        let items = list
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default();
        if !items.is_empty()
            && let Some(state) = state
        {
            self.worst = self.worst.max(Some(state));
        }
        for item in items {
            match item {
                Value::String(id) => {
                    // An id that the page does not explain is not a name; one that is not an id is.
                    let name = names.get(id.trim()).copied();
                    let name = name.or_else(|| (!is_id(id.trim())).then_some(id.as_str()));
                    if let Some(name) = name {
                        push_once(&mut self.names, tidy(name));
                    }
                }
                Value::Object(component) => self.add_component(component, names),
                _ => {}
            }
        }
    }

    fn add_component(&mut self, component: &Map<String, Value>, names: &HashMap<&str, &str>) {
        let by_id = || {
            let id = text(component, &["componentId", "id", "code"])?;
            names.get(id.as_str()).map(|name| (*name).to_owned())
        };
        if let Some(name) = text(component, &["componentName", "name"]).or_else(by_id) {
            push_once(&mut self.names, name);
        }
        if let Some(region) = text(component, &["region"]) {
            push_once(&mut self.regions, region);
        }
    }
}

/// The page's ids: 32 hexadecimal digits, or Statuspage's twelve lower-case letters and digits.
fn is_id(text: &str) -> bool {
    (text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
        || (text.len() == 12
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

fn push_once(list: &mut Vec<String>, item: String) {
    if !item.is_empty() && !list.contains(&item) {
        list.push(item);
    }
}

/// The first of these fields that is a text (or a number) and not blank, tidied.
fn text(fields: &Map<String, Value>, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| {
        let text = match fields.get(*key)? {
            Value::String(text) => tidy(text),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    })
}

/// A list of texts, or one text with commas.
fn texts(value: Option<&Value>) -> Vec<String> {
    let mut found = Vec::new();
    match value {
        Some(Value::Array(items)) => {
            for item in items {
                let text = item.as_str().or_else(|| item.get("name")?.as_str());
                if let Some(text) = text {
                    push_once(&mut found, tidy(text));
                }
            }
        }
        Some(Value::String(text)) => text
            .split([',', ';'])
            .for_each(|part| push_once(&mut found, tidy(part))),
        _ => {}
    }
    found
}

/// `true`, `"Y"`, `"yes"`, `"true"`, 1.
fn truth(fields: &Map<String, Value>, keys: &[&str]) -> bool {
    keys.iter().any(|key| match fields.get(*key) {
        Some(Value::Bool(truth)) => *truth,
        Some(Value::String(word)) => {
            matches!(
                word.trim().to_ascii_lowercase().as_str(),
                "y" | "yes" | "true" | "1"
            )
        }
        Some(Value::Number(number)) => number.as_i64() == Some(1),
        _ => false,
    })
}

/// The first of these fields that is a point in time.
fn instant(fields: &Map<String, Value>, keys: &[&str]) -> Option<DateTime<Utc>> {
    keys.iter().find_map(|key| match fields.get(*key)? {
        Value::String(text) => DateTime::parse_from_rfc3339(text.trim())
            .ok()
            .map(|at| at.to_utc()),
        // Milliseconds since 1970, as other Webex interfaces have them.
        Value::Number(number) => DateTime::from_timestamp_millis(number.as_i64()?),
        _ => None,
    })
}
