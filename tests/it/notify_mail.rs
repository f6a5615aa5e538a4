//! Mail: a small server with STARTTLS and with TLS at once, which verifies what a client must do.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::PrivateKeyDer;

use crate::farm::Ca;
use crate::support::Home;

/// What the server took.
#[derive(Debug, Clone, Default)]
struct Mail {
    login: Option<String>,
    from: String,
    to: Vec<String>,
    data: String,
    encrypted: bool,
}

struct Server {
    address: SocketAddr,
    mails: Arc<Mutex<Vec<Mail>>>,
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

impl Server {
    fn start(ca: &Ca, implicit: bool) -> Self {
        let issued = ca.issue("localhost");
        let key = PrivateKeyDer::from(issued.key.clone_key());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(issued.chain, key)
            .expect("a certificate");
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let mails: Arc<Mutex<Vec<Mail>>> = Arc::default();
        let kept = Arc::clone(&mails);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, config) = (Arc::clone(&kept), Arc::clone(&config));
                std::thread::spawn(move || {
                    let mut mail = Mail::default();
                    if talk(stream, &config, implicit, &mut mail).is_some() {
                        kept.lock().expect("not poisoned").push(mail);
                    }
                });
            }
        });
        Self { address, mails }
    }
}

fn encrypted(stream: TcpStream, config: &Arc<rustls::ServerConfig>) -> Box<dyn Stream> {
    let connection = rustls::ServerConnection::new(Arc::clone(config)).expect("a connection");
    Box::new(rustls::StreamOwned::new(connection, stream))
}

/// A conversation up to QUIT or the end of DATA; none when no mail came.
fn talk(
    stream: TcpStream,
    config: &Arc<rustls::ServerConfig>,
    implicit: bool,
    mail: &mut Mail,
) -> Option<()> {
    let raw = stream.try_clone().ok()?;
    let mut stream: Box<dyn Stream> = if implicit {
        encrypted(stream, config)
    } else {
        Box::new(stream)
    };
    mail.encrypted = implicit;
    stream.write_all(b"220 localhost ESMTP\r\n").ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        let word = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let answer = match word.as_str() {
            "EHLO" if mail.encrypted => "250-localhost\r\n250 AUTH PLAIN LOGIN\r\n",
            "EHLO" => "250-localhost\r\n250 STARTTLS\r\n",
            "STARTTLS" => {
                reader.get_mut().write_all(b"220 go ahead\r\n").ok()?;
                reader = BufReader::new(encrypted(raw.try_clone().ok()?, config));
                mail.encrypted = true;
                continue;
            }
            "AUTH" => {
                let plain = STANDARD.decode(line.rsplit(' ').next()?).ok()?;
                mail.login = Some(String::from_utf8_lossy(&plain).replace('\0', "/"));
                "235 welcome\r\n"
            }
            "MAIL" => {
                mail.from = line;
                "250 ok\r\n"
            }
            "RCPT" => {
                mail.to.push(line);
                "250 ok\r\n"
            }
            "DATA" => {
                reader.get_mut().write_all(b"354 send it\r\n").ok()?;
                loop {
                    let mut line = String::new();
                    reader.read_line(&mut line).ok()?;
                    if line == ".\r\n" {
                        break;
                    }
                    mail.data.push_str(&line);
                }
                reader.get_mut().write_all(b"250 taken\r\n").ok()?;
                let _ = reader.get_mut().flush();
                return Some(());
            }
            _ => "250 ok\r\n",
        };
        reader.get_mut().write_all(answer.as_bytes()).ok()?;
        reader.get_mut().flush().ok()?;
    }
}

/// The text of a mail whose body is base64.
fn body(mail: &Mail) -> String {
    let (_, body) = mail.data.split_once("\r\n\r\n").expect("a body");
    let text = STANDARD.decode(body.replace("\r\n", "")).expect("base64");
    String::from_utf8(text).expect("UTF-8")
}

#[test]
fn a_mail_arrives_by_starttls_and_by_tls_at_once() {
    let ca = Ca::new("Mail Test CA");
    for (scheme, implicit) in [("smtp", false), ("smtps", true)] {
        let server = Server::start(&ca, implicit);
        let home = Home::new();
        home.write("ca.pem", &ca.pem);
        home.write("password", "hunter2\n");
        let expired = format!("{}/tests/pki/expired.pem", env!("CARGO_MANIFEST_DIR"));
        home.write("xsp1.pem", std::fs::read(expired).expect("there"));
        home.write(
            "c.toml",
            format!(
                "[[notify]]\nkind = \"smtp\"\nurl = \"{scheme}://localhost:{}\"\nca_file = \"ca.pem\"\nuser = \"w4b\"\n\
                 password_file = \"password\"\nfrom = \"w4b@example.net\"\nto = [\"ops@example.net\", \"noc@example.org\"]\n\
                 when = \"critical\"\n",
                server.address.port()
            ),
        );
        let anchors = format!("{}/tests/pki/public-root.pem", env!("CARGO_MANIFEST_DIR"));
        let arguments = [
            "certs",
            "--config",
            "c.toml",
            "--anchors",
            &anchors,
            "--host",
            "xsp1.example.net",
            "--as-of",
            "2026-11-22T12:00:00Z",
            "--lang",
            "de",
            "--state",
            "state.json",
            "--notify",
            "xsp1.pem",
        ];
        let outcome = home.command(&arguments).run();
        assert_eq!(outcome.code, 2, "{outcome}");
        let mails = server.mails.lock().expect("not poisoned").clone();
        let mail = mails
            .iter()
            .find(|mail| body(mail).contains("abgelaufen"))
            .unwrap_or_else(|| panic!("{mails:#?}\n{outcome}"));
        assert!(mail.encrypted);
        assert_eq!(mail.login.as_deref(), Some("/w4b/hunter2"));
        assert!(mail.from.contains("<w4b@example.net>"), "{mail:?}");
        assert_eq!(mail.to.len(), 2);
        for header in [
            "Subject: =?UTF-8?B?",
            "Message-ID: <",
            "Date: Sun, 22 Nov 2026 12:00:00 +0000",
        ] {
            assert!(mail.data.contains(header), "{header}: {}", mail.data);
        }
        assert!(body(mail).contains("2025-07-01 00:00 UTC"), "{}", body(mail));
        // Once.
        let count = mails.len();
        home.command(&arguments).run();
        assert_eq!(server.mails.lock().expect("not poisoned").len(), count);
    }
}

#[test]
fn a_mail_server_that_is_not_trusted_gets_neither_password_nor_mail() {
    let (ca, other) = (Ca::new("Mail Test CA"), Ca::new("Another CA"));
    let server = Server::start(&ca, false);
    let home = Home::new();
    home.write("ca.pem", &other.pem);
    home.write(
        "c.toml",
        format!(
            "[[notify]]\nkind = \"smtp\"\nurl = \"smtp://localhost:{}\"\nca_file = \"ca.pem\"\nuser = \"w4b\"\n\
             password_env = \"PASSWORD\"\nfrom = \"w4b@example.net\"\nto = [\"ops@example.net\"]\n",
            server.address.port()
        ),
    );
    let outcome = home
        .command(&["certs", "--config", "c.toml", "--notify-test"])
        .env("PASSWORD", "hunter2")
        .run();
    assert_eq!(outcome.code, 3, "{outcome}");
    assert!(
        outcome.stderr().contains("its certificate is not trusted"),
        "{outcome}"
    );
    assert!(!outcome.stderr().contains("hunter2"), "{outcome}");
    assert!(server.mails.lock().expect("not poisoned").is_empty());
}
