//! An HTTPS status page behind an HTTP proxy (CONNECT), sign-in pages of networks, and the metrics' own linter.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::http_server::{Answer, Script, Server};
use crate::status_network::{cause, green, issued, status};
use crate::support::{Home, sample};

/// What a proxy does with a request for a tunnel.
#[derive(Debug, Clone, Copy)]
enum Rule {
    /// Opens it, to this port of this machine, whatever host was asked for.
    Open(u16),
    /// Opens it only for `user:secret`.
    Authenticated(u16),
    /// Does not allow it.
    Forbid,
    /// Hangs up.
    HangUp,
}

struct Proxy {
    port: u16,
    /// The first lines of the requests.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn start(rule: Rule) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = Arc::clone(&seen);
                std::thread::spawn(move || tunnel(&stream, rule, &seen));
            }
        });
        Self { port, asked }
    }

    fn url(&self, credentials: &str) -> String {
        format!("http://{credentials}127.0.0.1:{}", self.port)
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("not poisoned").clone()
    }
}

fn tunnel(stream: &TcpStream, rule: Rule, seen: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    while reader.read_line(&mut head)? > 2 && !head.ends_with("\r\n\r\n") {}
    seen.lock()
        .expect("not poisoned")
        .push(head.lines().next().unwrap_or_default().to_owned());
    let mut out = stream;
    // base64 of `user:secret`
    let may = head
        .to_ascii_lowercase()
        .contains("proxy-authorization: basic dxnlcjpzzwnyzxq=");
    let port = match rule {
        Rule::Open(port) => port,
        Rule::Authenticated(port) if may => port,
        Rule::Authenticated(_) => {
            return out.write_all(
                b"HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n",
            );
        }
        Rule::Forbid => return out.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"),
        Rule::HangUp => return stream.shutdown(Shutdown::Both),
    };
    let mut far = TcpStream::connect(("127.0.0.1", port))?;
    out.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let mut back = (far.try_clone()?, stream.try_clone()?);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut back.0, &mut back.1);
        let _ = back.1.shutdown(Shutdown::Write);
    });
    std::io::copy(&mut reader, &mut far)?;
    far.shutdown(Shutdown::Write)
}

const URL: &str = "https://status.example.com/";

/// A status page behind TLS, and a home whose configuration trusts its CA.
fn secure_page() -> (Server, Home) {
    let (ca, tls) = issued(&["status.example.com"]);
    let server = Server::start_with(green(&[]), Path::new("."), Some(tls));
    let home = Home::new();
    home.write("ca.pem", ca);
    home.write("config.toml", "[status]\nca_file = \"ca.pem\"\n");
    (server, home)
}

#[test]
fn through_a_tunnel_with_an_own_ca() {
    let (server, home) = secure_page();
    let proxy = Proxy::start(Rule::Open(server.port()));
    let arguments = ["--config", "config.toml", "--no-cache", "--url", URL];
    let outcome = status(&home, &arguments, &[("HTTPS_PROXY", &proxy.url(""))]);
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(
        proxy.asked()[0].starts_with("CONNECT status.example.com:443 "),
        "{:?}",
        proxy.asked()
    );
    // Without the CA it is a proxy that inspects TLS, as far as can be told.
    let outcome = status(&home, &["--url", URL], &[("HTTPS_PROXY", &proxy.url(""))]);
    assert_eq!(cause(&outcome), "tls-untrusted");
}

#[test]
fn a_tunnel_that_wants_a_password() {
    let (server, home) = secure_page();
    let proxy = Proxy::start(Rule::Authenticated(server.port()));
    let arguments = ["--config", "config.toml", "--no-cache", "--url", URL];
    for credentials in ["", "user:wrong@"] {
        let outcome = status(&home, &arguments, &[("HTTPS_PROXY", &proxy.url(credentials))]);
        assert_eq!(cause(&outcome), "proxy-auth", "{outcome}");
        assert!(!outcome.to_string().contains("wrong"), "{outcome}");
    }
    let outcome = status(&home, &arguments, &[("HTTPS_PROXY", &proxy.url("user:secret@"))]);
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(!outcome.to_string().contains("secret"), "{outcome}");
}

#[test]
fn a_proxy_that_refuses_is_not_the_page() {
    for rule in [Rule::Forbid, Rule::HangUp] {
        let proxy = Proxy::start(rule);
        let outcome = status(&Home::new(), &["--url", URL], &[("HTTPS_PROXY", &proxy.url(""))]);
        assert_eq!(cause(&outcome), "proxy", "{rule:?}: {outcome}");
    }
}

#[test]
fn a_network_that_wants_a_sign_in_says_so_with_511() {
    let answer = Answer {
        status: 511,
        text: "<html>Sign in</html>".to_owned(),
        ..Answer::default()
    };
    let script = Script {
        routes: [("*".to_owned(), vec![answer])].into(),
        ..Script::default()
    };
    let server = Server::start(script, Path::new("."));
    let outcome = status(&Home::new(), &["--url", &server.base()], &[]);
    assert_eq!(cause(&outcome), "captive-portal", "{outcome}");
}

#[test]
fn the_metrics_pass_promtool() {
    let home = Home::new();
    std::fs::copy(sample("status/index.json"), home.join("index.json")).expect("copied");
    for url in ["index.json", "absent.json"] {
        let outcome = home
            .command(&["status", "--url", url, "--format", "prometheus"])
            .run();
        crate::exporter_textfile::lint(&outcome.stdout);
    }
}
