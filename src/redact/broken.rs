//! Tokens as they come back in an answer: mail programs break them at their dash or anywhere (`=` at a line's end),
//! quote them, escape the sign of an address; HTML puts break points into them.

use super::pseudonym::{DIGITS, EMAIL_SUFFIX, LONG_DIGITS};

/// Breaks in one token.
const MOST: usize = 3;
/// Longest word in front of the digits.
const LONGEST_CLASS: usize = 8;

/// The digits of a token.
pub(super) struct Digits {
    /// Without what broke them, in lower case.
    pub(super) text: String,
    /// Where they end.
    pub(super) end: usize,
}

/// The length of a break at the start of `text`; 0: there is none.
fn seam(text: &[u8]) -> usize {
    const MARKS: [&[u8]; 4] = ["\u{ad}".as_bytes(), "\u{200b}".as_bytes(), b"<wbr>", b"<wbr/>"];
    if let Some(mark) = MARKS.iter().find(|mark| text.starts_with(mark)) {
        return mark.len();
    }
    let soft = usize::from(text.starts_with(b"="));
    let end = match text.get(soft..) {
        Some([b'\r', b'\n', ..]) => soft + 2,
        Some([b'\n', ..]) => soft + 1,
        _ => return 0,
    };
    let quote = text.get(end..).unwrap_or_default().iter();
    end + quote
        .take_while(|byte| matches!(byte, b' ' | b'\t' | b'>'))
        .count()
}

/// What the digits behind the dash at `dash` may be, which something broke, longest first; and where the word in front
/// of them begins.
pub(super) fn digits(text: &[u8], from: usize, dash: usize) -> (usize, Vec<Digits>) {
    let before = text.get(from..dash).unwrap_or_default().iter().rev();
    let letters = before
        .take(LONGEST_CLASS)
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let (mut digits, mut end, mut seams) = (String::new(), dash + 1, 0);
    let mut candidates = Vec::new();
    if letters == 0 {
        return (dash, candidates);
    }
    loop {
        let gap = seam(text.get(end..).unwrap_or_default());
        let next = text.get(end + gap).filter(|byte| byte.is_ascii_hexdigit());
        let is_whole = digits.len() == LONG_DIGITS || digits.len() == DIGITS && (gap > 0 || next.is_none());
        if is_whole && seams > 0 {
            let text = digits.clone();
            candidates.insert(0, Digits { text, end });
        }
        let Some(digit) = next.filter(|_| digits.len() < LONG_DIGITS) else {
            break;
        };
        seams += usize::from(gap > 0);
        if seams > MOST {
            break;
        }
        digits.push(char::from(digit.to_ascii_lowercase()));
        end += gap + 1;
    }
    (dash - letters, candidates)
}

/// The length of the rest of an address, broken or escaped, that begins `text`; 0: it does not.
pub(super) fn suffix(text: Option<&[u8]>) -> usize {
    const SIGNS: [&[u8]; 5] = [b"@", b"%40", b"=40", b"&#64;", b"&commat;"];
    let text = text.unwrap_or_default();
    let (mut at, mut seams) = (0, 0);
    for wanted in EMAIL_SUFFIX.bytes() {
        let rest = text.get(at..).unwrap_or_default();
        let gap = seam(rest);
        let rest = rest.get(gap..).unwrap_or_default();
        let length = match wanted {
            b'@' => (SIGNS.iter())
                .find(|sign| {
                    rest.get(..sign.len())
                        .is_some_and(|head| head.eq_ignore_ascii_case(sign))
                })
                .map_or(0, |sign| sign.len()),
            _ => usize::from(
                rest.first()
                    .is_some_and(|byte| byte.eq_ignore_ascii_case(&wanted)),
            ),
        };
        seams += usize::from(gap > 0);
        if length == 0 || seams > MOST {
            return 0;
        }
        at += gap + length;
    }
    at
}
