//! Texts that are read more than once: scanned, learned from, packed. Opened late, so that a thousand logs do not need
//! a thousand open files.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use super::cut::{Cut, CutReader};
use crate::input::{self, Limits};

/// What a source was named as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An error text.
    Text,
    /// A log.
    Log,
}

impl Kind {
    /// The directory of the bundle.
    pub const fn part(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Log => "logs",
        }
    }
}

/// A text on disk, in an archive, or from standard input.
#[derive(Debug, Clone)]
pub struct Source {
    /// As shown: a path, `archive.zip!member`, `-`.
    pub name: String,
    /// What it was named as.
    pub kind: Kind,
    /// Its path below `text/` or `logs/`; the packer makes it safe.
    pub packed_as: String,
    /// Length in bytes, when it is known.
    pub size: Option<u64>,
    /// What of it is packed; everything is scanned.
    pub cut: Cut,
    origin: Origin,
}

#[derive(Debug, Clone)]
enum Origin {
    Memory(Arc<[u8]>),
    File(PathBuf),
    /// A member of an archive: found again by its name.
    Member(PathBuf),
}

impl Source {
    /// Standard input, kept in memory.
    pub fn standard_input(bytes: Vec<u8>, kind: Kind) -> Self {
        Self {
            name: "-".to_owned(),
            kind,
            packed_as: "stdin.txt".to_owned(),
            size: u64::try_from(bytes.len()).ok(),
            cut: Cut::Whole,
            origin: Origin::Memory(bytes.into()),
        }
    }

    /// A text that was typed or pasted in a dialogue; the first, second … of them.
    pub fn pasted(text: &str, number: usize) -> Self {
        Self {
            name: format!("pasted-{number}"),
            kind: Kind::Text,
            packed_as: format!("pasted-{number}.txt"),
            size: u64::try_from(text.len()).ok(),
            cut: Cut::Whole,
            origin: Origin::Memory(text.as_bytes().into()),
        }
    }

    /// What a walk found below `root`, the path as named.
    pub fn found(item: &input::Item, root: &std::path::Path, kind: Kind) -> Option<Self> {
        let path = item.path.clone()?;
        let parent = root
            .parent()
            .map(|parent| parent.to_string_lossy().into_owned())
            .unwrap_or_default();
        let below = item.name.strip_prefix(parent.as_str()).unwrap_or(&item.name);
        // `logs/logs/…` would say nothing more.
        let below = below.trim_start_matches(['/', '\\']);
        let below = below
            .strip_prefix(kind.part())
            .filter(|rest| rest.starts_with(['/', '\\']))
            .unwrap_or(below);
        let origin = if path.to_string_lossy() == item.name {
            Origin::File(path)
        } else {
            Origin::Member(path)
        };
        Some(Self {
            name: item.name.clone(),
            kind,
            packed_as: below.trim_start_matches(['/', '\\']).replace('!', "/"),
            size: item.size,
            cut: Cut::Whole,
            origin,
        })
    }

    /// A reader that opens the source at its first byte.
    pub fn reader(&self) -> Box<dyn Read + Send> {
        match &self.origin {
            Origin::Memory(bytes) => Box::new(io::Cursor::new(Arc::clone(bytes))),
            Origin::File(_) | Origin::Member(_) => Box::new(Late {
                source: self.clone(),
                reader: None,
            }),
        }
    }

    /// The same for the part that is packed.
    pub fn packed(&self) -> Box<dyn Read + Send> {
        match self.cut {
            Cut::Whole => self.reader(),
            cut => Box::new(CutReader::new(self.reader(), cut)),
        }
    }

    /// When the file, or the archive that it is in, was last changed.
    pub fn modified(&self) -> Option<std::time::SystemTime> {
        match &self.origin {
            Origin::Memory(_) => None,
            Origin::File(path) | Origin::Member(path) => path.metadata().ok()?.modified().ok(),
        }
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        match &self.origin {
            Origin::Memory(bytes) => Ok(Box::new(io::Cursor::new(Arc::clone(bytes)))),
            Origin::File(path) => Ok(Box::new(File::open(path)?)),
            Origin::Member(path) => input::open(std::slice::from_ref(path), Limits::default())
                .filter_map(Result::ok)
                .find(|item| item.name == self.name)
                .map(|item| item.reader)
                .ok_or_else(|| io::ErrorKind::NotFound.into()),
        }
    }
}

struct Late {
    source: Source,
    reader: Option<Box<dyn Read + Send>>,
}

impl Read for Late {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.reader {
            Some(reader) => reader.read(buffer),
            none => none.insert(self.source.open()?).read(buffer),
        }
    }
}
