//! What a message says, in the chosen language, and the forms that it takes: JSON, Markdown, an alert, a mail.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::plan::Due;
use super::state::{Kind, Level};
use crate::i18n::{Catalog, Message};
use crate::report::{Finding, Tool, rfc3339};
use crate::sanitize::terminal;

/// The identifier of the web hook's body.
pub const SCHEMA: &str = "w4b-diag/notification/1";
/// Webex accepts 7439 bytes of a message. [developer.webex.com, Create a Message]
const MAX_MARKDOWN: usize = 7000;
/// Subjects that are listed; the rest is counted.
const SUBJECTS: usize = 20;

/// What a generic web hook gets by POST.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Notification {
    /// `w4b-diag/notification/1`.
    pub schema: String,
    /// The program.
    pub tool: Tool,
    /// The message's identifier, the same in every attempt; also the header `Idempotency-Key`.
    pub id: String,
    /// What it says.
    pub kind: Kind,
    /// How bad; of what is over, how bad it was. `unknown` in a test.
    pub level: Level,
    /// When it was made (RFC 3339).
    pub at: String,
    /// One line, in the language of the run.
    pub title: String,
    /// The rest in words, several lines.
    pub text: String,
    /// The stable id of the check, e.g. `cert.expires-soon`; null in a test.
    pub check: Option<String>,
    /// The servers and files that it is about; null in a test.
    pub subjects: Option<Vec<String>>,
    /// When it was seen first (RFC 3339); null in a test.
    pub since: Option<String>,
    /// What was found; null in a test, and of what is over.
    pub finding: Option<Finding>,
}

/// A message in one language.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Its identifier.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// How bad.
    pub level: Level,
    /// One line.
    pub title: String,
    /// What was seen; may be empty.
    pub detail: String,
    /// What to do; may be empty.
    pub remedy: String,
    /// Where, and who says so.
    pub facts: Vec<String>,
    /// When.
    pub at: DateTime<Utc>,
    due: Option<Due>,
}

impl Letter {
    /// The words of what is due.
    pub fn new(due: &Due, host: &str, catalog: &Catalog) -> Self {
        let finding = due.finding.as_ref();
        let title = Message::new("notify-title")
            .arg("kind", due.pending.kind.as_str())
            .arg("title", finding.map_or(&due.title, |finding| &finding.title));
        let mut facts = Vec::new();
        let end = finding.and_then(|finding| finding.data.get("not_after")?.as_str());
        if let Some(end) = end.and_then(|end| DateTime::parse_from_rfc3339(end).ok()) {
            let is_past = end <= due.pending.at;
            let until = Message::new("notify-until")
                .arg("past", if is_past { "yes" } else { "no" })
                .arg("when", minute(end.to_utc()));
            facts.push(catalog.text(&until));
        }
        let mut subjects = due.subjects.clone();
        let more = subjects.len().saturating_sub(SUBJECTS);
        subjects.truncate(SUBJECTS);
        facts.push(
            catalog.text(
                &Message::new("notify-where")
                    .arg("subjects", subjects.join(", "))
                    .arg("more", more),
            ),
        );
        if due.pending.kind != Kind::Raised {
            let since = Message::new("notify-since").arg("when", minute(due.since));
            facts.push(catalog.text(&since));
        }
        facts.push(from(host, due.pending.at, catalog));
        let text = |field: Option<&String>| field.map(|text| clean(text)).unwrap_or_default();
        Self {
            id: due.pending.id.clone(),
            kind: due.pending.kind,
            level: due.pending.level,
            title: clean(&catalog.text(&title)),
            detail: match due.pending.kind {
                Kind::Recovered => catalog.plain("notify-over"),
                _ => text(finding.map(|finding| &finding.detail)),
            },
            remedy: text(finding.map(|finding| &finding.remedy)),
            facts: facts.iter().map(|fact| clean(fact)).collect(),
            at: due.pending.at,
            due: Some(due.clone()),
        }
    }

    /// A message that only shows that messages arrive.
    pub fn test(id: String, at: DateTime<Utc>, host: &str, catalog: &Catalog) -> Self {
        Self {
            id,
            kind: Kind::Test,
            level: Level::Unknown,
            title: catalog.plain("notify-test-title"),
            detail: catalog.plain("notify-test-detail"),
            remedy: String::new(),
            facts: vec![clean(&from(host, at, catalog))],
            at,
            due: None,
        }
    }

    /// Plain text below the title.
    pub fn body(&self) -> String {
        let mut blocks: Vec<String> = Vec::new();
        blocks.extend((!self.detail.is_empty()).then(|| self.detail.clone()));
        blocks.extend((!self.remedy.is_empty()).then(|| format!("→ {}", self.remedy)));
        blocks.push(self.facts.join("\n"));
        blocks.join("\n\n")
    }

    /// The body of a generic web hook.
    pub fn notification(&self) -> Notification {
        let due = self.due.as_ref();
        Notification {
            schema: SCHEMA.to_owned(),
            tool: Tool::default(),
            id: self.id.clone(),
            kind: self.kind,
            level: self.level,
            at: rfc3339(self.at),
            title: self.title.clone(),
            text: self.body(),
            check: due.map(|due| due.check.clone()),
            subjects: due.map(|due| due.subjects.clone()),
            since: due.map(|due| rfc3339(due.since)),
            finding: due.and_then(|due| due.finding.clone()),
        }
    }

    /// The body of a Webex incoming web hook.
    pub fn markdown(&self) -> Value {
        let sign = match (self.kind, self.level) {
            (Kind::Recovered, _) => "✅",
            (Kind::Test, _) => "ℹ️",
            (_, Level::Critical | Level::Expired) => "🔴",
            (_, Level::Warning) => "🟠",
            (_, Level::Unknown) => "⚪",
        };
        let mut text = format!("{sign} **{}**", escaped(&self.title));
        for block in [&self.detail, &self.remedy] {
            if !block.is_empty() {
                text.push_str("\n\n");
                text.push_str(if std::ptr::eq(block, &raw const self.remedy) {
                    "→ "
                } else {
                    ""
                });
                text.push_str(&escaped(block));
            }
        }
        for fact in &self.facts {
            text.push_str("\n\n");
            text.push_str(&escaped(fact));
        }
        let end = (0..=MAX_MARKDOWN.min(text.len()))
            .rev()
            .find(|end| text.is_char_boundary(*end))
            .unwrap_or_default();
        text.truncate(end);
        json!({ "markdown": text })
    }

    /// The alerts of Alertmanager's API, version 2. What became worse ends under its old labels; what is over ends now;
    /// what lasts ends by itself should nobody say it again before `until`.
    pub fn alerts(&self, until: DateTime<Utc>) -> Value {
        let subject = self.due.as_ref().map_or("w4b-diag", |due| {
            due.subjects.first().map_or(due.check.as_str(), String::as_str)
        });
        let check = self.due.as_ref().map_or("test", |due| due.check.as_str());
        // The same problem keeps its labels, whatever the check that found it: a date that draws near and has passed.
        let group = self.due.as_ref().map_or("test", |due| due.key.as_str());
        let labels = |level: Level| {
            let severity = match level {
                Level::Expired => "critical",
                other => other.as_str(),
            };
            json!({
                "alertname": "W4bDiag", "area": check.split('.').next(), "instance": subject, "problem": group,
                "severity": if self.kind == Kind::Test { "none" } else { severity },
            })
        };
        let since = self.due.as_ref().map_or(self.at, |due| due.since).min(self.at);
        let reference = self
            .due
            .as_ref()
            .and_then(|due| due.finding.as_ref()?.reference.clone());
        let alert = |level: Level, end: DateTime<Utc>| {
            let mut alert = json!({
                "labels": labels(level),
                "annotations": {
                    "summary": self.title, "description": self.detail, "remedy": self.remedy, "check": check,
                },
                "startsAt": rfc3339(since),
                "endsAt": rfc3339(end),
            });
            if let Some(reference) = &reference {
                alert["generatorURL"] = json!(reference);
            }
            alert
        };
        let ends = if self.kind == Kind::Recovered {
            self.at
        } else {
            until
        };
        let mut alerts = vec![alert(self.level, ends)];
        let before = self.due.as_ref().and_then(|due| due.before);
        if let Some(before) = before.filter(|before| labels(*before) != labels(self.level)) {
            alerts.push(alert(before, self.at));
        }
        Value::Array(alerts)
    }

    /// The mail as it goes over the wire (RFC 5322); its Message-ID is the message's identifier.
    pub fn mail(&self, from: &str, to: &[String]) -> Vec<u8> {
        let domain = from.rsplit('@').next().unwrap_or("localhost");
        let mut mail = String::new();
        for (name, value) in [
            ("From", format!("w4b-diag <{from}>")),
            ("To", to.join(",\r\n ")),
            ("Subject", encoded_words(&self.title)),
            ("Date", self.at.format("%a, %d %b %Y %H:%M:%S +0000").to_string()),
            ("Message-ID", format!("<{}@{domain}>", self.id)),
            // Out-of-office replies are not wanted. (RFC 3834)
            ("Auto-Submitted", "auto-generated".to_owned()),
            ("MIME-Version", "1.0".to_owned()),
            ("Content-Type", "text/plain; charset=utf-8".to_owned()),
            ("Content-Transfer-Encoding", "base64".to_owned()),
        ] {
            mail.push_str(name);
            mail.push_str(": ");
            mail.push_str(&value);
            mail.push_str("\r\n");
        }
        mail.push_str("\r\n");
        let body = format!("{}\n\n{}\n", self.title, self.body()).replace('\n', "\r\n");
        let body = STANDARD.encode(body);
        // Lines of at most 76 characters. (RFC 2045, section 6.8)
        for line in body.as_bytes().chunks(76) {
            mail.push_str(std::str::from_utf8(line).unwrap_or_default());
            mail.push_str("\r\n");
        }
        mail.into_bytes()
    }
}

fn from(host: &str, at: DateTime<Utc>, catalog: &Catalog) -> String {
    catalog.text(
        &Message::new("notify-from")
            .arg("host", host)
            .arg("when", minute(at)),
    )
}

/// As people write it; the words around it say that it is UTC.
fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

/// No control characters: a title becomes a header.
fn clean(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    terminal(&text, false).into_owned()
}

/// Markdown's own characters are text here: a server's name must not become a link or a mention.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(
            c,
            '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '`' | '#' | '~' | '|'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A header's text: encoded words of at most 75 characters (RFC 2047), also where plain ASCII would do.
fn encoded_words(text: &str) -> String {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        // 45 bytes become 60 characters; with "=?UTF-8?B?" and "?=" 72.
        if word.len() + c.len_utf8() > 45 {
            words.push(std::mem::take(&mut word));
        }
        word.push(c);
    }
    words.push(word);
    let words: Vec<String> = words
        .iter()
        .map(|word| format!("=?UTF-8?B?{}?=", STANDARD.encode(word)))
        .collect();
    words.join("\r\n ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Due, Letter, encoded_words, escaped};
    use crate::i18n::{Catalog, Lang};
    use crate::notify::state::{Kind, Level, Pending};

    /// What is over, at more places than are listed.
    fn over() -> Due {
        let at = chrono::DateTime::from_timestamp(1_795_000_000, 0).expect("in range");
        Due {
            destination: 0,
            key: "tls.connect:x".to_owned(),
            pending: Pending {
                id: "0".repeat(32),
                kind: Kind::Recovered,
                level: Level::Critical,
                at,
            },
            finding: None,
            subjects: (1..=25).map(|n| format!("xsp{n}.example.net:443")).collect(),
            check: "tls.connect".to_owned(),
            title: "Title".to_owned(),
            since: at - chrono::TimeDelta::days(1),
            before: None,
        }
    }

    #[test]
    fn what_is_over_says_so_in_every_language() {
        let mut texts = BTreeSet::new();
        for lang in Lang::ALL {
            let letter = Letter::new(&over(), "host", &Catalog::new(lang));
            let text = letter.body();
            assert!(letter.title.ends_with(": Title"), "{}", letter.title);
            // Twenty of them, and how many more, with a space in between.
            let (_, rest) = text.split_once("xsp20.example.net:443").expect("the twentieth");
            let rest = rest.trim_start_matches(',');
            assert!(rest.starts_with(' ') && rest.contains('5'), "{text}");
            assert!(!text.contains("xsp21") && text.contains("2026-11-17"), "{text}");
            texts.insert(text);
        }
        assert_eq!(texts.len(), Lang::ALL.len());
    }

    #[test]
    fn a_header_is_folded_and_a_name_is_no_markup() {
        let words = encoded_words(&"Prüfung – überall ".repeat(9));
        for line in words.split("\r\n") {
            assert!(line.trim_start().len() <= 75, "{line}");
            assert!(line.is_ascii(), "{line}");
        }
        assert_eq!(escaped("<@all> [x](y)_*"), "\\<@all\\> \\[x\\](y)\\_\\*");
    }
}
