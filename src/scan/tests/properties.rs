//! What holds for any text, and fast verifiers against plain readers.

use super::{check, of};
use crate::scan::{Kind, Span, spans};

/// Realistic lines and the pieces that break scanners.
const PIECES: &[&str] = &[
    "2026-01-02T03:04:05.678Z <Error> [1:0x2][]Adapter.cpp:3 ",
    "TrackingID: ",
    "ATLAS_0a1b2c3d-1111-2222-3333-444455556666_1",
    "orgId=",
    "0a1b2c3d-1111-2222-3333-444455556666",
    "ana@example.com",
    "\n",
    "\r\n",
    "\"password\":\"s3cret\\\"x\"",
    "-----BEGIN PRIVATE KEY-----\nMIIEv+/\n",
    "-----END PRIVATE KEY-----",
    "{\"key\": \"trackingid\",\n\"value\": \"",
    "\"}",
    " ",
    "45.1.1.255",
    "Webex App ",
    "+49 30 1234567",
    "<password>",
    "x</password>",
    "Cookie: a=b; c=d",
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln",
    "čćžšđ",
    "\\n",
    "::1",
    "aa:bb:cc:dd:ee:ff",
    "Y2lzY29zcGFyazov",
    "==",
    "@",
    ":",
    "=",
    ">",
    "%40",
    "[Error 10022] text",
    "error code ",
    "token=",
    "&x=",
    "\u{feff}",
    "\0",
];

fn text_of_pieces() -> impl proptest::strategy::Strategy<Value = Vec<u8>> {
    use proptest::prelude::*;
    proptest::collection::vec(
        prop_oneof![
            6 => proptest::sample::select(PIECES.to_vec()).prop_map(|piece| piece.as_bytes().to_vec()),
            1 => proptest::collection::vec(any::<u8>(), 0..12),
        ],
        0..80,
    )
    .prop_map(|pieces| pieces.concat())
}

proptest::proptest! {
    #[test]
    fn spans_are_sorted_inside_and_apart(text in text_of_pieces()) {
        check(&text, &spans(&text));
    }

    #[test]
    fn windows_of_any_size_find_the_same(text in text_of_pieces(), window in 1_usize..3000, step in 1_usize..500) {
        use crate::scan::stream::{Sizes, windows};
        struct Drip<'a>(&'a [u8], usize);
        impl std::io::Read for Drip<'_> {
            fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
                let limit = out.len().min(self.1);
                self.0.read(&mut out[..limit])
            }
        }
        let scanner = crate::scan::Scanner::new(crate::scan::Options::default());
        let mut found: Vec<Span> = Vec::new();
        let mut seen = 0;
        windows::<std::io::Error>(Drip(&text, step), &scanner, Sizes { window, longest: 1 << 20 }, |window| {
            assert_eq!(window.offset, seen);
            seen += (window.until - window.from) as u64;
            for span in &window.scan.spans {
                let shift = usize::try_from(window.offset).expect("a small text");
                found.push(Span { start: span.start - window.from + shift, end: span.end - window.from + shift, ..span.clone() });
            }
            Ok(())
        }).expect("reads from memory");
        proptest::prop_assert_eq!(seen, text.len() as u64);
        proptest::prop_assert_eq!(found, scanner.spans(&text));
    }

    #[test]
    fn any_number_of_threads_finds_the_same(pieces in proptest::collection::vec(text_of_pieces(), 1..6), threads in 2_usize..5, window in 50_usize..900) {
        use crate::scan::stream::{Sizes, windows, windows_on};
        type Seen = Vec<(u64, usize, usize, crate::scan::Scan)>;
        let text = pieces.concat();
        let scanner = crate::scan::Scanner::new(crate::scan::Options::default());
        let sizes = Sizes { window, longest: 1 << 20 };
        let mut alone: Seen = Vec::new();
        windows::<std::io::Error>(text.as_slice(), &scanner, sizes, |window| {
            alone.push((window.offset, window.from, window.until, window.scan.clone()));
            Ok(())
        }).expect("reads from memory");
        let mut together: Seen = Vec::new();
        windows_on::<std::io::Error>(threads, text.as_slice(), &scanner, sizes, |window| {
            together.push((window.offset, window.from, window.until, window.scan.clone()));
            Ok(())
        }).expect("reads from memory");
        proptest::prop_assert_eq!(alone, together);
    }

    #[test]
    fn dotted_quads_as_a_plain_reader_sees_them(text in "[0-9. ]{0,60}") {
        let expected: Vec<&str> = text
            .split(' ')
            .map(|word| word.trim_end_matches('.'))
            .filter(|word| {
                let parts: Vec<Option<u32>> = word.split('.').map(|part| if part.len() <= 8 { part.parse().ok() } else { None }).collect();
                let [Some(year), Some(month), Some(patch), Some(build)] = parts[..] else { return false };
                let client = (39..=60).contains(&year) && (1..=12).contains(&month) && patch <= 99 && build > 255;
                !client && [year, month, patch, build].iter().all(|part| *part <= 255)
            })
            .collect();
        let found = of(Kind::IpAddress, &text);
        // Sentences end with one dot; what follows more dots is no sentence.
        if !text.contains("..") {
            proptest::prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn uuids_behind_a_label_as_a_regex_sees_them(text in "[0-9a-fA-F]{7,9}-[0-9a-f]{3,5}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{11,13}[ ,g_]") {
        let twin = regex::Regex::new(r"^[0-9a-fA-F]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}[ ,]").expect("a pattern");
        let expected: Vec<String> = twin.find(&text).map(|hit| hit.as_str()[..36].to_owned()).into_iter().collect();
        proptest::prop_assert_eq!(of(Kind::Org, &format!("orgId: {text}")), expected);
    }
}

#[test]
fn a_colon_at_the_very_beginning_is_no_time() {
    for text in [":", "1:2", "7:24:25", ":07:24:25", "::1"] {
        assert!(
            spans(text.as_bytes())
                .iter()
                .all(|span| span.kind != Kind::Timestamp),
            "{text}"
        );
    }
}

#[test]
fn what_two_secrets_uncover_stays_an_address() {
    let text = b"Authorization: Bearer Zm9vYmFyYmF6cXV4%ana.kovac@example.com";
    let kinds: Vec<Kind> = spans(text).iter().map(|span| span.kind).collect();
    assert_eq!(kinds, [Kind::Token, Kind::Email]);
}
