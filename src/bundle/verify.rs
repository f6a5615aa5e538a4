//! Every file of a bundle against its manifest, and a new look for secrets. Facts only; `rules::bundle` judges.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use super::document;
use super::look;
use super::place::Place;
use super::read::{Bundle, ManifestFault, OpenError, open_at};
use super::{MANIFEST, Manifest, paths};
use crate::interrupt::{Interrupt, Interrupted};
use crate::redact::map::Identities;
use crate::scan::Kind;

/// What was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Examination {
    /// The manifest, if the file is a bundle at all.
    pub manifest: Option<Manifest>,
    /// What is not as the manifest says.
    pub faults: Vec<Fault>,
    /// Files that hold secrets.
    pub leaks: Vec<Leak>,
    /// Files that could not be looked into although they should be text.
    pub unscanned: Vec<String>,
}

/// One thing that is not as the manifest says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file, below the top directory; for a name that is not safe, the whole name.
    pub path: String,
    /// What is wrong with it.
    pub kind: FaultKind,
}

/// What can be wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// Its contents are not those that were packed.
    Changed,
    /// It is gone.
    Missing,
    /// It was not packed.
    Extra,
    /// It is there twice: what a reader gets depends on the program.
    Duplicate,
    /// A name that could write outside the directory it is unpacked in, or deceive a person.
    Name,
    /// The manifest itself.
    Manifest(ManifestFault),
    /// The zip around the files.
    Container(String),
}

/// Secrets in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// The file.
    pub path: String,
    /// How many of what kind.
    pub secrets: BTreeMap<Kind, u64>,
}

/// Examines a bundle, which one of `identities` may have to decrypt, on as many `threads`.
///
/// # Errors
/// When the file cannot be read, decrypted or is not a zip, or on Ctrl-C. A damaged zip and a zip without a manifest
/// are faults.
pub fn verify(
    path: &Path,
    identities: &Identities,
    threads: usize,
    interrupt: &Interrupt,
) -> Result<Examination, OpenError> {
    verify_at(&Place::of(path, identities)?, threads, interrupt)
}

pub(super) fn verify_at(
    place: &Place<'_>,
    threads: usize,
    interrupt: &Interrupt,
) -> Result<Examination, OpenError> {
    let path = place.path();
    let name = path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    );
    let fault = |path: String, kind| Examination {
        manifest: None,
        faults: vec![Fault { path, kind }],
        leaks: Vec::new(),
        unscanned: Vec::new(),
    };
    match open_at(place) {
        Ok(bundle) => Ok(examine(place, bundle, threads, interrupt)?),
        Err(OpenError::Broken { words, .. }) => Ok(fault(name, FaultKind::Container(words))),
        Err(OpenError::NoManifest { fault: what, .. }) => {
            Ok(fault(MANIFEST.to_owned(), FaultKind::Manifest(what)))
        }
        Err(error) => Err(error),
    }
}

/// Examines a bundle that was opened.
fn examine(
    place: &Place<'_>,
    mut bundle: Bundle,
    threads: usize,
    interrupt: &Interrupt,
) -> Result<Examination, Interrupted> {
    let mut examination = Examination {
        manifest: None,
        faults: Vec::new(),
        leaks: Vec::new(),
        unscanned: Vec::new(),
    };
    if !bundle.manifest.is_genuine(&bundle.document) {
        let kind = FaultKind::Manifest(ManifestFault::Changed);
        examination.faults.push(Fault {
            path: MANIFEST.to_owned(),
            kind,
        });
    }
    note(&mut examination, MANIFEST, document::secrets(&bundle.document));
    // It may be as large as all else that is in memory.
    bundle.document = Vec::new();
    names(&bundle, &mut examination.faults);
    let looks = look::files(place, &bundle, threads, interrupt)?;
    for (file, look) in bundle.manifest.files.iter().zip(looks) {
        if let Ok(seen) = &look {
            note(&mut examination, &file.path, seen.secrets.clone());
        }
        let kind = match look {
            Err(kind) => Some(kind),
            Ok(seen) => {
                let same = seen.whole && seen.bytes == file.bytes && seen.sha256 == file.sha256;
                (!same).then_some(FaultKind::Changed)
            }
        };
        examination.faults.extend(kind.map(|kind| Fault {
            path: file.path.clone(),
            kind,
        }));
    }
    let known = bundle.manifest.files.iter().map(|file| file.path.as_str());
    for path in extra(&bundle, &known.chain([MANIFEST]).collect()) {
        interrupt.check()?;
        if let Some(Ok(reader)) = bundle.reader.entry(&format!("{}{path}", bundle.root)) {
            let seen = look::file(reader, true, threads, interrupt)?;
            note(&mut examination, &path, seen.secrets);
        }
        examination.faults.push(Fault {
            path,
            kind: FaultKind::Extra,
        });
    }
    let created = chrono::DateTime::parse_from_rfc3339(&bundle.manifest.created_at).ok();
    let oddity = bundle.reader.oddity(created.map(|created| created.to_utc()));
    let oddity = oddity.or_else(|| (!in_order(&bundle)).then(|| "order of entries".to_owned()));
    // A changed file makes its headers inconsistent as well: once is enough.
    if let Some(words) = oddity.filter(|_| examination.faults.is_empty()) {
        examination.faults.push(Fault {
            path: bundle.root.trim_end_matches('/').to_owned(),
            kind: FaultKind::Container(words),
        });
    }
    examination.manifest = Some(bundle.manifest);
    Ok(examination)
}

/// Whether the entries stand as they were packed: as the manifest lists them, itself last.
fn in_order(bundle: &Bundle) -> bool {
    let packed = bundle.manifest.files.iter().map(|file| file.path.as_str());
    let found = bundle.reader.names().iter();
    packed
        .chain([MANIFEST])
        .eq(found.map(|name| name.strip_prefix(&bundle.root).unwrap_or(name)))
}

/// Names that stand twice or are not safe.
fn names(bundle: &Bundle, faults: &mut Vec<Fault>) {
    let below = |name: &str| name.strip_prefix(&bundle.root).unwrap_or(name).to_owned();
    for name in bundle.reader.duplicates() {
        faults.push(Fault {
            path: below(name),
            kind: FaultKind::Duplicate,
        });
    }
    let mut seen = HashSet::new();
    for name in bundle.reader.names() {
        let kind = if !paths::is_safe(name) {
            FaultKind::Name
        } else if !seen.insert(name.to_lowercase()) {
            FaultKind::Duplicate
        } else {
            continue;
        };
        faults.push(Fault {
            path: below(name),
            kind,
        });
    }
}

/// Files that the manifest does not know.
fn extra(bundle: &Bundle, known: &HashSet<&str>) -> Vec<String> {
    bundle
        .reader
        .names()
        .iter()
        .map(|name| name.strip_prefix(&bundle.root).unwrap_or(name))
        .filter(|path| !known.contains(path))
        .map(str::to_owned)
        .collect()
}

/// Notes the secrets of a file; `None`: it could not be looked through.
fn note(examination: &mut Examination, path: &str, secrets: Option<BTreeMap<Kind, u64>>) {
    match secrets {
        Some(secrets) if secrets.is_empty() => {}
        Some(secrets) => examination.leaks.push(Leak {
            path: path.to_owned(),
            secrets,
        }),
        None => examination.unscanned.push(path.to_owned()),
    }
}
