//! One deadline for a whole piece of work, instead of a time-out for each read.
//!
//! A peer that sends a byte a second never trips a time-out for each read; it does trip this.

use std::time::{Duration, Instant};

/// What is as good as no deadline, where a duration is longer than the clock can count.
const A_YEAR: Duration = Duration::from_hours(365 * 24);

/// A moment after which work must stop.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    at: Instant,
}

impl Deadline {
    /// A deadline `duration` from now.
    pub fn after(duration: Duration) -> Self {
        let now = Instant::now();
        Self {
            at: now.checked_add(duration).unwrap_or(now + A_YEAR),
        }
    }

    /// What is left; zero once it has passed.
    pub fn remaining(&self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    /// Whether it has passed.
    pub fn is_over(&self) -> bool {
        self.remaining().is_zero()
    }

    /// The instant itself, for `tokio::time::timeout_at`.
    pub fn instant(&self) -> Instant {
        self.at
    }

    /// The earlier of this deadline and `duration` from now: a share of the whole for one step.
    #[must_use]
    pub fn at_most(&self, duration: Duration) -> Self {
        Self {
            at: self.at.min(Self::after(duration).at),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Deadline;

    #[test]
    fn a_duration_beyond_all_clocks_is_no_deadline() {
        let endless = Deadline::after(Duration::MAX);
        assert!(!endless.is_over());
        assert!(endless.at_most(Duration::ZERO).is_over());
        assert!(!endless.at_most(Duration::MAX).is_over());
    }
}
