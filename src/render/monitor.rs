//! For monitoring: the plug-in output of Nagios and Icinga, and the text exposition format of Prometheus.

use std::fmt::Write as _;

use super::tally;
use crate::i18n::Catalog;
use crate::report::{Report, Severity, Verdict};
use crate::sanitize::terminal;

/// How many findings the first line names.
const NAMED: usize = 3;

/// One performance value of a plug-in.
#[derive(Debug, Clone, PartialEq)]
pub struct Performance {
    /// The name, without quotes and equals signs.
    pub name: String,
    /// The value.
    pub value: i64,
    /// The unit (`s`, `%`, `B`, `c`) or nothing.
    pub unit: &'static str,
}

impl Performance {
    /// A count, without a unit.
    pub fn count(name: &str, value: usize) -> Self {
        Self {
            name: name.to_owned(),
            value: i64::try_from(value).unwrap_or(i64::MAX),
            unit: "",
        }
    }
}

/// Plug-in output: one line `SERVICE STATE - what | performance`, then one line for every finding that did not pass.
/// [Monitoring Plugins Development Guidelines]
pub fn nagios(service: &str, report: &Report, performance: &[Performance], catalog: &Catalog) -> String {
    let state = match report.verdict {
        Verdict::Ok => "OK",
        Verdict::Warning => "WARNING",
        Verdict::Critical => "CRITICAL",
        Verdict::Unknown => "UNKNOWN",
    };
    let mut out = format!("{service} {state} - {}", summary(report, catalog));
    for (number, value) in performance.iter().enumerate() {
        let separator = if number == 0 { " | " } else { " " };
        let _ = write!(
            out,
            "{separator}'{}'={}{}",
            value.name.replace(['\'', '='], "_"),
            value.value,
            value.unit
        );
    }
    out.push('\n');
    for finding in &report.findings {
        if finding.severity <= Severity::Info {
            continue;
        }
        let text = [&finding.title, &finding.detail, &finding.remedy]
            .into_iter()
            .filter(|text| !text.is_empty())
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ");
        let _ = writeln!(out, "[{}] {}", finding.severity.as_str(), one_line(&text));
    }
    out
}

/// The titles of what is worst, else what passed.
fn summary(report: &Report, catalog: &Catalog) -> String {
    let worst: Vec<&str> = report
        .findings
        .iter()
        .filter(|finding| report.verdict != Verdict::Ok && severity_matches(finding.severity, report.verdict))
        .map(|finding| finding.title.as_str())
        .collect();
    if worst.is_empty() {
        let counts: Vec<String> = tally(report, catalog)
            .into_iter()
            .map(|(_, words)| words)
            .collect();
        return one_line(&counts.join(", "));
    }
    let mut text = worst.iter().take(NAMED).copied().collect::<Vec<_>>().join("; ");
    if worst.len() > NAMED {
        let _ = write!(text, "; +{}", worst.len() - NAMED);
    }
    one_line(&text)
}

fn severity_matches(severity: Severity, verdict: Verdict) -> bool {
    super::verdict_severity(verdict) == severity
}

/// One harmless line: a vertical bar would begin the performance data.
fn one_line(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    terminal(&text, false).replace('|', "¦")
}

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

#[cfg(test)]
mod tests {
    use super::super::tests::report;
    use super::{Exposition, Performance, nagios};
    use crate::i18n::{Catalog, Lang};
    use crate::report::Verdict;

    #[test]
    fn the_first_line_has_state_text_and_performance() {
        let mut report = report();
        report.findings[0].title = "a | b\nc".to_owned();
        let text = nagios(
            "XSP",
            &report,
            &[Performance::count("days", 3)],
            &Catalog::new(Lang::En),
        );
        let first = text.lines().next().expect("a line");
        assert_eq!(first, "XSP CRITICAL - a ¦ b c | 'days'=3");
        assert_eq!(text.lines().count(), 5);
    }

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
