//! The first stage: where something may begin. Sixty-four bytes at a time, by class, without branches.

use wide::u8x16;

const BLOCK: usize = 64;

/// Bits of one block, lowest bit first.
#[derive(Clone, Copy, Default)]
struct Masks {
    hex: u64,
    digit: u64,
    dot: u64,
    plus: u64,
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
        out.plus |= bits(is(b'+'));
        out.gap |= bits(is(b' ') | is(b'('));
        out.mark |= bits(is(b'@') | is(b':') | is(b'=') | is(b'>') | is(b'%'));
    }
    out
}

/// Calls `visit` with the index of every byte where a verifier may find something, in ascending order:
/// `@ : = > %`; a dot between digits; a plus; the first digit of a run of at least eight hexadecimal digits; a digit
/// behind a blank or an opening bracket.
pub(super) fn each(text: &[u8], mut visit: impl FnMut(usize)) {
    let mut hex_before = 0;
    let mut digit_before = 0;
    let mut gap_before = 0;
    let mut base = 0;
    while base < text.len() {
        let rest = text.get(base..).unwrap_or_default();
        let masks = if let Some(block) = rest.first_chunk() {
            masks(block)
        } else {
            let mut block = [b'\n'; BLOCK];
            for (slot, &byte) in block.iter_mut().zip(rest) {
                *slot = byte;
            }
            masks(&block)
        };
        let starts = masks.hex & !((masks.hex << 1) | hex_before);
        // Shifted-in ones: a run that reaches the block's end may go on in the next.
        let shifted = |mask: u64, by: u32| !(!mask >> by);
        let two = masks.hex & shifted(masks.hex, 1);
        let four = two & shifted(two, 2);
        let eight = four & shifted(four, 4);
        let dots = masks.dot & ((masks.digit << 1) | digit_before) & shifted(masks.digit, 1);
        let numbers = masks.digit & ((masks.gap << 1) | gap_before);
        let mut candidates = masks.mark | masks.plus | dots | numbers | (starts & eight);
        while candidates != 0 {
            visit(base + candidates.trailing_zeros() as usize);
            candidates &= candidates - 1;
        }
        hex_before = masks.hex >> 63;
        digit_before = masks.digit >> 63;
        gap_before = masks.gap >> 63;
        base += BLOCK;
    }
}

#[cfg(test)]
mod tests {
    use super::each;

    fn slow(text: &[u8]) -> Vec<usize> {
        let hex = |index: usize| text.get(index).is_some_and(u8::is_ascii_hexdigit);
        let digit = |index: usize| text.get(index).is_some_and(u8::is_ascii_digit);
        (0..text.len())
            .filter(|&index| match text[index] {
                b'@' | b':' | b'=' | b'>' | b'+' | b'%' => true,
                b'.' => index > 0 && digit(index - 1) && digit(index + 1),
                byte if byte.is_ascii_digit() && index > 0 && matches!(text[index - 1], b' ' | b'(') => true,
                byte if byte.is_ascii_hexdigit() => {
                    (index == 0 || !hex(index - 1)) && (index..index + 8).all(hex)
                }
                _ => false,
            })
            .collect()
    }

    proptest::proptest! {
        #[test]
        fn the_fast_way_misses_nothing(text in proptest::collection::vec(
            proptest::sample::select(b"0a9fFgG.@:=>+-%(\n\xc4 ".to_vec()), 0..300)) {
            let mut fast = Vec::new();
            each(&text, |index| fast.push(index));
            let slow = slow(&text);
            // A run cut by a block's end may be visited although it is short: never the other way round.
            for index in &slow {
                proptest::prop_assert!(fast.contains(index), "{index} of {text:?}");
            }
            for index in fast {
                proptest::prop_assert!(slow.contains(&index) || text[index].is_ascii_hexdigit() || text[index] == b'.');
            }
        }
    }
}
