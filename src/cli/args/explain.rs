//! `explain`

use chrono::NaiveDate;

use crate::rules::order::{Line, Offer};
use crate::rules::template::UserState;

/// What can be typed behind the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Words that are joined with blanks; `-` is standard input.
    #[arg(value_name = "CODE|TEXT|-")]
    pub query: Vec<String>,
    #[arg(long, value_name = "yes|no", value_parser = yes_or_no)]
    pub untrusted_emails: Option<bool>,
    #[arg(long, value_name = "yes|no", value_parser = yes_or_no)]
    pub share_link: Option<bool>,
    #[arg(long, value_name = "yes|no", value_parser = yes_or_no)]
    pub retried: Option<bool>,
    #[arg(long, value_name = "STATUS", value_enum)]
    pub user_status: Option<UserState>,
    #[arg(long, value_name = "STATE", value_enum)]
    pub line: Option<Line>,
    #[arg(long, value_name = "OFFER", value_enum)]
    pub offer: Option<Offer>,
    #[arg(long, value_name = "DATE")]
    pub requested_start: Option<NaiveDate>,
    #[arg(long, value_name = "yes|no", value_parser = yes_or_no)]
    pub ccw_access: Option<bool>,
    #[arg(long, value_name = "yes|no", value_parser = yes_or_no)]
    pub onboarded: Option<bool>,
    #[arg(long, value_name = "yes|no", value_parser = yes_or_no)]
    pub resend_failed: Option<bool>,
}

/// `yes` and `no`, also in the other four languages.
fn yes_or_no(text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "yes" | "y" | "true" | "ja" | "j" | "da" | "d" | "si" | "sì" | "s" => Ok(true),
        "no" | "n" | "false" | "nein" | "ne" | "nei" => Ok(false),
        _ => Err(text.to_owned()),
    }
}
