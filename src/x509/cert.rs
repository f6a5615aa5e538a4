//! One certificate: its facts, and what is needed to link it to others. A certificate that does not parse is still
//! one, with the fault described.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension};
use x509_parser::prelude::{FromDer, SubjectPublicKeyInfo, X509Certificate};
use x509_parser::public_key::PublicKey;

use super::name::{self, hex};
use super::seen::Seen;
use super::signature::{self, Signed};
use crate::report::rfc3339;

/// `id-ad-caIssuers`
const CA_ISSUERS: &str = "1.3.6.1.5.5.7.48.2";
/// `id-ad-ocsp`
const OCSP: &str = "1.3.6.1.5.5.7.48.1";
/// More alternative names than this are counted but not listed.
const MAX_NAMES: usize = 2000;

/// The public key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Key {
    /// `RSA`, `EC`, `Ed25519`, `DSA`, or an object identifier.
    pub algorithm: String,
    /// Bits of the modulus or of the curve.
    pub bits: Option<u32>,
    /// The curve, e.g. `P-256`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub curve: Option<String>,
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.curve, self.bits) {
            (Some(curve), _) => write!(f, "{} {curve}", self.algorithm),
            (None, Some(bits)) => write!(f, "{} {bits}", self.algorithm),
            (None, None) => f.write_str(&self.algorithm),
        }
    }
}

/// What a certificate says, in the wire format (`CERT` of the interface).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CertFacts {
    /// The subject (RFC 4514).
    pub subject: String,
    /// The issuer (RFC 4514).
    pub issuer: String,
    /// The serial number, lower-case hexadecimal.
    pub serial: String,
    /// First instant of validity (RFC 3339).
    pub not_before: String,
    /// Last instant of validity (RFC 3339).
    pub not_after: String,
    /// Whole days until `not_after`, rounded down; negative once it has passed.
    pub days_left: i64,
    /// Whole days of validity.
    pub lifetime_days: i64,
    /// Subject alternative names: host names and addresses plain, others with their kind before a colon.
    pub sans: Vec<String>,
    /// Signed with its own key (by signature where the algorithm can be verified, else by its names).
    pub self_signed: bool,
    /// basicConstraints says CA (or a self-signed certificate of version 1).
    pub is_ca: bool,
    /// How many intermediate certificates may follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_len: Option<u32>,
    /// The public key.
    pub key: Key,
    /// The signature algorithm, e.g. `sha256WithRSAEncryption`.
    pub signature: String,
    /// SHA-256 of the certificate, lower-case hexadecimal.
    pub sha256: String,
    /// SHA-256 of the public key (SubjectPublicKeyInfo), lower-case hexadecimal.
    pub key_sha256: String,
    /// X.509 version: 1 to 3.
    pub version: u32,
    /// Subject key identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_key_id: Option<String>,
    /// Authority key identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority_key_id: Option<String>,
    /// Key usage, names of RFC 5280.
    pub key_usage: Vec<String>,
    /// Extended key usage, names of RFC 5280 or object identifiers.
    pub extended_key_usage: Vec<String>,
    /// Where the issuer's certificate can be had (authority information access).
    pub ca_issuers: Vec<String>,
    /// OCSP responders.
    pub ocsp: Vec<String>,
    /// Revocation lists.
    pub crl: Vec<String>,
    /// What does not follow the encoding rules; empty for a sound certificate.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub malformed: Vec<String>,
}

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

impl Inner {
    fn parse(der: &[u8]) -> Self {
        let mut certificate = Self {
            der: der.to_vec(),
            facts: CertFacts {
                sha256: hex(&Sha256::digest(der)),
                ..CertFacts::default()
            },
            not_before: DateTime::UNIX_EPOCH,
            not_after: DateTime::UNIX_EPOCH,
            subject_der: Vec::new(),
            issuer_der: Vec::new(),
            common_name: None,
            organization: None,
            dns_names: Vec::new(),
            ip_addresses: Vec::new(),
            faults: Vec::new(),
            signed: Mutex::default(),
        };
        match X509Certificate::from_der(der) {
            Ok((rest, parsed)) => {
                if !rest.is_empty() {
                    let bytes = rest.len();
                    certificate.fault(
                        Seen::new("trailing", format!("{bytes} bytes after the certificate"))
                            .with("bytes", bytes),
                    );
                }
                certificate.read(&parsed);
            }
            Err(error) => certificate.fault(
                Seen::new("not-a-certificate", format!("not a certificate: {error}"))
                    .with("words", error.to_string()),
            ),
        }
        certificate
    }

    fn fault(&mut self, seen: Seen) {
        self.facts.malformed.push(seen.as_str().to_owned());
        self.faults.push(seen);
    }

    fn read(&mut self, parsed: &X509Certificate<'_>) {
        let facts = &mut self.facts;
        facts.subject = name::text(parsed.subject());
        facts.issuer = name::text(parsed.issuer());
        facts.serial = hex(parsed.raw_serial());
        facts.version = parsed.version().0 + 1;
        facts.signature = signature::algorithm_name(&parsed.signature_algorithm);
        facts.key = key(parsed.public_key());
        facts.key_sha256 = hex(&Sha256::digest(parsed.public_key().raw));
        self.subject_der = parsed.subject().as_raw().to_vec();
        self.issuer_der = parsed.issuer().as_raw().to_vec();
        self.common_name = name::first(parsed.subject(), name::COMMON_NAME);
        self.organization = name::first(parsed.subject(), name::ORGANIZATION);
        let instant = |seconds| DateTime::from_timestamp(seconds, 0);
        match (
            instant(parsed.validity().not_before.timestamp()),
            instant(parsed.validity().not_after.timestamp()),
        ) {
            (Some(from), Some(to)) => (self.not_before, self.not_after) = (from, to),
            _ => self.fault(Seen::new("dates", "validity out of range")),
        }
        self.facts.not_before = rfc3339(self.not_before);
        self.facts.not_after = rfc3339(self.not_after);
        self.facts.lifetime_days = (self.not_after - self.not_before).num_days();
        let mut seen = std::collections::BTreeSet::new();
        for extension in parsed.extensions() {
            let oid = extension.oid.to_id_string();
            if !seen.insert(oid.clone()) {
                self.fault(
                    Seen::new("extension-twice", format!("extension {oid} twice")).with("oid", oid.as_str()),
                );
            }
            self.extension(&oid, extension.parsed_extension());
        }
        self.facts.self_signed = self.self_signed(parsed);
        if self.facts.self_signed && self.facts.version < 3 {
            self.facts.is_ca = true;
        }
    }

    fn extension(&mut self, oid: &str, extension: &ParsedExtension<'_>) {
        let facts = &mut self.facts;
        match extension {
            ParsedExtension::BasicConstraints(constraints) => {
                facts.is_ca = constraints.ca;
                facts.path_len = constraints.path_len_constraint;
            }
            ParsedExtension::SubjectKeyIdentifier(id) => facts.subject_key_id = Some(hex(id.0)),
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                facts.authority_key_id = id.key_identifier.as_ref().map(|id| hex(id.0));
            }
            ParsedExtension::KeyUsage(usage) => facts.key_usage = key_usage(*usage),
            ParsedExtension::ExtendedKeyUsage(usage) => facts.extended_key_usage = extended_key_usage(usage),
            ParsedExtension::SubjectAlternativeName(names) => {
                for name in names.general_names.iter().take(MAX_NAMES) {
                    self.alternative_name(name);
                }
            }
            ParsedExtension::AuthorityInfoAccess(access) => {
                for description in &access.accessdescs {
                    let GeneralName::URI(uri) = &description.access_location else {
                        continue;
                    };
                    match description.access_method.to_id_string().as_str() {
                        CA_ISSUERS => facts.ca_issuers.push((*uri).to_owned()),
                        OCSP => facts.ocsp.push((*uri).to_owned()),
                        _ => {}
                    }
                }
            }
            ParsedExtension::CRLDistributionPoints(points) => {
                for point in &points.points {
                    let Some(DistributionPointName::FullName(names)) = &point.distribution_point else {
                        continue;
                    };
                    facts.crl.extend(names.iter().filter_map(|name| match name {
                        GeneralName::URI(uri) => Some((*uri).to_owned()),
                        _ => None,
                    }));
                }
            }
            ParsedExtension::ParseError { error } => {
                self.fault(
                    Seen::new("extension-malformed", format!("extension {oid}: {error}"))
                        .with("oid", oid)
                        .with("words", error.to_string()),
                );
            }
            _ => {}
        }
    }

    fn alternative_name(&mut self, name: &GeneralName<'_>) {
        let text = match name {
            GeneralName::DNSName(dns) => {
                self.dns_names.push((*dns).to_owned());
                (*dns).to_owned()
            }
            GeneralName::IPAddress(bytes) => {
                let address = <[u8; 4]>::try_from(*bytes)
                    .map(IpAddr::from)
                    .or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from));
                match address {
                    Ok(address) => {
                        self.ip_addresses.push(address);
                        address.to_string()
                    }
                    Err(_) => format!("ip:#{}", hex(bytes)),
                }
            }
            GeneralName::RFC822Name(email) => format!("email:{email}"),
            GeneralName::URI(uri) => format!("uri:{uri}"),
            GeneralName::DirectoryName(directory) => format!("dirname:{}", name::text(directory)),
            GeneralName::RegisteredID(oid) => format!("rid:{oid}"),
            GeneralName::OtherName(oid, _) => format!("othername:{oid}"),
            GeneralName::X400Address(_) => "x400:".to_owned(),
            GeneralName::EDIPartyName(_) => "edi:".to_owned(),
            GeneralName::Invalid(..) => {
                self.fault(Seen::new(
                    "names-malformed",
                    "subject alternative name does not parse",
                ));
                return;
            }
        };
        self.facts.sans.push(text);
    }

    fn self_signed(&mut self, parsed: &X509Certificate<'_>) -> bool {
        if self.subject_der != self.issuer_der {
            return false;
        }
        let signed = signature::signed_by(parsed, parsed.public_key());
        if let Ok(remembered) = self.signed.get_mut() {
            remembered.push((self.facts.key_sha256.clone(), signed));
        }
        match signed {
            Signed::Yes => true,
            Signed::No => false,
            // Cannot be verified here: go by the key identifiers.
            Signed::Unsupported => match (&self.facts.authority_key_id, &self.facts.subject_key_id) {
                (Some(authority), Some(subject)) => authority == subject,
                _ => true,
            },
        }
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

fn key(spki: &SubjectPublicKeyInfo<'_>) -> Key {
    let oid = spki.algorithm.algorithm.to_id_string();
    match spki.parsed() {
        Ok(PublicKey::RSA(rsa)) => {
            let modulus = rsa.modulus;
            let zeros = modulus.iter().take_while(|&&byte| byte == 0).count();
            let significant = modulus.get(zeros..).unwrap_or_default();
            let top = significant.first().map_or(0, |byte| 8 - byte.leading_zeros());
            let rest = significant.len().saturating_sub(1) * 8;
            Key {
                algorithm: "RSA".to_owned(),
                bits: Some(top + u32::try_from(rest).unwrap_or(u32::MAX - 8)),
                curve: None,
            }
        }
        Ok(PublicKey::EC(_)) => {
            let curve = signature::curve(spki);
            Key {
                algorithm: "EC".to_owned(),
                bits: curve.map(|(_, bits)| bits),
                curve: curve.map(|(name, _)| name.to_owned()),
            }
        }
        Ok(PublicKey::DSA(value)) => Key {
            algorithm: "DSA".to_owned(),
            bits: u32::try_from(value.len() / 8 * 64).ok(),
            curve: None,
        },
        _ => {
            let (algorithm, bits) = match oid.as_str() {
                "1.3.101.112" => ("Ed25519", Some(256)),
                "1.3.101.113" => ("Ed448", Some(456)),
                "1.2.840.113549.1.1.10" => ("RSA-PSS", None),
                other => (other, None),
            };
            Key {
                algorithm: algorithm.to_owned(),
                bits,
                curve: None,
            }
        }
    }
}

fn key_usage(usage: x509_parser::extensions::KeyUsage) -> Vec<String> {
    let bits = [
        (usage.digital_signature(), "digitalSignature"),
        (usage.non_repudiation(), "nonRepudiation"),
        (usage.key_encipherment(), "keyEncipherment"),
        (usage.data_encipherment(), "dataEncipherment"),
        (usage.key_agreement(), "keyAgreement"),
        (usage.key_cert_sign(), "keyCertSign"),
        (usage.crl_sign(), "cRLSign"),
        (usage.encipher_only(), "encipherOnly"),
        (usage.decipher_only(), "decipherOnly"),
    ];
    bits.into_iter()
        .filter(|(set, _)| *set)
        .map(|(_, name)| name.to_owned())
        .collect()
}

fn extended_key_usage(usage: &x509_parser::extensions::ExtendedKeyUsage<'_>) -> Vec<String> {
    let known = [
        (usage.any, "anyExtendedKeyUsage"),
        (usage.server_auth, "serverAuth"),
        (usage.client_auth, "clientAuth"),
        (usage.code_signing, "codeSigning"),
        (usage.email_protection, "emailProtection"),
        (usage.time_stamping, "timeStamping"),
        (usage.ocsp_signing, "OCSPSigning"),
    ];
    known
        .into_iter()
        .filter(|(set, _)| *set)
        .map(|(_, name)| name.to_owned())
        .chain(usage.other.iter().map(ToString::to_string))
        .collect()
}
