//! The private map: tokens back to values. It stays with the provider; it is never packed and never uploaded.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::broken;
use super::codec::Codec;
use super::envelope;
use super::pseudonym::{Class, normalise};
use super::token;
use crate::i18n::{Localize, Message};
use crate::report::rfc3339;
use crate::scan::Kind;

pub use super::envelope::{EnvelopeError, Identities, Recipients, is_encrypted};

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
    /// It is encrypted, and no identity was named.
    #[error("map {} is encrypted", path.display())]
    Encrypted {
        /// The file.
        path: PathBuf,
    },
    /// It is encrypted to somebody else, or damaged.
    #[error("map {} cannot be decrypted", path.display())]
    Undecryptable {
        /// The file.
        path: PathBuf,
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
            Self::Encrypted { path } => ("redact-map-encrypted", path, String::new()),
            Self::Undecryptable { path } => ("redact-map-undecryptable", path, String::new()),
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
    /// Writes the map with mode 0600, encrypted if there are recipients; an existing file is replaced only when the
    /// new one is complete.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &Path, recipients: &Recipients) -> Result<(), MapError> {
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
        let mut bytes = serde_json::to_vec_pretty(self).map_err(|error| failed(error.into()))?;
        bytes.push(b'\n');
        if !recipients.is_empty() {
            bytes = recipients.encrypt(&bytes).map_err(failed)?;
        }
        file.write_all(&bytes).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
    }

    /// Reads a map; whether it was encrypted.
    ///
    /// # Errors
    /// When it cannot be read, is not a map, or none of the identities decrypts it.
    pub fn read(path: &Path, identities: &Identities) -> Result<(Self, bool), MapError> {
        use std::io::Read as _;
        let failed = |source| MapError::Read {
            path: path.to_owned(),
            source,
        };
        let mut bytes = Vec::new();
        let file = fs::File::open(path).map_err(failed)?;
        file.take(LIMIT).read_to_end(&mut bytes).map_err(failed)?;
        let encrypted = envelope::is_encrypted(&bytes);
        if encrypted {
            let path = path.to_owned();
            if identities.is_empty() {
                return Err(MapError::Encrypted { path });
            }
            bytes = identities
                .decrypt(&bytes, LIMIT)
                .ok_or(MapError::Undecryptable { path })?;
        }
        let format = |reason: String| MapError::Format {
            path: path.to_owned(),
            reason,
        };
        let map: Self = serde_json::from_slice(&bytes).map_err(|error| format(error.to_string()))?;
        if map.schema != SCHEMA {
            return Err(format(map.schema));
        }
        Ok((map, encrypted))
    }

    /// Erases everything that stands for `value`, in whatever form it was written or given: also the token itself.
    /// How many tokens that were.
    pub fn forget(&mut self, value: &str) -> usize {
        let before = self.tokens.len();
        let wanted = value.trim();
        self.tokens.retain(|token, entry| {
            let same = |original: &Original| {
                let class = Class::of(entry.kind, original.value.as_bytes());
                normalise(class, original.value.as_bytes()) == normalise(class, wanted.as_bytes())
            };
            !token.eq_ignore_ascii_case(wanted) && !entry.values.iter().any(same)
        });
        before - self.tokens.len()
    }

    /// Whether the map should have been deleted by now.
    pub fn is_expired(&self, now: DateTime<Utc>) -> bool {
        DateTime::parse_from_rfc3339(&self.expires_at).is_ok_and(|expires| expires < now)
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
            if dash < at {
                continue;
            }
            let token = token_around(text, at, dash);
            let whole = token.and_then(|(start, len)| self.whole(text, start..start + len, dash));
            if let Some((start, end, value)) = whole.or_else(|| self.broken(text, at, dash)) {
                out.extend_from_slice(&text[at..start]);
                out.extend_from_slice(value.as_bytes());
                at = end;
                restored.replaced += 1;
            } else if let Some((start, len)) = token {
                out.extend_from_slice(&text[at..start + len]);
                at = start + len;
                restored.unknown += 1;
            }
        }
        out.extend_from_slice(&text[at..]);
        restored
    }
}

impl PrivateMap {
    /// A token as it was written: where it and what belongs to it begins and ends, and its value.
    fn whole(&self, text: &[u8], token: Range<usize>, dash: usize) -> Option<(usize, usize, &str)> {
        let rest = String::from_utf8_lossy(&text[dash + 1..token.end]).to_ascii_lowercase();
        let (digits, has_domain) = match rest.split_once('@') {
            Some((digits, _)) => (digits, true),
            None => (rest.as_str(), false),
        };
        let (value, is_address) = self.value(&text[token.start..dash], digits)?;
        let domain = text.get(token.end..).filter(|_| is_address && !has_domain);
        Some((token.start, token.end + broken::suffix(domain), value))
    }

    /// The same for one that was broken on its way.
    fn broken(&self, text: &[u8], from: usize, dash: usize) -> Option<(usize, usize, &str)> {
        let (start, candidates) = broken::digits(text, from, dash);
        candidates.into_iter().find_map(|digits| {
            let (value, is_address) = self.value(&text[start..dash], &digits.text)?;
            let domain = text.get(digits.end..).filter(|_| is_address);
            Some((start, digits.end + broken::suffix(domain), value))
        })
    }

    /// The value of a token, and whether the token has the form of an address: that may have lost its domain on the way.
    fn value(&self, class: &[u8], digits: &str) -> Option<(&str, bool)> {
        let token = format!("{}-{digits}", String::from_utf8_lossy(class)).to_ascii_lowercase();
        let address = format!("{token}{}", super::pseudonym::EMAIL_SUFFIX);
        let (entry, is_address) = match self.tokens.get(&address) {
            Some(entry) => (entry, true),
            None => (self.tokens.get(&token)?, false),
        };
        Some((entry.values.first()?.value.as_str(), is_address))
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
    use super::{Identities, MapBuilder, MapError, PrivateMap, Recipients, Restored};
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
    fn tokens_that_mail_and_html_broke_come_back() {
        for (broken, whole) in [
            ("a email-\n0123456789abcdef b", "a ana@example.com b"),
            (
                "email-01234567=\r\n89abcdef@redacted.invalid,",
                "ana@example.com,",
            ),
            (
                "> email-0123456789\n> abcdef@redacted.\n> invalid!",
                "> ana@example.com!",
            ),
            ("EMAIL-0123456789ABCDEF%40redacted.invalid", "ana@example.com"),
            ("email-0123456789abcdef=40redacted.invalid", "ana@example.com"),
            ("email-0123456789abcdef&#64;redacted.invalid", "ana@example.com"),
            ("email-01234567<wbr>89abcdef</a>", "ana@example.com</a>"),
            ("phone-0000\u{ad}0000000000ff", "+49 30 5550100"),
            // Nothing of these is in the map.
            ("email-\n0123456789abcd00 a-\nb", "email-\n0123456789abcd00 a-\nb"),
            ("email-0123456789abcdef\n@work", "ana@example.com\n@work"),
            (
                "phone-00000000000000ff@redacted.invalid",
                "+49 30 5550100@redacted.invalid",
            ),
        ] {
            let mut out = Vec::new();
            let restored = sample().restore(broken.as_bytes(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), whole, "{restored:?}");
        }
    }

    #[test]
    fn written_private_and_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("map.json");
        let none = Identities::default();
        sample().write(&path, &Recipients::default()).unwrap();
        assert_eq!(PrivateMap::read(&path, &none).unwrap(), (sample(), false));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        std::fs::write(&path, "{}").unwrap();
        assert!(PrivateMap::read(&path, &none).is_err());
        assert!(!format!("{:?}", sample()).contains("ana"));
    }

    #[test]
    fn encrypted_to_one_and_read_by_nobody_else() {
        let dir = tempfile::tempdir().unwrap();
        let (path, key) = (dir.path().join("map.age"), dir.path().join("key.txt"));
        let identity = age::x25519::Identity::generate();
        let text = age::secrecy::ExposeSecret::expose_secret(&identity.to_string()).to_owned();
        std::fs::write(&key, format!("# created\n{text}\n")).unwrap();
        let recipients = Recipients::parse(&[identity.to_public().to_string()]).unwrap();
        sample().write(&path, &recipients).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert!(memchr::memmem::find(&bytes, b"example.com").is_none());
        let mine = Identities::read(std::slice::from_ref(&key)).unwrap();
        assert_eq!(PrivateMap::read(&path, &mine).unwrap(), (sample(), true));
        let none = Identities::default();
        assert!(matches!(
            PrivateMap::read(&path, &none),
            Err(MapError::Encrypted { .. })
        ));
        let other = age::x25519::Identity::generate();
        let text = age::secrecy::ExposeSecret::expose_secret(&other.to_string()).to_owned();
        std::fs::write(&key, &text).unwrap();
        let other = Identities::read(&[key]).unwrap();
        assert!(matches!(
            PrivateMap::read(&path, &other),
            Err(MapError::Undecryptable { .. })
        ));
        let mixed_up = Recipients::parse(std::slice::from_ref(&text)).unwrap_err();
        assert!(!mixed_up.to_string().contains(&text));
        assert!(Recipients::parse(&["age1nonsense".to_owned()]).is_err());
    }

    #[test]
    fn one_person_is_forgotten_in_all_forms() {
        for value in [
            "ANA@example.com",
            " ana@example.com ",
            "email-0123456789abcdef@redacted.invalid",
        ] {
            let mut map = sample();
            assert_eq!(map.forget(value), 1, "{value}");
            assert_eq!(map.tokens.len(), 1);
            assert_eq!(map.forget("0049 30 5550100"), 1);
        }
        assert_eq!(sample().forget("ana"), 0);
        assert!(!sample().is_expired(DateTime::UNIX_EPOCH));
        assert!(sample().is_expired(DateTime::UNIX_EPOCH + chrono::TimeDelta::days(91)));
    }
}
