//! Writing a bundle: to a temporary file, read back, sealed by its name.
//!
//! One that is to be encrypted is made and read back in a `Vault`, and only then encrypted to its recipients: what
//! nobody else may read never lies on the disk readable.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::manifest::hex;
use super::packer::pack;
use super::place::Place;
use super::verify::verify_at;
use super::{Item, MANIFEST, Manifest};
use crate::i18n::{Catalog, Localize as _, Message};
use crate::interrupt::{Interrupt, Interrupted};
use crate::redact::map::Recipients;
use crate::redact::{RedactError, Redactor};
use crate::scan::Kind;
use crate::vault::{self, Vault};

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
    /// Who alone can open it; nobody: everybody can.
    pub recipients: &'a Recipients,
    /// Threads that compress; the zip is the same whatever their number.
    pub threads: usize,
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

/// A bundle that was written, read back and found clean.
#[derive(Debug)]
pub struct Finished {
    /// Its manifest.
    pub manifest: Manifest,
    /// SHA-256 of the file, if it was encrypted: nobody can read it back without the identity.
    pub encrypted_sha256: Option<String>,
}

/// Writes a bundle to `path`: to a temporary file beside it, read back and verified, encrypted if [`Meta`] names
/// recipients, then renamed. Whatever goes wrong, no half bundle is left, and a file that was at `path` before stays
/// as it was.
///
/// # Errors
/// When it cannot be written, is not clean, or was interrupted.
pub fn write(
    path: &Path,
    name: &str,
    items: Vec<Item>,
    meta: &Meta<'_>,
    interrupt: &Interrupt,
) -> Result<Finished, PackError> {
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
    let mut temporary = tempfile::Builder::new()
        .prefix(".w4b-diag-")
        .suffix(".part")
        .tempfile_in(directory)
        .map_err(failed)?;
    let known = |error| match error {
        PackError::Write { source, .. } => failed(source),
        other => other,
    };
    let (manifest, encrypted_sha256) = if meta.recipients.is_empty() {
        // Its contents are redacted already, so that even a copy left behind by `kill -9` holds no plaintext.
        pack(temporary.as_file_mut(), name, items, meta, interrupt).map_err(known)?;
        temporary.as_file().sync_all().map_err(failed)?;
        let manifest = seal(&Place::File(temporary.path()), meta.threads, interrupt)?;
        (manifest, None)
    } else {
        let mut vault = Vault::create_in(directory).map_err(failed)?;
        pack(&mut vault, name, items, meta, interrupt).map_err(known)?;
        let closed = vault.close().map_err(failed)?;
        let manifest = seal(&Place::Vault(closed.clone()), meta.threads, interrupt)?;
        let digest = encrypt(closed, temporary.as_file_mut(), meta.recipients, interrupt).map_err(known)?;
        temporary.as_file().sync_all().map_err(failed)?;
        (manifest, Some(digest))
    };
    temporary.persist(path).map_err(|error| failed(error.error))?;
    Ok(Finished {
        manifest,
        encrypted_sha256,
    })
}

/// Encrypts a finished zip; the SHA-256 of what was written.
fn encrypt(
    mut zip: vault::Closed,
    file: &mut File,
    recipients: &Recipients,
    interrupt: &Interrupt,
) -> Result<String, PackError> {
    let mut hashing = Hashing {
        inner: BufWriter::new(file),
        digest: Sha256::new(),
    };
    let mut writer = recipients.wrap(&mut hashing).map_err(write_error)?;
    let mut chunk = vec![0; 64 * 1024];
    loop {
        interrupt.check()?;
        let count = zip.read(&mut chunk).map_err(write_error)?;
        if count == 0 {
            break;
        }
        writer.write_all(&chunk[..count]).map_err(write_error)?;
    }
    writer.finish().map_err(write_error)?;
    hashing.flush().map_err(write_error)?;
    Ok(hex(&hashing.digest.finalize()))
}

/// Hashes what passes.
struct Hashing<W> {
    inner: W,
    digest: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(buffer)?;
        self.digest.update(&buffer[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Reads the finished zip back: every file against the manifest, and no secret. The manifest that stands in it: the one
/// that was written is gone by then, with a hundred thousand files two of them are a lot.
fn seal(place: &Place<'_>, threads: usize, interrupt: &Interrupt) -> Result<Manifest, PackError> {
    let not_sealed = |file: String| PackError::NotSealed { file };
    let unreadable = |error: super::OpenError| match error {
        super::OpenError::Interrupted(interrupted) => PackError::Interrupted(interrupted),
        _ => not_sealed(MANIFEST.to_owned()),
    };
    let examination = verify_at(place, threads, interrupt).map_err(unreadable)?;
    if let Some(leak) = examination.leaks.first() {
        return Err(PackError::SecretLeft {
            file: leak.path.clone(),
            kinds: kinds(&leak.secrets).into_keys().collect::<Vec<_>>().join(", "),
        });
    }
    let first = examination.faults.first().map(|fault| fault.path.clone());
    match first.or_else(|| examination.unscanned.into_iter().next()) {
        Some(file) => Err(not_sealed(file)),
        None => (examination.manifest).ok_or_else(|| not_sealed(MANIFEST.to_owned())),
    }
}

/// [`write`] knows the path.
pub(super) fn write_error(source: io::Error) -> PackError {
    PackError::Write {
        path: PathBuf::new(),
        source,
    }
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
