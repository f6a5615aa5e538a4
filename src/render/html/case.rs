//! The facts of the case, each with a button that copies it.

use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::markup::Markup;
use crate::case::{Fact, Facts};
use crate::i18n::{Catalog, Message};

/// A value, and what it is called where it was found.
type Labelled = (String, Option<String>);

/// Values of one fact that are shown.
const MAX_VALUES: usize = 20;

pub(super) fn draw(out: &mut Markup, data: &Map<String, Value>, catalog: &Catalog) {
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
        .filter(|fact| !crate::service_request::went_well(fact))
        .map(|fact| match &fact.text {
            Some(text) => format!("{} – {text}", fact.value),
            None => fact.value.clone(),
        })
        .collect();
    let plain = |values: Vec<String>| values.into_iter().map(|value| (value, None)).collect();
    let rows: [(&str, Vec<Labelled>); 11] = [
        ("provider", plain(facts.provider.iter().cloned().collect())),
        ("customer-org", values(&facts.customer_orgs)),
        ("partner-org", values(&facts.partner_orgs)),
        ("user", values(&facts.user_emails)),
        ("broadworks-id", values(&facts.broadworks_user_ids)),
        ("webex-id", values(&facts.user_ids)),
        ("time-frame", plain(frame.into_iter().collect())),
        ("tracking-id", values(&facts.tracking_ids)),
        ("client-version", values(&facts.client_versions)),
        ("broadworks-release", values(&facts.broadworks_releases)),
        ("error", plain(errors)),
    ];
    if rows.iter().all(|(_, values)| values.is_empty()) {
        return;
    }
    out.raw("<section aria-labelledby=\"facts\"><h2 id=\"facts\">")
        .text(&catalog.plain("html-facts"));
    out.raw("</h2><div class=\"card\" id=\"case\"><dl>");
    for (field, values) in rows.into_iter().filter(|(_, values)| !values.is_empty()) {
        let label = match field {
            "tracking-id" => catalog.text(&Message::new("sr-heading").arg("section", "ids")),
            "error" => catalog.text(&Message::new("sr-heading").arg("section", "errors")),
            field => catalog.text(&Message::new("sr-field").arg("field", field)),
        };
        out.raw("<dt>").text(&label).raw("</dt><dd>");
        let left_out = facts.left_out(list(field));
        for (value, label) in values.iter().take(MAX_VALUES) {
            out.raw("<span class=\"value\"><code>").text(value).raw("</code>");
            if let Some(label) = label {
                out.raw("<span class=\"soft\">").text(label).raw("</span>");
            }
            out.raw("<button type=\"button\" hidden aria-label=\"");
            let label = Message::new("html-copy-value").arg("value", value.as_str());
            out.text(&catalog.text(&label))
                .raw("\">")
                .text(&catalog.plain("html-copy"))
                .raw("</button></span>");
        }
        if let Some(more) = (values.len() + left_out)
            .checked_sub(MAX_VALUES)
            .filter(|more| *more > 0)
        {
            out.raw("<span>")
                .text(&catalog.text(&Message::new("sr-more").arg("count", more)))
                .raw("</span>");
        }
        out.raw("</dd>");
    }
    out.raw("</dl><p class=\"all\"><button type=\"button\" hidden>")
        .text(&catalog.plain("html-copy-all"))
        .raw("</button></p></div></section>");
}

/// The name of the list whose values a row shows.
fn list(field: &str) -> &'static str {
    match field {
        "customer-org" => "customer_orgs",
        "partner-org" => "partner_orgs",
        "user" => "user_emails",
        "broadworks-id" => "broadworks_user_ids",
        "webex-id" => "user_ids",
        "tracking-id" => "tracking_ids",
        "error" => "error_codes",
        _ => "",
    }
}

/// The distinct values, each with what it is called where it was found; only the value is copied.
fn values(facts: &[Fact]) -> Vec<Labelled> {
    let mut seen = std::collections::HashSet::new();
    let all = facts.iter().map(|fact| (fact.value.clone(), fact.label.clone()));
    all.filter(|value| seen.insert(value.clone())).collect()
}
