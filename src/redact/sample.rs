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
        if self.has_enough(edit.kind) {
            return;
        }
        self.push(Sample {
            kind: edit.kind,
            hint: hint(edit.kind, raw),
            replacement: edit.replacement.to_string(),
        });
    }

    /// Adds those of the text behind.
    pub(super) fn append(&mut self, others: Self) {
        for sample in others.samples {
            if !self.has_enough(sample.kind) {
                self.push(sample);
            }
        }
    }

    fn has_enough(&self, kind: Kind) -> bool {
        let same_kind = self.samples.iter().filter(|sample| sample.kind == kind);
        same_kind.count() >= PER_KIND
    }

    fn push(&mut self, new: Sample) {
        let same = |sample: &Sample| {
            sample.kind == new.kind && sample.hint == new.hint && sample.replacement == new.replacement
        };
        if !self.samples.iter().any(same) {
            self.samples.push(new);
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
