//! No private key passes, wherever it stands: behind text on its line, with a log's prefix or a mail's quotation
//! mark on every line, or cut off.

use std::ops::Range;

/// The longest key with what stands between its lines.
const LONGEST: usize = 64 * 1024;
/// A line of a key that was cut off has at least so many base64 characters at its end.
const RUN: usize = 16;
/// RFC 7468, section 2: all lines but the last have 64 characters; older writers had 60 and 76.
const FULL: usize = 60;

/// The private keys in `text`.
pub(super) fn keys(text: &[u8]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for title in memchr::memmem::find_iter(text, b"PRIVATE KEY-----") {
        let from = title.saturating_sub(40);
        let Some(begin) = memchr::memmem::rfind(&text[from..title], b"-----BEGIN ") else {
            continue;
        };
        let begin = from + begin;
        if found.last().is_some_and(|last| last.end > begin) {
            continue;
        }
        let body = title + b"PRIVATE KEY-----".len();
        found.push(begin..end(text, body));
    }
    found
}

/// Where the key whose body begins at `body` ends.
fn end(text: &[u8], body: usize) -> usize {
    let reach = text.len().min(body + LONGEST);
    if let Some(marker) = memchr::memmem::find(&text[body..reach], b"-----END ") {
        let title = body + marker + b"-----END ".len();
        let limit = text.len().min(title + 40);
        return memchr::memmem::find(&text[title..limit], b"-----").map_or(limit, |at| title + at + 5);
    }
    let mut at = body;
    // How much stands in front of the key on its last full line.
    let mut prefix = None;
    while at < reach {
        let next = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |newline| at + newline);
        let line = text[at..next].trim_ascii_end();
        let base64 = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        let run = line.iter().rev().take_while(base64).count();
        // The rest of the marker's own line, headers (`Proc-Type: 4,ENCRYPTED`) and the blank line behind them.
        let head = at < body + 200 && (line.is_empty() || line.contains(&b':'));
        if run < RUN && !head {
            if prefix.is_some_and(|prefix| is_last_line(line, prefix)) {
                return at + line.len();
            }
            if next < text.len() {
                return at.saturating_sub(1).max(body);
            }
        }
        if run >= FULL {
            prefix = Some(line.len() - run);
        }
        at = next + 1;
    }
    reach
}

/// Whether a short line behind full ones is the rest of the key: base64 behind as much as stood in front of them.
fn is_last_line(line: &[u8], prefix: usize) -> bool {
    let Some(rest) = line.get(prefix..) else {
        return false;
    };
    let has = |class: fn(&u8) -> bool| rest.iter().any(class);
    rest.len() >= 4
        && rest.len().is_multiple_of(4)
        && rest
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
        // A word is no rest of a key.
        && (rest.ends_with(b"=")
            || has(u8::is_ascii_digit)
            || (has(u8::is_ascii_uppercase) && rest.iter().skip(1).any(u8::is_ascii_uppercase)))
}

#[cfg(test)]
mod tests {
    use super::keys;

    #[test]
    fn wherever_it_stands() {
        let plain = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n-----END PRIVATE KEY-----";
        let prefixed =
            "-----BEGIN RSA PRIVATE KEY-----\nx> MIIEvQIBADANBgkqhkiG9w0B\nx> -----END RSA PRIVATE KEY-----";
        for key in [plain, prefixed] {
            let text = format!("before\nx> {key} after\n");
            let found = keys(text.as_bytes());
            assert_eq!(found.len(), 1);
            assert_eq!(&text[found[0].clone()], key);
        }
    }

    #[test]
    fn cut_off() {
        let text = "log -----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIIrYSSNQFaA2Hwf1duRSx\nAwEHoUQDQgAEPR3tU2Fta9ktY\nnext line\n";
        let found = keys(text.as_bytes());
        assert_eq!(&text[found[0].end..], "\nnext line\n");
        assert!(keys(b"-----BEGIN CERTIFICATE-----\nMII\n").is_empty());
    }

    #[test]
    fn cut_off_with_a_prefix_on_every_line() {
        let full = "MHcCAQEEIIrYSSNQFaA2Hwf1duRSxMHcCAQEEIIrYSSNQFaA2Hwf1duRSxabcd12";
        for prefix in ["", "> ", "2026-01-02 10:00:00 INFO "] {
            for (last, kept) in [("AwEH==", false), ("AwEH3g==", true), ("done", false)] {
                let text = format!(
                    "{prefix}-----BEGIN EC PRIVATE KEY-----\n{prefix}{full}\n{prefix}{full}\n{prefix}{full}\n{prefix}{last}\n{prefix}next line\n"
                );
                let found = keys(text.as_bytes());
                let key = &text[found[0].clone()];
                assert_eq!(key.ends_with(last), kept, "{text}");
                assert!(key.ends_with(full) || kept, "{text}");
            }
        }
    }
}
