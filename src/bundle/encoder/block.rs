//! Tokens to blocks (RFC 1951, section 3.2.3): stored, with the fixed codes, or with codes of their own, whichever is
//! shortest.

use std::sync::LazyLock;

use super::LONGEST;
use super::huffman::{self, Code};

/// Literals, the end of a block, and lengths.
const SYMBOLS: usize = 286;
const DISTANCES: usize = 30;
const END: usize = 256;
/// The longest code of a symbol, and of the length of one (sections 3.2.7 and 3.2.2).
const LIMIT: u8 = 15;
const INNER_LIMIT: u8 = 7;
/// The order in which the lengths of the inner code stand (section 3.2.7).
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/// Bytes of a stored block.
const STORED: usize = 0xffff;

/// A block is not shorter than this, in bytes of text.
const LEAST: usize = 5000;
/// After so many tokens it is seen whether the text has changed.
const LOOK: u32 = 512;
/// A repetition in a token; else it is a literal. Below it 15 bits of distance, and the length from bit 16 on.
const REPEAT: u32 = 1 << 31;

/// What a block is made of.
#[derive(Default)]
pub(super) struct Tokens {
    list: Vec<u32>,
    /// Kinds of tokens in the block, and in what was added to it lately.
    kinds: [u32; 10],
    seen: u32,
    new_kinds: [u32; 10],
    new: u32,
}

impl Tokens {
    pub(super) fn literal(&mut self, byte: u8) {
        self.list.push(u32::from(byte));
        self.new_kinds[usize::from((byte >> 5) & 6 | byte & 1)] += 1;
        self.new += 1;
    }

    /// `length` bytes that stand `distance` bytes before.
    pub(super) fn repeat(&mut self, length: usize, distance: usize) {
        let token = length << 16 | (distance - 1);
        self.list.push(REPEAT | u32::try_from(token).unwrap_or(0));
        self.new_kinds[if length < 9 { 8 } else { 9 }] += 1;
        self.new += 1;
    }

    pub(super) fn clear(&mut self) {
        self.list.clear();
        (self.kinds, self.seen, self.new_kinds, self.new) = ([0; 10], 0, [0; 10], 0);
    }

    /// Whether what came lately differs so much from what came before in the block, now of `length` bytes, that another
    /// code will be worth its header. As libdeflate decides it: by ten kinds of tokens, with more patience in short
    /// blocks.
    pub(super) fn has_changed(&mut self, length: usize) -> bool {
        if self.new < LOOK || length < LEAST {
            return false;
        }
        if self.seen > 0 {
            let (seen, new) = (u64::from(self.seen), u64::from(self.new));
            let difference: u64 = (self.kinds.iter().zip(&self.new_kinds))
                .map(|(old, lately)| (u64::from(*old) * new).abs_diff(u64::from(*lately) * seen))
                .sum();
            let mut limit = new * 200 / 512 * seen;
            let tokens = seen + new;
            if length < 10_000 && tokens < 8192 {
                limit += limit * (8192 - tokens) / 8192;
            }
            if difference + (length as u64 / 4096) * seen >= limit {
                return true;
            }
        }
        for (old, lately) in self.kinds.iter_mut().zip(&mut self.new_kinds) {
            *old += std::mem::take(lately);
        }
        self.seen += std::mem::take(&mut self.new);
        false
    }
}

/// The symbol of a length, and the bits behind it: how many, and from which length on.
#[derive(Clone, Copy, Default)]
struct Length {
    symbol: u16,
    extra: u8,
    base: u16,
}

/// By length (section 3.2.5).
static LENGTHS: LazyLock<[Length; LONGEST + 1]> = LazyLock::new(|| {
    let mut table = [Length::default(); LONGEST + 1];
    let (mut base, mut symbol) = (3_u16, 257_u16);
    while usize::from(base) < LONGEST {
        let extra = if symbol < 265 { 0 } else { (symbol - 261) / 4 };
        let next = base + (1 << extra);
        let slots = table.iter_mut().take(usize::from(next)).skip(usize::from(base));
        slots.for_each(|slot| {
            *slot = Length {
                symbol,
                extra: u8::try_from(extra).unwrap_or(0),
                base,
            }
        });
        (base, symbol) = (next, symbol + 1);
    }
    // The longest has a symbol of its own.
    table[LONGEST] = Length {
        symbol: 285,
        extra: 0,
        base: 258,
    };
    table
});

/// The symbol of a distance less one, and how many bits of it stand behind (section 3.2.5).
fn distance_symbol(distance: u32) -> (usize, u32) {
    if distance < 4 {
        return (distance as usize, 0);
    }
    let high = distance.ilog2();
    let symbol = 2 * high + (distance >> (high - 1) & 1);
    (symbol as usize, high - 1)
}

/// The two codes of a block.
struct Codes {
    symbols: Vec<Code>,
    distances: Vec<Code>,
}

/// The codes of section 3.2.6.
static FIXED: LazyLock<Codes> = LazyLock::new(|| {
    let mut lengths = [8; 288];
    lengths[144..256].fill(9);
    lengths[256..280].fill(7);
    Codes {
        symbols: huffman::codes(&lengths),
        distances: huffman::codes(&[5; DISTANCES]),
    }
});

/// A code of codes, as it stands in the header of a block.
struct Header {
    symbols: usize,
    distances: usize,
    /// Symbol, and the value of the bits behind it.
    runs: Vec<(u8, u8)>,
    code: Vec<Code>,
    shown: usize,
}

impl Header {
    fn new(symbols: &[u8], distances: &[u8]) -> Self {
        let used = |lengths: &[u8], least: usize| {
            let last = lengths
                .iter()
                .rposition(|length| *length > 0)
                .map_or(0, |at| at + 1);
            last.max(least)
        };
        let (symbol_count, distance_count) = (used(symbols, 257), used(distances, 1));
        let all = [&symbols[..symbol_count], &distances[..distance_count]].concat();
        let runs = runs(&all);
        let mut counts = [0; 19];
        for (symbol, _) in &runs {
            counts[usize::from(*symbol)] += 1;
        }
        let code = huffman::codes(&huffman::lengths(&counts, INNER_LIMIT));
        let shown = ORDER
            .iter()
            .rposition(|symbol| code[*symbol].length > 0)
            .map_or(4, |at| at + 1);
        Self {
            symbols: symbol_count,
            distances: distance_count,
            runs,
            code,
            shown: shown.max(4),
        }
    }

    /// Bits.
    fn length(&self) -> u64 {
        let runs: u64 = (self.runs.iter())
            .map(|(symbol, _)| {
                u64::from(self.code[usize::from(*symbol)].length) + u64::from(run_bits(*symbol))
            })
            .sum();
        14 + 3 * self.shown as u64 + runs
    }
}

/// Bits behind a symbol of the inner code.
const fn run_bits(symbol: u8) -> u8 {
    match symbol {
        16 => 2,
        17 => 3,
        18 => 7,
        _ => 0,
    }
}

/// Lengths as runs (section 3.2.7).
fn runs(lengths: &[u8]) -> Vec<(u8, u8)> {
    let mut runs = Vec::new();
    let mut at = 0;
    while let Some(&length) = lengths.get(at) {
        let same = lengths[at..].iter().take_while(|other| **other == length).count();
        at += same;
        let mut left = same;
        if length != 0 {
            runs.push((length, 0));
            left -= 1;
        }
        while left >= 3 {
            let (symbol, least, most) = match (length, left) {
                (0, 11..) => (18, 11, 138),
                (0, _) => (17, 3, 10),
                _ => (16, 3, 6),
            };
            let run = left.min(most);
            runs.push((symbol, u8::try_from(run - least).unwrap_or(0)));
            left -= run;
        }
        runs.extend(std::iter::repeat_n((length, 0), left));
    }
    runs
}

/// Writes blocks.
pub(super) struct Writer {
    out: Vec<u8>,
    held: u64,
    count: u32,
}

impl Writer {
    pub(super) fn new(room: usize) -> Self {
        Self {
            out: Vec::with_capacity(room),
            held: 0,
            count: 0,
        }
    }

    /// Up to 32 bits, the lowest first.
    fn put(&mut self, bits: u32, count: u32) {
        self.held |= u64::from(bits) << self.count;
        self.count += count;
        if self.count >= 32 {
            let low = u32::try_from(self.held & u64::from(u32::MAX)).unwrap_or(0);
            self.out.extend_from_slice(&low.to_le_bytes());
            self.held >>= 32;
            self.count -= 32;
        }
    }

    fn code(&mut self, code: Code) {
        self.put(u32::from(code.bits), u32::from(code.length));
    }

    /// On to the next byte.
    fn align(&mut self) {
        while self.count > 0 {
            self.out.push(u8::try_from(self.held & 0xff).unwrap_or(0));
            self.held >>= 8;
            self.count = self.count.saturating_sub(8);
        }
    }

    /// Writes `text`, of which `tokens` were made.
    pub(super) fn block(&mut self, tokens: &Tokens, text: &[u8], last: bool) {
        let (mut symbols, mut distances) = ([0; SYMBOLS], [0; DISTANCES]);
        symbols[END] = 1;
        let mut extra = 0;
        for &token in &tokens.list {
            if token & REPEAT == 0 {
                symbols[token as usize] += 1;
                continue;
            }
            let length = LENGTHS[(token >> 16 & 0x1ff) as usize];
            let (distance, bits) = distance_symbol(token & 0x7fff);
            symbols[usize::from(length.symbol)] += 1;
            distances[distance] += 1;
            extra += u64::from(bits) + u64::from(length.extra);
        }
        let own = [
            huffman::lengths(&symbols, LIMIT),
            huffman::lengths(&distances, LIMIT),
        ];
        let header = Header::new(&own[0], &own[1]);
        let bits = |symbol_lengths: &mut dyn Iterator<Item = u8>,
                    distance_lengths: &mut dyn Iterator<Item = u8>| {
            let weigh = |counts: &[u32], lengths: &mut dyn Iterator<Item = u8>| -> u64 {
                counts
                    .iter()
                    .zip(lengths)
                    .map(|(count, length)| u64::from(*count) * u64::from(length))
                    .sum()
            };
            weigh(&symbols, symbol_lengths) + weigh(&distances, distance_lengths) + extra
        };
        let with_own = header.length() + bits(&mut own[0].iter().copied(), &mut own[1].iter().copied());
        let fixed = bits(
            &mut FIXED.symbols.iter().map(|code| code.length),
            &mut FIXED.distances.iter().map(|code| code.length),
        );
        let stored = (text.len() as u64 + 5 * text.len().div_ceil(STORED).max(1) as u64) * 8;
        if stored < with_own.min(fixed) {
            self.stored(text, last);
        } else if fixed <= with_own {
            self.put(u32::from(last) | 1 << 1, 3);
            self.tokens(tokens, &FIXED);
        } else {
            self.put(u32::from(last) | 2 << 1, 3);
            self.header(&header);
            let codes = Codes {
                symbols: huffman::codes(&own[0]),
                distances: huffman::codes(&own[1]),
            };
            self.tokens(tokens, &codes);
        }
    }

    fn header(&mut self, header: &Header) {
        let field = |value: usize| u32::try_from(value).unwrap_or(0);
        self.put(field(header.symbols - 257), 5);
        self.put(field(header.distances - 1), 5);
        self.put(field(header.shown - 4), 4);
        for symbol in &ORDER[..header.shown] {
            self.put(u32::from(header.code[*symbol].length), 3);
        }
        for &(symbol, value) in &header.runs {
            self.code(header.code[usize::from(symbol)]);
            self.put(u32::from(value), u32::from(run_bits(symbol)));
        }
    }

    fn tokens(&mut self, tokens: &Tokens, codes: &Codes) {
        for &token in &tokens.list {
            if token & REPEAT == 0 {
                self.code(codes.symbols[token as usize]);
                continue;
            }
            let length = token >> 16 & 0x1ff;
            let symbol = LENGTHS[length as usize];
            let code = codes.symbols[usize::from(symbol.symbol)];
            let beyond = length - u32::from(symbol.base);
            self.put(
                u32::from(code.bits) | beyond << code.length,
                u32::from(code.length) + u32::from(symbol.extra),
            );
            let distance = token & 0x7fff;
            let (symbol, extra) = distance_symbol(distance);
            let code = codes.distances[symbol];
            let beyond = distance & ((1 << extra) - 1);
            self.put(
                u32::from(code.bits) | beyond << code.length,
                u32::from(code.length) + extra,
            );
        }
        self.code(codes.symbols[END]);
    }

    fn stored(&mut self, text: &[u8], last: bool) {
        let mut pieces = text.chunks(STORED).peekable();
        while let Some(piece) = pieces.next() {
            self.put(u32::from(last && pieces.peek().is_none()), 3);
            self.align();
            let length = u16::try_from(piece.len()).unwrap_or(0);
            self.out.extend_from_slice(&length.to_le_bytes());
            self.out.extend_from_slice(&(!length).to_le_bytes());
            self.out.extend_from_slice(piece);
        }
    }

    /// The bytes. If more follows, an empty stored block ends on a byte boundary.
    pub(super) fn finish(mut self, last: bool) -> Vec<u8> {
        if !last {
            self.put(0, 3);
            self.align();
            self.out.extend_from_slice(&[0, 0, 0xff, 0xff]);
        }
        self.align();
        self.out
    }
}
