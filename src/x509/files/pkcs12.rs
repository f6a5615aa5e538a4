//! PKCS#12 stores (RFC 7292).

use super::ber::{self, Element};
use super::{Contents, ContentsError};

/// Whether the element is a PFX: `SEQUENCE { INTEGER 3, ContentInfo, … }`.
pub(super) fn is_store(outer: &Element<'_>) -> bool {
    let mut fields = outer.children();
    let version = fields
        .expect(ber::INTEGER)
        .and_then(|version| version.small_integer());
    version == Ok(3)
        && fields
            .expect(ber::SEQUENCE)
            .is_ok_and(|info| info.children().expect(ber::OID).is_ok())
}

/// Reads the certificates.
pub(super) fn parse(_bytes: &[u8], _password: Option<&str>) -> Result<Contents, ContentsError> {
    Err(ContentsError::Unsupported("PKCS#12".to_owned()))
}
