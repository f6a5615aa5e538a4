//! What happens to each kind of value, and which values are evidence that no rule touches.

use std::collections::BTreeMap;
use std::collections::{HashMap, HashSet};

use regex::bytes::Regex;

use super::pseudonym::{Class, normalise};
use crate::case;
use crate::config;
use crate::i18n::{Localize, Message};
use crate::scan::Kind;

/// Every kind, in the order of counts and tables.
pub const KINDS: [Kind; 28] = [
    Kind::TrackingId,
    Kind::CustomerOrg,
    Kind::PartnerOrg,
    Kind::Org,
    Kind::UserId,
    Kind::BroadworksUserId,
    Kind::Email,
    Kind::ClientVersion,
    Kind::BroadworksRelease,
    Kind::ControlHubBuild,
    Kind::ErrorCode,
    Kind::Timestamp,
    Kind::CallId,
    Kind::DeviceId,
    Kind::Fingerprint,
    Kind::Token,
    Kind::Jwt,
    Kind::Password,
    Kind::Cookie,
    Kind::SipDigest,
    Kind::SignedUrl,
    Kind::PrivateKey,
    Kind::Phone,
    Kind::PersonName,
    Kind::IpAddress,
    Kind::MacAddress,
    Kind::HostName,
    Kind::Custom,
];

/// The stable name of a kind: in masks, in counts, in `[redact] keep`.
pub const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::TrackingId => "tracking-id",
        Kind::CustomerOrg => "customer-org",
        Kind::PartnerOrg => "partner-org",
        Kind::Org => "org",
        Kind::UserId => "user-id",
        Kind::BroadworksUserId => "broadworks-user-id",
        Kind::Email => "email",
        Kind::ClientVersion => "client-version",
        Kind::BroadworksRelease => "broadworks-release",
        Kind::ControlHubBuild => "control-hub-build",
        Kind::ErrorCode => "error-code",
        Kind::Timestamp => "timestamp",
        Kind::CallId => "call-id",
        Kind::DeviceId => "device-id",
        Kind::Fingerprint => "fingerprint",
        Kind::Token => "token",
        Kind::Jwt => "jwt",
        Kind::Password => "password",
        Kind::Cookie => "cookie",
        Kind::SipDigest => "sip-digest",
        Kind::SignedUrl => "signed-url",
        Kind::PrivateKey => "private-key",
        Kind::Phone => "phone",
        Kind::PersonName => "person-name",
        Kind::IpAddress => "ip-address",
        Kind::MacAddress => "mac-address",
        Kind::HostName => "host-name",
        Kind::Custom => "custom",
    }
}

/// The kind of a name, if it is one.
pub fn kind_of_name(name: &str) -> Option<Kind> {
    KINDS.into_iter().find(|kind| kind_name(*kind) == name)
}

/// What gives access when it leaks: masked, never tokenised, never kept.
pub const fn is_secret(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Token
            | Kind::Jwt
            | Kind::Password
            | Kind::Cookie
            | Kind::SipDigest
            | Kind::SignedUrl
            | Kind::PrivateKey
    )
}

/// What happens to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It stays.
    Keep,
    /// It becomes a token: the same value is the same token everywhere.
    Pseudonym,
    /// It becomes `[redacted:kind]`.
    Mask,
}

/// What happens to each kind of value.
#[derive(Debug, Clone)]
pub struct Policy {
    /// A bit for every kind.
    kept_kinds: u64,
    keep: Vec<String>,
    pub(super) patterns: Vec<(String, Regex)>,
    pub(super) domains: Vec<String>,
}

impl Default for Policy {
    /// Evidence stays, secrets are masked, personal data and the network's own names become pseudonyms.
    fn default() -> Self {
        let kept = [
            Kind::TrackingId,
            Kind::CustomerOrg,
            Kind::PartnerOrg,
            Kind::Org,
            // Opaque, and what TAC looks a user or device up by.
            Kind::UserId,
            Kind::DeviceId,
            Kind::ClientVersion,
            Kind::BroadworksRelease,
            Kind::ControlHubBuild,
            Kind::ErrorCode,
            Kind::Timestamp,
            Kind::Fingerprint,
        ];
        Self {
            kept_kinds: kept.into_iter().map(bit).fold(0, |kinds, bit| kinds | bit),
            keep: Vec::new(),
            patterns: Vec::new(),
            domains: Vec::new(),
        }
    }
}

/// A `[redact]` section that cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// `kind:…` with a kind that does not exist.
    #[error("no kind '{0}'")]
    UnknownKind(String),
    /// Secrets cannot be kept.
    #[error("secrets of kind '{0}' cannot be kept")]
    SecretKept(&'static str),
    /// Not a regular expression.
    #[error("pattern '{name}': {reason}")]
    Pattern {
        /// Its name.
        name: String,
        /// What the parser says.
        reason: String,
    },
    /// It would match everywhere and nothing.
    #[error("pattern '{0}' matches the empty text")]
    EmptyPattern(String),
}

impl Localize for PolicyError {
    fn message(&self) -> Message {
        match self {
            Self::UnknownKind(kind) => Message::new("redact-policy-kind")
                .arg("kind", kind)
                .arg("kinds", KINDS.map(kind_name).join(", ")),
            Self::SecretKept(kind) => Message::new("redact-policy-secret").arg("kind", *kind),
            Self::Pattern { name, reason } => Message::new("redact-policy-pattern")
                .arg("name", name)
                .arg("reason", reason),
            Self::EmptyPattern(name) => Message::new("redact-policy-empty").arg("name", name),
        }
    }
}

impl Policy {
    /// The default changed by the `[redact]` section.
    ///
    /// # Errors
    /// When a kind does not exist or a pattern cannot be used.
    pub fn from_config(section: &config::Redact) -> Result<Self, PolicyError> {
        let mut policy = Self::default();
        for entry in &section.keep {
            let Some(name) = entry.strip_prefix("kind:") else {
                policy.keep.push(entry.clone());
                continue;
            };
            let kind = kind_of_name(name).ok_or_else(|| PolicyError::UnknownKind(name.to_owned()))?;
            if is_secret(kind) {
                return Err(PolicyError::SecretKept(kind_name(kind)));
            }
            policy.kept_kinds |= bit(kind);
        }
        policy.patterns = compile(&section.patterns)?;
        policy.domains = section
            .domains
            .iter()
            .map(|domain| domain.trim_start_matches(['*', '.']).to_ascii_lowercase())
            .filter(|domain| !domain.is_empty())
            .collect();
        Ok(policy)
    }

    /// What happens to a kind.
    pub fn action(&self, kind: Kind) -> Action {
        if is_secret(kind) || kind == Kind::Custom {
            Action::Mask
        } else if self.kept_kinds & bit(kind) != 0 {
            Action::Keep
        } else {
            Action::Pseudonym
        }
    }

    /// Values that the configuration keeps.
    pub(super) fn kept_values(&self) -> &[String] {
        &self.keep
    }
}

const fn bit(kind: Kind) -> u64 {
    1 << kind as u32
}

/// The largest automaton of one pattern: a configuration must not be able to eat the machine.
const PATTERN_SIZE: usize = 1 << 20;

fn compile(patterns: &BTreeMap<String, String>) -> Result<Vec<(String, Regex)>, PolicyError> {
    let mut compiled = Vec::with_capacity(patterns.len());
    for (name, pattern) in patterns {
        let regex = regex::bytes::RegexBuilder::new(pattern)
            .size_limit(PATTERN_SIZE)
            .build()
            .map_err(|error| PolicyError::Pattern {
                name: name.clone(),
                reason: error.to_string(),
            })?;
        if regex.is_match(b"") {
            return Err(PolicyError::EmptyPattern(name.clone()));
        }
        // The name ends up in `[redacted:name]`, also in file names.
        let safe: String = name
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() {
                    c.to_ascii_lowercase()
                } else {
                    '-'
                }
            })
            .take(32)
            .collect();
        compiled.push((safe, regex));
    }
    Ok(compiled)
}

/// Evidence: values of this case that stay readable whatever the policy says of their kind. A value is the same
/// in all its forms (case, `tel:`, percent signs).
#[derive(Debug, Clone, Default)]
pub struct Protected {
    values: HashMap<Class, HashSet<String>>,
}

impl Protected {
    /// Nothing but what the policy keeps.
    pub fn none() -> Self {
        Self::default()
    }

    /// Everything that the facts of the case name: organisations, tracking IDs, the user, versions. Of several users it is
    /// not known which is the case's: then only what a person said of one stays.
    pub fn from_facts(facts: &case::Facts) -> Self {
        let mut protected = Self::default();
        let lists = [
            (Kind::CustomerOrg, &facts.customer_orgs),
            (Kind::PartnerOrg, &facts.partner_orgs),
            (Kind::Org, &facts.other_orgs),
            (Kind::TrackingId, &facts.tracking_ids),
            (Kind::Email, &facts.user_emails),
            (Kind::UserId, &facts.user_ids),
            (Kind::BroadworksUserId, &facts.broadworks_user_ids),
            (Kind::ClientVersion, &facts.client_versions),
            (Kind::BroadworksRelease, &facts.broadworks_releases),
            (Kind::ControlHubBuild, &facts.control_hub_builds),
            (Kind::ErrorCode, &facts.error_codes),
        ];
        for (kind, list) in lists {
            // A version of four numbers that a person named stands somewhere without its label: like an address.
            let like_address = matches!(
                kind,
                Kind::ClientVersion | Kind::BroadworksRelease | Kind::ControlHubBuild
            );
            let of_user = matches!(kind, Kind::Email | Kind::BroadworksUserId);
            let all = !of_user || is_one(list);
            for fact in list.iter().filter(|fact| all || fact.is_said()) {
                protected.add(kind, &fact.value);
                if like_address {
                    protected.add(Kind::IpAddress, &fact.value);
                }
            }
        }
        protected
    }

    /// Protects a value of a kind.
    pub fn add(&mut self, kind: Kind, value: &str) {
        let class = Class::of(kind, value.as_bytes());
        let normalised = normalise(class, value.as_bytes());
        self.values.entry(class).or_default().insert(normalised);
    }

    /// Protects a value whatever it is taken for.
    pub fn add_any(&mut self, value: &str) {
        for kind in KINDS {
            if !is_secret(kind) {
                self.add(kind, value);
            }
        }
    }

    pub(super) fn contains(&self, class: Class, normalised: &str) -> bool {
        self.values
            .get(&class)
            .is_some_and(|held| held.contains(normalised))
    }
}

/// Whether all are one value.
fn is_one(facts: &[case::Fact]) -> bool {
    facts
        .windows(2)
        .all(|pair| matches!(pair, [one, other] if one.value.trim().eq_ignore_ascii_case(other.value.trim())))
}

#[cfg(test)]
mod tests {
    use super::{Action, Class, KINDS, Policy, PolicyError, is_secret, kind_name};
    use crate::config::Redact;
    use crate::scan::Kind;

    #[test]
    fn names_are_those_of_the_wire_format() {
        for kind in KINDS {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind_name(kind));
        }
    }

    #[test]
    fn evidence_stays_and_secrets_go() {
        let policy = Policy::default();
        assert_eq!(policy.action(Kind::TrackingId), Action::Keep);
        assert_eq!(policy.action(Kind::Fingerprint), Action::Keep);
        assert_eq!(policy.action(Kind::Email), Action::Pseudonym);
        for kind in KINDS.into_iter().filter(|kind| is_secret(*kind)) {
            assert_eq!(policy.action(kind), Action::Mask);
        }
    }

    #[test]
    fn a_secret_cannot_be_kept_and_bad_entries_are_named() {
        let keep = |entry: &str| Redact {
            keep: vec![entry.to_owned()],
            ..Redact::default()
        };
        assert!(matches!(
            Policy::from_config(&keep("kind:password")),
            Err(PolicyError::SecretKept("password"))
        ));
        assert!(matches!(
            Policy::from_config(&keep("kind:fish")),
            Err(PolicyError::UnknownKind(_))
        ));
        let kept = Policy::from_config(&keep("kind:ip-address")).unwrap();
        assert_eq!(kept.action(Kind::IpAddress), Action::Keep);
        for (pattern, empty) in [("(", false), ("a*", true)] {
            let section = Redact {
                patterns: [("own".to_owned(), pattern.to_owned())].into(),
                ..Redact::default()
            };
            let error = Policy::from_config(&section).unwrap_err();
            assert_eq!(matches!(error, PolicyError::EmptyPattern(_)), empty);
        }
    }

    #[test]
    fn of_several_users_only_the_one_that_a_person_names_stays() {
        let fact = |value: &str, source: &str| crate::case::Fact {
            value: value.to_owned(),
            source: source.to_owned(),
            label: None,
            text: None,
            at: None,
        };
        let kept = |facts: &crate::case::Facts| {
            let protected = super::Protected::from_facts(facts);
            ["ana@example.com", "bob@example.com"].map(|value| protected.contains(Class::Email, value))
        };
        let mut facts = crate::case::Facts {
            user_emails: vec![
                fact("ana@example.com", "a.log:1"),
                fact("Ana@example.com", "b.log:7"),
            ],
            ..Default::default()
        };
        assert_eq!(kept(&facts), [true, false]);
        facts.user_emails.push(fact("bob@example.com", "[prod].log:9"));
        assert_eq!(kept(&facts), [false, false]);
        facts
            .user_emails
            .insert(0, fact("bob@example.com", "--user-email"));
        assert_eq!(kept(&facts), [false, true]);
    }
}
