//! The page at `/`: where to go from here, and how many targets answer.

use std::fmt::Write as _;

use super::hub::Hub;
use crate::i18n::{Catalog, Message};

/// One small page, complete in itself.
pub(super) fn html(hub: &Hub, catalog: &Catalog) -> String {
    let current = hub.current();
    let seen: Vec<_> = current.watched.values().map(|watched| watched.seen()).collect();
    let answer = seen
        .iter()
        .filter(|seen| seen.rows.iter().any(|row| row.reachable))
        .count();
    let text = |message: &Message| escape(&catalog.text(message));
    let count = text(
        &Message::new("exporter-page-targets")
            .arg("count", seen.len())
            .arg("answering", answer),
    );
    let title = text(&Message::new("exporter-page-title").arg("version", env!("CARGO_PKG_VERSION")));
    let mut links = String::new();
    for (path, key) in [
        ("metrics", "exporter-page-metrics"),
        ("sd", "exporter-page-sd"),
        ("-/healthy", "exporter-page-healthy"),
        ("-/ready", "exporter-page-ready"),
    ] {
        let words = text(&Message::new(key));
        let _ = writeln!(
            links,
            "<li><a href=\"{path}\"><code>/{path}</code></a> {words}</li>"
        );
    }
    let probe = text(&Message::new("exporter-page-probe"));
    let lang = catalog.lang().tag();
    format!(
        "<!doctype html>\n<html lang=\"{lang}\"><head><meta charset=\"utf-8\"><title>{title}</title>\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <style>body{{font:1rem/1.5 sans-serif;margin:2rem auto;max-width:44rem;padding:0 1rem}}</style></head>\n\
         <body><h1>{title}</h1>\n<p>{count}</p>\n<ul>\n{links}\
         <li><code>/probe?target=…&amp;module=https|cti|auth</code> {probe}</li>\n</ul></body></html>\n"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
