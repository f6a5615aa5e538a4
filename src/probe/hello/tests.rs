use proptest::prelude::*;

use super::{
    FlightReader, Progress, SSL_3, TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3, client_hello, looks_like_tls,
    suite_name, version_name,
};

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind, 3, 1];
    bytes.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
    bytes.extend(body);
    bytes
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind];
    bytes.extend(&u32::try_from(body.len()).unwrap().to_be_bytes()[1..]);
    bytes.extend(body);
    bytes
}

fn hello(version: u16) -> Vec<u8> {
    let mut body = version.to_be_bytes().to_vec();
    body.extend([7; 32]);
    body.extend([0, 0x00, 0x2f, 0]);
    message(2, &body)
}

fn flight() -> Vec<u8> {
    let mut all = hello(TLS_1_0);
    all.extend(message(11, &[0, 0, 6, 0, 0, 3, b'a', b'b', b'c']));
    all.extend(message(13, &[1, 1, 0, 6, 0, 1, b'x', 0, 1, b'y']));
    all.extend(message(14, &[]));
    all
}

#[test]
fn a_flight_of_tls_1_0_in_any_pieces() {
    // All in one record, and each message cut over records of seven bytes.
    let cut: Vec<u8> = flight().chunks(7).flat_map(|piece| record(22, piece)).collect();
    for bytes in [record(22, &flight()), cut] {
        for piece in [1, 3, 1000] {
            let mut reader = FlightReader::default();
            let ends: Vec<_> = bytes.chunks(piece).map(|piece| reader.push(piece)).collect();
            assert_eq!(ends.last(), Some(&Progress::End));
            let flight = reader.into_flight();
            assert_eq!(
                (flight.version, flight.suite, flight.complete),
                (Some(TLS_1_0), Some(0x2f), true)
            );
            assert_eq!(flight.certificates, [b"abc"]);
            assert_eq!(flight.accepted_names, Some(vec![b"x".to_vec(), b"y".to_vec()]));
        }
    }
}

#[test]
fn alerts_fatal_and_warning() {
    let mut reader = FlightReader::default();
    assert_eq!(reader.push(&record(21, &[1, 112])), Progress::More);
    assert_eq!(reader.push(&record(21, &[2, 70])), Progress::End);
    assert_eq!(reader.flight().alert, Some(70));
}

#[test]
fn tls_1_3_ends_at_its_hello() {
    let mut body = TLS_1_2.to_be_bytes().to_vec();
    body.extend([7; 32]);
    body.extend([0, 0x13, 0x01, 0, 0, 6, 0, 43, 0, 2, 3, 4]);
    let mut reader = FlightReader::default();
    assert_eq!(reader.push(&record(22, &message(2, &body))), Progress::End);
    assert_eq!(version_name(reader.flight().version.unwrap()), "TLSv1.3");
}

#[test]
fn rubbish_ends() {
    for bytes in [
        &b"HTTP/1.1 400 Bad Request\r\n"[..],
        &[22, 3, 1, 0xff, 0xff],
        &record(21, &[1]),
        &record(22, &message(11, &[0, 0, 9, 0])),
        &record(22, &message(13, &[0])),
    ] {
        assert_eq!(FlightReader::default().push(bytes), Progress::NotTls);
    }
    assert!(looks_like_tls(&[22]) && !looks_like_tls(b"H") && !looks_like_tls(&[22, 2]));
}

#[test]
fn hellos_are_well_formed() {
    for version in [SSL_3, TLS_1_0, TLS_1_1, TLS_1_2] {
        let hello = client_hello(version, Some("xsp1.example.net"), [9; 32]);
        assert_eq!(
            usize::from(u16::from_be_bytes([hello[3], hello[4]])),
            hello.len() - 5
        );
        assert_eq!(
            usize::from(u16::from_be_bytes([hello[7], hello[8]])),
            hello.len() - 9
        );
        let has_name = hello.windows(16).any(|window| window == b"xsp1.example.net");
        assert_eq!(has_name, version != SSL_3);
    }
}

#[test]
fn names_of_the_registry() {
    assert_eq!(suite_name(0x1301), "TLS_AES_128_GCM_SHA256");
    assert_eq!(suite_name(0x002f), "TLS_RSA_WITH_AES_128_CBC_SHA");
    assert_eq!(suite_name(0xfafa), "0xfafa");
}

proptest! {
    /// Any bytes, and real answers with some bytes changed: no panic, and the same facts however the bytes are cut.
    #[test]
    fn pieces_make_no_difference(
        start in 0..5_usize,
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        rest in prop::collection::vec(any::<u8>(), 0..50),
        piece in 1..40_usize,
    ) {
        let answers: [&[u8]; 4] = [
            include_bytes!("../../../fuzz/seeds/server_hello/names"),
            include_bytes!("../../../fuzz/seeds/server_hello/tls10"),
            include_bytes!("../../../fuzz/seeds/server_hello/tls12"),
            include_bytes!("../../../fuzz/seeds/server_hello/refused"),
        ];
        // The first byte of a seed says how to cut it.
        let mut bytes = answers.get(start).map_or(&[][..], |answer| &answer[1..]).to_vec();
        for (at, with) in flips {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] ^= with;
            }
        }
        bytes.extend(rest);
        let read = |piece| {
            let mut reader = FlightReader::default();
            let mut chunks = bytes.chunks(piece);
            while chunks.next().is_some_and(|chunk| reader.push(chunk) == Progress::More) {}
            reader.into_flight()
        };
        prop_assert_eq!(read(bytes.len().max(1)), read(piece));
    }
}

#[test]
fn the_hello_of_tls_1_3_offers_nothing_else_and_no_key() {
    let hello = client_hello(TLS_1_3, Some("xsp1.example.net"), [7; 32]);
    // The version of TLS 1.2 stands where older servers look (RFC 8446 section 4.1.2).
    assert_eq!(hello.get(9..11), Some(&[3, 3][..]));
    let has = |bytes: &[u8]| memchr::memmem::find(&hello, bytes).is_some();
    assert!(has(&[0, 43, 0, 3, 2, 3, 4]), "supported_versions");
    assert!(has(&[0, 51, 0, 2, 0, 0]), "an empty key_share");
    assert!(has(&[0, 10, 0x13, 1, 0x13, 2]), "suites of TLS 1.3 only");
}
