//! Where the redactor gets its spans from.

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexSet};

use crate::scan::{Evidence, Kind, Span};

/// Shapes with the capture group that holds the value.
const SHAPES: &[(Kind, Evidence, &str)] = &[
    (
        Kind::PrivateKey,
        Evidence::Prefix,
        r"(?s)(-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z))",
    ),
    (
        Kind::Token,
        Evidence::Label,
        r"(?i-u)\bbearer\s+([A-Za-z0-9._~+/=-]{8,})",
    ),
    (
        Kind::Password,
        Evidence::Label,
        r#"(?i-u)\b(?:password|passwd|pwd|secret)["']?\s*[:=]\s*["']?([^\s"'<>&;,]+)"#,
    ),
    (
        Kind::PersonName,
        Evidence::Label,
        r#"(?i-u)\b(?:display ?name|first ?name|last ?name)["']?\s*[:=]\s*["']?([^\s"'<>&;,=]+(?: [^\s"'<>&;,=]+)?)"#,
    ),
    (
        Kind::Email,
        Evidence::Shape,
        r"(?-u)\b([A-Za-z0-9._%+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})\b",
    ),
    (Kind::Phone, Evidence::Shape, r"(?-u)(\+[1-9][0-9]{6,14})\b"),
];

static ALL: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    SHAPES
        .iter()
        .filter_map(|(_, _, regex)| Regex::new(regex).ok())
        .collect()
});
static ANY: LazyLock<Option<RegexSet>> =
    LazyLock::new(|| RegexSet::new(SHAPES.iter().map(|(_, _, regex)| regex)).ok());

pub(super) fn spans(text: &[u8]) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    let matched = ANY.as_ref().map(|set| set.matches(text));
    for (index, (regex, (kind, evidence, _))) in ALL.iter().zip(SHAPES).enumerate() {
        if matched.as_ref().is_some_and(|set| !set.matched(index)) {
            continue;
        }
        for captures in regex.captures_iter(text) {
            let Some(hit) = captures.get(1) else { continue };
            let overlaps = found
                .iter()
                .any(|span| span.start < hit.end() && hit.start() < span.end);
            if !overlaps {
                found.push(Span {
                    start: hit.start(),
                    end: hit.end(),
                    kind: *kind,
                    evidence: *evidence,
                });
            }
        }
    }
    found.sort_by_key(|span| span.start);
    found
}
