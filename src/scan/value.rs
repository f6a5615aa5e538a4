//! How far a value behind a label reaches: quoted (also escaped), in a tag, in a URL, in a header, or bare.

use super::bytes::{
    Class, at, before, is_alnum, is_behind_escape, is_blank, part, run, run_back, skip_escape,
};
use super::{label, meaning};

/// Longest value that is followed to its closing quote; beyond it the line's end counts.
pub(super) const LONGEST: usize = 16 * 1024;

/// Bytes that a bare value consists of.
static BARE: Class = Class::but(b"\0 \t\n\r\x0c,;&<>\"'})]|\\`");

/// A value's bytes, without quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) quoted: bool,
}

impl Value {
    pub(super) fn of<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        part(text, self.start, self.end)
    }
}

/// The value behind the delimiter at `delimiter` (`:`, `=` or `>`).
pub(super) fn behind(text: &[u8], delimiter: usize) -> Option<Value> {
    if at(text, delimiter) == b'>' {
        return in_tag(text, delimiter + 1);
    }
    let mut start = run(text, delimiter + 1, 64, |byte| matches!(byte, b':' | b'=' | b'>'));
    start = run(text, start, 64, is_blank);
    // `**Label:** value`
    start = run(text, start, 4, |byte| byte == b'*');
    start = run(text, start, 64, is_blank);
    from(text, start, in_query(text, delimiter))
}

/// The value that begins at `start`.
pub(super) fn from(text: &[u8], start: usize, query: bool) -> Option<Value> {
    let slashes = run(text, start, 16, |byte| byte == b'\\') - start;
    let quote = at(text, start + slashes);
    if matches!(quote, b'"' | b'\'' | b'`') {
        let start = start + slashes + 1;
        let end = closing_quote(text, start, quote, slashes);
        return (start < end).then_some(Value {
            start,
            end,
            quoted: true,
        });
    }
    if let Some(value) = escaped_quotes(text, start) {
        return (value.start < value.end).then_some(value);
    }
    let end = run(text, start, LONGEST, |byte| {
        BARE.has(byte) && !(query && byte == b'#')
    });
    (start < end).then_some(Value {
        start,
        end,
        quoted: false,
    })
}

/// Where the bare value ends that goes on at `from`, at most `most` bytes on.
pub(super) fn bare_end(text: &[u8], from: usize, most: usize) -> usize {
    run(text, from, most, |byte| BARE.has(byte))
}

/// `%22` and `&quot;` are quotes too, where a second one closes them: else they are part of the value, which may be a
/// password that begins so.
fn escaped_quotes(text: &[u8], start: usize) -> Option<Value> {
    for quote in [&b"&quot;"[..], b"%22"] {
        let inner = start + quote.len();
        if part(text, start, inner) != quote {
            continue;
        }
        // Blanks are escaped where quotes are escaped with a percent sign.
        let url = quote.starts_with(b"%");
        let reach = run(text, inner, LONGEST, |byte| {
            byte != b'\n' && !(url && byte.is_ascii_whitespace())
        });
        let close = memchr::memmem::find(part(text, inner, reach), quote)?;
        return Some(Value {
            start: inner,
            end: inner + close,
            quoted: true,
        });
    }
    None
}

/// A secret behind a delimiter may hold any character: a bare one ends at white space or, in a query, at `&`.
pub(super) fn secret(text: &[u8], delimiter: usize) -> Option<Value> {
    let value = behind(text, delimiter)?;
    if value.quoted || at(text, delimiter) == b'>' {
        return Some(value);
    }
    let query = in_query(text, delimiter);
    let structured = before(text, delimiter) == b'"' || before(text, delimiter) == b'\'';
    let end = run(text, value.start, LONGEST, |byte| {
        let stops = byte.is_ascii_whitespace()
            || matches!(byte, 0 | b'"' | b'\'' | b'<' | b'>')
            || (query && matches!(byte, b'&' | b'#'))
            || (structured && matches!(byte, b',' | b'}' | b']'));
        !stops
    });
    // `token=…&state=…`: a form without a question mark in front.
    let end = if at(text, delimiter) == b'=' {
        next_field(text, value.start, end).unwrap_or(end)
    } else {
        end
    };
    // Punctuation at the end belongs to the sentence or the list around it.
    let kept = run_back(text, end, 8, |byte| {
        matches!(byte, b',' | b';' | b')' | b'}' | b']' | b'\\' | b'|')
    });
    let end = kept.max(value.end.min(end));
    let end = if end > value.start { end } else { value.end };
    let end = before_next_label(text, value.start, end);
    Some(Value {
        start: value.start,
        end,
        quoted: false,
    })
}

/// Where the bare secret `start..end` ends when a label runs into it that says what follows: a secret that took the label
/// and not what it speaks of (`password=Gr4nite;Nachname: Horvat`) would leave that without its label.
pub(super) fn before_next_label(text: &[u8], start: usize, end: usize) -> usize {
    let is_name = |byte: u8| is_alnum(byte) || matches!(byte, b'_' | b'-');
    for delimiter in memchr::memchr2_iter(b'=', b':', part(text, start, end)).map(|found| start + found) {
        // A sign at the end of base64 delimits nothing.
        let is_padding = at(text, delimiter) == b'='
            && delimiter + 1 == end
            && !(is_alnum(at(text, end)) || matches!(at(text, end), b'"' | b'\'' | b'\\'));
        let name = run_back(text, delimiter, LONGEST_LABEL, is_name).max(start);
        // No label is so long, and none begins with a digit.
        let is_long = name > start && is_name(before(text, name));
        if is_long || is_padding || name == start || name == delimiter || at(text, name).is_ascii_digit() {
            continue;
        }
        let name = skip_escape(text, name);
        if name < delimiter && says_what_follows(text, name, delimiter) {
            return before_separator(text, start, name).unwrap_or(end);
        }
    }
    // `;Broj telefona: …`: a label whose first word alone runs into the secret.
    if at(text, end) == b' '
        && let word = run_back(text, end, LONGEST_LABEL, is_name)
        && word > start
        && word < end
        && !is_name(before(text, word))
    {
        let close = run(text, end, LONGEST_LABEL, |byte| is_name(byte) || byte == b' ');
        let means = |from: usize| says_what_follows(text, from, close);
        if matches!(at(text, close), b':' | b'=') && !means(end) && means(skip_escape(text, word)) {
            return before_separator(text, start, word).unwrap_or(end);
        }
    }
    end
}

/// Whether `start..end` is a label: an ordinary word (`to`, `name`) may as well be a part of the secret.
fn says_what_follows(text: &[u8], start: usize, end: usize) -> bool {
    meaning::of(&label::of_range(text, start, end)).is_some_and(|meaning| !meaning.is_vague())
}

/// Longest label that is looked for behind a secret.
const LONGEST_LABEL: usize = 40;

/// Where what stands in front of the separator before `name` ends, when that is anything.
fn before_separator(text: &[u8], start: usize, name: usize) -> Option<usize> {
    let end = if is_behind_escape(text, name) {
        name - 2
    } else {
        name - 1
    };
    (end > start).then_some(end)
}

/// The ampersand in front of the next field of a form.
fn next_field(text: &[u8], start: usize, end: usize) -> Option<usize> {
    memchr::memchr_iter(b'&', part(text, start, end))
        .map(|found| start + found)
        .find(|&ampersand| {
            let name = run(text, ampersand + 1, 40, |byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
            });
            name > ampersand + 1 && at(text, name) == b'='
        })
}

/// The text of an element, up to the next tag.
fn in_tag(text: &[u8], start: usize) -> Option<Value> {
    let mut start = start;
    if part(text, start, start + 9) == b"<![CDATA[" {
        start += 9;
        let window = part(text, start, text.len().min(start + LONGEST));
        let end = start + memchr::memmem::find(window, b"]]>")?;
        return (start < end).then_some(Value {
            start,
            end,
            quoted: true,
        });
    }
    start = run(text, start, 64, |byte| byte.is_ascii_whitespace());
    let end = run(text, start, LONGEST, |byte| {
        byte != b'<' && byte != b'\n' && byte != b'\r'
    });
    (start < end && at(text, end) == b'<').then_some(Value {
        start,
        end,
        quoted: true,
    })
}

/// Whether the delimiter belongs to a parameter of a URL.
fn in_query(text: &[u8], delimiter: usize) -> bool {
    if at(text, delimiter) != b'=' {
        return false;
    }
    let key = run_back(text, delimiter, 64, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'%')
    });
    matches!(before(text, key), b'?' | b'&')
}

/// Where the quotation ends that was opened by `quote` behind `slashes` backslashes.
///
/// Inside `\"…\"` the closing quote has as many backslashes as the opening one; a quote inside has more.
fn closing_quote(text: &[u8], start: usize, quote: u8, slashes: usize) -> usize {
    let limit = text.len().min(start + LONGEST);
    let mut search = start;
    while let Some(found) = memchr::memchr2(quote, b'\n', part(text, search, limit)) {
        let index = search + found;
        if at(text, index) == b'\n' {
            return index;
        }
        let escapes = index - run_back(text, index, 64, |byte| byte == b'\\').max(start);
        let closes = if slashes == 0 {
            escapes.is_multiple_of(2)
        } else {
            escapes <= slashes
        };
        if closes {
            return if slashes == 0 { index } else { index - escapes };
        }
        search = index + 1;
    }
    limit
}

#[cfg(test)]
mod tests {
    use super::{behind, secret};

    fn value(text: &str) -> &str {
        let at = text.find([':', '=']).expect("a delimiter");
        let value = behind(text.as_bytes(), at).expect("a value");
        &text[value.start..value.end]
    }

    #[test]
    fn quoted_escaped_and_bare() {
        assert_eq!(value("a=b c"), "b");
        assert_eq!(value("\"a\": \"b c\", "), "b c");
        assert_eq!(value("\"a\": \"b \\\" c\", "), "b \\\" c");
        assert_eq!(value("{\\\"a\\\":\\\"b \\\\\\\" c\\\"}"), "b \\\\\\\" c");
        assert_eq!(value("a = 'b', "), "b");
        assert_eq!(value("?a=b&c=d"), "b");
        assert_eq!(value("a: \"open to the end\nnext"), "open to the end");
    }

    #[test]
    fn secrets_keep_their_punctuation() {
        let text = b"password=a;b&c,d next";
        let found = secret(text, 8).expect("a value");
        assert_eq!(found.of(text), b"a;b&c,d");
        let text = b"?password=ab&c=d";
        assert_eq!(secret(text, 9).expect("a value").of(text), b"ab");
    }
}
