//! Roots that are in trust stores, but from which browsers accept no certificates issued after a day: path validation
//! alone does not see it. A small dated table (`distrust.toml`), each line with its source.

use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::Deserialize;

use super::cert::Certificate;

/// One decision about one root.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The root's name, for people.
    pub name: String,
    /// SHA-256 of the root certificate, lower-case hexadecimal.
    pub sha256: String,
    /// The last day (UTC, `YYYY-MM-DD`) on which a certificate may have been issued.
    pub after: String,
    /// Whose decision: `Chrome`, `Mozilla`.
    pub program: String,
    /// Where it is written.
    pub source: String,
}

impl Entry {
    /// Whether the certificate was issued too late. Chrome goes by the earliest time stamp of the transparency logs,
    /// which public CAs fetch when they issue.
    pub fn applies_to(&self, leaf: &Certificate) -> bool {
        NaiveDate::parse_from_str(&self.after, "%Y-%m-%d")
            .is_ok_and(|after| leaf.not_before().date_naive() > after)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// When the table was last compared with its sources.
    #[expect(dead_code, reason = "for the reader of the file")]
    reviewed: String,
    root: Vec<Entry>,
}

/// The table as compiled in.
pub fn table() -> &'static [Entry] {
    static TABLE: LazyLock<Vec<Entry>> = LazyLock::new(|| {
        // A file that does not parse fails the test below.
        toml::from_str::<Table>(include_str!("distrust.toml"))
            .map(|table| table.root)
            .unwrap_or_default()
    });
    &TABLE
}

#[cfg(test)]
mod tests {
    use super::table;
    use crate::x509::{Certificate, Store};

    #[test]
    fn every_line_is_complete() {
        assert!(table().len() >= 15);
        for entry in table() {
            assert!(
                chrono::NaiveDate::parse_from_str(&entry.after, "%Y-%m-%d").is_ok(),
                "{entry:?}"
            );
            assert!(
                entry.sha256.len() == 64
                    && entry
                        .sha256
                        .bytes()
                        .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)),
                "{entry:?}"
            );
            assert!(entry.source.starts_with("https://"), "{entry:?}");
        }
    }

    #[test]
    fn roots_still_compiled_in_are_known_by_their_names() {
        let anchors: Vec<Certificate> = Store::mozilla()
            .anchors()
            .iter()
            .map(|der| Certificate::parse(der))
            .collect();
        let found: Vec<(&str, &str)> = table()
            .iter()
            .filter_map(|entry| {
                let anchor = anchors
                    .iter()
                    .find(|anchor| anchor.facts().sha256 == entry.sha256)?;
                Some((entry.name.as_str(), anchor.display_name()))
            })
            .collect();
        assert!(!found.is_empty());
        for (name, real) in found {
            assert_eq!(name, real);
        }
    }
}
