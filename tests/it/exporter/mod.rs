//! The exporter as a process, asked by raw HTTP.

#![allow(clippy::print_stderr, reason = "what is skipped is said")]

mod bounds;
mod clients;
mod packaging;
mod pages;
mod prometheus;
mod reload;

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub(crate) use crate::exporter_textfile::{lint, switched, value};
use crate::support::Home;

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// A running exporter; it is killed with the test.
pub(crate) struct Exporter {
    child: Child,
    pub(crate) address: SocketAddr,
    said: Arc<Mutex<String>>,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Exporter {
    /// Starts it with `config.toml` of the home directory, on a free port.
    pub(crate) fn start(home: &Home, config: &str, flags: &[&str]) -> Self {
        home.write("config.toml", config);
        let mut arguments = vec!["exporter", "--config", "config.toml", "--listen", "127.0.0.1:0"];
        arguments.extend(flags);
        Self::spawn(home.command(&arguments).prepare())
    }

    /// Starts a command that ends up as an exporter.
    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut stderr = BufReader::new(child.stderr.take().expect("piped"));
        // From here on it is killed whatever happens.
        let mut exporter = Self {
            child,
            address: ([127, 0, 0, 1], 0).into(),
            said: Arc::default(),
        };
        let mut first = String::new();
        stderr.read_line(&mut first).expect("a line");
        exporter.address = first
            .split([' ', ',', '\n'])
            .find_map(|word| word.parse::<SocketAddr>().ok())
            .unwrap_or_else(|| panic!("no address: {first}"));
        let heard = Arc::clone(&exporter.said);
        heard.lock().expect("not poisoned").push_str(&first);
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let mut heard = heard.lock().expect("not poisoned");
                let _ = writeln!(heard, "{line}");
            }
        });
        exporter
    }

    /// What it has written to standard error so far.
    pub(crate) fn said(&self) -> String {
        self.said.lock().expect("not poisoned").clone()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a request and reads the answer to its end.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        let request = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).expect("written");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("an answer");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{text}"));
        Answer {
            status: head
                .split(' ')
                .nth(1)
                .and_then(|code| code.parse().ok())
                .unwrap_or_else(|| panic!("{head}")),
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "")
    }

    pub(crate) fn metrics(&self) -> String {
        let answer = self.get("/metrics");
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// The metrics once they satisfy a condition.
    pub(crate) fn metrics_when(&self, what: &str, mut is_so: impl FnMut(&str) -> bool) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let metrics = self.metrics();
            if is_so(&metrics) {
                return metrics;
            }
            assert!(
                Instant::now() < until,
                "never: {what}\n{metrics}\n{}",
                self.said()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until every target was probed.
    pub(crate) fn ready(&self) -> String {
        let until = Instant::now() + PATIENCE;
        while self.get("/-/ready").status != 200 {
            assert!(Instant::now() < until, "never ready\n{}", self.said());
            std::thread::sleep(Duration::from_millis(50));
        }
        self.metrics()
    }

    /// Sends a signal by its name.
    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let sent = std::process::Command::new("kill")
            .args([&format!("-{name}"), &self.pid().to_string()])
            .status()
            .expect("kill runs");
        assert!(sent.success());
    }

    /// Waits for its end and gives the exit code.
    pub(crate) fn wait(mut self) -> Option<i32> {
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `[[xsp]]` for a server on loopback.
pub(crate) fn xsp(host: &str, kind: &str, port: u16) -> String {
    format!("[[xsp]]\nhost = \"{host}\"\n{kind} = [{port}]\n")
}
