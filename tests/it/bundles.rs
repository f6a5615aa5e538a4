//! Bundles after they are made: opened by other programs, judged again, compared.

#![expect(clippy::print_stderr, reason = "what is skipped is said")]

use std::process::Command;

use super::case::{repository, sample};
use super::support::{Home, Outcome};

fn run(home: &Home, arguments: &[&str]) -> Outcome {
    home.command(arguments).directory(repository()).run()
}

/// Each program with the arguments that make it test or list a zip.
const OPENERS: [(&str, &[&str]); 5] = [
    ("unzip", &["-tq"]),
    ("7z", &["t"]),
    ("python3", &["-m", "zipfile", "-t"]),
    ("jar", &["tf"]),
    ("bsdtar", &["-tf"]),
];

#[test]
fn other_programs_open_it() {
    let home = Home::new();
    assert_eq!(sample(&home, "case.zip", &[]).code, 0);
    for (program, arguments) in OPENERS {
        let output = Command::new(program)
            .args(arguments)
            .arg(home.join("case.zip"))
            .output();
        match output {
            Ok(output) => {
                let words = String::from_utf8_lossy(&output.stdout);
                let errors = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "{program}: {words}{errors}");
            }
            Err(error) => eprintln!("SKIPPED: {program} cannot be started ({error})"),
        }
    }
}

#[test]
fn judged_again_as_of_the_same_instant_nothing_changes() {
    let home = Home::new();
    assert_eq!(sample(&home, "case.zip", &[]).code, 0);
    let zip = home.join("case.zip");
    let zip = zip.to_str().expect("UTF-8");
    let again = |more: &[&str]| {
        let arguments = ["inspect", "--judge", "--config", "samples/w4b-diag.toml", zip];
        run(&home, &[&arguments[..], more].concat())
    };
    let same = again(&["--format", "json"]).json();
    let packed = run(&home, &["inspect", "--format", "json", zip]).json();
    assert_eq!(same["data"]["changes"], serde_json::json!([]), "{same:#}");
    assert_eq!(same["verdict"], packed["verdict"]);
    assert_eq!(
        same["data"]["escalation"],
        packed["data"]["report"]["data"]["escalation"]
    );
    assert_eq!(
        same["data"]["missing"],
        packed["data"]["report"]["data"]["missing"]
    );

    // In ten years every certificate of the sample has expired.
    let later = again(&["--as-of", "2036-11-22T10:00:00Z", "--lang", "de"]);
    assert_eq!(later.code, 0, "{later}");
    assert!(
        later.stdout().contains("Seit der Erstellung des Pakets geändert"),
        "{later}"
    );
    assert!(
        later
            .stdout()
            .contains("cert.expired · samples/certs/xsp2-chain.pem"),
        "{later}"
    );
}

#[test]
fn a_comparison_names_what_is_new_and_what_is_gone() {
    let home = Home::new();
    let path = |name: &str| home.join(name).to_str().expect("UTF-8").to_owned();
    let (old, same, new) = (path("old.zip"), path("same.zip"), path("new.zip"));
    let later = ["--as-of", "2027-11-22T10:00:00Z", "--client-version", "46.12.0.1"];
    assert_eq!(sample(&home, "old.zip", &[]).code, 0);
    assert_eq!(sample(&home, "same.zip", &[]).code, 0);
    let made = home
        .command(
            &[
                &["bundle", "--config", "samples/w4b-diag.toml", "-o", &new],
                &later[..],
            ]
            .concat(),
        )
        .directory(repository())
        .run();
    assert_eq!(made.code, 0, "{made}");

    let nothing = run(&home, &["diff", &old, &same]);
    assert_eq!(nothing.code, 0, "{nothing}");
    assert!(nothing.stdout().ends_with("\nNothing changed.\n"), "{nothing}");

    let outcome = run(&home, &["diff", "--format", "json", &old, &new]);
    assert_eq!(outcome.code, 2, "expired certificates are critical: {outcome}");
    let report = outcome.json();
    assert_eq!(report["command"], "diff");
    let data = &report["data"];
    assert_eq!(data["same_key"], true);
    let change = |check: &str| -> Vec<&str> {
        let changes = data["findings"].as_array().expect("a list").iter();
        changes
            .filter(|change| change["check"] == check)
            .map(|change| change["change"].as_str().expect("a word"))
            .collect()
    };
    assert_eq!(change("cert.expired"), ["new", "new"]);
    assert_eq!(change("trust.expires-soon"), ["gone"]);
    let versions = data["facts"].as_array().expect("a list").iter();
    let versions: Vec<_> = versions
        .filter(|fact| fact["fact"] == "client_versions")
        .collect();
    assert_eq!(versions.len(), 1, "{data:#}");
    assert_eq!(versions[0]["new"], serde_json::json!(["46.12.0.1"]));

    // The other way round, what is only better is no alarm.
    let back = run(&home, &["diff", &new, &old]);
    assert!(back.code < 2, "{back}");
    let bad = run(&home, &["diff", &old, "samples/w4b-diag.toml"]);
    assert_eq!(bad.code, 3, "{bad}");
    assert!(bad.stderr().contains("w4b-diag.toml"), "{bad}");
}
