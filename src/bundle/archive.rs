//! The one place that knows the `zip` crate.
//!
//! Everything that could differ between two runs or two systems is set: times, attributes, the "made by" system,
//! the compression level, the order (by the caller).

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Deflate level: with zlib-rs level 6 is both smaller and faster than 9 on logs.
const LEVEL: i64 = 6;
/// Attributes of every entry.
const MODE: u32 = 0o644;
/// `S_IFREG`: a regular file.
const REGULAR: u32 = 0o100_000;
/// From this size on an entry gets zip64 fields: 4 GiB less the room that redaction may need, because a pseudonym
/// can be longer than what it replaces.
const ZIP64_FROM: u64 = 2 << 30;
/// Entries beyond this are not a bundle.
const MAX_ENTRIES: usize = 1_000_000;

/// Where a zip can be written: it must be possible to drop an entry that was begun.
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

/// Remembers the first failure and goes on as if all were well, so that closing a half-written archive does not fail
/// (and print, or trip an assertion) once more. What it then "holds" is thrown away by the caller.
struct Guarded<W> {
    inner: W,
    /// Where the next byte goes, failed writes included.
    place: u64,
    shared: Shared,
}

/// What [`Guarded`] and [`Writer`] both must know.
type Shared = Arc<Mutex<State>>;

#[derive(Default)]
struct State {
    failure: Option<io::Error>,
    /// One past the last byte that counts.
    end: u64,
}

fn lock(shared: &Shared) -> MutexGuard<'_, State> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A copy of the failure, if there was one.
fn failed(shared: &Shared) -> Option<io::Error> {
    lock(shared)
        .failure
        .as_ref()
        .map(|error| match error.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::new(error.kind(), error.to_string()),
        })
}

impl<W> Guarded<W> {
    /// The result of `action`, or `otherwise` from the first failure on.
    fn guard<T>(&mut self, otherwise: T, action: impl FnOnce(&mut W) -> io::Result<T>) -> io::Result<T> {
        if lock(&self.shared).failure.is_some() {
            return Ok(otherwise);
        }
        match action(&mut self.inner) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                lock(&self.shared).failure = Some(error);
                Ok(otherwise)
            }
            result => result,
        }
    }
}

impl<W: Write> Write for Guarded<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let count = self.guard(buffer.len(), |inner| inner.write(buffer))?;
        self.place += count as u64;
        let mut state = lock(&self.shared);
        state.end = state.end.max(self.place);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.guard((), W::flush)
    }
}

impl<W: Seek> Seek for Guarded<W> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        let end = lock(&self.shared).end;
        let target = match position {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(step) => self.place.checked_add_signed(step),
            SeekFrom::End(step) => end.checked_add_signed(step),
        };
        let target = target.ok_or(io::ErrorKind::InvalidInput)?;
        self.place = self.guard(target, |inner| inner.seek(SeekFrom::Start(target)))?;
        Ok(self.place)
    }
}

/// A zip being written.
pub(super) struct Writer<W: Output> {
    zip: ZipWriter<Guarded<W>>,
    shared: Shared,
    time: zip::DateTime,
}

impl<W: Output> Writer<W> {
    /// A zip whose entries all bear `time`.
    pub(super) fn new(inner: W, time: DateTime<Utc>) -> Self {
        let shared = Shared::default();
        let guarded = Guarded {
            inner,
            place: 0,
            shared: Arc::clone(&shared),
        };
        Self {
            zip: ZipWriter::new(guarded),
            shared,
            time: dos_time(time),
        }
    }

    /// Begins an entry. `size` is about how large it will be; `None`: not known.
    pub(super) fn start(&mut self, path: &str, size: Option<u64>, compress: bool) -> io::Result<()> {
        let method = if compress {
            CompressionMethod::Deflated
        } else {
            CompressionMethod::Stored
        };
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .compression_level(compress.then_some(LEVEL))
            .last_modified_time(self.time)
            .unix_permissions(MODE)
            .system(zip::System::Unix)
            .large_file(size.is_none_or(|size| size >= ZIP64_FROM));
        let started = self.zip.start_file(path, options);
        self.sound(started)
    }

    /// Drops the entry that was begun, as if it had never been.
    pub(super) fn abort(&mut self) -> io::Result<()> {
        let aborted = self.zip.abort_file();
        self.sound(aborted)?;
        if let Some(guarded) = self.zip.get_ref() {
            lock(&self.shared).end = guarded.place;
        }
        Ok(())
    }

    /// Ends the archive and gives the writer back.
    pub(super) fn finish(self) -> io::Result<W> {
        let Self { zip, shared, .. } = self;
        let finished = zip.finish();
        if let Some(error) = failed(&shared) {
            return Err(error);
        }
        let mut inner = finished?.inner;
        // An entry that was dropped at the end leaves bytes behind it.
        inner.truncate_to(lock(&shared).end)?;
        Ok(inner)
    }

    fn sound<T>(&self, result: Result<T, impl Into<io::Error>>) -> io::Result<T> {
        match failed(&self.shared) {
            Some(error) => Err(error),
            None => result.map_err(Into::into),
        }
    }
}

impl<W: Output> Write for Writer<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.zip.write(buffer);
        self.sound(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.zip.flush();
        self.sound(flushed)
    }
}

/// An instant as zip stores it: UTC, two-second steps, 1980 to 2107.
fn dos_time(time: DateTime<Utc>) -> zip::DateTime {
    let part = |number: u32| u8::try_from(number).unwrap_or_default();
    u16::try_from(time.year())
        .ok()
        .and_then(|year| {
            zip::DateTime::from_date_and_time(
                year,
                part(time.month()),
                part(time.day()),
                part(time.hour()),
                part(time.minute()),
                part(time.second()),
            )
            .ok()
        })
        .unwrap_or_default()
}

/// Why a zip cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    /// The file itself.
    #[error(transparent)]
    Io(io::Error),
    /// Not a zip at all.
    #[error("not a zip archive")]
    NotZip,
    /// A zip, but broken or built to deceive.
    #[error("{0}")]
    Broken(String),
}

/// A zip being read.
pub(super) struct Reader {
    zip: ZipArchive<BufReader<File>>,
    /// Index by name as stored; a name that is not UTF-8 stands with replacement characters.
    index: HashMap<String, usize>,
    names: Vec<String>,
    duplicates: Vec<String>,
    /// The same file once more, for looking at headers.
    raw: File,
}

impl Reader {
    /// Reads the directory of the zip.
    pub(super) fn open(path: &std::path::Path) -> Result<Self, ReadError> {
        let mut file = File::open(path).map_err(ReadError::Io)?;
        let mut magic = [0; 4];
        let mut filled = 0;
        while filled < magic.len() {
            match file.read(&mut magic[filled..]).map_err(ReadError::Io)? {
                0 => break,
                count => filled += count,
            }
        }
        // A local file header, or the end record of an empty archive.
        if &magic != b"PK\x03\x04" && &magic != b"PK\x05\x06" {
            return Err(ReadError::NotZip);
        }
        let broken = |error: zip::result::ZipError| ReadError::Broken(error.to_string());
        let mut zip = ZipArchive::new(BufReader::with_capacity(64 * 1024, file)).map_err(broken)?;
        if zip.len() > MAX_ENTRIES {
            return Err(ReadError::Broken(format!("{} entries", zip.len())));
        }
        let (mut index, mut names, mut duplicates) = (HashMap::new(), Vec::new(), Vec::new());
        for (place, raw) in zip.file_names_raw().enumerate() {
            let name = String::from_utf8_lossy(raw).into_owned();
            if index.insert(name.clone(), place).is_some() {
                duplicates.push(name.clone());
            }
            names.push(name);
        }
        // The crate folds entries of the same raw name into one.
        if zip.has_duplicate_names() && duplicates.is_empty() {
            duplicates.push(String::new());
        }
        if zip.has_overlapping_entries().map_err(broken)? {
            return Err(ReadError::Broken("overlapping entries".to_owned()));
        }
        Ok(Self {
            zip,
            index,
            names,
            duplicates,
            raw: File::open(path).map_err(ReadError::Io)?,
        })
    }

    /// Names of all entries, in the directory's order.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Names that stand more than once; an empty one when the name itself is lost.
    pub(super) fn duplicates(&self) -> &[String] {
        &self.duplicates
    }

    /// The contents of an entry; `None` when there is none of this name.
    pub(super) fn entry(&mut self, name: &str) -> Option<io::Result<Box<dyn Read + '_>>> {
        let place = *self.index.get(name)?;
        Some(match self.zip.by_index(place) {
            Ok(file) => Ok(Box::new(file)),
            Err(error) => Err(error.into()),
        })
    }

    /// What of the container itself is not as [`Writer`] makes it: attributes, times, comments, headers that
    /// contradict each other, bytes that belong to no entry. `None`: nothing.
    pub(super) fn oddity(&mut self, created: Option<DateTime<Utc>>) -> Option<String> {
        if !self.zip.comment().is_empty() {
            return Some("archive comment".to_owned());
        }
        if self.zip.offset() != 0 {
            return Some("bytes before the archive".to_owned());
        }
        if let Err(error) = self.zip.validate_header_consistency() {
            return Some(error.to_string());
        }
        let time = created.map(dos_time);
        for place in 0..self.zip.len() {
            let Ok(file) = self.zip.by_index_raw(place) else {
                return Some("unreadable header".to_owned());
            };
            let plain = file.is_file()
                && !file.encrypted()
                && file.comment().is_empty()
                && file.unix_mode().map(|mode| mode & 0o777) == Some(MODE)
                && (time.is_none() || file.last_modified() == time);
            let headers = Headers {
                local: file.header_start(),
                central: file.central_header_start(),
                name: file.name_raw().to_vec(),
                sizes: [file.size(), file.compressed_size()],
            };
            if !plain || !headers.agree(&mut self.raw).unwrap_or(false) {
                return Some(format!("header of {}", String::from_utf8_lossy(&headers.name)));
            }
        }
        match plain_end(&mut self.raw, self.zip.len(), self.zip.central_directory_start()) {
            Ok(true) => None,
            _ => Some("end record".to_owned()),
        }
    }
}

/// Where the two headers of an entry are (APPNOTE.TXT 4.3.7 and 4.3.12), and what they must say.
struct Headers {
    local: u64,
    central: u64,
    name: Vec<u8>,
    sizes: [u64; 2],
}

impl Headers {
    /// Whether both headers say the same, and nothing that [`Writer`] does not write.
    fn agree(&self, file: &mut File) -> io::Result<bool> {
        let (mut local, mut central) = ([0; 30], [0; 46]);
        file.seek(SeekFrom::Start(self.central))?;
        file.read_exact(&mut central)?;
        file.seek(SeekFrom::Start(self.local))?;
        file.read_exact(&mut local)?;
        let mut rest = vec![0; self.name.len()];
        file.read_exact(&mut rest)?;
        let extra_length = usize::from(u16::from_le_bytes([local[28], local[29]]));
        let mut extra = vec![0; extra_length];
        file.read_exact(&mut extra)?;
        let large = extra_length > 0;
        // Version needed, flags, method, time, date, check sum; and the sizes unless they stand in the extra field.
        let common = if large { 14 } else { 22 };
        let same = local[4..4 + common] == central[6..6 + common];
        let extra_is_sizes = !large || extra == zip64_field(self.sizes);
        let flags = u16::from_le_bytes([central[8], central[9]]);
        let utf8 = if self.name.is_ascii() { 0 } else { 1 << 11 };
        // Comment length, disk, internal attributes; then the external attributes, whose high half is Unix's mode.
        let blank = central[32..38].iter().all(|byte| *byte == 0)
            && central[38..42] == ((REGULAR | MODE) << 16).to_le_bytes();
        // Made by: the version that is needed, on Unix.
        let made_by = central[4] == central[6] && central[5] == 3;
        let central_extra = self.central_extra(file, &central)?;
        Ok(same && extra_is_sizes && rest == self.name && flags == utf8 && blank && made_by && central_extra)
    }

    /// Whether the extra field behind the central header is absent, or begins with the sizes (an offset may follow).
    fn central_extra(&self, file: &mut File, central: &[u8; 46]) -> io::Result<bool> {
        let mut extra = vec![0; usize::from(u16::from_le_bytes([central[30], central[31]]))];
        file.seek(SeekFrom::Start(self.central + 46 + self.name.len() as u64))?;
        file.read_exact(&mut extra)?;
        let length = extra
            .get(2..4)
            .map(|length| u16::from_le_bytes([length[0], length[1]]));
        Ok(length.is_none_or(|length| usize::from(length) + 4 == extra.len()))
    }
}

/// The zip64 field of a local header (APPNOTE.TXT 4.5.3): original size, compressed size.
fn zip64_field(sizes: [u64; 2]) -> Vec<u8> {
    let mut field = vec![1, 0, 16, 0];
    for size in sizes {
        field.extend_from_slice(&size.to_le_bytes());
    }
    field
}

/// Whether the end record (APPNOTE.TXT 4.3.16) is the last thing of the file, counts `entries` and knows that their
/// directory begins at `directory`.
fn plain_end(file: &mut File, entries: usize, directory: u64) -> io::Result<bool> {
    let mut end = [0; 22];
    let place = file.seek(SeekFrom::End(-22))?;
    file.read_exact(&mut end)?;
    let count = u16::try_from(entries).unwrap_or(u16::MAX).to_le_bytes();
    let field = |value: u64| u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes();
    let large = count == [0xff; 2] || end[16..20] == [0xff; 4];
    // With zip64 the record before it says where the directory is, and the reader believed that one.
    let located =
        large || (end[12..16] == field(place.saturating_sub(directory)) && end[16..20] == field(directory));
    Ok(end[..4] == *b"PK\x05\x06"
        && end[4..8] == [0; 4]
        && end[8..10] == count
        && end[10..12] == count
        && located
        && end[20..] == [0; 2])
}

#[cfg(test)]
mod tests {
    use std::io::{self, Cursor, Seek, SeekFrom, Write};

    use super::{Output, Writer};
    use chrono::{DateTime, TimeZone as _, Utc};

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

    fn time() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 22, 10, 0, 0)
            .single()
            .unwrap_or_default()
    }

    fn write(room: usize) -> io::Result<usize> {
        let full = Full {
            inner: Cursor::new(Vec::new()),
            room,
        };
        let mut writer = Writer::new(full, time());
        for name in ["a.txt", "b.txt"] {
            writer.start(name, None, false)?;
            writer.write_all(&[b'x'; 100])?;
        }
        Ok(writer.finish()?.inner.into_inner().len())
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
        let bytes = |drop_one: &[&str]| {
            let mut writer = Writer::new(Cursor::new(Vec::new()), time());
            for name in ["a.txt", "b.txt", "c.txt"] {
                if drop_one.contains(&name) {
                    writer.start(name, None, true).expect("memory");
                    writer
                        .write_all("dropped ".repeat(9000).as_bytes())
                        .expect("memory");
                    writer.abort().expect("memory");
                } else if name != "c.txt" {
                    writer.start(name, None, true).expect("memory");
                    writer.write_all(b"kept").expect("memory");
                }
            }
            writer.finish().expect("memory").into_inner()
        };
        assert_eq!(bytes(&["c.txt"]), bytes(&[]));
        assert!(bytes(&["b.txt", "c.txt"]).len() < bytes(&[]).len());
    }
}
