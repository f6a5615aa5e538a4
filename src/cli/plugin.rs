//! A run as a monitoring plug-in (`--format nagios`): whatever happens, one line with a state on standard output and
//! an exit code from 0 to 3, before the scheduler loses its patience.

use std::ffi::OsString;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::args::{Command, Format};
use super::exit::Exit;
use super::settings;
use crate::commands::{Context, Failure, Outcome};
use crate::deadline::Deadline;
use crate::i18n::{Catalog, Lang, Message};
use crate::interrupt::Interrupt;
use crate::render::nagios::{MAX_BYTES, Plugin};

/// Below the 60 seconds after which Nagios (`service_check_timeout`) and Icinga (`check_timeout`) kill a check.
const LIMIT: Duration = Duration::from_secs(55);
/// So long an orderly stop may take: then what is known is said at once.
const GRACE: Duration = Duration::from_millis(900);
/// How often the watch looks.
const POLL: Duration = Duration::from_millis(50);

/// The service of a command that can be a plug-in.
pub const fn service(command: &Command) -> Option<&'static str> {
    match command {
        Command::Certs(_) => Some("CERTS"),
        Command::Status(_) => Some("WEBEX-STATUS"),
        Command::Check(_) => Some("CHECK"),
        _ => None,
    }
}

/// The same from what was typed, for faults that are found before anything is parsed.
fn early_service(arguments: &[OsString]) -> Option<&'static str> {
    let format = settings::flag(arguments, "--format").or_else(|| std::env::var_os("W4B_DIAG_FORMAT"))?;
    if format != "nagios" {
        return None;
    }
    arguments.iter().find_map(|argument| match argument.to_str()? {
        "certs" => Some("CERTS"),
        "status" => Some("WEBEX-STATUS"),
        "check" => Some("CHECK"),
        _ => None,
    })
}

/// Says a fault of usage or configuration as a plug-in does, if that is what was typed.
pub fn refuse(arguments: &[OsString], lang: Lang, message: &Message) -> Option<Exit> {
    let service = early_service(arguments)?;
    let catalog = Catalog::new(lang);
    // Standard output that is gone cannot be reported anywhere.
    let _ = std::io::stdout().write_all(unknown(service, message, &catalog).as_bytes());
    Some(Exit::NOT_DONE)
}

fn unknown(service: &'static str, message: &Message, catalog: &Catalog) -> String {
    let mut plugin = Plugin::unknown(service, catalog.text(message));
    plugin.lines.extend(catalog.attribute(message, "hint"));
    plugin.text(Some(MAX_BYTES), catalog)
}

/// What the command and the watch share.
#[derive(Debug, Default)]
struct Shared {
    /// Whoever sets it first has the only word.
    spoken: AtomicBool,
    /// The deadline passed.
    late: AtomicBool,
}

/// Watches over one run.
pub struct Guard {
    service: &'static str,
    shared: Arc<Shared>,
    limit: Duration,
}

impl Guard {
    /// Begins to watch, if the run is one of a plug-in. From here on the output is held back, and `--timeout` is the
    /// limit of the whole run: every target gets a little less, so that there is time to say which one was silent.
    pub fn start(command: &Command, context: &mut Context) -> Option<Self> {
        let service = service(command).filter(|_| context.global.format == Format::Nagios)?;
        let limit = context.global.timeout.unwrap_or(LIMIT);
        context.global.timeout = context.global.timeout.map(for_targets);
        let end = Deadline::after(limit.saturating_sub(grace(limit) * 2));
        context.global.finish_by = Some(end);
        context.printer.hold();
        let guard = Self {
            service,
            shared: Arc::default(),
            limit,
        };
        guard.watch(context);
        Some(guard)
    }

    fn watch(&self, context: &Context) {
        let shared = Arc::clone(&self.shared);
        let interrupt = context.interrupt.clone();
        let limit = self.limit;
        // The sentences are made now: the catalogue stays with the command.
        let too_late = unknown(self.service, &self.too_late(), &context.catalog);
        let stopped = unknown(self.service, &Message::new("error-interrupted"), &context.catalog);
        std::thread::spawn(move || {
            wait(&shared, &interrupt, limit);
            std::thread::sleep(grace(limit));
            if !shared.spoken.swap(true, Ordering::SeqCst) {
                let late = shared.late.load(Ordering::SeqCst);
                say_and_exit(if late { &too_late } else { &stopped });
            }
        });
    }

    fn too_late(&self) -> Message {
        Message::new("plugin-timeout").arg("seconds", self.limit.as_secs().max(1))
    }

    /// Prints the result, or why there is none.
    pub fn finish(&self, outcome: Outcome, context: &mut Context) -> Exit {
        if self.shared.spoken.swap(true, Ordering::SeqCst) {
            // The watch has said something already, and ends the process.
            loop {
                std::thread::park();
            }
        }
        let outcome = outcome.and_then(|exit| {
            let released = context.printer.release();
            released.map(|()| exit).map_err(Failure::output)
        });
        let message = match outcome {
            Ok(exit) => return exit,
            Err(Failure::ClosedPipe) => return Exit::DONE,
            Err(Failure::Interrupted) if self.shared.late.load(Ordering::SeqCst) => self.too_late(),
            Err(Failure::Interrupted) => Message::new("error-interrupted"),
            Err(Failure::Said(message)) => message,
            Err(Failure::Output(error)) => Message::new("error-output").arg("reason", error.to_string()),
        };
        let text = unknown(self.service, &message, &context.catalog);
        let _ = std::io::stdout().write_all(text.as_bytes());
        Exit::NOT_DONE
    }
}

/// What is left for a target when the whole run may take so long: it must end before the run is stopped.
fn for_targets(limit: Duration) -> Duration {
    let margin = (limit / 10).clamp(Duration::from_millis(50), Duration::from_secs(2));
    limit.saturating_sub(grace(limit)).saturating_sub(margin)
}

/// How long an orderly stop may take within such a limit.
fn grace(limit: Duration) -> Duration {
    GRACE.min(limit / 4)
}

/// Until the deadline, a signal, or the end of the command.
fn wait(shared: &Shared, interrupt: &Interrupt, limit: Duration) {
    let deadline = Deadline::after(limit.saturating_sub(grace(limit)));
    while !interrupt.is_set() && !shared.spoken.load(Ordering::SeqCst) {
        if deadline.is_over() {
            shared.late.store(true, Ordering::SeqCst);
            interrupt.trigger();
            return;
        }
        std::thread::sleep(POLL.min(deadline.remaining()));
    }
}

/// The command hangs where nothing can stop it, in a name service or on a dead file system: no orderly end is left.
#[expect(clippy::exit, reason = "the other thread cannot be stopped")]
fn say_and_exit(text: &str) -> ! {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    std::process::exit(Exit::NOT_DONE.code().into());
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::time::Duration;

    use super::{early_service, for_targets};

    #[test]
    fn targets_have_less_time_than_the_run() {
        for (limit, target) in [(500, 325), (5_000, 3_600), (55_000, 52_100), (10, 0)] {
            assert_eq!(
                for_targets(Duration::from_millis(limit)),
                Duration::from_millis(target)
            );
        }
    }

    #[test]
    fn a_plug_in_is_known_before_parsing() {
        let service = |line: &str| {
            let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            early_service(&arguments)
        };
        assert_eq!(
            service("w4b-diag --format nagios certs --nonsense"),
            Some("CERTS")
        );
        assert_eq!(service("w4b-diag check --format=nagios"), Some("CHECK"));
        assert_eq!(service("w4b-diag certs --format json"), None);
        assert_eq!(service("w4b-diag users --format nagios"), None);
    }
}
