//! Text of any length in line-aligned windows, so that memory does not grow with it.
//!
//! A window holds whole lines where it can. Before the part that is new stands the end of what came before, because
//! a label may stand on the line above. A line longer than [`Sizes::longest`] is cut with an overlap; a private key
//! is not cut.

use std::io::{self, Read};

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
/// What reading gives, and what `each` gives.
pub fn windows<E: From<io::Error>>(
    mut reader: impl Read,
    scanner: &Scanner,
    sizes: Sizes,
    mut each: impl FnMut(&Window<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut buffer: Vec<u8> = Vec::new();
    let (mut from, mut offset, mut ended) = (0, 0_u64, false);
    let mut wanted = sizes.window.max(1);
    loop {
        if !ended {
            ended = fill(&mut reader, &mut buffer, from + wanted)?;
        }
        let Some(cut) = cut(&buffer, from, ended, sizes) else {
            wanted = wanted.saturating_mul(2);
            continue;
        };
        wanted = sizes.window.max(1);
        let mut scan = scanner.scan(&buffer);
        scan.spans.retain(|span| span.start >= from && span.start < cut);
        scan.errors.retain(|&place| place >= from && place < cut);
        let until = scan.spans.last().map_or(cut, |span| cut.max(span.end));
        let window = Window {
            text: &buffer,
            from,
            until,
            scan,
            offset,
        };
        if until > from {
            each(&window)?;
        }
        offset += (until - from) as u64;
        if ended && until == buffer.len() {
            return Ok(());
        }
        let keep = until.saturating_sub(CONTEXT);
        buffer.drain(..keep);
        from = until - keep;
    }
}

/// Reads until `buffer` has `length` bytes; true at the end.
fn fill(reader: &mut impl Read, buffer: &mut Vec<u8>, length: usize) -> io::Result<bool> {
    while buffer.len() < length {
        let have = buffer.len();
        buffer.resize(length, 0);
        let target = buffer.get_mut(have..).unwrap_or_default();
        let read = match reader.read(target) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                buffer.truncate(have);
                continue;
            }
            Err(error) => {
                buffer.truncate(have);
                return Err(error);
            }
        };
        buffer.truncate(have + read);
        if read == 0 {
            return Ok(true);
        }
    }
    Ok(false)
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
