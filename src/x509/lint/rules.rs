//! The rules themselves.

use x509_parser::extensions::{GeneralName, GeneralSubtree, ParsedExtension};
use x509_parser::prelude::X509Extension;

use super::{Lint, Profile, Role, Subject};
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

fn version(subject: &Subject<'_>) -> Option<String> {
    let version = subject.certificate.facts().version;
    (version != 3 && !(subject.role == Role::Anchor && version == 1)).then(|| format!("version {version}"))
}

fn serial(subject: &Subject<'_>) -> Option<String> {
    let serial = subject.parsed.raw_serial();
    let zero = serial.iter().all(|&byte| byte == 0);
    // Some public roots of long ago; nobody looks an anchor up by its number.
    if zero && subject.role != Role::Anchor {
        return Some("the serial number is zero".to_owned());
    }
    if serial.first().is_some_and(|&byte| byte & 0x80 != 0) {
        return Some("the serial number is negative".to_owned());
    }
    let octets = serial.len() - usize::from(serial.first() == Some(&0));
    (octets > 20).then(|| format!("the serial number has {octets} octets, more than 20"))
}

fn algorithms_agree(subject: &Subject<'_>) -> Option<String> {
    (subject.parsed.signature_algorithm != subject.parsed.tbs_certificate.signature)
        .then(|| "two different signature algorithms are named".to_owned())
}

fn authority_key_id(subject: &Subject<'_>) -> Option<String> {
    let found = extension(subject, |e| {
        matches!(e, ParsedExtension::AuthorityKeyIdentifier(_))
    });
    match found {
        Some(found) if found.critical => Some("the authority key identifier is critical".to_owned()),
        None if !subject.certificate.facts().self_signed => Some("no authority key identifier".to_owned()),
        Some(_) if subject.certificate.facts().authority_key_id.is_none() && subject.role != Role::Anchor => {
            Some("the authority key identifier names no key".to_owned())
        }
        _ => None,
    }
}

fn subject_key_id(subject: &Subject<'_>) -> Option<String> {
    let found = extension(subject, |e| matches!(e, ParsedExtension::SubjectKeyIdentifier(_)));
    match found {
        Some(found) if found.critical => Some("the subject key identifier is critical".to_owned()),
        None if subject.certificate.facts().is_ca => Some("a CA without subject key identifier".to_owned()),
        _ => None,
    }
}

fn basic_constraints(subject: &Subject<'_>) -> Option<String> {
    let found = extension(subject, |e| matches!(e, ParsedExtension::BasicConstraints(_)));
    let facts = subject.certificate.facts();
    if subject.role == Role::Leaf {
        return None;
    }
    match found {
        None if facts.version == 3 => Some("a CA without basic constraints".to_owned()),
        Some(found) if !found.critical && facts.is_ca => {
            Some("basic constraints are not critical".to_owned())
        }
        Some(_) if !facts.is_ca => Some("basic constraints say that it is not a CA".to_owned()),
        _ => None,
    }
}

fn key_usage(subject: &Subject<'_>) -> Option<String> {
    let facts = subject.certificate.facts();
    let signs = facts.key_usage.iter().any(|usage| usage == "keyCertSign");
    let present = extension(subject, |e| matches!(e, ParsedExtension::KeyUsage(_))).is_some();
    match subject.role {
        Role::Leaf if signs && !facts.is_ca => Some("keyCertSign without being a CA".to_owned()),
        Role::Intermediate | Role::Anchor if present && !signs => Some("a CA without keyCertSign".to_owned()),
        _ if present && facts.key_usage.is_empty() => Some("the key usage is empty".to_owned()),
        _ => None,
    }
}

fn alternative_names(subject: &Subject<'_>) -> Option<String> {
    (subject.role == Role::Leaf
        && subject.purpose == Purpose::Server
        && subject.certificate.facts().sans.is_empty())
    .then(|| "no subject alternative name".to_owned())
}

fn common_name(subject: &Subject<'_>) -> Option<String> {
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
    (!names.is_empty() && !harmless && !names.iter().any(|san| san == name))
        .then(|| format!("the common name {name} is not among the subject alternative names"))
}

fn extended_key_usage(subject: &Subject<'_>) -> Option<String> {
    let usages = &subject.certificate.facts().extended_key_usage;
    let has = |name: &str| usages.iter().any(|usage| usage == name);
    match subject.role {
        Role::Leaf if subject.purpose == Purpose::Server && !has("serverAuth") => {
            Some("the extended key usage lacks serverAuth".to_owned())
        }
        Role::Leaf if has("anyExtendedKeyUsage") => {
            Some("the extended key usage has anyExtendedKeyUsage".to_owned())
        }
        Role::Anchor if !usages.is_empty() => Some("a root with extended key usage".to_owned()),
        _ => None,
    }
}

fn key(subject: &Subject<'_>) -> Option<String> {
    let key = &subject.certificate.facts().key;
    match (key.algorithm.as_str(), key.bits) {
        ("RSA", Some(bits)) if bits < 2048 => Some(format!("RSA key of {bits} bits, fewer than 2048")),
        ("RSA", Some(bits)) if bits % 8 != 0 => Some(format!("RSA key of {bits} bits, not divisible by 8")),
        ("RSA" | "RSA-PSS", _) => None,
        ("EC", _) if matches!(key.curve.as_deref(), Some("P-256" | "P-384" | "P-521")) => None,
        ("EC", _) => Some(format!("curve {}", key.curve.as_deref().unwrap_or("not named"))),
        _ => Some(format!("key type {}", key.algorithm)),
    }
}

fn signature(subject: &Subject<'_>) -> Option<String> {
    let signature = &subject.certificate.facts().signature;
    let weak = ["md2", "md5", "sha1"]
        .iter()
        .any(|hash| signature.starts_with(hash))
        || signature.ends_with("SHA1");
    // The anchor's own signature is never checked: it is trusted as such.
    (weak && subject.role != Role::Anchor).then(|| format!("signed with {signature}"))
}

/// Days that a certificate of a public CA may be valid, by the day it is issued (CA/Browser Forum ballot SC-081).
pub(crate) const MAX_DAYS: &[(&str, i64)] = &[
    ("2029-03-15", 47),
    ("2027-03-15", 100),
    ("2026-03-15", 200),
    ("2020-09-01", 398),
];

fn validity_period(subject: &Subject<'_>) -> Option<String> {
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
        format!(
            "valid for {} days; at most {max} when issued from {since} on",
            (seconds + 86_399) / 86_400
        )
    })
}

/// A root need not name its authority; if it does, then itself and by its key only.
fn anchor_authority_key_id(subject: &Subject<'_>) -> Option<String> {
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
        Some("the authority key identifier of a root names no key".to_owned())
    } else if id.authority_cert_issuer.is_some() || id.authority_cert_serial.is_some() {
        Some("the authority key identifier of a root names issuer and serial number".to_owned())
    } else if facts.self_signed && facts.authority_key_id != facts.subject_key_id {
        Some("the authority key identifier of a root names another key".to_owned())
    } else {
        None
    }
}

fn name_constraints(subject: &Subject<'_>) -> Option<String> {
    let found = extension(subject, |e| matches!(e, ParsedExtension::NameConstraints(_)))?;
    let ParsedExtension::NameConstraints(constraints) = found.parsed_extension() else {
        return None;
    };
    let empty = |subtrees: &Option<Vec<_>>| subtrees.as_ref().is_none_or(Vec::is_empty);
    if !subject.certificate.facts().is_ca {
        Some("name constraints in a certificate that is not a CA".to_owned())
    } else if empty(&constraints.permitted_subtrees) && empty(&constraints.excluded_subtrees) {
        Some("name constraints that constrain nothing".to_owned())
    } else if has_leading_period(constraints.permitted_subtrees.as_deref())
        || has_leading_period(constraints.excluded_subtrees.as_deref())
    {
        Some("a constraint on host names begins with a period".to_owned())
    } else if !found.critical && subject.profile == Rfc5280 {
        // The baseline requirements allow what RFC 5280 forbids.
        Some("name constraints are not critical".to_owned())
    } else {
        None
    }
}

fn policy_constraints(subject: &Subject<'_>) -> Option<String> {
    let found = extension(subject, |e| matches!(e, ParsedExtension::PolicyConstraints(_)))?;
    (!found.critical).then(|| "policy constraints are not critical".to_owned())
}

fn alternative_names_critical(subject: &Subject<'_>) -> Option<String> {
    let found = extension(subject, |e| {
        matches!(e, ParsedExtension::SubjectAlternativeName(_))
    })?;
    let nameless = subject.certificate.facts().subject.is_empty();
    (nameless && !found.critical)
        .then(|| "the subject is empty and the subject alternative names are not critical".to_owned())
}

fn unknown_critical(subject: &Subject<'_>) -> Option<String> {
    let found = subject
        .parsed
        .extensions()
        .iter()
        .find(|extension| extension.critical && extension.parsed_extension().unsupported())?;
    Some(format!("the critical extension {} is not known", found.oid))
}

fn extended_key_usage_critical(subject: &Subject<'_>) -> Option<String> {
    let found = extension(subject, |e| matches!(e, ParsedExtension::ExtendedKeyUsage(_)))?;
    (subject.role == Role::Leaf && found.critical).then(|| "the extended key usage is critical".to_owned())
}

fn has_leading_period(subtrees: Option<&[GeneralSubtree<'_>]>) -> bool {
    let mut subtrees = subtrees.into_iter().flatten();
    subtrees.any(|subtree| matches!(subtree.base, GeneralName::DNSName(name) if name.starts_with('.')))
}

/// The preferred name syntax: letters, digits and hyphens; the first label may be a wildcard.
fn name_syntax(subject: &Subject<'_>) -> Option<String> {
    let plain = |label: &str| {
        label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let sound = |name: &&String| name.strip_prefix("*.").unwrap_or(name).split('.').all(plain);
    let mut names = subject.certificate.dns_names().iter();
    let bad = names.find(|name| !sound(name))?;
    Some(format!("{bad} is not in the preferred name syntax"))
}
