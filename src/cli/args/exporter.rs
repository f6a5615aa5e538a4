//! `exporter`

/// What can be typed behind the command.
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    #[arg(long)]
    pub any_target: bool,
}
