//! Which `--format` a command has.

use clap::ValueEnum as _;

use super::args::Format;
use crate::commands::{Context, Failure};
use crate::i18n::Message;

/// The chosen format, if the command has it.
///
/// # Errors
/// When it has not: the message lists those that exist.
pub fn require(context: &Context, available: &[Format]) -> Result<Format, Failure> {
    let chosen = context.global.format;
    if available.contains(&chosen) {
        return Ok(chosen);
    }
    let available: Vec<_> = available.iter().map(|format| format.word()).collect();
    Err(Failure::Said(
        Message::new("error-format")
            .arg("format", chosen.word())
            .arg("available", available.join(", ")),
    ))
}

impl Format {
    /// As it is typed.
    pub fn word(self) -> String {
        self.to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned())
    }
}
