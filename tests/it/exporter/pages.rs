//! What each page answers, and who may ask.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustls::version::{TLS12, TLS13};
use sha2::{Digest as _, Sha256};

use super::{Exporter, lint, switched, value, xsp};
use crate::farm::{Ca, Clients, closed_port, rustls_server, tcp};
use crate::support::{Home, sample};

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// No status page, and no second round while a test runs.
const CALM: &str = "[exporter]\nstatus = false\ninterval = \"1h\"\ntimeout = \"3s\"\n";

#[test]
fn one_series_for_each_target_whatever_it_does() {
    let home = Home::new();
    let ca = Ca::new("Example CTI CA");
    let issued = Ca::new("Example Root").issue("127.0.0.1");
    let https = rustls_server(&issued, &[&TLS13, &TLS12], &Clients::Anyone, LOCAL, 0).port();
    let cti = rustls_server(&issued, &[&TLS12], &Clients::Required(&[&ca]), LOCAL, 0).port();
    let silent = tcp(|_stream| std::thread::sleep(std::time::Duration::from_mins(1))).port();
    let closed = closed_port();
    std::fs::copy(
        sample("certs/CombinedCertChain-sample.txt"),
        home.join("chain.txt"),
    )
    .expect("copied");
    let mut config = format!("{CALM}[trust]\nwebex_ca = [\"chain.txt\"]\n");
    // Twice the same: it is probed once.
    for (kind, port) in [
        ("https", https),
        ("https", https),
        ("cti", cti),
        ("https", silent),
        ("auth", closed),
    ] {
        config += &xsp("127.0.0.1", kind, port);
    }
    let exporter = Exporter::start(&home, &config, &[]);
    let metrics = exporter.ready();
    lint(metrics.as_bytes());
    for (target, success, reason) in [
        (format!("https://127.0.0.1:{https}"), 1.0, "dns"),
        (format!("cti://127.0.0.1:{cti}"), 1.0, "dns"),
        (format!("https://127.0.0.1:{silent}"), 0.0, "timeout-handshake"),
        (format!("auth://127.0.0.1:{closed}"), 0.0, "refused"),
    ] {
        for name in ["w4b_probe_success", "probe_success"] {
            let found = value(&metrics, &format!("{name}{{target=\"{target}\"}}"));
            assert_eq!(found, Some(success), "{target}\n{metrics}");
        }
        let failures = metrics
            .lines()
            .filter(|line| line.starts_with(&format!("w4b_probe_failure{{target=\"{target}\",reason=")));
        assert_eq!(failures.count(), 12, "{target}");
        let series = format!("w4b_probe_failure{{target=\"{target}\",reason=\"{reason}\"}}");
        assert_eq!(value(&metrics, &series), Some(1.0 - success), "{series}");
        // The same, alone.
        let module = target.split(':').next().expect("a scheme");
        let place = target.rsplit('/').next().expect("a place");
        let probe = exporter.get(&format!("/probe?target={place}&module={module}"));
        assert_eq!(probe.status, 200, "{}", probe.body);
        lint(probe.body.as_bytes());
        let found = value(&probe.body, &format!("w4b_probe_success{{target=\"{target}\"}}"));
        assert_eq!(found, Some(success));
        assert!(!probe.body.contains("w4b_exporter_targets"));
    }
    assert_eq!(value(&metrics, "w4b_exporter_targets"), Some(4.0));
    // What no other monitor reads: the certificate behind a required client certificate, and the names accepted.
    let cti = format!("target=\"cti://127.0.0.1:{cti}\",address=\"127.0.0.1\"");
    assert_eq!(
        value(&metrics, &format!("w4b_mtls_accepted_ca_names{{{cti}}}")),
        Some(1.0)
    );
    assert_eq!(
        value(&metrics, &format!("w4b_mtls_client_auth_required{{{cti}}}")),
        Some(1.0)
    );
    assert!(
        value(
            &metrics,
            &format!("w4b_cert_not_after_timestamp_seconds{{{cti},position=\"0\"}}")
        )
        .is_some()
    );
    let trust = metrics
        .lines()
        .filter(|line| line.starts_with("w4b_trust_not_after_timestamp_seconds{"));
    assert!(trust.count() >= 2);
    let own = format!("w4b_check_severity{{subject=\"127.0.0.1:{closed}\",check=\"tls.connect\"}}");
    assert_eq!(value(&metrics, &own), Some(2.0), "{metrics}");
}

#[test]
fn only_configured_targets_unless_any_is_allowed() {
    let home = Home::new();
    let port = rustls_server(
        &Ca::new("Example Root").issue("127.0.0.1"),
        &[&TLS12],
        &Clients::Anyone,
        LOCAL,
        0,
    )
    .port();
    let config = format!("{CALM}{}", xsp("127.0.0.1", "https", closed_port()));
    let exporter = Exporter::start(&home, &config, &[]);
    for (query, status) in [
        (format!("?target=127.0.0.1:{port}"), 403),
        (format!("?target=127.0.0.1:{port}&module=ssh"), 400),
        ("?target=file:config.toml".to_owned(), 400),
        ("?target=config.toml".to_owned(), 403),
        ("?target=".to_owned(), 400),
        (String::new(), 400),
        (format!("?target={}", "x".repeat(4000)), 414),
    ] {
        let answer = exporter.get(&format!("/probe{query}"));
        assert_eq!(answer.status, status, "{query}: {}", answer.body);
    }
    drop(exporter);
    let exporter = Exporter::start(&home, &config, &["--any-target"]);
    let answer = exporter.get(&format!("/probe?target=127.0.0.1:{port}"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let series = format!("w4b_probe_success{{target=\"https://127.0.0.1:{port}\"}}");
    assert_eq!(value(&answer.body, &series), Some(1.0), "{}", answer.body);
    // A guest of /probe is none of the configured targets.
    assert!(!exporter.metrics().contains(&series));
}

#[test]
fn two_servers_do_not_double_the_handshakes() {
    let home = Home::new();
    let issued = Ca::new("Example Root").issue("127.0.0.1");
    let backend = rustls_server(&issued, &[&TLS13], &Clients::Anyone, LOCAL, 0);
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    let (inner, _) = switched(backend);
    let port = tcp(move |mut client| {
        count.fetch_add(1, Ordering::SeqCst);
        // Slow enough that the questions below meet the first probe under way.
        std::thread::sleep(std::time::Duration::from_millis(300));
        let mut server = std::net::TcpStream::connect(inner).expect("it listens");
        let (mut from, mut to) = (
            client.try_clone().expect("a clone"),
            server.try_clone().expect("a clone"),
        );
        std::thread::spawn(move || std::io::copy(&mut from, &mut to));
        let _ = std::io::copy(&mut server, &mut client);
    })
    .port();
    let config = format!("{CALM}{}", xsp("127.0.0.1", "https", port));
    let exporter = Exporter::start(&home, &config, &[]);
    let path = format!("/probe?target=127.0.0.1:{port}&module=https");
    let ask = || {
        let answer = exporter.get(&path);
        let series = format!("w4b_probe_success{{target=\"https://127.0.0.1:{port}\"}}");
        assert_eq!(value(&answer.body, &series), Some(1.0), "{}", answer.body);
        let probes = format!("w4b_probes_total{{target=\"https://127.0.0.1:{port}\"}}");
        assert_eq!(value(&answer.body, &probes), Some(1.0), "{}", answer.body);
    };
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(ask);
        }
    });
    let after_one = connections.load(Ordering::SeqCst);
    for _ in 0..5 {
        ask();
        exporter.metrics();
    }
    assert_eq!(connections.load(Ordering::SeqCst), after_one);
}

#[test]
fn the_timeout_of_the_scrape_is_honoured() {
    let home = Home::new();
    let silent = tcp(|_stream| std::thread::sleep(std::time::Duration::from_mins(1))).port();
    let config = "[exporter]\nstatus = false\ninterval = \"1h\"\ntimeout = \"50s\"\n".to_owned()
        + &xsp("127.0.0.1", "https", silent);
    let exporter = Exporter::start(&home, &config, &[]);
    // The probe takes 50 seconds; the answer comes in time, and says that nothing is known yet.
    let path = format!("/probe?target=127.0.0.1:{silent}");
    let answer = exporter.ask("GET", &path, "X-Prometheus-Scrape-Timeout-Seconds: 1\r\n");
    assert_eq!(answer.status, 200);
    let pending = format!("w4b_probe_failure{{target=\"https://127.0.0.1:{silent}\",reason=\"pending\"}}");
    assert_eq!(value(&answer.body, &pending), Some(1.0), "{}", answer.body);
    assert_eq!(exporter.get("/-/ready").status, 503);
    assert_eq!(exporter.get("/-/healthy").status, 200);
    #[cfg(unix)]
    {
        exporter.signal("TERM");
        assert_eq!(exporter.wait(), Some(130));
    }
}

#[test]
fn pages_methods_and_discovery() {
    let home = Home::new();
    let config = format!("{CALM}{}", xsp("xsp1.example.invalid", "cti", 8012));
    let exporter = Exporter::start(&home, &config, &["--lang", "de"]);
    let groups: serde_json::Value = serde_json::from_str(&exporter.get("/sd").body).expect("JSON");
    assert_eq!(
        groups,
        serde_json::json!([{
            "targets": ["cti://xsp1.example.invalid:8012"],
            "labels": {
                "__meta_w4b_module": "cti",
                "__meta_w4b_host": "xsp1.example.invalid",
                "__meta_w4b_port": "8012",
            },
        }])
    );
    let page = exporter.get("/");
    assert!(page.head.contains("content-type: text/html"), "{}", page.head);
    assert!(page.body.contains("0 von 1 Ziel antwortet"), "{}", page.body);
    for (method, path, status) in [
        ("GET", "/-/reload", 405),
        ("POST", "/metrics", 405),
        ("DELETE", "/", 405),
        ("GET", "/favicon.ico", 404),
        ("HEAD", "/metrics", 200),
    ] {
        assert_eq!(exporter.ask(method, path, "").status, status, "{method} {path}");
    }
    let packed = exporter.ask("GET", "/metrics", "Accept-Encoding: br, gzip;q=0.8\r\n");
    assert!(packed.head.contains("content-encoding: gzip"), "{}", packed.head);
    let counted = "w4b_exporter_http_requests_total{path=\"other\",code=\"404\"}";
    assert_eq!(value(&exporter.metrics(), counted), Some(1.0));
    // A head that is too long, and one that is none.
    let long = "X-Much: x\r\n".repeat(80);
    assert_eq!(exporter.ask("GET", "/metrics", &long).status, 431);
    assert_eq!(exporter.ask("GET", " ", "").status, 400);
}

#[test]
fn names_and_passwords() {
    let home = Home::new();
    let password = "4f9c2d1e8b7a6f5e4d3c2b1a";
    let config = format!(
        "{CALM}[[exporter.user]]\nname = \"prometheus\"\npassword_sha256 = \"{}\"\n{}",
        w4b_diag::x509::name::hex(&Sha256::digest(password)),
        xsp("127.0.0.1", "https", closed_port())
    );
    let exporter = Exporter::start(&home, &config, &[]);
    let basic = |text: &str| {
        use base64::Engine as _;
        let encoded = base64::engine::general_purpose::STANDARD.encode(text);
        format!("Authorization: Basic {encoded}\r\n")
    };
    for (headers, status) in [
        (String::new(), 401),
        (basic("prometheus:wrong-password-of-some-length"), 401),
        (basic(&format!("other:{password}")), 401),
        (basic(&format!("prometheus:{password}")), 200),
    ] {
        for path in ["/metrics", "/sd", "/"] {
            assert_eq!(
                exporter.ask("GET", path, &headers).status,
                status,
                "{path} {headers}"
            );
        }
    }
    let refused = exporter.get("/metrics");
    assert!(
        refused.head.contains("www-authenticate: basic"),
        "{}",
        refused.head
    );
    assert_eq!(exporter.ask("POST", "/-/reload", "").status, 401);
    assert_eq!(exporter.get("/-/healthy").status, 200);
}

#[test]
fn https_when_a_certificate_is_named() {
    let home = Home::new();
    let ca = Ca::new("Example Root");
    let issued = ca.issue("localhost");
    home.write("exporter.pem", &issued.pem);
    home.write("exporter.key", &issued.key_pem);
    let config = format!(
        "{CALM}tls_certificate = \"exporter.pem\"\ntls_key = \"exporter.key\"\n{}",
        xsp("127.0.0.1", "https", closed_port())
    );
    let exporter = Exporter::start(&home, &config, &[]);
    let mut roots = rustls::RootCertStore::empty();
    roots.add(ca.der.clone()).expect("a root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = "localhost".try_into().expect("a name");
    let connection = rustls::ClientConnection::new(Arc::new(client), name).expect("a client");
    let stream = std::net::TcpStream::connect(exporter.address).expect("it listens");
    let mut tls = rustls::StreamOwned::new(connection, stream);
    std::io::Write::write_all(
        &mut tls,
        b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    )
    .expect("written");
    let mut answer = Vec::new();
    let _ = std::io::Read::read_to_end(&mut tls, &mut answer);
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", answer.escape_ascii());
}

#[test]
fn what_cannot_begin_is_said() {
    let home = Home::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken.local_addr().expect("an address").to_string();
    home.write("empty.toml", "");
    home.write("xsp.toml", xsp("127.0.0.1", "https", 1));
    home.write(
        "half.toml",
        "[exporter]\ntls_key = \"x\"\n".to_owned() + &xsp("a", "cti", 1),
    );
    home.write(
        "user.toml",
        "[[exporter.user]]\nname = \"x\"\npassword_sha256 = \"hunter2\"\n",
    );
    for (config, listen, words) in [
        ("empty.toml", "127.0.0.1:0", "there is nothing to watch"),
        ("xsp.toml", taken.as_str(), "another program already does"),
        ("xsp.toml", "9812", "is not an address with a port"),
        ("half.toml", "127.0.0.1:0", "belong together"),
        ("user.toml", "127.0.0.1:0", "64 hexadecimal digits"),
    ] {
        let arguments = ["exporter", "--config", config, "--listen", listen];
        let outcome = home.command(&arguments).run();
        assert_eq!(outcome.code, 3, "{outcome}");
        assert!(outcome.stderr().contains(words), "{outcome}");
    }
}
