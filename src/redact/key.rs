//! The site key: what pseudonyms are keyed by, so that nobody without it can test a guess.

use std::fmt;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::i18n::{Localize, Message};

/// Bytes of a key: as long as the output of the hash (RFC 2104, section 3).
pub const KEY_BYTES: usize = 32;

/// The most that is read of a key file: 64 hexadecimal digits and a line end fit, a wrong file is noticed.
const FILE_LIMIT: u64 = 256;

/// The secret that pseudonyms are keyed by. Never shown, never packed.
#[derive(Clone, PartialEq, Eq)]
pub struct SiteKey([u8; KEY_BYTES]);

impl fmt::Debug for SiteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SiteKey(…)")
    }
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("cannot read key {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file or its directory cannot be made.
    #[error("cannot write key {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Neither 32 bytes nor 64 hexadecimal digits.
    #[error("key {} has the wrong length", path.display())]
    Length {
        /// The file.
        path: PathBuf,
        /// Its bytes (at most the limit that was read).
        bytes: usize,
    },
    /// Others can read it.
    #[error("key {} is readable by others (mode {mode:o})", path.display())]
    Permissions {
        /// The file.
        path: PathBuf,
        /// Its mode bits.
        mode: u32,
    },
    /// No home directory, so no state directory.
    #[error("no home directory")]
    NoHome,
    /// The operating system gives no randomness.
    #[error("no randomness: {0}")]
    Random(String),
}

impl Localize for KeyError {
    fn message(&self) -> Message {
        let with_path =
            |key: &'static str, path: &Path| Message::new(key).arg("path", path.to_string_lossy());
        match self {
            Self::Read { path, source } => {
                with_path("redact-key-read", path).arg("reason", source.to_string())
            }
            Self::Write { path, source } => {
                with_path("redact-key-write", path).arg("reason", source.to_string())
            }
            Self::Length { path, bytes } => with_path("redact-key-length", path).arg("bytes", *bytes),
            Self::Permissions { path, mode } => {
                with_path("redact-key-permissions", path).arg("mode", format!("{mode:04o}"))
            }
            Self::NoHome => Message::new("redact-key-no-home"),
            Self::Random(reason) => Message::new("redact-key-random").arg("reason", reason),
        }
    }
}

impl SiteKey {
    /// A key that nobody has seen and nobody will see again: bundles made with it cannot be linked to others.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn fresh() -> Result<Self, KeyError> {
        let mut key = [0; KEY_BYTES];
        getrandom::fill(&mut key).map_err(|error| KeyError::Random(error.to_string()))?;
        Ok(Self(key))
    }

    /// The same key every time: what a test has seen, its next run sees too.
    #[cfg(test)]
    pub(crate) fn of_tests() -> Self {
        Self([0x5a; KEY_BYTES])
    }

    /// The key in a file: 32 bytes, or 64 hexadecimal digits.
    ///
    /// # Errors
    /// When it cannot be read, has another length, or others may read it.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let read = |source| KeyError::Read {
            path: path.to_owned(),
            source,
        };
        let file = fs::File::open(path).map_err(read)?;
        check_permissions(path, &file.metadata().map_err(read)?)?;
        let mut bytes = Vec::new();
        file.take(FILE_LIMIT).read_to_end(&mut bytes).map_err(read)?;
        parse(&bytes).map(Self).ok_or(KeyError::Length {
            path: path.to_owned(),
            bytes: bytes.len(),
        })
    }

    /// What `--key FILE` and `--fresh-key` mean together: the named key, a new one, else that of the site.
    ///
    /// # Errors
    /// When the key can be neither read nor made.
    pub fn choose(file: Option<&Path>, fresh: bool) -> Result<Self, KeyError> {
        match file {
            Some(path) => Self::load(path),
            None if fresh => Self::fresh(),
            None => Self::of_site(),
        }
    }

    /// The key of this site: read from [`SiteKey::default_path`], made there on first use.
    ///
    /// # Errors
    /// When it can be neither read nor made.
    pub fn of_site() -> Result<Self, KeyError> {
        Self::load_or_create(&Self::default_path()?)
    }

    /// Where the key of this site lives: `w4b-diag/site.key` in the user's state directory
    /// (`$XDG_STATE_HOME`, else `~/.local/state`; on Windows the data directory).
    ///
    /// # Errors
    /// When the user has no home directory.
    pub fn default_path() -> Result<PathBuf, KeyError> {
        let strategy = etcetera::choose_base_strategy().map_err(|_| KeyError::NoHome)?;
        let base = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
        Ok(base.join("w4b-diag").join("site.key"))
    }

    /// Reads the key, or makes one. Two processes that start together end up with the same key: the file is
    /// written completely under another name and only then given its own, which fails if it exists by now.
    ///
    /// # Errors
    /// When it can be neither read nor made.
    pub fn load_or_create(path: &Path) -> Result<Self, KeyError> {
        if path.exists() {
            return Self::load(path);
        }
        let write = |source| KeyError::Write {
            path: path.to_owned(),
            source,
        };
        let directory = path.parent().unwrap_or_else(|| Path::new("."));
        create_private_dir(directory).map_err(write)?;
        let key = Self::fresh()?;
        // Temporary files of this crate have mode 0600 from their creation on.
        let mut file = tempfile::NamedTempFile::new_in(directory).map_err(write)?;
        file.write_all(&key.0).map_err(write)?;
        file.as_file().sync_all().map_err(write)?;
        match file.persist_noclobber(path) {
            Ok(_) => Ok(key),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Self::load(path),
            Err(error) => Err(write(error.error)),
        }
    }

    /// A short name of the key that tells nothing about it: two bundles with the same name share pseudonyms.
    pub fn id(&self) -> String {
        use std::fmt::Write as _;
        let digest = self.digest("key-id", b"");
        digest[..4].iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// HMAC-SHA-256 (RFC 2104) over the class of the value and the value, kept apart by a byte that no class has.
    pub(super) fn digest(&self, class: &str, value: &[u8]) -> [u8; 32] {
        let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0) else {
            // HMAC takes keys of any length.
            unreachable!("a key of any length is accepted");
        };
        mac.update(class.as_bytes());
        mac.update(&[0]);
        mac.update(value);
        mac.finalize().into_bytes().into()
    }
}

fn parse(bytes: &[u8]) -> Option<[u8; KEY_BYTES]> {
    if let Ok(key) = bytes.try_into() {
        return Some(key);
    }
    let digits = bytes.trim_ascii();
    if digits.len() != 2 * KEY_BYTES {
        return None;
    }
    let mut key = [0; KEY_BYTES];
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(key)
}

#[cfg(unix)]
fn check_permissions(path: &Path, metadata: &fs::Metadata) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o777;
    let others = mode & 0o077;
    if others == 0 {
        Ok(())
    } else {
        Err(KeyError::Permissions {
            path: path.to_owned(),
            mode,
        })
    }
}

#[cfg(not(unix))]
fn check_permissions(_path: &Path, _metadata: &fs::Metadata) -> Result<(), KeyError> {
    Ok(())
}

#[cfg(unix)]
fn create_private_dir(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn create_private_dir(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

#[cfg(test)]
mod tests {
    use super::{KeyError, SiteKey};
    use std::fs;

    #[test]
    fn made_once_private_and_stable() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state/w4b-diag/site.key");
        let first = SiteKey::load_or_create(&path).unwrap();
        assert_eq!(first, SiteKey::load_or_create(&path).unwrap());
        assert_ne!(first, SiteKey::fresh().unwrap());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            assert!(matches!(
                SiteKey::load(&path),
                Err(KeyError::Permissions { mode: 0o640, .. })
            ));
        }
    }

    #[test]
    fn many_first_uses_at_once_agree() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("site.key");
        let ids: Vec<String> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| SiteKey::load_or_create(&path).unwrap().id()))
                .collect();
            workers.into_iter().map(|worker| worker.join().unwrap()).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    }

    #[test]
    fn wrong_lengths_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        for (content, good) in [
            (vec![7; 32], true),
            ("07".repeat(32).into_bytes(), true),
            (format!("{}\n", "07".repeat(32)).into_bytes(), true),
            (vec![7; 31], false),
            (Vec::new(), false),
            ("zz".repeat(32).into_bytes(), false),
            (vec![b'0'; 4096], false),
        ] {
            fs::write(&path, &content).unwrap();
            #[cfg(unix)]
            fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            assert_eq!(SiteKey::load(&path).is_ok(), good, "{} bytes", content.len());
        }
        assert!(matches!(
            SiteKey::load(&dir.path().join("absent")),
            Err(KeyError::Read { .. })
        ));
    }
}
