//! From text to edits: what the scan, the configuration and the learned values find, judged by the policy.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::content::RedactError;
use super::escaped;
use super::parts;
use super::pem;
use super::policy::{Action, is_secret, kind_name};
use super::pseudonym::{Class, normalise};
use super::redactor::Inner;
use super::seek::Matcher;
use super::table::Table;
use super::token;
use crate::scan::{self, Evidence, Kind};

/// Values remembered by one engine, so that a user who appears in every line costs one HMAC.
const CACHE: usize = 16 * 1024;
/// Longer values are not remembered.
const CACHED_LEN: usize = 256;
/// From this length on a secret may be longer than what the scan saw of it.
pub(super) const LONG_SECRET: usize = 400;

/// A replacement of `text[start..end]`.
#[derive(Debug, Clone)]
pub(super) struct Edit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
    pub(super) replacement: Arc<str>,
    /// Whether the private map may name the original: never for secrets.
    pub(super) reversible: bool,
}

/// What is to be done with a piece of text.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Sorted, without overlaps.
    pub(super) edits: Vec<Edit>,
    /// Evidence that stays: start and kind.
    pub(super) kept: Vec<(usize, Kind)>,
}

/// A find before it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
    /// Index of the configured pattern.
    pattern: Option<usize>,
    /// A rest that another find left over: it is masked, because a token of half a value would mislead.
    rest: bool,
    /// Only a label says what it is.
    labelled: bool,
}

/// The token of a value; `None` when it is protected.
type Decision = Option<Arc<str>>;

type Cache = HashMap<Box<[u8]>, Decision, foldhash::fast::RandomState>;

/// One worker's view on a redactor.
#[derive(Debug)]
pub(super) struct Engine {
    inner: Arc<Inner>,
    matcher: Option<Arc<Matcher>>,
    /// By kind.
    cache: Vec<Cache>,
    cached: usize,
}

impl Engine {
    pub(super) fn new(inner: Arc<Inner>) -> Self {
        let matcher = inner.learned.matcher();
        Self {
            inner,
            matcher,
            cache: Vec::new(),
            cached: 0,
        }
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.inner
    }

    /// What is to be done with `text`.
    pub(super) fn plan(&mut self, text: &[u8]) -> Result<Plan, RedactError> {
        let [scanned, hosts, learned] = parts::each(text, self.inner.threads, |part| {
            [scanned(part), self.hosts(part), self.learned(part)]
        });
        let mut pieces = with_table(scanned, text);
        for extra in [self.configured(text), hosts, learned] {
            if !extra.is_empty() {
                pieces = overlay(&pieces, &extra, text);
            }
        }
        let mut plan = Plan::default();
        let mut last_end = 0;
        for mut piece in pieces {
            (piece.start, piece.end) = whole_characters(text, piece.start, piece.end);
            // Finds do not overlap; should a scanner err, the earlier one wins and the rest is masked.
            if piece.start < last_end {
                piece.start = last_end;
                piece.rest = true;
            }
            if piece.start >= piece.end || is_ours(text, &piece) {
                continue;
            }
            last_end = piece.end;
            self.judge(text, &piece, &mut plan)?;
        }
        Ok(plan)
    }

    fn judge(&mut self, text: &[u8], piece: &Piece, plan: &mut Plan) -> Result<(), RedactError> {
        let raw = &text[piece.start..piece.end];
        let action = self.inner.policy.action(piece.kind);
        let mut edit = |replacement: Arc<str>, reversible: bool| {
            plan.edits.push(Edit {
                start: piece.start,
                end: piece.end,
                kind: piece.kind,
                replacement,
                reversible,
            });
        };
        if action == Action::Mask || (piece.rest && action == Action::Pseudonym) {
            let name = piece
                .pattern
                .and_then(|index| self.inner.policy.patterns.get(index))
                .map_or(kind_name(piece.kind), |(name, _)| name.as_str());
            edit(token::mask(name).into(), false);
            return Ok(());
        }
        if action == Action::Keep {
            plan.kept.push((piece.start, piece.kind));
            return Ok(());
        }
        match self.pseudonym(piece.kind, raw)? {
            Some(replacement) => edit(replacement, true),
            None => plan.kept.push((piece.start, piece.kind)),
        }
        Ok(())
    }

    /// The token of a value; `None` when it is protected.
    fn pseudonym(&mut self, kind: Kind, raw: &[u8]) -> Result<Decision, RedactError> {
        let number = kind as usize;
        if let Some(known) = self.cache.get(number).and_then(|cache| cache.get(raw)) {
            return Ok(known.clone());
        }
        let class = Class::of(kind, raw);
        let normalised = normalise(class, raw);
        let decision = if self.inner.is_protected(class, &normalised) {
            None
        } else {
            Some(self.inner.issue(class, &normalised)?)
        };
        if raw.len() <= CACHED_LEN {
            if self.cached >= CACHE {
                self.cache.clear();
                self.cached = 0;
            }
            if self.cache.len() <= number {
                self.cache.resize_with(number + 1, Cache::default);
            }
            if let Some(cache) = self.cache.get_mut(number) {
                cache.insert(Box::from(raw), decision.clone());
                self.cached += 1;
            }
        }
        Ok(decision)
    }

    fn configured(&self, text: &[u8]) -> Vec<Piece> {
        let mut found: Vec<Piece> = Vec::new();
        for (index, (_, regex)) in self.inner.policy.patterns.iter().enumerate() {
            found.extend(
                regex
                    .find_iter(text)
                    .filter(|hit| !hit.is_empty())
                    .map(|hit| Piece {
                        start: hit.start(),
                        end: hit.end(),
                        kind: Kind::Custom,
                        pattern: Some(index),
                        rest: false,
                        labelled: false,
                    }),
            );
        }
        found.sort_by_key(|piece| (piece.start, std::cmp::Reverse(piece.end)));
        found
    }

    /// Host names of the configured domains.
    fn hosts(&self, text: &[u8]) -> Vec<Piece> {
        let Some(domains) = &self.inner.domains else {
            return Vec::new();
        };
        let part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let mut found: Vec<Piece> = Vec::new();
        for hit in domains.find_iter(text) {
            let end = hit.end();
            let next = match text.get(end..) {
                Some([b'.', next, ..] | [next, ..]) => *next,
                _ => b' ',
            };
            let continues = part(next);
            let start = text[..hit.start()]
                .iter()
                .rposition(|byte| !part(*byte) && *byte != b'.')
                .map_or(0, |position| position + 1);
            let whole_label = start == hit.start() || text[hit.start() - 1] == b'.';
            if continues || !whole_label || found.last().is_some_and(|last| last.end > start) {
                continue;
            }
            found.push(Piece {
                start,
                end,
                kind: Kind::HostName,
                pattern: None,
                rest: false,
                labelled: false,
            });
        }
        found
    }

    fn learned(&self, text: &[u8]) -> Vec<Piece> {
        let Some(matcher) = &self.matcher else {
            return Vec::new();
        };
        matcher
            .find(text)
            .into_iter()
            .map(|hit| Piece {
                start: hit.start,
                end: hit.end,
                kind: hit.kind,
                pattern: None,
                rest: false,
                labelled: false,
            })
            .collect()
    }
}

/// What the scan finds in `text`, and what the header of a table says of its cells.
pub(super) fn finds(text: &[u8], threads: usize) -> Vec<Piece> {
    let [scanned] = parts::each(text, threads, |part| [scanned(part)]);
    with_table(scanned, text)
}

/// What the scan finds in `text`.
pub(super) fn scanned(text: &[u8]) -> Vec<Piece> {
    let piece = |range: Range<usize>, kind: Kind, labelled: bool| Piece {
        start: range.start,
        end: range.end,
        kind,
        pattern: None,
        rest: false,
        labelled,
    };
    let mut found: Vec<Piece> = scan::spans(text)
        .into_iter()
        .filter(|span| span.start < span.end && span.end <= text.len())
        .map(|span| piece(span.start..span.end, span.kind, span.evidence == Evidence::Label))
        .collect();
    for find in &mut found {
        if is_secret(find.kind) && find.end - find.start >= LONG_SECRET {
            find.end = end_of_value(text, find.end);
        }
    }
    for key in pem::keys(text) {
        add_key(&mut found, key);
    }
    let known: Vec<Range<usize>> = found.iter().map(|find| find.start..find.end).collect();
    let hidden: Vec<Piece> = escaped::finds(text, &known)
        .into_iter()
        .map(|span| piece(span.start..span.end, span.kind, span.evidence == Evidence::Label))
        .collect();
    if !hidden.is_empty() {
        found = overlay(&found, &hidden, text);
    }
    found
}

/// Adds what the header of a table says of its cells.
fn with_table(found: Vec<Piece>, text: &[u8]) -> Vec<Piece> {
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
fn add_key(found: &mut Vec<Piece>, key: Range<usize>) {
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
        return token::is_token(raw);
    }
    token::inside_token(text, piece.start, piece.end)
        || token::is_nobody(raw)
        // A name goes on to the next sign that ends it: behind a token it would take words that are none.
        || (piece.kind == Kind::PersonName && token::contains(raw))
}

/// Puts `extra` under `base` (both sorted): what `base` covers stays as it is, what only `extra` covers is added.
fn overlay(base: &[Piece], extra: &[Piece], text: &[u8]) -> Vec<Piece> {
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
fn whole_characters(text: &[u8], mut start: usize, mut end: usize) -> (usize, usize) {
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
