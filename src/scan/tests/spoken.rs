//! What is said in sentences and by label, in five languages, and what only looks alike.

use chrono::NaiveDate;

use super::{U, V, of, only};
use crate::scan::{Kind, Options, Scanner};

#[test]
fn phones_in_sentences() {
    for (text, values) in [
        (
            "Anruf von 030 5550100 an 030 5550101",
            &["030 5550100", "030 5550101"][..],
        ),
        (
            "Kunden ringte fra 22 55 50 10, tlf. 22 55 50 11",
            &["22 55 50 10", "22 55 50 11"],
        ),
        (
            "mob. 098/555-0125, cell. 333 5550126",
            &["098/555-0125", "333 5550126"],
        ),
        ("case number 12345678 of 2026", &[]),
    ] {
        only(Kind::Phone, text, values);
    }
    for (text, number) in [
        ("She called 030 5550100 twice", "030 5550100"),
        ("call from 0171-5550123 failed", "0171-5550123"),
        ("Anruf von 030 5550100 abgewiesen", "030 5550100"),
        ("Der Anrufer (030) 5550100 hörte nichts", "(030) 5550100"),
        ("poziv na 01 5550 100 nije uspio", "01 5550 100"),
        ("ringte fra telefon 22 55 50 10 i går", "22 55 50 10"),
        ("Tel. 22555010", "22555010"),
        ("chiamata da 06 5550 0100 non riuscita", "06 5550 0100"),
        ("telefono 02 55500100.", "02 55500100"),
        ("mobitel 091 555 0100", "091 555 0100"),
        // What a blank parts from a number does not take it along.
        ("+49 30 5550100 192.0.2.17 A", "+49 30 5550100"),
        ("+49 30 5550100 2026-01-01 12:00", "+49 30 5550100"),
        ("+49 30 5550100 12:00:05", "+49 30 5550100"),
        ("+49 30 5550100 31.12.2026", "+49 30 5550100"),
        ("+49 30 5550100 5min", "+49 30 5550100"),
        ("+49 30 5550100 4711 0815 4711 0815", "+49 30 5550100 4711"),
        ("tel:+4930555010(192.0.2.17", "+4930555010"),
        ("+49 30 5550100/192.0.2.17", "+49 30 5550100"),
        ("phone: 030 5550100: no answer", "030 5550100"),
        ("tel+49 30 5550100", "+49 30 5550100"),
        ("+33 1 23.45.67.89", "+33 1 23.45.67.89"),
        ("call from 030 5550100 10.2.3.4 failed", "030 5550100"),
        ("call from 030 5550100 12:30 failed", "030 5550100"),
        ("phone: 030 5550100 12:30", "030 5550100"),
    ] {
        only(Kind::Phone, text, &[number]);
    }
    for text in [
        "call 4711 took 1234567 ms",
        "call ID 0123456789 ended",
        "the call ended after 0123456 ms",
        "calls on 2026-01-02 07:00:00 and later",
        "phone 8845 5.6.2",
        "call 0x1234567",
        "worker 01234567 finished",
        "order 0301234567 was delivered",
        "callhalf 00123456:0",
        "called 10.08.2023 14:05",
    ] {
        only(Kind::Phone, text, &[]);
    }
}

#[test]
fn versions_as_they_are_stated() {
    for (text, version) in [
        ("Verzija aplikacije Webex 46.13", "46.13"),
        ("Inačica aplikacije Webex: 45.6", "45.6"),
        ("Version der Webex-App 45.10.0.33001", "45.10.0.33001"),
        ("Webex-versjon 45.10", "45.10"),
        ("Versione dell'app Webex 45.10", "45.10"),
        ("Webex app version 45.10", "45.10"),
    ] {
        only(Kind::ClientVersion, text, &[version]);
    }
    for text in [
        "Webex 46.13 users",
        "version 46.13",
        "a webex room of 46.13 m",
        "46.13",
    ] {
        only(Kind::ClientVersion, text, &[]);
    }
}

#[test]
fn versions_that_look_like_addresses() {
    for text in [
        "Firmware 12.0.5.1 installed",
        "Firmware: 10.0.5.1",
        "Java 11.0.20.1",
        "java version \"11.0.20.1\"",
        "jdk-11.0.20.1",
        "Oracle 19.3.0.0",
        "Chrome/120.0.0.0 Safari/537.36",
    ] {
        only(Kind::IpAddress, text, &[]);
    }
    for (text, address) in [
        ("host 12.0.5.1 is down", "12.0.5.1"),
        ("nginx 203.0.113.9", "203.0.113.9"),
        ("nginx/192.0.2.17", "192.0.2.17"),
        ("oracle 10.1.2.3", "10.1.2.3"),
        ("oracle: 12.1.2.3", "12.1.2.3"),
        ("xsp1.example.net/192.0.2.17:443", "192.0.2.17"),
        ("client 198.51.100.7 closed", "198.51.100.7"),
    ] {
        only(Kind::IpAddress, text, &[address]);
    }
}

#[test]
fn facts_in_five_languages() {
    for text in [
        format!("Sporings-ID for feilen: CLIENT_{U}"),
        format!("Verfolgungs-ID der Anfrage: CLIENT_{U}"),
        format!("ID praćenja zahtjeva: CLIENT_{U}"),
        format!("ID di tracciamento: CLIENT_{U}"),
        format!("the tracking id was CLIENT_{U}, please check"),
    ] {
        only(Kind::TrackingId, &text, &[&format!("CLIENT_{U}")]);
    }
    for text in [
        format!("ID der Organisation: {V}"),
        format!("ID organizacije: {V}"),
        format!("Organisasjons-ID: {V}"),
        format!("ID dell'organizzazione: {V}"),
        format!("Organization ID {V}"),
    ] {
        only(Kind::Org, &text, &[V]);
    }
    for text in [
        format!("Lizenz-ID: {V}"),
        format!("ID licence: {V}"),
        format!("commit {V}"),
        format!("x-request-id: {V}"),
    ] {
        assert!(of(Kind::Org, &text).is_empty(), "{text}");
        assert!(of(Kind::TrackingId, &text).is_empty(), "{text}");
    }
}

#[test]
fn syslog_has_no_year() {
    let text = b"Jan  2 07:24:25 host1 service: done\nDec 31 23:59:59 host1 service: done";
    assert!(Scanner::new(Options::default()).scan(text).instants.is_empty());
    let scan = Scanner::new(Options {
        today: NaiveDate::from_ymd_opt(2026, 1, 2),
        ..Options::default()
    })
    .scan(text);
    let instants: Vec<String> = scan
        .instants
        .iter()
        .map(|(_, instant)| instant.to_rfc3339())
        .collect();
    assert_eq!(
        instants,
        ["2026-01-02T07:24:25+00:00", "2025-12-31T23:59:59+00:00"]
    );
}
