//! Writing one file that the user named: whole or not at all, and an error that names it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::i18n::{Localize, Message};

/// No run takes as long to write its file.
const ABANDONED: Duration = Duration::from_mins(5);

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
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => "full",
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
    let failed = |reason| failed(path, reason);
    let mut file = beside(path, ".w4b-diag-").map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// The same for a file that another program reads at any time, on a machine that may stop at any time: on disk before
/// it takes its place, and readable by everybody (0644), whatever the umask. What an earlier run left behind when it
/// was killed is removed.
///
/// # Errors
/// As [`write()`].
pub fn publish(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let failed = |reason| failed(path, reason);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!(".{name}.w4b-diag-");
    let mut file = beside(path, &prefix).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::Permissions::from_mode(0o644);
        file.as_file().set_permissions(mode).map_err(failed)?;
    }
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    sweep(directory(path), &prefix);
    Ok(())
}

/// Removes temporary files that are too old to be anybody's work in progress. That one cannot be removed is no harm.
fn sweep(directory: &Path, prefix: &str) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(prefix);
        let age = || entry.metadata().ok()?.modified().ok()?.elapsed().ok();
        if is_ours && age().is_some_and(|age| age > ABANDONED) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn beside(path: &Path, prefix: &str) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As a file that the shell would have made; tempfile's own choice is 0600.
        builder.permissions(std::fs::Permissions::from_mode(0o644));
    }
    builder.tempfile_in(directory(path))
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn failed(path: &Path, reason: std::io::Error) -> WriteError {
    WriteError {
        path: path.to_owned(),
        reason,
    }
}
