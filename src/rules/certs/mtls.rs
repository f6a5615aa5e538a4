//! Mutual TLS: is a client certificate asked for, and would the one of Webex be accepted? The names that the server
//! sends are compared with the trust file by subject (DER).

use super::trust::Trust;
use super::{Settings, broadworks, day};
use crate::probe::TlsObservation;
use crate::rules::{Finding, registry};
use crate::x509::{Certificate, name};

/// Judges the CTI and AuthService interfaces.
pub(super) fn judge(
    observation: &TlsObservation,
    subject: &str,
    trust: &Trust<'_>,
    settings: &Settings,
) -> Vec<Finding> {
    if !observation.scheme.expects_client_auth() {
        return Vec::new();
    }
    let scheme = Some(observation.scheme);
    let Some(handshake) = observation.handshake.as_ref() else {
        return vec![Finding::unknown(&registry::MTLS_NOT_REQUESTED, subject)];
    };
    match handshake.client_auth.requested {
        None => vec![Finding::unknown(&registry::MTLS_NOT_REQUESTED, subject)],
        Some(false) => vec![Finding::new(&registry::MTLS_NOT_REQUESTED, subject).arg(
            "cli",
            broadworks::request_client_certificate(scheme, observation.port),
        )],
        Some(true) => {
            let mut findings = vec![Finding::ok(&registry::MTLS_NOT_REQUESTED, subject)];
            let names: Vec<&[u8]> = handshake
                .client_auth
                .acceptable_cas
                .iter()
                .map(|der| der.0.as_slice())
                .collect();
            findings.extend(accepted(&names, subject, trust, settings, observation));
            findings
        }
    }
}

fn accepted(
    names: &[&[u8]],
    subject: &str,
    trust: &Trust<'_>,
    settings: &Settings,
    observation: &TlsObservation,
) -> Vec<Finding> {
    let cli = broadworks::update_trust(Some(observation.scheme));
    if names.is_empty() {
        return vec![Finding::new(&registry::MTLS_ACCEPTED_CAS_UNKNOWN, subject).arg("cli", cli)];
    }
    let mut findings =
        vec![Finding::ok(&registry::MTLS_ACCEPTED_CAS_UNKNOWN, subject).arg("count", names.len())];
    let check = &registry::MTLS_WEBEX_CA_NOT_ACCEPTED;
    if trust.is_empty() {
        findings.push(Finding::unknown(check, subject).arg("names", shown(names)));
        return findings;
    }
    let generations = trust.generations();
    let Some(newest) = generations.first() else {
        findings.push(Finding::unknown(check, subject).arg("names", shown(names)));
        return findings;
    };
    let has = |certificate: &Certificate| names.iter().any(|name| is_same_name(name, certificate));
    let label = |certificates: &[&Certificate]| {
        let names: Vec<&str> = certificates.iter().map(|c| c.display_name()).collect();
        names.join(", ")
    };
    let (present, missing): (Vec<&Certificate>, Vec<&Certificate>) =
        newest.iter().partition(|certificate| has(certificate));
    let older: Vec<&Certificate> = generations.iter().skip(1).flatten().copied().collect();
    let older_present: Vec<&Certificate> = older
        .iter()
        .copied()
        .filter(|certificate| has(certificate))
        .collect();
    // A new generation may keep the names of the old one; names cannot tell them apart then.
    let ambiguous = present.iter().all(|certificate| {
        older.iter().any(|other| {
            other.subject_der() == certificate.subject_der()
                && other.facts().key_sha256 != certificate.facts().key_sha256
        })
    });
    let fill = |finding: Finding| {
        finding
            .arg("present", label(&present))
            .arg("missing", label(&missing))
            .arg("count", names.len())
            .arg("names", shown(names))
            .arg("cli", cli.as_str())
            .data("accepted", texts(&present))
            .data("missing", texts(&missing))
    };
    let finding = if present.is_empty() && !older_present.is_empty() {
        let until = older_present
            .iter()
            .map(|certificate| certificate.not_after())
            .min();
        let over = until.is_none_or(|until| until < settings.as_of);
        let finding = fill(Finding::new(check, subject).variant("old-generation"));
        let finding = finding
            .arg("old", label(&older_present))
            .arg("until", until.map_or_else(String::new, day));
        if over {
            finding
        } else {
            finding.severity(crate::report::Severity::Warning)
        }
    } else if present.is_empty() {
        fill(Finding::new(check, subject))
    } else if ambiguous {
        fill(Finding::unknown(check, subject).variant("same-names"))
    } else if missing.is_empty() {
        fill(Finding::ok(check, subject))
    } else {
        fill(Finding::ok(check, subject).variant("partly"))
    };
    findings.push(finding);
    findings
}

/// By DER; else by text without regard to case, because another encoding of the same name is the same name
/// (RFC 5280 section 7.1).
fn is_same_name(der: &[u8], certificate: &Certificate) -> bool {
    der == certificate.subject_der()
        || name::from_der(der)
            .is_some_and(|text| !text.is_empty() && text.eq_ignore_ascii_case(&certificate.facts().subject))
}

fn texts(certificates: &[&Certificate]) -> Vec<String> {
    certificates
        .iter()
        .map(|certificate| certificate.facts().subject.clone())
        .collect()
}

/// The first names for a sentence.
pub(super) fn shown(names: &[&[u8]]) -> String {
    let mut shown: Vec<String> = names
        .iter()
        .take(5)
        .map(|der| name::from_der(der).unwrap_or_else(|| "?".to_owned()))
        .collect();
    if names.len() > shown.len() {
        shown.push("…".to_owned());
    }
    shown.join("; ")
}
