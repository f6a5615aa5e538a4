//! A second look at what is about to leave, or has been packed: secrets and personal data that are still readable.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::content::RedactError;
use super::engine::{self, Edit, Plan};
use super::policy::{Action, Policy, is_secret};
use super::window::Window;
use crate::scan::Kind;

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
    scan_reader(bytes, 1)
}

/// The same while reading, with constant memory and on as many `threads`.
///
/// # Errors
/// When it cannot be read or is not text.
pub fn scan_reader(reader: impl Read, threads: usize) -> Result<Leaks, RedactError> {
    let policy = Policy::default();
    let mut leaks = Leaks::default();
    let mut window = Window::new(reader);
    while let Some(step) = window.step(&mut |text| Ok(finds(&policy, text, threads)))? {
        for edit in step.plan.edits {
            let counts = if is_secret(edit.kind) {
                &mut leaks.secrets
            } else {
                &mut leaks.personal
            };
            *counts.entry(edit.kind).or_default() += 1;
        }
    }
    Ok(leaks)
}

fn finds(policy: &Policy, text: &[u8], threads: usize) -> Plan {
    let nothing: Arc<str> = Arc::from("");
    let edits = engine::finds(text, threads)
        .into_iter()
        .filter(|find| policy.action(find.kind) != Action::Keep && !engine::is_ours(text, find))
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
        kept: Vec::new(),
    }
}
