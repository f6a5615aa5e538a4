//! What is served against what is installed on disk, and against an earlier bundle: "renewed, but not loaded".

use super::{broadworks, day};
use crate::probe::TlsObservation;
use crate::report::Severity;
use crate::rules::{Finding, registry};
use crate::x509::Certificate;

/// A certificate that should be served.
#[derive(Debug, Clone)]
pub struct Expected {
    /// The file it came from.
    pub path: String,
    /// The server certificate in it.
    pub certificate: Certificate,
    /// Where it is expected.
    pub place: Place,
}

/// Where a certificate is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Anywhere: a file of `--match`.
    Anywhere,
    /// On every port of this host: `[[xsp]].certificate`.
    Host(String),
    /// There it was served when a bundle was made.
    Before {
        /// The name.
        host: String,
        /// The port.
        port: u16,
    },
}

impl Expected {
    fn concerns(&self, observation: &TlsObservation) -> bool {
        match &self.place {
            Place::Anywhere => true,
            Place::Host(host) => observation.host.eq_ignore_ascii_case(host),
            Place::Before { host, port } => {
                observation.port == *port && observation.host.eq_ignore_ascii_case(host)
            }
        }
    }
}

/// Compares one target with everything that is expected there.
pub(super) fn judge(
    observation: &TlsObservation,
    subject: &str,
    served: &Certificate,
    expected: &[Expected],
) -> Vec<Finding> {
    let (before, installed): (Vec<&Expected>, Vec<&Expected>) = expected
        .iter()
        .filter(|expected| expected.concerns(observation))
        .partition(|expected| matches!(expected.place, Place::Before { .. }));
    let compare = |candidates: &[&Expected], judge: Judge| {
        let same = |expected: &&&Expected| expected.certificate.der() == served.der();
        let candidate = candidates
            .iter()
            .find(same)
            .copied()
            .or_else(|| closest(served, candidates))?;
        Some(judge(observation, subject, served, candidate))
    };
    let mut findings = Vec::new();
    findings.extend(compare(&installed, on_disk));
    findings.extend(compare(&before, earlier));
    if findings.is_empty() && !installed.is_empty() {
        // Several files, and none of them for these names.
        findings.push(
            Finding::unknown(&registry::TLS_MIXED_ADDRESSES, subject)
                .severity(Severity::Info)
                .variant("installed-none")
                .arg("served", served.display_name())
                .arg("count", installed.len()),
        );
    }
    findings
}

type Judge = fn(&TlsObservation, &str, &Certificate, &Expected) -> Finding;

/// The newest of those for the same names; a single file is meant, whatever names it has.
fn closest<'a>(served: &Certificate, candidates: &[&'a Expected]) -> Option<&'a Expected> {
    if let [only] = candidates {
        return Some(only);
    }
    candidates
        .iter()
        .filter(|expected| has_same_names(served, &expected.certificate))
        .max_by_key(|expected| expected.certificate.not_before())
        .copied()
}

/// At least one name in common.
fn has_same_names(one: &Certificate, other: &Certificate) -> bool {
    let names = |certificate: &Certificate| -> Vec<String> {
        let own = certificate.common_name().map(str::to_owned);
        certificate
            .facts()
            .sans
            .iter()
            .cloned()
            .chain(own)
            .map(|name| name.to_ascii_lowercase())
            .collect()
    };
    let others = names(other);
    names(one).iter().any(|name| others.contains(name))
}

fn on_disk(
    observation: &TlsObservation,
    subject: &str,
    served: &Certificate,
    expected: &Expected,
) -> Finding {
    let installed = &expected.certificate;
    let check = &registry::TLS_MIXED_ADDRESSES;
    let finding = if installed.der() == served.der() {
        Finding::ok(check, subject).variant("installed-ok")
    } else if !has_same_names(served, installed) {
        Finding::new(check, subject).variant("installed-other")
    } else if installed.not_before() > served.not_before() {
        Finding::new(check, subject).variant("installed")
    } else {
        Finding::new(check, subject).variant("installed-older")
    };
    let same_key = installed.facts().key_sha256 == served.facts().key_sha256;
    fill(finding, observation, served, expected)
        .data("installed_sha256", installed.facts().sha256.as_str())
        .data("same_key", same_key)
}

fn earlier(
    observation: &TlsObservation,
    subject: &str,
    served: &Certificate,
    expected: &Expected,
) -> Finding {
    let before = &expected.certificate;
    let check = &registry::TLS_MIXED_ADDRESSES;
    let finding = if before.der() == served.der() {
        Finding::ok(check, subject).variant("earlier-ok")
    } else if served.not_before() > before.not_before() {
        Finding::new(check, subject)
            .severity(Severity::Info)
            .variant("earlier-renewed")
    } else {
        Finding::new(check, subject).variant("earlier-older")
    };
    fill(finding, observation, served, expected).data("earlier_sha256", before.facts().sha256.as_str())
}

fn fill(
    finding: Finding,
    observation: &TlsObservation,
    served: &Certificate,
    expected: &Expected,
) -> Finding {
    finding
        .arg("served", served.display_name())
        .arg("until", day(served.not_after()))
        .arg("installed", expected.certificate.display_name())
        .arg("other", day(expected.certificate.not_after()))
        .arg("path", expected.path.as_str())
        .arg("cli", broadworks::install_certificate(Some(observation.scheme)))
        .data("served_sha256", served.facts().sha256.as_str())
        .data("path", expected.path.as_str())
}
