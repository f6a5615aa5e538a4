//! What stands against a chain although its path may be valid: revocation, distrust by browsers, and signatures that
//! cannot be verified here.

use super::Case;
use crate::report::{Severity, rfc3339};
use crate::rules::certs::day;
use crate::rules::{Finding, registry};
use crate::x509::crl::{self, Checked};
use crate::x509::distrust::Entry;
use crate::x509::ocsp::Status;
use crate::x509::signature::is_given_up;
use crate::x509::{Certificate, Reason, Seen};

/// Source: what a stapled response must be.
const RFC6960: &str = "https://www.rfc-editor.org/rfc/rfc6960";

impl Case<'_> {
    /// By the revocation lists of `--crl` and by the stapled OCSP response.
    pub(super) fn revocation(&self) -> Vec<Finding> {
        self.by_lists().into_iter().chain(self.by_staple()).collect()
    }

    fn by_lists(&self) -> Option<Finding> {
        let check = &registry::CERT_REVOKED;
        let revocation = &self.verified.revocation;
        let (leaf, issuers) = revocation.split_first()?;
        let is_revoked = |checked: &&Checked| matches!(checked.status, crl::Status::Revoked(_));
        // Whoever gives the list of the issuing CA only need not be told that others are missing.
        let is_open = |checked: &&Checked| match checked.status {
            crl::Status::Unknown(fault) => fault > crl::Fault::NoIssuer,
            _ => false,
        };
        let checked = revocation
            .iter()
            .find(is_revoked)
            .or_else(|| Some(leaf).filter(|leaf| leaf.status != crl::Status::Good))
            .or_else(|| issuers.iter().find(is_open))
            .unwrap_or(leaf);
        let finding = match checked.status {
            crl::Status::Good => self.ok(check),
            crl::Status::Unknown(fault) => Finding::unknown(check, self.served.subject)
                .arg("cause", fault.as_str())
                .arg("place", places(&checked.certificate))
                .data("cause", fault.as_str()),
            crl::Status::Revoked(entry) => {
                let finding = Finding::new(check, self.served.subject);
                let is_leaf = checked.certificate == leaf.certificate;
                let finding = if is_leaf {
                    finding
                } else {
                    finding.variant("issuer")
                };
                finding
                    .arg("revoked", day(entry.at))
                    .arg("reason", entry.reason())
                    .data("revoked_at", rfc3339(entry.at))
                    .data("revocation_reason", entry.reason())
            }
        };
        let finding = self.about(finding, &checked.certificate);
        let Some(list) = &checked.by else {
            return Some(finding.arg("this", "-").arg("next", "-"));
        };
        let next = list.next_update();
        let finding = finding
            .arg("this", day(list.this_update()))
            .arg("next", next.map_or_else(|| "-".to_owned(), day))
            .data("list_this_update", rfc3339(list.this_update()));
        Some(match next {
            Some(next) => finding.data("list_next_update", rfc3339(next)),
            None => finding,
        })
    }

    fn by_staple(&self) -> Option<Finding> {
        let ocsp = self.ocsp.as_ref()?;
        let cause = match (ocsp.fault, ocsp.status) {
            (Some(fault), _) => fault.as_str(),
            (None, Some(Status::Unknown) | None) => "unknown-status",
            (None, Some(Status::Good | Status::Revoked)) => "",
        };
        let check = &registry::CERT_REVOKED;
        let finding = match (cause, ocsp.status) {
            ("", Some(Status::Revoked)) => self.finding(check).variant("ocsp"),
            ("", _) => self.ok(check).variant("ocsp-ok"),
            _ => self
                .finding(check)
                .severity(Severity::Unknown)
                .variant("ocsp-unknown"),
        };
        let date = |instant: &Option<String>| {
            let day = instant.as_deref().and_then(|instant| instant.get(..10));
            day.unwrap_or("-").to_owned()
        };
        Some(
            finding
                .reference(RFC6960)
                .arg("cause", cause)
                .arg("responder", ocsp.responder.clone().unwrap_or_default())
                .arg("revoked", date(&ocsp.revoked_at))
                .arg("this", date(&ocsp.this_update))
                .arg("next", date(&ocsp.next_update))
                .arg(
                    "reason",
                    ocsp.revocation_reason.clone().unwrap_or_else(|| "-".to_owned()),
                )
                .data("ocsp", serde_json::json!(ocsp)),
        )
    }

    /// Browsers no longer trust what this root issues, although the path is valid.
    pub(super) fn distrust(&self) -> Option<Finding> {
        let root = self.verified.path.last()?;
        let entry = distrusted(&self.settings.distrusted, root)?;
        let finding = self.finding(&registry::CERT_NOT_PUBLICLY_TRUSTED);
        let finding = if entry.applies_to(self.leaf) {
            finding.variant("distrusted")
        } else {
            finding.severity(Severity::Info).variant("distrusted-later")
        };
        Some(
            finding
                .reference(entry.source.clone())
                .arg("root", root.display_name())
                .arg("program", entry.program.as_str())
                .arg("after", entry.after.as_str())
                .arg("source", entry.source.as_str())
                .data("root", root.facts().subject.as_str())
                .data("distrusted_after", entry.after.as_str())
                .data("program", entry.program.as_str()),
        )
    }

    /// Signatures along the path that this program cannot verify, although they are not given up: neither good nor bad.
    pub(super) fn unverifiable(&self) -> Option<Finding> {
        let path: Vec<&Certificate> = self
            .analysis
            .path
            .iter()
            .filter_map(|&index| self.served.certificates.get(index))
            .collect();
        let of_store: Vec<Certificate> = path
            .last()
            .and_then(|last| self.settings.store.issuer_of(last))
            .into_iter()
            .collect();
        let issuers = path.iter().skip(1).copied().chain(&of_store);
        let mut links: Vec<(&Certificate, &Certificate)> = path.iter().copied().zip(issuers).collect();
        if path.len() == 1 && self.leaf.facts().subject == self.leaf.facts().issuer {
            links.push((self.leaf, self.leaf));
        }
        let open: Vec<&Certificate> = links
            .into_iter()
            .filter(|(certificate, issuer)| {
                !is_given_up(&certificate.facts().signature) && !certificate.is_verifiable_by(issuer)
            })
            .map(|(certificate, _)| certificate)
            .collect();
        let first = open.first()?;
        let names: Vec<&str> = open
            .iter()
            .map(|certificate| certificate.display_name())
            .collect();
        Some(
            self.finding(&registry::CHAIN_INVALID)
                .severity(Severity::Unknown)
                .variant("unverifiable")
                .arg("certificates", names.join(", "))
                .arg("signature", first.facts().signature.as_str())
                .arg("key", first.facts().key.to_string())
                .data("signature", first.facts().signature.as_str()),
        )
    }
}

/// Where a certificate says that the lists about it can be had.
fn places(certificate: &Certificate) -> String {
    match certificate.facts().crl.as_slice() {
        [] => "-".to_owned(),
        places => places.join(", "),
    }
}

/// The decision about this root that takes effect first.
pub(in crate::rules::certs) fn distrusted<'a>(table: &'a [Entry], root: &Certificate) -> Option<&'a Entry> {
    table
        .iter()
        .filter(|entry| entry.sha256 == root.facts().sha256)
        .min_by(|a, b| a.after.cmp(&b.after))
}

/// The same as a reason why a cloud would refuse it.
pub(in crate::rules::certs) fn distrust_reason(
    table: &[Entry],
    leaf: &Certificate,
    root: &Certificate,
) -> Option<Reason> {
    let entry = distrusted(table, root).filter(|entry| entry.applies_to(leaf))?;
    let root = root.display_name();
    let (program, after) = (entry.program.as_str(), entry.after.as_str());
    let seen = Seen::new(
        "distrusted",
        format!("{program} trusts what {root} issued until {after} only"),
    )
    .with("program", program)
    .with("other", root)
    .with("date", after);
    Some(Reason::new("cert.not-publicly-trusted", &entry.source, seen))
}
