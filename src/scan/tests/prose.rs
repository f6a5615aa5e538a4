//! Names, numbers and secrets of what people write by hand: in sentences, letters, chats and on command lines.

use super::{found, of, only};
use crate::scan::Kind;

#[test]
fn names_behind_titles_and_words_for_a_person() {
    for (text, name) in [
        ("Anrufer Thomas Müller meldet, dass", "Thomas Müller"),
        ("bei Herrn Müller geht nichts", "Müller"),
        ("Frau Dr. Weber hat angerufen", "Dr. Weber"),
        ("Herr Müller VPN geht nicht", "Müller"),
        ("Mr Smith cannot log in", "Smith"),
        ("called by Mr Smith.", "Smith"),
        ("x\nMr Smith cannot", "Smith"),
        ("Mrs. Smith-Jones and", "Smith-Jones"),
        ("Mr John SMITH said", "John SMITH"),
        ("gospodin Horvat se ne može prijaviti", "Horvat"),
        ("gđa Marić se žali", "Marić"),
        ("zvala je gospođa Marić", "Marić"),
        ("il Sig. Rossi non riesce", "Rossi"),
        ("la Sig.ra Rossi non riesce", "Rossi"),
        ("signora Bianchi ha chiamato", "Bianchi"),
        ("herr Hansen får ikke logget inn", "Hansen"),
        ("Kollege Thomas Müller hat das geprüft", "Thomas Müller"),
        ("the user Ana Horvat cannot log in", "Ana Horvat"),
        ("User 'Ana Horvat' cannot", "Ana Horvat"),
        ("Benutzer Max Muster kann sich", "Max Muster"),
        ("korisnika Ivana Horvata nema", "Ivana Horvata"),
        ("bruker Kari Nordmann får feil", "Kari Nordmann"),
        ("l'utente Mario Rossi non riesce", "Mario Rossi"),
        ("please contact Ana Horvat as soon", "Ana Horvat"),
        ("cn=Ana Horvat,ou=people,dc=example", "Ana Horvat"),
        ("CN=Ana Horvat,OU=Users,DC=example", "Ana Horvat"),
        ("Caller Ana Horvat, Example Telecom GmbH", "Ana Horvat"),
        ("reci gđi Kovač da", "Kovač"),
        ("my name is Jane Miller and", "Jane Miller"),
        ("mein Name ist Jürgen Groß, ich", "Jürgen Groß"),
        ("Jeg heter Ingrid Solberg og", "Ingrid Solberg"),
        ("zovem se Marko Babić", "Marko Babić"),
        ("mi chiamo Chiara Esposito", "Chiara Esposito"),
        ("GET /x?a=b&lastName=Vogel HTTP/1.1", "Vogel"),
    ] {
        only(Kind::PersonName, text, &[name]);
    }
    for text in [
        "user Account Settings",
        "Benutzer Konto löschen",
        "the user Control Hub admin",
        "jeg bruker Webex Calling hver dag",
        "the browser Mozilla Firefox",
        "please contact Webex Support",
        "please contact Technical Support",
        "smaller Than Ever",
        "Sehr geehrte Damen und Herren",
        "Frauen und Männer",
        "Mr. and so on",
        "200 Ms per call",
        "stderr is closed",
        "ignore Everything",
        "at college Park",
        "In Bad Homburg fällt der Dienst aus",
        "users in New York and",
        "CN=Example Trust, OU=IT, O=Example",
        "kolega je rekao",
        "contact Example Telecom GmbH",
    ] {
        only(Kind::PersonName, text, &[]);
    }
}

#[test]
fn who_signs_a_letter_and_whom_it_greets() {
    for (closing, name) in [
        ("Best regards,\n", "Ana Horvat"),
        ("Kind Regards\r\n\r\n", "Ana Horvat"),
        ("> Regards\n> ", "Ana Horvat"),
        ("Mit freundlichen Grüßen\n\n", "Thomas Müller"),
        ("Viele Grüße aus Bonn\n", "Thomas"),
        ("Mit freundlichen Grüßen\ni. A. ", "Thomas Müller"),
        ("LG\n\nViele Grüße, ", "Thomas"),
        ("Lijep pozdrav,\n", "Ivan Horvat"),
        ("S poštovanjem,\n", "Ivan Horvat"),
        ("Med vennlig hilsen\n", "Kari Nordmann"),
        ("Cordiali saluti,\n", "M. Rossi"),
        ("Sincerely,\n", "Jane Miller"),
        ("Gruß\n", "J. Groß"),
        ("Thanks in advance!\n", "Ana"),
        ("text\n-- \n", "Ana Horvat"),
        ("text\n--\n", "Ana Horvat"),
        ("{\"body\":\"x\\n\\nBest regards,\\n", "Ana Horvat"),
        ("Best regards,<br>", "Ana Horvat"),
    ] {
        for behind in ["\nSupport Engineer\n", "\r\n", ""] {
            let behind = if closing.contains('{') { "\\nx" } else { behind };
            only(Kind::PersonName, &format!("{closing}{name}{behind}"), &[name]);
        }
    }
    for (text, name) in [
        ("Hi Ana,\nthe", "Ana"),
        ("x\nHi Ana,\nthe", "Ana"),
        ("Hallo Thomas,\n", "Thomas"),
        ("Dear Ana Horvat,\n", "Ana Horvat"),
        ("x\nLieber Thomas!\n", "Thomas"),
        ("x\n> Kjære Kari\n", "Kari"),
        ("Poštovana Marija,\n", "Marija"),
        ("Sehr geehrter Herr Müller,\n", "Müller"),
    ] {
        only(Kind::PersonName, text, &[name]);
    }
    for text in [
        "Thanks for calling\n\nWebex Support\n",
        "with regards to Webex\nIntroduction\n",
        "Best Practices Guide\nIntroduction\n",
        "Best regards,\nExample Telecom GmbH\n",
        "Best regards,\nyour support team\n",
        "Best regards,\nname-0123abcd\nSenior Engineer\n",
        "Hello World\n",
        "Hi there,\n",
        "Dear Customer,\n",
        "Dear Sir or Madam,\n",
        "Liebe Grüße\n",
        "Hallo zusammen,\n",
        "he said Hello Kitty is",
        "tool -- Ana Horvat",
        "a\n--\nWebex Calling\n",
        "a\n-- Long Comment\n",
    ] {
        only(Kind::PersonName, text, &[]);
    }
}

#[test]
fn who_speaks_in_a_chat_and_who_wrote_a_quoted_letter() {
    for (text, name) in [
        ("[10:12] Ana Horvat: text here", "Ana Horvat"),
        ("[10:12:05] Thomas Müller: text", "Thomas Müller"),
        ("[02.11.2026, 10:12:05] Ana Horvat: ok", "Ana Horvat"),
        ("[10:12] Ana Horvat (Guest): ok", "Ana Horvat"),
        ("10:12 Thomas Müller: text", "Thomas Müller"),
        ("10:12 AM - Ana Horvat: text", "Ana Horvat"),
        ("11/2/26, 10:12 PM – Ana Horvat: text", "Ana Horvat"),
        ("Ana Horvat 10:12 AM\ntext", "Ana Horvat"),
        ("x\nAna Horvat  10:12\r\ntext", "Ana Horvat"),
        ("x\nAna Horvat, Today 10:12 AM\ntext", "Ana Horvat"),
        ("x\nAna Horvat [10:12 AM]\ntext", "Ana Horvat"),
        ("On Mon, Nov 2, 2026 at 10:00 AM Ana Horvat wrote:", "Ana Horvat"),
        ("> On 2 Nov Ana Horvat wrote:", "Ana Horvat"),
        ("Am 02.11.2026 um 10:00 schrieb Thomas Müller:", "Thomas Müller"),
        ("Am 2.11. um 10:00 Uhr schrieb Thomas Müller:", "Thomas Müller"),
        (
            "Il giorno lun 2 nov 2026 alle ore 10:00 Mario Rossi ha scritto:",
            "Mario Rossi",
        ),
        (
            "Dana 2. 11. 2026. u 10:00 Ivan Horvat je napisao/la:",
            "Ivan Horvat",
        ),
        (
            "man. 2. nov. 2026 kl. 10:00 skrev Kari Nordmann:",
            "Kari Nordmann",
        ),
    ] {
        only(Kind::PersonName, text, &[name]);
    }
    for text in [
        "10:12 Connection Lost: text",
        "[10:12] Webex Calling: text",
        "2026-01-02 10:12:05 INFO  Worker - done: x",
        "2026.01.02 00:00:00:010 UTC | Info | Sip",
        "Nov 22 07:24:25 Host1 Service: x",
        "Ana 10:12\n",
        "Call Queue 10:12\n",
        "10:12:05 Adapter.cpp: x",
        "the server wrote: x",
        "Access Point wrote: x",
    ] {
        only(Kind::PersonName, text, &[]);
    }
}

#[test]
fn logins_behind_labels_of_users() {
    only(
        Kind::PersonName,
        "action=login user=ana.horvat ok",
        &["ana.horvat"],
    );
    only(Kind::PersonName, "user=ahorvat", &["ahorvat"]);
    for text in [
        "userId=ahorvat",
        "userId: ahorvat\n",
        "\"userId\":\"ahorvat\"",
        "<userId>ahorvat</userId>",
    ] {
        only(Kind::BroadworksUserId, text, &["ahorvat"]);
    }
    for text in [
        "user=root",
        "sip:5008@192.0.2.1;user=phone",
        "user=bwadmin action=login",
        "user=%s",
        "user = ${name}",
        "from=db.example",
        "user: postgres is down",
        "\"userId\":\"string\"",
        "User ID: please check it",
        "userId=null",
        "userId=5008",
        "userId=Y2lzY29zcGFyazovL3VzL1BFT1BMRS8x",
        "user=f(x)",
    ] {
        assert!(of(Kind::PersonName, text).is_empty(), "{text}: {:?}", found(text));
        assert!(
            of(Kind::BroadworksUserId, text).is_empty(),
            "{text}: {:?}",
            found(text)
        );
    }
}

#[test]
fn numbers_of_north_america() {
    for number in [
        "555-010-0123",
        "1-555-010-0123",
        "(555) 010-0123",
        "555.010.0123",
        "1 (555) 010-0123",
    ] {
        for text in [
            format!("My number is {number}."),
            format!("the user at {number} hears nothing"),
            format!("calls from {number}, to"),
            format!("direct line {number}\n"),
        ] {
            only(Kind::Phone, &text, &[number]);
        }
    }
    for (text, number) in [
        ("555-010-0123 called", "555-010-0123"),
        ("erreichbar unter 030/5550-1177 oder", "030/5550-1177"),
        ("Nazovite me na 091/555-0177.", "091/555-0177"),
        ("Ha chiamato da 333 5550199.", "333 5550199"),
        ("Ring meg på 909 55 017.", "909 55 017"),
        ("a,555-010-0123,b", "555-010-0123"),
        ("\"555-010-0123\"", "555-010-0123"),
        ("x\n1-555-010-0123\n", "1-555-010-0123"),
    ] {
        only(Kind::Phone, text, &[number]);
    }
    for text in [
        "part 555-010-0123",
        "order no. 555-010-0123",
        "error 404-555-0123",
        "555-010-01234",
        "555-010-0123-1",
        "9555-010-0123",
        "x555-010-0123",
        "path 01/2026-1122",
        "step 030/100-200",
        "155-010-0123 x",
        "order 100-200-3000 shipped",
        "2026-11-22 100-2000",
        "a0b1c2d3-0001-0002-0003-000102030405",
        "200 512 1234",
        "555 010 0123 bytes",
        "file-555-010-0123.log",
    ] {
        only(Kind::Phone, text, &[]);
    }
}

#[test]
fn secrets_of_devices_and_tools() {
    const S: &str = "Gr4niteMoss";
    for text in [
        format!("PIN for voicemail: {}", "7788"),
        format!("snmp-server community {S} ro"),
        format!("snmp-server host 192.0.2.1 version 2c {S}"),
        format!("snmp-server host 192.0.2.1 {S}"),
        format!("snmpwalk -v2c -c {S} 192.0.2.1 sysDescr.0"),
        format!("snmpget -v3 -A {S} host"),
        "tacacs-server key 7 0822455D0A16".to_owned(),
        format!(" key 0 {S}"),
        format!("crypto isakmp key {S} address 192.0.2.1"),
        format!(" key-string {S}"),
        format!("ConvertTo-SecureString \"{S}!\" -AsPlainText -Force"),
        format!("ConvertTo-SecureString -String '{S}' -AsPlainText"),
        format!("ConvertTo-SecureString -AsPlainText {S}"),
        format!("net use Z: \\\\srv\\share /user:EXAMPLE\\bob {S}"),
        format!("net use \\\\srv\\share {S} /user:bob"),
        format!("net user bob {S} /add"),
        format!("sqlplus sys/{S} as sysdba"),
        format!("redis-cli -h h -a {S} PING"),
        format!("docker login -u bob -p {S} registry.example.com"),
        format!("htpasswd -b /etc/f bob {S}"),
        format!("htpasswd -nb bob {S}"),
        format!("WPA2-Key: {S}"),
        format!("WLAN-Schlüssel: {S}"),
        format!("the pw for the host is {S}"),
        format!("docker --user -u bob:{S} x"),
    ] {
        let found = of(Kind::Password, &text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(
            ["7788", "0822455D0A16", S, "Gr4niteMoss!"].contains(&found[0].as_str()),
            "{text}: {found:?}"
        );
    }
    for text in [
        "snmp community string is wrong",
        "snmpd listens on 161",
        "snmpwalk -v2c host",
        "the key is on the table",
        "press any key to go on",
        "a key 7 of the phone",
        "ConvertTo-SecureString $plain -AsPlainText",
        "ConvertTo-SecureString (Read-Host) -Force",
        "net use Z: \\\\srv\\share * /user:bob",
        "net use is deprecated",
        "net user bob",
        "subnet user x /24",
        "sqlplus -v",
        "redis-cli -h h PING",
        "docker login -u bob registry",
        "htpasswd -c /etc/f bob",
        "PIN for voicemail: see below",
        "Spinning up: 7788",
    ] {
        only(Kind::Password, text, &[]);
    }
}
