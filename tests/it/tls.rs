//! What the TLS probe sees of real servers.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::version::{TLS12, TLS13};
use w4b_diag::clock::SystemClock;
use w4b_diag::interrupt::Interrupt;
use w4b_diag::probe::identity::ClientIdentity;
use w4b_diag::probe::target::{Endpoint, Target, parse};
use w4b_diag::probe::tls::{Options, Resolver, observe_all};
use w4b_diag::probe::{Handshake, Offered, Reason, TlsObservation};

use crate::farm::{Ca, Clients, Openssl, closed_port, have, hear, rsa_key, rustls_server, tcp};

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn endpoint(text: &str) -> Endpoint {
    match parse(text) {
        Ok(Target::Endpoint(endpoint)) => endpoint,
        other => panic!("{text}: {other:?}"),
    }
}

fn observe(targets: &[Endpoint], timeout: Duration) -> Vec<TlsObservation> {
    let options = Options {
        timeout,
        ..Options::default()
    };
    observe_all(targets, &options, &SystemClock, &Interrupt::new(), &|_, _| {}).expect("not interrupted")
}

/// The one row of one target, which must have been reached.
fn one(target: &str) -> TlsObservation {
    let mut rows = observe(&[endpoint(target)], Duration::from_secs(20));
    assert_eq!(rows.len(), 1);
    let row = rows.remove(0);
    assert!(row.reachable, "{row:?}");
    row
}

fn handshake(row: &TlsObservation) -> &Handshake {
    row.handshake.as_ref().expect("a handshake")
}

fn offers(row: &TlsObservation) -> Vec<(&str, Offered)> {
    let offers = &handshake(row).protocols_offered;
    offers
        .iter()
        .map(|offer| (offer.version.as_str(), offer.answer))
        .collect()
}

fn chain(row: &TlsObservation) -> Vec<CertificateDer<'_>> {
    row.chain
        .iter()
        .map(|der| CertificateDer::from(der.0.as_slice()))
        .collect()
}

fn names(row: &TlsObservation) -> Vec<Vec<u8>> {
    handshake(row)
        .client_auth
        .acceptable_cas
        .iter()
        .map(|name| name.0.clone())
        .collect()
}

#[test]
fn both_modern_versions_without_client_certificate() {
    let issued = Ca::new("Example Root").issue("xsp1.example.net");
    for (versions, name, cipher, newest) in [
        (
            &[&TLS12][..],
            "TLSv1.2",
            "TLS_ECDHE_ECDSA_WITH_AES_",
            Offered::Refused,
        ),
        (&[&TLS13, &TLS12][..], "TLSv1.3", "TLS_AES_", Offered::Offered),
    ] {
        let address = rustls_server(&issued, versions, &Clients::Anyone, LOCAL, 0);
        let row = one(&format!(
            "https://xsp1.example.net:{}#ip=127.0.0.1",
            address.port()
        ));
        assert_eq!(row.sni.as_deref(), Some("xsp1.example.net"));
        assert_eq!(row.address, Some(LOCAL));
        assert_eq!(row.reason, None);
        assert_eq!(chain(&row), issued.chain);
        assert_eq!(handshake(&row).protocol.as_deref(), Some(name));
        let found = handshake(&row).cipher.clone().unwrap();
        assert!(found.starts_with(cipher), "{found}");
        assert_eq!(handshake(&row).client_auth.requested, Some(false));
        assert_eq!(handshake(&row).client_auth.required, Some(false));
        let expected = [
            ("SSLv3", Offered::Refused),
            ("TLSv1.0", Offered::Refused),
            ("TLSv1.1", Offered::Refused),
            ("TLSv1.2", Offered::Offered),
            ("TLSv1.3", newest),
        ];
        assert_eq!(offers(&row), expected);
        // The server's clock says 2036.
        let offset = row.clock_offset_seconds.expect("a date");
        assert!(offset > 86_400 * 365, "{offset}");
    }
}

#[test]
fn client_certificates_required_welcome_and_presented() {
    let root = Ca::new("Example Root");
    let issued = root.issue("xsp1.example.net");
    let accepted: Vec<Ca> = ["Example CTI CA 1", "Example CTI CA 2", "Example CTI CA 3"]
        .map(Ca::new)
        .into();
    let all: Vec<&Ca> = accepted.iter().collect();
    let expected: Vec<Vec<u8>> = accepted.iter().map(Ca::subject).collect();
    let directory = tempfile::tempdir().unwrap();
    let identity = |ca: &Ca, name: &str| {
        let issued = ca.issue("bwcticlient.example.com");
        let (certificate, key) = (
            directory.path().join(format!("{name}.pem")),
            directory.path().join(format!("{name}.key")),
        );
        std::fs::write(&certificate, &issued.pem).unwrap();
        std::fs::write(&key, &issued.key_pem).unwrap();
        ClientIdentity::load(&certificate, &key).unwrap()
    };
    let (good, bad) = (identity(&accepted[1], "good"), identity(&root, "bad"));
    for versions in [&[&TLS12][..], &[&TLS13][..]] {
        let address = rustls_server(&issued, versions, &Clients::Required(&all), LOCAL, 0);
        for scheme in ["cti", "auth"] {
            let row = one(&format!("{scheme}://{address}"));
            let auth = &handshake(&row).client_auth;
            assert_eq!(
                (auth.requested, auth.required),
                (Some(true), Some(true)),
                "{versions:?} {scheme}"
            );
            assert_eq!(names(&row), expected);
            assert_eq!(chain(&row), issued.chain);
            assert_eq!(auth.identity_accepted, None);
        }
        for (identity, accepted) in [(&good, true), (&bad, false)] {
            let mut target = endpoint(&format!("cti://{address}"));
            target.identity = Some(identity.clone());
            let rows = observe(&[target], Duration::from_secs(20));
            let auth = &handshake(&rows[0]).client_auth;
            assert_eq!(auth.identity_accepted, Some(accepted), "{versions:?} {auth:?}");
            assert_eq!(auth.identity_reason.is_none(), accepted);
        }

        let address = rustls_server(&issued, versions, &Clients::Welcome(&accepted[0]), LOCAL, 0);
        for scheme in ["cti", "https"] {
            let row = one(&format!("{scheme}://{address}"));
            let auth = &handshake(&row).client_auth;
            assert_eq!(
                (auth.requested, auth.required),
                (Some(true), Some(false)),
                "{versions:?} {scheme}"
            );
            assert_eq!(names(&row), Vec::<Vec<u8>>::new());
        }
    }
}

#[test]
fn every_failure_has_its_row_and_reason() {
    let silent = tcp(|_stream| std::thread::sleep(Duration::from_mins(1)));
    let drip = tcp(|mut stream| {
        hear(&mut stream);
        // The beginning of a handshake record, which takes its time.
        for byte in [22, 3, 3, 0, 90].into_iter().chain(std::iter::repeat(2)) {
            if stream.write_all(&[byte]).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_millis(300));
        }
    });
    // Closing with unread data resets the connection.
    let reset = tcp(|stream| {
        std::thread::sleep(Duration::from_millis(100));
        drop(stream);
    });
    let hung_up = tcp(|mut stream| hear(&mut stream));
    let http = tcp(|mut stream| {
        hear(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    });
    let alert = |number: u8| {
        tcp(move |mut stream| {
            hear(&mut stream);
            let _ = stream.write_all(&[21, 3, 1, 0, 2, 2, number]);
        })
    };
    let cases = [
        ("https://no-such-host.invalid".to_owned(), Reason::Dns),
        (format!("127.0.0.1:{}", closed_port()), Reason::Refused),
        (silent.to_string(), Reason::TimeoutHandshake),
        (drip.to_string(), Reason::SlowPeer),
        (reset.to_string(), Reason::Reset),
        (hung_up.to_string(), Reason::Reset),
        (http.to_string(), Reason::NotTls),
        (format!("cti://{}", alert(40)), Reason::Alert(40)),
        (alert(70).to_string(), Reason::ProtocolVersion),
    ];
    let targets: Vec<Endpoint> = cases.iter().map(|(target, _)| endpoint(target)).collect();
    let rows = observe(&targets, Duration::from_secs(3));
    let found: Vec<_> = rows
        .iter()
        .map(|row| (row.target.clone(), row.reason.unwrap()))
        .collect();
    assert_eq!(found, cases, "{rows:#?}");
    assert!(
        rows.iter()
            .all(|row| !row.reachable && row.reason_detail.is_some())
    );
}

#[test]
fn two_addresses_of_one_name_are_two_rows() {
    let ca = Ca::new("Example Root");
    let (old, new) = (ca.issue("xsp1.example.net"), ca.issue("xsp1.example.net"));
    // Linux and Windows answer on all of 127.0.0.0/8; elsewhere the second row must say that it does not.
    let both = [LOCAL, IpAddr::from([127, 0, 0, 2])];
    let port = rustls_server(&old, &[&TLS13], &Clients::Anyone, both[0], 0).port();
    let second = std::net::TcpListener::bind((both[1], 0)).is_ok();
    if second {
        rustls_server(&new, &[&TLS13], &Clients::Anyone, both[1], port);
    }
    let names = [("xsp1.example.net".to_owned(), vec![both[1], both[0], both[1]])];
    let options = Options {
        resolver: Resolver::Fixed(Arc::new(names.into())),
        ..Options::default()
    };
    let targets = [
        endpoint(&format!("cti://xsp1.example.net:{port}")),
        endpoint("xsp2.example.net"),
    ];
    let rows = observe_all(&targets, &options, &SystemClock, &Interrupt::new(), &|_, _| {}).unwrap();
    let addresses: Vec<_> = rows.iter().map(|row| row.address).collect();
    assert_eq!(addresses, [Some(both[0]), Some(both[1]), None]);
    assert_eq!(chain(&rows[0]), old.chain);
    if second {
        assert_eq!(chain(&rows[1]), new.chain);
    } else {
        assert!(!rows[1].reachable);
    }
    assert_eq!(rows[2].reason, Some(Reason::Dns));
}

#[test]
fn an_interrupt_stops_the_wait() {
    let silent = tcp(|_stream| std::thread::sleep(Duration::from_mins(1)));
    let interrupt = Interrupt::new();
    let trigger = interrupt.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        trigger.trigger();
    });
    let options = Options {
        timeout: Duration::from_mins(1),
        ..Options::default()
    };
    let target = endpoint(&silent.to_string());
    assert!(observe_all(&[target], &options, &SystemClock, &interrupt, &|_, _| {}).is_err());
}

#[test]
fn servers_that_only_speak_old_versions() {
    if !have("openssl") {
        return;
    }
    let issued = Ca::new("Example Root").issue_for("xsp1.example.net", &rsa_key());
    for (flag, name) in [("-tls1", "TLSv1.0"), ("-tls1_1", "TLSv1.1")] {
        let server = Openssl::start(&issued, "", &[flag, "-cipher", "ALL:@SECLEVEL=0"]);
        let row = one(&format!("https://127.0.0.1:{}", server.port));
        assert_eq!(handshake(&row).protocol.as_deref(), Some(name));
        assert_eq!(chain(&row), issued.chain);
        assert_eq!(handshake(&row).client_auth.requested, Some(false));
        for (version, answer) in offers(&row) {
            let expected = if version == name {
                Offered::Offered
            } else {
                Offered::Refused
            };
            assert_eq!(answer, expected, "{flag}: {version}");
        }
    }
}

#[test]
fn servers_with_suites_that_rustls_lacks() {
    if !have("openssl") {
        return;
    }
    let issued = Ca::new("Example Root").issue_for("xsp1.example.net", &rsa_key());
    let accepted = Ca::new("Example CTI CA");
    for (suites, cipher) in [
        ("AES128-SHA", "TLS_RSA_WITH_AES_128_CBC_SHA"),
        ("DHE-RSA-AES128-GCM-SHA256", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"),
        ("ECDHE-RSA-AES128-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"),
    ] {
        let server = Openssl::start(
            &issued,
            &accepted.pem,
            &["-tls1_2", "-Verify", "1", "-cipher", suites],
        );
        let row = one(&format!("cti://127.0.0.1:{}", server.port));
        assert_eq!(handshake(&row).protocol.as_deref(), Some("TLSv1.2"));
        assert_eq!(handshake(&row).cipher.as_deref(), Some(cipher));
        assert_eq!(chain(&row), issued.chain);
        assert_eq!(names(&row), [accepted.subject()]);
        assert_eq!(handshake(&row).client_auth.requested, Some(true));
    }
}

#[test]
fn openssl_that_requires_a_client_certificate() {
    if !have("openssl") {
        return;
    }
    let issued = Ca::new("Example Root").issue("xsp1.example.net");
    let many: Vec<Ca> = (0..150)
        .map(|number| Ca::new(&format!("Example CTI CA {number}")))
        .collect();
    for count in [1, 3, 150] {
        let cas: String = many[..count].iter().map(|ca| ca.pem.as_str()).collect();
        let mut expected: Vec<_> = many[..count].iter().map(Ca::subject).collect();
        expected.sort();
        for (flag, version) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
            let server = Openssl::start(&issued, &cas, &[flag, "-Verify", "1"]);
            let row = one(&format!("cti://127.0.0.1:{}", server.port));
            let auth = &handshake(&row).client_auth;
            assert_eq!(handshake(&row).protocol.as_deref(), Some(version));
            assert_eq!(
                (auth.requested, auth.required),
                (Some(true), Some(true)),
                "{flag} {count}"
            );
            let mut found = names(&row);
            found.sort();
            assert_eq!(found, expected, "{flag} {count}");
        }
    }
}

/// In front of a good server: connection number `n`, counted from zero, is passed on, or not, as `behave` says.
fn behind(backend: SocketAddr, behave: impl Fn(usize) -> Front + Send + Sync + 'static) -> SocketAddr {
    let seen = AtomicUsize::new(0);
    tcp(
        move |mut client| match behave(seen.fetch_add(1, Ordering::SeqCst)) {
            Front::Pass => {
                let Ok(mut server) = TcpStream::connect(backend) else {
                    return;
                };
                let (Ok(mut to_client), Ok(mut from_server)) = (client.try_clone(), server.try_clone())
                else {
                    return;
                };
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut from_server, &mut to_client);
                    let _ = to_client.shutdown(std::net::Shutdown::Both);
                });
                let _ = std::io::copy(&mut client, &mut server);
                let _ = server.shutdown(std::net::Shutdown::Both);
            }
            Front::Silent => std::thread::sleep(Duration::from_secs(30)),
            // With the hello unread the system answers with a reset.
            Front::Reset => drop(client),
        },
    )
}

enum Front {
    Pass,
    Silent,
    Reset,
}

#[test]
fn a_version_that_is_not_answered_is_unknown() {
    let issued = Ca::new("Example Root").issue("xsp1.example.net");
    let backend = rustls_server(&issued, &[&TLS12, &TLS13], &Clients::Anyone, LOCAL, 0);
    // Only the first connection is answered: the others are not refused, there is just no telling.
    let silent = behind(
        backend,
        |number| if number == 0 { Front::Pass } else { Front::Silent },
    );
    let mut rows = observe(&[endpoint(&silent.to_string())], Duration::from_secs(2));
    let row = rows.remove(0);
    assert!(row.reachable, "{row:?}");
    for (version, answer) in offers(&row) {
        let known = version == "TLSv1.3";
        let expected = if known { Offered::Offered } else { Offered::Unknown };
        assert_eq!(answer, expected, "{version}");
    }
    // A single reset is no refusal either.
    let flaky = behind(
        backend,
        |number| if number == 1 { Front::Reset } else { Front::Pass },
    );
    let row = one(&flaky.to_string());
    let offers = offers(&row);
    assert!(offers.contains(&("TLSv1.2", Offered::Offered)), "{offers:?}");
    assert!(offers.contains(&("TLSv1.1", Offered::Refused)), "{offers:?}");
    // The very first connection is lost: another hello is tried, and TLS 1.3 is not forgotten.
    let late = behind(
        backend,
        |number| if number == 0 { Front::Reset } else { Front::Pass },
    );
    let row = one(&late.to_string());
    let offers = self::offers(&row);
    assert!(offers.contains(&("TLSv1.3", Offered::Offered)), "{offers:?}");
    assert!(offers.contains(&("TLSv1.2", Offered::Offered)), "{offers:?}");
}
