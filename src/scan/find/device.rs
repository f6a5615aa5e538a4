//! Passwords that commands and configurations of routers, Windows and a few servers hold without a label.

use crate::scan::bytes::{at, before, is_alnum, is_blank, line_end, part, run, run_back};
use crate::scan::engine::Found;
use crate::scan::{Evidence, Kind};

use super::command::{argument, option_value};
use super::mail::is_placeholder;

/// How far on a line is read.
const LINE: usize = 300;
/// Most arguments that are looked at.
const ARGUMENTS: usize = 12;

/// The arguments from `from` on, without their quotation marks, up to the end of the command.
fn arguments(text: &[u8], from: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
    let end = line_end(text, from, LINE);
    let mut index = from;
    std::iter::from_fn(move || {
        let start = run(text, index, 16, is_blank);
        if start >= end || matches!(at(text, start), b'|' | b';') {
            return None;
        }
        // `\\\\server\\share` is no escaped quotation mark.
        let (open, close) = if at(text, start) == b'\\' {
            (start, run(text, start, LINE, |byte| byte > b' '))
        } else {
            argument(text, start)?
        };
        index = if open > start { close + 1 } else { close };
        (close <= end).then_some((open, close))
    })
    .take(ARGUMENTS)
}

fn add(found: &mut Found<'_>, (start, end): (usize, usize)) {
    if !is_placeholder(part(found.text, start, end)) && at(found.text, start) != b'$' {
        found.add(start, end, Kind::Password, Evidence::Label);
    }
}

/// `snmp-server community VALUE ro`, `snmpwalk -v2c -c VALUE host`, `snmp-server host 192.0.2.1 version 2c VALUE`.
pub(in crate::scan) fn snmp(found: &mut Found<'_>, start: usize, end: usize) {
    const OF_HOST: &[&[u8]] = &[
        b"traps", b"informs", b"version", b"1", b"2c", b"3", b"auth", b"noauth", b"priv",
    ];
    let text = found.text;
    let close = run(text, end, 24, |byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !is_blank(at(text, close)) || is_alnum(before(text, start)) {
        return;
    }
    if part(text, end, close) != b"-server" && part(text, end, close) != b"" {
        // The program: its options.
        let line = line_end(text, close, LINE);
        for option in [&b" -c "[..], b" -A ", b" -X "] {
            if let Some(at) = memchr::memmem::find(part(text, close, line), option) {
                option_value(found, close + at + option.len());
            }
        }
        return;
    }
    let words: Vec<_> = arguments(text, close).collect();
    let is = |&(start, end): &(usize, usize), word: &[u8]| part(text, start, end) == word;
    let mut rest = words
        .iter()
        .skip_while(|word| !is(word, b"community") && !is(word, b"host"));
    let Some(first) = rest.next() else { return };
    let value = if is(first, b"community") {
        // "snmp community string is wrong"
        rest.next().filter(|value| {
            ![&b"string"[..], b"is", b"name", b"was", b"strings"]
                .iter()
                .any(|word| is(value, word))
        })
    } else {
        rest.nth(1)
            .into_iter()
            .chain(rest)
            .find(|word| !OF_HOST.iter().any(|known| is(word, known)))
    };
    if let Some(value) = value {
        add(found, *value);
    }
}

/// `ConvertTo-SecureString -String "VALUE" -AsPlainText -Force`
pub(in crate::scan) fn secure_string(found: &mut Found<'_>, end: usize) {
    let text = found.text;
    if !is_blank(at(text, end)) {
        return;
    }
    let value = arguments(text, end).find(|&(start, _)| at(text, start) != b'-');
    if let Some((start, end)) = value
        && !matches!(at(text, start), b'(' | b')' | b'|')
    {
        add(found, (start, end));
    }
}

/// `net use Z: \\server\share VALUE /user:name`, `net use … /user:name VALUE`, `net user name VALUE /add`.
pub(in crate::scan) fn net_use(found: &mut Found<'_>, start: usize, end: usize) {
    let text = found.text;
    if is_alnum(before(text, start)) {
        return;
    }
    let close = run(text, end, 4, |byte| byte.is_ascii_lowercase());
    let words: Vec<_> = arguments(text, close).collect();
    let first = |&(start, _): &(usize, usize)| at(text, start);
    let is_value = |word: &&(usize, usize)| {
        !matches!(first(word), b'/' | b'*' | b'\\') && !part(text, word.0, word.1).ends_with(b":")
    };
    match part(text, end, close) {
        b"se" => {
            let user = |word: &(usize, usize)| part(text, word.0, word.0 + 6).eq_ignore_ascii_case(b"/user:");
            let share = |word: &(usize, usize)| first(word) == b'\\';
            for index in (0..words.len())
                .filter(|&index| words.get(index).is_some_and(|word| user(word) || share(word)))
            {
                if let Some(value) = words.get(index + 1).filter(is_value) {
                    add(found, *value);
                }
            }
        }
        b"ser" if words.iter().skip(2).any(|word| first(word) == b'/') => {
            if let Some(value) = words.get(1).filter(is_value) {
                add(found, *value);
            }
        }
        _ => {}
    }
}

/// `redis-cli -h host -a VALUE`
pub(in crate::scan) fn redis(found: &mut Found<'_>, end: usize) {
    let text = found.text;
    let line = line_end(text, end, LINE);
    if let Some(at) = memchr::memmem::find(part(text, end, line), b" -a ") {
        option_value(found, end + at + 4);
    }
}

/// `htpasswd -b file user VALUE`, `htpasswd -nb user VALUE`
pub(in crate::scan) fn htpasswd(found: &mut Found<'_>, end: usize) {
    let text = found.text;
    let close = run(text, end, 4, |byte| byte.is_ascii_lowercase());
    let (mut direct, mut no_file) = (false, false);
    let mut rest = arguments(text, close)
        .skip_while(|&(start, end)| {
            let option = part(text, start, end);
            let is_option = option.starts_with(b"-");
            direct |= is_option && option.contains(&b'b');
            no_file |= is_option && option.contains(&b'n');
            is_option
        })
        .collect::<Vec<_>>()
        .into_iter();
    if let Some(value) = rest.nth(if no_file { 1 } else { 2 })
        && direct
    {
        add(found, value);
    }
}

/// `sqlplus scott/VALUE`, without the sign that [`super::command::oracle`] knows.
pub(in crate::scan) fn sqlplus(found: &mut Found<'_>, end: usize) {
    let text = found.text;
    let close = run(text, end, 2, |byte| byte.is_ascii_digit());
    let login = arguments(text, close).find(|&(start, _)| at(text, start) != b'-');
    if let Some((start, end)) = login.filter(|_| is_blank(at(text, close)))
        && let Some(stroke) = memchr::memchr(b'/', part(text, start, end)).filter(|&stroke| stroke > 0)
        && memchr::memchr(b'@', part(text, start, end)).is_none()
    {
        add(found, (start + stroke + 1, end));
    }
}

/// `docker login -u name -p VALUE`: the command of the option that begins at `option`.
pub(super) fn docker(found: &mut Found<'_>, option: usize) {
    let text = found.text;
    let line = run_back(text, option, LINE, |byte| byte != b'\n');
    let Some(login) = memchr::memmem::find(part(text, line, option), b" login") else {
        return;
    };
    let end = line_end(text, option, LINE);
    if let Some(at) = memchr::memmem::find(part(text, line + login, end), b" -p ") {
        option_value(found, line + login + at + 4);
    }
}

/// `key 7 VALUE`, `tacacs-server key VALUE`, `crypto isakmp key VALUE address 192.0.2.1`, `key-string VALUE`: the word ends before
/// `end`.
pub(in crate::scan) fn router_key(found: &mut Found<'_>, start: usize, end: usize) {
    /// Shortest encrypted value, and how far in front of the word its line is read.
    const SHORTEST: usize = 6;
    const LEAD: usize = 80;
    /// What says that the line is of a configuration.
    const OF: [&[u8]; 5] = [b"isakmp", b"tacacs", b"radius", b"pre-shared", b"psk"];
    let text = found.text;
    let is_string = part(text, end, end + 8) == b"-string ";
    let from = if is_string { end + 7 } else { end };
    if at(text, from) != b' ' {
        return;
    }
    let level = at(text, from + 1);
    let leveled = level.is_ascii_digit() && at(text, from + 2) == b' ';
    let value = run(text, from + if leveled { 3 } else { 1 }, 2, |byte| byte == b' ');
    let close = run(text, value, 256, |byte| byte > b' ');
    let content = part(text, value, close);
    let lead = run_back(text, start, LEAD, |byte| byte != b'\n');
    let is_configured = || {
        let near = part(text, lead, start);
        is_string || OF.iter().any(|word| memchr::memmem::find(near, word).is_some())
    };
    // The rest of the line: nothing, or whose key it is.
    let line = line_end(text, close, LINE);
    let rest = part(text, close, line).trim_ascii();
    let ends = rest.is_empty() || rest.starts_with(b"address") || rest.starts_with(b"hostname");
    let is_key = match level {
        b'7' if leveled => content.iter().all(u8::is_ascii_hexdigit) && content.len() >= SHORTEST,
        _ if leveled => content.len() >= SHORTEST && ends,
        _ => ends && !content.is_empty() && is_configured(),
    };
    if is_key {
        add(found, (value, close));
    }
}
