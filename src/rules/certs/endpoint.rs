//! The TLS endpoint itself: connection, handshake, versions, cipher, clock.

use super::broadworks;
use crate::probe::observation::{NO_ANSWER, Offered};
use crate::probe::{Reason, TlsObservation};
use crate::report::{Owner, Severity};
use crate::rules::{Finding, registry};

/// Clocks may differ by this many seconds before it is worth a word: tokens and certificates tolerate minutes.
const MAX_CLOCK_OFFSET: i64 = 300;

/// Judges connection, handshake and what was negotiated.
pub(super) fn judge(observation: &TlsObservation, subject: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    match observation.reason {
        Some(reason) if !observation.reachable => findings.extend(unreachable(observation, reason, subject)),
        _ => {
            findings.push(Finding::ok(&registry::TLS_CONNECT, subject));
            findings.push(Finding::ok(&registry::TLS_HANDSHAKE, subject));
        }
    }
    findings.extend(protocols(observation, subject));
    findings.extend(cipher(observation, subject));
    if let Some(offset) = observation.clock_offset_seconds {
        let finding = if offset.abs() > MAX_CLOCK_OFFSET {
            Finding::new(&registry::TLS_CLOCK_SKEW, subject)
        } else {
            Finding::ok(&registry::TLS_CLOCK_SKEW, subject)
        };
        let direction = if offset < 0 { "behind" } else { "ahead" };
        findings.push(
            finding
                .arg("seconds", offset.abs())
                .arg("direction", direction)
                .data("offset_seconds", offset),
        );
    }
    findings
}

/// Whether a name could not be looked up because nobody answered: our own time-out, or the C library's (`EAI_AGAIN`).
fn is_silence(words: Option<&str>) -> bool {
    words.is_some_and(|words| words == NO_ANSWER || words.contains("Temporary failure in name resolution"))
}

/// Nothing was negotiated. From here: another machine may see something else, and the sentences say so.
fn unreachable(observation: &TlsObservation, reason: Reason, subject: &str) -> Vec<Finding> {
    let in_handshake = matches!(
        reason,
        Reason::TimeoutHandshake
            | Reason::SlowPeer
            | Reason::Reset
            | Reason::NotTls
            | Reason::Alert(_)
            | Reason::ProtocolVersion
    );
    let check = if in_handshake {
        &registry::TLS_HANDSHAKE
    } else {
        &registry::TLS_CONNECT
    };
    // Nothing was seen at all: that may be this machine's network as well as the server.
    let severity = match reason {
        Reason::Dns
        | Reason::Unreachable
        | Reason::TimeoutConnect
        | Reason::TimeoutHandshake
        | Reason::Internal => Severity::Unknown,
        _ => Severity::Critical,
    };
    let owner = if severity == Severity::Unknown {
        Owner::Unknown
    } else {
        check.owner
    };
    let word = match reason {
        Reason::Alert(_) => "alert".to_owned(),
        // A name server that is silent says nothing about the name.
        Reason::Dns if is_silence(observation.reason_detail.as_deref()) => "dns-silent".to_owned(),
        other => other.to_string(),
    };
    let alert = match reason {
        Reason::Alert(number) => i64::from(number),
        _ => 0,
    };
    let address = observation
        .address
        .map_or_else(|| observation.host.clone(), |address| address.to_string());
    let mut findings = Vec::new();
    if in_handshake {
        findings.push(Finding::ok(&registry::TLS_CONNECT, subject));
    }
    let finding = Finding::new(check, subject)
        .severity(severity)
        .owner(owner)
        .arg("reason", word.as_str())
        .arg("host", observation.host.as_str())
        .arg("address", address)
        .arg("port", i64::from(observation.port).to_string())
        .arg("alert", alert)
        .arg("words", observation.reason_detail.clone().unwrap_or_default())
        .data("reason", reason.to_string());
    findings.push(match &observation.reason_detail {
        Some(words) => finding.data("words", words.as_str()),
        None => finding,
    });
    if reason == Reason::ProtocolVersion && observation.handshake.is_none() {
        findings.push(
            Finding::new(&registry::TLS_PROTOCOL, subject)
                .arg("versions", "-")
                .arg(
                    "contexts",
                    broadworks::contexts(Some(observation.scheme), "Protocols"),
                ),
        );
    }
    findings
}

/// TLS 1.2 is the oldest version that Webex negotiates.
pub(super) fn is_current(version: &str) -> bool {
    matches!(version, "TLSv1.2" | "TLSv1.3")
}

fn protocols(observation: &TlsObservation, subject: &str) -> Vec<Finding> {
    let Some(handshake) = &observation.handshake else {
        return Vec::new();
    };
    let offers = &handshake.protocols_offered;
    let mut offered: Vec<&str> = offers
        .iter()
        .filter(|offer| offer.answer == Offered::Offered)
        .map(|offer| offer.version.as_str())
        .collect();
    if let Some(negotiated) = handshake.protocol.as_deref()
        && !offered.contains(&negotiated)
    {
        offered.push(negotiated);
    }
    let contexts = || broadworks::contexts(Some(observation.scheme), "Protocols");
    let mut findings = Vec::new();
    if !offered.is_empty() {
        let finding = if offered.iter().any(|version| is_current(version)) {
            Finding::ok(&registry::TLS_PROTOCOL, subject)
        } else {
            Finding::new(&registry::TLS_PROTOCOL, subject).arg("contexts", contexts())
        };
        findings.push(
            finding
                .arg("versions", offered.join(", "))
                .data("offered", offered.clone()),
        );
    }
    let legacy: Vec<&str> = offered
        .iter()
        .copied()
        .filter(|version| !is_current(version))
        .collect();
    let tried_legacy = || offers.iter().filter(|offer| !is_current(&offer.version));
    if !legacy.is_empty() {
        findings.push(
            Finding::new(&registry::TLS_LEGACY_PROTOCOL, subject)
                .arg("versions", legacy.join(", "))
                .arg("contexts", contexts())
                .data("offered", legacy),
        );
    } else if tried_legacy().next().is_some() {
        let all_refused = tried_legacy().all(|offer| offer.answer == Offered::Refused);
        findings.push(if all_refused {
            Finding::ok(&registry::TLS_LEGACY_PROTOCOL, subject)
        } else {
            Finding::unknown(&registry::TLS_LEGACY_PROTOCOL, subject)
        });
    }
    findings
}

/// Whether a cipher suite has forward secrecy and nothing broken: the default list of an XSP has only such suites.
fn is_sound_cipher(cipher: &str) -> bool {
    let broken = [
        "_NULL_", "_EXPORT", "_RC4_", "_3DES_", "_DES_", "_anon_", "_IDEA_", "_SEED_",
    ];
    !cipher.starts_with("TLS_RSA_")
        && !cipher.starts_with("SSL_")
        && !broken.iter().any(|word| cipher.contains(word))
}

fn cipher(observation: &TlsObservation, subject: &str) -> Option<Finding> {
    let cipher = observation.handshake.as_ref()?.cipher.as_deref()?;
    let finding = if is_sound_cipher(cipher) {
        Finding::ok(&registry::TLS_CIPHER, subject)
    } else {
        let contexts = broadworks::contexts(Some(observation.scheme), "Ciphers");
        Finding::new(&registry::TLS_CIPHER, subject).arg("contexts", contexts)
    };
    Some(finding.arg("cipher", cipher).data("cipher", cipher))
}
