//! The first stage: where something may begin. Sixty-four bytes at a time, by class, without branches.

use wide::u8x16;

const BLOCK: usize = 64;

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

fn masks(block: &[u8; BLOCK]) -> Masks {
    let mut out = Masks::default();
    for (index, lane) in block.as_chunks::<16>().0.iter().enumerate() {
        let v = u8x16::from(*lane);
        let is = |byte: u8| v.simd_eq(u8x16::splat(byte));
        // Wrapping: what lies below the range becomes large.
        let digit = (v - u8x16::splat(b'0')).simd_le(u8x16::splat(9));
        let letter = ((v | u8x16::splat(0x20)) - u8x16::splat(b'a')).simd_le(u8x16::splat(5));
        let bits = |mask: u8x16| u64::from(mask.to_bitmask()) << (index * 16);
        out.digit |= bits(digit);
        out.hex |= bits(digit | letter);
        out.dot |= bits(is(b'.'));
        out.dash |= bits(is(b'-'));
        out.gap |= bits(is(b' ') | is(b'('));
        out.mark |= bits(is(b'@') | is(b':') | is(b'=') | is(b'>') | is(b'%') | is(b'+'));
    }
    out
}

/// The bits of `mask` moved down by `by` places, with those of the next block behind them.
const fn ahead(mask: u64, next: u64, by: u32) -> u64 {
    mask >> by | next << (64 - by)
}

/// Calls `visit` with the index of every byte where a verifier may find something, in ascending order:
/// `@ : = > % +`; a dot between digits; the first sign of a MAC address with hyphens or dots; the first digit of a run of at least eight hexadecimal digits (then with
/// `true`); a digit behind a blank or an opening bracket.
pub(super) fn each(text: &[u8], mut visit: impl FnMut(usize, bool)) {
    let mut before = Masks::default();
    let mut now = block(text, 0);
    let mut base = 0;
    while base < text.len() {
        let next = block(text, base + BLOCK);
        let starts = now.hex & !((now.hex << 1) | (before.hex >> 63));
        let starts = starts & eight(now.hex, next.hex, starts);
        let dots = now.dot & ((now.digit << 1) | (before.digit >> 63)) & ahead(now.digit, next.digit, 1);
        let numbers = now.digit & ((now.gap << 1) | (before.gap >> 63));
        let mut candidates = now.mark | dots | numbers | starts | hardware(&now, &next);
        while candidates != 0 {
            let bit = candidates.trailing_zeros();
            visit(base + bit as usize, starts >> bit & 1 == 1);
            candidates &= candidates - 1;
        }
        (before, now) = (now, next);
        base += BLOCK;
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

/// The masks of the block that begins at `base`; behind the text stand line feeds.
fn block(text: &[u8], base: usize) -> Masks {
    let rest = text.get(base..).unwrap_or_default();
    if let Some(block) = rest.first_chunk() {
        return masks(block);
    }
    let mut block = [b'\n'; BLOCK];
    for (slot, &byte) in block.iter_mut().zip(rest) {
        *slot = byte;
    }
    masks(&block)
}

#[cfg(test)]
mod tests {
    use super::each;

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
                byte if byte.is_ascii_digit() && index > 0 && matches!(text[index - 1], b' ' | b'(') => true,
                _ => slow_hex(text, index),
            })
            .collect()
    }

    proptest::proptest! {
        #[test]
        fn the_fast_way_misses_nothing(text in proptest::collection::vec(
            proptest::sample::select(b"0a9fFgG.@:=>+-%(\n\xc4 ".to_vec()), 0..300)) {
            let mut fast = Vec::new();
            each(&text, |index, hex| {
                assert_eq!(hex, slow_hex(&text, index));
                fast.push(index);
            });
            proptest::prop_assert_eq!(fast, slow(&text));
        }
    }
}
