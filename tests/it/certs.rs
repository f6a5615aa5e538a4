//! Certificates in files, as of a fixed day, judged by the executable.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Home, Outcome};

/// The day as of which the test PKI is judged.
const DAY: &str = "2026-11-22T12:00:00Z";

fn pki(name: &str) -> String {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "pki", name]
        .iter()
        .collect();
    path.display().to_string()
}

fn certs(arguments: &[&str]) -> Outcome {
    let home = Home::new();
    let anchors = pki("public-root.pem");
    let mut all = vec!["certs", "--as-of", DAY, "--anchors", anchors.as_str()];
    all.extend(arguments);
    home.command(&all).run()
}

fn report(arguments: &[&str]) -> Value {
    let mut all = arguments.to_vec();
    all.extend(["--format", "json"]);
    let outcome = certs(&all);
    serde_json::from_slice(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome}"))
}

/// `check severity` of everything that is neither ok nor a note.
fn faults(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("findings");
    let mut faults: Vec<String> = findings
        .iter()
        .filter(|finding| finding["severity"] != "ok" && finding["severity"] != "info")
        .map(|finding| {
            format!(
                "{} {}",
                finding["check"].as_str().unwrap_or(""),
                finding["severity"].as_str().unwrap_or("")
            )
        })
        .collect();
    faults.sort();
    faults
}

#[test]
fn each_file_has_its_faults_and_no_others() {
    let cases: &[(&str, &[&str])] = &[
        ("complete.pem", &[]),
        ("with-root.pem", &[]),
        (
            "incomplete.pem",
            &["cert.not-publicly-trusted unknown", "chain.incomplete critical"],
        ),
        ("wrong-order.pem", &["chain.order warning"]),
        ("leaf-last.pem", &["chain.order warning"]),
        (
            "strays.pem",
            &["chain.unrelated warning", "chain.unrelated warning"],
        ),
        (
            "other-key.pem",
            &[
                "cert.not-publicly-trusted unknown",
                "chain.incomplete critical",
                "chain.unrelated warning",
            ],
        ),
        ("expired.pem", &["cert.expired critical"]),
        ("wrong-host.pem", &["cert.host-name critical"]),
        ("weak-key.pem", &["cert.weak-key critical"]),
        ("too-long.pem", &["cert.validity-period warning"]),
        ("client-only.pem", &["cert.key-usage critical"]),
        (
            "self-signed-one-year.pem",
            &["cert.host-name critical", "cert.self-signed critical"],
        ),
        ("private-chain.pem", &["cert.not-publicly-trusted critical"]),
    ];
    for (file, expected) in cases {
        let report = report(&[&pki(file), "--host", "xsp1.example.net"]);
        assert_eq!(faults(&report), *expected, "{file}");
    }
}

#[test]
fn the_facts_of_a_certificate() {
    let report = report(&[&pki("complete.pem"), "--host", "xsp1.example.net"]);
    let file = &report["data"]["files"][0];
    let leaf = &file["chain"][0];
    assert_eq!(leaf["subject"], "CN=xsp1.example.net");
    assert_eq!(leaf["issuer"], "CN=Example Issuing CA 1,O=Example Trust,C=NO");
    assert_eq!(leaf["not_after"], "2027-04-01T00:00:00Z");
    assert_eq!(leaf["days_left"], 129);
    assert_eq!(leaf["key"]["curve"], "P-256");
    assert_eq!(
        leaf["sans"],
        serde_json::json!(["xsp1.example.net", "localhost", "127.0.0.1", "::1"])
    );
    assert_eq!(file["verification"]["trusted"], true);
    assert_eq!(file["verification"]["conforming"], true);
    assert_eq!(file["verification"]["path"].as_array().map(Vec::len), Some(3));
}

#[test]
fn expired_is_not_untrusted() {
    let report = report(&[&pki("expired.pem"), "--host", "xsp1.example.net"]);
    let verification = &report["data"]["files"][0]["verification"];
    assert_eq!(verification["trusted"], false);
    assert_eq!(verification["issued_by_store"], true);
    assert_eq!(verification["reasons"][0]["check"], "cert.expired");
}

#[test]
fn the_time_of_judging_decides() {
    let home = Home::new();
    let (file, anchors) = (pki("complete.pem"), pki("public-root.pem"));
    for (day, code) in [
        ("2026-11-22T00:00:00Z", 0),
        ("2027-03-10T00:00:00Z", 1),
        ("2027-03-30T00:00:00Z", 2),
        ("2027-04-02T00:00:00Z", 2),
        ("2026-09-01T00:00:00Z", 2),
    ] {
        let arguments = [
            "certs",
            &file,
            "--anchors",
            &anchors,
            "--host",
            "localhost",
            "--as-of",
            day,
        ];
        let outcome = home.command(&arguments).run();
        assert_eq!(outcome.code, code, "{day}: {outcome}");
    }
}

#[test]
fn trust_files_and_their_halves() {
    let split = [pki("webex-2026-root.pem"), pki("webex-2026-sub.pem")];
    let both = pki("webex-both.txt");
    let cases: &[(&[&str], &[&str])] = &[
        (&[&split[0], &split[1]], &[]),
        (&[&split[0]], &["trust.intermediate-missing critical"]),
        (&[&split[1]], &["trust.root-missing critical"]),
        // The older generation ends on 2027-01-01, 40 days later.
        (&[&both], &[]),
        (&[&pki("webex-with-key.txt")], &["trust.private-key critical"]),
        (
            &[&pki("complete.pem")],
            &["trust.not-a-ca critical", "trust.root-missing critical"],
        ),
    ];
    for (files, expected) in cases {
        let arguments: Vec<&str> = files.iter().flat_map(|file| ["--trust", file]).collect();
        assert_eq!(faults(&report(&arguments)), *expected, "{files:?}");
    }
}

#[test]
fn the_chain_is_repaired() {
    let home = Home::new();
    let (file, anchors, issuing) = (
        pki("incomplete.pem"),
        pki("public-root.pem"),
        pki("issuing-ca.pem"),
    );
    let arguments = [
        "certs",
        &file,
        "--anchors",
        &anchors,
        "--intermediates",
        &issuing,
        "--as-of",
        DAY,
        "--write-chain",
        "chain.pem",
    ];
    let outcome = home.command(&arguments).run();
    assert!(
        outcome.stderr().contains("Chain with 2 certificates written"),
        "{outcome}"
    );
    assert_eq!(
        home.read("chain.pem"),
        std::fs::read(pki("complete.pem")).expect("there")
    );
}

#[test]
fn a_person_reads_what_is_wrong_and_what_to_do() {
    let home = Home::new();
    for name in ["self-signed-one-year.pem", "webex-both.txt"] {
        home.write(name, std::fs::read(pki(name)).expect("there"));
    }
    let arguments = [
        "certs",
        "self-signed-one-year.pem",
        "--trust",
        "webex-both.txt",
        "--as-of",
        "2026-12-10T00:00:00Z",
    ];
    insta::assert_snapshot!(home.command(&arguments).run());
}

#[test]
fn monitoring_never_goes_silent() {
    let home = Home::new();
    home.write("expired.pem", std::fs::read(pki("expired.pem")).expect("there"));
    let time = regex::Regex::new(r"(?m)^(w4b_last_\S*) \S+$").expect("valid");
    for format in ["nagios", "prometheus", "csv"] {
        let arguments = ["certs", "expired.pem", "--as-of", DAY, "--format", format];
        let text = home.command(&arguments).run().to_string();
        insta::assert_snapshot!(format!("expired-{format}"), time.replace_all(&text, "$1 [NOW]"));
    }
}

/// The line of a file is about its server certificate, wherever that stands.
#[test]
fn the_table_shows_the_leaf() {
    let outcome = certs(&[&pki("leaf-last.pem")]);
    let line = outcome.stdout();
    let line = line.lines().nth(1).unwrap_or_default().to_owned();
    assert!(
        line.contains("2027-04-01") && line.contains("Example Issuing CA 1"),
        "{line}"
    );
}

/// Six days: a warning at 33 % and critical at 10 %, said in hours; and once, although leaf and anchor are the same.
#[test]
fn short_lives_are_said_in_hours() {
    let home = Home::new();
    let mut params = rcgen::CertificateParams::new(vec!["xsp1.example.net".to_owned()]).expect("names");
    params.not_before = rcgen::date_time_ymd(2026, 11, 20);
    params.not_after = rcgen::date_time_ymd(2026, 11, 26);
    let key = rcgen::KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("a certificate");
    home.write("leaf.pem", certificate.pem());
    for (at, severity, words) in [
        (
            "2026-11-24T04:00:00Z",
            "warning",
            "Left: 44 h = 30 % of 144 h; warning from 47 h",
        ),
        ("2026-11-25T01:00:00Z", "warning", "Left: 23 h = 15 % of 144 h"),
        ("2026-11-25T12:00:00Z", "critical", "critical from 14 h (= 10 %)"),
    ] {
        let arguments = [
            "certs",
            "leaf.pem",
            "--anchors",
            "leaf.pem",
            "--as-of",
            at,
            "--format",
            "json",
        ];
        let report = home.command(&arguments).run().json();
        let findings = report["findings"].as_array().expect("findings");
        let found: Vec<&Value> = findings
            .iter()
            .filter(|finding| finding["check"] == "cert.expires-soon")
            .collect();
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(found[0]["severity"], severity);
        let detail = found[0]["detail"].as_str().unwrap_or_default();
        assert!(detail.contains(words), "{detail}");
    }
}

#[test]
fn nothing_to_check_is_an_error() {
    let home = Home::new();
    let outcome = home.command(&["certs"]).run();
    assert_eq!(outcome.code, 3, "{outcome}");
    assert!(outcome.stderr().contains("no target to check"), "{outcome}");
}
