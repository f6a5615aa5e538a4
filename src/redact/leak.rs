//! A second look at what is about to leave, or has been packed: secrets and personal data that are still readable.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::content::RedactError;
use super::engine::{Edit, Plan};
use super::escaped;
use super::finds::{Piece, add_key, is_ours, of_spans, scanned, with_table};
use super::parts;
use super::pem;
use super::policy::{Action, Policy, is_secret};
use super::window::Window;
use crate::scan::{self, Kind};

/// What is still readable, by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Leaks {
    /// Secrets: none may be left.
    pub secrets: BTreeMap<Kind, u64>,
    /// Personal data in clear text. The case's own user is evidence and counts as well: only whoever made the
    /// bundle knows who that is.
    pub personal: BTreeMap<Kind, u64>,
}

impl Leaks {
    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty() && self.personal.is_empty()
    }

    /// Adds another file's leaks.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in [
            (&mut self.secrets, &other.secrets),
            (&mut self.personal, &other.personal),
        ] {
            for (kind, count) in theirs {
                *mine.entry(*kind).or_default() += count;
            }
        }
    }
}

/// Looks for what should not be there.
///
/// # Errors
/// When the bytes are not text, so that nothing can be said about them.
pub fn scan(bytes: &[u8]) -> Result<Leaks, RedactError> {
    let mut leaks = Leaks::default();
    each(bytes, &|text| scanned(text), 1, |kind| {
        let counts = if is_secret(kind) {
            &mut leaks.secrets
        } else {
            &mut leaks.personal
        };
        *counts.entry(kind).or_default() += 1;
    })?;
    Ok(leaks)
}

/// Looks for secrets alone, while reading, with constant memory and on as many `threads`.
///
/// # Errors
/// When it cannot be read or is not text.
pub fn secrets(reader: impl Read, threads: usize) -> Result<BTreeMap<Kind, u64>, RedactError> {
    let mut secrets = BTreeMap::new();
    each(reader, &|text| suspected(text), threads, |kind| {
        if is_secret(kind) {
            *secrets.entry(kind).or_default() += 1;
        }
    })?;
    Ok(secrets)
}

/// What the scan finds in a text, if there may be a secret in it that is not masked; else nothing.
fn suspected(text: &[u8]) -> Vec<Piece> {
    let mut suspects = of_spans(text, &scan::suspects(text));
    for key in pem::keys(text) {
        add_key(&mut suspects, key);
    }
    // As though every `@` had been found: what its escapes hide is an address, not a secret.
    let everything = 0..text.len();
    suspects.extend(escaped::finds(text, &[everything]).iter().map(Piece::of));
    if suspects
        .iter()
        .any(|find| is_secret(find.kind) && !is_ours(text, find))
    {
        return scanned(text);
    }
    Vec::new()
}

/// Calls `leak` for the kind of everything that is found and is neither evidence nor what a redaction wrote.
fn each(
    reader: impl Read,
    find: &(impl Fn(&[u8]) -> Vec<Piece> + Sync),
    threads: usize,
    mut leak: impl FnMut(Kind),
) -> Result<(), RedactError> {
    let policy = Policy::default();
    let mut window = Window::new(reader);
    while let Some(step) = window.step(&mut |text| Ok(finds(&policy, text, threads, find)))? {
        step.plan.edits.iter().for_each(|edit| leak(edit.kind));
    }
    Ok(())
}

fn finds(policy: &Policy, text: &[u8], threads: usize, find: &(impl Fn(&[u8]) -> Vec<Piece> + Sync)) -> Plan {
    let nothing: Arc<str> = Arc::from("");
    let [found] = parts::each(text, threads, |part| [find(part)]);
    let edits = with_table(found, text)
        .into_iter()
        .filter(|find| policy.action(find.kind) != Action::Keep && !is_ours(text, find))
        .map(|find| Edit {
            start: find.start,
            end: find.end,
            kind: find.kind,
            replacement: Arc::clone(&nothing),
            reversible: false,
        })
        .collect();
    Plan {
        edits,
        ..Plan::default()
    }
}
