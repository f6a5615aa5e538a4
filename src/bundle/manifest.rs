//! `manifest.json`: what is in a bundle, what is not, and why. These types are the wire format.

use std::collections::BTreeMap;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::ByKind;
use crate::report::Tool;

/// The identifier of the manifest's format.
pub const SCHEMA: &str = "w4b-diag/manifest/1";

/// The manifest of one bundle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: String,
    /// The program that made the bundle.
    pub tool: Tool,
    /// The bundle's name, also its one top directory.
    pub name: String,
    /// When it was made (RFC 3339); the instant of `--as-of` when that was given.
    pub created_at: String,
    /// The machine it was made on.
    pub platform: Platform,
    /// The language of the parts that are not English.
    pub lang: String,
    /// The options that shaped it, redacted.
    #[serde(default)]
    pub options: Map<String, Value>,
    /// Seconds that a server's clock was ahead of this machine's, by the `Date` of its HTTP answer: the status page's, else
    /// the first endpoint's; null when none was asked.
    #[serde(default)]
    pub clock_offset_seconds: Option<i64>,
    /// How the person agreed to what is shared: `asked`, `flag`, `not-asked`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<String>,
    /// Every file of the bundle but this one, by path.
    pub files: Vec<FileEntry>,
    /// What was looked for and left no file, and why.
    #[serde(default)]
    pub skipped: Vec<Skipped>,
    /// Masked values by kind, over all files.
    #[serde(default)]
    pub redactions: BTreeMap<String, u64>,
    /// Protected values that were kept (organisation IDs, tracking IDs, versions …), by kind, over all files.
    #[serde(default)]
    pub protected: BTreeMap<String, u64>,
    /// SHA-256 of this document with these 64 digits left out, in hexadecimal.
    pub digest: String,
}

/// The machine that made a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Platform {
    /// `linux`, `macos`, `windows`.
    pub os: String,
    /// `x86_64`, `aarch64`.
    pub arch: String,
}

impl Default for Platform {
    fn default() -> Self {
        Self {
            os: std::env::consts::OS.to_owned(),
            arch: std::env::consts::ARCH.to_owned(),
        }
    }
}

/// One file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileEntry {
    /// Where it is, below the bundle's top directory, with `/`.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// Where it comes from: a file, a URL, a target, `w4b-diag`.
    pub source: String,
    /// Why it is collected (English).
    pub why: String,
    /// When it was collected (RFC 3339).
    pub collected_at: String,
    /// How long that took; left out with `--as-of`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// How it went.
    pub status: Status,
    /// Why it is not `ok` (English).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Masked values by kind.
    #[serde(default, skip_serializing_if = "ByKind::is_empty")]
    #[schemars(with = "BTreeMap<String, u64>")]
    pub redactions: ByKind,
    /// Protected values kept, by kind.
    #[serde(default, skip_serializing_if = "ByKind::is_empty")]
    #[schemars(with = "BTreeMap<String, u64>")]
    pub protected: ByKind,
    /// The contents were packed without being looked into: a picture the person agreed to share.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unscanned: bool,
}

/// What was looked for and left no file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Skipped {
    /// Where it would have been.
    pub path: String,
    /// Where it would have come from.
    pub source: String,
    /// How it went.
    pub status: Status,
    /// Why there is nothing (English).
    pub reason: String,
}

/// How collecting one item went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// All of it is there.
    #[default]
    Ok,
    /// Some of it is there: a log that was cut, an answer without its body.
    Partial,
    /// It could not be redacted or may not be shared; `<name>.withheld.txt` says why.
    Withheld,
    /// The collector failed; `<name>.err.txt` says why.
    Failed,
    /// It was not collected on purpose.
    Skipped,
    /// The deadline passed first.
    TimedOut,
    /// The person stopped it.
    Interrupted,
}

impl Status {
    /// The word of the wire format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Partial => "partial",
            Self::Withheld => "withheld",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::TimedOut => "timed-out",
            Self::Interrupted => "interrupted",
        }
    }
}

impl Manifest {
    /// Writes the document as it is packed, pretty and with its digest set. It is never in memory as a whole: with a
    /// hundred thousand files it has 50 MB.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_to(&mut self, mut output: impl Write) -> io::Result<()> {
        self.digest = String::new();
        let mut blank = Hashed(Sha256::new());
        serde_json::to_writer_pretty(&mut blank, self)?;
        blank.write_all(b"\n")?;
        self.digest = hex(&blank.0.finalize());
        serde_json::to_writer_pretty(&mut output, self)?;
        output.write_all(b"\n")
    }

    /// Whether `document` is what [`Manifest::write_to`] wrote.
    pub fn is_genuine(&self, document: &[u8]) -> bool {
        let Ok(text) = std::str::from_utf8(document) else {
            return false;
        };
        // The last occurrence: the field is the last of the document, and foreign text may quote anything.
        match text.rfind(&self.digest) {
            Some(start) if self.digest.len() == 64 => {
                let (before, after) = text.split_at(start);
                let mut digest = Sha256::new();
                digest.update(before.as_bytes());
                digest.update(after.get(64..).unwrap_or_default().as_bytes());
                hex(&digest.finalize()) == self.digest
            }
            _ => false,
        }
    }

    /// The file at `path` below the top directory.
    pub fn file(&self, path: &str) -> Option<&FileEntry> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Items that are not all there: files with another status than `ok`, and what was skipped.
    pub fn gaps(&self) -> impl Iterator<Item = (&str, Status, &str)> {
        let files = self
            .files
            .iter()
            .filter(|file| file.status != Status::Ok)
            .map(|file| {
                (
                    file.path.as_str(),
                    file.status,
                    file.reason.as_deref().unwrap_or_default(),
                )
            });
        let skipped = self
            .skipped
            .iter()
            .map(|item| (item.path.as_str(), item.status, item.reason.as_str()));
        files.chain(skipped)
    }
}

/// Hashes what is written to it.
struct Hashed(Sha256);

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|nibble| char::from(DIGITS[usize::from(nibble)]))
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Manifest, Platform, SCHEMA};
    use crate::report::Tool;

    pub(crate) fn manifest() -> Manifest {
        Manifest {
            schema: SCHEMA.to_owned(),
            tool: Tool::default(),
            name: "case".to_owned(),
            created_at: "2026-11-22T10:00:00Z".to_owned(),
            platform: Platform::default(),
            lang: "en".to_owned(),
            options: serde_json::Map::new(),
            clock_offset_seconds: None,
            consent: None,
            files: Vec::new(),
            skipped: Vec::new(),
            redactions: std::collections::BTreeMap::new(),
            protected: std::collections::BTreeMap::new(),
            digest: String::new(),
        }
    }

    #[test]
    fn every_changed_byte_of_the_document_shows() {
        let mut manifest = manifest();
        let mut document = Vec::new();
        manifest.write_to(&mut document).expect("plain data");
        let back: Manifest = serde_json::from_slice(&document).expect("own output");
        assert_eq!(back, manifest);
        assert!(back.is_genuine(&document));
        for place in 0..document.len() {
            let mut changed = document.clone();
            changed[place] ^= 0x01;
            let genuine = serde_json::from_slice::<Manifest>(&changed)
                .is_ok_and(|manifest| manifest.is_genuine(&changed));
            assert!(!genuine, "byte {place}");
        }
    }
}
