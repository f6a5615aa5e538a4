use super::columns::{Field, Offer, meaning};
use super::values::{Number, State, Truth, instant, is_email, number};
use super::{ProblemKind, TableKind, UsersError, read};

#[test]
fn headers_in_five_languages() {
    for (name, field) in [
        ("BroadWorks ID", Field::BroadworksId),
        ("BroadWorks-Benutzer-ID", Field::BroadworksId),
        ("E-Mail", Field::Email),
        ("User ID/Email (Required)", Field::Email),
        ("Adresa e-pošte", Field::Email),
        ("E-postadresse", Field::Email),
        ("Pakettyp", Field::Package),
        ("Vrsta paketa", Field::Package),
        ("Pakketype", Field::Package),
        ("Tipo di pacchetto", Field::Package),
        ("Aktueller Status", Field::Status),
        ("Trenutačni status", Field::Status),
        ("Stato attuale", Field::Status),
        ("Last status change", Field::Changed),
        ("Letzte Statusänderung", Field::Changed),
        ("Fehlertext", Field::Error),
        ("Tekst pogreške", Field::Error),
        ("Feiltekst", Field::Error),
        ("Testo errore", Field::Error),
        ("Opprettet", Field::Created),
        ("Internnummer", Field::Extension),
        ("Telefonnummer", Field::Phone),
        ("Sted", Field::Location),
        ("Jabber-anrop", Field::JabberCalling),
        ("Jabber med Webex Teams", Field::JabberTeams),
        ("Foretrukket Webex-nettsted", Field::Site),
        ("Grunnleggende meldinger", Field::BaseLicence(1)),
        ("Møter i grunnleggende rom", Field::BaseLicence(2)),
        ("Ring på Webex", Field::BaseLicence(3)),
        ("Webex Calling", Field::Offer(Offer::Calling)),
        ("Webex Calling Standard", Field::Offer(Offer::CallingStandard)),
        ("Wholesale: Webex Suite", Field::Offer(Offer::Suite)),
        ("Ime", Field::FirstName),
        ("Prezime", Field::LastName),
        ("Cognome", Field::LastName),
    ] {
        assert_eq!(meaning(name), Some(field), "{name}");
    }
    for name in ["", "Kommentar", "Custom 7", "Centre"] {
        assert_eq!(meaning(name), None, "{name}");
    }
}

#[test]
fn states_in_five_languages() {
    for (cell, state) in [
        ("provisioned", State::Provisioned),
        ("Bereitgestellt", State::Provisioned),
        ("Dodijeljeno", State::Provisioned),
        ("Klargjort", State::Provisioned),
        ("Provisioning completato", State::Provisioned),
        ("pending_email_input", State::PendingEmailInput),
        ("pending_email_validation", State::PendingEmailValidation),
        ("pending_user_migration", State::PendingMigration),
        ("Ausstehend: E-Mail-Eingabe", State::PendingEmailInput),
        ("Na čekanju", State::Pending),
        ("Ventende krav", State::Pending),
        ("In sospeso", State::Pending),
        ("provisioning", State::Provisioning),
        ("updating", State::Provisioning),
        ("error", State::Error),
        ("Fehler", State::Error),
        ("Pogreška", State::Error),
        ("Feil", State::Error),
        ("Non riuscito", State::Error),
        (
            "Nicht bereitgestellt",
            State::Other("Nicht bereitgestellt".to_owned()),
        ),
        ("purple", State::Other("purple".to_owned())),
    ] {
        assert_eq!(State::of(cell), state, "{cell}");
    }
}

#[test]
fn cells() {
    assert_eq!(Truth::of(" true "), Truth::True);
    assert_eq!(Truth::of("USANN"), Truth::Foreign(false));
    assert_eq!(Truth::of("wahr").meant(), Some(true));
    assert_eq!(Truth::of("maybe"), Truth::Invalid);
    for good in ["ada@customer.example.com", "o'neil+1@a-b.example.org"] {
        assert!(is_email(good), "{good}");
    }
    for bad in [
        "",
        "ada",
        "a@b@example.com",
        "a b@example.com",
        "ä@example.com",
        "a@localhost",
        ".a@example.com",
        "a@-x.example",
    ] {
        assert!(!is_email(bad), "{bad}");
    }
    assert_eq!(number("+49-30-123456"), Number::Good);
    assert_eq!(number("4,93012E+11"), Number::Scientific);
    assert_eq!(number("030123456"), Number::NoPlus);
    assert_eq!(number("+49 30 123456"), Number::Bad);
    assert!(instant("2026-11-22T10:00:00+01:00").is_some());
    assert_eq!(instant("22.11.2026 10:00"), instant("2026-11-22 10:00"));
    assert_eq!(instant("03/04/2026 10:00"), None);
}

#[test]
fn any_delimiter_and_unknown_columns_are_kept() {
    for (delimiter, expected) in [(",", ','), (";", ';'), ("\t", '\t'), ("|", '|')] {
        let text = "BroadWorks ID,E-Mail,Status,Kommentar\r\nu1,a@example.com,error,nur so\r\n"
            .replace(',', delimiter);
        let table = read(text.as_bytes()).unwrap();
        assert_eq!((table.delimiter, table.kind), (expected, TableKind::Status));
        assert_eq!(table.cell(&table.rows[0], Field::Email), "a@example.com");
        assert_eq!(table.header[3], "Kommentar");
        assert_eq!(table.fields[3], None);
        assert_eq!(table.rows[0].cells[3], "nur so");
        assert!(table.problems.is_empty(), "{:?}", table.problems);
    }
}

#[test]
fn quoted_cells_keep_delimiters_marks_and_line_feeds() {
    let table =
        read(b"sep=;\n\nBroadWorks ID;Status;Error\nu1;error;\"a;\"\"b\"\"\nc\"\nu2;provisioned;\n").unwrap();
    assert_eq!(table.header_line, 3);
    assert_eq!(table.rows[0].cells[2], "a;\"b\"\nc");
    assert_eq!(table.rows[0].line, 4);
    assert_eq!(table.rows[1].line, 6);
    assert!(table.problems.is_empty());
}

#[test]
fn an_open_quotation_mark_loses_no_row() {
    let mut text = String::from("BroadWorks ID,Email,Status\n");
    for number in 1..=50 {
        let mark = if number == 10 || number == 30 { "\"" } else { "" };
        text.extend(["u", &number.to_string(), ",", mark, "u@example.com,error\n"]);
    }
    let table = read(text.as_bytes()).unwrap();
    assert_eq!(table.rows.len(), 50);
    let lines: Vec<_> = table
        .problems
        .iter()
        .filter(|problem| problem.kind == ProblemKind::OpenQuote)
        .map(|problem| problem.line)
        .collect();
    assert_eq!(lines, [11, 31]);
    assert_eq!(table.cell(&table.rows[49], Field::BroadworksId), "u50");
}

#[test]
fn too_few_and_too_many_cells_are_named_by_line() {
    let table = read(b"BroadWorks ID,Email,Status\nu1,a@example.com\nu2,b@example.com,error,x,y\nu3,c@example.com,error,\n").unwrap();
    assert_eq!(table.rows.len(), 3);
    let kinds: Vec<_> = table
        .problems
        .iter()
        .map(|problem| (problem.line, problem.kind.clone()))
        .collect();
    assert_eq!(
        kinds,
        [
            (
                2,
                ProblemKind::Cells {
                    found: 2,
                    expected: 3
                }
            ),
            (
                3,
                ProblemKind::Cells {
                    found: 5,
                    expected: 3
                }
            )
        ]
    );
}

#[test]
fn wide_long_and_foreign_files() {
    let header: Vec<String> = (0..298)
        .map(|n| format!("x{n}"))
        .chain(["Email".into(), "Status".into()])
        .collect();
    let row: Vec<String> = (0..298)
        .map(|n| n.to_string())
        .chain(["a@example.com".into(), "error".into()])
        .collect();
    let table = read(format!("{}\n{}\n", header.join(";"), row.join(";")).as_bytes()).unwrap();
    assert_eq!(table.header.len(), 300);
    assert_eq!(table.cell(&table.rows[0], Field::Status), "error");

    let huge = format!(
        "BroadWorks ID,Status,Error\nu1,error,\"{}\"\n",
        "x".repeat(10 << 20)
    );
    let table = read(huge.as_bytes()).unwrap();
    assert!(
        matches!(&table.problems[0].kind, ProblemKind::HugeCell { column, bytes } if column == "Error" && *bytes == 10 << 20)
    );

    let finnish = "Tunnus;Sähköposti;Tila\nu1;a@example.com;error\nu2;b@example.com;provisioned\n";
    let table = read(finnish.as_bytes()).unwrap();
    assert_eq!(table.kind, TableKind::Status);
    assert_eq!(table.cell(&table.rows[1], Field::Email), "b@example.com");

    let nothing = read(b"alpha,beta\n1,2\n").unwrap();
    assert_eq!(nothing.kind, TableKind::Unknown);
    assert_eq!(nothing.problems[0].kind, ProblemKind::Header);
}

#[test]
fn what_is_no_table_says_so() {
    assert_eq!(read(b" \r\n\t"), Err(UsersError::Empty));
    assert_eq!(read(b"\xef\xbb\xbf"), Err(UsersError::Empty));
    assert_eq!(read(b"PK\x03\x04..."), Err(UsersError::Binary));
    assert_eq!(read(b"a,b\0\0c\n"), Err(UsersError::Binary));
    let wide = format!("{}\n", ",".repeat(5000));
    assert_eq!(read(wide.as_bytes()), Err(UsersError::TooManyColumns(5001)));
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        let _ = read(&bytes);
    }

    #[test]
    fn any_cells_come_back(cells in proptest::collection::vec(proptest::collection::vec("[a-z,;\"\n]{0,6}", 4), 1..6)) {
        let quote = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let mut text = String::from("BroadWorks ID,Email,Status,Error\n");
        for row in &cells {
            text.push_str(&row.iter().map(quote).collect::<Vec<_>>().join(","));
            text.push('\n');
        }
        let table = read(text.as_bytes()).unwrap();
        let kept: Vec<_> = cells.iter().filter(|row| row.iter().any(|cell| !cell.trim().is_empty())).collect();
        proptest::prop_assert_eq!(table.rows.iter().map(|row| &row.cells).collect::<Vec<_>>(), kept);
    }

    #[test]
    fn a_corrected_copy_needs_no_correction(
        rows in proptest::collection::vec(("[ ]?[a-zA-Z0-9.+@ -]{0,12}[ ]?", "[ ]?[+0-9(). /-]{0,16}", "[ ]?(true|FALSE|yes|ja|1|x|wahr|)[ ]?"), 1..8),
        delimiter in proptest::sample::select(vec![',', ';', '\t']),
    ) {
        let head = ["Email", "Phone Number", "Webex Calling"].join(&delimiter.to_string());
        let mut text = format!("{head}\n");
        for (email, number, truth) in rows {
            text.push_str(&[email, number, truth].join(&delimiter.to_string()));
            text.push('\n');
        }
        let (copy, _) = super::corrected::correct(&read(text.as_bytes()).unwrap()).expect("an import file");
        let again = super::corrected::correct(&read(copy.as_bytes()).unwrap());
        proptest::prop_assert_eq!(again, Some((copy, Vec::new())), "{}", text);
    }
}
