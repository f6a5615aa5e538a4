//! Certificates and the trust chain: what was seen at endpoints and in files, to findings and to the `data` of
//! `certs`. Pure: the same observations give the same findings for the same instant and settings, so that a saved
//! observation can be judged again.

mod broadworks;
mod chain;
pub mod data;
mod endpoint;
mod farm;
pub mod installed;
mod members;
mod mtls;
pub mod thresholds;
mod trust;
mod webex;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

pub use data::CertsData;
pub use thresholds::Thresholds;

use super::{Finding, registry};
use crate::probe::TlsObservation;
use crate::probe::observation::Offered;
use crate::x509::crl::Lists;
use crate::x509::files::CertFile;
use crate::x509::{Certificate, Store};

/// What judging depends on besides the observations.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The instant to judge as of.
    pub as_of: DateTime<Utc>,
    /// When an expiry date is a warning, and when it is critical.
    pub thresholds: Thresholds,
    /// Whom to trust.
    pub store: Store,
    /// Mozilla's roots: what a cloud would accept, whatever `store` is.
    pub public: Store,
    /// Certificates at hand that may stand between a leaf and a root, although they were not served.
    pub intermediates: Vec<Certificate>,
    /// The name to check instead of the target's; for files the only one.
    pub host: Option<String>,
    /// The names that certificates of single files must be valid for: the XSPs of the configuration.
    pub hosts: BTreeMap<PathBuf, String>,
    /// Revocation lists.
    pub crls: Arc<Lists>,
    /// At most this many intermediates.
    pub max_depth: Option<usize>,
    /// What should be served: as installed on disk, or as served when a bundle was made.
    pub expected: Vec<installed::Expected>,
    /// Issuers that were fetched (`--aia`), each with where from. They say what would complete a chain; they are not
    /// served, and make nothing trusted.
    pub fetched: Vec<(String, Certificate)>,
    /// How the fetching went.
    pub aia: Vec<crate::probe::aia::AiaFetch>,
    /// Roots from which browsers accept no new certificates.
    pub distrusted: Vec<crate::x509::distrust::Entry>,
}

impl Settings {
    /// Mozilla's roots, the default thresholds.
    pub fn new(as_of: DateTime<Utc>) -> Self {
        let public = Store::mozilla();
        Self {
            as_of,
            thresholds: Thresholds::default(),
            store: public.clone(),
            public,
            intermediates: Vec::new(),
            host: None,
            hosts: BTreeMap::new(),
            crls: Arc::default(),
            max_depth: None,
            expected: Vec::new(),
            fetched: Vec::new(),
            aia: Vec::new(),
            distrusted: crate::x509::distrust::table().to_vec(),
        }
    }
}

/// `host:port` as given, the subject of every finding about a target.
pub fn subject(observation: &TlsObservation) -> String {
    let host = observation.host.as_str();
    if host.contains(':') && !host.starts_with('[') {
        format!("[{host}]:{}", observation.port)
    } else {
        format!("{host}:{}", observation.port)
    }
}

/// Judges everything that was observed.
pub fn judge(
    observations: &[TlsObservation],
    files: &[CertFile],
    trust: &[CertFile],
    settings: &Settings,
) -> (Vec<Finding>, CertsData) {
    let mut data = CertsData::default();
    let mut findings = Vec::new();

    let trust = trust::Trust::read(trust);
    // What a trust file holds names a missing issuer, but makes nothing trusted.
    let mut further = settings.intermediates.clone();
    further.extend(trust.certificates().cloned());
    further.extend(
        settings
            .fetched
            .iter()
            .map(|(_, certificate)| certificate.clone()),
    );
    data.aia.clone_from(&settings.aia);

    let mut chains = chain::Memo::default();
    for observation in observations {
        let (target, found) = judge_target(observation, &trust, &further, settings, &mut chains);
        data.targets.push(target);
        findings.extend(found);
    }
    findings.extend(compare(observations));
    for file in files {
        let certificates: Vec<Certificate> = parse(&file.certificates);
        let label = label(file);
        if certificates.is_empty() {
            findings.push(Finding::unknown(&registry::CERT_MALFORMED, &label));
            data.files
                .push(data::FileData::new(file, &certificates, None, settings));
            continue;
        }
        let judged = chain::judge(
            &chain::Served {
                subject: &label,
                host: settings
                    .host
                    .as_deref()
                    .or_else(|| settings.hosts.get(&file.path).map(String::as_str)),
                scheme: None,
                certificates: &certificates,
                further: &further,
                staple: None,
            },
            settings,
        );
        data.files.push(data::FileData::new(
            file,
            &certificates,
            Some(judged.verification),
            settings,
        ));
        findings.extend(judged.findings);
    }
    for (file, certificates) in trust.files() {
        data.trust
            .push(data::FileData::new(file, certificates, None, settings));
    }
    findings.extend(trust::judge(&trust, settings));
    (merge(findings), data)
}

/// What sets the members of each farm apart, and the addresses of each name: the part of [`judge`] that looks at all
/// targets at once.
pub fn compare(observations: &[TlsObservation]) -> Vec<Finding> {
    let mut findings = members::judge(observations);
    findings.extend(farm::judge(observations));
    findings
}

/// The versions that a server offers, for comparison; `None` where one of them could not be seen.
fn versions(observation: &TlsObservation) -> Option<String> {
    let offers = &observation.handshake.as_ref()?.protocols_offered;
    if offers.iter().any(|offer| offer.answer == Offered::Unknown) {
        return None;
    }
    let offered = offers.iter().filter(|offer| offer.answer == Offered::Offered);
    let versions: Vec<&str> = offered.map(|offer| offer.version.as_str()).collect();
    (!versions.is_empty()).then(|| versions.join(" "))
}

fn judge_target(
    observation: &TlsObservation,
    trust: &trust::Trust,
    further: &[Certificate],
    settings: &Settings,
    chains: &mut chain::Memo,
) -> (data::TargetData, Vec<Finding>) {
    let subject = subject(observation);
    let ders = observation.chain.iter().map(|der| der.0.as_slice());
    let certificates: Vec<Certificate> = ders.map(Certificate::parse).collect();
    let mut findings = endpoint::judge(observation, &subject);
    let mut verification = None;
    let (mut accepted, mut ocsp) = (None, None);
    if !certificates.is_empty() {
        let host = settings.host.as_deref().unwrap_or(&observation.host);
        let judged = chains.judge(
            &chain::Served {
                subject: &subject,
                host: Some(host),
                scheme: Some(observation.scheme),
                certificates: &certificates,
                further,
                staple: observation.ocsp_staple.as_ref().map(|der| der.0.as_slice()),
            },
            settings,
        );
        accepted = Some(webex::judge(observation, &judged, &certificates, host, settings));
        findings.extend(judged.findings);
        verification = Some(judged.verification);
        ocsp = judged.ocsp;
    }
    findings.extend(mtls::judge(observation, &subject, trust, settings));
    if let Some(leaf) = certificates.first().filter(|leaf| leaf.is_readable()) {
        findings.extend(installed::judge(observation, &subject, leaf, &settings.expected));
    }
    let addresses = observation
        .address
        .map(|address| Json::from(vec![address.to_string()]));
    for finding in &mut findings {
        if let Some(addresses) = &addresses {
            finding.data.insert("addresses".to_owned(), addresses.clone());
        }
        finding
            .data
            .insert("target".to_owned(), Json::from(observation.target.as_str()));
    }
    let target = data::TargetData::new(
        observation,
        &certificates,
        data::Judgement {
            verification,
            webex: accepted,
            ocsp,
        },
        &findings,
        settings,
    );
    (target, findings)
}

/// How a file is named in findings.
fn label(file: &CertFile) -> String {
    file.path.display().to_string()
}

fn parse(ders: &[Vec<u8>]) -> Vec<Certificate> {
    ders.iter().map(|der| Certificate::parse(der)).collect()
}

/// The same finding for several addresses of one target is said once, with all the addresses.
fn merge(findings: Vec<Finding>) -> Vec<Finding> {
    use std::collections::HashMap;
    let mut merged: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut by_subject: HashMap<String, Vec<usize>> = HashMap::new();
    for finding in findings {
        let candidates = by_subject.entry(finding.subject.clone()).or_default();
        let same = candidates.iter().copied().find(|&index| {
            merged.get(index).is_some_and(|other| {
                other.check.id == finding.check.id
                    && other.severity == finding.severity
                    && other.message == finding.message
            })
        });
        let Some(other) = same.and_then(|index| merged.get_mut(index)) else {
            candidates.push(merged.len());
            merged.push(finding);
            continue;
        };
        let more = finding.data.get("addresses").and_then(Json::as_array);
        if let (Some(more), Some(Json::Array(addresses))) = (more, other.data.get_mut("addresses")) {
            for address in more {
                if !addresses.contains(address) {
                    addresses.push(address.clone());
                }
            }
        }
    }
    merged
}

/// A certificate told apart from others: name, last day, the beginning of its fingerprint.
fn brief(certificate: &Certificate) -> String {
    let fingerprint = &certificate.facts().sha256;
    let beginning = fingerprint.get(..16).unwrap_or(fingerprint);
    let (name, last) = (certificate.display_name(), day(certificate.not_after()));
    format!("{name}, {last}, SHA-256 {beginning}…")
}

/// A date for people, the same in every language.
fn day(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%d").to_string()
}

/// The explanation of a threshold: "12 days left = 13 % of 90 days".
fn explain(finding: Finding, left: thresholds::Remaining) -> Finding {
    finding
        .arg("days", left.days)
        .arg("percent", left.percent)
        .arg("lifetime", left.lifetime_days)
        .arg("warn", left.warn_days)
        .arg("critical", left.critical_days)
        .arg("warnshare", left.warn_percent)
        .arg("criticalshare", left.critical_percent)
        .data("days_left", left.days)
        .data("percent_left", left.percent)
        .data("warn_days", left.warn_days)
        .data("critical_days", left.critical_days)
}

/// The command that installs a certificate at an interface.
pub fn install_command(scheme: Option<crate::probe::observation::Scheme>) -> String {
    broadworks::install_certificate(scheme)
}
