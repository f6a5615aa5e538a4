//! All members alike: the XSPs of a farm compared with each other, interface by interface. Different certificates are
//! normal there; what differs besides is named, by the one that differs. A note only: what is wrong in itself (an old
//! version, no request for a client certificate) is said by its own check, and targets named together need not be a farm.

use std::collections::{BTreeMap, BTreeSet};

use super::subject;
use crate::probe::TlsObservation;
use crate::probe::observation::Scheme;
use crate::report::Severity;
use crate::rules::{Finding, registry};
use crate::x509::{Certificate, name};

/// Compared only where one certificate would do for all: each XSP may have one of its own.
const CERTIFICATE: &str = "certificate";

/// What should be the same, its word in the message, and how bad it is when it is not.
type Aspect = (&'static str, Severity, fn(&TlsObservation) -> Option<String>);

const ASPECTS: &[Aspect] = &[
    (CERTIFICATE, Severity::Info, |observation| {
        let leaf = Certificate::parse(&observation.chain.first()?.0);
        leaf.is_readable().then(|| super::brief(&leaf))
    }),
    ("issuer", Severity::Info, |observation| {
        let leaf = Certificate::parse(&observation.chain.first()?.0);
        leaf.is_readable().then(|| leaf.facts().issuer.clone())
    }),
    ("expiry", Severity::Info, |observation| {
        let leaf = Certificate::parse(&observation.chain.first()?.0);
        leaf.is_readable().then(|| super::day(leaf.not_after()))
    }),
    ("length", Severity::Info, |observation| {
        let length = observation.chain.len();
        (length > 0).then(|| length.to_string())
    }),
    ("versions", Severity::Info, super::versions),
    ("client-auth", Severity::Info, |observation| {
        let requested = observation.handshake.as_ref()?.client_auth.requested?;
        Some(if requested { "requested" } else { "not requested" }.to_owned())
    }),
    ("accepted-names", Severity::Info, |observation| {
        let auth = &observation.handshake.as_ref()?.client_auth;
        if auth.requested != Some(true) {
            return None;
        }
        let names: BTreeSet<String> = auth.acceptable_cas.iter().map(|der| name::hex(&der.0)).collect();
        Some(names.into_iter().collect::<Vec<_>>().join(" "))
    }),
];

/// Compares the XSPs that have the same kind of interface.
pub(super) fn judge(observations: &[TlsObservation]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for scheme in [Scheme::Https, Scheme::Cti, Scheme::Auth] {
        let mut members: BTreeMap<String, Vec<&TlsObservation>> = BTreeMap::new();
        for observation in observations {
            if observation.scheme == scheme && observation.reachable && !observation.chain.is_empty() {
                members.entry(subject(observation)).or_default().push(observation);
            }
        }
        let hosts: BTreeSet<&str> = members
            .values()
            .flatten()
            .map(|observation| observation.host.as_str())
            .collect();
        // Several ports of one machine are no farm.
        if hosts.len() < 2 {
            continue;
        }
        let one_would_do = members.values().flatten().all(|observation| {
            let leaf = observation.chain.first().map(|der| Certificate::parse(&der.0));
            leaf.is_some_and(|leaf| hosts.iter().all(|host| leaf.names(host)))
        });
        for aspect in ASPECTS {
            if aspect.0 != CERTIFICATE || one_would_do {
                findings.extend(compare(&members, aspect));
            }
        }
    }
    findings
}

/// The value of a member, if all its addresses agree: when not, that is said elsewhere.
fn value(members: &[&TlsObservation], read: fn(&TlsObservation) -> Option<String>) -> Option<String> {
    let values: BTreeSet<String> = members.iter().filter_map(|member| read(member)).collect();
    let mut values = values.into_iter();
    let first = values.next()?;
    values.next().is_none().then_some(first)
}

fn compare(members: &BTreeMap<String, Vec<&TlsObservation>>, aspect: &Aspect) -> Vec<Finding> {
    let (word, severity, read) = *aspect;
    let mut groups: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (member, observations) in members {
        // What was not seen is not a difference.
        if let Some(value) = value(observations, read) {
            groups.entry(value).or_default().push(member);
        }
    }
    let total: usize = groups.values().map(Vec::len).sum();
    let mut sorted: Vec<(&String, &Vec<&str>)> = groups.iter().collect();
    sorted.sort_by_key(|(_, group)| std::cmp::Reverse(group.len()));
    let Some((usual, most)) = sorted.first().filter(|_| sorted.len() > 1) else {
        return Vec::new();
    };
    let majority = most.len() * 2 > total;
    // Certificates are renewed one by one: different days mean something only when all the others share one.
    if word == "expiry" && (!majority || most.len() < 3 || sorted.len() > 2) {
        return Vec::new();
    }
    let shown = |value: &str| match (word, value) {
        ("accepted-names", "") => "-".to_owned(),
        ("accepted-names", names) => names
            .split(' ')
            .filter_map(readable)
            .collect::<Vec<_>>()
            .join("; "),
        _ => value.to_owned(),
    };
    sorted
        .iter()
        .skip(1)
        .map(|(own, group)| {
            let finding = Finding::new(&registry::TLS_MIXED_ADDRESSES, group.join(", "))
                .severity(severity)
                .variant(if majority { "odd-one" } else { "farm" });
            finding
                .arg("aspect", word)
                .arg("own", shown(own))
                .arg("others", most.join(", "))
                .arg("usual", shown(usual))
                .data("aspect", word)
                .data("groups", serde_json::json!(groups))
        })
        .collect()
}

fn readable(hexadecimal: &str) -> Option<String> {
    let bytes: Option<Vec<u8>> = (0..hexadecimal.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(hexadecimal.get(at..at + 2)?, 16).ok())
        .collect();
    name::from_der(&bytes?)
}
