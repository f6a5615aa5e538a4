//! Counts by kind, small: a manifest has two of them for each of its files, and most have one entry or none.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How many of each kind, in the order of their words; in JSON an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ByKind(Box<[(Box<str>, u64)]>);

impl ByKind {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Kinds and counts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(kind, count)| (&**kind, *count))
    }

    /// All of them together.
    pub fn total(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }
}

impl From<BTreeMap<String, u64>> for ByKind {
    fn from(counts: BTreeMap<String, u64>) -> Self {
        Self(
            counts
                .into_iter()
                .map(|(kind, count)| (kind.into(), count))
                .collect(),
        )
    }
}

impl Serialize for ByKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for ByKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::<String, u64>::deserialize(deserializer).map(Self::from)
    }
}
