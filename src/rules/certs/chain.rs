//! A chain, served or from a file: `cert.*` and `chain.*`.

mod shape;
mod strength;
pub(super) mod trust;

use std::collections::HashMap;

use super::{Settings, broadworks, day};
use crate::i18n::{Localize as _, Value};
use crate::probe::observation::Scheme;
use crate::report::Severity;
use crate::rules::{Check, Finding, registry};
use crate::x509::chain::{self, Analysis, End};
use crate::x509::lint::Profile;
use crate::x509::ocsp::{self, OcspFacts, Status};
use crate::x509::verify::{self, Verified};
use crate::x509::{Certificate, Reason, Seen, Verification};

/// A chain to judge.
pub(super) struct Served<'a> {
    /// The target or file.
    pub subject: &'a str,
    /// The name to check.
    pub host: Option<&'a str>,
    /// What is expected there; `None` for a file.
    pub scheme: Option<Scheme>,
    /// As served.
    pub certificates: &'a [Certificate],
    /// At hand, but not served.
    pub further: &'a [Certificate],
    /// The stapled OCSP response.
    pub staple: Option<&'a [u8]>,
}

/// The outcome.
#[derive(Clone)]
pub(super) struct Judged {
    pub findings: Vec<Finding>,
    pub verification: Verification,
    /// The reasons of path and name, without those of the profile.
    pub path_reasons: Vec<Reason>,
    /// The path, leaf first; as served when there is none.
    pub path: Vec<Certificate>,
    /// What the stapled OCSP response says.
    pub ocsp: Option<OcspFacts>,
}

/// Everything the single rules look at.
struct Case<'a> {
    served: &'a Served<'a>,
    settings: &'a Settings,
    analysis: Analysis,
    verified: Verified,
    leaf: &'a Certificate,
    ocsp: Option<OcspFacts>,
}

/// Chains that were judged already, by what the outcome depends on. The members of a farm often serve the same.
#[derive(Default)]
pub(super) struct Memo(HashMap<Asked, Judged>);

/// Fingerprints, name, interface, staple.
type Asked = (Vec<String>, Option<String>, Option<Scheme>, Option<Vec<u8>>);

impl Memo {
    /// [`judge`], with all else as in the calls before.
    pub(super) fn judge(&mut self, served: &Served<'_>, settings: &Settings) -> Judged {
        let fingerprints = served.certificates.iter().map(|c| c.facts().sha256.clone());
        let asked = (
            fingerprints.collect(),
            served.host.map(str::to_owned),
            served.scheme,
            served.staple.map(<[u8]>::to_vec),
        );
        if let Some(known) = self.0.get(&asked) {
            let mut judged = known.clone();
            for finding in &mut judged.findings {
                finding.move_to(served.subject);
            }
            return judged;
        }
        let judged = judge(served, settings);
        self.0.insert(asked, judged.clone());
        judged
    }
}

/// Judges a chain.
pub(super) fn judge(served: &Served<'_>, settings: &Settings) -> Judged {
    let analysis = chain::analyse(served.certificates, &settings.store, served.further);
    let mut verified = verify::verify(
        &verify::Question {
            certificates: served.certificates,
            analysis: &analysis,
            further: &settings.intermediates,
            host: served.host,
            at: settings.as_of,
            purpose: verify::Purpose::Server,
            profile: Profile::WebPki,
            crls: &settings.crls,
            max_depth: settings.max_depth,
        },
        &settings.store,
    );
    let leaf = analysis.leaf().and_then(|index| served.certificates.get(index));
    let ocsp = leaf.and_then(|leaf| staple(served, &verified, leaf, settings));
    if let Some(ocsp) = &ocsp
        && ocsp.verified
        && ocsp.status == Some(Status::Revoked)
    {
        verified.refuse(Reason::new(
            "cert.revoked",
            "RFC 6960 section 2.2",
            Seen::new("revoked-stapled", "revoked, says the stapled OCSP response"),
        ));
    }
    let mut findings = malformed(served);
    let path_reasons = verified.path_reasons().to_vec();
    let path = verified.path.clone();
    let Some(leaf) = leaf else {
        return Judged {
            findings,
            verification: verified.verification,
            path_reasons,
            path,
            ocsp,
        };
    };
    let case = Case {
        served,
        settings,
        analysis,
        verified,
        leaf,
        ocsp,
    };
    findings.extend(case.dates());
    findings.extend(case.trust());
    findings.extend(case.distrust());
    findings.push(case.name());
    findings.extend(case.strength());
    findings.extend(case.revocation());
    findings.push(case.order());
    findings.extend(case.strays());
    findings.extend(case.profile());
    Judged {
        findings,
        verification: case.verified.verification,
        path_reasons,
        path,
        ocsp: case.ocsp,
    }
}

/// What the stapled response says of the leaf. Its issuer may have been served out of order, or be at hand only.
fn staple(
    served: &Served<'_>,
    verified: &Verified,
    leaf: &Certificate,
    settings: &Settings,
) -> Option<OcspFacts> {
    let made_it = |candidate: &&Certificate| leaf.is_issued_by(candidate);
    let issuer = verified
        .path
        .get(1)
        .or_else(|| served.certificates.iter().find(made_it))
        .or_else(|| served.further.iter().find(made_it));
    Some(ocsp::check(served.staple?, leaf, issuer, settings.as_of))
}

/// Certificates that do not follow the encoding rules.
fn malformed(served: &Served<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, certificate) in served.certificates.iter().enumerate() {
        let faults = &certificate.facts().malformed;
        if faults.is_empty() {
            continue;
        }
        let severity = if certificate.is_readable() {
            Severity::Warning
        } else {
            Severity::Critical
        };
        findings.push(
            Finding::new(&registry::CERT_MALFORMED, served.subject)
                .severity(severity)
                .arg("position", index + 1)
                .arg("name", certificate.display_name())
                .arg("faults", certificate.faults().iter().map(said).collect::<Value>())
                .arg("cli", broadworks::install_certificate(served.scheme))
                .data("sha256", certificate.facts().sha256.as_str())
                .data("faults", faults.clone()),
        );
    }
    if findings.is_empty() {
        findings.push(Finding::ok(&registry::CERT_MALFORMED, served.subject));
    }
    findings
}

fn said(seen: &Seen) -> Value {
    Value::from(seen.message())
}

impl Case<'_> {
    fn finding(&self, check: &'static Check) -> Finding {
        self.about(Finding::new(check, self.served.subject), self.leaf)
    }

    fn ok(&self, check: &'static Check) -> Finding {
        self.about(Finding::ok(check, self.served.subject), self.leaf)
    }

    /// Who it is about, until when, and where to change it.
    fn about(&self, finding: Finding, certificate: &Certificate) -> Finding {
        let facts = certificate.facts();
        let finding = if finding.severity == Severity::Ok {
            // Nothing is to be changed.
            finding
        } else {
            finding.arg("cli", broadworks::install_certificate(self.served.scheme))
        };
        finding
            .arg("name", certificate.display_name())
            .arg("issuer", facts.issuer.as_str())
            .arg("from", day(certificate.not_before()))
            .arg("until", day(certificate.not_after()))
            .data("sha256", facts.sha256.as_str())
            .data("certificate", facts.subject.as_str())
            .data("not_after", facts.not_after.as_str())
    }

    /// The certificates whose dates matter, each with its place.
    fn elements(&self) -> Vec<(&Certificate, &'static str)> {
        let path = &self.verified.path;
        path.iter()
            .enumerate()
            // A certificate that is an anchor itself stands at both ends.
            .filter(|(index, certificate)| *index == 0 || path.first() != Some(certificate))
            .map(|(index, certificate)| {
                let element = match index {
                    0 => "leaf",
                    _ if certificate.facts().self_signed || index + 1 == path.len() => "root",
                    _ => "intermediate",
                };
                (certificate, element)
            })
            .collect()
    }

    fn dates(&self) -> Vec<Finding> {
        let as_of = self.settings.as_of;
        let mut findings = Vec::new();
        let (mut expired, mut early, mut soon) = (false, false, false);
        for (certificate, element) in self.elements() {
            let make = |check: &'static Check| {
                self.about(Finding::new(check, self.served.subject), certificate)
                    .arg("element", element)
                    .data("element", element)
            };
            if certificate.not_after() < as_of {
                expired = true;
                let days = -certificate.days_left(as_of);
                findings.push(
                    make(&registry::CERT_EXPIRED)
                        .arg("days", days)
                        .data("days_left", -days),
                );
            } else if certificate.not_before() > as_of {
                early = true;
                let days = (certificate.not_before() - as_of).num_days() + 1;
                findings.push(make(&registry::CERT_NOT_YET_VALID).arg("days", days));
            } else {
                let left = self.settings.thresholds.judge(certificate, as_of);
                if left.severity == Severity::Ok {
                    continue;
                }
                soon = true;
                let mut finding = make(&registry::CERT_EXPIRES_SOON).severity(left.severity);
                if left.is_about_hours() {
                    finding = finding
                        .variant("hours")
                        .arg("hours", left.hours)
                        .arg("lifehours", left.lifetime_hours)
                        .arg("warnhours", left.warn_hours)
                        .arg("criticalhours", left.critical_hours);
                }
                findings.push(super::explain(finding, left));
            }
        }
        let left = self.settings.thresholds.judge(self.leaf, as_of);
        let leaf_over = self.leaf.not_after() < as_of;
        if !expired {
            findings.push(self.ok(&registry::CERT_EXPIRED).arg("days", left.days));
        }
        if !early {
            findings.push(self.ok(&registry::CERT_NOT_YET_VALID));
        }
        if !soon && !leaf_over && !early {
            findings.push(super::explain(self.ok(&registry::CERT_EXPIRES_SOON), left));
        }
        findings
    }

    /// Self-signed, private root, incomplete, or trusted.
    fn trust(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let verification = &self.verified.verification;
        let self_signed = self.leaf.facts().self_signed;
        if self_signed && !verification.issued_by_store {
            // A year to the day is what an interface makes when it is secured for the first time.
            let one_year = (364..=366).contains(&self.leaf.facts().lifetime_days);
            if let Some(open) = self.unverifiable() {
                findings.push(
                    self.about(
                        Finding::unknown(&registry::CERT_SELF_SIGNED, self.served.subject),
                        self.leaf,
                    )
                    .arg("signature", self.leaf.facts().signature.as_str()),
                );
                findings.push(open);
                return findings;
            }
            let finding = self.finding(&registry::CERT_SELF_SIGNED);
            let finding = if one_year {
                finding.variant("one-year")
            } else {
                finding
            };
            findings.push(finding.data("one_year", one_year));
            return findings;
        }
        findings.push(self.ok(&registry::CERT_SELF_SIGNED));
        findings.push(self.completeness());
        let store = self.settings.store.name();
        if verification.issued_by_store {
            let root = self.verified.path.last().map_or("", Certificate::display_name);
            findings.push(
                self.ok(&registry::CERT_NOT_PUBLICLY_TRUSTED)
                    .arg("root", root)
                    .arg("store", store)
                    .data("store", store),
            );
            findings.push(self.ok(&registry::CHAIN_INVALID));
            return findings;
        }
        let open = self.unverifiable();
        let is_open = open.is_some();
        findings.extend(open);
        match &self.analysis.end {
            Some(End::Missing(missing)) if missing.intermediate => {
                findings.push(
                    self.about(
                        Finding::unknown(&registry::CERT_NOT_PUBLICLY_TRUSTED, self.served.subject),
                        self.leaf,
                    )
                    .arg("root", missing.subject.as_str())
                    .arg("store", store),
                );
            }
            Some(End::Missing(missing)) => findings.push(self.private(&missing.subject, store)),
            Some(End::SelfSigned { anchor: false }) => {
                let root = self
                    .analysis
                    .path
                    .last()
                    .and_then(|&index| self.served.certificates.get(index));
                findings.push(self.private(root.map_or("", |root| root.facts().subject.as_str()), store));
            }
            // An anchor is named as issuer, and yet there is no valid path; said here unless another check says it.
            _ => {
                let own = ["cert.host-name", "chain.invalid", "chain.incomplete"];
                let mut reasons = self.verified.path_reasons().iter();
                if !is_open && reasons.all(|reason| own.contains(&reason.check.as_str())) {
                    findings.push(self.invalid());
                }
            }
        }
        findings
    }

    fn private(&self, root: &str, store: &str) -> Finding {
        self.finding(&registry::CERT_NOT_PUBLICLY_TRUSTED)
            .arg("root", root)
            .arg("store", store)
            .data("root", root)
            .data("store", store)
    }

    fn invalid(&self) -> Finding {
        let reasons = self.verified.path_reasons();
        let details: Vec<&str> = reasons.iter().map(|reason| reason.detail.as_str()).collect();
        self.finding(&registry::CHAIN_INVALID)
            .arg("details", reasons.iter().map(Reason::said).collect::<Value>())
            .arg("citations", reasons.iter().map(Reason::cited).collect::<Value>())
            .data("reasons", details)
    }
}
