//! What was said already: one small JSON file that survives a kill at any moment.
//!
//! It is written beside its place, flushed to the disk and renamed, so that there is always a whole one. A lock beside it
//! keeps two runs from saying the same. It holds names of checks and servers and times; no address of a destination,
//! no token, no password.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::deadline::Deadline;
use crate::i18n::{Localize, Message};
use crate::interrupt::Interrupt;

/// The identifier of the format.
pub const SCHEMA: &str = "w4b-diag/notify-state/1";
/// A state of ten thousand problems has about five megabytes.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// How often a lock is tried.
const POLL: Duration = Duration::from_millis(50);

/// The whole file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct State {
    /// [`SCHEMA`].
    pub schema: String,
    /// What is or was wrong, by its key.
    #[serde(default)]
    pub problems: BTreeMap<String, Known>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            problems: BTreeMap::new(),
        }
    }
}

/// One problem as it was seen last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Known {
    /// The check.
    pub check: String,
    /// The servers and files that it was seen at.
    pub subjects: Vec<String>,
    /// Its title, for the message that it is over.
    pub title: String,
    /// How bad.
    pub level: Level,
    /// When it was seen first.
    pub since: DateTime<Utc>,
    /// When it was seen last.
    pub seen: DateTime<Utc>,
    /// In how many runs one after the other it was looked for and not there.
    #[serde(default)]
    pub gone: u8,
    /// What was said where, by the name of the destination.
    #[serde(default)]
    pub said: BTreeMap<String, Said>,
}

/// How bad a problem is; each level is one threshold and is said once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Could not be checked.
    Unknown,
    /// The threshold of a warning.
    Warning,
    /// The critical threshold.
    Critical,
    /// Critical, and a date has passed.
    Expired,
}

impl Level {
    /// The word of the wire format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::Expired => "expired",
        }
    }
}

/// What was said of one problem at one destination.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Said {
    /// The worst level that was said.
    #[serde(default)]
    pub level: Option<Level>,
    /// When something was said last.
    #[serde(default)]
    pub at: Option<DateTime<Utc>>,
    /// How many messages there were.
    #[serde(default)]
    pub count: u32,
    /// What is being said: written before the message leaves, removed once it arrived or certainly did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Pending>,
}

/// A message that may or may not have arrived.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pending {
    /// The message's identifier, the same in every attempt.
    pub id: String,
    /// What it says.
    pub kind: Kind,
    /// The level that it says.
    pub level: Level,
    /// When it was to leave.
    pub at: DateTime<Utc>,
}

/// What a message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Something is wrong, or worse than before.
    Raised,
    /// It still is.
    Reminder,
    /// It is over.
    Recovered,
    /// Only a test.
    Test,
}

impl Kind {
    /// The word of the wire format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Reminder => "reminder",
            Self::Recovered => "recovered",
            Self::Test => "test",
        }
    }
}

/// The state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Not readable.
    #[error("cannot read {}: {reason}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's words.
        reason: String,
    },
    /// Not one of ours.
    #[error("{} is no state of notifications", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
    },
    /// Not writable: nothing is sent, because every run would send it again.
    #[error("cannot write {}: {reason}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The operating system's words.
        reason: String,
    },
    /// Another run holds it.
    #[error("another run uses {}", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// There is no home directory.
    #[error("no state directory")]
    NoPlace,
}

impl Localize for StateError {
    fn message(&self) -> Message {
        let shown = |path: &Path| path.display().to_string();
        match self {
            Self::Read { path, reason } => Message::new("notify-state-read")
                .arg("path", shown(path))
                .arg("reason", reason),
            Self::Broken { path } => Message::new("notify-state-broken").arg("path", shown(path)),
            Self::Write { path, reason } => Message::new("notify-state-write")
                .arg("path", shown(path))
                .arg("reason", reason),
            Self::Busy { path } => Message::new("notify-state-busy").arg("path", shown(path)),
            Self::NoPlace => Message::new("notify-state-place"),
        }
    }
}

/// `w4b-diag/notify.json` in the user's state directory (`$XDG_STATE_HOME`, else `~/.local/state`; on Windows the data
/// directory).
///
/// # Errors
/// When there is no home directory.
pub fn default_path() -> Result<PathBuf, StateError> {
    use etcetera::BaseStrategy as _;
    let strategy = etcetera::base_strategy::choose_native_strategy().map_err(|_| StateError::NoPlace)?;
    let set = std::env::var_os("XDG_STATE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let base = set.unwrap_or_else(|| strategy.state_dir().unwrap_or_else(|| strategy.data_dir()));
    Ok(base.join("w4b-diag").join("notify.json"))
}

/// The file, locked for this run.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    /// Held until dropped; the kernel releases it when the process dies.
    _lock: File,
}

impl Store {
    /// Waits for the lock, at most until the deadline.
    ///
    /// # Errors
    /// When the place cannot be written to, or another run does not come to an end.
    pub fn lock(path: &Path, deadline: Deadline, interrupt: &Interrupt) -> Result<Self, StateError> {
        let failed = |error: &io::Error| StateError::Write {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            std::fs::create_dir_all(parent).map_err(|error| failed(&error))?;
        }
        let mut name = path.as_os_str().to_owned();
        name.push(".lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(PathBuf::from(name))
            .map_err(|error| failed(&error))?;
        loop {
            match file.try_lock() {
                Ok(()) => {
                    return Ok(Self {
                        path: path.to_owned(),
                        _lock: file,
                    });
                }
                Err(std::fs::TryLockError::Error(error)) => return Err(failed(&error)),
                Err(std::fs::TryLockError::WouldBlock) if deadline.is_over() || interrupt.is_set() => {
                    return Err(StateError::Busy {
                        path: path.to_owned(),
                    });
                }
                Err(std::fs::TryLockError::WouldBlock) => std::thread::sleep(POLL),
            }
        }
    }

    /// The state; empty when there is none yet.
    ///
    /// # Errors
    /// When it cannot be read. It is never begun anew by itself: everything would be said again.
    pub fn load(&self) -> Result<State, StateError> {
        let path = || self.path.clone();
        let mut bytes = Vec::new();
        match File::open(&self.path).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes)) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::default()),
            Err(error) => {
                return Err(StateError::Read {
                    path: path(),
                    reason: error.to_string(),
                });
            }
        }
        serde_json::from_slice::<State>(&bytes)
            .ok()
            .filter(|state| state.schema == SCHEMA)
            .ok_or_else(|| StateError::Broken { path: path() })
    }

    /// Writes the state: whole, on the disk, under its name, or not at all.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, state: &State) -> Result<(), StateError> {
        self.write(state).map_err(|error| StateError::Write {
            path: self.path.clone(),
            reason: error.to_string(),
        })
    }

    fn write(&self, state: &State) -> io::Result<()> {
        let directory = match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let mut bytes = serde_json::to_vec_pretty(state)?;
        bytes.push(b'\n');
        let mut file = tempfile::Builder::new()
            .prefix(".notify-")
            .tempfile_in(directory)?;
        file.write_all(&bytes)?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|error| error.error)?;
        // The name is on the disk once the directory is. Windows cannot open directories.
        #[cfg(unix)]
        File::open(directory)?.sync_all()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{State, StateError, Store};
    use crate::deadline::Deadline;
    use crate::interrupt::Interrupt;

    #[test]
    fn one_run_at_a_time_and_nothing_broken_is_begun_anew() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("a/b/notify.json");
        let soon = || Deadline::after(Duration::from_millis(120));
        let store = Store::lock(&path, soon(), &Interrupt::new()).expect("locked");
        assert_eq!(store.load().expect("empty"), State::default());
        store.save(&State::default()).expect("written");
        assert!(matches!(
            Store::lock(&path, soon(), &Interrupt::new()),
            Err(StateError::Busy { .. })
        ));
        drop(store);
        let store = Store::lock(&path, soon(), &Interrupt::new()).expect("free again");
        assert_eq!(store.load().expect("there"), State::default());
        for bad in ["", "{", "[]", "{\"schema\":\"x\"}"] {
            std::fs::write(&path, bad).expect("written");
            assert!(matches!(store.load(), Err(StateError::Broken { .. })), "{bad}");
        }
    }
}
