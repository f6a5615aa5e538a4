//! The client certificate and key that are presented for mutual TLS.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::i18n::{Localize, Message};

/// A client certificate with its private key, ready to sign.
#[derive(Clone)]
pub struct ClientIdentity(Arc<CertifiedKey>);

impl ClientIdentity {
    /// Reads a certificate (with its chain) and a private key, both PEM.
    ///
    /// # Errors
    /// When a file cannot be read, holds nothing usable, or the key does not fit the certificate.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, IdentityError> {
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
            .and_then(Iterator::collect)
            .map_err(|error| IdentityError::file(certificate, error))?;
        if chain.is_empty() {
            return Err(IdentityError::NoCertificate {
                path: certificate.to_owned(),
            });
        }
        let private = PrivateKeyDer::from_pem_file(key).map_err(|error| match error {
            pem::Error::NoItemsFound => IdentityError::NoKey { path: key.to_owned() },
            error => IdentityError::file(key, error),
        })?;
        let signer = rustls::crypto::ring::sign::any_supported_type(&private)
            .map_err(|_| IdentityError::NoKey { path: key.to_owned() })?;
        let certified = CertifiedKey::new(chain, signer);
        match certified.keys_match() {
            // "Unknown" only means that the kind of key cannot be compared.
            Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {
                Ok(Self(Arc::new(certified)))
            }
            Err(_) => Err(IdentityError::Mismatch {
                certificate: certificate.to_owned(),
                key: key.to_owned(),
            }),
        }
    }

    pub(super) fn certified_key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.0)
    }
}

impl fmt::Debug for ClientIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientIdentity(..)")
    }
}

impl PartialEq for ClientIdentity {
    fn eq(&self, other: &Self) -> bool {
        self.0.cert == other.0.cert
    }
}

/// Why a client certificate cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// A file cannot be read.
    #[error("cannot read {}: {reason}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's or the parser's words.
        reason: String,
    },
    /// No certificate in PEM.
    #[error("no certificate in {}", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// No private key in PEM, an encrypted one, or of an unknown kind.
    #[error("no usable private key in {}", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// The key belongs to another certificate.
    #[error("{} does not fit {}", key.display(), certificate.display())]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
}

impl IdentityError {
    fn file(path: &Path, error: pem::Error) -> Self {
        Self::Read {
            path: path.to_owned(),
            reason: match error {
                pem::Error::Io(error) => error.to_string(),
                error => error.to_string(),
            },
        }
    }
}

impl Localize for IdentityError {
    fn message(&self) -> Message {
        match self {
            Self::Read { path, reason } => Message::new("identity-read")
                .arg("path", path.display().to_string())
                .arg("reason", reason),
            Self::NoCertificate { path } => {
                Message::new("identity-no-certificate").arg("path", path.display().to_string())
            }
            Self::NoKey { path } => Message::new("identity-no-key").arg("path", path.display().to_string()),
            Self::Mismatch { certificate, key } => Message::new("identity-mismatch")
                .arg("certificate", certificate.display().to_string())
                .arg("key", key.display().to_string()),
        }
    }
}
