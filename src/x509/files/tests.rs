use std::path::Path;

use super::{CertFile, FileError, Format, Problem, parse};
use proptest::prelude::*;

fn certificate() -> (Vec<u8>, String, String) {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["xsp1.example.net".to_owned()])
        .unwrap()
        .self_signed(&key)
        .unwrap();
    (certificate.der().to_vec(), certificate.pem(), key.serialize_pem())
}

fn of(bytes: impl AsRef<[u8]>) -> Result<CertFile, FileError> {
    parse(Path::new("sample"), bytes.as_ref(), None)
}

#[test]
fn pem_with_key_and_der_and_several_of_them() {
    let (der, pem, key) = certificate();
    let file = of(format!("{key}\n{pem}{pem}")).unwrap();
    assert_eq!((file.format, file.private_keys), (Format::Pem, 1));
    assert_eq!(file.certificates, [der.clone(), der.clone()]);

    let file = of(&der).unwrap();
    assert_eq!(
        (file.format, &file.certificates),
        (Format::Der, &vec![der.clone()])
    );
    let file = of([&der[..], &der[..]].concat()).unwrap();
    assert_eq!(file.certificates.len(), 2);
    let file = of([&der[..], b"rubbish"].concat()).unwrap();
    assert_eq!(file.problems, [Problem::TrailingData { bytes: 7 }]);
}

#[test]
fn byte_order_marks_utf16_and_bare_base64() {
    let (der, pem, _) = certificate();
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(pem.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for bytes in [
        format!("\u{feff}{pem}").into_bytes(),
        utf16,
        pem.replace('\n', "\r\n").into_bytes(),
    ] {
        assert_eq!(of(bytes).unwrap().certificates, std::slice::from_ref(&der));
    }
    let bare: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let file = of(bare).unwrap();
    assert_eq!(
        (file.certificates, file.problems),
        (vec![der], vec![Problem::NoMarkers])
    );
}

#[test]
fn private_key_alone_is_counted() {
    let (_, _, key) = certificate();
    let file = of(&key).unwrap();
    assert_eq!((file.certificates.len(), file.private_keys), (0, 1));
    let der = rcgen::KeyPair::generate().unwrap().serialize_der();
    let file = of(der).unwrap();
    assert_eq!((file.certificates.len(), file.private_keys), (0, 1));
}

#[test]
fn what_is_no_certificate_says_so() {
    assert!(matches!(of(""), Err(FileError::Empty { .. })));
    assert!(matches!(of(" \r\n"), Err(FileError::Empty { .. })));
    assert!(matches!(
        of("<!DOCTYPE html><p>Sign in"),
        Err(FileError::Html { .. })
    ));
    assert!(matches!(of("hello"), Err(FileError::NoCertificate { .. })));
    assert!(matches!(of(b"\x7fELF\0\0\x01"), Err(FileError::Binary { .. })));
    // Well-formed ASN.1, but only a number.
    assert!(matches!(
        of([0x30, 0x03, 0x02, 0x01, 0x05]),
        Err(FileError::Binary { .. })
    ));
    let (_, pem, _) = certificate();
    let broken = pem.replacen("\nMI", "\n!I", 1);
    assert!(matches!(
        of(broken),
        Err(FileError::Nothing {
            problem: Problem::Base64 { block: 1, line: 2 },
            ..
        })
    ));
}

#[test]
fn one_broken_block_does_not_hide_the_others() {
    let (der, pem, _) = certificate();
    let file = of(format!(
        "{pem}-----BEGIN CERTIFICATE-----\nQ!\n-----END CERTIFICATE-----\n{pem}"
    ))
    .unwrap();
    assert_eq!(file.certificates, [der.clone(), der]);
    assert!(matches!(file.problems[..], [Problem::Base64 { block: 2, .. }]));
}

#[test]
fn a_request_is_not_a_certificate() {
    let key = rcgen::KeyPair::generate().unwrap();
    let request = rcgen::CertificateParams::new(vec!["xsp1.example.net".to_owned()])
        .unwrap()
        .serialize_request(&key)
        .unwrap();
    let told = |result| matches!(result, Err(FileError::Nothing { problem: Problem::OtherBlock { ref label }, .. }) if label == "CERTIFICATE REQUEST");
    assert!(told(of(request.pem().unwrap())));
    assert!(told(of(request.der())));
}

/// Samples of every format, small; the stores' passwords are in `fuzz/README.md`.
fn samples() -> Vec<(&'static [u8], Option<&'static str>)> {
    vec![
        (
            include_bytes!("../../../fuzz/seeds/cert_file/chain-crlf.pem"),
            None,
        ),
        (include_bytes!("../../../fuzz/seeds/cert_file/leaf.der"), None),
        (include_bytes!("../../../fuzz/seeds/cert_file/der.p7b"), None),
        (include_bytes!("../../../fuzz/seeds/cert_file/ber.p7b"), None),
        (include_bytes!("../../../fuzz/seeds/cert_file/trust.jks"), None),
        (
            include_bytes!("../../../fuzz/seeds/pkcs12/modern.p12"),
            Some("secret"),
        ),
        (
            include_bytes!("../../../fuzz/seeds/pkcs12/legacy.p12"),
            Some("secret"),
        ),
        (include_bytes!("../../../fuzz/seeds/pkcs12/plain.p12"), None),
    ]
}

#[test]
fn samples_are_read() {
    for (index, (bytes, password)) in samples().into_iter().enumerate() {
        let file =
            parse(Path::new("sample"), bytes, password).unwrap_or_else(|error| panic!("{index}: {error}"));
        assert!((1..=2).contains(&file.certificates.len()), "{index}");
    }
}

proptest! {
    /// Whatever is damaged: an answer, no panic.
    #[test]
    fn damaged_samples_give_an_answer(
        sample in 0..8_usize,
        cut in any::<prop::sample::Index>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let (bytes, password) = samples()[sample];
        let mut bytes = bytes[..=cut.index(bytes.len())].to_vec();
        for (at, with) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= with;
        }
        let _ = parse(Path::new("sample"), &bytes, password);
    }

    #[test]
    fn any_bytes_give_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(Path::new("sample"), &bytes, Some("secret"));
    }
}
