//! The input flags of `check` and `bundle`.

use std::path::PathBuf;

use chrono::{DateTime, FixedOffset};

/// What a case is made of.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct CaseArgs {
    #[arg(long, value_name = "FILE")]
    pub text: Vec<PathBuf>,
    #[arg(long, value_name = "PATH")]
    pub log: Vec<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub users_csv: Vec<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub attach: Vec<PathBuf>,
    #[arg(long, value_name = "TARGET")]
    pub xsp: Vec<String>,
    #[arg(long, value_name = "FILE")]
    pub trust: Vec<PathBuf>,
    #[arg(long, value_name = "URL|FILE")]
    pub status_url: Option<String>,
    #[arg(long, value_name = "ADDRESS")]
    pub user_email: Option<String>,
    #[arg(long, value_name = "ID")]
    pub customer_org: Option<String>,
    #[arg(long, value_name = "ID")]
    pub partner_org: Option<String>,
    #[arg(long, value_name = "VERSION")]
    pub client_version: Vec<String>,
    #[arg(long, value_name = "ROLE=RELEASE")]
    pub broadworks_release: Vec<String>,
    #[arg(long, value_name = "TIME", value_parser = crate::cli::values::zoned)]
    pub since: Option<DateTime<FixedOffset>>,
    #[arg(long, value_name = "TIME", value_parser = crate::cli::values::zoned)]
    pub until: Option<DateTime<FixedOffset>>,
    #[arg(long, value_name = "ID")]
    pub tracking_id: Vec<String>,
    #[arg(long, value_name = "FILE")]
    pub answers: Vec<PathBuf>,
    #[arg(long)]
    pub interactive: bool,
    #[arg(long)]
    pub no_network: bool,
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}
