//! Servers on loopback to probe: rustls, raw TCP with bad manners, and other people's programs.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]
#![allow(clippy::print_stderr, reason = "what is skipped is said")]

pub(crate) mod programs;
mod runs;
mod whole;

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

pub(crate) use self::programs::Openssl;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, SupportedProtocolVersion};

/// A certificate authority for one test.
pub(crate) struct Ca {
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
    pub(crate) der: CertificateDer<'static>,
    pub(crate) pem: String,
}

/// A certificate with its chain and key.
pub(crate) struct Issued {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivatePkcs8KeyDer<'static>,
    pub(crate) pem: String,
    pub(crate) issuer_pem: String,
    pub(crate) key_pem: String,
}

impl Ca {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = named(name);
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self {
            der: certificate.der().clone(),
            pem: certificate.pem(),
            issuer: rcgen::Issuer::new(params, key),
        }
    }

    /// The subject as DER, as a CertificateRequest lists it.
    pub(crate) fn subject(&self) -> Vec<u8> {
        let (_, certificate) = x509_parser::parse_x509_certificate(&self.der).unwrap();
        certificate.subject().as_raw().to_vec()
    }

    /// The subject as the report writes it.
    fn text(&self) -> String {
        w4b_diag::x509::name::from_der(&self.subject()).unwrap()
    }

    pub(crate) fn issue(&self, name: &str) -> Issued {
        let key = rcgen::KeyPair::generate().unwrap();
        self.issue_for(name, &key)
    }

    /// Valid from so many days from now until so many days from now.
    pub(crate) fn issue_between(&self, name: &str, first: i64, last: i64) -> Issued {
        use chrono::Datelike as _;
        let day = |days| {
            let day = chrono::Utc::now() + chrono::TimeDelta::days(days);
            let part = |part: u32| u8::try_from(part).unwrap();
            rcgen::date_time_ymd(day.year(), part(day.month()), part(day.day()))
        };
        let key = rcgen::KeyPair::generate().unwrap();
        self.issue_with(name, &key, |params| {
            params.not_before = day(first);
            params.not_after = day(last);
        })
    }

    /// For a key that ring cannot make.
    pub(crate) fn issue_for(&self, name: &str, key: &rcgen::KeyPair) -> Issued {
        self.issue_with(name, key, |_| {})
    }

    fn issue_with(
        &self,
        name: &str,
        key: &rcgen::KeyPair,
        change: impl FnOnce(&mut rcgen::CertificateParams),
    ) -> Issued {
        let mut params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name = named(name);
        change(&mut params);
        let certificate = params.signed_by(key, &self.issuer).unwrap();
        Issued {
            pem: certificate.pem(),
            issuer_pem: self.pem.clone(),
            chain: vec![certificate.der().clone(), self.der.clone()],
            key: PrivatePkcs8KeyDer::from(key.serialize_der()),
            key_pem: key.serialize_pem(),
        }
    }
}

fn named(name: &str) -> rcgen::DistinguishedName {
    let mut names = rcgen::DistinguishedName::new();
    names.push(rcgen::DnType::CommonName, name);
    names
}

/// What a rustls server asks of its clients.
pub(crate) enum Clients<'a> {
    Anyone,
    /// A certificate of one of these must be shown.
    Required(&'a [&'a Ca]),
    /// One may be shown, and no CA names are sent.
    Welcome(&'a Ca),
}

/// A rustls server that speaks a little HTTP; ends with the test.
pub(crate) fn rustls_server(
    issued: &Issued,
    versions: &[&'static SupportedProtocolVersion],
    clients: &Clients<'_>,
    address: IpAddr,
    port: u16,
) -> SocketAddr {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = |cas: &[&Ca]| {
        let mut roots = RootCertStore::empty();
        for ca in cas {
            roots.add(ca.der.clone()).unwrap();
        }
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
    };
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .unwrap();
    let builder = match clients {
        Clients::Anyone => builder.with_no_client_auth(),
        Clients::Required(cas) => builder.with_client_cert_verifier(roots(cas).build().unwrap()),
        Clients::Welcome(ca) => builder.with_client_cert_verifier(
            roots(&[ca])
                .clear_root_hint_subjects()
                .allow_unauthenticated()
                .build()
                .unwrap(),
        ),
    };
    let key = PrivateKeyDer::from(issued.key.clone_key());
    let config = Arc::new(builder.with_single_cert(issued.chain.clone(), key).unwrap());
    tcp_at(address, port, move |stream| serve(&config, stream))
}

fn serve(config: &Arc<ServerConfig>, mut stream: TcpStream) {
    let mut connection = ServerConnection::new(Arc::clone(config)).unwrap();
    while connection.is_handshaking() {
        if connection.complete_io(&mut stream).is_err() {
            // The alert.
            while connection.wants_write() && connection.write_tls(&mut stream).is_ok() {}
            return;
        }
    }
    let mut tls = rustls::StreamOwned::new(connection, stream);
    let mut request = [0; 1024];
    if let Ok(1..) = tls.read(&mut request) {
        let _ = tls.write_all(b"HTTP/1.1 204 No Content\r\nDate: Tue, 01 Jan 2036 00:00:00 GMT\r\n\r\n");
    }
    tls.conn.send_close_notify();
    let _ = tls.flush();
}

/// A TCP server; each connection in a thread of its own.
pub(crate) fn tcp(behave: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    tcp_at(Ipv4Addr::LOCALHOST.into(), 0, behave)
}

fn tcp_at(address: IpAddr, port: u16, behave: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind((address, port)).unwrap();
    let address = listener.local_addr().unwrap();
    let behave = Arc::new(behave);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let behave = Arc::clone(&behave);
            std::thread::spawn(move || behave(stream));
        }
    });
    address
}

/// Reads what the client says first, so that closing does not reset the connection.
pub(crate) fn hear(stream: &mut TcpStream) {
    let mut hello = [0; 4096];
    let _ = stream.read(&mut hello);
}

/// A file of the test PKI.
fn pki(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "pki", name]
        .iter()
        .collect()
}

/// A port that nobody listens on.
pub(crate) fn closed_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// Whether the program is there; says so when it is not.
pub(crate) fn have(program: &str) -> bool {
    let version = match program {
        "nginx" => "-v",
        "java" | "javac" => "-version",
        "keytool" => "-help",
        "prometheus" => "--version",
        _ => "version",
    };
    let found = Command::new(program)
        .arg(version)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !found {
        eprintln!("SKIPPED: {program} is not installed");
    }
    found
}

/// An RSA key made by openssl: ring makes none.
pub(crate) fn rsa_key() -> rcgen::KeyPair {
    let output = Command::new("openssl")
        .args(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
        .stderr(Stdio::null())
        .output()
        .unwrap();
    rcgen::KeyPair::from_pem(std::str::from_utf8(&output.stdout).unwrap()).unwrap()
}
