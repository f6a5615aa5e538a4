//! `certs`

use std::path::PathBuf;

/// What can be typed behind the command.
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    #[arg(long, value_name = "PATH")]
    pub trust: Vec<PathBuf>,
    #[arg(long, value_name = "PATH")]
    pub anchors: Option<PathBuf>,
    #[arg(long, value_name = "PATH")]
    pub intermediates: Vec<PathBuf>,
    #[arg(long, value_name = "NAME")]
    pub host: Option<String>,
    #[arg(long, value_name = "PATH")]
    pub crl: Vec<PathBuf>,
    #[arg(long, value_name = "N")]
    pub max_depth: Option<usize>,
    #[arg(long = "match", value_name = "PATH")]
    pub r#match: Vec<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub discover: Vec<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub calendar: Option<PathBuf>,
    #[arg(long)]
    pub aia: bool,
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[arg(long, value_name = "PATH")]
    pub write_chain: Option<PathBuf>,
    #[command(flatten)]
    pub notify: super::notify::NotifyArgs,
}
