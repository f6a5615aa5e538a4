//! Stapled OCSP responses: of saved observations and of a live server.

use serde_json::{Value, json};

use crate::cert_evidence::{base64, findings, observation, pki, read, report, text};
use crate::farm::{Openssl, have};
use crate::support::Home;

#[test]
fn stapled_responses() {
    let home = Home::new();
    let (anchors, as_of) = (pki("ocsp/ca.pem"), text("ocsp/as-of.txt"));
    let cases = [
        ("good", "ok", "good", Value::Null, "2026"),
        ("delegated", "ok", "good", Value::Null, "2026"),
        ("revoked", "critical", "revoked", Value::Null, "2026"),
        ("unknown", "unknown", "unknown", Value::Null, "2026"),
        ("stranger", "unknown", "good", json!("responder"), "2026"),
        ("other", "unknown", "", json!("other-certificate"), "2026"),
        ("good", "unknown", "good", json!("expired"), "2027"),
        ("good", "unknown", "good", json!("not-yet"), "2025"),
        // Revoked stays revoked.
        ("revoked", "critical", "revoked", Value::Null, "2027"),
    ];
    for (name, severity, status, fault, year) in cases {
        let mut saved = observation("https://xsp1.example.net", "xsp1.example.net", "ocsp/chain.pem");
        saved["ocsp_staple"] = json!(base64(&read(&format!("ocsp/{name}.der"))));
        home.write("observation.json", saved.to_string());
        let at = as_of.replacen("2026", year, 1);
        let report = report(
            &home,
            &["observation.json", "--anchors", &anchors, "--as-of", &at],
        );
        let found = findings(&report, "cert.revoked");
        assert_eq!(found.len(), 1, "{name}: {report:#}");
        assert_eq!(found[0]["severity"], severity, "{name} {year}: {:#}", found[0]);
        let ocsp = &report["data"]["targets"][0]["ocsp"];
        assert_eq!(ocsp["status"].as_str().unwrap_or(""), status, "{name}: {ocsp:#}");
        assert_eq!(ocsp["fault"], fault, "{name}: {ocsp:#}");
        assert_eq!(ocsp["delegated"], name == "delegated");
        if name == "revoked" && year == "2026" {
            assert_eq!(ocsp["revocation_reason"], "keyCompromise");
            assert_eq!(report["data"]["targets"][0]["verification"]["trusted"], false);
            assert_eq!(report["data"]["targets"][0]["webex"]["accepted"], false);
        }
        if name == "good" && year == "2026" {
            assert_eq!(report["data"]["targets"][0]["verification"]["trusted"], true);
        }
    }
}

#[test]
fn a_live_server_staples_its_response() {
    if !have("openssl") {
        return;
    }
    let server = Openssl::serve(&[
        "-cert",
        &pki("ocsp/chain.pem"),
        "-key",
        &pki("ocsp/leaf.key"),
        "-status_file",
        &pki("ocsp/revoked.der"),
    ]);
    let port = server.port;
    let home = Home::new();
    let target = format!("https://xsp1.example.net:{port}#ip=127.0.0.1");
    let (anchors, as_of) = (pki("ocsp/ca.pem"), text("ocsp/as-of.txt"));
    let report = report(&home, &[&target, "--anchors", &anchors, "--as-of", &as_of]);
    drop(server);
    assert_eq!(report["data"]["targets"][0]["ocsp_stapled"], true, "{report:#}");
    assert_eq!(findings(&report, "cert.revoked")[0]["severity"], "critical");
}

/// Everything that the signature covers, and everything that says how it is signed: one bit of each byte in turn. Behind
/// the signature stands the signer's certificate, which is at hand anyway and counts for nothing.
#[test]
fn a_response_with_a_changed_byte_is_not_believed() {
    let home = Home::new();
    let (anchors, as_of) = (pki("ocsp/ca.pem"), text("ocsp/as-of.txt"));
    let good = read("ocsp/good.der");
    let ca = w4b_diag::x509::files::read(pki("ocsp/ca.pem").as_ref(), None).expect("the authority");
    let signer = &ca.certificates[0];
    let end = good
        .windows(signer.len())
        .position(|bytes| bytes == signer.as_slice())
        .expect("OpenSSL appends it");
    // [0] { SEQUENCE { certificate } }, each with a length of two octets.
    let end = end - 8;
    for flip in [0x01, 0x80] {
        let changed: Vec<Value> = (0..end)
            .map(|at| {
                let mut bytes = good.clone();
                bytes[at] ^= flip;
                let mut saved = observation("https://xsp1.example.net", "xsp1.example.net", "ocsp/chain.pem");
                saved["ocsp_staple"] = json!(base64(&bytes));
                saved
            })
            .collect();
        home.write("changed.json", Value::from(changed).to_string());
        let report = report(&home, &["changed.json", "--anchors", &anchors, "--as-of", &as_of]);
        let targets = report["data"]["targets"].as_array().expect("targets");
        assert_eq!(targets.len(), end, "each observation has its row");
        for (at, target) in targets.iter().enumerate() {
            let ocsp = &target["ocsp"];
            assert!(ocsp.is_object(), "byte {at}: no word about the response");
            assert_eq!(ocsp["verified"], false, "byte {at}: {ocsp:#}");
            assert!(ocsp["fault"].is_string(), "byte {at}: {ocsp:#}");
        }
        assert!(
            findings(&report, "cert.revoked")
                .iter()
                .all(|finding| finding["severity"] == "unknown")
        );
    }
}
