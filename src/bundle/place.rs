//! Where a finished zip lies, and how each thread that reads it opens it.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use super::read::OpenError;
use crate::redact::map::Identities;
use crate::vault;

/// Bytes that are looked at to see what a file is.
const HEAD: u64 = 64;

/// What a zip is read from.
pub(super) trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// A zip, wherever it lies.
#[derive(Clone)]
pub(super) enum Place<'a> {
    /// In a file.
    File(&'a Path),
    /// In a file that is encrypted with age.
    Encrypted(&'a Path, &'a Identities),
    /// Not finished yet, in this process alone.
    Vault(vault::Closed),
}

impl<'a> Place<'a> {
    /// What a file is, by its first bytes.
    pub(super) fn of(path: &'a Path, identities: &'a Identities) -> Result<Self, OpenError> {
        let owned = || path.to_owned();
        let mut head = Vec::new();
        File::open(path)
            .and_then(|file| file.take(HEAD).read_to_end(&mut head))
            .map_err(|source| OpenError::Read {
                path: owned(),
                source,
            })?;
        if !crate::redact::map::is_encrypted(&head) {
            return Ok(Self::File(path));
        }
        if identities.is_empty() {
            return Err(OpenError::Encrypted { path: owned() });
        }
        let place = Self::Encrypted(path, identities);
        match place.open() {
            Ok(_) => Ok(place),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                Err(OpenError::Undecryptable { path: owned() })
            }
            Err(source) => Err(OpenError::Read {
                path: owned(),
                source,
            }),
        }
    }

    /// The zip from its first byte.
    pub(super) fn open(&self) -> io::Result<Box<dyn ReadSeek>> {
        Ok(match self {
            Self::File(path) => Box::new(BufReader::with_capacity(64 * 1024, File::open(path)?)),
            Self::Encrypted(path, identities) => {
                let plain = identities
                    .open(File::open(path)?)
                    .ok_or(io::Error::from(io::ErrorKind::PermissionDenied))?;
                Box::new(plain)
            }
            Self::Vault(closed) => Box::new(closed.clone()),
        })
    }

    /// What to call it.
    pub(super) fn path(&self) -> PathBuf {
        match self {
            Self::File(path) | Self::Encrypted(path, _) => (*path).to_owned(),
            Self::Vault(_) => PathBuf::new(),
        }
    }
}
