//! Issuers fetched from where the certificates say (`--aia`).

use std::collections::BTreeMap;

use crate::cert_evidence::findings;
use crate::http_server::{Answer, Script, Server};
use crate::support::{Home, Outcome};

fn script(routes: &[(&str, Answer)]) -> Script {
    Script {
        routes: routes
            .iter()
            .map(|(path, answer)| ((*path).to_owned(), vec![answer.clone()]))
            .collect::<BTreeMap<_, _>>(),
        ..Script::default()
    }
}

/// A chain of leaf, two intermediates and root whose issuers' addresses are on this port.
struct Fetchable {
    leaf: String,
    first: Vec<u8>,
    second_pem: String,
    root: String,
}

impl Fetchable {
    fn new(first_url: &str, second_url: &str) -> Self {
        use rcgen::{BasicConstraints, CertificateParams, CustomExtension, IsCa, Issuer, KeyPair};
        // AuthorityInfoAccess with one caIssuers address shorter than 100 octets.
        let access = |url: &str| {
            let oid = [0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02];
            let short = |length: usize| u8::try_from(length).expect("short");
            let mut description = oid.to_vec();
            description.extend([0x86, short(url.len())]);
            description.extend(url.as_bytes());
            let mut der = vec![0x30, short(description.len() + 2), 0x30, short(description.len())];
            der.extend(description);
            CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], der)
        };
        let params = |name: &str, ca: bool| {
            let names = if ca { Vec::new() } else { vec![name.to_owned()] };
            let mut params = CertificateParams::new(names).expect("names");
            params.distinguished_name = rcgen::DistinguishedName::new();
            params.distinguished_name.push(rcgen::DnType::CommonName, name);
            params.use_authority_key_identifier_extension = true;
            params.not_before = rcgen::date_time_ymd(2026, 10, 1);
            params.not_after = rcgen::date_time_ymd(2027, 3, 1);
            if ca {
                params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            }
            params
        };
        let key = || KeyPair::generate().expect("a key");
        let (root_key, first_key, second_key, leaf_key) = (key(), key(), key(), key());
        let root_params = params("Example Fetch Root", true);
        let root = root_params.self_signed(&root_key).expect("a root");
        let root_issuer = Issuer::new(root_params, root_key);
        let second_params = params("Example Fetch CA 2", true);
        let second = second_params
            .signed_by(&second_key, &root_issuer)
            .expect("signed");
        let second_issuer = Issuer::new(second_params, second_key);
        let mut first_params = params("Example Fetch CA 1", true);
        first_params.custom_extensions.push(access(second_url));
        let first = first_params
            .signed_by(&first_key, &second_issuer)
            .expect("signed");
        let first_issuer = Issuer::new(first_params, first_key);
        let mut leaf_params = params("xsp1.example.net", false);
        leaf_params.custom_extensions.push(access(first_url));
        let leaf = leaf_params.signed_by(&leaf_key, &first_issuer).expect("signed");
        Self {
            leaf: leaf.pem(),
            first: first.der().to_vec(),
            second_pem: second.pem(),
            root: root.pem(),
        }
    }
}

/// Serves bytes by path, for as long as the test runs: first come the files, then what they answer.
fn serve(home: &Home, routes: &[(&str, Answer)]) -> Server {
    Server::start(script(routes), home.path())
}

fn body(file: &str) -> Answer {
    Answer {
        file: Some(file.into()),
        ..Answer::default()
    }
}

fn fetch(home: &Home, more: &[&str]) -> Outcome {
    let mut arguments = vec![
        "certs",
        "leaf.pem",
        "--anchors",
        "root.pem",
        "--host",
        "xsp1.example.net",
        "--as-of",
        "2026-11-22T12:00:00Z",
        "--format",
        "json",
    ];
    arguments.extend(more);
    home.command(&arguments).run()
}

#[test]
fn missing_issuers_are_fetched_and_the_chain_written() {
    let home = Home::new();
    // The port is known only when the server runs: its routes are files that are written afterwards.
    let server = serve(&home, &[("/1.cer", body("1.cer")), ("/2.cer", body("2.cer"))]);
    let base = server.base();
    let base = base.trim_end_matches('/');
    let made = Fetchable::new(&format!("{base}/1.cer"), &format!("{base}/2.cer"));
    home.write("leaf.pem", &made.leaf);
    home.write("root.pem", &made.root);
    home.write("1.cer", &made.first);
    home.write("2.cer", &made.second_pem);
    // Not asked for: nothing is fetched.
    let before = fetch(&home, &[]).json();
    assert_eq!(findings(&before, "chain.incomplete")[0]["severity"], "critical");
    assert!(before["data"]["aia"].is_null());
    let outcome = fetch(&home, &["--aia", "--write-chain", "chain.pem"]);
    let report = outcome.json();
    let found = findings(&report, "chain.incomplete")[0];
    assert_eq!(found["severity"], "critical", "still not served: {report:#}");
    assert_eq!(
        found["data"]["completed_by"].as_array().map(Vec::len),
        Some(2),
        "{found:#}"
    );
    assert!(
        found["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("Example Fetch CA 1 → Example Fetch CA 2"))
    );
    assert_eq!(report["data"]["aia"][0]["outcome"], "fetched");
    assert_eq!(report["data"]["aia"][1]["outcome"], "fetched");
    // What was fetched makes nothing trusted.
    assert_eq!(report["data"]["files"][0]["verification"]["trusted"], false);
    let written = String::from_utf8(home.read("chain.pem")).expect("PEM");
    assert_eq!(written.matches("BEGIN CERTIFICATE").count(), 3, "{outcome}");
    let whole = home
        .command(&[
            "certs",
            "chain.pem",
            "--anchors",
            "root.pem",
            "--as-of",
            "2026-11-22T12:00:00Z",
            "--format",
            "json",
        ])
        .run()
        .json();
    assert_eq!(
        whole["data"]["files"][0]["verification"]["trusted"], true,
        "{whole:#}"
    );
}

#[test]
fn what_cannot_be_fetched_is_said_and_ends() {
    let home = Home::new();
    let server = serve(
        &home,
        &[
            (
                "/page",
                Answer {
                    text: "<!DOCTYPE html><html>Sign in</html>".to_owned(),
                    ..Answer::default()
                },
            ),
            (
                "/huge",
                Answer {
                    text: "x".to_owned(),
                    fill: 400_000,
                    ..Answer::default()
                },
            ),
            (
                "/gone",
                Answer {
                    status: 404,
                    ..Answer::default()
                },
            ),
            ("/self", body("leaf.pem")),
            ("/1.cer", body("1.cer")),
            (
                "/away",
                Answer {
                    status: 302,
                    headers: [("location".to_owned(), "https://127.0.0.1:1/x.cer".to_owned())].into(),
                    ..Answer::default()
                },
            ),
            (
                "/round",
                Answer {
                    status: 302,
                    headers: [("location".to_owned(), "/round".to_owned())].into(),
                    ..Answer::default()
                },
            ),
        ],
    );
    let base = server.base();
    let base = base.trim_end_matches('/');
    let closed = format!("http://127.0.0.1:{}/x.cer", crate::farm::closed_port());
    let cases = [
        (format!("{base}/page"), "not-a-certificate"),
        (format!("{base}/huge"), "failed too-large"),
        (format!("{base}/gone"), "failed http-status"),
        (format!("{base}/away"), "failed http-status"),
        (format!("{base}/round"), "failed redirect-loop"),
        (closed, "failed refused"),
        ("https://127.0.0.1:1/x.cer".to_owned(), "scheme"),
        ("ldap://127.0.0.1/x".to_owned(), "scheme"),
        // The leaf itself: of no use, and not asked for twice.
        (format!("{base}/self"), "fetched"),
        // The intermediate says that it can be had where it was had.
        (format!("{base}/1.cer"), "fetched"),
    ];
    for (url, expected) in cases {
        let made = Fetchable::new(&url, &url);
        home.write("leaf.pem", &made.leaf);
        home.write("root.pem", &made.root);
        home.write("1.cer", &made.first);
        let report = fetch(&home, &["--aia"]).json();
        let tried = report["data"]["aia"].as_array().expect("what was tried");
        assert_eq!(tried.len(), 1, "{url}: {tried:#?}");
        let cause = tried[0]["cause"]
            .as_str()
            .map(|cause| format!(" {cause}"))
            .unwrap_or_default();
        let seen = format!("{}{cause}", tried[0]["outcome"].as_str().unwrap_or_default());
        assert_eq!(seen, expected, "{url}: {tried:#?}");
        assert_eq!(findings(&report, "chain.incomplete")[0]["severity"], "critical");
    }
}

/// A PKCS#7 body, as many authorities publish it; made by openssl.
#[test]
fn a_pkcs7_body_is_unpacked() {
    if !crate::farm::have("openssl") {
        return;
    }
    let home = Home::new();
    let server = serve(&home, &[("/all.p7c", body("all.p7c"))]);
    let url = format!("{}/all.p7c", server.base().trim_end_matches('/'));
    let made = Fetchable::new(&url, &url);
    home.write("leaf.pem", &made.leaf);
    home.write("root.pem", &made.root);
    home.write("1.der", &made.first);
    home.write("2.pem", &made.second_pem);
    let openssl = |arguments: &[&str]| {
        let status = std::process::Command::new("openssl")
            .args(arguments)
            .current_dir(home.path())
            .status();
        assert!(status.expect("openssl runs").success(), "{arguments:?}");
    };
    openssl(&["x509", "-inform", "DER", "-in", "1.der", "-out", "1.pem"]);
    openssl(&[
        "crl2pkcs7",
        "-nocrl",
        "-certfile",
        "1.pem",
        "-certfile",
        "2.pem",
        "-outform",
        "DER",
        "-out",
        "all.p7c",
    ]);
    let report = fetch(&home, &["--aia"]).json();
    let tried = report["data"]["aia"].as_array().expect("what was tried");
    assert_eq!(tried.len(), 1, "one request brings both: {tried:#?}");
    assert_eq!(tried[0]["certificates"].as_array().map(Vec::len), Some(2));
    let found = findings(&report, "chain.incomplete")[0];
    assert_eq!(
        found["data"]["completed_by"].as_array().map(Vec::len),
        Some(2),
        "{found:#}"
    );
}

/// Of forty chains with an address of their own each, 32 are asked for; the others say why not.
#[test]
fn requests_are_capped() {
    let home = Home::new();
    let port = crate::farm::closed_port();
    let names: Vec<String> = (0..40).map(|number| format!("{number}.pem")).collect();
    for name in &names {
        let url = format!("http://127.0.0.1:{port}/{name}");
        home.write(name, Fetchable::new(&url, &url).leaf);
    }
    let mut arguments = vec!["certs", "--aia", "--format", "json", "--timeout", "60s"];
    arguments.extend(names.iter().map(String::as_str));
    let report = home.command(&arguments).run().json();
    let outcomes = |outcome: &str| {
        let tried = report["data"]["aia"].as_array().expect("what was tried");
        tried.iter().filter(|fetch| fetch["outcome"] == outcome).count()
    };
    assert_eq!((outcomes("failed"), outcomes("limit")), (32, 8));
}

/// A server that sends a byte now and then: the deadline ends it, and the verdict comes all the same.
#[test]
fn a_slow_server_ends_at_the_deadline() {
    let home = Home::new();
    let slow = Answer {
        text: "x".repeat(400),
        drip: 500,
        ..Answer::default()
    };
    let server = serve(&home, &[("/slow.cer", slow)]);
    let url = format!("{}/slow.cer", server.base().trim_end_matches('/'));
    let made = Fetchable::new(&url, &url);
    home.write("leaf.pem", &made.leaf);
    home.write("root.pem", &made.root);
    let report = fetch(&home, &["--aia", "--timeout", "1s"]).json();
    assert_eq!(
        report["data"]["aia"][0]["cause"], "timeout",
        "{:#}",
        report["data"]["aia"]
    );
    assert_eq!(findings(&report, "chain.incomplete")[0]["severity"], "critical");
}
