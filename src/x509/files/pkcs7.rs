//! PKCS#7 / CMS bundles (`.p7b`, `.p7c`): SignedData without signers, used to hand out chains. DER and BER.

use super::ber::{self, CONTEXT_0, CONTEXT_1, Element, Malformed, OID, SEQUENCE};
use super::{Contents, ContentsError};

/// 1.2.840.113549.1.7.2, signedData (RFC 5652 section 5.1).
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// 1.2.840.113549.1.7, the arc of all PKCS#7 content types.
const PKCS7: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07];

/// Whether the element is a ContentInfo of PKCS#7.
pub(super) fn is_bundle(outer: &Element<'_>) -> bool {
    matches!(outer.children().expect(OID), Ok(oid) if oid.content.starts_with(PKCS7))
}

/// Reads certificates and CRLs, in the order of the file.
pub(super) fn parse(bytes: &[u8]) -> Result<Contents, ContentsError> {
    let outer = ber::whole(bytes).map_err(|Malformed| ContentsError::Damaged)?;
    let oid = outer
        .children()
        .expect(OID)
        .map_err(|Malformed| ContentsError::Damaged)?;
    if oid.content != SIGNED_DATA {
        return Err(ContentsError::NotABundle);
    }
    signed_data(&outer).map_err(|Malformed| ContentsError::Damaged)
}

/// `SignedData ::= SEQUENCE { version, digestAlgorithms, encapContentInfo, certificates [0], crls [1], signerInfos }`
fn signed_data(outer: &Element<'_>) -> Result<Contents, Malformed> {
    let mut info = outer.expect(SEQUENCE)?.children();
    info.expect(OID)?;
    let signed = info.expect(CONTEXT_0)?.children().expect(SEQUENCE)?;
    let mut fields = signed.children();
    fields.expect(ber::INTEGER)?;
    fields.expect(ber::SET)?;
    fields.expect(SEQUENCE)?;
    let mut contents = Contents::default();
    if let Some(set) = fields.optional(CONTEXT_0)? {
        let mut certificates = set.children();
        while let Some(certificate) = certificates.next()? {
            // Other choices ([0] PKCS#6, [1] and [2] attribute certificates, [3] other) are not X.509 certificates.
            if certificate.tag == SEQUENCE {
                contents.certificates.push(certificate.whole.to_vec());
            }
        }
    }
    if let Some(set) = fields.optional(CONTEXT_1)? {
        let mut lists = set.children();
        while let Some(list) = lists.next()? {
            if list.tag == SEQUENCE {
                contents.crls.push(list.whole.to_vec());
            }
        }
    }
    Ok(contents)
}
