//! Writing the zip container around pieces that are compressed already.
//!
//! The `zip` crate compresses an entry on the thread that writes it; here the pieces come from many threads
//! (see [`super::deflate`]), and all that is left to do is the container: three kinds of records, and their zip64
//! forms. Everything that could differ between two runs or two systems is set. Section numbers are those of
//! PKWARE's APPNOTE.TXT 6.3.10.

mod output;
mod records;

use std::io::{self, SeekFrom};

use chrono::{DateTime, Utc};

pub use output::{Nowhere, Output};
pub(super) use records::{MODE, REGULAR, stamp, zip64_field};
use records::{end_records, local_header};

/// Version needed to extract deflate, and zip64 (4.4.3.2).
const VERSION: u8 = 20;
const VERSION_ZIP64: u8 = 45;
/// An entry up to this many compressed bytes is written at once with its final header; a longer one is written as it
/// comes, and its header, with room for 64-bit sizes, is filled in at the end.
const HELD: usize = 1 << 20;

/// How the pieces of an entry are stored (4.4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// As they are.
    Stored = 0,
    /// Deflate.
    Deflated = 8,
}

/// What is known of an entry's contents once all of them came by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Totals {
    /// CRC-32 of the contents.
    pub(super) crc: u32,
    /// Bytes of the contents.
    pub(super) size: u64,
}

/// A zip being written.
pub(super) struct Container<W: Output> {
    output: W,
    /// Where the next entry begins: everything before is whole.
    offset: u64,
    /// Time and date of every entry, as zip stores them.
    stamp: [u8; 4],
    open: Option<Open>,
    entries: Vec<Entry>,
}

/// The entry that was begun.
struct Open {
    name: String,
    method: Method,
    /// Pieces that wait for the header.
    held: Vec<u8>,
    /// Compressed bytes behind a header that was written already.
    written: Option<u64>,
}

/// A finished entry, for the directory.
struct Entry {
    name: String,
    method: Method,
    version: u8,
    totals: Totals,
    compressed: u64,
    offset: u64,
}

impl<W: Output> Container<W> {
    /// A zip whose entries all bear `time`.
    pub(super) fn new(output: W, time: DateTime<Utc>) -> Self {
        Self {
            output,
            offset: 0,
            stamp: stamp(time),
            open: None,
            entries: Vec::new(),
        }
    }

    /// Begins an entry.
    pub(super) fn begin(&mut self, name: String, method: Method) -> io::Result<()> {
        if name.len() > usize::from(u16::MAX) {
            return Err(io::ErrorKind::InvalidFilename.into());
        }
        self.open = Some(Open {
            name,
            method,
            held: Vec::new(),
            written: None,
        });
        Ok(())
    }

    /// Adds a compressed piece to the entry that was begun.
    pub(super) fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        let open = self.open.as_mut().ok_or(io::ErrorKind::InvalidInput)?;
        if let Some(written) = &mut open.written {
            *written += piece.len() as u64;
            return self.output.write_all(piece);
        }
        open.held.extend_from_slice(piece);
        if open.held.len() <= HELD {
            return Ok(());
        }
        let held = std::mem::take(&mut open.held);
        open.written = Some(held.len() as u64);
        // The totals are not known yet: zeros hold their place.
        let header = local_header(open, VERSION_ZIP64, self.stamp, Totals { crc: 0, size: 0 }, 0);
        self.output.write_all(&header)?;
        self.output.write_all(&held)
    }

    /// Ends the entry that was begun.
    pub(super) fn end(&mut self, totals: Totals) -> io::Result<()> {
        let open = self.open.take().ok_or(io::ErrorKind::InvalidInput)?;
        let version = if open.written.is_some() {
            VERSION_ZIP64
        } else {
            VERSION
        };
        let compressed = open.written.unwrap_or(open.held.len() as u64);
        let header = local_header(&open, version, self.stamp, totals, compressed);
        if open.written.is_some() {
            self.output.seek(SeekFrom::Start(self.offset))?;
            self.output.write_all(&header)?;
            self.output.seek(SeekFrom::Current(signed(compressed)?))?;
        } else {
            self.output.write_all(&header)?;
            self.output.write_all(&open.held)?;
        }
        let offset = self.offset;
        self.offset += header.len() as u64 + compressed;
        self.entries.push(Entry {
            name: open.name,
            method: open.method,
            version,
            totals,
            compressed,
            offset,
        });
        Ok(())
    }

    /// Drops the entry that was begun, as if it had never been.
    pub(super) fn abort(&mut self) -> io::Result<()> {
        if self.open.take().is_some_and(|open| open.written.is_some()) {
            self.output.truncate_to(self.offset)?;
            self.output.seek(SeekFrom::Start(self.offset))?;
        }
        Ok(())
    }

    /// Writes the directory and gives the output back.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.abort()?;
        let mut directory = Vec::new();
        for entry in &self.entries {
            entry.central_header(&mut directory, self.stamp);
        }
        end_records(&mut directory, self.entries.len() as u64, self.offset);
        self.output.write_all(&directory)?;
        self.output.flush()?;
        Ok(self.output)
    }
}

fn signed(value: u64) -> io::Result<i64> {
    i64::try_from(value).map_err(|_| io::ErrorKind::FileTooLarge.into())
}

#[cfg(test)]
mod tests;
