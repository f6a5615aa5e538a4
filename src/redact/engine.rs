//! From text to edits: what the scan, the configuration and the learned values find, judged by the policy.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::content::RedactError;
use super::finds::{Piece, is_ours, overlay, scanned, whole_characters, with_table};
use super::parts;
use super::policy::{Action, kind_name};
use super::pseudonym::{Class, normalise};
use super::redactor::Inner;
use super::seek::Matcher;
use super::token;
use crate::scan::Kind;

/// Values remembered by one engine, so that a user who appears in every line costs one HMAC.
const CACHE: usize = 16 * 1024;
/// Longer values are not remembered.
const CACHED_LEN: usize = 256;

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
    /// Indices of edits that have no token yet: see [`Engine::new_ahead`].
    pub(super) unissued: Vec<usize>,
}

/// What becomes of a value that has a pseudonym.
#[derive(Debug, Clone)]
enum Decision {
    /// It stays as it is.
    Protected,
    Token(Arc<str>),
    /// It is the first of its kind, and its token is to be issued in its turn.
    Unissued,
}

type Cache = HashMap<Box<[u8]>, Decision, foldhash::fast::RandomState>;

/// One worker's view on a redactor.
#[derive(Debug)]
pub(super) struct Engine {
    inner: Arc<Inner>,
    matcher: Option<Arc<Matcher>>,
    /// By kind.
    cache: Vec<Cache>,
    cached: usize,
    /// It is not its turn: it issues no tokens.
    ahead: bool,
}

impl Engine {
    pub(super) fn new(inner: Arc<Inner>) -> Self {
        let matcher = inner.learned.matcher();
        Self {
            inner,
            matcher,
            cache: Vec::new(),
            cached: 0,
            ahead: false,
        }
    }

    /// One that works beside others on later text. Should two short tokens be alike, the value that comes first has the
    /// short one: so that it does not depend on which thread is faster, this one leaves new values to [`Engine::issue`].
    pub(super) fn new_ahead(inner: Arc<Inner>) -> Self {
        Self {
            ahead: true,
            ..Self::new(inner)
        }
    }

    /// Issues the tokens that are missing in a plan that an engine ahead made.
    pub(super) fn issue(&mut self, text: &[u8], plan: &mut Plan) -> Result<(), RedactError> {
        for index in std::mem::take(&mut plan.unissued) {
            let Some(edit) = plan.edits.get_mut(index) else {
                continue;
            };
            if let Decision::Token(token) = self.pseudonym(edit.kind, &text[edit.start..edit.end])? {
                edit.replacement = token;
            }
        }
        Ok(())
    }

    pub(super) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }

    /// Notes in the private map what a plan replaces.
    pub(super) fn record(&self, text: &[u8], plan: &Plan) {
        if self.inner.has_map() {
            for edit in plan.edits.iter().filter(|edit| edit.reversible) {
                self.inner.record(edit, &text[edit.start..edit.end]);
            }
        }
    }

    /// What is to be done with `text`.
    pub(super) fn plan(&mut self, text: &[u8]) -> Result<Plan, RedactError> {
        let [scanned, hosts, learned] = parts::each(text, self.inner.threads, |part| {
            let found = scanned(part);
            let learned = self.learned(part, &found);
            [found, self.hosts(part), learned]
        });
        let pieces = with_table(scanned, text);
        self.judge_all(text, pieces, &[self.configured(text), hosts, learned])
    }

    /// What is to be done with `text[range]`, whole lines of a text without a table, in which `pieces` were found.
    pub(super) fn plan_found(
        &mut self,
        text: &[u8],
        range: Range<usize>,
        pieces: Vec<Piece>,
    ) -> Result<Plan, RedactError> {
        let lines = &text[range.clone()];
        let learned = self.learned(lines, &pieces);
        let mut plan = self.judge_all(lines, pieces, &[self.hosts(lines), learned])?;
        for edit in &mut plan.edits {
            edit.start += range.start;
            edit.end += range.start;
        }
        for (place, _) in &mut plan.kept {
            *place += range.start;
        }
        Ok(plan)
    }

    /// Whether a pattern of the configuration is sought, which may reach over any number of lines.
    pub(super) fn has_patterns(&self) -> bool {
        !self.inner.policy.patterns.is_empty()
    }

    fn judge_all(
        &mut self,
        text: &[u8],
        mut pieces: Vec<Piece>,
        extras: &[Vec<Piece>],
    ) -> Result<Plan, RedactError> {
        for extra in extras.iter().filter(|extra| !extra.is_empty()) {
            pieces = overlay(&pieces, extra, text);
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
            Decision::Token(replacement) => edit(replacement, true),
            Decision::Protected => plan.kept.push((piece.start, piece.kind)),
            Decision::Unissued => {
                edit(Arc::from(""), true);
                plan.unissued.push(plan.edits.len() - 1);
            }
        }
        Ok(())
    }

    fn pseudonym(&mut self, kind: Kind, raw: &[u8]) -> Result<Decision, RedactError> {
        let number = kind as usize;
        if let Some(known) = self.cache.get(number).and_then(|cache| cache.get(raw)) {
            return Ok(known.clone());
        }
        let class = Class::of(kind, raw);
        let normalised = normalise(class, raw);
        let decision = if self.inner.is_protected(class, &normalised) {
            Decision::Protected
        } else if self.ahead {
            match self.inner.issued(class, &normalised)? {
                Some(token) => Decision::Token(token),
                None => return Ok(Decision::Unissued),
            }
        } else {
            Decision::Token(self.inner.issue(class, &normalised)?)
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

    fn learned(&self, text: &[u8], known: &[Piece]) -> Vec<Piece> {
        let Some(matcher) = &self.matcher else {
            return Vec::new();
        };
        matcher
            .find(text, known)
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
