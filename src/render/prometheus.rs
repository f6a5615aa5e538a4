//! The text exposition format of Prometheus.

use std::fmt::Write as _;

use crate::report::{Report, Severity, Verdict};
use crate::rules::certs::data::{CertsData, TargetData};
use crate::sanitize::terminal;
use crate::x509::{CertFacts, Verification};

/// Prometheus text exposition, version 0.0.4.
#[derive(Debug, Default)]
pub struct Exposition {
    text: String,
}

impl Exposition {
    /// Begins a gauge: its name and what it is.
    pub fn gauge(&mut self, name: &str, help: &str) {
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} gauge");
    }

    /// One sample of the gauge begun last.
    pub fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        self.text.push_str(name);
        for (number, (label, text)) in labels.iter().enumerate() {
            let text = text
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n");
            let _ = write!(
                self.text,
                "{}{label}=\"{text}\"",
                if number == 0 { '{' } else { ',' }
            );
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        let _ = writeln!(self.text, " {value}");
    }

    /// The verdict of a report, one sample a word: exactly one is 1.
    pub fn verdict(&mut self, name: &str, help: &str, labels: &[(&str, &str)], verdict: Verdict) {
        self.gauge(name, help);
        for word in [Verdict::Ok, Verdict::Warning, Verdict::Critical, Verdict::Unknown] {
            let mut labels = labels.to_vec();
            labels.push(("verdict", word.as_str()));
            self.sample(name, &labels, u8::from(word == verdict));
        }
    }

    /// The whole text.
    pub fn finish(self) -> String {
        self.text
    }
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
pub fn certs(data: &CertsData, report: &Report) -> String {
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

#[cfg(test)]
mod tests {
    use super::Exposition;
    use crate::report::Verdict;

    #[test]
    fn labels_are_escaped() {
        let mut out = Exposition::default();
        out.gauge("w4b_x", "what\nit is");
        out.sample("w4b_x", &[("a", "say \"hi\"\n\\"), ("b", "ü")], 1);
        out.sample("w4b_x", &[], -1);
        out.verdict("w4b_v", "v", &[], Verdict::Unknown);
        insta::assert_snapshot!(out.finish(), @r#"
        # HELP w4b_x what\nit is
        # TYPE w4b_x gauge
        w4b_x{a="say \"hi\"\n\\",b="ü"} 1
        w4b_x -1
        # HELP w4b_v v
        # TYPE w4b_v gauge
        w4b_v{verdict="ok"} 0
        w4b_v{verdict="warning"} 0
        w4b_v{verdict="critical"} 0
        w4b_v{verdict="unknown"} 1
        "#);
    }
}
