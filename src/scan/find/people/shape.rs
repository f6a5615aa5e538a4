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

/// What a name has to be at a place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::scan::find) enum Wanted {
    /// Two words at least, or `Horvat, Ana` alone.
    Full,
    /// The same, and perhaps a colon behind it, as behind who speaks.
    Speaker,
    /// One word at least: what stands in front of it says that a person is meant.
    Any,
}

/// Where the full name that begins at `start` ends: two to four words that begin with a capital, none of which says what
/// something is (`Support`, `Webex`, `Error`), and no form of a company behind them; or `Horvat, Ana` alone.
pub(in crate::scan::find) fn full_name(text: &[u8], start: usize) -> Option<usize> {
    name(text, start, Wanted::Full)
}

/// Where the name that begins at `start` ends (see [`full_name`]).
pub(in crate::scan::find) fn name(text: &[u8], start: usize, wanted: Wanted) -> Option<usize> {
    let (mut index, mut end, mut names, mut quiet, mut loud) = (start, start, 0, 0, 0);
    let mut comma = None;
    while names < WORDS {
        let close = run(text, index, LONGEST + 1, is_of_word);
        let word = part(text, index, close);
        let next = at(text, close);
        let kind = if goes_on(text, close, word, wanted) {
            Word::Other
        } else {
            kind(word, next)
        };
        if (kind == Word::Particle && names == 0) || is_no_name(word) {
            break;
        }
        match kind {
            // `Müller VPN`
            Word::Loud if wanted == Wanted::Any && quiet > 0 && word.len() < SHORTEST_LOUD => break,
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
        let may_turn = names == 1 && comma.is_none() && kind != Word::Short && wanted != Wanted::Any;
        if at(text, behind) == b',' && may_turn {
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
    let least = if wanted == Wanted::Any { 1 } else { 2 };
    let mixed = quiet > 0 && loud > 0 && comma != Some(Word::Loud) && wanted != Wanted::Any;
    let is_name = names >= least && words >= 1 && end > start && !mixed && !is_company(text, end);
    (is_name && (comma.is_none() || stands_alone(text, end))).then_some(end)
}

/// Shortest word of capitals that is taken for a name behind another.
const SHORTEST_LOUD: usize = 4;

/// Whether what ends at `close` is no word of its own: a label, an address, a path or a host, `d.o.o.` or `S.p.A.`
fn goes_on(text: &[u8], close: usize, word: &[u8], wanted: Wanted) -> bool {
    let (next, behind) = (at(text, close), at(text, close + 1));
    let speaks = wanted == Wanted::Speaker && next == b':' && behind.is_ascii_whitespace();
    let is_form = next == b'.' && word.len() == 1 && behind.is_ascii_lowercase();
    is_form
        || (matches!(next, b':' | b'=' | b'@' | b'/' | b'_') && !speaks)
        || (next == b'\\' && is_alnum(behind) && skip_escape(text, close + 1) == close + 1)
        || next.is_ascii_digit()
        || (next == b'.' && word.len() > 1 && is_alnum(behind))
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
    // `Ana Horvat, Example Telecom GmbH`; but `Smith Jones, Inc.`
    let words = if at(text, end) == b',' { 1 } else { WORDS };
    for _ in 0..words {
        index = run(text, index, 2, |byte| matches!(byte, b' ' | b','));
        let close = run(text, index, LONGEST, |byte| {
            is_alnum(byte) || matches!(byte, b'.' | b'-' | b'&')
        });
        let mut name = [0; LONGEST];
        let length = squash(part(text, index, close), &mut name);
        // "se", "as", "sa" are words as well.
        let is_word = length <= 2 && at(text, index).is_ascii_lowercase() && close - index == length;
        if COMPANIES.contains(part(&name, 0, length)) && !is_word {
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
        "abteilung accept access account accounts acd activation active activity added address admin \
     administrator administrators admins after agent agreement alert all alle also amazon and android \
     anliegen announcement anonimo anonym anonymous anruf anrufe any apache api app apple application \
     applications apps apr assistant assistenza at attendant audit aug austria authority auto avenue aw aws \
     azure backup basic be because before begin benutzer betreff bitte blocked border bot branch \
     broadsoft broadworks broj bruker brukere building business but button cache call called callee caller \
     calling calls cause certificate change changes chrome cisco city click client cliente clienti clients \
     cluster code collaboration colleagues comment comments communication communications community complete \
     completed compliance computer conference connect connected connection content control controller cookie \
     country created critical croatia croatian customer customers damen danas danke das data database date \
     debug dec december default defined deleted demo denied department description desk desktop detail \
     details deutsch device devices dezember dhcp die dienstag directory disabled disconnected display dns \
     docker domain done donnerstag edge einstellung einstellungen email emergency empty enabled encoding \
     engineering englisch enterprise enterprises error errors europe everybody everyone example \
     experience expired export expressway expressways extension extern external failed failure false fatal \
     fax feature features feb februar february fehler file filiale finance finished firefox firewall first \
     floor folder folks for found freitag fri friday friends from fw fwd gateway gecko general gerat gerate \
     germany gesendet gestern github global google grandstream grazie group groups gruss grusse \
     grussen guest guide guys has hauptanschluss have he headquarters headset helpdesk her herren heute high \
     his history host hosted hostname hot hrvatski html http https huawei hub human hvala id idag \
     identifier ieri if imap impact import inactive info integration interface intern internal internet \
     invalid ipad iphone is issue issues it italian italy its ivr ja jabber januar january java json \
     jul juli july jun juni kein keine kennwort key kolege kollegen kolleginnen konten konto kopfhorer \
     korisnici korisnik kubernetes kunde kunden kundendienst kundenservice lan language laptop last ldap \
     level licence license licenses line lines linux lobby local location logged login logon logout \
     lokacija lost low madam mail mailbox main management manager manual manuals marketing marz medium \
     meeting meetings meine meldung meldungen menu message messaging microsoft missing mittwoch mobile \
     monday montag montags mozilla mreza munchen name names nat nebenstelle nei nein nepoznat \
     nepoznato network networks netzwerk new nginx nicht niederlassung no node none norsk norway norwegian \
     not note notebook notes notice nov november null number numero nutzer oct october oder of office oggi ok \
     oktober old only open openssl operations option options or oracle organisation organization origin our \
     outlook package packages panasonic partner password passwort path pbx pc permission permissions \
     phone phones please podrska podruznica polycom portal poslano poslovnica posluzitelj premises premium \
     presence press primary priority private privato privilege privileges problem probleme profil profile \
     provider provisioning proxy public quality queue re reception rechner rechte referer refused regards \
     region registrar release remote removed report reports request reset resolution resources response \
     restricted road role rolle rollen room root router rufnummer rufnummern safari sales sample samstag \
     samsung sat saturday sbc sconosciuto secondary security sede see sent sep september server servera \
     servers service services servizio session setting settings severity shared she shutdown siehe since sip \
     sir sirs site skjult sluzba smtp snom softphone sonntag sql ssl standard standort start started startup \
     state status sted step steps stop stopped stotte street subject success successful summary sunday \
     support sutra svi svima switch sync synchronization system tab tabs takk tcp team teams technical \
     technik tel telecom telefon telefone telefono telekom telephone template termin test tests thank thanks \
     that the their then there these they this those thu thursday ticket tickets time timeout title tls to \
     today token tomcat tomorrow total trace true trunk trunks trust tue tuesday tutti type udp ufficio uhr \
     ukjent unavailable unbekannt und undefined unified unknown unless until update updated updates uri url \
     user users utente utenti valid value version vertrieb verwaltung view virtual voice voicemail vpn \
     warehouse warning was we web webex webhook wed wednesday wg when while wien wifi windows with withheld \
     wlan workaround world xml yealink yes yesterday you your zagreb zeit zentrale zoom zugriff",
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
            ("Ana Horvat se javila", "Ana Horvat"),
            ("Ana Horvat, Example Telecom GmbH", "Ana Horvat"),
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
            "Primjer Mreže d.d.",
            "Eksempel Nett AS",
            "Smith Jones, Inc.",
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
