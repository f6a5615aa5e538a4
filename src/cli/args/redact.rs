//! `redact`

use std::path::PathBuf;

/// What can be typed behind the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[arg(long, short, value_name = "DIR")]
    pub output: Option<PathBuf>,
    #[arg(long, conflicts_with_all = ["output", "map"])]
    pub preview: bool,
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    #[arg(long, value_name = "RECIPIENT", requires = "map")]
    pub encrypt_to: Vec<String>,
    #[arg(long, value_name = "VALUE")]
    pub keep: Vec<String>,
    #[arg(long, value_name = "FILE", conflicts_with = "fresh_key")]
    pub key: Option<PathBuf>,
    #[arg(long)]
    pub fresh_key: bool,
}
