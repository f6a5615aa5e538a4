//! `certs` for people and for monitoring.

mod calendar;
mod plugin;
pub(super) mod webex;

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::{severity_word, sign, verdict_severity};
use crate::cli::printer::Palette;
use crate::i18n::{Catalog, Message};
use crate::report::{Report, Severity, Verdict};
use crate::rules::certs::data::{CertsData, TargetData};
use crate::sanitize::terminal;
use crate::x509::CertFacts;

pub use calendar::calendar;
pub use plugin::{performance, plugin};

/// How to print for a person.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The language.
    pub catalog: &'a Catalog,
    /// Colours.
    pub palette: Palette,
    /// Columns.
    pub width: usize,
    /// Also what passed.
    pub verbose: bool,
}

/// One line of the table: a target, a file, or a trust anchor.
pub(super) struct Row {
    severity: Severity,
    target: String,
    until: String,
    days: String,
    protocol: String,
    issuer: String,
}

/// The table, worst first, then the reasons and what to do, then the sum.
pub fn text(data: &CertsData, report: &Report, view: &View<'_>) -> String {
    let mut out = table(&rows(data, report, view.catalog), view);
    let sentences = webex::sentences(&report.data, view.catalog);
    if !sentences.is_empty() {
        out.push('\n');
    }
    for (accepted, sentence) in sentences {
        let severity = if accepted {
            Severity::Ok
        } else {
            Severity::Critical
        };
        let line = format!("{} {}", sign(severity), terminal(&sentence, false));
        super::wrap::hanging(&mut out, "  ", &line, view.width);
    }
    let mut shown = report.clone();
    if !view.verbose {
        shown.findings.retain(|finding| finding.severity != Severity::Ok);
    }
    if !shown.findings.is_empty() {
        out.push('\n');
        out.push_str(&super::text::findings(
            &shown,
            view.catalog,
            view.palette,
            view.width,
        ));
    }
    out.push('\n');
    out.push_str(&super::text::verdict(
        report,
        view.catalog,
        view.palette,
        view.width,
    ));
    out
}

/// The worst finding about a subject.
fn worst(report: &Report, subject: &str) -> Severity {
    let findings = report
        .findings
        .iter()
        .filter(|finding| finding.subject == subject);
    findings
        .map(|finding| finding.severity)
        .max()
        .unwrap_or(Severity::Ok)
}

/// The worst finding about one certificate of a file.
fn worst_of(report: &Report, subject: &str, sha256: &str) -> Severity {
    let findings = report.findings.iter().filter(|finding| {
        finding.subject == subject && finding.data.get("sha256").is_some_and(|own| own == sha256)
    });
    findings
        .map(|finding| finding.severity)
        .max()
        .unwrap_or(Severity::Ok)
}

fn rows(data: &CertsData, report: &Report, catalog: &Catalog) -> Vec<Row> {
    let mut rows: Vec<Row> = data
        .targets
        .iter()
        .map(|target| target_row(target, catalog))
        .collect();
    for file in data.files.iter().chain(&data.trust) {
        let severity = worst(report, &file.path);
        for certificate in shown_certificates(&file.chain, file.verification.is_some()) {
            let severity = match file.verification {
                Some(_) => severity,
                None => worst_of(report, &file.path, &certificate.sha256),
            };
            let target = match file.verification {
                Some(_) => file.path.clone(),
                None => format!("{} ({})", file.path, common_name(&certificate.subject)),
            };
            rows.push(Row {
                severity,
                target,
                protocol: "-".to_owned(),
                ..dates(certificate)
            });
        }
        if file.chain.is_empty() {
            rows.push(Row {
                severity,
                target: file.path.clone(),
                ..empty()
            });
        }
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.severity));
    rows
}

/// Of a file with a chain its leaf, which need not stand first; of a trust file every certificate.
fn shown_certificates(chain: &[CertFacts], is_chain: bool) -> &[CertFacts] {
    if !is_chain {
        return chain;
    }
    let leaf = chain
        .iter()
        .position(|certificate| !certificate.is_ca)
        .unwrap_or(0);
    chain.get(leaf..=leaf).unwrap_or_default()
}

fn empty() -> Row {
    Row {
        severity: Severity::Ok,
        target: String::new(),
        until: "-".to_owned(),
        days: "-".to_owned(),
        protocol: "-".to_owned(),
        issuer: "-".to_owned(),
    }
}

fn dates(certificate: &CertFacts) -> Row {
    Row {
        until: certificate.not_after.get(..10).unwrap_or("-").to_owned(),
        days: certificate.days_left.to_string(),
        issuer: common_name(&certificate.issuer).to_owned(),
        ..empty()
    }
}

fn target_row(target: &TargetData, catalog: &Catalog) -> Row {
    let mut name = target.target.clone();
    if let Some(address) = target.address.filter(|address| {
        let address = address.to_string();
        // Neither twice as the name nor twice as the pinned address.
        address != target.host && !target.target.ends_with(&format!("#ip={address}"))
    }) {
        name = format!("{name} ({address})");
    }
    let protocol = target
        .handshake
        .as_ref()
        .and_then(|handshake| handshake.protocol.clone());
    let mut row = target.leaf().map_or_else(empty, dates);
    if target.chain.is_empty()
        && let Some(reason) = &target.reason
    {
        row.issuer = catalog.text(&Message::new("certs-reason").arg("reason", reason));
    }
    Row {
        severity: verdict_severity(target.verdict),
        target: name,
        protocol: protocol.unwrap_or_else(|| "-".to_owned()),
        ..row
    }
}

/// The common name of a distinguished name, else the whole of it.
pub(super) fn common_name(name: &str) -> &str {
    let start = name
        .strip_prefix("CN=")
        .or_else(|| name.split_once(",CN=").map(|(_, rest)| rest));
    let Some(value) = start else { return name };
    let end = value
        .char_indices()
        .find(|&(index, c)| c == ',' && !value.get(..index).is_some_and(|before| before.ends_with('\\')))
        .map_or(value.len(), |(index, _)| index);
    value.get(..end).unwrap_or(value)
}

fn table(rows: &[Row], view: &View<'_>) -> String {
    let mut lines: Vec<[String; 6]> = vec![
        [
            "certs-table-state",
            "certs-table-target",
            "certs-table-until",
            "certs-table-days",
            "certs-table-protocol",
            "certs-table-issuer",
        ]
        .map(|key| view.catalog.plain(key)),
    ];
    lines.extend(rows.iter().map(|row| {
        [
            format!(
                "{} {}",
                sign(row.severity),
                severity_word(row.severity, view.catalog)
            ),
            row.target.clone(),
            row.until.clone(),
            row.days.clone(),
            row.protocol.clone(),
            row.issuer.clone(),
        ]
        .map(|cell| terminal(&cell, false).into_owned())
    }));
    let mut widths = [0_usize; 6];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.width());
        }
    }
    let mut out = String::new();
    for (number, line) in lines.iter().enumerate() {
        let style = match number.checked_sub(1).and_then(|index| rows.get(index)) {
            Some(row) => view.palette.severity(row.severity),
            None => view.palette.strong(),
        };
        let mut text = String::new();
        for (column, (cell, width)) in line.iter().zip(widths).enumerate() {
            let gap: String = std::iter::repeat_n(' ', width.saturating_sub(cell.width())).collect();
            // Numbers to the right.
            let padded = if column == 3 {
                format!("{gap}{cell}")
            } else {
                format!("{cell}{gap}")
            };
            if column > 0 {
                text.push_str("  ");
            }
            let painted = number == 0 || column == 0;
            // Writing to a string cannot fail.
            let _ = if painted {
                write!(text, "{style}{padded}{style:#}")
            } else {
                write!(text, "{padded}")
            };
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
    out
}

/// One line a certificate of each chain, for spreadsheets.
pub fn csv(data: &CertsData, report: &Report) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_record([
        "kind",
        "target",
        "address",
        "port",
        "verdict",
        "reachable",
        "reason",
        "protocol",
        "position",
        "subject",
        "issuer",
        "serial",
        "not_before",
        "not_after",
        "days_left",
        "sans",
        "self_signed",
        "is_ca",
        "key",
        "signature",
        "sha256",
        "trusted",
        "conforming",
    ]);
    for target in &data.targets {
        let handshake = target.handshake.as_ref();
        let head = [
            "target".to_owned(),
            target.target.clone(),
            target
                .address
                .map(|address| address.to_string())
                .unwrap_or_default(),
            target.port.to_string(),
            target.verdict.as_str().to_owned(),
            target.reachable.to_string(),
            target.reason.clone().unwrap_or_default(),
            handshake
                .and_then(|handshake| handshake.protocol.clone())
                .unwrap_or_default(),
        ];
        csv_chain(&mut writer, &head, &target.chain, target.verification.as_ref());
    }
    let files = data.files.iter().map(|file| ("file", file));
    for (kind, file) in files.chain(data.trust.iter().map(|file| ("trust", file))) {
        let verdict = Verdict::of_severities([worst(report, &file.path)]);
        let head = [
            kind.to_owned(),
            file.path.clone(),
            String::new(),
            String::new(),
            verdict.as_str().to_owned(),
            String::new(),
            String::new(),
            String::new(),
        ];
        csv_chain(&mut writer, &head, &file.chain, file.verification.as_ref());
    }
    writer
        .into_inner()
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_default()
}

fn csv_chain(
    writer: &mut csv::Writer<Vec<u8>>,
    head: &[String; 8],
    chain: &[CertFacts],
    verification: Option<&crate::x509::Verification>,
) {
    // A target without certificates has its line, too.
    let nothing = [CertFacts::default()];
    let listed = if chain.is_empty() {
        nothing.as_slice()
    } else {
        chain
    };
    for (index, certificate) in listed.iter().enumerate() {
        let position = if chain.is_empty() {
            String::new()
        } else {
            (index + 1).to_string()
        };
        let flag = |value: bool| {
            if chain.is_empty() {
                String::new()
            } else {
                value.to_string()
            }
        };
        let own = [
            position,
            cell(&certificate.subject),
            cell(&certificate.issuer),
            certificate.serial.clone(),
            certificate.not_before.clone(),
            certificate.not_after.clone(),
            if chain.is_empty() {
                String::new()
            } else {
                certificate.days_left.to_string()
            },
            cell(&certificate.sans.join(" ")),
            flag(certificate.self_signed),
            flag(certificate.is_ca),
            certificate.key.to_string(),
            certificate.signature.clone(),
            certificate.sha256.clone(),
            verification.map(|v| v.trusted.to_string()).unwrap_or_default(),
            verification.map(|v| v.conforming.to_string()).unwrap_or_default(),
        ];
        let _ = writer.write_record(head.iter().map(|text| cell(text)).chain(own));
    }
}

/// Foreign text in a spreadsheet: no control characters, and nothing that a spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    let text = terminal(text, false).into_owned();
    if text.starts_with(['=', '+', '-', '@']) {
        format!("'{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{cell, common_name};

    #[test]
    fn names_in_the_table() {
        assert_eq!(common_name("CN=A\\, B,O=C"), "A\\, B");
        assert_eq!(common_name("O=C,CN=D"), "D");
        assert_eq!(common_name("O=C"), "O=C");
    }

    #[test]
    fn formulas_stay_text() {
        assert_eq!(cell("=1+1"), "'=1+1");
    }
}
