//! HTML that cannot be injected into: markup is only what stands in the source code, everything else is text.

use crate::sanitize::terminal;
use std::fmt::Write as _;

/// A document being written.
#[derive(Debug, Default)]
pub(super) struct Markup(String);

impl Markup {
    /// Markup as it stands in the source code; `'static`, so that nothing from outside can come this way.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Text, or the value of an attribute in double quotes.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        // Control characters and bidirectional overrides become visible; they could make text read otherwise.
        for c in terminal(text, true).chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                c => self.0.push(c),
            }
        }
        self
    }

    /// A number of a drawing, with one decimal.
    pub(super) fn number(&mut self, number: f64) -> &mut Self {
        // Writing to a string cannot fail.
        let _ = write!(self.0, "{number:.1}");
        self
    }

    /// What another document holds.
    pub(super) fn append(&mut self, other: &Self) -> &mut Self {
        self.0.push_str(&other.0);
        self
    }

    /// Whether nothing was written.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The document.
    pub(super) fn finish(self) -> String {
        self.0
    }
}
