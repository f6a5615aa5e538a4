//! The one owner of standard output and standard error.
//!
//! Results go to standard output, everything said to the person beside them to standard error. Foreign text is
//! sanitised by whoever formats it for a terminal ([`crate::sanitize::terminal`]); messages printed here are.

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::i18n::{Catalog, Message};
use crate::report::Severity;
use crate::sanitize;

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`.
    #[default]
    Auto,
    /// Also in a pipe.
    Always,
    /// Never.
    Never,
}

impl ColorChoice {
    /// The same for clap's own output: help.
    pub(super) const fn for_clap(self) -> clap::ColorChoice {
        match self {
            Self::Auto => clap::ColorChoice::Auto,
            Self::Always => clap::ColorChoice::Always,
            Self::Never => clap::ColorChoice::Never,
        }
    }

    fn resolve(self, is_terminal: bool) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => {
                is_terminal
                    && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                    && std::env::var_os("TERM").is_none_or(|value| value != "dumb")
            }
        }
    }
}

/// Paints text, or leaves it plain.
#[derive(Debug, Clone, Copy)]
pub struct Palette {
    enabled: bool,
}

impl Palette {
    /// A palette that paints only when `enabled`.
    pub const fn new(enabled: bool) -> Self {
        Self { enabled }
    }

    /// The style of a severity; the word or sign beside it always says the same without colour.
    pub fn severity(self, severity: Severity) -> Style {
        let color = match severity {
            Severity::Ok => AnsiColor::Green,
            Severity::Info => AnsiColor::Cyan,
            Severity::Unknown => AnsiColor::Magenta,
            Severity::Warning => AnsiColor::Yellow,
            Severity::Critical => AnsiColor::Red,
        };
        self.if_enabled(color.on_default().bold())
    }

    /// Headings.
    pub fn strong(self) -> Style {
        self.if_enabled(Style::new().bold())
    }

    /// What matters less.
    pub fn faint(self) -> Style {
        self.if_enabled(Style::new().dimmed())
    }

    fn if_enabled(self, style: Style) -> Style {
        if self.enabled { style } else { Style::new() }
    }
}

/// Standard output and standard error.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches of the two streams"
)]
pub struct Printer {
    out: io::BufWriter<io::Stdout>,
    /// What is held back until [`Printer::release`].
    held: Option<Vec<u8>>,
    out_palette: Palette,
    err_palette: Palette,
    out_is_terminal: bool,
    err_is_terminal: bool,
    quiet: bool,
    verbose: bool,
}

impl std::fmt::Debug for Printer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Printer")
            .field("quiet", &self.quiet)
            .finish_non_exhaustive()
    }
}

impl Printer {
    /// A printer on the process's streams.
    pub fn new(color: ColorChoice, quiet: bool, verbose: bool) -> Self {
        let out_is_terminal = io::stdout().is_terminal();
        let err_is_terminal = io::stderr().is_terminal();
        Self {
            out: io::BufWriter::with_capacity(64 * 1024, io::stdout()),
            held: None,
            out_palette: Palette::new(color.resolve(out_is_terminal)),
            err_palette: Palette::new(color.resolve(err_is_terminal)),
            out_is_terminal,
            err_is_terminal,
            quiet,
            verbose,
        }
    }

    /// Standard output, buffered; results only.
    pub fn out(&mut self) -> &mut dyn Write {
        match &mut self.held {
            Some(held) => held,
            None => &mut self.out,
        }
    }

    /// From now on results are held back: another word may have to be said in their place.
    pub fn hold(&mut self) {
        self.held.get_or_insert_default();
    }

    /// Writes what was held back.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn release(&mut self) -> io::Result<()> {
        if let Some(held) = self.held.take() {
            self.out.write_all(&held)?;
        }
        self.out.flush()
    }

    /// Styles for standard output.
    pub fn palette(&self) -> Palette {
        self.out_palette
    }

    /// Styles for standard error.
    pub fn err_palette(&self) -> Palette {
        self.err_palette
    }

    /// Whether standard output is a terminal.
    pub fn out_is_terminal(&self) -> bool {
        self.out_is_terminal
    }

    /// Whether a person can be asked: standard input and standard error are terminals.
    pub fn can_ask(&self) -> bool {
        self.err_is_terminal && io::stdin().is_terminal()
    }

    /// `--verbose`.
    pub fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// Columns to fill: `COLUMNS`, else the terminal's, at most 120 so that sentences stay readable; 100 in a file
    /// or a pipe.
    pub fn width(&self) -> usize {
        if !self.out_is_terminal {
            return 100;
        }
        let columns = std::env::var("COLUMNS")
            .ok()
            .and_then(|columns| columns.parse().ok());
        let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        columns.or_else(terminal).unwrap_or(100).clamp(40, 120)
    }

    /// Says something on standard error; silent with `--quiet`.
    pub fn note(&mut self, catalog: &Catalog, message: &Message) {
        if !self.quiet {
            self.say(None, catalog, message);
        }
    }

    /// A warning on standard error; also with `--quiet`, because something was left out.
    pub fn warn(&mut self, catalog: &Catalog, message: &Message) {
        self.say(Some(Severity::Warning), catalog, message);
    }

    /// An error on standard error, with its hint.
    pub fn error(&mut self, catalog: &Catalog, message: &Message) {
        self.say(Some(Severity::Critical), catalog, message);
    }

    fn say(&mut self, severity: Option<Severity>, catalog: &Catalog, message: &Message) {
        // Results already written must not come after what is said about them.
        let _ = self.out.flush();
        let text = catalog.text(message);
        let mut lines = Vec::new();
        if let Some(severity) = severity {
            let key = if severity == Severity::Critical {
                "label-error"
            } else {
                "label-warning"
            };
            lines.push((
                Some(self.err_palette.severity(severity)),
                catalog.plain(key),
                text,
            ));
        } else {
            lines.push((None, String::new(), text));
        }
        if let Some(hint) = catalog.attribute(message, "hint") {
            lines.push((Some(self.err_palette.strong()), catalog.plain("label-hint"), hint));
        }
        let mut err = io::stderr().lock();
        for (style, label, text) in lines {
            let text = sanitize::terminal(&text, true);
            // Standard error that is gone cannot be reported anywhere.
            let _ = match style {
                Some(style) => writeln!(err, "{style}{label}{style:#} {text}"),
                None => writeln!(err, "{text}"),
            };
        }
    }

    /// A progress bar over `length` steps (0: unknown); invisible unless standard error is a terminal and
    /// `--quiet` is absent.
    pub fn progress(&self, length: u64, catalog: &Catalog, message: &Message) -> ProgressBar {
        let hidden = self.quiet || !self.err_is_terminal;
        let target = if hidden {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let (length, template) = match length {
            0 => (None, "{spinner} {msg} {elapsed}"),
            _ => (Some(length), "{spinner} {msg} [{bar:30}] {pos}/{len} {elapsed}"),
        };
        let bar = ProgressBar::with_draw_target(length, target);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(sanitize::terminal(&catalog.text(message), false).into_owned());
        bar
    }

    /// The same over `length` bytes, with rate and time left.
    pub fn progress_of_bytes(&self, length: u64, catalog: &Catalog, message: &Message) -> ProgressBar {
        let bar = self.progress(length, catalog, message);
        let template = "{spinner} {msg} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec} {eta}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar
    }

    /// Bytes and their rate, of an amount that nobody knows beforehand; invisible as [`Printer::progress`] is, and
    /// when not `visible`.
    pub fn progress_bytes(&self, visible: bool, catalog: &Catalog, message: &Message) -> ProgressBar {
        let bar = self.progress(0, catalog, message);
        if !visible {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {bytes} ({bytes_per_sec}) {elapsed}")
        {
            bar.set_style(style);
        }
        bar
    }

    /// Writes what is buffered.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
