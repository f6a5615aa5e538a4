//! BroadWorks releases and how long they are supported: `data/releases.toml`.

use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::Deserialize;

/// The embedded table.
static EMBEDDED: LazyLock<Releases> =
    // A table that does not parse fails the test in this module; then nothing is known of any release.
    LazyLock::new(|| toml::from_str(include_str!("data/releases.toml")).unwrap_or_default());

/// What is known of BroadWorks releases.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Releases {
    /// The day the table was last brought up to date.
    pub dated: NaiveDate,
    /// The current major release.
    pub current: u16,
    /// How many major releases are supported, the current one included.
    pub supported: u16,
    /// What is known of single releases.
    pub release: Vec<Release>,
    /// Patches that Webex for BroadWorks needs.
    pub patch: Vec<Patch>,
}

/// One major release.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// `24`
    pub major: u16,
    /// The last day of maintenance, if announced.
    pub maintenance_ends: Option<NaiveDate>,
}

/// A patch that Webex for BroadWorks needs on a server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    /// `as`
    pub server: String,
    /// The major release it is for.
    pub major: u16,
    /// `AP.as.24.0.944.ap384177`
    pub name: String,
    /// What needs it: `flow-through`.
    pub purpose: String,
    /// Where that is documented.
    pub source: String,
}

impl Releases {
    /// The embedded table.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// The oldest major release that the N-2 rule still covers.
    pub fn oldest_supported(&self) -> u16 {
        self.current.saturating_sub(self.supported.saturating_sub(1))
    }

    /// The announced last day of maintenance.
    pub fn maintenance_ends(&self, major: u16) -> Option<NaiveDate> {
        self.release
            .iter()
            .find(|release| release.major == major)
            .and_then(|release| release.maintenance_ends)
    }
}

#[cfg(test)]
mod tests {
    use super::Releases;

    #[test]
    fn the_table_parses_and_is_consistent() {
        let table: Releases = toml::from_str(include_str!("data/releases.toml")).unwrap();
        assert_eq!(&table, Releases::embedded());
        assert_eq!(table.oldest_supported(), table.current - 2);
        assert!(table.release.iter().any(|release| release.major == table.current));
        assert!(table.release.is_sorted_by_key(|release| release.major));
    }
}
