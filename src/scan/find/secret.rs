//! Secrets: tokens, passwords, cookies, digests, signatures, private keys.

use base64::Engine as _;

use crate::scan::bytes::{
    at, before, is_alnum, is_base64, is_behind_escape, is_blank, is_inside_word, is_token, line_end, part,
    run, run_back, skip_escape, starts_with_ignore_case,
};
use crate::scan::engine::Found;
use crate::scan::label::{self, Label};
use crate::scan::meaning::{self, Meaning};
use crate::scan::value::{self, Value};
use crate::scan::{Evidence, Kind};

use super::key;
use super::mail::is_placeholder;

/// Longest private key that is followed to its end (an RSA key of 16384 bits has about 13,000 characters).
const LONGEST_KEY: usize = 64 * 1024;

/// `-----BEGIN … PRIVATE KEY-----` up to its end, over lines or with `\n` in one.
pub(in crate::scan) fn pem(found: &mut Found<'_>, start: usize) {
    let text = found.text;
    let title_start = start + 11;
    let title_end = run(text, title_start, 64, |byte| {
        byte.is_ascii_alphanumeric() || byte == b' '
    });
    let title = part(text, title_start, title_end);
    if memchr::memmem::find(title, b"PRIVATE KEY").is_none() {
        return;
    }
    let body = title_end;
    let limit = text.len().min(body + LONGEST_KEY);
    let end_mark = if body < found.no_end {
        None
    } else {
        memchr::memmem::find(part(text, body, limit), b"-----END ")
    };
    let end = if let Some(mark) = end_mark {
        let close = run(text, body + mark + 9, 64, |byte| byte != b'-' && byte != b'\n');
        run(text, close, 5, |byte| byte == b'-')
    } else {
        found.no_end = limit;
        // Cut off: everything that can still be key.
        run(text, body, LONGEST_KEY, |byte| {
            is_base64(byte) || byte.is_ascii_whitespace() || matches!(byte, b'=' | b'\\' | b':' | b',')
        })
    };
    found.add(start, end, Kind::PrivateKey, Evidence::Prefix);
}

/// `eyJ…`: three or five parts of base64url (RFC 7519, RFC 7516); two are an unsecured or a cut one.
pub(in crate::scan) fn jwt(found: &mut Found<'_>, start: usize) {
    let text = found.text;
    if start < found.skip || (is_alnum(before(text, start)) && skip_escape(text, start - 1) < start) {
        return;
    }
    let part_of = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let mut end = run(text, start, 16 * 1024, part_of);
    let mut dots = 0;
    while dots < 4 && at(text, end) == b'.' && part_of(at(text, end + 1)) {
        end = run(text, end + 1, 64 * 1024, part_of);
        dots += 1;
    }
    if dots >= 1 && end - start >= 24 {
        found.add(start, end, Kind::Jwt, Evidence::Prefix);
    }
}

/// `Bearer …`
pub(in crate::scan) fn bearer(found: &mut Found<'_>, start: usize, end: usize) {
    let text = found.text;
    if is_alnum(before(text, start)) && skip_escape(text, start - 1) < start {
        return;
    }
    let from = run(text, end, 16, is_blank);
    let close = credentials_end(text, from);
    let close = run_back(text, close, 2, |byte| byte == b'.');
    let token = part(text, from, close);
    let telling = token.iter().any(u8::is_ascii_digit) || token.len() >= 24;
    if token.len() >= 8 && telling {
        found.add(from, close, Kind::Token, Evidence::Prefix);
    }
}

/// Where the credentials end that begin at `start`: an equals sign is only at their end (RFC 7235 section 2.1).
fn credentials_end(text: &[u8], start: usize) -> usize {
    let end = run(text, start, 16 * 1024, |byte| is_token(byte) && byte != b'=');
    let end = run(text, end, 4, |byte| byte == b'=');
    value::before_next_label(text, start, end)
}

/// `Basic …`: only what decodes to `user:password`.
pub(in crate::scan) fn basic(found: &mut Found<'_>, start: usize, end: usize) {
    let text = found.text;
    let from = run(text, end, 16, is_blank);
    let close = credentials_end(text, from);
    let encoded = part(text, from, close);
    let trimmed = encoded
        .strip_suffix(b"==")
        .or_else(|| encoded.strip_suffix(b"="))
        .unwrap_or(encoded);
    let decoded = base64::engine::general_purpose::STANDARD_NO_PAD.decode(trimmed);
    if !is_inside_word(text, start) && decoded.is_ok_and(|pair| pair.contains(&b':')) {
        found.add(from, close, Kind::Token, Evidence::Prefix);
    }
}

/// Webex access and refresh tokens: `<base64url>_PF84_<uuid>`; the UUID spans `start..end`.
pub(super) fn webex_token(found: &mut Found<'_>, start: usize, end: usize) -> bool {
    let text = found.text;
    let mark = part(text, start.saturating_sub(6), start);
    let [b'_', b'P', rest @ .., b'_'] = mark else {
        return false;
    };
    if !rest.iter().all(u8::is_ascii_alphanumeric) {
        return false;
    }
    let from = run_back(text, start - 6, 512, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
    });
    let from = skip_escape(text, from);
    if start - 6 - from < 16 {
        return false;
    }
    found.add(from, end, Kind::Token, Evidence::Prefix);
    true
}

/// Tokens that begin with their vendor's mark.
pub(in crate::scan) fn vendor_token(found: &mut Found<'_>, start: usize) {
    let text = found.text;
    let end = run(text, start, 255, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
    });
    // Slack's `xoxb-`, `xoxp-`.
    let slack = part(text, start, start + 3) == b"xox" && at(text, start + 4) != b'-';
    let begins = !is_alnum(before(text, start)) || is_behind_escape(text, start);
    if end - start >= 20 && begins && !slack {
        found.add(start, end, Kind::Token, Evidence::Prefix);
    }
}

/// `&lt;password&gt;value&lt;/password&gt;`: XML inside XML or JSON.
pub(in crate::scan) fn escaped_tag(found: &mut Found<'_>, start: usize, end: usize) {
    let text = found.text;
    let name = run_back(text, start, 64, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'.')
    });
    if name == start || !part(text, name.saturating_sub(4), name).ends_with(b"&lt;") {
        return;
    }
    let Some(label) = label::before_delimiter(text, start) else {
        return;
    };
    let kind = match meaning::of(&label) {
        Some(Meaning::KeyPart) => return key::element(found, end),
        Some(Meaning::Password | Meaning::SessionId) => Kind::Password,
        Some(Meaning::Token | Meaning::Authorization) => Kind::Token,
        Some(Meaning::Person) => Kind::PersonName,
        Some(Meaning::Phone) => Kind::Phone,
        _ => return,
    };
    let close = run(text, end, 4096, |byte| byte != b'&' && byte != b'\n');
    if close > end && !is_placeholder(part(text, end, close)) {
        found.add(end, close, kind, Evidence::Label);
    }
}

/// A value behind a label that names a secret.
pub(in crate::scan) fn labelled(
    found: &mut Found<'_>,
    meaning: Meaning,
    label: &Label<'_>,
    delimiter: usize,
) {
    let text = found.text;
    match meaning {
        Meaning::Authorization => authorization(found, delimiter),
        Meaning::Cookie => cookie(found, label, delimiter, false),
        Meaning::SetCookie => cookie(found, label, delimiter, true),
        Meaning::Password | Meaning::SessionId | Meaning::Token => {
            let Some(value) = value::secret(text, delimiter) else {
                return;
            };
            // `PWD=/home/bwadmin` of a shell is a directory.
            let is_directory = label.phrase().ends_with(b"PWD") && value.of(text).starts_with(b"/");
            if is_directory || is_no_secret(value.of(text), value, meaning) {
                return;
            }
            let kind = match meaning {
                Meaning::Token => Kind::Token,
                Meaning::SessionId => Kind::Cookie,
                _ => Kind::Password,
            };
            let start = scheme_end(text, value);
            found.add(start, value.end, kind, Evidence::Label);
        }
        Meaning::State => opaque_parameter(found, label, delimiter),
        Meaning::SipDigest => {
            let Some(value) = value::behind(text, delimiter) else {
                return;
            };
            let content = value.of(text);
            let opaque = content.len() >= 8 && content.iter().all(|&byte| is_token(byte) || byte == b':');
            let hex = content.len() >= 32 && content.iter().all(u8::is_ascii_hexdigit);
            let squashed = label.squashed();
            let short = squashed.last_word();
            // `response` and `opaque` are ordinary words elsewhere.
            let digest = if matches!(short, b"response" | b"opaque") {
                hex || (short == b"opaque" && value.quoted && opaque)
            } else {
                opaque
            };
            if digest && at(text, delimiter) == b'=' || hex {
                found.add(value.start, value.end, Kind::SipDigest, Evidence::Label);
            }
        }
        Meaning::Signed => {
            let Some(mut value) = value::behind(text, delimiter) else {
                return;
            };
            if !value.quoted {
                value.end = value::before_next_label(text, value.start, value.end);
            }
            let content = value.of(text);
            let query = matches!(before(text, label.start), b'?' | b'&');
            let opaque = content.len() >= 32
                && content.iter().any(u8::is_ascii_digit)
                && content.iter().all(|&byte| is_token(byte) || byte == b'%');
            if (query && content.len() >= 6) || opaque {
                found.add(value.start, value.end, Kind::SignedUrl, Evidence::Label);
            }
        }
        _ => {}
    }
}

/// `code=…` of an OAuth redirect (RFC 6749 section 4.1.2), which is exchanged for a token; an error code looks otherwise.
pub(in crate::scan) fn oauth(found: &mut Found<'_>, label: &Label<'_>, delimiter: usize) -> bool {
    let before = found.spans.len();
    if label.squashed().name() == b"code" {
        opaque_parameter(found, label, delimiter);
    }
    found.spans.len() > before
}

/// The value of a parameter in a URL or a form, if it is opaque: letters and digits in no form that anything else has.
fn opaque_parameter(found: &mut Found<'_>, label: &Label<'_>, delimiter: usize) {
    /// Shorter ones are ordinary words and numbers.
    const SHORTEST: usize = 9;
    let text = found.text;
    if at(text, delimiter) != b'=' {
        return;
    }
    let Some(value) = value::behind(text, delimiter) else {
        return;
    };
    let end = run(text, value.start, value.end - value.start, |byte| byte != b'&');
    let content = part(text, value.start, end);
    let is_parameter = matches!(before(text, label.start), b'?' | b'&') || at(text, end) == b'&';
    let small = content.iter().any(u8::is_ascii_lowercase);
    let letters = content.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let digits = content.iter().filter(|byte| byte.is_ascii_digit()).count();
    // `BATCH-1017017`, `2026-01-02T07:00:00Z`, `created_desc`
    let is_opaque = content.len() >= SHORTEST
        && (small || letters >= 6)
        && letters >= 3
        && (digits >= 2 || (digits == 1 && content.len() >= 16) || content.len() >= 32)
        && content
            .iter()
            .all(|&byte| is_token(byte) || matches!(byte, b'%' | b'|' | b':'));
    if is_parameter && is_opaque && !is_dashed_code(content) {
        found.add(value.start, end, Kind::Token, Evidence::Label);
    }
}

/// `BATCH-1017017`, `ERR_CONNECTION_5302`: capitals, then a number.
fn is_dashed_code(content: &[u8]) -> bool {
    let head = content
        .iter()
        .rposition(|byte| matches!(byte, b'-' | b'_'))
        .unwrap_or(0);
    head > 0
        && part(content, 0, head)
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_'))
        && part(content, head + 1, content.len())
            .iter()
            .all(u8::is_ascii_digit)
}

/// `Authorization: Bearer …`, `Basic …`, or a bare token; the fields of a digest are found by their own names.
fn authorization(found: &mut Found<'_>, delimiter: usize) {
    let text = found.text;
    let Some(value) = value::behind(text, delimiter) else {
        return;
    };
    let start = scheme_end(text, value);
    if starts_with_ignore_case(text, value.start, b"digest ") {
        return;
    }
    let end = if value.quoted {
        value.end
    } else if start > value.start {
        credentials_end(text, start)
    } else {
        let end = run(text, start, 16 * 1024, is_token);
        value::before_next_label(text, start, end)
    };
    let content = part(text, start, end);
    if content.len() >= 4 && !is_placeholder(content) {
        found.add(start, end, Kind::Token, Evidence::Label);
    }
}

/// Where the credentials begin behind the name of their scheme.
fn scheme_end(text: &[u8], value: Value) -> usize {
    for scheme in [
        &b"bearer "[..],
        b"basic ",
        b"bearer%20",
        b"basic%20",
        b"bot ",
        b"token ",
        b"negotiate ",
        b"ntlm ",
    ] {
        if starts_with_ignore_case(text, value.start, scheme) {
            return run(text, value.start + scheme.len(), 16, is_blank);
        }
    }
    value.start
}

/// A header's pairs `name=value; name=value`; of `Set-Cookie` only the first value is secret.
fn cookie(found: &mut Found<'_>, label: &Label<'_>, delimiter: usize, set: bool) {
    let text = found.text;
    let Some(value) = value::behind(text, delimiter) else {
        return;
    };
    if is_placeholder(value.of(text)) {
        return;
    }
    if set {
        let limit = if value.quoted {
            value.end
        } else {
            line_end(text, value.start, 16 * 1024)
        };
        let name = run(text, value.start, 256, |byte| {
            byte != b'=' && !byte.is_ascii_whitespace()
        });
        if at(text, name) == b'=' && name < limit {
            let end = run(text, name + 1, limit.saturating_sub(name + 1), |byte| {
                byte != b';' && !byte.is_ascii_whitespace()
            });
            found.add(name + 1, end, Kind::Cookie, Evidence::Label);
        }
        return;
    }
    if value.quoted {
        return found.add(value.start, value.end, Kind::Cookie, Evidence::Label);
    }
    // `name=value` pairs as long as they go on; on one line with other things only these belong to the header.
    let mut end = value.start;
    let mut index = value.start;
    for _ in 0..200 {
        let name = run(text, index, 256, |byte| {
            !byte.is_ascii_whitespace() && !matches!(byte, b'=' | b';' | b'"' | b',')
        });
        // `; displayName=Ana Horvat` is no cookie.
        let is_person = || meaning::of(&label::of_range(text, index, name)) == Some(Meaning::Person);
        if at(text, name) != b'=' || index > value.start && is_person() {
            break;
        }
        let quoted = usize::from(at(text, name + 1) == b'"');
        let whole = run(text, name + 1 + quoted, 8192, |byte| {
            !byte.is_ascii_whitespace() && !matches!(byte, b';' | b'"')
        });
        let whole = whole + usize::from(quoted == 1 && at(text, whole) == b'"');
        end = value::before_next_label(text, name + 1, whole);
        if at(text, end) != b';' || end < whole {
            break;
        }
        index = run(text, end + 1, 8, is_blank);
    }
    if end == value.start && label.squashed().name() == b"cookie" {
        end = value.end;
    }
    if end > value.start && !is_placeholder(part(text, value.start, end)) {
        found.add(value.start, end, Kind::Cookie, Evidence::Label);
    }
}

/// Values behind a secret's label that are none: missing, already masked, a number or a sentence about it.
fn is_no_secret(content: &[u8], value: Value, meaning: Meaning) -> bool {
    if is_placeholder(content)
        || content.starts_with(b"<")
        || content.starts_with(b"${")
        || content.starts_with(b"{{")
    {
        return true;
    }
    // Objects and arrays have members of their own.
    if !value.quoted && matches!(content.first(), Some(b'{' | b'[' | b'(')) {
        return true;
    }
    // "access token: Authorization: Bearer …": the next label, whose value is found on its own.
    let is_label = |content: &[u8]| {
        content
            .iter()
            .all(|byte| byte.is_ascii_alphabetic() || *byte == b'-')
    };
    if meaning == Meaning::Token && !value.quoted && content.strip_suffix(b":").is_some_and(is_label) {
        return true;
    }
    // "token: expired", "Token: 5": too short to be a token.
    meaning == Meaning::Token
        && (content.len() < 6
            || (!value.quoted && content.len() < 16 && content.iter().all(u8::is_ascii_alphabetic)))
}
