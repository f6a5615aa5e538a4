//! What can be wrong with a certificate file, in words.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ContentsError, Format, MAX_FILE_BYTES};
use crate::i18n::{Localize, Message};

/// Why a file gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It is not there.
    #[error("no such file: {}", path.display())]
    NotFound {
        /// The file.
        path: PathBuf,
    },
    /// It may not be read.
    #[error("permission denied: {}", path.display())]
    Permission {
        /// The file.
        path: PathBuf,
    },
    /// A directory stands where a file is expected.
    #[error("is a directory: {}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
    },
    /// Reading failed.
    #[error("cannot read {}: {reason}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's words.
        reason: String,
    },
    /// Larger than [`MAX_FILE_BYTES`].
    #[error("too large: {}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// No bytes, or only white space.
    #[error("empty file: {}", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A web page, saved instead of the certificate.
    #[error("HTML or XML, not a certificate: {}", path.display())]
    Html {
        /// The file.
        path: PathBuf,
    },
    /// Binary, and none of the known formats.
    #[error("not a certificate file: {}", path.display())]
    Binary {
        /// The file.
        path: PathBuf,
    },
    /// Text without a certificate.
    #[error("no certificate in {}", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// PEM of which nothing could be read.
    #[error("nothing readable in {}: {problem}", path.display())]
    Nothing {
        /// The file.
        path: PathBuf,
        /// The first fault.
        problem: Problem,
    },
    /// Recognised, but cut short or damaged.
    #[error("damaged {} file: {}", format.word(), path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What it was recognised as.
        format: Format,
    },
    /// PKCS#7 that is not a bundle of certificates.
    #[error("PKCS#7 without certificates: {}", path.display())]
    NotABundle {
        /// The file.
        path: PathBuf,
    },
    /// Encrypted, and no password was given.
    #[error("password needed for {}", path.display())]
    PasswordNeeded {
        /// The file.
        path: PathBuf,
    },
    /// The password does not fit.
    #[error("wrong password for {}", path.display())]
    PasswordWrong {
        /// The file.
        path: PathBuf,
    },
    /// Encrypted by an algorithm that this program does not know.
    #[error("unsupported algorithm {algorithm} in {}", path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// A name or a dotted OID.
        algorithm: String,
    },
}

impl FileError {
    pub(super) fn from_contents(path: PathBuf, format: Format, error: ContentsError) -> Self {
        match error {
            // Well-formed ASN.1 that is no certificate (a ticket, a token) is not a damaged certificate.
            ContentsError::Damaged if format == Format::Der => Self::Binary { path },
            ContentsError::Damaged => Self::Damaged { path, format },
            ContentsError::NotABundle => Self::NotABundle { path },
            ContentsError::PasswordNeeded => Self::PasswordNeeded { path },
            ContentsError::PasswordWrong => Self::PasswordWrong { path },
            ContentsError::Unsupported(algorithm) => Self::Unsupported { path, algorithm },
        }
    }

    /// The file it is about.
    pub fn path(&self) -> &std::path::Path {
        match self {
            Self::NotFound { path }
            | Self::Permission { path }
            | Self::Directory { path }
            | Self::Read { path, .. }
            | Self::TooLarge { path }
            | Self::Empty { path }
            | Self::Html { path }
            | Self::Binary { path }
            | Self::NoCertificate { path }
            | Self::Nothing { path, .. }
            | Self::Damaged { path, .. }
            | Self::NotABundle { path }
            | Self::PasswordNeeded { path }
            | Self::PasswordWrong { path }
            | Self::Unsupported { path, .. } => path,
        }
    }
}

impl Localize for FileError {
    fn message(&self) -> Message {
        let message = match self {
            Self::NotFound { .. } => Message::new("cert-file-not-found"),
            Self::Permission { .. } => Message::new("cert-file-permission"),
            Self::Directory { .. } => Message::new("cert-file-directory"),
            Self::Read { reason, .. } => Message::new("cert-file-read").arg("reason", reason),
            Self::TooLarge { .. } => {
                Message::new("cert-file-too-large").arg("mebibytes", MAX_FILE_BYTES / (1024 * 1024))
            }
            Self::Empty { .. } => Message::new("cert-file-empty"),
            Self::Html { .. } => Message::new("cert-file-html"),
            Self::Binary { .. } => Message::new("cert-file-binary"),
            Self::NoCertificate { .. } => Message::new("cert-file-no-certificate"),
            // The fault is a sentence of its own, which already says where it is.
            Self::Nothing { problem, .. } => problem.message(),
            Self::Damaged { format, .. } => Message::new("cert-file-damaged").arg("format", format.word()),
            Self::NotABundle { .. } => Message::new("cert-file-not-a-bundle"),
            Self::PasswordNeeded { .. } => Message::new("cert-file-password-needed"),
            Self::PasswordWrong { .. } => Message::new("cert-file-password-wrong"),
            Self::Unsupported { algorithm, .. } => {
                Message::new("cert-file-unsupported").arg("algorithm", algorithm)
            }
        };
        message.arg("path", self.path().display().to_string())
    }
}

/// What is wrong with a file from which something could be read all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Problem {
    /// A block's base64 is damaged.
    #[error("malformed base64 in block {block} at line {line}")]
    Base64 {
        /// Number of the block, from 1.
        block: usize,
        /// Line, from 1.
        line: usize,
    },
    /// A block without content.
    #[error("block {block} at line {line} is empty")]
    EmptyBlock {
        /// Number of the block, from 1.
        block: usize,
        /// Line, from 1.
        line: usize,
    },
    /// A block without its END line.
    #[error("block {block} that begins at line {line} has no END line")]
    NoEnd {
        /// Number of the block, from 1.
        block: usize,
        /// Line of its BEGIN, from 1.
        line: usize,
    },
    /// A damaged BEGIN or END line.
    #[error("damaged marker at line {line}")]
    Marker {
        /// Line, from 1.
        line: usize,
    },
    /// A block of PKCS#7 that cannot be read.
    #[error("block {block} is damaged")]
    DamagedBlock {
        /// Number of the block, from 1.
        block: usize,
    },
    /// A block of another kind, left out.
    #[error("block '{label}' is no certificate")]
    OtherBlock {
        /// The block's label: `CERTIFICATE REQUEST`.
        label: String,
    },
    /// More blocks than are read.
    #[error("more than {limit} blocks")]
    TooManyBlocks {
        /// How many were read.
        limit: usize,
    },
    /// Base64 without BEGIN and END lines: other programs will refuse it.
    #[error("base64 without BEGIN and END lines")]
    NoMarkers,
    /// Bytes behind the last certificate of a DER file.
    #[error("{bytes} bytes of other data at the end")]
    TrailingData {
        /// How many.
        bytes: usize,
    },
    /// A JCEKS store with a secret key: what stands behind it cannot be read.
    #[error("secret key entry: the rest of the store is not read")]
    SecretKeyEntry,
}

impl Problem {
    /// As a sentence about the file; every message takes `path`.
    pub fn message(&self) -> Message {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        match self {
            Self::Base64 { block, line } => Message::new("cert-file-base64")
                .arg("block", number(*block))
                .arg("line", number(*line)),
            Self::EmptyBlock { block, line } => Message::new("cert-file-empty-block")
                .arg("block", number(*block))
                .arg("line", number(*line)),
            Self::NoEnd { block, line } => Message::new("cert-file-no-end")
                .arg("block", number(*block))
                .arg("line", number(*line)),
            Self::Marker { line } => Message::new("cert-file-marker").arg("line", number(*line)),
            Self::DamagedBlock { block } => {
                Message::new("cert-file-damaged-block").arg("block", number(*block))
            }
            Self::OtherBlock { label } => Message::new("cert-file-other-block").arg("label", label),
            Self::TooManyBlocks { limit } => {
                Message::new("cert-file-too-many-blocks").arg("limit", number(*limit))
            }
            Self::NoMarkers => Message::new("cert-file-no-markers"),
            Self::TrailingData { bytes } => {
                Message::new("cert-file-trailing-data").arg("bytes", number(*bytes))
            }
            Self::SecretKeyEntry => Message::new("cert-file-secret-key-entry"),
        }
    }

    /// The sentence with the file named.
    pub fn in_file(&self, path: &std::path::Path) -> Message {
        self.message().arg("path", path.display().to_string())
    }
}
