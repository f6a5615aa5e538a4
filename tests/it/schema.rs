//! The JSON Schemas: the checked-in copies are current, and the program's real output fits them.

use std::path::Path;

use serde_json::Value;

use crate::support::{Home, sample};

const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas");

#[test]
fn the_checked_in_schemas_are_current() {
    let home = Home::new();
    std::fs::create_dir(home.join("schemas")).expect("a directory");
    let outcome = home.command(&["schema", "--output", "schemas"]).run();
    assert_eq!(outcome.code, 0, "{outcome}");
    let written = files(&home.join("schemas"));
    let checked_in = files(Path::new(DIRECTORY));
    let names = |files: &[(String, String)]| files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let remedy = "write them anew: cargo run -- schema --output schemas";
    assert_eq!(names(&written), names(&checked_in), "{remedy}");
    for ((name, now), (_, before)) in written.iter().zip(&checked_in) {
        assert!(now == before, "schemas/{name} is out of date; {remedy}");
    }
}

fn files(directory: &Path) -> Vec<(String, String)> {
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .expect("a directory")
        .map(|entry| entry.expect("an entry"))
        .map(|entry| {
            let text = std::fs::read_to_string(entry.path()).expect("text");
            (entry.file_name().to_string_lossy().into_owned(), text)
        })
        .collect();
    files.sort();
    files
}

/// Checks `document` against a schema, and that it has no field that the schema does not describe.
pub(crate) fn assert_fits(name: &str, document: &Value) {
    let path = Path::new(DIRECTORY).join(format!("{name}.schema.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut schema: Value = serde_json::from_str(&text).expect("JSON");
    close(&mut schema);
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let faults: Vec<String> = validator
        .iter_errors(document)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "does not fit {name}:\n{}", faults.join("\n"));
}

/// Readers must bear new fields, so the schemas are open; here every field must be described.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.contains_key("properties") && !fields.contains_key("additionalProperties") {
                fields.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            fields.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// Runs a command with `--format json` on the sample case and checks the report and its `data`.
fn assert_report(data_schema: Option<&str>, arguments: &[&str]) {
    let home = Home::new();
    let config = sample("w4b-diag.toml");
    let config = config.to_str().expect("UTF-8");
    let mut all = arguments.to_vec();
    all.extend(["--format", "json", "--config", config]);
    let outcome = home.command(&all).run();
    let report = outcome.json();
    assert_eq!(report["command"], arguments[0], "{outcome}");
    assert_fits("report", &report);
    if let Some(name) = data_schema {
        assert_fits(name, &report["data"]);
    }
}

#[test]
fn reports_fit_their_schemas() {
    assert_report(Some("checks"), &["checks"]);
    assert_report(Some("status"), &["status"]);
    assert_report(
        Some("status"),
        &["status", "--at", "2026-11-20T08:30:00Z", "--lang", "nb"],
    );
    let text = sample("text/provisioning-error.txt");
    let logs = sample("logs");
    let (text, logs) = (text.to_str().expect("UTF-8"), logs.to_str().expect("UTF-8"));
    assert_report(Some("extract"), &["extract", text, logs]);
    assert_report(Some("explain"), &["explain", text]);
    assert_report(Some("explain"), &["explain"]);
}
