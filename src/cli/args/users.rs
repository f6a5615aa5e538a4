//! `users`

use std::path::PathBuf;

/// What can be typed behind the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// `-` is standard input.
    #[arg(value_name = "CSV")]
    pub file: PathBuf,
    #[arg(long)]
    pub exclude_provisioned: bool,
    #[arg(long, value_name = "FILE")]
    pub write_corrected: Option<PathBuf>,
}
