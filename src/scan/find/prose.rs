//! Names in prose, which no delimiter announces: behind a title or a word for a person, at the foot of a letter and at
//! its head.

use crate::scan::bytes::{at, before, is_alnum, part, run, run_back};
use crate::scan::engine::Found;
use crate::scan::label::squash;
use crate::scan::{Evidence, Kind};

use super::people::{Wanted, full_name, name};

/// Longest word that is compared.
const LONGEST: usize = 24;

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

/// The word around `start..end`, and whether it is one of `list` (squashed, separated by blanks).
fn word_of(text: &[u8], start: usize, end: usize, list: &str) -> Option<(usize, usize)> {
    // What was looked for may have a line feed or a blank at its edge.
    let start = run(text, start, end - start, |byte| !is_letter(byte));
    let end = run_back(text, end, end - start, |byte| !is_letter(byte));
    let from = run_back(text, start, LONGEST, is_letter);
    let to = run(text, end, LONGEST, is_letter);
    let mut word = [0; LONGEST];
    let length = squash(part(text, from, to), &mut word);
    let word = part(&word, 0, length);
    let known = !word.is_empty()
        && list
            .split_ascii_whitespace()
            .any(|known| known.as_bytes() == word);
    (known && !matches!(before(text, from), b'_' | b'.' | b'/' | b'-' | b'@' | b'\\')).then_some((from, to))
}

/// Titles, squashed.
const TITLES: &str = "herr herrn frau fru mr mrs ms miss sig signor signora signore signorina gospodin gospodina \
    gospodinu gospodinom gospoda gospode gospodi gospodu gospodo gospodom gosp gda gde gdi gdu";

/// `Herr Müller`, `Mrs. Smith`, `gđa Marić`: the name behind a title, a part of which spans `start..end`.
pub(in crate::scan) fn title(found: &mut Found<'_>, start: usize, end: usize) {
    let text = found.text;
    let Some((_, to)) = word_of(text, start, end, TITLES) else {
        return;
    };
    behind_title(found, to);
}

fn behind_title(found: &mut Found<'_>, end: usize) {
    let text = found.text;
    let mut from = end;
    // `Sig.ra`, `Sig.na`
    if matches!(part(text, from, from + 3), b".ra" | b".na") {
        from += 3;
    }
    from += usize::from(at(text, from) == b'.');
    if at(text, from) != b' ' {
        return;
    }
    if let Some(close) = name(text, from + 1, Wanted::Any) {
        found.add(from + 1, close, Kind::PersonName, Evidence::Label);
    }
}

/// `Mr Smith`, `Hi Ana,` at the very beginning of a text, where no line feed stands in front of them.
pub(in crate::scan) fn beginning(found: &mut Found<'_>) {
    let end = run(found.text, 0, 4, is_letter);
    match part(found.text, 0, end) {
        b"Mr" | b"Ms" => title(found, 0, end),
        b"Hi" | b"Hei" => opening(found, 0, end),
        _ => {}
    }
}

/// Whether a title begins at `start`.
pub(super) fn is_title(text: &[u8], start: usize) -> bool {
    let end = run(text, start, LONGEST, is_letter);
    end > start && word_of(text, start, end, TITLES).is_some()
}

/// Words for a person in front of whose name no delimiter stands, squashed, as they are inflected.
const ROLES: &str = "user benutzer benutzerin benutzers nutzer nutzerin anwender anwenderin korisnik korisnika korisniku \
    korisnikom korisnica korisnice korisnici korisnicu korisnicom bruker brukeren utente anrufer anruferin anrufers caller \
    kollege kollegin kollegen kollega kollegaen kolega kolege kolegi kolegu kolegica kolegice kolegici kolegicu collega \
    colleague contact kontakt contatto ansprechpartner ansprechpartnerin teilnehmer teilnehmerin mitarbeiter mitarbeiterin \
    employee zaposlenik zaposlenica zaposlenika zaposlenice ansatt ansatte dipendente pozivatelj pozivatelja \
    pozivateljica pozivateljice innringer innringeren chiamante subscriber";

/// `user Ana Horvat cannot log in`, `Anrufer Thomas Müller`: the full name behind a word for a person, a part of which spans
/// `start..end`.
pub(in crate::scan) fn role(found: &mut Found<'_>, start: usize, end: usize) {
    let text = found.text;
    // Nearly all that such a word begins goes on: `userId`, `username=`, `users`.
    let end = end - usize::from(before(text, end) == b' ');
    let to = run(text, end, LONGEST, is_letter);
    if at(text, to) != b' ' {
        return;
    }
    let quote = at(text, to + 1);
    let from = to + 1 + usize::from(matches!(quote, b'"' | b'\''));
    if !is_letter(at(text, from)) || at(text, from).is_ascii_lowercase() {
        return;
    }
    if word_of(text, start, end, ROLES).is_none() {
        return;
    }
    let Some(close) = full_name(text, from) else {
        return;
    };
    // An apostrophe may be of a name, and was read with it.
    let close = close - usize::from(before(text, close) == b'\'');
    if from == to + 1 || at(text, close) == quote {
        found.add(from, close, Kind::PersonName, Evidence::Label);
    }
}

/// `my name is Ana Horvat`; the words end before `end`.
pub(in crate::scan) fn named(found: &mut Found<'_>, end: usize) {
    if let Some(close) = name(found.text, end, Wanted::Any) {
        found.add(end, close, Kind::PersonName, Evidence::Label);
    }
}

/// What a letter ends with, squashed; and what may be a part of a sentence or a title as well.
const CLOSINGS: &str = "regards sincerely freundlichen freundlichem freundliche grusse grussen gruss grussli hilsen saluti \
    pozdrav postovanjem stovanjem mfg mvh";
const THANKS: &str = "thanks thank cheers best beste br lg vg danke grazie hvala takk";

/// The name below `Best regards,`, `Mit freundlichen Grüßen`, `Lijep pozdrav`; a part of one word of that spans `start..end`.
pub(in crate::scan) fn closing(found: &mut Found<'_>, start: usize, end: usize) {
    let text = found.text;
    let Some((from, to)) = word_of(text, start, end, CLOSINGS).or_else(|| word_of(text, start, end, THANKS))
    else {
        return;
    };
    // `Thanks in advance`, `Grüßen aus Zürich,`; but `Best Practices` is a heading.
    let is_greeting = part(text, from, from + 2).eq_ignore_ascii_case(b"gr");
    let is_of_phrase = |byte: u8| {
        let capital = matches!(byte, b'G' | b'R') || (is_greeting && byte.is_ascii_uppercase());
        byte.is_ascii_lowercase() || byte >= 0x80 || byte == b' ' || capital
    };
    let close = run(text, to, 32, is_of_phrase);
    let close = run_back(text, close, 32, |byte| byte == b' ').max(to);
    let sign = run(text, close, 2, |byte| matches!(byte, b',' | b'.' | b'!' | b'-'));
    if let Some(line) = next_line(text, sign) {
        return signed(found, line);
    }
    // `LG, Thomas`
    let next = run(text, sign, 2, |byte| byte == b' ');
    if sign > close && next > sign {
        alone(found, next, Wanted::Any);
    }
}

/// `-- ` on a line of its own: a signature follows (RFC 3676 section 4.3).
pub(in crate::scan) fn signature(found: &mut Found<'_>, start: usize) {
    let text = found.text;
    let begins = matches!(before(text, start), b'\n') || part(text, start.saturating_sub(2), start) == b"> ";
    if begins && let Some(line) = next_line(text, start + 2) {
        alone(found, line, Wanted::Full);
    }
}

/// Where the next line with anything on it begins, when nothing else stands on this one: at most two are empty. Lines may
/// be quoted, broken by escapes or by HTML.
fn next_line(text: &[u8], end: usize) -> Option<usize> {
    const BREAKS: &[&[u8]] = &[
        b"\\r\\n",
        b"\\n",
        b"<br>",
        b"<br/>",
        b"<br />",
        b"</p><p>",
        b"</div><div>",
    ];
    let (mut index, mut lines) = (end, 0);
    loop {
        index = run(text, index, 8, |byte| {
            matches!(byte, b' ' | b'\t' | b'\r' | b'>' | b'*' | b'_')
        });
        if index >= text.len() || lines > 3 {
            return None;
        }
        if at(text, index) == b'\n' {
            (index, lines) = (index + 1, lines + 1);
        } else if let Some(mark) = BREAKS
            .iter()
            .find(|mark| part(text, index, index + mark.len()) == **mark)
        {
            (index, lines) = (index + mark.len(), lines + 1);
        } else {
            return (lines > 0).then_some(index);
        }
    }
}

/// Who signs on the line that begins at `start`.
fn signed(found: &mut Found<'_>, start: usize) {
    /// "for", "on behalf of"
    const FOR: &[&[u8]] = &[b"i. A. ", b"i.A. ", b"i. V. ", b"i.V. ", b"gez. ", b"ppa. "];
    let text = found.text;
    let lead = FOR
        .iter()
        .find(|lead| part(text, start, start + lead.len()) == **lead);
    let start = start + lead.map_or(0, |lead| lead.len());
    match full_name(text, start) {
        Some(close) => found.add(start, close, Kind::PersonName, Evidence::Label),
        None => alone(found, start, Wanted::Any),
    }
}

/// A name at `start` with nothing of the same line behind it but what is set apart.
fn alone(found: &mut Found<'_>, start: usize, wanted: Wanted) {
    let text = found.text;
    let Some(close) = name(text, start, wanted) else {
        return;
    };
    let next = run(text, close, 8, |byte| {
        matches!(byte, b' ' | b'*' | b'_' | b'.' | b'!')
    });
    if matches!(
        at(text, next),
        b'\n' | b'\r' | b',' | b'|' | b'(' | b'<' | b'"' | b'\\'
    ) {
        found.add(start, close, Kind::PersonName, Evidence::Label);
    }
}

/// How a letter begins, squashed.
const OPENINGS: &str = "hi hello hallo hei hey dear liebe lieber kjaere gentile ciao bok draga dragi postovani postovana \
    caro cara egregio";

/// `Hi Ana,`, `Lieber Thomas!` at the beginning of a line; a part of the first word spans `start..end`.
pub(in crate::scan) fn opening(found: &mut Found<'_>, start: usize, end: usize) {
    let text = found.text;
    let Some((from, to)) = word_of(text, start, end, OPENINGS) else {
        // `S poštovanjem`
        return closing(found, start, end);
    };
    let lead = run_back(text, from, 8, |byte| matches!(byte, b' ' | b'>' | b'\t'));
    let begins =
        matches!(before(text, lead), b'\n' | b'"') || part(text, lead.saturating_sub(2), lead) == b"\\n";
    if !begins || at(text, to) != b' ' || is_alnum(before(text, from)) {
        return;
    }
    let Some(close) = name(text, to + 1, Wanted::Any) else {
        return;
    };
    if matches!(at(text, close), b',' | b'!' | b'\n' | b'\r') {
        found.add(to + 1, close, Kind::PersonName, Evidence::Label);
    }
}
