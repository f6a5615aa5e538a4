//! A small cache of answers in the user's cache directory: within a minute the page is not asked again, and after that
//! it is asked whether anything changed. What cannot be read or written is as if it were not there.

use std::io::Write as _;
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use etcetera::BaseStrategy as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::Body;
use crate::probe::http::{MAX_BODY, Response, without_credentials};

/// How long an answer is used without asking.
const FRESH: TimeDelta = TimeDelta::seconds(60);
/// A cache file larger than this was not written by this program: the body, with room for escapes and headers.
const MAX_FILE: u64 = 7 * MAX_BODY as u64;
/// The identifier of a cache file.
const SCHEMA: &str = "w4b-diag/status-cache/1";

/// The directory with the answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    directory: PathBuf,
}

/// One answer as stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    schema: String,
    /// When the page last gave or confirmed it.
    pub(super) stored_at: DateTime<Utc>,
    /// Seconds that the page's clock was ahead of ours then.
    pub(super) clock_offset: Option<i64>,
    status: u16,
    headers: Vec<(String, String)>,
    body: Body,
}

impl Cache {
    /// The cache in `$XDG_CACHE_HOME/w4b-diag/status`, or where this system keeps such files; `None` without a home.
    pub fn of_user() -> Option<Self> {
        let base = etcetera::base_strategy::choose_base_strategy().ok()?;
        Some(Self::new(base.cache_dir().join("w4b-diag").join("status")))
    }

    /// A cache in this directory, which need not exist.
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    pub(super) fn load(&self, url: &Url) -> Option<Entry> {
        let path = self.path(url)?;
        if std::fs::metadata(&path).ok()?.len() > MAX_FILE {
            return None;
        }
        let entry: Entry = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
        (entry.schema == SCHEMA).then_some(entry)
    }

    /// Stores an answer, unless the page forbids it. Written beside and moved, so that two runs do not mix; readable
    /// only by the user.
    pub(super) fn store(&self, url: &Url, entry: &Entry) {
        let Some(path) = self.path(url).filter(|_| !entry.says("no-store")) else {
            return;
        };
        let _ = std::fs::create_dir_all(&self.directory);
        let written = tempfile::NamedTempFile::new_in(&self.directory).and_then(|mut file| {
            serde_json::to_writer(&mut file, entry)?;
            file.flush()?;
            file.persist(path).map_err(std::io::Error::from)
        });
        // A cache that cannot be written is no cache.
        drop(written);
    }

    /// The file of a URL. The name is a digest because a URL may hold a token; a URL with a password is not cached.
    fn path(&self, url: &Url) -> Option<PathBuf> {
        if url.password().is_some() || !url.username().is_empty() {
            return None;
        }
        let digest = Sha256::digest(url.as_str());
        let name = u128::from_be_bytes(digest.first_chunk().copied()?);
        Some(self.directory.join(format!("{name:032x}.json")))
    }
}

impl Entry {
    pub(super) fn new(response: &Response, stored_at: DateTime<Utc>, clock_offset: Option<i64>) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            stored_at,
            clock_offset,
            status: response.status,
            headers: response.headers.clone(),
            body: Body(response.body.clone()),
        }
    }

    /// Whether it may be used without asking.
    pub(super) fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        let age = now - self.stored_at;
        age >= TimeDelta::zero() && age < FRESH && !self.says("no-cache") && !self.says("max-age=0")
    }

    /// The headers that ask whether anything changed. [RFC 9110, section 13.1]
    pub(super) fn conditions(&self) -> Vec<(&'static str, String)> {
        let pairs = [("etag", "if-none-match"), ("last-modified", "if-modified-since")];
        let header = |name: &str| self.headers.iter().find(|(header, _)| header == name);
        pairs
            .into_iter()
            .filter_map(|(stored, asked)| Some((asked, header(stored)?.1.clone())))
            .collect()
    }

    /// The answer, as if `url` had given it just now.
    pub(super) fn response(&self, url: &Url) -> Response {
        Response {
            status: self.status,
            url: without_credentials(url),
            headers: self.headers.clone(),
            body: self.body.0.clone(),
        }
    }

    fn says(&self, directive: &str) -> bool {
        self.headers
            .iter()
            .filter(|(name, _)| name == "cache-control")
            .flat_map(|(_, value)| value.split(','))
            .any(|part| part.trim().eq_ignore_ascii_case(directive))
    }
}
