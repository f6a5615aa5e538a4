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

/// Lines of a Webex App log with about two facts each.
fn dense(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 400);
    let mut number = 0_u64;
    while text.len() < bytes {
        number += 1;
        let hex = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let _ = writeln!(
            text,
            "2026-01-02T03:{:02}:{:02}.{:03}Z <Debug> [38592:0xa6b4][]Adapter.cpp:350 Adapter::onData::response arrived: \
             {{\"operation\":\"CREATE\",\"orgId\":\"{:08x}-1111-2222-3333-{:012x}\",\"site\":\"site.example.com\",\"success\":false}},\
             \"trackingId\":\"CLIENT_{:08x}-{:04x}-4444-5555-{:012x}_{}\"",
            number / 60 % 60,
            number % 60,
            number % 1000,
            hex >> 32,
            hex & 0xffff_ffff_ffff,
            hex & 0xffff_ffff,
            hex >> 48,
            hex >> 16,
            number % 100
        );
    }
    text
}

/// Lines of an ordinary server log.
fn sparse(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 400);
    let mut number = 0_u64;
    while text.len() < bytes {
        number += 1;
        let _ = writeln!(
            text,
            "Jan  2 03:{:02}:{:02} host1 service[4242]: worker {} finished the request for the queue after waiting a while, nothing to report and nothing else to do",
            number / 60 % 60,
            number % 60,
            number % 17
        );
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
        "{name:12} {:8.0} MB/s scan {:8.0} MB/s facts  {spans} spans",
        megabytes / best_scan,
        megabytes / best_facts
    );
}

fn main() {
    let mebibytes = std::env::args()
        .find_map(|argument| argument.parse::<usize>().ok())
        .unwrap_or(64);
    let bytes = mebibytes << 20;
    rate("dense", dense(bytes).as_bytes());
    rate("sparse", sparse(bytes).as_bytes());
    for (name, piece) in [
        ("all @", "@"),
        ("all hex", "a"),
        ("digits, dots", "1."),
        ("all colons", ":"),
        ("quotes", "password=\""),
        ("equals", "a="),
    ] {
        rate(name, piece.repeat((bytes / 8) / piece.len()).as_bytes());
    }
}
