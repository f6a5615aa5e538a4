//! What a certificate says, in the wire format.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use x509_parser::extensions::{ExtendedKeyUsage, KeyUsage};
use x509_parser::prelude::SubjectPublicKeyInfo;
use x509_parser::public_key::PublicKey;

use crate::x509::signature;

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

pub(super) fn key(spki: &SubjectPublicKeyInfo<'_>) -> Key {
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

pub(super) fn key_usage(usage: KeyUsage) -> Vec<String> {
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

pub(super) fn extended_key_usage(usage: &ExtendedKeyUsage<'_>) -> Vec<String> {
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
