//! Four numbers behind the name of what has a version: `Firmware 12.0.5.1`, `Java 11.0.20.1`, `Chrome/120.0.0.0`.

use crate::scan::bytes::{before, part, run_back};

/// Only of what has versions is this said.
const VERSIONED: &[&str] = &[
    "firmware", "fw", "software", "jre", "jdk", "openjdk", "revision", "hotfix", "bios", "treiber", "driver",
];
/// Also the name of a host or of a peer: these have a version where the number is no private address, and begins as low as
/// their versions do.
const PRODUCTS: &[&str] = &[
    "java",
    "oracle",
    "jabber",
    "anyconnect",
    "opera",
    "edge",
    "client",
];
/// Products of user agents whose versions have four numbers.
const BROWSERS: &[&str] = &[
    "chrome",
    "chromium",
    "headlesschrome",
    "crios",
    "edg",
    "edga",
    "edgios",
    "opr",
    "electron",
    "brave",
];

/// Whether what stands in front of the four numbers at `start` makes them a version.
pub(super) fn is_named(text: &[u8], start: usize, major: u32) -> bool {
    /// Versions that are stated so begin with the year at most.
    const HIGHEST: u32 = 50;
    let sign = before(text, start);
    if !matches!(sign, b' ' | b'/' | b'-' | b'"' | b':' | b'=' | b'\t') {
        return false;
    }
    let gap = if sign == b'/' {
        start - 1
    } else {
        run_back(text, start, 3, |byte| {
            matches!(byte, b' ' | b'-' | b'"' | b':' | b'=' | b'\t')
        })
    };
    let word = run_back(text, gap, 16, |byte| byte.is_ascii_alphabetic());
    let word = part(text, word, gap);
    let is = |list: &[&str]| {
        list.iter()
            .any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
    };
    if sign == b'/' {
        return is(BROWSERS);
    }
    // Of the private networks (RFC 1918) only one begins so low.
    is(VERSIONED) || (start - gap == 1 && major < HIGHEST && major != 10 && (is(PRODUCTS) || is(BROWSERS)))
}
