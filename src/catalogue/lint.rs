//! What a catalogue must keep to so that it can be relied upon. The embedded one is tested with it; a provider's own
//! by `explain --lint`.

use std::collections::HashMap;

use super::{Catalogue, Confidence, Entry};
use crate::i18n::{Localize, Message};

/// A rule that an entry breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The entry.
    pub id: String,
    /// What is wrong with it.
    pub kind: FaultKind,
}

/// What can be wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// Its id is not kebab-case.
    Id,
    /// Neither a code nor a phrase leads to it.
    Unreachable,
    /// It has no example.
    NoExample,
    /// It has no counter-example.
    NoCounterExample,
    /// This example leads to another entry first (named), to none, or only by words of the topic.
    Example {
        /// The example.
        text: String,
        /// What was found instead.
        found: Option<String>,
    },
    /// This counter-example leads to it.
    CounterExample(String),
    /// This code belongs to another entry too.
    Code {
        /// The code.
        code: String,
        /// The other entry.
        other: String,
    },
    /// The reference is not an `https:` address.
    Reference(String),
    /// A single group of keywords, or an empty one: one word alone says nothing.
    Keywords,
}

impl FaultKind {
    const fn name(&self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Unreachable => "unreachable",
            Self::NoExample => "no-example",
            Self::NoCounterExample => "no-counter-example",
            Self::Example { found: Some(_), .. } => "example-elsewhere",
            Self::Example { found: None, .. } => "example",
            Self::CounterExample(_) => "counter-example",
            Self::Code { .. } => "code",
            Self::Reference(_) => "reference",
            Self::Keywords => "keywords",
        }
    }
}

impl Localize for Fault {
    fn message(&self) -> Message {
        let message = Message::new("catalogue-lint")
            .arg("fault", self.kind.name())
            .arg("id", self.id.as_str());
        match &self.kind {
            FaultKind::Example { text, found } => message
                .arg("text", text.as_str())
                .arg("other", found.clone().unwrap_or_default()),
            FaultKind::CounterExample(text) | FaultKind::Reference(text) => {
                message.arg("text", text.as_str()).arg("other", "")
            }
            FaultKind::Code { code, other } => {
                message.arg("text", code.as_str()).arg("other", other.as_str())
            }
            _ => message.arg("text", "").arg("other", ""),
        }
    }
}

impl Catalogue {
    /// Every rule that an entry breaks, in the order of the entries.
    pub fn lint(&self) -> Vec<Fault> {
        let mut owners: HashMap<String, &str> = HashMap::new();
        let mut faults = Vec::new();
        for entry in self.entries() {
            let mut add = |kind| {
                faults.push(Fault {
                    id: entry.id.clone(),
                    kind,
                });
            };
            form(entry, &mut add);
            for code in &entry.codes {
                if let Some(other) = owners.insert(code.to_ascii_lowercase(), &entry.id) {
                    add(FaultKind::Code {
                        code: code.clone(),
                        other: other.to_owned(),
                    });
                }
            }
            self.examples(entry, &mut add);
        }
        faults
    }

    fn examples(&self, entry: &Entry, add: &mut impl FnMut(FaultKind)) {
        for text in &entry.examples {
            let first = self.explain(text).into_iter().next();
            let first = first.filter(|first| first.confidence != Confidence::Possible);
            if first.as_ref().is_none_or(|first| first.entry.id != entry.id) {
                add(FaultKind::Example {
                    text: text.clone(),
                    found: first.map(|first| first.entry.id.clone()),
                });
            }
        }
        for text in &entry.counter_examples {
            if self.explain(text).iter().any(|found| found.entry.id == entry.id) {
                add(FaultKind::CounterExample(text.clone()));
            }
        }
    }
}

/// What can be seen of an entry by itself.
fn form(entry: &Entry, add: &mut impl FnMut(FaultKind)) {
    let is_kebab = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if entry.id.is_empty() || !entry.id.bytes().all(is_kebab) {
        add(FaultKind::Id);
    }
    if entry.codes.is_empty() && entry.patterns.is_empty() {
        add(FaultKind::Unreachable);
    }
    if entry.examples.is_empty() {
        add(FaultKind::NoExample);
    }
    if entry.counter_examples.is_empty() {
        add(FaultKind::NoCounterExample);
    }
    if let Some(url) = entry
        .reference
        .as_ref()
        .filter(|url| !url.starts_with("https://"))
    {
        add(FaultKind::Reference(url.clone()));
    }
    if entry.keywords.len() == 1 || entry.keywords.iter().any(Vec::is_empty) {
        add(FaultKind::Keywords);
    }
}
