//! What is, or would be, in a bundle: for `inspect` and for the preview before packing.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::wrap;
use crate::bundle::{FileEntry, Manifest};
use crate::cli::printer::Palette;
use crate::i18n::{Catalog, Message};
use crate::sanitize::terminal;

/// A size as people read it: whole bytes, KiB, MiB or GiB (powers of 1024).
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["B", "KiB", "MiB", "GiB"];
    let mut unit = 0;
    let mut value = bytes;
    while value >= 10 * 1024 && unit + 1 < UNITS.len() {
        // Rounded up: a size limit must not be met by a lucky cut.
        value = value.div_ceil(1024);
        unit += 1;
    }
    format!("{value} {}", UNITS.get(unit).copied().unwrap_or_default())
}

/// Counts by kind: `password 3, email 12`. The kinds are the words of the JSON.
pub fn counts(counts: &BTreeMap<String, u64>) -> String {
    let words: Vec<String> = counts
        .iter()
        .map(|(kind, count)| format!("{} {count}", terminal(kind, false)))
        .collect();
    words.join(", ")
}

/// Name, program, time, machine.
pub fn head(manifest: &Manifest, catalog: &Catalog, palette: Palette) -> String {
    let strong = palette.strong();
    let made = Message::new("bundle-made")
        .arg("tool", manifest.tool.name.as_str())
        .arg("version", manifest.tool.version.as_str())
        .arg("made", manifest.created_at.as_str())
        .arg("os", manifest.platform.os.as_str());
    format!(
        "{strong}{}{strong:#}\n{}\n",
        terminal(&manifest.name, false),
        terminal(&catalog.text(&made), false)
    )
}

/// Every file with its size, what was masked in it and why it is there; then what is missing, and the sums.
pub fn contents(manifest: &Manifest, catalog: &Catalog, palette: Palette, width: usize) -> String {
    let mut out = heading(
        &Message::new("bundle-contents")
            .arg("count", manifest.files.len())
            .arg("size", size(manifest.files.iter().map(|file| file.bytes).sum())),
        catalog,
        palette,
    );
    let (widest, sizes) = columns(&manifest.files, width);
    for file in &manifest.files {
        line(&mut out, file, widest, sizes, catalog);
    }
    let gaps: Vec<_> = manifest.gaps().collect();
    if !gaps.is_empty() {
        out.push('\n');
        out.push_str(&heading(&Message::new("bundle-gaps"), catalog, palette));
        for (path, status, reason) in gaps {
            let words = Message::new("bundle-gap")
                .arg("path", path)
                .arg("status", status.as_str())
                .arg("reason", reason);
            wrap::hanging(&mut out, "  ", &terminal(&catalog.text(&words), false), width);
        }
    }
    for (key, sums) in [
        ("bundle-masked", &manifest.redactions),
        ("bundle-kept", &manifest.protected),
    ] {
        if !sums.is_empty() {
            out.push('\n');
            out.push_str(&heading(&Message::new(key), catalog, palette));
            wrap::hanging(&mut out, "  ", &counts(sums), width);
        }
    }
    out
}

fn heading(message: &Message, catalog: &Catalog, palette: Palette) -> String {
    let strong = palette.strong();
    format!("{strong}{}{strong:#}\n", catalog.text(message))
}

/// Columns of the path and of the size.
fn columns(files: &[FileEntry], width: usize) -> (usize, usize) {
    let widest = |lengths: &mut dyn Iterator<Item = usize>| lengths.max().unwrap_or_default();
    let paths = widest(&mut files.iter().map(|file| terminal(&file.path, false).width()));
    let sizes = widest(&mut files.iter().map(|file| size(file.bytes).len()));
    (paths.min(width / 2), sizes)
}

fn line(out: &mut String, file: &FileEntry, widest: usize, sizes: usize, catalog: &Catalog) {
    let path = terminal(&file.path, false);
    let blanks = " ".repeat(widest.saturating_sub(path.width()));
    let bytes = size(file.bytes);
    let masked: u64 = file.redactions.total();
    let note = if file.unscanned {
        catalog.plain("bundle-unscanned")
    } else if masked > 0 {
        catalog.text(&Message::new("bundle-masked-count").arg("count", masked))
    } else {
        String::new()
    };
    let _ = write!(out, "  {path}{blanks}  {bytes:>sizes$}  {note}");
    out.truncate(out.trim_end_matches(' ').len());
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_rounded_up_and_never_long() {
        assert_eq!(size(0), "0 B");
        assert_eq!(size(10_239), "10239 B");
        assert_eq!(size(10_240), "10 KiB");
        assert_eq!(size(10_241), "11 KiB");
        assert_eq!(size(256 << 20), "256 MiB");
        assert_eq!(size(u64::MAX), "17179869184 GiB");
    }
}
