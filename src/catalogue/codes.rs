//! Error codes in a text. A number is a code only behind a word that says so; a code with letters is one anywhere.

use std::sync::LazyLock;

use regex::Regex;

/// A code as it stands in a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Code {
    /// `10022`, `WXC-4201`.
    pub value: String,
    /// A word such as "error" stands before it (else the code itself has letters).
    pub labelled: bool,
}

/// A number behind a word in one of the five languages: `[Error 4202]`, `errorCode": 5302`, `Fehlercode: 10022`.
static LABELLED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words = [
        r"error[ _-]?codes?",
        r"info[ _-]?code",
        r"error",
        r"informational",
        r"err",
        r"code",
        r"fehler(?:code|nummer)?",
        r"kod(?:om)? pogre[šs]ke",
        r"pogre[šs]k[aeu]",
        r"feil(?:kode)?",
        r"codice(?: di)?(?: errore)?",
        r"errore",
        r"cpapi",
    ]
    .join("|");
    Regex::new(&format!(
        r#"(?i)(?:^|[^\p{{L}}\p{{N}}_-])(?:{words})['"\\]*\s*[\]:=#(-]*\s*['"\\]*((?:[A-Z]{{2,10}}-)?[0-9]{{3,9}})(?:$|[^0-9A-Za-z_%-])"#
    ))
    .ok()
});

/// A code with letters: the families that are known.
static PREFIXED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:^|[^0-9A-Za-z_-])((?:WXC|BATCH|ATLAS|CPAPI)-[0-9]{1,9})(?:$|[^0-9A-Za-z_-])").ok()
});

/// At most so many codes are taken from one text.
const MAX_CODES: usize = 1000;

/// The codes of a text, each once, in order of appearance of their kind: with letters first.
pub fn codes_in(text: &str) -> Vec<Code> {
    let mut found: Vec<Code> = Vec::new();
    for (regex, labelled) in [(&*PREFIXED, false), (&*LABELLED, true)] {
        let Some(regex) = regex else { continue };
        let mut start = 0;
        // Matches may share the character between them, so the search goes on at the end of the code itself.
        while let Some(capture) = regex.captures_at(text, start).and_then(|found| found.get(1)) {
            start = capture.end();
            let value = capture.as_str().to_ascii_uppercase();
            if !found.iter().any(|code| code.value == value) {
                found.push(Code { value, labelled });
            }
            if found.len() >= MAX_CODES {
                return found;
            }
        }
    }
    found
}

/// What was asked, when it is nothing but a code: `10022`, `[Error 4202]`, `WXC-4201`, `error code 5302`.
pub(super) fn whole_code(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > 60 {
        return None;
    }
    let bare = text.trim_matches(['[', ']', '"', '\'', '.', ':', '(', ')']);
    let is_code = |text: &str| {
        let digits = text.rsplit('-').next().unwrap_or_default();
        !digits.is_empty()
            && digits.len() <= 9
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if is_code(bare) {
        return Some(bare.to_ascii_uppercase());
    }
    // A label, a code, and nothing behind it.
    let codes = codes_in(text);
    let [code] = codes.as_slice() else { return None };
    let rest = text.to_ascii_uppercase().replacen(&code.value, "", 1);
    let is_label = rest.split_whitespace().count() <= 3
        && !rest.chars().any(|c| c.is_ascii_digit())
        && rest.trim().chars().count() <= 20;
    let is_last = bare.to_ascii_uppercase().ends_with(&code.value);
    (is_label && is_last).then(|| code.value.clone())
}

#[cfg(test)]
mod tests {
    use super::{codes_in, whole_code};

    fn values(text: &str) -> Vec<String> {
        codes_in(text).into_iter().map(|code| code.value).collect()
    }

    #[test]
    fn numbers_need_a_word_before_them() {
        assert_eq!(values("[Error 4202] The extension 7593 is taken"), ["4202"]);
        assert_eq!(values(r#"{"errorCode": 5302, "x": 12345}"#), ["5302"]);
        assert_eq!(
            values("errorCode = '5302', error = '[Error 10991] Url'"),
            ["5302", "10991"]
        );
        assert_eq!(values("[Informational 4000] moved"), ["4000"]);
        assert_eq!(values("Fehlercode: 10022"), ["10022"]);
        assert_eq!(values("kod pogreške 10022, pogreska 2560"), ["10022", "2560"]);
        assert_eq!(values("feilkode 10022 feil: 2560"), ["10022", "2560"]);
        assert_eq!(values("codice errore 10022; errore 2560"), ["10022", "2560"]);
        assert_eq!(values(r#"\"errorCode\": 400112,"#), ["400112"]);
        assert!(values("10022 users, 2560x1440, errors: none").is_empty());
        assert!(values("terror 10022").is_empty());
    }

    #[test]
    fn codes_with_letters_need_none_and_tracking_ids_are_none() {
        assert_eq!(values("failed with wxc-4201."), ["WXC-4201"]);
        assert_eq!(values("code: BATCH-1017017"), ["BATCH-1017017"]);
        assert!(values("ATLAS_0a1b2c3d-0000-4000-8000-000000600199").is_empty());
        assert!(values("x-ATLAS-600199-y").is_empty());
    }

    #[test]
    fn nothing_but_a_code() {
        for (text, code) in [
            ("10022", "10022"),
            (" [Error 4202] ", "4202"),
            ("Fehlercode 10022", "10022"),
            ("wxc-4201", "WXC-4201"),
            ("CPAPI 25013", "25013"),
            ("Errore: 100006", "100006"),
        ] {
            assert_eq!(whole_code(text).as_deref(), Some(code), "{text}");
        }
        for text in [
            "",
            "hello",
            "10022 users were deleted",
            "error 1 and error 1002 and more",
            "2026-11-20T10:00",
        ] {
            assert_eq!(whole_code(text), None, "{text}");
        }
    }
}
