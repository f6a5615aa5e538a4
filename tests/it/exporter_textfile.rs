//! `--format prometheus --output FILE`: whole or not at all, never silent, and to promtool's liking.

#![allow(clippy::print_stderr, reason = "what is skipped is said")]

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustls::version::TLS12;

use crate::farm::{Ca, Clients, rustls_server, tcp};
use crate::support::{Home, sample};

const LOCAL: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// A port that passes connections on while the switch is on, and closes them while it is off.
pub(crate) fn switched(backend: SocketAddr) -> (SocketAddr, Arc<AtomicBool>) {
    let switch = Arc::new(AtomicBool::new(true));
    let is_on = Arc::clone(&switch);
    let address = tcp(move |mut client| {
        if !is_on.load(Ordering::SeqCst) {
            return;
        }
        let Ok(mut server) = TcpStream::connect(backend) else {
            return;
        };
        let (mut from, mut to) = (
            client.try_clone().expect("a clone"),
            server.try_clone().expect("a clone"),
        );
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(std::net::Shutdown::Write);
        });
        let _ = std::io::copy(&mut server, &mut client);
    });
    (address, switch)
}

/// `promtool check metrics`; says so when it is not installed.
pub(crate) fn lint(text: &[u8]) {
    let linter = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut linter) = linter else {
        eprintln!("SKIPPED: promtool is not installed");
        return;
    };
    linter
        .stdin
        .take()
        .expect("piped")
        .write_all(text)
        .expect("written");
    let verdict = linter.wait_with_output().expect("it ends");
    let said = [verdict.stdout, verdict.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(verdict.status.success() && said.trim().is_empty(), "{said}");
}

/// The value of a series, as it stands in the text.
pub(crate) fn value(text: &str, series: &str) -> Option<f64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.map(|value| value.parse().expect("a number"))
}

#[test]
fn what_a_silent_server_showed_stays() {
    let home = Home::new();
    let backend = rustls_server(
        &Ca::new("Example Root").issue("127.0.0.1"),
        &[&TLS12],
        &Clients::Anyone,
        LOCAL,
        0,
    );
    let (address, switch) = switched(backend);
    let target = format!("https://{address}");
    let closed = format!("https://127.0.0.1:{}", crate::farm::closed_port());
    home.write(
        "chain.txt",
        std::fs::read(sample("certs/CombinedCertChain-sample.txt")).expect("there"),
    );
    let arguments = [
        "certs",
        &target,
        &closed,
        "--trust",
        "chain.txt",
        "--format",
        "prometheus",
        "--output",
        "certs.prom",
    ];
    let mut texts = Vec::new();
    for on in [true, false] {
        switch.store(on, Ordering::SeqCst);
        let outcome = home.command(&arguments).run();
        assert_eq!(outcome.code, 2, "{outcome}");
        assert!(outcome.stdout.is_empty(), "{outcome}");
        let text = home.read("certs.prom");
        lint(&text);
        texts.push(String::from_utf8(text).expect("text"));
    }
    let now = |series: &str| texts.iter().map(|text| value(text, series)).collect::<Vec<_>>();
    let success = now(&format!("w4b_probe_success{{target=\"{target}\"}}"));
    assert_eq!(success, [Some(1.0), Some(0.0)], "{}", texts[1]);
    let reset = now(&format!(
        "w4b_probe_failure{{target=\"{target}\",reason=\"reset\"}}"
    ));
    assert_eq!(reset, [Some(0.0), Some(1.0)]);
    let refused = now(&format!(
        "w4b_probe_failure{{target=\"{closed}\",reason=\"refused\"}}"
    ));
    assert_eq!(refused, [Some(1.0), Some(1.0)]);
    for kept in [
        format!(
            "w4b_cert_not_after_timestamp_seconds{{target=\"{target}\",address=\"127.0.0.1\",position=\"0\"}}"
        ),
        format!("probe_ssl_earliest_cert_expiry{{target=\"{target}\"}}"),
        format!("w4b_probe_last_success_timestamp_seconds{{target=\"{target}\"}}"),
    ] {
        let values = now(&kept);
        assert!(values[0].is_some() && values[0] == values[1], "{kept} {values:?}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(home.join("certs.prom"))
            .expect("there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o644);
    }
}

/// Killed at any moment, the file is the one before or the one after, whole.
#[cfg(unix)]
#[test]
fn killed_while_writing_it_leaves_no_half_file() {
    let home = Home::new();
    let pem = std::fs::read(sample("certs/xsp1.pem")).expect("there");
    // Enough of them that writing takes a while.
    let names: Vec<String> = (0..40).map(|number| format!("xsp{number}.pem")).collect();
    for name in &names {
        home.write(name, &pem);
    }
    let mut arguments = vec!["certs", "--format", "prometheus", "--output", "certs.prom"];
    arguments.extend(names.iter().map(String::as_str));
    let shape = |text: &str| -> Vec<String> {
        let series = text
            .lines()
            .map(|line| line.rsplit_once(' ').map_or(line, |(series, _)| series));
        series.map(str::to_owned).collect()
    };
    let started = std::time::Instant::now();
    let outcome = home.command(&arguments).run();
    let took = started.elapsed();
    assert_eq!(outcome.code, 2, "{outcome}");
    let whole = shape(&String::from_utf8(home.read("certs.prom")).expect("text"));
    let mut killed = 0;
    for attempt in 0..25_u32 {
        let mut child = home.command(&arguments).prepare().spawn().expect("it starts");
        // Mostly towards the end, where the file is written.
        std::thread::sleep(took * (20 + 3 * attempt) / 100);
        child.kill().expect("killed");
        let status = child.wait().expect("it ends");
        killed += u32::from(status.code().is_none());
        let text = String::from_utf8(home.read("certs.prom")).expect("text");
        assert!(
            text.ends_with('\n') && shape(&text) == whole,
            "half a file after attempt {attempt}"
        );
    }
    assert!(killed > 0, "none was killed");
}

#[test]
fn a_place_that_cannot_be_written_is_said() {
    let home = Home::new();
    home.write(
        "xsp1.pem",
        std::fs::read(sample("certs/xsp1.pem")).expect("there"),
    );
    let outcome = home
        .command(&["certs", "xsp1.pem", "--output", "no-such/certs.prom"])
        .run();
    assert_eq!(outcome.code, 3, "{outcome}");
    assert!(
        outcome.stderr().contains("its directory does not exist"),
        "{outcome}"
    );
}

#[test]
fn the_status_page_to_a_file() {
    let home = Home::new();
    std::fs::copy(sample("status/index.json"), home.join("index.json")).expect("copied");
    let text = |url: &str| {
        let arguments = [
            "status",
            "--url",
            url,
            "--format",
            "prometheus",
            "-o",
            "status.prom",
        ];
        home.command(&arguments).run();
        let text = home.read("status.prom");
        lint(&text);
        String::from_utf8(text).expect("text")
    };
    let up = text("index.json");
    assert_eq!(
        value(&up, "w4b_webex_incidents_open{source=\"index.json\"}"),
        Some(1.0),
        "{up}"
    );
    let success = "w4b_last_success_timestamp_seconds{command=\"status\"}";
    let before = value(&up, success);
    std::thread::sleep(Duration::from_millis(20));
    let down = text("absent.json");
    assert_eq!(
        value(&down, "w4b_webex_status_up{source=\"absent.json\"}"),
        Some(0.0),
        "{down}"
    );
    assert_eq!((before.is_some(), value(&down, success)), (true, before));
}

#[test]
fn a_file_that_is_not_ours_is_replaced() {
    let home = Home::new();
    home.write(
        "xsp1.pem",
        std::fs::read(sample("certs/xsp1.pem")).expect("there"),
    );
    home.write("certs.prom", [0xff, 0xfe, 0x00]);
    let arguments = ["certs", "xsp1.pem", "--format", "prometheus", "-o", "certs.prom"];
    assert_eq!(home.command(&arguments).run().code, 2);
    let text = String::from_utf8(home.read("certs.prom")).expect("text");
    assert!(text.contains("w4b_cert_not_after_timestamp_seconds"), "{text}");
}
