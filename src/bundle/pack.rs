//! Writing a bundle: streams in, sealed zip out.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::archive::{Output, Writer};
use super::manifest::{FileEntry, Manifest, Platform, SCHEMA, Skipped, hex};
use super::{Item, MANIFEST, README, Status, paths, readme, verify};
use crate::i18n::{Catalog, Lang, Localize, Message};
use crate::interrupt::{Interrupt, Interrupted};
use crate::redact::{Assurance, Content, Counts, RedactError, Redacted, RedactedStream, Redactor};
use crate::report::{Tool, rfc3339};
use crate::scan::Kind;

/// Bytes read at once; also how often an interrupt is looked for.
const CHUNK: usize = 64 * 1024;

/// The parts that a reader should see first, in this order; everything else follows by name.
const FIRST: [&str; 4] = [README, "service-request.txt", "report.html", "report.json"];

/// What a bundle needs beside its items.
#[derive(Debug)]
pub struct Meta<'a> {
    /// When it is made: the instant of every entry.
    pub created_at: DateTime<Utc>,
    /// With `--as-of`: every time is [`Meta::created_at`] and durations are left out.
    pub reproducible: bool,
    /// The language of the parts that are not English.
    pub catalog: &'a Catalog,
    /// Redacts what the packer itself writes: names, sources, reasons.
    pub redactor: &'a Redactor,
    /// Options that shaped the bundle.
    pub options: Map<String, Value>,
    /// Seconds that a trusted server's clock was ahead of this machine's.
    pub clock_offset_seconds: Option<i64>,
    /// How the person agreed: `asked`, `flag`, `not-asked`.
    pub consent: Option<String>,
}

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The file cannot be made or written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The zip.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something that the packer itself writes cannot be redacted.
    #[error("cannot redact {name}")]
    Redact {
        /// What.
        name: String,
        /// Why.
        source: RedactError,
    },
    /// The finished zip still held a secret and was removed.
    #[error("a secret is left in {file}")]
    SecretLeft {
        /// The first file with one.
        file: String,
        /// What kinds.
        kinds: String,
    },
    /// The finished zip is not what was written, and was removed.
    #[error("{file} was not written as it should be")]
    NotSealed {
        /// The first file that differs.
        file: String,
    },
    /// Ctrl-C.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

impl PackError {
    /// What to say; `None`: that it was interrupted.
    pub fn message(&self) -> Option<Message> {
        Some(match self {
            Self::Write { path, source } => {
                let reason = match source.kind() {
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "full",
                    io::ErrorKind::NotFound => "no-directory",
                    io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => "denied",
                    _ => "other",
                };
                Message::new("error-bundle-write")
                    .arg("path", path.display().to_string())
                    .arg("reason", reason)
                    .arg("words", source.to_string())
            }
            Self::Redact { name, source } => Message::new("error-bundle-redact")
                .arg("name", name)
                .arg("reason", source.message()),
            Self::SecretLeft { file, kinds } => Message::new("error-bundle-secret")
                .arg("file", file)
                .arg("kinds", kinds),
            Self::NotSealed { file } => Message::new("error-bundle-not-sealed").arg("file", file),
            Self::Interrupted(_) => return None,
        })
    }
}

/// Writes a bundle to `path`: to a temporary file beside it, read back and verified, then renamed. Whatever goes
/// wrong, no half bundle is left, and a file that was at `path` before stays as it was.
///
/// # Errors
/// When it cannot be written, is not clean, or was interrupted.
pub fn write(
    path: &Path,
    name: &str,
    items: Vec<Item>,
    meta: &Meta<'_>,
    interrupt: &Interrupt,
) -> Result<Manifest, PackError> {
    let failed = |source: io::Error| PackError::Write {
        path: path.to_owned(),
        source,
    };
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if path.is_dir() {
        return Err(failed(io::ErrorKind::IsADirectory.into()));
    }
    // Its contents are redacted already, so that even a copy left behind by `kill -9` holds no plaintext.
    let mut temporary = tempfile::Builder::new()
        .prefix(".w4b-diag-")
        .suffix(".part")
        .tempfile_in(directory)
        .map_err(failed)?;
    let manifest =
        pack(temporary.as_file_mut(), name, items, meta, interrupt).map_err(|error| match error {
            PackError::Write { source, .. } => failed(source),
            other => other,
        })?;
    temporary.as_file().sync_all().map_err(failed)?;
    seal(temporary.path(), interrupt)?;
    temporary.persist(path).map_err(|error| failed(error.error))?;
    Ok(manifest)
}

/// Reads the finished zip back: every file against the manifest, and no secret.
fn seal(path: &Path, interrupt: &Interrupt) -> Result<(), PackError> {
    let unreadable = |error: super::OpenError| match error {
        super::OpenError::Interrupted(interrupted) => PackError::Interrupted(interrupted),
        _ => PackError::NotSealed {
            file: MANIFEST.to_owned(),
        },
    };
    let examination = verify(path, interrupt).map_err(unreadable)?;
    if let Some(leak) = examination.leaks.first() {
        return Err(PackError::SecretLeft {
            file: leak.path.clone(),
            kinds: kinds(&leak.secrets).into_keys().collect::<Vec<_>>().join(", "),
        });
    }
    let first = examination.faults.first().map(|fault| fault.path.clone());
    match first.or_else(|| examination.unscanned.into_iter().next()) {
        Some(file) => Err(PackError::NotSealed { file }),
        None => Ok(()),
    }
}

/// Writes a bundle to `output`, not yet verified.
///
/// # Errors
/// When it cannot be written or was interrupted.
pub fn pack<W: Output>(
    output: W,
    name: &str,
    items: Vec<Item>,
    meta: &Meta<'_>,
    interrupt: &Interrupt,
) -> Result<Manifest, PackError> {
    let name = paths::component(name);
    let mut packer = Packer {
        writer: Writer::new(output, meta.created_at),
        meta,
        interrupt,
        english: Catalog::new(Lang::En),
        taken: paths::Taken::default(),
        manifest: Manifest {
            schema: SCHEMA.to_owned(),
            tool: Tool::default(),
            name,
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
    };
    packer.taken.claim(MANIFEST);
    packer.add_all(items)?;
    packer.finish()
}

fn redacted_options(meta: &Meta<'_>) -> Map<String, Value> {
    let mut options = Value::Object(meta.options.clone());
    meta.redactor.redact_json(&mut options);
    match options {
        Value::Object(options) => options,
        _ => Map::new(),
    }
}

struct Packer<'a, W: Output> {
    writer: Writer<W>,
    meta: &'a Meta<'a>,
    interrupt: &'a Interrupt,
    english: Catalog,
    taken: paths::Taken,
    manifest: Manifest,
}

/// What was written of one item.
struct Written {
    bytes: u64,
    sha256: String,
}

impl<W: Output> Packer<'_, W> {
    fn add_all(&mut self, mut items: Vec<Item>) -> Result<(), PackError> {
        for item in &mut items {
            item.path = paths::relative(&self.meta.redactor.redact_name(&item.path));
        }
        let readme = self.readme(&items)?;
        items.push(readme);
        // Stable, so that items of the same name keep the order in which they were collected.
        items.sort_by(|a, b| order(&a.path).cmp(&order(&b.path)));
        for item in items {
            self.interrupt.check()?;
            self.add(item)?;
        }
        Ok(())
    }

    fn readme(&self, items: &[Item]) -> Result<Item, PackError> {
        let paths: Vec<&str> = items.iter().map(|item| item.path.as_str()).collect();
        let text = readme::text(&self.manifest.name, &paths, self.meta.catalog, &self.english);
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

    fn add(&mut self, mut item: Item) -> Result<(), PackError> {
        let content = std::mem::replace(
            &mut item.content,
            Content::Withheld(crate::redact::Withheld::new(Message::new("bundle-why"))),
        );
        match content {
            Content::Redacted(redacted) => self.add_redacted(&item, &redacted),
            Content::Stream(stream) => self.add_stream(&item, stream),
            Content::Withheld(withheld) => self.add_withheld(&item, withheld.reason()),
        }
    }

    fn add_redacted(&mut self, item: &Item, redacted: &Redacted) -> Result<(), PackError> {
        let unscanned = redacted.assurance() == Assurance::UnscannedPicture;
        let path = self.taken.claim(&item.path);
        self.begin(&path, Some(redacted.bytes().len() as u64), !unscanned)?;
        let mut bytes = redacted.bytes();
        // From memory: it cannot fail to be read.
        let written = self.copy(&mut bytes).map_err(CopyError::into_pack)?;
        let mut entry = self.entry(item, path, written, item.status, item.reason.as_ref());
        entry.unscanned = unscanned;
        self.keep(entry, redacted.counts());
        Ok(())
    }

    fn add_stream(&mut self, item: &Item, mut stream: RedactedStream) -> Result<(), PackError> {
        let path = self.taken.claim(&item.path);
        self.begin(&path, item.size_hint, true)?;
        match self.copy(&mut stream) {
            Ok(written) => {
                let entry = self.entry(item, path, written, item.status, item.reason.as_ref());
                self.keep(entry, stream.counts());
                Ok(())
            }
            Err(CopyError::Read(error)) => {
                // Half a file that could not be judged to its end is not shared.
                self.writer.abort().map_err(write_error)?;
                let reason = match stream.failure() {
                    Some(failure) => failure.message(),
                    None => RedactError::from(error).message(),
                };
                self.add_withheld(item, &reason)
            }
            Err(error) => Err(error.into_pack()),
        }
    }

    /// Leaves a note where the file would have been.
    fn add_withheld(&mut self, item: &Item, reason: &Message) -> Result<(), PackError> {
        let (status, suffix) = match item.status {
            Status::Skipped => {
                self.skip(item, reason);
                return Ok(());
            }
            Status::Failed | Status::TimedOut | Status::Interrupted => (item.status, "err.txt"),
            Status::Ok | Status::Partial | Status::Withheld => (Status::Withheld, "withheld.txt"),
        };
        let path = self.taken.claim(&format!("{}.{suffix}", item.path));
        let note = Message::new("bundle-note")
            .arg("status", status.as_str())
            .arg("name", item.path.as_str())
            .arg("reason", reason.clone());
        let mut text = format!("{}\n", self.english.text(&note));
        if self.meta.catalog.lang() != Lang::En {
            let _ = writeln!(text, "\n{}", self.meta.catalog.text(&note));
        }
        let redacted = self.redacted(&path, &text)?;
        self.begin(&path, Some(redacted.bytes().len() as u64), true)?;
        let written = self.copy(&mut redacted.bytes()).map_err(CopyError::into_pack)?;
        let entry = self.entry(item, path, written, status, Some(reason));
        self.keep(entry, redacted.counts());
        Ok(())
    }

    fn skip(&mut self, item: &Item, reason: &Message) {
        self.manifest.skipped.push(Skipped {
            path: item.path.clone(),
            source: self.meta.redactor.redact_str(&item.source),
            status: item.status,
            reason: self.english_redacted(reason),
        });
    }

    fn begin(&mut self, path: &str, size: Option<u64>, compress: bool) -> Result<(), PackError> {
        let inside = format!("{}/{path}", self.manifest.name);
        self.writer.start(&inside, size, compress).map_err(write_error)
    }

    /// Copies to the entry that was begun.
    fn copy(&mut self, reader: &mut dyn Read) -> Result<Written, CopyError> {
        let mut chunk = vec![0; CHUNK];
        let (mut bytes, mut digest) = (0, Sha256::new());
        loop {
            self.interrupt.check()?;
            let count = match reader.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(CopyError::Read(error)),
            };
            let piece = chunk.get(..count).unwrap_or_default();
            self.writer.write_all(piece).map_err(CopyError::Write)?;
            digest.update(piece);
            bytes += count as u64;
        }
        Ok(Written {
            bytes,
            sha256: hex(&digest.finalize()),
        })
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
            sha256: written.sha256,
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
            redactions: BTreeMap::new(),
            protected: BTreeMap::new(),
            unscanned: false,
        }
    }

    fn english_redacted(&self, message: &Message) -> String {
        self.meta.redactor.redact_str(&self.english.text(message))
    }

    fn keep(&mut self, mut entry: FileEntry, counts: &Counts) {
        entry.redactions = kinds(&counts.redacted);
        entry.protected = kinds(&counts.kept);
        for (total, some) in [
            (&mut self.manifest.redactions, &entry.redactions),
            (&mut self.manifest.protected, &entry.protected),
        ] {
            for (kind, count) in some {
                *total.entry(kind.clone()).or_default() += count;
            }
        }
        self.manifest.files.push(entry);
    }

    fn finish(mut self) -> Result<Manifest, PackError> {
        let document = self
            .manifest
            .to_document()
            .map_err(|error| write_error(error.into()))?;
        self.begin(MANIFEST, Some(document.len() as u64), true)?;
        self.writer.write_all(&document).map_err(write_error)?;
        self.writer.finish().map_err(write_error)?;
        Ok(self.manifest)
    }
}

/// Which side of a copy failed.
enum CopyError {
    Read(io::Error),
    Write(io::Error),
    Interrupted(Interrupted),
}

impl CopyError {
    fn into_pack(self) -> PackError {
        match self {
            Self::Read(error) | Self::Write(error) => write_error(error),
            Self::Interrupted(interrupted) => PackError::Interrupted(interrupted),
        }
    }
}

impl From<Interrupted> for CopyError {
    fn from(interrupted: Interrupted) -> Self {
        Self::Interrupted(interrupted)
    }
}

/// [`write`] knows the path.
fn write_error(source: io::Error) -> PackError {
    PackError::Write {
        path: PathBuf::new(),
        source,
    }
}

/// The key that entries are sorted by.
fn order(path: &str) -> (usize, &str) {
    let place = FIRST.iter().position(|first| *first == path);
    (place.unwrap_or(FIRST.len()), path)
}

/// Counts by the word of the kind.
pub(super) fn kinds(counts: &BTreeMap<Kind, u64>) -> BTreeMap<String, u64> {
    counts
        .iter()
        .map(|(kind, count)| (kind_word(*kind), *count))
        .collect()
}

/// The word of a kind in JSON.
pub fn kind_word(kind: Kind) -> String {
    match serde_json::to_value(kind) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}
