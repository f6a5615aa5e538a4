//! Configuration and certificates that change while the exporter runs.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::Ordering;

use rustls::version::TLS12;

use super::{Exporter, switched, value, xsp};
use crate::farm::{Ca, Clients, closed_port, rustls_server, tcp};
use crate::support::{Home, sample};

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const QUICK: &str = "[exporter]\nstatus = false\ninterval = \"1s\"\ntimeout = \"3s\"\n";

#[cfg(unix)]
#[test]
fn a_bad_configuration_changes_nothing() {
    let home = Home::new();
    let (one, two) = (closed_port(), closed_port());
    let config = |ports: &[u16]| {
        let xsps: String = ports
            .iter()
            .map(|port| xsp("127.0.0.1", "https", *port))
            .collect();
        format!("{QUICK}{xsps}")
    };
    let exporter = Exporter::start(&home, &config(&[one]), &[]);
    let metrics = exporter.ready();
    let good = "w4b_config_last_reload_successful";
    let when = "w4b_config_last_reload_success_timestamp_seconds";
    assert_eq!(value(&metrics, good), Some(1.0));
    let first = value(&metrics, when).expect("a time");
    for bad in [
        "[exporter]\ninterval = \"soon\"\n",
        "[[xsp]]\nhots = \"x\"\n",
        "",
        "\u{0}",
    ] {
        home.write("config.toml", bad);
        let answer = exporter.ask("POST", "/-/reload", "");
        assert_eq!(answer.status, 500, "{bad}: {}", answer.body);
        assert!(answer.body.contains("stays in use"), "{}", answer.body);
        let metrics = exporter.metrics();
        assert_eq!(value(&metrics, good), Some(0.0));
        assert_eq!(value(&metrics, when), Some(first));
        assert_eq!(value(&metrics, "w4b_exporter_targets"), Some(1.0));
    }
    // A file that is not there any more is as bad, also by signal.
    std::fs::remove_file(home.join("config.toml")).expect("removed");
    exporter.signal("HUP");
    home.write("config.toml", config(&[one, two]));
    exporter.signal("HUP");
    let metrics = exporter.metrics_when("two targets", |metrics| {
        value(metrics, "w4b_exporter_targets") == Some(2.0) && value(metrics, good) == Some(1.0)
    });
    assert!(value(&metrics, when) > Some(first));
    // What is known of a target that stays, stays.
    let probes = format!("w4b_probes_total{{target=\"https://127.0.0.1:{one}\"}}");
    assert!(value(&metrics, &probes) >= Some(1.0), "{metrics}");
    let answer = exporter.ask("POST", "/-/reload", "");
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[test]
fn what_a_server_showed_stays_when_it_falls_silent() {
    let home = Home::new();
    let issued = Ca::new("Example Root").issue("127.0.0.1");
    let backend = rustls_server(&issued, &[&TLS12], &Clients::Anyone, LOCAL, 0);
    let (address, switch) = switched(backend);
    let config = format!("{QUICK}{}", xsp("127.0.0.1", "https", address.port()));
    let exporter = Exporter::start(&home, &config, &[]);
    let label = format!("target=\"https://{address}\"");
    let success = format!("w4b_probe_success{{{label}}}");
    let expiry =
        format!("w4b_cert_not_after_timestamp_seconds{{{label},address=\"127.0.0.1\",position=\"0\"}}");
    let before = exporter.ready();
    assert_eq!(value(&before, &success), Some(1.0), "{before}");
    switch.store(false, Ordering::SeqCst);
    let after = exporter.metrics_when("silent", |metrics| value(metrics, &success) == Some(0.0));
    assert_eq!(value(&after, &expiry), value(&before, &expiry), "{after}");
    let earliest = format!("probe_ssl_earliest_cert_expiry{{{label}}}");
    assert!(value(&after, &earliest).is_some());
    let age = |name: &str| value(&after, &format!("w4b_probe{name}_age_seconds{{{label}}}"));
    assert!(age("_last_success") > age(""), "{after}");
    switch.store(true, Ordering::SeqCst);
    exporter.metrics_when("back", |metrics| value(metrics, &success) == Some(1.0));
}

/// Behind a load balancer with two certificates, say.
#[test]
fn a_target_that_answers_differently_each_time() {
    let home = Home::new();
    let root = Ca::new("Example Root");
    let backends = [root.issue("127.0.0.1"), root.issue("127.0.0.1")]
        .map(|issued| rustls_server(&issued, &[&TLS12], &Clients::Anyone, LOCAL, 0));
    let turn = std::sync::atomic::AtomicUsize::new(0);
    let address = tcp(move |mut client| {
        let turn = turn.fetch_add(1, Ordering::SeqCst);
        let mut server = std::net::TcpStream::connect(backends[turn % 2]).expect("it listens");
        let (mut from, mut to) = (
            client.try_clone().expect("a clone"),
            server.try_clone().expect("a clone"),
        );
        std::thread::spawn(move || std::io::copy(&mut from, &mut to));
        let _ = std::io::copy(&mut server, &mut client);
    });
    let config = format!("{QUICK}{}", xsp("127.0.0.1", "https", address.port()));
    let exporter = Exporter::start(&home, &config, &[]);
    let label = format!("target=\"https://{address}\"");
    let changes = format!("w4b_target_changes_total{{{label}}}");
    let metrics = exporter.metrics_when("two changes", |metrics| value(metrics, &changes) >= Some(2.0));
    // Series do not pile up: one certificate at each position, whichever came last.
    let infos = metrics
        .lines()
        .filter(|line| line.starts_with("w4b_cert_info{") && line.contains("position=\"0\""));
    assert_eq!(infos.count(), 1, "{metrics}");
}

/// The certificate that a server shows.
fn shown(address: std::net::SocketAddr) -> Vec<u8> {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let client = rustls::ClientConfig::builder_with_provider(std::sync::Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .dangerous()
        .with_custom_certificate_verifier(std::sync::Arc::new(Anything(provider)))
        .with_no_client_auth();
    let name = "localhost".try_into().expect("a name");
    let connection = rustls::ClientConnection::new(std::sync::Arc::new(client), name).expect("a client");
    let stream = std::net::TcpStream::connect(address).expect("it listens");
    let mut tls = rustls::StreamOwned::new(connection, stream);
    while tls.conn.is_handshaking() {
        tls.conn.complete_io(&mut tls.sock).expect("a handshake");
    }
    tls.conn.peer_certificates().expect("certificates")[0].to_vec()
}

/// Takes every certificate: the test looks at it.
#[derive(Debug)]
struct Anything(std::sync::Arc<rustls::crypto::CryptoProvider>);

impl rustls::client::danger::ServerCertVerifier for Anything {
    fn verify_server_cert(
        &self,
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &[rustls::pki_types::CertificateDer<'_>],
        _: &rustls::pki_types::ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Whoever renews certificates tells nobody.
#[test]
fn renewed_files_are_taken_without_being_asked() {
    let until = |what: &str, mut is_so: Box<dyn FnMut() -> bool + '_>| {
        let begin = std::time::Instant::now();
        while !is_so() {
            assert!(begin.elapsed() < super::PATIENCE, "never: {what}");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    };
    let home = Home::new();
    let ca = Ca::new("Example Root");
    let (first, second) = (ca.issue("localhost"), ca.issue("localhost"));
    home.write("exporter.pem", &first.pem);
    home.write("exporter.key", &first.key_pem);
    home.write("chain.txt", &ca.pem);
    let config = format!(
        "{QUICK}tls_certificate = \"exporter.pem\"\ntls_key = \"exporter.key\"\n[trust]\nwebex_ca = [\"chain.txt\"]\n{}",
        xsp("127.0.0.1", "https", closed_port())
    );
    let exporter = Exporter::start(&home, &config, &[]);
    assert_eq!(shown(exporter.address), first.chain[0].to_vec());
    // Half way through a renewal the key does not belong to the certificate: the old pair stays, and it is said once.
    home.write("exporter.pem", &second.pem);
    until(
        "it is said",
        Box::new(|| exporter.said().contains("what was read before stays in use")),
    );
    assert_eq!(shown(exporter.address), first.chain[0].to_vec());
    home.write("exporter.key", &second.key_pem);
    until(
        "the new certificate",
        Box::new(|| shown(exporter.address) == second.chain[0].to_vec()),
    );
    let said = exporter.said();
    assert_eq!(said.matches("stays in use").count(), 1, "{said}");
}

#[test]
fn a_renewed_trust_file_is_taken_and_a_lost_one_is_not_forgotten() {
    let home = Home::new();
    home.write("chain.txt", Ca::new("Old Webex CA").pem);
    let config = format!(
        "{QUICK}[trust]\nwebex_ca = [\"chain.txt\"]\n{}",
        xsp("127.0.0.1", "https", closed_port())
    );
    let exporter = Exporter::start(&home, &config, &[]);
    let readable = "w4b_files_last_read_successful";
    let before = exporter.ready();
    assert!(
        before.contains("Old Webex CA") && value(&before, readable) == Some(1.0),
        "{before}"
    );
    std::fs::remove_file(home.join("chain.txt")).expect("removed");
    let lost = exporter.metrics_when("lost", |metrics| value(metrics, readable) == Some(0.0));
    assert!(lost.contains("Old Webex CA"), "{lost}");
    home.write("chain.txt", Ca::new("New Webex CA").pem);
    let found = exporter.metrics_when("renewed", |metrics| metrics.contains("New Webex CA"));
    assert!(!found.contains("Old Webex CA"), "{found}");
    assert_eq!(value(&found, readable), Some(1.0));
}

#[test]
fn the_status_page_is_watched_too() {
    let home = Home::new();
    std::fs::copy(sample("status/index.json"), home.join("index.json")).expect("copied");
    let config = format!(
        "[exporter]\ninterval = \"1s\"\n[status]\nurl = \"index.json\"\n{}",
        xsp("127.0.0.1", "https", closed_port())
    );
    let exporter = Exporter::start(&home, &config, &[]);
    let open = "w4b_webex_incidents_open{source=\"index.json\"}";
    exporter.metrics_when("an incident", |metrics| value(metrics, open) == Some(1.0));
    std::fs::remove_file(home.join("index.json")).expect("removed");
    let up = "w4b_webex_status_up{source=\"index.json\"}";
    exporter.metrics_when("no page", |metrics| value(metrics, up) == Some(0.0));
}
