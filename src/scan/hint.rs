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

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut tables = Tables {
        endings: vec![0; (1 << BITS) / 64],
        threes: vec![0; (1 << 15) / 64],
    };
    meaning::each_ending(|ending| {
        let letters = ending.trim_end_matches(|c: char| c.is_ascii_digit()).as_bytes();
        let code = letters
            .iter()
            .rev()
            .take(LETTERS as usize)
            .enumerate()
            .fold(0, |code, (index, &byte)| code | letter(byte) << (5 * index));
        let length = u32::try_from(letters.len()).unwrap_or(LETTERS).min(LETTERS);
        set(&mut tables.endings, place(code, length));
        match letters.len() {
            // A single letter is a whole label and has none before it.
            0 | 1 => {}
            2 => {
                for other in 0..32 {
                    set(&mut tables.threes, other << 10 | code as usize);
                }
            }
            _ => set(&mut tables.threes, (code & 0x7fff) as usize),
        }
    });
    tables
});

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

/// Whether the label in front of the delimiter at `delimiter` can have a meaning; false is certain.
pub(super) fn may_matter(text: &[u8], delimiter: usize) -> bool {
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
    may_end(text, end)
}

/// The last three letters of the label that ends at `end`, when they are ASCII and nothing but one quotation mark is
/// behind them.
fn last_three(text: &[u8], end: usize) -> Option<u32> {
    let end = end - usize::from(end > 0 && at(text, end - 1) == b'"');
    let letters: &[u8; 3] = text.get(end.checked_sub(3)?..end)?.try_into().ok()?;
    let mut code = 0;
    for letter in letters {
        let class = CLASS.get(usize::from(*letter)).copied().unwrap_or(SKIP);
        if !matches!(class, 1..=26) {
            return None;
        }
        code = code << 5 | u32::from(class);
    }
    Some(code)
}

/// Whether a label that ends at `end`, perhaps with quotes and blanks behind it, can have a meaning; false is certain,
/// but for tracking IDs whose label goes on with words of its own.
pub(super) fn may_end(text: &[u8], end: usize) -> bool {
    let tables = &*TABLES;
    let end = label::without_escaped_quote(text, end);
    // Most delimiters stand behind three letters, perhaps in quotes, that no label ends with.
    if let Some(code) = last_three(text, end)
        && !tables.three(code)
    {
        return false;
    }
    let near = end
        .checked_sub(NEAR)
        .and_then(|from| text.get(from..end)?.try_into().ok());
    let Some(near) = near.map(u64::from_le_bytes) else {
        return read(text, end).0;
    };
    SEEN.with_borrow_mut(|seen| {
        let Some(slot) = seen.get_mut(slot_of(near)) else {
            return read(text, end).0;
        };
        if slot.near == near
            && let Some(verdict) = slot.verdict
        {
            return verdict;
        }
        let (verdict, looked) = read(text, end);
        if looked <= NEAR {
            *slot = Slot {
                near,
                verdict: Some(verdict),
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
    verdict: Option<bool>,
}

thread_local! {
    /// The last verdicts: labels repeat.
    static SEEN: RefCell<Vec<Slot>> = RefCell::new(vec![Slot::default(); SLOTS]);
}

fn slot_of(near: u64) -> usize {
    usize::try_from(near.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48).unwrap_or(0) % SLOTS
}

/// The verdict on what ends at `end`, and how many of the bytes before it decided it.
fn read(text: &[u8], end: usize) -> (bool, usize) {
    let tables = &*TABLES;
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
        if count == LETTERS || (count == 3 && !number && !tables.three(code)) {
            break;
        }
    }
    // `e164` is the one label whose digits are not at its end by chance.
    if number && code & 31 == u32::from(b'e' & 31) {
        return (true, looked);
    }
    if count >= 3 && !tables.three(code) {
        return (false, looked);
    }
    if count < LETTERS && !stopped {
        return (true, looked);
    }
    let known = (1..=count).any(|letters| tables.has(code & ((1 << (5 * letters)) - 1), letters));
    (known, looked)
}

#[cfg(test)]
mod tests {
    use super::may_matter;
    use crate::scan::{label, meaning};

    #[test]
    fn no_known_label_is_passed_over() {
        let mut labels = Vec::new();
        meaning::each_ending(|ending| labels.push(ending.to_owned()));
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
                let known = label::before_delimiter(text.as_bytes(), end)
                    .is_some_and(|label| meaning::of(&label).is_some());
                assert!(!known || may_matter(text.as_bytes(), end), "{text}");
            }
        }
        for text in ["Adapter.cpp:", "[4242]:", "12:", "state=", "</b>", "operation\":"] {
            assert!(!may_matter(text.as_bytes(), text.len() - 1), "{text}");
        }
    }

    proptest::proptest! {
        /// Whatever the label, what the short look refuses has no meaning; but for tracking IDs whose label goes on
        /// with words of its own: these are found by their shape.
        #[test]
        fn what_is_passed_over_has_no_meaning(text in "[ a-zA-Z0-9_.\"'<>\n(){};-]{0,20}(password|tokenId|org ?ID|e-mail|phone|sip|Ime|pin|SHA-1|e164|value|callId|secret|nonce|ID kupca)[ a-z0-9_\"'<>)-]{0,4}[:=>]") {
            let end = text.len() - 1;
            let known = label::before_delimiter(text.as_bytes(), end)
                .is_some_and(|label| meaning::of(&label).is_some_and(|meaning| meaning != meaning::Meaning::Tracking));
            proptest::prop_assert!(!known || may_matter(text.as_bytes(), end), "{text}");
        }
    }
}
