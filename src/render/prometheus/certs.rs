//! `certs` as samples: targets, chains, files, trust anchors, checks.

use std::collections::BTreeMap;

use super::families as f;
use super::{Exposition, count_of};
use crate::report::{Report, Severity};
use crate::rules::certs::data::{CertsData, TargetData};
use crate::x509::{CertFacts, Verification};

/// Why an address gave nothing: the closed list of [`crate::probe::Reason`], all alerts as one, and `pending` for a
/// target whose first probe has not ended yet. Each is always there, most of them as 0.
pub const FAILURE_REASONS: [&str; 12] = [
    "alert",
    "dns",
    "internal",
    "not-tls",
    "pending",
    "protocol-version",
    "refused",
    "reset",
    "slow-peer",
    "timeout-connect",
    "timeout-handshake",
    "unreachable",
];

/// Certificates of one chain that are shown: a server may send any number.
const MAX_CHAIN: usize = 16;

/// Everything that `certs` found.
pub fn certs(data: &CertsData, report: &Report) -> Exposition {
    let mut out = Exposition::default();
    let mut targets: BTreeMap<&str, Vec<&TargetData>> = BTreeMap::new();
    for row in &data.targets {
        targets.entry(&row.target).or_default().push(row);
    }
    for (name, rows) in targets {
        target(&mut out, name, &rows);
        earliest(&mut out, name, &rows);
        for row in rows {
            chain(&mut out, row);
        }
    }
    files(&mut out, data);
    findings(&mut out, "certs", report);
    out
}

/// How a probe of a target went: its rows, one for each address. No row: it has not been probed yet.
pub fn target(out: &mut Exposition, name: &str, rows: &[&TargetData]) {
    let target = [("target", name)];
    let answered = rows.iter().any(|row| row.reachable);
    out.add(f::PROBE_SUCCESS, &target, u8::from(answered));
    out.add(f::BLACKBOX_SUCCESS, &target, u8::from(answered));
    for reason in FAILURE_REASONS {
        let failed = rows.iter().filter(|row| is_because_of(row, reason)).count();
        let failed = if rows.is_empty() && reason == "pending" {
            1
        } else {
            failed
        };
        out.add(
            f::PROBE_FAILURE,
            &[target[0], ("reason", reason)],
            count_of(failed),
        );
    }
    if let Some(longest) = rows.iter().map(|row| row.elapsed_ms).max() {
        let milliseconds = u32::try_from(longest).unwrap_or(u32::MAX);
        out.add(f::PROBE_DURATION, &target, f64::from(milliseconds) / 1000.0);
    }
    for row in rows {
        if let Some(address) = row.address {
            let labels = [target[0], ("address", &*address.to_string())];
            out.add(f::PROBE_ADDRESS_SUCCESS, &labels, u8::from(row.reachable));
        }
    }
    if let Some(at) = rows.iter().map(|row| row.observed_at.as_str()).max() {
        out.instant(f::PROBE_TIMESTAMP, &target, at);
        if answered {
            out.instant(f::PROBE_LAST_SUCCESS, &target, at);
        }
    }
}

/// The first expiry of all certificates that these rows show.
pub fn earliest(out: &mut Exposition, name: &str, rows: &[&TargetData]) {
    let served = rows.iter().flat_map(|row| &row.chain);
    if let Some(first) = served.map(|certificate| certificate.not_after.as_str()).min() {
        out.instant(f::EARLIEST_EXPIRY, &[("target", name)], first);
    }
}

fn is_because_of(row: &TargetData, reason: &str) -> bool {
    match row.reason.as_deref() {
        Some(found) if found.starts_with("alert-") => reason == "alert",
        found => found == Some(reason),
    }
}

/// What an address that answered has shown: the metrics of [`f::KEPT`].
pub fn chain(out: &mut Exposition, row: &TargetData) {
    if !row.reachable {
        return;
    }
    let address = row.address.map(|address| address.to_string()).unwrap_or_default();
    let base = [("target", row.target.as_str()), ("address", address.as_str())];
    let [target, place] = base;
    if let Some(handshake) = &row.handshake {
        if let Some(protocol) = &handshake.protocol {
            // As Go names them: `TLS 1.2`.
            let version = protocol.replace("TLSv", "TLS ");
            out.add(f::TLS_VERSION, &[target, place, ("version", &version)], 1);
        }
        if let Some(cipher) = &handshake.cipher {
            out.add(f::TLS_CIPHER, &[target, place, ("cipher", cipher)], 1);
        }
        if let Some(requested) = handshake.client_auth_requested {
            out.add(f::CLIENT_AUTH_REQUESTED, &base, u8::from(requested));
            let names = handshake.acceptable_cas.len();
            out.add(f::ACCEPTED_CAS, &base, count_of(names));
        }
        if let Some(required) = handshake.client_auth_required {
            out.add(f::CLIENT_AUTH_REQUIRED, &base, u8::from(required));
        }
    }
    if let Some(offset) = row.clock_offset_seconds {
        let offset = i32::try_from(offset).unwrap_or(if offset < 0 { i32::MIN } else { i32::MAX });
        out.add(f::CLOCK_OFFSET, &base, offset);
    }
    if let Some(webex) = &row.webex {
        out.add(f::WEBEX_ACCEPTS, &base, u8::from(webex.accepted));
    }
    certificates(out, base, &row.chain, row.verification.as_ref());
}

fn certificates(
    out: &mut Exposition,
    base: [(&str, &str); 2],
    chain: &[CertFacts],
    verification: Option<&Verification>,
) {
    if let Some(verification) = verification {
        out.add(f::CHAIN_TRUSTED, &base, u8::from(verification.trusted));
        out.add(f::CHAIN_CONFORMING, &base, u8::from(verification.conforming));
    }
    for (index, certificate) in chain.iter().enumerate().take(MAX_CHAIN) {
        let position = index.to_string();
        let place = [base[0], base[1], ("position", position.as_str())];
        out.instant(f::CERT_NOT_AFTER, &place, &certificate.not_after);
        out.instant(f::CERT_NOT_BEFORE, &place, &certificate.not_before);
        let [target, address, position] = place;
        let labels = [
            target,
            address,
            position,
            ("subject", &certificate.subject),
            ("issuer", &certificate.issuer),
            ("serial", &certificate.serial),
            ("sha256", &certificate.sha256),
        ];
        out.add(f::CERT_INFO, &labels, 1);
    }
}

/// The files: certificates as installed, and trust anchors.
pub fn files(out: &mut Exposition, data: &CertsData) {
    for file in &data.files {
        let base = [("target", file.path.as_str()), ("address", "")];
        certificates(out, base, &file.chain, file.verification.as_ref());
    }
    for file in &data.trust {
        for certificate in &file.chain {
            let labels = [
                ("file", file.path.as_str()),
                ("subject", certificate.subject.as_str()),
                ("sha256", certificate.sha256.as_str()),
            ];
            out.instant(f::TRUST_NOT_AFTER, &labels, &certificate.not_after);
            out.instant(f::TRUST_NOT_BEFORE, &labels, &certificate.not_before);
        }
    }
}

/// The findings of a command's report, and its verdict.
pub(super) fn findings(out: &mut Exposition, command: &str, report: &Report) {
    let findings = report.findings.iter();
    severities(
        out,
        findings
            .clone()
            .map(|finding| (&*finding.check, &*finding.subject, finding.severity)),
    );
    out.verdict(command, findings.map(|finding| finding.severity));
}

/// The worst finding of each check about each subject: check, subject, severity.
pub fn severities<'a>(out: &mut Exposition, findings: impl Iterator<Item = (&'a str, &'a str, Severity)>) {
    let mut worst: BTreeMap<(&str, &str), Severity> = BTreeMap::new();
    for (check, subject, severity) in findings {
        let known = worst.entry((subject, check)).or_insert(severity);
        *known = severity.max(*known);
    }
    for ((subject, check), severity) in worst {
        let state: u8 = match severity {
            Severity::Ok | Severity::Info => 0,
            Severity::Warning => 1,
            Severity::Critical => 2,
            Severity::Unknown => 3,
        };
        out.add(
            f::CHECK_SEVERITY,
            &[("subject", subject), ("check", check)],
            state,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::{Exposition, FAILURE_REASONS, f, target};
    use crate::probe::Reason;

    #[test]
    fn every_reason_of_the_program_is_in_the_closed_list() {
        for reason in [
            Reason::Dns,
            Reason::Refused,
            Reason::Unreachable,
            Reason::TimeoutConnect,
            Reason::TimeoutHandshake,
            Reason::SlowPeer,
            Reason::Reset,
            Reason::NotTls,
            Reason::ProtocolVersion,
            Reason::Internal,
        ] {
            assert!(FAILURE_REASONS.contains(&&*reason.to_string()), "{reason}");
        }
        assert!(Reason::Alert(40).to_string().starts_with("alert-"));
    }

    #[test]
    fn a_target_that_was_not_probed_yet_is_there() {
        let mut out = Exposition::default();
        target(&mut out, "cti://xsp1.example.net", &[]);
        let labels = [("target", "cti://xsp1.example.net")];
        assert_eq!(out.value(f::PROBE_SUCCESS, &labels), Some(0.0));
        let pending = [labels[0], ("reason", "pending")];
        assert_eq!(out.value(f::PROBE_FAILURE, &pending), Some(1.0));
    }
}
