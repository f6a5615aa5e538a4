//! The feeds of a status page (`history.rss`, `maintenance.rss`): the last resort. They list incidents with a text
//! that holds the updates, newest first; components are not listed.

use chrono::DateTime;
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;

use super::json::Hint;
use super::model::{Incident, PageFormat, Phase, StatusPage, Update, tidy};

/// At most this many items are read.
const MAX_ITEMS: usize = 500;

/// Reads a feed. `Ok(None)`: XML, but not RSS.
///
/// # Errors
/// Why the XML is broken (the library's words).
pub(super) fn page(body: &[u8], hint: Hint) -> Result<Option<StatusPage>, String> {
    let Some(items) = items(body)? else {
        return Ok(None);
    };
    let found: Vec<Incident> = items.into_iter().map(Item::into_incident).collect();
    let (maintenances, incidents): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|incident| hint.maintenances || incident.impact.as_deref() == Some("maintenance"));
    let oldest = incidents.iter().filter_map(|incident| incident.started_at).min();
    Ok(Some(StatusPage {
        format: PageFormat::Rss,
        incidents_since: oldest.filter(|_| !hint.maintenances),
        incidents: (!hint.maintenances).then_some(incidents),
        maintenances: (hint.maintenances || !maintenances.is_empty()).then_some(maintenances),
        ..StatusPage::default()
    }))
}

#[derive(Default)]
struct Item {
    title: String,
    link: String,
    guid: String,
    published: String,
    description: String,
}

impl Item {
    fn field(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "title" => &mut self.title,
            "link" => &mut self.link,
            "guid" => &mut self.guid,
            "pubDate" => &mut self.published,
            "description" => &mut self.description,
            _ => return None,
        })
    }

    fn into_incident(self) -> Incident {
        let published = DateTime::parse_from_rfc2822(self.published.trim())
            .ok()
            .map(|at| at.to_utc());
        let text = tidy(&plain(&self.description));
        let status = newest_status(&text);
        let phase = status.map_or(Phase::Unknown, Phase::from_word);
        let title = tidy(&plain(&self.title));
        let maintenance = title.to_lowercase().contains("maintenance")
            || matches!(phase, Phase::Scheduled | Phase::InProgress)
            || status == Some("completed");
        let link = self.link.trim().to_owned();
        Incident {
            id: if self.guid.trim().is_empty() {
                link.clone()
            } else {
                self.guid.trim().to_owned()
            },
            name: title,
            phase,
            status: status.map(str::to_owned),
            impact: maintenance.then(|| "maintenance".to_owned()),
            publication_id: numbered(&text, "PUB"),
            incident_number: numbered(&text, "INC"),
            created_at: published,
            started_at: published,
            link: Some(link).filter(|link| link.starts_with("http")),
            updates: vec![Update {
                at: published,
                status: status.map(str::to_owned),
                body: text,
            }],
            ..Incident::default()
        }
    }
}

fn items(body: &[u8]) -> Result<Option<Vec<Item>>, String> {
    let text = String::from_utf8_lossy(body);
    let mut reader = Reader::from_str(&text);
    let mut items = Vec::new();
    let mut current: Option<Item> = None;
    let mut field: Option<String> = None;
    let mut is_feed = false;
    let mut depth = 0_usize;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(tag) => {
                depth += 1;
                match tag.name().as_ref() {
                    "rss" | "RDF" => is_feed = true,
                    "item" => current = Some(Item::default()),
                    name => field = Some(name.to_owned()),
                }
            }
            Event::End(tag) => {
                depth = depth.saturating_sub(1);
                field = None;
                if tag.name().as_ref() == "item" {
                    items.extend(current.take());
                    if items.len() >= MAX_ITEMS {
                        break;
                    }
                }
            }
            Event::Text(text) => {
                append(current.as_mut(), field.as_deref(), &text);
            }
            Event::CData(text) => {
                append(current.as_mut(), field.as_deref(), &text);
            }
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref() {
                    Ok(Some(character)) => Some(character.to_string()),
                    _ => resolve_xml_entity(&reference).map(str::to_owned),
                };
                append(current.as_mut(), field.as_deref(), &resolved.unwrap_or_default());
            }
            Event::Eof => {
                if depth > 0 {
                    return Err("ends in the middle".to_owned());
                }
                break;
            }
            _ => {}
        }
    }
    Ok(is_feed.then_some(items))
}

fn append(item: Option<&mut Item>, field: Option<&str>, text: &str) {
    if let (Some(item), Some(field)) = (item, field)
        && let Some(into) = item.field(field)
    {
        into.push_str(text);
    }
}

/// HTML to text: tags become blanks, the common entities characters.
fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut in_tag = false;
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => {
                in_tag = false;
                text.push(' ');
            }
            _ if in_tag => {}
            _ => text.push(c),
        }
    }
    for (entity, character) in [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, character);
    }
    text
}

/// The status word that comes first: updates are listed newest first.
fn newest_status(text: &str) -> Option<&'static str> {
    const WORDS: [&str; 9] = [
        "investigating",
        "identified",
        "monitoring",
        "resolved",
        "postmortem",
        "scheduled",
        "in progress",
        "verifying",
        "completed",
    ];
    let text = text.to_lowercase();
    WORDS
        .iter()
        .filter_map(|word| {
            Some((
                text.find(&format!("{word} -"))
                    .or_else(|| text.find(&format!("{word}:")))?,
                *word,
            ))
        })
        .min()
        .map(|(_, word)| word)
}

/// The first `PUB…` or `INC…` number.
fn numbered(text: &str, prefix: &str) -> Option<String> {
    text.match_indices(prefix).find_map(|(at, _)| {
        let digits: String = text[at + prefix.len()..]
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        (digits.len() >= 5).then(|| format!("{prefix}{digits}"))
    })
}
