//! Items in, sealed zip out, in three stages that run at once: one thread reads the redacted contents, a
//! [`Pool`] compresses them block by block, and the calling thread puts the blocks into the zip in their order.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::container::{Container, Method, Output, Totals};
use super::deflate::{self, Blocks, Pending, Pool};
use super::item::note_path;
use super::manifest::{FileEntry, Manifest, Platform, SCHEMA, Skipped, hex};
use super::pack::{Meta, PackError, kinds, write_error};
use super::{ByKind, Item, MANIFEST, README, Status, paths, readme};
use crate::i18n::{Catalog, Lang, Localize, Message};
use crate::interrupt::Interrupt;
use crate::redact::{Assurance, Content, Counts, RedactError, Redacted, RedactedStream, Redactor};
use crate::report::{Tool, rfc3339};

/// The parts that a reader should see first, in this order; everything else follows by name.
const FIRST: [&str; 5] = [
    README,
    "service-request.txt",
    "service-request.md",
    "report.html",
    "report.json",
];

/// Writes a bundle to `output`, not yet verified.
///
/// # Errors
/// When it cannot be written or was interrupted.
pub fn pack<W: Output>(
    output: W,
    name: &str,
    mut items: Vec<Item>,
    meta: &Meta<'_>,
    interrupt: &Interrupt,
) -> Result<Manifest, PackError> {
    let mut packer = Packer::new(output, name, meta, interrupt);
    for item in &mut items {
        rename(item, meta.redactor);
    }
    items.push(packer.readme(&items)?);
    // Stable, so that items of the same name keep the order in which they were collected.
    items.sort_by(|a, b| order(a).cmp(&order(b)));
    let contents: Vec<Content> = items.iter_mut().map(Item::take_content).collect();
    std::thread::scope(|scope| {
        let pool = Pool::start(scope, meta.threads);
        // As many blocks may wait for the zip as may wait to be compressed.
        let (events, incoming) = sync_channel(meta.threads.max(1) * 2);
        scope.spawn(move || read_all(contents, &pool, &events, interrupt));
        packer.manifest.files.reserve_exact(items.len());
        // Dropping `incoming` on an error ends the other threads.
        packer.add_all(&items, &incoming)
    })?;
    packer.finish()
}

/// Gives an item the name that it has in a bundle: redacted, and one that every system accepts. What has one already
/// keeps it.
pub fn rename(item: &mut Item, redactor: &Redactor) {
    let name = |path: &str| paths::relative(&redactor.redact_name(path));
    item.path = name(&item.path);
    if let Some((archive, _)) = &mut item.archive {
        *archive = name(archive);
    }
}

/// What the reading thread says of the item whose turn it is.
enum Event {
    /// A part of it.
    Piece(Pending),
    /// That was all of it.
    End { counts: Counts, unscanned: bool },
    /// There is nothing of it, or no more: not one byte of it is shared.
    Withheld(Message),
}

/// Reads all contents in their order, until the other threads are gone or the user interrupts.
fn read_all(contents: Vec<Content>, pool: &Pool, events: &SyncSender<Event>, interrupt: &Interrupt) {
    for content in contents {
        let event = match content {
            Content::Withheld(withheld) => Some(Event::Withheld(withheld.reason().clone())),
            Content::Redacted(redacted) => read_redacted(&redacted, pool, events, interrupt),
            Content::Stream(stream) => read_stream(stream, pool, events, interrupt),
        };
        let Some(event) = event else { return };
        if interrupt.check().is_err() || events.send(event).is_err() {
            return;
        }
    }
}

fn read_redacted(
    redacted: &Redacted,
    pool: &Pool,
    events: &SyncSender<Event>,
    interrupt: &Interrupt,
) -> Option<Event> {
    let unscanned = redacted.assurance() == Assurance::UnscannedPicture;
    // From memory: it cannot fail to be read.
    let whole = send_blocks(&mut redacted.bytes(), pool.file(unscanned), events, interrupt).ok()?;
    whole.then(|| Event::End {
        counts: redacted.counts().clone(),
        unscanned,
    })
}

fn read_stream(
    mut stream: RedactedStream,
    pool: &Pool,
    events: &SyncSender<Event>,
    interrupt: &Interrupt,
) -> Option<Event> {
    match send_blocks(&mut stream, pool.file(false), events, interrupt) {
        Ok(whole) => whole.then(|| Event::End {
            counts: stream.counts().clone(),
            unscanned: false,
        }),
        // Half a file that could not be judged to its end is not shared.
        Err(error) => Some(Event::Withheld(match stream.failure() {
            Some(failure) => failure.message(),
            None => RedactError::from(error).message(),
        })),
    }
}

/// Whether all of it was sent.
fn send_blocks(
    reader: &mut dyn Read,
    mut file: Blocks<'_>,
    events: &SyncSender<Event>,
    interrupt: &Interrupt,
) -> std::io::Result<bool> {
    deflate::blocks(reader, |block, last| {
        interrupt.check().is_ok()
            && file
                .send(&block, last)
                .is_some_and(|pending| events.send(Event::Piece(pending)).is_ok())
    })
}

/// The calling thread's part: the zip and its manifest.
struct Packer<'a, W: Output> {
    container: Container<W>,
    meta: &'a Meta<'a>,
    interrupt: &'a Interrupt,
    english: Catalog,
    taken: paths::Taken,
    manifest: Manifest,
}

/// What was written of the entry that is open.
#[derive(Default)]
struct Written {
    bytes: u64,
    digest: Sha256,
    crc: flate2::Crc,
}

impl<'a, W: Output> Packer<'a, W> {
    fn new(output: W, name: &str, meta: &'a Meta<'a>, interrupt: &'a Interrupt) -> Self {
        let mut taken = paths::Taken::default();
        taken.claim(MANIFEST);
        Self {
            container: Container::new(output, meta.created_at),
            meta,
            interrupt,
            english: Catalog::new(Lang::En),
            taken,
            manifest: Manifest {
                schema: SCHEMA.to_owned(),
                tool: Tool::default(),
                name: paths::component(name),
                created_at: rfc3339(meta.created_at),
                platform: Platform::default(),
                lang: meta.catalog.lang().tag().to_owned(),
                options: redacted_options(meta),
                clock_offset_seconds: meta.clock_offset_seconds,
                consent: meta.consent.clone(),
                files: Vec::new(),
                skipped: Vec::new(),
                redactions: BTreeMap::new(),
                protected: BTreeMap::new(),
                digest: String::new(),
            },
        }
    }

    fn readme(&self, items: &[Item]) -> Result<Item, PackError> {
        let paths: Vec<&str> = items.iter().map(|item| item.path.as_str()).collect();
        let text = readme::text(
            &self.manifest.name,
            &paths,
            &self.meta.recipients.names(),
            [self.meta.catalog, &self.english],
        );
        let content = self.redacted(README, &text)?;
        let why = Message::new("bundle-why").arg("part", "readme");
        let content = Content::Redacted(content);
        Ok(Item::new(
            README,
            env!("CARGO_PKG_NAME"),
            why,
            content,
            self.meta.created_at,
        ))
    }

    fn redacted(&self, name: &str, text: &str) -> Result<Redacted, PackError> {
        self.meta
            .redactor
            .redact_bytes(text.as_bytes())
            .map_err(|source| PackError::Redact {
                name: name.to_owned(),
                source,
            })
    }

    fn add_all(&mut self, items: &[Item], events: &Receiver<Event>) -> Result<(), PackError> {
        for item in items {
            self.add(item, events)?;
        }
        Ok(())
    }

    /// Takes the events of one item.
    fn add(&mut self, item: &Item, events: &Receiver<Event>) -> Result<(), PackError> {
        let mut open: Option<(String, Written)> = None;
        loop {
            self.interrupt.check()?;
            match events.recv().map_err(|_| self.stopped())? {
                Event::Piece(pending) => {
                    let packed = pending.recv().map_err(|_| self.stopped())?;
                    let (_, written) = match &mut open {
                        Some(open) => open,
                        None => open.insert((self.begin(item, packed.method())?, Written::default())),
                    };
                    written.bytes += packed.data().len() as u64;
                    written.digest.update(packed.data());
                    written.crc.combine(&packed.crc);
                    self.container.write(packed.piece()).map_err(write_error)?;
                }
                Event::End { counts, unscanned } => {
                    let (path, written) = open.ok_or_else(|| self.stopped())?;
                    self.container.end(written.totals()).map_err(write_error)?;
                    let mut entry = self.entry(item, path, written, item.status, item.reason.as_ref());
                    entry.unscanned = unscanned;
                    self.keep(entry, &counts);
                    return Ok(());
                }
                Event::Withheld(reason) => {
                    self.container.abort().map_err(write_error)?;
                    return self.add_withheld(item, &reason);
                }
            }
        }
    }

    /// The other threads ended before their work did: on an interrupt, or because one of them panicked.
    fn stopped(&self) -> PackError {
        match self.interrupt.check() {
            Err(interrupted) => interrupted.into(),
            Ok(()) => PackError::NotSealed {
                file: self.manifest.name.clone(),
            },
        }
    }

    fn begin(&mut self, item: &Item, method: Method) -> Result<String, PackError> {
        let path = self.taken.claim(&item.path);
        self.start(&path, method)?;
        Ok(path)
    }

    fn start(&mut self, path: &str, method: Method) -> Result<(), PackError> {
        let inside = format!("{}/{path}", self.manifest.name);
        self.container.begin(inside, method).map_err(write_error)
    }

    /// Leaves a note where the file would have been.
    fn add_withheld(&mut self, item: &Item, reason: &Message) -> Result<(), PackError> {
        let Some(path) = note_path(&item.path, item.status) else {
            self.skip(item, reason);
            return Ok(());
        };
        let status = match item.status {
            Status::Ok | Status::Partial => Status::Withheld,
            status => status,
        };
        let path = self.taken.claim(&path);
        let note = Message::new("bundle-note")
            .arg("status", status.as_str())
            .arg("name", item.path.as_str())
            .arg("reason", reason.clone());
        let mut text = format!("{}\n", self.english.text(&note));
        if self.meta.catalog.lang() != Lang::En {
            let _ = writeln!(text, "\n{}", self.meta.catalog.text(&note));
        }
        let redacted = self.redacted(&path, &text)?;
        let written = self.add_small(&path, redacted.bytes())?;
        let entry = self.entry(item, path, written, status, Some(reason));
        self.keep(entry, redacted.counts());
        Ok(())
    }

    /// An entry that the packer itself writes.
    fn add_small(&mut self, path: &str, bytes: &[u8]) -> Result<Written, PackError> {
        let packed = deflate::whole(bytes);
        self.start(path, packed.method())?;
        self.container.write(packed.piece()).map_err(write_error)?;
        let written = Written {
            bytes: bytes.len() as u64,
            digest: Sha256::new_with_prefix(bytes),
            crc: packed.crc,
        };
        self.container.end(written.totals()).map_err(write_error)?;
        Ok(written)
    }

    fn skip(&mut self, item: &Item, reason: &Message) {
        self.manifest.skipped.push(Skipped {
            path: item.path.clone(),
            source: self.meta.redactor.redact_str(&item.source),
            status: item.status,
            reason: self.english_redacted(reason),
        });
    }

    fn entry(
        &self,
        item: &Item,
        path: String,
        written: Written,
        status: Status,
        reason: Option<&Message>,
    ) -> FileEntry {
        let reproducible = self.meta.reproducible;
        FileEntry {
            path,
            bytes: written.bytes,
            sha256: hex(&written.digest.finalize()),
            source: self.meta.redactor.redact_str(&item.source),
            why: self.english_redacted(&item.why),
            collected_at: rfc3339(if reproducible {
                self.meta.created_at
            } else {
                item.collected_at
            }),
            duration_ms: item.duration_ms.filter(|_| !reproducible),
            status,
            reason: reason.map(|reason| self.english_redacted(reason)),
            redactions: ByKind::default(),
            protected: ByKind::default(),
            unscanned: false,
        }
    }

    fn english_redacted(&self, message: &Message) -> String {
        self.meta.redactor.redact_str(&self.english.text(message))
    }

    fn keep(&mut self, mut entry: FileEntry, counts: &Counts) {
        let (redacted, kept) = (kinds(&counts.redacted), kinds(&counts.kept));
        for (total, some) in [
            (&mut self.manifest.redactions, &redacted),
            (&mut self.manifest.protected, &kept),
        ] {
            for (kind, count) in some {
                *total.entry(kind.clone()).or_default() += count;
            }
        }
        entry.redactions = redacted.into();
        entry.protected = kept.into();
        self.manifest.files.push(entry);
    }

    fn finish(mut self) -> Result<Manifest, PackError> {
        // Its length in bytes is not known before it is written, and it may be long.
        self.start(MANIFEST, Method::Deflated)?;
        let mut document = deflate::Serial::new(|piece: &[u8]| self.container.write(piece));
        self.manifest.write_to(&mut document).map_err(write_error)?;
        let (size, crc) = document.finish().map_err(write_error)?;
        self.container.end(Totals { crc, size }).map_err(write_error)?;
        self.container.finish().map_err(write_error)?;
        Ok(self.manifest)
    }
}

impl Written {
    fn totals(&self) -> Totals {
        Totals {
            crc: self.crc.sum(),
            size: self.bytes,
        }
    }
}

fn redacted_options(meta: &Meta<'_>) -> Map<String, Value> {
    let mut options = Value::Object(meta.options.clone());
    meta.redactor.redact_json(&mut options);
    match options {
        Value::Object(options) => options,
        _ => Map::new(),
    }
}

/// The key that entries are sorted by.
fn order(item: &Item) -> (usize, &str, Option<u64>) {
    let place = FIRST.iter().position(|first| *first == item.path);
    let (path, number) = match &item.archive {
        Some((archive, number)) => (archive.as_str(), Some(*number)),
        None => (item.path.as_str(), None),
    };
    (place.unwrap_or(FIRST.len()), path, number)
}
