//! A real Prometheus scrapes the exporter and the textfile, and evaluates the packaged rules.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustls::version::{TLS12, TLS13};
use serde_json::Value;

use super::{Exporter, PATIENCE, xsp};
use crate::farm::{Ca, Clients, closed_port, have, rustls_server};
use crate::support::Home;

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const SERVERS: usize = 50;

/// Ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(program: &str, arguments: &[String], directory: &Path) -> Process {
    let child = Command::new(program)
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    Process(child.expect("it starts"))
}

/// The `data` of an answer of the API; null while it is not up yet.
fn api(port: u16, path: &str) -> Value {
    use std::io::{Read as _, Write as _};
    let Ok(mut stream) = TcpStream::connect((LOCAL, port)) else {
        return Value::Null;
    };
    let request = format!("GET /api/v1/{path} HTTP/1.0\r\nHost: x\r\n\r\n");
    let mut answer = String::new();
    if stream.write_all(request.as_bytes()).is_err() || stream.read_to_string(&mut answer).is_err() {
        return Value::Null;
    }
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let answer: Value = serde_json::from_str(body).unwrap_or_default();
    answer["data"].clone()
}

fn firing(alerts: &Value) -> Vec<(String, String)> {
    let mut firing: Vec<_> = alerts["alerts"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|alert| alert["state"] == "firing")
        .map(|alert| {
            let label = |name: &str| alert["labels"][name].as_str().unwrap_or_default().to_owned();
            (label("alertname"), label("target"))
        })
        .collect();
    firing.sort();
    firing
}

/// The packaged rules, and a configuration that scrapes the exporter in both ways.
fn scrape(home: &Home, exporter: std::net::SocketAddr) -> String {
    let rules = super::packaging::packaging("prometheus/w4b.rules.yml");
    let rules = std::fs::read_to_string(rules).expect("there");
    // As packaged, but nobody waits for ten minutes here.
    let wait = regex::Regex::new(r"(?m)^( +for: )\S+$").expect("valid");
    home.write("w4b.rules.yml", wait.replace_all(&rules, "${1}0s").as_bytes());
    format!(
        "global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\n  evaluation_interval: 1s\n\
         rule_files: [w4b.rules.yml]\nscrape_configs:\n- job_name: w4b\n  static_configs:\n  - targets: [\"{exporter}\"]\n\
         - job_name: shared\n  metrics_path: /probe\n  http_sd_configs:\n  - url: http://{exporter}/sd\n  relabel_configs:\n  \
         - source_labels: [__address__]\n    target_label: __param_target\n  \
         - source_labels: [__meta_w4b_module]\n    target_label: __param_module\n  \
         - source_labels: [__param_target]\n    target_label: instance\n  \
         - target_label: __address__\n    replacement: {exporter}\n"
    )
}

#[test]
fn an_alert_fires_for_the_expiring_one_of_fifty() {
    if !have("prometheus") {
        return;
    }
    let home = Home::new();
    let root = Ca::new("Example Root");
    let good = root.issue("127.0.0.1");
    let expiring = root.issue_between("127.0.0.1", -300, 4);
    let mut config = "[exporter]\nstatus = false\ninterval = \"2s\"\n".to_owned();
    let mut bad = String::new();
    for number in 0..SERVERS {
        let issued = if number == 17 { &expiring } else { &good };
        let versions = if number % 2 == 0 {
            &[&TLS13][..]
        } else {
            &[&TLS12][..]
        };
        let address = rustls_server(issued, versions, &Clients::Anyone, LOCAL, 0);
        if number == 17 {
            bad = format!("https://{address}");
        }
        config += &xsp("127.0.0.1", "https", address.port());
    }
    let exporter = Exporter::start(&home, &config, &[]);
    exporter.ready();

    let mut scrape = scrape(&home, exporter.address);
    let node = node_exporter(&home, &bad, &mut scrape);
    home.write("prometheus.yml", scrape);
    let port = closed_port();
    let arguments = [
        "--config.file=prometheus.yml".to_owned(),
        "--storage.tsdb.path=data".to_owned(),
        format!("--web.listen-address=127.0.0.1:{port}"),
    ];
    let _prometheus = start("prometheus", &arguments, home.path());

    let alert = ("W4bCertificateExpiresVerySoon".to_owned(), bad.clone());
    let until = Instant::now() + PATIENCE;
    let alerts = loop {
        let alerts = firing(&api(port, "alerts"));
        if alerts.contains(&alert) && all_up(port, SERVERS + 1 + usize::from(node.is_some())) {
            break alerts;
        }
        assert!(
            Instant::now() < until,
            "{alerts:?} {}",
            api(port, "targets?state=active")
        );
        std::thread::sleep(Duration::from_millis(200));
    };
    let others: Vec<_> = alerts
        .iter()
        .filter(|(name, target)| name.starts_with("W4bCertificate") && *target != bad)
        .collect();
    assert!(others.is_empty(), "{others:?}");
    assert!(
        !alerts.iter().any(|(name, _)| name == "W4bTargetSilent"),
        "{alerts:?}"
    );
    // Every rule could be evaluated.
    let groups = api(port, "rules");
    let rules: Vec<&Value> = groups["groups"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|group| group["rules"].as_array().into_iter().flatten())
        .collect();
    assert!(rules.len() >= 20, "{groups}");
    for rule in rules {
        assert!(rule["health"] != "err", "{rule}");
    }
    if node.is_some() {
        let query = "query?query=count(w4b_cert_not_after_timestamp_seconds%7Bjob%3D%22node%22%7D)";
        let found = api(port, query);
        assert!(found["result"][0]["value"][1].as_str() >= Some("1"), "{found}");
    }
}

/// Whether that many targets are scraped, and all of them well.
fn all_up(port: u16, count: usize) -> bool {
    let targets = api(port, "targets?state=active");
    let targets = targets["activeTargets"].as_array().cloned().unwrap_or_default();
    targets.len() == count && targets.iter().all(|target| target["health"] == "up")
}

/// The textfile through a real node exporter, when there is one.
fn node_exporter(home: &Home, target: &str, scrape: &mut String) -> Option<Process> {
    let found = Command::new("prometheus-node-exporter")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if found.is_err() {
        eprintln!("SKIPPED: prometheus-node-exporter is not installed");
        return None;
    }
    std::fs::create_dir(home.join("textfile")).expect("made");
    let arguments = [
        "certs",
        target,
        "--format",
        "prometheus",
        "-o",
        "textfile/certs.prom",
    ];
    let outcome = home.command(&arguments).run();
    assert_eq!(outcome.code, 2, "{outcome}");
    let port = closed_port();
    let _ = write!(
        scrape,
        "- job_name: node\n  static_configs:\n  - targets: [\"127.0.0.1:{port}\"]\n"
    );
    let arguments = [
        "--collector.disable-defaults".to_owned(),
        "--collector.textfile".to_owned(),
        "--collector.textfile.directory=textfile".to_owned(),
        format!("--web.listen-address=127.0.0.1:{port}"),
    ];
    Some(start("prometheus-node-exporter", &arguments, home.path()))
}
