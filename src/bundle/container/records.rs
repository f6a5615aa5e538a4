//! The records of a zip (PKWARE's APPNOTE.TXT 6.3.10, whose section numbers stand below) and their zip64 forms.

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};

use super::{Entry, Method, Open, Totals, VERSION_ZIP64};

/// Attributes of every entry.
pub(in crate::bundle) const MODE: u32 = 0o644;
/// `S_IFREG`: a regular file.
pub(in crate::bundle) const REGULAR: u32 = 0o100_000;
/// "Made by" Unix (4.4.2.2).
const UNIX: u8 = 3;
/// The name is UTF-8 (4.4.4, bit 11).
const UTF8: u16 = 1 << 11;
/// Stands in a 32-bit field when the value is in the zip64 field (4.4.8).
const ELSEWHERE: u32 = u32::MAX;

/// 4.3.7. With [`VERSION_ZIP64`] the sizes stand in the extra field, whose length does not depend on them.
pub(super) fn local_header(
    open: &Open,
    version: u8,
    stamp: [u8; 4],
    totals: Totals,
    compressed: u64,
) -> Vec<u8> {
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
    pub(super) fn central_header(&self, out: &mut Vec<u8>, stamp: [u8; 4]) {
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
pub(super) fn end_records(out: &mut Vec<u8>, entries: u64, directory: u64) {
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
pub(in crate::bundle) fn zip64_field(values: &[u64]) -> Vec<u8> {
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

/// Of a held entry, which is at most [`super::HELD`] bytes compressed and therefore below 4 GiB in any case: deflate's best
/// ratio is 1:1032.
fn low(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(ELSEWHERE)
}

/// An instant as zip stores it (4.4.6, MS-DOS format): UTC, two-second steps, 1980 to 2107.
pub(in crate::bundle) fn stamp(time: DateTime<Utc>) -> [u8; 4] {
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
