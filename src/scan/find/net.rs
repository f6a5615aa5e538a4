//! IPv6 and MAC addresses, colon-separated fingerprints, host names of the provider's own domains.

use std::net::Ipv6Addr;

use crate::scan::bytes::{at, before, is_alnum, is_word, part, run, run_back};
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
    if index - start > 4 || before(text, start) == b':' {
        return; // looked at from its first colon
    }
    // A SHA-512 fingerprint has 191 characters.
    let end = run(text, index, 200, |byte| byte.is_ascii_hexdigit() || byte == b':');
    if is_word(before(text, start)) || is_alnum(at(text, end)) {
        return;
    }
    let token = part(text, start, end);
    if is_pairs(token, b':') {
        let kind = match token.len() {
            17 => Kind::MacAddress,
            // SHA-1, SHA-224 and longer; serial numbers have 8 to 20 octets.
            23.. => Kind::Fingerprint,
            _ => return,
        };
        return found.add(start, end, kind, Evidence::Shape);
    }
    v6(found, start, end);
}

fn is_pairs(token: &[u8], separator: u8) -> bool {
    token.len() % 3 == 2
        && token.iter().enumerate().all(|(index, byte)| {
            if index % 3 == 2 {
                *byte == separator
            } else {
                byte.is_ascii_hexdigit()
            }
        })
}

fn v6(found: &mut Found<'_>, start: usize, mut end: usize) {
    let text = found.text;
    if end - start > 39 {
        return;
    }
    // `::ffff:192.0.2.1`
    if at(text, end) == b'.' {
        end = run(text, end, 16, |byte| byte.is_ascii_digit() || byte == b'.');
        end = run_back(text, end, 1, |byte| byte == b'.');
    }
    // A colon at the end belongs to the sentence.
    let token = part(text, start, end);
    if token.ends_with(b":") && !token.ends_with(b"::") {
        end -= 1;
    }
    let token = part(text, start, end);
    let Ok(name) = std::str::from_utf8(token) else {
        return;
    };
    // `::` and `a::b` (a scope in source code) are no evidence of an address; without two colons in a row an address
    // has eight groups, or six and an IPv4 address.
    let colons = memchr::memchr_iter(b':', token).count();
    let telling = token.iter().any(u8::is_ascii_digit)
        && (colons >= 6 || (colons >= 2 && memchr::memmem::find(token, b"::").is_some()))
        && token.len() > 2;
    if telling && name.parse::<Ipv6Addr>().is_ok() {
        found.add(start, end, Kind::IpAddress, Evidence::Shape);
    }
}

/// A MAC address behind a label: with hyphens, with Cisco's dots, or twelve digits.
pub(in crate::scan) fn labelled_mac(found: &mut Found<'_>, delimiter: usize) {
    let text = found.text;
    let Some(value) = value::behind(text, delimiter) else {
        return;
    };
    let end = run(text, value.start, 18, |byte| {
        byte.is_ascii_hexdigit() || matches!(byte, b':' | b'-' | b'.')
    });
    let digits = part(text, value.start, end)
        .iter()
        .filter(|byte| byte.is_ascii_hexdigit())
        .count();
    if digits == 12 && !is_word(at(text, end)) {
        found.add(value.start, end, Kind::MacAddress, Evidence::Label);
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
