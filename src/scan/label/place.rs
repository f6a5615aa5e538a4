//! Where a label stands: before a delimiter, in a tag or a table cell, on the line above, or simply in front.

use super::{Label, REACH, is_value_key};
use crate::scan::bytes::{at, before, is_blank, is_word, part, run, run_back};
use crate::scan::{MASK, hint};

/// The label in front of a value that begins at `value`: before a delimiter, in the tag around it, in the table
/// cell before it, on the line above, or simply the words before it.
pub(in crate::scan) fn before_value(text: &[u8], value: usize) -> Option<Label<'_>> {
    look_back(text, value, |_| true)
}

/// The same, but only a label that may have a meaning (see [`hint::may_end`]).
pub(in crate::scan) fn telling_before_value(text: &[u8], value: usize) -> Option<Label<'_>> {
    look_back(text, value, |end| hint::may_end(text, end, hint::Reader::Shape))
}

fn look_back(text: &[u8], value: usize, worth: impl Fn(usize) -> bool) -> Option<Label<'_>> {
    let mut end = skip_decoration(text, value);
    let mut newlines = 0;
    let mut delimited = false;
    let floor = value.saturating_sub(REACH * 2);
    loop {
        if end <= floor {
            return None;
        }
        match before(text, end) {
            b' ' | b'\t' | b'\r' => {
                delimited |= before(text, end) == b'\t';
                end -= 1;
            }
            b'\n' if newlines < 2 => {
                newlines += 1;
                end -= 1;
            }
            b':' | b'=' | b'|' => {
                delimited = true;
                end -= 1;
            }
            b'*' | b'`' => end -= 1,
            b'>' => {
                // A tag: its own name is the label, unless it is markup around a cell.
                let open = run_back(text, end - 1, REACH, |byte| !matches!(byte, b'<' | b'>' | b'\n'));
                if before(text, open) != b'<' {
                    // `=>` and `->`
                    end -= 1;
                    delimited = true;
                    continue;
                }
                delimited = true;
                match tag_name(text, open - 1, end - 1) {
                    Some(label) if !is_markup(label.squashed().name()) => return Some(label),
                    _ => end = open - 1,
                }
            }
            _ => break,
        }
    }
    if newlines > 0 && at(text, end) == b'\n' && !delimited && end < floor {
        return None;
    }
    if !worth(end) {
        return None;
    }
    let label = phrase(text, end, delimited)?;
    // A value two lines below prose is not labelled by it.
    (newlines == 0 || label.delimited || text_line_is(text, &label)).then_some(label)
}

/// The label in front of the delimiter (`:` or `=`) at `delimiter`, or of the tag that ends there (`>`).
pub(in crate::scan) fn before_delimiter(text: &[u8], delimiter: usize) -> Option<Label<'_>> {
    if at(text, delimiter) == b'>' {
        let open = run_back(text, delimiter, REACH, |byte| {
            !matches!(byte, b'<' | b'>' | b'\n')
        });
        return (before(text, open) == b'<')
            .then(|| tag_name(text, open - 1, delimiter))
            .flatten();
    }
    phrase(text, delimiter, true)
}

/// Whether the phrase is all there is on its line (a heading above the value).
fn text_line_is(text: &[u8], label: &Label<'_>) -> bool {
    let start = run_back(text, label.start, 8, |byte| {
        is_blank(byte) || matches!(byte, b'"' | b'*' | b'-')
    });
    before(text, start) == b'\n'
}

/// The name in the tag that opens at `open` (`<`) and closes before `close` (`>`), without its prefix.
fn tag_name(text: &[u8], open: usize, close: usize) -> Option<Label<'_>> {
    let tag = part(text, open + 1, close);
    if tag.first() == Some(&b'/') || tag.last() == Some(&b'/') {
        return None;
    }
    let length = tag.iter().position(|&byte| byte == b' ').unwrap_or(tag.len());
    // `<password=[redacted:password]>` is no tag: what stands behind it has no label.
    if memchr::memchr2(b'=', b'[', part(tag, 0, length)).is_some() {
        return None;
    }
    let prefix = part(tag, 0, length)
        .iter()
        .rposition(|&byte| byte == b':')
        .map_or(0, |colon| colon + 1);
    (prefix < length).then(|| Label::new(text, open + 1 + prefix, open + 1 + length, true))
}

/// Elements that lay text out and name nothing.
fn is_markup(name: &[u8]) -> bool {
    matches!(
        name,
        b"td"
            | b"th"
            | b"tr"
            | b"b"
            | b"i"
            | b"em"
            | b"strong"
            | b"span"
            | b"div"
            | b"p"
            | b"br"
            | b"code"
            | b"pre"
            | b"a"
            | b"li"
            | b"dd"
            | b"dt"
            | b"u"
            | b"tt"
            | b"font"
            | b"value"
            | b"string"
            | b"key"
            | b"small"
    )
}

/// Steps back over opening quotes, brackets and their backslashes.
fn skip_decoration(text: &[u8], mut end: usize) -> usize {
    for _ in 0..8 {
        match before(text, end) {
            b'"' | b'\'' | b'(' | b'[' | b'{' | b'<' | b'`' | b'*' | b'\\' => end -= 1,
            // Typographic quotes: U+201A to U+201E, U+00AB, U+00BB.
            0x9a..=0x9e if end >= 3 && part(text, end - 3, end - 1) == [0xe2, 0x80] => end -= 3,
            0xab | 0xbb if end >= 2 && before(text, end - 1) == 0xc2 => end -= 2,
            _ => break,
        }
    }
    end
}

/// Where a phrase that ends at `end` ends without an escaped quote: `&quot;password&quot;:` in XML and HTML.
pub(in crate::scan) fn without_escaped_quote(text: &[u8], end: usize) -> usize {
    const QUOTE: &[u8] = b"&quot;";
    match end.checked_sub(QUOTE.len()) {
        Some(open) if part(text, open, end) == QUOTE => open,
        _ => end,
    }
}

/// The phrase that ends at `end`: the content of the quotes that close there, or the words back to a stop.
fn phrase(text: &[u8], end: usize, delimited: bool) -> Option<Label<'_>> {
    let end = without_escaped_quote(text, end);
    let mut end = run_back(text, end, REACH, |byte| is_blank(byte) || byte == b'*');
    // `Tracking ID (Verfolgungs-ID): …`: what is in brackets explains the label.
    if before(text, end) == b')' {
        let open = run_back(text, end - 1, 40, |byte| !matches!(byte, b'(' | b'\n'));
        if before(text, open) == b'(' {
            end = run_back(text, open - 1, 8, is_blank);
        }
    }
    let quote = before(text, end);
    if matches!(quote, b'"' | b'\'' | b'`') {
        let close = run_back(text, end - 1, 16, |byte| byte == b'\\');
        let from = close.saturating_sub(REACH + 1);
        let found = memchr::memrchr2(quote, b'\n', part(text, from, close)).map(|index| from + index + 1);
        if let Some(open) = found.filter(|&open| before(text, open) == quote && open < close) {
            let label = Label::new(text, open, close, delimited);
            // A mask names what it hides, not what comes next: redacting twice must change nothing.
            let phrase = label.phrase();
            if memchr::memchr(b'[', phrase).is_some() && memchr::memmem::find(phrase, MASK).is_some() {
                return None;
            }
            return if begins_value_key(phrase) && is_value_key(label.squashed().name()) {
                sibling(text, open - 1)
            } else {
                Some(label)
            };
        }
        // The opening quote was cut off when the text was copied.
        end = close;
    }
    let mut start = phrase_start(text, end);
    start += part(text, start, end)
        .iter()
        .take_while(|&&byte| is_blank(byte))
        .count();
    if delimited {
        start = behind_numbers(text, start, end);
    }
    if start < end {
        start = mask_before(text, start).unwrap_or(start);
    }
    (start < end).then(|| Label::new(text, start, end, delimited))
}

/// The last letter of the mask that ends at `start`: what the mask hides was a word of the phrase, and redacting twice
/// must change nothing. One letter keeps the rest from being taken for a whole label, and is none itself.
fn mask_before(text: &[u8], start: usize) -> Option<usize> {
    let close = run_back(text, start, 4, |byte| byte == b' ');
    if before(text, close) != b']' {
        return None;
    }
    let name = run_back(text, close - 1, 24, |byte| {
        byte.is_ascii_lowercase() || byte == b'-'
    });
    let open = name.checked_sub(MASK.len())?;
    (part(text, open, name) == MASK).then_some(close - 2)
}

/// Where the first word begins that is no number: columns of an access log stand in front of its fields.
fn behind_numbers(text: &[u8], mut start: usize, end: usize) -> usize {
    while at(text, start).is_ascii_digit() {
        let number = run(text, start, end - start, |byte| byte.is_ascii_digit());
        let word = run(text, number, end - number, is_blank);
        if word == number || word >= end {
            break;
        }
        start = word;
    }
    start
}

/// Where the words that end at `end` begin: behind the nearest stop.
fn phrase_start(text: &[u8], end: usize) -> usize {
    let floor = end.saturating_sub(REACH);
    let mut start = end;
    loop {
        let words = part(text, floor, start);
        let Some(found) = words
            .iter()
            .rposition(|&byte| STOPS.get(usize::from(byte)) != Some(&GOES_ON))
        else {
            return floor;
        };
        let (place, behind) = (floor + found, floor + found + 1);
        let stops = match at(text, place) {
            // An apostrophe belongs to the word in "L'ID di tracciamento".
            b'\'' => !(is_word(before(text, place)) && is_word(at(text, behind))),
            // The end of a sentence.
            b'.' | b'!' => is_blank(at(text, behind)),
            _ => true,
        };
        if stops {
            return behind;
        }
        start = place;
    }
}

const GOES_ON: u8 = 0;
const STOP: u8 = 1;

/// Bytes that end a phrase, or may.
static STOPS: [u8; 256] = {
    let mut table = [GOES_ON; 256];
    let mut index = 0;
    let stops = b"\n\r,;{}[]<>|\"&?():=\t'.!";
    while index < stops.len() {
        table[stops[index] as usize] = STOP;
        index += 1;
    }
    table
};

/// A cheap look before [`is_value_key`]: these names begin with two letters only.
fn begins_value_key(phrase: &[u8]) -> bool {
    phrase
        .first()
        .is_none_or(|byte| !byte.is_ascii_alphanumeric() || matches!(byte | 0x20, b'v' | b'w'))
}

/// The string that is the member before the key whose opening quote (and backslashes) end before `open`.
fn sibling(text: &[u8], open: usize) -> Option<Label<'_>> {
    let end = run_back(text, open, REACH, |byte| {
        matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b'\\')
    });
    // `"secret": {"value": "…"}`: the member that the object is the value of.
    let end = if before(text, end) == b'{' {
        run_back(text, end - 1, 16, |byte| {
            byte.is_ascii_whitespace() || byte == b':' || byte == b'\\'
        })
    } else {
        end
    };
    if before(text, end) != b'"' {
        return None;
    }
    let close = run_back(text, end - 1, 16, |byte| byte == b'\\');
    let start = run_back(text, close, REACH, |byte| byte != b'"' && byte != b'\n');
    (before(text, start) == b'"' && start < close).then(|| Label::new(text, start, close, true))
}

#[cfg(test)]
mod tests {
    use super::{before_delimiter, before_value};

    fn value_label(text: &str, value: &str) -> Option<String> {
        let at = text.find(value).expect("the value is in the text");
        before_value(text.as_bytes(), at)
            .map(|label| String::from_utf8_lossy(label.squashed().name()).into_owned())
    }

    #[test]
    fn labels_before_values() {
        for (text, expected) in [
            ("Tracking ID: V", "trackingid"),
            ("x, TrackingId = V", "trackingid"),
            ("{\"trackingId\":\"V\"", "trackingid"),
            ("{\\\"trackingId\\\":\\\"V\\\"", "trackingid"),
            ("TRACKING ID:::::::V", "trackingid"),
            ("failed. TrackingID: V", "trackingid"),
            ("<td>Tracking ID</td><td>V</td>", "trackingid"),
            ("<ns:orgId>V</ns:orgId>", "orgid"),
            ("| Org-ID | V |", "orgid"),
            ("ID praćenja: V", "idpracenja"),
            ("**Sporings-ID:** V", "sporingsid"),
            ("L'ID di tracciamento: V", "lididitracciamento"),
            ("\"key\": \"trackingid\",\n  \"value\": \"V\"", "trackingid"),
            ("Tracking ID\r\nV", "trackingid"),
            ("Tracking ID (Verfolgungs-ID): V", "trackingid"),
            ("a?orgId=V", "orgid"),
            ("\" 200 2 trackingid=V", "trackingid"),
            ("x, 12 345=V", "345"),
        ] {
            let expected = if expected == "lididitracciamento" {
                "lidditracciamento"
            } else {
                expected
            };
            assert_eq!(value_label(text, "V").as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn no_label() {
        assert_eq!(value_label("V", "V"), None);
        assert_eq!(value_label("a line of prose\nthat ends. V", "V"), None);
    }

    #[test]
    fn labels_before_delimiters() {
        let label = before_delimiter(b"<a:password enc=\"1\">x", 19).expect("a tag");
        assert_eq!(label.squashed().name(), b"password");
    }
}
