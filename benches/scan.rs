//! How fast the scan is, in MB/s (10^6 bytes), on a dense client log, a sparse server log and hostile texts.
//!
//! `cargo bench --bench scan [MiB]`

#![expect(clippy::print_stdout, reason = "the figures are the result")]

use std::fmt::Write as _;
use std::io;
use std::time::Instant;

use w4b_diag::scan::inventory::Collector;
use w4b_diag::scan::stream::{Sizes, windows};
use w4b_diag::scan::{Options, Scanner};

/// Numbers that look random and are the same on every run (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn uuid(&mut self) -> String {
        let (a, b) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            a >> 32,
            a & 0xffff,
            (a >> 16) & 0xfff,
            b & 0xfff,
            b >> 16
        )
    }
}

/// Lines of Webex App, BroadWorks and web server logs with about two facts each: a few organisations, some hundred
/// users, ever new tracking IDs.
fn dense(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 1000);
    let mut numbers = Numbers(1);
    let orgs: Vec<String> = (0..40).map(|_| numbers.uuid()).collect();
    let mut line = 0_u64;
    while text.len() < bytes {
        line += 1;
        let (h, m, s, ms) = (
            line / 360_000 % 24,
            line / 6000 % 60,
            line / 100 % 60,
            line % 100 * 10,
        );
        let org = orgs
            .get(usize::try_from(numbers.below(40)).unwrap_or(0))
            .map_or("", String::as_str);
        let (user, id) = (numbers.below(500), numbers.uuid());
        let _ = match line % 4 {
            0 => writeln!(
                text,
                "2026-01-02T{h:02}:{m:02}:{s:02}.{ms:03}Z <Debug> [38592:0xa6b4][]Adapter.cpp:350 Adapter::onData::response \
                 arrived: {{\"operation\":\"CREATE\",\"orgId\":\"{org}\",\"site\":\"site.example.com\",\"success\":false}},\
                 \"trackingId\":\"CLIENT_{id}_{}\"",
                line % 100
            ),
            1 => writeln!(
                text,
                "2026.01.02 {h:02}:{m:02}:{s:02}:{ms:03} UTC | Info | Sip | callhalf-{}:0 | Service Delivery | \
                 user{user}@as.example.net | released the call of +4930555{user:04} after the far end had hung up",
                line % 9000
            ),
            2 => writeln!(
                text,
                "192.0.2.{} - - [02/Jan/2026:{h:02}:{m:02}:{s:02} +0000] \"GET /v1/people?email=user{user}%40example.com&max=10 \
                 HTTP/1.1\" 200 {} trackingid=ROUTERGW_{id}",
                line % 250,
                line % 5000
            ),
            _ => writeln!(
                text,
                "2026-01-02T{h:02}:{m:02}:{s:02}.{ms:03}Z <Info> [38592:0xa6b4][]WebSocket.cpp:87 WebSocket::send::connected, \
                 sending the request with userEmail=user{user}@example.com to the service, orgId={org}"
            ),
        };
    }
    text
}

/// Lines of ordinary server logs: every three hundredth has a fact.
fn sparse(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 1000);
    let mut numbers = Numbers(2);
    let mut line = 0_u64;
    while text.len() < bytes {
        line += 1;
        let (h, m, s, ms) = (
            line / 360_000 % 24,
            line / 6000 % 60,
            line / 100 % 60,
            line % 100 * 10,
        );
        let _ = if line.is_multiple_of(300) {
            writeln!(
                text,
                "2026-01-02 {h:02}:{m:02}:{s:02},{ms:03} WARN  [pool-3-thread-{}] n.e.server.Worker - retried, trackingId: NA_{}",
                line % 17,
                numbers.uuid()
            )
        } else if line.is_multiple_of(2) {
            writeln!(
                text,
                "2026-01-02 {h:02}:{m:02}:{s:02},{ms:03} INFO  [pool-3-thread-{}] n.e.server.Worker - finished the request of \
                 the queue in {} ms, nothing to report and nothing else to do before the next one comes",
                line % 17,
                numbers.below(900)
            )
        } else {
            writeln!(
                text,
                "Jan  2 {h:02}:{m:02}:{s:02} host1 service[4242]: worker {} finished the clean-up of the cache after waiting a \
                 while, nothing to report and nothing else to do",
                line % 17
            )
        };
    }
    text
}

fn rate(name: &str, text: &[u8]) {
    let scanner = Scanner::new(Options::default());
    let (mut best_scan, mut best_facts, mut spans) = (f64::MAX, f64::MAX, 0);
    for _ in 0..3 {
        let start = Instant::now();
        spans = 0;
        let done = windows::<io::Error>(text, &scanner, Sizes::default(), |window| {
            spans += window.scan.spans.len();
            Ok(())
        });
        assert!(done.is_ok());
        best_scan = best_scan.min(start.elapsed().as_secs_f64());
        let start = Instant::now();
        let mut collector = Collector::default();
        assert!(collector.add(name, "utf-8", text).is_ok());
        best_facts = best_facts.min(start.elapsed().as_secs_f64());
    }
    let megabytes = f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX)) / 1e6;
    println!(
        "{name:12} {megabytes:6.0} MB {:8.0} MB/s scan {:8.0} MB/s facts  {spans} spans",
        megabytes / best_scan,
        megabytes / best_facts
    );
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let mebibytes = arguments
        .iter()
        .find_map(|argument| argument.parse::<usize>().ok())
        .unwrap_or(64);
    let bytes = mebibytes << 20;
    // `--write DIRECTORY`: the texts as files, for `benches/scan.sh`.
    if let Some(directory) = arguments
        .iter()
        .position(|argument| argument == "--write")
        .and_then(|place| arguments.get(place + 1))
    {
        for (name, text) in [("dense.log", dense(bytes)), ("sparse.log", sparse(bytes))] {
            let path = std::path::Path::new(directory).join(name);
            if let Err(error) = std::fs::write(&path, text) {
                println!("{}: {error}", path.display());
            }
        }
        return;
    }
    rate("dense", dense(bytes).as_bytes());
    rate("sparse", sparse(bytes).as_bytes());
    for (name, piece) in HOSTILE {
        for part in [4, 2, 1] {
            rate(name, piece.repeat((bytes / part) / piece.len()).as_bytes());
        }
    }
}

/// Pieces that, repeated without a line feed, make a careless scanner slower than linear.
const HOSTILE: &[(&str, &str)] = &[
    ("all @", "@"),
    ("all hex", "a"),
    ("hex, dashes", "12345678-"),
    ("digits, dots", "1."),
    ("all colons", ":"),
    ("all equals", "="),
    ("a=", "a="),
    ("all >", ">"),
    ("all quotes", "\""),
    ("quotes", "password=\""),
    ("key begins", "-----BEGIN PRIVATE KEY-----"),
    ("eyJ.", "eyJ."),
    ("//a:", "//a:"),
    ("plus digits", "+1"),
    ("blanks", " "),
    ("label blanks", "token : "),
];
