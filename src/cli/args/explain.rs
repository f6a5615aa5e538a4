//! `explain`

use std::path::PathBuf;

use chrono::NaiveDate;

use crate::rules::order::{Line, Offer};
use crate::rules::template::UserState;

/// What can be typed behind the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Words that are joined with blanks; `-` is standard input.
    #[arg(value_name = "CODE|TEXT|-")]
    pub query: Vec<String>,
    #[arg(long, value_name = "yes|no", value_parser = crate::cli::values::yes_or_no)]
    pub untrusted_emails: Option<bool>,
    #[arg(long, value_name = "yes|no", value_parser = crate::cli::values::yes_or_no)]
    pub share_link: Option<bool>,
    #[arg(long, value_name = "yes|no", value_parser = crate::cli::values::yes_or_no)]
    pub retried: Option<bool>,
    #[arg(long, value_name = "STATUS", value_enum)]
    pub user_status: Option<UserState>,
    #[arg(long, value_name = "STATE", value_enum)]
    pub line: Option<Line>,
    #[arg(long, value_name = "OFFER", value_enum)]
    pub offer: Option<Offer>,
    #[arg(long, value_name = "DATE")]
    pub requested_start: Option<NaiveDate>,
    #[arg(long, value_name = "yes|no", value_parser = crate::cli::values::yes_or_no)]
    pub ccw_access: Option<bool>,
    #[arg(long, value_name = "yes|no", value_parser = crate::cli::values::yes_or_no)]
    pub onboarded: Option<bool>,
    #[arg(long, value_name = "yes|no", value_parser = crate::cli::values::yes_or_no)]
    pub resend_failed: Option<bool>,
    #[arg(long, value_name = "FILE")]
    pub answers: Vec<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    #[arg(long, conflicts_with_all = ["query", "answers", "save"])]
    pub lint: bool,
}
