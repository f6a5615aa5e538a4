//! What a redaction would change, line by line.

use std::io::Read;
use std::ops::Range;

use super::content::{Counts, RedactError};
use super::engine::{Edit, Plan};
use super::policy::is_secret;
use super::redactor::Redactor;
use super::window::Window;
use crate::scan::Kind;

/// Characters of unchanged text shown on each side of a value.
const AROUND: usize = 40;

/// A line that would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1.
    pub number: u64,
    /// Its text in order.
    pub parts: Vec<Part>,
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Unchanged, shortened where it is long.
    Text(String),
    /// A value that would be replaced.
    Value {
        /// What it is.
        kind: Kind,
        /// The value, unless it is a secret.
        original: Option<String>,
        /// What would stand in its place.
        replacement: String,
    },
}

impl Redactor {
    /// Hands every line that would change to `each`, until it says `false`. Nothing is recorded in the private map.
    ///
    /// # Errors
    /// When the source cannot be read or is not text.
    pub fn preview(
        &self,
        reader: impl Read,
        each: &mut dyn FnMut(&Line) -> bool,
    ) -> Result<Counts, RedactError> {
        let (mut window, mut engine) = (Window::new(reader), self.engine());
        let mut counts = Counts::default();
        let mut number = 1;
        while let Some(step) = window.step(&mut |text| engine.plan(text))? {
            count(&step.plan, &mut counts);
            if !lines(window.text(), step.range, &step.plan.edits, &mut number, each) {
                break;
            }
        }
        Ok(counts)
    }
}

fn count(plan: &Plan, counts: &mut Counts) {
    for edit in plan.edits.iter().filter(|edit| !edit.replacement.is_empty()) {
        *counts.redacted.entry(edit.kind).or_default() += 1;
    }
    for (_, kind) in &plan.kept {
        *counts.kept.entry(*kind).or_default() += 1;
    }
}

fn lines(
    text: &[u8],
    range: Range<usize>,
    edits: &[Edit],
    number: &mut u64,
    each: &mut dyn FnMut(&Line) -> bool,
) -> bool {
    let mut at = range.start;
    let mut rest = edits.iter().peekable();
    while let Some(edit) = rest.next() {
        let before = &text[at..edit.start];
        *number += newlines(before);
        let start = memchr::memrchr(b'\n', before).map_or(at, |position| at + position + 1);
        let mut line = Line {
            number: *number,
            parts: Vec::new(),
        };
        push(&mut line, text, start, edit);
        *number += newlines(&text[edit.start..edit.end]);
        at = edit.end;
        // Values of the same line.
        while let Some(next) = rest.peek()
            && !text[at..next.start].contains(&b'\n')
        {
            push(&mut line, text, at, next);
            *number += newlines(&text[next.start..next.end]);
            at = next.end;
            rest.next();
        }
        let end = memchr::memchr(b'\n', &text[at..range.end]).map_or(range.end, |position| at + position);
        line.parts.push(Part::Text(shorten(&text[at..end])));
        at = end;
        if !each(&line) {
            return false;
        }
    }
    *number += newlines(&text[at..range.end]);
    true
}

fn push(line: &mut Line, text: &[u8], from: usize, edit: &Edit) {
    line.parts.push(Part::Text(shorten(&text[from..edit.start])));
    let original = || String::from_utf8_lossy(&text[edit.start..edit.end]).into_owned();
    line.parts.push(Part::Value {
        kind: edit.kind,
        original: edit.reversible.then(original).filter(|_| !is_secret(edit.kind)),
        replacement: edit.replacement.to_string(),
    });
}

fn newlines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text)
        .count()
        .try_into()
        .unwrap_or(u64::MAX)
}

/// The text, with the middle left out when it is long.
fn shorten(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let text = text.trim_end_matches('\r');
    let count = text.chars().count();
    if count <= 2 * AROUND + 1 {
        return text.to_owned();
    }
    let head: String = text.chars().take(AROUND).collect();
    let tail: String = text.chars().skip(count - AROUND).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::{Line, Part};
    use crate::redact::{Policy, Protected, Redactor, SiteKey};

    #[test]
    fn changed_lines_with_their_numbers() {
        let redactor = Redactor::new(Policy::default(), SiteKey::of_tests(), Protected::none());
        let text = "one\r\ntwo ana@example.com and ivo@example.com end\r\nthree\npassword=Gr4nite-Moss\n";
        let mut seen: Vec<Line> = Vec::new();
        let counts = redactor
            .preview(text.as_bytes(), &mut |line| {
                seen.push(line.clone());
                true
            })
            .unwrap();
        assert_eq!(counts.total(), 3);
        assert_eq!(seen.iter().map(|line| line.number).collect::<Vec<_>>(), [2, 4]);
        assert_eq!(seen[0].parts.len(), 5);
        assert!(
            matches!(&seen[0].parts[1], Part::Value { original: Some(text), .. } if text == "ana@example.com")
        );
        assert_eq!(seen[0].parts[4], Part::Text(" end".to_owned()));
        assert!(matches!(&seen[1].parts[1], Part::Value { original: None, .. }));
    }
}
