//! `users`: corrected copies, and files that are broken or huge.

use serde_json::Value;

use crate::support::Home;

const HEADER: &str = "First Name;User ID/Email (Required);Extension;Phone Number;Location;Jabber Calling;Jabber with Webex Teams;Preferred Webex Site;Webex Calling;Webex Suite";

#[test]
fn a_corrected_copy_names_every_change_and_leaves_the_original() {
    let home = Home::new();
    let text = format!(
        "{HEADER}\r\nJosé; jose@example.com;101;+49 (30) 1234567;Berlin;FALSCH;FALSE;site.example.com;WAHR;FALSE\r\n\
         Ada;ada@@example.com;102;030 123;Berlin;FALSE;FALSE;site.example.com;TRUE;TRUE\r\n"
    );
    let utf16: Vec<u8> = std::iter::once(0xfeff_u16)
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    home.write("bulk.csv", &utf16);
    let outcome = home
        .command(&["users", "bulk.csv", "--write-corrected", "good.csv"])
        .run();
    assert_eq!(outcome.code, 1, "{outcome}");
    for line in [
        "Corrected copy: good.csv (6 changes)",
        "whole file: delimiter “;” → “,”",
        "whole file: encoding utf-16le → utf-8",
        "line 2, column “Phone Number”: “+49 (30) 1234567” → “+49301234567”",
        "line 2, column “Jabber Calling”: “FALSCH” → “FALSE”",
        "3 problems are left",
    ] {
        assert!(outcome.stdout().contains(line), "{line}: {outcome}");
    }
    assert_eq!(home.read("bulk.csv"), utf16, "the original is as it was");
    let copy = String::from_utf8(home.read("good.csv")).expect("UTF-8");
    assert!(
        copy.contains("José,jose@example.com,101,+49301234567,Berlin,FALSE,FALSE,"),
        "{copy}"
    );
    assert!(copy.contains("Ada,ada@@example.com,102,030 123,"), "{copy}");
    let again = home
        .command(&[
            "users",
            "good.csv",
            "--write-corrected",
            "best.csv",
            "--format",
            "json",
        ])
        .run();
    assert_eq!(
        again.json()["data"]["corrected"]["changes"],
        Value::Array(Vec::new())
    );
    assert_eq!(home.read("best.csv"), home.read("good.csv"));
}

#[test]
fn the_original_is_never_written_over_and_an_export_is_not_corrected() {
    let home = Home::new();
    home.write("bulk.csv", format!("{HEADER}\n"));
    home.write("status.csv", "BroadWorks ID,Status\na,provisioned\n");
    for (file, target) in [
        ("bulk.csv", "./bulk.csv"),
        ("bulk.csv", "bulk.csv"),
        ("status.csv", "x.csv"),
    ] {
        let outcome = home.command(&["users", file, "--write-corrected", target]).run();
        assert_eq!(outcome.code, 3, "{outcome}");
        assert!(!home.join("x.csv").exists());
    }
    assert_eq!(home.read("bulk.csv"), format!("{HEADER}\n").into_bytes());
}

/// Row and column are named, no row is lost, nothing panics.
#[test]
fn broken_files_name_row_and_column_and_lose_nothing() {
    let home = Home::new();
    let rows = |outcome: &crate::support::Outcome| outcome.json()["data"]["rows"].as_u64();
    let findings = |outcome: &crate::support::Outcome| outcome.json()["findings"].to_string();
    let run = |name: &str| home.command(&["users", name, "--format", "json"]).run();

    let cell = "x".repeat(10 << 20);
    home.write(
        "huge.csv",
        format!("BroadWorks ID,Status,Error\na,error,\"{cell}\"\nb,provisioned,\n"),
    );
    let outcome = run("huge.csv");
    assert_eq!(rows(&outcome), Some(2));
    assert!(findings(&outcome).contains("\"column\":\"Error\""));
    assert!(findings(&outcome).contains("10485760"));

    let header: Vec<String> = (0..300).map(|number| format!("Column {number}")).collect();
    home.write(
        "wide.csv",
        format!(
            "BroadWorks ID,Status,{}\na,error,{}\n",
            header.join(","),
            header.join(",")
        ),
    );
    let outcome = run("wide.csv");
    assert_eq!(rows(&outcome), Some(1));
    assert_eq!(
        outcome.json()["data"]["columns"].as_array().map(Vec::len),
        Some(302)
    );
    assert_eq!(
        outcome.json()["data"]["users"][0]["other"]
            .as_object()
            .map(serde_json::Map::len),
        Some(300)
    );

    // The delimiter named in the first line is not the one used.
    home.write(
        "delimiter.csv",
        "sep=,\nBroadWorks ID;Status\na;provisioned\nb;error\n",
    );
    let outcome = run("delimiter.csv");
    assert_eq!(rows(&outcome), Some(2));
    assert_eq!(outcome.json()["data"]["delimiter"], ";", "{outcome}");

    home.write(
        "quote.csv",
        "BroadWorks ID,Status,Error\na,error,\"open\nb,error,second\nc,provisioned,\n",
    );
    let outcome = run("quote.csv");
    assert_eq!(rows(&outcome), Some(3), "{outcome}");
    assert!(findings(&outcome).contains("quote.csv:2"));

    // Swedish: not one of the five languages.
    home.write(
        "swedish.csv",
        "Användare,Läge,Anmärkning\nada@example.com,error,[Error 4202]\n",
    );
    let outcome = run("swedish.csv");
    assert_eq!(rows(&outcome), Some(1));
    // What the cells look like says what they are; what is not understood is kept.
    assert_eq!(outcome.json()["data"]["kind"], "user-status", "{outcome}");
    assert_eq!(
        outcome.json()["data"]["users"][0]["other"]["Anmärkning"],
        "[Error 4202]"
    );
}
