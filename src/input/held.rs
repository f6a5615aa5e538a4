//! Standard input for those who need it twice.

use std::io;

use super::pump::Pump;
use super::sealed::Sealed;
use super::shared::Shared;
use crate::interrupt::Interrupt;

/// Standard input from its first byte to its last, to be read as often as needed. A redirected file is read where it
/// is; what comes through a pipe is held in memory, or encrypted in a temporary file when it is much.
#[derive(Debug, Clone)]
pub struct Held {
    store: Shared,
    size: u64,
}

impl Held {
    /// Reads standard input to its end.
    ///
    /// # Errors
    /// When it cannot be read, or was interrupted.
    pub fn standard_input(interrupt: &Interrupt) -> io::Result<Self> {
        let store = match redirected() {
            Some(file) => Shared::new(file)?,
            None => Shared::new(Sealed::fill(Pump::new(io::stdin(), interrupt.clone()))?)?,
        };
        Ok(Self {
            size: store.length(),
            store,
        })
    }

    pub(super) fn open(&self) -> (Shared, u64) {
        (self.store.clone(), self.size)
    }
}

/// The file that `< file` put in place of standard input, if that is what it is and nothing of it was read.
#[cfg(unix)]
fn redirected() -> Option<std::fs::File> {
    use std::io::Seek as _;
    use std::os::fd::AsFd as _;

    let mut file = std::fs::File::from(io::stdin().as_fd().try_clone_to_owned().ok()?);
    let regular = file.metadata().ok()?.is_file();
    (regular && file.stream_position().ok()? == 0).then_some(file)
}

#[cfg(not(unix))]
fn redirected() -> Option<std::fs::File> {
    None
}
