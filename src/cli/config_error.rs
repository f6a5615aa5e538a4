//! Why a configuration cannot be used, and where the fault stands.

use std::path::{Path, PathBuf};

use crate::i18n::{Localize, Message};

/// Why the configuration cannot be used. Line and column start at 1, the column counts characters.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Missing although named, a directory, no permission, too large, not UTF-8.
    #[error("cannot read {}: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// A word of a closed list that the sentences choose by.
        reason: &'static str,
        /// The operating system's own words.
        detail: String,
    },
    /// Not TOML.
    #[error("{place}: {reason}")]
    Syntax {
        /// Where.
        place: Place,
        /// The parser's words (English).
        reason: String,
    },
    /// A key that nothing reads.
    #[error("{place}: unknown key {key}")]
    UnknownKey {
        /// Where.
        place: Place,
        /// The key with its tables: `status.compnents`.
        key: String,
        /// The known key that is most like it.
        nearest: Option<String>,
        /// All known keys there.
        known: Vec<String>,
    },
    /// A key that a table must have.
    #[error("{place}: {key} is missing")]
    MissingKey {
        /// Where the table begins.
        place: Place,
        /// The key with its tables.
        key: String,
    },
    /// A value of the wrong kind.
    #[error("{place}: {key} must be {expected}, not {found}")]
    WrongType {
        /// Where.
        place: Place,
        /// The key with its tables.
        key: String,
        /// `text number boolean list table`
        expected: &'static str,
        /// The same list.
        found: &'static str,
    },
    /// A value of the right kind that means nothing.
    #[error("{place}: {key} cannot be {value}")]
    InvalidValue {
        /// Where.
        place: Place,
        /// The key with its tables.
        key: String,
        /// What stands there.
        value: String,
        /// What is expected, a word that the sentences choose by.
        form: String,
    },
    /// Refused by a type although the schema allows it.
    #[error("{}: {reason}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// The reader's words (English).
        reason: String,
    },
}

/// A place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    path: PathBuf,
    line: usize,
    column: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.path.display(), self.line, self.column)
    }
}

impl Place {
    /// The place of a byte offset.
    pub(super) fn of(path: &Path, text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).map_or(0, |line| line.chars().count()) + 1,
        }
    }
}

impl Localize for ConfigError {
    fn message(&self) -> Message {
        match self {
            Self::Unreadable { path, reason, detail } => Message::new("config-unreadable")
                .arg("path", path.display().to_string())
                .arg("reason", *reason)
                .arg("detail", detail),
            Self::Syntax { place, reason } => Message::new("config-syntax")
                .arg("place", place.to_string())
                .arg("reason", reason),
            Self::UnknownKey {
                place,
                key,
                nearest,
                known,
            } => Message::new("config-unknown-key")
                .arg("place", place.to_string())
                .arg("key", key)
                .arg("nearest", nearest.as_deref().unwrap_or("none"))
                .arg("known", known.join(", ")),
            Self::MissingKey { place, key } => Message::new("config-missing-key")
                .arg("place", place.to_string())
                .arg("key", key),
            Self::WrongType {
                place,
                key,
                expected,
                found,
            } => Message::new("config-wrong-type")
                .arg("place", place.to_string())
                .arg("key", key)
                .arg("expected", *expected)
                .arg("found", *found),
            Self::InvalidValue {
                place,
                key,
                value,
                form,
            } => Message::new("config-invalid-value")
                .arg("place", place.to_string())
                .arg("key", key)
                .arg("value", value)
                .arg("form", form),
            Self::Refused { path, reason } => Message::new("config-refused")
                .arg("path", path.display().to_string())
                .arg("reason", reason),
        }
    }
}
