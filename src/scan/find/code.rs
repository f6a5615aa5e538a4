//! Error codes: `[Error 10022]`, `errorCode: 5302`, `BATCH-1017017`, `Fehlercode 200016`.

use crate::scan::bytes::{at, before, is_alnum, is_blank, is_word, part, run, run_back};
use crate::scan::engine::Found;
use crate::scan::value::Value;
use crate::scan::{Evidence, Kind};

/// `[Error NNNN]`, `[Informational NNNN]` of BroadWorks.
pub(in crate::scan) fn bracket(found: &mut Found<'_>, end: usize) {
    let close = run(found.text, end, 8, |byte| byte.is_ascii_digit());
    if at(found.text, close) == b']' {
        found.add(end, close, Kind::ErrorCode, Evidence::Label);
    }
}

/// `BATCH-1017017`, `ATLAS-600199`, `WXC-4201`.
pub(in crate::scan) fn dashed(found: &mut Found<'_>, start: usize, end: usize) {
    let close = run(found.text, end, 9, |byte| byte.is_ascii_digit());
    // `WXC-12345-67897` is a longer name.
    if close > end
        && close - end <= 8
        && !is_word(at(found.text, close))
        && at(found.text, close) != b'-'
        && !is_word(before(found.text, start))
        && before(found.text, start) != b'-'
    {
        found.add(start, close, Kind::ErrorCode, Evidence::Prefix);
    }
}

/// "error code 200016", "Fehlercode 200016", "kod pogreške 100006" without a delimiter.
pub(in crate::scan) fn prose(found: &mut Found<'_>, end: usize) {
    let text = found.text;
    let start = run(text, end, 16, |byte| {
        matches!(
            byte,
            b' ' | b'#' | b's' | b'n' | b'(' | b'"' | b'\'' | b':' | b'*'
        )
    });
    let start = behind_verb(text, start);
    let close = run(text, start, 9, |byte| byte.is_ascii_digit());
    if close > start
        && (3..=8).contains(&(close - start))
        && !is_word(at(text, close))
        && !is_word(before(text, start))
    {
        found.add(start, close, Kind::ErrorCode, Evidence::Label);
    }
}

/// Behind a dash that stands alone, or the verb of a sentence in the five languages: "the error code is 7007".
fn behind_verb(text: &[u8], start: usize) -> usize {
    let end = run(text, start, 8, |byte| {
        byte.is_ascii_lowercase() || byte == b'-' || byte >= 0x80
    });
    let is_verb = matches!(
        part(text, start, end),
        b"-" | b"is" | b"was" | b"ist" | b"war" | b"lautet" | b"je" | b"er" | b"var" | b"era" | [0xc3, 0xa8]
    );
    // A word of its own: not the end of one, whose `s` or `n` the run before may have taken ("codes").
    if is_verb && is_blank(before(text, start)) && is_blank(at(text, end)) {
        end + 1
    } else {
        start
    }
}

/// "Error 8001", "Fehler: 8001", "Pogreška 8001": a number of at least four digits that is no year and counts nothing.
pub(in crate::scan) fn numbered(found: &mut Found<'_>, end: usize) {
    let text = found.text;
    // "Errore", "pogreška", "greške"
    let word = end + usize::from(matches!(at(text, end), b'e' | b'a' | b'u'));
    let start = run(text, word, 3, |byte| matches!(byte, b' ' | b':' | b'#'));
    let close = run(text, start, 9, |byte| byte.is_ascii_digit());
    let digits = part(text, start, close);
    if start == word
        || !(4..=8).contains(&digits.len())
        || (digits.len() == 4 && (digits.starts_with(b"19") || digits.starts_with(b"20")))
        || is_word(at(text, close))
        || (matches!(at(text, close), b'.' | b',' | b':' | b'-' | b'/') && is_word(at(text, close + 1)))
    {
        return;
    }
    let next = run(text, close, 1, is_blank);
    let unit = part(text, next, run(text, next, 12, |byte| byte.is_ascii_alphabetic()));
    if !UNITS.contains(&unit) {
        found.add(start, close, Kind::ErrorCode, Evidence::Shape);
    }
}

/// What a number counts, and is then no code.
const UNITS: &[&[u8]] = &[
    b"ms", b"s", b"sec", b"secs", b"seconds", b"us", b"ns", b"B", b"bytes", b"KB", b"kB", b"MB", b"times",
    b"rows", b"lines", b"records",
];

/// A value behind `errorCode` (any number or dashed code), or behind the bare word `code` (`strict`: long enough not
/// to be an HTTP status, or dashed).
pub(super) fn labelled(found: &mut Found<'_>, value: Value, strict: bool) {
    let text = found.text;
    // An array: `"errorCodes": [5302]`
    let mut start = run(text, value.start, 4, |byte| {
        matches!(byte, b'[' | b'"' | b' ' | b'(')
    });
    if part(text, start, start + 6).eq_ignore_ascii_case(b"error ") {
        start += 6;
    }
    let end = run(text, start, 24, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
    });
    let code = part(text, start, end);
    let digits = code.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let head = part(code, 0, code.len() - digits);
    let numeric = head.is_empty() && (if strict { 4..=8 } else { 1..=9 }).contains(&digits);
    let dashed = matches!(head, [first, .., b'-'] if first.is_ascii_uppercase())
        && part(head, 0, head.len() - 1)
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && (1..=9).contains(&digits);
    // `[2001:db8::1]`: an address.
    let colons = run(text, end, 40, |byte| byte.is_ascii_hexdigit() || byte == b':');
    let is_address = memchr::memchr_iter(b':', part(text, end, colons))
        .nth(1)
        .is_some();
    if (numeric || dashed)
        && !is_alnum(at(text, end))
        && !is_address
        && run_back(text, start, 1, is_word) == start
    {
        let evidence = if strict && dashed {
            Evidence::Prefix
        } else {
            Evidence::Label
        };
        found.add(start, end, Kind::ErrorCode, evidence);
    }
}
