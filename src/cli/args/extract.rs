//! `extract`

/// What can be typed behind the command.
#[derive(Debug, clap::Args)]
pub struct Args {}
