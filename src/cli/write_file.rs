//! Writing one file that the user named: whole or not at all, and an error that names it.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::i18n::{Localize, Message};

/// A file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {reason}", path.display())]
pub struct WriteError {
    path: PathBuf,
    reason: std::io::Error,
}

impl Localize for WriteError {
    fn message(&self) -> Message {
        let kind = match self.reason.kind() {
            std::io::ErrorKind::NotFound => "no-directory",
            std::io::ErrorKind::PermissionDenied => "denied",
            std::io::ErrorKind::StorageFull => "full",
            _ => "other",
        };
        Message::new("error-write-file")
            .arg("path", self.path.display().to_string())
            .arg("kind", kind)
            .arg("reason", self.reason.to_string())
    }
}

/// Writes the file beside its place first, so that a full disk leaves no half of it.
///
/// # Errors
/// When the directory does not exist, is not writable, or the disk is full.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let failed = |reason| WriteError {
        path: path.to_owned(),
        reason,
    };
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".w4b-diag-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As a file that the shell would have made; tempfile's own choice is 0600.
        builder.permissions(std::fs::Permissions::from_mode(0o644));
    }
    let mut file = builder.tempfile_in(directory).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
