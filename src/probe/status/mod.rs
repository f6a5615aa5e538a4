//! The status page: what it answered, as received, and what that says in one model. A failure is an observation.

mod cache;
mod fetch;
mod json;
pub mod model;
mod rss;

use std::path::PathBuf;

use base64::Engine as _;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

pub use cache::Cache;
pub use fetch::observe;
pub use json::Hint;
pub use model::StatusPage;

use super::http::{Problem, without_credentials};

/// The Webex status page.
pub const DEFAULT_URL: &str = "https://status.webex.com/";

/// The deadline for everything that is asked of the page, unless `--timeout` says otherwise.
pub const DEFAULT_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(20);

/// The identifier of a saved observation.
pub const SCHEMA: &str = "w4b-diag/status-observation/1";

/// Where the status comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The base of a page, or one document of it.
    Url(Url),
    /// A saved document.
    File(PathBuf),
}

impl Source {
    /// What was typed: a URL when it begins with `http://` or `https://`, else a path.
    ///
    /// # Errors
    /// When it begins like a URL and is none.
    pub fn parse(text: &str) -> Result<Self, SourceError> {
        let text = text.trim();
        let scheme = text
            .split_once("://")
            .map(|(scheme, _)| scheme.to_ascii_lowercase());
        match scheme.as_deref() {
            Some("http" | "https") => Url::parse(text)
                .ok()
                .filter(Url::has_host)
                .map(Self::Url)
                .ok_or_else(|| SourceError::Url(text.to_owned())),
            Some("file") => Url::parse(text)
                .ok()
                .and_then(|url| url.to_file_path().ok())
                .map(Self::File)
                .ok_or_else(|| SourceError::Url(text.to_owned())),
            Some(_) => Err(SourceError::Scheme(text.to_owned())),
            None if text.is_empty() => Err(SourceError::Url(String::new())),
            None => Ok(Self::File(PathBuf::from(text))),
        }
    }

    /// As it may be shown and stored: without credentials.
    pub fn shown(&self) -> String {
        match self {
            Self::Url(url) => without_credentials(url).to_string(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

/// What was typed is not a source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Not a URL.
    #[error("not a URL: {0}")]
    Url(String),
    /// A scheme that is not understood.
    #[error("only http, https and files: {0}")]
    Scheme(String),
}

impl crate::i18n::Localize for SourceError {
    fn message(&self) -> crate::i18n::Message {
        match self {
            Self::Url(text) => crate::i18n::Message::new("status-error-url").arg("text", text),
            Self::Scheme(text) => crate::i18n::Message::new("status-error-scheme").arg("text", text),
        }
    }
}

/// What is asked of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Also fetch past incidents and maintenances, to compare them with the time of a fault.
    pub history: bool,
    /// How often one request is tried.
    pub attempts: u32,
    /// Where answers are kept; `None`: ask always. Only with the machine's clock: with one that stands still an
    /// answer would never grow old.
    pub cache: Option<Cache>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            history: true,
            attempts: 3,
            cache: None,
        }
    }
}

/// What the status page answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StatusObservation {
    /// [`SCHEMA`].
    pub schema: String,
    /// The URL or file, without credentials.
    pub source: String,
    /// When it was asked (our clock); when the cached answer came, if a cached one was used.
    pub fetched_at: DateTime<Utc>,
    /// Seconds that the page's clock (HTTP `Date`) is ahead of ours; `None`: it did not say.
    pub clock_offset_seconds: Option<i64>,
    /// Whether a status page was recognised.
    pub outcome: Outcome,
    /// What it said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<StatusPage>,
    /// Lists that were wanted in addition and did not come.
    #[serde(default)]
    pub gaps: Vec<Gap>,
    /// Every answer, as received, in the order received.
    #[serde(default)]
    pub answers: Vec<Answer>,
}

/// Whether a status page was recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Yes.
    Answered,
    /// No; this says nothing about Webex.
    Unreachable(Problem),
}

/// A list that was wanted in addition and did not come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// The document, e.g. `all-incidents.json`.
    pub document: String,
    /// Why.
    pub problem: Problem,
}

/// One answer as received.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// A file name for it, e.g. `index.json`; unique within the observation.
    pub name: String,
    /// Where it came from after redirects, or the file.
    pub url: String,
    /// The HTTP status; `None` for a file.
    pub status: Option<u16>,
    /// The headers that matter, in the order received.
    pub headers: Vec<(String, String)>,
    /// When it came, or was last confirmed (our clock).
    pub received_at: DateTime<Utc>,
    /// Where it came from.
    #[serde(default)]
    pub origin: Origin,
    /// The body, after decompression; empty in a saved observation, which has it in a file beside it.
    #[serde(default)]
    pub body: Body,
}

/// Where an answer came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The page, or the file.
    #[default]
    Source,
    /// Our cache, less than a minute old.
    Cache,
    /// Our cache, confirmed by the page (304).
    Confirmed,
}

/// Bytes as received; as text when they are text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Body(pub Vec<u8>);

/// The form of a body in JSON.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum BodyForm {
    /// UTF-8.
    Text(String),
    /// Standard base64.
    Base64(String),
}

impl Serialize for Body {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => BodyForm::Text(text.to_owned()),
            Err(_) => BodyForm::Base64(base64::engine::general_purpose::STANDARD.encode(&self.0)),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match BodyForm::deserialize(deserializer)? {
            BodyForm::Text(text) => text.into_bytes(),
            BodyForm::Base64(text) => base64::engine::general_purpose::STANDARD
                .decode(text)
                .map_err(serde::de::Error::custom)?,
        }))
    }
}

impl JsonSchema for Body {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Body".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        BodyForm::json_schema(generator)
    }
}

impl StatusObservation {
    /// The page, if one was recognised.
    pub fn reached(&self) -> Option<&StatusPage> {
        match self.outcome {
            Outcome::Answered => self.page.as_ref(),
            Outcome::Unreachable(_) => None,
        }
    }

    /// The files that keep this observation: every answer as received under its name, and `observation.json` with
    /// time, URL, status, headers and clock offset (the bodies left out: they are beside it).
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files: Vec<(String, Vec<u8>)> = self
            .answers
            .iter()
            .map(|answer| (answer.name.clone(), answer.body.0.clone()))
            .collect();
        let mut record = serde_json::to_value(self).unwrap_or_default();
        if let Some(answers) = record
            .get_mut("answers")
            .and_then(serde_json::Value::as_array_mut)
        {
            for answer in answers {
                if let Some(fields) = answer.as_object_mut() {
                    fields.remove("body");
                }
            }
        }
        let mut text = serde_json::to_string_pretty(&record).unwrap_or_default();
        text.push('\n');
        files.push(("observation.json".to_owned(), text.into_bytes()));
        files
    }
}
