//! Revocation lists of `--crl`, by the real executable.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, IsCa, Issuer, KeyIdMethod, KeyPair,
    RevocationReason, RevokedCertParams, SerialNumber,
};

use crate::cert_evidence::{findings, report};
use crate::support::Home;

fn ca(name: &str) -> (Issuer<'static, KeyPair>, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    (Issuer::new(params, key), pem)
}

fn list(issuer: &Issuer<'_, KeyPair>, serials: &[u64]) -> String {
    let revoked = |serial: &u64| RevokedCertParams {
        serial_number: SerialNumber::from(*serial),
        revocation_time: rcgen::date_time_ymd(2026, 11, 20),
        reason_code: Some(RevocationReason::KeyCompromise),
        invalidity_date: None,
    };
    let params = CertificateRevocationListParams {
        this_update: rcgen::date_time_ymd(2026, 11, 21),
        next_update: rcgen::date_time_ymd(2026, 11, 28),
        crl_number: SerialNumber::from(5_u64),
        issuing_distribution_point: None,
        revoked_certs: serials.iter().map(revoked).collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(issuer).unwrap().pem().unwrap()
}

#[test]
fn lists_say_good_revoked_or_why_not() {
    let home = Home::new();
    let (issuer, root) = ca("Example Root");
    let (other, _) = ca("Other Root");
    let mut params = CertificateParams::new(vec!["xsp1.example.net".to_owned()]).unwrap();
    params.serial_number = Some(SerialNumber::from(7_u64));
    let key = KeyPair::generate().unwrap();
    home.write("root.pem", root);
    home.write("leaf.pem", params.signed_by(&key, &issuer).unwrap().pem());
    home.write("clean.pem", list(&issuer, &[8]));
    home.write("revoked.pem", list(&issuer, &[7]));
    home.write("other.pem", list(&other, &[7]));
    for (file, day, severity, trusted, word) in [
        ("clean.pem", "23", "ok", true, "2026-11-28"),
        ("clean.pem", "29", "unknown", true, "2026-11-28"),
        ("revoked.pem", "23", "critical", false, "2026-11-20"),
        ("other.pem", "23", "unknown", true, "CN=Example Root"),
    ] {
        let at = format!("2026-11-{day}T12:00:00Z");
        let arguments = ["leaf.pem", "--anchors", "root.pem", "--crl", file, "--as-of", &at];
        let report = report(&home, &arguments);
        let found = findings(&report, "cert.revoked");
        assert_eq!(found.len(), 1, "{file}");
        assert_eq!(found[0]["severity"], severity, "{file}: {:#}", found[0]);
        let detail = found[0]["detail"].as_str().unwrap();
        assert!(detail.contains(word), "{file}: {detail}");
        let verification = &report["data"]["files"][0]["verification"];
        assert_eq!(verification["trusted"], trusted, "{file}: {verification:#}");
        let own: Vec<_> = findings(&report, "cert.not-publicly-trusted");
        assert_eq!(own[0]["severity"], "ok", "{file}: revoked is not untrusted");
    }
}
