//! Many targets, slow clients, a resolver that does not answer, a clock that jumps.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use w4b_diag::clock::Clock;
use w4b_diag::interrupt::Interrupt;
use w4b_diag::monitor::access::Access;
use w4b_diag::monitor::hub::Hub;
use w4b_diag::monitor::metrics;
use w4b_diag::monitor::plan::{Plan, Target};
use w4b_diag::probe::observation::Scheme;
use w4b_diag::probe::target::Endpoint;
use w4b_diag::rules::certs::Settings;

use super::{Exporter, value, xsp};
use crate::farm::closed_port;
use crate::support::Home;

#[test]
fn ten_thousand_closed_targets_stay_bounded() {
    use std::fmt::Write as _;
    let home = Home::new();
    let mut config =
        "[exporter]\nstatus = false\ninterval = \"1m\"\ntimeout = \"2s\"\nconcurrency = 128\n".to_owned();
    for number in 0..10_000 {
        // Each an address of its own on loopback; nobody listens on port 1.
        let (high, low) = (number / 250, number % 250 + 1);
        let _ = writeln!(config, "[[xsp]]\nhost = \"127.77.{high}.{low}\"\ncti = [1]");
    }
    let exporter = Exporter::start(&home, &config, &[]);
    let metrics = exporter.ready();
    let success = metrics
        .lines()
        .filter(|line| line.starts_with("w4b_probe_success{") && line.ends_with(" 0"));
    assert_eq!(success.count(), 10_000);
    if let Some(bytes) = value(&exporter.metrics(), "process_resident_memory_bytes") {
        let mebibytes = bytes / 1024.0 / 1024.0;
        eprintln!("10,000 closed targets: {mebibytes:.0} MiB");
        assert!(mebibytes < 300.0, "{mebibytes} MiB");
    }
}

#[test]
fn slow_clients_do_not_keep_others_waiting() {
    let home = Home::new();
    let config = "[exporter]\nstatus = false\n".to_owned() + &xsp("127.0.0.1", "https", closed_port());
    let exporter = Exporter::start(&home, &config, &[]);
    let slow: Vec<TcpStream> = (0..100)
        .map(|number| {
            let mut stream = TcpStream::connect(exporter.address).expect("it listens");
            // Half of a head, and then nothing; or a whole one, whose answer is never read.
            let head: &[u8] = if number % 2 == 0 {
                b"GET /metrics HTTP/1.1\r\nHo"
            } else {
                b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
            };
            stream.write_all(head).expect("written");
            stream
        })
        .collect();
    assert_eq!(exporter.get("/-/healthy").status, 200);
    exporter.metrics();
    drop(slow);
}

/// In a name space of its own, where the only name server is an address that nobody answers from.
#[cfg(target_os = "linux")]
#[test]
fn a_resolver_that_does_not_answer() {
    let home = Home::new();
    home.write(
        "resolv.conf",
        "nameserver 127.0.0.77\noptions timeout:30 attempts:5\n",
    );
    home.write("nsswitch.conf", "hosts: dns\n");
    // It takes questions and never answers.
    let Ok(_black_hole) = std::net::UdpSocket::bind("127.0.0.77:53") else {
        eprintln!("SKIPPED: port 53 cannot be had");
        return;
    };
    let mut config = "[exporter]\nstatus = false\ninterval = \"2s\"\ntimeout = \"1s\"\n".to_owned();
    for number in 0..100 {
        config += &xsp(&format!("xsp{number}.example.net"), "https", 443);
    }
    let closed = closed_port();
    config += &xsp("127.0.0.1", "https", closed);
    home.write("config.toml", config);
    let program = env!("CARGO_BIN_EXE_w4b-diag");
    let path = home.path().display();
    let script = format!(
        "mount --bind {path}/resolv.conf /etc/resolv.conf && mount --bind {path}/nsswitch.conf /etc/nsswitch.conf \
         && exec {program} exporter --config {path}/config.toml --listen 127.0.0.1:0"
    );
    let works = std::process::Command::new("unshare")
        .args(["--mount", "true"])
        .stderr(std::process::Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !works {
        eprintln!("SKIPPED: unshare cannot make a name space");
        return;
    }
    let unshared = |script: &str| {
        let mut command = std::process::Command::new("unshare");
        command.args(["--mount", "sh", "-c", script]);
        command
    };
    // One run, and the plug-in: a reason for each, no later than the deadline, whoever else is asked.
    let once = script.replace(
        "exporter --config",
        "certs --timeout 1s --format json https://127.0.0.1:1 https://xsp1.example.net --config",
    );
    let once = once.replace(" --listen 127.0.0.1:0", "");
    let output = unshared(&once).output().expect("it runs");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let reasons: Vec<_> = report["data"]["targets"]
        .as_array()
        .expect("targets")
        .iter()
        .map(|row| row["reason"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(reasons, ["refused", "dns"]);
    let plugin = once.replace("json https://127.0.0.1:1", "nagios");
    let output = unshared(&plugin).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.starts_with("CERTS UNKNOWN - No connection to xsp1.example.net:443"),
        "{said}"
    );
    assert!(said.contains("the name server did not answer"), "{said}");
    let exporter = Exporter::spawn(unshared(&script));
    let metrics = exporter.ready();
    let failed = metrics
        .lines()
        .filter(|line| line.contains("reason=\"dns\"") && line.ends_with(" 1"));
    assert_eq!(failed.count(), 100, "{metrics}");
    // Addresses need no resolver, and are not held up.
    let refused = format!("w4b_probe_failure{{target=\"https://127.0.0.1:{closed}\",reason=\"refused\"}}");
    let probes = format!("w4b_probes_total{{target=\"https://127.0.0.1:{closed}\"}}");
    let metrics = exporter.metrics_when("a second probe", |metrics| value(metrics, &probes) >= Some(2.0));
    assert_eq!(value(&metrics, &refused), Some(1.0));
    exporter.signal("TERM");
    assert_eq!(exporter.wait(), Some(130));
}

/// These targets, an hour apart, and nothing else.
pub(super) fn plan(targets: Vec<Target>) -> Plan {
    Plan {
        targets,
        settings: Settings::new(chrono::Utc::now()),
        trust: Vec::new(),
        files: Vec::new(),
        status: None,
        interval: Duration::from_hours(1),
        timeout: Duration::from_secs(5),
        concurrency: 1,
        any_target: false,
        access: Access::default(),
        tls: None,
    }
}

/// Real time, plus what is set.
struct Jumpy(AtomicI64);

impl Clock for Jumpy {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        chrono::Utc::now() + chrono::TimeDelta::seconds(self.0.load(Ordering::SeqCst))
    }
}

#[test]
fn ages_do_not_follow_a_clock_that_jumps() {
    let clock = Arc::new(Jumpy(AtomicI64::new(0)));
    let endpoint = Endpoint::new(Scheme::Https, "127.0.0.1", closed_port(), None).expect("a target");
    let target = Target::single(endpoint);
    let name = target.name.clone();
    let hub = Arc::new(Hub::new(plan(vec![target]), clock.clone(), Interrupt::new()));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let watched = Arc::clone(&hub.current().watched[&name]);
    let probe = || {
        let deadline = std::time::Instant::now() + Duration::from_secs(30);
        runtime.block_on(watched.refresh(&hub, Duration::from_mins(10), Duration::from_secs(5), deadline));
        metrics::all(&hub).text()
    };
    let age = format!("w4b_probe_age_seconds{{target=\"{name}\"}}");
    let probes = format!("w4b_probes_total{{target=\"{name}\"}}");
    probe();
    for jump in [86_400 * 400, -86_400 * 400] {
        clock.0.store(jump, Ordering::SeqCst);
        let text = probe();
        assert!(value(&text, &age) < Some(60.0), "{text}");
        // The result is as young as before: nobody is probed again for a clock.
        assert_eq!(value(&text, &probes), Some(1.0));
        let step = value(&text, "w4b_exporter_clock_step_seconds").expect("there");
        #[allow(clippy::cast_precision_loss, reason = "small")]
        let expected = jump as f64;
        assert!((step - expected).abs() < 60.0, "{step}");
    }
}
