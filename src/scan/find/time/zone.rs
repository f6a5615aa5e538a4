//! Time zones behind a time of day.

use chrono::FixedOffset;

use super::number;
use crate::scan::bytes::{at, is_alnum, part, run};

/// The offset in minutes of a zone by the name that logs write.
fn named_zone(name: &[u8]) -> Option<i32> {
    Some(match name {
        b"UTC" | b"GMT" | b"WET" => 0,
        b"BST" | b"WEST" | b"CET" | b"MEZ" => 60,
        b"CEST" | b"MESZ" | b"EET" => 120,
        b"EEST" | b"MSK" => 180,
        b"EDT" => -240,
        b"EST" | b"CDT" => -300,
        b"CST" | b"MDT" => -360,
        b"MST" | b"PDT" => -420,
        b"PST" | b"AKDT" => -480,
        b"AKST" => -540,
        b"HST" => -600,
        b"IST" => 330,
        b"JST" => 540,
        b"AEST" => 600,
        b"AEDT" => 660,
        _ => return None,
    })
}

/// `Z`, `+02:00`, `+0200`, ` UTC`, ` GMT+01:00`, ` EDT`: the offset and the end.
pub(super) fn behind(text: &[u8], end: usize) -> (Option<FixedOffset>, usize) {
    match [at(text, end), at(text, end + 1)] {
        [b'Z', next] if !is_alnum(next) => return (FixedOffset::east_opt(0), end + 1),
        // What most time stamps have behind them.
        [b' ', next] if !matches!(next, b' ' | b'(' | b'+' | b'-' | b'A'..=b'Z') => return (None, end),
        _ => {}
    }
    if let Some((offset, after)) = numeric_zone(text, end) {
        return (Some(offset), after);
    }
    let follows = at(text, end);
    if !matches!(follows, b' ' | b'(' | b'A'..=b'Z') {
        return (None, end);
    }
    let mut start = run(text, end, 2, |byte| byte == b' ');
    start += usize::from(at(text, start) == b'(');
    if let Some((offset, after)) = numeric_zone(text, start).filter(|_| start > end) {
        return (Some(offset), after);
    }
    let name_end = run(text, start, 6, |byte| byte.is_ascii_uppercase());
    let name = part(text, start, name_end);
    let Some(minutes) = named_zone(name) else {
        return (None, end);
    };
    if let Some((offset, after)) = numeric_zone(text, name_end) {
        return (Some(offset), after);
    }
    if is_alnum(at(text, name_end)) {
        return (None, end);
    }
    (FixedOffset::east_opt(minutes * 60), name_end)
}

fn numeric_zone(text: &[u8], start: usize) -> Option<(FixedOffset, usize)> {
    let sign = match at(text, start) {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours = number(text, start + 1, start + 3)?;
    let colon = usize::from(at(text, start + 3) == b':');
    let (minutes, end) = match number(text, start + 3 + colon, start + 5 + colon) {
        Some(minutes) => (minutes, start + 5 + colon),
        None => (0, start + 3),
    };
    if is_alnum(at(text, end)) || minutes > 59 || hours > 14 {
        return None;
    }
    let total = sign * i32::try_from(hours * 3600 + minutes * 60).ok()?;
    Some((FixedOffset::east_opt(total)?, end))
}
