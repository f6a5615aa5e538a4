//! What is to be redacted: files, directories, standard input.

use std::fs;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use crate::i18n::{Localize, Message};
use crate::interrupt::Interrupt;
use crate::redact::Redactor;

/// Standard input cannot be read twice, and nothing unredacted is ever written to disk: so much of it is held in
/// memory for the first pass.
const HELD: u64 = 64 * 1024 * 1024;

/// Directories inside directories.
const DEPTH: usize = 64;

/// One text to redact.
pub(super) struct Source {
    name: String,
    relative: PathBuf,
    from: From,
}

enum From {
    File(PathBuf),
    Stdin,
    /// What was read of standard input; whether there is more.
    Held(Vec<u8>, bool),
}

/// Something that was left out.
#[derive(Debug, thiserror::Error)]
pub(super) enum SourceError {
    #[error("cannot read {name}: {reason}")]
    Read { name: String, reason: io::Error },
    #[error("{name} is neither a file nor a directory")]
    Special { name: String },
}

impl SourceError {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Read { name, .. } | Self::Special { name } => name,
        }
    }
}

impl Localize for SourceError {
    fn message(&self) -> Message {
        match self {
            Self::Read { name, reason } => Message::new("redact-source-read")
                .arg("file", name)
                .arg("reason", reason.to_string()),
            Self::Special { name } => Message::new("redact-source-special").arg("file", name),
        }
    }
}

/// What the paths stand for, sorted; directories are walked, links are not followed.
///
/// # Errors
/// When there is exactly one path and it cannot be read: then there is nothing to do.
pub(super) fn list(paths: &[PathBuf]) -> Result<(Vec<Source>, Vec<SourceError>), SourceError> {
    let (mut found, mut skipped) = (Vec::new(), Vec::new());
    for path in paths {
        if path.as_os_str() == "-" {
            found.push(Source::stdin());
        } else {
            let base = path.file_name().map_or_else(PathBuf::new, PathBuf::from);
            walk(path, &base, true, 0, &mut found, &mut skipped);
        }
    }
    if paths.is_empty() {
        found.push(Source::stdin());
    }
    if paths.len() == 1 && found.is_empty() && skipped.len() == 1 {
        return Err(skipped.remove(0));
    }
    Ok((found, skipped))
}

fn walk(
    path: &Path,
    relative: &Path,
    named: bool,
    depth: usize,
    found: &mut Vec<Source>,
    skipped: &mut Vec<SourceError>,
) {
    let name = path.to_string_lossy().into_owned();
    // A link that was named is followed, one inside a directory may lead out of it.
    let metadata = if named {
        fs::metadata(path)
    } else {
        fs::symlink_metadata(path)
    };
    let metadata = match metadata {
        Ok(metadata) => metadata,
        Err(reason) => return skipped.push(SourceError::Read { name, reason }),
    };
    if metadata.is_file() {
        found.push(Source {
            name,
            relative: relative.to_owned(),
            from: From::File(path.to_owned()),
        });
    } else if metadata.is_dir() && depth < DEPTH {
        let entries = fs::read_dir(path).and_then(|entries| {
            let mut entries: Vec<PathBuf> = entries
                .map(|entry| entry.map(|entry| entry.path()))
                .collect::<io::Result<_>>()?;
            entries.sort();
            Ok(entries)
        });
        match entries {
            Err(reason) => skipped.push(SourceError::Read { name, reason }),
            Ok(entries) => {
                for entry in entries {
                    let Some(last) = entry.file_name() else { continue };
                    walk(&entry, &relative.join(last), false, depth + 1, found, skipped);
                }
            }
        }
    } else {
        // Opening a pipe or a device could wait for ever.
        skipped.push(SourceError::Special { name });
    }
}

impl Source {
    fn stdin() -> Self {
        Self {
            name: "-".to_owned(),
            relative: PathBuf::from("stdin.txt"),
            from: From::Stdin,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn relative(&self) -> &Path {
        &self.relative
    }

    /// Learns its values. What cannot be read is said when it is redacted.
    pub(super) fn learn(mut self, redactor: &Redactor, interrupt: &Interrupt) -> Self {
        match &self.from {
            From::File(path) => {
                if let Ok(file) = fs::File::open(path) {
                    let _ = redactor.learn_stream(file, interrupt);
                }
            }
            From::Stdin => {
                let mut held = Vec::new();
                let more = match io::stdin().lock().take(HELD).read_to_end(&mut held) {
                    Ok(count) => count as u64 == HELD,
                    // Said when the rest is read.
                    Err(_) => true,
                };
                let _ = redactor.learn(&held);
                self.from = From::Held(held, more);
            }
            From::Held(..) => {}
        }
        self
    }

    pub(super) fn open(self) -> Result<Box<dyn Read + Send>, SourceError> {
        let name = self.name;
        match self.from {
            From::File(path) => match fs::File::open(&path) {
                Ok(file) => Ok(Box::new(file)),
                Err(reason) => Err(SourceError::Read { name, reason }),
            },
            From::Stdin => Ok(Box::new(io::stdin())),
            From::Held(bytes, false) => Ok(Box::new(Cursor::new(bytes))),
            From::Held(bytes, true) => Ok(Box::new(Cursor::new(bytes).chain(io::stdin()))),
        }
    }
}
