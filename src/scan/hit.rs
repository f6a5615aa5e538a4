//! Facts one by one, as they stand in the text: what `extract --format ndjson` prints.

use schemars::JsonSchema;
use serde::Serialize;

use super::bytes::part;
use super::collect::normalise;
use super::stream::Window;
use super::{Evidence, Kind};

/// One sighting of a fact. Secrets are never hits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Hit {
    /// What it is.
    pub kind: Kind,
    /// The value, normalised.
    pub value: String,
    /// The file as named.
    pub file: String,
    /// Line, from 1.
    pub line: u64,
    /// Column in characters, from 1; in bytes when the line began in an earlier window.
    pub column: u64,
    /// How it was recognised.
    pub evidence: Evidence,
}

/// The hits of a window whose first new byte is on line `line` of `file`.
pub fn of_window<'a>(window: &'a Window<'_>, file: &'a str, line: u64) -> impl Iterator<Item = Hit> + 'a {
    let (mut line, mut counted) = (line, window.from);
    window.scan.spans.iter().filter_map(move |span| {
        line += memchr::memchr_iter(b'\n', part(window.text, counted, span.start)).count() as u64;
        counted = counted.max(span.start);
        let value = normalise(span.kind, part(window.text, span.start, span.end))?;
        let start = memchr::memrchr(b'\n', part(window.text, 0, span.start)).map_or(0, |index| index + 1);
        let before = String::from_utf8_lossy(part(window.text, start, span.start));
        Some(Hit {
            kind: span.kind,
            value,
            file: file.to_owned(),
            line,
            column: before.chars().count() as u64 + 1,
            evidence: span.evidence,
        })
    })
}
