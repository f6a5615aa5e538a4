//! Bundles that only the holder of a key can open, and the other `age` as the judge.

#![expect(clippy::print_stderr, reason = "what is skipped is said")]

use std::path::{Path, PathBuf};
use std::process::Command;

use super::case::{repository, sample};
use super::support::{Home, Outcome};

/// A key pair: the file with the identity, and the recipient.
fn keys(home: &Home, name: &str) -> Option<(String, String)> {
    let path = home.join(name);
    match Command::new("age-keygen").arg("-o").arg(&path).output() {
        Ok(made) => {
            // age-keygen: "Public key: age1…" on standard error.
            let words = String::from_utf8_lossy(&made.stderr).into_owned();
            let recipient = words.split_whitespace().last().expect("a recipient").to_owned();
            Some((path.to_str().expect("UTF-8").to_owned(), recipient))
        }
        Err(error) => {
            eprintln!("SKIPPED: age-keygen cannot be started ({error})");
            None
        }
    }
}

fn age(arguments: &[&str]) {
    let output = Command::new("age").args(arguments).output().expect("age starts");
    assert!(
        output.status.success(),
        "age {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn run(home: &Home, arguments: &[&str]) -> Outcome {
    home.command(arguments).directory(repository()).run()
}

fn text(path: &Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

/// What is in the home directory, hidden files too.
fn listed(home: &Home) -> Vec<String> {
    let entries = std::fs::read_dir(home.path()).expect("a directory");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| !matches!(name.as_str(), ".config" | ".local" | ".cache"))
        .collect();
    names.sort();
    names
}

#[test]
fn only_the_holder_of_the_key_opens_it() {
    let home = Home::new();
    let Some((identity, recipient)) = keys(&home, "mine.key") else {
        return;
    };
    let Some((stranger, _)) = keys(&home, "other.key") else {
        return;
    };
    let map = text(&home.join("case.map"));
    let made = sample(&home, "case.zip", &["--encrypt-to", &recipient, "--map", &map]);
    assert_eq!(made.code, 0, "{made}");
    assert!(made.stderr().contains(&recipient), "who can open it: {made}");
    assert!(made.stderr().contains("age --decrypt"), "and how: {made}");
    assert_eq!(
        listed(&home),
        ["case.map", "case.zip.age", "mine.key", "other.key"],
        "nothing else is left"
    );
    let sealed = text(&home.join("case.zip.age"));
    assert!(home.read("case.map").starts_with(b"age-encryption.org/v1"));

    // The other implementation opens it, and finds an ordinary bundle that says where it comes from.
    let plain = text(&home.join("plain.zip"));
    age(&["--decrypt", "--identity", &identity, "--output", &plain, &sealed]);
    let verified = run(&home, &["verify", &plain]);
    assert_eq!(verified.code, 0, "{verified}");
    let inside = run(&home, &["inspect", "--format", "json", &plain]).json();
    let manifest = &inside["data"]["manifest"];
    assert_eq!(manifest["name"], "case");
    assert_eq!(
        manifest["options"]["encrypted_to"],
        serde_json::json!([recipient])
    );
    let mut zip = zip::ZipArchive::new(std::fs::File::open(&plain).expect("a zip")).expect("a zip");
    let readme = std::io::read_to_string(zip.by_name("case/README.txt").expect("a README")).expect("text");
    assert!(readme.contains(&recipient), "{readme}");
    assert!(
        readme.contains("age --decrypt --identity KEY --output case.zip case.zip.age"),
        "{readme}"
    );

    // So do our own commands, with the identity and only with it.
    let with = |arguments: &[&str]| run(&home, &[arguments, &["--identity", &identity]].concat());
    let verified = with(&["verify", &sealed]);
    assert_eq!(verified.code, 0, "{verified}");
    let shown = with(&["inspect", "--format", "json", &sealed]).json();
    assert_eq!(shown["data"]["manifest"], *manifest);
    let same = with(&["diff", &plain, &sealed]);
    assert_eq!(same.code, 0, "{same}");
    let closed = run(&home, &["verify", &sealed]);
    assert_eq!(closed.code, 3, "{closed}");
    assert!(closed.stderr().contains("--identity"), "{closed}");
    let refused = run(&home, &["verify", &sealed, "--identity", &stranger]);
    assert_eq!(refused.code, 3, "{refused}");
    assert!(
        refused.stderr().contains("cannot be opened with this identity"),
        "{refused}"
    );
}

#[test]
fn what_another_program_encrypted_is_read_and_damage_shows() {
    let home = Home::new();
    let Some((identity, recipient)) = keys(&home, "mine.key") else {
        return;
    };
    let made = sample(&home, "case.zip", &[]);
    assert_eq!(made.code, 0, "{made}");
    let plain = text(&home.join("case.zip"));
    for (name, armor) in [("binary.age", None), ("armored.age", Some("--armor"))] {
        let path = text(&home.join(name));
        let mut arguments = vec!["--encrypt", "--recipient", &recipient, "--output", &path];
        arguments.extend(armor);
        arguments.push(&plain);
        age(&arguments);
        let verified = run(&home, &["verify", &path, "--identity", &identity]);
        assert_eq!(verified.code, 0, "{name}: {verified}");
    }
    let whole = home.read("binary.age");
    let mut changed = whole.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    for (what, bytes) in [
        ("a changed byte", changed.as_slice()),
        ("cut short", &whole[..whole.len() - 100]),
        ("cut at its header", &whole[..100]),
    ] {
        let path = text(&home.write("damaged.age", bytes));
        let verified = run(&home, &["verify", &path, "--identity", &identity]);
        assert!(verified.code >= 2, "{what}: {verified}");
    }
}

#[test]
fn only_the_map_is_encrypted_when_asked_so_and_the_size_holds() {
    let home = Home::new();
    let Some((_, recipient)) = keys(&home, "mine.key") else {
        return;
    };
    let map = text(&home.join("case.map"));
    let made = sample(
        &home,
        "case.zip",
        &["--map", &map, "--encrypt-map-to", &recipient],
    );
    assert_eq!(made.code, 0, "{made}");
    assert!(home.read("case.zip").starts_with(b"PK"));
    assert!(home.read("case.map").starts_with(b"age-encryption.org/v1"));

    let whole = home.read("case.zip").len();
    let limit = whole - 200;
    let small = sample(
        &home,
        "small.zip.age",
        &["--encrypt-to", &recipient, "--max-size", &limit.to_string()],
    );
    // Logs of the sample are small: either they are cut, or it is said that there is no room.
    let written: Option<PathBuf> = Some(home.join("small.zip.age")).filter(|path| path.exists());
    match written {
        Some(path) => assert!(path.metadata().expect("a file").len() <= limit as u64, "{small}"),
        None => assert_eq!(small.code, 3, "{small}"),
    }
}
