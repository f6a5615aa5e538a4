//! Bytes from files, standard input and archives, with limits; no judgement.
//!
//! [`open`] walks what was named: files, directories (sorted, symbolic links to directories not followed), patterns,
//! `-` for standard input; compressed files and archives are opened on the way. A name inside an archive is shown
//! (`logs.zip!a/b.log`) and never becomes a path. What cannot be read is an error of its own, and the walk goes on.

mod archive;
pub mod decode;
mod error;
mod held;
mod limits;
mod on_disk;
mod pump;
mod sealed;
mod shared;

use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

pub use error::{Fault, InputError, Limit};
pub use held::Held;
pub use limits::Limits;

use crate::interrupt::Interrupt;
use limits::{Budget, Unpacked};
use on_disk::{Notes, OnDisk};
use pump::Pump;
use sealed::Sealed;
use shared::Shared;

/// Bytes that decide what a file is: a tar header has 512.
const HEAD: u64 = 4096;

/// One file or archive member, opened.
pub struct Item {
    /// As named on the command line; found in a directory: its path; in an archive: `archive!member`; `-`.
    pub name: String,
    /// The file on disk that it is or is in; none for standard input.
    pub path: Option<PathBuf>,
    /// Length in bytes, when it is known before reading.
    pub size: Option<u64>,
    /// It was compressed, and [`Item::name`] may still say so (`app.log.gz`).
    pub unpacked: bool,
    /// Not text: a picture, a document, a program, or bytes that no text has.
    pub binary: bool,
    /// The bytes as they are; [`decode::Decoder`] makes UTF-8 of them.
    pub reader: Box<dyn Read + Send>,
}

impl std::fmt::Debug for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Item")
            .field("name", &self.name)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

/// Opens what `paths` name, one after the other. No path is standard input.
pub fn open(paths: &[PathBuf], limits: Limits) -> Walk {
    let mut pending: Vec<Pending> = paths
        .iter()
        .rev()
        .map(|path| Pending::Named(path.clone()))
        .collect();
    if paths.is_empty() {
        pending.push(Pending::Named(PathBuf::from("-")));
    }
    Walk {
        pending,
        budget: Budget::new(limits),
        count: 0,
        interrupt: Interrupt::new(),
        held: None,
        without: None,
        root: None,
        notes: Notes::default(),
    }
}

/// Opens bytes in memory, which may be an archive.
pub fn open_bytes(name: &str, bytes: Vec<u8>, limits: Limits) -> Walk {
    let mut walk = open(&[], limits);
    walk.pending = vec![Pending::Stream {
        name: name.to_owned(),
        path: None,
        size: Some(bytes.len() as u64),
        depth: 0,
        unpacked: false,
        reader: Box::new(Cursor::new(bytes)),
    }];
    walk
}

/// The walk over all inputs.
#[derive(Debug)]
pub struct Walk {
    /// A stack: the next is last.
    pending: Vec<Pending>,
    budget: Budget,
    count: u64,
    interrupt: Interrupt,
    held: Option<Held>,
    /// A directory that is not entered.
    without: Option<PathBuf>,
    /// The named directory that is walked.
    root: Option<PathBuf>,
    notes: Notes,
}

/// Where a stream comes from.
struct Origin {
    name: String,
    path: Option<PathBuf>,
    size: Option<u64>,
    depth: u32,
    unpacked: bool,
}

/// What is still to be looked at.
pub(crate) enum Pending {
    /// As a person named it.
    Named(PathBuf),
    /// Found in a directory.
    Found(PathBuf),
    /// A stream, so many archives deep.
    Stream {
        name: String,
        path: Option<PathBuf>,
        size: Option<u64>,
        depth: u32,
        unpacked: bool,
        reader: Box<dyn Read + Send>,
    },
    /// Something that could not be opened.
    Failed(InputError),
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Named(path) | Self::Found(path) => path.fmt(f),
            Self::Stream { name, .. } => name.fmt(f),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

fn failed(name: &str, fault: impl Into<Fault>) -> InputError {
    InputError {
        name: name.to_owned(),
        fault: fault.into(),
    }
}

impl Iterator for Walk {
    type Item = Result<Item, InputError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let result = match self.pending.pop()? {
                Pending::Failed(error) => Err(error),
                Pending::Named(path) if path.as_os_str() == "-" => self.standard_input(),
                Pending::Named(path) => self.path(&path, true),
                Pending::Found(path) => self.path(&path, false),
                Pending::Stream {
                    name,
                    path,
                    size,
                    depth,
                    unpacked,
                    reader,
                } => self.stream(
                    Origin {
                        name,
                        path,
                        size,
                        depth,
                        unpacked,
                    },
                    reader,
                ),
            };
            match result {
                Ok(None) => {}
                Ok(Some(item)) => return Some(Ok(item)),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// Whether a directory's entry is a link to a file outside `root`: whoever named the directory did not name that.
fn leads_out(entry: &fs::DirEntry, root: Option<&Path>) -> bool {
    let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
    let target = is_link.then(|| fs::canonicalize(entry.path()).ok()).flatten();
    // A link that leads nowhere says so itself when it is opened, and links to directories are never followed.
    target.is_some_and(|target| !target.is_dir() && root.is_none_or(|root| !target.starts_with(root)))
}

impl Walk {
    /// Lets Ctrl-C stop a read of standard input.
    #[must_use]
    pub fn interrupt(mut self, interrupt: &Interrupt) -> Self {
        self.interrupt = interrupt.clone();
        self
    }

    /// Takes what was held of standard input, instead of reading it.
    #[must_use]
    pub fn held(mut self, held: Option<&Held>) -> Self {
        self.held = held.cloned();
        self
    }

    /// Does not enter this directory: results that are written below what is read.
    #[must_use]
    pub fn without(mut self, directory: Option<&Path>) -> Self {
        self.without = directory.and_then(|directory| fs::canonicalize(directory).ok());
        self
    }

    fn is_left_out(&self, path: &Path) -> bool {
        let is = |without: &PathBuf| fs::canonicalize(path).is_ok_and(|path| path == *without);
        self.without.as_ref().is_some_and(is)
    }

    /// What there is to say about files that were read nevertheless: one that grew meanwhile. Each is given once.
    pub fn notes(&self) -> Vec<InputError> {
        self.notes.take()
    }

    fn standard_input(&mut self) -> Result<Option<Item>, InputError> {
        let origin = |size| Origin {
            name: "-".to_owned(),
            path: None,
            size,
            depth: 0,
            unpacked: false,
        };
        let Some(input) = self.held.clone() else {
            let pump = Pump::new(io::stdin(), self.interrupt.clone());
            return self.stream(origin(None), Box::new(pump));
        };
        let (store, size) = input.open();
        let mut head = Vec::new();
        store
            .clone()
            .take(HEAD)
            .read_to_end(&mut head)
            .map_err(|error| InputError::reading("-", error))?;
        if archive::is_zip(&head) || archive::is_tar(&head) {
            self.archive("-", None, 0, &store, archive::is_zip(&head));
            return Ok(None);
        }
        self.stream(origin(Some(size)), Box::new(store))
    }

    fn path(&mut self, path: &Path, named: bool) -> Result<Option<Item>, InputError> {
        let name = path.to_string_lossy().into_owned();
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error)
                if named && error.kind() == io::ErrorKind::NotFound && name.contains(['*', '?', '[']) =>
            {
                return self.pattern(&name).map(|()| None);
            }
            Err(error) => return Err(InputError::reading(&name, error)),
        };
        if metadata.is_dir() {
            // A link to a directory may lead in a circle.
            if named || !(path.is_symlink() || self.is_left_out(path)) {
                self.directory(path, &name)?;
            }
            return Ok(None);
        }
        // A pipe that the shell made (`<(…)`) is named; one that lies in a directory is not to be waited for.
        if !metadata.is_file() && !named {
            return Err(failed(&name, Fault::NotRegular));
        }
        let file = File::open(path).map_err(|error| InputError::reading(&name, error))?;
        let path = Some(path.to_path_buf());
        let origin = Origin {
            name: name.clone(),
            path: path.clone(),
            size: metadata.is_file().then_some(metadata.len()),
            depth: 0,
            unpacked: false,
        };
        if !metadata.is_file() {
            return self.stream(origin, Box::new(file));
        }
        let mut head = Vec::new();
        (&file)
            .take(HEAD)
            .read_to_end(&mut head)
            .map_err(|error| InputError::reading(&name, error))?;
        if archive::is_zip(&head) || archive::is_tar(&head) {
            let store = Shared::new(file).map_err(|error| InputError::reading(&name, error))?;
            self.archive(&name, path.as_ref(), 0, &store, archive::is_zip(&head));
            return Ok(None);
        }
        let whole = OnDisk::new(name, head, file, &metadata, &self.notes);
        self.stream(origin, Box::new(whole))
    }

    fn pattern(&mut self, name: &str) -> Result<(), InputError> {
        let paths = glob::glob(name).map_err(|error| failed(name, Fault::Damaged(error.to_string())))?;
        let mut found: Vec<PathBuf> = paths.flatten().collect();
        if found.is_empty() {
            return Err(failed(name, Fault::NoMatch));
        }
        found.sort();
        self.pending.extend(found.into_iter().rev().map(Pending::Found));
        Ok(())
    }

    fn directory(&mut self, path: &Path, name: &str) -> Result<(), InputError> {
        let entries = fs::read_dir(path).map_err(|error| InputError::reading(name, error))?;
        if self.root.as_ref().is_none_or(|root| !path.starts_with(root)) {
            self.root = Some(path.to_owned());
        }
        let root = self.root.as_deref().and_then(|root| fs::canonicalize(root).ok());
        let mut found = Vec::new();
        let mut faults = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) if leads_out(&entry, root.as_deref()) => {
                    let name = entry.path().to_string_lossy().into_owned();
                    faults.push(Pending::Failed(failed(&name, Fault::Link)));
                }
                Ok(entry) => found.push(entry.path()),
                Err(error) => faults.push(Pending::Failed(InputError::reading(name, error))),
            }
        }
        found.sort();
        self.pending.extend(found.into_iter().rev().map(Pending::Found));
        self.pending.extend(faults);
        Ok(())
    }

    /// Looks at the head of a stream: compressed, an archive, binary, or text.
    fn stream(
        &mut self,
        origin: Origin,
        mut reader: Box<dyn Read + Send>,
    ) -> Result<Option<Item>, InputError> {
        let Origin {
            name,
            path,
            size,
            depth,
            unpacked,
        } = origin;
        let mut head = Vec::new();
        if let Err(error) = (&mut reader).take(HEAD).read_to_end(&mut head) {
            return Err(InputError::reading(&name, error));
        }
        let limits = self.budget.limits;
        let is_archive = archive::is_zip(&head) || archive::is_tar(&head);
        if (is_archive || archive::is_gzip(&head)) && depth >= limits.depth {
            return Err(failed(&name, Fault::Limit(Limit::Depth)));
        }
        if archive::is_gzip(&head) {
            let packed = Cursor::new(head).chain(reader);
            let reader = Unpacked::new(packed, &self.budget, |packed| {
                flate2::bufread::MultiGzDecoder::new(io::BufReader::with_capacity(64 * 1024, packed))
            });
            self.pending.push(Pending::Stream {
                name,
                path,
                size: None,
                depth: depth + 1,
                unpacked: true,
                reader: Box::new(reader),
            });
            return Ok(None);
        }
        if is_archive {
            let store = Sealed::fill(Cursor::new(&head).chain(reader)).and_then(Shared::new);
            let store = store.map_err(|error| InputError::reading(&name, error))?;
            self.archive(&name, path.as_ref(), depth, &store, archive::is_zip(&head));
            return Ok(None);
        }
        self.count += 1;
        if self.count > limits.count {
            self.pending.clear();
            return Err(failed(&name, Fault::Limit(Limit::Count)));
        }
        let binary = archive::is_binary(&head);
        Ok(Some(Item {
            name,
            path,
            size,
            unpacked,
            binary,
            reader: Box::new(Cursor::new(head).chain(reader)),
        }))
    }

    fn archive(&mut self, name: &str, path: Option<&PathBuf>, depth: u32, store: &Shared, zip: bool) {
        let place = archive::Place {
            name,
            path,
            depth: depth + 1,
        };
        let room = self.budget.limits.count.saturating_sub(self.count);
        let mut members = if zip {
            archive::zip(&place, store, &self.budget, room)
        } else {
            archive::tar(&place, store, room)
        };
        members.reverse();
        self.pending.extend(members);
    }
}

#[cfg(test)]
mod tests;
