//! `extract`, end to end.

use crate::packed::gzip;
use crate::support::Home;

const ERROR: &str = "View Org ID: 0a1b2c3d-1111-2222-3333-444455556666\r\n\
    Logged-in User Org ID: fedcba98-aaaa-bbbb-cccc-0123456789ab\r\n\
    Logged-in User Clock UTC: Thu, 08 Jan 2026 02:34:31 GMT\r\n\
    Fehler. Tracking-ID: ATLAS_0a1b2c3d-4444-5555-6666-777788889999_13\r\n\
    [Error 10022] The ID is taken: Ana.Horvat@example.com (Webex App 45.12.0.33788)";

#[test]
fn a_pasted_error_in_any_encoding_gives_the_facts() {
    let wide: Vec<u8> = ERROR.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, encoding) in [(ERROR.as_bytes().to_vec(), "utf-8"), (wide, "utf-16le")] {
        let home = Home::new();
        let path = home.write("error.txt", bytes);
        let path = path.to_str().expect("a path in UTF-8");
        let outcome = home.command(&["extract", "--format", "json", path]).run();
        assert_eq!(outcome.code, 0, "{outcome}");
        let report = outcome.json();
        assert_eq!(report["command"], "extract");
        let data = &report["data"];
        assert_eq!(
            data["tracking_ids"][0]["value"],
            "ATLAS_0a1b2c3d-4444-5555-6666-777788889999_13"
        );
        assert_eq!(data["tracking_ids"][0]["prefix"], "ATLAS");
        assert_eq!(data["tracking_ids"][0]["hex"], "0a1b2c3d444455556666777788889999");
        assert_eq!(data["tracking_ids"][0]["first"]["line"], 4);
        assert_eq!(data["tracking_ids"][0]["first"]["column"], 22);
        assert_eq!(data["org_ids"][0]["role"], "customer");
        assert_eq!(data["org_ids"][1]["role"], "partner");
        assert_eq!(data["emails"][0]["value"], "ana.horvat@example.com");
        assert_eq!(data["emails"][0]["role"], "user");
        assert_eq!(data["client_versions"][0]["value"], "45.12.0.33788");
        assert_eq!(data["error_codes"][0]["value"], "10022");
        assert_eq!(data["time_frame"]["first"], "2026-01-08T02:34:31Z");
        assert_eq!(data["files"][0]["encoding"], encoding);
        assert_eq!(data["files"][0]["lines"], 5);
    }
}

#[test]
fn a_hundred_files_with_three_bad_ones() {
    let home = Home::new();
    for number in 0..97 {
        home.write(
            format!("logs/{number:02}.log"),
            format!("TrackingID: ATLAS_0a1b2c3d-4444-5555-6666-7777888899{number:02}\n"),
        );
    }
    let mut cut = gzip(ERROR.as_bytes());
    cut.truncate(cut.len() / 2);
    home.write("logs/97-cut.gz", cut);
    home.write("logs/98-bomb.gz", gzip(&vec![b'0'; 64 << 20]));
    home.write("logs/99.png", b"\x89PNG\r\n\x1a\n0000");
    let outcome = home.command(&["extract", "--format", "json", "logs"]).run();
    assert_eq!(outcome.code, 1, "{outcome}");
    for name in ["97-cut.gz", "98-bomb.gz", "99.png"] {
        assert!(outcome.stderr().contains(name), "{outcome}");
    }
    let report = outcome.json();
    let data = &report["data"];
    assert_eq!(data["tracking_ids"].as_array().map(Vec::len), Some(97));
    let bad = data["files"]
        .as_array()
        .expect("files")
        .iter()
        .filter(|file| file["problem"].is_string())
        .count();
    assert_eq!(bad, 3);
}

#[test]
fn nothing_to_read_is_not_done() {
    let home = Home::new();
    let outcome = home.command(&["extract", "missing.txt"]).run();
    assert_eq!(outcome.code, 3, "{outcome}");
    assert!(outcome.stderr().contains("missing.txt"), "{outcome}");
    let outcome = home
        .command(&["extract", "--format", "html", "missing.txt"])
        .run();
    assert_eq!(outcome.code, 3, "{outcome}");
}

#[test]
fn every_format_has_the_fact() {
    let home = Home::new();
    home.write("error.txt", ERROR);
    for format in ["text", "json", "ndjson", "csv"] {
        let outcome = home.command(&["extract", "--format", format, "error.txt"]).run();
        assert_eq!(outcome.code, 0, "{outcome}");
        assert!(
            outcome
                .stdout()
                .contains("ATLAS_0a1b2c3d-4444-5555-6666-777788889999_13"),
            "{outcome}"
        );
    }
}

#[test]
fn the_formats_that_texts_come_in() {
    const ID: &str = "CLIENT_0a1b2c3d-4444-5555-6666-777788889999";
    const ORG: &str = "fedcba98-aaaa-bbbb-cccc-0123456789ab";
    let har = format!(
        "{{\"log\":{{\"entries\":[{{\"request\":{{\"url\":\"https://api.example.com/v1/orgs/{ORG}/users\",\"headers\":\
         [{{\"name\":\"trackingid\",\"value\":\"{ID}\"}}]}},\"response\":{{\"content\":{{\"text\":\"{{\\\"errorCode\\\":5302}}\"}}}}}}]}}}}"
    );
    for (name, text) in [
        ("trace.har", har),
        (
            "answer.json",
            format!("{{\n  \"trackingId\": \"{ID}\",\n  \"orgId\": \"{ORG}\",\n  \"errorCode\": 5302\n}}"),
        ),
        (
            "answer.xml",
            format!(
                "<e><trackingId>{ID}</trackingId><ns:orgId>{ORG}</ns:orgId><errorCode>5302</errorCode></e>"
            ),
        ),
        (
            "nul.log",
            format!("a\0b\0\ntrackingId={ID}\0\norgId={ORG}\0errorCode: 5302\n"),
        ),
        (
            "crlf.txt",
            format!("Tracking ID: {ID}\r\nOrg ID: {ORG}\r\nError code: 5302"),
        ),
    ] {
        let home = Home::new();
        let path = home.write(name, text);
        let path = path.to_str().expect("a path in UTF-8");
        let outcome = home.command(&["extract", "--format", "json", path]).run();
        assert_eq!(outcome.code, 0, "{outcome}");
        let data = &outcome.json()["data"];
        assert_eq!(data["tracking_ids"][0]["value"], ID, "{name}: {data}");
        assert_eq!(data["org_ids"][0]["value"], ORG, "{name}: {data}");
        assert_eq!(data["error_codes"][0]["value"], "5302", "{name}: {data}");
    }
}

#[test]
fn a_table_is_redacted_by_its_columns() {
    let home = Home::new();
    let path = home.write(
        "users.csv",
        "First Name,Last Name,Phone number,Location\r\nVesna,Horvat,030 5550100,Zagreb\r\n",
    );
    let path = path.to_str().expect("a path in UTF-8");
    let outcome = home.command(&["redact", path]).run();
    assert_eq!(outcome.code, 0, "{outcome}");
    for value in ["Vesna", "Horvat", "5550100"] {
        assert!(!outcome.stdout().contains(value), "{outcome}");
    }
    assert!(outcome.stdout().contains("Zagreb"), "{outcome}");
}
