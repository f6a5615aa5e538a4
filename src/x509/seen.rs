//! What is wrong with a certificate or a chain: a word for the catalogues, and short English words for the data, which
//! do not change with the language.

use crate::i18n::{Localize, Message, Value};

/// Something that was seen and should not be.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    english: String,
    message: Message,
}

impl Seen {
    /// `what` chooses among the variants of the message `cert-seen`; `english` goes into the data.
    pub fn new(what: &'static str, english: impl Into<String>) -> Self {
        Self {
            english: english.into(),
            message: Message::new("cert-seen").arg("what", what),
        }
    }

    /// Adds an argument of the sentence.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.message = self.message.arg(name, value);
        self
    }

    /// The certificate that it is about.
    #[must_use]
    pub fn of(self, name: &str) -> Self {
        Self {
            english: format!("{name}: {}", self.english),
            message: Message::new("cert-seen-of")
                .arg("name", name)
                .arg("seen", self.message),
        }
    }

    /// The message, for keeps.
    pub fn into_message(self) -> Message {
        self.message
    }

    /// The English words.
    pub fn as_str(&self) -> &str {
        &self.english
    }
}

impl Localize for Seen {
    fn message(&self) -> Message {
        self.message.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::i18n::Lang;

    /// Every word that the code gives is a variant in every language, and no catalogue has another.
    #[test]
    fn every_word_is_said_in_every_language() {
        let sources = [
            include_str!("cert/read.rs"),
            include_str!("lint/rules.rs"),
            include_str!("lint/rules/names.rs"),
            include_str!("lint/rules/strength.rs"),
            include_str!("verify.rs"),
            include_str!("verify/words.rs"),
            include_str!("../rules/certs/chain.rs"),
            include_str!("../rules/certs/chain/trust.rs"),
            include_str!("../rules/certs/webex.rs"),
        ];
        let used: BTreeSet<&str> = sources
            .iter()
            .flat_map(|source| source.split("Seen::new(").skip(1))
            .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
            .collect();
        assert!(used.len() > 50, "{used:?}");
        for lang in Lang::ALL {
            let source = lang.source();
            let begin = source.find("\ncert-seen =").expect("the message");
            let rest = source.get(begin..).unwrap_or_default();
            let end = rest.find("\ncert-seen-of").expect("the next message");
            let said: BTreeSet<&str> = rest
                .get(..end)
                .unwrap_or_default()
                .lines()
                .filter_map(|line| line.trim_start().strip_prefix('[')?.split(']').next())
                .collect();
            let missing: Vec<_> = used
                .difference(&said)
                .filter(|word| **word != "other-rule")
                .collect();
            assert!(missing.is_empty(), "{lang}: {missing:?}");
            let dead: Vec<_> = said.difference(&used).collect();
            assert!(dead.is_empty(), "{lang}: {dead:?}");
        }
    }
}
