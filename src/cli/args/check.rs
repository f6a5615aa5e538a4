//! `check`

/// What can be typed behind the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub case: super::case::CaseArgs,
    #[command(flatten)]
    pub notify: super::notify::NotifyArgs,
}
