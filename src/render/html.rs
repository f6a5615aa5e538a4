//! A report as one self-contained page: no script, no request, nothing that foreign text could inject.

mod markup;
mod timeline;

use base64::Engine as _;
use chrono::DateTime;
use serde::Deserialize as _;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::{
    owner_word, severity_word, sign, subject_beside_title, tally, verdict_sentence, verdict_severity,
};
use crate::case::{Fact, Facts};
use crate::i18n::{Catalog, Message};
use crate::report::{Finding, Report, Severity};
use crate::service_request::Attachment;
use markup::Markup;

/// The one style sheet; the page's policy names its hash and allows nothing else.
const STYLE: &str = include_str!("html/style.css");

/// Values of one fact that are shown.
const MAX_VALUES: usize = 20;

/// The page: verdict, what to do, certificates, findings, what passed, facts, files.
pub fn page(report: &Report, catalog: &Catalog, files: &[Attachment]) -> String {
    let mut out = Markup::default();
    head(&mut out, report, catalog);
    verdict(&mut out, report, catalog);
    out.raw("<main>");
    todo(&mut out, report, catalog);
    certificates(&mut out, report, catalog);
    findings(&mut out, report, catalog);
    facts(&mut out, &report.data, catalog);
    attachments(&mut out, files, catalog);
    let made = Message::new("render-made-by")
        .arg("tool", report.tool.name.as_str())
        .arg("version", report.tool.version.as_str())
        .arg("made", report.generated_at.as_str())
        .arg("as_of", report.as_of.as_str());
    out.raw("</main><footer><p>")
        .text(&catalog.text(&made))
        .raw("</p></footer></body></html>\n");
    out.finish()
}

fn head(out: &mut Markup, report: &Report, catalog: &Catalog) {
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    out.raw("<!DOCTYPE html>\n<html lang=\"")
        .text(catalog.lang().tag());
    out.raw("\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-");
    out.text(&hash).raw("'\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"referrer\" content=\"no-referrer\"><title>");
    out.text(&catalog.plain("render-heading")).raw(" · ");
    out.text(&severity_word(verdict_severity(report.verdict), catalog))
        .raw("</title><style>");
    out.raw(STYLE).raw("</style></head><body>");
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

fn todo(out: &mut Markup, report: &Report, catalog: &Catalog) {
    out.raw("<section aria-labelledby=\"todo\"><h2 id=\"todo\">")
        .text(&catalog.plain("html-todo"));
    out.raw("</h2><div class=\"card\">");
    let open: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| finding.severity > Severity::Info && !finding.remedy.is_empty())
        .collect();
    if open.is_empty() {
        out.raw("<p>").text(&catalog.plain("html-todo-none")).raw("</p>");
    } else {
        out.raw("<ol class=\"todo\">");
        for finding in open {
            out.raw("<li><span class=\"pre\">")
                .text(&finding.remedy)
                .raw("</span><span class=\"why\">");
            out.text(&headline(finding))
                .raw(" · ")
                .text(&owner_word(finding.owner, catalog))
                .raw("</span></li>");
        }
        out.raw("</ol>");
    }
    out.raw("</div></section>");
}

fn headline(finding: &Finding) -> String {
    match subject_beside_title(finding) {
        Some(subject) => format!("{} · {subject}", finding.title),
        None => finding.title.clone(),
    }
}

fn certificates(out: &mut Markup, report: &Report, catalog: &Catalog) {
    let bars = timeline::bars(&report.data);
    let now = DateTime::parse_from_rfc3339(&report.as_of).map(|now| now.to_utc());
    if let (false, Ok(now)) = (bars.is_empty(), now) {
        out.raw("<section aria-labelledby=\"certificates\"><h2 id=\"certificates\">");
        out.text(&catalog.plain("html-certificates"))
            .raw("</h2><div class=\"card scroll\">");
        timeline::draw(out, &bars, now, catalog);
        out.raw("</div></section>");
    }
}

fn findings(out: &mut Markup, report: &Report, catalog: &Catalog) {
    let (passed, open): (Vec<&Finding>, Vec<&Finding>) = report
        .findings
        .iter()
        .partition(|finding| finding.severity == Severity::Ok);
    if !open.is_empty() {
        out.raw("<section aria-labelledby=\"findings\"><h2 id=\"findings\">");
        out.text(&catalog.plain("render-findings")).raw("</h2>");
        for item in open {
            finding(out, item, catalog);
        }
        out.raw("</section>");
    }
    if !passed.is_empty() {
        out.raw("<section aria-labelledby=\"passed\"><h2 id=\"passed\">")
            .text(&catalog.plain("render-passed"));
        out.raw("</h2><div class=\"card\"><ul class=\"passed\">");
        for item in passed {
            out.raw("<li>").text(&headline(item)).raw("</li>");
        }
        out.raw("</ul></div></section>");
    }
}

fn finding(out: &mut Markup, finding: &Finding, catalog: &Catalog) {
    let severity = finding.severity;
    out.raw("<article class=\"card finding ")
        .raw(severity.as_str())
        .raw("\"><h3>");
    out.text(&headline(finding))
        .raw("</h3><span class=\"pill\">")
        .raw(sign(severity))
        .raw(" ");
    out.text(&severity_word(severity, catalog)).raw("</span>");
    if !finding.detail.is_empty() {
        out.raw("<p class=\"pre\">").text(&finding.detail).raw("</p>");
    }
    if !finding.remedy.is_empty() {
        out.raw("<div class=\"remedy pre\"><strong>")
            .text(&catalog.plain("render-remedy"))
            .raw("</strong>");
        out.text(&finding.remedy).raw("</div>");
    }
    out.raw("<p class=\"meta\"><code>")
        .text(&finding.check)
        .raw("</code> · ");
    out.text(&owner_word(finding.owner, catalog));
    if let Some(url) = &finding.reference {
        // Nothing but the web: `javascript:` and `data:` would be run.
        if url.starts_with("https://") || url.starts_with("http://") {
            out.raw(" · <a rel=\"noreferrer\" href=\"")
                .text(url)
                .raw("\">")
                .text(url)
                .raw("</a>");
        } else {
            out.raw(" · ").text(url);
        }
    }
    out.raw("</p></article>");
}

fn facts(out: &mut Markup, data: &Map<String, Value>, catalog: &Catalog) {
    let Some(facts) = data.get("facts").and_then(|facts| Facts::deserialize(facts).ok()) else {
        return;
    };
    let frame = facts.time_frame.map(|frame| {
        let message = Message::new("sr-time-frame")
            .arg("first", crate::report::rfc3339(frame.first))
            .arg("last", crate::report::rfc3339(frame.last));
        catalog.text(&message)
    });
    let errors: Vec<String> = facts
        .error_codes
        .iter()
        .map(|fact| match &fact.text {
            Some(text) => format!("{} – {text}", fact.value),
            None => fact.value.clone(),
        })
        .collect();
    let rows: [(&str, Vec<String>); 11] = [
        ("provider", facts.provider.into_iter().collect()),
        ("customer-org", values(&facts.customer_orgs)),
        ("partner-org", values(&facts.partner_orgs)),
        ("user", values(&facts.user_emails)),
        ("broadworks-id", values(&facts.broadworks_user_ids)),
        ("webex-id", values(&facts.user_ids)),
        ("time-frame", frame.into_iter().collect()),
        ("tracking-id", values(&facts.tracking_ids)),
        ("client-version", values(&facts.client_versions)),
        ("broadworks-release", values(&facts.broadworks_releases)),
        ("error", errors),
    ];
    if rows.iter().all(|(_, values)| values.is_empty()) {
        return;
    }
    out.raw("<section aria-labelledby=\"facts\"><h2 id=\"facts\">")
        .text(&catalog.plain("html-facts"));
    out.raw("</h2><div class=\"card\"><dl>");
    for (field, values) in rows.into_iter().filter(|(_, values)| !values.is_empty()) {
        let label = match field {
            "tracking-id" => catalog.text(&Message::new("sr-heading").arg("section", "ids")),
            "error" => catalog.text(&Message::new("sr-heading").arg("section", "errors")),
            field => catalog.text(&Message::new("sr-field").arg("field", field)),
        };
        out.raw("<dt>").text(&label).raw("</dt><dd>");
        for value in values.iter().take(MAX_VALUES) {
            out.raw("<span class=\"value\">").text(value).raw("</span>");
        }
        if let Some(more) = values.len().checked_sub(MAX_VALUES).filter(|more| *more > 0) {
            out.raw("<span>")
                .text(&catalog.text(&Message::new("sr-more").arg("count", more)))
                .raw("</span>");
        }
        out.raw("</dd>");
    }
    out.raw("</dl></div></section>");
}

fn values(facts: &[Fact]) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    for fact in facts {
        let value = match &fact.label {
            Some(label) => format!("{} ({label})", fact.value),
            None => fact.value.clone(),
        };
        if !distinct.contains(&value) {
            distinct.push(value);
        }
    }
    distinct
}

fn attachments(out: &mut Markup, files: &[Attachment], catalog: &Catalog) {
    if files.is_empty() {
        return;
    }
    out.raw("<section aria-labelledby=\"files\"><h2 id=\"files\">")
        .text(&catalog.plain("html-files"));
    out.raw("</h2><div class=\"card scroll\"><table><caption>")
        .text(&catalog.plain("html-files-caption"));
    out.raw("</caption><thead><tr><th scope=\"col\">")
        .text(&catalog.plain("html-file"));
    out.raw("</th><th scope=\"col\">")
        .text(&catalog.plain("html-what"))
        .raw("</th></tr></thead><tbody>");
    for file in files {
        out.raw("<tr><td><code>")
            .text(&file.path)
            .raw("</code></td><td>")
            .text(&file.what)
            .raw("</td></tr>");
    }
    out.raw("</tbody></table></div></section>");
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use serde_json::json;
    use sha2::Digest as _;

    use super::page;
    use crate::i18n::{Catalog, Lang};
    use crate::render::tests::report;
    use crate::service_request::Attachment;

    fn certificates() -> serde_json::Value {
        let certificate = |name: &str, from: &str, until: &str| json!({"subject": format!("CN={name},O=Example"), "not_before": from, "not_after": until});
        json!({"targets": [{"target": "xsp1.example.net:443", "chain": [
                certificate("xsp1.example.net", "2025-12-01T00:00:00Z", "2026-11-30T00:00:00Z"),
                certificate("Example Issuing CA", "2024-01-01T00:00:00Z", "2031-01-01T00:00:00Z")]}],
            "trust": [{"path": "CombinedCertChain.txt", "chain": [
                certificate("Internal Private Root", "2021-01-01T00:00:00Z", "2026-10-01T00:00:00Z")]}]})
    }

    /// The page of the sample report in one language; also what is looked at in a browser.
    fn sample(lang: Lang) -> String {
        let mut report = report();
        report.data.insert("certs".to_owned(), certificates());
        report.data.insert(
            "facts".to_owned(),
            json!({"provider": "Example Telecom",
                "customer_orgs": [{"value": "1a230000-1111-4222-8333-4444aaaa0001", "source": "a.txt:1"}],
                "tracking_ids": [{"value": "ATLAS_00000000-0000-4000-8000-000000000001_13", "source": "a.txt:2"}],
                "broadworks_releases": [{"value": "Rel_25.0_1.1122", "label": "as", "source": "config"}]}),
        );
        let files = [Attachment {
            path: "logs/client.log".to_owned(),
            what: "Log".to_owned(),
        }];
        page(&report, &Catalog::new(lang), &files)
    }

    #[test]
    fn every_language_has_the_same_parts() {
        for lang in Lang::ALL {
            let page = sample(lang);
            if let Some(directory) = std::env::var_os("W4B_DIAG_PAGES") {
                let path = std::path::Path::new(&directory).join(format!("{lang}.html"));
                std::fs::write(path, &page).expect("writable");
            }
            for id in ["todo", "certificates", "findings", "passed", "facts", "files"] {
                assert!(page.contains(&format!("<h2 id=\"{id}\">")), "{lang}: {id}");
            }
            assert!(page.contains(&format!("<html lang=\"{lang}\">")));
            assert!(
                !page.contains("html-") && !page.contains("sr-"),
                "{lang}: a key without a sentence"
            );
        }
    }

    #[test]
    fn foreign_text_cannot_become_markup() {
        const HOSTILE: &str =
            "</script></style><img src=x onerror=alert(1)>\"'><script>alert(2)</script>\u{202e}\u{1b}";
        let mut report = report();
        for finding in &mut report.findings {
            finding.subject = HOSTILE.to_owned();
            finding.title = HOSTILE.to_owned();
            finding.detail = HOSTILE.to_owned();
            finding.remedy = HOSTILE.to_owned();
            finding.check = HOSTILE.to_owned();
            finding.reference = Some("javascript:alert(3)".to_owned());
        }
        report.findings[0].reference = Some(format!("https://{HOSTILE}"));
        report.generated_at = HOSTILE.to_owned();
        let hostile = json!({"subject": format!("CN={HOSTILE}"), "not_before": "2025-12-01T00:00:00Z", "not_after": "2027-12-01T00:00:00Z"});
        let fact = json!([{"value": HOSTILE, "label": HOSTILE, "text": HOSTILE, "source": HOSTILE}]);
        let data = json!({"files": [{"path": HOSTILE, "chain": [hostile]}],
            "facts": {"provider": HOSTILE, "customer_orgs": fact, "error_codes": fact}});
        report.data = data.as_object().cloned().expect("an object");
        let files = [Attachment {
            path: HOSTILE.to_owned(),
            what: HOSTILE.to_owned(),
        }];
        let page = page(&report, &Catalog::new(Lang::Hr), &files);
        for bad in ["<script", "<img", "href=\"javascript:", "\u{202e}", "\u{1b}"] {
            assert!(!page.contains(bad), "{bad:?}");
        }
        assert_eq!(page.matches("</style>").count(), 1);
    }

    #[test]
    fn the_policy_allows_the_one_style_sheet_and_nothing_else() {
        let page = sample(Lang::En);
        assert!(page.contains("default-src 'none'"));
        let style = page
            .split_once("<style>")
            .and_then(|(_, rest)| rest.split_once("</style>"))
            .expect("a style sheet")
            .0;
        let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(style.as_bytes()));
        assert!(page.contains(&format!("style-src 'sha256-{hash}'")));
        assert!(!page.contains(" style=\"") && !page.contains("<script") && !page.contains("src="));
    }
}
