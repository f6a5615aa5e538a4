//! One file a command: settings to collaborators to report to exit code.

pub mod bundle;
pub mod case;
pub mod certs;
pub mod check;
pub mod checks;
pub mod completions;
pub mod diff;
pub mod explain;
pub mod exporter;
pub mod extract;
pub mod inspect;
pub mod man;
pub mod notify;
pub mod redact;
pub mod restore;
pub mod schema;
pub mod self_test;
pub mod status;
pub mod targets;
pub mod upload;
pub mod users;
pub mod verify;

use std::io;
use std::path::Path;

use crate::cli::args::Command;
use crate::cli::exit::Exit;
use crate::cli::printer::{Palette, Printer};
use crate::cli::settings::Global;
use crate::cli::write_file;
use crate::clock::Clock;
use crate::config::Config;
use crate::i18n::{Catalog, Localize, Message};
use crate::interrupt::{Interrupt, Interrupted};
use crate::render::nagios::Plugin;

/// What every command is handed.
pub struct Context {
    /// The flags that every command has, after environment and configuration.
    pub global: Global,
    /// The configuration file, paths made absolute.
    pub config: Config,
    /// The sentences.
    pub catalog: Catalog,
    /// The streams.
    pub printer: Printer,
    /// The clock; with `--as-of` still the machine's: see [`Context::as_of`].
    pub clock: Box<dyn Clock>,
    /// Ctrl-C.
    pub interrupt: Interrupt,
}

impl Context {
    /// The instant to judge as of.
    pub fn as_of(&self) -> chrono::DateTime<chrono::Utc> {
        self.global.as_of.unwrap_or_else(|| self.clock.now())
    }

    /// How long plug-in output may become, in bytes: `--verbose` asks for all of it.
    pub fn plugin_limit(&self) -> Option<usize> {
        (!self.printer.is_verbose()).then_some(crate::render::nagios::MAX_BYTES)
    }

    /// Plug-in output with what could not be said to others.
    pub fn plugin_text(&self, mut plugin: Plugin, told: &crate::notify::Outcome) -> String {
        for trouble in &told.troubles {
            plugin.add_trouble(self.catalog.text(trouble));
        }
        plugin.text(self.plugin_limit(), &self.catalog)
    }
}

/// Why a command could not do its work.
#[derive(Debug)]
pub enum Failure {
    /// Something to say; exit code 3.
    Said(Message),
    /// Ctrl-C; exit code 130.
    Interrupted,
    /// Standard output is closed: success.
    ClosedPipe,
    /// Standard output cannot be written (a full disk); exit code 3.
    Output(io::Error),
}

impl<E: Localize> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Said(error.message())
    }
}

impl Failure {
    /// Sorts an error of writing to standard output.
    pub fn output(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::ClosedPipe
        } else {
            Self::Output(error)
        }
    }
}

impl From<io::Error> for Failure {
    /// Only for writing to standard output; every other I/O error has a type that says which file it was.
    fn from(error: io::Error) -> Self {
        Self::output(error)
    }
}

impl From<Interrupted> for Failure {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

/// What a command gives back.
pub type Outcome = Result<Exit, Failure>;

/// Writes a result to standard output, or to the file that was named: whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn deliver(context: &mut Context, file: Option<&Path>, text: &str) -> Result<(), Failure> {
    match file {
        Some(path) => Ok(write_file::publish(path, text.as_bytes())?),
        None => Ok(context.printer.out().write_all(text.as_bytes())?),
    }
}

/// The styles of a result: none in a file.
pub fn palette(context: &Context, file: Option<&Path>) -> Palette {
    match file {
        Some(_) => Palette::new(false),
        None => context.printer.palette(),
    }
}

/// Hands over to the command that was typed.
///
/// # Errors
/// When the work could not be done.
pub fn run(command: &Command, context: &mut Context) -> Outcome {
    match command {
        Command::Check(args) => check::run(args, context),
        Command::Bundle(args) => bundle::run(args, context),
        Command::Status(args) => status::run(args, context),
        Command::Certs(args) => certs::run(args, context),
        Command::Extract(args) => extract::run(args, context),
        Command::Redact(args) => redact::run(args, context),
        Command::Users(args) => users::run(args, context),
        Command::Explain(args) => explain::run(args, context),
        Command::Inspect(args) => inspect::run(args, context),
        Command::Verify(args) => verify::run(args, context),
        Command::Diff(args) => diff::run(args, context),
        Command::Restore(args) => restore::run(args, context),
        Command::Upload(args) => upload::run(args, context),
        Command::Exporter(args) => exporter::run(args, context),
        Command::SelfTest(args) => self_test::run(args, context),
        Command::Completions(args) => completions::run(args, context),
        Command::Man(args) => man::run(args, context),
        Command::Checks(args) => checks::run(args, context),
        Command::Schema(args) => schema::run(args, context),
    }
}
