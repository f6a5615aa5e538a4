//! The note beside an uploaded file that keeps it from being uploaded twice.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::bundle::manifest::hex;
use crate::cli::write_file::{self, WriteError};

/// The identifier of the format.
const SCHEMA: &str = "w4b-diag/receipt/1";
/// A receipt is never longer.
const LIMIT: u64 = 64 * 1024;

/// What was uploaded where. Nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Receipt {
    /// `w4b-diag/receipt/1`.
    pub schema: String,
    /// The file's name.
    pub file: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// The service request.
    pub sr: String,
    /// Where it is.
    pub url: String,
    /// When the server had all of it (RFC 3339).
    pub uploaded_at: String,
    /// The HTTP status: 201.
    pub status: u16,
}

impl Receipt {
    /// What will have been uploaded.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn draft(path: &Path, sr: &str, url: &str) -> std::io::Result<Self> {
        let mut file = std::fs::File::open(path)?;
        let (mut digest, mut bytes, mut chunk) = (Sha256::new(), 0, vec![0; 256 * 1024]);
        loop {
            let count = file.read(&mut chunk)?;
            if count == 0 {
                break;
            }
            digest.update(chunk.get(..count).unwrap_or_default());
            bytes += count as u64;
        }
        Ok(Self {
            schema: SCHEMA.to_owned(),
            file: crate::commands::verify::file_name(path),
            bytes,
            sha256: hex(&digest.finalize()),
            sr: sr.to_owned(),
            url: url.to_owned(),
            uploaded_at: String::new(),
            status: 0,
        })
    }

    /// Where the receipt of a file is: beside it.
    pub fn path(zip: &Path) -> PathBuf {
        let mut name = zip.as_os_str().to_owned();
        name.push(".receipt.json");
        name.into()
    }

    /// The receipt of the same bytes for the same service request at the same place, if there is one.
    pub fn earlier(&self, zip: &Path) -> Option<Self> {
        let mut json = Vec::new();
        let file = std::fs::File::open(Self::path(zip)).ok()?;
        file.take(LIMIT).read_to_end(&mut json).ok()?;
        let receipt: Self = serde_json::from_slice(&json).ok()?;
        let same = receipt.schema == SCHEMA
            && receipt.sha256 == self.sha256
            && receipt.sr == self.sr
            && receipt.url == self.url;
        same.then_some(receipt)
    }

    /// Writes it beside the file.
    ///
    /// # Errors
    /// When that is not possible.
    pub fn write(&self, zip: &Path) -> Result<(), WriteError> {
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        write_file::write(&Self::path(zip), &json)
    }
}
