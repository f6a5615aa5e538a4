//! One deadline for a whole piece of work, instead of a time-out for each read.
//!
//! A peer that sends a byte a second never trips a time-out for each read; it does trip this.

use std::time::{Duration, Instant};

/// A moment after which work must stop.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    at: Instant,
}

impl Deadline {
    /// A deadline `duration` from now.
    pub fn after(duration: Duration) -> Self {
        Self {
            at: Instant::now() + duration,
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
            at: self.at.min(Instant::now() + duration),
        }
    }
}
