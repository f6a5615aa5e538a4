//! The whole farm in one run of the executable: every member's verdict, and one deadline for all.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustls::version::{TLS12, TLS13};
use serde_json::{Value, json};

use super::programs::{Java, Nginx};
use super::{Ca, Clients, Openssl, closed_port, have, hear, rsa_key, rustls_server, tcp};
use crate::support::Home;

/// As of this day the certificates of `tests/pki` are good.
const DAY: &str = "2026-11-22T12:00:00Z";
const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A target and what must be said of it: `data.targets` (only the fields given here), and the findings of some checks.
struct Member {
    target: String,
    row: Value,
    /// How many certificates were served.
    certificates: Option<usize>,
    findings: Vec<String>,
}

/// The servers of one kind, and what keeps them alive.
#[derive(Default)]
struct Farm {
    members: Vec<Member>,
    alive: Vec<Box<dyn std::any::Any>>,
}

/// The checks of which every finding is compared. The certificates' own faults are tested with files.
const CHECKS: [&str; 7] = [
    "tls.connect",
    "tls.handshake",
    "tls.legacy-protocol",
    "tls.mixed-addresses",
    "mtls.not-requested",
    "chain.incomplete",
    "chain.order",
];

impl Farm {
    fn add(&mut self, target: impl Into<String>, row: Value, findings: &[&str]) {
        self.members.push(Member {
            target: target.into(),
            row,
            certificates: None,
            findings: findings.iter().map(|&finding| finding.to_owned()).collect(),
        });
    }

    /// A target that cannot be reached.
    fn down(&mut self, target: impl Into<String>, reason: &str) {
        let row = json!({"reachable": false, "reason": reason, "handshake": null, "chain": []});
        let target = target.into();
        let check = match reason {
            "dns" | "refused" => "tls.connect",
            _ => "tls.handshake",
        };
        // Whether it would ask for a client certificate is not known then.
        let findings: &[&str] = if target.starts_with("cti://") {
            &["mtls.not-requested", check]
        } else {
            &[check]
        };
        self.add(target, row, findings);
    }

    /// Runs the executable over all members and compares.
    fn check(&self, timeout: &str) -> Duration {
        let home = Home::new();
        let root = super::pki("public-root.pem");
        let mut arguments = vec!["certs", "--as-of", DAY, "--anchors", root.to_str().unwrap()];
        arguments.extend(["--format", "json", "--timeout", timeout]);
        arguments.extend(self.members.iter().map(|member| member.target.as_str()));
        let started = Instant::now();
        let outcome = home.command(&arguments).run();
        let took = started.elapsed();
        let report = outcome.json();
        let rows = report["data"]["targets"].as_array().unwrap();
        for member in &self.members {
            let found: Vec<&Value> = rows
                .iter()
                .filter(|row| row["target"] == member.target.as_str())
                .collect();
            assert_eq!(found.len(), 1, "{}: one row", member.target);
            compare(&member.target, &member.row, found[0]);
            if let Some(count) = member.certificates {
                assert_eq!(
                    found[0]["chain"].as_array().map(Vec::len),
                    Some(count),
                    "{}",
                    member.target
                );
            }
            let subject = format!("{}:{}", found[0]["host"].as_str().unwrap(), found[0]["port"]);
            assert_eq!(faults(&report, &subject), member.findings, "{}", member.target);
        }
        assert_eq!(rows.len(), self.members.len());
        took
    }
}

/// Every field that is expected is there, and as expected.
fn compare(target: &str, expected: &Value, found: &Value) {
    for (key, value) in expected.as_object().unwrap() {
        if value.is_object() {
            compare(target, value, &found[key]);
        } else if let (Value::Array(wanted), "acceptable_cas") = (value, key.as_str()) {
            let sorted = |names: &[Value]| {
                let mut names: Vec<String> = names
                    .iter()
                    .map(|name| name.as_str().unwrap().to_owned())
                    .collect();
                names.sort();
                names
            };
            assert_eq!(
                sorted(found[key].as_array().unwrap()),
                sorted(wanted),
                "{target}: {key}"
            );
        } else {
            assert_eq!(&found[key], value, "{target}: {key} in {found:#}");
        }
    }
}

/// The checks of [`CHECKS`] that found fault with this subject, in order, each once.
pub(super) fn faults(report: &Value, subject: &str) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap();
    let mut faults: Vec<String> = findings
        .iter()
        .filter(|finding| finding["subject"] == subject)
        .filter(|finding| !matches!(finding["severity"].as_str(), Some("ok" | "info")))
        .filter_map(|finding| finding["check"].as_str())
        .filter(|check| CHECKS.contains(check))
        .map(str::to_owned)
        .collect();
    faults.sort();
    faults.dedup();
    faults
}

/// What a server shows that asks for a client certificate.
fn mutual(protocol: &str, offered: &[&str], required: Option<bool>, names: &[String]) -> Value {
    json!({"reachable": true, "reason": null, "handshake": {
        "protocol": protocol,
        "protocols_offered": offered,
        "client_auth_requested": true,
        "client_auth_required": required,
        "acceptable_cas": names,
    }})
}

/// What a server shows that asks for none.
fn plain(protocol: &str, offered: &[&str]) -> Value {
    json!({"reachable": true, "reason": null, "handshake": {
        "protocol": protocol,
        "protocols_offered": offered,
        "client_auth_requested": false,
        "client_auth_required": false,
        "acceptable_cas": [],
    }})
}

fn names(cas: &[Ca]) -> Vec<String> {
    cas.iter().map(Ca::text).collect()
}

fn openssl(farm: &mut Farm) {
    if !have("openssl") {
        return;
    }
    let root = Ca::new("Example Root");
    let issued = root.issue_for("xsp1.example.net", &rsa_key());
    let accepted: Vec<Ca> = (0..150)
        .map(|number| Ca::new(&format!("Example CTI CA {number}")))
        .collect();
    for count in [1, 3, 150] {
        let cas: String = accepted[..count].iter().map(|ca| ca.pem.as_str()).collect();
        for (flag, version) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
            let server = Openssl::start(&issued, &cas, &[flag, "-Verify", "1"]);
            let row = mutual(version, &[version], Some(true), &names(&accepted[..count]));
            farm.add(format!("cti://127.0.0.1:{}", server.port), row, &[]);
            farm.alive.push(Box::new(server));
        }
    }
    // Asked for but not required; asked for without names.
    let one = accepted[0].pem.as_str();
    for flag in ["-tls1_2", "-tls1_3"] {
        let version = if flag == "-tls1_2" { "TLSv1.2" } else { "TLSv1.3" };
        let server = Openssl::start(&issued, one, &[flag, "-verify", "1"]);
        let row = mutual(version, &[version], Some(false), &names(&accepted[..1]));
        farm.add(format!("cti://127.0.0.1:{}", server.port), row, &[]);
        farm.alive.push(Box::new(server));
        let server = Openssl::start(&issued, "", &[flag, "-Verify", "1", "-no-CAfile", "-no-CApath"]);
        let row = mutual(version, &[version], Some(true), &[]);
        farm.add(format!("cti://127.0.0.1:{}", server.port), row, &[]);
        farm.alive.push(Box::new(server));
    }
    legacy(farm, &issued, &accepted[..3]);
}

/// What rustls does not speak.
fn legacy(farm: &mut Farm, issued: &super::Issued, accepted: &[Ca]) {
    let cas: String = accepted.iter().map(|ca| ca.pem.as_str()).collect();
    let weak = ["-cipher", "ALL:@SECLEVEL=0"];
    let old = ["tls.legacy-protocol"];
    for (flag, version) in [("-tls1", "TLSv1.0"), ("-tls1_1", "TLSv1.1")] {
        let server = Openssl::start(issued, "", &[flag, weak[0], weak[1]]);
        farm.add(
            format!("https://127.0.0.1:{}", server.port),
            plain(version, &[version]),
            &old,
        );
        farm.alive.push(Box::new(server));
        for (verify, required) in [("-Verify", true), ("-verify", false)] {
            let server = Openssl::start(issued, &cas, &[flag, weak[0], weak[1], verify, "1"]);
            let row = mutual(version, &[version], Some(required), &names(accepted));
            farm.add(format!("cti://127.0.0.1:{}", server.port), row, &old);
            farm.alive.push(Box::new(server));
        }
    }
    let all = ["TLSv1.0", "TLSv1.1", "TLSv1.2"];
    let server = Openssl::start(issued, "", &["-no_tls1_3", weak[0], weak[1]]);
    farm.add(
        format!("https://127.0.0.1:{}", server.port),
        plain("TLSv1.2", &all),
        &old,
    );
    farm.alive.push(Box::new(server));
    for suites in ["AES128-SHA", "DHE-RSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA"] {
        for (verify, required) in [("-Verify", true), ("-verify", false)] {
            let server = Openssl::start(issued, &cas, &["-tls1_2", "-cipher", suites, verify, "1"]);
            let row = mutual("TLSv1.2", &["TLSv1.2"], Some(required), &names(accepted));
            farm.add(format!("cti://127.0.0.1:{}", server.port), row, &[]);
            farm.alive.push(Box::new(server));
        }
    }
}

fn nginx(farm: &mut Farm) {
    if !have("nginx") {
        return;
    }
    let file = |name: &'static str| (name, std::fs::read(super::pki(name)).unwrap());
    let files = [
        "complete.pem",
        "incomplete.pem",
        "wrong-order.pem",
        "with-root.pem",
        "complete.key",
        "public-root.pem",
    ]
    .map(file);
    let with = |name: &str, more: &str| {
        format!("ssl_certificate @DIR@/{name}; ssl_certificate_key @DIR@/complete.key; {more}")
    };
    let modern = "ssl_protocols TLSv1.2 TLSv1.3;";
    let mutual_tls = format!("{modern} ssl_verify_client on; ssl_client_certificate @DIR@/public-root.pem;");
    let blocks = [
        with("complete.pem", modern),
        with("incomplete.pem", modern),
        with("wrong-order.pem", modern),
        with("with-root.pem", modern),
        with("complete.pem", &mutual_tls),
        with(
            "complete.pem",
            "ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL:@SECLEVEL=0;",
        ),
    ];
    let server = Nginx::start(&files, &blocks.each_ref().map(String::as_str));
    let both = ["TLSv1.2", "TLSv1.3"];
    let target = |index: usize| format!("https://xsp1.example.net:{}#ip=127.0.0.1", server.ports[index]);
    let trusted = |trusted: bool| json!({"trusted": trusted});
    for (index, count, ok, findings) in [
        (0, 2, true, &[][..]),
        (1, 1, false, &["chain.incomplete"]),
        (2, 3, true, &["chain.order"]),
        (3, 3, true, &[]),
    ] {
        let mut row = plain("TLSv1.3", &both);
        row["verification"] = trusted(ok);
        farm.add(target(index), row, findings);
        farm.members.last_mut().unwrap().certificates = Some(count);
    }
    let subject = "CN=Example Public Root,O=Example Trust,C=NO".to_owned();
    farm.add(target(4), mutual("TLSv1.3", &both, Some(true), &[subject]), &[]);
    let all = ["TLSv1.0", "TLSv1.1", "TLSv1.2"];
    farm.add(target(5), plain("TLSv1.2", &all), &["tls.legacy-protocol"]);
    farm.alive.push(Box::new(server));
}

fn java(farm: &mut Farm) {
    if !have("javac") || !have("keytool") || !have("openssl") {
        return;
    }
    let issued = Ca::new("Example Root").issue_for("xsp1.example.net", &rsa_key());
    let accepted: Vec<Ca> = ["Example CTI CA 1", "Example CTI CA 2"].map(Ca::new).into();
    let pems: Vec<&str> = accepted.iter().map(|ca| ca.pem.as_str()).collect();
    let cas = names(&accepted);
    let both = ["TLSv1.2", "TLSv1.3"];
    if let Some(server) = Java::start("JsseServer.java", &[], &issued, &pems) {
        for (port, row) in server.ports.iter().zip([
            mutual("TLSv1.2", &["TLSv1.2"], Some(true), &cas),
            mutual("TLSv1.3", &["TLSv1.3"], Some(true), &cas),
            mutual("TLSv1.3", &both, Some(false), &cas),
        ]) {
            farm.add(format!("cti://127.0.0.1:{port}"), row, &[]);
        }
        farm.alive.push(Box::new(server));
    }
    let tomcat = PathBuf::from("/usr/share/java/tomcat10-embed-core.jar");
    if !tomcat.exists() {
        eprintln!("SKIPPED: Tomcat (libtomcat10-embed-java) is not installed");
    } else if let Some(server) = Java::start("TomcatServer.java", &[tomcat], &issued, &pems) {
        let row = mutual("TLSv1.2", &["TLSv1.2"], Some(true), &cas);
        farm.add(format!("auth://127.0.0.1:{}", server.ports[0]), row, &[]);
        let row = plain("TLSv1.3", &both);
        farm.add(format!("https://127.0.0.1:{}", server.ports[1]), row, &[]);
        farm.alive.push(Box::new(server));
    }
}

fn of_our_own(farm: &mut Farm) {
    let root = Ca::new("Example Root");
    let accepted: Vec<Ca> = ["Example CTI CA 1", "Example CTI CA 2"].map(Ca::new).into();
    let all: Vec<&Ca> = accepted.iter().collect();
    let issued = root.issue("xsp1.example.net");
    let both = ["TLSv1.2", "TLSv1.3"];
    let address = rustls_server(&issued, &[&TLS12, &TLS13], &Clients::Anyone, LOCAL, 0);
    farm.add(format!("https://{address}"), plain("TLSv1.3", &both), &[]);
    // CTI without mutual TLS.
    let unasked = &["mtls.not-requested"];
    let address = rustls_server(&issued, &[&TLS13], &Clients::Anyone, LOCAL, 0);
    farm.add(
        format!("cti://{address}"),
        plain("TLSv1.3", &["TLSv1.3"]),
        unasked,
    );
    let address = rustls_server(&issued, &[&TLS12, &TLS13], &Clients::Required(&all), LOCAL, 0);
    farm.add(
        format!("cti://{address}"),
        mutual("TLSv1.3", &both, Some(true), &names(&accepted)),
        &[],
    );
    let address = rustls_server(&issued, &[&TLS12], &Clients::Welcome(&accepted[0]), LOCAL, 0);
    farm.add(
        format!("cti://{address}"),
        mutual("TLSv1.2", &["TLSv1.2"], Some(false), &[]),
        &[],
    );
}

fn bad_manners(farm: &mut Farm) {
    let silent = tcp(|_stream| std::thread::sleep(Duration::from_mins(2)));
    let drip = tcp(|mut stream| {
        hear(&mut stream);
        for byte in [22, 3, 3, 0, 90].into_iter().chain(std::iter::repeat(2)) {
            if stream.write_all(&[byte]).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_millis(400));
        }
    });
    let reset = tcp(|stream| {
        std::thread::sleep(Duration::from_millis(100));
        drop(stream);
    });
    let http = tcp(|mut stream| {
        hear(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    });
    farm.down(silent.to_string(), "timeout-handshake");
    farm.down(format!("cti://{drip}"), "slow-peer");
    farm.down(reset.to_string(), "reset");
    farm.down(http.to_string(), "not-tls");
    for (number, reason) in [
        (40, "alert-40"),
        (116, "alert-116"),
        (70, "protocol-version"),
        (112, "alert-112"),
    ] {
        let refusing = tcp(move |mut stream| {
            hear(&mut stream);
            let _ = stream.write_all(&[21, 3, 3, 0, 2, 2, number]);
        });
        farm.down(format!("cti://{refusing}"), reason);
    }
    farm.down("https://no-such-host.invalid", "dns");
    farm.down(format!("127.0.0.1:{}", closed_port()), "refused");
}

#[test]
fn every_server_of_the_farm_in_one_run() {
    let mut farm = Farm::default();
    openssl(&mut farm);
    nginx(&mut farm);
    java(&mut farm);
    of_our_own(&mut farm);
    bad_manners(&mut farm);
    let took = farm.check("15s");
    // Two of them use up their time, each 15 s, and they do it side by side: one after the other would be 30 s.
    assert!(
        took < Duration::from_secs(29),
        "{took:?} for {} targets",
        farm.members.len()
    );
}
