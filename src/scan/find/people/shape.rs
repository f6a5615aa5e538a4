//! What the full name of a person looks like, and which words are no one's name.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::scan::bytes::{at, is_alnum, part, run, skip_escape};
use crate::scan::label::squash;

/// Most words of a name that are taken.
const WORDS: usize = 4;
/// Longest word of a name.
const LONGEST: usize = 32;

/// One word, as it may stand in a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    /// `Horvat`, `Müller-Groß`, `D'Angelo`, `McDonald`.
    Name,
    /// `HORVAT`: only among its like, or with a comma behind it.
    Loud,
    /// `Dr.`, `J.`
    Short,
    /// `von`, `de`: between names.
    Particle,
    Other,
}

/// Where the full name that begins at `start` ends: two to four words that begin with a capital, none of which says what
/// something is (`Support`, `Webex`, `Error`), and no form of a company behind them; or `Horvat, Ana` alone.
pub(in crate::scan::find) fn full_name(text: &[u8], start: usize) -> Option<usize> {
    let (mut index, mut end, mut names, mut quiet, mut loud) = (start, start, 0, 0, 0);
    let mut comma = None;
    while names < WORDS {
        let close = run(text, index, LONGEST + 1, is_of_word);
        let word = part(text, index, close);
        let next = at(text, close);
        // `S.p.A.`
        let is_form = next == b'.' && word.len() == 1 && at(text, close + 1).is_ascii_lowercase();
        // A label, an address, a path or a host; and `d.o.o.`
        let goes_on = is_form
            || matches!(next, b':' | b'=' | b'@' | b'/' | b'_')
            || (next == b'\\' && is_alnum(at(text, close + 1)) && skip_escape(text, close + 1) == close + 1)
            || next.is_ascii_digit()
            || (next == b'.' && word.len() > 1 && is_alnum(at(text, close + 1)));
        let kind = if goes_on { Word::Other } else { kind(word, next) };
        if (kind == Word::Particle && names == 0) || is_no_name(word) {
            break;
        }
        match kind {
            Word::Name => quiet += 1,
            Word::Loud => loud += 1,
            Word::Short | Word::Particle => {}
            Word::Other => break,
        }
        let mut behind = close;
        if kind == Word::Short {
            behind += usize::from(next == b'.');
        }
        if kind != Word::Particle {
            names += 1;
            // A title is of the name, but no name.
            if kind != Word::Short || quiet + loud > 0 {
                end = close;
            }
        }
        // `Horvat, Ana`
        if at(text, behind) == b',' && names == 1 && comma.is_none() && kind != Word::Short {
            comma = Some(kind);
            behind += 1;
        }
        // `J.R. Smith`
        let runs_on = kind == Word::Short && at(text, behind).is_ascii_uppercase();
        if at(text, behind) != b' ' && !runs_on {
            break;
        }
        index = behind + usize::from(!runs_on);
    }
    let words = quiet + loud;
    let mixed = quiet > 0 && loud > 0 && comma != Some(Word::Loud);
    let is_name = names >= 2 && words >= 1 && end > start && !mixed && !is_company(text, end);
    (is_name && (comma.is_none() || stands_alone(text, end))).then_some(end)
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80 || matches!(byte, b'\'' | b'-')
}

/// Whether nothing of the same phrase stands behind `end`.
fn stands_alone(text: &[u8], end: usize) -> bool {
    let next = run(text, end, 2, |byte| byte == b' ');
    matches!(
        at(text, next),
        b'\n' | b'\r' | b'<' | b'(' | b';' | b'"' | b'|' | b'[' | b'\\'
    )
}

fn kind(word: &[u8], next: u8) -> Word {
    const PARTICLES: &[&[u8]] = &[
        b"von", b"van", b"vom", b"de", b"der", b"den", b"del", b"della", b"di", b"da", b"dal", b"dos", b"du",
        b"la", b"le", b"af", b"av", b"zu", b"zur", b"bin", b"al", b"el", b"y", b"e",
    ];
    if PARTICLES.contains(&word) {
        return Word::Particle;
    }
    let Some(first) = capital(word) else {
        return Word::Other;
    };
    if word.len() > LONGEST {
        return Word::Other;
    }
    let rest = part(word, first, word.len());
    let small = rest
        .iter()
        .filter(|byte| byte.is_ascii_lowercase() || **byte >= 0x80)
        .count();
    let large = rest.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    if small == 0 {
        return match rest.len() {
            0 => Word::Short,
            1 if next == b'.' => Word::Short,
            2.. => Word::Loud,
            _ => Word::Other,
        };
    }
    if next == b'.' && word.len() <= 4 && !rest.is_empty() && large == 0 && !is_end_of_name(word) {
        return Word::Short;
    }
    // `McDonald`; but `LogLevel` is no name.
    let hump = word
        .windows(2)
        .position(|pair| matches!(pair, [b'a'..=b'z', b'A'..=b'Z']));
    match hump {
        Some(hump) if !PREFIXES.contains(&part(word, 0, hump + 1)) => Word::Other,
        _ => Word::Name,
    }
}

/// What stands before a capital inside a name.
const PREFIXES: &[&[u8]] = &[
    b"Mc", b"Mac", b"De", b"Di", b"Da", b"Du", b"La", b"Le", b"Lo", b"Van", b"Von", b"Fitz",
];

/// A name of up to four letters at the end of a sentence: no title has two vowels (`Ana.`, `Ivo.`; but `Prof.`).
fn is_end_of_name(word: &[u8]) -> bool {
    let is_vowel = |byte: &&u8| {
        matches!(
            byte.to_ascii_lowercase(),
            b'a' | b'e' | b'i' | b'o' | b'u' | b'y' | 0x80..
        )
    };
    word.iter().filter(is_vowel).count() >= 2
}

/// The length of the capital letter that `word` begins with.
fn capital(word: &[u8]) -> Option<usize> {
    let first = *word.first()?;
    if first < 0x80 {
        return first.is_ascii_uppercase().then_some(1);
    }
    let second = word.get(1).copied().unwrap_or(0);
    if let (0xc3..=0xdf, 0x80..=0xbf) = (first, second) {
        let letter = std::str::from_utf8(word.get(..2)?).ok()?.chars().next()?;
        return letter.is_uppercase().then_some(2);
    }
    // Windows-1252: À to Þ, Š, Ž.
    matches!(first, 0xc0..=0xde | 0x8a | 0x8e).then_some(1)
}

/// Whether the form of a company stands behind the words that end at `end`, perhaps behind further ones.
fn is_company(text: &[u8], end: usize) -> bool {
    let mut index = end;
    for _ in 0..WORDS {
        index = run(text, index, 2, |byte| matches!(byte, b' ' | b','));
        let close = run(text, index, LONGEST, |byte| {
            is_alnum(byte) || matches!(byte, b'.' | b'-' | b'&')
        });
        let mut name = [0; LONGEST];
        let length = squash(part(text, index, close), &mut name);
        if COMPANIES.contains(part(&name, 0, length)) {
            return true;
        }
        if capital(part(text, index, close)).is_none() && at(text, index) != b'&' {
            return false;
        }
        index = close;
    }
    false
}

/// Whether a word says what something is, so that it is in no name.
fn is_no_name(word: &[u8]) -> bool {
    let mut name = [0; LONGEST];
    let length = squash(word, &mut name);
    let name = part(&name, 0, length);
    THINGS.contains(name)
        || COMPANIES.contains(name)
        || ENDINGS
            .iter()
            .any(|ending| name.len() > ending.len() + 1 && name.ends_with(ending.as_bytes()))
}

fn words(list: &'static str) -> HashSet<&'static [u8]> {
    list.split(' ').map(str::as_bytes).collect()
}

/// What no name ends with, and words for things and acts do, in the five languages.
const ENDINGS: &[&str] = &[
    "tion", "sion", "ware", "ungen", "zione", "sjon", "dienst", "server", "nummer", "adresse", "gruppe",
    "zentrale", "tjeneste", "office", "center", "works",
];

/// Forms of companies, squashed.
static COMPANIES: LazyLock<HashSet<&[u8]>> = LazyLock::new(|| {
    words(
        "ab ag as asa bv co company corp corporation dd doo ev gmbh group holding inc jdoo kg limited llc llp ltd \
     mbh nv ohg oy oyj plc sa sarl sas se snc spa srl srls ug",
    )
});

/// Words for products, things of telephony, parts of organisations and states, squashed.
static THINGS: LazyLock<HashSet<&[u8]>> = LazyLock::new(|| {
    words(
        "abteilung accept access account accounts activation active address admin administrator administrators \
     admins agent all alle amazon and android announcement anonimo anonym anonymous any apache api app apple \
     application applications apps assistant assistenza at attendant authority auto avenue aws azure backup \
     basic be benutzer bitte blocked border bot branch broadsoft broadworks broj bruker brukere building \
     business but cache call called callee caller calling calls certificate chrome cisco city click client \
     cliente clienti clients cluster code collaboration communication communications conference connection \
     content control controller cookie country critical customer customers das data database date debug \
     december default demo denied department desk desktop device devices dezember die dienstag directory \
     disabled display dns docker domain donnerstag edge email emergency empty enabled encoding enterprise \
     enterprises error errors example expired expressway extension extern external failed failure false fatal \
     fax feature features februar february file filiale firefox first floor folder for freitag friday from \
     gateway gecko general github global google grandstream group groups guest has hauptanschluss have \
     headquarters helpdesk high host hosted hostname hot html http https huawei hub id identifier if imap \
     inactive info integration intern internal invalid ipad iphone is ja jabber januar january java json juli \
     july juni kein keine key korisnici korisnik kubernetes kunde kunden kundendienst kundenservice language \
     last ldap level licence license licenses line lines linux lobby local location logged login logon logout \
     lokacija low mail mailbox main marz medium meeting meetings message messaging microsoft missing mittwoch \
     mobile monday montag mozilla mreza name names nei nein nepoznat nepoznato network networks netzwerk new \
     nginx nicht no node none not november null number numero nutzer october oder of office ok oktober old \
     open openssl operations or oracle organisation organization origin outlook package packages panasonic \
     partner password path phone phones please podrska podruznica polycom portal posluzitelj premises premium \
     presence press primary priority private privato provider provisioning proxy public queue reception \
     referer region registrar release remote request response restricted road role room root router safari \
     sample samstag samsung saturday sconosciuto secondary security sede see sent september server servera \
     servers service services servizio session shared siehe sip site skjult sluzba smtp snom softphone sonntag \
     sql ssl standard standort state status sted stotte street subject success successful sunday support svi \
     switch system tcp team teams technik tel telecom telefon telefono telekom telephone template test tests \
     that the then there these this those thursday time title tls to token tomcat trace true trunk trunks \
     trust tuesday tutti type udp ufficio ukjent unavailable unbekannt und undefined unified unknown uri url \
     user users utente utenti valid value version vertrieb virtual voice voicemail warehouse warning was web \
     webex webhook wednesday when windows with withheld xml yealink yes zoom",
    )
});

#[cfg(test)]
mod tests {
    use super::full_name;

    #[test]
    fn names_and_what_is_none() {
        for (text, name) in [
            ("Ana Horvat", "Ana Horvat"),
            ("Ana Horvat at noon", "Ana Horvat"),
            ("Ana Maria Horvat, next", "Ana Maria Horvat"),
            ("Dr. Jürgen Groß (IT)", "Dr. Jürgen Groß"),
            ("Frau Groß hat", "Frau Groß"),
            ("Ludwig van der Berg", "Ludwig van der Berg"),
            ("Luca D'Angelo", "Luca D'Angelo"),
            ("Đurđa Žagar-Babić.", "Đurđa Žagar-Babić"),
            ("J. Smith", "J. Smith"),
            ("J.R. Smith", "J.R. Smith"),
            ("John F. Smith", "John F. Smith"),
            ("Sean McDonald", "Sean McDonald"),
            ("HORVAT, Ana", "HORVAT, Ana"),
            ("Horvat, Ana <ana@example.com>", "Horvat, Ana"),
            ("ANA HORVAT", "ANA HORVAT"),
            ("Ana Horvat Phone: 1", "Ana Horvat"),
            ("Ana Horvat Webex: 1", "Ana Horvat"),
            ("Ana Ivo.", "Ana Ivo"),
        ] {
            assert_eq!(
                full_name(text.as_bytes(), 0).map(|end| &text[..end]),
                Some(name),
                "{text}"
            );
        }
        for text in [
            "Example Telecom GmbH",
            "Muster Schmidt GmbH",
            "Muster & Schmidt GmbH",
            "Primjer Mreže d.o.o.",
            "Esempio Reti S.p.A.",
            "Webex Calling",
            "Webex Support",
            "Auto Attendant",
            "Internal Error",
            "HTTP Proxy",
            "Ana",
            "Ana, please",
            "the Horvat",
            "Ana/Horvat",
            "Ana Phone: 1",
            "LogLevel Adapter",
            "Horvat, Ana called",
            "Hunt Group Sales",
            "",
        ] {
            assert_eq!(
                full_name(text.as_bytes(), 0).map(|end| &text[..end]),
                None,
                "{text}"
            );
        }
    }
}
