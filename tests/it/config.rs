//! Where the configuration comes from, and how its faults are said.

use crate::support::Home;

#[test]
fn a_named_file_must_exist() {
    let home = Home::new();
    let outcome = home.command(&["checks", "--config", "no-such.toml"]).run();
    insta::assert_snapshot!(outcome, @"
    exit code: 3
    ----- stdout -----

    ----- stderr -----
    error: cannot read the configuration file no-such.toml: there is no such file
    hint: Name a readable TOML file with --config or W4B_DIAG_CONFIG, or leave both out.
    ");
}

#[test]
fn the_environment_names_a_file_and_its_faults_have_a_place() {
    let home = Home::new();
    home.write(
        "faulty.toml",
        "[status]\nurl = \"status.json\"\ncompnents = [\"Webex App\"]\n",
    );
    let outcome = home
        .command(&["checks"])
        .env("W4B_DIAG_CONFIG", "faulty.toml")
        .run();
    insta::assert_snapshot!(outcome, @r#"
    exit code: 3
    ----- stdout -----

    ----- stderr -----
    error: faulty.toml:3:1: unknown key "status.compnents"
    hint: Did you mean "status.components"?
    "#);
}

#[test]
fn the_xdg_file_is_found_and_speaks_the_chosen_language() {
    let home = Home::new();
    home.write(".config/w4b-diag/config.toml", "[[xsp]]\nhost = 7\n");
    let outcome = home.command(&["checks", "--lang", "de"]).run();
    insta::assert_snapshot!(outcome, @"
    exit code: 3
    ----- stdout -----

    ----- stderr -----
    Fehler: [HOME]/.config/w4b-diag/config.toml:2:8: „xsp.host“ muss Text in Anführungszeichen sein, hier steht aber eine Zahl
    Hinweis: Ändern Sie den Wert wie beschrieben.
    ");
}

#[test]
fn no_file_at_all_is_fine() {
    let home = Home::new();
    let outcome = home.command(&["checks"]).run();
    assert_eq!(outcome.code, 0, "{outcome}");
}
