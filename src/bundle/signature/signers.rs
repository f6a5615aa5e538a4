//! The list of those whose signatures count: `allowed_signers` of OpenSSH (ssh-keygen(1), "ALLOWED SIGNERS").

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Local, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _, Utc};

use super::NAMESPACE;

/// What the list says of a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Whose it is.
    Allowed(String),
    /// Whose it was or will be.
    OutOfTime(String),
    /// It is not in the list.
    Nobody,
}

/// Looks a key up, for signatures of bundles made at `at`.
pub(super) fn find(list: &[u8], key: &[u8], at: DateTime<Utc>) -> Found {
    let list = String::from_utf8_lossy(list);
    let mut found = Found::Nobody;
    for line in list.lines().filter_map(Line::parse) {
        if line.key != key || !line.is_for_bundles() {
            continue;
        }
        if line.is_in_time(at) {
            return Found::Allowed(line.principals);
        }
        found = Found::OutOfTime(line.principals);
    }
    found
}

/// One signer.
#[derive(Default)]
struct Line {
    principals: String,
    namespaces: Option<String>,
    after: Option<DateTime<Utc>>,
    before: Option<DateTime<Utc>>,
    key: Vec<u8>,
}

impl Line {
    /// `None` for comments, for certificate authorities, which are not supported, and for what cannot be understood:
    /// a line with an unknown option allows nobody.
    fn parse(line: &str) -> Option<Self> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let (principals, rest) = field(line);
        let (second, rest) = field(rest);
        let mut parsed = Self {
            principals: principals.replace('"', ""),
            ..Self::default()
        };
        let is_type = |word: &str| {
            ["ssh-", "ecdsa-", "sk-"]
                .iter()
                .any(|kind| word.starts_with(kind))
        };
        let rest = if is_type(second) {
            rest
        } else {
            parsed.options(second)?;
            let (kind, rest) = field(rest);
            is_type(kind).then_some(rest)?
        };
        parsed.key = STANDARD.decode(field(rest).0).ok()?;
        Some(parsed)
    }

    fn options(&mut self, options: &str) -> Option<()> {
        for option in split(options, ',') {
            let (name, value) = option.split_once('=')?;
            let value = value.trim_matches('"');
            match name.to_ascii_lowercase().as_str() {
                "namespaces" => self.namespaces = Some(value.to_owned()),
                "valid-after" => self.after = Some(time(value)?),
                "valid-before" => self.before = Some(time(value)?),
                _ => return None,
            }
        }
        Some(())
    }

    fn is_for_bundles(&self) -> bool {
        let Some(namespaces) = &self.namespaces else {
            return true;
        };
        namespaces
            .split(',')
            .any(|pattern| glob::Pattern::new(pattern.trim()).is_ok_and(|pattern| pattern.matches(NAMESPACE)))
    }

    fn is_in_time(&self, at: DateTime<Utc>) -> bool {
        self.after.is_none_or(|after| after <= at) && self.before.is_none_or(|before| at < before)
    }
}

/// The first field, in which quotes keep blanks together, and what is behind it.
fn field(line: &str) -> (&str, &str) {
    let mut quoted = false;
    let end = line.find(|c: char| {
        quoted ^= c == '"';
        !quoted && c.is_ascii_whitespace()
    });
    let (first, rest) = line.split_at(end.unwrap_or(line.len()));
    (first, rest.trim_start())
}

/// Parts between separators that are not quoted.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '"';
        !quoted && c == separator
    })
}

/// `YYYYMMDD` or `YYYYMMDDHHMM[SS]`, with `Z` in UTC, else in the machine's time zone.
fn time(text: &str) -> Option<DateTime<Utc>> {
    let (digits, utc) = match text.strip_suffix(['Z', 'z']) {
        Some(digits) => (digits, true),
        None => (text, false),
    };
    let naive = match digits.len() {
        8 => NaiveDate::parse_from_str(digits, "%Y%m%d")
            .ok()?
            .and_time(NaiveTime::MIN),
        12 => NaiveDateTime::parse_from_str(&format!("{digits}00"), "%Y%m%d%H%M%S").ok()?,
        14 => NaiveDateTime::parse_from_str(digits, "%Y%m%d%H%M%S").ok()?,
        _ => return None,
    };
    if utc {
        Some(naive.and_utc())
    } else {
        Some(Local.from_local_datetime(&naive).earliest()?.to_utc())
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone as _, Utc};

    use super::{Found, find};

    fn look(line: &str) -> Found {
        let at = Utc
            .with_ymd_and_hms(2026, 11, 22, 10, 0, 0)
            .single()
            .expect("a time");
        find(
            line.replace("KEY", "ssh-ed25519 S0VZ comment").as_bytes(),
            b"KEY",
            at,
        )
    }

    #[test]
    fn who_may_sign_is_as_openssh_reads_it() {
        let allowed = |who: &str| Found::Allowed(who.to_owned());
        assert_eq!(look("support@example.net KEY"), allowed("support@example.net"));
        assert_eq!(
            look("# x\n\na@example.net,b@example.net  KEY\n"),
            allowed("a@example.net,b@example.net")
        );
        assert_eq!(look("\"two words\" KEY"), allowed("two words"));
        assert_eq!(look("a namespaces=\"git,w4b-diag-*\" KEY"), allowed("a"));
        assert_eq!(
            look("a valid-after=\"20260101\",valid-before=\"20270101Z\" KEY"),
            allowed("a")
        );
        assert_eq!(
            look("a valid-before=\"202601010000Z\" KEY"),
            Found::OutOfTime("a".to_owned())
        );
        assert_eq!(
            look("a valid-after=\"20270101000000Z\" KEY"),
            Found::OutOfTime("a".to_owned())
        );
        assert_eq!(look("old valid-before=20200101Z KEY\nnew KEY"), allowed("new"));
        for nobody in [
            "",
            "#a KEY",
            "a",
            "a ssh-ed25519 QQ==",
            "a namespaces=\"git\" KEY",
            "a cert-authority KEY",
            "a valid-before=\"yesterday\" KEY",
            "a who-knows=1 KEY",
        ] {
            assert_eq!(look(nobody), Found::Nobody, "{nobody}");
        }
    }
}
