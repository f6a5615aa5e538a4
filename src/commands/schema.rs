//! `schema`: the JSON Schemas of everything the program writes and reads, generated from the types.

use serde_json::{Value, json};

use super::{Context, Failure, Outcome};
use crate::cli::args::schema::Args;
use crate::cli::exit::Exit;
use crate::cli::write_file;
use crate::i18n::Message;

/// A schema and its name.
pub struct Named {
    /// What is typed: `report`.
    pub name: &'static str,
    /// The schema.
    pub schema: Value,
}

/// All schemas, by name.
pub fn all() -> Vec<Named> {
    macro_rules! schemas {
        ($($name:literal: $type:ty,)*) => {
            vec![$(Named { name: $name, schema: identified($name, schemars::schema_for!($type)) }),*]
        };
    }
    schemas! {
        "catalogue": crate::catalogue::File,
        "checks": super::checks::Data,
        "config": crate::config::Config,
        "diff": crate::bundle::diff::Difference,
        "explain": super::explain::ExplainData,
        "extract": crate::scan::Inventory,
        "facts": crate::case::Facts,
        "manifest": crate::bundle::manifest::Manifest,
        "map": crate::redact::map::PrivateMap,
        "notification": crate::notify::text::Notification,
        "notify-state": crate::notify::State,
        "receipt": super::upload::Receipt,
        "report": crate::report::Report,
        "status": crate::rules::status::StatusData,
        "status-observation": crate::probe::status::StatusObservation,
        "users": crate::users::data::UsersData,
        "tls-observation": crate::probe::observation::TlsObservation,
    }
}

/// Puts an `$id` in front, so that schemas can name each other.
fn identified(name: &str, schema: schemars::Schema) -> Value {
    let mut named = serde_json::Map::new();
    named.insert("$id".to_owned(), json!(format!("urn:w4b-diag:schema:{name}:1")));
    if let Value::Object(fields) = Value::from(schema) {
        named.extend(fields);
    }
    Value::Object(named)
}

/// Prints one schema, lists their names, or writes all into a directory.
///
/// # Errors
/// When there is none of that name or the output cannot be written.
pub fn run(args: &Args, context: &mut Context) -> Outcome {
    let schemas = all();
    if let Some(directory) = &args.output {
        for schema in &schemas {
            let path = directory.join(format!("{}.schema.json", schema.name));
            write_file::write(&path, text(&schema.schema).as_bytes())?;
        }
        return Ok(Exit::DONE);
    }
    let out = context.printer.out();
    match &args.name {
        None => {
            for schema in &schemas {
                writeln!(out, "{}", schema.name)?;
            }
        }
        Some(name) => {
            let Some(found) = schemas.iter().find(|schema| schema.name == name) else {
                let known: Vec<_> = schemas.iter().map(|schema| schema.name).collect();
                return Err(Failure::Said(
                    Message::new("schema-unknown")
                        .arg("name", name)
                        .arg("known", known.join(", ")),
                ));
            };
            out.write_all(text(&found.schema).as_bytes())?;
        }
    }
    Ok(Exit::DONE)
}

/// The text of a schema file.
pub fn text(schema: &Value) -> String {
    format!("{schema:#}\n")
}
