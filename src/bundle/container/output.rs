//! Where a zip can be written.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

use crate::vault::{Vault, target};

/// Where a zip can be written: it must be possible to fill in a header, and to drop an entry that was begun.
pub trait Output: Write + Seek {
    /// Cuts everything from `length` on.
    ///
    /// # Errors
    /// When that is not possible.
    fn truncate_to(&mut self, length: u64) -> io::Result<()>;
}

impl<T: Output> Output for &mut T {
    fn truncate_to(&mut self, length: u64) -> io::Result<()> {
        (**self).truncate_to(length)
    }
}

impl Output for File {
    fn truncate_to(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }
}

impl Output for Vault {
    fn truncate_to(&mut self, length: u64) -> io::Result<()> {
        self.cut(length);
        Ok(())
    }
}

impl Output for io::Cursor<Vec<u8>> {
    fn truncate_to(&mut self, length: u64) -> io::Result<()> {
        self.get_mut()
            .truncate(usize::try_from(length).unwrap_or(usize::MAX));
        Ok(())
    }
}

/// Counts what is written and forgets it: how large a zip would be.
#[derive(Debug, Default)]
pub struct Nowhere {
    place: u64,
    length: u64,
}

impl Nowhere {
    /// Where the next byte would go.
    pub fn place(&self) -> u64 {
        self.place
    }

    /// Bytes in all.
    pub fn length(&self) -> u64 {
        self.length
    }
}

impl Write for Nowhere {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.place += buffer.len() as u64;
        self.length = self.length.max(self.place);
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Nowhere {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.place = target(to, self.place, self.length)?;
        Ok(self.place)
    }
}

impl Output for Nowhere {
    fn truncate_to(&mut self, length: u64) -> io::Result<()> {
        self.length = self.length.min(length);
        Ok(())
    }
}
