//! The Webex CA chain as trust anchors for mutual TLS: one combined file or split ones. Root and issuing CA are
//! recognised by subject, issuer and key, never by file name or alias.

use std::collections::BTreeMap;

use super::{Settings, broadworks, day, label};
use crate::report::Severity;
use crate::rules::{Check, Finding, registry};
use crate::x509::Certificate;
use crate::x509::files::CertFile;

/// The trust files, read.
pub(super) struct Trust<'a> {
    files: Vec<(&'a CertFile, Vec<Certificate>)>,
}

impl<'a> Trust<'a> {
    pub(super) fn read(files: &'a [CertFile]) -> Self {
        Self {
            files: files
                .iter()
                .map(|file| (file, super::parse(&file.certificates)))
                .collect(),
        }
    }

    pub(super) fn files(&self) -> impl Iterator<Item = (&CertFile, &[Certificate])> {
        self.files
            .iter()
            .map(|(file, certificates)| (*file, certificates.as_slice()))
    }

    pub(super) fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.files.iter().flat_map(|(_, certificates)| certificates)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.certificates().next().is_none()
    }

    /// The generations of the chain, newest first: each root with the authorities below it. An authority whose root
    /// is missing is a generation of its own.
    pub(super) fn generations(&self) -> Vec<Vec<&Certificate>> {
        let mut unique: BTreeMap<&str, &Certificate> = BTreeMap::new();
        for certificate in self
            .certificates()
            .filter(|certificate| certificate.facts().is_ca)
        {
            unique.insert(&certificate.facts().sha256, certificate);
        }
        let all: Vec<&Certificate> = unique.into_values().collect();
        let mut generations: Vec<Vec<&Certificate>> = Vec::new();
        for top in &all {
            let has_issuer = all
                .iter()
                .any(|other| other.facts().sha256 != top.facts().sha256 && top.is_issued_by(other));
            if has_issuer {
                continue;
            }
            let mut generation = vec![*top];
            let mut next = 0;
            while let Some(&issuer) = generation.get(next) {
                for certificate in &all {
                    let known = generation
                        .iter()
                        .any(|c| c.facts().sha256 == certificate.facts().sha256);
                    if !known && certificate.is_issued_by(issuer) {
                        generation.push(certificate);
                    }
                }
                next += 1;
            }
            generations.push(generation);
        }
        let newest = |generation: &Vec<&Certificate>| generation.iter().map(|c| c.not_before()).max();
        generations.sort_by_key(|generation| std::cmp::Reverse(newest(generation)));
        generations
    }
}

/// Judges the trust files.
pub(super) fn judge(trust: &Trust<'_>, settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for (file, certificates) in trust.files() {
        findings.extend(dates(file, certificates, settings));
        findings.extend(authorities(file, certificates));
        findings.extend(halves(file, certificates, trust));
        findings.push(private_key(file));
        findings.extend(duplicates(file, certificates, &mut seen));
        if certificates.len() > 1 {
            findings.push(
                Finding::new(&registry::TRUST_UNSPLIT, label(file))
                    .severity(Severity::Info)
                    .arg("count", certificates.len())
                    .arg("cli", broadworks::update_trust(None))
                    .data("count", certificates.len()),
            );
        } else {
            findings.push(Finding::ok(&registry::TRUST_UNSPLIT, label(file)));
        }
    }
    findings
}

fn about(check: &'static Check, file: &CertFile, certificate: &Certificate) -> Finding {
    Finding::new(check, label(file))
        .arg("name", certificate.display_name())
        .arg("issuer", certificate.facts().issuer.as_str())
        .arg("from", day(certificate.not_before()))
        .arg("until", day(certificate.not_after()))
        .arg("cli", broadworks::update_trust(None))
        .data("sha256", certificate.facts().sha256.as_str())
        .data("certificate", certificate.facts().subject.as_str())
        .data("not_after", certificate.facts().not_after.as_str())
}

fn dates(file: &CertFile, certificates: &[Certificate], settings: &Settings) -> Vec<Finding> {
    let as_of = settings.as_of;
    let mut findings = Vec::new();
    let (mut expired, mut early, mut soon) = (false, false, false);
    let readable = || {
        certificates
            .iter()
            .filter(|certificate| certificate.is_readable())
    };
    for certificate in readable() {
        if certificate.not_after() < as_of {
            expired = true;
            let days = -certificate.days_left(as_of);
            findings.push(about(&registry::TRUST_EXPIRED, file, certificate).arg("days", days));
        } else if certificate.not_before() > as_of {
            early = true;
            findings.push(about(&registry::TRUST_NOT_YET_VALID, file, certificate));
        } else {
            let left = settings.thresholds.judge(certificate, as_of);
            if left.severity != Severity::Ok {
                soon = true;
                let finding = about(&registry::TRUST_EXPIRES_SOON, file, certificate).severity(left.severity);
                findings.push(super::explain(finding, left));
            }
        }
    }
    let Some(first) = readable().min_by_key(|certificate| certificate.not_after()) else {
        return findings;
    };
    let until = day(first.not_after());
    for (bad, check) in [
        (expired, &registry::TRUST_EXPIRED),
        (early, &registry::TRUST_NOT_YET_VALID),
        (soon || expired, &registry::TRUST_EXPIRES_SOON),
    ] {
        if !bad {
            findings.push(
                Finding::ok(check, label(file))
                    .arg("until", until.as_str())
                    .data("not_after", first.facts().not_after.as_str()),
            );
        }
    }
    findings
}

fn authorities(file: &CertFile, certificates: &[Certificate]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = certificates
        .iter()
        .filter(|certificate| !certificate.facts().is_ca)
        .map(|certificate| about(&registry::TRUST_NOT_A_CA, file, certificate))
        .collect();
    if findings.is_empty() {
        findings.push(Finding::ok(&registry::TRUST_NOT_A_CA, label(file)));
    }
    findings
}

/// Both halves of the chain, over all trust files together: they may be split.
fn halves(file: &CertFile, certificates: &[Certificate], trust: &Trust<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let authorities = certificates
        .iter()
        .filter(|certificate| certificate.facts().is_ca);
    let (mut roots, mut below) = (0_usize, 0_usize);
    for certificate in authorities {
        if certificate.facts().self_signed {
            roots += 1;
            let has_issued = trust.certificates().any(|other| {
                other.facts().is_ca && !other.facts().self_signed && other.is_issued_by(certificate)
            });
            if !has_issued {
                findings.push(about(&registry::TRUST_INTERMEDIATE_MISSING, file, certificate));
            }
        } else {
            below += 1;
            if !trust.certificates().any(|other| certificate.is_issued_by(other)) {
                findings.push(about(&registry::TRUST_ROOT_MISSING, file, certificate));
            }
        }
    }
    let missing = |check: &'static Check| findings.iter().any(|finding| finding.check.id == check.id);
    let root_fine = below > 0 && !missing(&registry::TRUST_ROOT_MISSING);
    let below_fine = roots > 0 && !missing(&registry::TRUST_INTERMEDIATE_MISSING);
    if root_fine {
        findings.push(Finding::ok(&registry::TRUST_ROOT_MISSING, label(file)));
    }
    if below_fine {
        findings.push(Finding::ok(&registry::TRUST_INTERMEDIATE_MISSING, label(file)));
    }
    findings
}

fn private_key(file: &CertFile) -> Finding {
    if file.private_keys == 0 {
        return Finding::ok(&registry::TRUST_PRIVATE_KEY, label(file));
    }
    Finding::new(&registry::TRUST_PRIVATE_KEY, label(file))
        .arg("count", file.private_keys)
        .data("count", file.private_keys)
}

fn duplicates(
    file: &CertFile,
    certificates: &[Certificate],
    seen: &mut BTreeMap<String, String>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for certificate in certificates {
        let fingerprint = certificate.facts().sha256.clone();
        if let Some(other) = seen.get(&fingerprint) {
            findings.push(about(&registry::TRUST_DUPLICATE, file, certificate).arg("other", other.as_str()));
        } else {
            seen.insert(fingerprint, label(file));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::ok(&registry::TRUST_DUPLICATE, label(file)));
    }
    findings
}
