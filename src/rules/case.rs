//! What a service request needs, what contradicts itself, and the verdict before escalating.
//!
//! Two of the six facts are weaker than the others, because Cisco asks for them only under a condition: a tracking
//! ID *if the error shows one*, a client version *if a client shows the problem*. When they are missing that is
//! said (severity `info`) and listed, but it alone never keeps a case from being ready.

use chrono::{DateTime, Datelike, Duration, Utc};

use super::registry as checks;
use super::{Area, Check, Finding};
use crate::case::{Escalation, Fact, Facts};
use crate::i18n::Message;
use crate::report::{Owner, Severity, rfc3339};
use crate::scan::TimeFrame;

/// The subject of every finding about the facts of a case.
pub const SUBJECT: &str = "case";

/// Stable names of the facts, in the order in which TAC asks for them.
pub const FACTS: [&str; 6] = [
    "customer_org",
    "partner_org",
    "tracking_id",
    "user_email",
    "client_version",
    "time_frame",
];

/// Facts that are needed only under a condition; missing, they do not keep a case from being ready.
pub const CONDITIONAL: [&str; 2] = ["tracking_id", "client_version"];

/// A tracking ID this far outside the time frame still fits: clocks differ, and people remember roughly.
const SLACK: Duration = Duration::hours(1);

/// A time frame longer than this is no help for a search in logs. Our own choice.
const WIDE: Duration = Duration::days(7);

/// A beta is at most so many months ahead. Our own choice.
const BETA_MONTHS: i32 = 3;

/// At most so many values are named in a sentence.
const NAMED: usize = 5;

/// What the facts are judged with.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// The instant to judge as of.
    pub as_of: DateTime<Utc>,
}

/// One or more findings for each of the six facts.
pub fn judge(facts: &Facts, context: Context) -> Vec<Finding> {
    let mut findings = vec![customer_org(facts), partner_org(facts)];
    findings.push(tracking_id(facts));
    findings.push(user_email(facts));
    findings.push(client_version(facts, context));
    findings.push(time_frame(facts.time_frame, context));
    findings
}

fn customer_org(facts: &Facts) -> Finding {
    let check = &checks::CASE_CUSTOMER_ORG;
    let found = distinct(&facts.customer_orgs);
    match found.as_slice() {
        [] if facts.other_orgs.is_empty() => missing_fact(check, 0),
        [] => {
            let values = named(&distinct(&facts.other_orgs));
            missing_fact(check, 0).variant("role").arg("values", values)
        }
        [one] if !facts.set_aside_orgs.is_empty() => present(check, one)
            .severity(Severity::Info)
            .variant("ok-others")
            .arg("values", named(&distinct(&facts.set_aside_orgs))),
        [one] => present(check, one),
        many => several(check, many),
    }
}

fn partner_org(facts: &Facts) -> Finding {
    let check = &checks::CASE_PARTNER_ORG;
    let found = distinct(&facts.partner_orgs);
    match found.as_slice() {
        [] => missing_fact(check, 1),
        [one] => {
            let same = facts
                .customer_orgs
                .iter()
                .any(|customer| same_value(&customer.value, &one.value));
            if same {
                unclear(check, "same").arg("value", &one.value)
            } else {
                present(check, one)
            }
        }
        many => several(check, many),
    }
}

fn tracking_id(facts: &Facts) -> Finding {
    let check = &checks::CASE_TRACKING_ID;
    let found = distinct(&facts.tracking_ids);
    let Some(first) = found.first() else {
        return missing_fact(check, 2);
    };
    if let Some(frame) = facts.time_frame {
        let times: Vec<_> = found
            .iter()
            .filter_map(|fact| Some((*fact, fact_time(fact)?)))
            .collect();
        let fits = |at: &DateTime<Utc>| *at >= frame.first - SLACK && *at <= frame.last + SLACK;
        // Only when none fits: logs around a fault hold many tracking IDs of other moments.
        if let Some((fact, at)) = times.first()
            && times.len() == found.len()
            && !times.iter().any(|(_, at)| fits(at))
        {
            return unclear(check, "outside")
                .arg("value", &fact.value)
                .arg("at", rfc3339(*at))
                .arg("first", rfc3339(frame.first))
                .arg("last", rfc3339(frame.last));
        }
    }
    present(check, first).arg("count", found.len())
}

fn user_email(facts: &Facts) -> Finding {
    let check = &checks::CASE_USER_EMAIL;
    let found = distinct(&facts.user_emails);
    match found.as_slice() {
        [one] => present(check, one),
        [] => {
            if let Some(id) = facts.user_ids.first() {
                return present(check, id).variant("ok-id");
            }
            match distinct(&facts.broadworks_user_ids).as_slice() {
                [] => missing_fact(check, 3),
                ids => missing_fact(check, 3)
                    .variant("broadworks")
                    .arg("value", named(ids)),
            }
        }
        many => several(check, many),
    }
}

fn client_version(facts: &Facts, context: Context) -> Finding {
    let check = &checks::CASE_CLIENT_VERSION;
    let mut found = distinct(&facts.client_versions);
    // What a person read in the client outweighs what a log says of other clients.
    if found.iter().any(|fact| fact.is_said()) {
        found.retain(|fact| fact.is_said());
    }
    let Some(first) = found.first() else {
        return missing_fact(check, 4);
    };
    match found.iter().find(|fact| !plausible(&fact.value, context.as_of)) {
        Some(bad) => unclear(check, "implausible")
            .arg("value", &bad.value)
            .arg("source", &bad.source),
        None => present(check, first),
    }
}

/// Whether a version of the Webex App can exist: `YY.M.patch.build`, years counted from 1980 (40.x is of 2020,
/// 45.x of 2025).
/// Versions that do not look like `number.number` are other clients' and are not judged.
pub fn plausible(version: &str, as_of: DateTime<Utc>) -> bool {
    let digits = |part: &str| -> Option<i32> {
        (!part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok())?
    };
    let mut parts = version.trim().split('.');
    let (Some(year), Some(month)) = (parts.next().and_then(digits), parts.next().and_then(digits)) else {
        return true;
    };
    // The first version of this scheme was 39.x (2019); a beta carries the number of a month to come.
    let newest = as_of.year() * 12 + i32::try_from(as_of.month()).unwrap_or(12) + BETA_MONTHS;
    year >= 39 && (1..=12).contains(&month) && (1980 + year) * 12 + month <= newest
}

fn time_frame(frame: Option<TimeFrame>, context: Context) -> Finding {
    let check = &checks::CASE_TIME_FRAME;
    let Some(frame) = frame else {
        return missing_fact(check, 5);
    };
    let finding = if frame.last < frame.first {
        unclear(check, "reversed")
    } else if frame.first > context.as_of + SLACK {
        unclear(check, "future").arg("now", rfc3339(context.as_of))
    } else if frame.last - frame.first > WIDE {
        Finding::new(check, SUBJECT)
            .severity(Severity::Info)
            .variant("wide")
            .arg("days", (frame.last - frame.first).num_days())
    } else {
        Finding::ok(check, SUBJECT)
    };
    finding
        .arg("first", rfc3339(frame.first))
        .arg("last", rfc3339(frame.last))
        .data("first", rfc3339(frame.first))
        .data("last", rfc3339(frame.last))
}

/// The facts that are missing: stable names, in the order of [`FACTS`].
pub fn missing(findings: &[Finding]) -> Vec<&'static str> {
    FACTS
        .into_iter()
        .filter(|fact| {
            findings
                .iter()
                .any(|finding| finding.data.get("missing").and_then(|value| value.as_str()) == Some(fact))
        })
        .collect()
}

/// The verdict before escalating, in this order: what the provider must fix, what Webex is already fixing, what
/// TAC would ask for, else ready.
pub fn escalation(findings: &[Finding], missing: &[&str]) -> Escalation {
    if findings.iter().any(is_to_fix) {
        Escalation::FixFirst
    } else if findings
        .iter()
        .any(|finding| is_webex_incident(finding, findings))
    {
        Escalation::Wait
    } else if findings.iter().any(is_unclear) || missing.iter().any(|fact| !CONDITIONAL.contains(fact)) {
        Escalation::Incomplete
    } else {
        Escalation::Ready
    }
}

/// The findings that made the verdict, worst first, otherwise in their order.
pub fn reasons(escalation: Escalation, findings: &[Finding]) -> Vec<&Finding> {
    let mut reasons: Vec<&Finding> = findings
        .iter()
        .filter(|finding| match escalation {
            Escalation::FixFirst => is_to_fix(finding),
            Escalation::Wait => is_webex_incident(finding, findings),
            Escalation::Incomplete => is_unclear(finding) || is_missing_and_needed(finding),
            Escalation::Ready => false,
        })
        .collect();
    reasons.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    reasons
}

/// One line that says the verdict; its attribute `.next` is the next step.
pub fn sentence(escalation: Escalation, findings: &[Finding]) -> Message {
    let key = match escalation {
        Escalation::FixFirst => "case-escalation--fix-first",
        Escalation::Wait => "case-escalation--wait",
        Escalation::Incomplete => "case-escalation--incomplete",
        Escalation::Ready => "case-escalation--ready",
    };
    Message::new(key).arg("count", reasons(escalation, findings).len())
}

/// The name of a fact for people. How to find it is the `.remedy` of its finding.
pub fn label(fact: &str) -> Message {
    Message::new(format!("case-fact--{}", fact.replace('_', "-")))
}

/// Checks that warn of what is to come or of what could be better, and therefore explain no fault of today; as
/// long as they are warnings. Critical, they are fixed first like everything else.
const NOT_A_CAUSE: [&Check; 9] = [
    &checks::CERT_EXPIRES_SOON,
    &checks::TRUST_EXPIRES_SOON,
    &checks::TLS_LEGACY_PROTOCOL,
    &checks::CHAIN_UNRELATED,
    &checks::CERT_VALIDITY_PERIOD,
    &checks::CERT_WEAK_KEY,
    &checks::CERT_WEAK_SIGNATURE,
    &checks::BUNDLE_INCOMPLETE,
    &checks::BUNDLE_SECRET_LEFT,
];

/// Something on the provider's side that explains the fault or would block the case.
fn is_to_fix(finding: &Finding) -> bool {
    let weak = finding.severity == Severity::Warning && NOT_A_CAUSE.contains(&finding.check);
    // A known error that the customer must mend is no case for Cisco either.
    let is_ours = finding.owner == Owner::ServiceProvider
        || (finding.owner == Owner::Customer && finding.check.area == Area::Fault);
    // Behind the point of no return the next step is the customer's, and it is known.
    if finding.check.id == checks::ORDER_PAST_NO_RETURN.id {
        return true;
    }
    is_ours && finding.severity >= Severity::Warning && finding.check.area != Area::Case && !weak
}

/// An open incident or a component in trouble that the status rules found to fit (else it is only `info`).
fn is_webex_incident(finding: &Finding, all: &[Finding]) -> bool {
    finding.check.area == Area::Status
        && finding.owner == Owner::Webex
        && finding.severity >= Severity::Warning
        && !is_later(finding, all)
}

/// Whether it began (a component: changed) only after the fault: then it explains nothing.
fn is_later(finding: &Finding, all: &[Finding]) -> bool {
    let time = |finding: &Finding, name: &str| {
        let text = finding.data.get(name)?.as_str()?;
        Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc())
    };
    let frame = all
        .iter()
        .find(|finding| finding.check.id == checks::CASE_TIME_FRAME.id);
    let Some(ended) = frame.and_then(|frame| time(frame, "last")) else {
        return false;
    };
    let begun = if finding.check.id == checks::STATUS_COMPONENT.id {
        // The last change may be a mere detail of an older incident.
        let explained = |other: &Finding| {
            other.check.id == checks::STATUS_INCIDENT.id
                && other.severity >= Severity::Warning
                && !is_later(other, all)
        };
        if all.iter().any(explained) {
            return false;
        }
        time(finding, "updated_at")
    } else {
        time(finding, "started_at")
    };
    begun.is_some_and(|begun| begun > ended + SLACK)
}

/// A fact that is there but contradicts another one.
fn is_unclear(finding: &Finding) -> bool {
    finding.check.area == Area::Case && finding.data.contains_key("unclear")
}

fn is_missing_and_needed(finding: &Finding) -> bool {
    finding.check.area == Area::Case
        && finding
            .data
            .get("missing")
            .and_then(|value| value.as_str())
            .is_some_and(|fact| !CONDITIONAL.contains(&fact))
}

/// A finding that the fact at `index` of [`FACTS`] is missing.
fn missing_fact(check: &'static Check, index: usize) -> Finding {
    let fact = FACTS.get(index).copied().unwrap_or_default();
    let finding = Finding::new(check, SUBJECT).data("missing", fact);
    if CONDITIONAL.contains(&fact) {
        finding.severity(Severity::Info)
    } else {
        finding
    }
}

fn present(check: &'static Check, fact: &Fact) -> Finding {
    Finding::ok(check, SUBJECT)
        .arg("value", &fact.value)
        .arg("source", &fact.source)
        .data("value", fact.value.as_str())
        .data("source", fact.source.as_str())
}

fn unclear(check: &'static Check, variant: &str) -> Finding {
    Finding::new(check, SUBJECT)
        .severity(Severity::Warning)
        .variant(variant)
        .data("unclear", variant)
}

fn several(check: &'static Check, facts: &[&Fact]) -> Finding {
    let values: Vec<&str> = facts.iter().map(|fact| fact.value.as_str()).collect();
    unclear(check, "several")
        .arg("count", facts.len())
        .arg("values", named(facts))
        .data("values", values)
}

/// The facts with different values, in order; case does not make a difference.
fn distinct(facts: &[Fact]) -> Vec<&Fact> {
    let mut seen = std::collections::HashSet::new();
    facts
        .iter()
        .filter(|fact| !fact.value.trim().is_empty())
        .filter(|fact| seen.insert(fact.value.trim().to_lowercase()))
        .collect()
}

fn same_value(one: &str, other: &str) -> bool {
    one.trim().eq_ignore_ascii_case(other.trim())
}

/// The first values with their places: `a (config), b (error.txt:3), …`.
fn named(facts: &[&Fact]) -> String {
    let mut text = facts
        .iter()
        .take(NAMED)
        .map(|fact| format!("{} ({})", fact.value, fact.source))
        .collect::<Vec<_>>()
        .join(", ");
    if facts.len() > NAMED {
        text.push_str(", …");
    }
    text
}

/// When a tracking ID is from: the time of its line, else the milliseconds in a meetings ID (`hex_millis`).
fn fact_time(fact: &Fact) -> Option<DateTime<Utc>> {
    if let Some(at) = fact
        .at
        .as_deref()
        .and_then(|at| DateTime::parse_from_rfc3339(at).ok())
    {
        return Some(at.to_utc());
    }
    let (hex, millis) = fact.value.split_once('_')?;
    let is_meetings_id = hex.len() == 32
        && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
        && millis.len() == 13
        && millis.bytes().all(|byte| byte.is_ascii_digit());
    is_meetings_id
        .then(|| millis.parse().ok().and_then(DateTime::from_timestamp_millis))
        .flatten()
}

#[cfg(test)]
#[path = "case_tests.rs"]
mod tests;
