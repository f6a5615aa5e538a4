use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeZone as _, Utc};

use super::{FaultKind, Item, MANIFEST, Meta, PackError, Status, open, pack, verify, write};
use crate::i18n::{Catalog, Lang, Message};
use crate::interrupt::Interrupt;
use crate::redact::map::{Identities, Recipients};
use crate::redact::{Content, Policy, Protected, Redacted, Redactor, SiteKey, Withheld};

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 22, 9, 0, 0)
        .single()
        .unwrap_or_default()
}

fn redactor() -> Redactor {
    Redactor::new(Policy::default(), SiteKey::of_tests(), Protected::none())
}

/// Nobody: what the tests write can be read by everybody.
static NOBODY: std::sync::LazyLock<Recipients> = std::sync::LazyLock::new(Recipients::default);

fn meta<'a>(redactor: &'a Redactor, catalog: &'a Catalog) -> Meta<'a> {
    Meta {
        created_at: now(),
        reproducible: true,
        catalog,
        redactor,
        options: serde_json::Map::new(),
        clock_offset_seconds: Some(2),
        consent: Some("flag".to_owned()),
        recipients: &NOBODY,
        threads: 2,
    }
}

fn why() -> Message {
    Message::new("bundle-why").arg("part", "log")
}

const LOG: &str = "2026-11-20T08:12:01Z login of ana@example.org password=hunter2secret\n";

/// Every kind of item that a collector can hand over.
fn items(redactor: &Redactor) -> Vec<Item> {
    let text = |text: &str| redactor.content(text.as_bytes());
    let reason = || Message::new("redact-error-binary");
    vec![
        Item::new("report.json", "w4b-diag", why(), text("{}\n"), now()),
        Item::new("report.html", "w4b-diag", why(), text("<p>x\n"), now()),
        Item::new(
            "service-request.txt",
            "w4b-diag",
            why(),
            text("Title: x\n"),
            now(),
        ),
        Item::new(
            "logs/z.log",
            "/var/log/ana@example.org.log",
            why(),
            redactor.redact_stream(Cursor::new(LOG.repeat(200))),
            now(),
        )
        .size(14_000),
        Item::new("logs/../../a.log", "a.log", why(), text(LOG), now()),
        Item::new("logs/A.log", "A.log", why(), text(LOG), now()).partial(reason()),
        Item::new(
            "attachments/screen.png",
            "screen.png",
            why(),
            Redacted::consented_picture(b"\x89PNG\r\n\x1a\n....".to_vec()).map_or_else(
                |error| Content::Withheld(Withheld::from(&error)),
                Content::Redacted,
            ),
            now(),
        ),
        Item::new(
            "logs/core.bin",
            "core.bin",
            why(),
            Content::Withheld(Withheld::new(reason())),
            now(),
        ),
        Item::failed(
            "status/index.json",
            "https://status.example.com",
            why(),
            Status::TimedOut,
            reason(),
            now(),
        ),
        Item::skipped("tls/xsp1", "xsp1.example.net", why(), reason(), now()),
        // Cannot be read to its end: nothing of it may stay.
        Item::new(
            "logs/torn.log",
            "torn.log",
            why(),
            redactor.redact_stream(std::io::Read::chain(Cursor::new(LOG.repeat(100)), Torn)),
            now(),
        ),
    ]
}

/// A disk that fails.
struct Torn;

impl std::io::Read for Torn {
    fn read(&mut self, _buffer: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("bad sector"))
    }
}

fn zip_at(directory: &Path) -> (PathBuf, super::Manifest) {
    let (redactor, catalog) = (redactor(), Catalog::new(Lang::De));
    let path = directory.join("case.zip");
    let manifest = write(
        &path,
        "case",
        items(&redactor),
        &meta(&redactor, &catalog),
        &Interrupt::new(),
    )
    .expect("packed")
    .manifest;
    (path, manifest)
}

#[test]
fn what_is_packed_is_verified_and_accounted_for() {
    let directory = tempfile::tempdir().expect("a directory");
    let (path, manifest) = zip_at(directory.path());
    let paths: Vec<&str> = manifest.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "README.txt",
            "service-request.txt",
            "report.html",
            "report.json",
            "attachments/screen.png",
            "logs/A.log",
            "logs/a-2.log",
            "logs/core.bin.withheld.txt",
            "logs/torn.log.withheld.txt",
            "logs/z.log",
            "status/index.json.err.txt",
        ]
    );
    let status = |path: &str| manifest.file(path).map(|file| file.status);
    assert_eq!(status("logs/A.log"), Some(Status::Partial));
    assert_eq!(status("logs/core.bin.withheld.txt"), Some(Status::Withheld));
    assert_eq!(status("logs/torn.log.withheld.txt"), Some(Status::Withheld));
    assert_eq!(status("status/index.json.err.txt"), Some(Status::TimedOut));
    assert_eq!(manifest.skipped.len(), 1);
    let log = manifest.file("logs/z.log").expect("packed");
    assert!(log.redactions.iter().any(|found| found == ("password", 200)));
    assert!(!log.source.contains("ana@"), "{}", log.source);
    assert!(log.duration_ms.is_none() && log.collected_at == "2026-11-22T09:00:00Z");
    let examination = verify(&path, &Identities::default(), 2, &Interrupt::new()).expect("a bundle");
    assert_eq!(examination.faults, []);
    assert_eq!(examination.leaks, []);
    assert_eq!(examination.unscanned, Vec::<String>::new());
    assert_eq!(examination.manifest.as_ref(), Some(&manifest));
    let left: Vec<_> = std::fs::read_dir(directory.path())
        .expect("a directory")
        .collect();
    assert_eq!(left.len(), 1, "nothing but the zip: {left:?}");
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let (redactor, catalog) = (redactor(), Catalog::new(Lang::It));
    let bytes = || {
        let mut items = items(&redactor);
        for item in &mut items {
            item.collected_at = Utc::now();
            item.duration_ms = Some(u64::from(Utc::now().timestamp_subsec_nanos()));
        }
        let mut output = Cursor::new(Vec::new());
        pack(
            &mut output,
            "case",
            items,
            &meta(&redactor, &catalog),
            &Interrupt::new(),
        )
        .expect("packed");
        output.into_inner()
    };
    assert!(bytes() == bytes());
}

#[test]
#[expect(clippy::cast_possible_truncation, reason = "the zip is small")]
fn a_changed_byte_anywhere_is_found() {
    let directory = tempfile::tempdir().expect("a directory");
    let (redactor, catalog) = (redactor(), Catalog::new(Lang::En));
    let path = directory.path().join("case.zip");
    let text = |text: &str| redactor.content(text.as_bytes());
    let items = vec![
        Item::new("logs/a.log", "a.log", why(), text(LOG), now()),
        Item::new(
            "logs/b.log",
            "b.log",
            why(),
            redactor.redact_stream(Cursor::new(LOG)),
            now(),
        ),
    ];
    write(
        &path,
        "case",
        items,
        &meta(&redactor, &catalog),
        &Interrupt::new(),
    )
    .expect("packed");
    let good = std::fs::read(&path).expect("the zip");
    let changed = directory.path().join("changed.zip");
    let mut archive = zip::ZipArchive::new(Cursor::new(good.clone())).expect("a zip");
    let data: Vec<std::ops::Range<usize>> = (0..archive.len())
        .map(|place| {
            let file = archive.by_index_raw(place).expect("an entry");
            let start = file.data_start().expect("read") as usize;
            start..start + file.compressed_size() as usize
        })
        .collect();
    let mut unseen = Vec::new();
    for place in 0..good.len() {
        // Every byte of the headers; of the contents, which a check sum covers, every ninth.
        if place % 9 != 0 && data.iter().any(|range| range.contains(&place)) {
            continue;
        }
        let mut bytes = good.clone();
        // Another bit each time; all headers are hit often enough to meet every bit.
        bytes[place] ^= 1 << (place % 8);
        std::fs::write(&changed, &bytes).expect("written");
        match verify(&changed, &Identities::default(), 2, &Interrupt::new()) {
            Ok(examination) if examination.faults.is_empty() => unseen.push(place),
            Ok(_) => {}
            // Only the first four bytes say that it is a zip at all.
            Err(error) => assert!(place < 4, "byte {place}: {error}"),
        }
    }
    // Some bits of a deflate stream mean nothing: what fills up its last byte, the length of a code that is not used.
    // A change of them that gives the same contents is none.
    let contents = |bytes: Vec<u8>| -> Vec<Vec<u8>> {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
        (0..archive.len())
            .map(|place| {
                let mut contents = Vec::new();
                let mut file = archive.by_index(place).expect("an entry");
                std::io::Read::read_to_end(&mut file, &mut contents).expect("whole");
                contents
            })
            .collect()
    };
    let packed = contents(good.clone());
    unseen.retain(|place| {
        let mut bytes = good.clone();
        bytes[*place] ^= 1 << (place % 8);
        !data.iter().any(|range| range.contains(place)) || contents(bytes) != packed
    });
    assert_eq!(unseen, Vec::<usize>::new());
}

/// Name and contents of an entry to what stands in its place.
type Change<'a> = &'a dyn Fn(&str, Vec<u8>) -> Vec<(String, Vec<u8>)>;

/// Packs `changed` over the good bundle's files with the manifest left alone, as a person with a zip program would.
fn repacked(from: &Path, to: &Path, change: Change<'_>) {
    let mut source = zip::ZipArchive::new(std::fs::File::open(from).expect("the zip")).expect("a zip");
    let mut target = zip::ZipWriter::new(std::fs::File::create(to).expect("writable"));
    for place in 0..source.len() {
        let mut file = source.by_index(place).expect("an entry");
        let name = file.name().expect("UTF-8").into_owned();
        let mut bytes = Vec::new();
        std::io::copy(&mut file, &mut bytes).expect("readable");
        for (name, bytes) in change(&name, bytes) {
            target
                .start_file(name, zip::write::SimpleFileOptions::default())
                .expect("a new entry");
            target.write_all(&bytes).expect("writable");
        }
    }
    target.finish().expect("finished");
}

#[test]
fn a_repacked_zip_names_the_file_that_differs() {
    let directory = tempfile::tempdir().expect("a directory");
    let (path, _) = zip_at(directory.path());
    let other = directory.path().join("other.zip");
    let fault = |change: Change<'_>| {
        repacked(&path, &other, change);
        let examination = verify(&other, &Identities::default(), 2, &Interrupt::new()).expect("a bundle");
        let fault = examination.faults.first().expect("a fault").clone();
        (fault.path, fault.kind)
    };
    let log = "case/logs/z.log";
    let changed = fault(&|name, mut bytes| {
        if name == log {
            bytes.extend_from_slice(b"more\n");
        }
        vec![(name.to_owned(), bytes)]
    });
    assert_eq!(changed, ("logs/z.log".to_owned(), FaultKind::Changed));
    let missing = fault(&|name, bytes| {
        if name == log {
            return Vec::new();
        }
        vec![(name.to_owned(), bytes)]
    });
    assert_eq!(missing, ("logs/z.log".to_owned(), FaultKind::Missing));
    let extra = fault(&|name, bytes| {
        let mut files = vec![(name.to_owned(), bytes.clone())];
        if name == log {
            files.push(("case/logs/new.log".to_owned(), bytes));
        }
        files
    });
    assert_eq!(extra, ("logs/new.log".to_owned(), FaultKind::Extra));
    let unsafe_name = fault(&|name, bytes| {
        let mut files = vec![(name.to_owned(), bytes.clone())];
        if name == log {
            files.push(("case/../../etc/cron.d/x".to_owned(), bytes));
        }
        files
    });
    assert_eq!(unsafe_name, ("../../etc/cron.d/x".to_owned(), FaultKind::Name));
    let manifest = fault(&|name, bytes| {
        let text = String::from_utf8_lossy(&bytes).replace("\"status\": \"partial\"", "\"status\": \"ok\"");
        let bytes = if name.ends_with(MANIFEST) {
            text.into_bytes()
        } else {
            bytes
        };
        vec![(name.to_owned(), bytes)]
    });
    assert_eq!(manifest.0, MANIFEST);
}

#[test]
fn a_secret_that_was_put_in_later_is_found() {
    let directory = tempfile::tempdir().expect("a directory");
    let (path, _) = zip_at(directory.path());
    let other = directory.path().join("other.zip");
    repacked(&path, &other, &|name, mut bytes| {
        if name.ends_with("A.log") {
            bytes.extend_from_slice(b"Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123456789\n");
        }
        vec![(name.to_owned(), bytes)]
    });
    let examination = verify(&other, &Identities::default(), 2, &Interrupt::new()).expect("a bundle");
    assert_eq!(
        examination.leaks.first().map(|leak| leak.path.as_str()),
        Some("logs/A.log")
    );
}

#[test]
fn an_interrupt_leaves_nothing_behind() {
    let directory = tempfile::tempdir().expect("a directory");
    let (redactor, catalog) = (redactor(), Catalog::new(Lang::En));
    let interrupt = Interrupt::new();
    let trigger = interrupt.clone();
    // Ctrl-C while a log is read.
    let reader = std::io::Read::chain(Cursor::new(LOG.repeat(10)), Trigger(trigger));
    let items = vec![Item::new(
        "logs/a.log",
        "a.log",
        why(),
        redactor.redact_stream(reader),
        now(),
    )];
    let path = directory.path().join("case.zip");
    std::fs::write(&path, "the bundle of yesterday").expect("written");
    let error = write(&path, "case", items, &meta(&redactor, &catalog), &interrupt).expect_err("interrupted");
    assert!(matches!(error, PackError::Interrupted(_)), "{error}");
    let left: Vec<_> = std::fs::read_dir(directory.path())
        .expect("a directory")
        .collect();
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(std::fs::read(&path).expect("kept"), b"the bundle of yesterday");
}

struct Trigger(Interrupt);

impl std::io::Read for Trigger {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let line: &[u8] = if self.0.is_set() { b"" } else { b"one more line\n" };
        self.0.trigger();
        let count = line.len().min(buffer.len());
        buffer[..count].copy_from_slice(&line[..count]);
        Ok(count)
    }
}

#[test]
fn entries_in_another_order_are_seen() {
    let directory = tempfile::tempdir().expect("a directory");
    let (path, _) = zip_at(directory.path());
    let mut bytes = std::fs::read(&path).expect("the zip");
    // The directory of the zip (APPNOTE.TXT 4.3.12) with its entries turned round.
    let end = bytes.len() - 22;
    let number = |at: usize, bytes: &[u8]| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let start = number(end + 16, &bytes) + (number(end + 18, &bytes) << 16);
    let (mut at, mut entries) = (start, Vec::new());
    while at < end {
        let length = 46 + number(at + 28, &bytes) + number(at + 30, &bytes) + number(at + 32, &bytes);
        entries.push(bytes[at..at + length].to_vec());
        at += length;
    }
    entries.reverse();
    bytes.splice(start..end, entries.concat());
    let other = directory.path().join("other.zip");
    std::fs::write(&other, &bytes).expect("written");
    let examination = verify(&other, &Identities::default(), 2, &Interrupt::new()).expect("a bundle");
    assert!(
        matches!(&examination.faults[..], [fault] if fault.kind == FaultKind::Container("order of entries".to_owned())),
        "{:?}",
        examination.faults
    );
}

#[test]
fn a_directory_that_does_not_exist_is_said() {
    let (redactor, catalog) = (redactor(), Catalog::new(Lang::En));
    let error = write(
        Path::new("/nonexistent/case.zip"),
        "case",
        Vec::new(),
        &meta(&redactor, &catalog),
        &Interrupt::new(),
    )
    .expect_err("no such directory");
    let message = error.message().expect("something to say");
    assert_eq!(
        catalog.text(&message),
        "cannot write /nonexistent/case.zip: the directory does not exist"
    );
}

#[test]
fn what_is_not_a_bundle_is_said_without_a_panic() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("x.zip");
    for bytes in [
        &b""[..],
        b"PK",
        b"hello",
        b"PK\x03\x04",
        &[0; 100],
        b"PK\x05\x06\0\0\0\0",
    ] {
        std::fs::write(&path, bytes).expect("written");
        assert!(open(&path, &Identities::default()).is_err());
    }
    assert!(open(Path::new("/nonexistent.zip"), &Identities::default()).is_err());
    assert!(open(directory.path(), &Identities::default()).is_err());
}
