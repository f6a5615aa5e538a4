//! Maps and bundles encrypted with age (<https://age-encryption.org/v1>), so that only the holder of a key can read it.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::i18n::{Localize, Message};

/// How an age file begins, and how one begins that was made fit for mails.
const MARKS: [&[u8]; 2] = [b"age-encryption.org/v1", b"-----BEGIN AGE ENCRYPTED FILE-----"];
/// The most that is read of a file with identities.
const IDENTITIES: u64 = 64 * 1024;

/// Whether a file is encrypted with age, by its first bytes.
pub fn is_encrypted(head: &[u8]) -> bool {
    let head = head.trim_ascii_start();
    MARKS.iter().any(|mark| head.starts_with(mark))
}

/// Whom a file is encrypted to; nobody: it is written in clear text.
#[derive(Clone, Default)]
pub struct Recipients(Vec<age::x25519::Recipient>);

impl std::fmt::Debug for Recipients {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recipients({})", self.0.len())
    }
}

/// Who can read an encrypted file.
#[derive(Default)]
pub struct Identities(Vec<age::x25519::Identity>);

impl std::fmt::Debug for Identities {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identities({})", self.0.len())
    }
}

/// A recipient or an identity that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// Not `age1…`.
    #[error("'{0}' is not an age recipient")]
    Recipient(String),
    /// The file cannot be read.
    #[error("cannot read identity {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It has no `AGE-SECRET-KEY-1…`.
    #[error("no identity in {}", path.display())]
    NoIdentity {
        /// The file.
        path: PathBuf,
    },
}

impl Localize for EnvelopeError {
    fn message(&self) -> Message {
        match self {
            Self::Recipient(text) => Message::new("redact-map-recipient").arg("recipient", text),
            Self::Read { path, source } => Message::new("redact-map-identity-read")
                .arg("path", path.to_string_lossy())
                .arg("reason", source.to_string()),
            Self::NoIdentity { path } => {
                Message::new("redact-map-identity-none").arg("path", path.to_string_lossy())
            }
        }
    }
}

impl Recipients {
    /// From the command line: each `age1…`.
    ///
    /// # Errors
    /// When one of them is something else.
    pub fn parse(texts: &[String]) -> Result<Self, EnvelopeError> {
        texts
            .iter()
            .map(|text| {
                text.trim().parse().map_err(|_| {
                    // Whoever mixes up the two keys must not find the secret one on the screen.
                    let secret = text.trim().to_ascii_uppercase().starts_with("AGE-SECRET-KEY-");
                    EnvelopeError::Recipient(if secret {
                        "AGE-SECRET-KEY-…".to_owned()
                    } else {
                        text.clone()
                    })
                })
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether there is none, so that nothing is to be encrypted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each as it was given: `age1…`.
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }

    /// How long a file of `plain` bytes becomes at most; the same when there is no recipient.
    pub fn encrypted_length(&self, plain: u64) -> u64 {
        /// Version line, MAC, nonce, and the stanza that the library adds to keep readers from relying on the header.
        const HEADER: u64 = 1024;
        /// `-> X25519 <43 characters>`, and as many below.
        const STANZA: u64 = 100;
        /// Of each 64 KiB: the authentication tag.
        const TAG: u64 = 16;
        if self.is_empty() {
            return plain;
        }
        plain + HEADER + STANZA * self.0.len() as u64 + TAG * (plain / (64 * 1024) + 1)
    }

    /// Encrypts what is written to it; [`age::stream::StreamWriter::finish`] must be called at the end.
    ///
    /// # Errors
    /// When there is no recipient, or `out` cannot be written.
    pub fn wrap<W: io::Write>(&self, out: W) -> io::Result<age::stream::StreamWriter<W>> {
        let recipients = self.0.iter().map(|recipient| recipient as &dyn age::Recipient);
        let encryptor = age::Encryptor::with_recipients(recipients).map_err(io::Error::other)?;
        encryptor.wrap_output(out)
    }

    pub(super) fn encrypt(&self, plain: &[u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::with_capacity(plain.len() + 512);
        let mut writer = self.wrap(&mut out)?;
        writer.write_all(plain)?;
        writer.finish()?;
        Ok(out)
    }
}

impl Identities {
    /// The identities in files as `age-keygen` writes them.
    ///
    /// # Errors
    /// When one cannot be read or has none.
    pub fn read(paths: &[PathBuf]) -> Result<Self, EnvelopeError> {
        let mut all = Self::default();
        for path in paths {
            all.add(path)?;
        }
        Ok(all)
    }

    fn add(&mut self, path: &Path) -> Result<(), EnvelopeError> {
        let mut text = zeroize::Zeroizing::new(String::new());
        let read = |source| EnvelopeError::Read {
            path: path.to_owned(),
            source,
        };
        let file = fs::File::open(path).map_err(read)?;
        file.take(IDENTITIES).read_to_string(&mut text).map_err(read)?;
        let before = self.0.len();
        self.0
            .extend(text.lines().filter_map(|line| line.trim().parse().ok()));
        if self.0.len() == before {
            return Err(EnvelopeError::NoIdentity {
                path: path.to_owned(),
            });
        }
        Ok(())
    }

    /// Those who can read what was encrypted to these identities.
    pub fn recipients(&self) -> Recipients {
        Recipients(self.0.iter().map(age::x25519::Identity::to_public).collect())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The plain text, decrypted as it is read, at any place where `sealed` can be read at any place. `None` when it
    /// was encrypted to somebody else.
    pub fn open<R: io::Read>(
        &self,
        sealed: R,
    ) -> Option<age::stream::StreamReader<age::armor::ArmoredReader<io::BufReader<R>>>> {
        let armored = age::armor::ArmoredReader::new(sealed);
        let decryptor = age::Decryptor::new_buffered(armored).ok()?;
        let identities = self.0.iter().map(|identity| identity as &dyn age::Identity);
        decryptor.decrypt(identities).ok()
    }

    /// `None` when it was encrypted to somebody else, or is damaged.
    pub(super) fn decrypt(&self, sealed: &[u8], limit: u64) -> Option<Vec<u8>> {
        let mut plain = Vec::new();
        self.open(sealed)?.take(limit).read_to_end(&mut plain).ok()?;
        Some(plain)
    }
}
