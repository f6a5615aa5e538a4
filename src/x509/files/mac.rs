//! The integrity check of PKCS#12 (RFC 7292 section 4 and appendix B.4): the one place where a store says whether a
//! password is the right one, also when nothing in it is encrypted.

use std::num::NonZeroU32;

use ring::{digest, hmac};

use super::ContentsError;
use super::ber::{self, Element, Malformed, OCTET_STRING, OID, SEQUENCE};
use super::pbe::{self, Password};

/// 1.3.14.3.2.26, SHA-1.
const SHA1: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x1a];
/// 2.16.840.1.101.3.4.2, the arc of SHA-2; the next number is the length.
const SHA2: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];

/// What a store's content is checked against.
pub(super) struct Mac<'a> {
    hash: &'static digest::Algorithm,
    hmac: hmac::Algorithm,
    digest: &'a [u8],
    salt: &'a [u8],
    iterations: NonZeroU32,
}

impl<'a> Mac<'a> {
    /// `MacData ::= SEQUENCE { SEQUENCE { algorithm, digest }, salt, iterations DEFAULT 1 }`. `None` for an algorithm
    /// that is not known here (SHA-224, PBMAC1 of RFC 9579): then only what is encrypted shows whether a password fits.
    pub(super) fn parse(data: &Element<'a>) -> Result<Option<Self>, ContentsError> {
        let mut fields = data.children();
        let mut info = fields.expect(SEQUENCE)?.children();
        let oid = info.expect(SEQUENCE)?.children().expect(OID)?.content;
        let digest = info.expect(OCTET_STRING)?.content;
        let salt = fields.expect(OCTET_STRING)?.content;
        let iterations = match fields.optional(ber::INTEGER)? {
            Some(number) => pbe::iterations(&number)?,
            None => NonZeroU32::MIN,
        };
        let (hash, hmac) = match oid.strip_prefix(SHA2) {
            Some([1]) => (&digest::SHA256, hmac::HMAC_SHA256),
            Some([2]) => (&digest::SHA384, hmac::HMAC_SHA384),
            Some([3]) => (&digest::SHA512, hmac::HMAC_SHA512),
            _ if oid == SHA1 => (
                &digest::SHA1_FOR_LEGACY_USE_ONLY,
                hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            ),
            _ => return Ok(None),
        };
        if digest.is_empty() {
            return Err(Malformed.into());
        }
        Ok(Some(Self {
            hash,
            hmac,
            digest,
            salt,
            iterations,
        }))
    }

    /// Whether the content was sealed with this password.
    pub(super) fn fits(
        &self,
        password: Password<'_>,
        content: &[u8],
        budget: &mut u64,
    ) -> Result<bool, ContentsError> {
        pbe::spend(budget, self.iterations)?;
        let key = pbe::derive(
            self.hash,
            pbe::Purpose::Mac,
            password,
            self.salt,
            self.iterations,
            self.hash.output_len(),
        );
        let key = hmac::Key::new(self.hmac, &key);
        Ok(hmac::verify(&key, content, self.digest).is_ok())
    }
}
