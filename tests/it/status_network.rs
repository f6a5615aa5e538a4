//! What stands between us and the status page: caches, proxies, certificates, nothing at all. And the forms of output.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use crate::http_server::{Answer, Script, Server};
use crate::support::{Home, Outcome, sample};

const GREEN: &str = r#"{"status":{"indicator":"green"},"components":[
    {"id":"a","name":"Webex App","status":"operational"},{"id":"b","name":"Webex Calling","status":"operational"},
    {"id":"c","name":"Webex Meetings","status":"operational"},{"id":"d","name":"Webex Control Hub","status":"operational"}],
    "incidents":[],"scheduled_maintenances":[]}"#;

pub(crate) fn green(headers: &[(&str, &str)]) -> Script {
    let answer = Answer {
        text: GREEN.to_owned(),
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..Answer::default()
    };
    Script {
        routes: [("/index.json".to_owned(), vec![answer])].into(),
        ..Script::default()
    }
}

fn serve(script: Script) -> Server {
    Server::start(script, Path::new("."))
}

/// `status` with these arguments, as JSON whatever the outcome.
pub(crate) fn status(home: &Home, arguments: &[&str], environment: &[(&str, &str)]) -> Outcome {
    let mut all = vec!["status", "--format", "json"];
    all.extend(arguments);
    let mut run = home.command(&all);
    for (name, value) in environment {
        run = run.env(*name, *value);
    }
    run.run()
}

/// The cause of an unreachable page; panics when it was reached.
pub(crate) fn cause(outcome: &Outcome) -> String {
    assert_eq!(outcome.code, 3, "{outcome}");
    let report = outcome.json();
    assert_eq!(report["verdict"], "unknown", "{outcome}");
    assert_eq!(report["data"]["indicator"], "unknown", "{outcome}");
    report["data"]["cause"].as_str().expect("a cause").to_owned()
}

/// A port where nobody listens.
fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

#[test]
fn within_a_minute_the_page_is_asked_once() {
    let (home, server) = (Home::new(), serve(green(&[])));
    let first = status(&home, &["--url", &server.base()], &[]);
    let second = status(&home, &["--url", &server.base()], &[]);
    assert_eq!((first.code, second.code), (0, 0), "{first}\n{second}");
    assert_eq!(server.requests().len(), 1);
    assert_eq!(
        first.json()["data"]["fetched_at"],
        second.json()["data"]["fetched_at"]
    );
    let third = status(&home, &["--url", &server.base(), "--no-cache"], &[]);
    assert_eq!(third.code, 0, "{third}");
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn an_unchanged_page_is_not_sent_again() {
    let script = green(&[("etag", "\"v1\""), ("cache-control", "no-cache")]);
    let (home, server) = (Home::new(), serve(script));
    for _ in 0..2 {
        let outcome = status(&home, &["--url", &server.base()], &[]);
        assert_eq!(outcome.code, 0, "{outcome}");
    }
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].headers.get("if-none-match"), None);
    assert_eq!(requests[1].headers["if-none-match"], "\"v1\"");
}

#[test]
fn a_damaged_cache_is_no_cache() {
    let (home, server) = (Home::new(), serve(green(&[])));
    status(&home, &["--url", &server.base()], &[]);
    let directory = home.join(".cache/w4b-diag/status");
    for entry in std::fs::read_dir(directory).expect("the cache") {
        std::fs::write(entry.expect("an entry").path(), b"{\"schema\": 7").expect("written");
    }
    let outcome = status(&home, &["--url", &server.base()], &[]);
    assert_eq!(outcome.code, 0, "{outcome}");
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn nobody_listens() {
    let url = format!("http://127.0.0.1:{}/", closed_port());
    assert_eq!(cause(&status(&Home::new(), &["--url", &url], &[])), "refused");
}

#[test]
fn the_name_does_not_exist() {
    // RFC 6761: names under `invalid` never resolve.
    let outcome = status(
        &Home::new(),
        &["--url", "https://status.invalid/", "--timeout", "10s"],
        &[],
    );
    let cause = cause(&outcome);
    assert!(cause == "dns" || cause == "timeout", "{outcome}");
}

#[test]
fn a_silent_server_ends_at_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let outcome = status(&Home::new(), &["--url", &url, "--timeout", "500ms"], &[]);
    assert_eq!(cause(&outcome), "timeout");
}

#[test]
fn what_answers_is_not_http() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming().flatten() {
            let _ = std::io::Write::write_all(&mut &stream, b"SSH-2.0-OpenSSH_9.9\r\n");
            open.push(stream);
        }
    });
    assert_eq!(cause(&status(&Home::new(), &["--url", &url], &[])), "not-http");
}

#[test]
fn the_proxy_of_the_environment_is_used_and_its_exceptions_are() {
    let proxy = serve(green(&[]));
    let home = Home::new();
    let url = ["--no-cache", "--url", "http://status.example.com/"];
    let outcome = status(&home, &url, &[("HTTP_PROXY", &proxy.base())]);
    assert_eq!(outcome.code, 0, "{outcome}");
    assert_eq!(proxy.requests()[0].target, "http://status.example.com/index.json");

    let server = serve(green(&[]));
    let url = ["--no-cache", "--url", &server.base()];
    let environment = [("HTTP_PROXY", proxy.base()), ("NO_PROXY", "127.0.0.1".to_owned())];
    let environment: Vec<(&str, &str)> = environment
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let outcome = status(&home, &url, &environment);
    assert_eq!(outcome.code, 0, "{outcome}");
    assert_eq!((proxy.requests().len(), server.requests().len()), (1, 1));
}

#[test]
fn the_proxy_of_the_configuration_is_used() {
    let proxy = serve(green(&[]));
    let home = Home::new();
    let text = format!("[status]\nproxy = \"{}\"\n", proxy.base());
    let config = home.write("config.toml", text);
    let config = config.to_str().expect("text");
    let outcome = status(
        &home,
        &["--config", config, "--url", "http://status.example.com/"],
        &[],
    );
    assert_eq!(outcome.code, 0, "{outcome}");
    assert_eq!(proxy.requests().len(), 1);
}

#[test]
fn a_proxy_that_is_away_is_not_the_page() {
    let proxy = format!("http://user:secret@127.0.0.1:{}", closed_port());
    for (variable, url) in [
        ("HTTP_PROXY", "http://status.example.com/"),
        ("HTTPS_PROXY", "https://status.example.com/"),
    ] {
        let outcome = status(&Home::new(), &["--url", url], &[(variable, &proxy)]);
        assert_eq!(cause(&outcome), "proxy", "{outcome}");
        assert!(!outcome.to_string().contains("secret"), "{outcome}");
    }
}

#[test]
fn a_proxy_that_wants_a_password_says_so() {
    let refusal = Answer {
        status: 407,
        ..Answer::default()
    };
    let proxy = serve(Script {
        routes: [("*".to_owned(), vec![refusal])].into(),
        ..Script::default()
    });
    for (variable, url) in [
        ("HTTP_PROXY", "http://status.example.com/"),
        ("HTTPS_PROXY", "https://status.example.com/"),
    ] {
        let outcome = status(&Home::new(), &["--url", url], &[(variable, &proxy.base())]);
        assert_eq!(cause(&outcome), "proxy-auth", "{outcome}");
    }
}

/// A CA, and a server certificate of it for `names`.
pub(crate) fn issued(names: &[&str]) -> (String, Arc<rustls::ServerConfig>) {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let ca_key = rcgen::KeyPair::generate().expect("a key");
    let mut ca = rcgen::CertificateParams::new(Vec::new()).expect("parameters");
    ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let ca_pem = ca.self_signed(&ca_key).expect("a CA").pem();
    let issuer = rcgen::Issuer::new(ca, ca_key);
    let key = rcgen::KeyPair::generate().expect("a key");
    let certificate = rcgen::CertificateParams::new(names)
        .and_then(|params| params.signed_by(&key, &issuer))
        .expect("a certificate");
    let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a configuration");
    (ca_pem, Arc::new(config))
}

#[test]
fn an_own_ca_is_trusted_only_when_it_is_named() {
    let (ca, tls) = issued(&["localhost"]);
    let server = Server::start_with(green(&[]), Path::new("."), Some(tls));
    let home = Home::new();
    let url = format!("https://localhost:{}/", server.port());
    let outcome = status(&home, &["--url", &url], &[]);
    assert_eq!(cause(&outcome), "tls-untrusted", "{outcome}");

    home.write("ca.pem", ca);
    home.write("config.toml", "[status]\nca_file = \"ca.pem\"\n");
    let outcome = status(&home, &["--config", "config.toml", "--url", &url], &[]);
    assert_eq!(outcome.code, 0, "{outcome}");

    let by_address = format!("https://127.0.0.1:{}/", server.port());
    let outcome = status(&home, &["--config", "config.toml", "--url", &by_address], &[]);
    assert_eq!(cause(&outcome), "tls-name", "{outcome}");
}

#[test]
fn a_ca_file_that_is_none_is_refused() {
    let home = Home::new();
    for (content, word) in [
        ("no certificate here\n", "no certificate"),
        ("", "no certificate"),
    ] {
        home.write("ca.pem", content);
        home.write("config.toml", "[status]\nca_file = \"ca.pem\"\n");
        let outcome = status(
            &home,
            &["--config", "config.toml", "--url", "https://status.example.com/"],
            &[],
        );
        assert_eq!(outcome.code, 3, "{outcome}");
        assert!(outcome.stderr().contains(word), "{outcome}");
    }
    std::fs::remove_file(home.join("ca.pem")).expect("removed");
    let outcome = status(
        &home,
        &["--config", "config.toml", "--url", "https://status.example.com/"],
        &[],
    );
    assert!(outcome.stderr().contains("ca.pem"), "{outcome}");
}

#[test]
fn saved_files_and_what_is_none() {
    let home = Home::new();
    home.write("index.json", GREEN);
    let outcome = status(&home, &["--url", "index.json"], &[]);
    assert_eq!(outcome.code, 0, "{outcome}");
    assert_eq!(outcome.json()["data"]["fetched_from"], "index.json");
    home.write("page.html", "<!doctype html><title>Status</title>");
    home.write("empty.json", "");
    home.write("binary.json", [0_u8, 159, 146, 150]);
    home.write("number.json", "42");
    home.write("other.json", "{\"hello\": [1, 2]}");
    home.write("cut.json", &GREEN[..GREEN.len() / 2]);
    home.write("feed.xml", "<rss><channel><item><title>x");
    for (file, expected) in [
        ("page.html", "not-the-api"),
        ("empty.json", "not-the-api"),
        ("binary.json", "not-the-api"),
        ("number.json", "not-the-api"),
        ("other.json", "not-the-api"),
        ("cut.json", "broken"),
        ("feed.xml", "broken"),
        ("absent.json", "file"),
        (".", "file"),
    ] {
        assert_eq!(cause(&status(&home, &["--url", file], &[])), expected, "{file}");
    }
}

#[test]
fn what_is_typed_wrongly_is_said() {
    let home = Home::new();
    for (arguments, word) in [
        (vec!["status", "--url", "ftp://status.example.com/"], "ftp"),
        (vec!["status", "--url", "http://"], "http://"),
        (
            vec!["status", "--format", "csv"],
            "text, json, nagios, prometheus",
        ),
        (vec!["status", "--watch", "--format", "json"], "text"),
        (
            vec![
                "status",
                "--since",
                "2026-03-09T08:00:00Z",
                "--until",
                "2026-03-09T07:00:00Z",
            ],
            "--until",
        ),
    ] {
        let outcome = home.command(&arguments).run();
        assert_eq!(outcome.code, 3, "{outcome}");
        assert!(
            outcome.stderr().contains(word) && outcome.stdout.is_empty(),
            "{outcome}"
        );
    }
}

#[test]
fn for_monitoring() {
    let home = Home::new();
    let file = sample("status/index.json");
    std::fs::copy(file, home.join("index.json")).expect("copied");
    let time = regex::Regex::new(r"(?m)^(w4b_(?:webex_status_fetched|last_)\S*) \S+$").expect("valid");
    for format in ["nagios", "prometheus"] {
        let arguments = [
            "status",
            "--url",
            "index.json",
            "--as-of",
            "2026-11-22T09:00:00Z",
            "--format",
            format,
        ];
        let outcome = home.command(&arguments).run();
        let text = outcome.to_string();
        insta::assert_snapshot!(format!("status_{format}"), time.replace_all(&text, "$1 [NOW]"));
    }
    let outcome = home
        .command(&["status", "--url", "absent.json", "--format", "prometheus"])
        .run();
    assert!(
        outcome
            .stdout()
            .contains("w4b_webex_status_up{source=\"absent.json\"} 0\n"),
        "{outcome}"
    );
    assert!(!outcome.stdout().contains("component_status"), "{outcome}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_while_waiting_ends_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let home = Home::new();
    let mut child = home
        .command(&["status", "--url", &url])
        .prepare()
        .spawn()
        .expect("it starts");
    // Once it has connected it is waiting.
    let connection = listener.accept().expect("a connection");
    let killed = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .expect("kill runs");
    assert!(killed.success());
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    drop(connection);
}
