//! What `check` and `bundle` share: the inputs, their collection, and the judgement.

pub mod collect;
pub mod facts;
pub mod input;
pub mod items;
pub mod judge;
pub mod recognise;
pub mod source;

use chrono::{DateTime, Utc};

use crate::scan::TimeFrame;

/// `--since` and `--until`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Window {
    /// When it began.
    pub since: Option<DateTime<Utc>>,
    /// When it ended.
    pub until: Option<DateTime<Utc>>,
}

impl Window {
    /// The frame as said; an end that was not said is taken from what was found, else the frame is that instant.
    pub fn or_found(self, found: Option<TimeFrame>) -> Option<TimeFrame> {
        match (self.since, self.until) {
            (None, None) => found,
            (Some(first), Some(last)) => Some(TimeFrame { first, last }),
            (Some(first), None) => Some(TimeFrame {
                first,
                last: found.map_or(first, |found| found.last.max(first)),
            }),
            (None, Some(last)) => Some(TimeFrame {
                first: found.map_or(last, |found| found.first.min(last)),
                last,
            }),
        }
    }
}
