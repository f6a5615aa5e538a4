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

/// The manifest of the one bundle of `home`.
fn manifest(home: &Home, zip: &str, name: &str) -> serde_json::Value {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(home.join(zip)).expect("the zip")).expect("a zip");
    let entry = zip.by_name(&format!("{name}/manifest.json")).expect("a manifest");
    serde_json::from_reader(entry).expect("JSON")
}

#[test]
fn the_manifest_says_how_each_collector_fared() {
    let home = Home::new();
    // Takes connections and never says a word; and a port that nobody listens on.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = |listener: &std::net::TcpListener| listener.local_addr().expect("an address").port();
    let closed = port(&std::net::TcpListener::bind("127.0.0.1:0").expect("a port"));
    let text = "2026-11-20T08:00:00Z userEmail=ana@example.com password=Gr4nite-Moss orgId=\
                0f3a2f4e-8d0c-4b6e-9a57-7e1d5c1b2a90 from 192.0.2.7\n";
    home.write("case/a.log", text);
    let (slow, shut) = (
        format!("127.0.0.1:{}", port(&silent)),
        format!("127.0.0.1:{closed}"),
    );
    let input = [
        "--log",
        "case",
        "--xsp",
        &slow,
        "--xsp",
        &shut,
        "--status-url",
        "missing.json",
    ];
    let options = ["--timeout", "500ms", "bundle", "--yes", "-o", "case.zip"];
    let outcome = home.command(&[options.as_slice(), &input].concat()).run();
    assert_eq!(outcome.code, 1, "{outcome}");
    let manifest = manifest(&home, "case.zip", "case");
    let files = manifest["files"].as_array().expect("files");
    let status_of = |part: &str| {
        let file = files
            .iter()
            .find(|file| file["path"].as_str().is_some_and(|path| path.contains(part)));
        file.map_or("none", |file| file["status"].as_str().unwrap_or_default())
    };
    assert_eq!(
        status_of(&format!("tls/127.0.0.1-{}", port(&silent))),
        "timed-out",
        "{manifest:#}"
    );
    assert_eq!(status_of(&format!("tls/127.0.0.1-{closed}")), "failed");
    assert_eq!(status_of("status/"), "failed");
    assert_eq!(status_of("logs/"), "ok");
    let log = files
        .iter()
        .find(|file| {
            file["path"]
                .as_str()
                .is_some_and(|path| path.starts_with("logs/"))
        })
        .expect("the log");
    assert_eq!(log["redactions"]["password"], 1);
    assert_eq!(log["redactions"]["ip-address"], 1);
    assert_eq!(log["protected"]["org"], 1);
    for field in ["bytes", "sha256", "source", "why", "collected_at"] {
        assert!(!log[field].is_null(), "{field}");
    }
    assert_eq!(manifest["tool"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(manifest["consent"], "flag");
    assert_eq!(manifest["platform"]["os"], std::env::consts::OS);
    assert_eq!(manifest["options"]["no_network"], false);
    // What timed out is judged again as what it was.
    let again = home
        .command(&["--format", "json", "inspect", "case.zip", "--judge"])
        .directory(home.path())
        .run();
    assert!(again.stdout().contains("timeout-handshake"), "{again}");
}

#[test]
fn a_manifest_of_another_bundle_does_not_pass() {
    let home = Home::new();
    for (zip, text) in [
        ("one.zip", "first password=Gr4nite-Moss\n"),
        ("two.zip", "second password=Quartz-Fern7\n"),
    ] {
        home.write("a.log", text);
        let outcome = home
            .command(&[
                "bundle",
                "--no-network",
                "--yes",
                "--name",
                "case",
                "--log",
                "a.log",
                "-o",
                zip,
            ])
            .directory(home.path())
            .run();
        assert_eq!(outcome.code, 1, "{outcome}");
    }
    // The log of the first with the manifest of the second.
    let open = |zip: &str| {
        zip::ZipArchive::new(std::fs::File::open(home.join(zip)).expect("the zip")).expect("a zip")
    };
    let (mut one, mut two) = (open("one.zip"), open("two.zip"));
    let mut swapped = zip::ZipWriter::new(std::fs::File::create(home.join("three.zip")).expect("a file"));
    for index in 0..one.len() {
        let name = one
            .by_index_raw(index)
            .expect("an entry")
            .name()
            .expect("UTF-8")
            .into_owned();
        let from = if name.ends_with("manifest.json") {
            &mut two
        } else {
            &mut one
        };
        swapped
            .raw_copy_file(from.by_name(&name).expect("an entry"))
            .expect("copied");
    }
    swapped.finish().expect("written");
    let outcome = run(
        &home,
        &["verify", home.join("three.zip").to_str().expect("a path")],
    );
    assert_eq!(outcome.code, 2, "{outcome}");
}
