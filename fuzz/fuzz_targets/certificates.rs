//! Certificates, CRLs, an OCSP staple and CA names of a peer, judged: facts, chain, path, profile, findings, in text.
//!
//! The input is pieces, each behind a byte that says what it is and two bytes of length.
#![no_main]

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use w4b_diag::probe::observation::{Base64Der, ClientAuth, Handshake, Scheme, TlsObservation};
use w4b_diag::rules::certs::{Settings, judge};
use w4b_diag::x509::Store;
use w4b_diag::x509::crl::Lists;
use w4b_diag::x509::files::{CertFile, Format, parse};

static SETTINGS: LazyLock<Settings> = LazyLock::new(|| {
    let root = include_bytes!("../../tests/pki/public-root.pem");
    let root = parse(&PathBuf::from("root"), root, None).expect("the test root");
    let store = Store::from_ders("root", root.certificates.iter().map(Vec::as_slice));
    let now = "2026-11-22T12:00:00Z".parse().expect("a time");
    let mut settings = Settings::new(now);
    settings.public = store.clone();
    settings.store = store;
    settings
});

fuzz_target!(|bytes: &[u8]| {
    let mut pieces: [Vec<Vec<u8>>; 5] = Default::default();
    let mut rest = bytes;
    while let [kind, high, low, after @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
        let (piece, after) = after.split_at(length);
        rest = after;
        pieces[usize::from(*kind) % 5].push(piece.to_vec());
    }
    let [served, trusted, crls, names, staples] = pieces;
    let mut settings = SETTINGS.clone();
    settings.crls = Arc::new(Lists::parse(crls.iter().map(Vec::as_slice)));
    let file = |certificates| CertFile {
        path: PathBuf::from("file"),
        format: Format::Der,
        certificates,
        crls: crls.clone(),
        private_keys: 0,
        problems: Vec::new(),
    };
    let observation = TlsObservation {
        target: "cti://xsp1.example.net".to_owned(),
        scheme: Scheme::Cti,
        host: "xsp1.example.net".to_owned(),
        address: None,
        port: 8012,
        sni: Some("xsp1.example.net".to_owned()),
        reachable: true,
        reason: None,
        reason_detail: None,
        handshake: Some(Handshake {
            protocol: Some("TLSv1.2".to_owned()),
            cipher: None,
            client_auth: ClientAuth {
                requested: Some(true),
                acceptable_cas: names.into_iter().map(Base64Der).collect(),
                ..ClientAuth::default()
            },
            protocols_offered: Vec::new(),
        }),
        chain: served.iter().cloned().map(Base64Der).collect(),
        ocsp_staple: staples.into_iter().next().map(Base64Der),
        clock_offset_seconds: None,
        observed_at: "2026-11-22T12:00:00Z".to_owned(),
        elapsed_ms: 0,
    };
    let (findings, data) = judge(&[observation], &[file(served)], &[file(trusted)], &settings);
    assert!(!findings.is_empty());
    serde_json::to_string(&data).expect("serialisable");
});
