//! A deflate encoder (RFC 1951) for logs. It looks as far back as the format can, weighs each match against the one that
//! begins a byte later, and begins a new block where the text changes: the zip becomes smaller than with the encoders of
//! zlib's kind, in less time.

mod block;
mod huffman;

use block::{Tokens, Writer};

/// As far as a match can reach back (section 2).
pub(super) const WINDOW: usize = 32 * 1024;
/// The longest match (section 3.2.5).
const LONGEST: usize = 258;
/// Matches of three bytes do not pay in text.
const SHORTEST: usize = 4;
/// A match this long is taken without looking on.
const NICE: usize = 150;
/// So many earlier places are compared with one place.
const DEPTH: usize = 40;
/// Size of the table of places, as a power of two.
const HASH_BITS: u32 = 15;
/// Bytes.
const HASHED: u32 = 5;

/// A match: how long, and how far back.
#[derive(Clone, Copy)]
struct Match {
    length: usize,
    distance: usize,
}

/// Compresses one piece after the other; what it holds is only memory that is used again.
pub(super) struct Encoder {
    /// By the hash of four bytes: one past the last place that has it; 0: there is none.
    heads: Vec<u32>,
    /// By place in the window: the same for the place before.
    chain: Vec<u32>,
    tokens: Tokens,
}

impl Encoder {
    pub(super) fn new() -> Self {
        Self {
            heads: vec![0; 1 << HASH_BITS],
            chain: vec![0; WINDOW],
            tokens: Tokens::default(),
        }
    }

    /// Compresses `text[from..]`, which may refer to what stands before it. All but the `last` piece of a stream end on
    /// a byte boundary, so that the next can be put behind it.
    pub(super) fn compress(&mut self, text: &[u8], from: usize, last: bool) -> Vec<u8> {
        self.heads.fill(0);
        let mut out = Writer::new((text.len() - from) / 4 + 64);
        // What stands further back is out of reach.
        let mut known = from.saturating_sub(WINDOW - 1);
        let mut at = from;
        let mut begun = from;
        while at < text.len() {
            self.learn(text, &mut known, at);
            let found = self.longest(text, at, SHORTEST - 1, DEPTH);
            match found {
                None => {
                    self.tokens.literal(text[at]);
                    at += 1;
                }
                Some(first) => {
                    let (start, best) = self.improve(text, at, first, &mut known);
                    for &byte in &text[at..start] {
                        self.tokens.literal(byte);
                    }
                    self.tokens.repeat(best.length, best.distance);
                    at = start + best.length;
                }
            }
            if self.tokens.has_changed(at - begun) {
                out.block(&self.tokens, &text[begun..at], last && at == text.len());
                self.tokens.clear();
                begun = at;
            }
        }
        if begun < at || (last && from == text.len()) {
            out.block(&self.tokens, &text[begun..at], last);
            self.tokens.clear();
        }
        out.finish(last)
    }

    /// Looks whether a match that begins a byte or two later is worth more than `best` at `at`.
    fn improve(&mut self, text: &[u8], mut at: usize, mut best: Match, known: &mut usize) -> (usize, Match) {
        'again: while best.length < NICE {
            for (later, depth, gain) in [(1, DEPTH / 2, 2), (2, DEPTH / 4, 6)] {
                self.learn(text, known, at + later);
                if let Some(next) = self.longest(text, at + later, best.length - 1, depth)
                    && worth(next, best) > gain
                {
                    best = next;
                    at += later;
                    continue 'again;
                }
            }
            break;
        }
        (at, best)
    }

    /// Notes all places before `until`.
    fn learn(&mut self, text: &[u8], known: &mut usize, until: usize) {
        while *known < until {
            let Some(hash) = hash(text, *known) else {
                *known = until;
                return;
            };
            let place = u32::try_from(*known + 1).unwrap_or(0);
            let head = &mut self.heads[hash];
            self.chain[*known % WINDOW] = *head;
            *head = place;
            *known += 1;
        }
    }

    /// The longest match at `at` that is longer than `length`; of equals the nearest.
    fn longest(&self, text: &[u8], at: usize, mut length: usize, depth: usize) -> Option<Match> {
        let limit = LONGEST.min(text.len().checked_sub(at)?);
        let hash = hash(text, at)?;
        if limit <= length {
            return None;
        }
        let first = four(text, at);
        let mut last = four(text, at + length - (SHORTEST - 1));
        let oldest = (at + 1).saturating_sub(WINDOW);
        let mut best = None;
        let mut next = self.heads[hash];
        for _ in 0..depth {
            let Some(place) = (next as usize).checked_sub(1).filter(|place| *place >= oldest) else {
                break;
            };
            if four(text, place + length - (SHORTEST - 1)) == last && four(text, place) == first {
                let common = common(text, place, at, limit);
                if common > length {
                    length = common;
                    best = Some(at - place);
                    if length >= NICE || length == limit {
                        break;
                    }
                    last = four(text, at + length - (SHORTEST - 1));
                }
            }
            next = self.chain[place % WINDOW];
        }
        best.map(|distance| Match { length, distance }).filter(pays)
    }
}

/// How much more `next`, which begins later, is worth than `best`: a byte counts four times as much as a bit of distance.
fn worth(next: Match, best: Match) -> i64 {
    let bits = |distance: usize| i64::from(distance.ilog2());
    let bytes = |length: usize| i64::try_from(length).unwrap_or(0);
    4 * (bytes(next.length) - bytes(best.length)) + bits(best.distance) - bits(next.distance)
}

/// Whether a match is shorter than the literals that it stands for: the digits of IDs and times, of which logs are
/// full, take four or five bits each, and a match that reaches far back more than twenty.
fn pays(found: &Match) -> bool {
    match found.length {
        ..=4 => found.distance <= 128,
        5 => found.distance <= 2048,
        _ => true,
    }
}

fn four(text: &[u8], at: usize) -> u32 {
    match text.get(at..at + 4) {
        Some(&[a, b, c, d]) => u32::from_le_bytes([a, b, c, d]),
        _ => 0,
    }
}

/// Fibonacci hashing of the first [`HASHED`] bytes at `at`; `None` at the end of the text.
fn hash(text: &[u8], at: usize) -> Option<usize> {
    let eight = *text.get(at..)?.first_chunk::<8>()?;
    let bytes = u64::from_le_bytes(eight) << (64 - 8 * HASHED);
    usize::try_from(bytes.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - HASH_BITS)).ok()
}

/// How many bytes are the same at `one` and at `other`, which stands behind it; at most `limit`.
fn common(text: &[u8], one: usize, other: usize, limit: usize) -> usize {
    let (a, b) = (&text[one..one + limit], &text[other..other + limit]);
    let (words, _) = a.as_chunks::<8>();
    let (others, _) = b.as_chunks::<8>();
    let mut length = 0;
    for (word, other) in words.iter().zip(others) {
        let difference = u64::from_le_bytes(*word) ^ u64::from_le_bytes(*other);
        if difference != 0 {
            return length + difference.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    length
        + a[length..]
            .iter()
            .zip(&b[length..])
            .take_while(|(a, b)| a == b)
            .count()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use proptest::prelude::*;

    use super::{Encoder, WINDOW};

    /// In pieces of `size` bytes, each with what stands before it; read by another program's decoder.
    fn there_and_back(text: &[u8], size: usize) -> usize {
        let mut encoder = Encoder::new();
        let mut packed = Vec::new();
        let count = text.len().div_ceil(size).max(1);
        for number in 0..count {
            let (start, end) = (number * size, text.len().min((number + 1) * size));
            let before = start.saturating_sub(WINDOW);
            packed.extend(encoder.compress(&text[before..end], start - before, number + 1 == count));
        }
        let mut back = Vec::new();
        let mut decoder = flate2::read::DeflateDecoder::new(packed.as_slice());
        decoder.read_to_end(&mut back).expect("deflate");
        assert!(back == text, "{} bytes come back as {}", text.len(), back.len());
        assert_eq!(decoder.total_in(), packed.len() as u64, "bytes behind the end");
        packed.len()
    }

    fn noise(length: usize) -> Vec<u8> {
        let mut state = 1_u64;
        let next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state.to_le_bytes()[7]
        };
        std::iter::repeat_with(next).take(length).collect()
    }

    #[test]
    fn what_cannot_be_made_smaller_hardly_grows() {
        for length in [0, 1, 3, 4, 7, 8, 300, 65_535, 65_536, 200_000] {
            let text = noise(length);
            assert!(there_and_back(&text, 256 * 1024) <= length + 5 * (length / 5000 + 2));
        }
    }

    #[test]
    fn every_length_and_every_distance_comes_back() {
        let far = noise(WINDOW + 300);
        for distance in (1..600)
            .chain((600..WINDOW + 3).step_by(977))
            .chain([WINDOW - 1, WINDOW, WINDOW + 1])
        {
            let mut text = far[..distance].to_vec();
            text.extend_from_within(..distance.min(258 + distance % 7));
            text.extend_from_slice(b"end");
            there_and_back(&text, usize::MAX / 2);
        }
        for length in 1..600 {
            there_and_back(&b"ab".repeat(length)[..length], usize::MAX / 2);
        }
    }

    #[test]
    fn where_the_text_changes_a_block_begins() {
        let words = b"2026-11-22 10:00:00 INFO  the request of the queue was finished\n".repeat(2000);
        let digits: Vec<u8> = noise(120_000)
            .iter()
            .map(|byte| b"0123456789abcdef"[usize::from(byte % 16)])
            .collect();
        let both = [words.as_slice(), &digits].concat();
        let apart = there_and_back(&words, usize::MAX / 2) + there_and_back(&digits, usize::MAX / 2);
        assert!(there_and_back(&both, usize::MAX / 2) <= apart + 200);
        assert!(
            there_and_back(&digits, usize::MAX / 2) < digits.len() * 51 / 100,
            "four bits a digit"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn anything_comes_back(
            parts in proptest::collection::vec((proptest::collection::vec(any::<u8>(), 1..60), 1_usize..40), 0..60),
            size in 1_usize..9000,
        ) {
            let text: Vec<u8> = parts.iter().flat_map(|(part, count)| part.repeat(*count)).collect();
            there_and_back(&text, size);
        }
    }
}
