//! Plug-in output for Nagios, Icinga, Checkmk and Sensu, after the Monitoring Plugins Development Guidelines.
//!
//! The first line is `SERVICE STATE - headline | performance data`, the rest is for whoever opens the details. All
//! performance data stands on the first line: Icinga and Sensu do not read it from later ones as Nagios does.

mod performance;

use std::cmp::Reverse;
use std::fmt::Write as _;

pub use performance::{Performance, Range};

use super::subject_beside_title;
use crate::i18n::{Catalog, Message};
use crate::report::{Finding, Report, Severity, Verdict};
use crate::sanitize::terminal;

/// What a scheduler reads at most, in bytes: Nagios' `MAX_PLUGIN_OUTPUT_LENGTH`.
pub const MAX_BYTES: usize = 8 * 1024;
/// Longest headline when there is a limit, in bytes: it stands in a mail's subject and in a text message.
const MAX_HEADLINE: usize = 480;
/// Room for the line that says what was left out, in bytes.
const NOTE: usize = 240;

/// What matters first when several findings are equally bad: what is over or away, before what will be.
const FIRST: [&str; 8] = [
    "tls.connect",
    "tls.handshake",
    "cert.expired",
    "trust.expired",
    "cert.revoked",
    "cert.expires-soon",
    "trust.expires-soon",
    "mtls.webex-ca-not-accepted",
];
/// Findings whose end of validity is the news.
const DATED: [&str; 4] = [
    "cert.expired",
    "trust.expired",
    "cert.expires-soon",
    "trust.expires-soon",
];

/// The output of one run.
#[derive(Debug, Clone)]
pub struct Plugin {
    /// The service: `CERTS`.
    pub service: &'static str,
    /// The state; its word is English, as every scheduler expects.
    pub state: Verdict,
    /// What a person reads at three in the morning.
    pub headline: String,
    /// One line for each finding that did not pass, worst first.
    pub lines: Vec<String>,
    /// What graphs are drawn from, what matters most first.
    pub performance: Vec<Performance>,
}

impl Plugin {
    /// The output for a report; `healthy` is the headline when nothing is wrong.
    pub fn new(
        service: &'static str,
        report: &Report,
        healthy: String,
        performance: Vec<Performance>,
        catalog: &Catalog,
    ) -> Self {
        let faults = faults(report);
        Self {
            service,
            state: report.verdict,
            headline: headline(&faults, catalog).unwrap_or(healthy),
            lines: faults.iter().map(|finding| line(finding)).collect(),
            performance,
        }
    }

    /// Only a state and why: nothing could be checked.
    pub fn unknown(service: &'static str, headline: String) -> Self {
        Self {
            service,
            state: Verdict::Unknown,
            headline,
            lines: Vec::new(),
            performance: Vec::new(),
        }
    }

    /// Something beside the checks went wrong. It does not hide what they found, but all is not well either.
    pub fn add_trouble(&mut self, text: String) {
        self.lines.push(format!("[UNKNOWN] {text}"));
        if self.state == Verdict::Ok {
            self.state = Verdict::Unknown;
            self.headline = text;
        }
    }

    /// The text. Within `limit` bytes whole lines and whole values are left out, and a last line says how many.
    pub fn text(&self, limit: Option<usize>, catalog: &Catalog) -> String {
        let state = self.state.as_str().to_ascii_uppercase();
        let headline = one_line(&self.headline);
        let headline = limit.map_or(headline.as_str(), |_| shortened(&headline, MAX_HEADLINE));
        let mut out = format!("{} {state} - {headline}", self.service);
        let values: Vec<String> = self.performance.iter().map(Performance::text).collect();
        let lines: Vec<String> = self.lines.iter().map(|line| one_line(line)).collect();
        let values_length = length(&values) + 3;
        let lines_length = length(&lines) + 1;
        let room = limit.map_or(usize::MAX, |limit| limit.saturating_sub(out.len()));
        let (shown_values, shown_lines) = if values_length + lines_length <= room {
            (values.len(), lines.len())
        } else {
            // A graph with a gap is worse than a line that `--verbose` shows: the values get what the lines leave
            // over, but at least half.
            let room = room.saturating_sub(NOTE);
            let for_values = (room / 2).max(room.saturating_sub(lines_length));
            let shown_values = fitting(&values, for_values.saturating_sub(3));
            let used = length(values.get(..shown_values).unwrap_or_default()) + 3;
            (
                shown_values,
                fitting(&lines, room.saturating_sub(used).saturating_sub(1)),
            )
        };
        if shown_values > 0 {
            out.push_str(" | ");
            out.push_str(&values.get(..shown_values).unwrap_or_default().join(" "));
        }
        out.push('\n');
        for line in lines.iter().take(shown_lines) {
            out.push_str(line);
            out.push('\n');
        }
        if shown_values < values.len() || shown_lines < lines.len() {
            let note = Message::new("plugin-cut")
                .arg("lines", lines.len() - shown_lines)
                .arg("values", values.len() - shown_values);
            let _ = writeln!(out, "{}", shortened(&one_line(&catalog.text(&note)), NOTE - 2));
        }
        out
    }
}

/// Bytes of all items with one separator each.
fn length(items: &[String]) -> usize {
    items.iter().map(|item| item.len() + 1).sum()
}

/// How many whole items fit into so many bytes.
fn fitting(items: &[String], room: usize) -> usize {
    let mut used = 0;
    items
        .iter()
        .take_while(|item| {
            used += item.len() + 1;
            used <= room
        })
        .count()
}

/// Everything that did not pass, worst first; among equals what hurts now, then what ends first.
fn faults(report: &Report) -> Vec<&Finding> {
    let mut faults: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| finding.severity > Severity::Info)
        .collect();
    faults.sort_by_cached_key(|finding| {
        let rank = FIRST
            .iter()
            .position(|check| *check == finding.check)
            .unwrap_or(FIRST.len());
        let end = if DATED.contains(&finding.check.as_str()) {
            text_of(finding, "not_after")
        } else {
            ""
        };
        (Reverse(finding.severity), rank, end.to_owned())
    });
    faults
}

/// The worst finding: which target, what, when; and how many more there are.
fn headline(faults: &[&Finding], catalog: &Catalog) -> Option<String> {
    let worst = faults.first()?;
    let mut text = match subject_beside_title(worst) {
        Some(subject) => catalog.text(
            &Message::new("plugin-subject")
                .arg("subject", subject)
                .arg("title", worst.title.as_str()),
        ),
        None => worst.title.clone(),
    };
    let when = if DATED.contains(&worst.check.as_str()) {
        minute(text_of(worst, "not_after")).map(|when| ("plugin-until", when))
    } else {
        minute(text_of(worst, "started_at")).map(|when| ("plugin-since", when))
    };
    if let Some((key, when)) = when {
        text = catalog.text(&Message::new(key).arg("title", text).arg("when", when));
    }
    if faults.len() > 1 {
        let more = Message::new("plugin-more")
            .arg("first", text)
            .arg("count", faults.len() - 1);
        text = catalog.text(&more);
    }
    Some(text)
}

/// A finding on one line: state, title, what was seen, what to do.
fn line(finding: &Finding) -> String {
    let subject = subject_beside_title(finding).map(|subject| format!("{subject}:"));
    let mut text = format!("[{}]", finding.severity.as_str().to_ascii_uppercase());
    for (sign, part) in [
        (" ", subject.as_deref().unwrap_or_default()),
        (" ", &finding.title),
        (" - ", &finding.detail),
        (" → ", &finding.remedy),
    ] {
        if !part.is_empty() {
            text.push_str(sign);
            text.push_str(part);
        }
    }
    text
}

fn text_of<'a>(finding: &'a Finding, name: &str) -> &'a str {
    finding
        .data
        .get(name)
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default()
}

/// An RFC 3339 instant to the minute, in UTC.
pub(super) fn minute(text: &str) -> Option<String> {
    let instant = chrono::DateTime::parse_from_rfc3339(text).ok()?;
    Some(instant.to_utc().format("%Y-%m-%d %H:%M").to_string())
}

/// One harmless line: a vertical bar would begin the performance data.
fn one_line(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    terminal(&text, false).replace('|', "¦")
}

/// At most so many bytes, cut between characters.
fn shortened(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let end = (0..=limit)
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or_default();
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::tests::report;
    use super::{MAX_BYTES, Performance, Plugin};
    use crate::i18n::{Catalog, Lang};
    use crate::report::Verdict;

    fn plugin() -> Plugin {
        let mut report = report();
        report.findings[0].title = "a | b\nc".to_owned();
        let performance = vec![Performance::count("answered", 3, Some(4))];
        Plugin::new(
            "XSP",
            &report,
            String::new(),
            performance,
            &Catalog::new(Lang::En),
        )
    }

    #[test]
    fn the_first_line_has_state_target_text_and_performance() {
        let text = plugin().text(Some(MAX_BYTES), &Catalog::new(Lang::En));
        let first = text.lines().next().expect("a line");
        assert_eq!(
            first,
            "XSP CRITICAL - xsp1.example.net:443: a ¦ b c (and 3 more problems) | 'answered'=3;;;0;4"
        );
        assert_eq!(text.lines().count(), 5);
    }

    #[test]
    fn what_is_too_long_is_cut_between_lines_and_between_values() {
        for (lines, values) in [(400, 0), (0, 400), (400, 400), (3, 400), (400, 3)] {
            let mut plugin = plugin();
            plugin.headline = "æ".repeat(2000);
            plugin.lines = (0..lines).map(|n| format!("[WARNING] line {n} ž")).collect();
            plugin.performance = (0..values)
                .map(|n| Performance::count(&format!("xsp{n}.example.net:443 leaf"), n, None))
                .collect();
            for lang in Lang::ALL {
                let catalog = Catalog::new(lang);
                let text = plugin.text(Some(MAX_BYTES), &catalog);
                assert!(text.len() <= MAX_BYTES, "{}", text.len());
                // Little room is wasted.
                assert!(
                    text.len() > MAX_BYTES / 2 || lines + values < 400,
                    "{}",
                    text.len()
                );
                let (head, rest) = text.split_once('\n').expect("a first line");
                let data = head.split_once(" | ").map_or("", |(_, data)| data);
                assert!(data.is_empty() || data.ends_with(";0;"), "{data}");
                let last = rest.lines().last().expect("a note");
                assert!(last.contains("--verbose"), "{last}");
                let whole = plugin.text(None, &catalog);
                assert_eq!(whole.lines().count(), lines + 1);
            }
        }
    }

    #[test]
    fn trouble_beside_the_checks_hides_nothing_and_is_not_ok() {
        let mut plugin = plugin();
        plugin.add_trouble("not sent".to_owned());
        assert_eq!(plugin.state, Verdict::Critical);
        plugin.state = Verdict::Ok;
        plugin.add_trouble("not sent".to_owned());
        assert_eq!(
            (plugin.state, plugin.headline.as_str()),
            (Verdict::Unknown, "not sent")
        );
    }
}
