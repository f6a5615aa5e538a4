//! Reading a zip, which anyone may have made or changed; the one place here that knows the `zip` crate.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::{self, Read, SeekFrom};

use chrono::{DateTime, Utc};
use zip::ZipArchive;

use super::container::{MODE, REGULAR, stamp, zip64_field};
use super::place::{Place, ReadSeek};

/// Entries beyond this are not a bundle.
const MAX_ENTRIES: usize = 1_000_000;

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
    zip: ZipArchive<Box<dyn ReadSeek>>,
    /// Names that are not UTF-8, with replacement characters, and their numbers.
    odd: HashMap<String, usize>,
    names: Vec<Box<str>>,
    duplicates: Vec<String>,
    /// The same file once more, for looking at headers.
    raw: Box<dyn ReadSeek>,
}

impl Reader {
    /// Reads the directory of the zip.
    pub(super) fn open(place: &Place<'_>) -> Result<Self, ReadError> {
        let mut file = place.open().map_err(ReadError::Io)?;
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
        let mut zip = ZipArchive::new(file).map_err(broken)?;
        if zip.len() > MAX_ENTRIES {
            return Err(ReadError::Broken(format!("{} entries", zip.len())));
        }
        let (mut odd, mut names, mut duplicates) = (HashMap::new(), Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        for (number, raw) in zip.file_names_raw().enumerate() {
            let name = String::from_utf8_lossy(raw);
            if matches!(name, Cow::Owned(_)) {
                odd.insert(name.clone().into_owned(), number);
            }
            names.push(Box::from(&*name));
            if !seen.insert(name.clone()) {
                duplicates.push(name.into_owned());
            }
        }
        drop(seen);
        // The crate folds entries of the same raw name into one.
        if zip.has_duplicate_names() && duplicates.is_empty() {
            duplicates.push(String::new());
        }
        if zip.has_overlapping_entries().map_err(broken)? {
            return Err(ReadError::Broken("overlapping entries".to_owned()));
        }
        Ok(Self {
            zip,
            odd,
            names,
            duplicates,
            raw: place.open().map_err(ReadError::Io)?,
        })
    }

    /// Names of all entries, in the directory's order.
    pub(super) fn names(&self) -> &[Box<str>] {
        &self.names
    }

    /// Names that stand more than once; an empty one when the name itself is lost.
    pub(super) fn duplicates(&self) -> &[String] {
        &self.duplicates
    }

    fn number(&self, name: &str) -> Option<usize> {
        (self.odd.get(name).copied()).or_else(|| self.zip.index_for_name(name))
    }

    /// How large an entry says it is.
    pub(super) fn size(&mut self, name: &str) -> Option<u64> {
        let place = self.number(name)?;
        Some(self.zip.by_index_raw(place).ok()?.size())
    }

    /// The contents of an entry; `None` when there is none of this name.
    pub(super) fn entry(&mut self, name: &str) -> Option<io::Result<Box<dyn Read + '_>>> {
        let place = self.number(name)?;
        Some(match self.zip.by_index(place) {
            Ok(file) => Ok(Box::new(file)),
            Err(error) => Err(error.into()),
        })
    }

    /// What of the container itself is not as [`Container`](super::container::Container) makes it: attributes, times, comments, headers that
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
        let stamp = created.map(stamp);
        for place in 0..self.zip.len() {
            let Ok(file) = self.zip.by_index_raw(place) else {
                return Some("unreadable header".to_owned());
            };
            let plain = file.is_file()
                && !file.encrypted()
                && file.comment().is_empty()
                && file.unix_mode().map(|mode| mode & 0o777) == Some(MODE);
            let headers = Headers {
                local: file.header_start(),
                central: file.central_header_start(),
                name: file.name_raw().to_vec(),
                sizes: [file.size(), file.compressed_size()],
                stamp,
            };
            if !plain || !headers.agree(&mut *self.raw).unwrap_or(false) {
                return Some(format!("header of {}", String::from_utf8_lossy(&headers.name)));
            }
        }
        match plain_end(&mut *self.raw, self.zip.len(), self.zip.central_directory_start()) {
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
    /// Time and date, if they are known.
    stamp: Option<[u8; 4]>,
}

impl Headers {
    /// Whether both headers say the same, and nothing that [`Container`](super::container::Container) does not write.
    fn agree(&self, file: &mut dyn ReadSeek) -> io::Result<bool> {
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
        let extra_is_sizes = !large || extra == zip64_field(&self.sizes);
        let flags = u16::from_le_bytes([central[8], central[9]]);
        let utf8 = if self.name.is_ascii() { 0 } else { 1 << 11 };
        // Comment length, disk, internal attributes; then the external attributes, whose high half is Unix's mode.
        let blank = central[32..38].iter().all(|byte| *byte == 0)
            && central[38..42] == ((REGULAR | MODE) << 16).to_le_bytes();
        // Made by: the version that is needed, on Unix.
        let made_by = central[4] == central[6] && central[5] == 3;
        let in_time = self.stamp.is_none_or(|stamp| central[12..16] == stamp);
        let central_extra = self.central_extra(file, &central)?;
        Ok(same
            && in_time
            && extra_is_sizes
            && rest == self.name
            && flags == utf8
            && blank
            && made_by
            && central_extra)
    }

    /// Whether the extra field behind the central header is absent, or begins with the sizes (an offset may follow).
    fn central_extra(&self, file: &mut dyn ReadSeek, central: &[u8; 46]) -> io::Result<bool> {
        let mut extra = vec![0; usize::from(u16::from_le_bytes([central[30], central[31]]))];
        file.seek(SeekFrom::Start(self.central + 46 + self.name.len() as u64))?;
        file.read_exact(&mut extra)?;
        let length = extra
            .get(2..4)
            .map(|length| u16::from_le_bytes([length[0], length[1]]));
        Ok(extra.is_empty() || length.is_some_and(|length| usize::from(length) + 4 == extra.len()))
    }
}

/// Whether the end record (APPNOTE.TXT 4.3.16) is the last thing of the file, counts `entries` and knows that their
/// directory begins at `directory`.
fn plain_end(file: &mut dyn ReadSeek, entries: usize, directory: u64) -> io::Result<bool> {
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
