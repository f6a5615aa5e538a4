//! What can go wrong with an input: which one, why, and what to do.

use std::io;

use crate::i18n::{Localize, Message};

/// One input that was not read, or not to its end.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {fault}")]
pub struct InputError {
    /// The file as named; `archive.zip!member` inside an archive.
    pub name: String,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// There is no such file.
    #[error("not found")]
    NotFound,
    /// It may not be read.
    #[error("permission denied")]
    Permission,
    /// A pattern that fits no file.
    #[error("no file fits the pattern")]
    NoMatch,
    /// A device or socket.
    #[error("not a regular file")]
    NotRegular,
    /// A link to a file outside the directory that was named.
    #[error("link out of the directory")]
    Link,
    /// It is not text.
    #[error("binary")]
    Binary,
    /// It ends too early.
    #[error("truncated")]
    Truncated,
    /// It became shorter or was rewritten while it was read.
    #[error("changed while it was read")]
    Changed,
    /// It became longer while it was read; what was there before is read.
    #[error("grew while it was read")]
    Grew,
    /// An archive that does not hang together.
    #[error("damaged: {0}")]
    Damaged(String),
    /// An archive member that needs a password.
    #[error("encrypted")]
    Encrypted,
    /// A method of compression that is not read.
    #[error("unknown compression")]
    Method,
    /// An archive built to exhaust the machine, or larger than the limits.
    #[error("limit: {0}")]
    Limit(Limit),
    /// Anything else.
    #[error("{0}")]
    Read(io::Error),
}

/// Which limit was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Limit {
    /// Archives in archives.
    #[error("depth")]
    Depth,
    /// Files of one run.
    #[error("count")]
    Count,
    /// Unpacked bytes of one run.
    #[error("size")]
    Size,
    /// Unpacked to packed bytes.
    #[error("ratio")]
    Ratio,
    /// Members that share their bytes.
    #[error("overlap")]
    Overlap,
}

impl InputError {
    /// From an error of opening or reading `name`.
    pub fn reading(name: &str, error: io::Error) -> Self {
        Self {
            name: name.to_owned(),
            fault: Fault::from(error),
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match Self::of(&error) {
            Self::Read(_) => Self::Read(error),
            fault => fault,
        }
    }
}

impl Fault {
    /// What an error of reading means; one that means nothing more loses its source.
    pub fn of(error: &io::Error) -> Self {
        if let Some(limit) = error.get_ref().and_then(|inner| inner.downcast_ref::<Limit>()) {
            return Self::Limit(*limit);
        }
        let shrunk = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<Shrunk>())
            .is_some();
        match error.kind() {
            _ if shrunk => Self::Changed,
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::PermissionDenied => Self::Permission,
            io::ErrorKind::UnexpectedEof => Self::Truncated,
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Self::Damaged(error.to_string()),
            kind => Self::Read(io::Error::new(kind, error.to_string())),
        }
    }
}

/// The file became shorter, or was rewritten.
#[derive(Debug, thiserror::Error)]
#[error("the file changed while it was read")]
pub(super) struct Shrunk;

impl Fault {
    /// The word that sentences choose by.
    fn word(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Permission => "permission",
            Self::NoMatch => "no-match",
            Self::NotRegular => "not-regular",
            Self::Link => "link",
            Self::Binary => "binary",
            Self::Truncated => "truncated",
            Self::Changed => "changed",
            Self::Grew => "grew",
            Self::Damaged(_) => "damaged",
            Self::Encrypted => "encrypted",
            Self::Method => "method",
            Self::Limit(Limit::Depth) => "limit-depth",
            Self::Limit(Limit::Count) => "limit-count",
            Self::Limit(Limit::Size) => "limit-size",
            Self::Limit(Limit::Ratio) => "limit-ratio",
            Self::Limit(Limit::Overlap) => "limit-overlap",
            Self::Read(_) => "other",
        }
    }
}

impl Localize for InputError {
    fn message(&self) -> Message {
        let detail = match &self.fault {
            Fault::Damaged(detail) => detail.clone(),
            Fault::Read(error) => error.to_string(),
            _ => String::new(),
        };
        Message::new("input-error")
            .arg("name", self.name.as_str())
            .arg("fault", self.fault.word())
            .arg("detail", detail)
    }
}
