//! `redact`, `restore` and `self-test`.

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
