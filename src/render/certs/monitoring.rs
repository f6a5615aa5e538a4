//! `certs` as monitoring plug-in output.

use std::fmt::Write as _;

use crate::i18n::{Catalog, Message};
use crate::report::{Report, Severity};
use crate::rules::certs::data::CertsData;
use crate::sanitize::terminal;
use crate::x509::CertFacts;

/// At most this many bad findings follow the first line.
const MAX_LINES: usize = 50;

/// Monitoring plug-in output: one line that counts, performance data, then the other findings.
pub fn nagios(data: &CertsData, report: &Report, catalog: &Catalog) -> String {
    let state = report.verdict.as_str().to_ascii_uppercase();
    let mut bad = report
        .findings
        .iter()
        .filter(|finding| !matches!(finding.severity, Severity::Ok | Severity::Info));
    let first = bad.next().map(|finding| finding.title.clone());
    let summary = first.unwrap_or_else(|| healthy(data, catalog));
    // A bar would end the text and begin the performance data.
    let clean = |text: &str| terminal(text, false).replace('|', "/");
    let mut out = format!("CERTS {state} - {}{}\n", clean(&summary), performance(data));
    for finding in bad.take(MAX_LINES) {
        let _ = writeln!(
            out,
            "{}: {}",
            finding.severity.as_str().to_ascii_uppercase(),
            clean(&finding.title)
        );
    }
    out
}

fn healthy(data: &CertsData, catalog: &Catalog) -> String {
    let chains = leaves(data);
    let days = chains
        .iter()
        .map(|(_, leaf)| leaf.days_left)
        .chain(
            data.trust
                .iter()
                .flat_map(|file| file.chain.iter().map(|c| c.days_left)),
        )
        .min();
    match days {
        Some(days) => catalog.text(
            &Message::new("certs-nagios-ok")
                .arg("count", chains.len() + data.trust.len())
                .arg("days", days),
        ),
        None => catalog.plain("certs-nagios-none"),
    }
}

/// Every target and file with its leaf.
fn leaves(data: &CertsData) -> Vec<(String, &CertFacts)> {
    let targets = data.targets.iter().filter_map(|target| {
        let address = target
            .address
            .map(|address| format!(" {address}"))
            .unwrap_or_default();
        Some((format!("{}{address}", target.target), target.leaf()?))
    });
    let files = data
        .files
        .iter()
        .filter_map(|file| Some((file.path.clone(), file.chain.first()?)));
    targets.chain(files).collect()
}

fn performance(data: &CertsData) -> String {
    let mut out = String::new();
    let mut add = |label: &str, value: String| {
        let label = terminal(label, false).replace(['\'', '=', '|'], "_");
        let _ = write!(
            out,
            "{}'{label}'={value}",
            if out.is_empty() { " | " } else { " " }
        );
    };
    for (label, leaf) in leaves(data) {
        add(&label, leaf.days_left.to_string());
    }
    let answered = data.targets.iter().filter(|target| target.reachable).count();
    if !data.targets.is_empty() {
        add("reachable", format!("{answered};;;0;{}", data.targets.len()));
    }
    for file in &data.trust {
        if let Some(days) = file.chain.iter().map(|certificate| certificate.days_left).min() {
            add(&file.path, days.to_string());
        }
    }
    out
}
