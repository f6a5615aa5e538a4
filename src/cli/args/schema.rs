//! `schema`

use std::path::PathBuf;

/// What can be typed behind the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    #[arg(long, short, value_name = "DIR", conflicts_with = "name")]
    pub output: Option<PathBuf>,
}
