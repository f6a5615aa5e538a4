//! A few redactions of each kind, for the preview: enough to recognise them, not enough to use them.

use super::content::Sample;
use super::engine::Edit;
use super::policy::is_secret;
use crate::scan::Kind;

/// Samples of one kind.
const PER_KIND: usize = 3;
/// Characters of a value that a hint may show at each end.
const SHOWN: usize = 2;

/// Collects the first few different values of each kind.
#[derive(Debug, Default)]
pub(super) struct Samples {
    samples: Vec<Sample>,
}

impl Samples {
    pub(super) fn add(&mut self, edit: &Edit, raw: &[u8]) {
        let same_kind = self.samples.iter().filter(|sample| sample.kind == edit.kind);
        if same_kind.clone().count() >= PER_KIND {
            return;
        }
        let hint = hint(edit.kind, raw);
        let known = self.samples.iter().any(|sample| {
            sample.kind == edit.kind && sample.hint == hint && *sample.replacement == *edit.replacement
        });
        if !known {
            self.samples.push(Sample {
                kind: edit.kind,
                hint,
                replacement: edit.replacement.to_string(),
            });
        }
    }

    pub(super) fn as_slice(&self) -> &[Sample] {
        &self.samples
    }

    pub(super) fn into_vec(self) -> Vec<Sample> {
        self.samples
    }
}

/// A value with most of it hidden. Of secrets only the length is told.
pub(super) fn hint(kind: Kind, raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let count = text.chars().count();
    if is_secret(kind) || kind == Kind::Custom {
        return format!("({count})");
    }
    if let Some((local, domain)) = text.split_once('@') {
        return format!("{}@{}", ends(local, 1), ends(domain, SHOWN));
    }
    ends(&text, SHOWN)
}

fn ends(text: &str, shown: usize) -> String {
    let count = text.chars().count();
    if count <= 2 * shown + 1 {
        return "…".to_owned();
    }
    let head: String = text.chars().take(shown).collect();
    let tail: String = text.chars().skip(count - shown).collect();
    format!("{head}…{tail}")
}
