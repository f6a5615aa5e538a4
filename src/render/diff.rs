//! What changed between two bundles, for a person at a terminal.

use std::fmt::Write as _;

use super::{severity_word, sign, wrap};
use crate::bundle::diff::{Brief, CertificateChange, Changed, Difference, FindingChange, Side};
use crate::cli::printer::Palette;
use crate::i18n::{Catalog, Message};
use crate::report::Severity;
use crate::sanitize::terminal;

/// Columns that a line below a line is indented by.
const INDENT: &str = "    ";

/// What became of each finding that changed; nothing when none did.
pub fn findings(changes: &[FindingChange], catalog: &Catalog, palette: Palette, width: usize) -> String {
    let mut page = Page {
        out: String::new(),
        catalog,
        palette,
        width,
    };
    page.findings("diff-since", changes);
    page.out
}

/// The whole comparison.
pub fn page(difference: &Difference, catalog: &Catalog, palette: Palette, width: usize) -> String {
    let mut page = Page {
        out: String::new(),
        catalog,
        palette,
        width,
    };
    page.side("diff-old", &difference.old);
    page.side("diff-new", &difference.new);
    if !difference.same_key {
        page.line("", &Message::new("diff-keys"));
    }
    let nothing = difference.findings.is_empty()
        && difference.certificates.is_empty()
        && difference.facts.is_empty()
        && difference.files == Changed::default();
    if nothing {
        page.out.push('\n');
        page.line("", &Message::new("diff-nothing"));
        return page.out;
    }
    page.findings("diff-findings", &difference.findings);
    page.certificates(&difference.certificates);
    page.facts(difference);
    if difference.files != Changed::default() {
        page.heading("diff-files");
        page.changed(&difference.files);
    }
    page.out
}

struct Page<'a> {
    out: String,
    catalog: &'a Catalog,
    palette: Palette,
    width: usize,
}

impl Page<'_> {
    fn side(&mut self, key: &'static str, side: &Side) {
        let words = Message::new(key)
            .arg("name", side.bundle.as_str())
            .arg("made", side.created_at.as_str())
            .arg("escalation", side.escalation.as_deref().unwrap_or("none"))
            .arg("verdict", side.verdict.as_str());
        self.line("", &words);
    }

    fn line(&mut self, first: &str, message: &Message) {
        let words = self.catalog.text(message);
        wrap::hanging(&mut self.out, first, &terminal(&words, false), self.width);
    }

    fn heading(&mut self, key: &'static str) {
        let strong = self.palette.strong();
        let _ = writeln!(self.out, "\n{strong}{}{strong:#}", self.catalog.plain(key));
    }

    fn findings(&mut self, heading: &'static str, changes: &[FindingChange]) {
        if changes.is_empty() {
            return;
        }
        self.heading(heading);
        for change in changes {
            let severity = change.new.or(change.old).unwrap_or(Severity::Unknown);
            let style = self.palette.severity(severity);
            let word = |side: Option<Severity>| {
                side.map_or_else(String::new, |severity| severity_word(severity, self.catalog))
            };
            let how = Message::new("diff-finding")
                .arg("change", change.change.as_str())
                .arg("old", word(change.old))
                .arg("new", word(change.new));
            let how = self.catalog.text(&how);
            let _ = writeln!(self.out, "{style}{}{style:#} {how}", sign(severity));
            wrap::hanging(&mut self.out, INDENT, &terminal(&change.title, false), self.width);
            let faint = self.palette.faint();
            let (check, subject) = (terminal(&change.check, false), terminal(&change.subject, false));
            let _ = writeln!(self.out, "{INDENT}{faint}{check} · {subject}{faint:#}");
        }
    }

    fn certificates(&mut self, changes: &[CertificateChange]) {
        if changes.is_empty() {
            return;
        }
        self.heading("diff-certificates");
        let mut place = None;
        for change in changes {
            if place != Some(&change.place) {
                let _ = writeln!(self.out, "  {}", terminal(&change.place, false));
                place = Some(&change.place);
            }
            for (mark, side) in [("- ", &change.old), ("+ ", &change.new)] {
                if let Some(brief) = side {
                    self.line(&format!("{INDENT}{mark}"), &certificate(brief));
                }
            }
        }
    }

    fn facts(&mut self, difference: &Difference) {
        if difference.facts.is_empty() {
            return;
        }
        self.heading("diff-facts");
        for change in &difference.facts {
            let name = Message::new("diff-fact").arg("fact", change.fact.as_str());
            let mut name = self.catalog.text(&name);
            if let Some(place) = &change.place {
                let _ = write!(name, " · {place}");
            }
            let _ = writeln!(self.out, "  {}", terminal(&name, false));
            self.changed(&change.changed);
        }
    }

    fn changed(&mut self, changed: &Changed) {
        for (mark, values) in [("- ", &changed.gone), ("+ ", &changed.new)] {
            for value in values {
                let first = format!("{INDENT}{mark}");
                wrap::hanging(&mut self.out, &first, &terminal(value, false), self.width);
            }
        }
    }
}

fn certificate(brief: &Brief) -> Message {
    Message::new("diff-certificate")
        .arg("subject", brief.subject.as_str())
        .arg("issuer", brief.issuer.as_str())
        .arg("serial", brief.serial.as_str())
        .arg("date", brief.not_after.get(..10).unwrap_or(&brief.not_after))
}
