//! Any bytes as a certificate file: PEM, DER, PKCS#7, JKS, or nothing of the kind.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use w4b_diag::i18n::Localize as _;
use w4b_diag::x509::files::parse;

fuzz_target!(|bytes: &[u8]| {
    match parse(Path::new("sample"), bytes, None) {
        // What is found can only have come out of the file. Base64 shrinks, UTF-16 does not grow.
        Ok(file) => {
            let found: usize = file.certificates.iter().chain(&file.crls).map(Vec::len).sum();
            assert!(found <= bytes.len());
            assert!(!file.certificates.is_empty() || !file.crls.is_empty() || file.private_keys > 0);
        }
        Err(error) => assert!(!error.message().key.is_empty()),
    }
});
