//! Bytes of a pasted text or an export to text: UTF-8 with or without BOM, UTF-16 with or without BOM, else
//! Windows-1252. Control Hub exports UTF-16LE; spreadsheet programs save what they like.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How much of a file is looked at to tell UTF-16 without a BOM, in bytes.
const SAMPLE: usize = 4096;

/// Text and how it was encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text; what cannot be decoded is U+FFFD.
    pub text: String,
    /// The encoding, WHATWG name.
    pub encoding: &'static str,
    /// There was no BOM and the bytes are not UTF-8: the encoding is a guess.
    pub guessed: bool,
    /// The first line (from 1) with bytes that could not be decoded.
    pub bad_line: Option<u64>,
}

/// Decodes by BOM, else by what the bytes look like.
pub fn text(bytes: &[u8]) -> Decoded {
    let (encoding, skip, guessed) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, length, false),
        None => match without_bom(bytes) {
            Some(encoding) => (encoding, 0, true),
            None => match std::str::from_utf8(bytes) {
                Ok(_) => (UTF_8, 0, false),
                Err(error) => (eight_bit(bytes, error.valid_up_to()), 0, true),
            },
        },
    };
    let rest = bytes.get(skip..).unwrap_or_default();
    let (text, _) = encoding.decode_without_bom_handling(rest);
    let bad_line = (text.contains('\u{fffd}') && !has_replacement(rest, encoding)).then(|| {
        let before = text.split('\u{fffd}').next().unwrap_or_default();
        1 + before.bytes().filter(|byte| *byte == b'\n').count() as u64
    });
    Decoded {
        text: text.into_owned(),
        encoding: encoding.name(),
        guessed: guessed || bad_line.is_some(),
        bad_line,
    }
}

/// UTF-16 shows by a zero in every second byte of mostly Latin text.
fn without_bom(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = bytes.get(..bytes.len().min(SAMPLE)).unwrap_or_default();
    if sample.len() < 4 {
        return None;
    }
    let zeros = |offset: usize| {
        sample
            .iter()
            .skip(offset)
            .step_by(2)
            .filter(|byte| **byte == 0)
            .count()
    };
    let half = sample.len() / 2;
    let (even, odd) = (zeros(0), zeros(1));
    if odd * 10 >= half * 7 && even * 10 <= half {
        Some(UTF_16LE)
    } else if even * 10 >= half * 7 && odd * 10 <= half {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// A few bad bytes in UTF-8 are a damaged file; bytes that are never UTF-8 are Windows-1252.
fn eight_bit(bytes: &[u8], valid: usize) -> &'static Encoding {
    let has_multibyte = bytes
        .get(..valid)
        .unwrap_or_default()
        .iter()
        .any(|byte| *byte >= 0x80);
    if has_multibyte { UTF_8 } else { WINDOWS_1252 }
}

/// Whether the file itself has a U+FFFD in it.
fn has_replacement(bytes: &[u8], encoding: &'static Encoding) -> bool {
    encoding == UTF_8 && memchr::memmem::find(bytes, "\u{fffd}".as_bytes()).is_some()
}

#[cfg(test)]
mod tests {
    use super::text;

    fn utf16(text: &str, big: bool, bom: bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        let units = bom.then_some(0xfeff_u16).into_iter().chain(text.encode_utf16());
        for unit in units {
            bytes.extend(if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            });
        }
        bytes
    }

    #[test]
    fn every_encoding_of_an_export() {
        let sample = "E-Mail\tStatus\nada@example.com\tausstehend für später\n";
        for (bytes, encoding, guessed) in [
            (sample.as_bytes().to_vec(), "UTF-8", false),
            ([b"\xef\xbb\xbf", sample.as_bytes()].concat(), "UTF-8", false),
            (utf16(sample, false, true), "UTF-16LE", false),
            (utf16(sample, true, true), "UTF-16BE", false),
            (utf16(sample, false, false), "UTF-16LE", true),
            (utf16(sample, true, false), "UTF-16BE", true),
            (sample.chars().map(|c| c as u8).collect(), "windows-1252", true),
        ] {
            let decoded = text(&bytes);
            assert_eq!(decoded.text, sample, "{encoding}");
            assert_eq!((decoded.encoding, decoded.guessed), (encoding, guessed));
            assert_eq!(decoded.bad_line, None);
        }
    }

    #[test]
    fn damage_is_named_by_line() {
        let decoded = text(b"\xc3\xa4\nb\n\xff\n");
        assert_eq!(decoded.bad_line, Some(3));
        assert!(decoded.guessed);
        assert_eq!(text(b"").text, "");
        assert_eq!(text(b"\xff").encoding, "windows-1252");
        let odd = utf16("ab", false, true);
        assert_eq!(text(&odd[..odd.len() - 1]).bad_line, Some(1));
    }
}
