//! Bytes of a file to the text that is scanned, and back, without losing one of them.
//!
//! Encodings that extend ASCII (UTF-8, Windows-1252, ISO 8859) are scanned as they are. UTF-16 is turned into
//! generalised UTF-8, in which an unpaired surrogate has a form of its own, so that it comes back as it was.

use super::content::RedactError;
use super::foreign;

/// Bytes looked at to recognise UTF-16 without a byte order mark.
const PROBE: usize = 4096;

/// How the bytes of a file are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    /// An extension of ASCII: as it is.
    Bytes,
    /// UTF-16, big endian or little.
    Utf16 {
        /// Big endian.
        big: bool,
    },
}

impl Codec {
    /// The codec of a file that begins with `head`.
    pub(super) fn detect(head: &[u8]) -> Result<Self, RedactError> {
        refuse_known_binary(head)?;
        if head.starts_with(&[0xff, 0xfe, 0, 0]) || head.starts_with(&[0, 0, 0xfe, 0xff]) {
            return Err(RedactError::Encoding("UTF-32"));
        }
        if head.starts_with(&[0xff, 0xfe]) {
            return Ok(Self::Utf16 { big: false });
        }
        if head.starts_with(&[0xfe, 0xff]) {
            return Ok(Self::Utf16 { big: true });
        }
        let probe = &head[..head.len().min(PROBE) & !1];
        let zeros = |offset: usize| {
            probe
                .iter()
                .skip(offset)
                .step_by(2)
                .filter(|byte| **byte == 0)
                .count()
        };
        let (even, odd, units) = (zeros(0), zeros(1), probe.len() / 2);
        // Text of the five languages is ASCII for the most part: one half of nearly every unit is zero.
        if units >= 4 && odd * 10 >= units * 7 && even * 10 <= units {
            return Ok(Self::Utf16 { big: false });
        }
        if units >= 4 && even * 10 >= units * 7 && odd * 10 <= units {
            return Ok(Self::Utf16 { big: true });
        }
        Ok(Self::Bytes)
    }

    /// The length of the byte order mark that `head` begins with.
    pub(super) fn mark_len(self, head: &[u8]) -> usize {
        match self {
            Self::Bytes if head.starts_with(b"\xef\xbb\xbf") => 3,
            Self::Utf16 { .. } if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") => 2,
            _ => 0,
        }
    }

    /// Decodes `raw` to the end of `text`; what cannot be decoded without more bytes stays in `raw` unless `last`.
    pub(super) fn decode(self, raw: &mut Vec<u8>, text: &mut Vec<u8>, last: bool) {
        let Self::Utf16 { big } = self else {
            text.append(raw);
            return;
        };
        let unit = |pair: &[u8]| {
            let pair = [pair[0], pair[1]];
            if big {
                u16::from_be_bytes(pair)
            } else {
                u16::from_le_bytes(pair)
            }
        };
        let mut at = 0;
        while at + 2 <= raw.len() {
            let first = unit(&raw[at..at + 2]);
            let mut scalar = u32::from(first);
            let mut used = 2;
            if (0xd800..0xdc00).contains(&first) {
                if at + 4 > raw.len() {
                    if !last {
                        break;
                    }
                } else {
                    let second = unit(&raw[at + 2..at + 4]);
                    if (0xdc00..0xe000).contains(&second) {
                        scalar =
                            0x1_0000 + ((u32::from(first) - 0xd800) << 10) + (u32::from(second) - 0xdc00);
                        used = 4;
                    }
                }
            }
            push_generalised(text, scalar);
            at += used;
        }
        raw.drain(..at);
    }

    /// Encodes text that [`Codec::decode`] made, with ASCII replacements in it, to the end of `out`.
    pub(super) fn encode(self, text: &[u8], out: &mut Vec<u8>) {
        let Self::Utf16 { big } = self else {
            out.extend_from_slice(text);
            return;
        };
        let mut push = |unit: u32| {
            // Units and surrogates are 16 bits by construction.
            let [low, high, ..] = unit.to_le_bytes();
            let unit = u16::from_le_bytes([low, high]);
            out.extend_from_slice(&if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            });
        };
        let mut at = 0;
        while let Some((scalar, used)) = generalised(&text[at..]) {
            if let Some(offset) = scalar.checked_sub(0x1_0000) {
                push(0xd800 + (offset >> 10));
                push(0xdc00 + (offset & 0x3ff));
            } else {
                push(scalar);
            }
            at += used;
        }
    }

    /// Refuses a piece of decoded text that is not text, or that holds a second encoding: it could hide a secret.
    pub(super) fn check(self, text: &[u8]) -> Result<(), RedactError> {
        let controls = controls(text);
        // Compressed and encrypted bytes are controls one time in ten; text has a stray one.
        if controls > 16 && controls * 20 > text.len() {
            return Err(RedactError::Binary);
        }
        match self {
            Self::Bytes if foreign::in_bytes(text) => Err(RedactError::Encoding("UTF-8 + UTF-16")),
            Self::Utf16 { big } if foreign::in_wide(text, big) => {
                Err(RedactError::Encoding("UTF-16 + UTF-8"))
            }
            _ => Ok(()),
        }
    }
}

/// Control characters that text does not have. By pieces whose count fits into a byte, so that it becomes a few vector
/// instructions.
fn controls(text: &[u8]) -> usize {
    let is_control = |byte: u8| matches!(byte, 1..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f);
    text.chunks(128)
        .map(|piece| {
            let count = piece
                .iter()
                .fold(0_u8, |count, &byte| count + u8::from(is_control(byte)));
            usize::from(count)
        })
        .sum()
}

/// The first bytes of formats that compress or encrypt what they hold, or hold keys.
fn refuse_known_binary(head: &[u8]) -> Result<(), RedactError> {
    const MAGIC: &[&[u8]] = &[
        b"\x1f\x8b",           // gzip
        b"PK\x03\x04",         // zip
        b"PK\x05\x06",         // empty zip
        b"BZh",                // bzip2
        b"\xfd7zXZ\0",         // xz
        b"7z\xbc\xaf\x27\x1c", // 7z
        b"\x28\xb5\x2f\xfd",   // zstd
        b"\x04\x22\x4d\x18",   // lz4
        b"Rar!\x1a\x07",       // rar
        b"%PDF-",              // PDF, compressed inside
        b"\x89PNG",            // pictures go another way
        b"\xff\xd8\xff",
        b"GIF8",
        b"\xfe\xed\xfe\xed", // Java key store
        b"\xce\xce\xce\xce", // JCEKS
        b"SQLite format 3\0",
        b"\x7fELF",
        b"\xd0\xcf\x11\xe0", // OLE: old Office documents, MSG mails
        b"\xd4\xc3\xb2\xa1", // pcap
        b"\xa1\xb2\xc3\xd4",
        b"\x0a\x0d\x0d\x0a", // pcapng
    ];
    if MAGIC.iter().any(|magic| head.starts_with(magic)) {
        return Err(RedactError::Binary);
    }
    Ok(())
}

fn push_generalised(text: &mut Vec<u8>, scalar: u32) {
    let byte = |marker: u32, shift: u32, mask: u32| (marker | ((scalar >> shift) & mask)).to_le_bytes()[0];
    let low = |shift: u32| byte(0x80, shift, 0x3f);
    match scalar {
        0..=0x7f => text.push(byte(0, 0, 0x7f)),
        0x80..=0x7ff => text.extend_from_slice(&[byte(0xc0, 6, 0x1f), low(0)]),
        0x800..=0xffff => text.extend_from_slice(&[byte(0xe0, 12, 0x0f), low(6), low(0)]),
        _ => text.extend_from_slice(&[byte(0xf0, 18, 0x07), low(12), low(6), low(0)]),
    }
}

/// The first scalar (or surrogate) of generalised UTF-8 and its length. Bytes that are none are taken one by one.
pub(super) fn generalised(text: &[u8]) -> Option<(u32, usize)> {
    let first = *text.first()?;
    let (bits, len) = match first {
        0xc0..=0xdf => (first & 0x1f, 2),
        0xe0..=0xef => (first & 0x0f, 3),
        0xf0..=0xf7 => (first & 0x07, 4),
        _ => return Some((u32::from(first), 1)),
    };
    let Some(rest) = text.get(1..len) else {
        return Some((u32::from(first), 1));
    };
    let scalar = rest.iter().fold(u32::from(bits), |scalar, byte| {
        scalar << 6 | u32::from(byte & 0x3f)
    });
    Some((scalar, len))
}

#[cfg(test)]
mod tests {
    use super::Codec;
    use proptest::prelude::*;

    fn wide(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    }

    #[test]
    fn encodings_are_recognised() {
        let text = "Ime;E-pošta\r\nAna;ana@example.com\r\n";
        assert_eq!(Codec::detect(text.as_bytes()).unwrap(), Codec::Bytes);
        for big in [false, true] {
            assert_eq!(Codec::detect(&wide(text, big)).unwrap(), Codec::Utf16 { big });
            let marked = wide(&format!("\u{feff}{text}"), big);
            assert_eq!(Codec::detect(&marked).unwrap(), Codec::Utf16 { big });
        }
        assert!(Codec::detect(b"\x1f\x8b\x08").is_err());
        assert!(Codec::detect(&[0xff, 0xfe, 0, 0, b'a', 0, 0, 0]).is_err());
        assert_eq!(Codec::detect(b"").unwrap(), Codec::Bytes);
    }

    #[test]
    fn a_short_secret_in_a_second_encoding_is_refused() {
        for secret in [
            "pin=4711\n",
            "\npassword=Gr4nite-Moss-77\n",
            "x\nana.kovac@example.com\n",
        ] {
            for big in [false, true] {
                let mut narrow = b"one line\nand one more\n".to_vec();
                narrow.extend(wide(secret, big));
                assert!(Codec::Bytes.check(&narrow).is_err(), "{secret}");
                for ahead in ["one line\n", ""] {
                    // At an odd place as well.
                    for gap in [&b""[..], b"\n"] {
                        let mut raw = [&wide(ahead, big), gap, secret.as_bytes()].concat();
                        let mut text = Vec::new();
                        let codec = Codec::Utf16 { big };
                        codec.decode(&mut raw, &mut text, true);
                        assert!(codec.check(&text).is_err(), "{ahead}{secret}");
                    }
                }
            }
        }
        let mut chinese = wide(
            "\u{feff}用户登录失败，请稍后再试。\r\n这是一个测试，没有秘密。\r\n",
            false,
        );
        let mut text = Vec::new();
        let codec = Codec::detect(&chinese).unwrap();
        codec.decode(&mut chinese, &mut text, true);
        assert!(codec.check(&text).is_ok());
    }

    #[test]
    fn a_second_encoding_is_refused() {
        let mut mixed = b"first line\n".to_vec();
        mixed.extend(wide("password=hunter2hunter2\n", false));
        assert!(Codec::Bytes.check(&mixed).is_err());
        let mut raw = b"a line that somebody appended in another encoding: password=hunter2".to_vec();
        let mut text = Vec::new();
        let codec = Codec::Utf16 { big: false };
        codec.decode(&mut raw, &mut text, true);
        assert!(codec.check(&text).is_err());
        assert!(
            Codec::Bytes
                .check("ordinary\ttext\r\nwith\0a NUL".as_bytes())
                .is_ok()
        );
    }

    proptest! {
        #[test]
        fn any_units_come_back(units in proptest::collection::vec(any::<u16>(), 0..200), big: bool, cut in 0usize..400) {
            let raw: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
            let codec = Codec::Utf16 { big };
            let (mut text, mut pending) = (Vec::new(), Vec::new());
            let cut = cut.min(raw.len());
            pending.extend_from_slice(&raw[..cut]);
            codec.decode(&mut pending, &mut text, false);
            pending.extend_from_slice(&raw[cut..]);
            codec.decode(&mut pending, &mut text, true);
            let mut back = Vec::new();
            codec.encode(&text, &mut back);
            back.append(&mut pending);
            prop_assert_eq!(back, raw);
        }
    }
}
