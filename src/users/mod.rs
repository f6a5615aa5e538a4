//! Partner Hub's user-status export and bulk-user CSV files: whatever delimiter and encoding, columns found by what
//! they mean in five languages, what is not understood kept. States facts; [`crate::rules::users`] and
//! [`crate::rules::csv`] judge.

pub mod columns;
pub mod corrected;
pub mod data;
pub mod decode;
mod parse;
pub mod values;

use columns::Field;

use crate::i18n::{Localize, Message};

/// A file may be this long, in bytes: a million users with long error texts.
pub const MAX_FILE: u64 = 512 << 20;

/// More columns than this are not a user file.
const MAX_COLUMNS: usize = 2000;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// Partner Hub's user-status export.
    Status,
    /// A bulk-user file for Control Hub.
    Import,
    /// Neither was recognised.
    Unknown,
}

impl TableKind {
    /// The word in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Status => "user-status",
            Self::Import => "bulk-users",
            Self::Unknown => "unknown",
        }
    }
}

/// One row; numbers are those of a spreadsheet, the header being row 1 of a file without blank lines before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line in the file where the row begins, from 1.
    pub line: u64,
    /// The cells as written; may be fewer or more than the columns.
    pub cells: Vec<String>,
}

/// Something that is wrong with the file itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: u64,
    /// What.
    pub kind: ProblemKind,
}

/// What can be wrong with the file itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// A quotation mark that is not closed; the line was read without quotation marks.
    OpenQuote,
    /// A row with fewer or more cells than the header.
    Cells {
        /// How many it has.
        found: usize,
        /// How many the header has.
        expected: usize,
    },
    /// The encoding was guessed.
    Encoding(&'static str),
    /// Bytes that cannot be decoded.
    Undecodable,
    /// A cell this long, in bytes.
    HugeCell {
        /// The column.
        column: String,
        /// Its length.
        bytes: usize,
    },
    /// No column of the header is understood.
    Header,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserTable {
    /// What it is.
    pub kind: TableKind,
    /// The encoding, WHATWG name.
    pub encoding: &'static str,
    /// `,`, `;`, tab or `|`.
    pub delimiter: char,
    /// The header's line.
    pub header_line: u64,
    /// The columns as named.
    pub header: Vec<String>,
    /// What each column means, if that is understood.
    pub fields: Vec<Option<Field>>,
    /// The rows.
    pub rows: Vec<Row>,
    /// What is wrong with the file.
    pub problems: Vec<Problem>,
}

/// Why a file cannot be read as a table of users.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UsersError {
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It is no text: a spreadsheet, a picture, an archive.
    #[error("the file is not text")]
    Binary,
    /// More columns than any user file has.
    #[error("{0} columns")]
    TooManyColumns(usize),
}

impl Localize for UsersError {
    fn message(&self) -> Message {
        match self {
            Self::Empty => Message::new("users-error-empty"),
            Self::Binary => Message::new("users-error-binary"),
            Self::TooManyColumns(count) => Message::new("users-error-columns").arg("count", *count),
        }
    }
}

/// Reads a table of users.
///
/// # Errors
/// When the bytes are not a table at all; what is wrong in a table is one of its [`UserTable::problems`].
pub fn read(bytes: &[u8]) -> Result<UserTable, UsersError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(UsersError::Empty);
    }
    // Spreadsheets (zip, OLE), PDF and pictures begin with these.
    let magic: [&[u8]; 5] = [
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0",
        b"%PDF",
        b"\x89PNG",
        b"\x1f\x8b",
    ];
    if magic.iter().any(|magic| bytes.starts_with(magic)) {
        return Err(UsersError::Binary);
    }
    let decoded = decode::text(bytes);
    if decoded.text.trim().is_empty() {
        return Err(UsersError::Empty);
    }
    if decoded.text.contains('\0') {
        return Err(UsersError::Binary);
    }
    let mut table = parse::table(&decoded.text);
    if table.header.len() > MAX_COLUMNS {
        return Err(UsersError::TooManyColumns(table.header.len()));
    }
    table.encoding = decoded.encoding;
    if let Some(line) = decoded.bad_line {
        table.problems.insert(
            0,
            Problem {
                line,
                kind: ProblemKind::Undecodable,
            },
        );
    } else if decoded.guessed {
        table.problems.insert(
            0,
            Problem {
                line: 1,
                kind: ProblemKind::Encoding(decoded.encoding),
            },
        );
    }
    Ok(table)
}

impl UserTable {
    /// The index of the first column with this meaning.
    pub fn column(&self, field: Field) -> Option<usize> {
        self.fields.iter().position(|found| *found == Some(field))
    }

    /// The trimmed cell of a row in the column with this meaning; empty when there is none.
    pub fn cell<'a>(&self, row: &'a Row, field: Field) -> &'a str {
        self.column(field)
            .and_then(|index| row.cells.get(index))
            .map_or("", |cell| cell.trim())
    }

    /// The name of the column with this meaning, as the file has it.
    pub fn name(&self, field: Field) -> Option<&str> {
        self.column(field)
            .and_then(|index| self.header.get(index))
            .map(String::as_str)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
