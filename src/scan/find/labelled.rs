//! Values whose label says that they are identifiers.

use super::ids::{tracking_suffix, uuid};
use super::{code, mail, net, people, version};
use crate::scan::bytes::{at, is_base64, is_word, part, run, run_back, skip_escape};
use crate::scan::engine::Found;
use crate::scan::meaning::Meaning;
use crate::scan::value::{self, Value};
use crate::scan::{Evidence, Kind};

/// A value behind a label that names an identifier.
pub(in crate::scan) fn identifier(found: &mut Found<'_>, meaning: Meaning, value: Value, delimiter: usize) {
    let text = found.text;
    match meaning {
        Meaning::Tracking => tracking_value(found, value),
        Meaning::CallId => call_id(found, value),
        Meaning::Fingerprint => fingerprint(found, value),
        Meaning::ErrorCode => code::labelled(found, value, false),
        Meaning::Code => code::labelled(found, value, true),
        Meaning::BroadworksUser => broadworks_user(found, value, delimiter, true),
        Meaning::User => broadworks_user(found, value, delimiter, false),
        Meaning::UserName => people::user_name(found, value),
        Meaning::Person => people::person(found, value, delimiter),
        Meaning::Release => version::labelled_release(found, value),
        Meaning::Device => {
            let end = run(text, value.start, 128, |byte| {
                is_base64(byte) || byte == b':' || byte == b'.'
            });
            let id = part(text, value.start, end);
            if id.len() >= 8 && id.iter().any(u8::is_ascii_digit) && uuid(text, value.start).is_none() {
                found.add(value.start, end, Kind::DeviceId, Evidence::Label);
            }
        }
        _ => {}
    }
}

/// Where `PREFIX_uuid` with its suffixes ends, or a UUID alone.
fn uuid_end(text: &[u8], start: usize) -> Option<usize> {
    let prefix = run(text, start, 40, |byte| byte.is_ascii_alphanumeric());
    let first = if at(text, prefix) == b'_' {
        prefix + 1
    } else {
        start
    };
    uuid(text, first)
        .filter(|id| id.dashed)
        .map(|id| tracking_suffix(text, id.end))
}

/// What stands behind a tracking-ID label.
fn tracking_value(found: &mut Found<'_>, value: Value) {
    let text = found.text;
    let start = skip_escape(text, value.start);
    if uuid_end(text, start).is_some() {
        // The trigger for hexadecimal digits finds it with the same label.
        return;
    }
    let end = run(text, start, 120, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':' | b'+' | b'.')
    });
    let kept = run_back(text, end, 4, |byte| {
        matches!(byte, b'.' | b':' | b'-' | b'_' | b'+')
    });
    if crate::entity::TrackingId::parse_labelled(part(text, start, kept)).is_some()
        && !is_word(at(text, kept))
    {
        found.add(start, kept, Kind::TrackingId, Evidence::Label);
    }
}

/// Any token: SIP allows nearly every character (RFC 3261 section 25.1). What no Call-ID has hides nothing: it goes too.
fn call_id(found: &mut Found<'_>, value: Value) {
    let id = value.of(found.text);
    let ends = |byte: &u8| byte.is_ascii_whitespace() || byte.is_ascii_control();
    let end = value.start + id.iter().position(ends).unwrap_or(id.len());
    let end = value::before_next_label(found.text, value.start, end);
    let id = part(found.text, value.start, end);
    if id.len() >= 8 && id.iter().any(u8::is_ascii_digit) {
        found.add(value.start, end, Kind::CallId, Evidence::Label);
    }
}

/// Hexadecimal digits, in pairs or not, or a serial number of letters and digits.
fn fingerprint(found: &mut Found<'_>, value: Value) {
    let text = found.text;
    let hex = run(text, value.start, 200, |byte| byte.is_ascii_hexdigit());
    let end = if hex == value.start + 2 {
        net::pairs_end(text, value.start, text.len().min(value.start + 200))
    } else {
        hex
    };
    let digits = part(text, value.start, end)
        .iter()
        .filter(|byte| byte.is_ascii_hexdigit())
        .count();
    if digits >= 8 && !is_word(at(text, end)) {
        return found.add(value.start, end, Kind::Fingerprint, Evidence::Label);
    }
    let end = run(text, value.start, 64, |byte| {
        byte.is_ascii_alphanumeric() || byte == b'-'
    });
    let serial = part(text, value.start, end);
    if serial.len() >= 6 && serial.iter().any(u8::is_ascii_digit) && !is_word(at(text, end)) {
        found.add(value.start, end, Kind::Fingerprint, Evidence::Label);
    }
}

/// `userId` and its like: a user of BroadWorks when it is `name@domain`, else what its own shape says.
fn broadworks_user(found: &mut Found<'_>, value: Value, delimiter: usize, certain: bool) {
    let text = found.text;
    let end = run(text, value.start, 161, |byte| {
        byte.is_ascii_alphanumeric()
            || byte >= 0x80
            || matches!(byte, b'@' | b'.' | b'_' | b'-' | b'+' | b'*' | b'%')
    });
    let end = run_back(text, end, 4, |byte| matches!(byte, b'.' | b'-'));
    let id = part(text, value.start, end);
    let at_sign = id.iter().position(|&byte| byte == b'@');
    let plausible = match at_sign {
        Some(at_sign) => at_sign > 0 && at_sign + 1 < id.len(),
        None if certain => id.len() >= 2 && !mail::is_placeholder(id) && uuid(text, value.start).is_none(),
        // `userId=ahorvat`; behind `User ID:` a sentence may stand.
        None => {
            let ends = || {
                matches!(
                    at(text, end),
                    b'\n' | b'\r' | b',' | b';' | b'|' | b')' | b']' | b'\t'
                )
            };
            let is_assigned = value.quoted || at(text, delimiter) != b':' || ends();
            is_assigned && end == value.end && !id.starts_with(b"user-") && people::is_login(text, value)
        }
    };
    if plausible && at(text, value.start + id.len()) != b'@' {
        found.add(value.start, end, Kind::BroadworksUserId, Evidence::Label);
    }
}
