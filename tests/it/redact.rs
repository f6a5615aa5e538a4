//! `redact`, `restore` and `self-test`.

use std::path::Path;

use crate::packed::{gzip, zip};
use crate::support::Home;

const TEXT: &str =
    "activation of ana.kovac@example.com failed\npassword=Gr4nite-Moss\ndisplayName: Vesna Horvat\n";

#[test]
fn standard_input_to_standard_output_and_back() {
    let home = Home::new();
    let outcome = home
        .command(&["redact", "--map", "map.json"])
        .stdin(format!("early: Vesna Horvat\n{TEXT}"))
        .run();
    assert_eq!(outcome.code, 0, "{outcome}");
    let text = outcome.stdout();
    assert!(
        text.starts_with("early: name-") && text.contains("password=[redacted:password]\n"),
        "{outcome}"
    );
    for gone in ["kovac", "Gr4nite", "Horvat"] {
        assert!(!text.contains(gone), "{outcome}");
    }
    let map = String::from_utf8(home.read("map.json")).expect("JSON");
    assert!(
        map.contains("\"w4b-diag/map/1\"") && !map.contains("Gr4nite"),
        "{map}"
    );
    let back = home.command(&["restore", "--map", "map.json"]).stdin(text).run();
    assert_eq!(back.code, 0, "{back}");
    assert_eq!(
        back.stdout(),
        format!("early: Vesna Horvat\n{TEXT}").replace("Gr4nite-Moss", "[redacted:password]")
    );
}

#[test]
fn the_site_key_makes_two_runs_comparable_and_a_fresh_key_does_not() {
    let home = Home::new();
    let run = |flags: &[&str]| {
        let arguments: Vec<&str> = ["redact", "--quiet"]
            .into_iter()
            .chain(flags.iter().copied())
            .collect();
        home.command(&arguments).stdin(TEXT).run().stdout()
    };
    assert_eq!(run(&[]), run(&[]));
    assert_ne!(run(&[]), run(&["--fresh-key"]));
    let key = home.join(".local/state/w4b-diag/site.key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&key)
            .expect("made on first use")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("mode");
        let outcome = home.command(&["redact"]).stdin(TEXT).run();
        assert_eq!(outcome.code, 3, "{outcome}");
        assert!(
            outcome.stdout.is_empty() && outcome.stderr().contains("chmod 600"),
            "{outcome}"
        );
    }
}

#[test]
fn a_directory_with_an_unreadable_file_is_done_without_it() {
    let home = Home::new();
    home.write("in/a/ana.kovac@example.com.log", TEXT);
    home.write("in/b.bin", [0x7f, b'E', b'L', b'F', 0, 1, 2, 3]);
    let outcome = home.command(&["redact", "in", "-o", "out"]).run();
    assert_eq!(outcome.code, 1, "{outcome}");
    assert!(outcome.stderr().contains("b.bin"), "{outcome}");
    let names: Vec<String> = std::fs::read_dir(home.join("out/in/a"))
        .expect("written")
        .map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(names.len(), 1);
    assert!(names[0].starts_with("email-"), "{names:?}");
    assert!(home.join("out/in/b.bin.withheld.txt").exists());
    assert!(!home.join("out/in/b.bin").exists());
    let again = home.command(&["redact", "in", "-o", "out"]).run();
    assert_eq!(again.code, 3, "{again}");
}

#[test]
fn a_file_that_is_named_twice_has_not_changed() {
    let home = Home::new();
    home.write("a.txt", TEXT);
    let outcome = home.command(&["redact", "a.txt", "a.txt"]).run();
    assert_eq!(outcome.code, 0, "{outcome}");
    assert_eq!(outcome.stdout().matches("[redacted:password]").count(), 2);
    assert!(!outcome.stderr().contains("warning"), "{outcome}");
}

/// What was read of a long file is used when it is written; line for line the result is that of a short one.
#[test]
fn a_long_file_is_redacted_as_a_short_one() {
    let home = Home::new();
    let line = "2026-01-02 10:00:00 INFO seen Vesna Horvat at 192.0.2.17 q=%22token%22%3A%22abcdef0123%22\n";
    home.write("short.txt", format!("{line}{TEXT}"));
    home.write("long.txt", format!("{}{TEXT}", line.repeat(40_000)));
    let redact = |file| home.command(&["redact", file]).run();
    let (short, long) = (redact("short.txt"), redact("long.txt"));
    assert!(short.code == 0 && long.code == 0, "{short} {long}");
    let text = short.stdout();
    let (first, rest) = text.split_once('\n').expect("lines");
    assert!(
        !first.contains("Horvat") && !first.contains("abcdef0123"),
        "{first}"
    );
    assert_eq!(
        long.stdout(),
        format!("{}{rest}", format!("{first}\n").repeat(40_000))
    );
}

#[test]
fn the_preview_writes_nothing_and_shows_no_secret() {
    let home = Home::new();
    let outcome = home.command(&["redact", "--preview"]).stdin(TEXT).run();
    assert_eq!(outcome.code, 0, "{outcome}");
    let text = outcome.stdout();
    assert!(
        text.contains("-:1:") && text.contains("ana.kovac@example.com → email-"),
        "{outcome}"
    );
    assert!(!text.contains("Gr4nite"), "{outcome}");
}

#[test]
fn counts_as_json() {
    let home = Home::new();
    let outcome = home.command(&["redact", "--format", "json"]).stdin(TEXT).run();
    let json = outcome.json();
    assert_eq!(json["data"]["redacted"]["email"], 1, "{outcome}");
    assert_eq!(json["data"]["redacted"]["password"], 1, "{outcome}");
    assert_eq!(json["verdict"], "ok", "{outcome}");
}

#[test]
fn restore_says_what_it_does_not_know() {
    let home = Home::new();
    home.command(&["redact", "--map", "map.json"]).stdin(TEXT).run();
    let outcome = home
        .command(&["restore", "--map", "map.json"])
        .stdin("phone-0123456789abcdef\n")
        .run();
    assert_eq!(
        (outcome.code, outcome.stdout()),
        (1, "phone-0123456789abcdef\n".to_owned()),
        "{outcome}"
    );
}

#[test]
fn the_self_test_passes() {
    let home = Home::new();
    let outcome = home.command(&["self-test", "--format", "json"]).run();
    assert_eq!(outcome.code, 0, "{outcome}");
    assert_eq!(
        outcome.json()["data"]["failed"],
        serde_json::json!([]),
        "{outcome}"
    );
}

/// Every file below a directory, with its text.
fn tree(root: &Path) -> Vec<(String, String)> {
    let (mut files, mut pending) = (Vec::new(), vec![root.to_path_buf()]);
    while let Some(directory) = pending.pop() {
        for entry in std::fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                pending.push(path);
            } else {
                let name = path
                    .strip_prefix(root)
                    .expect("below")
                    .to_string_lossy()
                    .into_owned();
                files.push((
                    name,
                    String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned(),
                ));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn members_of_archives_are_redacted_and_their_names_lead_nowhere() {
    let home = Home::new();
    let inner = zip(&[("deep/c.log", b"displayName: Vesna Horvat\n")]);
    home.write(
        "case.zip",
        zip(&[
            ("../../evil.log", b"early: Vesna Horvat\n"),
            ("a.log", TEXT.as_bytes()),
            ("a.log/b.log", b"c:\\x\n"),
            ("inner.zip", &inner),
            ("ana.kovac@example.com.log.gz", &gzip(b"password=Gr4nite-Moss\n")),
        ]),
    );
    let outcome = home.command(&["redact", "case.zip", "-o", "out"]).run();
    assert_eq!(outcome.code, 0, "{outcome}");
    let files = tree(&home.join("out"));
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.len(), 5, "{names:?}");
    assert!(
        names.iter().all(|name| name.starts_with("case.zip/")),
        "{names:?}"
    );
    assert!(names.contains(&"case.zip/evil.log"), "{names:?}");
    assert!(names.contains(&"case.zip/inner.zip/deep/c.log"), "{names:?}");
    for (name, text) in &files {
        for gone in ["Horvat", "Gr4nite", "kovac"] {
            assert!(!text.contains(gone) && !name.contains(gone), "{name}: {text}");
        }
    }
    // One archive, one text: on standard output.
    home.write("one.log.gz", gzip(TEXT.as_bytes()));
    let outcome = home.command(&["redact", "one.log.gz"]).run();
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(
        outcome.stdout().contains("password=[redacted:password]\n"),
        "{outcome}"
    );
    // The same through a pipe.
    let piped = home.command(&["redact"]).stdin(gzip(TEXT.as_bytes())).run();
    assert_eq!(piped.stdout(), outcome.stdout());
}

#[test]
fn a_hundred_files_with_three_bad_ones() {
    let home = Home::new();
    for number in 0..97 {
        home.write(
            format!("logs/{number:02}.log"),
            format!("user{number}@example.com password=Gr4nite-Moss\n"),
        );
    }
    let mut cut = gzip(TEXT.repeat(200).as_bytes());
    cut.truncate(cut.len() / 2);
    home.write("logs/97-cut.gz", cut);
    home.write("logs/98-bomb.zip", zip(&[("zeros", &vec![b'0'; 64 << 20])]));
    // A link that leads nowhere cannot be read, not even by root.
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere", home.join("logs/99-gone.log")).expect("a link");
    #[cfg(not(unix))]
    home.write("logs/99-gone.log", b"\x89PNG\r\n\x1a\n");
    for arguments in [
        &["redact", "logs", "-o", "out"][..],
        &["redact", "logs", "--format", "json"],
        &["extract", "logs"],
    ] {
        let outcome = home.command(arguments).run();
        assert_eq!(outcome.code, 1, "{arguments:?} {outcome}");
        for name in ["97-cut.gz", "98-bomb.zip!zeros", "99-gone.log"] {
            assert!(outcome.stderr().contains(name), "{arguments:?} {outcome}");
        }
    }
    let files = tree(&home.join("out"));
    let done = files.iter().filter(|(name, _)| !name.ends_with(".withheld.txt"));
    assert_eq!(done.clone().count(), 97);
    assert!(
        done.into_iter()
            .all(|(_, text)| text.ends_with("password=[redacted:password]\n"))
    );
}

#[test]
fn results_below_the_input_are_not_read() {
    let home = Home::new();
    home.write("work/a.log", TEXT);
    let work = home.join("work");
    let outcome = home.command(&["redact", ".", "-o", "out"]).directory(&work).run();
    assert_eq!(outcome.code, 0, "{outcome}");
    let files = tree(&home.join("work/out"));
    assert_eq!(
        files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["a.log"]
    );
}

#[test]
fn standard_input_of_any_size_is_learned_whole() {
    let home = Home::new();
    let line = "2026-03-01T10:00:00Z an ordinary line of a log, about nobody and nothing\n";
    let mut text = "early: Vesna Horvat\n".to_owned();
    text.push_str(&line.repeat((20 << 20) / line.len()));
    text.push_str("displayName: Vesna Horvat\n");
    let outcome = home.command(&["redact"]).stdin(text.clone()).run();
    assert_eq!(outcome.code, 0, "{}", outcome.stderr());
    let out = outcome.stdout();
    assert!(out.starts_with("early: name-") && !out.contains("Horvat"));
    // The same from a redirected file.
    let path = home.write("big.log", &text);
    let mut command = home.command(&["redact"]).prepare();
    command.stdin(std::fs::File::open(path).expect("written"));
    let output = command.output().expect("runs");
    assert!(output.status.success());
    assert!(output.stdout == out.as_bytes());
}

#[test]
fn nothing_read_is_not_done() {
    let home = Home::new();
    home.write("bad.zip", b"PK\x03\x04 nothing more");
    for path in ["missing.log", "bad.zip", "*.none"] {
        let outcome = home.command(&["redact", path]).run();
        assert_eq!(outcome.code, 3, "{outcome}");
        assert!(
            outcome.stderr().contains(path) && outcome.stdout.is_empty(),
            "{outcome}"
        );
    }
}

#[test]
fn a_map_is_no_input_wherever_it_stands() {
    let home = Home::new();
    home.command(&["redact", "--map", "map.json"]).stdin(TEXT).run();
    let map = home.read("map.json");
    home.write("hidden.log", [b"a line\n".repeat(3000), map.clone()].concat());
    home.write("archive.zip", zip(&[("notes.txt", &map)]));
    for path in ["map.json", "hidden.log", "archive.zip"] {
        let outcome = home.command(&["redact", path]).run();
        assert_eq!(outcome.code, 3, "{outcome}");
        assert!(!outcome.stdout().contains("tokens"), "{outcome}");
        assert!(outcome.stderr().contains("private map"), "{outcome}");
    }
}

#[test]
fn an_encrypted_map_is_read_with_its_identity_only_and_forgets() {
    let home = Home::new();
    let identity = age::x25519::Identity::generate();
    let secret = age::secrecy::ExposeSecret::expose_secret(&identity.to_string()).to_owned();
    home.write("key.txt", format!("{secret}\n"));
    let recipient = identity.to_public().to_string();
    let redacted = home
        .command(&["redact", "--map", "map.age", "--encrypt-to", &recipient])
        .stdin(TEXT)
        .run();
    assert_eq!(redacted.code, 0, "{redacted}");
    assert!(home.read("map.age").starts_with(b"age-encryption.org/v1"));
    assert_eq!(home.command(&["redact", "map.age"]).run().code, 3);
    let without = home
        .command(&["restore", "--map", "map.age"])
        .stdin(redacted.stdout())
        .run();
    assert_eq!(without.code, 3, "{without}");
    assert!(without.stderr().contains("--identity"), "{without}");
    let restore = |extra: &[&str], text: String| {
        let arguments: Vec<&str> = ["restore", "--map", "map.age", "--identity", "key.txt"]
            .into_iter()
            .chain(extra.iter().copied())
            .collect();
        home.command(&arguments).stdin(text).run()
    };
    let back = restore(&[], redacted.stdout());
    assert_eq!(back.code, 0, "{back}");
    assert!(back.stdout().contains("ana.kovac@example.com"), "{back}");
    let late = restore(&["--as-of", "2100-01-01T00:00:00Z"], redacted.stdout());
    assert!(late.stderr().contains("should have been deleted"), "{late}");
    let forgot = restore(&["--forget", "Ana.Kovac@EXAMPLE.com"], String::new());
    assert_eq!(forgot.code, 0, "{forgot}");
    assert!(home.read("map.age").starts_with(b"age-encryption.org/v1"));
    let after = restore(&[], redacted.stdout());
    assert_eq!(after.code, 1, "{after}");
    assert!(
        !after.stdout().contains("kovac") && after.stdout().contains("Vesna Horvat"),
        "{after}"
    );
    let again = restore(&["--forget", "ana.kovac@example.com"], String::new());
    assert_eq!(again.code, 1, "{again}");
}
