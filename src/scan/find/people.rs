//! Names of people: behind a label that says so, behind one that may name anybody or anything, in front of an address.

use crate::scan::bytes::{at, before, is_alnum, part, run, run_back};
use crate::scan::engine::Found;
use crate::scan::value::{self, Value};
use crate::scan::{Evidence, Kind};
use crate::scan::{label, meaning};

use super::mail::is_placeholder;
use super::{phone, prose, time};

mod shape;

pub(super) use shape::{Wanted, full_name, name};

/// `To: Ana Horvat <ana@…>, "Ivo" <ivo@…>`: the name in front of the address that opens at `open`.
pub(super) fn recipient(found: &mut Found<'_>, open: usize) {
    let text = found.text;
    let gap = run_back(text, open, 2, |byte| byte == b' ');
    if before(text, gap) == b'"' {
        return quoted_name(found, gap);
    }
    // `'Ivo Ivić' <`
    let gap = run_back(text, gap, 1, |byte| byte == b'\'');
    let from = run_back(text, gap, 60, |byte| {
        is_alnum(byte) || matches!(byte, b' ' | b'.' | b'-' | b'\'')
    });
    let name = run(text, from, 60, |byte| matches!(byte, b' ' | b'\''));
    let is_name = |word: &[u8]| {
        word.first()
            .is_some_and(|byte| byte.is_ascii_uppercase() || *byte >= 0x80)
    };
    let mut words = part(text, name, gap)
        .split(|&byte| byte == b' ')
        .filter(|word| !word.is_empty());
    let names = words.clone().take(5).count();
    if matches!(before(text, from), b':' | b',' | b';') && (2..5).contains(&names) && words.all(is_name) {
        return found.add(name, gap, Kind::PersonName, Evidence::Prefix);
    }
    // `… schrieb Jörg Müßig <`: the longest full name that ends there.
    let start = (name..gap)
        .filter(|&index| index == name || before(text, index) == b' ')
        .find(|&index| full_name(text, index) == Some(gap));
    if let Some(start) = start {
        found.add(start, gap, Kind::PersonName, Evidence::Prefix);
    }
}

/// The name between the quotation marks that close before `end`, in front of an address.
fn quoted_name(found: &mut Found<'_>, end: usize) {
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

/// Longer than any login name: where one is cut, what is left of the word runs into its pseudonym.
const LONGEST_LOGIN: usize = 4096;

/// A login name behind a label.
pub(super) fn user_name(found: &mut Found<'_>, value: Value) {
    let text = found.text;
    let is_name = |byte: u8| is_alnum(byte) || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'$');
    let mut end = run(text, value.start, LONGEST_LOGIN, is_name);
    // `EXAMPLE\dahl`, but no escaped quotation mark or line break.
    let is_break = matches!(at(text, end + 1), b'n' | b'r' | b't') && !at(text, end + 2).is_ascii_lowercase();
    if at(text, end) == b'\\' && is_alnum(at(text, end + 1)) && !is_break {
        let user = run(text, end + 1, 64, is_name);
        // `dahl\njorg@example.net`
        end = if at(text, user) == b'@' { end } else { user };
    }
    // The end of the sentence.
    if at(text, end) != b'@' {
        end = run_back(text, end, 64, |byte| matches!(byte, b'.' | b'-')).max(value.start);
    }
    // `User name: Ana Horvat`
    end = full_name(text, value.start).map_or(end, |full| full.max(end));
    let name = part(text, value.start, end);
    // An address is found by its sign.
    if at(text, end) == b'@' || name.len() < 2 || is_placeholder(name) {
        return;
    }
    found.add(value.start, end, Kind::PersonName, Evidence::Label);
}

/// A person's name behind a label: up to five words that begin with letters.
pub(super) fn person(found: &mut Found<'_>, value: Value, delimiter: usize) {
    let text = found.text;
    let end = if value.quoted {
        value.end
    } else {
        unquoted_name_end(text, value.start, at(text, delimiter) == b'=')
    };
    let name = part(text, value.start, end);
    if name.len() > 120
        || is_placeholder(name)
        || !name
            .iter()
            .any(|&byte| byte.is_ascii_alphabetic() || byte >= 0x80)
    {
        return;
    }
    found.add(value.start, end, Kind::PersonName, Evidence::Label);
}

/// Words up to a separator: in `key=value` text two blanks or a further key end the name, else the line.
fn unquoted_name_end(text: &[u8], start: usize, assigned: bool) -> usize {
    let is_name = |byte: u8| is_alnum(byte) || matches!(byte, b' ' | b'.' | b'\'' | b'-' | b'`');
    let mut end = run(text, start, 80, is_name);
    if part(text, start, end).windows(2).any(|pair| pair == b"  ") {
        let gap = part(text, start, end)
            .windows(2)
            .position(|pair| pair == b"  ")
            .unwrap_or(0);
        end = start + gap;
    }
    // `firstName=Ana lastName=Horvat`, `Name: Ana Mail: …`: the word before a delimiter is the next label.
    // `Caller name: Ana Horvat: no answer` has no label there: one has a meaning, or no capital.
    if matches!(at(text, end), b'=' | b':') {
        let word = run_back(text, end, 80, |byte| !matches!(byte, b' ' | b'\'')).max(start);
        let small = at(text, word).is_ascii_lowercase() && before(text, word) != b'\'';
        if small || meaning::of(&label::of_range(text, word, end)).is_some() {
            end = word;
        } else if at(text, end) == b':' && part(text, word, end).iter().all(u8::is_ascii_digit) {
            // `Ana Horvat Nov 22 07:24:25`
            let day = run_back(text, word, 2, |byte| byte == b' ');
            end = time::month_day_start(text, day).unwrap_or(word).max(start);
        }
    }
    if assigned {
        // One word, or words that all begin with a capital letter.
        let mut stop = start;
        for word in part(text, start, end).split_inclusive(|&byte| byte == b' ') {
            let capital = word
                .first()
                .is_some_and(|byte| byte.is_ascii_uppercase() || *byte >= 0x80);
            // `?lastName=Horvat HTTP/1.1`
            if stop > start && (!capital || word.starts_with(b"HTTP")) {
                break;
            }
            stop += word.len();
        }
        end = stop;
    }
    run_back(text, end, 80, |byte| matches!(byte, b' ' | b'.' | b'-' | b'\'')).max(start)
}

/// The value behind a label that may name anybody or anything (`Contact:`, `User:`, `From:`): one that looks like the
/// full name of a person, or like a number that is dialled; behind the label of a `party` of a call also a short one.
pub(in crate::scan) fn somebody(found: &mut Found<'_>, party: bool, delimiter: usize) {
    /// Most names in a list.
    const LIST: usize = 16;
    let text = found.text;
    let Some(value) = value::behind(text, delimiter) else {
        return;
    };
    if matches!(at(text, value.start), b'0'..=b'9' | b'(') {
        return phone::of_somebody(found, value, party);
    }
    if at(text, delimiter) == b'=' {
        let label = run_back(text, delimiter, 12, |byte| byte.is_ascii_alphabetic());
        let is = |known: &&[u8]| part(text, label, delimiter).eq_ignore_ascii_case(known);
        // `cn=Ana Horvat,ou=people`; the subject of a certificate has a blank there.
        if is(&&b"cn"[..]) && !full_name(text, value.start).is_some_and(|end| is_directory(text, end)) {
            return;
        }
        if LOGINS.iter().any(is) && is_login(text, value) {
            return found.add(value.start, value.end, Kind::PersonName, Evidence::Label);
        }
    }
    let mut start = value.start;
    for _ in 0..LIST {
        let end = match full_name(text, start) {
            // In quotation marks or a tag stands the name alone.
            Some(end) if value.quoted && end != run_back(text, value.end, 8, |byte| byte == b' ') => return,
            Some(end) => {
                found.add(start, end, Kind::PersonName, Evidence::Label);
                end
            }
            // `To: Service Desk; Horvat, Ana`
            None => run(text, start, 64, |byte| {
                is_alnum(byte) || matches!(byte, b' ' | b'.' | b'-')
            }),
        };
        start = run(text, end, 3, |byte| matches!(byte, b',' | b';' | b' ' | b'&'));
        if start < end + 2 || at(text, start - 1) != b' ' || value.quoted {
            return;
        }
    }
}

/// Labels of accounts (`user=ahorvat`).
const LOGINS: [&[u8]; 5] = [b"user", b"benutzer", b"korisnik", b"bruker", b"utente"];

/// Whether the name that ends at `end` is of a directory's entry.
fn is_directory(text: &[u8], end: usize) -> bool {
    ["ou=", "dc=", "cn=", "o="].iter().any(|next| {
        part(text, end, end + 1) == b","
            && part(text, end + 1, end + 1 + next.len()).eq_ignore_ascii_case(next.as_bytes())
    })
}

/// Whether a value is the login of a person: a word of small letters, perhaps with a few digits and dots, no account of a
/// system and nothing that only says what a login is.
pub(super) fn is_login(text: &[u8], value: Value) -> bool {
    const NOBODY: &[&str] = &[
        "admin",
        "administrator",
        "anonymous",
        "apache",
        "backup",
        "bin",
        "bworks",
        "bwadmin",
        "bwcli",
        "cron",
        "daemon",
        "default",
        "empty",
        "ftp",
        "git",
        "guest",
        "httpd",
        "id",
        "int",
        "integer",
        "invalid",
        "jboss",
        "ldap",
        "localhost",
        "mail",
        "missing",
        "mysql",
        "nginx",
        "nobody",
        "number",
        "operator",
        "optional",
        "phone",
        "ip",
        "dialstring",
        "oracle",
        "postgres",
        "redis",
        "required",
        "root",
        "service",
        "sshd",
        "string",
        "sudo",
        "support",
        "syslog",
        "system",
        "systemd",
        "test",
        "tomcat",
        "user",
        "username",
        "userid",
        "uuid",
        "value",
        "webapp",
        "www",
        "www-data",
    ];
    let login = value.of(text);
    let word =
        |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-');
    let digits = login.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = login.iter().filter(|byte| byte.is_ascii_lowercase()).count();
    (3..=32).contains(&login.len())
        && login.first().is_some_and(u8::is_ascii_lowercase)
        && login.iter().all(word)
        && letters >= 3
        && digits <= 4
        && !login.starts_with(b"name-")
        && !is_placeholder(login)
        && !NOBODY.iter().any(|nobody| nobody.as_bytes() == login)
        && !matches!(at(text, value.end), b'(' | b'@' | b'[' | b'{')
}

/// `called by Ana Horvat`, `Reported by Ivo Ivić`: a person does these; `by ` ends before `end`.
pub(in crate::scan) fn done_by(found: &mut Found<'_>, start: usize, end: usize) {
    /// The stems; most of what is signed, issued or sent is so by a machine.
    const DONE: &[&str] = &[
        "call", "report", "rais", "open", "request", "submitt", "escalat", "phon", "contact",
    ];
    let text = found.text;
    let stem = run_back(text, start, 12, |byte| byte.is_ascii_alphabetic());
    let is_done = |known: &&str| part(text, stem, start).eq_ignore_ascii_case(known.as_bytes());
    if !DONE.iter().any(is_done) {
        return;
    }
    // A title is looked for by itself.
    if !prose::is_title(text, end)
        && let Some(close) = full_name(text, end)
    {
        found.add(end, close, Kind::PersonName, Evidence::Label);
    }
}

/// `192.0.2.17 - ana.horvat [22/Nov/2026:07:24:25 +0100]`: who was logged in, in the common format of web servers, in front of
/// the bracket at `open`.
pub(super) fn of_request(found: &mut Found<'_>, open: usize) {
    let text = found.text;
    // Nearly always nobody is.
    if before(text, open) != b' ' || before(text, open - 1) == b'-' {
        return;
    }
    let end = open - 1;
    let start = run_back(text, end, 64, |byte| {
        byte > b' ' && !matches!(byte, b'"' | b'[' | b']')
    });
    let name = part(text, start, end);
    let is_login = name.iter().any(u8::is_ascii_alphabetic) && memchr::memchr(b'@', name).is_none();
    if is_login && part(text, start.saturating_sub(3), start) == b" - " && !is_placeholder(name) {
        found.add(start, end, Kind::PersonName, Evidence::Label);
    }
}
