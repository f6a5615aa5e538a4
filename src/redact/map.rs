//! The private map: tokens back to values. It stays with the provider; it is never packed and never uploaded.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::codec::Codec;
use super::token;
use crate::i18n::{Localize, Message};
use crate::report::rfc3339;
use crate::scan::Kind;

/// The identifier of the file format.
pub const SCHEMA: &str = "w4b-diag/map/1";
/// After so many days a map should be deleted: longer than an upload token of a case is valid (72 days).
const EXPIRES_DAYS: i64 = 90;
/// The largest map that is read.
const LIMIT: u64 = 256 * 1024 * 1024;

/// Collects originals while redacting.
#[derive(Debug, Default)]
pub(super) struct MapBuilder {
    tokens: HashMap<Box<str>, (Kind, Vec<Original>)>,
}

impl MapBuilder {
    pub(super) fn add(&mut self, token: &str, kind: Kind, raw: &[u8]) {
        let value = match std::str::from_utf8(raw) {
            Ok(text) => std::borrow::Cow::Borrowed(text),
            Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(raw).0,
        };
        if let Some((_, originals)) = self.tokens.get_mut(token) {
            match originals.iter_mut().find(|original| original.value == value) {
                Some(original) => original.count += 1,
                None => originals.push(Original {
                    value: value.into_owned(),
                    count: 1,
                }),
            }
            return;
        }
        let first = Original {
            value: value.into_owned(),
            count: 1,
        };
        self.tokens.insert(token.into(), (kind, vec![first]));
    }

    pub(super) fn finish(&self, created_at: DateTime<Utc>, key_id: String) -> PrivateMap {
        let expires_at = created_at
            .checked_add_signed(TimeDelta::days(EXPIRES_DAYS))
            .unwrap_or(created_at);
        let tokens = self.tokens.iter().map(|(token, (kind, originals))| {
            let mut values = originals.clone();
            // Stable: the first seen of the most frequent.
            values.sort_by_key(|original| std::cmp::Reverse(original.count));
            (token.to_string(), MapEntry { kind: *kind, values })
        });
        PrivateMap {
            schema: SCHEMA.to_owned(),
            created_at: rfc3339(created_at),
            expires_at: rfc3339(expires_at),
            key_id,
            tokens: tokens.collect(),
        }
    }
}

/// One way in which a value was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Original {
    /// As written.
    pub value: String,
    /// How often.
    pub count: u64,
}

/// What a token stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MapEntry {
    /// What it is.
    pub kind: Kind,
    /// The value in the forms in which it was written, most frequent first.
    pub values: Vec<Original>,
}

/// Tokens to values.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PrivateMap {
    /// [`SCHEMA`].
    pub schema: String,
    /// When it was made (RFC 3339).
    pub created_at: String,
    /// When it should be deleted (RFC 3339); a hint, nothing enforces it.
    pub expires_at: String,
    /// The public name of the key.
    pub key_id: String,
    /// By token.
    pub tokens: BTreeMap<String, MapEntry>,
}

impl std::fmt::Debug for PrivateMap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PrivateMap({} tokens)", self.tokens.len())
    }
}

/// Why a map cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum MapError {
    /// It cannot be read.
    #[error("cannot read map {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It cannot be written.
    #[error("cannot write map {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not a map.
    #[error("{} is not a map: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

impl Localize for MapError {
    fn message(&self) -> Message {
        let (key, path, reason) = match self {
            Self::Read { path, source } => ("redact-map-read", path, source.to_string()),
            Self::Write { path, source } => ("redact-map-write", path, source.to_string()),
            Self::Format { path, reason } => ("redact-map-format", path, reason.clone()),
        };
        Message::new(key)
            .arg("path", path.to_string_lossy())
            .arg("reason", reason)
    }
}

/// What restoring did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Restored {
    /// Tokens that were replaced.
    pub replaced: u64,
    /// Tokens that the map does not have.
    pub unknown: u64,
}

impl PrivateMap {
    /// Writes the map with mode 0600; an existing file is replaced only when the new one is complete.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), MapError> {
        let failed = |source| MapError::Write {
            path: path.to_owned(),
            source,
        };
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        // Temporary files of this crate have mode 0600 from their creation on.
        let mut file = tempfile::NamedTempFile::new_in(directory).map_err(failed)?;
        let json = serde_json::to_vec_pretty(self).map_err(|error| failed(error.into()))?;
        file.write_all(&json).map_err(failed)?;
        file.write_all(b"\n").map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
    }

    /// Reads a map.
    ///
    /// # Errors
    /// When it cannot be read or is not a map.
    pub fn read(path: &Path) -> Result<Self, MapError> {
        use std::io::Read as _;
        let failed = |source| MapError::Read {
            path: path.to_owned(),
            source,
        };
        let mut json = Vec::new();
        let file = fs::File::open(path).map_err(failed)?;
        file.take(LIMIT).read_to_end(&mut json).map_err(failed)?;
        let format = |reason: String| MapError::Format {
            path: path.to_owned(),
            reason,
        };
        let map: Self = serde_json::from_slice(&json).map_err(|error| format(error.to_string()))?;
        if map.schema != SCHEMA {
            return Err(format(map.schema));
        }
        Ok(map)
    }

    /// The same for a file of any encoding; the values are written in it.
    pub fn restore_any(&self, bytes: &[u8], out: &mut Vec<u8>) -> Restored {
        let codec = Codec::detect(bytes).unwrap_or(Codec::Bytes);
        let (mut raw, mut text, mut plain) = (bytes.to_vec(), Vec::new(), Vec::new());
        codec.decode(&mut raw, &mut text, true);
        let restored = self.restore(&text, &mut plain);
        codec.encode(&plain, out);
        out.append(&mut raw);
        restored
    }

    /// Replaces the tokens in `text` by their values, to the end of `out`.
    pub fn restore(&self, text: &[u8], out: &mut Vec<u8>) -> Restored {
        let mut restored = Restored::default();
        let mut at = 0;
        for dash in memchr::memchr_iter(b'-', text) {
            let Some((start, len)) = token_around(text, at, dash) else {
                continue;
            };
            let written = String::from_utf8_lossy(&text[start..start + len]).to_ascii_lowercase();
            out.extend_from_slice(&text[at..start]);
            at = start + len;
            // An e-mail's token may have lost its domain on the way.
            let entry = self.tokens.get(&written).or_else(|| {
                self.tokens
                    .get(&format!("{written}{}", super::pseudonym::EMAIL_SUFFIX))
            });
            if let Some(original) = entry.and_then(|entry| entry.values.first()) {
                out.extend_from_slice(original.value.as_bytes());
                restored.replaced += 1;
            } else {
                out.extend_from_slice(&text[start..at]);
                restored.unknown += 1;
            }
        }
        out.extend_from_slice(&text[at..]);
        restored
    }
}

/// The token whose first dash is at `dash`: start and length.
fn token_around(text: &[u8], from: usize, dash: usize) -> Option<(usize, usize)> {
    let letters = text[from..dash]
        .iter()
        .rev()
        .take(8)
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let start = dash - letters;
    token::token_len(&text[start..]).map(|len| (start, len))
}

#[cfg(test)]
mod tests {
    use super::{MapBuilder, PrivateMap, Restored};
    use crate::scan::Kind;
    use chrono::DateTime;

    fn sample() -> PrivateMap {
        let mut builder = MapBuilder::default();
        let token = "email-0123456789abcdef@redacted.invalid";
        builder.add(token, Kind::Email, b"Ana@example.com");
        builder.add(token, Kind::Email, b"ana@example.com");
        builder.add(token, Kind::Email, b"ana@example.com");
        builder.add("phone-00000000000000ff", Kind::Phone, b"+49 30 5550100");
        builder.finish(DateTime::UNIX_EPOCH, "abcd".to_owned())
    }

    #[test]
    fn the_most_frequent_form_comes_back() {
        let mut out = Vec::new();
        let text = b"re: EMAIL-0123456789abcdef@redacted.invalid (email-0123456789abcdef), \
            phone-00000000000000ff; phone-0000000000000011 x-phone-1";
        let restored = sample().restore(text, &mut out);
        assert_eq!(
            restored,
            Restored {
                replaced: 3,
                unknown: 1
            }
        );
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "re: ana@example.com (ana@example.com), +49 30 5550100; phone-0000000000000011 x-phone-1"
        );
    }

    #[test]
    fn written_private_and_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("map.json");
        sample().write(&path).unwrap();
        assert_eq!(PrivateMap::read(&path).unwrap(), sample());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        std::fs::write(&path, "{}").unwrap();
        assert!(PrivateMap::read(&path).is_err());
        assert!(!format!("{:?}", sample()).contains("ana"));
    }
}
