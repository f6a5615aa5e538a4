//! `README.txt` of a bundle: what it is and how to read it, in the chosen language and in English.

use std::fmt::Write as _;

use crate::i18n::{Catalog, Lang, Message};
use crate::render::wrap;

/// Columns.
const WIDTH: usize = 78;

/// The parts that are explained, in the order in which a reader should open them.
const PARTS: [(&str, &str); 13] = [
    ("report", "report.html"),
    ("request", "service-request.txt"),
    ("markdown", "service-request.md"),
    ("data", "report.json"),
    ("manifest", "manifest.json"),
    ("status", "status/"),
    ("tls", "tls/"),
    ("trust", "trust/"),
    ("text", "text/"),
    ("logs", "logs/"),
    ("users", "users/"),
    ("attachments", "attachments/"),
    ("notes", "*.withheld.txt, *.err.txt"),
];

/// The text.
pub(super) fn text(
    name: &str,
    paths: &[&str],
    recipients: &[String],
    [catalog, english]: [&Catalog; 2],
) -> String {
    let mut out = String::new();
    one(&mut out, name, paths, recipients, catalog);
    if catalog.lang() != Lang::En {
        let _ = writeln!(out, "\n{}\n", "=".repeat(WIDTH));
        one(&mut out, name, paths, recipients, english);
    }
    out
}

/// Whether the bundle has this part; a directory when a file is in it.
fn is_there(part: &str, path: &str, paths: &[&str]) -> bool {
    matches!(part, "manifest" | "notes")
        || paths
            .iter()
            .any(|given| *given == path || (path.ends_with('/') && given.starts_with(path)))
}

fn one(out: &mut String, name: &str, paths: &[&str], recipients: &[String], catalog: &Catalog) {
    let title = catalog.text(&Message::new("bundle-readme-title").arg("name", name));
    let _ = writeln!(out, "{title}\n");
    wrap::hanging(out, "", &catalog.plain("bundle-readme-intro"), WIDTH);
    out.push('\n');
    for (part, path) in PARTS
        .into_iter()
        .filter(|(part, path)| is_there(part, path, paths))
    {
        let words = catalog.text(&Message::new("bundle-readme-part").arg("part", part));
        let _ = writeln!(out, "{path}");
        wrap::hanging(out, "    ", &words, WIDTH);
    }
    out.push('\n');
    wrap::hanging(out, "", &catalog.plain("bundle-readme-private"), WIDTH);
    out.push('\n');
    wrap::hanging(out, "", &catalog.plain("bundle-readme-check"), WIDTH);
    if recipients.is_empty() {
        return;
    }
    out.push('\n');
    let who = Message::new("bundle-readme-encrypted").arg("count", recipients.len());
    wrap::hanging(out, "", &catalog.text(&who), WIDTH);
    for recipient in recipients {
        let _ = writeln!(out, "    {recipient}");
    }
    wrap::hanging(out, "", &catalog.plain("bundle-readme-encrypted-how"), WIDTH);
    let _ = writeln!(
        out,
        "    age --decrypt --identity KEY --output {name}.zip {name}.zip.age"
    );
}
