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

    /// Text of an element: dates are not broken over two lines, and commands of a server's command line stand out.
    pub(super) fn prose(&mut self, text: &str) -> &mut Self {
        let mut after_command = true;
        for line in text.split('\n') {
            let place = line.find("_CLI/").map_or(line.len(), |at| {
                let before = line.get(..at).unwrap_or_default();
                before.rfind(char::is_whitespace).map_or(0, |blank| blank + 1)
            });
            let (words, command) = line.split_at_checked(place).unwrap_or((line, ""));
            if !after_command && (!words.is_empty() || command.is_empty()) {
                self.0.push('\n');
            }
            after_command = !command.is_empty();
            if after_command {
                self.dated(words.trim_end());
                self.raw("<code class=\"command\">").text(command).raw("</code>");
            } else {
                self.dated(words);
            }
        }
        self
    }

    /// Text whose dates (`2026-11-22`, and the time behind one) are kept together.
    fn dated(&mut self, text: &str) {
        let mut rest = text;
        while let Some((start, length)) = first_date(rest) {
            let (before, from) = rest.split_at_checked(start).unwrap_or((rest, ""));
            let (date, after) = from.split_at_checked(length).unwrap_or((from, ""));
            self.text(before)
                .raw("<span class=\"date\">")
                .text(date)
                .raw("</span>");
            rest = after;
        }
        self.text(rest);
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

/// Where the first date of a text begins, and its length in bytes.
fn first_date(text: &str) -> Option<(usize, usize)> {
    const SHAPE: &[u8; 10] = b"0000-00-00";
    let fits = |window: &[u8]| {
        (window.iter().zip(SHAPE)).all(|(byte, shape)| match shape {
            b'0' => byte.is_ascii_digit(),
            shape => byte == shape,
        })
    };
    let start = text.as_bytes().windows(SHAPE.len()).position(fits)?;
    let rest = text.as_bytes().get(start + SHAPE.len()..).unwrap_or_default();
    // `T08:00:00Z` belongs to it; a blank before the time is as good a place to break as any.
    let time = match rest {
        [b'T', digit, ..] if digit.is_ascii_digit() => (rest.iter())
            .position(|byte| !byte.is_ascii_alphanumeric() && *byte != b':')
            .unwrap_or(rest.len()),
        _ => 0,
    };
    Some((start, SHAPE.len() + time))
}

#[cfg(test)]
mod tests {
    use super::Markup;

    fn prose(text: &str) -> String {
        let mut out = Markup::default();
        out.prose(text);
        out.finish()
    }

    #[test]
    fn dates_stay_whole_and_commands_stand_alone() {
        assert_eq!(
            prose("until 2026-11-22, <b> and 2026-11-20T08:00:00Z."),
            "until <span class=\"date\">2026-11-22</span>, &lt;b&gt; and \
             <span class=\"date\">2026-11-20T08:00:00Z</span>."
        );
        assert_eq!(
            prose("Load it: XSP|ADP_CLI/Trusts> updateTrust <file>\nThen go on.\nAnd on."),
            "Load it:<code class=\"command\">XSP|ADP_CLI/Trusts&gt; updateTrust &lt;file&gt;</code>\
             Then go on.\nAnd on."
        );
        assert_eq!(
            prose("ADP_CLI/a\nADP_CLI/b"),
            "<code class=\"command\">ADP_CLI/a</code><code class=\"command\">ADP_CLI/b</code>"
        );
        for plain in ["", "\n", "a\n\nb", "ž2026-1-1", "2026-11-2", "_CLI"] {
            assert_eq!(prose(plain), plain);
        }
    }
}
