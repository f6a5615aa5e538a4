//! Arguments, settings, printer, exit codes. clap lives only here.

pub mod args;
pub mod config_file;
pub mod exit;
pub mod formats;
pub mod printer;
pub mod settings;
pub mod values;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use crate::clock::SystemClock;
use crate::commands::{self, Context, Failure};
use crate::i18n::{Catalog, Lang, Localize as _, Message};
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
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe while help is printed is success like any other closed pipe.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::NOT_DONE
            } else {
                Exit::DONE
            };
        }
    };
    let printer = Printer::new(cli.global.color, cli.global.quiet, cli.global.verbose);
    let loaded = match settings::load(&cli.global) {
        Ok(loaded) => loaded,
        Err(error) => return refuse(printer, settings::early_language(&arguments), &error.message()),
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
    let outcome = commands::run(&cli.command, &mut context);
    finish(outcome, &mut context)
}

/// Ends before a command could begin.
fn refuse(mut printer: Printer, lang: Lang, message: &Message) -> Exit {
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
