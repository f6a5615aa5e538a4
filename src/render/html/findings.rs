//! The findings with filters that need no script: radio buttons, and rules of the style sheet that look at them.

use super::headline;
use super::markup::Markup;
use crate::i18n::Catalog;
use crate::render::{owner_word, severity_word, sign};
use crate::report::{Finding, Owner, Report, Severity};

const SEVERITIES: [Severity; 5] = [
    Severity::Critical,
    Severity::Warning,
    Severity::Unknown,
    Severity::Info,
    Severity::Ok,
];

const OWNERS: [Owner; 4] = [
    Owner::ServiceProvider,
    Owner::Webex,
    Owner::Customer,
    Owner::Unknown,
];

/// The name of an owner in ids and classes.
const fn class(owner: Owner) -> &'static str {
    match owner {
        Owner::ServiceProvider => "provider",
        Owner::Webex => "webex",
        Owner::Customer => "customer",
        Owner::Unknown => "unknown",
    }
}

pub(super) fn draw(out: &mut Markup, report: &Report, catalog: &Catalog) {
    if report.findings.is_empty() {
        return;
    }
    let (passed, open): (Vec<&Finding>, Vec<&Finding>) = report
        .findings
        .iter()
        .partition(|finding| finding.severity == Severity::Ok);
    out.raw("<section class=\"filtered\" aria-labelledby=\"findings\"><h2 id=\"findings\">")
        .text(&catalog.plain("render-findings"))
        .raw("</h2>");
    filters(out, report, catalog);
    if !open.is_empty() {
        out.raw("<div class=\"open\">");
        for item in open {
            finding(out, item, catalog);
        }
        out.raw("</div>");
    }
    if !passed.is_empty() {
        out.raw("<div class=\"passing card\"><h3 id=\"passed\">")
            .text(&catalog.plain("render-passed"))
            .raw("</h3><ul class=\"passed\">");
        for item in passed {
            out.raw("<li class=\"item ok o-")
                .raw(class(item.owner))
                .raw("\">")
                .prose(&headline(item))
                .raw("</li>");
        }
        out.raw("</ul></div>");
    }
    out.raw("</section>");
}

/// Two groups of radio buttons, each with what occurs; nothing where there is nothing to choose.
fn filters(out: &mut Markup, report: &Report, catalog: &Catalog) {
    let count =
        |wanted: &dyn Fn(&Finding) -> bool| report.findings.iter().filter(|finding| wanted(finding)).count();
    out.raw("<div class=\"filters\"><fieldset><legend>")
        .text(&catalog.plain("html-filter-severity"))
        .raw("</legend>");
    choice(
        out,
        ("severity", "s", "all"),
        &catalog.plain("html-filter-all"),
        None,
    );
    for severity in SEVERITIES {
        let found = count(&|finding| finding.severity == severity);
        if found > 0 {
            let name = ("severity", "s", severity.as_str());
            choice(out, name, &severity_word(severity, catalog), Some(found));
        }
    }
    out.raw("</fieldset><fieldset><legend>")
        .text(&catalog.plain("html-filter-owner"))
        .raw("</legend>");
    choice(
        out,
        ("owner", "o", "all"),
        &catalog.plain("html-filter-all"),
        None,
    );
    for owner in OWNERS {
        let found = count(&|finding| finding.owner == owner);
        if found > 0 {
            let name = ("owner", "o", class(owner));
            choice(out, name, &owner_word(owner, catalog), Some(found));
        }
    }
    out.raw("</fieldset></div>");
    // Shown by the style sheet when the two filters leave nothing.
    for severity in SEVERITIES {
        for owner in OWNERS {
            if count(&|finding| finding.severity == severity && finding.owner == owner) == 0 {
                out.raw("<p class=\"none ")
                    .raw(severity.as_str())
                    .raw("-")
                    .raw(class(owner))
                    .raw("\">")
                    .text(&catalog.plain("html-filter-none"))
                    .raw("</p>");
            }
        }
    }
}

/// One radio button: the group, the prefix of its id, and its value; the first of a group is chosen.
fn choice(
    out: &mut Markup,
    (group, prefix, value): (&'static str, &'static str, &'static str),
    label: &str,
    count: Option<usize>,
) {
    let id = |out: &mut Markup| {
        out.raw(prefix).raw("-").raw(value);
    };
    out.raw("<span class=\"choice\"><input type=\"radio\" autocomplete=\"off\" name=\"")
        .raw(group)
        .raw("\" id=\"");
    id(out);
    out.raw(if value == "all" { "\" checked" } else { "\"" })
        .raw("><label for=\"");
    id(out);
    out.raw("\">").text(label);
    if let Some(count) = count {
        out.raw(" ").text(&count.to_string());
    }
    out.raw("</label></span>");
}

fn finding(out: &mut Markup, finding: &Finding, catalog: &Catalog) {
    let severity = finding.severity;
    out.raw("<article class=\"card finding item ")
        .raw(severity.as_str())
        .raw(" o-")
        .raw(class(finding.owner))
        .raw("\"><div class=\"head\"><h3>");
    out.prose(&headline(finding))
        .raw("</h3><span class=\"pill\">")
        .raw(sign(severity))
        .raw(" ");
    out.text(&severity_word(severity, catalog)).raw("</span></div>");
    if !finding.detail.is_empty() {
        out.raw("<p class=\"pre\">").prose(&finding.detail).raw("</p>");
    }
    if !finding.remedy.is_empty() {
        out.raw("<div class=\"remedy pre\"><strong>")
            .text(&catalog.plain("render-remedy"))
            .raw("</strong>");
        out.prose(&finding.remedy).raw("</div>");
    }
    out.raw("<p class=\"meta soft\"><code>")
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
