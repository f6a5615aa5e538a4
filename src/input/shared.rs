//! An archive that several readers look into, each at its own place.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

/// What an archive lies in: a file, or an unlinked temporary file.
pub(super) trait Store: Read + Seek + Send {}
impl<T: Read + Seek + Send> Store for T {}

/// A handle with a position of its own.
#[derive(Clone)]
pub(super) struct Shared {
    store: Arc<Mutex<Box<dyn Store>>>,
    at: u64,
    end: u64,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("at", &self.at)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

impl Shared {
    pub(super) fn new(mut store: impl Store + 'static) -> io::Result<Self> {
        let end = store.seek(SeekFrom::End(0))?;
        Ok(Self {
            store: Arc::new(Mutex::new(Box::new(store))),
            at: 0,
            end,
        })
    }

    /// Bytes in all.
    pub(super) fn length(&self) -> u64 {
        self.end
    }

    /// The part of `length` bytes from `start`; shorter when the store is.
    pub(super) fn part(&self, start: u64, length: u64) -> Self {
        let start = start.min(self.end);
        Self {
            store: Arc::clone(&self.store),
            at: start,
            end: start.saturating_add(length).min(self.end),
        }
    }
}

impl Read for Shared {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let wanted = out.len().min(left);
        let Some(target) = out.get_mut(..wanted).filter(|target| !target.is_empty()) else {
            return Ok(0);
        };
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        store.seek(SeekFrom::Start(self.at))?;
        let count = store.read(target)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Shared {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(by) => self.end.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}
