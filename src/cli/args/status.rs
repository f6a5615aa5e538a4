//! `status`

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, FixedOffset};

use crate::cli::values::{duration, zoned};

/// What can be typed behind the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(long, value_name = "URL|FILE")]
    pub url: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub component: Vec<String>,
    #[arg(long, value_name = "NAME")]
    pub region: Vec<String>,
    #[arg(long, value_name = "TIME", value_parser = zoned, conflicts_with_all = ["since", "until"])]
    pub at: Option<DateTime<FixedOffset>>,
    #[arg(long, value_name = "TIME", value_parser = zoned)]
    pub since: Option<DateTime<FixedOffset>>,
    #[arg(long, value_name = "TIME", value_parser = zoned, requires = "since")]
    pub until: Option<DateTime<FixedOffset>>,
    #[arg(long)]
    pub no_cache: bool,
    #[arg(long, conflicts_with_all = ["notify", "notify_test"])]
    pub watch: bool,
    #[arg(long, short, value_name = "FILE", conflicts_with = "watch")]
    pub output: Option<PathBuf>,
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "60s", requires = "watch")]
    pub interval: Duration,
    #[command(flatten)]
    pub notify: super::notify::NotifyArgs,
}
