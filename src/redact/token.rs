//! Recognising what an earlier redaction wrote, so that redacting twice changes nothing and `restore` finds it.

use std::borrow::Cow;
use std::ops::Range;

use crate::scan::MASK;

use super::pseudonym::{Class, DIGITS, EMAIL_SUFFIX, LONG_DIGITS};

/// The longest token, and the longest mask: how far around a place is looked.
const REACH: usize = 64;

/// The longest token without the suffix of an address.
const LONGEST: usize = 8 + DIGITS;

/// What stands in place of a secret.
pub(super) fn mask(name: &str) -> Cow<'static, str> {
    Cow::Owned(format!("[redacted:{name}]"))
}

/// Whether `word` is exactly a token; letters in any case, because mail systems change it.
pub(super) fn is_token(word: &[u8]) -> bool {
    split_token(word)
        .is_some_and(|rest| rest.is_empty() || rest.eq_ignore_ascii_case(EMAIL_SUFFIX.as_bytes()))
}

/// The length of the token at the start of `text`, with the e-mail suffix when it is there.
pub(super) fn token_len(text: &[u8]) -> Option<usize> {
    let rest = split_token(text)?;
    let suffix = EMAIL_SUFFIX.len();
    let with_suffix = text[..1].eq_ignore_ascii_case(b"e")
        && rest
            .get(..suffix)
            .is_some_and(|head| head.eq_ignore_ascii_case(EMAIL_SUFFIX.as_bytes()));
    let len = text.len() - rest.len() + if with_suffix { suffix } else { 0 };
    // More digits: some other word, unless the next token follows without a gap.
    let goes_on = !with_suffix && text.get(len).is_some_and(u8::is_ascii_hexdigit);
    (!goes_on || split_token(&text[len..]).is_some()).then_some(len)
}

/// Whether some token begins with this byte.
static FIRST: [bool; 256] = {
    let mut table = [false; 256];
    let mut class = 0;
    while class < Class::ALL.len() {
        let first = Class::ALL[class].prefix().as_bytes()[0];
        table[first as usize] = true;
        table[first.to_ascii_uppercase() as usize] = true;
        class += 1;
    }
    table
};

/// What follows `class-` and the digits.
fn split_token(text: &[u8]) -> Option<&[u8]> {
    if !FIRST[usize::from(*text.first()?)] {
        return None;
    }
    let dash = text.iter().take(8).position(|byte| *byte == b'-')?;
    let (prefix, rest) = text.split_at(dash);
    Class::ALL
        .iter()
        .any(|class| prefix.eq_ignore_ascii_case(class.prefix().as_bytes()))
        .then_some(())?;
    let digits = rest.iter().skip(1).take(LONG_DIGITS);
    let count = digits.take_while(|byte| byte.is_ascii_hexdigit()).count();
    // `phone-4930555010` is a number that somebody wrote so.
    let has_letter = || rest.iter().skip(1).take(DIGITS).any(u8::is_ascii_alphabetic);
    match count {
        LONG_DIGITS => rest.get(1 + LONG_DIGITS..),
        DIGITS.. if has_letter() => rest.get(1 + DIGITS..).filter(|rest| !goes_on_as_uuid(rest)),
        _ => None,
    }
}

/// `device-` may stand before a UUID, which also begins with eight digits.
fn goes_on_as_uuid(rest: &[u8]) -> bool {
    const REST: &[u8] = b"-0000-0000-0000-000000000000";
    rest.get(..REST.len()).is_some_and(|rest| {
        let fits = |(byte, like): (&u8, &u8)| match like {
            b'-' => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        };
        rest.iter().zip(REST).all(fits)
    })
}

/// Whether `text[start..end]` lies inside a token, or inside several without a gap.
pub(super) fn inside_token(text: &[u8], start: usize, end: usize) -> bool {
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'@' | b'.');
    let from = start.saturating_sub(REACH);
    if !has_token_digits(&text[from..text.len().min(start + LONGEST)]) {
        return false;
    }
    let left = text[from..start]
        .iter()
        .rposition(|byte| !part(byte))
        .map_or(from, |position| from + position + 1);
    // A token begins at the word's start or behind a dot, dash or '@' inside it.
    (left..=start).any(|at| {
        if at != left && text[at - 1].is_ascii_alphanumeric() {
            return false;
        }
        let mut reached = at;
        while reached < end {
            match token_len(&text[reached..]) {
                Some(len) => reached += len,
                None => return false,
            }
        }
        true
    })
}

/// Whether a dash stands in front of as many hexadecimal digits as a token has: most text has none.
fn has_token_digits(text: &[u8]) -> bool {
    memchr::memchr_iter(b'-', text).any(|dash| {
        text.get(dash + 1..=dash + DIGITS)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

/// Whether `word` may have a token or a mask in it: most words have neither, and this is soon seen.
pub(super) fn may_contain(word: &[u8]) -> bool {
    memchr::memchr(b'[', word).is_some() || has_token_digits(word)
}

/// How many letters and digits `word` has beside the tokens and masks in it; `None` when it has neither. `call-…=-` has
/// none: there the value itself ended before the signs.
pub(super) fn letters_beside(word: &[u8]) -> Option<usize> {
    let (mut at, mut letters, mut any) = (0, 0, false);
    while let Some(byte) = word.get(at) {
        if let Some(len) = token_len(&word[at..]).or_else(|| mask_len(&word[at..])) {
            at += len;
            any = true;
            continue;
        }
        letters += usize::from(byte.is_ascii_alphanumeric() || !byte.is_ascii());
        at += 1;
    }
    any.then_some(letters)
}

/// Whether an address is at the domain of tokens, which nobody has, or has a token for its user (`phone-…@host`) or its
/// host (`a@phone-….de`; a host may well be called like the token of one), or ends in the token of one (`x@q@email-…@…`).
pub(super) fn is_nobody(word: &[u8]) -> bool {
    let Some(sign) = memchr::memchr(b'@', word) else {
        return false;
    };
    let last = memchr::memrchr(b'@', word).and_then(|last| memchr::memrchr(b'@', &word[..last]));
    if last.is_some_and(|last| is_token(&word[last + 1..])) {
        return true;
    }
    let (user, domain) = word.split_at(sign);
    let host = &domain[1..];
    let is_host_token = |host: &[u8]| {
        !host
            .get(..5)
            .is_some_and(|head| head.eq_ignore_ascii_case(b"host-"))
            && token_len(host).is_some()
    };
    // `ip-…!@host`: the sign was behind the address that has become a token.
    let is_ours = is_token(user) || (may_contain(user) && letters_beside(user) == Some(0));
    is_ours || domain.eq_ignore_ascii_case(EMAIL_SUFFIX.as_bytes()) || is_host_token(host)
}

/// Whether `text` ends with a mask, behind which only the signs between a label and its value stand.
pub(super) fn ends_with_mask(text: &[u8]) -> bool {
    let between = |byte: &u8| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b':' | b'=' | b'\\');
    let signs = text.iter().rev().take(8).take_while(|byte| between(byte)).count();
    let end = text.len() - signs;
    end > 0 && text[end - 1] == b']' && inside_mask(text, end - 1, end)
}

/// Whether a token or a mask begins somewhere in `text`.
pub(super) fn contains(text: &[u8]) -> bool {
    may_contain(text)
        && (0..text.len()).any(|at| token_len(&text[at..]).is_some() || mask_len(&text[at..]).is_some())
}

/// Whether `text[start..end]` lies inside a mask.
pub(super) fn inside_mask(text: &[u8], start: usize, end: usize) -> bool {
    mask_around(text, start).is_some_and(|mask| mask.end >= end)
}

/// The mask that the byte at `place` belongs to.
pub(super) fn mask_around(text: &[u8], place: usize) -> Option<Range<usize>> {
    let from = place.saturating_sub(REACH);
    let open = from + memchr::memrchr(b'[', &text[from..(place + 1).min(text.len())])?;
    let end = open + mask_len(&text[open..])?;
    (end > place).then_some(open..end)
}

/// The length of the mask at the start of `text`.
pub(super) fn mask_len(text: &[u8]) -> Option<usize> {
    let rest = text.strip_prefix(MASK)?;
    let close = rest.iter().take(REACH).position(|byte| *byte == b']')?;
    rest[..close]
        .iter()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
        .then_some(text.len() - rest.len() + close + 1)
}

#[cfg(test)]
mod tests {
    use super::{inside_mask, inside_token, is_token, token_len};

    #[test]
    fn tokens_and_what_only_looks_like_one() {
        assert!(is_token(b"phone-0123456789abcdef"));
        assert!(is_token(b"email-0123456789abcdef@redacted.invalid"));
        assert!(is_token(b"EMAIL-0123456789ABCDEF@Redacted.Invalid"));
        assert!(is_token(b"phone-0123456a") && is_token(b"Email-B1234567@redacted.invalid"));
        // Numbers that somebody wrote so.
        assert!(!is_token(b"phone-49305550") && !is_token(b"user-01234567"));
        assert!(!is_token(b"phone-012345a") && !is_token(b"phone-012345678a"));
        assert_eq!(token_len(b"phone-0123456a, next"), Some(14));
        assert_eq!(token_len(b"phone-a1234567device-0123456a"), Some(14));
        assert_eq!(token_len(b"device-a1234567-89ab-cdef-0123-456789abcdef"), None);
        assert_eq!(token_len(b"device-a1234567-89ab"), Some(15));
        assert!(!is_token(b"phone-0123456789abcde"));
        assert!(!is_token(b"fish-0123456789abcdef"));
        assert!(!is_token(b"email-0123456789abcdef@example.com"));
        assert_eq!(token_len(b"phone-0123456789abcdef, next"), Some(22));
        assert_eq!(token_len(b"email-0123456789abcdef@redacted.invalid."), Some(39));
        assert_eq!(token_len(b"phone-0123456789abcdef0"), None);
    }

    #[test]
    fn places_inside() {
        let text = b"user=email-0123456789abcdef@redacted.invalid; pw=[redacted:password]";
        assert!(inside_token(text, 5, 44));
        assert!(inside_token(text, 11, 27));
        assert!(!inside_token(text, 0, 10));
        assert!(!inside_token(text, 5, 45));
        assert!(inside_mask(text, 49, 68));
        assert!(inside_mask(text, 59, 67));
        assert!(!inside_mask(text, 40, 68));
    }
}
