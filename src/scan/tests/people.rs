//! Names, numbers and PINs behind words that say little by themselves, in five languages.

use super::{of, only};
use crate::scan::Kind;

#[test]
fn names_behind_labels_that_may_name_anything() {
    for label in [
        "Contact:",
        "Caller:",
        "Called by",
        "Called by:",
        "Customer contact:",
        "Reported by:",
        "User:",
        "Name:",
        "From:",
        "Ansprechpartner:",
        "Anrufer:",
        "Kontakt:",
        "Benutzer:",
        "Von:",
        "Pozivatelj:",
        "Korisnik:",
        "Od:",
        "Innringer:",
        "Bruker:",
        "Fra:",
        "Chiamante:",
        "Referente:",
        "Utente:",
        "\"caller\": \"",
        "caller=",
        "<contact>",
    ] {
        for name in [
            "Ana Horvat",
            "Luca D'Angelo",
            "Jürgen von Groß",
            "Đurđa Žagar-Babić",
            "Dr. Åse Dahl",
        ] {
            let close = match label.as_bytes() {
                [.., b'"'] => "\",",
                [b'<', ..] => "</contact>",
                _ => " ",
            };
            let blank = if label.ends_with([':', 'y']) { " " } else { "" };
            only(
                Kind::PersonName,
                &format!("x\n{label}{blank}{name}{close}"),
                &[name],
            );
        }
    }
    for (text, names) in [
        (
            "To: Ana Horvat; Ivo Ivić, Horvat, Ana",
            &["Ana Horvat", "Ivo Ivić", "Horvat, Ana"][..],
        ),
        (
            "Cc: Dr. Markus Weiß; Tim Schröder\n",
            &["Dr. Markus Weiß", "Tim Schröder"],
        ),
        ("Name: Ana Horvat Phone: 030", &["Ana Horvat"]),
        ("User name: Ana Horvat, x", &["Ana Horvat"]),
        ("To: Service Desk; Horvat, Ana\n", &["Horvat, Ana"]),
        (
            "{\\\"caller\\\":{\\\"name\\\":\\\"Per Olsen\\\"}}",
            &["Per Olsen"],
        ),
        (
            "192.0.2.17 - ana.horvat [22/Nov/2026:07:24:25 +0100] \"GET /",
            &["ana.horvat"],
        ),
    ] {
        only(Kind::PersonName, text, names);
    }
}

#[test]
fn what_is_nobodys_name() {
    for text in [
        "Contact: Example Telecom GmbH",
        "Contact: Primjer Mreže d.o.o.",
        "Contact: https://support.example.com",
        "Contact: Webex Support",
        "Contact: <sip:5008@192.0.2.1>",
        "Caller: Auto Attendant",
        "Caller: unknown",
        "Caller: +49 30 5550100",
        "Name: Webex Calling",
        "\"name\": \"Accept-Language\"",
        "\"name\": \"Hunt Group Sales\"",
        "Name: kafka-consumer-1",
        "User: Internal Error",
        "User: NT AUTHORITY\\SYSTEM",
        "From: 2026-01-02 07:00",
        "signed by Example Root",
        "closed by Webex Support",
        "to: failed",
        "192.0.2.17 - - [22/Nov/2026:07:24:25 +0100] \"GET /",
    ] {
        only(Kind::PersonName, text, &[]);
    }
    // A label that says so needs no second word.
    only(Kind::PersonName, "Ansprechpartner: Groß", &["Groß"]);
}

#[test]
fn pins_and_extensions() {
    for (text, pin) in [
        ("PIN: 4711", "4711"),
        ("PIN 4711", "4711"),
        ("Voicemail-PIN 4711,", "4711"),
        ("die PIN lautet 471100.", "471100"),
        ("the PIN was reset to 4711", "4711"),
        ("PIN-kode: 4711", "4711"),
        ("PIN je 4711", "4711"),
    ] {
        only(Kind::Password, text, &[pin]);
    }
    for text in [
        "pin 12 of the plug",
        "PINs 4711",
        "ping 4711",
        "spin 47110",
        "PIN expires 2026",
    ] {
        only(Kind::Password, text, &[]);
    }
    for (text, number) in [
        ("Durchwahl 4711", "4711"),
        ("ext. 4711", "4711"),
        ("Ext 4711 rings", "4711"),
        ("extension 4711 not registered", "4711"),
        ("(interno 4711)", "4711"),
        ("kućni broj 211", "211"),
        ("internnummer 4711.", "4711"),
        ("Nebenstelle 211", "211"),
    ] {
        only(Kind::Phone, text, &[number]);
    }
    for text in [
        "Errore interno 5001",
        "errore interno: 5001",
        "TLS extension 65281",
        "unknown extension 17513",
        "text 4711",
        "next 4711",
        "extension 1.2.3",
        "extension 10:30",
    ] {
        only(Kind::Phone, text, &[]);
    }
    assert_eq!(of(Kind::ErrorCode, "Errore interno: 5001"), ["5001"]);
}

#[test]
fn numbers_with_an_international_prefix() {
    for (text, number) in [
        ("Nummer: 0043 1 5550100", "0043 1 5550100"),
        ("Broj: 0038515550100", "0038515550100"),
        ("Anrufer: 004315550100", "004315550100"),
        ("Contact: 030 5550100", "030 5550100"),
        ("Caller: 4711", "4711"),
        ("ruf mich an: 0043 1 555 0177", "0043 1 555 0177"),
        ("My direct line is 020 7946 0444.", "020 7946 0444"),
        ("Ivan Horvat (099 555 0166)", "099 555 0166"),
        ("til +47 22 55 50 20 feilet", "+47 22 55 50 20"),
        ("+4930555010192.0.2.17", "+4930555010192.0.2.17"),
    ] {
        only(Kind::Phone, text, &[number]);
    }
    for text in [
        "number: 12345678901",
        "Nummer: 0012",
        "0010 0020 0030 0040",
        "0043 0044 0045 0046",
        "12 0043 456 7890",
        "0012 3456 7890 1234",
        "caller: 2026-01-02 07:00",
        "user: 5008",
        "from: 192.0.2.17",
    ] {
        only(Kind::Phone, text, &[]);
    }
}

#[test]
fn names_in_front_of_addresses() {
    for (lead, name, tail) in [
        ("", "Ana Horvat", " schrieb:"),
        ("On Mon, Nov 2, 2026 at 10:00 AM ", "Ana Horvat", " wrote:"),
        ("Am 02.11.2026 um 10:00 schrieb ", "Jörg Müßig", ":"),
        ("Dana 2. 11. 2026. korisnica ", "Đurđa Žagar", " napisala je:"),
        ("Il giorno lun 2 nov 2026 ", "Nicolò D'Angelo", " ha scritto:"),
        ("> From: ", "Åse Ødegård", "\n"),
        ("To: x@example.org; '", "Ivo Ivić", "'"),
        ("To: '", "Luca D'Angelo", "'"),
    ] {
        let (tail, quote) = if tail == "'" { ("", "'") } else { (tail, "") };
        let text = format!("{lead}{name}{quote} <a.b@example.com>{tail}");
        only(Kind::PersonName, &text, &[name]);
    }
    only(
        Kind::PersonName,
        "P-Asserted-Identity: \"Ana Horvat\" <tel:+38515550100>",
        &["Ana Horvat"],
    );
    for text in [
        "Webex Support <support@example.com> wrote",
        "the user <ana@example.com> called",
        "Error <ana@example.com>",
    ] {
        only(Kind::PersonName, text, &[]);
    }
}

#[test]
fn strokes_between_blanks() {
    for number in [
        "030 / 5550 1000",
        "0171 / 555 01 00",
        "01 / 5550 100",
        "06 / 5550 0100",
    ] {
        for lead in [
            "Tel. ",
            "Tel.: ",
            "Telefon: ",
            "Rufnummer ",
            "tel. ",
            "Call me at ",
            "Tel. ufficio ",
        ] {
            only(Kind::Phone, &format!("{lead}{number} please"), &[number]);
        }
    }
    only(
        Kind::Phone,
        "Mob.: +49 (0) 171 / 5550100",
        &["+49 (0) 171 / 5550100"],
    );
    only(
        Kind::Phone,
        "T +49 30 5550-1000 | M 0171 5550100 | F 030 5550101",
        &["+49 30 5550-1000", "0171 5550100", "030 5550101"],
    );
    only(Kind::Phone, "Tel: 030 5550100 / 3 times", &["030 5550100"]);
    only(Kind::Phone, "Tel: 030 5550100 / 2026-11-22", &["030 5550100"]);
    for text in [
        "read 05 / 1000000 bytes",
        "01 / 02 / 2026",
        "10 / 20 tests",
        "0 / 1048576",
    ] {
        only(Kind::Phone, text, &[]);
    }
}

#[test]
fn passwords_with_a_sign_at_their_end() {
    for (text, password) in [
        ("Passwort wurde auf Sommer2026! gesetzt", "Sommer2026!"),
        ("the password is Winter26!!", "Winter26!!"),
        ("la password è Inverno26.", "Inverno26"),
        ("password 'abc123?' works", "abc123?"),
    ] {
        only(Kind::Password, text, &[password]);
    }
}
