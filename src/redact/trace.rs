//! What the scan of a case found in a text, kept until the text is redacted, so that it is not scanned twice.
//!
//! A trace is used only for bytes that have the digest of those that were scanned. Where the text is another by then (a
//! log that was rotated), and behind the end of the trace (one that grew), the text is scanned once more. What no block
//! can say alone is not in it: a private key ends the trace, and so does a line that is longer than a block.

use std::hash::BuildHasher as _;
use std::ops::Range;

use foldhash::quality::RandomState;

use super::finds::{Piece, scanned};
use super::policy::KINDS;

/// What marks a key whose lines may lie in several blocks.
const KEYS: [&[u8]; 2] = [b"PRIVATE", b"rivate-Lines"];
/// A text of one small block is scanned again in less time than its trace takes.
const LEAST: usize = 128 * 1024;
/// How far around the seam of two blocks values are sought that stand over it.
const SEAM: usize = 8 * 1024;

/// Only a label says what it is.
const LABELLED: u8 = 1 << 6;
/// See [`Piece::rest`].
const REST: u8 = 1 << 7;

/// Finds by block.
#[derive(Debug, Default)]
pub struct Trace {
    state: RandomState,
    blocks: Vec<Block>,
    /// Of each find: bytes since the end of the one before, its length (both in groups of seven bits), its kind.
    finds: Vec<u8>,
}

#[derive(Debug)]
struct Block {
    length: usize,
    digest: u64,
    /// Where its finds end.
    until: usize,
}

impl Trace {
    /// Bytes of memory.
    pub(super) fn size(&self) -> usize {
        self.finds.len() + self.blocks.len() * size_of::<Block>()
    }

    /// Adds the next block with what was found in it, in order. Returns whether it can stand there.
    pub(super) fn add(&mut self, block: &[u8], finds: impl Iterator<Item = Piece>) -> bool {
        let alone = block.last() == Some(&b'\n')
            && (block.len() >= LEAST || !self.blocks.is_empty())
            && KEYS
                .iter()
                .all(|mark| memchr::memmem::find(block, mark).is_none());
        if !alone {
            return false;
        }
        let before = self.finds.len();
        let mut at = 0;
        for find in finds {
            let (Some(gap), true) = (find.start.checked_sub(at), find.end <= block.len()) else {
                self.finds.truncate(before);
                return false;
            };
            self.number(gap);
            self.number(find.end.saturating_sub(find.start));
            let flags = if find.labelled { LABELLED } else { 0 } | if find.rest { REST } else { 0 };
            self.finds.push(find.kind as u8 | flags);
            at = find.end;
        }
        self.blocks.push(Block {
            length: block.len(),
            digest: self.state.hash_one(block),
            until: self.finds.len(),
        });
        true
    }

    fn number(&mut self, mut number: usize) {
        while let Ok(rest @ 128..) = u64::try_from(number) {
            self.finds.push(rest.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.finds.push(number.to_le_bytes()[0]);
    }

    /// How many blocks it has.
    pub(super) fn len(&self) -> usize {
        self.blocks.len()
    }

    /// The lengths of the blocks from this one on.
    pub(super) fn lengths(&self, from: usize) -> impl Iterator<Item = usize> + Clone {
        self.blocks.iter().skip(from).map(|block| block.length)
    }

    /// What was found in a block, which is `text[range]`; `None` when it is another now, or when a value stands over
    /// its end.
    pub(super) fn finds(&self, number: usize, text: &[u8], range: Range<usize>) -> Option<Vec<Piece>> {
        let block = self.blocks.get(number)?;
        let bytes = text.get(range.clone())?;
        if bytes.len() != block.length || self.state.hash_one(bytes) != block.digest {
            return None;
        }
        if is_crossed(text, range.end) {
            return None;
        }
        let from = number
            .checked_sub(1)
            .map_or(Some(0), |before| Some(self.blocks.get(before)?.until))?;
        let mut packed = self.finds.get(from..block.until)?;
        let mut finds = Vec::with_capacity(packed.len() / 3);
        let mut last = 0;
        while !packed.is_empty() {
            let start = last + unpack(&mut packed)?;
            let end = start + unpack(&mut packed)?;
            let (&flags, rest) = packed.split_first()?;
            packed = rest;
            finds.push(Piece {
                start,
                end,
                kind: *KINDS.get(usize::from(flags & (LABELLED - 1)))?,
                pattern: None,
                rest: flags & REST != 0,
                labelled: flags & LABELLED != 0,
            });
            last = end;
        }
        Some(finds)
    }
}

fn unpack(packed: &mut &[u8]) -> Option<usize> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let (&byte, rest) = packed.split_first()?;
        *packed = rest;
        number |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
        shift += 7;
    }
}

/// Whether a value begins before `seam` and ends behind it.
fn is_crossed(text: &[u8], seam: usize) -> bool {
    let from = seam.saturating_sub(SEAM);
    let from = memchr::memchr(b'\n', text.get(from..seam).unwrap_or_default())
        .map(|newline| from + newline + 1)
        .filter(|line| *line < seam)
        .unwrap_or(from);
    let around = text.get(from..text.len().min(seam + SEAM)).unwrap_or_default();
    let seam = seam - from;
    around.len() > seam
        && scanned(around)
            .iter()
            .any(|find| find.start < seam && find.end > seam)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::io::Read as _;
    use std::sync::Arc;

    use super::{KINDS, Trace};
    use crate::redact::{Lesson, Policy, Protected, Redactor, SiteKey};
    use crate::scan::stream::{Sizes, windows};
    use crate::scan::{Options, Scanner};

    /// A block takes no longer than it must.
    const WINDOW: usize = 132 * 1024;

    /// The trace of a text, read as a case is.
    fn trace(text: &[u8]) -> Arc<Trace> {
        let (mut lesson, scanner) = (Lesson::default(), Scanner::new(Options::default()));
        let mut reading = Lesson::begin("utf-8");
        let sizes = Sizes {
            window: WINDOW,
            ..Sizes::default()
        };
        windows::<std::io::Error>(text, &scanner, sizes, |window| {
            lesson.note(window, &mut reading);
            Ok(())
        })
        .unwrap();
        lesson.end(reading).unwrap_or_default()
    }

    fn log(lines: usize) -> String {
        let line = |number: usize| {
            format!(
                "2026-01-02 10:00:00 user{number}@example.com from 192.0.2.{} password=Hk7-uni{number} to=ana{number}&#64;example.com \
                 q=%22token%22%3A%22abcdef{number}0123%22 Telefon: 030 55501{number:04} TrackingID: ROUTER_01234567-89ab-cdef-0123-456789abcdef\n",
                number % 250
            )
        };
        (0..lines).map(line).collect()
    }

    fn redacted(
        redactor: &Redactor,
        text: &[u8],
        trace: Option<&Arc<Trace>>,
    ) -> (Vec<u8>, crate::redact::Counts) {
        let reader = Cursor::new(text.to_vec());
        let mut stream = match trace {
            Some(trace) => redactor.redact_traced(reader, trace),
            None => redactor.redact_stream(reader),
        };
        let mut out = Vec::new();
        stream.read_to_end(&mut out).unwrap();
        let counts = stream.counts().clone();
        (out, counts)
    }

    #[test]
    fn kinds_are_found_by_their_number() {
        for (number, kind) in KINDS.into_iter().enumerate() {
            assert_eq!(kind as usize, number);
        }
    }

    #[test]
    fn redacted_with_a_trace_as_without() {
        let redactor = Redactor::new(Policy::default(), SiteKey::of_tests(), Protected::none());
        let text = log(1500);
        let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n-----END PRIVATE KEY-----\n";
        let texts = [
            text.clone(),
            format!("\u{feff}{text}"),
            format!("{text}no line end"),
            format!("{}{key}{}", log(900), log(100)),
            format!("{}{}\n{}", log(1600), "x".repeat(3 << 19), log(1200)),
            format!("id,password,first name\n{text}"),
        ];
        let learned = || {
            let redactor = Redactor::with_map(Policy::default(), SiteKey::of_tests(), Protected::none());
            redactor.learn(texts[0].as_bytes()).unwrap();
            redactor.threads(3)
        };
        for text in &texts {
            let trace = trace(text.trim_start_matches('\u{feff}').as_bytes());
            let plain = redacted(&redactor, text.as_bytes(), None);
            assert!(plain == redacted(&redactor, text.as_bytes(), Some(&trace)));
            // On threads, with tokens that are known before and such that are not.
            assert!(plain == redacted(&learned(), text.as_bytes(), Some(&trace)));
        }
        // The same map.
        let [with, without] = [Some(&trace(texts[0].as_bytes())), None].map(|trace| {
            let redactor = learned();
            redacted(&redactor, texts[0].as_bytes(), trace);
            let map = redactor.private_map(chrono::DateTime::UNIX_EPOCH);
            serde_json::to_string(&map.unwrap()).unwrap()
        });
        assert!(with.len() > 100_000 && with == without);
        let trace = trace(text.as_bytes());
        let length = trace.lengths(0).next().expect("a block");
        let finds = trace.finds(0, text.as_bytes(), 0..length);
        assert!(finds.is_some_and(|finds| finds.len() > 500));
    }

    #[test]
    fn a_text_that_changed_is_scanned_again() {
        let redactor = Redactor::new(Policy::default(), SiteKey::of_tests(), Protected::none());
        let text = log(900);
        let trace = trace(text.as_bytes());
        let changed = [
            text.replacen("Telefon: 030 ", "user x@exam.com", 1),
            format!("{text}{}", log(10)),
            format!("x@example.com {text}"),
            text[..text.len() / 2].to_owned(),
            String::new(),
        ];
        for text in changed {
            assert_eq!(
                redacted(&redactor, text.as_bytes(), Some(&trace)),
                redacted(&redactor, text.as_bytes(), None)
            );
        }
    }

    #[test]
    fn a_value_over_the_seam_of_two_blocks_is_not_cut() {
        let redactor = Redactor::new(Policy::default(), SiteKey::of_tests(), Protected::none());
        let (before, after) = (log(700), log(60));
        // The first block ends at the last line end of its window: that of the value comes to stand there.
        for shift in 0..4 {
            let room = WINDOW - 16 - shift * 8;
            let cut = before[..room].rfind('\n').map_or(0, |end| end + 1);
            let fill = "y".repeat((room - cut).saturating_sub(1));
            let value = format!("<secret><![CDATA[one-{shift}\ntwo-Gr4nite]]></secret>\n");
            let text = format!("{}{fill}\n{value}{after}", &before[..cut]);
            let (out, _) = redacted(&redactor, text.as_bytes(), Some(&trace(text.as_bytes())));
            assert!(!String::from_utf8_lossy(&out).contains("Gr4nite"), "{shift}");
        }
    }
}
