//! What changed between two bundles, from their reports and manifests. Facts only: `commands::diff` lets what is new
//! or worse speak for the verdict.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Manifest;
use crate::case::{Fact, Facts};
use crate::report::{Finding, Report, Severity, Verdict};
use crate::rules::certs::data::{CertsData, TargetData};
use crate::rules::status::StatusData;
use crate::x509::CertFacts;

/// What changed between two bundles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// The bundle named first.
    pub old: Side,
    /// The bundle named second.
    pub new: Side,
    /// Whether pseudonyms in one mean the same as in the other: both were made with one site key.
    pub same_key: bool,
    /// Findings that came, went, or became better or worse; worst first.
    pub findings: Vec<FindingChange>,
    /// Certificates that were replaced, came or went.
    pub certificates: Vec<CertificateChange>,
    /// Values that came or went: versions, IDs, incidents, what the servers offer.
    pub facts: Vec<FactChange>,
    /// Files that came or went, below the top directory.
    pub files: Changed,
}

/// One of the two bundles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Side {
    /// The file's name.
    pub bundle: String,
    /// When it was made (RFC 3339).
    pub created_at: String,
    /// The instant it was judged as of (RFC 3339).
    pub as_of: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// Its verdict before escalating: `fix-first`, `wait`, `incomplete`, `ready`.
    pub escalation: Option<String>,
}

/// Values that are only on one side.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Changed {
    /// Only in the old bundle.
    pub gone: Vec<String>,
    /// Only in the new bundle.
    pub new: Vec<String>,
}

/// How a finding changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It was not there, or was fine.
    New,
    /// It became worse.
    Worse,
    /// It became better, but is still there.
    Better,
    /// It is no longer there, or is fine.
    Gone,
}

impl Change {
    /// The word of the wire format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Worse => "worse",
            Self::Better => "better",
            Self::Gone => "gone",
        }
    }
}

/// A finding that changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FindingChange {
    /// How.
    pub change: Change,
    /// The check.
    pub check: String,
    /// What it is about.
    pub subject: String,
    /// How bad it was; null: not judged then.
    pub old: Option<Severity>,
    /// How bad it is; null: not judged now.
    pub new: Option<Severity>,
    /// Its title, in the language of the bundle that it is from.
    pub title: String,
}

/// A certificate that changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CertificateChange {
    /// The target with its address, or the file.
    pub place: String,
    /// What is there now; null: nothing any more.
    pub new: Option<Brief>,
    /// What was there; null: nothing.
    pub old: Option<Brief>,
}

/// A certificate in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Brief {
    /// The subject (RFC 4514).
    pub subject: String,
    /// The issuer (RFC 4514).
    pub issuer: String,
    /// The serial number, lower-case hexadecimal.
    pub serial: String,
    /// Last instant of validity (RFC 3339).
    pub not_after: String,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
}

/// Values of one kind that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FactChange {
    /// What: the name of the field, e.g. `client_versions`, `acceptable_cas`, `incidents`.
    pub fact: String,
    /// The target it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The values.
    #[serde(flatten)]
    pub changed: Changed,
}

/// One bundle as it is compared.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// The file's name.
    pub name: &'a str,
    /// Its manifest.
    pub manifest: &'a Manifest,
    /// Its report.
    pub report: &'a Report,
}

/// Compares two bundles.
pub fn compare(old: Compared<'_>, new: Compared<'_>) -> Difference {
    let key = |side: Compared<'_>| side.manifest.options.get("key_id").cloned();
    let paths = |side: Compared<'_>| -> BTreeSet<String> {
        side.manifest.files.iter().map(|file| file.path.clone()).collect()
    };
    Difference {
        old: side(old),
        new: side(new),
        same_key: key(old).is_some() && key(old) == key(new),
        findings: findings(&old.report.findings, &new.report.findings),
        certificates: certificates(old.report, new.report),
        facts: facts(old.report, new.report),
        files: Changed::between(&paths(old), &paths(new)).unwrap_or_default(),
    }
}

fn side(side: Compared<'_>) -> Side {
    Side {
        bundle: side.name.to_owned(),
        created_at: side.manifest.created_at.clone(),
        as_of: side.report.as_of.clone(),
        verdict: side.report.verdict,
        escalation: part(side.report, "escalation"),
    }
}

/// A part of a report's data; `None` when it is not there or of another version.
fn part<T: DeserializeOwned>(report: &Report, name: &str) -> Option<T> {
    T::deserialize(report.data.get(name)?).ok()
}

impl Changed {
    /// `None`: nothing changed.
    fn between(old: &BTreeSet<String>, new: &BTreeSet<String>) -> Option<Self> {
        (old != new).then(|| Self {
            gone: old.difference(new).cloned().collect(),
            new: new.difference(old).cloned().collect(),
        })
    }
}

/// The worst finding of each check and subject.
fn worst(findings: &[Finding]) -> BTreeMap<(&str, &str), &Finding> {
    let mut worst: BTreeMap<(&str, &str), &Finding> = BTreeMap::new();
    for finding in findings {
        let slot = worst
            .entry((finding.check.as_str(), finding.subject.as_str()))
            .or_insert(finding);
        if slot.severity < finding.severity {
            *slot = finding;
        }
    }
    worst
}

/// How the findings of two reports differ, worst first.
pub fn findings(old: &[Finding], new: &[Finding]) -> Vec<FindingChange> {
    let (before, after) = (worst(old), worst(new));
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
    let mut changes: Vec<FindingChange> = keys
        .into_iter()
        .filter_map(|key| finding(key, before.get(&key).copied(), after.get(&key).copied()))
        .collect();
    // Stable: within one severity by check and subject.
    changes.sort_by_key(|change| {
        let gone = matches!(change.change, Change::Better | Change::Gone);
        (gone, std::cmp::Reverse(change.new.max(change.old)))
    });
    changes
}

fn finding(
    (check, subject): (&str, &str),
    old: Option<&Finding>,
    new: Option<&Finding>,
) -> Option<FindingChange> {
    let trouble = |side: Option<&Finding>| {
        side.map(|finding| finding.severity)
            .filter(|severity| *severity != Severity::Ok)
    };
    let (change, shown) = match (trouble(old), trouble(new)) {
        (None, Some(_)) => (Change::New, new),
        (Some(_), None) => (Change::Gone, old),
        (Some(before), Some(after)) if after > before => (Change::Worse, new),
        (Some(before), Some(after)) if after < before => (Change::Better, new),
        _ => return None,
    };
    Some(FindingChange {
        change,
        check: check.to_owned(),
        subject: subject.to_owned(),
        old: old.map(|finding| finding.severity),
        new: new.map(|finding| finding.severity),
        title: shown.map(|finding| finding.title.clone()).unwrap_or_default(),
    })
}

impl From<&CertFacts> for Brief {
    fn from(facts: &CertFacts) -> Self {
        Self {
            subject: facts.subject.clone(),
            issuer: facts.issuer.clone(),
            serial: facts.serial.clone(),
            not_after: facts.not_after.clone(),
            sha256: facts.sha256.clone(),
        }
    }
}

/// Served and installed certificates by their place; anchors each for itself, because their order means nothing.
fn certificates(old: &Report, new: &Report) -> Vec<CertificateChange> {
    let (before, after) = (placed(old), placed(new));
    let places: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    places
        .into_iter()
        .filter(|place| before.get(*place) != after.get(*place))
        .map(|place| CertificateChange {
            place: place.0.clone(),
            old: before.get(place).cloned(),
            new: after.get(place).cloned(),
        })
        .collect()
}

/// Where a certificate is: target or file, and what tells several of them apart there.
type Place = (String, String);

fn placed(report: &Report) -> BTreeMap<Place, Brief> {
    let Some(data) = part::<CertsData>(report, "certs") else {
        return BTreeMap::new();
    };
    let mut placed = BTreeMap::new();
    for target in &data.targets {
        for (depth, facts) in target.chain.iter().enumerate() {
            placed.insert((place(target), format!("{depth:04}")), facts.into());
        }
    }
    for file in &data.files {
        for (depth, facts) in file.chain.iter().enumerate() {
            placed.insert((file.path.clone(), format!("{depth:04}")), facts.into());
        }
    }
    for file in &data.trust {
        for facts in &file.chain {
            placed.insert((file.path.clone(), facts.sha256.clone()), facts.into());
        }
    }
    placed
}

fn place(target: &TargetData) -> String {
    match target.address {
        Some(address) if address.to_string() != target.host => format!("{} ({address})", target.target),
        _ => target.target.clone(),
    }
}

/// The versions of TLS that a server offers.
const PROTOCOLS: &str = "protocols_offered";

/// The values of one kind at one place.
type Values = BTreeMap<(String, Option<String>), BTreeSet<String>>;

fn facts(old: &Report, new: &Report) -> Vec<FactChange> {
    let (mut before, mut after) = (values(old), values(new));
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).cloned().collect();
    keys.into_iter()
        .filter_map(|key| {
            let (old, new) = (before.remove(&key), after.remove(&key));
            // What could not be seen has not changed.
            if key.0 == PROTOCOLS && (old.is_none() || new.is_none()) {
                return None;
            }
            let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
            let changed = Changed::between(&old, &new)?;
            Some(FactChange {
                fact: key.0,
                place: key.1,
                changed,
            })
        })
        .collect()
}

fn values(report: &Report) -> Values {
    let mut values = Values::new();
    if let Some(facts) = part::<Facts>(report, "facts") {
        case_values(&facts, &mut values);
    }
    if let Some(status) = part::<StatusData>(report, "status") {
        for (name, incidents) in [
            ("incidents", &status.incidents),
            ("maintenances", &status.maintenances),
        ] {
            let names = incidents.iter().map(|incident| incident.name.clone()).collect();
            values.insert((name.to_owned(), None), names);
        }
    }
    for target in part::<CertsData>(report, "certs").unwrap_or_default().targets {
        let place = Some(place(&target));
        let mut put = |name: &str, list: Vec<String>| {
            values.insert((name.to_owned(), place.clone()), list.into_iter().collect());
        };
        put("reason", target.reason.into_iter().collect());
        if let Some(handshake) = target.handshake {
            put("acceptable_cas", handshake.acceptable_cas);
            if handshake.protocols_unknown.is_empty() {
                put(PROTOCOLS, handshake.protocols_offered);
            }
        }
    }
    values
}

fn case_values(facts: &Facts, values: &mut Values) {
    let lists: [(&str, &[Fact]); 8] = [
        ("customer_orgs", &facts.customer_orgs),
        ("partner_orgs", &facts.partner_orgs),
        ("tracking_ids", &facts.tracking_ids),
        ("user_emails", &facts.user_emails),
        ("client_versions", &facts.client_versions),
        ("broadworks_releases", &facts.broadworks_releases),
        ("control_hub_builds", &facts.control_hub_builds),
        ("error_codes", &facts.error_codes),
    ];
    for (name, list) in lists {
        let shown = list.iter().map(|fact| match &fact.label {
            // A release without its server says little.
            Some(role) if name == "broadworks_releases" => format!("{role}={}", fact.value),
            _ => fact.value.clone(),
        });
        values.insert((name.to_owned(), None), shown.collect());
    }
}

#[cfg(test)]
mod tests {
    use super::{Change, Changed, findings};
    use crate::report::{Finding, Owner, Severity};

    fn finding(check: &str, subject: &str, severity: Severity) -> Finding {
        Finding {
            check: check.to_owned(),
            severity,
            subject: subject.to_owned(),
            owner: Owner::ServiceProvider,
            title: format!("{check} {}", severity.as_str()),
            detail: String::new(),
            remedy: String::new(),
            reference: None,
            data: serde_json::Map::new(),
        }
    }

    #[test]
    fn findings_come_go_and_change_worst_first() {
        use Severity::{Critical, Info, Ok, Unknown, Warning};
        let old = [
            finding("cert.expires-soon", "a", Warning),
            finding("cert.expired", "a", Ok),
            finding("status.reachable", "page", Unknown),
            finding("chain.order", "a", Warning),
            finding("cert.host-name", "a", Critical),
            finding("chain.order", "b", Info),
        ];
        let new = [
            finding("cert.expires-soon", "a", Warning),
            finding("cert.expires-soon", "a", Critical),
            finding("cert.expired", "a", Critical),
            finding("status.reachable", "page", Ok),
            finding("cert.host-name", "a", Warning),
            finding("chain.order", "b", Info),
            finding("tls.cipher", "c", Info),
        ];
        let seen: Vec<_> = findings(&old, &new)
            .into_iter()
            .map(|change| (change.change, change.check, change.title))
            .collect();
        let expected = [
            (Change::New, "cert.expired", "cert.expired critical"),
            (Change::Worse, "cert.expires-soon", "cert.expires-soon critical"),
            (Change::New, "tls.cipher", "tls.cipher info"),
            (Change::Better, "cert.host-name", "cert.host-name warning"),
            (Change::Gone, "chain.order", "chain.order warning"),
            (Change::Gone, "status.reachable", "status.reachable unknown"),
        ]
        .map(|(change, check, title)| (change, check.to_owned(), title.to_owned()));
        assert_eq!(seen, expected);
        assert!(findings(&new, &new).is_empty());
    }

    #[test]
    fn values_are_sets() {
        let set = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        assert_eq!(Changed::between(&set(&["a", "b"]), &set(&["b", "a"])), None);
        let changed = Changed::between(&set(&["a", "b"]), &set(&["b", "c"])).expect("changed");
        assert_eq!(
            (changed.gone, changed.new),
            (vec!["a".to_owned()], vec!["c".to_owned()])
        );
    }
}
