//! `verify`

use std::path::PathBuf;

/// What can be typed behind the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(value_name = "ZIP")]
    pub zip: PathBuf,
    #[arg(long, value_name = "SIGNERS")]
    pub signer: Option<PathBuf>,
    #[arg(long, value_name = "FILE", requires = "signer")]
    pub signature: Option<PathBuf>,
    #[arg(long, short, value_name = "FILE")]
    pub identity: Vec<PathBuf>,
}
