//! One find next to another: every ordered pair of realistic values with every separator between them.
//!
//! The redactor once gave a phone number up because a date ran into it: what stands beside a value must decide neither
//! whether it is found nor how far it reaches.

#![allow(clippy::print_stdout, reason = "the counts are what the test is for")]

use super::{redact, redactor};
use crate::redact::Redactor;

/// The sorts, three values each. `«…»` is personal or secret and must go, `‹…›` is evidence and must stay byte for byte;
/// `⏎` is a line feed.
const SORTS: &str = include_str!("neighbours.txt");

/// Sorts whose bare value goes on to the next blank: a password may hold any other sign, and so may a Call-ID.
const OPEN: &[&str] = &[
    "password",
    "password of a command",
    "password in a sentence",
    "access token",
    "cookie",
    "bearer token",
    "basic",
    "signed URL",
    "Call-ID",
];
/// Sorts with colons between hexadecimal digits.
const COLONS: &[&str] = &["IPv6", "MAC", "fingerprint"];

/// Whether evidence behind this value and separator is a part of the value: a bare secret takes what runs into it.
fn takes_all(first: &Value, separator: &str) -> bool {
    OPEN.contains(&first.sort) && !separator.contains([' ', '\t', '\n'])
}

/// Whether the two are one value of hexadecimal digits and colons: nobody can tell where the first ends.
fn is_one(first: &Value, separator: &str, second: &Value) -> bool {
    let hex = |text: Option<char>| text.is_some_and(|c| c.is_ascii_hexdigit());
    separator == ":"
        && (COLONS.contains(&first.sort) || COLONS.contains(&second.sort))
        && hex(first.text.chars().last())
        && hex(second.text.chars().next())
}

/// Whether the two are one word: neither ends nor begins with a sign that delimits it.
fn run_together(first: &Value, second: &Value) -> bool {
    let delimits = |edge: Option<char>| edge.is_some_and(|edge| "\"<>{}[]".contains(edge));
    !delimits(first.text.chars().last()) && !delimits(second.text.chars().next())
}

/// Between the pairs, so that none is another's neighbour.
const BREAK: &str = "\n\n~~~\n\n";

const SEPARATORS: &[&str] = &[
    " ", ", ", ";", "|", "\t", "\n", "\r\n", "/", " - ", "(", ")", "[", "]", "<", ">", "\"", "'", "=", ":",
    "&", "#", " -> ", "\\n", "",
];

/// A value without its marks.
struct Value {
    sort: &'static str,
    text: String,
    gone: Vec<String>,
    stays: Vec<String>,
}

impl Value {
    /// All three of each sort.
    fn all() -> Vec<[Self; 3]> {
        let sort = |block: &'static str| {
            let mut lines = block.lines();
            let name = lines.next().unwrap();
            [(); 3].map(|()| Self::new(name, &lines.next().unwrap().replace('⏎', "\n")))
        };
        SORTS.split("# ").skip(1).map(sort).collect()
    }

    fn new(sort: &'static str, marked: &str) -> Self {
        let parts = |open: char, close: char| {
            marked
                .split(open)
                .skip(1)
                .filter_map(|part| part.split_once(close).map(|(inside, _)| inside.to_owned()))
                .collect()
        };
        Self {
            sort,
            gone: parts('«', '»'),
            stays: parts('‹', '›'),
            text: marked.replace(['«', '»', '‹', '›'], ""),
        }
    }
}

#[derive(Default)]
struct Tally {
    pairs: usize,
    gone: usize,
    stays: usize,
    missed: Vec<String>,
}

impl Tally {
    /// Redacts the pairs as blocks of one text, twice.
    fn look(&mut self, redactor: &Redactor, pairs: &[(&Value, &str, &Value)]) {
        let inputs: Vec<String> = pairs
            .iter()
            .map(|(first, separator, second)| format!("{}{separator}{}", first.text, second.text))
            .collect();
        let once = redact(redactor, format!("{BREAK}{}", inputs.join(BREAK)).as_bytes());
        let twice = redact(redactor, &once);
        let (once, twice) = (String::from_utf8_lossy(&once), String::from_utf8_lossy(&twice));
        let outputs = once.split(BREAK).skip(1).zip(twice.split(BREAK).skip(1));
        let count = outputs.clone().count();
        assert_eq!(count, pairs.len(), "a block took the next: {once}");
        for (((first, separator, second), input), (once, twice)) in pairs.iter().zip(&inputs).zip(outputs) {
            self.pairs += 1;
            let mut miss = |what: &str, part: &str, value: &Value| {
                self.missed.push(format!(
                    "{what} {part:?} of {}: {input:?}\n    {once:?}\n    {twice:?}",
                    value.sort
                ));
            };
            for value in [first, second] {
                for part in value.gone.iter().filter(|part| once.contains(part.as_str())) {
                    miss("leaks", part, value);
                }
                let is_taken = std::ptr::eq(value, second) && takes_all(first, separator);
                for part in value
                    .stays
                    .iter()
                    .filter(|part| !is_taken && !once.contains(part.as_str()))
                {
                    miss("loses", part, value);
                }
                self.gone += value.gone.len();
                self.stays += if is_taken { 0 } else { value.stays.len() };
            }
            if once != twice {
                miss("changes when redacted twice", "", first);
            }
        }
    }
}

#[test]
fn neighbours() {
    let values = Value::all();
    let redactor = redactor();
    let mut tally = Tally::default();
    for (row, first) in values.iter().enumerate() {
        for (column, second) in values.iter().enumerate() {
            let mut pairs = Vec::new();
            for (place, separator) in SEPARATORS.iter().enumerate() {
                for turn in 0..3 {
                    // All three values of each sort take long without optimisation: there they take turns.
                    if cfg!(debug_assertions) && turn != (row + column + place) % 3 {
                        continue;
                    }
                    let (one, two) = (&first[turn], &second[(turn + 1) % 3]);
                    if !(is_one(one, separator, two) || separator.is_empty() && run_together(one, two)) {
                        pairs.push((one, *separator, two));
                    }
                }
            }
            tally.look(&redactor, &pairs);
        }
    }
    println!(
        "{} pairs: {} values that must go, {} that must stay, {} misses",
        tally.pairs,
        tally.gone,
        tally.stays,
        tally.missed.len()
    );
    tally.missed.truncate(20);
    assert!(tally.missed.is_empty(), "{}", tally.missed.join("\n"));
}
