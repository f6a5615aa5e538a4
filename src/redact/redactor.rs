//! The redactor: policy, key, protected evidence and learned values behind one cheap handle.

use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::{Arc, Mutex};

use aho_corasick::AhoCorasick;

use super::content::{Content, RedactError, Redacted, RedactedStream};
use super::engine::{Edit, Engine};
use super::key::SiteKey;
use super::leak;
use super::learn::Learned;
use super::lesson::Lesson;
use super::map::MapBuilder;
use super::policy::{Action, Policy, Protected};
use super::pseudonym::{self, Class};
use super::stream::{self, Tally};
use super::token;
use super::trace::Trace;
use super::window::{Sizes, Window};
use crate::interrupt::Interrupt;
use crate::report;
use crate::scan::{Inventory, Kind};

/// Tokens whose values are remembered to notice collisions. What comes later gets long ones; remembering all would let a
/// large input take all memory.
const ISSUED: usize = 1 << 18;

/// Redacts. Clones share what was learned and the private map.
#[derive(Debug, Clone)]
pub struct Redactor {
    inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) policy: Policy,
    key: SiteKey,
    protected: Protected,
    pub(super) learned: Learned,
    pub(super) domains: Option<AhoCorasick>,
    issued: Mutex<HashMap<u64, u64>>,
    map: Option<Mutex<MapBuilder>>,
    /// How many threads look at one text.
    pub(super) threads: usize,
}

impl Inner {
    pub(super) fn is_protected(&self, class: Class, normalised: &str) -> bool {
        self.protected.contains(class, normalised) || (class == Class::Ip && says_nothing(normalised))
    }

    /// The token of a value: a long one where another value has the same short one, or may have it.
    pub(super) fn issue(&self, class: Class, normalised: &str) -> Result<Arc<str>, RedactError> {
        let token = pseudonym::token(&self.key, class, normalised);
        let mut issued = self.issued.lock().map_err(|_| RedactError::Collision)?;
        let long = match issued.get(&token.number()) {
            Some(check) => *check != token.check,
            None if issued.len() < ISSUED => {
                issued.insert(token.number(), token.check);
                false
            }
            None => true,
        };
        Ok(token.text(long).into())
    }

    /// The token of a value, if it is already settled which it is.
    pub(super) fn issued(&self, class: Class, normalised: &str) -> Result<Option<Arc<str>>, RedactError> {
        let token = pseudonym::token(&self.key, class, normalised);
        let issued = self.issued.lock().map_err(|_| RedactError::Collision)?;
        let check = issued.get(&token.number());
        Ok(check.map(|check| token.text(*check != token.check).into()))
    }

    /// Whether a private map is kept.
    pub(super) fn has_map(&self) -> bool {
        self.map.is_some()
    }

    /// Notes the original of a token in the private map, if one is kept.
    pub(super) fn record(&self, edit: &Edit, raw: &[u8]) {
        if let Some(map) = &self.map
            && let Ok(mut map) = map.lock()
        {
            map.add(&edit.replacement, edit.kind, raw);
        }
    }
}

/// Addresses that are the same everywhere: loopback, "any", broadcast.
fn says_nothing(address: &str) -> bool {
    let Ok(address) = address.parse::<std::net::IpAddr>() else {
        return false;
    };
    let broadcast = matches!(address, std::net::IpAddr::V4(v4) if v4.is_broadcast());
    address.is_loopback() || address.is_unspecified() || broadcast
}

impl Redactor {
    /// A redactor that knows nothing yet.
    pub fn new(policy: Policy, key: SiteKey, protected: Protected) -> Self {
        Self::build(policy, key, protected, false)
    }

    /// The same, and it remembers the original of every token: see [`Redactor::private_map`].
    pub fn with_map(policy: Policy, key: SiteKey, protected: Protected) -> Self {
        Self::build(policy, key, protected, true)
    }

    fn build(policy: Policy, key: SiteKey, mut protected: Protected, map: bool) -> Self {
        for value in policy.kept_values() {
            protected.add_any(value);
        }
        let domains = (!policy.domains.is_empty())
            .then(|| {
                AhoCorasick::builder()
                    .ascii_case_insensitive(true)
                    .match_kind(aho_corasick::MatchKind::LeftmostLongest)
                    .build(&policy.domains)
                    .ok()
            })
            .flatten();
        Self {
            inner: Arc::new(Inner {
                policy,
                key,
                protected,
                learned: Learned::default(),
                domains,
                issued: Mutex::default(),
                map: map.then(Mutex::default),
                threads: 1,
            }),
        }
    }

    /// How many threads look at one text; the result does not depend on it. Before the redactor is cloned.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.threads = threads;
        }
        self
    }

    pub(super) fn engine(&self) -> Engine {
        Engine::new(Arc::clone(&self.inner))
    }

    /// A short public name of the key.
    pub fn key_id(&self) -> String {
        self.inner.key.id()
    }

    /// Learns the values of a text, so that they are redacted where they have no label, here and elsewhere. Best
    /// called for everything before the first byte is redacted.
    ///
    /// # Errors
    /// When memory cannot be read, which it can.
    pub fn learn(&self, bytes: &[u8]) -> io::Result<()> {
        let mut lesson = self.lesson();
        lesson.read(bytes, self.inner.threads, &Interrupt::new())?;
        self.learn_lesson(&lesson);
        Ok(())
    }

    /// An empty lesson by this redactor's policy, for texts that are read with [`Lesson::read`].
    pub fn lesson(&self) -> Lesson {
        Lesson::new(self.inner.policy.clone())
    }

    /// Learns the facts of an inventory.
    pub fn learn_inventory(&self, inventory: &Inventory) {
        for (kind, entries) in [
            (Kind::BroadworksUserId, &inventory.broadworks_user_ids),
            (Kind::CallId, &inventory.call_ids),
        ] {
            for entry in entries {
                self.learn_value(kind, &entry.value);
            }
        }
    }

    /// Learns one value.
    pub fn learn_value(&self, kind: Kind, value: &str) {
        self.learn_raw(kind, value.as_bytes());
    }

    /// Learns what a scan noted on its way.
    pub fn learn_lesson(&self, lesson: &Lesson) {
        for (kind, raw) in lesson.values() {
            self.learn_raw(kind, raw);
        }
    }

    fn learn_raw(&self, kind: Kind, raw: &[u8]) {
        let action = self.inner.policy.action(kind);
        let ours = token::is_token(raw) || token::mask_len(raw).is_some();
        if action == Action::Keep || ours {
            return;
        }
        let class = Class::of(kind, raw);
        let normalised = pseudonym::normalise(class, raw);
        if self.inner.is_protected(class, &normalised) {
            return;
        }
        if action == Action::Pseudonym {
            // Now, in an order that does not depend on threads: should two tokens be alike, it is always the same value
            // that gets the long one.
            let _ = self.inner.issue(class, &normalised);
        }
        self.inner.learned.add(kind, raw);
    }

    /// Redacts a text of any encoding; outside the redacted values not one byte changes.
    ///
    /// # Errors
    /// When it is not text or could not be redacted: it must be withheld.
    pub fn redact_bytes(&self, bytes: &[u8]) -> Result<Redacted, RedactError> {
        let (mut window, mut engine) = (Window::new(bytes), self.engine());
        let (mut tally, mut out) = (Tally::default(), Vec::with_capacity(bytes.len()));
        while stream::step(&mut window, &mut engine, &mut tally, &mut out)? {}
        out.extend_from_slice(window.undecoded());
        Ok(Redacted::new(out, tally.counts, tally.samples.into_vec()))
    }

    /// Redacts, or withholds with the reason.
    pub fn content(&self, bytes: &[u8]) -> Content {
        self.redact_bytes(bytes).into()
    }

    /// Redacts while reading.
    pub fn redact_stream(&self, reader: impl Read + Send + 'static) -> RedactedStream {
        RedactedStream::new(Box::new(reader), self.engine(), Sizes::default())
    }

    /// The same for a text that was scanned before.
    pub fn redact_traced(&self, reader: impl Read + Send + 'static, trace: &Arc<Trace>) -> RedactedStream {
        let trace = Some(Arc::clone(trace));
        RedactedStream::traced(Box::new(reader), self.engine(), Sizes::default(), trace)
    }

    /// The same with other windows: tests put every value over the end of one.
    pub(super) fn redact_in_windows(
        &self,
        reader: impl Read + Send + 'static,
        sizes: Sizes,
    ) -> RedactedStream {
        RedactedStream::new(Box::new(reader), self.engine(), sizes)
    }

    /// Redacts a quotation of a report. What cannot be redacted is masked as a whole.
    pub fn redact_str(&self, text: &str) -> String {
        let Ok(plan) = self.engine().plan(text.as_bytes()) else {
            return token::mask("withheld").into_owned();
        };
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for edit in &plan.edits {
            let (Some(before), Some(raw)) = (text.get(at..edit.start), text.get(edit.start..edit.end)) else {
                return token::mask("withheld").into_owned();
            };
            out.push_str(before);
            out.push_str(&edit.replacement);
            at = edit.end;
            if edit.reversible {
                self.inner.record(edit, raw.as_bytes());
            }
        }
        out.push_str(text.get(at..).unwrap_or_default());
        out
    }

    /// Redacts every string value of a JSON tree, keys left alone.
    pub fn redact_json(&self, value: &mut serde_json::Value) {
        report::map_strings(value, &mut |text| Some(self.redact_str(text)));
    }

    /// Redacts a file name. The result has no character that a file name cannot have anywhere.
    pub fn redact_name(&self, name: &str) -> String {
        let redacted = self.redact_str(name);
        let plain = redacted.replace("[redacted:", "redacted-").replace(']', "");
        let is_clean = |name: &str| leak::scan(name.as_bytes()).is_ok_and(|leaks| leaks.secrets.is_empty());
        if plain == redacted || is_clean(&plain) {
            return plain;
        }
        // Without its brackets the mask reads like a secret behind its label: `password=redacted-password`.
        let is_sign = |c: char| c == ' ' || c.is_ascii_punctuation() && !matches!(c, '/' | '.' | '-' | '_');
        let without_labels = plain.replace(is_sign, "-");
        if is_clean(&without_labels) {
            return without_labels;
        }
        let parts = plain.split('/').map(|part| {
            if part.contains("redacted-") {
                "redacted"
            } else {
                part
            }
        });
        parts.collect::<Vec<_>>().join("/")
    }

    /// The private map of everything redacted so far; `None` unless made by [`Redactor::with_map`].
    pub fn private_map(&self, created_at: chrono::DateTime<chrono::Utc>) -> Option<super::map::PrivateMap> {
        let map = self.inner.map.as_ref()?.lock().ok()?;
        Some(map.finish(created_at, self.key_id()))
    }
}
