//! Writing the zip container around pieces that are compressed already.
//!
//! The `zip` crate compresses an entry on the thread that writes it; here the pieces come from many threads
//! (see [`super::deflate`]), and all that is left to do is the container: three kinds of records, and their zip64
//! forms. Everything that could differ between two runs or two systems is set. Section numbers are those of
//! PKWARE's APPNOTE.TXT 6.3.10.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};

/// Attributes of every entry.
pub(super) const MODE: u32 = 0o644;
/// `S_IFREG`: a regular file.
pub(super) const REGULAR: u32 = 0o100_000;
/// "Made by" Unix (4.4.2.2).
const UNIX: u8 = 3;
/// Version needed to extract deflate, and zip64 (4.4.3.2).
const VERSION: u8 = 20;
const VERSION_ZIP64: u8 = 45;
/// The name is UTF-8 (4.4.4, bit 11).
const UTF8: u16 = 1 << 11;
/// Stands in a 32-bit field when the value is in the zip64 field (4.4.8).
const ELSEWHERE: u32 = u32::MAX;
/// An entry up to this many compressed bytes is written at once with its final header; a longer one is written as it
/// comes, and its header, with room for 64-bit sizes, is filled in at the end.
const HELD: usize = 1 << 20;

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

impl Output for io::Cursor<Vec<u8>> {
    fn truncate_to(&mut self, length: u64) -> io::Result<()> {
        self.get_mut()
            .truncate(usize::try_from(length).unwrap_or(usize::MAX));
        Ok(())
    }
}

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

/// 4.3.7. With [`VERSION_ZIP64`] the sizes stand in the extra field, whose length does not depend on them.
fn local_header(open: &Open, version: u8, stamp: [u8; 4], totals: Totals, compressed: u64) -> Vec<u8> {
    let mut header = Vec::with_capacity(50 + open.name.len());
    header.extend_from_slice(b"PK\x03\x04");
    common(&mut header, version, &open.name, open.method, stamp, totals.crc);
    let extra = if version == VERSION_ZIP64 {
        put32(&mut header, ELSEWHERE);
        put32(&mut header, ELSEWHERE);
        zip64_field(&[totals.size, compressed])
    } else {
        put32(&mut header, low(compressed));
        put32(&mut header, low(totals.size));
        Vec::new()
    };
    put_length(&mut header, open.name.len());
    put_length(&mut header, extra.len());
    header.extend_from_slice(open.name.as_bytes());
    header.extend_from_slice(&extra);
    header
}

/// What both headers of an entry have in common: version to check sum.
fn common(header: &mut Vec<u8>, version: u8, name: &str, method: Method, stamp: [u8; 4], crc: u32) {
    put16(header, u16::from(version));
    put16(header, if name.is_ascii() { 0 } else { UTF8 });
    put16(header, method as u16);
    header.extend_from_slice(&stamp);
    put32(header, crc);
}

impl Entry {
    /// 4.3.12.
    fn central_header(&self, out: &mut Vec<u8>, stamp: [u8; 4]) {
        out.extend_from_slice(b"PK\x01\x02");
        out.extend_from_slice(&[self.version, UNIX]);
        common(out, self.version, &self.name, self.method, stamp, self.totals.crc);
        // Only what does not fit stands in the zip64 field, in this order (4.5.3).
        let mut large = Vec::new();
        let mut fit = |value: u64| {
            u32::try_from(value)
                .ok()
                .filter(|value| *value != ELSEWHERE)
                .unwrap_or_else(|| {
                    large.push(value);
                    ELSEWHERE
                })
        };
        let size = fit(self.totals.size);
        let compressed = fit(self.compressed);
        let offset = fit(self.offset);
        let extra = if large.is_empty() {
            Vec::new()
        } else {
            zip64_field(&large)
        };
        put32(out, compressed);
        put32(out, size);
        put_length(out, self.name.len());
        put_length(out, extra.len());
        // Comment length, disk, internal attributes.
        out.extend_from_slice(&[0; 6]);
        put32(out, (REGULAR | MODE) << 16);
        put32(out, offset);
        out.extend_from_slice(self.name.as_bytes());
        out.extend_from_slice(&extra);
    }
}

/// The end of the directory that is in `out` (4.3.16), with zip64's records before it (4.3.14, 4.3.15) where a
/// number does not fit.
fn end_records(out: &mut Vec<u8>, entries: u64, directory: u64) {
    let length = out.len() as u64;
    let count = u16::try_from(entries).ok().filter(|count| *count != u16::MAX);
    let fits = |value: u64| u32::try_from(value).ok().filter(|value| *value != ELSEWHERE);
    if count.is_none() || fits(length).is_none() || fits(directory).is_none() {
        out.extend_from_slice(b"PK\x06\x06");
        // Size of the rest of this record.
        put64(out, 44);
        out.extend_from_slice(&[VERSION_ZIP64, UNIX]);
        put16(out, u16::from(VERSION_ZIP64));
        out.extend_from_slice(&[0; 8]);
        put64(out, entries);
        put64(out, entries);
        put64(out, length);
        put64(out, directory);
        out.extend_from_slice(b"PK\x06\x07");
        put32(out, 0);
        put64(out, directory + length);
        // Number of disks.
        put32(out, 1);
    }
    out.extend_from_slice(b"PK\x05\x06");
    out.extend_from_slice(&[0; 4]);
    put16(out, count.unwrap_or(u16::MAX));
    put16(out, count.unwrap_or(u16::MAX));
    put32(out, fits(length).unwrap_or(ELSEWHERE));
    put32(out, fits(directory).unwrap_or(ELSEWHERE));
    put16(out, 0);
}

/// 4.5.3.
pub(super) fn zip64_field(values: &[u64]) -> Vec<u8> {
    let mut field = vec![1, 0];
    put_length(&mut field, values.len() * 8);
    for value in values {
        put64(&mut field, *value);
    }
    field
}

fn put16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// Lengths of names were checked, and those of extra fields are ours.
fn put_length(out: &mut Vec<u8>, length: usize) {
    put16(out, u16::try_from(length).unwrap_or(u16::MAX));
}

/// Of a held entry, which is at most [`HELD`] bytes compressed and therefore below 4 GiB in any case: deflate's best
/// ratio is 1:1032.
fn low(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(ELSEWHERE)
}

fn signed(value: u64) -> io::Result<i64> {
    i64::try_from(value).map_err(|_| io::ErrorKind::FileTooLarge.into())
}

/// An instant as zip stores it (4.4.6, MS-DOS format): UTC, two-second steps, 1980 to 2107.
pub(super) fn stamp(time: DateTime<Utc>) -> [u8; 4] {
    let year = (1980..=2107).contains(&time.year());
    let (years, month, day) = if year {
        (time.year().unsigned_abs() - 1980, time.month(), time.day())
    } else {
        (0, 1, 1)
    };
    let date = (years << 9) | (month << 5) | day;
    let clock = if year {
        (time.hour() << 11) | (time.minute() << 5) | (time.second() / 2)
    } else {
        0
    };
    let [c0, c1, ..] = clock.to_le_bytes();
    let [d0, d1, ..] = date.to_le_bytes();
    [c0, c1, d0, d1]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

    use super::{Container, HELD, Method, Output, Totals};
    use chrono::{DateTime, TimeZone as _, Utc};

    fn time() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 22, 10, 0, 0)
            .single()
            .unwrap_or_default()
    }

    fn store<W: Output>(container: &mut Container<W>, name: &str, bytes: &[u8]) -> io::Result<()> {
        container.begin(name.to_owned(), Method::Stored)?;
        for piece in bytes.chunks(700_000) {
            container.write(piece)?;
        }
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        container.end(Totals {
            crc: crc.sum(),
            size: bytes.len() as u64,
        })
    }

    /// A disk of `room` bytes.
    struct Full {
        inner: Cursor<Vec<u8>>,
        room: usize,
    }

    impl Write for Full {
        fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
            if self.inner.get_ref().len() + buffer.len() > self.room {
                return Err(io::Error::from(io::ErrorKind::StorageFull));
            }
            self.inner.write(buffer)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for Full {
        fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
            self.inner.seek(position)
        }
    }

    impl Output for Full {
        fn truncate_to(&mut self, length: u64) -> io::Result<()> {
            self.inner.truncate_to(length)
        }
    }

    fn write(room: usize) -> io::Result<usize> {
        let full = Full {
            inner: Cursor::new(Vec::new()),
            room,
        };
        let mut container = Container::new(full, time());
        for name in ["a.txt", "b.txt"] {
            store(&mut container, name, &[b'x'; 100])?;
        }
        Ok(container.finish()?.inner.into_inner().len())
    }

    #[test]
    fn a_full_disk_is_said_wherever_it_happens() {
        let whole = write(usize::MAX).expect("room enough");
        for room in 0..whole {
            let error = write(room).expect_err("too little room");
            assert_eq!(error.kind(), io::ErrorKind::StorageFull, "room {room}: {error}");
        }
        assert_eq!(write(whole).expect("just enough"), whole);
    }

    #[test]
    fn an_entry_that_is_dropped_leaves_no_trace() {
        let bytes = |dropped: &[(&str, usize)]| {
            let mut container = Container::new(Cursor::new(Vec::new()), time());
            for name in ["a.txt", "b.txt", "c.txt"] {
                for (_, length) in dropped.iter().filter(|(before, _)| *before == name) {
                    container
                        .begin("dropped".to_owned(), Method::Stored)
                        .expect("memory");
                    container.write(&vec![b'd'; *length]).expect("memory");
                    container.abort().expect("memory");
                }
                store(&mut container, name, b"kept").expect("memory");
            }
            container
                .begin("unfinished".to_owned(), Method::Stored)
                .expect("memory");
            container.write(&vec![b'd'; HELD + 1]).expect("memory");
            container.finish().expect("memory").into_inner()
        };
        assert_eq!(
            bytes(&[("a.txt", 10), ("b.txt", HELD + 1), ("c.txt", 3 * HELD)]),
            bytes(&[])
        );
    }

    #[test]
    fn small_and_large_entries_are_read_by_others() {
        let contents = [
            ("empty", Vec::new()),
            ("small", b"small".to_vec()),
            ("just held", vec![b'h'; HELD]),
            ("just too long", vec![b'l'; HELD + 1]),
            ("größer.txt", vec![b'g'; 3 * HELD]),
        ];
        let mut container = Container::new(Cursor::new(Vec::new()), time());
        for (name, bytes) in &contents {
            store(&mut container, name, bytes).expect("memory");
        }
        let mut zip = zip::ZipArchive::new(container.finish().expect("memory")).expect("a zip");
        zip.validate_header_consistency().expect("consistent");
        assert_eq!(zip.len(), contents.len());
        for (name, bytes) in &contents {
            let mut back = Vec::new();
            zip.by_name(name).expect(name).read_to_end(&mut back).expect(name);
            assert!(back == *bytes, "{name}");
        }
    }

    #[test]
    fn more_entries_than_sixteen_bits_count() {
        let mut container = Container::new(Cursor::new(Vec::new()), time());
        for number in 0..70_000 {
            store(&mut container, &number.to_string(), b"").expect("memory");
        }
        let mut zip = zip::ZipArchive::new(container.finish().expect("memory")).expect("a zip");
        assert_eq!(zip.len(), 70_000);
        let last = zip.by_index(69_999).expect("the last");
        assert_eq!(last.name_raw(), b"69999");
    }

    /// Keeps short writes and forgets long ones, which come back as zeros.
    #[derive(Default)]
    struct Sparse {
        kept: BTreeMap<u64, Vec<u8>>,
        place: u64,
        length: u64,
    }

    /// A piece as long as this is forgotten.
    const LONG: usize = 1 << 20;

    impl Write for Sparse {
        fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
            if buffer.len() < LONG {
                self.kept.insert(self.place, buffer.to_vec());
            }
            self.place += buffer.len() as u64;
            self.length = self.length.max(self.place);
            Ok(buffer.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Read for Sparse {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let left = usize::try_from(self.length - self.place).unwrap_or(usize::MAX);
            let count = buffer.len().min(left);
            let end = self.place + count as u64;
            buffer[..count].fill(0);
            for (at, bytes) in self.kept.range(..end) {
                for (place, byte) in (*at..)
                    .zip(bytes)
                    .filter(|(place, _)| (self.place..end).contains(place))
                {
                    buffer[usize::try_from(place - self.place).expect("within")] = *byte;
                }
            }
            self.place = end;
            Ok(count)
        }
    }

    impl Seek for Sparse {
        fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
            let place = match position {
                SeekFrom::Start(place) => Some(place),
                SeekFrom::Current(step) => self.place.checked_add_signed(step),
                SeekFrom::End(step) => self.length.checked_add_signed(step),
            };
            self.place = place.ok_or(io::ErrorKind::InvalidInput)?;
            Ok(self.place)
        }
    }

    impl Output for Sparse {
        fn truncate_to(&mut self, length: u64) -> io::Result<()> {
            self.length = length;
            self.kept.retain(|at, _| *at < length);
            Ok(())
        }
    }

    #[test]
    fn an_entry_beyond_four_gibibytes_and_one_behind_it() {
        const PIECES: u64 = 4097;
        let mut container = Container::new(Sparse::default(), time());
        container
            .begin("large".to_owned(), Method::Stored)
            .expect("memory");
        let piece = vec![0; LONG];
        for _ in 0..PIECES {
            container.write(&piece).expect("memory");
        }
        let size = PIECES << 20;
        container.end(Totals { crc: 0, size }).expect("memory");
        store(&mut container, "behind", b"behind it").expect("memory");
        let mut zip = zip::ZipArchive::new(container.finish().expect("memory")).expect("a zip");
        zip.validate_header_consistency().expect("consistent");
        assert_eq!(zip.by_name("large").expect("there").size(), size);
        let mut back = String::new();
        zip.by_name("behind")
            .expect("there")
            .read_to_string(&mut back)
            .expect("read");
        assert_eq!(back, "behind it");
    }
}
