//! Who speaks in a chat export, and who wrote what a letter quotes.

use crate::scan::bytes::{at, before, part, run, run_back};
use crate::scan::engine::Found;
use crate::scan::{Evidence, Kind};

use super::people::{Wanted, full_name, name};

fn two_digits(text: &[u8], start: usize) -> bool {
    at(text, start).is_ascii_digit()
        && at(text, start + 1).is_ascii_digit()
        && !at(text, start + 2).is_ascii_digit()
}

/// What stands around a time of day whose first colon is at `colon`: `[10:12] Ana Horvat: …`, `Ana Horvat 10:12 AM`,
/// `am 2.11. um 10:00 schrieb Thomas Müller:`.
pub(in crate::scan) fn around_time(found: &mut Found<'_>, colon: usize) {
    let text = found.text;
    if !two_digits(text, colon + 1) {
        return;
    }
    let mut end = colon + 3;
    if at(text, end) == b':' && two_digits(text, end + 1) {
        end += 3;
    }
    // Most are of a log: a fraction follows, or a word in small letters.
    let first = at(text, end);
    let next = at(text, end + 1);
    let may = match first {
        b' ' => {
            next.is_ascii_uppercase()
                || next >= 0x80
                || matches!(next, b's' | b'a' | b'p' | b'-' | b'|' | b' ')
        }
        b'\t' | b']' | b')' | b'\n' | b'\r' => true,
        b',' => !next.is_ascii_digit(),
        _ => false,
    };
    let hour = run_back(text, colon, 3, |byte| byte.is_ascii_digit());
    if !may || !(1..=2).contains(&(colon - hour)) || matches!(before(text, hour), b':' | b'.') {
        return;
    }
    let end = behind_half(text, end);
    let closed = run(text, end, 1, |byte| matches!(byte, b']' | b')'));
    let rest = run(text, closed, 2, |byte| byte == b' ');
    if matches!(at(text, rest), b'\n' | b'\r') {
        return in_front(found, hour);
    }
    behind(found, closed, closed > end);
}

/// Behind `AM`, `PM` or `Uhr`.
fn behind_half(text: &[u8], end: usize) -> usize {
    let start = run(text, end, 3, |byte| byte == b' ' || byte >= 0x80);
    for word in [&b"AM"[..], b"PM", b"am", b"pm", b"a.m.", b"p.m.", b"Uhr"] {
        let close = start + word.len();
        if part(text, start, close) == word && !at(text, close).is_ascii_alphanumeric() {
            return close;
        }
    }
    end
}

/// The speaker on whose line nothing but a time follows; its hours begin at `hour`.
fn in_front(found: &mut Found<'_>, hour: usize) {
    /// Most bytes of the line in front of the time, and of those behind the name.
    const LINE: usize = 80;
    const BETWEEN: usize = 28;
    let text = found.text;
    let line = run_back(text, hour, LINE, |byte| byte != b'\n');
    let start = run(text, line, 4, |byte| matches!(byte, b' ' | b'>' | b'*' | b'['));
    if before(text, line) != b'\n' || start + 5 > hour {
        return;
    }
    let Some(close) = full_name(text, start).filter(|&close| close < hour) else {
        return;
    };
    let between = part(text, close, hour);
    let letters = between.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let parted = matches!(between, [b' ' | b',' | b'\t' | b'*', ..]);
    if parted && between.len() <= BETWEEN && letters <= 12 {
        found.add(start, close, Kind::PersonName, Evidence::Label);
    }
}

/// Words between a time and who wrote then.
const WROTE: &[&[u8]] = &[b"schrieb ", b"skrev ", b"scrisse ", b"wrote "];

/// The speaker behind a time that ends at `end`.
fn behind(found: &mut Found<'_>, end: usize, bracket: bool) {
    let text = found.text;
    // An en dash is of three bytes.
    let mut start = run(text, end, 6, |byte| {
        matches!(
            byte,
            b' ' | b'\t' | b',' | b'-' | b'|' | b']' | 0xe2 | 0x80 | 0x93 | 0x94
        )
    });
    if start == end {
        return;
    }
    if let Some(word) = WROTE
        .iter()
        .find(|word| part(text, start, start + word.len()) == **word)
    {
        start += word.len();
    }
    if at(text, start).is_ascii_lowercase() {
        return;
    }
    let Some(close) = name(text, start, Wanted::Speaker) else {
        return;
    };
    let follows = at(text, close) == b':'
        || (bracket && part(text, close, close + 2) == b" (")
        || VERBS
            .iter()
            .any(|verb| part(text, close, close + verb.len()) == *verb);
    if follows {
        found.add(start, close, Kind::PersonName, Evidence::Label);
    }
}

/// What says behind a name that its bearer wrote.
const VERBS: &[&[u8]] = &[
    b" wrote",
    b" schrieb",
    b" hat geschrieben",
    b" ha scritto",
    b" je napisa",
    b" napisao",
    b" napisala",
    b" skrev",
];

/// `Ana Horvat wrote:`, `Mario Rossi ha scritto:`: the name in the label `start..delimiter`.
pub(in crate::scan) fn wrote(found: &mut Found<'_>, start: usize, delimiter: usize) {
    let text = found.text;
    let mut word = start;
    while word < delimiter {
        if let Some(close) = full_name(text, word)
            && VERBS
                .iter()
                .any(|verb| part(text, close, close + verb.len()) == *verb)
        {
            return found.add(word, close, Kind::PersonName, Evidence::Label);
        }
        word = run(text, word, delimiter - word, |byte| byte != b' ') + 1;
    }
}
