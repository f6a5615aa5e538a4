//! Secrets that no delimiter announces: in URLs, attributes, sentences, escaped parameters, key files.

use crate::scan::bytes::{Class, at, before, is_alnum, is_blank, part, run, run_back};
use crate::scan::engine::Found;
use crate::scan::label::{self, Label};
use crate::scan::meaning::{self, Meaning};
use crate::scan::{Evidence, Kind, MASK};

use super::{command, mail, people, secret};

static USER_INFO_BYTES: Class = Class::graphic_but(b"/\"'<>@\\`|{(");

/// Longest user information of a URL that is followed back to its slashes.
const USER_INFO: usize = 256;

/// `scheme://user:password@host` and `sip:user:password@host`: the password in front of the sign at `sign`.
pub(in crate::scan) fn user_info(found: &mut Found<'_>, sign: usize) -> bool {
    let text = found.text;
    let from = run_back(text, sign, USER_INFO, |byte| USER_INFO_BYTES.has(byte));
    // A sign inside the password: the part before it was found as one.
    if before(text, from) == b'@'
        && let Some(last) = found.spans.last()
        && last.kind == Kind::Password
        && last.end + 1 == from
    {
        let start = last.start;
        found.add(start, sign, Kind::Password, Evidence::Prefix);
        return true;
    }
    let info = part(text, from, sign);
    if before(text, from) == b'/'
        && from < sign
        && before(text, from - 1) != b'/'
        && command::oracle(found, from, sign)
    {
        return true;
    }
    if memchr::memchr(b':', info).is_none() {
        return false;
    }
    let is_url = part(text, from.saturating_sub(2), from) == b"//";
    let behind = |scheme: &[u8]| memchr::memmem::rfind(info, scheme).map(|place| place + scheme.len());
    let user = if is_url {
        0
    } else if let Some(user) = behind(b"sip:").max(behind(b"sips:")) {
        user
    } else {
        return false;
    };
    let Some(colon) = memchr::memchr(b':', info.get(user..).unwrap_or_default()) else {
        return false;
    };
    let start = from + user + colon + 1;
    // `${DB_PASSWORD}` names a secret and is none.
    if start >= sign || at(text, start) == b'$' || mail::is_placeholder(part(text, start, sign)) {
        return start < sign;
    }
    if !is_url && !found.only_secrets {
        mail::sip_user_of(found, from + user, start - 1);
    }
    found.add(start, sign, Kind::Password, Evidence::Prefix);
    true
}

/// `<param name="password" value="…"/>`: the label that is the value of another attribute of the same tag, in front of
/// the attribute whose name begins at `attribute`.
pub(in crate::scan) fn attribute_label(text: &[u8], attribute: usize) -> Option<Label<'_>> {
    let from = attribute.saturating_sub(200);
    let window = part(text, from, attribute);
    let open = memchr::memrchr2(b'<', b'>', window)?;
    if window.get(open) != Some(&b'<') {
        return None;
    }
    let close = run_back(text, attribute, 8, |byte| byte.is_ascii_whitespace());
    quoted_attribute(text, close)
}

/// The content of the attribute `name="…"`, `key="…"` or `id="…"` whose closing quote is before `end`.
fn quoted_attribute(text: &[u8], end: usize) -> Option<Label<'_>> {
    let quote = before(text, end);
    if !matches!(quote, b'"' | b'\'') {
        return None;
    }
    let close = run_back(text, end - 1, 4, |byte| byte == b'\\');
    let open = run_back(text, close, 72, |byte| {
        byte != quote && byte != b'\n' && byte != b'\\'
    });
    let equals = run_back(text, open.checked_sub(1)?, 4, |byte| {
        matches!(byte, b'\\' | b'"' | b'\'')
    });
    let name_end = equals.checked_sub(1).filter(|_| before(text, equals) == b'=')?;
    let name = run_back(text, name_end, 12, |byte| byte.is_ascii_alphabetic());
    let known = ["name", "key", "id", "n", "k"]
        .iter()
        .any(|known| part(text, name, name_end).eq_ignore_ascii_case(known.as_bytes()));
    (known && open < close).then(|| label::of_range(text, open, close))
}

/// `<entry key="password">…</entry>`: the label of the tag that ends at `close` with an attribute.
pub(in crate::scan) fn tag_label(text: &[u8], close: usize) -> Option<Label<'_>> {
    quoted_attribute(text, close).filter(matters)
}

fn matters(label: &Label<'_>) -> bool {
    matches!(
        meaning::of(label),
        Some(Meaning::Password | Meaning::Token | Meaning::SessionId | Meaning::Phone | Meaning::Person)
    )
}

/// `password%3Dvalue%26…`: a parameter inside a parameter; the escaped sign spans `start..end`.
pub(in crate::scan) fn escaped_equals(found: &mut Found<'_>, start: usize, end: usize) {
    let text = found.text;
    let name = run_back(text, start, 40, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
    });
    // `%26password`: the digits of the escape are not the label's.
    let name = if before(text, name) == b'%' {
        (name + 2).min(start)
    } else {
        name
    };
    if name == start {
        return;
    }
    let label = label::of_range(text, name, start);
    let kind = match meaning::of(&label) {
        Some(Meaning::Password) => Kind::Password,
        Some(Meaning::Token | Meaning::Authorization) => Kind::Token,
        Some(Meaning::SessionId) => Kind::Cookie,
        Some(Meaning::Signed) => Kind::SignedUrl,
        _ => return,
    };
    let mut close = run(text, end, 8192, |byte| {
        byte > b' ' && !matches!(byte, b'&' | b'"' | b'\'' | b'<' | b'>' | b'#')
    });
    if let Some(next) = memchr::memmem::find(part(text, end, close), b"%26") {
        close = end + next;
    }
    if !mail::is_placeholder(part(text, end, close)) {
        found.add(end, close, kind, Evidence::Label);
    }
}

/// Words between "password" and its value, in the five languages.
const IS: &[&[u8]] = &[
    b"was reset to ",
    b"was changed to ",
    b"was set to ",
    b"has been reset to ",
    b"is now ",
    b"wurde auf ",
    b"ble satt til ",
    b"is ",
    b"was ",
    b"to ",
    b"ist ",
    b"lautet ",
    b"war ",
    b"auf ",
    b"je ",
    b"glasi ",
    b"na ",
    b"er ",
    b"til ",
    "è ".as_bytes(),
    b"e' ",
    b"as ",
];

/// `for bwadmin: …`, `zum Testen: …`: where the value begins behind a few words that say what the password is for.
fn behind_purpose(text: &[u8], start: usize) -> Option<usize> {
    const LONGEST: usize = 32;
    let end = run(text, start, LONGEST, |byte| {
        is_alnum(byte) || matches!(byte, b' ' | b'.' | b'_' | b'-')
    });
    let value = run(text, end + 1, 4, is_blank);
    (end > start && at(text, end) == b':' && value > end + 1).then_some(value)
}

/// `for the portal is …`, `za portal je …`: where the value begins behind the words up to a verb.
fn behind_statement(text: &[u8], start: usize) -> Option<usize> {
    const LEADS: &[&[u8]] = &[
        b"for",
        b"of",
        b"on",
        "für".as_bytes(),
        b"zum",
        b"zur",
        b"von",
        b"am",
        b"za",
        b"od",
        b"til",
        b"per",
        b"di",
        b"del",
        b"dell",
    ];
    const VERBS: &[&[u8]] = &[
        b"is",
        b"to",
        b"ist",
        b"lautet",
        b"auf",
        b"je",
        b"glasi",
        b"na",
        b"er",
        b"til",
        "è".as_bytes(),
    ];
    const WORDS: usize = 5;
    let mut index = start;
    for number in 0..=WORDS {
        let end = run(text, index, 24, |byte| {
            is_alnum(byte) || matches!(byte, b'-' | b'\'')
        });
        let word = part(text, index, end);
        let is = |list: &[&[u8]]| list.iter().any(|known| word.eq_ignore_ascii_case(known));
        if number == 0 && !is(LEADS) || at(text, end) != b' ' {
            return None;
        }
        index = end + 1;
        if number > 0 && is(VERBS) {
            return Some(index);
        }
    }
    None
}

static PROSE_BYTES: Class = Class::graphic_but(b"\"'`<>()[]{}/|;,&#\\:=");

/// `set password Hk7-uniform`, `the passcode is 4711`: the word, or all but its last few letters, ends before `end`. Only the value's shape decides.
pub(in crate::scan) fn prose(found: &mut Found<'_>, end: usize) {
    let text = found.text;
    // "password", "Passwort", "passordet", "zaporka", "lozinkom"
    let end = run(text, end, 3, |byte| {
        matches!(
            byte,
            b'd' | b't' | b'D' | b'a' | b'e' | b'u' | b'o' | b'm' | b'i' | b'n'
        )
    });
    let mut start = run(text, end, 4, is_blank);
    if start == end {
        return;
    }
    // `| Password | VALUE |`
    let cell = at(text, start) == b'|';
    if cell {
        start = run(text, start + 1, 16, is_blank);
    }
    // `password 7 VALUE`, `secret 5 VALUE` of a router: how it is encrypted.
    let level = at(text, start).is_ascii_digit() && at(text, start + 1) == b' ';
    if level {
        start += 2;
        if part(text, start, start + 1) == b"$" {
            let close = run(text, start, 256, |byte| byte > b' ');
            return found.add(start, close, Kind::Password, Evidence::Label);
        }
    }
    let said = IS
        .iter()
        .find(|word| part(text, start, start + word.len()).eq_ignore_ascii_case(word));
    if let Some(word) = said {
        start = run(text, start + word.len(), 4, is_blank);
    }
    let for_whom = if said.is_none() {
        behind_purpose(text, start).or_else(|| behind_statement(text, start))
    } else {
        None
    };
    start = for_whom.unwrap_or(start);
    let said = said.is_some() || for_whom.is_some() || cell;
    let quote = matches!(at(text, start), b'"' | b'\'' | b'`');
    start += usize::from(quote);
    let close = run(text, start, 128, |byte| {
        byte > b' ' && !matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>')
    });
    let close = run_back(text, close, 8, |byte| {
        matches!(byte, b'.' | b',' | b';' | b')' | b'!' | b'?' | b'\\')
    });
    let said = said || quote;
    if looks_secret(part(text, start, close), said) {
        // `The password is Winter26!`: nobody knows whether the sign is of the sentence.
        let close = run(text, close, 8, |byte| {
            byte == b'!' || (quote && matches!(byte, b'.' | b'?' | b',' | b';' | b')'))
        });
        return found.add(start, close, Kind::Password, Evidence::Label);
    }
    // What else runs into it: `the passcode is 471108;…`. A date is none, and a bare word before a delimiter is a label.
    let head = run(text, start, 128, |byte| {
        PROSE_BYTES.has(byte) || (!said && matches!(byte, b':' | b'='))
    });
    let is_date = head <= start + 4 && at(text, head) == b'/';
    if head < close && !is_date && looks_secret(part(text, start, head), said) {
        found.add(start, head, Kind::Password, Evidence::Label);
    }
}

/// A word with a digit and a letter or sign, or a number of four digits and more; no label, address, date or URL.
fn looks_secret(value: &[u8], said: bool) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let signs = value.len() - digits - letters;
    let is_other = value.iter().any(|byte| matches!(byte, b'=' | b':' | b'(' | b'[' | b'{'))
        || (value.contains(&b'@') && value.contains(&b'.'))
        || value.contains(&b'/')
        // A date, a version, an ID.
        || letters == 0 && signs > 0
        || value.len() >= 32;
    let mixed = digits > 0 && letters > 0 && value.len() >= 6;
    let special = said
        && letters > 0
        && value.len() >= 6
        && value
            .iter()
            .any(|byte| matches!(byte, b'!' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*'));
    !is_other && (mixed || special || (digits == value.len() && (4..=16).contains(&digits)))
}

/// PuTTY's `Private-Lines: N` and the N lines behind it.
pub(in crate::scan) fn putty(found: &mut Found<'_>, end: usize) {
    let text = found.text;
    let digits = run(text, end, 3, |byte| byte.is_ascii_digit());
    let count = part(text, end, digits)
        .iter()
        .fold(0_usize, |sum, byte| sum * 10 + usize::from(byte - b'0'));
    let line = run(text, digits, 3, is_blank);
    let start = run(text, line, 2, |byte| matches!(byte, b'\r' | b'\n'));
    // Behind the number nothing stands on its line; and what is hidden already has not as many lines any more.
    if start == line || part(text, start, text.len()).starts_with(MASK) {
        return;
    }
    let mut close = start;
    for _ in 0..count {
        close = match memchr::memchr(b'\n', part(text, close, text.len().min(close + 256))) {
            Some(newline) => close + newline + 1,
            None => text.len().min(close + 256),
        };
    }
    let close = run_back(text, close, 2, |byte| matches!(byte, b'\r' | b'\n'));
    found.add(start, close, Kind::PrivateKey, Evidence::Label);
}

/// A value behind a label that another attribute gave.
pub(in crate::scan) fn labelled(found: &mut Found<'_>, label: &Label<'_>, delimiter: usize) {
    match meaning::of(label) {
        Some(meaning @ (Meaning::Password | Meaning::Token | Meaning::SessionId)) => {
            secret::labelled(found, meaning, label, delimiter);
        }
        Some(meaning @ Meaning::Phone) => super::phone::labelled(found, meaning, delimiter),
        Some(Meaning::Person) => {
            if let Some(value) = crate::scan::value::behind(found.text, delimiter) {
                people::person(found, value, delimiter);
            }
        }
        _ => {}
    }
}
