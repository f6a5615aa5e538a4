//! `upload`

use std::path::PathBuf;

/// What can be typed behind the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(value_name = "ZIP")]
    pub zip: PathBuf,
    #[arg(long, value_name = "NUMBER")]
    pub sr: String,
    #[arg(long, short, value_name = "FILE")]
    pub identity: Vec<PathBuf>,
    #[command(flatten)]
    pub to: UploadArgs,
}

/// Where to and with what, of `upload` and of `bundle --upload`.
#[derive(Debug, Default, clap::Args)]
#[group(skip)]
pub struct UploadArgs {
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    #[arg(long)]
    pub again: bool,
}
