//! One pass over each file of a bundle: its length, its hash, and what secrets are in it.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use super::archive::Reader;
use super::manifest::hex;
use super::place::Place;
use super::read::Bundle;
use super::verify::FaultKind;
use crate::interrupt::{Interrupt, Interrupted};
use crate::redact::{RedactError, leak};
use crate::scan::Kind;

/// Bytes handed from the inflating to the scanning thread at once, and how often that may be ahead.
const PIECE: usize = 256 * 1024;
const AHEAD: usize = 4;

/// What one pass over a file saw.
pub(super) struct Seen {
    pub(super) bytes: u64,
    pub(super) sha256: String,
    /// Read to its end without an error, the zip's own check sum included.
    pub(super) whole: bool,
    /// `None`: it is not text.
    pub(super) secrets: Option<BTreeMap<Kind, u64>>,
}

/// Looks at every file of the manifest, in its order, on as many `threads`.
pub(super) fn files(
    place: &Place<'_>,
    bundle: &Bundle,
    threads: usize,
    interrupt: &Interrupt,
) -> Result<Vec<Result<Seen, FaultKind>>, Interrupted> {
    let (files, root) = (&bundle.manifest.files, &bundle.root);
    let turn = AtomicUsize::new(0);
    let seen: Mutex<Vec<Option<Result<Seen, FaultKind>>>> = Mutex::new(files.iter().map(|_| None).collect());
    let work = || {
        // Each thread reads at its own place.
        let mut reader = Reader::open(place).ok();
        loop {
            let number = turn.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(number).filter(|_| !interrupt.is_set()) else {
                return;
            };
            let name = format!("{root}{}", file.path);
            let look = match reader.as_mut().and_then(|reader| reader.entry(&name)) {
                None => Err(FaultKind::Missing),
                Some(Err(_)) => Err(FaultKind::Changed),
                Some(Ok(entry)) => match self::file(entry, !file.unscanned, threads, interrupt) {
                    Ok(seen) => Ok(seen),
                    Err(Interrupted) => return,
                },
            };
            if let Some(slot) = seen
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get_mut(number)
            {
                *slot = Some(look);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.min(files.len()) {
            scope.spawn(work);
        }
    });
    interrupt.check()?;
    let seen = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
    // A file that nobody looked at was not found as it should be.
    Ok(seen
        .into_iter()
        .map(|look| look.unwrap_or(Err(FaultKind::Changed)))
        .collect())
}

/// Hashes a file and looks for secrets in the same pass; what is longer than a piece is inflated on this thread and
/// looked through on another.
///
/// One file may be nearly all there is of a bundle: its pieces, too, are looked through on as many `threads`.
pub(super) fn file(
    mut reader: impl Read,
    scan: bool,
    threads: usize,
    interrupt: &Interrupt,
) -> Result<Seen, Interrupted> {
    let (first, whole) = piece(&mut reader);
    if !whole || first.len() < PIECE {
        let seen = look(&mut &first[..], scan, 1, whole);
        interrupt.check()?;
        return Ok(seen);
    }
    let (sender, receiver) = sync_channel(AHEAD);
    let mut whole = true;
    let seen = std::thread::scope(|scope| {
        let other = scope.spawn(move || look(&mut Pieces::new(receiver), scan, threads, true));
        let mut next = first;
        while !next.is_empty() && !interrupt.is_set() && sender.send(next).is_ok() && whole {
            (next, whole) = piece(&mut reader);
        }
        drop(sender);
        other.join().ok()
    });
    interrupt.check()?;
    Ok(match seen {
        Some(seen) => Seen {
            whole: seen.whole && whole,
            ..seen
        },
        None => Seen {
            bytes: 0,
            sha256: String::new(),
            whole: false,
            secrets: None,
        },
    })
}

/// Up to [`PIECE`] bytes, fewer only at the end; and whether they came without an error.
fn piece(reader: &mut impl Read) -> (Vec<u8>, bool) {
    let mut piece = Vec::new();
    let whole = reader.take(PIECE as u64).read_to_end(&mut piece).is_ok();
    (piece, whole)
}

fn look(reader: &mut dyn Read, scan: bool, threads: usize, whole: bool) -> Seen {
    let mut hashing = Hashing {
        inner: reader,
        digest: Sha256::new(),
        bytes: 0,
    };
    let secrets = if scan {
        match leak::secrets(&mut hashing, threads) {
            Ok(secrets) => Some(secrets),
            // The damage is a fault of its own.
            Err(RedactError::Read(_)) => Some(BTreeMap::new()),
            Err(_) => None,
        }
    } else {
        Some(BTreeMap::new())
    };
    let drained = io::copy(&mut hashing, &mut io::sink());
    Seen {
        bytes: hashing.bytes,
        whole: whole && drained.is_ok(),
        sha256: hex(&hashing.digest.finalize()),
        secrets,
    }
}

/// The pieces that another thread sends, as one stream.
struct Pieces {
    receiver: Receiver<Vec<u8>>,
    piece: Vec<u8>,
    at: usize,
}

impl Pieces {
    fn new(receiver: Receiver<Vec<u8>>) -> Self {
        Self {
            receiver,
            piece: Vec::new(),
            at: 0,
        }
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.piece.len() {
            // Pieces are never empty; the other end is gone once all were sent.
            self.piece = self.receiver.recv().unwrap_or_default();
            self.at = 0;
        }
        let rest = self.piece.get(self.at..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

struct Hashing<'a> {
    inner: &'a mut dyn Read,
    digest: Sha256,
    bytes: u64,
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.digest.update(buffer.get(..count).unwrap_or_default());
        self.bytes += count as u64;
        Ok(count)
    }
}
