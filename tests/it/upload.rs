//! `upload` against a real nginx: WebDAV PUT, basic authentication, TLS, on loopback.

#![expect(clippy::print_stderr, reason = "what is skipped is said")]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::case::sample;
use crate::farm::{Ca, closed_port};
use crate::support::{Home, Outcome};

const SR: &str = "699123456";
const TOKEN: &str = "Zq7-upload-Token";

/// Ended when dropped.
struct Nginx {
    process: Child,
    base: String,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Serves `home/store/` for PUT under `/home/`; `None` when there is no nginx, which is said.
fn nginx(home: &Home) -> Option<Nginx> {
    let silent = || Stdio::null();
    let found = Command::new("nginx")
        .arg("-v")
        .stderr(silent())
        .stdout(silent())
        .status();
    if !found.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: nginx is not installed");
        return None;
    }
    let ca = Ca::new("Upload Test CA");
    let issued = ca.issue("localhost");
    home.write("ca.pem", &ca.pem);
    home.write("chain.pem", &issued.pem);
    home.write("key.pem", &issued.key_pem);
    home.write("users", format!("{SR}:{{PLAIN}}{TOKEN}\n"));
    std::fs::create_dir_all(home.join("store/home")).expect("a directory");
    std::fs::create_dir_all(home.join("tmp")).expect("a directory");
    let port = closed_port();
    let root = home.path().display();
    home.write(
        "nginx.conf",
        format!(
            "daemon off; master_process off; pid {root}/nginx.pid; error_log {root}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log {root}/access.log; client_body_temp_path {root}/tmp; proxy_temp_path {root}/tmp;
  fastcgi_temp_path {root}/tmp; uwsgi_temp_path {root}/tmp; scgi_temp_path {root}/tmp;
  server {{
    listen 127.0.0.1:{port} ssl; server_name localhost;
    ssl_certificate {root}/chain.pem; ssl_certificate_key {root}/key.pem;
    client_max_body_size 100m;
    location /home/ {{
      root {root}/store; dav_methods PUT; auth_basic 'cases'; auth_basic_user_file {root}/users;
    }}
    location /small/ {{ client_max_body_size 1k; root {root}/store; dav_methods PUT; }}
    location /moved/ {{ return 302 https://localhost:{port}/elsewhere/; }}
  }}
}}"
        ),
    );
    let process = Command::new("nginx")
        .args(["-e", "stderr", "-p"])
        .arg(home.path())
        .arg("-c")
        .arg(home.join("nginx.conf"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("nginx starts");
    let nginx = Nginx {
        process,
        base: format!("https://localhost:{port}"),
    };
    let end = Instant::now() + Duration::from_secs(20);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < end, "nginx does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
    Some(nginx)
}

fn upload(home: &Home, url: &str, token: &str, more: &[&str]) -> Outcome {
    upload_to(home, SR, url, token, more)
}

fn upload_to(home: &Home, sr: &str, url: &str, token: &str, more: &[&str]) -> Outcome {
    let ca = home.join("ca.pem");
    let ca = ca.to_str().expect("UTF-8");
    let arguments = ["upload", "case.zip", "--sr", sr, "--url", url, "--ca-file", ca];
    home.command(&[&arguments[..], more].concat())
        .env("W4B_UPLOAD_TOKEN", token)
        .run()
}

fn requests(home: &Home) -> usize {
    String::from_utf8_lossy(&home.read("access.log")).lines().count()
}

/// The token is in nothing that the program leaves or says.
fn is_silent(home: &Home, outcome: &Outcome) {
    assert!(!format!("{outcome}").contains(TOKEN), "{outcome}");
    let receipt = home.join("case.zip.receipt.json");
    if receipt.exists() {
        let text = std::fs::read_to_string(receipt).expect("a receipt");
        assert!(!text.contains(TOKEN), "{text}");
    }
}

#[test]
fn a_bundle_is_uploaded_once_and_has_a_receipt() {
    let home = Home::new();
    let Some(nginx) = nginx(&home) else { return };
    assert_eq!(sample(&home, "case.zip", &[]).code, 0);
    let url = format!("{}/home/", nginx.base);

    let first = upload(&home, &url, TOKEN, &["--format", "json"]);
    assert_eq!(first.code, 0, "{first}");
    is_silent(&home, &first);
    assert_eq!(home.read("store/home/case.zip"), home.read("case.zip"));
    let receipt: serde_json::Value =
        serde_json::from_slice(&home.read("case.zip.receipt.json")).expect("a receipt");
    let printed: serde_json::Value = serde_json::from_str(&first.stdout()).expect("a report");
    assert_eq!(printed["data"], receipt);
    assert_eq!(receipt["status"], 201);
    assert_eq!(receipt["url"], format!("{url}case.zip"));

    // The same bytes a second time: nobody is asked.
    let before = requests(&home);
    let second = upload(&home, &url, TOKEN, &[]);
    assert_eq!(second.code, 0, "{second}");
    assert!(second.stderr().contains("already uploaded"), "{second}");
    assert_eq!(requests(&home), before);

    let again = upload(&home, &url, TOKEN, &["--again"]);
    assert_eq!(again.code, 0, "{again}");
    assert!(
        again.stderr().contains("replaced a file of the same name"),
        "{again}"
    );
}

#[test]
fn packed_and_uploaded_in_one_go_with_consent() {
    let home = Home::new();
    let Some(nginx) = nginx(&home) else { return };
    let url = format!("{}/home", nginx.base);
    let ca = home.join("ca.pem");
    home.write("token", format!("{TOKEN}\n"));
    let token = home.join("token");
    let arguments = [
        "--upload",
        "--sr",
        SR,
        "--url",
        &url,
        "--ca-file",
        ca.to_str().expect("UTF-8"),
        "--token-file",
        token.to_str().expect("UTF-8"),
    ];
    let unasked = sample(&home, "case.zip", &arguments);
    assert_eq!(unasked.code, 3, "{unasked}");
    assert!(unasked.stderr().contains("--yes"), "{unasked}");
    assert!(!home.join("case.zip").exists());

    let outcome = sample(&home, "case.zip", &[&arguments[..], &["--yes"]].concat());
    assert_eq!(outcome.code, 0, "{outcome}");
    is_silent(&home, &outcome);
    assert_eq!(home.read("store/home/case.zip"), home.read("case.zip"));
}

#[test]
fn what_goes_wrong_is_said_and_nothing_is_marked_as_uploaded() {
    let home = Home::new();
    let Some(nginx) = nginx(&home) else { return };
    assert_eq!(sample(&home, "case.zip", &[]).code, 0);
    let refused_for = |sr: &str, url: &str, token: &str, more: &[&str], words: &str| {
        let outcome = upload_to(&home, sr, url, token, more);
        assert_eq!(outcome.code, 3, "{outcome}");
        assert!(outcome.stderr().contains(words), "{words}: {outcome}");
        is_silent(&home, &outcome);
        assert!(!home.join("case.zip.receipt.json").exists(), "{outcome}");
    };
    let refused = |url: &str, token: &str, more: &[&str], words: &str| {
        refused_for(SR, url, token, more, words);
    };
    let url = format!("{}/home/", nginx.base);
    refused(&url, "another-token", &[], "valid for 72 days");
    let number = "number of the service request is most likely wrong";
    refused_for("6991", &url, TOKEN, &[], number);
    refused(&format!("{}/small/", nginx.base), TOKEN, &[], "--max-size");
    refused(
        &format!("{}/moved/", nginx.base),
        TOKEN,
        &[],
        "nothing was uploaded",
    );
    refused(&url, "", &[], "W4B_UPLOAD_TOKEN");
    refused("http://localhost/home/", TOKEN, &[], "HTTPS");
    refused_for("12/../34", &url, TOKEN, &[], "digits only");
    let closed = format!("https://localhost:{}/home/", closed_port());
    refused(&closed, TOKEN, &["--timeout", "1s"], "(refused)");
    // The server's certificate is verified, always.
    home.write("ca.pem", &Ca::new("Another CA").pem);
    refused(&url, TOKEN, &["--timeout", "1s"], "tls-untrusted");
}

#[test]
fn only_a_clean_bundle_leaves() {
    let home = Home::new();
    let Some(nginx) = nginx(&home) else { return };
    let url = format!("{}/home/", nginx.base);
    assert_eq!(
        sample(
            &home,
            "case.zip",
            &["--map", home.join("map.json").to_str().expect("UTF-8")]
        )
        .code,
        0
    );
    let whole = home.read("case.zip");
    let mut changed = whole.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 0x40;
    for bytes in [
        changed,
        whole[..middle].to_vec(),
        home.read("map.json"),
        b"not a zip".to_vec(),
    ] {
        home.write("case.zip", bytes);
        let outcome = upload(&home, &url, TOKEN, &[]);
        assert_eq!(outcome.code, 3, "{outcome}");
        assert!(!Path::exists(&home.join("store/home/case.zip")), "{outcome}");
    }
}
