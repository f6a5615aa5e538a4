//! What stands where in a text: what the scan finds, private keys, values hidden by escapes, the cells of tables.

use std::ops::Range;

use super::escaped;
use super::pem;
use super::policy::is_secret;
use super::table::Table;
use super::token;
use crate::scan::{self, Evidence, Kind, Span};

/// From this length on a secret may be longer than what the scan saw of it.
pub(super) const LONG_SECRET: usize = 400;

/// A find before it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
    /// Index of the configured pattern.
    pub(super) pattern: Option<usize>,
    /// A rest that another find left over: it is masked, because a token of half a value would mislead.
    pub(super) rest: bool,
    /// Only a label says what it is.
    pub(super) labelled: bool,
}

impl Piece {
    /// A find of the scan.
    pub(super) fn of(span: &Span) -> Self {
        Self {
            start: span.start,
            end: span.end,
            kind: span.kind,
            pattern: None,
            rest: false,
            labelled: span.evidence == Evidence::Label,
        }
    }
}

/// What the scan finds in `text`.
pub(super) fn scanned(text: &[u8]) -> Vec<Piece> {
    let mut found = of_spans(text, &scan::spans(text));
    for key in pem::keys(text) {
        add_key(&mut found, key);
    }
    with_escaped(found, text)
}

/// What a scan of `text` found, secrets with all that belongs to them.
pub(super) fn of_spans(text: &[u8], spans: &[Span]) -> Vec<Piece> {
    let sound = |span: &&Span| span.start < span.end && span.end <= text.len();
    let mut found: Vec<Piece> = spans.iter().filter(sound).map(Piece::of).collect();
    for find in &mut found {
        if is_secret(find.kind) && find.end - find.start >= LONG_SECRET {
            find.end = end_of_value(text, find.end);
        }
    }
    found
}

/// Adds what escapes hide.
pub(super) fn with_escaped(found: Vec<Piece>, text: &[u8]) -> Vec<Piece> {
    let known: Vec<Range<usize>> = found.iter().map(|find| find.start..find.end).collect();
    // What is ours is no find; what it is laid under would leave rests of it.
    let hidden = escaped::finds(text, &known);
    let hidden = hidden.iter().map(Piece::of).filter(|piece| !is_ours(text, piece));
    let hidden: Vec<Piece> = hidden.collect();
    if hidden.is_empty() {
        return found;
    }
    overlay(&found, &hidden, text)
}

/// Adds what the header of a table says of its cells.
pub(super) fn with_table(found: Vec<Piece>, text: &[u8]) -> Vec<Piece> {
    let Some(table) = Table::of(text) else {
        return found;
    };
    let cells: Vec<Piece> = table
        .values(text)
        .into_iter()
        .map(|(range, kind)| Piece {
            start: range.start,
            end: range.end,
            kind,
            pattern: None,
            rest: false,
            labelled: true,
        })
        .collect();
    overlay(&found, &cells, text)
}

/// Adds a private key. A secret that begins before it or ends behind it becomes one with it; of anything else the
/// rest stays a find.
pub(super) fn add_key(found: &mut Vec<Piece>, key: Range<usize>) {
    let seen = found
        .iter()
        .any(|find| find.kind == Kind::PrivateKey && find.start <= key.start && find.end >= key.end);
    if seen {
        return;
    }
    let (mut start, mut end) = (key.start, key.end);
    for find in found.iter() {
        if is_secret(find.kind) && find.start < key.end && find.end > key.start {
            start = start.min(find.start);
            end = end.max(find.end);
        }
    }
    let mut rests = Vec::new();
    found.retain(|find| {
        if find.end <= start || find.start >= end {
            return true;
        }
        if find.start < start {
            rests.push(Piece {
                end: start,
                rest: true,
                ..*find
            });
        }
        if find.end > end {
            rests.push(Piece {
                start: end,
                rest: true,
                ..*find
            });
        }
        false
    });
    found.append(&mut rests);
    found.push(Piece {
        start,
        end,
        kind: Kind::PrivateKey,
        pattern: None,
        rest: false,
        labelled: false,
    });
    found.sort_by_key(|find| find.start);
}

/// A scan looks only so far; a secret that long may go on.
pub(super) fn end_of_value(text: &[u8], from: usize) -> usize {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'<' | b'>');
    text[from..]
        .iter()
        .position(ends)
        .map_or(text.len(), |length| from + length)
}

/// Whether a piece is what an earlier redaction wrote.
pub(super) fn is_ours(text: &[u8], piece: &Piece) -> bool {
    let raw = &text[piece.start..piece.end];
    if token::inside_mask(text, piece.start, piece.end)
        // `[redacted:password]` in front of a colon is no label.
        || (piece.labelled && token::ends_with_mask(&text[..piece.start]))
    {
        return true;
    }
    if is_secret(piece.kind) {
        return token::is_token(raw) || is_made_of_ours(text, piece);
    }
    token::inside_token(text, piece.start, piece.end)
        || token::is_nobody(raw)
        || is_made_of_ours(text, piece)
        // A name goes on to the next sign that ends it: behind a token it would take words that are none.
        || (piece.kind == Kind::PersonName && token::contains(raw))
}

/// Whether a piece has tokens and masks, and beside them nothing.
fn is_made_of_ours(text: &[u8], piece: &Piece) -> bool {
    // What has a shape of its own cannot be made of tokens, and logs are full of these.
    if matches!(piece.kind, Kind::TrackingId | Kind::Timestamp | Kind::ErrorCode) {
        return false;
    }
    // A value may end in front of the bracket that closes a mask, and end or begin at the colon in one.
    let start = token::mask_around(text, piece.start).map_or(piece.start, |mask| mask.start);
    let end = token::mask_around(text, piece.end).filter(|mask| mask.start < piece.end);
    let raw = &text[start..end.map_or(piece.end, |mask| mask.end)];
    // These may consist of any signs, so that what has become a token in one was seen beside it: a value that was one
    // the first time is gone as a whole.
    if matches!(piece.kind, Kind::CallId | Kind::DeviceId) {
        return token::contains(raw);
    }
    token::may_contain(raw) && token::letters_beside(raw) == Some(0)
}

/// Puts `extra` under `base` (both sorted): what `base` covers stays as it is, what only `extra` covers is added.
pub(super) fn overlay(base: &[Piece], extra: &[Piece], text: &[u8]) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::with_capacity(base.len() + extra.len());
    let mut next = 0;
    let mut covered = 0;
    for piece in extra {
        let mut at = piece.start.max(covered);
        while let Some(over) = base.get(next)
            && over.start < piece.end
        {
            add_gap(&mut out, piece, at, over.start, text);
            at = at.max(over.end);
            covered = covered.max(over.end);
            out.push(*over);
            next += 1;
        }
        add_gap(&mut out, piece, at, piece.end, text);
        covered = covered.max(piece.end);
    }
    out.extend_from_slice(&base[next..]);
    out
}

fn add_gap(out: &mut Vec<Piece>, piece: &Piece, start: usize, end: usize, text: &[u8]) {
    if start >= end {
        return;
    }
    let whole = (start, end) == (piece.start, piece.end);
    // What is left between two finds is often only a comma.
    if whole
        || text[start..end]
            .iter()
            .any(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80)
    {
        out.push(Piece {
            start,
            end,
            rest: !whole,
            ..*piece
        });
    }
}

/// Widens a range that would cut a UTF-8 character.
pub(super) fn whole_characters(text: &[u8], mut start: usize, mut end: usize) -> (usize, usize) {
    let continues = |at: usize| text.get(at).is_some_and(|byte| (0x80..0xc0).contains(byte));
    if continues(start) {
        for back in 1..4.min(start + 1) {
            let lead = text[start - back];
            if lead >= 0xc0 {
                start -= back;
                break;
            }
            if lead < 0x80 {
                break;
            }
        }
    }
    if continues(end) && text.get(end.wrapping_sub(1)).is_some_and(|byte| *byte >= 0x80) {
        for _ in 0..3 {
            if continues(end) {
                end += 1;
            }
        }
    }
    (start, end)
}

#[cfg(test)]
mod tests {
    use super::{Kind, Piece, add_key, overlay};

    fn piece(start: usize, end: usize, kind: Kind) -> Piece {
        Piece {
            start,
            end,
            kind,
            pattern: None,
            rest: false,
            labelled: false,
        }
    }

    #[test]
    fn a_key_swallows_the_secret_that_begins_before_it() {
        let mut found = vec![
            piece(0, 4, Kind::Email),
            piece(5, 12, Kind::Password),
            piece(28, 36, Kind::Phone),
        ];
        add_key(&mut found, 10..30);
        let got: Vec<(usize, usize, Kind)> = found
            .into_iter()
            .map(|piece| (piece.start, piece.end, piece.kind))
            .collect();
        assert_eq!(
            got,
            [
                (0, 4, Kind::Email),
                (5, 30, Kind::PrivateKey),
                (30, 36, Kind::Phone)
            ]
        );
    }

    #[test]
    fn what_two_finds_cover_together_stays_covered() {
        let text = [b'x'; 40];
        let base = [piece(5, 10, Kind::Email), piece(20, 25, Kind::TrackingId)];
        let extra = [
            piece(0, 3, Kind::Custom),
            piece(8, 22, Kind::Custom),
            piece(24, 30, Kind::Password),
            piece(33, 35, Kind::PersonName),
        ];
        let got: Vec<(usize, usize, Kind, bool)> = overlay(&base, &extra, &text)
            .into_iter()
            .map(|piece| (piece.start, piece.end, piece.kind, piece.rest))
            .collect();
        assert_eq!(
            got,
            [
                (0, 3, Kind::Custom, false),
                (5, 10, Kind::Email, false),
                (10, 20, Kind::Custom, true),
                (20, 25, Kind::TrackingId, false),
                (25, 30, Kind::Password, true),
                (33, 35, Kind::PersonName, false),
            ]
        );
    }
}
