//! Servers that are other people's programs; each ends when dropped.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{Issued, closed_port};

/// A process and the directory it works in.
struct Process {
    child: Child,
    /// Goes away with it.
    _directory: tempfile::TempDir,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until the port accepts connections: the machine may be busy.
fn wait_for(port: u16, what: &str) {
    for _ in 0..400 {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("{what} does not listen");
}

fn write(directory: &Path, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// `openssl s_server`.
pub(crate) struct Openssl {
    _process: Process,
    pub(crate) port: u16,
}

impl Openssl {
    /// Starts it with a certificate, and a file of accepted CAs when there are some.
    pub(crate) fn start(issued: &Issued, cas: &str, arguments: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| write(directory.path(), name, text);
        let leaf = file("leaf.pem", &issued.pem);
        let above = file("issuer.pem", &issued.issuer_pem);
        let key = file("key.pem", &issued.key_pem);
        let files = [
            Path::new("-cert"),
            &leaf,
            Path::new("-cert_chain"),
            &above,
            Path::new("-key"),
            &key,
        ];
        let mut all: Vec<OsString> = files.iter().map(Into::into).collect();
        all.extend(arguments.iter().map(Into::into));
        if !cas.is_empty() {
            all.extend(["-CAfile".into(), file("cas.pem", cas).into()]);
        }
        Self::serve_in(directory, &all)
    }

    /// Starts it with files that are there already.
    pub(crate) fn serve(arguments: &[&str]) -> Self {
        let arguments: Vec<OsString> = arguments.iter().map(Into::into).collect();
        Self::serve_in(tempfile::tempdir().unwrap(), &arguments)
    }

    fn serve_in(directory: tempfile::TempDir, arguments: &[OsString]) -> Self {
        let port = closed_port();
        let child = Command::new("openssl")
            .args([
                "s_server",
                "-www",
                "-quiet",
                "-accept",
                &format!("127.0.0.1:{port}"),
            ])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let process = Process {
            child,
            _directory: directory,
        };
        wait_for(port, &format!("openssl s_server {arguments:?}"));
        Self {
            _process: process,
            port,
        }
    }
}

/// nginx with one server for each of the blocks given.
pub(crate) struct Nginx {
    _process: Process,
    pub(crate) ports: Vec<u16>,
}

impl Nginx {
    /// Each block is what stands in `server {}` besides `listen`; `@DIR@` is the directory of the files.
    pub(crate) fn start(files: &[(&str, Vec<u8>)], blocks: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().to_str().unwrap();
        for (name, bytes) in files {
            write(directory.path(), name, bytes);
        }
        let ports: Vec<u16> = blocks.iter().map(|_| closed_port()).collect();
        let mut servers = String::new();
        for (block, port) in blocks.iter().zip(&ports) {
            let block = block.replace("@DIR@", path);
            writeln!(
                servers,
                "server {{ listen 127.0.0.1:{port} ssl; {block} return 204; }}"
            )
            .unwrap();
        }
        let mut places = String::new();
        for place in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
            writeln!(places, "{place}_temp_path {path}/{place};").unwrap();
        }
        let configuration = write(
            directory.path(),
            "nginx.conf",
            format!(
                "daemon off; master_process off; pid {path}/pid; error_log {path}/error.log crit;\n\
                 events {{ worker_connections 256; }}\n\
                 http {{ access_log off; {places} {servers} }}\n"
            ),
        );
        let child = Command::new("nginx")
            .args([Path::new("-p"), directory.path(), Path::new("-c"), &configuration])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let process = Process {
            child,
            _directory: directory,
        };
        for port in &ports {
            wait_for(*port, "nginx");
        }
        Self {
            _process: process,
            ports,
        }
    }
}

/// A Java program that prints `ready PORT...`.
pub(crate) struct Java {
    _process: Process,
    pub(crate) ports: Vec<u16>,
}

impl Java {
    /// Runs a source file of this directory with the stores `keys.p12` and `trust.p12`, made by openssl and keytool.
    /// `None`, said, when it does not start: the class path may be incomplete.
    pub(crate) fn start(
        source: &str,
        class_path: &[PathBuf],
        issued: &Issued,
        accepted: &[&str],
    ) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        write(
            directory.path(),
            "chain.pem",
            format!("{}{}", issued.pem, issued.issuer_pem),
        );
        write(directory.path(), "key.pem", &issued.key_pem);
        let run = |program: &str, arguments: &str| {
            let output = Command::new(program)
                .args(arguments.split(' '))
                .current_dir(directory.path())
                .stdin(Stdio::null())
                .output()
                .unwrap();
            assert!(output.status.success(), "{program} {arguments}: {output:?}");
        };
        run(
            "openssl",
            "pkcs12 -export -in chain.pem -inkey key.pem -name xsp -passout pass:changeit -out keys.p12",
        );
        for (number, pem) in accepted.iter().enumerate() {
            write(directory.path(), "ca.pem", pem);
            run(
                "keytool",
                &format!(
                    "-importcert -noprompt -alias ca{number} -file ca.pem -keystore trust.p12 -storetype PKCS12 -storepass changeit"
                ),
            );
        }
        let source: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "it", "farm", source]
            .iter()
            .collect();
        let class_path = std::env::join_paths(class_path).unwrap();
        let mut child = Command::new("java")
            .args(["-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp"])
            .arg(&class_path)
            .arg(&source)
            .current_dir(directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let errors = child.stderr.take().unwrap();
        let mut process = Process {
            child,
            _directory: directory,
        };
        for line in lines.map_while(Result::ok) {
            if let Some(ports) = line.strip_prefix("ready ") {
                // What it writes later must not fill the pipe.
                std::thread::spawn(move || std::io::copy(&mut { errors }, &mut std::io::sink()));
                let ports = ports.split(' ').map(|port| port.parse().unwrap()).collect();
                return Some(Self {
                    _process: process,
                    ports,
                });
            }
        }
        let _ = process.child.wait();
        let words = std::io::read_to_string(errors).unwrap_or_default();
        eprintln!("SKIPPED: {} does not start: {words}", source.display());
        None
    }
}
