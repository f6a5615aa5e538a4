//! Every sentence a person reads: Project Fluent catalogues under `locales/`, one file a language, embedded.
//!
//! Code never builds a sentence: it names a [`Message`] (a key and its arguments) and a [`Catalog`] turns it into
//! text. A message may have attributes; findings use `.detail` and `.remedy`, errors use `.hint`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_syntax::ast::Pattern;
use serde::{Deserialize, Serialize};

mod sentences;

pub use sentences::Sentences;

/// The languages the program speaks.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Default,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
    clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English; also the language of every service request.
    #[default]
    En,
    /// German.
    De,
    /// Croatian.
    Hr,
    /// Norwegian Bokmål.
    Nb,
    /// Italian.
    It,
}

impl Lang {
    /// All of them, English first.
    pub const ALL: [Self; 5] = [Self::En, Self::De, Self::Hr, Self::Nb, Self::It];

    /// The BCP 47 primary tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Hr => "hr",
            Self::Nb => "nb",
            Self::It => "it",
        }
    }

    /// The catalogue's text.
    pub const fn source(self) -> &'static str {
        match self {
            Self::En => include_str!("../locales/en.ftl"),
            Self::De => include_str!("../locales/de.ftl"),
            Self::Hr => include_str!("../locales/hr.ftl"),
            Self::Nb => include_str!("../locales/nb.ftl"),
            Self::It => include_str!("../locales/it.ftl"),
        }
    }

    /// The language of a POSIX locale or BCP 47 tag (`de_AT.UTF-8`, `nn-NO`), if it is one of ours.
    pub fn from_locale(locale: &str) -> Option<Self> {
        let primary = locale.split(['_', '-', '.', '@']).next()?.to_ascii_lowercase();
        match primary.as_str() {
            "en" | "c" | "posix" => Some(Self::En),
            "de" => Some(Self::De),
            // Serbian and Bosnian readers understand Croatian better than English.
            "hr" | "bs" | "sh" => Some(Self::Hr),
            "nb" | "no" | "nn" => Some(Self::Nb),
            "it" => Some(Self::It),
            _ => None,
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl FromStr for Lang {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|lang| lang.tag() == text)
            .ok_or_else(|| UnknownLanguage(text.to_owned()))
    }
}

/// Not one of [`Lang::ALL`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown language '{0}'")]
pub struct UnknownLanguage(pub String);

/// The value of an argument of a message.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// Text, inserted as it is; also what a selector such as `{ $reason -> [dns] … }` chooses by.
    Text(String),
    /// A number, which also chooses the plural form.
    Number(i64),
    /// Another message, put into the same language when this one is: an error inside a finding, say.
    Message(Box<Message>),
    /// The `.hint` of another message.
    Hint(Box<Message>),
    /// A named attribute of another message: the `.steps` of a catalogue entry, say.
    Part(Box<Message>, &'static str),
    /// Several values one after the other, with semicolons between them.
    List(Vec<Value>),
}

impl From<Message> for Value {
    fn from(message: Message) -> Self {
        Self::Message(Box::new(message))
    }
}

impl FromIterator<Value> for Value {
    fn from_iter<T: IntoIterator<Item = Value>>(values: T) -> Self {
        Self::List(values.into_iter().collect())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<Cow<'_, str>> for Value {
    fn from(text: Cow<'_, str>) -> Self {
        Self::Text(text.into_owned())
    }
}

macro_rules! number_value {
    ($($type:ty),*) => {$(
        impl From<$type> for Value {
            fn from(number: $type) -> Self {
                // Saturating: a count beyond i64 reads the same to a person.
                Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }
    )*};
}
number_value!(i64, i32, u8, u16, u32, u64, usize);

/// A sentence before it has a language: a key of the catalogues and the arguments it needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Message {
    /// The Fluent identifier, e.g. `cert-expired`.
    pub key: Cow<'static, str>,
    /// Arguments by name.
    pub args: Vec<(Cow<'static, str>, Value)>,
}

impl Message {
    /// A message without arguments.
    pub fn new(key: impl Into<Cow<'static, str>>) -> Self {
        Self {
            key: key.into(),
            args: Vec::new(),
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.args.push((Cow::Borrowed(name), value.into()));
        self
    }
}

/// An error that can be said to a person: the message's value says what and where, its `.hint` what to do.
pub trait Localize {
    /// The message of this error.
    fn message(&self) -> Message;
}

/// One language, ready to format.
pub struct Catalog {
    lang: Lang,
    bundle: FluentBundle<FluentResource>,
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalog")
            .field("lang", &self.lang)
            .finish_non_exhaustive()
    }
}

impl Catalog {
    /// Parses the embedded catalogue (about a millisecond).
    pub fn new(lang: Lang) -> Self {
        let id = lang.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // The isolation marks U+2068/U+2069 would end up in tickets and terminals.
        bundle.set_use_isolating(false);
        // A catalogue that does not parse completely fails the test in this module; what did parse is used.
        let resource = match FluentResource::try_new(lang.source().to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
        Self { lang, bundle }
    }

    /// The language.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// The message's value. A key that is missing comes back as itself (tests make sure that none is).
    pub fn text(&self, message: &Message) -> String {
        self.format(message, None)
            .unwrap_or_else(|| message.key.to_string())
    }

    /// Shorthand for a message without arguments.
    pub fn plain(&self, key: &'static str) -> String {
        self.text(&Message::new(key))
    }

    /// An attribute of the message (`detail`, `remedy`, `hint`), if it has it.
    pub fn attribute(&self, message: &Message, attribute: &str) -> Option<String> {
        self.format(message, Some(attribute))
    }

    /// Whether the catalogue has this key.
    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    fn value(&self, value: &Value) -> String {
        match value {
            Value::Text(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Message(message) => self.text(message),
            Value::Hint(message) => self.attribute(message, "hint").unwrap_or_default(),
            Value::Part(message, name) => self.attribute(message, name).unwrap_or_default(),
            Value::List(values) => {
                let parts: Vec<String> = values.iter().map(|value| self.value(value)).collect();
                parts.join("; ")
            }
        }
    }

    fn pattern(&self, key: &str, attribute: Option<&str>) -> Option<&Pattern<&str>> {
        let found = self.bundle.get_message(key)?;
        match attribute {
            None => found.value(),
            Some(name) => found.get_attribute(name).map(|attribute| attribute.value()),
        }
    }

    fn format(&self, message: &Message, attribute: Option<&str>) -> Option<String> {
        let pattern = self.pattern(&message.key, attribute)?;
        Some(self.fill(pattern, message, |_| true))
    }

    /// The sentence with those arguments that it `needs`.
    fn fill(&self, pattern: &Pattern<&str>, message: &Message, needs: impl Fn(&str) -> bool) -> String {
        let mut args = FluentArgs::with_capacity(message.args.len());
        for (name, value) in message.args.iter().filter(|(name, _)| needs(name)) {
            let value = match value {
                Value::Number(number) => FluentValue::from(*number),
                other => FluentValue::from(self.value(other)),
            };
            args.set(name.as_ref(), value);
        }
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&args), &mut errors);
        debug_assert!(errors.is_empty(), "{}: {errors:?}", message.key);
        text.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::{Catalog, Lang, Message};
    use fluent_bundle::FluentResource;

    /// `key` or `key.attribute` to the variables that it uses, read off the syntax tree's debug form.
    fn patterns(lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
        use fluent_syntax::ast::Entry;
        let resource = FluentResource::try_new(lang.source().to_owned())
            .unwrap_or_else(|(_, errors)| panic!("{lang}.ftl does not parse: {errors:?}"));
        let mut found = BTreeMap::new();
        let mut add = |key: String, pattern: &fluent_syntax::ast::Pattern<&str>| {
            let text = format!("{pattern:?}");
            let variables = text
                .split("VariableReference { id: Identifier { name: \"")
                .skip(1)
                .filter_map(|rest| rest.split('"').next().map(str::to_owned))
                .collect();
            assert!(
                found.insert(key.clone(), variables).is_none(),
                "{lang}.ftl: {key} twice"
            );
        };
        for entry in resource.entries() {
            if let Entry::Message(message) = entry {
                if let Some(value) = &message.value {
                    add(message.id.name.to_owned(), value);
                }
                for attribute in &message.attributes {
                    add(
                        format!("{}.{}", message.id.name, attribute.id.name),
                        &attribute.value,
                    );
                }
            }
        }
        found
    }

    #[test]
    fn every_language_has_every_sentence_with_the_same_variables() {
        let english = patterns(Lang::En);
        let mut faults = Vec::new();
        for lang in Lang::ALL {
            let other = patterns(lang);
            for (key, variables) in &english {
                match other.get(key) {
                    None => faults.push(format!("{lang}.ftl lacks {key}")),
                    Some(theirs) if theirs != variables => {
                        faults.push(format!(
                            "{lang}.ftl: {key} uses {theirs:?}, English {variables:?}"
                        ));
                    }
                    Some(_) => {}
                }
            }
            faults.extend(
                other
                    .keys()
                    .filter(|key| !english.contains_key(*key))
                    .map(|key| format!("en.ftl lacks {key} of {lang}.ftl")),
            );
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    #[test]
    fn arguments_and_missing_keys() {
        let catalog = Catalog::new(Lang::En);
        let message = Message::new("error-output").arg("reason", "no space left");
        assert_eq!(
            catalog.text(&message),
            "cannot write to standard output: no space left"
        );
        assert_eq!(catalog.plain("no-such-key"), "no-such-key");
    }

    #[test]
    fn a_message_inside_a_message_speaks_the_same_language() {
        let inner = Message::new("error-interrupted");
        let message = Message::new("error-output").arg("reason", inner);
        assert_eq!(
            Catalog::new(Lang::It).text(&message),
            "impossibile scrivere sullo standard output: interrotto"
        );
    }

    #[test]
    fn locales_of_the_machine() {
        assert_eq!(Lang::from_locale("de_AT.UTF-8"), Some(Lang::De));
        assert_eq!(Lang::from_locale("nn-NO"), Some(Lang::Nb));
        assert_eq!(Lang::from_locale("C"), Some(Lang::En));
        assert_eq!(Lang::from_locale("fr_FR"), None);
    }
}
