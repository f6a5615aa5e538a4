use chrono::{DateTime, Utc};

use super::{Context, escalation, judge, label, missing, plausible, reasons, sentence};
use crate::case::{Escalation, Fact, Facts};
use crate::i18n::{Catalog, Lang};
use crate::report::{Owner, Severity};
use crate::rules::{Finding, registry};
use crate::scan::TimeFrame;

const CUSTOMER: &str = "0a1b2c3d-1111-4222-8333-444455556666";
const PARTNER: &str = "0a1b2c3d-9999-4888-8777-666655554444";

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn fact(value: &str) -> Fact {
    Fact {
        value: value.to_owned(),
        source: "error.txt:1".to_owned(),
        label: None,
        text: None,
        at: None,
    }
}

fn complete() -> Facts {
    Facts {
        customer_orgs: vec![fact(CUSTOMER)],
        partner_orgs: vec![fact(PARTNER)],
        tracking_ids: vec![fact("ATLAS_0a1b2c3d-0000-4000-8000-000000000001_7")],
        user_emails: vec![fact("ada@customer.example.com")],
        client_versions: vec![fact("46.10.0.33788")],
        time_frame: Some(TimeFrame {
            first: at("2026-11-20T09:00:00Z"),
            last: at("2026-11-20T09:30:00Z"),
        }),
        ..Facts::default()
    }
}

fn context() -> Context {
    Context {
        as_of: at("2026-11-22T00:00:00Z"),
    }
}

fn verdict(facts: &Facts) -> (Vec<Finding>, Vec<&'static str>, Escalation) {
    let findings = judge(facts, context());
    let missing = missing(&findings);
    let verdict = escalation(&findings, &missing);
    (findings, missing, verdict)
}

fn key<'a>(findings: &'a [Finding], check: &str) -> &'a str {
    &findings
        .iter()
        .find(|finding| finding.check.id == check)
        .unwrap()
        .message
        .key
}

#[test]
fn a_complete_case_is_ready() {
    let (findings, missing, verdict) = verdict(&complete());
    assert!(findings.iter().all(|finding| finding.severity == Severity::Ok));
    assert!(missing.is_empty());
    assert_eq!(verdict, Escalation::Ready);
}

#[test]
fn an_empty_case_misses_all_six() {
    let (findings, missing, verdict) = verdict(&Facts::default());
    assert_eq!(missing, super::FACTS);
    assert_eq!(verdict, Escalation::Incomplete);
    // Tracking ID and client version are not among the reasons: they are needed only under a condition.
    assert_eq!(reasons(verdict, &findings).len(), 4);
}

#[test]
fn without_tracking_id_and_client_version_it_is_still_ready_but_they_are_listed() {
    let facts = Facts {
        tracking_ids: Vec::new(),
        client_versions: Vec::new(),
        ..complete()
    };
    let (findings, missing, verdict) = verdict(&facts);
    assert_eq!(missing, ["tracking_id", "client_version"]);
    assert_eq!(verdict, Escalation::Ready);
    assert!(findings.iter().all(|finding| finding.severity <= Severity::Info));
}

#[test]
fn contradictions_are_pointed_out_and_block() {
    let facts = Facts {
        customer_orgs: vec![fact(CUSTOMER), fact(PARTNER)],
        partner_orgs: vec![fact("0A1B2C3D-9999-4888-8777-666655554444")],
        tracking_ids: vec![fact("4A78EB66D02E4C78B9955AA504ECFC3D_1572666592909")],
        user_emails: vec![
            fact("a@example.com"),
            fact("A@example.com"),
            fact("b@example.com"),
        ],
        client_versions: vec![fact("44.14.0.1")],
        ..complete()
    };
    let (findings, missing, verdict) = verdict(&facts);
    assert_eq!(key(&findings, "case.customer-org"), "case-customer-org--several");
    assert_eq!(key(&findings, "case.partner-org"), "case-partner-org--same");
    assert_eq!(key(&findings, "case.tracking-id"), "case-tracking-id--outside");
    assert_eq!(key(&findings, "case.user-email"), "case-user-email--several");
    assert_eq!(
        key(&findings, "case.client-version"),
        "case-client-version--implausible"
    );
    assert!(missing.is_empty());
    assert_eq!(verdict, Escalation::Incomplete);
    assert_eq!(reasons(verdict, &findings).len(), 5);
}

#[test]
fn one_tracking_id_that_fits_is_enough() {
    let mut facts = complete();
    facts.tracking_ids[0].at = Some("2026-10-01T00:00:00Z".to_owned());
    assert_eq!(verdict(&facts).2, Escalation::Incomplete);
    let mut second = fact("ROUTER_0a1b2c3d-0000-4000-8000-000000000002");
    second.at = Some("2026-11-20T10:20:00+01:00".to_owned());
    facts.tracking_ids.push(second);
    assert_eq!(verdict(&facts).2, Escalation::Ready);
}

#[test]
fn time_frames_that_cannot_be() {
    for (first, last, expected) in [
        (
            "2026-11-20T09:00:00Z",
            "2026-11-20T08:00:00Z",
            "case-time-frame--reversed",
        ),
        (
            "2027-01-01T00:00:00Z",
            "2027-01-01T01:00:00Z",
            "case-time-frame--future",
        ),
        (
            "2026-11-01T00:00:00Z",
            "2026-11-20T01:00:00Z",
            "case-time-frame--wide",
        ),
    ] {
        let facts = Facts {
            tracking_ids: Vec::new(),
            time_frame: Some(TimeFrame {
                first: at(first),
                last: at(last),
            }),
            ..complete()
        };
        assert_eq!(key(&judge(&facts, context()), "case.time-frame"), expected);
    }
}

#[test]
fn an_id_of_unknown_role_and_a_broadworks_id_are_not_enough() {
    let facts = Facts {
        customer_orgs: Vec::new(),
        other_orgs: vec![fact(CUSTOMER)],
        user_emails: Vec::new(),
        broadworks_user_ids: vec![fact("2065550100@sp.example.net")],
        ..complete()
    };
    let (findings, missing, _) = verdict(&facts);
    assert_eq!(missing, ["customer_org", "user_email"]);
    assert_eq!(key(&findings, "case.customer-org"), "case-customer-org--role");
    assert_eq!(key(&findings, "case.user-email"), "case-user-email--broadworks");
    let by_id = Facts {
        user_ids: vec![fact("0a1b2c3d-0000-4000-8000-00000000000f")],
        ..facts
    };
    assert_eq!(verdict(&by_id).1, ["customer_org"]);
}

#[test]
fn versions_of_the_webex_app() {
    let now = at("2026-11-22T00:00:00Z");
    for good in [
        "44.3.0.28993",
        "45.12.0.33788",
        "44.10",
        "40.5.0.210",
        "46.11",
        "libwx2",
        "2",
    ] {
        assert!(plausible(good, now), "{good}");
    }
    for bad in ["44.0.1", "44.13", "2.44", "99.1.0.1", "99999999999.1"] {
        assert!(!plausible(bad, now) || bad.starts_with("99999999999"), "{bad}");
    }
}

#[test]
fn fix_first_beats_wait_beats_incomplete() {
    let mut findings = judge(&Facts::default(), context());
    let gone = missing(&findings);
    findings.push(Finding::new(&registry::STATUS_INCIDENT, "Webex App"));
    assert_eq!(escalation(&findings, &gone), Escalation::Wait);
    // A certificate that expires some time does not explain a fault of today; one that has expired does.
    findings.push(Finding::new(&registry::CERT_EXPIRES_SOON, "xsp1.example.net:443"));
    assert_eq!(escalation(&findings, &gone), Escalation::Wait);
    findings.push(Finding::new(&registry::CERT_EXPIRED, "xsp1.example.net:443"));
    assert_eq!(escalation(&findings, &gone), Escalation::FixFirst);
    let reasons = reasons(Escalation::FixFirst, &findings);
    assert_eq!(reasons.len(), 1);
    assert_eq!(reasons[0].check.id, "cert.expired");
}

#[test]
fn what_others_own_or_what_passed_is_not_ours_to_fix() {
    let mut findings = judge(&complete(), context());
    findings.push(Finding::ok(&registry::CERT_EXPIRED, "xsp1.example.net:443"));
    findings.push(Finding::unknown(
        &registry::MTLS_ACCEPTED_CAS_UNKNOWN,
        "xsp1.example.net:8012",
    ));
    findings.push(Finding::new(&registry::USER_ERROR, "u1").owner(Owner::Webex));
    findings.push(Finding::new(&registry::STATUS_MAINTENANCE, "Webex App"));
    assert_eq!(escalation(&findings, &[]), Escalation::Ready);
}

#[test]
fn every_sentence_is_there_in_every_language() {
    let findings = judge(&Facts::default(), context());
    for lang in Lang::ALL {
        let catalog = Catalog::new(lang);
        for fact in super::FACTS {
            assert!(catalog.has(&label(fact).key), "{fact}");
        }
        for verdict in [
            Escalation::FixFirst,
            Escalation::Wait,
            Escalation::Incomplete,
            Escalation::Ready,
        ] {
            let message = sentence(verdict, &findings);
            assert!(catalog.attribute(&message, "next").is_some());
        }
        for finding in &findings {
            let finding = finding.localize(&catalog);
            assert!(
                !finding.detail.is_empty() && !finding.remedy.is_empty(),
                "{lang} {}",
                finding.check
            );
        }
    }
}
