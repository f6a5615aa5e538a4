//! Bytes of a pasted text or an export to text: UTF-8 with or without BOM, UTF-16 with or without BOM, else
//! Windows-1252. Control Hub exports UTF-16LE; spreadsheet programs save what they like.

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::input::decode::{Encoding, PROBE};

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
    let head = bytes.get(..bytes.len().min(PROBE)).unwrap_or_default();
    let found = Encoding::detect(head, bytes.len() <= PROBE);
    let (encoding, skip, guessed) = match found {
        Encoding::Utf8 { mark } => (UTF_8, mark, false),
        Encoding::Utf16 { big, mark } => (if big { UTF_16BE } else { UTF_16LE }, mark, mark == 0),
        Encoding::Windows1252 => (WINDOWS_1252, 0, true),
    };
    let rest = bytes.get(skip..).unwrap_or_default();
    let (text, _) = encoding.decode_without_bom_handling(rest);
    let is_damaged = text.contains('\u{fffd}') && !(encoding == UTF_8 && has_replacement(rest));
    let bad_line = is_damaged.then(|| {
        let before = text.split('\u{fffd}').next().unwrap_or_default();
        1 + before.bytes().filter(|byte| *byte == b'\n').count() as u64
    });
    Decoded {
        text: text.into_owned(),
        encoding: found.name(),
        guessed: guessed || bad_line.is_some(),
        bad_line,
    }
}

/// Whether the file itself has a U+FFFD in it.
fn has_replacement(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, "\u{fffd}".as_bytes()).is_some()
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
            (sample.as_bytes().to_vec(), "utf-8", false),
            ([b"\xef\xbb\xbf", sample.as_bytes()].concat(), "utf-8", false),
            (utf16(sample, false, true), "utf-16le", false),
            (utf16(sample, true, true), "utf-16be", false),
            (utf16(sample, false, false), "utf-16le", true),
            (utf16(sample, true, false), "utf-16be", true),
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
        let decoded = text(b"\xc3\xa4\xc3\xa4\nb\n\xff\n");
        assert_eq!(decoded.bad_line, Some(3));
        assert!(decoded.guessed);
        assert_eq!(text(b"").text, "");
        assert_eq!(text(b"\xff").encoding, "windows-1252");
        let odd = utf16("ab", false, true);
        assert_eq!(text(&odd[..odd.len() - 1]).bad_line, Some(1));
    }
}
