//! Seeking thousands of learned values at once.
//!
//! Every value stands alone where it counts: it begins where a word begins, or with a sign. So only the beginnings of
//! words are looked at, and of these a table of bits passes on those that have the first four bytes of some value.

#![expect(
    clippy::inline_always,
    reason = "the instruction set of `dispatch!` holds only for what is inlined into it"
)]

use std::collections::HashMap;

use fearless_simd::{Level, Simd, dispatch, prelude::*, u8x64};

use super::finds::Piece;
use super::learn::{SHORTEST_NAME, Values};
use crate::scan::Kind;

/// Bytes that are hashed of a value; none is shorter.
const HEAD: usize = SHORTEST_NAME;
/// Bits of the table, as a power of two: 8 KiB, which stay in the first-level cache.
const BITS: u32 = 16;
/// Bytes looked at together.
const BLOCK: usize = 64;
/// Blocks whose bits are made at once, before any is asked for (see the scan's first stage).
const BATCH: usize = 64;

/// A match of a learned value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
}

/// What was learned, ready to seek.
#[derive(Debug)]
pub(super) struct Matcher {
    values: Values,
    begins: Vec<u64>,
    /// The lengths of the values with the same head, longest first.
    lengths: HashMap<u32, Vec<usize>, foldhash::fast::RandomState>,
    /// Signs that values begin with.
    signs: Vec<u8>,
}

impl Matcher {
    pub(super) fn new(values: &Values) -> Self {
        let mut matcher = Self {
            values: values.clone(),
            begins: vec![0; (1 << BITS) / 64],
            lengths: HashMap::default(),
            signs: Vec::new(),
        };
        for value in values.keys() {
            let Some(head) = head(value, 0) else { continue };
            let place = place(head);
            if let Some(word) = matcher.begins.get_mut(place / 64) {
                *word |= 1 << (place % 64);
            }
            matcher.lengths.entry(head).or_default().push(value.len());
            if let Some(&first) = value.first()
                && !is_word(first)
            {
                matcher.signs.push(first);
            }
        }
        for lengths in matcher.lengths.values_mut() {
            lengths.sort_unstable_by_key(|length| std::cmp::Reverse(*length));
            lengths.dedup();
        }
        matcher.signs.sort_unstable();
        matcher.signs.dedup();
        matcher
    }

    /// Places of learned values in `text`, sorted, without overlaps: the leftmost, and of these the longest. Those inside
    /// one of `known`, the finds of the scan in order, say nothing new and are left out.
    pub(super) fn find(&self, text: &[u8], known: &[Piece]) -> Vec<Hit> {
        let mut hits = Vec::new();
        let mut later = known;
        each_word(text, |start| {
            if self.may_begin(text, start) {
                while let Some((first, rest)) = later.split_first()
                    && first.end <= start
                {
                    later = rest;
                }
                hits.extend(self.at(text, start, inside(later.first(), start)));
            }
        });
        if !self.signs.is_empty() {
            for &sign in &self.signs {
                hits.extend(memchr::memchr_iter(sign, text).filter_map(|start| {
                    let next = known.partition_point(|piece| piece.end <= start);
                    self.at(text, start, inside(known.get(next), start))
                }));
            }
            hits.sort_by_key(|hit| (hit.start, std::cmp::Reverse(hit.end)));
        }
        let mut end = 0;
        hits.retain(|hit| {
            let apart = hit.start >= end;
            end = if apart { hit.end } else { end };
            apart
        });
        hits
    }

    /// Whether the table has the four bytes at `start`.
    #[inline]
    fn may_begin(&self, text: &[u8], start: usize) -> bool {
        head(text, start).is_some_and(|head| {
            let place = place(head);
            self.begins
                .get(place / 64)
                .is_some_and(|word| word >> (place % 64) & 1 == 1)
        })
    }

    /// The longest value that stands at `start`, if it is longer than `least`.
    fn at(&self, text: &[u8], start: usize, least: usize) -> Option<Hit> {
        let head = head(text, start)?;
        let mut lower = Vec::new();
        let lengths = self.lengths.get(&head)?.iter();
        lengths.take_while(|length| **length > least).find_map(|&length| {
            let end = start + length;
            if text.len() < end || !stands_alone(text, start, end) {
                return None;
            }
            lower.clear();
            lower.extend(text[start..end].iter().map(u8::to_ascii_lowercase));
            let sought = self.values.get(lower.as_slice())?;
            let as_written = sought
                .exact
                .as_deref()
                .is_none_or(|exact| exact == &text[start..end]);
            let in_place = !sought.behind_label || behind_label(text, start);
            (as_written && in_place).then_some(Hit {
                start,
                end,
                kind: sought.kind,
            })
        })
    }
}

/// How much of what begins at `start` a piece covers that ends behind it.
fn inside(piece: Option<&Piece>, start: usize) -> usize {
    piece
        .filter(|piece| piece.start <= start)
        .map_or(0, |piece| piece.end - start)
}

/// The first bytes, letters in lower case (and a few signs as others, which costs nothing but a look).
#[inline]
fn head(text: &[u8], start: usize) -> Option<u32> {
    let bytes: [u8; HEAD] = text.get(start..start + HEAD)?.try_into().ok()?;
    Some(u32::from_le_bytes(bytes) | 0x2020_2020)
}

/// Fibonacci hashing.
const fn place(head: u32) -> usize {
    (head.wrapping_mul(0x9e37_79b1) >> (32 - BITS)) as usize
}

/// A letter or digit, or a byte beyond ASCII, which is a letter of some encoding.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// Calls `visit` with every place where a run of word bytes begins.
fn each_word(text: &[u8], mut visit: impl FnMut(usize)) {
    let mut before = 0;
    let mut base = 0;
    let mut batch = [0; BATCH];
    for part in text.chunks(BATCH * BLOCK) {
        dispatch!(Level::new(), simd => fill(simd, part, &mut batch));
        for words in batch.iter().take(part.len().div_ceil(BLOCK)) {
            let mut starts = words & !((words << 1) | before);
            before = words >> 63;
            while starts != 0 {
                visit(base + starts.trailing_zeros() as usize);
                starts &= starts - 1;
            }
            base += BLOCK;
        }
    }
}

/// One bit for every word byte of `text`.
#[inline(always)]
fn fill<S: Simd>(simd: S, text: &[u8], batch: &mut [u64]) {
    let (blocks, rest) = text.as_chunks();
    let mut slots = batch.iter_mut();
    for (block, slot) in blocks.iter().zip(slots.by_ref()) {
        *slot = words_of(simd, block);
    }
    if let Some(slot) = slots.next() {
        let mut last = [0; BLOCK];
        for (byte, &next) in last.iter_mut().zip(rest) {
            *byte = next;
        }
        *slot = words_of(simd, &last);
    }
}

/// One bit for every word byte.
#[inline(always)]
fn words_of<S: Simd>(simd: S, block: &[u8; BLOCK]) -> u64 {
    let bytes = u8x64::from_slice(simd, block);
    // Wrapping: what lies below the range becomes large.
    let digit = (bytes - b'0').simd_le(u8x64::splat(simd, 9));
    let letter = ((bytes | 0x20) - b'a').simd_le(u8x64::splat(simd, 25));
    let beyond = bytes.simd_ge(u8x64::splat(simd, 0x80));
    (digit | letter | beyond).to_bitmask()
}

/// Whether no letter or digit continues the value on either side.
fn stands_alone(text: &[u8], start: usize, end: usize) -> bool {
    let inner = |at: usize| text.get(at).copied().is_some_and(is_word);
    let before = start.checked_sub(1).is_some_and(inner);
    // A value that begins or ends with a sign needs no boundary there.
    let after = inner(end) && end.checked_sub(1).is_some_and(inner);
    !(after || (before && inner(start)))
}

/// Whether `user=`, `"login": "` and the like stand in front of `at`.
fn behind_label(text: &[u8], at: usize) -> bool {
    const LABELS: &[&str] = &[
        "user",
        "username",
        "userid",
        "user_id",
        "user-id",
        "login",
        "loginid",
        "uid",
        "account",
        "owner",
        "subscriber",
        "benutzer",
        "benutzername",
        "anmeldename",
        "korisnik",
        "bruker",
        "brukernavn",
        "utente",
    ];
    let before = &text[at.saturating_sub(40)..at];
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'\\');
    let signs = before.iter().rev().take_while(|byte| blank(byte)).count();
    let Some((b'=' | b':', before)) = before[..before.len() - signs].split_last() else {
        return false;
    };
    let signs = before.iter().rev().take_while(|byte| blank(byte)).count();
    let before = &before[..before.len() - signs];
    let letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let from = before
        .iter()
        .rposition(|byte| !letter(byte))
        .map_or(0, |at| at + 1);
    LABELS
        .iter()
        .any(|label| before[from..].eq_ignore_ascii_case(label.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::{each_word, is_word};

    proptest::proptest! {
        #[test]
        fn every_word_is_seen(text in proptest::collection::vec(
            proptest::sample::select(b"aZ09 _@.\xc4\x8d-\n".to_vec()), 0..200)) {
            let mut fast = Vec::new();
            each_word(&text, |start| fast.push(start));
            let slow: Vec<usize> = (0..text.len())
                .filter(|&at| is_word(text[at]) && (at == 0 || !is_word(text[at - 1])))
                .collect();
            proptest::prop_assert_eq!(fast, slow);
        }
    }
}
