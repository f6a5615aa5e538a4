//! What is wrong with a certificate is said in the reader's language, down to the details.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::Home;

/// English words that none of the other languages has.
const ENGLISH: [&str; 17] = [
    "the", "is", "not", "of", "and", "with", "signed", "days", "until", "only", "section", "missing", "are",
    "than", "does", "from", "key",
];

/// Every chain of the test authority, and the anchors to judge it by.
fn files() -> Vec<(PathBuf, PathBuf)> {
    let pki = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/pki");
    let mut files: Vec<(PathBuf, PathBuf)> = std::fs::read_dir(&pki)
        .expect("the test authority")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "pem"))
        .map(|path| (path, pki.join("public-root.pem")))
        .collect();
    for algorithm in ["ed448", "p256-sha512", "pss"] {
        let path = |suffix: &str| pki.join(format!("algorithms/{algorithm}{suffix}.pem"));
        files.push((path(""), path("-root")));
    }
    files.sort();
    files
}

/// Words of a sentence without what is never translated: paths, commands, names of fields.
fn words(sentence: &str) -> Vec<String> {
    sentence
        .split(|c: char| !c.is_alphanumeric() && !"_-/.<>=\\".contains(c))
        .map(|word| word.trim_matches(['.', ',']).to_owned())
        .collect()
}

#[test]
fn no_english_word_is_left_in_the_details() {
    let home = Home::new();
    let mut seen = 0;
    for lang in ["de", "hr", "nb", "it"] {
        for (file, anchors) in files() {
            for as_of in [
                "2026-11-22T12:00:00Z",
                "2020-01-01T00:00:00Z",
                "2040-01-01T00:00:00Z",
            ] {
                let (file, anchors) = (file.display().to_string(), anchors.display().to_string());
                let report = home
                    .command(&[
                        "certs",
                        &file,
                        "--anchors",
                        &anchors,
                        "--host",
                        "xsp1.example.net",
                        "--as-of",
                        as_of,
                        "--lang",
                        lang,
                        "--format",
                        "json",
                    ])
                    .run()
                    .json();
                for finding in report["findings"].as_array().expect("findings") {
                    for part in ["title", "detail", "remedy"] {
                        let sentence = finding[part].as_str().unwrap_or_default();
                        let left: Vec<String> = words(sentence)
                            .into_iter()
                            .filter(|word| ENGLISH.contains(&word.as_str()))
                            .collect();
                        assert!(left.is_empty(), "{lang} {file}: {left:?} in {finding:#}");
                    }
                    // The data stay as they are; none of their words is in the sentence.
                    for reason in finding["data"]["reasons"].as_array().into_iter().flatten() {
                        let reason = reason.as_str().unwrap_or_default();
                        let what = reason.rsplit_once(": ").map_or(reason, |(_, what)| what);
                        let detail = finding["detail"].as_str().unwrap_or_default();
                        seen += 1;
                        assert!(
                            what.is_empty() || !detail.contains(what),
                            "{lang} {file}: {what:?} in {detail:?}"
                        );
                    }
                }
            }
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn details_in_german_and_data_in_english() {
    let home = Home::new();
    let said = |name: &str, check: &str, lang: &str| -> (String, Value) {
        let pki = |name: &str| format!("{}/tests/pki/{name}", env!("CARGO_MANIFEST_DIR"));
        let (file, anchors) = (pki(name), pki("public-root.pem"));
        let report = home
            .command(&[
                "certs",
                &file,
                "--anchors",
                &anchors,
                "--as-of",
                "2026-11-22T12:00:00Z",
                "--lang",
                lang,
                "--format",
                "json",
            ])
            .run()
            .json();
        let findings = report["findings"].as_array().expect("findings").clone();
        let found = findings
            .into_iter()
            .find(|finding| finding["check"] == check && finding["severity"] != "ok")
            .unwrap_or_else(|| panic!("{name}: {report:#}"));
        let detail = found["detail"].as_str().unwrap_or_default().to_owned();
        (detail, found["data"]["reasons"].clone())
    };
    for (name, check, english, german) in [
        (
            "weak-key.pem",
            "cert.weak-key",
            "RSA key of 1024 bits, fewer than 2048",
            "RSA-Schlüssel mit 1024 Bit",
        ),
        (
            "too-long.pem",
            "cert.validity-period",
            "at most 200",
            "höchstens 200 zulässig (CABF BR Abschnitt 6.3.2",
        ),
        (
            "client-only.pem",
            "cert.key-usage",
            "extended key usage",
            "erweiterte Schlüsselverwendung",
        ),
    ] {
        let (detail, reasons) = said(name, check, "de");
        assert!(detail.contains(german), "{detail}");
        assert!(reasons.to_string().contains(english), "{reasons}");
        assert_eq!(
            said(name, check, "en").1,
            reasons,
            "data do not change with the language"
        );
    }
}
