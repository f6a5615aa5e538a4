//! The redactor on any bytes: it refuses, or what comes out is stable, holds no planted secret, and is unchanged where
//! nothing was found; reading in a stream gives the same.

#![no_main]

use std::io::{Cursor, Read};
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use w4b_diag::redact::{Policy, Protected, RedactError, Redactor, SiteKey};

const SECRET: &[u8] = b"Gr4nite-Moss-77";

static KEY: LazyLock<SiteKey> = LazyLock::new(|| SiteKey::fresh().expect("randomness"));

fn has_secret(text: &[u8]) -> bool {
    text.windows(SECRET.len()).any(|window| window == SECRET)
}

/// Where the secret is planted: bytes as they are let dictionaries and files of seeds be used.
const PLACE: u8 = 0x1e;

fuzz_target!(|input: &[u8]| {
    // Else the fuzzer writes the secret itself, which it knows from comparisons, and where nothing tells what it is.
    if has_secret(input) {
        return;
    }
    let place = input.iter().position(|&byte| byte == PLACE);
    let (before, after) = input.split_at(place.unwrap_or(input.len()));
    let (before, after) = (before.to_vec(), after.get(1..).unwrap_or_default());
    let redactor = Redactor::new(Policy::default(), KEY.clone(), Protected::none());
    let planted = [&before[..], b"\npassword=", SECRET, b"\n", after].concat();
    for text in [&before, &planted] {
        let _ = redactor.learn(text);
        let Ok(once) = redactor.redact_bytes(text) else { continue };
        assert!(!has_secret(once.bytes()));
        let twice = match redactor.redact_bytes(once.bytes()) {
            // The controls of a text that became shorter are a larger share of it.
            Err(RedactError::Binary) => continue,
            twice => twice.expect("text stays text"),
        };
        assert_eq!(
            String::from_utf8_lossy(twice.bytes()),
            String::from_utf8_lossy(once.bytes())
        );
        if once.counts().total() == 0 {
            assert_eq!(once.bytes(), &text[..]);
        }
        let mut streamed = Vec::new();
        let mut stream = redactor.redact_stream(Cursor::new(text.clone()));
        stream.read_to_end(&mut streamed).expect("the same text");
        assert_eq!(streamed, once.bytes());
    }
});
