//! `certs --discover` and `certs --calendar`.

#![allow(clippy::print_stderr, reason = "what is skipped is said")]

use std::process::Command;

use crate::support::Home;

fn pki(name: &str) -> String {
    format!("{}/tests/pki/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn targets_come_from_a_table_a_configuration_and_a_report_each_once() {
    let home = Home::new();
    home.write(
        "hosts.csv",
        "Site;Host name;Port\nOslo;127.0.0.1;1\nBergen;127.0.0.1;2\nBodø;not a host;3\nOslo;127.0.0.1;1\n",
    );
    home.write("fleet.toml", "[[xsp]]\nhost = \"127.0.0.1\"\nhttps = [2, 3]\n");
    let arguments = [
        "certs",
        "--discover",
        "hosts.csv",
        "--discover",
        "fleet.toml",
        "--format",
        "json",
    ];
    let outcome = home.command(&arguments).run();
    let targets = |outcome: &crate::support::Outcome| -> Vec<u64> {
        let json = outcome.json();
        let rows = json["data"]["targets"].as_array().expect("targets").clone();
        rows.iter()
            .map(|row| row["port"].as_u64().expect("a port"))
            .collect()
    };
    assert_eq!(targets(&outcome), [1, 2, 3]);
    assert!(
        outcome.stderr().contains("hosts.csv, row 4, left out"),
        "{outcome}"
    );
    home.write("report.json", &outcome.stdout);
    let again = home
        .command(&["certs", "--discover", "report.json", "--format", "json"])
        .run();
    assert_eq!(targets(&again), [1, 2, 3]);
    home.write("empty.csv", "Host\n\n");
    let empty = home.command(&["certs", "--discover", "empty.csv"]).run();
    assert_eq!(empty.code, 3, "{empty}");
    assert!(empty.stderr().contains("empty.csv names no server"), "{empty}");
}

#[test]
fn a_table_as_spreadsheets_write_it_and_its_bad_rows_by_line() {
    let home = Home::new();
    // A byte order mark, semicolons, quotes, a line break within quotes, Windows line ends.
    home.write(
        "hosts.csv",
        "\u{feff}\"Standort\";\"FQDN\";\"Port\";\"Interface\"\r\n\
         \"Oslo; Nord\";\"127.0.0.1\";\"1\";\"CTI\"\r\n\
         \"Ber\r\ngen\";127.0.0.2;1;https\r\n\
         \r\n\
         Bad;exa mple.net;1;https\r\n\
         Worse;127.0.0.3;99999;https\r\n\
         File;file:/etc/passwd;;\r\n\
         Last;\"127.0.0.4\";1;\"auth\"",
    );
    let outcome = home
        .command(&["certs", "--discover", "hosts.csv", "--format", "json"])
        .run();
    let targets: Vec<String> = outcome.json()["data"]["targets"]
        .as_array()
        .expect("targets")
        .iter()
        .map(|row| row["target"].as_str().expect("a target").to_owned())
        .collect();
    assert_eq!(
        targets,
        ["cti://127.0.0.1:1", "https://127.0.0.2:1", "auth://127.0.0.4:1"],
        "{outcome}"
    );
    let said = outcome.stderr();
    for row in [6, 7, 8] {
        assert!(
            said.contains(&format!("hosts.csv, row {row}, left out")),
            "{said}"
        );
    }
    assert_eq!(said.matches("left out").count(), 3, "{said}");
    // The same in UTF-16, as "Unicode text" is saved.
    let text = String::from_utf8(home.read("hosts.csv")).expect("text");
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    home.write("wide.csv", wide);
    let again = home
        .command(&["certs", "--discover", "wide.csv", "--format", "json"])
        .run();
    assert_eq!(
        again.json()["data"]["targets"].as_array().map(Vec::len),
        Some(3),
        "{again}"
    );
}

#[test]
fn targets_come_from_an_earlier_bundle() {
    let home = Home::new();
    let arguments = [
        "bundle",
        "--xsp",
        "cti://127.0.0.1:1",
        "--xsp",
        "https://127.0.0.2:1",
        "--status-url",
        "absent.json",
        "-o",
        "case.zip",
        "--yes",
    ];
    let bundle = home.command(&arguments).run();
    assert!(home.join("case.zip").exists(), "{bundle}");
    let outcome = home
        .command(&["certs", "--discover", "case.zip", "--format", "json"])
        .run();
    let mut targets: Vec<String> = outcome.json()["data"]["targets"]
        .as_array()
        .expect("targets")
        .iter()
        .map(|row| row["target"].as_str().expect("a target").to_owned())
        .collect();
    targets.sort();
    assert_eq!(targets, ["cti://127.0.0.1:1", "https://127.0.0.2:1"], "{outcome}");
}

#[test]
fn ten_thousand_rows_in_one_run() {
    use std::fmt::Write as _;
    let home = Home::new();
    let mut table = "host,port\n".to_owned();
    for number in 0..10_000 {
        let _ = writeln!(table, "127.78.{}.{},1", number / 250, number % 250 + 1);
    }
    home.write("hosts.csv", table);
    let arguments = [
        "certs",
        "--discover",
        "hosts.csv",
        "--format",
        "prometheus",
        "-o",
        "certs.prom",
    ];
    let outcome = home.command(&arguments).run();
    assert_eq!(outcome.code, 2, "{outcome}");
    let text = String::from_utf8(home.read("certs.prom")).expect("text");
    let refused = text.lines().filter(|line| line.contains("reason=\"refused\"} 1"));
    assert_eq!(refused.count(), 10_000);
    // The plug-in's answer stays short whatever there is to say.
    let plugin = home
        .command(&["certs", "--discover", "hosts.csv", "--format", "nagios"])
        .run();
    assert_eq!(plugin.code, 2, "{plugin}");
    assert!(plugin.stdout.len() <= 8192, "{}", plugin.stdout.len());
}

#[test]
fn a_calendar_has_every_end_with_alarms_and_is_the_same_each_time() {
    let home = Home::new();
    for name in ["complete.pem", "with-root.pem", "webex-both.txt"] {
        home.write(name, std::fs::read(pki(name)).expect("there"));
    }
    let anchors = pki("public-root.pem");
    let run = |lang: &str| {
        let arguments = [
            "certs",
            "complete.pem",
            "with-root.pem",
            "--trust",
            "webex-both.txt",
            "--anchors",
            &anchors,
            "--as-of",
            "2026-11-22T12:00:00Z",
            "--lang",
            lang,
            "--calendar",
            "ends.ics",
        ];
        home.command(&arguments).run();
        String::from_utf8(home.read("ends.ics")).expect("UTF-8")
    };
    let text = run("de");
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"));
    for line in text.split("\r\n") {
        assert!(line.len() <= 75 && !line.contains('\n'), "{line:?}");
    }
    assert!(text.contains("DTSTART:20270401T000000Z"), "{text}");
    assert!(
        text.contains("TRIGGER:-P30D") && text.contains("TRIGGER:-P7D"),
        "{text}"
    );
    assert!(text.contains("läuft ab"), "{text}");
    let ids = |text: &str| -> Vec<String> {
        let unfolded = text.replace("\r\n ", "");
        let lines = unfolded.split("\r\n").filter(|line| line.starts_with("UID:"));
        lines.map(str::to_owned).collect()
    };
    let first = ids(&text);
    let mut unique = first.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), first.len(), "one event a certificate");
    assert_eq!(ids(&run("it")), first);
    let script = "import icalendar, sys\n\
        c = icalendar.Calendar.from_ical(open(sys.argv[1], 'rb').read())\n\
        print(len([e for e in c.walk('VEVENT') if e.walk('VALARM') and e['dtstart'].dt.tzinfo]))";
    let output = Command::new("python3")
        .args(["-c", script])
        .arg(home.join("ends.ics"))
        .output();
    match output {
        Ok(output) if output.status.success() => {
            assert_eq!(
                String::from_utf8_lossy(&output.stdout).trim(),
                first.len().to_string()
            );
        }
        _ => eprintln!("SKIPPED: python3 with icalendar is not installed"),
    }
    // Where it cannot be written, the result is still said.
    let outcome = home
        .command(&["certs", "complete.pem", "--calendar", "no/such/dir.ics"])
        .run();
    assert_eq!(outcome.code, 3, "{outcome}");
}
