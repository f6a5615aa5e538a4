//! The flags of telling somebody: `certs`, `status` and `check`.

use std::path::PathBuf;

/// Whether, and with which memory.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct NotifyArgs {
    #[arg(long)]
    pub notify: bool,
    #[arg(long, conflicts_with = "notify")]
    pub notify_test: bool,
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
}
