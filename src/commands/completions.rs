//! `completions`

use super::{Context, Outcome};
use crate::cli::args::completions::Args;
use crate::cli::exit::Exit;
use crate::cli::help;

/// Prints the completion script of a shell, descriptions in the chosen language.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(args: &Args, context: &mut Context) -> Outcome {
    let mut command = help::command(&context.catalog);
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "w4b-diag", &mut script);
    context.printer.out().write_all(&script)?;
    Ok(Exit::DONE)
}
