use base64::Engine as _;
use serde_json::json;
use sha2::Digest as _;

use super::{File, page};
use crate::i18n::{Catalog, Lang};
use crate::render::tests::report;

fn certificates() -> serde_json::Value {
    let certificate = |name: &str, from: &str, until: &str| json!({"subject": format!("CN={name},O=Example"), "not_before": from, "not_after": until});
    json!({"targets": [{"target": "xsp1.example.net:443", "chain": [
            certificate("xsp1.example.net", "2025-12-01T00:00:00Z", "2026-11-30T00:00:00Z"),
            certificate("Example Issuing CA", "2024-01-01T00:00:00Z", "2031-01-01T00:00:00Z")]}],
        "trust": [{"path": "CombinedCertChain.txt", "chain": [
            certificate("Internal Private Root", "2021-01-01T00:00:00Z", "2026-10-01T00:00:00Z")]}]})
}

fn incidents() -> serde_json::Value {
    let incident = |number: &str, name: &str, start: &str, end: Option<&str>| {
        json!({"publication_id": number, "name": name, "relevant": true, "phase": "closed",
            "started_at": start, "ended_at": end})
    };
    json!({"incidents": [
        incident("PUB0000001", "Messages arrive late", "2026-11-20T06:40:00Z", Some("2026-11-20T07:00:00Z")),
        incident("PUB0000002", "Sign-in fails for some users", "2026-11-20T08:30:00Z", None)],
        "maintenances": []})
}

/// The finding that holds the time of the fault.
fn at_the_time() -> crate::report::Finding {
    let mut finding = report().findings[2].clone();
    finding.check = "status.incident-at-time".to_owned();
    finding.data = json!({"window_first": "2026-11-20T08:00:00Z", "window_last": "2026-11-20T08:45:00Z",
        "window_zone": "+01:00"})
    .as_object()
    .cloned()
    .expect("an object");
    finding
}

/// The page of the sample report in one language; also what is looked at in a browser.
fn sample(lang: Lang) -> String {
    let mut report = report();
    report.data.insert("certs".to_owned(), certificates());
    report.data.insert("status".to_owned(), incidents());
    report.findings.push(at_the_time());
    report.data.insert(
        "facts".to_owned(),
        json!({"provider": "Example Telecom",
            "customer_orgs": [{"value": "1a230000-1111-4222-8333-4444aaaa0001", "source": "a.txt:1"}],
            "tracking_ids": [{"value": "ATLAS_00000000-0000-4000-8000-000000000001_13", "source": "a.txt:2"}],
            "broadworks_releases": [{"value": "Rel_25.0_1.1122", "label": "as", "source": "config"}]}),
    );
    let files = [File {
        path: "logs/client.log".to_owned(),
        what: "Log".to_owned(),
        bytes: Some(12_345),
        later: false,
        masked: vec![("email".to_owned(), 3)],
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
        let headings = [
            ("h2", "todo"),
            ("h2", "timelines"),
            ("h3", "incidents"),
            ("h3", "certificates"),
            ("h2", "findings"),
            ("h3", "passed"),
            ("h2", "facts"),
            ("h2", "files"),
        ];
        let places: Vec<usize> = headings
            .iter()
            .map(|(level, id)| {
                let heading = format!("<{level} id=\"{id}\">");
                page.find(&heading).unwrap_or_else(|| panic!("{lang}: {id}"))
            })
            .collect();
        assert!(places.is_sorted(), "{lang}: {places:?}");
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
    let files = [File {
        path: HOSTILE.to_owned(),
        what: HOSTILE.to_owned(),
        bytes: None,
        later: false,
        masked: vec![(HOSTILE.to_owned(), 1)],
    }];
    let page = page(&report, &Catalog::new(Lang::Hr), &files);
    for bad in ["<img", "href=\"javascript:", "\u{202e}", "\u{1b}"] {
        assert!(!page.contains(bad), "{bad:?}");
    }
    for once in ["</style>", "<script", "</script"] {
        assert_eq!(page.matches(once).count(), 1, "{once}");
    }
}

#[test]
fn the_policy_allows_the_one_style_sheet_and_the_one_script() {
    let page = sample(Lang::En);
    assert!(page.contains("default-src 'none'"));
    for (tag, directive) in [("style", "style-src"), ("script", "script-src")] {
        let part = page
            .split_once(&format!("<{tag}>"))
            .and_then(|(_, rest)| rest.split_once(&format!("</{tag}>")))
            .expect(tag)
            .0;
        let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(part.as_bytes()));
        assert!(page.contains(&format!("{directive} 'sha256-{hash}'")), "{tag}");
    }
    assert!(!page.contains(" style=\"") && !page.contains("src=") && !page.contains(" onclick"));
}

#[test]
fn every_filter_has_its_rule_and_every_empty_pair_its_sentence() {
    let page = sample(Lang::En);
    for (prefix, values) in [
        ("s", ["critical", "warning", "unknown", "info", "ok"].as_slice()),
        ("o", ["provider", "webex", "customer", "unknown"].as_slice()),
    ] {
        for value in values {
            assert!(
                super::STYLE.contains(&format!("#{prefix}-{value}:checked")),
                "{value}"
            );
        }
    }
    // The sample has criticals of the provider, none of Webex.
    assert!(!page.contains("class=\"none critical-provider\""));
    assert!(page.contains("class=\"none critical-webex\""));
}

/// The relative luminance of a colour. [WCAG 2.2, relative luminance]
fn luminance(colour: &str) -> f64 {
    let digits = colour.trim_start_matches('#');
    let wide: String = if digits.len() == 3 {
        digits.chars().flat_map(|digit| [digit, digit]).collect()
    } else {
        digits.to_owned()
    };
    let channel = |start: usize| {
        let value = f64::from(u8::from_str_radix(&wide[start..start + 2], 16).expect("a colour")) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

#[test]
fn every_text_has_enough_contrast_in_light_dark_and_print() {
    // The minimum of WCAG 2.2, success criterion 1.4.3.
    const ENOUGH: f64 = 4.5;
    let palettes: Vec<&str> = super::STYLE
        .match_indices(":root{")
        .map(|(start, mark)| {
            let rest = &super::STYLE[start + mark.len()..];
            &rest[..rest.find('}').expect("an end")]
        })
        .collect();
    assert_eq!(palettes.len(), 3);
    for palette in palettes {
        let colour = |name: &str| {
            let key = format!("--{name}:");
            let start = palette.find(&key).unwrap_or_else(|| panic!("{name}")) + key.len();
            let rest = &palette[start..];
            luminance(rest[..rest.find(';').unwrap_or(rest.len())].trim())
        };
        let mut pairs = vec![
            ("ink".to_owned(), "bg".to_owned()),
            ("card".to_owned(), "ink".to_owned()),
        ];
        for text in ["ink", "soft", "accent"] {
            pairs.extend(["bg", "card"].map(|ground| (text.to_owned(), ground.to_owned())));
        }
        for tone in ["ok", "info", "unknown", "warning", "critical"] {
            let tinted = format!("{tone}-bg");
            pairs.push((tone.to_owned(), tinted.clone()));
            pairs.push((tone.to_owned(), "card".to_owned()));
            pairs.push(("ink".to_owned(), tinted));
        }
        for (text, ground) in pairs {
            let (one, other) = (colour(&text), colour(&ground));
            let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
            assert!(contrast >= ENOUGH, "{text} on {ground}: {contrast:.2}");
        }
    }
}
