use std::collections::HashSet;

use super::{Confidence, MAX_TEXT, Reason};
use crate::catalogue::entry::EMBEDDED;
use crate::catalogue::{Catalogue, CatalogueError, Part};
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
    let mut ids = HashSet::new();
    let mut codes = HashSet::new();
    for entry in catalogue.entries() {
        assert!(ids.insert(&entry.id), "{} twice", entry.id);
        assert!(
            entry
                .id
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
            "{}",
            entry.id
        );
        assert!(!entry.examples.is_empty(), "{} has no example", entry.id);
        assert!(
            !entry.counter_examples.is_empty(),
            "{} has no counter-example",
            entry.id
        );
        assert!(
            !entry.codes.is_empty() || !entry.patterns.is_empty(),
            "{} cannot be found",
            entry.id
        );
        assert!(
            entry
                .reference
                .as_deref()
                .is_none_or(|url| url.starts_with("https://"))
        );
        assert!(
            entry.keywords.is_empty() || entry.keywords.len() > 1,
            "{}: one word alone says nothing",
            entry.id
        );
        assert!(
            entry.keywords.iter().all(|group| !group.is_empty()),
            "{}",
            entry.id
        );
        for code in &entry.codes {
            assert!(codes.insert(code), "code {code} in two entries");
        }
    }
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
fn examples_match_first_and_counter_examples_not_at_all() {
    let catalogue = Catalogue::embedded();
    let mut faults = Vec::new();
    for entry in catalogue.entries() {
        for example in &entry.examples {
            let found = catalogue.explain(example);
            if found
                .first()
                .is_none_or(|first| first.entry.id != entry.id || first.confidence == Confidence::Possible)
            {
                faults.push(format!("{}: {example}: {:?}", entry.id, ids(example)));
            }
        }
        for text in &entry.counter_examples {
            let hit = catalogue
                .explain(text)
                .iter()
                .any(|found| found.entry.id == entry.id);
            if hit {
                faults.push(format!("{} must not match: {text}", entry.id));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
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
