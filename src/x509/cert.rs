//! One certificate: its facts, and what is needed to link it to others. A certificate that does not parse is still
//! one, with the fault described.

mod facts;
mod read;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use x509_parser::prelude::{FromDer, X509Certificate};

pub use self::facts::{CertFacts, Key};
use super::seen::Seen;
use super::signature::{self, Signed};

/// A certificate and its facts. Clones share one copy.
#[derive(Debug, Clone)]
pub struct Certificate(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    der: Vec<u8>,
    facts: CertFacts,
    not_before: DateTime<Utc>,
    not_after: DateTime<Utc>,
    subject_der: Vec<u8>,
    issuer_der: Vec<u8>,
    common_name: Option<String>,
    organization: Option<String>,
    dns_names: Vec<String>,
    ip_addresses: Vec<IpAddr>,
    faults: Vec<Seen>,
    /// Whether a key (by its hash) made the signature: verifying costs more than all the rest.
    signed: Mutex<Vec<(String, Signed)>>,
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.der == other.0.der
    }
}

impl Eq for Certificate {}

/// Certificates that were read already, by their bytes. The same ones come back with every member of a farm, and with
/// every run of a monitor.
static READ: Mutex<Memo> = Mutex::new(Memo {
    certificates: BTreeMap::new(),
    bytes: 0,
});

/// What [`READ`] may hold, in bytes of DER; it is emptied when it is full. The facts take a few times as much.
const MAX_REMEMBERED: usize = 4 * 1024 * 1024;
/// Larger certificates are not remembered.
const MAX_REMEMBERED_SIZE: usize = 16 * 1024;
/// Issuers' keys that are remembered for one certificate.
const MAX_KEYS: usize = 16;

struct Memo {
    certificates: BTreeMap<Vec<u8>, Certificate>,
    bytes: usize,
}

impl Memo {
    fn get() -> MutexGuard<'static, Self> {
        // Nothing panics while holding it.
        READ.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&mut self, certificate: &Certificate) {
        let size = certificate.der().len();
        if size > MAX_REMEMBERED_SIZE {
            return;
        }
        if self.bytes + size > MAX_REMEMBERED {
            self.certificates.clear();
            self.bytes = 0;
        }
        let before = self
            .certificates
            .insert(certificate.der().to_vec(), certificate.clone());
        if before.is_none() {
            self.bytes += size;
        }
    }
}

impl Certificate {
    /// Reads a certificate. Never fails: what does not parse is in [`CertFacts::malformed`].
    pub fn parse(der: &[u8]) -> Self {
        // Each input of a fuzzer must take the same way, whatever came before.
        if cfg!(fuzzing) {
            return Self(Arc::new(Inner::parse(der)));
        }
        if let Some(known) = Memo::get().certificates.get(der) {
            return known.clone();
        }
        let certificate = Self(Arc::new(Inner::parse(der)));
        Memo::get().put(&certificate);
        certificate
    }
}

impl Certificate {
    /// What is in [`CertFacts::malformed`], to be said in any language.
    pub fn faults(&self) -> &[Seen] {
        &self.0.faults
    }

    /// The bytes.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// The facts, without `days_left`.
    pub fn facts(&self) -> &CertFacts {
        &self.0.facts
    }

    /// The facts as of an instant, for the wire.
    pub fn facts_as_of(&self, as_of: DateTime<Utc>) -> CertFacts {
        CertFacts {
            days_left: self.days_left(as_of),
            ..self.0.facts.clone()
        }
    }

    /// Whether it parsed far enough to have a subject, a key and dates.
    pub fn is_readable(&self) -> bool {
        self.0.facts.version > 0
    }

    /// The parsed form; parsing again costs about 3 µs and saves a self-referential type.
    pub fn parsed(&self) -> Option<X509Certificate<'_>> {
        X509Certificate::from_der(&self.0.der)
            .ok()
            .map(|(_, parsed)| parsed)
    }

    /// First instant of validity.
    pub fn not_before(&self) -> DateTime<Utc> {
        self.0.not_before
    }

    /// Last instant of validity.
    pub fn not_after(&self) -> DateTime<Utc> {
        self.0.not_after
    }

    /// From the first to the last instant.
    pub fn lifetime(&self) -> chrono::TimeDelta {
        self.0.not_after - self.0.not_before
    }

    /// Whole days left, rounded down; negative once expired.
    pub fn days_left(&self, as_of: DateTime<Utc>) -> i64 {
        (self.0.not_after - as_of).num_seconds().div_euclid(86_400)
    }

    /// Whether `at` lies within its validity, both ends included.
    pub fn is_valid_at(&self, at: DateTime<Utc>) -> bool {
        // `notAfter` has whole seconds and is itself still valid (RFC 5280 section 4.1.2.5).
        self.0.not_before <= at && at.timestamp() <= self.0.not_after.timestamp()
    }

    /// The subject, DER.
    pub fn subject_der(&self) -> &[u8] {
        &self.0.subject_der
    }

    /// The issuer, DER.
    pub fn issuer_der(&self) -> &[u8] {
        &self.0.issuer_der
    }

    /// The first common name of the subject.
    pub fn common_name(&self) -> Option<&str> {
        self.0.common_name.as_deref()
    }

    /// The first organisation of the subject.
    pub fn organization(&self) -> Option<&str> {
        self.0.organization.as_deref()
    }

    /// Host names among the subject alternative names.
    pub fn dns_names(&self) -> &[String] {
        &self.0.dns_names
    }

    /// Addresses among the subject alternative names.
    pub fn ip_addresses(&self) -> &[IpAddr] {
        &self.0.ip_addresses
    }

    /// Whether it is valid for this host name or address (RFC 9525 section 6).
    pub fn names(&self, host: &str) -> bool {
        let der = rustls::pki_types::CertificateDer::from(self.der());
        let Ok(name) = rustls::pki_types::ServerName::try_from(host.trim_end_matches('.')) else {
            return false;
        };
        webpki::EndEntityCert::try_from(&der)
            .is_ok_and(|certificate| certificate.verify_is_valid_for_subject_name(&name).is_ok())
    }

    /// A short name for people: the common name, else the first alternative name, else the subject.
    pub fn display_name(&self) -> &str {
        self.0
            .common_name
            .as_deref()
            .or_else(|| self.0.facts.sans.first().map(String::as_str))
            .unwrap_or(&self.0.facts.subject)
    }

    /// Whether the names say that `issuer` issued this certificate, and the key identifiers do not say otherwise.
    pub fn names_issuer(&self, issuer: &Self) -> bool {
        self.is_readable() && self.0.issuer_der == issuer.0.subject_der
    }

    /// Whether `issuer`'s key made this certificate's signature.
    pub fn signed_by(&self, issuer: &Self) -> Signed {
        let key = &issuer.0.facts.key_sha256;
        let remembered = || self.0.signed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, signed)) = remembered().iter().find(|(known, _)| known == key) {
            return *signed;
        }
        let signed = match (self.parsed(), issuer.parsed()) {
            (Some(certificate), Some(issuer)) => signature::signed_by(&certificate, issuer.public_key()),
            _ => return Signed::No,
        };
        let mut remembered = remembered();
        if remembered.len() < MAX_KEYS {
            remembered.push((key.clone(), signed));
        }
        signed
    }

    /// Whether a signature by `issuer`'s key can be verified here; without verifying it, which costs.
    pub fn is_verifiable_by(&self, issuer: &Self) -> bool {
        match (self.parsed(), issuer.parsed()) {
            (Some(certificate), Some(issuer)) => signature::is_verifiable(&certificate, issuer.public_key()),
            _ => true,
        }
    }

    /// Whether `issuer` issued this certificate, by name and by signature; where the signature cannot be verified
    /// here, by the key identifiers.
    pub fn is_issued_by(&self, issuer: &Self) -> bool {
        self.names_issuer(issuer)
            && match self.signed_by(issuer) {
                Signed::Yes => true,
                Signed::No => false,
                Signed::Unsupported => match (&self.0.facts.authority_key_id, &issuer.0.facts.subject_key_id)
                {
                    (Some(authority), Some(subject)) => authority == subject,
                    _ => true,
                },
            }
    }
}
