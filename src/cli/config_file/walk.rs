//! A configuration file against the schema of [`crate::config::Config`].

use std::ops::Range;
use std::path::Path;

use schemars::Schema;
use serde_json::{Map, Value as Json};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{ConfigError, Place, to_json};
use crate::cli::values;
use crate::i18n::Lang;

/// Compares a document with the schema, so that faults are found with their place and can be said in five languages.
pub(super) struct Walk<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
    pub(super) schema: &'a Schema,
}

impl Walk<'_> {
    fn place(&self, span: &Range<usize>) -> Place {
        Place::of(self.path, self.text, span.start)
    }

    /// Follows `$ref` and the single branch of `anyOf [X, null]`.
    fn follow<'s>(&'s self, mut node: &'s Json) -> &'s Json {
        // As many steps as a schema of ours has levels; a cycle ends here too.
        for _ in 0..8 {
            let next = if let Some(reference) = node.get("$ref").and_then(Json::as_str) {
                reference
                    .strip_prefix('#')
                    .and_then(|pointer| self.schema.as_value().pointer(pointer))
            } else {
                node.get("anyOf").and_then(Json::as_array).and_then(|branches| {
                    branches
                        .iter()
                        .find(|branch| branch.get("type").and_then(Json::as_str) != Some("null"))
                })
            };
            match next {
                Some(next) => node = next,
                None => return node,
            }
        }
        node
    }

    pub(super) fn table(
        &self,
        table: &DeTable<'_>,
        span: &Range<usize>,
        node: &Json,
        prefix: &str,
    ) -> Result<(), ConfigError> {
        let node = self.follow(node);
        let properties = node.get("properties").and_then(Json::as_object);
        let additional = node.get("additionalProperties");
        for (name, value) in table {
            let key = join(prefix, name.get_ref());
            if let Some(property) = properties.and_then(|known| known.get(name.get_ref().as_ref())) {
                self.value(value, property, &key)?;
            } else if let Some(schema @ Json::Object(_)) = additional {
                self.value(value, schema, &key)?;
            } else if additional == Some(&Json::Bool(false)) {
                let known: Vec<String> = properties
                    .into_iter()
                    .flat_map(Map::keys)
                    .map(|known| join(prefix, known))
                    .collect();
                return Err(ConfigError::UnknownKey {
                    place: self.place(&name.span()),
                    nearest: nearest(&key, &known),
                    key,
                    known,
                });
            }
        }
        let required = node.get("required").and_then(Json::as_array);
        for name in required.into_iter().flatten().filter_map(Json::as_str) {
            if !table.contains_key(name) {
                return Err(ConfigError::MissingKey {
                    place: self.place(span),
                    key: join(prefix, name),
                });
            }
        }
        Ok(())
    }

    fn value(&self, value: &Spanned<DeValue<'_>>, node: &Json, key: &str) -> Result<(), ConfigError> {
        let node = self.follow(node);
        let found = kind(value.get_ref());
        let expected = expected_kinds(node);
        let fits = expected.is_empty()
            || expected.contains(&found)
            // `since = 2026-11-20T08:00:00Z` is a TOML date and as good as the same in quotes.
            || (matches!(value.get_ref(), DeValue::Datetime(_)) && expected.contains(&"text"));
        if !fits {
            return Err(ConfigError::WrongType {
                place: self.place(&value.span()),
                key: key.to_owned(),
                expected: expected.first().copied().unwrap_or("text"),
                found,
            });
        }
        match value.get_ref() {
            DeValue::Table(table) => self.table(table, &value.span(), node, key),
            DeValue::Array(items) => match node.get("items") {
                Some(schema) => items.iter().try_for_each(|item| self.value(item, schema, key)),
                None => Ok(()),
            },
            scalar => match invalid_form(node, &to_json(scalar)) {
                Some(form) => Err(ConfigError::InvalidValue {
                    place: self.place(&value.span()),
                    key: key.to_owned(),
                    value: self
                        .text
                        .get(value.span())
                        .unwrap_or_default()
                        .chars()
                        .take(80)
                        .collect(),
                    form,
                }),
                None => Ok(()),
            },
        }
    }
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}.{name}")
    }
}

/// The known key most like `key`, if any is like it at all.
fn nearest(key: &str, known: &[String]) -> Option<String> {
    known
        .iter()
        .map(|known| (strsim::jaro_winkler(&key.to_ascii_lowercase(), known), known))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        // The tables before the last dot are equal and would make everything look alike.
        .filter(|(_, known)| {
            let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
            strsim::jaro_winkler(&last(key), &last(known)) > 0.7
        })
        .map(|(_, known)| known.clone())
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "number",
        DeValue::Boolean(_) => "boolean",
        DeValue::Datetime(_) => "date",
        DeValue::Array(_) => "list",
        DeValue::Table(_) => "table",
    }
}

fn expected_kinds(node: &Json) -> Vec<&'static str> {
    let word = |name: &str| match name {
        "string" => Some("text"),
        "integer" | "number" => Some("number"),
        "boolean" => Some("boolean"),
        "array" => Some("list"),
        "object" => Some("table"),
        _ => None,
    };
    match node.get("type") {
        Some(Json::String(name)) => word(name).into_iter().collect(),
        Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).filter_map(word).collect(),
        _ => Vec::new(),
    }
}

/// The word for what was expected, when a scalar does not have the form that the schema asks for.
fn invalid_form(node: &Json, value: &Json) -> Option<String> {
    if let (Some(number), Some(minimum), Some(maximum)) = (
        value.as_f64(),
        node.get("minimum").and_then(Json::as_f64),
        node.get("maximum").and_then(Json::as_f64),
    ) && !(minimum..=maximum).contains(&number)
    {
        return Some(format!("{minimum} - {maximum}"));
    }
    let text = value.as_str()?;
    if let Some(words) = node.get("enum").and_then(Json::as_array)
        && !words.contains(value)
    {
        let words: Vec<_> = words.iter().filter_map(Json::as_str).collect();
        return Some(words.join(", "));
    }
    let form = node.get("format").and_then(Json::as_str)?;
    let valid = match form {
        "date-time" => values::instant(text).is_ok(),
        "threshold" => values::threshold(text).is_ok(),
        "duration" => values::duration(text).is_ok_and(|duration| !duration.is_zero()),
        "sha256" => text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "language" => Lang::from_locale(text).is_some(),
        _ => true,
    };
    (!valid).then(|| form.to_owned())
}
