//! `restore`

use std::path::PathBuf;

/// What can be typed behind the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[arg(long, value_name = "FILE", required = true)]
    pub map: PathBuf,
    #[arg(long, short, value_name = "FILE")]
    pub identity: Vec<PathBuf>,
    #[arg(long, value_name = "VALUE")]
    pub forget: Vec<String>,
}
