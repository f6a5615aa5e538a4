use chrono::{DateTime, TimeDelta, Utc};

use super::{Question, data, explains, judge, overlaps, shown_in};
use crate::i18n::{Catalog, Lang};
use crate::probe::http::{Cause, Problem};
use crate::probe::status::model::{
    Component, ComponentState, Incident, Indicator, Phase, StatusPage, Update,
};
use crate::probe::status::{Outcome, SCHEMA, StatusObservation};
use crate::report::{Severity, Verdict};
use crate::rules::Finding;
use crate::scan::TimeFrame;

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).expect("a time").to_utc()
}

const NOW: &str = "2026-03-10T12:00:00Z";

fn observed(page: StatusPage) -> StatusObservation {
    StatusObservation {
        schema: SCHEMA.to_owned(),
        source: "https://status.example.com/".to_owned(),
        fetched_at: at(NOW),
        clock_offset_seconds: Some(0),
        outcome: Outcome::Answered,
        page: Some(page),
        gaps: Vec::new(),
        answers: Vec::new(),
    }
}

fn question() -> Question {
    Question {
        components: vec!["Webex App".to_owned()],
        regions: Vec::new(),
        window: None,
        zone: None,
        as_of: at(NOW),
    }
}

fn frame(first: &str, last: &str) -> TimeFrame {
    TimeFrame {
        first: at(first),
        last: at(last),
    }
}

fn page() -> StatusPage {
    let component = |id: &str, name: &str, group: Option<&str>| Component {
        id: id.to_owned(),
        name: name.to_owned(),
        state: ComponentState::Operational,
        state_as_given: Some("operational".to_owned()),
        group: group.map(str::to_owned),
        ..Component::default()
    };
    StatusPage {
        indicator: Indicator::Green,
        components: Some(vec![
            component("1", "Webex App", None),
            component("2", "Sign-in", Some("1")),
            component("3", "Webex Calling", None),
        ]),
        incidents: Some(Vec::new()),
        maintenances: Some(Vec::new()),
        incidents_since: Some(DateTime::UNIX_EPOCH),
        maintenances_since: Some(DateTime::UNIX_EPOCH),
        ..StatusPage::default()
    }
}

fn incident(phase: Phase, start: &str, end: Option<&str>) -> Incident {
    Incident {
        id: "i".to_owned(),
        name: "Sample".to_owned(),
        phase,
        components: vec!["Sign-in".to_owned()],
        created_at: Some(at(start)),
        started_at: Some(at(start)),
        ended_at: end.map(at),
        updates: vec![Update::default()],
        ..Incident::default()
    }
}

fn of<'a>(findings: &'a [Finding], check: &str) -> Vec<&'a Finding> {
    findings
        .iter()
        .filter(|finding| finding.check.id == check)
        .collect()
}

fn severities(findings: &[Finding], check: &str) -> Vec<Severity> {
    of(findings, check)
        .iter()
        .map(|finding| finding.severity)
        .collect()
}

#[test]
fn an_incident_of_a_part_counts_for_its_group_and_the_other_way_round() {
    let mut page = page();
    page.incidents = Some(vec![incident(Phase::Open, "2026-03-10T11:00:00Z", None)]);
    let findings = judge(&observed(page.clone()), &question());
    assert_eq!(severities(&findings, "status.incident"), [Severity::Warning]);

    page.incidents.as_mut().expect("a list")[0].components = vec!["Webex App".to_owned()];
    let part = Question {
        components: vec![" sign-IN ".to_owned()],
        ..question()
    };
    let findings = judge(&observed(page.clone()), &part);
    assert_eq!(severities(&findings, "status.incident"), [Severity::Warning]);

    let other = Question {
        components: vec!["Webex Calling".to_owned()],
        ..question()
    };
    assert_eq!(
        severities(&judge(&observed(page), &other), "status.incident"),
        [Severity::Ok]
    );
}

#[test]
fn a_clock_that_is_behind_does_not_hide_an_open_incident() {
    let mut page = page();
    page.incidents = Some(vec![incident(Phase::Open, "2026-03-10T12:30:00Z", None)]);
    let findings = judge(&observed(page), &question());
    assert_eq!(severities(&findings, "status.incident"), [Severity::Warning]);
}

#[test]
fn in_retrospect_only_what_was_open_then_counts() {
    let mut page = page();
    page.incidents = Some(vec![
        incident(
            Phase::Closed,
            "2026-03-09T08:00:00Z",
            Some("2026-03-09T10:00:00Z"),
        ),
        incident(Phase::Open, "2026-03-10T11:00:00Z", None),
    ]);
    let observation = observed(page);
    let then = |as_of: &str| {
        let question = Question {
            as_of: at(as_of),
            ..question()
        };
        severities(&judge(&observation, &question), "status.incident")
    };
    assert_eq!(then("2026-03-09T07:00:00Z"), [Severity::Ok]);
    assert_eq!(then("2026-03-09T09:00:00Z"), [Severity::Warning]);
    assert_eq!(then("2026-03-09T11:00:00Z"), [Severity::Ok]);
    assert_eq!(then(NOW), [Severity::Warning]);
}

#[test]
fn a_planned_maintenance_follows_its_plan() {
    let mut page = page();
    let mut planned = incident(
        Phase::Scheduled,
        "2026-03-10T11:00:00Z",
        Some("2026-03-10T13:00:00Z"),
    );
    planned.created_at = Some(at("2026-03-02T09:00:00Z"));
    page.maintenances = Some(vec![planned]);
    let observation = observed(page);
    let then = |as_of: DateTime<Utc>| {
        let question = Question { as_of, ..question() };
        severities(&judge(&observation, &question), "status.maintenance")
    };
    assert_eq!(then(at(NOW)), [Severity::Warning]);
    assert_eq!(then(at(NOW) - TimeDelta::hours(2)), [Severity::Info]);
    assert_eq!(then(at(NOW) - TimeDelta::hours(26)), [Severity::Ok]);
    assert_eq!(then(at(NOW) + TimeDelta::hours(2)), [Severity::Ok]);
}

#[test]
fn the_overlap_is_exact() {
    let window = frame("2026-03-09T08:00:00Z", "2026-03-09T08:30:00Z");
    let minutes = |start: &str, end: Option<&str>| {
        let phase = if end.is_some() { Phase::Closed } else { Phase::Open };
        overlaps(&incident(phase, start, end), window, at(NOW)).map(|overlap| overlap.minutes())
    };
    assert_eq!(
        minutes("2026-03-09T05:00:00Z", Some("2026-03-09T07:00:00Z")),
        None
    );
    assert_eq!(
        minutes("2026-03-09T05:00:00Z", Some("2026-03-09T07:59:59Z")),
        None
    );
    assert_eq!(
        minutes("2026-03-09T05:00:00Z", Some("2026-03-09T08:00:01Z")),
        Some(1)
    );
    assert_eq!(minutes("2026-03-09T08:29:00Z", None), Some(1));
    assert_eq!(minutes("2026-03-09T08:31:00Z", None), None);
    assert_eq!(minutes("2026-03-09T05:00:00Z", None), Some(30));
    assert_eq!(
        minutes("2026-03-09T08:10:00Z", Some("2026-03-09T08:12:30Z")),
        Some(3)
    );
}

#[test]
fn what_was_not_looked_at_is_not_denied() {
    let asked = Question {
        window: Some(frame("2026-03-01T08:00:00Z", "2026-03-01T08:30:00Z")),
        ..question()
    };
    let severity = |page: StatusPage| severities(&judge(&observed(page), &asked), "status.incident-at-time");
    assert_eq!(severity(page()), [Severity::Ok]);
    let short = StatusPage {
        incidents_since: Some(at("2026-03-05T00:00:00Z")),
        ..page()
    };
    assert_eq!(severity(short), [Severity::Unknown]);
    let silent = StatusPage {
        maintenances: None,
        maintenances_since: None,
        ..page()
    };
    assert_eq!(severity(silent), [Severity::Unknown]);
}

#[test]
fn regions_narrow_only_what_names_regions() {
    let mut page = page();
    let mut named = incident(Phase::Open, "2026-03-10T11:00:00Z", None);
    named.regions = vec!["N. America (West)".to_owned()];
    page.incidents = Some(vec![named, incident(Phase::Open, "2026-03-10T11:00:00Z", None)]);
    let observation = observed(page);
    let severities = |regions: &[&str]| {
        let question = Question {
            regions: regions.iter().map(|region| (*region).to_owned()).collect(),
            ..question()
        };
        severities(&judge(&observation, &question), "status.incident")
    };
    assert_eq!(severities(&[]), [Severity::Warning, Severity::Warning]);
    assert_eq!(severities(&["EMEA"]), [Severity::Info, Severity::Warning]);
    assert_eq!(
        severities(&["n. america"]),
        [Severity::Warning, Severity::Warning]
    );
}

#[test]
fn an_unreachable_page_is_unknown_and_nothing_else() {
    let mut observation = observed(page());
    observation.page = None;
    observation.outcome = Outcome::Unreachable(Problem::new(Cause::Dns, "no such name"));
    let asked = Question {
        window: Some(frame("2026-03-01T08:00:00Z", "2026-03-01T08:30:00Z")),
        ..question()
    };
    let findings = judge(&observation, &asked);
    assert_eq!(findings.len(), 1);
    assert_eq!(Verdict::of(&findings), Verdict::Unknown);
    assert!(!explains(&findings[0]));
    assert_eq!(data(&observation, &asked).cause.as_deref(), Some("dns"));
}

#[test]
fn every_cause_has_its_own_words_in_every_language() {
    // The variants of the selector; `internal` is what is left.
    let causes = [
        Cause::Dns,
        Cause::Refused,
        Cause::Unreachable,
        Cause::Proxy,
        Cause::ProxyAuth,
        Cause::TlsUntrusted,
        Cause::TlsDate,
        Cause::TlsName,
        Cause::Tls,
        Cause::Timeout,
        Cause::RedirectLoop,
        Cause::RedirectInsecure,
        Cause::TooLarge,
        Cause::Reset,
        Cause::NotHttp,
        Cause::HttpStatus,
        Cause::CaptivePortal,
        Cause::NotTheApi,
        Cause::Broken,
        Cause::File,
        Cause::Internal,
    ];
    for lang in Lang::ALL {
        let catalog = Catalog::new(lang);
        let mut seen = std::collections::HashSet::new();
        for cause in causes {
            let mut observation = observed(page());
            observation.outcome = Outcome::Unreachable(Problem::new(cause, "-"));
            let finding = judge(&observation, &question())[0].localize(&catalog);
            assert!(!finding.remedy.is_empty(), "{lang} {cause:?}");
            assert!(
                seen.insert(finding.detail.clone()),
                "{lang} {cause:?}: {}",
                finding.detail
            );
        }
    }
}

#[test]
fn a_clock_far_off_is_said() {
    let mut observation = observed(page());
    observation.clock_offset_seconds = Some(-7200);
    let findings = judge(&observation, &question());
    let reachable = of(&findings, "status.reachable")[0];
    assert_eq!(reachable.severity, Severity::Info);
    let text = reachable.localize(&Catalog::new(Lang::En));
    assert!(
        text.title.contains("7200 s") && text.detail.contains("ahead"),
        "{text:?}"
    );
}

#[test]
fn an_observation_survives_being_saved() {
    let observation = observed(page());
    let text = serde_json::to_string(&observation).expect("JSON");
    let again: StatusObservation = serde_json::from_str(&text).expect("an observation");
    assert_eq!(again, observation);
}

#[test]
fn a_clock_that_decides_is_said_and_one_that_does_not_is_not() {
    let judged = |offset: i64, start: &str, end: &str| {
        let mut page = page();
        page.incidents = Some(vec![incident(Phase::Closed, start, Some(end))]);
        let mut observation = observed(page);
        observation.clock_offset_seconds = Some(offset);
        let asked = Question {
            window: Some(frame("2026-03-09T08:00:00Z", "2026-03-09T08:10:00Z")),
            ..question()
        };
        severities(&judge(&observation, &asked), "status.incident-at-time")
    };
    let (before, over) = (
        ("2026-03-09T06:00:00Z", "2026-03-09T07:55:00Z"),
        "2026-03-09T08:05:00Z",
    );
    // This machine is ten minutes ahead: its 08:00 was 07:50 on the page's clock, when the incident was open.
    assert_eq!(judged(-600, before.0, before.1), [Severity::Unknown]);
    assert_eq!(judged(600, before.0, before.1), [Severity::Ok]);
    assert_eq!(judged(-60, before.0, before.1), [Severity::Ok]);
    assert_eq!(judged(-600, before.0, over), [Severity::Warning]);
}

#[test]
fn the_zone_of_the_fault_stands_beside_utc() {
    let zone = chrono::FixedOffset::east_opt(3600);
    assert_eq!(
        shown_in(at("2026-03-09T08:00:00Z"), zone),
        "2026-03-09 08:00 UTC (09:00 +01:00)"
    );
    assert_eq!(
        shown_in(at("2026-03-09T23:30:00Z"), zone),
        "2026-03-09 23:30 UTC (2026-03-10 00:30 +01:00)"
    );
    assert_eq!(
        shown_in(at("2026-03-09T08:00:00Z"), chrono::FixedOffset::east_opt(0)),
        "2026-03-09 08:00 UTC"
    );
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest() {
    let nearest = |name: &str| {
        let asked = Question {
            components: vec![name.to_owned()],
            ..question()
        };
        let findings = judge(&observed(page()), &asked);
        let finding = of(&findings, "status.component")[0];
        assert_eq!(finding.severity, Severity::Unknown);
        finding.data["nearest"].as_str().map(str::to_owned)
    };
    assert_eq!(nearest("Webex Caling").as_deref(), Some("Webex Calling"));
    assert_eq!(nearest("webex aps").as_deref(), Some("Webex App"));
    assert_eq!(nearest("Coffee machine"), None);
}
