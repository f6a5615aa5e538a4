//! Ctrl-C and SIGTERM: a flag that long work looks at, so that it stops within a second and cleans up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often waiting code looks at the flag.
const POLL: Duration = Duration::from_millis(50);

/// A cheap handle on "the user wants us to stop".
#[derive(Debug, Clone, Default)]
pub struct Interrupt {
    flag: Arc<AtomicBool>,
}

/// The work was interrupted; the program ends with exit code 130.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

impl Interrupt {
    /// A handle that only [`Interrupt::trigger`] sets: tests.
    pub fn new() -> Self {
        Self::default()
    }

    /// A handle that SIGINT and SIGTERM set.
    ///
    /// # Errors
    /// When the handlers cannot be installed.
    pub fn install() -> std::io::Result<Self> {
        let interrupt = Self::new();
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            // A second signal ends the process at once, should the orderly stop hang.
            signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&interrupt.flag))?;
            signal_hook::flag::register(signal, Arc::clone(&interrupt.flag))?;
        }
        Ok(interrupt)
    }

    /// Sets the flag, as a signal would.
    pub fn trigger(&self) {
        self.flag.store(true, Ordering::SeqCst);
    }

    /// Whether the user asked to stop.
    pub fn is_set(&self) -> bool {
        self.flag.load(Ordering::Relaxed)
    }

    /// For `?` in loops.
    ///
    /// # Errors
    /// [`Interrupted`] once a signal came.
    pub fn check(&self) -> Result<(), Interrupted> {
        if self.is_set() { Err(Interrupted) } else { Ok(()) }
    }

    /// Waits, but not longer than until a signal comes.
    ///
    /// # Errors
    /// [`Interrupted`] once a signal came.
    pub fn sleep(&self, duration: Duration) -> Result<(), Interrupted> {
        let end = std::time::Instant::now() + duration;
        loop {
            self.check()?;
            let left = end.saturating_duration_since(std::time::Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(POLL));
        }
    }

    /// Completes once a signal came; for `tokio::select!`.
    pub async fn wait(&self) {
        while !self.is_set() {
            tokio::time::sleep(POLL).await;
        }
    }
}
