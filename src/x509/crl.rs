//! Revocation lists (RFC 5280 sections 5 and 6.3): what they say of the certificates of a path, and whether that can be
//! relied upon. A list that cannot be used says nothing, and takes no trust away.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use x509_parser::extensions::{
    DistributionPointName, GeneralName, IssuingDistributionPoint, ParsedExtension,
};
use x509_parser::prelude::{CertificateRevocationList, FromDer};

use super::cert::Certificate;
use super::ocsp::reason_word;
use super::signature::{self, Signed};

/// Clocks may differ by this much.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);
/// removeFromCRL (RFC 5280 section 5.3.1): a hold was lifted.
const REMOVED: u8 = 8;
/// `id-ce-deltaCRLIndicator`
const DELTA: &str = "2.5.29.27";
/// Keys that are remembered for one list.
const MAX_KEYS: usize = 16;

/// Why nothing can be said from the lists at hand: a closed list, the most telling last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// No list is of the issuer.
    None,
    /// The issuer's certificate is not at hand.
    NoIssuer,
    /// A list cannot be read at all, and none is of the issuer.
    Unreadable,
    /// The lists of the issuer are about other certificates.
    Partition,
    /// Only changes since another list, which is not at hand.
    Delta,
    /// The signature was made by another key of the same name, or is wrong.
    Signature,
    /// The algorithm of the signature cannot be verified here.
    Unverifiable,
    /// The issuer may not sign lists (key usage).
    NotSigner,
    /// It has no number, or says something critical that is not understood.
    Unsound,
    /// It is not right yet.
    NotYet,
    /// It is out of date.
    Expired,
}

impl Fault {
    /// The word of the data, also what the sentences select by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::NoIssuer => "no-issuer",
            Self::Unreadable => "unreadable",
            Self::Partition => "partition",
            Self::Delta => "delta",
            Self::Signature => "signature",
            Self::Unverifiable => "unverifiable",
            Self::NotSigner => "not-signer",
            Self::Unsound => "unsound",
            Self::NotYet => "not-yet",
            Self::Expired => "expired",
        }
    }
}

/// What the lists say of one certificate.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The certificate.
    pub certificate: Certificate,
    /// The answer.
    pub status: Status,
    /// The list that gave it, or that could have.
    pub by: Option<List>,
}

/// The answer for one certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Not revoked.
    Good,
    /// Revoked.
    Revoked(Entry),
    /// No telling.
    Unknown(Fault),
}

/// One certificate's entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// When it was revoked.
    pub at: DateTime<Utc>,
    /// CRLReason (RFC 5280 section 5.3.1).
    reason: u8,
}

impl Entry {
    /// Why, as a CRLReason of RFC 5280.
    pub const fn reason(&self) -> &'static str {
        reason_word(self.reason)
    }
}

/// A revocation list. Clones share one copy.
#[derive(Debug, Clone)]
pub struct List(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    der: Vec<u8>,
    issuer_der: Vec<u8>,
    this_update: DateTime<Utc>,
    next_update: Option<DateTime<Utc>>,
    number: Vec<u8>,
    /// Of a delta list: the number of the list that it changes.
    base: Option<Vec<u8>>,
    scope: Scope,
    is_sound: bool,
    /// By serial number, without leading zeros.
    entries: HashMap<Vec<u8>, Entry>,
    /// Whether a key (by its hash) made the signature.
    signed: Mutex<Vec<(String, Signed)>>,
}

impl PartialEq for List {
    fn eq(&self, other: &Self) -> bool {
        self.0.der == other.0.der
    }
}

/// Which certificates of its issuer a list is about.
#[derive(Debug, Default)]
struct Scope {
    only_cas: bool,
    only_others: bool,
    /// Attribute certificates, other issuers' certificates, or some reasons only.
    is_special: bool,
    /// Only those that name one of these places.
    places: Option<Vec<String>>,
}

impl Scope {
    fn of(point: &IssuingDistributionPoint<'_>) -> Self {
        let uris = |name: &DistributionPointName<'_>| match name {
            DistributionPointName::FullName(names) => names
                .iter()
                .filter_map(|name| match name {
                    GeneralName::URI(uri) => Some((*uri).to_owned()),
                    _ => None,
                })
                .collect(),
            DistributionPointName::NameRelativeToCRLIssuer(_) => Vec::new(),
        };
        Self {
            only_cas: point.only_contains_ca_certs,
            only_others: point.only_contains_user_certs,
            is_special: point.indirect_crl
                || point.only_contains_attribute_certs
                || point.only_some_reasons.is_some(),
            places: point.distribution_point.as_ref().map(uris),
        }
    }

    fn has(&self, certificate: &Certificate) -> bool {
        let facts = certificate.facts();
        let is_named = |places: &Vec<String>| facts.crl.iter().any(|place| places.contains(place));
        !(self.is_special || self.only_cas && !facts.is_ca || self.only_others && facts.is_ca)
            && self.places.as_ref().is_none_or(is_named)
    }
}

impl List {
    /// Reads a list; `None` when it does not follow the format.
    pub fn parse(der: &[u8]) -> Option<Self> {
        let (_, parsed) = CertificateRevocationList::from_der(der).ok()?;
        let instant = |time: x509_parser::time::ASN1Time| DateTime::from_timestamp(time.timestamp(), 0);
        let mut inner = Inner {
            der: der.to_vec(),
            issuer_der: parsed.issuer().as_raw().to_vec(),
            this_update: instant(parsed.last_update())?,
            next_update: parsed.next_update().and_then(instant),
            number: Vec::new(),
            base: None,
            scope: Scope::default(),
            is_sound: true,
            entries: HashMap::new(),
            signed: Mutex::default(),
        };
        for extension in parsed.extensions() {
            match extension.parsed_extension() {
                // Must be there, and must not be critical (RFC 5280 section 5.2.3).
                ParsedExtension::CRLNumber(own) if !extension.critical => {
                    inner.number = own.to_bytes_be();
                }
                ParsedExtension::CRLNumber(_) => inner.is_sound = false,
                _ if extension.oid.to_id_string() == DELTA => {
                    // An INTEGER below 2^1016: RFC 5280 section 5.2.3 allows 20 octets.
                    inner.base = Some(number(extension.value.get(2..)?).to_vec());
                }
                ParsedExtension::IssuingDistributionPoint(point) => inner.scope = Scope::of(point),
                ParsedExtension::AuthorityKeyIdentifier(_) => {}
                _ if extension.critical => inner.is_sound = false,
                _ => {}
            }
        }
        inner.is_sound &= !inner.number.is_empty();
        for revoked in parsed.iter_revoked_certificates() {
            let entry = Entry {
                at: instant(revoked.revocation_date).unwrap_or_default(),
                reason: revoked.reason_code().map_or(0, |(_, reason)| reason.0),
            };
            inner.entries.insert(number(revoked.raw_serial()).to_vec(), entry);
        }
        Some(Self(Arc::new(inner)))
    }

    /// From when on it is right.
    pub fn this_update(&self) -> DateTime<Utc> {
        self.0.this_update
    }

    /// Until when it is right, if it says so.
    pub fn next_update(&self) -> Option<DateTime<Utc>> {
        self.0.next_update
    }

    /// Why it says nothing of this certificate.
    fn fault(&self, certificate: &Certificate, issuer: &Certificate, at: DateTime<Utc>) -> Option<Fault> {
        let usages = &issuer.facts().key_usage;
        if !self.0.scope.has(certificate) {
            return Some(Fault::Partition);
        }
        if !usages.is_empty() && !usages.iter().any(|usage| usage == "cRLSign") {
            return Some(Fault::NotSigner);
        }
        match self.signed_by(issuer) {
            Signed::Yes => {}
            Signed::No => return Some(Fault::Signature),
            Signed::Unsupported => return Some(Fault::Unverifiable),
        }
        if !self.0.is_sound {
            return Some(Fault::Unsound);
        }
        (self.0.this_update > at + TOLERANCE).then_some(Fault::NotYet)
    }

    fn signed_by(&self, issuer: &Certificate) -> Signed {
        let key = &issuer.facts().key_sha256;
        let mut signed = self.0.signed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, signed)) = signed.iter().find(|(known, _)| known == key) {
            return *signed;
        }
        let found = match (CertificateRevocationList::from_der(&self.0.der), issuer.parsed()) {
            (Ok((_, list)), Some(issuer)) => signature::verify(
                &list.signature_algorithm,
                issuer.public_key(),
                list.tbs_cert_list.as_ref(),
                list.signature_value.data.as_ref(),
            ),
            _ => Signed::No,
        };
        if signed.len() < MAX_KEYS {
            signed.push((key.clone(), found));
        }
        found
    }

    fn entry(&self, certificate: &Certificate) -> Option<Entry> {
        let parsed = certificate.parsed()?;
        self.0.entries.get(number(parsed.raw_serial())).copied()
    }

    fn is_over(&self, at: DateTime<Utc>) -> bool {
        self.0.next_update.is_some_and(|next| next + TOLERANCE < at)
    }

    /// Whether this delta list says what changed since `base`.
    fn changes(&self, base: &Self) -> bool {
        let at_least = |one: &[u8], other: &[u8]| (one.len(), one) >= (other.len(), other);
        self.0
            .base
            .as_deref()
            .is_some_and(|first| at_least(&base.0.number, first) && at_least(&self.0.number, &base.0.number))
    }
}

/// A number without leading zeros.
fn number(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}

/// What was given with `--crl`.
#[derive(Debug, Clone, Default)]
pub struct Lists {
    /// The newest first.
    lists: Vec<List>,
    /// How many could not be read.
    unreadable: usize,
}

impl Lists {
    /// Reads lists, DER.
    pub fn parse<'a>(ders: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut lists = Self::default();
        for der in ders {
            match List::parse(der) {
                Some(list) => lists.lists.push(list),
                None => lists.unreadable += 1,
            }
        }
        lists
            .lists
            .sort_by_key(|list| std::cmp::Reverse(list.this_update()));
        lists
    }

    /// Whether none was given.
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty() && self.unreadable == 0
    }

    /// What they say of each certificate of a path, leaf first. Nobody lists an anchor.
    pub fn check(&self, path: &[Certificate], at: DateTime<Utc>) -> Vec<Checked> {
        let below_the_root = path
            .iter()
            .filter(|certificate| !certificate.facts().self_signed || path.len() == 1);
        below_the_root
            .enumerate()
            .filter_map(|(index, certificate)| {
                let issuer = path.get(index + 1);
                // The last one of a path that ends at an anchor which did not sign itself.
                if issuer.is_none() && index > 0 {
                    return None;
                }
                let (status, by) = self.of(certificate, issuer, at);
                Some(Checked {
                    certificate: certificate.clone(),
                    status,
                    by,
                })
            })
            .collect()
    }

    fn of(
        &self,
        certificate: &Certificate,
        issuer: Option<&Certificate>,
        at: DateTime<Utc>,
    ) -> (Status, Option<List>) {
        let Some(issuer) = issuer else {
            return (Status::Unknown(Fault::NoIssuer), None);
        };
        let (mut bases, mut deltas) = (Vec::new(), Vec::new());
        let nothing = if self.unreadable > 0 {
            Fault::Unreadable
        } else {
            Fault::None
        };
        let mut why = (nothing, None);
        for list in &self.lists {
            if list.0.issuer_der != certificate.issuer_der() {
                continue;
            }
            match list.fault(certificate, issuer, at) {
                Some(fault) if fault > why.0 => why = (fault, Some(list.clone())),
                Some(_) => {}
                None if list.0.base.is_some() => deltas.push(list),
                None => bases.push(list),
            }
        }
        let Some(base) = bases.first() else {
            // A delta list alone can accuse, but not acquit.
            return match deltas
                .iter()
                .find_map(|list| Some((list, list.entry(certificate)?)))
            {
                Some((list, entry)) if entry.reason != REMOVED => {
                    (Status::Revoked(entry), Some((*list).clone()))
                }
                _ if !deltas.is_empty() && why.0 < Fault::Delta => (
                    Status::Unknown(Fault::Delta),
                    deltas.first().map(|list| (*list).clone()),
                ),
                _ => (Status::Unknown(why.0), why.1),
            };
        };
        let delta = deltas.into_iter().find(|delta| delta.changes(base));
        let newest = delta.unwrap_or(base);
        let entry = delta
            .and_then(|delta| delta.entry(certificate))
            .or_else(|| base.entry(certificate))
            .filter(|entry| entry.reason != REMOVED);
        let status = match entry {
            // However old the list: revoked once is revoked for good, but for a hold that may have been lifted.
            Some(entry) => Status::Revoked(entry),
            None if newest.is_over(at) => Status::Unknown(Fault::Expired),
            None => Status::Good,
        };
        (status, Some(newest.clone()))
    }
}

#[cfg(test)]
mod tests;
