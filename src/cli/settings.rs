//! Flags over environment over file, one typed value. (clap reads the environment for the flags that have a
//! variable; the file comes in here.)

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::ValueEnum as _;

use super::args::{Format, GlobalArgs};
use super::config_file::{self, ConfigError, Loaded};
use super::printer::ColorChoice;
use super::values;
use crate::config::Config;
use crate::deadline::Deadline;
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
    /// When a run as a plug-in must have come to an end.
    pub finish_by: Option<Deadline>,
    /// `--as-of`.
    pub as_of: Option<DateTime<Utc>>,
    /// `--threads`, else the machine's parallelism.
    pub threads: usize,
}

/// Reads the configuration file that the flags name, or a default one.
///
/// # Errors
/// When it cannot be used; see [`config_file::load`].
pub fn load(args: &GlobalArgs) -> Result<Loaded, ConfigError> {
    config_file::load(args.config.as_deref())
}

/// Flags over environment over file.
pub fn resolve(args: &GlobalArgs, loaded: &Loaded) -> Global {
    let from_file = loaded.config.as_of.as_deref();
    Global {
        config_path: loaded.path.clone(),
        lang: language(args.lang, &loaded.config),
        format: args.format.unwrap_or_default(),
        timeout: args.timeout,
        finish_by: None,
        as_of: args
            .as_of
            .or_else(|| from_file.and_then(|text| values::instant(text).ok())),
        threads: args.threads.map_or_else(
            || std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            usize::from,
        ),
    }
}

/// `--lang` or `W4B_DIAG_LANG`, else `[provider] locale`, else the machine's locale, else English.
pub fn language(chosen: Option<Lang>, config: &Config) -> Lang {
    let from_file = || config.provider.locale.as_deref().and_then(Lang::from_locale);
    chosen.or_else(from_file).unwrap_or_else(machine_language)
}

/// The first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set decides, as POSIX has it; a system without them
/// is asked in its own way.
fn machine_language() -> Lang {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty());
    set.or_else(sys_locale::get_locale)
        .and_then(|locale| Lang::from_locale(&locale))
        .unwrap_or_default()
}

/// The language of help and of usage errors, which are said before (or because) nothing was parsed: a look at
/// the arguments for `--lang` and `--config`, then the same order as [`language`].
pub fn early_language(arguments: &[OsString]) -> Lang {
    let chosen = flag(arguments, "--lang")
        .or_else(|| std::env::var_os("W4B_DIAG_LANG"))
        .and_then(|lang| lang.to_str()?.parse().ok());
    let file = flag(arguments, "--config").or_else(|| std::env::var_os("W4B_DIAG_CONFIG"));
    let file = file.filter(|file| !file.is_empty()).map(PathBuf::from);
    // A faulty file must not stand in the way of help.
    let loaded = config_file::load(file.as_deref()).unwrap_or_default();
    language(chosen, &loaded.config)
}

/// `--color` for help and usage errors.
pub fn early_color(arguments: &[OsString]) -> ColorChoice {
    flag(arguments, "--color")
        .or_else(|| std::env::var_os("W4B_DIAG_COLOR"))
        .and_then(|word| ColorChoice::from_str(word.to_str()?, false).ok())
        .unwrap_or_default()
}

/// The value of `--name VALUE` or `--name=VALUE`, the last one.
pub(super) fn flag(arguments: &[OsString], name: &str) -> Option<OsString> {
    let end = arguments
        .iter()
        .position(|argument| argument == "--")
        .unwrap_or(arguments.len());
    let mut found = None;
    let mut arguments = arguments.iter().take(end);
    while let Some(argument) = arguments.next() {
        if argument == OsStr::new(name) {
            found = arguments.next().cloned();
        } else if let Some(value) = argument
            .to_str()
            .and_then(|argument| argument.strip_prefix(name)?.strip_prefix('='))
        {
            found = Some(OsString::from(value));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{early_language, flag, language};
    use crate::config::Config;
    use crate::i18n::Lang;
    use std::ffi::OsString;

    fn arguments(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn flags_are_found_before_parsing() {
        assert_eq!(
            flag(&arguments("x --lang de --lang=it y"), "--lang"),
            Some("it".into())
        );
        assert_eq!(flag(&arguments("x -- --lang de"), "--lang"), None);
        assert_eq!(flag(&arguments("x --lang"), "--lang"), None);
        assert_eq!(early_language(&arguments("x --lang hr --help")), Lang::Hr);
    }

    #[test]
    fn a_flag_wins_over_the_file() {
        let mut config = Config::default();
        config.provider.locale = Some("nb_NO".to_owned());
        assert_eq!(language(None, &config), Lang::Nb);
        assert_eq!(language(Some(Lang::It), &config), Lang::It);
    }
}
