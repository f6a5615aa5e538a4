//! Flags over environment over file, one typed value.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::args::{Format, GlobalArgs};
use crate::i18n::Lang;

/// The flags that every command has, resolved.
#[derive(Debug, Clone)]
pub struct Global {
    /// The configuration file that was read, if any.
    pub config_path: Option<PathBuf>,
    /// The language.
    pub lang: Lang,
    /// `--format`.
    pub format: Format,
    /// `--timeout`: the deadline of each target and of the status page.
    pub timeout: Option<Duration>,
    /// `--as-of`.
    pub as_of: Option<DateTime<Utc>>,
    /// `--threads`, else the machine's parallelism.
    pub threads: usize,
}

/// Flags over environment over file.
pub fn resolve(args: &GlobalArgs) -> Global {
    Global {
        config_path: args.config.clone(),
        lang: args.lang.unwrap_or_default(),
        format: args.format.unwrap_or_default(),
        timeout: args.timeout,
        as_of: args.as_of,
        threads: args.threads.map_or_else(
            || std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            usize::from,
        ),
    }
}
