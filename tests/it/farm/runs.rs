//! Runs of the executable: few open files, several addresses of one name, an interrupt.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use rustls::version::{TLS12, TLS13};
use serde_json::Value;

use super::whole::faults;
use super::{Ca, Clients, closed_port, hear, rustls_server, tcp};
use crate::support::Home;

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

#[cfg(unix)]
#[test]
fn few_open_files_are_enough() {
    let issued = Ca::new("Example Root").issue("xsp1.example.net");
    let server = rustls_server(&issued, &[&TLS12, &TLS13], &Clients::Anyone, LOCAL, 0);
    let silent = tcp(|_stream| std::thread::sleep(Duration::from_mins(2)));
    let targets: Vec<String> = (0..200)
        .map(|number| {
            let port = if number % 4 == 0 {
                silent.port()
            } else {
                server.port()
            };
            format!("https://xsp{number}.example.net:{port}#ip=127.0.0.1")
        })
        .collect();
    let home = Home::new();
    let mut arguments = vec!["certs", "--format", "json", "--timeout", "3s"];
    arguments.extend(targets.iter().map(String::as_str));
    let run = home.command(&arguments).prepare();
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -n 64 && exec \"$0\" \"$@\""])
        .arg(run.get_program())
        .args(run.get_args())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = report["data"]["targets"].as_array().unwrap();
    let found: Vec<&str> = rows.iter().map(|row| row["target"].as_str().unwrap()).collect();
    assert_eq!(found, targets, "every target has its row, in order");
    for row in rows {
        // A busy machine may be too slow for some; too many open files is never the reason.
        assert_ne!(row["reason"], "internal", "{row:#}");
        let silent = row["port"] == silent.port();
        assert!(!silent || row["reason"] == "timeout-handshake", "{row:#}");
    }
}

/// Five hundred targets, most of them of the slow kinds: all use up their time side by side.
#[test]
fn many_slow_targets_cost_one_deadline() {
    let issued = Ca::new("Example Root").issue("xsp1.example.net");
    let good = rustls_server(&issued, &[&TLS12, &TLS13], &Clients::Anyone, LOCAL, 0);
    let silent = tcp(|_stream| std::thread::sleep(Duration::from_mins(2)));
    let drip = tcp(|mut stream| {
        hear(&mut stream);
        for byte in [22, 3, 3, 0, 90].into_iter().chain(std::iter::repeat(2)) {
            if stream.write_all(&[byte]).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_secs(1));
        }
    });
    let plain = tcp(|mut stream| {
        hear(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let kinds = [
        (good.port(), None),
        (silent.port(), Some("timeout-handshake")),
        (drip.port(), Some("slow-peer")),
        (silent.port(), Some("timeout-handshake")),
        (plain.port(), Some("not-tls")),
        (drip.port(), Some("slow-peer")),
        (closed_port(), Some("refused")),
        (silent.port(), Some("timeout-handshake")),
        (drip.port(), Some("slow-peer")),
        (plain.port(), Some("not-tls")),
    ];
    let targets: Vec<String> = (0..500)
        .map(|number| {
            let (port, _) = kinds[number % kinds.len()];
            format!("https://xsp{number}.example.net:{port}#ip=127.0.0.1")
        })
        .collect();
    let home = Home::new();
    let mut arguments = vec!["certs", "--format", "json", "--timeout", "12s"];
    arguments.extend(targets.iter().map(String::as_str));
    let started = std::time::Instant::now();
    let report = home.command(&arguments).run().json();
    let took = started.elapsed();
    let rows = report["data"]["targets"].as_array().unwrap();
    assert_eq!(rows.len(), targets.len(), "every target has its row");
    for (row, (_, reason)) in rows.iter().zip(kinds.iter().cycle()) {
        assert_eq!(row["reason"].as_str(), *reason, "{row:#}");
        assert_eq!(row["reachable"], reason.is_none());
    }
    // Three hundred of them use up 12 s: one after the other that would be an hour, in two rounds 24 s.
    assert!(took < Duration::from_secs(24), "{took:?}");
}

/// The machine's own resolver, and a name with an A and an AAAA record whose servers differ. The name stands in a
/// hosts file that only the program under test sees.
#[cfg(target_os = "linux")]
#[test]
fn both_addresses_of_a_name() {
    let home = Home::new();
    let hosts = home.path().join("hosts");
    std::fs::write(&hosts, "127.0.0.1 xsp1.example.net\n::1 xsp1.example.net\n").unwrap();
    let own_hosts = |program: &std::ffi::OsStr| {
        let mut command = std::process::Command::new("unshare");
        command
            .args(["--map-root-user", "--mount", "sh", "-c"])
            .arg("mount --bind \"$0\" /etc/hosts && exec \"$@\"")
            .arg(&hosts)
            .arg(program)
            .stdin(std::process::Stdio::null());
        command
    };
    let possible = own_hosts("true".as_ref())
        .stderr(std::process::Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    let ca = Ca::new("Example Root");
    let (old, new) = (ca.issue("xsp1.example.net"), ca.issue("xsp1.example.net"));
    let port = rustls_server(&old, &[&TLS13], &Clients::Anyone, LOCAL, 0).port();
    let six = IpAddr::from(std::net::Ipv6Addr::LOCALHOST);
    if !possible || std::net::TcpListener::bind((six, port)).is_err() {
        eprintln!("SKIPPED: no hosts file of its own (unshare --mount), or no IPv6 here");
        return;
    }
    rustls_server(&new, &[&TLS13], &Clients::Anyone, six, port);
    let target = format!("xsp1.example.net:{port}");
    let run = home
        .command(&["certs", &target, "--format", "json", "--timeout", "30s"])
        .prepare();
    let mut command = own_hosts(run.get_program());
    for (name, value) in run.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let output = command.args(run.get_args()).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = report["data"]["targets"].as_array().unwrap();
    let addresses: Vec<&str> = rows.iter().map(|row| row["address"].as_str().unwrap()).collect();
    assert_eq!(addresses, ["127.0.0.1", "::1"]);
    assert_ne!(rows[0]["chain"][0]["sha256"], rows[1]["chain"][0]["sha256"]);
    assert!(faults(&report, &target).contains(&"tls.mixed-addresses".to_owned()));
}

/// The same without a resolver: two addresses, pinned.
#[test]
fn two_pinned_addresses_of_a_name() {
    let ca = Ca::new("Example Root");
    let (old, new) = (ca.issue("xsp1.example.net"), ca.issue("xsp1.example.net"));
    let port = rustls_server(&old, &[&TLS13], &Clients::Anyone, LOCAL, 0).port();
    let second = IpAddr::from([127, 0, 0, 2]);
    if std::net::TcpListener::bind((second, port)).is_err() {
        eprintln!("SKIPPED: no second address on loopback");
        return;
    }
    rustls_server(&new, &[&TLS13], &Clients::Anyone, second, port);
    let home = Home::new();
    let targets = ["127.0.0.1", "127.0.0.2"].map(|ip| format!("cti://xsp1.example.net:{port}#ip={ip}"));
    let report = home
        .command(&[
            "certs",
            &targets[0],
            &targets[1],
            "--format",
            "json",
            "--timeout",
            "30s",
        ])
        .run()
        .json();
    let found = faults(&report, &format!("xsp1.example.net:{port}"));
    assert_eq!(found, ["mtls.not-requested", "tls.mixed-addresses"]);
}

/// Ctrl-C while a silent server is waited for.
#[cfg(unix)]
#[test]
fn an_interrupt_ends_the_run_with_130() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let silent = tcp(move |mut stream| {
        hear(&mut stream);
        let _ = sender.send(());
        std::thread::sleep(Duration::from_mins(2));
    });
    let home = Home::new();
    let target = silent.to_string();
    let mut child = home
        .command(&["certs", &target, "--format", "json", "--timeout", "110s"])
        .prepare()
        .spawn()
        .unwrap();
    receiver.recv_timeout(Duration::from_mins(1)).unwrap();
    let pid = child.id().to_string();
    let sent = std::process::Command::new("kill").args(["-INT", &pid]).status();
    assert!(sent.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let mut words = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().unwrap(), &mut words).unwrap();
    assert_eq!(words, "", "half a report is none");
}

/// A network without a route: nothing can be reached, and that is said.
#[cfg(target_os = "linux")]
#[test]
fn no_route_is_said() {
    let possible = std::process::Command::new("unshare")
        .args(["--map-root-user", "--net", "true"])
        .stderr(std::process::Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !possible {
        eprintln!("SKIPPED: no network of its own here (unshare --net)");
        return;
    }
    let output = std::process::Command::new("unshare")
        .args(["--map-root-user", "--net", env!("CARGO_BIN_EXE_w4b-diag")])
        .args([
            "certs",
            "192.0.2.1",
            "[2001:db8::1]:8443",
            "--format",
            "json",
            "--timeout",
            "5s",
        ])
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = report["data"]["targets"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "each target has its row");
    for row in rows {
        assert_eq!(row["reason"], "unreachable", "{row:#}");
        assert_eq!(row["reachable"], false);
    }
    assert_eq!(report["verdict"], "unknown");
    assert_eq!(output.status.code(), Some(3));
}

/// A full queue: the system drops further connection requests, as a firewall does.
#[cfg(target_os = "linux")]
#[test]
fn no_answer_to_the_connection_request_is_said() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let listener = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind((LOCAL, 0).into()).unwrap();
        socket.listen(1).unwrap()
    });
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    let is_full =
        (0..64).any(
            |_| match std::net::TcpStream::connect_timeout(&address, Duration::from_millis(300)) {
                Ok(stream) => {
                    waiting.push(stream);
                    false
                }
                Err(_) => true,
            },
        );
    if !is_full {
        eprintln!("SKIPPED: this system accepts connections beyond the queue");
        return;
    }
    let home = Home::new();
    let target = address.to_string();
    let outcome = home
        .command(&["certs", &target, "--format", "json", "--timeout", "2s"])
        .run();
    let report = outcome.json();
    assert_eq!(
        report["data"]["targets"][0]["reason"], "timeout-connect",
        "{report:#}"
    );
    assert_eq!(outcome.code, 3);
    drop(waiting);
}
