//! The errors of a case that the catalogue knows, and the codes that it does not.
//!
//! A text was handed in because it shows the fault: what it says counts. A log holds other people's errors as well;
//! what is known of them counts only when there is no text, else it is noted.

use std::collections::BTreeSet;

use super::{Finding, registry as checks};
use crate::catalogue::{Catalogue, Confidence, Entry, Kind, Match, Part};
use crate::i18n::Catalog;
use crate::report::{Owner, Severity};

/// The subject of findings about codes that are not known.
const SUBJECT: &str = "case";

/// Procedures that a text may name without being about them.
const SAID_IN_PASSING: [&str; 3] = ["service-request", "status-page", "user-status"];

/// At most so many unknown codes are named.
const MAX_UNKNOWN: usize = 10;

/// A text, or one error of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The words.
    pub text: String,
    /// The file, or `file:line`.
    pub source: String,
    /// It was handed in as the error text, not found in a log.
    pub is_text: bool,
}

/// What the catalogue says of what was seen: findings, and the matches for the report, best first, each entry once.
pub fn judge<'a>(
    seen: &[Seen],
    catalogue: &'a Catalogue,
    catalog: &Catalog,
) -> (Vec<Finding>, Vec<Match<'a>>, Vec<String>) {
    let has_text = seen.iter().any(|seen| seen.is_text);
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let (mut findings, mut matches) = (Vec::new(), Vec::new());
    let mut unknown: Vec<String> = Vec::new();
    // Texts first: where an entry is found twice, the text is where from.
    let texts = seen.iter().filter(|seen| seen.is_text);
    let logs = seen.iter().filter(|seen| !seen.is_text);
    for seen in texts.chain(logs) {
        let counts = seen.is_text || !has_text;
        for found in catalogue.explain(&seen.text) {
            let is_sure = found.confidence > Confidence::Possible;
            let in_passing = SAID_IN_PASSING.contains(&found.entry.id.as_str());
            let is_procedure = found.entry.kind == Kind::Procedure;
            if !is_sure || in_passing || (is_procedure && !seen.is_text) || !done.insert(&found.entry.id) {
                continue;
            }
            findings.push(finding(found.entry, seen, counts, catalog));
            matches.push(found);
        }
        if counts {
            unknown.extend(catalogue.unknown_codes(&seen.text));
        }
    }
    unknown.sort();
    unknown.dedup();
    if !unknown.is_empty() {
        let named = unknown.iter().take(MAX_UNKNOWN).cloned().collect::<Vec<_>>();
        findings.push(
            Finding::new(&checks::FAULT_UNKNOWN_CODE, SUBJECT)
                .arg("count", unknown.len())
                .arg("codes", named.join(", "))
                .data("codes", unknown.clone()),
        );
    }
    (findings, matches, unknown)
}

fn finding(entry: &Entry, seen: &Seen, counts: bool, catalog: &Catalog) -> Finding {
    let finding = Finding::new(&checks::FAULT_KNOWN, entry.id.as_str())
        .owner(entry.owner)
        .arg("id", entry.id.as_str())
        .arg("source", seen.source.as_str())
        .arg("meaning", entry.value(Part::Meaning, catalog))
        .arg("cause", entry.value(Part::Cause, catalog))
        .arg("steps", entry.value(Part::Steps, catalog))
        .data("entry", entry.id.as_str())
        .data("kind", entry.kind.as_str())
        .data("source", seen.source.as_str())
        .data("codes", entry.codes.clone());
    let finding = match &entry.reference {
        Some(reference) => finding.reference(reference.clone()),
        None => finding,
    };
    // Webex' own errors and those whose owner is not known are what a service request is for.
    let is_ours = matches!(entry.owner, Owner::ServiceProvider | Owner::Customer);
    if entry.kind == Kind::Procedure {
        finding.severity(Severity::Info).variant("procedure")
    } else if is_ours && counts {
        finding
    } else {
        finding.severity(Severity::Info)
    }
}

#[cfg(test)]
mod tests {
    use super::{Seen, judge};
    use crate::catalogue::Catalogue;
    use crate::i18n::{Catalog, Lang};
    use crate::report::Severity;

    fn seen(text: &str, is_text: bool) -> Seen {
        Seen {
            text: text.to_owned(),
            source: "error.txt".to_owned(),
            is_text,
        }
    }

    fn outcome(seen: &[Seen]) -> Vec<(String, Severity)> {
        let catalogue = Catalogue::embedded();
        let (findings, _, _) = judge(seen, &catalogue, &Catalog::new(Lang::En));
        findings
            .into_iter()
            .map(|finding| (finding.subject, finding.severity))
            .collect()
    }

    #[test]
    fn a_text_counts_and_a_log_beside_it_is_noted() {
        let text = seen("[Error 18215] Provisioning error with messaging server", true);
        let log = seen("[Error 4202] The extension is not available", false);
        assert_eq!(
            outcome(&[log.clone(), text]),
            [
                ("messaging-server".to_owned(), Severity::Warning),
                ("extension-taken".to_owned(), Severity::Info)
            ]
        );
        assert_eq!(
            outcome(&[log]),
            [("extension-taken".to_owned(), Severity::Warning)]
        );
    }

    #[test]
    fn what_is_not_ours_or_not_known_holds_nothing_up() {
        assert_eq!(
            outcome(&[seen(
                "Provisioning failed, error code: 2560; error code: 987654",
                true
            )]),
            [
                ("wholesale-2560".to_owned(), Severity::Info),
                ("case".to_owned(), Severity::Info)
            ]
        );
        assert!(outcome(&[seen("see status.webex.com", true)]).is_empty());
    }

    #[test]
    fn the_sentences_are_in_the_language_of_the_report() {
        let catalogue = Catalogue::embedded();
        let (findings, _, _) = judge(&[seen("10022", true)], &catalogue, &Catalog::new(Lang::En));
        let mut titles: Vec<String> = Lang::ALL
            .into_iter()
            .map(|lang| findings[0].localize(&Catalog::new(lang)).title)
            .collect();
        titles.sort();
        titles.dedup();
        assert_eq!(titles.len(), Lang::ALL.len(), "{titles:?}");
    }
}
