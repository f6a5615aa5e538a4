//! Text to cells. Written here and not taken from a CSV crate because a support file is often broken, and the reader
//! must be told where: an open quotation mark swallows the rest of the file in a strict parser.

use super::columns::{self, Field};
use super::values::State;
use super::{Problem, ProblemKind, Row, TableKind, UserTable};

/// Delimiters that exports and spreadsheet programs use.
const DELIMITERS: [u8; 4] = *b",;\t|";

/// A cell longer than this is pointed out, in bytes. No field of a user is that long.
const HUGE_CELL: usize = 64 * 1024;

/// At most so many problems of one kind of the file itself are kept; the first ones say it all.
const MAX_PROBLEMS: usize = 1000;

/// Rows that are looked at to infer what a column means.
const SAMPLE_ROWS: usize = 200;

/// A row and where the next one begins.
struct Record {
    cells: Vec<String>,
    next: usize,
    lines: u64,
    /// Every opening mark has its closing one, and nothing but the cell's end stands behind that.
    well_quoted: bool,
}

/// Reads the header, then the rows.
pub(super) fn table(text: &str) -> UserTable {
    let mut position = 0;
    let mut line = 1;
    let mut delimiter = None;
    // Blank lines, and the line by which Excel is told the delimiter.
    while let Some((first, next)) = physical_line(text, position) {
        if let Some(named) = first
            .trim()
            .strip_prefix("sep=")
            .and_then(|rest| rest.bytes().next())
        {
            delimiter = Some(named);
        } else if !first.trim().is_empty() {
            break;
        }
        position = next;
        line += 1;
    }
    // What the file says of itself counts only if it can be true.
    let first = physical_line(text, position).map_or("", |(line, _)| line);
    let delimiter = delimiter
        .filter(|named| first.as_bytes().contains(named))
        .unwrap_or_else(|| best_delimiter(text, position));
    let header_line = line;
    let header = record(text, position, delimiter, true);
    position = header.next;
    line += header.lines;
    let mut table = UserTable {
        kind: TableKind::Unknown,
        encoding: "utf-8",
        delimiter: char::from(delimiter),
        header_line,
        fields: header.cells.iter().map(|name| columns::meaning(name)).collect(),
        header: header.cells.iter().map(|name| name.trim().to_owned()).collect(),
        rows: Vec::new(),
        problems: Vec::new(),
    };
    columns::keep_first(&mut table.fields);
    rows(text, position, line, delimiter, &mut table);
    infer(&mut table);
    table.kind = kind(&table.fields);
    if table.kind == TableKind::Unknown {
        table.problems.push(Problem {
            line: header_line,
            kind: ProblemKind::Header,
        });
    }
    table
}

fn rows(text: &str, mut position: usize, mut line: u64, delimiter: u8, table: &mut UserTable) {
    let expected = table.header.len();
    while position < text.len() {
        let mut found = record(text, position, delimiter, true);
        if swallowed_rows(text, position, &found, delimiter, expected) {
            found = record(text, position, delimiter, false);
            note(table, line, ProblemKind::OpenQuote);
        }
        let (start, lines) = (line, found.lines);
        position = found.next;
        line += lines;
        if found.cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        // A delimiter at the end of every line is common and harmless.
        while found.cells.len() > expected && found.cells.last().is_some_and(String::is_empty) {
            found.cells.pop();
        }
        if found.cells.len() != expected {
            let kind = ProblemKind::Cells {
                found: found.cells.len(),
                expected,
            };
            note(table, start, kind);
        }
        if let Some((index, cell)) = found
            .cells
            .iter()
            .enumerate()
            .find(|(_, cell)| cell.len() > HUGE_CELL)
        {
            let kind = ProblemKind::HugeCell {
                column: table.header.get(index).cloned().unwrap_or_default(),
                bytes: cell.len(),
            };
            note(table, start, kind);
        }
        table.rows.push(Row {
            line: start,
            cells: found.cells,
        });
    }
}

fn note(table: &mut UserTable, line: u64, kind: ProblemKind) {
    if table.problems.len() < MAX_PROBLEMS {
        table.problems.push(Problem { line, kind });
    }
}

/// Whether a record over several lines is really several rows behind an open quotation mark: the marks are wrong, or a
/// later line of it has as many delimiters as a row and the cells do not come out.
fn swallowed_rows(text: &str, start: usize, record: &Record, delimiter: u8, expected: usize) -> bool {
    let at_end = record.next >= text.len();
    if !record.well_quoted && (record.lines > 1 || at_end) {
        return true;
    }
    if record.lines < 2 || expected < 3 {
        return false;
    }
    let raw = text.get(start..record.next).unwrap_or_default();
    raw.lines()
        .skip(1)
        .any(|line| memchr::memchr_iter(delimiter, line.as_bytes()).count() + 1 >= expected)
        && record.cells.len() != expected
}

/// One record from `start`. With `quoting`, cells may stand in quotation marks.
fn record(text: &str, start: usize, delimiter: u8, quoting: bool) -> Record {
    let bytes = text.as_bytes();
    let mut cells = Vec::new();
    let mut position = start;
    let mut lines = 1;
    let mut well_quoted = true;
    loop {
        let quoted = quoting && bytes.get(position) == Some(&b'"');
        let mut cell = String::new();
        if quoted {
            position = quoted_cell(text, position + 1, &mut cell, &mut well_quoted);
            lines += memchr::memchr_iter(b'\n', cell.as_bytes()).count() as u64;
        }
        // The rest of an unquoted cell, or what stands behind a closing mark.
        let rest = bytes.get(position..).unwrap_or_default();
        let end = position + memchr::memchr3(delimiter, b'\n', b'\r', rest).unwrap_or(rest.len());
        let tail = text.get(position..end).unwrap_or_default();
        well_quoted &= !quoted || tail.trim().is_empty();
        cell.push_str(tail);
        cells.push(cell);
        position = end;
        match bytes.get(position) {
            Some(b) if *b == delimiter => position += 1,
            Some(b'\r') => {
                position += 1 + usize::from(bytes.get(position + 1) == Some(&b'\n'));
                break;
            }
            Some(_) => {
                position += 1;
                break;
            }
            None => break,
        }
    }
    Record {
        cells,
        next: position,
        lines,
        well_quoted,
    }
}

/// Appends what stands between quotation marks, `""` being one mark; gives the position behind the closing mark.
fn quoted_cell(text: &str, mut position: usize, cell: &mut String, closed: &mut bool) -> usize {
    loop {
        let rest = text.as_bytes().get(position..).unwrap_or_default();
        let Some(length) = memchr::memchr(b'"', rest) else {
            cell.push_str(text.get(position..).unwrap_or_default());
            *closed = false;
            return text.len();
        };
        cell.push_str(text.get(position..position + length).unwrap_or_default());
        position += length + 1;
        if text.as_bytes().get(position) != Some(&b'"') {
            return position;
        }
        cell.push('"');
        position += 1;
    }
}

/// A line without its end, and where the next one begins.
fn physical_line(text: &str, start: usize) -> Option<(&str, usize)> {
    let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
    let length = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
    let line = rest.get(..length)?;
    Some((line, (start + length + 1).min(text.len())))
}

/// The delimiter by which most of the header is understood; of equal ones the one that gives most cells.
fn best_delimiter(text: &str, start: usize) -> u8 {
    let score = |delimiter: &u8| {
        let header = record(text, start, *delimiter, true);
        let understood = header
            .cells
            .iter()
            .filter(|name| columns::meaning(name).is_some())
            .count();
        // One cell understood of one is the whole line: no delimiter at all.
        (
            if header.cells.len() > 1 { understood } else { 0 },
            header.cells.len(),
        )
    };
    // The first of equals: comma.
    DELIMITERS.into_iter().rev().max_by_key(score).unwrap_or(b',')
}

/// Whether a cell looks like a value of a field.
type Looks<'a> = &'a dyn Fn(&str) -> bool;

/// A header in a language that is not known: what the cells look like says what they are.
fn infer(table: &mut UserTable) {
    let share = |table: &UserTable, index: usize, fits: Looks<'_>| {
        let cells: Vec<&str> = table
            .rows
            .iter()
            .take(SAMPLE_ROWS)
            .filter_map(|row| row.cells.get(index))
            .map(|cell| cell.trim())
            .filter(|cell| !cell.is_empty())
            .collect();
        let hits = cells.iter().filter(|cell| fits(cell)).count();
        !cells.is_empty() && hits * 10 >= cells.len() * 8
    };
    let looks: [(Field, Looks<'_>); 3] = [
        (Field::Status, &|cell| !matches!(State::of(cell), State::Other(_))),
        (Field::Package, &|cell| super::values::is_package(cell)),
        (Field::Email, &super::values::is_email),
    ];
    for (field, fits) in looks {
        if table.column(field).is_some() {
            continue;
        }
        let index = (0..table.header.len())
            .find(|index| matches!(table.fields.get(*index), Some(None)) && share(table, *index, fits));
        if let Some(slot) = index.and_then(|index| table.fields.get_mut(index)) {
            *slot = Some(field);
        }
    }
}

fn kind(fields: &[Option<Field>]) -> TableKind {
    let has = |field: Field| fields.contains(&Some(field));
    let has_package_column = fields
        .iter()
        .flatten()
        .any(|field| matches!(field, Field::Offer(_)));
    if has_package_column || has(Field::JabberCalling) || has(Field::JabberTeams) {
        TableKind::Import
    } else if has(Field::Status) || (has(Field::BroadworksId) && (has(Field::Package) || has(Field::Error))) {
        TableKind::Status
    } else if has(Field::Email) && (has(Field::Extension) || has(Field::Phone) || has(Field::Location)) {
        TableKind::Import
    } else {
        TableKind::Unknown
    }
}
