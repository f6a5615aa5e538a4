//! Writing a bundle: to a temporary file, read back, sealed by its name.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::packer::pack;
use super::{Item, MANIFEST, Manifest, verify};
use crate::i18n::{Catalog, Localize as _, Message};
use crate::interrupt::{Interrupt, Interrupted};
use crate::redact::{RedactError, Redactor};
use crate::scan::Kind;

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
    seal(temporary.path(), meta.threads, interrupt)?;
    temporary.persist(path).map_err(|error| failed(error.error))?;
    Ok(manifest)
}

/// Reads the finished zip back: every file against the manifest, and no secret.
fn seal(path: &Path, threads: usize, interrupt: &Interrupt) -> Result<(), PackError> {
    let unreadable = |error: super::OpenError| match error {
        super::OpenError::Interrupted(interrupted) => PackError::Interrupted(interrupted),
        _ => PackError::NotSealed {
            file: MANIFEST.to_owned(),
        },
    };
    let examination = verify(path, threads, interrupt).map_err(unreadable)?;
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
