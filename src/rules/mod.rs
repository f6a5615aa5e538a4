//! Facts to findings. A rule does no I/O and knows no clock but the one handed in.
//!
//! Every finding names a [`Check`] of the [`registry`]; its sentences are one Fluent message with the attributes
//! `.detail` and `.remedy`, by default the check's id with dots as dashes (`cert.expired` is `cert-expired`).
//! Outcomes of one check that need other sentences use a suffix: `cert-expired--anchor`.

pub mod bundle;
pub mod case;
pub mod certs;
pub mod csv;
pub mod fault;
pub mod order;
pub mod patch;
pub mod registry;
pub mod release;
pub mod status;
pub mod template;
pub mod users;
pub mod users_data;

use std::borrow::Cow;

use serde_json::{Map, Value as Json};

pub use registry::{Area, Check};

use crate::i18n::{Catalog, Message, Sentences, Value};
use crate::report::{self, Owner, Severity};

/// What a rule found, not yet in any language.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Which check.
    pub check: &'static Check,
    /// How bad.
    pub severity: Severity,
    /// What it is about.
    pub subject: String,
    /// Who must act.
    pub owner: Owner,
    /// Title, `.detail`, `.remedy`.
    pub message: Message,
    /// Where it is documented; the check's own reference unless replaced.
    pub reference: Option<Cow<'static, str>>,
    /// Language-independent facts.
    pub data: Map<String, Json>,
}

impl Finding {
    /// A finding with the check's default severity, owner, reference and message. The argument `subject` is set.
    pub fn new(check: &'static Check, subject: impl Into<String>) -> Self {
        let subject = subject.into();
        Self {
            check,
            severity: check.severity,
            owner: check.owner,
            message: Message::new(check.message_key()).arg("subject", subject.as_str()),
            subject,
            reference: check.reference.map(Cow::Borrowed),
            data: Map::new(),
        }
    }

    /// The check passed: severity `ok`, message `<key>--ok`.
    pub fn ok(check: &'static Check, subject: impl Into<String>) -> Self {
        Self::new(check, subject).severity(Severity::Ok).variant("ok")
    }

    /// The check could not be made: severity `unknown`, message `<key>--unknown`.
    pub fn unknown(check: &'static Check, subject: impl Into<String>) -> Self {
        Self::new(check, subject)
            .severity(Severity::Unknown)
            .variant("unknown")
    }

    /// The same about another subject.
    pub fn move_to(&mut self, subject: &str) {
        subject.clone_into(&mut self.subject);
        for (name, value) in &mut self.message.args {
            if name == "subject" {
                *value = Value::from(subject);
            }
        }
    }

    /// Replaces the severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Replaces the owner.
    #[must_use]
    pub fn owner(mut self, owner: Owner) -> Self {
        self.owner = owner;
        self
    }

    /// Uses the sentences `<key>--<variant>`.
    #[must_use]
    pub fn variant(mut self, variant: &str) -> Self {
        self.message.key = Cow::Owned(format!("{}--{variant}", self.check.message_key()));
        self
    }

    /// Adds an argument of the sentences.
    #[must_use]
    pub fn arg(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.message = self.message.arg(name, value);
        self
    }

    /// Adds a language-independent fact.
    #[must_use]
    pub fn data(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.data.insert(name.to_owned(), value.into());
        self
    }

    /// Replaces the reference.
    #[must_use]
    pub fn reference(mut self, url: impl Into<Cow<'static, str>>) -> Self {
        self.reference = Some(url.into());
        self
    }

    /// The wire form in one language.
    pub fn localize(&self, catalog: &Catalog) -> report::Finding {
        self.localize_with(&mut Sentences::new(catalog))
    }

    /// The same for one of many.
    pub fn localize_with(&self, sentences: &mut Sentences<'_>) -> report::Finding {
        self.clone().into_localized(sentences)
    }

    /// The same for one of many that is not needed any more.
    pub fn into_localized(self, sentences: &mut Sentences<'_>) -> report::Finding {
        let (title, [detail, remedy]) = sentences.all(&self.message, ["detail", "remedy"]);
        report::Finding {
            check: self.check.id.to_owned(),
            severity: self.severity,
            subject: self.subject,
            owner: self.owner,
            title,
            detail,
            remedy,
            reference: self.reference.map(Cow::into_owned),
            data: self.data,
        }
    }
}
