//! Bytes of the scanned text: classes, and reads that cannot leave the buffer.

/// The byte at `index`, or a line feed outside the text, so that the edges of the text are boundaries.
#[inline]
pub(super) fn at(text: &[u8], index: usize) -> u8 {
    text.get(index).copied().unwrap_or(b'\n')
}

/// The byte before `index`, or a line feed at the start.
#[inline]
pub(super) fn before(text: &[u8], index: usize) -> u8 {
    match index.checked_sub(1) {
        Some(previous) => at(text, previous),
        None => b'\n',
    }
}

/// The part `start..end`, empty when it is not inside the text.
#[inline]
pub(super) fn part(text: &[u8], start: usize, end: usize) -> &[u8] {
    text.get(start..end).unwrap_or_default()
}

/// A letter, digit, underscore, or any byte of a non-ASCII character.
#[inline]
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// A letter or digit, or any byte of a non-ASCII character.
#[inline]
pub(super) fn is_alnum(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// A character of base64 or base64url, without padding.
#[inline]
pub(super) fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// A character of an opaque token (RFC 6750 `b64token`).
#[inline]
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=')
}

/// A set of bytes that is asked for often.
pub(super) struct Class([bool; 256]);

impl Class {
    /// Letters, digits and the bytes of characters beyond ASCII.
    pub(super) const fn word() -> Self {
        let mut has = [false; 256];
        let mut byte = 0_usize;
        while byte < 256 {
            has[byte] = byte >= 0x80 || byte.to_le_bytes()[0].is_ascii_alphanumeric();
            byte += 1;
        }
        Self(has)
    }

    /// Every byte but these.
    pub(super) const fn but(not: &[u8]) -> Self {
        let mut has = [true; 256];
        let mut index = 0;
        while index < not.len() {
            has[not[index] as usize] = false;
            index += 1;
        }
        Self(has)
    }

    /// Every byte but blanks, control characters and these.
    pub(super) const fn graphic_but(not: &[u8]) -> Self {
        let mut class = Self::but(not);
        let mut byte = 0;
        while byte <= b' ' as usize {
            class.0[byte] = false;
            byte += 1;
        }
        class
    }

    /// These as well.
    pub(super) const fn and(mut self, more: &[u8]) -> Self {
        let mut index = 0;
        while index < more.len() {
            self.0[more[index] as usize] = true;
            index += 1;
        }
        self
    }

    #[inline]
    pub(super) fn has(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte)).copied().unwrap_or(false)
    }
}

/// Blank or tab.
#[inline]
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// End of the run of bytes that `accept` takes, from `start`, at most `limit` bytes on.
#[inline]
pub(super) fn run(text: &[u8], start: usize, limit: usize, accept: impl Fn(u8) -> bool) -> usize {
    let window = part(
        text,
        start.min(text.len()),
        text.len().min(start.saturating_add(limit)),
    );
    start
        + window
            .iter()
            .position(|&byte| !accept(byte))
            .unwrap_or(window.len())
}

/// Start of the run of bytes that `accept` takes and that ends before `end`, at most `limit` bytes back.
#[inline]
pub(super) fn run_back(text: &[u8], end: usize, limit: usize, accept: impl Fn(u8) -> bool) -> usize {
    let window = part(text, end.saturating_sub(limit), end);
    let kept = window
        .iter()
        .rev()
        .position(|&byte| !accept(byte))
        .unwrap_or(window.len());
    end - kept
}

/// Moves a token's start past the letter of an escape (`\n`, `\t`, `\u0022`) that its backslash left behind.
///
/// In escaped JSON a token that follows a line break is seen as `\nATLAS_…`: the `n` is not part of it.
pub(super) fn skip_escape(text: &[u8], start: usize) -> usize {
    if before(text, start) != b'\\' {
        return start;
    }
    match at(text, start) {
        b'n' | b't' | b'r' | b'b' | b'f' => start + 1,
        b'u' if part(text, start + 1, start + 5).iter().all(u8::is_ascii_hexdigit)
            && start + 5 <= text.len() =>
        {
            start + 5
        }
        _ => start,
    }
}

/// Whether what begins at `start` is a part of a word that began before it: the letter of an escape (`\n`) is none.
#[inline]
pub(super) fn is_inside_word(text: &[u8], start: usize) -> bool {
    is_word(before(text, start)) && !is_behind_escape(text, start)
}

/// Whether `\n`, `\r` or `\t` stands before `start`.
#[inline]
pub(super) fn is_behind_escape(text: &[u8], start: usize) -> bool {
    start >= 2 && matches!(before(text, start), b'n' | b'r' | b't') && before(text, start - 1) == b'\\'
}

/// Whether `needle` (lower case) stands at `start` in any case.
#[inline]
pub(super) fn starts_with_ignore_case(text: &[u8], start: usize, needle: &[u8]) -> bool {
    text.get(start..start + needle.len())
        .is_some_and(|found| found.eq_ignore_ascii_case(needle))
}

/// The end of the line that holds `start` (the index of its line feed, or the end of the text), at most `limit` on.
pub(super) fn line_end(text: &[u8], start: usize, limit: usize) -> usize {
    let window = part(
        text,
        start.min(text.len()),
        text.len().min(start.saturating_add(limit)),
    );
    let end = start + memchr::memchr(b'\n', window).unwrap_or(window.len());
    if end > start && before(text, end) == b'\r' {
        end - 1
    } else {
        end
    }
}
