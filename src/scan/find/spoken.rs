//! Numbers in sentences: phone numbers, extensions and PINs that no delimiter announces.

use crate::scan::bytes::{at, before, is_alnum, is_behind_escape, is_blank, part, run, run_back};
use crate::scan::engine::Found;
use crate::scan::{Evidence, Kind};

use super::phone::{LEAST, may_be_of_number, number_end};

/// A number that stands alone: its digits begin at `start`, behind a blank or a bracket.
pub(in crate::scan) fn number(found: &mut Found<'_>, start: usize) {
    if may_be_short(found.text, start) && short(found, start) {
        return;
    }
    if !found.only_secrets {
        phone(found, start);
    }
}

/// Whether the word in front of the number at `start` may be one of those that [`short`] knows, by its last three letters:
/// nearly all numbers are done with here.
fn may_be_short(text: &[u8], start: usize) -> bool {
    if !at(text, start + 2).is_ascii_digit() {
        return false;
    }
    let letters = match start.checked_sub(4).and_then(|from| text.get(from..start)) {
        Some(&[a, b, c, _]) => [a | 0x20, b | 0x20, c | 0x20],
        // The beginning of a text.
        _ => return start == 3,
    };
    // `PIN for voicemail: 7788`
    if letters[2] == b':' {
        return at(text, start + 3).is_ascii_digit();
    }
    matches!(
        &letters,
        // PIN, and what is said of it: is, ist, lautet, je, er, è, to, auf, na, til
        b"pin" | b" is" | b"ist" | b"tet" | b" je" | b" er" | [_, 0xe3, 0xa8] | b" to" | b"auf" | b" na" | b"til"
            // ext, extn, extension, Durchwahl, Nebenstelle, Klappe, Apparat, interno, kućni broj, lokal, internnummer, DW
            | b"ext" | b"xt." | b"xtn" | b"ion" | b"ahl" | b"lle" | b"ppe" | b"rat" | b"rno" | b"roj" | b"kal" | b"mer"
            | b" dw" | [_, b'n', b'i']
    )
}

/// Words that name an extension.
const EXTENSIONS: &[&str] = &[
    "ext",
    "extn",
    "extension",
    "durchwahl",
    "dw",
    "nebenstelle",
    "klappe",
    "apparat",
    "interno",
    "kućni",
    "lokal",
    "internnummer",
];
/// Words between "PIN" and its number, and how many there may be.
const SAID: &[&str] = &[
    "is", "was", "to", "reset", "set", "changed", "now", "ist", "lautet", "wurde", "auf", "jetzt", "je",
    "glasi", "na", "sada", "er", "til", "ble", "è", "stato", "ora",
];
const VERBS: usize = 4;
/// Words in front of these that make the number some other one: an error of the server is internal in Italian, and TLS
/// and certificates have extensions.
const NO_PHONES: &[&str] = &[
    "errore",
    "tls",
    "ssl",
    "unknown",
    "file",
    "certificate",
    "x",
    "x509",
];

/// `Durchwahl 4711`, `ext. 4711`, `kućni broj 211`; `PIN 4711`, `die PIN lautet 4711`.
fn short(found: &mut Found<'_>, start: usize) -> bool {
    /// Most digits of an extension, and of a PIN.
    const MOST: [usize; 2] = [6, 16];
    let text = found.text;
    let close = run(text, start, 17, |byte| byte.is_ascii_digit());
    let next = at(text, close);
    let goes_on = matches!(next, b'.' | b',' | b':' | b'/' | b'-' | b'@') && is_alnum(at(text, close + 1));
    if is_alnum(next) || matches!(next, b'_' | b'%') || goes_on {
        return false;
    }
    let digits = close - start;
    if before(text, start - 1) == b':' {
        let is_pin = digits <= MOST[1] && is_of_pin(text, start - 2);
        if is_pin {
            found.add(start, close, Kind::Password, Evidence::Label);
        }
        return is_pin;
    }
    let mut words = Back { text, end: start };
    let mut word = words.next_word();
    let is = |list: &[&str], word: &[u8]| {
        list.iter()
            .any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
    };
    // "PIN is", "PIN was reset to", "PIN wurde auf"
    let mut is_said = false;
    for _ in 0..VERBS {
        if !is(SAID, word) {
            break;
        }
        is_said = true;
        word = words.next_word();
    }
    if word.eq_ignore_ascii_case(b"pin") {
        // Pins of a plug have smaller numbers.
        let is_pin = (4..=MOST[1]).contains(&digits);
        if is_pin {
            found.add(start, close, Kind::Password, Evidence::Label);
        }
        return is_pin;
    }
    if word == b"broj" {
        word = words.next_word();
    }
    let is_extension =
        !is_said && digits <= MOST[0] && is(EXTENSIONS, word) && !is(NO_PHONES, words.next_word());
    if is_extension && !found.only_secrets {
        found.add(start, close, Kind::Phone, Evidence::Label);
    }
    is_extension
}

/// Whether the label that ends at `end` begins with "PIN".
fn is_of_pin(text: &[u8], end: usize) -> bool {
    const LONGEST: usize = 40;
    let start = run_back(text, end, LONGEST, |byte| {
        is_alnum(byte) || matches!(byte, b' ' | b'-')
    });
    let words = part(text, start, end).trim_ascii_start();
    let mut words = words.split(|byte| !is_alnum(*byte));
    words.any(|word| word.eq_ignore_ascii_case(b"pin"))
}

/// The words of a phrase, from its end on.
struct Back<'a> {
    text: &'a [u8],
    end: usize,
}

impl<'a> Back<'a> {
    /// The word before the last one, or nothing at the beginning of the phrase.
    fn next_word(&mut self) -> &'a [u8] {
        const LONGEST: usize = 16;
        let gap = run_back(self.text, self.end, 3, |byte| {
            is_blank(byte) || matches!(byte, b'.' | b'(')
        });
        // `Voicemail-PIN`
        let gap = if gap == self.end {
            run_back(self.text, gap, 1, |byte| byte == b'-')
        } else {
            gap
        };
        let start = run_back(self.text, gap, LONGEST, is_alnum);
        self.end = start;
        part(self.text, start, gap)
    }
}

/// Words that say of the number right behind them that it is one to be dialled; in lower case.
const PHONES: &[&str] = &[
    "phone",
    "telephone",
    "telefon",
    "telefonnummer",
    "telefonnummeret",
    "tel",
    "mobile",
    "mobil",
    "mobiltelefon",
    "mobilnummer",
    "handy",
    "rufnummer",
    "telefono",
    "cellulare",
    "telefona",
    "mobitel",
    "mobitela",
    "fax",
    "telefax",
    "faks",
    "tlf",
    "mob",
    "cell",
    "gsm",
    "handynr",
    "rufnr",
];
/// Words that say of a national number (with its leading zero) in the same phrase that it was dialled.
const CALLS: &[&str] = &[
    "call",
    "called",
    "calls",
    "caller",
    "calling",
    "dial",
    "dialed",
    "dialled",
    "dialing",
    "rang",
    "anruf",
    "anrufer",
    "anrufe",
    "angerufen",
    "anrufen",
    "rief",
    "rückruf",
    "Rückruf",
    "poziv",
    "poziva",
    "pozvao",
    "nazvao",
    "nazvala",
    "zvao",
    "ringte",
    "ring",
    "ringe",
    "ringer",
    "anrop",
    "oppringning",
    "chiamata",
    "chiamato",
    "chiamate",
    "chiama",
];
/// Words between a phone word and a number that make it some other number.
const OTHERS: &[&str] = &[
    "id", "ids", "ticket", "case", "order", "session", "index", "size", "port", "count", "code", "error",
    "after", "duration", "line", "version", "build", "model", "pid", "seq",
];

/// A number without a label, in a sentence: `called 030 5550100 twice`, `Anruf von 030 5550100`, `Tel. 22 55 50 10`.
/// Its digits begin at `start`, behind a blank or a bracket.
fn phone(found: &mut Found<'_>, start: usize) {
    let text = found.text;
    // Most numbers are short, or a date.
    let head = part(text, start, start + LEAST);
    if head.len() < LEAST || !head.iter().all(|&byte| may_be_of_number(byte)) {
        return;
    }
    let zero = at(text, start) == b'0';
    let year = matches!(part(text, start, start + 2), b"19" | b"20")
        && matches!(at(text, start + 4), b'-' | b'.' | b'/');
    if year {
        return;
    }
    let (end, digits) = number_end(text, start, [LEAST, 15], b":@%=");
    if !(LEAST..=15).contains(&digits)
        // A date or a version.
        || (memchr::memchr(b'.', part(text, start, end)).is_some() && !is_american(part(text, start, end)))
    {
        return;
    }
    // `+47 22 55 50 10` was found at its sign.
    if found
        .spans
        .last()
        .is_some_and(|last| last.kind == Kind::Phone && last.end > start)
    {
        return;
    }
    let open = run_back(text, start, 1, |byte| byte == b'(');
    let number = part(text, start, end);
    if is_american(number) && !is_column(text, start, end) && !is_of_other(text, open) {
        // `1-555-010-0123`
        return found.add(open, end, Kind::Phone, Evidence::Shape);
    }
    let by_shape = is_international(number, digits) || (zero && is_national(number, digits));
    if by_shape && !is_column(text, start, end) {
        return found.add(start, end, Kind::Phone, Evidence::Shape);
    }
    if is_stroked(number, digits) && !is_column(text, start, end) && !is_of_other(text, open) {
        return found.add(start, end, Kind::Phone, Evidence::Shape);
    }
    // `333 5550199`, a mobile number of Italy.
    let mobile = digits == 10 && matches!(number, [b'3', _, _, b' ', ..]);
    // `22 55 50 10`
    let parted = mobile || digits == 8 && memchr::memchr_iter(b' ', part(text, start, end)).count() >= 2;
    if is_said_to_be_dialled(part(text, open.saturating_sub(48), open), zero || parted) {
        found.add(open, end, Kind::Phone, Evidence::Label);
    }
}

/// `0043 1 555 0177`: two zeros, a country code of one to three digits that begins with none, and groups that are not all
/// as long as the first, as those of a dump are.
fn is_international(number: &[u8], digits: usize) -> bool {
    let mut groups = number
        .split(|byte| !byte.is_ascii_digit())
        .filter(|group| !group.is_empty());
    let Some([b'0', b'0', b'1'..=b'9', code @ ..]) = groups.next() else {
        return false;
    };
    let length = code.len() + 3;
    code.len() <= 2
        && digits >= 10
        && groups.clone().count() >= 2
        && groups.any(|group| group.len() != length)
}

/// `020 7946 0018`, `0171 555 0123`: a leading zero, and three or four groups with blanks between them, as numbers are
/// written that are to be dialled; a dump has groups of one length.
fn is_national(number: &[u8], digits: usize) -> bool {
    let mut groups = number.split(|&byte| byte == b' ');
    let Some([b'0', code @ ..]) = groups.next() else {
        return false;
    };
    let length = code.len() + 1;
    let rest = groups.clone().count();
    let plain = |group: &[u8]| group.len() >= 2 && group.iter().all(u8::is_ascii_digit);
    (9..=12).contains(&digits)
        && matches!(code, [b'1'..=b'9', ..])
        && code.len() <= 4
        && (2..=3).contains(&rest)
        && groups.clone().all(plain)
        && groups.any(|group| group.len() != length)
}

/// A number of North America by its two hyphens, the first at `hyphen`, wherever it stands.
pub(in crate::scan) fn hyphens(found: &mut Found<'_>, hyphen: usize) {
    let text = found.text;
    let Some(start) = hyphen.checked_sub(3) else {
        return;
    };
    let long = part(text, start.saturating_sub(2), start) == b"1-";
    let start = if long { start - 2 } else { start };
    let end = hyphen + 9;
    let left = before(text, start);
    let goes_on = |byte: u8| is_alnum(byte) || matches!(byte, b'-' | b'_' | b'.' | b'/' | b'+' | b'=' | b'%');
    let next = at(text, end);
    let is_part = goes_on(left)
        || is_alnum(next)
        || matches!(next, b'-' | b'_')
        || (matches!(next, b'.' | b'/' | b':') && is_alnum(at(text, end + 1)));
    if !is_part && is_american(part(text, start, end)) && !is_of_other(text, start) {
        found.add(start, end, Kind::Phone, Evidence::Shape);
    }
}

/// `555-010-0123`, `1-555-010-0123`, `(555) 010-0123` (its bracket is in front), `555.010.0123`: an area, which begins with
/// neither a zero nor a one, an exchange and a line of the numbering plan of North America.
fn is_american(number: &[u8]) -> bool {
    let rest = match number {
        [b'1', b'-' | b'.' | b' ', rest @ ..] => rest.strip_prefix(b"(").unwrap_or(rest),
        _ => number,
    };
    let [area @ .., _, _, _, _, _] = rest else {
        return false;
    };
    let line = part(rest, area.len(), rest.len());
    let (area, middle, exchange) = (
        part(area, 0, 3),
        part(area, 3, area.len().saturating_sub(3)),
        part(area, area.len().saturating_sub(3), area.len()),
    );
    let all = |digits: &[u8], count: usize| digits.len() == count && digits.iter().all(u8::is_ascii_digit);
    let sign = line.first().copied().unwrap_or(0);
    let alike = matches!(
        (middle, sign),
        (b"-", b'-') | (b".", b'.') | (b") " | b")" | b")-", b'-' | b' ')
    );
    alike
        && all(area, 3)
        && !matches!(area, [b'0' | b'1', ..])
        && all(exchange, 3)
        && all(part(line, 1, 5), 4)
}

/// Whether the word in front of `start` says that the number is some other one.
fn is_of_other(text: &[u8], start: usize) -> bool {
    let end = run_back(text, start, 3, |byte| matches!(byte, b' ' | b':' | b'#' | b'.'));
    let word = part(text, run_back(text, end, 16, is_alnum), end);
    // A direct line has a number too.
    OTHERS
        .iter()
        .filter(|other| **other != "line")
        .chain(&[
            "part", "serial", "sn", "pn", "no", "nr", "sku", "revision", "rev", "artikel", "item",
        ])
        .any(|other| word.eq_ignore_ascii_case(other.as_bytes()))
}

/// `030/5550-1177`, `091/555 0177`: an area with its leading zero, a stroke, and a number in two groups.
fn is_stroked(number: &[u8], digits: usize) -> bool {
    let Some(stroke) = memchr::memchr(b'/', number).filter(|stroke| (3..=5).contains(stroke)) else {
        return false;
    };
    let groups = part(number, stroke + 1, number.len());
    let mut groups = groups.split(|byte| matches!(byte, b'-' | b' '));
    let plain = |group: &[u8]| (2..=5).contains(&group.len()) && group.iter().all(u8::is_ascii_digit);
    matches!(number, [b'0', b'1'..=b'9', ..])
        && (10..=12).contains(&digits)
        && (groups.clone().count() == 2 && groups.all(plain))
}

/// Whether other numbers stand beside this one: then it is of a table.
fn is_column(text: &[u8], start: usize, end: usize) -> bool {
    let left = run_back(text, start, 4, |byte| matches!(byte, b' ' | b'\t'));
    let right = run(text, end, 4, |byte| matches!(byte, b' ' | b'\t'));
    (left < start && before(text, left).is_ascii_digit()) || (right > end && at(text, right).is_ascii_digit())
}

/// Whether the words of `before`, from the last one on, name a phone or (with a leading zero) a call.
fn is_said_to_be_dialled(before: &[u8], zero: bool) -> bool {
    let phrase = before
        .iter()
        .rposition(|byte| {
            matches!(
                byte,
                b'\n' | b',' | b';' | b'|' | b'"' | b'=' | b']' | b'}' | b'\\'
            )
        })
        .map_or(before, |stop| {
            let from = stop + 1 + usize::from(is_behind_escape(before, stop + 2));
            part(before, from, before.len())
        });
    let mut words = phrase
        .split(|&byte| !is_alnum(byte))
        .rev()
        .filter(|word| !word.is_empty());
    let is_number = |word: &[u8]| word.iter().all(u8::is_ascii_digit);
    let is = |list: &[&str], word: &[u8]| {
        list.iter()
            .any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
    };
    let Some(last) = words.next() else { return false };
    // `T`, `M` and `F` in front of the numbers of a signature.
    if is(PHONES, last) || (zero && matches!(last, b"T" | b"M" | b"F")) {
        return true;
    }
    zero && [last]
        .into_iter()
        .chain(words)
        // "Anruf von 030 5550100 an 030 5550101"
        .filter(|word| !is_number(word))
        .take(4)
        .take_while(|word| !is(OTHERS, word) && !word.iter().any(u8::is_ascii_digit))
        .any(|word| is(PHONES, word) || is(CALLS, word))
}
