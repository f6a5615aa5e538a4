//! Tables: the header names the column, and the label of a value is megabytes away from it.
//!
//! What a header cell means is asked of the scan, by scanning it as a label in front of made-up values; so the words
//! of all languages are those of the scan.

use std::ops::Range;

use super::token;
use crate::scan::{self, Evidence, Kind};

/// The longest first line that is taken for a header.
const HEADER: usize = 4 * 1024;
/// The most columns.
const COLUMNS: usize = 256;
/// Values that no real one is, one of each shape that a label may ask for.
const PROBES: [&str; 4] = ["Zhqvar", "030 5550100", "5512", "zhqvar7"];

/// A name that nobody has, of two words.
const PERSON: &str = "Zhqvar Zhqvoa";

/// A table that a text begins with.
#[derive(Debug)]
pub(super) struct Table {
    delimiter: u8,
    /// What each column holds, where it matters.
    columns: Vec<Option<Column>>,
    /// Where the rows begin.
    rows: usize,
}

impl Table {
    /// The table that `text` begins with, if its first line names at least one column that matters.
    pub(super) fn of(text: &[u8]) -> Option<Self> {
        let end = memchr::memchr(b'\n', text.get(..text.len().min(HEADER))?)?;
        let line = text[..end].strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text[..end]);
        let start = end - line.len();
        let delimiter = delimiter(line)?;
        // What names columns holds no values, nor what became of them.
        if is_sentence(line, delimiter) || !scan::spans(line).is_empty() || token::contains(line) {
            return None;
        }
        let columns: Vec<Option<Column>> = cells(text, start..end, delimiter)
            .into_iter()
            .map(|cell| meaning(&text[cell]))
            .collect();
        columns.iter().any(Option::is_some).then_some(Self {
            delimiter,
            columns,
            rows: end + 1,
        })
    }

    /// Values in the columns that matter, of rows with as many cells as the header.
    pub(super) fn values(&self, text: &[u8]) -> Vec<(Range<usize>, Kind)> {
        self.values_from(text, self.rows)
    }

    /// The same of a later piece of the table, whose first whole row begins at `start`.
    pub(super) fn values_from(&self, text: &[u8], mut start: usize) -> Vec<(Range<usize>, Kind)> {
        let mut found = Vec::new();
        while start < text.len() {
            let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |at| start + at);
            let cells = cells(text, start..end, self.delimiter);
            if cells.len() == self.columns.len() {
                for (cell, column) in cells.into_iter().zip(&self.columns) {
                    let value = &text[cell.clone()];
                    let kind = match column {
                        Some(Column::All(kind)) => Some(*kind),
                        Some(Column::Somebody) => probe(SOMEBODY, value),
                        None => None,
                    };
                    if let Some(kind) = kind.filter(|kind| is_value(*kind, value)) {
                        found.push((cell, kind));
                    }
                }
            }
            start = end + 1;
        }
        found
    }
}

/// A line of a text, whose commas are no ends of cells: it ends with a full stop behind several words, which the name
/// of a column does not (`Phone No.`).
fn is_sentence(line: &[u8], delimiter: u8) -> bool {
    let last = line.rsplit(|byte| *byte == delimiter).next().unwrap_or_default();
    let words = last
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    line.trim_ascii_end().ends_with(b".") && words.count() > 4
}

/// The sign between cells: the most frequent one; a header has at least two columns.
fn delimiter(line: &[u8]) -> Option<u8> {
    [b'\t', b';', b',', b'|']
        .into_iter()
        .map(|sign| (memchr::memchr_iter(sign, line).count(), sign))
        .max_by_key(|(count, _)| *count)
        .filter(|(count, _)| (1..COLUMNS).contains(count))
        .map(|(_, sign)| sign)
}

/// The cells of a line without their quotes and the blanks around them.
fn cells(text: &[u8], line: Range<usize>, delimiter: u8) -> Vec<Range<usize>> {
    let mut cells = Vec::new();
    let mut start = line.start;
    let mut quoted = false;
    for at in line.clone() {
        match text[at] {
            b'"' => quoted = !quoted,
            sign if sign == delimiter && !quoted => {
                cells.push(inner(text, start..at));
                start = at + 1;
                if cells.len() >= COLUMNS {
                    return Vec::new();
                }
            }
            _ => {}
        }
    }
    cells.push(inner(text, start..line.end));
    cells
}

fn inner(text: &[u8], cell: Range<usize>) -> Range<usize> {
    let (mut start, mut end) = (cell.start, cell.end);
    while start < end && (text[start].is_ascii_whitespace() || text[start] == b'"') {
        start += 1;
    }
    while start < end && (text[end - 1].is_ascii_whitespace() || text[end - 1] == b'"') {
        end -= 1;
    }
    start..end
}

/// What a header cell says of its column.
#[derive(Debug, Clone, Copy)]
enum Column {
    /// All its values are of this kind.
    All(Kind),
    /// Some name a person (`Name`, `User`): their shape decides.
    Somebody,
}

/// A label behind which a name is one if it looks so.
const SOMEBODY: &[u8] = b"Contact";

fn meaning(cell: &[u8]) -> Option<Column> {
    if cell.is_empty() || cell.len() > 80 || !cell.iter().any(u8::is_ascii_alphabetic) {
        return None;
    }
    let all = || PROBES.iter().find_map(|value| probe(cell, value.as_bytes()));
    let [name, ..] = PROBES;
    if probe(cell, PERSON.as_bytes()).is_some() && probe(cell, name.as_bytes()).is_none() {
        return Some(Column::Somebody);
    }
    all().map(Column::All)
}

/// What the scan finds in `value` behind the label `label`, when that is all of it.
fn probe(label: &[u8], value: &[u8]) -> Option<Kind> {
    let text = [label, b": ", value].concat();
    let start = label.len() + 2;
    scan::spans(&text)
        .into_iter()
        .find(|span| span.evidence == Evidence::Label && span.start == start && span.end == text.len())
        .map(|span| span.kind)
}

/// Whether a cell holds a value of its column's kind, and not a word that only says that there is none.
fn is_value(kind: Kind, cell: &[u8]) -> bool {
    const NONE: &[&str] = &[
        "true", "false", "yes", "no", "null", "none", "n/a", "ja", "nein", "nei", "da", "ne", "si", "sì",
    ];
    let letters = cell
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic() || **byte >= 0x80)
        .count();
    let digits = cell.iter().filter(|byte| byte.is_ascii_digit()).count();
    let says_none = NONE.iter().any(|word| cell.eq_ignore_ascii_case(word.as_bytes()));
    cell.len() <= 512
        && !says_none
        && match kind {
            Kind::PersonName => letters >= 1,
            Kind::Phone => digits >= 3,
            _ => letters + digits >= 1,
        }
}

#[cfg(test)]
mod tests {
    use super::Table;
    use crate::scan::Kind;

    fn values(text: &str) -> Vec<(&str, Kind)> {
        let Some(table) = Table::of(text.as_bytes()) else {
            return Vec::new();
        };
        table
            .values(text.as_bytes())
            .into_iter()
            .map(|(range, kind)| (&text[range], kind))
            .collect()
    }

    #[test]
    fn columns_of_exports() {
        let text = "\u{feff}First Name,Last Name,E-mail,Phone number,Location,Password\r\n\
            Vesna,\"Horvat, dr.\",vesna@example.com,+385 1 555 0100,Zagreb,Geheim-77\r\n\
            a row with another count\r\n";
        let found = values(text);
        assert!(found.contains(&("Vesna", Kind::PersonName)), "{found:?}");
        assert!(found.contains(&("Horvat, dr.", Kind::PersonName)), "{found:?}");
        assert!(found.contains(&("+385 1 555 0100", Kind::Phone)), "{found:?}");
        assert!(found.contains(&("Geheim-77", Kind::Password)), "{found:?}");
        assert!(found.iter().all(|(value, _)| *value != "Zagreb"), "{found:?}");
    }

    #[test]
    fn columns_in_other_languages() {
        for text in [
            "Vorname;Nachname;Telefon\nJörg;Müßig;030 5550100\n",
            "Ime\tPrezime\tTelefon\nĐurđa\tŽagar\t01 5550 100\n",
            "Fornavn;Etternavn;Telefon\nÅse;Ødegård;22 55 50 10\n",
            "Nome;Cognome;Telefono\nNicolò;D'Angelo;06 5550 0100\n",
        ] {
            let kinds: Vec<Kind> = values(text).into_iter().map(|(_, kind)| kind).collect();
            assert_eq!(kinds, [Kind::PersonName, Kind::PersonName, Kind::Phone], "{text}");
        }
    }

    #[test]
    fn a_column_that_may_name_anything() {
        let found =
            values("Name,Type,Number\nAna Horvat,User,1\nMain Office,Location,2\nHunt Group Sales,Queue,3\n");
        assert_eq!(found, [("Ana Horvat", Kind::PersonName)]);
    }

    #[test]
    fn ordinary_lines_are_no_header() {
        assert!(Table::of(b"chiamato dal 06 5555 0188, codice PIN 9087\nChiamante: Ana, Luigi\n").is_none());
        assert!(Table::of(b"2026-01-01, started, ok\nAna, Ivo, Iva\n").is_none());
        let sentence = b"Partner Hub, the template, Show User Status: search the BroadWorks ID.\nIf not, delete it, then go on\n";
        assert!(Table::of(sentence).is_none());
        assert!(Table::of(b"First Name;Last Name;Phone No.\nAna;Ivic;01 5550 100\n").is_some());
        assert!(Table::of(b"").is_none());
        assert!(Table::of(b"no line end, at all").is_none());
    }
}
