//! x509-limbo: what others know of certificates that are almost right. SUCCESS means trusted and conforming.
//!
//! Every case that comes out otherwise stands in `tests/limbo-exceptions.txt` with its reason; the test fails when
//! that list is not exactly right.

#![expect(clippy::print_stderr, reason = "a skipped test and its figures must be seen")]

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;

use serde_json::Value;
use w4b_diag::x509::crl::Lists;
use w4b_diag::x509::lint::Profile;
use w4b_diag::x509::verify::{Purpose, Question, verify};
use w4b_diag::x509::{Certificate, Store, chain, files};

const EXCEPTIONS: &str = include_str!("../limbo-exceptions.txt");

fn corpus() -> Option<Value> {
    let directory = std::env::var_os("W4B_DIAG_CORPUS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpus")),
        PathBuf::from,
    );
    let packed = std::fs::read(directory.join("x509-limbo-compact.json.xz")).ok()?;
    let mut text = String::new();
    lzma_rust2::XzReader::new(packed.as_slice(), true)
        .read_to_string(&mut text)
        .expect("xz");
    Some(serde_json::from_str(&text).expect("JSON"))
}

fn texts<'a>(case: &'a Value, field: &str) -> Vec<&'a str> {
    let list = case[field].as_array().expect("a list");
    list.iter().filter_map(Value::as_str).collect()
}

fn ders(pem: &[&str]) -> Vec<Vec<u8>> {
    let parse = |text: &&str| files::parse("case.pem".as_ref(), text.as_bytes(), None).ok();
    let read = pem.iter().filter_map(parse);
    read.flat_map(|file| file.certificates).collect()
}

fn certificates(pem: &[&str]) -> Vec<Certificate> {
    ders(pem).iter().map(|der| Certificate::parse(der)).collect()
}

fn crls(pem: &[&str]) -> Lists {
    let parse = |text: &&str| files::parse("case.pem".as_ref(), text.as_bytes(), None).ok();
    let ders: Vec<Vec<u8>> = pem.iter().filter_map(parse).flat_map(|file| file.crls).collect();
    Lists::parse(ders.iter().map(Vec::as_slice))
}

fn succeeds(case: &Value) -> bool {
    let leaf = certificates(&[case["peer_certificate"].as_str().expect("PEM")]);
    let further = certificates(&texts(case, "untrusted_intermediates"));
    let roots = ders(&texts(case, "trusted_certs"));
    let store = Store::from_ders("case", roots.iter().map(Vec::as_slice));
    let analysis = chain::analyse(&leaf, &store, &further);
    let at = case["validation_time"].as_str().unwrap_or("2026-11-21T00:00:00Z");
    // Some rules of the two profiles contradict each other; a case says by its name which one it is about. BetterTLS is
    // about path building and name constraints alone: its certificates do not follow the CA/Browser Forum.
    let profile = match case["id"].as_str() {
        Some(id) if id.starts_with("rfc5280::") || id.starts_with("bettertls::") => Profile::Rfc5280,
        _ => Profile::WebPki,
    };
    let lists = crls(&texts(case, "crls"));
    let question = Question {
        certificates: &leaf,
        analysis: &analysis,
        further: &further,
        host: case["expected_peer_name"]["value"].as_str(),
        at: chrono::DateTime::parse_from_rfc3339(at)
            .expect("RFC 3339")
            .to_utc(),
        purpose: if case["validation_kind"] == "CLIENT" {
            Purpose::Client
        } else {
            Purpose::Server
        },
        profile,
        crls: &lists,
        max_depth: case["max_chain_depth"]
            .as_u64()
            .map(|depth| usize::try_from(depth).expect("small")),
    };
    let verification = verify(&question, &store).verification;
    verification.trusted && verification.conforming
}

#[test]
fn limbo() {
    let Some(corpus) = corpus() else {
        eprintln!("SKIPPED: no x509-limbo-compact.json.xz (set W4B_DIAG_CORPUS)");
        return;
    };
    let known: BTreeMap<&str, &str> = EXCEPTIONS
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once(": ").expect("id: reason"))
        .map(|(id, reason)| (id.trim(), reason))
        .collect();
    let (mut core, mut other, mut wrong) = ([0_usize; 2], [0_usize; 2], Vec::new());
    for case in corpus["testcases"].as_array().expect("cases") {
        let id = case["id"].as_str().expect("id");
        let right = succeeds(case) == (case["expected_result"] == "SUCCESS");
        let counts = if id.starts_with("bettertls::") {
            &mut other
        } else {
            &mut core
        };
        counts[usize::from(!right)] += 1;
        if !right {
            wrong.push(id);
        }
    }
    eprintln!(
        "x509-limbo: core {} right, {} wrong; others {} right, {} wrong",
        core[0], core[1], other[0], other[1]
    );
    let mut expected: Vec<&str> = known.keys().copied().collect();
    expected.sort_unstable();
    wrong.sort_unstable();
    assert!(core[0] >= 195 && other[1] == 0, "fewer right than promised");
    assert_eq!(wrong, expected, "tests/limbo-exceptions.txt is not right");
}
