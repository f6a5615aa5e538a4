//! Values whose escapes hide what they are: `&quot;password&quot;:&quot;…`, `password%3D…`, `ana&#64;example.com`,
//! `\u0022token\u0022`. Lines with such escapes are scanned once more with the escapes undone, and what is found is
//! taken back to where it stands.

use std::ops::Range;

use super::pseudonym::escape_at;
use crate::scan::{self, Span};

/// Lines without their escapes, and where each piece of them stands in the text.
#[derive(Debug, Default)]
struct View {
    bytes: Vec<u8>,
    /// Place in `bytes`, place in the text; between two of them both advance alike.
    places: Vec<(usize, usize)>,
}

impl View {
    fn add_line(&mut self, text: &[u8], line: Range<usize>) {
        let mut at = line.start;
        self.places.push((self.bytes.len(), at));
        while at < line.end {
            let next =
                memchr::memchr3(b'&', b'%', b'\\', &text[at..line.end]).map_or(line.end, |step| at + step);
            self.bytes.extend_from_slice(&text[at..next]);
            at = next;
            if at >= line.end {
                break;
            }
            if let Some((byte, used)) = escape_at(&text[at..line.end]) {
                self.bytes.push(byte);
                at += used;
                self.places.push((self.bytes.len(), at));
            } else {
                self.bytes.push(text[at]);
                at += 1;
            }
        }
    }

    /// Where a byte of the view stands in the text.
    fn place(&self, at: usize) -> usize {
        let next = self.places.partition_point(|(view, _)| *view <= at);
        self.places
            .get(next.wrapping_sub(1))
            .map_or(0, |(view, text)| text + (at - view))
    }

    /// One past where the byte before `at` stands: an escape belongs to the value as a whole.
    fn end(&self, at: usize) -> usize {
        let before = at.saturating_sub(1);
        let next = self.places.partition_point(|(view, _)| *view <= before);
        match self.places.get(next) {
            Some((view, text)) if *view == at => *text,
            _ => self.place(before) + 1,
        }
    }
}

/// What the scan finds in the lines of `text` that have escapes, sorted and without overlaps. `found`, sorted, is what it
/// found in them as they stand: an `@` in there is not hidden.
pub(super) fn finds(text: &[u8], found: &[Range<usize>]) -> Vec<Span> {
    let mut view = View::default();
    let mut from = 0;
    let mut found = found.iter().peekable();
    let mut is_known = |escape: usize| {
        while found.next_if(|range| range.end <= escape).is_some() {}
        found.peek().is_some_and(|range| range.start <= escape)
    };
    while let Some(escape) = next_escape(text, from, &mut is_known) {
        let start = memchr::memrchr(b'\n', &text[from..escape]).map_or(from, |at| from + at + 1);
        let end = memchr::memchr(b'\n', &text[escape..]).map_or(text.len(), |at| escape + at + 1);
        // A heading labels the line below it, not one that stands far from it: three line ends keep them apart.
        if start > from && !view.bytes.is_empty() {
            view.places.push((view.bytes.len(), from));
            view.bytes.extend_from_slice(b"\n\n\n");
        }
        view.add_line(text, start..end);
        from = end;
    }
    if view.bytes.is_empty() {
        return Vec::new();
    }
    let mut covered = 0;
    scan::spans(&view.bytes)
        .into_iter()
        .map(|span| Span {
            start: view.place(span.start),
            end: view.end(span.end),
            ..span
        })
        .filter(|span| {
            // A value over the seam of two lines that do not follow each other is none.
            let sound = span.start >= covered && span.start < span.end && span.end <= text.len();
            covered = covered.max(span.end);
            sound
        })
        .collect()
}

/// The next escape that hides a delimiter, a quotation mark or an `@` (`is_known`: found as it stands).
fn next_escape(text: &[u8], from: usize, is_known: &mut impl FnMut(usize) -> bool) -> Option<usize> {
    memchr::memchr3_iter(b'&', b'%', b'\\', text.get(from..)?)
        .map(|at| from + at)
        .find(|at| {
            escape_at(&text[*at..]).is_some_and(|(byte, _)| match byte {
                b'@' => !is_known(*at),
                b'"' | b'\'' | b'=' | b':' | b' ' | b'&' | b'<' | b'>' => true,
                _ => false,
            })
        })
}

#[cfg(test)]
mod tests {
    use super::finds;

    #[test]
    fn found_where_they_stand() {
        for (text, value) in [
            (
                "one\nx &quot;password&quot;:&quot;Gr4nite-Moss&quot;,\nlast",
                "Gr4nite-Moss",
            ),
            (r"\u0022password\u0022:\u0022Gr4nite-Moss\u0022,", "Gr4nite-Moss"),
            (
                "ordinary 100% line\nto=ana.kovac&#64;example.com now",
                "ana.kovac&#64;example.com",
            ),
            ("to=ana.kovac&#x40;example.com", "ana.kovac&#x40;example.com"),
            ("q?password%3DGr4nite%2DMoss%26x", "Gr4nite%2DMoss"),
        ] {
            let found: Vec<&str> = finds(text.as_bytes(), &[])
                .into_iter()
                .map(|span| &text[span.start..span.end])
                .collect();
            assert!(found.contains(&value), "{text}: {found:?}");
        }
        assert!(finds(b"100% & \\ of plain text\n", &[]).is_empty());
    }
}
