//! What a bundle would share: every file, why, how large, and what is masked in it.

use std::fmt::Write as _;

use super::wrap;
use crate::cli::printer::Palette;
use crate::i18n::{Catalog, Message};
use crate::redact::{Counts, Sample};
use crate::report::Severity;
use crate::sanitize::terminal;

/// Samples shown of one file.
const SAMPLES: usize = 3;

/// One file.
#[derive(Debug)]
pub struct Row {
    /// Where it would be in the bundle.
    pub path: String,
    /// Why it is collected.
    pub why: Message,
    /// Bytes, redacted.
    pub bytes: u64,
    /// Redactions by kind.
    pub counts: Counts,
    /// What is masked, as it would look.
    pub samples: Vec<Sample>,
    /// Why it would be left out.
    pub withheld: Option<Message>,
}

/// The whole list with its sum.
pub fn page(rows: &[Row], catalog: &Catalog, palette: Palette, width: usize) -> String {
    let strong = palette.strong();
    let faint = palette.faint();
    let mut out = format!("{strong}{}{strong:#}\n", catalog.plain("preview-title"));
    for row in rows {
        let head = Message::new("preview-file")
            .arg("path", terminal(&row.path, false))
            .arg("kilobytes", row.bytes.div_ceil(1000));
        let _ = writeln!(out, "\n{strong}{}{strong:#}", catalog.text(&head));
        wrap::hanging(&mut out, "    ", &catalog.text(&row.why), width);
        if let Some(reason) = &row.withheld {
            let style = palette.severity(Severity::Warning);
            let text = catalog.text(&Message::new("preview-withheld").arg("reason", reason.clone()));
            let _ = writeln!(out, "    {style}{}{style:#}", terminal(&text, false));
        }
        for (kind, count) in &row.counts.redacted {
            let kind = crate::bundle::kind_word(*kind);
            let line = Message::new("preview-redacted")
                .arg("kind", kind)
                .arg("count", *count);
            let _ = writeln!(out, "    {}", catalog.text(&line));
        }
        for sample in row.samples.iter().take(SAMPLES) {
            let line = format!("{} → {}", sample.hint, sample.replacement);
            let _ = writeln!(out, "    {faint}{}{faint:#}", terminal(&line, false));
        }
    }
    out.push('\n');
    wrap::hanging(&mut out, "", &catalog.plain("preview-also"), width);
    let total = Message::new("preview-total")
        .arg("files", rows.len())
        .arg(
            "kilobytes",
            rows.iter().map(|row| row.bytes).sum::<u64>().div_ceil(1000),
        )
        .arg(
            "redactions",
            rows.iter()
                .map(|row| row.counts.redacted.values().sum::<u64>())
                .sum::<u64>(),
        );
    let _ = writeln!(out, "\n{}", catalog.text(&total));
    out
}
