//! Private keys that are no PEM: the members of a JSON web key (RFC 7518, section 6), the elements of an XML key.

use crate::scan::bytes::{at, is_base64, part, run, run_back};
use crate::scan::engine::Found;
use crate::scan::value;
use crate::scan::{Evidence, Kind};

/// A key of 32 bytes in base64: the shortest private part of the curves in use.
const SHORTEST: usize = 43;
/// The shortest symmetric key (`k`), of 16 bytes.
const SHORTEST_SYMMETRIC: usize = 22;
/// How far behind the beginning of an XML key its elements stand: those of 16384 bits take about 13,000 characters.
const XML: usize = 16 * 1024;
/// What API ids of Webex begin with: they are evidence.
const API_ID: &[u8] = b"Y2lzY29zcGFyazov";

/// `"d": "…"`, `<InverseQ>…`: base64 behind the name of a key's private part.
pub(in crate::scan) fn member(found: &mut Found<'_>, name: &[u8], delimiter: usize) {
    let text = found.text;
    if at(text, delimiter) == b'>' {
        return element(found, delimiter + 1);
    }
    let shortest = if name == b"k" {
        SHORTEST_SYMMETRIC
    } else {
        SHORTEST
    };
    if at(text, delimiter) == b':'
        && let Some(value) = value::behind(text, delimiter)
        && value.quoted
        && is_opaque(value.of(text), shortest)
    {
        found.add(value.start, value.end, Kind::PrivateKey, Evidence::Label);
    }
}

/// The content of an element of an XML key from `start`, over any number of lines, up to the next tag.
pub(super) fn element(found: &mut Found<'_>, start: usize) {
    let text = found.text;
    let start = run(text, start, 256, |byte| byte.is_ascii_whitespace());
    let close = run(text, start, XML, |byte| {
        is_base64(byte) || byte == b'=' || byte.is_ascii_whitespace()
    });
    let end = run_back(text, close, 256, |byte| byte.is_ascii_whitespace());
    let line = run(text, start, end.saturating_sub(start), |byte| {
        !byte.is_ascii_whitespace()
    });
    if matches!(at(text, close), b'<' | b'&')
        && is_opaque(part(text, start, line), SHORTEST)
        && is_in_key(text, start)
    {
        found.add(start, end, Kind::PrivateKey, Evidence::Label);
    }
}

/// Base64 of random bytes: hexadecimal digests and words are not.
fn is_opaque(value: &[u8], shortest: usize) -> bool {
    let base = run(value, 0, value.len(), is_base64);
    let padding = run(value, base, 2, |byte| byte == b'=');
    base >= shortest
        && padding == value.len()
        && value.iter().any(u8::is_ascii_uppercase)
        && value.iter().any(u8::is_ascii_lowercase)
        && value.iter().any(u8::is_ascii_digit)
        && !value.starts_with(API_ID)
}

fn is_in_key(text: &[u8], at: usize) -> bool {
    memchr::memmem::rfind(part(text, at.saturating_sub(XML), at), b"RSAKeyValue").is_some()
}
