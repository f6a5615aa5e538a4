//! Versions: Webex App and SDK, BroadWorks releases and patches, Control Hub builds; and IPv4 addresses, which look
//! like versions. Context decides.

use crate::scan::bytes::{at, before, is_alnum, is_behind_escape, is_word, part, run, run_back};
use crate::scan::engine::Found;
use crate::scan::label::{self, Label, squash};
use crate::scan::meaning::{self, Meaning};
use crate::scan::value::Value;
use crate::scan::{Evidence, Kind};

mod named;

/// A run of numbers with dots.
struct Dotted {
    start: usize,
    end: usize,
    parts: [u32; 4],
    count: usize,
}

/// The run around the dot at `dot`, when this is its first dot and it has two to four parts.
fn run_around(text: &[u8], dot: usize) -> Option<Dotted> {
    let start = run_back(text, dot, 9, |byte| byte.is_ascii_digit());
    if start == dot || matches!(before(text, start), b'.' | b'0'..=b'9') {
        return None;
    }
    let (mut parts, mut count, mut index) = ([0_u32; 4], 0, start);
    loop {
        let end = run(text, index, 9, |byte| byte.is_ascii_digit());
        if end == index || end - index > 8 {
            return None;
        }
        let number = part(text, index, end)
            .iter()
            .fold(0_u32, |sum, byte| sum * 10 + u32::from(byte - b'0'));
        *parts.get_mut(count)? = number;
        count += 1;
        if at(text, end) == b'.' && at(text, end + 1).is_ascii_digit() {
            index = end + 1;
        } else {
            return (count >= 2).then_some(Dotted {
                start,
                end,
                parts,
                count,
            });
        }
    }
}

/// A dot behind a digit.
pub(in crate::scan) fn dotted(found: &mut Found<'_>, dot: usize) {
    let text = found.text;
    if !at(text, dot + 1).is_ascii_digit() {
        return;
    }
    let Some(run) = run_around(text, dot) else { return };
    // Its other dots are looked at with it.
    found.stamp_end = found.stamp_end.max(run.end);
    // A date; no version begins so high.
    if matches!(run.parts, [1000..=u32::MAX, ..]) && run.count < 4 {
        return;
    }
    if is_alnum(at(text, run.end)) && !matches!(at(text, run.end), b'v' | b'V' | b'-') {
        return;
    }
    let left = before(text, run.start);
    // `v44.3`; else a word that runs into the number is not a version.
    let marked = matches!(left, b'v' | b'V') && !is_alnum(before(text, run.start - 1));
    if is_word(left) && left != b'_' && !marked && !is_behind_escape(text, run.start) {
        return;
    }
    // Seconds with a fraction, times, amounts: never worth a look at their context.
    if run.count < 4
        && (left == b':' || at(text, run.end) == b':' || at(text, run.end) == b'%')
        && left != b' '
        && !run_is_client(&run)
    {
        return;
    }
    let telling = label::telling_before_value(text, run.start);
    let meaning = telling.as_ref().and_then(meaning::of);
    if let Some(evidence) = client(text, &run, telling.as_ref(), meaning) {
        return found.add(run.start, run.end, Kind::ClientVersion, evidence);
    }
    if run.count == 4 && run.parts.iter().all(|&part| part <= 255) && !is_versioned(text, &run, meaning) {
        found.add(run.start, run.end, Kind::IpAddress, Evidence::Shape);
    }
}

/// Webex App versions are year, month, patch, build since 2019 (39.x).
fn run_is_client(run: &Dotted) -> bool {
    let [year, month, ..] = run.parts;
    (39..=60).contains(&year) && (1..=12).contains(&month)
}

/// A version as somebody may have mistyped it.
fn run_may_be_client(run: &Dotted) -> bool {
    let [year, month, ..] = run.parts;
    (39..=60).contains(&year) && month <= 99
}

fn says_version(phrase: &[u8]) -> bool {
    ["version", "verzij", "inacic", "versjon"]
        .iter()
        .any(|word| memchr::memmem::find(phrase, word.as_bytes()).is_some())
}

/// `telling` is the label in front that may have a meaning, and its meaning.
fn client(
    text: &[u8],
    run: &Dotted,
    telling: Option<&Label<'_>>,
    meaning: Option<Meaning>,
) -> Option<Evidence> {
    if before(text, run.start) == b'/' && is_webex_product(text, run.start - 1) {
        return Some(Evidence::Prefix);
    }
    let [_, _, patch, build] = run.parts;
    let full = run_is_client(run) && run.count == 4 && patch <= 99;
    // "Webex" is no label, but says enough of a number that looks like a version.
    let any = if telling.is_none() && run_may_be_client(run) {
        label::before_value(text, run.start)
    } else {
        None
    };
    if let Some(label) = telling.or(any.as_ref()) {
        let squashed = label.squashed();
        let name = squashed.name();
        match meaning.or_else(|| any.as_ref().and_then(meaning::of)) {
            Some(Meaning::Version) if run_is_client(run) && (full || says_webex(name)) => {
                return Some(Evidence::Label);
            }
            Some(Meaning::Version) if is_client_label(name) => return Some(Evidence::Label),
            Some(Meaning::Ip) => return None,
            _ => {}
        }
        // Said to be one, although there is no such month: what is wrong with it is for others to say.
        if run_may_be_client(run) && says_webex(name) && says_version(name) {
            return Some(Evidence::Label);
        }
        if run_is_client(run) && says_webex(name) {
            return Some(Evidence::Label);
        }
    }
    // Four parts with a build beyond 255: nothing else looks so.
    (full && build > 255 && build < 1_000_000).then_some(Evidence::Shape)
}

fn is_client_label(name: &[u8]) -> bool {
    [
        "client",
        "app",
        "sdk",
        "webex",
        "klijent",
        "klient",
        "kunden",
        "anwendung",
        "aplikacij",
        "applicazion",
    ]
    .iter()
    .any(|stem| memchr::memmem::find(name, stem.as_bytes()).is_some())
}

/// `sparkwindows/44.3`, `webex/2.38.0`, `WebexTeams/…`: the product of a user agent before the slash at `slash`.
fn is_webex_product(text: &[u8], slash: usize) -> bool {
    let start = run_back(text, slash, 40, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
    });
    let product = part(text, start, slash);
    let first = product.iter().find(|byte| byte.is_ascii_alphanumeric());
    if !first.is_some_and(|byte| matches!(byte | 0x20, b'w' | b'c' | b's' | b't')) {
        return false;
    }
    let mut name = [0; 40];
    let length = squash(product, &mut name);
    let name = part(&name, 0, length);
    name.starts_with(b"webex")
        || name.starts_with(b"ciscowebex")
        || [
            "windows", "mac", "osx", "ios", "android", "web", "linux", "desktop", "mobile",
        ]
        .iter()
        .any(|system| {
            name.strip_prefix(b"spark")
                .or_else(|| name.strip_prefix(b"teams"))
                .is_some_and(|rest| rest.starts_with(system.as_bytes()))
        })
        || name == b"wx2"
        || name == b"webexcalling"
}

/// Words that may stand between "Webex" and its version, longest first.
const BETWEEN: &[&str] = &[
    "applikasjonen",
    "applicazione",
    "applikation",
    "aplikacija",
    "aplikacije",
    "aplikaciju",
    "anwendung",
    "inacica",
    "inacice",
    "versione",
    "versjonen",
    "verzija",
    "verzije",
    "verziju",
    "versjon",
    "version",
    "desktop",
    "windows",
    "android",
    "meetings",
    "klienten",
    "klijent",
    "klient",
    "client",
    "mobile",
    "macos",
    "linux",
    "build",
    "cisco",
    "teams",
    "suite",
    "appen",
    "64bit",
    "32bit",
    "appn",
    "app",
    "ios",
    "mac",
    "for",
    "fur",
    "per",
    "pour",
    "auf",
    "der",
    "die",
    "das",
    "den",
    "the",
    "ist",
    "ver",
    "x64",
    "su",
    "na",
    "pa",
    "til",
    "za",
    "on",
    "in",
    "im",
    "is",
    "je",
    "er",
    "di",
    "v",
    "e",
    "i",
    "u",
    "a",
];

/// Whether the phrase says "Webex", and after it nothing but words of a version.
fn says_webex(phrase: &[u8]) -> bool {
    let Some(webex) = memchr::memmem::rfind(phrase, b"webex") else {
        return false;
    };
    let mut rest = phrase.get(webex + 5..).unwrap_or_default();
    while !rest.is_empty() {
        match BETWEEN.iter().find(|word| rest.starts_with(word.as_bytes())) {
            Some(word) => rest = rest.get(word.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    true
}

/// Whether four numbers up to 255 are a version because a label says so.
fn is_versioned(text: &[u8], run: &Dotted, meaning: Option<Meaning>) -> bool {
    let left = before(text, run.start);
    if left == b'_' || (matches!(left, b'v' | b'V') && !is_alnum(before(text, run.start - 1))) {
        return true;
    }
    // "RFC 5280 section 4.1.2.5", also as the anchor of a URL.
    let heading = part(text, run.start.saturating_sub(8), run.start.saturating_sub(1));
    if matches!(left, b'-' | b' ' | b'.') && heading.eq_ignore_ascii_case(b"section") {
        return true;
    }
    let [major, ..] = run.parts;
    matches!(
        meaning,
        Some(Meaning::Version | Meaning::Release | Meaning::Build)
    ) || named::is_named(text, run.start, major)
}

/// `YYYYMMDD-xxxxxxx`: a build of Control Hub.
pub(super) fn build(found: &mut Found<'_>, start: usize) -> bool {
    let text = found.text;
    if at(text, start + 8) != b'-' {
        return false;
    }
    let date = part(text, start, start + 8);
    if date.len() != 8 || !date.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let end = run(
        text,
        start + 9,
        9,
        |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
    );
    let number = |from: usize, to: usize| {
        part(date, from, to)
            .iter()
            .fold(0_u32, |sum, byte| sum * 10 + u32::from(byte - b'0'))
    };
    let plausible = (2014..2100).contains(&number(0, 4))
        && (1..=12).contains(&number(4, 6))
        && (1..=31).contains(&number(6, 8));
    if end - (start + 9) != 7 || is_word(at(text, end)) || at(text, end) == b'-' || !plausible {
        return false;
    }
    let labelled = label::before_value(text, start).as_ref().and_then(meaning::of) == Some(Meaning::Build);
    found.add(
        start,
        end,
        Kind::ControlHubBuild,
        if labelled {
            Evidence::Label
        } else {
            Evidence::Shape
        },
    );
    true
}

fn is_release_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

/// `Rel_24.0_1.944`, `MS_Rel_2022.11_1.273`, `AS-25_Rel_2022.12`.
pub(in crate::scan) fn release(found: &mut Found<'_>, at_rel: usize) {
    let text = found.text;
    let numbers = at_rel + 4;
    if !at(text, numbers).is_ascii_digit() {
        return;
    }
    let start = run_back(text, at_rel, 24, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
    });
    let end = run(text, numbers, 24, |byte| {
        byte.is_ascii_digit() || matches!(byte, b'_' | b'.')
    });
    let end = run_back(text, end, 4, |byte| matches!(byte, b'_' | b'.'));
    found.add(start, end, Kind::BroadworksRelease, Evidence::Prefix);
}

/// `AP.as.24.0.944.ap384177`
pub(in crate::scan) fn patch(found: &mut Found<'_>, start: usize) {
    let text = found.text;
    let end = run(text, start, 64, |byte| {
        byte.is_ascii_alphanumeric() || byte == b'.'
    });
    let end = run_back(text, end, 4, |byte| byte == b'.');
    let name = part(text, start, end);
    let is_patch = memchr::memmem::rfind(name, b".ap").is_some_and(|dot| {
        let number = name.get(dot + 3..).unwrap_or_default();
        number.len() >= 3 && number.iter().all(u8::is_ascii_digit)
    });
    if is_patch && !is_word(before(text, start)) {
        found.add(start, end, Kind::BroadworksRelease, Evidence::Prefix);
    }
}

/// `Xsi-Events-24_2021.05_1.251.bwar`
pub(in crate::scan) fn bwar(found: &mut Found<'_>, start: usize) {
    let text = found.text;
    let from = run_back(text, start, 64, is_release_byte);
    if from < start
        && part(text, from, start).iter().any(u8::is_ascii_digit)
        && !is_alnum(at(text, start + 5))
    {
        found.add(from, start + 5, Kind::BroadworksRelease, Evidence::Prefix);
    }
}

/// "BroadWorks Release 24.0", "BroadWorks R25", "BroadWorks-Version 24.sp1": what follows the word.
pub(in crate::scan) fn broadworks(found: &mut Found<'_>, end: usize) {
    let text = found.text;
    let words = run(text, end, 36, |byte| {
        byte.is_ascii_alphabetic() || matches!(byte, b' ' | b'-' | b':' | b'=') || byte >= 0x80
    });
    let mut squashed = [0; 36];
    let length = squash(part(text, end, words), &mut squashed);
    let between = part(&squashed, 0, length);
    let known = [
        "",
        "r",
        "release",
        "rel",
        "version",
        "releases",
        "versjon",
        "utgave",
        "utgivelse",
        "versione",
        "rilascio",
        "verzija",
        "verzije",
        "izdanje",
        "izdanja",
        "inacica",
        "asrelease",
        "xsprelease",
        "serverrelease",
        "serverversion",
        "serverversjon",
        "appserver",
        "releaser",
        "versionr",
        "applicationserverrelease",
        "softwareversion",
        "releaseversion",
    ];
    if !known.iter().any(|word| word.as_bytes() == between) || words == end {
        return;
    }
    release_number(found, words);
}

/// A release behind a label.
pub(super) fn labelled_release(found: &mut Found<'_>, value: Value) {
    let start = if matches!(at(found.text, value.start), b'R' | b'r') {
        value.start + 1
    } else {
        value.start
    };
    release_number(found, start);
}

/// 17 to 40, perhaps `.0`, `.sp1`, `.0.944`, and what the number has in front (`R`).
fn release_number(found: &mut Found<'_>, number: usize) {
    let text = found.text;
    let major_end = run(text, number, 3, |byte| byte.is_ascii_digit());
    let major = part(text, number, major_end);
    if major.len() != 2 || !(b"17"..=b"40").contains(&<&[u8; 2]>::try_from(major).unwrap_or(b"00")) {
        return;
    }
    let end = run(text, major_end, 24, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_')
    });
    let end = run_back(text, end, 4, |byte| matches!(byte, b'.' | b'_'));
    let tail = part(text, major_end, end);
    let plain = tail.is_empty()
        || tail.starts_with(b"sp")
        || (matches!(tail.first(), Some(b'.' | b'_'))
            && tail
                .iter()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b's' | b'p')));
    if !plain || is_word(at(text, end)) || matches!(at(text, end), b'%' | b'/' | b':') {
        return;
    }
    let start = if matches!(before(text, number), b'R' | b'r') && !is_alnum(before(text, number - 1)) {
        number - 1
    } else {
        number
    };
    found.add(start, end, Kind::BroadworksRelease, Evidence::Label);
}
