//! Targets from what is there already: a configuration, a CSV file of hosts, an earlier report, or a bundle.

use std::collections::HashSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::saved;
use crate::cli::config_file;
use crate::commands::{Context, Failure, targets};
use crate::i18n::{Localize, Message};
use crate::probe::target::{Endpoint, Target, TargetError, parse};
use crate::users::decode;

/// Ten thousand servers have about a megabyte, a report of them a hundred.
const MAX_BYTES: u64 = 512 * 1024 * 1024;

/// Names of columns that hold a host, the most telling first, in all languages; compared without case and accents.
const HOST: [&str; 22] = [
    "target",
    "url",
    "uri",
    "fqdn",
    "host name",
    "server name",
    "hostname",
    "host",
    "dns name",
    "dns",
    "server",
    "servername",
    "xsp",
    "adp",
    "address",
    "adresse",
    "adresa",
    "indirizzo",
    "posluzitelj",
    "tjener",
    "vert",
    "name",
];
const PORT: [&str; 3] = ["port", "tcp port", "porta"];
const SCHEME: [&str; 4] = ["scheme", "interface", "protocol", "type"];

/// Nothing can be had from a file.
#[derive(Debug, thiserror::Error)]
pub(super) enum DiscoverError {
    /// Not readable.
    #[error("cannot read {path}: {reason}")]
    Read {
        /// The file.
        path: String,
        /// The operating system's words.
        reason: String,
    },
    /// No server in it.
    #[error("no server in {path}")]
    Nothing {
        /// The file.
        path: String,
    },
}

impl Localize for DiscoverError {
    fn message(&self) -> Message {
        match self {
            Self::Read { path, reason } => Message::new("discover-read")
                .arg("path", path)
                .arg("reason", reason),
            Self::Nothing { path } => Message::new("discover-nothing").arg("path", path),
        }
    }
}

/// The endpoints of all files, each once, in the order of the files. What cannot be understood is said with its row.
///
/// # Errors
/// When a file cannot be read or names no server.
pub(super) fn discover(paths: &[PathBuf], context: &mut Context) -> Result<Vec<Endpoint>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        context.interrupt.check()?;
        let endpoints = one(path, context)?;
        if endpoints.is_empty() {
            return Err(DiscoverError::Nothing {
                path: path.display().to_string(),
            }
            .into());
        }
        found.extend(endpoints);
    }
    Ok(found)
}

/// Each endpoint once.
pub(super) fn unique(endpoints: &mut Vec<Endpoint>) {
    let mut seen = HashSet::new();
    endpoints.retain(|endpoint| {
        let scheme = format!("{:?}", endpoint.scheme);
        seen.insert((
            scheme,
            endpoint.host.to_ascii_lowercase(),
            endpoint.port,
            endpoint.pinned,
        ))
    });
}

fn one(path: &Path, context: &mut Context) -> Result<Vec<Endpoint>, Failure> {
    let name = path.display().to_string();
    if path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("toml"))
    {
        let loaded = config_file::load(Some(path))?;
        return Ok(targets::configured(&loaded.config)?);
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes))
        .map_err(|error| DiscoverError::Read {
            path: name.clone(),
            reason: error.to_string(),
        })?;
    if bytes.starts_with(b"PK\x03\x04") {
        let saved = saved::read(path)?.unwrap_or_default();
        let given = saved
            .observations
            .iter()
            .map(|observation| observation.target.clone());
        return Ok(endpoints(given.enumerate(), &name, context));
    }
    if let Ok(json) = serde_json::from_slice::<Value>(&bytes) {
        let mut given = Vec::new();
        collect(&json, &mut given);
        return Ok(endpoints(given.into_iter().enumerate(), &name, context));
    }
    let text = decode::text(&bytes).text;
    Ok(endpoints(rows(&text).into_iter(), &name, context))
}

/// Every `target` of a report or of saved observations. Files were judged there too; only servers are wanted.
fn collect(json: &Value, given: &mut Vec<String>) {
    let lists = [
        json.pointer("/data/targets"),
        json.pointer("/data/certs/targets"),
        Some(json),
    ];
    for list in lists.into_iter().flatten().filter_map(Value::as_array) {
        let targets = list.iter().filter_map(|row| row.get("target")?.as_str());
        given.extend(targets.map(str::to_owned));
    }
    if let Some(target) = json.get("target").and_then(Value::as_str) {
        given.push(target.to_owned());
    }
}

fn endpoints(
    given: impl Iterator<Item = (usize, String)>,
    path: &str,
    context: &mut Context,
) -> Vec<Endpoint> {
    let mut found = Vec::new();
    for (row, given) in given {
        let cause = match endpoint(&given) {
            Ok(endpoint) => {
                found.push(endpoint);
                continue;
            }
            Err(error) => error.message(),
        };
        let message = Message::new("discover-row")
            .arg("path", path)
            .arg("row", row)
            .arg("cause", cause);
        context.printer.warn(&context.catalog, &message);
    }
    found
}

/// A cell names a server, never a file of this machine.
fn endpoint(given: &str) -> Result<Endpoint, TargetError> {
    if given.trim().is_empty() {
        return Err(TargetError::Empty);
    }
    let (_, place) = given.trim().split_once("://").unwrap_or(("", given.trim()));
    if place.starts_with("file:") {
        return Err(TargetError::Host {
            target: given.to_owned(),
        });
    }
    let given = if given.contains("://") {
        given.trim().to_owned()
    } else {
        format!("https://{}", given.trim())
    };
    match parse(&given)? {
        Target::Endpoint(endpoint) => Ok(endpoint),
        Target::File(_) => Err(TargetError::Host { target: given }),
    }
}

/// The targets of a table, each with its row in the file, the first being 1. Without a header that means anything the
/// first column is taken.
fn rows(text: &str) -> Vec<(usize, String)> {
    let first = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    let delimiter = [b';', b'\t', b',']
        .into_iter()
        .max_by_key(|delimiter| first.bytes().filter(|byte| byte == delimiter).count())
        .unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut columns = None;
    let mut found = Vec::new();
    let mut lines = Lines {
        text,
        offset: 0,
        line: 1,
    };
    for record in reader.records().filter_map(Result::ok) {
        let row = lines.of(&record);
        if record.iter().all(|cell| cell.trim().is_empty())
            || record.get(0).is_some_and(|cell| cell.starts_with('#'))
        {
            continue;
        }
        let Some(columns) = &columns else {
            let header = Columns::of(&record);
            if header.host.is_none() {
                found.push((row, Columns::default().target(&record)));
            }
            columns = Some(header);
            continue;
        };
        found.push((row, columns.target(&record)));
    }
    found
}

/// Counts the lines of the file: the reader's own number is that of the blank lines before a record.
struct Lines<'a> {
    text: &'a str,
    offset: usize,
    line: usize,
}

impl Lines<'_> {
    fn of(&mut self, record: &csv::StringRecord) -> usize {
        let start = record
            .position()
            .map_or(0, |position| usize::try_from(position.byte()).unwrap_or_default());
        let bytes = self.text.as_bytes();
        let blank = bytes
            .iter()
            .skip(start)
            .take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let start = start + blank.count();
        let passed = bytes.get(self.offset..start).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', passed).count();
        self.offset = start.max(self.offset);
        self.line
    }
}

/// Where in a row things stand.
#[derive(Debug, Default)]
struct Columns {
    host: Option<usize>,
    port: Option<usize>,
    scheme: Option<usize>,
}

impl Columns {
    fn of(record: &csv::StringRecord) -> Self {
        let cells: Vec<String> = record
            .iter()
            .map(|cell| {
                crate::catalogue::fold::fold(cell)
                    .replace(['_', '-'], " ")
                    .trim()
                    .to_owned()
            })
            .collect();
        let find = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| cells.iter().position(|cell| cell == name))
        };
        Self {
            host: find(&HOST),
            port: find(&PORT),
            scheme: find(&SCHEME),
        }
    }

    fn target(&self, record: &csv::StringRecord) -> String {
        let cell = |column: Option<usize>| {
            column
                .and_then(|column| record.get(column))
                .unwrap_or_default()
                .trim()
        };
        let host = cell(self.host.or(Some(0)));
        if host.is_empty() || host.contains("://") {
            return host.to_owned();
        }
        let scheme = cell(self.scheme).to_ascii_lowercase();
        let scheme = if ["cti", "auth"].contains(&scheme.as_str()) {
            scheme
        } else {
            "https".to_owned()
        };
        let port = cell(self.port);
        let is_v6 = host.parse::<std::net::Ipv6Addr>().is_ok();
        let bare = is_v6 || !host.trim_start_matches(|c| c != ']').contains(':') && !host.contains(':');
        match (bare && !port.is_empty(), is_v6) {
            (true, true) => format!("{scheme}://[{host}]:{port}"),
            (true, false) => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::rows;

    #[test]
    fn columns_are_found_by_what_they_mean() {
        let text = "Standort;Name;Host-Name;Port;Interface\nOslo;XSP 1;xsp1.example.net;8012;CTI\n\nBergen;XSP 2;xsp2.example.net;;\n;;;;\nBodø;XSP 3;;443;\n";
        assert_eq!(
            rows(text),
            [
                (2, "cti://xsp1.example.net:8012".to_owned()),
                (4, "https://xsp2.example.net".to_owned()),
                (6, String::new()),
            ]
        );
        assert_eq!(
            rows("xsp1.example.net:8443\n2001:db8::1\n# note\ncti://xsp2.example.net\n"),
            [
                (1, "https://xsp1.example.net:8443".to_owned()),
                (2, "https://2001:db8::1".to_owned()),
                (4, "cti://xsp2.example.net".to_owned()),
            ]
        );
        assert_eq!(
            rows("Adresse,Port\n\"2001:db8::1\",443\n"),
            [(2, "https://[2001:db8::1]:443".to_owned())]
        );
    }
}
