//! Help, usage errors, completions, manual pages and schemas.

use crate::support::Home;

#[test]
fn help_in_english_and_german() {
    let home = Home::new();
    insta::assert_snapshot!("help-en", home.command(&["--help"]).run());
    insta::assert_snapshot!("help-de", home.command(&["--help", "--lang", "de"]).run());
}

#[test]
fn help_follows_the_locale_and_the_configuration() {
    let home = Home::new();
    let outcome = home
        .command(&["checks", "--help"])
        .env("LC_ALL", "nb_NO.UTF-8")
        .run();
    assert!(
        outcome.stdout().starts_with("List opp alle kontroller"),
        "{outcome}"
    );
    home.write(".config/w4b-diag/config.toml", "[provider]\nlocale = \"hr\"\n");
    let outcome = home.command(&["checks", "-h"]).run();
    assert!(outcome.stdout().starts_with("Popiši sve provjere"), "{outcome}");
    let outcome = home.command(&["checks", "-h"]).env("W4B_DIAG_LANG", "it").run();
    assert!(
        outcome.stdout().starts_with("Elenca tutti i controlli"),
        "{outcome}"
    );
}

#[test]
fn nothing_typed_is_bad_usage_and_shows_the_help() {
    let home = Home::new();
    let outcome = home.command::<&str>(&[]).run();
    assert_eq!(outcome.code, 3, "{outcome}");
    assert!(outcome.stdout.is_empty(), "{outcome}");
    assert!(outcome.stderr().contains("Usage: w4b-diag"), "{outcome}");
}

#[test]
fn the_version_is_one_line() {
    let home = Home::new();
    insta::assert_snapshot!(home.command(&["--version"]).run(), @"
    exit code: 0
    ----- stdout -----
    w4b-diag [VERSION]

    ----- stderr -----
    ");
}

#[test]
fn usage_errors() {
    let home = Home::new();
    insta::assert_snapshot!(home.command(&["cheks"]).run(), @r#"
    exit code: 3
    ----- stdout -----

    ----- stderr -----
    error: unknown command "cheks"
    hint: Did you mean "checks"?
    "#);
    insta::assert_snapshot!(home.command(&["checks", "--lang", "fr"]).run(), @r#"
    exit code: 3
    ----- stdout -----

    ----- stderr -----
    error: "fr" is not a valid value for "--lang <LANG>"
    hint: Possible values: en, de, hr, nb, it.
    "#);
    insta::assert_snapshot!(home.command(&["checks", "--formt", "json", "--lang", "de"]).run(), @"
    exit code: 3
    ----- stdout -----

    ----- stderr -----
    Fehler: unbekanntes Argument „--formt“
    Hinweis: Meinten Sie „--format“?
    ");
    insta::assert_snapshot!(home.command(&["checks", "--format", "html"]).run(), @r#"
    exit code: 3
    ----- stdout -----

    ----- stderr -----
    error: this command has no format "html"
    hint: Formats of this command: text, json.
    "#);
    insta::assert_snapshot!(home.command(&["checks"]).env("W4B_DIAG_TIMEOUT", "soon").run(), @r#"
    exit code: 3
    ----- stdout -----

    ----- stderr -----
    error: "soon" is not a valid value for "--timeout <DURATION>"
    hint: Write a duration such as 500ms, 5s, 2m or 30d.
    "#);
}

#[test]
fn an_empty_variable_is_as_good_as_none() {
    let home = Home::new();
    let mut run = home.command(&["checks"]);
    for name in ["CONFIG", "LANG", "FORMAT", "COLOR", "TIMEOUT", "AS_OF", "THREADS"] {
        run = run.env(format!("W4B_DIAG_{name}"), "");
    }
    let outcome = run.run();
    assert_eq!(outcome.code, 0, "{outcome}");
}

#[test]
fn checks_as_text_and_json() {
    let home = Home::new();
    let outcome = home.command(&["checks"]).run();
    assert!(outcome.stdout().contains("cert.expires-soon"), "{outcome}");
    let json = home
        .command(&["checks", "--format", "json", "--lang", "it"])
        .run()
        .json();
    assert_eq!(json["schema"], "w4b-diag/report/1");
    let first = &json["data"]["checks"][0];
    assert_eq!(first["id"], "status.reachable");
    assert_eq!(first["severity"], "unknown");
    assert_eq!(first["title"], "La pagina di stato è leggibile");
}

#[test]
fn completions_for_every_shell() {
    let home = Home::new();
    for (shell, sign) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef w4b-diag"),
        ("fish", "complete -c w4b-diag"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion"),
    ] {
        let outcome = home.command(&["completions", shell]).run();
        assert_eq!(outcome.code, 0, "{shell}: {}", outcome.stderr());
        assert!(outcome.stdout().contains(sign), "{shell}");
        assert!(outcome.stdout().contains("self-test"), "{shell}");
    }
}

#[test]
fn a_manual_page_for_every_command() {
    let home = Home::new();
    std::fs::create_dir(home.join("man")).expect("a directory");
    let outcome = home.command(&["man", "--output", "man"]).run();
    assert_eq!(outcome.code, 0, "{outcome}");
    let overview = String::from_utf8(home.read("man/w4b-diag.1")).expect("UTF-8");
    assert!(overview.contains(".SH NAME"), "{overview}");
    let page = String::from_utf8(home.read("man/w4b-diag-checks.1")).expect("UTF-8");
    assert!(page.contains("List all checks"), "{page}");
    let german = home.command(&["man", "checks", "--lang", "de"]).run();
    assert!(german.stdout().contains(".SH BESCHREIBUNG"), "{german}");
}

#[test]
fn output_that_cannot_be_written() {
    let home = Home::new();
    insta::assert_snapshot!(home.command(&["man", "--output", "no/such/place"]).run(), @"
    exit code: 3
    ----- stdout -----

    ----- stderr -----
    error: cannot write no/such/place/w4b-diag.1: its directory does not exist
    hint: Name a place that exists and that you may write to.
    ");
    insta::assert_snapshot!(home.command(&["schema", "reprot"]).run(), @r#"
    exit code: 3
    ----- stdout -----

    ----- stderr -----
    error: there is no schema "reprot"
    hint: Schemas: catalogue, checks, config, diff, explain, extract, facts, manifest, map, notification, notify-state, receipt, report, status, status-observation, users, tls-observation.
    "#);
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_success() {
    let home = Home::new();
    let run = home.command(&["completions", "zsh"]);
    let mut child = run.prepare().spawn().expect("starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("ends");
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}
