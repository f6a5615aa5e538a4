//! `docs/procedures.md` says what serves each paragraph of the help pages; everything it names is run here.

use std::path::{Path, PathBuf};

use crate::support::Home;

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/procedures.md");
    std::fs::read_to_string(path).expect("the page")
}

/// The cells of the rows below the five headings; the head of each table is left out.
fn rows() -> Vec<Vec<String>> {
    page()
        .lines()
        .take_while(|line| !line.starts_with("## What is not known"))
        .filter(|line| line.starts_with('|') && !line.starts_with("|---") && !line.starts_with("| paragraph"))
        .map(|line| {
            let cells = line.trim_matches('|').split(" | ");
            cells.map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}

/// What stands in code marks.
fn named(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

#[test]
fn every_paragraph_names_what_tests_it_and_all_of_it_runs() {
    let rows = rows();
    assert!(rows.len() >= 44, "{} paragraphs", rows.len());
    let home = Home::new();
    let mut commands = 0;
    for row in &rows {
        let [paragraph, here, tested] = row.as_slice() else {
            panic!("three cells: {row:?}");
        };
        if here.starts_with("not served") {
            continue;
        }
        let tests = named(tested);
        assert!(!tests.is_empty(), "{paragraph}: nothing tests it");
        for test in tests {
            if let Some(words) = test.strip_prefix("w4b-diag ") {
                run(&home, words, paragraph);
                commands += 1;
            } else {
                let folder = cases().join(&test);
                assert!(folder.is_dir(), "{paragraph}: {test} is no case");
            }
        }
    }
    assert!(commands >= 10, "{commands} commands");
}

/// Runs a command of the page; in every language it has steps to show.
fn run(home: &Home, words: &str, paragraph: &str) {
    let mut arguments: Vec<String> = vec![];
    for (index, part) in words.split('"').enumerate() {
        if index % 2 == 1 {
            arguments.push(part.to_owned());
        } else {
            arguments.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    for lang in ["en", "de", "hr", "nb", "it"] {
        let mut arguments = arguments.clone();
        arguments.extend(["--lang", lang].map(str::to_owned));
        let outcome = home
            .command(&arguments)
            .directory(env!("CARGO_MANIFEST_DIR"))
            .run();
        assert!(outcome.code < 3, "{paragraph} ({lang}): {outcome}");
        if arguments.first().is_some_and(|command| command == "explain") {
            assert!(
                outcome.stdout().contains("  1. "),
                "{paragraph} ({lang}): no steps in {outcome}"
            );
        }
    }
}

/// Each check that the page names exists.
#[test]
fn every_check_that_the_page_names_exists() {
    let areas = [
        "user.",
        "csv.",
        "template.",
        "release.",
        "order.",
        "case.",
        "cert.",
        "trust.",
        "fault.",
    ];
    for row in rows() {
        for name in named(&row[1]) {
            if areas.iter().any(|area| name.starts_with(area)) {
                assert!(w4b_diag::rules::Check::by_id(&name).is_some(), "{name}");
            }
        }
    }
}
