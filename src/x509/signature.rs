//! Who signed what. Used to tell a self-signed certificate from one that merely names itself, and to put a served
//! chain in order; trust is decided by [`super::verify`].

use ring::signature::{self as algorithms, UnparsedPublicKey, VerificationAlgorithm};
use x509_parser::prelude::{AlgorithmIdentifier, SubjectPublicKeyInfo, X509Certificate};

/// Whether a signature was made by a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// By this key.
    Yes,
    /// Not by this key.
    No,
    /// The algorithm or the curve is not one that can be verified here (MD5, DSA, P-521 …).
    Unsupported,
}

/// The short names of signature algorithms (RFC 3279, 4055, 5758, 8410).
const NAMES: &[(&str, &str)] = &[
    ("1.2.840.113549.1.1.2", "md2WithRSAEncryption"),
    ("1.2.840.113549.1.1.4", "md5WithRSAEncryption"),
    ("1.2.840.113549.1.1.5", "sha1WithRSAEncryption"),
    ("1.2.840.113549.1.1.10", "rsassaPss"),
    ("1.2.840.113549.1.1.11", "sha256WithRSAEncryption"),
    ("1.2.840.113549.1.1.12", "sha384WithRSAEncryption"),
    ("1.2.840.113549.1.1.13", "sha512WithRSAEncryption"),
    ("1.2.840.113549.1.1.14", "sha224WithRSAEncryption"),
    ("1.2.840.10040.4.3", "dsaWithSHA1"),
    ("2.16.840.1.101.3.4.3.2", "dsaWithSHA256"),
    ("1.2.840.10045.4.1", "ecdsaWithSHA1"),
    ("1.2.840.10045.4.3.1", "ecdsaWithSHA224"),
    ("1.2.840.10045.4.3.2", "ecdsaWithSHA256"),
    ("1.2.840.10045.4.3.3", "ecdsaWithSHA384"),
    ("1.2.840.10045.4.3.4", "ecdsaWithSHA512"),
    ("1.3.101.112", "ed25519"),
    ("1.3.101.113", "ed448"),
];

/// Curves by object identifier: name and bits.
const CURVES: &[(&str, &str, u32)] = &[
    ("1.2.840.10045.3.1.1", "P-192", 192),
    ("1.3.132.0.33", "P-224", 224),
    ("1.2.840.10045.3.1.7", "P-256", 256),
    ("1.3.132.0.34", "P-384", 384),
    ("1.3.132.0.35", "P-521", 521),
    ("1.3.132.0.10", "secp256k1", 256),
];

/// The name of a signature algorithm, or its object identifier.
pub fn algorithm_name(algorithm: &AlgorithmIdentifier<'_>) -> String {
    let oid = algorithm.algorithm.to_id_string();
    NAMES
        .iter()
        .find(|(known, _)| *known == oid)
        .map_or(oid, |(_, name)| (*name).to_owned())
}

/// The curve of an EC key: name and bits.
pub fn curve(key: &SubjectPublicKeyInfo<'_>) -> Option<(&'static str, u32)> {
    let oid = key
        .algorithm
        .parameters
        .as_ref()?
        .clone()
        .oid()
        .ok()?
        .to_id_string();
    CURVES
        .iter()
        .find(|(known, ..)| *known == oid)
        .map(|&(_, name, bits)| (name, bits))
}

/// Whether `key` made the signature of `certificate`.
pub fn signed_by(certificate: &X509Certificate<'_>, key: &SubjectPublicKeyInfo<'_>) -> Signed {
    let Some(algorithm) = algorithm(&certificate.signature_algorithm, key) else {
        return Signed::Unsupported;
    };
    let verified = UnparsedPublicKey::new(algorithm, key.subject_public_key.data.as_ref()).verify(
        certificate.tbs_certificate.as_ref(),
        certificate.signature_value.data.as_ref(),
    );
    if verified.is_ok() { Signed::Yes } else { Signed::No }
}

/// The algorithm of ring for a signature by this kind of key. SHA-1 and 1024-bit RSA are among them: to order a chain
/// is not to trust it.
fn algorithm(
    signature: &AlgorithmIdentifier<'_>,
    key: &SubjectPublicKeyInfo<'_>,
) -> Option<&'static dyn VerificationAlgorithm> {
    let kind = key.algorithm.algorithm.to_id_string();
    let name = algorithm_name(signature);
    Some(match (kind.as_str(), name.as_str()) {
        ("1.2.840.113549.1.1.1", "sha1WithRSAEncryption") => {
            &algorithms::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY
        }
        ("1.2.840.113549.1.1.1", "sha256WithRSAEncryption") => {
            &algorithms::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY
        }
        ("1.2.840.113549.1.1.1", "sha384WithRSAEncryption") => &algorithms::RSA_PKCS1_2048_8192_SHA384,
        ("1.2.840.113549.1.1.1", "sha512WithRSAEncryption") => {
            &algorithms::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY
        }
        ("1.2.840.113549.1.1.1", "rsassaPss") => pss(signature)?,
        ("1.2.840.10045.2.1", _) => match (curve(key)?.0, name.as_str()) {
            ("P-256", "ecdsaWithSHA256") => &algorithms::ECDSA_P256_SHA256_ASN1,
            ("P-256", "ecdsaWithSHA384") => &algorithms::ECDSA_P256_SHA384_ASN1,
            ("P-384", "ecdsaWithSHA256") => &algorithms::ECDSA_P384_SHA256_ASN1,
            ("P-384", "ecdsaWithSHA384") => &algorithms::ECDSA_P384_SHA384_ASN1,
            _ => return None,
        },
        ("1.3.101.112", "ed25519") => &algorithms::ED25519,
        _ => return None,
    })
}

/// RSASSA-PSS by its hash: the object identifier stands in the parameters (RFC 4055 section 3.1).
fn pss(signature: &AlgorithmIdentifier<'_>) -> Option<&'static dyn VerificationAlgorithm> {
    // 2.16.840.1.101.3.4.2.{1,2,3}, DER-encoded up to the last arc.
    const SHA2: &[u8] = &[0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];
    let parameters = signature.parameters.as_ref()?.data;
    let at = memchr::memmem::find(parameters, SHA2)?;
    Some(match parameters.get(at + SHA2.len())? {
        1 => &algorithms::RSA_PSS_2048_8192_SHA256,
        2 => &algorithms::RSA_PSS_2048_8192_SHA384,
        3 => &algorithms::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}
