//! IPv6 and MAC addresses, colon-separated fingerprints, host names of the provider's own domains.

use std::net::Ipv6Addr;

use crate::scan::bytes::{at, before, is_alnum, is_inside_word, is_word, part, run, run_back};
use crate::scan::engine::Found;
use crate::scan::value;
use crate::scan::{Evidence, Kind};

/// A colon between hexadecimal digits or colons.
pub(in crate::scan) fn colon(found: &mut Found<'_>, index: usize) {
    let text = found.text;
    // Whatever it is, a second colon follows the next group.
    let group = run(text, index + 1, 5, |byte| byte.is_ascii_hexdigit());
    if at(text, group) != b':' {
        return;
    }
    // Groups have at most four digits.
    let start = run_back(text, index, 5, |byte| byte.is_ascii_hexdigit());
    if index - start > 4
        || (before(text, start) == b':' && (start == index || follows_group(text, start - 1)))
    {
        return; // looked at from its first colon
    }
    if is_inside_word(text, start) {
        return;
    }
    // A SHA-512 fingerprint has 191 characters.
    let mut end = run(text, index, 200, |byte| byte.is_ascii_hexdigit() || byte == b':');
    // `…:a1:called`: a word follows, which may begin like a group.
    if is_alnum(at(text, end)) {
        end = run_back(text, end, 200, |byte| byte != b':').max(start);
    }
    // A colon at the end belongs to the sentence.
    if part(text, start, end).ends_with(b":") && !part(text, start, end).ends_with(b"::") {
        end -= 1;
    }
    let pairs = pairs_end(text, start, end);
    if pairs < end {
        if v6(found, start, end) {
            return;
        }
        // `…:a1:5061`: the last group is another value's.
        let group = run_back(text, end, 200, |byte| byte != b':');
        let head = group.saturating_sub(1).max(start);
        if group < end && before(text, head) != b':' && v6(found, start, head) {
            return;
        }
    }
    let kind = match pairs - start {
        17 => Kind::MacAddress,
        FRAME if part(text, start.saturating_sub(4), start) == b"MAC=" => Kind::MacAddress,
        // SHA-1, SHA-224 and longer; serial numbers have 8 to 20 octets.
        23.. => Kind::Fingerprint,
        _ => return,
    };
    found.stamp_end = found.stamp_end.max(pairs);
    found.add(start, pairs, kind, Evidence::Shape);
}

/// Both addresses and the type of a frame, as the kernel's packet filter writes them: fourteen octets.
const FRAME: usize = 41;

/// Whether the colon at `colon` follows a group of hexadecimal digits, or another colon: then it is of the same value as
/// what stands behind it. `5550100:02:00:…` and `host:02:00:…` are two values.
fn follows_group(text: &[u8], colon: usize) -> bool {
    let group = run_back(text, colon, 5, |byte| byte.is_ascii_hexdigit());
    match colon - group {
        0 => before(text, colon) == b':',
        1..=4 => !is_inside_word(text, group) && before(text, group) != b'.',
        _ => false,
    }
}

/// Where the pairs of digits end that begin at `start` with a colon between them.
pub(super) fn pairs_end(text: &[u8], start: usize, end: usize) -> usize {
    let is_pair = |from: usize| {
        from + 2 <= end
            && part(text, from, from + 2).iter().all(u8::is_ascii_hexdigit)
            && !at(text, from + 2).is_ascii_hexdigit()
    };
    if !is_pair(start) {
        return start;
    }
    let mut index = start + 2;
    while at(text, index) == b':' && is_pair(index + 1) {
        index += 3;
    }
    index
}

fn v6(found: &mut Found<'_>, start: usize, mut end: usize) -> bool {
    let text = found.text;
    if end - start > 39 {
        return false;
    }
    // `::ffff:192.0.2.1`
    if at(text, end) == b'.' {
        end = run(text, end, 16, |byte| byte.is_ascii_digit() || byte == b'.');
        end = run_back(text, end, 1, |byte| byte == b'.');
    }
    let token = part(text, start, end);
    let Ok(name) = std::str::from_utf8(token) else {
        return false;
    };
    // `::` and `a::b` (a scope in source code) are no evidence of an address; without two colons in a row an address
    // has eight groups, or six and an IPv4 address.
    let colons = memchr::memchr_iter(b':', token).count();
    let telling = token.iter().any(u8::is_ascii_digit)
        && (colons >= 6 || (colons >= 2 && memchr::memmem::find(token, b"::").is_some()))
        && token.len() > 2;
    let is_address = telling && name.parse::<Ipv6Addr>().is_ok();
    if is_address {
        // `2001:db8::dahl`: the digits of a word behind it would run into those of its pseudonym.
        if at(text, end).is_ascii_hexdigit() {
            end = run(text, end, 4096, is_alnum);
        }
        // Its other colons are looked at with it.
        found.stamp_end = found.stamp_end.max(end);
        found.add(start, end, Kind::IpAddress, Evidence::Shape);
    }
    is_address
}

/// A MAC address behind a label: with hyphens, with Cisco's dots, or twelve digits.
pub(in crate::scan) fn labelled_mac(found: &mut Found<'_>, delimiter: usize) {
    const DIGITS: usize = 12;
    let text = found.text;
    let Some(value) = value::behind(text, delimiter) else {
        return;
    };
    let end = run(text, value.start, 18, |byte| {
        byte.is_ascii_hexdigit() || matches!(byte, b':' | b'-' | b'.')
    });
    // It is found by its shape.
    if pairs_end(text, value.start, text.len().min(value.start + FRAME + 1)) == value.start + FRAME {
        return;
    }
    let mut digits = part(text, value.start, end)
        .iter()
        .enumerate()
        .filter(|(_, byte)| byte.is_ascii_hexdigit());
    if let Some((last, _)) = digits.nth(DIGITS - 1)
        && !is_word(at(text, value.start + last + 1))
    {
        found.add(
            value.start,
            value.start + last + 1,
            Kind::MacAddress,
            Evidence::Label,
        );
    }
}

/// `02-00-5E-10-00-01`: a hyphen that may be the first of a MAC address in the form of IEEE 802.
pub(in crate::scan) fn pairs(found: &mut Found<'_>, dash: usize) {
    const LENGTH: usize = 17;
    let text = found.text;
    let Some(start) = dash.checked_sub(2) else { return };
    let address = part(text, start, start + LENGTH);
    let fits = |(place, byte): (usize, &u8)| match place % 3 {
        2 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    let end = start + LENGTH;
    let goes_on = |sign: u8, beyond: u8| is_word(sign) || (sign == b'-' && beyond.is_ascii_hexdigit());
    let is_part = (is_inside_word(text, start) || before(text, start) == b'-')
        || goes_on(at(text, end), at(text, end + 1));
    let fits = address.len() == LENGTH && address.iter().enumerate().all(fits);
    if fits && !is_part && !is_moment(address) {
        found.stamp_end = found.stamp_end.max(end);
        found.add(start, end, Kind::MacAddress, Evidence::Shape);
    }
}

/// `26-11-22-07-24-25` may be a time: year, month, day, hour, minute, second.
fn is_moment(pairs: &[u8]) -> bool {
    let number = |place: usize| {
        let pair = part(pairs, place * 3, place * 3 + 2);
        pair.iter()
            .all(u8::is_ascii_digit)
            .then(|| pair.iter().fold(0, |sum, byte| sum * 10 + u32::from(byte - b'0')))
    };
    [0..=99, 1..=12, 1..=31, 0..=23, 0..=59, 0..=60]
        .iter()
        .enumerate()
        .all(|(place, range)| number(place).is_some_and(|number| range.contains(&number)))
}

/// `0200.5e10.0001`: a dot that may be the first of a MAC address as Cisco writes it.
pub(in crate::scan) fn fours(found: &mut Found<'_>, dot: usize) -> bool {
    const LENGTH: usize = 14;
    let text = found.text;
    let Some(start) = dot.checked_sub(4) else {
        return false;
    };
    let end = start + LENGTH;
    let address = part(text, start, end);
    let fits = |(place, byte): (usize, &u8)| match place % 5 {
        4 => *byte == b'.',
        _ => byte.is_ascii_hexdigit(),
    };
    let is_part = is_inside_word(text, start)
        || matches!(before(text, start), b'.' | b'-')
        || is_word(at(text, end))
        || (at(text, end) == b'.' && is_alnum(at(text, end + 1)));
    // Digits alone are an amount or a version.
    let has_letter = address.iter().any(u8::is_ascii_alphabetic);
    let is_address =
        address.len() == LENGTH && address.iter().enumerate().all(fits) && has_letter && !is_part;
    if is_address {
        found.stamp_end = found.stamp_end.max(end);
        found.add(start, end, Kind::MacAddress, Evidence::Shape);
    }
    is_address
}

/// `SEP02005E100001`: the name of a Cisco phone is its MAC address, whose digits begin at `start`.
pub(super) fn phone_name(found: &mut Found<'_>, start: usize) {
    const DIGITS: usize = 12;
    let text = found.text;
    let name = start.wrapping_sub(3);
    if before(text, start) != b'P' || !matches!(part(text, name, start), b"SEP") || is_inside_word(text, name)
    {
        return;
    }
    let end = run(text, start, DIGITS + 1, |byte| byte.is_ascii_hexdigit());
    if end - start == DIGITS && !is_word(at(text, end)) {
        found.add(name, end, Kind::MacAddress, Evidence::Prefix);
    }
}

/// Names that end with one of the provider's domains.
pub(in crate::scan) fn own_hosts(found: &mut Found<'_>, domains: &[String]) {
    let text = found.text;
    for domain in domains {
        let domain = domain.trim_matches('.').to_ascii_lowercase();
        let Some(&first) = domain.as_bytes().first() else {
            continue;
        };
        for start in memchr::memchr2_iter(first, first.to_ascii_uppercase(), text) {
            let end = start + domain.len();
            if !part(text, start, end).eq_ignore_ascii_case(domain.as_bytes()) {
                continue;
            }
            let follows = at(text, end);
            if is_word(follows) || follows == b'-' || (follows == b'.' && is_alnum(at(text, end + 1))) {
                continue;
            }
            if !(before(text, start) == b'.'
                || !(is_word(before(text, start)) || before(text, start) == b'-'))
            {
                continue;
            }
            let from = run_back(text, start, 200, |byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
            });
            // The domain of an address belongs to the address.
            if before(text, from) != b'@' {
                found.add(from, end, Kind::HostName, Evidence::Label);
            }
        }
    }
}
