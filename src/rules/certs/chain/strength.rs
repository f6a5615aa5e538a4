//! Keys, signatures, key usage, validity period, and the rest of the profile.

use super::Case;
use crate::i18n::{Message, Value};
use crate::report::Severity;
use crate::rules::{Finding, registry};
use crate::x509::Reason;

impl Case<'_> {
    /// Keys, signatures, key usage, validity period: one finding a check, over the whole path.
    pub(super) fn strength(&self) -> Vec<Finding> {
        let public = self.verified.verification.issued_by_store;
        let checks = [
            &registry::CERT_WEAK_KEY,
            &registry::CERT_WEAK_SIGNATURE,
            &registry::CERT_KEY_USAGE,
            &registry::CERT_VALIDITY_PERIOD,
        ];
        let mut findings = Vec::new();
        for check in checks {
            let path = self.verified.path_reasons().iter();
            let blocks = path.clone().any(|reason| reason.check == check.id);
            // Rules for public authorities say nothing of others; weak is weak everywhere.
            let strength = check.id == "cert.weak-key" || check.id == "cert.weak-signature";
            let profile = if public || strength {
                self.verified.profile_reasons()
            } else if check.id == "cert.validity-period" {
                continue;
            } else {
                &[]
            };
            let reasons: Vec<&Reason> = path
                .chain(profile)
                .filter(|reason| reason.check == check.id)
                .collect();
            let Some(first) = reasons.first() else {
                findings.push(self.fill(self.ok(check)));
                continue;
            };
            let key = &self.leaf.facts().key;
            let weak = check.id == "cert.weak-key"
                && key.algorithm == "RSA"
                && key.bits.is_some_and(|bits| bits < 2048);
            let severity = if blocks || weak {
                Severity::Critical
            } else {
                Severity::Warning
            };
            let details: Vec<&str> = reasons.iter().map(|reason| reason.detail.as_str()).collect();
            findings.push(
                self.fill(self.finding(check))
                    .severity(severity)
                    .arg("details", said(&reasons))
                    .arg("citation", first.cited())
                    .data("reasons", details),
            );
        }
        findings
    }

    fn fill(&self, finding: Finding) -> Finding {
        let facts = self.leaf.facts();
        finding
            .arg("key", facts.key.to_string())
            .arg("signature", facts.signature.as_str())
            .arg("lifetime", facts.lifetime_days)
    }

    /// The rest of the profile, as information: it stops nobody, but strict software may complain.
    pub(super) fn profile(&self) -> Option<Finding> {
        let own = [
            "cert.weak-key",
            "cert.weak-signature",
            "cert.key-usage",
            "cert.validity-period",
            "cert.revoked",
        ];
        let public = self.verified.verification.issued_by_store;
        let reasons: Vec<&Reason> = self
            .verified
            .profile_reasons()
            .iter()
            .filter(|reason| public && !own.contains(&reason.check.as_str()))
            .collect();
        if reasons.is_empty() {
            return None;
        }
        let details: Vec<String> = reasons
            .iter()
            .map(|reason| format!("{} ({})", reason.detail, reason.citation))
            .collect();
        let cited: Value = reasons
            .iter()
            .map(|reason| {
                let cited = Message::new("cert-seen-cited")
                    .arg("seen", reason.said())
                    .arg("citation", reason.cited());
                Value::from(cited)
            })
            .collect();
        Some(
            self.finding(&registry::CHAIN_INVALID)
                .severity(Severity::Info)
                .variant("profile")
                .arg("details", cited)
                .data("reasons", details),
        )
    }
}

/// What was seen, one after the other.
pub(super) fn said(reasons: &[&Reason]) -> Value {
    reasons.iter().map(|reason| reason.said()).collect()
}
