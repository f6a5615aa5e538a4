//! The rules: their table, and those about versions, identifiers and uses.

mod names;
mod strength;

use x509_parser::extensions::ParsedExtension;
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
        test: names::name_constraints,
    },
    Lint {
        check: "cert.host-name",
        citation: "RFC 5280 section 4.2.1.6",
        profile: Rfc5280,
        since: "",
        test: names::name_syntax,
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
        test: names::alternative_names_critical,
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
        test: names::alternative_names,
    },
    Lint {
        check: "cert.host-name",
        citation: "CABF BR section 7.1.4.3",
        profile: WebPki,
        since: "",
        test: names::common_name,
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
        test: strength::key,
    },
    Lint {
        check: "cert.weak-signature",
        citation: "CABF BR section 7.1.3.2",
        profile: WebPki,
        since: "2016-01-01",
        test: strength::signature,
    },
    Lint {
        check: "cert.validity-period",
        citation: "CABF BR section 6.3.2",
        profile: WebPki,
        since: "2020-09-01",
        test: strength::validity_period,
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

fn policy_constraints(subject: &Subject<'_>) -> Option<Seen> {
    let found = extension(subject, |e| matches!(e, ParsedExtension::PolicyConstraints(_)))?;
    (!found.critical).then(|| Seen::new("policy-not-critical", "policy constraints are not critical"))
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
