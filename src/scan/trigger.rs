//! The first stage: where something may begin. Sixty-four bytes at a time, by class, without branches.

#![expect(
    clippy::inline_always,
    reason = "the instruction set of `dispatch!` holds only for what is inlined into it"
)]

use fearless_simd::{Level, Simd, dispatch, prelude::*, u8x64};

const BLOCK: usize = 64;
/// Blocks whose masks are made at once: the compiler turns what is asked of single bits into worse vector code when it sees both
/// together.
const BATCH: usize = 32;

/// Bits of one block, lowest bit first.
#[derive(Clone, Copy, Default)]
struct Masks {
    hex: u64,
    digit: u64,
    dot: u64,
    dash: u64,
    mark: u64,
    /// Before a number that stands alone.
    gap: u64,
}

#[inline(always)]
fn masks<S: Simd>(simd: S, block: &[u8; BLOCK]) -> Masks {
    let bytes = u8x64::from_slice(simd, block);
    let is = |byte: u8| bytes.simd_eq(u8x64::splat(simd, byte));
    // Wrapping: what lies below the range becomes large.
    let digit = (bytes - b'0').simd_le(u8x64::splat(simd, 9));
    let letter = ((bytes | 0x20) - b'a').simd_le(u8x64::splat(simd, 5));
    Masks {
        hex: (digit | letter).to_bitmask(),
        digit: digit.to_bitmask(),
        dot: is(b'.').to_bitmask(),
        dash: is(b'-').to_bitmask(),
        mark: (is(b'@') | is(b':') | is(b'=') | is(b'>') | is(b'%') | is(b'+')).to_bitmask(),
        gap: (is(b' ') | is(b'(')).to_bitmask(),
    }
}

/// The bits of `mask` moved down by `by` places, with those of the next block behind them.
const fn ahead(mask: u64, next: u64, by: u32) -> u64 {
    mask >> by | next << (64 - by)
}

/// Calls `visit` with the index of every byte where a verifier may find something, in ascending order:
/// `@ : = > % +`; a dot between digits; the first sign of a MAC address with hyphens or dots; the first of two hyphens with three
/// places between them and digits on both its sides; the first digit of a run of at least eight hexadecimal digits (then with
/// `true`); a digit behind a blank or an opening bracket.
pub(super) fn each(text: &[u8], visit: impl FnMut(usize, bool)) {
    each_on(Level::new(), text, visit);
}

fn each_on(level: Level, text: &[u8], mut visit: impl FnMut(usize, bool)) {
    // What stands on either side of a block decides too: the last two of a batch go before the next.
    let mut batch = [Masks::default(); 2 + BATCH];
    let mut base = 0;
    for part in text.chunks(BATCH * BLOCK) {
        let blocks = part.len().div_ceil(BLOCK);
        let (_, new) = batch.split_at_mut(2);
        dispatch!(level, simd => fill(simd, part, new));
        each_but_last(batch.get(..2 + blocks).unwrap_or_default(), base, &mut visit);
        batch.copy_within(blocks..blocks + 2, 0);
        base += blocks * BLOCK;
    }
    let [before, now, ..] = batch;
    each_but_last(&[before, now, Masks::default()], base, &mut visit);
}

/// Calls `visit` for all of `blocks` but the first and the last; the third begins at `base`.
fn each_but_last(blocks: &[Masks], base: usize, visit: &mut impl FnMut(usize, bool)) {
    // Before the text stands nothing that is visited.
    let mut base = base.wrapping_sub(BLOCK);
    for three in blocks.array_windows() {
        block_at(base, three, visit);
        base = base.wrapping_add(BLOCK);
    }
}

/// Calls `visit` for what the block at `base` has, whose masks are in the middle.
#[inline]
fn block_at(base: usize, [before, now, next]: &[Masks; 3], visit: &mut impl FnMut(usize, bool)) {
    let starts = now.hex & !((now.hex << 1) | (before.hex >> 63));
    let starts = starts & eight(now.hex, next.hex, starts);
    let dots = now.dot & ((now.digit << 1) | (before.digit >> 63)) & ahead(now.digit, next.digit, 1);
    let numbers = now.digit & ((now.gap << 1) | (before.gap >> 63));
    let pairs = now.dash
        & ahead(now.dash, next.dash, 4)
        & ((now.digit << 1) | (before.digit >> 63))
        & ahead(now.digit, next.digit, 1);
    let mut candidates = now.mark | dots | numbers | starts | pairs | hardware(now, next);
    while candidates != 0 {
        let bit = candidates.trailing_zeros();
        visit(base + bit as usize, starts >> bit & 1 == 1);
        candidates &= candidates - 1;
    }
}

/// The hyphens and dots that have another three or five places on, as between the pairs of `02-00-5e-…` and the fours of
/// `0200.5e10.…`, with hexadecimal digits right behind both: few others have.
const fn hardware(now: &Masks, next: &Masks) -> u64 {
    let digits = ahead(now.hex, next.hex, 1);
    let dashes = now.dash & ahead(now.dash, next.dash, 3);
    let dots = now.dot & ahead(now.dot, next.dot, 5);
    if dashes | dots == 0 {
        return 0;
    }
    let further =
        ahead(now.dash, next.dash, 6) & ahead(now.dash, next.dash, 9) & ahead(now.dash, next.dash, 12);
    digits & ((dashes & further) | dots)
}

/// Where eight hexadecimal digits begin, as far as one of `starts` may be among them.
const fn eight(now: u64, next: u64, starts: u64) -> u64 {
    if starts == 0 {
        return 0;
    }
    // What the next block begins with is moved in once more at each step: `next` shrinks with `now`.
    let (two, next_two) = (now & ahead(now, next, 1), next & next >> 1);
    let (four, next_four) = (two & ahead(two, next_two, 2), next_two & next_two >> 2);
    four & ahead(four, next_four, 4)
}

/// The masks of the blocks of `text`; behind it stand line feeds.
#[inline(always)]
fn fill<S: Simd>(simd: S, text: &[u8], batch: &mut [Masks]) {
    let (blocks, rest) = text.as_chunks();
    let mut batch = batch.iter_mut();
    for (block, slot) in blocks.iter().zip(batch.by_ref()) {
        *slot = masks(simd, block);
    }
    if let Some(slot) = batch.next().filter(|_| !rest.is_empty()) {
        *slot = masks(simd, &padded(rest));
    }
}

#[cold]
fn padded(rest: &[u8]) -> [u8; BLOCK] {
    let mut block = [b'\n'; BLOCK];
    for (slot, &byte) in block.iter_mut().zip(rest) {
        *slot = byte;
    }
    block
}

#[cfg(test)]
mod tests {
    use fearless_simd::Level;

    use super::each_on;

    fn slow_hex(text: &[u8], index: usize) -> bool {
        let hex = |index: usize| text.get(index).is_some_and(u8::is_ascii_hexdigit);
        (index == 0 || !hex(index - 1)) && (index..index + 8).all(hex)
    }

    fn slow(text: &[u8]) -> Vec<usize> {
        let digit = |index: usize| text.get(index).is_some_and(u8::is_ascii_digit);
        let is_hex = |index: usize| text.get(index).is_some_and(u8::is_ascii_hexdigit);
        (0..text.len())
            .filter(|&index| match text[index] {
                b'@' | b':' | b'=' | b'>' | b'+' | b'%' => true,
                b'.' if text.get(index + 5) == Some(&b'.') && is_hex(index + 1) => true,
                b'.' => index > 0 && digit(index - 1) && digit(index + 1),
                b'-' if [3, 6, 9, 12]
                    .iter()
                    .all(|step| text.get(index + step) == Some(&b'-')) =>
                {
                    is_hex(index + 1)
                }
                b'-' if text.get(index + 4) == Some(&b'-') => {
                    index > 0 && digit(index - 1) && digit(index + 1)
                }
                byte if byte.is_ascii_digit() && index > 0 && matches!(text[index - 1], b' ' | b'(') => true,
                _ => slow_hex(text, index),
            })
            .collect()
    }

    proptest::proptest! {
        #[test]
        fn the_fast_way_misses_nothing(text in proptest::collection::vec(
            proptest::sample::select(b"0a9fFgG.@:=>+-%(\n\xc4 ".to_vec()), 0..5000)) {
            // Every machine has the second; the first is this one's best.
            for level in [Level::new(), Level::baseline()] {
                let mut fast = Vec::new();
                each_on(level, &text, |index, hex| {
                    assert_eq!(hex, slow_hex(&text, index));
                    fast.push(index);
                });
                proptest::prop_assert_eq!(&fast, &slow(&text));
            }
        }
    }
}
