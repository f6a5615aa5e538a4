//! Observations that were saved: `observation.json`, or a whole bundle. They are judged like fresh ones, as of any
//! instant.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::bundle;
use crate::commands::Failure;
use crate::probe::TlsObservation;
use crate::redact::map::Identities;
use crate::rules::certs::subject;
use crate::x509::files::{self, CertFile};

/// Largest saved observation: a chain of a hundred certificates and as many names fit many times.
const MAX_OBSERVATION: u64 = 16 * 1024 * 1024;

/// What was saved.
#[derive(Debug, Default)]
pub(super) struct Saved {
    pub(super) observations: Vec<TlsObservation>,
    pub(super) files: Vec<CertFile>,
    pub(super) trust: Vec<CertFile>,
}

impl Saved {
    pub(super) fn extend(&mut self, more: Self) {
        self.observations.extend(more.observations);
        self.files.extend(more.files);
        self.trust.extend(more.trust);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.observations.is_empty() && self.files.is_empty() && self.trust.is_empty()
    }
}

/// Reads saved observations; `None`: the file is something else.
///
/// # Errors
/// When it is a zip, but no bundle that can be read.
pub(super) fn read(path: &Path) -> Result<Option<Saved>, Failure> {
    let mut start = [0; 64];
    let Ok(mut file) = std::fs::File::open(path) else {
        // Whoever reads certificates says why.
        return Ok(None);
    };
    let count = file.read(&mut start).unwrap_or(0);
    let start = start.get(..count).unwrap_or_default();
    if start.starts_with(b"PK\x03\x04") {
        return from_bundle(path).map(Some);
    }
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    if !text.trim_ascii_start().starts_with(b"{") && !text.trim_ascii_start().starts_with(b"[") {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let whole = std::fs::File::open(path)
        .and_then(|file| file.take(MAX_OBSERVATION + 1).read_to_end(&mut bytes))
        .is_ok_and(|length| length as u64 <= MAX_OBSERVATION);
    Ok(whole.then(|| parse(&bytes)).flatten().map(|observations| Saved {
        observations,
        ..Saved::default()
    }))
}

/// One observation, or a list of them.
fn parse(bytes: &[u8]) -> Option<Vec<TlsObservation>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice::<TlsObservation>(bytes)
        .map(|one| vec![one])
        .or_else(|_| serde_json::from_slice(bytes))
        .ok()
}

fn from_bundle(path: &Path) -> Result<Saved, Failure> {
    let mut bundle = bundle::open(path, &Identities::default())?;
    let mut saved = Saved::default();
    let parts: Vec<String> = bundle
        .manifest
        .files
        .iter()
        .map(|file| file.path.clone())
        .collect();
    for part in parts {
        let below = part.split_once("/tls/").map_or(part.as_str(), |(_, below)| below);
        let is_trust = part.starts_with("trust/") || part.contains("/trust/");
        let wanted = part.contains("tls/") || is_trust;
        if !wanted {
            continue;
        }
        // The manifest names its files with or without the top directory.
        let Some(bytes) = bundle.part(&part).or_else(|| {
            let (_, inner) = part.split_once('/')?;
            bundle.part(inner)
        }) else {
            continue;
        };
        if part.ends_with("/observation.json") {
            saved.observations.extend(parse(&bytes).into_iter().flatten());
        } else if is_trust || below.contains("installed/") {
            let name: PathBuf = PathBuf::from(format!("{}:{part}", path.display()));
            if let Ok(file) = files::parse(&name, &bytes, None) {
                if is_trust {
                    saved.trust.push(file);
                } else {
                    saved.files.push(file);
                }
            }
        }
    }
    saved.observations.sort_by_key(subject);
    Ok(saved)
}
