//! Looking for secrets in a manifest that somebody else may have written, element by element: with a hundred thousand
//! files it is as large as all else that is in memory.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::redact::{RedactError, leak};
use crate::scan::Kind;

/// Text that is looked through at once.
const AT_ONCE: usize = 256 * 1024;

/// The secrets of a document; `None` when it could not be looked through to its end.
pub(super) fn secrets(document: &[u8]) -> Option<BTreeMap<Kind, u64>> {
    let mut look = Look::default();
    let mut reader = serde_json::Deserializer::from_slice(document);
    Walk(&mut look).deserialize(&mut reader).ok()?;
    look.through().ok()?;
    Some(look.found)
}

/// Elements that are still to be looked through, and what was found.
#[derive(Default)]
struct Look {
    text: String,
    found: BTreeMap<Kind, u64>,
}

impl Look {
    fn add(&mut self, name: Option<&str>, mut value: Value) -> Result<(), RedactError> {
        without_counts(&mut value);
        // A value is judged by its label.
        let value = match name {
            Some(name) => Value::from_iter([(name, value)]),
            None => value,
        };
        let _ = writeln!(self.text, "{value}");
        if self.text.len() >= AT_ONCE {
            self.through()?;
        }
        Ok(())
    }

    fn through(&mut self) -> Result<(), RedactError> {
        let leaks = leak::scan(self.text.as_bytes())?;
        for (kind, count) in leaks.secrets {
            *self.found.entry(kind).or_default() += count;
        }
        self.text.clear();
        Ok(())
    }
}

/// Takes out the counts by kind: `"password": 3` says how many were masked, and reads like one that was not.
fn without_counts(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, field| !is_counts(name, field));
            fields.values_mut().for_each(without_counts);
        }
        Value::Array(items) => items.iter_mut().for_each(without_counts),
        _ => {}
    }
}

fn is_counts(name: &str, value: &Value) -> bool {
    matches!(name, "redactions" | "protected")
        && value
            .as_object()
            .is_some_and(|counts| counts.values().all(Value::is_u64))
}

/// The way through the document: its fields, and the elements of its long lists.
struct Walk<'a>(&'a mut Look);

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a manifest or a list of it")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while let Some(name) = fields.next_key::<String>()? {
            if name == "files" || name == "skipped" {
                fields.next_value_seed(Walk(&mut *self.0))?;
                continue;
            }
            let value = fields.next_value()?;
            if !is_counts(&name, &value) {
                self.0.add(Some(&name), value).map_err(A::Error::custom)?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(value) = elements.next_element()? {
            self.0.add(None, value).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::secrets;
    use crate::scan::Kind;

    #[test]
    fn secrets_anywhere_and_no_counts() {
        let clean = br#"{"options": {"a": 1}, "files": [{"path": "a", "redactions": {"password": 3}}], "redactions": {"password": 3}}"#;
        assert_eq!(secrets(clean).map(|found| found.len()), Some(0));
        for document in [
            &br#"{"files": [{"path": "a"}, {"path": "b", "password": "Gr4nite-Moss"}]}"#[..],
            br#"{"password": "Gr4nite-Moss", "files": []}"#,
            br#"{"redactions": {"password": "Gr4nite-Moss"}}"#,
            br#"{"skipped": [{"reason": "password=Gr4nite-Moss"}]}"#,
            br#"{"options": {"x": {"y": ["password=Gr4nite-Moss"]}}, "files": {"a": 7}}"#,
        ] {
            let found = secrets(document).expect("a secret");
            assert_eq!(
                found.get(&Kind::Password),
                Some(&1),
                "{}",
                String::from_utf8_lossy(document)
            );
        }
    }

    #[test]
    fn what_cannot_be_looked_through_is_not_clean() {
        for document in [
            &br#"{"files": 7}"#[..],
            br#"{"files": [{"path": "a"}"#,
            b"no document",
            // The redactor refuses what looks like a private map: what stands behind it was not looked at.
            br#"{"schema": "w4b-diag/map/1", "files": [{"reason": "password=Gr4nite-Moss"}]}"#,
        ] {
            assert_eq!(secrets(document), None, "{}", String::from_utf8_lossy(document));
        }
    }
}
