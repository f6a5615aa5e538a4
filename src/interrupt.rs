//! Ctrl-C and SIGTERM: a flag that long work looks at, so that it stops within a second and cleans up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
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

    /// Does what may block for ever (opening or reading a pipe that nobody writes to) in a thread of its own, which ends
    /// with the process, and waits for its outcome, but not longer than until a signal comes.
    ///
    /// # Errors
    /// [`Interrupted`] once a signal came.
    pub fn wait_for<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Interrupted> {
        let (sender, receiver) = sync_channel(1);
        // Nobody may wait for it any more.
        let worker = std::thread::spawn(move || drop(sender.send(work())));
        loop {
            self.check()?;
            match receiver.recv_timeout(POLL) {
                Ok(outcome) => return Ok(outcome),
                Err(RecvTimeoutError::Timeout) => {}
                // Only a panic leaves nothing.
                Err(RecvTimeoutError::Disconnected) => match worker.join() {
                    Err(panic) => std::panic::resume_unwind(panic),
                    Ok(()) => return Err(Interrupted),
                },
            }
        }
    }

    /// Completes once a signal came; for `tokio::select!`.
    pub async fn wait(&self) {
        while !self.is_set() {
            tokio::time::sleep(POLL).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Interrupt, Interrupted};

    #[test]
    fn what_blocks_for_ever_is_not_waited_for() {
        let interrupt = Interrupt::new();
        assert_eq!(interrupt.wait_for(|| 7), Ok(7));
        let (kept, never) = std::sync::mpsc::channel::<()>();
        let other = interrupt.clone();
        let trigger = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(120));
            other.trigger();
        });
        assert_eq!(interrupt.wait_for(move || never.recv().is_ok()), Err(Interrupted));
        trigger.join().expect("it ends");
        drop(kept);
    }
}
