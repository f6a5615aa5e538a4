//! Error codes: `[Error 10022]`, `errorCode: 5302`, `BATCH-1017017`, `Fehlercode 200016`.

use crate::scan::bytes::{at, before, is_alnum, is_word, part, run, run_back};
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
    let close = run(text, start, 9, |byte| byte.is_ascii_digit());
    if close > start
        && (3..=8).contains(&(close - start))
        && !is_word(at(text, close))
        && !is_word(before(text, start))
    {
        found.add(start, close, Kind::ErrorCode, Evidence::Label);
    }
}

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
    if (numeric || dashed) && !is_alnum(at(text, end)) && run_back(text, start, 1, is_word) == start {
        let evidence = if strict && dashed {
            Evidence::Prefix
        } else {
            Evidence::Label
        };
        found.add(start, end, Kind::ErrorCode, evidence);
    }
}
