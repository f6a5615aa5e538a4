//! Rules about keys, signatures and the length of validity.

use crate::x509::lint::{Role, Subject, since};
use crate::x509::seen::Seen;

/// Days that a certificate of a public CA may be valid, by the day it is issued (CA/Browser Forum ballot SC-081).
const MAX_DAYS: &[(&str, i64)] = &[
    ("2029-03-15", 47),
    ("2027-03-15", 100),
    ("2026-03-15", 200),
    ("2020-09-01", 398),
];

pub(super) fn key(subject: &Subject<'_>) -> Option<Seen> {
    let key = &subject.certificate.facts().key;
    match (key.algorithm.as_str(), key.bits) {
        ("RSA", Some(bits)) if bits < 2048 => Some(
            Seen::new("rsa-small", format!("RSA key of {bits} bits, fewer than 2048"))
                .with("bits", bits.to_string()),
        ),
        ("RSA", Some(bits)) if bits % 8 != 0 => Some(
            Seen::new("rsa-odd", format!("RSA key of {bits} bits, not divisible by 8"))
                .with("bits", bits.to_string()),
        ),
        ("RSA" | "RSA-PSS", _) => None,
        ("EC", _) if matches!(key.curve.as_deref(), Some("P-256" | "P-384" | "P-521")) => None,
        ("EC", _) => Some(match key.curve.as_deref() {
            Some(curve) => Seen::new("curve", format!("curve {curve}")).with("curve", curve),
            None => Seen::new("curve-unnamed", "curve not named"),
        }),
        _ => Some(
            Seen::new("key-type", format!("key type {}", key.algorithm)).with("type", key.algorithm.as_str()),
        ),
    }
}

pub(super) fn signature(subject: &Subject<'_>) -> Option<Seen> {
    let signature = &subject.certificate.facts().signature;
    let weak = ["md2", "md5", "sha1"]
        .iter()
        .any(|hash| signature.starts_with(hash))
        || signature.ends_with("SHA1");
    // The anchor's own signature is never checked: it is trusted as such.
    (weak && subject.role != Role::Anchor).then(|| {
        Seen::new("signature", format!("signed with {signature}")).with("signature", signature.as_str())
    })
}

pub(super) fn validity_period(subject: &Subject<'_>) -> Option<Seen> {
    if subject.role != Role::Leaf {
        return None;
    }
    let issued = subject.certificate.not_before();
    let (since, max) = MAX_DAYS
        .iter()
        .find(|(day, _)| since(day).is_some_and(|since| issued >= since))?;
    // Both ends belong to it (RFC 5280 section 4.1.2.5), hence the second.
    let seconds = subject.certificate.lifetime().num_seconds() + 1;
    (seconds > max * 86_400).then(|| {
        let days = (seconds + 86_399) / 86_400;
        Seen::new(
            "validity",
            format!("valid for {days} days; at most {max} when issued from {since} on"),
        )
        .with("days", days)
        .with("max", *max)
        .with("since", *since)
    })
}
