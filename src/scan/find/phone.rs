//! Phone numbers: E.164, behind a label, in `tel:` and SIP URIs.

use crate::scan::bytes::{at, before, is_alnum, is_behind_escape, part, run, run_back};
use crate::scan::engine::Found;
use crate::scan::meaning::Meaning;
use crate::scan::value;
use crate::scan::{Evidence, Kind};

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'.' | b'(' | b')' | b'/')
}

/// Fewest digits of a number without a label.
const LEAST: usize = 7;

/// A digit, a separator, or the percent sign of an escaped one.
fn may_be_of_number(byte: u8) -> bool {
    byte.is_ascii_digit() || is_separator(byte) || byte == b'%'
}

/// Where a number ends that begins at `start`, and how many digits it has: none when it has more than `most`, or when one
/// of `bad` or a letter stands behind it, unless its first words have `least` digits. Two separators in a row end it, except around brackets; so does a blank, a bracket
/// or a stroke behind which it would become too long, end badly, or run into a date, a time or an address.
fn number_end(text: &[u8], start: usize, [least, most]: [usize; 2], bad: &[u8]) -> (usize, usize) {
    let (mut digits, mut end, mut index, mut gap) = (0, start, start, 0);
    let mut so_far = (start, 0);
    while index < start + 40 {
        let byte = at(text, index);
        if byte.is_ascii_digit() {
            if digits == most {
                return so_far;
            }
            digits += 1;
            gap = 0;
            end = index + 1;
        } else if is_separator(byte) {
            gap += 1;
            let bracket = matches!(byte, b'(' | b')') || matches!(before(text, index), b'(' | b')');
            if gap > 1 && !bracket || gap > 3 {
                break;
            }
            if matches!(byte, b' ' | b'(' | b')' | b'/') && digits >= least {
                so_far = (end, digits);
                if is_date_or_address(text, index + 1) {
                    break;
                }
            }
        } else if byte == b'%' && part(text, index, index + 3) == b"%20" {
            gap += 1;
            index += 2;
        } else {
            break;
        }
        index += 1;
    }
    let (next, behind) = (at(text, end), at(text, end + 1));
    // `030 5550100: no answer` is a number, `10:30` is none; nothing so long is a time, a host's port or a label.
    let is_bad = bad.contains(&next)
        && match next {
            // Groups of an address have at most four digits.
            b':' if digits > 4 => false,
            b':' => is_alnum(behind) || behind == b':',
            b'=' => digits < LEAST,
            _ => true,
        };
    if is_alnum(next) || next == b'_' || is_bad {
        return so_far;
    }
    (end, digits)
}

/// Whether the digits at `start` begin a date (`2026-01-31`, `31.01.2026`), a time (`12:30`) or an IPv4 address.
fn is_date_or_address(text: &[u8], start: usize) -> bool {
    let digits = |from: usize, most: usize| run(text, from, most, |byte| byte.is_ascii_digit()) - from;
    let (mut index, mut groups, mut sign) = (start, 0, 0);
    loop {
        let length = digits(index, 5);
        let goes_on = at(text, index + length);
        groups += 1;
        if !matches!(length, 1..=4) || groups > 4 {
            return false;
        }
        if goes_on == b':' && groups == 1 {
            return length <= 2 && at(text, index + length + 1).is_ascii_digit();
        }
        let joined = matches!(goes_on, b'.' | b'-' | b'/')
            && (groups == 1 || goes_on == sign)
            && at(text, index + length + 1).is_ascii_digit();
        if !joined {
            let year = || digits(start, 5) == 4 || length == 4;
            return groups == 4 && sign == b'.' || groups == 3 && year();
        }
        sign = goes_on;
        index += length + 1;
    }
}

/// A plus sign (or `%2B`) before digits: E.164 has seven to fifteen.
pub(in crate::scan) fn plus(found: &mut Found<'_>, start: usize, after: usize) {
    let text = found.text;
    let left = before(text, start);
    if left == b'+' {
        return;
    }
    let (end, digits) = number_end(text, after, [LEAST, 15], b"");
    let first = at(text, after);
    if !(LEAST..=15).contains(&digits) || first == b'0' && digits < 9 {
        return;
    }
    // Behind a letter or a digit, `\n` aside, a number that nobody has parted by hand: in base64, behind a time, behind
    // an ID.
    let glued = is_alnum(left) && !is_behind_escape(text, start);
    if glued && part(text, after, end).iter().all(u8::is_ascii_digit) {
        return;
    }
    // `+0000 2024-…`: an offset that a date follows.
    if at(text, after + 4) == b' '
        && digits > 7
        && part(text, after, after + 4).iter().all(u8::is_ascii_digit)
        && matches!(first, b'0' | b'1')
        && matches!(left, b' ')
        && before(text, start - 1).is_ascii_digit()
    {
        return;
    }
    found.add(start, end, Kind::Phone, Evidence::Shape);
}

/// Words that say of the number right behind them that it is one to be dialled; in lower case.
const PHONES: &[&str] = &[
    "phone",
    "telephone",
    "telefon",
    "telefonnummer",
    "telefonnummeret",
    "tel",
    "mobile",
    "mobil",
    "mobiltelefon",
    "mobilnummer",
    "handy",
    "rufnummer",
    "telefono",
    "cellulare",
    "telefona",
    "mobitel",
    "mobitela",
    "fax",
    "telefax",
    "faks",
    "tlf",
    "mob",
    "cell",
    "gsm",
    "handynr",
    "rufnr",
];
/// Words that say of a national number (with its leading zero) in the same phrase that it was dialled.
const CALLS: &[&str] = &[
    "call",
    "called",
    "calls",
    "caller",
    "calling",
    "dial",
    "dialed",
    "dialled",
    "dialing",
    "rang",
    "anruf",
    "anrufer",
    "anrufe",
    "angerufen",
    "anrufen",
    "rief",
    "rückruf",
    "Rückruf",
    "poziv",
    "poziva",
    "pozvao",
    "nazvao",
    "nazvala",
    "zvao",
    "ringte",
    "ringe",
    "ringer",
    "anrop",
    "oppringning",
    "chiamata",
    "chiamato",
    "chiamate",
    "chiama",
];
/// Words between a phone word and a number that make it some other number.
const OTHERS: &[&str] = &[
    "id", "ids", "ticket", "case", "order", "session", "index", "size", "port", "count", "code", "error",
    "after", "duration", "line", "version", "build", "model", "pid", "seq",
];

/// A number without a label, in a sentence: `called 030 5550100 twice`, `Anruf von 030 5550100`, `Tel. 22 55 50 10`.
/// Its digits begin at `start`, behind a blank or a bracket.
pub(in crate::scan) fn spoken(found: &mut Found<'_>, start: usize) {
    let text = found.text;
    // Most numbers are short, or a date.
    let head = part(text, start, start + LEAST);
    if head.len() < LEAST || !head.iter().all(|&byte| may_be_of_number(byte)) {
        return;
    }
    let zero = at(text, start) == b'0';
    let year = matches!(part(text, start, start + 2), b"19" | b"20")
        && matches!(at(text, start + 4), b'-' | b'.' | b'/');
    if year {
        return;
    }
    let (end, digits) = number_end(text, start, [LEAST, 15], b":@%=");
    if !(LEAST..=15).contains(&digits)
        // A date or a version.
        || memchr::memchr(b'.', part(text, start, end)).is_some()
    {
        return;
    }
    let open = run_back(text, start, 1, |byte| byte == b'(');
    // `22 55 50 10`
    let parted = digits == 8 && memchr::memchr_iter(b' ', part(text, start, end)).count() >= 2;
    if is_said_to_be_dialled(part(text, open.saturating_sub(48), open), zero || parted) {
        found.add(open, end, Kind::Phone, Evidence::Label);
    }
}

/// Whether the words of `before`, from the last one on, name a phone or (with a leading zero) a call.
fn is_said_to_be_dialled(before: &[u8], zero: bool) -> bool {
    let phrase = before
        .iter()
        .rposition(|byte| {
            matches!(
                byte,
                b'\n' | b',' | b';' | b'|' | b'"' | b'=' | b']' | b'}' | b'\\'
            )
        })
        .map_or(before, |stop| {
            let from = stop + 1 + usize::from(is_behind_escape(before, stop + 2));
            part(before, from, before.len())
        });
    let mut words = phrase
        .split(|&byte| !is_alnum(byte))
        .rev()
        .filter(|word| !word.is_empty());
    let is_number = |word: &[u8]| word.iter().all(u8::is_ascii_digit);
    let is = |list: &[&str], word: &[u8]| {
        list.iter()
            .any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
    };
    let Some(last) = words.next() else { return false };
    if is(PHONES, last) {
        return true;
    }
    zero && [last]
        .into_iter()
        .chain(words)
        // "Anruf von 030 5550100 an 030 5550101"
        .filter(|word| !is_number(word))
        .take(4)
        .take_while(|word| !is(OTHERS, word) && !word.iter().any(u8::is_ascii_digit))
        .any(|word| is(PHONES, word) || is(CALLS, word))
}

/// A number behind a label, or of a `tel:` URI.
pub(in crate::scan) fn labelled(found: &mut Found<'_>, meaning: Meaning, delimiter: usize) {
    let text = found.text;
    let Some(value) = value::behind(text, delimiter) else {
        return;
    };
    let mut start = value.start;
    if part(text, start, start + 4).eq_ignore_ascii_case(b"tel:") {
        start += 4;
    }
    let from = start;
    if at(text, start) == b'+' {
        start += 1;
    }
    let least = match meaning {
        Meaning::Extension => 2,
        Meaning::TelUri => 3,
        _ => 4,
    };
    let (end, digits) = number_end(text, start, [least, 20], b":@");
    if digits >= least {
        // An opening bracket belongs to the number.
        let from = run_back(text, from, 1, |byte| byte == b'(');
        found.add(from, end, Kind::Phone, Evidence::Label);
    }
}

/// The name between the quotation marks that close before `end`, in front of an address.
pub(super) fn quoted_name(found: &mut Found<'_>, end: usize) {
    let text = found.text;
    let close = run_back(text, end - 1, 4, |byte| byte == b'\\');
    let name = run_back(text, close, 80, |byte| byte != b'"' && byte != b'\n');
    if before(text, name) == b'"' && name < close {
        let has_letter = part(text, name, close)
            .iter()
            .any(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80);
        let kind = if has_letter { Kind::PersonName } else { Kind::Phone };
        found.add(name, close, kind, Evidence::Prefix);
    }
}

/// `sip:5008@host` is found by its sign; here the display name in front of it, and a number without a host.
pub(in crate::scan) fn sip_uri(found: &mut Found<'_>, delimiter: usize) {
    let text = found.text;
    let scheme = run_back(text, delimiter, 4, |byte| byte.is_ascii_alphabetic());
    let open = run_back(text, scheme, 1, |byte| byte == b'<');
    if open == scheme {
        return;
    }
    let gap = run_back(text, open, 2, |byte| byte == b' ');
    if before(text, gap) == b'"' {
        return quoted_name(found, gap);
    }
    // `From: Bob Marley <sip:`
    let name = run_back(text, gap, 60, |byte| {
        is_alnum(byte) || matches!(byte, b' ' | b'.' | b'-' | b'\'')
    });
    let name = name + run(text, name, 60, |byte| byte == b' ') - name;
    let has_letter = part(text, name, gap)
        .iter()
        .any(|byte| !byte.is_ascii_digit() && is_alnum(*byte));
    if name < gap && has_letter && before(text, run_back(text, name, 4, |byte| byte == b' ')) == b':' {
        found.add(name, gap, Kind::PersonName, Evidence::Prefix);
    }
}
