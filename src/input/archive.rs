//! Zip, tar and gzip, opened without writing a name of theirs anywhere.

use std::io::{self, Read};
use std::path::PathBuf;

use zip::CompressionMethod;

use super::error::{Fault, InputError, Limit};
use super::limits::{Budget, Unpacked, Whole};
use super::shared::Shared;
use super::{Pending, decode, failed};

pub(super) fn is_gzip(head: &[u8]) -> bool {
    head.starts_with(&[0x1f, 0x8b, 8])
}

pub(super) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// POSIX and GNU tar; the old format without a mark is known by its checksum.
pub(super) fn is_tar(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar")
}

/// Whether a file is no text: by its first bytes, or because it has control characters that no text has.
pub(super) fn is_binary(head: &[u8]) -> bool {
    const MAGIC: &[&[u8]] = &[
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"GIF8",
        b"%PDF-",
        b"BZh",
        b"\xfd7zXZ\0",
        b"7z\xbc\xaf\x27\x1c",
        b"\x28\xb5\x2f\xfd",
        b"Rar!\x1a\x07",
        b"SQLite format 3\0",
        b"\x7fELF",
        b"\xd0\xcf\x11\xe0",
        b"\xd4\xc3\xb2\xa1",
        b"\x0a\x0d\x0d\x0a",
        b"\xfe\xed\xfe\xed",
        b"MZ\x90\0",
        b"RIFF",
        b"\0\0\0\x18ftyp",
        b"\0\0\0\x20ftyp",
    ];
    if MAGIC.iter().any(|magic| head.starts_with(magic)) {
        return true;
    }
    if matches!(
        decode::Encoding::detect(head, false),
        decode::Encoding::Utf16 { .. }
    ) {
        return false;
    }
    let odd = head
        .iter()
        .filter(|byte| matches!(byte, 0..=6 | 0x0e..=0x1a | 0x1c..=0x1f))
        .count();
    odd * 10 > head.len()
}

/// Where an archive is.
pub(super) struct Place<'a> {
    pub(super) name: &'a str,
    pub(super) path: Option<&'a PathBuf>,
    pub(super) depth: u32,
}

impl Place<'_> {
    fn member(&self, name: &str) -> String {
        format!("{}!{name}", self.name)
    }

    fn stream(&self, name: String, size: u64, reader: Box<dyn Read + Send>) -> Pending {
        Pending::Stream {
            name,
            path: self.path.cloned(),
            size: Some(size),
            depth: self.depth,
            unpacked: false,
            reader,
        }
    }
}

/// The members of a zip archive, in its order.
pub(super) fn zip(place: &Place<'_>, store: &Shared, budget: &Budget, room: u64) -> Vec<Pending> {
    let refuse = |fault: Fault| vec![Pending::Failed(failed(place.name, fault))];
    let mut archive = match zip::ZipArchive::new(store.clone()) {
        Ok(archive) => archive,
        Err(error) => return refuse(zip_fault(error)),
    };
    if archive.len() as u64 > room {
        return refuse(Fault::Limit(Limit::Count));
    }
    match archive.has_overlapping_entries() {
        Ok(false) => {}
        Ok(true) => return refuse(Fault::Limit(Limit::Overlap)),
        Err(error) => return refuse(zip_fault(error)),
    }
    let mut members = Vec::new();
    for index in 0..archive.len() {
        match zip_member(place, &mut archive, index, store, budget) {
            Ok(member) => members.extend(member),
            Err(error) => members.push(Pending::Failed(error)),
        }
    }
    members
}

fn zip_member(
    place: &Place<'_>,
    archive: &mut zip::ZipArchive<Shared>,
    index: usize,
    store: &Shared,
    budget: &Budget,
) -> Result<Option<Pending>, InputError> {
    let entry = archive
        .by_index_raw(index)
        .map_err(|error| failed(&place.member(&format!("#{index}")), zip_fault(error)))?;
    let name = place.member(&String::from_utf8_lossy(entry.name_raw()));
    if entry.is_dir() || entry.is_symlink() {
        return Ok(None);
    }
    if entry.encrypted() {
        return Err(failed(&name, Fault::Encrypted));
    }
    let Some(start) = entry.data_start() else {
        return Err(failed(&name, Fault::Truncated));
    };
    let packed = Whole::new(
        store.part(start, entry.compressed_size()),
        entry.compressed_size(),
    );
    let size = entry.size();
    let limits = budget.limits;
    // What its own directory says is enough; one that says less than it holds is cut off while it is read.
    if size > limits.ratio_from && size / entry.compressed_size().max(1) > limits.ratio {
        return Err(failed(&name, Fault::Limit(Limit::Ratio)));
    }
    let reader: Box<dyn Read + Send> = match entry.compression() {
        CompressionMethod::Stored => Box::new(Checked::new(packed, size, entry.crc32())),
        CompressionMethod::Deflated => {
            let unpacked = Unpacked::new(packed, budget, |packed| {
                flate2::bufread::DeflateDecoder::new(io::BufReader::with_capacity(64 * 1024, packed))
            });
            Box::new(Checked::new(unpacked, size, entry.crc32()))
        }
        _ => return Err(failed(&name, Fault::Method)),
    };
    Ok(Some(place.stream(name, size, reader)))
}

fn zip_fault(error: zip::result::ZipError) -> Fault {
    match error {
        zip::result::ZipError::Io(error) => Fault::from(error),
        zip::result::ZipError::InvalidPassword => Fault::Encrypted,
        error => Fault::Damaged(error.to_string()),
    }
}

/// Compares length and checksum of a zip member with what its directory says.
struct Checked<R> {
    reader: R,
    left: u64,
    expected: u32,
    sum: flate2::Crc,
}

impl<R> Checked<R> {
    fn new(reader: R, size: u64, expected: u32) -> Self {
        Self {
            reader,
            left: size,
            expected,
            sum: flate2::Crc::new(),
        }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(out)?;
        self.sum.update(out.get(..count).unwrap_or_default());
        if count as u64 > self.left {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "longer than its directory says",
            ));
        }
        self.left -= count as u64;
        if count == 0 && !out.is_empty() {
            if self.left > 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if self.sum.sum() != self.expected {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "checksum"));
            }
        }
        Ok(count)
    }
}

/// The members of a tar archive, in its order.
pub(super) fn tar(place: &Place<'_>, store: &Shared, room: u64) -> Vec<Pending> {
    let mut archive = tar::Archive::new(store.clone());
    let mut members = Vec::new();
    let entries = match archive.entries_with_seek() {
        Ok(entries) => entries,
        Err(error) => return vec![Pending::Failed(failed(place.name, error))],
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                // The tar reader says "other" for every fault of a header.
                let fault = match Fault::from(error) {
                    Fault::Read(error) => Fault::Damaged(error.to_string()),
                    fault => fault,
                };
                members.push(Pending::Failed(failed(place.name, fault)));
                break;
            }
        };
        if members.len() as u64 >= room {
            members.push(Pending::Failed(failed(place.name, Fault::Limit(Limit::Count))));
            break;
        }
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = place.member(&String::from_utf8_lossy(&entry.path_bytes()));
        let size = entry.size();
        let reader = Whole::new(store.part(entry.raw_file_position(), size), size);
        members.push(place.stream(name, size, Box::new(reader)));
    }
    members
}
