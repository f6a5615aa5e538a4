//! Who signed what. Used to tell a self-signed certificate from one that merely names itself, and to put a served
//! chain in order; trust is decided by [`super::verify`].

use std::sync::LazyLock;

use p521::ecdsa::signature::hazmat::PrehashVerifier as _;
use ring::signature::{self as algorithms, UnparsedPublicKey, VerificationAlgorithm};
use rustls::pki_types::{
    AlgorithmIdentifier as AlgorithmBytes, InvalidSignature, SignatureVerificationAlgorithm, alg_id,
};
use sha2::Digest as _;
use x509_parser::prelude::{AlgorithmIdentifier, SubjectPublicKeyInfo, X509Certificate};

/// `rsaEncryption`
const RSA: &str = "1.2.840.113549.1.1.1";
/// `id-RSASSA-PSS`: a key that is for RSASSA-PSS only.
const RSA_PSS: &str = "1.2.840.113549.1.1.10";
/// `id-ecPublicKey`
const EC: &str = "1.2.840.10045.2.1";
/// `id-Ed25519`
const ED25519: &str = "1.3.101.112";

/// Whether a signature was made by a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// By this key.
    Yes,
    /// Not by this key.
    No,
    /// The algorithm or the curve is not one that can be verified here (MD5, DSA, Ed448 …).
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

/// Whether the algorithm is broken or given up, so that nobody verifies it any more: MD2, MD5, DSA, SHA-1 with EC keys.
pub fn is_given_up(algorithm: &str) -> bool {
    ["md2", "md5", "sha1", "dsaWith"]
        .iter()
        .any(|start| algorithm.starts_with(start))
        || algorithm.ends_with("SHA1")
}

/// Whether `key` made the signature of `certificate`.
pub fn signed_by(certificate: &X509Certificate<'_>, key: &SubjectPublicKeyInfo<'_>) -> Signed {
    verify(
        &certificate.signature_algorithm,
        key,
        certificate.tbs_certificate.as_ref(),
        certificate.signature_value.data.as_ref(),
    )
}

/// Whether a signature of `certificate` by `key` can be verified here, whatever comes of it.
pub fn is_verifiable(certificate: &X509Certificate<'_>, key: &SubjectPublicKeyInfo<'_>) -> bool {
    let algorithm = &certificate.signature_algorithm;
    p521_hash(algorithm, key).is_some() || ring_algorithm(algorithm, key).is_some()
}

/// Whether `key` made this signature of `message`.
pub fn verify(
    algorithm: &AlgorithmIdentifier<'_>,
    key: &SubjectPublicKeyInfo<'_>,
    message: &[u8],
    signature: &[u8],
) -> Signed {
    let public = key.subject_public_key.data.as_ref();
    let verified = if let Some(hash) = p521_hash(algorithm, key) {
        p521(hash, public, message, signature)
    } else if let Some(algorithm) = ring_algorithm(algorithm, key) {
        UnparsedPublicKey::new(algorithm, public)
            .verify(message, signature)
            .is_ok()
    } else {
        return Signed::Unsupported;
    };
    if verified { Signed::Yes } else { Signed::No }
}

/// The algorithm of ring for a signature by this kind of key. SHA-1 and 1024-bit RSA are among them: to order a chain
/// is not to trust it.
fn ring_algorithm(
    signature: &AlgorithmIdentifier<'_>,
    key: &SubjectPublicKeyInfo<'_>,
) -> Option<&'static dyn VerificationAlgorithm> {
    let kind = key.algorithm.algorithm.to_id_string();
    let name = algorithm_name(signature);
    Some(match (kind.as_str(), name.as_str()) {
        (RSA, "sha1WithRSAEncryption") => &algorithms::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        (RSA, "sha256WithRSAEncryption") => &algorithms::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        (RSA, "sha384WithRSAEncryption") => &algorithms::RSA_PKCS1_2048_8192_SHA384,
        (RSA, "sha512WithRSAEncryption") => &algorithms::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        (RSA | RSA_PSS, "rsassaPss") => pss(signature)?,
        (EC, _) => match (curve(key)?.0, name.as_str()) {
            ("P-256", "ecdsaWithSHA256") => &algorithms::ECDSA_P256_SHA256_ASN1,
            ("P-256", "ecdsaWithSHA384") => &algorithms::ECDSA_P256_SHA384_ASN1,
            ("P-384", "ecdsaWithSHA256") => &algorithms::ECDSA_P384_SHA256_ASN1,
            ("P-384", "ecdsaWithSHA384") => &algorithms::ECDSA_P384_SHA384_ASN1,
            _ => return None,
        },
        (ED25519, "ed25519") => &algorithms::ED25519,
        _ => return None,
    })
}

/// RSASSA-PSS by its hash: the object identifier stands in the parameters (RFC 4055 section 3.1).
fn pss(signature: &AlgorithmIdentifier<'_>) -> Option<&'static dyn VerificationAlgorithm> {
    // 2.16.840.1.101.3.4.2.{1,2,3}, DER-encoded up to the last arc.
    const SHA2: &[u8] = &[0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];
    let parameters = signature.parameters.as_ref()?.data;
    let at = memchr::memmem::find(parameters, SHA2)?;
    let (algorithm, salt): (&'static dyn VerificationAlgorithm, u8) = match parameters.get(at + SHA2.len())? {
        1 => (&algorithms::RSA_PSS_2048_8192_SHA256, 32),
        2 => (&algorithms::RSA_PSS_2048_8192_SHA384, 48),
        3 => (&algorithms::RSA_PSS_2048_8192_SHA512, 64),
        _ => return None,
    };
    // ring knows only a salt as long as the hash: `[2] INTEGER` says how long it is.
    memchr::memmem::find(parameters, &[0xa2, 0x03, 0x02, 0x01, salt])?;
    Some(algorithm)
}

type Hash = fn(&[u8]) -> Vec<u8>;

const SHA256: Hash = |message| sha2::Sha256::digest(message).to_vec();
const SHA384: Hash = |message| sha2::Sha384::digest(message).to_vec();
const SHA512: Hash = |message| sha2::Sha512::digest(message).to_vec();

/// The hash of an ECDSA signature by a P-521 key, which ring does not know.
fn p521_hash(signature: &AlgorithmIdentifier<'_>, key: &SubjectPublicKeyInfo<'_>) -> Option<Hash> {
    if key.algorithm.algorithm.to_id_string() != EC || curve(key)?.0 != "P-521" {
        return None;
    }
    match algorithm_name(signature).as_str() {
        "ecdsaWithSHA256" => Some(SHA256),
        "ecdsaWithSHA384" => Some(SHA384),
        "ecdsaWithSHA512" => Some(SHA512),
        _ => None,
    }
}

fn p521(hash: Hash, public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    /// Octets of a P-521 scalar. A shorter hash is a smaller number (FIPS 186-5 section 6.4.2): zeros go in front.
    const OCTETS: usize = 66;
    let (Ok(key), Ok(signature)) = (
        p521::ecdsa::VerifyingKey::from_sec1_bytes(public),
        p521::ecdsa::Signature::from_der(signature),
    ) else {
        return false;
    };
    let digest = hash(message);
    let mut padded = vec![0; OCTETS.saturating_sub(digest.len())];
    padded.extend(digest);
    key.verify_prehash(&padded, &signature).is_ok()
}

/// ECDSA with P-521 for webpki.
#[derive(Debug)]
struct P521 {
    hash: Hash,
    id: AlgorithmBytes,
}

impl SignatureVerificationAlgorithm for P521 {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        p521(self.hash, public_key, message, signature)
            .then_some(())
            .ok_or(InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmBytes {
        alg_id::ECDSA_P521
    }

    fn signature_alg_id(&self) -> AlgorithmBytes {
        self.id
    }
}

static P521_SHA256: P521 = P521 {
    hash: SHA256,
    id: alg_id::ECDSA_SHA256,
};
static P521_SHA384: P521 = P521 {
    hash: SHA384,
    id: alg_id::ECDSA_SHA384,
};
static P521_SHA512: P521 = P521 {
    hash: SHA512,
    id: alg_id::ECDSA_SHA512,
};

/// RSASSA-PSS with a key that is for that only, for webpki.
#[derive(Debug)]
struct PssKey(&'static dyn SignatureVerificationAlgorithm);

impl SignatureVerificationAlgorithm for PssKey {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        self.0.verify_signature(public_key, message, signature)
    }

    fn public_key_alg_id(&self) -> AlgorithmBytes {
        // id-RSASSA-PSS without parameters; a key with parameters is said not to be verifiable.
        AlgorithmBytes::from_slice(&[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a])
    }

    fn signature_alg_id(&self) -> AlgorithmBytes {
        self.0.signature_alg_id()
    }
}

static PSS_SHA256: PssKey = PssKey(webpki::ring::RSA_PSS_2048_8192_SHA256_LEGACY_KEY);
static PSS_SHA384: PssKey = PssKey(webpki::ring::RSA_PSS_2048_8192_SHA384_LEGACY_KEY);
static PSS_SHA512: PssKey = PssKey(webpki::ring::RSA_PSS_2048_8192_SHA512_LEGACY_KEY);

/// What path validation accepts: what webpki does, and P-521 and keys for RSASSA-PSS besides.
pub(super) static FOR_PATHS: LazyLock<Vec<&'static dyn SignatureVerificationAlgorithm>> =
    LazyLock::new(|| {
        let more: [&'static dyn SignatureVerificationAlgorithm; 6] = [
            &P521_SHA256,
            &P521_SHA384,
            &P521_SHA512,
            &PSS_SHA256,
            &PSS_SHA384,
            &PSS_SHA512,
        ];
        webpki::ALL_VERIFICATION_ALGS
            .iter()
            .copied()
            .chain(more)
            .collect()
    });
