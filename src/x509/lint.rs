//! The profile: rules of RFC 5280 and of the CA/Browser Forum that path validation leaves out by design. Each has a
//! citation and, where it came later, the date from which it applies: older certificates are not accused.

mod rules;

use chrono::{DateTime, Utc};
use x509_parser::prelude::X509Certificate;

use super::cert::Certificate;
use super::seen::Seen;
use super::verify::{Purpose, Reason};

/// Which rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// RFC 5280 only: private authorities.
    Rfc5280,
    /// RFC 5280 and the baseline requirements of the CA/Browser Forum: publicly trusted servers.
    #[default]
    WebPki,
}

/// Where in the path a certificate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// First.
    Leaf,
    /// Between.
    Intermediate,
    /// Last, and trusted as such.
    Anchor,
}

/// A certificate under a rule.
pub(crate) struct Subject<'a> {
    /// Facts.
    certificate: &'a Certificate,
    /// Parsed.
    parsed: &'a X509Certificate<'a>,
    role: Role,
    purpose: Purpose,
    profile: Profile,
}

/// One rule. `test` gives what was seen when the rule is broken.
pub(crate) struct Lint {
    check: &'static str,
    citation: &'static str,
    profile: Profile,
    /// Applies to certificates issued from this day on (`YYYY-MM-DD`); empty: always.
    since: &'static str,
    test: fn(&Subject<'_>) -> Option<Seen>,
}

impl Lint {
    fn applies(&self, subject: &Subject<'_>) -> bool {
        (self.profile == Profile::Rfc5280 || subject.profile == Profile::WebPki)
            && since(self.since).is_none_or(|since| subject.certificate.not_before() >= since)
    }
}

fn since(day: &str) -> Option<DateTime<Utc>> {
    let day = chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc())
}

/// Holds every certificate of a path (leaf first) against the rules. `anchored`: the last one is a trust anchor.
pub fn lint(path: &[Certificate], anchored: bool, profile: Profile, purpose: Purpose) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for (index, certificate) in path.iter().enumerate() {
        let role = match index {
            0 => Role::Leaf,
            _ if anchored && index + 1 == path.len() => Role::Anchor,
            _ => Role::Intermediate,
        };
        let name = certificate.display_name();
        for fault in certificate.faults() {
            let seen = fault.clone().of(name);
            reasons.push(Reason::new("cert.malformed", "RFC 5280 section 4", seen));
        }
        let Some(parsed) = certificate.parsed() else {
            continue;
        };
        let subject = Subject {
            certificate,
            parsed: &parsed,
            role,
            purpose,
            profile,
        };
        for lint in rules::ALL.iter().filter(|lint| lint.applies(&subject)) {
            if let Some(seen) = (lint.test)(&subject) {
                let citation = match lint.since {
                    "" => lint.citation.to_owned(),
                    since => format!("{}, from {since}", lint.citation),
                };
                reasons.push(Reason::new(lint.check, &citation, seen.of(name)));
            }
        }
    }
    reasons
}
