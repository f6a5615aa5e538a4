//! The status page, played by a real HTTP server: one case folder a behaviour under `tests/cases/status/`.
//!
//! A folder holds `server.json` (what the server answers, see [`crate::http_server`]), the bodies, and what must
//! come out: `expected.<language>.txt` (exit code, standard output, standard error) and `expected.json`. To add a case
//! make the folder, name it below, and run the test once with `BLESS=1`; then read what was written.

use std::path::{Path, PathBuf};

use crate::http_server::{Script, Server};
use crate::support::{Home, Outcome};

macro_rules! cases {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                play(stringify!($name));
            }
        )*

        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

cases! {
    bare_incident_list
    body_of_20_megabytes
    captive_portal
    component_name_mistyped
    connection_closed_in_the_middle
    ended_an_hour_before
    fifty_old_incidents
    green
    gzip
    history_does_not_reach
    html_with_200
    incident_of_other_regions
    incident_without_components
    maintenance_in_progress
    maintenance_overlapped_the_fault
    maintenance_soon
    major_outage
    minor_incident_while_operational
    not_modified
    nothing_but_null
    overlapped_by_a_minute
    redirect_loop
    retry_after
    rss_only
    server_error
    slow_drip
    statuspage_v2
    stray_blanks_and_discription
    truncated_json
    unknown_words
}

const LANGUAGES: [&str; 5] = ["en", "de", "hr", "nb", "it"];

fn directory(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cases/status")
        .join(name)
}

#[test]
fn every_folder_is_played() {
    let mut folders: Vec<String> = std::fs::read_dir(directory(""))
        .expect("the cases")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    folders.sort();
    assert_eq!(folders, NAMES);
}

fn play(name: &str) {
    let directory = directory(name);
    let script = std::fs::read(directory.join("server.json")).expect("server.json");
    let script: Script = serde_json::from_slice(&script).expect("a script");
    // At the same time, because some of them wait for a deadline.
    std::thread::scope(|scope| {
        for lang in LANGUAGES {
            let (script, directory) = (&script, &directory);
            scope.spawn(move || {
                let outcome = run(script, directory, &["--lang", lang]);
                compare(&directory.join(format!("expected.{lang}.txt")), &outcome);
            });
        }
        scope.spawn(|| {
            let outcome = run(&script, &directory, &["--lang", "de", "--format", "json"]);
            compare(&directory.join("expected.json"), &neutral(&outcome));
        });
    });
}

fn run(script: &Script, directory: &Path, extra: &[&str]) -> String {
    let server = Server::start(script.clone(), directory);
    let home = Home::new();
    let url = format!("{}{}", server.base(), script.path);
    let mut arguments: Vec<&str> = vec!["status", "--url", &url];
    arguments.extend(script.args.iter().map(String::as_str));
    arguments.extend(extra);
    let mut outcome = home.command(&arguments).run();
    for _ in 1..script.runs {
        outcome = home.command(&arguments).run();
    }
    tidy(&outcome, &server)
}

/// The server's port and the times of this run are not part of what is expected.
fn tidy(outcome: &Outcome, server: &Server) -> String {
    let text = outcome.to_string().replace(&server.base(), "http://status.test/");
    let text = text.replace(&format!("localhost:{}", server.port()), "portal.test");
    let filters = [
        (r#""(fetched_at|generated_at)": "[^"]*""#, r#""$1": "[NOW]""#),
        (
            r#""clock_offset_seconds": -?\d{1,2}\b"#,
            r#""clock_offset_seconds": 0"#,
        ),
        (
            r#"("column"|"reason"): "[^"]*(os error \d+)[^"]*""#,
            r#"$1: "[REASON]""#,
        ),
    ];
    let mut text = text;
    for (pattern, replacement) in filters {
        let pattern = regex::Regex::new(pattern).expect("valid");
        text = pattern.replace_all(&text, replacement).into_owned();
    }
    text
}

/// The report without its sentences: `title`, `detail` and `remedy` are in the text files.
fn neutral(outcome: &str) -> String {
    let start = outcome.find('{').unwrap_or_else(|| panic!("no JSON:\n{outcome}"));
    let end = outcome.rfind('}').expect("an end");
    let mut report: serde_json::Value = serde_json::from_str(&outcome[start..=end]).expect("JSON");
    for finding in report["findings"].as_array_mut().expect("findings") {
        for sentence in ["title", "detail", "remedy"] {
            finding.as_object_mut().expect("a finding").remove(sentence);
        }
    }
    format!("{report:#}\n")
}

/// Compares with the file, or writes it when `BLESS` is set.
fn compare(path: &Path, actual: &str) {
    if std::env::var_os("BLESS").is_some_and(|value| !value.is_empty()) {
        std::fs::write(path, actual).expect("the expectation is written");
        return;
    }
    let expected = std::fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("{}: {error}; run once with BLESS=1", path.display()));
    assert!(
        expected == actual,
        "{} differs; BLESS=1 accepts it\n----- expected\n{expected}\n----- actual\n{actual}",
        path.display()
    );
}
