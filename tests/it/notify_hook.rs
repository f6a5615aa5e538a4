//! The web hook: a receiver, plain and with TLS, what arrives there, and a disk that is full.

#![allow(clippy::print_stderr, reason = "what is skipped is said")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::farm::Ca;
use crate::notify::{hook, pki, prepare, run};
use crate::schema::assert_fits;
use crate::support::Home;

/// Something that takes JSON by POST and keeps it.
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    taken: Arc<Mutex<Vec<Taken>>>,
    pub(crate) status: Arc<AtomicU16>,
    scheme: &'static str,
}

#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) path: String,
    pub(crate) key: String,
    pub(crate) authorization: Option<String>,
    pub(crate) body: Value,
}

impl Sink {
    pub(crate) fn start() -> Self {
        Self::serve(None)
    }

    /// With TLS, and a certificate of this CA for a name.
    fn encrypted(ca: &Ca, name: &str) -> Self {
        let issued = ca.issue(name);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(issued.chain, issued.key.into())
            .expect("a certificate");
        Self::serve(Some(Arc::new(config)))
    }

    fn serve(tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let scheme = if tls.is_some() { "https" } else { "http" };
        let taken: Arc<Mutex<Vec<Taken>>> = Arc::default();
        let status = Arc::new(AtomicU16::new(200));
        let (kept, answer) = (Arc::clone(&taken), Arc::clone(&status));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, answer, tls) = (Arc::clone(&kept), Arc::clone(&answer), tls.clone());
                std::thread::spawn(move || match tls {
                    None => take(stream, &kept, &answer),
                    Some(tls) => take(encrypted(stream, &tls)?, &kept, &answer),
                });
            }
        });
        Self {
            address,
            taken,
            status,
            scheme,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}://{}/hook", self.scheme, self.address)
    }

    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.taken.lock().expect("not poisoned").clone()
    }

    /// What kinds there were, in order.
    pub(crate) fn kinds(&self) -> Vec<String> {
        let taken = self.taken();
        let kind = |taken: &Taken| taken.body["kind"].as_str().unwrap_or("?").to_owned();
        taken.iter().map(kind).collect()
    }
}

fn encrypted(
    stream: TcpStream,
    tls: &Arc<rustls::ServerConfig>,
) -> Option<rustls::StreamOwned<rustls::ServerConnection, TcpStream>> {
    let connection = rustls::ServerConnection::new(Arc::clone(tls)).ok()?;
    Some(rustls::StreamOwned::new(connection, stream))
}

/// One request; none when it was not whole.
fn take(stream: impl Read + Write, kept: &Mutex<Vec<Taken>>, answer: &AtomicU16) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => headers.insert(name.to_ascii_lowercase(), value.trim().to_owned()),
            None => break,
        };
    }
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    let status = answer.load(Ordering::SeqCst);
    if (200..300).contains(&status) {
        kept.lock().expect("not poisoned").push(Taken {
            path,
            key: headers.get("idempotency-key").cloned().unwrap_or_default(),
            authorization: headers.get("authorization").cloned(),
            body: serde_json::from_slice(&body).ok()?,
        });
    }
    let stream = reader.get_mut();
    write!(
        stream,
        "HTTP/1.1 {status} Sink\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )
    .and_then(|()| stream.flush())
    .ok()
}

#[test]
fn every_kind_of_message_fits_its_schema() {
    let (home, sink) = (Home::new(), Sink::start());
    prepare(&home, &hook(&sink));
    // A warning, a week later the same, then replaced for two runs.
    for day in [
        "2027-03-05T12:00:00Z",
        "2027-03-12T12:00:00Z",
        "2026-12-01T12:00:00Z",
        "2026-12-01T13:00:00Z",
    ] {
        run(&home, day, &["--lang", "hr"]);
    }
    home.command(&["certs", "--config", "c.toml", "--notify-test"])
        .run();
    assert_eq!(sink.kinds(), ["raised", "reminder", "recovered", "test"]);
    for taken in sink.taken() {
        assert_fits("notification", &taken.body);
    }
    let printed = home.command(&["schema", "notification"]).run();
    assert_eq!(
        printed.json()["$id"],
        "urn:w4b-diag:schema:notification:1",
        "{printed}"
    );
}

#[test]
fn a_web_hook_of_an_own_ca_and_never_without_it() {
    let ca = Ca::new("Ticket CA");
    let (home, sink) = (Home::new(), Sink::encrypted(&ca, "127.0.0.1"));
    let other = Sink::encrypted(&ca, "tickets.example.net");
    home.write("own-ca.pem", &ca.pem);
    home.write("token", "hunter2-token\n");
    let config = |sink: &Sink, more: &str| {
        format!(
            "[[notify]]\nkind = \"webhook\"\nname = \"ticket\"\nurl = \"{}\"\ntoken_file = \"token\"\n{more}",
            sink.url()
        )
    };
    let trusted = "ca_file = \"own-ca.pem\"\n";
    for (sink, more, words) in [
        (&sink, "", "its certificate is not trusted"),
        (&other, trusted, "its certificate is for another name"),
        (
            &sink,
            "ca_file = \"token\"\n",
            "notify ticket: there is no certificate in the CA file",
        ),
    ] {
        prepare(&home, &config(sink, more));
        let outcome = run(&home, "2027-03-05T12:00:00Z", &[]);
        // What was found counts, and that nobody was told is said.
        assert_eq!(outcome.code, 1, "{outcome}");
        assert!(outcome.stderr().contains(words), "{outcome}");
        assert!(!outcome.to_string().contains("hunter2"), "{outcome}");
    }
    assert!(sink.taken().is_empty() && other.taken().is_empty());
    // What is wrong with one destination is no reason not to tell the others.
    let plain = Sink::start();
    let unusable = config(&sink, "ca_file = \"absent.pem\"\n");
    prepare(&home, &format!("{unusable}{}", hook(&plain)));
    let outcome = run(&home, "2027-03-05T12:00:00Z", &[]);
    assert!(
        outcome
            .stderr()
            .contains("notify ticket: cannot read the CA file"),
        "{outcome}"
    );
    assert_eq!(plain.kinds(), ["raised"]);
    prepare(&home, &config(&sink, trusted));
    let outcome = run(&home, "2027-03-05T12:00:00Z", &[]);
    assert!(outcome.stderr.is_empty(), "{outcome}");
    let taken = sink.taken();
    assert_eq!(sink.kinds(), ["raised"]);
    assert_eq!(taken[0].authorization.as_deref(), Some("Bearer hunter2-token"));
    assert_fits("notification", &taken[0].body);
}

/// On a file system of two pages in a name space of its own: the memory, the textfile and the calendar.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_loses_nothing_and_says_so() {
    let (home, sink) = (Home::new(), Sink::start());
    prepare(&home, &hook(&sink));
    home.write(
        "public-root.pem",
        std::fs::read(pki("public-root.pem")).expect("there"),
    );
    let program = env!("CARGO_BIN_EXE_w4b-diag");
    let judge = format!(
        "{program} certs --config c.toml --anchors public-root.pem --host xsp1.example.net xsp1.pem \
         --as-of 2027-03-05T12:00:00Z"
    );
    let script = format!(
        "set -e
        mount -t tmpfs -o size=128k tmpfs small
        cd small; cp ../c.toml ../xsp1.pem ../public-root.pem .
        {judge} --format prometheus -o certs.prom || test $? = 1
        {judge} --calendar ends.ics >/dev/null || test $? = 1
        cp certs.prom ../certs.before; cp ends.ics ../ends.before
        dd if=/dev/zero of=fill bs=1k 2>/dev/null || true
        set +e
        {judge} --notify --state state.json >../out.1 2>../err.1; echo $? >../code.1
        {judge} --format prometheus -o certs.prom 2>../err.2; echo $? >../code.2
        {judge} --calendar ends.ics >../out.3 2>../err.3; echo $? >../code.3
        ls -A >../left; cp certs.prom ../certs.after; cp ends.ics ../ends.after
        rm fill
        {judge} --notify --state state.json >/dev/null 2>../err.4; echo $? >../code.4
        {judge} --format prometheus -o certs.prom 2>../err.5; echo $? >../code.5"
    );
    std::fs::create_dir(home.join("small")).expect("a directory");
    let output = std::process::Command::new("unshare")
        .args(["--mount", "sh", "-c", &script])
        .current_dir(home.path())
        .output();
    if !output.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: unshare cannot mount a small file system");
        return;
    }
    let read = |name: &str| String::from_utf8_lossy(&home.read(name)).trim().to_owned();
    // The result is printed, its exit code stays, and nobody was told: the next run would tell again.
    assert_eq!(read("code.1"), "1", "{}", read("err.1"));
    assert!(read("out.1").contains("xsp1.pem"), "{}", read("out.1"));
    assert!(read("err.1").contains("Nothing was sent"), "{}", read("err.1"));
    for number in ["2", "3"] {
        assert_eq!(read(&format!("code.{number}")), "3");
        let said = read(&format!("err.{number}"));
        assert!(said.contains("the disk is full"), "{said}");
    }
    assert!(read("out.3").contains("xsp1.pem"), "{}", read("out.3"));
    assert_eq!(read("certs.before"), read("certs.after"));
    assert_eq!(read("ends.before"), read("ends.after"));
    let left = read("left");
    assert!(
        left.lines()
            .all(|name| !name.contains(".w4b-diag-") && !name.contains(".notify-")),
        "nothing half is left behind: {left}"
    );
    // With room again all is made up for.
    assert_eq!((read("code.4"), read("err.4")), ("1".to_owned(), String::new()));
    assert_eq!((read("code.5"), read("err.5")), ("1".to_owned(), String::new()));
    assert_eq!(sink.kinds(), ["raised"]);
}
