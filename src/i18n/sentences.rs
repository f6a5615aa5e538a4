//! Many findings in one language. Most sentences of a farm's report are the same for each of its members: they are
//! formed once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;

use fluent_syntax::ast::{CallArguments, Expression, InlineExpression, Pattern, PatternElement};
use foldhash::fast::RandomState;

use super::{Catalog, Message, Value};

/// A catalog that remembers what it said.
pub struct Sentences<'a> {
    catalog: &'a Catalog,
    /// Where each message's sentences stand.
    places: HashMap<Cow<'static, str>, usize, RandomState>,
    messages: Vec<Said<'a>>,
}

/// A message's sentences: its value and its attributes.
type Said<'a> = Vec<(Option<&'static str>, Option<Sentence<'a>>)>;

struct Sentence<'a> {
    pattern: &'a Pattern<&'a str>,
    needs: Needs<'a>,
    /// Nothing but text and arguments: those are put together faster than looked up.
    is_plain: bool,
    /// What it came to, by the values of the arguments that it uses.
    said: HashMap<String, String, RandomState>,
}

/// The arguments that a sentence uses.
enum Needs<'a> {
    These(Vec<&'a str>),
    /// It refers to other messages.
    All,
}

impl<'a> Sentences<'a> {
    /// Nothing said yet.
    pub fn new(catalog: &'a Catalog) -> Self {
        Self {
            catalog,
            places: HashMap::default(),
            messages: Vec::new(),
        }
    }

    /// As [`Catalog::text`].
    pub fn text(&mut self, message: &Message) -> String {
        let place = self.place(message);
        self.say(place, message, None)
            .unwrap_or_else(|| message.key.to_string())
    }

    /// As [`Catalog::attribute`]; empty when the message has no such attribute.
    pub fn attribute(&mut self, message: &Message, attribute: &'static str) -> String {
        let place = self.place(message);
        self.say(place, message, Some(attribute)).unwrap_or_default()
    }

    /// The message and two of its attributes, looked up once.
    pub fn all(&mut self, message: &Message, attributes: [&'static str; 2]) -> (String, [String; 2]) {
        let place = self.place(message);
        let text = self.say(place, message, None);
        let said = attributes.map(|name| self.say(place, message, Some(name)).unwrap_or_default());
        (text.unwrap_or_else(|| message.key.to_string()), said)
    }

    fn place(&mut self, message: &Message) -> usize {
        if let Some(place) = self.places.get(message.key.as_ref()) {
            return *place;
        }
        self.messages.push(Vec::new());
        let place = self.messages.len() - 1;
        self.places.insert(message.key.clone(), place);
        place
    }

    fn say(&mut self, place: usize, message: &Message, attribute: Option<&'static str>) -> Option<String> {
        let catalog = self.catalog;
        let parts = self.messages.get_mut(place)?;
        let known = parts.iter().position(|(known, _)| *known == attribute);
        let index = known.unwrap_or_else(|| {
            let sentence = catalog.pattern(&message.key, attribute).map(|pattern| Sentence {
                pattern,
                needs: Needs::of(pattern),
                is_plain: pattern
                    .elements
                    .iter()
                    .all(|element| Piece::of(element).is_some()),
                said: HashMap::default(),
            });
            parts.push((attribute, sentence));
            parts.len() - 1
        });
        let sentence = parts.get_mut(index)?.1.as_mut()?;
        if sentence.is_plain
            && let Some(said) = put_together(sentence.pattern, message)
        {
            return Some(said);
        }
        let mut key = String::new();
        for (name, value) in &message.args {
            if sentence.needs.has(name) {
                identify(&mut key, name, value);
            }
        }
        if let Some(said) = sentence.said.get(&key) {
            return Some(said.clone());
        }
        let said = catalog.fill(sentence.pattern, message, |name| sentence.needs.has(name));
        sentence.said.insert(key, said.clone());
        Some(said)
    }
}

/// A part of a sentence.
enum Piece<'a> {
    Text(&'a str),
    Argument(&'a str),
}

impl<'a> Piece<'a> {
    /// `None` when there is more to it: a choice, a function, another message.
    fn of(element: &PatternElement<&'a str>) -> Option<Self> {
        match element {
            PatternElement::TextElement { value } => Some(Self::Text(value)),
            PatternElement::Placeable {
                expression: Expression::Inline(InlineExpression::VariableReference { id }),
            } => Some(Self::Argument(id.name)),
            PatternElement::Placeable { .. } => None,
        }
    }
}

/// What Fluent would make of a plain sentence; `None` unless all its arguments are texts.
fn put_together(pattern: &Pattern<&str>, message: &Message) -> Option<String> {
    let mut said = String::with_capacity(128);
    for element in &pattern.elements {
        said.push_str(match Piece::of(element)? {
            Piece::Text(text) => text,
            // Of two with the same name the last one counts.
            Piece::Argument(wanted) => match message.args.iter().rfind(|(name, _)| name == wanted)? {
                (_, Value::Text(text)) => text,
                _ => return None,
            },
        });
    }
    Some(said)
}

/// Argument and value in a form that no other argument and value have: every piece behind its length.
fn identify(key: &mut String, name: &str, value: &Value) {
    // Writing into a string does not fail.
    let _ = write!(key, "{}:{name}", name.len());
    match value {
        Value::Text(text) => {
            let _ = write!(key, "t{}:{text}", text.len());
        }
        Value::Number(number) => {
            let _ = write!(key, "n{number}");
        }
        Value::Message(message) => identify_message(key, "m", message),
        Value::Hint(message) => identify_message(key, "h", message),
        Value::Part(message, part) => {
            let _ = write!(key, "p{}:{part}", part.len());
            identify_message(key, "", message);
        }
        Value::List(values) => {
            let _ = write!(key, "l{}:", values.len());
            for value in values {
                identify(key, "", value);
            }
        }
    }
}

fn identify_message(key: &mut String, kind: &str, message: &Message) {
    let (length, count) = (message.key.len(), message.args.len());
    let _ = write!(key, "{kind}{length}:{}{count}:", message.key);
    for (name, value) in &message.args {
        identify(key, name, value);
    }
}

impl<'a> Needs<'a> {
    fn of(pattern: &Pattern<&'a str>) -> Self {
        let mut names = Vec::new();
        if of_pattern(pattern, &mut names) {
            Self::These(names)
        } else {
            Self::All
        }
    }

    fn has(&self, name: &str) -> bool {
        match self {
            Self::These(names) => names.contains(&name),
            Self::All => true,
        }
    }
}

/// Collects the names of the arguments; `false` when there may be more elsewhere.
fn of_pattern<'a>(pattern: &Pattern<&'a str>, names: &mut Vec<&'a str>) -> bool {
    pattern.elements.iter().all(|element| match element {
        PatternElement::TextElement { .. } => true,
        PatternElement::Placeable { expression } => of_expression(expression, names),
    })
}

fn of_expression<'a>(expression: &Expression<&'a str>, names: &mut Vec<&'a str>) -> bool {
    match expression {
        Expression::Inline(inline) => of_inline(inline, names),
        Expression::Select { selector, variants } => {
            of_inline(selector, names) && variants.iter().all(|variant| of_pattern(&variant.value, names))
        }
    }
}

fn of_inline<'a>(inline: &InlineExpression<&'a str>, names: &mut Vec<&'a str>) -> bool {
    match inline {
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => true,
        InlineExpression::VariableReference { id } => {
            names.push(id.name);
            true
        }
        InlineExpression::FunctionReference { arguments, .. } => of_arguments(arguments, names),
        InlineExpression::Placeable { expression } => of_expression(expression, names),
        InlineExpression::MessageReference { .. } | InlineExpression::TermReference { .. } => false,
    }
}

fn of_arguments<'a>(arguments: &CallArguments<&'a str>, names: &mut Vec<&'a str>) -> bool {
    arguments.positional.iter().all(|inline| of_inline(inline, names))
        && arguments
            .named
            .iter()
            .all(|argument| of_inline(&argument.value, names))
}

#[cfg(test)]
mod tests {
    use super::Sentences;
    use crate::i18n::{Catalog, Lang, Message, Value};

    fn message(days: i64, element: &str, subject: &str) -> Message {
        Message::new("cert-expires-soon")
            .arg("subject", subject)
            .arg("name", "xsp1.example.net")
            .arg("element", element)
            .arg("until", "2026-12-01")
            .arg("issuer", "CN=Example CA")
            .arg("days", days)
            .arg("percent", 13)
            .arg("lifetime", 90)
            .arg("warn", 30)
            .arg("critical", 7)
            .arg("warnshare", 33)
            .arg("criticalshare", 8)
            .arg("from", "2026-09-01")
            .arg("cli", "XSP_CLI>")
    }

    #[test]
    fn the_same_words_as_without_memory() {
        let of_all = ["--ok", ""];
        for lang in Lang::ALL {
            let catalog = Catalog::new(lang);
            let mut sentences = Sentences::new(&catalog);
            // The second round comes out of memory, and each argument makes a difference where it is used.
            for _ in 0..2 {
                for variant in of_all {
                    for (days, element, subject) in
                        [(1, "leaf", "a:1"), (2, "leaf", "b:1"), (2, "root", "b:1")]
                    {
                        let mut message = message(days, element, subject);
                        message.key = format!("cert-expires-soon{variant}").into();
                        assert_eq!(sentences.text(&message), catalog.text(&message));
                        for part in ["detail", "remedy"] {
                            let plain = catalog.attribute(&message, part).unwrap_or_default();
                            assert_eq!(sentences.attribute(&message, part), plain);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_inside_makes_a_difference() {
        let catalog = Catalog::new(Lang::En);
        let mut sentences = Sentences::new(&catalog);
        let outer = |value: Value| Message::new("error-output").arg("reason", value);
        let inner = || Message::new("error-interrupted");
        let said: Vec<String> = [
            Value::from(inner()),
            Value::Hint(Box::new(inner())),
            Value::from("interrupted"),
            Value::from(7),
            Value::List(vec![Value::from("a"), Value::from("b")]),
            Value::List(vec![Value::from("a; b")]),
        ]
        .into_iter()
        .map(|value| {
            let message = outer(value);
            let said = sentences.text(&message);
            assert_eq!(said, catalog.text(&message));
            said
        })
        .collect();
        assert!(said.iter().any(|said| said.ends_with("a; b")));
    }

    #[test]
    fn plain_sentences_are_the_same_as_by_fluent() {
        let message = Message::new("tls-cipher")
            .arg("subject", "a:1")
            .arg("cipher", "first")
            .arg("cipher", "{ $subject } \\u0041")
            .arg("contexts", "XSP_CLI>");
        for lang in Lang::ALL {
            let catalog = Catalog::new(lang);
            let mut sentences = Sentences::new(&catalog);
            assert_eq!(sentences.text(&message), catalog.text(&message));
            for part in ["detail", "remedy"] {
                let plain = catalog.attribute(&message, part).unwrap_or_default();
                assert_eq!(sentences.attribute(&message, part), plain);
            }
            let sentence = &sentences.messages[0][0].1;
            assert!(
                sentence
                    .as_ref()
                    .is_some_and(|it| it.is_plain && it.said.is_empty())
            );
        }
    }

    #[test]
    fn a_missing_key_is_said_as_itself() {
        let catalog = Catalog::new(Lang::En);
        let mut sentences = Sentences::new(&catalog);
        let message = Message::new("no-such-key");
        assert_eq!(sentences.text(&message), "no-such-key");
        assert_eq!(sentences.attribute(&message, "detail"), "");
    }
}
