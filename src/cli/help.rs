//! Help in the reader's language. The arguments in [`super::args`] carry no text; it comes from the messages
//! `help-<command>` (with `.examples` and `.exit-codes` where useful) and `help-<command>--<argument>`,
//! `help-case--<argument>` for the input flags that `check` and `bundle` share, and `help-global--<argument>`.

use clap::builder::{Resettable, Styles};
use clap::{Arg, ArgAction, Command, CommandFactory as _};

use super::args::Cli;
use crate::i18n::{Catalog, Message};

/// The widest help: longer lines are hard to read.
const MAX_WIDTH: usize = 110;

/// The command line with all its texts.
pub fn command(catalog: &Catalog) -> Command {
    let root = Cli::command()
        .disable_help_flag(true)
        .disable_version_flag(true)
        .max_term_width(MAX_WIDTH)
        .subcommand_value_name(catalog.plain("help-value-command"))
        .subcommand_help_heading(catalog.plain("help-heading-commands"))
        .arg(flag("help", 'h', ArgAction::Help).global(true))
        .arg(flag("version", 'V', ArgAction::Version));
    let root = texts(root, "help", catalog);
    root.mut_args(|arg| argument(arg, "global", catalog))
        .mut_subcommands(|sub| {
            let name = sub.get_name().to_owned();
            let sub = texts(sub.disable_help_flag(true), &format!("help-{name}"), catalog);
            sub.mut_args(|arg| argument(arg, &name, catalog))
        })
}

fn flag(name: &'static str, short: char, action: ArgAction) -> Arg {
    Arg::new(name)
        .long(name)
        .short(short)
        .action(action)
        .help_heading("Global")
}

/// What a command is for, its examples, and the frame around them.
fn texts(command: Command, key: &str, catalog: &Catalog) -> Command {
    let message = Message::new(key.to_owned());
    let header = *Styles::default().get_header();
    let template = format!(
        "{{about-with-newline}}\n{header}{}{header:#} {{usage}}\n\n{{all-args}}{{after-help}}\n",
        catalog.plain("help-heading-usage")
    );
    let sections: Vec<String> = [
        ("examples", "help-heading-examples"),
        ("exit-codes", "help-heading-exit-codes"),
    ]
    .into_iter()
    .filter_map(|(attribute, heading)| {
        let text = catalog.attribute(&message, attribute)?;
        let heading = catalog.plain(heading);
        Some(format!("{header}{heading}{header:#}\n{}", indented(&text)))
    })
    .collect();
    let after = (!sections.is_empty()).then(|| sections.join("\n\n"));
    let about = catalog.text(&message);
    command
        .help_template(template)
        .about(about)
        .after_help(Resettable::from(after.map(Into::into)))
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}

/// Help, heading and the notes in brackets of one argument.
fn argument(arg: Arg, command: &str, catalog: &Catalog) -> Arg {
    let heading = match (arg.get_help_heading(), arg.is_positional()) {
        (Some(_), _) => "help-heading-global",
        (None, true) => "help-heading-arguments",
        (None, false) => "help-heading-options",
    };
    let help = key(&arg, command, catalog).map(|key| notes(&arg, catalog.text(&Message::new(key)), catalog));
    // The notes say the same in the reader's language; clap refuses these settings for plain switches.
    let takes_values = arg.get_action().takes_values();
    arg.help_heading(catalog.plain(heading))
        .help(Resettable::from(help.map(Into::into)))
        .hide_possible_values(takes_values)
        .hide_default_value(takes_values)
        .hide_env(takes_values)
}

/// The key of an argument's help, if it has any.
fn key(arg: &Arg, command: &str, catalog: &Catalog) -> Option<String> {
    let name = arg.get_id().as_str().replace('_', "-");
    let mut keys = vec![format!("help-{command}--{name}")];
    if matches!(command, "check" | "bundle") {
        keys.push(format!("help-case--{name}"));
    }
    if matches!(command, "certs" | "status" | "check") {
        keys.push(format!("help-notify--{name}"));
    }
    keys.into_iter().find(|key| catalog.has(key))
}

/// Appends values, default and environment variable, each in brackets of its own.
fn notes(arg: &Arg, mut help: String, catalog: &Catalog) -> String {
    let mut note = |key: &'static str, value: String| {
        help.push(' ');
        help.push_str(&catalog.text(&Message::new(key).arg("value", value)));
    };
    let values: Vec<_> = arg
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set() && arg.get_action().takes_values())
        .map(|value| value.get_name().to_owned())
        .collect();
    if !values.is_empty() {
        note("help-note-values", values.join(", "));
    }
    let defaults: Vec<_> = arg
        .get_default_values()
        .iter()
        .filter(|_| arg.get_action().takes_values())
        .map(|value| value.to_string_lossy().into_owned())
        .collect();
    if !defaults.is_empty() {
        note("help-note-default", defaults.join(", "));
    }
    if let Some(variable) = arg.get_env() {
        note("help-note-env", variable.to_string_lossy().into_owned());
    }
    help
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::{command, key};
    use crate::cli::args::Cli;
    use crate::i18n::{Catalog, Lang};

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
        for lang in Lang::ALL {
            command(&Catalog::new(lang)).debug_assert();
        }
    }

    #[test]
    fn every_command_and_argument_has_its_help() {
        let catalog = Catalog::new(Lang::En);
        let mut missing = Vec::new();
        let root = Cli::command();
        let global = root
            .get_arguments()
            .filter(|arg| key(arg, "global", &catalog).is_none())
            .map(|arg| format!("help-global--{}", arg.get_id()));
        missing.extend(global);
        for sub in root.get_subcommands() {
            let name = sub.get_name();
            if !catalog.has(&format!("help-{name}")) {
                missing.push(format!("help-{name}"));
            }
            let arguments = sub
                .get_arguments()
                .filter(|arg| key(arg, name, &catalog).is_none())
                .map(|arg| format!("help-{name}--{}", arg.get_id().as_str().replace('_', "-")));
            missing.extend(arguments);
        }
        assert!(
            missing.is_empty(),
            "add to the section \"## help\" of all five catalogues:\n{}",
            missing.join("\n")
        );
    }
}
