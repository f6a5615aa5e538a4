//! For monitoring: the plug-in output of Nagios and Icinga.

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

#[cfg(test)]
mod tests {
    use super::super::tests::report;
    use super::{Performance, nagios};
    use crate::i18n::{Catalog, Lang};

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
}
