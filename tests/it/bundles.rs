//! Bundles after they are made: opened by other programs, judged again, compared.

#![expect(clippy::print_stderr, reason = "what is skipped is said")]

use std::process::Command;

use super::case::{repository, sample};
use super::packed::{gzip, tar, zip as zip_of};
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
fn members_of_archives_are_packed_each_as_itself() {
    let home = Home::new();
    // Not in the order of their names, and two of one name: a tar can be like that.
    let mut members: Vec<(String, String)> = (0..60)
        .rev()
        .map(|number| (format!("{number:02}.log"), format!("member {number}\n")))
        .collect();
    members.insert(7, ("same.log".to_owned(), "the first\n".to_owned()));
    members.push(("same.log".to_owned(), "the second\n".to_owned()));
    let borrowed: Vec<(&str, &[u8])> = members
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_bytes()))
        .collect();
    home.write("a.tar.gz", gzip(&tar(&borrowed)));
    home.write("b.zip", zip_of(&borrowed[..5]));
    home.write("one.log.gz", gzip(b"the text of a rotated log\n"));
    let arguments = [
        "bundle",
        "--no-network",
        "--yes",
        "-o",
        "case.zip",
        "--log",
        "a.tar.gz",
        "--log",
        "b.zip",
    ];
    let made = home
        .command(&[&arguments[..], &["--log", "one.log.gz"]].concat())
        .run();
    assert!(made.code <= 1, "{made}");
    let file = std::fs::File::open(home.join("case.zip")).expect("a zip");
    let mut zip = zip::ZipArchive::new(file).expect("a zip");
    let mut contents = |path: &str| {
        let entry = zip
            .by_name(&format!("case/logs/{path}"))
            .unwrap_or_else(|error| panic!("{path}: {error}\n{made}"));
        std::io::read_to_string(entry).expect("text")
    };
    for (name, text) in members.iter().filter(|(name, _)| name != "same.log") {
        assert_eq!(contents(&format!("a.tar.gz/{name}")), *text, "{name}");
    }
    assert_eq!(contents("a.tar.gz/same.log"), "the first\n");
    assert_eq!(contents("a.tar.gz/same-2.log"), "the second\n");
    assert_eq!(contents("b.zip/57.log"), "member 57\n");
    assert_eq!(contents("one.log"), "the text of a rotated log\n");
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
