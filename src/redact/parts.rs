//! Long texts in parts, one a thread. The result is that of the whole text: a part sees the lines around it as far as
//! any find looks, and where a value stands over a seam the whole is looked at once more, in one piece.

use std::ops::Range;
use std::panic::resume_unwind;
use std::thread;

use super::finds::Piece;

/// A thread is worth so many bytes.
const LEAST: usize = 128 * 1024;
/// What is seen in front of a part: labels reach 144 bytes back, tokens 512.
const CONTEXT: usize = 4 * 1024;
/// What is seen behind it: values over several lines are at most 16 KiB long, but for private keys.
const AHEAD: usize = 20 * 1024;
/// How far a line end is looked for.
const LINE: usize = 16 * 1024;
/// More threads than this only hold memory.
const MOST_THREADS: usize = 16;

/// What `find` finds in `text`, on at most `threads` threads; each list sorted.
pub(super) fn each<const N: usize>(
    text: &[u8],
    threads: usize,
    find: impl Fn(&[u8]) -> [Vec<Piece>; N] + Sync,
) -> [Vec<Piece>; N] {
    seams(text, threads)
        .and_then(|seams| apart(text, &seams, &find))
        .unwrap_or_else(|| find(text))
}

/// A part, and what is looked at for it.
#[derive(Debug)]
struct Part {
    own: Range<usize>,
    seen: Range<usize>,
}

/// The parts of a text that is long enough and has nothing that reaches further than [`AHEAD`].
fn seams(text: &[u8], threads: usize) -> Option<Vec<Part>> {
    let count = threads.min(MOST_THREADS).min(text.len() / LEAST);
    if count < 2 {
        return None;
    }
    // Private keys, also with escaped blanks, and those of PuTTY.
    for mark in [&b"PRIVATE"[..], b"rivate-Lines"] {
        if memchr::memmem::find(text, mark).is_some() {
            return None;
        }
    }
    let line_from = |at: usize| {
        let window = text.get(at..text.len().min(at + LINE))?;
        memchr::memchr(b'\n', window).map(|newline| at + newline + 1)
    };
    let line_before = |at: usize| {
        let from = at.saturating_sub(LINE);
        memchr::memrchr(b'\n', text.get(from..at)?)
            .map(|newline| from + newline + 1)
            .or((from == 0).then_some(0))
    };
    let mut parts = Vec::with_capacity(count);
    let mut start = 0_usize;
    for number in 1..=count {
        let last = number == count;
        let end = if last {
            text.len()
        } else {
            line_from(text.len() / count * number)?
        };
        let from = line_before(start.saturating_sub(CONTEXT))?;
        let to = if end + AHEAD >= text.len() {
            text.len()
        } else {
            line_from(end + AHEAD)?
        };
        parts.push(Part {
            own: start..end,
            seen: from..to,
        });
        start = end;
    }
    Some(parts)
}

/// The finds of all parts; `None` when one stands over a seam.
fn apart<const N: usize>(
    text: &[u8],
    parts: &[Part],
    find: &(impl Fn(&[u8]) -> [Vec<Piece>; N] + Sync),
) -> Option<[Vec<Piece>; N]> {
    let (first, others) = parts.split_first()?;
    let found = thread::scope(|scope| {
        let others: Vec<_> = others
            .iter()
            .map(|part| scope.spawn(|| find(&text[part.seen.clone()])))
            .collect();
        let mut found = vec![find(&text[first.seen.clone()])];
        for other in others {
            found.push(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        found
    });
    let mut all: [Vec<Piece>; N] = std::array::from_fn(|_| Vec::new());
    for (part, lists) in parts.iter().zip(found) {
        for (all, list) in all.iter_mut().zip(lists) {
            for mut piece in list {
                piece.start += part.seen.start;
                piece.end += part.seen.start;
                let over = |seam: usize| piece.start < seam && piece.end > seam;
                if over(part.own.start) || over(part.own.end) {
                    return None;
                }
                if part.own.contains(&piece.start) {
                    all.push(piece);
                }
            }
        }
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::{LEAST, each, seams};
    use crate::redact::finds::scanned;

    fn log(bytes: usize) -> String {
        let mut text = String::new();
        let mut number = 0;
        while text.len() < bytes {
            number += 1;
            let _ = writeln!(
                text,
                "2026-01-02 10:00:00,{:03} user{number}@example.com from 192.0.2.{} password=Hk7-uniform{number} \
                 q=%22token%22%3A%22abcdef{number}0123%22 <secret><![CDATA[one\ntwo{number}]]></secret>\nTelefon:\n030 55501{number:04}",
                number % 1000,
                number % 250,
            );
        }
        text
    }

    #[test]
    fn parts_find_what_the_whole_has() {
        let text = log(3 * LEAST);
        for lead in [0, 7, 90] {
            let text = &text.as_bytes()[lead..];
            assert_eq!(seams(text, 2).map(|parts| parts.len()), Some(2));
            let [whole] = [scanned(text)];
            let [parts] = each(text, 2, |part| [scanned(part)]);
            assert_eq!(whole, parts, "{lead}");
        }
    }

    #[test]
    fn what_reaches_far_is_not_cut() {
        let key = format!("{}-----BEGIN PRIVATE KEY-----\nMIIE\n", log(3 * LEAST));
        assert!(seams(key.as_bytes(), 2).is_none());
        assert!(seams(&vec![b'a'; 4 * LEAST], 2).is_none());
        assert!(seams(log(LEAST).as_bytes(), 8).is_none());
    }
}
