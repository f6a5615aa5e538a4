//! Encodings: whatever a file is in becomes UTF-8 for the scan, at constant memory.
//!
//! Text that extends ASCII and is not valid UTF-8 throughout keeps its invalid bytes; only text that is clearly
//! Windows-1252 is converted.

use std::borrow::Cow;
use std::io::{self, Read};

/// How much of a file decides about its encoding.
pub const PROBE: usize = 64 * 1024;

/// The encodings that exports, logs and pasted texts come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// With the length of its byte order mark (0 or 3).
    Utf8 {
        /// Bytes to skip at the start.
        mark: usize,
    },
    /// Control Hub's exports.
    Utf16 {
        /// Big endian.
        big: bool,
        /// Bytes to skip at the start.
        mark: usize,
    },
    /// The single-byte encoding of Western Windows.
    Windows1252,
}

impl Encoding {
    /// The encoding of a text that begins with `head`; `whole` when nothing follows.
    pub fn detect(head: &[u8], whole: bool) -> Self {
        if head.starts_with(&[0xef, 0xbb, 0xbf]) {
            return Self::Utf8 { mark: 3 };
        }
        if head.starts_with(&[0xff, 0xfe]) {
            return Self::Utf16 { big: false, mark: 2 };
        }
        if head.starts_with(&[0xfe, 0xff]) {
            return Self::Utf16 { big: true, mark: 2 };
        }
        if let Some(big) = wide(head) {
            return Self::Utf16 { big, mark: 0 };
        }
        if is_mostly_utf8(head, whole) {
            Self::Utf8 { mark: 0 }
        } else {
            Self::Windows1252
        }
    }

    /// The name of the WHATWG encoding standard.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 { .. } => "utf-8",
            Self::Utf16 { big: false, .. } => "utf-16le",
            Self::Utf16 { big: true, .. } => "utf-16be",
            Self::Windows1252 => "windows-1252",
        }
    }

    const fn mark(self) -> usize {
        match self {
            Self::Utf8 { mark } | Self::Utf16 { mark, .. } => mark,
            Self::Windows1252 => 0,
        }
    }

    fn converter(self) -> Option<encoding_rs::Decoder> {
        let encoding = match self {
            Self::Utf8 { .. } => return None,
            Self::Utf16 { big: false, .. } => encoding_rs::UTF_16LE,
            Self::Utf16 { big: true, .. } => encoding_rs::UTF_16BE,
            Self::Windows1252 => encoding_rs::WINDOWS_1252,
        };
        Some(encoding.new_decoder_without_bom_handling())
    }
}

/// UTF-16 without a byte order mark: one half of most units is zero, as text in Latin letters has it.
fn wide(head: &[u8]) -> Option<bool> {
    let probe = head.get(..head.len().min(4096) & !1).unwrap_or_default();
    let units = probe.len() / 2;
    if units < 4 {
        return None;
    }
    let zeros = |offset: usize| {
        probe
            .iter()
            .skip(offset)
            .step_by(2)
            .filter(|&&byte| byte == 0)
            .count()
    };
    let (first, second) = (zeros(0), zeros(1));
    if second * 10 >= units * 7 && first * 10 <= units {
        Some(false)
    } else if first * 10 >= units * 7 && second * 10 <= units {
        Some(true)
    } else {
        None
    }
}

/// Valid UTF-8, or with more valid characters beyond ASCII than invalid bytes (a log with a damaged line).
fn is_mostly_utf8(head: &[u8], whole: bool) -> bool {
    let (mut valid, mut invalid) = (0_usize, 0_usize);
    let mut chunks = head.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        // What is cut off at the end of the probe is not invalid.
        if whole || chunks.peek().is_some() {
            invalid += chunk.invalid().len();
        }
    }
    invalid == 0 || valid > invalid
}

/// The text of a whole file or of its head, invalid bytes replaced.
pub fn to_text(bytes: &[u8]) -> Cow<'_, str> {
    let encoding = Encoding::detect(bytes, true);
    let body = bytes.get(encoding.mark()..).unwrap_or_default();
    match encoding {
        Encoding::Utf8 { .. } => String::from_utf8_lossy(body),
        Encoding::Utf16 { big: false, .. } => encoding_rs::UTF_16LE.decode_without_bom_handling(body).0,
        Encoding::Utf16 { big: true, .. } => encoding_rs::UTF_16BE.decode_without_bom_handling(body).0,
        Encoding::Windows1252 => encoding_rs::WINDOWS_1252.decode_without_bom_handling(body).0,
    }
}

/// Reads a text as UTF-8, whatever it is in.
pub struct Decoder<R> {
    reader: R,
    encoding: Encoding,
    converter: Option<encoding_rs::Decoder>,
    /// Bytes as read; from `at` on not yet decoded.
    raw: Vec<u8>,
    at: usize,
    ended: bool,
    /// Decoded text that did not fit into the reader's buffer.
    spill: Vec<u8>,
    spilled: usize,
}

impl<R> std::fmt::Debug for Decoder<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder")
            .field("encoding", &self.encoding)
            .finish_non_exhaustive()
    }
}

impl<R: Read> Decoder<R> {
    /// Reads the head of `reader` to learn its encoding.
    ///
    /// # Errors
    /// When that cannot be read.
    pub fn new(mut reader: R) -> io::Result<Self> {
        let mut raw = Vec::new();
        let read = (&mut reader).take(PROBE as u64).read_to_end(&mut raw)?;
        let encoding = Encoding::detect(&raw, read < PROBE);
        Ok(Self {
            reader,
            encoding,
            converter: encoding.converter(),
            at: encoding.mark().min(raw.len()),
            raw,
            ended: false,
            spill: Vec::new(),
            spilled: 0,
        })
    }

    /// What the text is in.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    fn take(buffer: &[u8], at: &mut usize, out: &mut [u8]) -> usize {
        let rest = buffer.get(*at..).unwrap_or_default();
        let count = rest.len().min(out.len());
        if let (Some(target), Some(source)) = (out.get_mut(..count), rest.get(..count)) {
            target.copy_from_slice(source);
        }
        *at += count;
        count
    }

    /// Fills `spill` with decoded text; false at the end.
    fn decode_more(&mut self) -> io::Result<bool> {
        while let Some(decoder) = &mut self.converter {
            let pending = self.raw.get(self.at..).unwrap_or_default();
            if !pending.is_empty() || self.ended {
                let mut text = vec![0; decoder.max_utf8_buffer_length(pending.len()).unwrap_or(64)];
                let (_, read, written, _) = decoder.decode_to_utf8(pending, &mut text, self.ended);
                self.at += read;
                text.truncate(written);
                self.spill = text;
                self.spilled = 0;
                if self.ended {
                    // It must not be asked again, also when half a character at the end gave something.
                    self.converter = None;
                    self.raw.clear();
                    self.at = 0;
                }
                if written > 0 || self.ended {
                    return Ok(written > 0);
                }
            }
            self.raw.resize(PROBE, 0);
            let count = self.reader.read(&mut self.raw)?;
            self.raw.truncate(count);
            self.at = 0;
            self.ended = count == 0;
        }
        Ok(false)
    }
}

impl<R: Read> Read for Decoder<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        if self.converter.is_none() && self.spilled >= self.spill.len() {
            if self.at < self.raw.len() {
                return Ok(Self::take(&self.raw, &mut self.at, out));
            }
            return if self.ended { Ok(0) } else { self.reader.read(out) };
        }
        if self.spilled >= self.spill.len() && !self.decode_more()? {
            return Ok(0);
        }
        Ok(Self::take(&self.spill, &mut self.spilled, out))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use super::{Decoder, Encoding, to_text};

    const TEXT: &str = "Ime;E-pošta;Straße\r\nAna;ana@example.com;Ærlig €\r\n𝄞\r\n";

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

    /// Hands out a few bytes at a time.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let limit = out.len().min(self.1);
            self.0.read(&mut out[..limit])
        }
    }

    fn decoded(bytes: &[u8], step: usize) -> (Vec<u8>, Encoding) {
        let mut decoder = Decoder::new(Drip(bytes, step)).expect("reads from memory");
        let mut out = Vec::new();
        decoder.read_to_end(&mut out).expect("reads from memory");
        (out, decoder.encoding())
    }

    #[test]
    fn every_encoding_becomes_the_same_text() {
        let latin: Vec<u8> = encoding_rs::WINDOWS_1252
            .encode("Größe; Ærlig; perché\r\n")
            .0
            .into_owned();
        assert_eq!(to_text(&latin), "Größe; Ærlig; perché\r\n");
        for step in [1, 3, 4096] {
            for (bytes, name) in [
                (TEXT.as_bytes().to_vec(), "utf-8"),
                ([b"\xef\xbb\xbf", TEXT.as_bytes()].concat(), "utf-8"),
                (wide(TEXT, false), "utf-16le"),
                (wide(TEXT, true), "utf-16be"),
                (wide(&format!("\u{feff}{TEXT}"), false), "utf-16le"),
                (wide(&format!("\u{feff}{TEXT}"), true), "utf-16be"),
            ] {
                let (text, encoding) = decoded(&bytes, step);
                assert_eq!(
                    (String::from_utf8_lossy(&text).as_ref(), encoding.name()),
                    (TEXT, name)
                );
                assert_eq!(to_text(&bytes), TEXT);
            }
            assert_eq!(decoded(&latin, step).0, "Größe; Ærlig; perché\r\n".as_bytes());
        }
    }

    #[test]
    fn damaged_utf8_stays_as_it_is() {
        let bytes = "čćžšđ čćžšđ\n".bytes().chain([0xff, b'\n']).collect::<Vec<u8>>();
        assert_eq!(decoded(&bytes, 5).0, bytes);
        assert_eq!(decoded(b"", 5).0, b"");
    }

    #[test]
    fn half_a_character_at_the_end() {
        for step in [1, 3, 4096] {
            for (mut bytes, half) in [
                (wide(TEXT, false), 0x41),
                (wide(TEXT, true), 0),
                (wide(TEXT, false), 0xd8),
            ] {
                bytes.push(half);
                assert_eq!(decoded(&bytes, step).0, format!("{TEXT}\u{fffd}").as_bytes());
            }
        }
        // The first half of a pair of surrogates.
        let cut = [wide(TEXT, false), vec![0x34, 0xd8]].concat();
        assert_eq!(decoded(&cut, 5).0, format!("{TEXT}\u{fffd}").as_bytes());
    }

    #[test]
    fn text_longer_than_the_probe() {
        let long = TEXT.repeat(4000);
        assert_eq!(decoded(&wide(&long, false), 7000).0, long.as_bytes());
        assert_eq!(decoded(long.as_bytes(), 7000).0, long.as_bytes());
    }
}
