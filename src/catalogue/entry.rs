//! The entries: reading the embedded files and the provider's directory.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, OnceLock};

use schemars::JsonSchema;
use serde::Deserialize;

use super::fold::fold;
use super::lookup::Finder;
use crate::i18n::{Catalog, Lang, Localize, Message, Value};
use crate::report::Owner;
use crate::rules::users::Action;

/// The files of the embedded catalogue.
pub(super) const EMBEDDED: [&str; 3] = [
    include_str!("data/errors.toml"),
    include_str!("data/symptoms.toml"),
    include_str!("data/procedures.toml"),
];

/// A file of a provider's own directory may be this long, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// At most so many files are read from a directory.
const MAX_FILES: usize = 1000;

static SHARED: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    // Files that do not parse fail the tests; what does parse is used.
    EMBEDDED
        .iter()
        .filter_map(|text| toml::from_str::<File>(text).ok())
        .flat_map(|file| file.entry)
        .map(Entry::prepared)
        .collect()
});

/// All entries, the provider's own first.
#[derive(Debug, Clone)]
pub struct Catalogue {
    pub(super) entries: Vec<Entry>,
    /// Finds in one pass which phrases a text can have.
    pub(super) finder: Arc<OnceLock<Finder>>,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An error with a code or a known text.
    #[default]
    Error,
    /// What a log or a client says, without a code.
    Symptom,
    /// How something is done.
    Procedure,
}

impl Kind {
    /// The word in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Symptom => "symptom",
            Self::Procedure => "procedure",
        }
    }
}

/// The four things that an entry says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What it means.
    Meaning,
    /// Where it comes from.
    Cause,
    /// What to do, one step a line.
    Steps,
    /// What to collect for a service request.
    Collect,
}

/// A sentence of a provider's own entry: the same in all languages, or one a language.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Sentence {
    /// The same for every reader.
    Plain(String),
    /// By language; English, else any, stands in for the missing.
    ByLanguage(#[schemars(with = "HashMap<String, String>")] HashMap<Lang, String>),
}

/// One known error, symptom or procedure.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Stable, kebab-case.
    pub id: String,
    /// What it is.
    #[serde(default)]
    pub kind: Kind,
    /// Codes as shown.
    #[serde(default)]
    pub codes: Vec<String>,
    /// The number alone says too little.
    #[serde(default)]
    pub ambiguous: bool,
    /// Phrases of the message.
    #[serde(default)]
    pub patterns: Vec<String>,
    /// Groups of word beginnings: one of each group makes it a possible match.
    #[serde(default)]
    pub keywords: Vec<Vec<String>>,
    /// Who must act.
    pub owner: Owner,
    /// What Partner Hub offers for a user with this error.
    #[serde(default)]
    pub action: Action,
    /// Where it is documented.
    pub reference: Option<String>,
    /// Texts of which this is the first match; tested.
    #[serde(default)]
    pub examples: Vec<String>,
    /// Texts that must not match; tested.
    #[serde(default)]
    pub counter_examples: Vec<String>,
    /// Own sentences; the embedded entries have theirs in `locales/`.
    pub meaning: Option<Sentence>,
    /// See `meaning`.
    pub cause: Option<Sentence>,
    /// See `meaning`; one step a line.
    pub steps: Option<Sentence>,
    /// See `meaning`.
    pub collect: Option<Sentence>,
    /// The patterns folded, each split at `*`.
    #[serde(skip)]
    pub(super) folded: Vec<Vec<String>>,
    /// The keywords folded.
    #[serde(skip)]
    pub(super) folded_keywords: Vec<Vec<String>>,
}

/// A file of the catalogue, in TOML.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The entries, `[[entry]]` each.
    #[serde(default)]
    pub entry: Vec<Entry>,
}

impl Entry {
    fn prepared(mut self) -> Self {
        self.folded = self
            .patterns
            .iter()
            .map(|pattern| {
                pattern
                    .split('*')
                    .map(|part| fold(part).trim().to_owned())
                    .filter(|part| !part.is_empty())
                    .collect()
            })
            .filter(|parts: &Vec<String>| !parts.is_empty())
            .collect();
        self.folded_keywords = self
            .keywords
            .iter()
            .map(|group| group.iter().map(|word| fold(word).trim().to_owned()).collect())
            .collect();
        self
    }

    /// The Fluent message of an embedded entry.
    pub fn message(&self) -> Message {
        Message::new(format!("catalogue-{}", self.id))
    }

    /// What the entry says, in the catalogue's language; empty when it does not say it.
    pub fn text(&self, part: Part, catalog: &Catalog) -> String {
        if let Some(sentence) = self.own(part) {
            return sentence.text(catalog.lang()).to_owned();
        }
        let message = self.message();
        if !catalog.has(&message.key) {
            return String::new();
        }
        match part {
            Part::Meaning => catalog.text(&message),
            Part::Cause => catalog.attribute(&message, "cause").unwrap_or_default(),
            Part::Steps => catalog.attribute(&message, "steps").unwrap_or_default(),
            Part::Collect => catalog.attribute(&message, "collect").unwrap_or_default(),
        }
    }

    /// What the entry says, as an argument of a sentence in whatever language that is put into; a provider's own
    /// sentence in the catalogue's language.
    pub fn value(&self, part: Part, catalog: &Catalog) -> Value {
        let own = self.own(part).is_some() || !catalog.has(&self.message().key);
        match part {
            _ if own => self.text(part, catalog).into(),
            Part::Meaning => self.message().into(),
            Part::Cause => Value::Part(Box::new(self.message()), "cause"),
            Part::Steps => Value::Part(Box::new(self.message()), "steps"),
            Part::Collect => Value::Part(Box::new(self.message()), "collect"),
        }
    }

    fn own(&self, part: Part) -> Option<&Sentence> {
        match part {
            Part::Meaning => &self.meaning,
            Part::Cause => &self.cause,
            Part::Steps => &self.steps,
            Part::Collect => &self.collect,
        }
        .as_ref()
    }

    /// The steps, one each.
    pub fn steps(&self, catalog: &Catalog) -> Vec<String> {
        self.text(Part::Steps, catalog)
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

impl Sentence {
    fn text(&self, lang: Lang) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::ByLanguage(texts) => texts
                .get(&lang)
                .or_else(|| texts.get(&Lang::En))
                .or_else(|| Lang::ALL.iter().find_map(|lang| texts.get(lang)))
                .map_or("", String::as_str),
        }
    }
}

/// Why a provider's own catalogue cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The directory or a file of it cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{path}: {reason}")]
    Syntax {
        /// Which.
        path: PathBuf,
        /// The parser's words, with line and column.
        reason: String,
    },
    /// Two of the provider's entries have one id.
    #[error("{path}: the id {id} is there twice")]
    Twice {
        /// In which file the second is.
        path: PathBuf,
        /// The id.
        id: String,
    },
    /// A file is too long or there are too many.
    #[error("{path}: too large")]
    TooLarge {
        /// Which.
        path: PathBuf,
    },
}

impl Localize for CatalogueError {
    fn message(&self) -> Message {
        match self {
            Self::Read { path, source } => Message::new("catalogue-error-read")
                .arg("path", path.display().to_string())
                .arg("reason", source.to_string()),
            Self::Syntax { path, reason } => Message::new("catalogue-error-syntax")
                .arg("path", path.display().to_string())
                .arg("reason", reason.trim()),
            Self::Twice { path, id } => Message::new("catalogue-error-twice")
                .arg("path", path.display().to_string())
                .arg("id", id),
            Self::TooLarge { path } => {
                Message::new("catalogue-error-too-large").arg("path", path.display().to_string())
            }
        }
    }
}

impl Catalogue {
    /// What is built in.
    pub fn embedded() -> Self {
        Self {
            entries: SHARED.clone(),
            finder: Arc::default(),
        }
    }

    /// What is built in and the `*.toml` files of a provider's directory. An own entry replaces the built-in one with
    /// the same id.
    ///
    /// # Errors
    /// When the directory or a file in it cannot be read or is not a catalogue file.
    pub fn with_dir(dir: &Path) -> Result<Self, CatalogueError> {
        let read_error = |path: &Path, source| CatalogueError::Read {
            path: path.to_owned(),
            source,
        };
        let mut paths = Vec::new();
        for item in std::fs::read_dir(dir).map_err(|source| read_error(dir, source))? {
            let path = item.map_err(|source| read_error(dir, source))?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                paths.push(path);
            }
            if paths.len() > MAX_FILES {
                return Err(CatalogueError::TooLarge { path: dir.to_owned() });
            }
        }
        paths.sort();
        let mut own = Vec::new();
        let mut ids = HashSet::new();
        for path in paths {
            let length = std::fs::metadata(&path)
                .map_err(|source| read_error(&path, source))?
                .len();
            if length > MAX_FILE {
                return Err(CatalogueError::TooLarge { path });
            }
            let text = std::fs::read_to_string(&path).map_err(|source| read_error(&path, source))?;
            for entry in Self::parse(&text, &path)? {
                if !ids.insert(entry.id.clone()) {
                    return Err(CatalogueError::Twice { path, id: entry.id });
                }
                own.push(entry);
            }
        }
        own.extend(SHARED.iter().filter(|entry| !ids.contains(&entry.id)).cloned());
        Ok(Self {
            entries: own,
            finder: Arc::default(),
        })
    }

    fn parse(text: &str, path: &Path) -> Result<Vec<Entry>, CatalogueError> {
        let syntax = |reason: String| CatalogueError::Syntax {
            path: path.to_owned(),
            reason,
        };
        let file: File = toml::from_str(text).map_err(|error| syntax(error.to_string()))?;
        let entries: Vec<Entry> = file.entry.into_iter().map(Entry::prepared).collect();
        for entry in &entries {
            let is_known = SHARED.iter().any(|built_in| built_in.id == entry.id);
            if entry.meaning.is_none() && !is_known {
                return Err(syntax(format!("{}: meaning = …?", entry.id)));
            }
        }
        Ok(entries)
    }

    /// All entries.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry with this id.
    pub fn by_id(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == id)
    }
}
