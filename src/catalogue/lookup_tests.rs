use super::{Confidence, MAX_TEXT, Reason};
use crate::catalogue::entry::EMBEDDED;
use crate::catalogue::{Catalogue, CatalogueError, FaultKind, Part};
use crate::i18n::{Catalog, Lang};

fn ids(text: &str) -> Vec<String> {
    Catalogue::embedded()
        .explain(text)
        .iter()
        .map(|found| found.entry.id.clone())
        .collect()
}

#[test]
fn every_file_parses_and_every_entry_is_well_formed() {
    let written: usize = EMBEDDED
        .iter()
        .map(|text| text.matches("[[entry]]").count())
        .sum();
    let catalogue = Catalogue::embedded();
    assert_eq!(catalogue.entries().len(), written);
    assert_eq!(catalogue.lint(), []);
}

#[test]
fn every_entry_says_four_things_in_every_language() {
    for lang in Lang::ALL {
        let catalog = Catalog::new(lang);
        for entry in Catalogue::embedded().entries() {
            for part in [Part::Meaning, Part::Cause, Part::Steps, Part::Collect] {
                assert!(
                    !entry.text(part, &catalog).trim().is_empty(),
                    "{lang} {} {part:?}",
                    entry.id
                );
            }
            assert!(!entry.steps(&catalog).is_empty());
        }
    }
}

#[test]
fn lint_names_every_fault_of_an_own_entry() {
    let dir = tempfile::tempdir().unwrap();
    let own = r#"
[[entry]]
id = "Own_portal"
codes = ["10022"]
patterns = ["our portal says no"]
keywords = [["portal"]]
owner = "service-provider"
reference = "http://wiki.example.net"
examples = ["Our portal says yes", "PKIX path building failed"]
counter_examples = ["today our portal says no"]
meaning = "The portal is closed at night."

[[entry]]
id = "empty"
owner = "customer"
meaning = "Nothing."
"#;
    std::fs::write(dir.path().join("own.toml"), own).unwrap();
    let faults: Vec<(String, FaultKind)> = Catalogue::with_dir(dir.path())
        .unwrap()
        .lint()
        .into_iter()
        .map(|fault| (fault.id, fault.kind))
        .collect();
    let of = |id: &str, kind| (id.to_owned(), kind);
    let example = |text: &str, found: Option<&str>| FaultKind::Example {
        text: text.to_owned(),
        found: found.map(str::to_owned),
    };
    for expected in [
        of("Own_portal", FaultKind::Id),
        of(
            "Own_portal",
            FaultKind::Reference("http://wiki.example.net".to_owned()),
        ),
        of("Own_portal", FaultKind::Keywords),
        of("Own_portal", example("Our portal says yes", None)),
        of(
            "Own_portal",
            example("PKIX path building failed", Some("certificate-untrusted")),
        ),
        of(
            "Own_portal",
            FaultKind::CounterExample("today our portal says no".to_owned()),
        ),
        of("empty", FaultKind::Unreachable),
        of("empty", FaultKind::NoExample),
        of("empty", FaultKind::NoCounterExample),
    ] {
        assert!(faults.contains(&expected), "{expected:?} is not in {faults:#?}");
    }
    // Whose code it is too, is said at the second of the two.
    assert!(faults.iter().any(|(id, kind)| {
        id == "broadworks-id-taken"
            && matches!(kind, FaultKind::Code { code, other } if code == "10022" && other == "Own_portal")
    }));
}

#[test]
fn code_and_text_together_are_certain_one_alone_is_likely() {
    let catalogue = Catalogue::embedded();
    let confidence = |text: &str| catalogue.explain(text).first().map(|found| found.confidence);
    assert_eq!(confidence("errorCode 10022"), Some(Confidence::Certain));
    assert_eq!(
        confidence("failed: [Error 18215] Provisioning error with messaging server"),
        Some(Confidence::Certain)
    );
    assert_eq!(
        confidence("It failed for a user and the log has [Error 18215] in it"),
        Some(Confidence::Likely)
    );
    assert_eq!(
        confidence("We see: provisioning error with messaging server"),
        Some(Confidence::Likely)
    );
    assert_eq!(confidence("Hello"), None);
}

#[test]
fn words_of_a_topic_make_it_possible_only() {
    let catalogue = Catalogue::embedded();
    let found = catalogue.explain("Die Aktivierung im Portal geht nicht");
    let first = found.first().unwrap();
    assert_eq!(first.entry.id, "activation");
    assert_eq!(first.confidence, Confidence::Possible);
    assert!(matches!(first.reasons.as_slice(), [Reason::Keywords(words)] if words.len() == 2));
}

/// What people write who have no error text at hand, in five languages, and the topic that it is about.
const WORDS_OF_PEOPLE: &[(&str, [&str; 5])] = &[
    (
        "sign-in",
        [
            "login failed",
            "Anmeldung fehlgeschlagen",
            "prijava nije uspjela",
            "brukeren kan ikke logge inn",
            "accesso non riuscito",
        ],
    ),
    (
        "activation",
        [
            "activation fails for this user",
            "Aktivierung schlägt fehl",
            "aktivacija nije uspjela",
            "aktivering feilet",
            "attivazione non riuscita",
        ],
    ),
    (
        "order",
        [
            "the order line is closed",
            "Bestellung: Zeile ist geschlossen",
            "narudžba je zatvorena",
            "ordrelinjen er lukket",
            "la riga dell'ordine è chiusa",
        ],
    ),
    (
        "certificate-expired",
        [
            "the server certificate of xsp1 expired yesterday",
            "Zertifikat seit gestern abgelaufen",
            "certifikat na XSP-u je jučer istekao",
            "sertifikatet på XSP utløpte",
            "il certificato del server è scaduto",
        ],
    ),
    (
        "tls-version",
        [
            "TLS handshake failed",
            "TLS-Handshake fehlgeschlagen",
            "TLS rukovanje nije uspjelo",
            "TLS-håndtrykk mislyktes",
            "handshake TLS non riuscito",
        ],
    ),
    (
        "xsp-unreachable",
        [
            "connection to the xsp timed out",
            "XSP nicht erreichbar",
            "veza je odbijena",
            "tilkoblingen ble avvist",
            "connessione rifiutata",
        ],
    ),
    (
        "user-status",
        [
            "the user is still pending",
            "Benutzer bleibt im Status Ausstehend",
            "korisnik je na čekanju",
            "brukeren venter fortsatt: ventende",
            "utente in attesa da ieri",
        ],
    ),
    (
        "email-elsewhere",
        [
            "email already in use by another organization",
            "E-Mail-Adresse wird bereits von einer anderen Organisation verwendet",
            "adresa e-pošte već se koristi u drugoj organizaciji",
            "e-postadressen er allerede i bruk i en annen organisasjon",
            "l'indirizzo e-mail è già utilizzato in un'altra organizzazione",
        ],
    ),
    (
        "phone-services",
        [
            "phone services are not connected",
            "Telefondienste nicht verbunden",
            "telefonske usluge nisu povezane",
            "telefontjenester er ikke tilkoblet",
            "servizi telefonici non connessi",
        ],
    ),
    (
        "remove-user",
        [
            "how do I delete a user",
            "Wie lösche ich einen Benutzer?",
            "kako izbrisati korisnika",
            "slette bruker",
            "eliminare utente",
        ],
    ),
    (
        "status-page",
        [
            "is there an outage of Webex?",
            "Störung bei Webex?",
            "prekid usluge Webex",
            "avbrudd i Webex",
            "interruzione del servizio",
        ],
    ),
];

#[test]
fn words_of_people_find_their_topic() {
    let mut faults = Vec::new();
    for (topic, texts) in WORDS_OF_PEOPLE {
        for text in texts {
            if !ids(text).iter().any(|id| id == topic) {
                faults.push(format!("{topic}: {text:?}: {:?}", ids(text)));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn small_talk_finds_nothing() {
    for text in [
        "Hello, how are you?",
        "Guten Morgen zusammen, bis später",
        "Dobar dan svima",
        "Ha en fin dag",
        "Buongiorno a tutti",
        "The meeting is on Monday at ten",
        "certificate",
        "user",
        "order",
    ] {
        assert!(
            Catalogue::embedded()
                .explain(text)
                .iter()
                .all(|found| found.confidence != Confidence::Possible),
            "{text}: {:?}",
            ids(text)
        );
    }
}

#[test]
fn several_errors_in_one_text_are_all_found_worst_known_first() {
    let found = ids(
        "[Error 18215] Provisioning error with messaging server\nlater: WXC-4201 and PKIX path building failed",
    );
    assert_eq!(found.first().map(String::as_str), Some("messaging-server"));
    assert!(found.contains(&"number-taken".to_owned()));
    assert!(found.contains(&"certificate-untrusted".to_owned()));
}

#[test]
fn unknown_codes_are_named_and_http_statuses_are_not() {
    let catalogue = Catalogue::embedded();
    assert_eq!(
        catalogue.unknown_codes("errorCode: 987654, status code 404, WXC-4999, [Error 4202]"),
        ["WXC-4999", "987654"]
    );
    assert_eq!(catalogue.unknown_codes("31415"), ["31415"]);
    assert_eq!(catalogue.unknown_codes("404"), ["404"]);
    assert!(catalogue.unknown_codes("10022").is_empty());
    assert!(catalogue.explain("31415").is_empty());
}

#[test]
fn long_and_odd_texts_do_no_harm() {
    let long = "ž".repeat(MAX_TEXT);
    assert!(ids(&long).is_empty());
    let buried = format!("{}[Error 18215]", "x ".repeat(1000));
    assert_eq!(ids(&buried), ["messaging-server"]);
    assert!(ids("\0\u{1b}[31m\u{202e}").is_empty());
}

#[test]
fn an_own_directory_adds_and_replaces() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join("own.toml"),
        r#"
[[entry]]
id = "own-portal"
codes = ["SP-17"]
patterns = ["our portal says no"]
owner = "service-provider"
meaning = { en = "The portal is closed at night.", de = "Das Portal ist nachts geschlossen." }
cause = "Night."
steps = "Wait.\nTry again."
collect = "Nothing."

[[entry]]
id = "sign-in"
codes = ["100006"]
owner = "customer"
meaning = "Our own words."
"#,
    )
    .unwrap();
    let catalogue = Catalogue::with_dir(dir.path()).unwrap();
    let found = catalogue.explain("Today OUR  portal says no");
    assert_eq!(found[0].entry.id, "own-portal");
    let german = Catalog::new(Lang::De);
    assert_eq!(
        found[0].entry.text(Part::Meaning, &german),
        "Das Portal ist nachts geschlossen."
    );
    let italian = Catalog::new(Lang::It);
    assert_eq!(
        found[0].entry.text(Part::Meaning, &italian),
        "The portal is closed at night."
    );
    assert_eq!(found[0].entry.steps(&german), ["Wait.", "Try again."]);
    assert_eq!(
        catalogue.explain("100006")[0].entry.text(Part::Meaning, &german),
        "Our own words."
    );
    assert!(
        catalogue.explain("200016").is_empty(),
        "the replaced entry is gone"
    );
}

#[test]
fn a_broken_directory_says_which_file_and_where() {
    let dir = tempfile::tempdir().unwrap();
    let missing = Catalogue::with_dir(&dir.path().join("none"));
    assert!(matches!(missing, Err(CatalogueError::Read { .. })));
    std::fs::write(dir.path().join("a.toml"), "[[entry]]\nid = 1\n").unwrap();
    let Err(CatalogueError::Syntax { path, reason }) = Catalogue::with_dir(dir.path()) else {
        panic!("must fail");
    };
    assert!(path.ends_with("a.toml"));
    assert!(reason.contains("line 2"), "{reason}");
    std::fs::write(
        dir.path().join("a.toml"),
        "[[entry]]\nid = \"x\"\nowner = \"webex\"\nmeaning = \"m\"\n[[entry]]\nid = \"x\"\nowner = \"webex\"\nmeaning = \"m\"\n",
    )
    .unwrap();
    assert!(matches!(
        Catalogue::with_dir(dir.path()),
        Err(CatalogueError::Twice { .. })
    ));
}
