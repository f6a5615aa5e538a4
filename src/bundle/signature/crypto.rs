//! Signing and checking the bytes that a signature covers, for the keys that people have: Ed25519, ECDSA on P-256 and
//! P-384; RSA for checking only, as *ring* wants more of the private key than the file holds.

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED,
    ECDSA_P384_SHA384_FIXED_SIGNING, ED25519, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA512, RsaPublicKeyComponents, UnparsedPublicKey,
};
use ssh_key::private::{EcdsaKeypair, KeypairData};
use ssh_key::public::{EcdsaPublicKey, KeyData};
use ssh_key::{Algorithm, EcdsaCurve, HashAlg, PrivateKey, PublicKey, Signature};

/// The signature of `data`; `None`: a kind of key that is not supported, or one whose halves do not match.
pub(super) fn sign(key: &PrivateKey, data: &[u8]) -> Option<Signature> {
    match key.key_data() {
        KeypairData::Ed25519(pair) => {
            let seed = zeroize::Zeroizing::new(pair.private.to_bytes());
            let pair = Ed25519KeyPair::from_seed_and_public_key(seed.as_ref(), &pair.public.0).ok()?;
            Signature::new(Algorithm::Ed25519, pair.sign(data).as_ref()).ok()
        }
        KeypairData::Ecdsa(pair) => {
            let (algorithm, curve): (&'static EcdsaSigningAlgorithm, _) = match pair {
                EcdsaKeypair::NistP256 { .. } => (&ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaCurve::NistP256),
                EcdsaKeypair::NistP384 { .. } => (&ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaCurve::NistP384),
                EcdsaKeypair::NistP521 { .. } => return None,
            };
            let random = SystemRandom::new();
            let pair = EcdsaKeyPair::from_private_key_and_public_key(
                algorithm,
                pair.private_key_bytes(),
                pair.public_key_bytes(),
                &random,
            )
            .ok()?;
            let fixed = pair.sign(&random, data).ok()?;
            let (r, s) = fixed.as_ref().split_at_checked(fixed.as_ref().len() / 2)?;
            Signature::new(Algorithm::Ecdsa { curve }, [mpint(r), mpint(s)].concat()).ok()
        }
        _ => None,
    }
}

/// Whether `signature` is that of `data`; `None`: a kind of key that is not supported.
pub(super) fn verify(key: &PublicKey, data: &[u8], signature: &Signature) -> Option<bool> {
    let bytes = signature.as_bytes();
    let same = |wanted: Algorithm| (signature.algorithm() == wanted).then_some(());
    match key.key_data() {
        KeyData::Ed25519(public) => {
            same(Algorithm::Ed25519)?;
            Some(
                UnparsedPublicKey::new(&ED25519, public.0)
                    .verify(data, bytes)
                    .is_ok(),
            )
        }
        KeyData::Ecdsa(public) => {
            same(Algorithm::Ecdsa {
                curve: public.curve(),
            })?;
            let (algorithm, size) = match public {
                EcdsaPublicKey::NistP256(_) => (&ECDSA_P256_SHA256_FIXED, 32),
                EcdsaPublicKey::NistP384(_) => (&ECDSA_P384_SHA384_FIXED, 48),
                EcdsaPublicKey::NistP521(_) => return None,
            };
            let genuine = fixed(bytes, size).is_some_and(|fixed| {
                UnparsedPublicKey::new(algorithm, public.as_sec1_bytes())
                    .verify(data, &fixed)
                    .is_ok()
            });
            Some(genuine)
        }
        KeyData::Rsa(public) => {
            let Algorithm::Rsa { hash: Some(hash) } = signature.algorithm() else {
                return None;
            };
            let algorithm = match hash {
                HashAlg::Sha256 => &RSA_PKCS1_2048_8192_SHA256,
                HashAlg::Sha512 => &RSA_PKCS1_2048_8192_SHA512,
                _ => return None,
            };
            let components = RsaPublicKeyComponents {
                n: public.n.as_positive_bytes()?,
                e: public.e.as_positive_bytes()?,
            };
            Some(components.verify(algorithm, data, bytes).is_ok())
        }
        _ => None,
    }
}

/// A positive number as SSH writes it (RFC 4251, section 5).
fn mpint(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let digits = &number[zeros..];
    let sign = usize::from(digits.first().is_some_and(|byte| byte & 0x80 != 0));
    let length = u32::try_from(digits.len() + sign).unwrap_or(u32::MAX);
    let mut out = length.to_be_bytes().to_vec();
    out.resize(4 + sign, 0);
    out.extend_from_slice(digits);
    out
}

/// Two such numbers, each as `size` bytes.
fn fixed(mut bytes: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(2 * size);
    for _ in 0..2 {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (number, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        let digits = &number[zeros..];
        out.resize(out.len() + size.checked_sub(digits.len())?, 0);
        out.extend_from_slice(digits);
        bytes = rest;
    }
    bytes.is_empty().then_some(out)
}

#[cfg(test)]
mod tests {
    use super::{fixed, mpint};

    #[test]
    fn numbers_come_back() {
        let mut small = [0; 32];
        small[31] = 7;
        for number in [[0x80; 32], [0x7f; 32], small, [0; 32]] {
            let wire = [mpint(&number), mpint(&small)].concat();
            assert_eq!(fixed(&wire, 32), Some([number, small].concat()));
            assert_eq!(fixed(&wire[..wire.len() - 1], 32), None);
            assert_eq!(fixed(&[&wire[..], b"x"].concat(), 32), None);
        }
        assert_eq!(fixed(&[mpint(&[1; 33]), mpint(&[1; 32])].concat(), 32), None);
    }
}
