//! `status`

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::cli::values::{duration, instant};

/// What can be typed behind the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(long, value_name = "URL|FILE")]
    pub url: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub component: Vec<String>,
    #[arg(long, value_name = "NAME")]
    pub region: Vec<String>,
    #[arg(long, value_name = "TIME", value_parser = instant, conflicts_with_all = ["since", "until"])]
    pub at: Option<DateTime<Utc>>,
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub since: Option<DateTime<Utc>>,
    #[arg(long, value_name = "TIME", value_parser = instant, requires = "since")]
    pub until: Option<DateTime<Utc>>,
    #[arg(long)]
    pub no_cache: bool,
    #[arg(long)]
    pub watch: bool,
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "60s", requires = "watch")]
    pub interval: Duration,
}
