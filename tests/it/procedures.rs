//! Codes, texts, procedures, users, and the verdict before escalating: case folders that need no Rust to add.
//!
//! `tests/cases/explain/*` and `tests/cases/users/*` drive the executable inside the folder:
//!
//! | file | what |
//! |---|---|
//! | `arguments.txt` | one argument a line |
//! | `languages.txt` | the languages whose text is compared |
//! | `stdin.txt` or `stdin.bin` | standard input |
//! | `expected.<language>.txt` | exit code, standard output, standard error |
//! | `expected.json` | with `--format json`, in English; left out when the arguments name a format |
//!
//! `tests/cases/check/<language>-<name>/*` drive `check` on whole cases: `args` is one argument a line, `expected.txt` what
//! is printed in the language, `expected.json` the verdict, the missing facts and the checks.
//!
//! `tests/cases/case/*` hands `facts.json` (and `findings.json`) to the rules. `BLESS=1` writes what is expected; then
//! read what was written.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use w4b_diag::case::Facts;
use w4b_diag::i18n::{Catalog, Lang};
use w4b_diag::rules::{Check, Finding, case, release};

use crate::support::Home;

/// The instant that everything is judged as of.
const AS_OF: &str = "2026-11-22T00:00:00Z";

fn folders(family: &str) -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cases")
        .join(family);
    let mut folders: Vec<PathBuf> = std::fs::read_dir(&dir)
        .expect("the cases are there")
        .map(|item| item.expect("readable").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

fn lines(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(str::to_owned).collect()
}

fn languages(folder: &Path) -> Vec<Lang> {
    lines(&folder.join("languages.txt"))
        .iter()
        .flat_map(|line| line.split(' '))
        .map(|tag| tag.parse().expect("a language"))
        .collect()
}

/// Compares with the file, or writes it when blessing; gives back what is different.
fn compare(path: &Path, actual: &str, faults: &mut Vec<String>) {
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, actual).expect("writable");
        return;
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if expected != actual {
        faults.push(format!(
            "{}\n--- expected\n{expected}\n--- actual\n{actual}",
            path.display()
        ));
    }
}

/// Runs every folder of a family in its languages, and once as JSON.
fn drive(family: &str, at_least: usize) {
    let folders = folders(family);
    assert!(folders.len() >= at_least, "{} cases of {family}", folders.len());
    let home = Home::new();
    let mut faults = Vec::new();
    for folder in folders {
        let mut arguments = lines(&folder.join("arguments.txt"));
        arguments.extend(["--as-of".to_owned(), AS_OF.to_owned()]);
        let stdin = ["stdin.txt", "stdin.bin"]
            .iter()
            .find_map(|name| std::fs::read(folder.join(name)).ok())
            .unwrap_or_default();
        let run = |more: &[&str]| {
            let mut arguments = arguments.clone();
            arguments.extend(more.iter().map(|&word| word.to_owned()));
            let command = home.command(&arguments).directory(&folder).stdin(stdin.clone());
            command.run()
        };
        for lang in languages(&folder) {
            let outcome = run(&["--lang", lang.tag()]);
            compare(
                &folder.join(format!("expected.{lang}.txt")),
                &format!("{outcome}\n"),
                &mut faults,
            );
        }
        if arguments.iter().any(|argument| argument == "--format") {
            continue;
        }
        let outcome = run(&["--format", "json"]);
        if outcome.stdout.is_empty() {
            continue;
        }
        let mut report = outcome.json();
        report["generated_at"] = json!("[NOW]");
        report["tool"]["version"] = json!("[VERSION]");
        let text = serde_json::to_string_pretty(&report).expect("JSON");
        compare(&folder.join("expected.json"), &format!("{text}\n"), &mut faults);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

#[test]
fn explain_case_folders() {
    drive("explain", 30);
}

#[test]
fn users_case_folders() {
    drive("users", 20);
}

/// The part of the report that a support lead decides by.
fn verdict(report: &Value) -> Value {
    let data = &report["data"];
    let known = |list: &Value| -> Vec<Value> {
        let entries = list.as_array().into_iter().flatten();
        entries.map(|entry| entry["id"].clone()).collect()
    };
    let findings = report["findings"].as_array().expect("findings");
    let told: Vec<String> = findings
        .iter()
        .filter(|finding| finding["severity"] != "ok")
        .map(|finding| {
            let text = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
            format!(
                "{} {} {} ({})",
                text("severity"),
                text("check"),
                text("subject"),
                text("owner")
            )
        })
        .collect();
    json!({
        "escalation": data["escalation"],
        "missing": data["missing"],
        "known": known(&data["explain"]["matches"]),
        "unknown_codes": data["explain"]["unknown_codes"],
        "findings": told,
        "next_step": data["next_step"],
    })
}

#[test]
fn check_case_folders() {
    let folders: Vec<PathBuf> = folders("check")
        .into_iter()
        .filter(|folder| folder.join("args").exists())
        .collect();
    assert!(folders.len() >= 40, "{}", folders.len());
    let home = Home::new();
    let mut faults = Vec::new();
    let mut verdicts = std::collections::BTreeSet::new();
    for folder in folders {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        let (lang, _) = name.split_once('-').expect("<language>-<name>");
        let run = |more: &[&str]| {
            let mut arguments = vec!["check".to_owned()];
            arguments.extend(lines(&folder.join("args")));
            arguments.extend(["--as-of", AS_OF].map(str::to_owned));
            arguments.extend(more.iter().map(|&word| word.to_owned()));
            home.command(&arguments).directory(&folder).run()
        };
        let outcome = run(&["--lang", lang]);
        compare(&folder.join("expected.txt"), &format!("{outcome}\n"), &mut faults);
        let verdict = verdict(&run(&["--format", "json"]).json());
        verdicts.insert(verdict["escalation"].as_str().unwrap_or_default().to_owned());
        let text = serde_json::to_string_pretty(&verdict).expect("JSON");
        compare(&folder.join("expected.json"), &format!("{text}\n"), &mut faults);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    let all = ["fix-first", "incomplete", "ready", "wait"].map(str::to_owned);
    assert!(verdicts.iter().eq(&all), "{verdicts:?}");
}

#[test]
fn case_folders_of_the_verdict() {
    let as_of = chrono::DateTime::parse_from_rfc3339(AS_OF)
        .expect("an instant")
        .to_utc();
    let folders = folders("case");
    assert!(folders.len() >= 10, "{}", folders.len());
    let mut faults = Vec::new();
    for folder in folders {
        let read = |name: &str| std::fs::read(folder.join(name)).ok();
        let facts: Facts = serde_json::from_slice(&read("facts.json").expect("facts")).expect("facts");
        let mut findings = case::judge(&facts, case::Context { as_of });
        let missing = case::missing(&findings);
        findings.extend(release::judge(&facts.broadworks_releases, as_of));
        let more: Vec<Value> = read("findings.json")
            .map(|bytes| serde_json::from_slice(&bytes).expect("findings"))
            .unwrap_or_default();
        for finding in more {
            let text = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
            let check = Check::by_id(&text("check")).expect("a check");
            findings.push(Finding::new(check, text("subject")));
        }
        let verdict = case::escalation(&findings, &missing);
        let reasons = case::reasons(verdict, &findings);
        for lang in languages(&folder) {
            let catalog = Catalog::new(lang);
            let sentence = case::sentence(verdict, &findings);
            let mut text = format!("{}\n", catalog.text(&sentence));
            let _ = writeln!(
                text,
                "{}",
                catalog.attribute(&sentence, "next").unwrap_or_default()
            );
            for fact in &missing {
                let _ = writeln!(text, "- {}", catalog.text(&case::label(fact)));
            }
            // Sentences of other areas are theirs to test.
            for finding in findings.iter().filter(|finding| {
                finding.check.id.starts_with("case.") || finding.check.id.starts_with("release.")
            }) {
                let finding = finding.localize(&catalog);
                let _ = writeln!(
                    text,
                    "\n[{}] {}\n{}\n{}",
                    finding.severity.as_str(),
                    finding.title,
                    finding.detail,
                    finding.remedy
                );
            }
            compare(&folder.join(format!("expected.{lang}.txt")), &text, &mut faults);
        }
        let facts = json!({
            "escalation": verdict,
            "missing": missing,
            "reasons": reasons.iter().map(|finding| (finding.check.id, &finding.subject)).collect::<Vec<_>>(),
        });
        let text = serde_json::to_string_pretty(&facts).expect("JSON");
        compare(&folder.join("expected.json"), &format!("{text}\n"), &mut faults);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

/// The same fault is told in every language; what does not change with the language is the same.
#[test]
fn json_does_not_change_with_the_language_but_for_its_sentences() {
    let home = Home::new();
    let strip = |lang: &str| {
        let outcome = home
            .command(&[
                "explain", "10022", "--format", "json", "--lang", lang, "--as-of", AS_OF,
            ])
            .run();
        let entry = outcome.json()["data"]["matches"][0].clone();
        (
            entry["id"].clone(),
            entry["reasons"].clone(),
            entry["owner"].clone(),
            entry["confidence"].clone(),
        )
    };
    let english = strip("en");
    for lang in ["de", "hr", "nb", "it"] {
        assert_eq!(strip(lang), english, "{lang}");
    }
}
