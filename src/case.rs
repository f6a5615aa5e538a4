//! What is known of one case: the facts that a service request needs, from flags, configuration and the scan.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scan::{TimeFrame, inventory};

/// The facts of a case. More than one customer organisation or user is a contradiction that a rule points out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Facts {
    /// The service provider's name.
    pub provider: Option<String>,
    /// Customer organisation IDs, lower-case dashed.
    pub customer_orgs: Vec<Fact>,
    /// Partner organisation IDs.
    pub partner_orgs: Vec<Fact>,
    /// Organisation IDs of unknown role.
    pub other_orgs: Vec<Fact>,
    /// Customer organisation IDs of the input that differ from the one that a person gave.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub set_aside_orgs: Vec<Fact>,
    /// Tracking IDs as written.
    pub tracking_ids: Vec<Fact>,
    /// The affected user's e-mail.
    pub user_emails: Vec<Fact>,
    /// Webex user IDs.
    pub user_ids: Vec<Fact>,
    /// BroadWorks user IDs.
    pub broadworks_user_ids: Vec<Fact>,
    /// Webex App versions.
    pub client_versions: Vec<Fact>,
    /// BroadWorks releases; `label` is the server's role.
    pub broadworks_releases: Vec<Fact>,
    /// Control Hub builds.
    pub control_hub_builds: Vec<Fact>,
    /// Error codes; `text` is the text as shown.
    pub error_codes: Vec<Fact>,
    /// When it happened.
    pub time_frame: Option<TimeFrame>,
    /// How many more values there are than a list holds, by the name of the list. A report has the first of each, and
    /// `extract` has them all.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<String, u64>,
}

impl Facts {
    /// The first `most` of every list.
    #[must_use]
    pub fn shortened(&self, most: usize) -> Self {
        let mut left_out = self.left_out.clone();
        let mut first = |name: &str, facts: &[Fact]| inventory::first(most, name, facts, &mut left_out);
        Self {
            provider: self.provider.clone(),
            customer_orgs: first("customer_orgs", &self.customer_orgs),
            partner_orgs: first("partner_orgs", &self.partner_orgs),
            other_orgs: first("other_orgs", &self.other_orgs),
            set_aside_orgs: first("set_aside_orgs", &self.set_aside_orgs),
            tracking_ids: first("tracking_ids", &self.tracking_ids),
            user_emails: first("user_emails", &self.user_emails),
            user_ids: first("user_ids", &self.user_ids),
            broadworks_user_ids: first("broadworks_user_ids", &self.broadworks_user_ids),
            client_versions: first("client_versions", &self.client_versions),
            broadworks_releases: first("broadworks_releases", &self.broadworks_releases),
            control_hub_builds: first("control_hub_builds", &self.control_hub_builds),
            error_codes: first("error_codes", &self.error_codes),
            time_frame: self.time_frame,
            left_out,
        }
    }

    /// How many more there are than the list of this name holds.
    pub fn left_out(&self, list: &str) -> usize {
        let count = self.left_out.get(list).copied().unwrap_or_default();
        usize::try_from(count).unwrap_or(usize::MAX)
    }
}

/// One fact and where it is from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fact {
    /// The value.
    pub value: String,
    /// Where it is from: `--user-email`, `config`, or `file:line`.
    pub source: String,
    /// A label: the server's role of a release, the key beside an ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The text that came with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// When it was seen (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

impl Fact {
    /// Said by a person, with a flag or in the configuration; not found in a file.
    pub fn is_said(&self) -> bool {
        // A file may be called `[prod].log`, but its facts end in their line.
        let line = self.source.rsplit_once(':').map(|(_, line)| line);
        let in_file = line.is_some_and(|line| line.bytes().all(|byte| byte.is_ascii_digit()));
        !in_file && (self.source.starts_with("--") || self.source.starts_with('['))
    }
}

/// What to do with the case: the verdict before escalating.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Escalation {
    /// Something on the provider's side explains it or would block it.
    FixFirst,
    /// An open incident or maintenance of Webex explains it.
    Wait,
    /// TAC would ask for facts that are missing.
    Incomplete,
    /// Ready for a service request.
    Ready,
}
