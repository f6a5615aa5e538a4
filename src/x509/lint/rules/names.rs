//! Rules about names: those a certificate has, and those a CA may give.

use x509_parser::extensions::{GeneralName, GeneralSubtree, ParsedExtension};

use super::extension;
use crate::x509::lint::{Profile, Role, Subject};
use crate::x509::seen::Seen;
use crate::x509::verify::Purpose;

pub(super) fn alternative_names(subject: &Subject<'_>) -> Option<Seen> {
    (subject.role == Role::Leaf
        && subject.purpose == Purpose::Server
        && subject.certificate.facts().sans.is_empty())
    .then(|| Seen::new("names-missing", "no subject alternative name"))
}

pub(super) fn common_name(subject: &Subject<'_>) -> Option<Seen> {
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

/// The preferred name syntax: letters, digits and hyphens; the first label may be a wildcard.
pub(super) fn name_syntax(subject: &Subject<'_>) -> Option<Seen> {
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

pub(super) fn alternative_names_critical(subject: &Subject<'_>) -> Option<Seen> {
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

pub(super) fn name_constraints(subject: &Subject<'_>) -> Option<Seen> {
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
    } else if !found.critical && subject.profile == Profile::Rfc5280 {
        // The baseline requirements allow what RFC 5280 forbids.
        Some(Seen::new(
            "name-limits-not-critical",
            "name constraints are not critical",
        ))
    } else {
        None
    }
}

fn has_leading_period(subtrees: Option<&[GeneralSubtree<'_>]>) -> bool {
    let mut subtrees = subtrees.into_iter().flatten();
    subtrees.any(|subtree| matches!(subtree.base, GeneralName::DNSName(name) if name.starts_with('.')))
}
