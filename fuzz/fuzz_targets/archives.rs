//! The readers of zip, tar, gzip and of encodings on any bytes, under small limits.

#![no_main]

use std::io::Read;

use libfuzzer_sys::fuzz_target;
use w4b_diag::input::decode::Decoder;
use w4b_diag::input::{self, Limits};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits {
        depth: 3,
        count: 50,
        size: 1 << 20,
        ratio: 100,
        ratio_from: 1 << 16,
    };
    let mut total = 0;
    for item in input::open_bytes("fuzz", bytes.to_vec(), limits).flatten() {
        if let Ok(decoder) = Decoder::new(item.reader) {
            let mut out = Vec::new();
            let _ = decoder.take(4 << 20).read_to_end(&mut out);
            total += out.len();
        }
    }
    // Text of one byte a character grows at most threefold when it becomes UTF-8; stored members come as they are.
    assert!(total <= (4 << 20) * 50);
});
