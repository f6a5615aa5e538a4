//! The ends of certificates as a calendar (RFC 5545), with alarms at the thresholds.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};

use super::plugin::{Element, elements, end, instant};
use crate::i18n::{Catalog, Message};
use crate::render::nagios::minute;
use crate::report::Report;
use crate::rules::certs::{CertsData, Thresholds};
use crate::sanitize::terminal;

/// Content lines have at most so many octets, without the line break. (RFC 5545, section 3.1)
const MAX_OCTETS: usize = 75;

/// One event for each certificate, however many servers use it; how many there are, and the calendar.
pub fn calendar(data: &CertsData, report: &Report, thresholds: &Thresholds, catalog: &Catalog) -> String {
    let elements = elements(data);
    let mut by_hash: BTreeMap<(DateTime<Utc>, &str), Vec<&Element<'_>>> = BTreeMap::new();
    for element in &elements {
        if let Some(end) = end(element.certificate) {
            by_hash
                .entry((end, element.certificate.sha256.as_str()))
                .or_default()
                .push(element);
        }
    }
    let stamp = instant(&report.generated_at).unwrap_or_default();
    let mut out = Lines::default();
    out.add("BEGIN", "VCALENDAR");
    out.add("VERSION", "2.0");
    out.add(
        "PRODID",
        concat!("-//w4b-diag//", env!("CARGO_PKG_VERSION"), "//EN"),
    );
    out.add("CALSCALE", "GREGORIAN");
    out.add("METHOD", "PUBLISH");
    out.text("X-WR-CALNAME", &catalog.plain("calendar-name"));
    for ((end, hash), elements) in by_hash {
        event(&mut out, (end, hash), &elements, stamp, thresholds, catalog);
    }
    out.add("END", "VCALENDAR");
    out.text
}

fn event(
    out: &mut Lines,
    (end, hash): (DateTime<Utc>, &str),
    elements: &[&Element<'_>],
    stamp: DateTime<Utc>,
    thresholds: &Thresholds,
    catalog: &Catalog,
) {
    let Some(first) = elements.first() else { return };
    let certificate = first.certificate;
    let mut subjects: Vec<&str> = elements.iter().map(|element| element.subject.as_str()).collect();
    subjects.dedup();
    let place = first.place.split(' ').next().unwrap_or_default();
    let summary = catalog.text(
        &Message::new("calendar-summary")
            .arg("element", place)
            .arg("subject", first.subject.as_str()),
    );
    let description = catalog.text(
        &Message::new("calendar-description")
            .arg("name", certificate.subject.as_str())
            .arg("when", minute(&certificate.not_after).unwrap_or_default())
            .arg("issuer", certificate.issuer.as_str()),
    );
    out.add("BEGIN", "VEVENT");
    // The same certificate is the same event in every calendar that is ever written.
    out.add("UID", &format!("{hash}@w4b-diag"));
    out.add("DTSTAMP", &utc(stamp));
    out.add("DTSTART", &utc(end));
    out.text("SUMMARY", &summary);
    out.text("DESCRIPTION", &description);
    out.text("LOCATION", &subjects.join(", "));
    out.add("TRANSP", "TRANSPARENT");
    let lifetime = instant(&certificate.not_before).map_or(TimeDelta::zero(), |begin| end - begin);
    let (warn, critical) = thresholds.before_end(lifetime);
    for before in [warn, critical] {
        out.add("BEGIN", "VALARM");
        out.add("ACTION", "DISPLAY");
        out.text("DESCRIPTION", &summary);
        out.add("TRIGGER", &trigger(before));
        out.add("END", "VALARM");
    }
    out.add("END", "VEVENT");
}

/// So long before the beginning: whole days, else hours.
fn trigger(before: TimeDelta) -> String {
    let hours = before.num_hours().max(0);
    if hours % 24 == 0 {
        format!("-P{}D", hours / 24)
    } else {
        format!("-PT{hours}H")
    }
}

fn utc(instant: DateTime<Utc>) -> String {
    instant.format("%Y%m%dT%H%M%SZ").to_string()
}

#[derive(Debug, Default)]
struct Lines {
    text: String,
}

impl Lines {
    /// A property whose value needs no escapes.
    fn add(&mut self, name: &str, value: &str) {
        let line = format!("{name}:{value}");
        let mut rest = line.as_str();
        // A continuation begins with a blank, which counts.
        let mut room = MAX_OCTETS;
        while rest.len() > room {
            let cut = (0..=room)
                .rev()
                .find(|end| rest.is_char_boundary(*end))
                .unwrap_or(room);
            let (head, tail) = rest.split_at(cut);
            let _ = write!(self.text, "{head}\r\n ");
            rest = tail;
            room = MAX_OCTETS - 1;
        }
        let _ = write!(self.text, "{rest}\r\n");
    }

    /// A property whose value is text. (RFC 5545, section 3.3.11)
    fn text(&mut self, name: &str, value: &str) {
        let value = terminal(value, true);
        let escaped = value
            .replace('\\', "\\\\")
            .replace(';', "\\;")
            .replace(',', "\\,")
            .replace("\r\n", "\\n")
            .replace(['\n', '\r'], "\\n");
        self.add(name, &escaped);
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::{Lines, trigger};

    #[test]
    fn lines_are_folded_between_characters_and_text_is_escaped() {
        let mut lines = Lines::default();
        let value = format!("a,b;c\\d\ne{}", "čæ€".repeat(60));
        lines.text("SUMMARY", &value);
        assert!(lines.text.ends_with("\r\n"));
        for line in lines.text.trim_end_matches("\r\n").split("\r\n") {
            assert!(line.len() <= 75, "{line}");
        }
        let unfolded = lines.text.replace("\r\n ", "");
        assert!(unfolded.starts_with("SUMMARY:a\\,b\\;c\\\\d\\neč"), "{unfolded}");
        assert_eq!(unfolded.matches('€').count(), 60);
    }

    #[test]
    fn alarms_are_days_or_hours() {
        assert_eq!(trigger(TimeDelta::days(30)), "-P30D");
        assert_eq!(trigger(TimeDelta::hours(15)), "-PT15H");
    }
}
