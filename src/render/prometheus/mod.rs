//! The text exposition format of Prometheus, version 0.0.4.
//!
//! Samples are gathered in an [`Exposition`], which keeps each metric together, in order, and each set of labels once:
//! the same series twice would make Prometheus refuse all of them.

mod certs;
pub mod families;
mod status;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Write as _;

pub use certs::{FAILURE_REASONS, certs, chain, earliest, files, severities, target};
pub use status::status;

use crate::report::{Severity, Verdict};
use crate::sanitize::terminal;
use families::{FINDINGS, Family, VERDICT};

/// The content type of the text format.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Longest label value in characters: names of certificates are chosen by whoever made them.
const MAX_LABEL: usize = 200;

/// Samples of metrics.
#[derive(Debug, Clone, Default)]
pub struct Exposition {
    /// By name.
    families: BTreeMap<&'static str, Samples>,
}

#[derive(Debug, Clone)]
struct Samples {
    family: &'static Family,
    /// Values by labels, as they are written between the braces.
    values: BTreeMap<Box<str>, f64>,
}

impl Exposition {
    /// One sample. The first of a set of labels stands.
    pub fn add(&mut self, family: &'static Family, labels: &[(&str, &str)], value: impl Into<f64>) {
        self.add_rendered(family, render(labels).into_boxed_str(), value.into());
    }

    /// An instant, as seconds since 1970.
    pub fn instant(&mut self, family: &'static Family, labels: &[(&str, &str)], rfc3339: &str) {
        if let Ok(instant) = chrono::DateTime::parse_from_rfc3339(rfc3339) {
            self.add(family, labels, seconds(instant.to_utc()));
        }
    }

    fn add_rendered(&mut self, family: &'static Family, labels: Box<str>, value: f64) {
        let samples = self.families.entry(family.name).or_insert_with(|| Samples {
            family,
            values: BTreeMap::new(),
        });
        if let Entry::Vacant(place) = samples.values.entry(labels) {
            place.insert(value);
        }
    }

    /// Adds what another one has; what is there already stands.
    pub fn extend(&mut self, other: &Self) {
        for samples in other.families.values() {
            for (labels, value) in &samples.values {
                self.add_rendered(samples.family, labels.clone(), *value);
            }
        }
    }

    /// The value of one sample.
    pub fn value(&self, family: &Family, labels: &[(&str, &str)]) -> Option<f64> {
        let samples = self.families.get(family.name)?;
        samples.values.get(render(labels).as_str()).copied()
    }

    /// The samples of some metrics whose first labels are these.
    #[must_use]
    pub fn only(&self, families: &[&Family], first: &[(&str, &str)]) -> Self {
        let first = render(first);
        let mut only = Self::default();
        for family in families {
            let Some(samples) = self.families.get(family.name) else {
                continue;
            };
            for (labels, value) in &samples.values {
                let rest = labels.strip_prefix(first.as_str());
                if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(',')) {
                    only.add_rendered(samples.family, labels.clone(), *value);
                }
            }
        }
        only
    }

    /// The number of findings by severity, and their verdict.
    pub fn verdict(&mut self, command: &str, severities: impl Iterator<Item = Severity>) {
        let severities: Vec<Severity> = severities.collect();
        for severity in [
            Severity::Ok,
            Severity::Info,
            Severity::Unknown,
            Severity::Warning,
            Severity::Critical,
        ] {
            let count = severities.iter().filter(|found| **found == severity).count();
            let labels = [("command", command), ("severity", severity.as_str())];
            self.add(FINDINGS, &labels, count_of(count));
        }
        let verdict = Verdict::of_severities(severities);
        self.add(VERDICT, &[("command", command)], verdict.exit_code());
    }

    /// Reads back what [`Exposition::text`] wrote. What it does not know it leaves out: the file may be of another
    /// version, or somebody else's.
    pub fn parse(text: &str) -> Self {
        let mut read = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((series, value)) = line.rsplit_once(' ') else {
                continue;
            };
            let (name, labels) = match series.split_once('{') {
                Some((name, labels)) => (name, labels.strip_suffix('}')),
                None => (series, Some("")),
            };
            if let (Some(family), Some(labels), Ok(value)) =
                (Family::by_name(name), labels, value.parse::<f64>())
            {
                read.add_rendered(family, labels.into(), value);
            }
        }
        read
    }

    /// The whole text.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for (name, samples) in &self.families {
            let kind = samples.family.kind.as_str();
            let _ = writeln!(out, "# HELP {name} {}\n# TYPE {name} {kind}", samples.family.help);
            for (labels, value) in &samples.values {
                out.push_str(name);
                if !labels.is_empty() {
                    let _ = write!(out, "{{{labels}}}");
                }
                let _ = writeln!(out, " {value}");
            }
        }
        out
    }
}

/// Seconds since 1970.
pub fn seconds(instant: chrono::DateTime<chrono::Utc>) -> f64 {
    // Whole milliseconds of the years that a certificate can name are exact in 53 bits.
    #[allow(clippy::cast_precision_loss, reason = "exact up to the year 287396")]
    let milliseconds = instant.timestamp_millis() as f64;
    milliseconds / 1000.0
}

/// A number of things.
pub fn count_of(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// `a="x",b="y"`
fn render(labels: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (number, (label, value)) in labels.iter().enumerate() {
        let comma = if number == 0 { "" } else { "," };
        let _ = write!(out, "{comma}{label}=\"{}\"", escape(value));
    }
    out
}

/// Bounded, without control characters, and with the escapes of the format.
fn escape(value: &str) -> String {
    let visible = terminal(value, false);
    let mut bounded: String = visible.chars().take(MAX_LABEL).collect();
    if bounded.len() < visible.len() {
        bounded.push('…');
    }
    bounded.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::families::{CERT_INFO, PROBE_SUCCESS, VERDICT};
    use super::{Exposition, MAX_LABEL};
    use crate::report::Severity;

    #[test]
    fn labels_are_escaped_bounded_and_each_set_once() {
        let mut out = Exposition::default();
        out.add(PROBE_SUCCESS, &[("target", "say \"hi\"\n\\\u{1b}")], 1);
        out.add(PROBE_SUCCESS, &[("target", "say \"hi\"\n\\\u{1b}")], 0);
        out.add(PROBE_SUCCESS, &[("target", "ü")], 0);
        insta::assert_snapshot!(out.text(), @r#"
        # HELP w4b_probe_success Whether at least one address of the target spoke TLS.
        # TYPE w4b_probe_success gauge
        w4b_probe_success{target="say \"hi\"\\u{a}\\\\u{1b}"} 1
        w4b_probe_success{target="ü"} 0
        "#);
        out.add(CERT_INFO, &[("subject", &"é".repeat(5000))], 1);
        let longest = out.text().lines().map(|line| line.chars().count()).max();
        assert!(longest < Some(MAX_LABEL + 100));
    }

    #[test]
    fn what_was_written_is_read_again() {
        let mut out = Exposition::default();
        out.verdict("certs", [Severity::Warning, Severity::Unknown].into_iter());
        out.add(PROBE_SUCCESS, &[("target", "a } b \" 7")], 1);
        out.add(PROBE_SUCCESS, &[("target", "b"), ("address", "x")], 1);
        assert_eq!(Exposition::parse(&out.text()).text(), out.text());
        assert_eq!(out.value(VERDICT, &[("command", "certs")]), Some(1.0));
        let hostile = "garbage\nw4b_other 1\nw4b_verdict{command=\"x\" 1\nw4b_verdict{} x\n{\n\u{0} 1";
        assert_eq!(Exposition::parse(hostile).text(), "");
    }

    #[test]
    fn a_choice_of_metrics_and_labels() {
        let mut out = Exposition::default();
        for target in ["a", "ab"] {
            out.add(PROBE_SUCCESS, &[("target", target)], 1);
            out.add(CERT_INFO, &[("target", target), ("address", "")], 1);
        }
        let only = out.only(&[CERT_INFO], &[("target", "a")]);
        assert_eq!(only.text().lines().count(), 3);
        assert_eq!(
            only.value(CERT_INFO, &[("target", "a"), ("address", "")]),
            Some(1.0)
        );
    }
}
