//! A report as Markdown, for tickets and chats.

use std::fmt::Write as _;

use super::{
    owner_word, severity_word, sign, subject_beside_title, tally, verdict_sentence, verdict_severity,
};
use crate::i18n::{Catalog, Message};
use crate::report::{Finding, Report, Severity};
use crate::sanitize::terminal;

/// The whole report: verdict, what to act on, what passed.
pub fn page(report: &Report, catalog: &Catalog) -> String {
    let mut out = String::new();
    let severity = verdict_severity(report.verdict);
    let _ = writeln!(
        out,
        "# {}\n\n**{} {}**\n",
        catalog.plain("render-heading"),
        sign(severity),
        escape(&verdict_sentence(report.verdict, catalog))
    );
    let counts: Vec<String> = tally(report, catalog)
        .into_iter()
        .map(|(_, words)| words)
        .collect();
    if !counts.is_empty() {
        let _ = writeln!(out, "{}\n", escape(&counts.join(" · ")));
    }
    out.push_str(&findings(report, catalog));
    let origin = Message::new("render-made-by")
        .arg("tool", report.tool.name.as_str())
        .arg("version", report.tool.version.as_str())
        .arg("made", report.generated_at.as_str())
        .arg("as_of", report.as_of.as_str());
    let _ = writeln!(out, "---\n\n{}", escape(&catalog.text(&origin)));
    out
}

/// The findings alone.
pub fn findings(report: &Report, catalog: &Catalog) -> String {
    let mut out = String::new();
    let (passed, open): (Vec<&Finding>, Vec<&Finding>) = report
        .findings
        .iter()
        .partition(|finding| finding.severity == Severity::Ok);
    if !open.is_empty() {
        let _ = writeln!(out, "## {}\n", catalog.plain("render-findings"));
        for item in open {
            finding(&mut out, item, catalog);
        }
    }
    if !passed.is_empty() {
        let _ = writeln!(out, "## {}\n", catalog.plain("render-passed"));
        for item in passed {
            let _ = writeln!(out, "- {} {}", sign(item.severity), headline(item));
        }
        out.push('\n');
    }
    out
}

fn headline(finding: &Finding) -> String {
    let mut title = escape(&finding.title);
    if let Some(subject) = subject_beside_title(finding) {
        let _ = write!(title, " · {}", code(subject));
    }
    title
}

fn finding(out: &mut String, finding: &Finding, catalog: &Catalog) {
    let _ = writeln!(
        out,
        "### {} {}: {}\n",
        sign(finding.severity),
        escape(&severity_word(finding.severity, catalog)),
        headline(finding)
    );
    for paragraph in finding.detail.lines().filter(|line| !line.trim().is_empty()) {
        let _ = writeln!(out, "{}\n", escape(paragraph.trim()));
    }
    for (number, paragraph) in finding
        .remedy
        .lines()
        .filter(|line| !line.trim().is_empty())
        .enumerate()
    {
        if number == 0 {
            let label = catalog.plain("render-remedy");
            let _ = writeln!(out, "**{}** {}\n", escape(&label), escape(paragraph.trim()));
        } else {
            let _ = writeln!(out, "{}\n", escape(paragraph.trim()));
        }
    }
    let _ = write!(
        out,
        "{} · {}",
        code(&finding.check),
        escape(&owner_word(finding.owner, catalog))
    );
    match finding.reference.as_deref() {
        Some(url) if is_plain_url(url) => {
            let _ = writeln!(out, " · <{url}>\n");
        }
        Some(other) => {
            let _ = writeln!(out, " · {}\n", code(other));
        }
        None => out.push_str("\n\n"),
    }
}

/// Whether `url` may stand between angle brackets as it is.
fn is_plain_url(url: &str) -> bool {
    (url.starts_with("https://") || url.starts_with("http://"))
        && url
            .chars()
            .all(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '`' | '\\'))
}

/// Foreign text as literal text: no markup, no HTML, no links, no line feeds.
pub fn escape(text: &str) -> String {
    let text = terminal(text, true);
    let mut out = String::with_capacity(text.len() + 8);
    for (place, c) in text.char_indices() {
        match c {
            '\n' | '\t' => out.push(' '),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => {
                out.push('\\');
                out.push(c);
            }
            // Only at the start of a line do these begin a heading, a list or a rule.
            '#' | '-' | '+' | '=' if place == 0 => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

/// Foreign text as a code span, with a fence longer than any run of back-ticks in it.
pub fn code(text: &str) -> String {
    let text = terminal(text, false);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::super::tests::report;
    use super::{code, escape, page};
    use crate::i18n::{Catalog, Lang};

    #[test]
    fn verdict_then_findings_then_what_passed() {
        insta::assert_snapshot!(page(&report(), &Catalog::new(Lang::En)));
    }

    #[test]
    fn foreign_text_stays_text() {
        assert_eq!(
            escape("<img src=x> [a](b) # *x*"),
            "&lt;img src=x&gt; \\[a\\](b) # \\*x\\*"
        );
        assert_eq!(escape("# x\n# y"), "\\# x # y");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
    }
}
