//! Any bytes as a list of users: read, judged, corrected.
#![no_main]

use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use w4b_diag::catalogue::Catalogue;
use w4b_diag::i18n::Localize as _;
use w4b_diag::rules::users::{Settings, judge, users};
use w4b_diag::users::{corrected, read};

fuzz_target!(|bytes: &[u8]| {
    let table = match read(bytes) {
        Ok(table) => table,
        Err(error) => {
            assert!(!error.message().key.is_empty());
            return;
        }
    };
    let lines = 1 + bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64;
    assert!(table.rows.iter().all(|row| row.line >= 1 && row.line <= lines));
    assert!(table.rows.windows(2).all(|rows| rows[0].line < rows[1].line));
    let settings = Settings {
        as_of: DateTime::UNIX_EPOCH,
        file: "sample",
    };
    let judged = users(&table, settings, &Catalogue::embedded());
    assert_eq!(judged.len(), table.rows.len());
    judge(&table, &judged, settings);
    if let Some((text, _)) = corrected::correct(&table) {
        let again = read(text.as_bytes()).expect("what was written can be read");
        let (second, changes) = corrected::correct(&again).unwrap_or_default();
        assert!(changes.is_empty(), "corrected twice: {changes:?}");
        assert!(second.is_empty() || second == text);
    }
});
