//! A signature beside the bundle, in OpenSSH's SSHSIG format (PROTOCOL.sshsig of its source): made with a key that
//! people have already, and checked here or with `ssh-keygen -Y verify`. Facts only; `rules::bundle` judges.
//!
//! Formats and passphrases are the `ssh-key` crate's work; signing and checking are *ring*'s.

mod crypto;
mod short;
mod signers;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use sha2::{Sha256, Sha512};
use ssh_key::{HashAlg, LineEnding, PrivateKey, PublicKey, SshSig};
use zeroize::Zeroizing;

use crate::i18n::Message;
use crate::interrupt::{Interrupt, Interrupted};

/// What the signature is for: one that was made for something else says nothing about a bundle.
pub const NAMESPACE: &str = "w4b-diag-bundle";
/// How every signature begins (PROTOCOL.sshsig).
const MAGIC: &[u8] = b"SSHSIG";
/// Keys, signatures and lists of signers are small.
const LIMIT: u64 = 1 << 20;

/// Why a bundle cannot be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// A file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Not a private key of OpenSSH.
    #[error("{path} is not a private key of OpenSSH")]
    NotAKey {
        /// The file.
        path: PathBuf,
    },
    /// The key is protected and there is no passphrase.
    #[error("{path} needs a passphrase")]
    NoPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// The passphrase does not open the key.
    #[error("wrong passphrase for {path}")]
    WrongPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// A kind of key that is not supported for signing.
    #[error("{path} is a key of type {algorithm}")]
    Algorithm {
        /// The file.
        path: PathBuf,
        /// The kind.
        algorithm: String,
    },
    /// Ctrl-C.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

impl SignError {
    /// What to say; `None`: that it was interrupted.
    pub fn message(&self) -> Option<Message> {
        let (key, path) = match self {
            Self::Read { path, source } => {
                return Some(
                    Message::new("sign-error-read")
                        .arg("path", path.display().to_string())
                        .arg("reason", source.to_string()),
                );
            }
            Self::Algorithm { path, algorithm } => {
                return Some(
                    Message::new("sign-error-algorithm")
                        .arg("path", path.display().to_string())
                        .arg("algorithm", algorithm),
                );
            }
            Self::NotAKey { path } => ("sign-error-not-a-key", path),
            Self::NoPassphrase { path } => ("sign-error-no-passphrase", path),
            Self::WrongPassphrase { path } => ("sign-error-wrong-passphrase", path),
            Self::Interrupted(_) => return None,
        };
        Some(Message::new(key).arg("path", path.display().to_string()))
    }
}

/// A key that was read and unlocked.
pub struct Signer {
    key: PrivateKey,
    path: PathBuf,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.fingerprint())
    }
}

impl Signer {
    /// Reads a private key of OpenSSH; `passphrase` opens one that is protected.
    ///
    /// # Errors
    /// When it cannot be read, unlocked or used.
    pub fn read(path: &Path, passphrase: Option<&str>) -> Result<Self, SignError> {
        let owned = || path.to_owned();
        let text = Zeroizing::new(read(path).map_err(|source| SignError::Read {
            path: owned(),
            source,
        })?);
        let mut key = PrivateKey::from_openssh(text.trim_ascii())
            .ok()
            .or_else(|| short::of_file(&text))
            .ok_or_else(|| SignError::NotAKey { path: owned() })?;
        if key.is_encrypted() {
            let passphrase = passphrase.ok_or_else(|| SignError::NoPassphrase { path: owned() })?;
            key = key
                .decrypt(passphrase)
                .ok()
                .or_else(|| short::of_encrypted(&key, passphrase))
                .ok_or_else(|| SignError::WrongPassphrase { path: owned() })?;
        }
        let signer = Self { key, path: owned() };
        // Whether it can be used at all is found before anything is collected.
        crypto::sign(&signer.key, b"").ok_or_else(|| signer.unusable())?;
        Ok(signer)
    }

    fn unusable(&self) -> SignError {
        SignError::Algorithm {
            path: self.path.clone(),
            algorithm: self.key.algorithm().to_string(),
        }
    }

    /// `SHA256:…`, as `ssh-keygen -l` shows it.
    pub fn fingerprint(&self) -> String {
        self.key.fingerprint(HashAlg::Sha256).to_string()
    }

    /// The signature of a file, as it is written beside it.
    ///
    /// # Errors
    /// When the file cannot be read, or on Ctrl-C.
    pub fn sign(&self, file: &Path, interrupt: &Interrupt) -> Result<String, SignError> {
        let digest = digest::<Sha512>(file, interrupt)?;
        let data = signed_data("sha512", &digest);
        let signature = crypto::sign(&self.key, &data).ok_or_else(|| self.unusable())?;
        let public = self.key.public_key().key_data().clone();
        SshSig::new(public, NAMESPACE, HashAlg::Sha512, signature)
            .and_then(|signature| signature.to_pem(LineEnding::LF))
            .map_err(|_| self.unusable())
    }
}

/// Where the signature of a file is: beside it.
pub fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".sig");
    name.into()
}

/// What the signature of a file is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// The file is what this person signed.
    Valid {
        /// Who, in the words of the list of signers.
        signer: String,
        /// The key: `SHA256:…`.
        key: String,
    },
    /// Signed, but by a key that the list does not allow.
    Stranger {
        /// The key: `SHA256:…`.
        key: String,
    },
    /// Signed by a listed key, outside the time for which the list allows it.
    OutOfTime {
        /// Who.
        signer: String,
        /// The key: `SHA256:…`.
        key: String,
    },
    /// The signature is of another file, or the file was changed.
    Changed {
        /// The key: `SHA256:…`.
        key: String,
    },
    /// There is no signature.
    Missing,
    /// What should be the signature is none, or one of a kind that is not supported.
    Unreadable,
    /// A signature for another purpose.
    Purpose {
        /// Its namespace.
        namespace: String,
    },
}

/// Checks the signature of `file` as of `at`.
///
/// # Errors
/// When the file or the list of signers cannot be read, or on Ctrl-C.
pub fn check(
    file: &Path,
    signature: &Path,
    allowed: &Path,
    at: DateTime<Utc>,
    interrupt: &Interrupt,
) -> Result<Checked, SignError> {
    let unreadable = |path: &Path, source| SignError::Read {
        path: path.to_owned(),
        source,
    };
    let list = read(allowed).map_err(|error| unreadable(allowed, error))?;
    let signature = match read(signature) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Checked::Missing),
        Err(error) => return Err(unreadable(signature, error)),
    };
    let Ok(signature) = SshSig::from_pem(signature.trim_ascii()) else {
        return Ok(Checked::Unreadable);
    };
    if signature.namespace() != NAMESPACE {
        return Ok(Checked::Purpose {
            namespace: signature.namespace().to_owned(),
        });
    }
    let data = match signature.hash_alg() {
        HashAlg::Sha256 => signed_data("sha256", &digest::<Sha256>(file, interrupt)?),
        HashAlg::Sha512 => signed_data("sha512", &digest::<Sha512>(file, interrupt)?),
        _ => return Ok(Checked::Unreadable),
    };
    let public = PublicKey::from(signature.public_key().clone());
    let key = public.fingerprint(HashAlg::Sha256).to_string();
    let (Some(genuine), Ok(blob)) = (
        crypto::verify(&public, &data, signature.signature()),
        public.to_bytes(),
    ) else {
        return Ok(Checked::Unreadable);
    };
    if !genuine {
        return Ok(Checked::Changed { key });
    }
    Ok(match signers::find(&list, &blob, at) {
        signers::Found::Nobody => Checked::Stranger { key },
        signers::Found::OutOfTime(signer) => Checked::OutOfTime { signer, key },
        signers::Found::Allowed(signer) => Checked::Valid { signer, key },
    })
}

/// What is signed: not the file, but its hash and what the signature is for.
fn signed_data(algorithm: &str, digest: &[u8]) -> Vec<u8> {
    let mut data = MAGIC.to_vec();
    for part in [NAMESPACE.as_bytes(), b"", algorithm.as_bytes(), digest] {
        // Each is far below 4 GiB.
        data.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        data.extend_from_slice(part);
    }
    data
}

fn digest<D: sha2::Digest>(path: &Path, interrupt: &Interrupt) -> Result<Vec<u8>, SignError> {
    let failed = |source| SignError::Read {
        path: path.to_owned(),
        source,
    };
    let mut file = File::open(path).map_err(failed)?;
    let (mut digest, mut chunk) = (D::new(), vec![0; 256 * 1024]);
    loop {
        interrupt.check()?;
        match file.read(&mut chunk).map_err(failed)? {
            0 => return Ok(digest.finalize().to_vec()),
            count => digest.update(&chunk[..count]),
        }
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LIMIT).read_to_end(&mut bytes)?;
    Ok(bytes)
}
