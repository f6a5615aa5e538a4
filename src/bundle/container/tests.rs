use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use super::{Container, HELD, Method, Nowhere, Output, Totals};
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
    size: Nowhere,
}

/// A piece as long as this is forgotten.
const LONG: usize = 1 << 20;

impl Write for Sparse {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if buffer.len() < LONG {
            self.kept.insert(self.size.place(), buffer.to_vec());
        }
        self.size.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Sparse {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let from = self.size.place();
        let left = usize::try_from(self.size.length() - from).unwrap_or(usize::MAX);
        let count = buffer.len().min(left);
        let end = from + count as u64;
        buffer[..count].fill(0);
        for (at, bytes) in self.kept.range(..end) {
            for (place, byte) in (*at..)
                .zip(bytes)
                .filter(|(place, _)| (from..end).contains(place))
            {
                buffer[usize::try_from(place - from).expect("within")] = *byte;
            }
        }
        self.size.seek(SeekFrom::Start(end))?;
        Ok(count)
    }
}

impl Seek for Sparse {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.size.seek(position)
    }
}

impl Output for Sparse {
    fn truncate_to(&mut self, length: u64) -> io::Result<()> {
        self.kept.retain(|at, _| *at < length);
        self.size.truncate_to(length)
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
