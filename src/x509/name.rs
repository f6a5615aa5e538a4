//! Distinguished names as RFC 4514 text: `CN=xsp1.example.net,O=Example,C=NO`.

use std::fmt::Write as _;

use x509_parser::der_parser::asn1_rs::{Oid, Tag};
use x509_parser::prelude::{AttributeTypeAndValue, FromDer, X509Name};

/// Attribute types with a short name (RFC 4514 section 3, and the two more that every tool writes).
const SHORT_NAMES: &[(&str, &str)] = &[
    ("2.5.4.3", "CN"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.6", "C"),
    ("2.5.4.9", "STREET"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("2.5.4.5", "serialNumber"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
];

/// The attribute type of the common name.
pub const COMMON_NAME: &str = "2.5.4.3";
/// The attribute type of the organisation.
pub const ORGANIZATION: &str = "2.5.4.10";

/// A DER-encoded Name as text; `None` when it does not parse.
pub fn from_der(der: &[u8]) -> Option<String> {
    let (rest, name) = X509Name::from_der(der).ok()?;
    rest.is_empty().then(|| text(&name))
}

/// The name as text, most specific part first.
pub fn text(name: &X509Name<'_>) -> String {
    let parts: Vec<String> = name.iter_rdn().map(relative).collect();
    parts.into_iter().rev().collect::<Vec<_>>().join(",")
}

fn relative(rdn: &x509_parser::x509::RelativeDistinguishedName<'_>) -> String {
    let attributes: Vec<String> = rdn.iter().map(attribute).collect();
    attributes.join("+")
}

fn attribute(attribute: &AttributeTypeAndValue<'_>) -> String {
    let oid = attribute.attr_type().to_id_string();
    let short = SHORT_NAMES.iter().find(|(known, _)| *known == oid);
    let name = short.map_or(oid.as_str(), |(_, short)| short);
    match value(attribute) {
        Some(text) => format!("{name}={}", escape(&text)),
        None => format!("{name}=#{}", hex(attribute.as_slice())),
    }
}

/// The attribute's value as text, whichever of the string types it has.
pub fn value(attribute: &AttributeTypeAndValue<'_>) -> Option<String> {
    let any = attribute.attr_value();
    match any.tag() {
        Tag::BmpString => {
            let units: Vec<u16> = any
                .data
                .chunks(2)
                .map(|pair| u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]))
                .collect();
            String::from_utf16(&units).ok()
        }
        // In practice Latin-1, whatever T.61 says.
        Tag::TeletexString => Some(any.data.iter().map(|&byte| char::from(byte)).collect()),
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString | Tag::VisibleString => {
            std::str::from_utf8(any.data).ok().map(str::to_owned)
        }
        _ => None,
    }
}

/// The first value of an attribute type (dotted object identifier).
pub fn first(name: &X509Name<'_>, oid: &str) -> Option<String> {
    name.iter_attributes()
        .find(|attribute| is_oid(attribute.attr_type(), oid))
        .and_then(value)
}

fn is_oid(oid: &Oid<'_>, dotted: &str) -> bool {
    oid.to_id_string() == dotted
}

/// RFC 4514 section 2.4.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let last = text.chars().count().saturating_sub(1);
    for (index, c) in text.chars().enumerate() {
        let special = matches!(c, '"' | '+' | ',' | ';' | '<' | '>' | '\\')
            || (index == 0 && matches!(c, ' ' | '#'))
            || (index == last && c == ' ');
        if special {
            out.push('\\');
        }
        if c == '\0' {
            out.push_str("\\00");
        } else {
            out.push(c);
        }
    }
    out
}

/// Lower-case hexadecimal digits without separators.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
            // Writing to a string cannot fail.
            let _ = write!(out, "{byte:02x}");
            out
        })
}

#[cfg(test)]
mod tests {
    use super::{escape, from_der, hex};

    #[test]
    fn specials_are_escaped() {
        assert_eq!(escape("Example, Inc."), "Example\\, Inc.");
        assert_eq!(escape("#1 "), "\\#1\\ ");
    }

    #[test]
    fn names_of_a_certificate_request() {
        // SEQUENCE { SET { SEQUENCE { commonName, UTF8String "A" } } }
        let der = [
            0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 0x41,
        ];
        assert_eq!(from_der(&der).as_deref(), Some("CN=A"));
        assert_eq!(from_der(&der[..5]), None);
        assert_eq!(hex(&[0, 255]), "00ff");
    }
}
