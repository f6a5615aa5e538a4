//! Texts that are read more than once: scanned, learned from, packed. Opened late, so that a thousand logs do not need
//! a thousand open files.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::cut::{Cut, CutReader};
use crate::input::{self, Limits, Walk};
use crate::redact::Trace;

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
    /// Below the same directory as [`Source::packed_as`]: the archive that it is in, and its number there.
    pub archive: Option<(String, u64)>,
    /// What the scan found in it.
    pub trace: Option<Arc<Trace>>,
    origin: Arc<Origin>,
}

#[derive(Debug)]
enum Origin {
    Memory(Arc<[u8]>),
    File(PathBuf),
    /// A member of an archive, or what a compressed file holds; its number there, its name.
    Member(Arc<Archive>, u64, String),
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
            archive: None,
            trace: None,
            origin: Arc::new(Origin::Memory(bytes.into())),
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
            archive: None,
            trace: None,
            origin: Arc::new(Origin::Memory(text.as_bytes().into())),
        }
    }

    /// What a walk found below `root`, the path as named, and its place among what else was found.
    pub fn found(
        item: &input::Item,
        place: Option<(Arc<Archive>, u64)>,
        root: &std::path::Path,
        kind: Kind,
    ) -> Option<Self> {
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
        let below = below.trim_start_matches(['/', '\\']);
        // What is packed is the text: its name says so too.
        let below = match below.strip_suffix(".gz").filter(|_| item.unpacked) {
            Some(name) if !name.is_empty() => name,
            _ => below,
        };
        let (archive, origin) = match place {
            Some((archive, number)) => {
                let within = below
                    .split_once('!')
                    .map(|(archive, _)| (archive.to_owned(), number));
                (within, Origin::Member(archive, number, item.name.clone()))
            }
            None => (None, Origin::File(path)),
        };
        Some(Self {
            name: item.name.clone(),
            kind,
            packed_as: below.replace('!', "/"),
            size: item.size,
            cut: Cut::Whole,
            archive,
            trace: None,
            origin: Arc::new(origin),
        })
    }

    /// A reader that opens the source at its first byte.
    pub fn reader(&self) -> Box<dyn Read + Send> {
        match &*self.origin {
            Origin::Memory(bytes) => Box::new(io::Cursor::new(Arc::clone(bytes))),
            Origin::File(_) | Origin::Member(..) => Box::new(Late {
                origin: Arc::clone(&self.origin),
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
        match &*self.origin {
            Origin::Memory(_) => None,
            Origin::File(path) => path.metadata().ok()?.modified().ok(),
            Origin::Member(archive, ..) => archive.path.metadata().ok()?.modified().ok(),
        }
    }
}

impl Origin {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        match self {
            Self::Memory(bytes) => Ok(Box::new(io::Cursor::new(Arc::clone(bytes)))),
            Self::File(path) => Ok(Box::new(File::open(path)?)),
            Self::Member(archive, number, name) => archive.open(*number, name),
        }
    }
}

/// An archive whose members are opened one by one. The search goes on where the last one was found, so that whoever
/// opens them in their order reads the archive once, however many there are.
#[derive(Debug)]
pub struct Archive {
    path: PathBuf,
    /// The walk over it and the number of the next member.
    walk: Mutex<Option<(Walk, u64)>>,
}

impl Archive {
    fn open(&self, number: u64, name: &str) -> io::Result<Box<dyn Read + Send>> {
        let mut state = self.walk.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut walk, mut next) = state
            .take()
            .filter(|(_, next)| *next <= number)
            .unwrap_or_else(|| {
                (
                    input::open(std::slice::from_ref(&self.path), Limits::default()),
                    0,
                )
            });
        while next <= number {
            // What cannot be read was said when it was collected.
            let Some(item) = walk.by_ref().find_map(Result::ok) else {
                return Err(io::ErrorKind::NotFound.into());
            };
            next += 1;
            if next > number {
                *state = Some((walk, next));
                return if item.name == name {
                    Ok(item.reader)
                } else {
                    // Somebody changed the archive meanwhile.
                    Err(io::ErrorKind::NotFound.into())
                };
            }
        }
        Err(io::ErrorKind::NotFound.into())
    }
}

/// Numbers the members of archives as a walk finds them.
#[derive(Debug, Default)]
pub struct Archives(Option<(Arc<Archive>, u64)>);

impl Archives {
    /// The archive, or the compressed file, that an item is in, and its number there. To be asked for every item.
    pub fn place(&mut self, item: &input::Item) -> Option<(Arc<Archive>, u64)> {
        let path = item.path.as_ref()?;
        if path.to_string_lossy() == item.name && !item.unpacked {
            return None;
        }
        let (archive, number) = match self.0.take() {
            Some((archive, number)) if archive.path == *path => (archive, number),
            _ => {
                let archive = Archive {
                    path: path.clone(),
                    walk: Mutex::default(),
                };
                (Arc::new(archive), 0)
            }
        };
        self.0 = Some((Arc::clone(&archive), number + 1));
        Some((archive, number))
    }
}

struct Late {
    origin: Arc<Origin>,
    reader: Option<Box<dyn Read + Send>>,
}

impl Read for Late {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.reader {
            Some(reader) => reader.read(buffer),
            none => none.insert(self.origin.open()?).read(buffer),
        }
    }
}
