//! `data` of `users`: the wire format.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// What was read and what it says.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct UsersData {
    /// The file as named.
    pub file: String,
    /// `user-status`, `bulk-users`, `unknown`.
    pub kind: String,
    /// The encoding, WHATWG name.
    pub encoding: String,
    /// The delimiter.
    pub delimiter: String,
    /// The columns in order.
    pub columns: Vec<Column>,
    /// How many rows behind the header.
    pub rows: usize,
    /// How many users in which state; null for a file to be imported.
    pub counts: Option<Counts>,
    /// Users with the same cause, worst first.
    pub groups: Vec<Group>,
    /// The users of a status export.
    pub users: Vec<User>,
    /// What `--write-corrected` did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected: Option<Corrected>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Column {
    /// As named in the file.
    pub name: String,
    /// What it means; null when that is not understood.
    pub meaning: Option<String>,
}

/// Users by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// Done.
    pub provisioned: usize,
    /// Pending for a short or an unknown time.
    pub pending: usize,
    /// Pending for too long.
    pub stuck: usize,
    /// Failed.
    pub failed: usize,
    /// The status is not understood.
    pub unknown: usize,
}

/// Users with the same cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Group {
    /// `user.error`, `user.stuck`, `user.pending`.
    pub check: String,
    /// The catalogue's entry; null when the cause is not known.
    pub cause: Option<String>,
    /// The meaning of the cause, or the first user's error text.
    pub text: String,
    /// `delete-user`, `change-package`, `retry-activation`, `copy-error-text`, `ask-user`, `wait`.
    pub action: String,
    /// How many users.
    pub count: usize,
    /// Lines of the file.
    pub lines: Vec<u64>,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct User {
    /// Line of the file.
    pub line: u64,
    /// BroadWorks ID.
    pub broadworks_id: String,
    /// E-mail address.
    pub email: String,
    /// Package.
    pub package: String,
    /// `provisioned`, `pending…`, `provisioning`, `error`, `unknown`.
    pub state: String,
    /// The status as written.
    pub status: String,
    /// The error text.
    pub error: String,
    /// The catalogue's entry for the error.
    pub cause: Option<String>,
    /// What Partner Hub offers.
    pub action: String,
    /// Minutes in this state, if the file says since when.
    pub minutes: Option<i64>,
    /// Columns whose meaning is not understood, by name.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub other: Map<String, Value>,
}

/// A corrected copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Corrected {
    /// The file that was written.
    pub path: String,
    /// Every change.
    pub changes: Vec<Change>,
    /// Warnings that are left in the copy: what could only be guessed.
    pub left: usize,
}

/// A change of a corrected copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    /// Line of the original; 0: the whole file.
    pub line: u64,
    /// The column as named in the file; empty: the whole row.
    pub column: String,
    /// `truth`, `blanks`, `number`, `address`, `cells`, `delimiter`, `encoding`.
    pub kind: String,
    /// As it was.
    pub before: String,
    /// As it is.
    pub after: String,
}
