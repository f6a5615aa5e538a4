//! Values found behind a label, sought everywhere: a display name of a CSV column is redacted in the log line
//! that has no label, a password of the configuration in the command line that repeats it.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use super::policy::is_secret;
use super::pseudonym::unescape;
use super::seek::Matcher;
use crate::scan::Kind;

/// The most values that are kept in mind: with names of 12 bytes some 10 MiB. What comes later is
/// still redacted where its label is.
const MOST: usize = 50_000;
/// Shorter secrets would be found inside ordinary words and numbers.
const SHORTEST_SECRET: usize = 6;
/// Longer secrets are recognised by their shape or their label.
const LONGEST: usize = 512;
/// A single name shorter than this is too often an ordinary word.
pub(super) const SHORTEST_NAME: usize = 4;

/// Words that stand behind labels of names and passwords without being anybody's.
const ORDINARY: &[&str] = &[
    "admin",
    "administrator",
    "agent",
    "alice",
    "anonymous",
    "application",
    "basic",
    "bearer",
    "broadworks",
    "call",
    "calling",
    "changeit",
    "changeme",
    "cisco",
    "client",
    "company",
    "conference",
    "control",
    "customer",
    "default",
    "demo",
    "device",
    "digest",
    "disabled",
    "display",
    "email",
    "empty",
    "enabled",
    "enterprise",
    "error",
    "example",
    "external",
    "false",
    "first",
    "group",
    "guest",
    "hidden",
    "internal",
    "invalid",
    "last",
    "location",
    "manager",
    "messaging",
    "mobile",
    "name",
    "network",
    "none",
    "null",
    "office",
    "optional",
    "partner",
    "passwd",
    "password",
    "phone",
    "premium",
    "private",
    "provider",
    "redacted",
    "required",
    "root",
    "secret",
    "server",
    "service",
    "softphone",
    "standard",
    "string",
    "success",
    "support",
    "system",
    "teams",
    "template",
    "test",
    "token",
    "true",
    "undefined",
    "unknown",
    "user",
    "username",
    "value",
    "webex",
    "zoom",
];

/// A value to seek.
#[derive(Debug, Clone)]
pub(super) struct Sought {
    pub(super) kind: Kind,
    /// As it must be written; `None`: in any case.
    pub(super) exact: Option<Box<[u8]>>,
    /// Only behind a label: the part of an address before the `@` is too often an ordinary word.
    pub(super) behind_label: bool,
}

/// Values by their spelling in lower case.
pub(super) type Values = HashMap<Box<[u8]>, Sought, foldhash::fast::RandomState>;

#[derive(Debug, Default)]
struct State {
    values: Values,
    matcher: Option<Arc<Matcher>>,
}

/// What was learned so far; shared by everything that one redactor redacts.
#[derive(Debug, Default)]
pub(super) struct Learned {
    state: RwLock<State>,
}

impl Learned {
    /// Remembers a value of a kind, in the forms in which it may be written elsewhere.
    pub(super) fn add(&self, kind: Kind, raw: &[u8]) {
        let raw = trim(raw);
        if raw.len() > LONGEST || raw.contains(&b'\n') {
            return;
        }
        if is_secret(kind) {
            if kind != Kind::PrivateKey {
                self.add_secret(kind, raw);
            }
            return;
        }
        match kind {
            Kind::PersonName => self.add_name(raw),
            Kind::Email => self.add_local_part(raw),
            Kind::Phone => self.add_phone(raw),
            // Noise behind a label; no Call-ID has such characters (RFC 3261 section 25.1).
            Kind::CallId if !raw.is_ascii() => {}
            Kind::BroadworksUserId | Kind::CallId | Kind::HostName if raw.len() >= 6 && !is_ordinary(raw) => {
                self.insert(kind, raw, false);
            }
            Kind::MacAddress => {
                let digits: Vec<u8> = raw.iter().copied().filter(u8::is_ascii_hexdigit).collect();
                if digits.len() == 12 {
                    self.insert(kind, &digits, false);
                    self.insert(kind, &[b"SEP", digits.as_slice()].concat(), false);
                }
            }
            // The others are found by their shape wherever they are.
            _ => {}
        }
    }

    fn add_secret(&self, kind: Kind, raw: &[u8]) {
        let digits_only = raw.iter().all(u8::is_ascii_digit);
        if raw.len() < SHORTEST_SECRET || (digits_only && raw.len() < 8) || is_ordinary(raw) {
            return;
        }
        self.insert(kind, raw, true);
        if let Ok(text) = std::str::from_utf8(raw) {
            let plain = unescape(text);
            if plain.len() >= SHORTEST_SECRET && plain != text && !plain.contains('\n') {
                self.insert(kind, plain.as_bytes(), true);
            }
        }
    }

    /// `jdoe` of `jdoe@example.com`: a login name in the next line.
    fn add_local_part(&self, raw: &[u8]) {
        let Some(local) = memchr::memchr(b'@', raw).map(|at| &raw[..at]) else {
            return;
        };
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let letters = local.iter().any(u8::is_ascii_alphabetic);
        if letters && local.iter().all(plain) && !is_ordinary(local) {
            self.insert_sought(
                local,
                Sought {
                    kind: Kind::BroadworksUserId,
                    exact: None,
                    behind_label: true,
                },
            );
        }
    }

    fn add_phone(&self, raw: &[u8]) {
        let digits: Vec<u8> = raw.iter().copied().filter(u8::is_ascii_digit).collect();
        if digits.len() >= 8 {
            self.insert(Kind::Phone, raw, false);
            self.insert(Kind::Phone, &digits, false);
        }
    }

    fn add_name(&self, raw: &[u8]) {
        let Ok(text) = std::str::from_utf8(raw) else {
            self.insert(Kind::PersonName, raw, true);
            return;
        };
        let text = unescape(text);
        let ordered: Vec<&str> = match text.split_once(',') {
            Some((last, first)) => first.split_whitespace().chain(last.split_whitespace()).collect(),
            None => text.split_whitespace().collect(),
        };
        match ordered.as_slice() {
            [] => {}
            [single] => {
                let capital = single.chars().next().is_some_and(char::is_uppercase);
                if single.chars().count() >= SHORTEST_NAME && capital && !is_ordinary(single.as_bytes()) {
                    self.insert(Kind::PersonName, single.as_bytes(), true);
                }
            }
            words => {
                if words.iter().all(|word| is_ordinary(word.as_bytes())) {
                    return;
                }
                let mut reversed = words.to_vec();
                reversed.rotate_right(1);
                for between in [" ", "_", ".", "-", "+", "%20"] {
                    self.insert(Kind::PersonName, words.join(between).as_bytes(), false);
                    self.insert(Kind::PersonName, reversed.join(between).as_bytes(), false);
                }
                let (first, rest) = (reversed[0], &reversed[1..]);
                self.insert(
                    Kind::PersonName,
                    format!("{first}, {}", rest.join(" ")).as_bytes(),
                    false,
                );
            }
        }
    }

    fn insert(&self, kind: Kind, value: &[u8], exact: bool) {
        self.insert_sought(
            value,
            Sought {
                kind,
                exact: exact.then(|| value.into()),
                behind_label: false,
            },
        );
    }

    fn insert_sought(&self, value: &[u8], sought: Sought) {
        if value.len() < SHORTEST_NAME {
            return;
        }
        let Ok(mut state) = self.state.write() else {
            return;
        };
        if state.values.len() >= MOST {
            return;
        }
        let key = value.to_ascii_lowercase().into_boxed_slice();
        let changed = match state.values.get_mut(&key) {
            None => {
                state.values.insert(key, sought);
                true
            }
            // A name that stands alone elsewhere is sought everywhere.
            Some(held) if held.behind_label && !sought.behind_label => {
                *held = sought;
                true
            }
            Some(_) if sought.behind_label => false,
            // Two spellings of one secret: any spelling is sought.
            Some(held) if held.exact.is_some() && held.exact != sought.exact => {
                held.exact = None;
                true
            }
            Some(_) => false,
        };
        if changed {
            state.matcher = None;
        }
    }

    /// What was learned, ready to seek; `None` when nothing was.
    pub(super) fn matcher(&self) -> Option<Arc<Matcher>> {
        {
            let state = self.state.read().ok()?;
            if state.values.is_empty() {
                return None;
            }
            if let Some(matcher) = &state.matcher {
                return Some(Arc::clone(matcher));
            }
        }
        let mut state = self.state.write().ok()?;
        let matcher = Arc::new(Matcher::new(&state.values));
        state.matcher = Some(Arc::clone(&matcher));
        Some(matcher)
    }
}

fn trim(raw: &[u8]) -> &[u8] {
    let mut raw = raw.trim_ascii();
    while let [b'"' | b'\'', inner @ .., b'"' | b'\''] = raw {
        raw = inner;
    }
    raw
}

fn is_ordinary(value: &[u8]) -> bool {
    ORDINARY
        .iter()
        .any(|word| value.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::Learned;
    use crate::scan::Kind;

    fn found(learned: &Learned, text: &str) -> Vec<String> {
        let Some(matcher) = learned.matcher() else {
            return Vec::new();
        };
        matcher
            .find(text.as_bytes(), &[])
            .into_iter()
            .map(|hit| text[hit.start..hit.end].to_owned())
            .collect()
    }

    #[test]
    fn names_in_other_forms() {
        let learned = Learned::default();
        learned.add(Kind::PersonName, "Ana Kovačević".as_bytes());
        assert_eq!(
            found(
                &learned,
                "ana Kovačević, Kovačević, Ana; ana_Kovačević.log Anabel Kovačević"
            ),
            ["ana Kovačević", "Kovačević, Ana", "ana_Kovačević"]
        );
    }

    #[test]
    fn the_local_part_of_an_address_behind_a_label() {
        let learned = Learned::default();
        learned.add(Kind::Email, b"jdoe@example.com");
        let text = r#"userId=jdoe "login": "JDoe" user: jdoe2 jdoe said, path=jdoe"#;
        assert_eq!(found(&learned, text), ["jdoe", "JDoe"]);
    }

    #[test]
    fn ordinary_words_are_nobody() {
        let learned = Learned::default();
        for name in ["Support", "User", "Max", "test user", "lowercase"] {
            learned.add(Kind::PersonName, name.as_bytes());
        }
        for secret in ["secret", "12345", "null", "abc"] {
            learned.add(Kind::Password, secret.as_bytes());
        }
        assert!(learned.matcher().is_none());
    }

    #[test]
    fn secrets_as_written_and_alone() {
        let learned = Learned::default();
        learned.add(Kind::Password, br#""Tr0ub4dor\u0026x""#);
        assert_eq!(
            found(
                &learned,
                r"login x Tr0ub4dor&x; tr0ub4dor&x; aTr0ub4dor&x Tr0ub4dor\u0026x"
            ),
            ["Tr0ub4dor&x", r"Tr0ub4dor\u0026x"]
        );
    }
}
