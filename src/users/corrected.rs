//! A corrected copy of a bulk-user file: what can be corrected without guessing, each change with row and column. What
//! could only be guessed (which of two packages, a lost digit, a country code) stays as it is.

use std::borrow::Cow;

use super::columns::Field;
use super::data::Change;
use super::values::{Number, Truth, is_email, number};
use super::{TableKind, UserTable};

/// The delimiter and the encoding that Control Hub's own template has.
const DELIMITER: char = ',';
const ENCODING: &str = "utf-8";

/// The copy as text (UTF-8, comma), and what was changed.
///
/// Nothing comes back for a file that is not imported: there is nothing to correct in an export.
pub fn correct(table: &UserTable) -> Option<(String, Vec<Change>)> {
    if table.kind != TableKind::Import {
        return None;
    }
    let mut changes = Vec::new();
    let mut note = |line: u64, column: &str, kind: &str, before: &str, after: &str| {
        changes.push(Change {
            line,
            column: column.to_owned(),
            kind: kind.to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
        });
    };
    if table.delimiter != DELIMITER {
        let before = if table.delimiter == '\t' {
            "TAB".to_owned()
        } else {
            table.delimiter.to_string()
        };
        note(0, "", "delimiter", &before, ",");
    }
    if table.encoding != ENCODING {
        note(0, "", "encoding", table.encoding, ENCODING);
    }
    let mut text = String::new();
    record(&mut text, table.header.iter().map(String::as_str));
    let width = table.header.len();
    for row in &table.rows {
        let mut cells: Vec<Cow<'_, str>> = Vec::with_capacity(width);
        for (index, cell) in row.cells.iter().enumerate() {
            let field = table.fields.get(index).copied().flatten();
            let (kind, after) = cell_corrected(field, cell);
            if after != *cell {
                let column = table.header.get(index).map_or("", String::as_str);
                note(row.line, column, kind, cell, &after);
            }
            cells.push(after);
        }
        if cells.len() < width {
            note(
                row.line,
                "",
                "cells",
                &cells.len().to_string(),
                &width.to_string(),
            );
            cells.resize(width, Cow::Borrowed(""));
        }
        record(&mut text, cells.iter().map(AsRef::as_ref));
    }
    Some((text, changes))
}

/// What kind of change, and the cell as it should be.
fn cell_corrected(field: Option<Field>, cell: &str) -> (&'static str, Cow<'_, str>) {
    let trimmed = trim(cell);
    let kept = ("blanks", Cow::Borrowed(trimmed));
    match field {
        Some(field) if field.is_boolean() => match Truth::of(trimmed) {
            // A cross may mean either.
            Truth::Foreign(_) if trimmed.eq_ignore_ascii_case("x") => kept,
            Truth::Foreign(true) => ("truth", Cow::Borrowed("TRUE")),
            Truth::Foreign(false) => ("truth", Cow::Borrowed("FALSE")),
            _ => kept,
        },
        Some(Field::Phone) if trimmed.starts_with('+') && number(trimmed) != Number::Good => {
            let digits: String = trimmed
                .chars()
                .filter(|c| {
                    !matches!(
                        c,
                        ' ' | '\u{a0}' | '(' | ')' | '.' | '/' | '-' | '\u{2010}'..='\u{2015}'
                    )
                })
                .collect();
            // "(0)" is left out in most countries and kept in some.
            if trimmed.contains("(0)") || number(&digits) != Number::Good {
                kept
            } else {
                ("number", Cow::Owned(digits))
            }
        }
        Some(Field::Email) if !is_email(trimmed) => {
            let bare = trimmed.trim_start_matches('<').trim_end_matches('>');
            let bare = bare.strip_prefix("mailto:").unwrap_or(bare);
            if is_email(bare) {
                ("address", Cow::Owned(bare.to_owned()))
            } else {
                kept
            }
        }
        _ => kept,
    }
}

/// Blanks at the ends, also those that cannot be seen.
fn trim(cell: &str) -> &str {
    cell.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
    })
}

/// One row, quoted where needed (RFC 4180).
fn record<'a>(text: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            text.push(DELIMITER);
        }
        if cell.contains([DELIMITER, '"', '\n', '\r']) {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(cell);
        }
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::correct;
    use crate::users::read;

    const HEADER: &str = "First Name;User ID/Email;Phone Number;Jabber Calling;Webex Calling;Note";

    #[test]
    fn what_is_certain_is_corrected_and_the_rest_stays() {
        let text = format!(
            "{HEADER}\n\
             Ada; ada@example.com\u{a0};+49 (30) 123-4567;FALSCH;wahr;\"a;b\"\n\
             Bob;<mailto:bob@example.com>;+49 (0)30 123456;x;maybe;c,d\n\
             Cyd;cyd@@example.com;4,93E+11;FALSE;TRUE\n"
        );
        let table = read(text.as_bytes()).unwrap();
        let (copy, changes) = correct(&table).unwrap();
        let lines: Vec<&str> = copy.lines().collect();
        assert_eq!(
            lines,
            [
                "First Name,User ID/Email,Phone Number,Jabber Calling,Webex Calling,Note",
                "Ada,ada@example.com,+49301234567,FALSE,TRUE,a;b",
                "Bob,bob@example.com,+49 (0)30 123456,x,maybe,\"c,d\"",
                "Cyd,cyd@@example.com,\"4,93E+11\",FALSE,TRUE,",
            ]
        );
        let told: Vec<String> = changes
            .iter()
            .map(|change| format!("{} {} {}", change.line, change.column, change.kind))
            .collect();
        assert_eq!(
            told,
            [
                "0  delimiter",
                "2 User ID/Email blanks",
                "2 Phone Number number",
                "2 Jabber Calling truth",
                "2 Webex Calling truth",
                "3 User ID/Email address",
                "4  cells",
            ]
        );
        // The copy has nothing more to correct.
        let again = read(copy.as_bytes()).unwrap();
        assert!(correct(&again).unwrap().1.is_empty());
        assert_eq!(again.rows.len(), table.rows.len());
    }

    #[test]
    fn an_export_has_nothing_to_correct() {
        let table = read(b"BroadWorks ID,Status\na,provisioned\n").unwrap();
        assert!(correct(&table).is_none());
    }
}
