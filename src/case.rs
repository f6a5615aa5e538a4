//! What is known of one case: the facts that a service request needs, from flags, configuration and the scan.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scan::TimeFrame;

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
