//! PKCS#12 with a password; the seeds are encrypted with "secret".
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use w4b_diag::x509::files::parse;

fuzz_target!(|bytes: &[u8]| {
    let _ = parse(Path::new("sample"), bytes, Some("secret"));
});
