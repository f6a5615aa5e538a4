//! All members alike: the addresses of one name compared by certificate, chain, versions and accepted names.

use std::collections::BTreeMap;

use super::subject;
use crate::probe::TlsObservation;
use crate::rules::{Finding, registry};
use crate::x509::{Certificate, name};

/// What should be the same everywhere, and its word in the message.
type Aspect = (&'static str, fn(&TlsObservation) -> Option<String>);

const ASPECTS: &[Aspect] = &[
    ("reachable", |observation| {
        Some(
            observation
                .reason
                .map_or_else(|| "ok".to_owned(), |reason| reason.to_string()),
        )
    }),
    ("certificate", |observation| {
        let leaf = observation.chain.first()?;
        Some(Certificate::parse(&leaf.0).facts().sha256.clone())
    }),
    ("chain", |observation| {
        let certificates = observation.chain.iter().skip(1);
        let fingerprints = certificates.map(|der| Certificate::parse(&der.0).facts().sha256.clone());
        (!observation.chain.is_empty()).then(|| fingerprints.collect::<Vec<_>>().join(" "))
    }),
    ("versions", super::versions),
    ("client-auth", |observation| {
        observation
            .handshake
            .as_ref()?
            .client_auth
            .requested
            .map(|requested| requested.to_string())
    }),
    ("accepted-names", |observation| {
        let auth = &observation.handshake.as_ref()?.client_auth;
        auth.requested?;
        let mut names: Vec<String> = auth.acceptable_cas.iter().map(|der| name::hex(&der.0)).collect();
        names.sort();
        Some(names.join(" "))
    }),
];

/// Compares the addresses of each target.
pub(super) fn judge(observations: &[TlsObservation]) -> Vec<Finding> {
    let mut groups: BTreeMap<String, Vec<&TlsObservation>> = BTreeMap::new();
    for observation in observations {
        groups.entry(subject(observation)).or_default().push(observation);
    }
    let mut findings = Vec::new();
    for (subject, members) in groups {
        let addresses: std::collections::BTreeSet<_> =
            members.iter().filter_map(|member| member.address).collect();
        if addresses.len() < 2 {
            continue;
        }
        let before = findings.len();
        for (aspect, read) in ASPECTS {
            findings.extend(compare(&subject, &members, aspect, *read));
        }
        if findings.len() == before {
            findings.push(
                Finding::ok(&registry::TLS_MIXED_ADDRESSES, subject.as_str()).arg("count", addresses.len()),
            );
        }
    }
    findings
}

fn compare(
    subject: &str,
    members: &[&TlsObservation],
    aspect: &'static str,
    read: fn(&TlsObservation) -> Option<String>,
) -> Option<Finding> {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for member in members {
        // What was not seen is not a difference.
        let (Some(address), Some(value)) = (member.address, read(member)) else {
            continue;
        };
        values.entry(value).or_default().push(address.to_string());
    }
    if values.len() < 2 {
        return None;
    }
    let mut groups: Vec<&Vec<String>> = values.values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    // Each group with what it has: who reads it wants to know which one is right.
    let shown = |group: &&Vec<String>| {
        let addresses = group.join(", ");
        let first = members.iter().find(|member| {
            let address = member.address.map(|address| address.to_string());
            address.is_some_and(|address| group.contains(&address)) && read(member).is_some()
        });
        match first.and_then(|member| value(aspect, member)) {
            Some(value) => format!("{addresses} ({value})"),
            None => addresses,
        }
    };
    let different: Vec<String> = groups.iter().skip(1).map(shown).collect();
    let usual: Vec<String> = groups.first().map(shown).into_iter().collect();
    Some(
        Finding::new(&registry::TLS_MIXED_ADDRESSES, subject)
            .arg("aspect", aspect)
            .arg("different", different.join(", "))
            .arg("others", usual.join(", "))
            .data("aspect", aspect)
            .data("groups", serde_json::json!(values)),
    )
}

/// What one address shows, in words of no language.
fn value(aspect: &str, observation: &TlsObservation) -> Option<String> {
    let certificates = || observation.chain.iter().map(|der| Certificate::parse(&der.0));
    match aspect {
        "certificate" => certificates().next().map(|leaf| super::brief(&leaf)),
        "chain" => {
            let names: Vec<String> = certificates()
                .skip(1)
                .map(|certificate| certificate.display_name().to_owned())
                .collect();
            Some(if names.is_empty() {
                "-".to_owned()
            } else {
                names.join(", ")
            })
        }
        "versions" => super::versions(observation),
        "reachable" => observation.reason.map(|reason| reason.to_string()),
        "accepted-names" => {
            let auth = &observation.handshake.as_ref()?.client_auth;
            let names: Vec<&[u8]> = auth.acceptable_cas.iter().map(|der| der.0.as_slice()).collect();
            Some(if names.is_empty() {
                "-".to_owned()
            } else {
                super::mtls::shown(&names)
            })
        }
        _ => None,
    }
}
