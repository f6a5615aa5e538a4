//! A report for a person at a terminal.

use std::fmt::Write as _;

use super::{
    owner_word, severity_word, sign, subject_beside_title, tally, verdict_sentence, verdict_severity, wrap,
};
use crate::cli::printer::Palette;
use crate::i18n::Catalog;
use crate::report::{Finding, Report, Severity};
use crate::sanitize::terminal;

/// Columns that the body of a finding is indented by.
const INDENT: &str = "    ";

/// The findings, worst first: sign and word of the severity, title, what was seen, what to do, whose side, where
/// documented. A check that passed is one line.
pub fn findings(report: &Report, catalog: &Catalog, palette: Palette, width: usize) -> String {
    let mut out = String::new();
    let mut previous: Option<Severity> = None;
    for item in &report.findings {
        let brief = item.severity == Severity::Ok;
        if previous.is_some_and(|severity| !(brief && severity == Severity::Ok)) {
            out.push('\n');
        }
        previous = Some(item.severity);
        finding(&mut out, item, catalog, palette, width);
    }
    out
}

/// One line with the sum, and what it means.
pub fn verdict(report: &Report, catalog: &Catalog, palette: Palette, width: usize) -> String {
    let severity = verdict_severity(report.verdict);
    let style = palette.severity(severity);
    let counts: Vec<String> = tally(report, catalog)
        .into_iter()
        .map(|(_, words)| words)
        .collect();
    let mut body = String::new();
    wrap::hanging(&mut body, "  ", &verdict_sentence(report.verdict, catalog), width);
    let mut out = String::new();
    let _ = write!(
        out,
        "{style}{}{style:#}{}",
        sign(severity),
        body.get(1..).unwrap_or_default()
    );
    let faint = palette.faint();
    if !counts.is_empty() {
        let _ = writeln!(out, "  {faint}{}{faint:#}", counts.join(" · "));
    }
    out
}

fn finding(out: &mut String, finding: &Finding, catalog: &Catalog, palette: Palette, width: usize) {
    let style = palette.severity(finding.severity);
    let word = severity_word(finding.severity, catalog);
    // Wrapped without the styles, which have no width; then the plain head is swapped for the painted one.
    let head = format!("{} {word}  ", sign(finding.severity));
    let mut title = terminal(&finding.title, false).into_owned();
    if let Some(subject) = subject_beside_title(finding) {
        let _ = write!(title, " · {}", terminal(subject, false));
    }
    let mut block = String::new();
    wrap::hanging(&mut block, &head, &title, width);
    let rest = block.strip_prefix(head.as_str()).unwrap_or(&block);
    let _ = write!(out, "{style}{} {word}{style:#}  {rest}", sign(finding.severity));
    if finding.severity == Severity::Ok {
        return;
    }
    if !finding.detail.is_empty() {
        wrap::hanging(out, INDENT, &terminal(&finding.detail, true), width);
    }
    if !finding.remedy.is_empty() {
        let strong = palette.strong();
        let mut block = String::new();
        wrap::hanging(
            &mut block,
            &format!("{INDENT}→ "),
            &terminal(&finding.remedy, true),
            width,
        );
        let _ = write!(
            out,
            "{INDENT}{strong}→{strong:#}{}",
            block.get(INDENT.len() + "→".len()..).unwrap_or_default()
        );
    }
    let faint = palette.faint();
    let mut origin = vec![
        terminal(&finding.check, false).into_owned(),
        owner_word(finding.owner, catalog),
    ];
    if let Some(reference) = &finding.reference {
        origin.push(terminal(reference, false).into_owned());
    }
    let mut block = String::new();
    wrap::hanging(&mut block, INDENT, &origin.join(" · "), width);
    let _ = writeln!(out, "{faint}{}{faint:#}", block.trim_end_matches('\n'));
}

#[cfg(test)]
mod tests {
    use super::super::tests::report;
    use super::{findings, verdict};
    use crate::cli::printer::Palette;
    use crate::i18n::{Catalog, Lang};

    #[test]
    fn worst_first_with_sign_word_and_remedy() {
        let catalog = Catalog::new(Lang::En);
        let list = findings(&report(), &catalog, Palette::new(false), 60);
        let sum = verdict(&report(), &catalog, Palette::new(false), 60);
        insta::assert_snapshot!(format!("{sum}\n{list}"));
    }

    #[test]
    fn foreign_control_characters_never_reach_the_terminal() {
        let mut report = report();
        report.findings[0].subject = "\u{1b}]0;owned\u{7}\u{1b}[2J".to_owned();
        report.findings[0].detail = "line\u{1b}[31m".to_owned();
        let text = findings(&report, &Catalog::new(Lang::De), Palette::new(false), 80);
        assert!(!text.contains('\u{1b}') && !text.contains('\u{7}'), "{text:?}");
    }

    #[test]
    fn colour_changes_nothing_but_colour() {
        let catalog = Catalog::new(Lang::It);
        let plain = findings(&report(), &catalog, Palette::new(false), 70);
        let painted = findings(&report(), &catalog, Palette::new(true), 70);
        assert!(painted.contains("\u{1b}["));
        let escapes = regex::Regex::new("\u{1b}\\[[0-9;]*m").expect("valid");
        assert_eq!(escapes.replace_all(&painted, ""), plain);
    }
}
