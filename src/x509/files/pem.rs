//! PEM as it is found in the field: several blocks, text around them, CRLF, a block on one line.
//!
//! RFC 7468 section 2 is what is accepted, read laxly: base64 with any white space. What is wrong is told with the
//! number of the block and the line, because a broken block is usually a mistake of copy and paste.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::memmem;

use super::Problem;

/// Blocks looked at in one file; a list of all public roots has about 150.
const MAX_BLOCKS: usize = 10_000;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// Padding is often lost in copy and paste, and harmless.
const LAX: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// One block between its marker lines.
#[derive(Debug)]
pub(super) struct Block<'a> {
    /// What follows `BEGIN`: `CERTIFICATE`.
    pub(super) label: &'a str,
    /// The text between the markers; not decoded yet, so that private keys never are.
    body: &'a [u8],
    /// Number of the block in the file, from 1.
    pub(super) number: usize,
    /// Line of its first line of base64, from 1.
    line: usize,
}

impl Block<'_> {
    /// The decoded bytes.
    pub(super) fn decode(&self) -> Result<Vec<u8>, Problem> {
        let mut clean = Vec::with_capacity(self.body.len());
        let mut line = self.line;
        let mut seen_line = line;
        for byte in skip_headers(self.body, &mut line) {
            match byte {
                b'\n' => line += 1,
                byte if byte.is_ascii_whitespace() => {}
                byte if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=') => {
                    clean.push(*byte);
                    seen_line = line;
                }
                _ => {
                    return Err(Problem::Base64 {
                        block: self.number,
                        line,
                    });
                }
            }
        }
        if clean.is_empty() {
            return Err(Problem::EmptyBlock {
                block: self.number,
                line: self.line,
            });
        }
        // What is left to be wrong is the length or the padding: the fault shows at the last line.
        LAX.decode(&clean).map_err(|_| Problem::Base64 {
            block: self.number,
            line: seen_line,
        })
    }
}

/// The body after `Name: value` headers (RFC 1421) and the empty line that ends them.
fn skip_headers<'a>(body: &'a [u8], line: &mut usize) -> &'a [u8] {
    let mut rest = body;
    // The rest of the marker's own line.
    while let Some(end) = memchr::memchr(b'\n', rest) {
        let (first, after) = rest.split_at(end + 1);
        let blank = first.iter().all(u8::is_ascii_whitespace);
        let header = memchr::memchr(b':', first).is_some();
        if !blank && !header {
            break;
        }
        *line += 1;
        rest = after;
    }
    rest
}

/// All blocks of `text`, in order, and what is wrong with the markers.
pub(super) fn blocks(text: &[u8]) -> (Vec<Block<'_>>, Vec<Problem>) {
    let mut blocks = Vec::new();
    let mut problems = Vec::new();
    let mut lines = Lines { text, at: 0, line: 1 };
    let mut at = 0;
    while let Some(begin) = find(text, at, BEGIN) {
        let number = blocks.len() + 1;
        if number > MAX_BLOCKS {
            problems.push(Problem::TooManyBlocks { limit: MAX_BLOCKS });
            break;
        }
        let line = lines.number(begin);
        let label_start = begin + BEGIN.len();
        let Some(label) = label(text, label_start) else {
            problems.push(Problem::Marker { line });
            at = label_start;
            continue;
        };
        let body_start = label_start + label.len() + DASHES.len();
        let next_begin = find(text, body_start, BEGIN).unwrap_or(text.len());
        let Some(end) = find(text, body_start, END).filter(|end| *end < next_begin) else {
            problems.push(Problem::NoEnd { block: number, line });
            blocks.push(Block {
                label,
                body: &[],
                number,
                line,
            });
            at = next_begin;
            continue;
        };
        blocks.push(Block {
            label,
            body: text.get(body_start..end).unwrap_or_default(),
            number,
            line,
        });
        at = end + END.len();
    }
    // A block without an end has been told already: it would be told again as empty.
    blocks.retain(|block| !block.body.is_empty());
    if blocks.is_empty() && problems.is_empty() {
        problems.extend(damaged_marker(text));
    }
    (blocks, problems)
}

/// Whether there is a marker line at all, also a damaged one.
pub(super) fn looks_like_pem(text: &[u8]) -> bool {
    memmem::find(text, BEGIN).is_some() || damaged_marker(text).is_some()
}

/// A word processor makes one long dash of several, and a selection by mouse loses some.
fn damaged_marker(text: &[u8]) -> Option<Problem> {
    let at = memmem::find(text, b"BEGIN CERTIFICATE").or_else(|| memmem::find(text, b"END CERTIFICATE"))?;
    Some(Problem::Marker {
        line: Lines { text, at: 0, line: 1 }.number(at),
    })
}

fn label(text: &[u8], start: usize) -> Option<&str> {
    // The longest label in use has some thirty characters.
    let window = text.get(start..text.len().min(start + 80))?;
    let label = window.get(..memmem::find(window, DASHES)?)?;
    let plain = label.iter().all(|byte| matches!(byte, b' '..=b'~'));
    std::str::from_utf8(label)
        .ok()
        .filter(|_| plain && !label.is_empty())
}

fn find(text: &[u8], from: usize, needle: &[u8]) -> Option<usize> {
    memmem::find(text.get(from..)?, needle).map(|at| at + from)
}

/// Counts lines as far as asked; the offsets asked for must not go back.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn number(&mut self, offset: usize) -> usize {
        let passed = self.text.get(self.at..offset).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', passed).count();
        self.at = offset.max(self.at);
        self.line
    }
}

/// The bytes of base64 without any marker, as some portals hand certificates out.
pub(super) fn bare_base64(text: &[u8]) -> Option<Vec<u8>> {
    let clean: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    // Shorter than any certificate: a word of text is also base64.
    (clean.len() > 200).then_some(())?;
    LAX.decode(clean).ok()
}

#[cfg(test)]
mod tests {
    use super::{Problem, bare_base64, blocks};

    #[test]
    fn text_around_crlf_headers_and_one_line() {
        let text = b"Bag Attributes\r\n  friendlyName: x\r\n-----BEGIN CERTIFICATE-----\r\nQUJD\r\nREVG\r\n-----END CERTIFICATE-----\r\n\
            subject=CN = x\n-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nQQ==\n-----END RSA PRIVATE KEY-----\n\
            -----BEGIN X-----QUJD-----END X-----";
        let (found, problems) = blocks(text);
        assert!(problems.is_empty(), "{problems:?}");
        let labels: Vec<_> = found.iter().map(|block| block.label).collect();
        assert_eq!(labels, ["CERTIFICATE", "RSA PRIVATE KEY", "X"]);
        assert_eq!(found[0].decode().unwrap(), b"ABCDEF");
        assert_eq!(found[1].decode().unwrap(), b"A");
        assert_eq!(found[2].decode().unwrap(), b"ABC");
    }

    #[test]
    fn faults_name_block_and_line() {
        let text =
            b"-----BEGIN A-----\nQUJD\n-----END A-----\n-----BEGIN B-----\nQUJD\nQU!D\n-----END B-----\n";
        let (found, problems) = blocks(text);
        assert!(problems.is_empty());
        assert_eq!(found[1].decode(), Err(Problem::Base64 { block: 2, line: 6 }));

        let (found, problems) =
            blocks(b"\n-----BEGIN A-----\nQUJD\n-----BEGIN B-----\nQUJD\n-----END B-----\n");
        assert_eq!(problems, [Problem::NoEnd { block: 1, line: 2 }]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].label, "B");

        let (_, problems) = blocks("x\n\u{2014}\u{2014}BEGIN CERTIFICATE\u{2014}\u{2014}\nQUJD\n".as_bytes());
        assert_eq!(problems, [Problem::Marker { line: 2 }]);

        let (found, _) = blocks(b"-----BEGIN A-----\n\n-----END A-----\n");
        assert_eq!(found[0].decode(), Err(Problem::EmptyBlock { block: 1, line: 1 }));
    }

    #[test]
    fn a_word_is_not_a_certificate() {
        assert_eq!(bare_base64(b"hello"), None);
    }
}
