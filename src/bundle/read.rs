//! Opening a bundle that someone else may have made or changed.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::archive::{ReadError, Reader};
use super::manifest::{Manifest, SCHEMA};
use super::place::Place;
use super::{MANIFEST, REPORT};
use crate::i18n::Message;
use crate::interrupt::Interrupted;
use crate::redact::map::Identities;
use crate::report::Report;

/// A manifest or report larger than this is not read: 256 MiB, about 500,000 files.
const MAX_DOCUMENT: u64 = 256 << 20;

/// A size up to this is reserved before anything is read: 64 MiB.
const BELIEVED: u64 = 64 << 20;

/// A bundle, not yet verified.
pub struct Bundle {
    pub(super) reader: Reader,
    /// The top directory with its slash.
    pub(super) root: String,
    /// The manifest.
    pub manifest: Manifest,
    pub(super) document: Vec<u8>,
}

impl std::fmt::Debug for Bundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bundle")
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}

/// Why a bundle cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Encrypted with age, and no identity was named.
    #[error("{path} is encrypted")]
    Encrypted {
        /// The file.
        path: PathBuf,
    },
    /// Encrypted to somebody else, or damaged.
    #[error("{path} cannot be decrypted")]
    Undecryptable {
        /// The file.
        path: PathBuf,
    },
    /// Not a zip.
    #[error("{path} is not a zip archive")]
    NotZip {
        /// The file.
        path: PathBuf,
    },
    /// A zip that is broken or built to deceive.
    #[error("{path} is damaged: {words}")]
    Broken {
        /// The file.
        path: PathBuf,
        /// The library's words.
        words: String,
    },
    /// A zip without a manifest, or with one that cannot be understood.
    #[error("{path} is not a bundle: {fault}")]
    NoManifest {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: ManifestFault,
    },
    /// Ctrl-C.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// What is wrong with a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ManifestFault {
    /// There is none.
    #[error("no manifest")]
    Missing,
    /// There are several.
    #[error("several manifests")]
    Several,
    /// It cannot be read or understood.
    #[error("unreadable manifest")]
    Unreadable,
    /// It is of another version.
    #[error("unknown version of the manifest")]
    Version,
    /// It was changed after it was written.
    #[error("changed manifest")]
    Changed,
}

impl ManifestFault {
    /// The word that sentences choose by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Several => "several",
            Self::Unreadable => "unreadable",
            Self::Version => "version",
            Self::Changed => "changed",
        }
    }
}

impl OpenError {
    /// What to say; `None`: that it was interrupted.
    pub fn message(&self) -> Option<Message> {
        Some(match self {
            Self::Read { path, source } => Message::new("error-bundle-read")
                .arg("path", path.display().to_string())
                .arg("reason", source.to_string()),
            Self::NotZip { path } => {
                Message::new("error-bundle-not-zip").arg("path", path.display().to_string())
            }
            Self::Encrypted { path } => {
                Message::new("error-bundle-encrypted").arg("path", path.display().to_string())
            }
            Self::Undecryptable { path } => {
                Message::new("error-bundle-undecryptable").arg("path", path.display().to_string())
            }
            Self::Broken { path, words } => Message::new("error-bundle-broken")
                .arg("path", path.display().to_string())
                .arg("words", words),
            Self::NoManifest { path, fault } => Message::new("error-bundle-manifest")
                .arg("path", path.display().to_string())
                .arg("fault", fault.as_str()),
            Self::Interrupted(_) => return None,
        })
    }
}

/// Opens a bundle, which one of `identities` may have to decrypt, and reads its manifest; nothing else is believed or
/// read.
///
/// # Errors
/// When it is not a bundle.
pub fn open(path: &Path, identities: &Identities) -> Result<Bundle, OpenError> {
    open_at(&Place::of(path, identities)?)
}

pub(super) fn open_at(place: &Place<'_>) -> Result<Bundle, OpenError> {
    let owned = || place.path();
    let mut reader = Reader::open(place).map_err(|error| match error {
        ReadError::Io(source) => OpenError::Read {
            path: owned(),
            source,
        },
        ReadError::NotZip => OpenError::NotZip { path: owned() },
        ReadError::Broken(words) => OpenError::Broken { path: owned(), words },
    })?;
    let fault = |fault| OpenError::NoManifest { path: owned(), fault };
    let root = root(&reader).map_err(fault)?;
    let document = document(&mut reader, &format!("{root}{MANIFEST}"))
        .ok_or_else(|| fault(ManifestFault::Unreadable))?;
    let version =
        serde_json::from_slice::<Version>(&document).map_err(|_| fault(ManifestFault::Unreadable))?;
    if version.schema != SCHEMA {
        return Err(fault(ManifestFault::Version));
    }
    let manifest: Manifest =
        serde_json::from_slice(&document).map_err(|_| fault(ManifestFault::Unreadable))?;
    Ok(Bundle {
        reader,
        root,
        manifest,
        document,
    })
}

#[derive(serde::Deserialize)]
struct Version {
    schema: String,
}

/// The one top directory that holds a manifest.
fn root(reader: &Reader) -> Result<String, ManifestFault> {
    let mut roots = reader.names().iter().filter_map(|name| {
        name.strip_suffix(MANIFEST)
            .filter(|root| root.ends_with('/') && root.matches('/').count() == 1)
    });
    let root = roots.next().ok_or(ManifestFault::Missing)?;
    match roots.next() {
        None => Ok(root.to_owned()),
        Some(_) => Err(ManifestFault::Several),
    }
}

fn document(reader: &mut Reader, name: &str) -> Option<Vec<u8>> {
    // What the zip says of its size is believed as far as it saves memory: a buffer that grows is twice too large.
    let size = reader
        .size(name)
        .filter(|size| *size <= BELIEVED)
        .unwrap_or_default();
    let entry = reader.entry(name)?.ok()?;
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    entry.take(MAX_DOCUMENT + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= MAX_DOCUMENT).then_some(bytes)
}

impl Bundle {
    /// The contents of a small part, by its path below the top directory.
    pub fn part(&mut self, path: &str) -> Option<Vec<u8>> {
        document(&mut self.reader, &format!("{}{path}", self.root))
    }

    /// A part of any length, to be read to its end.
    ///
    /// # Errors
    /// When there is none of this path, or its header is broken.
    pub fn open_part(&mut self, path: &str) -> io::Result<Box<dyn Read + '_>> {
        let name = format!("{}{path}", self.root);
        self.reader
            .entry(&name)
            .unwrap_or_else(|| Err(io::ErrorKind::NotFound.into()))
    }

    /// The report, if there is one that can be understood.
    pub fn report(&mut self) -> Option<Report> {
        serde_json::from_slice(&self.part(REPORT)?).ok()
    }
}
