//! Reports to text, JSON, Markdown, HTML, CSV, monitoring formats; no judgement.

pub mod bundle;
pub mod certs;
pub mod check;
pub mod diff;
pub mod facts;
pub mod html;
pub mod markdown;
pub mod nagios;
pub mod preview;
pub mod prometheus;
pub mod status;
pub mod text;
pub mod timeline;
pub mod wrap;

use crate::i18n::{Catalog, Message};
use crate::report::{Finding, Owner, Report, Severity, Verdict};

/// A report as one JSON object, indented, with a line feed at its end.
pub fn json(report: &Report) -> String {
    // Plain data with string keys: serialising it cannot fail.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}

/// The sign of a severity; it tells severities apart without colour and in one column of a terminal.
pub const fn sign(severity: Severity) -> &'static str {
    match severity {
        Severity::Ok => "✓",
        Severity::Info => "i",
        Severity::Unknown => "?",
        Severity::Warning => "!",
        Severity::Critical => "✗",
    }
}

/// The word of a severity in the catalogue's language.
pub fn severity_word(severity: Severity, catalog: &Catalog) -> String {
    catalog.text(&Message::new("render-severity").arg("severity", severity.as_str()))
}

/// The word of an owner in the catalogue's language.
pub fn owner_word(owner: Owner, catalog: &Catalog) -> String {
    catalog.text(&Message::new("render-owner").arg("owner", owner.as_str()))
}

/// The sentence of a verdict: what it means for the reader.
pub fn verdict_sentence(verdict: Verdict, catalog: &Catalog) -> String {
    catalog.text(&Message::new("render-verdict").arg("verdict", verdict.as_str()))
}

/// The severity that a verdict is painted with.
pub const fn verdict_severity(verdict: Verdict) -> Severity {
    match verdict {
        Verdict::Ok => Severity::Ok,
        Verdict::Warning => Severity::Warning,
        Verdict::Critical => Severity::Critical,
        Verdict::Unknown => Severity::Unknown,
    }
}

/// How many findings of each severity, worst first, in words: `2 critical, 1 warning`.
pub fn tally(report: &Report, catalog: &Catalog) -> Vec<(Severity, String)> {
    [
        Severity::Critical,
        Severity::Warning,
        Severity::Unknown,
        Severity::Info,
        Severity::Ok,
    ]
    .into_iter()
    .filter_map(|severity| {
        let count = report
            .findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count();
        let message = Message::new("render-count")
            .arg("severity", severity.as_str())
            .arg("count", count);
        (count > 0).then(|| (severity, catalog.text(&message)))
    })
    .collect()
}

/// The subject of a finding, unless its title names it already or it has none.
fn subject_beside_title(finding: &Finding) -> Option<&str> {
    let subject = finding.subject.as_str();
    let named = finding.title.match_indices(subject).any(|(start, _)| {
        // `as` is not named by "release".
        let before = finding
            .title
            .get(..start)
            .and_then(|text| text.chars().next_back());
        let after = finding
            .title
            .get(start + subject.len()..)
            .and_then(|text| text.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    });
    (!subject.is_empty() && !named).then_some(subject)
}

/// The same for those who have only the page or the text: the id of a known error says something to `explain` alone.
pub(crate) fn subject_for_readers(finding: &Finding) -> Option<&str> {
    subject_beside_title(finding)
        .filter(|_| finding.check != crate::rules::registry::FAULT_KNOWN.id)
        .filter(|subject| *subject != crate::rules::case::SUBJECT)
}

/// Whether the finding that compares this incident with the time of the fault says all that this one does.
pub(crate) fn is_told_twice(incident: &Finding, report: &Report) -> bool {
    use crate::rules::registry::{STATUS_INCIDENT, STATUS_INCIDENT_AT_TIME};
    incident.check == STATUS_INCIDENT.id
        && incident.severity == Severity::Warning
        && report.findings.iter().any(|finding| {
            finding.check == STATUS_INCIDENT_AT_TIME.id
                && finding.severity >= Severity::Warning
                && finding.subject == incident.subject
        })
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::{Map, json};

    use crate::report::{Finding, Owner, Report, SCHEMA, Severity, Tool, Verdict};

    fn finding(check: &str, severity: Severity, subject: &str, owner: Owner, words: [&str; 3]) -> Finding {
        let [title, detail, remedy] = words.map(str::to_owned);
        Finding {
            check: check.to_owned(),
            severity,
            subject: subject.to_owned(),
            owner,
            title,
            detail,
            remedy,
            reference: Some("https://docs.example.com/xsp".to_owned()),
            data: Map::new(),
        }
    }

    /// A report as the renderers see it, worst first.
    pub(crate) fn report() -> Report {
        use Owner::{ServiceProvider, Webex};
        let data = json!({"escalation": "fix-first", "missing": ["client-version"]});
        Report {
            schema: SCHEMA.to_owned(),
            tool: Tool {
                name: "w4b-diag".to_owned(),
                version: "0.1.0".to_owned(),
            },
            command: "check".to_owned(),
            generated_at: "2026-11-22T10:00:00Z".to_owned(),
            as_of: "2026-11-22T10:00:00Z".to_owned(),
            verdict: Verdict::Critical,
            findings: vec![
                finding(
                    "cert.self-signed",
                    Severity::Critical,
                    "xsp1.example.net:443",
                    ServiceProvider,
                    [
                        "The server certificate is self-signed",
                        "Subject and issuer are both CN=xsp1.example.net.",
                        "Have a public CA sign the certificate of the HTTP server interface and install it.",
                    ],
                ),
                finding(
                    "trust.expires-soon",
                    Severity::Warning,
                    "CombinedCertChain.txt",
                    ServiceProvider,
                    [
                        "CombinedCertChain.txt expires in 12 days",
                        "Valid until 2026-12-04.",
                        "Download the current chain from Partner Hub.",
                    ],
                ),
                finding(
                    "status.incident",
                    Severity::Warning,
                    "INC0000001",
                    Webex,
                    [
                        "Open incident: Webex Calling",
                        "Some users cannot sign in.",
                        "Wait for Webex to resolve it.",
                    ],
                ),
                finding(
                    "release.unknown",
                    Severity::Unknown,
                    "as",
                    ServiceProvider,
                    [
                        "The release of the Application Server is not known",
                        "",
                        "Name it.",
                    ],
                ),
                finding(
                    "cert.host-name",
                    Severity::Ok,
                    "xsp1.example.net:443",
                    ServiceProvider,
                    ["The certificate covers the name", "", ""],
                ),
                finding(
                    "mtls.not-requested",
                    Severity::Ok,
                    "xsp1.example.net:8012",
                    ServiceProvider,
                    ["xsp1.example.net:8012 asks for a client certificate", "", ""],
                ),
            ],
            data: data.as_object().cloned().unwrap_or_default(),
        }
    }
}
