//! A directory with the redacted texts, named as their sources, the names redacted as well.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::commands::Failure;
use crate::i18n::{Localize, Message};
use crate::redact::Redactor;

/// A directory that is being filled.
pub(super) struct Tree {
    root: PathBuf,
    /// Names in lower case, because some systems know no other.
    files: HashSet<String>,
    directories: HashSet<String>,
    /// The number that the next source of the same name gets.
    numbers: HashMap<String, u32>,
}

/// A file that is being written; it gets its name when it is complete.
pub(super) struct Pending {
    root: PathBuf,
    relative: PathBuf,
    file: tempfile::NamedTempFile,
}

/// Why the directory cannot be filled.
#[derive(Debug, thiserror::Error)]
pub(super) enum TreeError {
    #[error("{} is not empty", path.display())]
    NotEmpty { path: PathBuf },
    #[error("cannot write {}: {reason}", path.display())]
    Write { path: PathBuf, reason: io::Error },
}

impl Localize for TreeError {
    fn message(&self) -> Message {
        match self {
            Self::NotEmpty { path } => {
                Message::new("redact-tree-not-empty").arg("path", path.to_string_lossy())
            }
            Self::Write { path, reason } => Message::new("redact-tree-write")
                .arg("path", path.to_string_lossy())
                .arg("reason", reason.to_string()),
        }
    }
}

impl Tree {
    /// Makes the directory; one that has files already is refused, so that old and new are never mixed.
    pub(super) fn create(root: &Path) -> Result<Self, TreeError> {
        let write = |reason| TreeError::Write {
            path: root.to_owned(),
            reason,
        };
        fs::create_dir_all(root).map_err(write)?;
        if fs::read_dir(root).map_err(write)?.next().is_some() {
            return Err(TreeError::NotEmpty {
                path: root.to_owned(),
            });
        }
        Ok(Self {
            root: root.to_owned(),
            files: HashSet::new(),
            directories: HashSet::new(),
            numbers: HashMap::new(),
        })
    }

    pub(super) fn begin(&mut self, relative: &Path) -> Result<Pending, TreeError> {
        let relative = self.free(relative);
        let path = self.root.join(&relative);
        let directory = path.parent().unwrap_or(&self.root).to_owned();
        let file = fs::create_dir_all(&directory).and_then(|()| {
            tempfile::Builder::new()
                .prefix(".w4b-diag-")
                .tempfile_in(&directory)
        });
        match file {
            Ok(file) => Ok(Pending {
                root: self.root.clone(),
                relative,
                file,
            }),
            Err(reason) => Err(TreeError::Write { path, reason }),
        }
    }

    /// An error of writing below the directory names the file.
    pub(super) fn failed(&self, relative: &Path, failure: Failure) -> Failure {
        match failure {
            Failure::Output(reason) => Failure::Said(
                TreeError::Write {
                    path: self.root.join(relative),
                    reason,
                }
                .message(),
            ),
            other => other,
        }
    }

    /// The path; with a number where another source has the same name, or a directory where this one has a file.
    fn free(&mut self, relative: &Path) -> PathBuf {
        let mut path = PathBuf::new();
        let mut parts = relative.iter().peekable();
        while let Some(part) = parts.next() {
            let last = parts.peek().is_none();
            let wanted = path.join(part);
            path.clone_from(&wanted);
            let start = key(&wanted);
            while self.files.contains(&key(&path)) || (last && self.directories.contains(&key(&path))) {
                let number = self.numbers.entry(start.clone()).or_insert(1);
                *number += 1;
                path = numbered(&wanted, *number);
            }
            let names = if last {
                &mut self.files
            } else {
                &mut self.directories
            };
            names.insert(key(&path));
        }
        path
    }
}

fn key(path: &Path) -> String {
    path.to_string_lossy().to_lowercase()
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

impl Pending {
    /// Gives the file its name.
    pub(super) fn keep(self) -> Result<String, TreeError> {
        let path = self.root.join(&self.relative);
        match self.file.persist_noclobber(&path) {
            Ok(_) => Ok(self.relative.to_string_lossy().into_owned()),
            Err(error) => Err(TreeError::Write {
                path,
                reason: error.error,
            }),
        }
    }

    /// Drops what was written; a note stands in its place.
    pub(super) fn withhold(self, reason: &str) -> Result<String, TreeError> {
        let mut name = self.relative.file_name().unwrap_or_default().to_owned();
        name.push(".withheld.txt");
        let relative = self.relative.with_file_name(name);
        let path = self.root.join(&relative);
        drop(self.file);
        fs::write(&path, format!("{reason}\n")).map_err(|reason| TreeError::Write { path, reason })?;
        Ok(relative.to_string_lossy().into_owned())
    }
}

impl Write for Pending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A relative path with every part redacted, and nothing in it that leads elsewhere.
pub(super) fn redacted_path(redactor: &Redactor, relative: &Path) -> PathBuf {
    let parts: PathBuf = relative
        .components()
        .filter_map(|component| match component {
            std::path::Component::Normal(part) => Some(redactor.redact_name(&part.to_string_lossy())),
            _ => None,
        })
        .collect();
    if parts.as_os_str().is_empty() {
        PathBuf::from("file")
    } else {
        parts
    }
}
