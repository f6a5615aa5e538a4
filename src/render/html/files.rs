//! The files of the bundle: what each is, how large, and what is masked in it.

use super::markup::Markup;
use crate::i18n::{Catalog, Message};

/// One file beside the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path in the bundle.
    pub path: String,
    /// What it is, in the language of the page.
    pub what: String,
    /// Its size, if it is known.
    pub bytes: Option<u64>,
    /// It is redacted while it is packed, after the page was written: the size is that before, and what is masked is
    /// not known yet.
    pub later: bool,
    /// What is masked in it: kind and number of values.
    pub masked: Vec<(String, u64)>,
}

pub(super) fn draw(out: &mut Markup, files: &[File], catalog: &Catalog) {
    if files.is_empty() {
        return;
    }
    out.raw("<section aria-labelledby=\"files\"><h2 id=\"files\">")
        .text(&catalog.plain("html-files"));
    out.raw("</h2><div class=\"card\"><table><caption>")
        .text(&catalog.plain("html-files-caption"));
    out.raw("</caption><thead><tr><th scope=\"col\">")
        .text(&catalog.plain("html-file"))
        .raw("</th><th scope=\"col\">")
        .text(&catalog.plain("html-redacted"))
        .raw("</th><th scope=\"col\" class=\"size\">")
        .text(&catalog.plain("html-size"))
        .raw("</th></tr></thead><tbody>");
    for file in files {
        out.raw("<tr><th scope=\"row\"><code>")
            .text(&file.path)
            .raw("</code><small>")
            .text(&file.what)
            .raw("</small></th><td>");
        if file.later {
            out.raw("<span class=\"soft\">")
                .text(&catalog.plain("html-later"))
                .raw("</span>");
        } else if file.masked.is_empty() {
            out.raw("–");
        } else {
            out.raw("<ul>");
            for (kind, count) in &file.masked {
                let words = Message::new("html-masked")
                    .arg("kind", kind.as_str())
                    .arg("count", *count);
                out.raw("<li>").text(&catalog.text(&words)).raw("</li>");
            }
            out.raw("</ul>");
        }
        out.raw("</td><td class=\"size\">")
            .text(&match file.bytes {
                None => "–".to_owned(),
                Some(bytes) if file.later => {
                    catalog.text(&Message::new("html-size-about").arg("size", size(bytes)))
                }
                Some(bytes) => size(bytes),
            })
            .raw("</td></tr>");
    }
    out.raw("</tbody></table></div></section>");
}

/// Begun units, so that nothing reads as empty that is not.
fn size(bytes: u64) -> String {
    match bytes {
        ..=999 => format!("{bytes} B"),
        1000..=999_999 => format!("{} kB", bytes.div_ceil(1000)),
        _ => format!("{} MB", bytes.div_ceil(1_000_000)),
    }
}
