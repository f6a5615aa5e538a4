//! A report as one self-contained page: readable without its script, no request, nothing that foreign text could inject.
//!
//! The order is the reader's: the verdict, what to do, the time lines, the findings, the facts of the case, the files.

mod case;
mod certificates;
mod chart;
mod files;
mod findings;
mod incidents;
mod markup;

use base64::Engine as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::timeline::Timeline;
use super::{
    is_told_twice, owner_word, severity_word, sign, subject_for_readers, tally, verdict_sentence,
    verdict_severity,
};
use crate::i18n::{Catalog, Message};
use crate::report::{Finding, Owner, Report, Severity};
use markup::Markup;

pub use files::File;

/// The one style sheet and the one script; the page's policy names their hashes and allows nothing else.
const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");

/// The page.
pub fn page(report: &Report, catalog: &Catalog, files: &[File]) -> String {
    let mut out = Markup::default();
    head(&mut out, report, catalog);
    verdict(&mut out, report, catalog);
    out.raw("<main id=\"main\" tabindex=\"-1\">");
    todo(&mut out, report, catalog);
    time_lines(&mut out, report, catalog);
    findings::draw(&mut out, report, catalog);
    case::draw(&mut out, &report.data, catalog);
    files::draw(&mut out, files, catalog);
    let made = Message::new("render-made-by")
        .arg("tool", report.tool.name.as_str())
        .arg("version", report.tool.version.as_str())
        .arg("made", report.generated_at.as_str())
        .arg("as_of", report.as_of.as_str());
    out.raw("</main><footer><p>").text(&catalog.text(&made));
    out.raw("</p></footer><p class=\"away\" role=\"status\" id=\"said\" data-done=\"")
        .text(&catalog.plain("html-copied"))
        .raw("\"></p><script>")
        .raw(SCRIPT)
        .raw("</script></body></html>\n");
    out.finish()
}

fn head(out: &mut Markup, report: &Report, catalog: &Catalog) {
    let hash = |part: &str| base64::engine::general_purpose::STANDARD.encode(Sha256::digest(part.as_bytes()));
    out.raw("<!DOCTYPE html>\n<html lang=\"")
        .text(catalog.lang().tag());
    out.raw("\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; form-action 'none'; script-src 'sha256-");
    out.text(&hash(SCRIPT)).raw("'; style-src 'sha256-");
    out.text(&hash(STYLE)).raw("'\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"referrer\" content=\"no-referrer\"><meta name=\"color-scheme\" content=\"light dark\"><title>");
    out.text(&severity_word(verdict_severity(report.verdict), catalog))
        .raw(" · ")
        .text(&catalog.plain("render-heading"));
    out.raw("</title><style>").raw(STYLE);
    out.raw("</style></head><body><a class=\"skip\" href=\"#main\">")
        .text(&catalog.plain("html-skip"))
        .raw("</a>");
}

fn verdict(out: &mut Markup, report: &Report, catalog: &Catalog) {
    let severity = verdict_severity(report.verdict);
    out.raw("<header><h1>")
        .text(&catalog.plain("render-heading"))
        .raw("</h1><div class=\"verdict ");
    out.raw(severity.as_str())
        .raw("\"><span class=\"sign\" aria-hidden=\"true\">")
        .raw(sign(severity));
    out.raw("</span><div><p class=\"lead\">")
        .text(&verdict_sentence(report.verdict, catalog))
        .raw("</p>");
    let sentence = |key: &str| report.data.get(key).and_then(Value::as_str);
    if let Some(escalation) = sentence("escalation_title") {
        out.raw("<p class=\"next\"><strong>")
            .text(escalation)
            .raw("</strong>");
        if let Some(next) = sentence("next_step") {
            out.raw(" ").text(next);
        }
        out.raw("</p>");
    }
    let counts = tally(report, catalog);
    if !counts.is_empty() {
        out.raw("<ul class=\"pills\">");
        for (severity, words) in counts {
            out.raw("<li class=\"pill ")
                .raw(severity.as_str())
                .raw("\">")
                .raw(sign(severity))
                .raw(" ");
            out.text(&words).raw("</li>");
        }
        out.raw("</ul>");
    }
    out.raw("</div></div></header>");
}

/// What is to be done, worst first; findings with the same remedy are one step.
fn todo(out: &mut Markup, report: &Report, catalog: &Catalog) {
    out.raw("<section aria-labelledby=\"todo\"><h2 id=\"todo\">")
        .text(&catalog.plain("html-todo"));
    out.raw("</h2><div class=\"card\">");
    let mut steps: Vec<(&str, Vec<&Finding>)> = Vec::new();
    for finding in &report.findings {
        if finding.severity <= Severity::Info || finding.remedy.is_empty() || is_told_twice(finding, report) {
            continue;
        }
        match steps.iter_mut().find(|(remedy, _)| *remedy == finding.remedy) {
            Some((_, findings)) => findings.push(finding),
            None => steps.push((&finding.remedy, vec![finding])),
        }
    }
    // Of what is equally bad, that first which can be mended here.
    let worst = |findings: &[&Finding]| findings.iter().map(|finding| finding.severity).max();
    steps.sort_by_key(|(_, findings)| {
        let webex = findings.iter().all(|finding| finding.owner == Owner::Webex);
        (std::cmp::Reverse(worst(findings)), webex)
    });
    if steps.is_empty() {
        out.raw("<p>").text(&catalog.plain("html-todo-none")).raw("</p>");
    } else {
        out.raw("<ol class=\"todo\">");
        for (remedy, findings) in steps {
            out.raw("<li class=\"")
                .raw(worst(&findings).unwrap_or(Severity::Info).as_str())
                .raw("\">");
            for finding in &findings {
                out.raw("<span class=\"why\">")
                    .prose(&headline(finding))
                    .raw("</span>");
            }
            out.raw("<span class=\"pre\">").prose(remedy).raw("</span>");
            if let Some(first) = findings.first() {
                out.raw("<span class=\"soft who\">")
                    .text(&owner_word(first.owner, catalog))
                    .raw("</span>");
            }
            out.raw("</li>");
        }
        out.raw("</ol>");
    }
    out.raw("</div></section>");
}

fn time_lines(out: &mut Markup, report: &Report, catalog: &Catalog) {
    let mut lines = Markup::default();
    if let Some(line) = Timeline::of(report) {
        incidents::draw(&mut lines, &line, catalog);
    }
    certificates::draw(&mut lines, report, catalog);
    webex(&mut lines, report, catalog);
    if !lines.is_empty() {
        out.raw("<section aria-labelledby=\"timelines\"><h2 id=\"timelines\">")
            .text(&catalog.plain("html-timelines"))
            .raw("</h2>")
            .append(&lines)
            .raw("</section>");
    }
}

/// "Would Webex accept it?", one line a target.
fn webex(out: &mut Markup, report: &Report, catalog: &Catalog) {
    let sentences = super::certs::webex::sentences(&report.data, catalog);
    if sentences.is_empty() {
        return;
    }
    out.raw("<div class=\"card\"><h3>")
        .text(&catalog.plain("certs-webex-heading"))
        .raw("</h3><ul class=\"webex\">");
    for (accepted, sentence) in sentences {
        let severity = if accepted {
            Severity::Ok
        } else {
            Severity::Critical
        };
        out.raw("<li class=\"")
            .raw(severity.as_str())
            .raw("\"><span aria-hidden=\"true\">")
            .raw(sign(severity))
            .raw("</span> ")
            .text(&sentence)
            .raw("</li>");
    }
    out.raw("</ul></div>");
}

fn headline(finding: &Finding) -> String {
    match subject_for_readers(finding) {
        Some(subject) => format!("{} · {subject}", finding.title),
        None => finding.title.clone(),
    }
}

#[cfg(test)]
mod tests;
