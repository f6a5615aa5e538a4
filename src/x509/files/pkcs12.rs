//! PKCS#12 stores (RFC 7292): the certificates and the number of keys, as openssl, Java and Windows write them.
//!
//! A password that is given must be the right one: the MAC says so, also when nothing is encrypted. Without a password
//! a store whose certificates are not encrypted is read all the same: certificates are public, and are verified
//! elsewhere.

use zeroize::Zeroizing;

use super::ber::{
    self, CONTEXT_0, Element, Malformed, OCTET_STRING, OCTET_STRING_CONSTRUCTED, OID, SEQUENCE,
};
use super::mac::Mac;
use super::pbe::{self, Password, Scheme};
use super::{Contents, ContentsError};

/// 1.2.840.113549.1.7.1, data.
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
/// 1.2.840.113549.1.7.6, encryptedData.
const ENCRYPTED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x06];
/// 1.2.840.113549.1.12.10.1, the arc of bags; the next number is the kind.
const BAGS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01];
/// 1.2.840.113549.1.9.22.1, x509Certificate in a CertBag.
const X509_CERTIFICATE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x16, 0x01];
/// 1.2.840.113549.1.9.23.1, x509CRL in a CRLBag.
const X509_CRL: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x17, 0x01];

/// Deepest nesting of bags in bags.
const MAX_DEPTH: usize = 8;

impl From<Malformed> for ContentsError {
    fn from(Malformed: Malformed) -> Self {
        Self::Damaged
    }
}

/// Whether the element is a PFX: `SEQUENCE { INTEGER 3, ContentInfo, … }`.
pub(super) fn is_store(outer: &Element<'_>) -> bool {
    let mut fields = outer.children();
    let version = fields
        .expect(ber::INTEGER)
        .and_then(|version| version.small_integer());
    version == Ok(3)
        && fields
            .expect(SEQUENCE)
            .is_ok_and(|info| info.children().expect(OID).is_ok())
}

/// Reads the certificates.
pub(super) fn parse(bytes: &[u8], password: Option<&str>) -> Result<Contents, ContentsError> {
    let mut fields = ber::whole(bytes)?.expect(SEQUENCE)?.children();
    fields.expect(ber::INTEGER)?;
    let (kind, safe) = content_info(&fields.expect(SEQUENCE)?)?;
    if kind != DATA {
        return Err(ContentsError::Unsupported("public-key integrity".to_owned()));
    }
    let safe = octets(&safe)?;
    let mac = match fields.optional(SEQUENCE)? {
        Some(data) => Mac::parse(&data)?,
        None => None,
    };
    let mut store = Store {
        passwords: match password {
            // Without a password there are two, and tools disagree which one: the empty text and nothing at all.
            None | Some("") => vec![Password::Text(""), Password::Null],
            Some(password) => vec![Password::Text(password)],
        },
        refusal: match password {
            Some(_) => ContentsError::PasswordWrong,
            None => ContentsError::PasswordNeeded,
        },
        decrypted: false,
        budget: pbe::MAX_ITERATIONS,
        contents: Contents::default(),
    };
    let sealed = match &mac {
        Some(mac) => Some(store.sealed(mac, &safe)?),
        None => None,
    };
    let mut infos = ber::whole(&safe)?.expect(SEQUENCE)?.children();
    while let Some(info) = infos.next()? {
        store.info(&info)?;
    }
    match sealed {
        // The password is right, but what it was to protect has changed.
        Some(false) if store.decrypted => Err(ContentsError::Damaged),
        Some(false) if password.is_some() => Err(ContentsError::PasswordWrong),
        _ => Ok(store.contents),
    }
}

struct Store<'p> {
    /// What is tried.
    passwords: Vec<Password<'p>>,
    /// What to say when none of them fits.
    refusal: ContentsError,
    /// Something encrypted was read.
    decrypted: bool,
    /// Iterations of key derivation that may still be spent.
    budget: u64,
    contents: Contents,
}

impl Store<'_> {
    /// Whether one of the passwords fits the MAC.
    fn sealed(&mut self, mac: &Mac<'_>, content: &[u8]) -> Result<bool, ContentsError> {
        for password in self.passwords.clone() {
            if mac.fits(password, content, &mut self.budget)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn info(&mut self, info: &Element<'_>) -> Result<(), ContentsError> {
        let (kind, content) = content_info(info)?;
        match kind {
            DATA => {
                let safe = octets(&content)?;
                self.bags(&ber::whole(&safe)?, 0)
            }
            ENCRYPTED_DATA => {
                let plain = self.decrypt(&content)?;
                self.bags(&ber::whole(&plain)?, 0)
            }
            _ => Err(ContentsError::Unsupported("public-key encryption".to_owned())),
        }
    }

    /// `EncryptedData ::= SEQUENCE { version, SEQUENCE { contentType, algorithm, [0] content } }`
    fn decrypt(&mut self, content: &Element<'_>) -> Result<Zeroizing<Vec<u8>>, ContentsError> {
        let mut fields = content.children().expect(SEQUENCE)?.children();
        fields.expect(ber::INTEGER)?;
        let mut inner = fields.expect(SEQUENCE)?.children();
        inner.expect(OID)?;
        let scheme = Scheme::parse(&inner.expect(SEQUENCE)?)?;
        let secret = inner.next()?.ok_or(Malformed)?.octets()?;
        for password in &self.passwords {
            let plain = scheme.decrypt(*password, &secret, &mut self.budget)?;
            // One in 256 wrong keys leaves a valid padding; none leaves a sequence that fits to the byte.
            if let Some(plain) =
                plain.filter(|plain| ber::whole(plain).is_ok_and(|safe| safe.tag == SEQUENCE))
            {
                self.decrypted = true;
                return Ok(plain);
            }
        }
        Err(self.refusal.clone())
    }

    /// `SafeContents ::= SEQUENCE OF SafeBag { bagId, [0] bagValue, attributes }`
    fn bags(&mut self, safe: &Element<'_>, depth: usize) -> Result<(), ContentsError> {
        if depth > MAX_DEPTH {
            return Err(ContentsError::Damaged);
        }
        let mut bags = safe.expect(SEQUENCE)?.children();
        while let Some(bag) = bags.next()? {
            let mut fields = bag.expect(SEQUENCE)?.children();
            let kind = fields.expect(OID)?.content.strip_prefix(BAGS);
            let value = fields.expect(CONTEXT_0)?;
            match kind {
                // keyBag, pkcs8ShroudedKeyBag.
                Some([1 | 2]) => self.contents.private_keys += 1,
                Some([3]) => {
                    let certificate = typed_octets(&value, X509_CERTIFICATE)?;
                    self.contents.certificates.extend(certificate);
                }
                Some([4]) => {
                    let list = typed_octets(&value, X509_CRL)?;
                    self.contents.crls.extend(list);
                }
                Some([6]) => self.bags(&value.children().expect(SEQUENCE)?, depth + 1)?,
                // secretBag, or something newer: no certificate.
                _ => {}
            }
        }
        Ok(())
    }
}

/// `ContentInfo ::= SEQUENCE { contentType, [0] content }`
fn content_info<'a>(info: &Element<'a>) -> Result<(&'a [u8], Element<'a>), Malformed> {
    let mut fields = info.expect(SEQUENCE)?.children();
    Ok((fields.expect(OID)?.content, fields.expect(CONTEXT_0)?))
}

/// The octets inside an explicit `[0]`.
fn octets(value: &Element<'_>) -> Result<Zeroizing<Vec<u8>>, Malformed> {
    let inner = value.children().next()?.ok_or(Malformed)?;
    if !matches!(inner.tag, OCTET_STRING | OCTET_STRING_CONSTRUCTED) {
        return Err(Malformed);
    }
    Ok(Zeroizing::new(inner.octets()?.into_owned()))
}

/// `CertBag ::= SEQUENCE { certId, [0] OCTET STRING }`; `None` when it is of another kind (SDSI).
fn typed_octets(value: &Element<'_>, kind: &[u8]) -> Result<Option<Vec<u8>>, Malformed> {
    let mut fields = value.children().expect(SEQUENCE)?.children();
    if fields.expect(OID)?.content != kind {
        return Ok(None);
    }
    Ok(Some(octets(&fields.expect(CONTEXT_0)?)?.to_vec()))
}
