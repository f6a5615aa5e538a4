//! What is to be redacted: whatever [`crate::input`] opens, read twice, because a value that is named late is
//! redacted early.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::commands::{Context, Failure};
use crate::i18n::Message;
use crate::input::{self, Fault, Held, InputError, Item, Limits, Walk};
use crate::redact::Trace;

/// The longest name of a member that is used for a file: what every file system bears with something in front.
const NAME: usize = 120;
/// A member deeper than this lies at its end's depth: a path has at most 4096 bytes.
const PARTS: usize = 16;

/// The inputs of one run.
pub(super) struct Inputs {
    paths: Vec<PathBuf>,
    held: Option<Held>,
    output: Option<PathBuf>,
    /// What the first pass saw, by name.
    seen: BTreeMap<String, Seen>,
}

/// What the first pass saw.
struct Seen {
    stamp: Stamp,
    /// What it found in there.
    trace: Option<Arc<Trace>>,
    /// The second pass met it as well.
    again: bool,
}

/// What tells that a file is still the one that the first pass read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp(Option<(u64, SystemTime)>);

impl Stamp {
    fn of(item: &Item) -> Self {
        let metadata = item.path.as_ref().and_then(|path| fs::metadata(path).ok());
        Self(metadata.and_then(|metadata| Some((metadata.len(), metadata.modified().ok()?))))
    }
}

impl Inputs {
    /// Takes note of the paths and holds standard input if it is one of them.
    ///
    /// # Errors
    /// When standard input cannot be read.
    pub(super) fn new(
        paths: &[PathBuf],
        output: Option<&Path>,
        context: &mut Context,
    ) -> Result<Self, Failure> {
        let standard_input = paths.is_empty() || paths.iter().any(|path| path == Path::new("-"));
        let mut held = None;
        if standard_input {
            if io::stdin().is_terminal() {
                let message = Message::new("extract-terminal");
                context.printer.note(&context.catalog, &message);
            }
            match Held::standard_input(&context.interrupt) {
                Ok(input) => held = Some(input),
                Err(_) if context.interrupt.is_set() => return Err(Failure::Interrupted),
                Err(error) => return Err(InputError::reading("-", error).into()),
            }
        }
        Ok(Self {
            paths: paths.to_vec(),
            held,
            output: output.map(Path::to_owned),
            seen: BTreeMap::new(),
        })
    }

    /// A walk over all of them.
    pub(super) fn walk(&self, context: &Context) -> Walk {
        input::open(&self.paths, Limits::default())
            .interrupt(&context.interrupt)
            .held(self.held.as_ref())
            .without(self.output.as_deref())
    }

    /// Notes what the first pass is going to read.
    pub(super) fn note(&mut self, item: &Item) {
        let seen = Seen {
            stamp: Stamp::of(item),
            trace: None,
            again: false,
        };
        self.seen.insert(item.name.clone(), seen);
    }

    /// Notes what it found in there.
    pub(super) fn found(&mut self, name: &str, trace: Option<Arc<Trace>>) {
        if let Some(seen) = self.seen.get_mut(name) {
            seen.trace = trace;
        }
    }

    /// Whether the second pass reads what the first did (else its values were not learned), and what was found in it.
    pub(super) fn recall(&mut self, item: &Item) -> (bool, Option<Arc<Trace>>) {
        let Some(seen) = self.seen.get_mut(&item.name) else {
            return (false, None);
        };
        seen.again = true;
        (seen.stamp == Stamp::of(item), seen.trace.clone())
    }

    /// The second pass met this name, though it could not be read.
    pub(super) fn met(&mut self, name: &str) {
        self.seen.remove(name);
    }

    /// Files that the first pass saw and the second did not; a member is not told when its archive was.
    pub(super) fn vanished(&mut self, told: &[String]) -> Vec<InputError> {
        std::mem::take(&mut self.seen)
            .into_iter()
            .filter(|(name, seen)| !seen.again && !told.iter().any(|other| name.starts_with(other.as_str())))
            .map(|(name, _)| InputError {
                name,
                fault: Fault::NotFound,
            })
            .collect()
    }

    /// Where the redacted text goes, below the output directory: as the file lies below what was named, members in
    /// a directory with the name of their archive.
    pub(super) fn relative(&self, item: &Item) -> PathBuf {
        let shown = item
            .path
            .as_ref()
            .map_or_else(|| "-".to_owned(), |path| path.to_string_lossy().into_owned());
        let member = item
            .name
            .strip_prefix(shown.as_str())
            .and_then(|rest| rest.strip_prefix('!'));
        let mut place = match &item.path {
            Some(path) => self.below_named(path),
            None if member.is_some() => PathBuf::from("stdin"),
            None => PathBuf::from("stdin.txt"),
        };
        if let Some(member) = member {
            let parts: Vec<String> = member.split(['!', '/', '\\']).filter_map(safe).collect();
            place.extend(parts.iter().skip(parts.len().saturating_sub(PARTS)));
        }
        let zipped = place
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
        if item.unpacked && zipped {
            place.set_extension("");
        }
        place
    }

    fn below_named(&self, path: &Path) -> PathBuf {
        let named = self
            .paths
            .iter()
            .filter(|named| path.starts_with(named))
            .max_by_key(|named| named.components().count());
        let Some(named) = named else {
            // A pattern was named.
            return path.components().filter(is_normal).collect();
        };
        let base = named.file_name().map(PathBuf::from).unwrap_or_default();
        match path.strip_prefix(named) {
            Ok(rest) if !rest.as_os_str().is_empty() => base.join(rest),
            _ => base,
        }
    }
}

fn is_normal(component: &Component<'_>) -> bool {
    matches!(component, Component::Normal(_))
}

/// A part of a member's name as the name of a file on any system; `None` for what only leads elsewhere.
fn safe(part: &str) -> Option<String> {
    let clean: String = part
        .chars()
        .map(|c| match c {
            '<' | '>' | ':' | '"' | '|' | '?' | '*' => '_',
            c if c.is_control() => '_',
            c => c,
        })
        .collect();
    let clean = clean.trim().trim_end_matches('.');
    if clean.is_empty() {
        return None;
    }
    // Windows has devices of these names in every directory.
    let stem = clean.split('.').next().unwrap_or(clean).to_ascii_uppercase();
    let numbered = |name: &str| {
        stem.strip_prefix(name)
            .is_some_and(|rest| rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit())
    };
    let device = matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT");
    let mut name = if device {
        format!("_{clean}")
    } else {
        clean.to_owned()
    };
    if name.len() > NAME {
        // The end says more: it has the extension.
        let from = name.len() - NAME;
        let from = (from..name.len())
            .find(|at| name.is_char_boundary(*at))
            .unwrap_or(0);
        name.drain(..from);
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn names_of_members_become_names_of_files() {
        for (part, name) in [
            ("a.log", Some("a.log")),
            ("..", None),
            (".", None),
            ("", None),
            ("C:", Some("C_")),
            ("con.txt", Some("_con.txt")),
            ("com1", Some("_com1")),
            ("a\u{1b}[31m\n", Some("a_[31m_")),
            ("end. ", Some("end")),
        ] {
            assert_eq!(safe(part).as_deref(), name, "{part:?}");
        }
        let long = safe(&"ž".repeat(200)).expect("a name");
        assert!(long.len() <= 120 && long.chars().all(|c| c == 'ž'));
    }
}
