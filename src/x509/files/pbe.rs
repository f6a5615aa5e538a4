//! Encryption by password as PKCS#12 stores use it: PBES2 (RFC 8018) and the older schemes of RFC 7292 appendix C.

use std::num::NonZeroU32;

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt as _, InnerIvInit, KeyInit};
use ring::{digest, pbkdf2};
use zeroize::Zeroizing;

use super::ContentsError;
use super::ber::{self, Element, OID, SEQUENCE};

/// Most iterations of key derivation spent on one file, some seconds. openssl writes 2,048, Java 10,000, careful
/// users 600,000.
pub(super) const MAX_ITERATIONS: u64 = 5_000_000;

/// 1.2.840.113549.1.12.1, the arc of the older schemes; the next number is the scheme.
const PKCS12_PBE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01];
/// 1.2.840.113549.1.5.13, PBES2.
const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
/// 1.2.840.113549.1.5.12, PBKDF2.
const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];
/// 1.3.6.1.4.1.11591.4.11, scrypt.
const SCRYPT: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b];
/// 1.2.840.113549.2, the arc of HMAC algorithms.
const HMACS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02];
/// 2.16.840.1.101.3.4.1, the arc of AES.
const AES: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01];
/// 1.2.840.113549.3.7, three-key Triple DES in CBC.
const DES_EDE3_CBC: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x07];

/// What a derived key is for: the identifier byte of RFC 7292 appendix B.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Key = 1,
    Iv = 2,
    Mac = 3,
}

/// A password, or none.
#[derive(Clone, Copy)]
pub(super) enum Password<'p> {
    Text(&'p str),
    /// No bytes at all, not even the end of an empty text.
    Null,
}

/// A cipher in CBC mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    TripleDes,
    /// Triple DES with two keys.
    DoubleDes,
    Rc2 {
        key_bytes: usize,
    },
}

impl Cipher {
    const fn key_bytes(self) -> usize {
        match self {
            Self::Aes128 | Self::DoubleDes => 16,
            Self::Aes192 | Self::TripleDes => 24,
            Self::Aes256 => 32,
            Self::Rc2 { key_bytes } => key_bytes,
        }
    }

    /// `None` when the padding is wrong: most likely the key is.
    fn decrypt(self, key: &[u8], iv: &[u8], secret: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        match self {
            Self::Aes128 => cbc_decrypt::<aes::Aes128>(key, iv, secret),
            Self::Aes192 => cbc_decrypt::<aes::Aes192>(key, iv, secret),
            Self::Aes256 => cbc_decrypt::<aes::Aes256>(key, iv, secret),
            Self::TripleDes => cbc_decrypt::<des::TdesEde3>(key, iv, secret),
            Self::DoubleDes => cbc_decrypt::<des::TdesEde2>(key, iv, secret),
            Self::Rc2 { .. } => cbc_decrypt::<rc2::Rc2>(key, iv, secret),
        }
    }
}

fn cbc_decrypt<C: BlockCipherDecrypt + KeyInit>(
    key: &[u8],
    iv: &[u8],
    secret: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = C::new_from_slice(key).ok()?;
    let mode = cbc::Decryptor::inner_iv_slice_init(cipher, iv).ok()?;
    mode.decrypt_padded_vec::<Pkcs7>(secret).ok().map(Zeroizing::new)
}

/// How something is encrypted, with its parameters.
pub(super) enum Scheme<'a> {
    /// Key and IV from SHA-1, RFC 7292 appendix B.
    Pkcs12 {
        cipher: Cipher,
        salt: &'a [u8],
        iterations: NonZeroU32,
    },
    /// RFC 8018 section 6.2.
    Pbes2 {
        cipher: Cipher,
        iv: &'a [u8],
        hmac: pbkdf2::Algorithm,
        salt: &'a [u8],
        iterations: NonZeroU32,
    },
}

impl<'a> Scheme<'a> {
    /// `AlgorithmIdentifier ::= SEQUENCE { algorithm, parameters }`
    pub(super) fn parse(algorithm: &Element<'a>) -> Result<Self, ContentsError> {
        let mut fields = algorithm.children();
        let oid = fields.expect(OID)?.content;
        if oid == PBES2 {
            return Self::parse_pbes2(&fields.expect(SEQUENCE)?);
        }
        let cipher = match oid.strip_prefix(PKCS12_PBE) {
            Some([3]) => Cipher::TripleDes,
            Some([4]) => Cipher::DoubleDes,
            Some([5]) => Cipher::Rc2 { key_bytes: 16 },
            Some([6]) => Cipher::Rc2 { key_bytes: 5 },
            Some([1 | 2]) => return Err(ContentsError::Unsupported("RC4".to_owned())),
            _ => return Err(ContentsError::Unsupported(named(oid))),
        };
        let mut parameters = fields.expect(SEQUENCE)?.children();
        Ok(Self::Pkcs12 {
            cipher,
            salt: parameters.expect(ber::OCTET_STRING)?.content,
            iterations: iterations(&parameters.expect(ber::INTEGER)?)?,
        })
    }

    fn parse_pbes2(parameters: &Element<'a>) -> Result<Self, ContentsError> {
        let mut fields = parameters.children();
        let mut derivation = fields.expect(SEQUENCE)?.children();
        let mut encryption = fields.expect(SEQUENCE)?.children();
        match derivation.expect(OID)?.content {
            PBKDF2 => {}
            SCRYPT => return Err(ContentsError::Unsupported("scrypt".to_owned())),
            other => return Err(ContentsError::Unsupported(named(other))),
        }
        let mut kdf = derivation.expect(SEQUENCE)?.children();
        let salt = kdf.expect(ber::OCTET_STRING)?.content;
        let iterations = iterations(&kdf.expect(ber::INTEGER)?)?;
        // The key's length, which the cipher says as well.
        kdf.optional(ber::INTEGER)?;
        let hmac = match kdf.optional(SEQUENCE)? {
            None => pbkdf2::PBKDF2_HMAC_SHA1,
            Some(prf) => {
                let oid = prf.children().expect(OID)?.content;
                match oid.strip_prefix(HMACS) {
                    Some([7]) => pbkdf2::PBKDF2_HMAC_SHA1,
                    Some([9]) => pbkdf2::PBKDF2_HMAC_SHA256,
                    Some([10]) => pbkdf2::PBKDF2_HMAC_SHA384,
                    Some([11]) => pbkdf2::PBKDF2_HMAC_SHA512,
                    _ => return Err(ContentsError::Unsupported(named(oid))),
                }
            }
        };
        let oid = encryption.expect(OID)?.content;
        let cipher = match oid.strip_prefix(AES) {
            Some([2]) => Cipher::Aes128,
            Some([22]) => Cipher::Aes192,
            Some([42]) => Cipher::Aes256,
            _ if oid == DES_EDE3_CBC => Cipher::TripleDes,
            _ => return Err(ContentsError::Unsupported(named(oid))),
        };
        Ok(Self::Pbes2 {
            cipher,
            iv: encryption.expect(ber::OCTET_STRING)?.content,
            hmac,
            salt,
            iterations,
        })
    }

    /// `None` when the password does not fit.
    pub(super) fn decrypt(
        &self,
        password: Password<'_>,
        secret: &[u8],
        budget: &mut u64,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, ContentsError> {
        let (Self::Pkcs12 { iterations, .. } | Self::Pbes2 { iterations, .. }) = self;
        spend(budget, *iterations)?;
        Ok(match self {
            Self::Pkcs12 {
                cipher,
                salt,
                iterations,
            } => {
                let hash = &digest::SHA1_FOR_LEGACY_USE_ONLY;
                let key = derive(
                    hash,
                    Purpose::Key,
                    password,
                    salt,
                    *iterations,
                    cipher.key_bytes(),
                );
                // All of these ciphers have blocks of eight bytes.
                let iv = derive(hash, Purpose::Iv, password, salt, *iterations, 8);
                cipher.decrypt(&key, &iv, secret)
            }
            Self::Pbes2 {
                cipher,
                iv,
                hmac,
                salt,
                iterations,
            } => {
                let password = match password {
                    Password::Text(text) => text.as_bytes(),
                    Password::Null => &[],
                };
                let mut key = Zeroizing::new(vec![0; cipher.key_bytes()]);
                pbkdf2::derive(*hmac, *iterations, salt, password, &mut key);
                cipher.decrypt(&key, iv, secret)
            }
        })
    }
}

/// Takes the iterations from what may still be spent on this file.
pub(super) fn spend(budget: &mut u64, iterations: NonZeroU32) -> Result<(), ContentsError> {
    *budget = budget.checked_sub(u64::from(iterations.get())).ok_or_else(|| {
        ContentsError::Unsupported(format!("more than {MAX_ITERATIONS} iterations of key derivation"))
    })?;
    Ok(())
}

pub(super) fn iterations(number: &Element<'_>) -> Result<NonZeroU32, ContentsError> {
    let number = number.small_integer()?;
    if number > MAX_ITERATIONS {
        return Err(ContentsError::Unsupported(format!(
            "{number} iterations of key derivation"
        )));
    }
    u32::try_from(number)
        .ok()
        .and_then(NonZeroU32::new)
        .ok_or(ContentsError::Damaged)
}

/// UTF-16, big-endian, with an end of two zero bytes (RFC 7292 appendix B.1).
fn bmp_string(password: Password<'_>) -> Vec<u8> {
    match password {
        Password::Null => Vec::new(),
        Password::Text(text) => text
            .encode_utf16()
            .chain(std::iter::once(0))
            .flat_map(u16::to_be_bytes)
            .collect(),
    }
}

/// RFC 7292 appendix B.2.
pub(super) fn derive(
    hash_function: &'static digest::Algorithm,
    purpose: Purpose,
    password: Password<'_>,
    salt: &[u8],
    iterations: NonZeroU32,
    length: usize,
) -> Zeroizing<Vec<u8>> {
    let password = Zeroizing::new(bmp_string(password));
    let block = hash_function.block_len();
    let repeated = |bytes: &[u8]| -> Vec<u8> { repeated_to(bytes, bytes.len().div_ceil(block) * block) };
    let mut state = Zeroizing::new([repeated(salt), repeated(&password)].concat());
    let mut key = Zeroizing::new(Vec::with_capacity(length + hash_function.output_len()));
    loop {
        let mut context = digest::Context::new(hash_function);
        context.update(&vec![purpose as u8; block]);
        context.update(&state);
        let mut hash = context.finish();
        for _ in 1..iterations.get() {
            hash = digest::digest(hash_function, hash.as_ref());
        }
        key.extend_from_slice(hash.as_ref());
        if key.len() >= length {
            key.truncate(length);
            return key;
        }
        // Each block of the state, plus the hash (repeated) as a number, plus one.
        let addend = repeated_to(hash.as_ref(), block);
        for block in state.chunks_mut(block) {
            let mut carry = 1_u16;
            for (byte, plus) in block.iter_mut().zip(&addend).rev() {
                carry += u16::from(*byte) + u16::from(*plus);
                [_, *byte] = carry.to_be_bytes();
                carry >>= 8;
            }
        }
    }
}

fn repeated_to(bytes: &[u8], length: usize) -> Vec<u8> {
    bytes.iter().copied().cycle().take(length).collect()
}

/// An OBJECT IDENTIFIER as numbers with dots, behind its name if it is known.
fn named(oid: &[u8]) -> String {
    let mut numbers = Vec::new();
    let mut number = 0_u64;
    for byte in oid {
        number = number.saturating_mul(128).saturating_add(u64::from(byte & 0x7f));
        if byte & 0x80 == 0 {
            if numbers.is_empty() {
                let first = (number / 40).min(2);
                numbers.push(first.to_string());
                number -= first * 40;
            }
            numbers.push(number.to_string());
            number = 0;
        }
    }
    let dotted = numbers.join(".");
    match NAMES.iter().find(|(known, _)| *known == dotted) {
        Some((_, name)) => format!("{name} ({dotted})"),
        None => dotted,
    }
}

/// What openssl and old key stores can write and this program does not read, so that nobody has to look a number up.
const NAMES: [(&str, &str); 15] = [
    ("1.2.840.113549.1.5.1", "PBE-MD2-DES"),
    ("1.2.840.113549.1.5.3", "PBE-MD5-DES"),
    ("1.2.840.113549.1.5.4", "PBE-MD2-RC2-64"),
    ("1.2.840.113549.1.5.6", "PBE-MD5-RC2-64"),
    ("1.2.840.113549.1.5.10", "PBE-SHA1-DES"),
    ("1.2.840.113549.1.5.11", "PBE-SHA1-RC2-64"),
    ("1.2.840.113549.1.5.14", "PBMAC1"),
    ("1.2.840.113549.2.8", "hmacWithSHA224"),
    ("1.2.392.200011.61.1.1.1.2", "Camellia-128-CBC"),
    ("1.2.392.200011.61.1.1.1.3", "Camellia-192-CBC"),
    ("1.2.392.200011.61.1.1.1.4", "Camellia-256-CBC"),
    ("1.2.410.200046.1.1.2", "ARIA-128-CBC"),
    ("1.2.410.200046.1.1.12", "ARIA-256-CBC"),
    ("1.2.410.200004.1.4", "SEED-CBC"),
    ("1.2.156.10197.1.104.2", "SM4-CBC"),
];

#[cfg(test)]
mod tests {
    use super::{AES, PBES2, Password, Purpose, derive, named};
    use ring::digest::SHA1_FOR_LEGACY_USE_ONLY as SHA1;
    use std::num::NonZeroU32;

    #[test]
    fn key_derivation_of_pkcs12() {
        // Test vectors that circulate since PKCS#12's first implementations (password "smeg").
        let password = Password::Text("smeg");
        let salt = [0x0a, 0x58, 0xcf, 0x64, 0x53, 0x0d, 0x82, 0x3f];
        let one = NonZeroU32::MIN;
        let key = derive(&SHA1, Purpose::Key, password, &salt, one, 24);
        let expected = [
            0x8a, 0xaa, 0xe6, 0x29, 0x7b, 0x6c, 0xb0, 0x46, 0x42, 0xab, 0x5b, 0x07, 0x78, 0x51, 0x28, 0x4e,
            0xb7, 0x12, 0x8f, 0x1a, 0x2a, 0x7f, 0xbc, 0xa3,
        ];
        assert_eq!(key[..], expected);
        let iv = derive(&SHA1, Purpose::Iv, password, &salt, one, 8);
        assert_eq!(iv[..], [0x79, 0x99, 0x3d, 0xfe, 0x04, 0x8d, 0x3b, 0x76]);
    }

    #[test]
    fn object_identifiers_in_dots() {
        assert_eq!(named(PBES2), "1.2.840.113549.1.5.13");
        assert_eq!(named(AES), "2.16.840.1.101.3.4.1");
        assert_eq!(named(&[]), "");
    }
}
