//! What stands beside the chain: files on disk, earlier bundles, the other members of the farm. Saved observations stand
//! in for servers.

use serde_json::{Value, json};

use crate::farm::{Openssl, have};
use crate::support::Home;

pub(crate) fn pki(name: &str) -> String {
    format!("{}/tests/pki/{name}", env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn read(name: &str) -> Vec<u8> {
    std::fs::read(pki(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

pub(crate) fn text(name: &str) -> String {
    String::from_utf8(read(name)).expect("text").trim().to_owned()
}

/// The PEM blocks of a file, as base64 without line breaks.
fn blocks(name: &str) -> Vec<String> {
    let text = text(name);
    let blocks = text.split("-----BEGIN CERTIFICATE-----").skip(1);
    blocks
        .map(|block| {
            let body = block.split("-----END").next().expect("an end");
            body.split_whitespace().collect()
        })
        .collect()
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// A saved observation of a server.
pub(crate) fn observation(target: &str, host: &str, chain: &str) -> Value {
    let port: u16 = if target.starts_with("cti") { 8012 } else { 443 };
    json!({
        "target": target, "scheme": target.split(':').next(), "host": host, "address": "192.0.2.1", "port": port, "sni": host,
        "reachable": true, "reason": null, "reason_detail": null,
        "handshake": {
            "protocol": "TLSv1.2", "cipher": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "client_auth": {"requested": target.starts_with("cti"), "required": null, "acceptable_cas": []},
            "protocols_offered": [{"version": "TLSv1.2", "answer": "offered"}, {"version": "TLSv1.3", "answer": "offered"}]
        },
        "chain": blocks(chain), "ocsp_staple": null, "clock_offset_seconds": 0,
        "observed_at": "2026-11-22T12:00:00Z", "elapsed_ms": 5
    })
}

pub(crate) fn findings<'a>(report: &'a Value, check: &str) -> Vec<&'a Value> {
    let findings = report["findings"].as_array().expect("findings");
    findings
        .iter()
        .filter(|finding| finding["check"] == check)
        .collect()
}

pub(crate) fn report(home: &Home, arguments: &[&str]) -> Value {
    let mut all = vec!["certs", "--format", "json"];
    all.extend(arguments);
    home.command(&all).run().json()
}

#[test]
fn every_algorithm_is_verified_or_said_not_to_be() {
    let home = Home::new();
    let as_of = text("algorithms/as-of.txt");
    for (name, verified) in [
        ("p521-sha256", true),
        ("p521-sha512", true),
        ("ed25519", true),
        ("pss", true),
        ("ed448", false),
        ("p256-sha512", false),
    ] {
        let (file, root) = (
            pki(&format!("algorithms/{name}.pem")),
            pki(&format!("algorithms/{name}-root.pem")),
        );
        let run = |file: &str, root: &str| {
            report(
                &home,
                &[
                    file,
                    "--anchors",
                    root,
                    "--host",
                    "xsp1.example.net",
                    "--as-of",
                    &as_of,
                ],
            )
        };
        let trusted = run(&file, &root);
        let verification = &trusted["data"]["files"][0]["verification"];
        assert_eq!(
            findings(&trusted, "chain.incomplete")[0]["severity"],
            "ok",
            "{name}"
        );
        assert_eq!(verification["trusted"], verified, "{name}: {verification:#}");
        let open: Vec<&Value> = findings(&trusted, "chain.invalid")
            .into_iter()
            .filter(|finding| finding["severity"] == "unknown")
            .collect();
        assert_eq!(open.is_empty(), verified, "{name}: {trusted:#}");
        // Another root of the same kind did not sign it.
        let alone = run(&root, &pki("public-root.pem"));
        let severity = &findings(&alone, "cert.self-signed")[0]["severity"];
        assert_eq!(severity, if verified { "critical" } else { "unknown" }, "{name}");
    }
    // A key that is for RSASSA-PSS only and says with which hash is never called good or self-signed by mistake.
    let file = pki("algorithms/pss-key.pem");
    let report = report(
        &home,
        &[
            &file,
            "--anchors",
            &pki("algorithms/pss-key-root.pem"),
            "--as-of",
            &as_of,
        ],
    );
    assert_ne!(report["verdict"], "critical", "{report:#}");
}

#[test]
fn a_root_that_browsers_distrust_from_a_day_on() {
    use w4b_diag::rules::certs::{Settings, judge};
    use w4b_diag::x509::distrust::Entry;
    use w4b_diag::x509::{Certificate, Store, files};
    let as_of = "2026-11-22T12:00:00Z".parse().expect("RFC 3339");
    let root = files::read(pki("public-root.pem").as_ref(), None)
        .expect("root")
        .certificates;
    let file = files::read(pki("complete.pem").as_ref(), None).expect("chain");
    for (after, severity, accepted) in [("2026-09-30", "critical", false), ("2026-10-01", "info", true)] {
        let mut settings = Settings::new(as_of);
        settings.store = Store::from_ders("roots", root.iter().map(Vec::as_slice));
        settings.public = settings.store.clone();
        settings.distrusted = vec![Entry {
            name: "Example Public Root".to_owned(),
            sha256: Certificate::parse(&root[0]).facts().sha256.clone(),
            after: after.to_owned(),
            program: "Chrome".to_owned(),
            source: "https://example.org/decision".to_owned(),
        }];
        let saved = observation("https://xsp1.example.net", "xsp1.example.net", "complete.pem");
        let saved = serde_json::from_value(saved).expect("an observation");
        let (found, data) = judge(&[saved], std::slice::from_ref(&file), &[], &settings);
        let about: Vec<_> = found
            .iter()
            .filter(|finding| finding.message.key.contains("--distrusted"))
            .collect();
        assert_eq!(about.len(), 2, "{found:#?}");
        assert!(about.iter().all(|finding| finding.severity.as_str() == severity));
        assert_eq!(
            about[0].reference.as_deref(),
            Some("https://example.org/decision")
        );
        let verification = data.targets[0].verification.as_ref().expect("verified");
        assert!(verification.trusted, "the path itself is valid");
        assert_eq!(data.targets[0].webex.as_ref().expect("judged").accepted, accepted);
    }
}

#[test]
fn the_file_on_disk_against_the_port() {
    let home = Home::new();
    let anchors = pki("public-root.pem");
    for name in ["complete.pem", "expired.pem", "wrong-host.pem"] {
        home.write(format!("installed/{name}"), read(name));
    }
    let variant = |served: &str, matched: &[&str]| -> Vec<(String, String)> {
        let saved = observation("https://xsp1.example.net", "xsp1.example.net", served);
        home.write("observation.json", saved.to_string());
        let mut arguments = vec![
            "observation.json",
            "--anchors",
            &anchors,
            "--as-of",
            "2026-11-22T12:00:00Z",
        ];
        for path in matched {
            arguments.extend(["--match", path]);
        }
        let report = report(&home, &arguments);
        findings(&report, "tls.mixed-addresses")
            .iter()
            .map(|finding| {
                let word = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
                (word("severity"), word("title"))
            })
            .collect()
    };
    let is = |found: &[(String, String)], severity: &str, words: &str| {
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, severity, "{found:?}");
        assert!(found[0].1.contains(words), "{found:?}");
    };
    is(
        &variant("complete.pem", &["installed/complete.pem"]),
        "ok",
        "serves the installed",
    );
    // The file is newer: renewed, but not loaded.
    is(
        &variant("expired.pem", &["installed/complete.pem"]),
        "warning",
        "does not serve the installed",
    );
    is(
        &variant("complete.pem", &["installed/expired.pem"]),
        "warning",
        "newer certificate than the one on disk",
    );
    is(
        &variant("complete.pem", &["installed/wrong-host.pem"]),
        "warning",
        "quite another",
    );
    // Of a whole directory the one that fits counts.
    is(
        &variant("complete.pem", &["installed"]),
        "ok",
        "serves the installed",
    );
    is(
        &variant(
            "expired.pem",
            &["installed/complete.pem", "installed/wrong-host.pem"],
        ),
        "warning",
        "does not serve",
    );
    is(
        &variant("self-signed-one-year.pem", &["installed"]),
        "warning",
        "",
    );
    let nothing = home
        .command(&["certs", "observation.json", "--match", "nothing.pem"])
        .run();
    assert_eq!(nothing.code, 3, "{nothing}");
}

#[test]
fn an_earlier_bundle_is_compared_and_judged_again() {
    if !have("openssl") {
        return;
    }
    let home = Home::new();
    let server = Openssl::serve(&[
        "-cert",
        &pki("complete.pem"),
        "-cert_chain",
        &pki("issuing-ca.pem"),
        "-key",
        &pki("complete.key"),
    ]);
    let port = server.port;
    home.write("status.json", "{}");
    let target = format!("https://127.0.0.1:{port}");
    let bundle = home
        .command(&[
            "bundle",
            "--xsp",
            &target,
            "--status-url",
            "status.json",
            "-o",
            "case.zip",
            "--yes",
        ])
        .run();
    drop(server);
    assert!(home.join("case.zip").exists(), "{bundle}");
    let anchors = pki("public-root.pem");
    for (as_of, check, severity) in [
        ("2026-11-22T12:00:00Z", "cert.expired", "ok"),
        ("2027-06-01T12:00:00Z", "cert.expired", "critical"),
    ] {
        let report = report(&home, &["case.zip", "--anchors", &anchors, "--as-of", as_of]);
        assert_eq!(report["data"]["targets"][0]["port"], port, "{report:#}");
        assert_eq!(findings(&report, check)[0]["severity"], severity, "{as_of}");
    }
    // The same port later, with the certificate from before.
    for (served, severity) in [("complete.pem", "ok"), ("expired.pem", "warning")] {
        let mut saved = observation(&target, "127.0.0.1", served);
        saved["port"] = json!(port);
        home.write("observation.json", saved.to_string());
        let report = report(
            &home,
            &[
                "observation.json",
                "--match",
                "case.zip",
                "--anchors",
                &anchors,
                "--as-of",
                "2026-11-22T12:00:00Z",
            ],
        );
        let found = findings(&report, "tls.mixed-addresses");
        assert_eq!(found[0]["severity"], severity, "{found:#?}");
    }
    let broken = home.write("broken.zip", b"PK\x03\x04 not really");
    let outcome = home.command(&["certs", broken.to_str().expect("text")]).run();
    assert_eq!(outcome.code, 3, "{outcome}");
}

#[test]
fn the_member_that_differs_is_named() {
    let home = Home::new();
    let anchors = pki("public-root.pem");
    let member = |number: u8, change: &dyn Fn(&mut Value)| {
        let host = format!("xsp{number}.example.net");
        let mut saved = observation(&format!("cti://{host}"), &host, "complete.pem");
        saved["address"] = json!(format!("192.0.2.{number}"));
        saved["handshake"]["client_auth"]["acceptable_cas"] = json!([base64(b"\x30\x00")]);
        change(&mut saved);
        saved
    };
    let differing = |members: &[Value]| -> Vec<(String, String, String)> {
        home.write("observations.json", Value::from(members.to_vec()).to_string());
        let report = report(
            &home,
            &[
                "observations.json",
                "--anchors",
                &anchors,
                "--as-of",
                "2026-11-22T12:00:00Z",
            ],
        );
        findings(&report, "tls.mixed-addresses")
            .iter()
            .map(|finding| {
                let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                (
                    word(&finding["subject"]),
                    word(&finding["severity"]),
                    word(&finding["data"]["aspect"]),
                )
            })
            .collect()
    };
    let same = |_: &mut Value| {};
    let alike: Vec<Value> = (1..=4).map(|number| member(number, &same)).collect();
    assert_eq!(differing(&alike), []);
    let odd = |aspect: &str, severity: &str, change: &dyn Fn(&mut Value)| {
        let mut members = alike.clone();
        members[2] = member(3, change);
        let expected = (
            "xsp3.example.net:8012".to_owned(),
            severity.to_owned(),
            aspect.to_owned(),
        );
        assert!(
            differing(&members).contains(&expected),
            "{aspect}: {:?}",
            differing(&members)
        );
    };
    odd("issuer", "info", &|saved| {
        saved["chain"] = json!(blocks("private-chain.pem"));
    });
    odd("expiry", "info", &|saved| {
        saved["chain"] = json!(blocks("too-long.pem"));
    });
    odd("length", "info", &|saved| {
        saved["chain"] = json!(blocks("incomplete.pem"));
    });
    odd("client-auth", "info", &|saved| {
        saved["handshake"]["client_auth"]["requested"] = json!(false);
    });
    odd("accepted-names", "info", &|saved| {
        saved["handshake"]["client_auth"]["acceptable_cas"] = json!([]);
    });
    odd("versions", "info", &|saved| {
        saved["handshake"]["protocols_offered"] = json!([{"version": "TLSv1.2", "answer": "offered"}]);
    });
    // A member that cannot be reached is not one that differs.
    let mut members = alike.clone();
    members[0]["reachable"] = json!(false);
    members[0]["reason"] = json!("refused");
    members[0]["handshake"] = Value::Null;
    members[0]["chain"] = json!([]);
    assert_eq!(differing(&members), []);
}

/// `[[xsp]].certificate` without any flag: the file is judged, and held against every port of the server.
#[test]
fn the_installed_certificate_of_the_configuration() {
    use crate::farm::{Ca, Clients, rustls_server};
    let ca = Ca::new("Example Root");
    let (old, new) = (ca.issue("localhost"), ca.issue("localhost"));
    let local = std::net::IpAddr::from([127, 0, 0, 1]);
    let first = rustls_server(&old, &[&rustls::version::TLS13], &Clients::Anyone, local, 0).port();
    let second = rustls_server(&new, &[&rustls::version::TLS13], &Clients::Anyone, local, 0).port();
    let home = Home::new();
    home.write("conf/installed.pem", &new.pem);
    home.write(
        "conf/w4b.toml",
        format!(
            "[[xsp]]\nname = \"one\"\nhost = \"localhost\"\nhttps = [{first}, {second}]\naddresses = [\"127.0.0.1\"]\n\
             certificate = \"installed.pem\"\n"
        ),
    );
    let report = home
        .command(&[
            "--config",
            "conf/w4b.toml",
            "certs",
            "--format",
            "json",
            "--timeout",
            "30s",
        ])
        .run()
        .json();
    let about = |subject: &str| -> Vec<(String, String)> {
        findings(&report, "tls.mixed-addresses")
            .iter()
            .filter(|finding| finding["subject"] == subject && !finding["data"]["path"].is_null())
            .map(|finding| {
                let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                (word(&finding["severity"]), word(&finding["data"]["path"]))
            })
            .collect()
    };
    let path = "conf/installed.pem".to_owned();
    assert_eq!(
        about(&format!("localhost:{first}")),
        [("warning".to_owned(), path.clone())]
    );
    assert_eq!(
        about(&format!("localhost:{second}")),
        [("ok".to_owned(), path.clone())]
    );
    // The file is named as in the configuration, below where the configuration was said to be.
    assert_eq!(report["data"]["files"][0]["path"], path);
}

/// The explanation and the defaults, for the lifetimes that public CAs issue now and later.
#[test]
fn thresholds_of_long_and_short_lives() {
    let home = Home::new();
    let key = rcgen::KeyPair::generate().expect("a key");
    let begin = rcgen::date_time_ymd(2026, 4, 1);
    // Days of life, days left, verdict.
    let table = [
        (398, 31, "ok"),
        (398, 29, "warning"),
        (398, 6, "critical"),
        (200, 31, "ok"),
        (200, 29, "warning"),
        (200, 6, "critical"),
        (90, 12, "warning"),
        (47, 16, "ok"),
        (47, 15, "warning"),
        (47, 4, "critical"),
        (6, 3, "ok"),
        (6, 1, "warning"),
        (6, 0, "critical"),
    ];
    let finding = |life: i64, left: i64, config: &str| -> Value {
        let mut params = rcgen::CertificateParams::new(vec!["xsp1.example.net".to_owned()]).expect("names");
        params.not_before = begin;
        params.not_after =
            begin + std::time::Duration::from_secs(u64::try_from(life).expect("days") * 86_400);
        home.write("leaf.pem", params.self_signed(&key).expect("signed").pem());
        home.write("w4b.toml", config);
        let start: chrono::DateTime<chrono::Utc> = "2026-04-01T00:00:00Z".parse().expect("RFC 3339");
        let at = start + chrono::TimeDelta::days(life - left) - chrono::TimeDelta::hours(1);
        let at = at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let report = home
            .command(&[
                "--config",
                "w4b.toml",
                "certs",
                "leaf.pem",
                "--anchors",
                "leaf.pem",
                "--as-of",
                &at,
                "--format",
                "json",
            ])
            .run()
            .json();
        findings(&report, "cert.expires-soon")[0].clone()
    };
    for (life, left, severity) in table {
        let found = finding(life, left, "");
        assert_eq!(found["severity"], severity, "{left} of {life} days: {found:#}");
    }
    let found = finding(90, 12, "[thresholds]\nwarn = \"33%\"\n");
    let detail = found["detail"].as_str().unwrap_or_default();
    assert!(
        detail.contains("12 days left = 13 % of 90 days; warning from 30 days (= 33 %)"),
        "{detail}"
    );
}
