//! What was typed wrongly, said in the reader's language: clap's errors are data here, not text.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, Error};

use super::args::Cli;
use crate::i18n::Message;

/// The message of a usage error; every one has a hint.
pub fn message(error: &Error, arguments: &[std::ffi::OsString]) -> Message {
    let context = Context(error);
    let message = match error.kind() {
        ErrorKind::UnknownArgument => Message::new("usage-unknown-argument")
            .arg("argument", context.text(ContextKind::InvalidArg))
            .arg("nearest", context.suggestion(ContextKind::SuggestedArg)),
        ErrorKind::InvalidSubcommand => Message::new("usage-unknown-command")
            .arg("command", context.text(ContextKind::InvalidSubcommand))
            .arg("nearest", context.suggestion(ContextKind::SuggestedSubcommand)),
        ErrorKind::MissingSubcommand => Message::new("usage-missing-command"),
        ErrorKind::MissingRequiredArgument => {
            Message::new("usage-missing-argument").arg("argument", context.text(ContextKind::InvalidArg))
        }
        ErrorKind::ArgumentConflict => conflict(&context),
        ErrorKind::InvalidValue if context.text(ContextKind::InvalidValue).is_empty() => {
            missing_value(&context)
        }
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues | ErrorKind::NoEquals => {
            missing_value(&context)
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => invalid_value(&context),
        ErrorKind::TooManyValues => Message::new("usage-surplus-value")
            .arg("argument", context.text(ContextKind::InvalidArg))
            .arg("value", context.text(ContextKind::InvalidValue)),
        ErrorKind::InvalidUtf8 => Message::new("usage-not-utf8"),
        _ => Message::new("usage-other").arg("reason", error.kind().to_string()),
    };
    message.arg("help", help_command(arguments))
}

fn conflict(context: &Context<'_>) -> Message {
    let argument = context.text(ContextKind::InvalidArg);
    let other = context.text(ContextKind::PriorArg);
    if other == argument || other.is_empty() {
        return Message::new("usage-repeated").arg("argument", argument);
    }
    Message::new("usage-conflict")
        .arg("argument", argument)
        .arg("other", other)
}

fn missing_value(context: &Context<'_>) -> Message {
    Message::new("usage-missing-value")
        .arg("argument", context.text(ContextKind::InvalidArg))
        .arg("values", context.known_values())
}

fn invalid_value(context: &Context<'_>) -> Message {
    let argument = context.text(ContextKind::InvalidArg);
    // The name of the value says which form it has: `--timeout <DURATION>`.
    let form = argument
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map_or("other", |(form, _)| form)
        .to_owned();
    Message::new("usage-invalid-value")
        .arg("argument", argument)
        .arg("value", context.text(ContextKind::InvalidValue))
        .arg("nearest", context.suggestion(ContextKind::SuggestedValue))
        .arg("values", context.known_values())
        .arg("form", form)
}

/// What clap knows of the error.
struct Context<'a>(&'a Error);

impl Context<'_> {
    fn text(&self, kind: ContextKind) -> String {
        match self.0.get(kind) {
            Some(ContextValue::String(text)) => text.clone(),
            Some(ContextValue::Strings(texts)) => texts.join(", "),
            _ => String::new(),
        }
    }

    /// The nearest known word (clap puts it last), or `none`, which the sentences choose by.
    fn suggestion(&self, kind: ContextKind) -> String {
        match self.0.get(kind) {
            Some(ContextValue::String(text)) => text.clone(),
            Some(ContextValue::Strings(texts)) => texts.last().cloned().unwrap_or_else(|| "none".to_owned()),
            _ => "none".to_owned(),
        }
    }

    /// The possible values, or `none`.
    fn known_values(&self) -> String {
        match self.text(ContextKind::ValidValue) {
            values if values.is_empty() => "none".to_owned(),
            values => values,
        }
    }
}

/// `w4b-diag certs --help`, for the command that was typed.
fn help_command(arguments: &[std::ffi::OsString]) -> String {
    let root = Cli::command();
    let typed = arguments
        .iter()
        .filter_map(|argument| argument.to_str())
        .find(|argument| root.find_subcommand(argument).is_some());
    match typed {
        Some(name) => format!("w4b-diag {name} --help"),
        None => "w4b-diag --help".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::message;
    use crate::i18n::{Catalog, Lang};

    fn said(line: &str, lang: Lang) -> String {
        let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let error = crate::cli::parse(&arguments).expect_err("must be refused");
        let message = message(&error, &arguments);
        let catalog = Catalog::new(lang);
        let hint = catalog.attribute(&message, "hint").expect("a hint");
        format!("{}\n{hint}", catalog.text(&message))
    }

    #[test]
    fn usage_errors_in_english() {
        for (line, expected) in [
            (
                "w4b-diag cheks",
                "unknown command \"cheks\"\nDid you mean \"checks\"?",
            ),
            (
                "w4b-diag checks --formt json",
                "unknown argument \"--formt\"\nDid you mean \"--format\"?",
            ),
            (
                "w4b-diag checks --quiet --verbose",
                "\"--quiet\" and \"--verbose\" exclude each other\nLeave one of them out.",
            ),
            (
                "w4b-diag checks --lang fr",
                "\"fr\" is not a valid value for \"--lang <LANG>\"\nPossible values: en, de, hr, nb, it.",
            ),
            (
                "w4b-diag checks --timeout soon",
                "\"soon\" is not a valid value for \"--timeout <DURATION>\"\nWrite a duration such as 500ms, 5s, 2m or 30d.",
            ),
            (
                "w4b-diag checks --as-of today",
                "\"today\" is not a valid value for \"--as-of <TIME>\"\nWrite a time with its zone (RFC 3339), for example 2026-11-20T08:30:00+01:00.",
            ),
            (
                "w4b-diag completions",
                "missing: <SHELL>\nSee w4b-diag completions --help.",
            ),
            (
                "w4b-diag checks --timeout",
                "\"--timeout <DURATION>\" needs a value\nSee w4b-diag checks --help.",
            ),
        ] {
            assert_eq!(said(line, Lang::En), expected, "{line}");
        }
    }

    #[test]
    fn usage_errors_in_every_language() {
        // In debug builds a variable that a sentence wants and does not get is a panic.
        for lang in Lang::ALL {
            for line in [
                "w4b-diag cheks",
                "w4b-diag zzzzz",
                "w4b-diag checks --formt",
                "w4b-diag checks --lang fr",
                "w4b-diag checks --lang",
                "w4b-diag checks --threads 0",
                "w4b-diag checks --quiet --quiet",
                "w4b-diag completions",
            ] {
                assert!(!said(line, lang).is_empty());
            }
        }
    }
}
