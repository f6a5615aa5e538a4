//! Labels: the words beside a candidate that say what it is. They are looked up around a candidate, never
//! searched for everywhere.

use super::bytes::{at, is_alnum, part};

mod place;

pub(super) use place::{before_delimiter, before_value, telling_before_value, without_escaped_quote};

/// How far back a label may begin.
const REACH: usize = 72;

const SIXTEEN: usize = size_of::<u128>();

/// A label as it stands in the text; squashed for comparison only when that is asked for, because what most labels
/// mean is known from the last time they stood there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label<'a> {
    /// First byte of the phrase.
    pub(super) start: usize,
    /// One past its last byte.
    pub(super) end: usize,
    /// A colon, an equals sign, a tag or a table cell separates it from the value.
    pub(super) delimited: bool,
    source: &'a [u8],
}

/// A label without what does not matter for its meaning.
#[derive(Debug)]
pub(super) struct Squashed {
    text: [u8; REACH],
    length: usize,
    word: usize,
}

impl Squashed {
    /// Lower case, without diacritics, blanks and punctuation: `Logged-in User Org ID` is `loggedinuserorgid`.
    pub(super) fn name(&self) -> &[u8] {
        part(&self.text, 0, self.length)
    }

    /// The last word: `pass` of `user_pass` and of `userPass`.
    pub(super) fn last_word(&self) -> &[u8] {
        part(&self.text, self.word, self.length)
    }
}

impl<'a> Label<'a> {
    /// As it stands there.
    pub(super) fn phrase(&self) -> &'a [u8] {
        part(self.source, self.start, self.end)
    }

    /// The same from `start` on.
    pub(super) const fn from(self, start: usize) -> Self {
        Self { start, ..self }
    }

    pub(super) fn squashed(&self) -> Squashed {
        let mut text = [0; REACH];
        let phrase = self.phrase();
        let (head, tail) = phrase.split_at(last_word(phrase));
        let word = squash(head, &mut text);
        let rest = text.get_mut(word..).unwrap_or_default();
        let length = word + squash(tail, rest);
        Squashed { text, length, word }
    }

    /// Its last thirty-two bytes as two numbers, the last byte highest; zeros where it has fewer.
    pub(super) fn tail(&self) -> [u128; 2] {
        let length = self.end - self.start;
        let last = self.sixteen(self.end);
        if length <= SIXTEEN {
            return [0, last];
        }
        [self.sixteen(self.end - SIXTEEN), last]
    }

    /// What stands before its last thirty-two bytes.
    pub(super) fn head(&self) -> &'a [u8] {
        part(self.source, self.start, self.end.saturating_sub(2 * SIXTEEN))
    }

    /// What it has of the sixteen bytes before `end`.
    fn sixteen(&self, end: usize) -> u128 {
        let near = end
            .checked_sub(SIXTEEN)
            .and_then(|from| self.source.get(from..end)?.try_into().ok());
        if let Some(bytes) = near {
            let missing = SIXTEEN.saturating_sub((end - self.start).max(1));
            return u128::from_le_bytes(bytes) & u128::MAX << (8 * missing);
        }
        part(self.source, self.start, end).iter().fold(0, |tail, byte| {
            tail >> 8 | u128::from(*byte) << (8 * (SIXTEEN - 1))
        })
    }

    fn new(source: &'a [u8], start: usize, end: usize, delimited: bool) -> Self {
        Self {
            start,
            end,
            delimited,
            source,
        }
    }
}

/// Writes the letters and digits of `phrase` in lower case and without diacritics; returns how many.
///
/// Covers the letters of the five languages (U+00C0 to U+017F); other characters are dropped.
pub(super) fn squash(phrase: &[u8], out: &mut [u8]) -> usize {
    let (mut length, mut index) = (0, 0);
    while let Some(&byte) = phrase.get(index) {
        index += 1;
        // A lead without its second byte is a letter of Windows-1252.
        if matches!(byte, 0xc3..=0xc5) && matches!(at(phrase, index), 0x80..=0xbf) {
            let low = at(phrase, index);
            index += 1;
            for &letter in fold(byte, low) {
                if let Some(slot) = out.get_mut(length) {
                    *slot = letter;
                    length += 1;
                }
            }
            continue;
        }
        let letter = PLAIN.get(usize::from(byte)).copied().unwrap_or(0);
        let Some(slot) = out.get_mut(length) else { break };
        *slot = letter;
        length += usize::from(letter != 0);
    }
    length
}

/// Letters in lower case and digits; zero for the rest.
static PLAIN: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_usize;
    while byte < 256 {
        let plain = byte.to_le_bytes()[0];
        if plain.is_ascii_alphanumeric() {
            table[byte] = plain.to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

/// Where the last word of a phrase begins; `userPass` and `user_pass` have two.
fn last_word(phrase: &[u8]) -> usize {
    for index in (1..phrase.len()).rev() {
        let (left, right) = (at(phrase, index - 1), at(phrase, index));
        // What stands at a mask without a gap goes on with the word that it hides (see `mask_before`).
        let begins = is_alnum(right) && !is_alnum(left) && left != b']';
        if begins || (right.is_ascii_uppercase() && left.is_ascii_lowercase()) {
            // `\ntel`: the letter of an escaped line break is not the word's.
            let escape = left == b'\\' && matches!(right, b'n' | b'r' | b't') && index + 1 < phrase.len();
            return index + usize::from(escape);
        }
    }
    0
}

/// The plain letters of a two-byte UTF-8 character of Latin-1 Supplement or Latin Extended-A.
fn fold(lead: u8, low: u8) -> &'static [u8] {
    match (lead, low) {
        (0xc3, 0x80..=0x83 | 0x85 | 0xa0..=0xa3 | 0xa5 | 0x84 | 0xa4) => b"a",
        (0xc3, 0x86 | 0xa6) => b"ae",
        (0xc3, 0x87 | 0xa7) | (0xc4, 0x86..=0x8d) => b"c",
        (0xc3, 0x88..=0x8b | 0xa8..=0xab) => b"e",
        (0xc3, 0x8c..=0x8f | 0xac..=0xaf) => b"i",
        (0xc3, 0x91 | 0xb1) => b"n",
        (0xc3, 0x92..=0x96 | 0x98 | 0xb2..=0xb6 | 0xb8) => b"o",
        (0xc3, 0x99..=0x9c | 0xb9..=0xbc) => b"u",
        (0xc3, 0x9f) => b"ss",
        (0xc4, 0x8e..=0x91) => b"d",
        (0xc5, 0x9a..=0xa1) => b"s",
        (0xc5, 0xb9..=0xbe) => b"z",
        _ => b"",
    }
}

/// The label that `start..end` is.
pub(super) fn of_range(text: &[u8], start: usize, end: usize) -> Label<'_> {
    Label::new(text, start, end, true)
}

/// Names of members that hold the value of the member before.
pub(super) const VALUE_KEYS: &[&str] = &["value", "val", "wert", "vrijednost", "verdi", "valore"];

/// `"key": "trackingid", "value": "…"`: names that say that the label is the member before.
pub(super) fn is_value_key(name: &[u8]) -> bool {
    VALUE_KEYS.iter().any(|key| key.as_bytes() == name)
}
