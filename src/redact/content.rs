//! What may leave the machine. None of these types can be made outside this module's redactor, so whoever holds
//! one holds redacted bytes: the compiler says so.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::i18n::{Localize, Message};
use crate::scan::Kind;

pub use super::stream::RedactedStream;

/// How many values of each kind were redacted, and how many were kept because they are evidence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Counts {
    /// Values replaced by a token or a mask.
    pub redacted: BTreeMap<Kind, u64>,
    /// Evidence that was recognised and kept.
    pub kept: BTreeMap<Kind, u64>,
}

impl Counts {
    /// Adds another file's counts.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in [
            (&mut self.redacted, &other.redacted),
            (&mut self.kept, &other.kept),
        ] {
            for (kind, count) in theirs {
                *mine.entry(*kind).or_default() += count;
            }
        }
    }

    /// Values redacted, of all kinds.
    pub fn total(&self) -> u64 {
        self.redacted.values().sum()
    }
}

/// One redaction as the preview shows it: enough to recognise it, not enough to use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sample {
    /// What it is.
    pub kind: Kind,
    /// The value with most of it hidden: `a…@e….com`, `+49…00`, `(12 characters)`.
    pub hint: String,
    /// What stands in its place.
    pub replacement: String,
}

/// Why bytes may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Assurance {
    /// Scanned, and everything that the policy names was replaced.
    Redacted,
    /// Certificates, which are public by nature.
    PublicCertificates,
    /// A picture, which cannot be scanned; the user consented.
    UnscannedPicture,
}

/// Bytes that may leave the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    bytes: Vec<u8>,
    counts: Counts,
    samples: Vec<Sample>,
    assurance: Assurance,
}

impl Redacted {
    pub(super) fn new(bytes: Vec<u8>, counts: Counts, samples: Vec<Sample>) -> Self {
        Self {
            bytes,
            counts,
            samples,
            assurance: Assurance::Redacted,
        }
    }

    fn unscanned(bytes: Vec<u8>, assurance: Assurance) -> Self {
        Self {
            bytes,
            counts: Counts::default(),
            samples: Vec::new(),
            assurance,
        }
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What was redacted and kept.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The first redactions of each kind.
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// Why they may leave.
    pub fn assurance(&self) -> Assurance {
        self.assurance
    }

    /// Certificates as PEM. Each must be exactly one DER certificate, so that nothing else passes this way.
    ///
    /// # Errors
    /// When one of them is not a certificate, or has bytes behind it.
    pub fn public_certificates(certificates: &[&[u8]]) -> Result<Self, RedactError> {
        let mut pem = Vec::new();
        for (index, der) in certificates.iter().enumerate() {
            match x509_parser::parse_x509_certificate(der) {
                Ok(([], _)) => {}
                _ => return Err(RedactError::NotACertificate { index }),
            }
            pem.extend_from_slice(b"-----BEGIN CERTIFICATE-----\n");
            let text = base64::engine::general_purpose::STANDARD.encode(der);
            // RFC 7468, section 2: 64 characters a line.
            for line in text.as_bytes().chunks(64) {
                pem.extend_from_slice(line);
                pem.push(b'\n');
            }
            pem.extend_from_slice(b"-----END CERTIFICATE-----\n");
        }
        Ok(Self::unscanned(pem, Assurance::PublicCertificates))
    }

    /// A screenshot that the user agreed to share unscanned: PNG, JPEG, GIF or WebP by their first bytes.
    ///
    /// # Errors
    /// When the bytes are none of these.
    pub fn consented_picture(bytes: Vec<u8>) -> Result<Self, RedactError> {
        let webp = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
        let known = bytes.starts_with(b"\x89PNG\r\n\x1a\n")
            || bytes.starts_with(b"\xff\xd8\xff")
            || bytes.starts_with(b"GIF87a")
            || bytes.starts_with(b"GIF89a")
            || webp;
        if known {
            Ok(Self::unscanned(bytes, Assurance::UnscannedPicture))
        } else {
            Err(RedactError::NotAPicture)
        }
    }
}

/// Something that does not leave, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Withheld {
    reason: Message,
}

impl Withheld {
    /// Withholds for a reason. A reason carries no content: names and numbers only.
    pub fn new(reason: Message) -> Self {
        Self { reason }
    }

    /// Why.
    pub fn reason(&self) -> &Message {
        &self.reason
    }
}

impl From<&RedactError> for Withheld {
    fn from(error: &RedactError) -> Self {
        Self::new(error.message())
    }
}

/// What the packer takes, and all it takes.
#[derive(Debug)]
pub enum Content {
    /// Redacted bytes.
    Redacted(Redacted),
    /// Redacted while it is read.
    Stream(RedactedStream),
    /// Nothing but a reason.
    Withheld(Withheld),
}

impl From<Result<Redacted, RedactError>> for Content {
    /// Fails closed: what could not be redacted is withheld.
    fn from(result: Result<Redacted, RedactError>) -> Self {
        match result {
            Ok(redacted) => Self::Redacted(redacted),
            Err(error) => Self::Withheld(Withheld::from(&error)),
        }
    }
}

impl From<RedactedStream> for Content {
    fn from(stream: RedactedStream) -> Self {
        Self::Stream(stream)
    }
}

/// Why something was not redacted, and therefore does not leave.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RedactError {
    /// Not text.
    #[error("not text")]
    Binary,
    /// An encoding that cannot be read without loss, or two in one file.
    #[error("encoding not supported: {0}")]
    Encoding(&'static str),
    /// Two values would get one token.
    #[error("two values have one pseudonym")]
    Collision,
    /// The source cannot be read.
    #[error("cannot read: {0}")]
    Read(Arc<std::io::Error>),
    /// Not exactly one certificate.
    #[error("entry {index} is not a certificate")]
    NotACertificate {
        /// Which, from 0.
        index: usize,
    },
    /// Not a picture of a known format.
    #[error("not a picture")]
    NotAPicture,
    /// Encrypted with age: it may be a private map, and nobody can say what is in it.
    #[error("encrypted")]
    Encrypted,
    /// A private map: it is never redacted into something that may leave.
    #[error("a private map")]
    PrivateMap,
}

impl From<std::io::Error> for RedactError {
    fn from(error: std::io::Error) -> Self {
        Self::Read(Arc::new(error))
    }
}

impl Localize for RedactError {
    fn message(&self) -> Message {
        match self {
            Self::Binary => Message::new("redact-error-binary"),
            Self::Encoding(name) => Message::new("redact-error-encoding").arg("encoding", *name),
            Self::Collision => Message::new("redact-error-collision"),
            Self::Read(error) => Message::new("redact-error-read").arg("reason", error.to_string()),
            Self::NotACertificate { index } => {
                Message::new("redact-error-certificate").arg("number", index.saturating_add(1))
            }
            Self::NotAPicture => Message::new("redact-error-picture"),
            Self::Encrypted => Message::new("redact-error-encrypted"),
            Self::PrivateMap => Message::new("redact-error-map"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Assurance, Redacted};

    #[test]
    fn only_certificates_pass_as_certificates() {
        let key = rcgen::generate_simple_self_signed(vec!["xsp1.example.net".to_owned()]).unwrap();
        let der = key.cert.der().as_ref().to_vec();
        let redacted = Redacted::public_certificates(&[&der, &der]).unwrap();
        assert_eq!(redacted.assurance(), Assurance::PublicCertificates);
        assert_eq!(redacted.bytes().windows(5).filter(|w| w == b"BEGIN").count(), 2);
        let mut longer = der.clone();
        longer.extend_from_slice(b"password=hunter2");
        assert!(Redacted::public_certificates(&[&longer]).is_err());
        assert!(Redacted::public_certificates(&[&key.signing_key.serialize_der()]).is_err());
    }

    #[test]
    fn only_pictures_pass_as_pictures() {
        assert!(Redacted::consented_picture(b"\x89PNG\r\n\x1a\n...".to_vec()).is_ok());
        assert!(Redacted::consented_picture(b"RIFF\0\0\0\0WEBPVP8 ".to_vec()).is_ok());
        for bad in [&b"password=hunter2"[..], b"", b"RIFF\0\0\0\0WAVE", b"%PDF-1.7"] {
            assert!(Redacted::consented_picture(bad.to_vec()).is_err());
        }
    }
}
