//! What a collector hands to the packer.

use chrono::{DateTime, Utc};

use super::Status;
use crate::i18n::Message;
use crate::redact::{Content, Withheld};

/// One file for the bundle, or the reason why there is none.
#[derive(Debug)]
pub struct Item {
    /// Where it goes below the bundle's top directory, e.g. `logs/client.log`. Made safe and unique by the packer.
    pub path: String,
    /// Where it is from: a file, a URL, a target. Redacted by the packer.
    pub source: String,
    /// Why it is collected.
    pub why: Message,
    /// What is packed.
    pub content: Content,
    /// How collecting it went. A withheld content with [`Status::Ok`] counts as [`Status::Withheld`].
    pub status: Status,
    /// Why the status is not `ok`. A withheld content brings its own.
    pub reason: Option<Message>,
    /// When it was collected.
    pub collected_at: DateTime<Utc>,
    /// How long that took.
    pub duration_ms: Option<u64>,
    /// About how large it is before redaction, in bytes, if that is known.
    pub size_hint: Option<u64>,
    /// The path of the archive that it is in, and its number there: members are packed in this order, in which the
    /// archive can be read in one go.
    pub archive: Option<(String, u64)>,
}

impl Item {
    /// An item that was collected without trouble.
    pub fn new(
        path: impl Into<String>,
        source: impl Into<String>,
        why: Message,
        content: impl Into<Content>,
        collected_at: DateTime<Utc>,
    ) -> Self {
        Self {
            path: path.into(),
            source: source.into(),
            why,
            content: content.into(),
            status: Status::Ok,
            reason: None,
            collected_at,
            duration_ms: None,
            size_hint: None,
            archive: None,
        }
    }

    /// An item whose collector failed, ran out of time or was stopped: `<path>.err.txt` says why.
    pub fn failed(
        path: impl Into<String>,
        source: impl Into<String>,
        why: Message,
        status: Status,
        reason: Message,
        collected_at: DateTime<Utc>,
    ) -> Self {
        let content = Content::Withheld(Withheld::new(reason));
        Self {
            status,
            ..Self::new(path, source, why, content, collected_at)
        }
    }

    /// An item that was left out on purpose; only the manifest mentions it.
    pub fn skipped(
        path: impl Into<String>,
        source: impl Into<String>,
        why: Message,
        reason: Message,
        collected_at: DateTime<Utc>,
    ) -> Self {
        Self::failed(path, source, why, Status::Skipped, reason, collected_at)
    }

    /// Only a part of it is there.
    #[must_use]
    pub fn partial(mut self, reason: Message) -> Self {
        self.status = Status::Partial;
        self.reason = Some(reason);
        self
    }

    /// How long collecting it took.
    #[must_use]
    pub fn took(mut self, duration: std::time::Duration) -> Self {
        self.duration_ms = u64::try_from(duration.as_millis()).ok();
        self
    }

    /// Where it will be in the bundle as far as that is known before it is packed; `None`: nowhere, only the manifest
    /// mentions it.
    pub fn place(&self) -> Option<String> {
        match &self.content {
            Content::Withheld(_) => note_path(&self.path, self.status),
            Content::Redacted(_) | Content::Stream(_) => Some(self.path.clone()),
        }
    }

    /// The content, which can be taken once; what is left behind withholds.
    pub(super) fn take_content(&mut self) -> Content {
        let left = Content::Withheld(Withheld::new(Message::new("bundle-why")));
        std::mem::replace(&mut self.content, left)
    }

    /// About how large it is.
    #[must_use]
    pub fn size(mut self, bytes: u64) -> Self {
        self.size_hint = Some(bytes);
        self
    }
}

/// The note that stands where an item would have been; `None`: there is none.
pub(super) fn note_path(path: &str, status: Status) -> Option<String> {
    let suffix = match status {
        Status::Skipped => return None,
        Status::Failed | Status::TimedOut | Status::Interrupted => "err.txt",
        Status::Ok | Status::Partial | Status::Withheld => "withheld.txt",
    };
    Some(format!("{path}.{suffix}"))
}
