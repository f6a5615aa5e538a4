//! `certs`

use super::{Context, Failure, Outcome};
use crate::cli::args::certs::Args;
use crate::i18n::Message;

/// Runs the command.
///
/// # Errors
/// When the work could not be done.
pub fn run(_args: &Args, _context: &mut Context) -> Outcome {
    Err(Failure::Said(Message::new("error-not-there")))
}
