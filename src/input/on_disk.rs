//! A file that others may write to while it is read.

use std::fs::{File, Metadata};
use std::io::{self, Cursor, Read};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::error::{Fault, InputError, Shrunk};

/// What there is to say about files that were read nevertheless; shared by the readers of a walk.
#[derive(Debug, Clone, Default)]
pub(super) struct Notes(Arc<Mutex<Vec<InputError>>>);

impl Notes {
    pub(super) fn take(&self) -> Vec<InputError> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, name: &str, fault: Fault) {
        let note = InputError {
            name: name.to_owned(),
            fault,
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(note);
    }
}

/// The file as long as it was when it was opened: what a running service appends meanwhile would make two passes
/// read two different texts. One that ends earlier, or was rewritten, is an error.
pub(super) struct OnDisk {
    name: String,
    reader: io::Chain<Cursor<Vec<u8>>, File>,
    length: u64,
    left: u64,
    modified: Option<SystemTime>,
    looked: bool,
    notes: Notes,
}

impl OnDisk {
    /// `head` was already read of `file`.
    pub(super) fn new(name: String, head: Vec<u8>, file: File, metadata: &Metadata, notes: &Notes) -> Self {
        Self {
            name,
            reader: Cursor::new(head).chain(file),
            length: metadata.len(),
            left: metadata.len(),
            modified: metadata.modified().ok(),
            looked: false,
            notes: notes.clone(),
        }
    }

    /// Once everything was read: whether it is what it was.
    fn look(&mut self) -> io::Result<()> {
        if self.looked {
            return Ok(());
        }
        self.looked = true;
        let Ok(now) = self.reader.get_ref().1.metadata() else {
            return Ok(());
        };
        if now.len() > self.length {
            self.notes.add(&self.name, Fault::Grew);
        } else if now.len() < self.length || now.modified().ok() != self.modified {
            return Err(io::Error::other(Shrunk));
        }
        Ok(())
    }
}

impl Read for OnDisk {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // What has no length is none: the files of /proc.
        let wanted = match (self.length, usize::try_from(self.left)) {
            (0, _) | (_, Err(_)) => out.len(),
            (_, Ok(left)) => out.len().min(left),
        };
        let Some(target) = out.get_mut(..wanted).filter(|target| !target.is_empty()) else {
            if !out.is_empty() {
                self.look()?;
            }
            return Ok(0);
        };
        let count = self.reader.read(target)?;
        if count == 0 && self.left > 0 {
            self.left = 0;
            self.looked = true;
            return Err(io::Error::other(Shrunk));
        }
        self.left = self.left.saturating_sub(count as u64);
        Ok(count)
    }
}
