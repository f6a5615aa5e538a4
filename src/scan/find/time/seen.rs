//! Dates that were read a moment ago.

use chrono::NaiveDate;

use super::Stamp;
use crate::scan::bytes::{at, is_word};

/// A date that was read, with what stood before it and up to the hours: the lines of a log have the same for a day.
#[derive(Debug)]
struct SeenDate {
    /// The bytes before the hours, the last one highest, as many as `mask` has.
    key: u128,
    mask: u128,
    length: usize,
    known: (NaiveDate, bool),
}

/// A date that stands before hours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) date: NaiveDate,
    /// Where it begins.
    pub(super) start: usize,
    /// Its year is not written.
    pub(super) yearless: bool,
}

/// What is compared. `[02/Jan/2026:` has thirteen bytes, `2026-01-02T` with the line feed twelve.
const LONGEST: usize = 16;

/// The sixteen bytes before `end`.
fn tail(text: &[u8], end: usize) -> Option<u128> {
    let bytes: &[u8; LONGEST] = text.get(end.checked_sub(LONGEST)?..end)?.try_into().ok()?;
    Some(u128::from_le_bytes(*bytes))
}

impl SeenDate {
    /// The date of `stamp` when nothing but the bytes before the hours decides it (and, without a year, what follows):
    /// one behind a line feed or another sign, whose hours have two digits before `colon`.
    fn new(text: &[u8], stamp: &Stamp, colon: usize) -> Option<Self> {
        let (from, to) = (stamp.start.checked_sub(1)?, colon.checked_sub(2)?);
        let length = to.checked_sub(from).filter(|length| *length <= LONGEST)?;
        let (first, last) = (at(text, from), at(text, to - 1));
        // With slashes only a year in front makes the order certain.
        let ordered = match at(text, stamp.start + 4) {
            b'-' | b'.' => true,
            b'/' => at(text, stamp.start + 2).is_ascii_digit() && at(text, stamp.start + 3).is_ascii_digit(),
            _ => false,
        };
        let apache = at(text, stamp.start + 2) == b'/' && last == b':' && matches!(first, b'\n' | b'[');
        // `Jan  2 ` of syslog.
        let yearless = at(text, stamp.start).is_ascii_alphabetic()
            && at(text, stamp.start + 3) == b' '
            && first == b'\n';
        // Hours of one digit leave the separator out.
        if is_word(first) || !(ordered || apache || yearless) || last.is_ascii_digit() {
            return None;
        }
        let mask = u128::MAX << (8 * (LONGEST - length));
        Some(Self {
            key: tail(text, to)? & mask,
            mask,
            length,
            known: (stamp.local.date(), yearless),
        })
    }
}

/// The last few dates: logs of different programs in one file write them in different ways.
#[derive(Debug, Default)]
pub(in crate::scan) struct SeenDates {
    seen: [Option<SeenDate>; 4],
    next: usize,
}

impl SeenDates {
    /// The date before the two digits of the hours that end before `colon`, when it was seen.
    pub(super) fn before(&self, text: &[u8], colon: usize) -> Option<Known> {
        let hours = colon.checked_sub(2)?;
        let tail = tail(text, hours)?;
        let seen = self
            .seen
            .iter()
            .flatten()
            .find(|seen| tail & seen.mask == seen.key)?;
        Some(Known {
            date: seen.known.0,
            start: hours - seen.length + 1,
            yearless: seen.known.1,
        })
    }

    pub(super) fn see(&mut self, text: &[u8], stamp: &Stamp, colon: usize) {
        if let Some(date) = SeenDate::new(text, stamp, colon)
            && let Some(slot) = self.seen.get_mut(self.next)
        {
            *slot = Some(date);
            self.next = (self.next + 1) % self.seen.len();
        }
    }
}
