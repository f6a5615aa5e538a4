//! E-mail addresses, BroadWorks user IDs, SIP users, user and person names.

use crate::scan::bytes::{
    Class, at, before, is_alnum, part, run, run_back, skip_escape, starts_with_ignore_case,
};
use crate::scan::engine::Found;
use crate::scan::meaning::Meaning;
use crate::scan::value;
use crate::scan::{Evidence, Kind, PSEUDONYM_DOMAIN};

use super::people;

/// Longest local part (RFC 5321 section 4.5.3.1.1) and domain (section 4.5.3.1.2).
const LOCAL: usize = 64;
const DOMAIN: usize = 255;

fn is_local(byte: u8) -> bool {
    LOCAL_BYTES.has(byte)
}

fn is_domain(byte: u8) -> bool {
    DOMAIN_BYTES.has(byte)
}

static LOCAL_BYTES: Class = Class::word().and(b"._%+-'*#~!");
static DOMAIN_BYTES: Class = Class::word().and(b".-");

/// `%40` in a URL, `\u0040` in JSON: the sign spans `start..end`.
pub(in crate::scan) fn escaped_at(found: &mut Found<'_>, start: usize, end: usize) {
    let start = if at(found.text, start) == b'u' {
        let slashes = run_back(found.text, start, 8, |byte| byte == b'\\');
        if slashes == start {
            return;
        }
        slashes
    } else {
        start
    };
    at_sign(found, start, end);
}

/// The sign spans `sign..after`.
pub(in crate::scan) fn at_sign(found: &mut Found<'_>, sign: usize, after: usize) {
    let text = found.text;
    let Some(start) = local_start(text, sign).and_then(|start| behind_last(found, start, sign)) else {
        return;
    };
    let end = domain_end(text, after);
    if end == after {
        return;
    }
    let (scheme, scheme_end) = scheme(text, start);
    if matches!(scheme, Scheme::Sip) {
        return sip_user(found, scheme_end, sign, end);
    }
    if matches!(scheme, Scheme::Url) {
        return;
    }
    if before(text, start) == b'<' {
        people::recipient(found, start - 1);
    }
    let domain = part(text, after, end);
    let meaning = found.meaning_before(start);
    if meaning == Some(Meaning::CallId) {
        return found.add(start, glued_end(text, start, end), Kind::CallId, Evidence::Label);
    }
    if !is_mail_domain(domain) {
        return;
    }
    // `git@github.com:group/project` names a repository.
    if part(text, start, sign) == b"git" {
        return;
    }
    let evidence = if meaning == Some(Meaning::Email) {
        Evidence::Label
    } else {
        Evidence::Shape
    };
    let kind = match meaning {
        Some(Meaning::BroadworksUser | Meaning::User) => Kind::BroadworksUserId,
        _ if is_calling_domain(domain) => Kind::BroadworksUserId,
        _ => Kind::Email,
    };
    let evidence = if kind == Kind::BroadworksUserId {
        Evidence::Label
    } else {
        evidence
    };
    found.add(start, end, kind, evidence);
}

/// Where the local part begins that ends before `sign`.
fn local_start(text: &[u8], sign: usize) -> Option<usize> {
    let mut start = run_back(text, sign, LOCAL, is_local);
    // In a URL `%3D`, `%22`, `%26` … separate; `%2B` is a plus sign and stays.
    let separator = memchr::memrchr_iter(b'%', part(text, start, sign)).find(|&percent| {
        let escape = part(text, start + percent + 1, (start + percent + 3).min(sign));
        escape.len() == 2
            && escape.iter().all(u8::is_ascii_hexdigit)
            && ![b"2b", b"2e", b"5f", b"2d"]
                .iter()
                .any(|kept| escape.eq_ignore_ascii_case(*kept))
    });
    if let Some(separator) = separator {
        start += separator + 3;
    }
    start = skip_escape(text, start);
    // Quotes, dots and hyphens at the start are around the address.
    let local = part(text, start, sign);
    start += local
        .iter()
        .take_while(|byte| matches!(byte, b'\'' | b'.' | b'-' | b'*' | b'#' | b'!' | b'~'))
        .count();
    // `07:24:25'ana@example.com`: the seconds are not hers.
    let digits = run(text, start, 3, |byte| byte.is_ascii_digit());
    if matches!(digits - start, 1..=2) && matches!(at(text, digits), b'\'' | b'#') && digits + 1 < sign {
        start = digits + 1;
    }
    // A quotation mark of another script is no letter.
    while start < sign && part(text, start, start + 2) == [0xe2, 0x80] {
        start += 3;
    }
    while start < sign && at(text, start) == 0xc2 {
        start += 2;
    }
    (start < sign).then_some(start)
}

/// Quotes and hyphens that may stand in front of a name that was cut.
const TRIMMED: usize = 4;

/// How far what is no address any more is followed.
const NOISE: usize = 512;

/// Most addresses that run into each other and are looked back over.
const GLUED: usize = 4;

/// Where the local part begins when the last address runs into it: `chat_ana@example.com_bob@example.org`.
fn behind_last(found: &Found<'_>, start: usize, sign: usize) -> Option<usize> {
    let last = found.spans.iter().rev().take(4).find(|span| {
        matches!(span.kind, Kind::Email | Kind::BroadworksUserId | Kind::CallId)
            && span.end > start
            && span.end <= sign
    });
    let Some(last) = last else {
        // What stands before another sign was no address by itself: `ana@example.de-bob@example.com`.
        let mut start = not_cut(found.text, start, sign);
        for _ in 0..GLUED {
            if before(found.text, start) != b'@' {
                break;
            }
            let Some(further) = local_start(found.text, start - 1) else {
                break;
            };
            start = not_cut(found.text, further, start - 1);
        }
        return Some(start);
    };
    let start = run(found.text, last.end, sign - last.end, |byte| {
        is_local(byte) && !is_alnum(byte)
    });
    (start < sign).then_some(start)
}

/// Where a local part that was cut at its longest really begins: no user has so long a name, and what it runs into goes as
/// well, so that nothing runs into its pseudonym.
fn not_cut(text: &[u8], start: usize, sign: usize) -> usize {
    let is_cut = sign - start + TRIMMED >= LOCAL && is_local(before(text, start));
    if is_cut {
        run_back(text, start, NOISE, is_local)
    } else {
        start
    }
}

/// The end of a Call-ID with whatever runs into it.
fn glued_end(text: &[u8], start: usize, end: usize) -> usize {
    /// More than anything but noise has.
    const LONGEST: usize = 4096;
    value::before_next_label(text, start, value::bare_end(text, end, LONGEST))
}

fn domain_end(text: &[u8], after: usize) -> usize {
    // Nothing goes on behind a pseudonym.
    let domain = PSEUDONYM_DOMAIN.as_bytes();
    if part(text, after, after + domain.len()).eq_ignore_ascii_case(domain) {
        return after + domain.len();
    }
    // Typographic quotes and dashes begin with 0xE2 and end the domain; letters of the five languages do not.
    let end = run(text, after, DOMAIN, |byte| {
        is_domain(byte) && !matches!(byte, 0xe2 | 0xc2)
    });
    run_back(text, end, DOMAIN, |byte| matches!(byte, b'.' | b'-'))
}

/// Domain with at least two labels whose last has letters only, and is not the ending of a picture's or a
/// script's name (`logo@2x.png`).
fn is_mail_domain(domain: &[u8]) -> bool {
    let Some(dot) = memchr::memrchr(b'.', domain) else {
        return false;
    };
    let (labels, last) = (part(domain, 0, dot), part(domain, dot + 1, domain.len()));
    let is_puny = last.len() > 4 && part(last, 0, 4).eq_ignore_ascii_case(b"xn--");
    let top = last.len() >= 2
        && last.len() <= 24
        && (is_puny
            || last
                .iter()
                .all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80));
    let is_empty = |label: &[u8]| label.is_empty();
    top && !is_file(last) && !labels.split(|&byte| byte == b'.').any(is_empty)
}

/// Whether a name that ends so is a file's.
fn is_file(ending: &[u8]) -> bool {
    const LONGEST: usize = 4;
    let mut lower = [0; LONGEST];
    let Some(slots) = lower.get_mut(..ending.len()) else {
        return false;
    };
    slots.copy_from_slice(ending);
    lower.make_ascii_lowercase();
    matches!(
        part(&lower, 0, ending.len()),
        b"png"
            | b"jpg"
            | b"jpeg"
            | b"gif"
            | b"svg"
            | b"webp"
            | b"js"
            | b"css"
            | b"html"
            | b"json"
            | b"map"
            | b"ts"
            | b"tgz"
    )
}

/// Domains that Webex Calling and BroadWorks make for their users: `64941297.int10.bcld.webex.com`.
fn is_calling_domain(domain: &[u8]) -> bool {
    const CALLING: &[u8] = b".bcld.webex.com";
    domain
        .len()
        .checked_sub(CALLING.len())
        .and_then(|from| domain.get(from..))
        .is_some_and(|end| end.eq_ignore_ascii_case(CALLING))
}

enum Scheme {
    Sip,
    Url,
    None,
}

/// `sip:` before the user, or `//` (then it is the user information of a URL).
fn scheme(text: &[u8], start: usize) -> (Scheme, usize) {
    if before(text, start) == b':' {
        let word = run_back(text, start - 1, 8, |byte| byte.is_ascii_alphabetic());
        let name = part(text, word, start - 1);
        if ["sip", "sips", "im", "xmpp", "pres"]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
        {
            return (Scheme::Sip, start);
        }
        // `//user:secret@host`
        let user = run_back(text, start - 1, LOCAL, is_local);
        if part(text, user.saturating_sub(2), user) == b"//" {
            return (Scheme::Url, start);
        }
    }
    if part(text, start.saturating_sub(3), start) == b"://" {
        return (Scheme::Url, start);
    }
    (Scheme::None, start)
}

/// The user of a SIP URI: a number is a phone number, anything else a user of BroadWorks.
fn sip_user(found: &mut Found<'_>, start: usize, sign: usize, end: usize) {
    if !is_dialled(part(found.text, start, sign)) && is_mail_domain(part(found.text, sign + 1, end)) {
        found.add(start, end, Kind::BroadworksUserId, Evidence::Prefix);
    } else {
        sip_user_of(found, start, sign);
    }
}

/// The same without its host: one that a password follows.
pub(super) fn sip_user_of(found: &mut Found<'_>, start: usize, end: usize) {
    if is_dialled(part(found.text, start, end)) {
        found.add(start, end, Kind::Phone, Evidence::Prefix);
    } else {
        found.add(start, end, Kind::BroadworksUserId, Evidence::Shape);
    }
}

fn is_dialled(user: &[u8]) -> bool {
    user.iter().filter(|byte| byte.is_ascii_digit()).count() >= 2
        && user
            .iter()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'*' | b'#'))
}

/// Words that stand where a value is missing or already hidden.
pub(super) fn is_placeholder(value: &[u8]) -> bool {
    let trimmed = value.trim_ascii();
    trimmed.is_empty()
        || [
            "null",
            "nil",
            "none",
            "undefined",
            "true",
            "false",
            "unknown",
            "n/a",
            "-",
            "yes",
            "no",
            "redacted",
            "[redacted]",
            "<redacted>",
            "masked",
            "hidden",
        ]
        .iter()
        .any(|word| trimmed.eq_ignore_ascii_case(word.as_bytes()))
        || trimmed
            .iter()
            .all(|byte| matches!(byte, b'*' | b'x' | b'X' | b'.' | b'-' | b'_' | b'#'))
        || (trimmed.first() == Some(&b'<') && trimmed.last() == Some(&b'>'))
        || (trimmed.first() == Some(&b'[') && trimmed.last() == Some(&b']'))
        || (trimmed.first() == Some(&b'{') && trimmed.last() == Some(&b'}'))
        || starts_with_ignore_case(trimmed, 0, b"[redacted")
        || starts_with_ignore_case(trimmed, 0, b"<redacted")
}
