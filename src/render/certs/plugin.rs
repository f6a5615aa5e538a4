//! `certs` as monitoring plug-in output.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::i18n::{Catalog, Message};
use crate::render::nagios::{Performance, Plugin, Range, minute};
use crate::report::Report;
use crate::rules::certs::Thresholds;
use crate::rules::certs::data::{CertsData, TargetData};
use crate::x509::{CertFacts, Verification};

/// What is printed for `certs --format nagios`.
pub fn plugin(data: &CertsData, report: &Report, thresholds: &Thresholds, catalog: &Catalog) -> Plugin {
    Plugin::new(
        "CERTS",
        report,
        healthy(data, catalog),
        performance(data, report, thresholds),
        catalog,
    )
}

/// How many chains there are and which ends first.
fn healthy(data: &CertsData, catalog: &Catalog) -> String {
    let elements = elements(data);
    let first = elements
        .iter()
        .filter_map(|element| Some((element, end(element.certificate)?)))
        .min_by_key(|(_, end)| *end);
    let count = data.targets.len() + data.files.len() + data.trust.len();
    match first {
        Some((element, _)) => catalog.text(
            &Message::new("certs-plugin-ok")
                .arg("count", count)
                .arg("days", element.certificate.days_left)
                .arg("subject", element.subject.as_str())
                .arg("when", minute(&element.certificate.not_after).unwrap_or_default()),
        ),
        None => catalog.plain("certs-plugin-none"),
    }
}

/// One certificate and its place.
pub(super) struct Element<'a> {
    /// `host:port` or a path.
    pub(super) subject: String,
    /// `leaf`, `intermediate`, `intermediate 2`, `root`, `anchor`; English like the names of all metrics.
    pub(super) place: String,
    /// How important its graph is: smaller comes first.
    rank: usize,
    pub(super) certificate: &'a CertFacts,
}

/// Every certificate that counts: those of the paths, and the trust anchors.
pub(super) fn elements(data: &CertsData) -> Vec<Element<'_>> {
    let mut found = Vec::new();
    for target in &data.targets {
        let subject = subject(target);
        chain(&mut found, &subject, &target.chain, target.verification.as_ref());
    }
    for file in &data.files {
        chain(&mut found, &file.path, &file.chain, file.verification.as_ref());
    }
    for file in &data.trust {
        for (number, certificate) in file.chain.iter().enumerate() {
            found.push(Element {
                subject: file.path.clone(),
                place: numbered("anchor", number + 1),
                rank: 1,
                certificate,
            });
        }
    }
    found
}

fn chain<'a>(
    found: &mut Vec<Element<'a>>,
    subject: &str,
    served: &'a [CertFacts],
    verification: Option<&Verification>,
) {
    let path = verification.map_or(&[] as &[String], |verification| &verification.path);
    // In the order of the path; what does not belong to it is judged, but has no end that matters.
    let mut ordered: Vec<&CertFacts> = path
        .iter()
        .filter_map(|hash| served.iter().find(|certificate| certificate.sha256 == *hash))
        .collect();
    if ordered.is_empty() {
        ordered = served.iter().collect();
    }
    let mut intermediates = 0;
    for (index, certificate) in ordered.into_iter().enumerate() {
        let (place, rank) = if index == 0 {
            ("leaf".to_owned(), 0)
        } else if certificate.self_signed {
            ("root".to_owned(), 3)
        } else {
            intermediates += 1;
            (numbered("intermediate", intermediates), 2)
        };
        found.push(Element {
            subject: subject.to_owned(),
            place,
            rank,
            certificate,
        });
    }
}

fn numbered(word: &str, number: usize) -> String {
    if number == 1 {
        word.to_owned()
    } else {
        format!("{word} {number}")
    }
}

/// `host:port`, whatever scheme or address was typed: the name of a graph must not change with them.
fn subject(target: &TargetData) -> String {
    if target.host.contains(':') {
        format!("[{}]:{}", target.host, target.port)
    } else {
        format!("{}:{}", target.host, target.port)
    }
}

pub(super) fn end(certificate: &CertFacts) -> Option<DateTime<Utc>> {
    instant(&certificate.not_after)
}

pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    let instant = DateTime::parse_from_rfc3339(text).ok()?;
    Some(instant.to_utc())
}

/// How many targets answered, then for each chain element the seconds until it ends, then how long each probe took.
/// Where a name has several addresses, the worst of them counts: the names of the graphs stay the same.
pub fn performance(data: &CertsData, report: &Report, thresholds: &Thresholds) -> Vec<Performance> {
    let mut values = Vec::new();
    if !data.targets.is_empty() {
        let answered = data.targets.iter().filter(|target| target.reachable).count();
        let all = data.targets.len();
        let fewer = Some(Range::Below(i64::try_from(all).unwrap_or(i64::MAX)));
        values.push(Performance::count("answered", answered, Some(all)).alert(None, fewer));
    }
    let as_of = instant(&report.as_of);
    let mut left: BTreeMap<(usize, String), Performance> = BTreeMap::new();
    let mut order = Vec::new();
    for element in elements(data) {
        let label = format!("{} {}", element.subject, element.place);
        let Some(value) =
            as_of.and_then(|as_of| remaining(label.clone(), element.certificate, as_of, thresholds))
        else {
            continue;
        };
        let key = (element.rank, label);
        match left.get_mut(&key) {
            Some(known) if known.value <= value.value => {}
            Some(known) => *known = value,
            None => {
                order.push(key.clone());
                left.insert(key, value);
            }
        }
    }
    order.sort_by_key(|(rank, _)| *rank);
    values.extend(order.iter().filter_map(|key| left.remove(key)));
    values.extend(times(data));
    values
}

/// Seconds until a certificate ends: 0 once it is over, since less than nothing cannot be left.
fn remaining(
    label: String,
    certificate: &CertFacts,
    as_of: DateTime<Utc>,
    thresholds: &Thresholds,
) -> Option<Performance> {
    let until = end(certificate)?;
    let lifetime = until - instant(&certificate.not_before)?;
    let (warn, critical) = thresholds.before_end(lifetime);
    let left = (until - as_of).num_seconds().max(0);
    // One that is not valid yet has more left than its lifetime.
    let most = lifetime.num_seconds().max(left);
    Some(Performance::seconds(label, float(left), Some(float(most))).alert(
        Some(Range::Below(warn.num_seconds())),
        Some(Range::Below(critical.num_seconds())),
    ))
}

/// How long each target took, the slowest of its addresses.
fn times(data: &CertsData) -> Vec<Performance> {
    let mut values: Vec<Performance> = Vec::new();
    let mut known = BTreeMap::new();
    for target in &data.targets {
        let label = format!("{} time", subject(target));
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of one probe")]
        let seconds = target.elapsed_ms as f64 / 1000.0;
        let index = *known.entry(label.clone()).or_insert(values.len());
        if let Some(value) = values.get_mut(index) {
            value.value = value.value.max(seconds);
        } else {
            values.push(Performance::seconds(label, seconds, None));
        }
    }
    values
}

#[expect(
    clippy::cast_precision_loss,
    reason = "seconds of a few thousand years are exact"
)]
fn float(seconds: i64) -> f64 {
    seconds as f64
}
