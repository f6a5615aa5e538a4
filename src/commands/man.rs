//! `man`: the manual pages, made from the same texts as the help.

use std::io;
use std::path::Path;

use super::{Context, Failure, Outcome};
use crate::cli::args::man::Args;
use crate::cli::exit::Exit;
use crate::cli::{help, write_file};
use crate::i18n::{Catalog, Message};

/// Section headings as clap_mangen writes them, and the messages that replace them.
const HEADINGS: [(&str, &str); 6] = [
    (".SH NAME", "man-name"),
    (".SH SYNOPSIS", "man-synopsis"),
    (".SH DESCRIPTION", "man-description"),
    (".SH SUBCOMMANDS", "man-commands"),
    (".SH EXTRA", "man-examples"),
    (".SH VERSION", "man-version"),
];

/// Prints one page, or writes all of them into a directory.
///
/// # Errors
/// When a command does not exist or the output cannot be written.
pub fn run(args: &Args, context: &mut Context) -> Outcome {
    let mut root = help::command(&context.catalog);
    root.build();
    if let Some(directory) = &args.output {
        return write_all(&root, directory, context);
    }
    let command = match &args.command {
        None => &root,
        Some(name) => root.find_subcommand(name).ok_or_else(|| {
            Failure::Said(
                Message::new("usage-unknown-command")
                    .arg("command", name)
                    .arg("nearest", "none")
                    .arg("help", "w4b-diag --help"),
            )
        })?,
    };
    let page = page(command, &context.catalog)?;
    context.printer.out().write_all(page.as_bytes())?;
    Ok(Exit::DONE)
}

fn write_all(root: &clap::Command, directory: &Path, context: &mut Context) -> Outcome {
    for command in std::iter::once(root).chain(root.get_subcommands()) {
        let page = page(command, &context.catalog)?;
        let name = format!("{}.1", page_name(command));
        write_file::write(&directory.join(name), page.as_bytes())?;
    }
    Ok(Exit::DONE)
}

/// `w4b-diag`, `w4b-diag-check`.
fn page_name(command: &clap::Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

fn page(command: &clap::Command, catalog: &Catalog) -> io::Result<String> {
    let mut page = Vec::new();
    let version = concat!("w4b-diag ", env!("CARGO_PKG_VERSION"));
    let man = clap_mangen::Man::new(command.clone())
        .title(page_name(command).to_uppercase())
        // The date of the build is left out, so that the same source gives the same page.
        .source(version)
        .manual("w4b-diag");
    man.render(&mut page)?;
    let page = String::from_utf8_lossy(&page).into_owned();
    let lines: Vec<String> = page
        .lines()
        .map(|line| {
            let heading = HEADINGS.iter().find(|(english, _)| *english == line);
            heading.map_or_else(
                || line.to_owned(),
                |(_, key)| format!(".SH {}", catalog.plain(key)),
            )
        })
        .collect();
    Ok(lines.join("\n") + "\n")
}
