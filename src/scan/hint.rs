//! A cheap look at what stands before a delimiter: most of it is no label that matters, and that is seen at its last
//! three letters.

use std::cell::RefCell;
use std::sync::LazyLock;

use super::bytes::{at, part};
use super::{label, meaning};

/// How far back the letters are looked for; with more between them the label is read in full.
const REACH: usize = 24;
/// Letters that are compared: the endings of labels that matter differ in fewer from those that do not.
const LETTERS: u32 = 6;
/// Bits of the table: 16 KiB for about a thousand endings.
const BITS: u32 = 17;

struct Tables {
    /// The endings by a hash of their last one to six letters.
    endings: Vec<u64>,
    /// Their last three letters, five bits each; shorter ones with any letter before them.
    threes: Vec<u64>,
}

impl Tables {
    fn has(&self, code: u32, letters: u32) -> bool {
        bit(&self.endings, place(code, letters))
    }

    fn three(&self, code: u32) -> bool {
        bit(&self.threes, (code & 0x7fff) as usize)
    }
}

fn bit(table: &[u64], place: usize) -> bool {
    table
        .get(place / 64)
        .is_some_and(|word| word >> (place % 64) & 1 == 1)
}

fn set(table: &mut [u64], place: usize) {
    if let Some(word) = table.get_mut(place / 64) {
        *word |= 1 << (place % 64);
    }
}

/// What a label is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// The value behind a delimiter, which has no shape of its own.
    Delimiter,
    /// A value that was found by its shape.
    Shape,
}

static TABLES: LazyLock<[Tables; 2]> =
    LazyLock::new(|| [Tables::new(Reader::Delimiter), Tables::new(Reader::Shape)]);

impl Tables {
    fn new(reader: Reader) -> Self {
        let mut tables = Self {
            endings: vec![0; (1 << BITS) / 64],
            threes: vec![0; (1 << 15) / 64],
        };
        meaning::each_ending(|pieces, tells| {
            if tells || reader == Reader::Shape {
                tables.add(pieces, false);
            }
        });
        meaning::each_label(|label, tells| {
            if tells || reader == Reader::Shape {
                tables.add(&[label], true);
            }
        });
        tables
    }

    /// `whole`: nothing stands in front of it.
    fn add(&mut self, pieces: &[&str], whole: bool) {
        let letters = pieces
            .iter()
            .rev()
            .flat_map(|piece| piece.bytes().rev())
            .skip_while(u8::is_ascii_digit)
            .take(LETTERS as usize);
        let (code, length) = letters.fold((0, 0), |(code, length), byte| {
            (code | letter(byte) << (5 * length), length + 1)
        });
        set(&mut self.endings, place(code, length));
        match length {
            // A single letter is a whole label and has none before it.
            0 | 1 => {}
            2 if whole => {}
            2 => {
                for other in 0..32 {
                    set(&mut self.threes, other << 10 | code as usize);
                }
            }
            _ => set(&mut self.threes, (code & 0x7fff) as usize),
        }
    }
}

/// 1 to 26 for letters; 27 for digits.
const fn letter(byte: u8) -> u32 {
    if byte.is_ascii_alphabetic() {
        (byte & 0x1f) as u32
    } else {
        27
    }
}

const fn place(code: u32, letters: u32) -> usize {
    // Fibonacci hashing; the length in the two bits that six letters leave.
    let hash = (code ^ ((letters & 3) << 30)).wrapping_mul(0x9e37_79b1);
    (hash >> (32 - BITS)) as usize
}

const SKIP: u8 = 0;
const DIGIT: u8 = 27;
const STOP: u8 = 28;
const QUOTE: u8 = 29;
const CLOSE: u8 = 30;
const WIDE: u8 = 31;

/// What a byte is when a label is read backwards: a letter (1 to 26), or one of the above.
static CLASS: [u8; 256] = {
    let mut table = [SKIP; 256];
    let mut byte = 0_usize;
    while byte < 256 {
        table[byte] = match byte.to_le_bytes()[0] {
            letter @ (b'a'..=b'z' | b'A'..=b'Z') => letter & 0x1f,
            b'0'..=b'9' => DIGIT,
            b'"' | b'\'' | b'`' | b'\t' => QUOTE,
            b')' => CLOSE,
            b'\n' | b'\r' | b',' | b';' | b'{' | b'}' | b'[' | b']' | b'<' | b'>' | b'|' | b'&' | b'?'
            | b'(' | b':' | b'=' => STOP,
            0x80.. => WIDE,
            _ => SKIP,
        };
        byte += 1;
    }
    table
};

/// Whether the label in front of the delimiter at `delimiter` can say what stands behind it; false is certain, also
/// where it only agrees with what the value's own shape says.
pub(super) fn may_matter(text: &[u8], delimiter: usize) -> bool {
    may_matter_to(Reader::Delimiter, text, delimiter)
}

fn may_matter_to(reader: Reader, text: &[u8], delimiter: usize) -> bool {
    let mut end = delimiter;
    if at(text, delimiter) == b'>' {
        // The name of the tag, without attributes.
        let from = delimiter.saturating_sub(73);
        let Some(open) = memchr::memrchr3(b'<', b'>', b'\n', part(text, from, delimiter)) else {
            return false;
        };
        let tag = part(text, from + open, delimiter);
        if tag.first() != Some(&b'<') || tag.get(1) == Some(&b'/') {
            return false;
        }
        end = from + open + memchr::memchr(b' ', tag).unwrap_or(tag.len());
        // No name of a tag ends so; what the full reading makes of it is for it to say.
        if !at(text, end - 1).is_ascii_alphanumeric() {
            return true;
        }
    }
    may_end(text, end, reader)
}

/// What the four bytes before a delimiter say of the label that they end, without a look at the others.
enum Glance {
    /// No label ends so.
    Nothing,
    /// The last three letters, five bits each, with nothing but one quotation mark behind them.
    Letters(u32),
    Unclear,
}

fn glance(text: &[u8], end: usize) -> Glance {
    const HIGH: u32 = 0x0080_8080;
    const ONES: u32 = 0x0001_0101;
    let near = end
        .checked_sub(4)
        .and_then(|from| text.get(from..end)?.try_into().ok());
    let Some(near) = near.map(u32::from_le_bytes) else {
        return Glance::Unclear;
    };
    let [.., last] = near.to_le_bytes();
    let letters = if last == b'"' {
        near & 0x00ff_ffff
    } else {
        near >> 8
    };
    // All three at once: from `a` on, and not from behind `z` on.
    let lower = letters | (0x20 * ONES);
    let from_a = (lower | HIGH) - u32::from(b'a') * ONES;
    let beyond_z = (lower | HIGH) - u32::from(b'z' + 1) * ONES;
    if from_a & !beyond_z & !letters & HIGH == HIGH {
        let [first, second, third, _] = letters.to_le_bytes().map(|byte| u32::from(byte & 0x1f));
        return Glance::Letters(first << 10 | second << 5 | third);
    }
    if CLASS.get(usize::from(last)) == Some(&STOP) && last != b';' {
        return Glance::Nothing;
    }
    Glance::Unclear
}

/// Whether a label that ends at `end`, perhaps with quotes and blanks behind it, can have a meaning; false is certain,
/// but for tracking IDs whose label goes on with words of its own.
pub(super) fn may_end(text: &[u8], end: usize, reader: Reader) -> bool {
    let tables = reader.tables();
    // Most delimiters stand behind three letters, perhaps in quotes, that no label ends with.
    match glance(text, end) {
        Glance::Nothing => return false,
        Glance::Letters(code) if !tables.three(code) => return false,
        _ => {}
    }
    let end = label::without_escaped_quote(text, end);
    // At the beginning of a text less decides than elsewhere: such verdicts are not for other places.
    let near = end
        .checked_sub(NEAR)
        .filter(|_| end >= REACH)
        .and_then(|from| text.get(from..end)?.try_into().ok());
    let Some(near) = near.map(u64::from_le_bytes) else {
        return tables.read(text, end).0;
    };
    SEEN.with_borrow_mut(|seen| {
        let Some(slot) = seen.get_mut(slot_of(near, reader)) else {
            return tables.read(text, end).0;
        };
        if let Some((known, verdict)) = slot.verdict
            && slot.near == near
            && known == reader
        {
            return verdict;
        }
        let (verdict, looked) = tables.read(text, end);
        if looked <= NEAR {
            *slot = Slot {
                near,
                verdict: Some((reader, verdict)),
            };
        }
        verdict
    })
}

/// How many bytes decide most verdicts, and are remembered with them.
const NEAR: usize = size_of::<u64>();
const SLOTS: usize = 2048;

#[derive(Clone, Copy, Default)]
struct Slot {
    near: u64,
    verdict: Option<(Reader, bool)>,
}

thread_local! {
    /// The last verdicts: labels repeat.
    static SEEN: RefCell<Vec<Slot>> = RefCell::new(vec![Slot::default(); SLOTS]);
}

fn slot_of(near: u64, reader: Reader) -> usize {
    usize::try_from((near ^ reader as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - SLOTS.ilog2()))
        .unwrap_or(0)
}

impl Tables {
    /// The verdict on what ends at `end`, and how many of the bytes before it decided it.
    fn read(&self, text: &[u8], end: usize) -> (bool, usize) {
        let window = part(text, end.saturating_sub(REACH), end);
        let mut looked = 0;
        let mut quote = None;
        let (mut code, mut count, mut number, mut stopped) = (0_u32, 0, false, window.len() < REACH);
        for &byte in window.iter().rev() {
            looked += 1;
            let class = CLASS.get(usize::from(byte)).copied().unwrap_or(SKIP);
            match class {
                SKIP => continue,
                // What a label ends with in digits is cut off.
                DIGIT if count == 0 => {
                    number = true;
                    continue;
                }
                1..=DIGIT => {}
                // JSON inside CSV (`""password"":`), digits behind a quote: rare, and left to the full reading.
                QUOTE | CLOSE | WIDE if count == 0 && (number || quote.is_some()) => return (true, looked),
                _ if count == 0 && !number && quote.is_none() => match class {
                    QUOTE => {
                        quote = Some(byte).filter(|&byte| byte != b'\t');
                        continue;
                    }
                    // Letters beyond ASCII, and brackets that explain the label.
                    CLOSE | WIDE => return (true, looked),
                    _ => return (false, looked),
                },
                WIDE => return (true, looked),
                // A word as short as that may stand for itself: `i` is a Call-ID.
                QUOTE if count <= 2 => return (true, looked),
                // An apostrophe inside a word.
                QUOTE if byte == b'\'' && quote != Some(byte) => continue,
                // Between quotes anything may stand, and what it means is for the full reading to say.
                _ if quote.is_some_and(|quote| quote != byte) && byte != b'\n' => return (true, looked),
                _ => {
                    stopped = true;
                    break;
                }
            }
            code |= u32::from(class) << (5 * count);
            count += 1;
            if count == LETTERS || (count == 3 && !number && !self.three(code)) {
                break;
            }
        }
        // `e164` is the one label whose digits are not at its end by chance.
        if number && code & 31 == u32::from(b'e' & 31) {
            return (true, looked);
        }
        if count >= 3 && !self.three(code) {
            return (false, looked);
        }
        if count < LETTERS && !stopped {
            return (true, looked);
        }
        let known = (1..=count).any(|letters| self.has(code & ((1 << (5 * letters)) - 1), letters));
        (known, looked)
    }
}

impl Reader {
    fn tables(self) -> &'static Tables {
        let [delimiter, shape] = &*TABLES;
        match self {
            Self::Delimiter => delimiter,
            Self::Shape => shape,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Reader, may_matter, may_matter_to};
    use crate::scan::{label, meaning};

    /// Whether neither reader passes over a label with a meaning that it reads for.
    fn passes(text: &[u8], end: usize) -> bool {
        let Some(meaning) = label::before_delimiter(text, end)
            .and_then(|label| meaning::of(&label))
            .filter(|meaning| *meaning != meaning::Meaning::Tracking)
        else {
            return true;
        };
        may_matter_to(Reader::Shape, text, end) && (meaning.is_known_by_shape() || may_matter(text, end))
    }

    #[test]
    fn no_known_label_is_passed_over() {
        let mut labels = Vec::new();
        meaning::each_ending(|pieces, _| labels.push(pieces.concat()));
        meaning::each_label(|label, _| labels.push(label.to_owned()));
        assert!(labels.len() > 400);
        for label in labels {
            for text in [
                format!("{label}:"),
                format!("x {label}="),
                format!("\"{label}\" :"),
                format!("{{\\\"{label}\\\":"),
                format!("<{label}>"),
                format!("<a:{label} b=\"c\">"),
                format!("{label}2="),
                format!("the_{label}:"),
                format!("**{label}**:"),
                format!("\"\"{label}\"\":"),
                format!("{{&quot;{label}&quot;:"),
            ] {
                let end = text.len() - 1;
                assert!(passes(text.as_bytes(), end), "{text}");
            }
        }
        for text in [
            "Adapter.cpp:",
            "[4242]:",
            "12:",
            "stage=",
            "method=",
            "</b>",
            "operation\":",
        ] {
            assert!(!may_matter(text.as_bytes(), text.len() - 1), "{text}");
        }
    }

    #[test]
    fn a_verdict_at_the_beginning_is_not_for_other_places() {
        let blanks = b"        : x";
        assert!(!may_matter(blanks, 8));
        let far = b"what is sought: password                        : Gr4nite-Moss";
        let delimiter = far.len() - b": Gr4nite-Moss".len();
        assert!(may_matter(far, delimiter));
    }

    proptest::proptest! {
        /// Whatever the label, what the short look refuses has no meaning; but for tracking IDs whose label goes on
        /// with words of its own: these are found by their shape.
        #[test]
        fn what_is_passed_over_has_no_meaning(text in "[ a-zA-Z0-9_.\"'<>\n(){};-]{0,20}(password|tokenId|org ?ID|e-mail|phone|sip|Ime|pin|SHA-1|e164|value|callId|secret|nonce|ID kupca)[ a-z0-9_\"'<>)-]{0,4}[:=>]") {
            let end = text.len() - 1;
            proptest::prop_assert!(passes(text.as_bytes(), end), "{text}");
        }
    }
}
