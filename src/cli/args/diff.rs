//! `diff`

use std::path::PathBuf;

/// What can be typed behind the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    #[arg(long, short, value_name = "FILE")]
    pub identity: Vec<PathBuf>,
}
