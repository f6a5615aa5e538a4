//! Huffman codes of limited length, in the canonical form of RFC 1951, section 3.2.2.

/// The code of a symbol: its bits, the first lowest, and how many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) bits: u16,
    pub(super) length: u8,
}

/// The lengths of the best code for symbols that occur so often, none longer than `limit`. At least two symbols get one:
/// old decoders want a complete code.
pub(super) fn lengths(counts: &[u32], limit: u8) -> Vec<u8> {
    let mut used: Vec<(u32, usize)> = counts
        .iter()
        .enumerate()
        .filter(|(_, count)| **count > 0)
        .map(|(symbol, count)| (*count, symbol))
        .collect();
    for symbol in 0..counts.len() {
        if used.len() >= 2 {
            break;
        }
        if used.iter().all(|(_, other)| *other != symbol) {
            used.push((1, symbol));
        }
    }
    used.sort_unstable();
    let mut of_length = depths(&used);
    shorten(&mut of_length, usize::from(limit));
    let mut lengths = vec![0; counts.len()];
    // The most frequent symbols get the shortest codes.
    let mut symbols = used.iter().rev();
    for (length, count) in (0_u8..).zip(&of_length) {
        for (_, symbol) in symbols.by_ref().take(*count) {
            lengths[*symbol] = length;
        }
    }
    lengths
}

/// How many symbols have each depth in Huffman's tree. What was merged comes in the order of its weight, so that two
/// queues do for a heap.
fn depths(used: &[(u32, usize)]) -> Vec<usize> {
    let leaves = used.len();
    let mut weights: Vec<u64> = used.iter().map(|(count, _)| u64::from(*count)).collect();
    let mut parents = vec![0; 2 * leaves];
    let (mut leaf, mut inner) = (0, leaves);
    while weights.len() < 2 * leaves - 1 {
        let new = weights.len();
        let mut weight = 0;
        for _ in 0..2 {
            let take_leaf = leaf < leaves && (inner >= new || weights[leaf] <= weights[inner]);
            let child = if take_leaf { &mut leaf } else { &mut inner };
            weight += weights[*child];
            parents[*child] = new;
            *child += 1;
        }
        weights.push(weight);
    }
    let nodes = weights.len();
    let mut depth = vec![0; nodes];
    let mut of_length = vec![0; 64];
    for node in (0..nodes.saturating_sub(1)).rev() {
        depth[node] = depth[parents[node]] + 1;
        if node < leaves {
            of_length[depth[node]] += 1;
        }
    }
    of_length
}

/// Makes codes that are too long shorter, and others longer for that, until they are a complete code again.
fn shorten(of_length: &mut Vec<usize>, limit: usize) {
    let long: usize = of_length.drain(limit + 1..).sum();
    of_length[limit] += long;
    let mut taken: usize = (1..=limit)
        .map(|length| of_length[length] << (limit - length))
        .sum();
    while taken > 1 << limit {
        of_length[limit] -= 1;
        if let Some(length) = (1..limit).rev().find(|length| of_length[*length] > 0) {
            of_length[length] -= 1;
            of_length[length + 1] += 2;
        }
        taken -= 1;
    }
}

/// The canonical code of these lengths.
pub(super) fn codes(lengths: &[u8]) -> Vec<Code> {
    let mut next = [0_u16; 17];
    for &length in lengths.iter().filter(|length| **length > 0) {
        next[usize::from(length) + 1] += 1;
    }
    for length in 1..next.len() {
        next[length] = (next[length] + next[length - 1]) << 1;
    }
    lengths
        .iter()
        .map(|&length| {
            if length == 0 {
                return Code::default();
            }
            let code = &mut next[usize::from(length)];
            let bits = code.reverse_bits() >> (16 - length);
            *code += 1;
            Code { bits, length }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{codes, lengths};

    #[test]
    fn the_example_of_the_standard() {
        let codes = codes(&[3, 3, 3, 3, 3, 2, 4, 4]);
        let shown: Vec<String> = codes
            .iter()
            .map(|code| {
                let width = usize::from(code.length);
                format!("{:0width$b}", code.bits.reverse_bits() >> (16 - code.length))
            })
            .collect();
        assert_eq!(shown, ["010", "011", "100", "101", "110", "00", "1110", "1111"]);
    }

    proptest::proptest! {
        #[test]
        fn every_code_is_complete_and_within_its_limit(counts in proptest::collection::vec(0_u32..5, 2..300), steep: bool) {
            let counts: Vec<u32> = if steep {
                // As uneven as possible: each as frequent as all before it.
                (0..counts.len().min(31)).map(|place| 1 << place).collect()
            } else {
                counts
            };
            for limit in [15, 9] {
                let lengths = lengths(&counts, limit);
                let taken: u32 = lengths.iter().filter(|length| **length > 0).map(|length| 1 << (limit - length)).sum();
                proptest::prop_assert_eq!(taken, 1 << limit);
                for (count, length) in counts.iter().zip(&lengths) {
                    proptest::prop_assert!(*count == 0 || *length > 0);
                }
            }
        }
    }
}
