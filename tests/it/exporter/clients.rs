//! Slow and greedy clients, in this process with limits that are short enough to wait for.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use w4b_diag::clock::SystemClock;
use w4b_diag::i18n::{Catalog, Lang};
use w4b_diag::interrupt::Interrupt;
use w4b_diag::monitor::hub::Hub;
use w4b_diag::monitor::plan::Target;
use w4b_diag::monitor::routes::Reloads;
use w4b_diag::monitor::serve::{self, Limits};
use w4b_diag::probe::observation::Scheme;
use w4b_diag::probe::target::Endpoint;

use super::PATIENCE;
use super::bounds::plan;

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_hours(1);

struct Running {
    address: SocketAddr,
    interrupt: Interrupt,
    runtime: tokio::runtime::Runtime,
    server: tokio::task::JoinHandle<()>,
}

impl Running {
    /// Serves this many targets, none of which is ever probed.
    fn start(targets: u16, limits: Limits) -> Self {
        let targets = (1..=targets).map(|port| {
            let endpoint = Endpoint::new(Scheme::Cti, "xsp1.example.net", port, None);
            Target::single(endpoint.expect("a target"))
        });
        let interrupt = Interrupt::new();
        let hub = Hub::new(plan(targets.collect()), Arc::new(SystemClock), interrupt.clone());
        let (sender, _) = tokio::sync::mpsc::channel(1);
        let catalog = Arc::new(Catalog::new(Lang::En));
        let reloads = Reloads { sender, catalog };
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let bound = tokio::net::TcpListener::bind("127.0.0.1:0");
        let listener = runtime.block_on(bound).expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = runtime.spawn(serve::run(listener, Arc::new(hub), reloads, limits));
        Self {
            address,
            interrupt,
            runtime,
            server,
        }
    }

    fn send(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        stream.write_all(text.as_bytes()).expect("written");
        stream
    }
}

/// Everything until the server closes the connection.
fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
        Err(error) => panic!("the connection stays open: {error}"),
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

const WHOLE: &str = "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n";
const LAST: &str = "GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

#[test]
fn half_a_head_and_a_long_pause_are_cut_off() {
    let limits = Limits {
        head: SHORT,
        lifetime: LONG,
        ..Limits::default()
    };
    let running = Running::start(1, limits);
    let nothing = running.send("");
    let half = running.send("GET /-/healthy HTTP/1.1\r\nHo");
    let pause = running.send(WHOLE);
    assert!(!rest(half).contains("200 OK"));
    assert!(!rest(nothing).contains("200 OK"));
    assert!(rest(pause).starts_with("HTTP/1.1 200 OK"));
}

#[test]
fn an_answer_that_nobody_reads_gives_its_place_back() {
    let limits = Limits {
        connections: 1,
        head: LONG,
        lifetime: SHORT,
        grace: SHORT,
    };
    // Some megabytes: more than the buffers of the system take.
    let running = Running::start(6_000, limits);
    let greedy = running.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    let next = running.send(LAST);
    assert!(rest(next).starts_with("HTTP/1.1 200 OK"));
    let got = rest(greedy);
    assert!(got.starts_with("HTTP/1.1 200 OK") && !got.ends_with("} 1\n"));
}

#[test]
fn it_ends_although_slow_clients_hold_every_place() {
    let limits = Limits {
        connections: 2,
        head: LONG,
        lifetime: LONG,
        grace: LONG,
    };
    let running = Running::start(1, limits);
    let _slow = [(); 3].map(|()| running.send("GET / HT"));
    // Until they hold their places: somebody else gets no answer.
    let mut waiting = running.send(LAST);
    waiting.set_read_timeout(Some(SHORT)).expect("set");
    assert!(waiting.read(&mut [0; 16]).is_err(), "the places are not held");
    running.interrupt.trigger();
    let server = running.server;
    let ended = async { tokio::time::timeout(PATIENCE, server).await };
    let ended = running.runtime.block_on(ended);
    assert!(matches!(ended, Ok(Ok(()))), "{ended:?}");
}
