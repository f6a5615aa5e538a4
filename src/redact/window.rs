//! A file of any size in pieces that can be judged alone.
//!
//! A piece ends at a line end where there is one. Some text that was already dealt with stays in front of it, for
//! labels that stand on earlier lines; some text that comes later is looked at, so that no value is cut. A value
//! that reaches the end of what was read makes the window grow. Memory stays constant whatever the file's size.

use std::io::Read;
use std::ops::Range;
use std::sync::Arc;

use super::codec::Codec;
use super::content::RedactError;
use super::engine::Plan;
use super::policy::kind_name;
use super::token;
use crate::scan::Kind;

/// How much is looked at, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    /// Dealt with at once.
    pub(super) chunk: usize,
    /// In front, looked at again.
    pub(super) context: usize,
    /// Behind, looked at before: longer than any value but keys and tokens.
    pub(super) ahead: usize,
    /// The longest value that is held together; longer ones are masked piece by piece.
    pub(super) longest: usize,
}

impl Default for Sizes {
    /// Enough for several threads; see [`super::parts`].
    fn default() -> Self {
        Self {
            chunk: 1024 * 1024,
            context: 4 * 1024,
            ahead: 8 * 1024,
            longest: 2 * 1024 * 1024,
        }
    }
}

/// Read at once.
const PIECE: usize = 64 * 1024;
/// The longest first line that is taken for the header of a table.
const HEADER: usize = 4 * 1024;
/// What names a private map; its content never leaves.
const MAP_MARK: &[u8] = b"w4b-diag/map/";
/// How far before it the name of its field stands, with room for any spelling of JSON.
const MAP_SCHEMA: usize = 48;

/// One piece: the range of [`Window::text`] that is now dealt with, and what is to be done in it.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) range: Range<usize>,
    pub(super) plan: Plan,
}

/// Reads, decodes and cuts.
pub(super) struct Window<R> {
    reader: R,
    sizes: Sizes,
    codec: Option<Codec>,
    /// The byte order mark, which is no part of the text.
    mark: Vec<u8>,
    raw: Vec<u8>,
    text: Vec<u8>,
    /// Length of the table header that stays at the front of `text`.
    header: usize,
    /// Everything in `text` before it is dealt with.
    done: usize,
    ended: bool,
    /// A value longer than [`Sizes::longest`] goes on.
    open: Option<Kind>,
}

impl<R> std::fmt::Debug for Window<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Window")
            .field("codec", &self.codec)
            .finish_non_exhaustive()
    }
}

impl<R: Read> Window<R> {
    pub(super) fn new(reader: R) -> Self {
        Self::with_sizes(reader, Sizes::default())
    }

    pub(super) fn with_sizes(reader: R, sizes: Sizes) -> Self {
        Self {
            reader,
            sizes,
            codec: None,
            mark: Vec::new(),
            raw: Vec::new(),
            text: Vec::new(),
            header: 0,
            done: 0,
            ended: false,
            open: None,
        }
    }

    /// What the ranges of steps refer to.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Encodes text of this file as it was.
    pub(super) fn encode(&self, text: &[u8], out: &mut Vec<u8>) {
        self.codec.unwrap_or(Codec::Bytes).encode(text, out);
    }

    /// The byte order mark, once; it comes before everything else.
    pub(super) fn take_mark(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.mark)
    }

    /// Bytes at the end that make no character (half a unit of UTF-16): they come last, as they were.
    pub(super) fn undecoded(&self) -> &[u8] {
        &self.raw
    }

    /// The next piece; `None` at the end.
    pub(super) fn step(
        &mut self,
        plan: &mut dyn FnMut(&[u8]) -> Result<Plan, RedactError>,
    ) -> Result<Option<Step>, RedactError> {
        self.forget();
        let mut want = self.sizes.chunk + self.sizes.ahead;
        loop {
            self.fill(want)?;
            if self.done == self.text.len() {
                return Ok(None);
            }
            if let Some(kind) = self.open {
                return Ok(Some(self.go_on(kind)));
            }
            let found = plan(&self.text)?;
            if let Some(end) = self.cut(&found) {
                return Ok(Some(self.finish(found, end)));
            }
            if want >= self.sizes.longest {
                let end = self.text.len();
                self.open = found.edits.last().map(|edit| edit.kind);
                return Ok(Some(self.finish(found, end)));
            }
            want *= 2;
        }
    }

    /// Where the next blocks of these lengths stand in [`Window::text`], as far as they are there. They must end with a
    /// line. [`Window::pass`] goes on behind those that were dealt with.
    pub(super) fn next_blocks(
        &mut self,
        lengths: impl Iterator<Item = usize> + Clone,
    ) -> Result<Vec<Range<usize>>, RedactError> {
        self.forget();
        let length: usize = lengths.clone().sum();
        self.fill(length.saturating_add(self.sizes.ahead))?;
        if self.codec != Some(Codec::Bytes) || self.open.is_some() {
            return Ok(Vec::new());
        }
        let mut start = self.done;
        let ranges = lengths.map(|length| {
            let range = start..start.saturating_add(length);
            start = range.end;
            range
        });
        Ok(ranges.take_while(|range| range.end <= self.text.len()).collect())
    }

    /// Everything before `end` is dealt with.
    pub(super) fn pass(&mut self, end: usize) {
        self.done = end.clamp(self.done, self.text.len());
    }

    /// Drops what is no longer looked at.
    fn forget(&mut self) {
        let Some(from) = self
            .done
            .checked_sub(self.sizes.context)
            .filter(|from| *from > self.header)
        else {
            return;
        };
        let line = memchr::memchr(b'\n', &self.text[from..self.done])
            .map(|position| from + position + 1)
            .filter(|start| *start < self.done);
        let from = line.unwrap_or_else(|| character_start(&self.text, from));
        self.text.drain(self.header..from.max(self.header));
        self.done -= from.max(self.header) - self.header;
    }

    fn fill(&mut self, want: usize) -> Result<(), RedactError> {
        while !self.ended && self.text.len() - self.done < want {
            // As much as fits, also of a reader that hands out single bytes: the codec is chosen by the head of the file.
            let count = self
                .reader
                .by_ref()
                .take(PIECE as u64)
                .read_to_end(&mut self.raw)?;
            self.ended = count < PIECE;
            let codec = if let Some(codec) = self.codec {
                codec
            } else {
                let codec = Codec::detect(&self.raw)?;
                let length = codec.mark_len(&self.raw);
                self.mark = self.raw.drain(..length).collect();
                *self.codec.insert(codec)
            };
            let from = self.text.len();
            codec.decode(&mut self.raw, &mut self.text, self.ended);
            let before = from.saturating_sub(self.sizes.ahead).max(self.done.min(from));
            codec.check(&self.text[before..])?;
            refuse_map(&self.text[from.saturating_sub(MAP_SCHEMA).max(self.done.min(from))..])?;
            if self.done == 0 && self.header == 0 && self.header_is_known() {
                self.header = header_len(&self.text);
                if super::envelope::is_encrypted(&self.text) {
                    return Err(RedactError::Encrypted);
                }
            }
        }
        Ok(())
    }

    fn header_is_known(&self) -> bool {
        self.ended || self.text.len() > HEADER
    }

    /// Where the piece may end: not inside a value. `None` when the window has to grow for that.
    fn cut(&self, plan: &Plan) -> Option<usize> {
        let len = self.text.len();
        if self.ended {
            return Some(len);
        }
        let limit = character_start(&self.text, len.saturating_sub(self.sizes.ahead).max(self.done));
        let line = memchr::memrchr(b'\n', &self.text[self.done..limit]);
        let mut cut = line.map_or(limit, |position| self.done + position + 1);
        for edit in plan.edits.iter().rev() {
            if edit.end <= cut {
                break;
            }
            if edit.start < cut {
                cut = if edit.end < len { edit.end } else { edit.start };
                break;
            }
        }
        (cut > self.done).then_some(cut)
    }

    fn finish(&mut self, mut plan: Plan, end: usize) -> Step {
        let range = self.done..end;
        plan.edits
            .retain(|edit| edit.end > range.start && edit.start < range.end);
        for edit in &mut plan.edits {
            if edit.start < range.start || edit.end > range.end {
                // Recognised late: what is left of it is masked.
                edit.start = edit.start.max(range.start);
                edit.end = edit.end.min(range.end);
                edit.replacement = token::mask(kind_name(edit.kind)).into();
                edit.reversible = false;
            }
        }
        plan.kept.retain(|(start, _)| range.contains(start));
        self.done = end;
        Step { range, plan }
    }

    /// The next piece of a value that is too long to be held: it disappears, its mask is already written.
    fn go_on(&mut self, kind: Kind) -> Step {
        let pending = &self.text[self.done..];
        let length = if kind == Kind::PrivateKey {
            memchr::memmem::find(pending, b"-----END")
                .map(|at| at + memchr::memchr(b'\n', &pending[at..]).unwrap_or(pending.len() - at))
        } else {
            pending
                .iter()
                .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'<' | b'>'))
        };
        let mut end = self.done + length.unwrap_or(pending.len());
        if length.is_some() {
            self.open = None;
        } else if !self.ended && kind == Kind::PrivateKey {
            // The marker itself may be cut.
            end = end.saturating_sub(b"-----END".len()).max(self.done + 1);
        }
        let range = self.done..end;
        let mut plan = Plan::default();
        if !range.is_empty() {
            plan.edits.push(super::engine::Edit {
                start: range.start,
                end: range.end,
                kind,
                replacement: Arc::from(""),
                reversible: false,
            });
        }
        self.done = end;
        Step { range, plan }
    }
}

/// The start of the UTF-8 character that `at` is inside of.
fn character_start(text: &[u8], at: usize) -> usize {
    let continues = |at: usize| text.get(at).is_some_and(|byte| (0x80..0xc0).contains(byte));
    let mut start = at;
    while at - start < 3 && start > 0 && continues(start) {
        start -= 1;
    }
    if continues(start) { at } else { start }
}

/// The length of the first line with its end, if it looks like the header of a table: its column names are the
/// labels of values that may be megabytes away.
fn header_len(text: &[u8]) -> usize {
    let Some(end) = memchr::memchr(b'\n', &text[..text.len().min(HEADER)]) else {
        return 0;
    };
    let line = &text[..end];
    let delimited = [b',', b';', b'\t', b'|']
        .iter()
        .any(|delimiter| memchr::memchr_iter(*delimiter, line).count() >= 2);
    if delimited { end + 1 } else { 0 }
}

/// A private map is known by its `"schema": "w4b-diag/map/…"`, also when it was pasted behind something else.
fn refuse_map(text: &[u8]) -> Result<(), RedactError> {
    let is_map = memchr::memmem::find_iter(text, MAP_MARK).any(|at| {
        let before = &text[at.saturating_sub(MAP_SCHEMA)..at];
        memchr::memmem::find(before, b"schema").is_some()
    });
    if is_map {
        return Err(RedactError::PrivateMap);
    }
    Ok(())
}
