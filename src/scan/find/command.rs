//! Passwords of command lines: of long options, of keytool, of the clients of databases and directories.

use crate::scan::bytes::{at, before, is_blank, is_inside_word, line_end, part, run, run_back};
use crate::scan::engine::Found;
use crate::scan::label;
use crate::scan::meaning::{self, Meaning};
use crate::scan::value;
use crate::scan::{Evidence, Kind, MASK};

use super::mail::is_placeholder;
use super::secret::pem;
use super::{device, prose};

/// How far behind a command its password may stand.
const LINE: usize = 400;

/// ` --password VALUE` on a command line (`--password=VALUE` is found by its equals sign).
pub(in crate::scan) fn option(found: &mut Found<'_>, end: usize) {
    let text = found.text;
    // ` -----BEGIN` with something before it on its line: the packed search has passed the mark's first hyphens.
    if part(text, end - 2, end + 9) == b"-----BEGIN " {
        return pem(found, end - 2);
    }
    if !found.only_secrets && matches!(at(text, end), b' ' | b'\r' | b'\n') {
        return prose::signature(found, end - 2);
    }
    let name_end = run(text, end, 48, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
    });
    if !is_blank(at(text, name_end)) {
        return;
    }
    let Some(label) = label::before_delimiter(text, name_end) else {
        return;
    };
    if !matches!(meaning::of(&label), Some(Meaning::Password | Meaning::Token)) {
        return;
    }
    option_value(found, name_end);
}

/// `keytool -storepass VALUE -srckeypass VALUE` (`-storepass:env NAME` has none).
pub(in crate::scan) fn keytool_pass(found: &mut Found<'_>, end: usize) {
    let text = found.text;
    let name = run_back(text, end - 1, 16, |byte| byte.is_ascii_alphabetic());
    let begins = before(text, name) == b'-' && !is_inside_word(text, name - 1);
    if begins && before(text, name - 1) != b'-' {
        option_value(found, end);
    }
}

/// The value of an option whose name ends before the blanks at `from`; another option is none.
pub(super) fn option_value(found: &mut Found<'_>, from: usize) {
    let text = found.text;
    let from = run(text, from, 8, is_blank);
    if at(text, from) == b'-' {
        return;
    }
    if let Some((start, close)) = argument(text, from)
        && !is_placeholder(part(text, start, close))
    {
        found.add(start, close, Kind::Password, Evidence::Label);
    }
}

/// The argument at `from`: what its quotation marks hold, or what stands up to the next blank or label.
pub(super) fn argument(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let value = value::from(text, from, false)?;
    if value.quoted {
        return Some((value.start, value.end));
    }
    let close = run(text, value.start, value::LONGEST, |byte| {
        !byte.is_ascii_whitespace()
    });
    Some((value.start, value::before_next_label(text, value.start, close)))
}

/// `curl -u user:password`
pub(in crate::scan) fn curl_user(found: &mut Found<'_>, end: usize) {
    let text = found.text;
    device::docker(found, end - 3);
    let Some((start, close)) = argument(text, end) else {
        return;
    };
    let user = part(text, start, close);
    // That of a mask says nothing: redacting twice must change nothing.
    let ends_user = |colon: &usize| !part(user, 0, *colon + 1).ends_with(MASK);
    if let Some(colon) = memchr::memchr_iter(b':', user).find(ends_user) {
        let start = start + colon + 1;
        if !is_placeholder(part(text, start, close)) {
            found.add(start, close, Kind::Password, Evidence::Label);
        }
    }
}

/// `mysql -u root -pVALUE`, `sshpass -p VALUE`: the command's name ends behind `start`, or goes on there.
pub(in crate::scan) fn client(found: &mut Found<'_>, start: usize, glued_only: bool) {
    let text = found.text;
    let name = run(text, start, 24, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
    });
    if !is_blank(at(text, name)) {
        return;
    }
    // `mysql: -p is deprecated`, `… ; mkdir -p /x`: only options and their values, up to the next command.
    let line = line_end(text, name, LINE);
    let close = memchr::memchr3(b'|', b';', b'&', part(text, name, line)).map_or(line, |stop| name + stop);
    for dash in memchr::memmem::find_iter(part(text, name, close), b" -p").map(|found| name + found) {
        let value = dash + 3;
        match at(text, value) {
            b' ' if !glued_only => return option_value(found, value),
            b' ' | b'\t' | b'-' | b'\n' | b'\r' => {}
            // `-port`, `-password …`: of other clients.
            _ => return short_value(found, value),
        }
    }
}

/// `ldapsearch -D cn=admin -w VALUE`: the option ends before `end`.
pub(in crate::scan) fn directory(found: &mut Found<'_>, end: usize) {
    let text = found.text;
    let from = end.saturating_sub(LINE);
    let line = part(text, from, end);
    let from = from + memchr::memrchr(b'\n', line).map_or(0, |newline| newline + 1);
    if memchr::memmem::find(part(text, from, end), b"ldap").is_some() {
        option_value(found, end);
    }
}

/// `plink -pw VALUE`
pub(in crate::scan) fn plain_option(found: &mut Found<'_>, end: usize) {
    option_value(found, end);
}

/// A value that follows its option without a blank, perhaps in quotation marks.
fn short_value(found: &mut Found<'_>, start: usize) {
    let text = found.text;
    let Some(value) = value::from(text, start, false) else {
        return;
    };
    let close = if value.quoted {
        value.end
    } else {
        run(text, value.start, value::LONGEST, |byte| {
            !byte.is_ascii_whitespace()
        })
    };
    if !is_placeholder(part(text, value.start, close)) {
        found.add(value.start, close, Kind::Password, Evidence::Label);
    }
}

/// Words in front of `user/password@host` of Oracle's clients, and the parts of its addresses.
const ORACLE: &[&str] = &[
    "thin:",
    "oci:",
    "oci8:",
    "sqlplus ",
    "sqlplus64 ",
    "sqlldr ",
    "expdp ",
    "impdp ",
    "exp ",
    "imp ",
    "target ",
    "userid=",
    "connect ",
    "conn ",
    "-s ",
    "-S ",
    "-L ",
    "-l ",
];

/// `jdbc:oracle:thin:scott/VALUE@host`, `sqlplus scott/VALUE@ORCL`: the password between the stroke before `start` and the
/// sign at `sign`.
pub(super) fn oracle(found: &mut Found<'_>, start: usize, sign: usize) -> bool {
    let text = found.text;
    let user = run_back(text, start - 1, 32, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'#' | b'.')
    });
    let quote = run_back(text, user, 1, |byte| matches!(byte, b'"' | b'\''));
    let lead = part(text, quote.saturating_sub(12), quote);
    let is_oracle = user < start - 1
        && ORACLE.iter().any(|known| {
            lead.len()
                .checked_sub(known.len())
                .is_some_and(|from| part(lead, from, lead.len()).eq_ignore_ascii_case(known.as_bytes()))
        });
    // `-S` is an option of other commands too.
    let by_option =
        lead.ends_with(b" ") && part(lead, lead.len().saturating_sub(3), lead.len()).starts_with(b"-");
    let is_client =
        !by_option || memchr::memmem::find(part(text, quote.saturating_sub(40), quote), b"sqlplus").is_some();
    if !is_oracle || !is_client || start >= sign || is_placeholder(part(text, start, sign)) {
        return false;
    }
    found.add(start, sign, Kind::Password, Evidence::Prefix);
    true
}
