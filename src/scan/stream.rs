//! Text of any length in line-aligned windows, so that memory does not grow with it.
//!
//! A window holds whole lines where it can. Before the part that is new stands the end of what came before, because
//! a label may stand on the line above. A line longer than [`Sizes::longest`] is cut with an overlap; a private key
//! is not cut.

use std::any::Any;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::{Scan, Scanner};

/// How much is looked at at once, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// A window is at least this long, unless the text ends.
    pub window: usize,
    /// A line longer than this is cut.
    pub longest: usize,
}

impl Default for Sizes {
    /// 256 KiB stay in the second-level cache; a line of 1 MiB is no line of a log.
    fn default() -> Self {
        Self {
            window: 256 * 1024,
            longest: 1024 * 1024,
        }
    }
}

/// What is kept in front of a window: labels reach 144 bytes back, tokens 512.
const CONTEXT: usize = 1024;
/// How far the scan looks ahead inside a line; a cut line's last bytes are scanned again with what follows.
const AHEAD: usize = 96 * 1024;

/// One window.
#[derive(Debug)]
pub struct Window<'a> {
    /// The bytes that were scanned; `from..until` is new.
    pub text: &'a [u8],
    /// First new byte.
    pub from: usize,
    /// One past the last new byte.
    pub until: usize,
    /// Spans and error words that begin in `from..until`; the last span may end at `until`.
    pub scan: Scan,
    /// Place of `text[from]` in the whole, in bytes.
    pub offset: u64,
}

/// Reads `reader` to its end and calls `each` with every window in order.
///
/// # Errors
/// What reading gives (after everything before it was handed on), and what `each` gives.
pub fn windows<E: From<io::Error>>(
    reader: impl Read,
    scanner: &Scanner,
    sizes: Sizes,
    mut each: impl FnMut(&Window<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut pieces = Pieces::new(reader, sizes);
    let mut order = Order::default();
    let mut spare = Vec::new();
    while let Some(piece) = pieces.next(spare) {
        let scan = scanner.scan(&piece.text);
        order.hand_on(&piece, scan, &mut each)?;
        spare = piece.text;
    }
    pieces.outcome().map_err(E::from)
}

/// The same with `threads` threads that scan while this one reads and calls `each`. The windows are the same, in the
/// same order, whatever their number.
///
/// # Errors
/// As [`windows`].
pub fn windows_on<E: From<io::Error>>(
    threads: usize,
    reader: impl Read,
    scanner: &Scanner,
    sizes: Sizes,
    mut each: impl FnMut(&Window<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let threads = threads.min(MOST_THREADS);
    if threads < 2 {
        return windows(reader, scanner, sizes, each);
    }
    let mut pieces = Pieces::new(reader, sizes);
    let mut order = Order::default();
    // A file of one piece is not worth a thread.
    let Some(first) = pieces.next(Vec::new()) else {
        return pieces.outcome().map_err(E::from);
    };
    if pieces.done {
        let scan = scanner.scan(&first.text);
        order.hand_on(&first, scan, &mut each)?;
        return pieces.outcome().map_err(E::from);
    }
    thread::scope(|scope| {
        let (work, workers) = start(scope, threads, scanner);
        let mut waiting: VecDeque<Option<(Piece, Scan)>> = VecDeque::new();
        let (mut spares, mut next, mut under_way) = (Vec::new(), Some(first), 0);
        // The number of the piece at the front of `waiting`.
        let mut front = 0;
        loop {
            while under_way + waiting.iter().flatten().count() < threads + READ_AHEAD {
                let Some(piece) = next
                    .take()
                    .or_else(|| pieces.next(spares.pop().unwrap_or_default()))
                else {
                    break;
                };
                let number = front + waiting.len();
                waiting.push_back(None);
                if work.send((number, piece)).is_err() {
                    return Err(io::Error::other("scan stopped").into());
                }
                under_way += 1;
            }
            if under_way == 0 {
                break;
            }
            let Ok((number, outcome)) = workers.recv() else {
                return Err(io::Error::other("scan stopped").into());
            };
            under_way -= 1;
            match outcome {
                Ok(done) => {
                    if let Some(slot) = waiting.get_mut(number - front) {
                        *slot = Some(done);
                    }
                }
                Err(panic) => std::panic::resume_unwind(panic),
            }
            while let Some(Some((piece, scan))) = waiting.pop_front_if(|slot| slot.is_some()) {
                front += 1;
                order.hand_on(&piece, scan, &mut each)?;
                spares.push(piece.text);
            }
        }
        pieces.outcome().map_err(E::from)
    })
}

/// More threads than this only hold memory: reading and collecting is one thread's work.
const MOST_THREADS: usize = 16;
/// Pieces that are ready for a thread that becomes free, or done and not yet handed on: with fewer, threads sleep and wake for
/// every piece (a sixth of the time of a log with little in it).
const READ_AHEAD: usize = 6;

/// A piece that was scanned, by its number; or the panic of the thread that had it.
type Done = Result<(Piece, Scan), Box<dyn Any + Send>>;

type Numbered<T> = (usize, T);

/// Threads that scan what is sent until the sender is gone.
fn start<'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    threads: usize,
    scanner: &'scope Scanner,
) -> (Sender<Numbered<Piece>>, Receiver<Numbered<Done>>) {
    let (work, pieces) = channel::<(usize, Piece)>();
    let (results, done) = channel();
    let pieces = Arc::new(Mutex::new(pieces));
    for _ in 0..threads {
        let (pieces, results) = (Arc::clone(&pieces), results.clone());
        scope.spawn(move || {
            loop {
                let piece = pieces.lock().unwrap_or_else(PoisonError::into_inner).recv();
                let Ok((number, piece)) = piece else { return };
                let outcome = catch_unwind(AssertUnwindSafe(|| {
                    let scan = scanner.scan(&piece.text);
                    (piece, scan)
                }));
                if results.send((number, outcome)).is_err() {
                    return;
                }
            }
        });
    }
    (work, done)
}

/// Bytes to be scanned; `from..cut` is new.
struct Piece {
    text: Vec<u8>,
    from: usize,
    cut: usize,
    offset: u64,
}

/// Cuts what a reader gives into pieces.
struct Pieces<R> {
    reader: R,
    sizes: Sizes,
    /// What the next piece begins with, and where in it the new part begins.
    buffer: Vec<u8>,
    from: usize,
    offset: u64,
    ended: bool,
    done: bool,
    failure: Option<io::Error>,
}

impl<R: Read> Pieces<R> {
    fn new(reader: R, sizes: Sizes) -> Self {
        Self {
            reader,
            sizes,
            buffer: Vec::new(),
            from: 0,
            offset: 0,
            ended: false,
            done: false,
            failure: None,
        }
    }

    /// The next piece; `None` at the end. What follows it is kept in `spare`, an old buffer.
    fn next(&mut self, mut spare: Vec<u8>) -> Option<Piece> {
        if self.done {
            return None;
        }
        let mut wanted = self.sizes.window.max(1);
        let cut = loop {
            if !self.ended {
                self.ended =
                    fill(&mut self.reader, &mut self.buffer, self.from + wanted).unwrap_or_else(|error| {
                        self.failure = Some(error);
                        true
                    });
            }
            match cut(&self.buffer, self.from, self.ended, self.sizes) {
                Some(cut) => break cut,
                None => wanted = wanted.saturating_mul(2),
            }
        };
        self.done = self.ended && cut == self.buffer.len();
        let keep = cut.saturating_sub(CONTEXT);
        spare.clear();
        spare.extend_from_slice(self.buffer.get(keep..).unwrap_or_default());
        let piece = Piece {
            text: std::mem::replace(&mut self.buffer, spare),
            from: self.from,
            cut,
            offset: self.offset,
        };
        self.offset += (cut - self.from) as u64;
        self.from = cut - keep;
        Some(piece)
    }

    fn outcome(self) -> io::Result<()> {
        self.failure.map_or(Ok(()), Err)
    }
}

/// Hands windows on in order. A span may reach beyond the cut; what the next window finds inside it does not count.
#[derive(Default)]
struct Order {
    /// Place in the whole behind the last span.
    until: u64,
}

impl Order {
    fn hand_on<E>(
        &mut self,
        piece: &Piece,
        mut scan: Scan,
        each: &mut impl FnMut(&Window<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let covered = usize::try_from(self.until.saturating_sub(piece.offset)).unwrap_or(usize::MAX);
        let from = piece.from.saturating_add(covered);
        if from >= piece.cut {
            return Ok(());
        }
        let new = from..piece.cut;
        keep(&mut scan.spans, &new, |span| span.start);
        keep(&mut scan.errors, &new, |&place| place);
        keep(&mut scan.instants, &new, |&(place, _)| place);
        keep(&mut scan.sides, &new, |&(place, _)| place);
        let until = scan
            .spans
            .last()
            .map_or(piece.cut, |span| piece.cut.max(span.end));
        self.until = piece.offset + (until - piece.from) as u64;
        each(&Window {
            text: &piece.text,
            from,
            until,
            scan,
            offset: piece.offset + covered as u64,
        })
    }
}

/// Keeps what stands in `new` of a sorted list.
fn keep<T>(list: &mut Vec<T>, new: &Range<usize>, place: impl Fn(&T) -> usize) {
    list.truncate(list.partition_point(|item| place(item) < new.end));
    list.drain(..list.partition_point(|item| place(item) < new.start));
}

/// Reads until `buffer` has `length` bytes; true at the end.
fn fill(reader: &mut impl Read, buffer: &mut Vec<u8>, length: usize) -> io::Result<bool> {
    let missing = length.saturating_sub(buffer.len());
    buffer.reserve(missing);
    let read = reader.by_ref().take(missing as u64).read_to_end(buffer)?;
    Ok(read < missing)
}

/// Where the new part of the window ends; `None` when more must be read first.
fn cut(buffer: &[u8], from: usize, ended: bool, sizes: Sizes) -> Option<usize> {
    if ended {
        return Some(buffer.len());
    }
    let fresh = buffer.get(from..).unwrap_or_default();
    let limit = sizes.longest.max(sizes.window).max(AHEAD * 2);
    let newline = memchr::memrchr(b'\n', fresh).map(|index| from + index + 1);
    let open_key = open_private_key(fresh).map(|index| from + index);
    match (newline, open_key) {
        // The key goes to the next window whole.
        (Some(newline), Some(key)) if key < newline => {
            let line = memchr::memrchr(b'\n', buffer.get(from..key).unwrap_or_default())
                .map_or(from, |index| from + index + 1);
            if line > from {
                Some(line)
            } else if fresh.len() >= limit {
                Some(newline)
            } else {
                None
            }
        }
        (Some(newline), _) => Some(newline),
        (None, _) if fresh.len() >= limit => Some(character_start(buffer, buffer.len() - AHEAD)),
        (None, _) => None,
    }
}

/// The first private key in `text` that begins behind the last closed block and does not end.
fn open_private_key(text: &[u8]) -> Option<usize> {
    const BEGIN: &[u8] = b"-----BEGIN ";
    memchr::memmem::find(text, BEGIN)?;
    // An end without its line feed may still be cut off.
    let last_line = memchr::memrchr(b'\n', text).map_or(0, |index| index + 1);
    let closed = memchr::memmem::rfind(text.get(..last_line)?, b"-----END ").unwrap_or(0);
    let rest = text.get(closed..)?;
    memchr::memmem::find_iter(rest, BEGIN)
        .map(|begin| closed + begin)
        .find(|&begin| {
            let title = text.get(begin..text.len().min(begin + 64)).unwrap_or_default();
            title.len() < 64 || memchr::memmem::find(title, b"PRIVATE KEY").is_some()
        })
}

/// The first index at or before `index` where a UTF-8 character begins.
fn character_start(text: &[u8], index: usize) -> usize {
    let window = text.get(index.saturating_sub(3)..=index).unwrap_or_default();
    let back = window
        .iter()
        .rev()
        .position(|byte| byte & 0xc0 != 0x80)
        .unwrap_or(0);
    index - back
}
