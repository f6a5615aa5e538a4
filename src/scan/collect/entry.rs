//! One fact: its value in one form, and what its sightings add to it.

use chrono::{DateTime, NaiveDate, Utc};

use super::Lines;
use crate::entity::{ApiId, Email, OrgId, TrackingId, uuid};
use crate::scan::bytes::{part, run, run_back};
use crate::scan::find::time;
use crate::scan::inventory::{Entry, Place};
use crate::scan::{Evidence, Kind, Span, label, meaning};

/// Whether a value is surely in its one form.
pub(super) fn is_normal(kind: Kind, bytes: &[u8]) -> bool {
    match kind {
        Kind::TrackingId
        | Kind::BroadworksUserId
        | Kind::ClientVersion
        | Kind::BroadworksRelease
        | Kind::ErrorCode
        | Kind::CallId => bytes.is_ascii(),
        Kind::Org => bytes.len() == 36 && !bytes.iter().any(u8::is_ascii_uppercase),
        _ => false,
    }
}

/// The one form of a value in all its forms.
pub(in crate::scan) fn normalise(kind: Kind, bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    match kind {
        Kind::Org | Kind::CustomerOrg | Kind::PartnerOrg => OrgId::parse(&text).map(|id| id.to_string()),
        Kind::Email => Email::parse(&text).map(|email| email.to_string()),
        Kind::UserId | Kind::DeviceId => Some(
            ApiId::decode(&text)
                .or_else(|| ApiId::parse(&text))
                .map(|id| id.id)
                .map_or_else(
                    || uuid(&text).unwrap_or_else(|| text.to_string()),
                    |id| uuid(&id).unwrap_or(id),
                ),
        ),
        Kind::ControlHubBuild => Some(text.to_ascii_lowercase()),
        Kind::TrackingId
        | Kind::BroadworksUserId
        | Kind::ClientVersion
        | Kind::BroadworksRelease
        | Kind::ErrorCode
        | Kind::CallId => Some(text.into_owned()),
        _ => None,
    }
}

pub(super) fn new_entry(
    value: &str,
    name: &str,
    text: &[u8],
    span: &Span,
    lines: &Lines,
    today: Option<NaiveDate>,
) -> Entry {
    let line_start = memchr::memrchr(b'\n', part(text, 0, span.start)).map_or(0, |index| index + 1);
    let tracking = (span.kind == Kind::TrackingId)
        .then(|| TrackingId::parse(value))
        .flatten();
    Entry {
        value: value.to_owned(),
        count: 0,
        first: Place {
            file: name.to_owned(),
            line: lines.line,
            column: String::from_utf8_lossy(part(text, line_start, span.start))
                .chars()
                .count() as u64
                + 1,
        },
        evidence: span.evidence,
        label: None,
        role: None,
        hex: tracking.as_ref().and_then(|id| id.hex.clone()),
        prefix: tracking.and_then(|id| id.prefix),
        encoded: None,
        text: None,
        at: time_of_line(text, span.start, today),
    }
}

/// Fills in what a later sighting adds: a better reason, the base64 form, the text of an error.
pub(super) fn improve(entry: &mut Entry, text: &[u8], span: &Span, bytes: &[u8]) {
    if span.evidence > entry.evidence {
        entry.evidence = span.evidence;
    }
    // Where the first sightings have no label that can be quoted, the later ones have none either.
    if entry.label.is_none() && span.evidence == Evidence::Label && entry.count <= 8 {
        entry.label = label::before_value(text, span.start)
            .and_then(|label| meaning::telling(&label))
            .map(|label| String::from_utf8_lossy(label.phrase()).into_owned());
        if span.kind == Kind::Email && entry.label.as_deref().is_some_and(says_user) {
            entry.role = Some("user".to_owned());
        }
    }
    if entry.encoded.is_none()
        && matches!(span.kind, Kind::Org | Kind::CustomerOrg | Kind::PartnerOrg)
        && bytes.starts_with(b"Y2lz")
    {
        entry.encoded = Some(String::from_utf8_lossy(bytes).into_owned());
    }
    if entry.text.is_none() && span.kind == Kind::ErrorCode {
        entry.text = error_text(text, span);
    }
}

fn says_user(label: &str) -> bool {
    let mut squashed = [0; 72];
    let length = label::squash(label.as_bytes(), &mut squashed);
    meaning::is_users_email(part(&squashed, 0, length))
}

/// The sentence that comes with an error code: behind the bracket, or the value of `description` or `message` nearby.
fn error_text(text: &[u8], span: &Span) -> Option<String> {
    let ahead = part(text, span.end, text.len().min(span.end + 400));
    if text.get(span.end) == Some(&b']') {
        let start = run(text, span.end + 1, 4, |byte| byte == b' ' || byte == b':');
        let end = run(text, start, 240, |byte| {
            !matches!(byte, b'\n' | b'\r' | b'"' | b'\'')
        });
        let end = run_back(text, end, 8, |byte| matches!(byte, b'\\' | b' ' | b')'));
        return clean(part(text, start, end));
    }
    for key in [
        &b"\"description\""[..],
        b"\"message\"",
        b"description:",
        b"\"errorMessage\"",
    ] {
        let Some(found) = memchr::memmem::find(ahead, key) else {
            continue;
        };
        // Of the same object.
        if memchr::memchr(b'}', part(ahead, 0, found)).is_some() {
            continue;
        }
        let start = run(ahead, found + key.len(), 8, |byte| {
            matches!(byte, b' ' | b':' | b'"')
        });
        let end = run(ahead, start, 240, |byte| !matches!(byte, b'"' | b'\n'));
        return clean(part(ahead, start, end));
    }
    None
}

fn clean(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes).trim().to_owned();
    (text.chars().filter(|c| c.is_alphabetic()).count() >= 3).then_some(text)
}

/// The first time stamp of the line.
fn time_of_line(text: &[u8], place: usize, today: Option<NaiveDate>) -> Option<DateTime<Utc>> {
    let start = memchr::memrchr(b'\n', part(text, 0, place)).map_or(0, |index| index + 1);
    memchr::memchr_iter(b':', part(text, start, place.min(start + 64)))
        .take(8)
        .find_map(|colon| time::stamp(text, start + colon, today))
        .map(|stamp| stamp.instant())
}

/// Every address has a role: the affected user's where a label says so, or the only one that is not Cisco's own.
pub(super) fn settle_emails(emails: &mut [Entry]) {
    let is_cisco = |address: &str| {
        let domain = address.rsplit('@').next().unwrap_or_default();
        ["cisco.com", "webex.com", "ciscospark.com"].iter().any(|own| {
            domain
                .strip_suffix(own)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    };
    let labelled = emails
        .iter()
        .any(|entry| entry.role.as_deref() == Some("user") && !is_cisco(&entry.value));
    let others = emails.iter().filter(|entry| !is_cisco(&entry.value)).count();
    for entry in emails {
        let user = !is_cisco(&entry.value)
            && if labelled {
                entry.role.as_deref() == Some("user")
            } else {
                others == 1
            };
        entry.role = Some(if user { "user" } else { "other" }.to_owned());
    }
}
