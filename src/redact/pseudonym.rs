//! Values to tokens: one token per value in all its forms, recognisable, and reversible only with the private map.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::scan::Kind;

use super::key::SiteKey;

/// Hexadecimal digits of a token. Digits of a digest cannot be compressed: with 16 of them a bundle of logs that are full
/// of identities was a seventh larger, with 10 a twentieth. Two of a thousand values collide once in 8,600 runs, two of
/// ten thousand once in 86; the second of them then gets [`LONG_DIGITS`], in an order that does not depend on threads, so
/// that no two values ever share a token.
pub(super) const DIGITS: usize = 8;
/// Digits of a token whose first [`DIGITS`] another value has already.
pub(super) const LONG_DIGITS: usize = 16;

/// What follows the digits of an e-mail's token, so that it still reads and parses as an address: the sign and
/// [`scan::PSEUDONYM_DOMAIN`](crate::scan::PSEUDONYM_DOMAIN).
pub(super) const EMAIL_SUFFIX: &str = "@redacted.invalid";

const _: () = {
    let (suffix, domain) = (EMAIL_SUFFIX.as_bytes(), crate::scan::PSEUDONYM_DOMAIN.as_bytes());
    let mut at = domain.len();
    assert!(suffix.len() == at + 1, "one domain for both");
    while at > 0 {
        assert!(suffix[at] == domain[at - 1], "one domain for both");
        at -= 1;
    }
};

/// Values that share tokens. Not the same as [`Kind`]: `user@domain` is an e-mail in one line and a BroadWorks
/// user ID in the next, and must not become two persons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Class {
    /// `local@domain`: e-mails, BroadWorks user IDs, SIP addresses.
    Email,
    /// Other user IDs.
    User,
    /// Phone numbers.
    Phone,
    /// Names of persons.
    Name,
    /// IP addresses.
    Ip,
    /// MAC addresses.
    Mac,
    /// Host names.
    Host,
    /// SIP Call-IDs.
    Call,
    /// Organisations.
    Org,
    /// Devices.
    Device,
    /// Anything else.
    Value,
}

impl Class {
    pub(super) const ALL: [Self; 11] = [
        Self::Email,
        Self::User,
        Self::Phone,
        Self::Name,
        Self::Ip,
        Self::Mac,
        Self::Host,
        Self::Call,
        Self::Org,
        Self::Device,
        Self::Value,
    ];

    /// The class of a value of a kind.
    pub(crate) fn of(kind: Kind, raw: &[u8]) -> Self {
        match kind {
            Kind::Email => Self::Email,
            Kind::Phone => Self::Phone,
            // A login name may be an address or a number, and is the same one where it has no label.
            Kind::BroadworksUserId | Kind::PersonName if has_at(raw) => Self::Email,
            Kind::PersonName if is_number(raw) => Self::Phone,
            Kind::PersonName => Self::Name,
            Kind::BroadworksUserId | Kind::UserId => Self::User,
            Kind::IpAddress => Self::Ip,
            Kind::MacAddress => Self::Mac,
            Kind::HostName => Self::Host,
            Kind::CallId => Self::Call,
            Kind::CustomerOrg | Kind::PartnerOrg | Kind::Org => Self::Org,
            Kind::DeviceId => Self::Device,
            _ => Self::Value,
        }
    }

    /// The word before the digits.
    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::User => "user",
            Self::Phone => "phone",
            Self::Name => "name",
            Self::Ip => "ip",
            Self::Mac => "mac",
            Self::Host => "host",
            Self::Call => "call",
            Self::Org => "org",
            Self::Device => "device",
            Self::Value => "value",
        }
    }
}

/// A token, and the numbers by which a collision is noticed.
pub(super) struct Token {
    class: Class,
    /// The beginning of the digest, [`LONG_DIGITS`] long.
    digits: u64,
    /// More of it: two values with the same `digits` differ here.
    pub(super) check: u64,
}

impl Token {
    /// The number that a token mostly shows.
    pub(super) fn number(&self) -> u64 {
        self.digits >> (4 * (LONG_DIGITS - DIGITS))
    }

    /// As written: with few digits, or with all of them, also when the few have no letter and would look like a number
    /// that somebody wrote.
    pub(super) fn text(&self, long: bool) -> String {
        let prefix = self.class.prefix();
        let suffix = if self.class == Class::Email {
            EMAIL_SUFFIX
        } else {
            ""
        };
        let short = format!("{:0DIGITS$x}", self.number());
        if long || short.bytes().all(|digit| digit.is_ascii_digit()) {
            format!("{prefix}-{:0LONG_DIGITS$x}{suffix}", self.digits)
        } else {
            format!("{prefix}-{short}{suffix}")
        }
    }
}

/// The token of a normalised value.
pub(super) fn token(key: &SiteKey, class: Class, normalised: &str) -> Token {
    let digest = key.digest(class.prefix(), normalised.as_bytes());
    let word = |bytes: &[u8]| {
        bytes
            .iter()
            .take(8)
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
    };
    Token {
        class,
        digits: word(&digest),
        check: word(&digest[8..]),
    }
}

/// One text for all forms of a value.
pub(crate) fn normalise(class: Class, raw: &[u8]) -> String {
    let text = as_text(raw);
    // Twice: JSON inside a JSON string has `\\\\u0040`.
    let once = unescape(&text);
    let text = unescape(&once);
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>'));
    match class {
        Class::Email => without_scheme(text).to_lowercase(),
        Class::Phone => phone(text),
        Class::Name => name(text),
        Class::Ip => ip(text),
        Class::Mac => hex_digits(text),
        Class::Host => text.trim_end_matches('.').to_lowercase(),
        Class::User | Class::Org | Class::Device => id(text),
        Class::Call | Class::Value => text.to_owned(),
    }
}

fn has_at(raw: &[u8]) -> bool {
    raw.contains(&b'@') || unescape(&as_text(raw)).contains('@')
}

fn is_number(raw: &[u8]) -> bool {
    let digits = raw.iter().filter(|byte| byte.is_ascii_digit()).count();
    digits >= 7
        && raw
            .iter()
            .all(|byte| byte.is_ascii_digit() || b"+-. ()".contains(byte))
}

/// UTF-8 where it is; else Windows-1252, in which every byte means something, so that no two values become one.
fn as_text(raw: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(raw) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(raw).0,
    }
}

/// Undoes percent signs, JSON and XML escapes; what does not parse stays as it is.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '\\', '&']) {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let rest = &bytes[at..];
        let decoded = match byte {
            b'%' => percent(rest),
            b'\\' => backslash(rest),
            b'&' => entity(rest),
            _ => None,
        };
        if let Some((value, used)) = decoded {
            value.push_to(&mut out);
            at += used;
        } else {
            out.push(byte);
            at += 1;
        }
    }
    match String::from_utf8(out) {
        Ok(text) => Cow::Owned(text),
        // Percent signs of another encoding: the escaped form is a form of its own.
        Err(_) => Cow::Borrowed(text),
    }
}

/// The ASCII character that the escape at the start of `rest` stands for, and the length of the escape. `\"` is none:
/// it hides nothing from the scan.
pub(super) fn escape_at(rest: &[u8]) -> Option<(u8, usize)> {
    let (value, used) = match rest {
        [b'%', ..] => percent(rest)?,
        [b'\\', b'u' | b'x', ..] => backslash(rest)?,
        [b'&', ..] => entity(rest)?,
        _ => return None,
    };
    let byte = match value {
        Decoded::Byte(byte) => byte,
        Decoded::Char(c) => u8::try_from(c).ok()?,
    };
    (byte.is_ascii() && !byte.is_ascii_control()).then_some((byte, used))
}

enum Decoded {
    Byte(u8),
    Char(char),
}

impl Decoded {
    fn push_to(self, out: &mut Vec<u8>) {
        match self {
            Self::Byte(byte) => out.push(byte),
            Self::Char(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

fn hex(digits: Option<&[u8]>) -> Option<u32> {
    let digits = std::str::from_utf8(digits?).ok()?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then(|| u32::from_str_radix(digits, 16).ok())?
}

fn percent(rest: &[u8]) -> Option<(Decoded, usize)> {
    let byte = u8::try_from(hex(rest.get(1..3))?).ok()?;
    Some((Decoded::Byte(byte), 3))
}

fn backslash(rest: &[u8]) -> Option<(Decoded, usize)> {
    match rest.get(1)? {
        b'u' => Some((Decoded::Char(char::from_u32(hex(rest.get(2..6))?)?), 6)),
        b'x' => Some((Decoded::Char(char::from_u32(hex(rest.get(2..4))?)?), 4)),
        byte @ (b'/' | b'"' | b'\\' | b'\'') => Some((Decoded::Byte(*byte), 2)),
        _ => None,
    }
}

fn entity(rest: &[u8]) -> Option<(Decoded, usize)> {
    let end = rest.iter().take(10).position(|byte| *byte == b';')?;
    let name = rest.get(1..end)?;
    let c = match name {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(hex(Some(digits))?)?,
        [b'#', digits @ ..] => char::from_u32(std::str::from_utf8(digits).ok()?.parse().ok()?)?,
        _ => return None,
    };
    Some((Decoded::Char(c), end + 1))
}

fn without_scheme(text: &str) -> &str {
    for scheme in ["mailto:", "sips:", "sip:", "tel:", "xmpp:", "im:"] {
        if let Some(head) = text.get(..scheme.len())
            && head.eq_ignore_ascii_case(scheme)
        {
            return &text[scheme.len()..];
        }
    }
    text
}

/// The digits. `+49 …`, `0049 …` and `49…` are one number; `(0)` behind a country code is not dialled.
fn phone(text: &str) -> String {
    let text = without_scheme(text);
    let text = text.split(['@', ';']).next().unwrap_or(text);
    let international = text.trim_start().starts_with('+') || text.trim_start().starts_with("00");
    let without_trunk = if international {
        Cow::Owned(text.replacen("(0)", "", 1))
    } else {
        Cow::Borrowed(text)
    };
    let digits: String = without_trunk.chars().filter(char::is_ascii_digit).collect();
    match digits.strip_prefix("00") {
        Some(rest) if international => rest.to_owned(),
        _ => digits,
    }
}

/// Lower case, single blanks; `Last, First` as `first last`.
fn name(text: &str) -> String {
    let lower = text.to_lowercase();
    let ordered = match lower.split_once(',') {
        Some((last, first)) if !first.contains(',') => Cow::Owned(format!("{first} {last}")),
        _ => Cow::Borrowed(lower.as_str()),
    };
    let words: Vec<&str> = ordered
        .split(|c: char| c.is_whitespace() || matches!(c, '_' | '+'))
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

fn ip(text: &str) -> String {
    let text = text.trim_matches(['[', ']']);
    let text = text.split('%').next().unwrap_or(text);
    match text.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().to_string(),
        Err(_) => text.to_lowercase(),
    }
}

/// The digits of a MAC address; a phone's device name is `SEP` and its MAC address.
fn hex_digits(text: &str) -> String {
    text.strip_prefix("SEP")
        .unwrap_or(text)
        .chars()
        .filter(char::is_ascii_hexdigit)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// Dashed, undashed and base64 forms of one ID are one.
fn id(text: &str) -> String {
    use base64::Engine as _;
    let undashed = text.replace('-', "").to_lowercase();
    if undashed.len() == 32 && undashed.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return undashed;
    }
    let decoded = base64::engine::general_purpose::STANDARD_NO_PAD
        .decode(text.trim_end_matches('='))
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some(uri) = decoded
        && uri.starts_with("ciscospark://")
        && let Some((_, last)) = uri.rsplit_once('/')
    {
        return last.replace('-', "").to_lowercase();
    }
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{Class, DIGITS, LONG_DIGITS, normalise, token};
    use crate::redact::SiteKey;

    fn same(class: Class, forms: &[&str]) {
        let first = normalise(class, forms[0].as_bytes());
        assert!(!first.is_empty());
        for form in forms {
            assert_eq!(normalise(class, form.as_bytes()), first, "{form}");
        }
    }

    #[test]
    fn all_forms_of_a_value_are_one() {
        same(
            Class::Email,
            &[
                "ana.kovac@example.com",
                "Ana.Kovac@EXAMPLE.com",
                "mailto:ana.kovac@example.com",
                "ana.kovac%40example.com",
                "ana.kovac\\u0040example.com",
                "ana.kovac&#64;example.com",
                "<ana.kovac@example.com>",
                "sip:ana.kovac@example.com",
            ],
        );
        same(
            Class::Phone,
            &[
                "+49 30 5550100",
                "+49305550100",
                "0049-30-555 0100",
                "tel:+49-30-5550100",
                "sip:+49305550100@example.net;user=phone",
                "49305550100",
                "+49 (0)30 5550100",
                "%2B49305550100",
            ],
        );
        same(
            Class::Name,
            &["Ana  Kovač", "ANA KOVAČ", "Kovač, Ana", "ana_kovač"],
        );
        same(
            Class::Ip,
            &[
                "2001:db8::1",
                "2001:0DB8:0:0::1",
                "[2001:db8::1]",
                "2001:db8::1%eth0",
            ],
        );
        same(
            Class::Mac,
            &[
                "02:00:5E:10:00:01",
                "02-00-5e-10-00-01",
                "0200.5e10.0001",
                "SEP02005E100001",
                "02005e100001",
            ],
        );
        same(
            Class::Org,
            &[
                "01234567-89ab-cdef-0123-456789abcdef",
                "0123456789ABCDEF0123456789ABCDEF",
                "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8wMTIzNDU2Ny04OWFiLWNkZWYtMDEyMy00NTY3ODlhYmNkZWY",
            ],
        );
    }

    #[test]
    fn latin_1_and_utf_8_are_one_name() {
        assert_eq!(
            normalise(Class::Name, b"J\xfcrgen Gro\xdf"),
            normalise(Class::Name, "Jürgen Groß".as_bytes())
        );
    }

    #[test]
    fn tokens_depend_on_key_class_and_value() {
        let (one, other) = (SiteKey::fresh().unwrap(), SiteKey::fresh().unwrap());
        let first = token(&one, Class::Email, "a@example.com").text(false);
        assert_eq!(first, token(&one, Class::Email, "a@example.com").text(false));
        assert_ne!(first, token(&other, Class::Email, "a@example.com").text(false));
        assert_ne!(first, token(&one, Class::Email, "b@example.com").text(false));
        assert!(first.starts_with("email-") && first.ends_with("@redacted.invalid"));
        let short = |phone: &super::Token| phone.text(false).len() == "phone-".len() + DIGITS;
        let phones = (0..3000).map(|number| token(&one, Class::Phone, &number.to_string()));
        let (mostly, seldom): (Vec<_>, Vec<_>) = phones.partition(short);
        assert!(!seldom.is_empty(), "one in 110 has no letter in its first digits");
        let is_number = |text: String| text.bytes().skip(6).all(|digit| digit.is_ascii_digit());
        assert!(!mostly.iter().any(|phone| is_number(phone.text(false))));
        let phone = &mostly[0];
        assert!(
            phone.text(true).starts_with(&phone.text(false)),
            "the long one goes on"
        );
        assert_eq!(phone.text(true).len(), "phone-".len() + LONG_DIGITS);
    }
}
