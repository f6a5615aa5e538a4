//! Path validation (RFC 5280 section 6) by webpki, one question at a time: path, dates, name, and then the profile
//! ([`super::lint`]). Two words are kept apart: *trusted* is the path, *conforming* is the profile.

mod words;

use chrono::{DateTime, Utc};
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use webpki::{EndEntityCert, Error, KeyUsage, VerifiedPath};

use self::words::reason;
use super::cert::Certificate;
use super::chain::{Analysis, End};
use super::crl::{Checked, Fault, Lists, Status};
use super::lint::{self, Profile};
use super::seen::Seen;
use super::store::Store;
use crate::i18n::{Message, Value};

/// Why a chain is not trusted, or does not conform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// The check it belongs to.
    pub check: String,
    /// The rule: document and section, with the date from which it applies where it has one.
    pub citation: String,
    /// What was seen (English; data does not change with the language).
    pub detail: String,
    /// The same for people.
    #[serde(skip)]
    said: Option<Message>,
}

impl Reason {
    /// A reason.
    pub fn new(check: &str, citation: &str, seen: Seen) -> Self {
        Self {
            check: check.to_owned(),
            citation: citation.to_owned(),
            detail: seen.as_str().to_owned(),
            said: Some(seen.into_message()),
        }
    }

    /// What was seen, for people; of a saved reason its English words.
    pub fn said(&self) -> Value {
        self.said
            .clone()
            .map_or_else(|| Value::from(&self.detail), Value::from)
    }

    /// The rule, for people.
    pub fn cited(&self) -> Value {
        let (rule, since) = match self.citation.split_once(", from ") {
            Some((rule, since)) => (rule, Some(since)),
            None => (self.citation.as_str(), None),
        };
        let cited = match rule.split_once(" section ") {
            Some((document, section)) => Value::from(
                Message::new("cert-citation")
                    .arg("document", document)
                    .arg("section", section),
            ),
            None => Value::from(rule),
        };
        match since {
            Some(since) => Value::from(
                Message::new("cert-citation-since")
                    .arg("citation", cited)
                    .arg("since", since),
            ),
            None => cited,
        }
    }
}

/// The outcome.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Verification {
    /// Path validation succeeded: signatures, dates, name, constraints, key usage.
    pub trusted: bool,
    /// The certificates of the path keep to the profile.
    pub conforming: bool,
    /// Whose roots: `mozilla`, `system`, or a path.
    pub store: String,
    /// SHA-256 of the certificates of the path, leaf first, anchor last; empty when there is none.
    pub path: Vec<String>,
    /// Why not.
    pub reasons: Vec<Reason>,
    /// A path exists when dates and the name are left aside: what is wrong is not whom to trust.
    pub issued_by_store: bool,
    /// How many of the reasons are about path and name; the others are about the profile.
    #[serde(skip)]
    pub path_reasons: usize,
}

/// What the certificate is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// A server shows it.
    #[default]
    Server,
    /// A client shows it.
    Client,
}

/// What to verify.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The certificates as served or filed.
    pub certificates: &'a [Certificate],
    /// The same, analysed.
    pub analysis: &'a Analysis,
    /// Further certificates that may stand between leaf and anchor.
    pub further: &'a [Certificate],
    /// The name to check; `None` leaves names aside.
    pub host: Option<&'a str>,
    /// The instant.
    pub at: DateTime<Utc>,
    /// The use.
    pub purpose: Purpose,
    /// Which profile to lint by.
    pub profile: Profile,
    /// Revocation lists.
    pub crls: &'a Lists,
    /// At most this many intermediates.
    pub max_depth: Option<usize>,
}

impl Question<'_> {
    /// What the revocation lists say of a path.
    fn revocation(&self, path: &[Certificate]) -> Vec<Checked> {
        if self.crls.is_empty() {
            return Vec::new();
        }
        self.crls.check(path, self.at)
    }

    fn is_untrusted_and_self_signed(&self) -> bool {
        self.analysis.path.len() == 1 && self.analysis.end == Some(End::SelfSigned { anchor: false })
    }

    /// The first certificate along the chain whose extended key usage excludes the purpose.
    fn refuses_the_purpose(&self) -> Option<&Certificate> {
        let wanted = match self.purpose {
            Purpose::Server => "serverAuth",
            Purpose::Client => "clientAuth",
        };
        let path = self.analysis.path.iter();
        path.filter_map(|&index| self.certificates.get(index))
            .find(|certificate| {
                let usages = &certificate.facts().extended_key_usage;
                !usages.is_empty() && !usages.iter().any(|usage| usage == wanted)
            })
    }
}

/// The outcome with the certificates of the path; when there is no path, those of the chain as served.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Verified {
    /// The outcome.
    pub verification: Verification,
    /// Leaf first.
    pub path: Vec<Certificate>,
    /// What the revocation lists say of the path; empty without lists.
    pub revocation: Vec<Checked>,
}

impl Verified {
    /// Takes the trust away, for a reason that path validation does not know.
    pub fn refuse(&mut self, reason: Reason) {
        let verification = &mut self.verification;
        verification.trusted = false;
        let place = verification.path_reasons.min(verification.reasons.len());
        verification.reasons.insert(place, reason);
        verification.path_reasons = place + 1;
    }

    /// The reasons of path and name.
    pub fn path_reasons(&self) -> &[Reason] {
        let reasons = &self.verification.reasons;
        reasons.get(..self.verification.path_reasons).unwrap_or(reasons)
    }

    /// The reasons of the profile.
    pub fn profile_reasons(&self) -> &[Reason] {
        self.verification
            .reasons
            .get(self.verification.path_reasons..)
            .unwrap_or_default()
    }
}

/// Verifies a chain against a store.
pub fn verify(question: &Question<'_>, store: &Store) -> Verified {
    let mut verification = Verification {
        store: store.name().to_owned(),
        ..Verification::default()
    };
    let leaf = question
        .analysis
        .leaf()
        .and_then(|index| question.certificates.get(index));
    let Some(leaf) = leaf else {
        let detail = Seen::new("unreadable", "no certificate that can be read");
        verification
            .reasons
            .push(Reason::new("cert.malformed", "RFC 5280 section 4.1", detail));
        return Verified {
            verification,
            ..Verified::default()
        };
    };
    let builder = Builder::new(question, store, leaf);
    let mut path = None;
    match builder
        .path(question.at, true)
        .or_else(|_| builder.path(question.at, false))
    {
        Ok(found) => {
            verification.trusted = true;
            path = Some(found);
        }
        Err(error) => {
            verification.reasons.push(reason(&error, question));
            if is_about_dates(&error) {
                path = builder.path_at_another_time();
            }
        }
    }
    verification.issued_by_store = path.is_some();
    if let Some(host) = question.host
        && let Err(error) = builder.name(host)
    {
        verification.trusted = false;
        verification.reasons.push(reason(&error, question));
    }
    let certificates = path.unwrap_or_else(|| served_path(question));
    if verification.issued_by_store {
        verification.path = certificates.iter().map(|c| c.facts().sha256.clone()).collect();
    }
    verification.path_reasons = verification.reasons.len();
    let mut lints = lint::lint(
        &certificates,
        verification.issued_by_store,
        question.profile,
        question.purpose,
    );
    let revocation = question.revocation(&certificates);
    lints.extend(revocation.iter().filter_map(unsound_list));
    verification.conforming = lints.is_empty();
    verification.reasons.extend(lints);
    let revoked = revocation
        .iter()
        .filter(|checked| matches!(checked.status, Status::Revoked(_)))
        .map(|checked| checked.certificate.clone())
        .collect::<Vec<_>>();
    let mut verified = Verified {
        verification,
        path: certificates,
        revocation,
    };
    for certificate in revoked {
        let seen = Seen::new("revoked", "revoked").of(certificate.display_name());
        verified.refuse(Reason::new("cert.revoked", "RFC 5280 section 6.3", seen));
    }
    verified
}

/// A list that breaks the profile of lists.
fn unsound_list(checked: &Checked) -> Option<Reason> {
    let citation = match checked.status {
        Status::Unknown(Fault::Unsound) => "RFC 5280 section 5.2",
        Status::Unknown(Fault::NotSigner) => "RFC 5280 section 4.2.1.3",
        _ => return None,
    };
    let seen = Seen::new("list-unsound", "the revocation list does not keep to the rules");
    Some(Reason::new(
        "cert.revoked",
        citation,
        seen.of(checked.certificate.display_name()),
    ))
}

/// The path as served, for the profile of a chain that leads nowhere.
fn served_path(question: &Question<'_>) -> Vec<Certificate> {
    let indices = question.analysis.path.iter();
    indices
        .filter_map(|&index| question.certificates.get(index).cloned())
        .collect()
}

/// What webpki needs, prepared once for several passes.
struct Builder<'a> {
    question: &'a Question<'a>,
    store: &'a Store,
    leaf: &'a Certificate,
    leaf_der: CertificateDer<'a>,
    intermediates: Vec<CertificateDer<'a>>,
    anchors: Vec<TrustAnchor<'a>>,
}

impl<'a> Builder<'a> {
    fn new(question: &'a Question<'a>, store: &'a Store, leaf: &'a Certificate) -> Self {
        let others = question.certificates.iter().chain(question.further);
        let intermediates: Vec<_> = others
            .filter(|certificate| certificate.is_readable() && certificate.der() != leaf.der())
            .map(|certificate| CertificateDer::from(certificate.der()))
            .collect();
        // Only anchors that someone in the chain names as issuer can end a path.
        let mut issuers: Vec<&[u8]> = question
            .certificates
            .iter()
            .chain(question.further)
            .map(Certificate::issuer_der)
            .collect();
        issuers.sort_unstable();
        issuers.dedup();
        let anchors = issuers
            .into_iter()
            .flat_map(|issuer| store.named(issuer))
            .filter_map(|der| webpki::anchor_from_trusted_cert(der).ok())
            .collect();
        Self {
            question,
            store,
            leaf,
            leaf_der: CertificateDer::from(leaf.der()),
            intermediates,
            anchors,
        }
    }

    /// A path at an instant; with `conforming` only one that keeps to the profile, and of which nothing is revoked.
    fn path(&self, at: DateTime<Utc>, conforming: bool) -> Result<Vec<Certificate>, Error> {
        let end_entity = EndEntityCert::try_from(&self.leaf_der)?;
        let usage = match self.question.purpose {
            Purpose::Server => KeyUsage::server_auth(),
            Purpose::Client => KeyUsage::client_auth(),
        };
        let accept = |path: &VerifiedPath<'_>| self.accept(path, at, conforming);
        let path = end_entity.verify_for_usage(
            &super::signature::FOR_PATHS,
            &self.anchors,
            &self.intermediates,
            unix(at),
            usage,
            None,
            Some(&accept),
        )?;
        Ok(self.certificates(&path))
    }

    /// What webpki leaves to the caller: the anchor's own dates, the depth, and the profile.
    fn accept(&self, path: &VerifiedPath<'_>, at: DateTime<Utc>, conforming: bool) -> Result<(), Error> {
        let certificates = self.certificates(path);
        if let Some(max) = self.question.max_depth
            && logical_intermediates(&certificates) > max
        {
            return Err(Error::MaximumPathDepthExceeded);
        }
        if let Some(anchor) = certificates.last() {
            if anchor.not_before() > at {
                return Err(Error::CertNotValidYet {
                    time: unix(at),
                    not_before: unix(anchor.not_before()),
                });
            }
            if !anchor.is_valid_at(at) {
                return Err(Error::CertExpired {
                    time: unix(at),
                    not_after: unix(anchor.not_after()),
                });
            }
        }
        let question = self.question;
        if conforming && !lint::lint(&certificates, true, question.profile, question.purpose).is_empty() {
            return Err(Error::UnknownIssuer);
        }
        let revoked = |checked: &Checked| matches!(checked.status, Status::Revoked(_));
        if conforming && question.revocation(&certificates).iter().any(revoked) {
            return Err(Error::CertRevoked);
        }
        Ok(())
    }

    fn certificates(&self, path: &VerifiedPath<'_>) -> Vec<Certificate> {
        let mut certificates = vec![self.leaf.clone()];
        let intermediates = path.intermediate_certificates();
        certificates.extend(intermediates.map(|certificate| Certificate::parse(&certificate.der())));
        certificates.extend(self.store.certificate_of(path.anchor()));
        certificates
    }

    /// The path as it was when the leaf became valid, or in the middle of its life: tells "expired" from
    /// "never trusted".
    fn path_at_another_time(&self) -> Option<Vec<Certificate>> {
        let (from, to) = (self.leaf.not_before(), self.leaf.not_after());
        [from, from + (to - from) / 2, to]
            .into_iter()
            .find_map(|at| self.path(at, false).ok())
    }

    fn name(&self, host: &str) -> Result<(), Error> {
        let end_entity = EndEntityCert::try_from(&self.leaf_der)?;
        let name =
            ServerName::try_from(host.trim_end_matches('.')).map_err(|_| Error::MalformedDnsIdentifier)?;
        end_entity.verify_is_valid_for_subject_name(&name)
    }
}

/// Intermediates that count for a depth limit: self-issued ones do not (RFC 5280 section 6.1.4 (l)).
fn logical_intermediates(path: &[Certificate]) -> usize {
    let inner = path.len().saturating_sub(1);
    path.iter()
        .take(inner)
        .skip(1)
        .filter(|certificate| certificate.subject_der() != certificate.issuer_der())
        .count()
}

fn unix(at: DateTime<Utc>) -> UnixTime {
    // Before 1970 nothing here was valid.
    let seconds = u64::try_from(at.timestamp()).unwrap_or(0);
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
}

fn is_about_dates(error: &Error) -> bool {
    matches!(error, Error::CertExpired { .. } | Error::CertNotValidYet { .. })
}
