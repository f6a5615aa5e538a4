//! A stapled OCSP response (RFC 6960): what it says of a certificate, and whether that can be relied upon.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use ring::digest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use x509_parser::prelude::{AlgorithmIdentifier, FromDer as _};

use super::cert::Certificate;
use super::signature::{self, Signed};
use crate::report::rfc3339;

/// `id-pkix-ocsp-basic`, the contents of its OBJECT IDENTIFIER.
const BASIC: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01];
/// Clocks may differ by this much.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);
/// A response without `nextUpdate` counts for as long as public CAs may let one count (CA/Browser Forum Baseline
/// Requirements section 4.9.10).
const MAX_AGE: TimeDelta = TimeDelta::days(10);
/// More responses than this are not looked at: a staple has one.
const MAX_RESPONSES: usize = 64;
/// More certificates than this are not looked at: a staple has one or two.
const MAX_CERTIFICATES: usize = 8;

/// What a stapled response says, and whether it can be relied upon.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct OcspFacts {
    /// `good`, `revoked` or `unknown`; `None`: it says nothing of the certificate.
    pub status: Option<Status>,
    /// Signed by whom it must be, about this certificate, and of the right time.
    pub verified: bool,
    /// Why it cannot be relied upon.
    pub fault: Option<Fault>,
    /// The responder, by name or by `key:` and the SHA-1 of its key.
    pub responder: Option<String>,
    /// The issuer itself did not sign, but a responder that it charged with it.
    pub delegated: bool,
    /// When it was made (RFC 3339).
    pub produced_at: Option<String>,
    /// From when on it is right (RFC 3339).
    pub this_update: Option<String>,
    /// Until when it is right (RFC 3339).
    pub next_update: Option<String>,
    /// When the certificate was revoked (RFC 3339).
    pub revoked_at: Option<String>,
    /// Why, as a CRLReason of RFC 5280.
    pub revocation_reason: Option<String>,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Not revoked.
    Good,
    /// Revoked.
    Revoked,
    /// The responder does not know the certificate.
    Unknown,
}

/// Why a response cannot be relied upon: a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// It does not follow the format.
    Malformed,
    /// The responder answered with an error instead (`tryLater`, `unauthorized` …).
    Error,
    /// Without the issuer's certificate it cannot be verified.
    NoIssuer,
    /// It is about another certificate.
    OtherCertificate,
    /// Neither the issuer signed it nor a responder that the issuer charged with it.
    Responder,
    /// The responder's own certificate is not valid at this time.
    ResponderExpired,
    /// The signature is wrong.
    Signature,
    /// The signature's algorithm cannot be verified here.
    Unverifiable,
    /// It is not right yet.
    NotYet,
    /// It is out of date.
    Expired,
}

impl Fault {
    /// The word of the wire format, also what the sentences select by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Error => "error",
            Self::NoIssuer => "no-issuer",
            Self::OtherCertificate => "other-certificate",
            Self::Responder => "responder",
            Self::ResponderExpired => "responder-expired",
            Self::Signature => "signature",
            Self::Unverifiable => "unverifiable",
            Self::NotYet => "not-yet",
            Self::Expired => "expired",
        }
    }
}

/// Reads a response and verifies it for a certificate, as of an instant.
pub fn check(
    der: &[u8],
    certificate: &Certificate,
    issuer: Option<&Certificate>,
    at: DateTime<Utc>,
) -> OcspFacts {
    let mut facts = OcspFacts::default();
    let fault = read(der, certificate, issuer, at, &mut facts).err();
    facts.verified = fault.is_none();
    facts.fault = fault;
    facts
}

fn read(
    der: &[u8],
    certificate: &Certificate,
    issuer: Option<&Certificate>,
    at: DateTime<Utc>,
    facts: &mut OcspFacts,
) -> Result<(), Fault> {
    let basic = Basic::parse(der)?;
    facts.responder = Some(basic.responder.describe());
    facts.produced_at = Some(rfc3339(basic.produced_at));
    let issuer = issuer.ok_or(Fault::NoIssuer)?;
    let single = basic
        .responses
        .iter()
        .find(|single| single.is_about(certificate, issuer))
        .ok_or(Fault::OtherCertificate)?;
    facts.status = Some(single.status);
    facts.this_update = Some(rfc3339(single.this_update));
    facts.next_update = single.next_update.map(rfc3339);
    facts.revoked_at = single.revoked_at.map(rfc3339);
    facts.revocation_reason = single.reason.map(|reason| reason_word(reason).to_owned());
    facts.delegated = basic.verify(issuer, at)?;
    if single.this_update > at + TOLERANCE {
        return Err(Fault::NotYet);
    }
    // Revoked once is revoked for good, however old the answer; only a hold can be lifted (RFC 5280 section 5.3.1).
    if single.status == Status::Revoked && single.reason != Some(6) {
        return Ok(());
    }
    let until = single.next_update.unwrap_or(single.this_update + MAX_AGE);
    if until + TOLERANCE < at {
        return Err(Fault::Expired);
    }
    Ok(())
}

/// CRLReason (RFC 5280 section 5.3.1).
pub(super) const fn reason_word(reason: u8) -> &'static str {
    match reason {
        1 => "keyCompromise",
        2 => "cACompromise",
        3 => "affiliationChanged",
        4 => "superseded",
        5 => "cessationOfOperation",
        6 => "certificateHold",
        8 => "removeFromCRL",
        9 => "privilegeWithdrawn",
        10 => "aACompromise",
        _ => "unspecified",
    }
}

/// One DER element.
#[derive(Clone, Copy)]
struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    whole: &'a [u8],
}

/// The elements of a constructed one. DER only: definite lengths.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn next(&mut self) -> Option<Element<'a>> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let count = usize::from(first & 0x7f);
                let bytes = rest.get(..count)?;
                let length = bytes
                    .iter()
                    .fold(0_usize, |value, byte| value << 8 | usize::from(*byte));
                (length, rest.get(count..)?)
            }
            _ => return None,
        };
        let content = rest.get(..length)?;
        let whole = self.0.get(..self.0.len() - rest.len() + length)?;
        self.0 = rest.get(length..)?;
        Some(Element { tag, content, whole })
    }

    fn expect(&mut self, tag: u8) -> Result<Element<'a>, Fault> {
        self.next()
            .filter(|element| element.tag == tag)
            .ok_or(Fault::Malformed)
    }

    /// Nothing follows: a response with a changed length is not the one that was signed.
    fn end(&self) -> Result<(), Fault> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Fault::Malformed)
        }
    }

    fn optional(&mut self, tag: u8) -> Option<Element<'a>> {
        if self.0.first() == Some(&tag) {
            self.next()
        } else {
            None
        }
    }
}

impl<'a> Element<'a> {
    fn fields(&self) -> Fields<'a> {
        Fields(self.content)
    }

    fn time(&self) -> Result<DateTime<Utc>, Fault> {
        let text = std::str::from_utf8(self.content).map_err(|_| Fault::Malformed)?;
        let time = NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M%SZ").map_err(|_| Fault::Malformed)?;
        Ok(time.and_utc())
    }
}

enum Responder<'a> {
    /// Name, DER.
    Name(&'a [u8]),
    /// SHA-1 of the key.
    Key(&'a [u8]),
}

impl Responder<'_> {
    fn describe(&self) -> String {
        match self {
            Self::Name(der) => super::name::from_der(der).unwrap_or_default(),
            Self::Key(hash) => format!("key:{}", super::name::hex(hash)),
        }
    }

    fn is(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Name(der) => *der == certificate.subject_der(),
            Self::Key(hash) => {
                let key = key_of(certificate);
                key.is_some_and(|key| {
                    digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &key).as_ref() == *hash
                })
            }
        }
    }
}

/// The contents of the public key's BIT STRING.
fn key_of(certificate: &Certificate) -> Option<Vec<u8>> {
    Some(
        certificate
            .parsed()?
            .public_key()
            .subject_public_key
            .data
            .to_vec(),
    )
}

struct Basic<'a> {
    signed: &'a [u8],
    responder: Responder<'a>,
    produced_at: DateTime<Utc>,
    responses: Vec<Single<'a>>,
    algorithm: AlgorithmIdentifier<'a>,
    signature: &'a [u8],
    certificates: Vec<Certificate>,
}

struct Single<'a> {
    hash: &'static digest::Algorithm,
    name_hash: &'a [u8],
    key_hash: &'a [u8],
    serial: &'a [u8],
    status: Status,
    this_update: DateTime<Utc>,
    next_update: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    reason: Option<u8>,
}

impl<'a> Basic<'a> {
    fn parse(der: &'a [u8]) -> Result<Self, Fault> {
        let mut whole = Fields(der);
        let mut outer = whole.expect(0x30)?.fields();
        whole.end()?;
        let status = outer.expect(0x0a)?;
        if status.content != [0] {
            return Err(Fault::Error);
        }
        let mut bytes = outer.expect(0xa0)?.fields().expect(0x30)?.fields();
        if bytes.expect(0x06)?.content != BASIC {
            return Err(Fault::Malformed);
        }
        let mut inner = Fields(bytes.expect(0x04)?.content);
        let mut basic = inner.expect(0x30)?.fields();
        inner.end()?;
        bytes.end()?;
        let data = basic.expect(0x30)?;
        let algorithm = basic.expect(0x30)?;
        let name = algorithm.fields().expect(0x06)?;
        if name.content.last().is_none_or(|&byte| byte & 0x80 != 0) {
            return Err(Fault::Malformed);
        }
        let (_, algorithm) = AlgorithmIdentifier::from_der(algorithm.whole).map_err(|_| Fault::Malformed)?;
        let signature = basic.expect(0x03)?;
        let Some((0, signature)) = signature.content.split_first() else {
            return Err(Fault::Malformed);
        };
        let mut certificates = Vec::new();
        if let Some(list) = basic.optional(0xa0) {
            let mut list = list.fields().expect(0x30)?.fields();
            while let Some(element) = list.next().filter(|_| certificates.len() < MAX_CERTIFICATES) {
                certificates.push(Certificate::parse(element.whole));
            }
        }
        basic.end()?;
        let mut fields = data.fields();
        fields.optional(0xa0);
        let responder = fields.next().ok_or(Fault::Malformed)?;
        let responder = match responder.tag {
            0xa1 => Responder::Name(responder.fields().expect(0x30)?.whole),
            0xa2 => Responder::Key(responder.fields().expect(0x04)?.content),
            _ => return Err(Fault::Malformed),
        };
        let produced_at = fields.expect(0x18)?.time()?;
        let mut list = fields.expect(0x30)?.fields();
        let mut responses = Vec::new();
        while let Some(element) = list.next().filter(|_| responses.len() < MAX_RESPONSES) {
            // One with a hash that is not known is about nobody.
            responses.extend(Single::parse(&element)?);
        }
        Ok(Self {
            signed: data.whole,
            responder,
            produced_at,
            responses,
            algorithm,
            signature,
            certificates,
        })
    }

    /// Whether the issuer signed, or one that it charged with it (RFC 6960 section 4.2.2.2): `true` for the latter.
    fn verify(&self, issuer: &Certificate, at: DateTime<Utc>) -> Result<bool, Fault> {
        let mut fault = Fault::Responder;
        if self.responder.is(issuer) {
            match self.signed_by(issuer) {
                Signed::Yes => return Ok(false),
                Signed::No => fault = Fault::Signature,
                Signed::Unsupported => return Err(Fault::Unverifiable),
            }
        }
        for signer in self
            .certificates
            .iter()
            .filter(|signer| self.responder.is(signer))
        {
            let charged = signer
                .facts()
                .extended_key_usage
                .iter()
                .any(|usage| usage == "OCSPSigning");
            match (charged && signer.names_issuer(issuer), signer.signed_by(issuer)) {
                (true, Signed::Yes) => {}
                (true, Signed::Unsupported) => return Err(Fault::Unverifiable),
                _ => continue,
            }
            match self.signed_by(signer) {
                Signed::Yes if signer.is_valid_at(at) => return Ok(true),
                Signed::Yes => fault = Fault::ResponderExpired,
                Signed::No => fault = Fault::Signature,
                Signed::Unsupported => return Err(Fault::Unverifiable),
            }
        }
        Err(fault)
    }

    fn signed_by(&self, certificate: &Certificate) -> Signed {
        certificate.parsed().map_or(Signed::No, |parsed| {
            signature::verify(&self.algorithm, parsed.public_key(), self.signed, self.signature)
        })
    }
}

impl<'a> Single<'a> {
    fn parse(element: &Element<'a>) -> Result<Option<Self>, Fault> {
        if element.tag != 0x30 {
            return Err(Fault::Malformed);
        }
        let mut fields = element.fields();
        let mut id = fields.expect(0x30)?.fields();
        let hash = id.expect(0x30)?.fields().expect(0x06)?;
        let hash = match hash.content {
            [0x2b, 0x0e, 0x03, 0x02, 0x1a] => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01] => &digest::SHA256,
            [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02] => &digest::SHA384,
            [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03] => &digest::SHA512,
            _ => return Ok(None),
        };
        let (name_hash, key_hash) = (id.expect(0x04)?.content, id.expect(0x04)?.content);
        let serial = id.expect(0x02)?.content;
        let answer = fields.next().ok_or(Fault::Malformed)?;
        let (mut revoked_at, mut reason) = (None, None);
        let status = match answer.tag {
            0x80 => Status::Good,
            0x82 => Status::Unknown,
            0xa1 => {
                let mut info = answer.fields();
                revoked_at = Some(info.expect(0x18)?.time()?);
                if let Some(why) = info.optional(0xa0) {
                    reason = why.fields().expect(0x0a)?.content.first().copied();
                }
                Status::Revoked
            }
            _ => return Err(Fault::Malformed),
        };
        let this_update = fields.expect(0x18)?.time()?;
        let next_update = match fields.optional(0xa0) {
            Some(next) => Some(next.fields().expect(0x18)?.time()?),
            None => None,
        };
        Ok(Some(Self {
            hash,
            name_hash,
            key_hash,
            serial,
            status,
            this_update,
            next_update,
            revoked_at,
            reason,
        }))
    }

    /// CertID: hashes of the issuer's name and key, and the serial number (RFC 6960 section 4.1.1).
    fn is_about(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        let hashed = |bytes: &[u8], expected: &[u8]| digest::digest(self.hash, bytes).as_ref() == expected;
        super::name::hex(self.serial) == certificate.facts().serial
            && hashed(certificate.issuer_der(), self.name_hash)
            && key_of(issuer).is_some_and(|key| hashed(&key, self.key_hash))
    }
}

#[cfg(test)]
mod tests {
    use super::{Certificate, Fault, check};

    #[test]
    fn foreign_bytes_are_malformed() {
        let certificate = Certificate::parse(b"");
        let at = chrono::DateTime::UNIX_EPOCH;
        for bytes in [
            &b""[..],
            b"\x30",
            b"\x30\x84\xff\xff\xff\xff",
            b"\x30\x03\x0a\x01\x00",
            b"\x30\x80\x00\x00",
        ] {
            assert_eq!(check(bytes, &certificate, None, at).fault, Some(Fault::Malformed));
        }
        // tryLater
        assert_eq!(
            check(b"\x30\x03\x0a\x01\x03", &certificate, None, at).fault,
            Some(Fault::Error)
        );
    }
}
