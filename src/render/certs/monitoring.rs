//! `certs` as monitoring plug-in output and as Prometheus text exposition.

use std::fmt::Write as _;

use crate::i18n::{Catalog, Message};
use crate::report::{Report, Severity};
use crate::rules::certs::data::{CertsData, TargetData};
use crate::sanitize::terminal;
use crate::x509::{CertFacts, Verification};

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

/// A metric: name, type, help (English, as is usual), and its samples.
struct Metric {
    name: &'static str,
    help: &'static str,
    samples: Vec<(String, String)>,
}

/// All metrics, by what they measure.
struct Metrics {
    success: Metric,
    duration: Metric,
    info: Metric,
    not_after: Metric,
    not_before: Metric,
    trusted: Metric,
    conforming: Metric,
    requested: Metric,
    trust: Metric,
    findings: Metric,
    verdict: Metric,
}

/// Prometheus text exposition. A target that did not answer has its `w4b_probe_success 0`, and an expired
/// certificate keeps its metric: a monitor never goes silent.
pub fn prometheus(data: &CertsData, report: &Report) -> String {
    let mut metrics = Metrics::new();
    for target in &data.targets {
        metrics.target(target);
    }
    for file in &data.files {
        let base = labels(&[("target", &file.path), ("address", "")]);
        metrics.chain(&base, &file.chain, file.verification.as_ref());
    }
    for file in &data.trust {
        for certificate in &file.chain {
            if let Some(instant) = timestamp(&certificate.not_after) {
                let labels = labels(&[
                    ("file", &file.path),
                    ("subject", &certificate.subject),
                    ("sha256", &certificate.sha256),
                ]);
                metrics.trust.add(&labels, instant);
            }
        }
    }
    for severity in [
        Severity::Ok,
        Severity::Info,
        Severity::Unknown,
        Severity::Warning,
        Severity::Critical,
    ] {
        let findings = report.findings.iter();
        let count = findings.filter(|finding| finding.severity == severity).count();
        let labels = labels(&[("severity", severity.as_str())]);
        metrics.findings.add(&labels, count.to_string());
    }
    metrics.verdict.add("", report.verdict.exit_code().to_string());
    metrics.text()
}

impl Metrics {
    const fn new() -> Self {
        Self {
            success: Metric::new(
                "w4b_probe_success",
                "Whether TLS was spoken with the address of the target.",
            ),
            duration: Metric::new("w4b_probe_duration_seconds", "How long the probe took."),
            info: Metric::new("w4b_tls_info", "What was negotiated."),
            not_after: Metric::new(
                "w4b_cert_not_after_timestamp_seconds",
                "End of validity of a certificate.",
            ),
            not_before: Metric::new(
                "w4b_cert_not_before_timestamp_seconds",
                "Begin of validity of a certificate.",
            ),
            trusted: Metric::new("w4b_chain_trusted", "Whether path validation succeeded."),
            conforming: Metric::new(
                "w4b_chain_conforming",
                "Whether the certificates keep to the profile.",
            ),
            requested: Metric::new(
                "w4b_mtls_client_auth_requested",
                "Whether a client certificate is asked for.",
            ),
            trust: Metric::new(
                "w4b_trust_not_after_timestamp_seconds",
                "End of validity of a trust anchor.",
            ),
            findings: Metric::new("w4b_findings", "Number of findings by severity."),
            verdict: Metric::new("w4b_verdict", "0 ok, 1 warning, 2 critical, 3 unknown."),
        }
    }

    fn target(&mut self, target: &TargetData) {
        let address = target
            .address
            .map(|address| address.to_string())
            .unwrap_or_default();
        let base = labels(&[("target", &target.target), ("address", &address)]);
        let mut reached = base.clone();
        if let Some(reason) = &target.reason {
            let _ = write!(reached, ",reason=\"{}\"", escape(reason));
        }
        self.success.add(&reached, bit(target.reachable));
        self.duration.add(&base, seconds(target.elapsed_ms));
        if let Some(handshake) = &target.handshake {
            let protocol = handshake.protocol.as_deref().unwrap_or_default();
            let cipher = handshake.cipher.as_deref().unwrap_or_default();
            let own = labels(&[("protocol", protocol), ("cipher", cipher)]);
            self.info.add(&format!("{base},{own}"), "1".to_owned());
            if let Some(asked) = handshake.client_auth_requested {
                self.requested.add(&base, bit(asked));
            }
        }
        self.chain(&base, &target.chain, target.verification.as_ref());
    }

    fn chain(&mut self, base: &str, chain: &[CertFacts], verification: Option<&Verification>) {
        if let Some(verification) = verification {
            self.trusted.add(base, bit(verification.trusted));
            self.conforming.add(base, bit(verification.conforming));
        }
        for (index, certificate) in chain.iter().enumerate() {
            let position = index.to_string();
            let own = labels(&[
                ("position", &position),
                ("subject", &certificate.subject),
                ("serial", &certificate.serial),
            ]);
            let labels = format!("{base},{own}");
            if let Some(instant) = timestamp(&certificate.not_after) {
                self.not_after.add(&labels, instant);
            }
            if let Some(instant) = timestamp(&certificate.not_before) {
                self.not_before.add(&labels, instant);
            }
        }
    }

    fn text(&self) -> String {
        [
            &self.success,
            &self.duration,
            &self.info,
            &self.not_after,
            &self.not_before,
            &self.trusted,
            &self.conforming,
            &self.requested,
            &self.trust,
            &self.findings,
            &self.verdict,
        ]
        .into_iter()
        .map(Metric::text)
        .collect()
    }
}

impl Metric {
    const fn new(name: &'static str, help: &'static str) -> Self {
        Self {
            name,
            help,
            samples: Vec::new(),
        }
    }

    /// The same labels twice would make the whole exposition invalid: the first sample stands.
    fn add(&mut self, labels: &str, value: String) {
        if !self.samples.iter().any(|(known, _)| known == labels) {
            self.samples.push((labels.to_owned(), value));
        }
    }

    fn text(&self) -> String {
        if self.samples.is_empty() {
            return String::new();
        }
        let mut out = format!("# HELP {0} {1}\n# TYPE {0} gauge\n", self.name, self.help);
        for (labels, value) in &self.samples {
            let _ = if labels.is_empty() {
                writeln!(out, "{} {value}", self.name)
            } else {
                writeln!(out, "{}{{{labels}}} {value}", self.name)
            };
        }
        out
    }
}

fn timestamp(text: &str) -> Option<String> {
    let instant = chrono::DateTime::parse_from_rfc3339(text).ok()?;
    Some(instant.timestamp().to_string())
}

fn bit(value: bool) -> String {
    u8::from(value).to_string()
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000)
}

fn labels(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}=\"{}\"", escape(value)))
        .collect();
    pairs.join(",")
}

/// Prometheus' own escapes; other control characters become visible.
fn escape(value: &str) -> String {
    terminal(
        &value
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n"),
        false,
    )
    .into_owned()
}
