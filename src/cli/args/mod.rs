//! What can be typed, one file a command. Meaning is given to it in [`super::settings`] and in the commands.
//!
//! Help texts are not here: they are Fluent messages named `help-<command>` and `help-<command>--<argument>`
//! (`help-global--<argument>` for global flags), put in place by [`super::help`].

#![allow(missing_docs, reason = "the help texts of arguments live in the catalogues")]

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
pub mod upload;
pub mod users;
pub mod verify;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Parser, Subcommand, ValueEnum};

use super::printer::ColorChoice;
use crate::i18n::Lang;

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "w4b-diag",
    version,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Cli {
    /// Flags of every command.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of every command.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Global")]
pub struct GlobalArgs {
    #[arg(long, global = true, env = "W4B_DIAG_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[arg(long, global = true, env = "W4B_DIAG_LANG", value_enum)]
    pub lang: Option<Lang>,
    #[arg(long, global = true, env = "W4B_DIAG_FORMAT", value_enum)]
    pub format: Option<Format>,
    #[arg(
        long,
        global = true,
        env = "W4B_DIAG_COLOR",
        value_enum,
        default_value = "auto"
    )]
    pub color: ColorChoice,
    #[arg(long, short, global = true)]
    pub quiet: bool,
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    #[arg(long, global = true, env = "W4B_DIAG_TIMEOUT", value_name = "DURATION", value_parser = super::values::duration)]
    pub timeout: Option<std::time::Duration>,
    #[arg(long, global = true, env = "W4B_DIAG_AS_OF", value_name = "TIME", value_parser = super::values::instant)]
    pub as_of: Option<DateTime<Utc>>,
    #[arg(long, global = true, env = "W4B_DIAG_THREADS", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// `--format`; which command has which is decided by the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One object, `w4b-diag/report/1`.
    Json,
    /// One object a hit.
    Ndjson,
    /// Comma-separated values.
    Csv,
    /// Markdown.
    Markdown,
    /// One self-contained page.
    Html,
    /// Monitoring plug-in output.
    Nagios,
    /// Prometheus text exposition.
    Prometheus,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    Check(check::Args),
    Bundle(Box<bundle::Args>),
    Status(status::Args),
    Certs(certs::Args),
    Extract(extract::Args),
    Redact(redact::Args),
    Users(users::Args),
    Explain(explain::Args),
    Inspect(inspect::Args),
    Verify(verify::Args),
    Diff(diff::Args),
    Restore(restore::Args),
    Upload(upload::Args),
    Exporter(exporter::Args),
    SelfTest(self_test::Args),
    Completions(completions::Args),
    Man(man::Args),
    Checks(checks::Args),
    Schema(schema::Args),
}
