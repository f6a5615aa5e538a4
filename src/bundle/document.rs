//! Looking for secrets in a manifest that somebody else may have written, element by element: with a hundred thousand
//! files it is as large as all else that is in memory.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::redact::leak;
use crate::scan::Kind;

/// Text that is looked through at once.
const AT_ONCE: usize = 256 * 1024;

/// The secrets of a document, if it has any.
pub(super) fn secrets(document: &[u8]) -> Option<BTreeMap<Kind, u64>> {
    let mut look = Look::default();
    let mut reader = serde_json::Deserializer::from_slice(document);
    // What is no JSON is a fault of its own.
    let _ = Fields(&mut look).deserialize(&mut reader);
    look.through();
    (!look.found.is_empty()).then_some(look.found)
}

/// Elements that are still to be looked through, and what was found.
#[derive(Default)]
struct Look {
    text: String,
    found: BTreeMap<Kind, u64>,
}

impl Look {
    fn add(&mut self, name: Option<&str>, mut value: Value) {
        without_counts(&mut value);
        // A value is judged by its label.
        let value = match name {
            Some(name) => Value::from_iter([(name, value)]),
            None => value,
        };
        let _ = writeln!(self.text, "{value}");
        if self.text.len() >= AT_ONCE {
            self.through();
        }
    }

    fn through(&mut self) {
        // Everything that JSON can say is text.
        if let Ok(leaks) = leak::scan(self.text.as_bytes()) {
            for (kind, count) in leaks.secrets {
                *self.found.entry(kind).or_default() += count;
            }
        }
        self.text.clear();
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

/// The fields of the document.
struct Fields<'a>(&'a mut Look);

impl<'de> DeserializeSeed<'de> for Fields<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a manifest")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while let Some(name) = fields.next_key::<String>()? {
            if name == "files" || name == "skipped" {
                fields.next_value_seed(Elements(&mut *self.0))?;
                continue;
            }
            let value = fields.next_value()?;
            if !is_counts(&name, &value) {
                self.0.add(Some(&name), value);
            }
        }
        Ok(())
    }
}

/// The elements of a list.
struct Elements<'a>(&'a mut Look);

impl<'de> DeserializeSeed<'de> for Elements<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Elements<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(value) = elements.next_element()? {
            self.0.add(None, value);
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
        assert_eq!(secrets(clean), None);
        for document in [
            &br#"{"files": [{"path": "a"}, {"path": "b", "password": "Gr4nite-Moss"}]}"#[..],
            br#"{"password": "Gr4nite-Moss", "files": []}"#,
            br#"{"redactions": {"password": "Gr4nite-Moss"}}"#,
            br#"{"skipped": [{"reason": "password=Gr4nite-Moss"}]}"#,
            br#"{"options": {"x": {"y": ["password=Gr4nite-Moss"]}}, "files": 7}"#,
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
}
