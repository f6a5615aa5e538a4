//! `bundle`

use std::path::PathBuf;

/// What can be typed behind the command.
#[derive(Debug, clap::Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Args {
    #[arg(long, short, value_name = "ZIP", required_unless_present = "preview")]
    pub output: Option<PathBuf>,
    #[arg(long)]
    pub preview: bool,
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    #[arg(long, value_name = "SIZE", value_parser = crate::cli::values::size)]
    pub max_size: Option<u64>,
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    #[arg(long, value_name = "RECIPIENT")]
    pub encrypt_to: Vec<String>,
    #[arg(long, value_name = "RECIPIENT", requires = "map")]
    pub encrypt_map_to: Vec<String>,
    #[arg(long, value_name = "KEY")]
    pub sign: Option<PathBuf>,
    #[arg(long, value_name = "FILE", requires = "sign")]
    pub passphrase_file: Option<PathBuf>,
    #[arg(long, value_name = "FILE", conflicts_with = "fresh_key")]
    pub key: Option<PathBuf>,
    #[arg(long)]
    pub fresh_key: bool,
    #[arg(long, short)]
    pub yes: bool,
    #[arg(long, requires = "sr", conflicts_with = "preview")]
    pub upload: bool,
    #[arg(long, value_name = "NUMBER", requires = "upload")]
    pub sr: Option<String>,
    #[command(flatten)]
    pub to: super::upload::UploadArgs,
    #[command(flatten)]
    pub case: super::case::CaseArgs,
}
