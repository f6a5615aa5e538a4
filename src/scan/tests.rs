//! Samples written for these tests: labels in five languages, shapes that look alike, secrets in every wrapping.

use super::{Kind, Span, spans};

mod differential;
mod facts;
mod loose;
mod people;
mod private;
mod properties;
mod prose;
mod spoken;

const U: &str = "0a1b2c3d-1111-2222-3333-444455556666";
const V: &str = "fedcba98-aaaa-bbbb-cccc-0123456789ab";

fn found(text: &str) -> Vec<(Kind, String)> {
    let spans = spans(text.as_bytes());
    check(text.as_bytes(), &spans);
    spans
        .iter()
        .map(|span| (span.kind, text[span.start..span.end].to_owned()))
        .collect()
}

pub(super) fn check(text: &[u8], spans: &[Span]) {
    let mut last = 0;
    for span in spans {
        assert!(
            span.start >= last && span.start < span.end && span.end <= text.len(),
            "{span:?}"
        );
        last = span.end;
    }
}

/// All values of one kind.
fn of(kind: Kind, text: &str) -> Vec<String> {
    found(text)
        .into_iter()
        .filter(|(found, _)| *found == kind)
        .map(|(_, value)| value)
        .collect()
}

#[track_caller]
fn only(kind: Kind, text: &str, values: &[&str]) {
    assert_eq!(
        of(kind, text),
        values,
        "{kind:?} in: {text}\nall: {:?}",
        found(text)
    );
}
