//! What a scan found, each fact once: the `data` of `extract`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Evidence;

pub use super::collect::Collector;

/// Facts by kind, in the order of first appearance.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Inventory {
    /// Webex tracking IDs.
    pub tracking_ids: Vec<Entry>,
    /// Organisation IDs; the same organisation in three forms is one entry.
    pub org_ids: Vec<Entry>,
    /// Webex user and person IDs.
    pub user_ids: Vec<Entry>,
    /// E-mail addresses.
    pub emails: Vec<Entry>,
    /// BroadWorks user IDs.
    pub broadworks_user_ids: Vec<Entry>,
    /// Webex App, client and SDK versions.
    pub client_versions: Vec<Entry>,
    /// BroadWorks releases and patches.
    pub broadworks_releases: Vec<Entry>,
    /// Control Hub builds.
    pub control_hub_builds: Vec<Entry>,
    /// Error codes.
    pub error_codes: Vec<Entry>,
    /// Device IDs.
    pub device_ids: Vec<Entry>,
    /// SIP Call-IDs.
    pub call_ids: Vec<Entry>,
    /// First and last time stamp near an error; of all lines when no line looks like an error.
    pub time_frame: Option<TimeFrame>,
    /// Sightings of values that were not kept because there were too many different ones.
    pub omitted: u64,
    /// What was read.
    pub files: Vec<FileSummary>,
    /// How many more values there are than a list holds, by the name of the list: a case's report has the first of each.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<String, u64>,
}

impl Inventory {
    /// The first `most` of every list.
    #[must_use]
    pub fn shortened(&self, most: usize) -> Self {
        let mut left_out = self.left_out.clone();
        let mut first = |name: &str, entries: &[Entry]| first(most, name, entries, &mut left_out);
        Self {
            tracking_ids: first("tracking_ids", &self.tracking_ids),
            org_ids: first("org_ids", &self.org_ids),
            user_ids: first("user_ids", &self.user_ids),
            emails: first("emails", &self.emails),
            broadworks_user_ids: first("broadworks_user_ids", &self.broadworks_user_ids),
            client_versions: first("client_versions", &self.client_versions),
            broadworks_releases: first("broadworks_releases", &self.broadworks_releases),
            control_hub_builds: first("control_hub_builds", &self.control_hub_builds),
            error_codes: first("error_codes", &self.error_codes),
            device_ids: first("device_ids", &self.device_ids),
            call_ids: first("call_ids", &self.call_ids),
            time_frame: self.time_frame,
            omitted: self.omitted,
            files: self::first(most, "files", &self.files, &mut left_out),
            left_out,
        }
    }
}

/// The first `most` of a list; how many more there are is added to `left_out` under its name.
pub(crate) fn first<T: Clone>(
    most: usize,
    name: &str,
    list: &[T],
    left_out: &mut BTreeMap<String, u64>,
) -> Vec<T> {
    if let Some(more) = list.len().checked_sub(most).filter(|more| *more > 0) {
        *left_out.entry(name.to_owned()).or_default() += more as u64;
    }
    list.iter().take(most).cloned().collect()
}

/// One fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// The value, normalised (an organisation ID is a lower-case dashed UUID).
    pub value: String,
    /// How often it was seen, in all its forms.
    pub count: u64,
    /// Where first.
    pub first: Place,
    /// How it was recognised.
    pub evidence: Evidence,
    /// The label beside it, as it stood there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// `customer|partner|unknown` of an organisation, `user|other` of an e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The 32 lower-case digits of a tracking ID that has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hex: Option<String>,
    /// The prefix of a tracking ID (`ATLAS`, `ROUTER`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// The base64 API id, when it came so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoded: Option<String>,
    /// The text that came with an error code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The time stamp of the line where it was first seen, if it has one. Of a tracking ID or an error code else that of the
    /// last line above with one, at most eight lines away, of the first sighting that has such a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime<Utc>>,
}

/// A place in the input; line and column start at 1, the column counts characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// The file as named, `-` for standard input, `archive.zip!member` inside an archive.
    pub file: String,
    /// Line.
    pub line: u64,
    /// Column.
    pub column: u64,
}

/// First and last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TimeFrame {
    /// The first instant.
    pub first: DateTime<Utc>,
    /// The last instant.
    pub last: DateTime<Utc>,
}

/// One file that was read, or could not be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FileSummary {
    /// Its name.
    pub file: String,
    /// Bytes of text that were scanned.
    pub bytes: u64,
    /// Lines.
    pub lines: u64,
    /// The encoding, WHATWG name.
    pub encoding: String,
    /// Why it was not read, or not to its end (in the language of the report).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}
