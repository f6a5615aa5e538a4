//! Arguments, settings, printer, exit codes. clap lives only here.

pub mod args;
pub mod config_error;
pub mod config_file;
pub mod exit;
pub mod formats;
pub mod help;
pub mod plugin;
pub mod printer;
pub mod prompt;
pub mod settings;
pub mod usage;
pub mod values;
pub mod write_file;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::builder::Resettable;
use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _};

use crate::clock::SystemClock;
use crate::commands::{self, Context, Failure};
use crate::i18n::{Catalog, Localize as _, Message};
use crate::interrupt::Interrupt;
use args::Cli;
use exit::Exit;
use printer::Printer;

/// The whole program: what was typed to what it means to a command to an exit code.
pub fn main() -> ExitCode {
    run().into()
}

fn run() -> Exit {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let cli = match parse(&arguments) {
        Ok(cli) => cli,
        Err(error) => return not_parsed(&error, &arguments),
    };
    let printer = Printer::new(cli.global.color, cli.global.quiet, cli.global.verbose);
    let loaded = match settings::load(&cli.global) {
        Ok(loaded) => loaded,
        Err(error) => return refuse(printer, &arguments, &error.message()),
    };
    let settings = settings::resolve(&cli.global, &loaded);
    let mut context = Context {
        catalog: Catalog::new(settings.lang),
        printer,
        clock: Box::new(SystemClock),
        interrupt: Interrupt::install().unwrap_or_default(),
        config: loaded.config,
        global: settings,
    };
    let guard = plugin::Guard::start(&cli.command, &mut context);
    let outcome = commands::run(&cli.command, &mut context);
    match guard {
        Some(guard) => guard.finish(outcome, &mut context),
        None => finish(outcome, &mut context),
    }
}

/// What was typed, without any text of help: building that in five languages is for those who ask for it.
fn parse(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let mut command = without_empty_variables(Cli::command());
    let matches = command.try_get_matches_from_mut(arguments)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// An environment variable that is set to nothing is as good as not set.
fn without_empty_variables(command: clap::Command) -> clap::Command {
    command.mut_args(|arg| {
        let empty = arg
            .get_env()
            .and_then(std::env::var_os)
            .is_some_and(|value| value.is_empty());
        if empty { arg.env(Resettable::Reset) } else { arg }
    })
}

/// Help, version, or a usage error.
fn not_parsed(error: &clap::Error, arguments: &[OsString]) -> Exit {
    let exit = if error.use_stderr() {
        Exit::NOT_DONE
    } else {
        Exit::DONE
    };
    if error.kind() == ErrorKind::DisplayVersion {
        // A closed pipe is success like everywhere.
        let _ = error.print();
        return exit;
    }
    let lang = settings::early_language(arguments);
    let color = settings::early_color(arguments);
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        let command = help::command(&Catalog::new(lang)).color(color.for_clap());
        let with_texts = without_empty_variables(command).try_get_matches_from(arguments);
        let _ = with_texts.map_or_else(|error| error.print(), |_| Ok(()));
        return exit;
    }
    let printer = Printer::new(color, false, false);
    refuse(printer, arguments, &usage::message(error, arguments))
}

/// Ends before a command could begin.
fn refuse(mut printer: Printer, arguments: &[OsString], message: &Message) -> Exit {
    let lang = settings::early_language(arguments);
    if let Some(exit) = plugin::refuse(arguments, lang, message) {
        return exit;
    }
    printer.error(&Catalog::new(lang), message);
    Exit::NOT_DONE
}

/// Says what went wrong and turns it into an exit code.
fn finish(outcome: commands::Outcome, context: &mut Context) -> Exit {
    let outcome = outcome.and_then(|exit| context.printer.flush().map(|()| exit).map_err(Failure::output));
    let failure = match outcome {
        Ok(exit) => return exit,
        Err(failure) => failure,
    };
    let message = match failure {
        Failure::ClosedPipe => return Exit::DONE,
        Failure::Interrupted => {
            context
                .printer
                .note(&context.catalog, &Message::new("error-interrupted"));
            return Exit::INTERRUPTED;
        }
        Failure::Said(message) => message,
        Failure::Output(error) => Message::new("error-output").arg("reason", error.to_string()),
    };
    context.printer.error(&context.catalog, &message);
    Exit::NOT_DONE
}
