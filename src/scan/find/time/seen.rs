//! Dates that were read a moment ago.

use chrono::NaiveDate;

use super::Stamp;
use crate::scan::bytes::{at, part};

/// A date that was read, with what stood before it and up to the hours: the lines of a log have the same for a day.
#[derive(Debug)]
pub(super) struct SeenDate {
    bytes: [u8; SeenDate::LONGEST],
    length: usize,
    date: NaiveDate,
}

impl SeenDate {
    /// `[02/Jan/2026:` has thirteen bytes, `2026-01-02T` with the line feed twelve.
    const LONGEST: usize = 16;

    /// The date of `stamp` when nothing but the bytes before the hours decides it: a numeric one behind a line feed or
    /// an opening bracket, whose hours have two digits before `colon`.
    fn new(text: &[u8], stamp: &Stamp, colon: usize) -> Option<Self> {
        let (from, to) = (stamp.start.checked_sub(1)?, colon.checked_sub(2)?);
        let head = text.get(from..to)?;
        let ordered = at(text, stamp.start + 4) == b'-' || at(text, stamp.start + 4) == b'.';
        let apache = at(text, stamp.start + 2) == b'/' && at(text, to - 1) == b':';
        // Hours of one digit leave the separator out.
        let separated = head.last().is_some_and(|byte| !byte.is_ascii_digit());
        if !matches!(head.first(), Some(b'\n' | b'[')) || !(ordered || apache) || !separated {
            return None;
        }
        let mut bytes = [0; Self::LONGEST];
        bytes.get_mut(..head.len())?.copy_from_slice(head);
        Some(Self {
            bytes,
            length: head.len(),
            date: stamp.local.date(),
        })
    }

    /// The same date before the two digits of the hours that end before `colon`, and where it begins.
    fn before(&self, text: &[u8], colon: usize) -> Option<(NaiveDate, usize)> {
        let to = colon.checked_sub(2)?;
        let from = to.checked_sub(self.length)?;
        let same = part(text, from, to) == part(&self.bytes, 0, self.length)
            && at(text, to).is_ascii_digit()
            && at(text, to + 1).is_ascii_digit();
        same.then_some((self.date, from + 1))
    }
}

/// The last few dates: logs of different programs in one file write them in different ways.
#[derive(Debug, Default)]
pub(in crate::scan) struct SeenDates {
    seen: [Option<SeenDate>; 4],
    next: usize,
}

impl SeenDates {
    pub(super) fn before(&self, text: &[u8], colon: usize) -> Option<(NaiveDate, usize)> {
        self.seen
            .iter()
            .flatten()
            .find_map(|seen| seen.before(text, colon))
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
