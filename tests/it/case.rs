//! `check` and `bundle` on whole cases: the shipped sample, live servers, and bad input.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use rustls::version::{TLS12, TLS13};

use crate::farm::{Ca, Clients, closed_port, rustls_server, tcp};
use crate::http_server::{Script, Server};
use crate::support::{Home, Outcome};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

pub(crate) fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The README's command.
pub(crate) fn sample(home: &Home, output: &str, more: &[&str]) -> Outcome {
    let output = home.join(output);
    let mut arguments = vec!["bundle", "--config", "samples/w4b-diag.toml", "-o"];
    let output = output.to_str().expect("UTF-8");
    arguments.push(output);
    arguments.extend(more);
    home.command(&arguments).directory(repository()).run()
}

/// The members of a zip without the top directory.
fn members(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(path).expect("a zip")).expect("a zip");
    (0..zip.len())
        .map(|index| {
            let mut member = zip.by_index(index).expect("a member");
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes).expect("readable");
            let name = member.name().expect("a name").into_owned();
            (
                name.split_once('/')
                    .map_or(name.clone(), |(_, name)| name.to_owned()),
                bytes,
            )
        })
        .collect()
}

fn text(members: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    let bytes = members
        .get(name)
        .unwrap_or_else(|| panic!("{name} is missing: {:?}", members.keys()));
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_sample_case_has_every_part_and_is_ready_to_send() {
    let home = Home::new();
    let outcome = sample(&home, "case.zip", &[]);
    assert_eq!(outcome.code, 0, "{outcome}");
    let parts = members(&home.join("case.zip"));
    for part in [
        "README.txt",
        "service-request.txt",
        "report.html",
        "report.json",
        "manifest.json",
    ] {
        assert!(parts.contains_key(part), "{part} is missing: {:?}", parts.keys());
    }
    for directory in ["status/", "tls/", "trust/", "text/", "logs/", "users/"] {
        assert!(
            parts.keys().any(|name| name.starts_with(directory)),
            "{directory} is empty: {:?}",
            parts.keys()
        );
    }
    let request = text(&parts, "service-request.txt");
    for fact in [
        "c0571111-2222-4333-8444-5555aaaa0001",
        "9a470000-2222-4333-8444-5555bbbb0002",
        "ATLAS_7d1f0a52-0b3c-4d5e-8f60-71829304a5b6",
        "maria.huber@customer.example.com",
        "46.11.0.33788",
        "2026-11-20T08:00:00Z to 2026-11-20T08:45:00Z",
        "Checked and ruled out",
    ] {
        assert!(request.contains(fact), "{fact} is missing:\n{request}");
    }
    let report: serde_json::Value = serde_json::from_str(&text(&parts, "report.json")).expect("JSON");
    assert_eq!(report["data"]["missing"], serde_json::json!([]));
    let verified = home.command(&["verify", "case.zip"]).run();
    assert_eq!(verified.code, 0, "{verified}");
}

#[test]
fn nothing_that_must_not_leave_is_in_the_sample_bundle() {
    let home = Home::new();
    assert_eq!(sample(&home, "case.zip", &[]).code, 0);
    let parts = members(&home.join("case.zip"));
    let log =
        std::fs::read_to_string(repository().join("samples/logs/current_log.txt")).expect("the sample log");
    // The plants are read from the sample itself, so that this test cannot pass because the sample changed.
    let behind = |label: &str| -> String {
        let start = log
            .find(label)
            .unwrap_or_else(|| panic!("the sample has no {label}"))
            + label.len();
        log[start..]
            .chars()
            .take_while(|c| !c.is_whitespace() && !"\"',;&".contains(*c))
            .collect()
    };
    for plant in [
        behind("Bearer "),
        behind("id_token="),
        behind("password="),
        behind("X-Amz-Signature="),
        behind("displayName=\""),
    ] {
        assert!(plant.len() >= 4, "{plant}");
        for (name, bytes) in &parts {
            let found = bytes
                .windows(plant.len())
                .any(|window| window == plant.as_bytes());
            assert!(!found, "{plant} is in {name}");
        }
    }
}

#[test]
fn the_same_case_gives_the_same_bytes() {
    let home = Home::new();
    assert_eq!(sample(&home, "one.zip", &["--name", "case"]).code, 0);
    assert_eq!(
        sample(&home, "two.zip", &["--name", "case", "--threads", "1"]).code,
        0
    );
    assert!(
        home.read("one.zip") == home.read("two.zip"),
        "the two bundles differ"
    );
    assert_eq!(
        sample(&home, "three.zip", &["--name", "case", "--fresh-key"]).code,
        0
    );
    assert!(
        home.read("one.zip") != home.read("three.zip"),
        "a fresh key makes other pseudonyms"
    );
}

#[test]
fn the_request_stays_english_and_the_report_speaks_the_language() {
    let home = Home::new();
    for (lang, word) in [
        ("de", "Zuerst"),
        ("hr", "Najprije"),
        ("nb", "først"),
        ("it", "prima"),
    ] {
        let outcome = sample(&home, "case.zip", &["--lang", lang]);
        assert_eq!(outcome.code, 0, "{outcome}");
        assert!(
            outcome.stdout().to_lowercase().contains(&word.to_lowercase()),
            "{lang}: {outcome}"
        );
        let parts = members(&home.join("case.zip"));
        assert!(text(&parts, "service-request.txt").contains("Checked and ruled out"));
    }
}

#[test]
fn a_preview_writes_nothing() {
    let home = Home::new();
    let outcome = home
        .command(&["bundle", "--config", "samples/w4b-diag.toml", "--preview"])
        .directory(repository())
        .run();
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(outcome.stdout().contains("logs/current_log.txt"), "{outcome}");
    assert!(outcome.stdout().contains("access tokens"), "{outcome}");
    let zips = std::fs::read_dir(home.path())
        .expect("home")
        .filter_map(Result::ok);
    assert!(
        zips.map(|entry| entry.path())
            .all(|path| path.extension().is_none_or(|ending| ending != "zip"))
    );
}

/// A status page that is green, a web port, and a CTI port that accepts only the CAs given.
fn live(home: &Home, accepted: &[&Ca], more: &[&str]) -> Outcome {
    let directory = repository().join("tests/cases/status/green");
    let script = std::fs::read(directory.join("server.json")).expect("the script");
    let script: Script = serde_json::from_slice(&script).expect("a script");
    let status = Server::start(script, &directory);
    let public = Ca::new("Example Issuing CA");
    let issued = public.issue("127.0.0.1");
    let web = rustls_server(&issued, &[&TLS13, &TLS12], &Clients::Anyone, LOOPBACK, 0);
    let cti = rustls_server(&issued, &[&TLS12], &Clients::Required(accepted), LOOPBACK, 0);
    home.write(
        "error.txt",
        "Could not activate.\nTrackingID: ATLAS_00000000-0000-4000-8000-00000000c0de_13\n",
    );
    let (page, web, cti) = (status.base(), format!("https://{web}"), format!("cti://{cti}"));
    let mut arguments = vec![
        "--status-url",
        &page,
        "--xsp",
        &web,
        "--xsp",
        &cti,
        "--text",
        "error.txt",
    ];
    let command: Vec<&str> = more.iter().copied().chain(arguments.drain(..)).collect();
    home.command(&command).run()
}

fn finding<'a>(report: &'a serde_json::Value, check: &str) -> Vec<&'a serde_json::Value> {
    let all = report["findings"].as_array().expect("findings").iter();
    all.filter(|finding| finding["check"] == check).collect()
}

#[test]
fn live_servers_are_probed_and_the_cti_port_is_compared_with_the_trust_file() {
    let home = Home::new();
    let webex = Ca::new("Internal Private TLS SubCA");
    let other = Ca::new("Example Lab CA");
    home.write("chain.txt", &webex.pem);
    let more = ["check", "--format", "json", "--trust", "chain.txt"];
    let report = live(&home, &[&webex], &more).json();
    assert_eq!(
        report["data"]["certs"]["targets"].as_array().map(Vec::len),
        Some(2)
    );
    let accepted = finding(&report, "mtls.webex-ca-not-accepted");
    assert!(
        accepted.iter().all(|finding| finding["severity"] == "ok") && !accepted.is_empty(),
        "{report:#}"
    );
    assert!(
        finding(&report, "status.reachable")
            .iter()
            .all(|finding| finding["severity"] == "ok")
    );

    let report = live(&home, &[&other], &more).json();
    let accepted = finding(&report, "mtls.webex-ca-not-accepted");
    assert!(
        accepted.iter().any(|finding| finding["severity"] == "critical"),
        "{report:#}"
    );
    assert_eq!(report["data"]["escalation"], "fix-first");
}

#[test]
fn a_live_bundle_keeps_chains_and_observations() {
    let home = Home::new();
    let webex = Ca::new("Internal Private TLS SubCA");
    home.write("chain.txt", &webex.pem);
    let outcome = live(
        &home,
        &[&webex],
        &["bundle", "-o", "live.zip", "--trust", "chain.txt"],
    );
    assert_eq!(outcome.code, 0, "{outcome}");
    let parts = members(&home.join("live.zip"));
    assert_eq!(
        parts
            .keys()
            .filter(|name| name.starts_with("tls/") && name.ends_with("/chain.pem"))
            .count(),
        2,
        "{:?}",
        parts.keys()
    );
    assert_eq!(
        parts
            .keys()
            .filter(|name| name.starts_with("tls/") && name.ends_with("observation.json"))
            .count(),
        2
    );
    assert!(parts.contains_key("status/index.json"));
    assert!(text(&parts, "trust/chain.pem").contains("BEGIN CERTIFICATE"));
}

#[test]
fn what_fails_fails_alone_and_is_said() {
    let home = Home::new();
    let silent = tcp(|mut stream| {
        let _ = stream.read(&mut [0; 1]);
        std::thread::sleep(std::time::Duration::from_secs(30));
    });
    home.write(
        "error.txt",
        "TrackingID: ATLAS_00000000-0000-4000-8000-00000000c0de_13\n",
    );
    home.write("empty.txt", "");
    home.write("binary.bin", [0_u8, 1, 2, 0xff, 0xfe, 0, 0, 3].repeat(64));
    home.write(
        "page.html",
        "<!DOCTYPE html><html><body>Sign in to the guest network</body></html>",
    );
    let (silent, closed) = (
        format!("https://{silent}"),
        format!("https://127.0.0.1:{}", closed_port()),
    );
    let outcome = home
        .command(&[
            "bundle",
            "-o",
            "case.zip",
            "--timeout",
            "2s",
            "--status-url",
            "page.html",
            "--xsp",
            &silent,
            "--xsp",
            &closed,
            "--xsp",
            "https://no-such-host.invalid",
            "--text",
            "error.txt",
            "--text",
            "missing.txt",
            "--text",
            "empty.txt",
            "--log",
            "binary.bin",
            "--trust",
            "error.txt",
        ])
        .run();
    assert_eq!(outcome.code, 1, "{outcome}");
    let parts = members(&home.join("case.zip"));
    for note in [
        "text/missing.txt.err.txt",
        "logs/binary.bin.err.txt",
        "trust/error.txt.err.txt",
    ] {
        assert!(parts.contains_key(note), "{note}: {:?}\n{outcome}", parts.keys());
    }
    let report: serde_json::Value = serde_json::from_str(&text(&parts, "report.json")).expect("JSON");
    let reasons: Vec<&str> = report["data"]["certs"]["targets"]
        .as_array()
        .expect("targets")
        .iter()
        .filter_map(|target| target["reason"].as_str())
        .collect();
    assert_eq!(reasons, ["timeout-handshake", "refused", "dns"], "{report:#}");
    let status = finding(&report, "status.reachable");
    assert!(status.iter().all(|finding| finding["severity"] == "unknown") && !status.is_empty());
}

#[test]
fn a_private_key_never_gets_into_the_bundle_and_is_said_loudly() {
    let home = Home::new();
    let ca = Ca::new("Internal Private Root");
    let issued = ca.issue("xsp1.example.net");
    home.write("chain.txt", format!("{}{}", issued.key_pem, ca.pem));
    let outcome = home
        .command(&["bundle", "-o", "case.zip", "--no-network", "--trust", "chain.txt"])
        .run();
    let parts = members(&home.join("case.zip"));
    for (name, bytes) in &parts {
        assert!(
            !String::from_utf8_lossy(bytes).contains("PRIVATE KEY-----"),
            "{name}"
        );
    }
    assert!(outcome.stdout().contains("trust.private-key"), "{outcome}");
}

#[test]
fn bad_usage_and_unwritable_output_exit_3_with_a_hint() {
    let home = Home::new();
    home.write(
        "error.txt",
        "TrackingID: ATLAS_00000000-0000-4000-8000-00000000c0de_13\n",
    );
    for arguments in [
        &["check", "--no-network"][..],
        &["check", "--customer-org", "nonsense", "error.txt"],
        &["check", "--user-email", "nobody", "error.txt"],
        &[
            "check",
            "--since",
            "2026-11-20T10:00:00Z",
            "--until",
            "2026-11-20T09:00:00Z",
            "error.txt",
        ],
        &["check", "--broadworks-release", "25.0", "error.txt"],
        &[
            "bundle",
            "--no-network",
            "error.txt",
            "-o",
            "no/such/directory/case.zip",
        ],
        &["bundle", "--no-network", "error.txt"],
        &["check", "--no-network", "--format", "csv", "error.txt"],
    ] {
        let outcome = home.command(arguments).run();
        assert_eq!(outcome.code, 3, "{arguments:?}\n{outcome}");
        assert!(outcome.stderr().contains("hint:"), "{arguments:?}\n{outcome}");
        assert!(!home.join("case.zip").exists());
    }
}

#[test]
fn a_pasted_error_on_standard_input_is_checked_and_packed() {
    let home = Home::new();
    let pasted = "View Org ID: 11111111-2222-4333-8444-555555555555\nTracking ID: ATLAS_00000000-0000-4000-8000-00000000c0de_13\n";
    let outcome = home
        .command(&["bundle", "--no-network", "--text", "-", "-o", "case.zip"])
        .stdin(pasted)
        .run();
    assert_eq!(
        outcome.code, 1,
        "the status page was not asked, which is left out\n{outcome}"
    );
    let parts = members(&home.join("case.zip"));
    assert_eq!(text(&parts, "text/stdin.txt"), pasted);
    assert!(text(&parts, "service-request.txt").contains("11111111-2222-4333-8444-555555555555"));
}
