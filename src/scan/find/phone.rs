//! Phone numbers: E.164, behind a label, in `tel:` and SIP URIs.

use crate::scan::bytes::{at, before, is_alnum, is_behind_escape, part, run, run_back};
use crate::scan::engine::Found;
use crate::scan::meaning::Meaning;
use crate::scan::value::{self, Value};
use crate::scan::{Evidence, Kind};

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'.' | b'(' | b')' | b'/')
}

/// Fewest digits of a number without a label.
pub(super) const LEAST: usize = 7;

/// A digit, a separator, or the percent sign of an escaped one.
pub(super) fn may_be_of_number(byte: u8) -> bool {
    byte.is_ascii_digit() || is_separator(byte) || byte == b'%'
}

/// Where a number ends that begins at `start`, and how many digits it has: none when it has more than `most`, or when one
/// of `bad` or a letter stands behind it, unless its first words have `least` digits. Two separators in a row end it, except
/// around brackets and the first stroke (`030 / 5550 1000`); so does a blank, a bracket or a stroke behind which it would
/// become too long, end badly, or run into a date, a time or an address.
pub(super) fn number_end(text: &[u8], start: usize, [least, most]: [usize; 2], bad: &[u8]) -> (usize, usize) {
    let (mut digits, mut end, mut index, mut gap) = (0, start, start, 0);
    let (mut so_far, mut parted) = ((start, 0), false);
    while index < start + 40 {
        let byte = at(text, index);
        if !parted && is_parted(text, index, digits) {
            // The blanks are seen as one separator with it.
            (parted, index) = (true, index + 2);
            gap = 0;
        }
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

/// Whether a stroke between blanks stands at `index`, with digits on both sides, and those before it are of an area.
fn is_parted(text: &[u8], index: usize, digits: usize) -> bool {
    (2..LEAST).contains(&digits)
        && part(text, index, index + 3) == b" / "
        && at(text, index + 3).is_ascii_digit()
}

/// A number that an IPv4 address runs into (`+4930555010192.0.2.17`): nobody can tell where it ends, and it hides nothing to
/// take both.
fn with_address(text: &[u8], start: usize) -> (usize, usize) {
    let digits = |from: usize, most: usize| run(text, from, most, |byte| byte.is_ascii_digit());
    let mut end = digits(start, 16);
    let length = end - start;
    for _ in 0..3 {
        let next = digits(end + 1, 4);
        if at(text, end) != b'.' || !(1..=3).contains(&(next - end - 1)) {
            return (start, 0);
        }
        end = next;
    }
    (end, length)
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
    let (end, digits) = match number_end(text, after, [LEAST, 15], b"") {
        (_, 0) => with_address(text, after),
        number => number,
    };
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

/// A number behind a label that may name anybody or anything: a national one with its leading zero, or, of the `party` of a
/// call, any; never a date or an address.
pub(super) fn of_somebody(found: &mut Found<'_>, value: Value, party: bool) {
    const SHORTEST: usize = 3;
    let text = found.text;
    let first = run(text, value.start, 1, |byte| byte == b'(');
    let least = if party { SHORTEST } else { LEAST };
    if (at(text, first) != b'0' && !party) || is_date_or_address(text, first) {
        return;
    }
    let (end, digits) = number_end(text, value.start, [least, 20], b":@%=");
    if digits >= least && !(value.quoted && end != value.end) {
        found.add(value.start, end, Kind::Phone, Evidence::Label);
    }
}

/// `Nummer: 0043 1 5550100`: behind a label that counts anything, the prefix of an international number (ITU-T E.164 has no
/// country code that begins with a zero).
pub(in crate::scan) fn international(found: &mut Found<'_>, delimiter: usize) {
    /// Two zeros, a country code and a number.
    const SHORTEST: usize = 10;
    let text = found.text;
    let Some(value) = value::behind(text, delimiter) else {
        return;
    };
    let prefix =
        part(text, value.start, value.start + 2) == b"00" && matches!(at(text, value.start + 2), b'1'..=b'9');
    let (end, digits) = number_end(text, value.start, [SHORTEST, 17], b":@%=");
    if prefix && digits >= SHORTEST {
        found.add(value.start, end, Kind::Phone, Evidence::Label);
    }
}
