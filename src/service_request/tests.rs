use super::{Attachment, Request, markdown, text};
use crate::case::{Fact, Facts};
use crate::i18n::{Catalog, Lang};
use crate::render::tests::report;
use crate::scan::TimeFrame;

fn fact(value: &str) -> Fact {
    Fact {
        value: value.to_owned(),
        source: "a.log:1".to_owned(),
        label: None,
        text: None,
        at: None,
    }
}

fn facts() -> Facts {
    let at = |text: &str| {
        chrono::DateTime::parse_from_rfc3339(text)
            .expect("valid")
            .to_utc()
    };
    Facts {
        provider: Some("Example Telecom".to_owned()),
        customer_orgs: vec![fact("1a230000-1111-4222-8333-4444aaaa0001")],
        partner_orgs: vec![fact("9a470000-2222-4333-8444-5555bbbb0002")],
        tracking_ids: vec![
            Fact {
                at: Some("2026-11-20T08:12:01Z".to_owned()),
                ..fact("ATLAS_00000000-0000-4000-8000-000000000001_13")
            },
            fact("CPAPI_00000000-0000-4000-8000-000000000002"),
        ],
        user_emails: vec![fact("maria.huber@customer.example.com")],
        broadworks_user_ids: vec![fact("4930123456@voip.example.net")],
        client_versions: vec![Fact {
            label: Some("Windows".to_owned()),
            ..fact("44.10.0.31388")
        }],
        broadworks_releases: vec![Fact {
            label: Some("as".to_owned()),
            ..fact("Rel_25.0_1.1122")
        }],
        error_codes: vec![Fact {
            text: Some("The BroadWorks UserID is already associated\nwith an existing user.".to_owned()),
            ..fact("10022")
        }],
        time_frame: Some(TimeFrame {
            first: at("2026-11-20T08:00:00Z"),
            last: at("2026-11-20T08:45:00Z"),
        }),
        ..Facts::default()
    }
}

fn files() -> Vec<Attachment> {
    vec![
        Attachment {
            path: "logs/client.log".to_owned(),
            what: "Log of the client".to_owned(),
        },
        Attachment {
            path: "status/index.json".to_owned(),
            what: "What the status page answered".to_owned(),
        },
    ]
}

#[test]
fn everything_that_tac_asks_for_is_in_the_text() {
    let report = report();
    let request = Request {
        report: &report,
        facts: &facts(),
        files: &files(),
    };
    insta::assert_snapshot!(text(request, &Catalog::new(Lang::En)));
}

#[test]
fn the_same_as_markdown() {
    let report = report();
    let request = Request {
        report: &report,
        facts: &facts(),
        files: &files(),
    };
    insta::assert_snapshot!(markdown(request, &Catalog::new(Lang::En)));
}

#[test]
fn the_note_in_every_language_has_the_same_facts() {
    for lang in Lang::ALL {
        let report = report();
        let request = Request {
            report: &report,
            facts: &facts(),
            files: &files(),
        };
        let note = text(request, &Catalog::new(lang));
        for needle in [
            "1a230000-1111-4222-8333-4444aaaa0001",
            "ATLAS_00000000-0000-4000-8000-000000000001_13",
            "maria.huber@customer.example.com",
            "44.10.0.31388 (Windows)",
            "10022",
            "logs/client.log",
        ] {
            assert!(note.contains(needle), "{lang}: {needle}\n{note}");
        }
        assert!(
            note.lines().all(|line| line.chars().count() <= 78),
            "{lang}:\n{note}"
        );
        assert!(!note.contains("sr-"), "{lang}: a key without a sentence\n{note}");
    }
}

#[test]
fn hostile_facts_cannot_forge_lines_or_reach_the_terminal() {
    let mut facts = facts();
    facts.error_codes[0].value = "1\nTitle: forged".to_owned();
    facts.error_codes[0].text = Some("\u{1b}[2Jx".repeat(1000));
    facts.tracking_ids = vec![fact("A\r\nB"); 100];
    let report = report();
    let request = Request {
        report: &report,
        facts: &facts,
        files: &[],
    };
    let text = text(request, &Catalog::new(Lang::En));
    assert!(!text.contains('\u{1b}'));
    assert!(!text.lines().any(|line| line.starts_with("Title: forged")));
    assert!(text.contains("and 80 more"));
    assert!(text.len() < 12_000, "{}", text.len());
}

#[test]
fn what_passed_is_one_line_a_check() {
    let mut report = report();
    let passed = report.findings[4].clone();
    for number in 2..9 {
        let mut finding = passed.clone();
        finding.subject = format!("xsp{number}.example.net:443");
        report.findings.push(finding);
    }
    let request = Request {
        report: &report,
        facts: &facts(),
        files: &files(),
    };
    let note = text(request, &Catalog::new(Lang::En));
    let line = "- The certificate names the host (8): xsp1.example.net:443,\n  xsp2.example.net:443, xsp3.example.net:443, xsp4.example.net:443 and 4 more\n";
    assert!(note.contains(line), "{note}");
}

#[test]
fn an_incident_is_told_once_and_what_was_left_out_is_no_fault() {
    let mut report = report();
    let mut at_time = report.findings[2].clone();
    assert_eq!(at_time.check, "status.incident");
    at_time.check = "status.incident-at-time".to_owned();
    at_time.title = "Incident when the fault happened".to_owned();
    report.findings.push(at_time);
    let mut left_out = report.findings[1].clone();
    left_out.check = "bundle.incomplete".to_owned();
    left_out.title = "Left out: logs/a.log".to_owned();
    left_out.detail = "logs/a.log: it may not be read".to_owned();
    report.findings.push(left_out);
    let request = Request {
        report: &report,
        facts: &facts(),
        files: &files(),
    };
    let note = text(request, &Catalog::new(Lang::En));
    assert!(note.contains("Incident when the fault happened"), "{note}");
    assert!(!note.contains("Open incident"), "{note}");
    let (before, after) = note.split_once("Could not be checked").expect("a section");
    assert!(!before.contains("logs/a.log"), "{note}");
    assert!(after.contains("- logs/a.log: it may not be read\n"), "{note}");
    assert!(!note.contains("Left out"), "{note}");
}

#[test]
fn servers_of_one_release_stand_in_one_line() {
    let report = report();
    let mut facts = facts();
    let mut xsp = facts.broadworks_releases[0].clone();
    xsp.label = Some("xsp".to_owned());
    facts.broadworks_releases.push(xsp);
    let request = Request {
        report: &report,
        facts: &facts,
        files: &files(),
    };
    let note = text(request, &Catalog::new(Lang::En));
    assert!(note.contains("Rel_25.0_1.1122 (as, xsp)\n"), "{note}");
}
