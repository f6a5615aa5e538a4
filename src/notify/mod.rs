//! Telling somebody: one message for each threshold and certificate, reminders, and when it is over.
//!
//! The state is written before a message leaves and again after it arrived (`docs/design/0014-one-message-each.md`).
//! A kill in between leaves a mark. Receivers that know a message by its identifier (web hook, Alertmanager) get it again
//! under the same one; to the others (Webex, e-mail) it counts as said, and the next reminder comes sooner.

pub mod destination;
pub mod plan;
pub mod send;
pub mod state;
pub mod text;

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};

pub use destination::{Destination, DestinationError};
pub use send::{SendError, Sender};
pub use state::{State, StateError, Store};

use crate::deadline::Deadline;
use crate::i18n::{Catalog, Localize as _, Message};
use crate::interrupt::Interrupt;
use crate::probe::http::ClientError;
use crate::report::Report;
use plan::Rules;
use text::Letter;

/// For all messages of a run, with all attempts.
pub const DEADLINE: Duration = Duration::from_secs(30);
/// The longest host name in a message.
const MAX_HOST: usize = 253;

/// How the telling went.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Messages that arrived.
    pub sent: usize,
    /// What went wrong; whatever it was, the next run tries again.
    pub troubles: Vec<Message>,
}

/// What a run is done with.
pub struct Work<'a> {
    /// Where to.
    pub destinations: &'a [Destination],
    /// The HTTP proxy.
    pub proxy: Option<String>,
    /// The state.
    pub path: &'a Path,
    /// The instant of the run.
    pub now: DateTime<Utc>,
    /// For everything.
    pub deadline: Deadline,
    /// The language.
    pub catalog: &'a Catalog,
    /// Ctrl-C.
    pub interrupt: &'a Interrupt,
}

impl Work<'_> {
    /// One for each destination that can be used; what is wrong with another is no reason not to tell the rest.
    fn senders(&self, outcome: &mut Outcome) -> Vec<Option<Sender<'_>>> {
        let ready = |destination| match Sender::new(destination, self.proxy.clone()) {
            Ok(sender) => Some(sender),
            Err(error) => {
                outcome.troubles.push(unusable(&destination.rules.name, &error));
                None
            }
        };
        self.destinations.iter().map(ready).collect()
    }

    /// Says what is due, and keeps the state.
    pub fn run(&self, report: &Report) -> Outcome {
        let mut outcome = Outcome::default();
        if let Err(trouble) = self.tell(report, &mut outcome) {
            outcome.troubles.push(trouble);
        }
        outcome
    }

    fn tell(&self, report: &Report, outcome: &mut Outcome) -> Result<(), Message> {
        let senders = self.senders(outcome);
        let store = Store::lock(self.path, self.deadline, self.interrupt).map_err(|error| error.message())?;
        let mut state = store.load().map_err(|error| error.message())?;
        let rules: Vec<Rules> = self
            .destinations
            .iter()
            .map(|destination| destination.rules.clone())
            .collect();
        let due = plan::plan(&mut state, report, &rules, self.now);
        // Before anything leaves: with a state that cannot be kept, every run would say the same again.
        store.save(&state).map_err(|error| error.message())?;
        let host = host();
        // One that failed for good is not asked again for each message.
        let mut failed = vec![false; rules.len()];
        for due in &due {
            let sender = senders.get(due.destination).and_then(Option::as_ref);
            let (Some(sender), Some(rules)) = (sender, rules.get(due.destination)) else {
                continue;
            };
            if failed.get(due.destination).copied().unwrap_or_default() || self.interrupt.is_set() {
                continue;
            }
            plan::begin(&mut state, due, rules);
            store.save(&state).map_err(|error| error.message())?;
            let letter = Letter::new(due, &host, self.catalog);
            match sender.send(&letter, self.deadline, self.interrupt) {
                Ok(()) => {
                    plan::arrived(&mut state, due, rules);
                    outcome.sent += 1;
                }
                Err(error) => {
                    if !error.is_open() {
                        plan::lost(&mut state, due, rules);
                    }
                    outcome.troubles.push(error.message());
                    if let Some(failed) = failed.get_mut(due.destination) {
                        *failed = true;
                    }
                }
            }
            store.save(&state).map_err(|error| error.message())?;
        }
        Ok(())
    }

    /// Sends one test message to each destination; the state is left alone.
    pub fn test(&self) -> Outcome {
        let mut outcome = Outcome::default();
        let senders = self.senders(&mut outcome);
        let host = host();
        for (number, sender) in senders.iter().flatten().enumerate() {
            let mut random = [0; 16];
            // Without randomness the instant tells tests apart well enough.
            let _ = getrandom::fill(&mut random);
            let id = format!("{}{number:x}", crate::x509::name::hex(&random));
            let letter = Letter::test(id, self.now, &host, self.catalog);
            match sender.send(&letter, self.deadline, self.interrupt) {
                Ok(()) => outcome.sent += 1,
                Err(error) => outcome.troubles.push(error.message()),
            }
        }
        outcome
    }
}

/// Why a destination cannot be talked to at all.
fn unusable(name: &str, error: &ClientError) -> Message {
    let (path, fault, reason) = match error {
        ClientError::CaFile { path, reason } => (path, "unreadable", reason.as_str()),
        ClientError::CaFileEmpty { path } => (path, "empty", ""),
        other => return other.message(),
    };
    Message::new("notify-error-ca-file")
        .arg("name", name)
        .arg("path", path.display().to_string())
        .arg("fault", fault)
        .arg("reason", reason)
}

/// This machine's name, for whoever wonders where a message comes from.
pub fn host() -> String {
    #[cfg(unix)]
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME").unwrap_or_default();
    let name: String = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
        .take(MAX_HOST)
        .collect();
    if name.is_empty() {
        "localhost".to_owned()
    } else {
        name
    }
}
