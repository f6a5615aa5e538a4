//! The rules themselves.

use x509_parser::extensions::{GeneralName, GeneralSubtree, ParsedExtension};
use x509_parser::prelude::X509Extension;

use super::{Lint, Profile, Role, Subject};
use crate::x509::seen::Seen;
use crate::x509::verify::Purpose;
use Profile::{Rfc5280, WebPki};

/// All rules.
pub(super) static ALL: &[Lint] = &[
    Lint {
        check: "cert.malformed",
        citation: "RFC 5280 section 4.1.2.1",
        profile: Rfc5280,
        since: "",
        test: version,
    },
    Lint {
        check: "cert.malformed",
        citation: "RFC 5280 section 4.1.2.2",
        profile: Rfc5280,
        since: "",
        test: serial,
    },
    Lint {
        check: "cert.malformed",
        citation: "RFC 5280 section 4.1.1.2",
        profile: Rfc5280,
        since: "",
        test: algorithms_agree,
    },
    Lint {
        check: "chain.invalid",
        citation: "RFC 5280 section 4.2.1.1",
        profile: Rfc5280,
        since: "",
        test: authority_key_id,
    },
    Lint {
        check: "chain.invalid",
        citation: "CABF BR section 7.1.2.1.3",
        profile: WebPki,
        since: "",
        test: anchor_authority_key_id,
    },
    Lint {
        check: "chain.invalid",
        citation: "RFC 5280 section 4.2.1.10",
        profile: Rfc5280,
        since: "",
        test: name_constraints,
    },
    Lint {
        check: "cert.host-name",
        citation: "RFC 5280 section 4.2.1.6",
        profile: Rfc5280,
        since: "",
        test: name_syntax,
    },
    Lint {
        check: "chain.invalid",
        citation: "RFC 5280 section 4.2.1.11",
        profile: Rfc5280,
        since: "",
        test: policy_constraints,
    },
    Lint {
        check: "chain.invalid",
        citation: "RFC 5280 section 4.2.1.6",
        profile: Rfc5280,
        since: "",
        test: alternative_names_critical,
    },
    Lint {
        check: "chain.invalid",
        citation: "RFC 5280 section 4.2",
        profile: Rfc5280,
        since: "",
        test: unknown_critical,
    },
    Lint {
        check: "cert.key-usage",
        citation: "CABF BR section 7.1.2.7.6",
        profile: WebPki,
        since: "",
        test: extended_key_usage_critical,
    },
    Lint {
        check: "chain.invalid",
        citation: "RFC 5280 section 4.2.1.2",
        profile: Rfc5280,
        since: "",
        test: subject_key_id,
    },
    Lint {
        check: "chain.invalid",
        citation: "RFC 5280 section 4.2.1.9",
        profile: Rfc5280,
        since: "",
        test: basic_constraints,
    },
    Lint {
        check: "cert.key-usage",
        citation: "RFC 5280 section 4.2.1.3",
        profile: Rfc5280,
        since: "",
        test: key_usage,
    },
    Lint {
        check: "cert.host-name",
        citation: "CABF BR section 7.1.2.7.12",
        profile: WebPki,
        since: "",
        test: alternative_names,
    },
    Lint {
        check: "cert.host-name",
        citation: "CABF BR section 7.1.4.3",
        profile: WebPki,
        since: "",
        test: common_name,
    },
    Lint {
        check: "cert.key-usage",
        citation: "CABF BR section 7.1.2.7.10",
        profile: WebPki,
        since: "",
        test: extended_key_usage,
    },
    Lint {
        check: "cert.weak-key",
        citation: "CABF BR section 6.1.5",
        profile: WebPki,
        since: "",
        test: key,
    },
    Lint {
        check: "cert.weak-signature",
        citation: "CABF BR section 7.1.3.2",
        profile: WebPki,
        since: "2016-01-01",
        test: signature,
    },
    Lint {
        check: "cert.validity-period",
        citation: "CABF BR section 6.3.2",
        profile: WebPki,
        since: "2020-09-01",
        test: validity_period,
    },
];

fn extension<'a>(
    subject: &'a Subject<'_>,
    matches: fn(&ParsedExtension<'_>) -> bool,
) -> Option<&'a X509Extension<'a>> {
    subject
        .parsed
        .extensions()
        .iter()
        .find(|extension| matches(extension.parsed_extension()))
}

fn version(subject: &Subject<'_>) -> Option<Seen> {
    let version = subject.certificate.facts().version;
    (version != 3 && !(subject.role == Role::Anchor && version == 1))
        .then(|| Seen::new("version", format!("version {version}")).with("version", version))
}

fn serial(subject: &Subject<'_>) -> Option<Seen> {
    let serial = subject.parsed.raw_serial();
    let zero = serial.iter().all(|&byte| byte == 0);
    // Some public roots of long ago; nobody looks an anchor up by its number.
    if zero && subject.role != Role::Anchor {
        return Some(Seen::new("serial-zero", "the serial number is zero"));
    }
    if serial.first().is_some_and(|&byte| byte & 0x80 != 0) {
        return Some(Seen::new("serial-negative", "the serial number is negative"));
    }
    let octets = serial.len() - usize::from(serial.first() == Some(&0));
    (octets > 20).then(|| {
        Seen::new(
            "serial-long",
            format!("the serial number has {octets} octets, more than 20"),
        )
        .with("octets", octets)
    })
}

fn algorithms_agree(subject: &Subject<'_>) -> Option<Seen> {
    (subject.parsed.signature_algorithm != subject.parsed.tbs_certificate.signature).then(|| {
        Seen::new(
            "algorithms-differ",
            "two different signature algorithms are named",
        )
    })
}

fn authority_key_id(subject: &Subject<'_>) -> Option<Seen> {
    let found = extension(subject, |e| {
        matches!(e, ParsedExtension::AuthorityKeyIdentifier(_))
    });
    match found {
        Some(found) if found.critical => Some(Seen::new(
            "authority-id-critical",
            "the authority key identifier is critical",
        )),
        None if !subject.certificate.facts().self_signed => {
            Some(Seen::new("authority-id-missing", "no authority key identifier"))
        }
        Some(_) if subject.certificate.facts().authority_key_id.is_none() && subject.role != Role::Anchor => {
            Some(Seen::new(
                "authority-id-without-key",
                "the authority key identifier names no key",
            ))
        }
        _ => None,
    }
}

fn subject_key_id(subject: &Subject<'_>) -> Option<Seen> {
    let found = extension(subject, |e| matches!(e, ParsedExtension::SubjectKeyIdentifier(_)));
    match found {
        Some(found) if found.critical => Some(Seen::new(
            "subject-id-critical",
            "the subject key identifier is critical",
        )),
        None if subject.certificate.facts().is_ca => Some(Seen::new(
            "subject-id-missing",
            "a CA without subject key identifier",
        )),
        _ => None,
    }
}

fn basic_constraints(subject: &Subject<'_>) -> Option<Seen> {
    let found = extension(subject, |e| matches!(e, ParsedExtension::BasicConstraints(_)));
    let facts = subject.certificate.facts();
    if subject.role == Role::Leaf {
        return None;
    }
    match found {
        None if facts.version == 3 => {
            Some(Seen::new("constraints-missing", "a CA without basic constraints"))
        }
        Some(found) if !found.critical && facts.is_ca => Some(Seen::new(
            "constraints-not-critical",
            "basic constraints are not critical",
        )),
        Some(_) if !facts.is_ca => Some(Seen::new(
            "constraints-not-ca",
            "basic constraints say that it is not a CA",
        )),
        _ => None,
    }
}

fn key_usage(subject: &Subject<'_>) -> Option<Seen> {
    let facts = subject.certificate.facts();
    let signs = facts.key_usage.iter().any(|usage| usage == "keyCertSign");
    let present = extension(subject, |e| matches!(e, ParsedExtension::KeyUsage(_))).is_some();
    match subject.role {
        Role::Leaf if signs && !facts.is_ca => {
            Some(Seen::new("usage-signs", "keyCertSign without being a CA"))
        }
        Role::Intermediate | Role::Anchor if present && !signs => {
            Some(Seen::new("usage-does-not-sign", "a CA without keyCertSign"))
        }
        _ if present && facts.key_usage.is_empty() => {
            Some(Seen::new("usage-empty", "the key usage is empty"))
        }
        _ => None,
    }
}

fn alternative_names(subject: &Subject<'_>) -> Option<Seen> {
    (subject.role == Role::Leaf
        && subject.purpose == Purpose::Server
        && subject.certificate.facts().sans.is_empty())
    .then(|| Seen::new("names-missing", "no subject alternative name"))
}

fn common_name(subject: &Subject<'_>) -> Option<Seen> {
    if subject.role != Role::Leaf || subject.purpose != Purpose::Server {
        return None;
    }
    let name = subject.certificate.common_name()?;
    let names = &subject.certificate.facts().sans;
    // A parent domain of one of the names, or a host name beside addresses, claims nothing that matters.
    let is_parent = |san: &String| san.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'));
    let looks_like_host = name
        .rsplit('.')
        .next()
        .is_some_and(|label| name.contains('.') && label.chars().all(|c| c.is_ascii_lowercase()));
    let harmless =
        names.iter().any(is_parent) || (subject.certificate.dns_names().is_empty() && looks_like_host);
    (!names.is_empty() && !harmless && !names.iter().any(|san| san == name)).then(|| {
        Seen::new(
            "common-name",
            format!("the common name {name} is not among the subject alternative names"),
        )
        .with("other", name)
    })
}

fn extended_key_usage(subject: &Subject<'_>) -> Option<Seen> {
    let usages = &subject.certificate.facts().extended_key_usage;
    let has = |name: &str| usages.iter().any(|usage| usage == name);
    match subject.role {
        Role::Leaf if subject.purpose == Purpose::Server && !has("serverAuth") => Some(Seen::new(
            "extended-not-server",
            "the extended key usage lacks serverAuth",
        )),
        Role::Leaf if has("anyExtendedKeyUsage") => Some(Seen::new(
            "extended-any",
            "the extended key usage has anyExtendedKeyUsage",
        )),
        Role::Anchor if !usages.is_empty() => {
            Some(Seen::new("extended-root", "a root with extended key usage"))
        }
        _ => None,
    }
}

fn key(subject: &Subject<'_>) -> Option<Seen> {
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

fn signature(subject: &Subject<'_>) -> Option<Seen> {
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

/// Days that a certificate of a public CA may be valid, by the day it is issued (CA/Browser Forum ballot SC-081).
pub(crate) const MAX_DAYS: &[(&str, i64)] = &[
    ("2029-03-15", 47),
    ("2027-03-15", 100),
    ("2026-03-15", 200),
    ("2020-09-01", 398),
];

fn validity_period(subject: &Subject<'_>) -> Option<Seen> {
    if subject.role != Role::Leaf {
        return None;
    }
    let issued = subject.certificate.not_before();
    let (since, max) = MAX_DAYS
        .iter()
        .find(|(day, _)| super::since(day).is_some_and(|since| issued >= since))?;
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

/// A root need not name its authority; if it does, then itself and by its key only.
fn anchor_authority_key_id(subject: &Subject<'_>) -> Option<Seen> {
    if subject.role != Role::Anchor {
        return None;
    }
    let found = extension(subject, |e| {
        matches!(e, ParsedExtension::AuthorityKeyIdentifier(_))
    })?;
    let ParsedExtension::AuthorityKeyIdentifier(id) = found.parsed_extension() else {
        return None;
    };
    let facts = subject.certificate.facts();
    if id.key_identifier.is_none() {
        Some(Seen::new(
            "root-id-without-key",
            "the authority key identifier of a root names no key",
        ))
    } else if id.authority_cert_issuer.is_some() || id.authority_cert_serial.is_some() {
        Some(Seen::new(
            "root-id-issuer",
            "the authority key identifier of a root names issuer and serial number",
        ))
    } else if facts.self_signed && facts.authority_key_id != facts.subject_key_id {
        Some(Seen::new(
            "root-id-other-key",
            "the authority key identifier of a root names another key",
        ))
    } else {
        None
    }
}

fn name_constraints(subject: &Subject<'_>) -> Option<Seen> {
    let found = extension(subject, |e| matches!(e, ParsedExtension::NameConstraints(_)))?;
    let ParsedExtension::NameConstraints(constraints) = found.parsed_extension() else {
        return None;
    };
    let empty = |subtrees: &Option<Vec<_>>| subtrees.as_ref().is_none_or(Vec::is_empty);
    if !subject.certificate.facts().is_ca {
        Some(Seen::new(
            "name-limits-not-ca",
            "name constraints in a certificate that is not a CA",
        ))
    } else if empty(&constraints.permitted_subtrees) && empty(&constraints.excluded_subtrees) {
        Some(Seen::new(
            "name-limits-empty",
            "name constraints that constrain nothing",
        ))
    } else if has_leading_period(constraints.permitted_subtrees.as_deref())
        || has_leading_period(constraints.excluded_subtrees.as_deref())
    {
        Some(Seen::new(
            "name-limits-period",
            "a constraint on host names begins with a period",
        ))
    } else if !found.critical && subject.profile == Rfc5280 {
        // The baseline requirements allow what RFC 5280 forbids.
        Some(Seen::new(
            "name-limits-not-critical",
            "name constraints are not critical",
        ))
    } else {
        None
    }
}

fn policy_constraints(subject: &Subject<'_>) -> Option<Seen> {
    let found = extension(subject, |e| matches!(e, ParsedExtension::PolicyConstraints(_)))?;
    (!found.critical).then(|| Seen::new("policy-not-critical", "policy constraints are not critical"))
}

fn alternative_names_critical(subject: &Subject<'_>) -> Option<Seen> {
    let found = extension(subject, |e| {
        matches!(e, ParsedExtension::SubjectAlternativeName(_))
    })?;
    let nameless = subject.certificate.facts().subject.is_empty();
    (nameless && !found.critical).then(|| {
        Seen::new(
            "names-not-critical",
            "the subject is empty and the subject alternative names are not critical",
        )
    })
}

fn unknown_critical(subject: &Subject<'_>) -> Option<Seen> {
    let found = subject
        .parsed
        .extensions()
        .iter()
        .find(|extension| extension.critical && extension.parsed_extension().unsupported())?;
    let oid = found.oid.to_string();
    Some(
        Seen::new(
            "extension-unknown",
            format!("the critical extension {oid} is not known"),
        )
        .with("oid", oid),
    )
}

fn extended_key_usage_critical(subject: &Subject<'_>) -> Option<Seen> {
    let found = extension(subject, |e| matches!(e, ParsedExtension::ExtendedKeyUsage(_)))?;
    (subject.role == Role::Leaf && found.critical)
        .then(|| Seen::new("extended-critical", "the extended key usage is critical"))
}

fn has_leading_period(subtrees: Option<&[GeneralSubtree<'_>]>) -> bool {
    let mut subtrees = subtrees.into_iter().flatten();
    subtrees.any(|subtree| matches!(subtree.base, GeneralName::DNSName(name) if name.starts_with('.')))
}

/// The preferred name syntax: letters, digits and hyphens; the first label may be a wildcard.
fn name_syntax(subject: &Subject<'_>) -> Option<Seen> {
    let plain = |label: &str| {
        label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let sound = |name: &&String| name.strip_prefix("*.").unwrap_or(name).split('.').all(plain);
    let mut names = subject.certificate.dns_names().iter();
    let bad = names.find(|name| !sound(name))?;
    Some(
        Seen::new(
            "name-syntax",
            format!("{bad} is not in the preferred name syntax"),
        )
        .with("other", bad),
    )
}
